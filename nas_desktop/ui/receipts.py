"""Which painted hits this desk has sent a delivery receipt for, and when one may be sent again.

A receipt is refused when it comes before the desk is known to be attended, or before the hit is
this desk's. It is owed again then, but not with every paint: at once when the hit was handed on
since, else after two seconds, and twice as long after each further refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nas_desktop.domain.hit import HitId
from nas_desktop.domain.hit_life import DecidedStep, HitLife, StepKind

AGAIN_S = 2.0
"""Seconds to the first repeat; by then a new report has told the server who is at the desk."""

LONGEST_S = 64.0
"""Most seconds between two repeats; each refusal stays in the hit's history."""


@dataclass(frozen=True, slots=True)
class _Refused:
    known: object
    again_at: float
    wait_s: float


class Receipts:
    """Receipts of one operator at one desk; single-threaded."""

    def __init__(self) -> None:
        self._sent: dict[HitId, object] = {}
        self._refused: dict[HitId, _Refused] = {}

    def clear(self) -> None:
        """Forget everything: somebody else looks at the board."""
        self._sent.clear()
        self._refused.clear()

    def forget(self, hit_id: HitId) -> None:
        """Forget a hit that is no longer remembered."""
        self._sent.pop(hit_id, None)
        self._refused.pop(hit_id, None)

    def is_refused(self, hit_id: HitId) -> bool:
        """True while the newest receipt of a hit is a refused one."""
        return hit_id in self._refused and hit_id not in self._sent

    def take(self, hit_id: HitId, life: HitLife, now: float) -> bool:
        """Tell whether to send a receipt now; it counts as sent then. ``now`` is monotonic, s."""
        refused, known = self._refused.get(hit_id), _known(life)
        if self._sent.get(hit_id) == known:
            return False
        if refused is not None and refused.known == known and now < refused.again_at:
            return False
        self._sent[hit_id] = known
        return True

    def refused(
        self, steps: Iterable[DecidedStep], ours: tuple[str, str], now: float
    ) -> list[HitId]:
        """Take in verdicts; returns the hits whose receipts were refused.

        Args:
            steps: as they were decided; others' and accepted ones are passed over.
            ours: operator and workstation.
            now: monotonic, seconds.
        """
        found = []
        for step in (decided.step for decided in steps if not decided.is_accepted):
            is_ours = (step.operator, step.workstation) == ours
            if is_ours and step.kind is StepKind.DELIVER and step.hit_id in self._sent:
                self._wait(step.hit_id, now)
                found.append(step.hit_id)
        return found

    def _wait(self, hit_id: HitId, now: float) -> None:
        known, before = self._sent.pop(hit_id), self._refused.get(hit_id)
        wait_s = AGAIN_S
        if before is not None and before.known == known:
            wait_s = min(2 * before.wait_s, LONGEST_S)
        self._refused[hit_id] = _Refused(known, now + wait_s, wait_s)


def _known(life: HitLife) -> object:
    """What decides whose hit it is: with any of it changed a receipt may fare otherwise."""
    return life.handed_to, life.escalated
