"""One search in a node: its own part, the part of the node above, and both as one list."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Protocol

from nas_desktop.adapters.store.reads.blocks import Damaged
from nas_desktop.adapters.store.reads.scan import Cancelled
from nas_desktop.adapters.store.reads.search import ReadSearch
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.read import Read
from nas_desktop.node.search_merge import MergedRows
from nas_desktop.services.map_points import points_of, taken
from nas_desktop.services.point_pack import POINTS_AT_ONCE, PointsPage, page_of
from nas_desktop.services.ports import Clock
from nas_desktop.services.searches import (
    MOST_ROWS,
    ROWS_AT_ONCE,
    Coverage,
    FoundRead,
    Holder,
    Order,
    SearchPage,
    SearchProgress,
    Told,
)
from nas_desktop.services.tasks import spawn, stop

log = logging.getLogger(__name__)

TOLD_S = 0.1
"""Seconds between two words on how far a search has come."""

MERGED_ROWS = 5_000
"""Rows of two services that are counted as one list to the last; beyond it "at least"."""


class Remote(Protocol):
    """The part of a search that the node above does."""

    progress: SearchProgress
    failed: str

    async def page(self, first: int, limit: int, order: Order = Order.NEWEST) -> SearchPage:
        """Return rows by their place."""
        ...

    async def points(self, first: int, limit: int, order: Order) -> PointsPage:
        """Return rows as points by their place."""
        ...

    async def end(self) -> None:
        """Have the node above stop and forget."""
        ...


class Marker(Protocol):
    """Says of rows what the rest of the node knows of their reads."""

    async def __call__(self, rows: list[FoundRead]) -> list[FoundRead]:
        """Return the rows with what is known."""
        ...


@dataclass(slots=True)
class _Parts:
    local: ReadSearch | None
    remote: Remote | None
    coverage: list[Coverage] = field(default_factory=list)


class SearchRun:
    """A search under way, or done and looked at.

    Args:
        told: called on the loop, at most ten times a second.
        ended: awaited once, when everything that was to be looked at has been, or was stopped.
        hits: returns the reads of the time in question that raised a hit here.
    """

    def __init__(
        self,
        local: ReadSearch | None,
        remote: Remote | None,
        holder: Holder,
        clock: Clock,
        pool: ThreadPoolExecutor,
        look_over: Callable[[], Coverage],
        mark: Marker,
        problems: Sequence[str] = (),
        hits: Callable[[], Awaitable[Sequence[Read]]] | None = None,
    ) -> None:
        self._parts = _Parts(local, remote)
        self._holder = holder
        self._clock = clock
        self._pool = pool
        self._look_over = look_over
        self._mark = mark
        self._problems: tuple[str, ...] = tuple(problems)
        self._find_hits = hits
        self._hits: Sequence[Read] = ()
        self._began = clock.monotonic()
        self._seconds = 0.0
        self._is_done = False
        self.was_stopped = False
        self._task: asyncio.Task[None] | None = None
        self._merged: MergedRows | None = None
        self._merging = asyncio.Lock()
        if local is not None and remote is not None:
            self._merged = MergedRows(
                [
                    (self._local_rows, lambda: local.is_done),
                    (self._remote_rows, lambda: self._is_remote_done),
                ]
            )

    # ------------------------------------------------------------------ running

    def start(self, told: Told, ended: Callable[[], Awaitable[None]]) -> None:
        """Begin; returns at once."""
        self._task = spawn(self._run(told, ended), "search")

    async def _run(self, told: Told, ended: Callable[[], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        jobs: list[asyncio.Future[object]] = []
        local = self._parts.local
        if local is not None:
            jobs.append(loop.run_in_executor(self._pool, local.run))
            jobs.append(loop.run_in_executor(self._pool, self._cover))
        last: SearchProgress | None = None
        try:
            while not self._all_done(jobs):
                progress = self.progress
                if progress != last:
                    told(progress)
                    last = progress
                await self._pause(jobs)
            await self._gather(jobs)
        finally:
            if local is not None:
                local.cancel()
        self._seconds = self._clock.monotonic() - self._began
        self._is_done = True
        try:
            await ended()
        except Refused as refusal:
            # What was found was allowed and is on record as asked; that it ended is not.
            self._problems += (f"The end of the search is not on record: {refusal.message}",)
        told(self.progress)

    async def _gather(self, jobs: Sequence[asyncio.Future[object]]) -> None:
        """Take in what the work came to; whatever went wrong, there is a last word."""
        for job in jobs:
            fault = job.exception()
            if fault is not None:
                log.error("a search failed: %s", type(fault).__name__)
                self._problems += (f"The search failed ({type(fault).__name__}): ask again.",)
        if self._merged is not None:
            try:
                async with self._merging:
                    await self._merged.reach(MERGED_ROWS + 1)
            except Refused as refusal:
                self._problems += (f"The rest was not searched: {refusal.message}",)

    async def _pause(self, jobs: Sequence[asyncio.Future[object]]) -> None:
        open_jobs = [job for job in jobs if not job.done()]
        if open_jobs:
            await asyncio.wait(open_jobs, timeout=TOLD_S, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(TOLD_S / 4)

    def _cover(self) -> None:
        try:
            self._parts.coverage.append(self._look_over())
        except Damaged as fault:
            self._problems += (f"What could not be seen is not known: {fault} is damaged.",)

    def _all_done(self, jobs: Sequence[asyncio.Future[object]]) -> bool:
        return all(job.done() for job in jobs) and self._is_remote_done

    @property
    def _is_remote_done(self) -> bool:
        remote = self._parts.remote
        return remote is None or remote.progress.is_done or bool(remote.failed) or self.was_stopped

    async def stop(self) -> None:
        """Stop the work; what was found stays."""
        self.was_stopped = True
        if self._parts.local is not None:
            self._parts.local.cancel()
        remote = self._parts.remote
        if remote is not None and not remote.progress.is_done:
            await remote.end()

    async def close(self) -> None:
        """Stop and forget."""
        await self.stop()
        if self._parts.local is not None:
            self._parts.local.is_closed = True
        remote = self._parts.remote
        if remote is not None:
            await remote.end()
        await stop(self._task)

    # ------------------------------------------------------------------ what is known

    @property
    def digest(self) -> str:
        """The digest of what this node itself found, once it has looked at everything."""
        local = self._parts.local
        return local.digest if local is not None else ""

    @property
    def progress(self) -> SearchProgress:
        """How far it has come."""
        local, remote = self._parts.local, self._parts.remote
        share: list[tuple[Holder, float]] = []
        problems = list(self._problems)
        coverage = list(self._parts.coverage)
        found, hidden, marks, is_exact = 0, 0, 0, not self.was_stopped
        width, bars = 0.0, {}
        if local is not None:
            share.append((self._holder, local.share))
            found, hidden, marks = local.found, local.hidden, local.marks
            is_exact = is_exact and local.is_exact
            width, buckets = local.timeline()
            bars = {bucket.at: bucket for bucket in buckets}
            if local.was_cut:
                problems.append(f"More than {local.found:,} reads fit: narrow the question.")
            problems += [f"A part of the store is damaged ({name})." for name in local.damaged]
        if remote is not None:
            told = remote.progress
            share += told.share or ((Holder.SERVER, 0.0),)
            coverage += told.coverage
            problems += told.problems
            if remote.failed:
                problems.append(remote.failed)
            is_exact = is_exact and told.is_exact
            hidden, marks = max(hidden, told.hidden), max(marks, told.marks)
            width = width or told.timeline_s
            for bucket in told.timeline:
                own = bars.get(bucket.at)
                count = bucket.count if own is None else max(own.count, bucket.count)
                bars[bucket.at] = replace(bucket, count=count)
            found = max(found, told.found)
        if self._merged is not None:
            is_exact = is_exact and self._merged.is_whole
            found = max(found, len(self._merged.rows))
        if any(one.problems for one in coverage) or self._problems:
            is_exact = False
        return SearchProgress(
            found=found,
            share=tuple(share),
            hidden=hidden,
            marks=marks,
            is_exact=is_exact and self._is_done,
            is_done=self._is_done,
            seconds=self._seconds if self._is_done else self._clock.monotonic() - self._began,
            problems=tuple(dict.fromkeys(problems)),
            timeline=tuple(bars[at] for at in sorted(bars)),
            timeline_s=width,
            coverage=tuple(coverage),
        )

    async def rows(self, first: int, limit: int, order: Order = Order.NEWEST) -> SearchPage:
        """Return rows by their place in an order.

        Raises:
            Refused: another order than the newest first before the search has ended, or of more
                rows of two services than are held together.
        """
        first, limit = max(0, first), max(0, min(limit, ROWS_AT_ONCE))
        if order is not Order.NEWEST and not self._is_done:
            raise Refused("search_runs", "The search is still running.", "Sort when it has ended.")
        if self._merged is not None:
            return await self._merged_page(first, limit, order)
        if self._parts.remote is not None:
            page = await self._parts.remote.page(first, limit, order)
            return replace(page, rows=tuple(await self._mark(list(page.rows))))
        assert self._parts.local is not None
        rows = await self._local(first, limit, order)
        return SearchPage(first, tuple(rows), self._parts.local.found)

    async def points(self, first: int, limit: int, order: Order = Order.NEWEST) -> PointsPage:
        """Return rows as points by their place, with the total of them that there are.

        Of two services' rows there are as many points as are held together.

        Raises:
            Refused: the search has not ended, or was closed; of ``rows`` too.
        """
        first = max(0, first)
        limit = max(0, min(limit, POINTS_AT_ONCE, MOST_ROWS - first))
        if not self._is_done:
            raise Refused("search_runs", "The search is still running.", "Draw it when it ended.")
        if self._merged is not None:
            rows = await self._sorted_rows(order)
            # Of all of them each time: a vehicle has its number in the whole answer.
            return await asyncio.get_running_loop().run_in_executor(
                self._pool,
                lambda: page_of(
                    taken(points_of(rows), slice(first, first + limit)), first, len(rows)
                ),
            )
        if self._parts.remote is not None:
            return await self._parts.remote.points(first, limit, order)
        local = self._parts.local
        assert local is not None
        if first == 0 and self._find_hits is not None:
            self._hits = await self._find_hits()

        def work() -> PointsPage:
            found = local.points(first, limit, order, self._hits)
            return page_of(found, first, min(MOST_ROWS, len(local.matches())))

        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except Cancelled:
            raise Refused(
                "search_unknown", "This search is not open any more.", "Ask again."
            ) from None

    async def _sorted_rows(self, order: Order) -> Sequence[FoundRead]:
        assert self._merged is not None
        async with self._merging:
            await self._merged.reach(MERGED_ROWS)
            rows = self._merged.rows[:MERGED_ROWS]
        if order is Order.NEWEST:
            return rows
        if not self._merged.is_whole:
            raise _too_many()
        return _sorted(rows, order)

    async def _merged_page(self, first: int, limit: int, order: Order) -> SearchPage:
        assert self._merged is not None
        async with self._merging:
            await self._merged.reach(first + limit if order is Order.NEWEST else MERGED_ROWS + 1)
            rows = self._merged.rows
        if order is not Order.NEWEST:
            if not self._merged.is_whole:
                raise _too_many()
            rows = _sorted(rows, order)
        return SearchPage(first, tuple(rows[first : first + limit]), self.progress.found)

    async def _local(self, first: int, limit: int, order: Order) -> list[FoundRead]:
        local = self._parts.local
        assert local is not None
        loop = asyncio.get_running_loop()
        rows = await loop.run_in_executor(self._pool, local.rows, first, limit, order)
        return await self._mark(rows)

    async def _local_rows(self, first: int, limit: int) -> tuple[list[FoundRead], int]:
        local = self._parts.local
        assert local is not None
        places = min(limit, max(0, local.found - first))
        return await self._local(first, places, Order.NEWEST), places

    async def _remote_rows(self, first: int, limit: int) -> tuple[list[FoundRead], int]:
        remote = self._parts.remote
        assert remote is not None
        if remote.failed:
            return [], 0
        page = await remote.page(first, limit)
        return list(page.rows), min(limit, max(0, page.total - first))


def _too_many() -> Refused:
    return Refused(
        "search_large",
        f"More than {MERGED_ROWS:,} reads of two services cannot be sorted together.",
        "Narrow the question, or look in one of them.",
    )


def _sorted(rows: Sequence[FoundRead], order: Order) -> list[FoundRead]:
    match order:
        case Order.OLDEST:
            return list(rows)[::-1]
        case Order.VRM:
            return sorted(rows, key=lambda f: f.read.vrm)
        case Order.CAMERA:
            return sorted(rows, key=lambda f: (f.read.alias, f.read.camera))
        case _:
            return sorted(rows, key=lambda f: f.distance or 0)
