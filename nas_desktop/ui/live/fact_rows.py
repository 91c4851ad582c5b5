"""Rows of words in the detail: facts with their names, lines with their times."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget


class Facts(QWidget):
    """Facts as a two-column table; a row without a value is not there."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []

    def show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        """Show these rows; a row without words is left out."""
        while len(self._rows) < len(facts):
            at = len(self._rows)
            name, value = label("second"), label("", wraps=True, selectable=True)
            self._grid.addWidget(name, at, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, at, 1)
            self._rows.append((name, value))
        self._rows[0][1].setProperty("role", "strong")
        for (name, value), (key, words_) in zip(self._rows, facts, strict=True):
            name.setText(key)
            value.setText(words_)
            name.setVisible(bool(words_))
            value.setVisible(bool(words_))


class Lines(QWidget):
    """Lines of time and words; labels are kept and reused."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []

    def show_lines(self, lines: list[tuple[str, str]]) -> None:
        """Show these lines and no others."""
        while len(self._rows) < len(lines):
            at = len(self._rows)
            time, text = label("second"), label("second", wraps=True)
            self._grid.addWidget(time, at, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, at, 1)
            self._rows.append((time, text))
        for at, (time, text) in enumerate(self._rows):
            is_used = at < len(lines)
            time.setVisible(is_used and bool(lines[at][0]))
            text.setVisible(is_used)
            if is_used:
                time.setText(lines[at][0])
                text.setText(lines[at][1])


def label(role: str, *, wraps: bool = False, selectable: bool = False) -> QLabel:
    """Return a label in one of the style sheet's roles."""
    made = QLabel()
    # Words come from lists and cameras: never to be read as markup.
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if wraps:
        made.setWordWrap(True)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        made.setMinimumWidth(60)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
