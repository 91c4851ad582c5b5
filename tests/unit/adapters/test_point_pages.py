"""Points fetched page by page from a node that may send anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.point_pages import all_points
from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.errors import Refused
from nas_desktop.services.map_points import MapPoints, PointCamera
from nas_desktop.services.point_pack import ROW_BYTES, binary

CAMERA = PointCamera(CameraId("52", 1, 1), "Ash 01")


def data_of(count: int, **changes: Any) -> bytes:
    values: dict[str, Any] = {
        "latitude": np.full(count, 52.5),
        "longitude": np.full(count, -1.5),
        "at": np.arange(count, dtype=np.int64),
        "camera": np.zeros(count, np.int32),
        "vehicle": np.arange(count, dtype=np.int32),
        "direction": np.zeros(count, np.int8),
        "cameras": (CAMERA,),
    }
    return binary(MapPoints(**(values | changes)))


class Node:
    """Answers with what it is given, one after another."""

    def __init__(self, *answers: tuple[int, int, bytes, list[PointCamera]]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[int, int]] = []

    async def ask(self, first: int, limit: int) -> m.FoundPoints:
        self.asked.append((first, limit))
        where, total, data, cameras = self.answers.pop(0)
        return m.FoundPoints(len(self.asked), where, total, data, cameras)


async def test_that_pages_are_asked_for_until_all_rows_are_there() -> None:
    node = Node((0, 5, data_of(2), [CAMERA]), (2, 5, data_of(3), [CAMERA]))
    told: list[tuple[int, int]] = []
    points = await all_points(node.ask, lambda done, of: told.append((done, of)))
    assert (len(points), points.cameras) == (5, (CAMERA,))
    assert told == [(2, 5), (5, 5)]
    assert [first for first, _limit in node.asked] == [0, 2]
    assert len(await all_points(Node((0, 0, b"", [])).ask, lambda *_: None)) == 0


async def test_that_an_alias_is_shown_without_what_cannot_be_printed() -> None:
    camera = PointCamera(CAMERA.camera_id, "Ash\x1b[2J\u202e" + "x" * 500)
    points = await all_points(Node((0, 1, data_of(1), [camera])).ask, lambda *_: None)
    assert points.cameras[0].alias.startswith("Ash[2Jx")
    assert len(points.cameras[0].alias) <= 80


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([(1, 5, data_of(2), [CAMERA])], "points_damaged"),
        ([(0, 5, b"", [CAMERA])], "points_damaged"),
        ([(0, 5, data_of(6), [CAMERA])], "points_damaged"),
        ([(0, -1, b"", [])], "points_damaged"),
        ([(0, 2_000_000, data_of(2), [CAMERA])], "points_damaged"),
        ([(0, 5, data_of(2)[:-1], [CAMERA])], "points_damaged"),
        ([(0, 2, data_of(2), [])], "points_damaged"),
        ([(0, 2, data_of(2), [CAMERA, CAMERA])], "points_damaged"),
        ([(0, 2, b"\xff" * ROW_BYTES * 2, [CAMERA])], "points_damaged"),
        ([(0, 2, b"\x7f" * ROW_BYTES * 2, [CAMERA])], "points_damaged"),
        ([(0, 40_000, data_of(32_769), [CAMERA])], "points_damaged"),
        ([(0, 5, data_of(2), [CAMERA]), (2, 6, data_of(2), [CAMERA])], "points_changed"),
        ([(0, 5, data_of(2), [CAMERA]), (0, 5, data_of(2), [CAMERA])], "points_damaged"),
    ],
)
async def test_that_an_answer_that_cannot_be_is_refused(answers: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await all_points(Node(*answers).ask, lambda *_: None)
    assert refused.value.code == code
    assert refused.value.remedy
