"""What sessions ask about desks: reports, scopes, the history of hits, word to list owners."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from nas_desktop import __version__
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import LinkDown, Peer
from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.domain.access import Operator, Right, Role, may
from nas_desktop.domain.errors import ReadRefused, Refused
from nas_desktop.domain.vrm import normalise
from nas_desktop.node.sheets import record_sheet
from nas_desktop.services.audit import ReadIdsDigest
from nas_desktop.services.desks import HistoryPage, bounded
from nas_desktop.services.tasks import spawn, stop

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

DESK_WORK = (m.ReportDesk, m.SetScope, m.WantHistory, m.WantNotices, m.RecordSheet)

MOST_HISTORY = 500
"""Hits of one page of history."""

MOST_UNDER_WAY = 8
MOST_NAME = 64


def may_work_on_desks(message: m.Message, roles: Sequence[Role]) -> bool:
    """Tell whether a session with these roles may send this message."""
    match message:
        case m.ReportDesk():
            return Role.WINDOW in roles or may(roles, Right.RELAY_DESKS)
        case m.SetScope(on_behalf=on_behalf):
            relays = bool(on_behalf) and may(roles, Right.RELAY_DESKS)
            return relays or may(roles, Right.SUPERVISE)
        case m.WantNotices(on_behalf=on_behalf):
            relays = bool(on_behalf) and may(roles, Right.RELAY_DESKS)
            return relays or may(roles, Right.SEE_LISTS)
        case m.RecordSheet():
            return Role.DESK not in roles and may(roles, Right.SEE_HITS)
    return may(roles, Right.SEE_HITS)


class DeskWork:
    """Does for one session what it asks about desks."""

    def __init__(self, node: Node, peer: Peer, workstation: str, session: str) -> None:
        self._node = node
        self._peer = peer
        self._workstation = workstation
        self._session = session
        self._reported: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def received(
        self, message: m.Message, operator: Operator | None, roles: Sequence[Role]
    ) -> None:
        """Take a report at once, begin the rest beside the session.

        Raises:
            Refused: too much is under way.
        """
        if isinstance(message, m.ReportDesk):
            self._take_report(message, operator, roles)
            return
        self._tasks = {task for task in self._tasks if not task.done()}
        if len(self._tasks) >= MOST_UNDER_WAY:
            raise Refused("busy", "Too much work is under way.", "Wait until some is done.")
        self._tasks.add(spawn(self._work(message, operator, roles), "desk-work"))

    async def close(self) -> None:
        """The session is over: nobody attends the desks it spoke for."""
        for name in self._reported:
            self._node.desks.gone(name, self._session)
        await stop(*self._tasks)

    def _take_report(
        self, message: m.ReportDesk, operator: Operator | None, roles: Sequence[Role]
    ) -> None:
        """A desk node speaks for its windows; a window only for itself and who is signed in."""
        report = bounded(message.report)
        if Role.DESK in roles:
            name = "".join(c for c in message.desk[:MOST_NAME] if c.isprintable())
        else:
            name = self._workstation
            report = replace(
                report,
                operator=operator.name if operator is not None else "",
                is_attended=report.is_attended and operator is not None,
                is_supervisor=operator is not None and may(operator.roles, Right.SUPERVISE),
            )
        if name:
            self._reported.add(name)
            self._node.desks.report(name, report, self._session)

    async def _work(
        self, message: m.Message, operator: Operator | None, roles: Sequence[Role]
    ) -> None:
        request = int(getattr(message, "request", 0))
        try:
            try:
                answer = await self._answer(message, request, operator, roles)
            except Refused as refusal:
                tag = str(message.__struct_config__.tag)
                await self._peer.refuse(refusal, tag, request)
                return
            await self._peer.send(answer, bulk=True)
        except LinkDown:
            return  # the session is over, and says so itself

    async def _answer(
        self, message: m.Message, request: int, operator: Operator | None, roles: Sequence[Role]
    ) -> m.Message:
        node = self._node
        username = operator.username if operator is not None else ""
        match message:
            case m.SetScope(desk=desk, scope=scope, on_behalf=on_behalf):
                acting = self._acting(on_behalf, username, roles, Right.SUPERVISE)
                if node.upstream is not None:
                    await self._relayed(message, acting)
                else:
                    if not desk.strip() or len(desk) > MOST_NAME or not desk.isprintable():
                        raise Refused("scope_unusable", "This is no name of a desk.")
                    await node.desks.set_scope(desk, scope, acting, self._session)
                return m.ScopeSet(request)
            case m.WantNotices(name=name, on_behalf=on_behalf):
                acting = self._acting(on_behalf, username, roles, Right.SEE_LISTS)
                if node.upstream is None:
                    return m.Notices(request, await node.desks.notices(name, acting))
                reply: Any = await self._relayed(message, acting)
                own = await node.desks.notices(name, acting, own=True)
                found = sorted([*own, *reply.notices], key=lambda n: n.at, reverse=True)
                return m.Notices(request, found)
            case m.WantHistory(before=before, limit=limit, mark=mark):
                vrm = _vrm_of(mark) if mark.strip() else ""
                operational = node.stores.operational
                page = await node.stores.on_operational(
                    operational.history, before, min(max(1, limit), MOST_HISTORY), vrm
                )
                await self._note_history(page, vrm, username)
                return m.History(request, page)
            case m.RecordSheet(sheet=sheet):
                name, session = self._workstation, self._session
                return m.Recorded(request, await record_sheet(node, sheet, operator, name, session))
        raise Refused("unknown_work", "This node does not know this work.")

    async def _note_history(self, page: HistoryPage, vrm: str, username: str) -> None:
        """Put on record who looks at hits of before; it is, before they are shown."""
        digest = ReadIdsDigest()
        digest.add({hit.read.read_id for hit in page.hits})
        await self._node.stores.record(
            AuditRecord(
                AuditAction.VIEW_READ,
                self._node.clock.now(),
                username,
                self._workstation,
                self._session,
                subject=vrm,
                detail={"what": "history of hits", "closed": str(page.total)},
                role=",".join(self._node.sign_ins.roles_of(username)),
                result_count=len(page.hits),
                read_ids_hash=digest.hex,
                app_version=__version__,
            )
        )

    def _acting(self, on_behalf: str, username: str, roles: Sequence[Role], needed: Right) -> str:
        if on_behalf and Role.DESK in roles:
            if not may(self._node.sign_ins.roles_of(on_behalf), needed):
                raise Refused(
                    "not_permitted",
                    "The account does not have the right to do this.",
                    "Ask the administrator for the role it needs.",
                )
            return on_behalf
        return username

    async def _relayed(self, message: Any, username: str) -> m.Message:
        """Have the server do it for this account; Any: every message has its own fields."""
        assert self._node.upstream is not None

        def question(number: int) -> m.Message:
            asked: m.Message = msgspec.structs.replace(message, request=number, on_behalf=username)
            return asked

        return await self._node.upstream.ask(question)


def _vrm_of(mark: str) -> str:
    """Return a VRM as it is kept.

    Raises:
        Refused: ``vrm`` for something that is none.
    """
    try:
        return normalise(mark)
    except ReadRefused:
        raise Refused("vrm", "This is no VRM.", "Letters and digits, at most 16.") from None
