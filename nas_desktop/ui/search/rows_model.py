"""What was found, as a table of any length of which only a few pages are ever here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from nas_desktop.domain.read import ReadId
from nas_desktop.domain.vrm import VrmGrammar
from nas_desktop.services.searches import MOST_ROWS, FoundRead, Order, SearchPage
from nas_desktop.ui.card_words import camera_line
from nas_desktop.ui.search.search_words import (
    captured_words,
    held_words,
    is_late,
    likeness_words,
)
from nas_desktop.ui.text import NONE

_Index = QModelIndex | QPersistentModelIndex

PAGE = 100
MOST_PAGES = 40
"""Pages kept: 4,000 rows, whatever was found."""


class Column(IntEnum):
    """The columns, in their usual order."""

    CAPTURED = 0
    VRM = 1
    PATCH = 2
    CAMERA = 3
    DIRECTION = 4
    LIKENESS = 5
    HELD = 6
    LANE = 7
    CONFIDENCE = 8
    KIND = 9
    RECEIVED = 10
    LATE = 11
    HIT = 12


HEADINGS = (
    "Captured (GMT)",
    "VRM",
    "Patch",
    "Camera",
    "Dir",
    "Likeness",
    "Held",
    "Lane",
    "Confidence",
    "Kind",
    "Received (GMT)",
    "Late",
    "Hit",
)
USUAL = tuple(column for column in Column if column <= Column.HELD)

ORDERS: dict[Column, tuple[Order, ...]] = {
    Column.CAPTURED: (Order.NEWEST, Order.OLDEST),
    Column.VRM: (Order.VRM,),
    Column.CAMERA: (Order.CAMERA,),
    Column.LIKENESS: (Order.LIKENESS,),
}

FOUND_ROLE = Qt.ItemDataRole.UserRole + 1


class RowsModel(QAbstractTableModel):
    """Rows by their place; a place that is looked at and not here is asked for.

    Signals:
        wanted(int): the page that begins with this row is to be fetched.
        filled(int, int): rows of these places have come.
    """

    wanted = Signal(int)
    filled = Signal(int, int)

    def __init__(self, grammar: VrmGrammar) -> None:
        super().__init__()
        self._grammar = grammar
        self._total = 0
        self._pages: OrderedDict[int, tuple[FoundRead, ...]] = OrderedDict()
        self._stale: dict[int, tuple[FoundRead, ...]] = {}
        self._asked: set[int] = set()
        self.order = Order.NEWEST
        self.generation = 0

    # ------------------------------------------------------------------ filling

    def clear(self) -> None:
        """Hold nothing."""
        self.beginResetModel()
        self._total = 0
        self._pages.clear()
        self._stale.clear()
        self._asked.clear()
        self.generation += 1
        self.endResetModel()

    def set_total(self, total: int) -> None:
        """So many rows there are now; rows that are shown keep their places."""
        total = min(total, MOST_ROWS)
        if total > self._total:
            self.beginInsertRows(QModelIndex(), self._total, total - 1)
            last = self._total // PAGE
            self._total = total
            # The last page was fetched before it was full.
            page = self._pages.get(last)
            if page is not None and len(page) < min(PAGE, total - last * PAGE):
                self._asked.discard(last)
            self.endInsertRows()
        elif total < self._total:
            self.beginRemoveRows(QModelIndex(), total, self._total - 1)
            self._total = total
            self.endRemoveRows()

    def refresh(self) -> None:
        """Fetch anew what is looked at: the places may hold other rows by now.

        What was there is shown until the new rows have come, so that nothing flickers.
        """
        self._asked.clear()
        self._stale = dict(self._pages)
        self._pages.clear()
        self.generation += 1
        if self._total:
            self.dataChanged.emit(self.index(0, 0), self.index(self._total - 1, len(Column) - 1))

    def set_order(self, order: Order) -> None:
        """Show the rows in another order, from the first on."""
        if order is not self.order:
            self.order = order
            self._pages.clear()
            self.refresh()
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def put(self, page: SearchPage, generation: int) -> None:
        """Take rows that were fetched; those asked for before the order changed are dropped."""
        if generation != self.generation:
            return
        number = page.first // PAGE
        self._pages[number] = page.rows
        self._stale.pop(number, None)
        self._pages.move_to_end(number)
        while len(self._pages) > MOST_PAGES:
            gone, _rows = self._pages.popitem(last=False)
            self._asked.discard(gone)
        last = min(page.first + len(page.rows), self._total) - 1
        if last >= page.first:
            self.dataChanged.emit(self.index(page.first, 0), self.index(last, len(Column) - 1))
            self.filled.emit(page.first, last)

    @property
    def pages_held(self) -> int:
        """How many pages are here."""
        return len(self._pages)

    def found_at(self, row: int) -> FoundRead | None:
        """Return the read of a place, or None while it is not here; then it is asked for."""
        if not 0 <= row < self._total:
            return None
        number, at = divmod(row, PAGE)
        page = self._pages.get(number)
        if page is not None:
            self._pages.move_to_end(number)
            if at < len(page):
                return page[at]
        if number not in self._asked:
            self._asked.add(number)
            self.wanted.emit(number * PAGE)
        page = self._pages.get(number) or self._stale.get(number)
        return page[at] if page is not None and at < len(page) else None

    def row_of(self, read_id: ReadId) -> int:
        """Return where a read is among the pages here; -1 where it is not."""
        for number, page in self._pages.items():
            for at, found in enumerate(page):
                if found.read.read_id == read_id:
                    return number * PAGE + at
        return -1

    # ------------------------------------------------------------------ Qt

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = Column(section)
        if role == Qt.ItemDataRole.DisplayRole:
            is_by = self.order in ORDERS.get(column, ())
            mark = " ▲" if self.order is Order.OLDEST else " ▼"
            return HEADINGS[column] + (mark if is_by else "")
        if role == Qt.ItemDataRole.ToolTipRole and column in ORDERS:
            return f"{HEADINGS[column]}: press to sort once the search has ended"
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
            FOUND_ROLE,
        )
        if not index.isValid() or role not in shown:
            return None
        found = self.found_at(index.row())
        if role == FOUND_ROLE:
            return found
        column = Column(index.column())
        if found is None:
            is_first = column is Column.CAPTURED and role == Qt.ItemDataRole.DisplayRole
            return "…" if is_first else None
        if column is Column.PATCH and role == Qt.ItemDataRole.DisplayRole:
            return None
        return _WORDS[column](found, self._grammar)


_WORDS: dict[Column, Callable[[FoundRead, VrmGrammar], str]] = {
    Column.CAPTURED: lambda found, _grammar: captured_words(found.read.captured_at),
    Column.VRM: lambda found, grammar: grammar.display(found.read.vrm),
    Column.PATCH: lambda found, grammar: f"Plate patch of {grammar.display(found.read.vrm)}",
    Column.CAMERA: lambda found, _grammar: found.read.alias or camera_line(found.read),
    Column.DIRECTION: lambda found, _grammar: (
        found.direction.value if len(found.direction) < 3 else found.direction.value.lower()
    ),
    Column.LIKENESS: lambda found, _grammar: likeness_words(found),
    Column.HELD: lambda found, _grammar: held_words(found),
    Column.LANE: lambda found, _grammar: found.read.lane_id or NONE,
    Column.CONFIDENCE: lambda found, _grammar: (
        NONE if found.read.confidence is None else f"{found.read.confidence} %"
    ),
    Column.KIND: lambda found, _grammar: found.read.kind.value.replace("_", " "),
    Column.RECEIVED: lambda found, _grammar: captured_words(found.read.received_at),
    Column.LATE: lambda found, _grammar: "late" if is_late(found) else "",
    Column.HIT: lambda found, _grammar: "hit" if found.has_hit else "",
}
