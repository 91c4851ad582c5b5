"""One session as both sides see it: a live socket, a bulk socket, and what was counted on them.

Nothing that is urgent ever waits behind something that is large: the two have a socket each.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from websockets.asyncio.connection import Connection
from websockets.exceptions import ConnectionClosed, PayloadTooBig

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link import wire
from nas_desktop.domain.errors import Refused

SOCKET_LIMIT = 4 * m.BULK_LIMIT
"""Frames above this end the socket unread; between the protocol's limit and this they are refused
by name and the session goes on."""

MAX_REFUSED = 50
"""Refused frames after which a session is closed: a limit for hostile senders, not for one read."""


class LinkDown(Refused):
    """There is no session to send over now."""

    def __init__(self, message: str = "There is no connection.") -> None:
        super().__init__("link_down", message, "It is tried again by itself.")


class FrameTooLarge(ValueError):
    """A message of ours is larger than the protocol allows; whoever made it must split it."""


class Peer:
    """The other end of a session.

    Args:
        live: the socket the session was opened on.
        receive: awaited for each message, in order, with True for the bulk socket.
    """

    def __init__(
        self, live: Connection, receive: Callable[[m.Message, bool], Awaitable[None]]
    ) -> None:
        self._live = live
        self._bulk: Connection | None = None
        self._receive = receive
        self.counts = wire.WireCounts()
        self.bulk_opened = asyncio.Event()
        self.is_closed = False

    def attach_bulk(self, socket: Connection) -> None:
        """Give the session its second socket."""
        self._bulk = socket
        self.bulk_opened.set()

    @property
    def has_bulk(self) -> bool:
        """True while the second socket is there."""
        return self._bulk is not None

    async def send(self, message: m.Message, *, bulk: bool = False) -> None:
        """Send a message; returns when the socket has room again, which paces the sender.

        Raises:
            LinkDown: the session is closed or has no such socket.
            FrameTooLarge: the message is larger than the protocol allows.
        """
        socket = self._bulk if bulk else self._live
        if socket is None or self.is_closed:
            raise LinkDown
        frame = wire.encode(message)
        if len(frame) > (m.BULK_LIMIT if bulk else m.LIVE_LIMIT):
            raise FrameTooLarge(f"{type(message).__name__} of {len(frame)} bytes is over the limit")
        try:
            await socket.send(frame)
        except ConnectionClosed:
            raise LinkDown from None

    async def pump(self, socket: Connection, *, bulk: bool) -> str:
        """Receive until the socket closes; returns why it did.

        A frame that is not taken is counted and answered by name; the session ends only after
        many of them.
        """
        limit = m.BULK_LIMIT if bulk else m.LIVE_LIMIT
        try:
            while True:
                frame = await socket.recv()
                try:
                    message = wire.decode(frame, limit, self.counts)
                except wire.FrameRefused as refusal:
                    await self.refuse(refusal)
                    if sum(self.counts.refused.values()) >= MAX_REFUSED:
                        await self.send(m.Bye("too many refused frames"))
                        return "too many refused frames"
                    continue
                await self._receive(message, bulk)
        except ConnectionClosed as closed:
            if isinstance(closed.__cause__, PayloadTooBig) or (
                closed.sent is not None and closed.sent.code == 1009
            ):
                self.counts.refuse("oversized")
                return "oversized frame"
            return "closed by the other side" if closed.rcvd else "connection lost"
        except LinkDown:
            return "connection lost"

    async def refuse(self, refusal: Refused, about: str = "", ref: int = 0) -> None:
        """Tell the other side what was not taken and why."""
        await self.send(
            m.Refusal(refusal.code, refusal.message, refusal.remedy, about=about, ref=ref)
        )

    async def close(self) -> None:
        """Close both sockets; calling it again changes nothing."""
        self.is_closed = True
        for socket in (self._bulk, self._live):
            if socket is not None:
                await hang_up(socket)


async def hang_up(socket: Connection) -> None:
    """Close a socket, whatever state it is in.

    WORKAROUND https://github.com/agronholm/anyio/issues/1250: a transport that was closed with
    bytes still to send forgets its loop, and aborting it then fails (Python 3.11 to 3.13).
    """
    with contextlib.suppress(AttributeError):
        await socket.close()
