"""The heart of a node: reads in, matched, stored, hits out, in that order and never another.

One worker takes everything. Live reads go first; of the backlog at most a share goes into each
commit. A sender is told that its reads are stored only when they are; hits that a crash kept from
being stored are found again, because matching goes on from the last offset it had committed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.adapters.store.read_log import OWN
from nas_desktop.domain.hit import Hit, HitReason, hit_id_of, ordered_reasons, reason_of
from nas_desktop.domain.matching import ExactIndex, MatchIndex
from nas_desktop.domain.read import LIVE_AGE, Read
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.voi import VoiList
from nas_desktop.node.stores import Stores
from nas_desktop.node.streams import Stream
from nas_desktop.services.ports import Clock

log = logging.getLogger(__name__)

LIVE_READS = 3_000
"""Most live reads in one commit."""

BACKLOG_READS = 500
"""Backlog reads beside them; about 20 ms of work, which is what live reads may have to wait."""

UNMATCHED_READS = 2_000
"""Reads after which the matching offset is committed though there was no hit."""

_LIVE_BATCHES, _BACKLOG_BATCHES = 256, 4


@dataclass(slots=True)
class _Batch:
    reads: Sequence[Read]
    origin: str
    source: tuple[str, int, int] | None
    arrived_at: datetime
    done: asyncio.Future[None]


class Engine:
    """Takes reads in and raises hits.

    Args:
        stores: where both go.
        spec: the specification's tables.
        is_simulation: marks every hit.
    """

    def __init__(self, stores: Stores, spec: Spec, clock: Clock, *, is_simulation: bool) -> None:
        self._stores = stores
        self._spec = spec
        self._clock = clock
        self._is_simulation = is_simulation
        self._live: asyncio.Queue[_Batch] = asyncio.Queue(_LIVE_BATCHES)
        self._backlog: asyncio.Queue[_Batch] = asyncio.Queue(_BACKLOG_BATCHES)
        self._ready = asyncio.Event()
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._uncommitted = 0
        self.index: MatchIndex = ExactIndex(())
        self.statistics = Statistics(clock)
        self.problem = ""
        self.when_raised: list[Callable[[Sequence[Hit]], None]] = []
        self.when_own: list[Callable[[int], None]] = []
        reads, operational = stores.reads, stores.operational
        self.reads: Stream[Read] = Stream(
            "reads",
            reads.epoch,
            reads.end(),
            lambda first, limit: stores.on_reads(reads.fetch, first, limit),
            lambda first, items, late: m.Reads(first, items, late),
            live_items=150,
        )
        self.hits: Stream[Hit] = Stream(
            "hits",
            operational.epoch,
            operational.hit_end,
            lambda first, limit: stores.on_operational(operational.fetch_hits, first, limit),
            lambda first, items, late: m.Hits(first, items, late),
            live_items=20,
        )

    # ------------------------------------------------------------------ taking in

    async def put(
        self,
        reads: Sequence[Read],
        *,
        origin: str = OWN,
        source: tuple[str, int, int] | None = None,
        is_backlog: bool = False,
    ) -> asyncio.Future[None]:
        """Queue reads; returns when there is room, with a future that is done once all is stored.

        The future raises ``StoreRefused`` when the store could not take them.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Whoever does not look at the outcome (a stream resumes from its own progress) may not.
        done.add_done_callback(lambda f: f.cancelled() or f.exception())
        batch = _Batch(reads, origin, source, self._clock.now(), done)
        self._busy += 1
        self._idle.clear()
        await (self._backlog if is_backlog else self._live).put(batch)
        self._ready.set()
        return done

    async def settled(self) -> None:
        """Return when nothing that was queued is waiting any more."""
        await self._idle.wait()

    async def run(self) -> None:
        """Work until cancelled."""
        await self._match_what_was_left()
        while True:
            if self._live.empty() and self._backlog.empty():
                self._ready.clear()
                await self._ready.wait()
            batches = _drawn(self._live, LIVE_READS) + _drawn(self._backlog, BACKLOG_READS)
            try:
                await self._store(batches)
            except StoreRefused as refusal:
                self._refuse(batches, refusal)
            else:
                self.problem = ""
            self._busy -= len(batches)
            if self._busy == 0:
                self._idle.set()

    async def finish(self) -> None:
        """Commit how far matching has come; before a clean stop."""
        end = self._stores.reads.end()
        await self._stores.on_operational(self._stores.operational.put_hits, (), matched_to=end)

    def use_lists(self, lists: Iterable[VoiList]) -> None:
        """Match against these lists from the next read on."""
        self.index = ExactIndex(lists)

    # ------------------------------------------------------------------ inside

    async def _store(self, batches: Sequence[_Batch]) -> None:
        rows = [(b.reads, b.source, b.origin) for b in batches]
        new = await self._stores.on_reads(self._stores.reads.ingest_all, rows)
        self.reads.publish(new)
        self.statistics.count_reads(len(new))
        if self.when_own:
            self._tell_of_own(batches, [read for _at, read in new])
        self._uncommitted += len(new)
        hits = self._raised([read for _at, read in new], batches[0].arrived_at)
        if hits or self._uncommitted >= UNMATCHED_READS:
            await self._keep(hits)
        for batch in batches:
            if not batch.done.done():
                batch.done.set_result(None)

    async def _keep(self, hits: Sequence[Hit]) -> None:
        end = self._stores.reads.end()
        changed = await self._stores.on_operational(
            self._stores.operational.put_hits, hits, matched_to=end
        )
        self._uncommitted = 0
        self.offer(changed)

    def offer(self, changed: Sequence[tuple[int, Hit]]) -> None:
        """Publish hits that are on disk and tell those who wait for new ones."""
        if not changed:
            return
        self.hits.publish(changed)
        hits = [hit for _at, hit in changed]
        self.statistics.count_hits(hits)
        for tell in self.when_raised:
            tell(hits)

    def _tell_of_own(self, batches: Sequence[_Batch], new: Sequence[Read]) -> None:
        own = {read.read_id for batch in batches if batch.origin == OWN for read in batch.reads}
        count = sum(1 for read in new if read.read_id in own) if own else 0
        if count:
            for tell in self.when_own:
                tell(count)

    def _raised(self, reads: Sequence[Read], arrived_at: datetime) -> list[Hit]:
        by_read: dict[bytes, tuple[Read, list[HitReason]]] = {}
        for match in self.index.match(reads):
            reason = reason_of(
                self._spec, match.entry, match.list_name, match.list_revision, match.match_class
            )
            by_read.setdefault(match.read.read_id, (match.read, []))[1].append(reason)
        now = self._clock.now()
        return [
            Hit(
                hit_id=hit_id_of(read.read_id),
                read=read,
                reasons=ordered_reasons(reasons),
                desk_received_at=arrived_at,
                matched_at=now,
                is_late=now - read.effective_at > LIVE_AGE,
                is_simulation=self._is_simulation,
            )
            for read, reasons in by_read.values()
        ]

    async def _match_what_was_left(self) -> None:
        """Match the reads that were stored before a crash and not yet matched."""
        at = self._stores.operational.matched_to()
        end = self._stores.reads.end()
        while at < end:
            found = await self._stores.on_reads(self._stores.reads.fetch, at, 1_000)
            if not found:
                break
            hits = self._raised([read for _at, read in found], self._clock.now())
            at = found[-1][0] + 1
            changed = await self._stores.on_operational(
                self._stores.operational.put_hits, hits, matched_to=at
            )
            self.offer(changed)

    def _refuse(self, batches: Sequence[_Batch], refusal: StoreRefused) -> None:
        if self.problem != refusal.message:
            log.error("reads cannot be stored: %s", refusal.code)
        self.problem = refusal.words
        for batch in batches:
            if not batch.done.done():
                batch.done.set_exception(refusal)


def _drawn(queue: asyncio.Queue[_Batch], limit: int) -> list[_Batch]:
    """Take batches off a queue until about ``limit`` reads are reached; at least one."""
    drawn: list[_Batch] = []
    reads = 0
    while reads < limit and not queue.empty():
        batch = queue.get_nowait()
        drawn.append(batch)
        reads += len(batch.reads)
    return drawn


class Statistics:
    """Counters of a node: totals since its start, rates over short spans."""

    HITS_SPAN = timedelta(minutes=10)
    LATENCY_SPAN = timedelta(hours=1)

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reads_total = 0
        self.hits_total = 0
        self.last_hit_at: datetime | None = None
        self._recent: deque[tuple[float, int]] = deque()
        self._hits: deque[tuple[datetime, float | None]] = deque(maxlen=20_000)

    def count_reads(self, count: int) -> None:
        """Count reads just stored."""
        self.reads_total += count
        self._recent.append((self._clock.monotonic(), count))

    def count_hits(self, hits: Sequence[Hit]) -> None:
        """Count hits just raised; late ones say nothing about the speed of the chain."""
        now = self._clock.now()
        self.hits_total += len(hits)
        self.last_hit_at = now
        for hit in hits:
            trusted = hit.read.is_clock_trusted and not hit.is_late
            seconds = (hit.matched_at - hit.read.captured_at).total_seconds()
            self._hits.append((now, max(0.0, seconds) if trusted else None))

    @property
    def reads_per_s(self) -> float:
        """Reads stored over the last second."""
        now = self._clock.monotonic()
        while self._recent and now - self._recent[0][0] > 1.0:
            self._recent.popleft()
        return float(sum(count for _at, count in self._recent))

    @property
    def hits_10_min(self) -> int:
        """Hits raised over the last ten minutes."""
        since = self._clock.now() - self.HITS_SPAN
        return sum(1 for at, _seconds in self._hits if at >= since)

    def latencies(self) -> tuple[float | None, float | None, float | None]:
        """Return median, 95th percentile and maximum from capture to matched, seconds."""
        since = self._clock.now() - self.LATENCY_SPAN
        known = sorted(s for at, s in self._hits if at >= since and s is not None)
        if not known:
            return None, None, None
        last = len(known) - 1
        return known[last // 2], known[round(last * 0.95)], known[last]
