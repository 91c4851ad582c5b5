"""The pill over the list: what came above what is in sight, and the newest Stop of it in words.

It lies in the band of the heading, so that it covers no card and moves none. A P1 or P2 named here
has been painted: its operator can read what it is without the list moving under the hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.services.cards import Card
from nas_desktop.ui.card_words import camera_line, reason_line

NAMED = (Tier.P1, Tier.P2)


class NewAbove(QPushButton):
    """Hidden while nothing has come above.

    Signals:
        painted(Card): the card named on it is on screen.
    """

    painted = Signal(object)

    def __init__(self, parent: QWidget, spec: Spec) -> None:
        super().__init__(parent)
        self.setObjectName("newAbove")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolTip("Go to the top of the list (Ctrl+Home)")
        self._spec = spec
        self._card: Card | None = None
        self.hide()

    def show_cards(self, cards: Sequence[Card], width: int) -> None:
        """Say how many came, and name the most urgent one nobody has taken."""
        if not cards:
            self._card = None
            self.hide()
            return
        real = [c for c in cards if not c.is_exercise]
        waiting = [c for c in real if c.unacknowledged and c.tier in NAMED]
        self._card = min(waiting, key=_urgency, default=None)
        worst = min((c.tier.value for c in real if c.tier), default="")
        words = f"↑ {len(cards)} new above"
        if self._card is not None:
            hit = self._card.foremost
            tier = self._card.tier.value if self._card.tier else ""
            named = (
                f"{tier} {hit.leading.entry.action.value.upper()}",
                self._spec.grammar.display(self._card.vrm),
                reason_line(hit),
                camera_line(hit.read),
            )
            words += f" · {' · '.join(named)}"
        elif worst:
            words += f" · {worst}"
        self.setAccessibleName(words)
        room = max(40, width - 2 * self.fontMetrics().horizontalAdvance("M"))
        self.setText(self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room))
        self.adjustSize()
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._card is not None:
            self.painted.emit(self._card)


def _urgency(card: Card) -> tuple[int, float]:
    hit = card.foremost
    return card.rank_of(hit), -hit.read.effective_at.timestamp()
