"""The answer in front as it lies on the map: its reads, its area, and the row that is chosen."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QObject, QThreadPool, Signal
from shiboken6 import isValid

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Area, QueryRefused
from nas_desktop.services.map_points import MapPoints
from nas_desktop.services.point_colours import ColourBy
from nas_desktop.services.searches import Order, RunningSearch
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.map.map_panel import MapPanel
from nas_desktop.ui.map.scene import Chosen, MapScene, Reads, Stop, Way
from nas_desktop.ui.search.search_page import SearchPage
from nas_desktop.ui.search.search_tab import SearchTab
from nas_desktop.ui.text import several

MOST_AT_A_SPOT = 500
"""Reads that are listed of one spot; a camera that stands fast has all of its reads there."""

MOST_STOPS = 300
"""Reads of one vehicle that are drawn as a journey; more would be a ball of lines."""


@dataclass(slots=True)
class _Answer:
    running: RunningSearch
    order: Order
    reads: Reads


class AnswerMarks(QObject):
    """Keeps the scene's reads to the search in front.

    Signals:
        no_fix_changed: other reads than before have no place.
    """

    no_fix_changed = Signal()

    def __init__(self, bridge: Bridge, page: SearchPage, scene: MapScene, panel: MapPanel) -> None:
        super().__init__(panel)
        self._bridge, self._page, self._scene, self._panel = bridge, page, scene, panel
        self._answers: weakref.WeakKeyDictionary[SearchTab, _Answer] = weakref.WeakKeyDictionary()
        self._ways: weakref.WeakKeyDictionary[
            SearchTab, tuple[Way, ColourBy, tuple[int, int] | None]
        ] = weakref.WeakKeyDictionary()
        self._shown: weakref.WeakKeyDictionary[SearchTab, RunningSearch] = (
            weakref.WeakKeyDictionary()
        )
        self._watched: weakref.WeakSet[SearchTab] = weakref.WeakSet()
        self._asked: tuple[object, Order] | None = None
        self._is_showing = False
        page.bar.currentChanged.connect(lambda _at: self.show_tab())

    # ------------------------------------------------------------------ coming and going

    def set_shown(self, is_shown: bool) -> None:
        """The search workspace came to the front, or left it; only there its reads are drawn."""
        self._is_showing = is_shown
        if is_shown:
            self.show_tab()
        else:
            self._scene.set_reads(None)
            self._scene.set_area(None)
            self._scene.set_chosen(Chosen(self._scene.chosen.card))
            self.no_fix_changed.emit()

    def forget(self) -> None:
        """Hold nothing of what was found."""
        self._answers.clear()
        self._ways.clear()
        self._shown.clear()
        self._asked = None

    @property
    def tab(self) -> SearchTab | None:
        """The search in front; None while another workspace is."""
        return self._page.tab if self._is_showing else None

    def show_tab(self) -> None:
        """Show the search that is in front now."""
        tab = self.tab
        if tab is None:
            return
        if tab not in self._watched:
            self._watch(tab)
        self._show_area()
        self._show_reads()

    def _watch(self, tab: SearchTab) -> None:
        self._watched.add(tab)
        tab.state_changed.connect(self._on_state)
        tab.panel.place.changed.connect(self._show_area)
        tab.results.model.headerDataChanged.connect(lambda *_what: self._on_state())
        tab.results.table.selectionModel().currentRowChanged.connect(
            lambda now, _before: self._on_row(tab, now.row())
        )

    # ------------------------------------------------------------------ reads

    def _on_state(self) -> None:
        if self._is_showing:
            self._show_reads()

    def _show_reads(self) -> None:
        tab = self.tab
        if tab is None:
            return
        running, order = tab.running, tab.results.model.order
        held = self._answers.get(tab)
        if held is not None and (held.running is not running or held.order is not order):
            self._ways[tab] = (held.reads.way, held.reads.by, held.reads.span)
            del self._answers[tab]
            held = None
        if held is not None:
            if self._scene.reads is not held.reads:
                self._scene.set_reads(held.reads)
                self._on_row(tab, tab.results.table.currentIndex().row())
                self.no_fix_changed.emit()
            return
        if self._scene.reads is not None:
            self._scene.set_reads(None)
            self.no_fix_changed.emit()
        if running is None or tab.is_running or not self._panel.isVisible():
            return
        if tab.results.model.rowCount() and self._asked != (running, order):
            self._asked = (running, order)
            self._bridge.run(self._fetch(tab, running, order), "map-points")

    async def _fetch(self, tab: SearchTab, running: RunningSearch, order: Order) -> None:
        total = running.progress.found

        def told(done: int, of: int) -> None:
            if of > 50_000 and isValid(self._panel):
                self._panel.say(f"Reads for the map: {done:,} of {of:,}.")

        try:
            points = await running.points(order, told)
        except Refused as refusal:
            if isValid(self._panel):
                self._panel.say(f"The reads are not on the map: {refusal.words}")
            return
        finally:
            if self._asked == (running, order):
                self._asked = None  # else another order was asked for meanwhile
        if not isValid(tab) or tab.running is not running or tab.results.model.order is not order:
            return
        reads = Reads(points)
        is_again = self._shown.get(tab) is running
        if tab in self._ways:
            reads.way, reads.by, span = self._ways[tab]
            reads.span = span if is_again else None
        self._shown[tab] = running
        self._answers[tab] = _Answer(running, order, reads)
        # The first click is not to wait for what half a million reads are looked up by.
        QThreadPool.globalInstance().start(points.prepare)
        if self.tab is tab:
            self._show_reads()
            if not is_again:  # in another order the reads lie where they lay
                self.show_all()
            if total > len(points):
                self._panel.say(f"The map shows {len(points):,} of {several(total, 'read')}.")

    def show_all(self) -> None:
        """Show everything that was found, once, when it has come: it was asked for."""
        reads, view = self._scene.reads, self._panel.view
        bounds = reads.points.bounds() if reads is not None else None
        if bounds is not None and view is not None:
            view.fit(*bounds, most_zoom=13)

    def no_fix_rows(self) -> list[int]:
        """Return the rows in front that have no place."""
        reads = self._scene.reads
        return [] if reads is None else reads.points.no_fix[1].tolist()

    # ------------------------------------------------------------------ chosen, both ways

    def rows_at(self, place: Position, zoom: float) -> list[int]:
        """Return the rows of the reads that lie at a spot and are drawn, the nearest first."""
        reads = self._scene.reads
        if reads is None:
            return []
        return list(reads.points.near(place, 8.0, zoom, reads.mask, MOST_AT_A_SPOT))

    def choose_row(self, row: int) -> None:
        """Choose a row of the table, from the map."""
        tab = self.tab
        if tab is None:
            return
        table = tab.results.table
        index = tab.results.model.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag
        table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        table.scrollTo(index)

    def _on_row(self, tab: SearchTab, row: int) -> None:
        """A row was chosen: mark its read, and draw where that vehicle was."""
        reads = self._scene.reads
        if tab is not self.tab or reads is None:
            return
        if row < 0 and not self._scene.chosen.rings:
            return  # no row is chosen: what is marked of the live hits stays
        points = reads.points
        cameras = self._scene.chosen.cameras
        if not 0 <= row < len(points) or not points.has_fix[row]:
            self._scene.set_chosen(Chosen(self._scene.chosen.card, (), cameras))
            self._scene.set_journey(())
            if 0 <= row < len(points):
                self._panel.say("The chosen read has no position.")
            return
        place = Position(float(points.latitude[row]), float(points.longitude[row]))
        self._scene.set_chosen(Chosen("", (place,), cameras))
        self._scene.set_journey(_stops(points, row))
        seen = int(np.count_nonzero(points.vehicle == points.vehicle[row]))
        if seen > MOST_STOPS:
            self._panel.say(f"This vehicle has {seen:,} reads here: too many to draw as a journey.")

    # ------------------------------------------------------------------ area and cameras

    def _show_area(self) -> None:
        tab = self.tab
        if tab is None:
            return
        form = tab.panel.place
        try:
            area = form.area()
        except QueryRefused:
            area = None
        if area != self._scene.area:
            self._scene.set_area(area)
        picked = frozenset(str(camera) for camera in form.cameras)
        chosen = self._scene.chosen
        if picked != chosen.cameras:
            self._scene.set_chosen(Chosen(chosen.card, chosen.rings, picked))

    def set_area(self, area: Area | None) -> bool:
        """Make a drawn area the place of the question; False where there is no question."""
        tab = self.tab
        if tab is None:
            return False
        tab.panel.place.set_area(area)
        # Said again though it is the same: the handles may stand elsewhere than the area does.
        self._scene.set_area(area)
        return True

    def pick(self, camera: str) -> bool:
        """Ask for a camera, or no longer; False where there is no question."""
        tab = self.tab
        if tab is None:
            return False
        form = tab.panel.place
        known: dict[str, CameraId] = {str(c.camera_id): c.camera_id for c in form.known}
        camera_id = known.get(camera)
        if camera_id is None:
            return False
        wanted = list(form.cameras)
        if camera_id in wanted:
            wanted.remove(camera_id)
        else:
            wanted.append(camera_id)
        form.set_cameras(wanted)
        return True


def _stops(points: MapPoints, row: int) -> list[Stop]:
    """Return where the vehicle of a row was, in the order of time; none when it is one place."""
    rows = np.flatnonzero((points.vehicle == points.vehicle[row]) & points.has_fix)
    if not 1 < len(rows) <= MOST_STOPS:
        return []
    rows = rows[np.argsort(points.at[rows], kind="stable")]
    times = [datetime.fromtimestamp(int(points.at[i]) / 1e6, UTC) for i in rows.tolist()]
    form = "%H:%M" if times[0].date() == times[-1].date() else "%d %b %H:%M"
    return [
        Stop(Position(float(points.latitude[i]), float(points.longitude[i])), at.strftime(form))
        for i, at in zip(rows.tolist(), times, strict=True)
    ]
