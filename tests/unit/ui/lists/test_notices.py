"""What operators said of entries, where whoever looks after the list sees it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.services.desks import Notice
from nas_desktop.services.events import ListState, NodeState, StateReported
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.lists.lists_page import ListsPage
from nas_desktop.ui.main_window import MainWindow
from tests.builders import NOON
from tests.fakes.desk_link import FakeDeskLink
from tests.fakes.list_link import FakeListLink
from tests.fakes.node_link import DeskClock, FakeNodeLink, RunsAtOnce, an_operator

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
ONE, TWO = "07_Cheshire VOI List", "52_Avon and Somerset Response"


@pytest.fixture
def desks() -> FakeDeskLink:
    made = FakeDeskLink()
    made.found = (
        Notice(ONE, "AB51ABC", NOON, "A. Khan", "Sold in June"),
        Notice(ONE, "CD62XYZ", NOON, "B. Lee"),
    )
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
    spec, lists = load_spec(), FakeListLink()
    made = MainWindow(bridge, board, link, spawn, clock, spec, settings, lists, desks=desks)
    made.show()
    qtbot.waitExposed(made)
    made.sign_in_as(an_operator(Role.VOI_MANAGER))
    states = tuple(ListState(name, 1, "A", 10, clock.now()) for name in (ONE, TWO))
    with qtbot.waitSignal(bridge.state_changed):
        bridge.receive(StateReported(NodeState("desk", "desk", clock.now(), True, lists=states)))
    yield made
    made.leave()
    made.deleteLater()


@pytest.fixture
def page(window: MainWindow) -> ListsPage:
    window.show_workspace("lists")
    assert window.lists_page is not None
    return window.lists_page


def rows(page: ListsPage) -> list[list[str]]:
    model = page.notices.model
    return [
        [str(model.index(row, column).data()) for column in range(1, model.columnCount())]
        for row in range(model.rowCount())
    ]


def tab(page: ListsPage) -> str:
    return page.tabs.tabText(page.tabs.indexOf(page.notices))


def test_that_notices_stand_with_their_list(page: ListsPage) -> None:
    QAbstractItemModelTester(page.notices.model, FATAL, page.notices.model)
    page.table.selectRow(0)
    assert page.model.index(0, 0).data() == f"▲ 2 notices · {ONE}"
    assert page.model.index(1, 0).data() == TWO
    assert tab(page) == "Notices (2)"
    assert rows(page) == [
        ["AB51 ABC", "A. Khan", "Sold in June"],
        ["CD62 XYZ", "B. Lee", "Entry out of date or wrong"],
    ]
    assert page.notices.words.text().startswith("▲ 2 notices: entry out of date or wrong")
    page.table.selectRow(1)
    assert (tab(page), rows(page)) == ("Notices", [])
    assert page.notices.words.text().startswith("Nobody has said")


def test_that_a_refusal_is_said(window: MainWindow, desks: FakeDeskLink) -> None:
    desks.refusal = Refused("link_down", "There is no connection.")
    window.show_workspace("lists")
    assert window.lists_page is not None
    assert "could not be asked" in window.lists_page.notices.words.text()


def test_that_the_next_person_asks_anew(
    window: MainWindow, page: ListsPage, desks: FakeDeskLink
) -> None:
    assert desks.asked_notices == [""]
    window.sign_in_as(an_operator(Role.AUDITOR))
    assert rows(page) == []
    assert "not for your role" in page.notices.words.text()
    window.show_workspace("lists")
    assert desks.asked_notices == [""]


def test_that_an_answer_for_who_has_left_is_dropped(
    window: MainWindow, page: ListsPage, desks: FakeDeskLink
) -> None:
    desks.found = ()

    async def leaving(_name: str = "") -> tuple[Notice, ...]:
        window.bridge.operator = None
        return ()

    desks.notices = leaving  # type: ignore[method-assign]
    with pytest.raises(StopIteration):
        page.notices._load(desks).send(None)
    page.table.selectRow(0)
    assert len(page.notices.shown) == 2
