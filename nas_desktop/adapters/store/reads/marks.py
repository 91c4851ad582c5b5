"""Marks as numbers whose order is that of length, then of the characters.

Six bits a character, ten characters and the length in one unsigned 64-bit number; what is longer
has its last six characters in a second one. All marks of one length lie together, so a pattern is
one mask and one comparison for each length it can have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.matching.patterns import fits
from nas_desktop.domain.vrm import MAX_LENGTH

U64: TypeAlias = NDArray[np.uint64]
I64: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CODES = np.zeros(256, np.uint64)
for _place, _character in enumerate(_ALPHABET, 1):
    _CODES[ord(_character)] = _place
_BITS = 6
_IN_FIRST = 10
_FIRST_SHIFTS = np.array([_BITS * (_IN_FIRST - 1 - n) for n in range(_IN_FIRST)], np.uint64)
_SECOND_SHIFTS = np.array(
    [_BITS * (MAX_LENGTH - 1 - n) for n in range(_IN_FIRST, MAX_LENGTH)], np.uint64
)
_LENGTH_SHIFT = np.uint64(60)
_FIELD = (1 << _BITS) - 1


@dataclass(frozen=True, slots=True)
class Keys:
    """The numbers of some marks, one row each; ``second`` is 0 for marks of up to 10."""

    first: U64
    second: U64

    def __len__(self) -> int:
        return len(self.first)

    def at(self, rows: NDArray[Any] | slice) -> Keys:  # Any: a mask, or row numbers of any width
        """Return some of them."""
        return Keys(self.first[rows], self.second[rows])


def keys_of(marks: Sequence[str]) -> Keys:
    """Return the numbers of normalised marks of 1 to 16 characters."""
    raw = np.array(marks, dtype=f"S{MAX_LENGTH}") if len(marks) else np.zeros(0, "S16")
    characters = raw.view(np.uint8).reshape(len(marks), MAX_LENGTH)
    codes = _CODES[characters]
    first = np.zeros(len(marks), np.uint64)
    for place in range(_IN_FIRST):
        first |= codes[:, place] << _FIRST_SHIFTS[place]
    second = np.zeros(len(marks), np.uint64)
    if characters[:, _IN_FIRST].any():
        for place in range(_IN_FIRST, MAX_LENGTH):
            second |= codes[:, place] << _SECOND_SHIFTS[place - _IN_FIRST]
    lengths = np.count_nonzero(characters, axis=1).astype(np.uint64)
    first |= (lengths - np.uint64(1)) << _LENGTH_SHIFT
    return Keys(first, second)


def mark_of(first: int, second: int = 0) -> str:
    """Return the mark of its numbers."""
    length = (first >> 60) + 1
    characters = [
        _ALPHABET[((first >> (_BITS * (_IN_FIRST - 1 - n))) & _FIELD) - 1]
        for n in range(min(length, _IN_FIRST))
    ]
    characters += [
        _ALPHABET[((second >> (_BITS * (MAX_LENGTH - 1 - n))) & _FIELD) - 1]
        for n in range(_IN_FIRST, length)
    ]
    return "".join(characters)


@dataclass(frozen=True, slots=True)
class PatternPart:
    """What one pattern asks of the marks of one length.

    ``low`` to ``high`` (both included) bound the first number; within, ``masks`` and ``values``
    are alternatives of which one has to fit. ``is_unsure`` marks have to be verified one by one.
    """

    low: int
    high: int
    masks: tuple[tuple[int, int], ...]
    is_unsure: bool

    def test(self, first: U64) -> Bools:
        """Tell of each number within the bounds whether it fits, as far as numbers can tell."""
        found: Bools | None = None
        for mask, value in self.masks:
            one: Bools = (first & np.uint64(mask)) == np.uint64(value)
            found = one if found is None else found | one
        return np.ones(len(first), np.bool_) if found is None else found


def parts_of(pattern: str) -> Iterator[PatternPart]:
    """Yield what a pattern with ``?`` and ``*`` asks, for each length that it can have."""
    pieces = pattern.split("*")
    shortest = max(1, sum(map(len, pieces)))
    lengths = range(shortest, MAX_LENGTH + 1) if len(pieces) > 1 else (shortest,)
    for length in lengths:
        yield _part(pieces, length)


def _part(pieces: Sequence[str], length: int) -> PatternPart:
    prefix, suffix = pieces[0], pieces[-1] if len(pieces) > 1 else ""
    fixed = _fields(prefix, 0) | _fields(suffix, length - len(suffix))
    middles = [piece for piece in pieces[1:-1] if piece]
    choices: list[dict[int, str]] = [fixed]
    is_unsure = length > _IN_FIRST or len(middles) > 1
    if middles:
        room = range(len(prefix), length - len(suffix) - len(middles[0]) + 1)
        choices = [fixed | _fields(middles[0], place) for place in room]
    masks = tuple(sorted({_mask(choice) for choice in choices}))
    if (0, 0) in masks:
        masks = ()
    start = (length - 1) << 60
    head = prefix.split("?")[0][:_IN_FIRST]
    low = start | _mask(_fields(head, 0))[1]
    rest = _BITS * (_IN_FIRST - len(head))
    return PatternPart(low, low | ((1 << rest) - 1), masks, is_unsure)


def _fields(piece: str, first: int) -> dict[int, str]:
    return {first + n: c for n, c in enumerate(piece) if c != "?"}


def _mask(fields: dict[int, str]) -> tuple[int, int]:
    mask = value = 0
    for place, character in fields.items():
        if place < _IN_FIRST:
            shift = _BITS * (_IN_FIRST - 1 - place)
            mask |= _FIELD << shift
            value |= int(_CODES[ord(character)]) << shift
    return mask, value


def verified(pattern: str, keys: Keys, rows: I64) -> I64:
    """Return those of the rows whose marks really fit; for the few that numbers cannot settle."""
    good = [
        row
        for row in rows.tolist()
        if fits(pattern, mark_of(int(keys.first[row]), int(keys.second[row])))
    ]
    return np.array(good, np.int64)


def matching(patterns: Iterable[str], keys: Keys) -> I64:
    """Return the rows, in order, whose marks fit one of the patterns; ``keys`` in any order."""
    found = np.zeros(len(keys), np.bool_)
    for pattern in patterns:
        for part in parts_of(pattern):
            inside = (keys.first >= np.uint64(part.low)) & (keys.first <= np.uint64(part.high))
            rows = inside.nonzero()[0]
            rows = rows[part.test(keys.first[rows])]
            found[verified(pattern, keys, rows) if part.is_unsure else rows] = True
    return found.nonzero()[0]
