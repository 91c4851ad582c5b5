"""The Lists workspace: every list with its state, what it holds, and what may be done about it."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.access import Right, may
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.spec import Spec
from nas_desktop.services.desks import DeskLink
from nas_desktop.services.events import ListState
from nas_desktop.services.lists import EntryFound, ListOutcome
from nas_desktop.services.ports import Clock, ListLink
from nas_desktop.ui.audit.parts import plain_table
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.lists.change_dialog import ChangeDialog
from nas_desktop.ui.lists.dry_run_dialog import DryRunDialog
from nas_desktop.ui.lists.entries_view import EntriesView
from nas_desktop.ui.lists.entry_dialog import EntryDialog
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.lists.import_dialog import ImportDialog
from nas_desktop.ui.lists.list_words import EMPTY, NEW, change_words, possible_changes
from nas_desktop.ui.lists.lists_model import ListsModel
from nas_desktop.ui.lists.notices_view import NoticesView
from nas_desktop.ui.lists.quiet_view import QuietView
from nas_desktop.ui.lists.saving import save_as, write_private
from nas_desktop.ui.lists.versions_view import VersionsView
from nas_desktop.ui.marked_dialog import put_marking
from nas_desktop.ui.theme import Look

_WIDTHS = (280, 76, 176, 230, 200, 180, 56, 150)


class ListsPage(QWidget):
    """Lists above, what the chosen one holds below."""

    def __init__(
        self, bridge: Bridge, link: ListLink, clock: Clock, spec: Spec, look: Look,
        desks: DeskLink | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.setObjectName("listsPage")
        self._bridge = bridge
        self._link = link
        self._clock = clock
        self._hidden: dict[str, ListState] = {}
        self._here: frozenset[str] = frozenset()
        self._shown = ("", 0)
        self.model = ListsModel()
        self.table = plain_table(self.model, "Lists")
        self.empty = QLabel(EMPTY)
        self.empty.setWordWrap(True)
        self.empty.setProperty("role", "second")
        self.buttons: dict[str, QPushButton] = {}
        self.entries = EntriesView(bridge, link, clock, spec, look)
        self.versions = VersionsView()
        self.quiet = QuietView(spec, look)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.entries, "Entries")
        self.tabs.addTab(self.versions, "Versions and desks")
        self.tabs.addTab(self.quiet, "No Alert hits")
        self.notices = NoticesView(bridge, desks, spec, look, self.tabs)
        self._build()
        self.set_look(look)
        self.table.selectionModel().currentRowChanged.connect(self._on_chosen)
        self.tabs.currentChanged.connect(lambda _at: self._load_tab())
        self.entries.new_wanted.connect(lambda: self._edit(None))
        self.entries.edit_wanted.connect(lambda found: self._edit(found))
        self.entries.remove_wanted.connect(self._on_remove_entry)
        self.quiet.export_wanted.connect(self._on_export_quiet)
        self.notices.counted.connect(self.model.set_notices)
        bridge.operator_changed.connect(self._on_operator)
        self.entries.reload()
        self._judge()

    def _on_operator(self) -> None:
        """What one person may see is not on screen for the next."""
        self._hidden = {}
        self._shown = ("", 0)
        for dialog in self.findChildren(QDialog):
            if isinstance(dialog, ImportDialog | DryRunDialog):
                dialog.cancel()
            dialog.hide()
            dialog.deleteLater()
        self.versions.show_words("")
        self.quiet.show_words("")
        self.notices.forget()
        self.entries.forget()
        self.model.show((), self._clock.now())
        self._judge()

    def _build(self) -> None:
        top = QHBoxLayout()
        for name, words, tip, slot in (
            ("import", "&Import…", "Check a list file and make it live", self.import_file),
            ("new", "&New list…", "Begin a list of your own", self._on_new),
            ("export", "&Export…", "Write the chosen list to a file", self._on_export),
            ("dry_run", "Dry r&un…", "How often would it have rung?", self._on_dry_run),
            ("roll_back", "Roll &back…", "Bring the version before back", self._on_change),
            ("disable", "&Disable…", "Keep the list and match it no longer", self._on_change),
            ("enable", "Ena&ble…", "Match the list again", self._on_change),
            ("remove", "&Remove…", "Delete the list with all its versions", self._on_change),
        ):
            button = QPushButton(words)
            button.setToolTip(tip)
            button.setObjectName(name)
            button.clicked.connect(lambda _checked=False, run=slot, what=name: run(what))
            self.buttons[name] = button
            top.addWidget(button)
        top.addStretch(1)
        upper = QWidget()
        layout = QVBoxLayout(upper)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.addLayout(top)
        layout.addWidget(self.empty)
        layout.addWidget(self.table, 1)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(upper)
        self.splitter.addWidget(self.tabs)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([300, 320])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 10, 12, 8)
        whole.addWidget(self.splitter)

    # ------------------------------------------------------------------ showing

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, look.px(width))
        for view in (self.entries, self.quiet, self.notices):
            view.set_look(look)

    def show_state(self) -> None:
        """Show the lists as the node reports them now."""
        state = self._bridge.state
        lists = {one.name: one for one in (state.lists if state is not None else ())}
        # What the server holds and hands to nobody but its owner.
        self._here = frozenset(lists)
        shown = {**self._hidden, **lists}
        self.model.show(shown.values(), self._clock.now())
        self.empty.setVisible(not shown)
        self.table.setVisible(bool(shown))
        if not self.table.currentIndex().isValid() and shown:
            self.table.selectRow(0)
        one = self.chosen
        if one is not None and (one.name, one.revision) != self._shown:
            self._on_chosen(self.table.currentIndex(), QModelIndex())
        self._judge()

    def opened(self) -> None:
        """The workspace has come to the front."""
        self.show_state()
        self.table.setFocus()
        self._bridge.run(self._look_at_server(), "lists-of-server")
        self.notices.look()

    async def _look_at_server(self) -> None:
        operator = self._bridge.operator
        if operator is None or not may(operator.roles, Right.SEE_LISTS):
            return
        try:
            states = await self._link.states(at_server=True)
        except Refused:
            return  # no server, or it is away: the chain says so; what is here is shown
        if operator is not self._bridge.operator:
            return  # asked for somebody who has left
        self._hidden = {one.name: replace(one, is_own=False) for one in states if one.is_own}
        self.show_state()

    @property
    def chosen(self) -> ListState | None:
        """The list chosen."""
        return self.model.list_at(self.table.currentIndex().row())

    def _is_at_server(self, one: ListState) -> bool:
        state = self._bridge.state
        local = {known.name: known for known in (state.lists if state is not None else ())}
        return one.name not in local or not local[one.name].is_own

    def _on_chosen(self, _now: QModelIndex, _before: QModelIndex) -> None:
        one = self.chosen
        name, revision = (one.name, one.revision) if one is not None else ("", 0)
        is_new = (name, revision) != self._shown
        is_same_list = name == self._shown[0]
        self._shown = (name, revision)
        self.entries.show_list(name, may_edit=self._may_edit())
        self.notices.show_list(name)
        if is_new:
            if is_same_list:
                self.entries.reload()
            self._load_tab()
        self._judge()

    def _load_tab(self) -> None:
        one = self.chosen
        if one is None:
            return
        if self.tabs.currentWidget() is self.versions:
            self._bridge.run(self._load_versions(one), "list-versions")
        elif self.tabs.currentWidget() is self.quiet:
            self._bridge.run(self._load_quiet(one), "quiet-hits")

    async def _load_versions(self, one: ListState) -> None:
        try:
            versions, receivers = await self._link.versions(
                one.name, at_server=self._is_at_server(one)
            )
        except Refused as refusal:
            if one.name == self._shown[0]:
                self.versions.show_words(refusal.words)
            return
        if one.name != self._shown[0]:
            return  # another list has been chosen meanwhile
        self.versions.show_versions(versions, receivers, one.revision, self._clock.now())

    async def _load_quiet(self, one: ListState) -> None:
        try:
            total, hits = await self._link.quiet_hits(one.name, at_server=self._is_at_server(one))
        except Refused as refusal:
            if one.name == self._shown[0]:
                self.quiet.show_words(refusal.words)
            return
        if one.name != self._shown[0]:
            return
        self.quiet.show_hits(total, hits)

    def _may_edit(self) -> bool:
        operator = self._bridge.operator
        return (
            operator is not None
            and may(operator.roles, Right.EDIT_LISTS)
            and self._bridge.lost is None
        )

    def _judge(self) -> None:
        one, may_edit = self.chosen, self._may_edit()
        is_here = one is not None and one.name in self._here
        can = possible_changes(one, may_edit=may_edit, is_here=is_here)
        for name, is_possible in can.items():
            self.buttons[name].setEnabled(is_possible)
        self.buttons["enable"].setVisible(one is not None and not one.is_enabled)
        self.buttons["disable"].setVisible(one is None or one.is_enabled)

    # ------------------------------------------------------------------ doing

    def import_file(self, _what: str = "") -> ImportDialog:
        """Open the import beside the window."""
        state = self._bridge.state
        has_server = state is not None and any(hop.name == "server" for hop in state.hops)
        dialog = ImportDialog(self._link, has_server=has_server, parent=self)
        dialog.imported.connect(self._on_imported)
        dialog.dry_run_wanted.connect(
            lambda path, choices: self._dry_run(
                DryRunDialog(self._link, self, path=path, choices=choices)
            )
        )
        self._open(dialog)
        return dialog

    def _on_dry_run(self, _what: str) -> None:
        if self.chosen is not None:
            self._dry_run(DryRunDialog(self._link, self, name=self.chosen.name))

    def _dry_run(self, dialog: DryRunDialog) -> None:
        self._open(dialog)
        dialog.run()

    def _on_imported(self, name: str) -> None:
        self._bridge.run(self._look_at_server(), "lists-of-server")
        self.table.selectRow(self.model.row_of(name))  # -1 selects none

    def _edit(self, found: EntryFound | None) -> None:
        one = self.chosen
        if one is None:
            return
        dialog = EntryDialog(
            self._link,
            one,
            found.entry if found is not None else None,
            at_server=self._is_at_server(one),
            today=self._clock.now().date(),
            parent=self,
        )
        dialog.saved.connect(lambda _name: self.entries.reload())
        self._open(dialog)

    def _on_remove_entry(self, found: EntryFound) -> None:
        one = self.chosen
        if one is None:
            return
        dialog = ChangeDialog(
            "Remove entry",
            f"The entry stops matching. Open hits that stand on it are told at once:"
            f" \u201c{found.entry.reason}\u201d on {one.name}.",
            "Remove entry",
            self,
        )
        vrm, is_at_server = str(found.entry.vrm), self._is_at_server(one)
        dialog.accepted.connect(
            lambda: self._do(
                self._link.edit(one.name, [], [vrm], dialog.why.text(), at_server=is_at_server)
            )
        )
        self._open(dialog)

    def _on_new(self, _what: str) -> None:
        dialog = ChangeDialog("New list", NEW, "Create", self, is_new=True)
        dialog.accepted.connect(
            lambda: self._do(
                self._link.change(
                    dialog.name.text().strip(),
                    "create",
                    dialog.why.text(),
                    authority=dialog.authority.text(),
                    finds_misreads=dialog.misreads.isChecked(),
                )
            )
        )
        self._open(dialog)

    def _on_change(self, change: str) -> None:
        one = self.chosen
        if one is None:
            return
        verb = self.buttons[change].text().replace("&", "").rstrip("…")
        dialog = ChangeDialog(
            f"{verb}: {one.name}",
            change_words(change, one),
            verb,
            self,
            is_final=change == "remove",
        )
        is_at_server = self._is_at_server(one)
        dialog.accepted.connect(
            lambda: self._do(
                self._link.change(one.name, change, dialog.why.text(), at_server=is_at_server)
            )
        )
        self._open(dialog)

    def _open(self, dialog: QDialog) -> None:
        state = self._bridge.state
        is_simulation = state is not None and state.is_simulation
        put_marking(dialog, look_beside(self), is_simulation=is_simulation)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _do(self, work: Coroutine[Any, Any, ListOutcome]) -> None:
        self._bridge.run(self._done(work), "list-change")

    async def _done(self, work: Coroutine[Any, Any, ListOutcome]) -> None:
        outcome = await work
        self._bridge.notice.emit(f"{outcome.name}: {outcome.words}", "")
        await self._look_at_server()
        self.entries.reload()

    def _on_export(self, _what: str) -> None:
        one = self.chosen
        if one is None:
            return
        save_as(
            self, f"{one.name}.csv", lambda path: self._do(self._link.export(one.name, str(path)))
        )

    def _on_export_quiet(self) -> None:
        text = self.quiet.export_text()
        save_as(
            self,
            "OFFICIAL-SENSITIVE No Alert hits.csv",
            lambda path: self._bridge.run(self._write(path, text), "export-quiet"),
        )

    async def _write(self, path: Path, text: str) -> None:
        await write_private(path, text)
        self._bridge.notice.emit(f"Written to {path.name}.", "")
