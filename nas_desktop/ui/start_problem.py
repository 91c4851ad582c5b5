"""What is shown when there is no node to show anything of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout


def show_problem(title: str, words: str, closed: Callable[[], None]) -> QDialog:
    """Show why the program cannot start; the caller keeps the box until ``closed`` was called."""
    box = QDialog()
    box.setObjectName("startProblem")
    box.setWindowTitle(title)
    text = QLabel(words)
    text.setWordWrap(True)
    text.setMinimumWidth(420)
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(box.reject)
    layout = QVBoxLayout(box)
    layout.setContentsMargins(20, 18, 20, 16)
    layout.setSpacing(16)
    layout.addWidget(text)
    layout.addWidget(buttons)
    box.finished.connect(lambda _result: closed())
    box.show()
    return box
