"""The rules of sound hold together, and what may not be changed cannot be."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from nas_desktop.domain.spec import Tier
from nas_desktop.services.resources import load_json, load_spec
from nas_desktop.services.sound_rules import Pattern, SoundRules, load_sound_rules

TARGETS = load_spec().desk.targets


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    data = copy.deepcopy(load_json("spec", "sounds.json"))
    change(data)
    return data


def test_that_the_shipped_rules_are_those_of_the_facts() -> None:
    rules = load_sound_rules()
    assert set(rules.tiers) == {Tier.P1, Tier.P2, Tier.P3}
    assert rules.tiers[Tier.P1].repeat_s > 0
    assert len(rules.patterns["p2"].notes) == 3
    assert len(rules.patterns["p3"].notes) == 1
    assert [rules.tiers[tier].overdue_after_s for tier in sorted(rules.tiers)] == [15, 60, 300]
    assert rules.late_until_s == 30 * 60
    assert rules.mute_longest_min == 30


def rhythm(pattern: Pattern) -> tuple[tuple[int, int], ...]:
    return tuple((note.on_ms // 50, note.off_ms // 50) for note in pattern.notes)


def test_that_any_two_patterns_are_told_apart_without_hearing_pitch() -> None:
    patterns = load_sound_rules().patterns.values()
    for one, other in itertools.combinations(patterns, 2):
        assert rhythm(one) != rhythm(other), (one.name, other.name)


def test_that_every_pattern_that_is_used_is_in_the_sound_test() -> None:
    rules = load_sound_rules()
    tested = {pattern.name for _words, pattern in rules.test_steps}
    assert tested == set(rules.patterns) - {rules.test_mark.name}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["tiers"].pop("P1"), "P1 must repeat"),
        (lambda d: d["tiers"]["P1"].update(repeat_s=0), "P1 must repeat"),
        (lambda d: d["tiers"]["P1"].update(repeat_s=0.5), "before it has ended"),
        (lambda d: d["basis"].update(repeat_s=0), "before it has ended"),
        (lambda d: d["mute"].update(longest_min=31), "at most 30"),
        (lambda d: d["mute"].update(longest_min=0), "at most 30"),
        (lambda d: d["mute"].update(choices_min=[5, 10, 60]), "every choice"),
        (lambda d: d["mute"].update(choices_min=[]), "every choice"),
        (lambda d: d["mute"].update(choices_min=[0, 10]), "every choice"),
        (lambda d: d["mute"].update(usual_min=7), "every choice"),
        (lambda d: d["patterns"].update(p3=[[50, 100, 0]]), "cannot be played"),
        (lambda d: d["patterns"].update(p3=[[500, 0, 0]]), "cannot be played"),
        (lambda d: d["patterns"].update(p3=[[500, 9, -1]]), "cannot be played"),
        (lambda d: d["patterns"].update(p3=[]), "no time"),
        (lambda d: d["patterns"].update(p3=[[500, 3000, 0]]), "no time or longer"),
    ],
)
def test_that_rules_that_would_silence_a_stop_are_refused(
    change: Callable[[dict[str, Any]], None], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        SoundRules.from_data(changed(change), TARGETS)


def test_that_a_pattern_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        SoundRules.from_data(changed(lambda d: d["late"].update(pattern="none")), TARGETS)
