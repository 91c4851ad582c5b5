"""Under whose authority: one that there is, one given verbally, and countersigning."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import QueryRefused
from nas_desktop.domain.search_access import AccessPolicy, Authority, Band, Purpose
from nas_desktop.services.searches import SearchLink
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.search.form_parts import Said, quiet_form
from nas_desktop.ui.search.marks import marks_of
from nas_desktop.ui.search.saved_dialog import TableOf, quiet_table
from nas_desktop.ui.search.search_words import PURPOSES, span_words, when_words
from nas_desktop.ui.search.times import shown, time_from

_FIELDS = ("authoriser", "name", "collar", "force", "operation", "since", "until", "marks")


class AuthorityDialog(QDialog):
    """Three pages: choose, enter, countersign; beside the window.

    Signals:
        chosen(Authority): searches are to run under this authority.
    """

    chosen = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        link: SearchLink,
        policy: AccessPolicy,
        parent: QWidget,
        *,
        span: tuple[datetime, datetime] | None = None,
        purpose: Purpose | None = None,
        operation: str = "",
        marks: str = "",
    ) -> None:
        super().__init__(parent)
        look = look_beside(parent)
        self._bridge, self._link, self._policy = bridge, link, policy
        operator = bridge.operator
        self._who = operator.username if operator is not None else ""
        self._is_authoriser = operator is not None and Role.AUTHORISER in operator.roles
        self.setObjectName("authorityDialog")
        self.setWindowTitle("Authority")
        self.setWindowModality(Qt.WindowModality.NonModal)
        heads = ("Authoriser", "Operation", "Purpose", "Captures (GMT)", "Until", "State")
        self.known_model = TableOf(heads, self._words)
        self.waiting_model = TableOf(heads, self._words)
        widths = [look.px(w) for w in (150, 120, 110, 170, 95)]
        self.known = quiet_table(self.known_model, "Authorities", widths, look.px(28))
        self.waiting = quiet_table(
            self.waiting_model, "Authorities to countersign", widths, look.px(28)
        )
        self.fields = {name: QLineEdit(maxLength=120) for name in _FIELDS}
        self.rank, self.purpose, self.hours = QComboBox(), QComboBox(), QComboBox()
        self.said = Said("authoritySaid")
        self.use = QPushButton("&Use")
        self.enter = QPushButton("&Give" if self._is_authoriser else "&Enter and use")
        self.sign = QPushButton("&Countersign")
        self.leave = QPushButton("Close")
        for button in (self.use, self.enter, self.sign, self.leave):
            button.setAutoDefault(False)
        self._fill(span, purpose, operation, marks)
        self._lay_out()
        for field in self.fields.values():
            field.textChanged.connect(lambda _text: self._judge())
        for box in (self.rank, self.purpose):
            box.currentIndexChanged.connect(lambda _at: self._judge())
        self.tabs.currentChanged.connect(lambda _at: self._judge())
        for table in (self.known, self.waiting):
            table.selectionModel().currentRowChanged.connect(lambda _now, _old: self._judge())
        self.known.activated.connect(lambda _index: self._on_use())
        self.use.clicked.connect(lambda _checked=False: self._on_use())
        self.enter.clicked.connect(lambda _checked=False: self.run())
        self.sign.clicked.connect(lambda _checked=False: self._on_sign())
        self.leave.clicked.connect(self.reject)
        resize_within(self, look.px(880), look.px(480))
        self._judge()
        bridge.run(self._load(), "authorities")

    def _fill(
        self,
        span: tuple[datetime, datetime] | None,
        purpose: Purpose | None,
        operation: str,
        marks: str,
    ) -> None:
        """Propose what the question already says; who allowed it is for the operator to say."""
        self.rank.addItem("Rank", "")
        for rank in self._policy.ranks:
            self.rank.addItem(rank, rank)
        for one, words in PURPOSES.items():
            self.purpose.addItem(words, one)
        if purpose is not None:
            self.purpose.setCurrentIndex(self.purpose.findData(purpose))
        most = round(self._policy.authority_lasts.total_seconds() / 3600)
        for hours in sorted({1, 4, 12, most} & set(range(1, most + 1)), reverse=True):
            self.hours.addItem(f"{hours} h from now", hours)
        if span is not None:
            self.fields["since"].setText(shown(span[0]))
            self.fields["until"].setText(shown(span[1]))
        self.fields["operation"].setText(operation)
        self.fields["marks"].setText(marks)
        self.fields["marks"].setPlaceholderText("any VRM, unless some are named")
        self.fields["authoriser"].setPlaceholderText("account, e.g. b.lowe")
        if self._is_authoriser and self._bridge.operator is not None:
            self.fields["authoriser"].setText(self._who)
            self.fields["name"].setText(self._bridge.operator.name)
            self.fields["authoriser"].setReadOnly(True)

    def _lay_out(self) -> None:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 10, 0, 0)
        grid.setHorizontalSpacing(24)
        left, right = quiet_form(), quiet_form()
        left.addRow("&Authoriser", self.fields["authoriser"])
        left.addRow("&Name", self.fields["name"])
        left.addRow("Co&llar number", self.fields["collar"])
        left.addRow("&Rank", self.rank)
        left.addRow("&Force", self.fields["force"])
        right.addRow("&Operation", self.fields["operation"])
        right.addRow("&Purpose", self.purpose)
        right.addRow("Captured fro&m", self.fields["since"])
        right.addRow("Captured &to", self.fields["until"])
        right.addRow("&VRMs", self.fields["marks"])
        right.addRow("E&xpires", self.hours)
        grid.addLayout(left, 0, 0)
        grid.addLayout(right, 0, 1)
        hours = round(self._policy.countersign_within.total_seconds() / 3600)
        note = QLabel(
            f"▲ Given verbally: the authoriser must countersign it within {hours} h, or it stands"
            " on the auditor's list of exceptions and stops counting. Nobody authorises a search"
            " of their own."
            if not self._is_authoriser
            else "Given in your own name; no countersigning is needed."
        )
        note.setWordWrap(True)
        note.setProperty("role", "second")
        grid.addWidget(note, 1, 0, 1, 2)
        grid.setRowStretch(2, 1)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.known, "C&hoose one")
        self.tabs.addTab(page, "Give one" if self._is_authoriser else "&Given verbally")
        self.tabs.addTab(self.waiting, "To countersi&gn")
        self.tabs.setTabVisible(2, self._is_authoriser)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addStretch(1)
        for button in (self.use, self.enter, self.sign, self.leave):
            foot.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 20, 14)
        layout.setSpacing(10)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(foot)

    # ------------------------------------------------------------------ showing

    def _words(self, one: Authority) -> tuple[str, ...]:
        now = self._bridge.clock.now()
        if one.expires_at <= now:
            state = "■ has run out"
        elif one.is_verbal and one.countersigned_at is None:
            due = one.at + self._policy.countersign_within
            late = due <= now
            state = f"{'■' if late else '▲'} countersign by {when_words(due, now)}"
            state = "■ not countersigned in time" if late else state
        else:
            state = "✓ confirmed"
        return (
            f"{one.rank} {one.authoriser_name or one.authoriser}",
            one.operation,
            PURPOSES[one.purpose],
            span_words(one.since, one.until),
            when_words(one.expires_at, now),
            state,
        )

    async def _load(self) -> None:
        found = await self._link.authorities()
        if not isValid(self):
            return
        self.known_model.show(found)
        self.waiting_model.show(
            [
                one
                for one in found
                if one.is_verbal and one.countersigned_at is None and one.authoriser == self._who
            ]
        )
        for table in (self.known, self.waiting):
            table.selectRow(0)
        if not found and not self._is_authoriser:
            self.tabs.setCurrentIndex(1)
            self.fields["authoriser"].setFocus()
        elif self._is_authoriser and self.waiting_model.rowCount():
            self.tabs.setCurrentIndex(2)
            self.waiting.setFocus()
        self._judge()

    def _judge(self) -> None:
        at = self.tabs.currentIndex()
        for page, button in enumerate((self.use, self.enter, self.sign)):
            button.setVisible(at == page)
        self.use.setEnabled(self.known_model.at(self.known.currentIndex().row()) is not None)
        self.sign.setEnabled(self.waiting_model.at(self.waiting.currentIndex().row()) is not None)
        lacks = self._lacks()
        self.enter.setEnabled(not lacks)
        words = {
            0: "" if self.known_model.rowCount() else "No authority is known yet.",
            1: f"○ {lacks}" if lacks else "",
            2: "" if self.waiting_model.rowCount() else "Nothing waits for you.",
        }[at]
        self.said.say(words)

    def _lacks(self) -> str:
        """Return what an authority still needs, in the order of the fields."""
        for name, words in (
            ("authoriser", "Name the authoriser's account."),
            ("name", "Give the authoriser's name."),
        ):
            if not self.fields[name].text().strip():
                return words
        if not self.rank.currentData():
            return "Choose the rank."
        if not self.fields["operation"].text().strip():
            return "Name the operation."
        if not self._is_authoriser and self.fields["authoriser"].text().strip() == self._who:
            return "Nobody authorises a search of their own."
        try:
            entered = self._entered()
        except QueryRefused as refusal:
            return refusal.words
        band = self._policy.band_of(entered.since, entered.at)
        if band is not Band.A and not self._policy.outranks(entered.rank, band):
            return f"Band {band} needs the rank {self._policy.least_rank.get(band, '')} or above."
        return ""

    # ------------------------------------------------------------------ doing

    def _entered(self) -> Authority:
        now = self._bridge.clock.now()
        text = {name: field.text().strip() for name, field in self.fields.items()}
        since = time_from(text["since"], "from", now)
        until = time_from(text["until"], "to", now)
        if since >= until:
            raise QueryRefused("to", "The end is not after the beginning.", "Correct the times.")
        found = marks_of(text["marks"])
        return Authority(
            authority_id="",
            authoriser=text["authoriser"],
            authoriser_name=text["name"],
            rank=str(self.rank.currentData()),
            force=text["force"],
            at=now,
            purpose=Purpose(self.purpose.currentData()),
            operation=text["operation"],
            since=since,
            until=until,
            expires_at=now + timedelta(hours=int(self.hours.currentData())),
            marks=found.vrms + found.look_alikes,
            granted_to="" if self._is_authoriser else self._who,
            collar_no=text["collar"],
            is_verbal=not self._is_authoriser,
        )

    def run(self) -> None:
        """Record what was entered, and search under it."""
        if not self._lacks():
            self._bridge.run(self._record(self._entered()), "authorise")

    async def _record(self, authority: Authority) -> None:
        try:
            made = await self._link.authorise(authority)
        except Refused as refusal:
            if isValid(self):
                self.said.say(refusal.words, is_fault=True)
            return
        if isValid(self):
            self.chosen.emit(made)
            self.accept()

    def _on_use(self) -> None:
        found = self.known_model.at(self.known.currentIndex().row())
        if found is not None:
            self.chosen.emit(found)
            self.accept()

    def _on_sign(self) -> None:
        found = self.waiting_model.at(self.waiting.currentIndex().row())
        if found is not None:
            self._bridge.run(self._countersign(found.authority_id), "countersign")

    async def _countersign(self, authority_id: str) -> None:
        try:
            await self._link.countersign(authority_id)
        except Refused as refusal:
            if isValid(self):
                self.said.say(refusal.words, is_fault=True)
            return
        if isValid(self):
            await self._load()
