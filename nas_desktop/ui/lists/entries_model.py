"""Entries as a table that is filled page by page: a list of millions is never here as a whole."""

from __future__ import annotations

from datetime import date
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QPixmap

from nas_desktop.domain.voi import Action
from nas_desktop.domain.vrm import Vrm, VrmGrammar
from nas_desktop.services.lists import EntriesPage, EntryFound
from nas_desktop.ui.headed_table import HeadedTable
from nas_desktop.ui.lists.list_words import window_words
from nas_desktop.ui.symbols import action_symbol, shape_pixmap
from nas_desktop.ui.theme import Look

_Index = QModelIndex | QPersistentModelIndex

COLUMNS = ("VRM", "Action", "Reason", "Window", "Signals", "Vehicle", "List", "Information")


class EntriesModel(HeadedTable):
    """Entries found, in the order of the list.

    Signals:
        wanted(int): the view has come to the end; the entries from this one on are wanted.
    """

    headings = COLUMNS

    wanted = Signal(int)

    def __init__(self, grammar: VrmGrammar) -> None:
        super().__init__()
        self._grammar = grammar
        self._found: list[EntryFound] = []
        self._total = 0
        self._today = date.min
        self._is_asked = False
        self.vrm_face = QFont()
        self._shapes: dict[Action, QPixmap] = {}

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size; the shapes are in the colour of the text.

        The colours of the symbols are kept for hits: a table of a thousand entries stays quiet.
        """
        self.vrm_face = look.vrm(14)
        self._shapes = {
            action: shape_pixmap(action_symbol(action).shape, look.tokens.text, look.px(14), 2.0)
            for action in Action
        }
        if self._found:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._found) - 1, len(COLUMNS) - 1)
            )

    @property
    def total(self) -> int:
        """How many entries there are in all."""
        return self._total

    def clear(self) -> None:
        """Show nothing."""
        self.beginResetModel()
        self._found, self._total, self._is_asked = [], 0, False
        self.endResetModel()

    def add(self, page: EntriesPage, today: date) -> None:
        """Take a page; one that does not follow what is here begins anew."""
        self._today = today
        self._is_asked = False
        self._total = page.total
        if page.first == 0 or page.first != len(self._found):
            self.beginResetModel()
            self._found = list(page.found) if page.first == 0 else []
            self.endResetModel()
        elif page.found:
            last = len(self._found) + len(page.found) - 1
            self.beginInsertRows(QModelIndex(), len(self._found), last)
            self._found += page.found
            self.endInsertRows()

    def entry_at(self, row: int) -> EntryFound | None:
        """Return the entry of a row."""
        return self._found[row] if 0 <= row < len(self._found) else None

    # ------------------------------------------------------------------ Qt

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._found)

    def canFetchMore(self, parent: _Index) -> bool:
        return not parent.isValid() and len(self._found) < self._total and not self._is_asked

    def fetchMore(self, parent: _Index) -> None:
        if self.canFetchMore(parent):
            self._is_asked = True
            self.wanted.emit(len(self._found))

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        found = self.entry_at(index.row()) if index.isValid() else None
        if found is None:
            return None
        if role == Qt.ItemDataRole.FontRole and index.column() == 0:
            return self.vrm_face
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 1:
            return self._shapes.get(found.entry.action)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._words(found, index.column())
        return None

    def _words(self, found: EntryFound, column: int) -> str:
        entry = found.entry
        return (
            str(entry.vrm) if entry.is_pattern else self._grammar.display(Vrm(entry.vrm)),
            entry.action.value.upper(),
            entry.reason,
            window_words(entry.starts_on, entry.weed_date, self._today),
            " ".join(entry.warning_signals),
            " ".join(part for part in (entry.make, entry.model, entry.colour) if part),
            found.list_name,
            entry.information,
        )[column]
