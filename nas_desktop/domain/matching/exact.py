"""Marks looked up by their keys: a filter that most reads end at, then a sorted table.

A look-up in ten million sorted keys misses the processor's caches two dozen times; a bit in a
filter misses once, and independent misses overlap. With 32 to 64 bits an entry two or three reads
in a hundred pass by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.matching.columns import LONG, U64, MarkWords, keys_of_words, spread_ranges
from nas_desktop.domain.matching.match import MOST_SWAPS, MatchRules

I64 = NDArray[np.int64]

NOWHERE: I64 = np.zeros(0, np.int64)

_ODD = np.uint64(0x9E3779B97F4A7C15)
_PIECE = 200_000  # keys at a time while a filter is filled: about 10 ms
_SMALLEST, _LARGEST = 16, 29  # a filter has two to the power of these bits: 8 KB to 64 MB
_BITS_AN_ENTRY = 32

_ONES = 0x0101010101010101
_LETTERS_O, _LETTERS_I = np.uint64(ord("O") * _ONES), np.uint64(ord("I") * _ONES)
_LOW, _HIGH = np.uint64(0x7F * _ONES), np.uint64(0x80 * _ONES)
_O_TO_0, _I_TO_1 = ord("O") ^ ord("0"), ord("I") ^ ord("1")
_ALL_I_TO_1 = np.uint64(_I_TO_1 * _ONES)

_SWAP_GROUPS = ((1, 3), *((n, n) for n in range(4, MOST_SWAPS + 1)))
"""Marks by how many characters can be swapped: worked out together, most have at most three."""

_SWAPS = np.zeros(256, np.uint64)
"""What to flip in a character to get the other one of its glyph; 0 where there is none."""
for _character, _flip in (("0", _O_TO_0), ("O", _O_TO_0), ("1", _I_TO_1), ("I", _I_TO_1)):
    _SWAPS[ord(_character)] = _flip


def folded(keys: U64) -> U64:
    """Return keys with every O made 0 and every I made 1; long keys stay as they are."""
    result = keys ^ (_spots(keys, _LETTERS_O))  # O and 0 differ in all seven bits
    result ^= _spots(keys, _LETTERS_I) & _ALL_I_TO_1
    is_long = keys >= LONG
    return np.where(is_long, keys, result) if is_long.any() else result


def _spots(keys: U64, character: np.uint64) -> U64:
    """Return 0x7F in every byte that is the character (all bytes below 0x80), else 0."""
    equal = ~((keys ^ character) + _LOW) & _HIGH
    return equal - (equal >> np.uint64(7))


@dataclass(frozen=True, slots=True)
class KeyFilter:
    """A bit for each key: a key whose bit is not set is not in the set."""

    bits: NDArray[np.uint8]
    shift: np.uint64

    def passes(self, keys: U64) -> NDArray[np.bool_]:
        """Tell of each key whether it may be in the set."""
        spots = (keys * _ODD) >> self.shift
        found = self.bits[(spots >> np.uint64(3)).view(np.int64)]
        return np.asarray((found >> (spots & np.uint64(7)).astype(np.uint8)) & 1, np.bool_)


def filter_of(keys: U64) -> KeyFilter:
    """Return the filter of a set of keys, sized with it."""
    size = max(_SMALLEST, min(_LARGEST, (len(keys) * _BITS_AN_ENTRY).bit_length()))
    shift = np.uint64(64 - size)
    bits = np.zeros(1 << (size - 3), np.uint8)
    for first in range(0, len(keys), _PIECE):
        spots = (keys[first : first + _PIECE] * _ODD) >> shift
        flags = np.left_shift(np.uint8(1), (spots & np.uint64(7)).astype(np.uint8))
        np.bitwise_or.at(bits, (spots >> np.uint64(3)).view(np.int64), flags)
    return KeyFilter(bits, shift)


def filter_for(rules: MatchRules, *keys: U64) -> KeyFilter:
    """Return the filter that ``KeyFilter.passes`` is asked with probes as the rules want them."""
    joined = keys[0] if len(keys) == 1 else np.concatenate(keys)
    return filter_of(folded(joined) if rules.glyph else joined)


@dataclass(frozen=True, slots=True)
class KeyTable:
    """Keys in order, with a value each; a key may be there several times."""

    keys: U64
    values: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, wanted: U64) -> tuple[I64, I64]:
        """Return (row of ``wanted``, row of the table) for every equal pair."""
        if len(self.keys) == 0:
            return NOWHERE, NOWHERE
        left = self.keys.searchsorted(wanted)
        there = self.keys.take(left, mode="clip") == wanted
        rows = there.nonzero()[0]
        if len(rows) == 0:
            return rows, NOWHERE
        left = left[rows]
        which, places = spread_ranges(left, self.keys.searchsorted(wanted[rows], "right"))
        return rows[which], places

    @property
    def nbytes(self) -> int:
        """Memory, bytes."""
        return self.keys.nbytes + self.values.nbytes


def table_of(keys: U64, values: NDArray[np.uint32]) -> KeyTable:
    """Return the table of keys that come in any order."""
    order = np.argsort(keys)
    return KeyTable(keys[order], values[order])


def variants_of(words: MarkWords, rows: I64) -> tuple[I64, U64, NDArray[np.uint8]]:
    """Return the other marks that look the same because 0 and O, 1 and I share a glyph.

    Args:
        words: a batch of marks.
        rows: whose variants are wanted.

    Returns:
        For every variant the row, its key, and the number of swapped characters. A mark with more
        than ``MOST_SWAPS`` such characters has none.
    """
    second = words.second[rows]
    halves = 2 if second.any() else 1
    both = np.empty((len(rows), halves), np.uint64)
    both[:, 0] = words.first[rows]
    if halves == 2:
        both[:, 1] = second
    flips = _SWAPS[both.view(np.uint8)]
    counts = np.count_nonzero(flips, axis=1)
    found = [
        _swapped(both[chosen], flips[chosen], counts[chosen], rows[chosen], most)
        for fewest, most in _SWAP_GROUPS
        if len(chosen := ((counts >= fewest) & (counts <= most)).nonzero()[0])
    ]
    if len(found) == 1:
        return found[0]
    return (
        np.concatenate([NOWHERE, *(part[0] for part in found)]),
        np.concatenate([NOWHERE.view(np.uint64), *(part[1] for part in found)]),
        np.concatenate([NOWHERE.astype(np.uint8), *(part[2] for part in found)]),
    )


def _swapped(
    both: U64, flips: U64, counts: I64, rows: I64, most: int
) -> tuple[I64, U64, NDArray[np.uint8]]:
    """Return the variants of marks of at most so many swappable characters."""
    # The swappable places of each mark first; behind them places with nothing to flip.
    places = np.argsort(flips == 0, axis=1, kind="stable")[:, :most]
    deltas = np.take_along_axis(flips, places, axis=1)
    deltas <<= (8 * (places % 8)).view(np.uint64)
    keys = [both[:, half, None] for half in range(both.shape[1])]
    swaps = np.zeros((1, 1), np.uint8)
    is_new = np.ones((len(rows), 1), np.bool_)
    for nth in range(most):
        there = nth < counts[:, None]
        for half, before in enumerate(keys):
            turn = np.where(places[:, nth] // 8 == half, deltas[:, nth], np.uint64(0))
            keys[half] = np.concatenate([before, before ^ turn[:, None]], axis=1)
        swaps = np.concatenate([swaps, swaps + np.uint8(1)], axis=1)
        is_new = np.concatenate([is_new, is_new & there], axis=1)
    is_new[:, 0] = False
    which, variant = is_new.nonzero()
    second = keys[1][which, variant] if len(keys) == 2 else np.zeros(len(which), np.uint64)
    return rows[which], keys_of_words(keys[0][which, variant], second), swaps[0, variant]
