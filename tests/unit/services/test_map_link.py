"""What the map is told of cameras is fit to be shown, and its pictures are fit to be on record."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from nas_desktop.adapters.link.map_link import WindowMap
from nas_desktop.domain.camera import CameraId, CameraKind
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.services.map_link import (
    MOST_ALIAS,
    CameraAnswer,
    CameraState,
    CameraStatus,
    MapLink,
    MapPicture,
    checked,
    cleaned,
    merged,
)
from tests.fakes.map_link import FakeMapLink

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
STATE = CameraState(
    CameraId("07", 12, 3),
    "Oak 01 North",
    CameraKind.FIXED,
    Position(52.5, -1.5),
    CameraStatus.LIVE,
    NOON,
    "N",
)
PICTURE = MapPicture("Briefing", "DS Lowe", "png", 1, 2, 3, "ab" * 32, "map OFFICIAL.png")


def test_that_what_is_whole_stays_as_it_is() -> None:
    assert cleaned(STATE) == STATE
    assert cleaned(replace(STATE, position=None, heard_at=None)) is not None
    assert checked(PICTURE) == PICTURE


@pytest.mark.parametrize(
    "camera",
    [
        CameraId("", 12, 3),
        CameraId("7", 12, 3),
        CameraId("0007", 12, 3),
        CameraId("٠٧", 12, 3),
        CameraId("07\n", 12, 3),
        CameraId("07", 0, 3),
        CameraId("07", 10_000, 3),
        CameraId("07", 12, -1),
        CameraId("07", 12, 10_000),
    ],
)
def test_that_a_camera_that_cannot_be_is_none(camera: CameraId) -> None:
    assert cleaned(replace(STATE, camera_id=camera)) is None


@pytest.mark.parametrize(
    "position",
    [
        Position(math.nan, -1.5),
        Position(52.5, math.nan),
        Position(math.inf, -math.inf),
        Position(-1.5, 52.5),
        Position(0.0, 0.0),
        Position(1e300, 1e300),
    ],
)
def test_that_a_place_that_cannot_be_is_none(position: Position) -> None:
    state = cleaned(replace(STATE, position=position))
    assert state == replace(STATE, position=None)


def test_that_texts_hold_only_what_can_be_printed_and_are_short() -> None:
    odd = replace(STATE, alias="Oak\x1b[2J\u202e\n\0" + "x" * 500, direction="\u2066N" + "y" * 99)
    state = cleaned(odd)
    assert state is not None
    assert state.alias.startswith("Oak[2Jx")
    assert len(state.alias) <= MOST_ALIAS
    assert state.direction.startswith("Ny")
    assert len(state.direction) <= 16


def test_that_instants_are_utc_or_none() -> None:
    def heard(at: datetime | None, status: CameraStatus = CameraStatus.SILENT) -> datetime | None:
        state = cleaned(replace(STATE, heard_at=at, status=status))
        assert state is not None
        return state.heard_at

    east = timezone(timedelta(hours=5))
    moved = heard(NOON.astimezone(east))
    assert moved == NOON
    assert moved is not None
    assert moved.tzinfo is UTC
    assert heard(NOON.replace(tzinfo=None)) is None
    assert heard(datetime(1, 1, 1, tzinfo=east)) is None
    assert heard(NOON, CameraStatus.NEVER) is None


LIVE, SILENT, DEGRADED, NEVER = (
    CameraStatus.LIVE,
    CameraStatus.SILENT,
    CameraStatus.DEGRADED,
    CameraStatus.NEVER,
)
EARLIER = NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    ("own", "above", "both"),
    [
        ((SILENT, EARLIER), (LIVE, NOON), (LIVE, NOON)),
        ((NEVER, None), (DEGRADED, NOON), (DEGRADED, NOON)),
        ((LIVE, NOON), (SILENT, EARLIER), (LIVE, NOON)),
        ((DEGRADED, NOON), (NEVER, None), (DEGRADED, NOON)),
        ((LIVE, NOON), (DEGRADED, EARLIER), (DEGRADED, NOON)),
        ((SILENT, NOON), (NEVER, None), (SILENT, NOON)),
        ((NEVER, None), (SILENT, EARLIER), (SILENT, EARLIER)),
        ((NEVER, None), (NEVER, None), (NEVER, None)),
        ((SILENT, NOON), (SILENT, EARLIER), (SILENT, NOON)),
        ((LIVE, None), (NEVER, None), (LIVE, None)),
    ],
)
def test_that_two_nodes_give_one_answer(own: Any, above: Any, both: Any) -> None:
    mine = replace(STATE, alias="mine", status=own[0], heard_at=own[1])
    theirs = replace(STATE, alias="theirs", status=above[0], heard_at=above[1])
    (found,) = merged([mine], [theirs])
    assert (found.status, found.heard_at) == both
    is_mine = own[0] in (LIVE, DEGRADED) and above[0] not in (LIVE, DEGRADED)
    assert found.alias == ("mine" if is_mine else "theirs")


def test_that_cameras_of_one_node_only_stay_and_all_are_in_order() -> None:
    one, two, three = (replace(STATE, camera_id=CameraId("07", 12, n)) for n in (1, 2, 3))
    assert merged([three, one], [two]) == (one, two, three)
    assert merged([], []) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": ""}, "picture_reason"),
        ({"reason": " \n\u202e"}, "picture_reason"),
        ({"reason": "x" * 301}, "picture_reason"),
        ({"recipient": "\t"}, "picture_recipient"),
        ({"recipient": "x" * 301}, "picture_recipient"),
        ({"form": "gif"}, "picture_form"),
        ({"form": ""}, "picture_form"),
        ({"hits": -1}, "picture_counts"),
        ({"cameras": 1_000_001}, "picture_counts"),
        ({"reads": 2**60}, "picture_counts"),
        ({"sha256": ""}, "picture_digest"),
        ({"sha256": "AB" * 32}, "picture_digest"),
        ({"sha256": "ab" * 32 + "\n"}, "picture_digest"),
        ({"file_name": ""}, "picture_name"),
        ({"file_name": "/"}, "picture_name"),
        ({"file_name": "x" * 301}, "picture_name"),
    ],
)
async def test_that_a_picture_that_cannot_be_is_refused(changes: dict[str, Any], code: str) -> None:
    picture = replace(PICTURE, **changes)
    fake = FakeMapLink()
    with pytest.raises(Refused) as refused:
        await fake.record_picture(picture)
    assert refused.value.code == code
    assert refused.value.remedy
    assert not fake.pictures


def test_that_a_picture_goes_on_record_in_one_line_and_without_its_folder() -> None:
    picture = replace(
        PICTURE,
        reason="Night\nshift\0  briefing",
        recipient=" DS\tLowe ",
        file_name="C:\\Users\\akhan\\map OFFICIAL.png",
    )
    found = checked(picture)
    assert (found.reason, found.recipient) == ("Night shift briefing", "DS Lowe")
    assert found.file_name == "map OFFICIAL.png"
    assert checked(replace(PICTURE, reason="x" * 300)).reason == "x" * 300


async def test_that_the_fake_is_a_map_link() -> None:
    fake = FakeMapLink(STATE, problem="The server did not answer.")
    link: MapLink = fake
    assert await link.cameras() == CameraAnswer((STATE,), "The server did not answer.")
    assert await link.record_picture(PICTURE) == "event 1"
    assert (fake.asked, fake.pictures) == (1, [PICTURE])
    fake.refusal = Refused("link_down", "The node is away.")
    for work in (link.cameras(), link.record_picture(PICTURE)):
        with pytest.raises(Refused):
            await work
    real: type[MapLink] = WindowMap
    assert real is WindowMap
