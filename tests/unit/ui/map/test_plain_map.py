"""The map drawn by Qt alone: what is seen, said and painted of a scene."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Circle, Polygon
from nas_desktop.services.map_points import MapPoints, PointCamera
from nas_desktop.services.point_colours import ColourBy
from nas_desktop.ui.map.map_colours import GROUND, hue_colours
from nas_desktop.ui.map.map_view import Click, ViewBox
from nas_desktop.ui.map.plain_map import MIDDLE, PlainMap
from nas_desktop.ui.map.scene import (
    CameraMark,
    Chosen,
    HitMark,
    MapScene,
    Part,
    Reads,
    Stop,
    Way,
)
from nas_desktop.ui.theme import Look, ThemeName

DARK = GROUND[ThemeName.DARK]
STOKE = Position(53.0, -2.15)
US = 1_000_000
NIGHT = 1_760_000_000 * US


class Counting(PlainMap):
    """Counts how often it is painted."""

    paints = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paints += 1
        super().paintEvent(event)


@pytest.fixture
def scene(qapp: QApplication) -> MapScene:
    made = MapScene(Look(ThemeName.DARK))
    made.options.grid = made.options.labels = False
    return made


@pytest.fixture
def view(qtbot: QtBot, scene: MapScene) -> Iterator[Counting]:
    made = Counting(scene)
    qtbot.addWidget(made)
    made.resize(400, 300)
    scene.view = (STOKE, 10.0)
    with qtbot.waitSignal(made.ready):
        made.begin()
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.end()


def points(
    places: list[tuple[float, float]], vehicle: int = 0, seconds: list[int] | None = None
) -> MapPoints:
    count = len(places)
    lat, lon = np.array(places, np.float64).reshape(-1, 2).T
    at = np.array(seconds or [0] * count, np.int64) * US + NIGHT
    whole = np.zeros(count, np.int32)
    camera = (PointCamera(CameraId("01", 1, 1), "A"),)
    return MapPoints(lat, lon, at, whole, whole + vehicle, whole.astype(np.int8), camera)


def pixels(view: PlainMap) -> QImage:
    return view.picture().toImage()


def at(view: PlainMap, place: Position, right: int = 0, down: int = 0) -> QColor:
    spot = view.plane.spot(place)
    return pixels(view).pixelColor(int(spot.x()) + right, int(spot.y()) + down)


def a_hit(card: str, place: Position, *, rank: int = 3, symbol: str = "s", **more: bool) -> HitMark:
    flags = {"is_waiting": False, "is_over": False, **more}
    return HitMark(card, place, rank, 0.0, symbol, "AB51ABC", "4 s", **flags)


def a_symbol(colour: str) -> QPixmap:
    made = QPixmap(64, 64)
    made.fill(QColor(colour))
    return made


def a_camera(name: str, place: Position, state: str = "live") -> CameraMark:
    return CameraMark(name, place, state, f"{name} East")


# ---------------------------------------------------------------------- the view


def test_that_a_view_begins_where_the_operator_looked_last(view: Counting) -> None:
    assert view.seen is not None
    assert view.seen.zoom == 10
    assert view.seen.middle == pytest.approx(STOKE, abs=1e-6)
    assert view.seen.south < STOKE.latitude < view.seen.north
    assert view.seen.west < STOKE.longitude < view.seen.east
    assert view.drawn_by == "Qt, without Chromium"


def test_that_ready_is_said_after_begin_has_returned(qtbot: QtBot, scene: MapScene) -> None:
    made = PlainMap(scene)
    qtbot.addWidget(made)
    assert made.seen is None
    heard = list[bool]()
    made.ready.connect(lambda: heard.append(True))
    made.begin()
    assert heard == []
    assert scene.view is None
    assert made.seen is not None
    assert made.seen.middle == pytest.approx(MIDDLE, abs=1e-6)
    qtbot.waitUntil(lambda: heard == [True])
    made.end()


def test_that_a_box_is_fitted_anew_once_the_view_has_its_size(
    qtbot: QtBot, scene: MapScene
) -> None:
    made = PlainMap(scene)
    qtbot.addWidget(made)
    made.resize(120, 90)
    made.begin()
    made.fit(Position(52, -3), Position(54, -1))
    small = made.plane.zoom
    made.show()
    made.resize(900, 700)
    assert made.plane.zoom > small
    box = made.seen
    assert box is not None
    assert box.south < 52
    assert box.north > 54
    made.end()


def test_that_a_fit_leaves_room_and_never_comes_closer_than_asked(view: Counting) -> None:
    low, high = Position(52.9, -2.3), Position(53.1, -2.0)
    view.fit(low, high)
    corners = [view.plane.spot(low), view.plane.spot(high)]
    assert min(corners[0].x(), corners[1].y()) >= 39.9
    assert max(corners[1].x() - 400, corners[0].y() - 300) <= -39.9
    view.fit(STOKE, STOKE, most_zoom=13)
    assert view.plane.zoom == 13


def test_that_the_zoom_stays_within_its_bounds(view: Counting) -> None:
    view.zoom_by(-50)
    assert view.plane.zoom == 5
    view.zoom_by(50)
    assert view.plane.zoom == 19


def test_that_panning_right_moves_what_is_seen_to_the_east(view: Counting) -> None:
    before = view.plane.spot(STOKE)
    view.pan_by(120, -50)
    after = view.plane.spot(STOKE)
    assert (before - after).toTuple() == pytest.approx((120, -50), abs=1e-6)


def test_that_the_view_is_told_once_after_the_last_of_many_changes(
    qtbot: QtBot, view: Counting, scene: MapScene
) -> None:
    qtbot.waitUntil(lambda: not view._settle.isActive())
    told = list[ViewBox]()
    view.moved.connect(told.append)
    for _ in range(20):
        view.pan_by(3, 0)
    qtbot.waitUntil(lambda: len(told) > 0)
    assert len(told) == 1
    assert told[0] == view.seen
    assert scene.view == (told[0].middle, told[0].zoom)


def test_that_the_wheel_zooms_about_the_pointer_and_counts_as_by_hand(
    qtbot: QtBot, view: Counting
) -> None:
    spot = QPointF(310, 60)
    place = view.plane.place(spot.x(), spot.y())
    with qtbot.waitSignal(view.moved_by_hand):
        turn(view, spot, 120)
    assert view.plane.zoom == 11
    assert view.plane.place(spot.x(), spot.y()) == pytest.approx(place, abs=1e-9)
    turn(view, spot, 20)
    assert view.plane.zoom == 11
    turn(view, spot, 40)
    assert view.plane.zoom == 11.5


def turn(view: PlainMap, spot: QPointF, delta: int) -> None:
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(
        spot, spot, QPoint(), QPoint(0, delta), none, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


# ---------------------------------------------------------------------- painting


def test_that_many_changes_at_once_are_painted_once(
    qtbot: QtBot, view: Counting, scene: MapScene
) -> None:
    qtbot.waitUntil(lambda: not view._settle.isActive())
    qtbot.wait(20)
    before, made = view.paints, view.layers["live"].made
    for number in range(300):
        scene.set_hits({f"h{number}": a_hit(f"h{number}", STOKE)})
        scene.set_journey([Stop(STOKE, str(number))])
        view.pan_by(1, 0)
    assert view.paints == before
    qtbot.waitUntil(lambda: view.paints > before)
    qtbot.wait(30)
    assert view.paints == before + 1
    assert view.layers["live"].made == made + 1


def test_that_a_drag_moves_what_was_painted_and_paints_nothing_anew(
    qtbot: QtBot, view: Counting
) -> None:
    qtbot.waitUntil(lambda: not view._settle.isActive())
    view.picture()
    made = {name: layer.made for name, layer in view.layers.items()}
    view.pan_by(60, 40)
    view.picture()
    assert {name: layer.made for name, layer in view.layers.items()} == made
    qtbot.waitUntil(lambda: view.layers["ground"].made == made["ground"] + 1)
    assert not view.layers["ground"].is_moved(view.plane)


def test_that_land_and_sea_have_their_colours(view: Counting) -> None:
    assert at(view, STOKE, 5, 5).name().upper() == DARK["land"]
    sea = Position(53.8, -4.6)
    view.go(sea, 8)
    assert at(view, sea).name().upper() == DARK["sea"]


def test_that_dimming_takes_the_ground_towards_the_sea(view: Counting, scene: MapScene) -> None:
    before = at(view, STOKE, 5, 5).lightness()
    scene.switch("dim")
    assert QColor(DARK["sea"]).lightness() < at(view, STOKE, 5, 5).lightness() < before


def test_that_grid_and_names_come_and_go_with_their_keys(view: Counting, scene: MapScene) -> None:
    bare = pixels(view)
    scene.switch("grid")
    with_grid = pixels(view)
    assert with_grid != bare
    scene.switch("grid")
    scene.switch("labels")
    assert pixels(view) not in (bare, with_grid)
    scene.switch("labels")
    assert pixels(view) == bare


def test_that_cameras_tell_their_state_by_shape_and_fill(view: Counting, scene: MapScene) -> None:
    view.go(STOKE, 11)
    places = {
        state: Position(53.0, -2.25 + 0.06 * n)
        for n, state in enumerate(("live", "silent", "degraded", "never"))
    }
    scene.set_cameras([a_camera(state, place, state) for state, place in places.items()])
    camera, land = QColor(DARK["camera"]), QColor(DARK["land"])
    assert at(view, places["live"]) == camera
    assert at(view, places["silent"]) == land
    assert at(view, places["degraded"], -2) == camera
    assert at(view, places["degraded"], 2) == land
    assert at(view, places["never"]).lightness() > 100
    assert at(view, places["never"], 4) == land
    scene.switch("cameras")
    assert at(view, places["live"]) == land


def test_that_names_of_cameras_are_written_from_zoom_12_on(view: Counting, scene: MapScene) -> None:
    place = Position(53.0, -2.1501)
    written = {}
    for zoom in (11.5, 12.0):
        view.go(place, zoom)
        scene.options.labels = True
        scene.set_cameras([CameraMark("c", place, "live", "")])
        unnamed = pixels(view)
        scene.set_cameras([a_camera("c", place)])
        written[zoom] = pixels(view) != unnamed
    assert written == {11.5: False, 12.0: True}


def test_that_a_hit_is_its_symbol_and_faded_when_over(view: Counting, scene: MapScene) -> None:
    scene.symbols["s"] = lambda: a_symbol("#FF0000")
    over = Position(53.05, -2.15)
    scene.set_hits({"a": a_hit("a", STOKE), "b": a_hit("b", over, is_over=True)})
    assert at(view, STOKE) == QColor("#FF0000")
    assert at(view, STOKE, 12, 12) == QColor("#FF0000")
    assert at(view, STOKE, 15, 15) == QColor(DARK["land"])
    assert 90 < at(view, over).red() < 200


def test_that_a_p1_lies_on_top_of_what_is_at_the_same_place(
    view: Counting, scene: MapScene
) -> None:
    scene.symbols.update(low=lambda: a_symbol("#00FF00"), high=lambda: a_symbol("#FF0000"))
    first, other = a_hit("a", STOKE, rank=1, symbol="high"), a_hit("b", STOKE, symbol="low")
    scene.set_hits({"a": first, "b": other})
    assert at(view, STOKE) == QColor("#FF0000")


def test_that_the_chosen_hit_is_larger_framed_and_named(view: Counting, scene: MapScene) -> None:
    scene.symbols["s"] = lambda: a_symbol("#FF0000")
    scene.set_hits({"a": a_hit("a", STOKE)})
    plain = pixels(view)
    scene.set_chosen(Chosen("a"))
    assert at(view, STOKE, 15, 0) == QColor("#FF0000")
    assert at(view, STOKE, 0, -23) == scene.look.color("focus")
    framed = pixels(view)
    below = {
        framed.pixelColor(x, y).name() for x in range(180, 220) for y in range(175, 190)
    }  # fmt: skip
    assert scene.look.color("text").name() in below
    scene.set_chosen(Chosen())
    assert pixels(view) == plain
    scene.switch("marks")
    assert pixels(view) != plain


def test_that_a_waiting_hit_has_a_ring(view: Counting, scene: MapScene) -> None:
    scene.symbols["s"] = lambda: a_symbol("#FF0000")
    scene.set_hits({"a": a_hit("a", STOKE, is_waiting=True)})
    ring = round(26 * 0.72)
    lights = [at(view, STOKE, ring + step, 0).lightness() for step in (-1, 0, 1)]
    assert max(lights) > 180
    scene.set_hits({"a": a_hit("a", STOKE, is_waiting=True, is_over=True)})
    assert at(view, STOKE, ring, 0) == QColor(DARK["land"])


def test_that_a_hit_without_a_symbol_is_painted_all_the_same(
    view: Counting, scene: MapScene
) -> None:
    bare = pixels(view)
    scene.set_hits({"a": a_hit("a", STOKE, symbol="not there")})
    assert pixels(view) != bare


def test_that_journey_rings_and_areas_are_painted(view: Counting, scene: MapScene) -> None:
    seen = [pixels(view)]
    east = Position(53.0, -2.0)
    scene.set_journey([Stop(STOKE, "20:51"), Stop(east, "21:04")])
    seen.append(pixels(view))
    scene.set_chosen(Chosen(rings=(STOKE,)))
    assert at(view, STOKE, 11, 0) == scene.look.color("focus")
    seen.append(pixels(view))
    scene.set_area(Circle(STOKE, 3_000.0))
    seen.append(pixels(view))
    scene.set_area(Polygon((STOKE, east, Position(53.1, -2.1))))
    seen.append(pixels(view))
    assert all(a != b for n, a in enumerate(seen) for b in seen[:n])


def test_that_a_new_size_and_theme_are_taken_over(view: Counting, scene: MapScene) -> None:
    scene.set_look(Look(ThemeName.LIGHT, 2.0))
    assert at(view, STOKE, 5, 5).name().upper() == GROUND[ThemeName.LIGHT]["land"]
    scene.symbols["s"] = lambda: a_symbol("#FF0000")
    scene.set_hits({"a": a_hit("a", STOKE)})
    assert at(view, STOKE, 24, 24) == QColor("#FF0000")


@pytest.mark.parametrize("words", ["<b>x</b><img src=a>", "&amp;\n\r\x00\u202e", "x" * 5_000, ""])
def test_that_any_text_of_others_is_painted_as_text(
    view: Counting, scene: MapScene, words: str
) -> None:
    scene.options.labels = scene.options.marks = True
    view.go(STOKE, 13)
    scene.set_cameras([CameraMark("c", STOKE, "live", words)])
    scene.set_journey([Stop(STOKE, words), Stop(Position(53.01, -2.15), words)])
    scene.set_hits({"a": HitMark("a", STOKE, 1, 0, "s", words, words, False, False)})
    scene.set_chosen(Chosen("a"))
    assert not pixels(view).isNull()
    assert "<" not in view.accessibleDescription()


def test_that_a_picture_has_no_frame_and_no_cross(qtbot: QtBot, view: Counting) -> None:
    view.setFocus()
    view.activateWindow()
    qtbot.waitUntil(view.hasFocus)
    clean = view.picture().toImage()
    assert view.grab().toImage() != clean
    view.draw("box")
    assert view.picture().toImage() == clean


# ---------------------------------------------------------------------- reads


@pytest.mark.parametrize("zoom", [8.0, 14.0])
@pytest.mark.parametrize("theme", [ThemeName.DARK, ThemeName.LIGHT])
def test_that_dots_lie_on_their_places_in_their_colours(
    view: Counting, scene: MapScene, zoom: float, theme: ThemeName
) -> None:
    scene.set_look(Look(theme))
    view.go(STOKE, zoom)
    bare = pixels(view)
    places = [view.plane.place(x, y) for x, y in ((60.5, 50.5), (200.5, 150.5), (340.5, 220.5))]
    scene.set_reads(Reads(points([*places], seconds=[0, 4_300, 8_000])))
    colours = hue_colours(ColourBy.TIME, scene.look)
    image = pixels(view)
    for x, y, hue in ((60, 50, 0), (200, 150, 4), (340, 220, 7)):
        assert image.pixelColor(x, y).name().upper() == colours[hue].upper()
        assert image.pixelColor(x + 2, y - 2).name().upper() == colours[hue].upper()
        assert image.pixelColor(x + 4, y) == bare.pixelColor(x + 4, y)
        assert image.pixelColor(x, y + 4) == bare.pixelColor(x, y + 4)


def test_that_reads_without_a_place_are_drawn_nowhere(view: Counting, scene: MapScene) -> None:
    bare = pixels(view)
    scene.set_reads(Reads(points([(np.nan, np.nan)] * 5)))
    assert pixels(view) == bare
    assert view._reads.count == 0
    scene.set_reads(Reads(points([(np.nan, np.nan), STOKE])))
    assert pixels(view) != bare
    assert view._reads.count == 1


def test_that_other_colours_are_taken_over_without_new_reads(
    view: Counting, scene: MapScene
) -> None:
    scene.set_reads(Reads(points([STOKE])))
    assert at(view, STOKE).name().upper() == hue_colours(ColourBy.TIME, scene.look)[0]
    scene.set_colour(ColourBy.VEHICLE)
    assert at(view, STOKE).name().upper() == hue_colours(ColourBy.VEHICLE, scene.look)[0]


def test_that_only_reads_of_the_span_are_drawn(view: Counting, scene: MapScene) -> None:
    east = Position(53.0, -2.1)
    scene.set_reads(Reads(points([STOKE, east], seconds=[0, 3_600])))
    assert at(view, STOKE) != QColor(DARK["land"])
    scene.set_span((NIGHT + 60 * US, NIGHT + 7_200 * US))
    assert at(view, STOKE) == QColor(DARK["land"])
    assert at(view, east) != QColor(DARK["land"])
    assert view._reads.count == 1
    scene.set_span(None)
    assert at(view, STOKE) != QColor(DARK["land"])
    assert view._reads.count == 2


def test_that_reads_can_be_circles_and_heat(view: Counting, scene: MapScene) -> None:
    scene.set_reads(Reads(points([STOKE] * 40), way=Way.CIRCLES))
    assert at(view, STOKE, 11, 0) == QColor(DARK["circle"])
    scene.set_way(Way.HEAT)
    warm, cold = at(view, STOKE), at(view, STOKE, 120, 90)
    assert warm.lightness() > 150
    assert cold == QColor(DARK["land"])


def test_that_half_a_million_reads_are_all_there(view: Counting, scene: MapScene) -> None:
    rng = np.random.default_rng(1)
    places = np.stack([53 + rng.normal(0, 0.1, 500_000), -2.15 + rng.normal(0, 0.1, 500_000)], 1)
    places[::10] = np.nan
    whole = np.zeros(500_000, np.int32)
    at_us = NIGHT + rng.integers(0, 86_400 * US, 500_000)
    found = MapPoints(
        places[:, 0], places[:, 1], at_us, whole, whole, whole.astype(np.int8),
        (PointCamera(CameraId("01", 1, 1)),),
    )  # fmt: skip
    for way in Way:
        scene.set_reads(Reads(found, way=way))
        assert not pixels(view).isNull()
        assert view._reads.count == 450_000


def test_that_dots_are_drawn_in_pixels_of_the_screen(view: Counting, scene: MapScene) -> None:
    scene.set_reads(Reads(points([STOKE])))
    view.picture()
    image = view._reads.dots(view.plane, scene.look, 2.0)
    assert image is not None
    assert (image.width(), image.height(), image.devicePixelRatio()) == (800, 600, 2.0)
    assert image.pixelColor(400, 300).alpha() == 255
    assert image.pixelColor(410, 300).alpha() == 0


# ---------------------------------------------------------------------- pointing


def test_that_a_click_says_what_lies_under_it_nearest_first(
    qtbot: QtBot, view: Counting, scene: MapScene
) -> None:
    near, far, away = (view.plane.place(200 + x, 150) for x in (3, 12, 30))
    scene.set_hits({"far": a_hit("far", far), "near": a_hit("near", near), "no": a_hit("no", away)})
    scene.set_cameras([a_camera("c2", far), a_camera("c1", near), a_camera("c3", away)])
    heard = list[Click]()
    view.clicked.connect(heard.append)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    assert heard[0].hits == ("near", "far")
    assert heard[0].cameras == ("c1", "c2")
    assert heard[0].zoom == 10
    assert heard[0].place == pytest.approx(view.plane.place(200, 150))
    scene.switch("cameras")
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    assert heard[1].cameras == ()
    assert heard[1].hits == ("near", "far")


def test_that_the_pointer_is_told_a_few_times_and_last_where_it_is(
    qtbot: QtBot, view: Counting
) -> None:
    heard = list[object]()
    view.pointed.connect(heard.append)
    for x in range(100, 180):
        view.hand.move(QPointF(x, 100))
    assert len(heard) == 1
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert heard[1] == pytest.approx(view.plane.place(179, 100))
    view.hand.leave()
    assert heard[-1] is None


# ---------------------------------------------------------------------- words and the end


def test_that_counts_are_told_to_who_cannot_see(
    qtbot: QtBot, view: Counting, scene: MapScene
) -> None:
    assert view.accessibleName() == "Map"
    assert view.focusPolicy() is Qt.FocusPolicy.StrongFocus
    scene.set_hits({"a": a_hit("a", STOKE)})
    scene.set_cameras([a_camera("c1", STOKE), a_camera("c2", STOKE)])
    scene.set_reads(Reads(points([STOKE] * 3)))
    scene.set_journey([Stop(STOKE, "1"), Stop(STOKE, "2")])
    scene.set_area(Circle(STOKE, 100.0))
    qtbot.waitUntil(lambda: "3 reads as dots" in view.accessibleDescription())
    assert view.accessibleDescription() == (
        "1 hit, 2 cameras, a journey of 2 places, 3 reads as dots, a search area, zoom 10"
    )


def test_that_nothing_is_held_of_a_scene_that_forgets(
    qtbot: QtBot, view: Counting, scene: MapScene
) -> None:
    scene.set_hits({"a": a_hit("a", STOKE)})
    scene.set_chosen(Chosen("a"))
    scene.set_reads(Reads(points([STOKE])))
    view.picture()
    view.hide()
    scene.forget()
    assert view._reads.count == 0
    assert view._reads._held is None
    assert view._live._hit_marks == []
    assert not view._words._kept


def test_that_it_can_be_ended_twice_and_hears_nothing_more(qtbot: QtBot, scene: MapScene) -> None:
    made = PlainMap(scene)
    qtbot.addWidget(made)
    made.begin()
    made.end()
    made.end()
    heard = list[object]()
    made.ready.connect(lambda: heard.append(1))
    made.moved.connect(heard.append)
    scene.set_hits({"a": a_hit("a", STOKE)})
    assert not made._noted - set(Part)
    assert not made._settle.isActive()
    qtbot.wait(20)
    assert heard == []
