"""Images: checked, tied to one read, before it, after it, and never on another."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image

from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.read import ReadId, read_id_of
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.captures import digest_of
from nas_desktop.services.events import HitsRaised, ImageArrived, ImageKind, ImageMissing
from tests.nodes import a_caller, a_node, a_window, above, live_entry, now_item, publish, settle

PATCH = ImageKind.PATCH


def a_jpeg(shade: int = 0, size: tuple[int, int] = (120, 60)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(out, "JPEG", quality=40)
    return out.getvalue()


def id_of(item: m.RawReadItem) -> ReadId:
    camera = CameraId(item.feed_id, item.source_id, item.nrd_id)
    return read_id_of(camera, item.captured_at, Vrm(item.vrm))


async def hit_of(window: Any) -> Hit:
    raised = await window.until(lambda e: isinstance(e, HitsRaised))
    hit: Hit = raised.hits[0]
    return hit


async def test_that_an_image_before_its_read_is_shown_with_it(tmp_path: Path) -> None:
    item, image = now_item(), a_jpeg()
    item.patch = digest_of(image)
    async with a_node(tmp_path) as node, a_window(node) as window:
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendImages(n, [m.ImageItem(id_of(item), PATCH, image)]))
            await cameras.ask(lambda n: m.SendReads(n, [item]))
        hit = await hit_of(window)
        await window.link.want_images([hit.read.read_id], [PATCH])
        arrived = await window.until(lambda e: isinstance(e, ImageArrived))
        assert (arrived.read_id, arrived.data) == (hit.read.read_id, image)


async def test_that_an_image_after_its_read_comes_to_whoever_asked(tmp_path: Path) -> None:
    item, image = now_item(), a_jpeg()
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
        a_window(desk) as window,
    ):
        await publish(force.port, live_entry())
        async with a_caller(force.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [item]))
            hit = await hit_of(window)
            await window.link.want_images([hit.read.read_id], list(ImageKind))
            await window.until(lambda e: isinstance(e, ImageMissing))
            overview = m.ImageItem(id_of(item), ImageKind.OVERVIEW, a_jpeg(40, (320, 240)))
            patch = m.ImageItem(id_of(item), PATCH, image)
            await cameras.ask(lambda n: m.SendImages(n, [patch, overview]), bulk=True)
        for kind in ImageKind:
            await window.until(lambda e, kind=kind: isinstance(e, ImageArrived) and e.kind is kind)
        assert desk.stores.reads.image_of(hit.read.read_id, PATCH) == image


async def test_that_another_image_than_the_announced_one_is_never_shown(tmp_path: Path) -> None:
    item, right, wrong = now_item(), a_jpeg(10), a_jpeg(200)
    item.patch = digest_of(right)
    async with a_node(tmp_path) as node, a_window(node) as window:
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            early = [m.ImageItem(id_of(item), PATCH, wrong)]
            await cameras.ask(lambda n: m.SendImages(n, early))
            await cameras.ask(lambda n: m.SendReads(n, [item]))
            hit = await hit_of(window)
            await window.link.want_images([hit.read.read_id], [PATCH])
            await window.until(lambda e: isinstance(e, ImageMissing))
            reply = await cameras.ask(lambda n: m.SendImages(n, early))
            assert "announced" in reply.refused[0].reason  # type: ignore[attr-defined]
            await cameras.ask(lambda n: m.SendImages(n, [m.ImageItem(id_of(item), PATCH, right)]))
        arrived = await window.until(lambda e: isinstance(e, ImageArrived))
        assert arrived.data == right


async def test_that_a_bad_image_is_refused_and_its_read_stays(tmp_path: Path) -> None:
    item = now_item()
    bomb = a_jpeg(0, (8, 8))
    # The header claims 60,000 x 60,000 pixels; nothing may be decoded to find that out.
    at = bomb.index(b"\xff\xc0") + 5
    bomb = bomb[:at] + (60_000).to_bytes(2, "big") * 2 + bomb[at + 4 :]
    async with a_node(tmp_path) as node, a_window(node) as window:
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [item]))
            for bad in (b"", b"GIF89a...", a_jpeg()[:200], b"\xff\xd8" + b"x" * 900_000, bomb):
                image = m.ImageItem(id_of(item), PATCH, bad)
                reply = await cameras.ask(
                    lambda n, image=image: m.SendImages(n, [image]), bulk=True
                )
                assert [one.field for one in reply.refused] == ["patch"]  # type: ignore[attr-defined]
        hit = await hit_of(window)
        await window.link.want_images([hit.read.read_id], [PATCH])
        missing = await window.until(lambda e: isinstance(e, ImageMissing))
        assert missing.reason != "It has not come from the camera yet."
        assert node.state().refused["image"] == 5


async def test_that_the_first_image_of_an_unannounced_read_stays(tmp_path: Path) -> None:
    item, first, second = now_item(), a_jpeg(10), a_jpeg(200)
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-cameras", "camera") as cameras:
        for image in (first, second):
            one = m.ImageItem(id_of(item), PATCH, image)
            await cameras.ask(lambda n, one=one: m.SendImages(n, [one]))
        assert node.stores.reads.image_of(id_of(item), PATCH) == first


async def test_that_images_of_new_hits_are_on_the_desk_before_anybody_asks(tmp_path: Path) -> None:
    item, image = now_item(), a_jpeg()
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
    ):
        await publish(force.port, live_entry())
        await settle(lambda: desk.engine.index.entries == 1)
        async with a_caller(force.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [item]))
            await settle(lambda: desk.engine.hits.end == 1)
            await cameras.ask(lambda n: m.SendImages(n, [m.ImageItem(id_of(item), PATCH, image)]))
        await settle(lambda: desk.stores.reads.image_of(id_of(item), PATCH) == image)
