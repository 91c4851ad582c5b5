"""What every key does, laid over the window; made from the commands themselves."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.ui.actions import COMMANDS, OTHER_KEYS, SEARCH_COMMANDS, SUPERVISOR_COMMANDS
from nas_desktop.ui.theme import Look

_SCROLLS = {
    Qt.Key.Key_Up: QAbstractSlider.SliderAction.SliderSingleStepSub,
    Qt.Key.Key_Down: QAbstractSlider.SliderAction.SliderSingleStepAdd,
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
}


class KeysOverlay(QFrame):
    """Opens over the middle of the window; Escape or the same key closes it."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._window = parent
        self.setObjectName("keysOverlay")
        self.setAccessibleName("Keys")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        title = QLabel("Keys")
        title.setProperty("role", "title")
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        grid.setContentsMargins(0, 0, 0, 0)
        commands = (*COMMANDS, *SEARCH_COMMANDS, *SUPERVISOR_COMMANDS)
        rows = [(" or ".join(c.keys), c.tip) for c in commands] + list(OTHER_KEYS)
        for at, (key, tip) in enumerate(rows):
            name, words = QLabel(key), QLabel(tip)
            name.setProperty("role", "strong")
            grid.addWidget(name, at, 0)
            grid.addWidget(words, at, 1)
        self._rows = QWidget()
        self._rows.setObjectName("keysRows")
        self._rows.setLayout(grid)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._rows)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setObjectName("keysScroll")
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(title)
        self._layout.addWidget(self._scroll)
        self.set_look(look)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        pad = look.px(24)
        self._layout.setContentsMargins(pad, look.px(18), pad, pad)
        self._layout.setSpacing(look.px(12))

    def toggle(self) -> None:
        """Open over the middle of the window, or close."""
        if self.isVisible():
            self.leave()
            return
        area = self._window.rect()
        rows, pad = self._rows.sizeHint(), self._layout.contentsMargins()
        room = rows.width() + pad.left() + pad.right() + 16
        tall = rows.height() + pad.top() + pad.bottom() + self._layout.spacing() + 40
        self.resize(min(room, area.width() - 16), min(tall, area.height() - 16))
        self.move((area.width() - self.width()) // 2, max(0, (area.height() - self.height()) // 2))
        self.show()
        self.raise_()
        self.setFocus()

    def leave(self) -> None:
        """Close and give the keyboard back."""
        self.hide()
        self._window.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in _SCROLLS:
            self._scroll.verticalScrollBar().triggerAction(_SCROLLS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)
