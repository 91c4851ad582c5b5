"""A clock that stands still until a test moves it on."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.builders import NOON


class FakeClock:
    """``ports.Clock`` without time: ``advance`` moves both readings on together."""

    def __init__(self, at: datetime = NOON) -> None:
        self._at = at
        self._seconds = 1_000.0

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._seconds

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self._at += timedelta(seconds=seconds)
        self._seconds += seconds
