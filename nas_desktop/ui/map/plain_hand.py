"""What the operator's hand does on the plain map: move, zoom, click, draw, by mouse or by keys."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, Qt, QTimer, Signal

from nas_desktop.ui.map.map_view import Drawn
from nas_desktop.ui.map.plain_drawing import Drawing, handle_under, with_handle
from nas_desktop.ui.map.plain_plane import Plane
from nas_desktop.ui.map.scene import MapScene

POINTER_MS = 100
DRAG_PX = 4
"""A press that moves less is a click."""

_NOTCH = 120
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Hand(QObject):
    """Understands presses, moves, turns and keys.

    Args:
        scene: whose area has the handles.
        plane: returns what is seen now.

    Signals:
        clicked(QPointF): a click that drew nothing.
        panned(float, float): the map was taken along by these pixels.
        turned(float, QPointF): the wheel was turned by steps at a spot.
        took: the map was taken hold of.
        pointed(Position | None): where the pointer is, ten times a second at most.
        drawn(Drawn), edited(Drawn): a shape is there, or its handle was moved.
        changed: the shape in the making is another.
    """

    clicked = Signal(QPointF)
    panned = Signal(float, float)
    turned = Signal(float, QPointF)
    took = Signal()
    pointed = Signal(object)
    drawn = Signal(object)
    edited = Signal(object)
    changed = Signal()

    def __init__(self, scene: MapScene, plane: Callable[[], Plane], parent: QObject) -> None:
        super().__init__(parent)
        self._scene, self._plane = scene, plane
        self.drawing = Drawing()
        self.edit: Drawn | None = None
        """The area as its handle is being moved."""
        self.is_by_keys = True
        """The keyboard was used last: corners are set in the middle of the view."""
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._is_dragged = False
        self._handle: int | None = None
        self._turn = 0.0
        self._pointer: QPointF | None = None
        self._pause = QTimer(self, singleShot=True, interval=POINTER_MS)
        self._pause.timeout.connect(self._say_pointer)

    def end(self) -> None:
        """Say nothing more."""
        self._pause.stop()
        self._pointer = None

    def take_up(self, tool: str) -> None:
        """Begin to draw with a tool, or stop."""
        self.drawing.take_up(tool)
        self.let_go()

    def let_go(self) -> None:
        """Forget a press or a handle that is held: what it was about is another now."""
        self._pressed = self._handle = self.edit = None
        self._is_dragged = False
        self.changed.emit()

    # ------------------------------------------------------------------ mouse

    def press(self, spot: QPointF) -> None:
        """The left button went down."""
        self._pressed = self._last = spot
        self._is_dragged = False
        self._handle = None
        if not self.drawing and self._scene.edits_area:
            self._handle = handle_under(self._scene.area, self._plane(), spot)

    def move(self, spot: QPointF) -> None:
        """The pointer moved, with the button down or up."""
        self._pointer = spot
        if not self._pause.isActive():
            self._say_pointer()
        plane = self._plane()
        if self.drawing:
            self.is_by_keys = False
            self.drawing.end = plane.place(spot.x(), spot.y())
            self.changed.emit()
        if self._pressed is None:
            return
        away = spot - self._pressed
        if not self._is_dragged and math.hypot(away.x(), away.y()) >= DRAG_PX:
            self._is_dragged = True
            self._begin_drag(plane)
        if self._is_dragged:
            self._drag(plane, spot)

    def _begin_drag(self, plane: Plane) -> None:
        if self._draws_by_drag():
            assert self._pressed is not None
            if not self.drawing.points:
                self.drawing.add(plane.place(self._pressed.x(), self._pressed.y()), plane)
        elif self._handle is None:
            self.took.emit()

    def _drag(self, plane: Plane, spot: QPointF) -> None:
        area = self._scene.area
        if self._draws_by_drag():
            return
        if self._handle is not None and area is not None:
            self.edit = with_handle(area, self._handle, plane.place(spot.x(), spot.y()))
            self.changed.emit()
        elif self._handle is None:
            step, self._last = spot - self._last, spot
            self.panned.emit(-step.x(), -step.y())

    def _draws_by_drag(self) -> bool:
        return self.drawing.tool in ("box", "circle")

    def release(self, spot: QPointF) -> None:
        """The left button came up."""
        if self._pressed is None:
            return
        was_dragged, edit = self._is_dragged, self.edit
        self._pressed = self._handle = self.edit = None
        self._is_dragged = False
        plane = self._plane()
        if self.drawing and (not was_dragged or self._draws_by_drag()):
            self.is_by_keys = False
            self._made(self.drawing.add(plane.place(spot.x(), spot.y()), plane))
        elif edit is not None:
            self.edited.emit(edit)
        elif not was_dragged and not self.drawing:
            self.clicked.emit(spot)
        self.changed.emit()

    def _made(self, drawn: Drawn | None) -> None:
        if drawn is not None:
            self.drawing.take_up("")
            self.drawn.emit(drawn)

    def wheel(self, delta: float, spot: QPointF) -> None:
        """The wheel was turned: a whole step a notch; a touchpad comes in half steps."""
        self._turn += delta
        halves = int(self._turn / (_NOTCH / 2))
        if halves:
            self._turn -= halves * _NOTCH / 2
            self.took.emit()
            self.turned.emit(halves / 2, spot)

    def leave(self) -> None:
        """The pointer left the map."""
        self._pointer = None
        self._pause.stop()
        self.pointed.emit(None)

    def _say_pointer(self) -> None:
        if self._pointer is not None:
            self.pointed.emit(self._plane().place(self._pointer.x(), self._pointer.y()))
            self._pointer = None
            self._pause.start()

    # ------------------------------------------------------------------ keys

    def wants(self, key: int) -> bool:
        """Tell whether a key is for the shape in the making and for nobody else."""
        if not self.drawing:
            return False
        return key in _ENTER or (key == Qt.Key.Key_Backspace and bool(self.drawing.points))

    def key(self, key: int) -> bool:
        """Take a key; False if it means nothing here.

        Enter sets a corner at the cross; twice at the same place ends the shape. While the mouse
        draws, Enter ends it at once.
        """
        if not self.drawing:
            return False
        if key in _ENTER:
            self._enter()
        elif key == Qt.Key.Key_Backspace and self.drawing.points:
            self.drawing.back()
        elif key == Qt.Key.Key_Escape and self.drawing.points:
            self.drawing.take_up(self.drawing.tool)
        else:
            return False
        self.changed.emit()
        return True

    def _enter(self) -> None:
        if not self.is_by_keys:
            made = self.drawing.finish()
            if made is not None:
                self._made(made)
                return
        self.is_by_keys = True
        plane = self._plane()
        self._made(self.drawing.add(plane.middle, plane))

    def aim(self) -> None:
        """Have the side to come end at the cross, if the keyboard draws."""
        if self.drawing and self.is_by_keys:
            self.drawing.end = self._plane().middle
