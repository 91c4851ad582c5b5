"""The state of one hop, judged by the age of what came over it; and the outages it had.

An open socket proves nothing. A hop is live while something was heard within the last seconds,
slow and then silent as that age grows, lost at once when the connection is gone.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from nas_desktop.services.events import HopState, HopStatus, Outage
from nas_desktop.services.ports import Clock

SLOW_AFTER_S = 3.0
"""Age of the newest content from which a hop is called slow, seconds (three missed heartbeats)."""

SILENT_AFTER_S = 5.0
"""Age from which nothing on screen may pass for current, seconds."""

OUTAGE_AFTER_S = 2.0
"""Shorter breaks are not put on record as outages: a restart that nobody could notice."""

_DOWN = frozenset({HopStatus.LOST, HopStatus.SILENT, HopStatus.BUFFERING})
_RATE_SPAN_S = 10.0


class HopMonitor:
    """Watches one hop; fed by its link, asked once a second.

    Args:
        name: the hop's name in ``NodeState``.
        is_configured: False for a hop that this node has no address for.
    """

    def __init__(self, name: str, clock: Clock, *, is_configured: bool = True) -> None:
        self.name = name
        self._clock = clock
        self._is_configured = is_configured
        self._is_connected = False
        self._detail = ""
        self._status = HopStatus.LOST if is_configured else HopStatus.NOT_CONFIGURED
        self._since = clock.now()
        self._backlog: deque[tuple[float, int]] = deque()
        self._outage: Outage | None = None
        self._most_held = 0

    def connected(self) -> None:
        """The session is open and signed in."""
        self._is_connected = True
        self._detail = ""

    def lost(self, reason: str) -> None:
        """The session is gone."""
        self._is_connected = False
        self._detail = reason

    def assess(
        self,
        age_s: float | None,
        *,
        held: int = 0,
        oldest_at: datetime | None = None,
        is_catching_up: bool = False,
    ) -> HopState:
        """Return the hop's state now.

        Args:
            age_s: seconds since anything was heard; None when nothing ever was.
            held: items that wait to be sent over the hop.
            oldest_at: when the oldest of them was taken in.
            is_catching_up: the other side is still sending us what we missed.
        """
        status = self._judge(age_s, held, is_catching_up)
        now = self._clock.now()
        if (status in _DOWN) != (self._status in _DOWN):
            heard = timedelta(seconds=age_s or 0.0) if status in _DOWN else timedelta()
            self._since = now - heard
        elif status is not self._status and status not in _DOWN:
            self._since = now
        self._status = status
        self._most_held = max(self._most_held, held) if status in _DOWN else held
        return HopState(
            self.name,
            status,
            self._since,
            age_s=age_s,
            held=held,
            oldest_at=oldest_at,
            eta_s=self._eta(held),
            detail=self._detail,
        )

    def outage(self) -> Outage | None:
        """Return an outage that has begun or ended since the last call, for the record.

        Call after ``assess``. The same beginning names the same outage.
        """
        now = self._clock.now()
        if self._status in _DOWN:
            lasts = (now - self._since).total_seconds()
            if self._outage is None and lasts >= OUTAGE_AFTER_S:
                self._outage = Outage(self.name, self._since, None, self._most_held)
                return self._outage
            return None
        if self._outage is not None:
            ended = Outage(self.name, self._outage.began_at, now, self._held_through())
            self._outage = None
            return ended
        return None

    def _held_through(self) -> int:
        most = max((held for _at, held in self._backlog), default=0)
        return max(self._most_held, most)

    def _judge(self, age_s: float | None, held: int, is_catching_up: bool) -> HopStatus:
        if not self._is_configured:
            return HopStatus.NOT_CONFIGURED
        if not self._is_connected:
            return HopStatus.BUFFERING if held else HopStatus.LOST
        if age_s is not None and age_s >= SILENT_AFTER_S:
            return HopStatus.SILENT
        if age_s is not None and age_s >= SLOW_AFTER_S:
            return HopStatus.SLOW
        return HopStatus.CATCHING_UP if is_catching_up or held > _BRIEFLY else HopStatus.LIVE

    def _eta(self, held: int) -> float | None:
        """Seconds until nothing is held, at the rate of the last ten seconds."""
        now = self._clock.monotonic()
        self._backlog.append((now, held))
        while now - self._backlog[0][0] > _RATE_SPAN_S:
            self._backlog.popleft()
        then, was = self._backlog[0]
        cleared = was - held
        if held == 0 or cleared <= 0 or now <= then:
            return None
        return held * (now - then) / cleared


_BRIEFLY = 50
"""Items that may be on their way at any moment without the hop being called behind."""
