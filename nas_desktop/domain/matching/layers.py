"""A list with changes on top: the old entries without those that went, then the new ones.

Nothing of the old is copied but row numbers, so that a change of ten entries to a list of two
millions costs milliseconds and the two share their blocks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.matching.columns import (
    LONG,
    NO_KEY,
    U64,
    EntryColumns,
    columns_of,
    joined,
    keys_of,
)
from nas_desktop.domain.voi import WILDCARDS, VoiEntry

_FILTER_BITS = 20
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class ListChange:
    """What makes one revision of a list out of the one before.

    ``gone`` are marks (or patterns) whose entries leave; ``put`` are entries that come, each in
    place of any of the same mark.
    """

    put: tuple[VoiEntry, ...] = ()
    gone: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.put) + len(self.gone)


class LayeredEntries(Sequence[VoiEntry]):
    """Entries of a base, less some rows, and further entries behind them."""

    def __init__(
        self, base: Sequence[VoiEntry], rows: NDArray[np.uint32], added: tuple[VoiEntry, ...]
    ) -> None:
        self._base = base
        self._rows = rows
        self._added = added
        self._columns: EntryColumns | None = None

    @property
    def base(self) -> Sequence[VoiEntry]:
        """What lies below the changes."""
        return self._base

    def __len__(self) -> int:
        return len(self._rows) + len(self._added)

    @overload
    def __getitem__(self, at: int) -> VoiEntry: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[VoiEntry]: ...
    def __getitem__(self, at: int | slice) -> VoiEntry | Sequence[VoiEntry]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        if at < 0:
            at += len(self)
        if not 0 <= at < len(self):
            raise IndexError(at)
        if at < len(self._rows):
            return self._base[int(self._rows[at])]
        return self._added[at - len(self._rows)]

    def __iter__(self) -> Iterator[VoiEntry]:
        return (self[i] for i in range(len(self)))

    @property
    def columns(self) -> EntryColumns:
        """The columns, row for row; made once, when first asked for."""
        if self._columns is None:
            base, added = columns_of(self._base), columns_of(self._added)
            self._columns = joined([base.at(self._rows), added])
        return self._columns

    def changed(self, change: ListChange) -> LayeredEntries:
        """Return the entries after a change; see ``changed``."""
        touched = _touched(change)
        rows = self._rows[_rows_to_keep(self._base, touched, self._rows)]
        kept = tuple(entry for entry in self._added if entry.vrm not in touched)
        return LayeredEntries(self._base, rows, kept + _put(change))


def changed(entries: Sequence[VoiEntry], change: ListChange) -> LayeredEntries:
    """Return the entries after a change. Of several entries put for one mark the last counts."""
    if isinstance(entries, LayeredEntries):
        return entries.changed(change)
    rows = np.arange(len(entries), dtype=np.uint32)
    return LayeredEntries(entries, rows, ()).changed(change)


def merged(changes: Iterable[ListChange]) -> ListChange:
    """Return one change that does what several do one after another."""
    last: dict[str, VoiEntry | None] = {}
    for change in changes:
        last.update(dict.fromkeys(change.gone))
        last.update({entry.vrm: entry for entry in change.put})
    return ListChange(
        tuple(entry for entry in last.values() if entry is not None),
        tuple(mark for mark, entry in last.items() if entry is None),
    )


def rows_of_marks(entries: Sequence[VoiEntry], marks: Collection[str]) -> list[int]:
    """Return the rows whose mark or pattern is one of these, in their order."""
    columns = columns_of(entries)
    rows = np.flatnonzero(_may_be(columns.keys, _keys_of_marks(marks)))
    keys = columns.keys[rows]
    is_sure = (keys != NO_KEY) & (keys < LONG)
    wanted = frozenset(marks)
    return [
        int(row)
        for row, sure in zip(rows, is_sure, strict=True)
        if sure or entries[int(row)].vrm in wanted
    ]


def _put(change: ListChange) -> tuple[VoiEntry, ...]:
    return tuple({entry.vrm: entry for entry in change.put}.values())


def _touched(change: ListChange) -> frozenset[str]:
    return frozenset(change.gone) | {entry.vrm for entry in change.put}


def _rows_to_keep(
    base: Sequence[VoiEntry], touched: frozenset[str], rows: NDArray[np.uint32]
) -> NDArray[np.bool_]:
    alive = np.ones(len(base), np.bool_)
    alive[rows_of_marks(base, touched)] = False
    return alive[rows]


def _keys_of_marks(marks: Collection[str]) -> U64:
    # A mark that no entry could have is the mark of none; keys are made of ASCII in one line.
    fit = [mark for mark in marks if mark.isascii() and mark.isprintable()]
    plain = [mark for mark in fit if WILDCARDS.isdisjoint(mark)]
    keys = keys_of(plain)
    return keys if len(plain) == len(fit) else np.append(keys, NO_KEY)


def _may_be(keys: U64, wanted: U64) -> NDArray[np.bool_]:
    """Tell which keys are among the wanted; a bitmap first, because most are not."""
    shift = np.uint64(64 - _FILTER_BITS)
    bits = np.zeros(1 << _FILTER_BITS, np.bool_)
    bits[(wanted * _ODD) >> shift] = True
    found: NDArray[np.bool_] = bits[(keys * _ODD) >> shift]
    some = np.flatnonzero(found)
    found[some] = np.isin(keys[some], wanted)
    return found
