"""Direction of travel of a read, from what is most to be trusted (domain facts 8.2, inferred)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nas_desktop.domain.camera import Camera
from nas_desktop.domain.query import Direction, DirectionSource

_COMPASS = {
    "north": Direction.N,
    "northeast": Direction.NE,
    "east": Direction.E,
    "southeast": Direction.SE,
    "south": Direction.S,
    "southwest": Direction.SW,
    "west": Direction.W,
    "northwest": Direction.NW,
    "towards": Direction.TOWARDS,
    "away": Direction.AWAY,
}
_LANE = re.compile(r"\b(north|south|)-?(east|west|)\s?-?(?:bound)\b|\b(towards|away)\b", re.ASCII)
_NAMES = frozenset(Direction) - {Direction.UNKNOWN}


def direction_of(
    lane_id: str,
    preset_id: int,
    camera: Camera | None,
    presets: Mapping[int, Direction] | None = None,
) -> tuple[Direction, DirectionSource]:
    """Return where a vehicle was going and how that is known.

    Args:
        lane_id: the lane's text, such as ``2 northbound``.
        preset_id: preset of a multi-lane CCTV camera; 0 is none.
        camera: its registration, None when it is not registered.
        presets: what the camera's presets look at, where that is known.
    """
    if presets and preset_id in presets:
        return presets[preset_id], DirectionSource.PRESET
    match = _LANE.search(lane_id.lower())
    if match is not None:
        word = (match[1] or "") + (match[2] or "") or match[3] or ""
        if word in _COMPASS:
            return _COMPASS[word], DirectionSource.LANE
    if camera is not None and camera.direction in _NAMES:
        return Direction(camera.direction), DirectionSource.BEARING
    return Direction.UNKNOWN, DirectionSource.NONE
