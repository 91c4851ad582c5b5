"""A window's way to the reads: the ``SearchLink`` port over the window's session."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.adapters.link.point_pages import all_points
from nas_desktop.domain.camera import Camera
from nas_desktop.domain.query import ReadQuery, Where, checked
from nas_desktop.domain.search_access import (
    AccessPolicy,
    Authority,
    Decision,
    SearchDenied,
    SearchReason,
)
from nas_desktop.services.exports import ExportHead
from nas_desktop.services.map_points import MapPoints
from nas_desktop.services.searches import (
    ExportDone,
    ExportFormat,
    Order,
    PastSearch,
    Preserved,
    RunningSearch,
    SavedSearch,
    SearchPage,
    SearchProgress,
    Told,
    not_told,
)

WORK_S = 60.0
"""Longest a question about searches may take, seconds, the way to the server included."""

EXPORT_S = 3_600.0
"""Longest an export may take, seconds: a million rows with their images."""

_M = TypeVar("_M", bound=m.Message)


class WindowSearches:
    """Asks the node; see ``services.searches.SearchLink``."""

    def __init__(self, client: LinkClient) -> None:
        self._client = client
        self._open: dict[int, WindowSearch] = {}
        self._progress: dict[int, Callable[[int, int], None]] = {}

    def told(self, message: m.SearchTold) -> None:
        """The node says how far a search has come."""
        search = self._open.get(message.request)
        if search is not None:
            search.take(message.progress)

    def worked(self, message: m.WorkProgress) -> None:
        """The node says how far an export has come."""
        tell = self._progress.get(message.request)
        if tell is not None:
            tell(message.done, message.total)

    def lost(self) -> None:
        """The node is gone: what was found there is too."""
        for search in list(self._open.values()):
            search.lose()
        self._open.clear()

    async def policy(self) -> AccessPolicy:
        """See ``SearchLink.policy``."""
        number = self._client.next_request()
        return (await self.ask(m.WantSearchFacts(number), number, m.SearchFacts)).policy

    async def cameras(self) -> tuple[Camera, ...]:
        """See ``SearchLink.cameras``."""
        found: list[Camera] = []
        while True:
            number = self._client.next_request()
            page = await self.ask(m.WantCameras(number, len(found)), number, m.SearchFacts)
            found += page.cameras
            if not page.more or not page.cameras:
                return tuple(found)

    async def decide(self, query: ReadQuery, where: Where, reason: SearchReason) -> Decision:
        """See ``SearchLink.decide``."""
        number = self._client.next_request()
        message = m.AskDecision(number, checked(query).text, where, reason)
        return (await self.ask(message, number, m.Decided)).decision

    async def start(
        self, query: ReadQuery, where: Where, reason: SearchReason, told: Told
    ) -> RunningSearch:
        """See ``SearchLink.start``."""
        query = checked(query)
        number = self._client.next_request()
        search = self._open[number] = WindowSearch(self, number, told)
        try:
            reply = await self._client.request(
                m.Search(number, query.text, where, reason), number, bulk=True, within_s=WORK_S
            )
        except BaseException:
            self._open.pop(number, None)
            with contextlib.suppress(LinkDown):
                await self._client.send(m.EndSearch(number), bulk=True)
            raise
        if isinstance(reply, m.Decided):
            self._open.pop(number, None)
            raise SearchDenied(reply.decision)
        return search

    async def authorities(self) -> tuple[Authority, ...]:
        """See ``SearchLink.authorities``."""
        number = self._client.next_request()
        reply = await self.ask(m.WantAuthorities(number), number, m.Authorities)
        return tuple(reply.authorities)

    async def authorise(self, authority: Authority) -> Authority:
        """See ``SearchLink.authorise``."""
        number = self._client.next_request()
        reply = await self.ask(m.PutAuthority(number, authority), number, m.Authorities)
        return reply.authorities[0]

    async def countersign(self, authority_id: str) -> Authority:
        """See ``SearchLink.countersign``."""
        number = self._client.next_request()
        reply = await self.ask(m.Countersign(number, authority_id), number, m.Authorities)
        return reply.authorities[0]

    async def saved(self) -> tuple[SavedSearch, ...]:
        """See ``SearchLink.saved``."""
        number = self._client.next_request()
        return tuple((await self.ask(m.WantSaved(number), number, m.SavedSearches)).saved)

    async def save(
        self, name: str, query: ReadQuery, where: Where, *, is_shared: bool = False
    ) -> SavedSearch:
        """See ``SearchLink.save``."""
        number = self._client.next_request()
        message = m.SaveSearch(number, name, query.text, where, is_shared)
        reply = await self.ask(message, number, m.SavedSearches)
        kept = " ".join(name.split())
        return max((one for one in reply.saved if one.name == kept), key=lambda one: one.at)

    async def forget(self, saved_id: str) -> None:
        """See ``SearchLink.forget``."""
        number = self._client.next_request()
        await self.ask(m.SaveSearch(number, "", "", saved_id=saved_id), number, m.SavedSearches)

    async def history(self, limit: int = 100) -> tuple[PastSearch, ...]:
        """See ``SearchLink.history``."""
        number = self._client.next_request()
        return tuple((await self.ask(m.WantPast(number, limit), number, m.PastSearches)).past)

    async def preserved(self) -> tuple[Preserved, ...]:
        """See ``SearchLink.preserved``."""
        number = self._client.next_request()
        reply = await self.ask(m.WantPreserved(number), number, m.PreservedReads)
        return tuple(reply.preserved)

    # ------------------------------------------------------------------ for its searches

    def next_request(self) -> int:
        """Return a number for a question."""
        return self._client.next_request()

    async def ask(
        self, message: m.Message, number: int, kind: type[_M], within_s: float = WORK_S
    ) -> _M:
        """Send a question on the bulk socket and return the answer.

        Raises:
            Refused: the node says no, is away, or answers something else.
        """
        reply = await self._client.request(message, number, bulk=True, within_s=within_s)
        if not isinstance(reply, kind):
            raise LinkDown("The node gave another answer than was asked for.")
        return reply

    async def export(
        self, message: m.ExportFound, number: int, progress: Callable[[int, int], None]
    ) -> ExportDone:
        """Have the node write a file; a cancelled wait cancels the work."""
        self._progress[number] = progress
        try:
            return (await self.ask(message, number, m.FoundExported, EXPORT_S)).done
        except (asyncio.CancelledError, LinkDown):
            with contextlib.suppress(LinkDown):
                await self._client.send(m.CancelExport(number))
            raise
        finally:
            del self._progress[number]

    async def end(self, number: int, *, keeps_rows: bool) -> None:
        """Have the node stop a search."""
        if not keeps_rows:
            self._open.pop(number, None)
        with contextlib.suppress(LinkDown):
            await self._client.send(m.EndSearch(number, keeps_rows), bulk=True)


class WindowSearch:
    """One search in the node; see ``services.searches.RunningSearch``."""

    def __init__(self, link: WindowSearches, number: int, told: Told) -> None:
        self._link = link
        self._number = number
        self._told = told
        self._progress = SearchProgress(0, ())

    @property
    def progress(self) -> SearchProgress:
        """See ``RunningSearch.progress``."""
        return self._progress

    def take(self, progress: SearchProgress) -> None:
        """The node has come further."""
        self._progress = progress
        self._told(progress)

    def lose(self) -> None:
        """The node is gone; what it found cannot be looked at any more."""
        if not self._progress.is_done:
            problem = "The node was lost while it searched; ask again."
            self.take(
                SearchProgress(
                    self._progress.found,
                    self._progress.share,
                    is_done=True,
                    problems=(*self._progress.problems, problem),
                    coverage=self._progress.coverage,
                )
            )

    async def rows(self, first: int, limit: int, order: Order = Order.NEWEST) -> SearchPage:
        """See ``RunningSearch.rows``."""
        number = self._link.next_request()
        message = m.WantRows(number, self._number, first, limit, order)
        return (await self._link.ask(message, number, m.FoundRows)).page

    async def points(
        self, order: Order = Order.NEWEST, progress: Callable[[int, int], None] = not_told
    ) -> MapPoints:
        """See ``RunningSearch.points``."""

        async def ask(first: int, limit: int) -> m.FoundPoints:
            number = self._link.next_request()
            message = m.WantPoints(number, self._number, first, limit, order)
            return await self._link.ask(message, number, m.FoundPoints)

        return await all_points(ask, progress)

    async def cancel(self) -> None:
        """See ``RunningSearch.cancel``."""
        await self._link.end(self._number, keeps_rows=True)

    async def close(self) -> None:
        """See ``RunningSearch.close``."""
        await self._link.end(self._number, keeps_rows=False)

    async def export(
        self,
        path: str,
        kind: ExportFormat,
        recipient: str,
        *,
        with_locations: bool = False,
        progress: Callable[[int, int], None],
    ) -> ExportDone:
        """See ``RunningSearch.export``."""
        number = self._link.next_request()
        message = m.ExportFound(number, self._number, path, kind, recipient, with_locations)
        return await self._link.export(message, number, progress)

    async def export_head(
        self, recipient: str, *, with_locations: bool = False
    ) -> tuple[int, ExportHead]:
        """See ``RunningSearch.export_head``."""
        number = self._link.next_request()
        message = m.WantExportHead(number, self._number, recipient, with_locations)
        return number, (await self._link.ask(message, number, m.ExportHeadFound, EXPORT_S)).head

    async def record_export(self, head: int, path: str, kind: ExportFormat, sha256: str) -> str:
        """See ``RunningSearch.record_export``."""
        number = self._link.next_request()
        message = m.RecordExport(number, head, path, kind, sha256)
        return (await self._link.ask(message, number, m.Recorded)).event_id

    async def copied(self, places: tuple[int, ...], order: Order = Order.NEWEST) -> str:
        """See ``RunningSearch.copied``."""
        number = self._link.next_request()
        message = m.RecordCopy(number, self._number, list(places), order)
        return (await self._link.ask(message, number, m.Recorded)).event_id

    async def preserve(
        self,
        places: tuple[int, ...],
        reference: str,
        review_at: datetime,
        order: Order = Order.NEWEST,
    ) -> int:
        """See ``RunningSearch.preserve``."""
        number = self._link.next_request()
        message = m.PreserveFound(number, self._number, list(places), reference, review_at, order)
        return (await self._link.ask(message, number, m.PreservedReads)).added
