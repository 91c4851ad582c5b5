"""A session's work on the audit: who may send, see, check and export what."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import FrameTooLarge, LinkDown, Peer
from nas_desktop.domain.access import Operator, Right, Role, may
from nas_desktop.domain.errors import Refused
from nas_desktop.node.audit_report_work import AuditReports
from nas_desktop.node.audit_review_work import AuditReview
from nas_desktop.node.list_record import Who
from nas_desktop.services.audit import Verdict
from nas_desktop.services.tasks import spawn, stop

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

AUDIT_WORK = (
    m.SendAudit, m.WantAudit, m.VerifyAudit, m.ExportAudit, m.WantProof, m.WantSample,
    m.CheckSearch, m.WantOutliers, m.WantTransparency, m.WantSubject,
)  # fmt: skip

MOST_WORK = 4
"""Things of one session under way at a time: a view may be left before it has its answer."""

_NEEDS: dict[type[m.Message], Right] = {
    m.SendAudit: Right.SEND_AUDIT,
    m.WantAudit: Right.SEE_AUDIT,
    m.VerifyAudit: Right.SEE_AUDIT,
    m.ExportAudit: Right.SEE_AUDIT,
    m.WantProof: Right.SEE_AUDIT,
    m.WantSample: Right.SEE_AUDIT,
    m.CheckSearch: Right.SEE_AUDIT,
    m.WantOutliers: Right.SEE_AUDIT,
    m.WantTransparency: Right.SEE_AUDIT,
    m.WantSubject: Right.SEE_AUDIT,
}
_OF_SUPERVISORS_TOO = (m.WantAudit, m.WantSample, m.CheckSearch)


def _is_of_this_machine(message: m.Message) -> bool:
    """Tell whether it has a file written: only the node's own window may ask for that."""
    match message:
        case m.ExportAudit() | m.WantSubject():
            return True
        case m.WantTransparency(path=path):
            return bool(path)
    return False


def may_work_on_audit(message: m.Message, roles: Sequence[Role]) -> bool:
    """Tell whether a session with these roles may ask for this at all."""
    if _is_of_this_machine(message) and Role.WINDOW not in roles:
        return False
    if isinstance(message, _OF_SUPERVISORS_TOO) and may(roles, Right.CHECK_SEARCHES):
        return True
    return may(roles, _NEEDS[type(message)])


class AuditWork:
    """Does for one session what it asks of the audit, a few things at a time."""

    def __init__(self, node: Node, peer: Peer, workstation: str, session: str) -> None:
        self._node = node
        self._peer = peer
        self._workstation = workstation
        self._session = session
        self._review = AuditReview(node)
        self._reports = AuditReports(node, self._review)
        self._tasks: set[asyncio.Task[None]] = set()

    async def received(
        self, message: m.Message, operator: Operator | None, roles: Sequence[Role]
    ) -> None:
        """Begin the work; it goes on beside the session.

        Raises:
            Refused: ``busy``.
        """
        if len(self._tasks) >= MOST_WORK:
            raise Refused("busy", "Too much work is under way.", "Wait until some is done.")
        who = (operator.username if operator else "", self._workstation, self._session)
        task = spawn(self._work(message, who, roles), "audit-work")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up what is under way."""
        for task in tuple(self._tasks):
            await stop(task)

    async def _work(self, message: m.Message, who: Who, roles: Sequence[Role]) -> None:
        try:
            try:
                answer = await self._answer(message, who, roles)
            except Refused as refusal:
                ref = getattr(message, "batch", 0) or getattr(message, "request", 0)
                await self._peer.refuse(refusal, str(message.__struct_config__.tag), ref)
            else:
                await self._send(answer)
        except LinkDown:
            return  # the session is over, and says so itself

    async def _send(self, answer: m.Message) -> None:
        """Send an answer; of rows that do not fit a frame, the newer half."""
        try:
            await self._peer.send(answer, bulk=True)
        except FrameTooLarge:
            match answer:
                case m.AuditRows(request=request, rows=rows) if len(rows) > 1:
                    half = rows[: len(rows) // 2]
                    await self._send(m.AuditRows(request, half, half[-1].seq))
                case m.AuditSample(request=request, page=page) if len(page.items) > 1:
                    items = page.items[: len(page.items) // 2]
                    await self._send(m.AuditSample(request, replace(page, items=items)))
                case _:
                    raise

    async def _answer(self, message: m.Message, who: Who, roles: Sequence[Role]) -> m.Message:
        room = self._node.audit
        match message:
            case m.SendAudit():
                return m.AuditHeld(message.batch, await room.take(message, who))
            case m.WantAudit():
                is_searches_only = not may(roles, Right.SEE_AUDIT)
                page = await room.page(
                    message.wanted,
                    message.before,
                    message.limit,
                    who,
                    is_searches_only=is_searches_only,
                )
                return m.AuditRows(message.request, list(page.rows), page.before)
            case m.VerifyAudit(request=request):
                return m.AuditDone(request, await room.verify(who))
            case m.ExportAudit(request=request, path=path):
                done = await room.export(path, who)
                return m.AuditDone(request, Verdict(done.records), done.path, done.sha256)
            case m.WantProof(request=request):
                return m.AuditProof(request, await self._review.proof())
            case m.WantSample(request=request, month=month, first=first, limit=limit):
                return m.AuditSample(request, await self._review.sample(month, first, limit, who))
            case m.CheckSearch(request=request, seq=seq, verdict=verdict, comment=comment):
                check = await self._review.check(seq, verdict, comment, who)
                return m.SearchChecked(request, check)
            case m.WantOutliers(request=request, month=month):
                return m.AuditOutliers(request, await self._review.outliers(month, who))
            case m.WantTransparency(request=request, since=since, until=until, path=path):
                report = await self._reports.transparency(since, until, path, who)
                return m.TransparencyTold(request, report)
            case m.WantSubject(request=request, vrm=vrm, reason=reason, path=path):
                written = await self._reports.subject_access(vrm, reason, path, who)
                return m.SubjectWritten(request, written)
        raise Refused("unknown_work", "This node does not know this work.")
