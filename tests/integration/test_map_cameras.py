"""How cameras stand, over real links: a node's own, the server's through a desk, and cut off."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.link import camera_pages
from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import ReadQuery
from nas_desktop.domain.read import ReadFlag
from nas_desktop.node import camera_states, map_work
from nas_desktop.node import cameras as cameras_module
from nas_desktop.node.node import Node
from nas_desktop.services.map_link import CameraAnswer, CameraState, CameraStatus
from nas_desktop.services.searches import GapKind
from tests.builders import a_read
from tests.integration.test_searches import hold, now
from tests.nodes import (
    LOOPBACK,
    Caller,
    Window,
    a_caller,
    a_node,
    a_window,
    above,
    now_item,
    settle,
)

PLACE = Position(51.38, -2.36)


def a_camera(nrd: int, **changes: Any) -> Camera:
    camera = Camera(CameraId("07", 12, nrd), f"Oak {nrd:02}", CameraKind.FIXED, PLACE, "N")
    return replace(camera, **changes)


async def heard(caller: Caller, *nrds: int) -> None:
    items = [now_item(nrd_id=nrd) for nrd in nrds]
    reply: Any = await caller.ask(lambda n: m.SendReads(n, items))
    assert not reply.refused


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_states, "ANSWER_LASTS_S", 0.0)


async def states(window: Window) -> dict[int, CameraState]:
    answer = await window.link.map.cameras()
    assert answer.problem == ""
    return {state.camera_id.nrd_id: state for state in answer.states}


async def test_that_a_camera_is_live_while_the_chain_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        assert await window.link.map.cameras() == CameraAnswer(())
        async with a_caller(node.port, "demo-cameras", "camera") as caller:
            await caller.client.send(m.Cameras([a_camera(1), a_camera(2), a_camera(3)]))
            await settle(lambda: len(node.cameras.known()) == 3)
            before = now()
            await heard(caller, 1, 4)
            found = await states(window)
            assert found[1] == CameraState(
                CameraId("07", 12, 1), "Oak 01", CameraKind.FIXED, PLACE, CameraStatus.LIVE,
                found[1].heard_at, "N",
            )  # fmt: skip
            at = found[1].heard_at
            assert at is not None
            assert timedelta(seconds=-1) < at - before < timedelta(seconds=5)
            assert at.utcoffset() == timedelta()
            # Just registered and not heard yet: as live as the chain counts it.
            assert (found[2].status, found[2].heard_at) == (CameraStatus.LIVE, None)
            # Heard and never registered: the chain counts it too.
            assert (found[4].alias, found[4].position) == ("07/12/4", None)
            assert found[4].status is CameraStatus.LIVE
            live = [s for s in found.values() if s.status is CameraStatus.LIVE]
            assert len(live) == node.cameras.state("cameras").live == 4
            monkeypatch.setattr(cameras_module, "SILENT_CAMERA_S", 0.0)
            found = await states(window)
            assert [found[n].status for n in (1, 2, 3, 4)] == [
                CameraStatus.SILENT, CameraStatus.NEVER, CameraStatus.NEVER, CameraStatus.SILENT,
            ]  # fmt: skip
            assert node.cameras.state("cameras").live == 0
            assert found[1].heard_at is not None
            assert abs(found[1].heard_at - at) < timedelta(milliseconds=50)


async def test_that_what_was_heard_before_a_restart_is_known_to_five_minutes(
    tmp_path: Path,
) -> None:
    at = now() - timedelta(hours=3)
    async with a_node(tmp_path) as node:
        await node.cameras.learn([a_camera(1), a_camera(2)])
        await hold(node, [a_read("AB51ABC", at, camera=CameraId("07", 12, 1))])
    async with a_node(tmp_path) as node, a_window(node) as window:
        found = await states(window)
        assert found[1].status is CameraStatus.SILENT
        assert found[1].heard_at is not None
        assert timedelta() <= at - found[1].heard_at < timedelta(minutes=5)
        assert (found[2].status, found[2].heard_at) == (CameraStatus.NEVER, None)


async def test_that_a_degraded_camera_is_one_by_the_rule_of_coverage(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path) as node,
        a_window(node, "demo-analyst") as window,
        a_caller(node.port, "demo-cameras", "camera") as caller,
    ):
        await caller.client.send(m.Cameras([a_camera(1), a_camera(2)]))
        await settle(lambda: len(node.cameras.known()) == 2)
        far = [now_item(f"AB{n}ABC", nrd_id=1, latitude=1e9) for n in range(10, 13)]
        good = [now_item(f"AB{n}ABC", nrd_id=2) for n in range(10, 12)]
        await caller.ask(lambda n: m.SendReads(n, [*far, *good]))
        reads = [read for _at, read in node.stores.reads.fetch(0, 9)]
        assert sum(ReadFlag.POSITION_INVALID in read.flags for read in reads) == 3
        found = await states(window)
        assert found[1].status is CameraStatus.DEGRADED
        assert found[2].status is CameraStatus.LIVE
        query = ReadQuery(now() - timedelta(minutes=30), now() + timedelta(minutes=1))
        coverage = node.searches._coverage(query, node.cameras.known(), now())
        kinds = {(gap.camera.nrd_id, gap.kind) for gap in coverage.gaps}
        assert (1, GapKind.DEGRADED) in kinds
        assert (2, GapKind.DEGRADED) not in kinds


async def test_that_a_hostile_registration_costs_only_itself(tmp_path: Path) -> None:
    hostile = [
        a_camera(1, position=Position(math.nan, math.inf)),
        a_camera(2, position=Position(-1.5, 52.5)),
        a_camera(3, alias="Oak\x1b[2J\u202e" + "x" * 9_000),
        a_camera(4, direction="\0" * 50),
        Camera(CameraId("../..", -1, 10**9), "none", CameraKind.CCTV),
        a_camera(5),
    ]
    async with a_node(tmp_path) as node, a_window(node) as window:
        await node.cameras.learn(hostile)
        found = await states(window)
        assert sorted(found) == [1, 2, 3, 4, 5]
        assert [found[n].position for n in (1, 2, 5)] == [None, None, PLACE]
        assert found[3].alias.startswith("Oak[2Jx")
        assert len(found[3].alias) <= 80
        assert found[4].direction == ""


async def learnt(node: Node, count: int) -> None:
    await node.cameras.learn(
        [a_camera(0, camera_id=CameraId("07", n // 9_000 + 1, n % 9_000)) for n in range(count)]
    )


async def test_that_20_000_cameras_come_page_by_page_through_a_desk(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "f") as force,
        a_node(tmp_path / "d", "desk", above=above(force)) as desk,
        a_window(desk) as window,
    ):
        await learnt(force, 20_000)
        await settle(lambda: desk.upstream is not None and desk.upstream.client.is_ready)
        answer = await window.link.map.cameras()
        assert answer.problem == ""
        assert len(answer.states) == 20_000
        ids = [state.camera_id for state in answer.states]
        assert ids == sorted(set(ids))


async def test_that_one_answer_serves_pages_and_everybody_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_states, "ANSWER_LASTS_S", 60.0)
    monkeypatch.setattr(map_work, "CAMERAS_AT_ONCE", 2)
    async with (
        a_node(tmp_path) as node,
        a_caller(node.port, "demo-analyst") as one,
        a_caller(node.port, "demo-operator") as other,
    ):
        await learnt(node, 5)

        async def page(caller: Caller, first: int) -> Any:
            return await caller.ask(lambda n: m.WantCameraStates(n, first), bulk=True)

        made = await page(other, 2)  # without a first page: an answer of its own
        assert (made.first, made.total, len(made.states)) == (2, 5, 2)
        await learnt(node, 9)
        assert [(await page(one, n)).total for n in (0, 2, 4)] == [5, 5, 5]
        assert len((await page(one, 4)).states) == 1
        assert (await page(one, 99)).states == []
        assert (await page(one, -7)).first == 0
        node.camera_states._answers.clear()
        assert (await page(one, 2)).total == 5
        assert (await page(one, 0)).total == 9


async def test_that_more_cameras_than_an_answer_holds_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_states, "MOST_CAMERAS", 3)
    async with a_node(tmp_path) as node, a_window(node) as window:
        await learnt(node, 5)
        answer = await window.link.map.cameras()
        assert len(answer.states) == 3
        assert answer.problem == "2 more cameras are known and are left out."


async def test_that_a_desk_tells_what_its_server_and_what_it_hears_itself(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "f") as force,
        a_node(tmp_path / "d", "desk", above=above(force), listen=LOOPBACK) as desk,
        a_window(desk) as window,
        a_caller(force.port, "demo-cameras", "camera") as theirs,
        a_caller(desk.port, "demo-cameras", "camera") as ours,
    ):
        await theirs.client.send(m.Cameras([a_camera(1), a_camera(2), a_camera(3)]))
        await heard(theirs, 1)
        await ours.client.send(m.Cameras([a_camera(3), a_camera(4)]))
        await heard(ours, 3, 4)
        await settle(lambda: desk.upstream is not None and desk.upstream.client.is_ready)
        # The server has given camera 3 up: it feeds the desk.
        force.cameras._heard.pop(CameraId("07", 12, 3))
        found = await states(window)
        assert sorted(found) == [1, 2, 3, 4]
        assert {n: found[n].status for n in (1, 3, 4)} == dict.fromkeys(
            (1, 3, 4), CameraStatus.LIVE
        )
        assert found[1].heard_at is not None
        assert found[2].heard_at is None

        # Cut off: the desk says what it hears itself, and that this is all.
        await force.stop()
        await settle(lambda: desk.upstream is not None and not desk.upstream.client.is_ready)
        answer = await window.link.map.cameras()
        assert "server" in answer.problem
        assert "what this desk hears itself" in answer.problem
        own = {state.camera_id.nrd_id: state.status for state in answer.states}
        assert own[3] is own[4] is CameraStatus.LIVE
        assert own.get(1, CameraStatus.SILENT) is CameraStatus.SILENT


async def test_that_a_server_that_does_not_answer_or_says_no_leaves_the_desks_own_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_states, "ABOVE_S", 0.05)
    async with (
        a_node(tmp_path / "f") as force,
        a_node(tmp_path / "d", "desk", above=above(force)) as desk,
        a_window(desk) as window,
    ):
        await desk.cameras.learn([a_camera(1)])

        async def never(_username: str) -> CameraAnswer:
            return await asyncio.get_running_loop().create_future()

        desk.camera_states.ask_above = never
        answer = await window.link.map.cameras()
        assert "did not answer" in answer.problem
        assert [state.status for state in answer.states] == [CameraStatus.NEVER]

        upstream: Any = desk.upstream
        desk.camera_states.ask_above = camera_states.states_above(upstream)

        async def another(_question: Any) -> m.Message:
            return m.Recorded(1, "x")

        monkeypatch.setattr(upstream, "ask", another)
        assert "another answer" in (await window.link.map.cameras()).problem

        async def hostile(_question: Any) -> m.Message:
            return m.CameraStates(1, 0, 1_000_000, [])

        monkeypatch.setattr(upstream, "ask", hostile)
        assert "cannot be" in (await window.link.map.cameras()).problem
        assert force.camera_states.ask_above is None


async def test_that_the_server_looks_at_the_persons_own_right(tmp_path: Path) -> None:
    async with a_node(tmp_path) as force, a_caller(force.port, "demo-desk", "desk") as desk:
        await learnt(force, 3)
        reply: Any = await desk.ask(lambda n: m.WantCameraStates(n, 0, "demo-analyst"), bulk=True)
        assert reply.total == 3
        for name in ("demo-lists", "demo-auditor", "nobody", ""):
            with pytest.raises(Refused) as refusal:
                await desk.ask(lambda n, who=name: m.WantCameraStates(n, 0, who), bulk=True)
            assert refusal.value.code == "not_permitted"
    async with (
        a_node(tmp_path) as force,
        a_caller(force.port, "demo-lists") as manager,
        a_caller(force.port, "demo-analyst") as analyst,
    ):
        with pytest.raises(Refused):  # on_behalf of anybody but a desk counts for nothing
            await manager.ask(lambda n: m.WantCameraStates(n, 0, "demo-analyst"), bulk=True)
        reply = await analyst.ask(lambda n: m.WantCameraStates(n, 0, "demo-lists"), bulk=True)
        assert reply.total == 3


async def test_that_who_may_not_search_is_told_neither_names_nor_places(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        await learnt(node, 3)
        for user in ("demo-operator", "demo-analyst", "demo-supervisor"):
            async with a_window(node, user) as window:
                assert len((await window.link.map.cameras()).states) == 3
        for user in ("demo-lists", "demo-auditor", "demo-authoriser"):
            async with a_window(node, user) as window:
                with pytest.raises(Refused) as refusal:
                    await window.link.map.cameras()
                assert refusal.value.code == "not_permitted"
                assert refusal.value.remedy
        async with a_caller(node.port) as stranger:
            with pytest.raises(Refused) as refusal:
                await stranger.ask(lambda n: m.WantCameraStates(n), bulk=True)
            assert refusal.value.code == "not_signed_in"
        async with a_window(node) as window:
            await window.link.map.cameras()
            await window.link.sign_out()
            with pytest.raises(Refused):
                await window.link.map.cameras()


async def test_that_a_window_refuses_cameras_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        await learnt(node, 3)
        monkeypatch.setattr(camera_pages, "MOST_CAMERAS", 2)
        with pytest.raises(Refused) as refusal:
            await window.link.map.cameras()
        assert refusal.value.code == "cameras_damaged"


async def test_that_too_much_at_once_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_work, "MOST_UNDER_WAY", 0)
    async with a_node(tmp_path) as node, a_window(node) as window:
        with pytest.raises(Refused) as refusal:
            await window.link.map.cameras()
        assert refusal.value.code == "busy"
