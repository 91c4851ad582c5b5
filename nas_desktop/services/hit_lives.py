"""What was decided about each hit, and the life that follows from it.

Steps may come in any order and more than once: live ones overtake those of the backlog, and this
desk's own verdict stands only until the final one comes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from nas_desktop.domain.errors import StepRefused
from nas_desktop.domain.hit import HitId
from nas_desktop.domain.hit_history import withdrawn_by
from nas_desktop.domain.hit_life import DecidedStep, HitLife, HitState, StepKind, apply_step
from nas_desktop.domain.spec import Spec


class HitLives:
    """Decided steps by hit; single-threaded."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._steps: dict[HitId, dict[bytes, DecidedStep]] = {}

    def add(self, decided: DecidedStep) -> bool:
        """Take in a step; False for a repeat, or our own verdict behind the final one."""
        known = self._steps.setdefault(decided.step.hit_id, {})
        before = known.get(decided.step.step_id)
        if before is not None and (decided.is_provisional or not before.is_provisional):
            return False
        known[decided.step.step_id] = decided
        return True

    def of(self, hit_id: HitId) -> HitLife:
        """What was decided for good, in the order it was decided, then what this desk did alone."""
        life = HitLife()
        steps = self._steps.get(hit_id, {}).values()
        gone = withdrawn_by(steps)
        took = {"", *(d.step.operator for d in steps if d.is_accepted and d.step.kind in _TAKING)}
        for decided in sorted(steps, key=_order):
            if decided.step.step_id in gone:
                continue
            if decided.is_accepted:
                life = self._after(life, decided)
            elif (
                decided.refusal == "second"
                and life.is_unacknowledged
                and decided.first_by not in took
            ):
                # The verdict names the winner before the winner's own step has come. Once that
                # is here it counts alone: the winner may have withdrawn it.
                life = replace(
                    life,
                    state=HitState.ACKNOWLEDGED,
                    holder=decided.first_by,
                    acknowledged_by=decided.first_by,
                    acknowledged_at=decided.first_at or decided.decided_at,
                )
        return life

    def second(self, hit_id: HitId, operator: str) -> DecidedStep | None:
        """Return the newest step with which this operator came second to a hit, if any."""
        seconds = [
            decided
            for decided in self._steps.get(hit_id, {}).values()
            if not decided.is_accepted
            and decided.refusal == "second"
            and decided.step.operator == operator
        ]
        # Of two at one instant the later arrival counts, as in a list that is read to its end.
        return max(reversed(seconds), key=lambda d: d.decided_at, default=None)

    def forget(self, hit_id: HitId) -> None:
        """Drop what was decided about a hit that has left."""
        self._steps.pop(hit_id, None)

    def _after(self, life: HitLife, decided: DecidedStep) -> HitLife:
        step = decided.step
        try:
            return apply_step(life, step, self._spec)
        except StepRefused as refusal:
            if decided.is_provisional or refusal.code != "not_acknowledged":
                return life
        # Accepted for good, so somebody had taken the hit, and that step has not come here: a
        # window may see a history with a hole in it.
        taken = replace(step, kind=StepKind.ACKNOWLEDGE, code="", text="")
        return self._after(apply_step(life, taken, self._spec), decided)


_KINDS = list(StepKind)
_TAKING = frozenset({StepKind.ACKNOWLEDGE, StepKind.TAKE})


def _order(decided: DecidedStep) -> tuple[bool, datetime, int]:
    # ASSUMES that the clock of the node that decides does not go back between two steps of a hit.
    return (decided.is_provisional, decided.decided_at, _KINDS.index(decided.step.kind))
