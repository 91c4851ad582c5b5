"""Read over listed, character by character, with what differs marked by shape and colour."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from nas_desktop.domain.hit import HitReason, MatchClass
from nas_desktop.domain.matching import Confusions
from nas_desktop.domain.matching.explain import Column, ColumnKind, Explanation, explain
from nas_desktop.domain.read import Read
from nas_desktop.services.resources import load_match_rules
from nas_desktop.ui.card_words import match_words
from nas_desktop.ui.theme import AMBER, ON_AMBER, Look

_MIDDLE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

ROW_PX, MARK_PX = 28, 14
"""Height of a row of characters, and of the marks between the two rows, at 100 %."""

_MARKS = {
    ColumnKind.SAME: "",
    ColumnKind.GLYPH: "≈",
    ColumnKind.CONFUSED: "≠",
    ColumnKind.DIFFERENT: "≠",
    ColumnKind.INSERTED: "+",
    ColumnKind.MISSING: "−",
    ColumnKind.WILDCARD: "∗",
}


@cache
def _confusions() -> Confusions:
    return load_match_rules().confusions


class MatchRowsView(QWidget):
    """The two rows of characters, painted."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self.updateGeometry()
        self.update()

    def show_columns(self, columns: tuple[Column, ...]) -> None:
        """Show an alignment."""
        self._columns = columns
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._look.px(200), self._look.px(2 * ROW_PX + MARK_PX) + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._look.px(120), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, px = self._look, self._look.px
        label, gap, row, mark = px(62), px(3), px(ROW_PX), px(MARK_PX)
        painter.setFont(look.semibold(12))
        painter.setPen(look.color("text_2"))
        painter.drawText(QRect(0, 0, label, row), _LEFT, "read")
        painter.drawText(QRect(0, row + mark, label, row), _LEFT, "listed")
        # Two characters that stand for one take the room of two.
        places = sum(max(1, len(c.read), len(c.listed)) for c in self._columns)
        room = self.width() - label - places * gap
        cell = max(px(9), min(px(29), room // max(1, places)))
        left = label
        for column in self._columns:
            wide = max(1, len(column.read), len(column.listed))
            width = wide * cell + (wide - 1) * gap
            self._paint_cell(painter, QRect(left, 0, width, row), column.read, column.kind, cell)
            listed = QRect(left, row + mark, width, row)
            self._paint_cell(painter, listed, column.listed, column.kind, cell)
            painter.setFont(look.bold(12))
            painter.setPen(look.color("text"))
            painter.drawText(QRect(left, row, width, mark), _MIDDLE, _MARKS[column.kind])
            left += width + gap

    def _paint_cell(
        self, painter: QPainter, area: QRect, words: str, kind: ColumnKind, cell: int
    ) -> None:
        look, px = self._look, self._look.px
        box = QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5)
        differs = kind not in (ColumnKind.SAME, ColumnKind.WILDCARD)
        ground, ink = look.color("raised"), look.color("text")
        pen = QPen(look.color("line"), look.tokens.line_px)
        if differs:
            ground, ink = QColor(AMBER), QColor(ON_AMBER)
            pen = QPen(ink, 2)
        elif kind is ColumnKind.WILDCARD:
            pen = QPen(look.color("text_2"), 1.5, Qt.PenStyle.DashLine)
        painter.setBrush(ground)
        painter.setPen(pen)
        painter.drawRoundedRect(box, px(3), px(3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setFont(look.vrm(17 if cell >= px(24) else 11))
        painter.setPen(ink)
        painter.drawText(box, _MIDDLE, words)
        if differs:
            # A bar under the character: it is found without any colour too.
            painter.fillRect(
                QRectF(box.left() + px(5), box.bottom() - px(5), box.width() - px(10), px(2)), ink
            )


class ReadOverListed(QWidget):
    """Why a read matched: the rows where they differ, and the sentence."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.rows = MatchRowsView(look)
        self.words = QLabel()
        self.words.setObjectName("matchWords")
        self.words.setProperty("role", "second")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(self.rows)
        layout.addWidget(self.words)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.rows.set_look(look)

    def show_match(self, read: Read, reason: HitReason) -> None:
        """Show how this read agrees with this entry."""
        is_exact = reason.match_class is MatchClass.EXACT and read.vrm == reason.entry.vrm
        self.rows.setVisible(not is_exact)
        if is_exact:
            said = f"read = listed, {match_words(reason, read)}"
        else:
            found = explanation_of(read, reason)
            self.rows.show_columns(found.columns)
            said = explained_words(found, reason, read)
        self.words.setText(f"{said[0].upper()}{said[1:]}" if not is_exact else said)
        self.setAccessibleName(f"Read {read.vrm}, listed {reason.entry.vrm}: {said}")


def explanation_of(read: Read, reason: HitReason) -> Explanation:
    """Return why a read matched an entry; also for a wildcard that the mark does not fit."""
    try:
        return explain(str(read.vrm), reason.entry, reason.match_class, _confusions())
    except ValueError:
        # An entry changed under its hit: shown as two marks that differ.
        return explain(str(read.vrm), reason.entry, MatchClass.MISREAD, _confusions())


def explained_words(found: Explanation, reason: HitReason, read: Read) -> str:
    """Return class, figures and sentence as one text."""
    head = match_words(reason, read)
    if reason.match_class is MatchClass.MISREAD:
        camera = "" if read.confidence is None else f" · camera confidence {read.confidence} %"
        distance = reason.distance or found.distance
        head = (
            f"possible misread, match confidence {reason.confidence} %, "
            f"distance {distance:.2f}{camera}"
        )
    return f"{head}. {found.words}"
