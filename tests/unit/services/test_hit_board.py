"""The hit board: order, groups, races, and a listener that is told of every change in pairs.

The properties drive a board through events as they may arrive (repeats, live steps before the
backlog, verdicts before their hits) while a shadow list replays what the listener was told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.hit import Basis, Hit, MatchClass, ordered_reasons
from nas_desktop.domain.hit_history import History, decide
from nas_desktop.domain.hit_life import TO_DESK, DecidedStep, HitLife, HitState, StepKind
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action
from nas_desktop.services.board_filter import BoardFilter
from nas_desktop.services.cards import FOLDING, WAITING, Card, CardId, Group, Heading
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from tests.builders import NOON, a_hit, a_step, decided

SPEC = load_spec()
ME, OTHER = "A. Khan", "B. Jones"
DESK = "desk 1"


# ------------------------------------------------------------------ seeing a board


def seen(card: Card) -> tuple[object, ...]:
    """All that a view may show of a card."""
    return (card.card_id, dict(card.hits), dict(card.lives), card.second_to)


def rows(board: HitBoard) -> list[object]:
    shown: list[object] = []
    for at in range(len(board)):
        row = board.row(at)
        if isinstance(row, Heading):
            shown.append((row.group, board.size(row.group)))
        else:
            shown.append(seen(row))
    return shown


def order(board: HitBoard) -> list[str]:
    """Names of groups and ids of cards, top to bottom."""
    found = []
    for at in range(len(board)):
        row = board.row(at)
        found.append(row.group.name if isinstance(row, Heading) else str(row.card_id))
    return found


def where(board: HitBoard, card: Card) -> Group | None:
    """Where a card belongs, said once more in other words."""
    is_chosen = card.card_id == board.chosen
    if not (is_chosen or board.filter.passes(card)):
        return None
    group = card.group_for(board.operator)
    has_stop = any(h.leading.entry.action is Action.STOP for h in card.hits.values())
    may_fold = card.tier in (Tier.P3, Tier.P4) and not (
        has_stop or card.escalated or is_chosen or card.card_id in board.before_flood
    )
    if board.is_flooded and may_fold and group is Group.UNACKNOWLEDGED:
        return Group.FLOODED
    return group


def expected_order(board: HitBoard) -> list[str]:
    """The order that the document of the board promises, computed without any cleverness."""
    found: list[str] = []
    for group in Group:
        cards = [c for c in board.cards if where(board, c) is group]
        cards.sort(
            key=lambda c: (
                c.tier.rank if c.tier else 9,
                -c.newest.read.effective_at.timestamp(),
                c.card_id,
            )
        )
        if not board.is_open(group):
            found += [group.name] * bool(cards)
        elif cards:
            found += [group.name, *(str(c.card_id) for c in cards)]
    return found


class Shadow:
    """Replays what it is told on a list of its own, as a list model does."""

    def __init__(self, board: HitBoard) -> None:
        self.board = board
        self.rows = rows(board)
        self.told: list[str] = []
        self._open: tuple[Any, ...] | None = None
        board.attach(self)

    def _begin(self, *what: Any) -> None:
        assert self._open is None, "one change at a time"
        assert len(self.board) == len(self.rows), "told before the change"
        self._open = what

    def _end(self, kind: str) -> tuple[Any, ...]:
        assert self._open is not None
        assert self._open[0] == kind
        what, self._open = self._open, None
        self.told.append(kind)
        return what

    def inserting(self, at: int) -> None:
        self._begin("insert", at)

    def inserted(self) -> None:
        _kind, at = self._end("insert")
        self.rows.insert(at, rows(self.board)[at])
        assert len(self.board) == len(self.rows)

    def removing(self, at: int) -> None:
        self._begin("remove", at)

    def removed(self) -> None:
        _kind, at = self._end("remove")
        del self.rows[at]
        assert len(self.board) == len(self.rows)

    def moving(self, source: int, target: int) -> None:
        assert source != target
        self._begin("move", source, target)

    def moved(self) -> None:
        _kind, source, target = self._end("move")
        self.rows.insert(target, self.rows.pop(source))

    def changed(self, at: int) -> None:
        assert self._open is None
        self.told.append("change")
        self.rows[at] = rows(self.board)[at]

    def resetting(self) -> None:
        self._begin("reset")

    def reset(self) -> None:
        self._end("reset")
        self.rows = rows(self.board)

    def agrees(self) -> bool:
        return self._open is None and self.rows == rows(self.board)


def a_board(*hits: Hit, operator: str = ME, **how: int) -> tuple[HitBoard, Shadow]:
    board = HitBoard(SPEC, operator, **how)
    shadow = Shadow(board)
    for hit in hits:
        board.raise_hit(hit)
    return board, shadow


def at(seconds: float) -> Any:
    return NOON + timedelta(seconds=seconds)


def take(board: HitBoard, hit: Hit, kind: StepKind, operator: str = ME, code: str = "") -> None:
    board.apply(decided(a_step(hit.hit_id, kind, operator, code=code, at=at(_tick()))))


_ticks = iter(range(10_000_000))


def _tick() -> int:
    return next(_ticks)


def close(board: HitBoard, hit: Hit, operator: str = ME, code: str = "arrest") -> None:
    take(board, hit, StepKind.ACKNOWLEDGE, operator)
    take(board, hit, StepKind.OUTCOME, operator, code)


# ------------------------------------------------------------------ cards, order, counters


def test_that_cards_stand_by_tier_and_then_the_newest_first() -> None:
    p1 = a_hit("A1", at(1))
    p2_old = a_hit("A2", at(2), warning_signals=())
    p2_new = a_hit("A3", at(3), warning_signals=())
    p3 = a_hit("A4", at(9), action=Action.ASSESS, warning_signals=())
    board, shadow = a_board(p3, p2_old, p1, p2_new)
    assert order(board) == ["UNACKNOWLEDGED", "A1", "A3", "A2", "A4"]
    assert board.unacknowledged_by_tier() == {Tier.P1: 1, Tier.P2: 2, Tier.P3: 1, Tier.P4: 0}
    assert shadow.agrees()


def test_that_no_alert_hits_never_reach_the_board() -> None:
    board, _shadow = a_board()
    assert board.raise_hit(a_hit(action=Action.NO_ALERT)) is None
    assert len(board) == 0


def test_that_one_vehicle_is_one_card_with_its_newest_hit_counting() -> None:
    first, second = a_hit("A1", at(0)), a_hit("A1", at(60), is_late=True)
    board, _shadow = a_board(second, first, a_hit("A2", at(30)))
    card = board.card(CardId("A1"))
    assert card is not None
    assert card.newest == second
    assert card.unacknowledged == (second.hit_id, first.hit_id)
    assert order(board) == ["UNACKNOWLEDGED", "A1", "A2"]
    assert board.late_count() == 0  # overtaken: the vehicle was seen live as well
    assert board.card_of_hit(first.hit_id) is card
    assert board.card_of_hit(a_hit("A9").hit_id) is None
    assert board.card(CardId("A9")) is None
    assert board.position_of(CardId("A2")) == 2
    assert board.position_of(CardId("A9")) is None


def test_that_a_grown_hit_takes_its_new_tier() -> None:
    hit = a_hit("A1", action=Action.ASSESS, warning_signals=(), list_name="06_GMP")
    board, shadow = a_board(a_hit("A2", warning_signals=()), hit)
    assert order(board) == ["UNACKNOWLEDGED", "A2", "A1"]
    board.raise_hit(replace(hit, reasons=a_hit("A1").reasons))
    assert order(board) == ["UNACKNOWLEDGED", "A1", "A2"]
    card = board.card(CardId("A1"))
    assert card is not None
    assert len(card.foremost.reasons) == 2
    assert shadow.agrees()


def test_that_the_worst_hit_nobody_took_is_the_one_shown() -> None:
    p1, p3 = a_hit("A1"), a_hit("A1", at(9), action=Action.ASSESS, warning_signals=())
    board, _shadow = a_board(p1, p3)
    card = board.card(CardId("A1"))
    assert card is not None
    assert (card.foremost, card.tier) == (p1, Tier.P1)
    take(board, p1, StepKind.ACKNOWLEDGE)
    # Somebody has the Stop, and it is not over: the card does not sink below it.
    assert (card.foremost, card.tier) == (p3, Tier.P1)
    assert card.life.state is HitState.ACKNOWLEDGED
    take(board, p1, StepKind.OUTCOME, code="arrest")
    assert (card.foremost, card.tier) == (p3, Tier.P3)
    take(board, p3, StepKind.ACKNOWLEDGE)
    assert card.foremost == p1


def test_that_a_card_walks_through_the_groups_and_takes_headings_along() -> None:
    hit, stays = a_hit("A1"), a_hit("A2")
    board, shadow = a_board(hit, stays)
    take(board, hit, StepKind.ACKNOWLEDGE)
    assert order(board) == ["UNACKNOWLEDGED", "A2", "MINE", "A1"]
    take(board, hit, StepKind.ACTION, code="deployed")
    take(board, hit, StepKind.OUTCOME, code="arrest")
    assert order(board) == ["UNACKNOWLEDGED", "A2", "CLOSED", "A1"]
    take(board, stays, StepKind.ACKNOWLEDGE, OTHER)
    assert order(board) == ["IN_PROGRESS", "A2", "CLOSED", "A1"]
    assert [board.size(group) for group in Group] == [0, 0, 0, 0, 0, 1, 0, 1, 0]
    board.set_operator(OTHER)
    assert order(board) == ["MINE", "A2", "CLOSED", "A1"]
    assert shadow.agrees()


def test_that_a_vehicle_seen_again_after_its_card_was_closed_gets_a_new_card() -> None:
    board, shadow = a_board(a_hit("A1"))
    close(board, a_hit("A1"))
    again = a_hit("A1", at(600))
    card = board.raise_hit(again)
    assert card is not None
    assert card.card_id == "A1#2"
    close(board, again, code="misread")
    third = board.raise_hit(a_hit("A1", at(900)))
    assert third is not None
    assert third.card_id == "A1#3"
    assert order(board) == ["UNACKNOWLEDGED", "A1#3", "CLOSED", "A1#2", "A1"]
    assert shadow.agrees()


def test_that_the_same_operator_set_twice_changes_nothing() -> None:
    board, shadow = a_board(a_hit())
    shadow.told.clear()
    board.set_operator(ME)
    assert shadow.told == []
    assert board.operator == ME


def test_that_a_long_history_is_one_reset() -> None:
    hits = [a_hit(f"A{n}", at(n)) for n in range(20)]
    board, shadow = a_board()
    board.load(hits, [decided(a_step(hits[0].hit_id)), decided(a_step(a_hit("B1").hit_id))])
    assert shadow.told == ["reset"]
    assert shadow.agrees()
    assert board.size(Group.MINE) == 1
    board.raise_hit(a_hit("C1"))
    assert shadow.told != ["reset"]


# ------------------------------------------------------------------ holding


def test_that_a_held_card_keeps_its_place_until_it_is_released() -> None:
    board, shadow = a_board(a_hit("A1"), a_hit("A2"))
    board.hold(CardId("A1"))
    take(board, a_hit("A1"), StepKind.ACKNOWLEDGE)
    assert order(board) == ["UNACKNOWLEDGED", "A1", "A2"]
    assert shadow.agrees()
    board.release()
    assert order(board) == ["UNACKNOWLEDGED", "A2", "MINE", "A1"]
    board.release()
    assert shadow.agrees()


def test_that_holding_another_card_lets_the_first_one_go() -> None:
    board, shadow = a_board(a_hit("A1"), a_hit("A2"), a_hit("A3"))
    board.hold(CardId("A1"))
    take(board, a_hit("A1"), StepKind.ACKNOWLEDGE)
    board.hold(CardId("A1"))
    assert order(board) == ["UNACKNOWLEDGED", "A1", "A2", "A3"]
    board.hold(CardId("A2"))
    assert order(board) == ["UNACKNOWLEDGED", "A2", "A3", "MINE", "A1"]
    board.hold(CardId("nobody"))
    take(board, a_hit("A2"), StepKind.ACKNOWLEDGE)
    assert order(board) == expected_order(board)
    assert shadow.agrees()


# ------------------------------------------------------------------ races


def test_that_who_comes_second_is_told_who_was_first() -> None:
    hit = a_hit()
    board, _shadow = a_board(hit)
    won = a_step(hit.hit_id, operator=OTHER)
    lost = decided(
        a_step(hit.hit_id), is_accepted=False, refusal="second", first_by=OTHER, first_at=won.at
    )
    card = board.apply(decided(won))
    board.apply(lost)
    assert card is not None
    assert card.second_to == lost
    assert card.lives[hit.hit_id].acknowledged_by == OTHER
    board.set_operator(OTHER)
    assert card.second_to is None
    board.set_operator(ME)
    assert card.second_to == lost


def test_that_a_withdrawn_acknowledgement_is_gone_though_somebody_came_second_to_it() -> None:
    hit = a_hit()
    won = a_step(hit.hit_id, operator=OTHER)
    story = [
        decided(won),
        decided(
            a_step(hit.hit_id, at=won.at + timedelta(seconds=1)),
            is_accepted=False, refusal="second", first_by=OTHER, first_at=won.at,
        ),
        decided(
            a_step(
                hit.hit_id, StepKind.WITHDRAW, OTHER,
                undoes=won.step_id, at=won.at + timedelta(seconds=4),
            )
        ),
    ]  # fmt: skip
    for steps in (story, story[::-1]):
        board, shadow = a_board(hit)
        for step in steps:
            board.apply(step)
        assert board.unacknowledged_by_tier()[Tier.P1] == 1
        assert shadow.agrees()


@pytest.mark.parametrize("hit_comes", ["first", "between", "last"])
@pytest.mark.parametrize("winner_comes", ["before", "after", "never"])
def test_that_a_provisional_acknowledgement_gives_way_to_the_servers_verdict(
    hit_comes: str, winner_comes: str
) -> None:
    hit = a_hit()
    board, shadow = a_board(*([hit] if hit_comes == "first" else []))
    mine = a_step(hit.hit_id)
    won = decided(a_step(hit.hit_id, operator=OTHER, at=at(5)))
    board.apply(decided(mine, is_provisional=True))
    if hit_comes == "between":
        board.raise_hit(hit)
    if hit_comes != "last":
        card = board.card_of_hit(hit.hit_id)
        assert card is not None
        assert card.lives[hit.hit_id].acknowledged_by == ME
    if winner_comes == "before":
        board.apply(won)
    board.apply(decided(mine, is_accepted=False, refusal="second", first_by=OTHER, first_at=at(5)))
    if winner_comes == "after":
        board.apply(won)
    board.raise_hit(hit)
    card = board.card_of_hit(hit.hit_id)
    assert card is not None
    life = card.lives[hit.hit_id]
    assert (life.acknowledged_by, life.acknowledged_at) == (OTHER, at(5))
    assert card.second_to is not None
    assert order(board) == ["IN_PROGRESS", "AB51ABC"]
    assert shadow.agrees()


def test_that_an_accepted_verdict_confirms_what_was_done_provisionally() -> None:
    hit = a_hit()
    board, _shadow = a_board(hit)
    steps = [
        a_step(hit.hit_id, at=at(1)),
        a_step(hit.hit_id, StepKind.ACTION, code="deployed", at=at(2)),
        a_step(hit.hit_id, StepKind.ACTION, code="monitor", at=at(3)),
    ]
    for step in steps:
        board.apply(decided(step, is_provisional=True))
    for step in steps:
        board.apply(decided(step, decided_at=at(60)))
    for step in steps:  # the backlog repeats what this desk had decided alone
        board.apply(decided(step, is_provisional=True))
    card = board.card_of_hit(hit.hit_id)
    assert card is not None
    life = card.lives[hit.hit_id]
    assert (life.state, life.action, card.second_to) == (HitState.ACTIONED, "monitor", None)


def test_that_live_steps_may_overtake_the_backlog() -> None:
    hit = a_hit()
    board, shadow = a_board(hit)
    take_it = decided(a_step(hit.hit_id, operator=OTHER, at=at(1)))
    close_it = decided(a_step(hit.hit_id, StepKind.OUTCOME, ME, code="arrest", at=at(2)))
    board.apply(close_it)
    card = board.card_of_hit(hit.hit_id)
    assert card is not None
    assert card.is_closed
    board.apply(take_it)
    life = card.lives[hit.hit_id]
    assert (life.state, life.acknowledged_by, life.closed_by) == (HitState.CLOSED, OTHER, ME)
    assert shadow.agrees()


def test_that_a_refused_step_changes_no_life() -> None:
    hit = a_hit()
    board, _shadow = a_board(hit)
    refused = decided(
        a_step(hit.hit_id, StepKind.OUTCOME), is_accepted=False, refusal="not_acknowledged"
    )
    board.apply(refused)
    unknown = a_step(hit.hit_id, StepKind.OUTCOME, code="a word of tomorrow")
    board.apply(decided(unknown, is_provisional=True))
    card = board.card_of_hit(hit.hit_id)
    assert card is not None
    assert card.lives[hit.hit_id] == HitLife()
    assert card.second_to is None


# ------------------------------------------------------------------ the bound


def test_that_the_oldest_closed_card_leaves_and_does_not_come_back() -> None:
    hits = [a_hit(f"A{n}", at(n)) for n in range(4)]
    board, shadow = a_board(*hits[:3], max_cards=3)
    close(board, hits[0])
    close(board, hits[1])
    board.raise_hit(hits[3])
    assert order(board) == ["UNACKNOWLEDGED", "A3", "A2", "CLOSED", "A1"]
    assert board.dropped_closed == 1
    # Its hit may come once more, grown; what is closed does not ring again.
    assert board.raise_hit(hits[0]) is None
    assert board.apply(decided(a_step(hits[0].hit_id))) is None
    # The vehicle itself may.
    card = board.raise_hit(a_hit("A0", at(100)))
    assert card is not None
    assert card.card_id == "A0"
    assert shadow.agrees()


def test_that_the_card_in_the_hand_does_not_leave_a_full_board() -> None:
    hits = [a_hit(f"A{n}", at(n)) for n in range(4)]
    board, shadow = a_board(*hits[:3], max_cards=3)
    close(board, hits[0])
    close(board, hits[1])
    board.choose(CardId("A0"))
    board.raise_hit(hits[3])
    assert order(board) == ["UNACKNOWLEDGED", "A3", "A2", "CLOSED", "A0"]
    board.raise_hit(a_hit("A4", at(4)))
    assert order(board) == ["UNACKNOWLEDGED", "A4", "A3", "A2", "CLOSED", "A0"]
    assert shadow.agrees()


def test_that_cards_nobody_closed_never_leave() -> None:
    hits = [a_hit(f"A{n}", at(n)) for n in range(5)]
    board, _shadow = a_board(*hits, max_cards=2)
    assert board.size(Group.UNACKNOWLEDGED) == 5
    board.hold(CardId("A0"))
    close(board, hits[0])
    board.raise_hit(a_hit("B1"))
    assert board.position_of(CardId("A0")) is not None
    board.release()
    close(board, hits[1])
    board.hold(CardId("A1"))
    board.raise_hit(a_hit("B2"))
    assert board.position_of(CardId("A0")) is None
    assert board.position_of(CardId("A1")) is not None  # held


# ------------------------------------------------------------------ any sequence of events


@dataclass(frozen=True, repr=False)
class Story:
    """What a server decided, and the order in which a window may hear of it."""

    events: tuple[Hit | DecidedStep, ...]
    hits: tuple[Hit, ...]

    def __repr__(self) -> str:
        return " · ".join(_brief(event) for event in self.events)


def _brief(event: Hit | DecidedStep) -> str:
    if isinstance(event, Hit):
        return f"{event.read.vrm} {event.tier} {event.hit_id.hex()[:4]}"
    verdict = "accepted" if event.is_accepted else event.refusal
    standing = "alone" if event.is_provisional else "final"
    step = event.step
    return f"{step.kind} {step.hit_id.hex()[:4]} by {step.operator}: {verdict} {standing}"


def grown(hit: Hit) -> Hit:
    vrm = str(hit.read.vrm)
    more = a_hit(vrm, list_name="TUTELAGE_x", action=Action.ASSESS, reason="Documents")
    lifted = a_hit(vrm, list_name="06_GMP", reason="LEA P1")
    return replace(hit, reasons=ordered_reasons((*hit.reasons, *more.reasons, *lifted.reasons)))


def misread(hit: Hit) -> Hit:
    """The same read as nothing but a possible misread of a Stop entry."""
    reason = replace(hit.leading, match_class=MatchClass.MISREAD, tier=None)
    entry = replace(reason.entry, action=Action.STOP)
    return replace(hit, reasons=(replace(reason, entry=entry, confidence=61),))


GOOD: dict[StepKind, dict[str, str]] = {
    StepKind.ACTION: {"code": "monitor"},
    StepKind.OUTCOME: {"code": "arrest"},
    StepKind.PASS: {"code": TO_DESK, "to": "desk 2"},
    StepKind.ASSIGN: {"to": DESK},
    StepKind.RAISE: {"code": "P1", "text": "Life at risk"},
    StepKind.VERIFY: {"code": "agrees"},
    StepKind.DESCRIBE: {"code": "differs"},
    StepKind.ESCALATE: {"code": "repeat", "to": DESK},
    StepKind.ANNOTATE: {"text": "A9"},
    StepKind.INCIDENT: {"text": "CH-1"},
}
FILTERS = {
    "P1 and P2": BoardFilter(frozenset({Tier.P2})),
    "text": BoardFilter(text="no such camera"),
    "no filter": BoardFilter(),
}


@st.composite
def stories(draw: st.DrawFn, vehicles: int = 4, hits_a_vehicle: int = 3) -> Story:
    hits: list[Hit] = []
    for number in range(draw(st.integers(1, vehicles))):
        for _hit in range(draw(st.integers(1, hits_a_vehicle))):
            hits.append(
                a_hit(
                    f"A{number}",
                    at(len(hits)),
                    action=draw(st.sampled_from([Action.STOP, Action.ASSESS, Action.NO_ALERT])),
                    warning_signals=draw(st.sampled_from([(), ("FI",)])),
                    is_late=draw(st.booleans()),
                )
            )
            if draw(st.integers(0, 3)) == 0:
                hits[-1] = misread(hits[-1])
    lives = dict.fromkeys((h.hit_id for h in hits), History())
    events: list[Hit | DecidedStep] = [*hits]
    for number in range(draw(st.integers(0, 12))):
        hit = draw(st.sampled_from(hits))
        kind = draw(st.sampled_from(StepKind))
        step = a_step(hit.hit_id, kind, draw(st.sampled_from([ME, OTHER])), **GOOD.get(kind, {}))
        if kind is StepKind.WITHDRAW and events:
            before = draw(st.sampled_from(events))
            if isinstance(before, DecidedStep) and before.step.hit_id == hit.hit_id:
                step = replace(step, undoes=before.step.step_id, operator=before.step.operator)
        lives[hit.hit_id], verdict = decide(lives[hit.hit_id], step, SPEC, at(100 + number))
        events.append(verdict)
        if draw(st.booleans()):
            events.append(decided(step, decided_at=at(50 + number), is_provisional=True))
    events += draw(st.lists(st.sampled_from(events), max_size=4))
    events += [grown(h) for h in draw(st.lists(st.sampled_from(hits), max_size=2))]
    return Story(tuple(draw(st.permutations(events))), tuple(hits))


def feed(board: HitBoard, events: Iterable[Hit | DecidedStep]) -> None:
    for event in events:
        if isinstance(event, Hit):
            board.raise_hit(event)
        else:
            board.apply(event)


DEEDS = st.lists(
    st.sampled_from(
        [
            "hold",
            "release",
            "me",
            "other",
            "unfold",
            "fold",
            "flood",
            "dry",
            "open",
            "choose",
            "desk",
            *FILTERS,
            "",
            "",
            "",
            "",
            "",
            "",
        ]
    ),
    min_size=40,
    max_size=40,
)


@given(stories(), DEEDS, st.data())
def test_that_a_board_equals_one_built_from_the_same_events_in_one_go(
    story: Story, deeds: list[str], data: st.DataObject
) -> None:
    board, shadow = a_board()
    for event, deed in zip(story.events, deeds, strict=False):
        feed(board, [event])
        assert shadow.agrees()
        if deed == "hold" and board.cards:
            board.hold(data.draw(st.sampled_from(sorted(c.card_id for c in board.cards))))
        elif deed == "release":
            board.release()
            assert order(board) == expected_order(board)
        elif deed in ("unfold", "fold"):
            board.unfold(deed == "unfold")
        elif deed in ("flood", "dry"):
            board.set_flooded(deed == "flood")
        elif deed == "open":
            board.unfold(True, Group.FLOODED)
        elif deed == "choose" and board.cards:
            board.choose(data.draw(st.sampled_from(sorted(c.card_id for c in board.cards))))
        elif deed == "desk":
            board.set_desk(data.draw(st.sampled_from(["", DESK])), None)
        elif deed in FILTERS:
            board.set_filter(FILTERS[deed])
        elif deed in ("me", "other"):
            board.set_operator(ME if deed == "me" else OTHER)
        assert shadow.agrees()
    board.release()
    board.choose(None)
    board.set_operator(ME)
    board.set_desk(DESK, None)
    board.unfold(data.draw(st.booleans()))
    assert shadow.agrees()
    plain = HitBoard(SPEC, ME)
    plain.set_desk(DESK, None)
    plain.is_flooded, plain.before_flood = board.is_flooded, board.before_flood
    plain.set_filter(board.filter)
    for group in FOLDING:
        plain.unfold(board.is_open(group), group)
    feed(plain, story.events[: len(deeds)])
    assert board.hidden == plain.hidden
    assert board.folded_by_tier() == plain.folded_by_tier()
    assert rows(board) == rows(plain)
    assert order(board) == expected_order(board)


@given(stories(hits_a_vehicle=1))
def test_that_the_order_of_arrival_does_not_matter(story: Story) -> None:
    board, _shadow = a_board()
    feed(board, story.events)
    loaded = HitBoard(SPEC, ME)
    loaded.load(
        [e for e in story.events if isinstance(e, Hit)],
        [e for e in story.events if isinstance(e, DecidedStep)],
    )
    assert rows(board) == rows(loaded)


@given(stories())
def test_that_every_life_agrees_with_what_the_server_decided(story: Story) -> None:
    board, _shadow = a_board()
    feed(board, story.events)
    finals = {e for e in story.events if isinstance(e, DecidedStep) and not e.is_provisional}
    for hit in story.hits:
        if hit.tier is None and board.card_of_hit(hit.hit_id) is None:
            continue
        history = History()
        for verdict in sorted(finals, key=lambda v: v.decided_at):
            if verdict.step.hit_id == hit.hit_id:
                history = history.after(verdict, SPEC)
        card = board.card_of_hit(hit.hit_id)
        assert card is not None
        assert card.lives[hit.hit_id] == history.life


@given(stories())
def test_that_counters_agree_with_a_count(story: Story) -> None:
    board, _shadow = a_board()
    feed(board, story.events)
    waiting = [c for c in board.cards if c.group_for(ME) in WAITING]
    assert board.unacknowledged_by_tier() == {
        tier: sum(c.tier is tier for c in waiting) for tier in Tier
    }
    assert board.late_count() == sum(c.group_for(ME) is Group.LATE for c in waiting)
    assert {c.card_id for c in board.waiting} == {c.card_id for c in waiting}
    assert [board.size(g) for g in Group] == [
        sum(c.group_for(ME) is g for c in board.cards) for g in Group
    ]
    for card in board.cards:
        is_possible = [h.is_possible for h in card.hits.values()]
        assert all(is_possible) if card.is_possible else not any(is_possible)


@given(stories(), st.integers(1, 3))
def test_that_a_full_board_keeps_its_listener_right(story: Story, max_cards: int) -> None:
    board, shadow = a_board(max_cards=max_cards)
    for event in story.events:
        known = sum(len(card.hits) for card in board.cards)
        feed(board, [event])
        assert shadow.agrees()
        assert order(board) == expected_order(board)
        is_new = sum(len(card.hits) for card in board.cards) > known
        if is_new and len(list(board.cards)) > max_cards:
            assert board.size(Group.CLOSED) == 0


def test_that_a_held_card_counts_where_it_belongs() -> None:
    board, _shadow = a_board(a_hit("A1"), a_hit("A2"))
    before = board.unacknowledged_by_tier()
    board.hold(CardId("A1"))
    take(board, a_hit("A1"), StepKind.ACKNOWLEDGE)
    assert (board.count(Group.UNACKNOWLEDGED), board.count(Group.MINE)) == (1, 1)
    assert sum(before.values()) - sum(board.unacknowledged_by_tier().values()) == 1
    board.release()
    assert (board.count(Group.UNACKNOWLEDGED), board.count(Group.MINE)) == (1, 1)


def test_that_a_possible_misread_is_folded_away_and_counts_nowhere_else() -> None:
    board, shadow = a_board(a_hit("A1"), misread(a_hit("A2", at(1))), misread(a_hit("A2", at(2))))
    assert order(board) == ["UNACKNOWLEDGED", "A1", "POSSIBLE"]
    assert board.size(Group.POSSIBLE) == 1
    assert sum(board.unacknowledged_by_tier().values()) == 1
    board.unfold(True)
    assert order(board) == ["UNACKNOWLEDGED", "A1", "POSSIBLE", "~A2"]
    assert board.position_of(CardId("~A2")) == 3
    board.unfold(False)
    assert order(board) == ["UNACKNOWLEDGED", "A1", "POSSIBLE"]
    assert board.position_of(CardId("~A2")) is None
    assert shadow.agrees()


@pytest.mark.parametrize("is_unfolded", [True, False])
def test_that_a_possible_misread_with_a_real_reason_becomes_a_live_hit(is_unfolded: bool) -> None:
    hit = a_hit("A1")
    board, shadow = a_board(misread(hit))
    board.unfold(is_unfolded)
    board.raise_hit(hit)
    assert order(board) == ["UNACKNOWLEDGED", "A1"]
    assert shadow.agrees()
    board.raise_hit(misread(hit))
    assert order(board) == ["UNACKNOWLEDGED", "A1"]


def test_that_a_hit_whose_entry_is_withdrawn_stays_where_it_was_seen() -> None:
    hit = a_hit("A1")
    board, _shadow = a_board(hit)
    gone = replace(hit.leading, basis=Basis.WITHDRAWN, basis_at=at(60))
    board.raise_hit(replace(hit, reasons=(gone, misread(hit).leading)))
    assert order(board) == ["UNACKNOWLEDGED", "A1"]
    card = board.card(CardId("A1"))
    assert card is not None
    assert card.foremost.leading.is_void


def test_that_late_hits_have_a_lane_of_their_own_until_the_vehicle_is_seen_live() -> None:
    late = a_hit("A1", at(0), is_late=True)
    board, shadow = a_board(late, a_hit("A2", at(1), action=Action.ASSESS, warning_signals=()))
    assert order(board) == ["UNACKNOWLEDGED", "A2", "LATE", "A1"]
    assert board.unacknowledged_by_tier() == {Tier.P1: 1, Tier.P2: 0, Tier.P3: 1, Tier.P4: 0}
    board.raise_hit(a_hit("A1", at(60)))
    assert order(board) == ["UNACKNOWLEDGED", "A1", "A2"]
    assert shadow.agrees()


def test_that_a_flood_folds_the_lower_tiers_and_never_a_stop_nor_what_stands_there() -> None:
    low: dict[str, Any] = {"action": Action.ASSESS, "warning_signals": ()}
    board, shadow = a_board(a_hit("A1", at(0)), a_hit("A2", at(1), **low))
    board.set_flooded(True)
    for hit in (
        a_hit("A3", at(2), **low),
        a_hit("A4", at(3), **low),
        a_hit("A5", at(4), is_late=True, **low),
        a_hit("A6", at(5)),
    ):
        board.raise_hit(hit)
    shown = ["UNACKNOWLEDGED", "A6", "A1", "A2", "FLOODED", "LATE", "A5"]
    assert order(board) == shown
    assert board.folded_by_tier() == {Tier.P3: 2}
    assert board.unacknowledged_by_tier() == {Tier.P1: 2, Tier.P2: 0, Tier.P3: 4, Tier.P4: 0}
    board.choose(CardId("A3"))
    assert order(board) == ["UNACKNOWLEDGED", "A6", "A1", "A3", "A2", "FLOODED", "LATE", "A5"]
    board.choose(None)
    assert order(board) == shown
    step = a_step(a_hit("A4", at(3), **low).hit_id, StepKind.ESCALATE, "", code="repeat")
    board.apply(decided(step))
    assert order(board) == ["UNACKNOWLEDGED", "A6", "A1", "A4", "A2", "FLOODED", "LATE", "A5"]
    board.unfold(True, Group.FLOODED)
    assert order(board) == [
        "UNACKNOWLEDGED", "A6", "A1", "A4", "A2", "FLOODED", "A3", "LATE", "A5",
    ]  # fmt: skip
    board.set_flooded(False)
    assert order(board) == ["UNACKNOWLEDGED", "A6", "A1", "A4", "A3", "A2", "LATE", "A5"]
    assert shadow.agrees()


def test_that_a_filter_hides_by_tier_and_text_and_never_a_p1() -> None:
    drugs = {"reason": "Drugs", "warning_signals": ()}
    board, shadow = a_board(a_hit("A1", at(0)), a_hit("A2", at(1), **drugs))
    board.set_filter(BoardFilter(frozenset({Tier.P3})))
    assert order(board) == ["UNACKNOWLEDGED", "A1"]
    assert (board.hidden, board.filter.words, board.filter.hides_urgent) == (1, "P1 P3", True)
    assert board.unacknowledged_by_tier()[Tier.P2] == 1
    board.set_filter(BoardFilter(text=" drUGS "))
    assert order(board) == ["UNACKNOWLEDGED", "A1", "A2"]
    board.set_filter(BoardFilter(text="nowhere"))
    assert (order(board), board.filter.words) == (["UNACKNOWLEDGED", "A1"], "“nowhere”")
    board.choose(CardId("A2"))
    assert order(board) == ["UNACKNOWLEDGED", "A1", "A2"]
    board.choose(None)
    take(board, a_hit("A2", at(1), **drugs), StepKind.DELIVER)
    board.set_filter(BoardFilter())
    assert not board.filter.is_on
    assert not board.filter.hides_urgent
    assert board.hidden == 0
    assert shadow.agrees()


@pytest.mark.parametrize("is_filtered", [True, False])
def test_that_neither_filter_nor_flood_reaches_a_card_with_an_open_p1(is_filtered: bool) -> None:
    low: dict[str, Any] = {"action": Action.ASSESS, "warning_signals": ()}
    board, shadow = a_board()
    board.set_flooded(not is_filtered)
    board.set_filter(BoardFilter(frozenset({Tier.P2} if is_filtered else ())))
    raised, again = a_hit("A1", at(0), **low), a_hit("A1", at(200), **low)
    for hit in (a_hit("A2", at(1), reason="Drugs", warning_signals=()), raised):
        board.raise_hit(hit)
    take(board, raised, StepKind.ACKNOWLEDGE)
    board.apply(decided(a_step(raised.hit_id, StepKind.RAISE, ME, code="P1", text="life")))
    board.raise_hit(again)
    # The hit shown is the P3 that waits; the P1 below it is not over.
    assert order(board) == ["UNACKNOWLEDGED", "A1", "A2"]
    take(board, raised, StepKind.OUTCOME, code="arrest")
    assert "A1" not in order(board)
    assert shadow.agrees()


def test_that_what_was_handed_to_this_desk_is_not_filtered() -> None:
    hit = a_hit("A2", reason="Drugs", warning_signals=())
    board, _shadow = a_board(hit)
    board.set_desk(DESK, None)
    board.set_filter(BoardFilter(frozenset({Tier.P3})))
    assert order(board) == []
    board.apply(decided(a_step(hit.hit_id, StepKind.ESCALATE, "", code="no_receipt", to=DESK)))
    assert order(board) == ["UNACKNOWLEDGED", "A2"]


def test_that_hits_outside_the_scope_wait_aside_until_they_are_handed_on() -> None:
    board, shadow = a_board()
    board.set_desk(DESK, DeskScope(lists=("99_Other",)))
    hit, other = a_hit("A1", at(0)), a_hit("A2", at(1))
    board.raise_hit(hit)
    board.raise_hit(other)
    assert (len(board), board.aside) == (0, 2)
    take(board, hit, StepKind.DELIVER)
    assert len(board) == 0
    board.apply(decided(a_step(hit.hit_id, StepKind.ESCALATE, "", code="no_receipt", to=DESK)))
    assert order(board) == ["UNACKNOWLEDGED", "A1"]
    board.set_desk(DESK, None)
    assert order(board) == ["UNACKNOWLEDGED", "A2", "A1"]
    board.set_desk(DESK, DeskScope(lists=("99_Other",)))
    assert (order(board), board.aside) == (["UNACKNOWLEDGED", "A1"], 1)
    take(board, hit, StepKind.ACKNOWLEDGE)
    assert order(board) == ["MINE", "A1"]
    assert shadow.agrees()


def test_that_a_hit_aside_keeps_the_reasons_it_was_raised_with() -> None:
    board, shadow = a_board()
    board.set_desk(DESK, DeskScope(lists=("99_Other",)))
    hit = a_hit("A1")
    board.raise_hit(hit)
    board.raise_hit(
        a_hit("A1", list_name="07_Second VOI List", action=Action.ASSESS, warning_signals=())
    )
    board.apply(decided(a_step(hit.hit_id, StepKind.ESCALATE, "", code="no_receipt", to=DESK)))
    card = board.card_of_hit(hit.hit_id)
    assert card is not None
    assert (card.tier, len(card.hits[hit.hit_id].reasons), board.aside) == (Tier.P1, 2, 0)
    assert shadow.agrees()


def test_that_hits_aside_come_back_for_the_operator_who_has_them() -> None:
    board, shadow = a_board()
    board.set_desk(DESK, DeskScope(lists=("99_Other",)))
    hit = a_hit("A1")
    board.raise_hit(hit)
    take(board, hit, StepKind.ACKNOWLEDGE, OTHER)
    assert (len(board), board.aside) == (0, 1)
    board.set_operator(OTHER)
    assert (order(board), board.aside) == (["MINE", "A1"], 0)
    assert shadow.agrees()


def test_that_a_passed_hit_waits_at_the_desk_it_was_passed_to() -> None:
    hit = a_hit("A1")
    sent = [
        decided(a_step(hit.hit_id, at=at(1))),
        decided(a_step(hit.hit_id, StepKind.PASS, code=TO_DESK, to="desk 2", at=at(2))),
    ]
    boards = {}
    for desk in (DESK, "desk 2"):
        boards[desk], _shadow = a_board(hit)
        boards[desk].set_desk(desk, None)
        for step in sent:
            boards[desk].apply(step)
    assert order(boards[DESK]) == ["IN_PROGRESS", "A1"]
    assert order(boards["desk 2"]) == ["UNACKNOWLEDGED", "A1"]


def test_that_parked_cards_have_a_group_and_come_back() -> None:
    hit, second = a_hit("A1", at(0)), a_hit("A1", at(60))
    board, shadow = a_board(hit)
    until = at(300)
    board.apply(decided(a_step(hit.hit_id, at=at(1))))
    parked = a_step(hit.hit_id, StepKind.PARK, code="pnc", until=until, at=at(2))
    board.apply(decided(parked))
    card = board.card(CardId("A1"))
    assert card is not None
    assert (order(board), card.parked_until) == (["PARKED", "A1"], until)
    board.raise_hit(second)
    assert order(board) == ["UNACKNOWLEDGED", "A1"]
    board.apply(decided(a_step(second.hit_id, at=at(61))))
    assert order(board) == ["MINE", "A1"]
    board.apply(decided(a_step(hit.hit_id, StepKind.RESUME, "", at=at(300))))
    assert (order(board), card.parked_until) == (["UNACKNOWLEDGED", "A1"], None)
    assert shadow.agrees()


def test_that_a_raised_hit_stands_with_its_new_tier() -> None:
    low = a_hit("A2", action=Action.ASSESS, warning_signals=())
    board, _shadow = a_board(a_hit("A1", reason="Drugs", warning_signals=()), low)
    assert order(board) == ["UNACKNOWLEDGED", "A1", "A2"]
    board.apply(decided(a_step(low.hit_id, StepKind.RAISE, code="P1", text="why")))
    assert order(board) == ["UNACKNOWLEDGED", "A2", "A1"]
    assert board.unacknowledged_by_tier()[Tier.P1] == 1
