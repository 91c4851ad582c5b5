"""The line below the map: where the pointer or the middle is, and what has no place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from nas_desktop.domain.geo import Position
from nas_desktop.services.os_grid import grid_reference
from nas_desktop.ui.map.map_view import ViewBox
from nas_desktop.ui.theme import Look


class MapFoot(QWidget):
    """Place in degrees and in the National Grid, what legs are, and a count that is a button."""

    def __init__(self) -> None:
        super().__init__()
        self.where = QLabel()
        self.where.setProperty("role", "small")
        self.where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.legs = QLabel()
        self.legs.setProperty("role", "small")
        self.no_fix = QPushButton()
        self.no_fix.setProperty("role", "small")
        self.no_fix.setToolTip("Hits and reads without a position fix: listed here (P)")
        self.no_fix.hide()
        self.no_fix_count = 0
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self.where, 1)
        self._layout.addWidget(self.legs)
        self._layout.addWidget(self.no_fix)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._layout.setContentsMargins(look.px(10), look.px(3), look.px(10), look.px(4))
        self._layout.setSpacing(look.px(10))

    def show_no_fix(self, count: int) -> None:
        """Say how many hits and reads have no place on the map."""
        self.no_fix_count = count
        self.no_fix.setText(f"{count:,} without position")
        self.no_fix.setVisible(count > 0)

    def show_legs(self, *, has_journey: bool) -> None:
        """Say what a journey's straight legs are not."""
        self.legs.setText("straight legs: not a route" if has_journey else "")

    def show_pointed(self, place: object) -> None:
        """Say where the pointer is; nothing where it is not on the map."""
        if isinstance(place, Position):
            words = f"{place.latitude:.5f}, {place.longitude:.5f}"
            self._show(words, grid_reference(place))
        else:
            self.where.clear()

    def show_moved(self, box: object) -> None:
        """Say where the middle of the view is."""
        if isinstance(box, ViewBox):
            words = f"Middle {box.middle.latitude:.4f}, {box.middle.longitude:.4f}"
            self._show(words, grid_reference(box.middle, 6))

    def _show(self, words: str, grid: str) -> None:
        """Say where; of a narrow map the grid reference alone, which is the shorter."""
        whole = f"{words} · {grid}" if grid else words
        is_wide = self.where.fontMetrics().horizontalAdvance(whole) <= self.where.width()
        self.where.setText(whole if is_wide or not grid else grid)
        self.where.setToolTip(whole)
