"""Areas from files of others: what is taken, what is named as a fault, what is refused at once."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.geo import Position
from nas_desktop.domain.query_area import Circle, Corridor, Polygon, QueryRefused
from nas_desktop.services.map_shape_files import (
    MOST_AREAS,
    MOST_BYTES,
    MOST_FAULTS,
    areas_from_file,
    areas_from_geojson,
    areas_from_kml,
)

RING = [[-2, 52], [-1, 52], [-1, 53], [-2, 53], [-2, 52]]
HOLE = [[-1.6, 52.4], [-1.4, 52.4], [-1.4, 52.6], [-1.6, 52.4]]
LINE = [[-2, 52], [-1.5, 52.5, 120.0]]
POINT = {"type": "Point", "coordinates": [-2, 52]}


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(*features: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def shape(kind: str, coordinates: object) -> dict[str, object]:
    return {"type": kind, "coordinates": coordinates}


# ------------------------------------------------------------------ GeoJSON


def test_that_every_kind_of_shape_is_read() -> None:
    found = areas_from_geojson(
        collection(
            feature(shape("Polygon", [RING, HOLE]), name="Ring"),
            feature(shape("LineString", LINE), name="Line"),
            feature(shape("LineString", LINE), radius_m=40),
            feature(POINT, name="Dot", radius_m=700),
            feature(POINT),
            feature(shape("MultiPolygon", [[RING], [RING]]), name="Two"),
            feature({"type": "GeometryCollection", "geometries": [POINT]}, Name="In"),
            feature(shape("MultiPoint", [[-2, 52]])),
        ),
        300,
    )
    assert found.faults == ()
    names = [area.name for area in found.areas]
    assert names == ["Ring", "Line", "Area 3", "Dot", "Area 5", "Two 1", "Two 2", "In", "Area 9"]
    ring, line, narrow, dot, bare = (named.area for named in found.areas[:5])
    assert isinstance(ring, Polygon)
    assert found.areas[0].note == "Holes were filled: a question has none."
    assert line == Corridor((Position(52, -2), Position(52.5, -1.5)), 300)
    assert isinstance(narrow, Corridor)
    assert narrow.radius_m == 40
    assert dot == Circle(Position(52, -2), 700)
    assert bare == Circle(Position(52, -2), 300)
    assert found.areas[4].note == "The file gives no radius; 300 m was taken."


@pytest.mark.parametrize("text", [json.dumps(POINT), "\ufeff" + json.dumps(feature(POINT))])
def test_that_a_shape_alone_is_read(text: str) -> None:
    assert areas_from_geojson(text, 50).areas[0].area == Circle(Position(52, -2), 50)


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (feature(shape("Polygon", [[[-2, 52], [-1, "52"], [-1, 53]]])), "Point 2 is not two"),
        (feature(shape("Polygon", [[[-2, 52], [-1, True], [-1, 53]]])), "Point 2 is not two"),
        (feature(shape("Polygon", [[[-2, 52], [-1], [-1, 53]]])), "Point 2 is not two"),
        (feature(shape("Polygon", [[[-2, 52], 5, [-1, 53]]])), "Point 2 is not two"),
        (feature(shape("Polygon", [])), "no corners"),
        (feature(shape("Polygon", {"a": 1})), "no corners"),
        (feature(shape("Polygon", [[[52, -2], [52, -1], [53, -1]]])), "wrong way round"),
        (feature(shape("Polygon", [[[0, 0], [1, 1], [2, 0]]])), "without a fix"),
        (feature(shape("Polygon", [[[-2, 52], [-1, 53], [-2, 53], [-1, 52]]])), "not plain"),
        (feature(shape("LineString", [[-2, 52]])), "no length"),
        (feature(POINT, radius_m="wide"), "radius_m is no number"),
        (feature(POINT, radius_m=0), "1 metre to 100 kilometres"),
        (feature(shape("Point", [10**400, 52])), "not two numbers"),
        (feature(shape("Point", [391840, 347400])), "not on the Earth"),
        (feature(shape("Sphere\x1b", [])), "Sphere is no shape"),
        (feature({}), "Something without a type"),
        (feature(None), "It is no object"),
        (7, "It is no object"),
    ],
)
def test_that_a_bad_shape_is_named_and_the_good_are_taken(bad: object, fault: str) -> None:
    text = collection(feature(POINT, name="Good"), bad)
    found = areas_from_geojson(text, 100)
    assert [area.name for area in found.areas] == ["Good"]
    (said,) = found.faults
    assert said.startswith("features[1]")
    assert fault in said


def test_that_the_part_and_the_name_of_a_bad_shape_are_told() -> None:
    found = areas_from_geojson(
        collection(feature(shape("MultiPolygon", [[RING], [[]]]), name="Two\x00")), 100
    )
    assert found.faults == ("features[0].coordinates[1] (Two 2): An area has 3 corners or more.",)
    assert len(found.areas) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[1, 2]", "no GeoJSON"),
        ('{"type": "Point", "coordinates": [NaN, 52]}', "A number of the file is none"),
        ('{"type": "Point", "coordinates": [-Infinity, 52]}', "A number of the file is none"),
        ('{"a": ' + "9" * 5_000 + "}", "A number of the file is none"),
        ('{"type": "Point"', "no JSON: line 1"),
        ("[" * 500_000, "nested too deeply"),
        (b'{"type": "\xff"}', "not in UTF-8"),
        ('{"type": "Point", "crs": {"properties": {"name": "EPSG:27700"}}}', "another co-ordinate"),
        (b" " * (MOST_BYTES + 1), "larger than 10 MB"),
    ],
)
def test_that_a_file_that_is_none_is_refused(content: str | bytes, words: str) -> None:
    with pytest.raises(QueryRefused, match=words):
        areas_from_geojson(content, 100)


def test_that_a_number_too_large_for_a_float_is_a_fault() -> None:
    found = areas_from_geojson('{"type": "Point", "coordinates": [1e999, 52]}', 100)
    assert found.faults == ("file: Point 1 is not two numbers.",)


def test_that_wgs_84_by_name_is_taken() -> None:
    crs = {"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert areas_from_geojson(json.dumps({**POINT, "crs": crs}), 100).areas


def test_that_collections_within_collections_end_somewhere() -> None:
    data: dict[str, Any] = POINT
    for _n in range(40):
        data = {"type": "GeometryCollection", "geometries": [data]}
    with pytest.raises(QueryRefused, match="nested too deeply"):
        areas_from_geojson(json.dumps(data), 100)


def test_that_there_are_never_too_many_areas_or_faults() -> None:
    good = [feature(POINT)] * MOST_AREAS
    assert len(areas_from_geojson(collection(*good), 100).areas) == MOST_AREAS
    with pytest.raises(QueryRefused, match="more than 200 shapes"):
        areas_from_geojson(collection(*good, 1), 100)
    found = areas_from_geojson(collection(*[1] * 60), 100)
    assert len(found.faults) == MOST_FAULTS + 1
    assert found.faults[-1] == "And 10 more."


def test_that_a_file_without_shapes_says_so() -> None:
    assert areas_from_geojson(collection(), 1).faults == ("The file has no shape in it.",)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "features", "geometry", "coordinates", "properties", "radius_m"]
            )
            | st.text(max_size=3),
            inner
            | st.sampled_from(["Feature", "FeatureCollection", "Polygon", "MultiPoint", "Point"]),
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON, st.floats())
def test_that_any_json_is_read_or_refused(data: object, width_m: float) -> None:
    try:
        found = areas_from_geojson(json.dumps(data), width_m)
    except QueryRefused:
        return
    assert found.areas or found.faults


# ------------------------------------------------------------------ KML


def kml(*marks: str) -> bytes:
    inside = "".join(marks)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><name>All</name>{inside}</Document></kml>"
    ).encode()


def mark(shapes: str, name: str = "") -> str:
    return f"<Placemark><name>{name}</name>{shapes}</Placemark>"


def ring(coordinates: str, kind: str = "outer") -> str:
    return (
        f"<{kind}BoundaryIs><LinearRing><coordinates>{coordinates}</coordinates></LinearRing>"
        f"</{kind}BoundaryIs>"
    )


KML_RING = ring("-2,52,0 -1,52,0\n -1,53,0 -2,53,0 -2,52,0")
KML_LINE = "<LineString><coordinates>-2,52 -1.5,52.5</coordinates></LineString>"
KML_POINT = "<Point><coordinates> -2,52,0 </coordinates></Point>"


def test_that_every_kind_of_placemark_is_read() -> None:
    found = areas_from_kml(
        kml(
            mark(f"<Polygon>{ring('-1.6,52.4 -1.4,52.4 -1.4,52.6', 'inner')}{KML_RING}</Polygon>"),
            mark(KML_LINE, "<![CDATA[<b>Line</b>]]>"),
            mark(KML_POINT, "Dot"),
            mark(f"<MultiGeometry>{KML_LINE}{KML_POINT}</MultiGeometry>", "Both"),
        ),
        250,
    )
    assert found.faults == ()
    names = [area.name for area in found.areas]
    assert names == ["Area 1", "<b>Line</b>", "Dot", "Both", "Both 2"]
    assert found.areas[0].note == "Holes were filled: a question has none."
    assert isinstance(found.areas[0].area, Polygon)
    assert found.areas[1].area == Corridor((Position(52, -2), Position(52.5, -1.5)), 250)
    assert found.areas[2].area == Circle(Position(52, -2), 250)
    assert found.areas[2].note == "The file gives no radius; 250 m was taken."


@pytest.mark.parametrize(
    ("shapes", "fault"),
    [
        ("<Polygon/>", "3 corners"),
        ("<Point><coordinates>-2,52 -1,52</coordinates></Point>", "one pair"),
        ("<Point><coordinates>-2;52</coordinates></Point>", "Point 1 is not two numbers"),
        ("<Point><coordinates>nan,52</coordinates></Point>", "no number"),
        ("<LineString><coordinates>-2,52 x,y</coordinates></LineString>", "Point 2 is not two"),
    ],
)
def test_that_a_bad_placemark_is_named_and_the_good_are_taken(shapes: str, fault: str) -> None:
    found = areas_from_kml(kml(mark(KML_POINT, "Good"), mark(shapes, "Bad")), 100)
    assert [area.name for area in found.areas] == ["Good"]
    (said,) = found.faults
    assert said.startswith("Placemark 2 (Bad): ")
    assert fault in said


BOMB = b"""<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<kml><Placemark><name>&b;</name></Placemark></kml>"""
OUTSIDE = (
    b'<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml><Placemark>&x;</Placemark></kml>'
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB, "defines entities"),
        (OUTSIDE, "defines entities"),
        (b'<!DOCTYPE kml SYSTEM "http://example.org/x.dtd"><kml/>', "defines entities"),
        (kml("<NetworkLink><Link><href>http://example.org</href></Link></NetworkLink>"), "another"),
        (b"<kml><Placemark>", "no XML: line 1"),
        (b"", "no XML"),
        (b"<html></html>", "no KML"),
        (b"<kml>" + b"<Folder>" * 100, "too deep"),
        (b"<kml>" + b"<a/>" * 250_000 + b"</kml>", "too many elements"),
        (b'<?xml version="1.0" encoding="klingon"?><kml/>', "encoding|no XML"),
        (kml(*[mark(KML_POINT)] * 201), "more than 200 shapes"),
        (b" " * (MOST_BYTES + 1), "larger than 10 MB"),
    ],
)
def test_that_a_dangerous_file_is_refused(content: bytes, words: str) -> None:
    started = time.perf_counter()
    with pytest.raises(QueryRefused, match=words):
        areas_from_kml(content, 100)
    assert time.perf_counter() - started < 2


def test_that_ten_megabytes_of_points_are_refused_at_once() -> None:
    points = "-2.123456,52.123456 " * (MOST_BYTES // 20 - 50)
    started = time.perf_counter()
    found = areas_from_kml(kml(mark(f"<Polygon>{ring(points)}</Polygon>")), 100)
    assert time.perf_counter() - started < 2
    assert found.faults == ("Placemark 1: It has more than 20,000 points.",)
    pairs = "[-2.123456,52.123456]," * (MOST_BYTES // 22 - 50)
    text = '{"type": "Polygon", "coordinates": [[' + pairs[:-1] + "]]}"
    started = time.perf_counter()
    found = areas_from_geojson(text, 100)
    assert time.perf_counter() - started < 2
    assert "20,000 are the most" in found.faults[0]


@given(st.binary(max_size=200))
def test_that_any_bytes_are_read_or_refused(content: bytes) -> None:
    for start in (b"", b"<kml>", b"{"):
        for read in (areas_from_kml, areas_from_geojson):
            try:
                read(start + content, 100)
            except QueryRefused as refusal:
                assert refusal.message  # noqa: PT017


# ------------------------------------------------------------------ files


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("wrong.kml", json.dumps(POINT).encode()),
        ("a.json", b"\xef\xbb\xbf " + json.dumps(POINT).encode()),
        ("wrong.json", kml(mark(KML_POINT))),
        ("wide.kml", kml(mark(KML_POINT)).decode().replace("UTF-8", "UTF-16").encode("utf-16")),
    ],
)
def test_that_the_content_says_what_a_file_is(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (named,) = areas_from_file(tmp_path / name, 100).areas
    assert named.area == Circle(Position(52, -2), 100)


@pytest.mark.parametrize(
    ("content", "words", "remedy"),
    [
        (b"PK\x03\x04rest", "KMZ", "Unpack it"),
        (b"name,lat,lon\n", "neither GeoJSON nor KML", "Export"),
        (b"{" + b" " * MOST_BYTES, "larger than 10 MB", "smaller"),
    ],
)
def test_that_another_file_is_refused(
    tmp_path: Path, content: bytes, words: str, remedy: str
) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(QueryRefused, match=words) as refused:
        areas_from_file(tmp_path / "file", 100)
    assert remedy in refused.value.remedy


def test_that_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QueryRefused, match="cannot be read"):
        areas_from_file(tmp_path / "gone.kml", 100)
