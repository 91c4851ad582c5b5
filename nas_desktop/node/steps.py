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
from nas_desktop.domain.errors import Refused, StepRefused
from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_history import History, decide
from nas_desktop.domain.hit_life import DecidedStep, HitLife, Step, StepKind
from nas_desktop.domain.spec import Spec
from nas_desktop.node.stores import Stores
from nas_desktop.node.streams import Stream
from nas_desktop.services.ports import Clock

REMEMBERED_LIVES = 10_000

_AUDITED = {
    StepKind.DELIVER: AuditAction.HIT_DELIVERED,
    StepKind.ACKNOWLEDGE: AuditAction.HIT_ACK,
    StepKind.OUTCOME: AuditAction.HIT_OUTCOME,
    StepKind.ANNOTATE: AuditAction.MISREAD,
}
"""Every other kind is a ``HIT_ACTION``, with the kind in its detail."""

Objection = Callable[[Step, Hit | None, HitLife], StepRefused | None]


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
        self._histories: OrderedDict[HitId, History] = OrderedDict()
        self.when_outgoing: list[Callable[[], None]] = []
        self.when_decided: list[Callable[[Sequence[DecidedStep]], None]] = []
        self.objection: Objection = lambda _step, _hit, _life: None
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
            after: dict[HitId, History] = {}
            known, hits = await self._stores.on_operational(
                self._stores.operational.what_steps_touch, steps
            )
            if must_know_hit and any(s.hit_id not in hits for s in steps if s.step_id not in known):
                raise Refused("unknown_hit", "This node does not know the hit.")
            for step in steps:
                if step.step_id in known:
                    continue
                known.add(step.step_id)
                hit = hits.get(step.hit_id)
                history = after.get(step.hit_id) or await self.history(step.hit_id)
                after[step.hit_id], verdict = decide(
                    history,
                    step,
                    self._spec,
                    self._clock.now(),
                    hit=hit,
                    refusal=self.objection(step, hit, history.life),
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
                self._histories.pop(decided.step.hit_id, None)
            self._publish(placed)

    # ------------------------------------------------------------------ inside

    def _publish(self, placed: Sequence[tuple[int, DecidedStep]]) -> None:
        self.stream.publish(placed)
        for tell in self.when_decided:
            tell([decided for _at, decided in placed])

    def known_life(self, hit_id: HitId) -> HitLife | None:
        """Return the life of a hit when it is at hand, without asking the store."""
        known = self._histories.get(hit_id)
        return None if known is None else known.life

    async def life(self, hit_id: HitId) -> HitLife:
        """Return the life of a hit as it stands."""
        return (await self.history(hit_id)).life

    async def history(self, hit_id: HitId) -> History:
        """Return what was decided about a hit: for good, then what this desk decided alone."""
        known = self._histories.get(hit_id)
        if known is not None:
            return known
        steps = await self._stores.on_operational(self._stores.operational.steps_of, hit_id)
        return History.of(in_order(steps), self._spec)

    def _remember(self, histories: dict[HitId, History]) -> None:
        for hit_id, history in histories.items():
            self._histories[hit_id] = history
            self._histories.move_to_end(hit_id)
        while len(self._histories) > REMEMBERED_LIVES:
            self._histories.popitem(last=False)

    def _record(self, decided: DecidedStep, username: str, session: str) -> AuditRecord:
        step = decided.step
        detail = {
            "step": step.step_id.hex(),
            "operator": step.operator,
            "kind": "" if step.kind in _AUDITED else str(step.kind),
            "code": step.code,
            "to": step.to,
            "accepted": "yes" if decided.is_accepted else decided.refusal,
            "provisional": "yes" if decided.is_provisional else "no",
        }
        return AuditRecord(
            action=_AUDITED.get(step.kind, AuditAction.HIT_ACTION),
            at=decided.decided_at,
            username=username,
            workstation=step.workstation,
            session=session,
            subject=step.hit_id.hex(),
            detail={key: value for key, value in detail.items() if value},
        )


def in_order(steps: Sequence[DecidedStep]) -> list[DecidedStep]:
    """Return a hit's steps: those decided for good, then what this desk decided alone since."""
    final = {d.step.step_id for d in steps if not d.is_provisional}
    ordered = [d for d in steps if not d.is_provisional]
    ordered += [d for d in steps if d.is_provisional and d.step.step_id not in final]
    return ordered
