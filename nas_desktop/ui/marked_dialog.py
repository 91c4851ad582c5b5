"""The marking on a dialog of its own window: whoever sees it alone must know what it is."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QDialog

from nas_desktop.ui.live.top_bar import MarkingView
from nas_desktop.ui.theme import Look


def put_marking(dialog: QDialog, look: Look, *, is_simulation: bool) -> None:
    """Put the marking, hatched while data are invented, at the top of a dialog."""
    layout = dialog.layout()
    if isinstance(layout, QBoxLayout):
        marking = MarkingView(look)
        marking.set_simulation(is_simulation)
        layout.insertWidget(0, marking)
