"""The lists as a table: one row a list, updated in place so that nothing moves under the hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor

from nas_desktop.domain.voi import ListSource
from nas_desktop.services.events import ListState
from nas_desktop.services.lists import ListCounts
from nas_desktop.ui.headed_table import HeadedTable
from nas_desktop.ui.lists.list_words import (
    counts_words,
    loaded_words,
    source_words,
    state_words,
    weed_words,
)
from nas_desktop.ui.lists.notices_view import notice_words
from nas_desktop.ui.text import Tone, several
from nas_desktop.ui.theme import AMBER, ON_AMBER, ON_RED, RED

_Index = QModelIndex | QPersistentModelIndex

COLUMNS = ("List", "Badge", "State", "Entries", "Loaded (GMT)", "Next weeding", "Rev.", "From")


class ListsModel(HeadedTable):
    """Lists by name; a list that stays keeps its row object, whatever else comes or goes."""

    headings = COLUMNS

    def __init__(self) -> None:
        super().__init__()
        self._lists: list[ListState] = []
        self._now: datetime | None = None
        self._notices: dict[str, int] = {}

    def set_notices(self, counts: dict[str, int]) -> None:
        """Take over on how many entries of each list operators have said something."""
        self._notices = counts
        if self._lists:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lists) - 1, 0))

    def show(self, lists: Iterable[ListState], now: datetime) -> None:
        """Show these lists as of now."""
        new = sorted(lists, key=lambda one: one.name)
        names = [one.name for one in self._lists]
        for name in names:
            if all(one.name != name for one in new):
                row = next(i for i, one in enumerate(self._lists) if one.name == name)
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._lists[row]
                self.endRemoveRows()
        for row, one in enumerate(new):
            if row >= len(self._lists) or self._lists[row].name != one.name:
                self.beginInsertRows(QModelIndex(), row, row)
                self._lists.insert(row, one)
                self.endInsertRows()
            else:
                self._lists[row] = one
        self._now = now
        if self._lists:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._lists) - 1, len(COLUMNS) - 1)
            )

    def list_at(self, row: int) -> ListState | None:
        """Return the list of a row."""
        return self._lists[row] if 0 <= row < len(self._lists) else None

    def row_of(self, name: str) -> int:
        """Return the row of a list, -1 when there is none."""
        return next((i for i, one in enumerate(self._lists) if one.name == name), -1)

    # ------------------------------------------------------------------ Qt

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._lists)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one = self.list_at(index.row()) if index.isValid() else None
        if one is None or self._now is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            words = self._words(one, index.column(), self._now)
            if index.column() == 0:
                count = self._notices.get(one.name, 0)
                said = notice_words(count)
                if role == Qt.ItemDataRole.ToolTipRole:
                    owner = f"Owner: {one.owner}" if one.owner else ""
                    return "\n".join(part for part in (words, owner, said) if part)
                return f"▲ {several(count, 'notice')} · {words}" if count else words
            return words
        if role in (Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.ForegroundRole):
            return self._brush(one, index.column(), role)
        return None

    def _words(self, one: ListState, column: int, now: datetime) -> str:
        counts = one.version.counts if one.version is not None else ListCounts(one.entries)
        return (
            one.name,
            one.badge,
            state_words(one, now)[0],
            f"{one.entries:,}" if one.source is ListSource.MMC else counts_words(counts),
            loaded_words(one, now),
            weed_words(one.next_weed, now.date()),
            f"{one.revision:,}",
            source_words(one.source)
            + (", this node" if one.is_own else ", server")
            + (" · misreads looked for" if one.finds_misreads else ""),
        )[column]

    def _brush(self, one: ListState, column: int, role: int) -> QBrush | None:
        assert self._now is not None
        if column != 2:
            return None
        tone = state_words(one, self._now)[1]
        colours = {Tone.RED: (RED, ON_RED), Tone.AMBER: (AMBER, ON_AMBER)}.get(tone)
        if colours is None:
            return None
        is_ground = role == Qt.ItemDataRole.BackgroundRole
        return QBrush(QColor(colours[0] if is_ground else colours[1]))
