"""A mute always ends, whatever the clock does and however often the program is started."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from nas_desktop.services.muting import Mute, Muting, mute_of
from tests.builders import NOON
from tests.fakes.clock import FakeClock


class JumpingClock(FakeClock):
    """A clock that can be set, as people set clocks."""

    def set(self, at: datetime) -> None:
        self._at = at


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def muting(clock: JumpingClock) -> Muting:
    return Muting(clock, 30)


def test_that_a_mute_counts_down_and_ends(clock: JumpingClock, muting: Muting) -> None:
    made = muting.start("A. Khan", 10)
    assert made == Mute("A. Khan", NOON, NOON + timedelta(minutes=10))
    clock.advance(19)
    assert muting.mute == made
    assert muting.left_s == 581
    assert muting.take_expired() is None
    clock.advance(581)
    assert muting.mute is None
    assert muting.take_expired() == made
    assert muting.take_expired() is None


@pytest.mark.parametrize("minutes", [0, -5, 31])
def test_that_no_mute_is_longer_than_the_rules_allow(muting: Muting, minutes: int) -> None:
    with pytest.raises(ValueError, match="minutes"):
        muting.start("A. Khan", minutes)


def test_that_it_is_ended_by_hand_once(muting: Muting) -> None:
    made = muting.start("A. Khan", 5)
    assert muting.stop() == made
    assert muting.stop() is None
    assert muting.left_s == 0


def test_that_a_clock_set_back_ends_it(clock: JumpingClock, muting: Muting) -> None:
    muting.start("A. Khan", 5)
    clock.set(NOON - timedelta(hours=1))
    assert muting.mute is None


def test_that_a_clock_set_back_a_little_makes_it_no_longer(
    clock: JumpingClock, muting: Muting
) -> None:
    muting.start("A. Khan", 5)
    clock.advance(240)
    clock.set(NOON)
    assert muting.left_s == 60


def test_that_it_outlives_a_restart_with_its_end(clock: JumpingClock, muting: Muting) -> None:
    made = muting.start("A | Khan", 10)
    clock.advance(60)
    after = Muting(clock, 30, made.as_text)
    assert after.mute == made
    assert after.left_s == 540


def test_that_an_expired_one_is_gone_after_a_restart(clock: JumpingClock, muting: Muting) -> None:
    kept = muting.start("A. Khan", 10).as_text
    clock.advance(600)
    after = Muting(clock, 30, kept)
    assert after.mute is None
    assert after.take_expired() is None


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "nonsense",
        "2026-11-20T12:00:00+00:00|x",
        "2026-11-20T12:00:00+00:00|x|A. Khan",
        "2026-11-20T12:00:00|2026-11-20T12:10:00|A. Khan",
        "2026-11-20T12:00:00+00:00|2026-11-21T12:00:00+00:00|too long",
        "2026-11-20T13:00:00+00:00|2026-11-20T13:10:00+00:00|not begun",
    ],
)
def test_that_what_is_no_mute_mutes_nothing(clock: JumpingClock, kept: str) -> None:
    assert Muting(clock, 30, kept).mute is None


def test_that_a_mute_is_read_back_as_it_was_written() -> None:
    made = Mute("A. Khan", NOON, NOON + timedelta(minutes=5))
    assert mute_of(made.as_text) == made
