"""What lies at one spot, or has no place at all: a list beside the map, gone with Esc."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
)

from nas_desktop.ui.theme import Look

_OWN_KEYS = frozenset(
    {
        Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home,
        Qt.Key.Key_End, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A card or a row of the answer, and the words it is listed by."""

    card: str = ""
    row: int = -1
    words: str = ""


class _Rows(QListWidget):
    def event(self, event: QEvent) -> bool:
        # The map's own keys move the view: here they move through the list.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in _OWN_KEYS
            and not event.modifiers()
        ):
            event.accept()
            return True
        return super().event(event)


class PlaceList(QFrame):
    """A heading, rows, and a button to put it away.

    Signals:
        row_chosen(PlaceRow): by a click, by Enter, or by moving to it.
        left: it was put away by hand.
    """

    row_chosen = Signal(object)
    left = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("placeList")
        self.setProperty("role", "box")
        self._rows: list[PlaceRow] = []
        self.title = QLabel()
        self.title.setProperty("role", "strong")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.close_button = QToolButton()
        self.close_button.setText("✕")
        self.close_button.setProperty("role", "small")
        self.close_button.setToolTip("Put the list away (Esc)")
        self.close_button.setAccessibleName("Put the list away")
        self.close_button.clicked.connect(lambda _checked=False: self.leave())
        self.rows = _Rows()
        self.rows.setUniformItemSizes(True)
        self.rows.setFrameShape(QFrame.Shape.NoFrame)
        self.rows.setAccessibleName("Hits and reads here")
        self.rows.itemClicked.connect(lambda _item: self._say_chosen())
        self.rows.itemActivated.connect(lambda _item: self._say_chosen())
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(head)
        self._layout.addWidget(self.rows, 1)
        self.set_look(look)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._layout.setContentsMargins(look.px(10), look.px(6), look.px(6), look.px(6))
        self._layout.setSpacing(look.px(4))
        self.setMinimumWidth(look.px(230))
        self.rows.setMinimumHeight(look.px(110))

    def show_rows(self, title: str, rows: Sequence[PlaceRow]) -> None:
        """Show rows under a title; the keyboard goes there."""
        self._rows = list(rows)
        self.title.setText(title)
        self.rows.clear()
        for row in self._rows:
            item = QListWidgetItem(row.words)
            item.setToolTip(row.words)
            self.rows.addItem(item)
        self.rows.setCurrentRow(0)
        self.show()
        self.rows.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Put the list away."""
        self.forget()
        self.left.emit()

    def forget(self) -> None:
        """Hold nothing, and show nothing."""
        self.hide()
        self._rows = []
        self.rows.clear()

    def _say_chosen(self) -> None:
        at = self.rows.currentRow()
        if 0 <= at < len(self._rows):
            self.row_chosen.emit(self._rows[at])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
