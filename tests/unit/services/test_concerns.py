"""What stays on the supervisor's list, and for how long."""

from __future__ import annotations

from datetime import timedelta

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import BY_VOICE, NODE, TO_DESK, DecidedStep, StepKind, Why
from nas_desktop.services.concerns import Concern, ConcernLedger, Standing
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from tests.builders import NOON, a_hit, a_step, decided

SPEC = load_spec()


class Scene:
    def __init__(self, most: int = 2_000, max_cards: int = 5_000) -> None:
        self.board = HitBoard(SPEC, max_cards=max_cards)
        self.ledger = ConcernLedger(most)

    def hit(self, vrm: str = "AB51ABC", minute: int = 0) -> Hit:
        hit = a_hit(vrm, NOON + timedelta(minutes=minute))
        self.board.raise_hit(hit)
        return hit

    def step(self, hit: Hit, kind: StepKind, minute: float = 1, **more: object) -> DecidedStep:
        more.setdefault("at", NOON + timedelta(minutes=minute))
        step = decided(a_step(hit.hit_id, kind, **more))  # type: ignore[arg-type]
        self.ledger.add([step])
        self.board.apply(step)
        return step

    def escalate(self, hit: Hit, why: Why = Why.TARGET, minute: float = 1) -> DecidedStep:
        return self.step(hit, StepKind.ESCALATE, minute, operator=NODE, code=why.value)

    def close(self, hit: Hit, minute: float = 3) -> None:
        self.step(hit, StepKind.ACKNOWLEDGE, minute - 1)
        self.step(hit, StepKind.OUTCOME, minute, code="no_offence")

    @property
    def listed(self) -> list[Concern]:
        return self.ledger.concerns(self.board)


def test_that_an_escalated_hit_stays_listed_to_its_end() -> None:
    scene = Scene()
    hit = scene.hit()
    assert scene.listed == []
    scene.escalate(hit)
    scene.escalate(hit, Why.SUPERVISOR, 2)
    (concern,) = scene.listed
    assert (concern.standing, concern.why) == (Standing.WAITING, (Why.TARGET, Why.SUPERVISOR))
    assert concern.since == NOON + timedelta(minutes=1)
    assert concern.is_missed
    scene.step(hit, StepKind.ASSIGN, operator="S. Patel", to="east")
    assert [c.standing for c in scene.listed] == [Standing.PASSED]
    scene.step(hit, StepKind.ACKNOWLEDGE, 4)
    assert [c.standing for c in scene.listed] == [Standing.TAKEN]
    scene.step(hit, StepKind.OUTCOME, 5, code="no_offence")
    (concern,) = scene.listed
    assert (concern.standing, concern.is_open) == (Standing.CLOSED, False)
    assert concern.why == (Why.TARGET, Why.SUPERVISOR)


def test_that_what_is_only_parked_or_told_by_voice_leaves_when_it_is_over() -> None:
    scene = Scene()
    parked, voice = scene.hit(), scene.hit("CD62XYZ")
    for hit in (parked, voice):
        scene.step(hit, StepKind.ACKNOWLEDGE)
    until = NOON + timedelta(minutes=20)
    scene.step(parked, StepKind.PARK, 2, code="no_unit", until=until)
    scene.step(voice, StepKind.PASS, 2, code=BY_VOICE, to="Norfolk", text="Sgt Hale")
    assert [c.standing for c in scene.listed] == [Standing.PARKED, Standing.VOICE]
    assert all(not c.is_missed and c.why == () for c in scene.listed)
    scene.step(parked, StepKind.TAKE, 3)
    assert [c.standing for c in scene.listed] == [Standing.VOICE]
    scene.step(voice, StepKind.OUTCOME, 4, code="passed")
    assert scene.listed == []


def test_that_passing_to_a_desk_and_steps_that_do_not_count_are_no_concern() -> None:
    scene = Scene()
    hit = scene.hit()
    scene.step(hit, StepKind.ACKNOWLEDGE)
    scene.step(hit, StepKind.PASS, code=TO_DESK, to="east")
    refused = decided(
        a_step(hit.hit_id, StepKind.PARK, code="no_unit"), is_accepted=False, refusal="not_yours"
    )
    scene.ledger.add([refused])
    scene.ledger.add([decided(a_step(hit.hit_id, StepKind.ESCALATE, operator=NODE, code="later"))])
    assert scene.listed == []


def test_that_repeats_change_nothing_and_steps_may_run_ahead_of_their_hits() -> None:
    scene = Scene()
    hit = a_hit()
    step = scene.escalate(hit)
    scene.ledger.add([step, step])
    assert scene.listed == []
    scene.board.raise_hit(hit)
    assert [c.why for c in scene.listed] == [(Why.TARGET,)]


def test_that_one_vehicle_is_one_row_and_the_worst_of_its_hits_decides() -> None:
    scene = Scene()
    first, second = scene.hit(), scene.hit(minute=1)
    scene.escalate(first, Why.NO_RECEIPT)
    scene.step(first, StepKind.ACKNOWLEDGE, 1.5)
    scene.escalate(second, Why.REPEAT, 2)
    (concern,) = scene.listed
    assert concern.key == first.hit_id
    assert (concern.standing, concern.why) == (Standing.WAITING, (Why.NO_RECEIPT, Why.REPEAT))
    assert not concern.is_missed


def test_that_the_worst_comes_first_and_then_the_oldest() -> None:
    scene = Scene()
    hits = [scene.hit(f"AB5{n}ABC") for n in range(4)]
    for minute, hit in enumerate(hits, 1):
        scene.escalate(hit, minute=minute)
    scene.close(hits[0])
    scene.step(hits[1], StepKind.ACKNOWLEDGE)
    assert [c.card.vrm for c in scene.listed] == ["AB52ABC", "AB53ABC", "AB51ABC", "AB50ABC"]


def test_that_what_has_left_the_board_stays_and_beyond_the_bound_it_is_counted() -> None:
    scene = Scene(most=3, max_cards=2)
    for minute in range(4):
        hit = scene.hit(f"AB5{minute}ABC", minute)
        scene.escalate(hit, minute=minute)
        scene.close(hit, minute + 2)
        assert scene.listed
    scene.hit("CD62XYZ", 9)
    assert scene.board.dropped_closed
    assert [c.card.vrm for c in scene.listed] == ["AB51ABC", "AB52ABC", "AB53ABC"]
    assert scene.ledger.left_out == 1
