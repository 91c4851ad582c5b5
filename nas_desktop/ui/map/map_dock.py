"""The map's place beside the workspaces, or apart on a second screen; who sees it, and when."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import GSC
from nas_desktop.ui.live.top_bar import MarkingView
from nas_desktop.ui.map.map_panel import MapPanel
from nas_desktop.ui.remembered import remembered_bytes
from nas_desktop.ui.theme import Look

SHOWN_KEY, STATE_KEY = "map/shown", "map/state"
WIDE_PX = 1_600
"""Width, at 100 %, from which the map is open from the first start on."""

SHARE = 0.28
"""Part of the width that it takes at first."""


class MapFrame(QMainWindow):
    """The workspaces with the map docked beside them."""

    def __init__(self, pages: QWidget) -> None:
        super().__init__()
        self.setObjectName("mapFrame")
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setCentralWidget(pages)
        self.setDockOptions(QMainWindow.DockOption(0))


class MapDock(QObject):
    """Shows the map to whoever is signed in and wants it, and remembers where.

    Signals:
        shown: the map is seen from now on.
        hidden: it is not, and what belongs to it goes as well.
    """

    shown = Signal()
    hidden = Signal()

    def __init__(
        self, pages: QWidget, panel: MapPanel, bridge: Bridge, look: Look, settings: QSettings
    ) -> None:
        super().__init__(panel)
        self.panel, self._bridge, self._settings, self.look = panel, bridge, settings, look
        self.frame = MapFrame(pages)
        self.dock = QDockWidget("Map")
        self.dock.setObjectName("mapDock")
        self.dock.setWidget(panel)
        self._no_title = QWidget()
        self.dock.setTitleBarWidget(self._no_title)
        self.marking = MarkingView(look)
        panel.put_above(self.marking)
        self.marking.hide()
        area = Qt.DockWidgetArea
        self.dock.setAllowedAreas(area.LeftDockWidgetArea | area.RightDockWidgetArea)
        self.frame.addDockWidget(area.RightDockWidgetArea, self.dock)
        self._has_begun = False
        self._wanted: bool | None = None
        kept = remembered_bytes(settings, STATE_KEY)
        if kept is not None:
            self.frame.restoreState(kept)
        panel.is_allowed = False
        self.dock.hide()
        self.dock.visibilityChanged.connect(self._on_visible)
        self.dock.topLevelChanged.connect(self._on_float)
        bridge.lock_changed.connect(self.judge)
        bridge.state_changed.connect(self._show_title)
        self._on_float(self.dock.isFloating())

    @property
    def is_wanted(self) -> bool:
        """True while the operator has the map open."""
        if self._wanted is None:
            kept = self._settings.value(SHOWN_KEY)
            if kept is not None:
                return str(kept) == "true"
            return self.frame.width() >= self.look.px(WIDE_PX)
        return self._wanted

    def set_wanted(self, is_wanted: bool) -> None:
        """Open or close the map, and remember that."""
        self._wanted = is_wanted
        self._settings.setValue(SHOWN_KEY, "true" if is_wanted else "false")
        self.judge()

    def begin(self) -> None:
        """The window is shown: show the map where it was left open, once all has its size."""
        if not self._has_begun:
            self._has_begun = True
            QTimer.singleShot(0, self, self.judge)

    def judge(self) -> None:
        """Show the map to whoever is signed in and there, and to nobody else."""
        bridge, dock = self._bridge, self.dock
        self.panel.is_allowed = bridge.operator is not None and not bridge.is_locked
        is_shown = self._has_begun and self.panel.is_allowed and self.is_wanted
        if is_shown == (not dock.isHidden()):
            return
        dock.setVisible(is_shown)
        if is_shown and remembered_bytes(self._settings, STATE_KEY) is None:
            wide = max(self.look.px(280), round(self.frame.width() * SHARE))
            self.frame.resizeDocks([dock], [wide], Qt.Orientation.Horizontal)
        if not is_shown:
            self.hidden.emit()

    def _on_visible(self, is_visible: bool) -> None:
        if is_visible:
            self.shown.emit()
        elif self.dock.isHidden():
            # On its way apart and back it is hidden for a moment, too: look once that is over.
            QTimer.singleShot(0, self, self._judge_closed)

    def _judge_closed(self) -> None:
        """Take note of a map that was closed by its own button, not by a lock or by F8."""
        is_ended = self.panel.view is None
        if self.dock.isHidden() and self.panel.is_allowed and self.is_wanted and not is_ended:
            self._wanted = False
            self._settings.setValue(SHOWN_KEY, "false")
            self.hidden.emit()

    def toggle_float(self) -> None:
        """Put the map into a window of its own, for a second screen, or back."""
        dock = self.dock
        dock.setFloating(not dock.isFloating())
        if dock.isFloating():
            here = self.frame.screen()
            others = [screen for screen in here.virtualSiblings() if screen is not here]
            if others:
                dock.setGeometry(others[0].availableGeometry())
            else:
                dock.resize(self.look.px(900), self.look.px(700))
        self.panel.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_float(self, is_apart: bool) -> None:
        # Beside the workspaces the window's own marking is above it; apart it has its own.
        self.dock.setTitleBarWidget(None if is_apart else self._no_title)  # type: ignore[arg-type]
        self.marking.setVisible(is_apart)
        self._show_title()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.look = look
        self.marking.set_look(look)

    def _show_title(self) -> None:
        state = self._bridge.state
        is_simulation = state is not None and state.is_simulation
        self.marking.set_simulation(is_simulation)
        mark = "SIMULATION · " if is_simulation else ""
        gsc = f" · {GSC}" if self.dock.isFloating() else ""
        self.dock.setWindowTitle(f"{mark}Map{gsc}")

    def save_layout(self) -> None:
        """Keep where the map stands."""
        self._settings.setValue(STATE_KEY, self.frame.saveState())
