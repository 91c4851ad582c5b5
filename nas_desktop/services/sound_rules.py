"""What is played for what: patterns, repeats and thresholds, made from a data file.

All numbers are inferred and may be changed by a force; what may not be changed is checked here: P1
repeats, and no mute is longer than thirty minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from nas_desktop.domain.desk_rules import Target
from nas_desktop.domain.spec import Tier
from nas_desktop.services.resources import load_json, load_spec

MIN_HZ, MAX_HZ = 200, 4_000
"""What every loudspeaker gives and every operator hears."""

MAX_PATTERN_S = 2.0
"""Longest pattern, seconds: a Stop waits for no other sound longer than this."""

LONGEST_MUTE_MIN = 30


@dataclass(frozen=True, slots=True)
class Note:
    """One tone and the silence behind it: hertz, milliseconds, milliseconds."""

    hz: int
    on_ms: int
    off_ms: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sound by name; told from the others by its rhythm, never by its volume."""

    name: str
    notes: tuple[Note, ...]

    @property
    def seconds(self) -> float:
        """How long it takes to play."""
        return sum(note.on_ms + note.off_ms for note in self.notes) / 1000


@dataclass(frozen=True, slots=True)
class TierSound:
    """What a hit of one tier sounds like.

    ``repeat_s`` 0 is once. ``overdue_after_s`` is counted from the match; from then on
    ``overdue_pattern`` is played every ``overdue_repeat_s``.
    """

    pattern: Pattern
    repeat_s: float
    overdue_after_s: float
    overdue_pattern: Pattern
    overdue_repeat_s: float


@dataclass(frozen=True, slots=True)
class Standing:
    """A sound that is repeated for as long as its cause stands, every ``repeat_s`` seconds."""

    pattern: Pattern
    repeat_s: float


@dataclass(frozen=True, slots=True)
class SoundRules:
    """All rules of sound as one value.

    A tier that is not in ``tiers`` makes no sound. ``late_until_s`` is the age at arrival up to
    which a late hit has a tone, seconds. More than ``several_above`` new ones at a time are said
    in one sound; so are those that could not be played for ``stale_s``. A sound that is played
    once is shown for ``shown_s``.
    """

    patterns: Mapping[str, Pattern]
    tiers: Mapping[Tier, TierSound]
    late: Pattern
    late_tiers: frozenset[Tier]
    late_until_s: float
    basis: Standing
    link_lost: Standing
    unattended: Standing
    several: Pattern
    several_above: int
    stale_s: float
    shown_s: float
    mute_choices_min: tuple[int, ...]
    mute_usual_min: int
    mute_longest_min: int
    test_mark: Pattern
    test_gap_s: float
    test_steps: tuple[tuple[str, Pattern], ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any], targets: Mapping[str, Target]) -> SoundRules:
        """Build from the parsed ``sounds.json`` and the targets of the tiers.

        Raises:
            KeyError, ValueError: a part is missing or holds an impossible value.
        """
        patterns = {name: _pattern(name, notes) for name, notes in data["patterns"].items()}
        tiers = {
            Tier(name): _tier_sound(patterns, one, targets[name])
            for name, one in data["tiers"].items()
        }
        if Tier.P1 not in tiers or not tiers[Tier.P1].repeat_s:
            raise ValueError("P1 must repeat until it is acknowledged")
        late, several, mute, test = data["late"], data["several"], data["mute"], data["test"]
        longest = int(mute["longest_min"])
        choices = tuple(int(minutes) for minutes in mute["choices_min"])
        usual = int(mute["usual_min"])
        if not 0 < longest <= LONGEST_MUTE_MIN:
            raise ValueError(f"a mute lasts at most {LONGEST_MUTE_MIN} minutes")
        if not choices or usual not in choices or not 0 < min(choices) <= max(choices) <= longest:
            raise ValueError("every choice of a mute lies within the longest, the usual among them")
        return cls(
            patterns=patterns,
            tiers=tiers,
            late=patterns[late["pattern"]],
            late_tiers=frozenset(Tier(name) for name in late["tiers"]),
            late_until_s=float(late["until_s"]),
            basis=_standing(patterns, data["basis"]),
            link_lost=_standing(patterns, data["link_lost"]),
            unattended=_standing(patterns, data["unattended"]),
            several=patterns[several["pattern"]],
            several_above=int(several["above"]),
            stale_s=float(data["stale_s"]),
            shown_s=float(data["shown_s"]),
            mute_choices_min=choices,
            mute_usual_min=usual,
            mute_longest_min=longest,
            test_mark=patterns[test["mark"]],
            test_gap_s=float(test["gap_s"]),
            test_steps=tuple((str(words), patterns[name]) for words, name in test["steps"]),
        )


@cache
def load_sound_rules() -> SoundRules:
    """Return the shipped rules."""
    return SoundRules.from_data(load_json("spec", "sounds.json"), load_spec().desk.targets)


def _pattern(name: str, notes: list[list[int]]) -> Pattern:
    pattern = Pattern(name, tuple(Note(*note) for note in notes))
    for note in pattern.notes:
        if not MIN_HZ <= note.hz <= MAX_HZ or note.on_ms <= 0 or note.off_ms < 0:
            raise ValueError(f"{name} holds a tone that cannot be played")
    if not 0 < pattern.seconds <= MAX_PATTERN_S:
        raise ValueError(f"{name} takes no time or longer than {MAX_PATTERN_S} s")
    return pattern


def _repeat(pattern: Pattern, seconds: float) -> float:
    if seconds < pattern.seconds:
        raise ValueError(f"{pattern.name} is repeated before it has ended")
    return float(seconds)


def _tier_sound(
    patterns: Mapping[str, Pattern], data: Mapping[str, Any], target: Target
) -> TierSound:
    pattern, overdue = patterns[data["pattern"]], patterns[data["overdue_pattern"]]
    return TierSound(
        pattern=pattern,
        repeat_s=_repeat(pattern, data["repeat_s"]) if data["repeat_s"] else 0.0,
        overdue_after_s=target.acknowledge.total_seconds(),
        overdue_pattern=overdue,
        overdue_repeat_s=_repeat(overdue, data["overdue_repeat_s"]),
    )


def _standing(patterns: Mapping[str, Pattern], data: Mapping[str, Any]) -> Standing:
    pattern = patterns[data["pattern"]]
    return Standing(pattern, _repeat(pattern, data["repeat_s"]))
