"""The question with its reason: what is asked, why, and what the rules say of it as it stands."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.matching.confusions import Confusions
from nas_desktop.domain.query import QueryRefused, ReadQuery, Where, checked
from nas_desktop.domain.search_access import AccessPolicy, Decision, Rule
from nas_desktop.services.events import HopStatus
from nas_desktop.services.searches import SearchLink
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.detail_parts import KeyButton
from nas_desktop.ui.search.form_parts import Said, heading
from nas_desktop.ui.search.more_form import MoreForm
from nas_desktop.ui.search.search_words import WHERE_WORDS, decision_words
from nas_desktop.ui.search.vehicle_form import VehicleForm
from nas_desktop.ui.search.when_form import WhenForm
from nas_desktop.ui.search.where_form import WhereForm
from nas_desktop.ui.search.why_form import CaseBook, WhyForm
from nas_desktop.ui.theme import Look

PAUSE_MS = 250
"""How long nothing is typed before the rules are asked."""

_OF_REASON = frozenset({Rule.JUSTIFICATION, Rule.REFERENCE, Rule.REASON_CODE})
_OF_AUTHORITY = frozenset(rule for rule in Rule if rule.value.startswith("authority"))


class CriteriaPanel(QWidget):
    """WHY, VEHICLE, WHEN, WHERE, MORE, LOOK IN; below them the verdict and the buttons.

    Signals:
        search_wanted, save_wanted, authority_wanted: a button was pressed.
        renamed: the reference or the marks changed.
    """

    search_wanted = Signal()
    save_wanted = Signal()
    authority_wanted = Signal()
    renamed = Signal()

    def __init__(
        self,
        bridge: Bridge,
        link: SearchLink,
        cases: CaseBook,
        confusions: Confusions,
        look: Look,
    ) -> None:
        super().__init__()
        self.setObjectName("criteriaPanel")
        self._bridge, self._link = bridge, link
        self._asked = 0
        self.decision: Decision | None = None
        self.why = WhyForm(cases)
        self.vehicle = VehicleForm(confusions, look)
        self.when = WhenForm(bridge.clock, look)
        self.more = MoreForm()
        self.place = WhereForm(self.more.fold)
        self.look_in = QButtonGroup(self)
        self.verdict = Said("verdict")
        self.trim = QPushButton("&Trim to 90 days")
        self.trim.setToolTip("Begin where no authority is needed")
        self.authority = QPushButton("&Authority…")
        self.authority.setToolTip("Choose an authority, or enter one given verbally")
        self.search = KeyButton("Ctrl ↵", "Search", look)
        self.search.setToolTip("Search (Ctrl+Return)")
        self.search.set_due(True)
        self.save = QPushButton("Save…")
        self.save.setToolTip("Keep this question under a name (Ctrl+S)")
        self.clear = QPushButton("Clear")
        self.clear.setToolTip("Empty the question; the reason stays")
        self._build()
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.judge)
        for form in (self.why, self.vehicle, self.when, self.place, self.more):
            form.changed.connect(self._on_changed)
        self.look_in.buttonClicked.connect(lambda _button: self._on_look_in())
        self._has_chosen_where = False
        bridge.state_changed.connect(self._propose_where)
        self._propose_where()
        self.trim.clicked.connect(lambda _checked=False: self.trim_span())
        self.authority.clicked.connect(lambda _checked=False: self.authority_wanted.emit())
        self.search.clicked.connect(lambda _checked=False: self.search_wanted.emit())
        self.save.clicked.connect(lambda _checked=False: self.save_wanted.emit())
        self.clear.clicked.connect(lambda _checked=False: self._on_clear())
        self.set_look(look)

    def _build(self) -> None:
        inner = QWidget()
        inner.setObjectName("criteriaInner")
        self._form = QVBoxLayout(inner)
        for part in (self.why, self.vehicle, self.when, self.place, self.more):
            self._form.addWidget(part)
        row = QHBoxLayout()
        row.setSpacing(0)
        for where in (Where.LOCAL, Where.NATIONAL, Where.BOTH, Where.SERVER):
            segment = QToolButton()
            segment.setText(WHERE_WORDS[where])
            segment.setCheckable(True)
            segment.setProperty("role", "segment")
            segment.setProperty("where", where.value)
            segment.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            segment.setToolTip(f"Look in: {WHERE_WORDS[where].lower()}")
            self.look_in.addButton(segment)
            row.addWidget(segment)
        row.addStretch(1)
        self.look_in.buttons()[2].setChecked(True)
        self._form.addLayout(heading("LOOK &IN", self.look_in.buttons()[0]))
        self._form.addLayout(row)
        self._form.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setObjectName("criteriaScroll")
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inner)
        foot = QWidget()
        self._foot = QVBoxLayout(foot)
        self._foot.addWidget(self.verdict)
        remedies, buttons = QHBoxLayout(), QHBoxLayout()
        for remedy in (self.trim, self.authority):
            remedies.addWidget(remedy)
            remedy.hide()
        remedies.addStretch(1)
        for button in (self.search, self.save, self.clear):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._foot.addLayout(remedies)
        self._foot.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(foot)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._form.setContentsMargins(look.px(12), look.px(10), look.px(12), look.px(8))
        self._form.setSpacing(look.px(8))
        self._foot.setContentsMargins(look.px(12), look.px(6), look.px(12), look.px(10))
        self._foot.setSpacing(look.px(6))
        self.setMinimumWidth(look.px(316))
        for part in (self.why, self.vehicle, self.when, self.search):
            part.set_look(look)

    def set_policy(self, policy: AccessPolicy) -> None:
        """Show the rules of this node."""
        self.when.bar.set_policy(policy)
        self.trim.setText(f"&Trim to {policy.days_a} days")

    # ------------------------------------------------------------------ the question

    @property
    def where(self) -> Where:
        """Whose reads are asked for."""
        button: QAbstractButton | None = self.look_in.checkedButton()
        return Where(button.property("where")) if button is not None else Where.LOCAL

    def set_where(self, where: Where) -> None:
        """Ask these for reads."""
        self._has_chosen_where = True
        self._check_where(where)

    def _check_where(self, where: Where) -> None:
        for button in self.look_in.buttons():
            if button.property("where") == where.value:
                button.setChecked(True)

    def _on_look_in(self) -> None:
        self._has_chosen_where = True
        self._on_changed()

    def _propose_where(self) -> None:
        """Until somebody chooses: this desk where it stands alone, else both."""
        if self._has_chosen_where:
            return
        state = self._bridge.state
        hops = state.hops if state is not None else ()
        is_alone = any(
            hop.name == "server" and hop.status is HopStatus.NOT_CONFIGURED for hop in hops
        )
        where = Where.LOCAL if is_alone else Where.BOTH
        if where is not self.where:
            self._check_where(where)
            self._pause.start()

    def question(self) -> ReadQuery:
        """Return what is asked, in its normal form.

        Raises:
            QueryRefused: it cannot be asked as it stands; names the criterion at fault.
        """
        marks = self.vehicle.marks()
        since, until = self.when.span()
        return checked(
            ReadQuery(
                since,
                until,
                vrms=marks.vrms,
                look_alikes=marks.look_alikes,
                unread=self.more.unread.isChecked(),
                cameras=self.place.cameras,
                feeds=self.more.feeds(),
                sources=self.more.sources(),
                kinds=self.more.kinds,
                lanes=self.more.lanes,
                area=self.place.area(),
                directions=self.place.directions,
                includes_unknown=self.place.unknown.isChecked(),
                hits_only=self.more.hits.isChecked(),
                late_only=self.more.late.isChecked(),
            )
        )

    def set_question(self, query: ReadQuery, where: Where | None = None) -> None:
        """Show a question; the reason stays what it is."""
        self.vehicle.set_marks(query)
        self.when.set_span(query.since, query.until)
        self.place.set_place(query)
        self.more.set_more(query)
        if where is not None:
            self.set_where(where)

    def empty(self) -> None:
        """Empty the question, not the reason."""
        self.when.choose("24 h")
        since, until = self.when.span()
        self.set_question(ReadQuery(since, until))
        self.vehicle.clear()
        self._has_chosen_where = False
        self._propose_where()

    def _on_clear(self) -> None:
        self.empty()
        self.vehicle.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def trim_span(self) -> None:
        """Begin where the rules need no authority."""
        if self.decision is not None and self.decision.trim_to is not None:
            _since, until = self.when.span()
            self.when.set_span(self.decision.trim_to, until)
            self.judge()

    # ------------------------------------------------------------------ judging

    def _on_changed(self) -> None:
        self.decision = None
        self._show_faults(None)
        self._pause.start()
        self.renamed.emit()

    def judge(self) -> None:
        """Check the question, then ask what the rules would say; nothing is recorded."""
        self._pause.stop()
        self._asked += 1
        try:
            query = self.question()
        except QueryRefused as refusal:
            self._show_verdict(None)
            is_untouched = refusal.field == "vrm" and not self.vehicle.field.text().strip()
            if not (is_untouched and not self.place.cameras):
                self._show_faults(refusal)
            return
        self._show_faults(None)
        if self._bridge.operator is None:
            return
        self._bridge.run(self._decide(query, self._asked), "search-decide")

    async def _decide(self, query: ReadQuery, asked: int) -> None:
        try:
            decision = await self._link.decide(query, self.where, self.why.draft)
        except Refused:
            return  # the search itself will say why: a live check is only a help
        if asked == self._asked:
            self.decision = decision
            self._show_verdict(decision)

    def _show_verdict(self, decision: Decision | None) -> None:
        missing = self.why.missing()
        rules = {denial.rule for denial in decision.denials} if decision is not None else set()
        graver = rules - _OF_REASON
        if missing is not None and not graver:
            self.verdict.say(f"○ Before the search runs: {missing[1]}")
        else:
            words = decision_words(decision) if decision is not None else ""
            self.verdict.say(words)
            self.verdict.setToolTip(
                "\n".join(f"{d.message} {d.remedy}" for d in decision.denials) if decision else ""
            )
        self.trim.setVisible(bool(graver) and decision is not None and decision.trim_to is not None)
        self.authority.setVisible(bool(rules & _OF_AUTHORITY))

    def _show_faults(self, refusal: QueryRefused | None) -> None:
        field = refusal.field if refusal is not None else ""
        words = refusal.words if refusal is not None else ""
        places = {
            self.vehicle.fault: ("vrm", "like", "distance", ""),
            self.when.said: ("from", "to"),
        }
        is_taken = False
        for said, fields in places.items():
            is_here = refusal is not None and field in fields
            said.say(words if is_here else "", is_fault=is_here)
            is_taken = is_taken or is_here
        is_here = refusal is not None and not is_taken
        self.place.said.say(words if is_here else "", is_fault=is_here)

    def ready(self) -> ReadQuery | None:
        """Return the question if a search can be started; else go to what is missing and say so."""
        missing = self.why.missing()
        if missing is not None:
            self.why.said.say(missing[1], is_fault=True)
            missing[0].setFocus(Qt.FocusReason.OtherFocusReason)
            self._scroll.ensureWidgetVisible(missing[0])
            return None
        self.why.said.say("")
        try:
            return self.question()
        except QueryRefused as refusal:
            self._show_faults(refusal)
            target = self.when.since if refusal.field in ("from", "to") else self.vehicle.field
            target.setFocus(Qt.FocusReason.OtherFocusReason)
            return None
