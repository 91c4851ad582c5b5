"""One entry of a list: written anew or changed, checked as it is typed, then saved."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.findings import Finding
from nas_desktop.domain.template import CheckOptions, Record, check_record
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.services import tasks
from nas_desktop.services.events import ListState
from nas_desktop.services.ports import ListLink
from nas_desktop.services.resources import load_template_rules
from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.lists.entry_form import EntryForm
from nas_desktop.ui.lists.entry_preview import EntryPreview
from nas_desktop.ui.lists.entry_words import authority_finding
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.text import several

LONGEST_WHY = 500


class EntryDialog(QDialog):
    """The form with its preview; nothing typed is lost without a question.

    Signals:
        saved(name): the list has the entry now.
    """

    saved = Signal(str)

    def __init__(
        self,
        link: ListLink,
        state: ListState,
        entry: VoiEntry | None,
        *,
        at_server: bool,
        today: date,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._link, self._state, self._old = link, state, entry
        self._at_server, self._today = at_server, today
        self._rules = load_template_rules()
        self._task: asyncio.Task[None] | None = None
        self._record = Record(1)
        self._findings: Sequence[Finding] = ()
        look = look_beside(parent)
        self.setObjectName("entryDialog")
        verb = "New entry on" if entry is None else "Change an entry of"
        self.setWindowTitle(f"{verb} {state.name}")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.form = EntryForm(self._rules, state, today, look)
        self.preview = EntryPreview(self._rules.spec, state, look)
        where = "changed at the server, for every desk" if at_server else "changed on this desk"
        self.where = QLabel(f"{state.name} · revision {state.revision} · {where}")
        self.where.setProperty("role", "second")
        self.why = QLineEdit(maxLength=LONGEST_WHY)
        self.why.setAccessibleName("Reason for the change")
        self.why.setPlaceholderText("put on record with your name")
        self.standing = QLabel()
        self.standing.setProperty("role", "second")
        self.said = QLabel()
        self.said.setObjectName("entrySaid")
        self.said.setProperty("tone", "red")
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.hide()
        self.save = QPushButton("&Save")
        self.save.setDefault(True)
        self.leave = QPushButton("Cancel")
        self.leave.setAutoDefault(False)
        self._build_question()
        self._lay_out()
        if entry is not None:
            self.form.show_entry(entry)
        self._first = (self.form.cells(), "")
        self._connect()
        self._judge()
        resize_within(self, look.px(1120), look.px(640))
        self.form.vrm.setFocus()

    @property
    def has_changes(self) -> bool:
        """True when something was typed that is not saved."""
        return (self.form.cells(), self.why.text().strip()) != self._first

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checker says of the form as it is."""
        return tuple(self._findings)

    # ------------------------------------------------------------------ checking

    def _judge(self) -> None:
        state, cells = self._state, self.form.cells()
        options = CheckOptions(
            source=state.source,
            allows_patterns=True,
            is_test_list=self._rules.is_test_list(state.name),
        )
        self._record = check_record(cells, 1, self._rules, self._today, options)
        action = self.form.chosen_action()
        found = list(self._record.findings)
        if action is Action.NO_ALERT and not state.authority.strip():
            found.append(authority_finding())
        self._findings = found
        self.form.show_findings(found)
        self.preview.show_entry(action, cells[6], self.form.chosen_signals())
        self._show_standing(cells)

    def _show_standing(self, cells: tuple[str, ...]) -> None:
        errors = sum(one.is_error for one in self._findings)
        warnings = len(self._findings) - errors
        is_same = self._old is not None and cells == self._first[0]
        words = [several(errors, "error")] if errors else []
        words += [several(warnings, "warning")] if warnings else []
        if errors:
            said = f"○ {' and '.join(words)}: cannot be saved yet"
        elif is_same:
            said = "○ Nothing has been changed"
        elif words:
            said = f"✓ Can be saved, with {' and '.join(words)}"
        else:
            said = "✓ Can be saved"
        self.standing.setText(said)
        is_fit = self._record.entry is not None and not errors
        self.save.setEnabled(is_fit and not is_same and self._task is None)
        self.save.setToolTip("" if self.save.isEnabled() else said[2:])

    # ------------------------------------------------------------------ saving

    def save_entry(self) -> None:
        """Send the entry to the list unless something speaks against it."""
        entry = self._record.entry
        if entry is None or not self.save.isEnabled() or self._task is not None:
            return
        self.said.hide()
        self._question.hide()
        self._task = tasks.spawn(self._save(entry), "entry-save")
        self._show_saving(True)

    async def _save(self, entry: VoiEntry) -> None:
        gone = (str(self._old.vrm),) if self._old is not None and self._old.vrm != entry.vrm else ()
        problem = "The entry was not saved for a fault of the program."
        try:
            outcome = await self._link.edit(
                self._state.name,
                [entry],
                gone,
                self.why.text().strip(),
                if_revision=self._state.revision,
                at_server=self._at_server,
            )
            problem = "" if outcome.is_live else outcome.words or "The list was not changed."
        except Refused as refusal:
            problem = refusal.words
        finally:
            self._task = None
            if isValid(self):
                self._show_saving(False)
                self._say(problem)
        if not problem and isValid(self):
            self._first = (self.form.cells(), self.why.text().strip())
            self.saved.emit(self._state.name)
            self.accept()

    def _show_saving(self, is_saving: bool) -> None:
        self.form.set_editable(not is_saving)
        self.why.setEnabled(not is_saving)
        self.leave.setEnabled(not is_saving)
        if is_saving:
            self.save.setEnabled(False)
            self.standing.setText("○ Saving …")
        else:
            self._show_standing(self.form.cells())

    def _say(self, words: str) -> None:
        self.said.setText(f"■ {words}" if words else "")
        self.said.setVisible(bool(words))

    # ------------------------------------------------------------------ leaving

    def open(self) -> None:
        """Show the dialog beside the window: hits can be dealt with meanwhile."""
        self.show()

    def discard(self) -> None:
        """Close, whatever was typed."""
        self._first = (self.form.cells(), self.why.text().strip())
        super().reject()

    def keep_editing(self) -> None:
        """Go back to the form."""
        self._question.hide()
        self.form.vrm.setFocus()

    def reject(self) -> None:
        """Close, or ask first when something was typed; Escape at the question goes back."""
        if self._task is not None:
            return
        if not self.has_changes:
            super().reject()
        elif self._question.isVisibleTo(self):
            self.keep_editing()
        else:
            self._question.show()
            self.keep.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._task is not None or self.has_changes:
            event.ignore()
            if not self._question.isVisibleTo(self):
                self.reject()
            return
        super().closeEvent(event)

    # ------------------------------------------------------------------ building

    def _build_question(self) -> None:
        self._question = QFrame()
        self._question.setObjectName("discardQuestion")
        self._question.setProperty("role", "box")
        words = QLabel("Discard changes?")
        words.setProperty("role", "strong")
        self.throw_away = QPushButton("&Discard")
        self.keep = QPushButton("&Keep editing")
        row = QHBoxLayout(self._question)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(words)
        row.addStretch(1)
        for button in (self.throw_away, self.keep):
            button.setAutoDefault(True)
            row.addWidget(button)
        self._question.hide()

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.form, 1)
        middle.addWidget(self.preview)
        why = QHBoxLayout()
        why.setSpacing(12)
        label = QLabel("Reason for the c&hange")
        label.setBuddy(self.why)
        why.addWidget(label)
        why.addWidget(self.why, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.standing)
        buttons.addStretch(1)
        buttons.addWidget(self.save)
        buttons.addWidget(self.leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 20, 14)
        layout.setSpacing(10)
        layout.addWidget(self.where)
        layout.addLayout(middle, 1)
        layout.addLayout(why)
        layout.addWidget(self.said)
        layout.addWidget(self._question)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.form.changed.connect(self._judge)
        self.save.clicked.connect(self.save_entry)
        self.leave.clicked.connect(self.reject)
        self.throw_away.clicked.connect(self.discard)
        self.keep.clicked.connect(self.keep_editing)
