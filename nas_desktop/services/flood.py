"""How many hits an operator gets in ten minutes, and whether that is a flood.

The norm is about one alarm in ten minutes, and more than ten are a flood (EEMUA 191); the figures
are data. A flood ends only well below where it began, or it would come and go with every hit.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime

from nas_desktop.domain.desk_rules import FloodRule


class FloodMeter:
    """Counts hits as they arrive; single-threaded."""

    def __init__(self, rule: FloodRule) -> None:
        self._rule = rule
        self._arrived: deque[datetime] = deque()
        self.is_flood = False
        self.since: datetime | None = None
        self.minutes = 0.0
        self._looked_at: datetime | None = None

    def arrived(self, now: datetime) -> None:
        """A vehicle was hit that asks for somebody."""
        self._arrived.append(now)

    def look(self, now: datetime) -> bool:
        """Judge anew; True when a flood has just begun or ended."""
        # The clock may be set back: what came can be no newer than now, or it would stay for ever.
        self._arrived = deque(min(at, now) for at in self._arrived)
        self.since = None if self.since is None else min(self.since, now)
        while self._arrived and now - self._arrived[0] > self._rule.window:
            self._arrived.popleft()
        if self.is_flood and self._looked_at is not None:
            self.minutes += max(0.0, (now - self._looked_at).total_seconds()) / 60
        self._looked_at = now
        before = self.is_flood
        if not before and self.count > self._rule.enter:
            self.is_flood, self.since = True, now
        elif before and self.count < self._rule.leave:
            self.is_flood, self.since = False, now
        return self.is_flood is not before

    @property
    def count(self) -> int:
        """Hits of the last window."""
        return len(self._arrived)
