"""kill -9 in mid-stream: what was confirmed is there afterwards, exactly once."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import Introduction, LinkClient
from nas_desktop.adapters.link.node_link import WindowLink
from nas_desktop.app.node_starter import NodeStarter
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_life import Step, StepKind
from nas_desktop.domain.read import Read
from nas_desktop.node.profile import running_node
from nas_desktop.node.sign_in import DEMO_PASSWORD
from nas_desktop.node.stores import Stores
from nas_desktop.services.events import Event, HitsRaised
from nas_desktop.services.tasks import spawn, stop
from tests.end2end.programs import KEY, Program, a_desk, a_force, free_port, running
from tests.nodes import live_entry, now_item, publish, settle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

KILLS = 20
LISTED = [f"AB{n:02d}ABC" for n in range(30)]


class Camera:
    """Sends reads without end, sends again what was not confirmed, remembers what was."""

    def __init__(self, port: int) -> None:
        who = Introduction(
            "camera", "cameras", True, username="demo-cameras", password=DEMO_PASSWORD
        )
        self.confirmed: set[bytes] = set()
        self.client = LinkClient(
            f"ws://127.0.0.1:{port}", who, SystemClock(), _ignore, _nothing, lambda _reason: None
        )
        self._number = 0

    async def run(self) -> None:
        self.client.start()
        while True:
            batch = [self._next() for _ in range(10)]
            while True:
                try:
                    number = self.client.next_request()
                    await self.client.request(m.SendReads(number, batch), number, within_s=3)
                    break
                except Refused:
                    await asyncio.sleep(0.02)
            self.confirmed |= {_key(item.captured_at, item.vrm) for item in batch}
            await asyncio.sleep(0.005)

    def _next(self) -> m.RawReadItem:
        self._number += 1
        vrm = random.choice(LISTED) if self._number % 50 == 0 else f"ZZ{self._number:05d}"
        return now_item(vrm)


def _key(captured_at: object, vrm: object) -> bytes:
    return f"{captured_at}|{vrm}".encode()


async def _ignore(_message: m.Message, _is_bulk: bool) -> None: ...


async def _nothing() -> None: ...


class Officer:
    """Acknowledges every hit once, sends again what was not confirmed, remembers what was."""

    def __init__(self, link: WindowLink, account: str = "demo-operator") -> None:
        self.link = link
        self.account = account
        self.hits: dict[HitId, Hit] = {}
        self.confirmed: dict[bytes, HitId] = {}
        self._todo: asyncio.Queue[HitId] = asyncio.Queue()
        link.listen(self._receive)

    def _receive(self, event: Event) -> None:
        if isinstance(event, HitsRaised):
            for hit in event.hits:
                if hit.hit_id not in self.hits:
                    self.hits[hit.hit_id] = hit
                    self._todo.put_nowait(hit.hit_id)

    async def begin(self) -> None:
        """Connect, and sign in as soon as the node can be asked."""
        await self.link.start()
        while True:
            try:
                await self.link.sign_in(self.account, DEMO_PASSWORD)
                return
            except Refused:
                await asyncio.sleep(0.05)

    async def run(self) -> None:
        await self.begin()
        while True:
            hit_id = await self._todo.get()
            at = SystemClock().now()
            step = Step(os.urandom(16), hit_id, StepKind.ACKNOWLEDGE, "", "", at)
            while True:
                try:
                    await self.link.send_steps([step])
                    break
                except Refused:
                    await asyncio.sleep(0.02)
            self.confirmed[step.step_id] = hit_id


@asynccontextmanager
async def working(*workers: Camera | Officer) -> AsyncIterator[None]:
    tasks = [spawn(worker.run(), type(worker).__name__) for worker in workers]
    try:
        yield
        for task in tasks:
            assert not task.done(), task
    finally:
        await stop(*tasks)
        for worker in workers:
            await (worker.client.stop() if isinstance(worker, Camera) else worker.link.close())


def an_officer(folder: Path) -> Officer:
    found = running_node(folder)
    assert found is not None
    return Officer(WindowLink(found.url, found.token, "desk 1", SystemClock(), is_simulation=True))


async def following(officer: Officer, program: Program) -> None:
    """Point the officer's window to wherever the node has come back."""
    starter = NodeStarter(program.folder, lambda _words: program.process)  # type: ignore[arg-type,return-value]
    starter.running = running_node(program.folder)
    while True:
        found = running_node(program.folder)
        if found is not None and found != starter.running:
            starter.running = found
            officer.link.redirect(found.url, found.token)
        await asyncio.sleep(0.02)


def reads_of(stores: Stores) -> Counter[bytes]:
    found: Counter[bytes] = Counter()
    at = 0
    while rows := stores.reads.fetch(at, 5_000):
        found.update(_key(read.captured_at, read.vrm) for _at, read in rows)
        at = rows[-1][0] + 1
    return found


def listed_reads(stores: Stores) -> list[Read]:
    return [r for _at, r in stores.reads.fetch(0, 10_000_000) if r.vrm in LISTED]


def check(stores: Stores, camera: Camera, officer: Officer) -> None:
    reads = reads_of(stores)
    assert set(reads.values()) == {1}, "a read is there twice"
    assert camera.confirmed <= set(reads), "a confirmed read is missing"
    steps = [d for _at, d in stores.operational.fetch_steps(0, 100_000) if not d.is_provisional]
    times = Counter(d.step.step_id for d in steps)
    assert set(times.values()) <= {1}, "a step is there twice"
    assert set(officer.confirmed) <= set(times), "a confirmed acknowledgement is missing"
    hits = {hit.read.read_id for _at, hit in stores.operational.fetch_hits(0, 100_000)}
    assert {read.read_id for read in listed_reads(stores)} <= hits, "a hit is missing"
    assert stores.audit.first_bad() is None
    audited = {r.detail.get("step") for _n, r in stores.audit.records(1, 1_000_000)}
    assert {step_id.hex() for step_id in officer.confirmed} <= audited


async def test_that_a_killed_force_node_loses_nothing_it_confirmed(tmp_path: Path) -> None:
    port = free_port()
    force = a_force(tmp_path / "force", port)
    async with running(force):
        await publish(port, *[live_entry(vrm) for vrm in LISTED])
        camera, officer = Camera(port), an_officer(force.folder)
        follow = spawn(following(officer, force), "follow")
        async with working(camera, officer):
            for _time in range(KILLS):
                before = len(camera.confirmed)
                await settle(lambda before=before: len(camera.confirmed) > before + 60, 30)
                await asyncio.sleep(random.uniform(0, 0.1))
                force.kill()
                await force.start()
            done = len(camera.confirmed)
            await settle(lambda: len(camera.confirmed) > done + 60, 30)
            await settle(lambda: len(officer.confirmed) >= 10, 30)
        await stop(follow)
        assert force.stop() == 0
    stores = Stores(force.folder, KEY)
    try:
        check(stores, camera, officer)
    finally:
        stores.close()


async def test_that_a_killed_desk_node_loses_nothing_it_confirmed(tmp_path: Path) -> None:
    port = free_port()
    force, desk = a_force(tmp_path / "force", port), a_desk(tmp_path / "desk", port)
    async with running(force, desk):
        await publish(port, *[live_entry(vrm) for vrm in LISTED])
        camera, officer = Camera(port), an_officer(desk.folder)
        follow = spawn(following(officer, desk), "follow")
        async with working(camera, officer):
            for _time in range(KILLS):
                before = len(officer.confirmed)
                await settle(lambda before=before: len(officer.confirmed) > before, 30)
                await asyncio.sleep(random.uniform(0, 0.1))
                desk.kill()
                await desk.start()
            before = len(officer.confirmed)
            await settle(lambda: len(officer.confirmed) > before + 2, 30)
        await stop(follow)
        # Everything is at the desk, and what the desk confirmed has reached the server.
        await asyncio.to_thread(_wait_for_quiet, force, desk)
        assert desk.stop() == 0
        assert force.stop() == 0
    stores, above = Stores(desk.folder, KEY), Stores(force.folder, KEY)
    try:
        check(above, camera, Officer(officer.link))
        final = Counter(
            d.step.step_id for _at, d in above.operational.fetch_steps(0, 100_000) if d.is_accepted
        )
        assert set(officer.confirmed) <= set(final)
        assert set(final.values()) == {1}
        assert reads_of(stores) == reads_of(above)
        check(stores, camera, officer)
    finally:
        stores.close()
        above.close()


def _wait_for_quiet(force: Program, desk: Program) -> None:
    """Wait until the desk has delivered its steps and taken in everything, by its own word."""
    asyncio.run(_quiet(force, desk))


async def _quiet(force: Program, desk: Program) -> None:
    from nas_desktop.services.events import StateReported

    found = running_node(desk.folder)
    assert found is not None
    link = WindowLink(found.url, found.token, "look", SystemClock(), is_simulation=True)
    quiet = 0

    def receive(event: Event) -> None:
        nonlocal quiet
        if isinstance(event, StateReported):
            server = event.state.hops[0]
            is_still = server.held == 0 and event.state.reads_per_s == 0
            quiet = quiet + 1 if is_still and server.status == "live" else 0

    link.listen(receive)
    await link.start()
    await settle(lambda: quiet >= 2, 30)
    await link.close()


async def test_that_a_killed_window_loses_nothing_and_the_next_shows_all(tmp_path: Path) -> None:
    port = free_port()
    force, desk = a_force(tmp_path / "force", port), a_desk(tmp_path / "desk", port)
    window = Program(desk.folder, ["--simulation", "--sign-in", "demo-operator"], has_key=False)
    async with running(force, desk):
        await publish(port, *[live_entry(vrm) for vrm in LISTED])
        camera, officer = Camera(port), an_officer(desk.folder)
        async with working(camera, officer):
            for _time in range(KILLS):
                window.launch()
                before = len(officer.hits)
                await settle(lambda before=before: len(officer.hits) > before, 30)
                await asyncio.sleep(random.uniform(0.3, 0.9))
                window.kill()
                # With no window at all hits go on being stored.
                before = len(officer.hits)
                await settle(lambda before=before: len(officer.hits) > before, 30)
        last = an_officer(desk.folder)
        async with working(last):
            await settle(lambda: set(last.hits) >= set(officer.hits), 30)
        await asyncio.to_thread(_wait_for_quiet, force, desk)
        assert desk.stop() == 0
        assert force.stop() == 0
    stores = Stores(desk.folder, KEY)
    try:
        check(stores, camera, officer)
    finally:
        stores.close()
