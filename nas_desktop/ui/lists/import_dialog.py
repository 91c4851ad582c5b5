"""Importing a file: choose it, check it, make it live, and see what is wrong with it."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.services import tasks
from nas_desktop.services.lists import ImportChoices, ListOutcome
from nas_desktop.services.ports import ListLink
from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.lists.findings_view import FindingsView
from nas_desktop.ui.lists.import_choices_view import ImportChoicesView
from nas_desktop.ui.lists.import_words import marked, outcome_words, stage_words
from nas_desktop.ui.text import Tone

_BEFORE_LIVE = "checking"


class ImportDialog(QDialog):
    """One page: file, choices, progress, result, findings; beside the window.

    Signals:
        imported(name): a list is live, stored or not.
        dry_run_wanted(path, choices): hold what is in the file against the stored reads first.
    """

    imported = Signal(str)
    dry_run_wanted = Signal(str, object)

    def __init__(self, link: ListLink, *, has_server: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._link = link
        self._task: asyncio.Task[None] | None = None
        self._stage = ""
        self._look = look_beside(parent)
        self.setObjectName("importDialog")
        self.setWindowTitle("Import a list")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.path = QLineEdit()
        self.path.setAccessibleName("File")
        self.path.setPlaceholderText("a CSV file or an Excel workbook of this machine")
        self.choose = QPushButton("&Choose…")
        self.choices = ImportChoicesView(has_server=has_server)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Progress")
        self.progress.setFixedHeight(self._look.px(18))
        self.stage = QLabel()
        self.stage.setProperty("role", "strong")
        self.stage.setMinimumWidth(self._look.px(180))
        self.said = QLabel()
        self.said.setObjectName("importSaid")
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.notes = QLabel()
        self.notes.setProperty("role", "second")
        self.notes.setWordWrap(True)
        self.notes.setTextFormat(Qt.TextFormat.PlainText)
        self.findings = FindingsView(self._look)
        self.check = QPushButton("Chec&k only")
        self.check.setToolTip("Look for faults; nothing goes live")
        self.try_out = QPushButton("Dry r&un…")
        self.try_out.setToolTip("How often would it have rung in the last seven days?")
        self.load = QPushButton("&Import")
        self.leave = QPushButton("Close")
        for button in (self.choose, self.check, self.try_out, self.load, self.leave):
            button.setAutoDefault(False)
        self._lay_out()
        self._connect()
        for part in (self.said, self.notes, self.findings):
            part.hide()
        self._show_running(False)
        resize_within(self, self._look.px(1080), self._look.px(400))
        self.path.setFocus()

    @property
    def is_running(self) -> bool:
        """True while a file is checked or imported."""
        return self._task is not None

    # ------------------------------------------------------------------ the work

    def ask_for_file(self) -> None:
        """Ask for a file, beside the window."""
        box = QFileDialog(self, "Choose a list")
        box.setObjectName("chooseFile")
        box.setFileMode(QFileDialog.FileMode.ExistingFile)
        box.setNameFilters(["Lists (*.csv *.xlsx)", "All files (*)"])
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.fileSelected.connect(self.path.setText)
        box.open()

    def run(self, *, is_check_only: bool) -> None:
        """Check the file and, unless only that is wanted, make it live."""
        path = self.path.text().strip()
        if self._task is not None or not path:
            return
        choices = self.choices.choices(is_check_only=is_check_only)
        for part in (self.said, self.notes, self.findings):
            part.hide()
        self._show_running(True)
        self._on_progress("starting", 0, 0)
        self._task = tasks.spawn(self._run(path, choices), "list-import")

    def cancel(self) -> None:
        """Give the running work up."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self, path: str, choices: ImportChoices) -> None:
        try:
            outcome = await self._link.import_file(path, choices, self._on_progress)
        except asyncio.CancelledError:
            if not isValid(self):  # closed, and gone with everything on it
                raise
            self._ended()
            self._say(*self._cancelled_words())
            raise
        except Refused as refusal:
            if not isValid(self):
                return
            self._ended()
            self._say(refusal.words, Tone.RED)
            return
        except BaseException:
            if not isValid(self):
                raise
            # The fault itself is reported by whoever keeps the tasks; here nothing may hang.
            self._ended()
            self._say("The import broke off for a fault of the program.", Tone.RED)
            raise
        if not isValid(self):
            return
        self._ended()
        self._show_outcome(outcome, path, choices)

    def _cancelled_words(self) -> tuple[str, Tone]:
        if self._stage in ("", "starting", _BEFORE_LIVE):
            return "Cancelled. Nothing was imported.", Tone.QUIET
        return "Cancelled. The list may be live already: look for it among the lists.", Tone.AMBER

    def _ended(self) -> None:
        self._task = None
        self._show_running(False)

    # ------------------------------------------------------------------ showing

    def _on_progress(self, stage: str, done: int, total: int) -> None:
        if not isValid(self):
            return
        self._stage = stage
        words = stage_words(stage, done, total)
        self.stage.setText(words)
        self.progress.setRange(0, 100 if total > 0 else 0)
        if total > 0:
            self.progress.setValue(min(100, done * 100 // total))
        self.progress.setAccessibleDescription(words)

    def _show_outcome(self, outcome: ListOutcome, path: str, choices: ImportChoices) -> None:
        self._say(*outcome_words(outcome, is_check_only=choices.is_check_only))
        report = outcome.report
        if report is not None and report.notes:
            self.notes.setText("\n".join(report.notes))
            self.notes.show()
        if report is not None and (report.findings or report.omitted):
            self.findings.show_report(report, path)
            self.findings.show()
            resize_within(self, self.width(), max(self.height(), self._look.px(700)))
            self.findings.table.setFocus()
        if outcome.is_live:
            self.imported.emit(outcome.name)

    def _say(self, words: str, tone: Tone) -> None:
        self.said.setText(marked(words, tone))
        self.said.setAccessibleName(words)
        self.said.setProperty("tone", tone.value)
        self.said.setProperty("role", "strong")
        self.said.style().unpolish(self.said)
        self.said.style().polish(self.said)
        # The padding of a coloured line counts only once it is dressed.
        self.said.setMinimumHeight(self.said.fontMetrics().height() + self._look.px(10))
        self.said.show()

    def _show_running(self, is_running: bool) -> None:
        self._running.setVisible(is_running)
        for part in (self.path, self.choose, self.choices):
            part.setEnabled(not is_running)
        self.leave.setText("Cancel" if is_running else "Close")
        self._judge()

    def _judge(self) -> None:
        has_file = bool(self.path.text().strip()) and self._task is None
        is_free = not self._running.isVisibleTo(self)
        self.check.setEnabled(has_file and is_free)
        self.try_out.setEnabled(has_file and is_free)
        self.load.setEnabled(has_file and is_free and self.choices.is_complete)
        self.load.setToolTip(
            "Check the file and make it live whole, or not at all"
            if self.choices.is_complete
            else "National data needs a reason first"
        )

    def _lay_out(self) -> None:
        file_row = QHBoxLayout()
        file_row.setSpacing(8)
        label = QLabel("&File")
        label.setBuddy(self.path)
        file_row.addWidget(label)
        file_row.addWidget(self.path, 1)
        file_row.addWidget(self.choose)
        self._running = QFrame()
        running = QHBoxLayout(self._running)
        running.setContentsMargins(0, 0, 0, 0)
        running.setSpacing(12)
        running.addWidget(self.stage)
        running.addWidget(self.progress, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (self.check, self.try_out, self.load, self.leave):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(file_row)
        layout.addWidget(self.choices)
        layout.addWidget(self._running)
        layout.addWidget(self.said)
        layout.addWidget(self.notes)
        layout.addWidget(self.findings, 1)
        layout.addStretch(0)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.choose.clicked.connect(self.ask_for_file)
        self.path.textChanged.connect(self._judge)
        self.path.returnPressed.connect(lambda: self.run(is_check_only=True))
        self.choices.changed.connect(self._judge)
        self.check.clicked.connect(lambda: self.run(is_check_only=True))
        self.try_out.clicked.connect(lambda: self._on_try_out())
        self.load.clicked.connect(lambda: self.run(is_check_only=False))
        self.leave.clicked.connect(self._on_leave)

    def _on_try_out(self) -> None:
        choices = self.choices.choices(is_check_only=True)
        self.dry_run_wanted.emit(self.path.text().strip(), choices)

    def _on_leave(self) -> None:
        if self.is_running:
            self.cancel()
        else:
            self.close()

    def open(self) -> None:
        """Show the dialog beside the window: hits can be dealt with meanwhile."""
        self.show()

    def reject(self) -> None:
        """Escape gives running work up first; with none it closes."""
        if self.is_running:
            self.cancel()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.cancel()
        super().closeEvent(event)
