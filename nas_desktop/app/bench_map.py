"""``bench map``: the map without a node; offscreen, software raster, ends by itself."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.app.bench_map_page import (
    HIGH,
    MIDDLE,
    WIDE,
    WITHIN_S,
    ZOOM,
    Watched,
    heard,
    invented_points,
    proportional_bytes,
)
from nas_desktop.app.bench_map_rows import Row, above, below, frames_of, median, pace, per_s
from nas_desktop.app.bench_report import percentile, print_report
from nas_desktop.app.desktop import run_qt
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position

if TYPE_CHECKING:
    from nas_desktop.services.map_points import MapPoints
    from nas_desktop.ui.map.map_view import MapView
    from nas_desktop.ui.map.web_map import WebMap

CLICKS = 200
REACH_PX = 12.0
FAST_PX = 30

LOAD_MS, SENT_MS, CLICK_MS, FIRST_MS, HEALED_MS = 300, 50, 20, 1_500, 3_000
MOST_BYTES = 350_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: reads on the map, repetitions, seconds."""

    points: int = 500_000
    sent: int = 100_000
    markers: int = 10_000
    """What Leaflet's own circle markers are given, and we beside them."""

    times: int = 7
    processes: int = 5
    pan_s: float = 3.0
    live_s: int = 10


QUICK = Plan(times=3, processes=1, pan_s=1.0, live_s=3)


def bench_map(*, is_quick: bool, is_json: bool) -> int:
    """Measure and print."""
    return measure(QUICK if is_quick else Plan(), is_json=is_json)


def measure(plan: Plan, *, is_json: bool) -> int:
    """Measure as much as is asked for, and print.

    Raises:
        Refused: the map went silent; what was measured until then is printed.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Chromium does not start for root; what is measured here shows nothing of anybody else's.
        os.environ["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
    rows: list[Row] = []
    note = rows.append

    async def work() -> int:
        from nas_desktop.app.bench_map_window import live_rows

        async for row in _map_rows(plan):
            note(row)  # at once: what has been measured is printed, however it ends
        with tempfile.TemporaryDirectory(prefix="nas-desktop-bench-") as folder:
            rows.extend(await live_rows(Path(folder), plan.live_s))
        return 0

    try:
        note(_first_map(plan.processes))
        return run_qt(work, is_offscreen=True)
    except (TimeoutError, subprocess.SubprocessError):
        raise Refused(
            "map_silent", "The map said nothing for too long, so this ends here."
        ) from None
    finally:
        print_report(rows, is_json=is_json)


# ------------------------------------------------------------------ the first map


def _first_map(times: int) -> Row:
    """Ask for a map in fresh processes; the first of them may read it all from the disk."""
    seen: list[dict[str, float]] = []
    for _time in range(times):
        done = subprocess.run(
            [sys.executable, "-m", "nas_desktop.app.bench_map_first"],
            stdout=subprocess.PIPE, timeout=2 * WITHIN_S, check=True,
        )  # fmt: skip
        seen.append(json.loads(done.stdout.splitlines()[-1]))
    asked = [one["seen_ms"] for one in seen]
    return below(
        "first map, from asking to the coast on it", median(asked), FIRST_MS,
        max_ms=max(asked), imported_and_made_ms=median([one["made_ms"] for one in seen]),
        processes=times,
    )  # fmt: skip


# ------------------------------------------------------------------ the map alone


async def _map_rows(plan: Plan) -> AsyncIterator[Row]:
    from nas_desktop.ui.fonts import load_fonts
    from nas_desktop.ui.map.map_choice import make_view
    from nas_desktop.ui.map.plain_map import PlainMap
    from nas_desktop.ui.map.scene import MapScene
    from nas_desktop.ui.theme import Look, ThemeName

    load_fonts()
    points = invented_points(plan.points)
    yield _near_row(points)
    gc.collect()
    idle = proportional_bytes()
    view, why = make_view(MapScene(Look(ThemeName.DARK)), SystemClock(), None)
    if why:
        print(why, file=sys.stderr)
        view.end()
    else:
        async for row in _web_rows(view, points, idle, plan):  # type: ignore[arg-type]
            yield row
    if "seen" in vars(PlainMap):
        async for row in _plain_rows(PlainMap(MapScene(Look(ThemeName.DARK))), points, plan):
            yield row


async def _web_rows(view: WebMap, points: MapPoints, idle: int, plan: Plan) -> AsyncIterator[Row]:
    from nas_desktop.ui.map.scene import Way

    watched, many = Watched(view), f"{plan.points:,} reads"
    await _shown(view)
    held = proportional_bytes() - idle
    await _sent(watched, points)
    await asyncio.sleep(1.0)
    gc.collect()
    gained = proportional_bytes() - idle
    yield {
        "name": f"memory the map adds in all processes, {many} on it",
        "bytes": gained,
        "without_reads_bytes": held,
        "target_bytes": MOST_BYTES,
        "ratio": round(MOST_BYTES / max(1, gained), 2),
        "result": "ok" if gained <= MOST_BYTES else "missed",
    }
    async for row in _loading(watched, plan):
        yield row
    pan_s = plan.pan_s
    yield above(pace(f"dragging {many}", await watched.panned(pan_s, is_dragged=True)))
    steps = await watched.panned(pan_s, is_dragged=False)
    yield above(pace(f"panning {many} by steps, each an end of its own", steps))
    view.scene.set_way(Way.CIRCLES)
    circles = await watched.panned(pan_s, is_dragged=True)
    yield pace(f"dragging {many} as counted circles", circles)
    view.scene.set_way(Way.DOTS)
    yield await _click_row(view, points, 5 * plan.times)
    async for row in _beside_leaflet(watched, plan):
        yield row
    yield await _healed_row(watched, points)
    view.end()


async def _shown(view: MapView) -> None:
    view.scene.view = (MIDDLE, ZOOM)
    view.resize(WIDE, HIGH)
    view.show()
    await heard(view.ready, view.begin)
    # The page tells its view a moment after it was put there.
    async with asyncio.timeout(WITHIN_S):
        while view.seen is None:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)


async def _loading(watched: Watched, plan: Plan) -> AsyncIterator[Row]:
    """Send answers to the page as a search does, each of them new."""
    for count in (plan.sent, plan.points):
        came: list[float] = []
        drew: list[float] = []
        packed: list[float] = []
        for number in range(plan.times):
            took, message = await _sent(watched, invented_points(count, seed=2 + number))
            packed.append(took)
            came.append(float(message["came_ms"]))
            drew.append(float(message["drew_ms"]))
        brought = f"{count:,} reads brought to the page"
        drawn = f"{count:,} reads drawn, from their arrival at the page"
        if count == plan.sent:
            row = below(brought, median(came), SENT_MS, max_ms=round(max(came), 1))
        else:
            row = below(
                drawn, median(drew), LOAD_MS,
                max_ms=round(max(drew), 1), brought_ms=round(median(came), 1),
            )  # fmt: skip
        yield row | {"coloured_and_packed_ms": round(median(packed), 1)}


async def _sent(watched: Watched, points: MapPoints) -> tuple[float, Any]:
    from nas_desktop.ui.map.scene import Reads

    took: list[float] = []

    def send() -> None:
        began = time.perf_counter()
        watched.view.scene.set_reads(Reads(points))
        took.append(1000 * (time.perf_counter() - began))

    message = await watched.told("reads", send)
    return took[0], message


# ------------------------------------------------------------------ pointing


def _near_row(points: MapPoints) -> Row:
    """Find the reads under a click, anywhere among them."""
    rng = np.random.default_rng(5)
    began = time.perf_counter()
    points.near(MIDDLE, REACH_PX, ZOOM)
    first = 1000 * (time.perf_counter() - began)
    took: list[float] = []
    for _click in range(CLICKS):
        row = int(rng.integers(len(points)))
        place = Position(float(points.latitude[row]), float(points.longitude[row]))
        began = time.perf_counter()
        points.near(place, REACH_PX, float(rng.uniform(6, 16)))
        took.append(1000 * (time.perf_counter() - began))
    return below(
        f"reads under a click, among {len(points):,}: p99", percentile(took, 0.99), CLICK_MS,
        p50_ms=round(median(took), 2), max_ms=round(max(took), 2), first_of_all_ms=round(first, 1),
        samples=CLICKS,
    )  # fmt: skip


async def _click_row(view: WebMap, points: MapPoints, times: int) -> Row:
    """Press the mouse on the map; until the rows under it are known to the window."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    rng = np.random.default_rng(6)
    took: list[float] = []
    found = 0

    def rows_of(click: Any) -> None:
        nonlocal found
        found += len(points.near(click.place, REACH_PX, click.zoom)) > 0

    view.clicked.connect(rows_of)
    target = view.web.focusProxy() or view.web
    for _click in range(times):
        spot = QPoint(*(int(rng.integers(size // 4, 3 * size // 4)) for size in (WIDE, HIGH)))
        began = time.perf_counter()
        await heard(view.clicked, _press(target, Qt.MouseButton.LeftButton, spot, QTest.mouseClick))
        took.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(0.1)
    view.clicked.disconnect(rows_of)
    return {
        "name": "mouse button to the rows under it, through the page",
        "ms": round(median(took), 1),
        "p99_ms": round(percentile(took, 0.99), 1),
        "samples": len(took),
        "with_rows": found,
    }


def _press(target: Any, button: Any, spot: Any, click: Callable[..., None]) -> Callable[[], None]:
    return lambda: click(target, button, pos=spot)


# ------------------------------------------------------------------ beside Leaflet


async def _beside_leaflet(watched: Watched, plan: Plan) -> AsyncIterator[Row]:
    """Give Leaflet's circle markers the same points, in the same page."""
    from nas_desktop.ui.map import orders

    view, seconds = watched.view, plan.pan_s
    points = invented_points(plan.markers, seed=4)
    await _sent(watched, points)
    assert view.scene.reads is not None
    reads = view.scene.reads
    times = []
    for _time in range(3):
        view.content.put("reads/bench", orders.packed_reads(reads))  # fetched once, and gone
        times.append(await watched.drew_own("reads/bench"))
    ours_ms = median(times)
    ours = await watched.panned(seconds, is_dragged=False)
    dragged = await watched.panned(seconds, is_dragged=True)
    yield {
        "name": f"{plan.markers:,} points, drawn our way",
        "ms": round(ours_ms, 1),
        **frames_of(ours, dragged),
    }
    view.scene.set_reads(None)
    places = np.concatenate([points.latitude, points.longitude]).astype("<f8")
    for is_canvas in (False, True):
        view.content.put("reads/bench-places", places.tobytes())
        name = "preferCanvas" if is_canvas else "SVG, its default"
        took = await watched.drew_leaflet("reads/bench-places", is_canvas=is_canvas)
        theirs = await watched.panned(seconds, is_dragged=False)
        their_drag = await watched.panned(seconds, is_dragged=True)
        await watched.cleared()
        yield {
            "name": f"{plan.markers:,} points as Leaflet's circleMarker, {name}",
            "ms": round(took, 1),
            **frames_of(theirs, their_drag),
            "load_ratio": round(took / max(0.1, ours_ms), 1),
            "pan_ratio": round(per_s(ours) / max(0.01, per_s(theirs)), 1),
        }


# ------------------------------------------------------------------ broken and back


async def _healed_row(watched: Watched, points: MapPoints) -> Row:
    """End the page's process; until the map is back, and until all reads are on it again."""
    view = watched.view
    await _sent(watched, points)
    began = time.perf_counter()
    healed: list[float] = []
    view.healed.connect(lambda _words: healed.append(time.perf_counter()))
    await watched.told("reads", lambda: os.kill(view.page.renderProcessPid(), signal.SIGKILL))
    drawn = 1000 * (time.perf_counter() - began)
    return below(
        "map back after its process was killed", 1000 * (healed[0] - began), HEALED_MS,
        with_all_reads_ms=round(drawn, 1),
    )  # fmt: skip


# ------------------------------------------------------------------ the plain map


async def _plain_rows(view: MapView, points: MapPoints, plan: Plan) -> AsyncIterator[Row]:
    """Load and drag the map that Qt draws without Chromium.

    It moves what it painted and paints anew what comes into view: it is dragged fast, so that it
    has to.
    """
    from nas_desktop.ui.map.scene import Reads

    await _shown(view)
    loaded: list[float] = []
    for _time in range(plan.times):
        began = time.perf_counter()
        view.scene.set_reads(Reads(points))
        view.grab()
        loaded.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(0.1)
    yield {
        "name": f"plain map: {plan.points:,} reads coloured and painted",
        "ms": round(median(loaded), 1),
        "max_ms": round(max(loaded), 1),
    }
    frames: list[float] = []
    while sum(frames) < plan.pan_s:
        began = time.perf_counter()
        view.pan_by(FAST_PX if len(frames) // 15 % 2 else -FAST_PX, 0)
        view.grab()
        frames.append(time.perf_counter() - began)
        await asyncio.sleep(0)
    name = f"plain map: dragging {plan.points:,} reads, {FAST_PX} px a frame"
    yield above(pace(name, frames)) | {"max_ms": round(1000 * max(frames), 1)}
    view.end()
