"""The detail in a window of its own, for a second screen.

It is the same detail, moved: what is painted there counts as seen, its keys are those of the window
it came from, and the lock hides it like everything else.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.live_page import LivePage
from nas_desktop.ui.live.top_bar import MarkingView
from nas_desktop.ui.remembered import remembered_bytes
from nas_desktop.ui.theme import Look

KEY, PLACE_KEY = "detail/apart", "detail/geometry"
USUAL_PX = (900, 700)


class ApartWindow(QWidget):
    """Marking on top, the detail below; closing it brings the detail back."""

    def __init__(self, owner: DetailWindow, parent: QMainWindow, look: Look) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("detailWindow")
        self._owner = owner
        self.look = look
        self.marking = MarkingView(look)
        self.place = QVBoxLayout(self)
        self.place.setContentsMargins(0, 0, 0, 0)
        self.place.setSpacing(0)
        self.place.addWidget(self.marking)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self._owner.closed_by_hand()


class DetailWindow(QObject):
    """Takes the detail out of the live workspace, and puts it back."""

    def __init__(self, page: LivePage, bridge: Bridge, settings: QSettings, look: Look) -> None:
        super().__init__(page)
        self._page, self._bridge, self._settings, self._look = page, bridge, settings, look
        self._parent: QMainWindow | None = None
        self._actions: Sequence[QAction] = ()
        self.window: ApartWindow | None = None
        for signal in (bridge.lock_changed, bridge.operator_changed, bridge.state_changed):
            signal.connect(self._show)

    def begin(self, parent: QMainWindow, actions: Sequence[QAction]) -> None:
        """The window stands: go apart where it was left so."""
        self._parent, self._actions = parent, actions
        if str(self._settings.value(KEY, "false")) == "true":
            self.set_detached(True)

    @property
    def is_detached(self) -> bool:
        """True while the detail has a window of its own."""
        return self.window is not None

    def toggle(self) -> None:
        """Take the detail apart, or bring it back."""
        self.set_detached(not self.is_detached)

    def set_detached(self, is_detached: bool) -> None:
        """Take the detail apart or bring it back, and remember that."""
        self._settings.setValue(KEY, "true" if is_detached else "false")
        if is_detached is self.is_detached or self._parent is None:
            return
        if is_detached:
            self._part(self._parent)
        else:
            self._join()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        if self.window is not None:
            self.window.look = look
            self.window.marking.set_look(look)

    def save_place(self) -> None:
        """Keep where the window stands."""
        if self.window is not None:
            self._settings.setValue(PLACE_KEY, self.window.saveGeometry())

    def closed_by_hand(self) -> None:
        """Its window was closed: the detail comes back, for good."""
        if self.window is not None and self._parent is not None and self._parent.isVisible():
            self.set_detached(False)

    # ------------------------------------------------------------------ inside

    def _part(self, parent: QMainWindow) -> None:
        window = self.window = ApartWindow(self, parent, self._look)
        # Those that count in the whole window count here too; a hit's own keys come with it.
        window.addActions(list(self._actions))
        window.place.addWidget(self._page.give_detail(), 1)
        kept = remembered_bytes(self._settings, PLACE_KEY)
        if kept is None or not window.restoreGeometry(kept):
            self._place(window, parent)
        self._show()

    def _place(self, window: QWidget, parent: QMainWindow) -> None:
        """Fill another screen where there is one."""
        others = [s for s in QGuiApplication.screens() if s is not parent.screen()]
        if others:
            window.setGeometry(others[0].availableGeometry())
        else:
            window.resize(self._look.px(USUAL_PX[0]), self._look.px(USUAL_PX[1]))

    def _join(self) -> None:
        self.save_place()
        window, self.window = self.window, None
        self._page.take_detail()
        if window is not None:
            window.close()
            window.deleteLater()

    def _show(self) -> None:
        """Show it to whoever is signed in and there, and to nobody else."""
        window, bridge = self.window, self._bridge
        if window is None:
            return
        state = bridge.state
        is_simulation = state is not None and state.is_simulation
        window.marking.set_simulation(is_simulation)
        name = state.node_name if state is not None else bridge.workstation
        window.setWindowTitle(f"{'SIMULATION · ' if is_simulation else ''}Detail · {name}")
        is_wanted = bridge.operator is not None and not bridge.is_locked
        if is_wanted is window.isHidden():
            window.setVisible(is_wanted)
