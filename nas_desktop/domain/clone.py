"""Two reads of one VRM that one vehicle cannot have made: a possible clone, or a misread.

The speed is a lower bound. Both clocks and both positions are given every doubt first, so that what
is called impossible stays so whatever the cameras' clocks said (domain facts 8.3, inferred).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.geo import Position, distance_m
from nas_desktop.domain.read import Read, ReadFlag
from nas_desktop.domain.vrm import is_special

MPH_PER_MPS = 3600 / 1609.344
"""Miles an hour in a metre a second."""

_NOWHERE = frozenset(
    {
        ReadFlag.NO_FIX,
        ReadFlag.POSITION_INVALID,
        ReadFlag.POSITION_OUTSIDE_UK,
        ReadFlag.POSITION_MOVED,
        ReadFlag.MANUAL_ENTRY,
    }
)
"""With these nobody knows where the vehicle was, or that there was one (domain facts 1.2)."""


@dataclass(frozen=True, slots=True)
class CloneRules:
    """What one vehicle can do, and how wrong cameras may be (``resources/spec/clone.json``).

    Speeds are miles an hour, distances metres, ``distance_error`` a share of the distance, clock
    errors seconds either way. Reads further apart than ``window`` are not compared.
    """

    fastest_mph: float
    least_distance_m: float
    position_error_m: float
    distance_error: float
    trusted_clock_s: float
    untrusted_clock_s: float
    window: timedelta

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> CloneRules:
        """Build from the parsed file.

        Raises:
            KeyError, ValueError: a number is missing or cannot be.
        """
        clocks = data["clock_error_s"]
        rules = cls(
            fastest_mph=float(data["fastest_mph"]),
            least_distance_m=float(data["least_distance_m"]),
            position_error_m=float(data["position_error_m"]),
            distance_error=float(data["distance_error_percent"]) / 100,
            trusted_clock_s=float(clocks["trusted"]),
            untrusted_clock_s=float(clocks["untrusted"]),
            window=timedelta(hours=float(data["window_h"])),
        )
        if (
            min(rules.fastest_mph, rules.trusted_clock_s) <= 0
            or min(rules.least_distance_m, rules.position_error_m) < 0
            or rules.untrusted_clock_s < rules.trusted_clock_s
            or not 0 <= rules.distance_error < 1
            or rules.window <= timedelta()
        ):
            raise ValueError("the rules of the clone guard hold an impossible number")
        return rules


class Sighting(NamedTuple):
    """Where and when a camera saw a vehicle.

    ``at`` is the instant it is shown at; the vehicle was there between ``earliest`` and ``latest``.
    These differ for a clock that is not trusted: it may have been right, or the receipt may.
    """

    camera: CameraId
    position: Position
    at: datetime
    earliest: datetime
    latest: datetime
    is_clock_trusted: bool = True


class Pair(NamedTuple):
    """Two sightings compared: metres and seconds apart, and the least speed of one vehicle, mph."""

    distance_m: float
    seconds: float
    mph: float
    is_impossible: bool


@dataclass(frozen=True, slots=True)
class Rival:
    """The other read of a VRM, which the vehicle of a hit cannot have reached or come from.

    ``distance_m`` metres along the great circle, ``seconds`` between the two reads as shown,
    ``mph`` the least speed of one vehicle after every allowance; rounded down.
    """

    read: Read
    distance_m: float
    seconds: float
    mph: float


def sighting_of(read: Read) -> Sighting | None:
    """Return the sighting that a read is, or None where it cannot say where which vehicle was."""
    if read.position is None or is_special(read.vrm) or _NOWHERE.intersection(read.flags):
        return None
    if read.is_clock_trusted:
        earliest = latest = read.captured_at
    else:
        earliest, latest = sorted((read.captured_at, read.received_at))
    return Sighting(
        read.camera, read.position, read.effective_at, earliest, latest, read.is_clock_trusted
    )


def compare(one: Sighting, other: Sighting, rules: CloneRules) -> Pair:
    """Compare two sightings; the order of the two makes no difference.

    One camera is never impossible, whatever its clock did, nor are places near each other.
    """
    metres = distance_m(one.position, other.position)
    seconds = abs((one.at - other.at).total_seconds())
    longest = max(
        (one.latest - other.earliest).total_seconds(),
        (other.latest - one.earliest).total_seconds(),
    )
    allowed = longest + _clock_error(one, rules) + _clock_error(other, rules)
    least = max(0.0, metres * (1 - rules.distance_error) - 2 * rules.position_error_m)
    mph = least / allowed * MPH_PER_MPS
    is_impossible = (
        one.camera != other.camera
        and metres >= rules.least_distance_m
        and abs(one.at - other.at) <= rules.window
        and mph > rules.fastest_mph
    )
    return Pair(metres, seconds, mph, is_impossible)


def rival_of(read: Read, others: Iterable[Read], rules: CloneRules) -> Rival | None:
    """Return the newest of the other reads that one vehicle cannot have made with this one.

    Reads of other VRMs, and the read itself, are passed over.
    """
    own = sighting_of(read)
    if own is None:
        return None
    found: Rival | None = None
    for other in others:
        if other.vrm != read.vrm or other.read_id == read.read_id:
            continue
        sighting = sighting_of(other)
        if sighting is None:
            continue
        pair = compare(own, sighting, rules)
        if pair.is_impossible:
            # Whole metres, milliseconds and tenths: every node is to come to the same figures.
            rival = Rival(
                other,
                float(math.floor(pair.distance_m)),
                round(pair.seconds, 3),
                math.floor(pair.mph * 10) / 10,
            )
            found = newest_rival(found, rival)
    return found


def newest_rival(one: Rival | None, other: Rival | None) -> Rival | None:
    """Return the rival whose read is the newer; the same one whichever way they are asked."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda r: (r.read.effective_at, r.read.read_id))


def _clock_error(one: Sighting, rules: CloneRules) -> float:
    return rules.trusted_clock_s if one.is_clock_trusted else rules.untrusted_clock_s
