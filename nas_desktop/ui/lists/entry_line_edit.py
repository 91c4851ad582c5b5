"""Text of column 9: wraps on screen, and takes no line breaks."""

from __future__ import annotations

import re

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

_BREAKS = re.compile(r"[\r\n\u2028\u2029]+")


class EntryLineEdit(QPlainTextEdit):
    """One line of text over several rows of the screen; what is pasted is made one line."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        self.insertPlainText(_BREAKS.sub(" ", source.text()))
