"""What of the world is seen: from world pixels to pixels of the view and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from nas_desktop.domain.geo import Position
from nas_desktop.services.mercator import to_geo, to_world
from nas_desktop.ui.map.map_view import LEAST_ZOOM, MOST_ZOOM, ViewBox

Floats: TypeAlias = NDArray[np.floating]

SOUTH_WEST, NORTH_EAST = Position(45.0, -20.0), Position(65.0, 12.0)
"""The middle of the view never leaves this box."""

FIT_PX = 40
"""Left free round a box that is shown whole."""


def world_of(place: Position) -> tuple[float, float]:
    """Return the world pixels of a place."""
    x, y = to_world(place.latitude, place.longitude)
    return float(x), float(y)


_WEST, _SOUTH = world_of(SOUTH_WEST)
_EAST, _NORTH = world_of(NORTH_EAST)


@dataclass(frozen=True, slots=True)
class Plane:
    """A view of the world: its middle in world pixels, its zoom, its size in logical pixels."""

    x: float
    y: float
    zoom: float
    width: float
    height: float

    @property
    def scale(self) -> float:
        """How many pixels of the view a world pixel is."""
        return math.exp2(self.zoom)

    @property
    def dx(self) -> float:
        """Added to scaled x."""
        return self.width / 2 - self.x * self.scale

    @property
    def dy(self) -> float:
        """Added to scaled y."""
        return self.height / 2 - self.y * self.scale

    @property
    def middle(self) -> Position:
        """The place in the middle."""
        return self.place(self.width / 2, self.height / 2)

    def spot(self, place: Position) -> QPointF:
        """Return where in the view a place is."""
        x, y = world_of(place)
        return QPointF(x * self.scale + self.dx, y * self.scale + self.dy)

    def spots(self, x: Floats, y: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where in the view world pixels are."""
        return (
            x.astype(np.float64) * self.scale + self.dx,
            y.astype(np.float64) * self.scale + self.dy,
        )

    def spots_of(self, places: Sequence[Position]) -> list[QPointF]:
        """Return where in the view many places are."""
        pairs = np.array(places, np.float64).reshape(-1, 2)
        x, y = self.spots(*to_world(pairs[:, 0], pairs[:, 1]))
        return [QPointF(*pair) for pair in zip(x.tolist(), y.tolist(), strict=True)]

    def place(self, x: float, y: float) -> Position:
        """Return which place is at a spot of the view."""
        lat, lon = to_geo((x - self.dx) / self.scale, (y - self.dy) / self.scale)
        return Position(float(lat), float(lon))

    def edges(self) -> tuple[float, float, float, float]:
        """Return west, north, east, south in world pixels."""
        across, down = self.width / 2 / self.scale, self.height / 2 / self.scale
        return self.x - across, self.y - down, self.x + across, self.y + down

    def box(self) -> ViewBox:
        """Return what is seen, as every view of the map says it."""
        low, high = self.place(0, self.height), self.place(self.width, 0)
        sides = (low.latitude, low.longitude, high.latitude, high.longitude)
        return ViewBox(self.middle, self.zoom, *sides)

    # ------------------------------------------------------------------ other planes

    def wider(self, margin: int) -> Plane:
        """Return the plane that sees more on every side."""
        return replace(self, width=self.width + 2 * margin, height=self.height + 2 * margin)

    def sized(self, width: float, height: float) -> Plane:
        """Return the plane of another size with the same middle."""
        return replace(self, width=width, height=height)

    def at(self, x: float, y: float, zoom: float | None = None) -> Plane:
        """Return the plane with another middle in world pixels, held near the British Isles."""
        held = self.zoom if zoom is None else min(MOST_ZOOM, max(LEAST_ZOOM, zoom))
        x, y = min(_EAST, max(_WEST, x)), min(_SOUTH, max(_NORTH, y))
        return replace(self, x=x, y=y, zoom=held)

    def moved(self, right: float, down: float) -> Plane:
        """Return the plane that is moved by pixels."""
        return self.at(self.x + right / self.scale, self.y + down / self.scale)

    def zoomed(self, steps: float, x: float | None = None, y: float | None = None) -> Plane:
        """Return the plane some steps closer; what is at the spot stays at the spot."""
        x = self.width / 2 if x is None else x
        y = self.height / 2 if y is None else y
        # In half steps, so that a map is as sharp after a hundred turns of the wheel as at first.
        zoom = min(MOST_ZOOM, max(LEAST_ZOOM, round(2 * (self.zoom + steps)) / 2))
        scale = math.exp2(zoom)
        west, north = (x - self.dx) / self.scale, (y - self.dy) / self.scale
        return self.at(
            west - (x - self.width / 2) / scale, north - (y - self.height / 2) / scale, zoom
        )

    def fitted(self, south_west: Position, north_east: Position, most_zoom: float) -> Plane:
        """Return the closest plane, in half steps, that shows a box whole with room round it."""
        west, south = world_of(south_west)
        east, north = world_of(north_east)
        across = max(40.0, self.width - 2 * FIT_PX) / max(1e-9, east - west)
        down = max(40.0, self.height - 2 * FIT_PX) / max(1e-9, south - north)
        zoom = min(most_zoom, math.floor(2 * math.log2(min(across, down))) / 2)
        return self.at((west + east) / 2, (north + south) / 2, zoom)
