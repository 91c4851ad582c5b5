"""The map's page in a real Chromium: closed to the world, true to the scene, back after a crash."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QPixmap, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Circle, Corridor, Polygon
from nas_desktop.services.map_points import MapPoints, PointCamera
from nas_desktop.services.map_tiles import TileInfo
from nas_desktop.services.point_colours import ColourBy
from nas_desktop.ui.map.content import png_of
from nas_desktop.ui.map.map_view import Click, Drawn
from nas_desktop.ui.map.scene import (
    CameraMark,
    Chosen,
    HitMark,
    MapScene,
    Reads,
    Stop,
    Way,
)
from nas_desktop.ui.theme import Look, ThemeName
from tests.integration.map.conftest import READY_MS, Driver

STONE = Position(52.9, -2.15)

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


def a_mark(number: int = 0, **changes: object) -> HitMark:
    values: dict[str, object] = {
        "card": f"card {number}", "place": Position(52.9 + number / 50, -2.15), "rank": 1 + number,
        "at": 1e9 + number, "symbol": "s0", "mark": f"AB5{number} ABC", "words": "20:57:00 · new",
        "is_waiting": True, "is_over": False,
    }  # fmt: skip
    values.update(changes)
    return HitMark(**values)  # type: ignore[arg-type]


def red_square() -> QPixmap:
    made = QPixmap(64, 64)
    made.fill(QColor("#C00020"))
    return made


def some_points(count: int, *, without_fix: int = 0) -> MapPoints:
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
        tuple(PointCamera(CameraId("52", 1, n), f"A34 South {n}") for n in range(4)),
    )


# ------------------------------------------------------------------ nobody is asked


def test_that_the_guard_catches_what_would_go_to_another_computer(
    web: Driver, qtbot: QtBot
) -> None:
    """Without the page's policy, and with a page that may go anywhere, the guard alone stands."""
    free = QWebEnginePage(web.view.profile)
    with qtbot.waitSignal(web.view.guard.refused, timeout=READY_MS):
        free.setHtml("<img src='http://192.0.2.1/tile/8/125/84.png'>", QUrl("nas-map://page/x"))
    with qtbot.waitSignal(web.view.guard.refused, timeout=READY_MS):
        free.load(QUrl("https://tile.example.org/8/125/84.png"))
    count, noted = web.view.refused()
    assert count >= 2
    assert any("192.0.2.1" in one for one in noted)
    assert any("tile.example.org" in one for one in noted)
    assert not any("84" in one for one in noted), "a path says where somebody looks"
    forget_refused(web)
    del free


def test_that_the_page_s_own_policy_lets_nothing_begin_and_that_is_noted(
    web: Driver, qtbot: QtBot
) -> None:
    """The policy is asked before the guard: what it refused is told by the page."""
    web.ask("(window.ends = [], fetch('https://192.0.2.1/').catch(e => ends.push(String(e))), 1)")
    web.until("window.ends.length")
    web.ask(
        "(window.bad = 0, document.addEventListener('securitypolicyviolation', () => bad++),"
        " Object.assign(new Image(), {src: 'http://192.0.2.1/x.png'}), 1)"
    )
    web.until("window.bad")
    web.ask(
        "(document.body.append(Object.assign(document.createElement('script'),"
        " {textContent: 'window.pwned = 1'})), 1)"
    )
    assert web.ask("window.pwned === undefined") is True
    qtbot.waitUntil(lambda: web.view.guard.count >= 3, timeout=READY_MS)
    assert {one.host for one in web.view.guard.noted} >= {"192.0.2.1"}
    forget_refused(web)


def forget_refused(web: Driver) -> None:
    web.view.guard.noted.clear()
    web.view.guard.count = 0


def test_that_the_page_cannot_be_led_away(web: Driver, qtbot: QtBot) -> None:
    web.ask("(location.href = 'nas-map://page/assets/leaflet.js', 1)")
    web.ask("(window.open('nas-map://page/') === null)")
    assert web.ask("typeof NAS.map.getZoom()") == "number"
    assert web.view.page.url() == QUrl("nas-map://page/")
    web.ask("(location.href = 'https://evil.example/', 1)")
    qtbot.waitUntil(
        lambda: "evil.example" in [one.host for one in web.view.guard.noted], timeout=READY_MS
    )
    forget_refused(web)


def test_that_panning_zooming_drawing_and_all_layers_ask_nobody(
    web: Driver, scene: MapScene, qtbot: QtBot
) -> None:
    scene.symbols["s0"] = red_square
    scene.set_hits({"card 0": a_mark()})
    scene.set_reads(Reads(some_points(2_000)))
    scene.set_area(Circle(STONE, 5_000.0))
    for way in (Way.CIRCLES, Way.HEAT, Way.DOTS):
        scene.set_way(way)
        web.until("NAS.readCount()", lambda n: n == 2_000)
    for by in ColourBy:
        scene.set_colour(by)
    for zoom in (6.0, 9.0, 13.0, 17.0):
        with qtbot.waitSignal(web.view.moved, timeout=READY_MS):
            web.view.go(STONE, zoom)
    web.view.pan_by(200, -100)
    web.view.zoom_by(-3)
    scene.set_look(Look(ThemeName.LIGHT, 2.0))
    web.view.fit(Position(52.8, -2.3), Position(53.0, -2.0))
    with qtbot.waitSignal(web.view.moved, timeout=READY_MS):
        web.view.pan_by(10, 10)
    picture = web.view.picture().toImage()
    assert len({picture.pixel(x, y) for x in range(0, 900, 30) for y in range(0, 700, 30)}) > 3
    # The fixture looks at what was asked of others: nothing.


# ------------------------------------------------------------------ what others wrote is text


@pytest.mark.parametrize("text", INJECTIONS)
def test_that_what_others_wrote_is_drawn_as_text(
    web: Driver, scene: MapScene, text: str, qtbot: QtBot
) -> None:
    scripts = web.ask("document.scripts.length")
    scene.symbols["s0"] = red_square
    scene.options.marks = True
    scene.set_hits({text: a_mark(card=text, mark=text, words=text)})
    scene.set_cameras([CameraMark(text, STONE, "live", text)])
    scene.set_journey([Stop(STONE, text), Stop(Position(53.0, -2.0), text)])
    scene.set_chosen(Chosen(text, (STONE,), frozenset({text})))
    web.until("NAS.counts()", lambda c: c == {"hits": 1, "cameras": 1, "stops": 2, "rings": 1})
    web.view.go(STONE, 13.0)
    web.until("NAS.map.getZoom()", lambda zoom: zoom == 13)
    with qtbot.waitSignal(web.view.clicked, timeout=READY_MS) as clicked:
        web.click(web.spot(*STONE))
    click = clicked.args[0]
    assert isinstance(click, Click)
    assert click.hits == (text,)
    assert web.ask("window.pwned === undefined") is True
    assert web.ask("document.scripts.length") == scripts
    assert web.ask("document.images.length") == 0


def test_that_a_page_that_speaks_nonsense_is_not_believed(web: Driver) -> None:
    heard: list[object] = []
    web.view.clicked.connect(heard.append)
    web.view.drawn.connect(heard.append)
    for words in (
        '{"what": "click", "lat": NaN, "lon": 1, "zoom": 8}',
        '{"what": "click", "lat": "x", "lon": 1, "zoom": 8}',
        '{"what": "click"}',
        '{"what": "drawn", "area": {"kind": "polygon", "points": [[1, 1e999]]}}',
        '{"what": "drawn", "area": null}',
        '{"what": ["click"]}',
        "[1, 2]",
        "{",
        "x" * 200_000,
    ):
        web.view.wire.told(words)
    assert heard == []
    assert 3 <= len(web.view.faults) <= 20
    web.view.faults.clear()


# ------------------------------------------------------------------ the scene


def test_that_reads_without_a_fix_are_not_drawn_and_never_at_nought(
    web: Driver, scene: MapScene
) -> None:
    scene.set_reads(Reads(some_points(300, without_fix=40)))
    web.until("NAS.readCount()", lambda n: n == 300)
    assert web.view.heard_reads["count"] == 300
    web.view.go(STONE, 9.0)
    web.until("NAS.map.getZoom()", lambda zoom: zoom == 9)
    middle = web.spot(*STONE)
    assert web.ask(f"NAS.readsUnder({{x: {middle.x()}, y: {middle.y()}}}, 5000).length") == 260
    web.view.go(Position(50.0, 0.0), 12.0)
    web.until("NAS.map.getZoom()", lambda zoom: zoom == 12)
    origin = web.spot(0.0, 0.0)
    assert web.ask(f"NAS.readsUnder({{x: {origin.x()}, y: {origin.y()}}}, 50).length") == 0


@pytest.mark.parametrize("later", [0, 3])
def test_that_reads_that_come_late_are_not_drawn(
    web: Driver, scene: MapScene, qtbot: QtBot, later: int
) -> None:
    """Half a million are on their way when others are wanted, or none: somebody has signed out."""
    scene.set_reads(Reads(some_points(400_000)))
    assert web.ask("1") == 1
    scene.set_reads(Reads(some_points(later)) if later else None)
    web.until("NAS.readCount()", lambda n: n == later)
    # Whatever was on its way has come by now: the answers come in the order of the questions.
    web.ask("(window.came = 0, NAS.content('base/low').then(() => window.came = 1), 1)")
    web.until("window.came")
    assert web.ask("NAS.readCount()") == later


def test_that_one_mark_that_is_nowhere_spoils_nothing(web: Driver, scene: MapScene) -> None:
    nowhere = a_mark(1, place=Position(float("nan"), 1.0))
    scene.symbols["s0"] = red_square
    scene.set_hits({"card 0": a_mark(), "card 1": nowhere})
    scene.set_cameras([CameraMark("c", Position(float("inf"), 0.0), "live", "c")])
    scene.set_journey([Stop(STONE, "a"), Stop(Position(1.0, float("nan")), "b")])
    web.until("NAS.counts()", lambda c: c == {"hits": 1, "cameras": 0, "stops": 1, "rings": 0})


def test_that_a_tool_that_is_put_away_gives_the_area_back(web: Driver, scene: MapScene) -> None:
    scene.set_area(Circle(STONE, 5_000.0))
    web.until("document.querySelectorAll('.marker-icon').length", lambda n: n >= 1)
    web.view.draw("box")
    web.until("NAS.isDrawing()")
    web.view.draw("")
    web.until("document.querySelectorAll('.marker-icon').length", lambda n: n >= 1)


def test_that_only_what_is_new_is_sent(web: Driver, scene: MapScene) -> None:
    said: list[str] = []
    web.view.wire.said.connect(said.append)
    scene.symbols["s0"] = red_square
    marks = {f"card {n}": a_mark(n) for n in range(40)}
    scene.set_hits(marks)
    web.until("NAS.counts().hits", lambda n: n == 40)
    said.clear()
    later = {**marks, "card 3": a_mark(3, words="taken")}
    del later["card 7"]
    scene.set_hits(later)
    web.until("NAS.counts().hits", lambda n: n == 39)
    assert len(said) == 1
    assert said[0].count('"id"') == 1
    assert '"card 7"' in said[0]
    said.clear()
    scene.set_hits(dict(later))
    assert said == []


@pytest.mark.parametrize(
    "area",
    [
        Circle(STONE, 5_000.0),
        Corridor((STONE, Position(53.0, -2.0)), 500.0),
        Polygon((STONE, Position(53.0, -2.0), Position(53.0, -2.3))),
    ],
)
def test_that_an_area_has_handles_that_change_it(
    web: Driver, scene: MapScene, area: Circle | Corridor | Polygon, qtbot: QtBot
) -> None:
    scene.set_area(area)
    web.view.fit(Position(52.8, -2.35), Position(53.05, -1.95))
    web.until("document.querySelectorAll('.marker-icon').length", lambda n: n >= 2)
    kind = {Circle: "circle", Corridor: "corridor", Polygon: "polygon"}[type(area)]
    start = web.ask(
        "(r => [r.x + r.width / 2, r.y + r.height / 2])"
        "([...document.querySelectorAll('.marker-icon:not(.marker-icon-middle)')]"
        ".pop().getBoundingClientRect())"
    )
    begin = QPoint(round(start[0]), round(start[1]))
    left = Qt.MouseButton.LeftButton
    with qtbot.waitSignal(web.view.edited, timeout=READY_MS) as edited:
        QTest.mouseMove(web.target, begin)
        QTest.mousePress(web.target, left, pos=begin)
        for step in (10, 20, 30):
            QTest.mouseMove(web.target, begin + QPoint(step, step))
        QTest.mouseRelease(web.target, left, pos=begin + QPoint(30, 30))
    drawn = edited.args[0]
    assert isinstance(drawn, Drawn)
    assert drawn.kind == kind


@pytest.mark.parametrize("tool", ["box", "polygon", "circle", "corridor"])
def test_that_every_tool_draws(web: Driver, tool: str, qtbot: QtBot) -> None:
    web.view.go(STONE, 10.0)
    web.until("NAS.map.getZoom()", lambda zoom: zoom == 10)
    web.view.draw(tool)
    web.until("NAS.isDrawing()")
    corners = [QPoint(300, 300), QPoint(500, 320), QPoint(480, 480)]
    with qtbot.waitSignal(web.view.drawn, timeout=READY_MS) as drawn:
        if tool in ("box", "circle"):
            web.click(corners[0])
            web.click(corners[2])
        else:
            for corner in corners:
                web.click(corner)
            web.click(corners[0] if tool == "polygon" else corners[2])
    shape = drawn.args[0]
    assert isinstance(shape, Drawn)
    assert shape.kind == tool
    assert len(shape.points) == {"box": 4, "polygon": 3, "circle": 1, "corridor": 3}[tool]
    assert (shape.radius_m is not None) == (tool == "circle")
    assert web.ask("NAS.isDrawing()") is False


def test_that_a_drag_and_a_wheel_are_the_operators_own(web: Driver, qtbot: QtBot) -> None:
    start = QPoint(400, 300)
    with qtbot.waitSignal(web.view.moved_by_hand, timeout=READY_MS):
        QTest.mousePress(web.target, Qt.MouseButton.LeftButton, pos=start)
        for step in (8, 16, 40):
            QTest.mouseMove(web.target, start + QPoint(step, 0))
        QTest.mouseRelease(web.target, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 0))
    wheel = QWheelEvent(
        QPointF(start), QPointF(web.target.mapToGlobal(start)), QPoint(0, 0), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    with qtbot.waitSignal(web.view.moved_by_hand, timeout=READY_MS):
        QApplication.sendEvent(web.target, wheel)
    assert wheel.type() is QEvent.Type.Wheel


# ------------------------------------------------------------------ map files


class SomeTiles:
    """A map file of one picture, or of shapes that nothing can be made of."""

    def __init__(self, kind: str) -> None:
        is_raster = kind == "raster"
        self.info = TileInfo(
            "force.mbtiles", "raster" if is_raster else "vector", "png" if is_raster else "pbf",
            5, 12, (-3.0, 52.0, -1.0, 54.0), "Contains OS data", 10, layers=("roads", "water"),
        )  # fmt: skip
        self.faults = 0
        self.asked: list[tuple[int, int, int]] = []
        self._tile = png_of(red_square().scaled(256, 256)) if is_raster else b"\x1a\x00"

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        self.asked.append((z, x, y))
        return self._tile if self.info.kind == "raster" else None

    def close(self) -> None:
        pass


def test_that_a_map_file_is_drawn_and_taken_away_again(
    web: Driver, scene: MapScene, qtbot: QtBot
) -> None:
    tiles = SomeTiles("raster")
    web.view.go(STONE, 10.0)
    with qtbot.waitSignal(web.view.ready, timeout=READY_MS):
        scene.set_tiles(tiles)
    web.until("NAS.hasTiles === true && document.querySelectorAll('.leaflet-tile-loaded').length")
    assert all(5 <= z <= 12 for z, _x, _y in tiles.asked)
    with qtbot.waitSignal(web.view.ready, timeout=READY_MS):
        scene.set_tiles(None)
    web.until("NAS.hasTiles === false")
    assert web.ask("NAS.map.getZoom()") == 10


def test_that_a_map_file_of_shapes_is_asked_for_its_tiles(
    web: Driver, scene: MapScene, qtbot: QtBot
) -> None:
    tiles = SomeTiles("vector")
    web.view.go(STONE, 10.0)
    with qtbot.waitSignal(web.view.ready, timeout=READY_MS):
        scene.set_tiles(tiles)
    qtbot.waitUntil(lambda: bool(tiles.asked), timeout=READY_MS)
    assert web.ask("NAS.hasTiles") is True


# ------------------------------------------------------------------ a crash


def test_that_a_page_that_breaks_down_comes_back_with_everything(
    web: Driver, scene: MapScene, qtbot: QtBot
) -> None:
    scene.symbols["s0"] = red_square
    scene.set_hits({f"card {n}": a_mark(n) for n in range(5)})
    scene.set_cameras([CameraMark("c", STONE, "silent", "A34")])
    scene.set_journey([Stop(STONE, "20:51"), Stop(Position(53.0, -2.0), "20:57")])
    scene.set_reads(Reads(some_points(1_000)))
    scene.set_chosen(Chosen("card 2", (STONE,)))
    scene.set_area(Circle(STONE, 5_000.0))
    web.view.go(STONE, 11.0)
    web.until(
        "[NAS.counts().hits, NAS.readCount(), NAS.map.getZoom()]", lambda c: c == [5, 1000, 11]
    )
    with qtbot.waitSignals([web.view.healed, web.view.ready], timeout=READY_MS):
        os.kill(web.view.page.renderProcessPid(), signal.SIGKILL)
        scene.set_hits({f"card {n}": a_mark(n) for n in range(6)})  # hits go on arriving
    web.until(
        "[NAS.counts(), NAS.readCount(), NAS.map.getZoom()]",
        lambda c: c == [{"hits": 6, "cameras": 1, "stops": 2, "rings": 1}, 1000, 11],
    )
    web.until("document.querySelectorAll('.marker-icon').length", lambda n: n >= 1)


def test_that_a_page_that_does_not_come_is_given_up(web: Driver, qtbot: QtBot) -> None:
    view = web.view
    view._on_late(view._begun)
    view._on_late(view._begun - 1)
    failed: list[str] = []
    view.failed.connect(failed.append)
    assert failed == []
    view.is_ready = False
    view._on_late(view._begun)
    view._on_page(view._begun - 1, "")
    view._on_page(view._begun, "")
    assert [words.split()[0] for words in failed] == ["Chromium", "The"]
    view.is_ready = True


def test_that_a_page_that_breaks_down_again_and_again_is_given_up(
    web: Driver, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(web.view.failed, timeout=READY_MS) as failed:
        for _time in range(5):
            web.view._on_ended(None, 1)
    assert "again" in failed.args[0]
    qtbot.waitUntil(lambda: web.view.is_ready, timeout=READY_MS)
