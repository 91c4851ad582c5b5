"""A PNC that answers for the simulation: with settable delay and failure, never with real data."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import LinkDown, Peer
from nas_desktop.adapters.link.server import Handler, Identity, LinkServer
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.voi import VoiEntry
from nas_desktop.services.ports import Clock
from nas_desktop.services.tasks import spawn, stop

ACCOUNT = ("demo-pnc", "simulation")
"""Who may ask, and the password: that of every simulation."""

SESSION = timedelta(hours=12)


class Failure(StrEnum):
    """How the responder fails."""

    NONE = "none"
    SILENT = "silent"
    REFUSES = "refuses"
    CLOSED = "closed"


class PncResponder:
    """Serves ``pnc_check`` over the project's own protocol.

    ``delay_s`` is waited before each answer, ``failure`` is how it fails at present; both may be
    changed at any time. ``asked`` counts VRMs.
    """

    def __init__(self, entries: Iterable[VoiEntry], clock: Clock, delay_s: float = 0.05) -> None:
        self._clock = clock
        self._by_vrm: dict[str, list[VoiEntry]] = {}
        for entry in entries:
            self._by_vrm.setdefault(entry.vrm, []).append(entry)
        identity = Identity("pnc-simulation", "PNC (simulated)", "pnc", is_simulation=True)
        self._server = LinkServer(identity, self._open, clock)
        self._address: tuple[str, int] = ("127.0.0.1", 0)
        self.delay_s = delay_s
        self.failure = Failure.NONE
        self.asked = 0

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"ws://{self._address[0]}:{self._address[1]}"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Begin to listen.

        Raises:
            Refused: the port is taken.
        """
        await self._server.start(host, port)
        self._address = (host, self._server.port)

    async def stop(self) -> None:
        """Listen no longer."""
        await self._server.stop()

    async def cut(self) -> None:
        """Cut the link: nobody listens until ``restore``."""
        self.failure = Failure.CLOSED
        await self._server.stop()

    async def restore(self) -> None:
        """Listen again at the same address, and answer."""
        self.failure = Failure.NONE
        identity = Identity("pnc-simulation", "PNC (simulated)", "pnc", is_simulation=True)
        self._server = LinkServer(identity, self._open, self._clock)
        await self._server.start(*self._address)

    def put(self, entry: VoiEntry) -> None:
        """Have a report from now on."""
        self._by_vrm.setdefault(entry.vrm, []).append(entry)

    def drop(self, vrm: str) -> None:
        """Have no report on a VRM any more."""
        self._by_vrm.pop(vrm, None)

    def reports_on(self, vrms: list[str]) -> list[m.PncReport]:
        """Return what there is on some VRMs."""
        self.asked += len(vrms)
        return [
            m.PncReport(index, entry)
            for index, vrm in enumerate(vrms)
            for entry in self._by_vrm.get(vrm, ())
        ]

    def _open(self, session_id: str, hello: m.Hello, peer: Peer) -> Handler:
        return _Session(self, peer, self._clock)


class _Session:
    """One asker."""

    def __init__(self, responder: PncResponder, peer: Peer, clock: Clock) -> None:
        self._responder = responder
        self._peer = peer
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_known = False

    async def received(self, message: m.Message, is_bulk: bool) -> None:
        now = self._clock.now()
        match message:
            case m.Heartbeat():
                await self._peer.send(
                    m.HeartbeatReply(message.seq, message.sent_at, now, self._clock.now())
                )
            case m.SignIn(request=request, username=username, password=password):
                await self._sign_in(request, username, password)
            case m.PncCheck() if self.is_known:
                task = spawn(self._answer(message), "pnc-answer")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case _:
                return

    async def _sign_in(self, request: int, username: str, password: str) -> None:
        self.is_known = username == ACCOUNT[0] and hmac.compare_digest(
            password.encode(), ACCOUNT[1].encode()
        )
        if not self.is_known:
            refusal = Refused("sign_in_refused", "The account is not known to this PNC.")
            await self._peer.refuse(refusal, "sign_in", request)
            return
        until = self._clock.now() + SESSION
        await self._peer.send(m.SignedIn(request, "", username, "PNC asker", [], until))

    async def _answer(self, message: m.PncCheck) -> None:
        responder = self._responder
        await asyncio.sleep(responder.delay_s)
        try:
            if responder.failure is Failure.REFUSES:
                await self._peer.refuse(
                    Refused("pnc_fault", "PNC reports a fault of its own."),
                    "pnc_check",
                    message.request,
                )
            elif responder.failure is Failure.NONE:
                reports = responder.reports_on(message.vrms)
                await self._peer.send(m.PncAnswer(message.request, reports))
        except LinkDown:
            return  # whoever asked has gone

    async def closed(self, reason: str) -> None:
        await stop(*self._tasks)
