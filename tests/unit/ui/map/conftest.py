"""A window with the map open, drawn by Qt alone, on fake links."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.map_tiles import TileFiles
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.map.map_choice import CHROMIUM_KEY
from nas_desktop.ui.map.map_desk import MapDesk
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.map.scene import MapScene
from nas_desktop.ui.theme import Look
from tests.fakes.map_link import FakeMapLink
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, RunsAtOnce, an_operator
from tests.fakes.search_link import FakeSearchLink
from tests.unit.ui.map.at_map import focus

MakeWindow = Callable[..., MainWindow]


class RunsOrKeeps(RunsAtOnce):
    """As ``RunsAtOnce``; where a loop runs, tasks of it that a test waits for by ``done``."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: list[asyncio.Task[Any]] = []

    def __call__(self, work: Coroutine[Any, Any, Any], name: str) -> object:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return super().__call__(work, name)
        self.names.append(name)
        task = loop.create_task(work, name=name)
        self.tasks.append(task)
        return task

    async def done(self) -> None:
        """Wait until all that was begun has ended."""
        while self.tasks:
            tasks, self.tasks = self.tasks, []
            await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What is left of a window ends here and not in a thread of a later test: see ui.garbage."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def usual_size(qtbot: QtBot) -> None:
    QApplication.setFont(Look().font(13))


@pytest.fixture
def spawn() -> Iterator[RunsOrKeeps]:
    runs = RunsOrKeeps()
    yield runs
    runs.close()


@pytest.fixture
def settings(settings: QSettings) -> QSettings:
    """The map was left open, and is drawn by Qt wherever the tests run."""
    settings.setValue("map/shown", "true")
    settings.setValue(CHROMIUM_KEY, "false")
    return settings


@pytest.fixture
def searches() -> FakeSearchLink:
    return FakeSearchLink(START)


@pytest.fixture
def maps() -> FakeMapLink:
    return FakeMapLink()


@pytest.fixture
def tiles() -> TileFiles | None:
    return None


@pytest.fixture
def make_window(
    qtbot: QtBot, bridge: Bridge, board: HitBoard, link: FakeNodeLink, clock: DeskClock,
    spawn: RunsOrKeeps, settings: QSettings, searches: FakeSearchLink, maps: FakeMapLink,
    tiles: TileFiles | None,
) -> Iterator[MakeWindow]:  # fmt: skip
    """Make windows, shown, with nobody signed in."""
    held: list[MainWindow] = []

    def make(*, has_searches: bool = True, has_maps: bool = True) -> MainWindow:
        made = MainWindow(
            bridge, board, link, spawn, clock, load_spec(), settings, None,
            searches if has_searches else None, maps=maps if has_maps else None, tiles=tiles,
        )  # fmt: skip
        held.append(made)
        made.resize(1600, 900)
        made.show()
        qtbot.waitExposed(made)
        return made

    yield make
    for made in held:
        made.leave()
        made.deleteLater()


@pytest.fixture
def window(make_window: MakeWindow, qtbot: QtBot) -> MainWindow:
    """A window with the map open, and somebody signed in who sees hits and searches."""
    made = make_window()
    made.sign_in_as(an_operator(Role.DISPATCHER, Role.ANALYST))
    wait_for_map(qtbot, made)
    return made


def wait_for_map(qtbot: QtBot, window: MainWindow) -> PlainMap:
    """Wait until the map is drawn; returns what draws it."""
    panel = window.map.panel

    def is_drawn() -> bool:
        return panel.view is not None and panel.view.isVisible() and panel.view.seen is not None

    qtbot.waitUntil(is_drawn)
    assert isinstance(panel.view, PlainMap)
    return panel.view


@pytest.fixture
def desk(window: MainWindow) -> MapDesk:
    return window.map


@pytest.fixture
def scene(desk: MapDesk) -> MapScene:
    return desk.scene


@pytest.fixture
def view(desk: MapDesk) -> PlainMap:
    """What draws the map; the keyboard is in it."""
    assert isinstance(desk.panel.view, PlainMap)
    focus(desk.panel)
    return desk.panel.view
