"""How far a stream has been taken in: everything below ``next``, but for the holes.

Live items and the backlog of an outage arrive side by side, so what is missing is not only a tail:
it is a tail and holes. Both are stored with the rows they speak of, in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]
"""Offsets from the first (inclusive) to the second (exclusive)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What of a stream is held. Offsets count from 0; ``holes`` are sorted and do not touch.

    ``epoch`` names the store the offsets belong to: another epoch means another stream.
    """

    epoch: str = ""
    next: int = 0
    holes: tuple[Span, ...] = ()

    @property
    def missing(self) -> int:
        """How many offsets below ``next`` are not held."""
        return sum(last - first for first, last in self.holes)

    def resumed_at(self, epoch: str, end: int) -> Progress:
        """Return the progress when live delivery starts at ``end``: the gap becomes a hole.

        An unknown epoch, or a stream shorter than what is held, starts from nothing.
        """
        if epoch != self.epoch or end < self.next:
            return Progress(epoch, end, ((0, end),) if end else ())
        return Progress(epoch, end, normal([*self.holes, (self.next, end)]))

    def taken(self, first: int, last: int) -> Progress:
        """Return the progress after the offsets ``first`` to ``last`` (exclusive) were stored."""
        if last <= first:
            return self
        holes: list[Span] = []
        for start, stop in self.holes:
            if start < min(stop, first):
                holes.append((start, min(stop, first)))
            if max(start, last) < stop:
                holes.append((max(start, last), stop))
        if first > self.next:
            holes.append((self.next, first))
        return Progress(self.epoch, max(self.next, last), normal(holes))


def normal(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return spans sorted, without empty ones, joined where they touch or overlap."""
    joined: list[Span] = []
    for first, last in sorted(s for s in spans if s[0] < s[1]):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)
