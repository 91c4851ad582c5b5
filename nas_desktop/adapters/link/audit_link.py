"""A window's way to the audit: the ``AuditLink`` port over the window's session."""

from __future__ import annotations

from typing import TypeVar

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.services.audit import AuditFile, AuditFilter, AuditPage, Verdict

PAGE_S = 30.0
WHOLE_S = 900.0
"""Longest that looking through or writing a whole audit may take, seconds."""

_M = TypeVar("_M", bound=m.Message)


class WindowAudit:
    """Asks the node; see ``services.audit.AuditLink``."""

    def __init__(self, client: LinkClient) -> None:
        self._client = client

    async def page(self, wanted: AuditFilter, before: int = 0, limit: int = 200) -> AuditPage:
        """See ``AuditLink.page``."""
        number = self._client.next_request()
        message = m.WantAudit(number, wanted, before, limit)
        reply = await self._ask(message, number, m.AuditRows, PAGE_S)
        return AuditPage(tuple(reply.rows), reply.before)

    async def verify(self) -> Verdict:
        """See ``AuditLink.verify``."""
        number = self._client.next_request()
        return (await self._ask(m.VerifyAudit(number), number, m.AuditDone, WHOLE_S)).verdict

    async def export(self, path: str) -> AuditFile:
        """See ``AuditLink.export``."""
        number = self._client.next_request()
        reply = await self._ask(m.ExportAudit(number, path), number, m.AuditDone, WHOLE_S)
        return AuditFile(reply.path, reply.verdict.records, reply.sha256)

    async def _ask(self, message: m.Message, number: int, kind: type[_M], within_s: float) -> _M:
        reply = await self._client.request(message, number, bulk=True, within_s=within_s)
        if not isinstance(reply, kind):
            raise LinkDown("The node gave another answer than was asked for.")
        return reply
