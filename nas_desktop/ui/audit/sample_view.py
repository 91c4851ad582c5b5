"""The month's sample: look at each, say satisfied, query or refer, go on to the next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit_ports import MOST_COMMENT, AuditLink, CheckVerdict, SamplePage
from nas_desktop.services.ports import Clock
from nas_desktop.ui.audit.audit_words import month_words
from nas_desktop.ui.audit.parts import MonthBox, plain_table
from nas_desktop.ui.audit.record_detail import RecordDetail
from nas_desktop.ui.audit.sample_model import WIDTHS, SampleModel
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.empty_place import EmptyPlace
from nas_desktop.ui.search.form_parts import Said, in_order
from nas_desktop.ui.theme import Look

_BUTTONS = (
    (CheckVerdict.SATISFIED, "✓ &Satisfied", "The reason holds (Alt+S)"),
    (CheckVerdict.QUERY, "▲ &Query", "Something has to be asked; the comment says what (Alt+Q)"),
    (CheckVerdict.REFER, "■ Re&fer", "For professional standards; the comment says why (Alt+F)"),
)


class SampleView(QWidget):
    """Nothing of one's own is ever in it: the node leaves it out."""

    def __init__(self, bridge: Bridge, link: AuditLink, clock: Clock) -> None:
        super().__init__()
        self._bridge, self._link = bridge, link
        self._generation = 0
        self._is_asked = False
        self._is_sending = False
        self.page: SamplePage | None = None
        self._checked = 0
        self.month = MonthBox(clock)
        self.renew = QPushButton("&Draw again")
        self.renew.setToolTip("Fetch the sample as it is now: the same draw, with newer searches")
        self.status = QLabel()
        self.status.setProperty("role", "second")
        self.status.setWordWrap(True)
        self.model = SampleModel()
        self.table = plain_table(self.model, "The month's sample")
        self.empty = EmptyPlace("sampleEmpty")
        self.middle = QStackedWidget()
        self.middle.addWidget(self.table)
        self.middle.addWidget(self.empty)
        self.detail = RecordDetail()
        self.comment = QLineEdit(maxLength=MOST_COMMENT)
        self.comment.setPlaceholderText("comment; needed for a query or a referral")
        self.comment.setAccessibleName("Comment")
        self.said = Said("sampleSaid")
        self.buttons: dict[CheckVerdict, QPushButton] = {}
        self._build()
        self.month.currentIndexChanged.connect(lambda _at: self.look_up())
        self.renew.clicked.connect(lambda _checked=False: self.look_up())
        self.model.wanted.connect(self._on_wanted)
        self.table.selectionModel().currentRowChanged.connect(lambda _n, _b: self.show_chosen())
        self.forget()

    def _build(self) -> None:
        name = QLabel("Mo&nth")
        name.setProperty("role", "heading")
        name.setBuddy(self.month)
        self._top = QHBoxLayout()
        self._top.addWidget(name)
        self._top.addWidget(self.month)
        self._top.addWidget(self.renew)
        self._top.addWidget(self.status, 1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._top)
        column.addWidget(self.middle, 1)
        right = QWidget()
        self._verdict = QVBoxLayout()
        row = QHBoxLayout()
        for verdict, words, tip in _BUTTONS:
            button = QPushButton(words)
            button.setToolTip(tip)
            button.setObjectName(str(verdict))
            button.clicked.connect(lambda _checked=False, v=verdict: self.give(v))
            self.buttons[verdict] = button
            row.addWidget(button)
        row.addStretch(1)
        heading = QLabel("&Verdict and comment")
        heading.setProperty("role", "heading")
        heading.setBuddy(self.comment)
        self._verdict.addWidget(heading)
        self._verdict.addWidget(self.comment)
        self._verdict.addWidget(self.said)
        self._verdict.addLayout(row)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.detail, 1)
        column.addLayout(self._verdict)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(left)
        self.splitter.addWidget(right)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setSizes([920, 446])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        in_order(self.month, self.renew, self.table, self.comment, *self.buttons.values())

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        for part in (self.model, self.detail, self.empty):
            part.set_look(look)
        margin = look.px(12)
        self._top.setContentsMargins(margin, look.px(8), margin, look.px(4))
        self._top.setSpacing(look.px(8))
        self._verdict.setContentsMargins(margin, 0, margin, margin)
        self._verdict.setSpacing(look.px(6))
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        for column, width in enumerate(WIDTHS):
            self.table.setColumnWidth(column, look.px(width))

    def opened(self) -> None:
        """It has come to the front: the first draw is made at once."""
        self.month.renew()
        if not self._is_asked:
            self.look_up()
        self.table.setFocus()

    def forget(self) -> None:
        """Show nothing: somebody else may sit here now."""
        self._generation += 1
        self._is_asked = False
        self.page = None
        self.model.clear()
        self.comment.clear()
        self.said.say("")
        self.status.clear()
        self.empty.say("No sample drawn yet", "Choose a month.")
        self.middle.setCurrentWidget(self.empty)
        self.detail.show_nothing("Choose a search to see who asked what, when and why.")
        self._judge()

    # ------------------------------------------------------------------ drawing

    def look_up(self) -> None:
        """Fetch the sample of the month chosen."""
        self._generation += 1
        self._is_asked = True
        self._is_sending = False
        self.page = None
        self.model.clear()
        self.status.setText("Drawing…")
        self.empty.say("Drawing the sample", "The month's records are being read.")
        self.middle.setCurrentWidget(self.empty)
        self.detail.show_nothing("Choose a search to see who asked what, when and why.")
        self._judge()
        self._bridge.run(self._fetch(0, self._generation), "audit-sample")

    def _on_wanted(self, first: int) -> None:
        self._bridge.run(self._fetch(first, self._generation), "audit-sample")

    async def _fetch(self, first: int, generation: int) -> None:
        month = self.month.month
        try:
            page = await self._link.sample(month, first)
        except Refused as refusal:
            if generation == self._generation:
                self.model.failed()
                self.status.clear()
                words = f"{refusal.message} {refusal.remedy}".strip()
                self.empty.say("The sample could not be drawn", words)
            raise
        if generation != self._generation:
            return
        self.page, self._checked = page, page.checked
        self.model.add(page)
        if first == 0:
            self._begin(page)
        self._show_count()

    def _begin(self, page: SamplePage) -> None:
        if not page.total:
            self.empty.say(
                f"Nothing to look at in {month_words(page.month)}",
                "Nobody but you has searched in this month. A sample is 5 % of the searches of"
                " others, at least 10, and all that are older than 90 days, urgent, about"
                " colleagues or exported in bulk.",
            )
            self.middle.setCurrentWidget(self.empty)
            return
        self.middle.setCurrentWidget(self.table)
        self.table.selectRow(max(0, self.model.next_open(-1)))

    def _show_count(self) -> None:
        page = self.page
        if page is None:
            return
        left = page.total - self._checked
        state = f"○ {left:,} to be looked at" if left else "✓ all looked at"
        self.status.setText(f"{page.total:,} of {page.searches:,} searches of others · {state}")
        self.status.setToolTip(
            f"Drawn with the seed {page.seed}, which is on record: anybody can draw again"
        )

    # ------------------------------------------------------------------ verdicts

    def show_chosen(self) -> None:
        """Show the search chosen in full."""
        item = self.model.item_at(self.table.currentIndex().row())
        if item is not None:
            is_other = self.detail.shown != item.row
            self.detail.show_row(item.row, item.result_count, item.checks)
            if is_other:
                self.comment.clear()
                self.said.say("")
        self._judge()

    def _judge(self) -> None:
        has_item = self.model.item_at(self.table.currentIndex().row()) is not None
        for button in self.buttons.values():
            button.setEnabled(has_item and not self._is_sending)
        self.comment.setEnabled(has_item)

    def give(self, verdict: CheckVerdict) -> None:
        """Put a verdict on record; a query or a referral needs a comment."""
        item = self.model.item_at(self.table.currentIndex().row())
        if item is None or self._is_sending:
            return
        comment = self.comment.text().strip()
        if verdict is not CheckVerdict.SATISFIED and not comment:
            self.said.say("A query or a referral says why.", is_fault=True)
            self.comment.setFocus()
            return
        self._is_sending = True
        self._judge()
        work = self._give(item.row.seq, verdict, comment, self._generation)
        self._bridge.run(work, "audit-check")

    async def _give(self, seq: int, verdict: CheckVerdict, comment: str, generation: int) -> None:
        try:
            check = await self._link.check(seq, verdict, comment)
        except Refused as refusal:
            if generation == self._generation:
                self._is_sending = False
                self.said.say(f"{refusal.message} {refusal.remedy}".strip(), is_fault=True)
                self._judge()
            return
        if generation != self._generation:
            return
        self._is_sending = False
        row = self.table.currentIndex().row()
        item = self.model.item_at(row)
        is_here = item is not None and item.row.seq == seq
        was_open = all(
            not one.checks
            for n in range(self.model.rowCount())
            if (one := self.model.item_at(n)) is not None and one.row.seq == seq
        )
        self.model.put(check)
        self._checked += was_open
        self._show_count()
        if is_here:
            self.comment.clear()
            after = self.model.next_open(row)
            if after >= 0:
                self.table.selectRow(after)
            self.table.setFocus()
        self.show_chosen()
        self.said.say(f"On record: {verdict}.")
