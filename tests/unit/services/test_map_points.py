"""Points of an answer: what lies near, what they add up to, their colours, their bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Direction
from nas_desktop.services import mercator
from nas_desktop.services.map_points import (
    DIRECTIONS,
    GONE,
    MapPoints,
    PointCamera,
    joined,
    no_points,
    points_of,
    taken,
)
from nas_desktop.services.point_colours import NAMED, ColourBy, colours
from nas_desktop.services.point_pack import (
    CAMERAS_AT_ONCE,
    POINTS_AT_ONCE,
    ROW_BYTES,
    binary,
    fitting,
    from_binary,
)
from nas_desktop.services.searches import FoundRead, Holder
from tests.builders import NOON, a_read

NOON_US = int(NOON.timestamp()) * 1_000_000
HOUR_US = 3_600_000_000
CAMERAS = tuple(PointCamera(CameraId("52", 1, n), f"Ash {n:02d}") for n in range(1, 31))


def points(count: int = 5_000, seed: int = 3, **changes: Any) -> MapPoints:
    rng = np.random.default_rng(seed)
    camera = rng.integers(0, len(CAMERAS), count).astype(np.int32)
    values: dict[str, Any] = {
        "latitude": 52 + camera / 30 + rng.normal(0, 1e-4, count),
        "longitude": -2 - camera / 40 + rng.normal(0, 1e-4, count),
        "at": NOON_US - np.sort(rng.integers(0, 12 * HOUR_US, count)),
        "camera": camera,
        "vehicle": rng.zipf(1.6, count).clip(1, 900).astype(np.int32) - 1,
        "direction": rng.integers(0, len(DIRECTIONS), count).astype(np.int8),
        "cameras": CAMERAS,
        "has_hit": rng.random(count) < 0.1,
    }
    for row in range(0, count, 50):
        values["latitude"][row] = values["longitude"][row] = np.nan
    values.update(changes)
    return MapPoints(**values)


def test_that_what_a_click_needs_is_worked_out_beforehand() -> None:
    some = points()
    some.prepare()
    assert {"_by_x", "no_fix"} <= set(vars(some))
    no_points().prepare()


def test_that_pixels_are_those_of_web_mercator_and_go_back() -> None:
    x, y = mercator.to_world(np.array([54.5, 85.051128779806604]), np.array([-3.5, 180.0]))
    assert (x[0], y[0]) == (0, 0)
    assert x[1] == pytest.approx(256 * (180 + 3.5) / 360)
    lat, lon = np.array([49.9, 60.8, -33.0]), np.array([-8.1, 1.7, 151.0])
    again = mercator.to_geo(*mercator.to_world(lat, lon))
    np.testing.assert_allclose(again, (lat, lon), atol=1e-9)
    assert np.isnan(mercator.to_world(np.array([np.nan]), np.array([np.nan]))).all()


def test_that_rows_without_a_place_are_counted_and_named() -> None:
    some = points(200)
    count, rows = some.no_fix
    assert (count, rows.tolist()) == (4, [0, 50, 100, 150])
    corners = some.bounds()
    assert corners is not None
    assert corners[0].latitude == np.nanmin(some.latitude)
    assert corners[1].longitude == np.nanmax(some.longitude)
    assert no_points().bounds() is None
    assert no_points().no_fix[0] == 0


def test_that_a_span_of_time_has_its_beginning_and_not_its_end() -> None:
    some = points(10, at=NOON_US + np.arange(10) * HOUR_US)
    assert np.flatnonzero(some.within(NOON_US + HOUR_US, NOON_US + 3 * HOUR_US)).tolist() == [1, 2]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 50),
    zoom=st.floats(3, 16),
    radius=st.floats(1, 40),
    limit=st.integers(1, 80),
)
def test_that_what_is_near_is_what_measuring_every_row_finds(
    seed: int, zoom: float, radius: float, limit: int
) -> None:
    some = points(800, seed)
    mask = some.within(NOON_US - 6 * HOUR_US, NOON_US)
    spot = Position(52.5, -2.4)
    x, y = some.world
    (x0,), (y0,) = mercator.to_world(np.array([52.5]), np.array([-2.4]))
    across, down = x - np.float32(x0), y - np.float32(y0)
    apart = across * across + down * down
    reach = radius / 2.0**zoom
    inside = np.flatnonzero(mask & (apart <= np.float32(reach * reach))).tolist()
    wanted = sorted(inside, key=lambda row: (apart[row], row))[:limit]
    assert some.near(spot, radius, zoom, mask, limit).tolist() == wanted


def test_that_of_reads_at_one_spot_the_first_come_first() -> None:
    some = points(300, latitude=np.full(300, 52.0), longitude=np.full(300, -2.0))
    assert some.near(Position(52.0, -2.0), 5, 14).tolist() == list(range(50))
    assert some.near(Position(52.0, -2.0), 5, 14, limit=0).tolist() == []
    assert some.near(Position(53.0, -2.0), 5, 14).tolist() == []
    assert no_points().near(Position(52, -2), 5, 9).tolist() == []


def test_that_times_have_eight_spans_in_words() -> None:
    at = NOON_US + np.arange(16) * (HOUR_US // 2)
    index, legend = colours(points(16, at=at), ColourBy.TIME)
    assert index.tolist() == [n // 2 for n in range(16)]
    assert legend[0] == (0, "12:00 to 12:56 GMT")
    assert len(legend) == 8
    long = colours(points(2, at=np.array([NOON_US, NOON_US + 48 * HOUR_US])), ColourBy.TIME)[1]
    assert long[0] == (0, "20/11/2026 12:00 to 20/11/2026 18:00 GMT")
    assert [number for number, _words in long] == [0, 7]
    short = colours(points(2, at=np.array([NOON_US, NOON_US + 8_000_000])), ColourBy.TIME)[1]
    assert short[0] == (0, "12:00:00 to 12:00:01 GMT")
    assert colours(no_points(), ColourBy.TIME)[1] == ()


def test_that_the_most_frequent_have_a_colour_and_the_others_share_one() -> None:
    some = points()
    for by, numbers, others in (
        (ColourBy.CAMERA, some.camera, "other cameras"),
        (ColourBy.VEHICLE, some.vehicle, "other vehicles"),
    ):
        index, legend = colours(some, by)
        assert len(legend) == NAMED + 1
        assert legend[-1] == (NAMED, others)
        counts = np.sort(np.bincount(numbers))[::-1]
        assert np.bincount(index)[:NAMED].tolist() == counts[:NAMED].tolist()
        for place in range(NAMED):
            assert len(np.unique(numbers[index == place])) == 1
    assert colours(some, ColourBy.VEHICLE)[1][0] == (0, "vehicle 1")
    few = points(40, camera=np.arange(40, dtype=np.int32) % 3)
    assert colours(few, ColourBy.CAMERA)[1] == ((0, "Ash 01"), (1, "Ash 02"), (2, "Ash 03"))


def test_that_directions_are_named_where_they_are_seen() -> None:
    north, unknown = DIRECTIONS.index(Direction.N), DIRECTIONS.index(Direction.UNKNOWN)
    some = points(2, direction=np.array([unknown, north], np.int8))
    index, legend = colours(some, ColourBy.DIRECTION)
    assert index.tolist() == [unknown, north]
    assert legend == ((north, "north"), (unknown, "direction not known"))


def same(one: MapPoints, other: MapPoints) -> None:
    for name in ("camera", "vehicle", "at", "direction"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    np.testing.assert_allclose(one.latitude, other.latitude, atol=5.1e-7)
    np.testing.assert_allclose(one.longitude, other.longitude, atol=5.1e-7)
    assert one.cameras == other.cameras
    assert (one.has_hit is None) == (other.has_hit is None)
    if one.has_hit is not None and other.has_hit is not None:
        assert one.has_hit.tolist() == other.has_hit.tolist()


ROWS = st.integers(0, 40)


@settings(deadline=None)
@given(data=st.data(), count=ROWS)
def test_that_bytes_give_the_columns_back(data: st.DataObject, count: int) -> None:
    def column(kind: Any, low: int, high: int) -> Any:
        return data.draw(hnp.arrays(kind, count, elements=st.integers(low, high)))

    is_fixed = data.draw(hnp.arrays(np.bool_, count))
    is_gone = data.draw(hnp.arrays(np.bool_, count)) & ~is_fixed
    some = MapPoints(
        np.where(is_fixed, column(np.int64, -90_000_000, 90_000_000) / 1e6, np.nan),
        np.where(is_fixed, column(np.int64, -180_000_000, 180_000_000) / 1e6, np.nan),
        column(np.int64, 0, 253_402_300_799_999_999),
        np.where(is_gone, GONE, column(np.int32, 0, len(CAMERAS) - 1)).astype(np.int32),
        np.where(is_gone, GONE, column(np.int32, 0, 999_999)).astype(np.int32),
        column(np.int8, 0, len(DIRECTIONS) - 1),
        CAMERAS,
        data.draw(st.one_of(st.none(), hnp.arrays(np.bool_, count))) if count else None,
    )
    packed = binary(some)
    assert len(packed) == ROW_BYTES * count
    again = from_binary(packed, CAMERAS)
    same(some, replace(again, has_hit=again.has_hit if count else None))


@pytest.mark.parametrize(
    ("column", "row", "value"),
    [
        ("<i4", 0, 90_000_001),
        ("<i4", 0, -(2**31)),
        ("<i4", 3, 180_000_001),
        ("<i4", 3, -(2**31)),
        ("<i8", 3, -1),
        ("<i8", 3, 2**62),
        ("<u2", 24, 30),
        ("<u2", 24, 0xFFFF),
        ("<u4", 15, 2_000_000),
        ("<u4", 15, 0xFFFFFFFF),
        ("u1", 66, 11),
        ("u1", 69, 1),
        ("u1", 69, 4),
    ],
)
def test_that_a_value_out_of_its_bounds_is_refused(column: str, row: int, value: int) -> None:
    some = points(60)
    data = bytearray(binary(taken(some, slice(1, 4))))
    cell = np.array([value]).astype(column).tobytes()
    begin = row * len(cell)
    data[begin : begin + len(cell)] = cell
    with pytest.raises(Refused) as refused:
        from_binary(bytes(data), CAMERAS)
    assert refused.value.code == "points_damaged"


def test_that_torn_bytes_and_cameras_named_twice_are_refused() -> None:
    for data, cameras in ((b"x" * 25, CAMERAS), (b"", CAMERAS + CAMERAS[:1])):
        with pytest.raises(Refused):
            from_binary(data, cameras)


def test_that_parts_are_joined_with_each_camera_once() -> None:
    some = points(1_000)
    some = replace(
        some,
        camera=np.where(np.isnan(some.latitude), GONE, some.camera).astype(np.int32),
        vehicle=np.where(np.isnan(some.latitude), GONE, some.vehicle).astype(np.int32),
    )
    parts = [taken(some, slice(first, first + 7)) for first in range(0, 1_000, 7)]
    assert all(len(part.cameras) <= 7 for part in parts)
    whole = joined(parts)
    assert set(whole.cameras) == set(CAMERAS)
    gone = np.flatnonzero(whole.is_gone).tolist()
    assert gone == list(range(0, 1_000, 50))
    assert whole.no_fix[0] == 0
    for row in range(1, 50):
        assert whole.cameras[whole.camera[row]] == some.cameras[some.camera[row]]
    assert not whole.within(0, 2**62)[gone].any()
    assert len(joined([])) == 0


def test_that_an_answer_has_only_as_many_cameras_as_have_room() -> None:
    assert fitting(np.zeros(POINTS_AT_ONCE + 5, np.int32)) == POINTS_AT_ONCE
    assert fitting(np.arange(CAMERAS_AT_ONCE + 9, dtype=np.int32)) == CAMERAS_AT_ONCE


def test_that_rows_become_points_one_by_one() -> None:
    rows = [
        FoundRead(a_read("AB51ABC", NOON, position=None), (Holder.DESK,), Direction.N),
        FoundRead(
            a_read("AB51ABD", NOON + timedelta(microseconds=1), camera=CameraId("07", 12, 4)),
            (Holder.DESK,),
            has_hit=True,
        ),
        FoundRead(a_read("AB51ABC", NOON - timedelta(hours=1)), (Holder.DESK,)),
    ]
    some = points_of(rows)
    assert (some.at - NOON_US).tolist() == [0, 1, -HOUR_US]
    assert some.camera.tolist() == [0, 1, 0]
    assert some.vehicle.tolist() == [0, 1, 0]
    assert [DIRECTIONS[n] for n in some.direction.tolist()] == [Direction.N, *["UNKNOWN"] * 2]
    assert some.has_hit is not None
    assert some.has_hit.tolist() == [False, True, False]
    assert some.no_fix[1].tolist() == [0]
    assert some.latitude[1] == 51.38
