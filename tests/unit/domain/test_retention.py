"""When reads are due: both readings of the specification at once."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.retention import LOCAL, NATIONAL, Retention
from tests.builders import NOON, a_read


def test_that_a_read_is_due_seven_days_after_its_capture() -> None:
    read = a_read(captured_at=NOON, received_at=NOON + timedelta(hours=3))
    assert LOCAL.due_of(read) == NOON + timedelta(days=7)


def test_that_what_came_later_than_seven_days_is_due_48_hours_after_it_came() -> None:
    received = NOON + timedelta(days=7, seconds=1)
    assert LOCAL.due_at(NOON, received) == received + timedelta(hours=48)
    assert LOCAL.due_at(NOON, NOON + timedelta(days=7)) == NOON + timedelta(days=7)


def test_that_a_clock_that_is_ahead_does_not_lengthen_the_time() -> None:
    received = NOON - timedelta(days=3)
    assert LOCAL.due_at(NOON, received) == received + timedelta(days=7)


def test_that_the_nation_keeps_twelve_months() -> None:
    assert NATIONAL.due_at(NOON, NOON) - NOON == timedelta(days=366)


@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_that_nothing_stays_longer_than_either_term_allows(delay: timedelta) -> None:
    due = Retention().due_at(NOON, NOON + delay)
    assert due <= max(NOON + timedelta(days=7), NOON + delay + timedelta(hours=48))
