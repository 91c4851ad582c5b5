"""The British National Grid: known places, what people write, and the lines of the map."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.geo import Position, distance_m
from nas_desktop.domain.query_area import QueryRefused
from nas_desktop.services.mercator import to_geo, to_world
from nas_desktop.services.os_grid import (
    MOST_LINES,
    checked_position,
    from_grid,
    graticule,
    grid_reference,
    is_on_grid,
    position_of,
    to_grid,
)

STOKE = position_of("391840, 347400")


@pytest.mark.parametrize(
    ("place", "position", "reference"),
    [
        ("Elizabeth Tower", Position(51.50072, -0.12462), "TQ 30268 79642"),
        ("Ben Nevis", Position(56.79685, -5.00352), "NN 16676 71281"),
    ],
)
def test_that_a_known_place_has_its_reference(
    place: str, position: Position, reference: str
) -> None:
    found = grid_reference(position)
    assert found[:2] == reference[:2], place
    for ours, theirs in zip(found.split()[1:], reference.split()[1:], strict=True):
        assert abs(int(ours) - int(theirs)) <= 10
    assert distance_m(position_of(reference), position) < 10


@pytest.mark.parametrize(
    ("digits", "reference"),
    [
        (0, "SJ"), (2, "SJ 9 4"), (4, "SJ 91 47"), (6, "SJ 918 474"), (8, "SJ 9184 4740"),
        (10, "SJ 91840 47400"),
    ],
)  # fmt: skip
def test_that_a_reference_has_as_many_digits_as_are_asked_for(digits: int, reference: str) -> None:
    assert grid_reference(STOKE, digits) == reference


def test_that_an_odd_number_of_digits_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="7"):
        grid_reference(STOKE, 7)


@pytest.mark.parametrize(
    "position",
    [Position(48.85, 2.35), Position(53.34, -9.5), Position(80, 100), Position(math.nan, 0)],
)
def test_that_there_is_no_reference_off_the_grid(position: Position) -> None:
    assert grid_reference(position) == ""
    assert not is_on_grid(position)


def test_that_the_last_hair_of_the_grid_has_no_reference() -> None:
    lat, lon = from_grid(699_999.998, 500_000)
    assert grid_reference(Position(float(lat), float(lon))) == ""


@given(st.integers(1_000, 699_998), st.integers(1_000, 1_299_998))
def test_that_a_reference_read_and_written_again_is_itself(east: int, north: int) -> None:
    lat, lon = from_grid(east, north)
    reference = grid_reference(Position(float(lat), float(lon)))
    assert grid_reference(position_of(reference)) == reference
    again = to_grid(lat, lon)
    assert abs(float(again[0]) - east) < 0.01
    assert abs(float(again[1]) - north) < 0.01


@pytest.mark.parametrize(
    "text",
    [
        "SJ 91840 47400", "SJ9184047400", "sj 9184 4740", " Sj\t91840  47400 ", "391840, 347400",
        "391840 347400", "391840.0;347400", "53.0238285, -2.1231039", "53.0238285 -2.1231039",
        "+53.0238285,-2.1231039", "53.0238285N 2.1231039W", "N53.0238285 W2.1231039",
        "53.0238285N2.1231039W", "2.1231039W, 53.0238285N", "53°1'25.78\"N 2°7'23.17\"W",
        "53° 1′ 25.78″ N, 2° 7′ 23.17″ W", "N53 1.42971' W002 7.386234'",
        "53.0238285°, -2.1231039°",
    ],
)  # fmt: skip
def test_that_a_place_is_understood_however_it_is_written(text: str) -> None:
    assert distance_m(position_of(text), STOKE) < 8


def test_that_the_middle_of_a_square_is_meant() -> None:
    east, north = to_grid(*position_of("SJ 91 47"))
    assert (float(east), float(north)) == pytest.approx((391_500, 347_500), abs=0.01)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No place is written"),
        ("x" * 101, "too long"),
        ("SJ 123", "2, 4, 6, 8 or 10 digits"),
        ("SJ 123456 123456", "2, 4, 6, 8 or 10 digits"),
        ("SJ 12 3456", "equally long"),
        ("ZZ 12 34", "no square"),
        ("AA 12 34", "no square"),
        ("9999999, 9999999", "outside the British National Grid"),
        ("700000, 1000", "outside the British National Grid"),
        ("nan, 2", "no number"),
        ("52, -inf", "no number"),
        ("Infinity, 2", "no number"),
        ("0, 0", "without a fix"),
        ("0.0N 0.0E", "without a fix"),
        ("91, 0", "not on the Earth"),
        ("52, 181", "not on the Earth"),
        ("91N 2W", "not on the Earth"),
        ("Birmingham", "neither a grid reference"),
        ("52.98", "neither a grid reference"),
        ("52.98, -2.15, 3", "neither a grid reference"),
        ("52.98N 3N", "north or south"),
        ("3E 4W", "north or south"),
        ("52.98N, 3", "north or south"),
        ("N52.98N, 3W", "neither a grid reference"),
        ("-52.98N, 3W", "neither a grid reference"),
        ("52° 61' N, 3W", "neither a grid reference"),
        ("52° 1' 60\" N, 3W", "neither a grid reference"),
        ("-2.15, 52.98", "wrong way round"),
    ],
)
def test_that_what_is_no_place_is_refused_with_an_example(text: str, words: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        position_of(text)
    assert words in refused.value.message
    assert refused.value.remedy


def test_that_the_right_way_round_is_offered() -> None:
    with pytest.raises(QueryRefused, match="wrong way round") as refused:
        position_of("-2.15, 52.98")
    assert refused.value.remedy == "Did you mean 52.98, -2.15?"


@pytest.mark.parametrize("pair", [(52.98, -2.15), (40.0, 20.0), (50.0, 50.0), (-33.0, 151.0)])
def test_that_what_may_be_right_is_not_turned_round(pair: tuple[float, float]) -> None:
    assert checked_position(*pair) == Position(*pair)


@given(st.text(max_size=40))
def test_that_any_text_is_a_place_or_is_refused(text: str) -> None:
    try:
        position = position_of(text)
    except QueryRefused:
        return
    assert -90 <= position.latitude <= 90
    assert -180 <= position.longitude <= 180


def test_that_the_projection_never_asks_the_network() -> None:
    code = (
        "from nas_desktop.services.os_grid import position_of; import pyproj.network as n;"
        "position_of('SJ 91 47'); print(n.is_network_enabled())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PROJ_NETWORK": "ON"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


# ------------------------------------------------------------------ lines


def view(lat: float, lon: float, zoom: float, pixels: float = 1000) -> tuple[float, ...]:
    x, y = (float(v) for v in to_world(lat, lon))
    half = pixels / 2 / 2**zoom
    return x - half, y - half, x + half, y + half


@pytest.mark.parametrize(
    ("zoom", "spacing"),
    [
        (5, 100_000),
        (7, 100_000),
        (9, 100_000),
        (10, 10_000),
        (12, 10_000),
        (13, 1_000),
        (16, 100),
        (20, 100),
    ],
)
def test_that_lines_are_as_far_apart_as_the_zoom_allows(zoom: int, spacing: int) -> None:
    lines = graticule(view(52.98, -2.15, zoom, 2000), zoom)  # type: ignore[arg-type]
    assert 0 < len(lines) <= MOST_LINES
    eastings = sorted(line.metres for line in lines if line.is_easting)
    assert set(np.diff(eastings).tolist()) <= {spacing}


def test_that_a_line_bends_with_the_grid() -> None:
    line = next(x for x in graticule(view(53.5, -2.15, 7), 7) if x.is_easting and x.metres == 0)  # type: ignore[arg-type]
    lat, lon = to_geo(*line.xy.astype(np.float64).T)
    east, _north = to_grid(lat, lon)
    assert np.abs(east).max() < 2
    assert np.ptp(lon) > 0.1  # far west, a line of the grid does not run due north


def test_that_labels_are_what_stands_in_a_reference() -> None:
    lines = graticule(view(STOKE.latitude, STOKE.longitude, 16), 16)  # type: ignore[arg-type]
    assert "918" in {line.label for line in lines if line.is_easting}
    assert "474" in {line.label for line in lines if not line.is_easting}
    kilometres = graticule(view(STOKE.latitude, STOKE.longitude, 13), 13)  # type: ignore[arg-type]
    assert "91" in {line.label for line in kilometres if line.is_easting}
    far = graticule(view(STOKE.latitude, STOKE.longitude, 7), 7)  # type: ignore[arg-type]
    assert {"300 km", "400 km"} <= {line.label for line in far}


@pytest.mark.parametrize(
    ("box", "zoom"),
    [
        (view(52.98, -2.15, 4), 4),
        (view(30.0, 100.0, 10), 10),
        (view(52.98, 100.0, 10), 10),
        (view(52.0, 4.9, 10, 20), 10),
        ((math.nan, 0.0, 1.0, 1.0), 10),
        ((1.0, 0.0, 0.0, 1.0), 10),
        ((0.0, 0.0, 1.0, 1.0), math.inf),
    ],
)
def test_that_there_are_no_lines_where_there_is_no_grid(
    box: tuple[float, float, float, float], zoom: float
) -> None:
    assert graticule(box, zoom) == []


@given(st.floats(-85, 85), st.floats(-180, 180), st.floats(0, 22), st.floats(1, 5000))
def test_that_there_are_never_many_lines(
    lat: float, lon: float, zoom: float, pixels: float
) -> None:
    lines = graticule(view(lat, lon, zoom, pixels), zoom)  # type: ignore[arg-type]
    assert len(lines) <= MOST_LINES
    assert all(np.isfinite(line.xy).all() for line in lines)
