"""Paints the headings of the hit list: what the group is, how many, and how it opens."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from nas_desktop.services.cards import FOLDING, Group, Heading
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import heading_words
from nas_desktop.ui.live.card_chips import paint_chip
from nas_desktop.ui.live.hit_list_model import HitListModel
from nas_desktop.ui.theme import Look

NARROW_PX = 400
"""Below this width, at 100 %, a heading says only what it must."""

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class HeadingPainter:
    """Paints for one look; told of a new one by ``look``."""

    def __init__(self, model: HitListModel, bridge: Bridge, look: Look) -> None:
        self._model = model
        self._bridge = bridge
        self.look = look

    def paint(self, painter: QPainter, area: QRect, heading: Heading) -> None:
        """Paint the heading of a group."""
        look, board, group = self.look, self._model.board, heading.group
        painter.fillRect(area, look.color("panel"))
        inner = area.adjusted(look.px(12), 0, -look.px(12), 0)
        painter.setFont(look.semibold(12))
        painter.setPen(look.color("text_2"))
        words = heading_words(group, board.count(group))
        if group in FOLDING:
            words = f"{'▾' if board.is_open(group) else '▸'} {words}"
        if group is Group.FLOODED:
            words += "".join(f" · {tier} {n:,}" for tier, n in board.folded_by_tier().items())
        painter.drawText(inner, _LEFT, words)
        if group is Group.POSSIBLE:
            self._paint_possible_hint(painter, inner, words)
        elif group is Group.FLOODED:
            key = "G folds" if board.is_open(group) else "G opens"
            if inner.width() - painter.fontMetrics().horizontalAdvance(words + key) > look.px(16):
                painter.drawText(inner, _RIGHT, key)
        elif group is Group.UNACKNOWLEDGED and self._model.flood_words:
            paint_chip(painter, look, self._model.flood_words, inner)
        elif group is Group.UNACKNOWLEDGED and area.width() >= look.px(NARROW_PX):
            painter.drawText(inner, _RIGHT, "by tier, newest first")

    def _paint_possible_hint(self, painter: QPainter, inner: QRect, heading: str) -> None:
        """Say how the misreads are shown, and that there are more than may be, where there are."""
        state, metrics = self._bridge.state, painter.fontMetrics()
        key = "M hides them" if self._model.board.is_unfolded else "M shows them"
        room = inner.width() - metrics.horizontalAdvance(f"{heading}{key} · ") - self.look.px(16)
        if state is not None and state.possible_misreads and room > self.look.px(60):
            more = state.possible_misreads
            key = f"{metrics.elidedText(more, Qt.TextElideMode.ElideRight, room)} · {key}"
        painter.drawText(inner, _RIGHT, key)
