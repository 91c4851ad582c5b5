"""Pictures of a map file of the force on the plain map: read in a thread of their own, few kept."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QObject,
    QRectF,
    QRunnable,
    Qt,
    QThreadPool,
    Signal,
)
from PySide6.QtGui import QImage, QImageReader, QPainter

from nas_desktop.services.map_tiles import TileSource
from nas_desktop.services.mercator import ORIGIN, WORLD_PIXELS
from nas_desktop.ui.map.plain_plane import Plane

MOST_KEPT = 300
"""Tiles kept unpacked: some 75 MB of 256 pixels square."""

MOST_AT_ONCE = 150
"""A view of more tiles than this is too far away for the file."""

MOST_SIDE_PX = 1_024
WAIT_MS = 2_000
"""A tile that is being read is waited for when the file is let go of."""

Key: TypeAlias = tuple[int, int, int]


class _Reading(QRunnable):
    """Reads one tile and tells it to the pictures' owner."""

    def __init__(self, told: TilePictures, source: TileSource, key: Key, *, is_night: bool) -> None:
        super().__init__()
        self._told, self._source, self._key, self._is_night = told, source, key, is_night

    def run(self) -> None:
        # What is out of sight by now, or of a file that was let go of, need not be read.
        if not self._told.wants(self._source, self._key):
            return
        content = self._source.tile(*self._key)
        image = picture_of(content, self._source.info.format) if content else None
        if image is not None and self._is_night:
            image = at_night(image)
        self._told.came.emit(self._source, self._key, image)


class TilePictures(QObject):
    """The tiles of one file as pictures.

    Signals:
        came(TileSource, key, QImage | None): one was read, in another thread.
        changed: there is one more to paint.
    """

    came = Signal(object, object, object)
    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._source: TileSource | None = None
        self._is_night = False
        self._kept: OrderedDict[Key, QImage | None] = OrderedDict()
        self._asked: set[Key] = set()
        self.came.connect(self._on_came, Qt.ConnectionType.QueuedConnection)

    def take(self, source: TileSource | None, *, is_night: bool) -> None:
        """Take over another file, or none; one with vector tiles is as good as none here.

        Returns when nothing reads from the file before any more.
        """
        if source is not None and source.info.kind != "raster":
            source = None
        if source is self._source and is_night == self._is_night:
            return
        self.end()
        self._source, self._is_night = source, is_night

    def end(self) -> None:
        """Let go of the file and of everything that came from it."""
        self._source = None
        self._asked.clear()
        self._pool.waitForDone(WAIT_MS)
        self._kept.clear()

    def wants(self, source: TileSource, key: Key) -> bool:
        """Tell whether a tile is still to be read; for the thread that reads."""
        return source is self._source and key in self._asked

    def paint(self, painter: QPainter, plane: Plane) -> bool:
        """Paint the tiles of a view that are there; False if the file is not for such a view."""
        keys = self._wanted(plane)
        if not keys:
            return False
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._asked &= set(keys)
        for key in keys:
            if key in self._kept:
                self._kept.move_to_end(key)
                image = self._kept[key]
                if image is not None:
                    painter.drawImage(_place(key, plane), image)
            else:
                self._ask(key)
        return True

    def _wanted(self, plane: Plane) -> list[Key]:
        if self._source is None:
            return []
        info = self._source.info
        z = min(info.max_zoom, max(info.min_zoom, round(plane.zoom)))
        side = WORLD_PIXELS / (1 << z)
        west, north, east, south = plane.edges()
        first, last = math.floor((west + ORIGIN[0]) / side), math.floor((east + ORIGIN[0]) / side)
        top, low = math.floor((north + ORIGIN[1]) / side), math.floor((south + ORIGIN[1]) / side)
        if (last - first + 1) * (low - top + 1) > MOST_AT_ONCE:
            return []
        most = (1 << z) - 1
        return [
            (z, x, y)
            for y in range(max(0, top), min(most, low) + 1)
            for x in range(max(0, first), min(most, last) + 1)
        ]

    def _ask(self, key: Key) -> None:
        if key not in self._asked and self._source is not None:
            self._asked.add(key)
            self._pool.start(_Reading(self, self._source, key, is_night=self._is_night))

    def _on_came(self, source: object, key: Key, image: QImage | None) -> None:
        if source is not self._source:
            return
        self._asked.discard(key)
        self._kept[key] = image
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        if image is not None:
            self.changed.emit()


def picture_of(content: bytes, kind: str) -> QImage | None:
    """Return a tile as a picture; None if it is no such picture, or far too large for a tile."""
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(kind.encode()))
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > MOST_SIDE_PX:
        return None
    image = reader.read()
    return None if image.isNull() else image


def at_night(image: QImage) -> QImage:
    """Return a light picture for a dark window: bright becomes dark, and hues stay."""
    held = image.convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.frombuffer(held.constBits(), np.uint8).reshape(
        held.height(), held.bytesPerLine() // 4, 4
    )
    light = 1 - pixels[..., :3].astype(np.float32) / 255
    # Turned by half a circle of hues after the inversion, as CSS's filter does.
    grey = light @ np.array([0.213, 0.715, 0.072], np.float32)
    light = np.clip(2 * grey[..., None] - light, 0, 1)
    light = np.clip((light * 0.8 - 0.5) * 0.85 + 0.5, 0, 1)
    out = np.concatenate([(light * 255).astype(np.uint8), pixels[..., 3:]], axis=2)
    out = np.ascontiguousarray(out)
    made = QImage(
        out.data, held.width(), held.height(), held.bytesPerLine(), QImage.Format.Format_RGBA8888
    )
    return made.copy()


def _place(key: Key, plane: Plane) -> QRectF:
    z, x, y = key
    side = WORLD_PIXELS / (1 << z)
    left = (x * side - ORIGIN[0]) * plane.scale + plane.dx
    top = (y * side - ORIGIN[1]) * plane.scale + plane.dy
    right, low = left + side * plane.scale, top + side * plane.scale
    # On whole pixels: between two tiles there must be no line.
    box = [round(edge) for edge in (left, top, right, low)]
    return QRectF(box[0], box[1], box[2] - box[0], box[3] - box[1])
