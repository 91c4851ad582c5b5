"""One layer of the plain map: painted once, then only moved until it is out of date."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPixmap

from nas_desktop.ui.map.plain_plane import Plane
from nas_desktop.ui.map.scene import Part

MARGIN_PX = 128
"""Painted round the view, so that a map that is dragged has something to show at once."""

LAYERS_OF: dict[Part, tuple[str, ...]] = {
    Part.LOOK: ("ground", "reads", "cameras", "live"),
    Part.HITS: ("live",),
    Part.CAMERAS: ("cameras",),
    Part.JOURNEY: ("live",),
    Part.CHOSEN: ("live", "cameras"),
    Part.READS: ("reads",),
    Part.HUES: ("reads",),
    Part.SPAN: ("reads",),
    Part.WAY: ("reads",),
    Part.AREA: (),
    Part.OPTIONS: ("ground", "reads", "cameras", "live"),
    Part.TILES: ("ground",),
}
"""Which layers a part of the scene is painted in; the area is in none, it is painted each time."""


class Layer:
    """A picture of a part of the map that is somewhat wider than the view.

    Args:
        paint: paints a plane at a pixel ratio; returns False if there was nothing to paint.
    """

    def __init__(self, paint: Callable[[QPainter, Plane, float], bool]) -> None:
        self._paint = paint
        self._picture: QPixmap | None = None
        self.plane: Plane | None = None
        self._ratio = 0.0
        self.made = 0
        """How often it was painted."""

    def forget(self) -> None:
        """Paint it anew at the next occasion; what was painted is gone at once."""
        self.plane = self._picture = None

    def show(self, painter: QPainter, plane: Plane, ratio: float, opacity: float = 1.0) -> Plane:
        """Bring the layer onto the view; returns the plane that was painted."""
        held = self.plane if self._is_good(plane, ratio) else None
        if held is None:
            held = self._make(plane, ratio)
        if self._picture is not None:
            x = round((plane.dx - held.dx) * ratio) / ratio
            y = round((plane.dy - held.dy) * ratio) / ratio
            painter.setOpacity(opacity)
            painter.drawPixmap(QPointF(x, y), self._picture)
            painter.setOpacity(1.0)
        return held

    def is_moved(self, plane: Plane) -> bool:
        """Tell whether it was painted for another plane than this, and merely moved here."""
        return self.plane is not None and self.plane != plane.wider(MARGIN_PX)

    def _is_good(self, plane: Plane, ratio: float) -> bool:
        held, wide = self.plane, plane.wider(MARGIN_PX)
        if held is None or ratio != self._ratio or held.zoom != plane.zoom:
            return False
        if (held.width, held.height) != (wide.width, wide.height):
            return False
        x, y = plane.dx - held.dx, plane.dy - held.dy
        return -2 * MARGIN_PX <= x <= 0 and -2 * MARGIN_PX <= y <= 0

    def _make(self, plane: Plane, ratio: float) -> Plane:
        wide = plane.wider(MARGIN_PX)
        picture = QPixmap(round(wide.width * ratio), round(wide.height * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        has_any = self._paint(painter, wide, ratio)
        painter.end()
        self.made += 1
        self.plane, self._ratio = wide, ratio
        self._picture = picture if has_any else None
        return wide
