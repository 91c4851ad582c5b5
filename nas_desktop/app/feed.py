"""``feed``: what sends reads into a node — recorded files and the simulator."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Literal

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import Introduction
from nas_desktop.adapters.link.feeder import Feeder
from nas_desktop.adapters.replay import ReplayFault, read_replay
from nas_desktop.adapters.store import outbox
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.outbox import Outbox
from nas_desktop.app.signals import on_stop_signals
from nas_desktop.domain.camera import Camera, CameraId
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.read import ReadId, read_id_of
from nas_desktop.domain.voi import VoiList
from nas_desktop.domain.vrm import normalise
from nas_desktop.services.captures import RawCapture
from nas_desktop.services.events import ImageKind
from nas_desktop.services.tasks import spawn, stop

TICK_S = 0.1
"""Pause between two looks at what the simulated cameras have taken, seconds."""

CONNECT_S = 15.0
"""Seconds to wait for a destination before saying why there is none."""

REPLAY_BATCH = 200
PARTS = 500
_MAX_PAUSE_S = 3_600.0


@dataclass(frozen=True, slots=True)
class FeedCommand:
    """Where a feed goes and who it is there."""

    urls: tuple[str, ...]
    username: str
    password: str
    is_simulation: bool
    name: str = "feed"
    folder: Path | None = None
    key: bytes = field(default=b"", repr=False)
    parent: int | None = None
    tls: ssl.SSLContext | None = None


@asynccontextmanager
async def feeding(command: FeedCommand, cameras: Sequence[Camera]) -> AsyncIterator[Feeder]:
    """Give a started feeder; its buffer lasts when the command names a folder for it."""
    with tempfile.TemporaryDirectory(prefix="nas-desktop-feed-") as passing:
        folder = command.folder or Path(passing)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = command.key or os.urandom(32)
        database = Database(folder / "outbox.db", key, outbox.MIGRATIONS)
        who = Introduction(
            "camera",
            command.name,
            command.is_simulation,
            username=command.username,
            password=command.password,
        )
        feeder = Feeder(command.urls, who, cameras, Outbox(database), SystemClock(), command.tls)
        await feeder.start()
        try:
            yield feeder
        finally:
            await feeder.stop()
            database.close()


async def connected(feeder: Feeder, stopping: asyncio.Event | None = None) -> None:
    """Return when a destination takes reads.

    Raises:
        Refused: none does, with the reason it gave; or ``stopping`` was set first.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + CONNECT_S
    say_at = loop.time() + 2.0
    while not feeder.is_connected:
        if stopping is not None and stopping.is_set():
            raise Refused("stopped", "Stopped before a node took anything.")
        refusal = feeder.last_refusal
        if refusal is not None and refusal.code in ("simulation_mismatch", "sign_in_refused",
                                                    "wrong_version", "not_permitted"):  # fmt: skip
            raise refusal
        if loop.time() > until:
            raise refusal or Refused(
                "no_connection",
                "No node answers at this address.",
                "Check the address and that the node is running.",
            )
        if loop.time() > say_at:
            say_at = until + 1.0
            print("No node answers at this address yet; it is tried again.", file=sys.stderr)
        await asyncio.sleep(0.05)


# ------------------------------------------------------------------ simulate


@dataclass(frozen=True, slots=True)
class SimulateCommand:
    """How the simulated cameras behave; see ``simulator.traffic.Simulation``."""

    feed: FeedCommand
    seed: int
    reads_per_s: float
    hits_per_minute: float | None
    duration_s: float | None
    images: Literal["hits", "all", "none"] = "hits"
    cameras: int = 66
    has_lists: bool = False
    lists_username: str = ""
    is_steady: bool = False


def simulate(command: SimulateCommand) -> int:
    """Run the simulated cameras until told to stop; returns the exit status."""
    return asyncio.run(_simulate(command))


async def _simulate(command: SimulateCommand) -> int:
    from nas_desktop.simulator.traffic import Simulation

    def begun() -> Simulation:
        return Simulation(
            command.seed,
            datetime.now(UTC),
            reads_per_s=command.reads_per_s,
            hits_per_minute=command.hits_per_minute,
            images=command.images,
            cameras=command.cameras,
            demo_rhythm=not command.is_steady,
        )

    stopping = _on_signals()
    simulation = begun()
    async with feeding(command.feed, simulation.network.registered) as feeder:
        await connected(feeder, stopping)
        if command.has_lists:
            lists = (*simulation.lists, simulation.extract, simulation.register)
            await publish(command.feed, command.lists_username, lists, stopping)
        # Time begins when there is somebody to see it.
        simulation = begun()
        end = None
        if command.duration_s is not None:
            end = datetime.now(UTC) + timedelta(seconds=command.duration_s)
        while not stopping.is_set() and not _is_orphan(command.feed.parent):
            now = datetime.now(UTC)
            if end is not None and now >= end:
                break
            await _put(feeder, [capture for _camera, capture in simulation.advance(now)])
            await asyncio.sleep(TICK_S)
        if end is not None:
            await _until_drained(feeder, stopping)
    return 0


async def publish(
    command: FeedCommand,
    username: str,
    lists: Iterable[VoiList],
    stopping: asyncio.Event | None = None,
) -> None:
    """Publish lists as their manager, over a session of their own."""
    who = FeedCommand(command.urls[:1], username, command.password, command.is_simulation, "lists")
    async with feeding(who, ()) as manager:
        await connected(manager, stopping)
        for voi_list in lists:
            entries = voi_list.entries
            parts = [entries[at : at + PARTS] for at in range(0, len(entries), PARTS)] or [()]
            facts = m.ListFacts(voi_list.source, voi_list.finds_misreads)
            await manager.publish_list(voi_list.name, parts, facts, voi_list.authority)


def publish_simulated(command: FeedCommand, seed: int) -> int:
    """Publish the simulated lists for today."""
    from nas_desktop.simulator.traffic import Simulation

    simulation = Simulation(seed, datetime.now(UTC), reads_per_s=1.0, images="none")
    lists = (*simulation.lists, simulation.extract, simulation.register)
    asyncio.run(publish(command, command.username, lists))
    for voi_list in lists:
        print(f"{voi_list.name}: {len(voi_list.entries)} entries", file=sys.stderr)
    return 0


# ------------------------------------------------------------------ replay


@dataclass(frozen=True, slots=True)
class ReplayCommand:
    """A recorded file and how it goes in.

    ``speed`` is 1 for the pace it was recorded at, higher for compressed, 0 for as fast as the
    node takes it. ``is_now`` moves capture times so that the first read is captured now; only for
    simulations, because it makes the times untrue.
    """

    feed: FeedCommand
    file: Path
    speed: float = 0.0
    is_now: bool = False
    is_json: bool = False


def replay(command: ReplayCommand) -> int:
    """Send a recorded file; prints what was accepted and what was not. 0 when all went in."""
    return asyncio.run(_replay(command))


async def _replay(command: ReplayCommand) -> int:
    stopping = _on_signals()
    faults: list[ReplayFault] = []
    async with feeding(command.feed, ()) as feeder:
        await connected(feeder, stopping)
        rows = read_replay(command.file)
        pacer = _Pacer(command.speed, is_now=command.is_now)
        progress = None if command.is_json else spawn(_tell_progress(feeder), "replay-progress")
        try:
            while not stopping.is_set():
                # Reading rows and their images is file work; it stays off the loop.
                chunk = await asyncio.to_thread(_some, rows, REPLAY_BATCH)
                if not chunk:
                    break
                faults += [row for row in chunk if isinstance(row, ReplayFault)]
                captures = [row for row in chunk if not isinstance(row, ReplayFault)]
                await _send_paced(feeder, pacer, captures, stopping)
            await _until_drained(feeder, stopping)
        finally:
            await stop(progress)
        rejected: list[dict[str, object]] = [
            {"line": fault.line, "field": fault.field, "reason": fault.reason}
            for fault in faults
            if not fault.is_warning
        ]
        rejected += [
            {"line": None, "field": bad.field, "reason": bad.reason} for bad in feeder.refused
        ]
        accepted = feeder.accepted
    for fault in faults:
        if fault.is_warning:
            print(f"line {fault.line}, {fault.field}: {fault.reason}", file=sys.stderr)
    if command.is_json:
        print(json.dumps({"accepted": accepted, "rejected": rejected}))
    else:
        for bad in rejected:
            print(f"line {bad['line'] or '?'}, {bad['field']}: {bad['reason']}")
        print(f"{accepted} reads accepted, {len(rejected)} rejected.")
    return 1 if rejected or stopping.is_set() else 0


class _Pacer:
    """Says when a recorded read goes out, and with which capture time."""

    def __init__(self, speed: float, *, is_now: bool) -> None:
        self._speed = speed
        self._is_now = is_now
        self._first: datetime | None = None
        self._began = datetime.now(UTC)

    def due_at(self, capture: RawCapture) -> datetime:
        """Return when to send, and move the capture time where that was asked for."""
        captured_at = capture.captured_at
        if not isinstance(captured_at, datetime):
            return self._began
        if self._first is None:
            self._first = captured_at
            self._began = datetime.now(UTC)
        after = captured_at - self._first
        if self._is_now:
            capture.captured_at = self._began + (after / self._speed if self._speed else after)
        if not self._speed:
            return self._began
        pause = min(after / self._speed, timedelta(seconds=_MAX_PAUSE_S))
        return self._began + pause


async def _send_paced(
    feeder: Feeder, pacer: _Pacer, captures: Sequence[RawCapture], stopping: asyncio.Event
) -> None:
    due: list[RawCapture] = []
    for capture in captures:
        at = pacer.due_at(capture)
        pause = (at - datetime.now(UTC)).total_seconds()
        if pause > 0 and due:
            await _put(feeder, due)
            due = []
        while pause > 0 and not stopping.is_set():
            await asyncio.sleep(min(pause, 0.5))
            pause = (at - datetime.now(UTC)).total_seconds()
        due.append(capture)
    if due:
        await _put(feeder, due)


async def _until_drained(feeder: Feeder, stopping: asyncio.Event) -> None:
    """Wait until the node has everything on disk, or says why it will not.

    Raises:
        Refused: the node's own words.
    """
    while not stopping.is_set():
        try:
            async with asyncio.timeout(1.0):
                await feeder.drained()
            return
        except TimeoutError:
            refusal = feeder.last_refusal
            if refusal is not None:
                raise refusal from None


async def _tell_progress(feeder: Feeder) -> None:
    while True:
        await asyncio.sleep(2.0)
        print(f"{feeder.accepted} reads accepted so far …", file=sys.stderr)


def _some(rows: Iterator[RawCapture | ReplayFault], count: int) -> list[RawCapture | ReplayFault]:
    return list(islice(rows, count))


# ------------------------------------------------------------------ both


async def _put(feeder: Feeder, captures: Sequence[RawCapture]) -> None:
    """Hand captures to the feeder, held-back ones apart, each with its images."""
    old = datetime.now(UTC) - timedelta(seconds=60)
    for is_late in (False, True):
        some = [c for c in captures if _is_late(c, old) is is_late]
        if some:
            images = [image for capture in some for image in images_of(capture)]
            await feeder.put([item_of(c) for c in some], images, is_backlog=is_late)


def _is_late(capture: RawCapture, old: datetime) -> bool:
    at = capture.captured_at
    return capture.is_backlog or (isinstance(at, datetime) and at.tzinfo is not None and at < old)


def item_of(capture: RawCapture) -> m.RawReadItem:
    """Return a capture as it goes over the link."""
    return m.RawReadItem(
        **{name: getattr(capture, name) for name in _FIELDS},
    )


_FIELDS = tuple(name for name in m.RawReadItem.__struct_fields__ if name != "received_at")


def images_of(capture: RawCapture) -> list[m.ImageItem]:
    """Return the images of a capture, tied to its read; none when it has no usable identity."""
    held: list[tuple[ImageKind, bytes]] = []
    if capture.patch_image is not None:
        held.append((ImageKind.PATCH, capture.patch_image))
    if capture.overview_image is not None:
        held.append((ImageKind.OVERVIEW, capture.overview_image))
    read_id = _read_id(capture) if held else None
    return [] if read_id is None else [m.ImageItem(read_id, kind, data) for kind, data in held]


def _read_id(capture: RawCapture) -> ReadId | None:
    at, feed = capture.captured_at, capture.feed_id
    source, nrd = capture.source_id, capture.nrd_id
    if not (
        isinstance(at, datetime)
        and isinstance(feed, str)
        and isinstance(source, int)
        and isinstance(nrd, int)
    ):
        return None
    try:
        return read_id_of(CameraId(feed, source, nrd), at.astimezone(UTC), normalise(capture.vrm))
    except (Refused, OverflowError, UnicodeEncodeError):
        return None


def _on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    on_stop_signals(lambda _word: stopping.set())
    return stopping


def _is_orphan(parent: int | None) -> bool:
    return parent is not None and os.getppid() != parent
