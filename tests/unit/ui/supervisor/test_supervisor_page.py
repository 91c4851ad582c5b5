"""The supervisor workspace as a supervisor works it, and what nobody else sees."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import BY_VOICE, NODE, StepKind
from nas_desktop.services.desks import DeskReport, DeskState, ReceiptFigures, Uncovered
from nas_desktop.services.events import (
    HopState,
    HopStatus,
    ListState,
    NodeLost,
    NodeState,
    StateReported,
    StepsDecided,
)
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.supervisor.scope_dialog import ScopeDialog
from nas_desktop.ui.supervisor.supervisor_page import SupervisorPage
from nas_desktop.ui.supervisor.table_box import TableBox
from nas_desktop.ui.theme import Look, ThemeName
from tests.builders import a_hit, a_step, decided
from tests.fakes.desk_link import FakeDeskLink
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, RunsAtOnce, an_operator

AT = itertools.count()
FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
HERE = DeskReport("B. Lee", True, START - timedelta(hours=1))
EAST = DeskState("east", DeskScope(("07/13",)), HERE, START, True)
WEST = DeskState("west", DeskScope(), DeskReport(since=START), START, False)


@pytest.fixture
def desks() -> FakeDeskLink:
    return FakeDeskLink()


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
    made.resize(1366, 768)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.leave()
    made.deleteLater()


@pytest.fixture
def page(window: MainWindow, link: FakeNodeLink, qtbot: QtBot) -> SupervisorPage:
    window.sign_in_as(an_operator(Role.SUPERVISOR, name="S. Patel"))
    report(qtbot, window, link)
    window.actions_by_name["supervisor"].trigger()
    return page_of(window)


def page_of(window: MainWindow) -> SupervisorPage:
    assert window.pages.supervisor is not None
    return window.pages.supervisor


def report(qtbot: QtBot, window: MainWindow, link: FakeNodeLink, **changes: object) -> None:
    values: dict[str, object] = {
        "node_name": "Desk 1",
        "role": "desk",
        "at": START,
        "is_simulation": True,
        "desks": (EAST, WEST),
        "hops": (HopState("server", HopStatus.LIVE, START, age_s=0.2),),
        "lists": (ListState("07_Cheshire VOI List", 1, "CHESH", 10, START),),
    }
    values.update(changes)
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(StateReported(NodeState(**values)))  # type: ignore[arg-type]


def escalated(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, *hits: Hit, code: str = "target"
) -> None:
    made = [
        a_step(h.hit_id, StepKind.ESCALATE, NODE, code=code, at=START + timedelta(seconds=next(AT)))
        for h in hits
    ]
    steps = [decided(step) for step in made]
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(*hits)
        link.play(StepsDecided(tuple(steps)))
    page_of(window).refresh()


def column(box: TableBox, at: int) -> list[str]:
    return [str(box.model.index(row, at).data()) for row in range(box.model.rowCount())]


def taken(link: FakeNodeLink, kind: StepKind) -> list[tuple[bytes, str]]:
    return [(s.hit_id, s.to) for s in link.steps if s.kind is kind]


# ------------------------------------------------------------------ who sees what


def test_that_only_a_supervisor_has_the_workspace(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    action = window.actions_by_name["supervisor"]
    window.sign_in_as(an_operator(Role.DISPATCHER))
    assert (action.isVisible(), action.isEnabled()) == (False, False)
    buttons = [b for b in window.top_bar._workspaces if b.isVisible()]
    assert [b.text() for b in buttons] == ["Live", "Search", "Lists", "Audit"]
    window.show_workspace("supervisor")
    assert window.pages.currentWidget() is window.page
    window.sign_in_as(an_operator(Role.SUPERVISOR))
    assert (action.isVisible(), action.isEnabled()) == (True, True)
    QTest.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.currentWidget() is page_of(window)


def test_that_the_next_person_sees_nothing_of_it(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage
) -> None:
    escalated(qtbot, window, link, a_hit())
    assert column(page.concerns, 1) == ["AB51 ABC"]
    page.set_scope()
    window.sign_in_as(an_operator(Role.DISPATCHER, name="A. Khan"))
    assert window.pages.currentWidget() is window.page
    assert page.concerns.model.rowCount() == page.desks.model.rowCount() == 0
    assert not any(dialog.isVisible() for dialog in page.findChildren(ScopeDialog))
    report(qtbot, window, link)
    assert page.desks.model.rowCount() == 0


def test_that_without_a_link_to_desks_there_is_no_workspace(
    qtbot: QtBot,
    bridge: Bridge,
    board: HitBoard,
    link: FakeNodeLink,
    clock: DeskClock,
    spawn: RunsAtOnce,
    settings: QSettings,
) -> None:
    window = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings)
    window.sign_in_as(an_operator(Role.SUPERVISOR))
    assert not window.pages.has("supervisor")
    assert window.page.show_history() is None
    window.leave()


# ------------------------------------------------------------------ what it shows


def test_that_desks_stand_in_rows_and_the_counts_over_them(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage
) -> None:
    for box in (page.desks, page.concerns, page.silences):
        QAbstractItemModelTester(box.model, FATAL, box.model)
    assert column(page.desks, 0) == ["east", "west"]
    assert column(page.desks, 1)[1] == "■ NOBODY since 21:04"
    assert page.desks.status.text() == "1 of 2 attended"
    assert page.covered.text().startswith("● Covered")
    assert page.as_of.text() == "as of 21:04:07 GMT"
    muted = replace(HERE, muted_until=START + timedelta(minutes=5), filter="P1", hides_urgent=True)
    report(
        qtbot,
        window,
        link,
        desks=(replace(EAST, name="aa"), replace(EAST, report=muted), WEST),
        receipts=ReceiptFigures(3, 1, 0, 2, START, 2),
        uncovered=Uncovered(1, ("Oak 01",), ("west",)),
    )
    assert column(page.desks, 0) == ["aa", "east", "west"]
    assert page.covered.text() == "■ NOT COVERED: 1 camera (Oak 01) · the scope of west"
    assert page.balance.text().startswith("▲ Receipts balance: 3 hits = 1 receipt")
    assert page.balance.property("tone") == "amber"
    assert column(page.silences, 0) == [
        "▲ No attended desk",
        "▲ No attended desk",
        "▲ Filter on",
        "○ Muted",
    ]
    assert page.concerns.empty.text().startswith("2 targets missed")


def test_that_every_window_of_a_supervisor_says_what_nobody_covers(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage
) -> None:
    alone = Uncovered(1, ("Oak 01",), ())
    window.show_workspace("live")
    report(qtbot, window, link, uncovered=alone)
    assert [b.title for b in window.banners.banners] == [
        "Not covered by any attended desk: 1 camera (Oak 01)"
    ]
    window.sign_in_as(an_operator(Role.DISPATCHER))
    report(qtbot, window, link, uncovered=alone)
    assert window.banners.banners == ()


def test_that_it_is_empty_in_words(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage
) -> None:
    report(qtbot, window, link, desks=())
    for box, begins in (
        (page.desks, "No desk has reported"),
        (page.concerns, "Nothing was missed"),
        (page.silences, "Nothing silences"),
    ):
        assert box.middle.currentWidget() is box.empty
        assert box.empty.text().startswith(begins)
        assert box.empty.accessibleName() == box.empty.text()
    page.opened()
    assert not page.give_button.isEnabled()


def test_that_every_control_has_a_name_and_a_tip(page: SupervisorPage) -> None:
    for button in (page.scope_button, page.show_button, page.give_button):
        assert button.text()
        assert button.toolTip()
    assert {box.table.accessibleName() for box in (page.desks, page.concerns, page.silences)} == {
        "Desks",
        "Missed and escalated",
        "What silences hits",
    }
    assert all(button.text() for button in page.findChildren(QPushButton))


@pytest.mark.parametrize("theme", list(ThemeName))
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_that_it_fits_any_theme_and_size(
    qtbot: QtBot,
    window: MainWindow,
    link: FakeNodeLink,
    page: SupervisorPage,
    theme: ThemeName,
    scale: float,
) -> None:
    window.set_look(Look(theme, scale))
    qtbot.waitUntil(lambda: page._inner.width() <= page.width())
    wanted = Qt.Orientation.Vertical if scale > 1.5 else Qt.Orientation.Horizontal
    assert page.below.orientation() is wanted
    assert page.desks.middle.height() >= Look(theme, scale).px(84)


# ------------------------------------------------------------------ rows keep their place


def test_that_rows_keep_their_place_while_it_is_in_front(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage
) -> None:
    one, two = a_hit(), a_hit("CD62XYZ")
    escalated(qtbot, window, link, one)
    escalated(qtbot, window, link, two)
    page.concerns.table.selectRow(1)
    with qtbot.waitSignal(window.bridge.drained):
        link.play(StepsDecided((decided(a_step(one.hit_id)),)))
    page.refresh()
    assert column(page.concerns, 1) == ["AB51 ABC", "CD62 XYZ"]
    assert column(page.concerns, 2) == ["● Acknowledged · A. Khan", "■ NOBODY HAS IT"]
    assert page.chosen is not None
    assert page.chosen.card.vrm == "CD62XYZ"
    QTest.keyClick(page.concerns.table, Qt.Key.Key_F5)
    assert column(page.concerns, 1) == ["CD62 XYZ", "AB51 ABC"]
    assert page.chosen.card.vrm == "CD62XYZ"


def test_that_steps_show_soon_without_a_report(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage
) -> None:
    hit = a_hit()
    link.raise_hits(hit)
    link.play(StepsDecided((decided(a_step(hit.hit_id, StepKind.ESCALATE, NODE, code="repeat")),)))
    qtbot.waitUntil(lambda: column(page.concerns, 3) == ["hit again without an outcome"])


def test_that_parked_and_voice_are_listed_with_what_they_wait_for(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage
) -> None:
    one, two = a_hit(), a_hit("CD62XYZ")
    until = START + timedelta(minutes=5)
    steps = [
        a_step(one.hit_id),
        a_step(two.hit_id),
        a_step(one.hit_id, StepKind.PARK, code="no_unit", until=until, at=START),
        a_step(two.hit_id, StepKind.PASS, code=BY_VOICE, to="Norfolk", text="Hale", at=START),
    ]
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(one, two)
        link.play(StepsDecided(tuple(decided(step) for step in steps)))
    page.refresh(in_order=True)
    assert column(page.concerns, 2) == [
        "○ Parked until 21:09: No unit free yet · A. Khan",
        "○ Norfolk told by voice at 21:04 · A. Khan",
    ]
    assert column(page.concerns, 3) == ["parked", "passed by voice"]


# ------------------------------------------------------------------ doing


def test_that_enter_shows_the_card_in_live(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage
) -> None:
    escalated(qtbot, window, link, a_hit(), a_hit("CD62XYZ"))
    page.concerns.table.selectRow(1)
    page.concerns.table.setFocus()
    QTest.keyClick(page.concerns.table, Qt.Key.Key_Return)
    assert window.pages.currentWidget() is window.page
    assert window.actions_by_name["live"].isChecked()
    assert window.page.chosen is not None
    assert window.page.chosen.vrm == "CD62XYZ"


def test_that_a_card_that_left_the_board_says_where_it_is(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage, board: HitBoard
) -> None:
    escalated(qtbot, window, link, a_hit())
    concern = page.chosen
    assert concern is not None
    board._remove(concern.card)
    page.show_card()
    assert window.pages.currentWidget() is page
    assert "history" in window.notice.words.text()


def test_that_a_hit_is_given_to_a_desk_by_two_keys(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage
) -> None:
    hit = a_hit()
    escalated(qtbot, window, link, hit)
    report(qtbot, window, link, desks=(EAST, replace(EAST, name="north"), WEST))
    page.concerns.table.setFocus()
    QTest.keyClick(page.concerns.table, Qt.Key.Key_A)
    offered = [action.text() for action in page.give_menu.actions()]
    assert offered == [
        "&1   east · B. Lee · 0 waiting there",
        "&2   north · B. Lee · 0 waiting there",
    ]
    QTest.keyClick(page.give_menu, Qt.Key.Key_2)
    assert taken(link, StepKind.ASSIGN) == [(hit.hit_id, "north")]
    assert "given to north" in window.notice.words.text()
    assert not page.give_menu.isVisible()


def test_that_nobody_is_given_a_hit_where_nobody_is_or_when_it_is_closed(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage
) -> None:
    hit = a_hit()
    page.give()
    page.show_card()
    escalated(qtbot, window, link, hit)
    report(qtbot, window, link, desks=(WEST,))
    page.give()
    assert "No other desk is attended" in window.notice.words.text()
    with qtbot.waitSignal(window.bridge.drained):
        steps = (
            a_step(hit.hit_id),
            a_step(hit.hit_id, StepKind.OUTCOME, code="no_offence"),
        )
        link.play(StepsDecided(tuple(decided(step) for step in steps)))
    report(qtbot, window, link)
    assert column(page.concerns, 2) == ["● closed: Stopped: no offence · A. Khan"]
    page.give()
    assert not page.give_button.isEnabled()
    assert taken(link, StepKind.ASSIGN) == []


def test_that_nothing_is_done_while_the_node_is_lost(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, page: SupervisorPage
) -> None:
    escalated(qtbot, window, link, a_hit())
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(NodeLost(START, "gone"))
    assert not page.give_button.isEnabled()
    page.give()
    assert page.set_scope() is None
    concern = page.chosen
    assert concern is not None
    page._give(concern, "east")
    assert taken(link, StepKind.ASSIGN) == []


# ------------------------------------------------------------------ scopes


def test_that_a_scope_is_set_for_the_desk_chosen(
    qtbot: QtBot, window: MainWindow, page: SupervisorPage, desks: FakeDeskLink
) -> None:
    page.desks.table.selectRow(0)
    page.desks.table.setFocus()
    QTest.keyClick(page.desks.table, Qt.Key.Key_E)
    (dialog,) = page.findChildren(ScopeDialog)
    assert dialog.desk.currentText() == "east"
    assert dialog.now.text() == "Now: cameras 07/13"
    assert dialog.cameras.text() == "07/13"
    dialog.cameras.setText("07/13, 07/014")
    dialog.areas.setText("51.38,-2.36,10")
    item = dialog.lists.item(0)
    assert item is not None
    item.setCheckState(Qt.CheckState.Checked)
    dialog.submit()
    ((name, scope),) = desks.scopes
    assert name == "east"
    assert scope.cameras == ("07/13", "07/14")
    assert scope.circles[0].radius_m == 10_000
    assert scope.lists == ("07_Cheshire VOI List",)
    assert "east looks after cameras 07/13, 07/14" in window.notice.words.text()


def test_that_bad_input_is_named_and_nothing_is_lost(
    page: SupervisorPage, desks: FakeDeskLink
) -> None:
    dialog = page.set_scope()
    assert dialog is not None
    dialog.cameras.setText("07/12, seven")
    dialog.submit()
    assert "“seven” is no camera" in dialog.said.text()
    dialog.cameras.setText("07/12")
    dialog.areas.setText("51.38")
    dialog.submit()
    assert "“51.38” is no area" in dialog.said.text()
    assert QApplication.focusWidget() is dialog.areas or not dialog.isActiveWindow()
    dialog.areas.clear()
    dialog.desk.setCurrentText(" ")
    dialog.submit()
    assert "No desk is named" in dialog.said.text()
    assert (desks.scopes, dialog.cameras.text()) == ([], "07/12")
    desks.refusal = Refused("scope_unusable", "The server says no.", "Ask it.")
    dialog.desk.setCurrentText("night")
    assert dialog.now.text().startswith("Not known yet")
    dialog.submit()
    assert "The server says no. Ask it." in dialog.said.text()
    assert dialog.send.isEnabled()
    desks.refusal = None
    dialog.submit()
    assert desks.scopes == [("night", DeskScope(("07/12",)))]


def test_that_a_scope_can_be_emptied_and_a_list_that_is_gone_stays(
    qtbot: QtBot,
    window: MainWindow,
    link: FakeNodeLink,
    page: SupervisorPage,
    desks: FakeDeskLink,
) -> None:
    scope = DeskScope(lists=("99_Gone",))
    report(qtbot, window, link, desks=(replace(EAST, scope=scope),))
    dialog = page.set_scope()
    assert dialog is not None
    shown = [dialog.lists.item(at) for at in range(dialog.lists.count())]
    assert [item.text() for item in shown if item] == [
        "07_Cheshire VOI List",
        "99_Gone (not here now)",
    ]
    assert dialog.chosen_lists() == ("99_Gone",)
    dialog.everything.click()
    dialog.submit()
    assert desks.scopes == [("east", DeskScope())]


def test_that_one_answer_is_waited_for(page: SupervisorPage, desks: FakeDeskLink) -> None:
    dialog = page.set_scope()
    assert dialog is not None
    dialog.submit()
    assert [name for name, _scope in desks.scopes] == ["east"]
    desks.never_answers = True
    other = page.set_scope()
    assert other is not None
    other._is_sending = True
    other.submit()
    assert len(desks.scopes) == 1


# ------------------------------------------------------------------ remembered


def test_that_the_layout_is_remembered(
    qtbot: QtBot, window: MainWindow, page: SupervisorPage, settings: QSettings
) -> None:
    page.splitter.setSizes([300, 200])
    wanted = page.splitter.sizes()
    window.save_layout()
    page.splitter.setSizes([100, 400])
    page.restore_layout()
    assert page.splitter.sizes() == wanted
    assert settings.value("window/workspace") == "supervisor"
