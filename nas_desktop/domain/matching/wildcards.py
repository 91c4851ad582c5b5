"""Wildcard entries against batches of reads, without trying every pattern on every read.

Each pattern is looked up by some of its fixed characters (its anchor). A read is looked up once for
every anchor: what it has at the anchor's places becomes a number, a small filter drops most
of those, a sorted table gives the patterns of the rest, and only these are compared as a whole.
Patterns whose characters may lie anywhere are looked up at every place of the read; patterns with
no fixed character at all are compared with every read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.matching.anchors import anchors_of
from nas_desktop.domain.matching.columns import U64, MarkWords
from nas_desktop.domain.matching.exact import KeyTable, table_of
from nas_desktop.domain.matching.patterns import PatternColumns, columns_of_patterns, fits

I64 = NDArray[np.int64]

_MOST_ANCHORS, _MOST_FLOATING = 24, 4
_FEW_FIXED = 3
"""Below so many characters fixed at the ends, a longer piece in the middle is the better anchor."""

_BLOCK = 2_048  # reads at a time: what is made of them stays in the nearest cache but one
_SLOT_BITS = 20  # one byte each: 1 MB, 1 % full with ten thousand patterns
_SHIFT = np.uint64(64 - _SLOT_BITS)
_LEFT, _RIGHT, _SALT = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xC2B2AE3D27D4EB4F),
    np.uint64(0x165667B19E3779F9),
)


@dataclass(frozen=True, slots=True)
class _Anchored:
    """Patterns that can be looked up, by the codes of what they have at their anchors' places."""

    left: U64
    right: U64
    salts: U64
    groups: tuple[tuple[slice, bool, bool], ...]
    slots: NDArray[np.bool_]
    table: KeyTable

    def find(self, left: U64, right: U64) -> tuple[I64, I64]:
        """Return (read, pattern) wherever the codes agree."""
        reads: list[I64] = []
        patterns: list[I64] = []
        for first in range(0, len(left), _BLOCK):
            part = slice(first, first + _BLOCK)
            for anchors, uses_left, uses_right in self.groups:
                codes = self.salts[anchors, None]
                if uses_left:
                    codes = (left[part] & self.left[anchors, None]) * _LEFT + codes
                if uses_right:
                    codes = (right[part] & self.right[anchors, None]) * _RIGHT + codes
                flat = codes.ravel()
                passed = self.slots[(flat >> _SHIFT).view(np.int64)].nonzero()[0]
                if len(passed):
                    which, places = self.table.find(flat[passed])
                    reads.append(passed[which] % codes.shape[1] + first)
                    patterns.append(self.table.values[places].astype(np.int64))
        if not reads:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        return np.concatenate(reads), np.concatenate(patterns)

    @property
    def nbytes(self) -> int:
        """Memory, bytes."""
        return self.slots.nbytes + self.table.nbytes + 3 * self.left.nbytes


def _anchored(
    masks: tuple[U64, U64], values: tuple[U64, U64], rows: I64, most: int
) -> tuple[_Anchored, I64]:
    """Return the look-up of some patterns, and the rows of those that no anchor serves."""
    anchors = anchors_of(masks[0][rows], masks[1][rows], most)
    # Anchors of one kind side by side, so that each kind is worked out without the other's half.
    kind = (anchors.left != 0).astype(np.int64) + 2 * (anchors.right != 0)
    order = np.argsort(kind, kind="stable")
    left, right, kind = anchors.left[order], anchors.right[order], kind[order]
    renamed = np.argsort(order)
    salts = np.arange(1, len(order) + 1, dtype=np.uint64) * _SALT
    served = anchors.of >= 0
    rows_served, of = rows[served], renamed[anchors.of[served]]
    codes = (values[0][rows_served] & left[of]) * _LEFT * (left[of] != 0)
    codes += (values[1][rows_served] & right[of]) * _RIGHT
    codes += salts[of]
    slots = np.zeros(1 << _SLOT_BITS, np.bool_)
    slots[(codes >> _SHIFT).view(np.int64)] = True
    edges = [int(np.searchsorted(kind, n)) for n in range(1, 5)]
    groups = tuple(
        (slice(edges[n - 1], edges[n]), bool(n & 1), bool(n & 2))
        for n in (1, 2, 3)
        if edges[n - 1] < edges[n]
    )
    table = table_of(codes, rows_served.astype(np.uint32))
    return _Anchored(left, right, salts, groups, slots, table), rows[~served]


class WildcardIndex:
    """Patterns with a handle each; immutable.

    Args:
        texts: the patterns.
        handles: the number that each is known by outside.
        columns: their columns, where they are known already.
    """

    def __init__(
        self, texts: Sequence[str], handles: I64, columns: PatternColumns | None = None
    ) -> None:
        self.texts = tuple(texts)
        self.handles = handles
        self.columns = columns_of_patterns(self.texts) if columns is None else columns
        c = self.columns
        at_ends = np.bitwise_count(c.left_masks) + np.bitwise_count(c.right_masks)
        between = np.bitwise_count(c.middle_masks)
        is_floating = (at_ends < 8 * _FEW_FIXED) & (between > at_ends)
        self._fixed, loose = _anchored(
            (c.left_masks, c.right_masks),
            (c.left_values, c.right_values),
            np.flatnonzero(~is_floating),
            _MOST_ANCHORS,
        )
        nothing = np.zeros(len(c), np.uint64)
        self._floating, more_loose = _anchored(
            (c.middle_masks, nothing),
            (c.middle_values, nothing),
            np.flatnonzero(is_floating),
            _MOST_FLOATING,
        )
        self._loose = np.concatenate([loose, more_loose])

    def changed(self, gone: NDArray[np.bool_], texts: Sequence[str], handles: I64) -> WildcardIndex:
        """Return an index without some rows and with further patterns."""
        stay = np.flatnonzero(~gone)
        return WildcardIndex(
            [*(self.texts[row] for row in stay), *texts],
            np.concatenate([self.handles[stay], handles]),
            self.columns.taken(stay).followed_by(columns_of_patterns(texts)),
        )

    def match(self, marks: Sequence[str], words: MarkWords) -> tuple[I64, I64]:
        """Return (read, handle) of every pattern that a mark fits, each pair once."""
        if not self.texts:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        right = words.last
        reads, rows = self._fixed.find(words.first, right)
        found = [(reads, rows)]
        if len(self._floating.table):
            found.append(self._find_floating(words))
        everyone = np.arange(len(marks))
        found += [(everyone, np.full(len(marks), row)) for row in self._loose]
        if len(found) > 1:
            reads = np.concatenate([pair[0] for pair in found])
            rows = np.concatenate([pair[1] for pair in found])
        agree = self._agree(words, right, reads, rows)
        reads, rows = reads[agree], rows[agree]
        unsure = self.columns.unsure[rows]
        if unsure.any():
            sure = ~unsure
            for at in np.flatnonzero(unsure):
                sure[at] = fits(self.texts[rows[at]], marks[reads[at]])
            reads, rows = reads[sure], rows[sure]
        return reads, self.handles[rows]

    def _find_floating(self, words: MarkWords) -> tuple[I64, I64]:
        """Look up what lies at every place of every mark."""
        windows = words.windows().ravel()
        reads, rows = self._floating.find(windows, windows)
        # A piece may lie at several places of one mark.
        pairs = np.unique(reads % len(words) * len(self.texts) + rows)
        return pairs // len(self.texts), pairs % len(self.texts)

    def _agree(self, words: MarkWords, right: U64, reads: I64, rows: I64) -> NDArray[np.bool_]:
        c = self.columns
        lengths = words.lengths[reads]
        agree = (words.first[reads] & c.left_masks[rows]) == c.left_values[rows]
        agree &= (right[reads] & c.right_masks[rows]) == c.right_values[rows]
        agree &= (lengths >= c.shortest[rows]) & (lengths <= c.longest[rows])
        return np.asarray(agree)

    @property
    def nbytes(self) -> int:
        """Memory, bytes; the patterns themselves are the entries' own text."""
        arrays = self.columns.nbytes + self.handles.nbytes + self._loose.nbytes
        return arrays + 8 * len(self.texts) + self._fixed.nbytes + self._floating.nbytes
