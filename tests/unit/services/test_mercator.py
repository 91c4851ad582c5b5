"""Web Mercator near its origin."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.services.mercator import (
    MOST_LATITUDE,
    ORIGIN,
    metres_per_pixel,
    to_geo,
    to_world,
)


def test_that_the_origin_is_the_middle_of_great_britain() -> None:
    x, y = to_world(54.5, -3.5)
    assert abs(float(x)) < 1e-12
    assert abs(float(y)) < 1e-12
    assert pytest.approx((125.511, 81.4), abs=0.2) == ORIGIN


def test_that_the_world_is_256_pixels_wide_and_high() -> None:
    x, y = to_world([MOST_LATITUDE, -MOST_LATITUDE], [-180.0, 180.0])
    assert x + ORIGIN[0] == pytest.approx([0.0, 256.0])
    assert y + ORIGIN[1] == pytest.approx([0.0, 256.0])


def test_that_the_formula_is_the_one_written_for_web_maps() -> None:
    lat, lon = 51.50072, -0.12462
    down = (1 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / math.pi) / 2 * 256
    x, y = to_world(lat, lon)
    assert float(x) == pytest.approx((lon + 180) / 360 * 256 - ORIGIN[0])
    assert float(y) == pytest.approx(down - ORIGIN[1])


@given(st.floats(-85, 85), st.floats(-180, 180))
def test_that_a_position_comes_back(latitude: float, longitude: float) -> None:
    again = to_geo(*to_world(latitude, longitude))
    assert float(again[0]) == pytest.approx(latitude, abs=1e-9)
    assert float(again[1]) == pytest.approx(longitude, abs=1e-9)


@given(st.floats(49, 61), st.floats(-8, 2))
def test_that_32_bits_are_right_within_a_tenth_of_a_metre(lat: float, lon: float) -> None:
    exact = np.array(to_world(lat, lon))
    rounded = exact.astype(np.float32).astype(np.float64)
    assert np.abs(exact - rounded).max() * metres_per_pixel(lat, 0) < 0.1


def test_that_a_pole_is_drawn_on_the_edge_and_no_number_stays_none() -> None:
    _x, y = to_world([90.0, math.nan], [0.0, 0.0])
    assert y[0] + ORIGIN[1] == pytest.approx(0.0, abs=1e-9)
    assert math.isnan(y[1])


@pytest.mark.parametrize(
    ("latitude", "zoom", "metres"),
    [(0.0, 0, 156_543.03), (54.5, 0, 90_905), (60.0, 10, 76.437), (0.0, 0.5, 110_692.6)],
)
def test_that_a_pixel_has_its_width(latitude: float, zoom: float, metres: float) -> None:
    assert metres_per_pixel(latitude, zoom) == pytest.approx(metres, rel=1e-4)
