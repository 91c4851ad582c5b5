"""Small parts of the audit workspace: tables, months, files asked for beside the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QTableView, QWidget

from nas_desktop.services.ports import Clock
from nas_desktop.ui.audit.audit_words import month_words, months_back


def plain_table(model: QAbstractItemModel, name: str) -> QTableView:
    """Return a table of whole rows that Tab leaves."""
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
    table.setWordWrap(False)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    table.verticalHeader().hide()
    return table


class MonthBox(QComboBox):
    """This month and the twelve before."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.setAccessibleName("Month")
        self.setToolTip("Which month, GMT")
        self.renew()

    def renew(self) -> None:
        """Offer the months as they are now; the one chosen stays."""
        months = months_back(self._clock.now())
        if self.count() and self.itemData(0) == months[0]:
            return
        chosen = self.month
        self.blockSignals(True)
        self.clear()
        for month in months:
            self.addItem(month_words(month), month)
        self.setCurrentIndex(max(0, self.findData(chosen)))
        self.blockSignals(False)

    @property
    def month(self) -> str:
        """The month chosen, ``2026-11``."""
        return str(self.currentData() or "")


def ask_file(
    parent: QWidget, title: str, name: str, kinds: str, suffix: str, then: Callable[[str], object]
) -> QFileDialog:
    """Ask beside the window where a file is to go, and go on with its full path."""
    dialog = QFileDialog(parent, title, name, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog
