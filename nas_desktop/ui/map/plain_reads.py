"""Reads of an answer on the plain map: dots by the half million, counted circles, heat."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, qRgba

from nas_desktop.services.point_colours import ColourBy
from nas_desktop.ui.map.map_colours import GROUND, hue_colours
from nas_desktop.ui.map.plain_plane import Plane
from nas_desktop.ui.map.plain_text import Words
from nas_desktop.ui.map.scene import Reads, Way
from nas_desktop.ui.theme import Look, ThemeName

CELL_PX = 58
"""Reads in a square of this side become one circle."""

MANY = 100_000
"""From here on dots are smaller."""

HEAT_STEP_PX, HEAT_BLUR_PX = 4, 16
"""Side of a cell of heat, and how far a read warms."""

# One hue from dark to bright: saturated colours are kept for hits.
_HEAT = ((0.0, "#274C6B"), (0.2, "#274C6B"), (0.45, "#3D7EA6"), (0.7, "#7FB3E6"), (1.0, "#F2F7FB"))
# On light ground the other way round, or most would look like none.
_HEAT_ON_LIGHT = ((0.0, "#7FB3E6"), (0.3, "#6FA3D2"), (0.6, "#4B86B4"), (1.0, "#27527A"))
_HEAT_FROM, _HEAT_MOST_ALPHA = 0.02, 235


@dataclass(frozen=True, slots=True)
class _Held:
    """Reads in the order in which they are drawn: the last lies on top."""

    rows: NDArray[np.int64]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    value: NDArray[np.uint8]
    by: ColourBy


class ReadsPainter:
    """Paints reads; what does not change with the view is found once."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._held: _Held | None = None
        self._shown: NDArray[np.bool_] | None = None

    def take(self, reads: Reads | None) -> None:
        """Take over other reads, or other colours; None forgets all."""
        if reads is None:
            self._held = self._shown = None
            return
        points = reads.points
        fixed = np.flatnonzero(points.has_fix & np.isfinite(points.world[0]))
        hues = np.minimum(reads.hues[fixed], 250).astype(np.uint8)
        # What is later lies on top, and of cameras or vehicles the named ones: what all others
        # share must not hide them. 0 stays for no read at all.
        value = hues + 1 if reads.by is ColourBy.TIME else 252 - hues
        order = np.argsort(value, kind="stable")
        rows = fixed[order]
        x, y = points.world
        self._held = _Held(rows, x[rows], y[rows], value[order], reads.by)
        self.take_span(reads)

    def take_span(self, reads: Reads | None) -> None:
        """Take over another span of time."""
        mask = reads.mask if reads is not None else None
        held = self._held
        self._shown = mask[held.rows] if mask is not None and held is not None else None

    @property
    def count(self) -> int:
        """How many reads are drawn, in the view or beyond it."""
        if self._held is None:
            return 0
        shown = self._shown
        return len(self._held.x) if shown is None else int(np.count_nonzero(shown))

    def paint(
        self, painter: QPainter, plane: Plane, look: Look, reads: Reads, ratio: float
    ) -> None:
        """Paint the reads in the way that is chosen."""
        if self._held is None:
            return
        if reads.way is Way.DOTS:
            image = self.dots(plane, look, ratio)
            if image is not None:
                painter.drawImage(QPointF(0, 0), image)
        elif reads.way is Way.CIRCLES:
            self._paint_circles(painter, plane, look)
        else:
            self._paint_heat(painter, plane, look)

    def _spots(self, plane: Plane, ratio: float) -> tuple[
        NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]
    ]:  # fmt: skip
        """Return pixels of the screen, and values, of what is in the view and in the span."""
        held = self._held
        assert held is not None
        west, north, east, south = plane.wider(8).edges()
        inside = (held.x >= west) & (held.x <= east) & (held.y >= north) & (held.y <= south)
        if self._shown is not None:
            inside &= self._shown
        rows = np.flatnonzero(inside)
        scale = plane.scale * ratio
        # 64 bits: at the closest zoom 32 are half a pixel wrong.
        x = (held.x[rows] * np.float64(scale) + plane.dx * ratio).astype(np.int32)
        y = (held.y[rows] * np.float64(scale) + plane.dy * ratio).astype(np.int32)
        return x, y, held.value[rows]

    # ------------------------------------------------------------------ dots

    def dots(self, plane: Plane, look: Look, ratio: float) -> QImage | None:
        """Return all dots of a view as one picture, or None where there is none."""
        held = self._held
        if held is None:
            return None
        x, y, value = self._spots(plane, ratio)
        least = 1.0 if self.count > MANY else 1.5
        half = max(1, round(least * ratio * max(1.0, look.scale)))
        wide, high = math.ceil(plane.width * ratio), math.ceil(plane.height * ratio)
        inside = (x >= half) & (y >= half) & (x < wide - half) & (y < high - half)
        row = -(-wide // 4) * 4  # lines of a picture of bytes begin at multiples of four
        pixels = np.zeros((high, row), np.uint8)
        pixels.reshape(-1)[y[inside] * row + x[inside]] = value[inside]
        image = QImage(_grown(pixels, half).data, wide, high, row, QImage.Format.Format_Indexed8)
        image.setColorTable(self._table(look, held.by))
        image = image.copy()  # the picture outlives the array
        image.setDevicePixelRatio(ratio)
        return image

    def _table(self, look: Look, by: ColourBy) -> list[int]:
        colours = [QColor(name).rgba() for name in hue_colours(by, look)]
        table = [colours[-1]] * 256
        for number, colour in enumerate(colours):
            table[number + 1 if by is ColourBy.TIME else 252 - number] = colour
        table[0] = qRgba(0, 0, 0, 0)
        return table

    # ------------------------------------------------------------------ circles

    def _paint_circles(self, painter: QPainter, plane: Plane, look: Look) -> None:
        x, y, _value = self._spots(plane, 1.0)
        if not len(x):
            return
        cell = CELL_PX * look.scale
        # Cells are counted from a point of the world: circles do not dance while the map is moved.
        across = np.floor((x - plane.dx) / cell).astype(np.int64)
        down = np.floor((y - plane.dy) / cell).astype(np.int64)
        across -= across.min()
        down -= down.min()
        cells = down * (int(across.max()) + 1) + across
        many = np.bincount(cells)
        used = np.flatnonzero(many)
        middle_x = np.bincount(cells, x)[used] / many[used]
        middle_y = np.bincount(cells, y)[used] / many[used]
        colours = GROUND[look.name]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.semibold(11))
        pen, text = QPen(look.color("outline"), 1.5), QColor(colours["circleText"])
        painter.setBrush(QColor(colours["circle"]))
        for px, py, count in zip(
            middle_x.tolist(), middle_y.tolist(), many[used].tolist(), strict=True
        ):
            wide = look.scale * (4 if count == 1 else min(27.0, 9 + 3.4 * math.log10(count)))
            painter.setPen(pen)
            painter.drawEllipse(QPointF(px, py), wide, wide)
            if count > 1:
                words = str(count) if count < 10_000 else f"{round(count / 1000)} k"
                painter.setPen(text)
                box = QRectF(px - 40, py - 20, 80, 40)
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)

    # ------------------------------------------------------------------ heat

    def _paint_heat(self, painter: QPainter, plane: Plane, look: Look) -> None:
        x, y, _value = self._spots(plane, 1.0)
        wide = math.ceil(plane.width / HEAT_STEP_PX)
        high = math.ceil(plane.height / HEAT_STEP_PX)
        across, down = x // HEAT_STEP_PX, y // HEAT_STEP_PX
        inside = (across >= 0) & (down >= 0) & (across < wide) & (down < high)
        cells = down[inside].astype(np.int64) * wide + across[inside]
        counts = np.bincount(cells, minlength=wide * high).reshape(high, wide)
        # Most places have few reads and a few have very many: the logarithm shows both.
        heat = _blurred(np.log1p(counts), HEAT_BLUR_PX // HEAT_STEP_PX)
        most = float(heat.max()) if heat.size else 0.0
        if most <= 0:
            return
        level = (np.clip(heat / most, 0, 1) * 255).astype(np.uint8)
        row = -(-wide // 4) * 4
        pixels = np.zeros((high, row), np.uint8)
        pixels[:, :wide] = level
        image = QImage(pixels.data, wide, high, row, QImage.Format.Format_Indexed8)
        image.setColorTable(_heat_table(is_light=look.name is ThemeName.LIGHT))
        whole = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(0, 0, wide * HEAT_STEP_PX, high * HEAT_STEP_PX), whole)


def _grown(pixels: NDArray[np.uint8], half: int) -> NDArray[np.uint8]:
    """Return a picture whose every dot is a square; of two that meet the greater number stays."""
    wide = pixels.copy()
    for step in range(1, half + 1):
        np.maximum(wide[:, step:], pixels[:, :-step], out=wide[:, step:])
        np.maximum(wide[:, :-step], pixels[:, step:], out=wide[:, :-step])
    whole = wide.copy()
    for step in range(1, half + 1):
        np.maximum(whole[step:], wide[:-step], out=whole[step:])
        np.maximum(whole[:-step], wide[step:], out=whole[:-step])
    return whole


def _blurred(cells: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Return cells spread over their neighbours: thrice a box is as good as a bell."""
    for _ in range(3):
        for _ in range(2):
            sums = np.pad(np.cumsum(cells, axis=1), ((0, 0), (reach + 1, reach)), mode="edge")
            sums[:, : reach + 1] = 0.0
            cells = ((sums[:, 2 * reach + 1 :] - sums[:, : -2 * reach - 1]) / (2 * reach + 1)).T
    return cells


def _heat_table(*, is_light: bool) -> list[int]:
    steps = _HEAT_ON_LIGHT if is_light else _HEAT
    places = [place for place, _name in steps]
    parts = [QColor(name) for _place, name in steps]
    t = np.linspace(0, 1, 256)
    red, green, blue = (
        np.interp(t, places, values)
        for values in (
            [c.red() for c in parts], [c.green() for c in parts], [c.blue() for c in parts]
        )
    )  # fmt: skip
    alpha = np.interp(t, [0, _HEAT_FROM, 0.35, 1], [0, 0, 190, _HEAT_MOST_ALPHA])
    return [
        qRgba(int(r), int(g), int(b), int(a))
        for r, g, b, a in zip(red, green, blue, alpha, strict=True)
    ]
