"""A camera system's side of the link: a durable buffer and one or two destinations.

Reads go to the first destination; when that has been away for a few seconds, to the second, and
back again as soon as the first is there. A batch leaves the buffer only when a node has it on
disk. New reads go live; what had to wait goes beside them on the bulk socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import Introduction, LinkClient
from nas_desktop.adapters.link.peer import FrameTooLarge, LinkDown
from nas_desktop.adapters.store.outbox import Outbox
from nas_desktop.domain.camera import Camera
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.voi import VoiEntry
from nas_desktop.services.events import Outage
from nas_desktop.services.links import SILENT_AFTER_S, HopMonitor
from nas_desktop.services.ports import Clock
from nas_desktop.services.tasks import spawn, stop

log = logging.getLogger(__name__)

FAIL_OVER_S = 3.0
"""Seconds the first destination may be away before the second is used."""

IN_FLIGHT = 32
"""Batches sent and not yet confirmed, for each socket."""

LATE_S = 10.0
"""A batch that waited longer goes as backlog."""

_CONFIRM_S = 20.0
_encoder = msgspec.msgpack.Encoder()
_reads_decoder = msgspec.msgpack.Decoder(list[m.RawReadItem])
_images_decoder = msgspec.msgpack.Decoder(list[m.ImageItem])


@dataclass(frozen=True, slots=True)
class RefusedRead:
    """A read that no node will ever take: its item, the field and the reason."""

    item: m.RawReadItem
    field: str
    reason: str


class Feeder:
    """Sends what cameras produce until stopped.

    Args:
        urls: the first destination and, if there is one, the second.
        outbox: the buffer, on disk; batches left there by an earlier run go first.
    """

    def __init__(
        self,
        urls: Sequence[str],
        who: Introduction,
        cameras: Sequence[Camera],
        outbox: Outbox,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._cameras = list(cameras)
        self._clients = [
            LinkClient(url, who, clock, _ignore, _nothing, _lost, self._held, tls) for url in urls
        ]
        self._monitor = HopMonitor(f"{who.name} to its server", clock)
        self._gaps: list[Outage] = []
        self._active: LinkClient | None = None
        self._introduced: m.Welcome | None = None
        self._primary_away_since = clock.monotonic()
        self._wake = asyncio.Event()
        self._in_flight: set[int] = set()
        self._slots = _new_slots()
        self._waiting = 0
        self._oldest: float | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._empty = asyncio.Event()
        self._putting = 0
        self._refusal: Refused | None = None
        self.accepted = 0
        self.refused: list[RefusedRead] = []

    async def start(self) -> None:
        """Begin connecting and sending; returns at once."""
        await self._count()
        for client in self._clients:
            client.start()
        self._tasks = [spawn(self._choose(), "feeder-choose"), spawn(self._send(), "feeder-send")]

    async def stop(self) -> None:
        """Stop sending; what waits stays in the buffer."""
        await stop(*self._tasks)
        for client in self._clients:
            await client.stop()

    @property
    def last_refusal(self) -> Refused | None:
        """Why the destination turns this feeder away, if it does."""
        refusals = (c.last_refusal for c in self._clients)
        return next((r for r in refusals if r is not None), self._refusal)

    @property
    def is_connected(self) -> bool:
        """True while a destination takes reads."""
        return self._active is not None

    async def put(
        self,
        reads: Sequence[m.RawReadItem],
        images: Sequence[m.ImageItem] = (),
        *,
        is_backlog: bool = False,
    ) -> None:
        """Make reads and images durable here; they are sent as soon as may be.

        ``is_backlog`` says that the camera itself held them back.
        """
        now = self._clock.now().timestamp()
        kind = "late" if is_backlog else "reads"
        batches = [(kind, len(reads), now, _encoder.encode(reads))] if reads else []
        batches += [("images", 1, now, _encoder.encode([image])) for image in images]
        if batches:
            self._empty.clear()
            self._waiting += len(reads)
            # A count taken before these are in the buffer must not call it empty.
            self._putting += 1
            try:
                await self._outbox.database.call(self._outbox.put, batches)
            finally:
                self._putting -= 1
            self._wake.set()

    async def drained(self) -> None:
        """Return when everything put has been confirmed."""
        await self._empty.wait()

    async def publish_list(
        self,
        name: str,
        parts: Sequence[Sequence[VoiEntry]],
        facts: m.ListFacts | None = None,
        authority: str = "",
    ) -> None:
        """Publish a list in parts over the active session.

        Raises:
            LinkDown, Refused: it was not taken.
        """
        if self._active is None:
            raise LinkDown
        for part, entries in enumerate(parts):
            number = self._active.next_request()
            message = m.PublishList(
                number,
                name,
                part,
                len(parts),
                list(entries),
                facts=facts or m.ListFacts(),
                authority=authority,
            )
            await self._active.request(message, number, bulk=True)

    # ------------------------------------------------------------------ choosing

    def _held(self) -> tuple[int, datetime | None]:
        oldest = None if self._oldest is None else datetime.fromtimestamp(self._oldest, UTC)
        return (self._waiting, oldest) if self._active is None else (0, None)

    async def _choose(self) -> None:
        """Use the first destination that lives; keep the record of the time without the first."""
        while True:
            first, rest = self._clients[0], self._clients[1:]
            now = self._clock.monotonic()
            if _lives(first):
                self._primary_away_since = now
                self._monitor.connected()
                chosen: LinkClient | None = first
            else:
                self._monitor.lost("away")
                is_patient = now - self._primary_away_since < FAIL_OVER_S
                chosen = None if is_patient else next((c for c in rest if _lives(c)), None)
            await self._use(chosen)
            await self._count()
            self._monitor.assess(first.age_s if _lives(first) else None, held=self._waiting)
            gap = self._monitor.outage()
            if gap is not None and gap.ended_at is not None:
                self._gaps.append(replace(gap, hop="way to its server"))
            await self._send_gaps()
            await asyncio.sleep(0.2)

    async def _use(self, chosen: LinkClient | None) -> None:
        welcome = chosen.welcome if chosen is not None else None
        if chosen is self._active and welcome is self._introduced:
            return
        self._active, self._introduced = None, welcome
        if chosen is None:
            return
        try:
            for at in range(0, len(self._cameras), 200):
                await chosen.send(m.Cameras(self._cameras[at : at + 200]))
        except LinkDown:
            return
        self._active = chosen
        # What hangs on another session keeps the places it took there.
        self._in_flight = set()
        self._slots = _new_slots()
        self._wake.set()

    async def _count(self) -> None:
        batches, self._waiting, self._oldest = await self._outbox.database.call(
            self._outbox.waiting
        )
        if batches == 0 and self._putting == 0:
            self._empty.set()

    async def _send_gaps(self) -> None:
        if self._gaps and self._active is not None:
            number = self._active.next_request()
            with contextlib.suppress(Refused):
                await self._active.request(m.SendGaps(number, self._gaps), number)
                self._gaps = []

    # ------------------------------------------------------------------ sending

    async def _send(self) -> None:
        while True:
            client = self._active
            if client is None:
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._send_over(client, self._introduced)

    async def _send_over(self, client: LinkClient, session: m.Welcome | None) -> None:
        """Send everything in the buffer, then what is put, while this session lasts."""
        newest = 0
        older = spawn(self._send_older(client, session), "feeder-backlog")
        try:
            while client is self._active and session is self._introduced:
                self._wake.clear()
                rows = await self._outbox.database.call(self._outbox.fetch, newest, 64)
                for row in rows:
                    newest = row[0]
                    if not self._is_late(row) and row[0] not in self._in_flight:
                        await self._launch(client, row, is_late=False)
                if not rows:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.5):
                            await self._wake.wait()
        finally:
            await stop(older)

    async def _send_older(self, client: LinkClient, session: m.Welcome | None) -> None:
        """Send what had to wait, oldest first, beside the live traffic."""
        after = 0
        while client is self._active and session is self._introduced:
            rows = await self._outbox.database.call(self._outbox.fetch, after, 16)
            late = [row for row in rows if self._is_late(row) and row[0] not in self._in_flight]
            for row in late:
                await self._launch(client, row, is_late=True)
            after = rows[-1][0] if rows else 0
            if not late:
                await asyncio.sleep(1.0 if not rows else 0)

    def _is_late(self, row: tuple[int, str, int, float, bytes]) -> bool:
        return row[1] == "late" or self._clock.now().timestamp() - row[3] > LATE_S

    async def _launch(
        self, client: LinkClient, row: tuple[int, str, int, float, bytes], *, is_late: bool
    ) -> None:
        is_bulk = is_late or row[1] == "images"
        slots = self._slots[is_bulk]
        await slots.acquire()
        self._in_flight.add(row[0])
        spawn(self._deliver(client, row, slots, is_bulk=is_bulk), "feeder-batch")

    async def _deliver(
        self,
        client: LinkClient,
        row: tuple[int, str, int, float, bytes],
        slots: asyncio.Semaphore,
        *,
        is_bulk: bool,
    ) -> None:
        seq, kind, _size, _put_at, body = row
        try:
            if kind == "images":
                await self._request(client, _images_decoder.decode(body), is_bulk=True)
            else:
                await self._request(client, _reads_decoder.decode(body), is_bulk=is_bulk)
            await self._outbox.database.call(self._outbox.remove, [seq])
            await self._count()
        except LinkDown:
            return  # stays in the buffer; the next session sends it
        except Refused as refusal:
            log.warning("a batch was not taken: %s", refusal.code)
            self._refusal = refusal
            await asyncio.sleep(1.0)
        finally:
            self._in_flight.discard(seq)
            slots.release()
            self._wake.set()

    async def _request(
        self,
        client: LinkClient,
        items: list[m.RawReadItem] | list[m.ImageItem],
        *,
        is_bulk: bool,
    ) -> None:
        number = client.next_request()
        is_reads = bool(items) and isinstance(items[0], m.RawReadItem)
        message: m.Message = (
            m.SendReads(number, items, is_bulk) if is_reads else m.SendImages(number, items)  # type: ignore[arg-type]
        )
        try:
            reply = await client.request(message, number, bulk=is_bulk, within_s=_CONFIRM_S)
        except FrameTooLarge:
            half = len(items) // 2
            await self._request(client, items[:half], is_bulk=is_bulk)
            await self._request(client, items[half:], is_bulk=is_bulk)
            return
        if is_reads and isinstance(reply, m.Stored):
            self.accepted += len(items) - len(reply.refused)
            for bad in reply.refused:
                self.refused.append(RefusedRead(items[bad.index], bad.field, bad.reason))  # type: ignore[arg-type]


def _new_slots() -> dict[bool, asyncio.Semaphore]:
    """How many batches may be under way on the live (False) and the bulk socket (True)."""
    return {False: asyncio.Semaphore(IN_FLIGHT), True: asyncio.Semaphore(4)}


def _lives(client: LinkClient) -> bool:
    return client.is_ready and client.age_s < SILENT_AFTER_S


async def _ignore(message: m.Message, is_bulk: bool) -> None:
    """Answers to requests are handed out by the client itself."""


async def _nothing() -> None:
    """The feeder looks at its clients itself."""


def _lost(reason: str) -> None:
    """The feeder looks at its clients itself."""
