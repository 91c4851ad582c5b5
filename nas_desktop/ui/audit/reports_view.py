"""Reports: counts for the public, and everything held on one VRM for whoever it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtCore import QDate, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import (
    QDateEdit,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit_ports import FEWEST_WORDS, AuditLink, TransparencyReport
from nas_desktop.services.audit_reports import report_rows
from nas_desktop.services.ports import Clock
from nas_desktop.ui.audit.parts import ask_file, plain_table
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.headed_table import HeadedTable
from nas_desktop.ui.search.form_parts import Said
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look

_Index = QModelIndex | QPersistentModelIndex


class ReportModel(HeadedTable):
    """The lines of a report, as they are written to a file."""

    headings = ("Section", "Of what", "Count")

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[str, str, str]] = []

    def show(self, report: TransparencyReport | None, outcomes: Mapping[str, str]) -> None:
        """Show a report, or none."""
        self.beginResetModel()
        self._rows = list(report_rows(report, outcomes)) if report is not None else []
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        if not index.isValid() or role not in shown or index.row() >= len(self._rows):
            return None
        row, column = index.row(), index.column()
        is_same = row > 0 and self._rows[row - 1][0] == self._rows[row][0]
        if column == 0 and is_same and role == Qt.ItemDataRole.DisplayRole:
            return ""
        return self._rows[row][column]


class ReportsView(QWidget):
    """Both reports side by side; each is on record with its digest."""

    def __init__(
        self, bridge: Bridge, link: AuditLink, clock: Clock, outcomes: Mapping[str, str]
    ) -> None:
        super().__init__()
        self._bridge, self._link, self._clock, self._outcomes = bridge, link, clock, outcomes
        self._generation = 0
        self._is_writing = False
        today = clock.now().astimezone(UTC).date()
        first = QDate(today.year, today.month, 1)
        self.since, self.until = QDateEdit(first), QDateEdit(first.addMonths(1).addDays(-1))
        for edit, tip in ((self.since, "First day, GMT"), (self.until, "Last day, GMT")):
            edit.setDisplayFormat("dd/MM/yyyy")
            edit.setCalendarPopup(True)
            edit.setToolTip(tip)
            edit.setAccessibleName(tip)
        self.count = QPushButton("&Count")
        self.count.setToolTip("Count the period; that it was counted is on record")
        self.write = QPushButton("&Write…")
        self.write.setToolTip("Write the counts to a CSV or text file of this machine")
        self.told = Said("transparencySaid")
        self.model = ReportModel()
        self.table = plain_table(self.model, "Transparency report")
        self.vrm = QLineEdit(maxLength=24)
        self.vrm.setPlaceholderText("AB51 ABC, whole")
        self.reason = QLineEdit(maxLength=250)
        self.reason.setPlaceholderText("whose request it is, and its number")
        self.subject = QPushButton("Write &everything held…")
        self.subject.setToolTip("Reads, hits, entries, records and preserved reads, into one file")
        self.said = Said("subjectSaid")
        self._build()
        self.count.clicked.connect(lambda _checked=False: self.count_period())
        self.write.clicked.connect(lambda _checked=False: self._on_write())
        self.subject.clicked.connect(lambda _checked=False: self._on_subject())
        for field in (self.vrm, self.reason):
            field.textChanged.connect(lambda _text: self._judge())
            field.returnPressed.connect(self._on_subject)
        self._judge()

    def _build(self) -> None:
        left, right = QWidget(), QWidget()
        self._left, self._right = QVBoxLayout(left), QVBoxLayout(right)
        title = QLabel("Transparency report")
        title.setProperty("role", "title")
        words = QLabel("Counts for the public: no VRM, no name, nothing below five.")
        words.setProperty("role", "second")
        words.setWordWrap(True)
        name = QLabel("Pe&riod (GMT)")
        name.setProperty("role", "heading")
        name.setBuddy(self.since)
        row = QHBoxLayout()
        for part in (self.since, QLabel("to"), self.until, self.count, self.write):
            row.addWidget(part)
        row.addStretch(1)
        self._left.addWidget(title)
        self._left.addWidget(words)
        self._left.addWidget(name)
        self._left.addLayout(row)
        self._left.addWidget(self.told)
        self._left.addWidget(self.table, 1)
        title = QLabel("Subject access")
        title.setProperty("role", "title")
        words = QLabel(
            "Everything held on one VRM, written by the node to a file that only you can read."
            " The reads are not shown here. The request, its reason and the file's digest are on"
            " record; what of it is disclosed, a person decides."
        )
        words.setProperty("role", "second")
        words.setWordWrap(True)
        self._right.addWidget(title)
        self._right.addWidget(words)
        for text, field in (("&VRM", self.vrm), ("Reaso&n", self.reason)):
            name = QLabel(text)
            name.setProperty("role", "heading")
            name.setBuddy(field)
            self._right.addWidget(name)
            self._right.addWidget(field)
        self._right.addWidget(self.subject, 0, Qt.AlignmentFlag.AlignLeft)
        self._right.addWidget(self.said)
        self._right.addStretch(1)
        left.setObjectName("auditReports")
        right.setObjectName("auditReports")
        scroll = QScrollArea()
        scroll.setObjectName("auditReportsScroll")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(right)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(left)
        self.splitter.addWidget(scroll)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        for side in (self._left, self._right):
            side.setContentsMargins(look.px(12), look.px(12), look.px(12), look.px(12))
            side.setSpacing(look.px(6))
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        for column, width in enumerate((170, 270)):
            self.table.setColumnWidth(column, look.px(width))

    def opened(self) -> None:
        """It has come to the front; nothing is counted before it is asked for."""
        self.since.setFocus()

    def forget(self) -> None:
        """Show nothing: somebody else may sit here now."""
        self._generation += 1
        self._is_writing = False
        self.vrm.clear()
        self.reason.clear()
        self.said.say("")
        self.told.say("")
        self.model.show(None, self._outcomes)
        self._judge()

    def _judge(self) -> None:
        has_reason = len(self.reason.text().replace(" ", "")) >= FEWEST_WORDS
        is_ready = bool(self.vrm.text().strip()) and has_reason
        self.subject.setEnabled(is_ready and not self._is_writing)

    # ------------------------------------------------------------------ doing

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The period chosen; its last day is in it."""
        return _begin(self.since.date()), _begin(self.until.date()) + timedelta(days=1)

    def count_period(self, path: str = "") -> None:
        """Count the period, and write the counts where a path is given."""
        if self._is_writing:
            return
        since, until = self.span
        if since >= until:
            self.told.say("The last day is before the first.", is_fault=True)
            return
        self._begin(self.told, "Counting…")
        self._bridge.run(self._counted(since, until, path, self._generation), "audit-transparency")

    async def _counted(self, since: datetime, until: datetime, path: str, generation: int) -> None:
        try:
            report = await self._link.transparency(since, until, path)
        except Refused as refusal:
            self._failed(self.told, refusal, generation)
            return
        if generation != self._generation:
            return
        self._is_writing = False
        self.model.show(report, self._outcomes)
        words = "Counted; on record."
        if report.path:
            words = f"Written to {report.path}\nSHA-256 {report.sha256}"
        self.told.say(words)
        self._judge()

    def _on_write(self) -> None:
        since, _until = self.span
        name = f"transparency-{since:%Y-%m}.csv"
        kinds = "CSV (*.csv);;Text (*.txt)"
        ask_file(self, "Write the transparency report", name, kinds, "csv", self.count_period)

    def _on_subject(self) -> None:
        if self.subject.isEnabled():
            name = f"subject-access-{self._clock.now():%Y%m%d-%H%M}.txt"
            title = "Write everything held on one VRM"
            ask_file(self, title, name, "Text (*.txt)", "txt", self.write_subject)

    def write_subject(self, path: str) -> None:
        """Have the node write everything held on the VRM given."""
        vrm, reason = self.vrm.text().strip(), self.reason.text().strip()
        self._begin(self.said, "Looking through everything that is held…")
        self._bridge.run(self._written(vrm, reason, path, self._generation), "audit-subject")

    async def _written(self, vrm: str, reason: str, path: str, generation: int) -> None:
        try:
            report = await self._link.subject_access(vrm, reason, path)
        except Refused as refusal:
            self._failed(self.said, refusal, generation)
            return
        if generation != self._generation:
            return
        self._is_writing = False
        entries = several(report.entries, "list entry", "list entries")
        counts = (
            f"{several(report.reads, 'read')}, {several(report.hits, 'hit')}, {entries},"
            f" {several(report.records, 'record')} that name it,"
            f" {several(report.preserved, 'preserved read')}"
        )
        problems = "".join(f"\n▲ {problem}" for problem in report.problems)
        self.said.say(f"Written to {report.path}\n{counts}\nSHA-256 {report.sha256}{problems}")
        # The next request has a reason of its own.
        self.vrm.clear()
        self.reason.clear()
        self._judge()
        self.vrm.setFocus()

    def _begin(self, said: Said, words: str) -> None:
        self._is_writing = True
        said.say(words)
        self._judge()

    def _failed(self, said: Said, refusal: Refused, generation: int) -> None:
        if generation == self._generation:
            self._is_writing = False
            said.say(f"{refusal.message} {refusal.remedy}".strip(), is_fault=True)
            self._judge()


def _begin(day: QDate) -> datetime:
    return datetime(day.year(), day.month(), day.day(), tzinfo=UTC)
