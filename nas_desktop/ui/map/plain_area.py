"""The area of the question on the plain map, its handles, and a shape in the making."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from nas_desktop.domain.geo import Position, distance_m
from nas_desktop.domain.query import Area, Circle, Corridor
from nas_desktop.services.mercator import metres_per_pixel
from nas_desktop.ui.map.drawn_areas import places_of
from nas_desktop.ui.map.map_colours import GROUND
from nas_desktop.ui.map.map_view import Drawn
from nas_desktop.ui.map.plain_drawing import Drawing, handles_of
from nas_desktop.ui.map.plain_plane import Plane
from nas_desktop.ui.theme import Look

_FILL, _WIDTH_FILL = 0.12, 0.22
HANDLE_PX, CROSS_PX = 9, 14


def paint_area(
    painter: QPainter,
    plane: Plane,
    look: Look,
    area: Area,
    edit: Drawn | None,
    *,
    has_handles: bool,
) -> None:
    """Paint an area: outline, a light fill, the width of a corridor.

    Args:
        painter: of the view.
        plane: what is seen.
        look: theme and size.
        area: of the question.
        edit: the area as its handle is being moved, or None.
        has_handles: what it can be taken hold of by is painted as well.
    """
    points = [Position(*p) for p in edit.points] if edit is not None else list(places_of(area))
    if isinstance(area, Circle):
        radius = area.radius_m if edit is None else edit.radius_m or 0.0
        _paint_circle(painter, plane, look, points[0], radius)
    elif isinstance(area, Corridor):
        middle = points[len(points) // 2].latitude
        pixels = area.radius_m / metres_per_pixel(middle, plane.zoom)
        _paint_width(painter, plane, look, points, pixels)
        _paint_line(painter, plane, look, points, is_closed=False)
    else:
        _paint_line(painter, plane, look, points, is_closed=True)
    if has_handles:
        _paint_squares(painter, plane, look, handles_of(area) if edit is None else points)


def paint_drawing(painter: QPainter, plane: Plane, look: Look, drawing: Drawing) -> None:
    """Paint a shape in the making, with the side to come dashed."""
    points = drawing.outline()
    if not drawing.points or len(points) < 2:
        _paint_squares(painter, plane, look, drawing.points)
        return
    if drawing.tool == "circle":
        _paint_circle(painter, plane, look, points[0], distance_m(points[0], points[1]))
        _paint_line(painter, plane, look, points[:2], is_closed=False, is_dashed=True)
    elif drawing.tool == "box":
        _paint_line(painter, plane, look, points, is_closed=True)
    else:
        _paint_line(painter, plane, look, drawing.points, is_closed=False)
        coming = points[len(drawing.points) - 1 :]
        if drawing.tool == "polygon" and len(drawing.points) > 1:
            coming = [*coming, points[0]]
        _paint_line(painter, plane, look, coming, is_closed=False, is_dashed=True)
    _paint_squares(painter, plane, look, drawing.points)


def paint_cross(painter: QPainter, at: QPointF, look: Look) -> None:
    """Paint the cross at which the keyboard sets a corner."""
    far = look.px(CROSS_PX)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((QColor(GROUND[look.name]["land"]), 4.0), (look.color("text"), 1.6)):
        painter.setPen(QPen(colour, width * look.scale))
        painter.drawLine(at - QPointF(far, 0), at + QPointF(far, 0))
        painter.drawLine(at - QPointF(0, far), at + QPointF(0, far))


def _paint_line(
    painter: QPainter,
    plane: Plane,
    look: Look,
    points: Sequence[Position],
    *,
    is_closed: bool,
    is_dashed: bool = False,
) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    spots = QPolygonF(plane.spots_of(points))
    pen = _pen(look)
    if is_dashed:
        pen.setDashPattern([2.5, 2.5])
    painter.setPen(pen)
    painter.setBrush(_fill(look) if is_closed else Qt.BrushStyle.NoBrush)
    if is_closed:
        painter.drawPolygon(spots)
    else:
        painter.drawPolyline(spots)


def _paint_width(
    painter: QPainter, plane: Plane, look: Look, points: Sequence[Position], pixels: float
) -> None:
    """Paint as far to each side of a line as a corridor reaches."""
    path = QPainterPath()
    path.addPolygon(QPolygonF(plane.spots_of(points)))
    colour = QColor(look.color("focus"))
    colour.setAlphaF(_WIDTH_FILL)
    pen = QPen(colour, max(2.0, 2 * pixels))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.strokePath(path, pen)


def _paint_circle(
    painter: QPainter, plane: Plane, look: Look, centre: Position, radius_m: float
) -> None:
    radius = radius_m / metres_per_pixel(centre.latitude, plane.zoom)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_pen(look))
    painter.setBrush(_fill(look))
    painter.drawEllipse(plane.spot(centre), radius, radius)


def _paint_squares(painter: QPainter, plane: Plane, look: Look, places: Sequence[Position]) -> None:
    side = look.px(HANDLE_PX)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.color("focus"), 2 * look.scale))
    painter.setBrush(look.color("raised"))
    for at in plane.spots_of(places):
        painter.drawRect(QRectF(at.x() - side / 2, at.y() - side / 2, side, side))


def _pen(look: Look) -> QPen:
    pen = QPen(look.color("focus"), 2 * look.scale)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _fill(look: Look) -> QColor:
    colour = QColor(look.color("focus"))
    colour.setAlphaF(_FILL)
    return colour
