"""The question before a change to a whole list: what will happen, and why it is done."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

LONGEST_NAME, LONGEST_WHY = 120, 500


class ChangeDialog(QDialog):
    """Asks for the reason; for a new list also for its name and authority; beside the window.

    ``is_final`` asks for a tick before the change can be made, because it cannot be undone.
    """

    def __init__(
        self, title: str, words: str, yes: str, parent: QWidget, *, is_new: bool = False,
        is_final: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("changeDialog")
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setMinimumWidth(480)
        self.words = QLabel(words)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.name = QLineEdit(maxLength=LONGEST_NAME)
        self.name.setPlaceholderText("07_Cheshire Own Entries")
        self.authority = QLineEdit(maxLength=LONGEST_NAME)
        self.authority.setPlaceholderText("only for No Alert entries")
        self.misreads = QCheckBox("Look for possible misreads of its Stop entries")
        self.why = QLineEdit(maxLength=LONGEST_WHY)
        self.why.setPlaceholderText("put on record with your name")
        self.sure = QCheckBox("Yes, I want this, and I know that it cannot be undone")
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        if is_new:
            form.addRow("&Name", self.name)
            form.addRow("Au&thority", self.authority)
            form.addRow("", self.misreads)
        form.addRow("&Reason", self.why)
        if is_final:
            form.addRow("", self.sure)
        self.buttons = QDialogButtonBox()
        self.yes = self.buttons.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        self.no = self.buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addWidget(self.words)
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self._is_new, self._is_final = is_new, is_final
        for field in (self.name, self.why):
            field.textChanged.connect(self._judge)
        self.sure.toggled.connect(self._judge)
        self._judge()
        (self.name if is_new else self.why).setFocus()

    def _judge(self) -> None:
        has_why = bool(self.why.text().strip()) or self._is_new
        has_name = bool(self.name.text().strip()) or not self._is_new
        self.yes.setEnabled(has_why and has_name and (self.sure.isChecked() or not self._is_final))
