"""What this desk says of itself to its server, and what the server says it looks after.

Every two seconds, and at once when somebody comes or goes: the server hands a hit on when nobody
attends the desk it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.spec import Spec
from nas_desktop.services.desks import DeskLink, DeskReport
from nas_desktop.services.flood import FloodMeter
from nas_desktop.ui.bridge import Bridge

EVERY_MS = 2_000


class DeskReporter(QObject):
    """Reports, keeps the board to the desk's scope, and notices floods.

    Signals:
        flood_changed(bool): a flood has begun or ended at this desk.
        scope_changed: the server has said what this desk looks after.
    """

    flood_changed = Signal(bool)
    scope_changed = Signal()

    def __init__(self, bridge: Bridge, desks: DeskLink | None, spec: Spec) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self._desks = desks
        self.flood = FloodMeter(spec.desk.flood)
        self.scope: DeskScope | None = None
        self.muted: Callable[[], tuple[datetime | None, str]] = lambda: (None, "")
        self._attended: tuple[bool, str] = (False, "")
        self._is_linked = bridge.is_linked
        self._since = bridge.clock.now()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.report)
        bridge.drained.connect(self._on_drained)
        bridge.state_changed.connect(self._on_state)
        for signal in (bridge.operator_changed, bridge.lock_changed):
            signal.connect(self.report)
            signal.connect(self._on_state)
        self._timer.start()
        self._on_state()

    def stop(self) -> None:
        """Report no longer."""
        self._timer.stop()

    # ------------------------------------------------------------------ out

    def report(self) -> None:
        """Say who attends this desk and what waits here."""
        self.look()
        if self._desks is not None:
            self._bridge.run(self._desks.report(self.made()), "report-desk")

    def made(self) -> DeskReport:
        """Return the report as it would be sent now."""
        bridge, board = self._bridge, self._bridge.board
        attended = (bridge.is_attended, bridge.who)
        if attended != self._attended:
            self._attended, self._since = attended, bridge.clock.now()
        muted_until, muted_by = self.muted()
        arrivals = [hit.matched_at for card in board.waiting for hit in card.hits.values()]
        counts = board.unacknowledged_by_tier()
        return DeskReport(
            operator=bridge.who,
            is_attended=bridge.is_attended,
            since=self._since,
            is_supervisor=bridge.supervises,
            waiting={tier.value: n for tier, n in counts.items() if n},
            oldest_at=min(arrivals, default=None),
            muted_until=muted_until,
            muted_by=muted_by,
            filter=board.filter.words,
            hides_urgent=board.filter.hides_urgent,
            is_flooded=board.is_flooded,
        )

    # ------------------------------------------------------------------ in

    def _on_drained(self) -> None:
        board, now = self._bridge.board, self._bridge.clock.now()
        for card_id in self._bridge.fresh:
            card = board.card(card_id)
            if card is None or card.is_possible or card.is_exercise:
                continue
            if card.unacknowledged:
                self.flood.arrived(now)
        if self._bridge.fresh:
            self.look()

    def look(self) -> None:
        """Judge whether there is a flood; begun and ended it is said."""
        if self.flood.look(self._bridge.clock.now()):
            self._bridge.about_to_drain.emit()
            self._bridge.fresh = set()
            self._bridge.board.set_flooded(self.flood.is_flood)
            self._bridge.drained.emit()
            self.flood_changed.emit(self.flood.is_flood)

    def _on_state(self) -> None:
        """Keep the board to what the server says this desk looks after."""
        bridge = self._bridge
        was_linked, self._is_linked = self._is_linked, bridge.is_linked
        if bridge.is_linked and not was_linked:
            # Before any receipt: a server that knows of nobody at this desk refuses it.
            self.report()
        scope: DeskScope | None = None
        for desk in bridge.state.desks if bridge.state is not None else ():
            if desk.name == bridge.workstation and not bridge.supervises:
                scope = None if desk.scope.is_everything else desk.scope
        if bridge.state is None:
            return
        if scope != self.scope or bridge.board.desk != bridge.workstation:
            self.scope = scope
            bridge.about_to_drain.emit()
            bridge.fresh = set()
            bridge.board.set_desk(bridge.workstation, scope)
            bridge.drained.emit()
            self.scope_changed.emit()
