"""kill -9 at random points of a life: no step that was shown as done is missing afterwards."""

from __future__ import annotations

import asyncio
import os
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import HitId
from nas_desktop.domain.hit_life import BY_VOICE, TO_DESK, DecidedStep, Step, StepKind
from nas_desktop.node.stores import Stores
from nas_desktop.services.events import Event, StepsDecided
from nas_desktop.services.tasks import spawn, stop
from tests.end2end.programs import KEY, a_desk, a_force, free_port, running
from tests.end2end.test_kill import (
    LISTED,
    Camera,
    Officer,
    _wait_for_quiet,
    an_officer,
    following,
    working,
)
from tests.nodes import live_entry, publish, settle

KILLS = int(os.environ.get("NAS_KILLS", "12"))
"""So many in every run; a hundred with ``NAS_KILLS=100``."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 6 * KILLS)]

STORY: tuple[tuple[StepKind, dict[str, Any]], ...] = (
    (StepKind.DELIVER, {}),
    (StepKind.ACKNOWLEDGE, {}),
    (StepKind.VERIFY, {"code": "agrees"}),
    (StepKind.DESCRIBE, {"code": "differs"}),
    (StepKind.PARK, {"code": "pnc", "until": timedelta(minutes=5)}),
    (StepKind.TAKE, {}),
    (StepKind.PASS, {"code": BY_VOICE, "to": "Gwent", "text": "PC 1234"}),
    (StepKind.ACTION, {"code": "deployed"}),
    (StepKind.INCIDENT, {"text": "CH-1"}),
    (StepKind.ANNOTATE, {"text": "AB51ABD"}),
    (StepKind.NOTIFY, {"text": "Sold in May"}),
    (StepKind.PASS, {"code": TO_DESK, "to": "desk 2"}),
    (StepKind.ACKNOWLEDGE, {}),
    (StepKind.OUTCOME, {"code": "arrest"}),
)


class Worker(Officer):
    """Leads every hit through its whole life; remembers what was confirmed and what was shown."""

    def __init__(self, officer: Officer) -> None:
        super().__init__(officer.link)
        self.shown: dict[bytes, DecidedStep] = {}
        self.closed = 0

    def _receive(self, event: Event) -> None:
        super()._receive(event)
        if isinstance(event, StepsDecided):
            self.shown.update({d.step.step_id: d for d in event.steps})

    async def run(self) -> None:
        await self.begin()
        while True:
            hit_id = await self._todo.get()
            for kind, fields in STORY:
                if kind not in (StepKind.ACKNOWLEDGE, StepKind.OUTCOME) and random.random() < 0.3:
                    continue
                await self._do(hit_id, kind, fields)
            self.closed += 1

    async def _do(self, hit_id: HitId, kind: StepKind, fields: dict[str, Any]) -> None:
        at = SystemClock().now()
        changed = {k: at + v if isinstance(v, timedelta) else v for k, v in fields.items()}
        step = Step(os.urandom(16), hit_id, kind, "", "", at, **changed)
        while True:
            try:
                await self.link.send_steps([step])
                break
            except Refused:
                await asyncio.sleep(0.02)
        self.confirmed[step.step_id] = hit_id


async def test_that_no_step_shown_as_done_is_missing_after_kills(tmp_path: Path) -> None:
    port = free_port()
    force, desk = a_force(tmp_path / "force", port), a_desk(tmp_path / "desk", port)
    async with running(force, desk):
        await publish(port, *[live_entry(vrm) for vrm in LISTED])
        camera, worker = Camera(port), Worker(an_officer(desk.folder))
        follow = spawn(following(worker, desk), "follow")
        async with working(camera, worker):
            for time in range(KILLS):
                before = len(worker.confirmed)
                await settle(lambda before=before: len(worker.confirmed) > before + 3, 30)
                await asyncio.sleep(random.uniform(0, 0.1))
                victim = force if time % 3 == 2 else desk
                victim.kill()
                await victim.start()
            before = len(worker.confirmed)
            await settle(lambda: len(worker.confirmed) > before + 20, 30)
        await stop(follow)
        await asyncio.to_thread(_wait_for_quiet, force, desk)
        assert desk.stop() == 0
        assert force.stop() == 0
    at_desk, above = Stores(desk.folder, KEY), Stores(force.folder, KEY)
    try:
        for stores in (at_desk, above):
            kept = [d for _at, d in stores.operational.fetch_steps(0, 1_000_000)]
            final = [d.step.step_id for d in kept if not d.is_provisional]
            assert len(final) == len(set(final)), "a step is there twice"
            assert set(worker.confirmed) <= set(final), "a confirmed step is missing"
            assert set(worker.shown) <= {d.step.step_id for d in kept}, "a shown step is missing"
            assert stores.audit.first_bad() is None
        _same_lives(worker, at_desk, above)
    finally:
        at_desk.close()
        above.close()


def _same_lives(worker: Worker, at_desk: Stores, above: Stores) -> None:
    """Desk and server tell the same of every hit, and what was shown as accepted was."""
    verdicts = {
        d.step.step_id: d
        for _at, d in above.operational.fetch_steps(0, 1_000_000)
        if not d.is_provisional
    }
    for _at, decided in at_desk.operational.fetch_steps(0, 1_000_000):
        if not decided.is_provisional:
            assert verdicts[decided.step.step_id] == decided
    for step_id, shown in worker.shown.items():
        if not shown.is_provisional:
            assert verdicts[step_id].is_accepted is shown.is_accepted
    assert worker.closed > 0
