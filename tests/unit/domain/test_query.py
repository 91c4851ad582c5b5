"""The question about reads: one normal form, one text for it, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_desktop.domain.camera import CameraId, CameraKind
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import (
    MOST_CAMERAS,
    MOST_LANES,
    MOST_LOOK_ALIKES,
    MOST_MARKS,
    MOST_PATTERNS,
    Circle,
    Corridor,
    Direction,
    Polygon,
    QueryRefused,
    ReadQuery,
    camera_from,
    checked,
    fits,
    hides_unread,
    instant_from,
    instant_text,
    pattern_of,
    query_from,
)
from nas_desktop.domain.query_area import MOST_POINTS

BEGIN = datetime(2026, 11, 14, tzinfo=UTC)
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
NAIVE = BEGIN.replace(tzinfo=None)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPAN = "from=2026-11-14T00:00:00Z&to=2026-11-15T00:00:00Z"
BATH = Position(51.38, -2.36)


def a_query(**changes: Any) -> ReadQuery:
    return ReadQuery(**{"since": BEGIN, "until": BEGIN + DAY, "vrms": ("AB51ABC",)} | changes)


# ------------------------------------------------------------------ the text


def test_that_the_text_is_the_one_of_the_documents() -> None:
    query = checked(a_query(vrms=("ab5?*",)))
    assert query.text == f"{SPAN}&vrm=AB5?*"
    assert query_from(query.text) == query


def test_that_every_criterion_is_in_the_text_and_read_again() -> None:
    everything = checked(
        a_query(
            vrms=("AB51ABC", "AB5?*"), look_alikes=("CD52CDE",), distance=45, unread=True,
            cameras=(CameraId("07", 12, 3),), feeds=("52",), sources=(9,),
            kinds=(CameraKind.MOBILE,), lanes=("Lane 1 & 2",), area=Circle(BATH, 500.0),
            directions=(Direction.N,), includes_unknown=False, hits_only=True, late_only=True,
        )
    )  # fmt: skip
    assert everything.text == (
        f"{SPAN}&vrm=AB51ABC&vrm=AB5?*&like=CD52CDE&distance=0.45&unread=yes&camera=07/12/3"
        "&feed=52&source=9&kind=mobile&lane=Lane%201%20%26%202&near=51.380000,-2.360000,500"
        "&direction=N&unknown=no&hits=only&late=only"
    )
    assert query_from(everything.text) == everything


@pytest.mark.parametrize(
    ("area", "text"),
    [
        (Circle(Position(-1e-9, 0.00000049), 1500.5), "near=0.000000,0.000000,1500.5"),
        (
            Polygon((BATH, Position(51.4, -2.36), Position(51.4, -2.3), BATH)),
            "polygon=51.380000,-2.360000;51.400000,-2.360000;51.400000,-2.300000",
        ),
        (
            Corridor((BATH, BATH, Position(51.4, -2.3)), 12345.67),
            "corridor=12345.7;51.380000,-2.360000;51.400000,-2.300000",
        ),
    ],
)
def test_that_an_area_is_rounded_to_what_its_text_holds(area: Any, text: str) -> None:
    query = checked(a_query(area=area))
    assert query.text == f"{SPAN}&vrm=AB51ABC&{text}"
    assert query_from(query.text) == query


def test_that_what_has_no_effect_is_not_part_of_the_question() -> None:
    plain = checked(a_query())
    assert checked(a_query(distance=10)) == plain
    assert checked(a_query(includes_unknown=False)) == plain
    assert checked(a_query(vrms=("ab51 abc", "AB51-ABC"))) == plain
    zone = timezone(timedelta(hours=2))
    assert checked(replace(plain, since=plain.since.astimezone(zone))) == plain


def test_that_unknown_beside_a_direction_keeps_reads_without_one() -> None:
    query = checked(a_query(directions=(Direction.UNKNOWN, Direction.S), includes_unknown=False))
    assert (query.directions, query.includes_unknown) == ((Direction.S,), True)


_marks = st.text("ABCDEFGH0123456789", min_size=3, max_size=7)
_points = st.builds(Position, st.floats(49, 61), st.floats(-9, 2))
_boxes = st.builds(
    lambda p, h, w: Polygon(
        (p, Position(p[0] + h, p[1]), Position(p[0] + h, p[1] + w), Position(p[0], p[1] + w))
    ),
    _points, st.floats(0.001, 1), st.floats(0.001, 1),
)  # fmt: skip
_radii = st.floats(1, 100_000)
_some = st.integers(1, 9999)


@st.composite
def queries(draw: st.DrawFn) -> ReadQuery:
    since = draw(st.timedeltas(timedelta(0), timedelta(days=3650)).map(FIRST.__add__))
    pattern = st.builds(lambda a, b, wild: a + wild + b, _marks, _marks, st.sampled_from("?*"))
    line = st.lists(_points, min_size=2, max_size=6, unique=True)
    area = st.one_of(
        st.none(), _boxes, st.builds(Circle, _points, _radii),
        st.builds(lambda p, r: Corridor(tuple(p), r), line.filter(_far), _radii),
    )  # fmt: skip
    tuples = lambda items: st.lists(items, max_size=3).map(tuple)  # noqa: E731
    return ReadQuery(
        since=since,
        until=since + draw(st.timedeltas(timedelta(microseconds=1), timedelta(days=700))),
        vrms=draw(st.lists(st.one_of(_marks, pattern), min_size=1, max_size=4).map(tuple)),
        look_alikes=draw(tuples(_marks)),
        distance=draw(st.integers(1, 69)),
        unread=draw(st.booleans()),
        cameras=draw(tuples(st.builds(CameraId, st.sampled_from(["07", "52"]), _some, _some))),
        feeds=draw(tuples(st.sampled_from(["07", "52", "101"]))),
        sources=draw(tuples(_some)),
        kinds=draw(tuples(st.sampled_from(CameraKind))),
        lanes=draw(tuples(st.text("ab &=+%;é 12", max_size=8))),
        area=draw(area),
        directions=draw(tuples(st.sampled_from([d for d in Direction if d != "UNKNOWN"]))),
        includes_unknown=draw(st.booleans()),
        hits_only=draw(st.booleans()),
        late_only=draw(st.booleans()),
    )


def _far(points: list[Position]) -> bool:
    return len({(round(p[0], 5), round(p[1], 5)) for p in points}) == len(points)


@given(queries())
@settings(max_examples=200, deadline=None)
def test_that_text_and_value_are_two_forms_of_one_thing(query: ReadQuery) -> None:
    normal = checked(query)
    assert checked(normal) == normal
    assert query_from(normal.text) == normal
    assert query_from(normal.text).text == normal.text
    assert hash(normal) == hash(query_from(normal.text))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_that_any_other_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(QueryRefused):
        query_from(text)


# ------------------------------------------------------------------ its parts


def test_that_marks_and_patterns_are_told_apart() -> None:
    query = checked(a_query(vrms=("AB51ABC", "AB5?*", "A?51ABC")))
    assert (query.marks, query.patterns) == (("AB51ABC",), ("A?51ABC", "AB5?*"))


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [
        (" ab51 abc ", "AB51ABC"), ("AB5%", "AB5*"), ("AB5_ABC", "AB5?ABC"), ("AB5**1", "AB5*1"),
        ("ＡＢ51ABC", "AB51ABC"), ("A" * 16, "A" * 16), ("A" * 8 + "*" + "B" * 8 + "*",) * 2,
    ],
)  # fmt: skip
def test_that_a_pattern_is_brought_into_form(given_: str, wanted: str) -> None:
    assert pattern_of(given_) == wanted


@pytest.mark.parametrize("text", ["", " ", "AB£1", "A" * 17, "AB5ß", "AB51ı", "*A" * 10, "АВ51"])
def test_that_what_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused, match="1 to 16 letters") as refused:
        pattern_of(text)
    assert (refused.value.field, refused.value.code) == ("vrm", "query_refused")


@pytest.mark.parametrize(
    ("pattern", "mark", "is_fit"),
    [
        ("AB5?", "AB51", True), ("AB5?", "AB5", False), ("AB5?", "AB511", False),
        ("*51*", "AB51ABC", True), ("AB*", "AB", True), ("AB*", "CAB", False),
    ],
)  # fmt: skip
def test_that_wildcards_mean_what_the_facts_say(pattern: str, mark: str, is_fit: bool) -> None:
    assert fits(pattern, mark) is is_fit


@pytest.mark.parametrize(
    ("changes", "has_mark", "has_place"),
    [
        ({}, True, False), ({"vrms": ()}, False, False),
        ({"vrms": (), "unread": True}, True, False),
        ({"vrms": (), "look_alikes": ("AB51ABC",)}, True, False),
        ({"cameras": (CameraId("07", 1, 1),)}, True, True), ({"area": Circle(BATH, 5)}, True, True),
    ],
)  # fmt: skip
def test_that_a_question_knows_what_it_names(
    changes: dict[str, Any], has_mark: bool, has_place: bool
) -> None:
    query = a_query(**changes)
    assert (query.has_mark, query.has_place) == (has_mark, has_place)


@pytest.mark.parametrize(
    ("changes", "is_hidden"),
    [
        ({}, True), ({"vrms": ()}, False), ({"vrms": ("QQQQQQQ",)}, False),
        ({"unread": True}, False), ({"vrms": (), "look_alikes": ("AB51ABC",)}, True),
    ],
)  # fmt: skip
def test_that_vehicles_without_a_mark_are_found_only_where_asked_for(
    changes: dict[str, Any], is_hidden: bool
) -> None:
    assert hides_unread(a_query(**changes)) is is_hidden


def test_that_a_part_of_the_time_is_the_same_question() -> None:
    query = a_query()
    part = query.within(BEGIN - DAY, BEGIN + HOUR)
    assert part == replace(query, until=BEGIN + HOUR)
    assert query.within(BEGIN + HOUR, BEGIN + 2 * DAY) == replace(query, since=BEGIN + HOUR)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("21/11/2026 20:57:01", datetime(2026, 11, 21, 20, 57, 1, tzinfo=UTC)),
        ("21/11/2026 20:57", datetime(2026, 11, 21, 20, 57, tzinfo=UTC)),
        (" 21/11/2026 ", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-21T20:57:00+01:00", datetime(2026, 11, 21, 19, 57, tzinfo=UTC)),
        ("2026-11-21T20:57:00.5Z", datetime(2026, 11, 21, 20, 57, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_that_times_are_read_as_people_and_programs_write_them(text: str, wanted: datetime) -> None:
    assert instant_from(text, "from") == wanted
    assert instant_from(instant_text(wanted), "from") == wanted


@pytest.mark.parametrize("text", ["", "soon", "32/11/2026", "0001-01-01T00:00:00+14:00", "1"])
def test_that_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused, match="not a time"):
        instant_from(text, "to")


@pytest.mark.parametrize("text", ["", "52/1", "52/1/14/2", "5/1/14", "52/0/14", "52/1/x"])
def test_that_what_is_no_camera_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused, match="FEED/SOURCE/NRD"):
        camera_from(text)


# ------------------------------------------------------------------ refusals of a value


def corners(count: int) -> tuple[Position, ...]:
    """Return corners of a staircase that closes without crossing itself."""
    return (
        *(Position(51 + n * 0.001, -2 + n * n * 1e-6) for n in range(count - 1)),
        Position(51.0, 1.0),
    )


BOX = (BATH, Position(51.4, -2.36), Position(51.4, -2.3), Position(51.38, -2.3))

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"since": NAIVE}, "from", "no time zone"),
    ({"until": NAIVE}, "from", "no time zone"),
    ({"since": datetime.min.replace(tzinfo=timezone(HOUR))}, "from", "not a time"),
    ({"until": BEGIN}, "to", "not after the beginning"),
    ({"vrms": ("£",)}, "vrm", "1 to 16 letters"),
    ({"vrms": tuple(f"A{n:05d}" for n in range(MOST_MARKS + 1))}, "vrm", "are the most"),
    ({"vrms": tuple(f"A{n:05d}?" for n in range(MOST_PATTERNS + 1))}, "vrm", "patterns"),
    ({"vrms": ("*A*B*C1",)}, "vrm", "twice at most"),
    ({"vrms": ("AB*",)}, "vrm", "too many vehicles"),
    ({"vrms": ("A?*",), "area": Circle(BATH, 9)}, "vrm", "too many vehicles"),
    ({"vrms": ("AB*",), "area": Circle(BATH, 9), "until": BEGIN + DAY + HOUR}, "vrm", "too many"),
    ({"vrms": ("***",)}, "vrm", "too many vehicles"),
    ({"look_alikes": ("AB5?",)}, "like", "without wildcards"),
    ({"look_alikes": ("AB",)}, "like", "at least 3"),
    ({"look_alikes": tuple(f"A{n:05d}" for n in range(MOST_LOOK_ALIKES + 1))}, "like", "More"),
    ({"look_alikes": ("AB51ABC",), "distance": 0}, "distance", "0.01 to 0.69"),
    ({"look_alikes": ("AB51ABC",), "distance": 70}, "distance", "0.01 to 0.69"),
    ({"cameras": tuple(CameraId("07", 1 + n // 99, n) for n in range(MOST_CAMERAS + 1))},
     "camera", "cameras"),
    ({"cameras": (CameraId("7", 1, 1),)}, "camera", "FEED/SOURCE/NRD"),
    ({"feeds": ("x",)}, "feed", "PNC force code"),
    ({"sources": (0,)}, "source", "1 to 9999"),
    ({"sources": (10_000,)}, "source", "1 to 9999"),
    ({"lanes": ("x" * 65,)}, "lane", "64 characters"),
    ({"lanes": tuple(map(str, range(MOST_LANES + 1)))}, "lane", "At most"),
    ({"lanes": ("a\n",)}, "lane", "nothing prints"),
    ({"directions": (Direction.UNKNOWN,)}, "direction", "not a direction"),
    ({"vrms": ()}, "vrm", "names no VRM"),
    ({"vrms": (), "feeds": ("07",)}, "vrm", "names no VRM"),
    ({"area": Circle(Position(91, 0), 5)}, "area", "not on the Earth"),
    ({"area": Circle(Position(float("nan"), 0), 5)}, "area", "not on the Earth"),
    ({"area": Circle(Position(0, 181), 5)}, "area", "not on the Earth"),
    ({"area": Circle(BATH, 0.5)}, "area", "1 metre to 100"),
    ({"area": Circle(BATH, 100_001)}, "area", "1 metre to 100"),
    ({"area": Circle(BATH, float("nan"))}, "area", "1 metre to 100"),
    ({"area": Polygon((BATH, BATH, BOX[1]))}, "polygon", "3 to 500"),
    ({"area": Polygon(())}, "polygon", "3 to 500"),
    ({"area": Polygon(corners(MOST_POINTS + 1))}, "polygon", "3 to 500"),
    ({"area": Polygon((BOX[0], BOX[2], BOX[1], BOX[3]))}, "polygon", "cross"),
    ({"area": Polygon((BOX[0], BOX[1], Position(51.42, -2.36)))}, "polygon", "cross"),
    ({"area": Polygon((BOX[0], BOX[1], BOX[2], Position(51.39, -2.36)))}, "polygon", "cross"),
    ({"area": Polygon((*BOX[:3], BOX[0], Position(51.3, -2.3)))}, "polygon", "cross"),
    ({"area": Corridor((BATH, BATH), 5)}, "corridor", "2 to 500"),
    ({"area": Corridor(corners(MOST_POINTS + 1), 5)}, "corridor", "2 to 500"),
    ({"area": Corridor((BATH, BOX[1]), 0)}, "area", "1 metre"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field", "words"), REFUSED)
def test_that_a_question_that_cannot_be_asked_is_refused(
    changes: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(QueryRefused, match=words) as refused:
        checked(a_query(**changes))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "changes",
    [
        {"vrms": (), "until": BEGIN + HOUR},
        {"vrms": ("AB*",), "area": Circle(BATH, 9)},
        {"vrms": ("AB*",), "cameras": (CameraId("07", 1, 1),)},
        {"vrms": ("*A1B*",)},
        {"vrms": tuple(f"A{n:05d}?" for n in range(MOST_PATTERNS))},
        {"area": Polygon(corners(MOST_POINTS))},
        {"area": Polygon(BOX)},
        {"area": Polygon((*BOX, BATH))},
        {"area": Circle(BATH, 100_000)},
        {"vrms": (), "area": Circle(BATH, 1)},
        {"until": BEGIN + timedelta(days=5000)},
    ],
)
def test_that_a_question_at_its_limits_can_be_asked(changes: dict[str, Any]) -> None:
    normal = checked(a_query(**changes))
    assert query_from(normal.text) == normal


# ------------------------------------------------------------------ refusals of a text


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("", "from", "no span of time"),
        ("from=2026-11-14", "to", "no span of time"),
        ("vrm", "", "not a question"),
        ("from=%ff&to=1", "", "not a question"),
        ("&".join(["vrm=A"] * 200_001), "", "not a question"),
        (f"{SPAN}&colour=blue", "", "Unknown criterion: colour"),
        (f"{SPAN}&{SPAN}", "", "given twice"),
        (f"{SPAN}&near=1,2,3&near=1,2,4", "near", "given twice"),
        ("from=soon&to=2026-11-15", "from", "not a time"),
        ("from=2026-11-14&to=soon", "to", "not a time"),
        (f"{SPAN}&vrm=", "vrm", "1 to 16"),
        (f"{SPAN}&like=AB51ABC&distance=near", "distance", "not a number"),
        (f"{SPAN}&like=AB51ABC&distance=inf", "distance", "not a number"),
        (f"{SPAN}&like=AB51ABC&distance=nan", "distance", "not a number"),
        (f"{SPAN}&unread=no", "unread", "only the word yes"),
        (f"{SPAN}&hits=all", "hits", "only the word only"),
        (f"{SPAN}&camera=52", "camera", "FEED/SOURCE/NRD"),
        (f"{SPAN}&feed=5", "feed", "PNC force code"),
        (f"{SPAN}&source=x", "source", "1 to 9999"),
        (f"{SPAN}&source=99999999", "source", "1 to 9999"),
        (f"{SPAN}&source=%C2%B2", "source", "1 to 9999"),
        (f"{SPAN}&kind=plane", "kind", "Unknown kind"),
        (f"{SPAN}&direction=up", "direction", "Unknown direction"),
        (f"{SPAN}&near=1,2", "near", "LATITUDE,LONGITUDE,RADIUS"),
        (f"{SPAN}&near=a,b,c", "near", "not a number"),
        (f"{SPAN}&polygon=1,2;3", "polygon", "LATITUDE,LONGITUDE"),
        (f"{SPAN}&corridor=1,2;1,2;1,3", "corridor", "RADIUS"),
        (f"{SPAN}&corridor=", "corridor", "not a number"),
        (f"{SPAN}&corridor=5", "corridor", "2 to 500"),
        (f"{SPAN}&near=1,2,3&polygon=1,2;1,3;2,3", "polygon", "one area"),
        (SPAN, "vrm", "names no VRM"),
    ],
)
def test_that_a_text_that_is_no_question_is_refused(text: str, field: str, words: str) -> None:
    with pytest.raises(QueryRefused, match=words) as refused:
        query_from(text)
    assert refused.value.field == field or not field
    assert "AB51ABC" not in refused.value.words


def test_that_a_text_of_a_person_is_understood() -> None:
    text = "from=14/11/2026&to=15/11/2026 00:00&vrm=ab51 abc&direction=n&corridor=50;1,2;1,3"
    query = query_from(text)
    assert (query.since, query.until, query.vrms) == (BEGIN, BEGIN + DAY, ("AB51ABC",))
    assert query.directions == (Direction.N,)
    assert query.area == Corridor((Position(1, 2), Position(1, 3)), 50)
