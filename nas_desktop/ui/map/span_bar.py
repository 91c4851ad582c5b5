"""A part of the time, chosen by two handles; the reads outside are not drawn."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from nas_desktop.ui.theme import Look

STEPS = 96
"""Steps that the whole time has for the keys."""

_US = 1_000_000


class SpanBar(QWidget):
    """From when to when; Left and Right move the span, with Shift its end, with Ctrl its start.

    Signals:
        span_changed(tuple[int, int] | None): microseconds since 1970, or None for all of it.
    """

    span_changed = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Part of the time shown")
        self.setToolTip(
            "Drag the handles, or the part between them. ← → move it, Shift+← → its end,"
            " Ctrl+← → its start; Esc shows all."
        )
        self._first, self._last = 0, 1
        self._since, self._until = 0, 1
        self._grip = ""
        self._grip_at = 0.0
        self._look = look
        self.setMouseTracking(True)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self.updateGeometry()
        self.update()

    def set_whole(self, first_us: int, last_us: int, span: tuple[int, int] | None = None) -> None:
        """Say from when to when there are reads."""
        self._first, self._last = first_us, max(last_us + 1, first_us + _US)
        self._since, self._until = span or (self._first, self._last)
        self.update()

    @property
    def span(self) -> tuple[int, int] | None:
        """The part chosen; None for all."""
        is_all = self._since <= self._first and self._until >= self._last
        return None if is_all else (self._since, self._until)

    @property
    def words(self) -> str:
        """The part chosen in words, GMT."""
        return f"{_time(self._since)} to {_time(self._until)} GMT"

    # ------------------------------------------------------------------ changing

    def _set(self, since: float, until: float) -> None:
        least = max(_US, (self._last - self._first) // 500)
        since = min(max(since, self._first), self._last - least)
        until = max(min(until, self._last), since + least)
        if (int(since), int(until)) != (self._since, self._until):
            self._since, self._until = int(since), int(until)
            self.update()
            self.setAccessibleDescription(self.words)
            self.span_changed.emit(self.span)

    def _move(self, by: float) -> None:
        by = min(max(by, self._first - self._since), self._last - self._until)
        self._set(self._since + by, self._until + by)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = (self._last - self._first) / STEPS
        way = {Qt.Key.Key_Left: -step, Qt.Key.Key_Right: step}.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self.span is not None:
            self._set(self._first, self._last)
        elif way is None:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._set(self._since, self._until + way)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._set(self._since + way, self._until)
        else:
            self._move(way)

    def event(self, event: QEvent) -> bool:
        # The panel's own arrow keys and Esc are not for whoever is at the handles.
        keys = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Escape)
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in keys
            and (event.key() != Qt.Key.Key_Escape or self.span is not None)
        ):
            event.accept()
            return True
        return super().event(event)

    def _at(self, x: float) -> float:
        return self._first + (x - self._edge) / self._wide * (self._last - self._first)

    def _x(self, us: float) -> float:
        return self._edge + (us - self._first) / (self._last - self._first) * self._wide

    @property
    def _edge(self) -> float:
        return float(self._look.px(10))

    @property
    def _wide(self) -> float:
        return max(1.0, self.width() - 2 * self._edge)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x, reach = event.position().x(), self._look.px(8)
        left, right = self._x(self._since), self._x(self._until)
        # Of two handles on each other the nearer one: that span can be made wider on both sides.
        if abs(x - left) <= reach and x < (left + right) / 2:
            self._grip = "since"
        elif abs(x - right) <= reach:
            self._grip = "until"
        elif left < x < right:
            self._grip = "both"
        else:
            self._grip = ""
        self._grip_at = self._at(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().x())
        if self._grip == "since":
            self._set(min(at, self._until), self._until)
        elif self._grip == "until":
            self._set(self._since, max(at, self._since))
        elif self._grip == "both":
            self._move(at - self._grip_at)
            self._grip_at = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = ""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._set(self._first, self._last)

    # ------------------------------------------------------------------ painting

    def sizeHint(self) -> QSize:
        return QSize(self._look.px(200), self._look.px(40))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._look.px(120), self._look.px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = self._look, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = look.px(11)
        painter.fillRect(QRectF(self._edge, middle - 2, self._wide, 4), look.color("line"))
        left, right = self._x(self._since), self._x(self._until)
        painter.fillRect(QRectF(left, middle - 2, right - left, 4), look.color("focus"))
        painter.setPen(look.color("text"))
        painter.setBrush(look.color("raised"))
        for x in (left, right):
            painter.drawRoundedRect(QRectF(x - 5, middle - 8, 10, 16), 3, 3)
        painter.setFont(look.font(12))
        painter.setPen(look.color("text_2"))
        area = QRectF(self._edge, middle + 9, self._wide, self.height() - middle - 9)
        painter.drawText(
            area, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self.words
        )
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(look.color("focus"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)


def _time(us: int) -> str:
    return datetime.fromtimestamp(us / 1e6, UTC).strftime("%d/%m %H:%M")
