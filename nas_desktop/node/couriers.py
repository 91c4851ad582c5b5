"""What a desk carries up: steps of its people, reads and images of its own cameras, outages.

All of it lies in the stores first and is marked as delivered only when the node above has said
that it is on its disk. New reads go up live; older ones beside them on the bulk socket.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import LinkClient
from nas_desktop.adapters.link.peer import FrameTooLarge, LinkDown
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.read import Read
from nas_desktop.node.audit_courier import AuditCourier
from nas_desktop.node.stores import Stores
from nas_desktop.services.ports import Clock
from nas_desktop.services.progress import Progress
from nas_desktop.services.tasks import spawn, stop

log = logging.getLogger(__name__)

BATCH_READS = 200
IDLE_S = 2.0
"""Longest pause between two looks at the outboxes; new things wake the courier at once."""

UPLINK = "uplink"
"""Name of the progress that says which of our own reads the node above has."""


class Couriers:
    """Sends while the session lasts; knows how much waits."""

    def __init__(self, client: LinkClient, stores: Stores, clock: Clock) -> None:
        self._client = client
        self._stores = stores
        self._clock = clock
        self._wake_steps = asyncio.Event()
        self._wake_reads = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._steps_held = 0
        self._reads_held = 0
        self._oldest: datetime | None = None
        self._progress = Progress()
        self.audit = AuditCourier(client, stores)

    async def open(self) -> None:
        """Find out what was left to deliver."""
        operational = self._stores.operational
        self._steps_held = await self._stores.on_operational(operational.count_outgoing_steps)
        self._progress = await self._stores.on_operational(operational.progress, UPLINK)
        first = self._progress.holes[0][0] if self._progress.holes else self._progress.next
        self._reads_held = await self._stores.on_reads(self._stores.reads.count_own, first)

    @property
    def held(self) -> int:
        """Items that the node above has not confirmed."""
        return self._steps_held + self._reads_held

    @property
    def oldest_at(self) -> datetime | None:
        """When the oldest of them was taken in, as far as this run knows."""
        return self._oldest if self.held else None

    def needed_from(self) -> int | None:
        """Return the offset from which on the node above may still lack own reads; None: none."""
        if self._reads_held == 0:
            return None
        return self._progress.holes[0][0] if self._progress.holes else self._progress.next

    def steps_waiting(self) -> None:
        """Steps were stored for the way up."""
        self._steps_held += 1
        self._note_oldest()
        self._wake_steps.set()

    def reads_waiting(self, count: int) -> None:
        """Reads of own cameras were stored."""
        self._reads_held += count
        self._note_oldest()
        self._wake_reads.set()

    def images_waiting(self) -> None:
        """Images of own cameras were stored, or an outage has ended."""
        self._wake_steps.set()

    def _note_oldest(self) -> None:
        if self._oldest is None:
            self._oldest = self._clock.now()

    # ------------------------------------------------------------------ the session

    def connected(self) -> None:
        """Begin to carry."""
        self._wake_steps.set()
        self._wake_reads.set()
        self._tasks = [
            spawn(self._while_connected(self._carry_small), "carry-steps"),
            spawn(self._while_connected(self._carry_reads), "carry-reads"),
            spawn(self._while_connected(self.audit.carry), "carry-audit"),
        ]

    def lost(self) -> None:
        """Stop carrying; what was under way is sent again."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    async def stop(self) -> None:
        """Stop for good."""
        await stop(*self._tasks)

    async def _while_connected(self, carry: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await carry()
            except LinkDown:
                return
            except Refused as refusal:
                log.warning("the node above did not take a batch: %s", refusal.code)
                await asyncio.sleep(IDLE_S)

    # ------------------------------------------------------------------ steps, images, outages

    async def _carry_small(self) -> None:
        while True:
            self._wake_steps.clear()
            while await self._send_steps() or await self._send_images() or await self._send_gaps():
                continue
            try:
                async with asyncio.timeout(IDLE_S):
                    await self._wake_steps.wait()
            except TimeoutError:
                continue

    async def _send_steps(self) -> bool:
        operational = self._stores.operational
        steps = await self._stores.on_operational(operational.outgoing_steps, 50)
        if steps:
            number = self._client.next_request()
            await self._client.request(m.SendSteps(number, steps), number)
            ids = [step.step_id for step in steps]
            await self._stores.on_operational(operational.forget_outgoing_steps, ids)
        self._steps_held = await self._stores.on_operational(operational.count_outgoing_steps)
        if not self.held:
            self._oldest = None
        return bool(steps)

    async def _send_images(self) -> bool:
        reads = self._stores.reads
        images = await self._stores.on_reads(reads.unsent_images, 20)
        if not images:
            return False
        number = self._client.next_request()
        items = [m.ImageItem(read_id, kind, data) for read_id, kind, data in images]
        # What the node above refuses it will refuse again; it has put the reason on record.
        await self._client.request(m.SendImages(number, items), number, bulk=True)
        await self._stores.on_reads(reads.mark_sent, [(r, k) for r, k, _data in images])
        return True

    async def _send_gaps(self) -> bool:
        operational = self._stores.operational
        gaps = await self._stores.on_operational(operational.unsent_outages)
        if not gaps:
            return False
        number = self._client.next_request()
        await self._client.request(m.SendGaps(number, gaps), number)
        await self._stores.on_operational(operational.mark_outages_sent, gaps)
        return True

    # ------------------------------------------------------------------ own reads

    async def _carry_reads(self) -> None:
        reads = self._stores.reads
        resumed = self._progress.resumed_at(reads.epoch, reads.end())
        backlog = spawn(self._carry_backlog(resumed.holes), "carry-backlog")
        await self._confirmed(resumed)
        try:
            at = resumed.next
            while True:
                if at >= reads.end():
                    self._wake_reads.clear()
                    await self._wake_reads.wait()
                at = await self._send_reads(at, reads.end(), is_backlog=False)
        finally:
            await stop(backlog)

    async def _carry_backlog(self, holes: tuple[tuple[int, int], ...]) -> None:
        try:
            for first, last in holes:
                at = first
                while at < last:
                    at = await self._send_reads(at, last, is_backlog=True)
        except LinkDown:
            return

    async def _send_reads(self, at: int, last: int, *, is_backlog: bool) -> int:
        rows = await self._stores.on_reads(
            self._stores.reads.fetch_own, at, min(BATCH_READS, last - at)
        )
        own = [read for offset, read in rows if offset < last]
        beyond = rows[len(own) - 1][0] + 1 if own else last
        if own:
            await self._deliver(own, is_backlog=is_backlog)
            self._reads_held = max(0, self._reads_held - len(own))
        await self._confirmed(self._progress.taken(at, beyond))
        return beyond

    async def _deliver(self, reads: list[Read], *, is_backlog: bool) -> None:
        number = self._client.next_request()
        items = [raw_item(read) for read in reads]
        try:
            await self._client.request(
                m.SendReads(number, items, is_backlog), number, bulk=is_backlog
            )
        except FrameTooLarge:
            half = len(reads) // 2
            await self._deliver(reads[:half], is_backlog=is_backlog)
            await self._deliver(reads[half:], is_backlog=is_backlog)

    async def _confirmed(self, progress: Progress) -> None:
        self._progress = progress
        operational = self._stores.operational
        await self._stores.on_operational(operational.set_progress, UPLINK, progress)


def raw_item(read: Read) -> m.RawReadItem:
    """Return a read as it came, with the time of our own receipt."""
    return m.RawReadItem(
        vrm=str(read.vrm),
        captured_at=read.captured_at,
        feed_id=read.camera.feed_id,
        source_id=read.camera.source_id,
        nrd_id=read.camera.nrd_id,
        latitude=read.position.latitude if read.position else None,
        longitude=read.position.longitude if read.position else None,
        lane_id=read.lane_id,
        alias=read.alias,
        username=read.username,
        preset_id=read.preset_id,
        kind=str(read.kind),
        confidence=read.confidence,
        patch=read.patch,
        overview=read.overview,
        received_at=read.received_at,
    )
