"""The life of a hit: what people, and the node for them, do about it until somebody closes it.

What one step makes of a life; the fold over many of them, and who is refused, is ``hit_history``
(domain facts 3.7).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from nas_desktop.domain.errors import StepRefused
from nas_desktop.domain.hit import HitId
from nas_desktop.domain.spec import Spec, Tier

_Name = TypeVar("_Name", bound=str)


class HitState(StrEnum):
    """Where a hit is in its life.

    ``RETURNED`` was parked and its time is over; ``PASSED`` waits at another desk. Both are to be
    acknowledged like a new one.
    """

    NEW = "new"
    DELIVERED = "delivered"
    RETURNED = "returned"
    PASSED = "passed"
    ACKNOWLEDGED = "acknowledged"
    PARKED = "parked"
    ACTIONED = "actioned"
    CLOSED = "closed"
    MISREAD = "misread"


FINAL = frozenset({HitState.CLOSED, HitState.MISREAD})

_WAITING = frozenset({HitState.NEW, HitState.DELIVERED, HitState.RETURNED})


class StepKind(StrEnum):
    """What can be done to a hit; the last four rows are about its record, not its course.

    ``RESUME`` ends parking, ``ASSIGN`` is a supervisor's pass, ``VERIFY`` says whether the patch
    shows the VRM, ``DESCRIBE`` whether make and colour agree, ``ESCALATE`` is the node's.
    """

    DELIVER = "deliver"
    ACKNOWLEDGE = "acknowledge"
    ACTION = "action"
    OUTCOME = "outcome"
    TAKE = "take"
    PASS = "pass"
    ASSIGN = "assign"
    PARK = "park"
    RESUME = "resume"
    RAISE = "raise"
    VERIFY = "verify"
    DESCRIBE = "describe"
    ESCALATE = "escalate"
    WITHDRAW = "withdraw"
    ANNOTATE = "annotate"
    NOTIFY = "notify"
    INCIDENT = "incident"
    SEEN = "seen"


AGREES, DIFFERS = "agrees", "differs"
"""Codes of ``VERIFY`` and ``DESCRIBE``."""

TO_DESK, BY_VOICE = "desk", "by_voice"
"""Codes of ``PASS``: to a desk of this server, or to a force that is not on it."""

NODE = ""
"""Operator of the steps that a node takes by rule."""

MAX_STEP_TEXT = 500
"""Longest free text of a step, characters (domain facts 3.7)."""

MAX_STEP_NAME = 120
"""Longest name in ``Step.to`` and longest incident number, characters."""

MAX_VRM_TEXT = 16


class Why(StrEnum):
    """Codes of ``ESCALATE``: why the node handed a hit on or told the supervisor."""

    NO_RECEIPT = "no_receipt"
    UNCOVERED = "uncovered"
    TARGET = "target"
    SUPERVISOR = "supervisor"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody did to a hit, at a desk.

    ``step_id`` is 16 random bytes and makes repeating harmless. ``code`` is the action, outcome or
    other choice, ``at`` the desk's clock. ``to`` names the desk or force a hit is passed to,
    ``until`` ends parking, ``undoes`` is the step that this one withdraws.
    """

    step_id: bytes
    hit_id: HitId
    kind: StepKind
    operator: str
    workstation: str
    at: datetime
    code: str = ""
    text: str = ""
    to: str = ""
    until: datetime | None = None
    undoes: bytes = b""


@dataclass(frozen=True, slots=True)
class DecidedStep:
    """A step with the verdict of the node that orders them.

    ``is_accepted`` False keeps the step on record with ``refusal`` and, where somebody else was
    first, who that was. ``is_provisional`` means that this desk decided alone, without its server.
    """

    step: Step
    decided_at: datetime
    is_accepted: bool = True
    refusal: str = ""
    first_by: str = ""
    first_at: datetime | None = None
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class HitLife:
    """What the accepted steps so far make of a hit.

    ``acknowledged_*`` is the first acknowledgement, ``holder`` who has the hit now. ``handed_to``
    are desks it was handed on to, ``escalated`` why the supervisor was told since nobody has had
    it, or since it was given to a desk, oldest first. ``waiting_since`` is when that began, None
    since it was raised.
    ``is_verified`` and ``is_described`` are None until somebody has said.
    """

    state: HitState = HitState.NEW
    waiting_since: datetime | None = None
    delivered_to: str = ""
    delivered_at: datetime | None = None
    painted_at: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_on: str = ""
    acknowledged_at: datetime | None = None
    holder: str = ""
    holder_on: str = ""
    passed_to: str = ""
    passed_by: str = ""
    passed_at: datetime | None = None
    voice_to: str = ""
    voice_by: str = ""
    voice_at: datetime | None = None
    parked_until: datetime | None = None
    parked_why: str = ""
    raised_to: Tier | None = None
    raised_why: str = ""
    is_verified: bool | None = None
    is_described: bool | None = None
    misread_as: str = ""
    notified_at: datetime | None = None
    incident: str = ""
    seen_at: datetime | None = None
    handed_to: tuple[str, ...] = ()
    escalated: tuple[Why, ...] = ()
    escalated_at: datetime | None = None
    action: str = ""
    acted_at: datetime | None = None
    outcome: str = ""
    outcome_text: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None

    @property
    def is_unacknowledged(self) -> bool:
        """True while nobody has the hit: new, back from parking, or passed and not taken."""
        return self.state in _WAITING or self.state is HitState.PASSED

    @property
    def is_final(self) -> bool:
        """True once the hit is closed."""
        return self.state in FINAL

    def owes_receipt(self, desk: str, *, supervises: bool) -> bool:
        """Tell whether painting the hit at this desk brings it to somebody, for the first time.

        A supervisor sees every desk's hits: that brings only those handed on to anybody.
        """
        is_for_us = not supervises or bool(self.escalated) or desk in self.handed_to
        return is_for_us and self.delivered_at is None and self.is_unacknowledged

    def waits_at(self, desk: str) -> bool:
        """Tell whether this desk is to acknowledge; what was passed waits at one desk only."""
        return self.state in _WAITING or (self.state is HitState.PASSED and self.passed_to == desk)


# ------------------------------------------------------------------ one step


def apply_step(life: HitLife, step: Step, spec: Spec) -> HitLife:
    """Return the life after a step; ``WITHDRAW`` changes nothing by itself, see ``hit_history``.

    Raises:
        StepRefused: ``second`` when somebody acknowledged first, ``closed`` when the hit is
            closed, ``not_acknowledged`` when the step needs somebody who has the hit, ``not_yours``
            when that is somebody else, ``not_parked``, ``not_waiting`` for telling of a hit that
            somebody has, ``not_higher`` for a tier that is not above the present one, ``no_reason``
            and ``no_name`` where one is required, ``bad_time`` for parking into the past or too far
            ahead, ``unknown_code``, ``text_too_long``.
    """
    if len(step.text) > MAX_STEP_TEXT or len(step.to) > MAX_STEP_NAME:
        raise StepRefused("text_too_long", f"The text is longer than {MAX_STEP_TEXT} characters.")
    if life.is_final and step.kind not in _ALSO_WHEN_CLOSED:
        raise StepRefused("closed", "This hit is closed.", "Open the newest hit of the vehicle.")
    if step.kind in _NEED_A_HOLDER and life.is_unacknowledged:
        raise StepRefused(
            "not_acknowledged",
            "Nobody has acknowledged this hit yet.",
            "Acknowledge it first.",
        )
    if step.kind in _BY_THE_HOLDER and step.operator not in (NODE, life.holder):
        raise StepRefused("not_yours", "Somebody else has this hit.", "Take it first.")
    return _APPLY[step.kind](life, step, spec)


_ALSO_WHEN_CLOSED = frozenset(
    {
        StepKind.DELIVER,
        StepKind.ANNOTATE,
        StepKind.NOTIFY,
        StepKind.INCIDENT,
        StepKind.SEEN,
        StepKind.WITHDRAW,
    }
)
_NEED_A_HOLDER = frozenset(
    {StepKind.ACTION, StepKind.OUTCOME, StepKind.TAKE, StepKind.PASS, StepKind.PARK}
)
_BY_THE_HOLDER = frozenset({StepKind.PASS, StepKind.PARK})


def _deliver(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    if life.delivered_at is not None:
        return life
    return replace(
        life,
        state=HitState.DELIVERED if life.state is HitState.NEW else life.state,
        delivered_to=f"{step.operator} on {step.workstation}",
        delivered_at=step.at,
        painted_at=step.at,
    )


def _acknowledge(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    if not life.is_unacknowledged:
        raise StepRefused("second", "Somebody else acknowledged this hit first.")
    held = _held(life, step)
    if life.acknowledged_at is not None:
        return held
    return replace(
        held,
        acknowledged_by=step.operator,
        acknowledged_on=step.workstation,
        acknowledged_at=step.at,
    )


def _take(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    return _held(life, step)


def _held(life: HitLife, step: Step) -> HitLife:
    return replace(
        life,
        state=HitState.ACTIONED if life.action else HitState.ACKNOWLEDGED,
        holder=step.operator,
        holder_on=step.workstation,
        passed_to="",
        parked_until=None,
        parked_why="",
        escalated=(),
    )


def _pass(life: HitLife, step: Step, spec: Spec) -> HitLife:
    if not step.to.strip():
        raise StepRefused("no_name", "It is not said whom the hit is passed to.")
    if step.code == BY_VOICE:
        if not step.text.strip():
            raise StepRefused("no_reason", "It is not said who was told.", "Give the name.")
        return replace(life, voice_to=step.to, voice_by=step.operator, voice_at=step.at)
    if step.code != TO_DESK:
        raise StepRefused("unknown_code", "Hits are passed to a desk or by voice.")
    if step.to == step.workstation:
        raise StepRefused("same_desk", "The hit is at this desk already.")
    return _sent_to(life, step)


def _assign(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    if not step.to.strip():
        raise StepRefused("no_name", "It is not said whom the hit is passed to.")
    return _sent_to(life, step)


def _sent_to(life: HitLife, step: Step) -> HitLife:
    return replace(
        life,
        state=HitState.PASSED,
        waiting_since=step.at,
        holder="",
        holder_on="",
        passed_to=step.to,
        passed_by=step.operator,
        passed_at=step.at,
        parked_until=None,
        parked_why="",
        escalated=(),
        handed_to=_added(life.handed_to, step.to),
    )


def _park(life: HitLife, step: Step, spec: Spec) -> HitLife:
    if step.code not in spec.desk.park_reasons:
        raise StepRefused("unknown_code", "This is no reason to park a hit for.")
    if step.until is None or not step.at < step.until <= step.at + spec.desk.park_longest:
        raise StepRefused(
            "bad_time",
            "Parking ends at a time to come, within the longest time allowed.",
            "Choose another time.",
        )
    return replace(life, state=HitState.PARKED, parked_until=step.until, parked_why=step.code)


def _resume(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    if life.state is not HitState.PARKED:
        raise StepRefused("not_parked", "This hit is not parked.")
    return replace(life, state=HitState.RETURNED, waiting_since=step.at, parked_until=None)


def _raise(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    try:
        tier = Tier(step.code)
    except ValueError:
        raise StepRefused("unknown_code", "There is no such tier.") from None
    if not step.text.strip():
        raise StepRefused("no_reason", "Raising a hit needs a reason.")
    if life.raised_to is not None and tier.rank >= life.raised_to.rank:
        raise StepRefused("not_higher", "A hit can be raised, never lowered.")
    return replace(life, raised_to=tier, raised_why=step.text)


def _verify(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    return replace(life, is_verified=_is_agreed(step))


def _describe(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    return replace(life, is_described=_is_agreed(step))


def _is_agreed(step: Step) -> bool:
    if step.code not in (AGREES, DIFFERS):
        raise StepRefused("unknown_code", "It either agrees or it does not.")
    return step.code == AGREES


def _annotate(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    if not step.text.strip() or len(step.text) > MAX_VRM_TEXT:
        raise StepRefused("no_reason", "It is not said what the plate patch shows.")
    return replace(life, misread_as=step.text)


def _notify(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    return replace(life, notified_at=life.notified_at or step.at)


def _incident(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    if not step.text.strip() or len(step.text) > MAX_STEP_NAME:
        raise StepRefused("no_reason", "This is no incident number.")
    return replace(life, incident=step.text.strip())


def _seen(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    return replace(life, seen_at=step.at)


def _escalate(life: HitLife, step: Step, _spec: Spec) -> HitLife:
    if not life.is_unacknowledged:
        raise StepRefused("not_waiting", "Somebody has this hit by now.")
    try:
        why = Why(step.code)
    except ValueError:
        raise StepRefused("unknown_code", "There is no such reason to escalate.") from None
    return replace(
        life,
        escalated=_added(life.escalated, why),
        escalated_at=step.at,
        handed_to=_added(life.handed_to, step.to),
    )


def _added(known: tuple[_Name, ...], one: _Name) -> tuple[_Name, ...]:
    return known if not one or one in known else (*known, one)


def _action(life: HitLife, step: Step, spec: Spec) -> HitLife:
    if step.code not in spec.actions_taken:
        raise StepRefused("unknown_code", "This action is not in the list of actions.")
    return replace(life, state=HitState.ACTIONED, action=step.code, acted_at=step.at)


def _outcome(life: HitLife, step: Step, spec: Spec) -> HitLife:
    if step.code and step.code not in spec.outcomes:
        raise StepRefused("unknown_code", "This outcome is not in the list of outcomes.")
    return replace(
        life,
        state=HitState.MISREAD if step.code == "misread" else HitState.CLOSED,
        outcome=step.code,
        outcome_text=step.text,
        closed_by=step.operator,
        closed_at=step.at,
    )


def _unchanged(life: HitLife, _step: Step, _spec: Spec) -> HitLife:
    return life


_APPLY: dict[StepKind, Callable[[HitLife, Step, Spec], HitLife]] = {
    StepKind.DELIVER: _deliver,
    StepKind.ACKNOWLEDGE: _acknowledge,
    StepKind.ACTION: _action,
    StepKind.OUTCOME: _outcome,
    StepKind.TAKE: _take,
    StepKind.PASS: _pass,
    StepKind.ASSIGN: _assign,
    StepKind.PARK: _park,
    StepKind.RESUME: _resume,
    StepKind.RAISE: _raise,
    StepKind.VERIFY: _verify,
    StepKind.DESCRIBE: _describe,
    StepKind.ESCALATE: _escalate,
    StepKind.WITHDRAW: _unchanged,
    StepKind.ANNOTATE: _annotate,
    StepKind.NOTIFY: _notify,
    StepKind.INCIDENT: _incident,
    StepKind.SEEN: _seen,
}
