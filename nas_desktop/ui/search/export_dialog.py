"""Writing what was found to a file: for whom, in what form, with what marking."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.services.exports import LONGEST_RECIPIENT, SHORTEST_RECIPIENT
from nas_desktop.services.searches import ExportDone, ExportFormat, RunningSearch
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import GSC
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.search.form_parts import Said, quiet_form
from nas_desktop.ui.search.pdf_report import write_pdf
from nas_desktop.ui.text import several

FORMATS: dict[ExportFormat, tuple[str, str]] = {
    ExportFormat.CSV: ("CSV table", "csv"),
    ExportFormat.PDF: ("PDF report", "pdf"),
    ExportFormat.GEOJSON: ("GeoJSON", "geojson"),
    ExportFormat.KML: ("KML", "kml"),
    ExportFormat.IMAGES: ("Images with SHA-256 manifest", ""),
}
_PLACES = frozenset({ExportFormat.GEOJSON, ExportFormat.KML})
NOTE = (
    "Exported material leaves the retention of NAS and falls under CPIA and MOPI: from then on its"
    " recipient answers for it. The export is on record with its digest."
)


class ExportDialog(QDialog):
    """Format, recipient, locations only when confirmed, progress, cancel; beside the window."""

    def __init__(
        self, bridge: Bridge, running: RunningSearch, reference: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        look = look_beside(parent)
        self._bridge, self._running = bridge, running
        self._work: object = None
        self._is_running = False
        self.setObjectName("exportDialog")
        self.setWindowTitle("Export what was found")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setMinimumWidth(look.px(560))
        count = several(running.progress.found, "read")
        self.what = QLabel(f"{count} · {reference} · marked {GSC}")
        self.what.setProperty("role", "strong")
        self.what.setTextFormat(Qt.TextFormat.PlainText)
        self.kind = QComboBox()
        for kind, (words, _suffix) in FORMATS.items():
            self.kind.addItem(words, kind)
        self.recipient = QLineEdit(maxLength=LONGEST_RECIPIENT)
        self.recipient.setPlaceholderText("who gets it: name, unit, force")
        self.path = QLineEdit()
        self.path.setPlaceholderText("a file of this machine")
        self.choose = QPushButton("C&hoose…")
        self.locations = QCheckBox("With &locations of the cameras")
        self.locations.setToolTip("By default a camera is named by its alias alone")
        self.warning = QFrame()
        self.warning.setProperty("role", "box")
        self.sure = QCheckBox("&Yes: the recipient may know where the cameras stand")
        warns = QLabel(
            "▲ Places of fixed cameras are not disclosed. Whoever gets this file can find them."
        )
        warns.setWordWrap(True)
        inner = QVBoxLayout(self.warning)
        inner.addWidget(warns)
        inner.addWidget(self.sure)
        self.note = QLabel(NOTE)
        self.note.setWordWrap(True)
        self.note.setProperty("role", "second")
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Progress")
        self.said = Said("exportSaid")
        self.write = QPushButton("&Export")
        self.leave = QPushButton("Cancel")
        for button in (self.choose, self.write, self.leave):
            button.setAutoDefault(False)
        self._lay_out()
        self.kind.currentIndexChanged.connect(lambda _at: self._on_kind())
        for field in (self.recipient, self.path):
            field.textChanged.connect(lambda _text: self._judge())
        self.locations.toggled.connect(lambda _on: self._judge())
        self.sure.toggled.connect(lambda _on: self._judge())
        self.choose.clicked.connect(lambda _checked=False: self.ask_path())
        self.write.clicked.connect(lambda _checked=False: self.run())
        self.leave.clicked.connect(self.reject)
        self.progress.hide()
        self._on_kind()
        self.kind.setFocus()

    def _lay_out(self) -> None:
        form = quiet_form()
        form.addRow("&Format", self.kind)
        form.addRow("&Recipient", self.recipient)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.path, 1)
        row.addWidget(self.choose)
        to = QLabel("&To")
        to.setBuddy(self.path)
        form.addRow(to, row)
        form.addRow("", self.locations)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self.what)
        layout.addLayout(form)
        for part in (self.warning, self.note, self.progress, self.said):
            layout.addWidget(part)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.write)
        foot.addWidget(self.leave)
        layout.addLayout(foot)

    # ------------------------------------------------------------------ choosing

    @property
    def format(self) -> ExportFormat:
        """The form chosen."""
        return ExportFormat(self.kind.currentData())

    def ask_path(self) -> None:
        """Ask where it is to go, beside the window."""
        box = QFileDialog(self, "Export to")
        box.setObjectName("exportTo")
        if self.format is ExportFormat.IMAGES:
            box.setFileMode(QFileDialog.FileMode.Directory)
        else:
            box.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            box.setDefaultSuffix(FORMATS[self.format][1])
            box.selectFile(f"reads {GSC}.{FORMATS[self.format][1]}")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.fileSelected.connect(self.path.setText)
        box.open()

    def _on_kind(self) -> None:
        suffix = FORMATS[self.format][1]
        if self.path.text() and suffix:
            self.path.setText(str(Path(self.path.text()).with_suffix(f".{suffix}")))
        needs = self.format in _PLACES
        self.locations.setText(
            "With &locations of the cameras (this form says nothing without them)"
            if needs
            else "With &locations of the cameras"
        )
        self._judge()

    def _judge(self) -> None:
        with_places = self.locations.isChecked()
        self.warning.setVisible(with_places)
        if not with_places and self.sure.isChecked():
            self.sure.setChecked(False)
        lacks = ""
        if len(self.recipient.text().strip()) < SHORTEST_RECIPIENT:
            lacks = "Name the recipient."
        elif not self.path.text().strip():
            lacks = "Choose a file."
        elif with_places and not self.sure.isChecked():
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
        self._show_running(True)
        self._work = self._bridge.run(self._export(), "search-export")

    async def _export(self) -> None:
        words, is_fault = "The export was cancelled.", False
        try:
            done = await self._written()
            words = f"✓ {several(done.rows, 'row')} written, marked {done.gsc}."
            words += f" {Path(done.path).name}."
            words += f" SHA-256 {done.sha256[:16]}…"
        except Refused as refusal:
            words, is_fault = refusal.words, True
        finally:
            if isValid(self):
                self._show_running(False)
                self.said.say(words, is_fault=is_fault)
                self.leave.setText("Close")

    async def _written(self) -> ExportDone:
        recipient = self.recipient.text().strip()
        with_locations = self.locations.isChecked() and self.sure.isChecked()
        path = self.path.text().strip()
        if self.format is ExportFormat.PDF:
            return await write_pdf(
                self._running, Path(path), recipient, with_locations=with_locations,
                progress=self._on_progress,
            )  # fmt: skip
        return await self._running.export(
            path,
            self.format,
            recipient,
            with_locations=with_locations,
            progress=self._on_progress,
        )

    def _on_progress(self, done: int, of: int) -> None:
        if isValid(self):
            self.progress.setRange(0, max(1, of))
            self.progress.setValue(done)
            self.said.say(f"{done:,} of {several(of, 'row')}")

    def _show_running(self, is_running: bool) -> None:
        self._is_running = is_running
        self.progress.setVisible(is_running)
        self.write.setEnabled(not is_running)
        for part in (self.kind, self.recipient, self.path, self.choose, self.locations, self.sure):
            part.setEnabled(not is_running)

    def cancel(self) -> bool:
        """Give the running work up; False where none runs."""
        if self._is_running and isinstance(self._work, asyncio.Task):
            return bool(self._work.cancel())
        return False

    def reject(self) -> None:
        """Cancel the work, or close."""
        if not self.cancel():
            super().reject()
