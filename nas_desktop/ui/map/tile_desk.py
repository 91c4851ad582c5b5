"""The map file of the profile in the window: opened, put in by a drop or a choice, taken out."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.services.map_tiles import TileFiles, TileSource
from nas_desktop.ui.ask_file import ask_file
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.map.map_panel import MapPanel
from nas_desktop.ui.map.scene import MapScene

MAP_SUFFIXES = frozenset({".mbtiles", ".pmtiles"})
_MEGABYTE = 1 << 20


class TileDesk(QObject):
    """Keeps the scene's tiles to the profile's map file.

    Signals:
        changed: another file, or none, is shown.
    """

    changed = Signal()
    _copied = Signal(int, int)

    def __init__(
        self, files: TileFiles | None, bridge: Bridge, scene: MapScene, panel: MapPanel
    ) -> None:
        super().__init__(panel)
        self._files, self._bridge, self._scene, self._panel = files, bridge, scene, panel
        self._has_opened = self.is_busy = self._is_ended = False
        self._held: list[TileSource] = []
        self._told_mb = -1
        # From the thread that copies to the window's.
        self._copied.connect(self._on_copied, Qt.ConnectionType.QueuedConnection)

    @property
    def has_files(self) -> bool:
        """True where map files can be kept."""
        return self._files is not None

    def begin(self) -> None:
        """Open the active file, once; it is opened when the map is seen for the first time."""
        if not self._has_opened:
            self._has_opened = True
            if self._files is not None:
                self._bridge.run(self._open(self._files), "map-tiles")

    async def _open(self, files: TileFiles) -> None:
        try:
            source = await asyncio.to_thread(files.open)
        except Refused as refusal:
            self._say(refusal.words)
            return
        if source is not None:
            self._take(source)

    def ask(self, parent: QWidget) -> None:
        """Ask which file, beside the window."""
        kinds = ("Map files (*.mbtiles *.pmtiles)", "All files (*)")
        ask_file(parent, "Map file", "mapFile", kinds, self.install)

    def install(self, path: Path) -> None:
        """Copy a file into the profile and show it; what cannot be used is refused in words."""
        if self._files is None or self.is_busy:
            self._say("A map file cannot be put in now.")
            return
        self.is_busy, self._told_mb = True, -1
        self._say(f"{path.name} is being checked and copied.")
        self._bridge.run(self._install(self._files, path), "map-install")

    async def _install(self, files: TileFiles, path: Path) -> None:
        try:
            source = await asyncio.to_thread(files.install, path, self._copied.emit)
        except Refused as refusal:
            self._say(refusal.words)
            return
        finally:
            self.is_busy = False
        self._take(source)
        self._say(f"The map shows {source.info.name}.")

    def remove(self) -> None:
        """Take the file out of the profile and show the map that came with the program."""
        if self._files is not None and not self.is_busy:
            self._bridge.run(self._remove(self._files), "map-remove")

    async def _remove(self, files: TileFiles) -> None:
        try:
            await asyncio.to_thread(files.remove)
        except Refused as refusal:
            self._say(refusal.words)
            return
        if isValid(self):
            self._scene.set_tiles(None)
            self.changed.emit()
            self._say("The map file is taken out; the map of the program is shown.")

    def end(self) -> None:
        """Let go of every file, and of those that are opened only now."""
        self._is_ended = True
        self._scene.tiles = None
        for source in self._held:
            source.close()
        self._held.clear()

    def _take(self, source: TileSource) -> None:
        if not isValid(self) or self._is_ended:
            source.close()
            return
        # The file before may be read from still: all are closed together at the end.
        self._held.append(source)
        self._scene.set_tiles(source)
        self.changed.emit()

    def _on_copied(self, done: int, total: int) -> None:
        if self.is_busy and done // (16 * _MEGABYTE) != self._told_mb:
            self._told_mb = done // (16 * _MEGABYTE)
            self._say(f"Copied {done // _MEGABYTE:,} of {total // _MEGABYTE:,} MB.")

    def _say(self, words: str) -> None:
        if isValid(self._panel):
            self._panel.say(words)
