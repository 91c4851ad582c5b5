"""Images: checked, tied to exactly one read, and handed to whoever asked for them.

A read may announce the digest of its image; then no other image is ever shown with it. An image
may come before its read or long after; whoever asked in vain gets it when it comes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from nas_desktop.adapters.images import inspect_image
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import LinkDown, Peer
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.read import Read, ReadId
from nas_desktop.domain.retention import HITS_KEPT
from nas_desktop.node.stores import Stores
from nas_desktop.services.captures import digest_of
from nas_desktop.services.events import ImageKind
from nas_desktop.services.ports import Clock
from nas_desktop.services.tasks import spawn

log = logging.getLogger(__name__)

READ_ID_BYTES = 16

REMEMBERED_READS = 200_000
"""Reads whose announced digests are remembered for images that come after them."""

MAX_WANTS = 20_000
"""Images asked for and not there; beyond it the oldest wish is forgotten."""

Want = tuple[ReadId, ImageKind]


class ImageRoom:
    """Takes images in and answers who wants them.

    Args:
        ask_above: passes on a wish for images that this node lacks; returns at once.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._of_hits: OrderedDict[ReadId, None] = OrderedDict()
        self._announced: OrderedDict[ReadId, tuple[str | None, str | None]] = OrderedDict()
        self._wants: OrderedDict[Want, set[Peer]] = OrderedDict()
        self.ask_above: Callable[[Sequence[Want]], None] | None = None
        self.when_own: list[Callable[[], None]] = []
        self.refused = 0

    def announce(self, reads: Iterable[Read]) -> None:
        """Remember which images reads have announced."""
        for read in reads:
            if read.patch or read.overview:
                self._announced[read.read_id] = (read.patch, read.overview)
        while len(self._announced) > REMEMBERED_READS:
            self._announced.popitem(last=False)

    def expect(self, hits: Sequence[Hit]) -> None:
        """Have the images of new hits fetched from above before anybody asks."""
        reads = [read for hit in hits for read in hit.reads]
        self.announce(reads)
        for read in reads:
            self._of_hits[read.read_id] = None
        while len(self._of_hits) > REMEMBERED_READS:
            self._of_hits.popitem(last=False)
        spawn(self._keep([read.read_id for read in reads]), "keep-images")
        if self.ask_above is not None:
            self.ask_above([(read.read_id, kind) for read in reads for kind in ImageKind])

    async def _keep(self, read_ids: Sequence[ReadId]) -> None:
        """Images of hits stay as long as hits do, whenever they came."""
        try:
            await self._stores.on_reads(
                self._stores.reads.keep_images, read_ids, self._due(read_ids[0])
            )
        except StoreRefused as refusal:
            log.error("images of hits cannot be kept: %s", refusal.code)

    def _due(self, read_id: ReadId) -> int:
        """Return when the images of a read are deleted, seconds since 1970."""
        keep = self._stores.reads.cache.retention.keep
        if read_id in self._of_hits:
            keep = max(keep, HITS_KEPT)
        return int((self._clock.now() + keep).timestamp())

    async def put(self, images: Sequence[m.ImageItem], *, is_own: bool) -> list[m.RefusedItem]:
        """Check and store images; returns those that were not taken, with the reason.

        Raises:
            StoreRefused: the disk would not take them.
        """
        good: list[tuple[ReadId, ImageKind, str, bytes]] = []
        bad: list[tuple[ReadId, ImageKind, str]] = []
        refused: list[m.RefusedItem] = []
        for index, image in enumerate(images):
            read_id = ReadId(image.read_id)
            try:
                digest = self._checked(read_id, image)
            except Refused as refusal:
                refused.append(m.RefusedItem(index, str(image.kind), refusal.message))
                bad.append((read_id, image.kind, refusal.message))
                continue
            good.append((read_id, image.kind, digest, image.data))
        self.refused += len(bad)
        reads = self._stores.reads
        if bad:
            await self._stores.on_reads(reads.put_refused_images, bad)
        new = await self._stores.on_reads(reads.put_images, good, is_own, self.announced, self._due)
        data = {(read_id, kind): image for read_id, kind, _digest, image in good}
        for read_id, kind, _digest in new:
            self._deliver((read_id, kind), data[read_id, kind])
        for read_id, kind, reason in bad:
            self._say_missing((read_id, kind), reason)
        if new and is_own:
            for tell in self.when_own:
                tell()
        return refused

    def _checked(self, read_id: ReadId, image: m.ImageItem) -> str:
        if len(read_id) != READ_ID_BYTES:
            raise Refused("read_id", "The image names no read.")
        inspect_image(image.data, image.kind)
        digest = digest_of(image.data)
        announced = self.announced(read_id, image.kind)
        if announced is not None and announced != digest:
            raise Refused("wrong_digest", "Another image came than the one the read announced.")
        return digest

    def announced(self, read_id: ReadId, kind: ImageKind) -> str | None:
        """Return the digest that a read announced for an image, or None."""
        patch, overview = self._announced.get(read_id, (None, None))
        return patch if kind is ImageKind.PATCH else overview

    async def want(self, read_ids: Sequence[bytes], kinds: Sequence[ImageKind], peer: Peer) -> None:
        """Send what is there now and remember who wants the rest."""
        missing: list[Want] = []
        for raw in read_ids:
            for kind in kinds:
                wanted = (ReadId(raw), kind)
                # Before looking: one that comes while we look would find nobody waiting.
                self._wants.setdefault(wanted, set()).add(peer)
                data = await self._stored(*wanted)
                if data is not None:
                    self._no_longer(wanted, peer)
                    await _send(peer, wanted, data)
                    continue
                reason = await self._stores.on_reads(self._stores.reads.refused_image, *wanted)
                if peer not in self._wants.get(wanted, ()):
                    continue  # it came meanwhile, and has been sent
                missing.append(wanted)
                await peer.send(
                    m.NoImage(raw, kind, reason or "It has not come from the camera yet.")
                )
        while len(self._wants) > MAX_WANTS:
            self._wants.popitem(last=False)
        if missing and self.ask_above is not None:
            self.ask_above(missing)

    def _no_longer(self, wanted: Want, peer: Peer) -> None:
        waiting = self._wants.get(wanted)
        if waiting is not None:
            waiting.discard(peer)
            if not waiting:
                del self._wants[wanted]

    async def _stored(self, read_id: ReadId, kind: ImageKind) -> bytes | None:
        data = await self._stores.on_reads(self._stores.reads.image_of, read_id, kind)
        announced = self.announced(read_id, kind)
        if data is not None and announced is not None and digest_of(data) != announced:
            return None  # came before its read, and is not the one the read speaks of
        return data

    def forget(self, peer: Peer) -> None:
        """A session is over; nobody waits there any more."""
        for wanted in [w for w, peers in self._wants.items() if peer in peers]:
            self._no_longer(wanted, peer)

    def open_wants(self) -> list[Want]:
        """Return what was asked for and is still missing; asked above again after a break."""
        return list(self._wants)

    def missing_above(self, read_id: ReadId, kind: ImageKind, reason: str) -> None:
        """The node above has no such image now."""
        self._say_missing((read_id, kind), reason)

    def _deliver(self, wanted: Want, data: bytes) -> None:
        for peer in self._wants.pop(wanted, ()):
            spawn(_quietly(_send(peer, wanted, data)), "image")

    def _say_missing(self, wanted: Want, reason: str) -> None:
        for peer in self._wants.get(wanted, ()):
            spawn(_quietly(peer.send(m.NoImage(wanted[0], wanted[1], reason))), "no-image")


async def _send(peer: Peer, wanted: Want, data: bytes) -> None:
    """Send one image: patches are urgent and small, overviews go beside."""
    item = m.ImageItem(wanted[0], wanted[1], data)
    is_bulk = wanted[1] is ImageKind.OVERVIEW
    if is_bulk:
        await peer.bulk_opened.wait()
    await peer.send(m.Images([item]), bulk=is_bulk)


async def _quietly(work: asyncio.Future[None] | object) -> None:
    try:
        await work  # type: ignore[misc]
    except LinkDown:
        return
