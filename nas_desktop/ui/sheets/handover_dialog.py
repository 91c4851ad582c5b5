"""The handover of a shift before it is written: both names, and as of when."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from nas_desktop.domain.spec import Spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.sheets.handover import LONGEST_NAME, SHORTEST_NAME, Shift, handover
from nas_desktop.ui.sheets.sheet_dialog import PutOnRecord, SheetDialog


class HandoverDialog(SheetDialog):
    """Adds the name of who takes over, and a way to have the words made anew."""

    def __init__(
        self,
        bridge: Bridge,
        spec: Spec,
        shift_now: Callable[[], Shift],
        who: str,
        put_on_record: PutOnRecord,
        parent: QWidget,
    ) -> None:
        self._spec, self._shift_now = spec, shift_now
        self.shift = shift_now()
        self.taker = QLineEdit(maxLength=LONGEST_NAME)
        self.taker.setObjectName("handoverTaker")
        self.taker.setAccessibleName("Taken over by")
        self.taker.setPlaceholderText("name and collar number of who takes over")
        self.anew = QPushButton("As of &now")
        self.anew.setObjectName("handoverAnew")
        self.anew.setAutoDefault(False)
        self.anew.setToolTip("Make the words anew")
        sheet, self.hits = handover(self.shift, "", spec)
        stem = f"handover {self.shift.now:%Y%m%d-%H%M}"
        super().__init__(bridge, sheet, who, stem, put_on_record, parent)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.taker, 1)
        row.addWidget(self.anew)
        name = QLabel("Taken &by")
        name.setBuddy(self.taker)
        self.form.insertRow(0, name, row)
        self.taker.textChanged.connect(lambda _text: self._again())
        self.anew.clicked.connect(lambda _checked=False: self.make_anew())
        self.taker.setFocus()
        self.judge()

    @property
    def taker_name(self) -> str:
        """Who takes over, as it goes on record."""
        printable = "".join(c if c.isprintable() else " " for c in self.taker.text())
        return " ".join(printable.split())

    def make_anew(self) -> None:
        """Make the words anew, as of now."""
        self.shift = self._shift_now()
        self._again()

    def _again(self) -> None:
        self.written = None
        sheet, self.hits = handover(self.shift, self.taker_name, self._spec)
        self.show_sheet(sheet)

    def lacks(self) -> str:
        """Return what is still to be done: both names are needed, and they are two."""
        taker = self.taker_name
        if len(taker) < SHORTEST_NAME:
            return "Name who takes over."
        if taker.casefold() == self.shift.giver.casefold():
            return "Nobody takes over from themselves."
        return super().lacks()
