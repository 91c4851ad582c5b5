"""How the hit desk works, as data: targets, receipts, repeats, parking, raising, flood, lateness.

All of it is inferred (domain facts 3.6, 3.7, 7.2), so it comes from the data file
``resources/spec/hit_desk.json``, and every rule that uses it takes the value made from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """How soon a hit of a tier is to be acknowledged, and when the supervisor hears of it."""

    acknowledge: timedelta
    supervisor: timedelta


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """When a vehicle that is hit again without an outcome climbs and goes to the supervisor.

    From ``hits`` hits within ``within``, of which two lie at least ``gap`` apart: cameras in a row
    are one passing. ``acted`` is how long one of the actions ``acts`` speaks for itself.
    """

    hits: int = 2
    gap: timedelta = timedelta(minutes=10)
    within: timedelta = timedelta(days=7)
    acted: timedelta = timedelta(hours=1)
    acts: frozenset[str] = frozenset({"deployed"})


@dataclass(frozen=True, slots=True)
class FloodRule:
    """More than ``enter`` hits in ``window`` begin a flood, fewer than ``leave`` end it.

    ``norm`` is what an operator can be expected to manage in the window (EEMUA 191). ``folds`` are
    the tiers that fold into counted groups; a Stop never does, whatever its tier.
    """

    window: timedelta = timedelta(minutes=10)
    norm: int = 1
    enter: int = 10
    leave: int = 5
    folds: frozenset[str] = frozenset({"P3", "P4"})


@dataclass(frozen=True, slots=True)
class DeskRules:
    """All figures of the hit desk.

    ``targets`` are by tier (``P1`` to ``P4``); a tier without one has the whole shift.
    ``receipt_within`` is how long a hit of ``receipt_tiers`` may go without having been painted on
    an attended desk; a desk is attended for ``attended_for`` after its last word. ``live_age`` is
    the oldest a hit may be on arrival to stand among the live ones, ``tone_age`` the oldest with a
    tone. ``withdraw_within`` is how long a step can be withdrawn.
    """

    targets: Mapping[str, Target] = field(default_factory=dict)
    receipt_tiers: frozenset[str] = frozenset({"P1", "P2"})
    receipt_within: timedelta = timedelta(seconds=5)
    attended_for: timedelta = timedelta(seconds=10)
    live_age: timedelta = timedelta(minutes=5)
    tone_age: timedelta = timedelta(minutes=30)
    withdraw_within: timedelta = timedelta(seconds=10)
    repeat: RepeatRule = RepeatRule()
    deploying: frozenset[str] = frozenset({"deployed"})
    outcome_tiers: frozenset[str] = frozenset({"P1", "P2", "P3"})
    park_reasons: Mapping[str, str] = field(default_factory=dict)
    park_minutes: tuple[int, ...] = (5, 15, 30, 60)
    park_longest: timedelta = timedelta(hours=12)
    raise_reasons: Mapping[str, str] = field(default_factory=dict)
    flood: FloodRule = FloodRule()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> DeskRules:
        """Build from the parsed ``hit_desk.json``.

        Raises:
            KeyError, ValueError: a figure is missing or impossible.
        """
        receipt, late, repeat = data["receipt"], data["late"], data["repeat"]
        park, flood = data["park"], data["flood"]
        rules = cls(
            targets={
                tier: Target(_seconds(t["acknowledge_s"]), _seconds(t["supervisor_s"]))
                for tier, t in data["targets"].items()
            },
            receipt_tiers=frozenset(receipt["tiers"]),
            receipt_within=_seconds(receipt["within_s"]),
            attended_for=_seconds(receipt["attended_s"]),
            live_age=_seconds(late["live_s"]),
            tone_age=_seconds(late["tone_s"]),
            withdraw_within=_seconds(data["withdraw_s"]),
            repeat=RepeatRule(
                int(repeat["hits"]),
                _seconds(repeat["gap_s"]),
                _seconds(repeat["within_s"]),
                _seconds(repeat["acted_s"]),
                frozenset(repeat["acts"]),
            ),
            deploying=frozenset(data["deploying"]),
            outcome_tiers=frozenset(data["outcome_tiers"]),
            park_reasons=dict(park["reasons"]),
            park_minutes=tuple(int(minutes) for minutes in park["minutes"]),
            park_longest=_seconds(park["longest_s"]),
            raise_reasons=dict(data["raise"]["reasons"]),
            flood=FloodRule(
                _seconds(flood["window_s"]),
                int(flood["norm"]),
                int(flood["enter"]),
                int(flood["leave"]),
                frozenset(flood["folds"]),
            ),
        )
        if rules.repeat.hits < 2 or rules.flood.leave > rules.flood.enter:
            raise ValueError("a repeat needs two hits, and a flood must end below where it begins")
        return rules


def _seconds(value: object) -> timedelta:
    seconds = float(str(value))
    if seconds <= 0:
        raise ValueError(f"{value!r} is no time to wait for anything")
    return timedelta(seconds=seconds)
