"""Span, legend, list, bar and colours: what they say, by mouse and by keys; why Qt draws."""

from __future__ import annotations

import builtins
import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nas_desktop.services.point_colours import ColourBy
from nas_desktop.ui.map import map_choice
from nas_desktop.ui.map.legend_view import LegendView
from nas_desktop.ui.map.map_bar import COLOURS, TOOLS, WAYS, MapBar
from nas_desktop.ui.map.map_choice import (
    CALM_FLAGS,
    CHROMIUM_KEY,
    is_sandbox_barred,
    make_view,
    why_plain,
)
from nas_desktop.ui.map.map_colours import GROUND, hue_colours, map_look
from nas_desktop.ui.map.map_view import MapView
from nas_desktop.ui.map.place_list import PlaceList, PlaceRow
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.map.scene import MapScene, Way
from nas_desktop.ui.map.span_bar import STEPS, SpanBar
from nas_desktop.ui.theme import Look, ThemeName
from tests.fakes.node_link import DeskClock
from tests.unit.ui.map.at_map import key

Key, Mod = Qt.Key, Qt.KeyboardModifier
US = 1_000_000
FIRST, LAST = 1_790_000_000 * US, 1_790_086_400 * US


# ------------------------------------------------------------------ part of the time


@pytest.fixture
def span(qtbot: QtBot) -> Iterator[SpanBar]:
    made = SpanBar(Look())
    qtbot.addWidget(made)
    made.resize(500, 40)
    made.set_whole(FIRST, LAST)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.setFocus()
    yield made
    made.close()


def x_of(span: SpanBar, us: int) -> QPoint:
    return QPoint(round(span._x(us)), 11)


def drag(span: SpanBar, start: QPoint, end: QPoint) -> None:
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(span, left, pos=start)
    QTest.mouseMove(span, end)
    QTest.mouseRelease(span, left, pos=end)
    QTest.mouseMove(span, end + QPoint(7, 0))


def test_that_the_handles_are_dragged_by_the_mouse(span: SpanBar, qtbot: QtBot) -> None:
    said: list[Any] = []
    span.span_changed.connect(said.append)
    middle = (FIRST + LAST) // 2
    drag(span, x_of(span, FIRST), x_of(span, middle))
    since, until = said[-1]
    assert since == pytest.approx(middle, abs=400 * US)
    assert until == LAST + 1
    drag(span, x_of(span, LAST), x_of(span, middle + 20_000 * US))
    assert said[-1][0] == since
    assert said[-1][1] == pytest.approx(middle + 20_000 * US, abs=400 * US)
    wide = said[-1][1] - said[-1][0]
    grip = QPoint((x_of(span, said[-1][0]).x() + x_of(span, said[-1][1]).x()) // 2, 11)
    drag(span, grip, grip - QPoint(60, 0))
    assert said[-1][1] - said[-1][0] == pytest.approx(wide, abs=2)
    assert said[-1][0] < since
    drag(span, grip - QPoint(50, 0), QPoint(-900, 11))
    assert said[-1][0] == FIRST
    assert said[-1][1] - said[-1][0] == pytest.approx(wide, abs=2), "pushed to the end, not cut"
    count = len(said)
    drag(span, x_of(span, LAST), x_of(span, middle))
    assert len(said) == count, "beside the handles there is nothing to drag"
    QTest.mouseDClick(span, Qt.MouseButton.LeftButton, pos=grip)
    assert said[-1] is None
    assert span.span is None


def test_that_the_handles_do_not_pass_each_other(span: SpanBar) -> None:
    drag(span, x_of(span, FIRST), QPoint(2_000, 11))
    assert span.span is not None
    since, until = span.span
    assert until - since == (LAST + 1 - FIRST) // 500
    drag(span, x_of(span, since), QPoint(-900, 11))
    drag(span, x_of(span, LAST), QPoint(-900, 11))
    assert span.span == (FIRST, FIRST + (LAST + 1 - FIRST) // 500)


def test_that_a_span_with_both_handles_at_one_spot_is_widened_on_either_side(
    span: SpanBar,
) -> None:
    least = (LAST + 1 - FIRST) // 500
    for since in (FIRST, (FIRST + LAST) // 2, LAST + 1 - least):
        span.set_whole(FIRST, LAST, (since, since + least))
        drag(span, x_of(span, since + least) + QPoint(4, 0), QPoint(480, 11))
        assert span.span is None or span.span[1] == pytest.approx(LAST, abs=3_000 * US)
        span.set_whole(FIRST, LAST, (since, since + least))
        drag(span, x_of(span, since) - QPoint(4, 0), QPoint(20, 11))
        assert span.span is None or span.span[0] == pytest.approx(FIRST, abs=3_000 * US)


def test_that_keys_move_the_span_its_end_and_its_start(span: SpanBar) -> None:
    step = (LAST + 1 - FIRST) / STEPS
    key(span, Key.Key_Left, modifier=Mod.ShiftModifier)
    assert span.span == (FIRST, pytest.approx(LAST + 1 - step, abs=2))
    key(span, Key.Key_Right, modifier=Mod.ControlModifier)
    assert span.span is not None
    assert span.span[0] == pytest.approx(FIRST + step, abs=2)
    key(span, Key.Key_Right)
    assert span.span == (
        pytest.approx(FIRST + 2 * step, abs=4), pytest.approx(LAST + 1, abs=4),
    )  # fmt: skip
    key(span, Key.Key_Right)
    assert span.span[0] == pytest.approx(FIRST + 2 * step, abs=4), "there is no more"
    assert "GMT" in span.accessibleDescription()
    key(span, Key.Key_Escape)
    assert span.span is None


def test_that_other_keys_and_a_second_esc_are_for_the_map(span: SpanBar) -> None:
    def takes(one: Qt.Key) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, one, Mod.NoModifier)
        event.ignore()
        QApplication.sendEvent(span, event)
        return event.isAccepted()

    assert takes(Key.Key_Left)
    assert not takes(Key.Key_Up)
    assert not takes(Key.Key_Escape)
    span.set_whole(FIRST, LAST, (FIRST + 9 * US, LAST))
    assert takes(Key.Key_Escape)
    key(span, Key.Key_A)
    assert span.span == (FIRST + 9 * US, LAST)


def test_that_reads_of_one_instant_have_a_span_too(span: SpanBar) -> None:
    span.set_whole(FIRST, FIRST)
    key(span, Key.Key_Left, Key.Key_Right)
    assert span.span is None
    assert span.words.endswith("GMT")


def test_that_the_span_is_painted_with_and_without_the_keyboard(span: SpanBar) -> None:
    span.set_look(Look(ThemeName.LIGHT, 1.5))
    with_focus = span.grab().toImage()
    span.clearFocus()
    assert span.grab().toImage() != with_focus
    assert span.sizeHint().width() > span.minimumSizeHint().width()


# ------------------------------------------------------------------ legend


ENTRIES = [("#5B6F9E", "20:00 to 20:30 GMT"), ("#78BFD6", "20:30 to 21:00 GMT")] * 3


def test_that_the_legend_wraps_says_its_words_and_goes(qtbot: QtBot) -> None:
    legend = LegendView(Look())
    qtbot.addWidget(legend)
    legend.show_entries(ENTRIES)
    assert legend.isVisible()
    assert legend.accessibleDescription().startswith("20:00 to 20:30 GMT, 20:30")
    assert legend.hasHeightForWidth()
    assert legend.heightForWidth(150) > legend.heightForWidth(2_000)
    legend.resize(300, legend.heightForWidth(300))
    picture = legend.grab().toImage()
    found = {picture.pixelColor(x, y).name().upper() for x in range(60) for y in range(20)}
    assert "#5B6F9E" in found
    one = legend.heightForWidth(2_000)
    legend.set_look(Look(ThemeName.LIGHT, 2.0))
    assert legend.heightForWidth(2_000) > one
    assert legend.sizeHint().height() > 0
    legend.show_entries(())
    assert not legend.isVisible()
    assert legend.accessibleDescription() == ""


# ------------------------------------------------------------------ list of a place


@pytest.fixture
def rows(qtbot: QtBot) -> PlaceList:
    made = PlaceList(Look())
    qtbot.addWidget(made)
    made.show_rows("3 here", [PlaceRow(card=f"c{n}", words=f"<b>{n}</b>") for n in range(3)])
    made.activateWindow()
    made.rows.setFocus()
    return made


def test_that_rows_are_chosen_by_click_and_by_enter(rows: PlaceList) -> None:
    said: list[Any] = []
    rows.row_chosen.connect(said.append)
    assert rows.rows.item(1).text() == "<b>1</b>"
    spot = rows.rows.visualItemRect(rows.rows.item(2)).center()
    QTest.mouseClick(rows.rows.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert said[-1].card == "c2"
    key(rows.rows, Key.Key_Up, Key.Key_Enter)
    assert said[-1].card == "c1"
    count = len(said)
    rows.forget()
    rows._say_chosen()
    assert len(said) == count


def test_that_the_list_keeps_its_keys_from_the_map(rows: PlaceList) -> None:
    def takes(one: Qt.Key, modifier: Qt.KeyboardModifier = Mod.NoModifier) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, one, modifier)
        event.ignore()
        QApplication.sendEvent(rows.rows, event)
        return event.isAccepted()

    own = (Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_Return, Key.Key_Escape)
    assert all(takes(one) for one in own)
    assert not takes(Key.Key_F8)
    assert not takes(Key.Key_F, Mod.ControlModifier)


def test_that_other_keys_in_the_list_go_on(rows: PlaceList) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Key.Key_F7, Mod.NoModifier)
    QApplication.sendEvent(rows, event)
    assert rows.isVisible()
    left: list[bool] = []
    rows.left.connect(lambda: left.append(True))
    key(rows.rows, Key.Key_Escape)
    assert left == [True]
    assert not rows.isVisible()


# ------------------------------------------------------------------ bar


def test_that_every_tool_has_a_tip_and_every_button_a_name(qtbot: QtBot) -> None:
    bar = MapBar(Look())
    qtbot.addWidget(bar)
    bar.set_look(Look())
    done: list[str] = []
    bar.make(bar, {tool.name: (lambda name=tool.name: done.append(name)) for tool in TOOLS})
    for tool in TOOLS:
        assert bar.actions_by_name[tool.name].toolTip().endswith(f"({tool.keys[0]})")
        bar.actions_by_name[tool.name].trigger()
    assert done == [tool.name for tool in TOOLS]
    for button in bar.buttons.values():
        assert button.accessibleName()
        assert not button.icon().isNull()
    bar.show_tool("circle")
    pressed = [name for name, action in bar.actions_by_name.items() if action.isChecked()]
    assert "circle" in pressed
    assert "box" not in pressed
    bar.show()
    bar.way.setCurrentIndex(list(WAYS).index(Way.HEAT))
    bar.show_reads(has_reads=True)
    assert bar.way.isVisible()
    assert not bar.colour.isVisible(), "heat has its own colours"
    bar.way.setCurrentIndex(list(WAYS).index(Way.DOTS))
    bar.show_reads(has_reads=True)
    assert bar.colour.isVisible()
    assert [bar.colour.itemText(n) for n in range(4)] == list(COLOURS.values())


# ------------------------------------------------------------------ colours


@pytest.mark.parametrize("name", list(ThemeName))
def test_that_every_theme_has_all_colours(name: ThemeName) -> None:
    look = Look(name, 1.5)
    told = map_look(look)
    assert set(GROUND[name]) == set(GROUND[ThemeName.DARK])
    assert told["name"] == name
    assert told["size"] == 1.5
    for word, colour in told.items():
        if word not in ("name", "size", "heat"):
            assert colour.startswith("#"), word
    assert len(hue_colours(ColourBy.TIME, look)) == 8
    kinds = {tuple(hue_colours(by, look)) for by in ColourBy if by is not ColourBy.TIME}
    assert len(kinds) == 1
    assert len(set(kinds.pop())) == 12


def test_that_no_colour_of_reads_is_as_red_or_amber_as_a_hit() -> None:
    for name in ThemeName:
        for by in ColourBy:
            for colour in hue_colours(by, Look(name)):
                red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
                assert not (red > 200 and green < 130 and blue < 130), colour


# ------------------------------------------------------------------ who draws


@pytest.fixture
def able(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine on which Chromium could draw."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(QCoreApplication, "testAttribute", lambda _attribute: True)
    monkeypatch.setattr(map_choice, "is_sandbox_barred", lambda: False)
    return monkeypatch


def test_that_chromium_draws_where_it_can(able: pytest.MonkeyPatch, settings: QSettings) -> None:
    settings.remove(CHROMIUM_KEY)
    assert why_plain(settings) == ""
    assert why_plain(None) == ""


@pytest.mark.parametrize("value", ["false", False])
def test_that_chromium_can_be_switched_off(
    able: pytest.MonkeyPatch, settings: QSettings, value: object
) -> None:
    settings.setValue(CHROMIUM_KEY, value)
    assert why_plain(settings) == "Plain map: Chromium is switched off in the preferences."


def test_that_chromium_does_not_draw_for_root(able: pytest.MonkeyPatch) -> None:
    able.setattr(os, "geteuid", lambda: 0, raising=False)
    able.delenv("QTWEBENGINE_DISABLE_SANDBOX", raising=False)
    assert "administrator (root)" in why_plain(None)
    able.setattr(os, "environ", {**os.environ, "QTWEBENGINE_DISABLE_SANDBOX": "1"})
    assert why_plain(None) == ""


@pytest.mark.parametrize(
    ("name", "value", "is_barred"),
    [
        ("kernel/unprivileged_userns_clone", "0\n", True),
        ("user/max_user_namespaces", "0\n", True),
        ("kernel/apparmor_restrict_unprivileged_userns", "1\n", True),
        ("kernel/unprivileged_userns_clone", "1\n", False),
        ("user/max_user_namespaces", "62000\n", False),
        ("kernel/apparmor_restrict_unprivileged_userns", "0\n", False),
        ("kernel/other", "0\n", False),
    ],
)
def test_that_chromium_is_not_begun_where_its_sandbox_is_barred(
    tmp_path: Path, name: str, value: str, is_barred: bool
) -> None:
    setting = tmp_path / name
    setting.parent.mkdir()
    setting.write_text(value)
    assert is_sandbox_barred(tmp_path) is is_barred


def test_that_a_barred_sandbox_is_said(able: pytest.MonkeyPatch) -> None:
    able.setattr(map_choice, "is_sandbox_barred", lambda: True)
    assert "bars the sandbox" in why_plain(None)


def test_that_a_program_started_otherwise_draws_by_qt(able: pytest.MonkeyPatch) -> None:
    able.setattr(QCoreApplication, "testAttribute", lambda _attribute: False)
    assert "started without what Chromium needs" in why_plain(None)


def test_that_chromium_is_told_once_what_it_must_not_do(able: pytest.MonkeyPatch) -> None:
    held = {"QTWEBENGINE_CHROMIUM_FLAGS": "--own"}
    able.setattr(os, "environ", held)
    map_choice.prepare_chromium()
    map_choice.prepare_chromium()
    assert held["QTWEBENGINE_CHROMIUM_FLAGS"] == f"--own {CALM_FLAGS}"
    held.clear()
    map_choice.prepare_chromium()
    assert held["QTWEBENGINE_CHROMIUM_FLAGS"] == CALM_FLAGS


def test_that_a_missing_library_is_named(able: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **more: Any) -> Any:
        if name == "nas_desktop.ui.map.web_map":
            raise ImportError("libnss3.so: cannot open shared object file")
        return real(name, *args, **more)

    able.setattr(map_choice, "prepare_chromium", lambda: None)
    able.setattr(builtins, "__import__", missing)
    view, why = make_view(MapScene(Look()), DeskClock(), None)
    qtbot.addWidget(view)
    assert isinstance(view, PlainMap)
    assert why == "Plain map: a library that Chromium needs is missing (libnss3.so)."


def test_that_chromium_is_made_where_it_can_be(able: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    class Made:
        def __init__(self, *_given: object) -> None:
            pass

    module = types.ModuleType("nas_desktop.ui.map.web_map")
    module.WebMap = Made  # type: ignore[attr-defined]
    able.setattr(map_choice, "prepare_chromium", lambda: None)
    able.setitem(sys.modules, "nas_desktop.ui.map.web_map", module)
    view, why = make_view(MapScene(Look()), DeskClock(), None)
    assert isinstance(view, Made)
    assert why == ""


def test_that_a_view_says_nothing_for_itself(qtbot: QtBot) -> None:
    view = MapView(MapScene(Look()))
    qtbot.addWidget(view)
    view.resize(80, 60)
    assert view.refused() == (0, ())
    assert not view.picture().isNull()
    view.end()
    for ask in (
        view.begin, lambda: view.drawn_by, lambda: view.seen, lambda: view.draw("box"),
        lambda: view.show_part(None), lambda: view.zoom_by(1), lambda: view.pan_by(1, 1),
        lambda: view.go(None), lambda: view.fit(None, None),
    ):  # fmt: skip
        with pytest.raises(NotImplementedError):
            ask()  # type: ignore[operator]


def test_that_a_pointer_that_only_passes_changes_nothing(span: SpanBar) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(100, 10), QPointF(100, 10), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Mod.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(span, event)
    assert span.span is None
