"""Scopes as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.desk_scope import Circle, DeskScope
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.services.scope_text import cameras_in, circle_text, circles_in, scope_from


def test_that_cameras_are_read_however_they_are_parted() -> None:
    assert cameras_in("07, 07/12;07/012/003\n52/1") == ("07", "07/12", "07/12/3", "52/1")
    assert cameras_in("  ") == ()


@pytest.mark.parametrize("text", ["7", "07/", "07/12/3/4", "seven", "07/x", "0712", "07/12345"])
def test_that_what_is_no_camera_is_named(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        cameras_in(f"07/12, {text}")
    assert refusal.value.code == "scope_unusable"
    assert f"“{text}”" in refusal.value.message


def test_that_areas_are_read_in_km() -> None:
    assert circles_in("51.38,-2.36,10; 53.4 -2.2 0.5\n") == (
        Circle(Position(51.38, -2.36), 10_000),
        Circle(Position(53.4, -2.2), 500),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("51.38,-2.36", "no area"),
        ("51.38,x,10", "no area"),
        ("91,0,1", "nowhere on Earth"),
        ("0,181,1", "nowhere on Earth"),
        ("nan,0,1", "nowhere on Earth"),
        ("51,0,0", "radius"),
        ("51,0,501", "radius"),
        ("51,0,nan", "radius"),
    ],
)
def test_that_what_is_no_area_is_named(text: str, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        circles_in(text)
    assert words in refusal.value.message
    assert text in refusal.value.message


def test_that_a_scope_is_put_together_and_repeats_fall_away() -> None:
    scope = scope_from(["07/12 07/12", "07/13"], ["51,0,1"], ["A", "", "A"])
    assert scope == DeskScope(("07/12", "07/13"), (Circle(Position(51, 0), 1000),), ("A",))
    assert scope_from([], [], []).is_everything
    with pytest.raises(Refused):
        scope_from([" ".join(f"07/{n}" for n in range(1, 600))], [], [])


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0.01, 500))
def test_that_an_area_written_out_is_read_as_the_same(lat: float, lon: float, km: float) -> None:
    (circle,) = circles_in(circle_text(Circle(Position(lat, lon), km * 1000)))
    assert circle.centre.latitude == pytest.approx(lat, abs=1e-6)
    assert circle.centre.longitude == pytest.approx(lon, abs=1e-6)
    assert circle.radius_m == pytest.approx(km * 1000, abs=0.01)
