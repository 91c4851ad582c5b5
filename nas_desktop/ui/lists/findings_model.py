"""The findings of a check as a table that can be narrowed by code, severity and text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from nas_desktop.domain.findings import Finding, Severity
from nas_desktop.ui.lists.findings_marks import WORDS, severity_pixmap

_Index = QModelIndex | QPersistentModelIndex

HEADINGS = ("Line", "Column", "Severity", "Code", "What is wrong", "What to do")
LINE, COLUMN, SEVERITY, CODE, MESSAGE, REMEDY = range(6)


class FindingsModel(QAbstractTableModel):
    """Findings in the order of the file; ``columns`` are the template's names of its columns."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self._all: tuple[Finding, ...] = ()
        self._shown: list[Finding] = []
        self._code = ""
        self._severity: Severity | None = None
        self._text = ""
        self.outline = "#FFFFFF"
        self.mark_px = 13

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, whatever the filter."""
        return self._all

    def show(self, findings: Sequence[Finding]) -> None:
        """Show other findings; the filter is dropped with the old ones."""
        self._all = tuple(findings)
        self.narrow()

    def narrow(self, code: str = "", severity: Severity | None = None, text: str = "") -> None:
        """Show only what fits; empty and None fit everything."""
        self.beginResetModel()
        self._code, self._severity, self._text = code, severity, " ".join(text.split()).casefold()
        self._shown = [one for one in self._all if self._fits(one)]
        self.endResetModel()

    def finding_at(self, row: int) -> Finding | None:
        """Return the finding of a row."""
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def column_words(self, finding: Finding) -> str:
        """Return number and name of a column: ``5 ACTION``."""
        if 1 <= finding.column <= len(self._columns):
            return f"{finding.column} {self._columns[finding.column - 1]}"
        return "whole row" if finding.line else "whole file"

    def _fits(self, one: Finding) -> bool:
        if self._code not in ("", one.code) or self._severity not in (None, one.severity):
            return False
        if not self._text:
            return True
        whole = f"{one.line} {self.column_words(one)} {one.code} {one.message} {one.remedy}"
        return self._text in whole.casefold()

    # ------------------------------------------------------------------ Qt

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(HEADINGS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one = self.finding_at(index.row()) if index.isValid() else None
        if one is None:
            return None
        column = index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._words(one, column)
        if role == Qt.ItemDataRole.DecorationRole and column == SEVERITY:
            return severity_pixmap(one.severity, self.outline, self.mark_px)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def _words(self, one: Finding, column: int) -> str:
        return (
            f"{one.line:,}" if one.line else "–",
            self.column_words(one),
            WORDS[one.severity],
            one.code,
            one.message,
            one.remedy,
        )[column]


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignRight if column == LINE else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
