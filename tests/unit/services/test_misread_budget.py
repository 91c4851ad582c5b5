"""The budget of possible misreads, by a clock of the test's own."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.services.misread_budget import FLOOR, MisreadBudget
from tests.builders import NOON


def test_that_one_an_operator_is_shown_and_then_the_threshold_rises() -> None:
    budget = MisreadBudget()
    assert budget.words == ""
    assert budget.admit(75, NOON)
    assert budget.threshold == FLOOR
    for number, confidence in enumerate((60, 84, 50, 47, 45, 84)):
        assert not budget.admit(confidence, NOON + timedelta(seconds=number))
    assert budget.threshold == 85
    assert budget.words == "Threshold raised to 85 %: 7 candidates in ten minutes."


def test_that_the_threshold_falls_slowly_when_it_is_quiet() -> None:
    budget = MisreadBudget()
    budget.admit(60, NOON)
    budget.admit(59, NOON)
    assert budget.threshold == 60
    budget.look(NOON + timedelta(minutes=10))
    assert budget.threshold == 60
    assert budget.words == "Threshold raised to 60 %: 0 candidates in ten minutes."
    budget.look(NOON + timedelta(minutes=15))
    assert budget.threshold == 55
    assert not budget.admit(54, NOON + timedelta(minutes=15))
    assert budget.words == "Threshold raised to 55 %: 1 candidate in ten minutes."
    assert budget.admit(56, NOON + timedelta(minutes=15))
    budget.look(NOON + timedelta(minutes=60))
    assert (budget.threshold, budget.words) == (FLOOR, "")


def test_that_what_is_below_the_floor_is_no_candidate() -> None:
    budget = MisreadBudget(operators=3)
    assert not budget.admit(FLOOR - 1, NOON)
    assert [budget.admit(50, NOON) for _ in range(4)] == [True, True, True, False]


def test_that_nobody_is_shown_nothing() -> None:
    assert not MisreadBudget(operators=0).admit(90, NOON)


@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 400)), max_size=60),
)
def test_that_no_ten_minutes_show_more_than_the_budget(
    operators: int, candidates: list[tuple[int, int]]
) -> None:
    budget, now, shown = MisreadBudget(operators), NOON, []
    for confidence, seconds in candidates:
        now += timedelta(seconds=seconds)
        before = budget.threshold
        if budget.admit(confidence, now):
            shown.append(now)
            assert confidence >= budget.threshold
        elif budget.threshold > before:
            assert budget.words
    for at in shown:
        assert sum(at <= other < at + timedelta(minutes=10) for other in shown) <= operators
