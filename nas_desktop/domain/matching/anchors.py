"""Which characters of a pattern to look it up by.

A pattern can be looked up by some of its fixed characters. Looking a read up costs the same for
every choice of places (an anchor), so few anchors are to serve all patterns, each with as many
fixed characters as possible: the fewer an anchor has, the more patterns come up with a read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.matching.columns import U64

_ALPHABET = 20.0
"""How many characters a place may hold, about: 23 letters or 10 digits, not evenly."""

_WORTH = 0.02
"""Patterns a read that an anchor must spare to be worth looking up. Measured: 0.15 made ten
thousand patterns a third slower, because digits are commoner than ``_ALPHABET`` has it."""

_OWN, _CROSSED = 256, 48
"""How many different masks are tried as they are, and how many are crossed with each other."""

_NO_COST = 1.0


@dataclass(frozen=True, slots=True)
class Anchors:
    """Anchors as masks for the left and the right word, and the anchor of each pattern.

    ``of`` is -1 for a pattern that no anchor serves.
    """

    left: U64
    right: U64
    of: NDArray[np.int64]


def anchors_of(left: U64, right: U64, most: int) -> Anchors:
    """Choose at most ``most`` anchors for patterns with these masks, greedily."""
    masks = np.stack([left, right], axis=1)
    kinds, which, counts = np.unique(masks, axis=0, return_inverse=True, return_counts=True)
    tried = _tried(kinds, counts)
    lengths = np.bitwise_count(tried).sum(axis=1, dtype=np.int64) // 8
    costs = _ALPHABET ** -lengths.astype(np.float64)
    within = ((tried[:, None, :] & kinds[None, :, :]) == tried[:, None, :]).all(axis=2)
    chosen: list[int] = []
    best = np.full(len(kinds), _NO_COST)
    of = np.full(len(kinds), -1, np.int64)
    while len(chosen) < most and len(tried):
        spared = np.where(within, np.maximum(best[None, :] - costs[:, None], 0.0), 0.0) @ counts
        pick = int(np.argmax(spared))
        if spared[pick] < _WORTH:
            break
        better = within[pick] & (costs[pick] < best)
        best[better] = costs[pick]
        of[better] = pick
        # An early anchor that later ones have left without patterns makes room again.
        chosen = [one for one in (*chosen, pick) if (of == one).any()]
    picked = tried[chosen]
    places = np.full(len(tried) + 1, -1, np.int64)
    places[chosen] = np.arange(len(chosen))
    return Anchors(picked[:, 0], picked[:, 1], places[of][which.ravel()])


def _tried(kinds: U64, counts: NDArray[np.int64]) -> U64:
    """Return the masks to choose from: those there are, and what the commonest have in common."""
    order = np.argsort(-counts, kind="stable")
    own, crossed = kinds[order[:_OWN]], kinds[order[:_CROSSED]]
    shared = (crossed[:, None, :] & crossed[None, :, :]).reshape(-1, 2)
    tried = np.unique(np.concatenate([own, shared]), axis=0)
    return tried[tried.any(axis=1)]
