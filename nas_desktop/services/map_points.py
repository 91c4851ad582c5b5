"""The answer of a search as points: columns of numbers, one row a read, drawn by the map.

The mark of a vehicle is not in it: what belongs to a point is fetched by its row, as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Direction
from nas_desktop.services.mercator import to_world
from nas_desktop.services.searches import FoundRead

Bools: TypeAlias = NDArray[np.bool_]
F32: TypeAlias = NDArray[np.float32]
F64: TypeAlias = NDArray[np.float64]
I8: TypeAlias = NDArray[np.int8]
I32: TypeAlias = NDArray[np.int32]
I64: TypeAlias = NDArray[np.int64]

DIRECTIONS: tuple[Direction, ...] = tuple(Direction)
"""What ``MapPoints.direction`` counts in; the order is that of the wire."""

GONE = -1
"""Camera and vehicle of a row whose read has become due, or whose file is damaged."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class PointCamera:
    """A camera that reads of an answer come from."""

    camera_id: CameraId
    alias: str = ""


@dataclass(frozen=True, eq=False)
class MapPoints:
    """The rows of an answer in an order, as columns of one length.

    ``latitude`` and ``longitude`` are degrees, NaN without a fix; ``at`` is the capture time in
    microseconds since 1970 UTC. ``camera`` counts in ``cameras``, ``direction`` in ``DIRECTIONS``.
    ``vehicle`` is a number of the VRM from 0 that means nothing beyond this answer. A row whose
    read is there no more has ``GONE`` for camera and vehicle, and no fix.
    """

    latitude: F64
    longitude: F64
    at: I64
    camera: I32
    vehicle: I32
    direction: I8
    cameras: tuple[PointCamera, ...]
    has_hit: Bools | None = None

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def _world(self) -> tuple[F32, F32]:
        x, y = to_world(self.latitude, self.longitude)
        return x.astype(np.float32), y.astype(np.float32)

    @property
    def world(self) -> tuple[F32, F32]:
        """World pixels at zoom 0 from ``mercator.ORIGIN``: x to the east, y to the south."""
        return self._world

    @cached_property
    def has_fix(self) -> Bools:
        """Which rows have a place."""
        fixed: Bools = ~np.isnan(self.latitude)
        return fixed

    @cached_property
    def is_gone(self) -> Bools:
        """Which rows have no read any more."""
        gone: Bools = self.camera < 0
        return gone

    @cached_property
    def no_fix(self) -> tuple[int, I64]:
        """How many reads have no place, and their rows in order; rows that are gone are none."""
        rows = np.flatnonzero(~self.has_fix & ~self.is_gone)
        return len(rows), rows

    @cached_property
    def _by_x(self) -> tuple[F32, I64]:
        """World x in order, and the row of each; rows without a fix are left out."""
        fixed = np.flatnonzero(self.has_fix)
        x = self._world[0][fixed]
        order = np.argsort(x, kind="stable")
        return x[order], fixed[order]

    def prepare(self) -> None:
        """Work out beforehand what the first click needs; a tenth of a second, on any thread."""
        if len(self._by_x[0]):
            _ = self.no_fix

    def bounds(self) -> tuple[Position, Position] | None:
        """Return the south-west and north-east corners, or None where no row has a place."""
        if not self.has_fix.any():
            return None
        south, north = np.nanmin(self.latitude), np.nanmax(self.latitude)
        west, east = np.nanmin(self.longitude), np.nanmax(self.longitude)
        return Position(float(south), float(west)), Position(float(north), float(east))

    def within(self, since_us: int, until_us: int) -> Bools:
        """Return which reads were captured from ``since_us`` on and before ``until_us``."""
        inside: Bools = (self.at >= since_us) & (self.at < until_us) & ~self.is_gone
        return inside

    def near(
        self,
        position: Position,
        radius_px: float,
        zoom: float,
        mask: Bools | None = None,
        limit: int = 50,
    ) -> I64:
        """Return the rows within a radius of a position at a zoom, the nearest first.

        Args:
            position: where somebody points.
            radius_px: reach in pixels of the screen.
            zoom: of the map, 0 to 24, with fractions.
            mask: only these rows; all where it is None.
            limit: most rows; of those equally near the first come first.
        """
        x0, y0 = to_world(np.array([position.latitude]), np.array([position.longitude]))
        reach = radius_px / 2.0**zoom
        xs, rows = self._by_x
        first = int(xs.searchsorted(np.float32(x0[0] - reach)))
        last = int(xs.searchsorted(np.float32(x0[0] + reach), side="right"))
        some = rows[first:last]
        if mask is not None:
            some = some[mask[some]]
        across = self._world[0][some] - np.float32(x0[0])
        down = self._world[1][some] - np.float32(y0[0])
        apart = across * across + down * down
        inside = apart <= np.float32(reach * reach)
        some, apart = some[inside], apart[inside]
        if 0 < limit < len(some):
            edge = np.partition(apart, limit - 1)[limit - 1]
            nearer, level = apart < edge, some[apart == edge]
            missing = limit - int(np.count_nonzero(nearer))
            level = np.sort(np.partition(level, missing - 1)[:missing])
            some = np.concatenate([some[nearer], level])
            apart = np.concatenate([apart[nearer], np.full(missing, edge, apart.dtype)])
        return some[np.lexsort((some, apart))][: max(0, limit)]


def no_points() -> MapPoints:
    """Return the points of an answer without rows."""
    return points_of(())


def points_of(rows: Sequence[FoundRead]) -> MapPoints:
    """Return the points of rows that are there as such."""
    cameras: dict[CameraId, PointCamera] = {}
    for row in rows:
        cameras.setdefault(row.read.camera, PointCamera(row.read.camera, row.read.alias))
    numbers = {camera: number for number, camera in enumerate(cameras)}
    vehicles: dict[str, int] = {}
    for row in rows:
        vehicles.setdefault(row.read.vrm, len(vehicles))
    directions = {direction: number for number, direction in enumerate(DIRECTIONS)}
    places = [row.read.position or (np.nan, np.nan) for row in rows]
    place = np.array(places, np.float64).reshape(-1, 2)
    return MapPoints(
        place[:, 0].copy(),
        place[:, 1].copy(),
        np.array([(row.read.captured_at - _EPOCH) // _US for row in rows], np.int64),
        np.array([numbers[row.read.camera] for row in rows], np.int32),
        np.array([vehicles[row.read.vrm] for row in rows], np.int32),
        np.array([directions[row.direction] for row in rows], np.int8),
        tuple(cameras.values()),
        np.array([row.has_hit for row in rows], np.bool_),
    )


def taken(points: MapPoints, rows: I64 | slice) -> MapPoints:
    """Return some rows, with those cameras only that they come from."""
    camera = points.camera[rows]
    used = np.unique(camera[camera >= 0])
    number = np.full(len(points.cameras) + 1, GONE, np.int32)
    number[used] = np.arange(len(used))
    return MapPoints(
        points.latitude[rows],
        points.longitude[rows],
        points.at[rows],
        number[camera],  # GONE is the last one, and stays what it is
        points.vehicle[rows],
        points.direction[rows],
        tuple(points.cameras[n] for n in used.tolist()),
        None if points.has_hit is None else points.has_hit[rows],
    )


def joined(parts: Sequence[MapPoints]) -> MapPoints:
    """Return rows one after another; a camera that several parts name is one camera."""
    if not parts:
        return no_points()
    cameras: dict[CameraId, PointCamera] = {}
    numbers: dict[CameraId, int] = {}
    found = []
    for part in parts:
        for one in part.cameras:
            if numbers.setdefault(one.camera_id, len(numbers)) == len(cameras):
                cameras[one.camera_id] = one
        number = np.array([numbers[c.camera_id] for c in part.cameras] + [GONE], np.int32)
        found.append(number[part.camera])
    hits = [part.has_hit for part in parts if part.has_hit is not None]
    return MapPoints(
        np.concatenate([part.latitude for part in parts]),
        np.concatenate([part.longitude for part in parts]),
        np.concatenate([part.at for part in parts]),
        np.concatenate(found),
        np.concatenate([part.vehicle for part in parts]),
        np.concatenate([part.direction for part in parts]),
        tuple(cameras.values()),
        np.concatenate(hits) if len(hits) == len(parts) else None,
    )
