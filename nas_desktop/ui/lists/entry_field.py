"""One column of an entry: its name, its field, a hint, and what the checker says of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nas_desktop.domain.findings import Finding, Severity
from nas_desktop.ui.lists.findings_marks import SHAPES, TONES, WORDS


class EntryField(QWidget):
    """A field with its findings under it; errors and warnings stand apart."""

    def __init__(
        self, words: str, field: QWidget, hint: QLabel | None = None, *, name: str = ""
    ) -> None:
        super().__init__()
        self.field = field
        self.is_touched = False
        self.label = QLabel(words)
        self.label.setBuddy(field)
        self.label.setProperty("role", "heading")
        field.setAccessibleName(name or words.replace("&", ""))
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self.label)
        head.addStretch(1)
        if hint is not None:
            hint.setProperty("role", "second")
            head.addWidget(hint)
        self._said = {severity: _words_of(TONES[severity]) for severity in Severity}
        self._needed = _words_of("")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(head)
        layout.addWidget(field)
        layout.addWidget(self._needed)
        for label in self._said.values():
            layout.addWidget(label)

    @property
    def words(self) -> str:
        """Everything that is said under the field now."""
        shown = (self._needed, *self._said.values())
        return " ".join(label.text() for label in shown if label.text())

    def show_findings(self, findings: Sequence[Finding], *, is_empty: bool) -> None:
        """Show what the checker says; an empty field nobody was at yet is only called needed."""
        is_quiet = is_empty and not self.is_touched and bool(findings)
        first = findings[0] if is_quiet else None
        has_error = any(one.is_error for one in findings)
        need = "Needed" if has_error else "Expected"
        _show(self._needed, f"○ {need}" if first else "")
        self._needed.setToolTip(first.remedy if first else "")
        for severity, label in self._said.items():
            said = [one for one in findings if one.severity is severity and not is_quiet]
            _show(
                label,
                "\n".join(
                    f"{SHAPES[severity]} {WORDS[severity]}: {one.message} {one.remedy}".strip()
                    for one in said
                ),
            )
        self.field.setAccessibleDescription(self.words)


def _words_of(tone: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if tone:
        label.setProperty("tone", tone)
    else:
        label.setProperty("role", "second")
    label.hide()
    return label


def _show(label: QLabel, words: str) -> None:
    label.setText(words)
    label.setVisible(bool(words))
