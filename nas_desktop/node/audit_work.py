"""A session's work on the audit: who may send, see, check and export what."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import FrameTooLarge, LinkDown, Peer
from nas_desktop.domain.access import Operator, Right, Role, may
from nas_desktop.domain.errors import Refused
from nas_desktop.node.list_record import Who
from nas_desktop.services.audit import Verdict
from nas_desktop.services.tasks import spawn, stop

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

AUDIT_WORK = (m.SendAudit, m.WantAudit, m.VerifyAudit, m.ExportAudit)

_NEEDS: dict[type[m.Message], Right] = {
    m.SendAudit: Right.SEND_AUDIT,
    m.WantAudit: Right.SEE_AUDIT,
    m.VerifyAudit: Right.SEE_AUDIT,
    m.ExportAudit: Right.SEE_AUDIT,
}
_OF_THIS_MACHINE = (m.ExportAudit,)


def may_work_on_audit(message: m.Message, roles: Sequence[Role]) -> bool:
    """Tell whether a session with these roles may ask for this at all."""
    if isinstance(message, _OF_THIS_MACHINE) and Role.WINDOW not in roles:
        return False
    if isinstance(message, m.WantAudit) and may(roles, Right.CHECK_SEARCHES):
        return True
    return may(roles, _NEEDS[type(message)])


class AuditWork:
    """Does for one session what it asks of the audit, one thing at a time."""

    def __init__(self, node: Node, peer: Peer, workstation: str, session: str) -> None:
        self._node = node
        self._peer = peer
        self._workstation = workstation
        self._session = session
        self._task: asyncio.Task[None] | None = None

    async def received(
        self, message: m.Message, operator: Operator | None, roles: Sequence[Role]
    ) -> None:
        """Begin the work; it goes on beside the session.

        Raises:
            Refused: ``busy``.
        """
        if self._task is not None and not self._task.done():
            raise Refused("busy", "Too much work is under way.", "Wait until some is done.")
        who = (operator.username if operator else "", self._workstation, self._session)
        self._task = spawn(self._work(message, who, roles), "audit-work")

    async def close(self) -> None:
        """Give up what is under way."""
        await stop(self._task)

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
            if not isinstance(answer, m.AuditRows) or len(answer.rows) < 2:
                raise
            half = answer.rows[: len(answer.rows) // 2]
            await self._send(m.AuditRows(answer.request, half, half[-1].seq))

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
        raise Refused("unknown_work", "This node does not know this work.")
