"""``demo``: a force node, a desk, simulated cameras and the window, on this machine alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.secrets import KEY_BYTES, key_for
from nas_desktop.app.desktop import WindowCommand, has_display, run_window
from nas_desktop.app.hit_words import hit_json, hit_line
from nas_desktop.app.logs import set_up_logs
from nas_desktop.app.node_starter import launch
from nas_desktop.app.parts import end_parts, free_port
from nas_desktop.domain.errors import Refused
from nas_desktop.node.sign_in import DEMO_PASSWORD
from nas_desktop.services.events import Event, HitsRaised, HopStatus, StateReported
from nas_desktop.services.resources import load_spec

PICTURE = "nas-desktop-demo.png"


@dataclass(frozen=True, slots=True)
class DemoCommand:
    """How the demonstration runs; ``folder`` None keeps nothing beyond it."""

    folder: Path | None
    is_headless: bool
    duration_s: float | None
    seed: int
    hits_per_minute: float | None
    reads_per_s: float
    is_json: bool
    picture: Path | None
    theme: str = ""


def run_demo(command: DemoCommand) -> int:
    """Run the demonstration until it is closed; returns the exit status."""
    is_headless = command.is_headless or command.is_json or not has_display()
    with _folder(command.folder) as (folder, key):
        set_up_logs(folder / "window")
        port, pnc_port = free_port(), free_port()
        words = [(folder / name).open("w+b") for name in ("pnc.txt", "force.txt", "cameras.txt")]
        parts = [
            _pnc(command, pnc_port, words[0]),
            _force(folder, key, port, pnc_port, words[1]),
            _cameras(command, port, words[2]),
        ]
        try:
            status = run_window(
                WindowCommand(
                    folder=folder / "desk",
                    name="demo desk",
                    start=lambda words: _desk(folder, key, port, words),
                    is_simulation=True,
                    sign_in=("demo-operator", DEMO_PASSWORD),
                    watch=_printer(is_json=command.is_json) if is_headless else None,
                    duration_s=command.duration_s,
                    picture=_picture(command, is_headless=is_headless),
                    is_offscreen=is_headless,
                    theme=command.theme,
                )
            )
        finally:
            failed = [part.poll() not in (None, 0) for part in parts]
            end_parts(parts)
            for has_failed, said in zip(failed, words, strict=True):
                if has_failed:
                    said.seek(0)
                    print(said.read().decode("utf-8", "replace").strip(), file=sys.stderr)
                said.close()
    return 1 if any(failed) else status


def _picture(command: DemoCommand, *, is_headless: bool) -> Path | None:
    path = command.picture
    if path is None and is_headless and not command.is_json:
        path = Path(PICTURE)
    if path is None:
        return None
    path = path.resolve()
    if is_headless:
        print(
            "SIMULATION. There is no window here: hits are printed as they come,"
            f" and what the window would show is saved as {path}. Ctrl-C ends it.",
            file=sys.stderr,
        )
    if not os.access(path.parent, os.W_OK):
        raise Refused(
            "picture_unwritable",
            f"The picture cannot be saved in {path.parent}.",
            "Give another place with --picture.",
        )
    return path


def _printer(*, is_json: bool) -> Callable[[Event], None]:
    clock, spec = SystemClock(), load_spec()
    server: HopStatus | None = None

    def watch(event: Event) -> None:
        nonlocal server
        if isinstance(event, StateReported):
            now_server = next((h.status for h in event.state.hops if h.name == "server"), None)
            if now_server is not server and server is not None:
                words = str(now_server).replace("_", " ")
                print(f"{clock.now():%H:%M:%S}  server: {words}", file=sys.stderr, flush=True)
            server = now_server
        if not isinstance(event, HitsRaised):
            return
        now = clock.now()
        for hit in event.hits:
            if hit.is_possible:
                continue  # for a closed tab, never the feed
            print(hit_json(hit, now) if is_json else hit_line(hit, now, spec), flush=True)

    return watch


# ------------------------------------------------------------------ the parts


def _pnc(command: DemoCommand, port: int, words: IO[bytes]) -> subprocess.Popen[bytes]:
    # Away for a minute every six: the fallback is part of what there is to see.
    return launch(
        [
            "feed", "pnc", "--listen", f"127.0.0.1:{port}", "--seed", str(command.seed),
            "--away-after", "300", "--away-for", "60", "--with-parent", str(os.getpid()),
        ],
        words=words,
    )  # fmt: skip


def _force(
    folder: Path, key: bytes, port: int, pnc_port: int, words: IO[bytes]
) -> subprocess.Popen[bytes]:
    return launch(
        [
            "node", "--role", "force", "--simulation", "--name", "demo server",
            "--listen", f"127.0.0.1:{port}", "--data", str(folder / "force"),
            "--pnc", f"ws://127.0.0.1:{pnc_port}",
            "--with-parent", str(os.getpid()),
        ],
        key=key,
        words=words,
    )  # fmt: skip


def _desk(folder: Path, key: bytes, port: int, words: IO[bytes]) -> subprocess.Popen[bytes]:
    return launch(
        [
            "node", "--role", "desk", "--simulation", "--name", "demo desk",
            "--upstream", f"ws://127.0.0.1:{port}", "--username", "demo-desk",
            "--data", str(folder / "desk"), "--with-parent", str(os.getpid()),
        ],
        key=key,
        words=words,
    )  # fmt: skip


def _cameras(command: DemoCommand, port: int, words: IO[bytes]) -> subprocess.Popen[bytes]:
    arguments = [
        "feed", "simulate", "--to", f"ws://127.0.0.1:{port}", "--lists",
        "--seed", str(command.seed), "--reads-per-s", str(command.reads_per_s),
        "--with-parent", str(os.getpid()),
    ]  # fmt: skip
    if command.hits_per_minute is not None:
        arguments += ["--hits-per-minute", str(command.hits_per_minute)]
    return launch(arguments, words=words)


@contextmanager
def _folder(given: Path | None) -> Iterator[tuple[Path, bytes]]:
    """Yield the demonstration's folder and key; without a folder given, for this run only."""
    if given is not None:
        given.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = key_for(given)
        if key.is_lasting:
            yield given, key.secret
            return
        print(
            "There is no keyring here: what the demonstration stores is gone when it ends.",
            file=sys.stderr,
        )
        with tempfile.TemporaryDirectory(
            prefix="session-", dir=given, ignore_cleanup_errors=True
        ) as session:
            yield Path(session), key.secret
        return
    folder = Path(tempfile.mkdtemp(prefix="nas-desktop-demo-"))
    try:
        yield folder, os.urandom(KEY_BYTES)
    finally:
        # The desk node ends on its own time; its files may go a moment after ours.
        for _attempt in range(20):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            threading.Event().wait(0.1)
