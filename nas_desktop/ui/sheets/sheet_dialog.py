"""A sheet before it is written: its words, where it goes, and what has to be confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.services.exports import HIGHEST, marked_path
from nas_desktop.services.sheets import Sheet
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.marked_dialog import put_marking
from nas_desktop.ui.search.form_parts import Said, quiet_form
from nas_desktop.ui.sheets.pages import Picture
from nas_desktop.ui.sheets.sheet_file import Written, write_sheet

PutOnRecord = Callable[[Sheet, Path, str], Awaitable[None]]
"""Puts a sheet on record with the path and the digest of its file."""


class SheetDialog(QDialog):
    """Beside the window, never in its way; what it shows is what it writes."""

    def __init__(
        self,
        bridge: Bridge,
        sheet: Sheet,
        who: str,
        stem: str,
        put_on_record: PutOnRecord,
        parent: QWidget,
        pictures: Sequence[Picture] = (),
    ) -> None:
        super().__init__(parent)
        self._bridge, self._who, self._put_on_record = bridge, who, put_on_record
        self._pictures = pictures
        self._work: object = None
        self._is_running = False
        self.written: Written | None = None
        self.setObjectName("sheetDialog")
        self.setWindowTitle(f"{sheet.gsc} · {sheet.title}")
        self.setWindowModality(Qt.WindowModality.NonModal)
        look = look_beside(parent)
        self.preview = QPlainTextEdit()
        self.preview.setObjectName("sheetPreview")
        self.preview.setReadOnly(True)
        self.preview.setTabChangesFocus(True)
        self.preview.setAccessibleName("What the sheet says")
        self.path = QLineEdit()
        self.path.setObjectName("sheetPath")
        self.path.setAccessibleName("File")
        self.choose = QPushButton("C&hoose…")
        self.sure = QCheckBox("&I answer for where this sheet is kept, and for its disposal")
        self.sure.setObjectName("sheetSure")
        self.said = Said("sheetSaid")
        self.write = QPushButton("&Write PDF")
        self.write.setObjectName("sheetWrite")
        self.close_button = QPushButton("Close")
        for button in (self.choose, self.write, self.close_button):
            button.setAutoDefault(False)
        self.form: QFormLayout = quiet_form()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.path, 1)
        row.addWidget(self.choose)
        to = QLabel("&To")
        to.setBuddy(self.path)
        self.form.addRow(to, row)
        foot = QHBoxLayout()
        foot.addWidget(self.sure)
        foot.addStretch(1)
        foot.addWidget(self.write)
        foot.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self.preview, 1)
        layout.addLayout(self.form)
        layout.addWidget(self.said)
        layout.addLayout(foot)
        state = bridge.state
        put_marking(self, look, is_simulation=state is not None and state.is_simulation)
        resize_within(self, look.px(760), look.px(660))
        self.path.textChanged.connect(lambda _text: self.judge())
        self.sure.toggled.connect(lambda _on: self.judge())
        self.choose.clicked.connect(lambda _checked=False: self.ask_path())
        self.write.clicked.connect(lambda _checked=False: self.run())
        self.close_button.clicked.connect(self.reject)
        self.show_sheet(sheet)
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.path.setText(
            str(marked_path(Path(folder or ".").absolute() / f"{stem}.pdf", sheet.gsc))
        )
        self.preview.setFocus()

    def show_sheet(self, sheet: Sheet) -> None:
        """Show what will be written."""
        self.sheet = sheet
        if self.preview.toPlainText() != sheet.text:
            place = self.preview.verticalScrollBar().value()
            self.preview.setPlainText(sheet.text)
            self.preview.verticalScrollBar().setValue(place)
        self.sure.setVisible(sheet.gsc == HIGHEST)
        self.judge()

    # ------------------------------------------------------------------ choosing

    def ask_path(self) -> None:
        """Ask where it is to go, beside the window."""
        box = QFileDialog(self, "Write to", self.path.text())
        box.setObjectName("sheetTo")
        box.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        box.setDefaultSuffix("pdf")
        box.selectFile(Path(self.path.text()).name)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.fileSelected.connect(self.path.setText)
        box.open()

    def lacks(self) -> str:
        """Return what is still to be done before it can be written; empty for nothing."""
        if not self.path.text().strip():
            return "Choose a file."
        if self.sheet.gsc == HIGHEST and not self.sure.isChecked():
            return f"Confirm that you answer for it: it is {self.sheet.gsc}."
        return ""

    def judge(self) -> None:
        """Allow writing as soon as nothing lacks."""
        lacks = self.lacks()
        self.write.setEnabled(not lacks and not self._is_running)
        self.write.setToolTip(lacks)
        if not self._is_running and self.written is None:
            self.said.say(f"○ {lacks}" if lacks else "")

    # ------------------------------------------------------------------ the work

    def run(self) -> None:
        """Write the file."""
        if self._is_running or not self.write.isEnabled():
            return
        self._show_running(True)
        self._work = self._bridge.run(self._written(), "write-sheet")

    async def _written(self) -> None:
        sheet, words, is_fault = self.sheet, "Nothing was written.", False

        async def put_on_record(path: Path, sha256: str) -> None:
            await self._put_on_record(sheet, path, sha256)

        try:
            self.written = await write_sheet(
                Path(self.path.text().strip()), sheet, self._who, self._pictures, put_on_record
            )
            words = f"✓ Written: {self.written.path.name}. SHA-256 {self.written.sha256[:16]}…"
        except Refused as refusal:
            words, is_fault = refusal.words, True
        finally:
            if isValid(self):
                self._show_running(False)
                self.said.say(words, is_fault=is_fault)

    def _show_running(self, is_running: bool) -> None:
        self._is_running = is_running
        for part in (self.path, self.choose, self.sure):
            part.setEnabled(not is_running)
        self.judge()
        if is_running:
            self.said.say("Writing…")

    def cancel(self) -> bool:
        """Give the running work up; nothing is left of it. False where none runs."""
        if self._is_running and isinstance(self._work, asyncio.Task):
            return bool(self._work.cancel())
        return False

    def done(self, result: int) -> None:
        """Close; what is being written is given up."""
        self.cancel()
        super().done(result)
