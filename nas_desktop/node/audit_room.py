"""A node's audit at large: its key, the chains of its desks, pages, proof and export."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from nas_desktop import __version__
from nas_desktop.adapters.audit_check import Heads, check
from nas_desktop.adapters.audit_file import AuditHeader, write_audit_file
from nas_desktop.adapters.countersigning import countersigned, new_secret
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.adapters.store.audit_held import HeldConflict
from nas_desktop.domain.errors import Refused
from nas_desktop.node.list_record import Who
from nas_desktop.node.stores import Stores
from nas_desktop.services.audit import (
    AuditFile,
    AuditFilter,
    AuditItem,
    AuditPage,
    AuditRow,
    Countersignature,
    Verdict,
)
from nas_desktop.services.audit_chain import Anchor
from nas_desktop.services.audit_ports import is_for_check
from nas_desktop.services.ports import Clock

log = logging.getLogger(__name__)

SECRET = "audit_secret"
"""Name under which the encrypted store keeps the private key."""

MOST_ROWS = 200
"""Most records in one page."""

_AT_ONCE = 500
_T = TypeVar("_T")


class AuditRoom:
    """What sessions ask of the audit. Methods are for the loop; files are written beside it."""

    def __init__(self, stores: Stores, clock: Clock, role: str, name: str) -> None:
        self._stores = stores
        self._clock = clock
        self._role = role
        self._name = name
        self._secret: bytes | None = None
        self.problem = ""

    async def open(self) -> None:
        """Take up the key with which this node countersigns; a desk has none."""
        if self._role == "desk":
            return
        operational = self._stores.operational
        held = await self._stores.on_operational(operational.fact, SECRET)
        if held is None:
            held = new_secret().hex()
            await self._stores.on_operational(operational.set_fact, SECRET, held)
        self._secret = bytes.fromhex(held)

    async def started(self, role: str) -> None:
        """Put the start on record, with whose audit this is, and that it is not the first.

        The chain shows what was changed in it, and not that another one took its place: the
        operational store remembers that there was one.
        """
        stores = self._stores
        began = await stores.on_operational(stores.operational.fact, "audit_began")
        if began is None:
            at = self._clock.now().isoformat()
            await stores.on_operational(stores.operational.set_fact, "audit_began", at)
        elif stores.audit.last == 0:
            log.error("the audit of this profile is gone; a new chain begins")
            self.problem = (
                f"The audit that began on {began[:10]} is gone, and a new one begins. Tell the"
                " auditor: only what the server holds tells what was in it."
            )
            await stores.record(
                AuditRecord(
                    AuditAction.AUDIT_CONFLICT,
                    self._clock.now(),
                    workstation=self._name,
                    detail={"why": "the audit was gone at the start", "began": began},
                    app_version=__version__,
                )
            )
        await self._stores.record(
            AuditRecord(
                AuditAction.NODE_START,
                self._clock.now(),
                workstation=self._name,
                detail={"role": role, "node_id": self._stores.operational.node_id},
                app_version=__version__,
            )
        )

    # ------------------------------------------------------------------ the chains of desks

    async def take(self, message: m.SendAudit, who: Who) -> Countersignature:
        """Keep records of a desk and countersign the end of what is held of it.

        Raises:
            Refused: ``audit_conflict``: they contradict what is held, which is put on record;
                ``audit_owner``: another account has sent that node's records before.
        """
        if self._secret is None:
            raise Refused("audit_not_here", "This node does not keep the audits of others.")
        held, node_id = self._stores.held_audits, message.node_id
        if not node_id or len(node_id) > 64 or node_id == self._stores.operational.node_id:
            raise Refused("audit_owner", "This is not the node whose records these are.")
        if await self._stores.on_audit(held.owner, node_id, who[0]) != who[0]:
            raise Refused(
                "audit_owner",
                "Another account has sent the records of this node before.",
                "Sign the desk in with the account it had.",
            )
        try:
            seq, head = await self._stores.on_audit(
                held.take, node_id, message.items, message.last, message.head
            )
        except HeldConflict as conflict:
            if not conflict.is_known:
                await self._put(
                    AuditAction.AUDIT_CONFLICT, who, node_id, {"seq": str(conflict.seq)}
                )
            raise Refused(
                "audit_conflict",
                "The records contradict those that were sent before.",
                "Have the auditor look at the desk: its audit was changed or replaced.",
            ) from None
        own = self._stores.operational.node_id
        one = countersigned(self._secret, own, node_id, seq, head, self._clock.now())
        await self._stores.on_audit(held.put_countersignature, one)
        return one

    # ------------------------------------------------------------------ looking

    async def page(
        self, wanted: AuditFilter, before: int, limit: int, who: Who, *, is_searches_only: bool
    ) -> AuditPage:
        """Return records, newest first, and put on record that they were looked at.

        ``is_searches_only`` is for supervisors, who check the searches of others.
        """
        told = {
            "username": wanted.username,
            "text": wanted.text,
            "node": wanted.node_id,
            "before": str(before) if before else "",
        }
        await self._put(
            AuditAction.AUDIT_VIEW, who, "", {key: value for key, value in told.items() if value}
        )
        limit = max(1, min(limit, MOST_ROWS))
        source = self._stores.held_audits if wanted.node_id else self._stores.audit
        rows: list[AuditRow] = []
        at = max(0, before)
        while True:
            page = await self._stores.on_audit(source.page, wanted, at, limit - len(rows))
            rows += [
                row for row in page.rows if not is_searches_only or is_for_check(row.record, who[0])
            ]
            at = page.before
            if not at or len(rows) >= limit:
                return AuditPage(tuple(rows), at)

    async def verify(self, who: Who) -> Verdict:
        """Look through the whole chain; what was found is put on record."""
        verdict = await asyncio.to_thread(self._verified, asyncio.get_running_loop())
        told = {"whole": "yes"} if verdict.is_whole else {"seq": str(verdict.seq)}
        await self._put(AuditAction.AUDIT_VERIFY, who, "", told)
        return verdict

    def _verified(self, loop: asyncio.AbstractEventLoop) -> Verdict:
        node_id = self._stores.operational.node_id
        audit = self._stores.audit
        last, head, signed = self._asked(
            loop, lambda: (audit.last, audit.head, audit.countersignatures(node_id))
        )
        end = Anchor(node_id, last, head, "the node")
        return check(lambda: self._items(loop, last), node_id, signed, end, Heads())

    async def export(self, path: str, who: Who) -> AuditFile:
        """Write all records with their proof to a file of this machine.

        Raises:
            Refused: ``file_unwritable``.
        """
        out = Path(path)
        if not out.is_absolute():
            raise Refused("file_unwritable", "The file has no full path.", "Name it in full.")
        await self._put(AuditAction.AUDIT_EXPORT, who, out.name, {})
        done = await asyncio.to_thread(self._exported, asyncio.get_running_loop(), out)
        await self._put(AuditAction.EXPORT, who, out.name, {"what": "audit"}, done.sha256)
        return done

    def _exported(self, loop: asyncio.AbstractEventLoop, out: Path) -> AuditFile:
        node_id = self._stores.operational.node_id
        audit, held = self._stores.audit, self._stores.held_audits
        last, head, signed, issued = self._asked(
            loop,
            lambda: (
                audit.last,
                audit.head,
                audit.countersignatures(node_id),
                held.issued(node_id),
            ),
        )
        header = AuditHeader(node_id, self._name, last, head, self._clock.now())
        signed = [one for one in signed if one.seq <= last]
        return write_audit_file(out, header, self._items(loop, last), signed, issued)

    # ------------------------------------------------------------------ inside

    def _asked(self, loop: asyncio.AbstractEventLoop, work: Callable[[], _T]) -> _T:
        """Run work on the audit's thread from one beside the loop."""
        return asyncio.run_coroutine_threadsafe(self._stores.on_audit(work), loop).result()

    def _items(self, loop: asyncio.AbstractEventLoop, last: int) -> Iterator[AuditItem]:
        """Yield the records that there were at one instant, a few at a time."""
        at = -(1 << 62)
        while True:
            found = self._asked(loop, partial(self._stores.audit.items_from, at, _AT_ONCE))
            for item in found:
                if item.seq > last:
                    return
                yield item
            if not found:
                return
            at = found[-1].seq + 1

    async def _put(
        self, action: AuditAction, who: Who, subject: str, detail: dict[str, str], sha256: str = ""
    ) -> None:
        await self._stores.record(
            AuditRecord(
                action, self._clock.now(), *who, subject=subject, detail=detail, file_sha256=sha256
            )
        )
