"""Nobody's hit stays nobody's: receipts, targets, repeats and parking, watched by the rules.

Pure: given hits, their lives, the desks and the time it says which steps the node has to take.
Steps that follow from a rule have ids that follow from it too, so that taking one twice, after a
restart or on two nodes, changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_life import NODE, HitLife, HitState, Step, StepKind, Why
from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.cards import is_in_feed
from nas_desktop.services.desks import DeskState, ReceiptFigures

WATCHED = 20_000
"""Most hits watched; a board holds a quarter of that. Beyond it the oldest leave."""


@dataclass(slots=True)
class _Watched:
    hit: Hit
    life: HitLife
    noted_at: datetime

    @property
    def tier(self) -> Tier | None:
        tier, raised = self.hit.tier, self.life.raised_to
        return min((t for t in (tier, raised) if t), key=lambda t: t.rank, default=None)


class HitWatch:
    """Watches hits until they are closed; single-threaded.

    Args:
        name: the node's, as the workstation of the steps it takes.
        since: hits that were raised before are not counted in the figures.
    """

    def __init__(self, spec: Spec, name: str, since: datetime) -> None:
        self._rules = spec.desk
        self._name = name
        self._since = since
        self._open: OrderedDict[HitId, _Watched] = OrderedDict()
        self._of_vrm: dict[Vrm, set[HitId]] = {}
        self._fresh: set[Vrm] = set()
        self._counted: set[HitId] = set()
        self._received: set[HitId] = set()
        self._missed: set[HitId] = set()

    def __len__(self) -> int:
        return len(self._open)

    # ------------------------------------------------------------------ told

    def taken_up(self, hit: Hit, life: HitLife, now: datetime) -> None:
        """Watch a hit of before a restart; one that lacks its receipt goes on being counted."""
        since = min(life.waiting_since or hit.matched_at, now)  # a clock may have been put right
        self.raised(hit, life, since)
        watched = self._open.get(hit.hit_id)
        if watched is not None and self._lacks_receipt(watched):
            self._counted.add(hit.hit_id)

    def raised(self, hit: Hit, life: HitLife, now: datetime) -> None:
        """Watch a hit, or take in what is new about it; ``now`` is when the node heard of it."""
        if not is_in_feed(hit) or life.is_final:
            self.decided(hit.hit_id, life, now)
            return
        known = self._open.get(hit.hit_id)
        if known is None:
            self._fresh.add(hit.read.vrm)
            self._open[hit.hit_id] = _Watched(hit, life, now)
        else:
            known.hit, known.life = hit, life
        self._of_vrm.setdefault(hit.read.vrm, set()).add(hit.hit_id)
        self._count(self._open[hit.hit_id])
        self._note(hit.hit_id, life)
        while len(self._open) > WATCHED:
            self._forget(next(iter(self._open)))

    def _count(self, watched: _Watched) -> None:
        if self._asks_for_receipt(watched) and watched.hit.matched_at >= self._since:
            self._counted.add(watched.hit.hit_id)

    def decided(self, hit_id: HitId, life: HitLife, now: datetime) -> None:
        """Something was decided about a hit; one that is closed is watched no longer.

        What waits anew (passed, back from parking) does so from ``now`` on, by this node's clock:
        the step carries that of a desk.
        """
        self._note(hit_id, life)
        known = self._open.get(hit_id)
        if known is None:
            return
        if life.is_final:
            self._forget(hit_id)
            return
        if life.waiting_since != known.life.waiting_since:
            known.noted_at = now
        known.life = life
        self._count(known)  # it may have been raised to a tier that asks for a receipt

    def _note(self, hit_id: HitId, life: HitLife) -> None:
        # Nobody can acknowledge what they have not seen.
        was_seen = life.delivered_at is not None or life.acknowledged_at is not None
        if hit_id in self._counted and was_seen:
            self._received.add(hit_id)
        if Why.TARGET in life.escalated:
            self._missed.add(hit_id)

    def _forget(self, hit_id: HitId) -> None:
        gone = self._open.pop(hit_id)
        of_vrm = self._of_vrm[gone.hit.read.vrm]
        of_vrm.discard(hit_id)
        if not of_vrm:
            del self._of_vrm[gone.hit.read.vrm]

    # ------------------------------------------------------------------ asked

    def due(self, now: datetime, desks: Sequence[DeskState]) -> list[Step]:
        """Return the steps that the rules ask for now."""
        steps: list[Step] = []
        for watched in self._open.values():
            steps += self._of_one(watched, now, desks)
        fresh, self._fresh = self._fresh, set()
        for vrm in fresh:
            steps += self._repeated(vrm, now)
        return steps

    def figures(self, now: datetime) -> ReceiptFigures:
        """Return how hits and receipts balance."""
        due = now - self._rules.receipt_within
        open_ones = [
            self._open[hit_id].noted_at if hit_id in self._open else None
            for hit_id in self._counted - self._received
        ]
        # A hit that was closed unpainted, from another desk, asks for no receipt any more.
        settled = open_ones.count(None)
        overdue = [at for at in open_ones if at is not None and at <= due]
        return ReceiptFigures(
            hits=len(self._counted),
            receipts=len(self._received) + settled,
            waiting=len(open_ones) - settled - len(overdue),
            without=len(overdue),
            oldest_at=min(overdue, default=None),
            missed=len(self._missed),
        )

    # ------------------------------------------------------------------ rules

    def _of_one(self, watched: _Watched, now: datetime, desks: Sequence[DeskState]) -> list[Step]:
        life = watched.life
        if life.state is HitState.PARKED:
            if life.parked_until is not None and life.parked_until <= now:
                return [self._step(watched, StepKind.RESUME, now, str(life.parked_until))]
            return []
        if not life.is_unacknowledged or self._is_history(watched.hit):
            return []
        steps = self._receipt(watched, now, desks)
        target = self._rules.targets.get(watched.tier or "")
        if target is not None:
            waited = now - watched.noted_at
            for limit, why in (
                (target.acknowledge, Why.TARGET),
                (target.supervisor, Why.SUPERVISOR),
            ):
                if waited >= limit and why not in life.escalated:
                    salt = f"{life.waiting_since} {watched.tier}"
                    steps.append(self._step(watched, StepKind.ESCALATE, now, salt, why))
        return steps

    def _asks_for_receipt(self, watched: _Watched) -> bool:
        return (watched.tier or "") in self._rules.receipt_tiers and not self._is_history(
            watched.hit
        )

    def _lacks_receipt(self, watched: _Watched) -> bool:
        life = watched.life
        was_seen = life.delivered_at is not None or life.acknowledged_at is not None
        return not was_seen and self._asks_for_receipt(watched)

    def _is_history(self, hit: Hit) -> bool:
        """Too old on arrival for anybody to be called: it is listed and counted."""
        return hit.matched_at - hit.read.effective_at > self._rules.tone_age

    def _receipt(self, watched: _Watched, now: datetime, desks: Sequence[DeskState]) -> list[Step]:
        """Hand on what nobody has seen: to the next desk, and each time to one more."""
        hit, life = watched.hit, watched.life
        if not self._lacks_receipt(watched):
            return []
        before = sum(w in (Why.NO_RECEIPT, Why.UNCOVERED) for w in life.escalated)
        turns = max(before, len(life.handed_to))
        if now - watched.noted_at < self._rules.receipt_within * (turns + 1):
            return []
        desk = _next_desk(hit, life, desks)
        if desk is not None:
            return [self._step(watched, StepKind.ESCALATE, now, desk, Why.NO_RECEIPT, to=desk)]
        if Why.UNCOVERED in life.escalated:
            return []
        return [self._step(watched, StepKind.ESCALATE, now, "", Why.UNCOVERED)]

    def _repeated(self, vrm: Vrm, now: datetime) -> list[Step]:
        """Raise and report a vehicle that is hit again while nobody has acted on it."""
        rule = self._rules.repeat
        ids = self._of_vrm.get(vrm, set())
        seen = sorted((self._open[i] for i in ids), key=lambda w: w.hit.read.effective_at)
        if not seen:
            return []
        newest = seen[-1]
        at = newest.hit.read.effective_at
        idle = [
            w
            for w in seen
            if at - w.hit.read.effective_at <= rule.within and not self._is_acted_on(w.life, at)
        ]
        if (
            len(idle) < rule.hits
            or newest not in idle
            or at - idle[0].hit.read.effective_at < rule.gap
        ):
            return []
        steps = []
        tier = newest.tier
        if tier is not None and tier is not Tier.P1:
            raised = f"P{tier.rank - 1}"
            why = f"Hit {len(idle)} times without an outcome"
            steps.append(self._step(newest, StepKind.RAISE, now, "repeat", raised, text=why))
        steps.append(self._step(newest, StepKind.ESCALATE, now, "", Why.REPEAT))
        return steps

    def _is_acted_on(self, life: HitLife, at: datetime) -> bool:
        rule = self._rules.repeat
        is_recent = life.acted_at is not None and at - life.acted_at <= rule.acted
        return is_recent and life.action in rule.acts

    def _step(
        self,
        watched: _Watched,
        kind: StepKind,
        now: datetime,
        salt: str,
        code: str = "",
        *,
        to: str = "",
        text: str = "",
    ) -> Step:
        name = b"|".join(
            (b"watch", watched.hit.hit_id, kind.encode(), code.encode(), salt.encode())
        )
        return Step(
            step_id=hashlib.blake2b(name, digest_size=16).digest(),
            hit_id=watched.hit.hit_id,
            kind=kind,
            operator=NODE,
            workstation=self._name,
            at=now,
            code=code,
            to=to,
            text=text,
        )


def _next_desk(hit: Hit, life: HitLife, desks: Sequence[DeskState]) -> str | None:
    """Return an attended desk to hand a hit to: first one that has not got it.

    Those in whose scope it lies have it and have not painted it; each is asked once all the same.
    """
    for fits in _PREFERENCES:
        for desk in desks:
            if desk.is_attended and desk.name not in life.handed_to and fits(desk, hit):
                return desk.name
    return None


_PREFERENCES: tuple[Callable[[DeskState, Hit], bool], ...] = (
    lambda desk, hit: not desk.report.is_supervisor and not desk.covers(hit),
    lambda desk, hit: desk.covers(hit),
)
