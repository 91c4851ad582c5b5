"""Sizes that stay on the screen whatever the size of the text."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

MARGIN = 32
"""Logical pixels left free round a dialog."""


def resize_within(dialog: QWidget, width: int, height: int) -> None:
    """Give a dialog this size, or what the screen or its window has room for."""
    parent = dialog.parentWidget()
    room = dialog.screen().availableSize()
    if parent is not None:
        room = room.expandedTo(parent.window().size())
    dialog.resize(min(width, room.width() - MARGIN), min(height, room.height() - MARGIN))
