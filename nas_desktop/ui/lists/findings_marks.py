"""Marks of severity: a shape and a colour, beside which the word always stands."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from nas_desktop.domain.findings import Severity
from nas_desktop.ui.theme import AMBER, RED, Look

SHAPES = {Severity.ERROR: "■", Severity.WARNING: "▲"}
WORDS = {Severity.ERROR: "Error", Severity.WARNING: "Warning"}
TONES = {Severity.ERROR: "red", Severity.WARNING: "amber"}


@lru_cache(maxsize=32)
def severity_pixmap(severity: Severity, outline: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return a red square or an amber triangle, outlined so that it shows on every ground."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(outline), 1.5))
    area = QRectF(0, 0, size, size).adjusted(1.5, 1.5, -1.5, -1.5)
    if severity is Severity.ERROR:
        painter.setBrush(QColor(RED))
        painter.drawRect(area)
    else:
        painter.setBrush(QColor(AMBER))
        top = QPointF(area.center().x(), area.top())
        painter.drawPolygon(QPolygonF([top, area.bottomRight(), area.bottomLeft()]))
    painter.end()
    return pixmap


def look_beside(widget: QWidget | None) -> Look:
    """Return the look of the window that a widget stands in; the usual one where it has none."""
    while widget is not None:
        look = getattr(widget, "look", None)
        if isinstance(look, Look):
            return look
        widget = widget.parentWidget()
    return Look()
