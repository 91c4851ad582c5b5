"""The two small parts of a card that carry a warning: the signals and the note line."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from nas_desktop.ui.theme import AMBER, ON_AMBER, ON_WARNING, WARNING, Look

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def paint_signals(
    painter: QPainter, look: Look, signals: str, left: int, top: int, right: int
) -> int:
    """Paint the warning chip; returns where the line goes on behind it."""
    px, font = look.px, look.semibold(12)
    metrics = QFontMetrics(font)
    room = right - px(6) - left - px(10)
    # Worst first, so that what does not fit beside the VRM is the least of them.
    codes = signals.split(" ")
    while len(codes) > 1 and metrics.horizontalAdvance(" ".join(codes)) > room:
        codes.pop()
    words = " ".join(codes) + ("+" if len(codes) < len(signals.split(" ")) else "")
    chip = QRect(left, top, metrics.horizontalAdvance(words) + px(10), px(18))
    painter.fillRect(chip, QColor(WARNING))
    painter.setFont(font)
    painter.setPen(QColor(ON_WARNING))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)
    return chip.right() + px(7)


def paint_note(
    painter: QPainter, line: QRect, look: Look, words: str, font: QFont, *, is_urgent: bool
) -> None:
    """Paint the note line, an amber bar before it where it needs an eye."""
    bar = QRect(line.left(), line.top(), look.px(3), line.height())
    painter.fillRect(bar, QColor(AMBER) if is_urgent else look.color("text_2"))
    painter.setFont(font)
    painter.setPen(look.color("text"))
    painter.drawText(line.adjusted(look.px(11), 0, 0, 0), _LEFT, words)


def paint_chip(painter: QPainter, look: Look, words: str, within: QRect) -> None:
    """Paint an amber chip at the right end of a heading, cut where there is no room for it."""
    px, font = look.px, look.semibold(12)
    metrics = QFontMetrics(font)
    width = min(metrics.horizontalAdvance(words) + px(12), within.width() * 2 // 3)
    chip = QRect(within.right() - width, within.center().y() - px(10), width, px(20))
    painter.fillRect(chip, QColor(AMBER))
    painter.setFont(font)
    painter.setPen(QColor(ON_AMBER))
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width - px(12))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, shown)
