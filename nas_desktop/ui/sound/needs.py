"""What the cards of the board ask for; the one place that reads it off them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from nas_desktop.domain.hit import Basis, Hit
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.vrm import TEST
from nas_desktop.services.cards import Card
from nas_desktop.services.sound_needs import Need
from nas_desktop.services.sound_rules import SoundRules
from nas_desktop.ui.basis_words import BASIS_WORDS


def needs_of(
    card: Card, now: datetime, rules: SoundRules, seen_at: datetime | None = None
) -> tuple[Need, ...]:
    """Return what a card asks for: nothing, or one need for its live and one for its late hits.

    Args:
        card: of the board; possible misreads ask for nothing.
        now: for what is overdue; counted from the match, wherever that was made.
        rules: the targets of the tiers.
        seen_at: the newest word on the basis of its entries that somebody here has seen.
    """
    if card.is_possible:
        return ()
    live: list[Hit] = []
    late: list[Hit] = []
    changed: Hit | None = None
    changed_at = seen_at
    words = ""
    for hit_id, life in card.lives.items():
        if life.is_final:
            continue
        hit = card.hits[hit_id]
        if hit.tier is not None and life.waits_at(card.desk):
            (late if hit.is_late else live).append(hit)
        for reason in hit.reasons:
            if reason.basis is Basis.STANDS or reason.tier is None:
                continue
            at = reason.basis_at or hit.matched_at
            if life.seen_at is not None and life.seen_at >= at:
                continue
            if changed_at is None or at > changed_at:
                changed, changed_at = hit, at
                words = BASIS_WORDS[reason.basis]
    found = [
        _need(card, hits, now, rules, is_late=is_late)
        for hits, is_late in ((live, False), (late, True))
        if hits
    ]
    if changed is None or changed.tier is None:
        return tuple(found)
    if not found:
        tier = card.tier or changed.tier
        action = changed.leading.entry.action.value
        return (
            Need(
                card.card_id, tier, action, changed.matched_at, hits=0, basis=words,
                is_exercise=card.vrm == TEST,
            ),
        )  # fmt: skip
    return (replace(found[0], basis=words), *found[1:])


def basis_at(card: Card) -> datetime | None:
    """Return the newest word on the basis of a card's entries; None while all stand."""
    return max(
        (
            reason.basis_at or hit.matched_at
            for hit in card.hits.values()
            for reason in hit.reasons
            if reason.basis is not Basis.STANDS and reason.tier is not None
        ),
        default=None,
    )


def _need(card: Card, hits: list[Hit], now: datetime, rules: SoundRules, *, is_late: bool) -> Need:
    # Most cards have one hit, and there may be thousands of cards.
    shown = hits[0] if len(card.hits) == 1 else card.foremost
    if shown not in hits:
        shown = min(hits, key=card.rank_of)
    # The tier of what waits: a P3 repeat beside an acknowledged P1 does not ring as a Stop.
    tier = Tier(f"P{card.rank_of(shown)}")
    rule = rules.tiers.get(tier)
    oldest = min(card.lives[hit.hit_id].waiting_since or hit.matched_at for hit in hits)
    waits_s = (now - oldest).total_seconds()
    newest = max(hits, key=lambda hit: hit.matched_at)
    return Need(
        card_id=card.card_id,
        tier=tier,
        action=shown.leading.entry.action.value,
        arrived_at=newest.matched_at,
        hits=len(hits),
        is_late=is_late,
        age_s=min((h.desk_received_at - h.read.effective_at).total_seconds() for h in hits),
        is_overdue=not is_late and rule is not None and waits_s > rule.overdue_after_s,
        is_exercise=card.vrm == TEST,
        vrm=card.vrm,
    )
