"""A question asked of tables: newest first, a batch at a time, stopped between two blocks."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nas_desktop.adapters.store.reads.columns import BLOCK, Table, first_of_marks, gathered
from nas_desktop.adapters.store.reads.marks import I64, Bools, Keys, keys_of, verified
from nas_desktop.adapters.store.reads.question import NO_DISTANCE, Question
from nas_desktop.domain.matching.columns import spread_ranges
from nas_desktop.domain.vrm import UNREAD

I16: TypeAlias = NDArray[np.int16]

_BLOCKS_AT_ONCE = 8
"""Blocks of a table looked at between two looks whether to stop: a few milliseconds."""

_UNREAD = int(keys_of([UNREAD]).first[0])


class Cancelled(Exception):
    """Whoever asked does not want to know any more."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Reads that fit, newest first: capture time, number of the table, row in it, distance."""

    at: I64
    tables: NDArray[np.int32]
    rows: I64
    distances: I16

    def __len__(self) -> int:
        return len(self.at)

    def taken(self, rows: NDArray[Any] | slice) -> Matches:  # Any: a mask, or row numbers
        """Return some of them."""
        return Matches(self.at[rows], self.tables[rows], self.rows[rows], self.distances[rows])


def joined(parts: Sequence[Matches]) -> Matches:
    """Return matches one after another."""
    return Matches(
        np.concatenate([p.at for p in parts]),
        np.concatenate([p.tables for p in parts]),
        np.concatenate([p.rows for p in parts]),
        np.concatenate([p.distances for p in parts]),
    )


NOTHING = Matches(
    np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.int16)
)


class Scan:
    """One question on its way through the tables.

    Args:
        is_cancelled: looked at every few milliseconds.

    ``hidden`` counts reads that only the direction keeps out, ``share`` how much was looked at.
    ``damaged`` names tables that could not be read; the rest is looked at all the same.
    """

    def __init__(
        self,
        tables: Sequence[Table],
        question: Question,
        is_cancelled: Callable[[], bool] = lambda: False,
        on_damage: Callable[[Table, Exception], None] | None = None,
    ) -> None:
        self._tables = tables
        self._question = question
        self._is_cancelled = is_cancelled
        self._on_damage = on_damage
        self.hidden = 0
        self._weight = sum(self._expected(t) for t in tables) or 1
        self._looked_at = 0.0

    @property
    def share(self) -> float:
        """How much of what is to be looked at has been, 0 to 1."""
        return min(1.0, self._looked_at / self._weight)

    def _expected(self, table: Table) -> int:
        return table.rows if self._overlaps(table) else 0

    def _overlaps(self, table: Table) -> bool:
        question = self._question
        return bool(table.rows) and (
            table.first_at < question.until and table.last_at >= question.since
        )

    def matches(self) -> Iterator[Matches]:
        """Yield what fits, newest first over all tables; batches may be empty.

        Raises:
            Cancelled: between two batches.
            Damaged: a table is, and nobody wanted to be told.
        """
        # By the newest read that each may still yield; a batch is final once nothing can be newer.
        heap: list[tuple[int, int, Iterator[tuple[Matches, int | None]]]] = []
        for number, table in enumerate(self._tables):
            if self._overlaps(table):
                newest = min(table.last_at, self._question.until - 1)
                heap.append((-newest, number, self._of_table(number, table)))
        heapq.heapify(heap)
        pending: list[Matches] = []
        while heap:
            self._look_up()
            _newest, number, source = heapq.heappop(heap)
            bound: int | None
            try:
                found, bound = next(source, (NOTHING, None))
            except Exception as fault:
                if self._on_damage is None or isinstance(fault, Cancelled):
                    raise
                self._on_damage(self._tables[number], fault)
                continue
            if len(found):
                pending.append(found)
            if bound is not None:
                heapq.heappush(heap, (-bound, number, source))
            if pending:
                limit = -heap[0][0] if heap else None
                ready, pending = _ready(pending, limit)
                yield ready
            else:
                yield NOTHING
        self._looked_at = float(self._weight)

    def _look_up(self) -> None:
        if self._is_cancelled():
            raise Cancelled

    # ------------------------------------------------------------------ one table

    def _of_table(self, number: int, table: Table) -> Iterator[tuple[Matches, int | None]]:
        """Yield matches, newest first, each with the newest time that may still come."""
        question = self._question
        first, last = self._rows_between(table)
        share = table.rows / max(1, len(range(0, table.rows, BLOCK)))
        filters = _Filters(table, question)
        if question.marks is not None or question.only is not None:
            rows, distances = self._by_mark(table)
            self._looked_at += table.rows
            inside = (rows >= first) & (rows < last)
            yield self._kept(number, table, rows[inside], distances[inside], filters), None
            return
        outside = table.rows - (last - first)
        self._looked_at += outside
        blocks = range(first // BLOCK, (last - 1) // BLOCK + 1) if last > first else range(0)
        starts = table.block_starts()
        for group in range(len(blocks) - 1, -1, -_BLOCKS_AT_ONCE):
            low = max(0, group - _BLOCKS_AT_ONCE + 1)
            rows = np.arange(
                max(first, blocks[low] * BLOCK), min(last, (blocks[group] + 1) * BLOCK)
            )
            none = np.full(len(rows), NO_DISTANCE, np.int16)
            found = self._kept(number, table, rows, none, filters)
            self._looked_at += share * (group - low + 1)
            yield found, (int(starts[blocks[low]]) if low else None)

    def _rows_between(self, table: Table) -> tuple[int, int]:
        return (
            row_at(table, self._question.since),
            row_at(table, self._question.until),
        )

    def _kept(
        self, number: int, table: Table, rows: I64, distances: I16, filters: _Filters
    ) -> Matches:
        keep, hidden = filters.judge(rows)
        self.hidden += hidden
        rows, distances = rows[keep], distances[keep]
        if not len(rows):
            return NOTHING
        at = gathered(table, "at", rows)
        tables = np.full(len(rows), number, np.int32)
        return Matches(at[::-1], tables, rows[::-1], distances[::-1])

    def _by_mark(self, table: Table) -> tuple[I64, I16]:
        """Return the rows, in order, that marks and hits leave, with their distances."""
        question = self._question
        if question.only is not None:
            ids, distances = self._ids_of_hits(table)
        else:
            ids, distances = self._ids(table)
        if not len(ids):
            return np.zeros(0, np.int64), np.zeros(0, np.int16)
        begins = gathered(table, "begins", ids)
        ends = gathered(table, "begins", ids + 1)
        which, places = spread_ranges(begins, ends)
        rows = gathered(table, "posted", places)
        order = np.argsort(rows, kind="stable")
        rows, distances = rows[order], distances[which][order]
        if question.only is not None:
            at = gathered(table, "at", rows)
            keep = np.isin(at, question.only[0])
            rows, distances = rows[keep], distances[keep]
        return rows, distances

    def _ids_of_hits(self, table: Table) -> tuple[I64, I16]:
        question = self._question
        assert question.only is not None
        times, keys = question.only
        wanted = np.unique(keys.first[(times >= table.first_at) & (times <= table.last_at)])
        ids = ids_of(table, wanted)
        if question.marks is None:
            return ids, np.full(len(ids), NO_DISTANCE, np.int16)
        own, distances = self._ids(table)
        keep = np.isin(own, ids)
        return own[keep], distances[keep]

    def _ids(self, table: Table) -> tuple[I64, I16]:
        """Return the numbers of the marks that fit, in order, with their distances."""
        marks = self._question.marks
        assert marks is not None
        found: dict[int, int] = {}
        ids = ids_of(table, marks.exact.first)
        if len(ids):
            keys = first_of_marks(table, ids)
            spots = marks.exact.first.searchsorted(keys)
            found_distances = marks.distances[spots]
        else:
            found_distances = np.zeros(0, np.int16)
        if not marks.parts:
            return ids, found_distances
        found = dict(zip(ids.tolist(), found_distances.tolist(), strict=True))
        more, distances = self._ids_of_patterns(table)
        for number, distance in zip(more.tolist(), distances.tolist(), strict=True):
            found[number] = min(distance, found.get(number, distance))
        numbers = np.array(sorted(found), np.int64)
        return numbers, np.array([found[n] for n in numbers.tolist()], np.int16)

    def _ids_of_patterns(self, table: Table) -> tuple[I64, I16]:
        marks = self._question.marks
        assert marks is not None
        starts = table.mark_blocks()
        by_block_: dict[int, list[int]] = {}
        for place, (_pattern, part, _distance) in enumerate(marks.parts):
            low = max(0, int(starts.searchsorted(np.uint64(part.low), "right")) - 1)
            high = int(starts.searchsorted(np.uint64(part.high), "right"))
            for block in range(low, high):
                by_block_.setdefault(block, []).append(place)
        ids: list[I64] = []
        distances: list[I16] = []
        for count, (block, places) in enumerate(sorted(by_block_.items())):
            if count % (4 * _BLOCKS_AT_ONCE) == 0:
                self._look_up()
            keys = table.marks(block)
            for place in places:
                pattern, part, distance = marks.parts[place]
                rows = fitting(keys, pattern, part)
                if len(rows):
                    ids.append(rows + block * BLOCK)
                    distances.append(np.full(len(rows), distance, np.int16))
        if not ids:
            return np.zeros(0, np.int64), np.zeros(0, np.int16)
        return np.concatenate(ids), np.concatenate(distances)


def fitting(keys: Keys, pattern: str, part: Any) -> I64:  # Any: PatternPart
    """Return the rows, in order, of marks in order that fit a pattern of one length."""
    first = int(keys.first.searchsorted(np.uint64(part.low)))
    last = int(keys.first.searchsorted(np.uint64(part.high), "right"))
    if first >= last:
        return np.zeros(0, np.int64)
    rows = part.test(keys.first[first:last]).nonzero()[0] + first
    # A vehicle without a mark is found by asking for those, never by a pattern (facts 1.2).
    rows = rows[keys.first[rows] != np.uint64(_UNREAD)]
    return verified(pattern, keys, rows) if part.is_unsure else rows


def ids_of(table: Table, wanted: NDArray[np.uint64]) -> I64:
    """Return the numbers of the marks, in order, whose first number is among those wanted."""
    starts = table.mark_blocks()
    if not len(starts) or not len(wanted):
        return np.zeros(0, np.int64)
    blocks = np.maximum(starts.searchsorted(wanted, "right") - 1, 0)
    found: list[I64] = []
    for block in np.unique(blocks).tolist():
        keys = table.marks(block).first
        some = wanted[blocks == block]
        spots = keys.searchsorted(some)
        there = keys.take(spots, mode="clip") == some
        found.append(spots[there] + block * BLOCK)
    return np.concatenate(found)


def row_at(table: Table, at: int) -> int:
    """Return the first row captured at this microsecond or after."""
    if not table.rows or at <= table.first_at:
        return 0
    if at > table.last_at:
        return table.rows
    starts = table.block_starts()
    block = max(0, int(starts.searchsorted(at)) - 1)
    return block * BLOCK + int(table.column("at", block).searchsorted(at))


def _ready(pending: list[Matches], limit: int | None) -> tuple[Matches, list[Matches]]:
    """Split what is found into what is final, newest first, and what has to wait."""
    whole = pending[0] if len(pending) == 1 else joined(pending)
    if len(pending) > 1:
        whole = whole.taken(np.argsort(-whole.at, kind="stable"))
    if limit is None:
        return whole, []
    final = int((-whole.at).searchsorted(-limit))
    if final == len(whole):
        return whole, []
    rest = whole.taken(slice(final, None))
    return whole.taken(slice(0, final)), [rest]


class _Filters:
    """What a question asks beside marks and times, looked up by context and place."""

    def __init__(self, table: Table, question: Question) -> None:
        self._table = table
        self._question = question
        self._needs_context = question.needs_contexts
        self._fits = self._hides = self._stands = np.zeros(0, np.bool_)
        if question.needs_contexts or question.has_area:
            self._fits, self._hides, self._stands = question.contexts(table.contexts)
        self._inside: Bools | None = None
        if question.has_area:
            self._inside = question.places(table.places)
        # Only where something in the table is due already does each read have to be looked at.
        rule, earliest = question.rule, min(table.first_at, table.first_received)
        self._may_be_due = earliest + rule.keep <= question.now_us or (
            table.longest_delay > rule.late_after
            and table.first_received + rule.keep_late <= question.now_us
        )

    def judge(self, rows: I64) -> tuple[Bools, int]:
        """Return which rows to keep, and how many only their direction kept out."""
        keep = np.ones(len(rows), np.bool_)
        hidden = np.zeros(len(rows), np.bool_)
        if not len(rows):
            return keep, 0
        context: I64 | None = None
        if self._needs_context or self._inside is not None:
            context = gathered(self._table, "context", rows)
        if self._needs_context:
            assert context is not None
            keep, hidden = self._fits[context], self._hides[context]
        if self._inside is not None:
            assert context is not None
            place = gathered(self._table, "place", rows)
            inside = np.where(place == 0, self._stands[context], self._inside[place])
            keep, hidden = keep & inside, hidden & inside
        alive = self._alive(rows, keep | hidden)
        return keep & alive, int(np.count_nonzero(hidden & alive))

    def _alive(self, rows: I64, needed: Bools) -> Bools:
        alive = np.ones(len(rows), np.bool_)
        if self._may_be_due and needed.any():
            some = rows[needed]
            at, delay = gathered(self._table, "at", some), gathered(self._table, "delay", some)
            alive[needed] = self._question.rule.due(at, delay) > self._question.now_us
        return alive
