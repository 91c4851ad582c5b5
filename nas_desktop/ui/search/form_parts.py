"""Small parts that the forms of the question are made of."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget


def small_button(words: str, tip: str, slot: Callable[[], object]) -> QToolButton:
    """Return a quiet button for a heading's right end; reachable by Tab."""
    made = QToolButton()
    made.setText(words)
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setProperty("role", "small")
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.clicked.connect(lambda _checked=False: slot())
    return made


def heading(words: str, buddy: QWidget, *buttons: QWidget) -> QHBoxLayout:
    """Return a heading with its mnemonic, and what belongs to it at its right end."""
    name = QLabel(words)
    name.setProperty("role", "heading")
    name.setBuddy(buddy)
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(2)
    row.addWidget(name)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row


def in_order(*widgets: QWidget) -> None:
    """Have Tab go through these one after the other."""
    for before, after in pairwise(widgets):
        QWidget.setTabOrder(before, after)


def quiet_form() -> QFormLayout:
    """Return rows of name and field, the names in the middle of their fields' height."""
    form = QFormLayout()
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    form.setHorizontalSpacing(14)
    form.setVerticalSpacing(8)
    return form


class Said(QLabel):
    """Words under a field: quiet, or what is wrong with it, with its mark; gone when empty."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setMinimumWidth(60)
        self.hide()

    def say(self, words: str, *, is_fault: bool = False) -> None:
        """Say this; a fault carries a square before it, so that it is told by shape too."""
        role = "strong" if is_fault else "small"
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().unpolish(self)
            self.style().polish(self)
        self.setText(f"■ {words}" if is_fault and words else words)
        self.setVisible(bool(words))
