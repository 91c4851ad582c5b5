"""What carries a node's audit up: each record once, each end countersigned by the node above.

The audit itself is the spool, for nothing is ever removed from it; how far the node above has
confirmed is kept in the same file, together with its countersignature.
"""

from __future__ import annotations

import asyncio
import logging

from nas_desktop.adapters.countersigning import is_genuine
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.domain.errors import Refused
from nas_desktop.node.stores import Stores
from nas_desktop.services.audit import AuditItem

log = logging.getLogger(__name__)

BATCH = 200
BATCH_BYTES = 400_000
"""Content of one batch, bytes: it has to fit the bulk socket's frames."""

IDLE_S = 2.0
"""Pause that lets records of the same moment go up together, seconds."""

AGAIN_S = 60.0
"""Pause after the node above has found the chain in contradiction to what it holds, seconds."""

SERVER_KEY = "audit_server_key"
"""The key that countersigned first; another one is refused until somebody removes it."""


class AuditCourier:
    """Sends while the session lasts."""

    def __init__(self, client: LinkClient, stores: Stores) -> None:
        self._client = client
        self._stores = stores
        self._wake = asyncio.Event()
        self.problem = ""
        stores.when_recorded = self._wake.set

    async def carry(self) -> None:
        """Send what is not confirmed, then whatever comes; until the link is down."""
        is_compared = False
        while True:
            self._wake.clear()
            try:
                if not is_compared:
                    await self._send(0)
                    is_compared = True
                while await self._send(BATCH):
                    continue
                self.problem = ""
            except LinkDown:
                raise
            except Refused as refusal:
                self.problem = refusal.message
                log.error("the node above did not take the audit: %s", refusal.code)
                await asyncio.sleep(AGAIN_S)
                continue
            await self._wake.wait()
            await asyncio.sleep(IDLE_S)

    async def _send(self, limit: int) -> bool:
        """Send one batch; true when there is more to send.

        Without records the ends are compared, and the node above says how far it holds the chain.
        """
        audit = self._stores.audit
        sent, items, last, head = await self._stores.on_audit(self._next, limit)
        own = self._stores.operational.node_id
        number = self._client.next_request()
        reply = await self._client.request(
            m.SendAudit(number, own, last, head, items), number, bulk=True
        )
        if not isinstance(reply, m.AuditHeld):
            raise LinkDown("The node above gave another answer than was asked for.")
        one = reply.countersignature
        if one.node_id != own or not is_genuine(one):
            raise Refused("audit_countersignature", "The countersignature is not genuine.")
        await self._check_server(one.key)
        await self._stores.on_audit(audit.confirmed, one)
        # A node above that came back with less than it had confirmed is sent the rest again.
        return one.seq < audit.last and one.seq != sent

    def _next(self, limit: int) -> tuple[int, list[AuditItem], int, bytes]:
        audit = self._stores.audit
        sent = audit.sent()
        return sent, audit.items_from(sent + 1, limit, BATCH_BYTES), audit.last, audit.head

    async def _check_server(self, key: bytes) -> None:
        operational = self._stores.operational
        known = await self._stores.on_operational(operational.fact, SERVER_KEY)
        if known is None:
            await self._stores.on_operational(operational.set_fact, SERVER_KEY, key.hex())
        elif known != key.hex():
            raise Refused(
                "audit_server_key",
                "The server countersigns with another key than before.",
                "Find out whether the server was set up anew.",
            )
