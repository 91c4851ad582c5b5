"""Points of a search over real links: own, the server's, the nation's, and two as one list."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import Where
from nas_desktop.domain.read import Read
from nas_desktop.node import search_run
from nas_desktop.services import point_pack
from nas_desktop.services.map_points import DIRECTIONS, MapPoints
from nas_desktop.services.searches import Order, RunningSearch
from tests.builders import a_read
from tests.integration.test_searches import (
    REASON,
    asked,
    done,
    hold,
    now,
    some_reads,
    start,
)
from tests.nodes import (
    a_caller,
    a_node,
    a_window,
    above,
    live_entry,
    now_item,
    publish,
    settle,
)


def reads_of(count: int, mark: str = "AB{n:02d}ABC") -> list[Read]:
    """Reads of several cameras, some without a fix."""
    return [
        a_read(
            read.vrm,
            read.captured_at,
            received_at=read.received_at,
            camera=CameraId("07", 12, n % 5),
            alias=f"Oak {n % 5}",
            position=None if n % 4 == 0 else read.position,
        )
        for n, read in enumerate(some_reads(count, mark))
    ]


async def same_as_rows(search: RunningSearch, order: Order) -> MapPoints:
    points = await search.points(order)
    rows = []
    while page := (await search.rows(len(rows), 200, order)).rows:
        rows += page
    assert len(points) == len(rows)
    assert points.has_hit is not None
    marks: dict[int, str] = {}
    for n, row in enumerate(rows):
        read = row.read
        assert points.at[n] == round(read.captured_at.timestamp() * 1e6)
        assert points.cameras[points.camera[n]].camera_id == read.camera
        assert points.cameras[points.camera[n]].alias == read.alias
        assert DIRECTIONS[points.direction[n]] == row.direction
        assert marks.setdefault(int(points.vehicle[n]), read.vrm) == read.vrm
        assert math.isnan(points.latitude[n]) == (read.position is None)
        assert points.has_hit[n] == row.has_hit
    return points


@pytest.mark.parametrize("room", [7, 32_768])
async def test_that_points_are_the_rows_of_their_places_wherever_the_reads_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    for module in (point_pack, search_run):
        monkeypatch.setattr(module, "POINTS_AT_ONCE", room)
    async with (
        a_node(tmp_path / "n", "national", listen=("127.0.0.1", 0)) as nation,
        a_node(tmp_path / "f", above=above(nation, "demo-force")) as force,
        a_node(tmp_path / "d", "desk", above=above(force)) as desk,
        a_window(desk, "demo-analyst") as window,
    ):
        reads = reads_of(30)
        await hold(nation, reads[10:])
        await hold(force, reads[:20])
        await settle(lambda: desk.stores.reads.end() == 20)
        await settle(lambda: force.national is not None and force.national.client.is_ready)
        for where, count in (
            (Where.LOCAL, 20),
            (Where.SERVER, 20),
            (Where.NATIONAL, 20),
            (Where.BOTH, 30),
        ):
            search = await start(window, asked(vrms=("AB*ABC",)), where)
            await done(search)
            for order in Order:
                assert len(await same_as_rows(search, order)) == count
            await search.close()


async def test_that_points_tell_which_reads_raised_a_hit(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node, "demo-analyst") as window:
        assert node.port is not None
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            items = [now_item("AB51ABC"), now_item("CD51ABC"), now_item("AB51ABC", nrd_id=4)]
            await cameras.ask(lambda n: m.SendReads(n, items))
        await window.until(lambda event: type(event).__name__ == "HitsRaised")
        search = await start(window, asked(vrms=("??51ABC",)))
        await done(search)
        points = await same_as_rows(search, Order.NEWEST)
        assert points.has_hit is not None
        assert sorted(points.has_hit.tolist()) == [False, True, True]


async def test_that_progress_is_told_and_giving_up_ends_the_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (point_pack, search_run):
        monkeypatch.setattr(module, "POINTS_AT_ONCE", 10)
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await hold(node, reads_of(45))
        search = await start(window, asked(vrms=("AB*ABC",)))
        await done(search)
        told: list[tuple[int, int]] = []
        await search.points(Order.NEWEST, lambda done, of: told.append((done, of)))
        assert told == [(10, 45), (20, 45), (30, 45), (40, 45), (45, 45)]
        told.clear()
        begun = asyncio.Event()

        def tell(done: int, of: int) -> None:
            told.append((done, of))
            begun.set()

        work = asyncio.get_running_loop().create_task(search.points(Order.NEWEST, tell))
        await begun.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert len(told) < 5
        assert len(await search.points()) == 45


async def test_that_whoever_does_not_hold_the_search_gets_no_points(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path) as node,
        a_caller(node.port, "demo-analyst") as one,
        a_caller(node.port, "demo-operator") as other,
        a_caller(node.port, "demo-lists") as manager,
    ):
        await hold(node, reads_of(4))
        query = asked(vrms=("AB*ABC",))
        begun = await one.ask(lambda n: m.Search(n, query.text, Where.LOCAL, REASON), bulk=True)
        assert isinstance(begun, m.SearchBegan)
        await one.until(lambda heard: isinstance(heard, m.SearchTold) and heard.progress.is_done)
        found: Any = await one.ask(lambda n: m.WantPoints(n, begun.request, 0, 10), bulk=True)
        assert (found.total, len(found.data)) == (4, 96)
        found = await one.ask(lambda n: m.WantPoints(n, begun.request, -5, -5), bulk=True)
        assert (found.first, found.data) == (0, b"")
        for caller, code in ((other, "search_unknown"), (manager, "not_permitted")):
            with pytest.raises(Refused) as refusal:
                await caller.ask(lambda n: m.WantPoints(n, begun.request, 0, 10), bulk=True)
            assert refusal.value.code == code


async def test_that_a_search_that_runs_has_no_points_yet_and_one_signed_out_none_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Any] = []
    begin = search_run.SearchRun.start

    def start_kept(self: Any, told: Any, ended: Any) -> None:
        runs.append(self)
        begin(self, told, ended)

    monkeypatch.setattr(search_run.SearchRun, "start", start_kept)
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await hold(node, reads_of(10))
        search: Any = await start(window, asked(vrms=("AB*ABC",)))
        await done(search)
        (run,) = runs
        run._is_done = False
        with pytest.raises(Refused) as refusal:
            await search.points()
        assert refusal.value.code == "search_runs"
        run._is_done = True
        await window.link.sign_out()
        await settle(lambda: node.searches._open == {})
        with pytest.raises(Refused):
            await search.points()


async def test_that_rows_that_are_due_meanwhile_have_no_place(tmp_path: Path) -> None:
    def seal(log: Any) -> None:
        while log.tend(now(), is_last=True):
            log.finish()

    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await hold(node, [replace(r) for r in reads_of(4)])
        await node.stores.on_reads(seal, node.stores.reads)
        search = await start(window, asked(vrms=("AB*ABC",)))
        await done(search)
        await node.retention.drop(now() + timedelta(days=8))
        points = await search.points()
        assert points.is_gone.tolist() == [True] * 4
        assert points.no_fix[0] == 0
