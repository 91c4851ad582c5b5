"""The map with its tools: bar above, time, legend and place below; the view in the middle."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QLabel,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.geo import Position
from nas_desktop.services.ports import Clock
from nas_desktop.ui.map.legend_view import LegendView
from nas_desktop.ui.map.map_bar import COLOURS, HINTS, WAYS, MapBar
from nas_desktop.ui.map.map_choice import make_view
from nas_desktop.ui.map.map_colours import hue_colours
from nas_desktop.ui.map.map_foot import MapFoot
from nas_desktop.ui.map.map_view import LEAST_ZOOM, PAN_PX, MapView
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.map.scene import MapScene, Part, Way
from nas_desktop.ui.map.span_bar import SpanBar
from nas_desktop.ui.theme import Look

SAID_MS = 8_000
"""How long a word on the map stands."""

SIDE_BY_SIDE_PX = 640
"""Width, at 100 %, from which lists stand beside the view and not below it."""

LEAST_FOR_LEGEND_PX, LEAST_FOR_SPAN_PX = 460, 300
"""Heights, at 100 %, from which the legend and the bar of time are shown below the view."""

WHOLE = (Position(49.9, -8.2), Position(59.4, 1.8))
"""What the whole map shows: England, Wales, Scotland, Northern Ireland."""


class MapPanel(QWidget):
    """Tools, view and words of one map.

    The view is made when the panel is seen for the first time, and never before.

    Signals:
        view_made: there is a view to listen to.
        tool_changed(str): a drawing tool was taken up, or an empty string.
        no_fix_wanted, form_wanted, clear_wanted, export_wanted, about_wanted, float_wanted,
        chosen_wanted, left: a button or key of that name.
        dropped(Path): a file was dropped on the map.
    """

    view_made = Signal()
    tool_changed = Signal(str)
    no_fix_wanted = Signal()
    form_wanted = Signal()
    clear_wanted = Signal()
    export_wanted = Signal()
    about_wanted = Signal()
    float_wanted = Signal()
    chosen_wanted = Signal()
    left = Signal()
    dropped = Signal(object)

    def __init__(
        self, scene: MapScene, clock: Clock, look: Look, settings: QSettings | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("mapPanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.scene, self._clock, self._look, self._settings = scene, clock, look, settings
        self.view: MapView | None = None
        self.tool = ""
        self.is_following = self.is_touched = False
        self.is_allowed = True
        """False while nobody may see the map: no view is made then."""
        self.bar = MapBar(look)
        self.said = QLabel()
        self.said.setObjectName("mapSaid")
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.hide()
        self.span = SpanBar(look)
        self.legend = LegendView(look)
        self.foot = MapFoot()
        self.where, self.legs, self.no_fix = self.foot.where, self.foot.legs, self.foot.no_fix
        self._why = ""
        self._hush = QTimer(self, singleShot=True, interval=SAID_MS)
        self._hush.timeout.connect(lambda: self._show_said(self._why))
        self._build()
        self.bar.make(self, self._slots())
        self.bar.way.activated.connect(lambda _at: self._on_way(self.bar.way.currentData()))
        self.bar.colour.activated.connect(
            lambda _at: self.scene.set_colour(self.bar.colour.currentData())
        )
        self.span.span_changed.connect(scene.set_span)
        self.no_fix.clicked.connect(lambda _checked=False: self.no_fix_wanted.emit())
        scene.changed.connect(self._on_part)
        self.set_look(look)
        self._show_reads()
        self._show_switches()

    def _build(self) -> None:
        middle = QWidget()
        self._stack = QStackedLayout(middle)
        self._waiting = QLabel("The map is being made ready…")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._waiting.setProperty("role", "second")
        self._stack.addWidget(self._waiting)
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.said)
        self._middle = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._middle.setSpacing(0)
        self._middle.addWidget(middle, 1)
        layout.addLayout(self._middle, 1)
        for part in (self.span, self.legend, self.foot):
            layout.addWidget(part)

    def _slots(self) -> dict[str, Callable[[], object]]:
        def moved(x: int, y: int) -> None:
            if self.view is not None:
                self.stop_following()
                self.view.pan_by(x, y)

        def zoomed(steps: float) -> None:
            if self.view is not None:
                self.is_touched = True
                self.view.zoom_by(steps)

        return {
            **{
                tool: partial(self.take_tool, tool)
                for tool in ("box", "polygon", "circle", "corridor", "pick")
            },
            "form": self.form_wanted.emit,
            "clear": self.clear_wanted.emit,
            "follow": self._on_follow,
            "home": self.show_whole,
            "closer": lambda: zoomed(1),
            "farther": lambda: zoomed(-1),
            "chosen": self.chosen_wanted.emit,
            **{
                name: partial(self._on_switch, name)
                for name in ("labels", "grid", "cameras", "marks", "dim")
            },
            "way": self._on_next_way,
            "colour": self._on_next_colour,
            "no_fix": self.no_fix_wanted.emit,
            "export": self.export_wanted.emit,
            "about": self.about_wanted.emit,
            "float": self.float_wanted.emit,
            "up": lambda: moved(0, -PAN_PX),
            "down": lambda: moved(0, PAN_PX),
            "left": lambda: moved(-PAN_PX, 0),
            "right": lambda: moved(PAN_PX, 0),
            "leave": self._on_leave,
        }

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        for part in (self.bar, self.span, self.legend):
            part.set_look(look)
        self.foot.set_look(look)
        self.said.setContentsMargins(look.px(10), look.px(4), look.px(10), look.px(4))
        self.setMinimumWidth(look.px(250))
        self.scene.set_look(look)

    def put_above(self, part: QWidget) -> None:
        """Give something its place above the tools: the marking, where the map is apart."""
        self._layout.insertWidget(0, part)

    def put_beside(self, part: QWidget) -> None:
        """Give a list its place beside the view, or below it where the map is narrow."""
        self._middle.addWidget(part)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        way = QBoxLayout.Direction
        is_wide = self.width() >= self._look.px(SIDE_BY_SIDE_PX)
        self._middle.setDirection(way.LeftToRight if is_wide else way.TopToBottom)
        # The map itself comes first where there is little room.
        self._shed_room()

    def _shed_room(self) -> None:
        high, reads = self.height(), self.scene.reads
        has_reads = reads is not None and len(reads.points) > 0
        self.span.setVisible(has_reads and high >= self._look.px(LEAST_FOR_SPAN_PX))
        self.legend.setVisible(
            self.legend.has_entries and high >= self._look.px(LEAST_FOR_LEGEND_PX)
        )

    @property
    def why(self) -> str:
        """Why the plain map is drawn; empty where Chromium draws it."""
        return self._why

    # ------------------------------------------------------------------ the view

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.view is None and self.is_allowed:
            # The hit list is painted first: making the view takes longer than a paint may.
            QTimer.singleShot(0, self, self.make_view)

    def make_view(self) -> None:
        """Make the view, if there is none."""
        if self.view is None and self.isVisible() and self.is_allowed:
            view, why = make_view(self.scene, self._clock, self._settings)
            self._put(view, why)

    def _put(self, view: MapView, why: str) -> None:
        old, self.view = self.view, view
        if old is not None:
            self._stack.removeWidget(old)
            old.end()
            old.deleteLater()
        self._why = why
        self._show_said(why)
        view.ready.connect(lambda: self._stack.setCurrentWidget(view))
        view.pointed.connect(self.foot.show_pointed)
        view.moved.connect(self.foot.show_moved)
        view.moved_by_hand.connect(self.stop_following)
        view.failed.connect(self._on_failed)
        view.healed.connect(self.say)
        self._stack.addWidget(view)
        self.setFocusProxy(view)
        self.view_made.emit()
        view.begin()
        if self.scene.view is None:
            view.fit(*WHOLE, most_zoom=LEAST_ZOOM + 1)

    def _on_failed(self, why: str) -> None:
        """Chromium cannot go on: the plain map takes its place with all that was on it."""
        self._put(PlainMap(self.scene), f"{why} Plain map from now on.")

    def end(self) -> None:
        """Put the view away; the window closes."""
        view, self.view = self.view, None
        if view is not None:
            view.end()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _file_of(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _file_of(event.mimeData())
        if path is not None and self.is_allowed:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def forget(self) -> None:
        """Begin as at first: somebody else is there, or nobody."""
        if self.tool:
            self.take_tool(self.tool)
        self.is_following = self.is_touched = False
        self._show_switches()
        self._show_said(self._why)
        self.where.clear()
        if self.view is not None:
            self.view.renew()
            self.view.fit(*WHOLE, most_zoom=LEAST_ZOOM + 1)

    # ------------------------------------------------------------------ words

    def say(self, words: str) -> None:
        """Say something for a few seconds above the map."""
        self._show_said(words)
        self._hush.start()

    def _show_said(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))

    @property
    def no_fix_count(self) -> int:
        """How many hits and reads have no place on the map."""
        return self.foot.no_fix_count

    def show_no_fix(self, count: int) -> None:
        """Say how many hits and reads have no place on the map; they are listed beside it."""
        self.foot.show_no_fix(count)

    def _on_part(self, part: object) -> None:
        if part in (Part.READS, Part.HUES, Part.WAY, Part.LOOK):
            self._show_reads()
        elif part is Part.JOURNEY:
            self.foot.show_legs(has_journey=len(self.scene.journey) > 1)
        elif part is Part.OPTIONS:
            self._show_switches()

    def _show_reads(self) -> None:
        reads = self.scene.reads
        has_reads = reads is not None and len(reads.points) > 0
        if reads is None or not has_reads:
            self.legend.show_entries(())
        else:
            at = reads.points.at
            self.span.set_whole(int(at.min()), int(at.max()), reads.span)
            self.bar.way.setCurrentIndex(list(WAYS).index(reads.way))
            self.bar.colour.setCurrentIndex(list(COLOURS).index(reads.by))
            colours = hue_colours(reads.by, self._look)
            entries = [(colours[min(n, len(colours) - 1)], words) for n, words in reads.legend]
            self.legend.show_entries(entries if reads.way is Way.DOTS else ())
        self.bar.show_reads(has_reads=has_reads)
        self._shed_room()

    # ------------------------------------------------------------------ tools

    def take_tool(self, tool: str) -> None:
        """Take up a drawing tool; the same one again puts it away."""
        self.tool = "" if tool == self.tool else tool
        self.bar.show_tool(self.tool)
        if self.view is not None:
            self.view.draw(self.tool)
        self._hush.stop()  # the hint stands as long as the tool is in hand
        self._show_said(HINTS.get(self.tool, self._why))
        self.tool_changed.emit(self.tool)

    def leave_tool(self) -> None:
        """Put the drawing tool away."""
        if self.tool:
            self.take_tool(self.tool)

    def _on_leave(self) -> None:
        if self.tool:
            self.leave_tool()
        else:
            self.left.emit()

    def _on_follow(self) -> None:
        self.is_following = not self.is_following
        self._show_switches()
        self.say(
            "Following: the map goes to each new hit until you move it."
            if self.is_following
            else "Not following."
        )

    def stop_following(self) -> None:
        """The operator moved the map: it stays where it was put."""
        self.is_touched = True
        if self.is_following:
            self.is_following = False
            self._show_switches()
            self.say("Not following any more: you moved the map. F follows again.")

    def show_whole(self) -> None:
        """Show all of the map."""
        self.stop_following()
        if self.view is not None:
            self.view.fit(*WHOLE, most_zoom=LEAST_ZOOM + 1)

    def _on_switch(self, name: str) -> None:
        self.scene.switch(name)

    def _show_switches(self) -> None:
        actions, options = self.bar.actions_by_name, self.scene.options
        for name in ("labels", "grid", "cameras", "marks", "dim"):
            actions[name].setChecked(bool(getattr(options, name)))
        actions["follow"].setChecked(self.is_following)

    def _on_way(self, way: Way) -> None:
        self.scene.set_way(way)

    def _on_next_way(self) -> None:
        reads = self.scene.reads
        if reads is not None:
            ways = list(WAYS)
            self._on_way(ways[(ways.index(reads.way) + 1) % len(ways)])

    def _on_next_colour(self) -> None:
        reads = self.scene.reads
        if reads is not None:
            kinds = list(COLOURS)
            self.scene.set_colour(kinds[(kinds.index(reads.by) + 1) % len(kinds)])


def _file_of(data: QMimeData) -> Path | None:
    """Return the one file that is dropped; None for anything else."""
    urls = data.urls() if data.hasUrls() else []
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
