"""A session's searches: who may ask for what, for whom, and what is under way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import LinkDown, Peer
from nas_desktop.domain.access import Operator, Right, Role, may
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.search_access import SearchDenied
from nas_desktop.node.search_files import SearchFiles
from nas_desktop.node.search_kept import SearchKept
from nas_desktop.node.search_run import SearchRun
from nas_desktop.node.search_who import Who
from nas_desktop.services.audit import AuditAction, AuditRecord
from nas_desktop.services.searches import SearchProgress
from nas_desktop.services.tasks import spawn, stop

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

SEARCH_WORK = (
    m.Search, m.AskDecision, m.WantRows, m.WantPoints, m.EndSearch,
    m.WantSearchFacts, m.WantCameras,
    m.PutAuthority, m.Countersign, m.WantAuthorities, m.SaveSearch, m.WantSaved, m.WantPast,
    m.PreserveFound, m.WantPreserved,
    m.ExportFound, m.CancelExport, m.WantExportHead, m.RecordExport, m.RecordCopy,
)  # fmt: skip

_SEARCH = frozenset({Right.SEARCH})
_NEEDS: dict[type[m.Message], frozenset[Right]] = {
    # Whether a search is allowed is decided in full, and a denial is put on record with its rules.
    m.Search: frozenset({Right.SEE_STATE}),
    m.AskDecision: frozenset({Right.SEE_STATE}),
    m.WantRows: _SEARCH,
    m.WantPoints: _SEARCH,
    m.EndSearch: _SEARCH,
    m.WantSearchFacts: frozenset({Right.SEE_STATE}),
    m.WantCameras: _SEARCH,
    m.PutAuthority: frozenset({Right.AUTHORISE, Right.SEARCH}),
    m.Countersign: frozenset({Right.AUTHORISE}),
    m.WantAuthorities: frozenset({Right.AUTHORISE, Right.SEARCH}),
    m.SaveSearch: _SEARCH,
    m.WantSaved: _SEARCH,
    m.WantPast: _SEARCH,
    m.PreserveFound: _SEARCH,
    m.WantPreserved: _SEARCH,
    m.ExportFound: _SEARCH,
    m.CancelExport: _SEARCH,
    m.WantExportHead: _SEARCH,
    m.RecordExport: _SEARCH,
    m.RecordCopy: _SEARCH,
}
_OF_THIS_MACHINE = (
    m.ExportFound, m.CancelExport, m.WantExportHead, m.RecordExport, m.RecordCopy,
)  # fmt: skip
_RELAYED = (
    m.Search, m.AskDecision, m.WantRows, m.WantPoints, m.EndSearch, m.PutAuthority,
    m.Countersign, m.WantAuthorities,
)  # fmt: skip

CAMERAS_AT_ONCE = 2_000
MOST_WORK = 64
"""Questions that one session may have under way."""


def may_search(message: m.Message, roles: Sequence[Role]) -> bool:
    """Tell whether a session with these roles may send this at all.

    A desk may pass on what it may not do itself; the account it acts for is judged then.
    """
    if isinstance(message, _OF_THIS_MACHINE) and Role.WINDOW not in roles:
        return False
    if isinstance(message, _RELAYED) and may(roles, Right.RELAY_SEARCHES):
        return True
    return any(may(roles, right) for right in _NEEDS[type(message)])


class SearchWork:
    """Does for one session what it asks of the reads."""

    def __init__(self, node: Node, peer: Peer, workstation: str, session: str) -> None:
        self._node = node
        self._peer = peer
        self._workstation = workstation
        self._session = session
        self._runs: dict[int, tuple[SearchRun, str]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._kept = SearchKept(node)
        self._files = SearchFiles(node, self._kept.question_of)
        self._exports: dict[int, threading.Event] = {}

    async def received(
        self, message: m.Message, operator: Operator | None, roles: Sequence[Role]
    ) -> None:
        """Begin what is asked for; the session goes on meanwhile.

        Raises:
            Refused: the account may not do this, or too much is under way.
        """
        if isinstance(message, m.EndSearch):
            await self._end(message)
            return
        if isinstance(message, m.CancelExport):
            if message.request in self._exports:
                self._exports[message.request].set()
            return
        who = await self._acting(message, operator, roles)
        number = int(getattr(message, "request", 0))
        if number in self._tasks or len(self._tasks) >= MOST_WORK:
            raise Refused("busy", "Too much work is under way.", "Wait until some is done.")
        self._tasks[number] = spawn(self._work(message, number, who), "search-work")

    async def signed_out(self) -> None:
        """End every search: whoever asked has no right to the rows any more."""
        for cancelled in self._exports.values():
            cancelled.set()
        for number in list(self._runs):
            await self._forget(number)

    async def close(self) -> None:
        """The session is over."""
        await stop(*self._tasks.values())
        await self.signed_out()

    async def _acting(
        self, message: m.Message, operator: Operator | None, roles: Sequence[Role]
    ) -> Who:
        on_behalf = str(getattr(message, "on_behalf", ""))
        is_relayed = Role.DESK in roles
        username = operator.username if operator is not None else ""
        if is_relayed and isinstance(message, m.WantRows | m.WantPoints):
            return Who(username, self._workstation, self._session)
        acting = self._node.sign_ins.roles_of(on_behalf) if is_relayed else roles
        needed = _NEEDS[type(message)]
        if isinstance(message, m.PutAuthority) and not message.authority.is_verbal:
            needed = frozenset({Right.AUTHORISE})
        if not any(may(acting, right) for right in needed):
            await self._node.stores.record(
                AuditRecord(
                    AuditAction.DENIED,
                    self._node.clock.now(),
                    username,
                    self._workstation,
                    self._session,
                    subject=on_behalf[:64],
                    detail={
                        "message": str(message.__struct_config__.tag),
                        "why": "not_permitted",
                    },
                    decision="role",
                )
            )
            raise Refused(
                "not_permitted",
                "The account does not have the right to do this.",
                "Ask the administrator for the role it needs.",
            )
        return Who(on_behalf if is_relayed else username, self._workstation, self._session)

    async def _work(self, message: m.Message, number: int, who: Who) -> None:
        try:
            answer = await self._answer(message, number, who)
            if answer is not None:
                await self._peer.send(answer, bulk=True)
        except SearchDenied as denial:
            await self._quietly(m.Decided(number, denial.decision))
        except Refused as refusal:
            try:
                await self._peer.refuse(refusal, str(message.__struct_config__.tag), number)
            except LinkDown:
                return
        finally:
            self._tasks.pop(number, None)
            self._exports.pop(number, None)

    async def _answer(self, message: m.Message, number: int, who: Who) -> m.Message | None:
        room = self._node.searches
        match message:
            case m.Search():
                await self._search(message, number, who)
                return None
            case m.AskDecision(query=text, reason=reason):
                _query, decision = await room.decide(text, reason, who.username)
                return m.Decided(number, decision)
            case m.WantRows(search=search, first=first, limit=limit, order=order):
                return m.FoundRows(number, await self._run(search).rows(first, limit, order))
            case m.WantPoints(search=search, first=first, limit=limit, order=order):
                page = await self._run(search).points(first, limit, order)
                return m.FoundPoints(number, page.first, page.total, page.data, list(page.cameras))
            case m.WantSearchFacts():
                return self._facts(number, 0)
            case m.WantCameras(first=first):
                return self._facts(number, max(0, first))
            case m.PutAuthority() | m.Countersign() | m.WantAuthorities():
                return await self._kept.authorities(message, number, who)
            case m.SaveSearch() | m.WantSaved():
                return await self._kept.saved(message, number, who)
            case m.WantPast(limit=limit):
                return await self._kept.past(number, limit, who)
            case m.WantPreserved():
                return await self._kept.preserved(number)
            case m.PreserveFound(search=search):
                return await self._kept.preserve(message, self._run(search), who)
            case m.ExportFound() | m.WantExportHead() | m.RecordExport() | m.RecordCopy():
                return await self._leaving(message, number, who)
        raise Refused("unknown_work", "This node does not know this work.")

    async def _leaving(
        self,
        message: m.ExportFound | m.WantExportHead | m.RecordExport | m.RecordCopy,
        number: int,
        who: Who,
    ) -> m.Message:
        """Deal with rows that leave the system."""
        files = self._files
        if isinstance(message, m.RecordExport):
            return m.Recorded(number, await files.record_export(message, who))
        run = self._run(message.search)
        if isinstance(message, m.RecordCopy):
            return m.Recorded(number, await files.record_copy(message, run, who))
        cancelled = self._exports[number] = threading.Event()

        def progress(stage: str, done: int, of: int) -> None:
            if number in self._exports:
                told = m.WorkProgress(number, stage, done, of)
                spawn(self._quietly(told, bulk=False), "search-export-told")

        if isinstance(message, m.ExportFound):
            done = await files.export(message, run, who, progress, cancelled)
            return m.FoundExported(number, done)
        return m.ExportHeadFound(
            number, await files.head_for(message, run, who, progress, cancelled)
        )

    async def _search(self, message: m.Search, number: int, who: Who) -> None:
        if number in self._runs:
            raise Refused("busy", "A search of this number is open.")
        waiting: list[SearchProgress] = []
        has_begun = asyncio.Event()

        def told(progress: SearchProgress) -> None:
            waiting.append(progress)
            if has_begun.is_set():
                spawn(self._tell(number, waiting), "search-told")

        run, decision, event = await self._node.searches.start(
            message.query, message.where, message.reason, who, told
        )
        self._runs[number] = (run, who.username)
        self._kept.remember(run, message, event)
        try:
            await self._peer.send(m.SearchBegan(number, decision, event), bulk=True)
        except LinkDown:
            await self._forget(number)
            return
        has_begun.set()
        await self._tell(number, waiting)

    async def _tell(self, number: int, waiting: list[SearchProgress]) -> None:
        """Say the newest word only: those before it are told by it too."""
        if waiting:
            newest = waiting[-1]
            waiting.clear()
            await self._quietly(m.SearchTold(number, newest))

    async def _quietly(self, message: m.Message, *, bulk: bool = True) -> None:
        try:
            await self._peer.send(message, bulk=bulk)
        except LinkDown:
            return  # nobody is there to be told

    def _run(self, number: int) -> SearchRun:
        if number not in self._runs:
            raise Refused("search_unknown", "This search is not open any more.", "Ask again.")
        return self._runs[number][0]

    async def _end(self, message: m.EndSearch) -> None:
        if message.search not in self._runs:
            return
        if message.keeps_rows:
            await self._runs[message.search][0].stop()
        else:
            await self._forget(message.search)

    async def _forget(self, number: int) -> None:
        run, username = self._runs.pop(number)
        self._files.forget(run)
        await self._node.searches.end(run, username)

    def _facts(self, number: int, first: int) -> m.Message:
        known = sorted(self._node.cameras.known().values(), key=lambda c: c.camera_id)
        page = known[first : first + CAMERAS_AT_ONCE]
        more = max(0, len(known) - first - len(page))
        return m.SearchFacts(number, self._node.searches.policy, page, more)
