"""``bench feed``: real processes, real links, loopback only; ends by itself.

A force node, a desk node, simulated cameras and an offscreen window run as they do in the
demonstration, only faster. Instants are taken where they happen: receipt and matching by the
nodes, painting by the window, durability by an observer in a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import Introduction, LinkClient
from nas_desktop.app.bench_report import print_report, resident_bytes, spread
from nas_desktop.app.desktop import WindowCommand, run_window
from nas_desktop.app.feed import item_of
from nas_desktop.app.node_starter import launch
from nas_desktop.app.parts import end_parts, free_port
from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.node.profile import running_node
from nas_desktop.node.sign_in import DEMO_PASSWORD
from nas_desktop.services.events import Event, HitsRaised, StateReported
from nas_desktop.services.tasks import spawn, stop

if TYPE_CHECKING:
    from nas_desktop.ui.main_window import MainWindow

READS_PER_S, HITS_PER_S = 1_500, 5
PULSE_S = 0.005
BLOCK_S = 5.0
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class _Plan:
    """How long each part lasts, seconds; ``backlog`` in reads."""

    warm_s: float
    live_s: float
    backlog: int
    limit_s: float


FULL = _Plan(warm_s=5.0, live_s=60.0, backlog=200_000, limit_s=180.0)
QUICK = _Plan(warm_s=2.0, live_s=10.0, backlog=20_000, limit_s=34.0)


@dataclass(slots=True)
class _Seen:
    """What the window saw; spans are (from, to) in seconds UTC."""

    hits: dict[HitId, Hit] = field(default_factory=dict)
    stored: list[tuple[float, int]] = field(default_factory=list)
    lags: list[tuple[float, float]] = field(default_factory=list)
    painted: dict[HitId, datetime] = field(default_factory=dict)
    memory: list[dict[str, int]] = field(default_factory=list)
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    usable_s: float = float("nan")
    watching_since: float = 0.0


def bench_feed(*, is_quick: bool, is_json: bool) -> int:
    """Measure and print; returns 0 when the run came to its end."""
    plan = QUICK if is_quick else FULL
    with tempfile.TemporaryDirectory(prefix="nas-desktop-bench-") as name:
        results = _run(plan, Path(name))
    print_report(results, is_json=is_json)
    return 0


def _run(plan: _Plan, folder: Path) -> list[dict[str, object]]:
    key, port = os.urandom(32), free_port()
    url, parent = f"ws://127.0.0.1:{port}", ["--with-parent", str(os.getpid())]
    words = sys.stderr.fileno()
    parts = [
        launch(
            ["node", "--role", "force", "--simulation", "--name", "bench server",
             "--listen", f"127.0.0.1:{port}", "--data", str(folder / "force"), *parent],
            key=key, words=words,
        )
    ]  # fmt: skip
    seen, observed = _Seen(), folder / "durable.txt"

    def start(start_words: IO[bytes]) -> subprocess.Popen[bytes]:
        return launch(
            ["node", "--role", "desk", "--simulation", "--name", "bench desk", "--upstream", url,
             "--username", "demo-desk", "--data", str(folder / "desk"), *parent],
            key=key, words=start_words,
        )  # fmt: skip

    try:
        print(f"Storing a backlog of {plan.backlog} reads at the server.", file=sys.stderr)
        asyncio.run(_store_backlog(url, plan.backlog))
        parts.append(
            launch(
                ["feed", "simulate", "--to", url, "--lists", "--seed", "7",
                 "--reads-per-s", str(READS_PER_S), "--hits-per-minute", str(HITS_PER_S * 60),
                 "--steady", *parent],
                words=words,
            )
        )  # fmt: skip
        parts.append(
            subprocess.Popen(
                [sys.executable, "-m", "nas_desktop.app.bench_observer", str(folder / "desk"),
                 str(plan.limit_s), str(observed)],
            )
        )  # fmt: skip
        _wait_for_file(folder / "force" / "node.json")
        # Give the cameras time to be at full pace before the desk comes and has to catch up.
        threading.Event().wait(3.0)
        print("Starting the desk and its window.", file=sys.stderr)
        began = time.time()
        run_window(
            WindowCommand(
                folder=folder / "desk",
                name="bench desk",
                start=start,
                is_simulation=True,
                sign_in=("demo-operator", DEMO_PASSWORD),
                watch=lambda event: _watch(seen, event),
                duration_s=plan.limit_s,
                is_offscreen=True,
                beside=[lambda window, _link: _measure(plan, seen, window, began, folder)],
            )
        )
    finally:
        end_parts(parts)
    return _results(plan, seen, _durable(observed))


def _wait_for_file(path: Path) -> None:
    until = time.monotonic() + 15.0
    while not path.exists() and time.monotonic() < until:
        threading.Event().wait(0.05)


async def _store_backlog(url: str, count: int) -> None:
    """Give the server reads to keep for a desk that is not there yet, as fast as it takes them."""
    from nas_desktop.simulator.traffic import Simulation

    ready = asyncio.Event()

    async def opened() -> None:
        ready.set()

    async def receive(_message: m.Message, _is_bulk: bool) -> None:
        """Answers are handed out by the client itself."""

    who = Introduction("camera", "backlog", True, username="demo-cameras", password=DEMO_PASSWORD)
    client = LinkClient(url, who, SystemClock(), receive, opened, lambda _reason: None)
    client.start()
    try:
        async with asyncio.timeout(20.0):
            await ready.wait()
        start = datetime.now(UTC).timestamp() - count / 10_000 - 60
        simulation = Simulation(
            7, datetime.fromtimestamp(start, UTC), reads_per_s=10_000.0, hits_per_minute=0,
            images="none", demo_rhythm=False, day_rhythm=False,
        )  # fmt: skip
        sent, at = 0, start
        while sent < count:
            at += BATCH / 10_000
            due = simulation.advance(datetime.fromtimestamp(at, UTC))
            items = [item_of(capture) for _camera, capture in due]
            if items:
                number = client.next_request()
                await client.request(
                    m.SendReads(number, items, is_backlog=True), number, bulk=True, within_s=30.0
                )
                sent += len(items)
    finally:
        await client.stop()


def _watch(seen: _Seen, event: Event) -> None:
    if isinstance(event, HitsRaised):
        for hit in event.hits:
            seen.hits.setdefault(hit.hit_id, hit)
    elif isinstance(event, StateReported):
        seen.stored.append((event.state.at.timestamp(), event.state.reads_total))


async def _measure(
    plan: _Plan, seen: _Seen, window: MainWindow, began: float, folder: Path
) -> None:
    """Let the parts of the run follow each other, then close the window."""
    seen.usable_s = time.time() - began
    pulse = spawn(_pulse(seen), "bench-pulse")
    remember = spawn(_remember(seen, window), "bench-remember")
    while window.bridge.operator is None:
        await asyncio.sleep(0.05)
    # Hits from before the sign-in are history to this window, and not a matter of speed.
    seen.watching_since = time.time() + 1.0
    await _drained(plan, seen)
    await asyncio.sleep(plan.warm_s)
    seen.memory.append(_memory(folder))
    since = time.time()
    await asyncio.sleep(plan.live_s)
    seen.spans["live"] = (since, time.time())
    seen.memory.append(_memory(folder))
    for name, block in (("sleep", _sleep), ("loop", _loop)):
        since = time.time()
        block()
        seen.spans[name] = (since, time.time())
        await asyncio.sleep(1.0)
    await stop(pulse, remember)
    seen.painted.update(window.bridge.painted_at)
    window.close_requested.emit()


async def _drained(plan: _Plan, seen: _Seen) -> None:
    """Wait for the backlog to be in and note when that was."""
    since = time.time()
    until = since + plan.limit_s / 3
    while time.time() < until:
        await asyncio.sleep(0.1)
        if seen.stored and seen.stored[-1][1] >= plan.backlog:
            break
    seen.spans["backlog"] = (since, time.time())


async def _pulse(seen: _Seen) -> None:
    """Measure how late the window's loop is, many times a second."""
    while True:
        due = time.perf_counter() + PULSE_S
        await asyncio.sleep(PULSE_S)
        seen.lags.append((time.time(), max(0.0, time.perf_counter() - due)))


async def _remember(seen: _Seen, window: MainWindow) -> None:
    """Keep the painting of every hit, and take hits as operators would.

    Without somebody who takes them, new hits of a lower tier would soon be painted below the edge
    of the list, where nobody sees them.
    """
    bridge = window.bridge
    while True:
        await asyncio.sleep(0.5)
        seen.painted.update(bridge.painted_at)
        for card in list(bridge.board.cards):
            if any(hit_id in bridge.painted_at for hit_id in card.unacknowledged):
                bridge.acknowledge(card)
        bridge.release()


def _sleep() -> None:
    threading.Event().wait(BLOCK_S)


def _loop() -> None:
    until = time.monotonic() + BLOCK_S
    while time.monotonic() < until:
        sum(range(1_000))


def _memory(folder: Path) -> dict[str, int]:
    held = {"window": resident_bytes(os.getpid())}
    for name in ("force", "desk"):
        running = running_node(folder / name)
        held[name] = resident_bytes(running.pid) if running is not None else 0
    return held


def _durable(path: Path) -> dict[str, float]:
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(json.loads(line) for line in lines)


# ------------------------------------------------------------------ results


def _results(plan: _Plan, seen: _Seen, durable: dict[str, float]) -> list[dict[str, object]]:
    live, backlog = seen.spans.get("live", (0.0, 0.0)), seen.spans.get("backlog", (0.0, 0.0))
    rows: list[dict[str, object]] = [
        {"name": "start to usable window", "ms": round(seen.usable_s * 1000), "target_ms": 5_000,
         "ratio": round(5.0 / seen.usable_s, 2)},
        _backlog_row(plan, seen),
    ]  # fmt: skip
    for words, span in (("live", live), ("beside the backlog", backlog)):
        seen_span = (max(span[0], seen.watching_since), span[1])
        hits = [
            h
            for h in seen.hits.values()
            if _within(h.read.received_at, seen_span) and not h.is_late
        ]
        rows += [
            spread(
                f"server receipt to frame at the desk, {words}",
                [(h.desk_received_at - h.read.received_at).total_seconds() for h in hits],
                150.0,
            ),
            spread(
                f"frame at the desk to painted, {words}",
                [
                    (seen.painted[h.hit_id] - h.desk_received_at).total_seconds()
                    for h in hits
                    if h.hit_id in seen.painted
                ],
                200.0,
            ),
            spread(
                f"lag of the window's loop, {words}",
                [lag for at, lag in seen.lags if span[0] <= at <= span[1]],
                16.0,
            ),
        ]
    for name in ("sleep", "loop"):
        span = seen.spans.get(name, (0.0, 0.0))
        taken = [
            durable[h.hit_id.hex()] - h.read.received_at.timestamp()
            for h in seen.hits.values()
            if _within(h.read.received_at, span) and h.hit_id.hex() in durable
        ]
        rows.append(spread(f"server receipt to durable, window blocked ({name})", taken, 200.0))
    rows.append(_rate_row(seen, live))
    rows += _memory_rows(seen.memory)
    return rows


def _within(at: datetime, span: tuple[float, float]) -> bool:
    return span[0] <= at.timestamp() <= span[1]


def _backlog_row(plan: _Plan, seen: _Seen) -> dict[str, object]:
    """The pace from the desk's first word of itself to its having all; states come each second."""
    whole = [(at, total) for at, total in seen.stored if total >= plan.backlog]
    rate = 0.0
    if whole and whole[0][0] > seen.stored[0][0]:
        rate = whole[0][1] / (whole[0][0] - seen.stored[0][0])
    return {
        "name": f"backlog of {plan.backlog} beside live traffic",
        "reads_per_s": round(rate),
        "target_reads_per_s": 10_000,
        "ratio": round(rate / 10_000, 2),
    }


def _rate_row(seen: _Seen, span: tuple[float, float]) -> dict[str, object]:
    inside = [(at, total) for at, total in seen.stored if span[0] <= at <= span[1]]
    rate = 0.0
    if len(inside) > 1:
        rate = (inside[-1][1] - inside[0][1]) / (inside[-1][0] - inside[0][0])
    return {"name": "reads stored at the desk, live", "reads_per_s": round(rate)}


def _memory_rows(memory: Sequence[dict[str, int]]) -> list[dict[str, object]]:
    if len(memory) < 2:
        return []
    return [
        {
            "name": f"memory of the {name}",
            "bytes": memory[-1][name],
            "growth_bytes": memory[-1][name] - memory[0][name],
        }
        for name in memory[0]
    ]
