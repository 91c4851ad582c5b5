"""Two reads of one VRM that need an impossible speed find each other's hits, on every node."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.app.feed import item_of
from nas_desktop.app.hit_words import hit_json, hit_line
from nas_desktop.domain.clone import sighting_of
from nas_desktop.domain.hit import Hit
from nas_desktop.node.clone_watch import READS_KEPT
from nas_desktop.services.events import HitsRaised, ImageArrived, ImageKind
from nas_desktop.services.resources import load_spec
from nas_desktop.simulator.traffic import Simulation
from tests.integration.test_images import a_jpeg
from tests.nodes import (
    Window,
    a_caller,
    a_node,
    a_window,
    above,
    live_entry,
    now_item,
    publish,
    settle,
)

BATH, LEEDS = {"latitude": 51.38, "longitude": -2.36}, {"latitude": 53.79, "longitude": -1.54}


async def seen(window: Window, fits: Callable[[Hit], bool]) -> Hit:
    def has(event: object) -> bool:
        return isinstance(event, HitsRaised) and any(fits(hit) for hit in event.hits)

    event = await window.until(has)
    return next(hit for hit in event.hits if fits(hit))


async def send(port: int, *items: m.RawReadItem, is_backlog: bool = False) -> None:
    async with a_caller(port, "demo-cameras", "camera") as cameras:
        await cameras.ask(lambda n: m.SendReads(n, list(items), is_backlog))


def elsewhere(seconds_ago: float = 0.0, vrm: str = "AB51ABC", **changes: object) -> m.RawReadItem:
    values: dict[str, object] = {
        "captured_at": SystemClock().now() - timedelta(seconds=seconds_ago),
        "source_id": 40,
        "alias": "Leeds 02",
        **LEEDS,
        **changes,
    }
    return now_item(vrm, **values)


def has_rival(source_id: int) -> Callable[[Hit], bool]:
    """Return a test for a hit of this camera that has a rival."""
    return lambda hit: hit.read.camera.source_id == source_id and hit.rival is not None


async def test_that_both_hits_of_a_pair_are_marked_on_desks_and_server(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
        a_window(desk) as window,
    ):
        await publish(force.port, live_entry())
        await settle(lambda: len(desk.lists.revisions()) == 1)
        await send(force.port, now_item())
        first = await seen(window, lambda hit: hit.read.camera.source_id == 12)
        assert first.rival is None
        await send(force.port, elsewhere())
        later = await seen(window, has_rival(40))
        assert later.rival is not None
        assert later.rival.read == first.read
        assert 260_000 < later.rival.distance_m < 280_000
        assert later.rival.mph > 5_000
        marked = await seen(window, has_rival(12))
        assert marked.hit_id == first.hit_id
        assert marked.rival is not None
        assert marked.rival.read == later.read
        assert marked.rival.mph == later.rival.mph
        await force.clones.settled()
        held = force.stores.operational.hits_of([first.hit_id, later.hit_id])
        assert [h.rival and h.rival.read.read_id for h in held] == [
            later.read.read_id,
            first.read.read_id,
        ]
        # A hit that has more to say than before is no further hit.
        assert force.engine.statistics.hits_total == 2


async def test_that_a_read_of_before_the_entry_is_found_in_the_store(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force, a_window(force) as window:
        await send(force.port, elsewhere(200))
        await publish(force.port, live_entry())
        await send(force.port, now_item())
        hit = await seen(window, has_rival(12))
        assert hit.rival is not None
        assert hit.rival.read.camera.source_id == 40
        assert force.clones.looks == 1


async def test_that_a_read_that_comes_late_marks_the_hit_before_it(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force, a_window(force) as window:
        await publish(force.port, live_entry())
        await send(force.port, now_item())
        await seen(window, lambda hit: hit.read.camera.source_id == 12)
        await publish(force.port, live_entry("ZZ99ZZZ"))  # no entry any more: no hit of its own
        await send(force.port, elsewhere(900), is_backlog=True)
        hit = await seen(window, has_rival(12))
        assert hit.rival is not None
        assert round(hit.rival.seconds) in range(895, 906)


async def test_that_what_can_be_driven_or_says_nothing_marks_nothing(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force, a_window(force) as window:
        await publish(force.port, live_entry())
        # 270 km in three hours and a half; typed in by hand; without a fix; of the same camera.
        await send(force.port, elsewhere(12_600), is_backlog=True)
        await send(
            force.port,
            elsewhere(30, nrd_id=0),
            elsewhere(31, latitude=None, longitude=None),
            elsewhere(32, source_id=12),
            now_item(),
        )
        hit = await seen(
            window, lambda h: h.read.camera.source_id == 12 and h.read.alias != "Leeds 02"
        )
        await force.clones.settled()
        held = force.stores.operational.newest_hits(10)
        assert hit.read.read_id in {h.read.read_id for h in held}
        assert all(h.rival is None for h in held)


async def test_that_a_pair_is_found_after_a_crash_between_hit_and_look_up(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force:
        await publish(force.port, live_entry())
        await force.clones.close()  # as a crash would have it: what is found is never stored
        await send(force.port, now_item())
        await send(force.port, elsewhere())
        await settle(lambda: len(force.stores.operational.newest_hits(10)) == 2)
    async with a_node(tmp_path / "force") as force:
        await force.clones.settled()
        held = force.stores.operational.newest_hits(10)
        assert len({h.hit_id for h in held}) == 2
        assert all(
            h.rival is not None for h in force.stores.operational.hits_of([h.hit_id for h in held])
        )


async def test_that_the_image_of_the_other_read_comes_to_the_desk(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
        a_window(desk) as window,
    ):
        # Stored before the entry was: a read that raised no hit of its own.
        await send(force.port, elsewhere(20))
        await publish(force.port, live_entry())
        await settle(lambda: len(desk.lists.revisions()) == 1)
        await send(force.port, now_item())
        hit = await seen(window, has_rival(12))
        assert hit.rival is not None
        other = hit.rival.read.read_id
        await window.link.want_images([other], [ImageKind.PATCH])
        image = m.ImageItem(other, ImageKind.PATCH, a_jpeg())
        async with a_caller(force.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendImages(n, [image]), bulk=True)
        event = await window.until(lambda e: isinstance(e, ImageArrived))
        assert (event.read_id, event.data) == (other, image.data)


async def test_that_a_vehicle_seen_all_the_time_is_bounded(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force:
        await publish(force.port, live_entry())
        items = [
            now_item(captured_at=SystemClock().now() - timedelta(seconds=n)) for n in range(80)
        ]
        await send(force.port, *items)
        await force.clones.settled()
        watched = force.clones._vehicles[items[0].vrm]
        assert len(watched.reads) <= READS_KEPT
        assert len(watched.hits) <= READS_KEPT


async def test_that_the_clone_of_the_demonstration_is_found_and_no_other(tmp_path: Path) -> None:
    start = SystemClock().now() - timedelta(seconds=180)
    simulation = Simulation(7, start, reads_per_s=20)
    async with a_node(tmp_path / "force") as force:
        for voi_list in simulation.lists:
            await publish(force.port, *voi_list.entries, name=voi_list.name)
        captures = [
            capture for _camera, capture in simulation.advance(start + timedelta(seconds=170))
        ]
        assert len(captures) > 1_000
        for at in range(0, len(captures), 150):
            await send(force.port, *[item_of(c) for c in captures[at : at + 150]])
        await force.clones.settled()
        held = {h.hit_id: h for h in force.stores.operational.newest_hits(1_000)}
        pairs = [h for h in held.values() if h.rival is not None]
        assert len(held) > 4
        assert len(pairs) == 2
        assert {h.leading.entry.reason for h in pairs} == {"Cloned"}
        assert len({h.read.vrm for h in pairs}) == 1
        assert all(sighting_of(read) is not None for hit in pairs for read in hit.reads)
        now, spec = SystemClock().now(), load_spec()
        for hit in pairs:
            assert json.loads(hit_json(hit, now))["rival"]["mph"] > 130
            assert "POSSIBLE CLONE, at least" in hit_line(hit, now, spec)
        (plain, *_others) = [h for h in held.values() if h.rival is None]
        assert json.loads(hit_json(plain, now))["rival"] is None
