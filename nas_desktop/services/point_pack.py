"""Points of an answer as bytes: the columns one after another, little-endian, 24 bytes a row.

What comes out of ``from_binary`` is whole and within its bounds, whoever wrote the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nas_desktop.domain.errors import Refused
from nas_desktop.services.map_points import DIRECTIONS, GONE, I32, MapPoints, PointCamera, taken
from nas_desktop.services.searches import MOST_ROWS

POINTS_AT_ONCE = 32_768
"""Most rows in one answer."""

CAMERAS_AT_ONCE = 1_500
"""Most cameras in one answer; an answer with more of them has fewer rows."""

ROW_BYTES = 24

MOST_VEHICLES = 2 * MOST_ROWS
"""Above every number of a vehicle."""

NO_FIX = -(2**31)
"""Micro-degrees of a place that is not known."""

_MICRO = 1e6
_NO_CAMERA = 0xFFFF
_NO_VEHICLE = 0xFFFFFFFF
_HAS_HIT, _KNOWS_HITS = 1, 2
_LAST_US = 253_402_300_800_000_000
"""Microseconds from 1970 to the end of the year 9999."""

_COLUMNS = (("<i4", 4), ("<i4", 4), ("<i8", 8), ("<u2", 2), ("<u4", 4), ("u1", 1), ("u1", 1))


@dataclass(frozen=True, slots=True)
class PointsPage:
    """Rows from place ``first`` on as ``data``, of ``total`` in the answer; their ``cameras``."""

    first: int
    total: int
    data: bytes
    cameras: tuple[PointCamera, ...] = ()


def page_of(points: MapPoints, first: int, total: int) -> PointsPage:
    """Return as many of the rows, which begin at place ``first``, as have room in one answer."""
    room = fitting(points.camera)
    some = points if room == len(points) else taken(points, slice(room))
    return PointsPage(first, total, binary(some), some.cameras)


def binary(points: MapPoints) -> bytes:
    """Return the columns as bytes; the cameras, at most 65,534, go beside them.

    Degrees become micro-degrees, which is 0.06 m at most beside the place.
    """
    flags = np.zeros(len(points), np.uint8)
    if points.has_hit is not None:
        flags |= np.where(points.has_hit, _HAS_HIT | _KNOWS_HITS, _KNOWS_HITS).astype(np.uint8)
    is_fixed = points.has_fix
    degrees = []
    for axis in (points.latitude, points.longitude):
        micro = np.full(len(points), NO_FIX, np.int64)
        micro[is_fixed] = np.rint(axis[is_fixed] * _MICRO)
        degrees.append(micro)
    columns = (
        *degrees,
        points.at,
        np.where(points.camera < 0, _NO_CAMERA, points.camera),
        np.where(points.vehicle < 0, _NO_VEHICLE, points.vehicle.astype(np.int64)),
        points.direction,
        flags,
    )
    parts = zip(columns, _COLUMNS, strict=True)
    return b"".join(column.astype(form).tobytes() for column, (form, _width) in parts)


def from_binary(data: bytes, cameras: Sequence[PointCamera]) -> MapPoints:
    """Return the points that bytes hold.

    Raises:
        Refused: ``points_damaged``: no whole rows, or a value out of its bounds.
    """
    rows, rest = divmod(len(data), ROW_BYTES)
    if rest or len(cameras) >= _NO_CAMERA or len({c.camera_id for c in cameras}) != len(cameras):
        raise _damaged()
    columns, begin = [], 0
    for form, width in _COLUMNS:
        columns.append(np.frombuffer(data, form, rows, begin))
        begin += width * rows
    latitude, longitude, at, camera, vehicle, direction, flags = columns
    is_fixed = latitude != NO_FIX
    is_gone = camera == _NO_CAMERA
    faults = (
        is_fixed != (longitude != NO_FIX),
        is_fixed & (np.abs(latitude.astype(np.int64)) > 90_000_000),
        is_fixed & (np.abs(longitude.astype(np.int64)) > 180_000_000),
        (at < 0) | (at >= _LAST_US),
        ~is_gone & (camera >= len(cameras)),
        is_gone != (vehicle == _NO_VEHICLE),
        ~is_gone & (vehicle >= MOST_VEHICLES),
        is_gone & is_fixed,
        direction >= len(DIRECTIONS),
        (flags != 0) & (flags != _KNOWS_HITS) & (flags != _KNOWS_HITS | _HAS_HIT),
    )
    if any(fault.any() for fault in faults):
        raise _damaged()
    knows_hits = bool((flags & _KNOWS_HITS).all())
    return MapPoints(
        np.where(is_fixed, latitude / _MICRO, np.nan),
        np.where(is_fixed, longitude / _MICRO, np.nan),
        at.astype(np.int64),
        np.where(is_gone, GONE, camera.astype(np.int32)).astype(np.int32),
        np.where(is_gone, GONE, vehicle.astype(np.int64)).astype(np.int32),
        direction.astype(np.int8),
        tuple(cameras),
        (flags & _HAS_HIT).astype(np.bool_) if knows_hits else None,
    )


def fitting(cameras: I32) -> int:
    """Return how many of the first rows, by their cameras, have room in one answer."""
    some = cameras[:POINTS_AT_ONCE]
    _numbers, firsts = np.unique(some, return_index=True)
    if len(firsts) <= CAMERAS_AT_ONCE:
        return len(some)
    return int(np.sort(firsts)[CAMERAS_AT_ONCE])


def _damaged() -> Refused:
    return Refused(
        "points_damaged",
        "The node sent points that cannot be.",
        "Search again; if it happens again, tell the administrator.",
    )
