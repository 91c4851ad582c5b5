"""When: two times typed freely, quick choices, and what the rules allow of that age."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from nas_desktop.domain.query import QueryRefused
from nas_desktop.domain.search_access import AccessPolicy, Band
from nas_desktop.services.ports import Clock
from nas_desktop.ui.search.form_parts import Said, heading, in_order, small_button
from nas_desktop.ui.search.search_words import band_tip, band_words
from nas_desktop.ui.search.times import QUICK, quick_span, shown, time_from
from nas_desktop.ui.theme import Look

_SHARES = {Band.A: 0.31, Band.B: 0.40, Band.C: 0.29}
"""Parts of the bar; not to scale, so that each has room for its words. Newest at the left."""


class BandBar(QWidget):
    """The age bands in words and shading, with the span that is asked for above them."""

    def __init__(self, clock: Clock, look: Look) -> None:
        super().__init__()
        self._clock = clock
        self.look = look
        self._policy: AccessPolicy | None = None
        self._span: tuple[datetime, datetime] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.look = look
        self.updateGeometry()
        self.update()

    def set_policy(self, policy: AccessPolicy) -> None:
        """Show these rules."""
        self._policy = policy
        self.setAccessibleName("Age bands")
        self.setAccessibleDescription(" ".join(band_tip(policy, band) for band in Band))
        self.update()

    def show_span(self, span: tuple[datetime, datetime] | None) -> None:
        """Show what is asked for; None while the times are none."""
        self._span = span
        self.update()

    def _places(self) -> dict[Band, QRect]:
        left, found = 0, {}
        for band, share in _SHARES.items():
            width = round(self.width() * share) if band is not Band.C else self.width() - left
            found[band] = QRect(left, 0, width, self.height())
            left += width
        return found

    def _x_of(self, at: datetime, policy: AccessPolicy, now: datetime) -> float:
        """Return where an instant stands, newest left; each band has a scale of its own."""
        first_c = policy.first_of_band_b(now) - timedelta(days=90)
        edges = [now, policy.first_of_band_a(now), policy.first_of_band_b(now), first_c]
        left = 0.0
        for place, newer, older in zip(self._places().values(), edges, edges[1:], strict=False):
            if at >= older:
                share = (newer - at) / (newer - older)
                return left + place.width() * min(1.0, max(0.0, share))
            left += place.width()
        return float(self.width())

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(280), self.look.px(30))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._policy is not None:
            for band, place in self._places().items():
                if place.contains(event.pos()):
                    QToolTip.showText(event.globalPos(), band_tip(self._policy, band), self)
                    return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look, policy = QPainter(self), self.look, self._policy
        whole = self.rect().adjusted(0, 0, -1, -1)
        painter.fillRect(whole, look.color("panel"))
        if policy is not None:
            for band, place in self._places().items():
                self._paint_band(painter, band, place, policy)
            self._paint_span(painter, policy)
        painter.setPen(QPen(look.color("line"), look.tokens.line_px))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(whole)

    def _paint_band(
        self, painter: QPainter, band: Band, place: QRect, policy: AccessPolicy
    ) -> None:
        look = self.look
        if band is Band.A:
            painter.fillRect(place, look.color("selection"))
        elif band is Band.B:
            painter.fillRect(place, QBrush(look.color("line"), Qt.BrushStyle.BDiagPattern))
        painter.setFont(look.semibold(11))
        words = band_words(policy, band)
        metrics = painter.fontMetrics()
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, place.width() - look.px(10))
        box = place.adjusted(look.px(6), look.px(5), 0, 0)
        if band is Band.B:
            # Hatching behind letters makes them unreadable.
            bare = QRect(box.left() - 3, box.top(), metrics.horizontalAdvance(words) + 6,
                         box.height() - look.px(5))  # fmt: skip
            painter.fillRect(bare, look.color("panel"))
        painter.setPen(look.color("text" if band is Band.A else "text_2"))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_span(self, painter: QPainter, policy: AccessPolicy) -> None:
        if self._span is None:
            return
        now = self._clock.now()
        newest = self._x_of(min(self._span[1], now), policy, now)
        oldest = self._x_of(self._span[0], policy, now)
        least = self.look.px(4)
        width = max(least, oldest - newest)
        painter.fillRect(
            QRectF(min(newest, self.width() - least), 0, width, self.look.px(5)),
            self.look.color("focus"),
        )


class WhenForm(QWidget):
    """From and to, GMT.

    Signals:
        changed: another span is asked for.
    """

    changed = Signal()

    def __init__(self, clock: Clock, look: Look) -> None:
        super().__init__()
        self._clock = clock
        self.since, self.until = QLineEdit(), QLineEdit()
        self.since.setAccessibleName("From, GMT")
        self.until.setAccessibleName("To, GMT")
        for field in (self.since, self.until):
            field.setObjectName("when")
            field.setToolTip(
                "GMT: 21/11/2026 20:57, 21/11, 20:57, 2057, yesterday 14:00, 2 h (ago), now"
            )
            field.textEdited.connect(lambda _text: self._on_changed())
            field.editingFinished.connect(self._tidy)
        self.bar = BandBar(clock, look)
        self.said = Said("whenFault")
        quick = [small_button(name, tip, partial(self.choose, name)) for name, tip in QUICK]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(heading("&WHEN (GMT)", self.since, *quick))
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.since)
        row.addWidget(self.until)
        layout.addLayout(row)
        layout.addWidget(self.bar)
        layout.addWidget(self.said)
        in_order(self.since, self.until, *quick)
        self.choose("24 h")

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.bar.set_look(look)

    def choose(self, name: str) -> None:
        """Take a quick choice."""
        self.set_span(*quick_span(name, self._clock.now()))

    def set_span(self, since: datetime, until: datetime) -> None:
        """Ask for this span."""
        for field, at in ((self.since, since), (self.until, until)):
            field.setText(shown(at))
            field.setCursorPosition(0)
        self._on_changed()

    def span(self) -> tuple[datetime, datetime]:
        """Return the times asked for.

        Raises:
            QueryRefused: one of them is no time.
        """
        now = self._clock.now()
        return (
            time_from(self.since.text(), "from", now),
            time_from(self.until.text(), "to", now),
        )

    def _tidy(self) -> None:
        """Write what was understood where somebody wrote ``2 h`` or ``yesterday``."""
        now = self._clock.now()
        for field, name in ((self.since, "from"), (self.until, "to")):
            try:
                words = shown(time_from(field.text(), name, now))
            except QueryRefused:
                continue
            if words != field.text():
                field.setText(words)

    def _on_changed(self) -> None:
        try:
            self.bar.show_span(self.span())
        except QueryRefused:
            self.bar.show_span(None)
        self.changed.emit()
