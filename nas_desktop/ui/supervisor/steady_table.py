"""A table whose rows keep their place while somebody looks at it, whatever changes in them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QFont

from nas_desktop.ui.headed_table import HeadedTable
from nas_desktop.ui.supervisor.lines import Cell, Line
from nas_desktop.ui.text import Tone
from nas_desktop.ui.theme import AMBER, ON_AMBER, ON_RED, RED, Look

_Index = QModelIndex | QPersistentModelIndex
_TONES = {Tone.RED: (RED, ON_RED), Tone.AMBER: (AMBER, ON_AMBER)}


class SteadyTable(HeadedTable):
    """Rows that come are put behind the one they follow; those that stay do not move."""

    def __init__(self, headings: Sequence[str], look: Look) -> None:
        super().__init__()
        self.headings = headings
        self._lines: list[Line] = []
        self._look = look

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self._changed()

    def show(self, lines: Sequence[Line], *, in_order: bool = False) -> None:
        """Show these and no others; ``in_order`` puts them in the order given."""
        wanted = {line.key: line for line in lines}
        for row in range(len(self._lines) - 1, -1, -1):
            if self._lines[row].key not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._lines[row]
                self.endRemoveRows()
        known = {line.key for line in self._lines}
        before: Hashable = None
        for line in lines:
            if line.key not in known:
                self._insert(line, before)
            before = line.key
        self._lines = [wanted[line.key] for line in self._lines]
        if in_order:
            self._put_in_order(lines)
        self._changed()

    def _insert(self, line: Line, before: Hashable) -> None:
        row = next((at + 1 for at, li in enumerate(self._lines) if li.key == before), 0)
        self.beginInsertRows(QModelIndex(), row, row)
        self._lines.insert(row, line)
        self.endInsertRows()

    def _put_in_order(self, lines: Sequence[Line]) -> None:
        for row, line in enumerate(lines):
            at = next(i for i in range(row, len(self._lines)) if self._lines[i].key == line.key)
            if at != row:
                self.beginMoveRows(QModelIndex(), at, at, QModelIndex(), row)
                self._lines.insert(row, self._lines.pop(at))
                self.endMoveRows()

    def _changed(self) -> None:
        if self._lines:
            last = self.index(len(self._lines) - 1, len(self.headings) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def line_at(self, row: int) -> Line | None:
        """Return the line of a row."""
        return self._lines[row] if 0 <= row < len(self._lines) else None

    # ------------------------------------------------------------------ Qt

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.line_at(index.row()) if index.isValid() else None
        if line is None:
            return None
        cell = line.cells[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.ToolTipRole:
                return cell.tip or cell.text
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self.headings[index.column()]}: {cell.text or 'nothing'}"
            case Qt.ItemDataRole.FontRole:
                return self._font(cell)
            case Qt.ItemDataRole.BackgroundRole | Qt.ItemDataRole.ForegroundRole:
                return _brush(cell.tone, role)
            case _:
                return None

    def _font(self, cell: Cell) -> QFont | None:
        if cell.is_vrm:
            return self._look.vrm(15)
        return self._look.semibold(13) if cell.tone in _TONES else None


def _brush(tone: Tone, role: int) -> QBrush | None:
    colours = _TONES.get(tone)
    if colours is None:
        return None
    return QBrush(QColor(colours[0 if role == Qt.ItemDataRole.BackgroundRole else 1]))
