"""The latency ledger of one hit: how long each leg took and which one broke its budget.

Legs follow the way a hit takes: camera to server, server to desk, desk to matched, matched to
painted. The budget is that of the camera's kind (NAS v3.1 §6); acknowledgement is shown but
has a target of its own, by tier, and is not part of it. Where the desk's clock and its server's
disagree nothing is judged: the figures would speak of the clocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from nas_desktop.domain.camera import CameraKind, budget_of


@dataclass(frozen=True, slots=True)
class LatencyRules:
    """When latency is judged (``resources/spec/latency.json``).

    ``clock_limit_s`` is the difference between the desk's clock and its server's beyond which no
    breach is claimed.
    """

    clock_limit_s: float

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> LatencyRules:
        """Build from the parsed file.

        Raises:
            KeyError, ValueError: a number is missing or cannot be.
        """
        rules = cls(float(data["clock_limit_s"]))
        if rules.clock_limit_s <= 0:
            raise ValueError("the rules of latency hold an impossible number")
        return rules

    def trusts(self, clock_offset_s: float | None) -> bool:
        """Tell whether a desk whose clock differs by so much may judge; None: not measured."""
        return clock_offset_s is None or abs(clock_offset_s) <= self.clock_limit_s


class Leg(StrEnum):
    """One stretch of the way from the road to the operator."""

    CAMERA = "camera"
    SERVER = "server"
    MATCH = "match"
    PAINT = "paint"


@dataclass(frozen=True, slots=True)
class LatencyLedger:
    """The instants of one hit, each on the clock of the node that took it; None is not yet.

    ``is_clock_trusted`` is False when the capture time cannot be believed: then no breach is
    claimed. Units of the results are seconds.
    """

    kind: CameraKind
    captured_at: datetime
    received_at: datetime
    desk_received_at: datetime | None = None
    matched_at: datetime | None = None
    painted_at: datetime | None = None
    is_clock_trusted: bool = True
    acknowledged_at: datetime | None = None

    def legs(self) -> tuple[tuple[Leg, float], ...]:
        """Return the finished legs in order, each at least 0 (clocks differ by milliseconds)."""
        marks: list[tuple[Leg, datetime | None]] = [
            (Leg.CAMERA, self.received_at),
            (Leg.SERVER, self.desk_received_at),
            (Leg.MATCH, self.matched_at),
            (Leg.PAINT, self.painted_at),
        ]
        found: list[tuple[Leg, float]] = []
        before = self.captured_at
        for leg, at in marks:
            if at is not None:
                found.append((leg, max(0.0, (at - before).total_seconds())))
                before = at
        return tuple(found)

    @property
    def total_s(self) -> float:
        """Seconds from capture to the last finished leg."""
        return sum(seconds for _leg, seconds in self.legs())

    @property
    def acknowledged_s(self) -> float | None:
        """Seconds from the painting to the acknowledgement, at least 0; None until both are."""
        if self.painted_at is None or self.acknowledged_at is None:
            return None
        return max(0.0, (self.acknowledged_at - self.painted_at).total_seconds())

    @property
    def budget(self) -> timedelta:
        """Longest time allowed from capture to the operator: 4 s, mobile 6 s."""
        return budget_of(self.kind).total

    @property
    def in_hand_s(self) -> float:
        """Seconds of the budget that are left; negative when it is broken."""
        return self.budget.total_seconds() - self.total_s

    @property
    def broken_leg(self) -> Leg | None:
        """The leg to name when the budget is broken, or None while it holds or is unknowable.

        Camera to server has its own allowance; the rest share the one from server to operator,
        and its longest leg is named.
        """
        if not self.is_clock_trusted or self.in_hand_s >= 0:
            return None
        legs = dict(self.legs())
        if legs[Leg.CAMERA] > budget_of(self.kind).to_service.total_seconds():
            return Leg.CAMERA
        rest = {leg: s for leg, s in legs.items() if leg is not Leg.CAMERA}
        return max(rest, key=lambda leg: rest[leg])
