"""The asking side of the link: connects, signs in, stays connected, knows how old its news is.

The socket being open proves nothing; ``age_s`` counts from the last message or heartbeat reply.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link import wire
from nas_desktop.adapters.link.peer import SOCKET_LIMIT, LinkDown, Peer, hang_up
from nas_desktop.adapters.link.server import is_loopback
from nas_desktop.domain.errors import Refused
from nas_desktop.services.ports import Clock
from nas_desktop.services.tasks import spawn, stop

log = logging.getLogger(__name__)

CONNECT_S = 5.0
"""Seconds one attempt to open a session may take."""

SILENCE_S = 10.0
"""Seconds without anything heard after which the sockets are given up and made anew."""

FIRST_RETRY_S, LAST_RETRY_S = 0.2, 3.0
"""Pause before the first and the last kind of retry; an operator waits for this link."""

REQUEST_S = 10.0
"""Seconds a request waits for its answer."""

FATAL = frozenset({"wrong_version", "simulation_mismatch", "sign_in_refused", "not_permitted"})
"""Refusals that trying again at once cannot mend; they are retried slowly and shown in words."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who connects: kind (``camera``, ``desk``, ``window``, ``cli``), name, and its proof.

    ``token`` is the one-time token of a node on this machine; ``username`` and ``password`` sign
    the session in. ``is_simulation`` must agree with the node's.
    """

    kind: str
    name: str
    is_simulation: bool
    node_id: str = ""
    token: str = ""
    username: str = ""
    password: str = ""


class LinkClient:
    """Keeps one session to one address until stopped.

    Args:
        url: ``ws://`` for loopback only, else ``wss://``.
        who: the introduction.
        receive: awaited for each message in order; True for the bulk socket.
        opened: awaited when the session is signed in and has both sockets.
        lost: called when it is gone, with why.
        held: tells the heartbeat how many items wait here and since when.
    """

    def __init__(
        self,
        url: str,
        who: Introduction,
        clock: Clock,
        receive: Callable[[m.Message, bool], Awaitable[None]],
        opened: Callable[[], Awaitable[None]],
        lost: Callable[[str], None],
        held: Callable[[], tuple[int, Any]] = lambda: (0, None),  # Any: datetime or None
        tls: ssl.SSLContext | None = None,
    ) -> None:
        check_url(url)
        self.url = url
        self._who = who
        self._clock = clock
        self._receive = receive
        self._opened = opened
        self._lost = lost
        self._held = held
        self._tls = tls
        self._peer: Peer | None = None
        self._task: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[m.Message]] = {}
        self._request = 0
        self._beat = 0
        self._heard = clock.monotonic()
        self.welcome: m.Welcome | None = None
        self.is_ready = False
        self.last_refusal: Refused | None = None
        self.clock_offset_s: float | None = None
        self.round_trip_s: float | None = None

    def start(self) -> None:
        """Begin connecting; returns at once."""
        self._task = spawn(self._run(), f"link-{self._who.kind}")

    async def stop(self) -> None:
        """Disconnect for good."""
        if self._peer is not None:
            with contextlib.suppress(Refused):
                await self._peer.send(m.Bye("closing"))
            await self._peer.close()
        await stop(self._task)

    def redirect(self, url: str, token: str) -> None:
        """Connect elsewhere from the next attempt on, with another token."""
        check_url(url)
        self.url = url
        self._who = replace(self._who, token=token)

    @property
    def age_s(self) -> float:
        """Seconds since anything was heard from the other side."""
        return self._clock.monotonic() - self._heard

    @property
    def counts(self) -> wire.WireCounts:
        """What came over the present session."""
        return self._peer.counts if self._peer is not None else wire.WireCounts()

    async def send(self, message: m.Message, *, bulk: bool = False) -> None:
        """Send over the present session.

        Raises:
            LinkDown: there is none.
        """
        if self._peer is None or not self.is_ready:
            raise LinkDown
        await self._peer.send(message, bulk=bulk)

    def next_request(self) -> int:
        """Return a number for a request or batch of this client; never the same twice."""
        self._request += 1
        return self._request

    async def request(
        self, message: m.Message, number: int, *, bulk: bool = False, within_s: float = REQUEST_S
    ) -> m.Message:
        """Send a numbered message and return the answer to it.

        Raises:
            LinkDown: the session ended first, or no answer came in time.
            Refused: the other side said no.
        """
        if self._peer is None:
            raise LinkDown
        answer: asyncio.Future[m.Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await self._peer.send(message, bulk=bulk)
            # Not wait_for: before Python 3.12 it can swallow a cancellation that meets the answer.
            async with asyncio.timeout(within_s):
                reply = await answer
        except TimeoutError:
            raise LinkDown("The other side did not answer in time.") from None
        finally:
            self._waiting.pop(number, None)
        if isinstance(reply, m.Refusal):
            raise Refused(reply.code, reply.message, reply.remedy)
        return reply

    # ------------------------------------------------------------------ inside

    async def _run(self) -> None:
        pause = FIRST_RETRY_S
        while True:
            reason = "connection lost"
            try:
                await self._session()
                pause = FIRST_RETRY_S
            except Refused as refusal:
                self.last_refusal = refusal
                reason = refusal.message
                if refusal.code in FATAL:
                    pause = LAST_RETRY_S
            except (OSError, WebSocketException, TimeoutError) as fault:
                reason = f"cannot connect: {_why(fault)}"
            self._forget(reason)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(LAST_RETRY_S, pause * 2)

    def _forget(self, reason: str) -> None:
        was_ready, self.is_ready, self._peer = self.is_ready, False, None
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(LinkDown("The connection was lost before the answer came."))
        self._waiting.clear()
        if was_ready:
            log.info("link %s lost: %s", self._who.kind, reason)
        self._lost(reason)

    async def _session(self) -> None:
        async with asyncio.timeout(CONNECT_S):
            live = await self._connect()
        tasks: list[asyncio.Task[Any]] = []
        try:
            async with asyncio.timeout(CONNECT_S):
                self.welcome = await self._welcomed(live)
            peer = self._peer = Peer(live, self._take)
            pump = spawn(peer.pump(live, bulk=False), "link-live")
            tasks.append(pump)
            if self._who.username:
                await self.sign_in(self._who.username, self._who.password)
            bulk = await self._join(peer)
            bulk_pump = spawn(peer.pump(bulk, bulk=True), "link-bulk")
            tasks += [bulk_pump, spawn(self._beating(), "link-heartbeat")]
            self.is_ready, self.last_refusal = True, None
            log.info("link %s ready", self._who.kind)
            await self._opened()
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            refused = [t.exception() for t in tasks if t.done() and not t.cancelled()]
            for fault in refused:
                if isinstance(fault, Refused):
                    raise fault
        finally:
            await stop(*tasks)
            if self._peer is not None:
                await self._peer.close()
            await hang_up(live)

    async def _connect(self) -> ClientConnection:
        return await connect(
            self.url,
            ssl=self._tls if self.url.startswith("wss:") else None,
            subprotocols=[m.PROTOCOL],  # type: ignore[list-item]
            compression=None,
            max_size=SOCKET_LIMIT,
            ping_interval=None,
            close_timeout=2,
            open_timeout=CONNECT_S,
            proxy=None,
            logger=logging.getLogger("nas_desktop.websockets"),
        )

    def _hello(self, join: str = "", join_key: str = "") -> m.Hello:
        return m.Hello(
            versions=[m.PROTOCOL],
            kind=self._who.kind,
            name=self._who.name,
            is_simulation=self._who.is_simulation,
            sent_at=self._clock.now(),
            node_id=self._who.node_id,
            token=join_key or self._who.token,
            join=join,
        )

    async def _welcomed(self, live: ClientConnection) -> m.Welcome:
        await live.send(wire.encode(self._hello()))
        reply = wire.decode(await live.recv(), m.LIVE_LIMIT)
        if isinstance(reply, m.Refusal):
            raise Refused(reply.code, reply.message, reply.remedy)
        if not isinstance(reply, m.Welcome):
            raise Refused("no_welcome", "The other side did not open a session.")
        if reply.is_simulation != self._who.is_simulation:
            raise Refused("simulation_mismatch", "One side is a simulation and the other is not.")
        self._heard = self._clock.monotonic()
        return reply

    async def _join(self, peer: Peer) -> ClientConnection:
        assert self.welcome is not None
        async with asyncio.timeout(CONNECT_S):
            bulk = await self._connect()
            await bulk.send(wire.encode(self._hello(self.welcome.session, self.welcome.join_key)))
            reply = wire.decode(await bulk.recv(), m.BULK_LIMIT)
        if isinstance(reply, m.Refusal):
            await hang_up(bulk)
            raise Refused(reply.code, reply.message, reply.remedy)
        peer.attach_bulk(bulk)
        return bulk

    async def sign_in(self, username: str, password: str) -> m.SignedIn:
        """Sign the present session in.

        Raises:
            Refused: ``sign_in_refused``; or ``LinkDown`` without a session.
        """
        number = self.next_request()
        reply = await self.request(m.SignIn(number, username, password), number)
        if not isinstance(reply, m.SignedIn):
            raise Refused("protocol", "The other side gave no answer to the sign-in.")
        return reply

    async def _take(self, message: m.Message, is_bulk: bool) -> None:
        self._heard = self._clock.monotonic()
        match message:
            case m.HeartbeatReply():
                self._measure(message)
                return
            case m.Stored(batch=number):
                self._answer(number, message)
            case m.SignedIn() | m.TestDone() | m.ListDone() | m.EntriesFound() | m.Lists():
                self._answer(message.request, message)
            case m.Versions() | m.QuietHits() | m.PncAnswer():
                self._answer(message.request, message)
            case m.AuditHeld() | m.AuditRows() | m.AuditDone() | m.AuditProof():
                self._answer(message.request, message)
            case m.AuditSample() | m.SearchChecked() | m.AuditOutliers():
                self._answer(message.request, message)
            case m.TransparencyTold() | m.SubjectWritten():
                self._answer(message.request, message)
            case m.SearchBegan() | m.Decided() | m.FoundRows() | m.SearchFacts():
                self._answer(message.request, message)
            case m.Authorities() | m.SavedSearches() | m.PastSearches() | m.PreservedReads():
                self._answer(message.request, message)
            case m.FoundExported() | m.ExportHeadFound() | m.Recorded() | m.DryRunDone():
                self._answer(message.request, message)
            case m.FoundPoints() | m.CameraStates():
                self._answer(message.request, message)
            case m.ScopeSet() | m.History() | m.Notices():
                self._answer(message.request, message)
            case m.Refusal(ref=number) if number:
                self._answer(number, message)
            case _:
                pass
        await self._receive(message, is_bulk)

    def _answer(self, number: int, message: m.Message) -> None:
        answer = self._waiting.get(number)
        if answer is not None and not answer.done():
            answer.set_result(message)

    async def _beating(self) -> None:
        while True:
            if self._peer is None or self.age_s > SILENCE_S:
                return
            held, oldest = self._held()
            self._beat += 1
            try:
                await self._peer.send(m.Heartbeat(self._beat, self._clock.now(), held, oldest))
            except LinkDown:
                return
            await asyncio.sleep(m.HEARTBEAT_S)

    def _measure(self, reply: m.HeartbeatReply) -> None:
        now = self._clock.now()
        way_there = (reply.received_at - reply.sent_at).total_seconds()
        way_back = (reply.replied_at - now).total_seconds()
        self.clock_offset_s = (way_there + way_back) / 2
        inside = (reply.replied_at - reply.received_at).total_seconds()
        self.round_trip_s = max(0.0, (now - reply.sent_at).total_seconds() - inside)


def _why(fault: Exception) -> str:
    """Return why a connection failed, in words for the operator."""
    match fault:
        case ssl.SSLCertVerificationError():
            return "the server's certificate is not trusted here"
        case ssl.SSLError():
            return "no encrypted connection could be agreed"
        case ConnectionRefusedError():
            return "nobody listens at its address"
        case TimeoutError():
            return "it does not answer"
        case OSError():
            return f"the network says no ({fault.strerror or type(fault).__name__})"
        case _:
            return f"it does not speak our protocol ({type(fault).__name__})"


def check_url(url: str) -> None:
    """Refuse addresses that would send reads in the clear.

    Raises:
        Refused: ``address_unusable``, or ``tls_required`` for ``ws://`` beyond this machine.
    """
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number or too large
        is_usable = False
    if not is_usable:
        raise Refused(
            "address_unusable",
            "The server's address is not of the form wss://HOST:PORT.",
            "Correct it in the settings or on the command line.",
        )
    if parts.scheme == "ws" and not is_loopback(parts.hostname or ""):
        raise Refused(
            "tls_required",
            "Without TLS only a server on this machine may be used.",
            "Use wss:// and a certificate.",
        )


__all__ = ["ConnectionClosed", "Introduction", "LinkClient", "check_url"]
