"""Steps of people: decided once, stored before anybody is told, and never lost on the way up.

A node without one above it has the last word: the first acknowledgement wins. A desk below one
decides provisionally, so that its operator can go on, and takes the verdict from above when it
comes.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.adapters.store.packing import pack
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import (
    DecidedStep,
    HitId,
    HitLife,
    Step,
    StepKind,
    decide,
)
from nas_desktop.domain.spec import Spec
from nas_desktop.node.stores import Stores
from nas_desktop.node.streams import Stream
from nas_desktop.services.ports import Clock

REMEMBERED_LIVES = 10_000

_AUDITED = {
    StepKind.DELIVER: AuditAction.HIT_DELIVERED,
    StepKind.ACKNOWLEDGE: AuditAction.HIT_ACK,
    StepKind.ACTION: AuditAction.HIT_ACTION,
    StepKind.OUTCOME: AuditAction.HIT_OUTCOME,
}


class StepDesk:
    """Decides and keeps steps.

    Args:
        has_upstream: True where another node has the last word.
    """

    def __init__(self, stores: Stores, spec: Spec, clock: Clock, *, has_upstream: bool) -> None:
        self._stores = stores
        self._spec = spec
        self._clock = clock
        self._has_upstream = has_upstream
        self._one_at_a_time = asyncio.Lock()
        self._lives: OrderedDict[HitId, HitLife] = OrderedDict()
        self.when_outgoing: list[Callable[[], None]] = []
        self.when_decided: list[Callable[[Sequence[DecidedStep]], None]] = []
        operational = stores.operational
        self.stream: Stream[DecidedStep] = Stream(
            "steps",
            operational.epoch,
            operational.step_end,
            lambda first, limit: stores.on_operational(operational.fetch_steps, first, limit),
            lambda first, items, late: m.Steps(first, items, late),
            live_items=50,
        )

    async def take(
        self, steps: Sequence[Step], username: str, session: str, *, must_know_hit: bool
    ) -> None:
        """Decide steps and return once they, their verdicts and their audit are on disk.

        ``must_know_hit`` is True for steps of people at this node: they can only act on a hit that
        this node has shown them. Steps relayed by a desk may run ahead of their hits.

        Raises:
            Refused: ``unknown_hit``; nothing of the batch was taken.
            StoreRefused: the disk would not take them.
        """
        async with self._one_at_a_time:
            decided: list[DecidedStep] = []
            after: dict[HitId, HitLife] = {}
            for step in steps:
                if await self._stores.on_operational(
                    self._stores.operational.has_step, step.step_id
                ):
                    continue
                if must_know_hit and not await self._knows(step.hit_id):
                    raise Refused("unknown_hit", "This node does not know the hit.")
                life = after.get(step.hit_id) or await self.life(step.hit_id)
                after[step.hit_id], verdict = decide(
                    life,
                    step,
                    self._spec,
                    self._clock.now(),
                    is_provisional=self._has_upstream,
                )
                decided.append(verdict)
            if not decided:
                await self._stores.forward_audit()
                return
            outgoing = [d.step for d in decided] if self._has_upstream else []
            placed = await self._stores.on_operational(
                self._stores.operational.put_steps,
                decided,
                outgoing=outgoing,
                audit=[pack(self._record(d, username, session)) for d in decided],
            )
            self._remember(after)
            # The audit before the publication: nobody sees a step that is not accounted for.
            await self._stores.forward_audit()
            self._publish(placed)
        for tell in self.when_outgoing:
            tell()

    async def take_verdicts(
        self, steps: Sequence[DecidedStep], source: tuple[str, int, int] | None
    ) -> None:
        """Keep verdicts from the node above, in place of provisional ones of ours."""
        async with self._one_at_a_time:
            placed = await self._stores.on_operational(
                self._stores.operational.put_steps, steps, source=source
            )
            for decided in steps:
                self._lives.pop(decided.step.hit_id, None)
            self._publish(placed)

    # ------------------------------------------------------------------ inside

    def _publish(self, placed: Sequence[tuple[int, DecidedStep]]) -> None:
        self.stream.publish(placed)
        for tell in self.when_decided:
            tell([decided for _at, decided in placed])

    async def _knows(self, hit_id: HitId) -> bool:
        hit = await self._stores.on_operational(self._stores.operational.hit, hit_id)
        return hit is not None

    async def life(self, hit_id: HitId) -> HitLife:
        """Return the life of a hit as it stands."""
        known = self._lives.get(hit_id)
        if known is not None:
            return known
        steps = await self._stores.on_operational(self._stores.operational.steps_of, hit_id)
        return life_of(steps, self._spec)

    def _remember(self, lives: dict[HitId, HitLife]) -> None:
        for hit_id, life in lives.items():
            self._lives[hit_id] = life
            self._lives.move_to_end(hit_id)
        while len(self._lives) > REMEMBERED_LIVES:
            self._lives.popitem(last=False)

    def _record(self, decided: DecidedStep, username: str, session: str) -> AuditRecord:
        step = decided.step
        detail = {
            "step": step.step_id.hex(),
            "operator": step.operator,
            "code": step.code,
            "accepted": "yes" if decided.is_accepted else decided.refusal,
            "provisional": "yes" if decided.is_provisional else "no",
        }
        return AuditRecord(
            action=_AUDITED[step.kind],
            at=decided.decided_at,
            username=username,
            workstation=step.workstation,
            session=session,
            subject=step.hit_id.hex(),
            detail={key: value for key, value in detail.items() if value},
        )


def life_of(steps: Sequence[DecidedStep], spec: Spec) -> HitLife:
    """Return a hit's life: what was decided for good, then what this desk decided alone since."""
    final = {d.step.step_id for d in steps if not d.is_provisional}
    ordered = [d for d in steps if not d.is_provisional]
    ordered += [d for d in steps if d.is_provisional and d.step.step_id not in final]
    life = HitLife()
    for decided in ordered:
        if decided.is_accepted:
            life, _verdict = decide(life, decided.step, spec, decided.decided_at)
    return life
