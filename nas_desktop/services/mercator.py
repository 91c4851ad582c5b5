"""Web Mercator as the map draws it: world pixels at zoom 0, counted from the middle of the UK.

The world is 256 px wide at zoom 0; each step of zoom doubles it. Counted from an origin near by,
single precision is enough: 0.2 px at zoom 19.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

F64: TypeAlias = NDArray[np.float64]

WORLD_PX = 256.0
"""Width of the world at zoom 0, pixels."""

MOST_LATITUDE = 85.051128779806604
"""Latitude at which the square of the projection ends, degrees; beyond it counts as there."""

ORIGIN = (54.5, -3.5)
"""Latitude and longitude of the point that world pixels are counted from, degrees."""


def _absolute(latitude: F64, longitude: F64) -> tuple[F64, F64]:
    bounded = np.radians(np.clip(latitude, -MOST_LATITUDE, MOST_LATITUDE))
    x = (longitude + 180.0) / 360.0 * WORLD_PX
    y = (1.0 - np.log(np.tan(np.pi / 4 + bounded / 2)) / np.pi) / 2 * WORLD_PX
    return x, y


_X0, _Y0 = (
    float(axis)
    for axis in _absolute(np.float64(ORIGIN[0]), np.float64(ORIGIN[1]))  # type: ignore[arg-type]
)


def to_world(latitude: F64, longitude: F64) -> tuple[F64, F64]:
    """Return x to the east and y to the south of ``ORIGIN`` in world pixels; NaN stays NaN."""
    x, y = _absolute(np.asarray(latitude, np.float64), np.asarray(longitude, np.float64))
    return x - _X0, y - _Y0


def to_geo(x: F64, y: F64) -> tuple[F64, F64]:
    """Return latitude and longitude in degrees of world pixels counted from ``ORIGIN``."""
    east = np.asarray(x, np.float64) + _X0
    south = np.asarray(y, np.float64) + _Y0
    longitude = east / WORLD_PX * 360.0 - 180.0
    latitude = np.degrees(2 * np.arctan(np.exp(np.pi * (1 - 2 * south / WORLD_PX))) - np.pi / 2)
    return latitude, longitude
