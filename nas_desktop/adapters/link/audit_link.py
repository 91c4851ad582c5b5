"""A window's way to the audit: the ``AuditLink`` port over the window's session."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.services.audit import AuditFile, AuditFilter, AuditPage, Verdict
from nas_desktop.services.audit_ports import (
    Check,
    CheckVerdict,
    OutlierPage,
    ProofState,
    SamplePage,
    SubjectReport,
    TransparencyReport,
)

PAGE_S = 30.0
WHOLE_S = 900.0
"""Longest that looking through or writing a whole audit may take, seconds."""

_M = TypeVar("_M", bound=m.Message)


class WindowAudit:
    """Asks the node; see ``services.audit_ports.AuditLink``."""

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

    async def proof(self) -> ProofState:
        """See ``AuditLink.proof``."""
        number = self._client.next_request()
        return (await self._ask(m.WantProof(number), number, m.AuditProof, PAGE_S)).proof

    async def sample(self, month: str, first: int = 0, limit: int = 100) -> SamplePage:
        """See ``AuditLink.sample``."""
        number = self._client.next_request()
        message = m.WantSample(number, month, first, limit)
        return (await self._ask(message, number, m.AuditSample, WHOLE_S)).page

    async def check(self, seq: int, verdict: CheckVerdict, comment: str) -> Check:
        """See ``AuditLink.check``."""
        number = self._client.next_request()
        message = m.CheckSearch(number, seq, verdict, comment)
        return (await self._ask(message, number, m.SearchChecked, PAGE_S)).check

    async def outliers(self, month: str) -> OutlierPage:
        """See ``AuditLink.outliers``."""
        number = self._client.next_request()
        message = m.WantOutliers(number, month)
        return (await self._ask(message, number, m.AuditOutliers, WHOLE_S)).page

    async def transparency(
        self, since: datetime, until: datetime, path: str = ""
    ) -> TransparencyReport:
        """See ``AuditLink.transparency``."""
        number = self._client.next_request()
        message = m.WantTransparency(number, since, until, path)
        return (await self._ask(message, number, m.TransparencyTold, WHOLE_S)).report

    async def subject_access(self, vrm: str, reason: str, path: str) -> SubjectReport:
        """See ``AuditLink.subject_access``."""
        number = self._client.next_request()
        message = m.WantSubject(number, vrm, reason, path)
        return (await self._ask(message, number, m.SubjectWritten, WHOLE_S)).report

    async def _ask(self, message: m.Message, number: int, kind: type[_M], within_s: float) -> _M:
        reply = await self._client.request(message, number, bulk=True, within_s=within_s)
        if not isinstance(reply, kind):
            raise LinkDown("The node gave another answer than was asked for.")
        return reply
