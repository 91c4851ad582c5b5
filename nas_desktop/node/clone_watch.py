"""Looks for reads that the vehicle of a hit cannot have made, before somebody asks for a stop.

A hit is never held up by it: it is published first, its vehicle's reads are looked up on a thread
of their own, and what is found joins the hit. From then on each read of that vehicle is compared
as it comes, so that a read that comes late marks the hits before it too.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice

from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.adapters.store.reads.marked import reads_of_marks
from nas_desktop.domain.clone import CloneRules, rival_of, sighting_of
from nas_desktop.domain.hit import Hit, HitId, hit_id_of
from nas_desktop.domain.read import Read, ReadId
from nas_desktop.domain.vrm import Vrm
from nas_desktop.node.engine import Engine
from nas_desktop.node.stores import Stores
from nas_desktop.services.ports import Clock
from nas_desktop.services.tasks import spawn, stop

log = logging.getLogger(__name__)

WATCHED_VEHICLES = 10_000
"""Vehicles hit last that are watched; a board holds half of that."""

READS_KEPT = 32
"""Newest reads of a vehicle that are compared."""

LOOK_EVERY_S = 0.1
"""Between two look-ups hits gather for the next; one look-up costs the same for a few vehicles."""

VEHICLES_A_LOOK = 200
"""Most vehicles in one look-up: a few hundred milliseconds on a full store."""


_NEVER = datetime.min.replace(tzinfo=UTC)
_ALWAYS = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Watched:
    """A vehicle that was hit: its hits, its reads, and of which time these are all there are."""

    hits: dict[HitId, Hit] = field(default_factory=dict)
    reads: dict[ReadId, Read] = field(default_factory=dict)
    since: datetime = _NEVER
    until: datetime = _NEVER


class CloneWatch:
    """Compares the reads of vehicles that were hit."""

    def __init__(self, stores: Stores, clock: Clock, engine: Engine, rules: CloneRules) -> None:
        self._stores = stores
        self._clock = clock
        self._engine = engine
        self._rules = rules
        self._vehicles: OrderedDict[Vrm, _Watched] = OrderedDict()
        self._dirty: dict[Vrm, None] = {}
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self.looks = 0

    async def open(self) -> None:
        """Take up the hits of before: a crash may have come between a hit and the look-up."""
        newest = await self._stores.on_operational(
            self._stores.operational.newest_hits, WATCHED_VEHICLES
        )
        since = self._clock.now() - self._rules.window
        self.raised([hit for hit in newest if hit.read.effective_at >= since])
        self._engine.when_raised.append(self.raised)
        self._engine.when_stored.append(self.stored)
        self._task = spawn(self._run(), "clone-watch")

    async def close(self) -> None:
        """Watch no longer."""
        await stop(self._task)

    async def settled(self) -> None:
        """Return when everything that came has been compared."""
        await self._idle.wait()

    def raised(self, hits: Iterable[Hit]) -> None:
        """Watch the vehicles of hits from now on."""
        for hit in hits:
            if hit.is_quiet or sighting_of(hit.read) is None:
                continue
            vrm = hit.read.vrm
            watched = self._vehicles.setdefault(vrm, _Watched())
            self._vehicles.move_to_end(vrm)
            is_known = hit.hit_id in watched.hits
            watched.hits[hit.hit_id] = hit
            watched.reads[hit.read.read_id] = hit.read
            if not is_known:
                self._compare(vrm)
        while len(self._vehicles) > WATCHED_VEHICLES:
            self._vehicles.popitem(last=False)

    def stored(self, reads: Sequence[tuple[int, Read]]) -> None:
        """Take in reads that are on disk; those of no watched vehicle cost a look in a table."""
        vehicles = self._vehicles
        for _at, read in reads:
            if read.vrm in vehicles and read.read_id not in vehicles[read.vrm].reads:
                vehicles[read.vrm].reads[read.read_id] = read
                self._compare(read.vrm)

    # ------------------------------------------------------------------ inside

    def _compare(self, vrm: Vrm) -> None:
        self._dirty[vrm] = None
        self._idle.clear()
        self._news.set()

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            some = list(islice(self._dirty, VEHICLES_A_LOOK))
            for vrm in some:
                del self._dirty[vrm]
            try:
                behind = [
                    vrm
                    for vrm in some
                    if vrm in self._vehicles and self._is_behind(self._vehicles[vrm])
                ]
                if behind:
                    await self._look_up(behind)
                await self._judge(some)
            except StoreRefused as refusal:
                # The hits stand as they are; the next read of the vehicle has them compared again.
                log.error("reads of one vehicle could not be compared: %s", refusal.code)
            if self._dirty:
                self._news.set()
                await asyncio.sleep(LOOK_EVERY_S)
            else:
                self._idle.set()

    def _is_behind(self, watched: _Watched) -> bool:
        since, until = self._span(watched)
        return not (watched.since <= since and until <= watched.until)

    def _span(self, watched: _Watched) -> tuple[datetime, datetime]:
        times = [hit.read.effective_at for hit in watched.hits.values()]
        return min(times) - self._rules.window, max(times) + self._rules.window

    async def _look_up(self, marks: Sequence[Vrm]) -> None:
        """Ask the store for the reads of vehicles around their hits, all at once."""
        self.looks += 1
        now = self._clock.now()
        spans = {vrm: self._span(self._vehicles[vrm]) for vrm in marks}
        since = min(span[0] for span in spans.values())
        until = max(span[1] for span in spans.values())
        found = await asyncio.to_thread(
            reads_of_marks, self._stores.reads.cache, marks, since, until, now,
            READS_KEPT * len(marks),
        )  # fmt: skip
        for read in found:
            if read.vrm in self._vehicles:
                self._vehicles[read.vrm].reads.setdefault(read.read_id, read)
        for vrm, (first, last) in spans.items():
            if vrm in self._vehicles:
                # What has come since is told read by read: a span up to now has no end.
                watched = self._vehicles[vrm]
                watched.since, watched.until = first, last if last < now else _ALWAYS
        # Hits of these vehicles that are watched no longer take part again.
        ids = [hit_id_of(read.read_id) for read in found]
        for hit in await self._stores.on_operational(self._stores.operational.hits_of, ids):
            if hit.read.vrm in self._vehicles and sighting_of(hit.read) is not None:
                self._vehicles[hit.read.vrm].hits.setdefault(hit.hit_id, hit)

    async def _judge(self, marks: Sequence[Vrm]) -> None:
        """Have what is impossible join the hits of vehicles."""
        changed: list[Hit] = []
        for vrm in marks:
            watched = self._vehicles.get(vrm)
            if watched is None:
                continue
            self._bound(watched)
            for hit_id, hit in watched.hits.items():
                rival = rival_of(hit.read, watched.reads.values(), self._rules)
                if rival is not None and rival != hit.rival:
                    watched.hits[hit_id] = replace(hit, rival=rival)
                    changed.append(watched.hits[hit_id])
        await self._engine.amend(changed)

    def _bound(self, watched: _Watched) -> None:
        """Keep the newest reads and hits of a vehicle that is seen all the time."""
        while len(watched.hits) > READS_KEPT:
            del watched.hits[next(iter(watched.hits))]
        if len(watched.reads) > READS_KEPT:
            newest = sorted(watched.reads.values(), key=lambda r: r.effective_at)[-READS_KEPT:]
            watched.reads = {read.read_id: read for read in newest}
