"""Parts of the plain map that need no scene: lines, words, layers, tiles."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nas_desktop.domain.geo import Position
from nas_desktop.services.base_map import lines_of, load_base_map
from nas_desktop.services.map_tiles import WORLD, TileInfo
from nas_desktop.services.mercator import ORIGIN
from nas_desktop.ui.map.plain_ground import Ground, path_of, traced
from nas_desktop.ui.map.plain_layer import MARGIN_PX, Layer
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.map.plain_plane import Plane
from nas_desktop.ui.map.plain_text import LONGEST, Room, Words
from nas_desktop.ui.map.plain_tiles import TilePictures, at_night, picture_of
from nas_desktop.ui.map.scene import MapScene
from nas_desktop.ui.theme import Look, ThemeName
from tests.map_files import png

pytestmark = pytest.mark.usefixtures("qapp")

STOKE = Position(53.0, -2.15)


def a_plane(zoom: float = 4.0) -> Plane:
    return Plane(0.0, 0.0, zoom, 200, 100)


# ---------------------------------------------------------------------- lines


def test_that_many_lines_become_one_path() -> None:
    x, y = np.array([0.0, 5, 10, 20, 30]), np.array([0.0, 5, 0, 1, 2])
    path = path_of(x, y, np.array([True, False, False, True, False]))
    assert path.elementCount() == 5
    assert [path.elementAt(n).isMoveTo() for n in range(5)] == [True, False, False, True, False]
    assert (path.elementAt(4).x, path.elementAt(4).y) == (30, 2)
    assert path_of(x[:0], y[:0], np.zeros(0, bool)).isEmpty()


@pytest.mark.parametrize("zoom", [4.0, 9.0, 16.0])
def test_that_land_without_points_beyond_the_view_fills_the_same_pixels(zoom: float) -> None:
    rng = np.random.default_rng(3)
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], 1) * (3 + rng.random((400, 1)))
    lake = ring[::-1] * 0.4
    lines = lines_of([ring.astype(np.float32), lake.astype(np.float32)])
    plane = Plane(float(ring[40, 0]), float(ring[40, 1]), zoom, 200, 100)
    whole = np.concatenate([ring, ring[:1], lake, lake[:1]]).astype(np.float32)
    starts = np.zeros(len(whole), bool)
    starts[[0, 401]] = True
    plain = filled(path_of(*plane.spots(whole[:, 0], whole[:, 1]), starts))
    fast = filled(traced(lines, plane, is_closed=True))
    assert np.count_nonzero(plain != fast) <= 0.02 * plain.size
    assert plain.any()


def filled(path: object) -> np.ndarray:
    image = QImage(200, 100, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.fillPath(path, QColor("#FFFFFF"))
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(100, 200).copy()


def test_that_a_finer_view_of_a_far_away_coast_has_few_points() -> None:
    level = load_base_map().level_at(12)
    plane = Plane(1.0, 1.0, 12.0, 1000, 800)
    assert traced(level.land, plane, is_closed=True).elementCount() < 20_000


def test_that_names_of_towns_never_lie_over_each_other() -> None:
    words = Spying()
    ground = Ground(load_base_map(), words)
    plane = Plane(0.0, 0.0, 9.0, 1000, 800).at(*stoke())
    image = QImage(1000, 800, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    ground.paint_towns(painter, plane, Look())
    painter.end()
    assert len(words.boxes) > 20
    for number, box in enumerate(words.boxes):
        assert not any(box.intersects(other) for other in words.boxes[:number])


def stoke() -> tuple[float, float]:
    plane = Plane(0, 0, 0, 0, 0)
    spot = plane.spot(STOKE)
    return spot.x(), spot.y()


class Spying(Words):
    """Notes where words are written."""

    def __init__(self) -> None:
        super().__init__()
        self.boxes = list[QRectF]()

    def write(self, painter, words, at, font, colours, *, is_centred=False) -> None:  # type: ignore[no-untyped-def]
        metrics = QFontMetricsF(font)
        wide, high = metrics.horizontalAdvance(words), metrics.capHeight()
        self.boxes.append(QRectF(at.x(), at.y() - high / 2, wide, high))


# ---------------------------------------------------------------------- words


def written(words: str) -> int:
    image = QImage(900, 40, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    Words().write(painter, words, QPointF(10, 20), Look().font(11), ("#FFFFFF", "#000000"))
    painter.end()
    alpha = np.frombuffer(image.constBits(), np.uint32).reshape(40, 900) >> 24
    columns = np.flatnonzero(alpha.any(axis=0))
    return int(columns[-1] - columns[0]) if len(columns) else 0


def test_that_markup_is_written_as_it_stands() -> None:
    assert written("<b>i</b>") > 3 * written("i")
    assert written("a\nb") == written("a b")
    assert written("") == 0
    assert written("i" * 10_000) == written("i" * LONGEST)


def test_that_words_are_painted_once_and_forgotten_when_asked() -> None:
    words, look = Words(), Look()
    image = QImage(90, 40, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    for _ in range(3):
        words.write(painter, "AB51ABC", QPointF(5, 20), look.vrm(13), ("#FFFFFF", "#000000"))
    painter.end()
    assert len(words._kept) == 1
    words.forget()
    assert not words._kept


def test_that_room_is_given_once() -> None:
    room = Room()
    assert room.take(QRectF(0, 0, 100, 10))
    assert not room.take(QRectF(90, 5, 10, 10))
    assert room.take(QRectF(0, 11, 100, 10))
    assert not room.take(QRectF(-500, -500, 1_000, 1_000))


# ---------------------------------------------------------------------- layers


def test_that_a_layer_is_painted_at_the_ratio_of_the_screen() -> None:
    asked = list[tuple[float, float]]()

    def paint(painter: QPainter, plane: Plane, ratio: float) -> bool:
        asked.append((plane.width, ratio))
        painter.fillRect(QRectF(MARGIN_PX + 10, MARGIN_PX + 10, 1, 1), QColor("#FF0000"))
        return True

    layer = Layer(paint)
    target = QPixmap(400, 200)
    target.setDevicePixelRatio(2)
    target.fill(QColor("#000000"))
    painter = QPainter(target)
    layer.show(painter, a_plane(), 2.0)
    layer.show(painter, a_plane(), 2.0)
    painter.end()
    assert asked == [(200 + 2 * MARGIN_PX, 2.0)]
    image = target.toImage()
    assert image.pixelColor(20, 20) == image.pixelColor(21, 21) == QColor("#FF0000")
    assert image.pixelColor(22, 22) == QColor("#000000")


def test_that_a_layer_is_painted_anew_when_it_does_not_reach() -> None:
    layer = Layer(lambda _painter, _plane, _ratio: False)
    target = QPixmap(200, 100)
    painter = QPainter(target)
    plane = a_plane()
    for step, made in ((0, 1), (MARGIN_PX, 1), (1, 2), (-2, 2)):
        plane = plane.moved(step, 0)
        layer.show(painter, plane, 1.0)
        assert layer.made == made
    layer.show(painter, plane.zoomed(1), 1.0)
    layer.show(painter, plane.zoomed(1).sized(300, 100), 1.0)
    layer.show(painter, plane.zoomed(1).sized(300, 100), 2.0)
    painter.end()
    assert layer.made == 5


# ---------------------------------------------------------------------- tiles


class Source:
    """A map file in memory that answers every tile with the same content."""

    def __init__(self, content: bytes | None, kind: str = "raster") -> None:
        form = "png" if kind == "raster" else "pbf"
        self.info = TileInfo("t", kind, form, 0, 12, WORLD, "", 1)  # type: ignore[arg-type]
        self.faults = 0
        self.content = content
        self.threads = set[int]()
        self.asked = list[tuple[int, int, int]]()

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        self.threads.add(threading.get_ident())
        self.asked.append((z, x, y))
        return self.content

    def close(self) -> None:
        pass


@pytest.fixture
def scene(qapp: QApplication) -> MapScene:
    made = MapScene(Look(ThemeName.LIGHT))
    made.options.grid = made.options.labels = False
    made.view = (STOKE, 9.0)
    return made


def middle_of(view: PlainMap) -> QColor:
    return view.picture().toImage().pixelColor(150, 100)


def test_that_pictures_of_a_map_file_are_read_in_one_other_thread(
    qtbot: QtBot, scene: MapScene
) -> None:
    source = Source(png(77))
    scene.set_tiles(source)
    view = PlainMap(scene)
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.begin()
    view.show()
    qtbot.waitUntil(lambda: middle_of(view) == QColor(77, 77, 77))
    assert len(source.threads) == 1
    assert threading.get_ident() not in source.threads
    assert len(source.asked) == len(set(source.asked))
    view.end()
    view.end()


@pytest.mark.parametrize("source", [Source(None, "vector"), None])
def test_that_the_shipped_map_is_drawn_instead_of_vector_tiles(
    qtbot: QtBot, scene: MapScene, source: Source | None
) -> None:
    scene.set_tiles(source)
    view = PlainMap(scene)
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.begin()
    assert middle_of(view).name().upper() == "#E4E7EA"
    assert source is None or source.asked == []
    view.end()


def test_that_damaged_and_missing_tiles_leave_the_sea(qtbot: QtBot, scene: MapScene) -> None:
    for content in (None, b"\x89PNG\r\n\x1a\nnonsense", b""):
        source = Source(content)
        owner = QObject()
        pictures = TilePictures(owner)
        pictures.take(source, is_night=False)
        image = QImage(200, 100, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        assert pictures.paint(painter, a_plane())
        qtbot.waitUntil(lambda p=pictures: not p._asked)
        assert pictures.paint(painter, a_plane())
        painter.end()
        assert image.pixelColor(100, 50) == QColor("#000000")
        pictures.end()


def test_that_a_picture_far_too_large_for_a_tile_is_not_unpacked(tmp_path: Path) -> None:
    large = QImage(1_100, 4, QImage.Format.Format_RGB32)
    large.fill(0)
    assert large.save(str(tmp_path / "t.png"))
    assert picture_of((tmp_path / "t.png").read_bytes(), "png") is None
    assert picture_of(png(5), "png") is not None
    assert picture_of(png(5), "jpg") is None


def test_that_a_light_map_is_dark_at_night_and_keeps_its_hues() -> None:
    image = QImage(2, 1, QImage.Format.Format_RGB32)
    image.setPixelColor(0, 0, QColor("#FFFFFF"))
    image.setPixelColor(1, 0, QColor("#FFC8C8"))
    night = at_night(image)
    assert night.pixelColor(0, 0).lightness() < 40
    red = night.pixelColor(1, 0)
    assert red.red() > red.blue()


def test_that_a_view_too_far_for_the_file_asks_for_no_tiles(scene: MapScene) -> None:
    source = Source(png())
    source.info = TileInfo("t", "raster", "png", 12, 14, WORLD, "", 1)
    owner = QObject()
    pictures = TilePictures(owner)
    pictures.take(source, is_night=False)
    plane = Plane(0.0, 0.0, 5.0, 1000, 800)
    assert pictures._wanted(plane) == []
    near = Plane(128 - ORIGIN[0], 80 - ORIGIN[1], 13.0, 300, 200)
    assert {key[0] for key in pictures._wanted(near)} == {13}
    pictures.end()
