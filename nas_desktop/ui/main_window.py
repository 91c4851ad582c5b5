"""The window: what stands where, and who is told of what.

Top to bottom: marking, counters and clock, the chain, banners, the live workspace or the sign-in
page, a message strip, the plots. It owns no state of the node: everything comes from the bridge.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from nas_desktop.domain.access import Operator
from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.services.audit_ports import AuditLink
from nas_desktop.services.desks import DeskLink
from nas_desktop.services.events import NodeState
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.map_link import MapLink
from nas_desktop.services.map_tiles import TileFiles
from nas_desktop.services.ports import Clock, ListLink, NodeLink
from nas_desktop.services.searches import SearchLink
from nas_desktop.services.sheets import SheetLink
from nas_desktop.ui.actions import make_actions
from nas_desktop.ui.arrival_watch import ArrivalWatch
from nas_desktop.ui.ask import ask_to_close
from nas_desktop.ui.bridge import Bridge, Spawn
from nas_desktop.ui.deeds import BUTTONS, due_deed, possible_deeds
from nas_desktop.ui.desk_tools import DeskTools
from nas_desktop.ui.dialogs.connectivity_dialog import ConnectivityDialog
from nas_desktop.ui.dialogs.keys_overlay import KeysOverlay
from nas_desktop.ui.fonts import load_fonts
from nas_desktop.ui.idle_lock import WindowLock
from nas_desktop.ui.live.banners import BannerStack, NoticeStrip
from nas_desktop.ui.live.chain_view import ChainView
from nas_desktop.ui.live.list_strip import ListStrip
from nas_desktop.ui.live.plot_strip_view import PlotStrip
from nas_desktop.ui.live.top_bar import MarkingView, TopBar
from nas_desktop.ui.map.map_desk import MapDesk
from nas_desktop.ui.pnc_words import window_banners
from nas_desktop.ui.remembered import remember_look, remembered_look, restore_geometry
from nas_desktop.ui.sound.sound_desk import SoundDesk
from nas_desktop.ui.text import STALE_S
from nas_desktop.ui.theme import SCALE_STEP, Look
from nas_desktop.ui.workspace_stack import WORKSPACES, Links, WorkspaceStack

SMALLEST = (960, 600)
MANY_ROWS = 500
_MENU = (
    WORKSPACES,
    ("map", "connectivity", "palette", "keys", "preferences"),
    ("handover", "exercise"),
    ("sound", "theme", "larger", "smaller", "normal_size"),
    ("lock", "lock_after", "sign_out", "close"),
)


class MainWindow(QMainWindow):
    """The one window of NAS Desktop.

    Signals:
        close_requested: the operator wants to close; the app ends the link and the node and then
            calls ``leave``.
    """

    close_requested = Signal()

    def __init__(
        self,
        bridge: Bridge,
        board: HitBoard,
        link: NodeLink,
        spawn: Spawn,
        clock: Clock,
        spec: Spec,
        settings: QSettings,
        lists: ListLink | None = None,
        searches: SearchLink | None = None,
        audit: AuditLink | None = None,
        desks: DeskLink | None = None,
        sheets: SheetLink | None = None,
        maps: MapLink | None = None,
        tiles: TileFiles | None = None,
    ) -> None:
        super().__init__()
        load_fonts()
        self.bridge = bridge
        self._board = board
        self._link = link
        self._spawn = spawn
        self._clock = clock
        self._spec = spec
        self._settings = settings
        self._late, self._sheets = 0, sheets
        self._is_leaving = self._is_asking = False
        self._shown_state: NodeState | None = None
        self.look = remembered_look(settings)
        # Before any widget is made: a styled widget keeps the family it was made with.
        QApplication.setFont(self.look.font(13))
        self.setStyleSheet(self.look.style_sheet())
        self.setObjectName("mainWindow")
        self.setMinimumSize(*SMALLEST)
        self._build(Links(lists, searches, audit, desks), maps, tiles)
        self._connect()
        self._apply_look()
        restore_geometry(settings, self)
        self.pages.restore_layout(settings)
        self._show_operator()
        self._show_state()
        self._ticker = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._ticker.timeout.connect(self._tick)
        self._tick()

    # ------------------------------------------------------------------ for the app

    def sign_in_as(self, operator: Operator) -> None:
        """Show the board to an operator who has been signed in elsewhere (the demo does)."""
        self.bridge.set_operator(operator)

    def save_picture(self, path: Path | str) -> bool:
        """Save what the window shows; that counts as nobody having seen it."""
        with self.bridge.photographed():
            return self.grab().save(str(path))

    def leave(self) -> None:
        """Remember the layout and close for good."""
        self._is_leaving = True
        self.save_layout()
        self._ticker.stop()
        self.lock.stop()
        self.page.reporter.stop()
        self.sounds.stop()
        self.map.end()
        self.bridge.stop()
        self.close()

    def save_layout(self) -> None:
        """Keep geometry and splitter for the next start; theme and size are kept when set."""
        self._settings.setValue("window/geometry", self.saveGeometry())
        self.tools.save_layout()
        self.map.save_layout()
        self.pages.save_layout(self._settings)

    # ------------------------------------------------------------------ making

    def _build(self, links: Links, maps: MapLink | None, tiles: TileFiles | None) -> None:
        look, bridge, clock, spec = self.look, self.bridge, self._clock, self._spec
        self.marking, self.top_bar = MarkingView(look), TopBar(look)
        self.chain, self.banners = ChainView(look), BannerStack(look)
        self.list_strip = ListStrip(self.bridge, look)
        self.pages = WorkspaceStack(bridge, links, clock, spec, look, self._settings)
        self.page, self.sign_in_page = self.pages.live, self.pages.sign_in
        self.lists_page, self.search_page = self.pages.lists, self.pages.search
        self.audit_page = self.pages.audit
        self.tools = DeskTools(self.page, bridge, spec, look, self._sheets, self._settings)
        self.map = MapDesk(self.pages, bridge, spec, clock, look, self._settings, maps, tiles)
        self.notice = NoticeStrip(look)
        self._arrivals = ArrivalWatch(self.bridge, self.page, self.notice, self._spec)
        self.plots = PlotStrip(look)
        self.lock = WindowLock(self, bridge, self._settings, self.pages.lock)
        self.sounds = SoundDesk(bridge, self.page, self._settings, self.chain, self.show_workspace)
        centre = QWidget()
        centre.setObjectName("centre")
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.marking, self.top_bar, self.sounds.row, self.banners, self.list_strip):
            layout.addWidget(part)
        layout.addWidget(self.map.frame, 1)
        layout.addWidget(self.notice)
        layout.addWidget(self.plots)
        self.setCentralWidget(centre)
        self.keys = KeysOverlay(centre, look)
        self.connectivity = ConnectivityDialog(self.bridge, self)
        self.actions_by_name = make_actions(
            self,
            (self.page.hits, self.page.detail),
            {
                "acknowledge": self._on_acknowledge,
                **self.page.deed_slots(),
                "next_hit": self.page.choose_next,
                **self.tools.slots,
                "possible": self.page.hits.toggle_possible,
                "top": self.page.hits.go_to_top,
                "theme": self._on_next_theme,
                "larger": lambda: self._set_scale(self.look.scale + SCALE_STEP),
                "smaller": lambda: self._set_scale(self.look.scale - SCALE_STEP),
                "normal_size": lambda: self._set_scale(1.0),
                **{name: partial(self.show_workspace, name) for name in WORKSPACES},
                "map": self.map.toggle,
                "connectivity": self.connectivity.begin,
                "keys": self.keys.toggle,
                **self.sounds.slots,
                "lock": self.lock.lock,
                "sign_out": self._on_sign_out,
                "close": self.close,
            },
        )
        named = self.actions_by_name
        self.top_bar.set_workspaces([named[name] for name in WORKSPACES])
        self.page.add_buttons([(key, words, named[name]) for key, words, name in BUTTONS])
        listed = {**named, "lock_after": self.lock.after_action, "sound": self.sounds.menu_action}
        self.top_bar.set_menu([[listed[name] for name in group] for group in _MENU])

    def _connect(self) -> None:
        bridge = self.bridge
        bridge.state_changed.connect(self._show_state)
        bridge.operator_changed.connect(self._show_operator)
        bridge.lock_changed.connect(self._show_lock)
        bridge.notice.connect(self.notice.say)
        self.tools.begin(self)
        self.pages.wanted.connect(self.show_workspace)
        self.lock.sign_out_wanted.connect(self._on_sign_out)
        # The page speaks up after every drain, so that counters and buttons follow it once.
        self.page.choice_changed.connect(self._show_counts)
        self.page.choice_changed.connect(self._show_due)
        self.top_bar.tier_chosen.connect(self._on_tier_chosen)

    # ------------------------------------------------------------------ showing

    def _tick(self) -> None:
        """Once a second, on the second: clock, ages, whether the news is old."""
        now = self._clock.now()
        self.top_bar.show_time(now)
        if self.bridge.operator is not None:
            self.page.tick()
            self._late = self._board.late_count()
            self._show_counts()
        self._show_chain()
        self._ticker.start(max(20, 1000 - now.microsecond // 1000))

    def _show_chain(self) -> None:
        state, age = self.bridge.state, self.bridge.state_age_s
        is_old = self.bridge.lost is not None or age > STALE_S
        self.chain.show_state(state, self._clock.now(), age, is_old=is_old)
        now, lost, supervises = self._clock.now(), self.bridge.lost, self.bridge.supervises
        self.banners.show_banners(window_banners(state, now, age, lost, supervises=supervises))

    def _show_state(self) -> None:
        state = self.bridge.state
        if state is not None and state is not self._shown_state:
            self._shown_state = state
            self.plots.show_state(state)
            self.marking.set_simulation(state.is_simulation)
            self.top_bar.show_station(state.node_name)
            mark = "SIMULATION · " if state.is_simulation else ""
            self.setWindowTitle(f"{mark}NAS Desktop · {state.node_name}")
        elif state is None:
            self.marking.set_simulation(False)
            self.setWindowTitle("NAS Desktop")
        self._show_chain()
        self._show_due()
        self.pages.show_state()

    def show_workspace(self, name: str) -> None:
        """Bring a workspace to the front; the counters stay, whatever is in front."""
        if self.bridge.is_locked:
            self.pages.lock.form_focus()
            return
        self.pages.choose(name, is_signed_in=self.bridge.operator is not None)
        for each in WORKSPACES:
            self.actions_by_name[each].setChecked(each == self.pages.name)
        self.plots.setVisible(self.pages.shows_figures)

    def _show_operator(self) -> None:
        operator = self.bridge.operator
        self.top_bar.set_handling(operator is not None)
        self.actions_by_name["sign_out"].setEnabled(operator is not None)
        self._show_lock()
        if operator is not None:
            self.page.tick()

    def _show_lock(self) -> None:
        """Locked, unlocked, or somebody else: hits and reads are shown to whoever may see them."""
        bridge, is_locked = self.bridge, self.bridge.is_locked
        for name in WORKSPACES:
            self.actions_by_name[name].setEnabled(self.pages.has(name) and not is_locked)
        self.actions_by_name["supervisor"].setVisible(self.pages.has("supervisor"))
        self.actions_by_name["map"].setEnabled(bridge.operator is not None and not is_locked)
        self.actions_by_name["lock"].setEnabled(bridge.operator is not None and not is_locked)
        self._show_counts()
        self._show_due()
        if is_locked:
            self.notice.hold()
            self.page.asker.leave()
            self.keys.hide()
            self.pages.setCurrentWidget(self.pages.lock)
            self.plots.setVisible(self.pages.shows_figures)
            return
        self.top_bar.show_operator(bridge.operator)
        self.notice.let_go(is_same_person=bridge.operator is not None)
        self.show_workspace(self.pages.name)

    def _show_counts(self) -> None:
        # Counting late cards looks at every hit: with thousands of cards once a second will do.
        if len(self._board) < MANY_ROWS:
            self._late = self._board.late_count()
        self.top_bar.show_counts(self._board.unacknowledged_by_tier(), self._late)

    def _show_due(self) -> None:
        """Enable what can be done about the chosen card; fill the button of what is due."""
        can = possible_deeds(self.bridge, self.page.deeds, self.page.chosen)
        for name, is_possible in can.items():
            self.actions_by_name[name].setEnabled(is_possible)
        self.page.show_possible(can, due_deed(can, self.page.chosen))

    # ------------------------------------------------------------------ look

    def set_look(self, look: Look) -> None:
        """Change theme or size now and remember it."""
        self.look = look
        self._apply_look()
        remember_look(self._settings, look)

    def _apply_look(self) -> None:
        look = self.look
        QApplication.setFont(look.font(13))
        self.setStyleSheet(look.style_sheet())
        for part in (
            self.marking, self.top_bar, self.chain, self.sounds.row, self.banners,
            self.list_strip, self.pages, self.map, self.notice, self.plots, self.keys, self.tools,
        ):  # fmt: skip
            part.set_look(look)
        self._show_due()

    def _set_scale(self, scale: float) -> None:
        self.set_look(Look(self.look.name, scale))

    def _on_next_theme(self) -> None:
        self.set_look(Look(self.look.next_name, self.look.scale))

    # ------------------------------------------------------------------ commands

    def _on_acknowledge(self) -> None:
        card = self.page.chosen
        if card is not None and self.bridge.lost is None:
            self.bridge.acknowledge(card)

    def _on_tier_chosen(self, tier: Tier) -> None:
        self.show_workspace("live")
        if not self.bridge.is_locked:
            self.page.hits.setFocus()
            self.page.hits.choose_next(tier)

    def _on_sign_out(self) -> None:
        self.page.asker.leave()
        self.bridge.sign_out()

    # ------------------------------------------------------------------ Qt

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.bridge.is_visible = self.isVisible() and not self.isMinimized()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.bridge.is_visible = not self.isMinimized()
        self.map.begin()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.bridge.is_visible = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.notice.hide()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._is_leaving:
            super().closeEvent(event)
            return
        event.ignore()
        waiting = sum(self._board.unacknowledged_by_tier().values())
        if self.bridge.operator is None or not waiting:
            self.close_requested.emit()
        elif not self._is_asking:
            self._is_asking = True
            self._spawn(self._ask_to_close(waiting), "ask-to-close")

    async def _ask_to_close(self, waiting: int) -> None:
        try:
            is_sure = await ask_to_close(self, waiting)
        finally:
            self._is_asking = False
        if is_sure:
            self.close_requested.emit()
