"""Areas of a question made ready to be asked of many positions at once."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from nas_desktop.domain.geo import EARTH_RADIUS_M, Position
from nas_desktop.domain.query import Area, Circle, Corridor, Polygon, QueryRefused

Floats: TypeAlias = NDArray[np.float64]


class AreaTest:
    """Tells which positions lie in an area.

    A circle is judged on the sphere; a corridor in the plane that touches the Earth at its middle,
    which is right within 0.5 % over the 100 km that a corridor may be wide; a polygon in latitude
    and longitude, as it is drawn.

    Raises:
        QueryRefused: the sides of the polygon cross each other, or it has no inside.
    """

    def __init__(self, area: Area) -> None:
        self._area = area
        self._middle = _middle(area)
        match area:
            case Polygon(corners=corners):
                shape = shapely.Polygon([(p.longitude, p.latitude) for p in corners])
                if not shape.is_valid or shape.area == 0:
                    raise QueryRefused(
                        "polygon",
                        "The sides of the area cross each other, or it has no inside.",
                        "Draw it again in one round.",
                    )
                self._shape: shapely.Geometry = shape
            case Corridor(points=points):
                x, y = self._metres(
                    np.array([p.latitude for p in points]), np.array([p.longitude for p in points])
                )
                line = np.unique(np.stack([x, y], axis=1), axis=0)
                if len(line) == 1:  # a line of no length is a circle
                    self._shape = shapely.Point(line[0])
                else:
                    self._shape = shapely.LineString(np.stack([x, y], axis=1))
            case Circle():
                self._shape = shapely.Point(0.0, 0.0)
        shapely.prepare(self._shape)

    def inside(self, latitudes: Floats, longitudes: Floats) -> NDArray[np.bool_]:
        """Tell of each position whether it lies in the area; of what is no number it does not."""
        known = np.isfinite(latitudes) & np.isfinite(longitudes)
        if not known.all():
            found = np.zeros(len(latitudes), np.bool_)
            found[known] = self.inside(latitudes[known], longitudes[known])
            return found
        match self._area:
            case Circle(centre=centre, radius_m=radius):
                return np.asarray(_distances(centre, latitudes, longitudes) <= radius)
            case Polygon():
                return np.asarray(shapely.intersects_xy(self._shape, longitudes, latitudes))
            case Corridor(radius_m=radius):
                x, y = self._metres(latitudes, longitudes)
                return np.asarray(shapely.dwithin(shapely.points(x, y), self._shape, radius))

    def holds(self, position: Position) -> bool:
        """Tell whether one position lies in the area."""
        return bool(self.inside(np.array([position.latitude]), np.array([position.longitude]))[0])

    def _metres(self, latitudes: Floats, longitudes: Floats) -> tuple[Floats, Floats]:
        scale = math.radians(1) * EARTH_RADIUS_M
        x = (longitudes - self._middle.longitude) * scale
        return (
            x * math.cos(math.radians(self._middle.latitude)),
            (latitudes - self._middle.latitude) * scale,
        )


def _middle(area: Area) -> Position:
    match area:
        case Circle(centre=centre):
            return centre
        case Polygon(corners=points) | Corridor(points=points):
            return Position(
                sum(p.latitude for p in points) / len(points),
                sum(p.longitude for p in points) / len(points),
            )


def _distances(centre: Position, latitudes: Floats, longitudes: Floats) -> Floats:
    """Great-circle distances in metres, haversine; see ``domain.geo.distance_m``."""
    first, others = math.radians(centre.latitude), np.radians(latitudes)
    half = np.sin((others - first) / 2) ** 2
    across = np.sin(np.radians(longitudes - centre.longitude) / 2) ** 2
    h = half + math.cos(first) * np.cos(others) * across
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(h))), np.float64)
