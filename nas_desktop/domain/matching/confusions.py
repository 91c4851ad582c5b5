"""Which characters are taken for which, what each costs, and what a mark may be misread as.

Costs are hundredths everywhere inside, so that sums are exact: 5 for one glyph, 25 for a very
likely confusion, 50 for a likely one (domain facts 9.3; the costs are inferred).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nas_desktop.domain.vrm import MAX_LENGTH

OTHER = 100
"""Cost of putting one character for another that it is not usually confused with."""

AT_AN_END, INSIDE = 70, 100
"""Cost of a character too many or too few at an end (a clipped mark) and inside."""

MOST_NEIGHBOURS = 20_000
"""Most marks that one entry may be misread as; an ordinary mark has 20 to 300."""

_GLYPH_CLASS = "identical_glyph"


class TooManyNeighbours(ValueError):
    """A mark of so many confusable characters that it cannot be looked for misread."""


@dataclass(frozen=True, slots=True)
class Confusions:
    """The table of confusions; without data nothing is taken for anything.

    ``costs`` holds both directions of every pair of characters, hundredths. ``sequences`` holds
    both directions of one character against two, such as W and VV. ``glyphs`` are the pairs, both
    ways round, that share one glyph.
    """

    costs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    sequences: Mapping[tuple[str, str], int] = field(default_factory=dict)
    glyphs: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Confusions:
        """Build from ``confusions.json``: classes of pairs, and sequences of one against two."""
        costs: dict[tuple[str, str], int] = {}
        glyphs: set[tuple[str, str]] = set()
        for item in data["classes"]:
            for a, b in item["pairs"]:
                costs[a, b] = costs[b, a] = round(item["cost"] * 100)
                if item["name"] == _GLYPH_CLASS:
                    glyphs |= {(a, b), (b, a)}
        sequences: dict[tuple[str, str], int] = {}
        for item in data.get("sequences", ()):
            one, other = item["one"], item["other"]
            sequences[one, other] = sequences[other, one] = round(item["cost"] * 100)
        return cls(costs, sequences, frozenset(glyphs))

    def substitution(self, read: str, listed: str) -> int:
        """Return what it costs that one character was read where the other is listed."""
        return 0 if read == listed else self.costs.get((read, listed), OTHER)

    def steps(self) -> dict[str, list[tuple[str, int]]]:
        """Return for every piece of a mark the pieces it may be read as, with their costs."""
        found: dict[str, list[tuple[str, int]]] = {}
        for table in (self.costs, self.sequences):
            for (piece, other), cost in sorted(table.items()):
                found.setdefault(piece, []).append((other, cost))
        return found


def neighbours_of(
    mark: str, limit: int, steps: Mapping[str, list[tuple[str, int]]]
) -> dict[str, int]:
    """Return every other mark within a distance, with that distance, both in hundredths.

    Only confusions are tried: whole edits cost more than any limit allowed (below
    ``AT_AN_END``). Marks beyond 16 characters cannot be read and are left out.

    Args:
        mark: what is listed.
        limit: largest distance.
        steps: ``Confusions.steps``, which many marks share.

    Raises:
        TooManyNeighbours: there are more than ``MOST_NEIGHBOURS``.
    """
    # Marks read so far, up to each place of the listed mark, with the least cost of each.
    reached: list[dict[str, int]] = [{} for _ in range(len(mark) + 1)]
    reached[0][""] = 0
    sizes = sorted({len(piece) for piece in steps} | {1})
    for place in range(len(mark)):
        here = reached[place]
        for size in sizes:
            piece = mark[place : place + size]
            if len(piece) < size:
                continue
            there = reached[place + size]
            ways = steps.get(piece, [])
            for text, cost in here.items():
                if size == 1 and there.get(text + piece, limit + 1) > cost:
                    there[text + piece] = cost
                for other, more in ways:
                    if cost + more <= limit and there.get(text + other, limit + 1) > cost + more:
                        there[text + other] = cost + more
        if len(reached[place + 1]) > MOST_NEIGHBOURS:
            raise TooManyNeighbours(mark)
    found = {text: cost for text, cost in reached[-1].items() if len(text) <= MAX_LENGTH}
    found.pop(mark, None)
    return found
