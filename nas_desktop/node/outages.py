"""The record of periods in which nothing could be delivered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.node.engine import Engine
from nas_desktop.node.stores import Stores
from nas_desktop.node.upstream import Upstream
from nas_desktop.services.events import Outage
from nas_desktop.services.ports import Clock

SHOWN_OUTAGES = 20
LOOK_S = 0.5


class OutageLog:
    """Keeps outages of this node's way up, and those that others report to it.

    Args:
        changed: called when the newest outages are others than before.
    """

    def __init__(
        self, stores: Stores, engine: Engine, clock: Clock, name: str, changed: Callable[[], None]
    ) -> None:
        self._stores = stores
        self._engine = engine
        self._clock = clock
        self._name = name
        self._changed = changed
        self.newest: tuple[Outage, ...] = ()

    async def open(self) -> None:
        """What a crash left open ended, at the latest, when this run began to watch again."""
        operational = self._stores.operational
        for outage in await self._stores.on_operational(operational.open_outages):
            ended = Outage(outage.hop, outage.began_at, self._clock.now(), outage.reads_held)
            await self._stores.on_operational(operational.put_outage, ended)
        await self._read()

    async def watch(self, upstream: Upstream) -> None:
        """Put beginnings and ends on record until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            upstream.hops()
            outage = upstream.monitor.outage()
            if outage is not None:
                await self._put_own(outage)
                upstream.couriers.images_waiting()

    async def take(self, outages: list[Outage]) -> None:
        """Keep what a camera system or a desk reports.

        Raises:
            StoreRefused: the disk would not take it.
        """
        for outage in outages:
            await self._stores.on_operational(self._stores.operational.put_outage, outage)
        await self._read()

    async def _put_own(self, outage: Outage) -> None:
        action = AuditAction.BUFFER_START if outage.ended_at is None else AuditAction.BUFFER_END
        at: datetime = self._clock.now()
        detail = {"hop": outage.hop, "held": str(outage.reads_held)}
        try:
            await self.take([outage])
            await self._stores.record(
                AuditRecord(action, at, workstation=self._name, detail=detail)
            )
        except StoreRefused as refusal:
            self._engine.problem = refusal.words

    async def _read(self) -> None:
        found = await self._stores.on_operational(self._stores.operational.outages, SHOWN_OUTAGES)
        self.newest = tuple(found)
        self._changed()
