"""Keeping reads beyond the retention: for what, and when somebody looks at them again."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QDateEdit,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.search_access import MOST_REFERENCE
from nas_desktop.services.searches import Order, RunningSearch
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.search.form_parts import Said, quiet_form
from nas_desktop.ui.text import several

REVIEW = timedelta(days=90)
"""First review that is proposed."""


class PreserveDialog(QDialog):
    """Reference and review date; beside the window.

    Signals:
        preserved(int): so many reads are kept.
    """

    preserved = Signal(int)

    def __init__(
        self,
        bridge: Bridge,
        running: RunningSearch,
        places: tuple[int, ...],
        order: Order,
        reference: str,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._running, self._places, self._order = bridge, running, places, order
        today = bridge.clock.now().date()
        self.setObjectName("preserveDialog")
        self.setWindowTitle("Preserve reads")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setMinimumWidth(look_beside(parent).px(560))
        words = QLabel(
            f"{several(len(places), 'read')}, with what images there are: kept beyond the retention"
            " until somebody ends it, and looked at again on the review date."
        )
        words.setWordWrap(True)
        self.reference = QLineEdit(reference, maxLength=MOST_REFERENCE)
        self.reference.setPlaceholderText("incident, crime or operation number")
        review = today + REVIEW
        self.review = QDateEdit(QDate(review.year, review.month, review.day))
        self.review.setDisplayFormat("dd/MM/yyyy")
        self.review.setMinimumDate(QDate(today.year, today.month, today.day).addDays(1))
        self.review.setCalendarPopup(True)
        self.said = Said("preserveSaid")
        self.keep = QPushButton("&Preserve")
        self.leave = QPushButton("Cancel")
        form = quiet_form()
        form.addRow("&Reference", self.reference)
        form.addRow("Re&view on", self.review)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.keep)
        foot.addWidget(self.leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addLayout(form)
        layout.addWidget(self.said)
        layout.addLayout(foot)
        self.reference.textChanged.connect(lambda _text: self._judge())
        self.keep.clicked.connect(lambda _checked=False: self.run())
        self.leave.clicked.connect(self.reject)
        self._judge()

    def _judge(self) -> None:
        self.keep.setEnabled(bool(self.reference.text().strip()))

    def run(self) -> None:
        """Keep the reads."""
        self.keep.setEnabled(False)
        self._bridge.run(self._keep(), "search-preserve")

    async def _keep(self) -> None:
        day = self.review.date()
        review = datetime.combine(
            datetime(day.year(), day.month(), day.day(), tzinfo=UTC).date(), time(), UTC
        )
        try:
            count = await self._running.preserve(
                self._places, self.reference.text().strip(), review, self._order
            )
        except Refused as refusal:
            if isValid(self):
                self.said.say(refusal.words, is_fault=True)
                self._judge()
            return
        if isValid(self):
            self.preserved.emit(count)
            self.accept()
