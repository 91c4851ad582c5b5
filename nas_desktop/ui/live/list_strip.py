"""The quiet strip under the banners: lists that are not matched, until each is put away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.icons import icon, icon_pixmap
from nas_desktop.ui.list_watch import ListNotice, ListWatch
from nas_desktop.ui.theme import Look

LINES = 2
"""Lists named in full; the rest are counted and stand in the Lists workspace."""


class ListStrip(QFrame):
    """Follows the reports by itself; hidden while every list is matched."""

    def __init__(self, bridge: Bridge, look: Look) -> None:
        super().__init__()
        self.setObjectName("listStrip")
        self._bridge = bridge
        self._watch = ListWatch()
        self._shown: tuple[ListNotice, ...] = ()
        self._mark = QLabel()
        self.words = QLabel()
        self.words.setObjectName("listStripWords")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.close_button = QToolButton()
        self.close_button.setProperty("role", "quiet")
        self.close_button.setToolTip("Put this away; the Lists workspace goes on showing it")
        self.close_button.setAccessibleName("Put the message about lists away")
        self.close_button.clicked.connect(self.dismiss)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._mark)
        self._layout.addWidget(self.words, 1)
        self._layout.addWidget(self.close_button)
        bridge.state_changed.connect(self.follow)
        bridge.lock_changed.connect(self._say)
        self.set_look(look)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._layout.setContentsMargins(look.px(12), look.px(3), look.px(8), look.px(3))
        self._layout.setSpacing(look.px(10))
        self._mark.setPixmap(icon_pixmap("circle-alert", look.tokens.text, look.px(16), 2.0))
        self.close_button.setIcon(icon("x", look.tokens.text_2))

    def follow(self) -> None:
        """Show what the newest report calls for; nothing of it is news while the node is lost."""
        state, bridge = self._bridge.state, self._bridge
        if state is None or bridge.lost is not None:
            return
        found: tuple[ListNotice, ...] = ()
        if bridge.operator is not None:
            now = bridge.clock.now()
            found = self._watch.notices(state, bridge.operator.username, now)
        if found != self._shown:
            self._shown = found
            self._say()

    def dismiss(self) -> None:
        """Put away what is shown; a later change speaks up again."""
        self._watch.dismiss(tuple(notice.key for notice in self._shown))
        self._shown = ()
        self._say()

    def _say(self) -> None:
        lines = [notice.words for notice in self._shown[:LINES]]
        more = len(self._shown) - LINES
        if more > 0:
            lines.append(f"and {more:,} more in Lists (Ctrl+3)")
        self.words.setText("\n".join(lines))
        self.setAccessibleName(". ".join(lines))
        self.setVisible(bool(lines) and not self._bridge.is_locked)
