"""Writing the map to a file: for whom, why, in what form; on record before it has its name."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
)
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.services.exports import LONGEST_RECIPIENT, SHORTEST_RECIPIENT
from nas_desktop.services.map_link import MOST_WORDS
from nas_desktop.services.searches import ExportFormat
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import GSC
from nas_desktop.ui.map.map_export import MapExport, Written
from nas_desktop.ui.search.export_dialog import NOTE
from nas_desktop.ui.search.form_parts import Said, quiet_form
from nas_desktop.ui.search.search_tab import SearchTab
from nas_desktop.ui.text import several

if TYPE_CHECKING:
    from nas_desktop.ui.map.map_desk import MapDesk

FORMS: dict[ExportFormat, tuple[str, str]] = {
    ExportFormat.MAP_PNG: ("Picture of the view (PNG)", "png"),
    ExportFormat.MAP_PDF: ("Page with the view (PDF)", "pdf"),
    ExportFormat.MAP_HTML: ("Map that stands alone (HTML)", "html"),
}
_WARNS = (
    "▲ Places of fixed cameras are not disclosed. Every hit and read on this map lies where a"
    " camera stands: whoever gets it can find them."
)
_SHORTEST_REASON = 3


class PictureDialog(QDialog):
    """Form, reason, recipient, file; beside the window."""

    def __init__(self, desk: MapDesk, bridge: Bridge, tab: SearchTab | None) -> None:
        super().__init__(desk.panel)
        look = desk.look
        self._bridge = bridge
        self._work: object = None
        self._is_running = self._is_closing = False
        running = tab.running if tab is not None and desk.scene.reads is not None else None
        asked = tab.query.area if tab is not None and tab.query is not None else None
        self.export = MapExport(desk, bridge, running, asked)
        self.setObjectName("pictureDialog")
        self.setWindowTitle("Write the map")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setMinimumWidth(look.px(540))
        self.what = QLabel(self._what())
        self.what.setProperty("role", "strong")
        self.what.setTextFormat(Qt.TextFormat.PlainText)
        self.kind = QComboBox()
        for kind, (words, _suffix) in FORMS.items():
            self.kind.addItem(words, kind)
        self.reason = QLineEdit(maxLength=MOST_WORDS)
        self.reason.setPlaceholderText("what it is for, with its reference")
        if tab is not None and tab.reason is not None:
            self.reason.setText(f"{tab.reason.reference} · {tab.reason.justification}"[:MOST_WORDS])
        self.recipient = QLineEdit(maxLength=LONGEST_RECIPIENT)
        self.recipient.setPlaceholderText("who gets it: name, unit, force")
        self.path = QLineEdit()
        self.path.setPlaceholderText("a file of this machine")
        self.choose = QPushButton("C&hoose…")
        warns = QLabel(_WARNS)
        warns.setWordWrap(True)
        self.sure = QCheckBox("&Yes: the recipient may know where the cameras stand")
        self.note = QLabel(NOTE)
        self.note.setWordWrap(True)
        self.note.setProperty("role", "second")
        self.said = Said("pictureSaid")
        self.write = QPushButton("&Write")
        self.leave = QPushButton("Cancel")
        for button in (self.choose, self.write, self.leave):
            button.setAutoDefault(False)
        self._lay_out(warns)
        self.kind.currentIndexChanged.connect(lambda _at: self._on_kind())
        for field in (self.reason, self.recipient, self.path):
            field.textChanged.connect(lambda _text: self._judge())
        self.sure.toggled.connect(lambda _on: self._judge())
        self.choose.clicked.connect(lambda _checked=False: self.ask_path())
        self.write.clicked.connect(lambda _checked=False: self.run())
        self.leave.clicked.connect(self.reject)
        self._judge()
        self.kind.setFocus()

    def _what(self) -> str:
        scene = self.export.scene
        parts = [several(len(scene.hits), "hit"), several(len(scene.cameras), "camera")]
        if scene.reads is not None:
            parts.insert(0, several(len(scene.reads.points), "read"))
        return " · ".join(parts)

    def _lay_out(self, warns: QLabel) -> None:
        form = quiet_form()
        form.addRow("&Form", self.kind)
        form.addRow("R&eason", self.reason)
        form.addRow("&Recipient", self.recipient)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.path, 1)
        row.addWidget(self.choose)
        to = QLabel("&To")
        to.setBuddy(self.path)
        form.addRow(to, row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self.what)
        layout.addLayout(form)
        for part in (warns, self.sure, self.note, self.said):
            layout.addWidget(part)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.write)
        foot.addWidget(self.leave)
        layout.addLayout(foot)

    # ------------------------------------------------------------------ choosing

    @property
    def form(self) -> ExportFormat:
        """The form chosen."""
        return ExportFormat(self.kind.currentData())

    def ask_path(self) -> None:
        """Ask where it is to go, beside the window."""
        suffix = FORMS[self.form][1]
        box = QFileDialog(self, "Write the map to")
        box.setObjectName("pictureTo")
        box.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        box.setDefaultSuffix(suffix)
        box.selectFile(f"map {GSC}.{suffix}")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.fileSelected.connect(self.path.setText)
        box.open()

    def _on_kind(self) -> None:
        path = Path(self.path.text().strip())
        if path.name:
            # What stands behind a point may belong to the name: a date, a number.
            is_ours = path.suffix.lower().removeprefix(".") in {
                end for _words, end in FORMS.values()
            }
            name = path.stem if is_ours else path.name
            self.path.setText(str(path.with_name(f"{name}.{FORMS[self.form][1]}")))
        self._judge()

    def _judge(self) -> None:
        lacks = ""
        if len(self.reason.text().strip()) < _SHORTEST_REASON:
            lacks = "Say what it is for."
        elif len(self.recipient.text().strip()) < SHORTEST_RECIPIENT:
            lacks = "Name the recipient."
        elif not self.path.text().strip():
            lacks = "Choose a file."
        elif not self.sure.isChecked():
            lacks = "Confirm that the recipient may know the locations."
        self.write.setEnabled(not lacks and not self._is_running)
        self.write.setToolTip(lacks)
        if not self._is_running:
            self.said.say(f"○ {lacks}" if lacks else "")

    # ------------------------------------------------------------------ the work

    def run(self) -> None:
        """Write the file."""
        if self._is_running or not self.write.isEnabled():
            return
        self._show_running(is_running=True)
        self.said.say("Being written…")
        self._work = self._bridge.run(self._export(), "map-export")

    async def _export(self) -> None:
        words, is_fault = "Nothing was written: it was cancelled.", False
        try:
            done: Written = await self.export.write(
                Path(self.path.text().strip()),
                self.form,
                self.reason.text().strip(),
                self.recipient.text().strip(),
            )
            words = f"✓ {done.path.name} written, marked {done.gsc}. SHA-256 {done.sha256[:16]}…"
        except Refused as refusal:
            words, is_fault = refusal.words, True
        finally:
            if isValid(self):
                self._show_running(is_running=False)
                self.said.say(words, is_fault=is_fault)
                self.leave.setText("Close")

    def _show_running(self, *, is_running: bool) -> None:
        self._is_running = is_running
        self.write.setEnabled(not is_running)
        fields = (self.kind, self.reason, self.recipient, self.path, self.choose, self.sure)
        for part in fields:
            part.setEnabled(not is_running)

    def cancel(self) -> bool:
        """Give the running work up; False where none runs."""
        if self._is_running and isinstance(self._work, asyncio.Task):
            return bool(self._work.cancel())
        return False

    def reject(self) -> None:
        """Cancel the work, or close."""
        if self._is_closing or not self.cancel():
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Go, whatever runs: the map is put away, or somebody has signed out."""
        self._is_closing = True
        super().closeEvent(event)

    def done(self, result: int) -> None:
        """Give the work up with the dialog; nobody is there who would read how it ended."""
        self.cancel()
        super().done(result)
