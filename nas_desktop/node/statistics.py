"""What a node counts of itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from nas_desktop.domain.hit import Hit
from nas_desktop.services.ports import Clock


class Statistics:
    """Counters of a node: totals since its start, rates over short spans."""

    HITS_SPAN = timedelta(minutes=10)
    LATENCY_SPAN = timedelta(hours=1)

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reads_total = 0
        self.hits_total = 0
        self.last_hit_at: datetime | None = None
        self._recent: deque[tuple[float, int]] = deque()
        self._hits: deque[tuple[datetime, float | None]] = deque(maxlen=20_000)

    def count_reads(self, count: int) -> None:
        """Count reads just stored."""
        self.reads_total += count
        self._recent.append((self._clock.monotonic(), count))

    def count_hits(self, hits: Sequence[Hit]) -> None:
        """Count hits just raised; late ones say nothing about the speed of the chain."""
        now = self._clock.now()
        self.hits_total += len(hits)
        self.last_hit_at = now
        for hit in hits:
            trusted = hit.read.is_clock_trusted and not hit.is_late
            seconds = (hit.matched_at - hit.read.captured_at).total_seconds()
            self._hits.append((now, max(0.0, seconds) if trusted else None))

    @property
    def reads_per_s(self) -> float:
        """Reads stored over the last second."""
        now = self._clock.monotonic()
        while self._recent and now - self._recent[0][0] > 1.0:
            self._recent.popleft()
        return float(sum(count for _at, count in self._recent))

    @property
    def hits_10_min(self) -> int:
        """Hits raised over the last ten minutes."""
        since = self._clock.now() - self.HITS_SPAN
        return sum(1 for at, _seconds in self._hits if at >= since)

    def latencies(self) -> tuple[float | None, float | None, float | None]:
        """Return median, 95th percentile and maximum from capture to matched, seconds."""
        since = self._clock.now() - self.LATENCY_SPAN
        known = sorted(s for at, s in self._hits if at >= since and s is not None)
        if not known:
            return None, None, None
        last = len(known) - 1
        return known[last // 2], known[round(last * 0.95)], known[last]
