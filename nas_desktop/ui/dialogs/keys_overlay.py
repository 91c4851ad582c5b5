"""What every key does, laid over the window by groups; made from the commands themselves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.ui.command_groups import grouped_keys
from nas_desktop.ui.overlay import free_area
from nas_desktop.ui.theme import Look

_SCROLLS = {
    Qt.Key.Key_Up: QAbstractSlider.SliderAction.SliderSingleStepSub,
    Qt.Key.Key_Down: QAbstractSlider.SliderAction.SliderSingleStepAdd,
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
}

COLUMN_PX, MOST_COLUMNS = 420, 3
"""Width of a column at 100 %, and how many there are at most."""


class KeysOverlay(QFrame):
    """Opens over the middle of the window; Escape or the same key closes it."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._window = parent
        self.setObjectName("keysOverlay")
        self.setAccessibleName("Keys")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        title = QLabel("Keys")
        title.setProperty("role", "title")
        self._rows = QWidget()
        self._rows.setObjectName("keysRows")
        self._row_layout = QHBoxLayout(self._rows)
        self._row_layout.setContentsMargins(0, 0, 0, 0)
        self._columns: list[QWidget] = []
        self._laid_out = (0, 0.0)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._rows)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setObjectName("keysScroll")
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(title)
        self._layout.addWidget(self._scroll)
        self.set_look(look)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        pad = look.px(20)
        self._layout.setContentsMargins(pad, look.px(14), pad, look.px(14))
        self._layout.setSpacing(look.px(10))
        self._row_layout.setSpacing(look.px(24))
        self._laid_out = (0, 0.0)
        if self.isVisible():
            self._place()

    @property
    def columns(self) -> int:
        """How many columns stand side by side."""
        return len(self._columns)

    def _lay_out(self, columns: int) -> None:
        """Put the groups into so many columns, none of them split."""
        if self._laid_out == (columns, self._look.scale):
            return
        self._laid_out = (columns, self._look.scale)
        for column in self._columns:
            self._row_layout.removeWidget(column)
            column.deleteLater()
        groups = grouped_keys()
        sizes = [len(rows) + 2 for _name, rows in groups]
        self._columns = []
        for first, end in _parts(sizes, columns):
            column = self._column(groups[first:end])
            self._columns.append(column)
            self._row_layout.addWidget(column, 1, Qt.AlignmentFlag.AlignTop)

    def _column(self, groups: Sequence[tuple[str, list[tuple[str, str]]]]) -> QWidget:
        column, px = QWidget(), self._look.px
        grid = QGridLayout(column)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(3))
        grid.setColumnStretch(1, 1)
        at = 0
        for name, rows in groups:
            head = QLabel(name.upper())
            head.setProperty("role", "heading")
            head.setContentsMargins(0, px(8) if at else 0, 0, 0)
            grid.addWidget(head, at, 0, 1, 2)
            at += 1
            for key, tip in rows:
                keys, words = QLabel(key), QLabel(tip)
                keys.setProperty("role", "strong")
                keys.setWordWrap(True)
                keys.setMinimumWidth(px(96))
                keys.setMaximumWidth(px(118))
                words.setWordWrap(True)
                words.setAccessibleName(f"{key}: {tip}")
                grid.addWidget(keys, at, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(words, at, 1, Qt.AlignmentFlag.AlignTop)
                at += 1
        return column

    def _place(self) -> None:
        area = free_area(self._window)
        width, pad = area.width(), self._layout.contentsMargins()
        room = width - pad.left() - pad.right() - self._look.px(16)
        columns = max(1, min(MOST_COLUMNS, room // self._look.px(COLUMN_PX)))
        self._lay_out(columns)
        if columns == 1:
            width = min(width, self._look.px(COLUMN_PX + 160))
        inner = width - pad.left() - pad.right() - self._look.px(12)
        tall = self._row_layout.heightForWidth(inner)
        tall = max(tall, self._rows.minimumSizeHint().height())
        tall += pad.top() + pad.bottom() + self._layout.spacing() + self._look.px(36)
        tall = min(tall, area.height())
        left, top = (area.width() - width) // 2, (area.height() - tall) // 2
        self.setGeometry(area.left() + left, area.top() + top, width, tall)

    def toggle(self) -> None:
        """Open over the middle of the window, or close."""
        if self.isVisible():
            self.leave()
            return
        self._place()
        self.show()
        self.raise_()
        self.setFocus()

    def leave(self) -> None:
        """Close and give the keyboard back."""
        self.hide()
        self._window.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in _SCROLLS:
            self._scroll.verticalScrollBar().triggerAction(_SCROLLS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


def _parts(sizes: Sequence[int], columns: int) -> list[tuple[int, int]]:
    """Return where to cut groups of these sizes so that the longest column is shortest."""
    count = len(sizes)
    best = [(0, count)]
    longest = sum(sizes) + 1
    for cuts in combinations(range(1, count), min(columns, count) - 1):
        ends = [*cuts, count]
        spans = list(zip([0, *cuts], ends, strict=True))
        most = max(sum(sizes[first:end]) for first, end in spans)
        if most < longest:
            best, longest = spans, most
    return best
