"""The shipped map: what it has, how it is cut, how it is packed."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_desktop.services.base_map import (
    CREDITS,
    MAGIC,
    BaseLevel,
    Lines,
    clipped,
    lines_of,
    load_base_map,
    packed,
)
from nas_desktop.services.mercator import to_world
from nas_desktop.services.resources import resource_path

MAP = load_base_map()
LOW, MID, HIGH = MAP.levels

SQUARE = np.array([(0, 0), (10, 0), (10, 10), (0, 10)], np.float32)
LAKE = np.array([(4, 4), (4, 6), (6, 6), (6, 4)], np.float32)
FAR = SQUARE + np.float32(100)
RIVER = np.array([(-5, 5), (2, 5), (15, 5)], np.float32)


def toy(*land: np.ndarray, rivers: tuple[np.ndarray, ...] = ()) -> BaseLevel:
    return BaseLevel("toy", 0, 7, lines_of(land), lines_of([]), lines_of(rivers))


def is_land(lines: Lines, latitude: float, longitude: float) -> bool:
    """Tell by the even-odd rule, as a page fills."""
    x, y = (float(v) for v in to_world(latitude, longitude))
    crossings = 0
    for k in lines.touching((x, y, np.inf, y)):
        ring = lines.xy[lines.starts[k] : lines.starts[k + 1]].astype(np.float64)
        (ax, ay), (bx, by) = ring.T, np.roll(ring, -1, axis=0).T
        spans = (ay > y) != (by > y)
        at = ax[spans] + (y - ay[spans]) * (bx[spans] - ax[spans]) / (by[spans] - ay[spans])
        crossings += int((at > x).sum())
    return crossings % 2 == 1


@pytest.mark.parametrize(
    ("place", "position", "expected"),
    [
        ("Birmingham", (52.48, -1.89), True),
        ("Belfast", (54.58, -5.95), True),
        ("Dublin", (53.34, -6.28), True),
        ("Douglas", (54.16, -4.50), True),
        ("Jersey", (49.21, -2.12), True),
        ("Paris is outside, Rouen in", (49.44, 1.09), True),
        ("the North Sea", (56.0, 1.0), False),
        ("the Irish Sea", (53.8, -5.0), False),
        ("Lough Neagh", (54.62, -6.40), False),
        ("the Atlantic", (50.0, -10.0), False),
    ],
)
@pytest.mark.parametrize("level", MAP.levels, ids=lambda level: level.name)
def test_that_land_is_land(
    level: BaseLevel, place: str, position: tuple[float, float], expected: bool
) -> None:
    assert is_land(level.land, *position) is expected, place


def test_that_the_levels_follow_each_other_from_coarse_to_fine() -> None:
    assert [(x.name, x.min_zoom, x.max_zoom) for x in MAP.levels] == [
        ("low", 0, 7), ("mid", 8, 10), ("high", 11, 22),
    ]  # fmt: skip
    assert len(LOW.land.xy) * 3 < len(MID.land.xy) * 2 < len(HIGH.land.xy) * 2


@pytest.mark.parametrize(
    ("zoom", "name"),
    [(-1, "low"), (7, "low"), (7.9, "low"), (8, "mid"), (10.5, "mid"), (11, "high"), (30, "high")],
)
def test_that_a_zoom_has_its_level(zoom: float, name: str) -> None:
    assert MAP.level_at(zoom).name == name


@pytest.mark.parametrize("level", MAP.levels, ids=lambda level: level.name)
def test_that_every_array_has_the_form_that_is_promised(level: BaseLevel) -> None:
    for lines in level.layers():
        assert lines.xy.dtype == np.float32
        assert lines.starts.dtype == np.int32
        assert lines.boxes.dtype == np.float32
        assert lines.starts[0] == 0
        assert lines.starts[-1] == len(lines.xy)
        assert (np.diff(lines.starts) >= 2).all()
        assert np.isfinite(lines.xy).all()
        for line, box in zip(list(lines)[:50], lines.boxes, strict=False):
            assert [*line.min(axis=0), *line.max(axis=0)] == box.tolist()
    west, north = (float(v) for v in to_world(61.6, -11.5))
    east, south = (float(v) for v in to_world(48.5, 3.5))
    assert (level.land.xy.min(axis=0) >= np.array([west, north]) - 0.01).all()
    assert (level.land.xy.max(axis=0) <= np.array([east, south]) + 0.01).all()


def test_that_the_shipped_files_are_small_and_say_whose_they_are() -> None:
    files = list(resource_path("map").iterdir())
    data = [path for path in files if path.suffix in (".npz", ".json")]
    assert sum(path.stat().st_size for path in data) < 2_500_000
    assert {"LGPL-3.0.txt", "GPL-3.0.txt"} <= {path.name for path in files}
    rows = resource_path("LICENCES.md").read_text(encoding="utf-8")
    for words in ("map/base.npz", "map/towns.json", "GSHHG 2.3.6", "CC BY 4.0"):
        assert words in rows
    assert "GSHHG 2.3.6 (LGPL-3.0-or-later)" in CREDITS
    assert "GeoNames (CC BY 4.0)" in CREDITS


def test_that_towns_come_from_large_to_small() -> None:
    sizes = [town.population for town in MAP.towns]
    assert sizes == sorted(sizes, reverse=True)
    assert MAP.towns[0].name == "London"
    names = {town.name for town in MAP.towns}
    assert {"Stoke-on-Trent", "Douglas", "Saint Helier", "Belfast", "Cork"} <= names


def test_that_the_map_is_read_once() -> None:
    assert load_base_map() is MAP


# ------------------------------------------------------------------ clipping


def test_that_a_lake_stays_a_lake_when_the_land_is_cut() -> None:
    cut = clipped(toy(SQUARE, LAKE, FAR), (-1, -1, 5, 11))
    (ring,) = list(cut.land)  # the lake lies on the edge and has become a bay
    assert shapely.Polygon(ring).area == pytest.approx(5 * 10 - 1 * 2)
    whole = clipped(toy(SQUARE, LAKE, FAR), (-1, -1, 11, 11))
    outline, lake = (shapely.Polygon(ring) for ring in whole.land)
    assert (outline.area, lake.area) == (100, 4)
    assert shapely.is_ccw(outline.exterior)
    assert not shapely.is_ccw(lake.exterior)


def test_that_a_line_is_cut_into_its_parts() -> None:
    bent = np.array([(-5, 5), (15, 5), (15, 7), (-5, 7)], np.float32)
    cut = clipped(toy(rivers=(RIVER, bent, FAR)), (0, 0, 10, 10))
    assert [line.tolist() for line in cut.rivers] == [
        [[0, 5], [2, 5], [10, 5]], [[0, 5], [10, 5]], [[10, 7], [0, 7]],
    ]  # fmt: skip


def test_that_nothing_is_left_of_what_is_far_away() -> None:
    cut = clipped(toy(SQUARE, rivers=(RIVER,)), (50, 50, 60, 60))
    assert [len(lines) for lines in cut.layers()] == [0, 0, 0]
    assert len(clipped(toy(), (0, 0, 1, 1)).land) == 0


def test_that_land_that_only_touches_the_box_is_not_in_it() -> None:
    assert len(clipped(toy(SQUARE), (10, 0, 20, 10)).land) == 0


@settings(max_examples=15)
@given(st.floats(50, 59), st.floats(-7, 1), st.floats(0.05, 1))
def test_that_a_cut_of_the_shipped_land_lies_in_its_box(
    lat: float, lon: float, size: float
) -> None:
    west, south = (float(v) for v in to_world(lat, lon))
    box = (west, south - size, west + size, south)
    cut = clipped(MID, box)
    for lines in cut.layers():
        if len(lines):
            assert (lines.boxes[:, :2].min(axis=0) >= np.array(box[:2]) - 1e-4).all()
            assert (lines.boxes[:, 2:].max(axis=0) <= np.array(box[2:]) + 1e-4).all()


# ------------------------------------------------------------------ packing


@pytest.mark.parametrize("level", [*MAP.levels, toy(SQUARE, LAKE, rivers=(RIVER,)), toy()])
def test_that_a_packed_level_can_be_viewed_without_copying(level: BaseLevel) -> None:
    data = packed(level)
    head = np.frombuffer(data, "<u4", 8)
    assert head[:2].tolist() == [MAGIC, 1]
    at = 32
    for lines, m, n in zip(level.layers(), head[2::2].tolist(), head[3::2].tolist(), strict=True):
        for kind, count, expected in (
            ("<i4", m + 1, lines.starts),
            ("<f4", 4 * m, lines.boxes.ravel()),
            ("<f4", 2 * n, lines.xy.ravel()),
        ):
            assert at % 4 == 0
            assert np.array_equal(np.frombuffer(data, kind, count, at), expected)
            at += 4 * count
    assert at == len(data)
