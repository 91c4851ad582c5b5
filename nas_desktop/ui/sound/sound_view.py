"""Every sound as shape and words, and the mute; a place of its own, so that nothing moves for it.

What sounds is a filled bar that stands still for as long as it would sound: nothing here blinks,
whether motion is reduced or not.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from nas_desktop.domain.voi import Action
from nas_desktop.services.sound_needs import Cause, Sound
from nas_desktop.ui.icons import icon, icon_pixmap
from nas_desktop.ui.symbols import action_symbol, shape_pixmap
from nas_desktop.ui.theme import AMBER, ON_AMBER, ON_RED, RED, Look

WIDTH, CHAIN_NEEDS = 470, 1000
"""Width at 100 %; where the window is narrower than the second, the two stand under one another."""

QUIET = "Sound on"
TEST_MARK = "SOUND TEST"

_AMBER_CAUSES = frozenset({Cause.BASIS, Cause.LINK_LOST, Cause.UNATTENDED})


class SoundChip(QWidget):
    """The one bar: what sounds most urgently, and how many other things sound.

    Signals:
        pressed: by pointer or key; to the card that sounds.
    """

    pressed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("soundChip")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.look = look
        self.sounds: tuple[Sound, ...] = ()
        self.test_words = ""
        self._quiet = QUIET

    def show_sounds(self, sounds: Sequence[Sound], test_words: str, quiet: str) -> None:
        """Show these, or the pattern of a sound test, or in what state of calm it is."""
        told = (tuple(sounds), test_words, quiet)
        if told == (self.sounds, self.test_words, self._quiet) and self.accessibleName():
            return
        self.sounds, self.test_words, self._quiet = told
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self.has_card else Qt.FocusPolicy.NoFocus)
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if self.has_card else Qt.CursorShape.ArrowCursor
        )
        self.setAccessibleName(f"Sound: {'. '.join(self._lines())}")
        go = "\nPress to go to the card" if self.has_card else ""
        self.setToolTip("\n".join(self._lines()) + go)
        self.update()

    @property
    def has_card(self) -> bool:
        """True while what sounds lies on a card."""
        return bool(self.sounds and self.sounds[0].cards and not self.test_words)

    @property
    def words(self) -> str:
        """What the bar says."""
        if self.test_words:
            return f"{TEST_MARK} · {self.test_words}"
        if not self.sounds:
            return self._quiet
        first = self.sounds[0]
        muted = "muted: " if first.is_muted else ""
        more = f" · +{len(self.sounds) - 1} more" if len(self.sounds) > 1 else ""
        return f"{muted}{first.words}{more}"

    def _lines(self) -> list[str]:
        if self.test_words or not self.sounds:
            return [self.words]
        return [("muted: " if s.is_muted else "") + s.words for s in self.sounds]

    def colours(self) -> tuple[str, str]:
        """Return ground and ink: red for P1 alone, amber for what is wrong, else quiet."""
        tokens = self.look.tokens
        if self.test_words or not self.sounds or self.sounds[0].is_muted:
            return tokens.panel, tokens.text_2 if not self.test_words else tokens.text
        first = self.sounds[0]
        if first.is_exercise:
            return tokens.selection, tokens.text
        if first.cause in _AMBER_CAUSES:
            return AMBER, ON_AMBER
        if first.tier is not None and first.tier.rank == 1:
            return RED, ON_RED
        return tokens.selection, tokens.text

    # ------------------------------------------------------------------ Qt

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(220), self.look.px(25))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.look.px(90), self.look.px(25))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.has_card and event.button() is Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.has_card and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, px = self.look, self.look.px
        ground, ink = self.colours()
        is_sounding = bool(self.sounds) or bool(self.test_words)
        if is_sounding:
            pen = QPen(Qt.PenStyle.NoPen)
            if ground == look.tokens.panel:
                pen = QPen(QColor(ink), 1.0, Qt.PenStyle.DashLine)
            elif ground == RED:
                # On a dark ground red alone is under the 3:1 that a graphic needs.
                pen = QPen(look.color("outline"), 2.0)
            if self.hasFocus():
                pen = QPen(look.color("focus"), 2.0)
            painter.setPen(pen)
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), px(4), px(4))
        x, size, ratio = px(6), px(16), self.devicePixelRatioF()
        middle = (self.height() - size) // 2
        is_muted = bool(self.sounds) and self.sounds[0].is_muted and not self.test_words
        name = "volume-x" if is_muted else "volume-2"
        painter.drawPixmap(x, middle, icon_pixmap(name, ink, size, ratio))
        x += size + px(5)
        if self.sounds and self.sounds[0].action and not self.test_words:
            shape = action_symbol(Action(self.sounds[0].action)).shape
            painter.drawPixmap(x, middle, shape_pixmap(shape, ink, size, ratio))
            x += size + px(5)
        font = look.semibold(12) if is_sounding else look.font(12)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        room = QRect(x, 0, self.width() - x - px(6), self.height())
        words = QFontMetrics(font).elidedText(self.words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


class SoundView(QFrame):
    """The bar, what is wrong with the output, and the mute with its countdown.

    Signals:
        card_wanted(str): the card that sounds is to be shown.
    """

    card_wanted = Signal(str)

    def __init__(self, look: Look, menu: QMenu) -> None:
        super().__init__()
        self.setObjectName("soundView")
        self._menu = menu
        self.is_muted = False
        self.fault = QLabel()
        self.fault.setObjectName("soundFault")
        self.fault.setProperty("tone", "amber")
        self.fault.setText("NO SOUND")
        self.fault.hide()
        self.chip = SoundChip(look)
        self.mute_button = QToolButton()
        self.mute_button.setObjectName("muteButton")
        self.mute_button.setProperty("role", "small")
        self.mute_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.mute_button.clicked.connect(self._open_menu)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self.fault)
        self._layout.addWidget(self.chip, 1)
        self._layout.addWidget(self.mute_button)
        self.chip.pressed.connect(self._on_pressed)
        self.set_look(look)
        self.show_mute("", "")

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = self.chip.look = look
        self._layout.setContentsMargins(look.px(8), look.px(4), look.px(8), look.px(4))
        self._layout.setSpacing(look.px(6))
        self.mute_button.setIconSize(QSize(look.px(15), look.px(15)))
        self._show_icon()
        self.fault.setFont(look.semibold(12))
        self.fault.setMaximumHeight(look.px(25))
        self.chip.updateGeometry()
        self.chip.update()
        self.updateGeometry()

    def show_sounds(
        self, sounds: Sequence[Sound], fault: str, test_words: str = "", quiet: str = QUIET
    ) -> None:
        """Show what sounds, and why nothing comes out where that is so."""
        if bool(fault) is self.fault.isHidden():
            self.fault.setVisible(bool(fault))
        words = fault_words(fault) if fault else ""
        if self.fault.toolTip() != words:
            self.fault.setToolTip(words)
            self.fault.setAccessibleName(words)
        self.chip.show_sounds(sounds, test_words, "Watch the screen" if fault else quiet)

    def show_mute(self, left: str, tip: str) -> None:
        """Show the countdown, empty for no mute."""
        words = f"Muted {left} · not P1" if left else "Mute"
        is_other, self.is_muted = bool(left) is not self.is_muted, bool(left)
        if words != self.mute_button.accessibleName():
            self.mute_button.setText(f" {words}")
            self.mute_button.setAccessibleName(words)
        if is_other:
            self._show_icon()
        self.mute_button.setToolTip(tip or "Mute P2 and P3 for a while (Ctrl+M); never P1")

    def _show_icon(self) -> None:
        tokens, look = self._look.tokens, self._look
        ink = tokens.text if self.is_muted else tokens.text_2
        self.mute_button.setIcon(icon("volume-x", ink, look.px(15)))
        self.mute_button.setFont(look.semibold(12) if self.is_muted else look.font(12))

    def _open_menu(self) -> None:
        # Not the button's own pop-up mode: that runs an event loop inside the event loop.
        button, width = self.mute_button, self._menu.sizeHint().width()
        corner = button.rect().bottomRight()
        corner.setX(corner.x() - width)
        self._menu.popup(button.mapToGlobal(corner))

    def _on_pressed(self) -> None:
        if self.chip.has_card:
            self.card_wanted.emit(self.chip.sounds[0].cards[0])


class SoundRow(QWidget):
    """The chain with the sound at its right; under it where the window is narrow."""

    def __init__(self, chain: QWidget, view: SoundView, look: Look) -> None:
        super().__init__()
        self.setObjectName("soundRow")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._view = view
        self._look = look
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(chain, 1)
        self._row.addWidget(view)
        self._fit()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self._view.set_look(look)
        self._fit()

    def _fit(self) -> None:
        is_narrow = self.width() < self._look.px(CHAIN_NEEDS)
        direction = QBoxLayout.Direction
        self._row.setDirection(direction.TopToBottom if is_narrow else direction.LeftToRight)
        if is_narrow:
            self._view.setMinimumWidth(0)
            self._view.setMaximumWidth(16_777_215)
        else:
            self._view.setFixedWidth(self._look.px(WIDTH))

    # ------------------------------------------------------------------ Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)


def fault_words(fault: str) -> str:
    """Return what a missing output means."""
    return f"No sound: {fault}. Watch the screen: every sound is shown."
