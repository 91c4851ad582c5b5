"""Questions kept under a name, and one's own earlier ones; Return asks again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import ReadQuery, Where, query_from
from nas_desktop.services.searches import PastSearch, SavedSearch, SearchLink
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.headed_table import HeadedTable
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.search.form_parts import Said, quiet_form
from nas_desktop.ui.search.search_words import PURPOSES, WHERE_WORDS, query_words
from nas_desktop.ui.search.times import quick_span
from nas_desktop.ui.text import moment_words, several

_Index = QModelIndex | QPersistentModelIndex


def _words_of(query: str) -> str:
    try:
        return query_words(query_from(query))
    except Refused:
        return query[:80]


class TableOf(HeadedTable):
    """Things as rows of words."""

    def __init__(self, columns: Sequence[str], words: Callable[[Any], tuple[str, ...]]) -> None:
        super().__init__()
        self.headings, self._words = columns, words
        self._things: list[Any] = []
        self._rows: list[tuple[str, ...]] = []

    def show(self, things: Sequence[Any]) -> None:
        """Show these."""
        self.beginResetModel()
        self._things = list(things)
        self._rows = [self._words(thing) for thing in things]
        self.endResetModel()

    def at(self, row: int) -> Any:
        """Return the thing of a row, or None."""
        return self._things[row] if 0 <= row < len(self._things) else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return self._rows[index.row()][index.column()]
        return None


def quiet_table(model: TableOf, name: str, widths: Sequence[int], row_px: int) -> QTableView:
    """Return a table of words in the manner of the house."""
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
    table.setWordWrap(False)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(row_px)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    for column, width in enumerate(widths):
        table.setColumnWidth(column, width)
    return table


class SavedDialog(QDialog):
    """Saved searches with their owners, and one's own history; beside the window.

    Signals:
        chosen(ReadQuery, Where): this question is to be shown; its reason has to be given anew.
    """

    chosen = Signal(object, object)

    def __init__(
        self, bridge: Bridge, link: SearchLink, parent: QWidget, *, is_history: bool
    ) -> None:
        super().__init__(parent)
        look = look_beside(parent)
        self._bridge, self._link = bridge, link
        self.setObjectName("savedDialog")
        self.setWindowTitle("Saved searches and history")
        self.setWindowModality(Qt.WindowModality.NonModal)
        now = bridge.clock.now()
        who = bridge.operator.username if bridge.operator is not None else ""
        self._who = who

        def of_saved(one: SavedSearch) -> tuple[str, ...]:
            owner = "mine" if one.owner == who else one.owner
            shared = f"{owner} · shared" if one.is_shared else owner
            return one.name, _words_of(one.query), WHERE_WORDS[one.where], shared

        def of_past(one: PastSearch) -> tuple[str, ...]:
            result = "denied" if one.is_denied else several(one.found, "read")
            reason = f"{PURPOSES[one.reason.purpose]} · {one.reason.reference}"
            return moment_words(one.at, now), _words_of(one.query), result, reason

        self.saved_model = TableOf(("Name", "Question", "Look in", "Owner"), of_saved)
        self.past_model = TableOf(("When (GMT)", "Question", "Found", "Reason"), of_past)
        row_px = look.px(28)
        self.saved = quiet_table(
            self.saved_model, "Saved searches", [look.px(w) for w in (170, 300, 90)], row_px
        )
        self.past = quiet_table(
            self.past_model, "My searches", [look.px(w) for w in (150, 300, 110)], row_px
        )
        self.tabs = QTabWidget()
        self.tabs.addTab(self.saved, "&Saved")
        self.tabs.addTab(self.past, "&My history")
        self.tabs.setCurrentIndex(1 if is_history else 0)
        self.to_now = QCheckBox("U&p to now")
        self.to_now.setChecked(True)
        self.to_now.setToolTip("Move the saved span so that it ends now, as long as it was")
        self.said = Said("savedSaid")
        self.take = QPushButton("&Take the question")
        self.forget = QPushButton("&Forget")
        self.forget.setToolTip("Drop the chosen saved search; only one's own")
        self.leave = QPushButton("Close")
        for button in (self.take, self.forget, self.leave):
            button.setAutoDefault(False)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addStretch(1)
        foot.addWidget(self.to_now)
        for button in (self.take, self.forget, self.leave):
            foot.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 20, 14)
        layout.setSpacing(10)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(foot)
        for table in (self.saved, self.past):
            table.doubleClicked.connect(lambda _index: self.take_chosen())
            table.activated.connect(lambda _index: self.take_chosen())
            table.selectionModel().currentRowChanged.connect(lambda _now, _old: self._judge())
        self.tabs.currentChanged.connect(lambda _at: self._judge())
        self.take.clicked.connect(lambda _checked=False: self.take_chosen())
        self.forget.clicked.connect(lambda _checked=False: self._on_forget())
        self.leave.clicked.connect(self.reject)
        resize_within(self, look.px(820), look.px(460))
        self._judge()
        bridge.run(self._load(), "search-saved")

    async def _load(self) -> None:
        saved, past = await self._link.saved(), await self._link.history()
        if not isValid(self):
            return
        self.saved_model.show(saved)
        self.past_model.show(past)
        for table in (self.saved, self.past):
            table.selectRow(0)
        self.tabs.currentWidget().setFocus()
        self._judge()

    @property
    def _chosen(self) -> SavedSearch | PastSearch | None:
        table = self.saved if self.tabs.currentIndex() == 0 else self.past
        model = self.saved_model if self.tabs.currentIndex() == 0 else self.past_model
        found: SavedSearch | PastSearch | None = model.at(table.currentIndex().row())
        return found

    def _judge(self) -> None:
        chosen = self._chosen
        is_own = isinstance(chosen, SavedSearch) and chosen.owner == self._who
        self.take.setEnabled(chosen is not None)
        self.forget.setEnabled(is_own)
        self.to_now.setVisible(self.tabs.currentIndex() == 0)
        is_empty = self.tabs.currentWidget().model().rowCount() == 0  # type: ignore[attr-defined]
        if is_empty and self.tabs.currentIndex() == 0:
            self.said.say("Nothing saved yet: Ctrl+S keeps a question under a name.")
        elif is_empty:
            self.said.say("No search of yours is on record yet.")
        else:
            self.said.say("The reason is given anew.")

    def take_chosen(self) -> None:
        """Show the chosen question; its reason is not taken over."""
        chosen = self._chosen
        if chosen is None:
            return
        try:
            query = query_from(chosen.query)
        except Refused as refusal:
            self.said.say(refusal.words, is_fault=True)
            return
        if isinstance(chosen, SavedSearch) and self.to_now.isChecked():
            _since, until = quick_span("1 h", self._bridge.clock.now())
            query = replace(query, since=until - (query.until - query.since), until=until)
        self.chosen.emit(query, chosen.where)
        self.accept()

    def _on_forget(self) -> None:
        chosen = self._chosen
        if isinstance(chosen, SavedSearch):
            self._bridge.run(self._forget(chosen.saved_id), "search-forget")

    async def _forget(self, saved_id: str) -> None:
        await self._link.forget(saved_id)
        if isValid(self):
            await self._load()


class SaveDialog(QDialog):
    """A name for a question; beside the window."""

    def __init__(
        self, bridge: Bridge, link: SearchLink, query: ReadQuery, where: Where, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._bridge, self._link, self._query, self._where = bridge, link, query, where
        self.setObjectName("saveDialog")
        self.setWindowTitle("Save the question")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setMinimumWidth(look_beside(parent).px(560))
        what = QLabel(f"{query_words(query)}. The reason is never saved.")
        what.setWordWrap(True)
        what.setTextFormat(Qt.TextFormat.PlainText)
        self.name = QLineEdit(maxLength=80)
        self.shared = QCheckBox("&Shared: others see it with your name")
        self.said = Said("saveSaid")
        self.keep = QPushButton("&Save")
        self.keep.setDefault(True)
        leave = QPushButton("Cancel")
        form = quiet_form()
        form.addRow("&Name", self.name)
        form.addRow("", self.shared)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.keep)
        foot.addWidget(leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(what)
        layout.addLayout(form)
        layout.addWidget(self.said)
        layout.addLayout(foot)
        self.name.textChanged.connect(lambda text: self.keep.setEnabled(bool(text.strip())))
        self.keep.clicked.connect(lambda _checked=False: self.run())
        leave.clicked.connect(self.reject)
        self.keep.setEnabled(False)
        self.name.setFocus()

    def run(self) -> None:
        """Keep it."""
        self._bridge.run(self._save(), "search-save")

    async def _save(self) -> None:
        try:
            await self._link.save(
                self.name.text().strip(),
                self._query,
                self._where,
                is_shared=self.shared.isChecked(),
            )
        except Refused as refusal:
            if isValid(self):
                self.said.say(refusal.words, is_fault=True)
            return
        if isValid(self):
            self.accept()
