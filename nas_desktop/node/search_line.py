"""A force node's line to the national service: for searches and nothing else.

Live reads do not go up over it, and nothing of the nation's reads comes down but what was asked.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import Introduction, LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.node.search_remote import RemoteSearch
from nas_desktop.node.upstream import Above
from nas_desktop.services.events import HopState
from nas_desktop.services.links import HopMonitor
from nas_desktop.services.ports import Clock

ANSWER_S = 60.0
"""Longest the national service may take to answer a question, seconds."""


class SearchLine:
    """Keeps the session to the national service.

    Args:
        changed: called when the hop's state may have changed.
    """

    def __init__(
        self,
        above: Above,
        who: Introduction,
        clock: Clock,
        changed: Callable[[], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.searches: dict[int, RemoteSearch] = {}
        self._changed = changed
        self._monitor = HopMonitor("nas", clock)
        signed = replace(who, username=above.username, password=above.password)
        self.client = LinkClient(
            above.url, signed, clock, self._receive, self._opened, self._lost, tls=tls
        )

    def start(self) -> None:
        """Begin connecting; returns at once."""
        self.client.start()

    async def stop(self) -> None:
        """Disconnect for good."""
        await self.client.stop()

    async def ask(self, question: Callable[[int], m.Message]) -> m.Message:
        """Send a numbered question and return the answer.

        Raises:
            LinkDown: the national service is away, or did not answer. Refused: it says no.
        """
        if not self.client.is_ready:
            raise LinkDown("The national service cannot be reached now.")
        number = self.client.next_request()
        return await self.client.request(question(number), number, bulk=True, within_s=ANSWER_S)

    def hop(self) -> HopState:
        """Return the line as one hop of the chain."""
        return self._monitor.assess(self.client.age_s if self.client.is_ready else None)

    async def _opened(self) -> None:
        self._monitor.connected()
        self._changed()

    def _lost(self, reason: str) -> None:
        self._monitor.lost(reason)
        for search in self.searches.values():
            search.lost()
        self._changed()

    async def _receive(self, message: m.Message, is_bulk: bool) -> None:
        if isinstance(message, m.SearchTold):
            search = self.searches.get(message.request)
            if search is not None:
                search.progress = message.progress
