"""The exercise at a real window: marked everywhere, counted nowhere, nothing of it sent."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.services.cards import CardId, Group
from nas_desktop.services.exercise import load_exercise_rules
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.sheets.hit_sheet import hit_sheet
from tests.builders import a_hit
from tests.fakes.node_link import DeskClock, FakeNodeLink, an_operator
from tests.fakes.sheet_link import FakeSheetLink
from tests.unit.ui.at_desk import choose, drain, kinds_sent, press

CTRL = Qt.KeyboardModifier.ControlModifier
CTRL_SHIFT = CTRL | Qt.KeyboardModifier.ShiftModifier


def begin(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.bridge.drained):
        press(window.page.hits, Qt.Key.Key_X, CTRL_SHIFT)
    choose(window, "QQ111QQQ")
    qtbot.waitUntil(window.actions_by_name["acknowledge"].isEnabled)


def is_there(board: HitBoard) -> bool:
    return board.card(CardId("QQ111QQQ")) is not None


def test_that_the_whole_exercise_stays_in_the_window(
    qtbot: QtBot,
    window: MainWindow,
    link: FakeNodeLink,
    board: HitBoard,
    sheets: FakeSheetLink,
    clock: DeskClock,
) -> None:
    begin(qtbot, window)
    assert window.top_bar.counters["P1"].text() == "P1  0"
    assert window.page.reporter.made().waiting == {}
    assert window.page.reporter.flood.count == 0
    with qtbot.waitSignal(window.bridge.drained):
        press(window.page.hits, Qt.Key.Key_Space)
    for key in (Qt.Key.Key_V, Qt.Key.Key_C):
        with qtbot.waitSignal(window.bridge.drained):
            press(window.page.hits, key)
    press(window.page.hits, Qt.Key.Key_A)
    with qtbot.waitSignal(window.bridge.drained):
        press(window.page.chooser, Qt.Key.Key_1)
    clock.advance(21)
    press(window.page.hits, Qt.Key.Key_O)
    with qtbot.waitSignal(window.bridge.drained):
        press(window.page.chooser, Qt.Key.Key_1)
    assert link.steps == []
    assert link.batches == 0
    assert "closed after 21 s" in window.notice.words.text()
    assert not window.bridge.paint_ms
    assert sheets.records == []
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    qtbot.waitUntil(lambda: not is_there(board))
    assert window.page.chosen is not None


def test_that_it_is_marked_wherever_it_can_be_seen(
    qtbot: QtBot, window: MainWindow, sheets: FakeSheetLink
) -> None:
    begin(qtbot, window)
    page = window.page
    card = page.chosen
    assert card is not None
    shown = [w.text() for w in page.detail.body.findChildren(QLabel) if not w.isHidden()]
    assert any(words.startswith("▲ EXERCISE: send nobody") for words in shown)
    assert any(words.startswith("Exercise · ") for words in shown)
    index = page.model.index_of(card.card_id)
    assert "exercise" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert page.hits.card_delegate._face(card).signals == "EXERCISE"
    assert any(sound.is_exercise for sound in window.sounds.shown) or not window.sounds.shown
    press(page.hits, Qt.Key.Key_F2)
    assert " | EXERCISE ANPR HIT | " in QGuiApplication.clipboard().text()
    bridge = window.bridge
    sheet = hit_sheet(card, bridge.history, None, window._spec, "who", bridge.clock.now())
    assert sheet.mark == "EXERCISE"
    press(page.hits, Qt.Key.Key_K)
    titles = window.tools.contact.findChildren(QLabel)
    assert any(w.text().startswith("EXERCISE · QQ111QQQ") for w in titles)
    press(window.tools.contact, Qt.Key.Key_Escape)
    press(page.hits, Qt.Key.Key_P, CTRL)
    dialog = window.tools.sheets.dialog
    assert dialog is not None
    assert "EXERCISE · ANPR hit" in dialog.preview.toPlainText()
    dialog.reject()
    shift = window.tools.sheets.shift_now()
    assert [c.vrm for c in shift.cards] == ["QQ111QQQ"]
    assert sheets.records == []


def test_that_it_ends_by_itself(
    qtbot: QtBot, window: MainWindow, board: HitBoard, clock: DeskClock
) -> None:
    begin(qtbot, window)
    clock.advance(load_exercise_rules().lasts_s)
    window.tools.exercise._on_time()
    assert not is_there(board)
    assert window.page.chosen is None
    assert "exercise is over" in window.notice.words.text()


def test_that_the_same_key_ends_it_and_so_does_signing_out(
    qtbot: QtBot, window: MainWindow, board: HitBoard
) -> None:
    begin(qtbot, window)
    press(window.page.hits, Qt.Key.Key_X, CTRL_SHIFT)
    assert not is_there(board)
    begin(qtbot, window)
    window.bridge.set_operator(None)
    assert not is_there(board)


def test_that_there_is_none_while_a_p1_waits(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, board: HitBoard
) -> None:
    drain(qtbot, window, link, a_hit())
    press(window.page.hits, Qt.Key.Key_X, CTRL_SHIFT)
    assert board.size(Group.EXERCISE) == 0
    assert "No exercise" in window.notice.words.text()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.DISPATCHER, True),
        (Role.SUPERVISOR, True),
        (Role.OFFICER, False),
        (Role.ANALYST, False),
        (Role.AUDITOR, False),
    ],
)
def test_that_only_dispatchers_and_supervisors_may(
    window: MainWindow, role: Role, may: bool
) -> None:
    window.bridge.set_operator(an_operator(role))
    assert window.actions_by_name["exercise"].isEnabled() is may


def test_that_a_real_hit_goes_first_and_next_finds_the_exercise_after_it(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    begin(qtbot, window)
    drain(qtbot, window, link, a_hit("CD62XYZ", warning_signals=()))
    window.page.hits.go_to_top()
    window.page.hits.forget_choice()
    QTest.keyClick(window.page.hits, Qt.Key.Key_N)
    assert window.page.chosen is not None
    assert window.page.chosen.vrm == "CD62XYZ"
    QTest.keyClick(window.page.hits, Qt.Key.Key_N)
    assert window.page.chosen.vrm == "QQ111QQQ"
    assert StepKind.ACKNOWLEDGE not in kinds_sent(link)
