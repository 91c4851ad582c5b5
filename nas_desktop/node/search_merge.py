"""Rows of two services as one list, newest first; a read that both have is one row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from nas_desktop.services.searches import ROWS_AT_ONCE, FoundRead

Page = Callable[[int, int], Awaitable[tuple[list[FoundRead], int]]]
"""Returns rows from a place on, and how many places they are of: some may be there no more."""


class _Source:
    """Rows of one service, fetched as they are needed."""

    def __init__(self, page: Page, is_done: Callable[[], bool]) -> None:
        self._page = page
        self._is_done = is_done
        self.rows: list[FoundRead] = []
        self._fetched = 0
        self.is_over = False

    async def fill(self) -> bool:
        """Fetch more; tells whether anything came."""
        was_done = self._is_done()
        more, places = await self._page(self._fetched, ROWS_AT_ONCE)
        self._fetched += places
        self.rows += more
        if not places and was_done:
            self.is_over = True
        return bool(places)

    async def has_head(self) -> bool:
        """Tell whether its next row is known, or that there is none."""
        while not self.rows and not self.is_over and await self.fill():
            continue
        return bool(self.rows) or self.is_over


class MergedRows:
    """The rows of several services.

    Only what nothing can come before any more is in the list: it grows at its end and nowhere
    else, however the services race.
    """

    def __init__(self, sources: list[tuple[Page, Callable[[], bool]]]) -> None:
        self._sources = [_Source(page, is_done) for page, is_done in sources]
        self.rows: list[FoundRead] = []

    @property
    def is_whole(self) -> bool:
        """True once every service is through and every row is in the list."""
        return all(source.is_over and not source.rows for source in self._sources)

    async def reach(self, count: int) -> None:
        """Have at least ``count`` rows, as far as they can be told already."""
        while len(self.rows) < count and await self._step():
            continue

    async def _step(self) -> bool:
        """Take over all rows of the newest instant; tells whether that could be done."""
        for source in self._sources:
            if not await source.has_head():
                return False
        heads = [source.rows[0].read.captured_at for source in self._sources if source.rows]
        if not heads:
            return False
        newest = max(heads)
        for source in self._sources:
            # All of that instant have to be here, or a pair could be torn apart.
            while source.rows and source.rows[-1].read.captured_at == newest and not source.is_over:
                if not await source.fill() and not source.is_over:
                    return False
        found: dict[bytes, FoundRead] = {}
        for source in self._sources:
            taken = 0
            for row in source.rows:
                if row.read.captured_at != newest:
                    break
                taken += 1
                known = found.get(row.read.read_id)
                found[row.read.read_id] = row if known is None else _both(known, row)
            del source.rows[:taken]
        self.rows += sorted(found.values(), key=lambda f: (f.read.vrm, f.read.read_id))
        return True


def _both(one: FoundRead, other: FoundRead) -> FoundRead:
    """Return one row of the same read in two services; what one of them knows counts."""
    return replace(
        one,
        held=tuple(dict.fromkeys((*one.held, *other.held))),
        has_hit=one.has_hit or other.has_hit,
        is_preserved=one.is_preserved or other.is_preserved,
    )
