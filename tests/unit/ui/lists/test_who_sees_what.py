"""What one person may see of the lists is not on screen for the next; Stops are said everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.voi import Action
from nas_desktop.services.events import ListState, NodeState, StateReported
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.lists import EntryFound, ListCounts, ListEvent, ListVersion
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.top_bar import MarkingView
from nas_desktop.ui.main_window import MainWindow
from tests.builders import a_hit, an_entry
from tests.fakes.list_link import FakeListLink
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, RunsAtOnce, an_operator

VERSION = ListVersion(3, ListEvent.IMPORTED, START, by="akhan", counts=ListCounts(2, no_alert=2))
COVERT = ListState(
    "07_Covert", 3, "CHESH", 2, START, is_own=True, owner="akhan", authority="R 1", version=VERSION
)
OPEN = ListState("07_Own", 3, "CHESH", 1, START, is_own=True)


@pytest.fixture
def lists() -> FakeListLink:
    link = FakeListLink()
    link.lists_at_server = (COVERT,)
    link.quiet = (a_hit(action=Action.NO_ALERT),)
    link.found = (EntryFound("07_Covert", 3, an_entry(action=Action.NO_ALERT)),)
    return link


@pytest.fixture
def window(
    qtbot: QtBot,
    bridge: Bridge,
    board: HitBoard,
    link: FakeNodeLink,
    clock: DeskClock,
    spawn: RunsAtOnce,
    settings: QSettings,
    lists: FakeListLink,
) -> Iterator[MainWindow]:
    made = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings, lists)
    made.show()
    qtbot.waitExposed(made)
    made.sign_in_as(an_operator(Role.VOI_MANAGER, Role.DISPATCHER))
    link.play(StateReported(NodeState("Desk 1", "desk", START, is_simulation=True, lists=(OPEN,))))
    bridge._drain()
    made.show_workspace("lists")
    yield made
    made.leave()
    made.deleteLater()


def names(window: MainWindow) -> list[str]:
    page = window.lists_page
    assert page is not None
    model = page.model
    return [str(model.data(model.index(at, 0))) for at in range(model.rowCount())]


def test_that_a_covert_list_is_its_owners_and_named_as_the_servers(window: MainWindow) -> None:
    assert names(window) == ["07_Covert", "07_Own"]
    page = window.lists_page
    assert page is not None
    row = page.model.row_of("07_Covert")
    said = " ".join(str(page.model.data(page.model.index(row, c))) for c in range(8))
    assert "yours alone" in said
    assert ", server" in said


def test_that_nothing_of_it_is_left_for_the_next_person(
    qtbot: QtBot, window: MainWindow, lists: FakeListLink
) -> None:
    page = window.lists_page
    assert page is not None
    page.table.selectRow(page.model.row_of("07_Covert"))
    page.tabs.setCurrentWidget(page.quiet)
    assert page.quiet.hits
    assert page.entries.model.rowCount() == 1
    page.import_file()
    lists.lists_at_server, lists.quiet, lists.found = (), (), ()
    window.sign_in_as(an_operator(name="B. Jones"))
    assert "07_Covert" not in names(window)
    assert page.quiet.hits == ()
    assert page.quiet.table.rowCount() == 0
    assert page.entries.chosen is None
    assert all(not dialog.isVisible() for dialog in page.findChildren(QDialog))
    window.actions_by_name["sign_out"].trigger()
    assert names(window) == []


def test_that_a_dialog_of_its_own_window_carries_the_marking(window: MainWindow) -> None:
    page = window.lists_page
    assert page is not None
    dialog = page.import_file()
    (marking,) = dialog.findChildren(MarkingView)
    assert "simulation" in marking.accessibleName()


def test_that_an_urgent_hit_is_said_while_lists_are_in_front(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(a_hit("AB51ABC", START - timedelta(seconds=5)))
    assert window.notice.isVisible()
    assert "P1 STOP AB51 ABC" in window.notice.words.text()
    assert "Ctrl+1" in window.notice.words.text()
    assert window.top_bar.counters["P1"].property("tone") == "red"
    window.top_bar.counters["P1"].click()
    assert window.page.isVisible()
    assert window.page.chosen is not None


def test_that_lesser_hits_stand_in_the_counters_alone(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    hit = a_hit("CD62XYZ", START, action=Action.ASSESS, reason="Drugs", warning_signals=())
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(hit)
    assert not window.notice.isVisible()
    assert hit.tier is not None
    assert window.top_bar.counters[hit.tier.value].text().endswith("1")
