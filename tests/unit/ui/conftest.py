"""A window on a fake link: shown offscreen, closed and its coroutines ended after each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.main_window import MainWindow
from tests.fakes.node_link import DeskClock, FakeNodeLink, RunsAtOnce, an_operator
from tests.fakes.sheet_link import FakeSheetLink


@pytest.fixture
def clock() -> DeskClock:
    return DeskClock()


@pytest.fixture
def link() -> FakeNodeLink:
    return FakeNodeLink()


@pytest.fixture
def spawn() -> Iterator[RunsAtOnce]:
    runs = RunsAtOnce()
    yield runs
    runs.close()


@pytest.fixture
def board() -> HitBoard:
    return HitBoard(load_spec())


@pytest.fixture
def bridge(
    qtbot: QtBot, link: FakeNodeLink, board: HitBoard, clock: DeskClock, spawn: RunsAtOnce
) -> Iterator[Bridge]:
    made = Bridge(link, board, clock, spawn, "desk 1")
    yield made
    made.stop()


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def sheets() -> FakeSheetLink:
    return FakeSheetLink()


@pytest.fixture
def window(
    qtbot: QtBot,
    bridge: Bridge,
    board: HitBoard,
    link: FakeNodeLink,
    clock: DeskClock,
    spawn: RunsAtOnce,
    settings: QSettings,
    sheets: FakeSheetLink,
) -> Iterator[MainWindow]:
    """A shown window with a dispatcher signed in."""
    made = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings, sheets=sheets)
    made.show()
    qtbot.waitExposed(made)
    made.sign_in_as(an_operator())
    yield made
    made.leave()
    made.tools.motion.restore()
    made.deleteLater()
