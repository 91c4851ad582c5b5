"""The figures of the hit desk: read from their file, and refused when they are impossible."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from nas_desktop.domain.desk_rules import DeskRules
from nas_desktop.services.resources import load_json, load_spec

DATA: dict[str, Any] = load_json("spec", "hit_desk.json")


def test_that_the_shipped_figures_are_those_of_the_domain_facts() -> None:
    rules = load_spec().desk
    seconds = {
        tier: (t.acknowledge.total_seconds(), t.supervisor.total_seconds())
        for tier, t in rules.targets.items()
    }
    assert seconds == {"P1": (15, 30), "P2": (60, 120), "P3": (300, 900)}
    assert (rules.receipt_within, rules.withdraw_within) == (
        timedelta(seconds=5),
        timedelta(seconds=10),
    )
    assert (rules.repeat.hits, rules.flood.enter, rules.flood.norm) == (2, 10, 1)
    assert (rules.live_age, rules.tone_age) == (timedelta(minutes=5), timedelta(minutes=30))
    assert rules.park_reasons
    assert rules.raise_reasons


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("withdraw_s",), 0),
        (("receipt", "within_s"), -1),
        (("repeat", "hits"), 1),
        (("flood", "leave"), 11),
    ],
)
def test_that_impossible_figures_are_refused(path: tuple[str, ...], value: int) -> None:
    data = copy.deepcopy(DATA)
    at = data
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    with pytest.raises(ValueError, match=r"no time|a repeat needs"):
        DeskRules.from_data(data)
