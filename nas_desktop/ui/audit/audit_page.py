"""The Audit workspace: five views of one record, and who may not see it told why."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QLabel, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from nas_desktop.domain.access import Right, may
from nas_desktop.domain.spec import Spec
from nas_desktop.services.audit import AuditAction
from nas_desktop.services.audit_ports import AuditLink
from nas_desktop.services.ports import Clock
from nas_desktop.ui.audit.audit_words import verdict_words
from nas_desktop.ui.audit.outliers_view import OutliersView
from nas_desktop.ui.audit.proof_view import ProofView
from nas_desktop.ui.audit.records_view import RecordsView
from nas_desktop.ui.audit.reports_view import ReportsView
from nas_desktop.ui.audit.sample_view import SampleView
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.empty_place import EmptyPlace
from nas_desktop.ui.live.fact_rows import label
from nas_desktop.ui.remembered import remembered_bytes
from nas_desktop.ui.theme import Look

WHY_NOT = (
    "Your role does not see the audit",
    "An auditor sees all of it; a supervisor checks the month's sample of searches by others."
    " What you do yourself is on record, and your own earlier searches are under Search, History.",
)


class AuditPage(QWidget):
    """Auditors see every view and no reads; supervisors the sample and nothing else."""

    def __init__(
        self,
        bridge: Bridge,
        link: AuditLink,
        clock: Clock,
        spec: Spec,
        look: Look,
        settings: QSettings,
    ) -> None:
        super().__init__()
        self.setObjectName("auditPage")
        self._bridge, self._settings = bridge, settings
        self.records = RecordsView(bridge, link, clock)
        self.sample = SampleView(bridge, link, clock)
        self.outliers = OutliersView(bridge, link, clock)
        self.reports = ReportsView(bridge, link, clock, spec.outcomes)
        self.proof = ProofView(bridge, link, clock)
        self._views = (self.records, self.sample, self.outliers, self.reports, self.proof)
        self.tabs = QTabWidget()
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setAccessibleName("Views of the audit")
        for view, words, tip in (
            (self.records, "&Records", "Who did what, when, why, under whose authority"),
            (self.sample, "Sa&mple", "The month's random sample, to be looked at"),
            (self.outliers, "&Outliers", "Accounts far above others of their role"),
            (self.reports, "Re&ports", "Counts for the public; everything held on one VRM"),
            (self.proof, "Proo&f", "Is the audit whole, and who else vouches for it"),
        ):
            at = self.tabs.addTab(view, words)
            self.tabs.setTabToolTip(at, tip)
        self.broken = label("", wraps=True)
        self.broken.setProperty("tone", "red")
        self.broken.hide()
        self.why_not = EmptyPlace("auditWhyNot")
        self.why_not.say(*WHY_NOT)
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.broken)
        column.addWidget(self.tabs, 1)
        self.recorded = QLabel("every look at the audit is recorded")
        self.recorded.setProperty("role", "small")
        self.recorded.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.tabs.setCornerWidget(self.recorded)
        self.whole = QStackedWidget()
        self.whole.addWidget(self.why_not)
        self.whole.addWidget(work)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.whole)
        again = QAction("Look again", self)
        again.setShortcut(QKeySequence("F5"))
        again.triggered.connect(lambda _checked=False: self._look_again())
        work.addAction(again)
        self.tabs.currentChanged.connect(self._on_tab)
        self.outliers.records_wanted.connect(self._show_searches_of)
        self.proof.learned.connect(self._on_learned)
        bridge.operator_changed.connect(self._on_operator)
        self.restore_layout()
        self.set_look(look)
        self._judge_access()

    # ------------------------------------------------------------------ for the window

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.why_not.set_look(look)
        self.recorded.setContentsMargins(0, look.px(6), look.px(12), look.px(6))
        for view in self._views:
            view.set_look(look)

    def opened(self) -> None:
        """The workspace has come to the front."""
        self._judge_access()
        if self.whole.currentIndex() == 1:
            self._on_tab(self.tabs.currentIndex())
            if self._sees_all and self.proof.proof is None:
                self.proof.learn()

    def save_layout(self) -> None:
        """Keep widths and the span looked at for the next start."""
        self._settings.setValue("audit/records", self.records.splitter.saveState())
        self._settings.setValue("audit/sample", self.sample.splitter.saveState())
        self.records.form.save(self._settings)

    def restore_layout(self) -> None:
        """Put the views as they were left."""
        for key, view in (("audit/records", self.records), ("audit/sample", self.sample)):
            state = remembered_bytes(self._settings, key)
            if state is not None:
                view.splitter.restoreState(state)
        self.records.form.restore(self._settings)

    # ------------------------------------------------------------------ inside

    @property
    def _sees_all(self) -> bool:
        operator = self._bridge.operator
        return operator is not None and may(operator.roles, Right.SEE_AUDIT)

    def _judge_access(self) -> None:
        operator = self._bridge.operator
        sees_sample = operator is not None and may(operator.roles, Right.CHECK_SEARCHES)
        for at, view in enumerate(self._views):
            is_seen = self._sees_all or (sees_sample and view is self.sample)
            self.tabs.setTabVisible(at, is_seen)
        self.whole.setCurrentIndex(1 if self._sees_all or sees_sample else 0)

    def _on_operator(self) -> None:
        """What one person may see is not on screen for the next."""
        for dialog in self.findChildren(QDialog):
            dialog.hide()
            dialog.deleteLater()
        for view in self._views:
            view.forget()
        self.broken.hide()
        self.tabs.blockSignals(True)
        self._judge_access()
        self.tabs.setCurrentWidget(self.records if self._sees_all else self.sample)
        self.tabs.blockSignals(False)

    def _on_tab(self, at: int) -> None:
        view = self._views[at] if 0 <= at < len(self._views) else None
        is_seen = view is not None and self.tabs.isTabVisible(at)
        if view is not None and is_seen and self._bridge.operator is not None and self.isVisible():
            view.opened()

    def _look_again(self) -> None:
        view = self.tabs.currentWidget()
        if isinstance(view, RecordsView | SampleView | OutliersView):
            view.look_up()
        elif isinstance(view, ProofView):
            view.learn()

    def _show_searches_of(self, username: str) -> None:
        """Show the searches and denials of an account, whenever they were made."""
        form = self.records.form
        form.empty()
        form.person.setText(username)
        form.action.setCurrentIndex(form.action.findText("Searches and denials"))
        form.when.setCurrentIndex(form.when.findText("Any time"))
        assert AuditAction.SEARCH in form.wanted.actions
        self.records.look_up()
        self.tabs.setCurrentWidget(self.records)

    def _on_learned(self) -> None:
        verdict = self.proof.verdict
        self.records.show_proof(self.proof.proof, verdict)
        is_bad = verdict is not None and not verdict.is_whole
        if verdict is not None and is_bad:
            title, words = verdict_words(verdict)
            self.broken.setText(f"{title}. {words}")
        self.broken.setVisible(is_bad)
