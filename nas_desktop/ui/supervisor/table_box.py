"""A table with its heading, its buttons, and what stands there while it is empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.ui.audit.parts import plain_table
from nas_desktop.ui.supervisor.lines import Line
from nas_desktop.ui.supervisor.steady_table import SteadyTable
from nas_desktop.ui.theme import Look


class TableBox(QWidget):
    """One part of the supervisor workspace.

    Args:
        widths: of the columns at 100 %, but for the last, which takes the rest.
    """

    def __init__(
        self, title: str, headings: Sequence[str], widths: Sequence[int], look: Look
    ) -> None:
        super().__init__()
        self._widths = tuple(widths)
        self.model = SteadyTable(headings, look)
        self.table = plain_table(self.model, title)
        self.title = QLabel(title)
        self.title.setProperty("role", "strong")
        self.status = QLabel()
        self.status.setProperty("role", "second")
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        # However long the words, the window may be narrow.
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.empty = QLabel()
        self.empty.setProperty("role", "second")
        self.empty.setWordWrap(True)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._head = QHBoxLayout()
        self._head.addWidget(self.title)
        self._head.addWidget(self.status, 1)
        self.middle = QStackedWidget()
        self.middle.addWidget(self.table)
        self.middle.addWidget(self.empty)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._head)
        self._layout.addWidget(self.middle, 1)
        self.middle.setCurrentWidget(self.empty)
        self.set_look(look)

    def add_button(self, words: str, tip: str, slot: Callable[[], object]) -> QPushButton:
        """Put a button at the right end of the heading."""
        button = QPushButton(words)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: slot())
        self._head.addWidget(button)
        return button

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._layout.setContentsMargins(look.px(3), look.px(6), look.px(3), 0)
        self._layout.setSpacing(look.px(4))
        self._head.setSpacing(look.px(10))
        self.empty.setContentsMargins(look.px(20), look.px(4), look.px(20), look.px(4))
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        for column, width in enumerate(self._widths):
            self.table.setColumnWidth(column, look.px(width))
        # A heading and two rows are the least that is of any use.
        self.middle.setMinimumHeight(look.px(84))
        self.model.set_look(look)

    def show_lines(self, lines: Sequence[Line], empty: str, *, in_order: bool) -> None:
        """Show these rows, or why there are none; something is chosen as long as there are any."""
        self.model.show(lines, in_order=in_order)
        self.empty.setText(empty)
        self.empty.setAccessibleName(empty)
        self.middle.setCurrentWidget(self.table if lines else self.empty)
        if lines and not self.table.currentIndex().isValid():
            self.table.selectRow(0)

    @property
    def chosen(self) -> Line | None:
        """The row chosen."""
        return self.model.line_at(self.table.currentIndex().row())
