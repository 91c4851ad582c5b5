"""Taking a read in: what makes it impossible, what is kept and named."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.errors import ReadRefused
from nas_desktop.domain.geo import Position
from nas_desktop.domain.read import (
    CLOCK_AHEAD,
    CLOCK_BEHIND,
    LIVE_AGE,
    Read,
    ReadFlag,
    accept_read,
    read_id_of,
)
from nas_desktop.domain.vrm import Vrm
from tests.builders import NOON, a_raw, a_read

RECEIVED = NOON + timedelta(seconds=1)
DIGEST = "0123456789abcdef" * 4


def take(received_at: datetime = RECEIVED, **changes: Any) -> Read:
    registered = changes.pop("registered", None)
    is_backlog = changes.pop("is_backlog", False)
    return accept_read(a_raw(**changes), received_at, is_backlog=is_backlog, registered=registered)


def test_that_a_clean_read_is_kept_as_sent_and_has_no_flags() -> None:
    read = take(
        vrm="ab51 abc",
        preset_id=4,
        kind="dual_lane",
        username="J. Smith",
        patch=DIGEST,
        overview=DIGEST[::-1],
    )
    assert read == Read(
        read_id=read_id_of(CameraId("07", 12, 3), NOON, Vrm("AB51ABC")),
        vrm=Vrm("AB51ABC"),
        vrm_raw="ab51 abc",
        captured_at=NOON,
        received_at=RECEIVED,
        camera=CameraId("07", 12, 3),
        position=Position(51.38, -2.36),
        lane_id="lane 2",
        alias="M6 North 14",
        username="J. Smith",
        preset_id=4,
        kind=CameraKind.DUAL_LANE,
        confidence=97,
        patch=DIGEST,
        overview=DIGEST[::-1],
    )


def test_that_what_is_left_out_gets_the_specifications_defaults() -> None:
    read = take(lane_id=None, alias="", username=None, kind=None, confidence=None)
    assert (read.lane_id, read.alias, read.username) == ("", "", "Unattended")
    assert (read.preset_id, read.kind, read.confidence) == (0, CameraKind.FIXED, None)
    assert (read.patch, read.overview, read.flags) == (None, None, ())


# ------------------------------------------------------------------ what makes a read impossible


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vrm", None),
        ("vrm", ""),
        ("vrm", "AB51-ÄBC"),
        ("captured_at", None),
        ("captured_at", "2026-11-20T12:00:00Z"),
        ("captured_at", 1_790_000_000),
        ("captured_at", datetime(2026, 11, 20, 12)),  # noqa: DTZ001 (no time zone is the case)
        ("captured_at", datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))),
        ("feed_id", None),
        ("feed_id", 7),
        ("feed_id", "7"),
        ("feed_id", "0007"),
        ("feed_id", "AB"),
        ("feed_id", "٠٧"),
        ("source_id", None),
        ("source_id", "12"),
        ("source_id", 0),
        ("source_id", 10_000),
        ("source_id", 12.0),
        ("source_id", True),
        ("nrd_id", None),
        ("nrd_id", -1),
        ("nrd_id", 10_000),
        ("nrd_id", False),
    ],
)
def test_that_a_mandatory_field_out_of_range_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ReadRefused) as refusal:
        take(**{field: value})
    assert refusal.value.field == field
    assert "AB51ABC" not in refusal.value.message


@pytest.mark.parametrize(
    "changes",
    [
        {"feed_id": "07", "source_id": 1, "nrd_id": 1},
        {"feed_id": "201", "source_id": 9_999, "nrd_id": 9_999},
        {"captured_at": NOON.astimezone(timezone(timedelta(hours=1)))},
    ],
)
def test_that_the_edges_of_a_range_are_inside(changes: dict[str, Any]) -> None:
    read = take(**changes)
    assert read.flags == ()
    assert read.captured_at == NOON
    assert read.captured_at.tzinfo is UTC


# ------------------------------------------------------------------ what is kept and flagged


@pytest.mark.parametrize(
    ("changes", "flag", "field", "kept"),
    [
        ({"lane_id": "x" * 65}, ReadFlag.LANE_INVALID, "lane_id", "x" * 64),
        ({"lane_id": 2}, ReadFlag.LANE_INVALID, "lane_id", "2"),
        ({"lane_id": 1.5}, ReadFlag.LANE_INVALID, "lane_id", "1.5"),
        ({"lane_id": 10**5_000}, ReadFlag.LANE_INVALID, "lane_id", ""),
        ({"lane_id": ["a"]}, ReadFlag.LANE_INVALID, "lane_id", ""),
        ({"alias": "Oak\nNorth"}, ReadFlag.ALIAS_INVALID, "alias", "OakNorth"),
        ({"alias": {"a": 1}}, ReadFlag.ALIAS_INVALID, "alias", ""),
        ({"username": "\x00"}, ReadFlag.USERNAME_INVALID, "username", "Unattended"),
        ({"username": b"bytes"}, ReadFlag.USERNAME_INVALID, "username", "Unattended"),
        ({"preset_id": "3"}, ReadFlag.PRESET_INVALID, "preset_id", 0),
        ({"preset_id": 2**31}, ReadFlag.PRESET_INVALID, "preset_id", 0),
        ({"preset_id": True}, ReadFlag.PRESET_INVALID, "preset_id", 0),
        ({"kind": "drone"}, ReadFlag.KIND_INVALID, "kind", CameraKind.FIXED),
        ({"kind": 3}, ReadFlag.KIND_INVALID, "kind", CameraKind.FIXED),
        ({"confidence": 101}, ReadFlag.CONFIDENCE_INVALID, "confidence", None),
        ({"confidence": -1}, ReadFlag.CONFIDENCE_INVALID, "confidence", None),
        ({"confidence": 97.5}, ReadFlag.CONFIDENCE_INVALID, "confidence", None),
        ({"patch": DIGEST.upper()}, ReadFlag.DIGEST_INVALID, "patch", None),
        ({"overview": "short"}, ReadFlag.DIGEST_INVALID, "overview", None),
        ({"overview": 12}, ReadFlag.DIGEST_INVALID, "overview", None),
        ({"nrd_id": 0}, ReadFlag.MANUAL_ENTRY, "vrm", "AB51ABC"),
        ({"is_backlog": True}, ReadFlag.BUFFERED, "vrm", "AB51ABC"),
    ],
)
def test_that_a_wrong_extra_is_flagged_and_costs_no_read(
    changes: dict[str, Any], flag: ReadFlag, field: str, kept: object
) -> None:
    read = take(**changes)
    assert read.flags == (flag,)
    assert getattr(read, field) == kept


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (None, None),
        ("N0000000", "E0000000"),
        ("N0000000 E0000000", None),
        (0.0, 0.0),
        (0, 0),
        (-0.0, 0.0),
    ],
)
def test_that_the_sentinel_in_every_spelling_means_no_fix(
    latitude: object, longitude: object
) -> None:
    read = take(latitude=latitude, longitude=longitude)
    assert (read.position, read.flags) == (None, (ReadFlag.NO_FIX,))


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (51.38, None),
        (None, -2.36),
        ("51.38", "-2.36"),
        (float("nan"), -2.36),
        (51.38, float("inf")),
        (90.01, 0.0),
        (51.0, -180.01),
        (10**400, 0),
        (True, 0.5),
        (51.38, False),
    ],
)
def test_that_a_position_that_is_none_is_never_plotted(latitude: object, longitude: object) -> None:
    read = take(latitude=latitude, longitude=longitude)
    assert read.position is None
    assert set(read.flags) == {ReadFlag.NO_FIX, ReadFlag.POSITION_INVALID}


def test_that_a_position_outside_the_uk_is_kept_and_flagged() -> None:
    read = take(latitude=48, longitude=2)
    assert read.position == Position(48.0, 2.0)
    assert read.flags == (ReadFlag.POSITION_OUTSIDE_UK,)


METRE = 1 / 111_195  # of latitude, degrees


@pytest.mark.parametrize(
    ("offset_m", "kind", "registered_at", "is_moved"),
    [
        (9.9, CameraKind.FIXED, Position(51.38, -2.36), False),
        (10.1, CameraKind.FIXED, Position(51.38, -2.36), True),
        (10.1, CameraKind.MOVEABLE, Position(51.38, -2.36), True),
        (5_000, CameraKind.MOBILE, Position(51.38, -2.36), False),
        (5_000, CameraKind.FIXED, None, False),
    ],
)
def test_that_a_fixed_camera_is_where_it_is_registered_to_ten_metres(
    offset_m: float, kind: CameraKind, registered_at: Position | None, is_moved: bool
) -> None:
    camera = Camera(CameraId("07", 12, 3), "M6 North 14", kind, registered_at)
    read = take(latitude=51.38 + offset_m * METRE, registered=lambda _id: camera)
    assert (ReadFlag.POSITION_MOVED in read.flags) is is_moved
    assert read.kind is kind  # what is registered counts, not what was sent


def test_that_a_registered_camera_without_a_fix_is_not_called_moved() -> None:
    camera = Camera(CameraId("07", 12, 3), "a", CameraKind.FIXED, Position(51.38, -2.36))
    read = take(latitude=None, longitude=None, registered=lambda _id: camera)
    assert read.flags == (ReadFlag.NO_FIX,)


def test_that_a_camera_nobody_registered_keeps_what_it_sent() -> None:
    assert take(kind="cctv", registered=lambda _id: None).kind is CameraKind.CCTV


# ------------------------------------------------------------------ clocks


TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("age", "is_backlog", "flags"),
    [
        (-CLOCK_AHEAD, False, ()),
        (-CLOCK_AHEAD - TICK, False, (ReadFlag.CLOCK_AHEAD,)),
        (-CLOCK_AHEAD - TICK, True, (ReadFlag.BUFFERED, ReadFlag.CLOCK_AHEAD)),
        (LIVE_AGE, False, ()),
        (LIVE_AGE + TICK, False, (ReadFlag.CLOCK_BEHIND,)),
        (LIVE_AGE + TICK, True, (ReadFlag.BUFFERED,)),
        (CLOCK_BEHIND, True, (ReadFlag.BUFFERED,)),
        (CLOCK_BEHIND + TICK, True, (ReadFlag.BUFFERED, ReadFlag.CLOCK_BEHIND)),
    ],
)
def test_that_a_clock_that_cannot_be_right_is_flagged(
    age: timedelta, is_backlog: bool, flags: tuple[ReadFlag, ...]
) -> None:
    read = take(NOON + age, is_backlog=is_backlog)
    assert read.flags == flags
    is_trusted = not {ReadFlag.CLOCK_AHEAD, ReadFlag.CLOCK_BEHIND}.intersection(flags)
    assert read.is_clock_trusted is is_trusted
    assert read.effective_at == (read.captured_at if is_trusted else read.received_at)


# ------------------------------------------------------------------ identity


def test_that_the_same_read_has_the_same_identity_however_it_comes() -> None:
    first = take(vrm="AB51ABC")
    again = take(
        RECEIVED + timedelta(days=1),
        vrm=" ab51-abc",
        captured_at=NOON.astimezone(timezone(timedelta(hours=5))),
        lane_id="another",
        is_backlog=True,
    )
    assert first.read_id == again.read_id
    assert len(first.read_id) == 16


@pytest.mark.parametrize(
    "changes",
    [
        {"vrm": "AB51ABD"},
        {"captured_at": NOON + TICK},
        {"feed_id": "007"},
        {"source_id": 13},
        {"nrd_id": 2},
    ],
)
def test_that_each_part_of_the_identity_counts(changes: dict[str, Any]) -> None:
    assert take(**changes).read_id != take().read_id


def test_that_neighbouring_numbers_do_not_run_together() -> None:
    assert take(source_id=1, nrd_id=11).read_id != take(source_id=11, nrd_id=1).read_id


def test_that_the_identity_never_changes_between_versions() -> None:
    assert read_id_of(CameraId("07", 12, 3), NOON, Vrm("AB51ABC")).hex() == (
        "f07690e08289e75b9bca76843a84a00d"
    )


def test_that_flags_are_added_once_and_sorted() -> None:
    read = a_read().flagged(ReadFlag.NO_FIX).flagged(ReadFlag.BUFFERED, ReadFlag.NO_FIX)
    assert read.flags == (ReadFlag.BUFFERED, ReadFlag.NO_FIX)


# ------------------------------------------------------------------ any value in any field


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=80),
    st.binary(max_size=8),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.datetimes(timezones=st.one_of(st.none(), st.just(UTC))),
    st.sampled_from(["AB51ABC", "07", DIGEST, "fixed", NOON]),
)
NAMES = [f.name for f in fields(a_raw()) if not f.name.endswith("_image")][:15]


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING), st.booleans())
def test_that_any_values_give_a_read_or_a_named_refusal(
    changes: dict[str, Any], is_backlog: bool
) -> None:
    try:
        read = take(is_backlog=is_backlog, **changes)
    except ReadRefused as refusal:
        is_named = refusal.field in ("vrm", "captured_at", "feed_id", "source_id", "nrd_id")
        assert is_named
        return
    assert read.flags == tuple(sorted(set(read.flags)))
    assert all(
        len(text) <= 64 and text.isprintable() for text in (read.lane_id, read.alias, read.username)
    )
    if read.position is not None:
        assert -90 <= read.position.latitude <= 90
        assert -180 <= read.position.longitude <= 180
        assert read.position != Position(0, 0)
