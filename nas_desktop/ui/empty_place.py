"""What stands where there is nothing to show yet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nas_desktop.ui.theme import Look


class EmptyPlace(QWidget):
    """What stands where nothing is to be shown yet: a title and a sentence."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._title, self._detail = QLabel(), QLabel()
        self._title.setProperty("role", "title")
        self._detail.setProperty("role", "second")
        self._layout = QVBoxLayout(self)
        self._layout.addStretch(2)
        for label in (self._title, self._detail):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self._layout.addWidget(label)
        self._layout.addStretch(3)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._layout.setContentsMargins(look.px(24), 0, look.px(24), 0)
        self._layout.setSpacing(look.px(8))

    def say(self, title: str, detail: str) -> None:
        """Say why the place is empty and what can be done."""
        if self._title.text() != title:
            self._title.setText(title)
        if self._detail.text() != detail:
            self._detail.setText(detail)
        self.setAccessibleName(f"{title}. {detail}")
