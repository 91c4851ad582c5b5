"""``bench ui``: the list and the window without a node; offscreen, ends by itself."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.app.bench_desk import CLOSED, HITS_PER_S, as_burst, burst, history_pages
from nas_desktop.app.bench_report import percentile, print_report, spread
from nas_desktop.app.desktop import run_qt
from nas_desktop.domain.access import Operator, Role
from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit, MatchClass, hit_id_of, ordered_reasons, reason_of
from nas_desktop.domain.hit_life import DecidedStep, Step
from nas_desktop.domain.read import Read, ReadId, read_id_of
from nas_desktop.domain.voi import VoiList
from nas_desktop.services.events import Event, HitsRaised, ImageKind, StepsDecided, TestResult
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.services.tasks import spawn

if TYPE_CHECKING:
    from nas_desktop.ui.main_window import MainWindow

CARDS = 5_000
FRAMES = 300
SCROLL_PX = 41
BURSTS = 40


class NoNode:
    """``NodeLink`` for a window that is measured alone: takes steps, has no images."""

    def __init__(self) -> None:
        self._tell: Callable[[Event], None] = lambda _event: None

    def play(self, event: Event) -> None:
        """Let the window see an event."""
        self._tell(event)

    def listen(self, receive: Callable[[Event], None]) -> None:
        """See ``NodeLink``."""
        self._tell = receive

    async def start(self) -> None:
        """See ``NodeLink``."""

    async def sign_in(self, username: str, password: str) -> Operator:
        """See ``NodeLink``."""
        raise Refused("no_node", "There is no node here.")

    async def sign_out(self) -> None:
        """See ``NodeLink``."""

    async def send_steps(self, steps: Sequence[Step]) -> None:
        """See ``NodeLink``."""
        now = SystemClock().now()
        self._tell(StepsDecided(tuple(DecidedStep(step, now) for step in steps)))

    async def want_images(self, read_ids: Sequence[ReadId], kinds: Sequence[ImageKind]) -> None:
        """See ``NodeLink``."""

    async def test_connectivity(self) -> TestResult:
        """See ``NodeLink``."""
        raise Refused("no_node", "There is no node here.")

    async def stop_node(self) -> None:
        """See ``NodeLink``."""

    async def close(self) -> None:
        """See ``NodeLink``."""


def bench_ui(*, is_quick: bool, is_json: bool) -> int:
    """Measure and print."""
    rows: list[dict[str, object]] = []

    async def work() -> int:
        with tempfile.TemporaryDirectory(prefix="nas-desktop-bench-") as folder:
            await _measure(Path(folder), rows, bursts=BURSTS // 4 if is_quick else BURSTS)
        return 0

    status = run_qt(work, is_offscreen=True)
    print_report(rows, is_json=is_json)
    return status


async def _measure(folder: Path, rows: list[dict[str, object]], bursts: int) -> None:
    from PySide6.QtCore import QSettings

    from nas_desktop.ui.bridge import Bridge
    from nas_desktop.ui.main_window import MainWindow

    began = time.perf_counter()
    link, clock, spec = NoNode(), SystemClock(), load_spec()
    board = HitBoard(spec, max_cards=2 * CARDS)
    bridge = Bridge(link, board, clock, spawn, "bench desk")
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(bridge, board, link, spawn, clock, spec, settings)
    window.resize(1366, 768)
    window.show()
    window.grab()
    rows.append({"name": "window made and painted", "ms": _ms(began)})
    operator = Operator(
        "bench", "Bench Operator", (Role.DISPATCHER,), clock.now() + timedelta(hours=1)
    )
    window.sign_in_as(operator)
    hits = invented_hits(CARDS + 100 * bursts + 1)

    began = time.perf_counter()
    link.play(HitsRaised(tuple(hits[:CARDS]), is_backlog=True))
    await _drained(window, CARDS)
    view = window.page.hits.viewport()
    view.repaint()
    took = _ms(began)
    rows.append(
        {"name": f"list with {CARDS} cards opens", "ms": took, "target_ms": 200,
         "ratio": round(200 / max(took, 0.1), 2)}
    )  # fmt: skip

    rows.append(await _scroll(window))
    rows += await _arrivals(window, link, hits[CARDS:], bursts)
    seconds = 10 if bursts == BURSTS else 3
    fresh = as_burst(invented_hits(HITS_PER_S * 10, seed=12))
    rows += await burst(window, link.play, fresh, seconds)
    closed = CLOSED if bursts == BURSTS else CLOSED // 10
    rows.append(await asyncio.to_thread(history_pages, folder / "history", fresh, closed))
    began = time.perf_counter()
    window.actions_by_name["theme"].trigger()
    window.grab()
    rows.append({"name": "theme changed and painted", "ms": _ms(began)})
    window.leave()
    settings.sync()


async def _drained(window: MainWindow, cards: int) -> None:
    while window.bridge.board.card_count < cards:
        await asyncio.sleep(0)


async def _scroll(window: MainWindow) -> dict[str, object]:
    bar, view = window.page.hits.verticalScrollBar(), window.page.hits.viewport()
    frames: list[float] = []
    for _frame in range(FRAMES):
        began = time.perf_counter()
        bar.setValue(bar.value() + SCROLL_PX)
        view.repaint()
        frames.append(time.perf_counter() - began)
        await asyncio.sleep(0)
    bar.setValue(0)
    per_s = len(frames) / sum(frames)
    return {
        "name": f"scrolling {CARDS} cards",
        "frames_per_s": round(per_s),
        "p99_ms": round(percentile(frames, 0.99) * 1000, 1),
        "target_frames_per_s": 30,
        "ratio": round(per_s / 30, 2),
    }


async def _arrivals(
    window: MainWindow, link: NoNode, hits: Sequence[Hit], bursts: int
) -> list[dict[str, object]]:
    """Hits one by one, and in bursts of 100 events, beside 5,000 cards."""
    bridge, view = window.bridge, window.page.hits.viewport()
    singles: list[float] = []
    whole: list[float] = []
    drains = bridge.drains
    at = 0
    for _burst in range(bursts):
        # A hit that follows others within 100 ms is gathered with them; this one comes alone.
        await asyncio.sleep(0.2)
        began = time.perf_counter()
        before = bridge.board.card_count
        link.play(HitsRaised((hits[at],)))
        await _drained(window, before + 1)
        view.repaint()
        singles.append(time.perf_counter() - began)
        began = time.perf_counter()
        before = bridge.board.card_count
        for hit in hits[at + 1 : at + 100]:
            link.play(HitsRaised((hit,)))
        await _drained(window, before + 99)
        view.repaint()
        whole.append(time.perf_counter() - began)
        at += 100
    return [
        spread("one hit, told to painted", singles, 60.0),
        spread("99 hits at once, told to painted", whole),
        {"name": "drains for 100 events", "count": round((bridge.drains - drains) / bursts, 1)},
    ]


def _ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)


def invented_hits(count: int, seed: int = 11) -> list[Hit]:
    """Return hits of as many vehicles, all told apart."""
    from nas_desktop.simulator.lists import background_entries

    spec, now = load_spec(), SystemClock().now()
    voi_list = VoiList("52_Avon and Somerset Response", 1, (), now)
    found: list[Hit] = []
    for number, entry in enumerate(background_entries(count, seed)):
        at = now - timedelta(milliseconds=100 * (count - number))
        camera = CameraId("52", 1 + number % 66, 1)
        read = Read(
            read_id=read_id_of(camera, at, entry.vrm),
            vrm=entry.vrm,
            vrm_raw=str(entry.vrm),
            captured_at=at,
            received_at=at + timedelta(milliseconds=400),
            camera=camera,
            alias=f"Oak {number % 66:02d} North",
        )
        listed = replace(entry, starts_on=at.date(), weed_date=at.date() + timedelta(days=7))
        reason = reason_of(spec, listed, voi_list, MatchClass.EXACT)
        if reason.tier is None:
            continue
        found.append(
            Hit(hit_id_of(read.read_id), read, ordered_reasons([reason]), read.received_at,
                read.received_at, is_simulation=True)
        )  # fmt: skip
    return found
