"""A session's work on lists: who may ask for what, for whom, and long work beside short."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import LinkDown, Peer
from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.domain.access import Operator, Right, Role, may
from nas_desktop.domain.errors import Refused
from nas_desktop.node.list_files import Progress
from nas_desktop.services.tasks import spawn, stop

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

LIST_WORK = (
    m.PublishList, m.ImportList, m.CancelWork, m.EditList, m.ChangeList, m.SearchLists,
    m.WantLists, m.WantVersions, m.WantQuiet, m.ExportList, m.DryRun,
)  # fmt: skip

# What whoever is signed in needs; a desk needs it of the account that it acts for.
_NEEDS: dict[type[m.Message], Right] = {
    m.PublishList: Right.PUBLISH_LISTS,
    m.ImportList: Right.EDIT_LISTS,
    m.CancelWork: Right.EDIT_LISTS,
    m.EditList: Right.EDIT_LISTS,
    m.ChangeList: Right.EDIT_LISTS,
    m.ExportList: Right.EDIT_LISTS,
    m.DryRun: Right.EDIT_LISTS,
    m.WantQuiet: Right.EDIT_LISTS,
    m.SearchLists: Right.SEE_LISTS,
    m.WantLists: Right.SEE_LISTS,
    m.WantVersions: Right.SEE_LISTS,
}
_RELAYED = (m.PublishList, m.EditList, m.ChangeList, m.WantLists, m.WantVersions, m.WantQuiet)
_OF_THIS_MACHINE = (m.ImportList, m.ExportList, m.DryRun)
MOST_WORK = 64
"""Questions and works that one session may have under way; more would only pile up."""

MOST_IMPORTS = 2
"""Imports and dry runs among them: each takes a core."""


def may_work_on_lists(message: m.Message, roles: Sequence[Role]) -> bool:
    """Tell whether a session with these roles may ask for this work at all.

    A desk may pass on what it may not do itself; the rights of the account it acts for are looked
    at when the work is done.
    """
    if isinstance(message, _OF_THIS_MACHINE) and Role.WINDOW not in roles:
        return False
    if isinstance(message, _RELAYED) and may(roles, Right.RELAY_LISTS):
        return True
    return may(roles, _NEEDS[type(message)])


class ListWork:
    """Does for one session what it asks of the lists."""

    def __init__(self, node: Node, peer: Peer, workstation: str, session: str) -> None:
        self._node = node
        self._peer = peer
        self._workstation = workstation
        self._session = session
        self._running: dict[int, tuple[asyncio.Task[None], threading.Event]] = {}
        self._imports: set[int] = set()

    async def received(
        self, message: m.Message, operator: Operator | None, roles: Sequence[Role]
    ) -> None:
        """Begin the work; what takes long goes on beside the session.

        Raises:
            Refused: the account may not do this.
        """
        username = self._acting(message, operator, roles)
        who = (username, self._workstation, self._session)
        match message:
            case m.CancelWork(request=request):
                if request in self._running:
                    self._running[request][1].set()
            case m.PublishList():
                # In order, one part after another.
                await self._publish(message, who)
            case _:
                self._begin(message, who)

    async def close(self) -> None:
        """Give up what is under way; what is live by then stays so."""
        for _task, cancelled in self._running.values():
            cancelled.set()
        await stop(*(task for task, _cancelled in self._running.values()))

    def _acting(self, message: m.Message, operator: Operator | None, roles: Sequence[Role]) -> str:
        """Return the account answerable for the work."""
        on_behalf = str(getattr(message, "on_behalf", ""))
        is_relayed = bool(on_behalf) and Role.DESK in roles
        acting = self._node.sign_ins.roles_of(on_behalf) if is_relayed else roles
        if not may(acting, _NEEDS[type(message)]):
            raise Refused(
                "not_permitted",
                "The account does not have the right to do this.",
                "Ask the administrator for the role it needs.",
            )
        if is_relayed:
            return on_behalf
        return operator.username if operator is not None else ""

    def _begin(self, message: m.Message, who: tuple[str, str, str]) -> None:
        request = int(getattr(message, "request", 0))
        is_import = isinstance(message, m.ImportList | m.DryRun)
        imports = sum(1 for number in self._running if number in self._imports)
        if (
            request in self._running
            or len(self._running) >= MOST_WORK
            or (is_import and imports >= MOST_IMPORTS)
        ):
            raise Refused("busy", "Too much work is under way.", "Wait until some is done.")
        if is_import:
            self._imports.add(request)
        cancelled = threading.Event()
        task = spawn(self._work(message, request, who, cancelled), "list-work")
        self._running[request] = (task, cancelled)

    async def _work(
        self,
        message: m.Message,
        request: int,
        who: tuple[str, str, str],
        cancelled: threading.Event,
    ) -> None:
        try:
            answer = await self._answer(message, request, who, cancelled)
            await self._peer.send(answer, bulk=True)
        except Refused as refusal:
            # That the link to the node above is down too; if it is this one, nobody is told.
            await self._refuse(refusal, message, request)
        finally:
            self._running.pop(request, None)
            self._imports.discard(request)

    async def _refuse(self, refusal: Refused, message: m.Message, request: int) -> None:
        try:
            await self._peer.refuse(refusal, str(message.__struct_config__.tag), request)
        except LinkDown:
            return  # the session is over, and says so itself

    async def _answer(
        self,
        message: m.Message,
        request: int,
        who: tuple[str, str, str],
        cancelled: threading.Event,
    ) -> m.Message:
        node = self._node
        if getattr(message, "at_server", False):
            return await self._relayed(message, request, who[0])
        match message:
            case m.ImportList(path=path, choices=choices):
                progress = self._teller(request)
                return await node.list_files.import_file(
                    request, path, choices, who, progress, cancelled
                )
            case m.DryRun():
                progress = self._teller(request)
                report = await node.dry_runs.run(message, who, progress, cancelled)
                return m.DryRunDone(request, report)
            case m.ExportList():
                return await node.list_files.export(message, who)
            case m.EditList():
                return await node.list_desk.edit(message, who)
            case m.ChangeList():
                return await node.list_desk.change(message, who)
            case m.SearchLists():
                return await node.list_desk.search(message, who[0])
            case m.WantLists():
                states = node.lists.states()
                visible = [o for o in states if not o.is_covert or o.owner == who[0]]
                return m.Lists(request, visible)
            case m.WantVersions(name=name):
                versions = await node.list_desk.versions(message, who[0])
                return m.Versions(request, name, versions, node.distribution.receivers(name))
            case m.WantQuiet():
                return await node.list_desk.quiet(message, who)
        raise Refused("unknown_work", "This node does not know this work.")

    def _teller(self, request: int) -> Progress:
        """Return what tells the window how far a work has come, from any thread."""
        loop = asyncio.get_running_loop()

        def progress(stage: str, done: int, total: int) -> None:
            loop.call_soon_threadsafe(self._tell, m.WorkProgress(request, stage, done, total))

        return progress

    def _tell(self, progress: m.WorkProgress) -> None:
        if progress.request in self._running:
            spawn(self._told(progress), "work-progress")

    async def _told(self, progress: m.WorkProgress) -> None:
        try:
            await self._peer.send(progress)
        except LinkDown:
            return  # nobody is there to be told

    async def _relayed(self, message: m.Message, request: int, username: str) -> m.Message:
        """Have the node above do the work for this account, and pass its answer on."""
        ask = self._node.list_files.ask_above
        if ask is None:
            raise Refused("no_server", "This node has no server.", "Work on its own lists.")
        answer: Any = await ask(  # Any: which answer it is depends on the question
            lambda number: _with(message, request=number, at_server=False, on_behalf=username)
        )
        return _with(answer, request=request)

    async def _publish(self, message: m.PublishList, who: tuple[str, str, str]) -> None:
        held = await self._node.intake.publish(message, self._peer, who[0])
        if held is not None:
            await self._node.stores.record(
                AuditRecord(
                    AuditAction.VOI_UPLOAD,
                    self._node.clock.now(),
                    *who,
                    subject=message.name,
                    detail={"revision": str(held.voi_list.revision)},
                )
            )
        await self._peer.send(m.Stored(message.batch))


def _with(message: Any, **changes: object) -> m.Message:  # Any: every message has its own fields
    changed: m.Message = msgspec.structs.replace(message, **changes)
    return changed
