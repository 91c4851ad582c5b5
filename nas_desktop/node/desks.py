"""The desks of a server, and the watch over what reaches them.

The node that has the last word on steps watches receipts, targets, repeats and parking, and takes
the steps that the rules ask for. A desk that is cut off from its server does so for itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.errors import StepRefused
from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_life import BY_VOICE, DecidedStep, HitLife, Step, StepKind
from nas_desktop.domain.spec import Spec
from nas_desktop.node.cameras import CameraRoom
from nas_desktop.node.engine import Engine
from nas_desktop.node.lists import ListRoom
from nas_desktop.node.steps import StepDesk
from nas_desktop.node.stores import Stores
from nas_desktop.services.desks import (
    DeskRegister,
    DeskReport,
    DeskState,
    Notice,
    ReceiptFigures,
    Uncovered,
    silencing_details,
    uncovered,
)
from nas_desktop.services.hit_watch import WATCHED, HitWatch
from nas_desktop.services.ports import Clock

log = logging.getLogger(__name__)

MOST_NOTICES = 500

BEFORE = timedelta(minutes=5)
"""How much earlier than a hit its receipt may be by the desk's clock."""

LOOK_S = 0.5
"""Seconds between two looks at what is due."""


class DeskRoom:
    """Knows the desks, judges their receipts, and acts where nobody does.

    Args:
        is_alone: tells whether this node has the last word now: it has no node above, or has lost
            it.
    """

    def __init__(
        self, stores: Stores, spec: Spec, clock: Clock, name: str, engine: Engine,
        steps: StepDesk, cameras: CameraRoom, lists: ListRoom, changed: Callable[[], None],
    ) -> None:  # fmt: skip
        self._stores = stores
        self._clock = clock
        self._engine = engine
        self._steps = steps
        self._cameras = cameras
        self._lists = lists
        self._changed = changed
        self._register = DeskRegister(spec.desk.attended_for)
        self._watch = HitWatch(spec, name, clock.now())
        self._moved: set[HitId] = set()
        self._sources: dict[str, str] = {}
        self._silencing: list[AuditRecord] = []
        self._began, self._ticks = clock.now(), clock.monotonic()
        self.is_alone: Callable[[], bool] = lambda: True
        self.states_above: Callable[[], tuple[DeskState, ...] | None] = lambda: None
        self.tell_above: Callable[[str, DeskReport], None] = lambda _name, _report: None

    async def open(self) -> None:
        """Take up scopes and open hits of before."""
        operational = self._stores.operational
        for name, scope in (await self._stores.on_operational(operational.scopes)).items():
            self._register.set_scope(name, scope)
        for hit in await self._stores.on_operational(operational.newest_hits, WATCHED):
            self._watch.taken_up(hit, await self._steps.life(hit.hit_id), self._now())
        self._engine.when_raised.append(self._raised)
        self._steps.when_decided.append(self._decided)
        self._steps.objection = self.objection

    async def run(self) -> None:
        """Look twice a second, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
                await self.record_silencing()
            except StoreRefused as refusal:
                self._engine.problem = refusal.words
                log.error("a step by rule could not be stored: %s", refusal.code)

    async def look(self) -> None:
        """Take the steps that are due now."""
        moved, self._moved = self._moved, set()
        for hit_id in moved:
            self._watch.decided(hit_id, await self._steps.life(hit_id), self._now())
        if not self.is_alone():
            return
        due = self._watch.due(self._now(), self._register.states(self._clock.monotonic()))
        if due:
            await self._steps.take(due, "", "", must_know_hit=False)

    def _now(self) -> datetime:
        """The time that targets are judged by: setting the clock back puts none of them off."""
        steady = self._began + timedelta(seconds=self._clock.monotonic() - self._ticks)
        return max(self._clock.now(), steady)

    # ------------------------------------------------------------------ desks

    def report(self, name: str, report: DeskReport, source: str = "") -> None:
        """Take a desk's word, and pass it on; ``source`` is the session that brings it."""
        self._sources[name] = source
        before = self._register.report_of(name) or DeskReport()
        if self._register.report(name, report, self._clock.now(), self._clock.monotonic()):
            if self.is_alone():
                self._note_silencing(name, before, report)
            self._changed()
        self.tell_above(name, report)

    def gone(self, name: str, source: str = "") -> None:
        """A desk's window has closed: nobody attends it, and what it had silenced is over.

        A session that another has taken the place of says nothing any more.
        """
        if self._register.report_of(name) is not None and self._sources.get(name) == source:
            self.report(name, DeskReport(since=self._clock.now()))

    def _note_silencing(self, name: str, before: DeskReport, after: DeskReport) -> None:
        """Put on record, with the next look, what a desk silences or no longer does."""
        self._silencing += [
            AuditRecord(
                AuditAction.CONFIG_CHANGE,
                self._clock.now(),
                workstation=name,
                subject=name,
                detail=detail,
            )
            for detail in silencing_details(before, after)
        ]

    async def record_silencing(self) -> None:
        """Put on record what desks have silenced, or no longer do, since the last time."""
        while self._silencing:
            await self._stores.record(self._silencing[0])
            del self._silencing[0]

    async def close(self) -> None:
        """Put on record what is not yet."""
        await self.record_silencing()

    async def set_scope(self, name: str, scope: DeskScope, username: str, session: str) -> None:
        """Say what a desk looks after, for good.

        Raises:
            Refused: ``scope_unusable``.
        """
        scope.checked()
        await self._stores.record(
            AuditRecord(
                AuditAction.CONFIG_CHANGE,
                self._clock.now(),
                username,
                session=session,
                subject=name,
                detail={
                    "what": "desk scope",
                    "cameras": ", ".join(scope.cameras)[:400],
                    "areas": str(len(scope.circles)),
                    "lists": ", ".join(scope.lists)[:400],
                },
            )
        )
        await self._stores.on_operational(self._stores.operational.put_scope, name, scope)
        self._register.set_scope(name, scope)
        self._changed()

    async def notices(self, name: str, username: str, *, own: bool = False) -> list[Notice]:
        """Return word about entries of lists that this account may know of, newest first.

        ``own`` leaves out lists that another node answers for.
        """
        covert = {o.name for o in self._lists.states() if o.is_covert and o.owner != username}
        operational = self._stores.operational
        found = await self._stores.on_operational(
            operational.notices, MOST_NOTICES, name, frozenset(covert)
        )
        if own:
            answered = {one.name for one in self._lists.states() if one.is_own}
            found = [notice for notice in found if notice.list_name in answered]
        return found

    def states(self) -> tuple[DeskState, ...]:
        """Return the desks of the server, as far as this node knows them."""
        above = self.states_above()
        return self._register.states(self._clock.monotonic()) if above is None else above

    def uncovered(self) -> Uncovered:
        """Return what no attended desk looks after."""
        names = [one.name for one in self._lists.states() if one.is_enabled and not one.is_covert]
        return uncovered(self.states(), self._cameras.known().values(), names)

    def figures(self) -> ReceiptFigures:
        """Return how hits and receipts balance."""
        return self._watch.figures(self._now())

    # ------------------------------------------------------------------ receipts

    def objection(self, step: Step, hit: Hit | None, life: HitLife) -> StepRefused | None:
        """Return what speaks against a step that only the node can know.

        A receipt where nobody was, of another desk's hit or from before there was a hit; a hit
        given to a desk that nobody attends.
        """
        match step.kind:
            case StepKind.DELIVER:
                return self._against_receipt(step, hit, life)
            case StepKind.PASS | StepKind.ASSIGN if step.code != BY_VOICE:
                if not any(d.is_attended and d.name == step.to for d in self.states()):
                    return StepRefused("desk_unattended", "Nobody attends that desk now.")
        return None

    def _against_receipt(self, step: Step, hit: Hit | None, life: HitLife) -> StepRefused | None:
        report = self._register.report_of(step.workstation)
        if report is None and not self._register.is_used:
            return None  # no desk here has ever reported
        if hit is not None and step.at < hit.read.captured_at - BEFORE:
            return StepRefused("bad_time", "The receipt is older than the hit.")
        if report is None or (
            not report.is_attended and (report.since is None or report.since <= step.at)
        ):
            return StepRefused(
                "not_attended", "Nobody was signed in at this desk, or it is locked."
            )
        # A supervisor sees every desk's hits, which brings none of them to whom it belongs.
        is_own = (
            hit is None
            or step.workstation in life.handed_to
            or (report.is_supervisor and bool(life.escalated))
            or (not report.is_supervisor and self._register.scope_of(step.workstation).covers(hit))
        )
        return None if is_own else StepRefused("out_of_scope", "The hit is another desk's.")

    # ------------------------------------------------------------------ told

    def _raised(self, hits: Sequence[Hit]) -> None:
        for hit in hits:
            life = self._steps.known_life(hit.hit_id)
            self._watch.raised(hit, life or HitLife(), self._now())
            if life is None:
                self._moved.add(hit.hit_id)

    def _decided(self, steps: Sequence[DecidedStep]) -> None:
        for decided in steps:
            life = self._steps.known_life(decided.step.hit_id)
            if life is None:
                self._moved.add(decided.step.hit_id)
            else:
                self._watch.decided(decided.step.hit_id, life, self._now())
