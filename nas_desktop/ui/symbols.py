"""Hit symbols: shape, word and colour, with the list's Annex A text on a white strip.

Every symbol carries an outline, white on dark and black on light: Stop red on the dark cards is
only 1.8:1, under the 3:1 that a graphic needs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
)

from nas_desktop.domain.hit import Hit, MatchClass
from nas_desktop.domain.voi import Action
from nas_desktop.ui.basis_words import is_void
from nas_desktop.ui.fonts import text_font

STRIP_WHITE, STRIP_TEXT = "#FFFFFF", "#000000"

NO_INSURANCE_BADGES = frozenset({"MIBGLD", "TULAGE"})
"""Annex A texts of the lists whose every entry means that no insurance is known."""


class Shape(Enum):
    """Outlines that stay apart in greyscale and at a glance."""

    OCTAGON = "octagon"
    DIAMOND = "diamond"
    SQUARE = "square"
    ROUNDED = "rounded"
    CIRCLE = "circle"
    DASHED = "dashed"


@dataclass(frozen=True, slots=True)
class HitSymbol:
    """What a hit looks like: shape, ground, text colour and the word on it."""

    shape: Shape
    ground: str
    text: str
    word: str
    is_struck: bool = False


STOP = HitSymbol(Shape.OCTAGON, "#B00020", "#FFFFFF", "STOP")
ASSESS = HitSymbol(Shape.DIAMOND, "#FFB000", "#000000", "ASSESS")
NO_INSURANCE = HitSymbol(Shape.SQUARE, "#1F4E9E", "#FFFFFF", "NO INS")
NO_ALERT = HitSymbol(Shape.ROUNDED, "#4A5568", "#FFFFFF", "NO ALERT")
POSSIBLE = HitSymbol(Shape.CIRCLE, "#4A5568", "#FFFFFF", "MISREAD?")
EXERCISE = HitSymbol(Shape.DASHED, "#E2E8F0", "#1A202C", "EXERCISE")
ALL_SYMBOLS = (STOP, ASSESS, NO_INSURANCE, NO_ALERT, POSSIBLE, EXERCISE)

VOID_GROUND, VOID_TEXT = "#5B6570", "#FFFFFF"


def symbol_of(hit: Hit, now: datetime | None = None) -> HitSymbol:
    """Return the symbol of a hit's leading reason (domain facts 3.3).

    A possible misread never carries the colour of what it may be. A reason that nobody may act on
    any more keeps shape and word, grey and struck through; ``now`` has its window judged too.
    """
    leading = hit.leading
    if hit.is_exercise:
        return EXERCISE
    if leading.match_class is MatchClass.MISREAD:
        return POSSIBLE
    symbol = action_symbol(leading.entry.action, leading.entry.reason, leading.badge)
    if leading.is_void if now is None else is_void(leading, now):
        return replace(symbol, ground=VOID_GROUND, text=VOID_TEXT, is_struck=True)
    return symbol


def action_symbol(action: Action, reason: str = "", badge: str = "") -> HitSymbol:
    """Return the symbol of an entry."""
    if action is Action.STOP:
        return STOP
    if action is Action.NO_ALERT:
        return NO_ALERT
    if badge in NO_INSURANCE_BADGES or reason == "No Insurance":
        return NO_INSURANCE
    return ASSESS


@lru_cache(maxsize=256)
def symbol_pixmap(
    symbol: HitSymbol, badge: str, outline: str, size: int, ratio: float = 1.0
) -> QPixmap:
    """Return a symbol painted once for its badge, outline colour and size."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint(painter, symbol, badge, QColor(outline), float(size))
    painter.end()
    return pixmap


@lru_cache(maxsize=64)
def shape_pixmap(shape: Shape, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return the outline of a symbol alone, for tables, where the word stands beside it."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(color), 1.5))
    painter.drawPath(_path(shape, QRectF(0, 0, size, size).adjusted(1, 1, -1, -1)))
    painter.end()
    return pixmap


def _paint(painter: QPainter, symbol: HitSymbol, badge: str, outline: QColor, size: float) -> None:
    width = max(1.5, size / 30)
    area = QRectF(0, 0, size, size).adjusted(width, width, -width, -width)
    path = _path(symbol.shape, area)
    # The strip takes the lower part; a diamond's is wider where there is room for the text.
    split = area.top() + area.height() * (0.56 if symbol.shape is Shape.DIAMOND else 0.66)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setClipPath(path)
    painter.fillRect(area, QColor(symbol.ground))
    painter.fillRect(
        QRectF(area.left(), split, area.width(), area.bottom() - split), QColor(STRIP_WHITE)
    )
    painter.setClipping(False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(outline, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawPath(path)
    if symbol.shape is Shape.DASHED:
        inside = area.adjusted(1.5 * width, 1.5 * width, -1.5 * width, -1.5 * width)
        painter.setPen(QPen(QColor(symbol.text), width, Qt.PenStyle.DashLine))
        painter.drawRect(inside)
    if symbol.is_struck:
        painter.setClipPath(path)
        painter.setPen(QPen(QColor("#000000"), width * 2.6))
        painter.drawLine(area.bottomLeft(), area.topRight())
        painter.setPen(QPen(QColor("#FFFFFF"), width * 1.3))
        painter.drawLine(area.bottomLeft(), area.topRight())
        painter.setClipping(False)
    middle = area.center().x()
    if symbol.shape is Shape.DIAMOND:
        word = QRectF(middle - size * 0.37, split - size * 0.235, size * 0.74, size * 0.22)
        strip = QRectF(middle - size * 0.26, split + size * 0.02, size * 0.52, size * 0.18)
    else:
        word = QRectF(area.left() + 2, area.top() + size * 0.1, area.width() - 4, size * 0.46)
        strip = QRectF(middle - size * 0.31, split, size * 0.62, (area.bottom() - split) * 0.88)
    fill = 0.8 if symbol.shape is Shape.DASHED else 0.95
    _write(painter, symbol.word, word, QColor(symbol.text), round(size * 0.25), fill)
    _write(painter, badge, strip, QColor(STRIP_TEXT), round(size * 0.185), 1.0)


def _write(
    painter: QPainter, words: str, area: QRectF, color: QColor, pixels: int, fill: float
) -> None:
    """Write words centred, as large as fits; never below a size that can be read."""
    font = text_font(pixels, QFont.Weight.Bold)
    while pixels > 6 and QFontMetricsF(font).horizontalAdvance(words) > area.width() * fill:
        pixels -= 1
        font = text_font(pixels, QFont.Weight.Bold)
    painter.setFont(font)
    painter.setPen(color)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, words)


def _path(shape: Shape, area: QRectF) -> QPainterPath:
    path = QPainterPath()
    left, right, top, bottom = area.left(), area.right(), area.top(), area.bottom()
    if shape is Shape.OCTAGON:
        cut = area.width() * 0.2929
        points = [
            (left + cut, top),
            (right - cut, top),
            (right, top + cut),
            (right, bottom - cut),
            (right - cut, bottom),
            (left + cut, bottom),
            (left, bottom - cut),
            (left, top + cut),
        ]
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
        path.closeSubpath()
    elif shape is Shape.DIAMOND:
        middle = area.center()
        points = [(middle.x(), top), (right, middle.y()), (middle.x(), bottom), (left, middle.y())]
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
        path.closeSubpath()
    elif shape in (Shape.SQUARE, Shape.DASHED):
        path.addRect(area)
    elif shape is Shape.CIRCLE:
        path.addEllipse(area)
    else:
        path.addRoundedRect(area, area.width() * 0.16, area.width() * 0.16)
    return path
