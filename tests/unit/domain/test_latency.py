"""The latency ledger: legs, what is in hand, and which leg is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.camera import CameraKind
from nas_desktop.domain.latency import LatencyLedger, LatencyRules, Leg
from nas_desktop.services.resources import load_json, load_latency_rules
from tests.builders import NOON


def a_ledger(
    camera: float,
    server: float | None = None,
    match: float | None = None,
    paint: float | None = None,
    kind: CameraKind = CameraKind.FIXED,
    *,
    is_clock_trusted: bool = True,
) -> LatencyLedger:
    at, marks = NOON + timedelta(seconds=camera), []
    received = at
    for seconds in (server, match, paint):
        if seconds is None:
            marks.append(None)
        else:
            at += timedelta(seconds=seconds)
            marks.append(at)
    return LatencyLedger(kind, NOON, received, *marks, is_clock_trusted=is_clock_trusted)


def test_that_each_leg_begins_where_the_one_before_ended() -> None:
    ledger = a_ledger(1.1, 0.2, 0.05, 0.15)
    assert [leg for leg, _s in ledger.legs()] == list(Leg)
    assert [s for _leg, s in ledger.legs()] == pytest.approx([1.1, 0.2, 0.05, 0.15])
    assert ledger.total_s == pytest.approx(1.5)
    assert ledger.in_hand_s == pytest.approx(2.5)
    assert ledger.broken_leg is None


def test_that_a_leg_that_is_not_finished_is_left_out() -> None:
    assert a_ledger(1.0).legs() == ((Leg.CAMERA, 1.0),)
    ledger = replace(a_ledger(1.0, 0.5), painted_at=NOON + timedelta(seconds=3))
    assert ledger.legs() == ((Leg.CAMERA, 1.0), (Leg.SERVER, 0.5), (Leg.PAINT, 1.5))


def test_that_clocks_that_differ_give_no_negative_leg() -> None:
    ledger = a_ledger(-0.02, 0.1)
    assert ledger.legs()[0] == (Leg.CAMERA, 0.0)
    assert ledger.total_s == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("ledger", "leg"),
    [
        (a_ledger(2.0, 1.0, 0.5, 0.5), None),  # exactly four seconds
        (a_ledger(2.5, 0.5, 0.5, 0.6), Leg.CAMERA),
        (a_ledger(1.0, 3.5, 0.1, 0.1), Leg.SERVER),
        (a_ledger(2.0, 0.2, 3.0, 0.1), Leg.MATCH),
        (a_ledger(1.9, 0.2, 0.1, 2.0), Leg.PAINT),
        (a_ledger(5.0), Leg.CAMERA),
        (a_ledger(4.0, 1.0, 0.5, 0.5, CameraKind.MOBILE), None),
        (a_ledger(4.1, 1.0, 0.5, 0.5, CameraKind.MOBILE), Leg.CAMERA),
        (a_ledger(900, 1.0, 0.5, 0.5, is_clock_trusted=False), None),
    ],
)
def test_that_the_leg_that_broke_the_budget_is_named(
    ledger: LatencyLedger, leg: Leg | None
) -> None:
    assert ledger.broken_leg is leg


SECONDS = st.integers(-2_000, 8_000).map(lambda ms: ms / 1_000)


@given(SECONDS, *[st.one_of(st.none(), SECONDS)] * 3, st.sampled_from(CameraKind))
def test_that_a_leg_is_named_exactly_when_the_budget_is_broken(
    camera: float,
    server: float | None,
    match: float | None,
    paint: float | None,
    kind: CameraKind,
) -> None:
    ledger = a_ledger(camera, server, match, paint, kind)
    assert (ledger.broken_leg is not None) == (ledger.in_hand_s < 0)
    assert ledger.total_s >= 0
    if ledger.broken_leg is not None:
        assert dict(ledger.legs())[ledger.broken_leg] > 0


def test_that_the_acknowledgement_is_told_and_is_no_part_of_the_budget() -> None:
    ledger = a_ledger(1.1, 0.2, 0.05, 0.15)
    assert ledger.acknowledged_s is None
    taken = replace(ledger, acknowledged_at=NOON + timedelta(seconds=61.5))
    assert taken.acknowledged_s == pytest.approx(60)
    assert taken.legs() == ledger.legs()
    assert taken.in_hand_s == ledger.in_hand_s
    assert replace(taken, painted_at=None).acknowledged_s is None
    assert replace(taken, acknowledged_at=NOON).acknowledged_s == 0


def test_that_the_rules_of_latency_are_data() -> None:
    rules = load_latency_rules()
    assert rules.trusts(None)
    assert rules.trusts(-rules.clock_limit_s)
    assert not rules.trusts(rules.clock_limit_s + 0.1)
    assert not rules.trusts(-3.2)


@pytest.mark.parametrize("wrong", [{"clock_limit_s": 0}, {"clock_limit_s": -1}])
def test_that_impossible_rules_of_latency_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="impossible number"):
        LatencyRules.from_data({**load_json("spec", "latency.json"), **wrong})
