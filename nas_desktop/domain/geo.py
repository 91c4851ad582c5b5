"""Positions on the ground: the no-fix sentinel, bounds and short distances."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth, metres (IUGG)."""

_SENTINEL = re.compile(r"N0{7}\s+E0{7}")


class Position(NamedTuple):
    """WGS 84 decimal degrees: latitude -90 to 90, longitude -180 to 180."""

    latitude: float
    longitude: float


def is_no_fix_text(text: str) -> bool:
    """Tell whether text is the ``N0000000 E0000000`` sentinel of NAS v3.1 §2."""
    return _SENTINEL.fullmatch(text.strip()) is not None


def distance_m(a: Position, b: Position) -> float:
    """Return the great-circle distance in metres (haversine; error below 0.6 % of the distance)."""
    lat1, lat2 = math.radians(a.latitude), math.radians(b.latitude)
    half_lat = (lat2 - lat1) / 2
    half_lon = math.radians(b.longitude - a.longitude) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def in_uk_box(position: Position) -> bool:
    """Tell whether a position lies in 49.0 to 61.5 N, 9.5 W to 2.5 E (inferred bounds check)."""
    return 49.0 <= position.latitude <= 61.5 and -9.5 <= position.longitude <= 2.5
