"""An area without a pointer: typed positions, or the areas of a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.query import Area, Circle, Corridor, QueryRefused
from nas_desktop.services.map_shape_files import Imported, areas_from_file
from nas_desktop.services.map_shapes import NamedArea
from nas_desktop.ui.ask_file import ask_file
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.map.drawn_areas import places_of, typed_area
from nas_desktop.ui.search.form_parts import Said, quiet_form
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look

KINDS = {"polygon": "Polygon", "box": "Box", "circle": "Circle", "corridor": "Corridor"}
_METRES = {"circle": "&Radius", "corridor": "&Width to each side"}
_HINTS = {
    "polygon": "Three corners or more, one on each line.",
    "box": "Two opposite corners, one on each line.",
    "circle": "The middle, on one line.",
    "corridor": "Points along the way, one on each line.",
}
_EXAMPLE = "SJ 9184 4740\n52.98, -2.15\n52°58'48\"N 2°9'0\"W"
_MOST_SHOWN_FAULTS = 6


class AreaDialog(QDialog):
    """Kind, positions, metres; or a file with a choice of its areas. Beside the window.

    Signals:
        taken(Area, str): the area, and a sentence about what was changed in it, or nothing.
    """

    taken = Signal(object, str)

    def __init__(
        self, area: Area | None, width_m: float, bridge: Bridge, look: Look, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._bridge, self._is_reading = bridge, False
        self._areas: tuple[NamedArea, ...] = ()
        self._of_file = ""
        self.setObjectName("areaDialog")
        self.setWindowTitle("Area of the search")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setMinimumWidth(look.px(560))
        self.kind = QComboBox()
        for kind, words in KINDS.items():
            self.kind.addItem(words, kind)
        self.places = QPlainTextEdit()
        self.places.setPlaceholderText(_EXAMPLE)
        self.places.setTabChangesFocus(True)
        self.places.setAccessibleName("Positions")
        self.places.setMinimumHeight(look.px(120))
        self.hint = QLabel()
        self.hint.setProperty("role", "second")
        self.hint.setWordWrap(True)
        self.metres = QDoubleSpinBox()
        self.metres.setRange(1, 100_000)
        self.metres.setDecimals(1)
        self.metres.setSuffix(" m")
        self.metres.setGroupSeparatorShown(True)
        self.metres.setSingleStep(50)
        self.metres.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.metres.setValue(width_m)
        self.metres_name = QLabel()
        self.metres_name.setBuddy(self.metres)
        self.read = QPushButton("&From a file…")
        self.read.setToolTip("Areas of a GeoJSON or KML file; the file is read here and not kept")
        self.found = QListWidget()
        self.found.setAccessibleName("Areas of the file")
        self.found.setMaximumHeight(look.px(130))
        self.found.hide()
        self.said = Said("areaSaid")
        self.take = QPushButton("&Search here")
        self.leave = QPushButton("Cancel")
        for button in (self.read, self.take, self.leave):
            button.setAutoDefault(False)
        self._lay_out()
        self.kind.currentIndexChanged.connect(lambda _at: self._on_kind())
        self.places.textChanged.connect(lambda: self.said.say(""))
        self.read.clicked.connect(lambda _checked=False: self.ask_file())
        self.found.currentRowChanged.connect(self._on_found)
        self.found.itemActivated.connect(lambda _item: self.run())
        self.take.clicked.connect(lambda _checked=False: self.run())
        self.leave.clicked.connect(self.reject)
        if area is not None:
            self.show_area(area)
        self._on_kind()
        self.places.setFocus()

    def _lay_out(self) -> None:
        form = quiet_form()
        form.addRow("&Kind", self.kind)
        places = QLabel("&Positions")
        places.setBuddy(self.places)
        form.addRow(places, self.places)
        form.addRow("", self.hint)
        form.addRow(self.metres_name, self.metres)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.found)
        layout.addWidget(self.said)
        foot = QHBoxLayout()
        foot.addWidget(self.read)
        foot.addStretch(1)
        foot.addWidget(self.take)
        foot.addWidget(self.leave)
        layout.addLayout(foot)

    def _on_kind(self) -> None:
        kind = str(self.kind.currentData())
        self.hint.setText(f"{_HINTS[kind]} A grid reference, or latitude and longitude in degrees.")
        has_metres = kind in _METRES
        self.metres.setVisible(has_metres)
        self.metres_name.setVisible(has_metres)
        self.metres_name.setText(_METRES.get(kind, ""))
        self.said.say("")

    def show_area(self, area: Area) -> None:
        """Put an area into the fields."""
        kind = {Circle: "circle", Corridor: "corridor"}.get(type(area), "polygon")
        self.kind.setCurrentIndex(self.kind.findData(kind))
        self.places.setPlainText(
            "\n".join(f"{p.latitude:.6f}, {p.longitude:.6f}" for p in places_of(area))
        )
        if isinstance(area, Circle | Corridor):
            self.metres.setValue(area.radius_m)

    # ------------------------------------------------------------------ a file

    def ask_file(self) -> None:
        """Ask which file, beside the window."""
        kinds = ("Areas (*.geojson *.json *.kml)", "All files (*)")
        ask_file(self, "Areas from a file", "areasFrom", kinds, self.read_file)

    def read_file(self, path: Path) -> None:
        """Read the areas of a file, away from the window's own thread."""
        if not self._is_reading:
            self._is_reading = True
            self.read.setEnabled(False)
            self.said.say(f"Reading {path.name}…")
            self._bridge.run(self._read(path, self.metres.value()), "map-areas")

    async def _read(self, path: Path, width_m: float) -> None:
        try:
            imported = await asyncio.to_thread(areas_from_file, path, width_m)
        except QueryRefused as refusal:
            if isValid(self):
                self.said.say(refusal.words, is_fault=True)
            return
        finally:
            self._is_reading = False
            if isValid(self):
                self.read.setEnabled(True)
        if isValid(self):
            self._show_found(path.name, imported)

    def _show_found(self, name: str, imported: Imported) -> None:
        self._areas = imported.areas
        self.found.clear()
        for one in imported.areas:
            kind = {Circle: "circle", Corridor: "corridor"}.get(type(one.area), "polygon")
            self.found.addItem(f"{one.name} · {kind}")
        self.found.setVisible(len(imported.areas) > 1)
        words = f"{name}: {several(len(imported.areas), 'area')}."
        if imported.faults:
            words += " " + " ".join(imported.faults[:_MOST_SHOWN_FAULTS])
            more = len(imported.faults) - _MOST_SHOWN_FAULTS
            words += f" And {several(more, 'fault')} more." if more > 0 else ""
        self._of_file = words
        if imported.areas:
            self.found.setCurrentRow(0)
            self._on_found(0)
            words = f"{words} {imported.areas[0].note}".rstrip()
        self.said.say(words, is_fault=not imported.areas)

    def _on_found(self, at: int) -> None:
        if 0 <= at < len(self._areas):
            one = self._areas[at]
            self.show_area(one.area)
            self.said.say(f"{self._of_file} {one.note}".strip())

    # ------------------------------------------------------------------ taking it

    def run(self) -> None:
        """Take the area over, or say what is wrong with it."""
        try:
            area, note = typed_area(
                str(self.kind.currentData()), self.places.toPlainText(), self.metres.value()
            )
        except QueryRefused as refusal:
            self.said.say(refusal.words, is_fault=True)
            return
        self.taken.emit(area, note)
        self.accept()
