"""The bridge: one drain for many arrivals, receipts once, and refusals never swallowed."""

from __future__ import annotations

from datetime import timedelta

from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.services.cards import Card
from nas_desktop.services.events import (
    ImageArrived,
    ImageKind,
    ImageMissing,
    NodeFound,
    NodeLost,
    NodeState,
    StateReported,
    StepsDecided,
)
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.ui.bridge import LOAD_FROM, Bridge
from tests.builders import NOON, a_hit, a_read, a_step, decided
from tests.fakes.node_link import DeskClock, FakeNodeLink, an_operator
from tests.unit.ui.test_images import a_picture


def many_hits(count: int) -> list[Hit]:
    return [a_hit(captured_at=NOON + timedelta(seconds=n)) for n in range(count)]


def attend(bridge: Bridge) -> None:
    bridge.is_visible = True
    bridge.set_operator(an_operator())


def card_of(bridge: Bridge, hit: Hit) -> Card:
    card = bridge.board.card_of_hit(hit.hit_id)
    assert card is not None
    return card


def test_that_a_thousand_arrivals_make_one_drain(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    with qtbot.waitSignal(bridge.drained):
        for hit in many_hits(1_000):
            link.raise_hits(hit)
    assert bridge.drains == 1


def test_that_a_hit_after_a_pause_wakes_the_drain_at_once(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    link.raise_hits(a_hit())
    assert bridge._at_once.isActive()
    assert not bridge._drain_timer.isActive()


def test_that_what_follows_a_drain_waits_for_the_timer(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(a_hit())
    link.raise_hits(a_hit("CD62XYZ"))
    assert not bridge._at_once.isActive()
    with qtbot.waitSignal(bridge.drained):
        pass
    assert bridge.drains == 2


def test_that_images_and_figures_do_not_hold_up_a_hit(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    with qtbot.waitSignal(bridge.images_changed):
        link.play(ImageMissing(a_read().read_id, ImageKind.PATCH, "not supplied"))
    assert bridge._drain_timer.isActive()
    link.raise_hits(a_hit())
    assert bridge._at_once.isActive()


def test_that_no_timer_runs_while_nothing_comes(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(a_hit())
    qtbot.waitUntil(lambda: not bridge._drain_timer.isActive())
    assert not bridge._at_once.isActive()
    assert bridge.drains == 1


def test_that_a_long_backlog_is_loaded_with_one_reset(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink, board: HitBoard
) -> None:
    calls: list[str] = []

    class Counts:
        def __getattr__(self, name: str) -> object:
            return lambda *_args: calls.append(name)

    board.attach(Counts())  # type: ignore[arg-type]
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(*many_hits(LOAD_FROM + 1), is_backlog=True)
    assert calls == ["resetting", "reset"]


def test_that_a_painted_hit_is_reported_delivered_once(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    attend(bridge)
    hits = many_hits(3)
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(*hits)
    for _repaint in range(5):
        bridge.note_painted(card_of(bridge, hits[0]))
    qtbot.waitUntil(lambda: bool(link.steps))
    qtbot.waitUntil(lambda: not bridge._drain_timer.isActive())
    bridge.note_painted(card_of(bridge, hits[0]))
    assert link.batches == 1
    assert sorted(s.hit_id for s in link.steps) == sorted(h.hit_id for h in hits)
    assert {(s.kind, s.operator, s.workstation) for s in link.steps} == {
        (StepKind.DELIVER, "A. Khan", "desk 1")
    }


def test_that_nothing_is_delivered_where_nobody_can_see_it(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    hit = a_hit()
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(hit)
    bridge.is_visible = True
    bridge.note_painted(card_of(bridge, hit))  # nobody signed in
    bridge.set_operator(an_operator())
    bridge.is_visible = False
    bridge.note_painted(card_of(bridge, hit))  # minimised
    bridge.is_visible = True
    with bridge.photographed():
        bridge.note_painted(card_of(bridge, hit))  # a picture is not a look
    assert bridge.painted_at == {}


def test_that_the_time_from_arrival_to_paint_is_kept(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink, clock: DeskClock
) -> None:
    attend(bridge)
    hit = a_hit()
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(hit)
    clock.advance(0.025)
    bridge.note_painted(card_of(bridge, hit))
    assert [round(ms) for ms in bridge.paint_ms] == [25]


def test_that_a_delivery_the_node_refused_is_sent_again(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    attend(bridge)
    hit = a_hit()
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(hit)
    link.refusal = Refused("link_down", "The node cannot be reached.")
    with qtbot.waitSignal(bridge.notice):
        bridge.note_painted(card_of(bridge, hit))
    link.refusal = None
    with qtbot.waitSignal(bridge.state_changed):
        link.play(NodeFound(NOON))
    qtbot.waitUntil(lambda: len(link.steps) == 1)


def test_that_an_acknowledgement_covers_only_what_was_painted(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    attend(bridge)
    early, late = many_hits(2)
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(early)
    card = card_of(bridge, early)
    bridge.note_painted(card)
    bridge._hits.append(late)
    bridge._drain()  # on the card, but not yet on screen
    assert bridge.acknowledge(card)
    assert [s.hit_id for s in link.steps if s.kind is StepKind.ACKNOWLEDGE] == [early.hit_id]


def test_that_a_role_without_the_right_acknowledges_nothing(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    bridge.is_visible = True
    bridge.set_operator(an_operator(Role.ANALYST))
    hit = a_hit()
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(hit)
    bridge.note_painted(card_of(bridge, hit))
    assert not bridge.acknowledge(card_of(bridge, hit))


def test_that_an_action_and_an_outcome_need_an_acknowledged_hit(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    attend(bridge)
    hit = a_hit()
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(hit)
    card = card_of(bridge, hit)
    assert not bridge.act(card, "deployed")
    assert not bridge.close_card(card, "arrest")
    with qtbot.waitSignal(bridge.drained):
        link.play(StepsDecided((decided(a_step(hit.hit_id)),)))
    assert bridge.act(card, "deployed", "TA12")
    assert bridge.close_card(card, "arrest")
    assert [(s.code, s.text) for s in link.steps] == [("deployed", "TA12"), ("arrest", "")]


def test_that_a_refused_step_is_said_with_its_remedy(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    attend(bridge)
    hit = a_hit()
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(hit)
    card = card_of(bridge, hit)
    bridge.note_painted(card)
    link.refusal = Refused("link_down", "The node cannot be reached.", "Wait.")
    with qtbot.waitSignal(bridge.notice) as said:
        bridge.acknowledge(card)
    assert said.args == ["The node cannot be reached.", "Wait."]
    assert card.unacknowledged


def test_that_a_verdict_replaces_the_provisional_one_in_the_history(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    hit = a_hit()
    step = a_step(hit.hit_id)
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(hit)
        link.play(StepsDecided((decided(step, is_provisional=True),)))
        link.play(StepsDecided((decided(step),)))
    assert [s.is_provisional for s in bridge.history.of([hit.hit_id])] == [False]


def test_that_images_are_asked_for_in_batches_and_once(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    reads = [a_read(captured_at=NOON + timedelta(seconds=n), patch="a" * 64) for n in range(20)]
    for _paint in range(3):
        bridge.want(reads, [ImageKind.PATCH])
    qtbot.waitUntil(lambda: bool(link.wanted))
    assert link.wanted_batches == 1
    assert len(link.wanted) == 20


def test_that_images_are_told_once_a_drain(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    here, absent = a_read(), a_read("CD62XYZ")
    with qtbot.waitSignal(bridge.images_changed) as told:
        link.play(ImageArrived(here.read_id, ImageKind.PATCH, a_picture()))
        link.play(ImageMissing(absent.read_id, ImageKind.PATCH, "not supplied"))
    assert told.args == [{here.read_id, absent.read_id}]
    assert bridge.images.pixmap(here.read_id, ImageKind.PATCH) is not None
    assert bridge.images.why_missing(absent.read_id, ImageKind.PATCH) == "not supplied"


def test_that_the_first_loss_of_the_node_keeps_its_time(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    with qtbot.waitSignal(bridge.state_changed):
        link.play(NodeLost(NOON, "gone"))
        link.play(NodeLost(NOON + timedelta(seconds=9), "gone"))
    assert bridge.lost is not None
    assert bridge.lost.at == NOON
    with qtbot.waitSignal(bridge.state_changed):
        link.play(NodeFound(NOON))
    assert bridge.lost is None
    assert bridge.is_linked


def test_that_the_age_of_a_report_counts_from_its_arrival(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink, clock: DeskClock
) -> None:
    clock.advance(50)
    with qtbot.waitSignal(bridge.state_changed):
        link.play(StateReported(NodeState("Desk 1", "desk", NOON, is_simulation=False)))
    clock.advance(4)
    assert bridge.state_age_s == 4


def test_that_another_operator_has_seen_nothing_yet(
    qtbot: QtBot, bridge: Bridge, link: FakeNodeLink
) -> None:
    attend(bridge)
    hit = a_hit()
    with qtbot.waitSignal(bridge.drained):
        link.raise_hits(hit)
    bridge.note_painted(card_of(bridge, hit))
    bridge.set_operator(an_operator(name="B. Jones"))
    assert bridge.covered(card_of(bridge, hit)) == ()
    bridge.sign_out()
    assert link.is_signed_out
    assert bridge.operator is None
