"""Drawing and changing areas on the plain map, by mouse and by keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.geo import Position, distance_m
from nas_desktop.domain.query import Circle, Corridor, Polygon
from nas_desktop.ui.map.map_view import Click, Drawn
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.map.scene import MapScene
from nas_desktop.ui.theme import Look, ThemeName

STOKE = Position(53.0, -2.15)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scene(qapp: QApplication) -> MapScene:
    return MapScene(Look(ThemeName.DARK))


@pytest.fixture
def view(qtbot: QtBot, scene: MapScene) -> Iterator[PlainMap]:
    made = PlainMap(scene)
    qtbot.addWidget(made)
    made.resize(400, 300)
    scene.view = (STOKE, 10.0)
    made.begin()
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.end()


@pytest.fixture
def drawn(view: PlainMap) -> list[Drawn]:
    heard = list[Drawn]()
    view.drawn.connect(heard.append)
    return heard


@pytest.fixture
def edited(view: PlainMap) -> list[Drawn]:
    heard = list[Drawn]()
    view.edited.connect(heard.append)
    return heard


@pytest.fixture
def clicked(view: PlainMap) -> list[Click]:
    heard = list[Click]()
    view.clicked.connect(heard.append)
    return heard


def click(qtbot: QtBot, view: PlainMap, *spots: tuple[int, int]) -> None:
    for x, y in spots:
        qtbot.mouseClick(view, LEFT, pos=QPoint(x, y))


def drag(qtbot: QtBot, view: PlainMap, first: tuple[int, int], last: tuple[int, int]) -> None:
    middle = QPoint((first[0] + last[0]) // 2, (first[1] + last[1]) // 2)
    qtbot.mousePress(view, LEFT, pos=QPoint(*first))
    qtbot.mouseMove(view, middle)
    qtbot.mouseMove(view, QPoint(*last))
    qtbot.mouseRelease(view, LEFT, pos=QPoint(*last))


def places(view: PlainMap, *spots: tuple[int, int]) -> list[Position]:
    return [view.plane.place(x, y) for x, y in spots]


def is_close(got: Drawn, wanted: list[Position]) -> bool:
    return len(got.points) == len(wanted) and all(
        distance_m(Position(*a), b) < 1 for a, b in zip(got.points, wanted, strict=True)
    )


def test_that_a_drag_moves_the_map_and_is_no_click(
    qtbot: QtBot, view: PlainMap, clicked: list[Click]
) -> None:
    before = view.plane.spot(STOKE)
    heard = list[bool]()
    view.moved_by_hand.connect(lambda: heard.append(True))
    drag(qtbot, view, (100, 100), (160, 130))
    moved = view.plane.spot(STOKE) - before
    assert moved.toTuple() == pytest.approx((60, 30), abs=1e-6)
    assert heard == [True]
    assert clicked == []


def test_that_a_trembling_press_is_a_click(
    qtbot: QtBot, view: PlainMap, clicked: list[Click]
) -> None:
    drag(qtbot, view, (100, 100), (102, 101))
    assert len(clicked) == 1


@pytest.mark.parametrize("by_drag", [True, False])
def test_that_a_box_is_dragged_or_made_by_two_clicks(
    qtbot: QtBot, view: PlainMap, drawn: list[Drawn], clicked: list[Click], by_drag: bool
) -> None:
    view.draw("box")
    if by_drag:
        drag(qtbot, view, (100, 80), (200, 180))
    else:
        click(qtbot, view, (100, 80), (200, 180))
    assert [one.kind for one in drawn] == ["box"]
    assert is_close(drawn[0], places(view, (100, 180), (100, 80), (200, 80), (200, 180)))
    assert clicked == []
    click(qtbot, view, (50, 50))
    assert len(clicked) == 1
    assert len(drawn) == 1


def test_that_a_circle_is_its_middle_and_its_rim(
    qtbot: QtBot, view: PlainMap, drawn: list[Drawn]
) -> None:
    view.draw("circle")
    click(qtbot, view, (200, 150), (250, 150))
    middle, rim = places(view, (200, 150), (250, 150))
    assert drawn[0].kind == "circle"
    assert is_close(drawn[0], [middle])
    assert drawn[0].radius_m == pytest.approx(distance_m(middle, rim), abs=1)


def test_that_a_click_on_the_first_corner_closes_a_polygon(
    qtbot: QtBot, view: PlainMap, drawn: list[Drawn], clicked: list[Click]
) -> None:
    view.draw("polygon")
    corners = [(100, 100), (200, 90), (210, 200)]
    click(qtbot, view, *corners)
    assert drawn == []
    click(qtbot, view, (102, 98))
    assert drawn[0].kind == "polygon"
    assert is_close(drawn[0], places(view, *corners))
    assert clicked == []


def test_that_a_double_click_ends_polygon_and_corridor(
    qtbot: QtBot, view: PlainMap, drawn: list[Drawn]
) -> None:
    for tool, corners in (
        ("polygon", [(100, 100), (200, 90), (210, 200)]),
        ("corridor", [(100, 100), (200, 90)]),
    ):
        view.draw(tool)
        click(qtbot, view, *corners)
        qtbot.mouseDClick(view, LEFT, pos=QPoint(*corners[-1]))
        qtbot.mouseRelease(view, LEFT, pos=QPoint(*corners[-1]))
        assert drawn[-1].kind == tool
        assert is_close(drawn[-1], places(view, *corners))
    assert len(drawn) == 2


def test_that_enter_ends_what_the_mouse_draws_and_backspace_takes_a_corner_back(
    qtbot: QtBot, view: PlainMap, drawn: list[Drawn]
) -> None:
    view.draw("polygon")
    corners = [(100, 100), (200, 90), (210, 200)]
    click(qtbot, view, *corners, (300, 250))
    qtbot.keyClick(view, Qt.Key.Key_Backspace)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert is_close(drawn[0], places(view, *corners))


def test_that_escape_takes_all_corners_back_and_keeps_the_tool(
    qtbot: QtBot, view: PlainMap, drawn: list[Drawn]
) -> None:
    view.draw("corridor")
    click(qtbot, view, (100, 100), (200, 90))
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.hand.drawing.points == []
    assert view.hand.drawing.tool == "corridor"
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert drawn == []


def test_that_putting_the_tool_away_forgets_the_corners(
    qtbot: QtBot, view: PlainMap, drawn: list[Drawn], clicked: list[Click]
) -> None:
    view.draw("polygon")
    click(qtbot, view, (100, 100), (200, 90))
    view.draw("")
    assert not view.hand.drawing
    click(qtbot, view, (100, 100))
    assert drawn == []
    assert len(clicked) == 1


def test_that_picking_cameras_is_done_by_plain_clicks(
    qtbot: QtBot, view: PlainMap, clicked: list[Click]
) -> None:
    view.draw("pick")
    click(qtbot, view, (100, 100))
    assert len(clicked) == 1


def test_that_a_polygon_can_be_dragged_aside_while_it_is_drawn(
    qtbot: QtBot, view: PlainMap, drawn: list[Drawn]
) -> None:
    view.draw("polygon")
    click(qtbot, view, (100, 100))
    first = view.hand.drawing.points[0]
    drag(qtbot, view, (200, 200), (260, 200))
    assert view.hand.drawing.points == [first]
    assert view.plane.spot(first).x() == pytest.approx(160, abs=0.01)


# ---------------------------------------------------------------------- keys


def test_that_a_polygon_is_drawn_by_keys_alone(
    qtbot: QtBot, view: PlainMap, drawn: list[Drawn]
) -> None:
    view.draw("polygon")
    corners = []
    for step in ((0, 0), (120, 0), (0, 120)):
        view.pan_by(*step)
        corners.append(view.plane.middle)
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert drawn == []
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert drawn[0].kind == "polygon"
    assert is_close(drawn[0], corners)


@pytest.mark.parametrize(("tool", "count"), [("box", 4), ("circle", 1), ("corridor", 2)])
def test_that_every_other_shape_is_drawn_by_keys_too(
    qtbot: QtBot, view: PlainMap, drawn: list[Drawn], tool: str, count: int
) -> None:
    view.draw(tool)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert drawn == []
    view.pan_by(60, 30)
    qtbot.keyClick(view, Qt.Key.Key_Enter)
    if tool == "corridor":
        qtbot.keyClick(view, Qt.Key.Key_Enter)
    assert drawn[0].kind == tool
    assert len(drawn[0].points) == count


def test_that_a_cross_stands_in_the_middle_while_keys_draw(qtbot: QtBot, view: PlainMap) -> None:
    before = view.grab().toImage().pixelColor(208, 150)
    view.draw("box")
    assert view.grab().toImage().pixelColor(208, 150) != before
    qtbot.mouseMove(view, QPoint(30, 30))
    qtbot.waitUntil(lambda: not view.hand.is_by_keys)
    assert view.grab().toImage().pixelColor(208, 150) == before


def test_that_keys_of_the_window_do_not_take_those_of_a_shape(
    qtbot: QtBot, scene: MapScene
) -> None:
    panel = QWidget()
    qtbot.addWidget(panel)
    view = PlainMap(scene)
    QVBoxLayout(panel).addWidget(view)
    cleared = list[bool]()
    action = QAction("Clear", panel)
    action.setShortcut(QKeySequence("Backspace"))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.triggered.connect(lambda: cleared.append(True))
    panel.addAction(action)
    panel.resize(400, 300)
    panel.show()
    view.begin()
    view.setFocus()
    panel.activateWindow()
    qtbot.waitUntil(view.hasFocus)
    view.draw("polygon")
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.keyClick(view, Qt.Key.Key_Backspace)
    assert view.hand.drawing.points == []
    assert cleared == []
    qtbot.keyClick(view, Qt.Key.Key_Backspace)
    assert cleared == [True]
    view.end()


def test_that_drawing_is_told_in_words(qtbot: QtBot, view: PlainMap) -> None:
    view.draw("polygon")
    qtbot.keyClick(view, Qt.Key.Key_Return)
    view.pan_by(50, 0)
    wanted = "drawing a polygon, 1 point set"
    qtbot.waitUntil(lambda: wanted in view.accessibleDescription())


# ---------------------------------------------------------------------- handles


def test_that_a_corner_of_an_area_is_moved_by_its_handle(
    qtbot: QtBot, view: PlainMap, scene: MapScene, edited: list[Drawn]
) -> None:
    corners = places(view, (100, 100), (300, 100), (300, 200), (100, 200))
    scene.set_area(Polygon(tuple(corners)))
    before = view.plane
    drag(qtbot, view, (300, 200), (330, 240))
    assert edited[0].kind == "polygon"
    assert is_close(edited[0], [*corners[:2], *places(view, (330, 240)), corners[3]])
    assert view.plane == before


def test_that_circle_and_corridor_have_handles_too(
    qtbot: QtBot, view: PlainMap, scene: MapScene, edited: list[Drawn]
) -> None:
    middle, rim = places(view, (200, 150), (260, 150))
    scene.set_area(Circle(middle, distance_m(middle, rim)))
    drag(qtbot, view, (260, 150), (300, 150))
    further = view.plane.place(300, 150)
    assert edited[0].radius_m == pytest.approx(distance_m(middle, further), rel=0.01)
    drag(qtbot, view, (200, 150), (220, 180))
    assert is_close(edited[1], places(view, (220, 180)))
    line = places(view, (50, 50), (150, 80))
    scene.set_area(Corridor(tuple(line), 500.0))
    drag(qtbot, view, (150, 80), (150, 120))
    assert edited[2].kind == "corridor"
    assert is_close(edited[2], [line[0], *places(view, (150, 120))])


def test_that_an_area_that_is_only_shown_has_no_handles(
    qtbot: QtBot, view: PlainMap, scene: MapScene, edited: list[Drawn]
) -> None:
    corners = places(view, (100, 100), (300, 100), (300, 200))
    scene.set_area(Polygon(tuple(corners)), edits=False)
    drag(qtbot, view, (300, 200), (330, 240))
    assert edited == []
    assert view.plane.spot(STOKE).x() == pytest.approx(230)


def test_that_a_handle_is_let_go_of_when_the_area_is_another(
    qtbot: QtBot, view: PlainMap, scene: MapScene, edited: list[Drawn]
) -> None:
    corners = places(view, (100, 100), (300, 100), (300, 200))
    scene.set_area(Polygon(tuple(corners)))
    qtbot.mousePress(view, LEFT, pos=QPoint(300, 200))
    qtbot.mouseMove(view, QPoint(330, 240))
    qtbot.waitUntil(lambda: view.hand.edit is not None)
    scene.set_area(None)
    assert view.hand.edit is None
    qtbot.mouseRelease(view, LEFT, pos=QPoint(330, 240))
    assert edited == []
