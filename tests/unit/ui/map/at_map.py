"""What tests of the map do to it, as a person would, and what they put on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.geo import Position
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.search_access import Purpose, SearchReason
from nas_desktop.services.map_points import MapPoints, PointCamera
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.map.scene import HitMark
from nas_desktop.ui.search.search_tab import SearchTab
from tests.builders import NOON, a_hit, a_read
from tests.fakes.node_link import FakeNodeLink

STONE = Position(52.9, -2.15)
STOKE = Position(53.0, -2.18)
REASON = SearchReason(
    Purpose.SERIOUS, 5, "Robbery at Stone, vehicle seen leaving.", "OP MERCURY 2211"
)
INJECTIONS = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '"><svg onload=window.pwned=1>',
    "';window.pwned=1;//",
    "</script><script>window.pwned=1</script>",
    "{{ 7*7 }}{% raw %}",
    "\u2028window.pwned=1\u2029",
    "javascript:window.pwned=1",
    "<a href='http://192.0.2.1/'>x</a>",
    "<!--<script>",
    "\\u003cimg src=http://192.0.2.1/x.png>",
    "&lt;b&gt;&#x3c;script&#x3e;",
    "\x00\x1b[31m\u202eevil",
)


def a_hit_at(
    place: Position | None, vrm: str = "AB51ABC", at: datetime = NOON, **changes: Any
) -> Hit:
    return a_hit(vrm, at, read=a_read(vrm, at, position=place), **changes)


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def a_mark(number: int = 0, **changes: Any) -> HitMark:
    made = HitMark(
        card=f"card {number}", place=Position(52.9 + number / 50, -2.15), rank=1 + number % 3,
        at=1e9 + number, symbol="s0", mark=f"AB5{number} ABC", words="20:57:00 · new",
        is_waiting=True, is_over=False,
    )  # fmt: skip
    return replace(made, **changes)


def red_square() -> QPixmap:
    made = QPixmap(64, 64)
    made.fill(QColor("#C00020"))
    return made


def some_points(count: int, *, without_fix: int = 0, alias: str = "A34 South") -> MapPoints:
    rng = np.random.default_rng(5)
    latitude = 52.9 + rng.normal(0, 0.3, count)
    longitude = -2.15 + rng.normal(0, 0.3, count)
    latitude[:without_fix] = longitude[:without_fix] = np.nan
    return MapPoints(
        latitude,
        longitude,
        1_790_000_000_000_000 + np.arange(count, dtype=np.int64) * 1_000_000,
        (np.arange(count) % 4).astype(np.int32),
        (np.arange(count) % 9).astype(np.int32),
        (np.arange(count) % 8).astype(np.int8),
        tuple(PointCamera(CameraId("52", 1, n), f"{alias} {n}") for n in range(4)),
    )


def drain(qtbot: QtBot, window: MainWindow, link: FakeNodeLink, *hits: Hit) -> None:
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(*hits)


def show_marks(window: MainWindow) -> None:
    """Have the map show the board as it is now, as its timer would within half a second."""
    window.map.live.show_now()


def ask(tab: SearchTab, marks: str = "AB51ABC") -> None:
    """Ask a question with its reason."""
    tab.panel.why.set_reason(REASON)
    tab.panel.vehicle.field.setText(marks)
    tab.search()


def spot_of(view: PlainMap, place: Position) -> QPoint:
    """Return where a place lies in the view."""
    return view.plane.spot(place).toPoint()


def click_at(view: PlainMap, place: Position) -> None:
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=spot_of(view, place))


def focus(widget: QWidget) -> None:
    """Put the keyboard into a widget."""
    widget.activateWindow()
    widget.setFocus()


def looks_at(view: PlainMap) -> tuple[float, float, float]:
    """Return middle and zoom of what is seen, whatever its size."""
    return view.plane.x, view.plane.y, view.plane.zoom


def key(
    widget: QWidget, *keys: Qt.Key,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:  # fmt: skip
    for one in keys:
        QTest.keyClick(widget, one, modifier)
