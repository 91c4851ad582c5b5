"""Possible misreads wait behind a closed heading; nothing of them reaches the live list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit import Basis, Hit, MatchClass
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action, ListSource
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.cards import CardId, Group
from nas_desktop.services.events import NodeState, PncState, PncStatus, StateReported
from nas_desktop.ui.basis_words import VOICE_CHECKED
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import Look
from tests.builders import a_hit
from tests.fakes.node_link import START, FakeNodeLink

SEEN = START - timedelta(seconds=30)


def a_misread(vrm: str = "AB51ABC", listed: str = "A851ABC") -> Hit:
    hit = a_hit(vrm, SEEN)
    entry = replace(hit.leading.entry, vrm=Vrm(listed))
    reason = replace(
        hit.leading, match_class=MatchClass.MISREAD, tier=None, entry=entry, confidence=71
    )
    return replace(hit, reasons=(reason,))


def show(qtbot: QtBot, window: MainWindow, link: FakeNodeLink, *hits: Hit) -> None:
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(*hits)


def deploy(window: MainWindow) -> None:
    window.page.asker.action(window.page.chosen)
    window.page.chooser._choose("deployed")


def test_that_a_possible_misread_reaches_no_counter_and_no_live_group(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    show(qtbot, window, link, a_misread())
    assert window._board.count(Group.POSSIBLE) == 1
    assert sum(window._board.unacknowledged_by_tier().values()) == 0
    assert window.top_bar.counters[Tier.P1.value].property("tone") == "quiet"
    assert not window.page.choose_next()
    assert not window.actions_by_name["next_hit"].isEnabled()
    assert window.page.model.rowCount() == 1
    assert link.steps == []


def test_that_they_are_shown_and_hidden_by_key(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    show(qtbot, window, link, a_misread(), a_hit("CD62XYZ", SEEN))
    assert window.page.model.rowCount() == 3
    window.page.hits.setFocus()
    QTest.keyClick(window.page.hits, Qt.Key.Key_M)
    assert window.page.model.rowCount() == 4
    window.page.hits.choose(CardId("~AB51ABC"))
    assert window.page.chosen is not None
    assert window.page.chosen.is_possible
    assert "Possible misread" in window.page.detail.body._headline.text()
    window.page.hits.viewport().repaint()
    QTest.keyClick(window.page.hits, Qt.Key.Key_M)
    assert window.page.model.rowCount() == 3
    assert window.page.chosen is None


def test_that_they_are_shown_and_hidden_by_a_click_on_their_heading(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    show(qtbot, window, link, a_misread())
    view = window.page.hits
    heading = view.visualRect(view.model().index(0, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(heading))
    assert window.page.model.rowCount() == 2
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(heading))
    assert window.page.model.rowCount() == 1


def test_that_a_misread_that_turns_out_to_be_listed_joins_the_live_list(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    show(qtbot, window, link, a_misread())
    show(qtbot, window, link, a_hit("AB51ABC", SEEN))
    assert window._board.count(Group.POSSIBLE) == 0
    assert window._board.count(Group.UNACKNOWLEDGED) == 1


# ------------------------------------------------------------------ the check before a stop


def an_extract_hit(hours: float) -> Hit:
    hit = a_hit("AB51ABC", SEEN)
    loaded = hit.matched_at - timedelta(hours=hours)
    reason = replace(hit.leading, source=ListSource.PNC_EXTRACT, loaded_at=loaded)
    return replace(hit, reasons=(reason,))


def take(qtbot: QtBot, window: MainWindow, link: FakeNodeLink, hit: Hit) -> None:
    show(qtbot, window, link, hit)
    window.page.choose_next()
    window.page.hits.viewport().repaint()
    with qtbot.waitSignal(window.bridge.drained):
        window.actions_by_name["acknowledge"].trigger()


def actions(link: FakeNodeLink) -> list[tuple[str, str]]:
    return [(s.code, s.text) for s in link.steps if s.kind is StepKind.ACTION]


def test_that_a_stop_on_an_old_extract_is_checked_by_voice_first(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    take(qtbot, window, link, an_extract_hit(9))
    deploy(window)
    chooser = window.page.chooser
    assert chooser.isVisible()
    assert "voice" in chooser._warning.text()
    assert actions(link) == []
    chooser.setFocus()
    QTest.keyClick(chooser, Qt.Key.Key_C)
    assert chooser.voice.isChecked()
    chooser.note.setText("TA12")
    QTest.keyClick(chooser, Qt.Key.Key_1)
    assert actions(link) == [("deployed", f"{VOICE_CHECKED}TA12")]


@pytest.mark.parametrize("code", ["monitor", "no_resource"])
def test_that_only_sending_somebody_needs_the_check(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, code: str
) -> None:
    take(qtbot, window, link, an_extract_hit(9))
    window.page.asker.action(window.page.chosen)
    window.page.chooser._choose(code)
    assert actions(link) == [(code, "")]


def test_that_a_fresh_extract_needs_no_check(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    take(qtbot, window, link, an_extract_hit(2))
    deploy(window)
    assert actions(link) == [("deployed", "")]
    assert window.page.chooser.voice.isHidden()


def test_that_a_withdrawn_entry_is_said_in_card_detail_and_chooser(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    hit = a_hit("AB51ABC", SEEN, action=Action.STOP)
    take(qtbot, window, link, hit)
    gone = replace(hit.leading, basis=Basis.WITHDRAWN, basis_at=START)
    show(qtbot, window, link, replace(hit, reasons=(gone,)))
    said = "ENTRY WITHDRAWN 21:04 – do not stop on this basis"
    body = window.page.detail.body
    assert not body._basis.isHidden()
    assert said in body._basis.text()
    assert said in str(window.page.model.data(window.page.hits.currentIndex()))
    window.page.asker.action(window.page.chosen)
    assert said in window.page.chooser._warning.text()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_that_every_choice_can_be_read_under_a_banner_too(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, scale: float
) -> None:
    window.set_look(Look(scale=scale))
    window.resize(1366, 768)
    pnc = PncState(PncStatus.NO_MATCHING, START)
    state = NodeState("Desk 1", "desk", START, is_simulation=True, pnc=pnc)
    link.play(StateReported(state))
    take(qtbot, window, link, an_extract_hit(9))
    deploy(window)
    chooser = window.page.chooser
    tall = chooser._buttons[0].sizeHint().height()
    qtbot.waitUntil(lambda: all(b.height() >= tall for b in chooser._buttons))
    qtbot.waitUntil(lambda: chooser.height() >= chooser.minimumSizeHint().height())
    chooser.leave()
    assert window.page.splitter.isVisible()
