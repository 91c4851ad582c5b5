"""What an operator has put out of sight on the hit board; it can never reach a P1."""

from __future__ import annotations

from dataclasses import dataclass

from nas_desktop.domain.spec import Tier
from nas_desktop.services.cards import Card

MOST_TEXT = 60


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Cards that pass are shown; those of P1 and those handed to this desk always do.

    ``tiers`` are the ones shown, empty for all. ``text`` is looked for in camera, lane, list, badge
    and reason, whatever its case; at most 60 characters.
    """

    tiers: frozenset[Tier] = frozenset()
    text: str = ""

    @property
    def is_on(self) -> bool:
        """True when something may be out of sight."""
        return bool(self.tiers or self.text.strip())

    @property
    def hides_urgent(self) -> bool:
        """True when a P2 may be out of sight: the supervisor is told of that."""
        return bool(self.text.strip()) or bool(self.tiers and Tier.P2 not in self.tiers)

    @property
    def words(self) -> str:
        """What is shown, for the permanent sign and for the supervisor."""
        parts = [" ".join(sorted(self.tiers | {Tier.P1}))] if self.tiers else []
        if self.text.strip():
            parts.append(f"“{self.text.strip()[:MOST_TEXT]}”")
        return ", ".join(parts)

    def passes(self, card: Card) -> bool:
        """Tell whether a card is shown."""
        if not self.is_on or card.tier is Tier.P1 or card.is_possible or card.is_exercise:
            return True
        if any(card.desk and card.desk in life.handed_to for life in card.lives.values()):
            return True
        if self.tiers and card.tier not in self.tiers:
            return False
        wanted = self.text.strip()[:MOST_TEXT].casefold()
        return not wanted or any(
            wanted in text.casefold()
            for hit in card.hits.values()
            for text in (
                hit.read.alias,
                hit.read.lane_id,
                str(hit.read.camera),
                *(word for r in hit.reasons for word in (r.list_name, r.badge, r.entry.reason)),
            )
            if text
        )
