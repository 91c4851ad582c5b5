"""Where and which way: cameras, an area in words, direction with what it hides."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.camera import Camera, CameraId
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import (
    Area,
    Circle,
    Corridor,
    Direction,
    Polygon,
    QueryRefused,
    ReadQuery,
    query_from,
)
from nas_desktop.ui.search.camera_dialog import CameraDialog
from nas_desktop.ui.search.form_parts import Said, heading, in_order
from nas_desktop.ui.search.search_words import DIRECTIONS
from nas_desktop.ui.text import several

_AREAS = (
    ("", "No area", ""),
    ("near", "Radius", "52.98, -2.15, 2000"),
    ("polygon", "Polygon", "52.9,-2.1; 53.0,-2.1; 53.0,-2.0"),
    ("corridor", "Corridor", "500; 52.9,-2.1; 53.0,-2.0"),
)
_TIPS = {
    "": "Draw none: the cameras alone say where",
    "near": "Latitude, longitude, radius in metres",
    "polygon": "Corners as latitude,longitude, apart by semicolon",
    "corridor": "Width in metres, then points as latitude,longitude, apart by semicolon",
}
_ANY_SPAN = "from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z"


def area_of(kind: str, text: str) -> Area | None:
    """Return the area of a kind and its co-ordinates.

    Raises:
        QueryRefused: the co-ordinates make none.
    """
    if not kind:
        return None
    return query_from(f"{_ANY_SPAN}&{kind}={text.replace(' ', '')}").area


def text_of_area(area: Area | None) -> tuple[str, str]:
    """Return the kind of an area and its co-ordinates as they are typed."""
    match area:
        case Circle(centre=centre, radius_m=radius):
            return "near", f"{_pair(centre)}, {_number(radius)}"
        case Polygon(corners=corners):
            return "polygon", "; ".join(_pair(corner) for corner in corners)
        case Corridor(points=points, radius_m=radius):
            words = [_number(radius), *(_pair(point) for point in points)]
            return "corridor", "; ".join(words)
        case _:
            return "", ""


def _pair(position: Position) -> str:
    return f"{_number(position.latitude)},{_number(position.longitude)}"


def _number(value: float) -> str:
    """Return a number to 6 places, 0.1 m of a degree, without needless zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


class WhereForm(QWidget):
    """Cameras, area, direction.

    Signals:
        changed: another place or direction is asked for.
        dialog_wanted(QDialog): a dialog is to be opened beside the window.
    """

    changed = Signal()
    dialog_wanted = Signal(object)

    def __init__(self, *buttons: QWidget) -> None:
        super().__init__()
        self.cameras: tuple[CameraId, ...] = ()
        self.known: tuple[Camera, ...] = ()
        self.choose = QPushButton("Any camera…")
        self.choose.setToolTip("Choose cameras from a list that narrows as you type (Alt+C)")
        self.choose.setShortcut("Alt+C")
        self.area_kind = QComboBox()
        self.area_kind.setAccessibleName("Area")
        for kind, words, _example in _AREAS:
            self.area_kind.addItem(words, kind)
        self.area_text = QLineEdit()
        self.area_text.setAccessibleName("Co-ordinates of the area")
        self.area_text.hide()
        self.direction = QPushButton("Any direction")
        self.direction.setToolTip("Choose directions of travel; none ticked is any")
        self.unknown = QCheckBox("with unknown")
        self.unknown.setChecked(True)
        self.unknown.setToolTip("Unknown directions are common: without them reads are hidden")
        self.hides = Said("hides")
        self.said = Said("whereFault")
        self._menu = QMenu(self)
        self._ways: dict[Direction, QAction] = {}
        for way in DIRECTIONS:
            action = self._menu.addAction(way.value.capitalize() if len(way) > 2 else way.value)
            action.setCheckable(True)
            action.toggled.connect(lambda _on: self._on_direction())
            self._ways[way] = action
        self._lay_out(buttons)
        self.choose.clicked.connect(lambda _checked=False: self.ask_cameras())
        self.area_kind.currentIndexChanged.connect(lambda _at: self._on_kind())
        self.area_text.textEdited.connect(lambda _text: self.changed.emit())
        self.direction.clicked.connect(lambda _checked=False: self._open_menu())
        self.unknown.toggled.connect(lambda _on: self.changed.emit())
        self._on_kind()
        self._on_direction()

    def _lay_out(self, buttons: Sequence[QWidget]) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(heading("WHE&RE", self.choose, *buttons))
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(6)
        first.addWidget(self.choose, 1)
        first.addWidget(self.area_kind, 1)
        second.addWidget(self.direction, 1)
        second.addWidget(self.unknown, 1)
        layout.addLayout(first)
        layout.addWidget(self.area_text)
        layout.addLayout(second)
        layout.addWidget(self.hides)
        layout.addWidget(self.said)
        in_order(
            self.choose, self.area_kind, self.area_text, self.direction, self.unknown, *buttons
        )

    # ------------------------------------------------------------------ cameras

    def ask_cameras(self) -> CameraDialog:
        """Open the list of cameras beside the window."""
        dialog = CameraDialog(self.known, self.cameras, self)
        dialog.accepted.connect(lambda: self.set_cameras(dialog.chosen))
        self.dialog_wanted.emit(dialog)
        return dialog

    def set_cameras(self, cameras: Sequence[CameraId]) -> None:
        """Ask for these cameras; none is any."""
        self.cameras = tuple(cameras)
        names = {camera.camera_id: camera.alias for camera in self.known}
        if not self.cameras:
            words = "Any camera…"
        elif len(self.cameras) == 1:
            words = names.get(self.cameras[0]) or str(self.cameras[0])
        else:
            words = several(len(self.cameras), "camera") + "…"
        self.choose.setText(words.replace("&", "&&"))
        self.changed.emit()

    # ------------------------------------------------------------------ area

    def area(self) -> Area | None:
        """Return the area asked for.

        Raises:
            QueryRefused: its co-ordinates make none.
        """
        kind = str(self.area_kind.currentData())
        if kind and not self.area_text.text().strip():
            raise QueryRefused(kind, "The area has no co-ordinates.", _TIPS[kind] + ".")
        return area_of(kind, self.area_text.text())

    def set_area(self, area: Area | None) -> None:
        """Ask for an area, drawn or typed elsewhere; None is none."""
        kind, text = text_of_area(area)
        self.area_text.setText(text)
        self.area_kind.setCurrentIndex(self.area_kind.findData(kind))
        self.changed.emit()

    def _on_kind(self) -> None:
        kind, _words, example = _AREAS[self.area_kind.currentIndex()]
        self.area_text.setVisible(bool(kind))
        self.area_text.setPlaceholderText(example)
        for field in (self.area_kind, self.area_text):
            field.setToolTip(_TIPS[kind])
        self.changed.emit()

    # ------------------------------------------------------------------ direction

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions ticked; none is any."""
        return tuple(way for way, action in self._ways.items() if action.isChecked())

    def _open_menu(self) -> None:
        # Not the button's own pop-up mode: that runs an event loop inside the event loop.
        self._menu.popup(self.direction.mapToGlobal(QPoint(0, self.direction.height())))

    def _on_direction(self) -> None:
        ways = self.directions
        self.direction.setText(" ".join(ways) if ways else "Any direction")
        self.unknown.setEnabled(bool(ways))
        self.changed.emit()

    def show_hidden(self, count: int) -> None:
        """Say how many reads the direction alone kept out."""
        self.hides.say(f"The direction hides {several(count, 'read')}." if count else "")

    # ------------------------------------------------------------------ whole

    def set_place(self, query: ReadQuery) -> None:
        """Show the place and the direction of a question."""
        self.set_cameras(query.cameras)
        self.set_area(query.area)
        for way, action in self._ways.items():
            action.setChecked(way in query.directions)
        self.unknown.setChecked(query.includes_unknown)
        self.show_hidden(0)
        self.changed.emit()
