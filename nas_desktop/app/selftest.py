"""``--selftest``: the real program once through, from opening to what is left on the disk."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

from nas_desktop.adapters.link.node_link import WindowLink
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.app.desktop import WindowCommand, run_window
from nas_desktop.app.feed import FeedCommand, connected, feeding, images_of, item_of, publish
from nas_desktop.app.node_starter import launch
from nas_desktop.app.parts import free_port
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.domain.voi import Action, VoiEntry, VoiList
from nas_desktop.domain.vrm import Vrm
from nas_desktop.node.sign_in import DEMO_PASSWORD
from nas_desktop.node.stores import Stores
from nas_desktop.services.captures import RawCapture
from nas_desktop.services.cards import Card

if TYPE_CHECKING:
    from nas_desktop.ui.main_window import MainWindow

LISTED = Vrm("AB51ABC")
WITHIN_S = 15.0
SMALLEST_PICTURE = 10_000
"""A picture of the window with anything on it is larger, bytes."""


@dataclass(slots=True)
class _Report:
    """Prints one line a check and counts."""

    passed: int = 0
    failed: int = 0
    names: set[str] = field(default_factory=set)

    def note(self, name: str, problem: str = "") -> None:
        if name in self.names:
            return
        self.names.add(name)
        if problem:
            self.failed += 1
            print(f"FAILED {name}: {problem}", flush=True)
        else:
            self.passed += 1
            print(f"ok {name}", flush=True)

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as fault:  # noqa: BLE001  (whatever it is, it is this check's finding)
            self.note(name, f"{type(fault).__name__}: {fault}")
        else:
            self.note(name)


_STORY = ("opens", "replays", "matches", "paints", "acknowledges", "closes")


def selftest() -> int:
    """Run every check; 0 only when none failed."""
    report = _Report()
    key, port = os.urandom(32), free_port()
    with tempfile.TemporaryDirectory(prefix="nas-desktop-selftest-") as name:
        folder = Path(name)

        def start(words: IO[bytes]) -> subprocess.Popen[bytes]:
            return launch(
                ["node", "--role", "desk", "--simulation", "--name", "selftest",
                 "--listen", f"127.0.0.1:{port}", "--data", str(folder),
                 "--with-parent", str(os.getpid())],
                key=key, words=words,
            )  # fmt: skip

        async def story(window: MainWindow, _link: WindowLink) -> None:
            try:
                async with asyncio.timeout(WITHIN_S):
                    await _story(report, window, port, folder)
            except TimeoutError:
                missing = next((one for one in _STORY if one not in report.names), "closes")
                report.note(missing, f"not within {WITHIN_S:.0f} s")
            finally:
                window.close_requested.emit()

        with report.check("closes"):
            status = run_window(
                WindowCommand(
                    folder=folder,
                    name="selftest",
                    start=start,
                    is_simulation=True,
                    sign_in=("demo-operator", DEMO_PASSWORD),
                    is_offscreen=True,
                    beside=[story],
                )
            )
            if status != 0:
                raise RuntimeError(f"the window ended with status {status}")
            _wait_for_end(folder)
        _check_stores(report, folder, key)
    for name in _STORY:
        if name not in report.names:
            report.note(name, "not reached")
    print(f"{report.passed} passed, {report.failed} failed", flush=True)
    return 0 if report.failed == 0 else 1


async def _story(report: _Report, window: MainWindow, port: int, folder: Path) -> None:
    await _until(lambda: window.bridge.state is not None)
    report.note("opens")
    url = f"ws://127.0.0.1:{port}"
    cameras = FeedCommand((url,), "demo-cameras", DEMO_PASSWORD, True, "selftest")
    await publish(cameras, "demo-lists", [_list()])
    async with feeding(cameras, ()) as feeder:
        await connected(feeder)
        captures = [_capture(LISTED), _capture("ZZ99ZZZ"), _capture("QQQQQQQ")]
        images = [image for capture in captures for image in images_of(capture)]
        await feeder.put([item_of(capture) for capture in captures], images)
        await feeder.drained()
        report.note("replays", "" if feeder.accepted == 3 else f"{feeder.accepted} of 3 accepted")
    await _until(lambda: len(window.bridge.board) > 0)
    cards = list(window.bridge.board.cards)
    report.note(
        "matches", "" if [c.vrm for c in cards] == [LISTED] else "other cards than expected"
    )
    await _until(lambda: bool(window.bridge.painted_at))
    picture = folder / "picture.png"
    window.save_picture(picture)
    is_empty = not picture.exists() or picture.stat().st_size < SMALLEST_PICTURE
    report.note("paints", "the picture is empty" if is_empty else "")
    card: Card = cards[0]
    window.bridge.acknowledge(card)
    await _until(lambda: not card.unacknowledged)
    report.note("acknowledges")


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.02)


def _wait_for_end(folder: Path) -> None:
    import threading
    import time

    until = time.monotonic() + WITHIN_S
    while (folder / "node.json").exists():
        if time.monotonic() > until:
            raise TimeoutError("the node did not stop")
        threading.Event().wait(0.05)


def _check_stores(report: _Report, folder: Path, key: bytes) -> None:
    with report.check("stores"):
        stores = Stores(folder, key)
        try:
            held = stores.reads.end()
            steps = [d for _at, d in stores.operational.fetch_steps(0, 10)]
            if held != 3:
                raise RuntimeError(f"{held} reads of 3 are there")
            if not any(d.step.kind is StepKind.ACKNOWLEDGE for d in steps):
                raise RuntimeError("the acknowledgement is not there")
        finally:
            stores.close()
    with report.check("audit"):
        stores = Stores(folder, key)
        try:
            if stores.audit.first_bad() is not None:
                raise RuntimeError("the chain is broken")
        finally:
            stores.close()
    with report.check("encryption"):
        try:
            Stores(folder, b"\0" * 32).close()
        except StoreRefused:
            return
        raise RuntimeError("the stores open with any key")


def _list() -> VoiList:
    today = datetime.now(UTC).date()
    entry = VoiEntry(
        LISTED, Action.STOP, "Intel Serious Crime", today - timedelta(1), today + timedelta(7),
        information="Self-test.",
    )  # fmt: skip
    return VoiList("52_Self-test", 1, (entry,), datetime.now(UTC))


def _capture(vrm: str) -> RawCapture:
    return RawCapture(
        vrm=vrm, captured_at=datetime.now(UTC), feed_id="52", source_id=1, nrd_id=1,
        latitude=51.38, longitude=-2.36, kind="fixed",
    )  # fmt: skip
