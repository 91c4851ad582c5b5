"""Sessions over real sockets on loopback: opening, joining, refusing, liveness, closing."""

from __future__ import annotations

import asyncio
import socket as sockets
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link import server as serving
from nas_desktop.adapters.link import wire
from nas_desktop.adapters.link.client import Introduction, LinkClient, check_url
from nas_desktop.adapters.link.peer import (
    MAX_REFUSED,
    SOCKET_LIMIT,
    FrameTooLarge,
    LinkDown,
    Peer,
    hang_up,
)
from nas_desktop.adapters.link.server import Identity, LinkServer, is_loopback
from nas_desktop.domain.errors import Refused
from tests.builders import NOON
from tests.fakes.clock import FakeClock

OURS = Identity("a1b2c3d4", "force node", "force", is_simulation=True)


@dataclass
class Session:
    """A handler that remembers, and answers what a node would answer at once."""

    hello: m.Hello
    peer: Peer
    heard: list[tuple[m.Message, bool]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    reason: str = ""
    is_mute: bool = False
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOON + timedelta(seconds=100)))

    is_known = True

    async def received(self, message: m.Message, is_bulk: bool) -> None:
        self.heard.append((message, is_bulk))
        self.news.set()
        match message:
            case m.Heartbeat(seq=seq, sent_at=sent_at) if not self.is_mute:
                now = self.clock.now()
                await self.peer.send(m.HeartbeatReply(seq, sent_at, now, now))
            case m.SendReads(batch=batch):
                await self.peer.send(m.Stored(batch))
            case m.SignIn(request=request, password="right"):
                await self.peer.send(m.SignedIn(request, "t", "u", "N", ["camera"], NOON))
            case m.SignIn(request=request):
                await self.peer.refuse(
                    Refused("sign_in_refused", "No.", "Try."), "sign_in", request
                )
            case m.Test(vrm="never"):
                await self.peer.send(m.Bye("not now"))

    async def closed(self, reason: str) -> None:
        self.reason = reason
        self.ended.set()

    async def until(self, wanted: Callable[[m.Message, bool], bool]) -> None:
        async with asyncio.timeout(10):
            while not any(wanted(message, bulk) for message, bulk in self.heard):
                self.news.clear()
                await self.news.wait()


class Served(LinkServer):
    """A server with its sessions at hand."""

    def __init__(self, identity: Identity = OURS) -> None:
        super().__init__(identity, self._opened, FakeClock())
        self.opened: list[Session] = []
        self.turns_away = False
        self.is_mute = False

    def _opened(self, _session: str, hello: m.Hello, peer: Peer) -> Session:
        if self.turns_away:
            raise Refused("token_refused", "The token is not this node's.")
        self.opened.append(Session(hello, peer, is_mute=self.is_mute))
        return self.opened[-1]


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    served = Served()
    await served.start("127.0.0.1", 0)
    yield served
    await served.stop()


@asynccontextmanager
async def a_socket(server: LinkServer) -> AsyncIterator[ClientConnection]:
    socket = await connect(
        f"ws://127.0.0.1:{server.port}",
        subprotocols=["nas.v1"],  # type: ignore[list-item]
        compression=None,
        max_size=None,
        proxy=None,
    )
    try:
        yield socket
    finally:
        await hang_up(socket)


def a_hello(**changes: Any) -> m.Hello:
    values: dict[str, Any] = {
        "versions": ["nas.v1"],
        "kind": "cli",
        "name": "test",
        "is_simulation": True,
        "sent_at": NOON,
    }
    return m.Hello(**{**values, **changes})


async def say(socket: ClientConnection, message: m.Message | bytes | str) -> None:
    frame = wire.encode(message) if isinstance(message, m.Message) else message
    await asyncio.wait_for(socket.send(frame), 10)


async def hear(socket: ClientConnection) -> Any:
    return wire.decode(await asyncio.wait_for(socket.recv(), 10), m.BULK_LIMIT)


async def closes(socket: ClientConnection) -> None:
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(socket.recv(), 10)


async def opened(socket: ClientConnection) -> m.Welcome:
    await say(socket, a_hello())
    welcome = await hear(socket)
    assert isinstance(welcome, m.Welcome)
    return welcome


# ------------------------------------------------------------------ opening


async def test_that_a_hello_is_answered_by_a_welcome_with_the_limits(server: Served) -> None:
    async with a_socket(server) as socket:
        assert socket.subprotocol == "nas.v1"
        welcome = await opened(socket)
        assert welcome == m.Welcome(
            welcome.session, welcome.join_key, "a1b2c3d4", "force node", "force", True, NOON
        )
        assert (welcome.live_limit, welcome.bulk_limit) == (65_536, 1_048_576)
        assert (welcome.version, welcome.heartbeat_s) == ("nas.v1", 1.0)
        assert server.sessions == 1
    await server.opened[0].ended.wait()
    assert server.opened[0].reason == "closed by the other side"
    assert server.sessions == 0


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (a_hello(versions=[]), "wrong_version"),
        (a_hello(versions=["nas.v2"]), "wrong_version"),
        (a_hello(is_simulation=False), "simulation_mismatch"),
        (a_hello(join="0000", token="x"), "unknown_session"),
        (m.Heartbeat(1, NOON), "hello_first"),
        (b"\xc1", "malformed"),
        ("hello", "text_frame"),
        (wire.encode(a_hello(name="x" * m.LIVE_LIMIT)), "oversized"),
    ],
)
async def test_that_a_bad_opening_is_refused_in_words_and_closed(
    server: Served, first: m.Message | bytes | str, code: str
) -> None:
    async with a_socket(server) as socket:
        await say(socket, first)
        refusal = await hear(socket)
        assert isinstance(refusal, m.Refusal)
        assert refusal.code == code
        assert refusal.message.endswith(".")
        await closes(socket)
    assert server.refused == {code: 1}
    assert server.sessions == 0
    assert server.opened == []


async def test_that_one_common_version_is_enough(server: Served) -> None:
    async with a_socket(server) as socket:
        await say(socket, a_hello(versions=["nas.v9", "nas.v1"]))
        assert isinstance(await hear(socket), m.Welcome)


async def test_that_a_simulation_is_no_guest_of_an_operational_node() -> None:
    served = Served(Identity("b", "real", "force", is_simulation=False))
    await served.start("127.0.0.1", 0)
    try:
        async with a_socket(served) as socket:
            await say(socket, a_hello(is_simulation=True))
            refusal = await hear(socket)
            assert (refusal.code, "operational" in refusal.message) == ("simulation_mismatch", True)
        async with a_socket(served) as socket:
            await say(socket, a_hello(is_simulation=False))
            assert isinstance(await hear(socket), m.Welcome)
    finally:
        await served.stop()


async def test_that_the_node_may_turn_a_session_away(server: Served) -> None:
    server.turns_away = True
    async with a_socket(server) as socket:
        await say(socket, a_hello(token="stolen"))
        assert (await hear(socket)).code == "token_refused"
        await closes(socket)


async def test_that_a_node_with_all_it_can_serve_turns_the_next_away(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "MAX_SESSIONS", 1)
    async with a_socket(server) as one, a_socket(server) as two:
        await opened(one)
        await say(two, a_hello())
        assert (await hear(two)).code == "too_many_sessions"
        await closes(two)


async def test_that_a_socket_that_says_nothing_is_counted(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "OPENING_S", 0.01)
    async with a_socket(server) as socket:
        await closes(socket)
    assert server.refused == {"no_hello": 1}


# ------------------------------------------------------------------ joining


async def test_that_the_second_socket_joins_by_session_and_key(server: Served) -> None:
    async with a_socket(server) as live, a_socket(server) as bulk, a_socket(server) as third:
        welcome = await opened(live)
        assert not server.opened[0].peer.has_bulk
        join = a_hello(join=welcome.session, token=welcome.join_key)
        await say(bulk, join)
        assert await hear(bulk) == m.Bye("joined")
        await say(bulk, m.SendReads(3, []))
        assert await hear(live) == m.Stored(3)
        assert server.opened[0].heard == [(m.SendReads(3, []), True)]
        await server.opened[0].peer.send(m.BacklogDone("hits"), bulk=True)
        assert await hear(bulk) == m.BacklogDone("hits")
        await say(third, join)
        assert (await hear(third)).code == "joined_already"
        assert server.sessions == 1


@pytest.mark.parametrize("key", ["", "wrong", "schlüssel"])
async def test_that_a_wrong_join_key_opens_nothing(server: Served, key: str) -> None:
    async with a_socket(server) as live, a_socket(server) as bulk:
        welcome = await opened(live)
        await say(bulk, a_hello(join=welcome.session, token=key))
        assert (await hear(bulk)).code == "unknown_session"
        await closes(bulk)
        assert not server.opened[0].peer.has_bulk
        await say(live, m.SendReads(1, []))
        assert await hear(live) == m.Stored(1)


async def test_that_the_session_ends_with_its_second_socket(server: Served) -> None:
    async with a_socket(server) as live:
        welcome = await opened(live)
        async with a_socket(server) as bulk:
            await say(bulk, a_hello(join=welcome.session, token=welcome.join_key))
            await hear(bulk)
        await closes(live)
        await server.opened[0].ended.wait()


# ------------------------------------------------------------------ refused frames


async def test_that_a_frame_over_the_limit_is_named_and_counted_and_the_session_goes_on(
    server: Served,
) -> None:
    async with a_socket(server) as socket:
        await opened(socket)
        await say(socket, bytes(m.LIVE_LIMIT + 1))
        refusal = await hear(socket)
        assert (refusal.code, "65536" in refusal.message) == ("oversized", True)
        await say(socket, m.SendReads(1, []))
        assert await hear(socket) == m.Stored(1)
        assert server.opened[0].peer.counts.refused == {"oversized": 1}


async def test_that_a_frame_beyond_all_bounds_ends_the_socket_and_is_counted(
    server: Served,
) -> None:
    async with a_socket(server) as socket:
        await opened(socket)
        await say(socket, bytes(SOCKET_LIMIT + 1))
        await closes(socket)
        await server.opened[0].ended.wait()
    assert server.opened[0].reason == "oversized frame"
    assert server.opened[0].peer.counts.refused == {"oversized": 1}


async def test_that_too_many_refused_frames_end_the_session(server: Served) -> None:
    async with a_socket(server) as socket:
        await opened(socket)
        for _time in range(MAX_REFUSED):
            await say(socket, b"\xc1")
        codes = [(await hear(socket)).code for _time in range(MAX_REFUSED)]
        assert set(codes) == {"malformed"}
        assert await hear(socket) == m.Bye("too many refused frames")
        await closes(socket)
        await server.opened[0].ended.wait()
    assert server.opened[0].reason == "too many refused frames"
    assert server.opened[0].peer.counts.refused == {"malformed": MAX_REFUSED}


async def test_that_nothing_too_large_is_sent_and_nothing_over_a_closed_session(
    server: Served,
) -> None:
    async with a_socket(server) as socket:
        await opened(socket)
        peer = server.opened[0].peer
        with pytest.raises(FrameTooLarge, match="Bye"):
            await peer.send(m.Bye("x" * m.LIVE_LIMIT))
        with pytest.raises(LinkDown):
            await peer.send(m.Bye("x"), bulk=True)
        await peer.close()
        await peer.close()
        with pytest.raises(LinkDown):
            await peer.send(m.Bye("x"))
        await closes(socket)


async def test_that_a_lost_socket_is_no_link(server: Served) -> None:
    async with a_socket(server) as socket:
        await opened(socket)
        peer = server.opened[0].peer
        socket.transport.abort()
        await server.opened[0].ended.wait()
        assert server.opened[0].reason == "connection lost"
        peer.is_closed = False
        with pytest.raises(LinkDown):
            await peer.send(m.Bye("x"))


# ------------------------------------------------------------------ listening


async def test_that_a_taken_port_is_said_with_its_remedy(server: Served) -> None:
    other = Served()
    with pytest.raises(Refused) as refusal:
        await other.start("127.0.0.1", server.port)
    assert refusal.value.code == "port_taken"
    assert str(server.port) in refusal.value.message
    assert "--listen" in refusal.value.remedy
    await other.stop()


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("127.0.0.1", -1)])
async def test_that_an_impossible_address_is_said_in_words(host: str, port: int) -> None:
    with pytest.raises(Refused) as refusal:
        await Served().start(host, port)
    assert refusal.value.code == "address_unusable"


async def test_that_an_address_of_another_machine_is_said_in_words() -> None:
    # 192.0.2.0/24 is set aside for documents; no machine has it.
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with pytest.raises(Refused) as refusal:
        await Served().start("192.0.2.1", 0, tls)
    assert refusal.value.code == "address_unusable"
    assert "192.0.2.1" in refusal.value.message


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "node.example"])
async def test_that_nobody_listens_in_the_clear_beyond_this_machine(host: str) -> None:
    with pytest.raises(Refused) as refusal:
        await Served().start(host, 0)
    assert refusal.value.code == "tls_required"


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_that_only_loopback_is_this_machine(host: str, is_own: bool) -> None:
    assert is_loopback(host) is is_own


async def test_that_stopping_says_goodbye(server: Served) -> None:
    async with a_socket(server) as socket:
        await opened(socket)
        await server.stop("maintenance")
        assert await hear(socket) == m.Bye("maintenance")
        await closes(socket)


# ------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ws://127.0.0.1:9000", ""),
        ("ws://localhost:9000", ""),
        ("ws://[::1]:9000", ""),
        ("wss://force.example:9443", ""),
        ("wss://force.example", ""),
        ("ws://force.example:9000", "tls_required"),
        ("ws://10.1.2.3:9000", "tls_required"),
        ("ws://0.0.0.0:9000", "tls_required"),
        ("http://127.0.0.1:9000", "address_unusable"),
        ("127.0.0.1:9000", "address_unusable"),
        ("wss://", "address_unusable"),
        ("", "address_unusable"),
        ("ws://[::1", "address_unusable"),
        ("wss://force.example:99999", "address_unusable"),
        ("wss://force.example:nine", "address_unusable"),
        ("wss://force.example:0", "address_unusable"),
    ],
)
def test_that_reads_are_sent_in_the_clear_to_this_machine_only(url: str, code: str) -> None:
    if not code:
        check_url(url)
        return
    with pytest.raises(Refused) as refusal:
        check_url(url)
    assert refusal.value.code == code
    assert refusal.value.remedy


# ------------------------------------------------------------------ the asking side


class Client(LinkClient):
    """A client that tells when it was opened, what it heard and why it was lost."""

    def __init__(self, url: str, clock: Any = None, **changes: Any) -> None:
        values: dict[str, Any] = {"kind": "desk", "name": "desk 1", "is_simulation": True}
        who = Introduction(**{**values, **changes})
        self.heard: list[m.Message] = []
        self.open = asyncio.Event()
        self.losses: asyncio.Queue[str] = asyncio.Queue()
        super().__init__(
            url,
            who,
            clock or FakeClock(),
            self._take_in,
            self._is_open,
            self.losses.put_nowait,
            lambda: (3, NOON),
        )

    async def _take_in(self, message: m.Message, _is_bulk: bool) -> None:
        self.heard.append(message)

    async def _is_open(self) -> None:
        self.open.set()


@asynccontextmanager
async def a_client(server: Served, **changes: Any) -> AsyncIterator[Client]:
    client = Client(f"ws://127.0.0.1:{server.port}", **changes)
    client.start()
    try:
        async with asyncio.timeout(10):
            await client.open.wait()
        yield client
    finally:
        await client.stop()


async def test_that_a_heartbeat_gives_clock_offset_and_round_trip(server: Served) -> None:
    # Both clocks stand still, a hundred seconds apart: the figures are exact.
    async with a_client(server) as client:
        async with asyncio.timeout(10):
            while client.clock_offset_s is None:
                await server.opened[0].until(lambda msg, _bulk: isinstance(msg, m.Heartbeat))
                await client.request(m.SendReads(9, []), 9)  # the reply before it has come
        assert client.clock_offset_s == 100.0
        assert client.round_trip_s == 0.0
        beat = next(msg for msg, _b in server.opened[0].heard if isinstance(msg, m.Heartbeat))
        assert beat == m.Heartbeat(1, NOON, 3, NOON)
        assert client.age_s == 0.0


def test_that_the_four_instants_are_weighed_as_the_document_says() -> None:
    clock = FakeClock()
    client = Client("ws://127.0.0.1:1", clock)
    clock.advance(1.0)  # sent at 0, here again at 1.0
    client._measure(
        m.HeartbeatReply(1, NOON, NOON + timedelta(seconds=20.25), NOON + timedelta(seconds=20.5))
    )
    assert client.clock_offset_s == pytest.approx((20.25 + 19.5) / 2)
    assert client.round_trip_s == pytest.approx(0.75)


async def test_that_a_client_signs_in_before_it_is_ready(server: Served) -> None:
    async with a_client(server, username="demo", password="right") as client:
        assert client.is_ready
        assert server.opened[0].heard[0] == (m.SignIn(1, "demo", "right"), False)
        assert server.opened[0].peer.has_bulk
        assert client.counts.frames > 0
    assert not client.is_ready
    with pytest.raises(LinkDown):
        await client.send(m.Bye("x"))
    with pytest.raises(LinkDown):
        await client.request(m.Bye("x"), 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_simulation": False}, "simulation_mismatch"),
        ({"username": "demo", "password": "wrong"}, "sign_in_refused"),
    ],
)
async def test_that_a_refused_client_keeps_the_words_and_tries_on(
    server: Served, changes: dict[str, Any], code: str
) -> None:
    client = Client(f"ws://127.0.0.1:{server.port}", **changes)
    client.start()
    try:
        reason = await asyncio.wait_for(client.losses.get(), 10)
        assert client.last_refusal is not None
        assert (client.last_refusal.code, client.last_refusal.message) == (code, reason)
        assert not client.is_ready
    finally:
        await client.stop()


async def test_that_a_client_comes_back_when_the_server_does(server: Served) -> None:
    async with a_client(server) as client:
        port = server.port
        client.open.clear()
        await server.stop()
        assert await asyncio.wait_for(client.losses.get(), 10)
        again = Served()
        await again.start("127.0.0.1", port)
        try:
            async with asyncio.timeout(10):
                await client.open.wait()
            assert again.opened[0].hello.name == "desk 1"
        finally:
            await again.stop()


async def test_that_a_client_may_be_sent_elsewhere(server: Served) -> None:
    free = sockets.create_server(("127.0.0.1", 0))
    nowhere = free.getsockname()[1]
    free.close()
    client = Client(f"ws://127.0.0.1:{nowhere}")
    client.start()
    try:
        assert "cannot connect" in await asyncio.wait_for(client.losses.get(), 10)
        with pytest.raises(Refused):
            client.redirect("ws://force.example", "t")
        client.redirect(f"ws://127.0.0.1:{server.port}", "new token")
        async with asyncio.timeout(10):
            await client.open.wait()
        assert server.opened[0].hello.token == "new token"
    finally:
        await client.stop()


async def test_that_an_answer_finds_its_request_and_a_refusal_is_raised(server: Served) -> None:
    async with a_client(server) as client:
        one, two = client.next_request(), client.next_request()
        answers = await asyncio.gather(
            client.request(m.SendReads(two, []), two, bulk=True),
            client.request(m.SendReads(one, []), one),
        )
        assert answers == [m.Stored(two), m.Stored(one)]
        with pytest.raises(Refused) as refusal:
            await client.sign_in("demo", "wrong")
        assert (refusal.value.code, refusal.value.remedy) == ("sign_in_refused", "Try.")


async def test_that_a_request_without_an_answer_ends_in_words(server: Served) -> None:
    async with a_client(server) as client:
        number = client.next_request()
        with pytest.raises(LinkDown, match="in time"):
            await client.request(m.Test(number, "QQ111QQQ", NOON), number, within_s=0.01)
        waiting = asyncio.gather(
            client.request(m.Test(number, "QQ111QQQ", NOON), number), return_exceptions=True
        )
        await server.opened[0].until(lambda msg, _b: isinstance(msg, m.Test))
        await server.opened[0].peer.close()
        (lost,) = await asyncio.wait_for(waiting, 10)
        assert isinstance(lost, LinkDown)


async def test_that_a_silent_server_is_given_up(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(m, "HEARTBEAT_S", 0.01)
    server.is_mute = True
    clock = FakeClock()
    async with a_client(server, clock=clock) as client:
        client.open.clear()
        clock.advance(11)
        await asyncio.wait_for(client.losses.get(), 10)
        async with asyncio.timeout(10):
            await client.open.wait()
        assert len(server.opened) == 2


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (m.Bye("go away"), "no_welcome"),
        (m.Welcome("s", "k", "i", "n", "force", False, NOON), "simulation_mismatch"),
        (m.Refusal("wrong_version", "Too old.", "Update."), "wrong_version"),
    ],
)
async def test_that_an_answer_that_is_no_welcome_opens_nothing(
    answer: m.Message, code: str
) -> None:
    from websockets.asyncio.server import ServerConnection, serve

    async def reply(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(wire.encode(answer))
        await socket.wait_closed()

    async with serve(reply, "127.0.0.1", 0, subprotocols=["nas.v1"]) as odd:  # type: ignore[list-item]
        client = Client(f"ws://127.0.0.1:{next(iter(odd.sockets)).getsockname()[1]}")
        client.start()
        try:
            await asyncio.wait_for(client.losses.get(), 10)
            assert client.last_refusal is not None
            assert client.last_refusal.code == code
        finally:
            await client.stop()


def test_that_the_system_clock_tells_utc_and_never_goes_back() -> None:
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.monotonic() <= clock.monotonic()
