"""The flood meter: it begins above one figure, ends below another, and outlives no window."""

from __future__ import annotations

from datetime import timedelta

from nas_desktop.services.flood import FloodMeter
from nas_desktop.services.resources import load_spec
from tests.builders import NOON

RULE = load_spec().desk.flood


def a_flood() -> FloodMeter:
    meter = FloodMeter(RULE)
    for _hit in range(RULE.enter + 1):
        meter.arrived(NOON)
    assert meter.look(NOON)
    assert meter.is_flood
    return meter


def test_that_a_flood_ends_when_its_window_is_over() -> None:
    meter = a_flood()
    assert not meter.look(NOON + RULE.window)
    assert meter.look(NOON + RULE.window + timedelta(seconds=1))
    assert not meter.is_flood


def test_that_a_clock_set_back_keeps_no_flood_for_longer_than_its_window() -> None:
    meter = a_flood()
    back = NOON - timedelta(hours=1)
    assert not meter.look(back)
    assert meter.since == back
    assert meter.count == RULE.enter + 1
    assert meter.look(back + RULE.window + timedelta(seconds=1))
    assert (meter.is_flood, meter.count) == (False, 0)
