"""A panel over the middle of the window: beside nothing, over everything, gone with Escape.

Not a dialog: nothing waits for it, no window system moves it, and the lock puts it away.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

MARGIN = 8
"""Logical pixels left free round a panel."""


class Overlay(QFrame):
    """Stands over the window of the widget that it was made for.

    Signals:
        closed: it was put away; the keyboard goes back where it was.
    """

    closed = Signal()

    def __init__(self, place: QWidget, name: str) -> None:
        super().__init__(place)
        self._place = place
        self._before: QWidget | None = None
        self.setObjectName(name)
        self.setProperty("role", "overlay")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    def wanted_width(self) -> int:
        """Return how wide it would like to be."""
        return self.sizeHint().width()

    def come(self, focus: QWidget | None = None) -> None:
        """Open over the window and take the keyboard."""
        window = self._place.window()
        if not self.isVisible():
            self._before = window.focusWidget()
        if self.parentWidget() is not window:
            self.setParent(window)
        self.fit()
        self.show()
        self.raise_()
        (focus or self).setFocus(Qt.FocusReason.PopupFocusReason)

    def fit(self) -> None:
        """Take the middle of the window, no more than there is."""
        area = free_area(self._place.window())
        width = min(self.wanted_width(), area.width())
        tall = self.sizeHint().height()
        if self.hasHeightForWidth():
            tall = self.heightForWidth(width)
        tall = min(tall, area.height())
        left, top = (area.width() - width) // 2, (area.height() - tall) // 2
        self.setGeometry(area.left() + left, area.top() + top, width, tall)

    def leave(self) -> None:
        """Close, and give the keyboard back."""
        if not self.isVisible():
            return
        self.hide()
        before, self._before = self._before, None
        if before is not None and before.isVisible():
            before.setFocus()
        self.closed.emit()


def free_area(window: QWidget) -> QRect:
    """Return where a panel may stand: everywhere but over the marking."""
    marking = window.findChild(QWidget, "marking")
    top = marking.height() if marking is not None else 0
    return window.rect().adjusted(MARGIN, top + MARGIN, -MARGIN, -MARGIN)
