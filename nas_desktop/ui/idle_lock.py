"""Locks the window when nobody has touched it for a while, and by key.

Keys and pointers are watched where they enter the program: one filter on the windows of the
system. What is painted or reported inside a window never passes through it.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSettings, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu, QToolTip

from nas_desktop.domain.errors import Refused
from nas_desktop.services.ports import Clock
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.dialogs.lock_page import LockPage
from nas_desktop.ui.lists.dry_run_dialog import DryRunDialog
from nas_desktop.ui.lists.import_dialog import ImportDialog
from nas_desktop.ui.search.export_dialog import ExportDialog
from nas_desktop.ui.text import minute_words

CHOICES = (10, 15, 30, 60, 0)
USUAL, MOST = 30, 240
"""Minutes; 0 is never."""

CHECK_MS = 5_000
KEY = "lock/minutes"

_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletPress,
        QEvent.Type.TabletMove,
    }
)


def remembered_minutes(settings: QSettings) -> int:
    """Return after how many minutes the window locks; the usual time where that is not known."""
    try:
        minutes = int(str(settings.value(KEY, USUAL)))
    except ValueError:
        return USUAL
    return min(minutes, MOST) if minutes >= 0 else USUAL


def minutes_words(minutes: int) -> str:
    """Return the words of a choice."""
    return f"After {minutes} minutes" if minutes else "Never"


class IdleWatch(QObject):
    """Tells for how long nobody has pressed a key or moved a pointer.

    Signals:
        checked: it is time to look at ``idle_s``.
    """

    checked = Signal()

    def __init__(self, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = clock
        self._timer = QTimer(self, interval=CHECK_MS)
        self._timer.timeout.connect(self.check)
        self.note()

    def note(self) -> None:
        """Somebody is there."""
        self._at, self._ticks = self._clock.now(), self._clock.monotonic()

    @property
    def idle_s(self) -> float:
        """Seconds without input; time that the machine slept counts too."""
        slept = (self._clock.now() - self._at).total_seconds()
        return max(slept, self._clock.monotonic() - self._ticks)

    def start(self) -> None:
        """Begin to watch."""
        self.note()
        self._adopt()
        self._timer.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.stop()
        for window in QGuiApplication.allWindows():
            window.removeEventFilter(self)

    def check(self) -> None:
        """Watch windows that have opened since, and have the time looked at."""
        self._adopt()
        self.checked.emit()

    def _adopt(self) -> None:
        for window in QGuiApplication.allWindows():
            window.installEventFilter(self)  # of one that has it already it stays one

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT:
            self.note()
        return False


class WindowLock(QObject):
    """Locks and unlocks; who is signed in stays so, and what runs goes on.

    Signals:
        sign_out_wanted: somebody else wants to sign in.
    """

    sign_out_wanted = Signal()

    def __init__(
        self, window: QMainWindow, bridge: Bridge, settings: QSettings, page: LockPage
    ) -> None:
        super().__init__(window)
        self._window, self._bridge, self._settings = window, bridge, settings
        self._page = page
        self.minutes = remembered_minutes(settings)
        self.watch = IdleWatch(bridge.clock, self)
        self.menu = QMenu("Lock when idle", window)
        self._group = QActionGroup(self)
        self._fill_menu()
        self.after_action: QAction = self.menu.menuAction()
        self.watch.checked.connect(self._on_checked)
        page.unlock_wanted.connect(lambda word: bridge.run(self._unlock(word), "unlock"))
        page.sign_out_wanted.connect(self.sign_out_wanted)
        bridge.operator_changed.connect(self._on_operator)
        self.watch.start()

    def _fill_menu(self) -> None:
        for minutes in (*sorted({self.minutes, *CHOICES} - {0}), 0):
            action = self.menu.addAction(minutes_words(minutes))
            action.setCheckable(True)
            action.setData(minutes)
            action.setChecked(minutes == self.minutes)
            action.triggered.connect(lambda _checked=False, m=minutes: self.set_minutes(m))
            self._group.addAction(action)

    def set_minutes(self, minutes: int) -> None:
        """Lock after this time without input from now on, and remember it; 0 is never."""
        self.minutes = minutes
        self._settings.setValue(KEY, minutes)
        for action in self._group.actions():
            action.setChecked(action.data() == minutes)

    def stop(self) -> None:
        """Lock by key only: the window closes, or has nobody who could touch it."""
        self.watch.stop()

    # ------------------------------------------------------------------ locking

    def lock(self) -> None:
        """Put the lock page in place of the workspaces and close what stands beside them."""
        bridge, operator = self._bridge, self._bridge.operator
        if operator is None or bridge.is_locked:
            return
        now = bridge.clock.now()
        role = operator.roles[0].value.replace("_", " ").capitalize() if operator.roles else ""
        self._page.show_person(
            " · ".join(part for part in (operator.name, role) if part),
            f"Signed in since {minute_words(bridge.signed_in_at, now)} · locked since"
            f" {minute_words(now, now)} GMT",
        )
        self._put_away()
        bridge.is_locked = True
        self.after_action.setEnabled(False)
        bridge.lock_changed.emit()

    async def _unlock(self, password: str) -> None:
        bridge, page, before = self._bridge, self._page, self._bridge.operator
        if before is None:
            return
        page.wait(True)
        try:
            operator = await bridge.link.sign_in(before.username, password)
        except Refused as refusal:
            wrong = "That is not the password of whoever is signed in."
            page.refuse(wrong if refusal.code == "sign_in_refused" else refusal.words)
            return
        finally:
            page.wait(False)
        page.password.clear()
        if bridge.operator is not before or operator.roles != before.roles:
            bridge.set_operator(operator)
            return
        bridge.operator, bridge.is_locked = operator, False
        self._on_operator()
        bridge.lock_changed.emit()

    def _on_operator(self) -> None:
        """Somebody is there: unlocked, signed in, or signed out."""
        self.watch.note()
        self._page.password.clear()
        self.after_action.setEnabled(True)

    def _on_checked(self) -> None:
        if self.minutes and self.watch.idle_s >= self.minutes * 60:
            self.lock()

    def _put_away(self) -> None:
        """Close menus, tips and every dialog; work in one of them is given up without asking."""
        QToolTip.hideText()
        popup = QApplication.activePopupWidget()
        while popup is not None:
            popup.close()
            after = QApplication.activePopupWidget()
            popup = after if after is not popup else None
        for dialog in self._window.findChildren(QDialog):
            if isinstance(dialog, ExportDialog | ImportDialog | DryRunDialog):
                dialog.cancel()
            dialog.done(QDialog.DialogCode.Rejected)
