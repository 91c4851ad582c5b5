"""What fills the middle of the window: the sign-in page, or one of the workspaces."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSettings, Signal
from PySide6.QtWidgets import QStackedWidget

from nas_desktop.domain.spec import Spec
from nas_desktop.services.audit_ports import AuditLink
from nas_desktop.services.cards import CardId
from nas_desktop.services.desks import DeskLink
from nas_desktop.services.ports import Clock, ListLink
from nas_desktop.services.searches import SearchLink
from nas_desktop.ui.audit.audit_page import AuditPage
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.dialogs.lock_page import LockPage
from nas_desktop.ui.dialogs.sign_in_view import SignInPage
from nas_desktop.ui.lists.lists_page import ListsPage
from nas_desktop.ui.live.live_page import LivePage
from nas_desktop.ui.remembered import remembered_bytes
from nas_desktop.ui.search.search_page import SearchPage
from nas_desktop.ui.supervisor.supervisor_page import SupervisorPage
from nas_desktop.ui.theme import Look

WORKSPACES = ("live", "search", "lists", "audit", "supervisor")


@dataclass(frozen=True, slots=True)
class Links:
    """What the workspaces work through; what is not linked has no workspace."""

    lists: ListLink | None = None
    searches: SearchLink | None = None
    audit: AuditLink | None = None
    desks: DeskLink | None = None


class WorkspaceStack(QStackedWidget):
    """Shows one workspace at a time; the sign-in page while nobody is signed in, or the lock.

    ``name`` is the workspace chosen, one of ``WORKSPACES``.

    Signals:
        wanted(str): something in one workspace is to be shown in another.
    """

    wanted = Signal(str)

    def __init__(
        self, bridge: Bridge, links: Links, clock: Clock, spec: Spec, look: Look,
        settings: QSettings,
    ) -> None:  # fmt: skip
        super().__init__()
        self._bridge = bridge
        self.name = "live"
        self.sign_in, self.lock = SignInPage(bridge, look), LockPage(look)
        self.live = LivePage(bridge, spec, look, links.desks)
        self.lists: ListsPage | None = None
        self.search: SearchPage | None = None
        self.audit: AuditPage | None = None
        self.supervisor: SupervisorPage | None = None
        if links.lists is not None:
            self.lists = ListsPage(bridge, links.lists, clock, spec, look, links.desks)
        if links.searches is not None:
            self.search = SearchPage(bridge, links.searches, clock, spec, look, settings)
        if links.audit is not None:
            self.audit = AuditPage(bridge, links.audit, clock, spec, look, settings)
        if links.desks is not None:
            self.supervisor = SupervisorPage(bridge, links.desks, spec, look, settings)
            self.supervisor.card_wanted.connect(self._show_card)
        self._pages = (
            self.sign_in, self.lock, self.live, self.search, self.lists, self.audit,
            self.supervisor,
        )  # fmt: skip
        for page in self._pages:
            if page is not None:
                self.addWidget(page)

    def has(self, name: str) -> bool:
        """Tell whether there is such a workspace, for whoever is signed in."""
        if name == "supervisor" and not self._bridge.supervises:
            return False
        return getattr(self, name, None) is not None

    def choose(self, name: str, *, is_signed_in: bool) -> None:
        """Bring a workspace to the front, as far as somebody is signed in to see it."""
        workspaces = {
            "lists": self.lists,
            "search": self.search,
            "audit": self.audit,
            "supervisor": self.supervisor,
        }
        page = workspaces.get(name) if self.has(name) or not is_signed_in else None
        self.name = name if page is not None else "live"
        if not is_signed_in:
            self.setCurrentWidget(self.sign_in)
        elif page is not None:
            self.setCurrentWidget(page)
            page.opened()
        else:
            self.setCurrentWidget(self.live)
            self.live.hits.setFocus()

    def _show_card(self, card_id: CardId) -> None:
        self.wanted.emit("live")
        if self.currentWidget() is self.live:
            self._bridge.board.choose(card_id)
            self.live.hits.choose(card_id)

    @property
    def shows_figures(self) -> bool:
        """True where the figures of the live workspace have their place at the foot."""
        return self.currentWidget() not in (self.search, self.audit, self.lock, self.supervisor)

    @property
    def is_search_in_front(self) -> bool:
        """True while the search workspace is seen."""
        return self.search is not None and self.currentWidget() is self.search

    def show_state(self) -> None:
        """The node has reported; what is not in front does nothing."""
        if self.lists is not None and self.currentWidget() is self.lists:
            self.lists.show_state()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        for page in self._pages:
            if page is not None:
                page.set_look(look)

    # ------------------------------------------------------------------ remembered

    def save_layout(self, settings: QSettings) -> None:
        """Keep how the workspaces were left."""
        split = self.live.split_state()
        if split is not None:
            settings.setValue("window/splitter", split)
        if self.lists is not None:
            settings.setValue("window/lists", self.lists.splitter.saveState())
        for page in (self.search, self.audit, self.supervisor):
            if page is not None:
                page.save_layout()
        settings.setValue("window/workspace", self.name)

    def restore_layout(self, settings: QSettings) -> None:
        """Put the workspaces as they were left."""
        self.live.set_split(remembered_bytes(settings, "window/splitter"))
        split = remembered_bytes(settings, "window/lists")
        if self.lists is not None and split is not None:
            self.lists.splitter.restoreState(split)
        self.name = str(settings.value("window/workspace", "live"))
