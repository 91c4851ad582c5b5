"""What the colours of the reads mean: a small square and words for each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nas_desktop.ui.theme import Look


class LegendView(QWidget):
    """Wraps onto as many lines as the width needs."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._entries: tuple[tuple[str, str], ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Colours of the reads")

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self.updateGeometry()
        self.update()

    @property
    def has_entries(self) -> bool:
        """True while there is something to explain."""
        return bool(self._entries)

    def show_entries(self, entries: Sequence[tuple[str, str]]) -> None:
        """Show colours with their words."""
        self._entries = tuple(entries)
        self.setAccessibleDescription(", ".join(words for _colour, words in self._entries))
        self.setVisible(bool(self._entries))
        self.updateGeometry()
        self.update()

    def _spots(self, width: int) -> tuple[list[QRectF], int]:
        look, metrics = self._look, QFontMetrics(self._look.font(12))
        x, y, line = look.px(10), look.px(3), look.px(17)
        spots: list[QRectF] = []
        for _colour, words in self._entries:
            wide = look.px(15) + metrics.horizontalAdvance(words) + look.px(12)
            if x > look.px(10) and x + wide > width:
                x, y = look.px(10), y + line
            spots.append(QRectF(x, y, wide, line))
            x += wide
        return spots, y + line + look.px(3)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._spots(width)[1]

    def sizeHint(self) -> QSize:
        return QSize(self._look.px(200), self._spots(max(self.width(), self._look.px(200)))[1])

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = self._look, QPainter(self)
        painter.setFont(look.font(12))
        for spot, (colour, words) in zip(self._spots(self.width())[0], self._entries, strict=True):
            side = look.px(10)
            square = QRectF(spot.left(), spot.center().y() - side / 2, side, side)
            painter.fillRect(square, QColor(colour))
            painter.setPen(look.color("outline"))
            painter.drawRect(square)
            painter.setPen(look.color("text_2"))
            rest = spot.adjusted(look.px(15), 0, 0, 0)
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, words)
