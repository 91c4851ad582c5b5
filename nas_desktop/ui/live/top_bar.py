"""The two lines at the top: marking and simulation, then counters, clock and operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QBrush,
    QColor,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from nas_desktop.domain.access import Operator
from nas_desktop.domain.spec import Tier
from nas_desktop.ui.card_words import GSC
from nas_desktop.ui.icons import icon
from nas_desktop.ui.theme import Look

FEW_WORKSPACES = 4
"""As many have room beside the title on a screen of 1,366."""

HATCH, HATCH_GROUND = "#8A8A8A", "#050505"


class MarkingView(QWidget):
    """The marking in the middle; a hatched SIMULATION at the left while data are invented."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("marking")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._is_simulation = False
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.look = look
        self.updateGeometry()
        self.update()

    def set_simulation(self, is_simulation: bool) -> None:
        """Say whether the data are invented."""
        self.setAccessibleName(f"Marking {GSC}{', simulation' if is_simulation else ''}")
        if is_simulation != self._is_simulation:
            self._is_simulation = is_simulation
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(200), self.look.px(20))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look.color("raised"))
        font = look.bold(11)
        font.setLetterSpacing(font.SpacingType.AbsoluteSpacing, 1.0)
        painter.setFont(font)
        painter.setPen(look.color("text"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, GSC)
        if self._is_simulation:
            self._paint_simulation(painter)

    def _paint_simulation(self, painter: QPainter) -> None:
        metrics = painter.fontMetrics()
        px = self.look.px
        words = metrics.horizontalAdvance("SIMULATION")
        box = QRect(0, 0, words + px(100), self.height())
        painter.fillRect(box, QColor(HATCH_GROUND))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(QColor(HATCH)))
        step, high = px(14), self.height()
        painter.setClipRect(box)
        for x in range(-high, box.width() + high, step):
            stripe = [
                QPointF(x, high),
                QPointF(x + step / 2, high),
                QPointF(x + step / 2 + high, 0),
                QPointF(x + high, 0),
            ]
            painter.drawPolygon(QPolygonF(stripe))
        # The word stands on plain black: hatching behind letters makes them unreadable.
        bare = QRectF((box.width() - words) / 2 - px(8), 0, words + px(16), high)
        painter.fillRect(bare, QColor(HATCH_GROUND))
        painter.setPen(QColor("#FFFFFF"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "SIMULATION")
        painter.setClipping(False)


class TopBar(QFrame):
    """Station, counters of what waits per tier, clock, operator.

    Signals:
        tier_chosen(Tier): a counter was pressed.
    """

    tier_chosen = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self._title = QLabel("NAS Desktop")
        self._title.setProperty("role", "strong")
        self._station = QLabel()
        self._station.setProperty("role", "second")
        self._station.setTextFormat(Qt.TextFormat.PlainText)
        self.counters: dict[str, QToolButton] = {}
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._title)
        self._layout.addWidget(self._station)
        self._workspaces: list[QToolButton] = []
        self._is_handling = False
        self._layout.addStretch(1)
        for tier in Tier:
            self._add_counter(tier.value, f"Unacknowledged {tier.value}: go to the next one")
            self.counters[tier.value].clicked.connect(
                lambda _checked=False, t=tier: self.tier_chosen.emit(t)
            )
        self._add_counter("Late", "Unacknowledged vehicles whose newest hit arrived late")
        self.clock = QLabel()
        self.clock.setProperty("role", "clock")
        self.menu_button = QToolButton()
        self.menu_button.setObjectName("operatorMenu")
        self.menu_button.setProperty("role", "quiet")
        self.menu_button.clicked.connect(self._open_menu)
        self._menu = QMenu(self)
        self.menu_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._layout.addSpacing(8)
        self._layout.addWidget(self.clock)
        self._layout.addWidget(self.menu_button)
        self._short = self._long = ""
        self.set_look(look)
        self.show_operator(None)
        self.show_counts(dict.fromkeys(Tier, 0), 0)

    def _fit(self) -> None:
        """Leave out the names where the bar is narrow; counters, clock and menu always stay."""
        is_narrow = self.width() < self._look.px(1000)
        self._layout.setSpacing(self._look.px(4 if is_narrow else 8))
        # Below that they are in the menu, and on their keys.
        is_tight = self.width() < self._look.px(820)
        for button in self._workspaces:
            is_offered = button.defaultAction().isVisible()
            button.setVisible(self._is_handling and is_offered and not is_tight)
        # A supervisor has a workspace more, and its button needs the room of the title.
        offered = sum(button.defaultAction().isVisible() for button in self._workspaces)
        is_full = offered > FEW_WORKSPACES and self.width() < self._look.px(1440)
        self._title.setVisible(not is_narrow and not is_full)
        self._station.setVisible(not is_narrow)
        self.menu_button.setText((self._short if is_narrow else self._long) + " ▾")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _add_counter(self, name: str, tip: str) -> None:
        button = QToolButton()
        button.setObjectName(f"counter{name}")
        button.setProperty("role", "counter")
        button.setToolTip(tip)
        self.counters[name] = button
        self._layout.addWidget(button)

    def set_workspaces(self, actions: Sequence[QAction]) -> None:
        """Put a button for each workspace behind the names."""
        for at, action in enumerate(actions):
            action.setCheckable(True)
            button = QToolButton()
            button.setDefaultAction(action)
            button.setProperty("role", "workspace")
            self._workspaces.append(button)
            self._layout.insertWidget(2 + at, button)

    def set_menu(self, groups: Sequence[Sequence[QAction]]) -> None:
        """Hang the operator's menu on its button, a line between groups."""
        for at, group in enumerate(groups):
            if at:
                self._menu.addSeparator()
            self._menu.addActions(group)

    def _open_menu(self) -> None:
        # Not the button's own pop-up mode: that runs an event loop inside the event loop.
        button, width = self.menu_button, self._menu.sizeHint().width()
        self._menu.popup(button.mapToGlobal(QPoint(button.width() - width, button.height())))

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self._layout.setContentsMargins(look.px(12), look.px(6), look.px(8), look.px(6))
        self._layout.setSpacing(look.px(4 if self.width() < look.px(1000) else 8))
        self.clock.setMinimumWidth(
            QFontMetrics(look.bold(18)).horizontalAdvance("00:00:00 GMT") + look.px(6)
        )
        self.menu_button.setIcon(icon("user", look.tokens.text_2, 20))
        self.menu_button.setIconSize(QSize(look.px(18), look.px(18)))

    def show_counts(self, tiers: Mapping[Tier, int], late: int) -> None:
        """Show how many vehicles nobody has taken."""
        for tier in Tier:
            self._show_count(tier.value, tiers[tier], is_urgent=tier is Tier.P1)
        self._show_count("Late", late, is_urgent=False)

    def _show_count(self, name: str, count: int, *, is_urgent: bool) -> None:
        button = self.counters[name]
        tone = ("red" if is_urgent else "plain") if count else "quiet"
        words = f"{name}  {count:,}"
        if button.text() != words:
            button.setText(words)
            button.setAccessibleName(f"{name}: {count} unacknowledged")
        if button.property("tone") != tone:
            button.setProperty("tone", tone)
            button.style().unpolish(button)
            button.style().polish(button)

    def show_time(self, now: datetime) -> None:
        """Show the time of day."""
        self.clock.setText(f"{now.astimezone(UTC):%H:%M:%S} GMT")

    def show_station(self, name: str) -> None:
        """Show which desk this is; left out where the bar is narrow."""
        self._station.setText(name)

    def show_operator(self, operator: Operator | None) -> None:
        """Show who is signed in and in what role."""
        if operator is None:
            self._short = self._long = "Not signed in"
            self._fit()
            return
        role = operator.roles[0].value.replace("_", " ").capitalize() if operator.roles else ""
        vouched = " · vouched" if operator.is_vouched else ""
        self._short = operator.name
        self._long = " · ".join(p for p in (operator.name, role) if p) + vouched
        self._fit()
        self.menu_button.setToolTip(
            "Signed in against what this desk remembers: its server could not be asked"
            if operator.is_vouched
            else "Theme, text size, connectivity test, sign out"
        )

    def set_handling(self, is_shown: bool) -> None:
        """Show counters only to somebody who is signed in."""
        self._is_handling = is_shown
        for button in self.counters.values():
            button.setVisible(is_shown)
        self._fit()
