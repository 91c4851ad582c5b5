"""The PDF report of a search: laid out here page by page, on record before it has its name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter

from nas_desktop.domain.errors import Refused
from nas_desktop.services import export_place as place
from nas_desktop.services.exports import HIGHEST, ExportHead, gmt
from nas_desktop.services.searches import (
    ROWS_AT_ONCE,
    ExportDone,
    ExportFormat,
    FoundRead,
    RunningSearch,
)
from nas_desktop.ui.sheets.pdf_file import finished

MOST_PDF_ROWS = 20_000
"""Rows of one report; more belongs in a table."""

_COLUMNS = (
    ("Captured (GMT)", 0.19), ("VRM", 0.12), ("Camera alias", 0.28), ("To", 0.06),
    ("Likeness", 0.1), ("Held by", 0.2), ("Hit", 0.05),
)  # fmt: skip
_PLACED = (
    ("Captured (GMT)", 0.17), ("VRM", 0.1), ("Camera alias", 0.23), ("To", 0.05),
    ("Likeness", 0.08), ("Held by", 0.16), ("Hit", 0.04), ("Latitude, longitude", 0.17),
)  # fmt: skip
_LONGEST_WORD = 60
_DPI = 150


async def write_pdf(
    running: RunningSearch,
    asked: Path,
    recipient: str,
    *,
    with_locations: bool,
    progress: Callable[[int, int], None],
) -> ExportDone:
    """Lay out a search as PDF under a temporary name, have it recorded, and give it its name.

    Raises:
        Refused: there are more than ``MOST_PDF_ROWS`` rows, the path is taken or cannot be written
            to, the disk is full, or the node does not record it. Nothing is left then.
    """
    if running.progress.found > MOST_PDF_ROWS:
        raise Refused(
            "export_large", f"A report has at most {MOST_PDF_ROWS:,} rows.", "Export a CSV table."
        )
    number, head = await running.export_head(recipient, with_locations=with_locations)
    path = place.final_path(asked, ExportFormat.PDF, head.gsc, head.event_id)
    part = place.temporary(path)
    try:
        part.touch(mode=0o600, exist_ok=False)
        report = PdfReport(part, head)
        try:
            first = 0
            while rows := (await running.rows(first, ROWS_AT_ONCE)).rows:
                report.add(rows)
                first += len(rows)
                progress(first, max(first, head.rows))
        finally:
            report.end()
        sha256 = await asyncio.to_thread(finished, part)
        await running.record_export(number, str(path), ExportFormat.PDF, sha256)
        await asyncio.shield(asyncio.to_thread(place.give_name, part, path))
    except OSError as fault:
        raise place.refusal_of(fault) from None
    finally:
        # By now it has its name, or is not to be.
        part.unlink(missing_ok=True)
    return ExportDone(str(path), head.rows, sha256, head.gsc)


class PdfReport:
    """A4 upright; the marking stands at the top and at the bottom of every page.

    Raises:
        PermissionError: the file cannot be written.
    """

    def __init__(self, path: Path, head: ExportHead) -> None:
        self._head = head
        self._writer = QPdfWriter(str(path))
        self._writer.setResolution(_DPI)
        self._writer.setTitle(f"{head.gsc} {head.reference}")
        self._writer.setPageLayout(
            QPageLayout(
                QPageSize(QPageSize.PageSizeId.A4),
                QPageLayout.Orientation.Portrait,
                QMarginsF(15, 12, 15, 12),
                QPageLayout.Unit.Millimeter,
            )
        )
        self._painter = QPainter()
        if not self._painter.begin(self._writer):
            raise PermissionError(str(path))
        self._plain, self._strong = QFont(), QFont()
        self._plain.setPointSizeF(7)
        self._strong.setPointSizeF(7)
        self._strong.setBold(True)
        metrics = QFontMetricsF(self._plain, self._writer)
        self._line = metrics.lineSpacing() * 1.15
        self._metrics = metrics
        self._width, self._height = float(self._writer.width()), float(self._writer.height())
        self._columns = _PLACED if head.with_locations else _COLUMNS
        self.pages = 0
        self._y = 0.0
        self._is_table = False
        self._begin_page()
        self._facts()

    def add(self, rows: Sequence[FoundRead]) -> None:
        """Put rows at the end."""
        if not self._is_table:
            self._is_table = True
            self._columns_line()
        for found in rows:
            self._make_room()
            self._cells(self._cells_of(found), self._plain)

    def end(self) -> None:
        """Close the file; nothing can be added any more."""
        if self._painter.isActive():
            self._painter.end()

    # ------------------------------------------------------------------ pages

    def _begin_page(self) -> None:
        """Draw what every page has: marking, page number, who and when."""
        if self.pages:
            self._writer.newPage()
        self.pages += 1
        head, line = self._head, self._line
        foot = self._height - line
        self._text(0, 0, self._width, head.gsc, self._strong, Qt.AlignmentFlag.AlignHCenter)
        self._text(0, foot, self._width, head.gsc, self._strong, Qt.AlignmentFlag.AlignHCenter)
        said = f"Page {self.pages}"
        self._text(0, foot, self._width, said, self._plain, Qt.AlignmentFlag.AlignRight)
        who = f"{head.by}, {gmt(head.at)[:16]} GMT"
        self._text(0, foot, self._width * 0.36, who, self._plain)
        if head.gsc == HIGHEST:
            self._watermark(who)
        self._y = 2 * line
        if self._is_table:
            self._columns_line()

    def _watermark(self, words: str) -> None:
        painter, font = self._painter, QFont(self._plain)
        font.setPointSizeF(26)
        painter.save()
        painter.setFont(font)
        painter.setPen(Qt.GlobalColor.lightGray)
        painter.setOpacity(0.45)
        painter.translate(self._width / 2, self._height / 2)
        painter.rotate(-55)
        area = QRectF(-self._height / 2, -200, self._height, 400)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def _make_room(self, lines: float = 1) -> None:
        if self._y + lines * self._line > self._height - 2 * self._line:
            self._begin_page()

    def _facts(self) -> None:
        at = self._width * 0.18
        for name, value in self._head.facts:
            words = " ".join(map(_breakable, _printable(value).split()))
            area = QRectF(0, 0, self._width - at, 1e6)
            wrap = Qt.TextFlag.TextWordWrap
            high = self._metrics.boundingRect(area, int(wrap), words).height()
            self._make_room(high / self._line)
            self._text(0, self._y, at, name, self._strong)
            self._painter.setFont(self._plain)
            place_ = QRectF(at, self._y, self._width - at, high + self._line)
            self._painter.drawText(place_, int(wrap), words)
            self._y += max(high, self._line) + self._line * 0.2
        self._y += self._line

    # ------------------------------------------------------------------ rows

    def _columns_line(self) -> None:
        self._make_room(2)
        self._cells([name for name, _share in self._columns], self._strong)
        self._painter.drawLine(0, int(self._y), int(self._width), int(self._y))
        self._y += self._line * 0.2

    def _cells_of(self, found: FoundRead) -> list[str]:
        read, likeness = found.read, found.likeness
        cells = [
            gmt(read.captured_at)[:19],
            str(read.vrm),
            read.alias or str(read.camera),
            str(found.direction),
            "" if likeness is None else f"{likeness:.2f}",
            ", ".join(found.held),
            "yes" if found.has_hit else "no",
        ]
        if self._head.with_locations:
            position = read.position
            cells.append(
                "not known"
                if position is None
                else f"{position.latitude:.5f}, {position.longitude:.5f}"
            )
        return cells

    def _cells(self, cells: Sequence[str], font: QFont) -> None:
        left = 0.0
        for cell, (_name, share) in zip(cells, self._columns, strict=True):
            self._text(left, self._y, share * self._width * 0.97, cell, font)
            left += share * self._width
        self._y += self._line

    def _text(
        self,
        left: float,
        top: float,
        width: float,
        words: str,
        font: QFont,
        where: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        shown = QFontMetricsF(font, self._writer).elidedText(
            words, Qt.TextElideMode.ElideRight, width
        )
        self._painter.setFont(font)
        area = QRectF(left, top, width, self._line)
        self._painter.drawText(area, int(where | Qt.TextFlag.TextSingleLine), shown)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _breakable(word: str) -> str:
    """Let a word that no line would hold be broken, as the criteria of many marks."""
    pieces = range(0, len(word), _LONGEST_WORD)
    return "\u200b".join(word[n : n + _LONGEST_WORD] for n in pieces)
