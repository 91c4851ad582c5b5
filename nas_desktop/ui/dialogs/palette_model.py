"""The commands as a list that can be searched: model and painting of the palette."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from nas_desktop.ui.theme import Look

AnyIndex = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """A command as it is listed; ``why`` says why it cannot be run now, empty where it can."""

    name: str
    words: str
    keys: str
    tip: str
    group: str
    why: str = ""

    @property
    def spoken(self) -> str:
        """The whole row as it is read out."""
        said = f"{self.words}, {self.keys}. {self.tip}"
        return f"{said}. Not now: {self.why}" if self.why else said


def matching(entries: Sequence[PaletteEntry], wanted: str) -> list[PaletteEntry]:
    """Return the entries in which every word typed occurs, those that begin with it first."""
    parts = wanted.casefold().split()

    def text(entry: PaletteEntry) -> str:
        return f"{entry.words} {entry.tip} {entry.group} {entry.keys}".casefold()

    def rank(entry: PaletteEntry) -> int:
        words = entry.words.casefold()
        if not parts or words.startswith(parts[0]):
            return 0
        return 1 if any(part in words for part in parts) else 2

    found = [entry for entry in entries if all(part in text(entry) for part in parts)]
    return sorted(found, key=rank)


class PaletteModel(QAbstractListModel):
    """What is left of the commands after what was typed."""

    def __init__(self) -> None:
        super().__init__()
        self._all: list[PaletteEntry] = []
        self._shown: list[PaletteEntry] = []
        self._wanted = ""

    def set_entries(self, entries: Sequence[PaletteEntry]) -> None:
        """Take these commands, in this order."""
        self.beginResetModel()
        self._all = list(entries)
        self._shown = matching(self._all, self._wanted)
        self.endResetModel()

    def set_wanted(self, wanted: str) -> None:
        """Show what fits."""
        self.beginResetModel()
        self._wanted = wanted
        self._shown = matching(self._all, wanted)
        self.endResetModel()

    def entry(self, index: AnyIndex) -> PaletteEntry | None:
        """Return the command at an index."""
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        return self._shown[index.row()]

    def rowCount(self, parent: AnyIndex = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def data(
        self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # Any: Qt's own signature
        entry = self.entry(index)
        if entry is None:
            return None
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return entry.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{entry.tip}\nNot now: {entry.why}" if entry.why else entry.tip
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        # One that cannot be run can still be chosen: that is how its reason is read.
        if self.entry(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class PaletteDelegate(QStyledItemDelegate):
    """A row: what it is called, its key, and below what it does or why it cannot be run."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(self.look.px(300), self.look.px(46))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, PaletteEntry):
            return
        look, px = self.look, self.look.px
        area: QRect = option.rect
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_chosen:
            painter.fillRect(area, look.color("selection"))
            painter.fillRect(
                QRect(area.left(), area.top(), px(3), area.height()), look.color("focus")
            )
        inner = area.adjusted(px(12), px(4), -px(12), -px(4))
        ink = look.color("text_2" if entry.why else "text")
        keys_font = look.semibold(12)
        width = QFontMetrics(keys_font).horizontalAdvance(entry.keys) + px(14)
        box = QRect(inner.right() - width, inner.top() + px(8), width, px(22))
        painter.setPen(QPen(look.color("text_2"), 1))
        painter.drawRoundedRect(box, px(3), px(3))
        painter.setFont(keys_font)
        painter.setPen(ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, entry.keys)
        room = inner.width() - width - px(10)
        top = QRect(inner.left(), inner.top(), room, px(20))
        words = entry.words if not entry.why else f"○ {entry.words}"
        self._line(painter, top, words, look.semibold(13), ink)
        below = QRect(inner.left(), inner.top() + px(20), room, px(17))
        said = f"Not now: {entry.why}" if entry.why else f"{entry.group} · {entry.tip}"
        self._line(painter, below, said, look.font(12), look.color("text_2"))

    def _line(self, painter: QPainter, area: QRect, words: str, font: Any, ink: Any) -> None:
        """Write a line, cut where there is no room; Any: QFont and QColor of the look."""
        painter.setFont(font)
        painter.setPen(ink)
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, _LEFT, shown)
