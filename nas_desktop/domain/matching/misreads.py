"""Possible misreads: what the few entries that take part may be read as, looked up like marks.

Trying every confusion of every read against every entry would cost each read; instead every
entry's neighbours are worked out once (domain facts 9.3: Stop entries of lists marked so, 2,000 at
most, some hundred neighbours each).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.matching.alignment import cost_of
from nas_desktop.domain.matching.columns import LONG, U64, keys_of
from nas_desktop.domain.matching.confusions import TooManyNeighbours, neighbours_of
from nas_desktop.domain.matching.exact import KeyTable
from nas_desktop.domain.matching.match import MatchRules

I64 = NDArray[np.int64]
Costs = NDArray[np.uint8]
Around = tuple[U64, Costs]

_NOTHING: Around = (np.zeros(0, np.uint64), np.zeros(0, np.uint8))
_OBJECT = 200  # bytes of an array beside its numbers, and of its place in a dictionary


@dataclass(frozen=True, slots=True)
class MisreadIndex:
    """Neighbours of the entries that take part.

    ``around`` keeps each mark's neighbours so that a change need not work them out again; a mark
    with too many has none. ``handles`` and ``marks`` are of the entries that take part,
    ``left_out`` counts those that could not.
    """

    rules: MatchRules
    around: Mapping[str, Around]
    handles: I64
    marks: tuple[str, ...]
    left_out: int
    table: KeyTable
    costs: Costs

    def find(self, marks: Sequence[str], keys: U64, rows: I64) -> tuple[I64, I64, Costs]:
        """Return (read, handle, cost) of every possible misread among some rows of a batch."""
        wanted = keys[rows]
        which, places = self.table.find(wanted)
        reads, entries = rows[which], self.table.values[places]
        costs = self.costs[places]
        is_long = wanted[which] >= LONG
        if is_long.any():
            # Two long marks may share a key.
            stays = np.ones(len(reads), np.bool_)
            for at in np.flatnonzero(is_long):
                cost = cost_of(marks[reads[at]], self.marks[entries[at]], self.rules.confusions)
                stays[at] = cost == costs[at]
            reads, entries, costs = reads[stays], entries[stays], costs[stays]
        return reads, self.handles[entries], costs

    @property
    def nbytes(self) -> int:
        """Memory, bytes."""
        kept = sum(keys.nbytes + costs.nbytes + 2 * _OBJECT for keys, costs in self.around.values())
        return (
            kept + self.handles.nbytes + 8 * len(self.marks) + self.table.nbytes + len(self.costs)
        )


def misreads_of(
    rules: MatchRules, marks: Sequence[str], handles: I64, known: Mapping[str, Around]
) -> MisreadIndex:
    """Return the neighbours of entries: the first ``rules.max_misread_entries`` take part.

    Args:
        rules: limit and confusions.
        marks: the entries' marks, in the order in which they take part.
        handles: what each entry is known by outside.
        known: neighbours worked out before.
    """
    most = max(0, rules.max_misread_entries)
    steps = rules.confusions.steps()
    around: dict[str, Around] = {}
    chosen: list[int] = []
    for row, mark in enumerate(marks[:most]):
        if mark not in around:
            around[mark] = known[mark] if mark in known else _around(mark, rules.limit, steps)
        if around[mark] is not _NOTHING:
            chosen.append(row)
    parts = [around[marks[row]] for row in chosen]
    owners = np.repeat(np.arange(len(parts), dtype=np.uint32), [len(part[0]) for part in parts])
    keys = np.concatenate([_NOTHING[0], *(part[0] for part in parts)])
    costs = np.concatenate([_NOTHING[1], *(part[1] for part in parts)])
    order = np.argsort(keys)
    return MisreadIndex(
        rules,
        around,
        handles[np.array(chosen, np.int64)],
        tuple(marks[row] for row in chosen),
        len(marks) - len(chosen),
        KeyTable(keys[order], owners[order]),
        costs[order],
    )


def _around(mark: str, limit: int, steps: Mapping[str, list[tuple[str, int]]]) -> Around:
    try:
        found = neighbours_of(mark, limit, steps)
    except TooManyNeighbours:
        return _NOTHING
    return keys_of(list(found)), np.fromiter(found.values(), np.uint8, len(found))
