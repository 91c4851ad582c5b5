"""Files that the window writes itself: asked for beside the window, written off its thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from nas_desktop.domain.errors import Refused


def save_as(parent: QWidget, name: str, then: Callable[[Path], object]) -> None:
    """Ask where a CSV file is to go, and go on with the path."""
    dialog = QFileDialog(parent, "Save as", name, "CSV (*.csv)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("csv")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.open()


async def write_private(path: Path, text: str) -> None:
    """Write a file that nobody but its owner can read.

    Raises:
        Refused: ``file_unwritable``.
    """
    try:
        await asyncio.to_thread(_write, path, text)
    except OSError as fault:
        raise Refused(
            "file_unwritable",
            f"The file cannot be written ({fault.strerror}).",
            "Choose another folder, or free space on the disk.",
        ) from None


def _write(path: Path, text: str) -> None:
    # Made private before anything is in it.
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8", newline="")
