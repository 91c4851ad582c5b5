"""The map in a real Chromium: what its pages asked of others is looked at after every test."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.exceptions import TimeoutError as TookTooLong
from pytestqt.qtbot import QtBot

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.domain.access import Role
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.fonts import load_fonts
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.map.guard import register_scheme
from nas_desktop.ui.map.map_choice import CALM_FLAGS
from nas_desktop.ui.map.map_view import MapView
from nas_desktop.ui.map.scene import MapScene
from nas_desktop.ui.map.web_map import WebMap
from nas_desktop.ui.theme import Look, ThemeName
from tests.fakes.map_link import FakeMapLink
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, RunsAtOnce, an_operator
from tests.fakes.search_link import FakeSearchLink

READY_MS = 30_000
"""Chromium's first page on a busy machine."""


@pytest.fixture(autouse=True)
def chromium(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chromium without its sandbox where the tests run as root; in tests only."""
    if os.geteuid() == 0:
        monkeypatch.setenv("QTWEBENGINE_DISABLE_SANDBOX", "1")
    monkeypatch.setenv("QTWEBENGINE_CHROMIUM_FLAGS", CALM_FLAGS)
    register_scheme()  # before the first profile of the process, whichever test has it


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What is left of a page ends here and not in a thread of a later test: see ui.garbage."""
    yield
    gc.collect()


@dataclass
class Driver:
    """What tests do to a page, as a person would, and what they ask of it."""

    view: WebMap
    qtbot: QtBot
    answers: list[Any] = field(default_factory=list)

    def ask(self, script: str, within_ms: int = READY_MS) -> Any:
        """Return what a script of the test's own says in the page."""
        self.answers.clear()
        self.view.page.runJavaScript(f"JSON.stringify({script})", self.answers.append)
        self.qtbot.waitUntil(lambda: bool(self.answers), timeout=within_ms)
        text = self.answers[0]
        return json.loads(text) if text else None

    def until(self, script: str, is_so: Callable[[Any], bool] = bool) -> Any:
        """Wait until a script says what it should; returns that."""
        found: list[Any] = []

        def look() -> None:
            found.append(self.ask(script, 3_000))  # a page that is just gone never answers
            assert is_so(found[-1]), found[-1]

        try:
            self.qtbot.waitUntil(lambda: _holds(look), timeout=READY_MS)
        except TookTooLong:
            pytest.fail(f"{script}: {found[-3:]}, {self.view.faults}")
        return found[-1]

    @property
    def target(self) -> QWidget:
        """The widget that gets the pointer and the keys in Chromium's stead."""
        target = self.view.web.focusProxy()
        assert target is not None
        return target

    def spot(self, latitude: float, longitude: float) -> QPoint:
        """Return where a place lies in the view, once the page has the size of its widget."""
        self.until("innerHeight", lambda high: abs(high - self.target.height()) <= 1)
        x, y = self.ask(
            f"(p => [p.x, p.y])(NAS.map.latLngToContainerPoint([{latitude}, {longitude}]))"
        )
        return QPoint(round(x), round(y))

    def click(self, spot: QPoint) -> None:
        QTest.mouseMove(self.target, spot)
        QTest.mouseClick(self.target, Qt.MouseButton.LeftButton, pos=spot)

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = self.ask("NAS.counts()")
        return found


def _holds(look: Callable[[], None]) -> bool:
    try:
        look()
    except (AssertionError, TookTooLong):
        return False
    return True


@pytest.fixture
def scene() -> MapScene:
    load_fonts()
    return MapScene(Look(ThemeName.DARK, 1.0))


@pytest.fixture
def web(qtbot: QtBot, scene: MapScene) -> Iterator[Driver]:
    """A view of a scene, ready; it must not have asked anybody else."""
    view = WebMap(scene, SystemClock())
    qtbot.addWidget(view)
    view.resize(900, 700)
    view.show()
    with qtbot.waitSignal(view.ready, timeout=READY_MS):
        view.begin()
    driver = Driver(view, qtbot)
    qtbot.waitUntil(lambda: view.seen is not None and view.seen.north > view.seen.south)
    yield driver
    asked = (view.guard.count, list(view.guard.noted), view.faults, list(view.scheme.missing))
    view.end()
    assert asked == (0, [], [], [])


@pytest.fixture
def searches() -> FakeSearchLink:
    return FakeSearchLink(START)


@pytest.fixture
def maps() -> FakeMapLink:
    return FakeMapLink()


@pytest.fixture
def link() -> FakeNodeLink:
    return FakeNodeLink()


@pytest.fixture
def window(
    qtbot: QtBot, link: FakeNodeLink, settings: QSettings, searches: FakeSearchLink,
    maps: FakeMapLink,
) -> Iterator[MainWindow]:  # fmt: skip
    """A window with the map open, signed in, on fake links."""
    spawn, clock, board = RunsAtOnce(), DeskClock(), HitBoard(load_spec())
    bridge = Bridge(link, board, clock, spawn, "desk 1")
    settings.setValue("map/shown", "true")
    made = MainWindow(
        bridge, board, link, spawn, clock, load_spec(), settings, None, searches, maps=maps
    )
    made.resize(1600, 900)
    made.show()
    qtbot.waitExposed(made)
    made.sign_in_as(an_operator(Role.DISPATCHER, Role.ANALYST))
    yield made
    view = made.map.panel.view
    asked = (0, [], []) if view is None else _asked(view)
    made.leave()
    made.deleteLater()
    bridge.stop()
    spawn.close()
    assert asked == (0, [], [])


def _asked(view: MapView) -> tuple[int, list[str], list[str]]:
    assert isinstance(view, WebMap), view.drawn_by
    return view.guard.count, view.faults, list(view.scheme.missing)


@pytest.fixture
def settings(tmp_path: Any) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def driver(window: MainWindow, qtbot: QtBot) -> Driver:
    """The window's own view, ready."""
    panel = window.map.panel
    qtbot.waitUntil(lambda: isinstance(panel.view, WebMap), timeout=READY_MS)
    view = panel.view
    assert isinstance(view, WebMap), panel.why
    qtbot.waitUntil(lambda: view.is_ready and view.isVisible(), timeout=READY_MS)
    qtbot.waitUntil(lambda: view.seen is not None and view.seen.north > view.seen.south)
    return Driver(view, qtbot)
