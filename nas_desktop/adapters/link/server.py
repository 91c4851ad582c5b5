"""The serving side of the link: accepts sockets, opens sessions, hands messages on.

Knows nothing of reads or hits; a handler made for each session does.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link import wire
from nas_desktop.adapters.link.peer import SOCKET_LIMIT, Peer
from nas_desktop.domain.errors import Refused
from nas_desktop.services.ports import Clock
from nas_desktop.services.tasks import spawn, stop

log = logging.getLogger(__name__)

MAX_SESSIONS = 1_000
"""Sessions served at once: several times the desks and cameras of a force."""

SILENCE_S = 30.0
"""A session that sends nothing for this long is given up; a living one beats every second."""

MAX_STRANGERS = 50
"""Sessions from one address on which nobody is signed in: a flood shuts out nobody else."""

OPENING_S = 5.0
"""Seconds a new socket has for its first frame."""


class Handler(Protocol):
    """What the node does for one session."""

    @property
    def is_known(self) -> bool:
        """True once somebody is signed in on the session."""
        ...

    async def received(self, message: m.Message, is_bulk: bool) -> None:
        """Deal with one message; awaited, so a slow handler slows its own sender only."""
        ...

    async def closed(self, reason: str) -> None:
        """The session is over."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """How this node introduces itself."""

    node_id: str
    name: str
    role: str
    is_simulation: bool


@dataclass(slots=True)
class _Session:
    peer: Peer
    handler: Handler
    join_key: str
    host: str


class LinkServer:
    """Listens and keeps the sessions.

    Args:
        identity: what the welcome says.
        open_session: makes the handler of a session; raises ``Refused`` to turn it away.
        clock: for the welcome's time.
    """

    def __init__(
        self,
        identity: Identity,
        open_session: Callable[[str, m.Hello, Peer], Handler],
        clock: Clock,
    ) -> None:
        self._identity = identity
        self._open_session = open_session
        self._clock = clock
        self._sessions: dict[str, _Session] = {}
        self._server: Server | None = None
        self.port = 0
        self.refused: dict[str, int] = {}

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Listen.

        Raises:
            Refused: ``port_taken``, ``address_unusable``, or ``tls_required`` for an address that
                other machines can reach without TLS.
        """
        if tls is None and not is_loopback(host):
            raise Refused(
                "tls_required",
                f"Listening on {host} without TLS is not allowed.",
                "Give --tls-cert and --tls-key, or listen on 127.0.0.1.",
            )
        if not 0 <= port <= 65_535:
            raise Refused(
                "address_unusable",
                f"There is no port {port}; ports go from 1 to 65535.",
                "Choose another port with --listen.",
            )
        try:
            self._server = await serve(
                self._accept,
                host,
                port,
                ssl=tls,
                subprotocols=[m.PROTOCOL],  # type: ignore[list-item]
                compression=None,
                max_size=SOCKET_LIMIT,
                ping_interval=None,
                close_timeout=2,
                logger=logging.getLogger("nas_desktop.websockets"),
            )
        except OSError as fault:
            if fault.errno in (98, 10048):
                raise Refused(
                    "port_taken",
                    f"Port {port} on {host} is in use by another program.",
                    "Stop the other program or choose another port with --listen.",
                ) from None
            raise Refused(
                "address_unusable",
                f"It is not possible to listen on {host}:{port} ({fault.strerror or fault}).",
                "Choose another address with --listen.",
            ) from None
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self, reason: str = "the node is stopping") -> None:
        """Say goodbye to everybody and stop listening."""
        for session in list(self._sessions.values()):
            try:
                async with asyncio.timeout(0.5):
                    await session.peer.send(m.Bye(reason))
            except (Refused, TimeoutError):
                continue
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def sessions(self) -> int:
        """How many sessions are open."""
        return len(self._sessions)

    async def _accept(self, socket: ServerConnection) -> None:
        try:
            async with asyncio.timeout(OPENING_S):
                frame = await socket.recv()
            hello = wire.decode(frame, m.LIVE_LIMIT)
            if not isinstance(hello, m.Hello):
                raise Refused("hello_first", "The first message must be a hello.")
            if hello.join:
                await self._join(socket, hello)
            else:
                await self._open(socket, hello)
        except Refused as refusal:
            self.refused[refusal.code] = self.refused.get(refusal.code, 0) + 1
            log.info("session refused: %s", refusal.code)
            await _say_no(socket, refusal)
        except (TimeoutError, ConnectionClosed):
            self.refused["no_hello"] = self.refused.get("no_hello", 0) + 1

    async def _open(self, socket: ServerConnection, hello: m.Hello) -> None:
        self._check(hello)
        host = str(socket.remote_address[0]) if socket.remote_address else ""
        if len(self._sessions) >= MAX_SESSIONS or self._strangers(host) >= MAX_STRANGERS:
            raise Refused(
                "too_many_sessions",
                "This node serves as many sessions as it can.",
                "Try again later.",
            )
        session_id = secrets.token_hex(8)

        async def receive(message: m.Message, is_bulk: bool) -> None:
            await handler.received(message, is_bulk)

        peer = Peer(socket, receive)
        handler = self._open_session(session_id, hello, peer)
        session = _Session(peer, handler, secrets.token_urlsafe(16), host)
        self._sessions[session_id] = session
        reason, watch = "closed", None
        try:
            await peer.send(
                m.Welcome(
                    session=session_id,
                    join_key=session.join_key,
                    node_id=self._identity.node_id,
                    node_name=self._identity.name,
                    role=self._identity.role,
                    is_simulation=self._identity.is_simulation,
                    server_at=self._clock.now(),
                )
            )
            watch = spawn(_close_when_silent(peer), "session-silence")
            reason = await peer.pump(socket, bulk=False)
        finally:
            await stop(watch)
            self._sessions.pop(session_id, None)
            await handler.closed(reason)
            await peer.close()

    def _strangers(self, host: str) -> int:
        return sum(1 for s in self._sessions.values() if s.host == host and not s.handler.is_known)

    async def _join(self, socket: ServerConnection, hello: m.Hello) -> None:
        session = self._sessions.get(hello.join)
        # As bytes: text beyond ASCII cannot be compared in constant time.
        if session is None or not secrets.compare_digest(
            session.join_key.encode(), hello.token.encode()
        ):
            raise Refused("unknown_session", "There is no such session to join.")
        if session.peer.has_bulk:
            raise Refused("joined_already", "This session has its second socket already.")
        session.peer.attach_bulk(socket)
        await session.peer.send(m.Bye("joined"), bulk=True)
        await session.peer.pump(socket, bulk=True)
        await session.peer.close()

    def _check(self, hello: m.Hello) -> None:
        if m.PROTOCOL not in hello.versions:
            raise Refused(
                "wrong_version",
                f"This node speaks {m.PROTOCOL}, the other side does not.",
                "Bring both sides to versions that have one in common.",
            )
        if hello.is_simulation != self._identity.is_simulation:
            ours = "a simulation" if self._identity.is_simulation else "operational"
            raise Refused(
                "simulation_mismatch",
                f"This node is {ours}; the other side is not.",
                "Simulated data goes only to nodes started with --simulation, and real data never.",
            )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _close_when_silent(peer: Peer) -> None:
    """Give up a session that has sent nothing, not even a heartbeat, for long."""
    heard = -1
    while heard != peer.counts.frames:
        heard = peer.counts.frames
        await asyncio.sleep(SILENCE_S)
    await peer.close()


async def _say_no(socket: ServerConnection, refusal: Refused) -> None:
    try:
        await socket.send(wire.encode(m.Refusal(refusal.code, refusal.message, refusal.remedy)))
        await socket.close()
    except ConnectionClosed:
        return
