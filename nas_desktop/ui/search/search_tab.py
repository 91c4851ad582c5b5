"""One search: its question at the left, what was found at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.matching.confusions import Confusions
from nas_desktop.domain.query import QueryRefused, ReadQuery, Where
from nas_desktop.domain.search_access import AccessPolicy, SearchDenied, SearchReason
from nas_desktop.domain.spec import Spec
from nas_desktop.services.searches import RunningSearch, SearchLink, SearchProgress
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.search.coverage_view import CoverageDialog
from nas_desktop.ui.search.criteria_panel import CriteriaPanel
from nas_desktop.ui.search.results_view import ResultsView
from nas_desktop.ui.search.search_words import tab_words
from nas_desktop.ui.search.why_form import CaseBook
from nas_desktop.ui.theme import Look


class SearchTab(QWidget):
    """Runs one search at a time; a new one closes the one before.

    Signals:
        renamed(str): what the tab is called now.
        state_changed: a search began, came further, ended, or was stopped.
        dialog_wanted(QDialog): a dialog is to be opened beside the window.
    """

    renamed = Signal(str)
    state_changed = Signal()
    dialog_wanted = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        link: SearchLink,
        cases: CaseBook,
        spec: Spec,
        confusions: Confusions,
        look: Look,
    ) -> None:
        super().__init__()
        self._bridge, self._link = bridge, link
        self._token = 0
        self._days = 90
        self._is_starting = False
        self.running: RunningSearch | None = None
        self.query: ReadQuery | None = None
        self.reason: SearchReason | None = None
        self.panel = CriteriaPanel(bridge, link, cases, confusions, look)
        self.results = ResultsView(bridge, spec, confusions, look)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.panel)
        self.splitter.addWidget(self.results)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self.set_look(look)
        self.panel.search_wanted.connect(self.search)
        self.panel.place.dialog_wanted.connect(self.dialog_wanted)
        self.panel.renamed.connect(lambda: self.renamed.emit(self.name))
        self.results.timeline.brushed.connect(self._on_brushed)
        self.results.coverage.details_wanted.connect(self.show_coverage)
        self.results.denial.trim_wanted.connect(self._on_trim)
        self.results.denial.authority_wanted.connect(self.panel.authority_wanted)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.panel.set_look(look)
        self.results.set_look(look)
        if getattr(self, "_scale", None) != look.scale:
            self._scale = look.scale
            self.splitter.setSizes([look.px(330), max(1, self.width() - look.px(330))])

    def set_policy(self, policy: AccessPolicy) -> None:
        """Show the rules of this node."""
        self._days = policy.days_a
        self.panel.set_policy(policy)

    @property
    def name(self) -> str:
        """What the tab is called."""
        return tab_words(self.query, self.panel.why.reference.text().strip())

    @property
    def is_running(self) -> bool:
        """True from the asking until the search has ended or was stopped."""
        return self._is_starting or self.results.is_running

    # ------------------------------------------------------------------ running

    def search(self) -> None:
        """Ask the node, if the reason and the question are whole."""
        query = self.panel.ready()
        if query is None:
            return
        self._token += 1
        self._close_running()
        self.query, self.reason = query, self.panel.why.draft
        self.panel.judge()
        self.results.show_starting()
        self._is_starting = True
        self.state_changed.emit()
        self._bridge.run(
            self._start(query, self.panel.where, self.reason, self._token), "search-start"
        )
        self.renamed.emit(self.name)

    async def _start(
        self, query: ReadQuery, where: Where, reason: SearchReason, token: int
    ) -> None:
        def told(progress: SearchProgress) -> None:
            self._on_told(progress, token)

        try:
            running = await self._link.start(query, where, reason, told)
        except SearchDenied as denial:
            if self._has_answer(token):
                self.results.show_denial(denial.decision, self._days)
            return
        except Refused as refusal:
            if self._has_answer(token):
                self.results.show_failure(refusal)
            return
        if not self._has_answer(token):
            await running.close()  # stopped, or asked anew, before the node answered
            return
        self.running = running
        self.panel.why.note_used()
        self.panel.judge()
        self.results.begin(running)
        self._show_hidden(running.progress)
        self.state_changed.emit()

    def _has_answer(self, token: int) -> bool:
        """Take note that the node answered; False for a question that no longer stands."""
        if not isValid(self) or token != self._token:
            return False
        self._is_starting = False
        self.state_changed.emit()
        return True

    def _on_told(self, progress: SearchProgress, token: int) -> None:
        if isValid(self) and token == self._token and self.running is not None:
            self.results.show_progress(progress)
            self._show_hidden(progress)
            self.state_changed.emit()

    def _show_hidden(self, progress: SearchProgress) -> None:
        self.panel.place.show_hidden(progress.hidden)

    def stop(self) -> None:
        """Stop the work; what was found stays."""
        if self._is_starting:
            self._token += 1
            self._is_starting = False
            self.results.show_teaching()
        elif self.running is not None and self.is_running:
            self.results.show_stopped()
            self._bridge.run(self.running.cancel(), "search-cancel")
        self.state_changed.emit()

    def _close_running(self) -> None:
        running, self.running = self.running, None
        if running is not None:
            self._bridge.run(running.close(), "search-close")

    def forget(self) -> None:
        """Put everything away: the tab closes, or somebody else sits down."""
        self._token += 1
        self._is_starting = False
        self._close_running()
        self.query = self.reason = None
        self.results.forget()
        self.state_changed.emit()

    # ------------------------------------------------------------------ helped by the results

    def _on_brushed(self, since: object, until: object) -> None:
        self.panel.when.set_span(since, until)  # type: ignore[arg-type]
        self._bridge.notice.emit(
            "The time of the question is narrowed.", "Ctrl+Return searches again."
        )

    def _on_trim(self) -> None:
        try:
            self.panel.question()
        except QueryRefused:
            return
        self.panel.judge()
        self.panel.trim_span()

    def show_coverage(self) -> None:
        """Show every gap of the answer."""
        progress = self.results.progress
        if progress is not None:
            self.dialog_wanted.emit(CoverageDialog(progress.coverage, self))

    def flip_question(self) -> None:
        """Give the question's room to the results, or back."""
        self.panel.setVisible(not self.panel.isVisibleTo(self))
        if not self.panel.isVisibleTo(self):
            self.results.rows.currentWidget().setFocus(Qt.FocusReason.OtherFocusReason)

    def other_part(self) -> None:
        """Go from the question to the rows, or back."""
        focus = self.focusWidget()
        if focus is not None and self.panel.isAncestorOf(focus):
            self.results.rows.currentWidget().setFocus(Qt.FocusReason.OtherFocusReason)
            if not self.results.table.currentIndex().isValid():
                self.results.table.selectRow(0)
        else:
            self.panel.show()
            self.panel.vehicle.field.setFocus(Qt.FocusReason.OtherFocusReason)
