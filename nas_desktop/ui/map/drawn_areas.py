"""Shapes as they are drawn or typed, made into the area of a question."""

from __future__ import annotations

import math
from collections.abc import Iterable

from nas_desktop.domain.geo import EARTH_RADIUS_M, Position
from nas_desktop.domain.query import Area, Circle, Corridor, QueryRefused
from nas_desktop.services.map_shapes import box, circle, corridor, repaired
from nas_desktop.services.os_grid import position_of
from nas_desktop.ui.map.map_view import Drawn

DEFAULT_WIDTH_M = 250.0
"""Metres to each side of a corridor that is drawn, and round a point that has no radius."""

_METRES_A_DEGREE = math.radians(1) * EARTH_RADIUS_M


def area_of_drawn(drawn: Drawn, present: Area | None, width_m: float) -> tuple[Area, str]:
    """Return the area that was drawn, and a sentence if it is not quite as drawn, else nothing.

    Args:
        drawn: unchecked, from the page.
        present: the area whose handles were moved; a corridor keeps its width.
        width_m: metres to each side of a new corridor.

    Raises:
        QueryRefused: nothing can be meant by it.
    """
    points = [Position(*point) for point in drawn.points]
    if not points:
        raise QueryRefused("area", "Nothing was drawn.", "Draw it again.")
    if drawn.kind == "circle":
        return circle(points[0], round(drawn.radius_m or 0.0, 1)), ""
    if drawn.kind == "corridor":
        width = present.radius_m if isinstance(present, Corridor) else width_m
        return corridor(points, width)
    if drawn.kind == "box":
        south_west, north_east = bounds_of_places(points)
        return box(south_west, north_east), ""
    return repaired(points)


def typed_area(kind: str, lines: str, metres: float) -> tuple[Area, str]:
    """Return the area of positions that were typed, one a line, in any way ``position_of`` knows.

    Args:
        kind: box, polygon, circle or corridor.
        lines: one position a line, or apart by semicolons.
        metres: radius of a circle, or to each side of a corridor.

    Raises:
        QueryRefused: a line is no position, or they make no area; the words say which line.
    """
    points: list[Position] = []
    texts = [(n, t) for n, line in enumerate(lines.splitlines(), 1) for t in line.split(";")]
    for number, text in texts:
        if not text.strip():
            continue
        try:
            points.append(position_of(text))
        except QueryRefused as refusal:
            raise QueryRefused(
                "area", f"Line {number}: {refusal.message}", refusal.remedy
            ) from None
    needs = {"box": 2, "circle": 1, "corridor": 2}.get(kind, 3)
    is_exact = kind in ("box", "circle")
    if len(points) < needs or (is_exact and len(points) > needs):
        words = f"{needs} position{'s' if needs > 1 else ''}{'' if is_exact else ' or more'}"
        raise QueryRefused("area", f"A {kind} is made of {words}.", "One on each line.")
    radius = metres if kind == "circle" else None
    drawn = Drawn(kind, tuple((p.latitude, p.longitude) for p in points), radius)
    return area_of_drawn(drawn, None, metres)


def places_of(area: Area) -> tuple[Position, ...]:
    """Return the positions that an area was made of."""
    if isinstance(area, Circle):
        return (area.centre,)
    return area.points if isinstance(area, Corridor) else area.corners


def bounds_of_places(places: Iterable[Position]) -> tuple[Position, Position]:
    """Return the south-western and the north-eastern corner of places; there is one at least."""
    held = list(places)
    return (
        Position(min(p.latitude for p in held), min(p.longitude for p in held)),
        Position(max(p.latitude for p in held), max(p.longitude for p in held)),
    )


def bounds_of_area(area: Area) -> tuple[Position, Position]:
    """Return the box an area lies in, with the metres round its points."""
    low, high = bounds_of_places(places_of(area))
    metres = area.radius_m if isinstance(area, Circle | Corridor) else 0.0
    up = metres / _METRES_A_DEGREE
    widest = max(abs(low.latitude), abs(high.latitude))
    along = up / max(0.01, math.cos(math.radians(widest)))
    return (
        Position(max(-90.0, low.latitude - up), max(-180.0, low.longitude - along)),
        Position(min(90.0, high.latitude + up), min(180.0, high.longitude + along)),
    )
