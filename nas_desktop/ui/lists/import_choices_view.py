"""What whoever imports a file decides: name, where it goes, how it is read, and why."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.voi import ListSource
from nas_desktop.services.lists import ImportChoices
from nas_desktop.ui.lists.list_words import source_words

_SOURCES = (
    ListSource.LEA,
    ListSource.NATIONAL,
    ListSource.SCHENGEN,
    ListSource.MIDAS,
    ListSource.PNC_EXTRACT,
    ListSource.MMC,
)
LONGEST_NAME, LONGEST_WHY = 120, 500


class ImportChoicesView(QWidget):
    """The choices as fields.

    Signals:
        changed: some choice is another one now.
    """

    changed = Signal()

    def __init__(self, *, has_server: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("importChoices")
        self._has_server = has_server
        self.name = QLineEdit(maxLength=LONGEST_NAME)
        self.name.setPlaceholderText("that of the file")
        self.name.setToolTip("What stands before the first _ selects the badge, as in 07_Cheshire")
        self.here = QRadioButton("&Only this desk")
        self.everywhere = QRadioButton("&Publish to the server, for every desk")
        self.everywhere.setEnabled(has_server)
        if not has_server:
            self.everywhere.setToolTip("This desk has no server to publish to.")
        self.here.setChecked(True)
        self._where = QButtonGroup(self)
        self._where.addButton(self.here)
        self._where.addButton(self.everywhere)
        self.source = QComboBox()
        for source in _SOURCES:
            self.source.addItem(source_words(source), source.value)
        self.source.setToolTip("Which rules the file is held against")
        self.lenient = QCheckBox("&Take other spellings of words")
        self.lenient.setToolTip("STOP is read as Stop, and so on; the report says what was altered")
        self.legacy = QCheckBox("Convert the older &layout")
        self.legacy.setToolTip("Sixteen columns without START DATE and CONTACT")
        self.patterns = QCheckBox("Allow ? and * in VRMs (only this desk)")
        self.patterns.setToolTip("Matched on this desk’s node only, never published")
        self.misreads = QCheckBox("Look for possible &misreads of its Stop entries")
        self.authority = QLineEdit(maxLength=LONGEST_NAME)
        self.authority.setPlaceholderText("needed only with No Alert entries")
        self.authority.setToolTip("Reference of the authority that a No Alert list is run under")
        self.why = QLineEdit(maxLength=LONGEST_WHY)
        self.why.setPlaceholderText("put on record with your name")
        self.why_hint = QLabel("○ Needed: national data is loaded by hand only for a reason.")
        self.why_hint.setProperty("role", "second")
        self.why_hint.setWordWrap(True)
        self._lay_out()
        self._connect()
        self._judge()

    @property
    def is_complete(self) -> bool:
        """True when an import may be asked for; a check may be at any time."""
        return bool(self.why.text().strip()) or not self._source().is_national

    def choices(self, *, is_check_only: bool) -> ImportChoices:
        """Return what has been chosen."""
        publish = self.everywhere.isChecked()
        return ImportChoices(
            name=self.name.text().strip(),
            source=self._source(),
            is_check_only=is_check_only,
            publish=publish,
            lenient=self.lenient.isChecked(),
            convert_legacy=self.legacy.isChecked(),
            allow_patterns=self.patterns.isChecked() and not publish,
            finds_misreads=self.misreads.isChecked(),
            authority=self.authority.text().strip(),
            why=self.why.text().strip(),
        )

    def _source(self) -> ListSource:
        return ListSource(self.source.currentData())

    def _judge(self) -> None:
        self.patterns.setEnabled(self.here.isChecked())
        self.why_hint.setVisible(not self.is_complete)
        self.changed.emit()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        fields = (("&Name", self.name), ("&Source", self.source), ("&Authority", self.authority))
        for at, (words, field) in enumerate((*fields, ("&Reason", self.why))):
            label = QLabel(words)
            label.setBuddy(field)
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            field.setAccessibleName(words.replace("&", ""))
            grid.addWidget(label, at, 0)
            grid.addWidget(field, at, 1)
        grid.addWidget(self.why_hint, len(fields) + 1, 1)
        ticks = QVBoxLayout()
        ticks.setSpacing(6)
        for choice in (
            self.here,
            self.everywhere,
            self.lenient,
            self.legacy,
            self.patterns,
            self.misreads,
        ):
            ticks.addWidget(choice)
            if choice is self.everywhere:
                ticks.addSpacing(8)
        ticks.addStretch(1)
        grid.addLayout(ticks, 0, 3, len(fields) + 2, 1)
        grid.setColumnMinimumWidth(2, 12)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(3, 2)
        chain: list[QWidget] = [
            self.name, self.source, self.authority, self.why, self.here, self.everywhere,
            self.lenient, self.legacy, self.patterns, self.misreads,
        ]  # fmt: skip
        for one, other in pairwise(chain):
            QWidget.setTabOrder(one, other)

    def _connect(self) -> None:
        for field in (self.name, self.authority, self.why):
            field.textChanged.connect(self._judge)
        self.source.currentIndexChanged.connect(self._judge)
        for button in (
            self.here, self.everywhere, self.lenient, self.legacy, self.patterns, self.misreads,
        ):  # fmt: skip
            button.toggled.connect(self._judge)
