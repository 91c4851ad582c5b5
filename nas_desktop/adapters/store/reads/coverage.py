"""Which cameras an answer could see, and when: from counts of five minutes a camera.

A camera counts as silent where, by its own share of the traffic at that time, seven reads or more
would have been expected and none is there: by chance that happens once in a thousand times. The
bound is inferred; it makes a busy camera's ten quiet minutes speak and a lane's quiet night not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nas_desktop.adapters.store.reads.columns import BIN_US, Table, instant, micros
from nas_desktop.adapters.store.reads.marks import I64, Bools
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.query import ReadQuery
from nas_desktop.services.areas import AreaTest
from nas_desktop.services.searches import Coverage, CoverageGap, GapKind, Holder

EXPECTED = 7.0
"""Reads that must be missing before silence is one."""

MOST_BINS = 2_304
"""Bins looked at, eight days of five minutes; a longer time is looked at in wider ones."""

MOST_GAPS = 500
_BEFORE_US = 24 * 3_600_000_000

_RELATIVE = (
    (GapKind.LATE, 1),
    (GapKind.DEGRADED, 2),
)


@dataclass(frozen=True, slots=True)
class Lost:
    """A time of which the store has lost what it held, microseconds since 1970."""

    since: int
    until: int


@dataclass(slots=True)
class _Counts:
    """Reads, late ones and degraded ones: one plane each, a row a camera, a column a bin."""

    first: int
    width: int
    cameras: list[CameraId]
    planes: NDArray[np.int32]

    def at(self, bin_number: int) -> int:
        """Return the microsecond a bin begins with."""
        return (self.first + bin_number) * self.width


_N = TypeVar("_N", int, NDArray[np.int32])


def is_most(some: _N, reads: _N) -> Any:  # Any: truth of one, or of each
    """Tell where more than half of the reads are late, or degraded."""
    return some * 2 > reads


def cameras_asked(query: ReadQuery, cameras: Mapping[CameraId, Camera]) -> list[Camera]:
    """Return the registered cameras that a question is about."""
    area = AreaTest(query.area) if query.area is not None else None
    return [
        camera
        for camera in cameras.values()
        if (not query.cameras or camera.camera_id in query.cameras)
        and (not query.feeds or camera.camera_id.feed_id in query.feeds)
        and (not query.sources or camera.camera_id.source_id in query.sources)
        and (not query.kinds or camera.kind in query.kinds)
        and (area is None or (camera.position is not None and area.holds(camera.position)))
    ]


def coverage_of(
    tables: Sequence[Table],
    query: ReadQuery,
    cameras: Mapping[CameraId, Camera],
    holder: Holder,
    now: datetime,
    held_since: datetime,
    lost: Sequence[Lost] = (),
    problems: Sequence[str] = (),
) -> Coverage:
    """Return what an answer to a question could see.

    Args:
        tables: what was looked at.
        query: the question.
        cameras: the registered ones.
        holder: whose store it is.
        now: the present; nothing after it can have been seen.
        held_since: from when on the store can hold anything.
        lost: times of which it has lost something.
        problems: sentences about whole parts.
    """
    asked = cameras_asked(query, cameras)
    known = {camera.camera_id for camera in asked}
    asked += [  # asked for by number, though nobody has registered them
        Camera(camera_id, str(camera_id), CameraKind.FIXED)
        for camera_id in query.cameras
        if camera_id not in known and camera_id not in cameras
    ]
    since, until = micros(query.since), min(micros(query.until), micros(now))
    if until <= since or not asked:
        return Coverage(holder, len(asked), 0, 0.0, problems=tuple(problems))
    counts = _counted(tables, since, until)
    held = micros(held_since)
    rows = {camera: n for n, camera in enumerate(counts.cameras)}
    total = counts.planes[0].sum(axis=0)
    gaps: list[tuple[CoverageGap, int]] = []
    unseen = 0
    whole = 0
    for camera in asked:
        row = rows.get(camera.camera_id)
        own = _gaps(counts, row, total, since, until, held, lost, camera)
        unseen += _united([(a, b) for kind, a, b in own if kind not in _RELATIVE_KINDS])
        whole += not own
        for kind, start, end in own:
            gap = CoverageGap(camera.camera_id, camera.alias, instant(start), instant(end), kind)
            gaps.append((gap, end - start))
    gaps.sort(key=lambda item: (-item[1], item[0].camera, item[0].since))
    return Coverage(
        holder,
        asked=len(asked),
        whole=whole,
        share=1 - unseen / (len(asked) * (until - since)),
        gaps=tuple(gap for gap, _length in gaps[:MOST_GAPS]),
        more_gaps=max(0, len(gaps) - MOST_GAPS),
        problems=tuple(problems),
        held_since=held_since if held > since else None,
    )


_RELATIVE_KINDS = frozenset(kind for kind, _plane in _RELATIVE)


def _counted(tables: Sequence[Table], since: int, until: int) -> _Counts:
    """Count reads by camera and bin from a day before the time asked for, to know what is usual."""
    start = since - _BEFORE_US
    width = BIN_US * max(1, -(-(until - start) // (BIN_US * MOST_BINS)))
    first, last = start // width, (until - 1) // width + 1
    numbers: dict[CameraId, int] = {}
    parts: list[tuple[I64, I64]] = []
    for table in tables:
        if not table.rows or table.last_at < start or table.first_at >= until:
            continue
        own = np.array([numbers.setdefault(c, len(numbers)) for c in table.cameras()], np.int64)
        bins = table.bins()
        spot = bins[:, 1] * BIN_US // width - first
        inside = (spot >= 0) & (spot < last - first)
        parts.append((own[bins[inside, 0]] * (last - first) + spot[inside], bins[inside, 2:]))
    size = max(1, len(numbers)) * (last - first)
    planes = np.zeros((3, size), np.int32)
    for where, values in parts:
        for plane in range(3):
            np.add.at(planes[plane], where, values[:, plane])
    return _Counts(first, width, list(numbers), planes.reshape(3, -1, last - first))


def _gaps(
    counts: _Counts,
    row: int | None,
    total: NDArray[np.int64],
    since: int,
    until: int,
    held: int,
    lost: Sequence[Lost],
    camera: Camera,
) -> list[tuple[GapKind, int, int]]:
    found: list[tuple[GapKind, int, int]] = []
    if held > since:
        found.append((GapKind.NOT_HELD, since, min(held, until)))
    found += [
        (GapKind.NOT_HELD, max(one.since, since), min(one.until, until))
        for one in lost
        if one.since < until and one.until > since
    ]
    begins = max(since, held)
    if begins >= until:
        return found
    if row is None:
        found.append((GapKind.NEVER_HEARD, begins, until))
        return found
    reads = counts.planes[0, row]
    silent = _silent(reads, total, is_mobile=camera.kind is CameraKind.MOBILE)
    found += [(GapKind.SILENT, a, b) for a, b in _spans(counts, silent, begins, until)]
    for kind, plane in _RELATIVE:
        share = is_most(counts.planes[plane, row], reads)
        found += [(kind, a, b) for a, b in _spans(counts, share & (reads > 0), begins, until)]
    return found


def _silent(reads: NDArray[np.int32], total: NDArray[np.int64], *, is_mobile: bool) -> Bools:
    """Tell in which bins a camera is missing: a run of none where several were to be expected."""
    everything = float(total.sum())
    expected = total * (float(reads.sum()) / everything) if everything else np.zeros(len(total))
    silent = np.zeros(len(reads), np.bool_)
    for first, last in _runs(reads == 0):
        # A mobile unit that is not on the road is not silent; a store that got nothing is deaf.
        is_missed = not is_mobile and expected[first:last].sum() >= EXPECTED
        silent[first:last] = is_missed
    for first, last in _runs(total == 0):
        if last - first >= 2:
            silent[first:last] = True
    return silent


def _runs(flags: Bools) -> Iterator[tuple[int, int]]:
    """Yield (first, behind the last) of each run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _spans(counts: _Counts, flags: Bools, since: int, until: int) -> Iterator[tuple[int, int]]:
    for first, last in _runs(flags):
        start, end = max(since, counts.at(first)), min(until, counts.at(last))
        if start < end:
            yield start, end


def _united(spans: Sequence[tuple[int, int]]) -> int:
    """Return the length of some spans, what they share counted once."""
    length, reached = 0, -1
    for start, end in sorted(spans):
        length += max(0, end - max(start, reached))
        reached = max(reached, end)
    return length
