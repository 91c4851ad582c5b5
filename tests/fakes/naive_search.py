"""Every criterion of a question asked of one read at a time: slow, plain, and the oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.directions import direction_of
from nas_desktop.domain.matching.confusions import Confusions, neighbours_of
from nas_desktop.domain.matching.patterns import fits
from nas_desktop.domain.query import Direction, ReadQuery
from nas_desktop.domain.read import Read, ReadFlag
from nas_desktop.domain.retention import Retention
from nas_desktop.domain.vrm import UNREAD
from nas_desktop.services.areas import AreaTest

Cameras = Mapping[CameraId, Camera]


def found(
    reads: Sequence[Read],
    query: ReadQuery,
    cameras: Cameras,
    confusions: Confusions,
    retention: Retention,
    now: datetime,
) -> tuple[dict[bytes, int | None], int]:
    """Return the ids of the reads that fit with their distances, and how many direction hides."""
    alike: dict[str, int] = {}
    for mark in query.look_alikes:
        alike[mark] = 0
        for other, distance in neighbours_of(mark, query.distance, confusions.steps()).items():
            alike[other] = min(distance, alike.get(other, distance))
    kept: dict[bytes, int | None] = {}
    hidden = 0
    for read in reads:
        if retention.due_of(read) <= now:
            continue
        distance = _mark(read, query, alike)
        if distance is None or not _rest(read, query, cameras):
            continue
        if _direction(read, query, cameras):
            kept[read.read_id] = None if distance < 0 else distance
        else:
            hidden += 1
    return kept, hidden


def _mark(read: Read, query: ReadQuery, alike: Mapping[str, int]) -> int | None:
    """Return the distance (-1: none asked for) or None where the mark does not fit."""
    if not query.has_mark:
        return -1
    plain = 0 if query.look_alikes else -1
    ways = []
    if read.vrm in query.marks or (query.unread and read.vrm == UNREAD):
        ways.append(plain)
    if read.vrm != UNREAD:
        if any(fits(p, read.vrm) for p in query.patterns):
            ways.append(plain)
        if read.vrm in alike:
            ways.append(alike[read.vrm])
    return min(ways) if ways else None


def _rest(read: Read, query: ReadQuery, cameras: Cameras) -> bool:
    return (
        query.since <= read.captured_at < query.until
        and (not query.cameras or read.camera in query.cameras)
        and (not query.feeds or read.camera.feed_id in query.feeds)
        and (not query.sources or read.camera.source_id in query.sources)
        and (not query.kinds or read.kind in query.kinds)
        and (not query.lanes or read.lane_id in query.lanes)
        and (not query.late_only or ReadFlag.BUFFERED in read.flags)
        and (query.area is None or _inside(read, query, cameras))
    )


def _inside(read: Read, query: ReadQuery, cameras: Cameras) -> bool:
    position = read.position
    if position is None and read.kind is not CameraKind.MOBILE and read.camera in cameras:
        position = cameras[read.camera].position
    return position is not None and query.area is not None and AreaTest(query.area).holds(position)


def _direction(read: Read, query: ReadQuery, cameras: Cameras) -> bool:
    if not query.directions:
        return True
    direction, _source = direction_of(read.lane_id, read.preset_id, cameras.get(read.camera))
    if direction is Direction.UNKNOWN:
        return query.includes_unknown
    return direction in query.directions
