"""Reduced motion: what little moves in the window stands still.

What moves at all: the caret blinks, and menus, choosers and tips may be faded or rolled in by the
toolkit. Sounds and hits never blink, whatever is chosen.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

KEY = "look/motion"
_EFFECTS = (
    Qt.UIEffect.UI_General,
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
    Qt.UIEffect.UI_AnimateToolBox,
)


class Motion(StrEnum):
    """What somebody chose; the system decides unless they did."""

    SYSTEM = "system"
    REDUCED = "reduced"
    USUAL = "usual"


class MotionSetting:
    """Keeps the choice and applies it to the whole program; made once, before anything moves."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings
        hints = QGuiApplication.styleHints()
        self._caret_ms = hints.cursorFlashTime()
        self._platform = {effect: QApplication.isEffectEnabled(effect) for effect in _EFFECTS}
        kept = str(settings.value(KEY, Motion.SYSTEM.value))
        self.choice = Motion(kept) if kept in set(Motion) else Motion.SYSTEM
        self.apply()

    @property
    def is_reduced(self) -> bool:
        """True when nothing is to move: chosen, or the system shows no effects of its own."""
        if self.choice is Motion.SYSTEM:
            return not self._platform[Qt.UIEffect.UI_General]
        return self.choice is Motion.REDUCED

    def choose(self, choice: Motion) -> None:
        """Take a choice, keep it and apply it."""
        self.choice = choice
        self._settings.setValue(KEY, choice.value)
        self.apply()

    def apply(self) -> None:
        """Let things move, or not."""
        is_reduced = self.is_reduced
        for effect, is_on in self._platform.items():
            QApplication.setEffectEnabled(effect, is_on and not is_reduced)
        # The caret is asked for apart: a system without effects may well blink.
        still = self.choice is Motion.REDUCED
        QGuiApplication.styleHints().setCursorFlashTime(0 if still else self._caret_ms)

    def restore(self) -> None:
        """Leave the program as the platform had it."""
        for effect, is_on in self._platform.items():
            QApplication.setEffectEnabled(effect, is_on)
        QGuiApplication.styleHints().setCursorFlashTime(self._caret_ms)
