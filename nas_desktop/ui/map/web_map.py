"""The map in Chromium: one page a session, off the record, asking nobody.

WebEngine is imported here at module level: import this module only once the window stands.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QThreadPool, QTimer, QUrl, Signal
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import (
    QWebEngineProfile,
    qWebEngineChromiumVersion,
)
from PySide6.QtWebEngineWidgets import QWebEngineView
from shiboken6 import delete, isValid

from nas_desktop.domain.geo import Position
from nas_desktop.services.base_map import load_base_map
from nas_desktop.services.ports import Clock
from nas_desktop.ui.map import orders
from nas_desktop.ui.map.content import MapContent
from nas_desktop.ui.map.guard import PAGE, PageScheme, RequestGuard, register_scheme
from nas_desktop.ui.map.map_colours import hue_colours, map_look
from nas_desktop.ui.map.map_view import Click, Drawn, MapView, ViewBox
from nas_desktop.ui.map.scene import HitMark, MapScene, Part, Way
from nas_desktop.ui.map.web_page import Page, Wire, hardened

log = logging.getLogger(__name__)

HEAL_MS = 50
"""Before a page whose process ended is loaded anew; the process has to be gone first."""

START_MS = 20_000
"""For a page to be there after it was asked for; then the plain map takes its place."""

MOST_ENDS, ENDS_WITHIN_S = 5, 60.0
"""A page that ends this often in this time is given up for the plain map."""

_BROKEN = "The map's page broke down again and again."


class WebMap(MapView):
    """Chromium's view of the scene."""

    _page_made = Signal(int, str)

    def __init__(self, scene: MapScene, clock: Clock) -> None:
        super().__init__(scene)
        self._clock = clock
        self.content = MapContent()
        register_scheme()
        self.profile = QWebEngineProfile(self)  # no name: off the record, nothing on the disk
        self.guard = RequestGuard(clock, self)
        self.scheme = PageScheme(self.content, self)
        self.page = Page(self.profile, self)
        self.page.refused.connect(lambda url: self._note_refused(url, "navigation"))
        self.profile.setUrlRequestInterceptor(self.guard)
        self.profile.installUrlSchemeHandler(b"nas-map", self.scheme)
        hardened(self.profile, self.page)
        self.page.setBackgroundColor(scene.look.color("ground"))
        self.web = QWebEngineView()
        self.web.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.web.setPage(self.page)
        # A file that is dropped is the panel's: Chromium would open it.
        self.web.setAcceptDrops(False)
        self.web.setAccessibleName("Map")
        self.place.addWidget(self.web)
        self.wire = Wire()
        self.channel = QWebChannel(self.page)
        self.channel.registerObject("window", self.wire)
        self.page.setWebChannel(self.channel)
        self.wire.heard.connect(self._on_heard)
        self.page.renderProcessTerminated.connect(self._on_ended)
        self.is_ready = False
        self._ends: list[float] = []
        self._sent_hits: Mapping[str, HitMark] = {}
        self._made = self._begun = self._goes = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._page_made.connect(self._on_page)
        self._box: ViewBox | None = None
        self._goal: Mapping[str, Any] | None = None
        self.faults: list[str] = []
        self.heard_reads: dict[str, Any] = {}

    @property
    def drawn_by(self) -> str:
        version = str(qWebEngineChromiumVersion()).partition(".")[0]
        return f"Chromium {version}, off the record and without any network"

    @property
    def seen(self) -> ViewBox | None:
        return self._box

    def refused(self) -> tuple[int, list[str]]:
        noted = [
            f"{one.at:%Y-%m-%d %H:%M:%S} GMT · {one.scheme}://{one.host} · {one.what}"
            for one in self.guard.noted
        ]
        return self.guard.count, noted

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            # Chromium claims the arrow keys and others for editing; there is no text in the page.
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    # ------------------------------------------------------------------ life of the page

    def begin(self) -> None:
        tiles = self.scene.tiles
        has_vector = tiles is not None and tiles.info.kind == "vector"
        self.scheme.tiles = tiles
        self.is_ready = False
        self._begun += 1
        self._goes = 0
        made, number = self._page_made, self._begun
        # folium takes a third of a second to import, in which hits are to be painted.
        self._pool.start(lambda: made.emit(number, _page(has_vector)))
        QTimer.singleShot(START_MS, self, lambda: self._on_late(number))

    def _on_page(self, number: int, html: str) -> None:
        if number != self._begun or not isValid(self.page):
            return
        if not html:
            self.failed.emit("The library that makes the map's page, folium, is missing.")
            return
        self.content.put_page(html)
        self.page.load(QUrl(PAGE))

    def _on_late(self, number: int) -> None:
        if number == self._begun and not self.is_ready:
            self.failed.emit("Chromium did not show the map's page in time.")

    def end(self) -> None:
        self.scene.changed.disconnect(self.show_part)
        self._begun += 1
        self._pool.waitForDone()
        self.scheme.close()
        self.content.forget()
        # The page goes before its profile, and now: a program that ends may not come to it later.
        delete(self.web)
        delete(self.page)

    def _on_ended(self, _status: object, _code: int) -> None:
        """The page's process is gone: load it anew, with everything that was on it."""
        now = self._clock.monotonic()
        self._ends = [at for at in self._ends if now - at < ENDS_WITHIN_S] + [now]
        self.is_ready = False
        if len(self._ends) >= MOST_ENDS:
            # Later: whoever hears it puts this page away, in the midst of its own signal.
            QTimer.singleShot(0, self, lambda: self.failed.emit(_BROKEN))
            return
        QTimer.singleShot(HEAL_MS, self, self.begin)

    def _on_ready(self) -> None:
        was_broken = bool(self._ends)
        self.is_ready = True
        target = self.web.focusProxy()
        if target is not None:  # another one with each process of the page
            target.installEventFilter(self)
        self._sent_hits = {}
        self.show_part(Part.LOOK)
        self._say(orders.ground(load_base_map()))
        for part in Part:
            if part is not Part.LOOK and (part is not Part.HUES):
                self.show_part(part)
        goal, self._goal = self._goal, None
        if goal is not None:
            self._say(goal)
        elif self.scene.view is not None:
            self.go(*self.scene.view)
        self.ready.emit()
        if was_broken:
            self.healed.emit("The map's page broke down and is back. Hits were not affected.")

    # ------------------------------------------------------------------ the page's words

    def _say(self, *orders: Mapping[str, Any]) -> None:
        if self.is_ready:
            self.wire.said.emit(json.dumps(orders, allow_nan=False))

    def _on_heard(self, message: Mapping[str, Any]) -> None:
        try:
            self._take(message)
        except (KeyError, TypeError, ValueError) as fault:
            # A page that speaks nonsense is a broken page; the operator's work goes on.
            self._fault(f"{message.get('what')}: {type(fault).__name__}")

    def _fault(self, words: str) -> None:
        self.faults = [*self.faults[-19:], words[:300]]
        log.warning("the map's page: a fault was told")

    def _take(self, message: Mapping[str, Any]) -> None:
        match message.get("what"):
            case "ready":
                self._on_ready()
            case "view":
                self._on_view(message)
            case "pointer":
                self.pointed.emit(_position(message) if "lat" in message else None)
            case "moved_by_hand":
                self.moved_by_hand.emit()
            case "click":
                names = (_names(message.get("hits")), _names(message.get("cameras")))
                self.clicked.emit(Click(_position(message), _number(message["zoom"]), *names))
            case "drawn" | "edited" as what:
                (self.drawn if what == "drawn" else self.edited).emit(_drawn(message["area"]))
            case "reads":
                self.heard_reads = dict(message)
            case "refused":
                self._note_refused(QUrl(str(message.get("uri"))), str(message.get("by")))
            case "fault":
                self._fault(str(message.get("words")))
            case _:
                pass

    def _note_refused(self, url: QUrl, what: str) -> None:
        """Keep a note of what the page's policy, or its being locked where it is, refused."""
        self.guard.note(url.scheme() or url.toString()[:40], url.host(), what)

    def _on_view(self, message: Mapping[str, Any]) -> None:
        if _number(message.get("number", 0)) < self._goes:
            return  # of before it was sent elsewhere
        box = ViewBox(
            _position(message),
            *(_number(message[key]) for key in ("zoom", "south", "west", "north", "east")),
        )
        self._box = box
        self.scene.view = (box.middle, box.zoom)
        self._show_grid(box)
        self.moved.emit(box)

    def _show_grid(self, box: ViewBox) -> None:
        if self.scene.options.grid:
            self._say(orders.grid(box))

    # ------------------------------------------------------------------ the scene's parts

    def show_part(self, part: object) -> None:
        if not self.is_ready:
            return
        if part is Part.TILES:
            self._show_tiles()
            return
        shows: dict[Part, Callable[[], Mapping[str, Any] | None]] = {
            Part.LOOK: self._look,
            Part.HITS: self._hits,
            Part.CAMERAS: lambda: orders.cameras(self.scene),
            Part.JOURNEY: lambda: orders.journey(self.scene),
            Part.CHOSEN: lambda: orders.chosen(self.scene),
            Part.READS: self._reads,
            Part.HUES: self._hues,
            Part.SPAN: lambda: orders.span(self.scene.reads),
            Part.WAY: self._way,
            Part.AREA: lambda: orders.area(self.scene.area, edits=self.scene.edits_area),
            Part.OPTIONS: self._options,
        }
        assert isinstance(part, Part)
        order = shows[part]()
        if order is not None:
            self._say(order)
        if part is Part.LOOK:
            self._show_palette()
            self._sent_hits = {}
            self._say(self._hits())

    def _show_tiles(self) -> None:
        tiles = self.scene.tiles
        if tiles is not self.scheme.tiles:
            self.begin()  # another file may need other scripts
            return
        info = tiles.info if tiles is not None else None
        self._say(
            {
                "do": "tiles",
                "kind": info.kind if info else "",
                "min_zoom": info.min_zoom if info else 0,
                "max_zoom": info.max_zoom if info else 0,
                "layers": list(info.layers) if info else [],
            }
        )

    def _look(self) -> Mapping[str, Any]:
        self.page.setBackgroundColor(self.scene.look.color("ground"))
        return {"do": "look", "look": map_look(self.scene.look)}

    def _hits(self) -> Mapping[str, Any]:
        hits = self.scene.hits
        for mark in hits.values():
            paint = self.scene.symbols.get(mark.symbol)
            if paint is not None:
                self.content.put_symbol(mark.symbol, paint)
        order = orders.hits(hits, self._sent_hits)
        self._sent_hits = dict(hits)
        return order

    def _reads(self) -> Mapping[str, Any]:
        reads = self.scene.reads
        if reads is None:
            self.content.forget()
            return {"do": "reads", "name": ""}
        self._made += 1
        name = f"reads/{self._made}"
        self.content.put(name, orders.packed_reads(reads))
        self._show_palette()
        self._say(orders.span(reads), self._way())
        return {"do": "reads", "name": name}

    def _hues(self) -> Mapping[str, Any] | None:
        reads = self.scene.reads
        if reads is None:
            return None
        self._made += 1
        self.content.put(f"hues/{self._made}", reads.hues.astype(np.uint8).tobytes())
        self._show_palette()
        return {"do": "hues", "name": f"hues/{self._made}"}

    def _show_palette(self) -> None:
        reads = self.scene.reads
        if reads is not None:
            self._say({"do": "palette", "colours": hue_colours(reads.by, self.scene.look)})

    def _way(self) -> Mapping[str, Any]:
        reads = self.scene.reads
        return {"do": "way", "way": str(reads.way if reads is not None else Way.DOTS)}

    def _options(self) -> Mapping[str, Any]:
        if self._box is not None:
            self._show_grid(self._box)
        return {"do": "options", "options": asdict(self.scene.options)}

    # ------------------------------------------------------------------ moving and drawing

    def go(self, place: Position, zoom: float | None = None) -> None:
        self.scene.view = (place, zoom or (self.scene.view[1] if self.scene.view else 6.0))
        self._goes += 1
        where = {"lat": place.latitude, "lon": place.longitude, "number": self._goes}
        self._say({"do": "go", **where, "zoom": zoom or 0})

    def fit(self, south_west: Position, north_east: Position, most_zoom: float = 14) -> None:
        self._goes += 1
        where = {"box": [list(south_west), list(north_east)], "number": self._goes}
        order = {"do": "go", **where, "zoom": most_zoom}
        self._goal = None if self.is_ready else order  # a page that is not there yet begins there
        self._say(order)

    def zoom_by(self, steps: float) -> None:
        self._say({"do": "zoom", "by": steps})

    def pan_by(self, x: int, y: int) -> None:
        self._say({"do": "pan", "x": x, "y": y})

    def draw(self, tool: str) -> None:
        self._say({"do": "draw", "tool": tool})
        if not tool:
            self.show_part(Part.AREA)  # it was taken off while another was drawn

    def renew(self) -> None:
        self.content.forget()
        self.begin()


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("no number")
    return number


def _position(message: Mapping[str, Any]) -> Position:
    return Position(_number(message["lat"]), _number(message["lon"]))


def _names(value: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else ()


def _drawn(value: Any) -> Drawn:
    points = tuple((_number(lat), _number(lon)) for lat, lon in value["points"])
    radius = value.get("radius_m")
    return Drawn(str(value["kind"]), points, None if radius is None else _number(radius))


def _page(has_vector: bool) -> str:
    """Return the page, or nothing where it cannot be made; on a thread of its own."""
    try:
        from nas_desktop.ui.map.page import page_html
    except ImportError:
        return ""
    return page_html(has_vector_tiles=has_vector)
