"""A picture of the view with what belongs to it: marking, time, place, legend, where it is from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QImageWriter,
    QPageLayout,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
    QPixmap,
)

from nas_desktop.domain.errors import Refused

_DPI = 150
_LINE = 1.45
_LEAST_WIDE = 900


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands round a picture of the map.

    Attributes:
        gsc: marking, at the top and at the bottom.
        mark: ``SIMULATION`` or nothing.
        lines: sentences below the picture.
        legend: colour and words.
    """

    gsc: str
    mark: str
    lines: Sequence[str]
    legend: Sequence[tuple[str, str]] = ()


def write_png(path: Path, picture: QPixmap, sheet: Sheet) -> None:
    """Write the picture at its own size with its sheet round it, as PNG.

    Raises:
        Refused: ``export_path``; it could not be written.
    """
    wide = max(picture.width(), _LEAST_WIDE)
    font = _font(max(10.0, wide / 100))
    high = picture.height() + _extra(font, sheet, wide)
    image = QImage(QSize(wide, round(high)), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    try:
        _paint(painter, QRectF(0, 0, wide, high), picture, sheet, font)
    finally:
        painter.end()
    if not QImageWriter(str(path), b"png").write(image):
        raise Refused("export_path", "The picture could not be written.", "Choose another place.")


def write_pdf(path: Path, picture: QPixmap, sheet: Sheet) -> None:
    """Write one page A4, lying, with the picture as large as it goes.

    Raises:
        Refused: ``export_path``; it could not be written.
    """
    writer = QPdfWriter(str(path))
    writer.setResolution(_DPI)
    writer.setTitle(f"{sheet.gsc} map")
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Landscape,
            QMarginsF(12, 10, 12, 10),
            QPageLayout.Unit.Millimeter,
        )
    )
    painter = QPainter()
    if not painter.begin(writer):
        raise Refused("export_path", "The PDF could not be written.", "Choose another place.")
    try:
        font = _font(16.0)
        _paint(painter, QRectF(0, 0, writer.width(), writer.height()), picture, sheet, font)
    finally:
        painter.end()


def _font(px: float) -> QFont:
    font = QFont("Inter")
    font.setPixelSize(max(8, round(px)))
    return font


def _extra(font: QFont, sheet: Sheet, wide: float) -> float:
    metrics = QFontMetricsF(font)
    line = metrics.height() * _LINE
    rows = len(_rows(metrics, sheet, wide - line))
    return line * (2 + rows + len(_legend_rows(metrics, sheet, wide - line))) + line / 2


def _rows(metrics: QFontMetricsF, sheet: Sheet, wide: float) -> list[str]:
    """Return the sentences broken into rows of a width."""
    rows: list[str] = []
    for sentence in sheet.lines:
        row = ""
        for word in sentence.split():
            longer = f"{row} {word}".strip()
            if row and metrics.horizontalAdvance(longer) > wide:
                rows.append(row)
                row = word
            else:
                row = longer
        rows.append(row)
    return rows


def _paint(painter: QPainter, area: QRectF, picture: QPixmap, sheet: Sheet, font: QFont) -> None:
    device: QPaintDevice = painter.device()
    strong = QFont(font)
    strong.setBold(True)
    metrics = QFontMetricsF(font, device)
    line = metrics.height() * _LINE
    rows = _rows(metrics, sheet, area.width() - line)
    painter.fillRect(area, QColor("white"))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setPen(QColor("black"))
    painter.setFont(strong)
    middle = Qt.AlignmentFlag.AlignCenter
    marking = f"{sheet.mark} · {sheet.gsc}" if sheet.mark else sheet.gsc
    for top in (area.top(), area.bottom() - line):
        painter.drawText(QRectF(area.left(), top, area.width(), line), middle, marking)
    painter.setFont(font)
    legend = _legend_rows(metrics, sheet, area.width() - line)
    below = line * (len(rows) + len(legend) + 1) + line / 2
    place = QRectF(area.left(), area.top() + line, area.width(), area.height() - line - below)
    scale = min(place.width() / picture.width(), place.height() / picture.height())
    wide, high = picture.width() * scale, picture.height() * scale
    left = place.left() + (place.width() - wide) / 2
    target = QRectF(left, place.top(), wide, high)
    painter.drawPixmap(target, picture, QRectF(picture.rect()))
    painter.drawRect(target)
    y = place.top() + high + line / 4
    left = area.left() + line / 2
    for entries in legend:
        _legend(painter, metrics, entries, left, y, line)
        y += line
    for row in rows:
        painter.drawText(
            QRectF(left, y, area.width() - line, line),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            row,
        )
        y += line


def _legend_rows(metrics: QFontMetricsF, sheet: Sheet, wide: float) -> list[list[tuple[str, str]]]:
    """Return the entries of the legend in rows of a width."""
    rows: list[list[tuple[str, str]]] = []
    x = wide
    for entry in sheet.legend:
        step = metrics.horizontalAdvance(entry[1]) + 1.7 * metrics.height() * _LINE
        if x + step > wide:
            rows.append([])
            x = 0.0
        rows[-1].append(entry)
        x += step
    return rows


def _legend(
    painter: QPainter, metrics: QFontMetricsF, entries: Sequence[tuple[str, str]],
    x: float, y: float, line: float,
) -> None:  # fmt: skip
    side = line * 0.45
    for colour, words in entries:
        wide = metrics.horizontalAdvance(words)
        painter.fillRect(QRectF(x, y + (line - side) / 2, side, side), QColor(colour))
        painter.drawText(
            QRectF(x + side * 1.5, y, wide + line, line),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            words,
        )
        x += side * 1.5 + wide + line
