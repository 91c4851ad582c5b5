"""Exports of search results: every form is read back, whatever a camera has sent."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.adapters.exports.images import write_images
from nas_desktop.adapters.exports.spool import RowSpool
from nas_desktop.adapters.exports.texts import write_rows
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.services import export_place as place
from nas_desktop.services.events import ImageKind
from nas_desktop.services.exports import (
    CPIA_NOTE,
    DISCLAIMER,
    HIGHEST,
    LOWEST,
    ExportHead,
    cells_of,
    columns_of,
    highest,
    marked_path,
    marking_in,
    recipient_of,
)
from nas_desktop.services.searches import MAPS, ExportFormat, FoundRead, Holder
from tests.builders import a_read
from tests.fakes.search_link import row_at

KML = "{http://www.opengis.net/kml/2.2}"
HEAD = ExportHead(
    "OFFICIAL-SENSITIVE", 3, True, "from=2026-11-13 to=2026-11-20 vrm=AB51ABC", "local", "SERIOUS",
    "OP MERCURY", "A-20261120-1", "akhan at desk 1", datetime(2026, 11, 20, 9, tzinfo=UTC),
    "DS Lowe, Staffordshire", "e" * 32, coverage=("this desk: 36 of 38 cameras",),
    problems=("The national service was not searched.",),
)  # fmt: skip
PLACED = replace(HEAD, with_locations=True)

hostile = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *("=1+1", "+A1", "-2", "@SUM(A1)", "\t=1", "\r=1", "#x", '"', "a,b", "a\r\nb", "]]>"),
            *("&amp;", "\ud800", "\0", "\x1b", "\uffff", "'=1", " =1", "</Placemark>", "\u202e"),
        ]
    ),
)
places = st.one_of(st.none(), st.builds(Position, st.floats(-90, 90), st.floats(-180, 180)))


@st.composite
def found_reads(draw: st.DrawFn) -> FoundRead:
    read = replace(
        a_read("AB51ABC", HEAD.at),
        vrm_raw=draw(hostile), alias=draw(hostile), lane_id=draw(hostile), username=draw(hostile),
        position=draw(places),
    )  # fmt: skip
    return FoundRead(read, (Holder.DESK,), asked=draw(hostile))


@st.composite
def heads(draw: st.DrawFn) -> ExportHead:
    return replace(
        HEAD, criteria=draw(hostile), reference=draw(hostile), recipient=draw(hostile),
        by=draw(hostile), problems=(draw(hostile),), with_locations=draw(st.booleans()),
    )  # fmt: skip


def written(kind: ExportFormat, rows: list[FoundRead], head: ExportHead = HEAD) -> str:
    stream = io.BytesIO()
    assert write_rows(stream, kind, iter(rows), head) == len(rows)
    return stream.getvalue().decode("utf-8")


def table_of(text: str) -> list[list[str]]:
    lines = list(csv.reader(io.StringIO(text, newline="")))
    return [line for line in lines if not line[0].startswith("# ")]


def safe(cell: str) -> str:
    cell = cell.encode("utf-8", "replace").decode("utf-8")
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


@given(st.lists(found_reads(), max_size=4), heads())
def test_that_csv_is_read_back_cell_by_cell(rows: list[FoundRead], head: ExportHead) -> None:
    header, *cells = table_of(written(ExportFormat.CSV, rows, head))
    assert header == list(columns_of(head))
    assert cells == [[safe(cell) for cell in cells_of(row, head)] for row in rows]
    for row in cells:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
        assert row[0] == head.gsc


@given(st.lists(found_reads(), max_size=4), heads())
def test_that_geojson_is_read_back_and_plots_only_what_has_a_place(
    rows: list[FoundRead], head: ExportHead
) -> None:
    whole = json.loads(written(ExportFormat.GEOJSON, rows, head))
    assert whole["type"] == "FeatureCollection"
    assert whole["metadata"]["marking"] == head.gsc
    assert whole["metadata"]["recipient"] == head.recipient
    assert len(whole["features"]) == len(rows)
    for row, feature in zip(rows, whole["features"], strict=True):
        assert list(feature["properties"].values()) == list(cells_of(row, head))
        position = row.read.position
        if position is None or not head.with_locations:
            assert feature["geometry"] is None
        else:
            lon, lat = feature["geometry"]["coordinates"]
            assert (lat, lon) == pytest.approx((position.latitude, position.longitude), abs=1e-6)


@given(st.lists(found_reads(), max_size=4), heads())
def test_that_kml_is_well_formed_whatever_a_camera_sent(
    rows: list[FoundRead], head: ExportHead
) -> None:
    root = ElementTree.fromstring(written(ExportFormat.KML, rows, head).encode())
    marks = root.findall(f"{KML}Document/{KML}Placemark")
    assert len(marks) == len(rows)
    plotted = [row for row in rows if head.with_locations and row.read.position is not None]
    assert len(root.findall(f".//{KML}Point")) == len(plotted)
    name = root.findtext(f"{KML}Document/{KML}name") or ""
    assert name.startswith(head.gsc)


@pytest.mark.parametrize("kind", [ExportFormat.CSV, ExportFormat.GEOJSON, ExportFormat.KML])
def test_that_every_form_says_what_it_is(kind: ExportFormat) -> None:
    text = written(kind, [row_at(0)])
    for fact in (
        "OFFICIAL-SENSITIVE", HEAD.criteria, "SERIOUS", "OP MERCURY", "A-20261120-1",
        "akhan at desk 1", "2026-11-20 09:00:00.000 GMT", "DS Lowe, Staffordshire",
        "36 of 38 cameras", "The national service was not searched.", DISCLAIMER, CPIA_NOTE,
    ):  # fmt: skip
        assert fact in text, fact


def test_that_csv_is_marked_in_its_first_and_last_line_and_in_a_column() -> None:
    lines = written(ExportFormat.CSV, [row_at(0)]).split("\r\n")
    assert lines[0] == lines[-2] == "# OFFICIAL-SENSITIVE"
    assert lines[-3].startswith("OFFICIAL-SENSITIVE,")


@pytest.mark.parametrize("kind", [ExportFormat.CSV, ExportFormat.GEOJSON, ExportFormat.KML])
def test_that_no_place_is_written_without_being_asked_for(kind: ExportFormat) -> None:
    position = row_at(0).read.position
    assert position is not None
    without, with_them = (written(kind, [row_at(0)], head) for head in (HEAD, PLACED))
    for number in (position.latitude, position.longitude):
        assert f"{number}" not in without
        assert f"{number}" in with_them


def test_that_rows_go_to_a_stream_of_text_or_to_a_path_alike(tmp_path: Path) -> None:
    rows = [row_at(n) for n in range(3)]
    text = io.StringIO(newline="")
    assert write_rows(text, ExportFormat.CSV, rows, HEAD) == 3
    path = tmp_path / "reads.csv"
    assert write_rows(path, ExportFormat.CSV, rows, HEAD) == 3
    assert text.getvalue().encode() == path.read_bytes()
    with pytest.raises(Refused):
        write_rows(path, ExportFormat.PDF, rows, HEAD)
    for kind in MAPS:
        with pytest.raises(Refused, match="window makes the files of the map") as refused:
            write_rows(path, kind, rows, HEAD)
        assert refused.value.code == "export_kind"


def test_that_images_come_with_a_manifest_of_their_digests(tmp_path: Path) -> None:
    def image_of(found: FoundRead, kind: ImageKind) -> bytes | None:
        return None if kind is ImageKind.OVERVIEW else b"\xff\xd8" + bytes(found.read.read_id)

    rows, told = [row_at(n) for n in range(3)], list[int]()
    manifest = write_images(tmp_path, rows, HEAD, image_of, told.append)
    assert manifest.name == "manifest OFFICIAL-SENSITIVE.csv"
    _header, *lines = table_of(manifest.read_text("utf-8"))
    assert [line[3] for line in lines] == ["patch", "overview"] * 3
    for line in lines[::2]:
        data = (tmp_path / line[0]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), str(len(data))) == (line[1], line[2])
        assert line[0].endswith("OFFICIAL-SENSITIVE.jpg")
    assert {line[0] for line in lines[1::2]} == {"not held"}
    assert told == [1, 2, 3]
    assert len(list(tmp_path.iterdir())) == 4


def test_that_spooled_rows_come_back_as_they_were_any_number_of_times(tmp_path: Path) -> None:
    rows = [row_at(n) for n in range(450)]
    with RowSpool(tmp_path) as spool:
        for first in range(0, 450, 200):
            spool.add(rows[first : first + 200])
        assert spool.rows == 450
        assert list(spool) == list(spool) == rows
        assert os.name == "nt" or not list(tmp_path.iterdir())


# ------------------------------------------------------------------ names and places


@pytest.mark.parametrize(
    ("name", "marked"),
    [
        ("reads.csv", "reads OFFICIAL.csv"),
        ("reads OFFICIAL-SENSITIVE.csv", "reads OFFICIAL.csv"),
        ("reads_official.csv", "reads OFFICIAL.csv"),
        ("OFFICIAL.csv", "reads OFFICIAL.csv"),
        ("unofficial.csv", "unofficial OFFICIAL.csv"),
    ],
)
def test_that_a_name_ends_with_the_marking(name: str, marked: str) -> None:
    assert marked_path(Path("/x") / name, "OFFICIAL").name == marked
    for gsc in (LOWEST, HIGHEST):
        assert marking_in(marked_path(Path("/x") / name, gsc)) == gsc


def test_that_a_name_without_a_marking_tells_none() -> None:
    for name in ("map.png", "UNOFFICIAL.png", "OFFICIAL map.png", "map OFFICIAL-ISH.png", ".png"):
        assert marking_in(Path(name)) == ""
    assert marking_in(Path("map_official-sensitive.html")) == HIGHEST


def test_that_only_the_very_file_chosen_is_replaced(tmp_path: Path) -> None:
    chosen = tmp_path / "reads OFFICIAL.csv"
    chosen.write_text("old")
    assert place.final_path(chosen, ExportFormat.CSV, "OFFICIAL") == chosen
    with pytest.raises(Refused) as refusal:
        place.final_path(tmp_path / "reads.csv", ExportFormat.CSV, "OFFICIAL")
    assert refusal.value.code == "export_exists"


def test_that_a_path_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "images OFFICIAL").write_text("a file")
    for asked, kind, code in (
        (tmp_path / "folder", ExportFormat.CSV, "export_exists"),
        (tmp_path / "images", ExportFormat.IMAGES, "export_exists"),
        (tmp_path / "nowhere" / "reads.csv", ExportFormat.CSV, "export_path"),
        (Path("reads.csv"), ExportFormat.CSV, "export_path"),
    ):
        with pytest.raises(Refused) as refusal:
            place.final_path(asked, kind, "OFFICIAL")
        assert refusal.value.code == code


def test_that_images_go_into_a_new_folder_within_the_one_chosen(tmp_path: Path) -> None:
    path = place.final_path(tmp_path, ExportFormat.IMAGES, "OFFICIAL", "abcdef0123")
    assert path == tmp_path / "reads abcdef01 OFFICIAL"


def test_that_a_missing_suffix_is_put_there(tmp_path: Path) -> None:
    path = place.final_path(tmp_path / "a.b", ExportFormat.KML, "OFFICIAL")
    assert path.name == "a.b OFFICIAL.kml"


def test_that_a_recipient_has_3_to_80_characters() -> None:
    assert recipient_of("  DS\n Lowe ") == "DS Lowe"
    for text in ("", "ab", "x" * 81, "\n\t"):
        with pytest.raises(Refused):
            recipient_of(text)


def test_that_the_highest_marking_governs() -> None:
    assert highest([]) == highest(["OFFICIAL"]) == "OFFICIAL"
    assert highest(["OFFICIAL", "OFFICIAL-SENSITIVE"]) == "OFFICIAL-SENSITIVE"
