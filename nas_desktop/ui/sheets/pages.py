"""The words of a sheet laid out on A4, the marking in capitals at the top and foot of each page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
    QPixmap,
)

from nas_desktop.services.exports import HIGHEST
from nas_desktop.services.sheets import Section, Sheet
from nas_desktop.ui.fonts import TEXT_FACE, vrm_font

_DPI = 200
_IMAGE_HIGH = 0.16
"""Height of the pictures as a share of that of the page."""


VRM_ROWS = frozenset({"VRM", "Read", "Listed"})
"""Rows that hold a VRM: in its own face, whose 0 and O stay apart."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its words below; None is said by ``why``."""

    words: str
    pixmap: QPixmap | None
    why: str = ""


class SheetPages:
    """Writes one sheet; ``write`` pauses after every section, so that nothing waits for it.

    Raises:
        PermissionError: the file cannot be written.
    """

    def __init__(self, path: Path, sheet: Sheet, who: str) -> None:
        self._sheet, self._who = sheet, who
        self._writer = QPdfWriter(str(path))
        self._writer.setResolution(_DPI)
        self._writer.setTitle(f"{sheet.gsc} {sheet.title}")
        self._writer.setPageLayout(
            QPageLayout(
                QPageSize(QPageSize.PageSizeId.A4),
                QPageLayout.Orientation.Portrait,
                QMarginsF(16, 12, 16, 12),
                QPageLayout.Unit.Millimeter,
            )
        )
        self._painter = QPainter()
        if not self._painter.begin(self._writer):
            raise PermissionError(str(path))
        self._plain, self._strong = _font(8), _font(8, is_bold=True)
        self._head, self._large = _font(9, is_bold=True), _font(15, is_bold=True)
        self._vrm = _copied_right(vrm_font(12))
        self._vrm.setPointSizeF(10)
        self._metrics = {
            id(f): QFontMetricsF(f, self._writer)
            for f in (self._plain, self._strong, self._head, self._large, self._vrm)
        }
        self._painter.setPen(QPen(Qt.GlobalColor.black, 2))
        self._line = self._metrics[id(self._plain)].lineSpacing() * 1.2
        self._width, self._height = float(self._writer.width()), float(self._writer.height())
        self.pages = 0
        self._y = 0.0

    def write(self, pictures: Sequence[Picture] = ()) -> Iterator[None]:
        """Write it part by part."""
        self._begin_page()
        self._words(self._sheet.title, self._large, 0, self._width)
        self._y += self._line * 0.4
        if pictures:
            self._pictures(pictures)
        for section in self._sheet.sections:
            self._section(section)
            yield

    def end(self) -> None:
        """Close the file; nothing can be added any more."""
        if self._painter.isActive():
            self._painter.end()

    # ------------------------------------------------------------------ pages

    def _begin_page(self) -> None:
        if self.pages:
            self._writer.newPage()
        self.pages += 1
        middle = Qt.AlignmentFlag.AlignHCenter
        foot = self._height - self._line
        for top in (0.0, foot):
            self._place(0, top, self._width, self._sheet.gsc.upper(), self._head, middle)
        if self._sheet.mark:
            for top in (0.0, foot - self._line):
                self._boxed(top, self._sheet.mark)
        right = Qt.AlignmentFlag.AlignRight
        self._place(0, foot, self._width, f"Page {self.pages}", self._plain, right)
        left = Qt.AlignmentFlag.AlignLeft
        self._place(0, foot, self._width * 0.36, self._who, self._plain, left)
        if self._sheet.gsc == HIGHEST or self._sheet.mark:
            self._watermark()
        self._y = 2.2 * self._line

    def _boxed(self, top: float, words: str) -> None:
        metrics = self._metrics[id(self._head)]
        box = QRectF(0, top, metrics.horizontalAdvance(words) + self._line, self._line)
        self._painter.setFont(self._head)
        self._painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        self._painter.drawRect(box)

    def _watermark(self) -> None:
        painter = self._painter
        words = " · ".join(part for part in (self._sheet.mark, self._who) if part)
        painter.save()
        painter.setFont(_font(26))
        painter.setPen(Qt.GlobalColor.lightGray)
        painter.setOpacity(0.45)
        painter.translate(self._width / 2, self._height / 2)
        painter.rotate(-55)
        area = QRectF(-self._height / 2, -300, self._height, 600)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def _room(self, high: float) -> bool:
        """Begin a page where so much does not fit; True when it did."""
        if self._y + high <= self._height - 3 * self._line:
            return False
        self._begin_page()
        return True

    # ------------------------------------------------------------------ parts

    def _pictures(self, pictures: Sequence[Picture]) -> None:
        gap, high = self._line, self._height * _IMAGE_HIGH
        wide = min(self._width / 2, (self._width - gap * (len(pictures) - 1)) / len(pictures))
        self._room(high + 2 * self._line)
        for at, picture in enumerate(pictures):
            box = QRectF(at * (wide + gap), self._y, wide, high)
            self._painter.drawRect(box)
            if picture.pixmap is not None:
                size = picture.pixmap.size().toSizeF()
                scale = min(wide / size.width(), high / size.height())
                size *= scale
                left = box.left() + (wide - size.width()) / 2
                top = box.top() + (high - size.height()) / 2
                target = QRectF(left, top, size.width(), size.height())
                self._painter.drawPixmap(target, picture.pixmap, picture.pixmap.rect().toRectF())
            else:
                self._painter.setFont(self._plain)
                self._painter.drawText(box, Qt.AlignmentFlag.AlignCenter, picture.why)
            under = box.bottom() + self._line * 0.1
            self._place(
                box.left(), under, wide, picture.words, self._plain, Qt.AlignmentFlag.AlignLeft
            )
        self._y += high + 1.8 * self._line

    def _section(self, section: Section) -> None:
        self._room(3 * self._line)
        self._words(section.title.upper(), self._head, 0, self._width)
        self._painter.drawLine(0, int(self._y), int(self._width), int(self._y))
        self._y += self._line * 0.25
        column = self._width * 0.2
        for name, words in section.rows:
            left = column if name else 0.0
            font = self._vrm if name in VRM_ROWS else self._plain
            self._room(self._high_of(words, font, self._width - left))
            top = self._y
            if name:
                self._words(name, self._strong, 0, column * 0.95)
                under, self._y = self._y, top
                self._words(words, font, left, self._width - left)
                self._y = max(under, self._y)
            else:
                self._words(words, self._plain, 0, self._width)
            self._y += self._line * 0.1
        self._y += self._line * 0.6

    def _high_of(self, words: str, font: QFont, width: float) -> float:
        area = QRectF(0, 0, width, 1e6)
        flags = int(Qt.TextFlag.TextWordWrap)
        return self._metrics[id(font)].boundingRect(area, flags, _breakable(words)).height()

    def _words(self, words: str, font: QFont, left: float, width: float) -> None:
        """Write words, wrapped, a page further where they do not fit."""
        high = self._high_of(words, font, width)
        self._painter.setFont(font)
        area = QRectF(left, self._y, width, high + self._line)
        self._painter.drawText(area, int(Qt.TextFlag.TextWordWrap), _breakable(words))
        self._y += max(high, self._line)

    def _place(
        self, left: float, top: float, width: float, words: str, font: QFont, to: Qt.AlignmentFlag
    ) -> None:
        shown = self._metrics[id(font)].elidedText(words, Qt.TextElideMode.ElideRight, width)
        self._painter.setFont(font)
        area = QRectF(left, top, width, self._line)
        self._painter.drawText(area, int(to | Qt.TextFlag.TextSingleLine), shown)


def _font(points: float, *, is_bold: bool = False) -> QFont:
    font = QFont(TEXT_FACE)
    font.setPointSizeF(points)
    font.setBold(is_bold)
    return _copied_right(font)


def _copied_right(font: QFont) -> QFont:
    """Without the features of the screen: they would spoil what is copied out of the PDF."""
    for feature in ("tnum", "zero"):
        font.setFeature(QFont.Tag(feature), 0)
    return font


_LONGEST_WORD = 60


def _breakable(words: str) -> str:
    """Let a word that no line would hold be broken; line breaks stay."""
    return "\n".join(
        " ".join(
            "\u200b".join(word[n : n + _LONGEST_WORD] for n in range(0, len(word), _LONGEST_WORD))
            for word in "".join(c if c.isprintable() else " " for c in line).split()
        )
        for line in words.split("\n")
    )
