"""Invented marks, lists and patterns for ``bench matching``, millions at a time.

All from one seed, so that two runs measure the same. Formats are the common British ones in about
the shares in which they are on the road; no mark is anybody's on purpose.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import overload

import numpy as np

from nas_desktop.domain.matching.columns import U64, EntryColumns, day_number
from nas_desktop.domain.voi import Action, VoiEntry, VoiList
from nas_desktop.domain.vrm import Vrm

TODAY = date(2026, 11, 20)
FROM, TO = date(2026, 11, 1), date(2026, 12, 1)
LOADED_AT = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
SEED = 7

_LETTERS = np.frombuffer(b"ABCDEFGHJKLMNOPRSTUVWXY", np.uint8)
_DIGITS = np.frombuffer(b"0123456789", np.uint8)
_SHAPES = (
    ("LLDDLLL", 0.72),
    ("LDDDLLL", 0.14),
    ("LDDLLL", 0.06),
    ("LLLDDDL", 0.05),
    ("LLDDDD", 0.03),
)


def invented_keys(count: int, rng: np.random.Generator) -> U64:
    """Return marks as keys, all different."""
    found = np.zeros(0, np.uint64)
    while len(found) < count:
        more = [_of_shape(shape, int(count * share * 1.05) + 64, rng) for shape, share in _SHAPES]
        found = np.unique(np.concatenate([found, *more]))
    return rng.permutation(found)[:count]


def _of_shape(shape: str, count: int, rng: np.random.Generator) -> U64:
    characters = np.zeros((count, 8), np.uint8)
    for place, kind in enumerate(shape):
        choices = _LETTERS if kind == "L" else _DIGITS
        characters[:, place] = choices[rng.integers(0, len(choices), count)]
    return characters.view(np.uint64).ravel()


def marks_of(keys: U64) -> list[str]:
    """Return keys of short marks as text."""
    texts: list[str] = keys.view("S8").astype("U8").tolist()
    return texts


class InventedEntries(Sequence[VoiEntry]):
    """Entries of one window that exist as numbers and become objects when asked for."""

    def __init__(self, keys: U64) -> None:
        self._keys = keys
        days = np.ones(len(keys), np.uint16)
        self._columns = EntryColumns(
            keys, days * day_number(FROM), days * day_number(TO), np.zeros(len(keys), np.uint8)
        )

    @property
    def columns(self) -> EntryColumns:
        """See ``HasColumns``."""
        return self._columns

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, row: int) -> VoiEntry: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[VoiEntry]: ...
    def __getitem__(self, row: int | slice) -> VoiEntry | Sequence[VoiEntry]:
        if isinstance(row, slice):
            return InventedEntries(self._keys[row])
        return an_entry(marks_of(self._keys[row : row + 1])[0], Action.ASSESS)


def an_entry(vrm: str, action: Action) -> VoiEntry:
    """Return an entry that is active."""
    return VoiEntry(Vrm(vrm), action, "Intel Minor Crime", FROM, TO)


def national_list(keys: U64) -> VoiList:
    """Return a list of marks, without an object an entry."""
    return VoiList("NATIONAL_Invented", 1, InventedEntries(keys), LOADED_AT)


def stop_list(keys: U64) -> VoiList:
    """Return a list of Stop entries that has misreads looked for."""
    entries = [an_entry(mark, Action.STOP) for mark in marks_of(keys)]
    return VoiList("07_Invented Stop", 1, entries, LOADED_AT, finds_misreads=True)


def pattern_list(patterns: Sequence[str]) -> VoiList:
    """Return a list of wildcard entries."""
    entries = [an_entry(pattern, Action.ASSESS) for pattern in patterns]
    return VoiList("07_Invented Wildcards", 1, entries, LOADED_AT)


def invented_patterns(count: int, keys: U64) -> list[str]:
    """Return patterns as officers write them: holes, beginnings, ends, and pieces of a mark.

    Six in ten have one or two holes; the others know five characters.
    """
    rng = random.Random(SEED)
    found: list[str] = []
    for mark in marks_of(keys[:count]):
        kind = rng.random()
        if kind < 0.6:
            characters = list(mark)
            for place in rng.sample(range(len(mark)), rng.choice((1, 2))):
                characters[place] = "?"
            found.append("".join(characters))
        elif kind < 0.75:
            found.append(mark[:5] + "*")
        elif kind < 0.9:
            found.append("*" + mark[-5:])
        elif kind < 0.95:
            found.append(mark[:3] + "*" + mark[-2:])
        else:
            found.append("*" + mark[1:6] + "*")
    return found


def invented_reads(
    count: int, listed: U64, hit_share: float, rng: np.random.Generator
) -> list[str]:
    """Return marks as read: listed ones by ``hit_share`` (0 to 1), the others not listed."""
    fresh = invented_keys(count + count // 8 + 64, rng)
    order = np.sort(listed)
    at = np.minimum(np.searchsorted(order, fresh), len(order) - 1)
    fresh = fresh[order[at] != fresh][:count]
    hits = rng.random(len(fresh)) < hit_share
    fresh[hits] = rng.choice(listed, int(hits.sum()))
    return marks_of(fresh)
