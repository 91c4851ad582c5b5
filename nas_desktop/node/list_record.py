"""What was done to a list, by whom and why, for the audit."""

from __future__ import annotations

from typing import TypeAlias

from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.node.stores import Stores
from nas_desktop.services.ports import Clock

Who: TypeAlias = tuple[str, str, str]
"""Account, workstation and session."""

MAX_WHY = 500
"""Longest reason put on record, characters."""


class ListRecord:
    """Puts work on lists on record."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    async def put(
        self,
        action: AuditAction,
        who: Who,
        name: str,
        why: str = "",
        revision: int = 0,
        **detail: object,
    ) -> None:
        """Append to the audit; returns when it is on disk."""
        told = {"why": why[:MAX_WHY], "revision": str(revision) if revision else ""}
        told.update({key: str(value) for key, value in detail.items()})
        await self._stores.record(
            AuditRecord(
                action,
                self._clock.now(),
                *who,
                subject=name,
                detail={key: value for key, value in told.items() if value},
            )
        )
