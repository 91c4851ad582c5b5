"""The index that reads are matched against: built off the loop, swapped in by one assignment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from nas_desktop.domain.matching import MatchIndex, MatchRules, build_index
from nas_desktop.domain.matching.layers import ListChange
from nas_desktop.domain.voi import ListSource, VoiList

SMALL_LIST = 20_000
"""A list up to this many entries joins as an overlay; a larger one has the index built anew."""

LARGE_OVERLAY = 100_000
"""Overlay entries from which building anew pays."""


class IndexKeeper:
    """Keeps two indexes: of the lists that give hits, and of the register of vehicles (MMC).

    Args:
        use: takes each new index; called on the loop's thread.
    """

    def __init__(self, rules: MatchRules, use: Callable[[MatchIndex, MatchIndex], None]) -> None:
        self._rules = rules
        self._use = use
        self._lists: dict[str, VoiList] = {}
        self._index = build_index([], rules)
        self._register = build_index([], rules)
        self._one_at_a_time = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="index")
        self.builds = 0

    @property
    def index(self) -> MatchIndex:
        """The index of the lists that give hits."""
        return self._index

    async def use_all(self, lists: Sequence[VoiList]) -> None:
        """Match against these lists and no others."""
        async with self._one_at_a_time:
            self._lists = {one.name: one for one in lists}
            await self._build_all()

    async def put(self, voi_list: VoiList, change: ListChange | None = None) -> None:
        """Match against a list as it now is; ``change`` is what differs from the one before."""
        async with self._one_at_a_time:
            before = self._lists.get(voi_list.name)
            self._lists[voi_list.name] = voi_list
            was_matched = before is not None and before.is_enabled
            is_mmc = ListSource.MMC in (voi_list.source, before.source if before else None)
            if is_mmc or self._index.overlay_entries > LARGE_OVERLAY:
                await self._build_all()
            elif change is not None and was_matched and voi_list.is_enabled:
                await self._step(lambda index: index.with_change(voi_list, change.put, change.gone))
            elif not voi_list.is_enabled:
                await self._step(lambda index: index.without_list(voi_list.name))
            elif len(voi_list.entries) <= SMALL_LIST:
                await self._step(lambda index: index.with_list(voi_list))
            else:
                await self._build_all()

    async def drop(self, name: str) -> None:
        """Match against a list no longer."""
        async with self._one_at_a_time:
            gone = self._lists.pop(name, None)
            if gone is not None and gone.source is ListSource.MMC:
                await self._build_all()
            elif gone is not None:
                await self._step(lambda index: index.without_list(name))

    def close(self) -> None:
        """Give the thread back."""
        self._thread.shutdown(wait=True)

    async def _step(self, work: Callable[[MatchIndex], MatchIndex]) -> None:
        base = self._index
        self._index = await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: work(base)
        )
        self._use(self._index, self._register)

    async def _build_all(self) -> None:
        lists = list(self._lists.values())
        self._index, self._register = await asyncio.get_running_loop().run_in_executor(
            self._thread, self._built, lists
        )
        self.builds += 1
        self._use(self._index, self._register)

    def _built(self, lists: Sequence[VoiList]) -> tuple[MatchIndex, MatchIndex]:
        giving = [one for one in lists if one.source is not ListSource.MMC]
        register = [one for one in lists if one.source is ListSource.MMC]
        return build_index(giving, self._rules), build_index(register, self._rules)
