"""The inline chooser: outcomes or actions of the specification, one key each, and a note."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.hit_life import MAX_STEP_TEXT
from nas_desktop.ui.basis_words import VOICE_CHECKED
from nas_desktop.ui.live.detail_parts import KeyButton
from nas_desktop.ui.theme import Look

KEYS = "123456789ABDEFGH"
"""One key a choice, in the order of the specification's table."""


class OutcomeChooser(QFrame):
    """Opens above the action bar, takes one key, and closes.

    Signals:
        chosen(code, text): what was picked, with the note.
        cancelled: Escape, or the button that says so.
    """

    chosen = Signal(str, str)
    cancelled = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("outcomeChooser")
        self.setProperty("role", "box")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._look = look
        self._codes: list[str] = []
        self._checked_first: frozenset[str] = frozenset()
        self._buttons: list[KeyButton] = []
        self._title = QLabel()
        self._title.setProperty("role", "strong")
        self._hint = QLabel("Press its key · T for a note · Esc to go back")
        self._hint.setProperty("role", "second")
        self.note = QLineEdit()
        self.note.setObjectName("outcomeNote")
        self.note.setMaxLength(MAX_STEP_TEXT)
        self.note.setPlaceholderText(
            "Note, if there is more to say (T; Enter goes back to the keys)"
        )
        self.note.setAccessibleName("Note")
        self.note.returnPressed.connect(self.setFocus)
        self._warning = QLabel()
        self._warning.setObjectName("chooserWarning")
        self._warning.setProperty("role", "strong")
        self._warning.setWordWrap(True)
        self._warning.setTextFormat(Qt.TextFormat.PlainText)
        self.voice = QCheckBox("Checked with PNC by voice (C)")
        self.voice.setObjectName("voiceCheck")
        self.voice.setToolTip("The Extract is over 8 h old: ask PNC by voice before a stop (C)")
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._hint)
        self._grid = QGridLayout()
        self._grid.setSpacing(5)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 8)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self._warning)
        layout.addWidget(self.voice)
        layout.addLayout(self._grid)
        layout.addWidget(self.note)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        for button in self._buttons:
            button.set_look(look)

    def ask(
        self,
        title: str,
        choices: Mapping[str, str],
        width: int,
        *,
        is_tight: bool,
        checked_first: frozenset[str] = frozenset(),
        warning: str = "",
    ) -> None:
        """Show the choices in as many columns as the width holds, and take the keyboard.

        ``is_tight`` keeps the note away until T asks for it. Codes in ``checked_first`` can be
        chosen only once PNC was asked by voice. ``warning`` stands above the choices.
        """
        self._checked_first = checked_first
        self.voice.setChecked(False)
        self.voice.setVisible(bool(checked_first))
        self._warn(warning)
        for button in self._buttons:
            self._grid.removeWidget(button)
            button.deleteLater()
        self._title.setText(title)
        self._codes = list(choices)
        self._buttons = []
        columns = max(1, min(4, width // self._look.px(225)))
        for at, (code, words) in enumerate(choices.items()):
            button = KeyButton(KEYS[at], words, self._look, self)
            button.setObjectName(f"choice_{code}")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setStyleSheet("text-align: left;")
            button.clicked.connect(lambda _checked=False, c=code: self._choose(c))
            # The words of an outcome are never squeezed; the detail above scrolls instead.
            button.setMinimumHeight(button.sizeHint().height())
            self._grid.addWidget(button, at // columns, at % columns)
            self._buttons.append(button)
        self.note.clear()
        self.note.setVisible(not is_tight)
        self.show()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave(self) -> None:
        """Close without a choice."""
        if self.isVisible():
            self.hide()
            self.cancelled.emit()

    def _warn(self, words: str) -> None:
        self._warning.setText(words)
        self._warning.setVisible(bool(words))

    def _choose(self, code: str) -> None:
        needs_check = code in self._checked_first
        if needs_check and not self.voice.isChecked():
            self._warn("Check the vehicle with PNC by voice first, then tick the box (C).")
            self.voice.setFocus()
            return
        text = self.note.text().strip()
        if needs_check:
            text = f"{VOICE_CHECKED}{text}"[:MAX_STEP_TEXT].strip()
        self.hide()
        self.chosen.emit(code, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        key = event.text().upper()
        if key == "T":
            self.note.show()
            self.note.setFocus()
        elif key == "C" and self._checked_first:
            self.voice.toggle()
            self._warn("")
        elif key and key in KEYS[: len(self._codes)]:
            self._choose(self._codes[KEYS.index(key)])
        else:
            super().keyPressEvent(event)
