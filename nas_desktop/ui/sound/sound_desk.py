"""Sound at this desk: follows the board, decides, plays, shows; and the mute and the sound test.

A locked desk goes on sounding, and so does one where nobody is signed in. Cards are looked at in
portions: what has just come at once, P1 and what sounds every second, all others in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from nas_desktop.domain.spec import Tier
from nas_desktop.services.annunciation import Annunciator
from nas_desktop.services.cards import Card, CardId, Group
from nas_desktop.services.muting import Muting
from nas_desktop.services.sound_needs import Cause, Need, Sound, Surroundings
from nas_desktop.services.sound_rules import SoundRules, load_sound_rules
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.chain_view import ChainView
from nas_desktop.ui.live.live_page import LivePage
from nas_desktop.ui.sound.needs import basis_at, needs_of
from nas_desktop.ui.sound.port import SoundPort
from nas_desktop.ui.sound.sound_test import SoundTest
from nas_desktop.ui.sound.sound_view import QUIET, SoundRow, SoundView, fault_words
from nas_desktop.ui.text import clock_words

TICK_MS, SOON_MS = 1_000, 15
FIRST_ROWS, IN_TURN = 60, 120
"""Cards looked at every second: the foremost of the board, and so many of all others in turn."""

MOST_TOLD = 300
"""Cards below P2 of which the sounds are made: the newest."""

_URGENT = frozenset({Tier.P1, Tier.P2})

SEEN_S = 3.0
"""How long a card must stand in the detail before a change of its basis counts as seen."""

MUTE_KEY, SPEAK_KEY, SPEAK_VRM_KEY = "sound/mute", "sound/speak", "sound/speak_vrm"
MUTE_MINUTES_KEY = "sound/mute_minutes"


class SoundDesk(QObject):
    """The one place in the window that knows of sound.

    Signals:
        muted(Mute): somebody muted the desk; for the record.
        unmuted(Mute, str): a mute ended, by whom; empty for by itself.
    """

    muted = Signal(object)
    unmuted = Signal(object, str)

    def __init__(
        self,
        bridge: Bridge,
        page: LivePage,
        settings: QSettings,
        chain: ChainView,
        show_workspace: Callable[[str], object],
        rules: SoundRules | None = None,
    ) -> None:
        super().__init__(page)
        self._bridge, self._page, self._settings = bridge, page, settings
        self._show_workspace = show_workspace
        self._rules = rules or load_sound_rules()
        self._annunciator = Annunciator(self._rules)
        kept = str(settings.value(MUTE_KEY, ""))
        self._muting = Muting(bridge.clock, self._rules.mute_longest_min, kept)
        self._port: SoundPort | None = None
        self._fault = ""
        self._needs: dict[CardId, tuple[Need, ...]] = {}
        self._round: list[CardId] = []
        self._fresh: set[CardId] = set()
        self._size = 0
        self._is_rush = False
        self._told: set[CardId] = set()
        self._is_lost = False
        self._seen: dict[CardId, datetime] = {}
        self._changed_since: dict[CardId, float] = {}
        self.shown: tuple[Sound, ...] = ()
        self.menu = QMenu("Sound", page)
        self.menu_action: QAction = self.menu.menuAction()
        self._make_menu()
        self.view = SoundView(chain.look, self.menu)
        self.view.card_wanted.connect(self._go_to)
        self.test = SoundTest(self._rules, self._play_test, self)
        self.test.changed.connect(self._show)
        self.row = SoundRow(chain, self.view, chain.look)
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)
        bridge.drained.connect(self._on_drained)
        bridge.state_changed.connect(self._on_state)
        bridge.lock_changed.connect(self.tick)
        bridge.operator_changed.connect(self.tick)
        page.choice_changed.connect(self._note_seen)
        page.reporter.muted = self.mute_state
        self.muted.connect(page.reporter.report)
        self.unmuted.connect(page.reporter.report)
        self.slots: dict[str, Callable[[], object]] = {
            "mute": self.toggle_mute,
            "sound_test": self.toggle_test,
        }
        self.tick()

    def start(self, port: SoundPort) -> None:
        """Play through this from now on."""
        self._port = port
        port.listen(self._on_port)
        self._on_port()

    def stop(self) -> None:
        """The window closes."""
        self._timer.stop()
        self.test.stop()
        if self._port is not None:
            self._port.stop()

    # ------------------------------------------------------------------ what stands

    def _on_drained(self) -> None:
        """What has just come is painted first and looked at then: nobody hears the difference."""
        self._fresh |= self._bridge.fresh
        if not 0 <= self._timer.remainingTime() <= SOON_MS:
            self._timer.start(SOON_MS)

    def _on_state(self) -> None:
        """A lost node is said at once; every other report can wait for the next second."""
        is_lost = self._bridge.lost is not None
        if is_lost is not self._is_lost:
            self._is_lost = is_lost
            self._announce()

    def tick(self) -> None:
        """Once a second, and when something is due: look, decide, show."""
        ended = self._muting.take_expired()
        if ended is not None:
            self._settings.remove(MUTE_KEY)
            self.unmuted.emit(ended, "")
        self._look()
        self._note_seen()
        self._announce()

    def _look(self) -> None:
        """Look at what has just come and at what sounds, and at a portion of the open cards.

        After a rush portion follows portion at once.
        """
        board = self._bridge.board
        looked, self._fresh = self._fresh, set()
        for sound in self.shown:
            looked.update(CardId(card_id) for card_id in sound.cards[:FIRST_ROWS])
        end = self._end_of_open()
        if len(board) - self._size > IN_TURN:
            self._is_rush, self._round = True, []
        self._size = len(board)
        if not self._round:
            rows = (board.row(at) for at in range(end))
            ids = dict.fromkeys(row.card_id for row in rows if isinstance(row, Card))
            self._round = [*ids, *(card_id for card_id in self._needs if card_id not in ids)]
        first = (board.row(at) for at in range(min(end, FIRST_ROWS)))
        looked.update(row.card_id for row in first if isinstance(row, Card))
        looked.update(self._round[:IN_TURN])
        self._round = self._round[IN_TURN:]
        self._is_rush = self._is_rush and bool(self._round)
        for card_id in looked:
            self._look_at(card_id, board.card(card_id))

    def _end_of_open(self) -> int:
        """Return where the rows end of cards that are not closed and no possible misreads."""
        board = self._bridge.board
        ends = (board.position_of_heading(group) for group in (Group.CLOSED, Group.POSSIBLE))
        return min((at for at in ends if at is not None), default=len(board))

    def _look_at(self, card_id: CardId, card: Card | None) -> None:
        """Take over what a card asks for."""
        found: tuple[Need, ...] = ()
        if card is not None:
            now = self._bridge.clock.now()
            found = needs_of(card, now, self._rules, self._seen.get(card_id))
        if any(need.basis for need in found):
            self._changed_since.setdefault(card_id, self._bridge.clock.monotonic())
        else:
            self._changed_since.pop(card_id, None)
        found = tuple(n for n in found if n.basis or n.tier in self._rules.tiers)
        if found:
            self._needs[card_id] = found
            return
        self._needs.pop(card_id, None)
        if card is None:
            self._seen.pop(card_id, None)

    def _note_seen(self) -> None:
        """A change of basis counts as seen while its card is in the detail of an attended desk."""
        card = self._page.chosen
        if card is None or not self._bridge.is_attended or not self._page.isVisible():
            return
        since = self._changed_since.get(card.card_id)
        if since is None or self._bridge.clock.monotonic() - since < SEEN_S:
            return
        at = basis_at(card)
        if at is not None:
            self._seen[card.card_id] = at
        self._look_at(card.card_id, card)

    # ------------------------------------------------------------------ deciding and showing

    def _announce(self) -> None:
        bridge, port = self._bridge, self._port
        now = bridge.clock.monotonic()
        is_there = bridge.operator is not None and not bridge.is_locked
        around = Surroundings(
            is_muted=self._muting.mute is not None,
            is_lost=bridge.lost is not None,
            is_unattended=bridge.operator is None,
            is_audible=port is not None and bool(port.device) and not port.fault,
            says_vrm=is_there and self._speak_vrm.isChecked(),
        )
        told = self._annunciator.hear(self._told_needs(), now, around)
        self.shown = told.shown
        if told.play is not None:
            self.test.stop()
            if port is not None:
                port.play(told.play.pattern)
                if told.spoken and self._speak.isChecked():
                    port.say(told.spoken, told.play.pattern.seconds)
        self._show()
        wait = 0.0 if self._is_rush else min(told.next_at - now, TICK_MS / 1000)
        self._timer.start(max(20, round(wait * 1000)))

    def _told_needs(self) -> Iterator[Need]:
        """Return what is known; in a rush P1 only beside what was known before it.

        So that many that come at once make one sum and not one for each portion.
        """
        others = len(self._needs) - MOST_TOLD
        for card_id, found in self._needs.items():
            others -= 1
            is_urgent = found[0].tier in _URGENT or found[0].basis
            if others >= 0 and not is_urgent:
                continue  # the oldest of thousands add nothing to what is heard
            if not self._is_rush or card_id in self._told or found[0].tier is Tier.P1:
                self._told.add(card_id)
                yield from found
        self._told &= self._needs.keys()

    def _show(self) -> None:
        quiet = QUIET if self._port is not None else "Every sound is shown here"
        self.view.show_sounds(self.shown, self._fault, self.test.words, quiet)
        mute, left = self._muting.mute, self._muting.left_s
        self._unmute_action.setEnabled(mute is not None)
        if mute is None:
            self.view.show_mute("", "")
            return
        whole = int(left)
        self.view.show_mute(
            f"{whole // 60}:{whole % 60:02d}",
            f"P2 and P3 muted by {mute.by} until {clock_words(mute.until)} GMT. P1, its entries"
            " and a lost link still sound. Ctrl+M ends it.",
        )

    def _on_port(self) -> None:
        """A device came or went, or speech did."""
        port = self._port
        assert port is not None
        self._speak.setEnabled(port.can_speak)
        self._speak.setText(
            "Speak a summary" if port.can_speak else "Speak a summary (no speech engine here)"
        )
        self._speak_vrm.setEnabled(port.can_speak)
        before, self._fault = self._fault, port.fault
        if self._fault and self._fault != before:
            self._bridge.notice.emit(fault_words(self._fault), "")
        elif before and not self._fault:
            self._bridge.notice.emit(f"Sound is back: {port.device}.", "")
        self._announce()

    def _go_to(self, card_id: str) -> None:
        if self._bridge.operator is None or self._bridge.is_locked:
            return
        self._show_workspace("live")
        self._page.hits.choose(CardId(card_id))
        self._page.hits.setFocus()

    # ------------------------------------------------------------------ mute, test, speech

    def _make_menu(self) -> None:
        rules, menu = self._rules, self.menu
        for minutes in rules.mute_choices_min:
            action = menu.addAction(f"Mute P2 and P3 for {minutes} minutes")
            action.triggered.connect(lambda _checked=False, m=minutes: self.mute(m))
        self._unmute_action = menu.addAction("End the mute")
        self._unmute_action.triggered.connect(lambda: self.unmute())
        menu.addSeparator()
        menu.addAction("Sound test").triggered.connect(lambda: self.toggle_test())
        menu.addSeparator()
        self._speak = self._switch("Speak a summary", SPEAK_KEY)
        self._speak_vrm = self._switch("Speak the vehicle too", SPEAK_VRM_KEY)

    def _switch(self, words: str, key: str) -> QAction:
        action = self.menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(str(self._settings.value(key, "false")) == "true")
        action.toggled.connect(
            lambda is_on: self._settings.setValue(key, "true" if is_on else "false")
        )
        return action

    def toggle_mute(self) -> None:
        """End the mute, or mute for the usual time."""
        if self._muting.mute is not None:
            self.unmute()
        else:
            self.mute(self.mute_minutes)

    @property
    def switches(self) -> tuple[QAction, QAction]:
        """Whether a summary is spoken, and whether with the VRM."""
        return self._speak, self._speak_vrm

    @property
    def mute_choices(self) -> tuple[int, ...]:
        """For how many minutes the desk can be muted."""
        return tuple(self._rules.mute_choices_min)

    @property
    def mute_shipped(self) -> int:
        """For how many minutes the key mutes as shipped."""
        return self._rules.mute_usual_min

    @property
    def mute_minutes(self) -> int:
        """For how many minutes the key mutes; never anything but one of the choices."""
        kept = str(self._settings.value(MUTE_MINUTES_KEY, self.mute_shipped))
        found = int(kept) if kept.isdecimal() else self.mute_shipped
        return found if found in self.mute_choices else self.mute_shipped

    def set_mute_minutes(self, minutes: int) -> None:
        """Have the key mute for so long from now on."""
        self._settings.setValue(MUTE_MINUTES_KEY, minutes)

    def mute(self, minutes: int) -> None:
        """Mute what may be muted; only by somebody who is signed in and there."""
        if self._bridge.operator is None or self._bridge.is_locked:
            self._bridge.notice.emit("Only somebody who is signed in can mute this desk.", "")
            return
        made = self._muting.start(self._bridge.who, minutes)
        self._settings.setValue(MUTE_KEY, made.as_text)
        self.muted.emit(made)
        self._announce()

    def unmute(self) -> None:
        """End the mute now."""
        held = self._muting.stop()
        self._settings.remove(MUTE_KEY)
        if held is not None:
            self.unmuted.emit(held, self._bridge.who)
        self._announce()

    def mute_state(self) -> tuple[datetime | None, str]:
        """Return until when the desk is muted and by whom; None while it is not."""
        held = self._muting.mute
        return (held.until, held.by) if held is not None else (None, "")

    def toggle_test(self) -> None:
        """Begin the sound test, or end it in the middle of what it plays."""
        if self.test.words and self._port is not None:
            self._port.hush()
        self.test.toggle()

    def _play_test(self, at: int) -> bool:
        """Play one step of the sound test; False while a Stop sounds, which goes first."""
        if any(s.cause is Cause.HIT and s.tier is Tier.P1 for s in self.shown):
            self._bridge.notice.emit("No sound test while a P1 sounds.", "Acknowledge it first.")
            return False
        if self._port is not None:
            self._port.play(self.test.steps[at][1])
        return True
