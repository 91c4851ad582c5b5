"""The heart of a node: reads in, matched, stored, hits out, in that order and never another.

One worker takes everything. Live reads go first; of the backlog at most a share goes into each
commit. A sender is told that its reads are stored only when they are; hits that a crash kept from
being stored are found again, because matching goes on from the last offset it had committed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.adapters.store.read_log import OWN
from nas_desktop.domain.hit import (
    Hit,
    HitReason,
    MatchClass,
    hit_id_of,
    ordered_reasons,
    reason_of,
)
from nas_desktop.domain.matching import Match, MatchIndex
from nas_desktop.domain.read import LIVE_AGE, Read
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.voi import ListSource, Mmc
from nas_desktop.node.statistics import Statistics
from nas_desktop.node.stores import Stores
from nas_desktop.node.streams import Stream
from nas_desktop.services.misread_budget import MisreadBudget
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


@dataclass(slots=True)
class _Raised:
    """Hits for the feed, and ``No Alert`` ones with their list for its owner."""

    hits: list[Hit] = field(default_factory=list)
    quiet: list[tuple[str, str, Hit]] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.hits or self.quiet)


class Engine:
    """Takes reads in and raises hits.

    Args:
        stores: where both go.
        spec: the specification's tables.
        index: what is matched against until there are lists.
        is_simulation: marks every hit.
    """

    def __init__(
        self,
        stores: Stores,
        spec: Spec,
        clock: Clock,
        index: MatchIndex,
        *,
        is_simulation: bool,
    ) -> None:
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
        self.index = self._register = index
        self.misreads = MisreadBudget()
        self.uses_extract: Callable[[], bool] = lambda: True
        self.when_stored: list[Callable[[Sequence[tuple[int, Read]]], None]] = []
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

    def use_index(self, index: MatchIndex, register: MatchIndex) -> None:
        """Match against these from the next read on; ``register`` says what carries a mark."""
        self.index, self._register = index, register

    # ------------------------------------------------------------------ inside

    async def _store(self, batches: Sequence[_Batch]) -> None:
        rows = [(b.reads, b.source, b.origin) for b in batches]
        new = await self._stores.on_reads(self._stores.reads.ingest_all, rows)
        self.reads.publish(new)
        self.statistics.count_reads(len(new))
        if self.when_own:
            self._tell_of_own(batches, [read for _at, read in new])
        self._uncommitted += len(new)
        raised = self._raised([read for _at, read in new], batches[0].arrived_at)
        if raised.any or self._uncommitted >= UNMATCHED_READS:
            await self._keep(raised)
        for tell in self.when_stored:
            tell(new)
        for batch in batches:
            if not batch.done.done():
                batch.done.set_result(None)

    async def _keep(self, raised: _Raised) -> None:
        end = self._stores.reads.end()
        changed = await self._stores.on_operational(
            self._stores.operational.put_hits, raised.hits, matched_to=end, quiet=raised.quiet
        )
        self._uncommitted = 0
        self.offer(changed)

    async def rematch(self, reads: Sequence[Read], source: ListSource) -> list[Hit]:
        """Match reads that are stored already against the lists of one source; returns the hits."""
        now = self._clock.now()
        raised = self._raised(reads, now, only=source)
        await self.amend(raised.hits, raised.quiet)
        return raised.hits

    async def raise_for(self, matches: Sequence[Match]) -> list[Hit]:
        """Raise hits for matches that somebody else has found, as PNC does."""
        raised = self._raised_for(matches, self._clock.now())
        await self.amend(raised.hits, raised.quiet)
        return raised.hits

    async def amend(self, hits: Sequence[Hit], quiet: Sequence[tuple[str, str, Hit]] = ()) -> None:
        """Store hits that have more to say than before, and publish them."""
        if hits or quiet:
            changed = await self._stores.on_operational(
                self._stores.operational.put_hits, hits, quiet=quiet
            )
            self.offer(changed)

    def offer(self, changed: Sequence[tuple[int, Hit]]) -> None:
        """Publish hits that are on disk and tell those who wait for new ones."""
        if not changed:
            return
        self.hits.publish(changed)
        hits = [hit for _at, hit in changed]
        self.statistics.count_hits([hit for hit in hits if not hit.is_possible])
        for tell in self.when_raised:
            tell(hits)

    def _tell_of_own(self, batches: Sequence[_Batch], new: Sequence[Read]) -> None:
        own = {read.read_id for batch in batches if batch.origin == OWN for read in batch.reads}
        count = sum(1 for read in new if read.read_id in own) if own else 0
        if count:
            for tell in self.when_own:
                tell(count)

    def _raised(
        self, reads: Sequence[Read], arrived_at: datetime, only: ListSource | None = None
    ) -> _Raised:
        has_extract = self.uses_extract()
        matches = [
            match
            for match in self.index.match(reads)
            if (
                has_extract or match.voi_list.source is not ListSource.PNC_EXTRACT
                if only is None
                else match.voi_list.source is only
            )
        ]
        return self._raised_for(matches, arrived_at)

    def _raised_for(self, matches: Sequence[Match], arrived_at: datetime) -> _Raised:
        by_read: dict[bytes, tuple[Read, list[HitReason]]] = {}
        owners: dict[str, str] = {}
        for match in matches:
            owners[match.voi_list.name] = match.voi_list.owner
            reason = reason_of(
                self._spec,
                match.entry,
                match.voi_list,
                match.match_class,
                distance=match.distance,
                confidence=match.confidence,
            )
            by_read.setdefault(match.read.read_id, (match.read, []))[1].append(reason)
        now = self._clock.now()
        raised = _Raised()
        for read, reasons in by_read.values():
            for reason in reasons:
                if reason.is_quiet and reason.match_class is not MatchClass.MISREAD:
                    hit = self._hit(read, [reason], arrived_at, now)
                    raised.quiet.append((reason.list_name, owners[reason.list_name], hit))
            shown = self._for_the_feed(reasons, now)
            if shown:
                raised.hits.append(self._hit(read, shown, arrived_at, now))
        return raised

    def _for_the_feed(self, reasons: Sequence[HitReason], now: datetime) -> list[HitReason]:
        """Return what desks may see; possible misreads only alone, and only within the budget."""
        sure = [r for r in reasons if not r.is_quiet and r.match_class is not MatchClass.MISREAD]
        if sure:
            return sure
        possible = [r for r in reasons if not r.is_quiet]
        best = max((r.confidence for r in possible), default=0)
        return possible if possible and self.misreads.admit(best, now) else []

    def _hit(
        self, read: Read, reasons: Sequence[HitReason], arrived_at: datetime, now: datetime
    ) -> Hit:
        return Hit(
            hit_id=hit_id_of(read.read_id),
            read=read,
            reasons=ordered_reasons(reasons),
            desk_received_at=arrived_at,
            matched_at=now,
            is_late=now - read.effective_at > LIVE_AGE,
            is_simulation=self._is_simulation,
            mmc=self._registered(read),
        )

    def _registered(self, read: Read) -> Mmc | None:
        if self._register.entries == 0:
            return None
        for match in self._register.match([read]):
            if match.match_class is MatchClass.EXACT:
                return Mmc(match.entry.make, match.entry.model, match.entry.colour)
        return None

    async def _match_what_was_left(self) -> None:
        """Match the reads that were stored before a crash and not yet matched."""
        at = self._stores.operational.matched_to()
        end = self._stores.reads.end()
        while at < end:
            found = await self._stores.on_reads(self._stores.reads.fetch, at, 1_000)
            if not found:
                break
            raised = self._raised([read for _at, read in found], self._clock.now())
            at = found[-1][0] + 1
            changed = await self._stores.on_operational(
                self._stores.operational.put_hits, raised.hits, matched_to=at, quiet=raised.quiet
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
