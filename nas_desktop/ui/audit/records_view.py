"""Records: what is asked for at the left, the rows, and the one chosen in full."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit import AuditFilter, Verdict
from nas_desktop.services.audit_ports import AuditLink, ProofState
from nas_desktop.services.ports import Clock
from nas_desktop.ui.audit.filter_form import FilterForm
from nas_desktop.ui.audit.parts import plain_table
from nas_desktop.ui.audit.record_detail import RecordDetail
from nas_desktop.ui.audit.records_model import MOST_HELD, WIDTHS, RecordsModel
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.empty_place import EmptyPlace
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look

PAGE = 200


class RecordsView(QWidget):
    """Looks records up page by page; the answer to an earlier question is dropped."""

    def __init__(self, bridge: Bridge, link: AuditLink, clock: Clock) -> None:
        super().__init__()
        self._bridge, self._link = bridge, link
        self._wanted = AuditFilter()
        self._generation = 0
        self._is_asked = False
        self.proof: ProofState | None = None
        self.verdict: Verdict | None = None
        self.form = FilterForm(clock)
        self.model = RecordsModel()
        self.table = plain_table(self.model, "Records, the newest first")
        self.status = QLabel()
        self.status.setProperty("role", "second")
        # However long the words, the window may be narrow.
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.empty = EmptyPlace("auditEmpty")
        self.detail = RecordDetail()
        self.middle = QStackedWidget()
        self.middle.addWidget(self.table)
        self.middle.addWidget(self.empty)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.status)
        column.addWidget(self.middle, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        for part in (self.form, centre, self.detail):
            self.splitter.addWidget(part)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setStretchFactor(2, 2)
        self.splitter.setSizes([214, 770, 382])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self.form.applied.connect(self.look_up)
        self.model.wanted.connect(self._on_wanted)
        self.table.selectionModel().currentRowChanged.connect(lambda _n, _b: self.show_chosen())
        self.forget()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        for part in (self.form, self.model, self.detail, self.empty):
            part.set_look(look)
        self.status.setContentsMargins(look.px(10), look.px(6), look.px(10), look.px(6))
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        for column, width in enumerate(WIDTHS):
            self.table.setColumnWidth(column, look.px(width))

    def opened(self) -> None:
        """It has come to the front: the first look is made at once."""
        if not self._is_asked:
            self.look_up()
        (self.table if self.model.rowCount() else self.form.when).setFocus()

    def forget(self) -> None:
        """Show nothing: somebody else may sit here now."""
        self._generation += 1
        self._is_asked = False
        self.proof = self.verdict = None
        self.model.clear()
        self.form.forget()
        self.detail.show_nothing("Choose a record to see all of it.")
        self._say("", "Nothing looked up yet", "Say what is wanted at the left and press Enter.")

    # ------------------------------------------------------------------ looking up

    def look_up(self) -> None:
        """Fetch the newest records that fit what the form says."""
        self._generation += 1
        self._is_asked = True
        self._wanted = self.form.wanted
        self.model.clear()
        self.detail.show_nothing("Choose a record to see all of it.")
        if self._wanted.since and self._wanted.until and self._wanted.since >= self._wanted.until:
            self._say("", "The last day is before the first", "Correct the days at the left.")
            return
        self._say("Looking…", "Looking", "The records are being read, the newest first.")
        self._bridge.run(self._fetch(0, self._generation), "audit-page")

    def _on_wanted(self, before: int) -> None:
        self._bridge.run(self._fetch(before, self._generation), "audit-page")

    async def _fetch(self, before: int, generation: int) -> None:
        try:
            page = await self._link.page(self._wanted, before, PAGE)
        except Refused as refusal:
            if generation == self._generation:
                self.model.failed()
                words = f"{refusal.message} {refusal.remedy}".strip()
                self._say("", "The records could not be read", words)
            raise
        if generation != self._generation:
            return
        self.model.add(page)
        self._show_count()
        if not self.table.currentIndex().isValid() and self.model.rowCount():
            self.table.selectRow(0)

    def _show_count(self) -> None:
        count = self.model.rowCount()
        if not count:
            self._say(
                "No record fits",
                "No record fits",
                "Nothing of this kind was done in this time by anybody. Widen the time or clear"
                " the form; that you looked is on record itself.",
            )
            return
        words = several(count, "record")
        if self.model.is_full:
            words = f"The newest {MOST_HELD:,} that fit: narrow the question to see older ones"
        elif self.model.has_more:
            words = f"{words}, more below"
        self.status.setText(f"{words} · newest first · GMT")
        self.middle.setCurrentWidget(self.table)

    def _say(self, status: str, title: str, words: str) -> None:
        self.status.setText(status)
        self.empty.say(title, words)
        if not self.model.rowCount():
            self.middle.setCurrentWidget(self.empty)

    # ------------------------------------------------------------------ the one chosen

    def show_proof(self, proof: ProofState | None, verdict: Verdict | None) -> None:
        """Take over what is known of the chain."""
        self.proof, self.verdict = proof, verdict
        self.show_chosen()

    def show_chosen(self) -> None:
        """Show the record chosen in full."""
        row = self.model.row_at(self.table.currentIndex().row())
        if row is None:
            return
        self.detail.show_row(
            row,
            self.model.found_by(row),
            self.model.checks.get(row.seq, ()),
            self.proof,
            self.verdict,
        )
