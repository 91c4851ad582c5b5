"""Cameras: identity, kind, and the latency budget the specification gives each kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from nas_desktop.domain.geo import Position


class CameraId(NamedTuple):
    """The triple that identifies a device (inferred from the numbering of NAS v3.1 §2).

    ``feed_id`` is text of 2 or 3 digits and keeps its leading zero; ``source_id`` is 1 to 9999;
    ``nrd_id`` is 0 to 9999, where 0 means that the VRM was typed in by an administrator.
    """

    feed_id: str
    source_id: int
    nrd_id: int

    def __str__(self) -> str:
        return f"{self.feed_id}/{self.source_id}/{self.nrd_id}"


class CameraKind(StrEnum):
    """Kinds that the specification gives different timings or uses (NAS v3.1 §6)."""

    FIXED = "fixed"
    MOVEABLE = "moveable"
    DUAL_LANE = "dual_lane"
    CCTV = "cctv"
    MOBILE = "mobile"


@dataclass(frozen=True, slots=True)
class LatencyBudget:
    """Longest time allowed from capture to the service and from the service to the operator."""

    to_service: timedelta
    to_operator: timedelta

    @property
    def total(self) -> timedelta:
        """Capture to a specific operator, as one span."""
        return self.to_service + self.to_operator


_STATIC = LatencyBudget(timedelta(seconds=2), timedelta(seconds=2))
_MOBILE = LatencyBudget(timedelta(seconds=4), timedelta(seconds=2))


def budget_of(kind: CameraKind) -> LatencyBudget:
    """Return the budget of a kind: 2 s + 2 s, for mobile units 4 s + 2 s (NAS v3.1 §6)."""
    return _MOBILE if kind is CameraKind.MOBILE else _STATIC


@dataclass(frozen=True, slots=True)
class Camera:
    """A registered device: where it stands and what it is called.

    ``position`` is None for mobile units and for cameras whose place was never recorded.
    ``alias`` must not disclose the exact location (NAS v3.1 §2).
    """

    camera_id: CameraId
    alias: str
    kind: CameraKind
    position: Position | None = None
    direction: str = ""
