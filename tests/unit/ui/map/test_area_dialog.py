"""An area without a pointer: positions typed in any notation, and the areas of files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Area, Circle, Corridor, Polygon, QueryRefused
from nas_desktop.services.map_shape_files import MOST_BYTES
from nas_desktop.services.map_shapes import area_geojson
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.map.area_dialog import KINDS, AreaDialog
from nas_desktop.ui.map.drawn_areas import (
    DEFAULT_WIDTH_M,
    area_of_drawn,
    bounds_of_area,
    places_of,
    typed_area,
)
from nas_desktop.ui.map.map_desk import MapDesk
from nas_desktop.ui.map.map_view import Drawn
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.theme import Look
from tests.unit.ui.map.at_map import STOKE, STONE, key
from tests.unit.ui.map.conftest import RunsOrKeeps

NOTATIONS = (
    "SJ 9184 4740",
    "SJ91844740",
    "391845, 347405",
    "52.9, -2.15",
    "52.9 -2.15",
    "52°54'N 2°9'W",
    "52°54'0\"N 2°9'0\"W",
    "2.15W, 52.9N",
    "N52.9 W2.15",
)


@pytest.fixture
def dialog(qtbot: QtBot, bridge: Bridge) -> Iterator[AreaDialog]:
    yield from shown(bridge, qtbot, None)


def shown(bridge: Bridge, qtbot: QtBot, area: Area | None) -> Iterator[AreaDialog]:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = AreaDialog(area, DEFAULT_WIDTH_M, bridge, Look(), parent)
    made.show()
    yield made
    if isValid(made):
        made.close()


def take_kind(dialog: AreaDialog, kind: str) -> None:
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))


def taken(dialog: AreaDialog, qtbot: QtBot) -> tuple[Area, str]:
    with qtbot.waitSignal(dialog.taken) as said:
        dialog.take.click()
    assert said.args is not None
    area, note = said.args
    assert not dialog.isVisible()
    return area, note


# ------------------------------------------------------------------ typed


@pytest.mark.parametrize("text", NOTATIONS)
def test_that_a_position_may_be_typed_in_any_notation(
    dialog: AreaDialog, qtbot: QtBot, text: str
) -> None:
    take_kind(dialog, "circle")
    dialog.places.setPlainText(text)
    dialog.metres.setValue(750)
    area, note = taken(dialog, qtbot)
    assert isinstance(area, Circle)
    assert area.radius_m == 750
    assert area.centre.latitude == pytest.approx(52.9, abs=0.2)
    assert area.centre.longitude == pytest.approx(-2.15, abs=0.1)
    assert note == ""


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("", "A polygon is made of 3 positions or more."),
        ("52.9, -2.15\nhere", "Line 2: "),
        ("52.9, -2.15\n\n\n53, -2.1\nnonsense\n52, -2", "Line 5: "),
        ("52.9, -2.15; 53, -2.1; nowhere", "Line 1: "),
        ("-2.15, 52.9\n52, -2\n53, -2", "Line 1: Latitude and longitude seem"),
        ("52.9, -2.15\n0, 0\n53, -2", "Line 2: 0, 0 is what a camera without a fix says"),
        ("52.9, -2.15\n91, 0\n53, -2", "Line 2: "),
        ("52.9, -2.15\nSJ 123\n53, -2", "Line 2: A grid reference has 2, 4"),
        ("52.9, -2.15\nnan, 1\n53, -2", "Line 2: A co-ordinate is no number."),
        (f"52.9, -2.15\n{'9' * 500}\n53, -2", "Line 2: That is too long to be a place."),
        ("52.9, -2.15\n53, -2", "A polygon is made of 3 positions or more."),
    ],
)
def test_that_what_is_no_position_is_refused_with_its_line(
    dialog: AreaDialog, lines: str, words: str
) -> None:
    dialog.places.setPlainText(lines)
    dialog.take.click()
    assert dialog.isVisible()
    said = dialog.said.text()
    assert said.startswith("■ ")
    assert words in said
    dialog.places.appendPlainText("52, -2")
    assert not dialog.said.isVisible(), "what was said goes once something is typed"


@pytest.mark.parametrize(
    ("kind", "lines", "words"),
    [
        ("circle", "52.9, -2.15\n53, -2", "A circle is made of 1 position."),
        ("box", "52.9, -2.15", "A box is made of 2 positions."),
        ("box", "52.9, -2.15\n53, -2\n52, -1", "A box is made of 2 positions."),
        ("box", "52.9, -2.15\n52.9, -2", "The box has no inside."),
        ("corridor", "52.9, -2.15", "A corridor is made of 2 positions or more."),
        ("corridor", "52.9, -2.15\n52.9, -2.15", "The line has no length."),
        ("polygon", "52, -2\n53, -2\n52, -2\n53, -2", ""),
    ],
)
def test_that_every_kind_needs_its_positions(
    dialog: AreaDialog, kind: str, lines: str, words: str
) -> None:
    take_kind(dialog, kind)
    dialog.places.setPlainText(lines)
    dialog.take.click()
    assert dialog.isVisible()
    assert words in dialog.said.text()


def test_that_each_kind_has_its_hint_and_its_metres(dialog: AreaDialog) -> None:
    hints = set()
    for kind in KINDS:
        take_kind(dialog, kind)
        hints.add(dialog.hint.text())
        assert dialog.metres.isVisible() is (kind in ("circle", "corridor"))
        assert dialog.metres_name.isVisible() is (kind in ("circle", "corridor"))
    assert len(hints) == len(KINDS)


def test_that_a_box_lies_between_two_corners_however_they_are_typed(
    dialog: AreaDialog, qtbot: QtBot
) -> None:
    take_kind(dialog, "box")
    dialog.places.setPlainText("53.0, -2.0; 52.9, -2.15")
    area, _note = taken(dialog, qtbot)
    assert isinstance(area, Polygon)
    assert {c.latitude for c in area.corners} == {52.9, 53.0}
    assert {c.longitude for c in area.corners} == {-2.15, -2.0}


def test_that_a_polygon_that_slipped_is_mended_with_a_sentence(
    dialog: AreaDialog, qtbot: QtBot
) -> None:
    dialog.places.setPlainText(
        "52.9,-2.2\n52.9,-2.0\n53.1,-2.0\n53.1,-2.2\n52.905,-2.2\n52.895,-2.199"
    )
    area, note = taken(dialog, qtbot)
    assert isinstance(area, Polygon)
    assert "Sides crossed" in note


def test_that_esc_takes_nothing(dialog: AreaDialog) -> None:
    heard: list[object] = []
    dialog.taken.connect(lambda *what: heard.append(what))
    dialog.places.setPlainText("52.9, -2.15")
    key(dialog.places, Qt.Key.Key_Escape)
    assert heard == []
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    "area",
    [
        Circle(STONE, 1_234.0),
        Corridor((STONE, STOKE), 300.0),
        Polygon((STONE, Position(53.0, -2.15), Position(53.0, -2.0))),
    ],
)
def test_that_the_area_there_is_stands_in_the_fields(
    bridge: Bridge, qtbot: QtBot, area: Area
) -> None:
    for dialog in shown(bridge, qtbot, area):
        again, _note = taken(dialog, qtbot)
        assert again == area


def test_that_a_typed_area_is_searched_and_seen(
    desk: MapDesk, view: PlainMap, window: MainWindow
) -> None:
    key(view, Qt.Key.Key_T)
    dialog = desk.dialogs["area"]
    assert isinstance(dialog, AreaDialog)
    take_kind(dialog, "circle")
    dialog.places.setPlainText("57.0, -4.0")
    dialog.take.click()
    assert desk.scene.area == Circle(Position(57.0, -4.0), 250.0)
    assert window.pages.name == "search"
    assert view.plane.middle == pytest.approx((57.0, -4.0), abs=1e-3)
    desk.show_form()
    again = desk.dialogs["area"]
    assert isinstance(again, AreaDialog)
    assert again.kind.currentData() == "circle"
    assert again.places.toPlainText() == "57.000000, -4.000000"
    take_kind(again, "polygon")
    again.places.setPlainText(
        "52.9,-2.2\n52.9,-2.0\n53.1,-2.0\n53.1,-2.2\n52.905,-2.2\n52.895,-2.199"
    )
    again.take.click()
    assert "Sides crossed" in desk.panel.said.text()


# ------------------------------------------------------------------ drawn


def test_that_nothing_drawn_is_no_area() -> None:
    with pytest.raises(QueryRefused, match="Nothing was drawn"):
        area_of_drawn(Drawn("box", ()), None, 250)
    with pytest.raises(QueryRefused):
        area_of_drawn(Drawn("circle", (tuple(STONE),)), None, 250)
    with pytest.raises(QueryRefused):
        area_of_drawn(Drawn("polygon", ((float("nan"), 1.0), (1.0, 2.0), (3.0, 4.0))), None, 250)


def test_that_a_new_corridor_has_the_width_asked_for_and_an_edited_one_its_own() -> None:
    drawn = Drawn("corridor", (tuple(STONE), tuple(STOKE)))
    new, _note = area_of_drawn(drawn, None, 400)
    assert isinstance(new, Corridor)
    assert new.radius_m == 400
    edited, _note = area_of_drawn(drawn, Corridor((STONE, STOKE), 90.0), 400)
    assert isinstance(edited, Corridor)
    assert edited.radius_m == 90
    other, _note = area_of_drawn(drawn, Circle(STONE, 90.0), 400)
    assert isinstance(other, Corridor)
    assert other.radius_m == 400


def test_that_the_bounds_of_an_area_hold_its_metres() -> None:
    low, high = bounds_of_area(Circle(STONE, 10_000.0))
    assert high.latitude - low.latitude == pytest.approx(0.18, abs=0.01)
    assert high.longitude - low.longitude == pytest.approx(0.298, abs=0.02)
    corners = (STONE, Position(53.0, -2.15), Position(53.0, -2.0))
    assert bounds_of_area(Polygon(corners)) == (STONE, Position(53.0, -2.0))
    assert bounds_of_area(Circle(Position(89.99, 0.0), 90_000.0))[1].latitude == 90.0
    assert places_of(Corridor((STONE, STOKE), 1.0)) == (STONE, STOKE)
    assert typed_area("circle", "52.9, -2.15", 5)[0] == Circle(STONE, 5.0)


# ------------------------------------------------------------------ files


def geojson(*areas: tuple[str, Area]) -> str:
    return json.dumps(
        {"type": "FeatureCollection", "features": [area_geojson(a, name) for name, a in areas]}
    )


SQUARE = Polygon((STONE, Position(52.9, -2.0), Position(53.0, -2.0), Position(53.0, -2.15)))


async def read(dialog: AreaDialog, spawn: RunsOrKeeps, path: Path) -> str:
    dialog.read_file(path)
    assert not dialog.read.isEnabled()
    assert "Reading" in dialog.said.text()
    dialog.read_file(path)
    assert len(spawn.tasks) == 1, "one file at a time"
    await spawn.done()
    assert dialog.read.isEnabled()
    return dialog.said.text()


async def test_that_one_area_of_a_file_stands_in_the_fields(
    dialog: AreaDialog, spawn: RunsOrKeeps, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "one.geojson"
    path.write_text(geojson(("Town", SQUARE)), "utf-8")
    assert await read(dialog, spawn, path) == "one.geojson: 1 area."
    assert not dialog.found.isVisible()
    area, _note = taken(dialog, qtbot)
    assert isinstance(area, Polygon)
    assert set(area.corners) == set(SQUARE.corners)


async def test_that_areas_of_a_file_are_chosen_from_a_list(
    dialog: AreaDialog, spawn: RunsOrKeeps, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "several.json"
    path.write_text(
        geojson(
            ("Town <b>1</b>", SQUARE), ("Round", Circle(STONE, 900.0)),
            ("Road", Corridor((STONE, STOKE), 70.0)),
        ),
        "utf-8",
    )  # fmt: skip
    assert "3 areas" in await read(dialog, spawn, path)
    assert dialog.found.isVisible()
    assert [dialog.found.item(n).text() for n in range(3)] == [
        "Town <b>1</b> · polygon", "Round · circle", "Road · corridor",
    ]  # fmt: skip
    dialog.found.setCurrentRow(2)
    assert dialog.kind.currentData() == "corridor"
    assert dialog.metres.value() == 70
    dialog.found.setCurrentRow(1)
    dialog._on_found(-1)
    heard: list[object] = []
    dialog.taken.connect(lambda area, _note: heard.append(area))
    dialog.found.itemActivated.emit(dialog.found.item(1))
    assert heard == [Circle(STONE, 900.0)]


async def test_that_what_was_changed_in_the_area_of_a_file_is_said(
    dialog: AreaDialog, spawn: RunsOrKeeps, tmp_path: Path
) -> None:
    hole = [[-2.1, 52.95], [-2.05, 52.95], [-2.05, 52.97], [-2.1, 52.95]]
    ring = [[-2.15, 52.9], [-2.0, 52.9], [-2.0, 53.0], [-2.15, 52.9]]
    data = {"type": "Polygon", "coordinates": [ring, hole]}
    path = tmp_path / "hole.geojson"
    path.write_text(json.dumps(data), "utf-8")
    assert "Holes were filled" in await read(dialog, spawn, path)


async def test_that_good_areas_are_taken_and_bad_ones_told(
    dialog: AreaDialog, spawn: RunsOrKeeps, tmp_path: Path
) -> None:
    bad = [{"type": "Point", "coordinates": [0, 0]}] * 9
    data = {"type": "GeometryCollection", "geometries": [area_geojson(SQUARE)["geometry"], *bad]}
    path = tmp_path / "some.geojson"
    path.write_text(json.dumps(data), "utf-8")
    said = await read(dialog, spawn, path)
    assert said.startswith("some.geojson: 1 area. file.geometries[1]")
    assert said.count("geometries[") == 6, "not all of them: there is no room"


KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
PLACEMARK = (
    "<Placemark><name>Town</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
    "-2.15,52.9 -2.0,52.9 -2.0,53.0 -2.15,52.9"
    "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
)
LINK = "<NetworkLink><Link><href>http://192.0.2.1/x.kml</href></Link></NetworkLink>"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaaaaaaaa">'
    '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + KML.format("<name>&b;</name>" + PLACEMARK)
)


async def test_that_a_kml_file_is_read(
    dialog: AreaDialog, spawn: RunsOrKeeps, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "town.kml"
    path.write_text(KML.format(PLACEMARK), "utf-8")
    assert "1 area" in await read(dialog, spawn, path)
    area, _note = taken(dialog, qtbot)
    assert isinstance(area, Polygon)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.kml", BOMB),
        ("broken.kml", "<kml><Document>"),
        ("broken.geojson", '{"type": "Polygon"'),
        ("none.geojson", '{"type": "FeatureCollection", "features": []}'),
        ("list.geojson", "[1, 2]"),
        ("text.txt", "52.9, -2.15"),
        ("empty.geojson", ""),
        ("zipped.kmz", "PK\x03\x04"),
        ("other.geojson", '{"type": "Polygon", "crs": {"name": "EPSG:27700"}}'),
        ("link.kml", KML.format(PLACEMARK + LINK)),
    ],
)
async def test_that_a_file_that_cannot_be_used_is_refused_in_words(
    dialog: AreaDialog, spawn: RunsOrKeeps, tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    dialog.places.setPlainText("52.9, -2.15")
    said = await read(dialog, spawn, path)
    assert said.startswith("■ ")
    assert len(said) > 10
    assert "192.0.2.1" not in said
    assert dialog.places.toPlainText() == "52.9, -2.15", "what was typed stays"


async def test_that_a_file_of_ten_megabytes_of_points_is_refused(
    dialog: AreaDialog, spawn: RunsOrKeeps, tmp_path: Path
) -> None:
    path = tmp_path / "great.geojson"
    ring = "[-2.15,52.9]," * ((MOST_BYTES - 1_000) // 13)
    path.write_text(f'{{"type":"Polygon","coordinates":[[{ring}[-2.15,52.9]]]}}', "utf-8")
    assert "20,000 are the most" in await read(dialog, spawn, path)
    with path.open("a", encoding="utf-8") as file:
        file.write(" " * 1_000)
    assert (await read(dialog, spawn, path)).startswith("■ ")


async def test_that_a_file_that_is_gone_is_said(
    dialog: AreaDialog, spawn: RunsOrKeeps, tmp_path: Path
) -> None:
    assert "cannot be read" in await read(dialog, spawn, tmp_path / "gone.kml")


@pytest.mark.parametrize("is_good", [True, False])
async def test_that_a_dialog_that_is_closed_while_a_file_is_read_says_nothing(
    bridge: Bridge, spawn: RunsOrKeeps, tmp_path: Path, is_good: bool
) -> None:
    path = tmp_path / "one.geojson"
    path.write_text(geojson(("Town", SQUARE)) if is_good else "?", "utf-8")
    parent = QWidget()
    made = AreaDialog(None, DEFAULT_WIDTH_M, bridge, Look(), parent)
    made.read_file(path)
    delete(made)
    await spawn.done()
    assert not isValid(made)
    delete(parent)


def test_that_the_file_is_asked_for_beside_the_window(
    dialog: AreaDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(dialog, "read_file", asked.append)
    dialog.read.click()
    box = dialog.findChild(QFileDialog, "areasFrom")
    assert box is not None
    assert "*.kml" in " ".join(box.nameFilters())
    box.fileSelected.emit(str(tmp_path / "a.kml"))
    assert asked == [tmp_path / "a.kml"]
    box.close()


async def test_that_a_file_of_areas_may_be_dropped_on_the_map(
    desk: MapDesk, spawn: RunsOrKeeps, tmp_path: Path
) -> None:
    path = tmp_path / "one.geojson"
    path.write_text(geojson(("Town", SQUARE)), "utf-8")
    desk.panel.dropped.emit(path)
    await spawn.done()
    dialog = desk.dialogs["area"]
    assert isinstance(dialog, AreaDialog)
    assert "1 area" in dialog.said.text()
