"""The life of a hit from the window: every step by key, each covering what was on screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.hit import Basis, Hit
from nas_desktop.domain.hit_life import Step, StepKind
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action
from nas_desktop.services.cards import CardId, Group
from nas_desktop.services.desks import DeskReport, DeskState
from nas_desktop.services.events import StepsDecided
from nas_desktop.ui.main_window import MainWindow
from tests.builders import NOON, a_hit, a_step, decided
from tests.fakes.node_link import DeskClock, FakeNodeLink, an_operator
from tests.unit.ui.test_main_window import choose, drain, report

P2: dict[str, Any] = {"reason": "Drugs", "warning_signals": ()}


def press(window: MainWindow, *keys: str, to: QWidget | None = None) -> None:
    for key in keys:
        asker = window.page.asker
        part = next((p for p in (asker.chooser, asker.form) if p.isVisible()), None)
        place = to or part or window.page.hits
        QTest.keyClick(place, getattr(Qt.Key, f"Key_{key}"))


def shift(window: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(window.page.hits, key, Qt.KeyboardModifier.ShiftModifier)


def last(link: FakeNodeLink, kind: StepKind) -> Step:
    return [s for s in link.steps if s.kind is kind][-1]


def kinds(link: FakeNodeLink) -> list[StepKind]:
    return [s.kind for s in link.steps if s.kind is not StepKind.DELIVER]


@pytest.fixture
def hit(qtbot: QtBot, window: MainWindow, link: FakeNodeLink) -> Hit:
    """A Stop of P2, chosen and acknowledged."""
    hit = a_hit(**P2)
    drain(qtbot, window, link, hit)
    choose(window, "AB51ABC")
    with qtbot.waitSignal(window.bridge.drained):
        press(window, "Space")
    return hit


def test_that_a_unit_is_sent_after_a_look_at_the_patch(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, hit: Hit
) -> None:
    assert (
        window.page.buttons["verify"].property("due") or window.page.buttons["verify"].isEnabled()
    )
    press(window, "V", "C", "A", "1")
    assert kinds(link) == [
        StepKind.ACKNOWLEDGE, StepKind.VERIFY, StepKind.DESCRIBE, StepKind.ACTION,
    ]  # fmt: skip
    assert (last(link, StepKind.VERIFY).code, last(link, StepKind.DESCRIBE).code) == (
        "agrees", "agrees",
    )  # fmt: skip
    press(window, "X")
    assert last(link, StepKind.DESCRIBE).code == "differs"


def test_that_a_patch_that_differs_asks_what_it_shows(
    window: MainWindow, link: FakeNodeLink, hit: Hit
) -> None:
    shift(window, Qt.Key.Key_V)
    assert last(link, StepKind.VERIFY).code == "differs"
    form = window.page.asker.form
    assert form.isVisible()
    QTest.keyClicks(form.fields[0], "ab51abd")
    press(window, "Return", to=form.fields[0])
    assert last(link, StepKind.ANNOTATE).text == "AB51ABD"
    assert not form.isVisible()


def test_that_parking_asks_why_and_how_long(
    window: MainWindow, link: FakeNodeLink, hit: Hit, clock: DeskClock
) -> None:
    press(window, "S", "2", "3")
    step = last(link, StepKind.PARK)
    assert (step.code, step.until) == ("pnc", clock.now() + timedelta(minutes=30))


def test_that_a_parked_hit_is_taken_back_with_t(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, hit: Hit
) -> None:
    press(window, "S", "1")
    with qtbot.waitSignal(window.bridge.drained):
        press(window, "1")
    assert window.page.chosen is not None
    assert window.page.chosen.group_for(window.bridge.who) is Group.PARKED
    press(window, "T")
    assert last(link, StepKind.TAKE).hit_id == hit.hit_id


def desks(*names: str) -> tuple[DeskState, ...]:
    at_work = DeskReport("B. Jones", True)
    return tuple(DeskState(name, report=at_work, is_attended=True) for name in names)


def test_that_a_hit_is_passed_to_a_desk_that_somebody_attends(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, hit: Hit
) -> None:
    report(qtbot, window, link, desks=desks("desk 1", "desk 2"))
    press(window, "P", "1")
    step = last(link, StepKind.PASS)
    assert (step.code, step.to) == ("desk", "desk 2")


def test_that_a_hit_is_passed_by_voice_with_who_was_told(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, hit: Hit
) -> None:
    press(window, "P", "1")
    form = window.page.asker.form
    QTest.keyClicks(form.fields[0], "Gwent")
    press(window, "Return", to=form.fields[0])
    assert form.isVisible(), "whom it was told is needed too"
    QTest.keyClicks(form.fields[1], "PC 1234")
    press(window, "Return", to=form.fields[1])
    step = last(link, StepKind.PASS)
    assert (step.code, step.to, step.text) == ("by_voice", "Gwent", "PC 1234")


def test_that_a_form_says_what_is_missing_and_escape_gives_up(
    window: MainWindow, link: FakeNodeLink, hit: Hit
) -> None:
    press(window, "I")
    form = window.page.asker.form
    press(window, "Return", to=form.fields[0])
    assert form.isVisible()
    assert "is needed" in form._warning.text()
    press(window, "Escape")
    assert not form.isVisible()
    assert StepKind.INCIDENT not in kinds(link)
    press(window, "I")
    QTest.keyClicks(form.fields[0], "CH-1")
    form._send.click()
    assert last(link, StepKind.INCIDENT).text == "CH-1"


def test_that_raising_asks_for_tier_and_reason(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    low = a_hit(action=Action.ASSESS, warning_signals=())
    drain(qtbot, window, link, low)
    choose(window, "AB51ABC")
    press(window, "R", "1")
    with qtbot.waitSignal(window.bridge.drained):
        press(window, "1")
    step = last(link, StepKind.RAISE)
    assert (step.code, step.text) == ("P1", "Life at risk")
    assert window.page.deeds.higher_tiers(window.page.chosen) == ()  # type: ignore[arg-type]


def test_that_one_tier_above_is_raised_to_without_asking_which(
    window: MainWindow, link: FakeNodeLink, hit: Hit
) -> None:
    press(window, "R", "2")
    assert last(link, StepKind.RAISE).code == Tier.P1


def test_that_the_owner_of_a_list_is_told(window: MainWindow, link: FakeNodeLink, hit: Hit) -> None:
    press(window, "E")
    form = window.page.asker.form
    QTest.keyClicks(form.fields[0], "Sold in May")
    press(window, "Return", to=form.fields[0])
    assert last(link, StepKind.NOTIFY).text == "Sold in May"


def test_that_a_change_of_the_entry_is_seen_with_b(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, hit: Hit
) -> None:
    assert not window.page.buttons["seen"].isVisible()
    gone = replace(hit.leading, basis=Basis.WITHDRAWN, basis_at=NOON + timedelta(minutes=1))
    drain(qtbot, window, link, replace(hit, reasons=(gone,)))
    assert window.page.buttons["seen"].isVisible()
    assert "B: I have seen it" in window.page.detail.body._basis.text()
    with qtbot.waitSignal(window.bridge.drained):
        press(window, "B")
    assert last(link, StepKind.SEEN).hit_id == hit.hit_id
    assert not window.page.buttons["seen"].isVisible()
    assert "I have seen it" not in window.page.detail.body._basis.text()


def test_that_the_last_step_is_taken_back_within_ten_seconds(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, hit: Hit, clock: DeskClock
) -> None:
    taken = last(link, StepKind.ACKNOWLEDGE)
    clock.advance(9)
    with qtbot.waitSignal(window.bridge.drained):
        press(window, "U")
    assert last(link, StepKind.WITHDRAW).undoes == taken.step_id
    assert window.page.chosen is not None
    assert window.page.chosen.unacknowledged == (hit.hit_id,)


def test_that_nothing_is_taken_back_later(
    window: MainWindow, link: FakeNodeLink, hit: Hit, clock: DeskClock
) -> None:
    clock.advance(11)
    press(window, "U")
    assert StepKind.WITHDRAW not in kinds(link)


def test_that_a_hit_passed_elsewhere_is_not_acknowledged_here(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, hit: Hit
) -> None:
    report(qtbot, window, link, desks=desks("desk 1", "desk 2"))
    press(window, "P")
    with qtbot.waitSignal(window.bridge.drained):
        press(window, "1")
    before = len(link.steps)
    press(window, "Space")
    assert len(link.steps) == before


def test_that_nothing_of_it_is_done_by_a_role_without_the_right(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    window.sign_in_as(an_operator(Role.ANALYST))
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    press(window, "Space", "V", "C", "X", "T", "S", "R", "E", "I", "U", "A", "O", "P", "B")
    shift(window, Qt.Key.Key_V)
    assert link.steps == []
    assert not window.page.asker.is_asking


def test_that_a_supervisor_gives_anybodys_hit_to_a_desk(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    window.sign_in_as(an_operator(Role.SUPERVISOR, name="C. Rees"))
    report(qtbot, window, link, desks=desks("desk 2"))
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    press(window, "P", "1")
    step = last(link, StepKind.ASSIGN)
    assert (step.to, step.operator) == ("desk 2", "C. Rees")


def test_that_passing_without_anybody_to_pass_to_says_so(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    window.sign_in_as(an_operator(Role.SUPERVISOR))
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    press(window, "P")
    assert "no other desk" in window.notice.words.text()


# ------------------------------------------------------------------ scope, flood, filter


def test_that_a_desk_shows_what_it_looks_after(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    scope = DeskScope(cameras=("99",))
    report(qtbot, window, link, desks=(DeskState("desk 1", scope),))
    assert window.page.head.scope_sign.text() == "This desk: cameras 99"
    link.raise_hits(a_hit())
    qtbot.waitUntil(lambda: window.bridge.board.aside == 1)
    assert window.bridge.board.card_count == 0


def test_that_a_flood_is_said_and_folds_what_comes(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, clock: DeskClock
) -> None:
    low: dict[str, Any] = {"action": Action.ASSESS, "warning_signals": ()}
    for n in range(13):
        drain(qtbot, window, link, a_hit(f"FL{n:02d}OOD", **low))
    assert window.bridge.board.is_flooded
    assert "Flood: 11 vehicles" in window.notice.words.text()
    assert window.page.model.flood_words == "▲ FLOOD: 13 in 10 min, norm 1"
    assert window.bridge.board.folded_by_tier() == {Tier.P3: 2}
    assert window.page.reporter.made().is_flooded
    press(window, "G")
    assert window.bridge.board.is_open(Group.FLOODED)
    press(window, "G")
    clock.advance(601)
    window.page.reporter.look()
    assert not window.bridge.board.is_flooded
    assert "flood is over" in window.notice.words.text()
    assert 9.9 < window.page.reporter.flood.minutes < 10.1


def test_that_a_filter_is_set_by_key_and_its_sign_stays(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit(), a_hit("CD62XYZ", **P2))
    press(window, "F")
    head = window.page.head
    assert head.words.hasFocus()
    QTest.keyClicks(head.words, "elsewhere")
    press(window, "Return", to=head.words)
    assert head.filter_sign.isVisible()
    assert "FILTER ON: only “elsewhere” · 1 card out of sight" in head.filter_sign.text()
    assert window.bridge.board.position_of(CardId("AB51ABC")) is not None, "a P1 is always shown"
    assert window.page.reporter.made().hides_urgent
    head.off.click()
    assert not head.filter_sign.isVisible()
    assert window.bridge.board.hidden == 0
    head._tiers[Tier.P2].click()
    assert window.bridge.board.filter.tiers == {Tier.P1, Tier.P3, Tier.P4}


def test_that_a_report_says_who_is_there_and_what_waits(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    hit = a_hit()
    drain(qtbot, window, link, hit)
    made = window.page.reporter.made()
    assert (made.operator, made.is_attended, made.waiting) == ("A. Khan", True, {"P1": 1})
    assert made.oldest_at == hit.matched_at
    window.lock.lock()
    assert not window.page.reporter.made().is_attended


def test_that_a_supervisors_eyes_are_no_receipt_until_the_hit_was_handed_on(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    window.sign_in_as(an_operator(Role.SUPERVISOR))
    hit = a_hit()
    drain(qtbot, window, link, hit)
    choose(window, "AB51ABC")
    window.bridge._send_waiting()
    assert [s.kind for s in link.steps] == []
    told = a_step(hit.hit_id, StepKind.ESCALATE, "", code="uncovered")
    with qtbot.waitSignal(window.bridge.drained):
        link.play(StepsDecided((decided(told),)))
    window.page.detail.body.repaint()
    window.bridge._send_waiting()
    assert [s.kind for s in link.steps] == [StepKind.DELIVER]
