"""The specification's tables as one value, made from the data files under ``resources/spec``.

The numbers and words may change with a later version of the specification, or were inferred; so
they are data, and every rule that uses them takes a ``Spec``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nas_desktop.domain.desk_rules import DeskRules
from nas_desktop.domain.voi import Action, ListSource
from nas_desktop.domain.vrm import VrmGrammar


class Tier(StrEnum):
    """Priority in the live queue, P1 highest. ``No Alert`` has none."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"

    @property
    def rank(self) -> int:
        """1 for P1 up to 4 for P4."""
        return int(self.value[1])


@dataclass(frozen=True, slots=True)
class WarningSignal:
    """A code of column 6 with its words and its rank, 1 worst to 5."""

    code: str
    text: str
    rank: int


@dataclass(frozen=True, slots=True)
class TierRule:
    """First rule that fits decides; an empty set, or no action, fits everything.

    ``sources`` are kinds of list, ``prefixes`` what a list's name begins with before the first
    underscore (domain facts 3.6, inferred).
    """

    tier: Tier
    action: Action | None = None
    reasons: frozenset[str] = frozenset()
    sources: frozenset[ListSource] = frozenset()
    prefixes: frozenset[str] = frozenset()

    def fits(self, action: Action, reason: str, source: ListSource, prefix: str) -> bool:
        """Tell whether the rule speaks of such an entry on such a list."""
        return (
            self.action in (None, action)
            and (not self.reasons or reason in self.reasons)
            and (not self.sources or source in self.sources)
            and (not self.prefixes or prefix in self.prefixes)
        )


@dataclass(frozen=True, slots=True)
class Spec:
    """All tables of one version of the specification.

    ``image_limits`` maps ``patch`` and ``overview`` to the largest number of bytes accepted without
    a flag; ``refused_image_bytes`` is where an image is refused outright.
    ``outcomes`` and ``actions_taken`` map a code to the words shown.
    """

    version: str
    annex_a: Mapping[str, str]
    source_badges: Mapping[ListSource, str]
    reasons: tuple[str, ...]
    signals: Mapping[str, WarningSignal]
    unknown_signal_rank: int
    tier_rules: tuple[TierRule, ...]
    lift_ranks: frozenset[int]
    outcomes: Mapping[str, str]
    actions_taken: Mapping[str, str]
    image_limits: Mapping[str, int]
    refused_image_bytes: int
    refused_image_pixels: int
    grammar: VrmGrammar
    desk: DeskRules = field(default_factory=DeskRules)

    @classmethod
    def from_data(
        cls,
        data: Mapping[str, Any],
        formats: Mapping[str, Any],
        desk: Mapping[str, Any] | None = None,
    ) -> Spec:
        """Build from the parsed ``nas_v3_1.json``, ``vrm_formats.json`` and ``hit_desk.json``.

        Raises:
            KeyError, ValueError: a table is missing or holds an impossible value.
        """
        return cls(
            version=data["version"],
            annex_a=dict(data["annex_a"]),
            source_badges={ListSource(k): v for k, v in data["source_badges"].items()},
            reasons=tuple(data["reasons"]),
            signals={
                s["code"]: WarningSignal(s["code"], s["text"], s["rank"])
                for s in data["warning_signals"]
            },
            unknown_signal_rank=data["unknown_signal_rank"],
            tier_rules=tuple(
                TierRule(
                    tier=Tier(r["tier"]),
                    action=Action(r["action"]) if "action" in r else None,
                    reasons=frozenset(r.get("reasons", ())),
                    sources=frozenset(ListSource(s) for s in r.get("sources", ())),
                    prefixes=frozenset(r.get("prefixes", ())),
                )
                for r in data["tiers"]["rules"]
            ),
            lift_ranks=frozenset(data["tiers"]["lift_ranks"]),
            outcomes=dict(data["outcomes"]),
            actions_taken=dict(data["actions_taken"]),
            image_limits=dict(data["images"]["accepted_bytes"]),
            refused_image_bytes=data["images"]["refused_above_bytes"],
            refused_image_pixels=data["images"]["refused_above_pixels"],
            grammar=VrmGrammar.from_data(formats),
            desk=DeskRules.from_data(desk) if desk is not None else DeskRules(),
        )

    def badge_of(self, list_name: str, source: ListSource = ListSource.LEA) -> str:
        """Return the text of a list's symbol: Annex A, else that of its source, else ``LEA``."""
        badge = self.annex_a.get(list_name.partition("_")[0])
        return badge or self.source_badges.get(source, "LEA")

    def signal(self, code: str) -> WarningSignal:
        """Return a signal by code; an unknown code is kept verbatim at the default rank."""
        known = self.signals.get(code)
        return known or WarningSignal(code, code, self.unknown_signal_rank)

    def tier_of(
        self,
        action: Action,
        reason: str,
        signals: tuple[str, ...],
        source: ListSource = ListSource.LEA,
        list_name: str = "",
    ) -> Tier | None:
        """Return the tier of a reason, or None for ``No Alert``, which no desk ever sees.

        A warning signal of a lifting rank raises the tier by one (domain facts 3.5, inferred).
        """
        if action is Action.NO_ALERT:
            return None
        prefix = list_name.partition("_")[0]
        tier = next(
            (r.tier for r in self.tier_rules if r.fits(action, reason, source, prefix)), Tier.P3
        )
        if tier is not Tier.P1 and any(self.signal(s).rank in self.lift_ranks for s in signals):
            return Tier(f"P{tier.rank - 1}")
        return tier
