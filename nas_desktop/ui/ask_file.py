"""Which file: a chooser beside the window, never in its way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_file(
    parent: QWidget, title: str, name: str, kinds: Sequence[str], take: Callable[[Path], object]
) -> QFileDialog:
    """Ask for a file that is there, and hand it on.

    Args:
        parent: what the chooser belongs to and goes with.
        title: of its window.
        name: its object name.
        kinds: name filters as ``QFileDialog`` has them, the usual one first.
        take: gets the path once one is chosen.
    """
    box = QFileDialog(parent, title)
    box.setObjectName(name)
    box.setFileMode(QFileDialog.FileMode.ExistingFile)
    box.setNameFilters(list(kinds))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.fileSelected.connect(lambda path: take(Path(path)))
    box.open()
    return box
