"""A shape in the making on the plain map: corners set by mouse or keyboard, one after another."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF

from nas_desktop.domain.geo import Position, distance_m
from nas_desktop.domain.query import Area, Circle, Corridor
from nas_desktop.ui.map.drawn_areas import places_of
from nas_desktop.ui.map.map_view import Drawn
from nas_desktop.ui.map.plain_plane import Plane

TOOLS = ("box", "polygon", "circle", "corridor")
"""What is drawn; picking cameras is done by clicks."""

NEAR_PX = 10
"""A click that near to a corner means that corner."""

_LEAST = {"box": 2, "polygon": 3, "circle": 2, "corridor": 2}


@dataclass(slots=True)
class Drawing:
    """What was drawn so far with a tool of ``TOOLS``; an empty tool draws nothing."""

    tool: str = ""
    points: list[Position] = field(default_factory=list)
    end: Position | None = None
    """Where the next corner would be: the pointer, or the cross in the middle."""

    def __bool__(self) -> bool:
        return self.tool in TOOLS

    def take_up(self, tool: str) -> None:
        """Begin anew with a tool, or with none."""
        self.tool, self.points, self.end = tool, [], None

    def add(self, place: Position, plane: Plane) -> Drawn | None:
        """Set a corner; returns the shape when that was the last one.

        A corner on the first one closes a polygon, one on the last ends a corridor.
        """
        if self.tool in ("polygon", "corridor"):
            closing = self.points[:1] if self.tool == "polygon" else []
            if self.points and any(
                _is_near(place, corner, plane) for corner in (*closing, self.points[-1])
            ):
                return self.finish() if len(self.points) >= _LEAST[self.tool] else None
            self.points.append(place)
            return None
        if self.points and _is_near(place, self.points[0], plane, 2):
            return None  # no size
        self.points.append(place)
        return self.finish()

    def finish(self) -> Drawn | None:
        """Return the shape and begin anew, or None while corners are missing."""
        if not self or len(self.points) < _LEAST[self.tool]:
            return None
        points, self.points = self.points, []
        if self.tool == "circle":
            return Drawn("circle", _pairs(points[:1]), distance_m(points[0], points[1]))
        if self.tool == "box":
            points = corners_of_box(points[0], points[1])
        return Drawn(self.tool, _pairs(points))

    def back(self) -> bool:
        """Take the last corner back; False if there is none."""
        if self.points:
            self.points.pop()
            return True
        return False

    def outline(self) -> list[Position]:
        """Return the corners with the one to come."""
        points = [*self.points, self.end] if self.end is not None else list(self.points)
        if self.tool == "box" and len(points) == 2:
            return corners_of_box(points[0], points[1])
        return points

    def words(self) -> str:
        """Say what is being drawn."""
        if not self:
            return ""
        count = len(self.points)
        return f"drawing a {self.tool}, {count} point{'' if count == 1 else 's'} set"


def corners_of_box(one: Position, other: Position) -> list[Position]:
    """Return the corners of a box, round from the south-western one."""
    south, north = sorted((one.latitude, other.latitude))
    west, east = sorted((one.longitude, other.longitude))
    return [
        Position(south, west), Position(north, west), Position(north, east), Position(south, east)
    ]  # fmt: skip


def handles_of(area: Area | None) -> list[Position]:
    """Return what of an area can be taken hold of: corners, or middle and rim."""
    if area is None:
        return []
    if isinstance(area, Circle):
        degree = 111_195.0 * max(0.01, math.cos(math.radians(area.centre.latitude)))
        east = area.centre.longitude + area.radius_m / degree
        return [area.centre, Position(area.centre.latitude, east)]
    return list(places_of(area))


def with_handle(area: Area, number: int, place: Position) -> Drawn:
    """Return an area as drawn whose handle was moved to a place."""
    if isinstance(area, Circle):
        if number == 0:
            return Drawn("circle", _pairs([place]), area.radius_m)
        return Drawn("circle", _pairs([area.centre]), distance_m(area.centre, place))
    points = list(places_of(area))
    points[number] = place
    return Drawn("corridor" if isinstance(area, Corridor) else "polygon", _pairs(points))


def handle_under(area: Area | None, plane: Plane, spot: QPointF) -> int | None:
    """Return the number of the handle under a spot of the view, the nearest one."""
    best, least = None, float(NEAR_PX)
    for number, at in enumerate(plane.spots_of(handles_of(area))):
        away = at - spot
        far = math.hypot(away.x(), away.y())
        if far <= least:
            best, least = number, far
    return best


def _is_near(one: Position, other: Position, plane: Plane, most: float = NEAR_PX) -> bool:
    away = plane.spot(one) - plane.spot(other)
    return math.hypot(away.x(), away.y()) <= most


def _pairs(points: list[Position]) -> tuple[tuple[float, float], ...]:
    return tuple((point.latitude, point.longitude) for point in points)
