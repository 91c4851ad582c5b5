"""The strip at the foot: reads a second and hit latency over the last five minutes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from nas_desktop.services.events import NodeState
from nas_desktop.ui.latency_words import (
    NOT_JUDGED,
    clock_doubt,
    clock_offset_of,
    figures_of,
    figures_tip,
)
from nas_desktop.ui.text import count_words, tenths_words
from nas_desktop.ui.theme import Look

POINTS = 300
"""Five minutes at one report a second."""


class Sparkline(pg.PlotWidget):
    """A line without axes, for the shape of the last minutes; not for reading values off."""

    def __init__(self, name: str) -> None:
        super().__init__(enableMenu=False)
        self.setAccessibleName(name)
        for part in (self, self.viewport()):
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseEnabled(x=False, y=False)
        self.hideAxis("left")
        self.hideAxis("bottom")
        self.hideButtons()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.getPlotItem().setContentsMargins(0, 2, 0, 2)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._values: deque[float] = deque(maxlen=POINTS)
        self._line = self.plot([], [])
        self.setXRange(0, POINTS, padding=0)

    def set_colors(self, color: QColor, ground: QColor) -> None:
        """Draw in this colour on this ground."""
        self.setBackground(ground)
        self._line.setPen(pg.mkPen(color, width=1.5))

    def add(self, value: float) -> None:
        """Add the newest value at the right."""
        self._values.append(value)
        first = POINTS - len(self._values)
        self._line.setData(list(range(first, POINTS)), list(self._values))
        top = max(self._values)
        self.setYRange(0, top * 1.15 if top > 0 else 1, padding=0)


class PlotStrip(QFrame):
    """Figures in words with their lines beside them."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("plotStrip")
        self._reads = _figure()
        self._hits = _figure()
        self._latency = _figure()
        self._matched = _figure()
        self._total = _figure()
        self.reads_line = Sparkline("Reads a second over the last five minutes")
        self.latency_line = Sparkline("Hit latency to painted, p95, over the last five minutes")
        self._layout = QHBoxLayout(self)
        for part, stretch in (
            (self._reads, 0),
            (self.reads_line, 3),
            (self._hits, 0),
            (self._latency, 0),
            (self.latency_line, 2),
            (self._matched, 0),
            (self._total, 0),
        ):
            self._layout.addWidget(part, stretch)
        self.keys = QLabel("F1 keys")
        self.keys.setProperty("role", "second")
        self._layout.addWidget(self.keys)
        self.set_look(look)
        self.show_state(None)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self._layout.setContentsMargins(look.px(12), look.px(6), look.px(12), look.px(6))
        self._layout.setSpacing(look.px(14))
        for line in (self.reads_line, self.latency_line):
            line.setFixedHeight(look.px(38))
            line.set_colors(look.color("text_2"), look.color("panel"))

        self._fit()

    def _fit(self) -> None:
        """Leave out what is said elsewhere where the strip is narrow; never cut a figure."""
        is_narrow = self.width() < self._look.px(1000)
        for part in (self._total, self.latency_line, self.keys):
            part.setVisible(not is_narrow)
        # To painted is what counts; to matched is in the tip as well.
        self._matched.setVisible(self.width() >= self._look.px(1240))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def show_state(self, state: NodeState | None) -> None:
        """Show a report of the node."""
        if state is None:
            self._reads.setText("reads/s –")
            self._hits.setText("hits/10 min –")
            self._latency.setText("latency –")
            self._matched.setText("")
            self._total.setText("")
            return
        self._reads.setText(_two("reads/s", count_words(state.reads_per_s)))
        self._hits.setText(_two("hits/10 min", f"{state.hits_10_min:,}"))
        self._show_latency(state)
        self._total.setText(
            _two("reads", count_words(state.reads_total))
            + " "
            + _two("refused", count_words(sum((state.refused or {}).values())))
        )
        self._total.setToolTip(
            "\n".join(f"{code}: {n:,}" for code, n in (state.refused or {}).items())
        )
        self.reads_line.add(state.reads_per_s)
        self.latency_line.add(state.painted_p95_s or 0.0)

    def _show_latency(self, state: NodeState) -> None:
        """Show both spreads and which is which, or why they are not shown."""
        offset = clock_offset_of(state)
        if clock_doubt(state) and offset is not None:
            self._latency.setText(f"{NOT_JUDGED}: {_two('clock', tenths_words(abs(offset)))} off")
            self._matched.setText("")
        else:
            painted, matched = figures_of(state)
            self._latency.setText(_spread("painted", painted))
            self._matched.setText(_spread("matched", matched))
        for part in (self._latency, self._matched):
            part.setToolTip(figures_tip(state))
            part.setAccessibleDescription(figures_tip(state))


def _two(name: str, figure: str) -> str:
    """Return a name with its figure in bold; both are our own words, never input."""
    return f"{name} <b>{figure}</b>"


def _spread(name: str, figures: Sequence[float | None]) -> str:
    """Return median, 95th percentile and maximum behind what they measure."""
    names = (f"{name} p50", "p95", "max")
    return " ".join(_two(n, tenths_words(s)) for n, s in zip(names, figures, strict=True))


def _figure() -> QLabel:
    label = QLabel()
    label.setProperty("role", "second")
    return label
