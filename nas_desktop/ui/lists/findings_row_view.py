"""One record of a file, read-only, cell by cell, with the faulty column marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.findings import Finding
from nas_desktop.ui.lists.findings_file import FileRow
from nas_desktop.ui.lists.findings_marks import WORDS, severity_pixmap
from nas_desktop.ui.theme import AMBER, ON_AMBER, ON_RED, RED, Look


class FindingsRowView(QWidget):
    """Stands beside the findings once a row has been asked for."""

    def __init__(self, columns: Sequence[str], look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findingsRow")
        self._columns = tuple(columns)
        self._look = look
        self.title = QLabel()
        self.title.setProperty("role", "strong")
        self.title.setWordWrap(True)
        self.words = QLabel()
        self.words.setProperty("role", "second")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.cells = QTableWidget(0, 2)
        self.cells.setAccessibleName("Cells of the row")
        self.cells.setHorizontalHeaderLabels(["Column", "As it stands in the file"])
        self.cells.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.cells.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.cells.setTabKeyNavigation(False)
        self.cells.setWordWrap(False)
        self.cells.verticalHeader().hide()
        self.cells.verticalHeader().setDefaultSectionSize(look.px(24))
        header = self.cells.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        self.cells.setColumnWidth(0, look.px(190))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.title)
        layout.addWidget(self.words)
        layout.addWidget(self.cells, 1)

    def show_row(self, row: FileRow, finding: Finding) -> None:
        """Show a record and mark the column that a finding speaks of."""
        self.title.setText(f"Line {row.line:,}" if row.line else "The file")
        said = row.words or f"{finding.message} The line number is in the clipboard."
        self.words.setText(said)
        self.cells.setVisible(bool(row.cells))
        self.cells.setRowCount(len(row.cells))
        for at, cell in enumerate(row.cells):
            name = f"{at + 1} {self._columns[at]}" if at < len(self._columns) else f"{at + 1} –"
            self._put(at, name, cell, finding if finding.column == at + 1 else None)
        if row.cells and 1 <= finding.column <= len(row.cells):
            self.cells.setCurrentCell(finding.column - 1, 1)
            self.cells.clearSelection()
            faulty = self.cells.item(finding.column - 1, 0)
            if faulty is not None:
                self.cells.scrollToItem(faulty)

    def _put(self, at: int, name: str, cell: str, finding: Finding | None) -> None:
        heading = QTableWidgetItem(name)
        content = QTableWidgetItem(cell.replace("\r", "␍").replace("\n", "␊"))
        content.setToolTip(cell)
        if finding is not None:
            mark = severity_pixmap(finding.severity, self._look.tokens.outline, self._look.px(13))
            heading.setIcon(QIcon(mark))
            heading.setText(f"{name} · {WORDS[finding.severity]}")
            heading.setToolTip(heading.text())
            ground, text = (RED, ON_RED) if finding.is_error else (AMBER, ON_AMBER)
            content.setBackground(QBrush(QColor(ground)))
            content.setForeground(QBrush(QColor(text)))
            if not cell:
                content.setText("(empty)")
        self.cells.setItem(at, 0, heading)
        self.cells.setItem(at, 1, content)
