"""Whom to ring and under what number: contact and CAD, large enough to read while dialling."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nas_desktop.domain.spec import Spec
from nas_desktop.services.cards import Card
from nas_desktop.ui.control_line import incident_of, mark_of
from nas_desktop.ui.live.detail_parts import KeyButton
from nas_desktop.ui.overlay import Overlay
from nas_desktop.ui.theme import Look

NOT_GIVEN = "not given in the entry"
_CONTACT, _CAD = 0, 1


class ContactPanel(Overlay):
    """Opens over the window; Escape or the same key closes it.

    Signals:
        copied(str): which of the two is on the clipboard now.
    """

    copied = Signal(str)

    def __init__(self, page: QWidget, spec: Spec, look: Look) -> None:
        super().__init__(page, "contactPanel")
        self._spec = spec
        self._texts = ["", ""]
        self._title = self._label("contactTitle")
        self.values = [self._label("contactValue"), self._label("cadValue")]
        self._names = [QLabel("24-hour contact"), QLabel("CAD reference")]
        self._more = self._label("contactMore")
        self._more.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(1, 1)
        for at, (name, value) in enumerate(zip(self._names, self.values, strict=True)):
            name.setProperty("role", "second")
            value.setWordWrap(True)
            grid.addWidget(name, at, 0)
            grid.addWidget(value, at, 1)
        self.buttons = [
            KeyButton("1", "Copy contact", look), KeyButton("2", "Copy CAD", look),
            KeyButton("Esc", "Close", look),
        ]  # fmt: skip
        row = QHBoxLayout()
        for button, do in zip(
            self.buttons, (self.copy_contact, self.copy_cad, self.leave), strict=True
        ):
            button.clicked.connect(lambda _checked=False, run=do: run())
            row.addWidget(button)
        row.addStretch(1)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self._title)
        self._layout.addLayout(grid)
        self._layout.addWidget(self._more)
        self._layout.addLayout(row)
        self.set_look(look)

    def _label(self, name: str) -> QLabel:
        label = QLabel()
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self._layout.setContentsMargins(look.px(20), look.px(14), look.px(20), look.px(14))
        self._layout.setSpacing(look.px(12))
        self._title.setFont(look.semibold(16))
        self._title.setStyleSheet(f"font-size: {look.px(16)}px; font-weight: 600;")
        for value in self.values:
            value.setStyleSheet(f"font-size: {look.px(26)}px; font-weight: 700;")
        for button in self.buttons:
            button.set_look(look)

    def wanted_width(self) -> int:
        """As wide as a contact in one line usually needs."""
        return self._look.px(640)

    def toggle(self, card: Card | None) -> None:
        """Show what the card's leading entry says, or close."""
        if self.isVisible() or card is None:
            self.leave()
            return
        leading = card.foremost.leading
        entry, incident = leading.entry, incident_of(card)
        self._texts = [entry.contact, entry.cad]
        mark = mark_of(card.foremost)
        vrm = self._spec.grammar.display(card.vrm)
        self._title.setText(" · ".join(p for p in (mark, vrm, leading.list_name) if p))
        for label, name, text in zip(self.values, self._names, self._texts, strict=True):
            label.setText(text or NOT_GIVEN)
            label.setAccessibleName(f"{name.text()}: {text or NOT_GIVEN}")
        for button, text in zip(self.buttons, self._texts, strict=False):
            button.setEnabled(bool(text))
        more = [entry.lea_and_area, f"Incident {incident}" if incident else ""]
        others = {r.entry.contact: r for r in card.foremost.reasons[1:] if r.entry.contact}
        more += [f"{r.list_name}: {contact}" for contact, r in others.items()]
        self._more.setText("\n".join(part for part in more if part))
        self._more.setVisible(any(more))
        self.setAccessibleName(f"Contact for {vrm}")
        self.come()

    def copy_contact(self) -> None:
        """Put the contact on the clipboard."""
        self._copy(_CONTACT)

    def copy_cad(self) -> None:
        """Put the CAD reference on the clipboard."""
        self._copy(_CAD)

    def _copy(self, which: int) -> None:
        if self._texts[which]:
            QGuiApplication.clipboard().setText(self._texts[which])
            self.copied.emit(("The contact", "The CAD reference")[which])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {
            Qt.Key.Key_Escape: self.leave,
            Qt.Key.Key_K: self.leave,
            Qt.Key.Key_1: self.copy_contact,
            Qt.Key.Key_2: self.copy_cad,
        }
        do = keys.get(Qt.Key(event.key()))
        if do is not None:
            do()
        else:
            super().keyPressEvent(event)
