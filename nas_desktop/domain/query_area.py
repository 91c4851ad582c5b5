"""Where a question looks: a circle, a polygon or a corridor, in its one normal form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position

MOST_POINTS = 500
"""Most corners of a polygon or points of a corridor."""

MOST_RADIUS_M = 100_000.0


class QueryRefused(Refused):
    """A question cannot be asked as it stands; names the criterion that is at fault.

    ``field`` is its key in the query's text, or an empty string.
    """

    def __init__(self, field: str, message: str, remedy: str = "") -> None:
        super().__init__("query_refused", message, remedy)
        self.field = field


@dataclass(frozen=True, slots=True)
class Circle:
    """Everything within ``radius_m`` metres of a point, 1 to 100,000."""

    centre: Position
    radius_m: float


@dataclass(frozen=True, slots=True)
class Polygon:
    """An area by its corners, 3 to 500; the last joins the first, and no side crosses another."""

    corners: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Corridor:
    """Everything within ``radius_m`` metres of a line of 2 to 500 points."""

    points: tuple[Position, ...]
    radius_m: float


Area: TypeAlias = Circle | Polygon | Corridor


def checked_area(area: Area) -> Area:
    """Return an area as its text can hold it: points to 0.1 m, each once in a row.

    Raises:
        QueryRefused: a point off the Earth, a radius or a count out of range, crossing sides.
    """
    if isinstance(area, Circle):
        return Circle(_normal(area.centre), _normal_radius(area.radius_m))
    if isinstance(area, Corridor):
        points = _normal_points(area.points)
        if not 2 <= len(points) <= MOST_POINTS:
            raise QueryRefused("corridor", f"A corridor has 2 to {MOST_POINTS} points.", "")
        return Corridor(points, _normal_radius(area.radius_m))
    corners = _normal_points(area.corners)
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners = corners[:-1]
    if not 3 <= len(corners) <= MOST_POINTS:
        raise QueryRefused("polygon", f"An area has 3 to {MOST_POINTS} corners.", "")
    if _crosses(corners):
        raise QueryRefused("polygon", "The sides of the area cross or touch.", "Draw it anew.")
    return Polygon(corners)


def point_text(position: Position) -> str:
    """Return ``LAT,LON``; 6 decimals are 0.1 m, finer than any fix."""
    return f"{position.latitude:.6f},{position.longitude:.6f}"


def _normal(point: Position) -> Position:
    if not (-90 <= point.latitude <= 90 and -180 <= point.longitude <= 180):  # false for NaN too
        raise QueryRefused("area", "A point of the area is not on the Earth.", "")
    # + 0.0: there is one zero, not two, in the text.
    return Position(round(point.latitude, 6) + 0.0, round(point.longitude, 6) + 0.0)


def _normal_points(points: Sequence[Position]) -> tuple[Position, ...]:
    normal = [_normal(point) for point in points]
    return tuple(p for n, p in enumerate(normal) if not n or p != normal[n - 1])


def _normal_radius(radius_m: float) -> float:
    if not 1 <= radius_m <= MOST_RADIUS_M:  # false for NaN too
        raise QueryRefused("area", "The radius is 1 metre to 100 kilometres.", "")
    return float(f"{radius_m:g}")


def _crosses(corners: Sequence[Position]) -> bool:
    """Tell whether two sides of a closed line meet anywhere but at the corner they share.

    Sides are taken from south to north, so that only those that overlap in latitude are compared:
    500 corners take milliseconds.
    """
    count = len(corners)
    sides = sorted(
        (min(a.latitude, b.latitude), max(a.latitude, b.latitude), n, a, b)
        for n, (a, b) in enumerate(zip(corners, (*corners[1:], corners[0]), strict=True))
    )
    for at, (_low, high, n, a, b) in enumerate(sides):
        for other_low, _high, other, c, d in sides[at + 1 :]:
            if other_low > high:
                break
            if (n + 1) % count == other:
                is_met = _lies_on(d, a, b) or _lies_on(a, c, d)
            elif (other + 1) % count == n:
                is_met = _lies_on(b, c, d) or _lies_on(c, a, b)
            else:
                is_met = _meet(a, b, c, d)
            if is_met:
                return True
    return False


def _turn(a: Position, b: Position, c: Position) -> float:
    return (b[1] - a[1]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[1] - a[1])


def _lies_on(point: Position, a: Position, b: Position) -> bool:
    return (
        _turn(a, b, point) == 0
        and min(a[0], b[0]) <= point[0] <= max(a[0], b[0])
        and min(a[1], b[1]) <= point[1] <= max(a[1], b[1])
    )


def _meet(a: Position, b: Position, c: Position, d: Position) -> bool:
    if (_turn(a, b, c) > 0) is not (_turn(a, b, d) > 0) and (_turn(c, d, a) > 0) is not (
        _turn(c, d, b) > 0
    ):
        return True
    return _lies_on(c, a, b) or _lies_on(d, a, b) or _lies_on(a, c, d) or _lies_on(b, c, d)
