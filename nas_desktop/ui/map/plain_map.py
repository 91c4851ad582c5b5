"""The map drawn by Qt alone, for machines on which Chromium cannot start."""

from __future__ import annotations

import logging
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)

from nas_desktop.domain.geo import Position
from nas_desktop.services.base_map import BaseMap, load_base_map
from nas_desktop.ui.map.map_colours import GROUND
from nas_desktop.ui.map.map_view import Click, MapView, ViewBox
from nas_desktop.ui.map.plain_area import paint_area, paint_cross, paint_drawing
from nas_desktop.ui.map.plain_drawing import TOOLS
from nas_desktop.ui.map.plain_ground import Ground
from nas_desktop.ui.map.plain_hand import Hand
from nas_desktop.ui.map.plain_layer import LAYERS_OF, Layer
from nas_desktop.ui.map.plain_live import LivePainter
from nas_desktop.ui.map.plain_plane import Plane, world_of
from nas_desktop.ui.map.plain_reads import ReadsPainter
from nas_desktop.ui.map.plain_text import Words
from nas_desktop.ui.map.plain_tiles import TilePictures
from nas_desktop.ui.map.plain_words import said_of
from nas_desktop.ui.map.scene import MapScene, Part
from nas_desktop.ui.theme import ThemeName

log = logging.getLogger(__name__)

VIEW_MS = 120
"""After the last change of the view before it is told, and painted to the pixel."""

SAY_MS = 500
"""Between two descriptions in words."""

MIDDLE, ZOOM = Position(54.2, -2.9), 6.0
"""What is seen at first: Great Britain."""

_DIMMED = 0.45


class PlainMap(MapView):
    """Qt's view of the scene.

    A change of the scene is noted and nothing more; once a frame everything noted is painted.
    """

    def __init__(self, scene: MapScene) -> None:
        super().__init__(scene)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Map")
        x, y = world_of(MIDDLE)
        self.plane = Plane(x, y, ZOOM, self.width(), self.height())
        self._words = Words()
        self._ground = Ground(BaseMap((), ()), self._words)
        self._reads = ReadsPainter(self._words)
        self._live = LivePainter(scene, self._words)
        self._tiles = TilePictures(self)
        self._tiles.changed.connect(partial(self._forget_layers, "ground"))
        self.layers = {
            "ground": Layer(self._paint_ground),
            "reads": Layer(self._paint_reads),
            "cameras": Layer(self._paint_cameras),
            "live": Layer(self._paint_live),
        }
        self.hand = Hand(scene, lambda: self.plane, self)
        self.hand.clicked.connect(self._on_click)
        self.hand.panned.connect(lambda x, y: self._see(self.plane.moved(x, y)))
        self.hand.turned.connect(
            lambda steps, at: self._see(self.plane.zoomed(steps, at.x(), at.y()))
        )
        self.hand.took.connect(self.moved_by_hand)
        self.hand.pointed.connect(self.pointed)
        self.hand.drawn.connect(self.drawn)
        self.hand.edited.connect(self.edited)
        self.hand.changed.connect(self._on_hand)
        self._noted: set[Part] = set()
        self._fit: tuple[Position, Position, float] | None = None
        self._is_begun = self._is_ended = self._is_picture = False
        self._settle = QTimer(self, singleShot=True, interval=VIEW_MS)
        self._settle.timeout.connect(self._on_settled)
        self._say = QTimer(self, singleShot=True, interval=SAY_MS)
        self._say.timeout.connect(self._say_counts)

    @property
    def drawn_by(self) -> str:
        return "Qt, without Chromium"

    @property
    def seen(self) -> ViewBox | None:
        has_size = self.width() > 0 and self.height() > 0
        return self.plane.box() if self._is_begun and has_size else None

    # ------------------------------------------------------------------ life

    def begin(self) -> None:
        if self._is_ended:
            return
        try:
            self._ground = Ground(load_base_map(), self._words)
        except (OSError, ValueError, KeyError):
            # Hits on an empty ground are better than none.
            log.exception("the shipped map cannot be read")
        self._is_begun = True
        for part in Part:
            self.show_part(part)
        if self.scene.view is not None:
            self._go(*self.scene.view)
        self._see(self.plane)
        QTimer.singleShot(0, self, self._on_ready)

    def _on_ready(self) -> None:
        if not self._is_ended:
            self.ready.emit()

    def end(self) -> None:
        if self._is_ended:
            return
        self._is_ended = True
        self.scene.changed.disconnect(self.show_part)
        self._settle.stop()
        self._say.stop()
        self.hand.end()
        self._tiles.end()
        self._reads.take(None)
        self._words.forget()
        for layer in self.layers.values():
            layer.forget()

    # ------------------------------------------------------------------ the scene's parts

    def show_part(self, part: object) -> None:
        if not isinstance(part, Part) or not self._is_begun:
            return
        self._noted.add(part)
        if part is Part.AREA and self.hand.edit is not None:
            self.hand.let_go()
        if part is Part.TILES or self._is_gone(part):
            # At once, seen or not: a file may be closed, and what is gone must be held nowhere.
            self._catch_up()
        self._say_soon()
        self.update()

    def _is_gone(self, part: Part) -> bool:
        scene = self.scene
        return (part is Part.READS and scene.reads is None) or (
            part is Part.HITS and not scene.hits
        )

    def _catch_up(self) -> None:
        """Take over everything that was noted."""
        noted, self._noted = self._noted, set()
        scene = self.scene
        for name in {name for part in noted for name in LAYERS_OF[part]}:
            self.layers[name].forget()  # without asking for a paint: this may be one
        if Part.LOOK in noted or (Part.HITS in noted and not scene.hits):
            self._words.forget()
            self._live.forget_pictures()
        if Part.HITS in noted:
            self._live.take_hits()
        if Part.CAMERAS in noted:
            self._live.take_cameras()
        if noted & {Part.READS, Part.HUES}:
            self._reads.take(scene.reads)
        elif Part.SPAN in noted:
            self._reads.take_span(scene.reads)
        if noted & {Part.TILES, Part.LOOK}:
            self._tiles.take(scene.tiles, is_night=scene.look.name is not ThemeName.LIGHT)

    def _forget_layers(self, *names: str) -> None:
        for name in names:
            self.layers[name].forget()
        if names:
            self.update()

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        self._catch_up()
        self.hand.aim()
        look, plane, ratio = self.scene.look, self.plane, self.devicePixelRatioF()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(GROUND[look.name]["sea"]))
        opacity = _DIMMED if self.scene.options.dim else 1.0
        self.layers["ground"].show(painter, plane, ratio, opacity)
        held = self.layers["reads"].show(painter, plane, ratio)
        if self.scene.options.grid:
            self._ground.paint_grid_labels(painter, plane, held, look)
        self._paint_area(painter)
        self.layers["cameras"].show(painter, plane, ratio)
        self.layers["live"].show(painter, plane, ratio)
        self._paint_hand(painter)
        self._ground.paint_scale(painter, plane, look)
        if self.hasFocus() and not self._is_picture:
            width = look.px(2)
            painter.setPen(QPen(look.color("focus"), width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            half = width / 2
            painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
        painter.end()

    def _paint_ground(self, painter: QPainter, plane: Plane, _ratio: float) -> bool:
        look = self.scene.look
        sea = QColor(GROUND[look.name]["sea"])
        painter.fillRect(QRectF(0, 0, plane.width, plane.height), sea)
        if not self._tiles.paint(painter, plane):
            self._ground.paint(painter, plane, look)
            if self.scene.options.labels:
                self._ground.paint_towns(painter, plane, look)
        return True

    def _paint_reads(self, painter: QPainter, plane: Plane, ratio: float) -> bool:
        look, reads = self.scene.look, self.scene.reads
        if self.scene.options.grid:
            self._ground.paint_grid(painter, plane, look)
        if reads is not None:
            self._reads.paint(painter, plane, look, reads, ratio)
        return self.scene.options.grid or reads is not None

    def _paint_cameras(self, painter: QPainter, plane: Plane, ratio: float) -> bool:
        self._live.paint_cameras(painter, plane, self.scene.look, ratio)
        return bool(self.scene.cameras) and self.scene.options.cameras

    def _paint_live(self, painter: QPainter, plane: Plane, ratio: float) -> bool:
        look, scene = self.scene.look, self.scene
        self._live.paint_journey(painter, plane, look)
        self._live.paint_hits(painter, plane, look, ratio)
        self._live.paint_rings(painter, plane, look)
        return bool(scene.hits or scene.journey or scene.chosen.rings)

    def _paint_area(self, painter: QPainter) -> None:
        area = self.scene.area
        if area is not None and not self.hand.drawing:
            has_handles = self.scene.edits_area and not self._is_picture
            look = self.scene.look
            paint_area(painter, self.plane, look, area, self.hand.edit, has_handles=has_handles)

    def _paint_hand(self, painter: QPainter) -> None:
        if not self.hand.drawing or self._is_picture:
            return
        look = self.scene.look
        paint_drawing(painter, self.plane, look, self.hand.drawing)
        if self.hand.is_by_keys:
            paint_cross(painter, QPointF(self.width() / 2, self.height() / 2), look)

    def picture(self) -> QPixmap:
        self._is_picture = True
        try:
            return self.grab()
        finally:
            self._is_picture = False

    # ------------------------------------------------------------------ moving

    def _see(self, plane: Plane) -> None:
        self.plane = plane
        self._fit = None
        self._settle.start()
        self.update()

    def _on_settled(self) -> None:
        """The view is left alone: tell it, and paint anew what was only moved."""
        if self._is_ended or not self._is_begun:
            return
        self._fit = None
        self._forget_layers(*(n for n, a in self.layers.items() if a.is_moved(self.plane)))
        self._say_soon()
        box = self.plane.box()
        self.scene.view = (box.middle, box.zoom)
        self.moved.emit(box)

    def _say_soon(self) -> None:
        # Not begun anew by each change: where hits never stop, words come all the same.
        if not self._say.isActive() and not self._is_ended:
            self._say.start()

    def _say_counts(self) -> None:
        words = said_of(self.scene, self._reads.count, self.plane.zoom, self.hand.drawing.words())
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)

    def _go(self, place: Position, zoom: float | None = None) -> None:
        self._see(self.plane.at(*world_of(place), zoom))
        self._forget_layers(*self.layers)

    def go(self, place: Position, zoom: float | None = None) -> None:
        self._go(place, zoom or None)
        self.scene.view = (self.plane.middle, self.plane.zoom)

    def fit(self, south_west: Position, north_east: Position, most_zoom: float = 14) -> None:
        self._see(self.plane.fitted(south_west, north_east, most_zoom))
        self._forget_layers(*self.layers)
        # Before it has its place in the window its size is not the one that is meant.
        self._fit = (south_west, north_east, most_zoom)

    def zoom_by(self, steps: float) -> None:
        self._see(self.plane.zoomed(steps))

    def pan_by(self, x: int, y: int) -> None:
        if self.hand.drawing:
            self.hand.is_by_keys = True
        self._see(self.plane.moved(x, y))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        fit = self._fit
        self.plane = self.plane.sized(self.width(), self.height())
        if fit is not None:
            self.plane = self.plane.fitted(*fit)
        self._settle.start()

    # ------------------------------------------------------------------ the hand

    def draw(self, tool: str) -> None:
        is_drawing = tool in TOOLS
        self.hand.is_by_keys = True
        self.hand.take_up(tool if is_drawing else "")

    def _on_hand(self) -> None:
        shape = Qt.CursorShape.CrossCursor if self.hand.drawing else Qt.CursorShape.ArrowCursor
        if self.cursor().shape() is not shape:
            self.setCursor(shape)
        self._say_soon()
        self.update()

    def _on_click(self, spot: QPointF) -> None:
        self._catch_up()
        place = self.plane.place(spot.x(), spot.y())
        self.clicked.emit(Click(place, self.plane.zoom, *self._live.under(self.plane, spot)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.hand.press(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)  # the second click of two

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hand.move(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.hand.release(event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.hand.wheel(event.angleDelta().y(), event.position())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.hand.leave()

    def event(self, event: QEvent) -> bool:
        # Keys of the window would take Backspace and Enter away from a shape in the making.
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self.hand.wants(event.key())
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.hand.key(event.key()):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
