"""The history of a hit: its decided steps, the life they make, and the verdict on one more.

A life is a fold over steps: the same steps in the same order give the same life on every node and
in every window. Nothing is ever taken out of the history: a step that was withdrawn stays in it,
with the step that withdrew it (domain facts 3.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from nas_desktop.domain.errors import StepRefused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import DecidedStep, HitLife, Step, StepKind, apply_step
from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.domain.voi import Action


def withdrawn_by(steps: Iterable[DecidedStep]) -> frozenset[bytes]:
    """Return the ids of the steps that accepted ones have withdrawn."""
    return frozenset(
        d.step.undoes for d in steps if d.is_accepted and d.step.kind is StepKind.WITHDRAW
    )


def life_of(steps: Sequence[DecidedStep], spec: Spec) -> HitLife:
    """Return what decided steps make of a hit, in the order given, without those withdrawn.

    A step that no longer fits what a withdrawal has left is passed over, as it would be refused.
    """
    gone = withdrawn_by(steps)
    life = HitLife()
    for decided in steps:
        if decided.is_accepted and decided.step.step_id not in gone:
            try:
                life = apply_step(life, decided.step, spec)
            except StepRefused:
                continue
    return life


@dataclass(frozen=True, slots=True)
class History:
    """The decided steps of one hit, in order, and the life they make; never changed in place."""

    steps: tuple[DecidedStep, ...] = ()
    life: HitLife = field(default_factory=HitLife)

    @classmethod
    def of(cls, steps: Iterable[DecidedStep], spec: Spec) -> History:
        """Return the history of these steps."""
        steps = tuple(steps)
        return cls(steps, life_of(steps, spec))

    def after(self, decided: DecidedStep, spec: Spec) -> History:
        """Return the history with one more step."""
        return History.of((*self.steps, decided), spec)


def decide(
    history: History,
    step: Step,
    spec: Spec,
    now: datetime,
    *,
    hit: Hit | None = None,
    refusal: StepRefused | None = None,
    is_provisional: bool = False,
) -> tuple[History, DecidedStep]:
    """Apply a step or record why not; never raises, because a refused step is history too.

    ``hit`` is the hit itself where the deciding node has it, ``refusal`` what the node has against
    the step beforehand (a receipt of a desk that nobody attends).
    """
    life = history.life
    # Windows put steps in order by when they were decided: a clock set back must not undo it.
    last = max((d.decided_at for d in history.steps), default=now - _TICK)
    verdict = DecidedStep(step, max(now, last + _TICK), is_provisional=is_provisional)
    try:
        if refusal is not None:
            raise refusal
        if hit is not None:
            _check_hit(life, step, spec, hit)
        if step.kind is StepKind.WITHDRAW:
            _check_withdrawal(history.steps, step, spec, now)
        if step.until is not None and step.until > now + spec.desk.park_longest:
            raise StepRefused("bad_time", "Parking ends too far ahead by the node's clock.")
        apply_step(life, step, spec)
    except StepRefused as why:
        is_second = why.code in ("second", "not_yours")
        verdict = replace(
            verdict,
            is_accepted=False,
            refusal=why.code,
            first_by=(life.holder if is_second else "") or life.acknowledged_by,
            first_at=life.acknowledged_at,
        )
    return history.after(verdict, spec), verdict


def _check_hit(life: HitLife, step: Step, spec: Spec, hit: Hit) -> None:
    """Check what depends on the hit itself, not only on what was done about it.

    Raises:
        StepRefused: ``not_verified``, ``patch_differs``, ``not_higher``, ``outcome_required``.
    """
    rules, tier = spec.desk, hit.tier
    match step.kind:
        case StepKind.ACTION if (
            step.code in rules.deploying and hit.leading.entry.action is Action.STOP
        ):
            if life.is_verified is None:
                raise StepRefused(
                    "not_verified",
                    "Nobody has said yet that the plate patch shows this VRM.",
                    "Look at the patch and press V.",
                )
            if not life.is_verified:
                raise StepRefused(
                    "patch_differs",
                    "The plate patch was said to show another VRM.",
                    "Close the hit as a misread, or look again and press V.",
                )
        case StepKind.RAISE if tier is not None and step.code in list(Tier):
            if Tier(step.code).rank >= tier.rank:
                raise StepRefused("not_higher", "A hit can be raised, never lowered.")
        case StepKind.OUTCOME if not step.code and tier is not None:
            if (life.raised_to or tier) in rules.outcome_tiers:
                raise StepRefused(
                    "outcome_required", "Hits of this tier are closed with an outcome."
                )
        case _:
            return


_TICK = timedelta(microseconds=1)

HELD_UP = timedelta(seconds=30)
"""How much longer than a desk's clock says a withdrawal may be under way."""


def _check_withdrawal(steps: Sequence[DecidedStep], step: Step, spec: Spec, now: datetime) -> None:
    """Check that a step may be withdrawn, by the desk's clock and by that of the node.

    Raises:
        StepRefused: ``unknown_step``, ``not_yours``, ``too_late`` after the time allowed,
            ``not_newest`` when something was done on top of it.
    """
    gone = withdrawn_by(steps)
    counted = [d for d in steps if d.is_accepted and d.step.step_id not in gone]
    at = next((i for i, d in enumerate(counted) if d.step.step_id == step.undoes), None)
    if at is None or counted[at].step.kind in _NEVER_WITHDRAWN:
        raise StepRefused("unknown_step", "There is nothing that this could withdraw.")
    before = counted[at].step
    if before.operator != step.operator:
        raise StepRefused("not_yours", "Only who did it can withdraw it.")
    within = spec.desk.withdraw_within
    is_late = now - counted[at].decided_at > within + HELD_UP
    if is_late or not before.at <= step.at <= before.at + within:
        seconds = round(spec.desk.withdraw_within.total_seconds())
        raise StepRefused("too_late", f"A step can be withdrawn within {seconds} s.")
    if any(d.step.kind not in _NEVER_WITHDRAWN for d in counted[at + 1 :]):
        raise StepRefused("not_newest", "Something was done on top of it.")


_NEVER_WITHDRAWN = frozenset(
    {StepKind.DELIVER, StepKind.ESCALATE, StepKind.WITHDRAW, StepKind.NOTIFY}
)
