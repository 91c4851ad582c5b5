"""Receipts that were refused: sent again when they are owed, and not with every paint."""

from __future__ import annotations

from datetime import timedelta

from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import HitLife, Step, StepKind
from nas_desktop.services.events import NodeFound, NodeLost, StepsDecided
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.desk_reporter import DeskReporter
from nas_desktop.ui.receipts import AGAIN_S, LONGEST_S, Receipts
from tests.builders import NOON, a_hit, a_step, decided
from tests.fakes.node_link import DeskClock, FakeNodeLink, an_operator
from tests.unit.ui.test_bridge import attend, card_of

OURS = ("A. Khan", "desk 1")


def paint(qtbot: QtBot, bridge: Bridge, hit: Hit) -> None:
    """Paint a card, and let everything go out that this made."""
    bridge.note_painted(card_of(bridge, hit))
    qtbot.waitUntil(lambda: not bridge._drain_timer.isActive())


def play(qtbot: QtBot, bridge: Bridge, link: FakeNodeLink, step: Step, refusal: str = "") -> None:
    with qtbot.waitSignal(bridge.drained):
        link.play(StepsDecided((decided(step, is_accepted=not refusal, refusal=refusal),)))


def a_refused_receipt(qtbot: QtBot, bridge: Bridge, link: FakeNodeLink, refusal: str) -> Hit:
    link.decides_steps = False
    attend(bridge)
    hit = a_hit()
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(hit)
    paint(qtbot, bridge, hit)
    assert [step.kind for step in link.steps] == [StepKind.DELIVER]
    play(qtbot, bridge, link, link.steps[0], refusal)
    return hit


def test_that_a_refused_receipt_is_sent_again_after_two_seconds(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink, clock: DeskClock
) -> None:
    hit = a_refused_receipt(qtbot, bridge, link, "not_attended")
    for _repaint in range(3):
        paint(qtbot, bridge, hit)
    assert len(link.steps) == 1
    clock.advance(AGAIN_S)
    for _repaint in range(3):
        paint(qtbot, bridge, hit)
    assert len(link.steps) == 2
    play(qtbot, bridge, link, link.steps[1])
    clock.advance(60)
    paint(qtbot, bridge, hit)
    assert len(link.steps) == 2


def test_that_a_receipt_is_sent_again_at_once_when_the_hit_is_handed_here(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    hit = a_refused_receipt(qtbot, bridge, link, "out_of_scope")
    paint(qtbot, bridge, hit)
    assert len(link.steps) == 1
    handed = a_step(
        hit.hit_id, StepKind.ESCALATE, "", workstation="server", code="no_receipt", to="desk 1"
    )
    play(qtbot, bridge, link, handed)
    paint(qtbot, bridge, hit)
    assert [step.hit_id for step in link.steps] == [hit.hit_id] * 2


def test_that_nothing_is_sent_again_because_others_were_refused(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink, clock: DeskClock
) -> None:
    link.decides_steps = False
    attend(bridge)
    hit = a_hit()
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(hit)
    paint(qtbot, bridge, hit)
    for operator, desk in (("B. Jones", "desk 1"), ("A. Khan", "desk 2")):
        step = a_step(hit.hit_id, StepKind.DELIVER, operator, workstation=desk)
        play(qtbot, bridge, link, step, "not_attended")
    clock.advance(60)
    paint(qtbot, bridge, hit)
    assert len(link.steps) == 1


def test_that_each_further_refusal_doubles_the_wait() -> None:
    receipts, hit, life, now = Receipts(), a_hit(), HitLife(), 0.0
    verdict = decided(
        a_step(hit.hit_id, StepKind.DELIVER), is_accepted=False, refusal="out_of_scope"
    )
    assert receipts.refused([verdict], OURS, now) == []
    for wait_s in (2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_S, LONGEST_S):
        assert receipts.take(hit.hit_id, life, now)
        assert not receipts.take(hit.hit_id, life, now + 1_000)
        assert not receipts.is_refused(hit.hit_id)
        assert receipts.refused([verdict], OURS, now) == [hit.hit_id]
        assert receipts.is_refused(hit.hit_id)
        now += wait_s
        assert not receipts.take(hit.hit_id, life, now - 0.1)
    handed = HitLife(handed_to=("desk 1",))
    assert receipts.take(hit.hit_id, handed, now - 0.1)
    receipts.refused([verdict], OURS, now)
    assert receipts.take(hit.hit_id, handed, now + AGAIN_S)
    receipts.forget(hit.hit_id)
    assert receipts.take(hit.hit_id, handed, now)
    receipts.clear()
    assert receipts.take(hit.hit_id, handed, now)


def test_that_a_found_node_is_told_at_once_who_is_at_the_desk(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    attend(bridge)
    reporter, told = DeskReporter(bridge, None, load_spec()), []
    reporter.report = lambda: told.append(bridge.is_linked)  # type: ignore[method-assign]
    for event, reports in (
        (NodeFound(NOON), [True]),
        (NodeLost(NOON + timedelta(seconds=1), "gone"), [True]),
        (NodeFound(NOON + timedelta(seconds=2)), [True, True]),
    ):
        with qtbot.waitSignal(bridge.state_changed):
            link.play(event)
        assert told == reports
    reporter.stop()


def test_that_who_may_only_look_gives_no_receipt(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    """Ten refusals end a session: an analyst with hits in view must not send any."""
    bridge.is_visible = True
    bridge.set_operator(an_operator(Role.ANALYST))
    hit = a_hit()
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(hit)
    paint(qtbot, bridge, hit)
    assert link.steps == []
    assert hit.hit_id in bridge.painted_at
