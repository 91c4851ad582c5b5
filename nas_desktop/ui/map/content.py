"""What the map's page may ask for, by name; everything is in the package or in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QPixmap

from nas_desktop.services.base_map import load_base_map, packed
from nas_desktop.services.resources import resource_path

MOST_HELD = 8
"""Answers that are held until the page has fetched them; older ones are forgotten."""

_KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".otf": "font/otf",
    ".html": "text/html",
    ".png": "image/png",
}
_BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply: media type and bytes."""

    kind: str
    data: bytes


class MapContent:
    """Answers by path; nothing is read from a path that the page made up."""

    def __init__(self) -> None:
        self._made: dict[str, Callable[[], Answer]] = {}
        self._held: dict[str, Answer] = {}
        self._symbols: dict[str, Callable[[], QPixmap]] = {}
        for folder in ("page", "vendor"):
            for file in sorted(resource_path("map", folder).iterdir()):
                if file.suffix in _KINDS:
                    self._made[f"/assets/{file.name}"] = _file("map", folder, file.name)
        for font in ("Inter-Regular.otf", "Inter-SemiBold.otf", "B612Mono-Bold.otf"):
            self._made[f"/fonts/{font}"] = _file("fonts", font)
        self._made["/assets/qwebchannel.js"] = _channel_script

    def put(self, name: str, data: bytes) -> None:
        """Hold bytes of the scene under a name until newer ones push them out."""
        self._held.pop(f"/{name}", None)
        self._held[f"/{name}"] = Answer(_BINARY, data)
        while len(self._held) > MOST_HELD:
            self._held.pop(next(iter(self._held)))

    def forget(self) -> None:
        """Hold nothing of what was found."""
        self._held.clear()

    def put_page(self, html: str) -> None:
        """Set the page itself."""
        data = html.encode()
        self._made["/"] = lambda: Answer("text/html", data)

    def put_symbol(self, name: str, paint: Callable[[], QPixmap]) -> None:
        """Offer a picture of a symbol; painted when it is asked for."""
        self._symbols.setdefault(f"/symbols/{name}", paint)

    def answer(self, path: str) -> Answer | None:
        """Return what there is under a path, or None."""
        if path in self._made:
            return self._made[path]()
        if path in self._held:
            return self._held.pop(path)  # fetched once; after a crash it is put here anew
        if path in self._symbols:
            return Answer("image/png", png_of(self._symbols[path]()))
        if path.startswith("/base/"):
            wanted = PurePosixPath(path).name
            base = load_base_map()
            for level in base.levels:
                if level.name == wanted:
                    return Answer(_BINARY, packed(level))
        return None


def _file(*parts: str) -> Callable[[], Answer]:
    path = resource_path(*parts)
    return lambda: Answer(_KINDS[path.suffix], path.read_bytes())


def _channel_script() -> Answer:
    from PySide6.QtCore import QFile

    file = QFile(":/qtwebchannel/qwebchannel.js")
    if not file.open(QIODevice.OpenModeFlag.ReadOnly):
        raise RuntimeError("Qt's own channel script is missing")
    return Answer(_KINDS[".js"], bytes(file.readAll().data()))


def png_of(pixmap: QPixmap) -> bytes:
    """Return a picture as PNG."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    pixmap.save(buffer, "PNG")
    return bytes(data.data())
