import contextlib
import io
import json
import string
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from nas_desktop.adapters.images import inspect_image
from nas_desktop.adapters.replay import ReplayFault, read_replay
from nas_desktop.adapters.replay.fields import FIELDS, MANDATORY
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.read import accept_read
from nas_desktop.services.captures import RawCapture, digest_of

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HEADER = "captured_at,vrm,feed_id,source_id,nrd_id\n"
GOOD = "2026-11-20T12:00:00Z,AB51ABC,07,12,3\n"

on_files = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def replay(folder: Path, content: str | bytes, name: str = "reads.csv") -> list[object]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_replay(path))


def captures(items: Iterable[object]) -> list[RawCapture]:
    return [item for item in items if isinstance(item, RawCapture)]


def faults(items: Iterable[object]) -> list[tuple[int, str, bool]]:
    return [(i.line, i.field, i.is_warning) for i in items if isinstance(i, ReplayFault)]


def a_jpeg(size: tuple[int, int] = (120, 60)) -> bytes:
    buffer = io.BytesIO()
    Image.radial_gradient("L").resize(size).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


# ------------------------------------------------------------------ what goes in


def test_that_a_full_record_keeps_every_field(tmp_path: Path) -> None:
    (tmp_path / "p.jpg").write_bytes(a_jpeg())
    text = (
        "captured_at,vrm,feed_id,source_id,nrd_id,latitude,longitude,lane_id,alias,username,"
        "preset_id,kind,confidence,plate_patch,overview\n"
        "20/11/2026 12:00:00,ab51 abc,07,12,0,51.38,-2.36,lane 2,Elm 1,A. Khan,2,Mobile,97,p.jpg,\n"
    )
    [capture] = replay(tmp_path, text)
    assert capture == RawCapture(
        vrm="ab51 abc",
        captured_at=NOON,
        feed_id="07",
        source_id=12,
        nrd_id=0,
        latitude=51.38,
        longitude=-2.36,
        lane_id="lane 2",
        alias="Elm 1",
        username="A. Khan",
        preset_id=2,
        kind="mobile",
        confidence=97,
        patch=digest_of(a_jpeg()),
        patch_image=a_jpeg(),
    )


def test_that_only_time_and_vrm_are_needed(tmp_path: Path) -> None:
    [capture] = captures(replay(tmp_path, "vrm,captured_at\nAB51ABC,2026-11-20 12:00:00\n"))
    assert (capture.feed_id, capture.source_id, capture.nrd_id) == ("88", 1, 1)
    assert capture.captured_at == NOON


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T12:00:00Z",
        "2026-11-20T12:00:00",
        "2026-11-20T13:00:00+01:00",
        "2026-11-20 12:00:00.000",
        "20/11/2026 12:00:00",
    ],
)
def test_that_times_are_gmt_in_both_forms(tmp_path: Path, text: str) -> None:
    [capture] = captures(replay(tmp_path, f"captured_at,vrm\n{text},AB51ABC\n"))
    assert capture.captured_at == NOON


@pytest.mark.parametrize("name", ["reads.jsonl", "reads.csv", "reads"])
def test_that_json_lines_are_known_by_their_content(tmp_path: Path, name: str) -> None:
    text = '{"captured_at": "2026-11-20T12:00:00Z", "vrm": "AB51ABC", "feed_id": 52}\n\n'
    [capture] = captures(replay(tmp_path, text, name))
    assert capture.feed_id == "52"


def test_that_csv_is_read_whatever_the_name(tmp_path: Path) -> None:
    assert len(captures(replay(tmp_path, HEADER + GOOD, "reads.txt"))) == 1


def test_that_a_byte_order_mark_and_dos_line_ends_do_no_harm(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + (HEADER + GOOD).replace("\n", "\r\n").encode()
    [capture] = replay(tmp_path, content)
    assert isinstance(capture, RawCapture)


def test_that_windows_1252_is_read_and_noted_once(tmp_path: Path) -> None:
    row = "2026-11-20T12:00:00Z,AB51ABC,Caf\xe9\n".encode("cp1252")
    items = replay(tmp_path, b"captured_at,vrm,alias\n" + row + row)
    assert faults(items) == [(2, "encoding", True)]
    assert [c.alias for c in captures(items)] == ["Caf\xe9", "Caf\xe9"]


def test_that_a_quoted_line_break_belongs_to_its_record(tmp_path: Path) -> None:
    text = 'captured_at,vrm,alias\n"2026-11-20T12:00:00Z",AB51ABC,"two\nlines"\nbad,CD62XYZ,x\n'
    items = replay(tmp_path, text)
    assert [c.alias for c in captures(items)] == ["two\nlines"]
    assert faults(items) == [(4, "captured_at", False)]


def test_that_odd_line_separators_inside_a_cell_split_nothing(tmp_path: Path) -> None:
    text = "captured_at,vrm,alias\n2026-11-20T12:00:00Z,AB51ABC,a\u2028b\x0bc\n"
    assert len(captures(replay(tmp_path, text))) == 1


def test_that_doubtful_positions_are_left_to_the_node(tmp_path: Path) -> None:
    text = (
        "captured_at,vrm,latitude,longitude\n"
        "2026-11-20T12:00:00Z,AB51ABC,N0000000,E0000000\n"
        "2026-11-20T12:00:01Z,AB51ABC,951.0,-2.36\n"
        "2026-11-20T12:00:02Z,AB51ABC,nan,north\n"
    )
    items = replay(tmp_path, text)
    assert not faults(items)
    assert [c.latitude for c in captures(items)] == ["N0000000", 951.0, "nan"]


def test_that_the_unread_mark_is_let_in(tmp_path: Path) -> None:
    assert captures(replay(tmp_path, "captured_at,vrm\n2026-11-20T12:00:00Z,QQQQQQQ\n"))


# ------------------------------------------------------------------ what stays out


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("yesterday,AB51ABC,07,12,3", "captured_at"),
        ("2026-11-20,AB51ABC,07,12,3", "captured_at"),
        ("31/02/2026 12:00:00,AB51ABC,07,12,3", "captured_at"),
        ("0001-01-01T00:00:00+14:00,AB51ABC,07,12,3", "captured_at"),
        (",AB51ABC,07,12,3", "captured_at"),
        ("2026-11-20T12:00:00Z,,07,12,3", "vrm"),
        ("2026-11-20T12:00:00Z, - ,07,12,3", "vrm"),
        ("2026-11-20T12:00:00Z,AB51*BC,07,12,3", "vrm"),
        ("2026-11-20T12:00:00Z,ABCDEFGHIJKLMNOPQ,07,12,3", "vrm"),
        ("2026-11-20T12:00:00Z,QQ111QQQ,07,12,3", "vrm"),
        ("2026-11-20T12:00:00Z,qq111 qqq,07,12,3", "vrm"),
        ("2026-11-20T12:00:00Z,AB51ABC,7,12,3", "feed_id"),
        ("2026-11-20T12:00:00Z,AB51ABC,XX,12,3", "feed_id"),
        ("2026-11-20T12:00:00Z,AB51ABC,07,0,3", "source_id"),
        ("2026-11-20T12:00:00Z,AB51ABC,07,1.5,3", "source_id"),
        ("2026-11-20T12:00:00Z,AB51ABC,07,12,10000", "nrd_id"),
        ("2026-11-20T12:00:00Z,AB51ABC,07,12,-1", "nrd_id"),
        ("2026-11-20T12:00:00Z,AB51ABC,07,12", "line"),
        ("2026-11-20T12:00:00Z,AB51ABC,07,12,3,4", "line"),
        ('2026-11-20T12:00:00Z,"AB51ABC,07,12,3', "line"),
        ("2026-11-20T12:00:00Z,AB51ABC\0,07,12,3", "line"),
        ("2026-11-20T12:00:00Z,AB51ABC,07,12,3" + " " * 70_000, "line"),
    ],
)
def test_that_a_bad_row_is_named_and_the_next_one_goes_in(
    tmp_path: Path, row: str, field: str
) -> None:
    items = replay(tmp_path, HEADER + row + "\n" + GOOD)
    assert faults(items) == [(2, field, False)]
    assert len(captures(items)) == 1


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('{"captured_at": "2026-11-20T12:00:00Z", "vrm": "AB5', "line"),
        ('["captured_at", "vrm"]', "line"),
        ("[" * 5_000, "line"),
        ("17", "line"),
        ('{"vrm": "AB51ABC"}', "captured_at"),
        ('{"captured_at": 1795176000, "vrm": "AB51ABC"}', "captured_at"),
        ('{"captured_at": "2026-11-20T12:00:00Z", "vrm": 12345}', "vrm"),
        ('{"captured_at": "2026-11-20T12:00:00Z", "vrm": null}', "vrm"),
        ('{"captured_at": "2026-11-20T12:00:00Z", "vrm": "A1", "feed_id": 7}', "feed_id"),
        ('{"captured_at": "2026-11-20T12:00:00Z", "vrm": "A1", "source_id": true}', "source_id"),
        ('{"captured_at": "2026-11-20T12:00:00Z", "vrm": "A1", "nrd_id": [1]}', "nrd_id"),
    ],
)
def test_that_a_bad_json_line_is_named_and_the_next_one_goes_in(
    tmp_path: Path, line: str, field: str
) -> None:
    good = '{"captured_at": "2026-11-20T12:00:00Z", "vrm": "AB51ABC"}\n'
    items = replay(tmp_path, good + line + "\n" + good, "reads.jsonl")
    assert faults(items) == [(2, field, False)]
    assert len(captures(items)) == 2


def test_that_a_stray_quote_costs_one_record_only(tmp_path: Path) -> None:
    bad = '2026-11-20T12:00:00Z,"AB51ABC,07,12,3\n'
    items = replay(tmp_path, HEADER + bad + GOOD * 3 + bad + GOOD * 30)
    assert faults(items) == [(2, "line", False), (6, "line", False)]
    assert len(captures(items)) == 33


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "replay_empty"),
        (b"\n \n", "a.csv", "replay_empty"),
        (b"vrm,feed_id\nAB51ABC,07\n", "a.csv", "replay_header"),
        (b"captured_at;vrm\n", "a.csv", "replay_header"),
        (b"captured_at,vrm,vrm\n", "a.csv", "replay_header"),
        (b"x" * 70_000, "a.csv", "replay_header"),
        (b'[{"vrm": "A1"}]', "a.json", "replay_array"),
        ("captured_at,vrm".encode("utf-16"), "a.csv", "replay_encoding"),
    ],
)
def test_that_an_unusable_file_is_refused_with_a_remedy(
    tmp_path: Path, content: bytes, name: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        replay(tmp_path, content, name)
    assert caught.value.code == code
    assert caught.value.remedy


def test_that_a_missing_file_is_refused_with_a_remedy(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(Refused) as caught:
            list(read_replay(path))
        assert caught.value.code == "replay_unreadable"
        assert caught.value.remedy


# ------------------------------------------------------------------ images


@pytest.mark.parametrize("name", ["none.jpg", "../secret.jpg", "/etc/hostname", "text.jpg", "."])
def test_that_a_bad_image_is_a_warning_and_the_read_goes_in(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.jpg").write_bytes(a_jpeg())
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "text.jpg").write_text("no picture")
    items = replay(folder, f"captured_at,vrm,overview\n2026-11-20T12:00:00Z,AB51ABC,{name}\n")
    assert faults(items) == [(2, "overview", True)]
    [capture] = captures(items)
    assert capture.overview is None
    assert capture.overview_image is None


def test_that_larger_originals_are_reduced(tmp_path: Path) -> None:
    (tmp_path / "big.jpg").write_bytes(a_jpeg((2_600, 1_950)))
    text = "captured_at,vrm,plate_patch,overview\n2026-11-20T12:00:00Z,AB51ABC,big.jpg,big.jpg\n"
    [capture] = captures(replay(tmp_path, text))
    assert capture.patch_image is not None
    assert capture.overview_image is not None
    assert inspect_image(capture.patch_image, "patch").size <= 3_000
    assert inspect_image(capture.overview_image, "overview").size <= 25_000
    assert capture.patch == digest_of(capture.patch_image)


# ------------------------------------------------------------------ any content


def agrees_with_the_node(items: Iterable[object]) -> None:
    for capture in captures(items):
        assert isinstance(capture.captured_at, datetime)
        accept_read(capture, capture.captured_at + timedelta(0))
        msgspec.json.encode(capture)


@on_files
@given(st.binary(max_size=600), st.sampled_from(["a.csv", "a.jsonl"]))
def test_that_no_content_raises_anything_but_a_refusal(
    tmp_path: Path, content: bytes, name: str
) -> None:
    for start in (b"", HEADER.encode(), b"{"):
        with contextlib.suppress(Refused):
            agrees_with_the_node(replay(tmp_path, start + content, name))


CELLS = st.one_of(
    st.sampled_from(["2026-11-20T12:00:00Z", "AB51ABC", "07", "3", "51.4", '"', "", "N0000000"]),
    st.text(max_size=12),
    st.text(string.digits + "./:- +Te", max_size=24),
)


@on_files
@given(st.lists(st.lists(CELLS, min_size=3, max_size=6), max_size=8))
def test_that_what_is_let_in_from_csv_the_node_accepts(
    tmp_path: Path, rows: list[list[str]]
) -> None:
    text = "captured_at,vrm,feed_id,latitude,confidence\n"
    text += "\n".join(",".join(row) for row in rows)
    agrees_with_the_node(replay(tmp_path, text.encode("utf-8", "surrogatepass")))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=2),
    max_leaves=3,
)


@on_files
@given(
    st.dictionaries(
        st.sampled_from([name for name in FIELDS if name not in MANDATORY]),
        VALUES | st.just(10**400) | st.just("\ud800"),
    )
)
def test_that_what_is_let_in_from_json_the_node_accepts(
    tmp_path: Path, values: dict[str, object]
) -> None:
    record = {"captured_at": "2026-11-20T12:00:00Z", "vrm": "AB51ABC", **values}
    items = replay(tmp_path, json.dumps(record) + "\n", "a.jsonl")
    assert items
    agrees_with_the_node(items)


def test_that_lines_are_not_gathered_before_the_first_read(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(HEADER + GOOD * 20_000)
    items = read_replay(path)
    assert isinstance(next(items), RawCapture)
    assert sum(1 for _item in items) == 19_999
