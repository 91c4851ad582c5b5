"""A question to the operator without a nested event loop.

``QDialog.exec()`` inside a coroutine stops every other task for good (measured), so the box is
opened, and its ``finished`` signal resolves a future.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget


async def ask(parent: QWidget, title: str, text: str, yes: str, no: str) -> bool:
    """Ask a question beside the window; True when the operator chose ``yes``.

    Escape and closing the box mean ``no``; so does the end of the program.
    """
    box = QDialog(parent)
    box.setObjectName("question")
    box.setWindowTitle(title)
    box.setWindowModality(Qt.WindowModality.NonModal)
    words = QLabel(text)
    words.setWordWrap(True)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setMinimumWidth(360)
    buttons = QDialogButtonBox()
    agree = buttons.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
    agree.setObjectName("yes")
    refuse = buttons.addButton(no, QDialogButtonBox.ButtonRole.RejectRole)
    refuse.setObjectName("no")
    refuse.setDefault(True)
    buttons.accepted.connect(box.accept)
    buttons.rejected.connect(box.reject)
    layout = QVBoxLayout(box)
    layout.setContentsMargins(20, 18, 20, 16)
    layout.setSpacing(16)
    layout.addWidget(words)
    layout.addWidget(buttons)
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def on_finished(result: int) -> None:
        if not answer.done():
            answer.set_result(result == QDialog.DialogCode.Accepted)

    box.finished.connect(on_finished)
    box.show()
    try:
        return await answer
    finally:
        box.deleteLater()


async def ask_to_close(parent: QWidget, waiting: int) -> bool:
    """Ask whether to close while so many hits are unacknowledged."""
    words = f"{waiting:,} unacknowledged. Nobody at this desk will see further hits."
    return await ask(parent, "Close NAS Desktop", words, "Close", "Stay")
