"""The life of a hit: every step in every state, and what a withdrawal leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.errors import StepRefused
from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_history import History, decide, life_of, withdrawn_by
from nas_desktop.domain.hit_life import (
    AGREES,
    BY_VOICE,
    DIFFERS,
    NODE,
    TO_DESK,
    HitLife,
    HitState,
    Step,
    StepKind,
    Why,
    apply_step,
)
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action
from nas_desktop.services.resources import load_spec
from tests.builders import NOON, a_hit, a_step, decided

SPEC = load_spec()
HIT = HitId(bytes(16))
AT = NOON + timedelta(seconds=10)

GOOD: dict[StepKind, dict[str, Any]] = {
    StepKind.ACTION: {"code": "monitor"},
    StepKind.OUTCOME: {"code": "arrest"},
    StepKind.PASS: {"code": TO_DESK, "to": "desk 2"},
    StepKind.ASSIGN: {"to": "desk 2", "text": "Nobody there"},
    StepKind.PARK: {"code": "no_unit", "until": AT + timedelta(minutes=5)},
    StepKind.RAISE: {"code": "P1", "text": "Life at risk"},
    StepKind.VERIFY: {"code": AGREES},
    StepKind.DESCRIBE: {"code": AGREES},
    StepKind.ESCALATE: {"code": Why.TARGET},
    StepKind.ANNOTATE: {"text": "AB51ABD"},
    StepKind.INCIDENT: {"text": "CH-1234"},
}
"""What makes each kind of step a possible one."""


def do(life: HitLife, kind: StepKind, operator: str = "A. Khan", **changes: Any) -> HitLife:
    return apply_step(life, a_step(HIT, kind, operator, **{**GOOD.get(kind, {}), **changes}), SPEC)


NEW = HitLife()
DELIVERED = do(NEW, StepKind.DELIVER)
TAKEN = do(DELIVERED, StepKind.ACKNOWLEDGE)
ACTED = do(TAKEN, StepKind.ACTION)
PARKED = do(TAKEN, StepKind.PARK)
RETURNED = do(PARKED, StepKind.RESUME)
PASSED = do(TAKEN, StepKind.PASS)
CLOSED = do(ACTED, StepKind.OUTCOME)
MISREAD = do(TAKEN, StepKind.OUTCOME, code="misread")

ALWAYS = (
    StepKind.RAISE, StepKind.VERIFY, StepKind.DESCRIBE, StepKind.WITHDRAW,
    StepKind.ANNOTATE, StepKind.NOTIFY, StepKind.INCIDENT, StepKind.SEEN,
)  # fmt: skip
"""Kinds that leave an open hit in the state it is in."""

N, D, R, P = HitState.NEW, HitState.DELIVERED, HitState.RETURNED, HitState.PASSED
A, K, X, C, M = (
    HitState.ACKNOWLEDGED, HitState.PARKED, HitState.ACTIONED, HitState.CLOSED, HitState.MISREAD,
)  # fmt: skip
FIRST = "not_acknowledged"
COURSE = (
    StepKind.DELIVER, StepKind.ACKNOWLEDGE, StepKind.ACTION, StepKind.OUTCOME, StepKind.TAKE,
    StepKind.PASS, StepKind.ASSIGN, StepKind.PARK, StepKind.RESUME, StepKind.ESCALATE,
)  # fmt: skip
# For each state what each kind of COURSE, by the one who has it, makes of it, or the refusal.
LIFE: dict[str, tuple[HitLife, tuple[HitState | str, ...]]] = {
    "new": (NEW, (D, A, FIRST, FIRST, FIRST, FIRST, P, FIRST, "not_parked", N)),
    "delivered": (DELIVERED, (D, A, FIRST, FIRST, FIRST, FIRST, P, FIRST, "not_parked", D)),
    "returned": (RETURNED, (R, A, FIRST, FIRST, FIRST, FIRST, P, FIRST, "not_parked", R)),
    "passed": (PASSED, (P, A, FIRST, FIRST, FIRST, FIRST, P, FIRST, "not_parked", P)),
    "acknowledged": (TAKEN, (A, "second", X, C, A, P, P, K, "not_parked", "not_waiting")),
    "parked": (PARKED, (K, "second", X, C, A, P, P, K, R, "not_waiting")),
    "actioned": (ACTED, (X, "second", X, C, X, P, P, K, "not_parked", "not_waiting")),
    "closed": (CLOSED, (C, *["closed"] * 9)),
    "misread": (MISREAD, (M, *["closed"] * 9)),
}
CELLS = [
    pytest.param(life, kind, expected, id=f"{name}-{kind}")
    for name, (life, row) in LIFE.items()
    for kind, expected in zip(COURSE, row, strict=True)
]


@pytest.mark.parametrize(("life", "kind", "expected"), CELLS)
def test_that_a_step_leads_where_the_table_says(
    life: HitLife, kind: StepKind, expected: HitState | str
) -> None:
    if isinstance(expected, HitState):
        assert do(life, kind).state is expected
        return
    with pytest.raises(StepRefused) as refusal:
        do(life, kind)
    assert refusal.value.code == expected


def test_that_every_kind_is_in_one_of_the_tables() -> None:
    assert {*COURSE, *ALWAYS} == set(StepKind)
    assert {life.state for life, _row in LIFE.values()} == set(HitState)


@pytest.mark.parametrize("kind", ALWAYS)
@pytest.mark.parametrize("life", [NEW, TAKEN, PARKED, PASSED], ids=lambda life: life.state)
def test_that_what_is_said_about_a_hit_leaves_it_where_it_is(life: HitLife, kind: StepKind) -> None:
    assert do(life, kind).state is life.state


@pytest.mark.parametrize("kind", ALWAYS)
def test_that_a_closed_hit_still_takes_what_is_said_about_it(kind: StepKind) -> None:
    if kind in (StepKind.RAISE, StepKind.VERIFY, StepKind.DESCRIBE):
        with pytest.raises(StepRefused, match="closed"):
            do(CLOSED, kind)
    else:
        assert do(CLOSED, kind).state is HitState.CLOSED


def test_that_a_life_tells_who_did_what_and_when() -> None:
    assert (DELIVERED.delivered_to, DELIVERED.painted_at) == ("A. Khan on desk 1", AT)
    assert (TAKEN.acknowledged_by, TAKEN.acknowledged_on) == ("A. Khan", "desk 1")
    assert (TAKEN.acknowledged_at, TAKEN.holder, TAKEN.holder_on) == (AT, "A. Khan", "desk 1")
    assert (ACTED.action, ACTED.acted_at) == ("monitor", AT)
    assert (CLOSED.outcome, CLOSED.closed_by) == ("arrest", "A. Khan")
    assert (MISREAD.outcome, MISREAD.is_final) == ("misread", True)
    assert (PARKED.parked_why, PARKED.parked_until) == ("no_unit", AT + timedelta(minutes=5))
    assert (PASSED.passed_to, PASSED.passed_by, PASSED.holder) == ("desk 2", "A. Khan", "")
    waiting = [NEW, DELIVERED, RETURNED, PASSED]
    assert all(life.is_unacknowledged for life in waiting)
    assert not any(life.is_unacknowledged for life in (TAKEN, ACTED, PARKED, CLOSED))


def test_that_what_was_passed_waits_at_one_desk_and_the_rest_at_all() -> None:
    assert PASSED.waits_at("desk 2")
    assert not PASSED.waits_at("desk 1")
    assert NEW.waits_at("desk 1")
    assert not TAKEN.waits_at("desk 1")


def test_that_taking_over_keeps_who_acknowledged_first() -> None:
    taken = do(TAKEN, StepKind.TAKE, "B. Jones")
    assert (taken.holder, taken.acknowledged_by) == ("B. Jones", "A. Khan")
    accepted = do(PASSED, StepKind.ACKNOWLEDGE, "B. Jones")
    assert (accepted.holder, accepted.acknowledged_by) == ("B. Jones", "A. Khan")
    assert (accepted.passed_to, accepted.handed_to) == ("", ("desk 2",))
    assert do(do(ACTED, StepKind.PARK), StepKind.TAKE).state is HitState.ACTIONED


@pytest.mark.parametrize("kind", [StepKind.PASS, StepKind.PARK])
def test_that_only_who_has_a_hit_parks_or_passes_it(kind: StepKind) -> None:
    with pytest.raises(StepRefused) as refusal:
        do(TAKEN, kind, "B. Jones")
    assert refusal.value.code == "not_yours"


def test_that_only_the_first_painting_counts() -> None:
    later = NOON + timedelta(minutes=1)
    assert do(DELIVERED, StepKind.DELIVER, "B. Jones", at=later) == DELIVERED


def test_that_a_hit_closed_before_it_was_painted_still_learns_of_the_painting() -> None:
    closed = do(do(NEW, StepKind.ACKNOWLEDGE), StepKind.OUTCOME, code="passed")
    painted = do(closed, StepKind.DELIVER)
    assert (painted.state, painted.delivered_to) == (HitState.CLOSED, "A. Khan on desk 1")


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        (StepKind.ACTION, {"code": "teleported"}, "unknown_code"),
        (StepKind.ACTION, {"text": "x" * 501}, "text_too_long"),
        (StepKind.OUTCOME, {"code": "teleported"}, "unknown_code"),
        (StepKind.PASS, {"to": " "}, "no_name"),
        (StepKind.PASS, {"to": "x" * 121}, "text_too_long"),
        (StepKind.PASS, {"to": "desk 1"}, "same_desk"),
        (StepKind.PASS, {"code": "pigeon"}, "unknown_code"),
        (StepKind.PASS, {"code": BY_VOICE}, "no_reason"),
        (StepKind.ASSIGN, {"to": ""}, "no_name"),
        (StepKind.PARK, {"code": "tea"}, "unknown_code"),
        (StepKind.PARK, {"until": None}, "bad_time"),
        (StepKind.PARK, {"until": AT}, "bad_time"),
        (StepKind.PARK, {"until": AT + timedelta(hours=13)}, "bad_time"),
        (StepKind.RAISE, {"code": "P0"}, "unknown_code"),
        (StepKind.RAISE, {"text": " "}, "no_reason"),
        (StepKind.VERIFY, {"code": "perhaps"}, "unknown_code"),
        (StepKind.DESCRIBE, {"code": ""}, "unknown_code"),
        (StepKind.ANNOTATE, {"text": ""}, "no_reason"),
        (StepKind.ANNOTATE, {"text": "x" * 17}, "no_reason"),
        (StepKind.INCIDENT, {"text": " "}, "no_reason"),
        (StepKind.INCIDENT, {"text": "9" * 121}, "no_reason"),
    ],
)
def test_that_an_impossible_step_is_refused_with_its_reason(
    kind: StepKind, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(StepRefused) as refusal:
        do(TAKEN, kind, **changes)
    assert refusal.value.code == code
    assert refusal.value.message


def test_that_the_voice_leaves_the_hit_where_it_is_and_says_whom_it_told() -> None:
    told = do(TAKEN, StepKind.PASS, code=BY_VOICE, to="Gwent", text="PC 1234 at 21:04")
    assert (told.state, told.voice_to, told.voice_by) == (A, "Gwent", "A. Khan")
    assert told.voice_at == AT


def test_that_a_hit_is_raised_and_never_lowered() -> None:
    raised = do(TAKEN, StepKind.RAISE, code="P2")
    assert (raised.raised_to, raised.raised_why) == (Tier.P2, "Life at risk")
    assert do(raised, StepKind.RAISE).raised_to is Tier.P1
    for code in ("P2", "P3"):
        with pytest.raises(StepRefused, match="never lowered"):
            do(raised, StepKind.RAISE, code=code)


def test_that_what_is_said_about_a_hit_is_kept() -> None:
    said = DELIVERED
    for kind in (*ALWAYS, StepKind.NOTIFY, StepKind.ESCALATE):
        said = do(said, kind)
    with pytest.raises(StepRefused, match="no such reason"):
        do(said, StepKind.ESCALATE, code="boredom")
    assert (said.is_verified, said.is_described, said.misread_as) == (True, True, "AB51ABD")
    assert (said.incident, said.notified_at, said.seen_at) == ("CH-1234", AT, AT)
    assert (said.escalated, said.escalated_at) == ((Why.TARGET,), AT)
    assert do(said, StepKind.VERIFY, code=DIFFERS).is_verified is False
    again = do(said, StepKind.ESCALATE, code=Why.NO_RECEIPT, to="desk 3")
    assert (again.escalated, again.handed_to) == ((Why.TARGET, Why.NO_RECEIPT), ("desk 3",))
    assert do(again, StepKind.ESCALATE, code=Why.NO_RECEIPT, to="desk 3").escalated == (
        again.escalated
    )


@pytest.mark.parametrize("code", sorted(SPEC.outcomes))
def test_that_every_outcome_ends_a_life(code: str) -> None:
    after = do(TAKEN, StepKind.OUTCOME, code=code, text="words")
    assert after.state is (M if code == "misread" else C)
    assert after.outcome_text == "words"


@pytest.mark.parametrize("code", sorted(SPEC.actions_taken))
def test_that_every_action_is_recorded(code: str) -> None:
    assert do(TAKEN, StepKind.ACTION, code=code).action == code


# ------------------------------------------------------------------ deciding


def story(*steps: Step, hit: Hit | None = None) -> tuple[History, list[str]]:
    history, refusals = History(), []
    for step in steps:
        history, verdict = decide(history, step, SPEC, step.at, hit=hit)
        refusals.append(verdict.refusal)
    return history, refusals


def test_that_the_first_acknowledgement_wins_and_the_second_learns_who() -> None:
    first, second = a_step(HIT), a_step(HIT, operator="B. Jones")
    history, won = decide(History(), first, SPEC, NOON)
    after, lost = decide(history, second, SPEC, NOON + timedelta(seconds=1), is_provisional=True)
    assert won.is_accepted
    assert after.life == history.life
    assert (lost.is_accepted, lost.refusal, lost.first_by) == (False, "second", "A. Khan")
    assert lost.first_at == first.at
    assert lost.is_provisional
    assert not won.is_provisional
    assert after.steps == (won, lost)


def test_that_the_node_may_object_before_anything_else() -> None:
    history, verdict = decide(
        History(),
        a_step(HIT, StepKind.DELIVER),
        SPEC,
        NOON,
        refusal=StepRefused("not_attended", "Nobody is there."),
    )
    assert (verdict.is_accepted, verdict.refusal) == (False, "not_attended")
    assert history.life == NEW


STOP = a_hit()
ASSESS = a_hit(action=Action.ASSESS, warning_signals=())


def test_that_nobody_is_sent_to_a_stop_before_the_patch_was_looked_at() -> None:
    deploy = a_step(HIT, StepKind.ACTION, code="deployed")
    agrees = a_step(HIT, StepKind.VERIFY, code=AGREES)
    differs = a_step(HIT, StepKind.VERIFY, code=DIFFERS)
    again = replace(deploy, step_id=bytes(15) + b"x")
    assert story(a_step(HIT), deploy, agrees, again, hit=STOP)[1] == ["", "not_verified", "", ""]
    assert story(a_step(HIT), differs, deploy, hit=STOP)[1] == ["", "", "patch_differs"]
    assert story(a_step(HIT), deploy, hit=ASSESS)[1] == ["", ""]
    monitor = a_step(HIT, StepKind.ACTION, code="monitor")
    assert story(a_step(HIT), monitor, hit=STOP)[1] == ["", ""]
    # A node that lacks the hit leaves the judgement to the desk that showed it.
    assert story(a_step(HIT), deploy)[1] == ["", ""]


def test_that_a_hit_is_raised_above_its_own_tier_only() -> None:
    def to(code: str, hit: Hit) -> str:
        return story(a_step(HIT, StepKind.RAISE, code=code, text="why"), hit=hit)[1][0]

    assert STOP.tier is Tier.P1
    assert ASSESS.tier is Tier.P3
    assert [to(code, ASSESS) for code in ("P1", "P2", "P3", "P4")] == [
        "", "", "not_higher", "not_higher",
    ]  # fmt: skip
    assert to("P1", STOP) == "not_higher"
    assert to("P9", STOP) == "unknown_code"
    assert to("P1", replace(STOP, reasons=(replace(STOP.leading, tier=None),))) == ""


def test_that_only_the_lowest_tier_is_closed_without_an_outcome() -> None:
    low = a_hit("TULAGE1", reason="No Insurance", action=Action.ASSESS, warning_signals=())
    low = replace(low, reasons=(replace(low.leading, tier=Tier.P4),))
    close = a_step(HIT, StepKind.OUTCOME)
    assert story(a_step(HIT), close, hit=low)[1] == ["", ""]
    assert story(a_step(HIT), close, hit=ASSESS)[1] == ["", "outcome_required"]
    raised = a_step(HIT, StepKind.RAISE, code="P2", text="why")
    assert story(a_step(HIT), raised, close, hit=low)[1] == ["", "", "outcome_required"]


def withdraw(step: Step, seconds: float = 5.0, operator: str = "A. Khan") -> Step:
    at = step.at + timedelta(seconds=seconds)
    return a_step(HIT, StepKind.WITHDRAW, operator, undoes=step.step_id, at=at)


def test_that_a_step_is_withdrawn_by_a_second_one_and_both_are_kept() -> None:
    taken = a_step(HIT)
    back = withdraw(taken)
    history, refusals = story(taken, back)
    assert refusals == ["", ""]
    assert history.life == NEW
    assert [d.step for d in history.steps] == [taken, back]
    assert withdrawn_by(history.steps) == {taken.step_id}
    # What was withdrawn can be done again, by anybody.
    history, refusals = story(taken, back, a_step(HIT, operator="B. Jones"))
    assert (refusals, history.life.holder) == (["", "", ""], "B. Jones")


def test_that_a_withdrawal_is_refused_where_it_would_hide_something() -> None:
    taken, acted = a_step(HIT), a_step(HIT, StepKind.ACTION, code="monitor")
    painted = a_step(HIT, StepKind.DELIVER)
    told = a_step(HIT, StepKind.NOTIFY)
    cases = {
        "unknown_step": [taken, withdraw(acted)],
        "not_yours": [taken, withdraw(taken, operator="B. Jones")],
        "too_late": [taken, withdraw(taken, 10.1)],
        "not_newest": [taken, acted, withdraw(taken)],
    }
    for code, steps in cases.items():
        assert story(*steps)[1][-1] == code
    assert story(taken, withdraw(taken, -1))[1][-1] == "too_late"  # a clock set back
    assert story(painted, withdraw(painted))[1][-1] == "unknown_step"
    assert story(told, withdraw(told))[1][-1] == "unknown_step"
    assert story(taken, withdraw(taken), withdraw(taken))[1][-1] == "unknown_step"
    # What the node or the paint does on top is no reason to keep a mistake.
    shown = a_step(HIT, StepKind.ESCALATE, NODE, code=Why.TARGET)
    assert story(taken, painted, shown, withdraw(taken))[1][-1] == ""


def test_that_only_a_withdrawal_withdraws() -> None:
    taken = a_step(HIT)
    sly = a_step(HIT, StepKind.INCIDENT, "B. Jones", text="CH-1", undoes=taken.step_id)
    history, refusals = story(taken, sly)
    assert (refusals, history.life.holder) == (["", ""], "A. Khan")


def test_that_the_node_judges_times_by_its_own_clock_too() -> None:
    taken = a_step(HIT)
    history, _won = decide(History(), taken, SPEC, NOON)
    _history, late = decide(history, withdraw(taken), SPEC, NOON + timedelta(hours=6))
    assert late.refusal == "too_late"
    future = AT + timedelta(days=3)
    parked = a_step(HIT, StepKind.PARK, code="pnc", at=future, until=future + timedelta(minutes=5))
    _history, far = decide(history, parked, SPEC, NOON)
    assert far.refusal == "bad_time"


def test_that_a_clock_set_back_leaves_the_order_of_decisions() -> None:
    history, first = decide(History(), a_step(HIT), SPEC, NOON)
    _after, second = decide(
        history, a_step(HIT, StepKind.TAKE, "B. Jones"), SPEC, NOON - timedelta(hours=1)
    )
    assert first.decided_at == NOON
    assert second.decided_at > first.decided_at


def test_that_what_stood_on_a_withdrawn_step_is_passed_over() -> None:
    taken = a_step(HIT)
    steps = [
        decided(taken),
        decided(a_step(HIT, StepKind.ACTION, code="monitor")),
        decided(withdraw(taken)),
    ]
    assert life_of(steps, SPEC) == NEW


ANY_STEP = st.builds(
    lambda kind, who, pick: a_step(HIT, kind, who, **{**GOOD.get(kind, {}), **pick}),
    st.sampled_from(StepKind),
    st.sampled_from(["A. Khan", "B. Jones"]),
    st.sampled_from([{}, {"code": "misread"}, {"code": "nonsense"}, {"code": "P2"}]),
)


@given(st.lists(ANY_STEP, max_size=14), st.lists(st.integers(0, 13), max_size=3))
def test_that_a_life_is_a_fold_with_one_end_whatever_comes(
    steps: list[Step], undone: list[int]
) -> None:
    steps = [*steps, *(withdraw(steps[n], operator=steps[n].operator) for n in undone
                       if n < len(steps))]  # fmt: skip
    history, _refusals = story(*steps)
    assert history.life == life_of(history.steps, SPEC) == History.of(history.steps, SPEC).life
    gone = withdrawn_by(history.steps)
    counted = [d.step for d in history.steps if d.is_accepted and d.step.step_id not in gone]
    again = NEW
    for step in counted:
        again = apply_step(again, step, SPEC)
    assert again == history.life
    assert [s.kind for s in counted].count(StepKind.OUTCOME) <= 1


def test_that_a_supervisors_screen_is_a_receipt_only_for_what_was_handed_on() -> None:
    new = HitLife()
    assert new.owes_receipt("west", supervises=False)
    assert not new.owes_receipt("boss", supervises=True)
    assert replace(new, escalated=(Why.UNCOVERED,)).owes_receipt("boss", supervises=True)
    assert replace(new, handed_to=("boss",)).owes_receipt("boss", supervises=True)
    assert not replace(new, delivered_at=NOON).owes_receipt("west", supervises=False)
    assert not replace(new, state=HitState.CLOSED).owes_receipt("west", supervises=False)
