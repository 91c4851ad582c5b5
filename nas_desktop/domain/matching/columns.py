"""Entries as columns of numbers: what an index is built from, without an object an entry.

A mark of up to eight characters is its own ASCII bytes in one unsigned 64-bit number, first
character lowest; longer ones are mixed into 63 bits with the highest bit set. A short key is
therefore exact; two long marks may share one, so a match by a long key has to be verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.voi import VoiEntry

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


@dataclass(frozen=True, slots=True)
class EntryColumns:
    """One number an entry and column, all of one length.

    ``keys`` as this module makes them, ``NO_KEY`` for wildcard entries. ``starts`` and ``weeds``
    are days since 1 January 1970, 0 to 65,535: an entry is active on day d when
    ``starts <= d < weeds``.
    """

    keys: U64
    starts: NDArray[np.uint16]
    weeds: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.keys)


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
    for row, entry in enumerate(entries):
        if entry.is_pattern:
            keys[row] = NO_KEY
    return EntryColumns(
        keys,
        np.array([day_number(entry.starts_on) for entry in entries], np.uint16),
        np.array([day_number(entry.weed_date) for entry in entries], np.uint16),
    )


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
    buffer, starts, lengths = buffer_of(marks)
    return keys_of_words(*words_at(buffer, starts, np.minimum(lengths, MARK_BYTES)))
