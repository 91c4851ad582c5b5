"""The lock: after a time without input and by key; what it hides, what it leaves, who opens it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.services.cards import CardId
from nas_desktop.services.events import NodeLost, SignInLost
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.idle_lock import MOST, USUAL, remembered_minutes
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.search.search_tab import SearchTab
from tests.builders import a_hit
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, RunsAtOnce, an_operator
from tests.fakes.search_link import FakeSearchLink
from tests.unit.ui.search.test_search_page import ask


@pytest.fixture
def searches() -> FakeSearchLink:
    return FakeSearchLink(START, "akhan", Role.DISPATCHER, Role.ANALYST)


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
    """A shown window with live workspace and searches, and somebody who may use both."""
    link.operator = an_operator(Role.DISPATCHER, Role.ANALYST)
    made = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings, searches=searches)
    made.show()
    qtbot.waitExposed(made)
    made.sign_in_as(link.operator)
    made.lock.watch.check()  # finds the window that has opened
    yield made
    made.leave()
    made.deleteLater()


def idle(window: MainWindow, clock: DeskClock, minutes: float) -> None:
    clock.advance(minutes * 60)
    window.lock.watch.check()


def drain(qtbot: QtBot, window: MainWindow, link: FakeNodeLink, *hits: Hit) -> None:
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(*hits)


def give(window: MainWindow, password: str) -> None:
    window.pages.lock.password.setText(password)
    QTest.keyClick(window.pages.lock.password, Qt.Key.Key_Return)


def words_in_sight(window: MainWindow) -> str:
    labels = [one.text() for one in window.findChildren(QLabel) if one.isVisible()]
    fields = [one.text() for one in window.findChildren(QLineEdit) if one.isVisible()]
    return " ".join(labels + fields)


# ------------------------------------------------------------------ when


def test_that_it_locks_after_half_an_hour_without_input(
    window: MainWindow, clock: DeskClock
) -> None:
    idle(window, clock, 29.9)
    assert not window.bridge.is_locked
    idle(window, clock, 0.2)
    assert window.bridge.is_locked
    assert window.pages.currentWidget() is window.pages.lock
    assert window.pages.lock.password.hasFocus()


@pytest.mark.parametrize("does", ["key", "button", "pointer"])
def test_that_keys_and_pointer_keep_it_open(
    window: MainWindow, clock: DeskClock, does: str
) -> None:
    clock.advance(29 * 60)
    handle = window.windowHandle()
    if does == "key":
        QTest.keyClick(handle, Qt.Key.Key_F7)
    elif does == "button":
        QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=QPoint(400, 5))
    else:
        QTest.mouseMove(handle, QPoint(400, 6))
    idle(window, clock, 29)
    assert not window.bridge.is_locked


def test_that_work_in_a_dialog_keeps_it_open(window: MainWindow, clock: DeskClock) -> None:
    window.show_workspace("search")
    assert window.search_page is not None
    dialog = window.search_page.dialogs.show_saved()
    window.lock.watch.check()
    clock.advance(29 * 60)
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_F7)
    idle(window, clock, 29)
    assert not window.bridge.is_locked


def test_that_arrivals_and_painting_do_not_keep_it_open(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, clock: DeskClock
) -> None:
    clock.advance(29 * 60)
    drain(qtbot, window, link, a_hit())
    window.page.hits.viewport().repaint()
    idle(window, clock, 1)
    assert window.bridge.is_locked


def test_that_nobody_signed_in_is_nothing_to_lock(window: MainWindow, clock: DeskClock) -> None:
    window.bridge.sign_out()
    idle(window, clock, 60)
    window.actions_by_name["lock"].trigger()
    assert not window.bridge.is_locked
    assert window.pages.currentWidget() is window.sign_in_page


def test_that_signing_in_begins_the_time_anew(window: MainWindow, clock: DeskClock) -> None:
    window.bridge.sign_out()
    clock.advance(3600)
    window.sign_in_as(an_operator())
    idle(window, clock, 1)
    assert not window.bridge.is_locked


def test_that_the_menu_sets_and_remembers_the_time(
    window: MainWindow, clock: DeskClock, settings: QSettings
) -> None:
    words = [action.text() for action in window.lock.menu.actions()]
    assert words == [
        "After 10 minutes", "After 15 minutes", "After 30 minutes", "After 60 minutes", "Never",
    ]  # fmt: skip
    assert window.lock.menu.actions()[2].isChecked()
    assert any(window.lock.menu.menuAction() in m.actions() for m in window.findChildren(QMenu))
    window.lock.menu.actions()[4].trigger()
    assert remembered_minutes(settings) == 0
    idle(window, clock, 600)
    assert not window.bridge.is_locked
    window.lock.menu.actions()[0].trigger()
    idle(window, clock, 0)
    assert window.bridge.is_locked


@pytest.mark.parametrize(
    ("kept", "minutes"),
    [("45", 45), ("0", 0), ("9999", MOST), ("-5", USUAL), ("soon", USUAL), (None, USUAL)],
)
def test_that_a_remembered_time_is_within_bounds(
    settings: QSettings, kept: str | None, minutes: int
) -> None:
    if kept is not None:
        settings.setValue("lock/minutes", kept)
    assert remembered_minutes(settings) == minutes


def test_that_it_locks_by_key(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.bridge.is_locked


# ------------------------------------------------------------------ what is seen


def test_that_a_passer_by_sees_counters_and_chain_but_no_vehicle(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    window.notice.say("AB51ABC was first acknowledged elsewhere.")
    window.lock.lock()
    drain(qtbot, window, link, a_hit("CD62XYZ"))
    link.play(NodeLost(START, "gone"))
    qtbot.waitUntil(lambda: bool(window.banners.banners))
    for seen in (window.marking, window.chain, window.banners, window.top_bar.counters["P1"]):
        assert seen.isVisible()
    assert "2" in window.top_bar.counters["P1"].text()
    assert window.top_bar.counters["P1"].property("tone") == "red"
    for hidden in (window.page, window.search_page, window.notice, window.plots):
        assert isinstance(hidden, QWidget)
        assert not hidden.isVisible()
    words = words_in_sight(window)
    assert "AB51" not in words
    assert "CD62" not in words


def test_that_the_lock_says_who_and_since_when(window: MainWindow, clock: DeskClock) -> None:
    idle(window, clock, 30)
    page = window.pages.lock
    assert page.title.text() == "Locked"
    assert page.who.text() == "A. Khan · Dispatcher"
    assert "Signed in since 21:04" in page.since.text()
    assert "locked since 21:34" in page.since.text()


def test_that_painting_behind_the_lock_delivers_nothing(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, board: HitBoard
) -> None:
    window.lock.lock()
    assert not window.bridge.is_attended
    drain(qtbot, window, link, a_hit())
    card = board.card(CardId("AB51ABC"))
    assert card is not None
    window.bridge.note_painted(card)
    window.page.hits.viewport().grab()
    assert not window.bridge.painted_at
    give(window, link.password)
    window.page.hits.viewport().repaint()
    assert window.bridge.painted_at


@pytest.mark.parametrize(
    "name", ["live", "search", "next_hit", "copy_line", "acknowledge", "outcome", "take_action"]
)
def test_that_no_key_reaches_a_hit(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, name: str
) -> None:
    drain(qtbot, window, link, a_hit())
    window.page.hits.choose(CardId("AB51ABC"))
    window.page.hits.viewport().repaint()
    QGuiApplication.clipboard().clear()
    window.lock.lock()
    drain(qtbot, window, link, a_hit("CD62XYZ"))
    assert not window.actions_by_name[name].isEnabled()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_N, Qt.Key.Key_F2, Qt.Key.Key_O):
        QTest.keyClick(window, key)
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    window.top_bar.counters["P1"].click()
    assert window.pages.currentWidget() is window.pages.lock
    assert not [s for s in link.steps if s.kind is StepKind.ACKNOWLEDGE]
    assert not QGuiApplication.clipboard().text()


def test_that_dialogs_menus_and_the_question_at_closing_are_put_away(
    qtbot: QtBot, window: MainWindow, spawn: RunsAtOnce
) -> None:
    window.show_workspace("search")
    assert window.search_page is not None
    window.search_page.dialogs.show_saved()
    window.connectivity.show()
    window.top_bar.menu_button.click()
    window.keys.toggle()
    window.lock.lock()
    assert not [d for d in window.findChildren(QDialog) if d.isVisible()]
    assert not [m for m in window.findChildren(QMenu) if m.isVisible()]
    assert not window.keys.isVisible()


# ------------------------------------------------------------------ opening it


def test_that_the_same_password_opens_it_where_it_was_left(
    window: MainWindow, link: FakeNodeLink, searches: FakeSearchLink
) -> None:
    window.show_workspace("search")
    assert window.search_page is not None
    tab: SearchTab = window.search_page.tab
    ask(tab)
    running = tab.running
    assert running is not None
    window.lock.lock()
    assert not window.search_page.isVisible()
    give(window, link.password)
    assert not window.bridge.is_locked
    assert window.search_page.isVisible()
    assert window.search_page.tab is tab
    assert tab.running is running
    assert window.pages.lock.password.text() == ""
    assert window.actions_by_name["live"].isEnabled()
    assert window.actions_by_name["lock"].isEnabled()


def test_that_a_wrong_password_says_so_and_keeps_it_locked(window: MainWindow) -> None:
    window.lock.lock()
    give(window, "guess")
    page = window.pages.lock
    assert window.bridge.is_locked
    assert page.fault.isVisible()
    assert page.fault.text().startswith("■ That is not the password")
    assert page.password.selectedText() or page.password.hasSelectedText()
    assert page.unlock.isEnabled()


def test_that_no_password_is_asked_for_again(window: MainWindow) -> None:
    window.lock.lock()
    window.pages.lock.unlock.click()
    assert window.pages.lock.fault.text() == "■ The password is needed."


def test_that_a_lost_link_is_said_in_its_own_words(window: MainWindow, link: FakeNodeLink) -> None:
    window.lock.lock()
    link.refusal = Refused("link_down", "The node cannot be reached.", "It is started again.")
    give(window, link.password)
    assert window.bridge.is_locked
    assert "cannot be reached" in window.pages.lock.fault.text()


def test_that_signing_out_lets_somebody_else_sign_in(
    window: MainWindow, link: FakeNodeLink
) -> None:
    window.notice.say("AB51ABC was first acknowledged elsewhere.")
    window.lock.lock()
    window.pages.lock.sign_out.click()
    assert link.is_signed_out
    assert window.bridge.operator is None
    assert not window.bridge.is_locked
    assert window.pages.currentWidget() is window.sign_in_page
    assert not window.notice.isVisible()
    window.sign_in_as(an_operator(name="V. Shah"))
    assert window.pages.currentWidget() is window.page
    assert window.actions_by_name["live"].isEnabled()


def test_that_other_roles_than_before_begin_afresh(window: MainWindow, link: FakeNodeLink) -> None:
    window.show_workspace("search")
    assert window.search_page is not None
    ask(window.search_page.tab)
    link.operator = replace(link.operator, roles=(Role.DISPATCHER,))
    window.lock.lock()
    give(window, link.password)
    assert not window.bridge.is_locked
    assert window.search_page.tab.running is None


def test_that_a_sign_in_that_ended_is_said_on_the_sign_in_page(
    window: MainWindow, link: FakeNodeLink
) -> None:
    window.lock.lock()
    link.play(SignInLost("Your sign-in has ended.", "Sign in again."))
    assert window.pages.currentWidget() is window.sign_in_page
    assert window.notice.isVisible()
    assert "has ended" in window.notice.words.text()


def test_that_what_was_said_behind_the_lock_is_read_after_it(
    window: MainWindow, link: FakeNodeLink
) -> None:
    window.lock.lock()
    window.bridge.notice.emit("The export is written.", "")
    assert not window.notice.isVisible()
    give(window, link.password)
    assert window.notice.isVisible()


def test_that_time_asleep_counts_as_idle(
    window: MainWindow, clock: DeskClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    awake = clock.monotonic()
    clock.advance(8 * 3600)
    monkeypatch.setattr(clock, "monotonic", lambda: awake)
    window.lock.watch.check()
    assert window.bridge.is_locked
