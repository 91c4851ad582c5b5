"""A node's five stores, opened together and called on their own threads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from nas_desktop.adapters.store import (
    audit_schema,
    list_store,
    operational_schema,
    read_log,
    search_store,
)
from nas_desktop.adapters.store.audit import Audit, AuditRecord
from nas_desktop.adapters.store.audit_held import HeldAudits
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.list_store import ListStore
from nas_desktop.adapters.store.operational import Operational
from nas_desktop.adapters.store.read_log import ReadLog
from nas_desktop.adapters.store.reads.cache import ReadCache
from nas_desktop.adapters.store.search_store import SearchStore
from nas_desktop.domain.retention import LOCAL, NATIONAL

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Stores:
    """The read log, the operational store, the audit and the lists of one profile.

    Args:
        folder: where the files lie; must exist.
        key: 32 bytes.
        role: of the node, which decides how long reads stay; that of the profile when empty.

    Raises:
        StoreRefused: one of them cannot be opened; those already open are closed again.
    """

    def __init__(self, folder: Path, key: bytes, role: str = "") -> None:
        opened: list[Database] = []
        try:
            for name, migrations in (
                ("operational.db", operational_schema.MIGRATIONS),
                ("reads.db", read_log.MIGRATIONS),
                ("audit.db", audit_schema.MIGRATIONS),
                ("lists.db", list_store.MIGRATIONS),
                ("searches.db", search_store.MIGRATIONS),
            ):
                opened.append(Database(folder / name, key, migrations))
        except BaseException:
            for database in opened:
                database.close()
            raise
        self._opened = opened
        self.operational = Operational(opened[0])
        try:
            role = role or self.operational.fact("role") or "desk"
            retention = NATIONAL if role == "national" else LOCAL
            cache = ReadCache(folder / "reads", key, retention)
            self.reads = ReadLog(opened[1], cache)
        except BaseException:
            for database in opened:
                database.close()
            raise
        self.audit = Audit(opened[2])
        self.audit.bind(self.operational.node_id)
        self.held_audits = HeldAudits(opened[2])
        self.when_recorded: Callable[[], None] = _nobody
        self.lists = ListStore(opened[3])
        self.searches = SearchStore(opened[4])

    async def on_operational(
        self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Run a method of the operational store on its thread."""
        return await self.operational.database.call(work, *args, **kwargs)

    async def on_reads(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run a method of the read log on its thread."""
        return await self.reads.database.call(work, *args, **kwargs)

    async def on_lists(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run a method of the list store on its thread."""
        return await self.lists.database.call(work, *args, **kwargs)

    async def on_searches(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run a method of the search store on its thread."""
        return await self.searches.database.call(work, *args, **kwargs)

    async def on_audit(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run a method of the audit, or of the audits held for desks, on its thread."""
        return await self.audit.database.call(work, *args, **kwargs)

    async def record(self, *records: AuditRecord) -> None:
        """Append to the audit; returns when it is on disk."""
        await self.on_audit(self.audit.append, *records)
        self.when_recorded()

    async def forward_audit(self) -> None:
        """Bring records that were stored with what they speak of into the audit.

        A crash between two files can then only delay a record, never lose or double it.
        """
        waiting = await self.on_operational(self.operational.waiting_audit)
        if waiting:
            await self.on_audit(self.audit.take_over, waiting)
            self.when_recorded()
            await self.on_operational(self.operational.forget_waiting_audit, waiting[-1][0])

    def close(self) -> None:
        """Finish what is queued and close every file."""
        for database in self._opened:
            database.close()
        self.reads.cache.close()
        self.reads.close_images()


def _nobody() -> None:
    """Stands in until somebody carries records on."""
