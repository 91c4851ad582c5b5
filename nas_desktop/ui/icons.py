"""Line icons in the current text colour, painted from SVG and kept per colour and size."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from nas_desktop.services.resources import resource_path


@lru_cache(maxsize=64)
def _drawing(name: str) -> str:
    path = resource_path("icons", f"{name}.svg")
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@lru_cache(maxsize=256)
def icon_pixmap(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a square pixmap of ``size`` logical pixels; empty when there is none."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    drawing = _drawing(name)
    if drawing:
        renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", color).encode()))
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def icon(name: str, color: str, size: int = 20) -> QIcon:
    """Return an icon for a button or a menu, sharp on screens of up to twice the density."""
    found = QIcon(icon_pixmap(name, color, size, 1.0))
    found.addPixmap(icon_pixmap(name, color, size, 2.0))
    return found
