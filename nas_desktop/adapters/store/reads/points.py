"""What a search found as points, column by column, without making a read of any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from nas_desktop.adapters.store.reads.blocks import Damaged
from nas_desktop.adapters.store.reads.columns import (
    NO_PLACE,
    Table,
    gathered,
    keys_at,
    micros,
)
from nas_desktop.adapters.store.reads.marks import I64, U64, Bools, Keys, keys_of
from nas_desktop.adapters.store.reads.scan import Cancelled, Matches
from nas_desktop.adapters.store.reads.segment import Segment
from nas_desktop.domain.camera import Camera, CameraId
from nas_desktop.domain.directions import direction_of
from nas_desktop.domain.query import Direction
from nas_desktop.domain.read import Read
from nas_desktop.services.map_points import DIRECTIONS, GONE, I32, MapPoints, PointCamera

_NUMBER_OF = {direction: number for number, direction in enumerate(DIRECTIONS)}


def points_of_matches(
    tables: Sequence[Table],
    matches: Matches,
    cameras: Mapping[CameraId, Camera],
    hits: Sequence[Read],
    is_cancelled: Callable[[], bool],
    on_damage: Callable[[Table, Damaged], None],
) -> MapPoints:
    """Return the points of matches in their order; what cannot be read any more is gone.

    Args:
        tables: those that the matches count in.
        matches: what was found.
        cameras: registrations, for their aliases and directions.
        hits: the reads that raised a hit, of the time in question at least.
        is_cancelled: looked at between two tables.
        on_damage: told of a table that turned out damaged.

    Raises:
        Cancelled: somebody gave up.
    """
    count = len(matches)
    latitude, longitude = np.full(count, np.nan), np.full(count, np.nan)
    camera = np.full(count, GONE, np.int32)
    direction = np.full(count, _NUMBER_OF[Direction.UNKNOWN], np.int8)
    first, second = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    known: dict[CameraId, int] = {}
    named: list[PointCamera] = []
    for number in np.flatnonzero(np.bincount(matches.tables)).tolist():
        if is_cancelled():
            raise Cancelled
        table = tables[number]
        if isinstance(table, Segment) and table.is_dropped:
            continue
        inside = (matches.tables == number).nonzero()[0]
        inside = inside[np.argsort(matches.rows[inside], kind="stable")]
        rows = matches.rows[inside]
        try:
            context, place = gathered(table, "context", rows), gathered(table, "place", rows)
            keys = keys_at(table, gathered(table, "mark", rows))
            contexts, degrees = table.contexts, table.places[place]
        except Damaged as fault:
            on_damage(table, fault)
            continue
        camera_of, direction_number = np.empty((2, len(contexts)), np.int32)
        for at, one in enumerate(contexts):
            registered = cameras.get(one.camera)
            if one.camera not in known:
                alias = registered.alias if registered is not None else one.alias
                known[one.camera] = len(named)
                named.append(PointCamera(one.camera, alias))
            camera_of[at] = known[one.camera]
            way, _source = direction_of(one.lane, one.preset, registered)
            direction_number[at] = _NUMBER_OF[way]
        camera[inside] = camera_of[context]
        direction[inside] = direction_number[context]
        first[inside], second[inside] = keys.first, keys.second
        degrees[place == NO_PLACE] = np.nan
        latitude[inside], longitude[inside] = degrees[:, 0], degrees[:, 1]
    vehicle = _numbered(first, second)
    vehicle[camera == GONE] = GONE
    return MapPoints(
        latitude, longitude, matches.at, camera, vehicle, direction, tuple(named),
        _with_hits(matches.at, Keys(first, second), camera, known, hits),
    )  # fmt: skip


def without(points: MapPoints, gone: Bools) -> MapPoints:
    """Return points of which some rows are gone."""
    if not gone.any():
        return points
    return replace(
        points,
        latitude=np.where(gone, np.nan, points.latitude),
        longitude=np.where(gone, np.nan, points.longitude),
        camera=np.where(gone, GONE, points.camera).astype(np.int32),
        vehicle=np.where(gone, GONE, points.vehicle).astype(np.int32),
    )


def _numbered(first: U64, second: U64) -> I32:
    """Return a number for each mark: the same mark, the same number."""
    if not second.any():
        return np.unique(first, return_inverse=True)[1].astype(np.int32)
    order = np.lexsort((second, first))
    is_new = np.ones(len(order), np.bool_)
    is_new[1:] = (first[order][1:] != first[order][:-1]) | (second[order][1:] != second[order][:-1])
    numbers = np.empty(len(order), np.int32)
    numbers[order] = np.cumsum(is_new) - 1
    return numbers


def _with_hits(
    at: I64,
    keys: Keys,
    camera: I32,
    known: Mapping[CameraId, int],
    hits: Sequence[Read],
) -> Bools:
    """Tell which rows raised a hit: the same instant, mark and camera."""
    found = np.zeros(len(at), np.bool_)
    if not hits or not len(at):
        return found
    times = np.array([micros(read.captured_at) for read in hits], np.int64)
    marks = keys_of([read.vrm for read in hits])
    wanted = {
        (when, one, two, known.get(read.camera, GONE))
        for when, one, two, read in zip(
            times.tolist(), marks.first.tolist(), marks.second.tolist(), hits, strict=True
        )
    }
    for row in np.flatnonzero(np.isin(at, times)).tolist():
        this = int(at[row]), int(keys.first[row]), int(keys.second[row]), int(camera[row])
        found[row] = this in wanted and camera[row] != GONE
    return found
