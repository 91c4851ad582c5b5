"""The part of a search that the node above does, as a node below sees it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Protocol

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import ReadQuery, Where
from nas_desktop.domain.search_access import SearchDenied, SearchReason
from nas_desktop.node.search_room import AskRemote
from nas_desktop.services.point_pack import PointsPage
from nas_desktop.services.searches import Order, SearchPage, SearchProgress


class WayUp(Protocol):
    """A session with the node above that searches go over."""

    @property
    def searches(self) -> dict[int, RemoteSearch]:
        """Searches begun there, by their number."""
        ...

    @property
    def client(self) -> LinkClient:
        """The session."""
        ...

    async def ask(self, question: Callable[[int], m.Message]) -> m.Message:
        """Send a numbered question and return the answer."""
        ...


class RemoteSearch:
    """A search at the node above; ``failed`` says in words why it will not go on."""

    def __init__(self, upstream: WayUp, number: int) -> None:
        self._upstream = upstream
        self.number = number
        self.progress = SearchProgress(0, ())
        self.failed = ""
        self._is_ended = False

    async def page(self, first: int, limit: int, order: Order = Order.NEWEST) -> SearchPage:
        """Return rows by their place.

        Raises:
            Refused: the node above is away, or says no.
        """
        reply = await self._upstream.ask(
            lambda number: m.WantRows(number, self.number, first, limit, order)
        )
        if not isinstance(reply, m.FoundRows):
            raise LinkDown("The server gave another answer than was asked for.")
        return reply.page

    async def points(self, first: int, limit: int, order: Order) -> PointsPage:
        """Return rows as points by their place; they are looked at where they are drawn.

        Raises:
            Refused: the node above is away, or says no.
        """
        reply = await self._upstream.ask(
            lambda number: m.WantPoints(number, self.number, first, limit, order)
        )
        if not isinstance(reply, m.FoundPoints):
            raise LinkDown("The server gave another answer than was asked for.")
        return PointsPage(reply.first, reply.total, reply.data, tuple(reply.cameras))

    async def end(self) -> None:
        """Have the node above stop and forget; once is enough."""
        if not self._is_ended:
            self._is_ended = True
            self._upstream.searches.pop(self.number, None)
            with contextlib.suppress(LinkDown):
                await self._upstream.client.send(m.EndSearch(self.number), bulk=True)

    def lost(self) -> None:
        """The way up is down: what was found there cannot be looked at any more."""
        self.failed = self.failed or "The server was lost while it searched; ask again."


def remote_asker(upstream: WayUp) -> AskRemote:
    """Return how a node asks the one above it, as ``SearchRoom.ask_remote``."""

    async def ask(
        query: ReadQuery, where: Where, reason: SearchReason, username: str
    ) -> RemoteSearch:
        begun: list[RemoteSearch] = []

        def question(number: int) -> m.Message:
            # Known before the question leaves: the first word of it may overtake the answer.
            begun.append(RemoteSearch(upstream, number))
            upstream.searches[number] = begun[-1]
            return m.Search(number, query.text, where, reason, username)

        try:
            reply = await upstream.ask(question)
        except (Refused, LinkDown):
            for one in begun:
                upstream.searches.pop(one.number, None)
            raise
        if isinstance(reply, m.Decided):
            upstream.searches.pop(begun[-1].number, None)
            raise SearchDenied(reply.decision)
        return begun[-1]

    return ask
