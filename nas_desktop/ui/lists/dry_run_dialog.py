"""A dry run: what a list would have raised in the last days, before it rings anybody."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.services import tasks
from nas_desktop.services.dry_run import DryRunReport
from nas_desktop.services.lists import ImportChoices
from nas_desktop.services.ports import ListLink
from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.lists.dry_run_words import detail_words, result_words, storm_words
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.lists.import_words import marked, stage_words
from nas_desktop.ui.text import Tone

_COLUMNS = ("VRM", "Hits", "Action", "Reason")


class DryRunDialog(QDialog):
    """Progress, then words, warning and the entries with the most hits; beside the window.

    Either ``name`` of a list held here is given, or ``path`` of a file with its choices.
    """

    def __init__(
        self,
        link: ListLink,
        parent: QWidget,
        *,
        name: str = "",
        path: str = "",
        choices: ImportChoices | None = None,
    ) -> None:
        super().__init__(parent)
        self._link = link
        self._given = (name, path, choices or ImportChoices())
        self._task: asyncio.Task[None] | None = None
        look = look_beside(parent)
        self._look = look
        self.setObjectName("dryRunDialog")
        self.setWindowTitle(f"Dry run: {name or path}")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.stage = QLabel()
        self.stage.setProperty("role", "strong")
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Progress")
        self.said = self._label("dryRunSaid", "strong")
        self.storm = self._label("dryRunStorm", "strong")
        self.detail = self._label("dryRunDetail", "second")
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setAccessibleName("Entries with the most hits")
        self.table.setHorizontalHeaderLabels(list(_COLUMNS))
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.again = QPushButton("Run &again")
        self.leave = QPushButton("Close")
        for button in (self.again, self.leave):
            button.setAutoDefault(False)
        self._lay_out()
        self.again.clicked.connect(self.run)
        self.leave.clicked.connect(self.reject)
        self._forget()
        self._show_running(False)
        resize_within(self, look.px(760), look.px(520))
        self.leave.setFocus()

    @property
    def is_running(self) -> bool:
        """True while the reads are looked at."""
        return self._task is not None

    def run(self) -> None:
        """Hold the list against the reads."""
        if self._task is None:
            self._forget()
            self._show_running(True)
            self._on_progress("starting", 0, 0)
            self._task = tasks.spawn(self._run(), "list-dry-run")

    def cancel(self) -> None:
        """Give the running work up."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        name, path, choices = self._given
        words, tone, report = "The dry run broke off for a fault of the program.", Tone.RED, None
        try:
            report = await self._link.dry_run(self._on_progress, name, path, choices)
        except asyncio.CancelledError:
            words, tone = "Cancelled. Nothing was changed.", Tone.QUIET
            raise
        except Refused as refusal:
            words = refusal.words
        finally:
            if isValid(self):
                self._task = None
                self._show_running(False)
                if report is None:
                    self._say(self.said, words, tone)
                else:
                    self.show_report(report)

    def show_report(self, report: DryRunReport) -> None:
        """Show what was found."""
        self._say(self.said, *result_words(report))
        if storm := storm_words(report):
            self._say(self.storm, storm, Tone.AMBER)
        if detail := detail_words(report):
            self.detail.setText(detail)
            self.detail.show()
        self.table.setRowCount(len(report.by_entry))
        for row, one in enumerate(report.by_entry):
            for column, words in enumerate((one.vrm, f"{one.hits:,}", str(one.action), one.reason)):
                item = QTableWidgetItem(words)
                if column == 1:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.table.setItem(row, column, item)
        self.table.setVisible(bool(report.by_entry))

    # ------------------------------------------------------------------ showing

    def _label(self, name: str, role: str) -> QLabel:
        label = QLabel()
        label.setObjectName(name)
        label.setWordWrap(True)
        label.setProperty("role", role)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _lay_out(self) -> None:
        self._running = QFrame()
        running = QHBoxLayout(self._running)
        running.setContentsMargins(0, 0, 0, 0)
        running.addWidget(self.stage)
        running.addWidget(self.progress, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.again)
        foot.addWidget(self.leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        for part in (self._running, self.said, self.storm, self.detail):
            layout.addWidget(part)
        layout.addWidget(self.table, 1)
        layout.addStretch(0)
        layout.addLayout(foot)

    def _forget(self) -> None:
        for part in (self.said, self.storm, self.detail, self.table):
            part.hide()

    def _on_progress(self, stage: str, done: int, total: int) -> None:
        if isValid(self):
            self.stage.setText(stage_words(stage, done, total))
            self.progress.setRange(0, max(0, total))
            self.progress.setValue(done)

    def _show_running(self, is_running: bool) -> None:
        self._running.setVisible(is_running)
        self.again.setEnabled(not is_running)
        self.leave.setText("Cancel" if is_running else "Close")

    def _say(self, label: QLabel, words: str, tone: Tone) -> None:
        label.setText(marked(words, tone))
        label.setAccessibleName(words)
        label.setProperty("tone", tone.value)
        label.style().unpolish(label)
        label.style().polish(label)
        label.setMinimumHeight(label.fontMetrics().height() + self._look.px(10))
        label.show()

    def reject(self) -> None:
        """Cancel the work, or close."""
        if self.is_running:
            self.cancel()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.cancel()
        super().closeEvent(event)
