"""The window's process: Qt and asyncio on one loop, a node found or started, a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link.node_link import WindowLink
from nas_desktop.adapters.secrets import key_for
from nas_desktop.adapters.store.tiles import ProfileTiles
from nas_desktop.app.connectivity import attached
from nas_desktop.app.logs import set_up_logs
from nas_desktop.app.node_starter import NodeStarter, launch
from nas_desktop.app.sound_commands import sound_command
from nas_desktop.domain.errors import Refused
from nas_desktop.node.profile import running_node
from nas_desktop.services.events import Event
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.services.tasks import spawn, stop

if TYPE_CHECKING:
    from nas_desktop.ui.main_window import MainWindow

PICTURE_AFTER_S = 8.0
SIGN_IN_S = 10.0

_early_signals: list[int] = []
"""Signals that came before there was a loop to tell."""


@dataclass(frozen=True, slots=True)
class DesktopCommand:
    """The desktop on a profile of its own.

    ``upstream`` with its account is remembered by the node; without it the desk reports to where
    it did before. ``sign_in`` is an account of the demonstration, for simulations only.
    """

    folder: Path
    name: str
    key_fd: int | None = None
    is_simulation: bool = False
    upstream: str = ""
    username: str = ""
    password: str = ""
    sign_in: tuple[str, str] | None = None


@dataclass(slots=True)
class WindowCommand:
    """A window on a node.

    ``start`` starts the node where none runs. ``sign_in`` is who is signed in without being asked,
    for the demonstration. ``watch`` sees every event after the window did. ``beside`` is awaited
    once the window is up and cancelled when it closes.
    """

    folder: Path
    name: str
    start: Callable[[IO[bytes]], subprocess.Popen[bytes]]
    is_simulation: bool = False
    sign_in: tuple[str, str] | None = None
    watch: Callable[[Event], None] | None = None
    duration_s: float | None = None
    picture: Path | None = None
    is_offscreen: bool = False
    theme: str = ""
    leaves_node: bool = False
    beside: list[Callable[[MainWindow, WindowLink], Awaitable[None]]] = field(default_factory=list)


def has_display() -> bool:
    """Tell whether a window could be shown; Qt itself would end the process over a dead display."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform:
        return not platform.startswith(("offscreen", "minimal"))
    if not sys.platform.startswith("linux"):
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    return _answers(os.environ.get("DISPLAY", ""))


def _answers(display: str) -> bool:
    host, _colon, number = display.partition(":")
    number = number.partition(".")[0]
    if not number.isdigit():
        return False
    try:
        if host in ("", "unix"):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1.0)
                probe.connect(f"/tmp/.X11-unix/X{number}")
        else:
            socket.create_connection((host, 6000 + int(number)), 1.0).close()
    except OSError:
        return False
    return True


def run_desktop(command: DesktopCommand) -> int:
    """Run the desktop; the node of its profile stops with it when it is closed on purpose.

    Raises:
        Refused: there is no display.
    """
    set_up_logs(command.folder / "window")
    if not has_display() and not os.environ.get("QT_QPA_PLATFORM"):
        raise Refused(
            "no_display",
            "There is no display here, so the window cannot be shown.",
            "Start it in a desktop session, or try nas-desktop demo --headless.",
        )
    if (command.upstream or command.key_fd is not None) and running_node(command.folder):
        print(
            "A node is running on this profile already; --upstream and --key-fd count only when"
            " one is started.",
            file=sys.stderr,
        )
    arguments = ["node", "--role", "desk", "--name", command.name, "--data", str(command.folder)]
    if command.is_simulation:
        arguments.append("--simulation")
    if command.upstream:
        arguments += ["--upstream", command.upstream, "--username", command.username]
    key = key_for(command.folder, command.key_fd).secret if command.key_fd is not None else None

    def start(words: IO[bytes]) -> subprocess.Popen[bytes]:
        return launch(
            arguments,
            key=key,
            password=command.password if command.upstream else None,
            is_detached=True,
            words=words,
        )

    return run_window(
        WindowCommand(
            command.folder,
            command.name,
            start,
            is_simulation=command.is_simulation,
            sign_in=command.sign_in,
        )
    )


def run_window(command: WindowCommand) -> int:
    """Show the window until it is closed; returns the exit status.

    Raises:
        Refused: the node could not be started.
    """
    return run_qt(lambda: _window(command), is_offscreen=command.is_offscreen)


def run_qt(work: Callable[[], Coroutine[Any, Any, int]], *, is_offscreen: bool) -> int:
    """Run a coroutine with Qt and asyncio on one loop; returns its result."""
    # A KeyboardInterrupt in the middle of importing Qt can crash in its binding: noted for later.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda early, _frame: _early_signals.append(early))
    # Both libraries look for other Qt bindings first; decided before either is imported.
    os.environ["QT_API"] = "pyside6"
    os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
    if is_offscreen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    import qasync
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    # Chromium, which draws the map, wants it said before there is an application.
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    application = QApplication.instance() or QApplication(["nas-desktop"])
    assert isinstance(application, QApplication)
    application.setApplicationName("NAS Desktop")
    application.setOrganizationName("NAS")
    # The last window closes before the link and the node have been put away.
    application.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop:
        status: int = loop.run_until_complete(work())
    return status


async def _window(command: WindowCommand) -> int:
    from PySide6.QtCore import QSettings
    from PySide6.QtGui import QGuiApplication

    from nas_desktop.ui.bridge import Bridge
    from nas_desktop.ui.garbage import Sweeper
    from nas_desktop.ui.main_window import MainWindow
    from nas_desktop.ui.sound.player import SoundPlayer

    stopping = asyncio.Event()
    _stop_on_signals(stopping)
    starter = NodeStarter(command.folder, command.start)
    try:
        running = await starter.begin()
    except Refused as refusal:
        return await _say_why_not(refusal, stopping, is_silent=command.is_offscreen)
    clock = SystemClock()
    link = attached(running, command.name)
    board = HitBoard(load_spec())
    bridge = Bridge(link, board, clock, spawn, workstation=command.name)
    if command.watch is not None:
        _tee(link, bridge.receive, command.watch)
    settings = QSettings(str(command.folder / "window.ini"), QSettings.Format.IniFormat)
    if command.theme:
        settings.setValue("look/theme", command.theme)
    window = MainWindow(
        bridge,
        board,
        link,
        spawn,
        clock,
        load_spec(),
        settings,
        link.lists,
        link.searches,
        link.audit,
        link.desks,
        link.sheets,
        link.map,
        ProfileTiles(command.folder),
    )
    window.close_requested.connect(stopping.set)
    sweeper = Sweeper(window)
    if command.is_offscreen:
        window.lock.stop()  # nobody can touch it, and nobody hears it
        window.resize(1366, 768)
    else:
        player = SoundPlayer(sound_command(), window)
        window.sounds.start(player)
        player.start()
    window.show()
    sweeper.begin()
    if not command.is_offscreen and QGuiApplication.primaryScreen() is None:
        stopping.set()
    await link.start()
    tasks: list[asyncio.Task[Any]] = [spawn(starter.keep(link), "keep-node")]
    if command.sign_in is not None:
        tasks.append(spawn(_sign_in(window, link, command.sign_in), "demo-sign-in"))
    if command.picture is not None:
        tasks.append(spawn(_picture(window, command.picture), "picture"))
    tasks += [spawn(_awaited(work(window, link)), "beside") for work in command.beside]
    try:
        async with asyncio.timeout(command.duration_s):
            await stopping.wait()
    except TimeoutError:
        pass
    if command.picture is not None:
        window.save_picture(command.picture)
    await stop(*tasks)
    if not command.leaves_node:
        await _stop_node(link, command.folder)
    await link.close()
    sweeper.end()
    window.leave()
    return 0


async def _awaited(work: Awaitable[None]) -> None:
    await work


def _tee(link: WindowLink, first: Callable[[Event], None], then: Callable[[Event], None]) -> None:
    def receive(event: Event) -> None:
        first(event)
        then(event)

    link.listen(receive)


async def _sign_in(window: MainWindow, link: WindowLink, who: tuple[str, str]) -> None:
    """Sign the demonstration's operator in, as soon as the node can be asked."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SIGN_IN_S
    while True:
        try:
            window.sign_in_as(await link.sign_in(*who))
            return
        except Refused:
            if loop.time() > until:
                raise
            await asyncio.sleep(0.1)


async def _picture(window: MainWindow, path: Path) -> None:
    await asyncio.sleep(PICTURE_AFTER_S)
    window.save_picture(path)


async def _stop_node(link: WindowLink, folder: Path) -> None:
    try:
        await link.stop_node()
    except Refused:
        # Not connected: a node that has only just come up is asked by the system instead.
        running = running_node(folder)
        if running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.pid, signal.SIGTERM)


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def handle(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(stopping.set)

    signal.signal(signal.SIGINT, handle)
    signal.signal(signal.SIGTERM, handle)
    if _early_signals:
        stopping.set()


async def _say_why_not(refusal: Refused, stopping: asyncio.Event, *, is_silent: bool) -> int:
    """Tell why the node did not start, on screen and on standard error."""
    words = f"{refusal.message}\n{refusal.remedy}".strip()
    print(words, file=sys.stderr)
    if not is_silent:
        from nas_desktop.ui.start_problem import show_problem

        box = show_problem("NAS Desktop cannot start", words, stopping.set)
        await stopping.wait()
        box.close()
    return 2
