"""The lists of a node: live as a whole, changed by steps, weeded, kept on disk.

A list is live before it is on disk, because reads do not wait; until it is stored its state says
so. One change at a time; whoever wants to know of changes is told of the old and the new.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.adapters.store.list_store import BLOCKS_A_COMMIT, ROWS_A_PIECE, blocks_of
from nas_desktop.adapters.voi_files.blocks import BlockEntries, pack_entries
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.matching.columns import columns_of, day_number
from nas_desktop.domain.matching.layers import ListChange, changed
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.voi import VoiEntry, VoiList
from nas_desktop.node.index_keeper import IndexKeeper
from nas_desktop.node.list_changes import changed_list, weeded_marks
from nas_desktop.node.stores import Stores
from nas_desktop.services.events import ListState
from nas_desktop.services.lists import (
    HeldList,
    ListCounts,
    ListEvent,
    ListOrigin,
    ListVersion,
)
from nas_desktop.services.ports import Clock
from nas_desktop.services.tasks import spawn, stop

log = logging.getLogger(__name__)

WEED_S = 3_600.0
"""Seconds between two rounds of weeding; one more is made when the program starts."""


@dataclass(frozen=True, slots=True)
class ListMove:
    """A list changed: what it was, what it is, and by which step if it was one.

    ``new`` is None for a list that is gone, ``old`` for one that is new.
    """

    old: HeldList | None
    new: HeldList | None
    change: ListChange | None = None

    @property
    def name(self) -> str:
        """The name of the list."""
        held = self.new or self.old
        assert held is not None
        return held.voi_list.name


class ListRoom:
    """Holds the lists.

    Args:
        index: is given every list that becomes live.
    """

    def __init__(self, stores: Stores, spec: Spec, clock: Clock, index: IndexKeeper) -> None:
        self._stores = stores
        self._spec = spec
        self._clock = clock
        self._index = index
        self._held: dict[str, HeldList] = {}
        self._storing: dict[str, asyncio.Task[None]] = {}
        self._unstored: set[str] = set()
        self._one_at_a_time = asyncio.Lock()
        self._next_weeds: dict[str, tuple[VoiList, date, tuple[date, int] | None]] = {}
        self.problem = ""
        self.when_moved: list[Callable[[ListMove], Awaitable[None]]] = []

    async def open(self) -> None:
        """Take up the lists that the store has."""
        for held in await self._stores.on_lists(self._stores.lists.load):
            self._held[held.voi_list.name] = held
        await self._take_over_old()
        await self._index.use_all([held.voi_list for held in self._held.values()])

    async def _take_over_old(self) -> None:
        """Bring lists from where the first version of the program kept them."""
        operational = self._stores.operational
        for old in await self._stores.on_operational(operational.lists):
            if old.name not in self._held:
                counts = ListCounts().counted(columns_of(old.entries))
                version = ListVersion(
                    old.revision,
                    ListEvent.RECEIVED,
                    old.loaded_at,
                    base_revision=old.revision,
                    counts=counts,
                )
                blocks = await asyncio.to_thread(blocks_of, old.entries)
                held = HeldList(replace(old, entries=blocks), version, ListOrigin.OWN)
                await self._store_base(held, blocks)
                self._held[old.name] = held
            await self._stores.on_operational(operational.drop_list, old.name)

    async def run(self) -> None:
        """Weed every hour until cancelled."""
        while True:
            await self.weed()
            await asyncio.sleep(WEED_S)

    async def close(self) -> None:
        """Finish storing what is live."""
        await self.stored()

    # ------------------------------------------------------------------ reading

    def now(self) -> datetime:
        """Return the present instant."""
        return self._clock.now()

    def held(self, name: str) -> HeldList:
        """Return a list.

        Raises:
            Refused: ``list_unknown``.
        """
        found = self._held.get(name)
        if found is None:
            raise Refused("list_unknown", "There is no list of this name here.")
        return found

    @property
    def all(self) -> tuple[HeldList, ...]:
        """All lists, by name."""
        return tuple(self._held[name] for name in sorted(self._held))

    def has(self, name: str) -> bool:
        """Tell whether there is a list of this name."""
        return name in self._held

    def revisions(self, origin: ListOrigin | None = None) -> dict[str, int]:
        """Return the revision of each list held, of one origin or of both."""
        return {
            name: held.voi_list.revision
            for name, held in self._held.items()
            if origin in (None, held.origin)
        }

    def states(self) -> tuple[ListState, ...]:
        """Return what is held, by name."""
        return tuple(self._state(held) for held in self.all)

    def _state(self, held: HeldList) -> ListState:
        one = held.voi_list
        return ListState(
            name=one.name,
            revision=one.revision,
            badge=self._spec.badge_of(one.name, one.source),
            entries=held.version.counts.entries,
            loaded_at=one.loaded_at,
            source=one.source,
            is_own=held.origin is ListOrigin.OWN,
            is_stored=held.is_stored,
            is_enabled=one.is_enabled,
            finds_misreads=one.finds_misreads,
            owner=one.owner,
            authority=one.authority,
            next_due_at=one.next_due_at,
            version=held.version,
            next_weed=self._next_weed(one),
        )

    def _next_weed(self, one: VoiList) -> tuple[date, int] | None:
        today = self._clock.now().date()
        known = self._next_weeds.get(one.name)
        if known is None or known[0] is not one or known[1] != today:
            weeds = columns_of(one.entries).weeds
            ahead = weeds[weeds > day_number(today)]
            found = None
            if len(ahead):
                first = int(ahead.min())
                day = date(1970, 1, 1) + timedelta(days=first)
                found = (day, int(np.count_nonzero(ahead == first)))
            known = self._next_weeds[one.name] = (one, today, found)
        return known[2]

    # ------------------------------------------------------------------ changing

    async def replace(
        self,
        voi_list: VoiList,
        event: ListEvent,
        *,
        by: str = "",
        why: str = "",
        counts: ListCounts | None = None,
        origin: ListOrigin = ListOrigin.OWN,
        then: tuple[int, ListChange] | None = None,
    ) -> HeldList:
        """Make a list live as a whole; it is stored afterwards, see ``stored``.

        The revision given counts only for a list from above; a list of this node's own gets the
        next one. ``then`` is a change on top of the entries given and the revision it makes, which
        goes live with them.
        """
        base = await asyncio.to_thread(blocks_of, voi_list.entries)
        async with self._one_at_a_time:
            old = self._held.get(voi_list.name)
            if origin is ListOrigin.OWN:
                voi_list = replace(voi_list, revision=old.voi_list.revision + 1 if old else 1)
            base_revision = voi_list.revision
            entries: Sequence[VoiEntry] = base
            if then is not None:
                entries = await asyncio.to_thread(changed, base, then[1])
                voi_list = replace(voi_list, revision=then[0])
            voi_list = replace(voi_list, entries=entries)
            counts = (counts or ListCounts()).counted(columns_of(entries))
            version = ListVersion(
                voi_list.revision,
                event,
                self._clock.now(),
                base=old.version.base + 1 if old else 1,
                base_revision=base_revision,
                steps=0 if then is None else 1,
                by=by,
                why=why,
                counts=counts,
            )
            held = HeldList(voi_list, version, origin, is_stored=False)
            await self._stored_one(voi_list.name)
            # Somebody else answers for it now, or counts anew: old versions mean nothing.
            forgets = old is not None and (
                old.origin is not origin or old.voi_list.revision >= voi_list.revision
            )
            await self._go_live(ListMove(old, held))
            self._storing[voi_list.name] = spawn(
                self._store(held, base, then[1] if then else None, forgets=forgets), "store-list"
            )
            return held

    async def change(
        self,
        name: str,
        change: ListChange,
        event: ListEvent,
        *,
        by: str = "",
        why: str = "",
        to_revision: int | None = None,
        loaded_at: datetime | None = None,
        is_enabled: bool | None = None,
        only_if: Callable[[HeldList], None] | None = None,
    ) -> HeldList:
        """Make a new revision of a list by changing entries; live and on disk when this returns.

        Raises:
            Refused: ``list_unknown``, or what ``only_if`` raises when it looks at the list.
            StoreRefused: it is live and could not be stored.
        """
        async with self._one_at_a_time:
            old = self.held(name)
            if only_if is not None:
                only_if(old)
            one = old.voi_list
            new_list, counts = await asyncio.to_thread(
                changed_list, one, change, old.version.counts
            )
            revision = to_revision if to_revision is not None else one.revision + 1
            new_list = replace(
                new_list,
                revision=revision,
                loaded_at=loaded_at or self._clock.now(),
                is_enabled=one.is_enabled if is_enabled is None else is_enabled,
            )
            version = replace(
                old.version,
                revision=revision,
                event=event,
                at=self._clock.now(),
                steps=old.version.steps + 1,
                by=by,
                why=why,
                counts=counts,
            )
            held = HeldList(new_list, version, old.origin)
            await self._stored_one(name)
            await self._go_live(ListMove(old, held, change))
            await self._store_step(old, held, change)
            return held

    async def mark(
        self, name: str, voi_list: VoiList, event: ListEvent, *, by: str = "", why: str = ""
    ) -> HeldList:
        """Change what goes with a list while its entries stay, such as whether it is enabled."""
        async with self._one_at_a_time:
            old = self.held(name)
            revision = old.voi_list.revision + 1
            version = replace(
                old.version,
                revision=revision,
                event=event,
                at=self._clock.now(),
                steps=old.version.steps + 1,
                by=by,
                why=why,
            )
            held = replace(old, voi_list=replace(voi_list, revision=revision), version=version)
            await self._stored_one(name)
            await self._go_live(ListMove(old, held, ListChange()))
            await self._store_step(old, held, ListChange())
            return held

    async def drop(self, name: str) -> None:
        """Remove a list with all its versions; no error when there is none."""
        async with self._one_at_a_time:
            old = self._held.get(name)
            if old is None:
                return
            await self._stored_one(name)
            await self._stores.on_lists(self._stores.lists.drop, name)
            await self._go_live(ListMove(old, None))

    async def weed(self) -> int:
        """Remove entries whose weed date has come, from every list; returns how many."""
        today = self._clock.now().astimezone(UTC).date()
        total = 0
        for held in self.all:
            marks = await asyncio.to_thread(weeded_marks, held.voi_list.entries, today)
            if not marks:
                continue
            is_own = held.origin is ListOrigin.OWN
            try:
                await self.change(
                    held.voi_list.name,
                    ListChange(gone=marks),
                    ListEvent.WEEDED,
                    to_revision=None if is_own else held.voi_list.revision,
                    loaded_at=held.voi_list.loaded_at,
                    only_if=lambda now, was=held: _same(now, was),  # type: ignore[misc]
                )
            except Refused as refusal:
                log.warning("a list was not weeded now: %s", refusal.code)
                continue
            total += len(marks)
        return total

    async def stored(self, name: str | None = None) -> None:
        """Return when one list, or every one, is on disk, as far as the disk takes it."""
        async with self._one_at_a_time:
            pass  # a step that is live and about to be stored
        for one in [name] if name is not None else list(self._storing):
            await self._stored_one(one)

    # ------------------------------------------------------------------ inside

    async def _go_live(self, move: ListMove) -> None:
        if move.new is None:
            await self._index.drop(move.name)
            del self._held[move.name]
        else:
            await self._index.put(move.new.voi_list, move.change)
            self._held[move.name] = move.new
        for tell in self.when_moved:
            await tell(move)

    async def _stored_one(self, name: str) -> None:
        task = self._storing.get(name)
        if task is not None:
            await asyncio.wait([task])

    async def _store(
        self, held: HeldList, base: BlockEntries, then: ListChange | None, *, forgets: bool
    ) -> None:
        name = held.voi_list.name
        try:
            await self._store_base(held, base, then, forgets=forgets)
        except StoreRefused as refusal:
            self._not_stored(held, refusal)
            return
        self.problem = ""
        if self._held.get(name) is held:
            self._held[name] = replace(held, is_stored=True)

    async def _store_step(self, old: HeldList, held: HeldList, change: ListChange) -> None:
        """Store a step; or the whole list anew, where what it stands on could not be stored."""
        try:
            if self._is_stored(old):
                await self._stores.on_lists(self._stores.lists.put_change, held, change)
            else:
                base = await asyncio.to_thread(pack_entries, held.voi_list.entries)
                version = replace(
                    held.version,
                    base=held.version.base + 1,
                    base_revision=held.version.revision,
                    steps=0,
                )
                held = replace(held, voi_list=replace(held.voi_list, entries=base), version=version)
                await self._store_base(held, base)
                self._held[held.voi_list.name] = held
        except StoreRefused as refusal:
            self._not_stored(held, refusal)
            raise
        self.problem = ""

    def _is_stored(self, old: HeldList) -> bool:
        # What was being stored when the step began has been waited for since.
        return old.is_stored or (
            old.voi_list.name not in self._unstored and old.voi_list.name in self._storing
        )

    def _not_stored(self, held: HeldList, refusal: StoreRefused) -> None:
        name = held.voi_list.name
        log.error("a list could not be stored: %s", refusal.code)
        self.problem = f"{name} is live and could not be stored. {refusal.words}"
        self._unstored.add(name)
        if name in self._held:
            self._held[name] = replace(self._held[name], is_stored=False)

    async def _store_base(
        self,
        held: HeldList,
        base: BlockEntries,
        then: ListChange | None = None,
        *,
        forgets: bool = False,
    ) -> None:
        store, version = self._stores.lists, held.version
        name, blocks = held.voi_list.name, base.blocks
        for first in range(0, len(blocks), BLOCKS_A_COMMIT):
            some = blocks[first : first + BLOCKS_A_COMMIT]
            await self._stores.on_lists(store.put_blocks, name, version.base, first, some)
        for first in range(0, len(base), ROWS_A_PIECE):
            await self._stores.on_lists(store.put_columns, name, version.base, base.columns, first)
        await self._stores.on_lists(
            store.put_base, replace(held, is_stored=True), then, forgets=forgets
        )
        self._unstored.discard(name)

    async def stop(self) -> None:
        """Give up storing; for tests of what a crash leaves."""
        await stop(*self._storing.values())


def _same(now: HeldList, was: HeldList) -> None:
    if now.voi_list is not was.voi_list:
        raise Refused("list_moved", "The list has changed meanwhile.")
