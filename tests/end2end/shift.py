"""A shift of eight hours in two minutes: real nodes, real windows, people who press keys.

Forty hits by a seeded script: a flood, an outage, a clone, a vehicle hit sixteen times with nobody
acting, a desk left unattended. At the end the server's own record has to prove that no Stop went
unpainted, nothing moved under the pointer, every missed target was escalated, every hit has its
receipt, and every step is in the record once. ``make shift`` runs it.

Wall time runs in jumps: fast where nothing waits, slower where somebody has to react. Heartbeats
and drains go by seconds that do not jump, so the links live as they do in a real shift.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import itertools
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.node_link import WindowLink
from nas_desktop.adapters.store.audit import AuditAction
from nas_desktop.app.desktop import run_qt
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.geo import Position
from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_history import withdrawn_by
from nas_desktop.domain.hit_life import DecidedStep, Step, StepKind, Why
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.node.node import Node
from nas_desktop.node.sign_in import DEMO_PASSWORD
from nas_desktop.services.cards import Card
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.services.tasks import spawn
from tests.nodes import a_caller, a_node, above, live_entry, now_item

if TYPE_CHECKING:
    from nas_desktop.ui.main_window import MainWindow

HOURS = 8
SPEED = 20.0
"""How much faster than real the clock runs while something is going on."""

SPEC = load_spec()
NORTH, SOUTH = 12, 13
"""Camera sources of the two desks."""

PLACES = {NORTH: (53.48, -2.24), SOUTH: (53.40, -2.98)}
LONDON = (51.5, -0.12)
"""Where the second of the cloned vehicles is seen."""


class ShiftClock:
    """Wall time that jumps, beside seconds that do not; read from several threads."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._real = time.monotonic()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._at + timedelta(seconds=(time.monotonic() - self._real) * SPEED)

    def monotonic(self) -> float:
        return time.monotonic()

    def jump_to(self, at: datetime) -> None:
        """Let quiet time pass at once; never back."""
        with self._lock:
            now = self._at + timedelta(seconds=(time.monotonic() - self._real) * SPEED)
            if at > now:
                self._at, self._real = at, time.monotonic()


class Server(threading.Thread):
    """The nodes on a loop of their own, as they have processes of their own in a control room."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.loop = asyncio.new_event_loop()
        self.start()

    def run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def do(self, work: Coroutine[Any, Any, Any]) -> Any:  # Any: whatever the work gives
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return await asyncio.wrap_future(future)

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.join(10)


@dataclass
class Mover:
    """Watches one window's list: whatever comes, the card in hand and the focus stay."""

    window: MainWindow
    moves: list[str] = field(default_factory=list)
    drains: int = 0
    _before: tuple[str, int, object] | None = None
    _was_busy: bool = False
    _is_own: bool = False

    def attach(self) -> None:
        plain = self.window.bridge.release

        def release() -> None:
            # The selection has left a card that was acted on: that one goes, by the person's key.
            self._is_own = True
            plain()
            self._is_own = False

        self.window.bridge.release = release  # type: ignore[method-assign]
        self.window.bridge.about_to_drain.connect(self.before)
        self.window.bridge.drained.connect(self.after)

    def place(self) -> tuple[str, int, object] | None:
        hits = self.window.page.hits
        card = hits.chosen
        if card is None or not hits.isVisible():
            return None
        area = hits.visualRect(hits.model().index_of(card.card_id))
        sight = hits.viewport().rect()
        if area.top() < sight.top() + 30 or area.bottom() > sight.bottom():
            return None
        top = hits.viewport().mapTo(self.window, area.topLeft()).y()
        return str(card.card_id), top, self.window.focusWidget()

    def before(self) -> None:
        self._before, self._was_busy = self.place(), self.window.page.hits.is_busy

    def after(self) -> None:
        self.drains += 1
        if self._is_own:
            return
        before, now = self._before, self.place()
        if not self._was_busy:
            # At the very top, with nobody touching anything, new cards come into sight: then the
            # choice and the focus stay, and the place may not.
            before, now = (b and (b[0], 0, b[2]) for b in (before, now))
        if before is not None and before != now and now is not None:
            self.moves.append(f"{before[0]} from {before[1]} to {now[1]}, focus {now[2]}")


@dataclass
class Person:
    """Somebody at a desk: reacts after a while, and does everything by key."""

    name: str
    window: MainWindow
    pause_s: tuple[float, float]
    rng: random.Random
    keys: Counter[str] = field(default_factory=Counter)
    acknowledgements: list[int] = field(default_factory=list)
    outcomes: list[int] = field(default_factory=list)
    pressed: int = 0

    def press(self, key: str) -> None:
        """Press one key where the focus is."""
        from PySide6.QtCore import Qt
        from PySide6.QtGui import QKeySequence
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QApplication

        focus = self.window.focusWidget() or self.window.page.hits
        chooser = self.window.page.asker.chooser
        target = chooser if chooser.isVisible() else focus
        if target is not chooser and target is not self.window.page.hits:
            self.window.page.hits.setFocus()
            target = self.window.page.hits
        self.pressed += 1
        self.keys[key] += 1
        code = QKeySequence(key)[0]
        QTest.keyClick(target, code.key(), code.keyboardModifiers() or Qt.KeyboardModifier(0))
        assert QApplication.instance() is not None

    def choose(self, card: Card) -> None:
        """Go to a card by N, as often as it takes; returns after as many as there are cards."""
        page = self.window.page
        if page.chosen is card:
            return
        page.hits.choose(card.card_id)
        page.hits.viewport().repaint()
        page.detail.body.repaint()

    def acknowledge(self, card: Card) -> bool:
        """N to the card, Space; True when the step went off."""
        began = self.pressed
        page = self.window.page
        self.press("N")
        if page.chosen is not card:
            self.choose(card)
        page.hits.viewport().repaint()
        page.detail.body.repaint()
        self.press("Space")
        self.acknowledgements.append(self.pressed - began)
        return True

    def close(self, card: Card, key: str) -> None:
        """O and the key of an outcome."""
        self.choose(card)
        began = self.pressed
        self.press("O")
        self.press(key)
        self.outcomes.append(2 + self.pressed - began)

    def deploy(self, card: Card) -> None:
        """V for the patch, A and 1: a unit is on its way."""
        self.choose(card)
        for key in ("V", "A", "1"):
            self.press(key)


@dataclass(order=True)
class Event:
    at: float
    number: int
    do: Callable[[], Awaitable[None] | None] = field(compare=False)
    what: str = field(compare=False, default="")


class Shift:
    """The script and its world."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = random.Random(seed)
        today = SystemClock().now().replace(hour=8, minute=0, second=0, microsecond=0)
        self.began = today.astimezone(UTC)
        self.clock = ShiftClock(self.began)
        self.server = Server()
        self.events: list[Event] = []
        self.numbers = itertools.count()
        self.people: dict[str, Person] = {}
        self.movers: list[Mover] = []
        self.sent: Counter[bytes] = Counter()
        self.floods: list[tuple[str, bool]] = []
        self.log: list[str] = []
        self.ignored: set[str] = set()
        self.stack = AsyncExitStack()
        self.force: Node
        self.desk: Node
        self.camera: Any = None

    # ------------------------------------------------------------------ world

    def at(self, seconds: float, do: Callable[[], Any], what: str = "") -> None:
        """Have something happen so many seconds into the shift."""
        heapq.heappush(self.events, Event(seconds, next(self.numbers), do, what))

    @property
    def elapsed(self) -> float:
        return (self.clock.now() - self.began).total_seconds()

    async def open(self) -> None:
        """Start the nodes, the cameras and three windows."""
        await self.server.do(self._open_nodes())
        for name, account, node in (
            ("Desk 1", "demo-operator", self.force),
            ("Desk 2", "demo-second", self.desk),
            ("Supervisor", "demo-supervisor", self.force),
        ):
            await self._open_window(name, account, node)
        boss = self.people["Supervisor"].window
        await boss.page.reporter._desks.set_scope("Desk 1", DeskScope(cameras=(f"07/{NORTH}",)))
        await boss.page.reporter._desks.set_scope("Desk 2", DeskScope(cameras=(f"07/{SOUTH}",)))
        await self.settle(1.5)

    async def _open_nodes(self) -> None:
        self.force = await self.stack.enter_async_context(
            a_node(self.folder / "force", clock=self.clock)
        )
        self.desk = await self.stack.enter_async_context(
            a_node(self.folder / "desk", "desk", clock=self.clock,
                   above=above(self.force, "demo-desk-2"))
        )  # fmt: skip
        self.camera = await self.stack.enter_async_context(
            a_caller(self.force.port, "demo-cameras", "camera")
        )
        await self.camera.client.send(
            m.Cameras(
                [
                    Camera(CameraId("07", source, 1), f"Cam {source}-1", CameraKind.FIXED,
                           Position(*place))
                    for source, place in PLACES.items()
                ]
                + [
                    Camera(CameraId("07", SOUTH, 2), f"Cam {SOUTH}-2", CameraKind.FIXED,
                           Position(*LONDON))
                ]
            )
        )  # fmt: skip

    async def _open_window(self, name: str, account: str, node: Node) -> None:
        from PySide6.QtCore import QSettings

        from nas_desktop.ui.bridge import Bridge
        from nas_desktop.ui.main_window import MainWindow

        link = WindowLink(
            f"ws://127.0.0.1:{node.own_port}", node.token, name, self.clock, is_simulation=True
        )
        plain = link.send_steps

        async def spied(steps: list[Step]) -> None:
            self.sent.update(step.step_id for step in steps)
            await plain(steps)

        link.send_steps = spied  # type: ignore[method-assign, assignment]
        board = HitBoard(SPEC)
        bridge = Bridge(link, board, self.clock, spawn, name)
        settings = QSettings(str(self.folder / f"{name}.ini"), QSettings.Format.IniFormat)
        window = MainWindow(
            bridge, board, link, spawn, self.clock, SPEC, settings, desks=link.desks
        )
        window.lock.stop()  # keys of a script do not pass the watch for idleness
        window.resize(1366, 768)
        window.show()
        await link.start()
        async with asyncio.timeout(20):
            while True:
                try:
                    window.sign_in_as(await link.sign_in(account, DEMO_PASSWORD))
                    break
                except Exception as refused:  # the node is about to be there
                    if "link" not in type(refused).__name__.lower():
                        raise
                    await asyncio.sleep(0.05)
        mover = Mover(window)
        mover.attach()
        self.movers.append(mover)
        window.page.reporter.flood_changed.connect(
            lambda is_flood, who=name: self.floods.append((who, is_flood))
        )
        self.people[name] = Person(name, window, (3.0, 9.0), self.rng)

    async def close(self) -> None:
        for person in self.people.values():
            window = person.window
            await window.bridge.link.close()
            window.leave()
        await self.server.do(self.stack.aclose())
        self.server.end()

    async def settle(self, seconds: float = 0.4) -> None:
        """Let loops and windows work for a while of real time."""
        await asyncio.sleep(seconds)

    # ------------------------------------------------------------------ what happens

    async def publish(self, *entries: VoiEntry) -> None:
        async def work() -> None:
            async with a_caller(self.force.port, "demo-lists") as manager:
                await manager.ask(
                    lambda n: m.PublishList(
                        n, "07_Shift", 0, 1, list(entries), authority="SHIFT 1/26"
                    ),
                    bulk=True,
                )

        await self.server.do(work())

    async def read(self, vrm: str, source: int, **changes: Any) -> None:
        latitude, longitude = PLACES[source]
        values = {
            "captured_at": self.clock.now() - timedelta(seconds=1),
            "source_id": source,
            "nrd_id": 1,
            "alias": f"Cam {source}-1",
            "latitude": latitude,
            "longitude": longitude,
        }
        values.update(changes)
        item = now_item(vrm, **values)
        await self.server.do(
            self.camera.ask(lambda n: m.SendReads(n, [item], changes.get("is_backlog", False)))
        )

    def hit(self, seconds: float, vrm: str, source: int, who: str = "", *, delay: float = 6.0,
            outcome: str = "5", deploys: bool = False) -> None:  # fmt: skip
        """Script a read, and who deals with it after how long; nobody without a name."""

        async def comes() -> None:
            self.log.append(f"{self.elapsed:8.0f}  read of {vrm} at {source}")
            await self.read(vrm, source)

        self.at(seconds, comes, f"read {vrm}")
        if who:
            self.at(seconds + delay, lambda: self.deal(who, vrm), f"{who} acknowledges")
            if deploys:
                self.at(seconds + delay + 20, lambda: self.deploy(who, vrm), f"{who} deploys")
            self.at(seconds + delay + 60, lambda: self.finish(who, vrm, outcome), f"{who} closes")

    def card(self, who: str, vrm: str) -> Card | None:
        found = [c for c in self.people[who].window.bridge.board.cards if str(c.vrm) == vrm]
        open_ones = [c for c in found if not c.is_closed]
        return (open_ones or [None])[-1]  # type: ignore[list-item]

    async def sit_at(self, who: str) -> None:
        """Bring a window to the front, as somebody's own window is."""
        self.people[who].window.activateWindow()
        self.people[who].window.page.hits.setFocus()
        await self.settle(0.05)

    async def deal(self, who: str, vrm: str) -> None:
        await self.sit_at(who)
        card = await self._until_there(who, vrm)
        if card is not None and card.unacknowledged:
            self.people[who].acknowledge(card)
            await self.settle(0.3)
            if card.unacknowledged:
                covered = self.people[who].window.bridge.covered(card)
                self.log.append(
                    f"{self.elapsed:8.0f}  {who} pressed Space on {vrm} in vain: "
                    f"{len(card.unacknowledged)} waiting, {len(covered)} covered, "
                    f"desk {card.desk}"
                )

    async def deploy(self, who: str, vrm: str) -> None:
        await self.sit_at(who)
        card = self.card(who, vrm)
        if card is not None:
            self.people[who].deploy(card)
            await self.settle(0.15)

    async def finish(self, who: str, vrm: str, key: str) -> None:
        await self.sit_at(who)
        card = self.card(who, vrm)
        if card is None:
            return
        if card.unacknowledged:
            self.people[who].acknowledge(card)
            await self.settle(0.2)
        self.people[who].close(card, key)
        await self.settle(0.2)

    async def _until_there(self, who: str, vrm: str) -> Card | None:
        for _try in range(40):
            card = self.card(who, vrm)
            if card is not None:
                return card
            await asyncio.sleep(0.05)
        self.log.append(f"{self.elapsed:8.0f}  {who} never saw {vrm}")
        return None

    async def lock(self, who: str) -> None:
        self.people[who].window.lock.lock()
        self.people[who].window.page.reporter.report()
        await self.settle(0.3)

    async def unlock(self, who: str) -> None:
        await self.people[who].window.lock._unlock(DEMO_PASSWORD)
        self.people[who].window.page.reporter.report()
        await self.settle(0.3)

    async def cut(self) -> None:
        """The desk node of desk 2 loses its server."""
        await self.server.do(self.desk.upstream.client.stop())  # type: ignore[union-attr]
        await self.settle(0.6)

    async def mend(self) -> None:
        async def start() -> None:
            assert self.desk.upstream is not None
            self.desk.upstream.client.start()

        await self.server.do(start())
        await self.settle(1.5)

    # ------------------------------------------------------------------ the script

    def write(self) -> list[VoiEntry]:
        """Write the script; returns the list that it needs."""
        rng = self.rng
        stop = {"warning_signals": ()}
        armed = {"warning_signals": ("FI",)}
        low = {"action": Action.ASSESS, "warning_signals": ()}
        entries: list[VoiEntry] = []

        def listed(vrm: str, **how: Any) -> str:
            entries.append(live_entry(vrm, **how))
            return vrm

        minute = 60.0
        # Eight ordinary Stops and two of P1, one after the other, at either desk.
        for n in range(10):
            vrm = listed(f"ST{n:02d}OPP", **(armed if n in (2, 7) else stop))
            source, who = ((NORTH, "Desk 1"), (SOUTH, "Desk 2"))[n % 2]
            self.hit(
                (10 + 11 * n) * minute + rng.uniform(0, 60), vrm, source, who,
                delay=rng.uniform(3, 10), outcome=rng.choice("1345"), deploys=n % 3 == 0,
            )  # fmt: skip
        # Missed on purpose: acknowledged long after its target.
        self.hit(140 * minute, listed("LT01ATE", **stop), NORTH, "Desk 1", delay=200)
        # The sixteen hits: nobody acts, whoever it was.
        wanted = listed("WN16TED", **low)
        for n in range(16):
            self.hit((15 + 27 * n) * minute, wanted, (NORTH, SOUTH)[n % 2])
            for later in (305, 905):
                self.at((15 + 27 * n) * minute + later, lambda: None, "target of the wanted car")
        # A flood: eleven of the lower tiers and one Stop in the middle of them.
        for n in range(11):
            self.hit(200 * minute + 20 * n, listed(f"FL{n:02d}OOD", **low), NORTH, "Desk 1",
                     delay=600 + 12 * n)  # fmt: skip
        self.hit(200 * minute + 215, listed("FL99STP", **armed), NORTH, "Desk 1", delay=5)
        self.at(230 * minute, lambda: None, "after the flood")
        # The clone: far apart, too soon.
        clone = listed("CL01ONE", **stop)
        self.hit(260 * minute, clone, SOUTH)
        self.at(
            262 * minute,
            lambda: self.read(clone, SOUTH, latitude=LONDON[0], longitude=LONDON[1], nrd_id=2),
            "read of the clone",
        )
        self.at(262 * minute + 8, lambda: self.deal("Desk 2", clone), "clone acknowledged")
        self.at(262 * minute + 60, lambda: self.finish("Desk 2", clone, "8"), "clone closed")
        # Desk 1 is left unattended: its Stop goes to desk 2.
        self.at(300 * minute, lambda: self.lock("Desk 1"), "desk 1 locks")
        self.hit(305 * minute, listed("UN01ATT", **armed), NORTH, "Desk 2", delay=14)
        self.at(330 * minute, lambda: self.unlock("Desk 1"), "desk 1 is back")
        # Desk 2 loses its server: its Stop goes to desk 1.
        self.at(360 * minute, self.cut, "the server is away from desk 2")
        self.at(361 * minute, lambda: None, "")
        self.hit(362 * minute, listed("OU01TAG", **stop), SOUTH, "Desk 1", delay=20)
        self.at(380 * minute, self.mend, "the server is back")
        self.at(HOURS * 60 * minute, lambda: None, "end of the shift")
        return entries

    @property
    def somebody_waits(self) -> bool:
        """True while a hit is nobody's, as the supervisor sees it."""
        return any(True for _card in self.people["Supervisor"].window.bridge.board.waiting)

    async def play(self) -> None:
        """Let the shift happen."""
        while self.events:
            event = heapq.heappop(self.events)
            if event.at - self.elapsed > 12:
                self.clock.jump_to(self.began + timedelta(seconds=event.at - 4))
                # The node looks twice a second of real time at what is due.
                await self.settle(0.6 if self.somebody_waits else 0.15)
            while self.elapsed < event.at:
                await asyncio.sleep(0.01)
            done = event.do()
            if done is not None:
                await done
            # Long enough for a receipt and for the node to look twice.
            await self.settle(0.35)
        await self.settle(1.5)


# ------------------------------------------------------------------ the proof


@dataclass
class Proof:
    """What the record says; every fault is a sentence."""

    faults: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)

    def check(self, holds: bool, words: str) -> None:
        if not holds:
            self.faults.append(words)


def prove(shift: Shift) -> Proof:
    """Read the server's own record and judge it."""
    proof = Proof()
    operational = shift.force.stores.operational
    hits: dict[HitId, Hit] = {h.hit_id: h for _at, h in operational.fetch_hits(0, 10_000)}
    steps = [d for _at, d in operational.fetch_steps(0, 100_000)]
    of_hit: dict[HitId, list[DecidedStep]] = {}
    for decided in steps:
        of_hit.setdefault(decided.step.hit_id, []).append(decided)

    stops = [h for h in hits.values() if any(r.entry.action is Action.STOP for r in h.reasons)]
    for hit in stops:
        kinds = {d.step.kind for d in of_hit.get(hit.hit_id, []) if d.is_accepted}
        proof.check(StepKind.DELIVER in kinds, f"a Stop was never painted: {hit.read.vrm}")
    _prove_targets(proof, hits, of_hit)
    _prove_record(proof, shift, steps)
    _prove_stories(proof, shift, hits, of_hit)
    moves = [move for mover in shift.movers for move in mover.moves]
    proof.check(not moves, f"something moved under the pointer: {moves[:3]}")
    keys = [n for p in shift.people.values() for n in p.acknowledgements]
    proof.check(max(keys) <= 2, f"an acknowledgement took {max(keys)} keys")
    outcomes = [n for p in shift.people.values() for n in p.outcomes]
    proof.check(max(outcomes) <= 4, f"a full outcome took {max(outcomes)} keys")
    proof.figures |= {
        "hits": len(hits),
        "stops": len(stops),
        "steps": len(steps),
        "drains watched": sum(mover.drains for mover in shift.movers),
        "keys to acknowledge, most": max(keys),
        "keys to an outcome, most": max(outcomes),
    }
    return proof


def _prove_targets(
    proof: Proof, hits: dict[HitId, Hit], of_hit: dict[HitId, list[DecidedStep]]
) -> None:
    missed = receipts = 0
    for hit_id, hit in hits.items():
        done = [d.step for d in of_hit.get(hit_id, []) if d.is_accepted]
        target = SPEC.desk.targets.get(hit.tier or "")
        if target is None:
            continue
        taken = min((s.at for s in done if s.kind is StepKind.ACKNOWLEDGE), default=None)
        codes = [s.code for s in done if s.kind is StepKind.ESCALATE]
        # A second of grace: the node looks twice a second, and the shift runs twenty times faster.
        grace = timedelta(seconds=SPEED)
        is_missed = taken is None or taken - hit.matched_at > target.acknowledge + grace
        if is_missed:
            missed += 1
            proof.check(
                Why.TARGET in codes,
                f"a missed target was not escalated: {hit.read.vrm}: {_story(hit, of_hit)}",
            )
        if hit.tier in (Tier.P1, Tier.P2):
            is_painted = any(s.kind is StepKind.DELIVER for s in done)
            proof.check(is_painted, f"no receipt: {hit.read.vrm}")
            receipts += is_painted
    proof.figures |= {"targets missed and escalated": missed, "receipts": receipts}


def _story(hit: Hit, of_hit: dict[HitId, list[DecidedStep]]) -> str:
    """What was done about a hit, with seconds since it was raised."""
    return ", ".join(
        f"{d.step.kind} {d.step.code} {d.step.to} {d.refusal} by {d.step.operator or 'rule'} at "
        f"{(d.step.at - hit.matched_at).total_seconds():.0f}"
        for d in of_hit.get(hit.hit_id, [])
    )


def _prove_record(proof: Proof, shift: Shift, steps: list[DecidedStep]) -> None:
    counts = Counter(d.step.step_id for d in steps if not d.is_provisional)
    twice = [step_id.hex() for step_id, n in counts.items() if n > 1]
    proof.check(not twice, f"steps stand twice in the record: {twice[:3]}")
    lost = [step_id.hex() for step_id in shift.sent if step_id not in counts]
    proof.check(not lost, f"steps that were sent are not in the record: {lost[:3]}")
    audited: Counter[str] = Counter()
    for _seq, row in shift.force.stores.audit.records(1, 1_000_000):
        if row.action in (
            AuditAction.HIT_DELIVERED, AuditAction.HIT_ACK, AuditAction.HIT_ACTION,
            AuditAction.HIT_OUTCOME, AuditAction.MISREAD,
        ):  # fmt: skip
            audited[row.detail.get("step", "")] += 1
    wrong = [step_id.hex() for step_id in counts if audited[step_id.hex()] != 1]
    proof.check(not wrong, f"steps that are not in the audit once: {wrong[:3]}")
    figures = shift.force.desks.figures()
    proof.check(
        figures.without == 0 and figures.hits == figures.receipts + figures.waiting,
        f"hits and receipts do not balance: {figures}",
    )
    gone = withdrawn_by(steps)
    proof.figures |= {"steps sent by people": len(shift.sent), "withdrawn": len(gone)}


def _prove_stories(
    proof: Proof, shift: Shift, hits: dict[HitId, Hit], of_hit: dict[HitId, list[DecidedStep]]
) -> None:
    def of(vrm: str) -> list[tuple[Hit, list[Step]]]:
        found = sorted(
            (h for h in hits.values() if str(h.read.vrm) == vrm),
            key=lambda h: h.read.effective_at,
        )
        return [(h, [d.step for d in of_hit.get(h.hit_id, []) if d.is_accepted]) for h in found]

    wanted = of("WN16TED")
    proof.check(len(wanted) == 16, f"the wanted vehicle was hit {len(wanted)} times")
    repeats = [any(s.code == Why.REPEAT for s in steps) for _hit, steps in wanted]
    proof.check(repeats[:2] == [False, True], "the second of the sixteen hits did not escalate")
    clone = of("CL01ONE")
    proof.check(
        len(clone) == 2 and all(hit.rival is not None for hit, _steps in clone),
        "the clone was not shown as a pair",
    )
    handed = [s for _h, steps in of("UN01ATT") for s in steps if s.code == Why.NO_RECEIPT]
    proof.check(
        any(s.to == "Desk 2" for s in handed), "the unattended desk's Stop was not handed on"
    )
    painted = [s for _h, steps in of("UN01ATT") for s in steps if s.kind is StepKind.DELIVER]
    proof.check(all(s.workstation != "Desk 1" for s in painted), "a locked desk gave a receipt")
    during = [s for _h, steps in of("OU01TAG") for s in steps if s.code == Why.NO_RECEIPT]
    proof.check(any(s.to == "Desk 1" for s in during), "the Stop of the outage was not handed on")
    floods = [flood for flood in shift.floods if flood[0] == "Desk 1"]
    proof.check(
        [begun for _who, begun in floods][:2] == [True, False],
        f"the flood was not noticed and ended: {floods}",
    )
    proof.figures["flood at desk 1, minutes"] = round(
        shift.people["Desk 1"].window.page.reporter.flood.minutes, 1
    )


def run(seed: int, *, is_loud: bool = True) -> Proof:
    """Play the shift and return the proof."""
    found: list[Proof] = []

    async def work() -> int:
        with tempfile.TemporaryDirectory(prefix="nas-desktop-shift-") as folder:
            shift = Shift(Path(folder), seed)
            await shift.open()
            entries = shift.write()
            await shift.publish(*entries)
            await shift.settle(0.5)
            await shift.play()
            found.append(await shift.server.do(_proved(shift)))
            if is_loud:
                print("\n".join(shift.log), file=sys.stderr)
            await shift.close()
        return 0

    run_qt(work, is_offscreen=True)
    return found[0]


async def _proved(shift: Shift) -> Proof:
    return await asyncio.to_thread(prove, shift)


def main() -> int:
    """Run from the command line: figures and faults, one a line; status 1 with any fault."""
    parser = argparse.ArgumentParser(description="A shift of eight hours, and what it proves.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", action="store_true", help="print what happened as well")
    given = parser.parse_args()
    began = time.monotonic()
    proof = run(given.seed, is_loud=given.log)
    for name, value in proof.figures.items():
        print(f"{name}: {value}")
    for fault in proof.faults:
        print(f"FAULT {fault}")
    took = time.monotonic() - began
    print(f"{len(proof.faults)} faults in a shift of {HOURS} hours, played in {took:.0f} s")
    return 1 if proof.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
