"""Positions: the no-fix sentinel, the box and distances."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.geo import EARTH_RADIUS_M, Position, distance_m, in_uk_box, is_no_fix_text

POSITIONS = st.builds(
    Position, st.floats(-90, 90, allow_nan=False), st.floats(-180, 180, allow_nan=False)
)


@pytest.mark.parametrize(
    ("text", "is_no_fix"),
    [
        ("N0000000 E0000000", True),
        ("  N0000000   E0000000\n", True),
        ("N0000000E0000000", False),
        ("N000000 E0000000", False),
        ("N0000000 W0000000", False),
        ("n0000000 e0000000", False),
        ("", False),
    ],
)
def test_that_only_the_sentinel_means_no_fix(text: str, is_no_fix: bool) -> None:
    assert is_no_fix_text(text) is is_no_fix


@pytest.mark.parametrize(
    ("latitude", "longitude", "is_inside"),
    [
        (51.38, -2.36, True),
        (49.0, -9.5, True),
        (61.5, 2.5, True),
        (48.999, 0, False),
        (61.501, 0, False),
        (52, -9.501, False),
        (52, 2.501, False),
        (0, 0, False),
    ],
)
def test_that_the_box_includes_its_edges(
    latitude: float, longitude: float, is_inside: bool
) -> None:
    assert in_uk_box(Position(latitude, longitude)) is is_inside


def test_that_distances_agree_with_the_length_of_a_degree() -> None:
    assert distance_m(Position(51, 0), Position(52, 0)) == pytest.approx(111_195, abs=1)
    assert distance_m(Position(60, 0), Position(60, 1)) == pytest.approx(55_597, abs=10)
    assert distance_m(Position(90, 0), Position(-90, 0)) == pytest.approx(3.14159265 * 6_371_008.8)


@given(POSITIONS, POSITIONS)
def test_that_distance_is_symmetric_and_bounded(a: Position, b: Position) -> None:
    there = distance_m(a, b)
    assert there == pytest.approx(distance_m(b, a), abs=1e-3)
    assert 0 <= there <= 3.1415927 * EARTH_RADIUS_M
    assert distance_m(a, a) == 0
