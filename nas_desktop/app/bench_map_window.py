"""Part of ``bench map``: hits that come in beside a map, and beside none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.app.bench_desk import pulse
from nas_desktop.app.bench_map_page import MIDDLE, WITHIN_S
from nas_desktop.app.bench_report import percentile
from nas_desktop.app.bench_ui import NoNode, invented_hits
from nas_desktop.domain.access import Operator, Role
from nas_desktop.domain.geo import Position
from nas_desktop.domain.hit import Hit
from nas_desktop.services.events import HitsRaised
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.services.tasks import spawn, stop

if TYPE_CHECKING:
    from nas_desktop.ui.main_window import MainWindow

HITS_PER_S = 50
HELD = 200
"""Hits that are on the board before."""

LAG_MS = 16

SETTLE_S = 1.0
"""After the last hit; the map takes hits over twice a second."""


async def live_rows(folder: Path, seconds: int) -> list[dict[str, object]]:
    """Play 50 hits a second into a window without a map, then into one with it."""
    rows: list[dict[str, object]] = []
    hits = _placed(invented_hits(HELD + HITS_PER_S * seconds, seed=21))
    for has_map in (False, True):
        window, link = await _window(folder / f"{has_map}.ini", hits[:HELD], has_map=has_map)
        lags = await _played(link, hits[HELD:])
        await asyncio.sleep(SETTLE_S)
        p99 = percentile(lags, 0.99) * 1000
        beside = "beside the map" if has_map else "without a map"
        row: dict[str, object] = {
            "name": f"{HITS_PER_S} hits/s for {seconds} s, {beside}: loop lag",
            "ms": round(percentile(lags, 0.5) * 1000, 1),
            "p99_ms": round(p99, 1),
            "max_ms": round(max(lags) * 1000, 1),
            "samples": len(lags),
        }
        if has_map:
            view = window.map.panel.view
            row |= {
                "target_p99_ms": LAG_MS,
                "ratio": round(LAG_MS / max(0.01, p99), 2),
                "without_a_map_p99_ms": rows[0]["p99_ms"],
                "cards": window.bridge.board.card_count,
                "on_the_map": len(window.map.scene.hits),
                "drawn_by": "" if view is None else view.drawn_by.partition(",")[0],
                "result": "ok" if p99 <= LAG_MS else "missed",
            }
        rows.append(row)
        window.leave()
        await asyncio.sleep(0)
    return rows


async def _window(file: Path, hits: Sequence[Hit], *, has_map: bool) -> tuple[MainWindow, NoNode]:
    from PySide6.QtCore import QSettings

    from nas_desktop.ui.bridge import Bridge
    from nas_desktop.ui.main_window import MainWindow

    link, clock, spec = NoNode(), SystemClock(), load_spec()
    board = HitBoard(spec)
    bridge = Bridge(link, board, clock, spawn, "bench desk")
    settings = QSettings(str(file), QSettings.Format.IniFormat)
    window = MainWindow(bridge, board, link, spawn, clock, spec, settings)
    window.resize(1366, 768)
    window.show()
    window.grab()
    window.sign_in_as(
        Operator("bench", "Bench Operator", (Role.DISPATCHER,), clock.now() + timedelta(hours=1))
    )
    link.play(HitsRaised(tuple(hits), is_backlog=True))
    async with asyncio.timeout(WITHIN_S):
        while board.card_count < len(hits):
            await asyncio.sleep(0.01)
        if has_map:
            window.map.dock.set_wanted(True)
            while window.map.panel.view is None or window.map.panel.view.seen is None:
                await asyncio.sleep(0.05)
    # The map's first seconds are no part of it: they have a figure of their own.
    await asyncio.sleep(2.0)
    return window, link


async def _played(link: NoNode, hits: Sequence[Hit]) -> list[float]:
    lags: list[float] = []
    worker = spawn(pulse(lags), "bench-pulse")
    began = time.perf_counter()
    for number, hit in enumerate(hits):
        link.play(HitsRaised((hit,)))
        due = began + (number + 1) / HITS_PER_S
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    await stop(worker)
    return lags


def _placed(hits: Sequence[Hit]) -> list[Hit]:
    rng = np.random.default_rng(3)
    places = zip(rng.normal(0, 0.4, len(hits)), rng.normal(0, 0.7, len(hits)), strict=True)
    return [
        replace(hit, read=replace(hit.read, position=Position(MIDDLE.latitude + a, MIDDLE[1] + b)))
        for hit, (a, b) in zip(hits, places, strict=True)
    ]
