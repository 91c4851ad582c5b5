"""The source badge of the detail: Fast Track, the Extract with its age, or list and revision."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from nas_desktop.ui.basis_words import SourceWords
from nas_desktop.ui.text import Tone
from nas_desktop.ui.theme import AMBER, ON_AMBER, ON_RED, RED, Look

_FILLS = {Tone.AMBER: (AMBER, ON_AMBER, "▲ "), Tone.RED: (RED, ON_RED, "✕ ")}


class SourceLine(QWidget):
    """A chip with the source, and what an old Extract asks for beside it."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._shown = SourceWords("", Tone.QUIET)
        self.chip = QLabel()
        self.chip.setObjectName("sourceChip")
        self.more = QLabel()
        self.more.setProperty("role", "strong")
        self.more.setWordWrap(True)
        for label in (self.chip, self.more):
            label.setTextFormat(Qt.TextFormat.PlainText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.chip)
        layout.addWidget(self.more, 1)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self._dress()

    def show_source(self, source: SourceWords, more: str) -> None:
        """Show a source."""
        self._shown = source
        self.more.setText(more)
        self.setAccessibleName(f"Source: {source.words}. {more}".strip())
        self._dress()

    def _dress(self) -> None:
        look = self._look
        tokens = look.tokens
        fill, ink, mark = _FILLS.get(self._shown.tone, (tokens.raised, tokens.text, ""))
        border = fill if mark else tokens.line
        self.chip.setText(mark + self._shown.words)
        self.chip.setStyleSheet(
            f"background: {fill}; color: {ink}; border: 1px solid {border}; font-weight: 600;"
            f" border-radius: {look.px(3)}px; padding: {look.px(2)}px {look.px(8)}px;"
        )
