"""Entries as columns of numbers: what an index is built from, without an object an entry.

A mark of up to eight characters is its own ASCII bytes in one unsigned 64-bit number, first
character lowest; longer ones are mixed into 63 bits with the highest bit set. A short key is
therefore exact; two long marks may share one, so a match by a long key has to be verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.domain.vrm import TEST, UNREAD

U64: TypeAlias = NDArray[np.uint64]

MARK_BYTES = 16
"""Longest mark, characters; each is one byte (``domain.vrm.MAX_LENGTH``)."""

NO_KEY = np.uint64(0)
"""Key of a wildcard entry: its pattern is in the entry."""

LONG = np.uint64(1 << 63)
"""Set in the key of a mark of more than eight characters."""

_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
_EPOCH = date(1970, 1, 1).toordinal()
_LAST_DAY = 65_535

# What to keep of eight bytes when the mark has so many left: 0 to 8.
_KEEP = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)


ACTIONS = tuple(Action)
"""What the numbers of ``EntryColumns.actions`` stand for."""

_NUMBERS = {action: number for number, action in enumerate(ACTIONS)}


@dataclass(frozen=True, slots=True)
class EntryColumns:
    """One number an entry and column, all of one length.

    ``keys`` as this module makes them, ``NO_KEY`` for wildcard entries. ``starts`` and ``weeds``
    are days since 1 January 1970, 0 to 65,535: an entry is active on day d when
    ``starts <= d < weeds``. ``actions`` are places in ``ACTIONS``.
    """

    keys: U64
    starts: NDArray[np.uint16]
    weeds: NDArray[np.uint16]
    actions: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.keys)

    def at(self, rows: NDArray[Any]) -> EntryColumns:  # Any: a mask, or row numbers of any width
        """Return the columns of some rows."""
        return EntryColumns(
            self.keys[rows], self.starts[rows], self.weeds[rows], self.actions[rows]
        )


@runtime_checkable
class HasColumns(Protocol):
    """Entries that know their columns already."""

    @property
    def columns(self) -> EntryColumns:
        """The columns, row for row."""
        ...


def columns_of(entries: Sequence[VoiEntry]) -> EntryColumns:
    """Return the columns of entries: their own where they have them, else made one by one."""
    if isinstance(entries, HasColumns):
        return entries.columns
    keys = keys_of([entry.vrm for entry in entries])
    keys[[row for row, entry in enumerate(entries) if entry.is_pattern]] = NO_KEY
    return EntryColumns(
        keys,
        np.array([day_number(entry.starts_on) for entry in entries], np.uint16),
        np.array([day_number(entry.weed_date) for entry in entries], np.uint16),
        np.array([_NUMBERS[entry.action] for entry in entries], np.uint8),
    )


def joined(parts: Sequence[EntryColumns]) -> EntryColumns:
    """Return columns one behind another."""
    if not parts:
        return columns_of(())
    return EntryColumns(
        np.concatenate([part.keys for part in parts]),
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.weeds for part in parts]),
        np.concatenate([part.actions for part in parts]),
    )


def mark_of(key: int) -> str:
    """Return the mark that a short key is; "" for a long one and for ``NO_KEY``."""
    if key >= int(LONG):
        return ""
    return key.to_bytes(8, "little").rstrip(b"\0").decode("ascii", "replace")


@lru_cache(maxsize=4_096)  # thousands of entries share a few hundred days
def day_number(day: date) -> int:
    """Return a day as days since 1 January 1970, held within 0 to 65,535 (to June 2149)."""
    return min(max(day.toordinal() - _EPOCH, 0), _LAST_DAY)


def words_at(
    buffer: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[U64, U64]:
    """Return the first and the second eight bytes of the marks that lie in a buffer.

    Bytes beyond a mark are zero. ``lengths`` are 0 to 16; the buffer must have ``MARK_BYTES`` bytes
    to spare behind the last mark.
    """
    at: U64 = np.ndarray((len(buffer) - 7,), np.dtype("<u8"), buffer=buffer.data, strides=(1,))
    first = at[starts] & _KEEP[np.minimum(lengths, 8)]
    if len(lengths) == 0 or int(lengths.max()) <= 8:
        return first, np.zeros(len(first), np.uint64)
    return first, at[starts + 8] & _KEEP[np.maximum(lengths - 8, 0)]


def keys_of_words(first: U64, second: U64) -> U64:
    """Return the keys of marks given as two times eight bytes."""
    is_long = second != 0
    if not is_long.any():
        return first
    mixed = first * _MIX[0] ^ (second + _MIX[1]) * _MIX[1]
    return np.where(is_long, mixed | LONG, first)


def buffer_of(
    marks: Sequence[str],
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Return marks as one buffer with the start and length of each.

    Raises:
        UnicodeEncodeError: a mark holds a character beyond ASCII.
    """
    text = ("\n".join(marks) + "\n").encode("ascii")
    buffer = np.frombuffer(text + bytes(MARK_BYTES), np.uint8)
    ends = np.flatnonzero(buffer == 10) if marks else np.zeros(0, np.int64)
    starts = np.empty(len(ends), np.int64)
    starts[:1] = 0
    starts[1:] = ends[:-1] + 1
    return buffer, starts, ends - starts


def keys_of(marks: Sequence[str]) -> U64:
    """Return the keys of marks of 1 to 16 characters ``A-Z0-9`` (patterns get any key)."""
    return words_of(marks).keys


@dataclass(frozen=True, slots=True)
class MarkWords:
    """Marks as numbers, one row a mark.

    ``first`` and ``second`` are the first and the second eight bytes with zeros behind the mark,
    ``lengths`` 0 to 16, ``keys`` as this module makes them.
    """

    lengths: NDArray[np.int64]
    first: U64
    second: U64
    keys: U64

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def last(self) -> U64:
        """The last eight bytes, right-aligned: the last character highest, zeros in front."""
        missing = (8 * (8 - self.lengths)).view(np.uint64)
        last = self.first << np.where(self.lengths < 8, missing, 0)
        is_long = self.lengths > 8
        if is_long.any():
            # Shifting by 64 bits or more gives zero in numpy.
            before = np.where(is_long, 8 * (self.lengths - 8), 0).view(np.uint64)
            last = (last >> before) | np.where(is_long, self.second << (64 - before), 0)
        return last

    def windows(self) -> U64:
        """Return up to eight bytes from each place of the marks on, a row a place."""
        places = int(self.lengths.max(initial=0))
        found = np.empty((places, len(self)), np.uint64)
        for place in range(min(places, 8)):
            found[place] = self.first >> np.uint64(8 * place)
            if places > 8:
                found[place] |= self.second << np.uint64(64 - 8 * place)
        for place in range(8, places):
            found[place] = self.second >> np.uint64(8 * (place - 8))
        return found


def words_of(marks: Sequence[str]) -> MarkWords:
    """Return marks of 1 to 16 characters as numbers; further characters are not looked at."""
    buffer, starts, lengths = buffer_of(marks)
    lengths = np.minimum(lengths, MARK_BYTES)
    first, second = words_at(buffer, starts, lengths)
    return MarkWords(lengths, first, second, keys_of_words(first, second))


def spread_ranges(
    left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (which range, number) for every number of the ranges ``left <= n < right``."""
    counts = right - left
    if counts.max(initial=0) == counts.min(initial=1) == 1:
        return np.arange(len(left)), left
    which = np.repeat(np.arange(len(left)), counts)
    ends = np.cumsum(counts)
    numbers = np.arange(len(which)) + np.repeat(left - ends + counts, counts)
    return which, numbers


SPECIAL_KEYS: U64 = keys_of((UNREAD, TEST))
"""Keys of the two marks that never match; both are short, so their keys are exact."""


def is_special_key(keys: U64) -> NDArray[np.bool_]:
    """Tell of each key whether it is that of a mark that never matches."""
    return np.asarray((keys == SPECIAL_KEYS[0]) | (keys == SPECIAL_KEYS[1]))
