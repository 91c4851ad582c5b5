"""What fills the middle of the window: the sign-in page, or one of the workspaces."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget

from nas_desktop.ui.dialogs.sign_in_view import SignInPage
from nas_desktop.ui.lists.lists_page import ListsPage
from nas_desktop.ui.live.live_page import LivePage
from nas_desktop.ui.theme import Look


class WorkspaceStack(QStackedWidget):
    """Shows one workspace at a time; the sign-in page while nobody is signed in.

    ``name`` is the workspace chosen: ``live`` or ``lists``.
    """

    def __init__(self, sign_in: SignInPage, live: LivePage, lists: ListsPage | None) -> None:
        super().__init__()
        self.sign_in = sign_in
        self.live = live
        self.lists = lists
        self.name = "live"
        for page in (sign_in, live, lists):
            if page is not None:
                self.addWidget(page)

    def choose(self, name: str, *, is_signed_in: bool) -> None:
        """Bring a workspace to the front, as far as somebody is signed in to see it."""
        self.name = "lists" if name == "lists" and self.lists is not None else "live"
        if not is_signed_in:
            self.setCurrentWidget(self.sign_in)
        elif self.name == "lists" and self.lists is not None:
            self.setCurrentWidget(self.lists)
            self.lists.opened()
        else:
            self.setCurrentWidget(self.live)
            self.live.hits.setFocus()

    def show_state(self) -> None:
        """The node has reported; what is not in front does nothing."""
        if self.lists is not None and self.currentWidget() is self.lists:
            self.lists.show_state()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        for page in (self.sign_in, self.live, self.lists):
            if page is not None:
                page.set_look(look)
