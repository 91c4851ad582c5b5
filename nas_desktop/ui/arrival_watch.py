"""Urgent hits that come while another workspace is in front are said there too."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.services.cards import Card
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import camera_line, reason_line
from nas_desktop.ui.live.banners import NoticeStrip

SAID = (Tier.P1, Tier.P2)
"""Tiers that are said in words; all others stand in the counters, which are always in sight."""


class ArrivalWatch:
    """Follows the drains; says nothing while the live workspace is in front."""

    def __init__(self, bridge: Bridge, live: QWidget, notice: NoticeStrip, spec: Spec) -> None:
        self._bridge = bridge
        self._live = live
        self._notice = notice
        self._spec = spec
        bridge.drained.connect(self._on_drained)

    def _on_drained(self) -> None:
        bridge = self._bridge
        if bridge.operator is None or bridge.is_locked or self._live.isVisible():
            return
        found = [self._bridge.board.card(card_id) for card_id in self._bridge.fresh]
        cards = [card for card in found if card is not None and self._is_urgent(card)]
        if not cards:
            return
        worst = min(cards, key=lambda card: card.tier.rank if card.tier else 9)
        more = f" and {len(cards) - 1} more" if len(cards) > 1 else ""
        hit = worst.foremost
        mark = "EXERCISE " if worst.is_exercise else ""
        tier = worst.tier.value if worst.tier else ""
        self._notice.say(
            f"{mark}{tier} {hit.leading.entry.action.value.upper()} "
            f"{self._spec.grammar.display(worst.vrm)}{more}: {reason_line(hit)}, "
            f"{camera_line(hit.read)}.",
            "Ctrl+1 shows the live workspace.",
        )

    def _is_urgent(self, card: Card) -> bool:
        return bool(card.unacknowledged) and not card.is_possible and card.tier in SAID
