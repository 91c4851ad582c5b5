"""Closed hits as a table that is fetched page by page, the newest closing first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import DecidedStep, HitLife
from nas_desktop.domain.spec import Spec
from nas_desktop.services.desks import HistoryPage
from nas_desktop.services.hit_lives import HitLives
from nas_desktop.ui.headed_table import HeadedTable
from nas_desktop.ui.step_history import StepHistory
from nas_desktop.ui.text import NONE, moment_words
from nas_desktop.ui.theme import Look

_Index = QModelIndex | QPersistentModelIndex

MOST_HELD = 5_000
"""Hits kept here, whatever there are."""


class Column(IntEnum):
    """The columns, in their order."""

    CLOSED = 0
    VRM = 1
    TIER = 2
    OUTCOME = 3
    BY = 4
    CAMERA = 5
    LIST = 6


HEADINGS = ("Closed (GMT)", "VRM", "Tier", "Outcome", "By", "Camera", "List")
WIDTHS = (150, 108, 44, 176, 100, 120)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A closed hit, and all that was decided about it, earliest first."""

    hit: Hit
    closed_at: datetime
    life: HitLife
    steps: tuple[DecidedStep, ...]


def rows_of(page: HistoryPage, spec: Spec) -> list[HistoryRow]:
    """Return the hits of a page with their steps and what these make of them."""
    lives, history = HitLives(spec), StepHistory()
    for decided in page.steps:
        lives.add(decided)
    history.add(page.steps)
    return [
        HistoryRow(hit, at, lives.of(hit.hit_id), tuple(history.of([hit.hit_id])))
        for hit, at in zip(page.hits, page.closed_at, strict=True)
    ]


class HistoryModel(HeadedTable):
    """Pages of closed hits.

    Signals:
        wanted(datetime): the view has come to the end; what was closed before is wanted.
    """

    headings = HEADINGS

    wanted = Signal(object)

    def __init__(self, spec: Spec, look: Look) -> None:
        super().__init__()
        self._spec, self._look = spec, look
        self._rows: list[HistoryRow] = []
        self._before: datetime | None = None
        self._now: datetime | None = None
        self._is_asked = False
        self.total = 0

    def clear(self) -> None:
        """Hold nothing."""
        self.beginResetModel()
        self._rows, self._before, self._is_asked, self.total = [], None, False, 0
        self.endResetModel()

    def add(self, page: HistoryPage, now: datetime) -> None:
        """Take a page that follows what is here."""
        self._is_asked, self._now = False, now
        rows = rows_of(page, self._spec)[: MOST_HELD - len(self._rows)]
        if rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._rows += rows
            self.endInsertRows()
        self._before, self.total = page.before, page.total

    def failed(self) -> None:
        """What was asked for has not come; it may be asked for again."""
        self._is_asked = False

    @property
    def has_more(self) -> bool:
        """True where the node has closed hits that are not here."""
        return self._before is not None and not self.is_full

    @property
    def is_full(self) -> bool:
        """True where no more are kept here."""
        return len(self._rows) >= MOST_HELD

    def row_at(self, row: int) -> HistoryRow | None:
        """Return the hit of a row."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    # ------------------------------------------------------------------ Qt

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def canFetchMore(self, parent: _Index) -> bool:
        return not parent.isValid() and self.has_more and not self._is_asked

    def fetchMore(self, parent: _Index) -> None:
        if self.canFetchMore(parent):
            self._is_asked = True
            self.wanted.emit(self._before)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index.row()) if index.isValid() else None
        if row is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._words(row, Column(index.column()))
        if role == Qt.ItemDataRole.FontRole and index.column() == Column.VRM:
            return self._look.vrm(15)
        return None

    def _words(self, row: HistoryRow, column: Column) -> str:
        hit, life = row.hit, row.life
        match column:
            case Column.CLOSED:
                return moment_words(row.closed_at, self._now or row.closed_at)
            case Column.VRM:
                return self._spec.grammar.display(hit.read.vrm)
            case Column.TIER:
                return str(life.raised_to or hit.tier or NONE)
            case Column.OUTCOME:
                return outcome_words(life, self._spec)
            case Column.BY:
                return life.closed_by or NONE
            case Column.CAMERA:
                return hit.read.alias or str(hit.read.camera)
            case Column.LIST:
                return hit.leading.list_name


def outcome_words(life: HitLife, spec: Spec) -> str:
    """Return how a hit ended."""
    return spec.outcomes.get(life.outcome, life.outcome) or "Closed without an outcome"
