"""Words on the map: with a rim in the ground's colour, painted once each, never over each other."""

from __future__ import annotations

import math
from collections import OrderedDict

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPixmap,
)

MOST_KEPT = 3_000
"""Words kept painted; a view has some hundred."""

LONGEST = 80
"""Characters; what is longer is cut off: names come from other systems."""

_RIM_PX = 2


class Words:
    """Paints words fast: each is kept as a picture, for a map paints the same ones over and over.

    They are text, whatever is in them: nothing is taken for markup.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str, str, float], tuple[QPixmap, float]] = (
            OrderedDict()
        )

    def forget(self) -> None:
        """Keep none: they name vehicles and cameras."""
        self._kept.clear()

    def write(
        self,
        painter: QPainter,
        words: str,
        at: QPointF,
        font: QFont,
        colours: tuple[str, str],
        *,
        is_centred: bool = False,
    ) -> None:
        """Write one line; ``at`` is the middle of its height, and its left or its middle.

        Args:
            painter: without any transform but that of the screen.
            words: plain text, one line.
            at: logical pixels.
            font: the face.
            colours: of the words and of their rim.
            is_centred: ``at`` is in the middle of the words.
        """
        if not words:
            return
        ratio = painter.device().devicePixelRatioF()
        picture, wide = self._picture(words[:LONGEST], font, colours, ratio)
        x = at.x() - (wide / 2 if is_centred else 0.0) - _RIM_PX
        y = at.y() - picture.height() / ratio / 2
        # On whole pixels of the screen: elsewhere a picture of words is blurred.
        painter.drawPixmap(QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio), picture)

    def _picture(
        self, words: str, font: QFont, colours: tuple[str, str], ratio: float
    ) -> tuple[QPixmap, float]:
        key = (words, font.key(), *colours, ratio)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        line = "".join(c if c.isprintable() else " " for c in words)
        metrics = QFontMetricsF(font)
        wide = metrics.horizontalAdvance(line)
        high = metrics.height() + 2 * _RIM_PX
        picture = QPixmap(
            max(1, math.ceil((wide + 2 * _RIM_PX) * ratio)), max(1, math.ceil(high * ratio))
        )
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        base = QPointF(_RIM_PX, _RIM_PX + metrics.ascent())
        outline = QPainterPath()
        outline.addText(base, font, line)
        stroker = QPainterPathStroker()
        stroker.setWidth(3)
        stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(stroker.createStroke(outline), QColor(colours[1]))
        painter.setFont(font)
        painter.setPen(QColor(colours[0]))
        painter.drawText(base, line)
        painter.end()
        self._kept[key] = (picture, wide)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return picture, wide


class Room:
    """Which parts of a picture are taken by words."""

    _CELL = 64

    def __init__(self) -> None:
        self._taken: dict[tuple[int, int], list[QRectF]] = {}

    def take(self, box: QRectF) -> bool:
        """Take a part, and return True; or return False if some of it is taken."""
        cells = [
            (across, down)
            for across in range(int(box.left() // self._CELL), int(box.right() // self._CELL) + 1)
            for down in range(int(box.top() // self._CELL), int(box.bottom() // self._CELL) + 1)
        ]
        if any(box.intersects(other) for cell in cells for other in self._taken.get(cell, ())):
            return False
        for cell in cells:
            self._taken.setdefault(cell, []).append(box)
        return True
