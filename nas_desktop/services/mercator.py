"""Web Mercator as every part of the map uses it: pixels of the whole world, near one origin.

A world pixel is a pixel of the 256-pixel map of the whole world, zoom 0. Positions are kept as
world pixels less ``ORIGIN``, which lies in the middle of Great Britain: 32-bit floats are then
right within 0.1 m there, where of plain world pixels they would be wrong by 1.4 m.

x grows to the east, y to the south. Formulas: EPSG guidance note 7-2, method 1024.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]

WORLD_PIXELS: Final = 256.0
"""Width and height of the world at zoom 0."""

MOST_LATITUDE: Final = 85.05112877980659
"""Where the square map ends, degrees; what lies beyond is drawn on its edge."""

EQUATOR_M: Final = 2 * math.pi * 6_378_137.0
"""Length of the equator, metres (WGS 84)."""


def _world(latitude: float, longitude: float) -> tuple[float, float]:
    y = math.asinh(math.tan(math.radians(latitude))) / math.pi
    return (longitude + 180) / 360 * WORLD_PIXELS, (1 - y) / 2 * WORLD_PIXELS


ORIGIN: Final[tuple[float, float]] = _world(54.5, -3.5)
"""World pixel of 54.5 N, 3.5 W; everything is counted from here."""


def to_world(latitude: ArrayLike, longitude: ArrayLike) -> tuple[Floats, Floats]:
    """Return world pixels less ``ORIGIN`` of WGS 84 degrees, element by element.

    Latitudes beyond ``MOST_LATITUDE`` are taken as that; of NaN the answer is NaN.
    """
    lat = np.clip(np.asarray(latitude, np.float64), -MOST_LATITUDE, MOST_LATITUDE)
    lon = np.asarray(longitude, np.float64)
    # asinh(tan(lat)) is ln(tan(pi/4 + lat/2)), and keeps its precision near the equator.
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * WORLD_PIXELS
    x = (lon + 180) / 360 * WORLD_PIXELS
    return np.asarray(x - ORIGIN[0]), np.asarray(y - ORIGIN[1])


def to_geo(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Return latitude and longitude, WGS 84 degrees, of world pixels less ``ORIGIN``."""
    across = (np.asarray(x, np.float64) + ORIGIN[0]) / WORLD_PIXELS
    down = (np.asarray(y, np.float64) + ORIGIN[1]) / WORLD_PIXELS
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * down))))
    return np.asarray(lat), np.asarray(across * 360 - 180)


def metres_per_pixel(latitude: float, zoom: float) -> float:
    """Return how many metres a pixel of the screen is wide at a latitude and a zoom.

    Args:
        latitude: degrees, within 85.05 north or south.
        zoom: 0 is the world in 256 pixels; each step doubles it.
    """
    return EQUATOR_M / WORLD_PIXELS * math.cos(math.radians(latitude)) * math.exp2(-zoom)
