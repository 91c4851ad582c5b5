"""Shapes drawn on the map: made into areas, mended, thinned or refused."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.geo import Position
from nas_desktop.domain.query_area import (
    MOST_POINTS,
    Area,
    Circle,
    Corridor,
    Polygon,
    QueryRefused,
    checked_area,
)
from nas_desktop.services.areas import AreaTest
from nas_desktop.services.map_shape_files import areas_from_geojson
from nas_desktop.services.map_shapes import (
    MOST_DRAWN,
    area_geojson,
    box,
    circle,
    corridor,
    plain_name,
    repaired,
)

STOKE, STONE = Position(53.0, -2.18), Position(52.9, -2.15)
SQUARE = [Position(52, -2), Position(52, -1), Position(53, -1), Position(53, -2)]


def drawn(*pairs: tuple[float, float]) -> list[Position]:
    return [Position(*pair) for pair in pairs]


def wobbly(count: int, wobble: float = 0.0, spin: int = 1) -> list[Position]:
    """A ring of many corners, every second one further out."""
    steps = [spin * 2 * math.pi * n / count for n in range(count)]
    sizes = [0.3 + wobble * (n % 2) for n in range(count)]
    return [
        Position(52.5 + r * math.sin(t), -2 + r * math.cos(t))
        for t, r in zip(steps, sizes, strict=True)
    ]


# ------------------------------------------------------------------ plain shapes


def test_that_a_box_is_the_same_from_whichever_corner_it_is_drawn() -> None:
    one = box(Position(52, -2), Position(53, -1))
    assert one == box(Position(53, -1), Position(52, -2)) == box(Position(52, -1), Position(53, -2))
    assert set(one.corners) == set(SQUARE)


@pytest.mark.parametrize("other", [Position(52, -1), Position(53, -2), Position(52, -2)])
def test_that_a_box_without_inside_is_refused(other: Position) -> None:
    with pytest.raises(QueryRefused, match="no inside"):
        box(Position(52, -2), other)


def test_that_a_circle_and_a_corridor_are_what_was_drawn() -> None:
    assert circle(STOKE, 500) == Circle(STOKE, 500)
    assert corridor([STOKE, STONE, STONE], 300) == (Corridor((STOKE, STONE), 300), "")


@pytest.mark.parametrize(
    "make",
    [
        lambda: circle(STOKE, 0.5),
        lambda: circle(STOKE, math.nan),
        lambda: corridor([STOKE, STOKE], 300),
        lambda: corridor([], 300),
        lambda: corridor([STOKE, STONE], 100_001),
    ],
)
def test_that_what_has_no_size_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(QueryRefused) as refused:
        make()
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (Position(math.nan, -2), "no number"),
        (Position(52, math.inf), "no number"),
        (Position(-2.0, 52.0), "wrong way round"),
        (Position(91, 0), "not on the Earth"),
        (Position(0, 0), "without a fix"),
    ],
)
def test_that_a_point_that_is_none_is_named(bad: Position, words: str) -> None:
    for make in (repaired, lambda points: corridor(points, 100)):
        with pytest.raises(QueryRefused, match=f"Point 2: .*{words}"):
            make([STOKE, bad, STONE])
    with pytest.raises(QueryRefused, match=words):
        box(STOKE, bad)
    with pytest.raises(QueryRefused, match=words):
        circle(bad, 100)


# ------------------------------------------------------------------ mending


def test_that_a_good_polygon_is_left_as_it_is() -> None:
    assert repaired(SQUARE) == (Polygon(tuple(SQUARE)), "")
    assert repaired([*SQUARE, SQUARE[0]]) == (Polygon(tuple(SQUARE)), "")


def test_that_a_slip_at_the_closing_corner_is_mended() -> None:
    polygon, note = repaired([*SQUARE, Position(51.9, -1.9)])
    assert "Sides crossed or touched" in note
    assert "% of the area was left out" in note
    assert AreaTest(polygon).holds(Position(52.5, -1.5))


def test_that_a_needle_is_taken_off() -> None:
    needle = drawn((52, -2), (52, -1), (53, -1), (53, -1.5), (53.2, -1.5), (53, -1.5), (53, -2))
    polygon, note = repaired(needle)
    assert note == "Sides crossed or touched; the outline was mended."
    assert not AreaTest(polygon).holds(Position(53.1, -1.5))


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        (drawn((52, -2), (53, -1), (53, -2), (52, -1)), "not plain what is inside"),
        (drawn((52, -2), (52, -1), (53, -1), (52, -1.5), (53, -2)), "not plain what is inside"),
        (drawn((52, -2), (52, -1), (52, -2)), "3 corners or more"),
        (drawn((52, -2), (52, -1), (52, -1.5), (52, -1.2)), "no inside"),
        (drawn((52, -2), (52, -2), (52, -2)), "3 corners or more"),
        (drawn((52, -2), (52.0000001, -2), (52, -2.0000001)), "3 corners or more"),
    ],
)
def test_that_what_cannot_be_mended_is_refused(corners: list[Position], words: str) -> None:
    with pytest.raises(QueryRefused, match=words) as refused:
        repaired(corners)
    assert refused.value.remedy


def test_that_a_polygon_with_a_large_loop_inside_is_refused() -> None:
    # Once round the square, and the other way round half of it: by the even-odd rule a hole.
    loop = drawn((52.2, -1.8), (52.8, -1.8), (52.8, -1.2), (52.2, -1.2), (52.2, -1.8))
    with pytest.raises(QueryRefused, match="not plain"):
        repaired([*SQUARE, SQUARE[0], *loop])


def test_that_many_corners_are_thinned_and_nothing_moves_far() -> None:
    ring = wobbly(5_000)
    polygon, note = repaired(ring)
    assert len(polygon.corners) <= MOST_POINTS
    assert note.startswith("5,000 points were thinned to ")
    line, words = corridor(ring[:-1], 100)
    assert len(line.points) <= MOST_POINTS
    assert "4,999 points" in words
    before = shapely.Polygon(ring)
    difference = shapely.symmetric_difference(before, shapely.Polygon(polygon.corners))
    assert difference.area < 0.01 * before.area


def test_that_what_is_too_rough_to_be_thinned_is_refused() -> None:
    with pytest.raises(QueryRefused, match="cannot follow them"):
        repaired(wobbly(5_000, 0.1))
    with pytest.raises(QueryRefused, match="20,000 are the most"):
        repaired([STOKE] * (MOST_DRAWN + 1))


CORNERS = st.lists(
    st.builds(Position, st.floats(50, 58).map(lambda v: round(v, 2)), st.floats(-6, 1)),
    max_size=12,
)


@given(CORNERS)
def test_that_whatever_comes_back_can_be_asked(corners: list[Position]) -> None:
    try:
        polygon, _note = repaired(corners)
    except QueryRefused:
        return
    assert checked_area(polygon) == polygon
    AreaTest(polygon)


# ------------------------------------------------------------------ GeoJSON and names


POINTS = st.builds(
    Position, st.integers(50_000_000, 58_000_000).map(lambda v: v / 1e6), st.floats(-6, -1)
).map(lambda p: Position(p.latitude, round(p.longitude, 6)))
METRES = st.integers(1, 100_000).map(float)
AREAS = st.one_of(
    st.builds(Circle, POINTS, METRES),
    st.builds(Corridor, st.lists(POINTS, min_size=2, max_size=6, unique=True).map(tuple), METRES),
    st.sampled_from([Polygon(tuple(SQUARE)), Polygon(tuple(SQUARE[::-1]))]),
)


@given(AREAS)
def test_that_an_area_written_and_read_again_is_itself(area: Area) -> None:
    written = area_geojson(area, "Stoke “A50”")
    (named,) = areas_from_geojson(json.dumps(written), 7.0).areas
    assert named.name == "Stoke “A50”"
    if isinstance(area, Polygon):
        assert isinstance(named.area, Polygon)
        assert shapely.Polygon(named.area.corners).equals(shapely.Polygon(area.corners))
    else:
        assert (named.area, named.note) == (area, "")


def test_that_a_ring_is_written_as_the_standard_has_it() -> None:
    written: Any = area_geojson(Polygon(tuple(SQUARE)))
    ring = written["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert shapely.is_ccw(shapely.LinearRing(ring))
    assert written["properties"] == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  A50\n\tJunction ", "A50 Junction"),
        ("a\x00b\x1b[31m\u202ec\u200b", "ab[31mc"),
        ("x" * 200, "x" * 80),
        ("\x07", ""),
        ("é" * 79 + " z", "é" * 79),
    ],
)
def test_that_a_name_is_plain_text(text: str, name: str) -> None:
    assert plain_name(text) == name


def test_that_a_scribble_is_refused_at_once() -> None:
    """Each of 490 sides crosses hundreds of others: mending it would take minutes."""
    turn = random.Random(1)
    scribble = [Position(51 + turn.random(), -2 + turn.random()) for _corner in range(490)]
    with pytest.raises(QueryRefused, match="cross too often"):
        repaired(scribble)
