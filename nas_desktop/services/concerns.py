"""What a supervisor keeps an eye on: hits that were escalated, passed by voice, or are parked.

Whatever was escalated stays listed until the window closes, also when somebody has it and after it
was closed: a target that was missed is never silently gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from nas_desktop.domain.hit import HitId
from nas_desktop.domain.hit_life import BY_VOICE, DecidedStep, HitState, StepKind, Why
from nas_desktop.services.cards import Card
from nas_desktop.services.hit_board import HitBoard

MOST_KEPT = 1_000
"""Vehicles listed; beyond it closed ones leave, oldest first, and are counted."""


class Standing(IntEnum):
    """Where a vehicle stands, the worst first."""

    WAITING = 0
    PASSED = 1
    PARKED = 2
    VOICE = 3
    TAKEN = 4
    CLOSED = 5


@dataclass(frozen=True, slots=True)
class Concern:
    """A vehicle on the supervisor's list.

    ``why`` are all reasons that it was ever escalated for, oldest first; empty for one that is
    only parked or passed by voice. ``since`` is when it came onto the list.
    """

    key: HitId
    card: Card
    standing: Standing
    why: tuple[Why, ...]
    since: datetime

    @property
    def is_open(self) -> bool:
        """True until the vehicle's hits are closed."""
        return self.standing is not Standing.CLOSED

    @property
    def is_missed(self) -> bool:
        """True when it was not acknowledged in time."""
        return Why.TARGET in self.why or Why.SUPERVISOR in self.why


class ConcernLedger:
    """Follows steps, and looks the vehicles up when it is asked; single-threaded."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._why: dict[HitId, dict[Why, None]] = {}
        self._since: dict[HitId, datetime] = {}
        self._seen: set[bytes] = set()
        self._known: dict[HitId, Concern] = {}
        self.left_out = 0

    def add(self, steps: Iterable[DecidedStep]) -> None:
        """Take in decided steps, in any order; repeats are harmless."""
        for decided in steps:
            step = decided.step
            if not decided.is_accepted or step.step_id in self._seen:
                continue
            is_voice = step.kind is StepKind.PASS and step.code == BY_VOICE
            if step.kind not in (StepKind.ESCALATE, StepKind.PARK) and not is_voice:
                continue
            self._seen.add(step.step_id)
            if step.kind is StepKind.ESCALATE and step.code in list(Why):
                self._why.setdefault(step.hit_id, {})[Why(step.code)] = None
            since = self._since.get(step.hit_id, step.at)
            self._since[step.hit_id] = min(since, step.at)

    def concerns(self, board: HitBoard) -> list[Concern]:
        """Return what is to be looked after as it stands now: the worst first, then the oldest."""
        by_card: dict[str, list[HitId]] = {}
        cards: dict[str, Card] = {}
        for hit_id in sorted(self._since, key=lambda i: (self._since[i], i)):
            card = board.card_of_hit(hit_id)
            if card is not None and not card.is_exercise:
                cards[card.card_id] = card
                by_card.setdefault(card.card_id, []).append(hit_id)
        listed: dict[HitId, Concern] = {}
        for card_id, hit_ids in by_card.items():
            concern = self._concern(cards[card_id], hit_ids)
            if concern is not None:
                listed[concern.key] = concern
        # Cards leave the board by rule once they are closed; here they stay.
        for key, kept in self._known.items():
            if key not in listed and board.card_of_hit(key) is None and kept.why:
                listed[key] = kept
        self._known = self._bounded(listed)
        return sorted(
            self._known.values(),
            key=lambda c: (c.standing, c.since, c.key),
        )

    def _concern(self, card: Card, hit_ids: list[HitId]) -> Concern | None:
        why = tuple(dict.fromkeys(w for i in hit_ids for w in self._why.get(i, ())))
        standing = standing_of(card)
        if not why and standing not in (Standing.PARKED, Standing.VOICE):
            return None
        return Concern(hit_ids[0], card, standing, why, self._since[hit_ids[0]])

    def _bounded(self, listed: dict[HitId, Concern]) -> dict[HitId, Concern]:
        over = len(listed) - self._most
        if over > 0:
            closed = sorted((c for c in listed.values() if not c.is_open), key=lambda c: c.since)
            for concern in closed[:over]:
                del listed[concern.key]
                self._since.pop(concern.key, None)
                self._why.pop(concern.key, None)
                self.left_out += 1
        return listed


def standing_of(card: Card) -> Standing:
    """Return where a vehicle stands: the worst of its hits decides."""
    lives = [life for life in card.lives.values() if not life.is_final]
    if not lives:
        return Standing.CLOSED
    waiting = [life for life in lives if life.is_unacknowledged]
    if any(life.state is not HitState.PASSED for life in waiting):
        return Standing.WAITING
    if waiting:
        return Standing.PASSED
    if any(life.state is HitState.PARKED for life in lives):
        return Standing.PARKED
    if any(life.voice_to for life in lives):
        return Standing.VOICE
    return Standing.TAKEN
