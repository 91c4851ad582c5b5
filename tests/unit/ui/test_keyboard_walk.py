"""From sign-in to a closed hit without a pointer; and no single key ends a Stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit_life import HitState, StepKind
from nas_desktop.services import events
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.command_groups import EVERY
from nas_desktop.ui.main_window import MainWindow
from tests.builders import a_hit
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, RunsAtOnce
from tests.fakes.sheet_link import FakeSheetLink
from tests.unit.ui.at_desk import choose, drain, kinds_sent

SPEC = load_spec()


class Hands:
    """Two hands on a keyboard: every key goes where the focus is, and is counted."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self._qtbot, self._window = qtbot, window
        self.pressed = 0

    @property
    def at(self) -> QWidget:
        focus = QApplication.focusWidget()
        assert focus is not None, "the keyboard is always somewhere"
        return focus

    def key(self, key: Qt.Key) -> None:
        self.pressed += 1
        QTest.keyClick(self.at, key)

    def type(self, words: str) -> None:
        QTest.keyClicks(self.at, words)

    def step(self, key: Qt.Key) -> None:
        """Press a key that takes a step, and see it done."""
        with self._qtbot.waitSignal(self._window.bridge.drained):
            self.key(key)

    def can(self, name: str) -> None:
        self._qtbot.waitUntil(self._window.actions_by_name[name].isEnabled)


@pytest.fixture
def door(
    qtbot: QtBot,
    bridge: Bridge,
    board: HitBoard,
    link: FakeNodeLink,
    clock: DeskClock,
    spawn: RunsAtOnce,
    settings: QSettings,
    sheets: FakeSheetLink,
) -> Iterator[MainWindow]:
    """A window at which nobody is signed in."""
    made = MainWindow(bridge, board, link, spawn, clock, SPEC, settings, sheets=sheets)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    yield made
    made.leave()
    made.tools.motion.restore()
    made.deleteLater()


def test_that_a_hit_is_worked_from_sign_in_to_outcome_without_a_pointer(
    qtbot: QtBot, door: MainWindow, link: FakeNodeLink
) -> None:
    hands = Hands(qtbot, door)
    hands.type("akhan")
    hands.key(Qt.Key.Key_Tab)
    hands.type(link.password)
    hands.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: door.bridge.operator is not None)
    hit = a_hit()
    drain(qtbot, door, link, hit)

    hands.pressed = 0
    hands.key(Qt.Key.Key_N)
    door.page.hits.viewport().repaint()
    hands.can("acknowledge")
    hands.step(Qt.Key.Key_Space)
    assert hands.pressed <= 2, "an acknowledgement takes two keys at most"
    assert kinds_sent(link) == [StepKind.ACKNOWLEDGE]

    hands.can("verify")
    hands.step(Qt.Key.Key_V)
    hands.key(Qt.Key.Key_A)
    hands.step(Qt.Key.Key_1)
    assert kinds_sent(link)[-2:] == [StepKind.VERIFY, StepKind.ACTION]

    hands.pressed = 0
    hands.can("outcome")
    hands.key(Qt.Key.Key_O)
    hands.step(Qt.Key.Key_1)
    assert hands.pressed <= 4, "a full outcome takes four keys at most"
    assert kinds_sent(link)[-1] is StepKind.OUTCOME
    card = door.bridge.board.card_of_hit(hit.hit_id)
    assert card is not None
    assert card.is_closed
    assert hands.at is door.page.hits, "the keyboard is back in the list"


def test_that_an_outcome_with_a_note_needs_no_pointer_either(
    qtbot: QtBot, door: MainWindow, link: FakeNodeLink
) -> None:
    hands = Hands(qtbot, door)
    hands.type("akhan")
    hands.key(Qt.Key.Key_Tab)
    hands.type(link.password)
    hands.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: door.bridge.operator is not None)
    drain(qtbot, door, link, a_hit())
    hands.key(Qt.Key.Key_N)
    door.page.hits.viewport().repaint()
    hands.can("acknowledge")
    hands.step(Qt.Key.Key_Space)
    hands.can("outcome")
    hands.pressed = 0
    hands.key(Qt.Key.Key_O)
    hands.key(Qt.Key.Key_T)
    hands.type("stopped at the toll")
    hands.key(Qt.Key.Key_Return)
    hands.step(Qt.Key.Key_1)
    assert hands.pressed == 4
    assert link.steps[-1].text == "stopped at the toll"


# ------------------------------------------------------------------ no single key ends a Stop


def sequences() -> list[tuple[str, str]]:
    return [(c.name, key) for c in EVERY for key in c.keys]


@pytest.mark.parametrize(("name", "key"), sequences(), ids=lambda word: str(word))
@pytest.mark.parametrize("is_acknowledged", [False, True], ids=["new", "acknowledged"])
def test_that_no_single_key_ends_a_stop(
    qtbot: QtBot,
    window: MainWindow,
    link: FakeNodeLink,
    board: HitBoard,
    name: str,
    key: str,
    is_acknowledged: bool,
) -> None:
    window._is_asking = True  # closing asks first, and there is nobody to answer here
    link.result = events.TestResult(START, (), 0.1, is_complete=True)
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    qtbot.waitUntil(window.actions_by_name["acknowledge"].isEnabled)
    if is_acknowledged:
        with qtbot.waitSignal(window.bridge.drained):
            QTest.keyClick(window.page.hits, Qt.Key.Key_Space)
        qtbot.waitUntil(window.actions_by_name["outcome"].isEnabled)
    pressed = QKeySequence(key)[0]
    QTest.keyClick(window.page.hits, pressed.key(), pressed.keyboardModifiers())
    window.bridge._drain()
    assert not {StepKind.OUTCOME, StepKind.PASS, StepKind.PARK} & set(kinds_sent(link)), name
    for card in board.cards:
        assert not card.is_closed
        assert card.life.state not in (HitState.CLOSED, HitState.MISREAD, HitState.PARKED)


def test_that_every_plain_letter_and_digit_leaves_a_stop_open(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, board: HitBoard
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    qtbot.waitUntil(window.actions_by_name["acknowledge"].isEnabled)
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789":
        window.page.hits.setFocus()
        QTest.keyClick(window.page.hits, letter)
        window.page.asker.leave()
        window.tools.contact.leave()
    window.bridge._drain()
    assert StepKind.OUTCOME not in kinds_sent(link)
    assert not any(card.is_closed for card in board.cards)
