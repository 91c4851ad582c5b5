"""A search on the map: its reads, its area in both directions, its cameras and its rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Area, Circle, Corridor, Polygon, Where, query_from
from nas_desktop.services.cards import CardId
from nas_desktop.services.map_points import GONE, MapPoints
from nas_desktop.services.searches import Order
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.map import answer_marks, map_rows
from nas_desktop.ui.map.map_desk import MapDesk
from nas_desktop.ui.map.map_rows import row_words
from nas_desktop.ui.map.map_view import Click, Drawn
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.map.scene import CameraMark, Chosen, MapScene, Part, Reads
from nas_desktop.ui.search.search_page import SearchPage
from nas_desktop.ui.search.search_tab import SearchTab
from tests.fakes.map_link import FakeMapLink
from tests.fakes.node_link import FakeNodeLink, an_operator
from tests.fakes.search_link import FakeRunningSearch, FakeSearchLink, some_progress
from tests.unit.ui.map.at_map import (
    STOKE,
    STONE,
    a_hit_at,
    ask,
    click_at,
    drain,
    focus,
    key,
    later,
    looks_at,
    show_marks,
    some_points,
)
from tests.unit.ui.map.conftest import MakeWindow, RunsOrKeeps, wait_for_map

Key = Qt.Key
Told = Callable[[int, int], None]


@pytest.fixture
def searches(searches: FakeSearchLink) -> FakeSearchLink:
    searches.first = some_progress(120, is_done=True)
    return searches


@pytest.fixture
def page(window: MainWindow) -> SearchPage:
    window.show_workspace("search")
    assert window.search_page is not None
    return window.search_page


@pytest.fixture
def tab(page: SearchPage) -> SearchTab:
    return page.tab


def asked_points(searches: FakeSearchLink, number: int = -1) -> list[Order]:
    return [one[1] for one in searches.running[number].asked if one[0] == "points"]


# ------------------------------------------------------------------ reads


def test_that_reads_are_fetched_once_for_each_answer_and_order(
    window: MainWindow, tab: SearchTab, scene: MapScene, searches: FakeSearchLink, view: PlainMap
) -> None:
    ask(tab)
    assert asked_points(searches) == [Order.NEWEST]
    assert scene.reads is not None
    assert len(scene.reads.points) == 120
    box = view.plane.box()
    assert box.south < 52.87 < 53.10 < box.north, "all of it is shown, as it was asked for"
    assert box.zoom > 7
    before = looks_at(view)
    tab.state_changed.emit()
    tab.state_changed.emit()
    window.show_workspace("live")
    assert scene.reads is None
    window.show_workspace("search")
    assert scene.reads is not None
    assert asked_points(searches) == [Order.NEWEST]
    assert looks_at(view) == before
    tab.results.model.set_order(Order.OLDEST)
    assert asked_points(searches) == [Order.NEWEST, Order.OLDEST]
    assert scene.reads.points.at[0] < scene.reads.points.at[-1]
    ask(tab, "CD62XYZ")
    assert asked_points(searches, 0) == [Order.NEWEST, Order.OLDEST]
    assert asked_points(searches, 1) == [Order.OLDEST]


def test_that_reads_wait_until_the_search_has_ended(
    tab: SearchTab, scene: MapScene, searches: FakeSearchLink
) -> None:
    searches.first = some_progress(10)
    ask(tab)
    assert scene.reads is None
    running = searches.running[0]
    running.tell(some_progress(60))
    assert asked_points(searches) == []
    running.tell(some_progress(64, is_done=True))
    assert scene.reads is not None
    assert len(scene.reads.points) == 64


def test_that_reads_are_not_fetched_while_nobody_sees_the_map(
    window: MainWindow, tab: SearchTab, scene: MapScene, searches: FakeSearchLink
) -> None:
    window.actions_by_name["map"].trigger()
    ask(tab)
    assert asked_points(searches) == []
    window.actions_by_name["map"].trigger()
    assert asked_points(searches) == [Order.NEWEST]
    assert scene.reads is not None


def test_that_a_refusal_of_reads_is_said(
    desk: MapDesk, tab: SearchTab, scene: MapScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_args: object) -> MapPoints:
        raise Refused("gone", "The answer is gone.", "Search again.")

    monkeypatch.setattr(FakeRunningSearch, "points", refuse)
    ask(tab)
    assert scene.reads is None
    assert "not on the map: The answer is gone." in desk.panel.said.text()


def test_that_a_part_of_a_great_answer_is_said_to_be_one(
    desk: MapDesk, tab: SearchTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(desk.panel, "say", said.append)

    async def some(_self: object, _order: Order, told: Told) -> MapPoints:
        told(100, 1_000)
        told(60_000, 700_000)
        return some_points(100)

    monkeypatch.setattr(FakeRunningSearch, "points", some)
    ask(tab)
    assert "Reads for the map: 60,000 of 700,000." in said
    assert said[-1] == "The map shows 100 of 120 reads."


class Slow:
    """Answers for reads only when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gates: list[tuple[Order, asyncio.Event]] = []
        real = FakeRunningSearch.points

        async def points(running: FakeRunningSearch, order: Order, told: Told) -> MapPoints:
            gate = asyncio.Event()
            self.gates.append((order, gate))
            await gate.wait()
            return await real(running, order, told)

        monkeypatch.setattr(FakeRunningSearch, "points", points)

    async def begun(self, count: int) -> None:
        """Wait until so many were asked for."""
        while len(self.gates) < count:
            await asyncio.sleep(0)


async def test_that_an_order_asked_for_meanwhile_is_fetched_once(
    tab: SearchTab, scene: MapScene, spawn: RunsOrKeeps, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(monkeypatch)
    ask(tab)
    await slow.begun(1)
    tab.results.model.set_order(Order.OLDEST)
    await slow.begun(2)
    slow.gates[0][1].set()
    await settled()
    tab.state_changed.emit()
    slow.gates[1][1].set()
    await spawn.done()
    assert [order for order, _gate in slow.gates] == [Order.NEWEST, Order.OLDEST]
    assert scene.reads is not None
    assert scene.reads.points.at[0] < scene.reads.points.at[-1]


@pytest.mark.parametrize("way", ["sign_out", "ask", "live", "refused"])
async def test_that_reads_of_a_question_that_no_longer_stands_are_dropped(
    window: MainWindow, tab: SearchTab, scene: MapScene, searches: FakeSearchLink,
    spawn: RunsOrKeeps, monkeypatch: pytest.MonkeyPatch, way: str,
) -> None:  # fmt: skip
    slow = Slow(monkeypatch)
    ask(tab)
    await slow.begun(1)
    answer = window.map.answer
    assert answer is not None
    if way == "sign_out":
        window.actions_by_name["sign_out"].trigger()
    elif way == "live":
        window.show_workspace("live")
    elif way == "ask":
        ask(tab, "CD62XYZ")
        await slow.begun(2)
    else:
        searches.running[0].refusal = Refused("gone", "The answer is gone.", "")
    slow.gates[0][1].set()
    await settled()
    assert scene.reads is None
    assert len(answer._answers) == (1 if way == "live" else 0)
    for _order, gate in slow.gates:
        gate.set()
    await settled()
    if way == "live":
        window.show_workspace("search")
        assert scene.reads is not None
        assert len(slow.gates) == 1, "what came while it was not in front is kept"


async def settled() -> None:
    """Let everything that can go on go on."""
    for _turn in range(50):
        await asyncio.sleep(0)


def test_that_each_search_has_its_own_reads_and_area(
    page: SearchPage, scene: MapScene, searches: FakeSearchLink, desk: MapDesk
) -> None:
    first = page.tab
    desk.take_area(Circle(STONE, 500.0))
    ask(first)
    searches.first = some_progress(7, is_done=True)
    second = page.new_search()
    assert scene.reads is None
    assert scene.area is None
    ask(second)
    assert scene.reads is not None
    assert len(scene.reads.points) == 7
    first.state_changed.emit()
    assert len(scene.reads.points) == 7
    page.bar.setCurrentIndex(0)
    assert scene.reads is not None
    assert len(scene.reads.points) == 120
    assert scene.area == Circle(STONE, 500.0)
    assert [len(asked_points(searches, n)) for n in (0, 1)] == [1, 1]
    page.close_search()
    assert len(scene.reads.points) == 7
    assert scene.area is None


def test_that_only_the_search_in_front_is_on_the_map(
    window: MainWindow, tab: SearchTab, scene: MapScene, searches: FakeSearchLink
) -> None:
    ask(tab)
    window.show_workspace("live")
    assert scene.reads is None
    assert scene.area is None
    tab.state_changed.emit()
    tab.panel.place.set_area(Circle(STONE, 500.0))
    assert scene.reads is None
    assert scene.area is None
    assert window.map.answer is not None
    window.map.answer.show_tab()
    window.map.answer._show_reads()
    assert window.map.answer.tab is None
    assert window.map.answer.rows_at(STONE, 9) == []
    assert window.map.answer.no_fix_rows() == []
    assert not window.map.answer.set_area(None)
    assert not window.map.answer.pick("52 1 1")
    window.map.answer.choose_row(0)


# ------------------------------------------------------------------ an area, both ways


def crossing() -> Drawn:
    """Two halves of one size: it is not plain what is meant."""
    return Drawn("polygon", ((52.9, -2.2), (53.0, -2.1), (52.9, -2.1), (53.0, -2.2)))


def slip() -> Drawn:
    """A square whose last side crosses the first by a hair."""
    return Drawn(
        "polygon",
        ((52.9, -2.2), (52.9, -2.0), (53.1, -2.0), (53.1, -2.2), (52.905, -2.2), (52.895, -2.199)),
    )


@pytest.mark.parametrize("kind", ["box", "polygon", "circle", "corridor"])
def test_that_a_drawn_area_is_the_place_of_the_question(
    desk: MapDesk, tab: SearchTab, view: PlainMap, scene: MapScene, searches: FakeSearchLink,
    kind: str,
) -> None:  # fmt: skip
    view.go(STONE, 10)
    number = {"box": Key.Key_1, "polygon": Key.Key_2, "circle": Key.Key_3, "corridor": Key.Key_4}
    focus(view)
    key(view, number[kind])
    left = Qt.MouseButton.LeftButton
    corners = [QPoint(60, 60), QPoint(180, 70), QPoint(170, 190)]
    if kind in ("box", "circle"):
        spots = [corners[0], corners[2]]
    else:
        spots = [*corners, corners[0] if kind == "polygon" else corners[2]]
    for spot in spots:
        QTest.mouseClick(view, left, pos=spot)
    assert desk.panel.tool == ""
    drawn = scene.area
    assert drawn is not None
    form = tab.panel.place
    wanted = {"box": "polygon", "circle": "near"}.get(kind, kind)
    assert form.area_kind.currentData() == wanted
    ask(tab)
    query = searches.calls("start")[-1][0]
    assert query.area is not None
    assert type(query.area) is type(drawn)
    again = query_from(query.text)
    assert again == query, "what is kept as text is the same question"
    form.set_area(None)
    assert scene.area is None
    tab.panel.set_question(again, Where.LOCAL)
    assert scene.area == again.area
    if isinstance(drawn, Circle):
        assert isinstance(scene.area, Circle)
        assert scene.area.radius_m == pytest.approx(drawn.radius_m, abs=0.1)
    elif isinstance(drawn, Corridor):
        assert isinstance(scene.area, Corridor)
        assert scene.area.radius_m == 250
        assert len(scene.area.points) == 3
    else:
        assert isinstance(scene.area, Polygon)
        assert len(scene.area.corners) == {"box": 4, "polygon": 3}[kind]


def test_that_an_area_typed_into_the_form_is_on_the_map(
    tab: SearchTab, scene: MapScene, qtbot: QtBot
) -> None:
    form = tab.panel.place
    form.area_kind.setCurrentIndex(1)
    form.area_text.setFocus()
    qtbot.keyClicks(form.area_text, "52.98, -2.15, 2000")
    assert scene.area == Circle(Position(52.98, -2.15), 2_000)
    qtbot.keyClicks(form.area_text, "x")
    assert scene.area is None
    form.area_kind.setCurrentIndex(0)
    assert scene.area is None


def test_that_handles_change_the_question(
    desk: MapDesk, tab: SearchTab, view: PlainMap, scene: MapScene
) -> None:
    desk.take_area(Corridor((STONE, STOKE), 900.0))
    view.edited.emit(Drawn("corridor", (tuple(STONE), (53.1, -2.3))))
    assert scene.area == Corridor((STONE, Position(53.1, -2.3)), 900.0)
    assert tab.panel.place.area() == scene.area
    assert "looks in this area" in desk.panel.said.text()
    view.edited.emit("nonsense")
    assert scene.area == Corridor((STONE, Position(53.1, -2.3)), 900.0)


def test_that_a_shape_that_crosses_itself_a_little_is_mended_and_that_is_said(
    desk: MapDesk, tab: SearchTab, view: PlainMap, scene: MapScene
) -> None:
    view.drawn.emit(slip())
    assert isinstance(scene.area, Polygon)
    assert "Sides crossed or touched" in desk.panel.said.text()
    assert tab.panel.place.area() is not None


def test_that_a_shape_nobody_can_understand_is_refused_and_the_handles_go_back(
    desk: MapDesk, tab: SearchTab, view: PlainMap, scene: MapScene
) -> None:
    view.drawn.emit(crossing())
    assert scene.area is None
    assert "not plain" in desk.panel.said.text()
    square = Polygon((STONE, Position(53.0, -2.15), Position(53.0, -2.0)))
    desk.take_area(square)
    told: list[object] = []
    scene.changed.connect(told.append)
    view.edited.emit(crossing())
    assert scene.area == square
    assert Part.AREA in told, "said again, though it is the same"
    assert tab.panel.place.area() == square


def test_that_an_area_drawn_in_another_workspace_leads_to_the_search(
    window: MainWindow, desk: MapDesk, scene: MapScene
) -> None:
    desk.take_area(Circle(STONE, 500.0))
    assert window.pages.name == "search"
    assert scene.area == Circle(STONE, 500.0)
    window.show_workspace("live")
    assert scene.area is None
    window.show_workspace("search")
    assert scene.area == Circle(STONE, 500.0)


@pytest.mark.parametrize("one", [Key.Key_Delete, Key.Key_Backspace])
def test_that_the_area_is_taken_away_by_key(
    desk: MapDesk, tab: SearchTab, view: PlainMap, scene: MapScene, one: Qt.Key
) -> None:
    focus(view)
    key(view, one)
    assert "no area to take away" in desk.panel.said.text()
    desk.take_area(Circle(STONE, 500.0))
    key(view, one)
    assert scene.area is None
    assert tab.panel.place.area() is None
    assert desk.panel.said.text() == "The area is taken away."


def areas() -> list[Area]:
    return [
        Circle(STONE, 1_234.5),
        Corridor((STONE, STOKE), 250.0),
        Polygon((STONE, Position(53.0, -2.15), Position(53.0, -2.0))),
    ]


@pytest.mark.parametrize("area", areas())
def test_that_an_area_survives_the_form_and_the_text_of_the_question(
    desk: MapDesk, tab: SearchTab, searches: FakeSearchLink, area: Area
) -> None:
    desk.take_area(area)
    assert tab.panel.place.area() == area
    ask(tab)
    query = searches.calls("start")[-1][0]
    assert query.area == area
    assert query_from(query.text).area == area
    assert desk.scene.area == area


# ------------------------------------------------------------------ cameras


def test_that_cameras_are_picked_by_a_click_and_put_back_by_another(
    desk: MapDesk, tab: SearchTab, view: PlainMap, scene: MapScene, searches: FakeSearchLink
) -> None:
    one, other = searches.known[0], searches.known[1]
    assert one.position is not None
    assert other.position is not None
    scene.set_cameras(
        [CameraMark(str(c.camera_id), c.position, "live", c.alias) for c in (one, other)]
    )
    view.go(one.position, 13)
    focus(view)
    key(view, Key.Key_5)
    click_at(view, one.position)
    assert tab.panel.place.cameras == (one.camera_id,)
    assert scene.chosen.cameras == {str(one.camera_id)}
    click_at(view, Position(one.position.latitude + 0.005, one.position.longitude))
    assert "No camera lies there" in desk.panel.said.text()
    desk._on_click(Click(STONE, 13, (), (str(other.camera_id),)))
    assert scene.chosen.cameras == {str(one.camera_id), str(other.camera_id)}
    click_at(view, one.position)
    assert tab.panel.place.cameras == (other.camera_id,)
    desk._on_click(Click(STONE, 13, (), ("unknown",)))
    assert "Ctrl+2" in desk.panel.said.text()
    tab.panel.place.set_cameras(())
    assert scene.chosen.cameras == frozenset()


def test_that_cameras_are_picked_only_for_a_search(desk: MapDesk) -> None:
    desk.panel.take_tool("pick")
    desk._on_click(Click(STONE, 13, (), ("52 1 1",)))
    assert "open Search (Ctrl+2)" in desk.panel.said.text()


# ------------------------------------------------------------------ rows, both ways


def place_of(scene: MapScene, row: int) -> Position:
    assert scene.reads is not None
    points = scene.reads.points
    return Position(float(points.latitude[row]), float(points.longitude[row]))


@pytest.mark.parametrize("order", [Order.NEWEST, Order.OLDEST])
def test_that_a_chosen_row_is_ringed_and_its_vehicle_s_way_is_drawn(
    tab: SearchTab, scene: MapScene, view: PlainMap, order: Order
) -> None:
    ask(tab)
    tab.results.model.set_order(order)
    assert scene.reads is not None
    points = scene.reads.points
    before = looks_at(view)
    for row in (0, 17, 119):
        tab.results.table.selectRow(row)
        assert scene.chosen.rings == (place_of(scene, row),)
        same = points.vehicle == points.vehicle[row]
        assert len(scene.journey) == np.count_nonzero(same)
        times = points.at[same]
        first = np.datetime64(int(times.min()), "us").item()
        assert scene.journey[0].words == f"{first:%H:%M}"
    assert looks_at(view) == before, "a row that is looked at does not move the map"


@pytest.mark.parametrize("order", [Order.NEWEST, Order.OLDEST])
def test_that_a_click_on_a_read_chooses_its_row(
    desk: MapDesk, tab: SearchTab, scene: MapScene, view: PlainMap, order: Order
) -> None:
    ask(tab)
    tab.results.model.set_order(order)
    place = place_of(scene, 2)
    view.go(place, 13)
    click_at(view, place)
    rows = desk.rows.list
    assert rows.title.text() == "30 here", "a quarter of the reads lies at this camera"
    text = rows.rows.item(3).text()
    row = rows._rows[3].row
    assert scene.reads is not None
    assert text == row_words(scene.reads.points, row)
    key(rows.rows, Key.Key_Down, Key.Key_Down, Key.Key_Down, Key.Key_Return)
    assert tab.results.table.currentIndex().row() == row
    assert scene.chosen.rings == (place_of(scene, row),)
    found = tab.results.model.found_at(row)
    assert found is not None
    assert found.read.position == pytest.approx(tuple(place))


def test_that_very_many_at_one_spot_are_listed_as_five_hundred_or_more(
    desk: MapDesk, tab: SearchTab, scene: MapScene, searches: FakeSearchLink
) -> None:
    searches.first = some_progress(2_400, is_done=True)
    ask(tab)
    desk.rows.take_click(Click(place_of(scene, 0), 13))
    assert desk.rows.list.title.text() == "500 or more here"


def test_that_a_single_read_is_chosen_at_once(
    desk: MapDesk, tab: SearchTab, scene: MapScene, searches: FakeSearchLink
) -> None:
    searches.first = some_progress(4, is_done=True)
    ask(tab)
    desk.rows.take_click(Click(place_of(scene, 2), 13))
    assert tab.results.table.currentIndex().row() == 2
    assert not desk.rows.list.isVisible()


def test_that_reads_outside_the_span_are_not_found_by_a_click(
    desk: MapDesk, tab: SearchTab, scene: MapScene
) -> None:
    ask(tab)
    assert scene.reads is not None
    place = place_of(scene, 2)
    at = int(scene.reads.points.at[2])
    scene.set_span((at, at + 1))
    desk.rows.take_click(Click(place, 13))
    assert tab.results.table.currentIndex().row() == 2
    assert not desk.rows.list.isVisible()


def without_fix(tab: SearchTab, scene: MapScene, desk: MapDesk) -> None:
    """Put reads on the map of which the first ten have no place, and one is gone."""
    assert desk.answer is not None
    points = some_points(120, without_fix=10)
    camera = points.camera.copy()
    camera[11] = GONE
    latitude = points.latitude.copy()
    latitude[11] = np.nan
    points = replace(points, camera=camera, latitude=latitude)
    desk.answer._answers[tab] = replace(desk.answer._answers[tab], reads=Reads(points))
    tab.state_changed.emit()


def test_that_reads_without_position_are_listed_and_chosen(
    window: MainWindow, desk: MapDesk, tab: SearchTab, scene: MapScene, view: PlainMap,
    link: FakeNodeLink, qtbot: QtBot,
) -> None:  # fmt: skip
    ask(tab)
    without_fix(tab, scene, desk)
    assert desk.answer is not None
    assert desk.answer.no_fix_rows() == list(range(10))
    drain(qtbot, window, link, a_hit_at(None))
    show_marks(window)
    desk.rows.show_count()
    assert desk.panel.no_fix.text() == "11 without position"
    focus(view)
    key(view, Key.Key_P)
    rows = desk.rows.list
    assert rows.title.text() == "11 without position"
    assert rows.rows.count() == 11
    rows.rows.setCurrentRow(4)
    key(rows.rows, Key.Key_Return)
    assert tab.results.table.currentIndex().row() == 3
    assert "no position" in desk.panel.said.text()
    assert scene.chosen.rings == ()
    assert scene.journey == ()


def test_that_a_list_without_end_says_how_many_there_are(
    desk: MapDesk, tab: SearchTab, scene: MapScene, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(map_rows, "MOST_WITHOUT", 4)
    ask(tab)
    without_fix(tab, scene, desk)
    desk.rows.show_no_fix()
    assert desk.rows.list.title.text() == "4 of 10 without position"


def test_that_a_read_is_listed_with_time_camera_and_direction() -> None:
    points = some_points(6)
    words = row_words(points, 1).split(" · ")
    assert words[1:] == ["A34 South 1", "NE"]
    at = np.datetime64(int(points.at[1]), "us").item()
    assert words[0] == f"{at:%d %b %H:%M:%S}"
    camera = points.camera.copy()
    camera[1] = GONE
    direction = points.direction.copy()
    direction[1] = 10
    gone = replace(points, camera=camera, direction=direction)
    assert row_words(gone, 1).split(" · ")[1:] == ["gone since"]
    nameless = tuple(replace(c, alias="") for c in points.cameras)
    assert row_words(replace(points, cameras=nameless), 1).split(" · ")[1] == str(
        points.cameras[1].camera_id
    )


def test_that_a_vehicle_with_too_many_or_one_read_has_no_journey(
    tab: SearchTab, scene: MapScene, searches: FakeSearchLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(tab)
    monkeypatch.setattr(answer_marks, "MOST_STOPS", 3)
    tab.results.table.selectRow(0)
    assert scene.chosen.rings
    assert scene.journey == ()
    searches.first = some_progress(1, is_done=True)
    ask(tab, "CD62XYZ")
    tab.results.table.selectRow(0)
    assert scene.journey == ()


def test_that_everything_found_is_shown_when_nothing_is_chosen(
    desk: MapDesk, tab: SearchTab, view: PlainMap, scene: MapScene
) -> None:
    ask(tab)
    whole = looks_at(view)
    view.go(Position(57.0, -4.0), 9)
    focus(view)
    key(view, Key.Key_Z)
    assert looks_at(view) == pytest.approx(whole, abs=1e-3)
    tab.results.table.selectRow(0)
    view.go(Position(57.0, -4.0), 9)
    key(view, Key.Key_Z)
    assert 52.8 < view.plane.middle.latitude < 53.2
    scene.set_reads(None)
    assert desk.answer is not None
    desk.answer.show_all()


# ------------------------------------------------------------------ beside the live hits


def test_that_the_journey_of_a_row_stays_while_hits_arrive(
    window: MainWindow, tab: SearchTab, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE), a_hit_at(STOKE, at=later(5)))
    window.page.hits.choose(CardId("AB51ABC"))
    window.show_workspace("search")
    ask(tab)
    tab.results.table.selectRow(0)
    journey, chosen = scene.journey, scene.chosen
    assert len(journey) > 2
    drain(qtbot, window, link, a_hit_at(STONE, at=later(7)))
    show_marks(window)
    assert scene.journey == journey
    assert scene.chosen == chosen


def test_that_the_chosen_hit_is_marked_again_when_the_search_is_left(
    window: MainWindow, tab: SearchTab, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE), a_hit_at(STOKE, at=later(5)))
    window.page.hits.choose(CardId("AB51ABC"))
    own = scene.journey
    window.show_workspace("search")
    ask(tab)
    tab.results.table.selectRow(0)
    assert scene.journey != own
    window.show_workspace("live")
    assert scene.chosen == Chosen("AB51ABC")
    assert scene.journey == own


def test_that_the_journey_of_a_row_goes_with_its_search(
    window: MainWindow, tab: SearchTab, scene: MapScene
) -> None:
    ask(tab)
    tab.results.table.selectRow(0)
    assert scene.journey
    window.show_workspace("live")
    assert scene.journey == ()
    assert scene.chosen == Chosen()


def test_that_somebody_else_finds_nothing_of_a_search_on_the_map(
    window: MainWindow, tab: SearchTab, scene: MapScene, desk: MapDesk, qtbot: QtBot
) -> None:
    desk.take_area(Circle(STONE, 500.0))
    ask(tab)
    tab.results.table.selectRow(0)
    window.actions_by_name["sign_out"].trigger()
    assert (scene.reads, scene.area, scene.journey) == (None, None, ())
    assert scene.chosen == Chosen()
    assert desk.answer is not None
    assert len(desk.answer._answers) == 0
    window.sign_in_as(an_operator(Role.ANALYST, name="B. Lowe"))
    window.show_workspace("search")
    assert (scene.reads, scene.area, scene.journey) == (None, None, ())
    assert scene.chosen == Chosen()


def test_that_an_area_of_who_may_not_search_leads_to_the_reason_why_not(
    make_window: MakeWindow, qtbot: QtBot, maps: FakeMapLink, searches: FakeSearchLink
) -> None:
    window = make_window()
    window.sign_in_as(an_operator(Role.VOI_MANAGER))
    view = wait_for_map(qtbot, window)
    view.drawn.emit(Drawn("circle", ((52.9, -2.15),), 500.0))
    assert window.pages.name == "search"
    assert window.search_page is not None
    assert window.search_page.whole.currentIndex() == 0


def test_that_reads_without_position_are_counted_for_the_search_in_front_alone(
    desk: MapDesk, page: SearchPage, scene: MapScene
) -> None:
    ask(page.tab)
    without_fix(page.tab, scene, desk)
    assert desk.panel.no_fix.text() == "10 without position"
    page.new_search()
    assert not desk.panel.no_fix.isVisible()
    page.bar.setCurrentIndex(0)
    assert desk.panel.no_fix.text() == "10 without position"


def test_that_the_chosen_hit_keeps_its_journey_beside_an_answer(
    window: MainWindow, tab: SearchTab, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE), a_hit_at(STOKE, at=later(5)))
    window.page.hits.choose(CardId("AB51ABC"))
    own = scene.journey
    assert len(own) == 2
    window.show_workspace("search")
    ask(tab)
    if not tab.results.table.currentIndex().isValid():
        assert scene.journey == own
    tab.results.table.selectRow(0)
    assert scene.journey != own
    tab.results.table.setCurrentIndex(tab.results.model.index(-1, 0))
    assert scene.chosen.rings == ()
