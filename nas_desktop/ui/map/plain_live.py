"""What happens now, on the plain map: cameras, the journey, hits as on the cards, rings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF

from nas_desktop.domain.geo import Position
from nas_desktop.services.mercator import to_world
from nas_desktop.ui.map.map_colours import GROUND
from nas_desktop.ui.map.plain_plane import Plane
from nas_desktop.ui.map.plain_text import Room, Words
from nas_desktop.ui.map.scene import HitMark, MapScene
from nas_desktop.ui.theme import Look

SYMBOL_PX = 26
REACH_PX = 16
"""How near to a spot something is under it."""

MOST_UNDER = 50
CAMERA_NAMES_FROM = 12
MOST_NAMES = 300
"""Names of cameras in one view; more could not be read."""

_BEYOND_PX = 40
_RIM_ALPHA = 0.7


class Spots:
    """Places of many things, kept as world pixels."""

    def __init__(self, places: Sequence[Position] = ()) -> None:
        pairs = np.array(places, np.float64).reshape(-1, 2)
        self.x, self.y = to_world(pairs[:, 0], pairs[:, 1])

    def seen(self, plane: Plane) -> tuple[NDArray[np.intp], list[float], list[float]]:
        """Return the numbers of those in or near the view, and where they are."""
        x, y = plane.spots(self.x, self.y)
        far = _BEYOND_PX
        inside = (x > -far) & (y > -far) & (x < plane.width + far) & (y < plane.height + far)
        rows = np.flatnonzero(inside)
        return rows, x[rows].tolist(), y[rows].tolist()

    def near(self, plane: Plane, spot: QPointF) -> list[int]:
        """Return the numbers of those under a spot of the view, the nearest first."""
        x, y = plane.spots(self.x, self.y)
        far = np.hypot(x - spot.x(), y - spot.y())
        rows = np.flatnonzero(far <= REACH_PX)
        return rows[np.argsort(far[rows], kind="stable")][:MOST_UNDER].tolist()


class LivePainter:
    """Paints cameras, journey, hits and rings of a scene."""

    def __init__(self, scene: MapScene, words: Words) -> None:
        self._scene, self._words = scene, words
        self._pictures: dict[tuple[str, int], QPixmap] = {}
        self._cameras, self._hits, self._hit_marks = Spots(), Spots(), list[HitMark]()

    def take_cameras(self) -> None:
        """Take over other cameras."""
        self._cameras = Spots([one.place for one in self._scene.cameras])

    def take_hits(self) -> None:
        """Take over other hits."""
        # P1 last, so that nothing lies on it; of one rank the newest.
        self._hit_marks = sorted(self._scene.hits.values(), key=lambda m: (-m.rank, m.at))
        self._hits = Spots([mark.place for mark in self._hit_marks])

    def forget_pictures(self) -> None:
        """Paint symbols anew: theme or size is another."""
        self._pictures.clear()

    def under(self, plane: Plane, spot: QPointF) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the cards and the cameras under a spot of the view, nearest first."""
        hits = tuple(self._hit_marks[n].card for n in self._hits.near(plane, spot))
        if not self._scene.options.cameras:
            return hits, ()
        cameras = self._scene.cameras
        return hits, tuple(cameras[n].camera for n in self._cameras.near(plane, spot))

    # ------------------------------------------------------------------ cameras

    def paint_cameras(self, painter: QPainter, plane: Plane, look: Look, ratio: float) -> None:
        """Paint the cameras: shape and fill tell the state."""
        scene = self._scene
        if not scene.options.cameras or not scene.cameras:
            return
        radius = look.scale * (5.0 if plane.zoom >= 10 else 3.5)
        rows, xs, ys = self._cameras.seen(plane)
        symbols = {s: camera_symbol(s, radius, look, ratio) for s in _STATES}
        side = symbols["live"].width() / ratio / 2
        has_names = plane.zoom >= CAMERA_NAMES_FROM and scene.options.labels
        font, room, names = look.font(11), Room(), 0
        pair = (look.tokens.text_2, GROUND[look.name]["land"])
        metrics = QFontMetricsF(font)
        for row, x, y in zip(rows.tolist(), xs, ys, strict=True):
            camera = scene.cameras[row]
            symbol = symbols.get(camera.state, symbols["never"])
            painter.drawPixmap(QPointF(x - side, y - side), symbol)
            if camera.camera in scene.chosen.cameras:
                far = radius + 4
                painter.setPen(_square(QPen(look.color("focus"), 2.5 * look.scale)))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(x - far, y - far, 2 * far, 2 * far))
            if has_names and names < MOST_NAMES:
                wide = metrics.horizontalAdvance(camera.words[:80])
                box = QRectF(x + radius, y - metrics.height() / 2, wide + 8, metrics.height())
                if room.take(box):
                    names += 1
                    at = QPointF(x + radius + look.px(5), y)
                    self._words.write(painter, camera.words, at, font, pair)

    # ------------------------------------------------------------------ journey

    def paint_journey(self, painter: QPainter, plane: Plane, look: Look) -> None:
        """Paint where one vehicle was: straight dashed legs, arrows, times."""
        stops = self._scene.journey
        if not stops:
            return
        points = plane.spots_of([stop.place for stop in stops])
        colour = look.color("outline")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colour, 2 * look.scale)
        pen.setDashPattern([2.5, 2])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # A rim in the ground's colour: legs are seen over half a million bright dots too.
        for line in (QPen(_rim(look), 6 * look.scale), pen):
            painter.setPen(line)
            painter.drawPolyline(QPolygonF(points))
        painter.setPen(QPen(_rim(look), 1.5 * look.scale))
        painter.setBrush(colour)
        for a, b in pairwise(points):
            _paint_arrow(painter, a, b, look.scale)
        taken = list[QPointF]()
        pair, font = (look.tokens.text, GROUND[look.name]["land"]), look.semibold(12)
        for number, (stop, at) in enumerate(zip(stops, points, strict=True)):
            if not _is_seen(at, plane):
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(at, 4 * look.scale, 4 * look.scale)
            is_last = number == len(stops) - 1
            near = any(
                abs(o.x() - at.x()) < look.px(60) and abs(o.y() - at.y()) < look.px(14)
                for o in taken
            )
            if near and not is_last:
                continue
            taken.append(at)
            right = look.px(SYMBOL_PX * 0.72 + 8) if is_last else look.px(10)
            self._words.write(painter, stop.words, at + QPointF(right, 0), font, pair)

    # ------------------------------------------------------------------ hits

    def paint_hits(self, painter: QPainter, plane: Plane, look: Look, ratio: float) -> None:
        """Paint the hits with the symbols of their cards; the chosen one larger, and on top."""
        rows, xs, ys = self._hits.seen(plane)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = None
        for row, x, y in zip(rows.tolist(), xs, ys, strict=True):
            mark = self._hit_marks[row]
            if mark.card == self._scene.chosen.card:
                chosen = (mark, QPointF(x, y))
            else:
                self._paint_hit(painter, mark, QPointF(x, y), look, ratio)
        if chosen is not None:
            self._paint_hit(painter, *chosen, look, ratio, is_chosen=True)

    def _paint_hit(
        self,
        painter: QPainter,
        mark: HitMark,
        at: QPointF,
        look: Look,
        ratio: float,
        *,
        is_chosen: bool = False,
    ) -> None:
        side = look.px(SYMBOL_PX)
        big = round(1.3 * side) if is_chosen else side
        painter.setBrush(Qt.BrushStyle.NoBrush)
        far = big / 2 + 6 * look.scale
        frame = QRectF(at.x() - far, at.y() - far, 2 * far, 2 * far)
        if is_chosen:
            painter.setPen(_square(QPen(_rim(look), 6 * look.scale)))
            painter.drawRect(frame)
        painter.setOpacity(0.45 if mark.is_over else 1.0)
        if mark.is_waiting and not mark.is_over:
            for pen in (
                QPen(_rim(look), 5 * look.scale),
                QPen(look.color("outline"), 2 * look.scale),
            ):
                painter.setPen(pen)
                painter.drawEllipse(at, big * 0.72, big * 0.72)
        picture = self._picture(mark.symbol, round(big * ratio))
        if picture is not None:
            corner = at - QPointF(big / 2, big / 2)
            whole = QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio)
            picture.setDevicePixelRatio(ratio)
            painter.drawPixmap(whole, picture)
        else:
            # A hit is never left out, whatever became of its symbol.
            painter.setPen(QPen(look.color("outline"), 3 * look.scale))
            painter.drawEllipse(at, big / 3, big / 3)
        painter.setOpacity(1.0)
        if is_chosen:
            painter.setPen(_square(QPen(look.color("focus"), 3 * look.scale)))
            painter.drawRect(frame)
        if is_chosen or self._scene.options.marks:
            self._write_mark(painter, mark, at, big / 2, look, is_chosen=is_chosen)

    def _write_mark(
        self,
        painter: QPainter,
        mark: HitMark,
        at: QPointF,
        half: float,
        look: Look,
        *,
        is_chosen: bool,
    ) -> None:
        pair = (look.tokens.text, GROUND[look.name]["land"])
        low = at + QPointF(0, half + look.scale * (17 if is_chosen else 10))
        self._words.write(painter, mark.mark, low, look.vrm(13), pair, is_centred=True)
        if is_chosen:
            low += QPointF(0, 15 * look.scale)
            self._words.write(painter, mark.words, low, look.font(11), pair, is_centred=True)

    def _picture(self, name: str, side: int) -> QPixmap | None:
        """Return a symbol of a size in pixels of the screen."""
        key = (name, side)
        paint = self._scene.symbols.get(name)
        if key not in self._pictures and paint is not None:
            smooth = Qt.TransformationMode.SmoothTransformation
            whole = paint().scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, smooth)
            self._pictures[key] = whole
        return self._pictures.get(key)

    def paint_rings(self, painter: QPainter, plane: Plane, look: Look) -> None:
        """Paint a ring round each chosen read."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for at in plane.spots_of(self._scene.chosen.rings):
            if not _is_seen(at, plane):
                continue
            for width, colour in (
                (6, QColor(GROUND[look.name]["land"])),
                (3, look.color("focus")),
            ):
                painter.setPen(QPen(colour, width * look.scale))
                painter.drawEllipse(at, 11 * look.scale, 11 * look.scale)


_STATES = ("live", "silent", "degraded", "never")


def camera_symbol(state: str, radius: float, look: Look, ratio: float) -> QPixmap:
    """Return a camera: a dot live, hollow silent, half degraded, a cross never heard."""
    side = 2 * radius + 6 * look.scale
    picture = QPixmap(math.ceil(side * ratio), math.ceil(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    colours = GROUND[look.name]
    colour, land = QColor(colours["camera"]), QColor(colours["land"])
    middle = QPointF(side / 2, side / 2)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    # First the rim, so that it is seen over bright reads too, then the camera.
    for pen in (QPen(land, 4 * look.scale), QPen(colour, 1.6 * look.scale)):
        painter.setPen(pen)
        if state == "never":
            far = 0.9 * radius
            painter.drawLine(middle - QPointF(far, far), middle + QPointF(far, far))
            painter.drawLine(middle - QPointF(far, -far), middle + QPointF(far, -far))
        else:
            painter.setBrush(colour if state == "live" else land)
            painter.drawEllipse(middle, radius - 0.5, radius - 0.5)
    if state == "degraded":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        corner = middle - QPointF(radius, radius)
        painter.drawPie(QRectF(corner, QSizeF(2 * radius, 2 * radius)), 90 * 16, 180 * 16)
    painter.end()
    return picture


def _paint_arrow(painter: QPainter, a: QPointF, b: QPointF, size: float) -> None:
    long = math.hypot(b.x() - a.x(), b.y() - a.y())
    if long < 26 * size:
        return
    along = (b - a) / long * size
    across = QPointF(-along.y(), along.x())
    middle = a + (b - a) * 0.55
    head = (middle + along * 8, middle - along * 5 + across * 5, middle - along * 5 - across * 5)
    painter.drawPolygon(QPolygonF(head))


def _rim(look: Look) -> QColor:
    rim = QColor(GROUND[look.name]["land"])
    rim.setAlphaF(_RIM_ALPHA)
    return rim


def _is_seen(at: QPointF, plane: Plane) -> bool:
    far = _BEYOND_PX
    return -far < at.x() < plane.width + far and -far < at.y() < plane.height + far


def _square(pen: QPen) -> QPen:
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen
