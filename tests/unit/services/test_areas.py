"""Areas: circles on the sphere, polygons as drawn, corridors beside a line."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.geo import Position, distance_m
from nas_desktop.domain.query import Circle, Corridor, Polygon, QueryRefused
from nas_desktop.services.areas import AreaTest

BATH = Position(51.38, -2.36)
NEAR = st.builds(Position, st.floats(51.2, 51.6), st.floats(-2.7, -2.0))


@given(NEAR, st.floats(10, 20_000))
def test_that_a_circle_holds_what_is_near_enough(point: Position, radius: float) -> None:
    away = distance_m(BATH, point)
    if abs(away - radius) > 1:
        assert AreaTest(Circle(BATH, radius)).holds(point) is (away < radius)


def test_that_a_polygon_holds_its_inside_and_its_edge() -> None:
    square = AreaTest(
        Polygon((Position(51, -3), Position(52, -3), Position(52, -2), Position(51, -2)))
    )
    assert square.holds(Position(51.5, -2.5))
    assert square.holds(Position(51, -2.5))
    assert not square.holds(Position(50.9, -2.5))


@given(NEAR)
def test_that_a_corridor_of_one_place_is_a_circle(point: Position) -> None:
    away = distance_m(BATH, point)
    if abs(away - 5_000) > 60:
        assert AreaTest(Corridor((BATH, BATH), 5_000)).holds(point) is (away < 5_000)


def test_that_a_corridor_holds_what_lies_beside_its_line() -> None:
    corridor = AreaTest(Corridor((BATH, Position(51.38, -2.2)), 500))
    assert corridor.holds(Position(51.384, -2.3))
    assert not corridor.holds(Position(51.386, -2.3))
    assert not corridor.holds(Position(51.38, -2.19))


def test_that_what_has_no_place_lies_nowhere() -> None:
    for area in (
        Circle(BATH, 100_000),
        Polygon((Position(51, -3), Position(52, -3), Position(52, -2))),
        Corridor((BATH, Position(51.4, -2.2)), 100_000),
    ):
        inside = AreaTest(area).inside(np.array([math.nan, 51.5]), np.array([math.nan, -2.6]))
        assert not inside[0]


@pytest.mark.parametrize(
    "corners",
    [
        ((51.0, -2.0), (52.0, -1.0), (52.0, -2.0), (51.0, -1.0)),
        ((51.0, -2.0), (51.0, -2.0), (51.0, -2.0)),
        ((51.0, -2.0), (52.0, -2.0), (53.0, -2.0)),
    ],
)
def test_that_an_area_without_an_inside_is_refused(corners: tuple[tuple[float, float]]) -> None:
    with pytest.raises(QueryRefused):
        AreaTest(Polygon(tuple(Position(*c) for c in corners)))
