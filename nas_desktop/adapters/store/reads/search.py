"""One search while it runs and after: what was found, in the order asked for, page by page.

The work is done on a thread of its own; everything here may be asked from another meanwhile.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from nas_desktop.adapters.store.reads.blocks import Damaged
from nas_desktop.adapters.store.reads.columns import (
    Table,
    first_of_marks,
    gathered,
    micros,
    reads_at,
)
from nas_desktop.adapters.store.reads.marks import I64
from nas_desktop.adapters.store.reads.points import points_of_matches, without
from nas_desktop.adapters.store.reads.question import NO_DISTANCE, Question
from nas_desktop.adapters.store.reads.scan import NOTHING, Cancelled, Matches, Scan, joined
from nas_desktop.adapters.store.reads.segment import Segment
from nas_desktop.domain.camera import Camera, CameraId
from nas_desktop.domain.directions import direction_of
from nas_desktop.domain.matching.patterns import fits
from nas_desktop.domain.query import ReadQuery
from nas_desktop.domain.read import Read
from nas_desktop.services.map_points import MapPoints, taken
from nas_desktop.services.searches import MOST_ROWS, Bucket, FoundRead, Holder, Order

_MANY_TIES = 2_000

BARS = 120
"""Bars of the timeline."""


class ReadSearch:
    """Runs one question over tables.

    Args:
        tables: ``ReadCache.tables`` at the time of asking.
        holder: whose store this is.
        on_damage: told of a sealed file that turned out damaged.

    ``is_closed`` is set by whoever needs nothing of it any more, and ends work on points.
    ``found`` counts reads, ``is_exact`` is False where ``MOST_ROWS`` cut it short or it was
    stopped.
    """

    def __init__(
        self,
        tables: Sequence[Table],
        question: Question,
        cameras: Mapping[CameraId, Camera],
        holder: Holder,
        on_damage: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._tables = tables
        self._question = question
        self._cameras = cameras
        self._holder = holder
        self._on_damage = on_damage
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._parts: list[Matches] = []
        self._whole: Matches | None = None
        self._orders: dict[Order, I64] = {}
        self._points: MapPoints | None = None
        self._pointing = threading.Lock()
        self.is_closed = False
        self.found = 0
        self.is_exact = False
        self.is_done = False
        self.was_cut = False
        self.damaged: list[str] = []
        self.digest = ""
        self.marks = 0
        query = question.query
        self.bar_us = max(1, -(-(question.until - question.since) // BARS))
        self._bars = np.zeros(BARS, np.int64)
        self._scan = Scan(tables, question, self._cancelled.is_set, self._damage)
        self._query = query

    @property
    def query(self) -> ReadQuery:
        """What is asked."""
        return self._query

    @property
    def share(self) -> float:
        """How much of what is to be looked at has been, 0 to 1."""
        return self._scan.share

    @property
    def hidden(self) -> int:
        """Reads that only the direction keeps out, as far as was looked."""
        return self._scan.hidden

    def cancel(self) -> None:
        """Stop the work within a few milliseconds; what was found stays."""
        self._cancelled.set()

    def run(self) -> None:
        """Work until everything was looked at, ``MOST_ROWS`` were found, or somebody cancels."""
        try:
            for matches in self._scan.matches():
                if len(matches):
                    self._keep(matches)
                if self.found >= MOST_ROWS:
                    self.was_cut = True
                    break
            else:
                self.is_exact = not self.damaged
            self._finish()
        except Cancelled:
            pass
        except Damaged as fault:
            # Met while the digest was made: what was found stays, and is said not to be all.
            self.is_exact = False
            self._tell_damage(str(fault))
        finally:
            self.is_done = True

    def _keep(self, matches: Matches) -> None:
        bars = np.bincount((matches.at - self._question.since) // self.bar_us, minlength=BARS)
        with self._lock:
            self._parts.append(matches)
            self._whole = None
            self._bars += bars[:BARS]
            self.found += len(matches)

    def _finish(self) -> None:
        """Make the digest of what was found: capture time and mark of each, newest first."""
        whole = self.matches()
        keys = np.empty(len(whole), np.uint64)
        for number in _numbers_in(whole.tables):
            inside = (whole.tables == number).nonzero()[0]
            table = self._tables[number]
            order = np.argsort(whole.rows[inside])
            rows = whole.rows[inside][order]
            keys[inside[order]] = first_of_marks(table, gathered(table, "mark", rows))
            if self._cancelled.is_set():
                raise Cancelled
        at = whole.at
        _order_ties(at, keys)
        digest = hashlib.sha256(at.tobytes())
        digest.update(keys.tobytes())
        ordered = np.sort(keys)
        self.marks = int(np.count_nonzero(ordered[1:] != ordered[:-1])) + bool(len(ordered))
        self.digest = digest.hexdigest()

    def _damage(self, table: Table, fault: Exception) -> None:
        if not isinstance(fault, Damaged) or not isinstance(table, Segment):
            raise fault
        if table.is_dropped:
            return  # its time had come while it was looked at
        self._tell_damage(table.path.name)

    def _tell_damage(self, name: str) -> None:
        self.is_exact = False
        if name not in self.damaged:
            self.damaged.append(name)
            self._on_damage(name)

    def timeline(self) -> tuple[float, tuple[Bucket, ...]]:
        """Return the width of a bar in seconds, and the bars from the first to the last that holds
        something, without a gap."""  # noqa: D205, D209
        with self._lock:
            bars = self._bars.tolist()
        start = self._query.since
        width = timedelta(microseconds=self.bar_us)
        filled = [n for n, count in enumerate(bars) if count]
        whole = range(filled[0], filled[-1] + 1) if filled else range(0)
        return self.bar_us / 1e6, tuple(Bucket(start + n * width, bars[n]) for n in whole)

    def matches(self) -> Matches:
        """Return everything found so far, newest first."""
        with self._lock:
            if self._whole is None:
                self._whole = joined(self._parts) if self._parts else NOTHING
                self._parts = [self._whole] if self._parts else []
            return self._whole

    def rows(self, first: int, limit: int, order: Order = Order.NEWEST) -> list[FoundRead]:
        """Return what was found by its place; blocking, a few milliseconds."""
        whole = self.matches()
        if order is Order.NEWEST:
            return self.made(whole.taken(slice(first, first + limit)))
        ranked = self._ranked(order, whole)
        return self.made(whole.taken(ranked[first : first + limit]))

    def points(self, first: int, limit: int, order: Order, hits: Sequence[Read]) -> MapPoints:
        """Return what was found as points, by its place; place and row are those of ``rows``.

        All points are made at the first call and kept until the last were asked for. ``hits``
        are the reads that raised a hit. Blocking, a quarter of a second for 500,000 at first.

        Raises:
            Cancelled: the search was closed meanwhile.
        """
        whole = self.matches()
        with self._pointing:
            if self._points is None or len(self._points) != len(whole):
                self._points = points_of_matches(
                    self._tables, whole, self._cameras, hits, lambda: self.is_closed, self._damage
                )
            made = self._points
        places: I64 | slice = slice(first, first + limit)
        if order is not Order.NEWEST:
            places = self._ranked(order, whole)[first : first + limit]
        dropped = [n for n, t in enumerate(self._tables) if isinstance(t, Segment) and t.is_dropped]
        gone = np.isin(whole.tables[places], dropped)
        if first + limit >= len(whole):
            self._points = None
        return without(taken(made, places), gone)

    def _ranked(self, order: Order, whole: Matches) -> I64:
        held = self._orders.get(order)
        if held is not None and len(held) == len(whole):
            return held
        match order:
            case Order.OLDEST:
                ranked = np.arange(len(whole))[::-1]
            case Order.LIKENESS:
                ranked = np.argsort(whole.distances, kind="stable")
            case Order.VRM:
                ranked = np.argsort(self._numbers(whole, self._mark_numbers), kind="stable")
            case _:
                ranked = np.argsort(self._numbers(whole, self._camera_numbers), kind="stable")
        self._orders[order] = ranked
        return ranked

    def _numbers(
        self, whole: Matches, of: Callable[[Table, I64], NDArray[np.uint64]]
    ) -> NDArray[np.uint64]:
        found = np.empty(len(whole), np.uint64)
        for number in _numbers_in(whole.tables):
            inside = (whole.tables == number).nonzero()[0]
            order = np.argsort(whole.rows[inside])
            found[inside[order]] = of(self._tables[number], whole.rows[inside][order])
        return found

    def _mark_numbers(self, table: Table, rows: I64) -> NDArray[np.uint64]:
        # Without the length, so that the order is that of the characters.
        return first_of_marks(table, gathered(table, "mark", rows)) << np.uint64(4)

    def _camera_numbers(self, table: Table, rows: I64) -> NDArray[np.uint64]:
        names = [
            self._cameras[c.camera].alias if c.camera in self._cameras else str(c.camera)
            for c in table.contexts
        ]
        # One number a name that holds for all tables: its first eight bytes in order.
        numbers = np.array(
            [int.from_bytes(n.encode()[:8].ljust(8, b"\0"), "big") for n in names], np.uint64
        )
        return numbers[gathered(table, "context", rows)]

    def made(self, matches: Matches) -> list[FoundRead]:
        """Return the reads of matches, without those that have become due meanwhile."""
        found: list[FoundRead | None] = [None] * len(matches)
        for number in _numbers_in(matches.tables):
            inside = (matches.tables == number).nonzero()[0]
            order = inside[np.argsort(matches.rows[inside])]
            for place, read in zip(
                order.tolist(), self._reads(self._tables[number], matches.rows[order]), strict=True
            ):
                found[place] = self._found(read, int(matches.distances[place]))
        return [item for item in found if item is not None]

    def _reads(self, table: Table, rows: I64) -> Sequence[Read | None]:
        if isinstance(table, Segment) and table.is_dropped:
            return [None] * len(rows)
        try:
            distinct, which = np.unique(rows, return_inverse=True)
            reads = reads_at(table, distinct)
        except Damaged as fault:
            self._damage(table, fault)
            return [None] * len(rows)
        return [reads[n] for n in which.tolist()]

    def _found(self, read: Read | None, distance: int) -> FoundRead | None:
        if read is None:
            return None
        direction, source = direction_of(
            read.lane_id, read.preset_id, self._cameras.get(read.camera)
        )
        return FoundRead(
            read,
            (self._holder,),
            direction,
            source,
            None if distance == NO_DISTANCE else distance,
            asked_by(read.vrm, self._query),
        )


def _order_ties(at: I64, keys: NDArray[np.uint64]) -> None:
    """Put the marks of one instant in order: which came first of them is chance."""
    same = at[1:] == at[:-1]
    ties = np.flatnonzero(same)
    if len(ties) > _MANY_TIES:
        keys[:] = keys[np.lexsort((keys, -at))]
        return
    while len(ties):
        first = last = int(ties[0])
        while last < len(same) and same[last]:
            last += 1
        keys[first : last + 1] = np.sort(keys[first : last + 1])
        ties = ties[ties >= last]


def _numbers_in(tables: NDArray[np.int32]) -> list[int]:
    """Return the numbers of the tables that rows are in."""
    return np.flatnonzero(np.bincount(tables)).tolist()


def asked_by(vrm: str, query: ReadQuery) -> str:
    """Return the mark or pattern of a question that a read was found by."""
    if vrm in query.marks:
        return vrm
    for pattern in query.patterns:
        if fits(pattern, vrm):
            return pattern
    return min(query.look_alikes, key=lambda mark: _differing(mark, vrm), default="")


def _differing(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + 2 * abs(len(one) - len(other))


def only_these(reads: Iterable[Read]) -> tuple[I64, list[str]]:
    """Return capture times and marks of reads, as ``Question`` takes them."""
    some = list(reads)
    return np.array([micros(r.captured_at) for r in some], np.int64), [r.vrm for r in some]
