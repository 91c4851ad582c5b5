"""Who did what to which hit, as it was told; the board itself keeps only where each hit stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from nas_desktop.domain.hit import HitId
from nas_desktop.domain.hit_life import DecidedStep


class StepHistory:
    """Steps by hit; a later verdict on the same step takes the place of a provisional one."""

    def __init__(self) -> None:
        self._steps: dict[HitId, dict[bytes, DecidedStep]] = {}
        self.when_added: list[Callable[[Sequence[DecidedStep]], None]] = []

    def add(self, steps: Sequence[DecidedStep]) -> None:
        """Take in steps in any order; repeats are harmless."""
        for tell in self.when_added:
            tell(steps)
        for decided in steps:
            of_hit = self._steps.setdefault(decided.step.hit_id, {})
            known = of_hit.get(decided.step.step_id)
            if known is None or known.is_provisional:
                of_hit[decided.step.step_id] = decided

    def of(self, hit_ids: Iterable[HitId]) -> list[DecidedStep]:
        """Return the steps of these hits, earliest first."""
        found = [s for hit_id in hit_ids for s in self._steps.get(hit_id, {}).values()]
        return sorted(found, key=lambda s: (s.step.at, s.decided_at))
