"""Deletion in time: reads are sealed, partitions dropped, and each drop is proven in the audit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from nas_desktop import __version__
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.domain.retention import (
    HITS_KEPT,
    OVERDUE,
    UNDELIVERED_END,
    UNDELIVERED_WARNING,
)
from nas_desktop.node.stores import Stores
from nas_desktop.services.audit import AuditAction, AuditRecord
from nas_desktop.services.ports import Clock

log = logging.getLogger(__name__)

TEND_S = 1.0
"""Seconds between two looks at what is to be sealed or merged."""

DROP_EVERY = timedelta(hours=1)

CLOCK_JUMP = timedelta(minutes=5)
"""A clock that jumps further than this is not believed: nothing is deleted for an hour."""


class RetentionKeeper:
    """Keeps the read cache in order for as long as the node runs.

    Args:
        changed: called when ``problem`` may have changed.

    ``problem`` is a sentence for the operator, empty when all is well.
    """

    def __init__(self, stores: Stores, clock: Clock, changed: Callable[[], None]) -> None:
        self._stores = stores
        self._clock = clock
        self._changed = changed
        self._next_drop = self._next_hits = clock.now()
        self._offset = self._clock_offset()
        self._clock_words = ""
        self.problem = ""

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.tend()
            except StoreRefused as refusal:
                log.error("the read cache could not be tended: %s", refusal.code)
                self._say(refusal.words)
            await asyncio.sleep(TEND_S)

    async def tend(self) -> None:
        """Seal and merge what is to be; once an hour drop what is due."""
        reads = self._stores.reads
        now = self._clock.now()
        await self._stores.on_reads(reads.tend, now)
        if await self._watch_clock(now):
            latest = await self._stores.on_reads(reads.saw, now)
            self._clock_words = ""
            if latest - now > CLOCK_JUMP:
                self._clock_words = (
                    f"The clock of this machine was set back: it said {latest:%d/%m/%Y %H:%M} GMT"
                    " before. What was due then stays out of sight. Set the clock."
                )
                self._say(self._clock_words)
            now = max(now, latest)
        if now >= self._next_drop:
            self._next_drop = now + DROP_EVERY
            await self.drop(now)

    async def drop(self, now: datetime) -> None:
        """Drop what is due, prove it, and look for what should not be there any more."""
        reads = self._stores.reads
        for dropped in await self._stores.on_reads(reads.drop_due, now):
            await self._stores.record(
                AuditRecord(
                    AuditAction.PURGE,
                    now,
                    subject=f"partition {dropped.partition}",
                    detail={
                        "reads": str(dropped.rows),
                        "files": str(dropped.files),
                        "bytes": str(dropped.size),
                        "captured from": dropped.first_at.isoformat(),
                        "captured to": dropped.last_at.isoformat(),
                        "due by": dropped.due_at.isoformat(),
                    },
                    app_version=__version__,
                )
            )
        forced = await self._stores.on_reads(reads.force_out, now - UNDELIVERED_END)
        if forced:
            await self._stores.record(
                AuditRecord(
                    AuditAction.PURGE,
                    now,
                    subject="undelivered reads",
                    detail={"reads": str(forced), "why": "ten days old and never delivered"},
                    app_version=__version__,
                )
            )
        await self._drop_hits(now)
        await self._look_for_overdue(now)

    async def _drop_hits(self, now: datetime) -> None:
        """Once a day: hits have a term of their own, and preserved reads keep theirs."""
        if now < self._next_hits:
            return
        self._next_hits = now + timedelta(days=1)
        stores = self._stores
        kept = {
            one.read.read_id
            for one in await stores.on_searches(stores.searches.preserved, 1_000_000)
        }
        gone = await stores.on_operational(stores.operational.drop_hits, now - HITS_KEPT, kept)
        if gone:
            await stores.record(
                AuditRecord(
                    AuditAction.PURGE,
                    now,
                    subject="hits",
                    detail={"hits": str(gone), "raised before": (now - HITS_KEPT).isoformat()},
                    app_version=__version__,
                )
            )

    async def _look_for_overdue(self, now: datetime) -> None:
        reads = self._stores.reads
        overdue = [f for f in reads.cache.files() if f.drop_at + OVERDUE <= now]
        oldest = await self._stores.on_reads(reads.oldest_undelivered)
        if overdue:
            self._say(
                f"{sum(f.rows for f in overdue):,} reads are kept longer than allowed."
                " Tell the administrator: they could not be deleted."
            )
        elif oldest is not None and now - oldest > UNDELIVERED_WARNING:
            days = (now - oldest).days
            self._say(
                f"Reads of {days} days ago have not been delivered to the server. They are"
                " deleted undelivered when they are ten days old."
            )
        else:
            self._say(self._clock_words or reads.cache.problem or reads.cache.lost)

    async def _watch_clock(self, now: datetime) -> bool:
        """Tell whether the clock goes on as it should; put on record where it does not."""
        offset = self._clock_offset()
        jump = offset - self._offset
        self._offset = offset
        if abs(jump) > CLOCK_JUMP:
            # A clock that is wrong must not delete a week; if it is right, an hour does no harm.
            self._next_drop = now + DROP_EVERY
            await self._stores.record(
                AuditRecord(
                    AuditAction.CLOCK_WARN,
                    now,
                    detail={"jump": f"{jump.total_seconds():.0f} s"},
                    app_version=__version__,
                )
            )
            return False
        return True

    def _clock_offset(self) -> timedelta:
        now = self._clock.now()
        return now - datetime.fromtimestamp(self._clock.monotonic(), now.tzinfo)

    def _say(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            self._changed()
