"""The mute of a desk: who, until when, and never longer than the rules allow.

It reaches no Stop of P1 (``annunciation`` sees to that) and always ends by itself: by the time that
passes as much as by the clock, so that a clock set back makes no mute longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nas_desktop.services.ports import Clock

_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Mute:
    """Who muted a desk, and until when; aware UTC."""

    by: str
    since: datetime
    until: datetime

    @property
    def as_text(self) -> str:
        """The mute in one line, for keeping over a restart."""
        return _SEPARATOR.join((self.since.isoformat(), self.until.isoformat(), self.by))


def mute_of(text: str) -> Mute | None:
    """Return a mute that was kept as text; None for what is none."""
    since, first, rest = text.partition(_SEPARATOR)
    until, second, by = rest.partition(_SEPARATOR)
    if not first or not second:
        return None
    try:
        found = Mute(by, datetime.fromisoformat(since), datetime.fromisoformat(until))
    except ValueError:
        return None
    is_aware = found.since.tzinfo is not None and found.until.tzinfo is not None
    return found if is_aware else None


class Muting:
    """The one mute of a desk.

    Args:
        clock: the desk's.
        longest_min: longest mute, minutes.
        kept: what ``as_text`` gave before a restart; an expired one is gone.
    """

    def __init__(self, clock: Clock, longest_min: int, kept: str = "") -> None:
        self._clock = clock
        self._longest = timedelta(minutes=longest_min)
        self._mute: Mute | None = None
        self._ends = 0.0
        found = mute_of(kept)
        if found is not None and found.until - found.since <= self._longest:
            self._begin(found)

    @property
    def mute(self) -> Mute | None:
        """The mute that holds now."""
        return self._mute if self.left_s > 0 else None

    @property
    def left_s(self) -> float:
        """Seconds until it ends by itself; 0 while nothing is muted."""
        if self._mute is None:
            return 0.0
        now = self._clock.now()
        if now < self._mute.since:
            return 0.0  # the clock was set back: what it says of the end is worth nothing
        by_clock = (self._mute.until - now).total_seconds()
        return max(0.0, min(by_clock, self._ends - self._clock.monotonic()))

    def start(self, by: str, minutes: int) -> Mute:
        """Mute for so many minutes from now; one that holds already is replaced.

        Raises:
            ValueError: no time, or longer than the rules allow.
        """
        span = timedelta(minutes=minutes)
        if not timedelta() < span <= self._longest:
            raise ValueError(f"a mute of {minutes} minutes")
        now = self._clock.now()
        made = Mute(by, now, now + span)
        self._begin(made)
        return made

    def stop(self) -> Mute | None:
        """End it now; returns what held, if anything did."""
        held, self._mute = self.mute, None
        return held

    def take_expired(self) -> Mute | None:
        """Return a mute that has ended by itself, once."""
        if self._mute is None or self.left_s > 0:
            return None
        ended, self._mute = self._mute, None
        return ended

    def _begin(self, mute: Mute) -> None:
        left = (mute.until - self._clock.now()).total_seconds()
        self._mute, self._ends = mute, self._clock.monotonic() + left
        if self.left_s <= 0:
            self._mute = None
