"""What was recorded for a ``No Alert`` list: for its owner alone, and shown nowhere else."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.spec import Spec
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look

COLUMNS = ("Captured (GMT)", "VRM", "Camera", "Lane", "Entry", "Marking")
_WIDTHS = (170, 110, 220, 90, 320, 160)


class QuietView(QWidget):
    """A count, a table, an export.

    Signals:
        export_wanted(): the operator asked for a file.
    """

    export_wanted = Signal()

    def __init__(self, spec: Spec, look: Look) -> None:
        super().__init__()
        self._spec = spec
        self._look = look
        self.hits: tuple[Hit, ...] = ()
        self._total = 0
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "second")
        self.export = QPushButton("Export…")
        self.export.clicked.connect(self.export_wanted)
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels(list(COLUMNS))
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setAccessibleName("No Alert hits")
        top = QHBoxLayout()
        top.addWidget(self.words, 1)
        top.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        self.set_look(look)
        self.show_words("Choose a list with No Alert entries that is yours.")

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, look.px(width))

    def show_words(self, words: str) -> None:
        """Show a sentence and no table."""
        self.hits = ()
        self.words.setText(words)
        self.table.setRowCount(0)
        self.table.hide()
        self.export.setEnabled(False)

    def show_hits(self, total: int, hits: Sequence[Hit]) -> None:
        """Show what was recorded, newest first."""
        if not total:
            self.show_words("Nothing has been recorded for this list yet.")
            return
        self.hits, self._total = tuple(hits), total
        shown = f", the newest {len(hits):,} here" if len(hits) < total else ""
        self.words.setText(
            f"{several(total, 'hit')} recorded for monitoring{shown}. No action is intended;"
            " nobody else sees them."
        )
        self.table.setRowCount(len(hits))
        for row, hit in enumerate(hits):
            for column, text in enumerate(self._cells(hit)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if column == 1:
                    item.setFont(self._look.vrm(14))
                self.table.setItem(row, column, item)
        self.table.show()
        self.export.setEnabled(True)

    def _cells(self, hit: Hit) -> tuple[str, ...]:
        entry = hit.leading.entry
        return (
            f"{hit.read.captured_at.astimezone(UTC):%d/%m/%Y %H:%M:%S}",
            self._spec.grammar.display(hit.read.vrm),
            hit.read.alias or str(hit.read.camera),
            hit.read.lane_id,
            f"{entry.reason}: {entry.information}",
            entry.gsc,
        )

    def export_text(self) -> str:
        """Return what is shown as CSV, the marking first; no cell can act as a formula."""
        marking = (
            "OFFICIAL-SENSITIVE"
            if any(hit.leading.entry.gsc == "OFFICIAL-SENSITIVE" for hit in self.hits)
            else "OFFICIAL"
        )
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([marking])
        writer.writerow([f"{len(self.hits)} of {self._total} hits, newest first, times GMT"])
        writer.writerow(COLUMNS)
        for hit in self.hits:
            writer.writerow([_harmless(cell) for cell in self._cells(hit)])
        return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell
