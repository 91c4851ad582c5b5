"""The chain from the cameras to this desk and beyond, every hop in shape, word and figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from nas_desktop.services.events import HopState, HopStatus, NodeState, PncStatus
from nas_desktop.ui.icons import icon_pixmap
from nas_desktop.ui.latency_words import short_figure
from nas_desktop.ui.pnc_words import pnc_hop_words
from nas_desktop.ui.text import BEYOND, WAY, HopWords, Tone, hop_name, hop_words
from nas_desktop.ui.theme import AMBER, ON_AMBER, ON_RED, RED, Look

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

_ICONS = {Tone.GOOD: "check", Tone.AMBER: "triangle-alert", Tone.RED: "x"}


@dataclass(slots=True)
class _Piece:
    """One drawn piece: an arrow (no hop), or a hop."""

    hop: HopWords | None
    gap: int
    area: QRect


def _words_of(
    hop: HopState, state: NodeState, now: datetime, age_s: float, *, is_old: bool
) -> HopWords:
    is_pnc = hop_name(hop.name) == "PNC" and state.pnc.status is not PncStatus.NOT_CONFIGURED
    if is_pnc and not is_old:
        return pnc_hop_words(state.pnc, hop, now, age_s)
    return hop_words(hop, now, age_s, is_old=is_old)


class ChainView(QWidget):
    """Wraps onto further lines where the width is short; never leaves a hop out."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("chainBar")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._hops: list[HopWords] = []
        self._figures = ""
        self._pieces: list[_Piece] = []
        self._lines = 1
        self._is_old = False
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.look = look
        self._bold = QFontMetrics(look.semibold(12))
        self._plain = QFontMetrics(look.font(12))
        self._arrange()

    def show_state(
        self, state: NodeState | None, now: datetime, age_s: float, *, is_old: bool
    ) -> None:
        """Show what the node last said; ``is_old`` greys it without hiding it."""
        if state is None:
            self._hops, self._figures = [], ""
        else:
            hops = [_words_of(hop, state, now, age_s, is_old=is_old) for hop in state.hops]
            if not any(hop.name == "PNC" for hop in hops) and state.pnc.since is not None:
                pnc = HopState("pnc", HopStatus.LIVE, state.pnc.since)
                hops.append(_words_of(pnc, state, now, age_s, is_old=is_old))
            way = [h for h in hops if h.name not in BEYOND and h.name != "This desk"]
            way.sort(key=lambda h: WAY.index(h.name) if h.name in WAY else len(WAY))
            here = HopWords("This desk", "", "", Tone.QUIET, f"{state.node_name} ({state.role})")
            self._hops = [*way, here, *(h for h in hops if h.name in BEYOND)]
            hits = "hit" if state.hits_10_min == 1 else "hits"
            latency = short_figure(state)
            self._figures = f"load {state.hits_10_min:,} {hits} / 10 min · {latency}"
        self._is_old = is_old
        spoken = ", ".join(" ".join(filter(None, (h.name, h.state, h.figure))) for h in self._hops)
        self.setAccessibleName(f"Link chain: {spoken}")
        self._arrange()

    def _arrange(self) -> None:
        """Work out where every piece stands."""
        px = self.look.px
        x, line, height = px(12), 0, px(33)
        self._pieces = []
        width = max(self.width(), px(200))
        for at, hop in enumerate(self._hops):
            room = self._width_of(hop)
            is_beyond = hop.name in BEYOND
            starts_beyond = is_beyond and self._hops[at - 1].name not in BEYOND
            gap = 0 if at == 0 else px(28) if starts_beyond else px(12) if is_beyond else px(24)
            if x + gap + room > width - px(12) and at:
                line, x, gap = line + 1, px(12), 0
            area = QRect(x + gap, line * height, room, height)
            self._pieces.append(_Piece(hop, gap, area))
            x = area.right() + 1
        if line + 1 != self._lines:
            self._lines = line + 1
            self.updateGeometry()
        self.update()

    def _width_of(self, hop: HopWords) -> int:
        px = self.look.px
        words = f"{hop.name} {hop.state}".strip()
        width = self._bold.horizontalAdvance(words)
        if hop.figure:
            width += px(6) + self._plain.horizontalAdvance(hop.figure)
        if hop.tone in _ICONS:
            width += px(19)
        return width + (px(16) if hop.tone in (Tone.AMBER, Tone.RED) else 0)

    # ------------------------------------------------------------------ Qt

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(400), self._lines * self.look.px(33) + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.look.px(200), self._lines * self.look.px(33) + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip_at(event.pos()), self)
            return True
        return super().event(event)

    def _tip_at(self, point: QPoint) -> str:
        for piece in self._pieces:
            if piece.hop is not None and piece.area.contains(point):
                return piece.hop.tip
        return ""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look, px = self.look, self.look.px
        painter.fillRect(self.rect(), look.color("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.color("line"))
        if not self._hops:
            painter.setFont(look.font(12))
            painter.setPen(look.color("text_2"))
            painter.drawText(
                self.rect().adjusted(px(12), 0, 0, 0),
                _LEFT,
                "Waiting for the first report of this desk’s node",
            )
            return
        ratio = self.devicePixelRatioF()
        for at, piece in enumerate(self._pieces):
            hop = piece.hop
            assert hop is not None
            is_beyond = hop.name in BEYOND
            if at and not is_beyond and piece.gap:
                arrow = icon_pixmap("chevron-right", look.tokens.text_2, px(14), ratio)
                painter.drawPixmap(
                    piece.area.left() - px(19), piece.area.center().y() - px(7), arrow
                )
            elif at and is_beyond and piece.gap > px(20):
                middle = piece.area.left() - piece.gap // 2
                painter.fillRect(middle, piece.area.top() + px(9), 1, px(15), look.color("line"))
            self._paint_hop(painter, piece.area, hop, ratio)
        self._paint_figures(painter)

    def _paint_hop(self, painter: QPainter, area: QRect, hop: HopWords, ratio: float) -> None:
        look, px = self.look, self.look.px
        name_ink, figure_ink = look.color("text"), look.color("text_2")
        icon_ink = look.tokens.text
        x = area.left()
        if self._is_old:
            name_ink, icon_ink = figure_ink, look.tokens.text_2
        if hop.tone in (Tone.AMBER, Tone.RED):
            chip = area.adjusted(0, px(5), 0, -px(5))
            fill, ink = (AMBER, ON_AMBER) if hop.tone is Tone.AMBER else (RED, ON_RED)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(fill))
            painter.drawRoundedRect(chip, px(3), px(3))
            name_ink = figure_ink = QColor(ink)
            icon_ink = ink
            x += px(8)
        if hop.tone in _ICONS:
            size = px(14)
            mark = icon_pixmap(_ICONS[hop.tone], icon_ink, size, ratio)
            painter.drawPixmap(x, area.center().y() - size // 2, mark)
            x += px(19)
        painter.setFont(look.semibold(12))
        painter.setPen(name_ink)
        words = f"{hop.name} {hop.state}".strip()
        painter.drawText(QRect(x, area.top(), area.width(), area.height()), _LEFT, words)
        if hop.figure:
            x += self._bold.horizontalAdvance(words) + px(6)
            painter.setFont(look.font(12))
            painter.setPen(figure_ink)
            painter.drawText(QRect(x, area.top(), area.width(), area.height()), _LEFT, hop.figure)

    def _paint_figures(self, painter: QPainter) -> None:
        """The load at the right, where the last line leaves room; it is in the plots as well."""
        look, px = self.look, self.look.px
        width = self._plain.horizontalAdvance(self._figures)
        last = self._pieces[-1].area
        left = self.width() - px(12) - width
        if left < last.right() + px(24):
            return
        painter.setFont(look.font(12))
        painter.setPen(look.color("text_2"))
        painter.drawText(QRect(left, last.top(), width + 2, last.height()), _LEFT, self._figures)
