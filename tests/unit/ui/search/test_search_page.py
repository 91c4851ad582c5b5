"""The search workspace as a person works it: reason first, rules said, rows, tabs, no leftovers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import Direction, Where
from nas_desktop.domain.search_access import Purpose, SearchReason
from nas_desktop.services.events import HopState, HopStatus, NodeState, StateReported
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.services.searches import Holder, Order
from nas_desktop.ui.actions import SEARCH_COMMANDS, Command
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import GSC
from nas_desktop.ui.live.top_bar import MarkingView
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.search.coverage_view import CoverageDialog
from nas_desktop.ui.search.preserved_dialog import PreservedDialog
from nas_desktop.ui.search.search_page import MOST_TABS, SearchPage
from nas_desktop.ui.search.search_tab import SearchTab
from nas_desktop.ui.theme import Look, ThemeName
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, RunsAtOnce, an_operator
from tests.fakes.search_link import FakeRunningSearch, FakeSearchLink, row_at, some_progress

REASON = SearchReason(
    Purpose.SERIOUS, 5, "Robbery at Stone, vehicle seen leaving.", "OP MERCURY 2211"
)


@pytest.fixture
def searches() -> FakeSearchLink:
    return FakeSearchLink(START)


@pytest.fixture
def window(
    qtbot: QtBot,
    bridge: Bridge,
    board: HitBoard,
    link: FakeNodeLink,
    clock: DeskClock,
    spawn: RunsAtOnce,
    settings: QSettings,
    searches: FakeSearchLink,
) -> Iterator[MainWindow]:
    made = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings, None, searches)
    made.show()
    qtbot.waitExposed(made)
    made.sign_in_as(an_operator(Role.ANALYST))
    made.show_workspace("search")
    yield made
    made.leave()
    made.deleteLater()


@pytest.fixture
def page(window: MainWindow) -> SearchPage:
    assert window.search_page is not None
    return window.search_page


@pytest.fixture
def tab(page: SearchPage) -> SearchTab:
    return page.tab


def ask(tab: SearchTab, marks: str = "AB51ABC") -> None:
    tab.panel.why.set_reason(REASON)
    tab.panel.vehicle.field.setText(marks)
    tab.search()


def press(tab: SearchTab, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    field = tab.panel.vehicle.field
    field.setFocus()
    QTest.keyClick(field, key, modifier)


CTRL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


# ------------------------------------------------------------------ why


def test_that_no_search_runs_without_a_reason(tab: SearchTab, searches: FakeSearchLink) -> None:
    tab.panel.vehicle.field.setText("AB51ABC")
    why = tab.panel.why
    for fill, words in (
        (lambda: None, "purpose"),
        (lambda: why.purpose.setCurrentIndex(2), "reason code"),
        (lambda: why.code.setCurrentIndex(6), "operation number"),
        (lambda: why.reference.setText("OP MERCURY"), "justification"),
        (lambda: why.justification.setPlainText("as above"), "refers to another"),
    ):
        fill()
        press(tab, Qt.Key.Key_Return, CTRL)
        assert searches.running == []
        assert words in why.said.text()
    why.justification.setPlainText("Robbery at Stone, vehicle seen leaving.")
    press(tab, Qt.Key.Key_Return, CTRL)
    assert len(searches.running) == 1


def test_that_a_justification_is_confirmed_with_one_key_before_it_is_used_again(
    tab: SearchTab, searches: FakeSearchLink
) -> None:
    ask(tab)
    assert "last search" in tab.panel.why.offer_words.text()
    press(tab, Qt.Key.Key_Return, CTRL)
    assert len(searches.running) == 1
    press(tab, Qt.Key.Key_F4, PLAIN)
    assert not tab.panel.why.offer.isVisible()
    press(tab, Qt.Key.Key_Return, CTRL)
    assert len(searches.running) == 2
    assert searches.running[0].is_closed


def test_that_changed_words_need_no_confirming(tab: SearchTab, searches: FakeSearchLink) -> None:
    ask(tab)
    tab.panel.why.justification.setPlainText("Second sighting, direction of flight asked for.")
    tab.search()
    assert len(searches.running) == 2


def test_that_a_case_offers_its_reason_and_never_takes_it(
    page: SearchPage, searches: FakeSearchLink
) -> None:
    ask(page.tab)
    other = page.new_search()
    other.panel.why.reference.setText("op mercury 2211")
    assert REASON.justification in other.panel.why.offer_words.text()
    assert other.panel.why.justification.toPlainText() == ""
    other.panel.why.confirm()
    assert other.panel.why.justification.toPlainText() == REASON.justification
    assert other.panel.why.missing() is None


def test_that_another_person_finds_nothing_of_the_one_before(
    window: MainWindow, page: SearchPage, searches: FakeSearchLink
) -> None:
    ask(page.tab)
    page.new_search()
    page.dialogs.show_history()
    window.actions_by_name["sign_out"].trigger()
    window.sign_in_as(an_operator(Role.ANALYST, name="B. Lowe"))
    assert len(page.tabs) == 1
    assert searches.running[0].is_closed
    assert page.tab.results.model.rowCount() == 0
    assert page.tab.results.detail.found is None
    assert page.tab.panel.vehicle.field.text() == ""
    assert page.tab.panel.why.justification.toPlainText() == ""
    page.tab.panel.why.reference.setText("OP MERCURY 2211")
    assert not page.tab.panel.why.offer.isVisible()
    assert all(not dialog.isVisible() for dialog in page.findChildren(QDialog))


# ------------------------------------------------------------------ the question


def test_that_every_criterion_goes_into_the_question(
    tab: SearchTab, searches: FakeSearchLink
) -> None:
    panel = tab.panel
    panel.why.set_reason(REASON)
    panel.vehicle.field.setText("AB5?A*, ≈CD62XYZ")
    panel.when.since.setText("yesterday 14:00")
    panel.when.until.setText("now")
    panel.place.set_cameras([searches.known[0].camera_id])
    panel.place.area_kind.setCurrentIndex(1)
    panel.place.area_text.setText("52.98, -2.15, 2000")
    panel.place._ways[Direction.N].setChecked(True)
    panel.place.unknown.setChecked(False)
    panel.more.flip()
    panel.more.lane.setText("lane 1, lane 2")
    panel.more.feed.setText("52 07")
    panel.more.source.setText("1")
    panel.more.kind.setCurrentIndex(1)
    panel.more.hits.setChecked(True)
    panel.more.late.setChecked(True)
    panel.set_where(Where.NATIONAL)
    tab.search()
    ((query, where, reason),) = searches.calls("start")
    assert where is Where.NATIONAL
    assert reason.purpose is Purpose.SERIOUS
    assert query.vrms == ("AB5?A*",)
    assert query.look_alikes == ("CD62XYZ",)
    assert query.cameras == (searches.known[0].camera_id,)
    assert query.directions == (Direction.N,)
    assert not query.includes_unknown
    assert query.hits_only
    assert query.late_only
    assert (query.lanes, query.feeds, query.sources) == (("lane 1", "lane 2"), ("07", "52"), (1,))
    again = tab.panel
    again.set_question(query)
    assert again.question() == query


@pytest.mark.parametrize(
    ("marks", "since", "place"),
    [("AB51ABC", "soon", "when"), ("A*", "2 h", "vehicle"), ("", "3 days", "vehicle")],
)
def test_that_words_stand_under_the_field_at_fault(
    tab: SearchTab, searches: FakeSearchLink, marks: str, since: str, place: str
) -> None:
    tab.panel.why.set_reason(REASON)
    tab.panel.vehicle.field.setText(marks)
    tab.panel.when.since.setText(since)
    tab.search()
    assert searches.running == []
    said = tab.panel.when.said if place == "when" else tab.panel.vehicle.fault
    assert said.text().startswith("■ ")


def test_that_an_area_at_fault_is_said_where_it_is_typed(tab: SearchTab) -> None:
    tab.panel.why.set_reason(REASON)
    tab.panel.place.area_kind.setCurrentIndex(2)
    tab.panel.place.area_text.setText("52.9,-2.1")
    tab.search()
    assert tab.panel.place.said.isVisible()


def test_that_the_wizard_is_worked_by_keys_and_asks_for_what_it_shows(
    window: MainWindow, tab: SearchTab, searches: FakeSearchLink
) -> None:
    tab.panel.why.set_reason(REASON)
    tab.panel.vehicle.flip()
    boxes = tab.panel.vehicle.wizard.boxes
    for box, key in zip(boxes, "AB5?ABC", strict=True):
        QTest.keyClicks(box, key)
    assert not window.keys.isVisible()  # ? is a character here
    assert boxes[6].hasFocus()
    QTest.keyClick(boxes[6], Qt.Key.Key_Left)
    assert boxes[5].hasFocus()
    QTest.keyClicks(boxes[5], "~")
    assert "looks like" in boxes[5].accessibleName()
    assert tab.panel.vehicle.said.text().startswith("6 fixed or look-alike · about ")
    QTest.keyClick(boxes[6], Qt.Key.Key_Backspace)
    assert boxes[6].box.text == ""
    QTest.keyClick(boxes[6], Qt.Key.Key_Backspace)
    assert boxes[5].hasFocus()
    tab.search()
    ((query, _where, _reason),) = searches.calls("start")
    assert "AB5?AB" in query.vrms
    assert "AB5?A8" in query.vrms


def test_that_marks_come_from_a_file(tab: SearchTab, tmp_path: Path) -> None:
    path = tmp_path / "marks.txt"
    path.write_text("AB51ABC\nCD62XYZ\n", encoding="utf-8")
    tab.panel.vehicle.load_file(path)
    assert tab.panel.question().vrms == ("AB51ABC", "CD62XYZ")
    tab.panel.vehicle.drop_file()
    path.write_bytes(b"\xff\xfe\x00")
    tab.panel.vehicle.load_file(path)
    assert tab.panel.vehicle.fault.isVisible()


def test_that_cameras_are_picked_from_a_list_that_narrows(tab: SearchTab) -> None:
    dialog = tab.panel.place.ask_cameras()
    dialog.filter.setText("m6 north")
    shown = dialog.model.rowCount()
    assert 0 < shown < 38
    dialog.model.tick_shown(is_on=True)
    dialog.filter.setText("nowhere")
    assert "No camera fits" in dialog.count.text()
    dialog.accept()
    assert len(tab.panel.place.cameras) == shown
    assert tab.panel.place.choose.text() == f"{shown} cameras…"
    assert dialog.findChildren(MarkingView)


# ------------------------------------------------------------------ the rules


def test_that_the_rules_are_said_while_the_question_is_typed(tab: SearchTab) -> None:
    tab.panel.why.set_reason(REASON)
    tab.panel.vehicle.field.setText("AB51ABC")
    tab.panel.judge()
    assert tab.panel.verdict.text().startswith("✓ Allowed: band A")
    tab.panel.when.set_span(START - timedelta(days=120), START)
    tab.panel.judge()
    assert tab.panel.verdict.text().startswith("■ Not allowed: Reads of band B need an authority.")
    assert tab.panel.authority.isVisible()
    tab.panel.trim.click()
    assert tab.panel.verdict.text().startswith("✓ Allowed")
    assert tab.panel.when.since.text() == "22/08/2026 00:00"


def test_that_a_denial_names_every_rule_and_what_is_needed(
    tab: SearchTab, searches: FakeSearchLink
) -> None:
    tab.panel.when.set_span(START - timedelta(days=120), START)
    tab.panel.why.set_reason(SearchReason(Purpose.PVC, 5, REASON.justification, "CR 1"))
    tab.panel.vehicle.field.setText("AB51ABC")
    tab.search()
    denial = tab.results.denial
    assert denial.isVisible()
    assert "2 rules stand against it" in denial.words.text()
    assert denial.trim.isVisible()
    assert searches.running == []
    denial.trim.click()
    tab.search()
    assert len(searches.running) == 1


# ------------------------------------------------------------------ running


def test_that_escape_stops_and_what_was_found_stays(
    tab: SearchTab, searches: FakeSearchLink
) -> None:
    ask(tab)
    press(tab, Qt.Key.Key_Escape, PLAIN)
    assert searches.running[0].is_cancelled
    assert tab.results.status.text().startswith("Stopped · 412 reads")
    assert tab.results.model.rowCount() == 412
    assert not tab.is_running


def test_that_nothing_found_stands_beside_its_coverage(
    tab: SearchTab, searches: FakeSearchLink
) -> None:
    searches.first = some_progress(0, is_done=True, hidden=3)
    ask(tab)
    assert tab.results.nothing.isVisible()
    assert "36 of 38" in tab.results.nothing.words.text()
    assert "3 reads" in tab.results.nothing.words.text()
    assert tab.results.coverage.isVisible()
    assert "hides 3 reads" in tab.panel.place.hides.text()


def test_that_a_search_stopped_empty_does_not_say_nothing_found(
    tab: SearchTab, searches: FakeSearchLink
) -> None:
    searches.first = some_progress(0, share=((Holder.NATIONAL, 0.2),))
    ask(tab)
    assert tab.results.nothing.title.text() == "Nothing found so far"
    tab.stop()
    assert "Stopped before anything" in tab.results.nothing.title.text()


def test_that_a_search_that_could_not_run_says_why(
    tab: SearchTab, searches: FakeSearchLink
) -> None:
    searches.start_refusal = Refused("away", "The server does not answer.", "Look in this desk.")
    ask(tab)
    assert tab.results.nothing.title.text() == "■ The search did not run"
    assert "Look in this desk." in tab.results.nothing.words.text()


def test_that_coverage_shows_its_details(page: SearchPage, tab: SearchTab) -> None:
    ask(tab)
    tab.results.coverage.details.click()
    (dialog,) = page.findChildren(CoverageDialog)
    assert dialog.model.rowCount() == 2
    assert dialog.findChildren(MarkingView)


def test_that_brushing_narrows_the_time_of_the_question(tab: SearchTab) -> None:
    ask(tab)
    tab.results.timeline.choose(60, 65)
    tab.results.timeline._take()
    span = tab.results.timeline.span
    assert span is not None
    assert tab.panel.when.span()[0] == span[0].replace(microsecond=0)


# ------------------------------------------------------------------ rows and tabs


def test_that_copied_rows_are_marked(page: SearchPage, tab: SearchTab) -> None:
    ask(tab)
    tab.results.table.selectRow(0)
    tab.results.table.setFocus()
    QTest.keyClick(tab.results.table, Qt.Key.Key_C, CTRL)
    assert isinstance(tab.running, FakeRunningSearch)
    assert tab.running.asked[-1] == ("copied", (0,), Order.NEWEST)
    words = QGuiApplication.clipboard().text().splitlines()
    assert words[0] == words[-1] == GSC
    assert "AB51 ABC" in words[1]


def test_that_the_menu_of_a_row_asks_further_in_a_tab_of_its_own(
    page: SearchPage, tab: SearchTab, searches: FakeSearchLink
) -> None:
    ask(tab)
    tab.results.table.selectRow(1)
    menu = page.dialogs.show_menu(page.mapToGlobal(page.rect().center()))
    assert menu is not None
    words = [action.text() for action in menu.actions()]
    menu.actions()[words.index("&Look-alikes of it")].trigger()
    menu.close()
    assert len(page.tabs) == 2
    assert page.tab.panel.question().look_alikes == (row_at(1).read.vrm,)
    page.tab.search()
    assert len(searches.running) == 1  # its reason has to be confirmed
    page.tab.panel.why.confirm()
    page.tab.search()
    assert len(searches.running) == 2


def test_that_searches_stand_side_by_side_and_are_reached_by_key(
    page: SearchPage, tab: SearchTab, searches: FakeSearchLink
) -> None:
    ask(tab)
    press(tab, Qt.Key.Key_N, CTRL)
    assert page.bar.count() == 2
    assert page.tab is not tab
    press(page.tab, Qt.Key.Key_PageUp, CTRL)
    assert page.tab is tab
    assert page.bar.tabText(0) == "1 OP MERCURY 2211"
    press(tab, Qt.Key.Key_W, CTRL)
    assert page.bar.count() == 1
    assert searches.running[0].is_closed
    press(page.tab, Qt.Key.Key_W, CTRL)
    assert page.bar.count() == 1
    for _ in range(MOST_TABS + 2):
        page.new_search()
    assert page.bar.count() == MOST_TABS == len(page.tabs)


def test_that_one_key_goes_from_the_question_to_the_rows(
    window: MainWindow, page: SearchPage, tab: SearchTab
) -> None:
    ask(tab)
    press(tab, Qt.Key.Key_F6, PLAIN)
    assert tab.results.table.hasFocus()
    assert tab.results.chosen == row_at(0)
    QTest.keyClick(tab.results.table, Qt.Key.Key_F6)
    assert tab.panel.vehicle.field.hasFocus()
    QTest.keyClick(tab.panel.vehicle.field, Qt.Key.Key_B, CTRL)
    assert not tab.panel.isVisible()


# ------------------------------------------------------------------ who may, and how it was left


def test_that_a_role_that_may_not_search_is_told_why(window: MainWindow, page: SearchPage) -> None:
    window.sign_in_as(an_operator(Role.VOI_MANAGER))
    window.show_workspace("search")
    assert page.why_not.isVisible()
    assert "analyst" in page.why_not.accessibleName()
    assert not page.countersign.isVisible()
    window.sign_in_as(an_operator(Role.AUTHORISER))
    window.show_workspace("search")
    assert page.countersign.isVisible()


def test_that_the_workspaces_stand_in_their_order(window: MainWindow) -> None:
    keys = [
        window.actions_by_name[name].shortcut().toString() for name in ("live", "search", "lists")
    ]
    assert keys == ["Ctrl+1", "Ctrl+2", "Ctrl+3"]
    assert not window.plots.isVisible()
    window.actions_by_name["live"].trigger()
    assert window.plots.isVisible()


def test_that_the_keyboard_is_where_it_was_when_one_comes_back(
    window: MainWindow, tab: SearchTab
) -> None:
    assert tab.panel.why.purpose.hasFocus()
    tab.panel.when.since.setFocus()
    window.actions_by_name["live"].trigger()
    window.actions_by_name["search"].trigger()
    assert tab.panel.when.since.hasFocus()


def test_that_columns_are_there_again_at_the_next_start(
    page: SearchPage, window: MainWindow, settings: QSettings
) -> None:
    page.tab.results.table.setColumnHidden(7, False)
    window.save_layout()
    assert settings.value("window/workspace") == "search"
    assert not page.new_search().results.table.isColumnHidden(7)


@pytest.mark.parametrize("theme", ThemeName)
def test_that_the_page_stands_in_every_theme_at_twice_the_size(
    window: MainWindow, tab: SearchTab, theme: ThemeName
) -> None:
    ask(tab)
    tab.results.table.selectRow(1)
    window.set_look(Look(theme, 2.0))
    assert not window.grab().isNull()
    window.set_look(Look(theme, 1.0))
    assert tab.results.detail.isVisible()


def test_that_no_two_things_in_sight_share_a_key(tab: SearchTab) -> None:
    ask(tab)
    tab.panel.more.flip()
    tab.panel.trim.show()
    tab.panel.authority.show()
    keys: list[str] = []
    for label in tab.findChildren(QLabel):
        if label.buddy() is not None and label.isVisible():
            keys += [label.text()[label.text().index("&") + 1].upper()]
    for button in tab.findChildren(QAbstractButton):
        key = button.shortcut().toString()
        if button.isVisible() and key.startswith("Alt+"):
            keys.append(key.removeprefix("Alt+"))
    assert sorted(keys) == sorted(set(keys))


def test_that_a_search_stopped_before_the_node_answered_is_closed_when_it_does(
    qtbot: QtBot, page: SearchPage, tab: SearchTab, searches: FakeSearchLink, spawn: RunsAtOnce
) -> None:
    gate: asyncio.Future[None] = asyncio.Future(loop=asyncio.new_event_loop())
    start = searches.start

    async def slow(*given: Any) -> FakeRunningSearch:
        await gate
        return await start(*given)

    searches.start = slow  # type: ignore[method-assign]
    ask(tab)
    assert tab.results.nothing.title.text() == "Asking…"
    press(tab, Qt.Key.Key_Escape, PLAIN)
    assert tab.results.teaching.isVisible()
    gate.set_result(None)
    (waiting,) = spawn.waiting
    with contextlib.suppress(StopIteration):
        waiting.send(None)
    spawn.waiting.clear()
    gate.get_loop().close()
    assert searches.running[0].is_closed
    assert tab.results.teaching.isVisible()


def test_that_escape_with_nothing_running_puts_the_message_away(
    window: MainWindow, tab: SearchTab
) -> None:
    window.notice.say("Something.")
    press(tab, Qt.Key.Key_Escape, PLAIN)
    assert not window.notice.isVisible()


@pytest.mark.parametrize("command", SEARCH_COMMANDS, ids=lambda command: command.name)
def test_that_every_key_counts_wherever_the_focus_is(
    page: SearchPage, tab: SearchTab, command: Command
) -> None:
    ask(tab)
    tab.results.table.selectRow(0)
    action = page.actions_by_name[command.name]
    action.triggered.disconnect()
    pressed: list[int] = []
    action.triggered.connect(lambda: pressed.append(1))
    places = (
        tab.panel.vehicle.field, tab.panel.why.justification, tab.panel.why.purpose,
        tab.results.table, tab.results.timeline,
    )  # fmt: skip
    for place in places:
        place.setFocus()
        QTest.keySequence(place, action.shortcuts()[0])
    assert len(pressed) == len(places)


def test_that_tab_goes_down_the_question(tab: SearchTab) -> None:
    panel = tab.panel
    why, vehicle, when = panel.why, panel.vehicle, panel.when
    order = [
        why.purpose, why.code, why.reference, why.behalf, why.justification, vehicle.field,
        when.since, when.until, panel.place.choose, panel.place.area_kind, panel.place.direction,
        panel.look_in.buttons()[0], panel.search, panel.save, panel.clear,
    ]  # fmt: skip
    chain: list[QWidget] = [order[0]]
    while len(chain) < 400 and chain[-1] is not panel.clear:
        chain.append(chain[-1].nextInFocusChain())
    assert [widget for widget in chain if widget in order] == order


# ------------------------------------------------------------------ how a search begins


def alone(status: HopStatus) -> StateReported:
    hops = (HopState("server", status, START),)
    return StateReported(NodeState("Desk 1", "desk", START, is_simulation=True, hops=hops))


def test_that_a_desk_without_a_server_looks_in_itself(
    qtbot: QtBot, window: MainWindow, page: SearchPage, link: FakeNodeLink
) -> None:
    assert page.tab.panel.where is Where.BOTH
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(alone(HopStatus.NOT_CONFIGURED))
    assert page.tab.panel.where is Where.LOCAL
    assert page.new_search().panel.where is Where.LOCAL
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(alone(HopStatus.LOST))
    assert page.tab.panel.where is Where.BOTH


def test_that_a_chosen_place_to_look_in_stays(
    qtbot: QtBot, window: MainWindow, tab: SearchTab, link: FakeNodeLink
) -> None:
    tab.panel.look_in.buttons()[1].click()
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(alone(HopStatus.NOT_CONFIGURED))
    assert tab.panel.where is Where.NATIONAL
    tab.panel.clear.click()
    assert tab.panel.where is Where.LOCAL


def test_that_the_next_search_and_the_next_start_show_rows_as_the_last_did(
    page: SearchPage, tab: SearchTab, settings: QSettings
) -> None:
    assert not tab.results.as_pictures.isChecked()
    tab.results.as_pictures.click()
    assert page.new_search().results.as_pictures.isChecked()
    settings.sync()
    assert settings.value("search/pictures") == "true"
    tab.results.as_pictures.click()
    assert not page.new_search().results.as_pictures.isChecked()


def test_that_preserved_reads_open_by_button_and_by_key(page: SearchPage) -> None:
    page.buttons["preserved"].click()
    QTest.keyClick(
        page.tab.panel.vehicle.field,
        Qt.Key.Key_K,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert len(page.findChildren(PreservedDialog)) == 2
