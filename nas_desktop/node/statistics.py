"""What a node counts of itself."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_life import DecidedStep, StepKind
from nas_desktop.services.ports import Clock

Spread = tuple[float | None, float | None, float | None]
"""Median, 95th percentile and maximum, seconds; None without a figure."""

REMEMBERED_HITS = 20_000
"""Hits whose capture is remembered until they are painted."""


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
        self._hits: deque[tuple[datetime, float | None]] = deque(maxlen=REMEMBERED_HITS)
        self._painted: deque[tuple[datetime, float]] = deque(maxlen=REMEMBERED_HITS)
        # When each hit was captured; None once it is painted, or where that is not to be judged.
        self._captured: OrderedDict[HitId, datetime | None] = OrderedDict()

    def count_reads(self, count: int) -> None:
        """Count reads just stored."""
        self.reads_total += count
        self._recent.append((self._clock.monotonic(), count))

    def count_hits(self, hits: Sequence[Hit]) -> None:
        """Count hits just raised; late ones say nothing about the speed of the chain.

        A hit that has more to say than before is no further hit.
        """
        new = [hit for hit in hits if hit.hit_id not in self._captured]
        if not new:
            return
        now = self._clock.now()
        self.hits_total += len(new)
        self.last_hit_at = now
        for hit in new:
            trusted = hit.read.is_clock_trusted and not hit.is_late
            seconds = (hit.matched_at - hit.read.captured_at).total_seconds()
            self._hits.append((now, max(0.0, seconds) if trusted else None))
            self._captured[hit.hit_id] = hit.read.captured_at if trusted else None
        while len(self._captured) > REMEMBERED_HITS:
            self._captured.popitem(last=False)

    def count_painted(self, steps: Sequence[DecidedStep]) -> None:
        """Count the first delivery receipt of each hit raised since the start."""
        now = self._clock.now()
        for decided in steps:
            step = decided.step
            if step.kind is not StepKind.DELIVER or not decided.is_accepted:
                continue
            captured_at = self._captured.get(step.hit_id)
            if captured_at is not None:
                self._captured[step.hit_id] = None
                self._painted.append((now, max(0.0, (step.at - captured_at).total_seconds())))

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

    def latencies(self) -> Spread:
        """Return the spread from capture to matched over the last hour."""
        since = self._clock.now() - self.LATENCY_SPAN
        return _spread(s for at, s in self._hits if at >= since and s is not None)

    def painted(self) -> Spread:
        """Return the spread from capture to the first painting over the last hour."""
        since = self._clock.now() - self.LATENCY_SPAN
        return _spread(s for at, s in self._painted if at >= since)


def _spread(seconds: Iterable[float]) -> Spread:
    known = sorted(seconds)
    if not known:
        return None, None, None
    last = len(known) - 1
    return known[last // 2], known[round(last * 0.95)], known[last]
