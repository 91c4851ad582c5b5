"""Part of ``bench ui``: a burst of hits with somebody working in it, and pages of history."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nas_desktop.app.bench_report import percentile, resident_bytes, spread
from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_life import DecidedStep, Step, StepKind
from nas_desktop.domain.spec import Tier
from nas_desktop.node.stores import Stores
from nas_desktop.services.events import Event, HitsRaised
from nas_desktop.services.tasks import spawn, stop

if TYPE_CHECKING:
    from nas_desktop.ui.main_window import MainWindow

PULSE_S = 0.005
KEY_EVERY_S = 0.35
HITS_PER_S = 100
P1_EVERY = 50
"""One Stop of P1 in so many hits: two a second are more than anybody can take."""

CLOSED = 50_000
PAGE = 100


async def burst(
    window: MainWindow, play: Callable[[Event], None], hits: Sequence[Hit], seconds: int
) -> list[dict[str, object]]:
    """Play 100 hits a second into a window in which somebody goes on pressing keys."""
    import os

    before = resident_bytes(os.getpid())
    lags: list[float] = []
    painted: dict[HitId, float] = {}
    waiting: dict[HitId, float] = {}
    keys: list[float] = []
    workers = [
        spawn(pulse(lags), "bench-pulse"),
        spawn(_watch(window, waiting, painted), "bench-watch"),
        spawn(_work(window, keys), "bench-keys"),
    ]
    cards = window.bridge.board.card_count
    sent = hits[: HITS_PER_S * seconds]
    began = time.perf_counter()
    for number, hit in enumerate(sent):
        if number % P1_EVERY == 0:
            waiting[hit.hit_id] = time.perf_counter()
        play(HitsRaised((hit,)))
        due = began + (number + 1) / HITS_PER_S
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    await asyncio.sleep(0.5)
    await stop(*workers)
    arrived = window.bridge.board.card_count - cards
    lags.sort()
    return [
        {
            "name": f"burst of {len(sent):,} hits in {seconds} s: loop lag",
            "p50_ms": round(percentile(lags, 0.5) * 1000, 1),
            "p99_ms": round(percentile(lags, 0.99) * 1000, 1),
            "max_ms": round(lags[-1] * 1000, 1),
            "target_p99_ms": 16,
            "ratio": round(16 / max(0.01, percentile(lags, 0.99) * 1000), 2),
        },
        spread("burst: a P1, told to painted", list(painted.values()), 300.0)
        | {"unpainted": len(waiting)},
        spread("burst: key pressed to painted", keys, 50.0),
        {"name": "burst: arrivals lost", "count": len(sent) - arrived},
        {"name": "burst: memory gained", "bytes": resident_bytes(os.getpid()) - before},
    ]


def as_burst(hits: Sequence[Hit]) -> list[Hit]:
    """Return hits of which every fiftieth is a P1 and the rest are P3."""
    return [
        replace(
            hit,
            reasons=(replace(hit.reasons[0], tier=Tier.P1 if number % P1_EVERY == 0 else Tier.P3),),
        )
        for number, hit in enumerate(hits)
    ]


async def pulse(lags: list[float]) -> None:
    """Note by how much the loop is late for a wake-up every 5 ms."""
    while True:
        due = time.perf_counter() + PULSE_S
        await asyncio.sleep(PULSE_S)
        lags.append(max(0.0, time.perf_counter() - due))


async def _watch(
    window: MainWindow, waiting: dict[HitId, float], painted: dict[HitId, float]
) -> None:
    while True:
        await asyncio.sleep(0.002)
        now = time.perf_counter()
        for hit_id in [i for i in waiting if i in window.bridge.painted_at]:
            painted[hit_id] = now - waiting.pop(hit_id)


async def _work(window: MainWindow, keys: list[float]) -> None:
    """Go to the next card, acknowledge it, and so on; until what follows is painted."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    window.activateWindow()
    view, detail = window.page.hits, window.page.detail.body
    view.setFocus()
    number = 0
    while True:
        await asyncio.sleep(KEY_EVERY_S)
        key = Qt.Key.Key_N if number % 2 == 0 else Qt.Key.Key_Space
        number += 1
        began = time.perf_counter()
        QTest.keyClick(view, key)
        view.viewport().repaint()
        detail.repaint()
        keys.append(time.perf_counter() - began)


def history_pages(folder: Path, hits: Sequence[Hit], closed: int = CLOSED) -> dict[str, object]:
    """Read pages all over a history of closed hits, as the window asks for them."""
    folder.mkdir()
    stores = Stores(folder, b"b" * 32, "force")
    try:
        operational = stores.operational
        at = hits[0].matched_at
        for first in range(0, closed, 5_000):
            some = [
                replace(hits[n % len(hits)], hit_id=HitId((first + n).to_bytes(16, "big")))
                for n in range(min(5_000, closed - first))
            ]
            operational.put_hits(some)
            steps = [
                DecidedStep(
                    Step(
                        (2 * (first + n) + second).to_bytes(16, "little"),
                        hit.hit_id,
                        kind,
                        "Bench Operator",
                        "bench desk",
                        at + timedelta(seconds=first + n),
                        code,
                    ),
                    at,
                )
                for n, hit in enumerate(some)
                for second, (kind, code) in enumerate(
                    ((StepKind.ACKNOWLEDGE, ""), (StepKind.OUTCOME, "arrest"))
                )
            ]
            operational.put_steps(steps)
        pages: list[float] = []
        before = None
        for _page in range(100):
            began = time.perf_counter()
            page = operational.history(before, PAGE)
            pages.append(time.perf_counter() - began)
            before = page.before
            for _skip in range(4):
                before = operational.history(before, PAGE).before
        return spread(f"a page of {PAGE} of {closed:,} closed hits", pages, 50.0)
    finally:
        stores.close()
