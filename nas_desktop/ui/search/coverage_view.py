"""What an answer could see: a strip over the results, and every gap in a dialog."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.services.searches import Coverage, CoverageGap, Holder
from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.headed_table import HeadedTable
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.live.fact_rows import label
from nas_desktop.ui.search.search_words import (
    GAP_WORDS,
    coverage_title,
    coverage_words,
    is_whole,
    span_words,
)
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import AMBER, Look

_Index = QModelIndex | QPersistentModelIndex


class CoverageStrip(QFrame):
    """One line or two; its edge is amber, and a triangle stands in it, when something is missing.

    Signals:
        details_wanted: every gap is to be shown.
    """

    details_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("coverageStrip")
        self.title = label("strong", wraps=True)
        self.words = label("", wraps=True)
        self.details = QPushButton("Show &details")
        self.details.setToolTip("Every camera and time that was not looked at (Alt+D)")
        self.details.clicked.connect(lambda _checked=False: self.details_wanted.emit())
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self.title, 2)
        self._layout.addWidget(self.words, 6)
        self._layout.addWidget(self.details)
        self._is_whole = True
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.look = look
        self._layout.setContentsMargins(look.px(12), look.px(6), look.px(12), look.px(6))
        self._layout.setSpacing(look.px(12))
        self._edge()

    def _edge(self) -> None:
        color = self.look.tokens.line if self._is_whole else AMBER
        width = self.look.px(1 if self._is_whole else 4)
        self.setStyleSheet(
            f"#coverageStrip {{ background: {self.look.tokens.raised};"
            f" border-left: {width}px solid {color}; }}"
        )

    def set_compact(self, *, is_compact: bool) -> None:
        """Leave the words to the tip and the details where height is short."""
        self.words.setVisible(not is_compact)

    def show_coverage(self, coverage: tuple[Coverage, ...]) -> None:
        """Show what an answer could see."""
        is_all = bool(coverage) and is_whole(coverage)
        mark = "✓ " if is_all else ("▲ " if coverage else "○ ")
        self.title.setText(mark + coverage_title(coverage))
        self.words.setText(coverage_words(coverage))
        for part in (self.title, self.words):
            part.setToolTip(self.words.text())
        self.details.setVisible(bool(coverage))
        self.setAccessibleName(f"{coverage_title(coverage)} {coverage_words(coverage)}")
        if (is_all or not coverage) != self._is_whole:
            self._is_whole = is_all or not coverage
            self._edge()


COLUMNS = ("Camera", "What", "When (GMT)", "Asked of")


class GapsModel(HeadedTable):
    """Gaps, the longest first."""

    headings = COLUMNS

    def __init__(self, coverage: tuple[Coverage, ...]) -> None:
        super().__init__()
        self._gaps: list[tuple[CoverageGap, Holder]] = sorted(
            ((gap, one.holder) for one in coverage for gap in one.gaps),
            key=lambda pair: pair[0].since - pair[0].until,
        )

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._gaps)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        gap, holder = self._gaps[index.row()]
        return (
            gap.alias or str(gap.camera),
            GAP_WORDS[gap.kind],
            span_words(gap.since, gap.until),
            str(holder),
        )[index.column()]


class CoverageDialog(QDialog):
    """Every gap in a table; beside the window."""

    def __init__(self, coverage: tuple[Coverage, ...], parent: QWidget) -> None:
        super().__init__(parent)
        look = look_beside(parent)
        self.setObjectName("coverageDialog")
        self.setWindowTitle("Coverage of this search")
        self.setWindowModality(Qt.WindowModality.NonModal)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 20, 14)
        layout.setSpacing(10)
        for one in coverage:
            words = f"{str(one.holder).capitalize()}: {one.whole:,} of "
            words += f"{several(one.asked, 'camera')} without a gap, {one.share:.0%} of all camera"
            words += " time looked at."
            if one.held_since is not None:
                words += f" Reads are held since {one.held_since:%d/%m/%Y %H:%M} GMT."
            line = QLabel(words)
            line.setWordWrap(True)
            line.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(line)
            for problem in one.problems:
                fault = label("strong", wraps=True)
                fault.setText(f"▲ {problem}")
                layout.addWidget(fault)
        self.model = GapsModel(coverage)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Gaps")
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        for column, width in enumerate((190, 130, 190)):
            self.table.setColumnWidth(column, look.px(width))
        layout.addWidget(self.table, 1)
        more = sum(one.more_gaps for one in coverage)
        foot = QHBoxLayout()
        rest = label("second", wraps=True)
        rest.setText(
            (f"{more:,} shorter gaps are not listed. " if more else "")
            + "“Nothing found” at these cameras and times means nothing."
        )
        close = QPushButton("Close")
        close.clicked.connect(self.accept)
        foot.addWidget(rest, 1)
        foot.addWidget(close)
        layout.addLayout(foot)
        resize_within(self, look.px(680), look.px(460))
