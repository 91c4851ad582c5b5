"""A list view whose geometry is a running sum of row heights, with headings that stay in sight.

Qt's own list layout asks the delegate for every row's size at each change; with 5,000 cards and
hits coming in that is the whole thread. Here only the rows in sight are painted, and nothing else
is asked.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from nas_desktop.services.cards import Heading
from nas_desktop.ui.live.hit_card_delegate import HitCardDelegate
from nas_desktop.ui.live.hit_list_model import AnyIndex, HitListModel, RowKind


class RowListView(QListView):
    """Geometry only: where each row stands, what is in sight, where the cursor goes."""

    def __init__(
        self, model: HitListModel, delegate: HitCardDelegate, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._hits = model
        self.card_delegate = delegate
        self._offsets: list[int] = [0]
        self._headings: list[int] = []
        self._generation = -1
        self._blank_to = 0

    def offset_of(self, row: int) -> int:
        """Return how far below the top of the list a row begins."""
        return self._sums()[row]

    # ------------------------------------------------------------------ geometry

    def _sums(self) -> list[int]:
        if self._generation != self._hits.generation:
            heights = {kind: self.card_delegate.height_of(kind) for kind in RowKind}
            self._offsets = list(accumulate(map(heights.__getitem__, self._hits.kinds), initial=0))
            self._generation = self._hits.generation
            self._headings = [
                at for at, kind in enumerate(self._hits.kinds) if kind is RowKind.HEADING
            ]
        return self._offsets

    def _band(self) -> QRect:
        """Where the heading of the topmost group stays in sight while its cards scroll."""
        return QRect(0, 0, self.viewport().width(), self.card_delegate.height_of(RowKind.HEADING))

    def _is_banded(self) -> bool:
        return self.verticalScrollBar().value() > 0 and bool(self._sums()) and bool(self._headings)

    def _paint_band(self, painter: QPainter) -> None:
        value, band = self.verticalScrollBar().value(), self._band()
        at = bisect_right(self._headings, self._row_at(value)) - 1
        if at < 0:
            return
        if at + 1 < len(self._headings):
            # The next group pushes the band out instead of sliding under it.
            band.moveTop(min(0, self._sums()[self._headings[at + 1]] - value - band.height()))
        row = self._hits.board.row(self._headings[at])
        if isinstance(row, Heading):
            self.card_delegate.paint_heading(painter, band, row)

    def _row_at(self, y: int) -> int:
        return max(0, bisect_right(self._sums(), y) - 1)

    def _rows_in_sight(self, area: QRect) -> range:
        value = self.verticalScrollBar().value()
        first = self._row_at(value + area.top())
        last = self._row_at(value + area.bottom())
        return range(first, min(last + 1, len(self._hits.kinds)))

    # ------------------------------------------------------------------ Qt

    def visualRect(self, index: AnyIndex) -> QRect:
        if not index.isValid() or index.row() >= len(self._hits.kinds):
            return QRect()
        sums, row = self._sums(), index.row()
        top = sums[row] - self.verticalScrollBar().value()
        return QRect(0, top, self.viewport().width(), sums[row + 1] - sums[row])

    def indexAt(self, point: QPoint) -> QModelIndex:
        y = point.y() + self.verticalScrollBar().value()
        if y < 0 or y >= self._sums()[-1]:
            return QModelIndex()
        if self._is_banded() and point.y() < self._band().height():
            value = self.verticalScrollBar().value()
            at = bisect_right(self._headings, self._row_at(value)) - 1
            return self._hits.index(self._headings[max(0, at)])
        return self._hits.index(self._row_at(y))

    def scrollTo(
        self,
        index: AnyIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        if not index.isValid() or index.row() >= len(self._hits.kinds):
            return
        bar, sums, row = self.verticalScrollBar(), self._sums(), index.row()
        # Room for the heading above: its own, or the band that stays in sight.
        top, bottom = max(0, sums[row] - self._band().height()), sums[row + 1]
        if top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + self.viewport().height():
            bar.setValue(bottom - self.viewport().height())

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        return 0

    def isIndexHidden(self, index: AnyIndex) -> bool:
        return False

    def doItemsLayout(self) -> None:
        # Rows have no layout of their own to make; QListView's asks for every row's size.
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(height)
        bar.setSingleStep(self.card_delegate.height_of(RowKind.CARD) // 2)
        bar.setRange(0, max(0, self._sums()[-1] - height, self._blank_to))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        index = self.indexAt(rect.center())
        if index.isValid() and self._hits.flags(index) & Qt.ItemFlag.ItemIsSelectable:
            self.selectionModel().select(index, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region = QRegion()
        for index in selection.indexes():
            region += QRegion(self.visualRect(index))
        return region

    def moveCursor(
        self, cursor_action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        actions = QAbstractItemView.CursorAction
        kinds, row = self._hits.kinds, self.currentIndex().row()
        page = max(1, self.viewport().height() // self.card_delegate.height_of(RowKind.CARD) - 1)
        steps = {
            actions.MoveUp: -1,
            actions.MovePrevious: -1,
            actions.MoveDown: 1,
            actions.MoveNext: 1,
            actions.MovePageUp: -page,
            actions.MovePageDown: page,
            actions.MoveHome: -len(kinds),
            actions.MoveEnd: len(kinds),
        }
        step = steps.get(cursor_action, 0)
        target = min(max(row + step, 0), len(kinds) - 1)
        way = 1 if step > 0 else -1
        if not 0 <= target < len(kinds):
            return QModelIndex()
        for candidates in (
            range(target, len(kinds) if way > 0 else -1, way),
            range(target, -1 if way > 0 else len(kinds), -way),
        ):
            for at in candidates:
                if kinds[at] is not RowKind.HEADING:
                    index = self._hits.index(at)
                    self.scrollTo(index)
                    return index
        return QModelIndex()

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here; Qt's jump to a row by typing would move the selection."""
