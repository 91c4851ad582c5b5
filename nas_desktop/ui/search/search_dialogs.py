"""What opens beside the searches: dialogs, the menu of the chosen rows, the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QMenu

from nas_desktop.domain.query import QueryRefused, ReadQuery
from nas_desktop.domain.search_access import Authority
from nas_desktop.domain.vrm import VrmGrammar
from nas_desktop.services.searches import Order, RunningSearch, SearchLink
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.marked_dialog import put_marking
from nas_desktop.ui.search import row_menu
from nas_desktop.ui.search.authority_dialog import AuthorityDialog
from nas_desktop.ui.search.export_dialog import ExportDialog
from nas_desktop.ui.search.preserve_dialog import PreserveDialog
from nas_desktop.ui.search.preserved_dialog import PreservedDialog
from nas_desktop.ui.search.saved_dialog import SavedDialog, SaveDialog
from nas_desktop.ui.search.search_tab import SearchTab
from nas_desktop.ui.text import several

if TYPE_CHECKING:
    from nas_desktop.ui.search.search_page import SearchPage


class SearchDialogs:
    """Opens what belongs to the search in front; nothing here is modal."""

    def __init__(
        self, page: SearchPage, bridge: Bridge, link: SearchLink, grammar: VrmGrammar
    ) -> None:
        self._page, self._bridge, self._link = page, bridge, link
        self._grammar = grammar

    def open(self, dialog: object) -> None:
        """Open a dialog beside the window, with its marking."""
        if not isinstance(dialog, QDialog):
            return
        state = self._bridge.state
        is_simulation = state is not None and state.is_simulation
        put_marking(dialog, look_beside(self._page), is_simulation=is_simulation)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def ask_authority(self) -> AuthorityDialog | None:
        """Choose, enter or countersign an authority."""
        if self._page.policy is None:
            return None
        panel = self._page.tab.panel
        try:
            span = panel.when.span()
        except QueryRefused:
            span = None
        dialog = AuthorityDialog(
            self._bridge, self._link, self._page.policy, self._page, span=span,
            purpose=panel.why.draft.purpose, operation=panel.why.draft.reference,
            marks=panel.vehicle.field.text(),
        )  # fmt: skip
        dialog.chosen.connect(lambda one: self._on_authority(one, self._page.tab))
        self.open(dialog)
        return dialog

    def _on_authority(self, authority: Authority, tab: SearchTab) -> None:
        tab.panel.why.set_authority(authority, self._bridge.clock.now())
        tab.panel.judge()

    def export(self) -> ExportDialog | None:
        """Write what was found to a file."""
        tab = self._page.tab
        if tab.running is None or not tab.results.model.rowCount():
            return None
        reference = tab.reason.reference if tab.reason is not None else ""
        dialog = ExportDialog(self._bridge, tab.running, reference, self._page)
        self.open(dialog)
        return dialog

    def preserve(self) -> PreserveDialog | None:
        """Keep the chosen reads beyond the retention."""
        tab = self._page.tab
        places = tab.results.table.rows_chosen
        if tab.running is None or not places:
            return None
        reference = tab.reason.reference if tab.reason is not None else ""
        order = tab.results.model.order
        dialog = PreserveDialog(self._bridge, tab.running, places, order, reference, self._page)
        dialog.preserved.connect(
            lambda count: self._bridge.notice.emit(f"{several(count, 'read')} preserved.", "")
        )
        self.open(dialog)
        return dialog

    def save(self) -> SaveDialog | None:
        """Keep the question under a name."""
        panel = self._page.tab.panel
        try:
            query = panel.question()
        except QueryRefused as refusal:
            self._bridge.notice.emit(refusal.message, refusal.remedy)
            return None
        dialog = SaveDialog(self._bridge, self._link, query, panel.where, self._page)
        self.open(dialog)
        return dialog

    def show_saved(self, *, is_history: bool = False) -> SavedDialog:
        """Show saved searches and one's own history."""
        dialog = SavedDialog(self._bridge, self._link, self._page, is_history=is_history)
        dialog.chosen.connect(lambda query, where: self._page.tab.panel.set_question(query, where))
        self.open(dialog)
        return dialog

    def show_history(self) -> SavedDialog:
        """Show one's own earlier searches."""
        return self.show_saved(is_history=True)

    def show_preserved(self) -> PreservedDialog:
        """Show what is kept beyond the retention, the next review first."""
        dialog = PreservedDialog(self._bridge, self._link, self._grammar, self._page)
        self.open(dialog)
        return dialog

    # ------------------------------------------------------------------ the chosen rows

    def copy(self) -> None:
        """Put the chosen rows on the clipboard, marked, once that is on record."""
        tab = self._page.tab
        results, running = tab.results, tab.running
        chosen = results.table.rows_chosen
        rows = [one for one in chosen[: row_menu.MOST_COPIED] if results.model.found_at(one)]
        found = [one for one in map(results.model.found_at, rows) if one is not None]
        if found and running is not None:
            words = row_menu.copied_words(found, self._grammar)
            work = self._copy(running, tuple(rows), results.model.order, words, len(chosen))
            self._bridge.run(work, "search-copy")

    async def _copy(
        self, running: RunningSearch, places: tuple[int, ...], order: Order, words: str, chosen: int
    ) -> None:
        operator = self._bridge.operator
        await running.copied(places, order)
        if operator is not self._bridge.operator:
            return  # asked for somebody who has left
        QGuiApplication.clipboard().setText(words)
        left = chosen - len(places)
        more = f" {several(left, 'row')} left out: export takes them all." if left else ""
        self._bridge.notice.emit(f"{several(len(places), 'read')} copied, marked.{more}", "")

    def show_menu(self, at: object) -> QMenu | None:
        """Show what can be done with the chosen rows."""
        tab = self._page.tab
        found, query = tab.results.chosen, tab.query
        if found is None or query is None or not isinstance(at, QPoint):
            return None
        menu = QMenu(self._page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("&Copy\tCtrl+C", self.copy)
        menu.addSeparator()
        for words, further in (
            ("Search this &VRM", row_menu.same_mark(found, query)),
            ("&Look-alikes of it", row_menu.like_mark(found, query)),
            ("Reads within &10 minutes at this camera", row_menu.around(found)),
        ):
            action = menu.addAction(words, lambda q=further: self._ask_further(q, tab))
            action.setEnabled(further is not None)
        menu.addSeparator()
        menu.addAction("&Preserve…\tCtrl+K", self.preserve)
        menu.addAction("&Export…\tCtrl+E", self.export)
        menu.addAction("C&olumns…", lambda: tab.results.table.ask_columns(at))
        menu.popup(at)
        return menu

    def _ask_further(self, query: ReadQuery | None, tab: SearchTab) -> None:
        if query is not None:
            self._page.new_search(query, tab.panel.where)
