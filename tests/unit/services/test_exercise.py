"""An exercise: invented on QQ111QQQ, decided at this desk, never sent, counted nowhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.hit_life import HitState, StepKind
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.vrm import TEST
from nas_desktop.services.annunciation import Annunciator
from nas_desktop.services.board_filter import BoardFilter
from nas_desktop.services.cards import Group
from nas_desktop.services.events import Event, HitsRaised, StepsDecided
from nas_desktop.services.exercise import Exercise, ExerciseWall, load_exercise_rules
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.services.sound_needs import Need, Surroundings
from nas_desktop.services.sound_rules import load_sound_rules
from tests.builders import NOON, a_hit, a_step
from tests.fakes.clock import FakeClock
from tests.fakes.node_link import FakeNodeLink

SPEC = load_spec()
RULES = load_exercise_rules()


def a_wall() -> tuple[ExerciseWall, FakeNodeLink, list[Event], FakeClock]:
    link, told, clock = FakeNodeLink(), list[Event](), FakeClock()
    return ExerciseWall(link, clock, told.append), link, told, clock


def test_that_the_card_is_on_the_test_mark_and_says_so_in_every_field() -> None:
    wall, _link, told, _clock = a_wall()
    hit = wall.begin()
    assert hit.read.vrm == TEST
    assert hit.is_exercise
    assert not hit.is_simulation
    assert told == [HitsRaised((hit,), is_backlog=True)]
    entry = hit.leading.entry
    for words in (entry.information, entry.contact, entry.cad, entry.lea_and_area):
        assert words.startswith("EXERCISE")
    assert entry.is_active_at(NOON)
    assert not a_hit().is_exercise


async def test_that_no_step_of_it_is_sent_and_others_are() -> None:
    wall, link, told, _clock = a_wall()
    hit, real = wall.begin(), a_hit()
    steps = [a_step(hit.hit_id), a_step(real.hit_id)]
    await wall.send_steps(steps)
    assert [s.hit_id for s in link.steps] == [real.hit_id]
    decided = told[-1]
    assert isinstance(decided, StepsDecided)
    assert [d.step.hit_id for d in decided.steps] == [hit.hit_id]
    assert wall.exercise.life.state is HitState.ACKNOWLEDGED


@given(st.lists(st.sampled_from(list(StepKind)), max_size=12), st.booleans())
async def test_that_nothing_ever_gets_over_the_wall(kinds: list[StepKind], is_over: bool) -> None:
    wall, link, _told, _clock = a_wall()
    hit = wall.begin()
    if is_over:
        wall.exercise.end()
    for kind in kinds:
        await wall.send_steps([a_step(hit.hit_id, kind)])
    assert link.batches == 0


def test_that_the_rules_of_every_hit_count_for_it_too() -> None:
    exercise = Exercise(FakeClock())
    hit = exercise.begin()
    (refused,) = exercise.decide([a_step(hit.hit_id, StepKind.ACTION, code="deployed")])
    assert not refused.is_accepted
    accepted = exercise.decide([a_step(hit.hit_id)])
    assert accepted[0].is_accepted
    (unverified,) = exercise.decide([a_step(hit.hit_id, StepKind.ACTION, code="deployed")])
    assert not unverified.is_accepted, "a Stop needs a look at the patch first"


def test_that_it_ends_by_itself_and_sooner_with_its_outcome() -> None:
    clock = FakeClock()
    exercise = Exercise(clock)
    assert exercise.left_s == 0
    hit = exercise.begin()
    assert exercise.left_s == RULES.lasts_s
    clock.advance(30)
    code = next(iter(SPEC.outcomes))
    exercise.decide([a_step(hit.hit_id), a_step(hit.hit_id, StepKind.OUTCOME, code=code)])
    assert exercise.life.is_final
    assert exercise.left_s == RULES.stays_s
    clock.advance(RULES.stays_s)
    assert exercise.left_s == 0
    assert exercise.end() is hit
    assert exercise.end() is None


def test_that_two_exercises_are_two_hits() -> None:
    clock = FakeClock()
    exercise = Exercise(clock)
    first = exercise.begin()
    clock.advance(1)
    second = exercise.begin()
    assert first.hit_id != second.hit_id
    assert exercise.owns(first.hit_id)
    assert exercise.decide([a_step(first.hit_id)]) == ()


# ------------------------------------------------------------------ on the board


def test_that_it_counts_nowhere_and_stands_below_what_waits() -> None:
    board = HitBoard(SPEC, "A. Khan")
    board.set_desk("desk 1", DeskScope(cameras=("07/12",)))
    hit = Exercise(FakeClock()).begin()
    card = board.raise_hit(hit)
    assert card is not None, "whatever the scope of the desk"
    board.raise_hit(a_hit())
    board.set_filter(BoardFilter(text="nothing is like this"))
    assert card.group_for("A. Khan") is Group.EXERCISE
    assert board.position_of(card.card_id) is not None
    assert list(board.waiting) == [board.card_of_hit(a_hit().hit_id)]
    assert board.unacknowledged_by_tier()[Tier.P1] == 1
    assert board.late_count() == 0
    at, real = board.position_of(card.card_id), board.position_of_heading(Group.UNACKNOWLEDGED)
    assert at is not None
    assert real is not None
    assert at > real


def test_that_a_card_that_is_over_leaves_and_does_not_come_back() -> None:
    board = HitBoard(SPEC)
    hit = Exercise(FakeClock()).begin()
    card = board.raise_hit(hit)
    assert card is not None
    board.forget(card.card_id)
    board.forget(card.card_id)
    assert len(board) == 0
    assert board.raise_hit(hit) is None


# ------------------------------------------------------------------ sound


def test_that_an_exercise_never_sounds_in_the_name_of_what_is_real() -> None:
    def need(card_id: str, *, is_exercise: bool) -> Need:
        return Need(card_id, Tier.P1, "Stop", NOON, hits=1, is_exercise=is_exercise)

    ears = Annunciator(load_sound_rules())
    around = Surroundings()
    alone = ears.hear([need("QQ111QQQ", is_exercise=True)], 0.0, around)
    assert alone.shown[0].words.startswith("EXERCISE")
    assert alone.shown[0].is_exercise
    both = [need("QQ111QQQ", is_exercise=True), need("AB51ABC", is_exercise=False)]
    told = ears.hear(both, 30.0, around)
    assert told.shown[0].cards == ("AB51ABC",)
    assert not told.shown[0].is_exercise
    assert "2" not in told.shown[0].words
