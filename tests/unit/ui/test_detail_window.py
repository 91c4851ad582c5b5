"""The detail in a window of its own: seen counts, keys work, the lock hides it, it comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit_life import StepKind
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.detail_window import ApartWindow
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import Look, ThemeName
from tests.builders import a_hit
from tests.fakes.node_link import DeskClock, FakeNodeLink, RunsAtOnce, an_operator
from tests.unit.ui.at_desk import choose, drain, kinds_sent, press

CTRL = Qt.KeyboardModifier.ControlModifier


def part(qtbot: QtBot, window: MainWindow) -> ApartWindow:
    press(window.page.hits, Qt.Key.Key_D, CTRL)
    made = window.tools.detail_window.window
    assert made is not None
    qtbot.waitExposed(made)
    return made


def test_that_it_moves_out_and_comes_back(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    before = window.page.splitter.sizes()
    apart = part(qtbot, window)
    assert apart.isVisible()
    assert window.page.detail.window() is apart
    assert window.page.bar.window() is window
    assert window.page.bar.isVisible()
    assert window.page.list_stack.width() == window.page.width()
    press(window.page.hits, Qt.Key.Key_D, CTRL)
    assert window.page.detail.window() is window
    assert not window.tools.detail_window.is_detached
    assert window.page.splitter.sizes() == before


def test_that_what_is_painted_there_counts_as_seen(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    apart = part(qtbot, window)
    window.page.hits.hide()
    window.page.list_stack.setCurrentWidget(window.page.empty)
    hit = a_hit()
    drain(qtbot, window, link, hit)
    window.page.hits.choose(next(iter(window.bridge.board.cards)).card_id)
    apart.repaint()
    window.page.detail.body.repaint()
    assert hit.hit_id in window.bridge.painted_at
    qtbot.waitUntil(lambda: [s.kind for s in link.steps] == [StepKind.DELIVER])


def test_that_keys_work_there_and_questions_stand_in_the_first_window(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit(), a_hit("CD62XYZ"))
    choose(window, "AB51ABC")
    qtbot.waitUntil(window.actions_by_name["acknowledge"].isEnabled)
    apart = part(qtbot, window)
    apart.activateWindow()
    window.page.detail.setFocus()
    with qtbot.waitSignal(window.bridge.drained):
        press(window.page.detail, Qt.Key.Key_Space)
    assert kinds_sent(link) == [StepKind.ACKNOWLEDGE]
    press(window.page.detail, Qt.Key.Key_O)
    chooser = window.page.chooser
    assert chooser.isVisible()
    assert chooser.window() is window
    with qtbot.waitSignal(window.bridge.drained):
        press(chooser, Qt.Key.Key_1)
    assert kinds_sent(link)[-1] is StepKind.OUTCOME
    apart.activateWindow()
    qtbot.waitUntil(apart.isActiveWindow)
    window.page.detail.setFocus()
    QTest.keyClick(window.page.detail, Qt.Key.Key_N)
    assert window.page.chosen is not None
    assert window.page.chosen.vrm == "CD62XYZ"


def test_that_the_lock_and_signing_out_hide_it(qtbot: QtBot, window: MainWindow) -> None:
    apart = part(qtbot, window)
    window.lock.lock()
    assert not apart.isVisible()
    operator = window.bridge.operator
    window.bridge.is_locked = False
    window.bridge.lock_changed.emit()
    assert apart.isVisible()
    window.bridge.set_operator(None)
    assert not apart.isVisible()
    window.bridge.set_operator(operator)
    assert apart.isVisible()
    assert window.tools.detail_window.is_detached


def test_that_closing_it_brings_the_detail_back_for_good(
    qtbot: QtBot, window: MainWindow, settings: QSettings
) -> None:
    apart = part(qtbot, window)
    assert settings.value("detail/apart") == "true"
    apart.close()
    assert window.page.detail.window() is window
    assert settings.value("detail/apart") == "false"


def test_that_it_carries_marking_and_look(qtbot: QtBot, window: MainWindow) -> None:
    apart = part(qtbot, window)
    assert "OFFICIAL-SENSITIVE" in apart.marking.accessibleName()
    window.set_look(Look(ThemeName.LIGHT, 2.0))
    assert apart.look.scale == 2.0


@pytest.fixture
def again(
    qtbot: QtBot,
    bridge: Bridge,
    board: HitBoard,
    link: FakeNodeLink,
    clock: DeskClock,
    spawn: RunsAtOnce,
    settings: QSettings,
) -> Iterator[MainWindow]:
    settings.setValue("detail/apart", "true")
    made = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.leave()
    made.deleteLater()


def test_that_it_is_remembered(qtbot: QtBot, again: MainWindow, settings: QSettings) -> None:
    apart = again.tools.detail_window.window
    assert apart is not None
    assert not apart.isVisible(), "nobody is signed in yet"
    again.sign_in_as(an_operator())
    assert apart.isVisible()
    again.save_layout()
    assert settings.value("detail/geometry") is not None
    again.tools.detail_window.set_detached(False)
    qtbot.waitUntil(lambda: len(again.page.splitter.sizes()) == 2)
