from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.voi import Action
from nas_desktop.services.events import ListState, NodeState, StateReported
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.lists import (
    EntriesPage,
    EntryFound,
    ListCounts,
    ListEvent,
    ListOutcome,
    ListReceiver,
    ListVersion,
)
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.lists.change_dialog import ChangeDialog
from nas_desktop.ui.lists.lists_page import ListsPage
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import Look, ThemeName
from tests.builders import NOON, a_hit, an_entry
from tests.fakes.node_link import DeskClock, FakeNodeLink, RunsAtOnce, an_operator

VERSION = ListVersion(4, ListEvent.IMPORTED, NOON, by="v.shah", counts=ListCounts(3, 3))
OWN = ListState("07_Own", 4, "CHESH", 3, NOON, is_own=True, version=VERSION)
ABOVE = replace(OWN, name="06_GMP", is_own=False)


class Lists:
    """``ListLink`` with some lists; what was asked for is remembered."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.hidden: tuple[ListState, ...] = ()
        self.refusal: Refused | None = None

    async def search(
        self, text: str, name: str = "", first: int = 0, limit: int = 100
    ) -> EntriesPage:
        self.done.append(("search", text, name, first))
        found = tuple(EntryFound(name or "06_GMP", 4, an_entry(f"AB{i}ABC")) for i in (51, 52, 53))
        return EntriesPage(first, found, 3, is_all=bool(name))

    async def states(self, *, at_server: bool = False) -> tuple[ListState, ...]:
        if self.refusal is not None:
            raise self.refusal
        return self.hidden

    async def versions(
        self, name: str, *, at_server: bool = False
    ) -> tuple[tuple[ListVersion, ...], tuple[ListReceiver, ...]]:
        self.done.append(("versions", name, at_server))
        if self.refusal is not None:
            raise self.refusal
        return (VERSION,), (ListReceiver("desk 7", name, 3, NOON - timedelta(hours=2), True),)

    async def quiet_hits(
        self, name: str, first: int = 0, limit: int = 200, *, at_server: bool = False
    ) -> tuple[int, tuple[Hit, ...]]:
        if self.refusal is not None:
            raise self.refusal
        return 2, (a_hit(action=Action.NO_ALERT, information="=1+1"),)

    async def change(self, name: str, change: str, why: str, **more: Any) -> ListOutcome:
        self.done.append((change, name, why, more))
        if self.refusal is not None:
            raise self.refusal
        return ListOutcome(name, 5, True, True, "Done.")

    async def edit(
        self, name: str, put: list[Any], gone: list[str], why: str, **more: Any
    ) -> ListOutcome:
        self.done.append(("edit", name, gone, why, more))
        return ListOutcome(name, 5, True, True, "Done.")


@pytest.fixture
def lists() -> Lists:
    return Lists()


@pytest.fixture
def window(
    qtbot: QtBot,
    bridge: Bridge,
    board: HitBoard,
    link: FakeNodeLink,
    clock: DeskClock,
    spawn: RunsAtOnce,
    settings: QSettings,
    lists: Lists,
) -> Iterator[MainWindow]:
    made = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings, lists)  # type: ignore[arg-type]
    made.show()
    qtbot.waitExposed(made)
    made.sign_in_as(replace(an_operator(), roles=(Role.VOI_MANAGER,)))
    state = NodeState("desk", "desk", clock.now(), True, lists=(OWN, ABOVE))
    bridge.receive(StateReported(state))
    qtbot.waitUntil(lambda: bridge.state is not None)
    made.show_workspace("lists")
    yield made
    made.leave()
    made.deleteLater()


@pytest.fixture
def page(window: MainWindow) -> ListsPage:
    assert window.lists_page is not None
    return window.lists_page


def choose(page: ListsPage, name: str) -> None:
    page.table.selectRow(page.model.row_of(name))


def a_question(page: ListsPage) -> ChangeDialog:
    (dialog,) = (d for d in page.findChildren(ChangeDialog) if d.isVisible())
    return dialog


def test_that_the_keys_change_the_workspace_and_it_is_remembered(
    window: MainWindow, settings: QSettings
) -> None:
    assert window.pages.currentWidget() is window.lists_page
    window.actions_by_name["live"].trigger()
    assert window.pages.currentWidget() is window.page
    window.actions_by_name["lists"].trigger()
    window.save_layout()
    assert settings.value("window/workspace") == "lists"
    assert all(counter.isVisible() for counter in window.top_bar.counters.values())


def test_that_the_first_list_is_chosen_and_its_entries_shown(page: ListsPage, lists: Lists) -> None:
    assert page.chosen is not None
    assert page.chosen.name == "06_GMP"
    assert ("search", "", "06_GMP", 0) in lists.done
    assert page.entries.model.rowCount() == 3
    assert not page.empty.isVisible()


def test_that_a_new_state_leaves_the_choice_alone(
    page: ListsPage, bridge: Bridge, qtbot: QtBot, clock: DeskClock
) -> None:
    choose(page, "07_Own")
    more = replace(ABOVE, name="01_New")
    bridge.receive(
        StateReported(NodeState("desk", "desk", clock.now(), True, lists=(more, OWN, ABOVE)))
    )
    qtbot.waitUntil(lambda: page.model.rowCount() == 3)
    assert page.chosen is not None
    assert page.chosen.name == "07_Own"


def test_that_only_a_list_manager_may_change_lists(window: MainWindow, page: ListsPage) -> None:
    choose(page, "07_Own")
    enabled = {name for name, button in page.buttons.items() if button.isEnabled()}
    assert enabled == {"import", "new", "export", "dry_run", "roll_back", "disable", "remove"}
    window.sign_in_as(an_operator())
    window.show_workspace("lists")
    assert not any(button.isEnabled() for button in page.buttons.values())


@pytest.mark.parametrize(("name", "at_server"), [("07_Own", False), ("06_GMP", True)])
def test_that_a_change_to_a_list_needs_a_reason(
    page: ListsPage, lists: Lists, name: str, at_server: bool
) -> None:
    choose(page, name)
    page.buttons["disable"].click()
    dialog = a_question(page)
    assert "3 entries stop matching" in dialog.words.text()
    assert not dialog.yes.isEnabled()
    dialog.why.setText("under review")
    dialog.yes.click()
    assert ("disable", name, "under review", {"at_server": at_server}) in lists.done


def test_that_a_removal_needs_a_second_step(page: ListsPage, lists: Lists) -> None:
    choose(page, "07_Own")
    page.buttons["remove"].click()
    dialog = a_question(page)
    dialog.why.setText("no longer needed")
    assert not dialog.yes.isEnabled()
    dialog.sure.setChecked(True)
    dialog.yes.click()
    assert lists.done[-1][0] != "remove" or lists.done[-1][1] == "07_Own"
    assert any(done[0] == "remove" for done in lists.done)


def test_that_a_new_list_takes_name_and_authority(page: ListsPage, lists: Lists) -> None:
    page.buttons["new"].click()
    dialog = a_question(page)
    dialog.name.setText(" 07_Mine ")
    dialog.authority.setText("DSA 1/26")
    dialog.misreads.setChecked(True)
    dialog.yes.click()
    more = {"authority": "DSA 1/26", "finds_misreads": True}
    assert ("create", "07_Mine", "", more) in lists.done


def test_that_an_entry_is_removed_after_a_question(page: ListsPage, lists: Lists) -> None:
    choose(page, "07_Own")
    page.entries.table.selectRow(1)
    page.entries.remove.click()
    dialog = a_question(page)
    dialog.why.setText("sold")
    dialog.yes.click()
    assert ("edit", "07_Own", ["AB52ABC"], "sold", {"at_server": False}) in lists.done


def test_that_a_refused_change_is_said(
    qtbot: QtBot, page: ListsPage, lists: Lists, bridge: Bridge
) -> None:
    choose(page, "07_Own")
    page.buttons["roll_back"].click()
    dialog = a_question(page)
    dialog.why.setText("wrong file")
    lists.refusal = Refused("no_version", "No version before this one is kept.")
    with qtbot.waitSignal(bridge.notice) as said:
        dialog.yes.click()
    assert said.args == ["No version before this one is kept.", ""]


def test_that_a_search_waits_for_the_last_key(qtbot: QtBot, page: ListsPage, lists: Lists) -> None:
    choose(page, "07_Own")
    lists.done.clear()
    qtbot.keyClicks(page.entries.search, "ab5")
    assert lists.done == []
    qtbot.waitUntil(lambda: ("search", "ab5", "07_Own", 0) in lists.done)
    page.entries.everywhere.setChecked(True)
    assert lists.done[-1] == ("search", "ab5", "", 0)
    assert "whole VRM only" in page.entries.count.text()


def test_that_versions_desks_and_quiet_hits_are_shown(page: ListsPage, lists: Lists) -> None:
    choose(page, "07_Own")
    page.tabs.setCurrentWidget(page.versions)
    assert ("versions", "07_Own", False) in lists.done
    page.tabs.setCurrentWidget(page.quiet)
    assert page.quiet.table.rowCount() == 1
    assert "2 hits recorded" in page.quiet.words.text()
    lines = page.quiet.export_text().splitlines()
    assert lines[0] == "OFFICIAL-SENSITIVE"
    lists.refusal = Refused("list_owner", "Only the owner of a list sees this.")
    page.tabs.setCurrentWidget(page.versions)
    page.tabs.setCurrentWidget(page.quiet)
    assert page.quiet.words.text() == "Only the owner of a list sees this."
    assert not page.quiet.export.isEnabled()


def test_that_a_list_of_the_server_for_its_owner_alone_is_shown(
    page: ListsPage, lists: Lists, window: MainWindow
) -> None:
    covert = replace(VERSION, counts=ListCounts(2, no_alert=2))
    lists.hidden = (replace(OWN, name="07_Covert", version=covert),)
    window.show_workspace("lists")
    choose(page, "07_Covert")
    assert page.model.index(page.table.currentIndex().row(), 2).data() == "● live, yours alone"
    page.buttons["disable"].click()
    dialog = a_question(page)
    dialog.why.setText("over")
    dialog.yes.click()
    assert ("disable", "07_Covert", "over", {"at_server": True}) in lists.done


def test_that_an_empty_workspace_says_what_to_do(
    qtbot: QtBot, page: ListsPage, bridge: Bridge, clock: DeskClock
) -> None:
    bridge.receive(StateReported(NodeState("desk", "desk", clock.now(), True)))
    qtbot.waitUntil(lambda: page.empty.isVisible())
    assert not page.table.isVisible()
    assert "Import" in page.empty.text()


@pytest.mark.parametrize("theme", ThemeName)
def test_that_every_theme_and_size_will_do(
    window: MainWindow, theme: ThemeName, tmp_path: Path
) -> None:
    window.set_look(Look(theme, 2.0))
    assert window.save_picture(tmp_path / "p.png")
