"""What fills the middle of the window: the sign-in page, or one of the workspaces."""

from __future__ import annotations

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QStackedWidget

from nas_desktop.ui.audit.audit_page import AuditPage
from nas_desktop.ui.dialogs.lock_page import LockPage
from nas_desktop.ui.dialogs.sign_in_view import SignInPage
from nas_desktop.ui.lists.lists_page import ListsPage
from nas_desktop.ui.live.live_page import LivePage
from nas_desktop.ui.remembered import remembered_bytes
from nas_desktop.ui.search.search_page import SearchPage
from nas_desktop.ui.theme import Look


class WorkspaceStack(QStackedWidget):
    """Shows one workspace at a time; the sign-in page while nobody is signed in, or the lock.

    ``name`` is the workspace chosen: ``live``, ``search``, ``lists`` or ``audit``.
    """

    def __init__(
        self,
        sign_in: SignInPage,
        live: LivePage,
        lists: ListsPage | None,
        search: SearchPage | None = None,
        audit: AuditPage | None = None,
        *,
        lock: LockPage,
    ) -> None:
        super().__init__()
        self.sign_in = sign_in
        self.lock = lock
        self.live = live
        self.lists = lists
        self.search = search
        self.audit = audit
        self.name = "live"
        for page in (sign_in, lock, live, search, lists, audit):
            if page is not None:
                self.addWidget(page)

    def has(self, name: str) -> bool:
        """Tell whether there is such a workspace."""
        return name == "live" or getattr(self, name, None) is not None

    def choose(self, name: str, *, is_signed_in: bool) -> None:
        """Bring a workspace to the front, as far as somebody is signed in to see it."""
        workspaces = {"lists": self.lists, "search": self.search, "audit": self.audit}
        page = workspaces.get(name)
        self.name = name if page is not None else "live"
        if not is_signed_in:
            self.setCurrentWidget(self.sign_in)
        elif page is not None:
            self.setCurrentWidget(page)
            page.opened()
        else:
            self.setCurrentWidget(self.live)
            self.live.hits.setFocus()

    @property
    def shows_figures(self) -> bool:
        """True where the figures of the live workspace have their place at the foot."""
        return self.currentWidget() not in (self.search, self.audit, self.lock)

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
        for page in (self.sign_in, self.lock, self.live, self.lists, self.search, self.audit):
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
        if self.search is not None:
            self.search.save_layout()
        if self.audit is not None:
            self.audit.save_layout()
        settings.setValue("window/workspace", self.name)

    def restore_layout(self, settings: QSettings) -> None:
        """Put the workspaces as they were left."""
        self.live.set_split(remembered_bytes(settings, "window/splitter"))
        split = remembered_bytes(settings, "window/lists")
        if self.lists is not None and split is not None:
            self.lists.splitter.restoreState(split)
        self.name = str(settings.value("window/workspace", "live"))
