"""History: closed hits from the store, a page at a time, and all that was done about one.

It stands beside the window, so that the hits that come meanwhile stay in sight.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.errors import ReadRefused, Refused
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.vrm import normalise
from nas_desktop.services.desks import DeskLink
from nas_desktop.ui.audit.parts import plain_table
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.empty_place import EmptyPlace
from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.life_words import step_words
from nas_desktop.ui.live.fact_rows import Facts, Lines
from nas_desktop.ui.live.history_model import (
    MOST_HELD,
    WIDTHS,
    HistoryModel,
    HistoryRow,
    outcome_words,
)
from nas_desktop.ui.search.form_parts import Said
from nas_desktop.ui.text import moment_words, several
from nas_desktop.ui.theme import Look

PAGE = 100


class HistoryDialog(QDialog):
    """Looks closed hits up; the answer to an earlier question is dropped."""

    def __init__(
        self, bridge: Bridge, link: DeskLink, spec: Spec, look: Look, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._bridge, self._link, self._spec = bridge, link, spec
        self._mark = ""
        self._generation = 0
        self.setObjectName("historyDialog")
        self.setWindowTitle("History of hits")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.mark = QLineEdit()
        self.mark.setPlaceholderText("One VRM, whole; empty for all")
        self.mark.setAccessibleName("VRM")
        self.mark.setMaxLength(32)
        self.mark.setFixedWidth(look.px(220))
        self.mark.returnPressed.connect(self.look_up)
        name = QLabel("&VRM")
        name.setBuddy(self.mark)
        self.find_button = QPushButton("Look up")
        self.find_button.setAutoDefault(False)
        self.find_button.clicked.connect(lambda _checked=False: self.look_up())
        self.said = Said("historySaid")
        recorded = QLabel("every look is recorded")
        recorded.setProperty("role", "small")
        top = QHBoxLayout()
        top.addWidget(name)
        top.addWidget(self.mark)
        top.addWidget(self.find_button)
        top.addWidget(self.said, 1)
        top.addWidget(recorded)
        self.model = HistoryModel(spec, look)
        self.table = plain_table(self.model, "Closed hits, the newest closing first")
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        for column, width in enumerate(WIDTHS):
            self.table.setColumnWidth(column, look.px(width))
        self.empty = EmptyPlace("historyEmpty")
        self.empty.set_look(look)
        self.middle = QStackedWidget()
        self.middle.addWidget(self.table)
        self.middle.addWidget(self.empty)
        self.facts, self.lines = Facts(), Lines()
        body = QWidget()
        body.setObjectName("detailBody")
        column_ = QVBoxLayout(body)
        column_.setContentsMargins(look.px(12), look.px(6), look.px(8), look.px(6))
        column_.setSpacing(look.px(12))
        column_.addWidget(self.facts)
        column_.addWidget(self.lines)
        column_.addStretch(1)
        self.detail = QScrollArea()
        self.detail.setWidget(body)
        self.detail.setWidgetResizable(True)
        self.detail.setFrameShape(QFrame.Shape.NoFrame)
        self.detail.setObjectName("detailScroll")
        self.detail.setAccessibleName("What was done about the chosen hit")
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.middle)
        self.splitter.addWidget(self.detail)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setSizes([840, 380])
        leave = QPushButton("Close")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.splitter, 1)
        layout.addLayout(foot)
        resize_within(self, look.px(1240), look.px(560))
        self.model.wanted.connect(self._on_wanted)
        self.table.selectionModel().currentRowChanged.connect(lambda _n, _b: self.show_chosen())
        self.show_chosen()
        self.look_up()

    # ------------------------------------------------------------------ looking up

    def look_up(self) -> None:
        """Fetch the newest closed hits, of one VRM where one is written."""
        text = self.mark.text().strip()
        try:
            self._mark = normalise(text) if text else ""
        except ReadRefused as refusal:
            self.said.say(f"{refusal.message} Give one VRM, whole.", is_fault=True)
            self.mark.setFocus()
            return
        self._generation += 1
        self.model.clear()
        self.show_chosen()
        self.said.say("Looking…")
        self.empty.say("Looking", "Closed hits are being read, the newest closing first.")
        self.middle.setCurrentWidget(self.empty)
        self._bridge.run(self._fetch(None, self._generation), "hit-history")

    def _on_wanted(self, before: datetime) -> None:
        self._bridge.run(self._fetch(before, self._generation), "hit-history")

    async def _fetch(self, before: datetime | None, generation: int) -> None:
        try:
            page = await self._link.history(before, PAGE, self._mark)
        except Refused as refusal:
            if isValid(self) and generation == self._generation:
                self.model.failed()
                self.said.say(refusal.words, is_fault=True)
                self.empty.say("The history could not be read", refusal.words)
            return
        if not isValid(self) or generation != self._generation:
            return
        self.model.add(page, self._bridge.clock.now())
        self._show_count()
        if before is None and self.model.rowCount():
            self.table.selectRow(0)
            self.table.setFocus()

    def _show_count(self) -> None:
        count, total = self.model.rowCount(), self.model.total
        if not count:
            what = "of this VRM " if self._mark else ""
            self.said.say("Nothing found")
            self.empty.say(
                f"No hit {what}was closed",
                "Closed hits stay here for as long as hits are kept; open ones are in the list.",
            )
            self.middle.setCurrentWidget(self.empty)
            return
        words = several(total, "closed hit")
        if self.model.is_full and count < total:
            words = f"The newest {MOST_HELD:,} of {words}: look up one VRM for older ones"
        elif count < total:
            words = f"{count:,} of {words}, more below"
        self.said.say(words)
        self.middle.setCurrentWidget(self.table)

    # ------------------------------------------------------------------ the one chosen

    def show_chosen(self) -> None:
        """Show what was done about the hit chosen, step by step."""
        row = self.model.row_at(self.table.currentIndex().row())
        self.detail.setVisible(row is not None)
        if row is None:
            return
        now = self._bridge.clock.now()
        self.facts.show_facts(self._facts(row, now))
        lines = [(moment_words(d.step.at, now), step_words(d, self._spec)[1]) for d in row.steps]
        self.lines.show_lines(lines)
        self.lines.setAccessibleName("\n".join(f"{at} {words}" for at, words in lines))

    def _facts(self, row: HistoryRow, now: datetime) -> tuple[tuple[str, str], ...]:
        hit, life = row.hit, row.life
        text = f" “{life.outcome_text}”" if life.outcome_text else ""
        tier = str(hit.tier or "")
        raised = f", raised to {life.raised_to}: {life.raised_why}" if life.raised_to else ""
        return (
            ("Outcome", f"{outcome_words(life, self._spec)}{text}"),
            ("VRM", self._spec.grammar.display(hit.read.vrm)),
            ("Captured", f"{moment_words(hit.read.captured_at, now)} GMT"),
            ("Camera", f"{hit.read.alias or hit.read.camera} {hit.read.lane_id}".strip()),
            ("Reason", f"{hit.leading.entry.reason} · {hit.leading.entry.action}"),
            ("List", ", ".join(dict.fromkeys(r.list_name for r in hit.reasons))),
            ("Tier", f"{tier}{raised}"),
            ("Incident", life.incident),
            ("Shown to", life.delivered_to),
        )
