"""When the reads were captured: a bar a span; brushing over bars narrows the question's time."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolTip

from nas_desktop.services.searches import Bucket
from nas_desktop.ui.search.search_words import span_words
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look


class Timeline(pg.PlotWidget):
    """Bars over the time asked for, the brushed ones in the colour of the focus.

    Signals:
        brushed(datetime, datetime): the question's time is to be narrowed to this span.
        bar_chosen(datetime, datetime): the rows of one bar are to be shown.
    """

    brushed = Signal(object, object)
    bar_chosen = Signal(object, object)

    def __init__(self, look: Look) -> None:
        super().__init__(enableMenu=False)
        self.setAccessibleName("Timeline of the reads")
        self.setToolTip(
            "Drag over bars to narrow the time, click one to go to its rows."
            " Keys: ← → choose, Shift extends, Return narrows"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseEnabled(x=False, y=False)
        self.hideAxis("left")
        self.hideAxis("bottom")
        self.hideButtons()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.getPlotItem().setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._buckets: tuple[Bucket, ...] = ()
        self._width_s = 1.0
        self._span: tuple[int, int] | None = None
        self._anchor: int | None = None
        self._bars = pg.BarGraphItem(x=[], height=[], width=1)
        self._line = pg.InfiniteLine(angle=90)
        self._line.hide()
        self.addItem(self._bars)
        self.addItem(self._line)
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.look = look
        self.setFixedHeight(look.px(62))
        self.setBackground(look.color("panel"))
        self._line.setPen(pg.mkPen(look.color("text"), width=2, style=Qt.PenStyle.DashLine))
        self._draw()

    # ------------------------------------------------------------------ showing

    def show_buckets(self, buckets: tuple[Bucket, ...], width_s: float) -> None:
        """Show these bars; the brushed span is kept as long as the bars are the same in number."""
        if len(buckets) != len(self._buckets):
            self._span = None
        self._buckets, self._width_s = buckets, max(1.0, width_s)
        total = sum(bucket.count for bucket in buckets)
        self.setAccessibleDescription(f"{several(total, 'read')} in {len(buckets)} bars")
        self._draw()

    @property
    def has_bars(self) -> bool:
        """True when there is something to show."""
        return bool(self._buckets)

    def mark(self, at: datetime | None) -> None:
        """Show where the chosen read stands."""
        self._line.setVisible(at is not None and bool(self._buckets))
        if at is not None and self._buckets:
            self._line.setValue((at - self._buckets[0].at).total_seconds() / self._width_s)

    def _draw(self) -> None:
        look, count = self.look, len(self._buckets)
        if not count:
            self._bars.setOpts(x=[], height=[], width=1)
            return
        chosen = range(self._span[0], self._span[1] + 1) if self._span else range(0)
        quiet, bright = look.color("text_3"), look.color("focus")
        heights = [bucket.count for bucket in self._buckets]
        self._bars.setOpts(
            x=[at + 0.5 for at in range(count)],
            height=heights,
            width=0.84,
            brushes=[bright if at in chosen else quiet for at in range(count)],
            pens=[pg.mkPen(None)] * count,
        )
        self.setXRange(0, count, padding=0)
        self.setYRange(0, max(1, *heights) * 1.12, padding=0)

    # ------------------------------------------------------------------ choosing

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """The times brushed, or None."""
        if self._span is None or not self._buckets:
            return None
        first, last = self._span
        return self._at(first), self._at(last + 1)

    def _at(self, bar: int) -> datetime:
        return self._buckets[0].at + timedelta(seconds=bar * self._width_s)

    def row_of(self, at: datetime, *, is_newest_first: bool = True) -> int:
        """Return the place of the first row of the bar that an instant falls into."""
        starts = [bucket.at for bucket in self._buckets]
        bar = max(0, bisect_right(starts, at) - 1)
        beside = self._buckets[bar + 1 :] if is_newest_first else self._buckets[:bar]
        return sum(bucket.count for bucket in beside)

    def choose(self, first: int, last: int) -> None:
        """Brush these bars."""
        first, last = sorted((first, last))
        most = len(self._buckets) - 1
        if most < 0:
            return
        self._span = min(most, max(0, first)), min(most, max(0, last))
        self._draw()
        span = self.span
        if span is not None:
            low, high = self._span
            found = sum(bucket.count for bucket in self._buckets[low : high + 1])
            words = f"{span_words(*span)} GMT: {several(found, 'read')}"
            self.setAccessibleDescription(words)
            QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), words, self)

    def clear_span(self) -> None:
        """Brush nothing."""
        self._span = None
        self._draw()

    def _bar_at(self, place: QPointF) -> int:
        share = place.x() / max(1, self.width())
        return min(len(self._buckets) - 1, max(0, int(share * len(self._buckets))))

    def _take(self) -> None:
        span = self.span
        if span is not None:
            since, until = span
            self.brushed.emit(since.astimezone(UTC), until.astimezone(UTC))

    # ------------------------------------------------------------------ Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._buckets:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._anchor = self._bar_at(event.position())
            self.choose(self._anchor, self._anchor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._anchor is not None:
            self.choose(self._anchor, self._bar_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._anchor is None:
            return
        is_click = self._bar_at(event.position()) == self._anchor
        self._anchor = None
        span = self.span
        if is_click and span is not None:
            self.bar_chosen.emit(*span)
        else:
            self._take()

    def wheelEvent(self, event: object) -> None:
        """The wheel moves nothing here."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None and self._buckets:
            first, last = self._span or (len(self._buckets), len(self._buckets) - 1 - step)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._span:
                self.choose(first + step if step < 0 else first, last + step if step > 0 else last)
            else:
                self.choose(last + step, last + step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._span:
            self._take()
        elif event.key() == Qt.Key.Key_Escape and self._span:
            self.clear_span()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        look, box = self.look, self.viewport().rect()
        painter.setPen(QPen(look.color("line"), look.tokens.line_px))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if self.hasFocus():
            painter.setPen(QPen(look.color("focus"), 2))
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.end()
