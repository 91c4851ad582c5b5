"""The live workspace: list at the left, detail with its action bar at the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.spec import Spec
from nas_desktop.services.board_filter import BoardFilter
from nas_desktop.services.cards import Card, CardId, Group
from nas_desktop.services.desks import DeskLink
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.deeds import ONLY_WHEN_POSSIBLE
from nas_desktop.ui.desk_reporter import DeskReporter
from nas_desktop.ui.empty_place import EmptyPlace
from nas_desktop.ui.flow import FlowLayout
from nas_desktop.ui.hit_deeds import HitDeeds
from nas_desktop.ui.live.detail_parts import KeyButton
from nas_desktop.ui.live.detail_view import DetailView
from nas_desktop.ui.live.history_dialog import HistoryDialog
from nas_desktop.ui.live.hit_list_model import HitListModel
from nas_desktop.ui.live.hit_list_view import HitListView
from nas_desktop.ui.live.list_head import ListHead
from nas_desktop.ui.live.step_asker import StepAsker
from nas_desktop.ui.marked_dialog import put_marking
from nas_desktop.ui.text import listening_words
from nas_desktop.ui.theme import Look

CHOOSER_PX = 560
"""Width, at 100 %, under which the chooser does not fit into the detail pane."""

LEFT_PX = 110
"""Height, at 100 %, that list and detail need to be of any use beside the chooser."""

APART_PX = 460
"""Height, at 100 %, under which list, chooser and bar do not fit under one another."""

LIST_SHARE = 0.345
"""Share of the width the list starts with: 470 of 1,366."""


class LivePage(QWidget):
    """List, detail and what can be done about the chosen card.

    Signals:
        choice_changed: another card is chosen, or the chosen one changed.
    """

    choice_changed = Signal()

    def __init__(
        self, bridge: Bridge, spec: Spec, look: Look, desks: DeskLink | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("livePage")
        self._bridge = bridge
        self._spec = spec
        self._desks = desks
        self.model = HitListModel(bridge.board, spec, bridge.clock.now)
        self.hits = HitListView(self.model, bridge, look)
        self.detail = DetailView(bridge, spec, look)
        self.deeds = HitDeeds(bridge, spec)
        self.asker = StepAsker(bridge, self.deeds, spec, look)
        self.chooser = self.asker.chooser
        self.hits.is_asked = lambda: self.asker.is_asking
        self.asker.opening.connect(self._on_asking)
        self.asker.closed.connect(self._on_chooser_done)
        self._split: QByteArray | None = None
        self._is_placed = self._is_apart = False
        self.empty = EmptyPlace("emptyList")
        self._unchosen = EmptyPlace("emptyDetail")
        self.reporter = DeskReporter(bridge, desks, spec)
        self.head = ListHead(look)
        self.head.filter_wanted.connect(self._on_filter)
        self.head.left.connect(self.hits.setFocus)
        self.reporter.flood_changed.connect(self._on_flood)
        self.list_stack = QStackedWidget()
        self.list_stack.addWidget(self.hits)
        self.list_stack.addWidget(self.empty)
        self.detail_stack = QStackedWidget()
        self.detail_stack.addWidget(self.detail)
        self.detail_stack.addWidget(self._unchosen)
        self.buttons: dict[str, KeyButton] = {}
        self.bar = QFrame()
        self.bar.setObjectName("actionBar")
        self._bar_layout = FlowLayout()
        self.bar.setLayout(self._bar_layout)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("liveSplitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        pane = self._pane = QWidget()
        pane.setObjectName("detailPane")
        self._pane_layout = QVBoxLayout(pane)
        self._pane_layout.setContentsMargins(0, 0, 0, 0)
        self._pane_layout.setSpacing(0)
        self._pane_layout.addWidget(self.detail_stack, 1)
        self._pane_layout.addWidget(self.chooser)
        self._pane_layout.addWidget(self.asker.form)
        self._pane_layout.addWidget(self.bar)
        side = QWidget()
        side_layout = QVBoxLayout(side)
        side_layout.setContentsMargins(0, 0, 0, 0)
        side_layout.setSpacing(0)
        side_layout.addWidget(self.head)
        side_layout.addWidget(self.list_stack, 1)
        self.splitter.addWidget(side)
        self.splitter.addWidget(pane)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self._page_layout = QVBoxLayout(self)
        self._page_layout.setContentsMargins(0, 0, 0, 0)
        self._page_layout.setSpacing(0)
        self._page_layout.addWidget(self.splitter, 1)
        self.hits.card_chosen.connect(self._on_card_chosen)
        bridge.drained.connect(self._on_drained)
        bridge.images_changed.connect(self.detail.body.update_images)
        bridge.operator_changed.connect(self._on_operator)
        self.set_look(look)
        self._on_drained()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self.hits.set_look(look)
        self.detail.set_look(look)
        self.asker.set_look(look)
        self.list_stack.setMinimumWidth(look.px(270))
        for button in self.buttons.values():
            button.set_look(look)
        self._bar_layout.setContentsMargins(look.px(16), look.px(8), look.px(16), look.px(8))
        self._bar_layout.setSpacing(look.px(8))
        self.head.set_look(look)
        self.empty.set_look(look)
        self._unchosen.set_look(look)

    def add_buttons(self, actions: Sequence[tuple[str, str, QAction]]) -> None:
        """Put the actions into the bar: key, words, action."""
        for key, words, action in actions:
            button = KeyButton(key, words, self._look)
            button.setObjectName(f"button_{action.objectName()}")
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            button.setEnabled(action.isEnabled())
            self.buttons[action.objectName()] = button
            self._bar_layout.addWidget(button)

    def show_possible(self, can: Mapping[str, bool], due: str) -> None:
        """Enable the buttons of what can be done, and fill the one that is due."""
        for name, button in self.buttons.items():
            button.setEnabled(can[name])
            button.setVisible(can[name] or name not in ONLY_WHEN_POSSIBLE)
            button.set_due(can[name] and name == due)

    def set_split(self, state: QByteArray | None) -> None:
        """Divide list and detail as it was left; takes effect once the page has its width."""
        self._split = state

    def split_state(self) -> QByteArray | None:
        """Return how list and detail are divided; None while nobody has seen them."""
        if self._is_apart:
            return self._split
        return self.splitter.saveState() if self._is_placed else None

    def give_detail(self) -> QWidget:
        """Let the detail stand in another window; the list takes its room, the bar stays."""
        if self._is_placed:
            self._split = self.splitter.saveState()
        self._is_apart = True
        self._page_layout.addWidget(self._pane)
        self._pane.show()
        return self.detail_stack

    def take_detail(self) -> None:
        """Put the detail back beside the list."""
        self._is_apart = False
        self._pane_layout.insertWidget(0, self.detail_stack, 1)
        self.splitter.addWidget(self._pane)
        self.splitter.setStretchFactor(1, 1)
        for part in (self.detail_stack, self._pane):
            part.show()
        self._place()

    def _place(self) -> None:
        if self._is_apart:
            return
        self._is_placed = True
        if self._split is None or not self.splitter.restoreState(self._split):
            width = self.width()
            wanted = min(max(round(width * LIST_SHARE), self._look.px(300)), width // 2)
            self.splitter.setSizes([wanted, width - wanted])

    # ------------------------------------------------------------------ what is chosen

    @property
    def chosen(self) -> Card | None:
        """The card in hand."""
        return self.hits.chosen

    def choose_next(self) -> bool:
        """Choose the next unacknowledged card."""
        self.hits.setFocus()
        return self.hits.choose_next()

    def deed_slots(self) -> dict[str, Callable[[], object]]:
        """Return what the keys of the hit desk do with the chosen card, by name of command."""
        asker, deeds = self.asker, self.deeds

        def with_card(do: Callable[[Card], object]) -> Callable[[], object]:
            return lambda: do(card) if (card := self.chosen) is not None else None

        return {
            "take_action": lambda: asker.action(self.chosen),
            "outcome": lambda: asker.outcome(self.chosen),
            "pass_on": lambda: asker.pass_on(self.chosen),
            "park": lambda: asker.park(self.chosen),
            "raise_tier": lambda: asker.raise_tier(self.chosen),
            "incident": lambda: asker.incident(self.chosen),
            "notify": lambda: asker.notify(self.chosen),
            "differs": lambda: asker.differs(self.chosen),
            "take": with_card(deeds.take),
            "verify": with_card(lambda card: deeds.verify(card, agrees=True)),
            "describe_yes": with_card(lambda card: deeds.describe(card, agrees=True)),
            "describe_no": with_card(lambda card: deeds.describe(card, agrees=False)),
            "seen": with_card(deeds.see_basis),
            "undo": with_card(self._undo),
            "filter": self.head.edit,
            "history": self.show_history,
            "flooded": self.hits.toggle_flooded,
        }

    def show_history(self) -> HistoryDialog | None:
        """Open the history of closed hits beside the window; once is enough."""
        bridge, state = self._bridge, self._bridge.state
        if self._desks is None or not bridge.may_see_hits or bridge.is_locked:
            return None
        dialog = self.findChild(HistoryDialog)
        if dialog is None:
            dialog = HistoryDialog(bridge, self._desks, self._spec, self._look, self)
            is_simulation = state is not None and state.is_simulation
            put_marking(dialog, self._look, is_simulation=is_simulation)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    def _undo(self, card: Card) -> None:
        if not self.deeds.undo(card):
            self._bridge.notice.emit("There is nothing to take back any more.", "")

    def _on_filter(self, wanted: BoardFilter) -> None:
        bridge = self._bridge
        bridge.about_to_drain.emit()
        bridge.fresh = set()
        bridge.board.set_filter(wanted)
        bridge.drained.emit()
        self.reporter.report()

    def _on_flood(self, is_flood: bool) -> None:
        count = self.reporter.flood.count
        self._bridge.notice.emit(
            f"Flood: {count} vehicles in ten minutes."
            if is_flood
            else "The flood is over: every tier is shown again.",
            "Lower tiers are folded into counts; Stops never are. G opens them."
            if is_flood
            else "",
        )

    def _on_asking(self, part: QWidget) -> None:
        """Put the chooser or the form above the bar, or over the whole width where it is tight."""
        width = self.width() if self._is_apart else self.detail_stack.width()
        is_low = self._is_apart and self.height() < self._look.px(APART_PX)
        is_tight = width < self._look.px(CHOOSER_PX) or is_low
        if not is_tight:
            self._pane_layout.insertWidget(1, part)
        else:
            # Large text in a narrow pane: the choices take the whole width, and the bar, whose
            # keys do not count meanwhile, makes room.
            width = self.width()
            self._page_layout.addWidget(part)
            self.bar.hide()
        self.asker.width, self.asker.is_tight = width, is_tight
        if self._is_apart:
            # Asked from the other screen: the keyboard goes where the question stands.
            self.window().activateWindow()
        # Large text under banners: what is chosen is named in the chooser, and it needs the room.
        QTimer.singleShot(0, self, self._make_room)

    def _make_room(self) -> None:
        part = next((p for p in (self.chooser, self.asker.form) if p.isVisible()), None)
        if part is not None:
            left = self.height() - part.sizeHint().height()
            self.splitter.setVisible(not self.asker.is_tight or left >= self._look.px(LEFT_PX))

    def _on_chooser_done(self) -> None:
        self.bar.show()
        self.splitter.show()
        self.hits.setFocus()

    def _on_card_chosen(self, card_id: CardId | None) -> None:
        self.asker.leave()
        self._bridge.board.choose(card_id)
        self._bridge.release()
        card = None if card_id is None else self._bridge.board.card(card_id)
        if card is not None:
            self.detail.verticalScrollBar().setValue(0)
            self.detail.body.show_card(card)
        self._show_places()
        self.choice_changed.emit()

    def _on_operator(self) -> None:
        dialog = self.findChild(HistoryDialog)
        if dialog is not None:  # what one person looked up is not on screen for the next
            dialog.hide()
            dialog.deleteLater()
        self.hits.forget_choice()
        self._show_places()

    def _on_drained(self) -> None:
        card = self.chosen
        if card is not None:
            self.detail.body.show_card(card)
        self._show_places()
        self.choice_changed.emit()

    def _show_places(self) -> None:
        has_hits = bool(len(self._bridge.board))
        place = self.hits if has_hits else self.empty
        if self.list_stack.currentWidget() is not place:
            self.list_stack.setCurrentWidget(place)
            # The keys of the list count as soon as there is one, unless somebody is typing, or
            # works outside of this page: on the map.
            focus = QApplication.focusWidget()
            is_free = focus is None or focus is self.window() or self.isAncestorOf(focus)
            if has_hits and self.isVisible() and is_free and not isinstance(focus, QLineEdit):
                self.hits.setFocus()
        board = self._bridge.board
        flood, count = self._spec.desk.flood, self.reporter.flood.count
        self.model.flood_words = (
            f"▲ FLOOD: {count} in 10 min, norm {flood.norm}" if board.is_flooded else ""
        )
        self.head.show_board(board)
        self.head.show_scope(self.reporter.scope)
        if board.count(Group.POSSIBLE) == len(list(board.cards)) and has_hits:
            state, now = self._bridge.state, self._bridge.clock.now()
            self._unchosen.say(*listening_words(state, now))
        elif has_hits:
            self._unchosen.say("No hit chosen", "Choose one in the list, or press N for the next.")
        else:
            self._unchosen.say("", "")
        self.detail_stack.setCurrentWidget(self.detail if self.chosen else self._unchosen)

    def tick(self) -> None:
        """Move the ages on; once a second."""
        self.hits.tick()
        self.detail.body.tick()
        if not len(self._bridge.board):
            if self._bridge.may_see_hits:
                words = listening_words(self._bridge.state, self._bridge.clock.now())
            else:
                words = (
                    "Hits are not shown to your role",
                    "Your account does not include the hit desk. Ask a supervisor if it should.",
                )
            self.empty.say(*words)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_placed:
            # A page in a stack gets its size after it is shown; squeezed now, it would stay so.
            QTimer.singleShot(0, self, self._place)
