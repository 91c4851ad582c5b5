"""Direction of travel: from what is most to be trusted."""

from __future__ import annotations

import pytest

from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.directions import direction_of
from nas_desktop.domain.query import Direction, DirectionSource


def camera(direction: str) -> Camera:
    return Camera(CameraId("07", 1, 2), "Ash 01", CameraKind.FIXED, None, direction)


@pytest.mark.parametrize(
    ("lane", "preset", "bearing", "expected"),
    [
        ("1 northbound", 3, "E", (Direction.S, DirectionSource.PRESET)),
        ("1 northbound", 0, "E", (Direction.N, DirectionSource.LANE)),
        ("Southwest-bound", 9, "", (Direction.SW, DirectionSource.LANE)),
        ("lane 2 away", 0, "E", (Direction.AWAY, DirectionSource.LANE)),
        ("towards", 0, "E", (Direction.TOWARDS, DirectionSource.LANE)),
        ("outbound", 0, "E", (Direction.E, DirectionSource.BEARING)),
        ("", 0, "NW", (Direction.NW, DirectionSource.BEARING)),
        ("", 0, "up", (Direction.UNKNOWN, DirectionSource.NONE)),
        ("", 0, "UNKNOWN", (Direction.UNKNOWN, DirectionSource.NONE)),
        ("bound", 0, "", (Direction.UNKNOWN, DirectionSource.NONE)),
    ],
)
def test_that_the_most_trusted_source_counts(
    lane: str, preset: int, bearing: str, expected: tuple[Direction, DirectionSource]
) -> None:
    assert direction_of(lane, preset, camera(bearing), {3: Direction.S}) == expected


def test_that_an_unregistered_camera_has_no_bearing() -> None:
    assert direction_of("", 0, None) == (Direction.UNKNOWN, DirectionSource.NONE)
