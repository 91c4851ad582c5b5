"""The British National Grid: references to and from WGS 84, and its lines on the map.

Ordnance Survey National Grid (EPSG:27700) through the seven-parameter shift of Ordnance Survey
(EPSG:1314), which is within 2 to 5 m of the truth in Great Britain; the exact OSTN15 is a file of
its own and is not used, so that a place has the same reference on every machine. PROJ never asks
the network for anything.

The grid covers Great Britain and the Isle of Man. Northern Ireland has the Irish Grid, which is
not written here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import Final, NoReturn

import numpy as np
import pyproj
import pyproj.network
from numpy.typing import ArrayLike, NDArray

from nas_desktop.domain.geo import Position
from nas_desktop.domain.query_area import QueryRefused
from nas_desktop.services.mercator import Floats, metres_per_pixel, to_geo, to_world

EAST_M: Final = 700_000
NORTH_M: Final = 1_300_000
"""The grid is 700 km wide and 1,300 km high, from its false origin south-west of Scilly."""

EXAMPLES: Final = "Write SJ 91840 47400, 391840, 347400 or 52.98, -2.15."

MOST_LINES: Final = 80
"""Most lines of a graticule."""

_LETTERS: Final = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # no I
_SPACINGS_M: Final = (100, 1_000, 10_000, 100_000)
_LEAST_APART_PX: Final = 60.0
_LEAST_ZOOM: Final = 5
_STEPS: Final = 48
_REFERENCE = re.compile(r"([A-HJ-Z]{2})\s*([0-9][0-9 \t]*)")
_PAIR_OF_METRES = re.compile(r"(\d{4,7}(?:\.\d+)?)\s*[,; ]\s*(\d{4,7}(?:\.\d+)?)")
_DEGREES = re.compile(
    r"""(?x)
    (?P<before>[NSEW])?\s*
    (?P<degrees>[+-]?\d{1,3}(?:\.\d+)?)\s*°?\s*
    (?:(?P<minutes>\d{1,2}(?:\.\d+)?)\s*['’′]\s*)?
    (?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:["”″]|'')\s*)?
    (?P<after>[NSEW])?
    """
)
_BEFORE_LETTER: Final = r"(?<=[\d'\"’′”″])\s*(?=[NSEW])"
_LONGEST: Final = 100
_LATITUDES: Final = (49.0, 61.5)
_LONGITUDES: Final = (-12.0, 12.0)


# Written out, not left to PROJ's choice by area: near the edge of the grid it chooses differently
# for there and for back, and the two are 70 m apart.
_PIPELINE: Final = """
    +proj=pipeline
    +step +proj=unitconvert +xy_in=deg +xy_out=rad
    +step +proj=push +v_3
    +step +proj=cart +ellps=WGS84
    +step +inv +proj=helmert +x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 +rz=0.842
          +s=-20.489 +convention=position_vector
    +step +inv +proj=cart +ellps=airy
    +step +proj=pop +v_3
    +step +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy
"""


@cache
def _transformer() -> pyproj.Transformer:
    pyproj.network.set_network_enabled(active=False)
    return pyproj.Transformer.from_pipeline(" ".join(_PIPELINE.split()))


def to_grid(latitude: ArrayLike, longitude: ArrayLike) -> tuple[Floats, Floats]:
    """Return eastings and northings in metres of WGS 84 degrees; infinite where there are none."""
    east, north = _transformer().transform(
        np.asarray(longitude, np.float64), np.asarray(latitude, np.float64)
    )
    return np.asarray(east, np.float64), np.asarray(north, np.float64)


def from_grid(easting: ArrayLike, northing: ArrayLike) -> tuple[Floats, Floats]:
    """Return latitude and longitude, WGS 84 degrees, of eastings and northings in metres."""
    lon, lat = _transformer().transform(
        np.asarray(easting, np.float64), np.asarray(northing, np.float64), direction="INVERSE"
    )
    return np.asarray(lat, np.float64), np.asarray(lon, np.float64)


def is_on_grid(position: Position) -> bool:
    """Tell whether a position lies in the rectangle of the grid."""
    return _on_grid(*(float(v) for v in to_grid(position.latitude, position.longitude)))


def grid_reference(position: Position, digits: int = 10) -> str:
    """Return the reference of the square that a position lies in, ``SJ 91840 47400``.

    Args:
        position: WGS 84; outside the grid the answer is an empty string.
        digits: 0, 2, 4, 6, 8 or 10: squares of 100 km down to 1 m.

    Raises:
        ValueError: another number of digits.
    """
    if digits not in (0, 2, 4, 6, 8, 10):
        raise ValueError(digits)
    # To the centimetre first: there and back is right within a millimetre or two.
    x, y = (round(float(v), 2) for v in to_grid(position.latitude, position.longitude))
    if not _on_grid(x, y):
        return ""
    east, north = math.floor(x), math.floor(y)
    size = digits // 2
    letters = _letters_of(east // 100_000, north // 100_000)
    if not size:
        return letters
    unit = 10 ** (5 - size)
    return f"{letters} {east % 100_000 // unit:0{size}d} {north % 100_000 // unit:0{size}d}"


def position_of(text: str) -> Position:
    """Return the position that somebody wrote.

    Taken are references of the National Grid of 2 to 10 digits, of which the answer is the middle
    of the square; eastings and northings in metres; latitude and longitude in degrees,
    with minutes and seconds, with signs or N, S, E, W, in that order or as the letters say.

    Raises:
        QueryRefused: it is none of them, is not on the grid or the Earth, is 0, 0 (no fix), or
            seems to have latitude and longitude the wrong way round.
    """
    words = " ".join(text.upper().split())
    if not words:
        raise QueryRefused("area", "No place is written.", EXAMPLES)
    if len(words) > _LONGEST:
        raise QueryRefused("area", "That is too long to be a place.", EXAMPLES)
    if found := _REFERENCE.fullmatch(words):
        return _of_reference(found[1], found[2])
    if found := _PAIR_OF_METRES.fullmatch(words):
        return _of_metres(float(found[1]), float(found[2]))
    return _of_degrees(words)


def checked_position(latitude: float, longitude: float) -> Position:
    """Return a position that is one.

    Raises:
        QueryRefused: not a number, off the Earth, 0, 0 (no fix), or the wrong way round.
    """
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        raise QueryRefused("area", "A co-ordinate is no number.", EXAMPLES)
    if latitude == 0 and longitude == 0:
        raise QueryRefused("area", "0, 0 is what a camera without a fix says: no place.", EXAMPLES)
    if _is_swapped(latitude, longitude):
        raise QueryRefused(
            "area",
            "Latitude and longitude seem to be the wrong way round.",
            f"Did you mean {longitude:g}, {latitude:g}?",
        )
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise QueryRefused(
            "area",
            "That place is not on the Earth.",
            "Latitude is -90 to 90 and stands first, longitude -180 to 180.",
        )
    return Position(latitude, longitude)


@dataclass(frozen=True, slots=True, eq=False)
class GridLine:
    """One line of the grid.

    Attributes:
        label: what stands at its edge: the kilometres from the origin of lines 100 km apart, else
            the digits within the 100 km square as a reference has them, 2 or 3.
        is_easting: it runs from south to north and has one easting.
        metres: that easting, or northing.
        xy: float32 (n, 2), world pixels less the origin of ``services.mercator``.
    """

    label: str
    is_easting: bool
    metres: int
    xy: NDArray[np.float32]


def graticule(box: tuple[float, float, float, float], zoom: float) -> list[GridLine]:
    """Return the lines of the grid in a part of the map, at most ``MOST_LINES``.

    Args:
        box: west, north, east, south in world pixels less the origin, y growing to the south.
        zoom: lines are 100 m, 1 km, 10 km or 100 km apart; the first that are 60 pixels, else
            100 km. Below zoom 5 there are none.
    """
    west, north, east, south = box
    if not (all(map(math.isfinite, box)) and math.isfinite(zoom) and west < east and north < south):
        return []
    bounds = _bounds(box) if zoom >= _LEAST_ZOOM else None
    if bounds is None:
        return []
    scale = metres_per_pixel(54.5, zoom)
    for spacing in _SPACINGS_M:
        eastings = _multiples(bounds[0], bounds[2], EAST_M, spacing)
        northings = _multiples(bounds[1], bounds[3], NORTH_M, spacing)
        if spacing / scale >= _LEAST_APART_PX and len(eastings) + len(northings) <= MOST_LINES:
            break
    first, low, last, high = (
        max(bounds[0], 0.0), max(bounds[1], 0.0), min(bounds[2], EAST_M), min(bounds[3], NORTH_M)
    )  # fmt: skip
    along = np.linspace(0.0, 1.0, _STEPS)
    count = len(eastings)
    x = np.empty((count + len(northings), _STEPS))
    y = np.empty_like(x)
    x[:count], y[:count] = eastings[:, None], low + (high - low) * along
    x[count:], y[count:] = first + (last - first) * along, northings[:, None]
    xy = np.stack(to_world(*from_grid(x, y)), axis=-1).astype(np.float32)
    metres = np.concatenate([eastings, northings]).tolist()
    return [
        GridLine(_label(m, spacing), k < count, m, xy[k]) for k, m in enumerate(metres)
    ]  # fmt: skip


def _bounds(box: tuple[float, float, float, float]) -> tuple[float, float, float, float] | None:
    """Return the eastings and northings that the edges of a box reach; None far from the grid."""
    west, north, east, south = box
    # What lies far away has no place on a projection made for one country.
    lat, lon = to_geo([west, east], [south, north])
    lats = np.clip(lat, 48.5, 62.5)
    lons = np.clip(lon, -11.5, 5.0)
    if lats[0] >= lats[1] or lons[0] >= lons[1]:
        return None
    t = np.linspace(0.0, 1.0, 17)
    across, up = lons[0] + (lons[1] - lons[0]) * t, lats[0] + (lats[1] - lats[0]) * t
    x, y = to_grid(
        np.concatenate([np.full(17, lats[0]), np.full(17, lats[1]), up, up]),
        np.concatenate([across, across, np.full(17, lons[0]), np.full(17, lons[1])]),
    )
    found = float(x.min()), float(y.min()), float(x.max()), float(y.max())
    if found[2] <= 0 or found[0] >= EAST_M or found[3] <= 0 or found[1] >= NORTH_M:
        return None
    return found


def _multiples(low: float, high: float, most: int, spacing: int) -> NDArray[np.int64]:
    first = math.ceil(max(low, 0.0) / spacing)
    last = math.floor(min(high, float(most)) / spacing)
    return np.arange(first, last + 1, dtype=np.int64) * spacing


def _label(metres: int, spacing: int) -> str:
    if spacing == 100_000:
        return f"{metres // 1_000} km"
    within = metres % 100_000
    if spacing >= 1_000:
        return f"{within // 1_000:02d}"
    return f"{within // 100:03d}"


def _on_grid(east: float, north: float) -> bool:
    return 0 <= east < EAST_M and 0 <= north < NORTH_M  # false for NaN and infinity too


def _letters_of(east: int, north: int) -> str:
    """Return the letters of a 100 km square, counted from the false origin."""
    column, row = east + 10, north + 5  # the letters begin 1,000 km west and 500 km south
    first = (4 - row // 5) * 5 + column // 5
    second = (4 - row % 5) * 5 + column % 5
    return _LETTERS[first] + _LETTERS[second]


def _of_reference(letters: str, written: str) -> Position:
    parts = written.split()
    digits = "".join(parts)
    if len(digits) % 2 or not 2 <= len(digits) <= 10:
        raise QueryRefused(
            "area", "A grid reference has 2, 4, 6, 8 or 10 digits after its letters.", EXAMPLES
        )
    if len(parts) == 2 and len(parts[0]) != len(parts[1]):
        raise QueryRefused(
            "area", "The two numbers of a grid reference are equally long.", EXAMPLES
        )
    first, second = _LETTERS.index(letters[0]), _LETTERS.index(letters[1])
    column = first % 5 * 5 + second % 5 - 10
    row = (4 - first // 5) * 5 + 4 - second // 5 - 5
    if not (0 <= column < 7 and 0 <= row < 13):
        raise QueryRefused(
            "area", f"{letters} is no square of the British National Grid.", EXAMPLES
        )
    size = len(digits) // 2
    unit = 10 ** (5 - size)
    return _of_metres(
        column * 100_000 + (int(digits[:size]) + 0.5) * unit,
        row * 100_000 + (int(digits[size:]) + 0.5) * unit,
    )


def _of_metres(east: float, north: float) -> Position:
    if not _on_grid(east, north):
        raise QueryRefused(
            "area",
            "That easting and northing are outside the British National Grid.",
            f"Eastings are 0 to {EAST_M:,} metres, northings 0 to {NORTH_M:,}.",
        )
    lat, lon = from_grid(east, north)
    return Position(float(lat), float(lon))


def _of_degrees(words: str) -> Position:
    if re.search(r"(?<![A-Z])(?:NAN|[+-]?INF(?:INITY)?)(?![A-Z])", words):
        raise QueryRefused("area", "A co-ordinate is no number.", EXAMPLES)
    parts = _split(words)
    if parts is None:
        _refuse_words()
    (first, one), (second, two) = _degrees(parts[0]), _degrees(parts[1])
    if (one and two and (one in "NS") is (two in "NS")) or bool(one) is not bool(two):
        raise QueryRefused("area", "One co-ordinate is north or south, one east or west.", EXAMPLES)
    if one in ("E", "W"):
        first, second = second, first
    elif one and not (-90 <= first <= 90 and -180 <= second <= 180):
        raise QueryRefused("area", "That place is not on the Earth.", EXAMPLES)
    return checked_position(first, second)


def _split(words: str) -> tuple[str, str] | None:
    for pattern in (r"\s*[,;]\s*", r"(?<=[NSEW])\s*(?=[\d+-])", _BEFORE_LETTER, r"\s+"):
        parts = re.split(pattern, words)
        if len(parts) == 2 and all(_DEGREES.fullmatch(part) for part in parts):
            return parts[0], parts[1]
    return None


def _degrees(text: str) -> tuple[float, str]:
    """Return degrees and the letter they came with."""
    found = _DEGREES.fullmatch(text)
    assert found is not None
    degrees = float(found["degrees"])
    minutes, seconds = float(found["minutes"] or 0), float(found["seconds"] or 0)
    letter = found["before"] or found["after"] or ""
    if (found["before"] and found["after"]) or minutes >= 60 or seconds >= 60:
        _refuse_words()
    if letter and found["degrees"][0] in "+-":
        _refuse_words()
    size = abs(degrees) + minutes / 60 + seconds / 3600
    is_negative = found["degrees"].startswith("-") or letter in ("S", "W")
    return (-size if is_negative else size), letter


def _is_swapped(latitude: float, longitude: float) -> bool:
    is_first_latitude = _LATITUDES[0] <= latitude <= _LATITUDES[1]
    is_second_latitude = _LATITUDES[0] <= longitude <= _LATITUDES[1]
    is_first_longitude = _LONGITUDES[0] <= latitude <= _LONGITUDES[1]
    return not is_first_latitude and is_second_latitude and is_first_longitude


def _refuse_words() -> NoReturn:
    raise QueryRefused(
        "area", "That is neither a grid reference nor latitude, longitude.", EXAMPLES
    )
