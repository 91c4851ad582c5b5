"""How a row is painted: the VRM with what differs underlined, the patch, words for the rest."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from nas_desktop.domain.matching.alignment import aligned
from nas_desktop.domain.matching.confusions import Confusions
from nas_desktop.domain.vrm import VrmGrammar
from nas_desktop.services.events import ImageKind
from nas_desktop.services.searches import FoundRead
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.search.rows_model import FOUND_ROLE, Column
from nas_desktop.ui.theme import AMBER, Look

_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _Table:
    """The confusions as a key that can be hashed by what it is."""

    def __init__(self, confusions: Confusions) -> None:
        self.confusions = confusions


@lru_cache(maxsize=4096)
def _differing(read: str, asked: str, table: _Table) -> frozenset[int]:
    places: set[int] = set()
    at = 0
    for piece, listed, cost in aligned(read, asked, table.confusions)[1]:
        if cost and piece != listed:
            # What was asked for and not read is marked where it is missing.
            places.update(range(at, at + len(piece)) or (min(at, len(read) - 1),))
        at += len(piece)
    return frozenset(places)


class MarkPainter:
    """Paints a VRM as a person writes it, with the characters that differ underlined."""

    def __init__(self, grammar: VrmGrammar, confusions: Confusions) -> None:
        self._grammar = grammar
        self._table = _Table(confusions)

    def differing(self, found: FoundRead) -> frozenset[int]:
        """Return the places of the mark that differ from what was asked for."""
        if not found.distance or not found.asked or "?" in found.asked or "*" in found.asked:
            return frozenset()
        return _differing(found.read.vrm, found.asked, self._table)

    def paint(
        self, painter: QPainter, box: QRect, look: Look, found: FoundRead, pixels: int
    ) -> None:
        """Paint at the left of a box, in the middle of its height."""
        shown = self._grammar.display(found.read.vrm)
        font = look.vrm(pixels)
        painter.setFont(font)
        painter.setPen(look.color("text"))
        painter.drawText(box, _LEFT, shown)
        places = self.differing(found)
        if not places:
            return
        metrics = QFontMetrics(font)
        at = 0
        base = box.center().y() + metrics.ascent() // 2 + look.px(3)
        for place, character in enumerate(shown):
            if character == " ":
                continue
            if at in places:
                left = box.left() + metrics.horizontalAdvance(shown[:place])
                width = metrics.horizontalAdvance(character)
                line = QRect(left, base, width - 1, look.px(3))
                painter.fillRect(line, QColor(AMBER))
                if look.tokens.outline == "#000000":
                    # Amber alone is 1.6:1 on a light ground: told by its edge too.
                    painter.fillRect(line.adjusted(0, look.px(2), 0, 1), look.color("outline"))
            at += 1


class RowDelegate(QStyledItemDelegate):
    """Paints the cells of the table of reads."""

    def __init__(self, bridge: Bridge, marks: MarkPainter, look: Look) -> None:
        super().__init__()
        self._bridge = bridge
        self._marks = marks
        self.look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(self.look.px(60), self.look.px(34))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look, box = self.look, option.rect
        painter.save()
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(box, look.color("selection" if is_chosen else "raised"))
        painter.setPen(QPen(look.color("line"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        column = index.column()
        if is_chosen and column == Column.CAPTURED:
            painter.fillRect(
                QRect(box.left(), box.top(), look.px(3), box.height() - 1), look.color("focus")
            )
        inner = box.adjusted(look.px(10), 0, -look.px(4), 0)
        found = index.data(FOUND_ROLE)
        if isinstance(found, FoundRead) and column == Column.VRM:
            self._marks.paint(painter, inner, look, found, 15)
        elif isinstance(found, FoundRead) and column == Column.PATCH:
            self._paint_patch(painter, inner, found)
        else:
            painter.setFont(look.font(13))
            painter.setPen(look.color("text"))
            words = painter.fontMetrics().elidedText(
                str(index.data() or ""), Qt.TextElideMode.ElideRight, inner.width()
            )
            painter.drawText(inner, _LEFT, words)
        painter.restore()

    def _paint_patch(self, painter: QPainter, box: QRect, found: FoundRead) -> None:
        look = self.look
        self._bridge.want([found.read], [ImageKind.PATCH])
        height = box.height() - look.px(8)
        place = QRect(box.left(), box.top() + look.px(4), min(2 * height, box.width()), height)
        images, read_id = self._bridge.images, found.read.read_id
        picture = images.scaled(
            read_id, ImageKind.PATCH, place.width(), place.height(),
            painter.device().devicePixelRatio(),
        )  # fmt: skip
        if picture is not None:
            size = picture.deviceIndependentSize().toSize()
            painter.drawPixmap(
                place.left(), place.top() + (place.height() - size.height()) // 2, picture
            )
            return
        is_known = images.why_missing(read_id, ImageKind.PATCH) is not None
        painter.setPen(QPen(look.color("line"), 1, Qt.PenStyle.DashLine))
        painter.drawRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setFont(look.font(11))
        painter.setPen(look.color("text_2"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "none" if is_known else "…")
