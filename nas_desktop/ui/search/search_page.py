"""The Search workspace: searches side by side in tabs, and who may not search told why."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.access import Role
from nas_desktop.domain.camera import Camera
from nas_desktop.domain.query import ReadQuery, Where
from nas_desktop.domain.search_access import AccessPolicy
from nas_desktop.domain.spec import Spec
from nas_desktop.services.ports import Clock
from nas_desktop.services.resources import load_match_rules
from nas_desktop.services.searches import SearchLink
from nas_desktop.ui.actions import SEARCH_COMMANDS
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.empty_place import EmptyPlace
from nas_desktop.ui.remembered import remembered_bytes
from nas_desktop.ui.search.export_dialog import ExportDialog
from nas_desktop.ui.search.search_dialogs import SearchDialogs
from nas_desktop.ui.search.search_tab import SearchTab
from nas_desktop.ui.search.why_form import CaseBook
from nas_desktop.ui.theme import Look

MOST_TABS = 8


class SearchPage(QWidget):
    """Up to eight searches; what is done by key here is done by button or menu too."""

    def __init__(
        self,
        bridge: Bridge,
        link: SearchLink,
        clock: Clock,
        spec: Spec,
        look: Look,
        settings: QSettings | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("searchPage")
        self._bridge, self._link, self._clock, self._spec = bridge, link, clock, spec
        self._settings = settings
        self._look = look
        self._confusions = load_match_rules().confusions
        self._cases = CaseBook()
        self._cameras: tuple[Camera, ...] = ()
        self.policy: AccessPolicy | None = None
        self.tabs: list[SearchTab] = []
        self.why_not = EmptyPlace("searchWhyNot")
        self.countersign = QPushButton("&Authorities…")
        self.countersign.setToolTip("Give an authority, or countersign one given verbally")
        self.stack = QStackedWidget()
        self.bar = QTabBar()
        self.bar.setAccessibleName("Searches")
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideRight)
        self.buttons: dict[str, QPushButton] = {}
        self.recorded = QLabel("every look is recorded · F1 keys")
        self.recorded.setProperty("role", "second")
        self.actions_by_name: dict[str, QAction] = {}
        self.dialogs = SearchDialogs(self, bridge, link, spec.grammar)
        self._build()
        self._add_actions()
        self.bar.currentChanged.connect(self._on_tab)
        self.countersign.clicked.connect(lambda _checked=False: self.dialogs.ask_authority())
        bridge.operator_changed.connect(self._on_operator)
        self.new_search()
        self.set_look(look)
        self._judge_access()

    def _build(self) -> None:
        self._foot = QFrame()
        self._foot.setObjectName("searchFoot")
        self._foot_row = QHBoxLayout(self._foot)
        self._foot_row.addWidget(self.bar)
        slots: dict[str, tuple[str, str, Callable[[], object]]] = {
            "new": ("+", "Another search beside this one (Ctrl+N)", self.new_search),
            "export": ("Export…", "Write what was found to a file (Ctrl+E)", self.dialogs.export),
            "preserve": ("Preserve…", "Keep the chosen reads (Ctrl+K)", self.dialogs.preserve),
            "saved": ("Saved…", "Saved searches (Ctrl+O)", self.dialogs.show_saved),
            "history": (
                "History…",
                "Your own earlier searches (Ctrl+H)",
                self.dialogs.show_history,
            ),
            "preserved": (
                "Kept reads…",
                "Preserved reads and their reviews (Ctrl+Shift+K)",
                self.dialogs.show_preserved,
            ),
        }
        for name, (words, tip, slot) in slots.items():
            button = QPushButton(words)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _checked=False, run=slot: run())
            self.buttons[name] = button
            self._foot_row.addWidget(button)
        self._foot_row.addStretch(1)
        self._foot_row.addWidget(self.recorded)
        self._work = QWidget()
        work = QVBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(0)
        work.addWidget(self.stack, 1)
        work.addWidget(self._foot)
        refused = QWidget()
        column = QVBoxLayout(refused)
        column.addWidget(self.why_not, 1)
        column.addWidget(self.countersign, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.whole = QStackedWidget()
        self.whole.addWidget(refused)
        self.whole.addWidget(self._work)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.whole)

    def _add_actions(self) -> None:
        slots: dict[str, Callable[[], object]] = {
            "search_run": lambda: self.tab.search(),
            "search_stop": lambda: self.tab.stop(),
            "search_confirm": lambda: self.tab.panel.why.confirm(),
            "search_part": lambda: self.tab.other_part(),
            "search_question": lambda: self.tab.flip_question(),
            "search_order": lambda: self.tab.results.bring_in_order(),
            "search_new": self.new_search,
            "search_close": self.close_search,
            "search_next": lambda: self._go(1),
            "search_previous": lambda: self._go(-1),
            "search_save": self.dialogs.save,
            "search_saved": self.dialogs.show_saved,
            "search_history": self.dialogs.show_history,
            "search_export": self.dialogs.export,
            "search_preserve": self.dialogs.preserve,
            "search_preserved": self.dialogs.show_preserved,
        }
        for command in SEARCH_COMMANDS:
            if command.name not in slots:
                continue
            action = QAction(command.words, self)
            action.setObjectName(command.name)
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda _checked=False, run=slots[command.name]: run())
            self._work.addAction(action)
            self.actions_by_name[command.name] = action

    # ------------------------------------------------------------------ for the window

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self.why_not.set_look(look)
        self._foot_row.setContentsMargins(look.px(12), look.px(6), look.px(12), look.px(6))
        self._foot_row.setSpacing(look.px(8))
        for tab in self.tabs:
            tab.set_look(look)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.recorded.setVisible(self.width() >= self._look.px(1000))

    def opened(self) -> None:
        """The workspace has come to the front."""
        self._judge_access()
        if self._bridge.operator is not None:
            self._bridge.run(self._learn(), "search-policy")
        if self.whole.currentWidget() is self._work:
            # Where the keyboard was when this was left; at first, where the reason begins.
            (self.tab.focusWidget() or self.tab.panel.why.purpose).setFocus()

    def save_layout(self) -> None:
        """Keep columns and widths for the next start."""
        if self._settings is not None:
            self._settings.setValue("search/columns", self.tab.results.table.columns_state())
            self._settings.setValue("search/splitter", self.tab.splitter.saveState())

    async def _learn(self) -> None:
        self.policy = await self._link.policy()
        for tab in self.tabs:
            tab.set_policy(self.policy)
        self._judge_access()
        operator = self._bridge.operator
        if operator is None or not self.policy.searchers.intersection(operator.roles):
            return  # to ask all the same would put a denial on record
        self._cameras = await self._link.cameras()
        for tab in self.tabs:
            tab.panel.place.known = self._cameras

    def _on_operator(self) -> None:
        """What one person asked and found is not on screen for the next."""
        self._cases.forget()
        for dialog in self.findChildren(QDialog):
            if isinstance(dialog, ExportDialog):
                dialog.cancel()
            dialog.hide()
            dialog.deleteLater()
        while len(self.tabs) > 1:
            self._drop(self.tabs[-1])
        self.tab.forget()
        self.tab.panel.empty()
        self.tab.panel.why.forget()
        self._judge_access()

    def _judge_access(self) -> None:
        operator, policy = self._bridge.operator, self.policy
        roles = frozenset(operator.roles) if operator is not None else frozenset()
        may_search = policy is None or bool(policy.searchers & roles)
        self.whole.setCurrentIndex(1 if may_search else 0)
        self.countersign.setVisible(Role.AUTHORISER in roles)
        if not may_search and policy is not None:
            able = ", ".join(sorted(role.value for role in policy.searchers))
            self.why_not.say(
                "Your role does not search reads",
                f"These may: {able}. Whoever looks at reads is on record with a reason; ask one of"
                " them, or the administrator for the role that your work needs.",
            )

    # ------------------------------------------------------------------ tabs

    @property
    def tab(self) -> SearchTab:
        """The search in front."""
        return self.tabs[self.stack.currentIndex()]

    def new_search(self, query: ReadQuery | None = None, where: Where | None = None) -> SearchTab:
        """Open another search; its reason is offered from the one in front, not taken over."""
        if len(self.tabs) >= MOST_TABS:
            self._bridge.notice.emit(f"{MOST_TABS} searches are open.", "Put one away: Ctrl+W.")
            return self.tab
        before = self.tab if self.tabs else None
        tab = SearchTab(
            self._bridge, self._link, self._cases, self._spec, self._confusions, self._look
        )
        if self._settings is not None:
            columns = remembered_bytes(self._settings, "search/columns")
            tab.results.table.restore_columns(columns)
            split = remembered_bytes(self._settings, "search/splitter")
            if split is not None:
                tab.splitter.restoreState(split)
            is_on = str(self._settings.value("search/pictures", "false")) == "true"
            tab.results.as_pictures.setChecked(is_on)
        tab.results.as_pictures.toggled.connect(self._on_pictures)
        if self.policy is not None:
            tab.set_policy(self.policy)
        tab.panel.place.known = self._cameras
        tab.renamed.connect(lambda _name: self._name_tabs())
        tab.state_changed.connect(self._judge)
        tab.dialog_wanted.connect(self.dialogs.open)
        tab.panel.save_wanted.connect(self.dialogs.save)
        tab.panel.authority_wanted.connect(lambda: self.dialogs.ask_authority())
        tab.results.menu_wanted.connect(self.dialogs.show_menu)
        tab.results.chosen_changed.connect(self._judge)
        for part in (tab.results.table, tab.results.strip):
            copy = QAction("Copy", part)
            copy.setShortcut(QKeySequence.StandardKey.Copy)
            copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            copy.triggered.connect(lambda _checked=False: self.dialogs.copy())
            part.addAction(copy)
        self.tabs.append(tab)
        self.stack.addWidget(tab)
        if query is not None:
            tab.panel.set_question(query, where)
            if before is not None and before.reason is not None:
                tab.panel.why.set_reason(before.reason)
                tab.panel.why.note_used()
        self.bar.addTab(tab.name)
        self.bar.setCurrentIndex(len(self.tabs) - 1)
        self._name_tabs()
        self._judge()
        tab.panel.judge()
        return tab

    def _on_pictures(self, is_on: bool) -> None:
        """Remember how rows are looked at: the next search begins so."""
        if self._settings is not None:
            self._settings.setValue("search/pictures", "true" if is_on else "false")

    def close_search(self) -> None:
        """Put the search in front away; the last one is emptied."""
        if len(self.tabs) > 1:
            self._drop(self.tab)
            return
        self.tab.forget()
        self.tab.panel.empty()
        self.tab.panel.why.forget()
        self._name_tabs()

    def _drop(self, tab: SearchTab) -> None:
        at = self.tabs.index(tab)
        tab.forget()
        self.tabs.remove(tab)
        self.stack.removeWidget(tab)
        self.bar.removeTab(at)
        tab.deleteLater()
        self.stack.setCurrentIndex(max(0, self.bar.currentIndex()))
        self._name_tabs()
        self._judge()

    def _on_tab(self, at: int) -> None:
        if 0 <= at < self.stack.count():
            self.stack.setCurrentIndex(at)
            self._judge()

    def _go(self, step: int) -> None:
        self.bar.setCurrentIndex((self.bar.currentIndex() + step) % max(1, len(self.tabs)))

    def _name_tabs(self) -> None:
        for at, tab in enumerate(self.tabs):
            if at < self.bar.count():
                words = f"{at + 1} {tab.name}"
                self.bar.setTabText(at, words.replace("&", "&&"))
                self.bar.setTabToolTip(at, words)

    def _judge(self) -> None:
        if not self.tabs:
            return
        tab = self.tab
        self.actions_by_name["search_stop"].setEnabled(tab.is_running)
        has_rows = tab.running is not None and tab.results.model.rowCount() > 0
        self.buttons["export"].setEnabled(has_rows)
        self.buttons["preserve"].setEnabled(has_rows and tab.results.chosen is not None)
