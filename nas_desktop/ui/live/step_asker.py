"""Asks what a step needs to know, one key or one line at a time, and then has it done.

What is asked belongs to the card it was asked for, whatever is selected since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from nas_desktop.domain.hit_life import MAX_STEP_NAME, MAX_STEP_TEXT, MAX_VRM_TEXT
from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.services.cards import Card, CardId
from nas_desktop.ui.basis_words import needs_voice_check
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.clone_words import deploy_warning
from nas_desktop.ui.hit_deeds import HitDeeds
from nas_desktop.ui.live.outcome_chooser import KEYS, OutcomeChooser
from nas_desktop.ui.live.step_form import StepForm, Wanted
from nas_desktop.ui.text import duration_words
from nas_desktop.ui.theme import Look

BY_VOICE = "by voice"

Then = Callable[[Card, str, str], None]
"""What follows a choice: the card, the code, the note."""


class StepAsker(QObject):
    """Owns the chooser and the form; the page says where they stand.

    Signals:
        opening(width needed by nobody; the widget): one of them is about to be shown.
        closed: it is put away again.
    """

    opening = Signal(object)
    closed = Signal()

    def __init__(self, bridge: Bridge, deeds: HitDeeds, spec: Spec, look: Look) -> None:
        super().__init__()
        self._bridge = bridge
        self._deeds = deeds
        self._spec = spec
        self.chooser = OutcomeChooser(look)
        self.form = StepForm(look)
        self._card: CardId | None = None
        self._then: Then | None = None
        self._write: Callable[[Card, list[str]], None] | None = None
        self.chooser.chosen.connect(self._on_chosen)
        self.form.written.connect(self._on_written)
        for part in (self.chooser, self.form):
            part.cancelled.connect(self._on_done)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.chooser.set_look(look)
        self.form.set_look(look)

    def leave(self) -> None:
        """Ask no longer."""
        self.chooser.leave()
        self.form.leave()

    @property
    def is_asking(self) -> bool:
        """True while an answer is awaited."""
        return self.chooser.isVisible() or self.form.isVisible()

    # ------------------------------------------------------------------ questions

    def outcome(self, card: Card | None) -> None:
        """Ask how it ended."""
        if card is not None and self._bridge.open_hits(card):
            self._choose(card, "Outcome", self._spec.outcomes, self._close)

    def _close(self, card: Card, code: str, text: str) -> None:
        self._bridge.close_card(card, code, text)

    def action(self, card: Card | None) -> None:
        """Ask what is being done."""
        if card is None or not self._bridge.open_hits(card):
            return
        deploying = self._spec.desk.deploying
        checked_first = deploying if needs_voice_check(card.foremost) else frozenset[str]()
        self._choose(
            card,
            "Action taken",
            self._spec.actions_taken,
            lambda c, code, text: self._act(c, code, text),
            checked_first=checked_first,
            may_deploy=True,
        )

    def _act(self, card: Card, code: str, text: str) -> None:
        self._bridge.act(card, code, text)

    def park(self, card: Card | None) -> None:
        """Ask why, then for how long."""
        if card is None or not self._deeds.mine(card):
            return

        def how_long(card: Card, why: str, text: str) -> None:
            times = {str(n): duration_words(n * 60) for n in self._spec.desk.park_minutes}
            self._choose(
                card,
                "Park for how long",
                times,
                lambda c, minutes, more: self._parked(c, why, int(minutes), text or more),
            )

        self._choose(card, "Park: why", self._spec.desk.park_reasons, how_long)

    def _parked(self, card: Card, why: str, minutes: int, text: str) -> None:
        self._deeds.park(card, why, minutes, text)

    def pass_on(self, card: Card | None) -> None:
        """Ask to which desk, or to which force by voice."""
        if card is None:
            return
        names = [desk.name for desk in self._deeds.desks()][: len(KEYS) - 1]
        who = {d.name: d.report.operator for d in self._deeds.desks()}
        choices = {name: f"{name} · {who[name]}" if who[name] else name for name in names}
        if self._deeds.mine(card):
            choices[BY_VOICE] = "Another force, by voice…"
        if not choices:
            self._bridge.notice.emit(
                "There is no other desk that somebody attends.", "Take the hit first, or wait."
            )
            return

        def passed(card: Card, desk: str, _text: str) -> None:
            if desk == BY_VOICE:
                self._ask_voice(card)
            else:
                self._deeds.pass_to_desk(card, desk)

        self._choose(card, "Pass to", choices, passed)

    def _ask_voice(self, card: Card) -> None:
        self._ask(
            card,
            "Passed by voice: stays on the supervisor’s list",
            (
                Wanted("Force", "Which force", MAX_STEP_NAME),
                Wanted("Told", "Who was told there: name, number, when", MAX_STEP_TEXT),
            ),
            lambda c, texts: self._voiced(c, texts),
        )

    def _voiced(self, card: Card, texts: Sequence[str]) -> None:
        self._deeds.pass_by_voice(card, texts[0], texts[1])

    def raise_tier(self, card: Card | None) -> None:
        """Ask to which tier, then why."""
        tiers = self._deeds.higher_tiers(card) if card is not None else ()
        if card is None or not tiers:
            return

        def why(card: Card, tier: str, _text: str) -> None:
            reasons = self._spec.desk.raise_reasons
            self._choose(
                card,
                f"Raise to {tier}: why",
                reasons,
                lambda c, code, text: self._raised(c, tier, reasons[code], text),
            )

        if len(tiers) == 1:
            why(card, tiers[0].value, "")
        else:
            self._choose(card, "Raise to", {t.value: t.value for t in tiers}, why)

    def _raised(self, card: Card, tier: str, reason: str, text: str) -> None:
        words = f"{reason}: {text}" if text else reason
        self._deeds.raise_to(card, Tier(tier), words[:MAX_STEP_TEXT])

    def differs(self, card: Card | None) -> None:
        """Note that the patch shows something else, and ask what."""
        if card is None or not self._deeds.verify(card, agrees=False):
            return
        self._ask(
            card,
            "The plate patch differs: what does it show?",
            (Wanted("Patch shows", "As it reads; Esc when it cannot be read", MAX_VRM_TEXT),),
            lambda c, texts: self._annotated(c, texts),
        )

    def _annotated(self, card: Card, texts: Sequence[str]) -> None:
        self._deeds.annotate(card, texts[0].upper())

    def incident(self, card: Card | None) -> None:
        """Ask for the incident number of command and control."""
        if card is None or not self._deeds.all_painted(card):
            return
        self._ask(
            card,
            "Incident number of command and control",
            (Wanted("Number", "Paste it here", MAX_STEP_NAME, text=card.life.incident),),
            lambda c, texts: self._numbered(c, texts),
        )

    def _numbered(self, card: Card, texts: Sequence[str]) -> None:
        self._deeds.set_incident(card, texts[0])

    def notify(self, card: Card | None) -> None:
        """Ask what the owner of the list is to be told about the entry."""
        if card is None or card.is_possible or not self._deeds.all_painted(card):
            return
        self._ask(
            card,
            f"Tell the owner of {card.foremost.leading.list_name}: the entry is out of date or"
            " wrong",
            (Wanted("What is wrong", "Sold, scrapped, found, wrong vehicle …", MAX_STEP_TEXT),),
            lambda c, texts: self._notified(c, texts),
        )

    def _notified(self, card: Card, texts: Sequence[str]) -> None:
        self._deeds.notify(card, texts[0])

    # ------------------------------------------------------------------ asking

    def _choose(
        self,
        card: Card,
        title: str,
        choices: Mapping[str, str],
        then: Then,
        *,
        checked_first: frozenset[str] = frozenset(),
        may_deploy: bool = False,
    ) -> None:
        self.form.hide()
        self._card, self._then, self._write = card.card_id, then, None
        self.opening.emit(self.chooser)
        self.chooser.ask(
            f"{title} · {self._spec.grammar.display(card.vrm)}",
            choices,
            self.width,
            is_tight=self.is_tight,
            checked_first=checked_first,
            warning=self.warning_of(card, may_deploy=may_deploy),
        )

    def _ask(
        self,
        card: Card,
        title: str,
        wanted: Sequence[Wanted],
        write: Callable[[Card, list[str]], None],
    ) -> None:
        self.chooser.hide()
        self._card, self._then, self._write = card.card_id, None, write
        self.opening.emit(self.form)
        vrm = self._spec.grammar.display(card.vrm)
        self.form.ask(f"{title} · {vrm}", wanted, self.warning_of(card))

    def warning_of(self, card: Card, *, may_deploy: bool = False) -> str:
        """Return what is to be read before anything is chosen."""
        return deploy_warning(card, self._bridge.clock.now(), may_deploy=may_deploy)

    width = 600
    is_tight = False

    def _asked(self) -> Card | None:
        return self._bridge.board.card(self._card) if self._card else None

    def _on_chosen(self, code: str, text: str) -> None:
        card, then, self._then = self._asked(), self._then, None
        if card is not None and then is not None:
            then(card, code, text)
        if self._then is None and self._write is None:
            self._on_done()

    def _on_written(self, texts: list[str]) -> None:
        card, write, self._write = self._asked(), self._write, None
        if card is not None and write is not None:
            write(card, texts)
        self._on_done()

    def _on_done(self) -> None:
        self._card = self._then = self._write = None
        self.closed.emit()
