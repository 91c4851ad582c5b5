"""Where the map is from, who draws it, and what its page was refused."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout

from nas_desktop.services.base_map import CREDITS
from nas_desktop.ui.map.map_panel import MapPanel
from nas_desktop.ui.map.tile_desk import TileDesk
from nas_desktop.ui.search.form_parts import quiet_form
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look


class AboutDialog(QDialog):
    """Facts of the map as it is now; beside the window."""

    def __init__(self, panel: MapPanel, tiles: TileDesk, problem: str, look: Look) -> None:
        super().__init__(panel)
        self.setObjectName("mapAbout")
        self.setWindowTitle("About this map")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setMinimumWidth(look.px(560))
        form = quiet_form()
        for name, words in facts_of(panel, problem):
            value = QLabel(words)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(name, value)
        count, noted = panel.view.refused() if panel.view is not None else (0, ())
        self.refused = QPlainTextEdit("\n".join(noted))
        self.refused.setReadOnly(True)
        self.refused.setAccessibleName("Requests that were refused")
        self.refused.setMaximumHeight(look.px(120))
        self.refused.setVisible(count > 0)
        leave = QPushButton("Close")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.refused)
        layout.addStretch(1)
        foot = QHBoxLayout()
        self.put_in = QPushButton("Use a &map file…")
        self.put_in.setToolTip("An .mbtiles or .pmtiles file; it is copied into this profile")
        self.take_out = QPushButton("&Take it out")
        self.take_out.setToolTip("Show the map of the program again")
        self.put_in.setVisible(tiles.has_files)
        self.take_out.setVisible(panel.scene.tiles is not None)
        for button in (self.put_in, self.take_out):
            button.setAutoDefault(False)
            foot.addWidget(button)
        self.put_in.clicked.connect(lambda _checked=False: tiles.ask(self))
        self.take_out.clicked.connect(lambda _checked=False: tiles.remove())
        tiles.changed.connect(self.close)
        foot.addStretch(1)
        foot.addWidget(leave)
        layout.addLayout(foot)


def facts_of(panel: MapPanel, problem: str) -> list[tuple[str, str]]:
    """Return what can be said of the map: name and words."""
    found = [("Ground", CREDITS)]
    tiles = panel.scene.tiles
    if tiles is not None:
        info = tiles.info
        said = f" · {info.attribution}" if info.attribution else ""
        found.append(("Map file", f"{info.name}, zoom {info.min_zoom} to {info.max_zoom}{said}"))
        if tiles.faults:
            found.append(("", f"{several(tiles.faults, 'tile')} of it could not be read."))
    view = panel.view
    if view is None:
        found.append(("Drawn by", "nobody yet: the map has not been opened"))
    else:
        found.append(("Drawn by", view.drawn_by))
    if panel.why:
        found.append(("", panel.why))
    if problem:
        found.append(("Cameras", problem))
    count = view.refused()[0] if view is not None else 0
    found.append(
        (
            "Network",
            "The map has asked no other computer for anything."
            if not count
            else f"{several(count, 'request')} to other computers refused; none has left.",
        )
    )
    found.append(("Grid", "Ordnance Survey National Grid (OSGB36), good to 2 to 5 m"))
    return found
