"""The signs above the hit list that never go away while they hold: filter and scope.

A filter is set here, too: tiers and a word. It can never hide a P1. Nothing here appears because
hits arrive: that would move the list under the pointer. A flood is said in the list's own heading.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.spec import Tier
from nas_desktop.services.board_filter import MOST_TEXT, BoardFilter
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.ui.scope_words import scope_words
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import AMBER, ON_AMBER, Look


class ListHead(QFrame):
    """Signs and the filter's own line.

    Signals:
        filter_wanted(BoardFilter): show only this from now on.
        left: Escape in the filter's line.
    """

    filter_wanted = Signal(object)
    left = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("listHead")
        self._look = look
        self._filter = BoardFilter()
        self.filter_sign = self._sign("filterSign")
        self.scope_sign = QLabel()
        self.scope_sign.setObjectName("scopeSign")
        self.scope_sign.setProperty("role", "second")
        self.scope_sign.setTextFormat(Qt.TextFormat.PlainText)
        self.scope_sign.setWordWrap(True)
        self.line = QWidget()
        row = QHBoxLayout(self.line)
        row.setContentsMargins(0, 0, 0, 0)
        self._tiers: dict[Tier, QToolButton] = {}
        for tier in Tier:
            button = QToolButton()
            button.setText(tier.value)
            button.setCheckable(True)
            button.setChecked(True)
            button.setObjectName(f"filter{tier.value}")
            button.setProperty("role", "counter")
            button.setAccessibleName(f"Show {tier.value}")
            button.setToolTip(f"Show {tier.value}")
            button.toggled.connect(self._on_edited)
            self._tiers[tier] = button
            row.addWidget(button)
        self._tiers[Tier.P1].setEnabled(False)
        self._tiers[Tier.P1].setToolTip("A P1 is always shown")
        self.words = QLineEdit()
        self.words.setObjectName("filterWords")
        self.words.setMaxLength(MOST_TEXT)
        self.words.setPlaceholderText("Camera, list, reason …")
        self.words.setAccessibleName("Show only hits with this word")
        self.words.textChanged.connect(self._on_edited)
        self.words.returnPressed.connect(self._leave)
        self.off = QToolButton()
        self.off.setText("Show all")
        self.off.setObjectName("filterOff")
        self.off.setToolTip("End the filter")
        self.off.clicked.connect(self.clear)
        row.addWidget(self.words, 1)
        row.addWidget(self.off)
        self.line.hide()
        self._layout = QVBoxLayout(self)
        for part in (self.scope_sign, self.filter_sign, self.line):
            self._layout.addWidget(part)
        self.set_look(look)
        self._fit()

    def _sign(self, name: str) -> QLabel:
        label = QLabel()
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.hide()
        return label

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        pad = f"{look.px(4)}px {look.px(8)}px"
        self.filter_sign.setStyleSheet(
            f"background: {AMBER}; color: {ON_AMBER}; font-weight: 700; padding: {pad};"
        )
        self._layout.setContentsMargins(look.px(8), look.px(4), look.px(8), look.px(4))
        self._layout.setSpacing(look.px(4))

    # ------------------------------------------------------------------ signs

    def show_board(self, board: HitBoard) -> None:
        """Show what is out of sight now."""
        self._filter = board.filter
        hidden = several(board.hidden, "card")
        self._say(
            self.filter_sign,
            f"▼ FILTER ON: only {board.filter.words} · {hidden} out of sight · F changes it"
            if board.filter.is_on
            else "",
        )
        self._fit()

    def show_scope(self, scope: DeskScope | None) -> None:
        """Show what this desk looks after, when that is not everything."""
        words = scope_words(scope) if scope is not None else ""
        self._say(self.scope_sign, words)
        self._fit()

    def _say(self, sign: QLabel, words: str) -> None:
        if sign.text() != words:
            sign.setText(words)
            sign.setAccessibleName(words)
        sign.setVisible(bool(words))

    def _fit(self) -> None:
        parts = (self.scope_sign, self.filter_sign, self.line)
        self.setVisible(any(not part.isHidden() for part in parts))

    # ------------------------------------------------------------------ filter

    def edit(self) -> None:
        """Open the filter's line and take the keyboard."""
        self.line.show()
        self._fit()
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def clear(self) -> None:
        """End the filter."""
        for part in (self.words, *self._tiers.values()):
            part.blockSignals(True)
        self.words.clear()
        for button in self._tiers.values():
            button.setChecked(True)
        for part in (self.words, *self._tiers.values()):
            part.blockSignals(False)
        self.filter_wanted.emit(BoardFilter())
        self._leave()

    def _on_edited(self) -> None:
        shown = frozenset(tier for tier, button in self._tiers.items() if button.isChecked())
        tiers = frozenset() if len(shown) == len(Tier) else shown
        self.filter_wanted.emit(BoardFilter(tiers, self.words.text()))

    def _leave(self) -> None:
        self.line.hide()
        self._fit()
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.line.isHidden():
            self._leave()
        else:
            super().keyPressEvent(event)
