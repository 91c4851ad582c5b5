"""Accounts with many more searches than others of their role: a hint to ask, not a finding."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit_ports import AuditLink, OutlierPage
from nas_desktop.services.audit_review import FEWEST_OF_NOTE, MANY_TIMES, Outlier
from nas_desktop.services.ports import Clock
from nas_desktop.ui.audit.audit_words import month_words
from nas_desktop.ui.audit.parts import MonthBox, plain_table
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.empty_place import EmptyPlace
from nas_desktop.ui.headed_table import HeadedTable
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look

_Index = QModelIndex | QPersistentModelIndex

HEADINGS = ("Person", "Role", "Searches", "Median of the role", "Times the median")
_WIDTHS = (180, 180, 100, 150, 160)


class OutliersModel(HeadedTable):
    """Accounts, the furthest from the others first."""

    headings = HEADINGS

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Outlier, ...] = ()

    def show(self, rows: tuple[Outlier, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def outlier_at(self, row: int) -> Outlier | None:
        """Return the account of a row."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one = self.outlier_at(index.row()) if index.isValid() else None
        if one is None or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        return (
            one.username,
            one.role.replace("_", " ").replace(",", ", "),
            f"{one.searches:,}",
            f"{one.median:,.1f}",
            f"▲ {one.searches / one.median:.1f} times" if one.median else "▲",
        )[index.column()]


class OutliersView(QWidget):
    """A month, the accounts, and the way to their records.

    Signals:
        records_wanted(str): the searches of this account are to be shown.
    """

    records_wanted = Signal(str)

    def __init__(self, bridge: Bridge, link: AuditLink, clock: Clock) -> None:
        super().__init__()
        self._bridge, self._link = bridge, link
        self._generation = 0
        self._is_asked = False
        self.month = MonthBox(clock)
        self.model = OutliersModel()
        self.table = plain_table(self.model, "Accounts out of line")
        self.status = QLabel(
            f"More than {MANY_TIMES:g} times the median of the role, and at least"
            f" {FEWEST_OF_NOTE} searches: a hint to ask, not a finding."
        )
        self.status.setProperty("role", "second")
        self.status.setWordWrap(True)
        self.look = QPushButton("Sho&w searches")
        self.look.setToolTip("The searches of the person chosen (Enter)")
        self.empty = EmptyPlace("outliersEmpty")
        self.middle = QStackedWidget()
        self.middle.addWidget(self.table)
        self.middle.addWidget(self.empty)
        name = QLabel("Mo&nth")
        name.setProperty("role", "heading")
        name.setBuddy(self.month)
        self._top = QHBoxLayout()
        for part in (name, self.month, self.look):
            self._top.addWidget(part)
        self._top.addWidget(self.status, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._top)
        layout.addWidget(self.middle, 1)
        self.month.currentIndexChanged.connect(lambda _at: self.look_up())
        self.look.clicked.connect(lambda _checked=False: self._on_look())
        self.table.activated.connect(lambda _index: self._on_look())
        self.forget()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.empty.set_look(look)
        self._top.setContentsMargins(look.px(12), look.px(8), look.px(12), look.px(4))
        self._top.setSpacing(look.px(8))
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, look.px(width))

    def opened(self) -> None:
        """It has come to the front."""
        self.month.renew()
        if not self._is_asked:
            self.look_up()
        self.table.setFocus()

    def forget(self) -> None:
        """Show nothing: somebody else may sit here now."""
        self._generation += 1
        self._is_asked = False
        self.model.show(())
        self._say("Nothing looked up yet", "Choose a month.")

    def look_up(self) -> None:
        """Fetch the accounts of the month chosen."""
        self._generation += 1
        self._is_asked = True
        self.model.show(())
        self._say("Looking", "The month's records are being read.")
        self._bridge.run(self._fetch(self._generation), "audit-outliers")

    async def _fetch(self, generation: int) -> None:
        try:
            page = await self._link.outliers(self.month.month)
        except Refused as refusal:
            if generation == self._generation:
                words = f"{refusal.message} {refusal.remedy}".strip()
                self._say("The records could not be read", words)
            raise
        if generation == self._generation:
            self._show(page)

    def _show(self, page: OutlierPage) -> None:
        self.model.show(page.outliers)
        if not page.outliers:
            self._say(
                f"Nobody is out of line in {month_words(page.month)}",
                f"{several(page.searches, 'search', 'searches')} in all. Somebody is shown here"
                f" with at least {FEWEST_OF_NOTE}, and more than {MANY_TIMES:g} times the median"
                " of their role.",
            )
            return
        self.middle.setCurrentWidget(self.table)
        self.look.setEnabled(True)
        self.table.selectRow(0)

    def _say(self, title: str, words: str) -> None:
        self.empty.say(title, words)
        self.middle.setCurrentWidget(self.empty)
        self.look.setEnabled(False)

    def _on_look(self) -> None:
        one = self.model.outlier_at(self.table.currentIndex().row())
        if one is not None:
            self.records_wanted.emit(one.username)
