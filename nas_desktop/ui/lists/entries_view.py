"""What a list holds: searched, paged, changed entry by entry."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.spec import Spec
from nas_desktop.services.lists import EntryFound
from nas_desktop.services.ports import Clock, ListLink
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.lists.entries_model import EntriesModel
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look

PAGE = 200
PAUSE_MS = 250
"""Pause after the last key before what was typed is looked for."""

_WIDTHS = (124, 112, 150, 204, 74, 190, 200, 330)
_LIST_COLUMN = 6


class EntriesView(QWidget):
    """Entries of the chosen list or, with nothing chosen, of all.

    Signals:
        new_wanted(), edit_wanted(EntryFound), remove_wanted(EntryFound): the operator asked.
    """

    new_wanted = Signal()
    edit_wanted = Signal(object)
    remove_wanted = Signal(object)

    def __init__(
        self, bridge: Bridge, link: ListLink, clock: Clock, spec: Spec, look: Look
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._link = link
        self._clock = clock
        self._name = ""
        self._asked = 0
        self.search = QLineEdit(placeholderText="Search: VRM, or any text of an entry")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search entries")
        self.everywhere = QPushButton("All lists")
        self.everywhere.setCheckable(True)
        self.everywhere.setToolTip("Search in every list, not in the chosen one alone")
        self.count = QLabel()
        self.count.setProperty("role", "second")
        self.model = EntriesModel(spec.grammar)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Entries")
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.table.setWordWrap(False)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.setTabKeyNavigation(False)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.new = QPushButton("New entry…")
        self.edit = QPushButton("Edit…")
        self.remove = QPushButton("Remove…")
        top = QHBoxLayout()
        top.addWidget(self.search, 1)
        for part in (self.everywhere, self.count, self.new, self.edit, self.remove):
            top.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.reload)
        self.search.textEdited.connect(lambda _text: self._pause.start())
        self.search.returnPressed.connect(self.reload)
        self.everywhere.toggled.connect(lambda _on: self.reload())
        self.model.wanted.connect(self._ask)
        self.new.clicked.connect(self.new_wanted)
        self.edit.clicked.connect(self._on_edit)
        self.remove.clicked.connect(self._on_remove)
        self.table.doubleClicked.connect(lambda _index: self._on_edit())
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self._may_edit = False
        self.set_look(look)
        self._judge()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.model.set_look(look)
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, look.px(width))

    def show_list(self, name: str, *, may_edit: bool) -> None:
        """Show the entries of this list; an empty name stands for no list chosen."""
        self._may_edit = may_edit
        if name != self._name:
            self._name = name
            self.reload()
        self._judge()

    def forget(self) -> None:
        """Show nothing of any list: another person sits here now."""
        self._asked += 1
        self._name = ""
        self.search.clear()
        self.everywhere.setChecked(False)
        self.reload()

    def reload(self) -> None:
        """Ask again from the first entry on."""
        self._pause.stop()
        self.model.clear()
        self.table.setColumnHidden(_LIST_COLUMN, not self.everywhere.isChecked())
        if not self._name and not self.everywhere.isChecked():
            self.count.setText("Choose a list, or search in all of them.")
            return
        self._ask(0)

    @property
    def chosen(self) -> EntryFound | None:
        """The entry chosen."""
        return self.model.entry_at(self.table.currentIndex().row())

    def _ask(self, first: int) -> None:
        self._asked += 1
        self._bridge.run(self._found(first, self._asked), "search-lists")

    async def _found(self, first: int, asked: int) -> None:
        name = "" if self.everywhere.isChecked() else self._name
        text = self.search.text().strip()
        page = await self._link.search(text, name, first, PAGE)
        if asked != self._asked:
            return  # something else was asked for meanwhile
        self.model.add(page, self._clock.now().date())
        words = several(page.total, "entry", "entries")
        if not page.is_all:
            words += ", long lists by whole VRM only"
        self.count.setText(words if page.total else "Nothing found.")
        self._judge()

    def _on_current(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._judge()

    def _on_edit(self) -> None:
        if self.chosen is not None and self.edit.isEnabled():
            self.edit_wanted.emit(self.chosen)

    def _on_remove(self) -> None:
        if self.chosen is not None:
            self.remove_wanted.emit(self.chosen)

    def _judge(self) -> None:
        is_here = self.chosen is not None and self.chosen.list_name == self._name
        self.new.setEnabled(self._may_edit and bool(self._name))
        self.edit.setEnabled(self._may_edit and is_here)
        self.remove.setEnabled(self._may_edit and is_here)
