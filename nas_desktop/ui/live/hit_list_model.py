"""The hit board as a Qt list model: headings and cards as rows, changes passed on one to one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from nas_desktop.domain.hit import Basis
from nas_desktop.domain.spec import Spec
from nas_desktop.services.cards import FOLDING, Card, CardId, Heading, Row
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.ui.basis_words import basis_of, basis_words, pnc_badge, source_words
from nas_desktop.ui.card_words import (
    camera_line,
    heading_words,
    note_of,
    reason_line,
    signal_words,
)
from nas_desktop.ui.clone_words import clone_note, clone_of
from nas_desktop.ui.latency_words import late_paint_words
from nas_desktop.ui.life_words import state_words
from nas_desktop.ui.text import several

AnyIndex = QModelIndex | QPersistentModelIndex

_NO_PARENT = QModelIndex()

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""The board's own row: a ``Card`` or a ``Heading``."""


class RowKind(IntEnum):
    """What a row is, as far as its height goes."""

    HEADING = 0
    CARD = 1
    CARD_WITH_NOTE = 2


def has_note(card: Card, now: datetime | None = None) -> bool:
    """Tell whether a card has something to say in its note line.

    ``now`` has the window of the entry judged too; without it only what the node said counts.
    """
    if card.second_to is not None or len(card.hits) > 1 or card.escalated:
        return True
    hit = card.foremost
    leading = hit.leading
    if leading.basis is not Basis.STANDS or pnc_badge(hit):
        return True
    if now is not None and basis_of(leading, now) is not Basis.STANDS:
        return True
    return (
        hit.is_late
        or not hit.read.is_clock_trusted
        or clone_of(card) is not None
        or bool(late_paint_words(hit, card.lives[hit.hit_id]))
        or any(life.holder or life.passed_to or life.voice_to for life in card.lives.values())
    )


def kind_of(row: Row, now: datetime | None = None) -> RowKind:
    """Return what a row is."""
    if isinstance(row, Heading):
        return RowKind.HEADING
    return RowKind.CARD_WITH_NOTE if has_note(row, now) else RowKind.CARD


class HitListModel(QAbstractListModel):
    """Listens to the board; ``kinds`` and ``versions`` are for the view and its delegate.

    Signals:
        rows_resized: a row that stayed in its place has another height now.
    """

    rows_resized = Signal()

    def __init__(
        self, board: HitBoard, spec: Spec, now: Callable[[], datetime] | None = None
    ) -> None:
        super().__init__()
        self.board = board
        self.spec = spec
        self._now: Callable[[], datetime | None] = now or (lambda: None)
        self._today = self._day()
        self.kinds: list[RowKind] = [self._kind(board.row(at)) for at in range(len(board))]
        self.generation = 0
        self.flood_words = ""
        self.versions: dict[CardId, int] = {}
        self._at = 0
        self._target = 0
        board.attach(self)

    # ------------------------------------------------------------------ told by the board

    def inserting(self, at: int) -> None:
        """Open a place for a row."""
        self._at = at
        self.beginInsertRows(QModelIndex(), at, at)

    def inserted(self) -> None:
        """The row is there."""
        self.kinds.insert(self._at, self._kind(self.board.row(self._at)))
        self.generation += 1
        self.endInsertRows()

    def removing(self, at: int) -> None:
        """Announce that a row goes."""
        self._at = at
        self.beginRemoveRows(QModelIndex(), at, at)

    def removed(self) -> None:
        """The row is gone."""
        del self.kinds[self._at]
        self.generation += 1
        self.endRemoveRows()

    def moving(self, source: int, target: int) -> None:
        """Announce a move; Qt counts the target before the row has left its place."""
        self._at, self._target = source, target
        before = target + 1 if target > source else target
        self.beginMoveRows(QModelIndex(), source, source, QModelIndex(), before)

    def moved(self) -> None:
        """The row stands in its new place."""
        self.kinds.insert(self._target, self.kinds.pop(self._at))
        self.generation += 1
        self.endMoveRows()

    def changed(self, at: int) -> None:
        """A row reads differently."""
        row = self.board.row(at)
        if isinstance(row, Card):
            self.versions[row.card_id] = self.versions.get(row.card_id, 0) + 1
        kind = self._kind(row)
        index = self.index(at)
        if kind is not self.kinds[at]:
            self.kinds[at] = kind
            self.generation += 1
            self.rows_resized.emit()
        self.dataChanged.emit(index, index)

    def resetting(self) -> None:
        """Announce that everything changes."""
        self.beginResetModel()

    def reset(self) -> None:
        """Everything changed."""
        self.kinds = [self._kind(self.board.row(at)) for at in range(len(self.board))]
        self.versions.clear()
        self.generation += 1
        self.endResetModel()

    # ------------------------------------------------------------------ for the view

    def note_day(self) -> None:
        """Judge every card anew once the day has changed: entries are weeded at midnight, GMT."""
        today = self._day()
        if today == self._today:
            return
        self._today = today
        self.kinds = [self._kind(self.board.row(at)) for at in range(len(self.board))]
        self.generation += 1
        self.rows_resized.emit()
        if self.kinds:
            self.dataChanged.emit(self.index(0), self.index(len(self.kinds) - 1))

    def _kind(self, row: Row) -> RowKind:
        return kind_of(row, self._now())

    def _day(self) -> int:
        now = self._now()
        return 0 if now is None else now.astimezone(UTC).toordinal()

    def card_at(self, index: AnyIndex) -> Card | None:
        """Return the card at an index, or None for a heading or no index."""
        if not index.isValid() or index.row() >= len(self.board):
            return None
        row = self.board.row(index.row())
        return row if isinstance(row, Card) else None

    def index_of(self, card_id: CardId) -> QModelIndex:
        """Return where a card stands; an invalid index when it is not on the board."""
        at = self.board.position_of(card_id)
        return QModelIndex() if at is None else self.index(at)

    # ------------------------------------------------------------------ Qt

    def rowCount(self, parent: AnyIndex = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.kinds)

    def data(
        self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # Any: Qt's own signature
        if not index.isValid() or not 0 <= index.row() < len(self.board):
            return None
        row = self.board.row(index.row())
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._spoken(row)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and isinstance(row, Card):
            return self._described(row)
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, Card):
            hit = row.foremost
            now, leading = self._now(), hit.leading
            said = (
                basis_words(leading, now) if now is not None else "",
                clone_note(row),
                reason_line(hit),
                source_words(hit, leading).words,
                camera_line(hit.read),
                leading.entry.information,
            )
            return "\n".join(part for part in said if part)
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid() or index.row() >= len(self.kinds):
            return Qt.ItemFlag.NoItemFlags
        if self.kinds[index.row()] is RowKind.HEADING:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def _spoken(self, row: Row) -> str:
        if isinstance(row, Heading):
            words = heading_words(row.group, self.board.size(row.group))
            if row.group in FOLDING:
                words += ", shown" if self.board.is_open(row.group) else ", folded away"
            return words
        hit = row.foremost
        now = self._now()
        parts: Sequence[str] = (
            basis_words(hit.leading, now) if now is not None else "",
            clone_note(row),
            "exercise" if row.is_exercise else "",
            row.tier.value if row.tier else "",
            "possible misread" if row.is_possible else hit.leading.entry.action.value,
            self.spec.grammar.display(row.vrm),
            reason_line(hit),
            hit.leading.badge,
            camera_line(hit.read),
            state_words(row, self.board.operator),
        )
        return ", ".join(part for part in parts if part)

    def _described(self, card: Card) -> str:
        """Return what stands on a card beside its name: state, warning, hits, note."""
        now, operator = self._now(), self.board.operator
        waiting = len(card.unacknowledged)
        parts = (
            f"State: {state_words(card, operator)}",
            signal_words(card.foremost, self.spec)[1],
            several(len(card.hits), "hit") + (f", {waiting} unacknowledged" if waiting else ""),
            note_of(card, self.spec, operator, now)[0] if now is not None else "",
        )
        return ". ".join(part for part in parts if part)
