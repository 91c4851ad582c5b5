"""Reads that are kept beyond the retention: for what, by whom, and whose review is due."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.findings import Severity
from nas_desktop.domain.vrm import VrmGrammar
from nas_desktop.services.searches import Preserved, SearchLink
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.lists.findings_marks import look_beside, severity_pixmap
from nas_desktop.ui.search.form_parts import Said
from nas_desktop.ui.search.saved_dialog import TableOf, quiet_table
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look

_Index = QModelIndex | QPersistentModelIndex

HEADS = ("VRM", "Captured (GMT)", "Reference", "By", "Since", "Review")
REVIEW = HEADS.index("Review")
SOON_DAYS = 7
"""A review within these days is marked before it is due."""


def days_left(one: Preserved, now: datetime) -> int:
    """Return the days until a review, by the calendar; less than 0 when it is overdue."""
    return (one.review_at.astimezone(UTC).date() - now.astimezone(UTC).date()).days


def review_words(one: Preserved, now: datetime) -> str:
    """Return when a read is looked at again, and how that stands."""
    left, day = days_left(one, now), f"{one.review_at.astimezone(UTC):%d/%m/%Y}"
    if left < 0:
        return f"overdue by {several(-left, 'day')} · {day}"
    if not left:
        return f"due today · {day}"
    return f"in {several(left, 'day')} · {day}"


def review_mark(one: Preserved, now: datetime) -> Severity | None:
    """Return a square for an overdue review, a triangle for one that is near."""
    left = days_left(one, now)
    if left < 0:
        return Severity.ERROR
    return Severity.WARNING if left <= SOON_DAYS else None


class PreservedModel(TableOf):
    """Preserved reads, the next to be looked at first; the review with its mark."""

    def __init__(self, grammar: VrmGrammar, now: datetime, look: Look) -> None:
        super().__init__(HEADS, self._row)
        self._grammar, self._now, self._look = grammar, now, look

    def _row(self, one: Preserved) -> tuple[str, ...]:
        return (
            self._grammar.display(one.read.vrm) or "unread",
            f"{one.read.captured_at.astimezone(UTC):%d/%m/%Y %H:%M:%S}",
            one.reference,
            one.by,
            f"{one.at.astimezone(UTC):%d/%m/%Y}",
            review_words(one, self._now),
        )

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and index.column() == REVIEW and role == Qt.ItemDataRole.DecorationRole:
            return self._mark(self.at(index.row()))
        return super().data(index, role)

    def _mark(self, one: Preserved) -> QPixmap | None:
        severity = review_mark(one, self._now)
        if severity is None:
            return None
        return severity_pixmap(severity, self._look.tokens.text, self._look.px(12), 2.0)


class PreservedDialog(QDialog):
    """What is kept, the next review first; beside the window."""

    def __init__(
        self, bridge: Bridge, link: SearchLink, grammar: VrmGrammar, parent: QWidget
    ) -> None:
        super().__init__(parent)
        look = look_beside(parent)
        self._bridge, self._link = bridge, link
        self.setObjectName("preservedDialog")
        self.setWindowTitle("Preserved reads")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.model = PreservedModel(grammar, bridge.clock.now(), look)
        widths = [look.px(w) for w in (110, 170, 190, 120, 100)]
        self.table = quiet_table(self.model, "Preserved reads", widths, look.px(28))
        self.said = Said("preservedSaid")
        leave = QPushButton("Close")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addWidget(leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 20, 14)
        layout.setSpacing(10)
        layout.addWidget(self.table, 1)
        layout.addLayout(foot)
        resize_within(self, look.px(960), look.px(460))
        self.said.say("Asking…")
        bridge.run(self._load(), "search-preserved")

    async def _load(self) -> None:
        try:
            found = await self._link.preserved()
        except Refused as refusal:
            if isValid(self):
                self.said.say(refusal.words, is_fault=True)
            return
        if not isValid(self):
            return
        kept = sorted(found, key=lambda one: one.review_at)
        self.model.show(kept)
        self.table.selectRow(0)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        now = self._bridge.clock.now()
        late = sum(days_left(one, now) < 0 for one in kept)
        if not kept:
            self.said.say("Nothing is preserved. Ctrl+K keeps the chosen reads of a search.")
        elif late:
            self.said.say(
                f"{several(late, 'review is', 'reviews are')} overdue of"
                f" {several(len(kept), 'read')}.",
                is_fault=True,
            )
        else:
            self.said.say(f"{several(len(kept), 'read')}; no review is overdue.")
