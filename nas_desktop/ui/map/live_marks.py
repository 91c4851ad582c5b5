"""The board as it lies on the map: one symbol a vehicle, the journey of the chosen one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPixmap

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.spec import Spec
from nas_desktop.services.cards import Card, CardId
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.life_words import state_words
from nas_desktop.ui.map.map_panel import MapPanel
from nas_desktop.ui.map.scene import Chosen, HitMark, MapScene, Part, Stop
from nas_desktop.ui.symbols import HitSymbol, symbol_of, symbol_pixmap
from nas_desktop.ui.text import minute_words

EVERY_MS = 500
"""At most so often a second time; what comes in between is shown together."""

FOLLOW_ZOOM = 11.0
SYMBOL_PX = 64
MOST_STOPS = 200


class LiveMarks(QObject):
    """Keeps the scene's hits, and what is chosen of them, to the board."""

    def __init__(self, bridge: Bridge, spec: Spec, scene: MapScene, panel: MapPanel) -> None:
        super().__init__(panel)
        self._bridge, self._spec, self._scene, self._panel = bridge, spec, scene, panel
        self._names: dict[tuple[HitSymbol, str], str] = {}
        self._chosen: CardId | None = None
        self._new: list[CardId] = []
        self.without_place: tuple[CardId, ...] = ()
        self.is_wanted: Callable[[], bool] = lambda: True
        self._timer = QTimer(self, singleShot=True, interval=EVERY_MS)
        self._timer.timeout.connect(self._on_timer)
        self._is_due = True
        bridge.drained.connect(self._on_drained)
        bridge.operator_changed.connect(self.forget)
        scene.changed.connect(self._on_part)

    # ------------------------------------------------------------------ when

    def _on_drained(self) -> None:
        self._is_due = True
        self._new += [card for card in self._bridge.fresh if card not in self._new][:50]
        if not self._timer.isActive():
            self.show_now()
            self._timer.start()

    def _on_timer(self) -> None:
        if self._is_due:
            self.show_now()
            self._timer.start()

    def show_now(self) -> None:
        """Show the board as it is; a map that nobody sees waits."""
        if not self.is_wanted():
            self._new.clear()
            return
        self._is_due = False
        bridge = self._bridge
        marks: dict[str, HitMark] = {}
        without: list[CardId] = []
        if bridge.may_see_hits and not bridge.is_locked:
            now = bridge.clock.now()
            for card in bridge.board.cards:
                if card.is_possible:
                    continue
                mark = self._mark(card, now)
                if mark is None:
                    without.append(card.card_id)
                else:
                    marks[mark.card] = mark
        self.without_place = tuple(without)
        self._scene.set_hits(marks)
        self._show_journey()
        self._follow()

    def forget(self) -> None:
        """Hold nothing: somebody else is there, or nobody."""
        self._chosen = None
        self._new.clear()
        self._names.clear()  # the badges of lists
        self.without_place = ()
        self._panel.show_no_fix(0)

    # ------------------------------------------------------------------ what

    def _mark(self, card: Card, now: datetime) -> HitMark | None:
        hit = card.foremost
        place = hit.read.position
        if place is None:
            hit = max(
                (h for h in card.hits.values() if h.read.position is not None),
                key=lambda h: h.read.effective_at,
                default=hit,
            )
            place = hit.read.position
        if place is None:
            return None
        words = ""
        if card.card_id == self._chosen:
            # The instant and not the age: the map is not drawn anew every second for it.
            at = hit.read.effective_at.astimezone(UTC)
            words = f"{at:%H:%M:%S} · {state_words(card, self._bridge.who)}".rstrip(" ·")
        return HitMark(
            card=card.card_id,
            place=place,
            rank=card.rank,
            at=hit.read.effective_at.timestamp(),
            symbol=self._symbol(hit, now),
            mark=self._spec.grammar.display(card.vrm),
            words=words,
            is_waiting=bool(card.unacknowledged),
            is_over=card.is_closed,
        )

    def _symbol(self, hit: Hit, now: datetime) -> str:
        key = (symbol_of(hit, now), hit.leading.badge)
        name = self._names.get(key)
        if name is None:
            # A number, not the words on it: a badge is what somebody else wrote.
            name = self._names[key] = f"s{len(self._names)}"
        if name not in self._scene.symbols:
            self._scene.symbols[name] = partial(self._paint, *key)
        return name

    def _paint(self, symbol: HitSymbol, badge: str) -> QPixmap:
        return symbol_pixmap(symbol, badge, self._scene.look.tokens.outline, SYMBOL_PX)

    def choose(self, card_id: CardId | None) -> None:
        """Mark a card and show where its vehicle was; the view stays where it is."""
        self._chosen = card_id
        self._scene.set_chosen(Chosen(card_id or "", (), self._scene.chosen.cameras))
        self.show_now()

    def _on_part(self, part: object) -> None:
        """The reads are gone, and what was chosen of them: the chosen card is marked again."""
        if part is Part.READS and self._scene.reads is None:
            cameras = self._scene.chosen.cameras
            self._scene.set_chosen(Chosen(self._chosen or "", (), cameras))
            self._show_journey()

    def _show_journey(self) -> None:
        if self._scene.chosen.rings:
            return  # a read is chosen, and its journey drawn
        card = self._bridge.board.card(self._chosen) if self._chosen is not None else None
        if card is None:
            if self._scene.reads is None:
                self._scene.set_journey(())
            return
        now = self._bridge.clock.now()
        placed = [h for h in card.hits.values() if h.read.position is not None]
        placed.sort(key=lambda h: (h.read.effective_at, h.hit_id))
        stops = [
            Stop(h.read.position, minute_words(h.read.effective_at, now))
            for h in placed[-MOST_STOPS:]
            if h.read.position is not None
        ]
        self._scene.set_journey(stops)

    def _follow(self) -> None:
        new, self._new = self._new, []
        view = self._panel.view
        if not self._panel.is_following or view is None:
            return
        marks = [self._scene.hits[card] for card in new if card in self._scene.hits]
        if marks:
            mark = min(marks, key=lambda m: (m.rank, -m.at))
            zoom = self._scene.view[1] if self._scene.view is not None else FOLLOW_ZOOM
            view.go(mark.place, max(zoom, FOLLOW_ZOOM))
