"""What a hit on the entry will look like: symbol, tier and word."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from nas_desktop.domain.spec import Spec
from nas_desktop.domain.voi import Action
from nas_desktop.services.events import ListState
from nas_desktop.ui.lists.entry_words import tier_meaning, tier_words
from nas_desktop.ui.symbols import action_symbol, symbol_pixmap
from nas_desktop.ui.theme import Look

_SIZE = 96


class EntryPreview(QFrame):
    """Stands beside the form and follows it."""

    def __init__(self, spec: Spec, state: ListState, look: Look) -> None:
        super().__init__()
        self.setObjectName("entryPreview")
        self.setProperty("role", "box")
        self._spec, self._state, self._look = spec, state, look
        heading = QLabel("A hit will look like this")
        heading.setProperty("role", "heading")
        heading.setWordWrap(True)
        self.symbol = QLabel()
        self.symbol.setFixedHeight(look.px(_SIZE) + 8)
        self.words = QLabel()
        self.words.setProperty("role", "figure")
        self.meaning = QLabel()
        self.meaning.setProperty("role", "second")
        self.meaning.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        for label in (heading, self.symbol, self.words, self.meaning):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(label)
        layout.addStretch(1)
        self.setFixedWidth(look.px(176))

    def show_entry(self, action: Action, reason: str, signals: tuple[str, ...]) -> None:
        """Show the symbol of an action with its reason and signals."""
        state = self._state
        tier = self._spec.tier_of(action, reason, signals, state.source, state.name)
        symbol = action_symbol(action, reason, state.badge)
        self.symbol.setPixmap(
            symbol_pixmap(
                symbol,
                state.badge,
                self._look.tokens.outline,
                self._look.px(_SIZE),
                self.devicePixelRatioF(),
            )
        )
        self.words.setText(tier_words(tier, action))
        self.meaning.setText(tier_meaning(tier))
        self.symbol.setAccessibleName(f"{symbol.word}, {state.badge}")
