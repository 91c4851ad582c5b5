"""VRMs that come twice in a list (V080): found by sorting keys, settled by rank and place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas_desktop.adapters.voi_files.blocks import rows_in, take_block, without_rows
from nas_desktop.adapters.voi_files.tokens import I64
from nas_desktop.domain.findings import Finding
from nas_desktop.domain.matching.columns import LONG, NO_KEY, U64, EntryColumns
from nas_desktop.domain.template_lists import doubled
from nas_desktop.domain.voi import VoiEntry


@dataclass(frozen=True, slots=True)
class Settled:
    """A list without doubles: what is left of it, what was found, how many entries were dropped."""

    blocks: list[bytes]
    columns: EntryColumns
    findings: list[Finding]
    dropped: list[VoiEntry]


def without_doubles(
    blocks: list[bytes],
    columns: EntryColumns,
    lines: NDArray[np.uint32],
    patterns: list[tuple[str, int]],
    rank: Callable[[VoiEntry], tuple[int, int]],
) -> Settled:
    """Keep one entry of each VRM: the lowest rank, then the first.

    Args:
        blocks: of the entries.
        columns: theirs.
        lines: physical line of each.
        patterns: wildcard entries with their row; they have no key.
        rank: what decides between two entries, lowest first.
    """
    rows = _doubled_rows(columns.keys)
    named = _doubled_patterns(patterns)
    if not len(rows) and not named:
        return Settled(blocks, columns, [], [])
    wanted = np.union1d(rows, np.array(sorted(named), np.int64))
    groups: dict[object, list[tuple[int, tuple[int, int]]]] = defaultdict(list)
    for row, entry in _entries_at(blocks, wanted):
        key = columns.keys[row]
        # Long marks may share a key without being the same.
        name: object = entry.vrm if key == NO_KEY or key & LONG else int(key)
        groups[name].append((row, rank(entry)))
    findings: list[Finding] = []
    gone: list[int] = []
    for members in groups.values():
        kept = min(members, key=lambda member: (member[1], member[0]))[0]
        first = int(lines[members[0][0]])
        for place, (row, _rank) in enumerate(members):
            if place:
                findings.append(doubled(int(lines[row]), first, int(lines[kept])))
            if row != kept:
                gone.append(row)
    findings.sort(key=lambda finding: finding.line)
    return _dropped(blocks, columns, np.array(sorted(gone), np.int64), findings)


def _doubled_rows(keys: U64) -> I64:
    ordered = np.sort(keys)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    again = np.unique(again[again != NO_KEY])
    if not len(again):
        return np.zeros(0, np.int64)
    place = np.minimum(np.searchsorted(again, keys), len(again) - 1)
    return np.flatnonzero(again[place] == keys)


def _doubled_patterns(patterns: list[tuple[str, int]]) -> list[int]:
    found: dict[str, list[int]] = defaultdict(list)
    for pattern, row in patterns:
        found[pattern].append(row)
    return [row for rows in found.values() if len(rows) > 1 for row in rows]


def _entries_at(blocks: list[bytes], rows: I64) -> Iterator[tuple[int, VoiEntry]]:
    """Yield entries by row number, ascending, with each block unpacked once."""
    for number, within, first in _by_block(blocks, rows):
        inside = within.tolist()
        for row, entry in zip(inside, take_block(blocks[number], inside), strict=True):
            yield first + row, entry


def _by_block(blocks: list[bytes], rows: I64) -> Iterator[tuple[int, I64, int]]:
    ends = np.cumsum([rows_in(block) for block in blocks])
    numbers = np.searchsorted(ends, rows, side="right")
    cuts = np.flatnonzero(np.diff(numbers)) + 1
    for part in np.split(np.arange(len(rows)), cuts):
        number = int(numbers[part[0]])
        first = int(ends[number - 1]) if number else 0
        yield number, rows[part] - first, first


def _dropped(
    blocks: list[bytes], columns: EntryColumns, gone: I64, findings: list[Finding]
) -> Settled:
    kept: list[bytes | None] = list(blocks)
    entries: list[VoiEntry] = []
    for number, within, _first in _by_block(blocks, gone):
        inside = within.tolist()
        entries.extend(take_block(blocks[number], inside))
        kept[number] = without_rows(blocks[number], set(inside))
    is_left = np.ones(len(columns), np.bool_)
    is_left[gone] = False
    return Settled(
        [block for block in kept if block is not None],
        columns.at(is_left),
        findings,
        entries,
    )
