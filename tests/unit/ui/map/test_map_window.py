"""The map in the window: opened and put away, apart and back, and who sees it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QBoxLayout, QDialog, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from nas_desktop.domain.access import Role
from nas_desktop.domain.camera import CameraId, CameraKind
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Circle
from nas_desktop.services.events import NodeFound, NodeLost, NodeState, StateReported
from nas_desktop.services.map_link import CameraState, CameraStatus
from nas_desktop.services.point_colours import ColourBy
from nas_desktop.ui.actions import COMMANDS
from nas_desktop.ui.card_words import GSC
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.map.area_dialog import AreaDialog
from nas_desktop.ui.map.map_bar import COLOURS, TOOLS, WAYS
from nas_desktop.ui.map.map_desk import CAMERAS_MS, MapDesk
from nas_desktop.ui.map.map_dock import SHARE, SHOWN_KEY, STATE_KEY
from nas_desktop.ui.map.map_view import LEAST_ZOOM, ViewBox
from nas_desktop.ui.map.picture_dialog import PictureDialog
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.map.scene import MapScene, Part, Reads, Way
from nas_desktop.ui.theme import Look, ThemeName
from tests.fakes.map_link import FakeMapLink
from tests.fakes.node_link import START, FakeNodeLink, an_operator
from tests.unit.ui.map.at_map import (
    STOKE,
    STONE,
    a_hit_at,
    ask,
    drain,
    focus,
    key,
    show_marks,
    some_points,
)
from tests.unit.ui.map.conftest import MakeWindow, RunsOrKeeps, wait_for_map

Key = Qt.Key


def a_camera(number: int, place: Position | None = STONE, alias: str = "A34") -> CameraState:
    return CameraState(
        CameraId("52", 1, number), alias, CameraKind.FIXED, place, CameraStatus.LIVE, START
    )


def is_open(window: MainWindow) -> bool:
    return window.map.panel.isVisible()


# ------------------------------------------------------------------ opening, closing


def test_that_f8_opens_the_map_and_puts_it_away_and_that_is_remembered(
    window: MainWindow, settings: QSettings, qtbot: QtBot, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE))
    assert is_open(window)
    key(window, Key.Key_F8)
    assert not is_open(window)
    assert settings.value(SHOWN_KEY) == "false"
    assert window.page.hits.hasFocus()
    key(window, Key.Key_F8)
    assert is_open(window)
    assert settings.value(SHOWN_KEY) == "true"
    view = wait_for_map(qtbot, window)
    assert view.hasFocus()


@pytest.mark.parametrize("was_open", [True, False])
def test_that_the_map_is_as_it_was_left_at_the_next_start(
    make_window: MakeWindow, settings: QSettings, qtbot: QtBot, was_open: bool
) -> None:
    settings.setValue(SHOWN_KEY, "true" if was_open else "false")
    window = make_window()
    window.sign_in_as(an_operator())
    qtbot.waitUntil(lambda: window.map.dock._has_begun)
    window.map.dock.judge()
    assert is_open(window) is was_open


def test_that_the_map_is_open_at_first_where_the_window_is_wide(
    make_window: MakeWindow, settings: QSettings, qtbot: QtBot
) -> None:
    settings.remove(SHOWN_KEY)
    window = make_window()
    window.sign_in_as(an_operator())
    dock = window.map.dock
    window.resize(1400, 900)
    qtbot.waitUntil(lambda: dock.frame.width() < 1600)
    assert not dock.is_wanted
    window.resize(1700, 900)
    qtbot.waitUntil(lambda: dock.frame.width() >= 1600)
    dock.judge()
    view = wait_for_map(qtbot, window)
    assert view.width() >= 250
    assert abs(dock.dock.width() - dock.frame.width() * SHARE) < 60
    assert settings.value(SHOWN_KEY) is None, "nobody has said anything yet"


def test_that_no_view_is_made_before_somebody_is_signed_in(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    panel = window.map.panel
    qtbot.waitUntil(lambda: window.map.dock._has_begun)
    assert not is_open(window)
    panel.make_view()
    assert panel.view is None
    key(window, Key.Key_F8)
    assert not is_open(window)
    window.sign_in_as(an_operator())
    assert wait_for_map(qtbot, window) is panel.view


def test_that_the_map_s_first_view_is_the_whole_country(window: MainWindow) -> None:
    view = window.map.panel.view
    assert view is not None
    assert view.seen is not None
    assert view.seen.zoom <= LEAST_ZOOM + 1
    assert view.seen.south < 51 < 58 < view.seen.north


def test_that_esc_in_the_map_leads_back_to_the_list(
    window: MainWindow, desk: MapDesk, qtbot: QtBot, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE))
    focus(desk.panel)
    desk.panel.take_tool("circle")
    key(desk.panel.view, Key.Key_Escape)
    assert desk.panel.tool == ""
    assert not window.page.hits.hasFocus()
    key(desk.panel.view, Key.Key_Escape)
    assert window.page.hits.hasFocus()


def test_that_esc_in_the_map_leads_back_to_the_rows_of_a_search(
    window: MainWindow, desk: MapDesk
) -> None:
    window.show_workspace("search")
    assert window.search_page is not None
    ask(window.search_page.tab)
    focus(desk.panel)
    key(desk.panel.view, Key.Key_Escape)
    assert window.search_page.tab.results.table.hasFocus()


def test_that_the_cross_of_a_map_apart_closes_it_for_good(
    window: MainWindow, settings: QSettings, qtbot: QtBot
) -> None:
    dock = window.map.dock
    dock.toggle_float()
    window.map.show_about()
    assert settings.value(SHOWN_KEY) == "true"
    assert window.map.dialogs
    dock.dock.close()
    qtbot.waitUntil(lambda: not dock.is_wanted)
    assert not is_open(window)
    assert settings.value(SHOWN_KEY) == "false"
    assert window.map.dialogs == {}
    window.actions_by_name["map"].trigger()
    assert is_open(window)
    assert dock.dock.isFloating()


def test_that_a_map_that_is_hidden_by_a_lock_is_still_wanted(
    window: MainWindow, settings: QSettings, qtbot: QtBot
) -> None:
    window.actions_by_name["lock"].trigger()
    assert not is_open(window)
    assert settings.value(SHOWN_KEY) == "true"


# ------------------------------------------------------------------ who sees it


def open_dialogs(window: MainWindow) -> list[QDialog]:
    return [d for d in window.map.panel.findChildren(QDialog) if isValid(d) and d.isVisible()]


def open_all(window: MainWindow, link: FakeNodeLink, qtbot: QtBot) -> None:
    """Have on the map what can be on it, with every dialog and the list."""
    drain(qtbot, window, link, a_hit_at(STONE), a_hit_at(None, "CD62XYZ"))
    show_marks(window)
    window.map.scene.set_area(Circle(STONE, 500.0))
    window.map.show_form()
    window.map.show_about()
    window.map.show_export()
    window.map.rows.show_no_fix()
    assert len(open_dialogs(window)) == 3
    assert window.map.rows.list.isVisible()
    assert window.map.scene.hits


def test_that_a_lock_hides_the_map_with_everything_that_belongs_to_it(
    window: MainWindow, link: FakeNodeLink, qtbot: QtBot
) -> None:
    open_all(window, link, qtbot)
    window.actions_by_name["lock"].trigger()
    assert window.bridge.is_locked
    assert not is_open(window)
    assert open_dialogs(window) == []
    assert window.map.rows.list.rows.count() == 0
    key(window, Key.Key_F8)
    assert not is_open(window)
    window.bridge.set_operator(window.bridge.operator)
    assert is_open(window)


def test_that_nothing_is_held_when_somebody_signs_out(
    window: MainWindow, link: FakeNodeLink, qtbot: QtBot
) -> None:
    open_all(window, link, qtbot)
    window.page.hits.choose(next(iter(window.bridge.board.cards)).card_id)
    drain(qtbot, window, link, a_hit_at(None, "EF12XYZ"))
    show_marks(window)
    window.actions_by_name["sign_out"].trigger()
    scene = window.map.scene
    assert not is_open(window)
    assert open_dialogs(window) == []
    assert window.map.rows.list.rows.count() == 0
    assert (scene.hits, scene.journey, scene.cameras, scene.reads) == ({}, (), (), None)
    assert (scene.chosen.card, scene.area) == ("", None)
    assert window.map.live.without_place == ()
    assert window.map.live._chosen is None
    assert window.map.panel.no_fix_count == 0


def test_that_the_map_of_who_may_not_see_hits_has_none(
    make_window: MakeWindow, link: FakeNodeLink, qtbot: QtBot, maps: FakeMapLink
) -> None:
    window = make_window()
    window.sign_in_as(an_operator(Role.ADMINISTRATOR))
    wait_for_map(qtbot, window)
    link.play(NodeFound(1))
    drain(qtbot, window, link, a_hit_at(STONE), a_hit_at(None, "CD62XYZ"))
    show_marks(window)
    window.map._ask_cameras()
    assert window.map.scene.hits == {}
    assert window.map.panel.no_fix_count == 0
    assert maps.asked == 0


# ------------------------------------------------------------------ apart


def test_that_the_map_goes_into_a_window_of_its_own_and_back(
    window: MainWindow, link: FakeNodeLink, qtbot: QtBot
) -> None:
    desk, dock = window.map, window.map.dock
    desk.show_about()
    focus(desk.panel)
    assert not dock.marking.isVisible()
    key(desk.panel.view, Key.Key_W)
    assert dock.dock.isFloating()
    assert dock.dock.isWindow()
    assert dock.marking.isVisible()
    assert GSC in dock.dock.windowTitle()
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(StateReported(NodeState("Desk 1", "desk", START, is_simulation=True)))
    assert dock.dock.windowTitle() == f"SIMULATION · Map · {GSC}"
    desk.set_look(Look(ThemeName.LIGHT, 1.2))
    desk.panel.bar.actions_by_name["float"].trigger()
    assert not dock.dock.isFloating()
    assert not dock.marking.isVisible()
    assert dock.dock.windowTitle() == "SIMULATION · Map"
    assert desk.panel.view is not None
    assert desk.panel.view.isVisible()
    assert desk.dialogs["about"].isVisible(), "on its way it is not closed"


def test_that_a_map_that_was_left_apart_comes_back_apart_and_marked(
    make_window: MakeWindow, settings: QSettings, qtbot: QtBot
) -> None:
    first = make_window()
    first.sign_in_as(an_operator())
    wait_for_map(qtbot, first)
    first.map.dock.toggle_float()
    first.leave()
    assert settings.value(STATE_KEY) is not None
    second = make_window()
    second.bridge.set_operator(an_operator())
    wait_for_map(qtbot, second)
    assert second.map.dock.dock.isFloating()
    assert second.map.dock.marking.isVisible()
    assert GSC in second.map.dock.dock.windowTitle()


class _Screen:
    """A screen with another beside it."""

    def __init__(self, other: object | None = None) -> None:
        self.other = other

    def virtualSiblings(self) -> list[object]:
        return [self] if self.other is None else [self, self.other]


def test_that_the_map_apart_takes_the_second_screen_where_there_is_one(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = window.map.dock
    real = window.screen()
    here = _Screen(real)
    monkeypatch.setattr(dock.frame, "screen", lambda: here)
    dock.toggle_float()
    assert real.availableGeometry().contains(dock.dock.geometry().center())
    dock.toggle_float()
    here.other = None
    dock.toggle_float()
    assert (dock.dock.width(), dock.dock.height()) == (dock.look.px(900), dock.look.px(700))


# ------------------------------------------------------------------ cameras


def found(window: MainWindow, link: FakeNodeLink, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(NodeFound(1))


def test_that_cameras_are_asked_for_while_the_map_is_seen(
    window: MainWindow, link: FakeNodeLink, maps: FakeMapLink, qtbot: QtBot
) -> None:
    desk = window.map
    assert maps.asked == 0, "there is no node yet"
    maps.states = (a_camera(1), a_camera(2, None, "Van"), a_camera(3, STOKE, ""))
    maps.problem = "Two roads are not known just now."
    found(window, link, qtbot)
    desk._timer.timeout.emit()
    assert maps.asked == 1
    marks = desk.scene.cameras
    assert [mark.words for mark in marks] == ["A34", str(CameraId("52", 1, 3))]
    assert desk.problem == maps.problem
    assert desk._timer.isActive()
    assert desk._timer.interval() == CAMERAS_MS
    key(window, Key.Key_F8)
    assert not desk._timer.isActive()
    desk._ask_cameras()
    assert maps.asked == 1
    key(window, Key.Key_F8)
    assert maps.asked == 2


def test_that_a_refusal_keeps_the_cameras_shown_last(
    window: MainWindow, link: FakeNodeLink, maps: FakeMapLink, qtbot: QtBot
) -> None:
    desk = window.map
    maps.states = (a_camera(1),)
    found(window, link, qtbot)
    desk._ask_cameras()
    held = desk.scene.cameras
    maps.refusal = Refused("cameras_down", "The cameras are not known.", "It is tried again.")
    desk._ask_cameras()
    assert desk.scene.cameras == held
    assert "not known" in desk.problem
    maps.refusal = None
    desk._ask_cameras()
    assert maps.asked == 3
    assert desk.problem == ""
    desk.show_about()


def test_that_cameras_are_not_asked_for_without_a_node_or_twice_at_once(
    window: MainWindow, link: FakeNodeLink, maps: FakeMapLink, qtbot: QtBot
) -> None:
    desk = window.map
    found(window, link, qtbot)
    desk._is_asking = True
    desk._ask_cameras()
    desk._is_asking = False
    assert maps.asked == 0
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(NodeLost(START, "The node is gone."))
    desk._ask_cameras()
    assert maps.asked == 0


async def test_that_an_answer_about_cameras_comes_too_late_after_signing_out(
    window: MainWindow, link: FakeNodeLink, maps: FakeMapLink, spawn: RunsOrKeeps, qtbot: QtBot
) -> None:
    maps.states = (a_camera(1),)
    found(window, link, qtbot)
    window.map._ask_cameras()
    window.map._ask_cameras()
    window.bridge.set_operator(None)
    await spawn.done()
    assert maps.asked == 1
    assert window.map.scene.cameras == ()


def test_that_a_window_without_a_map_link_has_a_map_without_cameras(
    make_window: MakeWindow, link: FakeNodeLink, qtbot: QtBot
) -> None:
    window = make_window(has_maps=False, has_searches=False)
    window.sign_in_as(an_operator())
    wait_for_map(qtbot, window)
    found(window, link, qtbot)
    desk = window.map
    desk._ask_cameras()
    assert desk.scene.cameras == ()
    desk.show_export()
    assert "nothing to write" in desk.panel.said.text()
    desk.take_area(Circle(STONE, 500.0))
    assert "no search" in desk.panel.said.text()
    desk._choose_row(1)
    desk.show_chosen()
    assert "Nothing is chosen" in desk.panel.said.text()


# ------------------------------------------------------------------ keys


def test_that_no_key_of_the_map_is_one_of_the_window_too() -> None:
    def keys_of(keys: tuple[str, ...]) -> set[str]:
        return {QKeySequence(one).toString() for one in keys}

    of_window = {one: c.name for c in COMMANDS if not c.is_local for one in keys_of(c.keys)}
    of_map: dict[str, str] = {}
    for tool in TOOLS:
        for one in keys_of(tool.keys):
            assert one, tool.keys
            assert one not in of_window, (tool.name, of_window[one])
            assert one not in of_map, (tool.name, of_map[one])
            of_map[one] = tool.name


def test_that_single_keys_count_only_while_the_map_has_the_keyboard(
    window: MainWindow, desk: MapDesk, scene: MapScene
) -> None:
    assert window.search_page is not None
    focus(window.page.hits)
    key(window.page.hits, Key.Key_L)
    assert scene.options.labels
    focus(desk.panel)
    key(desk.panel.view, Key.Key_L)
    assert not scene.options.labels
    window.show_workspace("search")
    field = window.search_page.tab.panel.vehicle.field
    focus(field)
    key(field, Key.Key_L, Key.Key_G, Key.Key_1)
    assert field.text().upper() == "LG1"
    assert not scene.options.labels
    assert scene.options.grid
    assert desk.panel.tool == ""
    desk.show_form()
    dialog = desk.dialogs["area"]
    assert isinstance(dialog, AreaDialog)
    focus(dialog.places)
    key(dialog.places, Key.Key_G)
    assert dialog.places.toPlainText().lower() == "g"
    assert scene.options.grid


def test_that_every_switch_has_its_key_and_shows_its_state(desk: MapDesk, scene: MapScene) -> None:
    focus(desk.panel)
    tools = {tool.name: tool for tool in TOOLS}
    for name in ("labels", "grid", "cameras", "marks", "dim"):
        before = getattr(scene.options, name)
        key(desk.panel.view, Key[f"Key_{tools[name].keys[0]}"])
        assert getattr(scene.options, name) is not before
        assert desk.panel.bar.actions_by_name[name].isChecked() is not before


def test_that_the_keys_of_the_view_move_it(desk: MapDesk, view: PlainMap) -> None:
    focus(desk.panel)
    start = view.plane.box()
    key(view, Key.Key_Plus)
    assert view.plane.zoom == start.zoom + 1
    key(view, Key.Key_Minus, Key.Key_E, Key.Key_Q)
    assert view.plane.zoom == start.zoom
    key(view, Key.Key_E, Key.Key_E)
    before = view.plane.middle
    key(view, Key.Key_Up)
    assert view.plane.middle.latitude > before.latitude
    key(view, Key.Key_Down, Key.Key_Left)
    assert view.plane.middle.longitude < before.longitude
    key(view, Key.Key_Right)
    assert view.plane.middle == pytest.approx(before, abs=1e-6)
    key(view, Key.Key_H)
    assert view.plane.zoom == pytest.approx(start.zoom)


@pytest.mark.parametrize(
    ("one", "tool"),
    [
        (Key.Key_1, "box"),
        (Key.Key_2, "polygon"),
        (Key.Key_3, "circle"),
        (Key.Key_4, "corridor"),
        (Key.Key_5, "pick"),
    ],
)
def test_that_a_tool_is_taken_up_and_put_away_by_its_key(
    desk: MapDesk, view: PlainMap, one: Qt.Key, tool: str, qtbot: QtBot
) -> None:
    focus(desk.panel)
    with qtbot.waitSignal(desk.panel.tool_changed) as told:
        key(view, one)
    assert told.args == [tool]
    assert desk.panel.tool == tool
    assert "Esc stops" in desk.panel.said.text()
    assert desk.panel.bar.actions_by_name[tool].isChecked()
    key(view, one)
    assert desk.panel.tool == ""
    assert not desk.panel.bar.actions_by_name[tool].isChecked()


def test_that_tools_of_a_panel_without_a_view_do_nothing(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    desk = make_window().map
    for name in ("up", "closer", "farther", "home", "chosen", "box", "way", "colour", "leave"):
        desk.panel.bar.actions_by_name[name].trigger()
    desk._on_view()
    desk.show_export()
    assert desk.panel.view is None
    assert "nothing to write" in desk.panel.said.text()
    desk.show_about()
    assert "nobody yet" in " ".join(
        label.text() for label in desk.dialogs["about"].findChildren(QWidget)
        if hasattr(label, "text")
    )  # fmt: skip


# ------------------------------------------------------------------ words


def test_that_words_on_the_map_go_after_a_while(desk: MapDesk) -> None:
    panel = desk.panel
    why = panel.why
    panel.say("Something happened.")
    assert panel.said.isVisible()
    assert panel._hush.isActive()
    panel._hush.timeout.emit()
    assert panel.said.text() == why


def test_that_the_place_of_the_pointer_is_said_in_degrees_and_in_the_grid(
    desk: MapDesk, view: PlainMap
) -> None:
    where = desk.panel.where
    view.pointed.emit(STONE)
    assert where.text() == "52.90000, -2.15000 · SJ 90008 33675" or "SJ" in where.text()
    view.pointed.emit(Position(50.0, 2.9))
    assert where.text().startswith("50.00000, 2.90000")
    view.pointed.emit(None)
    assert where.text() == ""
    box = view.plane.box()
    view.moved.emit(box)
    assert where.text().startswith("Middle 5")
    view.moved.emit(ViewBox(Position(45.0, -20.0), 6, 44, -21, 46, -19))
    assert where.text() == "Middle 45.0000, -20.0000"
    view.moved.emit("nonsense")
    assert where.text() == "Middle 45.0000, -20.0000"


def test_that_the_list_stands_below_the_view_where_the_map_is_narrow(desk: MapDesk) -> None:
    dock = desk.dock
    dock.toggle_float()
    dock.dock.resize(900, 700)
    assert desk.panel._middle.direction() is QBoxLayout.Direction.LeftToRight
    dock.dock.resize(400, 700)
    assert desk.panel._middle.direction() is QBoxLayout.Direction.TopToBottom


def test_that_the_plain_map_takes_over_all_that_was_on_a_view_that_fails(
    window: MainWindow, desk: MapDesk, view: PlainMap, qtbot: QtBot, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE))
    show_marks(window)
    desk.panel.take_tool("circle")
    view.failed.emit("Chromium broke down again and again.")
    assert desk.panel.view is not view
    assert "Plain map from now on" in desk.panel.why
    new = wait_for_map(qtbot, window)
    assert new.scene.hits
    assert bool(new.hand.drawing), "the tool in hand stays in hand"
    assert desk.panel.said.text() == desk.panel.why


def test_that_a_look_reaches_every_part_of_the_map(
    window: MainWindow, desk: MapDesk, scene: MapScene, qtbot: QtBot, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE))
    show_marks(window)
    heard: list[object] = []
    scene.changed.connect(heard.append)
    window.set_look(Look(ThemeName.CONTRAST, 1.5))
    assert Part.LOOK in heard
    assert scene.look.name is ThemeName.CONTRAST
    assert set(scene.symbols) == {mark.symbol for mark in scene.hits.values()}
    button = desk.panel.bar.buttons["box"]
    assert button.width() == Look(ThemeName.CONTRAST, 1.5).px(30)


def test_that_the_map_s_commands_stand_in_the_palette(desk: MapDesk) -> None:
    names = {action.objectName() for action in desk.actions()}
    assert names == {f"map_{tool.name}" for tool in TOOLS}


def test_that_a_dialog_opened_again_takes_the_place_of_the_one_before(desk: MapDesk) -> None:
    desk.show_about()
    first = desk.dialogs["about"]
    desk.show_about()
    second = desk.dialogs["about"]
    assert second is not first
    assert second.isVisible()
    assert not isValid(first) or not first.isVisible()


def test_that_a_map_closed_while_a_picture_is_written_closes_that_dialog_too(
    window: MainWindow, desk: MapDesk
) -> None:
    desk.scene.set_reads(None)
    desk.show_export()
    dialog = desk.dialogs["picture"]
    assert isinstance(dialog, PictureDialog)

    dialog._show_running(is_running=True)
    key(window, Key.Key_F8)
    assert not isValid(dialog) or not dialog.isVisible()


def test_that_reads_are_shown_and_coloured_by_the_bar(desk: MapDesk, scene: MapScene) -> None:
    panel = desk.panel
    assert not panel.bar.way.isVisible()
    assert not panel.span.isVisible()
    scene.set_reads(Reads(some_points(50)))
    assert panel.bar.way.isVisible()
    assert panel.span.isVisible()
    assert panel.legend.isVisible()
    assert "GMT" in panel.legend.accessibleDescription()
    focus(panel)
    key(panel.view, Key.Key_K)
    assert scene.reads is not None
    assert scene.reads.by is ColourBy.DIRECTION
    assert "north" in panel.legend.accessibleDescription()
    key(panel.view, Key.Key_R)
    assert scene.reads.way is Way.CIRCLES
    assert not panel.legend.isVisible(), "the colours of counts mean nothing"
    panel.bar.way.setCurrentIndex(list(WAYS).index(Way.HEAT))
    panel.bar.way.activated.emit(panel.bar.way.currentIndex())
    assert scene.reads.way is Way.HEAT
    assert not panel.bar.colour.isVisible()
    panel.bar.way.setCurrentIndex(list(WAYS).index(Way.DOTS))
    panel.bar.way.activated.emit(panel.bar.way.currentIndex())
    assert panel.bar.colour.isVisible()
    panel.bar.colour.setCurrentIndex(list(COLOURS).index(ColourBy.VEHICLE))
    panel.bar.colour.activated.emit(panel.bar.colour.currentIndex())
    assert scene.reads.by is ColourBy.VEHICLE
    assert "vehicle 1" in panel.legend.accessibleDescription()
    scene.set_reads(Reads(some_points(0)))
    assert not panel.span.isVisible()
    scene.set_reads(None)
    assert not panel.legend.isVisible()


def test_that_closing_the_window_does_not_count_as_closing_the_map(
    window: MainWindow, settings: QSettings
) -> None:
    assert is_open(window)
    window.leave()
    assert not is_open(window)
    assert settings.value(SHOWN_KEY) == "true"
