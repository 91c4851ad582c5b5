"""What can be done about a card, and the steps that it takes; each covers what was on screen."""

from __future__ import annotations

from datetime import datetime, timedelta

from nas_desktop.domain.hit import Basis, HitId
from nas_desktop.domain.hit_history import withdrawn_by
from nas_desktop.domain.hit_life import (
    AGREES,
    BY_VOICE,
    DIFFERS,
    TO_DESK,
    DecidedStep,
    HitLife,
    HitState,
    StepKind,
)
from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.services.cards import Card
from nas_desktop.services.desks import DeskState
from nas_desktop.ui.bridge import Bridge

_KEPT = frozenset({StepKind.DELIVER, StepKind.WITHDRAW, StepKind.NOTIFY})
"""Kinds that nobody takes back."""


class HitDeeds:
    """Steps of the person at this window; nothing is done by somebody without the right."""

    def __init__(self, bridge: Bridge, spec: Spec) -> None:
        self._bridge = bridge
        self._spec = spec

    # ------------------------------------------------------------------ what is possible

    def mine(self, card: Card) -> tuple[HitId, ...]:
        """Return the hits that this person has."""
        who = self._bridge.who
        return tuple(
            i
            for i in self._bridge.open_hits(card)
            if card.lives[i].holder == who and card.lives[i].state is not HitState.PASSED
        )

    def others(self, card: Card) -> tuple[HitId, ...]:
        """Return the hits that can be taken: somebody else has them, or they are parked."""
        who = self._bridge.who
        return tuple(
            i
            for i in self._bridge.open_hits(card)
            if card.lives[i].holder != who or card.lives[i].state is HitState.PARKED
        )

    def painted(self, card: Card) -> tuple[HitId, ...]:
        """Return the hits of a card that are not closed and were on this screen."""
        if not self._bridge.may_handle:
            return ()
        return tuple(
            i
            for i, life in card.lives.items()
            if not life.is_final and (not life.is_unacknowledged or i in self._bridge.painted_at)
        )

    def all_painted(self, card: Card) -> tuple[HitId, ...]:
        """Return the hits on which something may still be noted: all, closed ones too."""
        if not self._bridge.may_handle:
            return ()
        return tuple(
            i for i, life in card.lives.items() if life.is_final or i in self._bridge.painted_at
        )

    @property
    def supervises(self) -> bool:
        """True when the person may give hits to other desks."""
        return self._bridge.supervises

    def desks(self) -> tuple[DeskState, ...]:
        """Return the other desks that somebody attends."""
        state = self._bridge.state
        if state is None:
            return ()
        own = self._bridge.workstation
        return tuple(desk for desk in state.desks if desk.is_attended and desk.name != own)

    def higher_tiers(self, card: Card) -> tuple[Tier, ...]:
        """Return the tiers that a card can be raised to."""
        tier = card.tier
        if tier is None or card.is_possible or card.is_closed or not self._bridge.may_handle:
            return ()
        return tuple(t for t in Tier if t.rank < tier.rank)

    def unseen_basis(self, card: Card) -> tuple[HitId, ...]:
        """Return the open hits whose entry has changed since anybody said to have seen it."""
        return tuple(
            hit_id
            for hit_id, life in card.lives.items()
            if not life.is_final and is_basis_unseen(card, hit_id, life)
        )

    def undoable(self, card: Card) -> tuple[DecidedStep, ...]:
        """Return the steps that the last key made, while they can be taken back."""
        steps = self._bridge.history.of(card.hits)
        gone = withdrawn_by(steps)
        own = [
            d
            for d in steps
            if d.is_accepted
            and d.step.operator == self._bridge.who
            and d.step.kind not in _KEPT
            and d.step.step_id not in gone
        ]
        if not own or not self._bridge.may_handle:
            return ()
        last = own[-1].step
        if self._bridge.clock.now() - last.at > self._spec.desk.withdraw_within:
            return ()
        return tuple(d for d in own if (d.step.kind, d.step.at) == (last.kind, last.at))

    # ------------------------------------------------------------------ doing it

    def take(self, card: Card) -> bool:
        """Take hits over from whoever has them, or out of parking."""
        return self._bridge.take_steps(card, self.others(card), StepKind.TAKE)

    def pass_to_desk(self, card: Card, desk: str) -> bool:
        """Let the hits wait at another desk; a supervisor may do so with anybody's."""
        hit_ids = self.mine(card)
        if self.supervises and not hit_ids:
            return self._bridge.take_steps(card, self.painted(card), StepKind.ASSIGN, to=desk)
        return self._bridge.take_steps(card, hit_ids, StepKind.PASS, code=TO_DESK, to=desk)

    def give(self, card: Card, desk: str) -> bool:
        """Let all hits of a card that are not closed wait at a desk; supervisors only."""
        hit_ids = tuple(i for i, life in card.lives.items() if not life.is_final)
        if not self.supervises or self._bridge.lost is not None:
            return False
        return self._bridge.take_steps(card, hit_ids, StepKind.ASSIGN, to=desk)

    def pass_by_voice(self, card: Card, force: str, told: str) -> bool:
        """Record that a force that is not on this server was told."""
        return self._bridge.take_steps(
            card, self.mine(card), StepKind.PASS, code=BY_VOICE, to=force, text=told
        )

    def park(self, card: Card, why: str, minutes: int, text: str = "") -> bool:
        """Set the hits aside for a while."""
        until = self._bridge.clock.now() + timedelta(minutes=minutes)
        return self._bridge.take_steps(
            card, self.mine(card), StepKind.PARK, code=why, until=until, text=text
        )

    def raise_to(self, card: Card, tier: Tier, why: str) -> bool:
        """Raise the hits of a card; those that are as high already are left out."""
        hit_ids = tuple(i for i in self.painted(card) if card.rank_of(card.hits[i]) > tier.rank)
        return self._bridge.take_steps(card, hit_ids, StepKind.RAISE, code=tier.value, text=why)

    def verify(self, card: Card, *, agrees: bool) -> bool:
        """Say whether the plate patch shows the VRM."""
        code = AGREES if agrees else DIFFERS
        return self._bridge.take_steps(card, self.painted(card), StepKind.VERIFY, code=code)

    def describe(self, card: Card, *, agrees: bool) -> bool:
        """Say whether make and colour are those of the entry."""
        code = AGREES if agrees else DIFFERS
        return self._bridge.take_steps(card, self.painted(card), StepKind.DESCRIBE, code=code)

    def annotate(self, card: Card, mark: str) -> bool:
        """Note what the plate patch really shows; the read stays as it is."""
        hit_ids = (card.foremost.hit_id,) if self.all_painted(card) else ()
        return self._bridge.take_steps(card, hit_ids, StepKind.ANNOTATE, text=mark)

    def notify(self, card: Card, text: str) -> bool:
        """Tell the owners of the lists that the entry is out of date or wrong."""
        hit_ids = (card.foremost.hit_id,) if self.all_painted(card) else ()
        return self._bridge.take_steps(card, hit_ids, StepKind.NOTIFY, text=text)

    def set_incident(self, card: Card, number: str) -> bool:
        """Keep the number under which command and control deals with the vehicle."""
        return self._bridge.take_steps(card, self.all_painted(card), StepKind.INCIDENT, text=number)

    def see_basis(self, card: Card) -> bool:
        """Say that what became of the entry was seen."""
        return self._bridge.take_steps(card, self.unseen_basis(card), StepKind.SEEN)

    def undo(self, card: Card) -> str:
        """Take back what the last key did; returns its kind in words, empty when too late."""
        steps = self.undoable(card)
        if not steps:
            return ""
        for decided in steps:
            self._bridge.take_steps(
                card,
                (decided.step.hit_id,),
                StepKind.WITHDRAW,
                undoes=decided.step.step_id,
            )
        return str(steps[0].step.kind)


def is_basis_unseen(card: Card, hit_id: HitId, life: HitLife) -> bool:
    """Tell whether something became of an entry that nobody has said to have seen."""
    changed = [
        reason.basis_at
        for reason in card.hits[hit_id].reasons
        if reason.basis is not Basis.STANDS and reason.basis_at is not None
    ]
    newest: datetime | None = max(changed, default=None)
    return newest is not None and (life.seen_at is None or life.seen_at < newest)
