"""Records of the audit as a table that is fetched page by page, the newest first."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal

from nas_desktop.domain.findings import Severity
from nas_desktop.services.audit import AuditAction, AuditPage, AuditRow
from nas_desktop.services.audit_ports import Check, CheckVerdict
from nas_desktop.ui.audit.audit_words import (
    count_words,
    decision_words,
    instant_words,
    is_denied,
    reference_words,
    what_words,
)
from nas_desktop.ui.headed_table import HeadedTable
from nas_desktop.ui.lists.findings_marks import severity_pixmap
from nas_desktop.ui.text import NONE
from nas_desktop.ui.theme import Look

_Index = QModelIndex | QPersistentModelIndex

MOST_HELD = 5_000
"""Records kept here, whatever there are."""


class Column(IntEnum):
    """The columns, in their order."""

    NUMBER = 0
    WHEN = 1
    WHAT = 2
    WHO = 3
    REFERENCE = 4
    BAND = 5
    FOUND = 6


HEADINGS = ("No.", "When (GMT)", "What", "Who", "Reference", "Band", "Found")
WIDTHS = (64, 164, 138, 124, 148, 46, 56)


class RecordsModel(HeadedTable):
    """Records that fit a filter.

    Signals:
        wanted(int): the view has come to the end; records below this number are wanted.
    """

    headings = HEADINGS

    wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[AuditRow] = []
        self._before = 0
        self._is_asked = False
        self._outline = "#FFFFFF"
        self._size = 14
        self.checks: dict[int, list[Check]] = {}
        self.counts: dict[str, int] = {}

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._outline, self._size = look.tokens.outline, look.px(14)
        if self._rows:
            last = self.index(len(self._rows) - 1, len(Column) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def clear(self) -> None:
        """Hold nothing."""
        self.beginResetModel()
        self._rows, self._before, self._is_asked = [], 0, False
        self.checks, self.counts = {}, {}
        self.endResetModel()

    def add(self, page: AuditPage) -> None:
        """Take a page that follows what is here."""
        self._is_asked = False
        room = MOST_HELD - len(self._rows)
        rows = list(page.rows[:room])
        for row in rows:
            self._learn(row)
        if rows:
            last = len(self._rows) + len(rows) - 1
            self.beginInsertRows(QModelIndex(), len(self._rows), last)
            self._rows += rows
            self.endInsertRows()
        self._before = page.before if len(page.rows) <= room else rows[-1].seq if rows else 0

    def _learn(self, row: AuditRow) -> None:
        """Note what a newer record says of an older one: a verdict, or how a search ended."""
        record = row.record
        seq, verdict = record.detail.get("seq", ""), record.detail.get("verdict", "")
        is_check = record.action is AuditAction.SAMPLE_CHECK and seq.isdecimal()
        if is_check and verdict in list(CheckVerdict):
            comment = record.detail.get("comment", "")
            check = Check(int(seq), CheckVerdict(verdict), comment, record.username, record.at)
            self.checks.setdefault(check.seq, []).append(check)
        elif record.action is AuditAction.SEARCH_DONE and record.result_count is not None:
            self.counts[record.event_id] = record.result_count

    def failed(self) -> None:
        """What was asked for has not come; it may be asked for again."""
        self._is_asked = False

    @property
    def has_more(self) -> bool:
        """True where the node has records that are not here."""
        return bool(self._before)

    @property
    def is_full(self) -> bool:
        """True where no more are kept here."""
        return len(self._rows) >= MOST_HELD

    def row_at(self, row: int) -> AuditRow | None:
        """Return the record of a row."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    # ------------------------------------------------------------------ Qt

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def canFetchMore(self, parent: _Index) -> bool:
        return not parent.isValid() and self.has_more and not self.is_full and not self._is_asked

    def fetchMore(self, parent: _Index) -> None:
        if self.canFetchMore(parent):
            self._is_asked = True
            self.wanted.emit(self._before)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index.row()) if index.isValid() else None
        if row is None:
            return None
        if role == Qt.ItemDataRole.DecorationRole and index.column() == Column.WHAT:
            if is_denied(row.record):
                return severity_pixmap(Severity.ERROR, self._outline, self._size, 2.0)
            return None
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == Column.WHAT:
            return decision_words(row.record) or what_words(row.record)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._words(row, Column(index.column()))
        return None

    def _words(self, row: AuditRow, column: Column) -> str:
        record = row.record
        match column:
            case Column.NUMBER:
                return f"{row.seq:,}"
            case Column.WHEN:
                return instant_words(record.at)
            case Column.WHAT:
                return what_words(record)
            case Column.WHO:
                return record.username or NONE
            case Column.REFERENCE:
                return reference_words(record)
            case Column.BAND:
                return record.band or NONE
            case Column.FOUND:
                return count_words(record, self.found_by(row)) or NONE

    def found_by(self, row: AuditRow) -> int | None:
        """Return what a search found, where its end is here."""
        is_search = row.record.action is AuditAction.SEARCH
        return self.counts.get(row.record.event_id) if is_search else None
