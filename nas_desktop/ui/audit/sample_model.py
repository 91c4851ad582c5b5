"""A month's sample as a table: what is to be looked at, why, and what was found of it."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal

from nas_desktop.domain.findings import Severity
from nas_desktop.services.audit_ports import Check, CheckVerdict, SampleItem, SamplePage
from nas_desktop.ui.audit.audit_words import (
    count_words,
    instant_words,
    reference_words,
    standing_words,
    what_words,
    why_words,
)
from nas_desktop.ui.headed_table import HeadedTable
from nas_desktop.ui.lists.findings_marks import severity_pixmap
from nas_desktop.ui.text import NONE
from nas_desktop.ui.theme import Look

_Index = QModelIndex | QPersistentModelIndex

_MARKS = {CheckVerdict.QUERY: Severity.WARNING, CheckVerdict.REFER: Severity.ERROR}


class Column(IntEnum):
    """The columns, in their order."""

    STANDING = 0
    WHEN = 1
    WHO = 2
    WHAT = 3
    REFERENCE = 4
    BAND = 5
    FOUND = 6
    WHY = 7


HEADINGS = ("Looked at", "When (GMT)", "Who", "What", "Reference", "Band", "Found", "In the sample")
WIDTHS = (126, 164, 116, 100, 144, 46, 54, 190)


class SampleModel(HeadedTable):
    """Items of a sample, fetched as they are looked at.

    Signals:
        wanted(int): the items from this place on are wanted.
    """

    headings = HEADINGS

    wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._items: list[SampleItem] = []
        self._total = 0
        self._is_asked = False
        self._outline = "#FFFFFF"
        self._size = 14

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._outline, self._size = look.tokens.outline, look.px(14)
        if self._items:
            last = self.index(len(self._items) - 1, len(Column) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def clear(self) -> None:
        """Hold nothing."""
        self.beginResetModel()
        self._items, self._total, self._is_asked = [], 0, False
        self.endResetModel()

    def add(self, page: SamplePage) -> None:
        """Take a part; the first begins anew, one that does not follow is left out."""
        self._is_asked = False
        self._total = page.total
        if page.first == 0:
            self.beginResetModel()
            self._items = list(page.items)
            self.endResetModel()
        elif page.first == len(self._items) and page.items:
            last = page.first + len(page.items) - 1
            self.beginInsertRows(QModelIndex(), page.first, last)
            self._items += page.items
            self.endInsertRows()
        if not page.items:
            self._total = len(self._items)

    def failed(self) -> None:
        """What was asked for has not come; it may be asked for again."""
        self._is_asked = False

    def put(self, check: Check) -> None:
        """Take a verdict that is on record now."""
        for row, item in enumerate(self._items):
            if item.row.seq == check.seq:
                self._items[row] = replace(item, checks=(check, *item.checks))
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))

    @property
    def total(self) -> int:
        """How many are in the sample."""
        return self._total

    def item_at(self, row: int) -> SampleItem | None:
        """Return the item of a row."""
        return self._items[row] if 0 <= row < len(self._items) else None

    def next_open(self, after: int) -> int:
        """Return the next row that nobody has looked at, from the top again; -1: there is none."""
        count = len(self._items)
        rows = [(after + step) % count for step in range(1, count + 1)] if count else []
        return next((row for row in rows if not self._items[row].checks), -1)

    # ------------------------------------------------------------------ Qt

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._items)

    def canFetchMore(self, parent: _Index) -> bool:
        return not parent.isValid() and len(self._items) < self._total and not self._is_asked

    def fetchMore(self, parent: _Index) -> None:
        if self.canFetchMore(parent):
            self._is_asked = True
            self.wanted.emit(len(self._items))

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.item_at(index.row()) if index.isValid() else None
        if item is None:
            return None
        if role == Qt.ItemDataRole.DecorationRole and index.column() == Column.STANDING:
            mark = _MARKS.get(item.checks[0].verdict) if item.checks else None
            if mark is not None:
                return severity_pixmap(mark, self._outline, self._size, 2.0)
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            words = _words(item, Column(index.column()))
            has_picture = bool(item.checks) and item.checks[0].verdict in _MARKS
            if index.column() == Column.STANDING and has_picture:
                return words.partition(" ")[2]  # the shape is painted beside it
            return words
        return None


def _words(item: SampleItem, column: Column) -> str:
    record = item.row.record
    match column:
        case Column.STANDING:
            return standing_words(item.checks)
        case Column.WHEN:
            return instant_words(record.at)
        case Column.WHO:
            return record.username
        case Column.WHAT:
            return what_words(record)
        case Column.REFERENCE:
            return reference_words(record)
        case Column.BAND:
            return record.band or NONE
        case Column.FOUND:
            return count_words(record, item.result_count) or NONE
        case Column.WHY:
            return why_words(item.why)
