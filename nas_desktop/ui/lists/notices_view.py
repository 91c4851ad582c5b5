"""What operators said of the entries of a list: out of date, or wrong; for who looks after it."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QTabWidget, QVBoxLayout, QWidget

from nas_desktop.domain.access import Right, may
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.desks import DeskLink, Notice
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.search.saved_dialog import TableOf, quiet_table
from nas_desktop.ui.text import minute_words, several
from nas_desktop.ui.theme import Look

HEADS = ("When (GMT)", "VRM", "By", "What was said")
_WIDTHS = (150, 110, 160)


class NoticesView(QWidget):
    """A line and a table, newest first; asked for once for all lists.

    Args:
        tabs: where it stands, with how many there are of the list chosen.

    Signals:
        counted(dict): how many notices there are, by list.
    """

    counted = Signal(object)

    def __init__(
        self, bridge: Bridge, link: DeskLink | None, spec: Spec, look: Look, tabs: QTabWidget
    ) -> None:
        super().__init__()
        self._tabs = tabs
        self._bridge, self._link, self._spec = bridge, link, spec
        self._notices: tuple[Notice, ...] = ()
        self._name = ""
        self._fault = ""
        self._is_known = False
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "second")
        self.model = TableOf(HEADS, self._cells)
        self.table = quiet_table(self.model, "Notices on the entries of the list", (), 26)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self.words)
        layout.addWidget(self.table, 1)
        self.set_look(look)
        if link is not None:
            tabs.addTab(self, "Notices")
        self._show()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, look.px(width))

    def _cells(self, notice: Notice) -> tuple[str, ...]:
        return (
            minute_words(notice.at, self._bridge.clock.now()),
            self._spec.grammar.display(Vrm(notice.vrm)),
            notice.by,
            notice.text or "Entry out of date or wrong",
        )

    # ------------------------------------------------------------------ asking

    def look(self) -> None:
        """Ask what was said, of all lists that the person may see."""
        operator = self._bridge.operator
        if self._link is not None and operator and may(operator.roles, Right.SEE_LISTS):
            self._bridge.run(self._load(self._link), "notices")

    async def _load(self, link: DeskLink) -> None:
        operator = self._bridge.operator
        try:
            found = await link.notices()
        except Refused as refusal:
            self._fault = refusal.words
            self._show()
            return
        if operator is not self._bridge.operator:
            return  # asked for somebody who has left
        self._notices, self._fault, self._is_known = found, "", True
        self.counted.emit(dict(Counter(notice.list_name for notice in found)))
        self._show()

    def forget(self) -> None:
        """Show nothing: somebody else may sit here now."""
        self._notices, self._name, self._fault, self._is_known = (), "", "", False
        self.counted.emit({})
        self._show()

    # ------------------------------------------------------------------ showing

    def show_list(self, name: str) -> None:
        """Show what was said of one list's entries."""
        if name != self._name:
            self._name = name
            self._show()

    @property
    def shown(self) -> tuple[Notice, ...]:
        """The notices of the list chosen."""
        return tuple(n for n in self._notices if n.list_name == self._name)

    def _show(self) -> None:
        shown = self.shown
        self.model.show(shown)
        self.table.setVisible(bool(shown))
        title = f"Notices ({len(shown):,})" if shown else "Notices"
        self._tabs.setTabText(self._tabs.indexOf(self), title)
        if self._fault:
            words = f"■ The server could not be asked: {self._fault}"
        elif not self._name:
            words = "Choose a list to see what operators said of its entries."
        elif shown:
            words = notice_words(len(shown)) + ". Check the entry, and change or remove it."
        elif not self._is_known:
            words = "What operators said of entries is not known here yet, or not for your role."
        else:
            words = "Nobody has said that an entry of this list is out of date or wrong."
        self.words.setText(words)


def notice_words(count: int) -> str:
    """Return how many notices there are: ``▲ 2 notices: entry out of date``."""
    return f"▲ {several(count, 'notice')}: entry out of date or wrong" if count else ""
