"""A window's way to the lists: the ``ListLink`` port over the window's session."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.voi import VoiEntry
from nas_desktop.services.dry_run import DryRunReport
from nas_desktop.services.events import ListState
from nas_desktop.services.lists import (
    EntriesPage,
    ImportChoices,
    ListOutcome,
    ListReceiver,
    ListVersion,
)

IMPORT_S = 900.0
"""Longest an import may take, seconds: two million rows full of faults need a minute."""

WORK_S = 90.0
"""Longest any other work on a list may take, seconds, the way to the server included."""

_NO_CHOICES = ImportChoices()

_M = TypeVar("_M", bound=m.Message)


class WindowLists:
    """Asks the node; see ``services.ports.ListLink``."""

    def __init__(self, client: LinkClient) -> None:
        self._client = client
        self._progress: dict[int, Callable[[str, int, int], None]] = {}

    def told(self, message: m.WorkProgress) -> None:
        """The node says how far a work has come."""
        tell = self._progress.get(message.request)
        if tell is not None:
            tell(message.stage, message.done, message.total)

    async def import_file(
        self, path: str, choices: ImportChoices, progress: Callable[[str, int, int], None]
    ) -> ListOutcome:
        """See ``ListLink.import_file``."""
        number = self._client.next_request()
        self._progress[number] = progress
        try:
            return _outcome(
                await self._ask(m.ImportList(number, path, choices), number, m.ListDone, IMPORT_S)
            )
        except asyncio.CancelledError:
            with contextlib.suppress(LinkDown):
                await self._client.send(m.CancelWork(number))
            raise
        finally:
            del self._progress[number]

    async def dry_run(
        self,
        progress: Callable[[str, int, int], None],
        name: str = "",
        path: str = "",
        choices: ImportChoices = _NO_CHOICES,
    ) -> DryRunReport:
        """See ``ListLink.dry_run``."""
        number = self._client.next_request()
        self._progress[number] = progress
        message = m.DryRun(number, name, path, choices)
        try:
            return (await self._ask(message, number, m.DryRunDone, IMPORT_S)).report
        except asyncio.CancelledError:
            with contextlib.suppress(LinkDown):
                await self._client.send(m.CancelWork(number))
            raise
        finally:
            del self._progress[number]

    async def edit(
        self,
        name: str,
        put: Sequence[VoiEntry],
        gone: Sequence[str],
        why: str,
        *,
        if_revision: int = 0,
        at_server: bool = False,
    ) -> ListOutcome:
        """See ``ListLink.edit``."""
        number = self._client.next_request()
        message = m.EditList(number, name, list(put), list(gone), why, if_revision, at_server)
        return _outcome(await self._ask(message, number, m.ListDone))

    async def change(
        self,
        name: str,
        change: str,
        why: str,
        *,
        authority: str = "",
        finds_misreads: bool = False,
        at_server: bool = False,
    ) -> ListOutcome:
        """See ``ListLink.change``."""
        number = self._client.next_request()
        message = m.ChangeList(number, name, change, why, authority, finds_misreads, at_server)
        return _outcome(await self._ask(message, number, m.ListDone))

    async def search(
        self, text: str, name: str = "", first: int = 0, limit: int = 100
    ) -> EntriesPage:
        """See ``ListLink.search``."""
        number = self._client.next_request()
        message = m.SearchLists(number, text, name, first, limit)
        reply = await self._ask(message, number, m.EntriesFound)
        return EntriesPage(reply.first, tuple(reply.found), reply.total, reply.is_all)

    async def states(self, *, at_server: bool = False) -> tuple[ListState, ...]:
        """See ``ListLink.states``."""
        number = self._client.next_request()
        reply = await self._ask(m.WantLists(number, at_server), number, m.Lists)
        return tuple(reply.lists)

    async def versions(
        self, name: str, *, at_server: bool = False
    ) -> tuple[tuple[ListVersion, ...], tuple[ListReceiver, ...]]:
        """See ``ListLink.versions``."""
        number = self._client.next_request()
        reply = await self._ask(m.WantVersions(number, name, at_server), number, m.Versions)
        return tuple(reply.versions), tuple(reply.receivers)

    async def quiet_hits(
        self, name: str, first: int = 0, limit: int = 200, *, at_server: bool = False
    ) -> tuple[int, tuple[Hit, ...]]:
        """See ``ListLink.quiet_hits``."""
        number = self._client.next_request()
        message = m.WantQuiet(number, name, first, limit, at_server)
        reply = await self._ask(message, number, m.QuietHits)
        return reply.total, tuple(reply.hits)

    async def export(self, name: str, path: str, *, for_spreadsheets: bool = False) -> ListOutcome:
        """See ``ListLink.export``."""
        number = self._client.next_request()
        message = m.ExportList(number, name, path, for_spreadsheets)
        return _outcome(await self._ask(message, number, m.ListDone))

    async def _ask(
        self, message: m.Message, number: int, kind: type[_M], within_s: float = WORK_S
    ) -> _M:
        reply = await self._client.request(message, number, bulk=True, within_s=within_s)
        if not isinstance(reply, kind):
            raise LinkDown("The node gave another answer than was asked for.")
        return reply


def _outcome(done: m.ListDone) -> ListOutcome:
    return ListOutcome(
        done.name, done.revision, done.is_live, done.is_stored, done.words, done.report
    )
