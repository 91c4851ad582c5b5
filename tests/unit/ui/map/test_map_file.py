"""The map as one file, and the words and numbers of its page: whole, closed, and only text."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from PySide6 import QtCore

from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Circle, Corridor, Polygon
from nas_desktop.services.base_map import load_base_map
from nas_desktop.services.point_colours import ColourBy
from nas_desktop.ui.map import orders
from nas_desktop.ui.map.content import MOST_HELD, MapContent, png_of
from nas_desktop.ui.map.map_file import FileParts, _asset, file_bytes, parts_of
from nas_desktop.ui.map.map_view import ViewBox
from nas_desktop.ui.map.page import locked, page_html
from nas_desktop.ui.map.scene import (
    CameraMark,
    Chosen,
    MapScene,
    Part,
    Reads,
    Stop,
    Way,
)
from nas_desktop.ui.theme import Look, ThemeName
from tests.unit.ui.map.at_map import (
    INJECTIONS,
    STOKE,
    STONE,
    a_mark,
    red_square,
    some_points,
)

CSP = "Content-Security-Policy"
GSC = "OFFICIAL-SENSITIVE"
BOX = ViewBox(STONE, 10.0, 52.7, -2.5, 53.1, -1.8)
FACTS = (("Marking", GSC), ("Reason", "Robbery at Stone"), ("Recipient", "FIM"))


@pytest.fixture
def scene(qapp: object) -> MapScene:
    return MapScene(Look(ThemeName.LIGHT))


class Page(HTMLParser):
    """What a browser makes of a file: its elements, its texts, and its scripts."""

    def __init__(self, data: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: dict[str, str] = {}
        self._open = ""
        self.source = data.decode()
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        self._open = tag
        if tag == "script":
            self._id = given.get("id") or f"script {len(self.scripts)}"
            self.scripts[self._id] = ""

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            self.scripts[self._id] += data
        else:
            self.texts.append(data)

    @property
    def orders(self) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = json.loads(self.scripts["data-orders"])
        return made

    def order(self, name: str) -> dict[str, Any]:
        return next(one for one in self.orders if one["do"] == name)

    def data(self, name: str) -> bytes:
        return gzip.decompress(base64.b64decode(self.scripts[f"data-{name}"]))

    def names(self, tag: str) -> int:
        return sum(1 for name, _attrs in self.tags if name == tag)


def full(scene: MapScene) -> MapScene:
    """Put something of everything onto a scene."""
    scene.symbols = {"s0": red_square, "s1": red_square}
    scene.set_hits({f"card {n}": a_mark(n) for n in range(4)})
    scene.set_cameras(
        [CameraMark("52 1 1", STONE, "live", "A34"), CameraMark("c", STOKE, "never", "")]
    )
    scene.set_journey([Stop(STONE, "20:51"), Stop(STOKE, "20:57")])
    scene.set_chosen(Chosen("card 2", (STONE,), frozenset({"52 1 1", "a"})))
    scene.set_reads(Reads(some_points(500, without_fix=20)))
    scene.set_area(Circle(STONE, 5_000.0))
    return scene


def live_file(scene: MapScene, **more: Any) -> Page:
    parts = parts_of(
        scene, BOX, "Map of hits", GSC, more.pop("facts", FACTS), has_live=True, has_reads=False,
        **more,
    )  # fmt: skip
    return Page(file_bytes(parts))


def search_file(scene: MapScene, **more: Any) -> Page:
    parts = parts_of(
        scene, BOX, "Map of a search", GSC, more.pop("facts", FACTS), has_live=False,
        has_reads=True, area=scene.area, **more,
    )  # fmt: skip
    return Page(file_bytes(parts))


# ------------------------------------------------------------------ closed


@pytest.mark.parametrize("make", [live_file, search_file])
def test_that_a_file_asks_nobody_for_anything(scene: MapScene, make: Any) -> None:
    page = make(full(scene))
    for tag, given in page.tags:
        assert tag not in ("iframe", "object", "embed", "form", "base"), tag
        for name in ("src", "href", "srcset", "action", "data"):
            value = given.get(name)
            assert value is None or value.startswith(("data:", "#")), (tag, name, value)
        if tag in ("script", "style"):
            assert given.get("nonce")
    assert page.names("link") == 0
    policies = [g["content"] for _t, g in page.tags if g.get("http-equiv") == CSP]
    assert len(policies) == 1
    policy = policies[0]
    assert policy is not None
    for words in (
        "default-src 'none'",
        "connect-src 'none'",
        "form-action 'none'",
        "img-src data:",
    ):
        assert words in policy
    assert "unsafe" not in policy
    assert "'self'" not in policy
    nonces = {g["nonce"] for _t, g in page.tags if g.get("nonce")}
    assert len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in policy
    assert "url(" not in re.sub(r"url\(['\"]?(?:data:|#)", "", page.source)
    assert "sourceMappingURL=" not in page.source
    assert "/assets/" not in page.source


def test_that_the_policy_stands_before_everything_it_is_for(scene: MapScene) -> None:
    source = live_file(full(scene)).source
    at = source.index("Content-Security-Policy")
    assert at < source.index("<script")
    assert at < source.index("<style")
    assert '<meta name="referrer" content="no-referrer">' in source
    assert source.index("charset=UTF-8") < 1_024, "further down a browser does not look for it"


def test_that_two_files_have_numbers_of_their_own(scene: MapScene) -> None:
    def nonce(page: Page) -> str | None:
        return next(g["nonce"] for t, g in page.tags if t == "script")

    assert nonce(live_file(scene)) != nonce(live_file(scene))


def test_that_the_marking_stands_at_the_top_and_at_the_bottom(scene: MapScene) -> None:
    page = live_file(full(scene), mark="SIMULATION")
    source = page.source
    header, footer = source.index('<header class="nas-gsc">'), source.index("<footer")
    assert header < source.index('class="folium-map"') < footer
    assert source.count(f">{GSC}</footer>") == 1
    assert f'<b class="nas-mark">SIMULATION</b> {GSC}</header>' in source
    assert f">{GSC}</header>" in live_file(scene).source
    for name, value in FACTS:
        assert f"<th>{name}</th><td>{value}</td>" in source
    assert "not proof that a vehicle was there" in source


# ------------------------------------------------------------------ only text


@pytest.mark.parametrize("text", INJECTIONS)
def test_that_what_others_wrote_is_text_in_a_file(scene: MapScene, text: str) -> None:
    clean = live_file(full(scene))
    tags = sorted(tag for tag, _given in clean.tags)
    symbols = {"s0": red_square}
    scene.symbols = symbols
    scene.set_hits({text: a_mark(card=text, mark=text, words=text)})
    scene.set_cameras([CameraMark(text, STONE, "live", text)])
    scene.set_journey([Stop(STONE, text), Stop(STOKE, text)])
    scene.set_chosen(Chosen(text, (STONE,), frozenset({text})))
    facts = ((text, text), *FACTS[1:])
    page = live_file(scene, facts=facts, mark=text)
    assert sorted(t for t, _g in page.tags if t != "b") == [t for t in tags if t != "b"]
    raw = page.scripts["data-orders"]
    assert "<" not in raw
    assert ">" not in raw
    assert page.order("hits")["put"][0]["words"] == text
    assert page.order("cameras")["cameras"][0]["words"] == text
    assert page.order("journey")["stops"][0]["words"] == text
    if "<" in text:
        inside = page.source.replace(raw, "")
        assert text not in inside.replace("<!--<script>", "") or text == "<!--<script>"
        assert html.escape(text) in inside


@pytest.mark.parametrize("text", INJECTIONS)
def test_that_names_of_cameras_and_of_the_legend_are_text_in_a_file(
    scene: MapScene, text: str
) -> None:
    reads = Reads(some_points(500, alias=text), ColourBy.CAMERA)
    scene.set_reads(reads)
    page = search_file(scene)
    names = [f"{text} {n}" for n in range(4)]
    assert page.order("details")["cameras"] == names
    assert [one["words"] for one in page.order("legend")["entries"]] == names
    assert "<" not in page.scripts["data-orders"]
    assert page.names("img") == page.names("svg") == page.names("a") == 0


def test_that_a_script_inside_a_script_cannot_end_it() -> None:
    for name in ("leaflet.js", "core.js", "alone.js", "leaflet_heat.min.js"):
        text = _asset(name)
        assert "</script" not in text.lower()
        assert not re.search(r"<!--[\s\S]*<script", text)
    with pytest.raises(FileNotFoundError):
        _asset("../page/core.js.none")


# ------------------------------------------------------------------ whole


def test_that_the_hits_of_the_board_are_in_a_live_file_and_no_reads(scene: MapScene) -> None:
    page = live_file(full(scene))
    assert [one["id"] for one in page.order("hits")["put"]] == [f"card {n}" for n in range(4)]
    assert page.order("hits")["whole"] is True
    assert page.order("options")["options"]["cameras"] is True
    assert len(page.order("cameras")["cameras"]) == 2
    assert len(page.order("journey")["stops"]) == 2
    assert page.order("chosen")["cameras"] == ["52 1 1", "a"]
    pictures = page.order("symbols")["pictures"]
    assert set(pictures) == {"s0"}, "only those that are used"
    assert base64.b64decode(pictures["s0"].partition(",")[2]) == png_of(red_square())
    assert page.order("go")["box"] == [[52.7, -2.5], [53.1, -1.8]]
    assert not [one for one in page.orders if one["do"] in ("reads", "area", "details")]
    assert not [name for name in page.scripts if name.startswith("data-reads")]


def unpacked(data: bytes, count: int) -> list[Any]:
    head = np.frombuffer(data, "<u4", 4)
    assert head.tolist() == [orders.MAGIC, count, 0, 0]
    columns = [np.frombuffer(data, kind, count, 16 + 4 * count * n)
               for n, kind in enumerate(("<f4", "<f4", "<u4"))]  # fmt: skip
    hues = np.frombuffer(data, np.uint8, count, 16 + 12 * count)
    assert len(data) == 16 + 13 * count
    return [*columns, hues]


def test_that_five_hundred_reads_come_back_as_they_were(scene: MapScene) -> None:
    scene = full(scene)
    scene.set_span((1_790_000_005_000_000, 1_790_000_100_000_000))
    page = search_file(scene)
    assert scene.reads is not None
    points = scene.reads.points
    x, y, seconds, hues = unpacked(page.data("reads-1"), 500)
    np.testing.assert_array_equal(x, points.world[0])
    np.testing.assert_array_equal(y, points.world[1])
    np.testing.assert_array_equal(seconds, np.arange(500))
    np.testing.assert_array_equal(hues, scene.reads.hues)
    assert np.isnan(x[:20]).all()
    details = page.data("details-1")
    np.testing.assert_array_equal(np.frombuffer(details, "<i4", 500), points.camera)
    np.testing.assert_array_equal(np.frombuffer(details, np.int8, 500, 2000), points.direction)
    assert page.order("span") == {"do": "span", "since": 5, "until": 100}
    assert page.order("details")["first_ms"] == 1_790_000_000_000
    assert len(page.order("palette")["colours"]) == 8
    assert len(page.order("legend")["entries"]) == 8
    assert page.order("area")["area"]["kind"] == "circle"
    assert page.order("options")["options"]["cameras"] is True
    assert not [one for one in page.orders if one["do"] in ("hits", "cameras", "journey")]
    assert len(page.source) < 6_000_000


def test_that_the_file_knows_that_heat_is_shown(scene: MapScene) -> None:
    scene = full(scene)
    scene.set_way(Way.HEAT)
    page = search_file(scene)
    assert page.order("way")["way"] == "heat"
    assert page.order("legend")["entries"] == []


def test_that_a_search_without_reads_makes_a_file_too(scene: MapScene) -> None:
    page = search_file(scene)
    assert page.order("area")["area"] is None
    scene.set_reads(Reads(some_points(0)))
    page = search_file(scene)
    assert len(page.data("reads-1")) == 16


def test_that_ground_far_from_the_view_is_there_where_reads_are(scene: MapScene) -> None:
    near = search_file(scene)
    points = some_points(10)
    points.latitude[0], points.longitude[0] = 58.0, -5.0
    scene.set_reads(Reads(points))
    far = search_file(scene)
    finest = max(load_base_map().levels, key=lambda level: level.max_zoom)
    name = f"base-{re.sub('[^a-z0-9]', '-', finest.name)}"
    assert len(far.data(name)) > len(near.data(name))
    grids = far.order("grids")["grids"]
    assert [grid["zoom"] for grid in grids] == [6, 10, 13]
    assert all(grid["lines"] for grid in grids)


def test_that_a_file_without_anything_is_a_page(scene: MapScene) -> None:
    page = Page(file_bytes(FileParts("<Nothing>", GSC, (), ())))
    assert page.orders == []
    assert "<title>&lt;Nothing&gt;</title>" in page.source


# ------------------------------------------------------------------ orders


@pytest.mark.parametrize(
    ("area", "told"),
    [
        (None, None),
        (Circle(STONE, 5.0), {"kind": "circle", "points": [list(STONE)], "radius_m": 5.0}),
        (
            Corridor((STONE, STOKE), 7.0),
            {"kind": "corridor", "points": [list(STONE), list(STOKE)], "radius_m": 7.0},
        ),
        (
            Polygon((STONE, STOKE, Position(53.0, -2.0))),
            {"kind": "polygon", "points": [list(STONE), list(STOKE), [53.0, -2.0]]},
        ),
    ],
)
def test_that_every_area_is_told(scene: MapScene, area: Any, told: Any) -> None:
    assert orders.area(area) == {"do": "area", "area": told, "edits": False}
    assert orders.area(area, edits=True)["edits"] is True


def test_that_only_what_is_new_of_the_hits_is_told() -> None:
    before = {f"card {n}": a_mark(n) for n in range(3)}
    now = {**before, "card 1": a_mark(1, words="taken"), "card 9": a_mark(9)}
    del now["card 2"]
    told = orders.hits(now, before)
    assert [one["id"] for one in told["put"]] == ["card 1", "card 9"]
    assert told["gone"] == ["card 2"]
    assert told["whole"] is False
    assert orders.hits({}, {})["whole"] is True


def test_that_a_span_is_told_in_seconds_since_the_first_read() -> None:
    reads = Reads(some_points(10))
    everything = {"do": "span", "since": 0, "until": 0xFFFFFFFF}
    assert orders.span(None) == orders.span(reads) == everything
    reads.span = (0, 1_790_000_004_000_000)
    assert orders.span(reads) == {"do": "span", "since": 0, "until": 4}
    assert orders.first_us(some_points(0)) == 0


# ------------------------------------------------------------------ the scene


def test_that_a_scene_tells_what_changed_and_only_then(scene: MapScene) -> None:
    told: list[object] = []
    scene.changed.connect(told.append)
    full(scene)
    first = list(told)
    assert set(first) == {
        Part.HITS, Part.CAMERAS, Part.JOURNEY, Part.CHOSEN, Part.READS, Part.AREA,
    }  # fmt: skip
    told.clear()
    scene.set_hits(dict(scene.hits))
    scene.set_cameras(scene.cameras)
    scene.set_journey(scene.journey)
    scene.set_chosen(scene.chosen)
    scene.set_colour(ColourBy.TIME)
    scene.set_way(Way.DOTS)
    scene.set_span(None)
    assert told == []
    scene.set_area(scene.area)
    scene.set_colour(ColourBy("camera"))
    scene.set_way(Way("heat"))
    scene.set_span((1, 2))
    assert told == [Part.AREA, Part.HUES, Part.WAY, Part.SPAN]
    assert scene.switch("grid") is False
    assert scene.switch("grid") is True
    scene.set_tiles(None)
    scene.set_look(Look(ThemeName.DARK))
    assert told[4:] == [Part.OPTIONS, Part.OPTIONS, Part.TILES, Part.LOOK]
    assert scene.symbols == {}


def test_that_a_choice_given_as_plain_text_is_a_choice(scene: MapScene) -> None:
    full(scene)
    scene.set_way("heat")  # type: ignore[arg-type]
    scene.set_colour("vehicle")  # type: ignore[arg-type]
    assert scene.reads is not None
    assert scene.reads.way is Way.HEAT
    assert scene.reads.by is ColourBy.VEHICLE


def test_that_a_scene_forgets_everything_once(scene: MapScene) -> None:
    full(scene)
    scene.forget()
    assert (scene.hits, scene.cameras, scene.journey) == ({}, (), ())
    assert (scene.chosen, scene.reads, scene.area) == (Chosen(), None, None)
    told: list[object] = []
    scene.changed.connect(told.append)
    scene.forget()
    scene.set_span((1, 2))
    scene.set_way(Way.HEAT)
    scene.set_colour(ColourBy.CAMERA)
    assert told == []


def test_that_a_mask_of_reads_is_their_span() -> None:
    reads = Reads(some_points(10))
    assert reads.mask is None
    reads.span = (1_790_000_002_000_000, 1_790_000_005_000_000)
    assert reads.mask is not None
    assert reads.mask.tolist() == [False, False, *[True] * 4, *[False] * 4], "to the last"


# ------------------------------------------------------------------ the page's content


def test_that_the_page_is_answered_from_the_package_alone() -> None:
    content = MapContent()
    leaflet = content.answer("/assets/leaflet.js")
    assert leaflet is not None
    assert leaflet.kind == "text/javascript"
    font = content.answer("/fonts/Inter-Regular.otf")
    assert font is not None
    assert font.kind == "font/otf"
    for path in ("/", "/assets/../secret", "/etc/passwd", "/base/none", "/symbols/s0", ""):
        assert content.answer(path) is None
    content.put_page("<p>")
    page = content.answer("/")
    assert page is not None
    assert page.data == b"<p>"
    level = load_base_map().levels[0]
    base = content.answer(f"/base/{level.name}")
    assert base is not None
    assert len(base.data) > 100


def test_that_old_answers_of_reads_are_pushed_out() -> None:
    content = MapContent()
    for number in range(MOST_HELD + 2):
        content.put(f"reads/{number}", b"x")
    content.put("reads/2", b"y")
    content.put("reads/99", b"z")
    assert content.answer("/reads/1") is None
    assert content.answer("/reads/3") is None
    held = content.answer("/reads/2")
    assert held is not None
    assert held.data == b"y"
    content.forget()
    assert content.answer("/reads/99") is None


def test_that_a_symbol_is_painted_when_it_is_asked_for(qapp: object) -> None:
    content, painted = MapContent(), list[int]()

    def paint() -> Any:
        painted.append(1)
        return red_square()

    content.put_symbol("s0", paint)
    assert painted == []
    answer = content.answer("/symbols/s0")
    assert answer is not None
    assert answer.data.startswith(b"\x89PNG")
    assert painted == [1]


def test_that_the_channel_s_script_is_qt_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing(QtCore.QFile):
        def open(self, *_how: object) -> bool:
            return False

    monkeypatch.setattr(QtCore, "QFile", Missing)
    with pytest.raises(RuntimeError, match="channel script"):
        MapContent().answer("/assets/qwebchannel.js")


@pytest.mark.parametrize("has_vector_tiles", [True, False])
def test_that_the_live_page_asks_its_own_scheme_alone(has_vector_tiles: bool) -> None:
    page = Page(page_html(has_vector_tiles=has_vector_tiles).encode())
    links = [g.get("src") or g.get("href") for t, g in page.tags if t in ("script", "link")]
    assert all(one is None or one.startswith("/assets/") for one in links)
    assert any("protomaps" in str(one) for one in links) is has_vector_tiles
    assert not any("alone.js" in str(one) for one in links)
    policy = next(g["content"] for _t, g in page.tags if g.get("http-equiv"))
    assert policy is not None
    assert "connect-src 'self'" in policy
    content = MapContent()
    for link in filter(None, links):
        if "qwebchannel" not in link:
            assert content.answer(link) is not None, link
    assert '<script nonce="n">' in locked("<head></head><script>1</script>", "n")
