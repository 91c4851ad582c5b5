"""Tells a screen reader of what cannot wait: a vehicle of P1 that nobody has taken.

Everything else is read out when the reader comes to it. Nothing is said behind the lock or while
nobody is signed in: it would name a vehicle to whoever is in the room.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
)
from PySide6.QtWidgets import QWidget

from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.services.cards import Card
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import camera_line, reason_line

URGENT = QAccessible.Event(0x0002)
"""The toolkit's event for something that needs somebody at once."""

MOST_NAMED = 3
"""Vehicles named in one announcement; more are counted."""


class Announcer(QObject):
    """Follows the drains; ``said`` is the newest announcement."""

    def __init__(self, bridge: Bridge, spec: Spec, place: QWidget) -> None:
        super().__init__(place)
        self._bridge, self._spec, self._place = bridge, spec, place
        self.said = ""
        bridge.drained.connect(self._on_drained)

    def _on_drained(self) -> None:
        bridge = self._bridge
        if not bridge.fresh or bridge.operator is None or bridge.is_locked:
            return
        found = [bridge.board.card(card_id) for card_id in bridge.fresh]
        cards = [card for card in found if card is not None and self._is_urgent(card)]
        if not cards:
            return
        more = f", and {len(cards) - MOST_NAMED} more" if len(cards) > MOST_NAMED else ""
        self.said = "; ".join(self._words(card) for card in cards[:MOST_NAMED]) + more
        event = QAccessibleAnnouncementEvent(self._place, self.said)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)
        QAccessible.updateAccessibility(QAccessibleEvent(self._place, URGENT))

    def _words(self, card: Card) -> str:
        hit = card.foremost
        mark = "Exercise. " if card.is_exercise else ""
        return (
            f"{mark}P1 {hit.leading.entry.action.value} {self._spec.grammar.display(card.vrm)}, "
            f"{reason_line(hit)}, {camera_line(hit.read)}"
        )

    def _is_urgent(self, card: Card) -> bool:
        return bool(card.unacknowledged) and not card.is_possible and card.tier is Tier.P1
