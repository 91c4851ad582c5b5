"""Seven boxes for a mark of which only parts are known."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from nas_desktop.ui.search.marks import BOXES, LOOKS_LIKE, Box
from nas_desktop.ui.theme import Look


class MarkBox(QWidget):
    """One place of a mark: a character, ``?``, or a character that it looks like.

    Signals:
        changed: it holds something else.
        step_wanted(int): the neighbour so many places further is to have the focus.
    """

    changed = Signal()
    step_wanted = Signal(int)

    def __init__(self, place: int, look: Look) -> None:
        super().__init__()
        self._place = place
        self.box = Box()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip("A character, ? for any, ≈ for “looks like”; arrows and Backspace move")
        self.set_look(look)
        self._name()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.look = look
        self.setFixedHeight(look.px(36))
        self.setFixedWidth(look.px(36))
        self.update()

    def set_box(self, box: Box) -> None:
        """Hold this."""
        if box != self.box:
            self.box = box
            self._name()
            self.update()
            self.changed.emit()

    def _name(self) -> None:
        words = {"": "empty", "?": "any character"}.get(self.box.text, self.box.text)
        like = "looks like " if self.box.is_like else ""
        self.setAccessibleName(f"Character {self._place + 1}: {like}{words}")

    def event(self, event: QEvent) -> bool:
        # What is typed into a box is no shortcut of the window: ? and N among others.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            is_plain = not event.modifiers() & (
                Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
            )
            if is_plain and event.text().isprintable() and event.text():
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, text = event.key(), event.text().upper()
        if key == Qt.Key.Key_Left:
            self.step_wanted.emit(-1)
        elif key == Qt.Key.Key_Right:
            self.step_wanted.emit(1)
        elif key == Qt.Key.Key_Backspace:
            had = bool(self.box.text)
            self.set_box(Box())
            if not had:
                self.step_wanted.emit(-1)
        elif key == Qt.Key.Key_Delete:
            self.set_box(Box())
        elif text in ("?", "_", " ") and text:
            self.set_box(Box("?"))
            self.step_wanted.emit(1)
        elif (text in ("≈", "~", "=") and text) or key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            if self.box.text not in ("", "?"):
                self.set_box(Box(self.box.text, not self.box.is_like))
        elif len(text) == 1 and text.isascii() and text.isalnum():
            self.set_box(Box(text))
            self.step_wanted.emit(1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, is_open = self.look, self.box.text in ("", "?") or self.box.is_like
        if self.hasFocus():
            pen = QPen(look.color("focus"), 2)
        else:
            pen = QPen(look.color("text_3" if is_open else "line"), look.tokens.line_px)
            if is_open:
                pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(look.color("panel" if self.box.text in ("", "?") else "raised"))
        edge = pen.widthF() / 2 + 0.5
        painter.drawRoundedRect(
            self.rect().toRectF().adjusted(edge, edge, -edge, -edge), look.px(4), look.px(4)
        )
        is_like = self.box.is_like
        painter.setFont(look.vrm(15 if is_like else 18))
        painter.setPen(look.color("text_2" if is_open else "text"))
        words = f"{LOOKS_LIKE}{self.box.text}" if is_like else self.box.text
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)


class PartialWizard(QWidget):
    """Seven boxes in a row.

    Signals:
        changed: a box holds something else.
    """

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.boxes = [MarkBox(place, look) for place in range(BOXES)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for place, box in enumerate(self.boxes):
            row.addWidget(box)
            box.changed.connect(self.changed)
            box.step_wanted.connect(lambda step, at=place: self._go(at + step))
        row.addStretch(1)

    def _go(self, place: int) -> None:
        if 0 <= place < BOXES:
            self.boxes[place].setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def content(self) -> tuple[Box, ...]:
        """What the boxes hold, left to right."""
        return tuple(box.box for box in self.boxes)

    def clear(self) -> None:
        """Empty every box."""
        for box in self.boxes:
            box.set_box(Box())

    def begin(self) -> None:
        """Go to the first box."""
        self._go(0)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        for box in self.boxes:
            box.set_look(look)
