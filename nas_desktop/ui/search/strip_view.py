"""The same rows as pictures: patches side by side, as many as there is room for."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QTableView

from nas_desktop.services.events import ImageKind
from nas_desktop.services.searches import FoundRead
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.detail_parts import paint_picture
from nas_desktop.ui.search.row_painting import MarkPainter
from nas_desktop.ui.search.rows_model import RowsModel
from nas_desktop.ui.search.search_words import captured_words
from nas_desktop.ui.theme import Look

_WIDTH, _HEIGHT = 168, 134


class StripView(QAbstractScrollArea):
    """Cells at computed places: half a million rows cost no more than a screenful.

    It shares the table's selection: the row chosen there is the picture chosen here.
    """

    def __init__(
        self, model: RowsModel, table: QTableView, bridge: Bridge, marks: MarkPainter, look: Look
    ) -> None:
        super().__init__()
        self.setAccessibleName("Reads found, as pictures")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model, self._table = model, table
        self._bridge, self._marks = bridge, marks
        self.set_look(look)
        for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved):
            signal.connect(self._fit)
        model.dataChanged.connect(lambda _first, _last: self.viewport().update())
        table.selectionModel().currentRowChanged.connect(self._on_current)
        self.verticalScrollBar().valueChanged.connect(lambda _at: self.viewport().update())

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.look = look
        self._fit()

    # ------------------------------------------------------------------ places

    @property
    def columns(self) -> int:
        """How many pictures stand side by side."""
        return max(1, self.viewport().width() // self.look.px(_WIDTH))

    def _fit(self, *_given: object) -> None:
        rows = -(-self._model.rowCount() // self.columns)
        high, room = self.look.px(_HEIGHT), self.viewport().height()
        # Whole rows: with half a million pictures pixels would overflow.
        self.verticalScrollBar().setRange(0, max(0, rows - max(1, room // high)))
        self.verticalScrollBar().setPageStep(max(1, room // high))
        self.viewport().update()

    def _place(self, row: int) -> QRect:
        line, column = divmod(row, self.columns)
        width, high = self.viewport().width() // self.columns, self.look.px(_HEIGHT)
        return QRect(column * width, (line - self.verticalScrollBar().value()) * high, width, high)

    def row_at(self, x: int, y: int) -> int:
        """Return the row of a place; -1 where there is none."""
        column = min(self.columns - 1, x * self.columns // max(1, self.viewport().width()))
        line = y // self.look.px(_HEIGHT) + self.verticalScrollBar().value()
        row = line * self.columns + column
        return row if 0 <= row < self._model.rowCount() else -1

    def _on_current(self, now: QModelIndex, _before: QModelIndex) -> None:
        if now.isValid():
            line, bar = now.row() // self.columns, self.verticalScrollBar()
            if line < bar.value():
                bar.setValue(line)
            elif line >= bar.value() + bar.pageStep():
                bar.setValue(line - bar.pageStep() + 1)
        self.viewport().update()

    # ------------------------------------------------------------------ Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(round(event.position().x()), round(event.position().y()))
        if row >= 0:
            self._table.selectRow(row)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._table.contextMenuEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = self.columns * self.verticalScrollBar().pageStep()
        row, last = self._table.currentIndex().row(), self._model.rowCount() - 1
        places = {
            Qt.Key.Key_Left: row - 1,
            Qt.Key.Key_Right: row + 1,
            Qt.Key.Key_Up: row - self.columns,
            Qt.Key.Key_Down: row + self.columns,
            Qt.Key.Key_PageUp: row - page,
            Qt.Key.Key_PageDown: row + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        to = places.get(Qt.Key(event.key()))
        if to is not None and last >= 0:
            self._table.selectRow(min(last, max(0, to)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Menu):
            self._table.keyPressEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self.look.color("ground"))
        first = self.verticalScrollBar().value() * self.columns
        room = -(-self.viewport().height() // self.look.px(_HEIGHT)) * self.columns
        chosen = self._table.currentIndex().row()
        for row in range(first, min(first + room, self._model.rowCount())):
            self._paint_cell(painter, row, is_chosen=row == chosen)

    def _paint_cell(self, painter: QPainter, row: int, *, is_chosen: bool) -> None:
        look, px = self.look, self.look.px
        box = self._place(row).adjusted(px(4), px(4), -px(4), -px(4))
        painter.fillRect(box, look.color("selection" if is_chosen else "raised"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(
            QPen(look.color("focus"), 2)
            if is_chosen and self.hasFocus()
            else QPen(look.color("line"), look.tokens.line_px)
        )
        painter.drawRect(box.adjusted(0, 0, -1, -1))
        found = self._model.found_at(row)
        if found is None:
            return
        inner = box.adjusted(px(6), px(6), -px(6), -px(6))
        picture = QRect(inner.left(), inner.top(), inner.width(), px(66))
        self._paint_patch(painter, picture, found)
        line = QRect(inner.left(), picture.bottom() + px(4), inner.width(), px(20))
        self._marks.paint(painter, line, look, found, 14)
        painter.setFont(look.font(11))
        painter.setPen(look.color("text_2"))
        words = f"{captured_words(found.read.captured_at)[:5]} "
        words += f"{captured_words(found.read.captured_at)[11:]} {found.read.alias}"
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(
            line.translated(0, px(20)),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            words,
        )

    def _paint_patch(self, painter: QPainter, box: QRect, found: FoundRead) -> None:
        self._bridge.want([found.read], [ImageKind.PATCH])
        images, read_id = self._bridge.images, found.read.read_id
        picture = images.scaled(
            read_id, ImageKind.PATCH, box.width() - 4, box.height() - 4, self.devicePixelRatioF()
        )
        why = images.why_missing(read_id, ImageKind.PATCH)
        words = "Plate patch asked for" if why is None else f"Plate patch: {why}"
        paint_picture(painter, box, self.look, picture, words)
