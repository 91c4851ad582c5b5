"""The words of what people do about a hit: who has it, where it waits, what was done when."""

from __future__ import annotations

from datetime import datetime

from nas_desktop.domain.hit_life import (
    AGREES,
    BY_VOICE,
    NODE,
    DecidedStep,
    HitLife,
    HitState,
    Step,
    StepKind,
    Why,
)
from nas_desktop.domain.spec import Spec
from nas_desktop.services.cards import Card
from nas_desktop.ui.text import clock_words, duration_words, minute_words


def who_words(card: Card, spec: Spec, operator: str, now: datetime) -> str:
    """Return who has the vehicle and what was done, or nothing while nobody has."""
    life = card.life
    parts = [_where_words(life, spec, operator, now)]
    if card.unacknowledged and life.holder:
        parts = [f"In progress: {_you(life.holder, operator)}", "new hits since"]
    if life.voice_to:
        parts.append(f"{life.voice_to} told by voice")
    if life.incident:
        parts.append(f"incident {life.incident}")
    return " · ".join(part for part in parts if part)


def _where_words(life: HitLife, spec: Spec, operator: str, now: datetime) -> str:
    if life.is_final:
        outcome = spec.outcomes.get(life.outcome, life.outcome) or "Closed without an outcome"
        return f"{outcome} · {_you(life.closed_by, operator)}"
    match life.state:
        case HitState.PASSED:
            return f"Passed to {life.passed_to} by {_you(life.passed_by, operator)}, not taken yet"
        case HitState.RETURNED:
            return f"Parking is over · {_you(life.holder, operator)}"
        case HitState.PARKED if life.parked_until is not None:
            why = spec.desk.park_reasons.get(life.parked_why, life.parked_why)
            until = minute_words(life.parked_until, now)
            return f"Parked until {until}: {why} · {_you(life.holder, operator)}"
        case HitState.ACTIONED:
            action = spec.actions_taken.get(life.action, life.action)
            return f"{action} · {_you(life.holder, operator)}"
        case HitState.ACKNOWLEDGED:
            taken = life.holder != life.acknowledged_by
            return f"{'Taken over' if taken else 'Acknowledged'} · {_you(life.holder, operator)}"
        case _:
            return ""


def _you(who: str, operator: str) -> str:
    return "you" if operator and who == operator else who


def second_words(decided: DecidedStep) -> str:
    """Return that somebody else was first, and who."""
    first = decided.first_by or "another desk"
    at = f" at {clock_words(decided.first_at)}" if decided.first_at else ""
    return f"You came second: {first} was first{at}"


def escalation_words(card: Card, spec: Spec) -> list[str]:
    """Return why the supervisor was told of the card, worst first."""
    target = spec.desk.targets.get(card.tier or "")
    limit = duration_words(target.acknowledge.total_seconds()) if target else "its target"
    words = {
        Why.SUPERVISOR: "SUPERVISOR TOLD: still nobody has it",
        Why.REPEAT: "HIT AGAIN, NO OUTCOME: supervisor told",
        Why.UNCOVERED: "NO DESK HAS SEEN IT: supervisor told",
        Why.TARGET: f"NOT ACKNOWLEDGED WITHIN {limit}",
        Why.NO_RECEIPT: "HANDED ON: not seen where it belongs",
    }
    # The later reason of the same kind says it all.
    shown = {why for why in card.escalated if not (why is Why.TARGET and _told(card))}
    return [text for why, text in words.items() if why in shown]


def _told(card: Card) -> bool:
    return Why.SUPERVISOR in card.escalated


def raised_words(card: Card) -> str:
    """Return that the card was raised, and why; empty for most."""
    life = card.lives[card.foremost.hit_id]
    return f"Raised to {life.raised_to}: {life.raised_why}" if life.raised_to else ""


def checked_words(life: HitLife) -> str:
    """Return what was said of plate patch and description."""
    parts = []
    if life.is_verified is not None:
        parts.append("Plate patch agrees" if life.is_verified else "Plate patch DIFFERS")
    if life.misread_as:
        parts.append(f"the patch shows {life.misread_as}")
    if life.is_described is not None:
        parts.append(f"make and colour {'agree' if life.is_described else 'DIFFER'}")
    if life.notified_at is not None:
        parts.append("list owner told: entry out of date")
    return " · ".join(parts)


def state_words(card: Card, operator: str) -> str:
    """Return a card's state in a word."""
    if card.is_possible and not card.is_closed:
        return "possible"
    life = card.life
    if card.unacknowledged:
        back = {HitState.RETURNED: "due again", HitState.PASSED: "passed"}
        states = [card.lives[hit_id].state for hit_id in card.unacknowledged]
        return next((back[state] for state in states if state in back), "new")
    words = {
        HitState.MISREAD: "misread",
        HitState.CLOSED: "closed",
        HitState.PARKED: "parked",
        HitState.PASSED: "passed",
    }
    if life.state in words:
        return words[life.state]
    return "mine" if operator and life.holder == operator else "taken"


_STEP_WORDS = {
    StepKind.DELIVER: "Shown to",
    StepKind.ACKNOWLEDGE: "Acknowledged by",
    StepKind.ACTION: "Action by",
    StepKind.OUTCOME: "Closed by",
    StepKind.TAKE: "Taken over by",
    StepKind.PASS: "Passed on by",
    StepKind.ASSIGN: "Given away by",
    StepKind.PARK: "Parked by",
    StepKind.RESUME: "Parking ended by",
    StepKind.RAISE: "Raised by",
    StepKind.VERIFY: "Plate patch looked at by",
    StepKind.DESCRIBE: "Make and colour looked at by",
    StepKind.ESCALATE: "Supervisor told by",
    StepKind.WITHDRAW: "Step withdrawn by",
    StepKind.ANNOTATE: "Misread noted by",
    StepKind.NOTIFY: "List owner told by",
    StepKind.INCIDENT: "Incident number by",
    StepKind.SEEN: "Change of the entry seen by",
}

WHY_WORDS = {
    Why.NO_RECEIPT: "nobody had seen it",
    Why.UNCOVERED: "no desk has seen it",
    Why.TARGET: "not acknowledged in time",
    Why.SUPERVISOR: "still not acknowledged",
    Why.REPEAT: "hit again without an outcome",
}


def step_words(decided: DecidedStep, spec: Spec) -> tuple[str, str]:
    """Return one line of a hit's history as time and words."""
    step = decided.step
    if step.operator == NODE:
        words = f"{_STEP_WORDS[step.kind]} {step.workstation}, by rule"
    else:
        words = f"{_STEP_WORDS[step.kind]} {step.operator}, {step.workstation}"
    choice = _choice_words(step, spec)
    if choice:
        words += f": {choice}"
    if step.text:
        words += f" “{step.text}”"
    if not decided.is_accepted:
        first = f": {decided.first_by} was first" if decided.first_by else ""
        words += f" (did not count{first})"
    elif decided.is_provisional:
        words += " (decided on this desk; the server has not confirmed it yet)"
    return clock_words(step.at), words


def _choice_words(step: Step, spec: Spec) -> str:
    match step.kind:
        case StepKind.ACTION:
            return spec.actions_taken.get(step.code, step.code)
        case StepKind.OUTCOME:
            return spec.outcomes.get(step.code, step.code) or "no outcome asked for"
        case StepKind.PASS if step.code == BY_VOICE:
            return f"{step.to} told by voice"
        case StepKind.PASS | StepKind.ASSIGN:
            return f"to {step.to}"
        case StepKind.PARK:
            until = f" until {clock_words(step.until)}" if step.until else ""
            return f"{spec.desk.park_reasons.get(step.code, step.code)}{until}"
        case StepKind.RAISE:
            return f"to {step.code}"
        case StepKind.VERIFY | StepKind.DESCRIBE:
            return "agrees" if step.code == AGREES else "differs"
        case StepKind.ESCALATE:
            why = next((w for k, w in WHY_WORDS.items() if k == step.code), step.code)
            return f"{why}, handed to {step.to}" if step.to else why
        case _:
            return ""
