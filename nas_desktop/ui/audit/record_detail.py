"""One record in full: who, what, when, why, under whose authority, and how it is proved."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from nas_desktop.services.audit import AuditRow, Verdict
from nas_desktop.services.audit_ports import Check, ProofState
from nas_desktop.ui.audit.audit_words import (
    check_words,
    count_words,
    coverage_words,
    criteria_words,
    decision_words,
    instant_words,
    more_words,
    proof_words,
    purpose_words,
    what_words,
    who_words,
)
from nas_desktop.ui.live.fact_rows import Facts, label
from nas_desktop.ui.theme import Look


class RecordDetail(QScrollArea):
    """Facts in the order in which they are asked for; what a record does not say is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("auditDetail")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("The record chosen")
        self.title = label("title", wraps=True)
        self.facts = Facts()
        self.hint = label("second", wraps=True)
        body = QWidget()
        body.setObjectName("auditDetailInner")
        self._layout = QVBoxLayout(body)
        self._layout.addWidget(self.title)
        self._layout.addWidget(self.hint)
        self._layout.addWidget(self.facts)
        self._layout.addStretch(1)
        self.setWidget(body)
        self.shown: AuditRow | None = None
        self.show_nothing("Choose a record to see all of it.")

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.setMinimumWidth(look.px(190))
        margin = look.px(12)
        self._layout.setContentsMargins(margin, margin, margin, margin)
        self._layout.setSpacing(look.px(10))

    def show_nothing(self, hint: str) -> None:
        """Show no record, and say why."""
        self.shown = None
        self.title.hide()
        self.facts.hide()
        self.hint.setText(hint)
        self.hint.show()

    def show_row(
        self,
        row: AuditRow,
        result_count: int | None = None,
        checks: Sequence[Check] = (),
        proof: ProofState | None = None,
        verdict: Verdict | None = None,
    ) -> None:
        """Show a record with what is known of it from elsewhere."""
        record = row.record
        if self.shown != row:
            self.verticalScrollBar().setValue(0)
        self.shown = row
        self.title.setText(what_words(record))
        self.title.show()
        self.hint.hide()
        age = record.oldest_age_days
        band = f"{record.band}, oldest instant {age:,} days ago" if age is not None else record.band
        self.facts.show_facts(
            (
                ("When", f"{instant_words(record.at)} GMT"),
                ("Who", who_words(record)),
                ("For", record.on_behalf_of),
                ("Why", record.justification),
                ("Reference", record.reference),
                ("Purpose", purpose_words(record)),
                ("Authority", record.authority),
                ("Asked for", criteria_words(record.criteria)),
                ("Band", band),
                ("Decision", decision_words(record)),
                ("Subject", record.subject),
                ("Found", count_words(record, result_count)),
                ("Coverage", coverage_words(record)),
                ("Checked", "\n\n".join(check_words(check) for check in checks)),
                ("More", more_words(record)),
                ("Given to", record.recipients),
                ("Marking", record.gsc),
                ("Which reads", _digest(record.read_ids_hash)),
                ("File", _digest(record.file_sha256)),
                ("Session", record.session),
                ("Event", _digest(record.event_id)),
                ("Program", record.app_version),
                ("Chain", proof_words(row.seq, proof, verdict)),
            )
        )
        self.facts.show()


def _digest(text: str) -> str:
    """Return a digest with places where a line may end."""
    return " ".join(text[at : at + 16] for at in range(0, len(text), 16))
