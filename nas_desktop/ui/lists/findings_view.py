"""The fault report: findings that can be narrowed, looked up in the file and saved."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.findings import Finding, Severity
from nas_desktop.services import tasks
from nas_desktop.services.lists import ImportReport
from nas_desktop.services.resources import load_template_rules
from nas_desktop.ui.lists.findings_file import read_row, write_findings
from nas_desktop.ui.lists.findings_marks import SHAPES
from nas_desktop.ui.lists.findings_model import FindingsModel
from nas_desktop.ui.lists.findings_row_view import FindingsRowView
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look

_WIDTHS = (72, 168, 96, 60, 330)


class FindingsView(QWidget):
    """Findings of one report on one file of this machine."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findings")
        columns = load_template_rules().columns
        self.model = FindingsModel(columns)
        self.model.outline = look.tokens.outline
        self.model.mark_px = look.px(13)
        self._path = ""
        self._omitted = 0
        self._reading: asyncio.Task[None] | None = None
        self.code = QComboBox()
        self.code.setAccessibleName("Show findings of one code")
        self.code.setMinimumWidth(look.px(150))
        self.severity = QComboBox()
        self.severity.setAccessibleName("Show errors or warnings")
        self.severity.addItem("Errors and warnings", None)
        self.severity.addItem(f"{SHAPES[Severity.ERROR]} Errors", Severity.ERROR.value)
        self.severity.addItem(f"{SHAPES[Severity.WARNING]} Warnings", Severity.WARNING.value)
        self.severity.setMinimumWidth(look.px(170))
        self.text = QLineEdit(clearButtonEnabled=True)
        self.text.setAccessibleName("Find in the findings")
        self.text.setPlaceholderText("Find in the findings")
        self.table = _table(self.model, look)
        self.more = QLabel()
        self.more.setProperty("role", "second")
        self.more.setWordWrap(True)
        self.show_row = QPushButton("Sho&w the row")
        self.show_row.setToolTip("Read this row of the file and copy its line number (Enter)")
        self.save = QPushButton("Sa&ve report…")
        self.save.setToolTip("Write the findings to a CSV file")
        for button in (self.show_row, self.save):
            button.setAutoDefault(False)
        self.row = FindingsRowView(columns, look)
        self.row.hide()
        self._lay_out()
        self._connect()

    def show_report(self, report: ImportReport, path: str) -> None:
        """Show the findings of a report and remember which file they speak of."""
        self._path, self._omitted = path, report.omitted
        self.row.hide()
        counts = Counter(report.by_code) or Counter(one.code for one in report.findings)
        self.code.blockSignals(True)
        self.code.clear()
        self.code.addItem("All codes", "")
        for code, count in sorted(counts.items()):
            self.code.addItem(f"{code} ({count:,})", code)
        self.code.blockSignals(False)
        self.severity.setCurrentIndex(0)
        self.text.clear()
        self.model.show(report.findings)
        self._narrow()

    # ------------------------------------------------------------------ what is asked for

    def current(self) -> Finding | None:
        """Return the finding that is selected."""
        return self.model.finding_at(self.table.currentIndex().row())

    def ask_for_row(self) -> None:
        """Read the row of the selected finding and copy its line number."""
        finding = self.current()
        if finding is None:
            return
        QGuiApplication.clipboard().setText(str(finding.line))
        if self._reading is not None:
            self._reading.cancel()
        self._reading = tasks.spawn(self._read(finding), "findings-row")

    async def _read(self, finding: Finding) -> None:
        row = await asyncio.to_thread(read_row, self._path, finding.line)
        if not isValid(self):
            return
        self.row.show_row(row, finding)
        self.row.show()

    def ask_where_to_save(self) -> None:
        """Ask for a file, beside the window, and write the report to it."""
        box = QFileDialog(self, "Save the report")
        box.setObjectName("saveReport")
        box.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        box.setNameFilter("CSV (*.csv)")
        box.setDefaultSuffix("csv")
        box.selectFile(f"{Path(self._path).stem} findings.csv")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.fileSelected.connect(self.save_to)
        box.open()

    def save_to(self, path: str) -> None:
        """Write the report to a file."""
        tasks.spawn(self._save(path), "findings-save")

    async def _save(self, path: str) -> None:
        try:
            await asyncio.to_thread(write_findings, path, self.model.findings, self._omitted)
            words = f"The report is saved as {Path(path).name}."
        except OSError:
            words = "The report could not be written there. Choose another folder."
        if isValid(self):
            self._say(words)

    # ------------------------------------------------------------------ showing

    def _narrow(self) -> None:
        chosen = self.severity.currentData()
        self.model.narrow(
            self.code.currentData() or "",
            Severity(chosen) if chosen else None,
            self.text.text(),
        )
        if self.model.rowCount():
            self.table.selectRow(0)
        self.show_row.setEnabled(self.model.rowCount() > 0)
        self._say()

    def _say(self, words: str = "") -> None:
        shown, kept = self.model.rowCount(), len(self.model.findings)
        said = several(shown, "finding")
        if shown != kept:
            said = f"{shown:,} of {several(kept, 'finding')}"
        if self._omitted:
            said += f" and {self._omitted:,} more, which are counted but not listed"
        self.more.setText(f"{said}. {words}".strip())

    def _lay_out(self) -> None:
        filters = QHBoxLayout()
        filters.setSpacing(8)
        for field in (self.code, self.severity):
            filters.addWidget(field)
        filters.addWidget(self.text, 1)
        filters.addWidget(self.show_row)
        filters.addWidget(self.save)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.table)
        parts.addWidget(self.row)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(filters)
        layout.addWidget(parts, 1)
        layout.addWidget(self.more)

    def _connect(self) -> None:
        self.code.currentIndexChanged.connect(self._narrow)
        self.severity.currentIndexChanged.connect(self._narrow)
        self.text.textChanged.connect(self._narrow)
        self.show_row.clicked.connect(self.ask_for_row)
        self.save.clicked.connect(self.ask_where_to_save)
        self.table.doubleClicked.connect(self._on_double_click)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            enter = QShortcut(QKeySequence(key), self.table)
            enter.setContext(Qt.ShortcutContext.WidgetShortcut)
            enter.activated.connect(self.ask_for_row)

    def _on_double_click(self, _index: QModelIndex) -> None:
        self.ask_for_row()


def _table(model: FindingsModel, look: Look) -> QTableView:
    table = QTableView()
    table.setObjectName("findingsTable")
    table.setAccessibleName("Findings")
    table.setModel(model)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(look.px(26))
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setStretchLastSection(True)
    header.setHighlightSections(False)
    for column, width in enumerate(_WIDTHS):
        table.setColumnWidth(column, look.px(width))
    return table
