"""Shapes drawn on the map, made into the areas that a question can have.

A hand slips: sides that cross are mended where it is plain what was meant, too many corners are
thinned, and a sentence says so. What cannot be mended is refused with a sentence.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from nas_desktop.domain.geo import EARTH_RADIUS_M, Position
from nas_desktop.domain.query_area import (
    MOST_POINTS,
    Area,
    Circle,
    Corridor,
    Polygon,
    QueryRefused,
    checked_area,
)
from nas_desktop.services.mercator import Floats
from nas_desktop.services.os_grid import checked_position

MOST_DRAWN: Final = 20_000
"""Most points of one shape, before they are thinned to ``MOST_POINTS``."""

LONGEST_NAME: Final = 80
"""Most characters of the name of an area."""

_LEAST_KEPT: Final = 0.9
_MOST_CROSSINGS: Final = 100
_DEGREE_M: Final = math.radians(1) * EARTH_RADIUS_M
_DRAW_AGAIN: Final = "Draw it again in one round, without crossing a side."


@dataclass(frozen=True, slots=True)
class NamedArea:
    """An area with the name that it has in a file; ``note`` says what was changed, or nothing."""

    name: str
    area: Area
    note: str = ""


def box(one: Position, other: Position) -> Polygon:
    """Return the box between two opposite corners, with sides north to south and west to east.

    Raises:
        QueryRefused: a corner is no position, or the box has no inside.
    """
    a, b = checked_position(*one), checked_position(*other)
    (south, north), (west, east) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    if round(south, 6) == round(north, 6) or round(west, 6) == round(east, 6):
        raise QueryRefused("polygon", "The box has no inside.", "Draw it from corner to corner.")
    corners = ((south, west), (south, east), (north, east), (north, west))
    return _polygon([Position(*corner) for corner in corners])


def circle(centre: Position, radius_m: float) -> Circle:
    """Return a circle.

    Args:
        centre: WGS 84.
        radius_m: 1 to 100,000 metres.

    Raises:
        QueryRefused: the centre is no position, or the radius out of range.
    """
    area = checked_area(Circle(checked_position(*centre), radius_m))
    assert isinstance(area, Circle)
    return area


def corridor(points: Sequence[Position], width_m: float) -> tuple[Corridor, str]:
    """Return a corridor along a line, and a sentence if points were left out, else nothing.

    Args:
        points: 2 to ``MOST_DRAWN``, WGS 84.
        width_m: metres to each side of the line, 1 to 100,000.

    Raises:
        QueryRefused: a point is no position, the line has no length, or a number is out of range.
    """
    line, note = _thinned(_checked(points), is_ring=False)
    if len(line) < 2:
        raise QueryRefused("corridor", "The line has no length.", "Give it two points or more.")
    area = checked_area(Corridor(tuple(line), width_m))
    assert isinstance(area, Corridor)
    return area, note


def repaired(corners: Sequence[Position]) -> tuple[Polygon, str]:
    """Return the polygon that was meant, and a sentence if it is not the one drawn, else nothing.

    Sides that cross are mended when the largest part has nine tenths of the whole.

    Args:
        corners: 3 to ``MOST_DRAWN``, WGS 84; the last may repeat the first.

    Raises:
        QueryRefused: a corner is no position, there is no inside, or it is not plain what is meant.
    """
    ring, note = _thinned(_checked(corners), is_ring=True)
    if len(ring) < 3:
        raise QueryRefused("polygon", "An area has 3 corners or more.", "Add corners to it.")
    try:
        return _polygon(ring), note
    except QueryRefused:
        mended, words = _mended(ring)
        return mended, " ".join(filter(None, (note, words)))


def area_geojson(area: Area, name: str = "") -> dict[str, object]:
    """Return an area as a GeoJSON feature (RFC 7946) that ``areas_from_geojson`` reads again.

    A circle is a point and a corridor a line, with their metres as the property ``radius_m``.
    """
    properties: dict[str, object] = {"name": name} if name else {}
    coordinates: object
    match area:
        case Circle(centre=centre, radius_m=radius):
            properties["radius_m"] = radius
            kind, coordinates = "Point", _pair(centre)
        case Corridor(points=points, radius_m=radius):
            properties["radius_m"] = radius
            kind, coordinates = "LineString", [_pair(point) for point in points]
        case Polygon(corners=corners):
            turned = shapely.orient_polygons(shapely.Polygon([_pair(c) for c in corners]))
            kind, coordinates = "Polygon", [shapely.get_coordinates(turned).tolist()]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def plain_name(text: str) -> str:
    """Return a name without control and direction characters, at most ``LONGEST_NAME`` long."""
    kept = (" " if c.isspace() else c for c in text[: 10 * LONGEST_NAME])
    visible = "".join(c for c in kept if not unicodedata.category(c).startswith("C"))
    return " ".join(visible.split())[:LONGEST_NAME].rstrip()


def _pair(position: Position) -> list[float]:
    return [position.longitude, position.latitude]


def _checked(points: Sequence[Position]) -> list[Position]:
    """Return points that are positions; the text of the first that is none says which."""
    if len(points) > MOST_DRAWN:
        raise QueryRefused(
            "area",
            f"The shape has {len(points):,} points; {MOST_DRAWN:,} are the most.",
            "Simplify it first.",
        )
    found: list[Position] = []
    for number, point in enumerate(points, 1):
        try:
            place = checked_position(*point)
        except QueryRefused as refusal:
            message = f"Point {number}: {refusal.message}"
            raise QueryRefused("area", message, refusal.remedy) from None
        # 0.1 m: what is nearer than that only spoils the arithmetic.
        found.append(Position(round(place.latitude, 6), round(place.longitude, 6)))
    return found


def _thinned(points: list[Position], *, is_ring: bool) -> tuple[list[Position], str]:
    """Return points without repetitions, few enough, and a sentence if any was left out."""
    points = [p for n, p in enumerate(points) if not n or p != points[n - 1]]
    if is_ring and len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    if len(points) <= MOST_POINTS:
        return points, ""
    scale = np.array([_DEGREE_M, _DEGREE_M * math.cos(math.radians(points[0].latitude))])
    drawn = [*points, points[0]] if is_ring else points
    line = shapely.LineString(np.array(drawn, np.float64) * scale)
    west, south, east, north = shapely.bounds(line).tolist()
    most_m = max(50.0, 0.005 * math.hypot(east - west, north - south))
    tolerance_m = 1.0
    while True:
        metres = shapely.get_coordinates(
            shapely.simplify(line, tolerance_m, preserve_topology=False)
        )
        if len(metres) - is_ring <= MOST_POINTS:
            break
        tolerance_m *= 1.5
        if tolerance_m > most_m:
            raise QueryRefused(
                "area",
                f"The shape has {len(points):,} points, and {MOST_POINTS} cannot follow them.",
                "Simplify it first.",
            )
    left = metres[:-1] if is_ring else metres
    sentence = (
        f"{len(points):,} points were thinned to {len(left)};"
        f" no side moved by more than {tolerance_m:,.0f} m."
    )
    degrees: Floats = left / scale
    return [Position(*row) for row in degrees.tolist()], sentence


def _polygon(corners: Sequence[Position]) -> Polygon:
    """Return a polygon that every part of the program takes."""
    area = checked_area(Polygon(tuple(corners)))
    assert isinstance(area, Polygon)
    return area


def _mended(ring: list[Position]) -> tuple[Polygon, str]:
    """Return the largest part of a polygon whose sides cross, and a sentence."""
    drawn = shapely.Polygon([_pair(corner) for corner in ring])
    # Mending takes time by the square of the crossings: a scribble would take minutes.
    pieces = shapely.get_num_geometries(shapely.node(drawn.exterior))
    if int(pieces) > len(ring) + 2 * _MOST_CROSSINGS:
        raise QueryRefused("polygon", "The sides of the shape cross too often.", _DRAW_AGAIN)
    parts = [
        shapely.Polygon(part.exterior)
        for part in shapely.get_parts(shapely.make_valid(drawn)).tolist()
        for part in shapely.get_parts(part).tolist()
        if part.geom_type == "Polygon"
    ]
    if not parts:
        raise QueryRefused("polygon", "The shape has no inside.", _DRAW_AGAIN)
    # Rounded as the text of an area is, so that what is mended stays so.
    fine = [shapely.set_precision(part, 1e-6) for part in parts]
    simple = [p for many in fine for p in shapely.get_parts(many).tolist() if not p.is_empty]
    largest = max(simple, key=lambda part: float(part.area), default=shapely.Polygon())
    whole = float(shapely.union_all(parts).area)
    kept = float(largest.area) / whole
    holes = float(shapely.difference(largest, shapely.make_valid(drawn)).area) / whole
    if kept < _LEAST_KEPT or holes > 1 - _LEAST_KEPT:
        raise QueryRefused(
            "polygon", "The sides of the shape cross: it is not plain what is inside.", _DRAW_AGAIN
        )
    corners = [Position(y, x) for x, y in shapely.get_coordinates(largest.exterior).tolist()]
    if len(corners) - 1 > MOST_POINTS:
        raise QueryRefused("polygon", "The sides of the shape cross too often.", _DRAW_AGAIN)
    try:
        mended = _polygon(corners)
    except QueryRefused:
        raise QueryRefused(
            "polygon", "The sides of the shape lie on each other.", _DRAW_AGAIN
        ) from None
    lost = 100 * (1 - kept)
    left = f"{lost:.1f} % of the area was left out." if lost >= 0.05 else "the outline was mended."
    return mended, f"Sides crossed or touched; {left}"
