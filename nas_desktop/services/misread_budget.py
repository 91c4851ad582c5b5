"""How many possible misreads may be shown, and how sure they must be for that.

Possible misreads are many and mostly wrong: at most one an operator in ten minutes is shown, and
the confidence they need rises by itself when more come, falls slowly when it is quiet, and says so
(domain facts 9.3, inferred).
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

SPAN = timedelta(minutes=10)
"""What the budget is for, and how long it must be quiet before the threshold falls."""

FALL = timedelta(minutes=1)
"""Once it falls, the threshold falls by one percentage point in so much time."""

FLOOR, CEILING = 40, 100
"""Lowest and highest threshold, percent; 40 is one likely confusion of a mark of no format."""

_MOST_KEPT = 10_000


class MisreadBudget:
    """Says of each possible misread whether it may be shown.

    Args:
        operators: how many share what is shown; each may get one in ten minutes.
        floor: the threshold when it is quiet, percent.
    """

    def __init__(self, operators: int = 1, floor: int = FLOOR) -> None:
        self.operators = operators
        self._floor = floor
        self._raised_to = floor
        self._raised_at: datetime | None = None
        self._threshold = floor
        # Time and confidence of every candidate, shown or not, and times of those shown.
        self._came: deque[tuple[datetime, int]] = deque(maxlen=_MOST_KEPT)
        self._shown: deque[datetime] = deque()

    @property
    def threshold(self) -> int:
        """Confidence needed at the last candidate or look, percent."""
        return self._threshold

    @property
    def words(self) -> str:
        """What an operator is told: nothing while the threshold is at its lowest."""
        if self._threshold <= self._floor:
            return ""
        count = len(self._came)
        candidates = "1 candidate" if count == 1 else f"{count} candidates"
        return f"Threshold raised to {self._threshold} %: {candidates} in ten minutes."

    def admit(self, confidence: int, now: datetime) -> bool:
        """Take note of a candidate and tell whether it may be shown.

        Args:
            confidence: 0 to 100.
            now: any clock that does not go back; aware or not, but always alike.
        """
        self.look(now)
        if confidence < self._floor:
            return False
        self._came.append((now, confidence))
        if confidence < self._threshold:
            return False
        if len(self._shown) < self.operators:
            self._shown.append(now)
            return True
        self._raise(now)
        return False

    def look(self, now: datetime) -> None:
        """Let time pass: forget what is older than ten minutes, and let the threshold fall."""
        while self._came and now - self._came[0][0] >= SPAN:
            self._came.popleft()
        while self._shown and now - self._shown[0] >= SPAN:
            self._shown.popleft()
        if self._raised_at is not None:
            quiet = now - self._raised_at - SPAN
            fallen = max(0, quiet // FALL)
            self._threshold = max(self._floor, self._raised_to - fallen)

    def _raise(self, now: datetime) -> None:
        """Set the threshold so high that of the last ten minutes no more than the budget passed."""
        ordered = sorted((confidence for _at, confidence in self._came), reverse=True)
        needed = ordered[self.operators] + 1 if len(ordered) > self.operators else self._threshold
        self._raised_to = self._threshold = min(CEILING, max(self._threshold, needed))
        self._raised_at = now
