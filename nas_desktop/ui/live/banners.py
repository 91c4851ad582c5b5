"""Lines over the full width: what is broken, what it means, since when; and refusals."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.ui.icons import icon, icon_pixmap
from nas_desktop.ui.text import Banner, Tone
from nas_desktop.ui.theme import AMBER, ON_AMBER, ON_RED, RED, Look


class BannerRow(QFrame):
    """One banner."""

    def __init__(self, banner: Banner, look: Look) -> None:
        super().__init__()
        self.setObjectName("banner")
        fill, ink = (RED, ON_RED) if banner.tone is Tone.RED else (AMBER, ON_AMBER)
        self.setStyleSheet(f"#banner {{ background: {fill}; }} QLabel {{ color: {ink}; }}")
        mark = QLabel()
        name = "unplug" if banner.tone is Tone.RED else "triangle-alert"
        mark.setPixmap(icon_pixmap(name, ink, look.px(18), 2.0))
        title, detail = QLabel(banner.title), QLabel(banner.detail)
        title.setProperty("role", "strong")
        for label in (title, detail):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        detail.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(look.px(12), look.px(7), look.px(12), look.px(7))
        layout.setSpacing(look.px(10))
        layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(title)
        words.addWidget(detail)
        layout.addLayout(words, 1)
        self.setAccessibleName(f"{banner.title}. {banner.detail}")


class BannerStack(QWidget):
    """All banners that hold now, worst first."""

    MAX_SHOWN = 3

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("banners")
        self._look = look
        self.banners: tuple[Banner, ...] = ()
        self._rows: list[BannerRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(1)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        shown, self.banners = self.banners, ()
        self.show_banners(shown)

    def show_banners(self, banners: Sequence[Banner]) -> None:
        """Show these and no others; unchanged ones are left alone."""
        banners = tuple(banners)[: self.MAX_SHOWN]
        if banners == self.banners:
            return
        self.banners = banners
        for row in self._rows:
            self._layout.removeWidget(row)
            row.deleteLater()
        self._rows = [BannerRow(banner, self._look) for banner in banners]
        for row in self._rows:
            self._layout.addWidget(row)
        self.setVisible(bool(banners))


class NoticeStrip(QFrame):
    """What was refused, with the remedy; stays until it is read away or something newer comes."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("noticeStrip")
        self._mark = QLabel()
        self.words = QLabel()
        self.words.setObjectName("noticeWords")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self._close = QToolButton()
        self._close.setProperty("role", "quiet")
        self._close.setToolTip("Put this message away (Esc)")
        self._close.setAccessibleName("Put this message away")
        self._close.clicked.connect(self.hide)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._mark)
        self._layout.addWidget(self.words, 1)
        self._layout.addWidget(self._close)
        self._is_held = False
        self._waits = False
        self.set_look(look)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._layout.setContentsMargins(look.px(12), look.px(4), look.px(8), look.px(4))
        self._mark.setPixmap(icon_pixmap("circle-alert", look.tokens.text, look.px(18), 2.0))
        self._close.setIcon(icon("x", look.tokens.text_2))

    def say(self, message: str, remedy: str = "") -> None:
        """Show a message."""
        self.words.setText(f"{message} {remedy}".strip())
        self._waits = self._is_held
        self.setVisible(not self._is_held)

    def hold(self) -> None:
        """Show nothing until ``let_go``: a message may name a vehicle."""
        if not self._is_held:
            self._is_held, self._waits = True, not self.isHidden()
            self.hide()

    def let_go(self, *, is_same_person: bool) -> None:
        """Show what was said meanwhile, to whom it was said."""
        if self._is_held:
            self._is_held = False
            self.setVisible(self._waits and is_same_person)
