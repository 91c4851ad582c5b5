"""A hop judged by the age of what came over it, with a clock that stands still."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nas_desktop.services.events import HopState, HopStatus, Outage
from nas_desktop.services.links import (
    OUTAGE_AFTER_S,
    SILENT_AFTER_S,
    SLOW_AFTER_S,
    HopMonitor,
)
from tests.builders import NOON
from tests.fakes.clock import FakeClock


def at(seconds: float) -> Any:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def hop(clock: FakeClock) -> HopMonitor:
    return HopMonitor("server", clock)


def live(hop: HopMonitor) -> HopState:
    hop.connected()
    return hop.assess(0.1)


def test_that_a_hop_nobody_connected_yet_is_lost_since_the_start(
    hop: HopMonitor, clock: FakeClock
) -> None:
    clock.advance(7)
    assert hop.assess(None) == HopState("server", HopStatus.LOST, NOON)


def test_that_a_hop_without_an_address_is_not_configured(clock: FakeClock) -> None:
    hop = HopMonitor("nas", clock, is_configured=False)
    clock.advance(60)
    assert hop.assess(None).status is HopStatus.NOT_CONFIGURED
    assert hop.outage() is None


@pytest.mark.parametrize(
    ("age_s", "held", "is_catching_up", "status"),
    [
        (None, 0, False, HopStatus.LIVE),
        (0.0, 0, False, HopStatus.LIVE),
        (0.0, 50, False, HopStatus.LIVE),
        (0.0, 51, False, HopStatus.CATCHING_UP),
        (0.0, 0, True, HopStatus.CATCHING_UP),
        (SLOW_AFTER_S - 0.01, 0, False, HopStatus.LIVE),
        (SLOW_AFTER_S, 0, True, HopStatus.SLOW),
        (SILENT_AFTER_S - 0.01, 99, False, HopStatus.SLOW),
        (SILENT_AFTER_S, 99, True, HopStatus.SILENT),
    ],
)
def test_that_an_open_connection_is_judged_by_the_age_of_what_came(
    hop: HopMonitor, age_s: float | None, held: int, is_catching_up: bool, status: HopStatus
) -> None:
    hop.connected()
    state = hop.assess(age_s, held=held, is_catching_up=is_catching_up)
    assert (state.status, state.age_s, state.held) == (status, age_s, held)


@pytest.mark.parametrize(("held", "status"), [(0, HopStatus.LOST), (1, HopStatus.BUFFERING)])
def test_that_a_lost_hop_says_why_and_whether_it_buffers(
    hop: HopMonitor, held: int, status: HopStatus
) -> None:
    live(hop)
    hop.lost("connection lost")
    state = hop.assess(0.0, held=held, oldest_at=NOON)
    assert (state.status, state.detail, state.oldest_at) == (status, "connection lost", NOON)
    hop.connected()
    assert hop.assess(0.0).detail == ""


def test_that_since_is_when_the_state_began(hop: HopMonitor, clock: FakeClock) -> None:
    clock.advance(1)
    assert live(hop).since == at(1)
    clock.advance(5)
    assert hop.assess(0.2).since == at(1)
    clock.advance(1)
    assert hop.assess(3.2) == HopState("server", HopStatus.SLOW, at(7), age_s=3.2)
    clock.advance(1)
    assert hop.assess(0.0, is_catching_up=True).since == at(8)


def test_that_silence_began_when_the_last_thing_was_heard(
    hop: HopMonitor, clock: FakeClock
) -> None:
    live(hop)
    clock.advance(20)
    assert hop.assess(6.0).since == at(14)
    clock.advance(1)
    hop.lost("given up")
    clock.advance(1)
    # From silent to lost is one and the same bad time.
    assert hop.assess(None, held=3).since == at(14)


def test_that_an_outage_is_put_on_record_once_and_again_when_it_ends(
    hop: HopMonitor, clock: FakeClock
) -> None:
    live(hop)
    clock.advance(10)
    hop.lost("away")
    hop.assess(None, held=4)
    assert hop.outage() is None
    clock.advance(OUTAGE_AFTER_S)
    hop.assess(None, held=12)
    assert hop.outage() == Outage("server", at(10), None, 12)
    clock.advance(60)
    hop.assess(None, held=300)
    assert hop.outage() is None
    hop.connected()
    clock.advance(1)
    hop.assess(0.0, held=280, is_catching_up=True)
    assert hop.outage() == Outage("server", at(10), at(73), 300)
    hop.assess(0.0)
    assert hop.outage() is None


def test_that_an_outage_counts_all_it_held_however_fast_it_clears(
    hop: HopMonitor, clock: FakeClock
) -> None:
    live(hop)
    hop.lost("away")
    hop.assess(None, held=700)
    clock.advance(30)
    hop.assess(None, held=900)
    assert hop.outage() == Outage("server", at(0), None, 900)
    hop.connected()
    clock.advance(0.5)
    hop.assess(0.0, held=0)
    assert hop.outage() == Outage("server", at(0), at(30.5), 900)


def test_that_a_break_nobody_could_notice_is_no_outage(hop: HopMonitor, clock: FakeClock) -> None:
    live(hop)
    hop.lost("restart")
    hop.assess(None)
    clock.advance(OUTAGE_AFTER_S - 0.1)
    hop.assess(None)
    assert hop.outage() is None
    hop.connected()
    hop.assess(0.0)
    assert hop.outage() is None


def test_that_silence_is_an_outage_too(hop: HopMonitor, clock: FakeClock) -> None:
    live(hop)
    clock.advance(30)
    hop.assess(SILENT_AFTER_S)
    assert hop.outage() == Outage("server", at(25), None, 0)


def test_that_two_outages_have_two_beginnings(hop: HopMonitor, clock: FakeClock) -> None:
    found = []
    for _time in range(2):
        live(hop)
        hop.outage()
        clock.advance(5)
        hop.lost("away")
        hop.assess(None)
        clock.advance(5)
        hop.assess(None)
        found.append(hop.outage())
    live(hop)
    found.append(hop.outage())
    assert [(o.began_at, o.ended_at) for o in found if o] == [
        (at(5), None),
        (at(15), None),
        (at(15), at(20)),
    ]


def test_that_the_time_to_clear_follows_the_rate_of_the_last_seconds(
    hop: HopMonitor, clock: FakeClock
) -> None:
    hop.connected()
    assert hop.assess(0.0, held=1_000).eta_s is None  # one look says nothing of a rate
    clock.advance(2)
    assert hop.assess(0.0, held=800).eta_s == pytest.approx(8.0)
    clock.advance(2)
    assert hop.assess(0.0, held=900).eta_s == pytest.approx(36.0)
    clock.advance(2)
    assert hop.assess(0.0, held=1_000).eta_s is None  # not clearing
    clock.advance(60)
    assert hop.assess(0.0, held=500).eta_s is None  # what was long ago does not count
    clock.advance(1)
    assert hop.assess(0.0, held=0).eta_s is None
