"""Wildcard patterns as numbers, and one pattern against one mark.

``?`` is exactly one character, ``*`` any number of them, none included (domain facts 9.4). The
part of a pattern before its first ``*`` lies at the beginning of a mark, the part behind its last
at the end; with no ``*`` the pattern has one length and the words share it. Eight characters on
either side become a mask and a value each; what they cannot say is verified mark by mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.matching.columns import U64
from nas_desktop.domain.vrm import MAX_LENGTH

_WORD = 8


@dataclass(frozen=True, slots=True)
class PatternColumns:
    """Patterns, one row each.

    ``left_masks`` and ``left_values`` are for the first eight bytes of a mark, ``right_…`` for the
    last eight, right-aligned, ``middle_…`` for eight bytes anywhere between (the first piece
    between two ``*``). ``shortest`` and ``longest`` bound the length of a mark; ``unsure`` rows
    need ``fits`` after all of that agrees.
    """

    left_masks: U64
    left_values: U64
    right_masks: U64
    right_values: U64
    middle_masks: U64
    middle_values: U64
    shortest: NDArray[np.int64]
    longest: NDArray[np.int64]
    unsure: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.unsure)

    def taken(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> PatternColumns:
        """Return the rows asked for."""
        return PatternColumns(*(getattr(self, column.name)[rows] for column in fields(self)))

    def followed_by(self, more: PatternColumns) -> PatternColumns:
        """Return these rows, then those."""
        return PatternColumns(
            *(
                np.concatenate([getattr(self, column.name), getattr(more, column.name)])
                for column in fields(self)
            )
        )

    @property
    def nbytes(self) -> int:
        """Memory, bytes."""
        return sum(int(getattr(self, column.name).nbytes) for column in fields(self))


def columns_of_patterns(patterns: Sequence[str]) -> PatternColumns:
    """Return the columns of patterns of up to 16 characters besides ``*``; longer fit nothing."""
    numbers, bounds, unsure = [], [], []
    for pattern in patterns:
        pieces = pattern.split("*")
        shortest = sum(map(len, pieces))
        # Without a "*" the right word only has what the left one does not reach, so that no
        # character is counted twice.
        left, right = pieces[0], pieces[-1] if len(pieces) > 1 else pieces[0][_WORD:]
        middles = [piece for piece in pieces[1:-1] if piece]
        middle = middles[0] if middles else ""
        numbers.append(
            (
                *_mask_and_value(left[:_WORD], 0),
                *_mask_and_value(right[-_WORD:], _WORD - min(len(right), _WORD)),
                *_mask_and_value(middle[:_WORD], 0),
            )
        )
        bounds.append((shortest, shortest if len(pieces) == 1 else MAX_LENGTH))
        unsure.append(len(pieces) > 1 and (bool(middles) or max(len(left), len(right)) > _WORD))
    words = np.array(numbers, np.uint64).reshape(-1, 6)
    lengths = np.array(bounds, np.int64).reshape(-1, 2)
    return PatternColumns(
        left_masks=words[:, 0].copy(),
        left_values=words[:, 1].copy(),
        right_masks=words[:, 2].copy(),
        right_values=words[:, 3].copy(),
        middle_masks=words[:, 4].copy(),
        middle_values=words[:, 5].copy(),
        shortest=lengths[:, 0].copy(),
        longest=lengths[:, 1].copy(),
        unsure=np.array(unsure, np.bool_),
    )


def _mask_and_value(piece: str, first: int) -> tuple[int, int]:
    mask = value = 0
    for place, character in enumerate(piece, first):
        if character != "?":
            mask |= 0xFF << (8 * place)
            value |= ord(character) << (8 * place)
    return mask, value


def fits(pattern: str, mark: str) -> bool:
    """Tell whether a mark fits a pattern with any number of ``*``."""
    return spans_of(pattern, mark) is not None


def spans_of(pattern: str, mark: str) -> tuple[tuple[str, str], ...] | None:
    """Return the pieces of a pattern with what each stands for, or None when the mark does not fit.

    A piece is one character or ``?``, with one character of the mark, or ``*`` with any number of
    them. Every ``*`` but the last takes as few characters as it can.
    """
    first, *others = pattern.split("*")
    if not others:
        is_fit = len(first) == len(mark) and _lies_at(first, mark, 0)
        return tuple(zip(first, mark, strict=True)) if is_fit else None
    last = others.pop()
    at, end = len(first), len(mark) - len(last)
    if at > end or not (_lies_at(first, mark, 0) and _lies_at(last, mark, end)):
        return None
    spans = list(zip(first, mark[:at], strict=True))
    for piece in others:
        places = range(at, end - len(piece) + 1)
        place = next((p for p in places if _lies_at(piece, mark, p)), None)
        if place is None:
            return None
        after = place + len(piece)
        spans += [("*", mark[at:place]), *zip(piece, mark[place:after], strict=True)]
        at = after
    return (*spans, ("*", mark[at:end]), *zip(last, mark[end:], strict=True))


def _lies_at(piece: str, mark: str, place: int) -> bool:
    return all(c in ("?", mark[n]) for n, c in enumerate(piece, place))
