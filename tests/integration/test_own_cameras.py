"""A desk that listens to cameras itself: fail-over, delivery upwards, gaps on record."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import feeder as feeder_module
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import Introduction
from nas_desktop.adapters.link.feeder import Feeder
from nas_desktop.adapters.store import outbox
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.outbox import Outbox
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.node.sign_in import DEMO_PASSWORD
from nas_desktop.services.events import HitsRaised, HopStatus, ImageKind
from tests.integration.test_images import a_jpeg, id_of
from tests.nodes import LOOPBACK, a_node, a_window, above, live_entry, now_item, publish, settle

CAMERA = Camera(CameraId("07", 12, 3), "Oak 01 North", CameraKind.FIXED)


@asynccontextmanager
async def a_feeder(folder: Path, *ports: int):
    database = Database(folder / "outbox.db", b"f" * 32, outbox.MIGRATIONS)
    who = Introduction(
        "camera", "test cameras", True, username="demo-cameras", password=DEMO_PASSWORD
    )
    urls = [f"ws://127.0.0.1:{port}" for port in ports]
    feeder = Feeder(urls, who, [CAMERA], Outbox(database), SystemClock())
    await feeder.start()
    try:
        yield feeder
    finally:
        await feeder.stop()
        database.close()


async def test_that_what_could_not_be_sent_is_sent_after_a_restart(tmp_path: Path) -> None:
    async with a_feeder(tmp_path, 9) as feeder:
        await feeder.put([now_item(), now_item("ZZ99ZZZ")])
    async with a_node(tmp_path / "n") as node, a_feeder(tmp_path, node.port) as feeder:
        await feeder.drained()
        assert node.stores.reads.end() == 2
        assert feeder.accepted == 2


async def test_that_cameras_fail_over_to_the_desk_and_everything_goes_up_later(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(feeder_module, "FAIL_OVER_S", 0.3)
    async with a_node(tmp_path / "force") as force:
        port = force.port
        async with (
            a_node(tmp_path / "desk", "desk", above=above(force), listen=LOOPBACK) as desk,
            a_window(desk) as window,
            a_feeder(tmp_path, port, desk.port) as feeder,
        ):
            await publish(port, live_entry())
            await settle(lambda: desk.engine.index.entries == 1)
            await feeder.put([now_item("ZZ11ZZZ")])
            await feeder.drained()
            await settle(lambda: desk.stores.reads.end() == 1)
            await force.stop()
            item, image = now_item(), a_jpeg()
            await feeder.put([item], [m.ImageItem(id_of(item), ImageKind.PATCH, image)])
            raised = await window.until(lambda e: isinstance(e, HitsRaised))
            assert raised.hits[0].read.vrm == "AB51ABC"
            await feeder.drained()
            await settle(lambda: _hop(desk, "server").status is HopStatus.BUFFERING)
            assert _hop(desk, "server").held == 1
            assert _hop(desk, "desk_cameras").live == 1
            await settle(lambda: any(o.ended_at is None for o in desk.state().outages))
            async with a_node(tmp_path / "force", listen=("127.0.0.1", port)) as back:
                await settle(lambda: back.stores.reads.end() == 2)
                await settle(lambda: back.engine.hits.end == 1)
                await settle(
                    lambda: back.stores.reads.image_of(id_of(item), ImageKind.PATCH) == image
                )
                await settle(lambda: desk.upstream.couriers.held == 0)
                (kept,) = [r for _at, r in back.stores.reads.fetch(0, 9) if r.vrm == "AB51ABC"]
                (ours,) = [r for _at, r in desk.stores.reads.fetch(0, 9) if r.vrm == "AB51ABC"]
                assert kept.received_at == ours.received_at
                # The gap is on record on the desk and, by its word, at the server.
                await settle(lambda: any(o.ended_at for o in desk.state().outages))
                await settle(lambda: any("server" in o.hop for o in back.state().outages))
                (gap,) = [o for o in desk.state().outages if o.hop == "server"]
                assert gap.reads_held == 1
                # New reads go to the server again.
                await settle(lambda: feeder._active is feeder._clients[0])
                await feeder.put([now_item("ZZ22ZZZ")])
                await settle(lambda: back.stores.reads.end() == 3)
                assert desk.stores.reads.count_own(0) == 1


async def test_that_a_camera_account_is_kept_to_its_own_cameras(tmp_path: Path) -> None:
    from nas_desktop.adapters.accounts import hash_password
    from nas_desktop.adapters.store.operational import Account
    from nas_desktop.domain.access import Role
    from tests.nodes import a_caller

    async with a_node(tmp_path) as node:
        account = Account(
            "scoped", "Scoped", hash_password(DEMO_PASSWORD), (Role.CAMERA,), scope="52/4"
        )
        node.stores.operational.put_account(account)
        await node.sign_ins.open(is_simulation=True)
        async with a_caller(node.port, "scoped", "camera") as cameras:
            batch = [
                now_item(feed_id="52", source_id=4),
                now_item(feed_id="52", source_id=5),
                now_item(feed_id="07"),
            ]
            reply = await cameras.ask(lambda n: m.SendReads(n, batch))
        assert [bad.index for bad in reply.refused] == [1, 2]
        assert node.stores.reads.end() == 1


def _hop(node, name):
    return next(hop for hop in node.state().hops if hop.name == name)
