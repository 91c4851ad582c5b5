"""The supervisor workspace: who attends which desk, what was missed, and what silences hits.

It follows the reports once a second and moves no row under the hand that works on it.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QPoint, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.hit import HitId
from nas_desktop.domain.spec import Spec
from nas_desktop.services.concerns import Concern, ConcernLedger
from nas_desktop.services.desks import DeskLink, DeskState
from nas_desktop.services.silences import SilenceWatch
from nas_desktop.ui.actions import SUPERVISOR_COMMANDS
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.hit_deeds import HitDeeds
from nas_desktop.ui.marked_dialog import put_marking
from nas_desktop.ui.remembered import remembered_bytes
from nas_desktop.ui.scope_words import scope_parts
from nas_desktop.ui.supervisor.lines import Line
from nas_desktop.ui.supervisor.scope_dialog import ScopeDialog
from nas_desktop.ui.supervisor.supervisor_words import (
    CONCERN_HEADS,
    DESK_HEADS,
    SILENCE_HEADS,
    attended_words,
    balance_words,
    concern_line,
    concerns_words,
    covered_words,
    desk_line,
    missed_tip,
    nothing_missed,
    silence_line,
)
from nas_desktop.ui.supervisor.table_box import TableBox
from nas_desktop.ui.text import Tone, clock_words, several
from nas_desktop.ui.theme import Look

SOON_MS = 250
MOST_OFFERED = 9

NO_DESKS = "No desk has reported to this server yet. E sets the scope of one that is still to come."
TIGHT_PX = 1000
"""Width at 100 % under which the lower parts stand below each other."""

LEAST_PX, LEAST_TIGHT_PX = 330, 470
"""Height at 100 % that the parts need; where there is less, the page scrolls."""

NO_SILENCES = "Nothing silences hits: no mute, no filter, every list and every source is there."


class SupervisorPage(QWidget):
    """Shown to supervisors only; for everybody else it holds nothing.

    Signals:
        card_wanted(CardId): this card is to be shown in the live workspace.
    """

    card_wanted = Signal(object)

    def __init__(
        self, bridge: Bridge, link: DeskLink, spec: Spec, look: Look, settings: QSettings
    ) -> None:
        super().__init__()
        self.setObjectName("supervisorPage")
        self._bridge, self._link, self._spec = bridge, link, spec
        self._settings = settings
        self._look = look
        self._deeds = HitDeeds(bridge, spec)
        self.ledger = ConcernLedger()
        self._silences = SilenceWatch()
        self._closed: dict[HitId, Line] = {}
        bridge.history.when_added.append(self.ledger.add)
        self.covered, self.balance, self.as_of = QLabel(), QLabel(), QLabel()
        for label, name in ((self.covered, "coveredSign"), (self.balance, "balanceSign")):
            label.setObjectName(name)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            label.setMinimumWidth(60)
        self.as_of.setProperty("role", "small")
        self.desks = TableBox("Desks", DESK_HEADS, (96, 176, 104, 220, 110, 60, 176, 176, 80), look)
        self.concerns = TableBox(
            "Missed and escalated", CONCERN_HEADS, (44, 106, 280, 190, 60), look
        )
        self.silences = TableBox("What silences hits", SILENCE_HEADS, (150, 130), look)
        self.give_menu = QMenu(self)
        self._build()
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self.refresh)
        bridge.drained.connect(self._on_drained)
        bridge.state_changed.connect(self.refresh)
        bridge.operator_changed.connect(self._on_operator)
        self.concerns.table.activated.connect(lambda _at: self.show_card())
        self.restore_layout()
        self.set_look(look)

    def _build(self) -> None:
        slots = {
            "show_card": self.show_card,
            "give": self.give,
            "scope": self.set_scope,
            "in_order": lambda: self.refresh(in_order=True),
        }
        for command in SUPERVISOR_COMMANDS:
            action = QAction(command.words, self)
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setAutoRepeat(False)
            action.triggered.connect(lambda _checked=False, run=slots[command.name]: run())
            # A table answers Return by itself; on a button it is the button's.
            if command.name != "show_card":
                self.addAction(action)
        self.scope_button = self.desks.add_button(
            "Set scope… (E)", "Say what a desk looks after; also one still to come", self.set_scope
        )
        self.show_button = self.concerns.add_button(
            "Show in Live (Enter)", "Show the chosen vehicle in the live workspace", self.show_card
        )
        self.give_button = self.concerns.add_button(
            "Give to desk… (A)", "Let the chosen vehicle wait at another desk", self.give
        )
        self._top = QHBoxLayout()
        self._top.addWidget(self.covered, 3)
        self._top.addWidget(self.balance, 2)
        self._top.addWidget(self.as_of)
        self.below = QSplitter(Qt.Orientation.Horizontal)
        self.below.addWidget(self.concerns)
        self.below.addWidget(self.silences)
        self.below.setStretchFactor(0, 3)
        self.below.setStretchFactor(1, 2)
        self.below.setSizes([820, 540])
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.desks)
        self.splitter.addWidget(self.below)
        self.splitter.setSizes([210, 300])
        for splitter in (self.splitter, self.below):
            splitter.setChildrenCollapsible(False)
        self._inner = QWidget()
        self._inner.setObjectName("supervisorInner")
        self._layout = QVBoxLayout(self._inner)
        self._layout.addLayout(self._top)
        self._layout.addWidget(self.splitter, 1)
        scroll = QScrollArea()
        scroll.setWidget(self._inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)

    # ------------------------------------------------------------------ for the window

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self._layout.setContentsMargins(look.px(12), look.px(8), look.px(12), look.px(8))
        self._layout.setSpacing(look.px(4))
        self._top.setSpacing(look.px(12))
        for box in (self.desks, self.concerns, self.silences):
            box.set_look(look)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Put the lower parts below each other where the width is short, and scroll then."""
        is_tight = self.width() < self._look.px(TIGHT_PX)
        wanted = Qt.Orientation.Vertical if is_tight else Qt.Orientation.Horizontal
        if self.below.orientation() is not wanted:
            self.below.setOrientation(wanted)
        self._inner.setMinimumHeight(self._look.px(LEAST_TIGHT_PX if is_tight else LEAST_PX))

    def opened(self) -> None:
        """The workspace has come to the front: everything is put in order once."""
        self.refresh(in_order=True)
        first = self.concerns if self.concerns.model.rowCount() else self.desks
        first.table.setFocus()

    def save_layout(self) -> None:
        """Keep how the parts are divided for the next start."""
        self._settings.setValue("supervisor/parts", self.splitter.saveState())
        self._settings.setValue("supervisor/below", self.below.saveState())

    def restore_layout(self) -> None:
        """Divide the parts as they were left."""
        for key, splitter in (
            ("supervisor/parts", self.splitter),
            ("supervisor/below", self.below),
        ):
            state = remembered_bytes(self._settings, key)
            if state is not None:
                splitter.restoreState(state)

    def _on_operator(self) -> None:
        """What a supervisor sees is not on screen for the next."""
        for dialog in self.findChildren(QDialog):
            dialog.hide()
            dialog.deleteLater()
        for box in (self.desks, self.concerns, self.silences):
            box.show_lines((), "", in_order=True)
        self._closed.clear()  # who closed it is told otherwise to whoever did
        self.refresh(in_order=True)

    # ------------------------------------------------------------------ showing

    def _on_drained(self) -> None:
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def refresh(self, *, in_order: bool = False) -> None:
        """Show everything as it stands now; rows keep their place unless they are put in order."""
        bridge, state = self._bridge, self._bridge.state
        operator, now = bridge.operator, bridge.clock.now()
        if state is None or operator is None or not bridge.supervises:
            return
        # Lists that vanish while another workspace is in front are noticed all the same.
        silences = self._silences.silences(state, operator.username, now)
        if not self.isVisible():
            return
        self.desks.show_lines(
            [desk_line(desk, now) for desk in state.desks], NO_DESKS, in_order=in_order
        )
        self.desks.status.setText(attended_words(state.desks))
        concerns = self.ledger.concerns(bridge.board)
        self.concerns.show_lines(
            [self._line_of(concern, now) for concern in concerns],
            nothing_missed(state.receipts.missed),
            in_order=in_order,
        )
        missed = state.receipts.missed
        self.concerns.status.setText(concerns_words(concerns, missed))
        self.concerns.status.setToolTip(missed_tip(missed, self.ledger.left_out))
        self.silences.show_lines(
            [silence_line(silence, now) for silence in silences], NO_SILENCES, in_order=in_order
        )
        self.silences.status.setText(several(len(silences), "thing") if silences else "")
        # The banner over every workspace is red already.
        self._say(self.covered, covered_words(state.uncovered, state.desks), Tone.QUIET)
        self._say(self.balance, *balance_words(state.receipts, now))
        self.as_of.setText(f"as of {clock_words(state.at)} GMT")
        self._judge()

    def _line_of(self, concern: Concern, now: datetime) -> Line:
        """Return a vehicle as a row; one that is closed changes no more."""
        kept = self._closed.get(concern.key)
        if concern.is_open or kept is None or kept.thing.card is not concern.card:
            kept = concern_line(concern, self._spec, self._bridge.who, now)
        if not concern.is_open:
            self._closed[concern.key] = kept
        return kept

    def _say(self, label: QLabel, words: str, tone: Tone) -> None:
        if label.text() != words:
            label.setText(words)
            label.setAccessibleName(words)
        name = tone.value if tone in (Tone.RED, Tone.AMBER) else ""
        if label.property("tone") != name:
            label.setProperty("tone", name)
            label.style().unpolish(label)
            label.style().polish(label)

    def _judge(self) -> None:
        concern, is_here = self.chosen, self._bridge.lost is None
        self.show_button.setEnabled(concern is not None)
        self.give_button.setEnabled(is_here and concern is not None and concern.is_open)
        self.scope_button.setEnabled(is_here)

    # ------------------------------------------------------------------ doing

    @property
    def chosen(self) -> Concern | None:
        """The vehicle chosen among those missed and escalated."""
        line = self.concerns.chosen
        return line.thing if line is not None else None

    def show_card(self) -> None:
        """Show the chosen vehicle in the live workspace."""
        concern = self.chosen
        if concern is None:
            return
        if self._bridge.board.card(concern.card.card_id) is not concern.card:
            self._bridge.notice.emit(
                "The vehicle was closed and has left the board.", "H in Live shows its history."
            )
            return
        self.card_wanted.emit(concern.card.card_id)

    def give(self) -> None:
        """Offer the other desks that somebody attends, those of dispatchers first."""
        concern = self.chosen
        if concern is None or not concern.is_open or self._bridge.lost is not None:
            return
        desks = sorted(self._deeds.desks(), key=lambda d: (d.report.is_supervisor, d.name))
        if not desks:
            self._bridge.notice.emit(
                "No other desk is attended.", "The hit stays where it is; call somebody to a desk."
            )
            return
        self.give_menu.clear()
        for at, desk in enumerate(desks[:MOST_OFFERED], 1):
            who = f" · {desk.report.operator}" if desk.report.operator else ""
            waiting = f" · {sum(desk.report.waiting.values()):,} waiting there"
            action = self.give_menu.addAction(f"&{at}   {desk.name}{who}{waiting}")
            action.triggered.connect(
                lambda _checked=False, name=desk.name: self._give(concern, name)
            )
        button = self.give_button
        self.give_menu.popup(button.mapToGlobal(QPoint(0, button.height())))
        self.give_menu.setActiveAction(self.give_menu.actions()[0])

    def _give(self, concern: Concern, desk: str) -> None:
        if self._deeds.give(concern.card, desk):
            mark = self._spec.grammar.display(concern.card.vrm)
            self._bridge.notice.emit(f"{mark} was given to {desk}.", "It waits there until taken.")
        self.concerns.table.setFocus()

    def set_scope(self) -> ScopeDialog | None:
        """Open the form of what a desk looks after, for the desk chosen."""
        state = self._bridge.state
        if state is None or not self._bridge.supervises or self._bridge.lost is not None:
            return None
        line = self.desks.chosen
        desk: DeskState | None = line.thing if line is not None else None
        dialog = ScopeDialog(
            self._bridge,
            self._link,
            [d for d in state.desks if not d.report.is_supervisor],
            [one.name for one in state.lists],
            desk.name if desk is not None and not desk.report.is_supervisor else "",
            self._look,
            self,
        )
        dialog.scope_set.connect(self._on_scope_set)
        put_marking(dialog, self._look, is_simulation=state.is_simulation)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
        (dialog.cameras if desk is not None else dialog.desk).setFocus()
        return dialog

    def _on_scope_set(self, name: str, scope: DeskScope) -> None:
        self._bridge.notice.emit(f"{name} looks after {scope_parts(scope)} from now on.", "")
