"""Coverage: who was silent, late, degraded, not held, never heard, and how much was looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from nas_desktop.adapters.store.reads.columns import MemoryTable, ReadColumns, micros
from nas_desktop.adapters.store.reads.coverage import Lost, coverage_of
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Circle, ReadQuery
from nas_desktop.domain.read import ReadFlag
from nas_desktop.services.searches import Coverage, GapKind, Holder
from tests.builders import NOON, a_read

START = NOON - timedelta(hours=6)


def camera(number: int, kind: CameraKind = CameraKind.FIXED) -> Camera:
    return Camera(CameraId("07", 12, number), f"Ash {number:02d}", kind, Position(51.4, -2.3), "")


def table(*rows: tuple[int, datetime, datetime, float, tuple[ReadFlag, ...]]) -> MemoryTable:
    """Return a table of (camera, from, to, seconds between two reads, flags)."""
    columns = ReadColumns()
    offset = 0
    for number, since, until, step, flags in rows:
        reads = []
        at = since
        while at < until:
            reads.append(
                a_read(
                    f"AB{offset + len(reads):05d}", at, camera=CameraId("07", 12, number),
                    received_at=at, flags=flags,
                )
            )  # fmt: skip
            at += timedelta(seconds=step)
        columns.add(reads, offset)
        offset += len(reads)
    return columns.table()


def cover(held: MemoryTable, *cameras: Camera, **changes: object) -> Coverage:
    values: dict[str, object] = {"feeds": ("07",)}
    lost = changes.pop("lost", ())
    held_since = changes.pop("held_since", START - timedelta(days=1))
    values.update(changes)
    query = ReadQuery(START, NOON, **values)  # type: ignore[arg-type]
    return coverage_of(
        [held], query, {c.camera_id: c for c in cameras}, Holder.DESK, NOON,
        held_since, lost, (),  # type: ignore[arg-type]
    )  # fmt: skip


def test_that_cameras_without_a_gap_are_seen_whole() -> None:
    held = table((1, START, NOON, 20, ()), (2, START, NOON, 30, ()))
    coverage = cover(held, camera(1), camera(2))
    assert (coverage.asked, coverage.whole, coverage.share, coverage.gaps) == (2, 2, 1.0, ())


def test_that_a_busy_camera_without_reads_was_silent() -> None:
    gone = START + timedelta(hours=2), START + timedelta(hours=3)
    held = table((1, START, NOON, 20, ()), (2, START, gone[0], 20, ()), (2, gone[1], NOON, 20, ()))
    coverage = cover(held, camera(1), camera(2))
    (gap,) = coverage.gaps
    assert (gap.alias, gap.kind, gap.since, gap.until) == ("Ash 02", GapKind.SILENT, *gone)
    assert coverage.share == pytest.approx(1 - 1 / 12)


def test_that_a_lane_with_little_traffic_may_have_a_quiet_hour() -> None:
    held = table((1, START, NOON, 20, ()), (2, START, NOON, 3_000, ()))
    assert cover(held, camera(1), camera(2)).whole == 2


def test_that_a_mobile_unit_off_the_road_is_not_silent() -> None:
    held = table((1, START, NOON, 20, ()), (2, START, START + timedelta(hours=1), 5, ()))
    assert cover(held, camera(1), camera(2, CameraKind.MOBILE)).whole == 2


def test_that_a_node_that_got_nothing_was_deaf_to_every_camera() -> None:
    later = START + timedelta(hours=2)
    held = table((1, START, START + timedelta(hours=1), 20, ()), (1, later, NOON, 20, ()))
    coverage = cover(held, camera(1), camera(2))
    kinds = {(gap.camera.nrd_id, gap.kind) for gap in coverage.gaps}
    assert kinds == {(1, GapKind.SILENT), (2, GapKind.NEVER_HEARD)}


def test_that_late_and_degraded_times_are_said_and_count_as_looked_at() -> None:
    middle = START + timedelta(hours=1)
    held = table(
        (1, START, middle, 20, (ReadFlag.BUFFERED,)),
        (1, middle, NOON, 20, ()),
        (2, START, middle, 20, (ReadFlag.CLOCK_AHEAD,)),
        (2, middle, NOON, 20, ()),
    )
    coverage = cover(held, camera(1), camera(2))
    kinds = {gap.camera.nrd_id: gap.kind for gap in coverage.gaps}
    assert kinds == {1: GapKind.LATE, 2: GapKind.DEGRADED}
    assert (coverage.whole, coverage.share) == (0, 1.0)


def test_that_what_was_lost_or_never_held_is_not_held() -> None:
    held = table((1, START, NOON, 20, ()))
    lost = [Lost(micros(START + timedelta(hours=4)), micros(START + timedelta(hours=5)))]
    coverage = cover(held, camera(1), lost=lost, held_since=START + timedelta(hours=1))
    assert [gap.kind for gap in coverage.gaps] == [GapKind.NOT_HELD, GapKind.NOT_HELD]
    assert coverage.share == pytest.approx(4 / 6)
    assert coverage.held_since == START + timedelta(hours=1)


def test_that_only_cameras_in_the_place_asked_for_count() -> None:
    held = table((1, START, NOON, 20, ()), (2, START, NOON, 20, ()))
    near = cover(held, camera(1), camera(2), area=Circle(Position(51.4, -2.3), 50))
    far = cover(held, camera(1), camera(2), area=Circle(Position(52.4, -2.3), 50))
    one = cover(held, camera(1), camera(2), cameras=(CameraId("07", 12, 2), CameraId("07", 9, 9)))
    assert (near.asked, far.asked, one.asked) == (2, 0, 2)
    assert (far.share, one.whole) == (0.0, 1)
    assert one.gaps[0].kind is GapKind.NEVER_HEARD


def test_that_a_year_is_looked_at_in_wider_steps() -> None:
    begin = NOON - timedelta(days=360)
    held = table((1, begin, NOON, 3_600, ()))
    query = ReadQuery(begin, NOON, feeds=("07",))
    coverage = coverage_of(
        [held], query, {camera(1).camera_id: camera(1)}, Holder.NATIONAL, NOON, begin
    )
    assert coverage.whole == 1


def test_that_a_time_that_has_not_come_has_not_been_seen() -> None:
    query = ReadQuery(NOON + timedelta(hours=1), NOON + timedelta(hours=2), feeds=("07",))
    held = table((1, START, NOON, 60, ()))
    cameras = {camera(1).camera_id: camera(1)}
    coverage = coverage_of([held], query, cameras, Holder.DESK, NOON, START)
    assert (coverage.share, coverage.whole) == (0.0, 0)
