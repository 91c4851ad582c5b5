"""The row of tools above the map; each is a key as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QComboBox, QFrame, QToolButton, QWidget

from nas_desktop.services.point_colours import ColourBy
from nas_desktop.ui.flow import FlowLayout
from nas_desktop.ui.icons import icon
from nas_desktop.ui.map.scene import Way
from nas_desktop.ui.theme import Look

WAYS = {Way.DOTS: "Dots", Way.CIRCLES: "Counts", Way.HEAT: "Heat"}
COLOURS = {
    ColourBy.TIME: "by time",
    ColourBy.DIRECTION: "by direction",
    ColourBy.CAMERA: "by camera",
    ColourBy.VEHICLE: "by vehicle",
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A command of the map: its name, words, keys, icon and tip."""

    name: str
    words: str
    keys: tuple[str, ...]
    tip: str
    icon: str = ""
    is_switch: bool = False


TOOLS: tuple[Tool, ...] = (
    Tool("box", "Box", ("1",), "Draw a box: where the search looks", "square", True),
    Tool("polygon", "Polygon", ("2",), "Draw a polygon, corner by corner", "pentagon", True),
    Tool("circle", "Circle", ("3",), "Draw a circle", "circle", True),
    Tool("corridor", "Corridor", ("4",), "Draw a line with a width", "route", True),
    Tool(
        "pick", "Pick cameras", ("5",), "Pick cameras by clicking them", "mouse-pointer-click", True
    ),
    Tool("form", "Type an area", ("T",), "Type an area, or read one from a file", "keyboard"),
    Tool("clear", "Clear the area", ("Del", "Backspace"), "Take the area away", "trash-2"),
    Tool(
        "follow", "Follow", ("F",), "Follow new hits until you move the map", "locate-fixed", True
    ),
    Tool("home", "Whole map", ("H", "Home"), "Show the whole map", "house"),
    Tool("closer", "Closer", ("+", "=", "E"), "Come closer", "plus"),
    Tool("farther", "Farther", ("-", "Q"), "Go farther away", "minus"),
    Tool("chosen", "To what is chosen", ("Z",), "Show what is chosen, or everything found"),
    Tool("labels", "Names", ("L",), "Names of towns and cameras, or none", "", True),
    Tool("grid", "Grid", ("G",), "National Grid, or none", "", True),
    Tool("cameras", "Cameras", ("C",), "Cameras, or none", "", True),
    Tool("marks", "VRMs", ("V",), "A VRM under every hit, or none", "", True),
    Tool("dim", "Dim", ("B",), "Dim the ground so that hits stand out", "", True),
    Tool("way", "Dots, counts, heat", ("R",), "Draw reads as dots, as counts, or as heat"),
    Tool("colour", "Next colour", ("K",), "Colour reads by time, direction, camera or vehicle"),
    Tool("no_fix", "Without position", ("P",), "Reads and hits that have no place on the map"),
    Tool("export", "Export", ("X",), "Write the map as a file, a picture or a PDF", "download"),
    Tool(
        "about", "About this map", ("I",), "Where the map is from, and what it was refused", "info"
    ),
    Tool(
        "float", "Apart", ("W",), "The map in a window of its own, and back", "picture-in-picture-2"
    ),
    Tool("up", "Up", ("Up",), "Move the view up"),
    Tool("down", "Down", ("Down",), "Move the view down"),
    Tool("left", "Left", ("Left",), "Move the view left"),
    Tool("right", "Right", ("Right",), "Move the view right"),
    Tool("leave", "Stop drawing", ("Esc",), "Stop drawing; again: back to the hits"),
)
"""Keys of the map; they count while the keyboard is in it."""

HINTS = {
    "box": "Click two opposite corners. Esc stops.",
    "polygon": "Click the corners; click the first again to close. Esc stops.",
    "circle": "Click the middle, then the rim. Esc stops.",
    "corridor": "Click along the way; click the last point again to end. Esc stops.",
    "pick": "Click cameras to pick them. Esc stops.",
}
"""What to do with each drawing tool."""

_SHOWN = (
    "box", "polygon", "circle", "corridor", "pick", "form", "clear", "follow", "home", "closer",
    "farther", "export", "about", "float",
)  # fmt: skip


class MapBar(QFrame):
    """Buttons of the tools, and how reads are drawn."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("mapBar")
        self.actions_by_name: dict[str, QAction] = {}
        self.buttons: dict[str, QToolButton] = {}
        self._flow = FlowLayout()
        self.setLayout(self._flow)
        self.way, self.colour = QComboBox(), QComboBox()
        self.way.setAccessibleName("How reads are drawn")
        self.way.setToolTip("Draw reads as dots, as counts, or as heat (R)")
        self.colour.setAccessibleName("Colour of reads")
        self.colour.setToolTip("Colour reads by time, direction, camera or vehicle (K)")
        for way, words in WAYS.items():
            self.way.addItem(words, way)
        for by, words in COLOURS.items():
            self.colour.addItem(words, by)
        self._look = look

    def make(self, place: QWidget, slots: Mapping[str, Callable[[], object]]) -> None:
        """Make the tools' actions; their keys count in ``place``."""
        for tool in TOOLS:
            action = QAction(tool.words, place)
            action.setObjectName(f"map_{tool.name}")
            action.setShortcuts([QKeySequence(key) for key in tool.keys])
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setToolTip(f"{tool.tip} ({tool.keys[0]})")
            action.setCheckable(tool.is_switch)
            action.triggered.connect(lambda _checked=False, run=slots[tool.name]: run())
            place.addAction(action)
            self.actions_by_name[tool.name] = action
        for name in _SHOWN:
            button = QToolButton()
            button.setDefaultAction(self.actions_by_name[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setAccessibleName(self.actions_by_name[name].text())
            button.setProperty("role", "tool")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.buttons[name] = button
            self._flow.addWidget(button)
        for box in (self.way, self.colour):
            self._flow.addWidget(box)
        self.show_reads(has_reads=False)
        self.set_look(self._look)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        side = look.px(18)
        for tool in TOOLS:
            if tool.icon and tool.name in self.actions_by_name:
                self.actions_by_name[tool.name].setIcon(icon(tool.icon, look.tokens.text, side))
        for button in self.buttons.values():
            button.setIconSize(QSize(side, side))
            button.setFixedSize(look.px(30), look.px(28))
        self._flow.setContentsMargins(look.px(8), look.px(4), look.px(8), look.px(4))
        self._flow.setSpacing(look.px(2))

    def show_tool(self, tool: str) -> None:
        """Press the button of the drawing tool in hand."""
        for name in ("box", "polygon", "circle", "corridor", "pick"):
            self.actions_by_name[name].setChecked(name == tool)

    def show_reads(self, *, has_reads: bool) -> None:
        """Offer ways and colours while there are reads to draw."""
        self.way.setVisible(has_reads)
        # Plain text, not the member: that is what a box of choices gives back.
        self.colour.setVisible(has_reads and Way(self.way.currentData()) is not Way.HEAT)
