"""Rows of two services as one list: whole, in order, and growing at its end only."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.node.search_merge import MergedRows
from nas_desktop.services.searches import FoundRead, Holder
from tests.builders import NOON, a_read

ROWS = st.lists(st.integers(0, 30), max_size=60)


class Service:
    """Rows that come a few at a time, sometimes none though it is not over."""

    def __init__(self, seconds: list[int], holder: Holder, pauses: list[bool]) -> None:
        reads = sorted(
            (a_read(f"AB{n % 3:02d}ABC", NOON - timedelta(seconds=n)) for n in set(seconds)),
            key=lambda r: -r.captured_at.timestamp(),
        )
        self.rows = [FoundRead(read, (holder,)) for read in reads]
        self.pauses = list(pauses)
        self.given = 0

    async def page(self, first: int, limit: int) -> tuple[list[FoundRead], int]:
        assert first == self.given
        if self.pauses and self.pauses.pop():
            return [], 0
        page = self.rows[first : first + min(limit, 3)]
        self.given += len(page)
        return page, len(page)

    def is_done(self) -> bool:
        return not self.pauses


@given(ROWS, ROWS, st.lists(st.booleans(), max_size=9), st.lists(st.booleans(), max_size=9))
def test_that_the_list_is_whole_in_order_and_never_changes_before_its_end(
    one: list[int], other: list[int], pauses: list[bool], more: list[bool]
) -> None:
    first, second = Service(one, Holder.DESK, pauses), Service(other, Holder.NATIONAL, more)
    merged = MergedRows([(first.page, first.is_done), (second.page, second.is_done)])
    seen: list[FoundRead] = []
    for _attempt in range(60):
        asyncio.run(merged.reach(len(seen) + 7))
        assert merged.rows[: len(seen)] == seen
        seen = list(merged.rows)
        if merged.is_whole:
            break
    assert merged.is_whole
    held = {row.read.read_id: set(row.held) for row in seen}
    expected: dict[bytes, set[Holder]] = {}
    for row in (*first.rows, *second.rows):
        expected.setdefault(row.read.read_id, set()).update(row.held)
    assert held == expected
    assert len(held) == len(seen)
    times = [row.read.captured_at for row in seen]
    assert times == sorted(times, reverse=True)
