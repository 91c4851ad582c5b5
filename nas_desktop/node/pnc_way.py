"""The ways to PNC: a line of one's own, or the node above."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import replace

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import Introduction, LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.node.upstream import Above, Upstream, usual_tls
from nas_desktop.services.events import PncStatus
from nas_desktop.services.links import SILENT_AFTER_S
from nas_desktop.services.ports import Clock


class PncLine:
    """A session of this node's own with the service that answers for PNC (Fast Track)."""

    asks_per_read = True

    def __init__(
        self, url: str, who: Introduction, clock: Clock, tls: ssl.SSLContext | None = None
    ) -> None:
        self._detail = "not connected yet"
        self._client = LinkClient(url, who, clock, _ignore, _opened, self._lost, tls=tls)

    def start(self) -> None:
        """Begin connecting; returns at once."""
        self._client.start()

    async def stop(self) -> None:
        """Disconnect for good."""
        await self._client.stop()

    @property
    def is_open(self) -> bool:
        """True while there is a session that was heard of lately."""
        return self._client.is_ready and self._client.age_s < SILENT_AFTER_S

    @property
    def detail(self) -> str:
        """Why it is not open."""
        return self._detail

    async def ask(self, vrms: Sequence[str], within_s: float) -> list[m.PncReport]:
        """See ``PncWay.ask``."""
        return await _asked(self._client, vrms, within_s)

    def _lost(self, reason: str) -> None:
        self._detail = reason


def line_to(pnc: Above, who: Introduction, clock: Clock) -> PncLine:
    """Return a line to PNC that has begun to connect."""
    signed = replace(who, username=pnc.username, password=pnc.password)
    line = PncLine(pnc.url, signed, clock, usual_tls(pnc))
    line.start()
    return line


class PncThroughServer:
    """PNC as a desk sees it: its server asks about every read, and about a gap when asked to."""

    asks_per_read = False

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    @property
    def is_open(self) -> bool:
        """True while the server is heard of and says that its own link to PNC is live."""
        state = self._upstream.state
        return state is not None and state.pnc.status is PncStatus.LIVE

    @property
    def detail(self) -> str:
        """Why it is not open."""
        state = self._upstream.state
        return "server away" if state is None else state.pnc.detail

    async def ask(self, vrms: Sequence[str], within_s: float) -> list[m.PncReport]:
        """See ``PncWay.ask``."""
        return await _asked(self._upstream.client, vrms, within_s)


async def _asked(client: LinkClient, vrms: Sequence[str], within_s: float) -> list[m.PncReport]:
    number = client.next_request()
    reply = await client.request(m.PncCheck(number, list(vrms)), number, within_s=within_s)
    if not isinstance(reply, m.PncAnswer):
        raise LinkDown
    return reply.reports


async def _ignore(message: m.Message, is_bulk: bool) -> None:
    """Answers reach whoever asked; nothing else is expected."""


async def _opened() -> None:
    """Nothing to say first."""
