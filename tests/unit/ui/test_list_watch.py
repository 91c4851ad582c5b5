"""Lists that are not matched: said on every desk, put away change by change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pytestqt.qtbot import QtBot

from nas_desktop.services.events import ListState, NodeState, StateReported
from nas_desktop.services.lists import ListEvent, ListVersion
from nas_desktop.ui.list_watch import ListWatch
from nas_desktop.ui.live.list_strip import LINES
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import Look
from tests.fakes.node_link import START, FakeNodeLink

CHESHIRE = ListState("07_Cheshire VOI List", 7, "CHESH", 120, START - timedelta(hours=1))
WHY = "two entries are wrong"


def disabled(one: ListState = CHESHIRE, minutes: int = 0) -> ListState:
    at = START + timedelta(minutes=minutes)
    version = ListVersion(8, ListEvent.DISABLED, at, by="demo-lists", why=WHY)
    return replace(one, revision=8, is_enabled=False, version=version)


def a_state(*lists: ListState) -> NodeState:
    return NodeState("Desk 1", "desk", START, is_simulation=True, lists=lists)


def said(watch: ListWatch, *lists: ListState, who: str = "akhan") -> list[str]:
    return [notice.words for notice in watch.notices(a_state(*lists), who, START)]


def test_that_a_disabled_list_says_by_whom_when_and_why() -> None:
    assert said(ListWatch(), disabled()) == [
        "07_Cheshire VOI List is not matched: disabled by demo-lists 21:04 GMT: "
        "\u2018two entries are wrong\u2019"
    ]
    assert said(ListWatch(), CHESHIRE) == []
    version = ListVersion(8, ListEvent.RECEIVED, START)
    assert said(ListWatch(), replace(disabled(), version=version)) == [
        "07_Cheshire VOI List is not matched: disabled, known here since 21:04 GMT"
    ]
    assert said(ListWatch(), replace(disabled(), version=None)) == [
        "07_Cheshire VOI List is not matched: disabled"
    ]


def test_that_a_list_that_vanishes_is_said_until_it_is_back() -> None:
    watch = ListWatch()
    said(watch, CHESHIRE)
    assert "removed" in said(watch)[0]
    assert "removed" in said(watch)[0]
    assert said(watch, CHESHIRE) == []


def test_that_another_person_who_may_know_of_fewer_lists_sees_no_change() -> None:
    watch = ListWatch()
    said(watch, CHESHIRE, who="owner")
    assert said(watch, who="akhan") == []


def test_that_a_notice_put_away_comes_back_with_the_next_change_only() -> None:
    watch = ListWatch()
    (notice,) = watch.notices(a_state(disabled()), "akhan", START)
    watch.dismiss((notice.key,))
    assert said(watch, disabled()) == []
    assert said(watch, CHESHIRE) == []
    assert len(said(watch, disabled(minutes=5))) == 1


def test_that_the_strip_follows_the_reports_and_can_be_put_away(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    strip = window.list_strip
    assert strip.isHidden()
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(StateReported(a_state(disabled())))
    assert strip.isVisible()
    assert WHY in strip.words.text()
    window.set_look(Look(scale=2.0))
    strip.close_button.click()
    assert strip.isHidden()
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(StateReported(a_state(disabled())))
    assert strip.isHidden()


def test_that_many_lists_are_counted(qtbot: QtBot, window: MainWindow, link: FakeNodeLink) -> None:
    lists = [disabled(replace(CHESHIRE, name=f"07_List {n}")) for n in range(5)]
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(StateReported(a_state(*lists)))
    lines = window.list_strip.words.text().splitlines()
    assert len(lines) == LINES + 1
    assert lines[-1] == "and 3 more in Lists (Ctrl+3)"
