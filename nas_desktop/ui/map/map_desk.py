"""The map in the window: what it shows of which workspace, and what a shape or key on it means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog
from shiboken6 import isValid

from nas_desktop.domain.access import Operator, Right, may
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import Area, QueryRefused
from nas_desktop.domain.spec import Spec
from nas_desktop.services.cards import CardId
from nas_desktop.services.map_link import CameraAnswer, MapLink
from nas_desktop.services.map_tiles import TileFiles
from nas_desktop.services.ports import Clock
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.map.about_dialog import AboutDialog
from nas_desktop.ui.map.answer_marks import AnswerMarks
from nas_desktop.ui.map.area_dialog import AreaDialog
from nas_desktop.ui.map.drawn_areas import (
    DEFAULT_WIDTH_M,
    area_of_drawn,
    bounds_of_area,
    bounds_of_places,
)
from nas_desktop.ui.map.live_marks import LiveMarks
from nas_desktop.ui.map.map_choice import CHROMIUM_KEY
from nas_desktop.ui.map.map_dock import MapDock
from nas_desktop.ui.map.map_panel import MapPanel
from nas_desktop.ui.map.map_rows import MapRows
from nas_desktop.ui.map.map_view import Click, Drawn
from nas_desktop.ui.map.picture_dialog import PictureDialog
from nas_desktop.ui.map.scene import CameraMark, MapScene
from nas_desktop.ui.map.tile_desk import MAP_SUFFIXES, TileDesk
from nas_desktop.ui.marked_dialog import put_marking
from nas_desktop.ui.theme import Look

if TYPE_CHECKING:
    from nas_desktop.ui.workspace_stack import WorkspaceStack

CAMERAS_MS = 20_000
"""How often the states of cameras are asked while the map is seen."""


class MapDesk(QObject):
    """Owns the map; everything it says goes to the hit list, the search in front, or a dialog."""

    def __init__(
        self,
        pages: WorkspaceStack,
        bridge: Bridge,
        spec: Spec,
        clock: Clock,
        look: Look,
        settings: QSettings,
        link: MapLink | None = None,
        tiles: TileFiles | None = None,
    ) -> None:
        super().__init__(pages)
        self._pages, self._bridge, self.clock = pages, bridge, clock
        self.link, self.look, self._settings = link, look, settings
        self.scene = MapScene(look)
        self.panel = MapPanel(self.scene, clock, look, settings)
        self.dock = MapDock(pages, self.panel, bridge, look, settings)
        self.frame = self.dock.frame
        self.live = LiveMarks(bridge, spec, self.scene, self.panel)
        self.live.is_wanted = self.panel.isVisible
        self.answer = (
            AnswerMarks(bridge, pages.search, self.scene, self.panel)
            if pages.search is not None
            else None
        )
        self.rows = MapRows(bridge, spec, self.scene, self.panel, self.live, self.answer, look)
        self.tiles = TileDesk(tiles, bridge, self.scene, self.panel)
        self.dialogs: dict[str, QDialog] = {}
        self.problem = ""
        self._is_asking = False
        self._timer = QTimer(self, interval=CAMERAS_MS)
        self._timer.timeout.connect(self._ask_cameras)
        self._connect()

    def _connect(self) -> None:
        panel, bridge, pages = self.panel, self._bridge, self._pages
        panel.view_made.connect(self._on_view)
        panel.form_wanted.connect(self.show_form)
        panel.clear_wanted.connect(lambda: self.take_area(None))
        panel.export_wanted.connect(self.show_export)
        panel.about_wanted.connect(self.show_about)
        panel.float_wanted.connect(self.dock.toggle_float)
        panel.chosen_wanted.connect(self.show_chosen)
        panel.left.connect(self._leave)
        panel.dropped.connect(self._on_dropped)
        self.rows.card_chosen.connect(self._choose_card)
        self.rows.row_chosen.connect(self._choose_row)
        pages.live.hits.card_chosen.connect(self.live.choose)
        pages.currentChanged.connect(lambda _at: self._on_page())
        bridge.operator_changed.connect(self._on_operator)
        self.dock.shown.connect(self._on_shown)
        self.dock.hidden.connect(self._on_hidden)

    # ------------------------------------------------------------------ for the window

    def begin(self) -> None:
        """The window has its size: show the map where it was left open."""
        self.dock.begin()

    def toggle(self) -> None:
        """Show the map and put the keyboard into it; again: put it away."""
        is_shown = not self.dock.dock.isHidden()
        self.dock.set_wanted(not is_shown)
        if is_shown:
            self._leave()
        else:
            self.panel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.look = look
        self.dock.set_look(look)
        self.panel.set_look(look)
        self.rows.list.set_look(look)
        self.live.show_now()

    def save_layout(self) -> None:
        """Keep where the map stands."""
        self.dock.save_layout()

    def end(self) -> None:
        """Put everything away; the window closes."""
        self._timer.stop()
        self._close_dialogs()
        self.panel.end()
        self.tiles.end()
        self.dock.dock.close()

    def actions(self) -> list[QAction]:
        """Return the map's own commands, for the palette."""
        return list(self.panel.bar.actions_by_name.values())

    @property
    def uses_chromium(self) -> bool:
        """True unless the operator or the force has switched Chromium off."""
        return str(self._settings.value(CHROMIUM_KEY, "true")) != "false"

    def set_chromium(self, is_on: bool) -> None:
        """Have Chromium draw the map, or not, from the next start on."""
        self._settings.setValue(CHROMIUM_KEY, "true" if is_on else "false")

    # ------------------------------------------------------------------ who and where

    def _on_operator(self) -> None:
        self.scene.forget_person()
        self.panel.forget()
        if self.answer is not None:
            self.answer.forget()
        self.dock.judge()

    def _on_shown(self) -> None:
        self._timer.start()
        self.tiles.begin()
        self.live.show_now()
        self._ask_cameras()
        self._on_page()

    def _on_hidden(self) -> None:
        self._timer.stop()
        self.rows.list.forget()
        self._close_dialogs()
        # Out of sight is out of the page, too; the board and the tabs have all of it still.
        self.scene.forget()

    def _on_page(self) -> None:
        self.rows.list.forget()
        if self.answer is not None and self.panel.isVisible():
            self.answer.set_shown(self._pages.is_search_in_front)
        self.rows.show_count()

    def _leave(self) -> None:
        """Give the keyboard back to the list or the rows."""
        self.rows.list.forget()
        if self._pages.is_search_in_front and self._pages.search is not None:
            self._pages.search.tab.results.table.setFocus()
        else:
            self._pages.live.hits.setFocus()

    def _ask_cameras(self) -> None:
        if self.link is None or not self.panel.isVisible() or self._is_asking:
            return
        operator = self._bridge.operator
        # Who may not search is not told where cameras stand (domain facts 8.4).
        if operator is not None and may(operator.roles, Right.SEARCH) and self._bridge.is_linked:
            self._is_asking = True
            self._bridge.run(self._learn_cameras(self.link, operator), "map-cameras")

    async def _learn_cameras(self, link: MapLink, asked_by: Operator) -> None:
        try:
            answer = await link.cameras()
        except Refused as refusal:
            # The chain above says what is down; the cameras shown keep their last state.
            self.problem = refusal.words
            return
        finally:
            self._is_asking = False
        if self._bridge.operator is not asked_by or not isValid(self.panel):
            return  # the answer is for who asked, and not for a successor
        self.problem = answer.problem
        self._show_cameras(answer)

    def _show_cameras(self, answer: CameraAnswer) -> None:
        self.scene.set_cameras(
            [
                CameraMark(str(c.camera_id), c.position, str(c.status), c.alias or str(c.camera_id))
                for c in answer.states
                if c.position is not None
            ]
        )
        view = self.panel.view
        if self.scene.cameras and view is not None and not self.panel.is_touched:
            # Once, before anybody has moved it: the map begins where the cameras of this node are.
            self.panel.is_touched = True
            view.fit(*bounds_of_places(c.place for c in self.scene.cameras), most_zoom=12)

    # ------------------------------------------------------------------ clicks

    def _on_view(self) -> None:
        view = self.panel.view
        if view is not None:
            view.clicked.connect(self._on_click)
            view.drawn.connect(self._on_drawn)
            view.edited.connect(self._on_edited)
            view.ready.connect(lambda: view.draw(self.panel.tool))

    def _on_click(self, click: object) -> None:
        if not isinstance(click, Click):
            return
        if self.panel.tool != "pick":
            self.rows.take_click(click)
        elif not click.cameras:
            self.panel.say("No camera lies there.")
        elif self.answer is None or not self.answer.pick(click.cameras[0]):
            self.panel.say("Cameras are picked for a search: open Search (Ctrl+2) first.")

    def _choose_card(self, card: str) -> None:
        if self._pages.name != "live":
            self._pages.wanted.emit("live")
        self._pages.live.hits.choose(CardId(card))

    def _choose_row(self, row: int) -> None:
        if self.answer is not None:
            self.answer.choose_row(row)

    def show_chosen(self) -> None:
        """Bring what is chosen into view; without it, everything that was found."""
        view, scene = self.panel.view, self.scene
        if view is None:
            return
        self.panel.stop_following()
        places = [stop.place for stop in scene.journey] or list(scene.chosen.rings)
        mark = scene.hits.get(scene.chosen.card)
        if mark is not None:
            places.append(mark.place)
        if places:
            view.fit(*bounds_of_places(places), most_zoom=13)
        elif self.answer is not None and scene.reads is not None:
            self.answer.show_all()
        else:
            self.panel.say("Nothing is chosen that has a position.")

    # ------------------------------------------------------------------ areas

    def _on_drawn(self, drawn: object) -> None:
        self.panel.leave_tool()
        self._on_edited(drawn)

    def _on_edited(self, drawn: object) -> None:
        if not isinstance(drawn, Drawn):
            return
        try:
            area, note = area_of_drawn(drawn, self.scene.area, DEFAULT_WIDTH_M)
        except QueryRefused as refusal:
            self.panel.say(refusal.words)
            self.scene.set_area(self.scene.area)  # the handles go back to where they were
            return
        self.take_area(area)
        if note:
            self.panel.say(note)

    def take_area(self, area: Area | None) -> None:
        """Make an area the place of the question in front, or take it away."""
        if self.answer is None:
            self.panel.say("There is no search here that an area could be for.")
            return
        if area is None and self.scene.area is None:
            self.panel.say("There is no area to take away.")
            return
        if not self._pages.is_search_in_front:
            self._pages.wanted.emit("search")
        if self.answer.set_area(area):
            self.panel.say("The search looks in this area." if area else "The area is taken away.")

    def show_form(self) -> None:
        """Type an area, or read one from a file."""
        dialog = AreaDialog(self.scene.area, DEFAULT_WIDTH_M, self._bridge, self.look, self.panel)
        dialog.taken.connect(self._on_typed)
        self._open("area", dialog)

    def _on_dropped(self, path: Path) -> None:
        """A file was dropped on the map: a map file, or areas."""
        if path.suffix.lower() in MAP_SUFFIXES:
            self.tiles.install(path)
        else:
            self.show_form()
            dialog = self.dialogs["area"]
            assert isinstance(dialog, AreaDialog)
            dialog.read_file(path)

    def _on_typed(self, area: Area, note: str) -> None:
        self.take_area(area)
        view = self.panel.view
        if view is not None:
            view.fit(*bounds_of_area(area), most_zoom=14)
        if note:
            self.panel.say(note)

    # ------------------------------------------------------------------ dialogs

    def _open(self, name: str, dialog: QDialog) -> None:
        old = self.dialogs.pop(name, None)
        if old is not None and isValid(old):
            old.close()
        put_marking(dialog, self.look, is_simulation=self.is_simulation)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialogs[name] = dialog
        dialog.show()

    @property
    def is_simulation(self) -> bool:
        """True while the data are invented."""
        state = self._bridge.state
        return state is not None and state.is_simulation

    def _close_dialogs(self) -> None:
        for dialog in self.dialogs.values():
            if isValid(dialog):
                dialog.close()
        self.dialogs.clear()

    def show_export(self) -> None:
        """Write the map as a file, a picture or a PDF; reason and recipient are put on record."""
        if self.panel.view is None or self.link is None:
            self.panel.say("There is nothing to write yet.")
            return
        self.panel.leave_tool()
        tab = self.answer.tab if self.answer is not None else None
        self._open("picture", PictureDialog(self, self._bridge, tab))

    def show_about(self) -> None:
        """Say where the map is from, and what its page was refused."""
        self._open("about", AboutDialog(self.panel, self.tiles, self.problem, self.look))
