"""The inline form: one or two short texts that a step needs, Enter to send, Escape to go back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout

from nas_desktop.ui.live.detail_parts import KeyButton
from nas_desktop.ui.theme import Look


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text that is asked for; ``longest`` in characters."""

    label: str
    hint: str = ""
    longest: int = 120
    is_needed: bool = True
    text: str = ""


class StepForm(QFrame):
    """Stands where the chooser stands, and asks for words instead of a key.

    Signals:
        written(list of str): the texts, in the order they were asked for.
        cancelled: Escape.
    """

    written = Signal(list)
    cancelled = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("stepForm")
        self.setProperty("role", "box")
        self._look = look
        self._wanted: tuple[Wanted, ...] = ()
        self.fields: list[QLineEdit] = []
        self._labels: list[QLabel] = []
        self._title = QLabel()
        self._title.setProperty("role", "strong")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._hint = QLabel("Enter sends it · Esc goes back")
        self._hint.setProperty("role", "second")
        self._warning = QLabel()
        self._warning.setObjectName("formWarning")
        self._warning.setProperty("role", "strong")
        self._warning.setTextFormat(Qt.TextFormat.PlainText)
        self._warning.setWordWrap(True)
        self._send = KeyButton("Enter", "Send", look)
        self._send.clicked.connect(self._on_send)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._hint)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        row = QHBoxLayout()
        row.addWidget(self._warning, 1)
        row.addWidget(self._send)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 8)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(self._grid)
        layout.addLayout(row)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self._send.set_look(look)

    def ask(self, title: str, wanted: Sequence[Wanted], warning: str = "") -> None:
        """Show the fields and take the keyboard."""
        for part in (*self.fields, *self._labels):
            self._grid.removeWidget(part)
            part.deleteLater()
        self._wanted = tuple(wanted)
        self.fields, self._labels = [], []
        self._title.setText(title)
        self._warning.setText(warning)
        for at, each in enumerate(self._wanted):
            label, field = QLabel(each.label), QLineEdit(each.text)
            field.setObjectName(f"stepField{at}")
            field.setMaxLength(each.longest)
            field.setPlaceholderText(each.hint)
            field.setAccessibleName(each.label)
            field.returnPressed.connect(self._on_return)
            label.setBuddy(field)
            self._grid.addWidget(label, at, 0)
            self._grid.addWidget(field, at, 1)
            self.fields.append(field)
            self._labels.append(label)
        self.show()
        self.fields[0].setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.fields[0].selectAll()

    def leave(self) -> None:
        """Close without sending."""
        if self.isVisible():
            self.hide()
            self.cancelled.emit()

    def _on_return(self) -> None:
        """Go to the next empty field that is needed, else send."""
        for each, field in zip(self._wanted, self.fields, strict=True):
            if each.is_needed and not field.text().strip() and not field.hasFocus():
                field.setFocus()
                return
        self._on_send()

    def _on_send(self) -> None:
        for each, field in zip(self._wanted, self.fields, strict=True):
            if each.is_needed and not field.text().strip():
                self._warning.setText(f"{each.label} is needed.")
                field.setFocus()
                return
        self.hide()
        self.written.emit([field.text().strip() for field in self.fields])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
