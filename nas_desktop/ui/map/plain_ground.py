"""The quiet part of the plain map: sea, land, borders, rivers, towns, grid and scale bar."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from nas_desktop.services.base_map import BaseMap, Lines
from nas_desktop.services.mercator import metres_per_pixel, to_world
from nas_desktop.services.os_grid import GridLine, graticule
from nas_desktop.ui.map.map_colours import GROUND
from nas_desktop.ui.map.plain_plane import Plane
from nas_desktop.ui.map.plain_text import Room, Words
from nas_desktop.ui.theme import Look

MOST_LABELS = 160
LEAST_STEP_PX = 0.8
"""Points of a line that are nearer to the one before are left out."""

_PEOPLE = ((12, 0), (11, 2_000), (10, 8_000), (9, 25_000), (8, 60_000), (7, 120_000), (6, 220_000))
"""From this zoom on towns are named from this size on."""

_ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
_MILE_M = 1_609.344


def path_of(x: NDArray[np.float64], y: NDArray[np.float64], starts: NDArray[np.bool_]) -> (
    QPainterPath
):  # fmt: skip
    """Return many lines as one path, without a call for each point.

    Args:
        x: of all points, line after line.
        y: as many.
        starts: which points begin a line.
    """
    path = QPainterPath()
    if not len(x):
        return path
    elements = np.zeros(len(x), _ELEMENT)
    elements["kind"], elements["x"], elements["y"] = np.where(starts, 0, 1), x, y
    # What QDataStream writes of a path: count, elements, where the last line starts, fill rule.
    head, tail = np.array([len(x)], ">i4"), np.array([0, 0], ">i4")
    content = QByteArray(head.tobytes() + elements.tobytes() + tail.tobytes())
    QDataStream(content) >> path
    return path


def traced(lines: Lines, plane: Plane, *, is_closed: bool) -> QPainterPath:
    """Return what of many lines can be seen, as fine as the view can show it."""
    near = lines.touching(plane.wider(8).edges())
    wide = (lines.boxes[near, 2:] - lines.boxes[near, :2]) * plane.scale
    near = near[(wide >= LEAST_STEP_PX).any(axis=1)]
    if not len(near):
        return QPainterPath()
    firsts, ends = lines.starts[near].astype(np.int64), lines.starts[near + 1].astype(np.int64)
    extra = 1 if is_closed else 0
    counts = ends - firsts + extra
    offsets = np.concatenate([[0], np.cumsum(counts)[:-1]])
    which = np.repeat(np.arange(len(near)), counts)
    index = np.arange(int(counts.sum())) - offsets[which]
    # A ring ends where it began.
    index = np.where(index == counts[which] - extra, 0, index) if is_closed else index
    x, y = plane.spots(*lines.xy[firsts[which] + index].T)
    is_first, is_last = np.zeros(len(x), bool), np.zeros(len(x), bool)
    is_first[offsets], is_last[offsets + counts - 1] = True, True
    kept = is_first | is_last | ~(_is_off(x, y, plane) | _is_close(x, y))
    return path_of(x[kept], y[kept], is_first[kept])


def _is_off(x: NDArray[np.float64], y: NDArray[np.float64], plane: Plane) -> NDArray[np.bool_]:
    """Tell which points lie, with both neighbours, beyond one and the same edge.

    Without them no side comes into the view that was not there before.
    """
    edge = np.select([x < -8, x > plane.width + 8, y < -8, y > plane.height + 8], [1, 2, 3, 4], 0)
    off = np.zeros(len(x), bool)
    off[1:-1] = (edge[1:-1] > 0) & (edge[:-2] == edge[1:-1]) & (edge[2:] == edge[1:-1])
    return off


def _is_close(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points fall into the same cell as the one before."""
    across, down = np.floor(x / LEAST_STEP_PX), np.floor(y / LEAST_STEP_PX)
    close = np.zeros(len(x), bool)
    close[1:] = (across[1:] == across[:-1]) & (down[1:] == down[:-1])
    return close


class Ground:
    """Paints the shipped map, the National Grid and the scale bar."""

    def __init__(self, base: BaseMap, words: Words) -> None:
        self._base, self._words = base, words
        towns = base.towns
        lat = np.array([town.latitude for town in towns], np.float64)
        lon = np.array([town.longitude for town in towns], np.float64)
        self._x, self._y = to_world(lat, lon)
        self._people = np.array([town.population for town in towns], np.int64)
        self._lines: tuple[Plane | None, list[GridLine]] = (None, [])

    def paint(self, painter: QPainter, plane: Plane, look: Look) -> None:
        """Paint sea, land, coast, rivers and borders."""
        if not self._base.levels:
            return
        colours = GROUND[look.name]
        level = self._base.level_at(plane.zoom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        land = traced(level.land, plane, is_closed=True)
        painter.fillPath(land, QColor(colours["land"]))  # odd-even is the rule of a path
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.strokePath(land, QPen(QColor(colours["coast"]), 1))
        if plane.zoom >= 7:
            rivers = traced(level.rivers, plane, is_closed=False)
            width = 1.5 if plane.zoom >= 10 else 1.0
            painter.strokePath(rivers, QPen(QColor(colours["river"]), width))
        pen = QPen(QColor(colours["border"]), 1)
        pen.setDashPattern([6, 4])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.strokePath(traced(level.borders, plane, is_closed=False), pen)

    def paint_towns(self, painter: QPainter, plane: Plane, look: Look) -> None:
        """Paint the towns and their names, the largest first, none over another."""
        colours = GROUND[look.name]
        least = next((people for zoom, people in _PEOPLE if plane.zoom >= zoom), 500_000)
        x, y = plane.spots(self._x, self._y)
        inside = (x > 0) & (y > 0) & (x < plane.width) & (y < plane.height)
        rows = np.flatnonzero(inside & (self._people >= least))
        plain, strong = look.font(11), look.semibold(11)
        room, shown = Room(), 0
        high = QFontMetricsF(strong).height()
        painter.setBrush(QColor(colours["town"]))
        painter.setPen(Qt.PenStyle.NoPen)
        for row in rows.tolist():
            town = self._base.towns[row]
            font: QFont = strong if town.population > 250_000 else plain
            px, py = float(x[row]), float(y[row])
            wide = QFontMetricsF(font).horizontalAdvance(town.name)
            dot = look.px(2)
            if not room.take(QRectF(px - 3, py - high / 2, wide + 3 * dot + 9, high)):
                continue
            painter.drawEllipse(QPointF(px, py), dot, dot)
            at = QPointF(px + 3 * dot, py)
            self._words.write(painter, town.name, at, font, (colours["town"], colours["land"]))
            shown += 1
            if shown >= MOST_LABELS:
                break

    # ------------------------------------------------------------------ grid and scale

    def grid_lines(self, plane: Plane) -> list[GridLine]:
        """Return the lines of the grid in a view; found once for each view."""
        if self._lines[0] != plane:
            self._lines = (plane, graticule(plane.edges(), plane.zoom))
        return self._lines[1]

    def paint_grid(self, painter: QPainter, plane: Plane, look: Look) -> None:
        """Paint the lines of the National Grid."""
        lines = self.grid_lines(plane)
        if not lines:
            return
        xy = np.concatenate([line.xy for line in lines])
        starts = np.zeros(len(xy), bool)
        starts[np.concatenate([[0], np.cumsum([len(line.xy) for line in lines])[:-1]])] = True
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(GROUND[look.name]["grid"]), 1)
        painter.strokePath(path_of(*plane.spots(xy[:, 0], xy[:, 1]), starts), pen)

    def paint_grid_labels(self, painter: QPainter, plane: Plane, held: Plane, look: Look) -> None:
        """Paint what the lines are called, where each comes into the view: top or left.

        Args:
            painter: of the view.
            plane: what is seen.
            held: the plane whose lines were painted; it sees as much or more.
            look: theme and size.
        """
        colours, font = GROUND[look.name], look.font(10)
        pair = (colours["gridText"], colours["land"])
        top, left = look.px(10), look.px(4)
        room, metrics = Room(), QFontMetricsF(font)
        for line in self.grid_lines(held):
            x, y = plane.spots(line.xy[:, 0], line.xy[:, 1])
            along, level = (y, top) if line.is_easting else (x, left)
            cross = np.flatnonzero((along[:-1] - level) * (along[1:] - level) <= 0)
            if not line.label or not len(cross):
                continue
            a = int(cross[0])
            step = float(along[a + 1] - along[a])
            share = (level - float(along[a])) / step if step else 0.0
            px = float(x[a] + share * (x[a + 1] - x[a]))
            py = float(y[a] + share * (y[a + 1] - y[a]))
            if line.is_easting and 30 < px < plane.width - look.px(40):
                spot = QPointF(px + 3, top)
            elif not line.is_easting and look.px(24) < py < plane.height - look.px(48):
                spot = QPointF(left, py - look.px(7))
            else:
                continue
            wide, high = metrics.horizontalAdvance(line.label) + 4, metrics.height()
            if room.take(QRectF(spot.x(), spot.y() - high / 2, wide, high)):
                self._words.write(painter, line.label, spot, font, pair)

    def paint_scale(self, painter: QPainter, plane: Plane, look: Look) -> None:
        """Paint the scale bar at the left below: metres above, miles or feet below."""
        metres = metres_per_pixel(plane.middle.latitude, plane.zoom)
        most = look.px(100) * metres
        long = _round_down(most)
        above = f"{long / 1000:g} km" if long >= 1000 else f"{long:g} m"
        if most >= _MILE_M:
            miles = _round_down(most / _MILE_M)
            below, short = f"{miles:g} mi", miles * _MILE_M
        else:
            feet = _round_down(most / 0.3048)
            below, short = f"{feet:g} ft", feet * 0.3048
        font = look.font(11)
        high = QFontMetricsF(font).height() + look.px(2)
        left, foot = look.px(6), plane.height - look.px(6)
        panel = QColor(look.tokens.panel)
        panel.setAlphaF(0.8)
        painter.setFont(font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for words, width, top, is_above in (
            (above, long / metres, foot - 2 * high, True),
            (below, short / metres, foot - high, False),
        ):
            box = QRectF(left, top, round(width), high)
            painter.fillRect(box, panel)
            painter.setPen(QPen(look.color("text_2"), max(1, look.px(1.5))))
            painter.drawLine(box.topLeft(), box.bottomLeft())
            painter.drawLine(box.topRight(), box.bottomRight())
            painter.drawLine(
                *((box.bottomLeft(), box.bottomRight()))
                if is_above
                else (box.topLeft(), box.topRight())
            )
            painter.setPen(look.color("text"))
            inner = box.adjusted(look.px(4), 0, look.px(60), 0)
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignVCenter), words)


def _round_down(number: float) -> float:
    """Return the greatest of 1, 2, 3, 5 times a power of ten that is no greater."""
    power: float = 10.0 ** math.floor(math.log10(max(1e-6, number)))
    first = number / power
    return next(step for step in (5, 3, 2, 1) if first >= step or step == 1) * power
