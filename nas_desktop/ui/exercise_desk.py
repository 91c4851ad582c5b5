"""Begins and ends the exercise of this desk, and says how it went."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QObject, QTimer

from nas_desktop.domain.spec import Tier
from nas_desktop.services.cards import CardId
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.live_page import LivePage
from nas_desktop.ui.text import duration_words


class ExerciseDesk(QObject):
    """Puts the card on the board and takes it off: with its outcome looked at, or in time."""

    def __init__(self, page: LivePage, bridge: Bridge) -> None:
        super().__init__(page)
        self._page, self._bridge = page, bridge
        self._exercise = bridge.wall.exercise
        self._is_told = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_time)
        bridge.drained.connect(self._on_drained)
        bridge.operator_changed.connect(self.end)
        page.hits.card_chosen.connect(self._on_chosen)

    @property
    def is_running(self) -> bool:
        """True while the card is on the board."""
        return self._exercise.hit is not None

    def toggle(self) -> None:
        """Begin an exercise, or end the one that runs."""
        if self.is_running:
            self.end()
            self._bridge.notice.emit("The exercise is over.", "")
            return
        board = self._bridge.board
        if board.is_flooded or board.unacknowledged_by_tier()[Tier.P1]:
            self._bridge.notice.emit(
                "No exercise while a P1 waits or there is a flood.", "Try again when it is quiet."
            )
            return
        self._is_told = False
        self._bridge.wall.begin()
        self._time()
        self._bridge.notice.emit(
            "EXERCISE: one invented card on QQ111QQQ, at this desk alone.",
            "Nothing of it leaves this desk. The same key ends it.",
        )

    def end(self) -> None:
        """Take the card off the board."""
        hit, bridge = self._exercise.end(), self._bridge
        self._timer.stop()
        if hit is None:
            return
        card = bridge.board.card_of_hit(hit.hit_id)
        if card is None:
            return
        is_chosen = self._page.hits.chosen is card
        bridge.about_to_drain.emit()
        bridge.fresh = set()
        bridge.board.forget(card.card_id)
        if is_chosen:
            self._page.hits.forget_choice()
            self._page.hits.card_chosen.emit(None)
        bridge.drained.emit()

    def _time(self) -> None:
        self._timer.start(max(1, round(self._exercise.left_s * 1000)))

    def _on_time(self) -> None:
        if self._exercise.left_s > 0:
            self._time()
        elif self.is_running:
            self.end()
            self._bridge.notice.emit("The exercise is over.", "")

    def _on_drained(self) -> None:
        """Say how it went, as soon as it has its outcome."""
        life, hit = self._exercise.life, self._exercise.hit
        if hit is None or self._is_told or not life.is_final or life.closed_at is None:
            return
        self._is_told = True
        self._time()
        taken = ""
        if life.acknowledged_at is not None:
            taken = f"acknowledged after {_after(hit.matched_at, life.acknowledged_at)}, "
        self._bridge.notice.emit(
            f"Exercise: {taken}closed after {_after(hit.matched_at, life.closed_at)}.",
            "Its card goes when you choose another.",
        )

    def _on_chosen(self, card_id: CardId | None) -> None:
        """The card with its outcome goes when the selection leaves it."""
        hit = self._exercise.hit
        if hit is None or not self._exercise.life.is_final:
            return
        card = self._bridge.board.card_of_hit(hit.hit_id)
        if card is not None and card.card_id != card_id:
            # Once the list has done with the choice: it is in the middle of it.
            QTimer.singleShot(0, self, self.end)


def _after(began: datetime, ended: datetime) -> str:
    return duration_words((ended - began).total_seconds())
