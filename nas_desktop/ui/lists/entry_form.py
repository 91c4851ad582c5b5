"""The sixteen columns of an entry as a form; what it holds is a row of text cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDateEdit,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from nas_desktop.domain.findings import Finding
from nas_desktop.domain.template_rows import row_of, signals_of, text_of
from nas_desktop.domain.template_rules import COLUMNS, TemplateRules
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.services.events import ListState
from nas_desktop.ui.lists.entry_field import EntryField
from nas_desktop.ui.lists.entry_line_edit import EntryLineEdit
from nas_desktop.ui.lists.entry_signals import EntrySignals
from nas_desktop.ui.lists.entry_words import last_day_words, length_words, vrm_words
from nas_desktop.ui.theme import Look

USUAL_DAYS = 28
LONGEST = 200
_VRM, _ACTION, _SIGNALS, _REASON, _INTEL, _INFORMATION = 1, 5, 6, 7, 8, 9
_START, _WEED, _GSC = 11, 12, 14
_LINES = {
    2: ("Ma&ke", ""),
    3: ("Mo&del", ""),
    4: ("Co&lour", ""),
    8: ("&3x5x2", "as in 1BP"),
    10: ("LEA and a&rea", "force / area"),
    13: ("&PNC ID", ""),
    15: ("CA&D", "incident log reference"),
    16: ("Co&ntact", "answers 24 hours a day"),
}


class EntryForm(QScrollArea):
    """Fields in two columns; every change is told, and findings are shown at their fields.

    Signals:
        changed: some cell may be another one now.
    """

    changed = Signal()

    def __init__(self, rules: TemplateRules, state: ListState, today: date, look: Look) -> None:
        super().__init__()
        self.setObjectName("entryForm")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("#entryForm, #entryBody { background: transparent; border: none; }")
        self._rules, self._state, self._look = rules, state, look
        self.lines = {number: QLineEdit(maxLength=LONGEST) for number in (_VRM, *_LINES)}
        self.vrm = self.lines[_VRM]
        self.vrm.setMaxLength(17)
        self.vrm.setStyleSheet(
            f"font-family: '{look.vrm(18).families()[0]}'; font-weight: 700;"
            f" font-size: {look.px(18)}px;"
        )
        self.vrm_hint = QLabel()
        self.action = QComboBox()
        self.reason = QComboBox()
        self.gsc = QComboBox()
        self.signals = EntrySignals(rules.spec.signals.values())
        self.information = EntryLineEdit()
        self.information.setFixedHeight(look.px(78))
        self.length = QLabel()
        self.starts_on, self.weed_date = _date_edit(), _date_edit()
        self.last_day = QLabel()
        self.last_day.setProperty("role", "second")
        self.last_day.setWordWrap(True)
        self.fields: dict[int, EntryField] = {}
        self._fill_words()
        self._lay_out()
        self._connect()
        self.show_new(today)

    # ------------------------------------------------------------------ cells in and out

    def show_new(self, today: date) -> None:
        """Show an entry that is not written yet, from today for the usual time."""
        longest = self._rules.max_days.get(self._state.source, USUAL_DAYS)
        self.starts_on.setDate(_qdate(today))
        self.weed_date.setDate(_qdate(today + timedelta(days=longest)))
        self._show_hints()

    def show_entry(self, entry: VoiEntry) -> None:
        """Show an entry; words that the template does not know are kept as they are."""
        cells = row_of(entry)
        for number, line in self.lines.items():
            line.setText(cells[number - 1])
        for number, box in ((_ACTION, self.action), (_REASON, self.reason), (_GSC, self.gsc)):
            word = cells[number - 1]
            if box.findText(word) < 0:
                box.addItem(word)
            box.setCurrentText(word)
        self.signals.show_signals(entry.warning_signals)
        self.information.setPlainText(entry.information)
        self.starts_on.setDate(_qdate(entry.starts_on))
        self.weed_date.setDate(_qdate(entry.weed_date))
        for field in self.fields.values():
            field.is_touched = True
        self._show_hints()

    def cells(self) -> tuple[str, ...]:
        """Return the sixteen cells as they would stand in a file."""
        cells = [""] * COLUMNS
        for number, line in self.lines.items():
            cells[number - 1] = line.text().strip()
        cells[_ACTION - 1] = self.action.currentText()
        cells[_REASON - 1] = self.reason.currentText()
        cells[_GSC - 1] = self.gsc.currentText()
        cells[_SIGNALS - 1] = " ".join(self.signals.signals())
        cells[_INFORMATION - 1] = self.information.toPlainText().strip()
        cells[_START - 1] = text_of(_day(self.starts_on))
        cells[_WEED - 1] = text_of(_day(self.weed_date))
        return tuple(cells)

    def chosen_action(self) -> Action:
        """Return the action that is chosen."""
        return Action(self.action.currentText())

    def chosen_signals(self) -> tuple[str, ...]:
        """Return the warning signals as an entry would have them."""
        return signals_of(" ".join(self.signals.signals()))

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show what the checker says at the fields that it speaks of."""
        cells = self.cells()
        for number, field in self.fields.items():
            said = [one for one in findings if one.column == number]
            field.show_findings(said, is_empty=not cells[number - 1])

    def set_editable(self, is_editable: bool) -> None:
        """Let the fields be changed, or hold them while they are being saved."""
        self._body.setEnabled(is_editable)

    # ------------------------------------------------------------------ building

    def _fill_words(self) -> None:
        self.action.addItems([action.value for action in Action])
        self.action.setCurrentText(Action.ASSESS.value)
        allowed = self._rules.reasons_of[self._state.source]
        known = [reason for reason in self._rules.spec.reasons if reason in allowed]
        # An empty first line: nobody's reason is the first of the alphabet by accident.
        self.reason.addItems(["", *known, *sorted(allowed.difference(known))])
        self.reason.setMaxVisibleItems(20)
        self.gsc.addItems(self._rules.gsc)
        for number, (_words, example) in _LINES.items():
            self.lines[number].setPlaceholderText(example)
        self.lines[8].setMaxLength(8)

    def _lay_out(self) -> None:
        lines = {
            number: EntryField(words, self.lines[number])
            for number, (words, _example) in _LINES.items()
        }
        self.fields = {
            **lines,
            _VRM: EntryField("&VRM", self.vrm, self.vrm_hint),
            _ACTION: EntryField("&Action", self.action),
            _SIGNALS: EntryField("Warnin&g signals", self.signals),
            _REASON: EntryField("R&eason", self.reason),
            _INFORMATION: EntryField("&Information / action", self.information, self.length),
            _START: EntryField("S&tart date", self.starts_on),
            _WEED: EntryField("&Weed date", self.weed_date),
            _GSC: EntryField("&GSC", self.gsc),
        }
        self._body = QWidget()
        self._body.setObjectName("entryBody")
        self._left, self._right = QWidget(), QWidget()
        left, right = QGridLayout(self._left), QGridLayout(self._right)
        for grid in (left, right):
            grid.setContentsMargins(0, 0, 0, 0)
        fields = self.fields
        _place(left, [[fields[_VRM]], [fields[2], fields[3], fields[4]]])
        _place(left, [[fields[_ACTION], fields[_REASON]], [fields[_SIGNALS]]])
        _place(left, [[fields[13], fields[15]]])
        _place(right, [[fields[_INFORMATION]], [fields[_START], fields[_WEED]], [self.last_day]])
        _place(right, [[fields[10]], [fields[_INTEL], fields[_GSC]], [fields[16]]])
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._body)
        self._columns.setContentsMargins(0, 0, 12, 0)
        self._columns.setSpacing(24)
        for column in (self._left, self._right):
            self._columns.addWidget(column, 1, Qt.AlignmentFlag.AlignTop)
        self.setWidget(self._body)
        self._order_tabs()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the second column below the first where large text leaves no room beside it."""
        needed = self._left.minimumSizeHint().width() + self._right.minimumSizeHint().width() + 36
        is_wide = self.viewport().width() >= needed
        directions = QBoxLayout.Direction
        self._columns.setDirection(directions.LeftToRight if is_wide else directions.TopToBottom)
        self._columns.setSpacing(24 if is_wide else 10)
        super().resizeEvent(event)

    def _order_tabs(self) -> None:
        chain: list[QWidget] = [self.vrm, *(self.lines[number] for number in (2, 3, 4))]
        chain += [self.action, self.reason, *self.signals.ticks.values(), self.signals.others]
        chain += [self.lines[13], self.lines[15], self.information, self.starts_on, self.weed_date]
        chain += [self.lines[10], self.lines[8], self.gsc, self.lines[16]]
        for one, other in pairwise(chain):
            QWidget.setTabOrder(one, other)

    def _connect(self) -> None:
        self.vrm.textEdited.connect(self._on_vrm)
        for number, line in self.lines.items():
            line.textChanged.connect(self._on_change)
            line.editingFinished.connect(lambda n=number: self._touch(n))
            line.textEdited.connect(lambda _text, n=number: self._mark(n))
        for number, box in ((_ACTION, self.action), (_REASON, self.reason), (_GSC, self.gsc)):
            box.currentIndexChanged.connect(self._on_change)
            box.activated.connect(lambda _at, n=number: self._touch(n))
        self.signals.changed.connect(self._on_change)
        self.information.textChanged.connect(lambda: self._touch(_INFORMATION))
        for edit in (self.starts_on, self.weed_date):
            edit.dateChanged.connect(self._on_change)

    def _on_vrm(self, text: str) -> None:
        # A mark is spoken and written with a space; the column takes none.
        at, mark = self.vrm.cursorPosition(), "".join(text.split()).upper()
        if mark != text:
            before = "".join(text[:at].split())
            self.vrm.setText(mark)
            self.vrm.setCursorPosition(len(before))

    def _mark(self, number: int) -> None:
        self.fields[number].is_touched = True

    def _touch(self, number: int) -> None:
        if not self.fields[number].is_touched or number == _INFORMATION:
            self._mark(number)
            self._on_change()

    def _on_change(self) -> None:
        self._show_hints()
        self.changed.emit()

    def _show_hints(self) -> None:
        self.vrm_hint.setText(vrm_words(self.vrm.text(), self._rules.spec))
        words, is_over = length_words(self.information.toPlainText())
        self.length.setText(words)
        self.length.setProperty("tone", "red" if is_over else "")
        self.length.style().unpolish(self.length)
        self.length.style().polish(self.length)
        self.last_day.setText(last_day_words(_day(self.weed_date)))


def _place(grid: QGridLayout, rows: Sequence[Sequence[QWidget]]) -> None:
    """Add rows of widgets below what a grid has; each row shares the whole width."""
    grid.setVerticalSpacing(10)
    for widgets in rows:
        at = grid.rowCount()
        inner = QGridLayout()
        inner.setHorizontalSpacing(12)
        for column, widget in enumerate(widgets):
            inner.addWidget(widget, 0, column, Qt.AlignmentFlag.AlignTop)
            inner.setColumnStretch(column, 1)
        grid.addLayout(inner, at, 0)


def _date_edit() -> QDateEdit:
    edit = QDateEdit()
    edit.setCalendarPopup(True)
    edit.setDisplayFormat("dd/MM/yyyy")
    edit.setLocale(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    return edit


def _qdate(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)


def _day(edit: QDateEdit) -> date:
    shown = edit.date()
    return date(shown.year(), shown.month(), shown.day())
