"""Cameras fetched page by page from a node that may send anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link import wire
from nas_desktop.adapters.link.camera_pages import CAMERAS_AT_ONCE, all_states
from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.services.map_link import MOST_CAMERAS, CameraState, cleaned
from tests.unit.services.test_map_link import STATE


def states(first: int, count: int) -> list[CameraState]:
    ids = (CameraId("07", n // 9_000 + 1, n % 9_000) for n in range(first, first + count))
    return [replace(STATE, camera_id=camera) for camera in ids]


class Node:
    """Answers with what it is given, one after another."""

    def __init__(self, *answers: tuple[int, int, Sequence[CameraState]], problem: str = "") -> None:
        self.answers = list(answers)
        self.asked: list[int] = []
        self.problem = problem

    async def ask(self, first: int) -> m.CameraStates:
        self.asked.append(first)
        where, total, found = self.answers.pop(0)
        return m.CameraStates(len(self.asked), where, total, list(found), self.problem)


async def test_that_pages_are_asked_for_until_all_cameras_are_there() -> None:
    pages = [(n, 20_000, states(n, 1_000)) for n in range(0, 20_000, 1_000)]
    node = Node(*pages, problem="The server\x1b did not answer.")
    answer = await all_states(node.ask)
    assert answer.states == tuple(states(0, 20_000))
    assert answer.problem == "The server did not answer."
    assert node.asked == list(range(0, 20_000, 1_000))
    assert (await all_states(Node((0, 0, [])).ask)).states == ()


async def test_that_what_is_odd_of_one_camera_costs_only_itself() -> None:
    odd = [
        replace(STATE, camera_id=CameraId("07", 1, 1), position=Position(math.nan, 1.0)),
        replace(STATE, camera_id=CameraId("07", 1, 2), position=Position(-1.5, 52.5)),
        replace(STATE, camera_id=CameraId("07", 1, 3), alias="Oak\x00\x1b[2J"),
    ]
    answer = await all_states(Node((0, 3, odd)).ask)
    assert [state.position for state in answer.states] == [None, None, STATE.position]
    assert answer.states[2].alias == "Oak[2J"


NO_CAMERA = replace(STATE, camera_id=CameraId("x", 1, 1))


@pytest.mark.parametrize(
    "answers",
    [
        [(1, 5, states(0, 2))],
        [(0, 5, [])],
        [(0, 1, states(0, 2))],
        [(0, -1, [])],
        [(0, 1_000_000, states(0, 1_000))],
        [(0, MOST_CAMERAS + 1, states(0, 1))],
        [(0, 5_000, states(0, CAMERAS_AT_ONCE + 1))],
        [(0, 4, states(0, 2)), (2, 5, states(2, 2))],
        [(0, 4, states(0, 2)), (0, 4, states(0, 2))],
        [(0, 4, states(0, 2)), (2, 4, states(0, 2))],
        [(0, 2, [STATE, STATE])],
        [(0, 1, [NO_CAMERA])],
    ],
)
async def test_that_an_answer_that_cannot_be_is_refused(answers: Any) -> None:
    with pytest.raises(Refused) as refused:
        await all_states(Node(*answers).ask)
    assert refused.value.code == "cameras_damaged"
    assert refused.value.remedy


def test_that_a_page_of_the_longest_words_has_room_in_a_frame_and_a_million_cameras_have_not() -> (
    None
):
    longest = cleaned(replace(STATE, alias="𝔸" * 500, direction="𝔸" * 500))
    assert longest is not None
    page = m.CameraStates(2**31, 0, MOST_CAMERAS, [longest] * CAMERAS_AT_ONCE, "𝔸" * 300)
    assert len(wire.encode(page)) < m.BULK_LIMIT * 0.6
    frame = wire.encode(m.CameraStates(1, 0, 1_000_000, [STATE] * 10_000))
    with pytest.raises(wire.FrameRefused) as refused:
        wire.decode(frame, m.BULK_LIMIT)
    assert refused.value.code == "oversized"


@pytest.mark.parametrize("status", ["", "LIVE", "gone", 1, None])
def test_that_a_status_that_is_none_makes_the_frame_malformed(status: object) -> None:
    raw = msgspec.msgpack.decode(wire.encode(m.CameraStates(1, 0, 1, [STATE])))
    raw["states"][0]["status"] = status
    with pytest.raises(wire.FrameRefused) as refused:
        wire.decode(msgspec.msgpack.encode(raw), m.BULK_LIMIT)
    assert refused.value.code == "malformed"
