"""Paints one row of the hit list: a group heading or a card.

Words are worked out once per version of a card, symbols and images once per size; a repaint for
the ages costs a few text draws a row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import assert_never

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from nas_desktop.domain.hit import Hit
from nas_desktop.services.cards import Card, CardId, Heading
from nas_desktop.services.events import ImageKind
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import (
    note_of,
    place_line,
    reason_line,
    short_note_of,
    signal_words,
)
from nas_desktop.ui.latency_words import NOT_JUDGED, clock_doubt, late_paint_words
from nas_desktop.ui.life_words import state_words
from nas_desktop.ui.live.card_chips import paint_note, paint_signals
from nas_desktop.ui.live.heading_painter import HeadingPainter
from nas_desktop.ui.live.hit_list_model import AnyIndex, HitListModel, RowKind
from nas_desktop.ui.symbols import HitSymbol, symbol_of, symbol_pixmap
from nas_desktop.ui.text import card_age_words
from nas_desktop.ui.theme import Look

HEIGHTS = {RowKind.HEADING: 28, RowKind.CARD: 84, RowKind.CARD_WITH_NOTE: 98}
"""Row heights in logical pixels at 100 %."""

NARROW_PX = 400
"""Below this width, at 100 %, a card leaves its patch to the detail."""

MAX_BODIES = 48
"""Painted cards kept: a few screens full."""

MAX_FACES = 1_000

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignCenter


@dataclass(slots=True)
class _Face:
    """The words of a card in one version."""

    version: tuple[int, int, str, int, bool]
    hit: Hit
    symbol: HitSymbol
    tier: str
    vrm: str
    signals: str
    reason: str
    camera: str
    colour: str
    state: str
    note: str
    short_note: str
    is_urgent: bool
    since: datetime
    cut: dict[tuple[str, int], str] = field(default_factory=dict)


class HitCardDelegate(QStyledItemDelegate):
    """Paints cards for one look; told of a new one by ``set_look``."""

    def __init__(self, model: HitListModel, bridge: Bridge, look: Look) -> None:
        super().__init__()
        self._model = model
        self._bridge = bridge
        self._faces: dict[CardId, _Face] = {}
        self._bodies: dict[tuple[object, ...], QPixmap] = {}
        self.paints = 0
        self.headings = HeadingPainter(model, bridge, look)
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take over colours, fonts and lengths."""
        self.look = look
        self.headings.look = look
        self._faces.clear()
        self._bodies.clear()
        self._heights = {kind: look.px(height) for kind, height in HEIGHTS.items()}
        self._vrm_font = look.vrm(21)
        self._reason_font = look.semibold(13)
        self._small_font = look.font(12)
        self._small_bold = look.semibold(12)
        self._age_font = look.bold(16)
        self._metrics = {
            id(f): QFontMetrics(f)
            for f in (self._vrm_font, self._reason_font, self._small_font, self._small_bold)
        }

    def height_of(self, kind: RowKind) -> int:
        """Return the height of a kind of row."""
        return self._heights[kind]

    # ------------------------------------------------------------------ Qt

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(self.look.px(320), self._heights[self._model.kinds[index.row()]])

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        self.paints += 1
        row = self._model.board.row(index.row())
        area: QRect = option.rect
        match row:
            case Heading():
                self.paint_heading(painter, area, row)
            case Card():
                state = option.state
                self._paint_card(
                    painter,
                    area,
                    row,
                    is_selected=bool(state & QStyle.StateFlag.State_Selected),
                    has_focus=bool(state & QStyle.StateFlag.State_HasFocus),
                )
            case _:
                assert_never(row)

    # ------------------------------------------------------------------ inside

    def paint_heading(self, painter: QPainter, area: QRect, heading: Heading) -> None:
        """Paint the heading of a group; the view paints the sticky one with it."""
        self.headings.paint(painter, area, heading)
        self._line_below(painter, area)

    def _paint_card(
        self, painter: QPainter, area: QRect, card: Card, *, is_selected: bool, has_focus: bool
    ) -> None:
        """Paint the age on the card's body, which is kept: a new hit moves every card below it."""
        face = self._face(card)
        ratio = painter.device().devicePixelRatioF()
        patch = self._patch(face, ratio)
        image = patch if isinstance(patch, str) else patch.cacheKey()
        looks = (is_selected, has_focus and is_selected, bool(card.unacknowledged), ratio)
        key = (card.card_id, face.version, area.width(), area.height(), image, *looks)
        body = self._bodies.get(key)
        if body is None:
            body = QPixmap(area.size() * ratio)
            body.setDevicePixelRatio(ratio)
            inside = QPainter(body)
            self._paint_body(inside, area.translated(-area.topLeft()), face, patch, *looks)
            inside.end()
            if len(self._bodies) >= MAX_BODIES:
                del self._bodies[next(iter(self._bodies))]
            self._bodies[key] = body
        painter.drawPixmap(area.topLeft(), body)
        self._paint_age(painter, area, face)

    def _paint_body(
        self,
        painter: QPainter,
        area: QRect,
        face: _Face,
        patch: QPixmap | str,
        is_selected: bool,
        has_focus: bool,
        is_open: bool,
        ratio: float,
    ) -> None:
        look = self.look
        px = look.px
        ground = "selection" if is_selected else "raised" if is_open else "panel"
        painter.fillRect(area, look.color(ground))
        self._line_below(painter, area)
        if is_selected:
            bar = QRect(area.left(), area.top(), px(3), area.height())
            painter.fillRect(bar, look.color("focus" if has_focus else "text_2"))
        is_narrow = area.width() < px(NARROW_PX)
        main = QRect(area.left(), area.top(), area.width(), self._heights[RowKind.CARD])

        symbol_left = main.left() + px(8)
        if not is_narrow:
            painter.setFont(self._small_bold)
            painter.setPen(look.color("text_2"))
            tier_box = QRect(main.left() + px(7), main.top(), px(24), main.height())
            painter.drawText(tier_box, _MIDDLE, face.tier)
            symbol_left = main.left() + px(34)
        side = px(60)
        symbol = symbol_pixmap(
            face.symbol, face.hit.leading.badge, look.tokens.outline, side, ratio
        )
        painter.drawPixmap(symbol_left, main.top() + (main.height() - side) // 2, symbol)

        right = self._paint_state(painter, main, face, is_open=is_open, is_narrow=is_narrow)
        if not is_narrow:
            right = self._paint_patch(painter, main, patch, right)
        left = symbol_left + side + px(10)
        self._paint_words(painter, main, face, left, right, is_narrow=is_narrow)
        if face.note:
            line = QRect(left, area.top() + px(75), area.right() - px(12) - left, px(16))
            font = self._small_bold if face.is_urgent else self._small_font
            words = self._cut(face, face.note, font, line.width() - px(11))
            first = face.note.partition(" · ")[0]
            if face.short_note and self._cut(face, first, font, line.width() - px(11)) != first:
                words = face.short_note
            paint_note(painter, line, look, words, font, is_urgent=face.is_urgent)

    def _paint_age(self, painter: QPainter, area: QRect, face: _Face) -> None:
        px = self.look.px
        age = (self._bridge.clock.now() - face.since).total_seconds()
        painter.setFont(self._age_font)
        painter.setPen(self.look.color("text"))
        box = QRect(area.right() - px(11) - px(62), area.top() + px(14), px(62), px(22))
        painter.drawText(box, _RIGHT, card_age_words(age))

    def _paint_state(
        self, painter: QPainter, main: QRect, face: _Face, *, is_open: bool, is_narrow: bool
    ) -> int:
        """Paint colour and state at the right, below the age; returns where they begin."""
        look = self.look
        px = look.px
        width = px(62)
        left = main.right() - px(11) - width
        # Where the card is narrow the tier has no column of its own and takes the colour's place.
        second = face.tier if is_narrow else face.colour
        painter.setFont(self._small_font)
        painter.setPen(look.color("text_2"))
        painter.drawText(
            QRect(left, main.top() + px(36), width, px(16)),
            _RIGHT,
            self._cut(face, second, self._small_font, width),
        )
        line = QRect(left, main.top() + px(53), width, px(16))
        painter.setFont(self._small_bold if is_open else self._small_font)
        painter.setPen(look.color("text") if is_open else look.color("text_2"))
        painter.drawText(line, _RIGHT, face.state)
        if is_open:
            words = QFontMetrics(self._small_bold).horizontalAdvance(face.state)
            dot = px(8)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("text"))
            painter.drawEllipse(
                line.right() - words - dot - px(4), line.center().y() - dot // 2 + 1, dot, dot
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
        return left

    def _patch(self, face: _Face, ratio: float) -> QPixmap | str:
        """Return the patch at the size of a card, or why there is none."""
        read_id = face.hit.read.read_id
        px, images = self.look.px, self._bridge.images
        found = images.scaled(read_id, ImageKind.PATCH, px(104), px(52), ratio)
        if found is not None:
            return found
        return images.why_missing(read_id, ImageKind.PATCH) or "image asked for"

    def _paint_patch(self, painter: QPainter, main: QRect, patch: QPixmap | str, right: int) -> int:
        look = self.look
        px = look.px
        box = QRect(right - px(8) - px(104), main.top() + px(16), px(104), px(52))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("ground"))
        painter.drawRoundedRect(box, px(3), px(3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if isinstance(patch, str):
            painter.setFont(look.font(11))
            painter.setPen(look.color("text_2"))
            wrapped = int(_MIDDLE) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(box.adjusted(px(4), 0, -px(4), 0), wrapped, patch)
        else:
            size = patch.deviceIndependentSize().toSize()
            painter.drawPixmap(
                box.left() + (box.width() - size.width()) // 2,
                box.top() + (box.height() - size.height()) // 2,
                patch,
            )
        return box.left()

    def _paint_words(
        self,
        painter: QPainter,
        main: QRect,
        face: _Face,
        left: int,
        right: int,
        *,
        is_narrow: bool,
    ) -> None:
        look = self.look
        px = look.px
        width = right - px(8) - left
        advance = self._metrics[id(self._vrm_font)].horizontalAdvance(face.vrm)
        font = self._vrm_font
        # A VRM is never cut: a long foreign one is written smaller.
        if advance > width:
            font = look.vrm(max(9, 21 * width // advance))
            advance = QFontMetrics(font).horizontalAdvance(face.vrm)
        painter.setFont(font)
        painter.setPen(look.color("text"))
        top = main.top() + px(11)
        painter.drawText(QRect(left, top, width, px(28)), _LEFT, face.vrm)
        third = left
        if face.signals:
            beside = left + advance + px(10)
            first = self._metrics[id(self._small_bold)].horizontalAdvance(
                face.signals.partition(" ")[0]
            )
            if right - px(6) - beside >= max(px(40), first + px(10)) and not is_narrow:
                paint_signals(painter, look, face.signals, beside, top + px(5), right)
            else:
                third = paint_signals(painter, look, face.signals, left, main.top() + px(55), right)
        painter.setFont(self._reason_font)
        painter.setPen(look.color("text"))
        painter.drawText(
            QRect(left, main.top() + px(38), width, px(18)),
            _LEFT,
            self._cut(face, face.reason, self._reason_font, width),
        )
        painter.setFont(self._small_font)
        painter.setPen(look.color("text_2"))
        room = right - px(8) - third
        painter.drawText(
            QRect(third, main.top() + px(56), room, px(17)),
            _LEFT,
            self._cut(face, face.camera, self._small_font, room),
        )

    def _line_below(self, painter: QPainter, area: QRect) -> None:
        width = self.look.tokens.line_px
        painter.setPen(QPen(self.look.color("line"), width))
        painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _cut(self, face: _Face, words: str, font: QFont, width: int) -> str:
        found = face.cut.get(key := (words, width))
        if found is None:
            if len(face.cut) > 12:
                face.cut.clear()
            found = self._metrics[id(font)].elidedText(words, Qt.TextElideMode.ElideRight, width)
            face.cut[key] = found
        return found

    def _face(self, card: Card) -> _Face:
        model = self._model
        operator = model.board.operator
        now = self._bridge.clock.now()
        # By the day: an entry's window closes at midnight without anybody saying so.
        today = now.astimezone(UTC).toordinal()
        doubt = clock_doubt(self._bridge.state)
        versions = model.versions.get(card.card_id, 0)
        version = (versions, len(card.hits), operator, today, bool(doubt))
        face = self._faces.get(card.card_id)
        if face is not None and face.version == version:
            return face
        hit = card.foremost
        late_paint = late_paint_words(hit, card.lives[hit.hit_id])
        if late_paint and doubt:
            late_paint = NOT_JUDGED
        note, is_urgent = note_of(card, model.spec, operator, now, late_paint)
        face = _Face(
            version=version,
            hit=hit,
            symbol=symbol_of(hit, now),
            tier=card.tier.value if card.tier else "",
            vrm=model.spec.grammar.display(card.vrm),
            signals="EXERCISE" if hit.is_exercise else signal_words(hit, model.spec)[0],
            reason=reason_line(hit),
            camera=place_line(hit),
            colour=hit.leading.entry.colour.capitalize(),
            state=state_words(card, operator),
            note=note,
            short_note=short_note_of(card, now),
            is_urgent=is_urgent,
            since=hit.read.effective_at,
        )
        if len(self._faces) > MAX_FACES:
            self._faces.clear()
        self._faces[card.card_id] = face
        return face
