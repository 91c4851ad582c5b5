"""History: closed hits a page at a time, one VRM, and what was done about one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import QModelIndex, QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit_life import DecidedStep, StepKind
from nas_desktop.services.desks import HistoryPage
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live import history_model
from nas_desktop.ui.live.history_dialog import PAGE, HistoryDialog
from nas_desktop.ui.live.history_model import HistoryModel
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import Look
from tests.builders import NOON, a_hit, a_step, decided
from tests.fakes.desk_link import FakeDeskLink
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, RunsAtOnce, an_operator

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def a_page(count: int, first: int = 0, total: int = 0, *, is_last: bool = True) -> HistoryPage:
    """Return closed hits, the first the one closed last."""
    hits = [a_hit(f"AB{51 + n % 40}ABC", NOON - timedelta(minutes=first + n)) for n in range(count)]
    steps: list[DecidedStep] = []
    for hit in hits:
        at = hit.read.captured_at + timedelta(seconds=20)
        steps += [
            decided(a_step(hit.hit_id, at=at)),
            decided(
                a_step(
                    hit.hit_id,
                    StepKind.OUTCOME,
                    at=at + timedelta(seconds=20),
                    code="no_offence",
                    text="In order",
                )
            ),
        ]
    closed = [hit.read.captured_at + timedelta(seconds=40) for hit in hits]
    before = None if is_last else closed[-1]
    return HistoryPage(tuple(hits), tuple(closed), tuple(steps), total or count, before)


@pytest.fixture
def desks() -> FakeDeskLink:
    made = FakeDeskLink()
    # More than fill the table, so that it does not ask for the next page by itself.
    made.pages = [a_page(100, total=130, is_last=False), a_page(30, 100, 130)]
    return made


@pytest.fixture
def window(
    qtbot: QtBot,
    bridge: Bridge,
    board: HitBoard,
    link: FakeNodeLink,
    clock: DeskClock,
    spawn: RunsAtOnce,
    settings: QSettings,
    desks: FakeDeskLink,
) -> Iterator[MainWindow]:
    made = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings, desks=desks)
    made.show()
    qtbot.waitExposed(made)
    made.sign_in_as(an_operator())
    yield made
    made.leave()
    made.deleteLater()


@pytest.fixture
def dialog(window: MainWindow) -> HistoryDialog:
    made = window.page.show_history()
    assert made is not None
    return made


def shown(dialog: HistoryDialog, column: int = 1) -> list[str]:
    model = dialog.model
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def test_that_h_opens_it_once(qtbot: QtBot, window: MainWindow, link: FakeNodeLink) -> None:
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(a_hit())
    window.page.hits.setFocus()
    QTest.keyClick(window.page.hits, Qt.Key.Key_H)
    QTest.keyClick(window.page.hits, Qt.Key.Key_H)
    assert len(window.page.findChildren(HistoryDialog)) == 1


def test_that_closed_hits_come_page_by_page(
    qtbot: QtBot, dialog: HistoryDialog, desks: FakeDeskLink
) -> None:
    assert shown(dialog)[:2] == ["AB51 ABC", "AB52 ABC"]
    assert len(shown(dialog)) == PAGE
    assert dialog.said.text() == "100 of 130 closed hits, more below"
    assert dialog.model.canFetchMore(QModelIndex())
    dialog.table.scrollToBottom()
    qtbot.waitUntil(lambda: len(shown(dialog)) == 130)
    assert [before for before, _limit, _mark in desks.asked_history] == [
        None,
        NOON - timedelta(minutes=99) + timedelta(seconds=40),
    ]
    assert {limit for _before, limit, _mark in desks.asked_history} == {PAGE}
    assert dialog.said.text() == "130 closed hits"
    assert not dialog.model.canFetchMore(QModelIndex())


def test_that_a_row_says_how_it_ended_and_the_detail_says_all(dialog: HistoryDialog) -> None:
    assert shown(dialog, 3)[0] == "Stopped: no offence"
    assert shown(dialog, 4)[0] == "A. Khan"
    assert shown(dialog, 6)[0] == "07_Cheshire VOI List"
    dialog.table.selectRow(1)
    lines = dialog.lines.accessibleName().splitlines()
    assert len(lines) == 2
    assert "Acknowledged by A. Khan, desk 1" in lines[0]
    assert "Closed by A. Khan, desk 1: Stopped: no offence “In order”" in lines[1]
    assert dialog.model.index(0, 1).data(Qt.ItemDataRole.FontRole) is not None
    assert dialog.model.data(QModelIndex()) is None


def test_that_one_vrm_is_looked_up_and_what_is_none_is_said(
    dialog: HistoryDialog, desks: FakeDeskLink
) -> None:
    dialog.mark.setText("ab51 abc")
    QTest.keyClick(dialog.mark, Qt.Key.Key_Return)
    assert desks.asked_history[-1] == (None, PAGE, "AB51ABC")
    asked = len(desks.asked_history)
    dialog.mark.setText("AB?1")
    dialog.look_up()
    assert len(desks.asked_history) == asked
    assert "one VRM, whole" in dialog.said.text()
    desks.pages = [HistoryPage()]
    dialog.mark.setText("ZZ99ZZZ")
    dialog.find_button.click()
    assert dialog.middle.currentWidget() is dialog.empty
    assert "No hit of this VRM was closed" in dialog.empty.accessibleName()
    assert not dialog.detail.isVisible()


def test_that_a_refusal_is_said_and_it_can_be_asked_again(
    dialog: HistoryDialog, desks: FakeDeskLink
) -> None:
    desks.refusal = Refused("link_down", "There is no connection.", "It is tried again.")
    dialog.model.fetchMore(QModelIndex())
    assert "There is no connection." in dialog.said.text()
    assert dialog.model.canFetchMore(QModelIndex())
    desks.refusal = None
    dialog.model.fetchMore(QModelIndex())
    assert len(shown(dialog)) == 130


def test_that_an_answer_to_an_earlier_question_is_dropped(
    dialog: HistoryDialog, desks: FakeDeskLink
) -> None:
    desks.pages = [a_page(1)]
    late = dialog._fetch(None, dialog._generation)
    dialog.look_up()
    assert len(shown(dialog)) == 1
    with pytest.raises(StopIteration):
        late.send(None)
    assert len(shown(dialog)) == 1


def test_that_no_more_are_kept_than_can_be_looked_through(
    monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(history_model, "MOST_HELD", 2)
    model = HistoryModel(load_spec(), Look())
    QAbstractItemModelTester(model, FATAL, model)
    model.add(a_page(3, total=9, is_last=False), START)
    assert (model.rowCount(), model.is_full, model.has_more) == (2, True, False)
    assert model.row_at(5) is None
    model.clear()
    assert model.rowCount() == 0


def test_that_only_who_sees_hits_sees_their_history(window: MainWindow) -> None:
    window.sign_in_as(an_operator(Role.VOI_MANAGER))
    assert window.page.show_history() is None


def test_that_lock_and_sign_out_put_it_away(
    qtbot: QtBot, window: MainWindow, dialog: HistoryDialog
) -> None:
    with qtbot.waitSignal(dialog.destroyed):
        window.lock.lock()
    assert window.page.show_history() is None
    window.bridge.is_locked = False
    again = window.page.show_history()
    assert again is not None
    with qtbot.waitSignal(again.destroyed):
        window.sign_in_as(an_operator(name="B. Lee"))
