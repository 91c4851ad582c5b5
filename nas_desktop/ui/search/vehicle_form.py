"""Which vehicle: marks and patterns, the partial wizard, marks from a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from nas_desktop.domain.matching.confusions import Confusions
from nas_desktop.domain.query import QueryRefused, ReadQuery
from nas_desktop.ui.ask_file import ask_file
from nas_desktop.ui.search.form_parts import Said, heading, in_order, small_button
from nas_desktop.ui.search.marks import (
    Marks,
    boxes_words,
    marks_of,
    marks_of_file,
    patterns_of,
    text_of,
)
from nas_desktop.ui.search.partial_wizard import PartialWizard
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look

_LONGEST_FILE = 1_000_000
_MOST_IN_FIELD = 20


class VehicleForm(QWidget):
    """Marks in a field, in boxes, or from a file; what they come to stands below.

    Signals:
        changed: other marks are asked for.
    """

    changed = Signal()

    def __init__(self, confusions: Confusions, look: Look) -> None:
        super().__init__()
        self._confusions = confusions
        self._of_file = Marks()
        self.field = QLineEdit()
        self.field.setAccessibleName("VRMs")
        self.field.setPlaceholderText("AB51ABC, AB5?*, ≈CD62XYZ")
        self.field.setToolTip(
            "Several apart by comma; ? one character, * any number, ≈ or ~ before it: look-alikes"
        )
        self.wizard = PartialWizard(look)
        self.wizard.hide()
        self.partial = small_button("Partial", "Seven boxes for a part of a VRM (Alt+P)", self.flip)
        self.partial.setShortcut("Alt+P")
        self.file = small_button("File…", "Load VRMs from a text file, one a line", self.ask_file)
        self.said = Said("vehicleSaid")
        self.fault = Said("vehicleFault")
        self._file_box = QWidget()
        self._file_said = Said("vehicleFile")
        of_file = QHBoxLayout(self._file_box)
        of_file.setContentsMargins(0, 0, 0, 0)
        of_file.addWidget(self._file_said, 1)
        of_file.addWidget(small_button("✕", "Leave out the VRMs of the file", self.drop_file))
        self._file_box.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(heading("&VEHICLE", self.field, self.partial, self.file))
        for part in (self.field, self.wizard, self._file_box, self.said, self.fault):
            layout.addWidget(part)
        in_order(self.field, *self.wizard.boxes, self.partial, self.file)
        self.field.textEdited.connect(lambda _text: self._on_changed())
        self.wizard.changed.connect(self._on_changed)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.wizard.set_look(look)

    def marks(self) -> Marks:
        """Return every mark asked for.

        Raises:
            QueryRefused: the field or the boxes hold none that can be asked for.
        """
        found = marks_of(self.field.text()) + self._of_file
        if self.is_partial:
            found += Marks(patterns_of(self.wizard.content, self._confusions))
        return found

    @property
    def is_partial(self) -> bool:
        """True while the boxes are shown."""
        return self.wizard.isVisibleTo(self)

    def flip(self) -> None:
        """Show the boxes in place of the field, or the field again."""
        is_partial = not self.is_partial
        self.wizard.setVisible(is_partial)
        self.field.setVisible(not is_partial or bool(self.field.text()))
        self.partial.setText("Whole" if is_partial else "Partial")
        if is_partial:
            self.wizard.begin()
        else:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._on_changed()

    def set_marks(self, query: ReadQuery) -> None:
        """Show the marks of a question."""
        marks = Marks(query.vrms, query.look_alikes)
        is_long = len(marks) > _MOST_IN_FIELD
        self.wizard.clear()
        if self.is_partial:
            self.flip()
        self.field.setText("" if is_long else text_of(marks))
        self._set_file(marks if is_long else Marks(), "in this question")

    def clear(self) -> None:
        """Ask for no mark."""
        self.field.clear()
        self.wizard.clear()
        self.drop_file()

    def _on_changed(self) -> None:
        words = boxes_words(self.wizard.content, self._confusions) if self.is_partial else ""
        if not words:
            try:
                marks = marks_of(self.field.text())
            except QueryRefused:
                marks = Marks()
            parts = [several(len(marks), "VRM")] if len(marks) > 1 else []
            if marks.look_alikes:
                parts.append(f"{several(len(marks.look_alikes), 'look-alike')} up to 0.60 apart")
            words = " · ".join(parts)
        self.said.say(words)
        self.changed.emit()

    # ------------------------------------------------------------------ from a file

    def ask_file(self) -> None:
        """Ask for a file, beside the window."""
        kinds = ("Text (*.txt *.csv)", "All files (*)")
        ask_file(self, "Load VRMs", "chooseMarks", kinds, self.load_file)

    def load_file(self, path: Path) -> None:
        """Ask for the marks of a file too, or say why it holds none."""
        try:
            if path.stat().st_size > _LONGEST_FILE:
                raise QueryRefused("vrm", "The file is too long for VRMs.", "Choose another.")
            marks = marks_of_file(path.read_text(encoding="utf-8"))
        except QueryRefused as refusal:
            self.fault.say(refusal.words, is_fault=True)
            return
        except (OSError, UnicodeDecodeError):
            self.fault.say("The file cannot be read as text.", is_fault=True)
            return
        self.fault.say("")
        self._set_file(marks, f"from {path.name}")
        self._on_changed()

    def _set_file(self, marks: Marks, where: str) -> None:
        self._of_file = marks
        self._file_said.say(f"{several(len(marks), 'VRM')} {where}" if len(marks) else "")
        self._file_box.setVisible(bool(len(marks)))

    def drop_file(self) -> None:
        """Leave out what came from a file."""
        self._set_file(Marks(), "")
        self._on_changed()
