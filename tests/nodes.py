"""Real nodes for tests: real sockets on loopback, real encrypted SQLite files, one loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import Introduction, LinkClient
from nas_desktop.adapters.link.node_link import WindowLink
from nas_desktop.adapters.secrets import Key
from nas_desktop.domain.voi import VoiEntry
from nas_desktop.node.node import Node, NodeOptions, open_node
from nas_desktop.node.sign_in import DEMO_PASSWORD
from nas_desktop.node.upstream import Above
from nas_desktop.services.events import Event
from nas_desktop.services.resources import load_spec
from tests.builders import an_entry

KEY = Key(b"k" * 32, "fd")
LOOPBACK = ("127.0.0.1", 0)


@asynccontextmanager
async def a_node(folder: Path, role: str = "force", **changes: Any) -> AsyncIterator[Node]:
    """Run a simulation node; it listens on a free port unless told otherwise."""
    values: dict[str, Any] = {
        "role": role,
        "name": f"{role} node",
        "is_simulation": True,
        "listen": LOOPBACK if role == "force" else None,
    }
    clock = changes.pop("clock", None) or SystemClock()
    values.update(changes)
    node = open_node(folder, KEY, NodeOptions(**values), load_spec(), clock)
    try:
        await node.start()
        yield node
    finally:
        await node.stop()


def above(node: Node, username: str = "demo-desk") -> Above:
    """Return the way up to a node."""
    return Above(f"ws://127.0.0.1:{node.port}", username, DEMO_PASSWORD)


class Caller:
    """A raw session that remembers all it was sent."""

    def __init__(self, url: str, who: Introduction) -> None:
        self.heard: list[m.Message] = []
        self.ready = asyncio.Event()
        self._news = asyncio.Event()
        self.client = LinkClient(
            url, who, SystemClock(), self._receive, self._opened, lambda _reason: None
        )

    async def _receive(self, message: m.Message, _is_bulk: bool) -> None:
        self.heard.append(message)
        self._news.set()

    async def _opened(self) -> None:
        self.ready.set()

    async def until(self, wanted: Callable[[m.Message], bool], within_s: float = 10) -> m.Message:
        """Return the first message that fits, from those heard and those to come."""
        at = 0
        async with asyncio.timeout(within_s):
            while True:
                while at < len(self.heard):
                    if wanted(self.heard[at]):
                        return self.heard[at]
                    at += 1
                self._news.clear()
                await self._news.wait()

    def all(self, kind: type[m.Message]) -> list[Any]:
        """Return all messages of a kind heard so far."""
        return [message for message in self.heard if isinstance(message, kind)]

    async def ask(self, message_of: Callable[[int], m.Message], **how: Any) -> m.Message:
        """Send a numbered request and return the answer."""
        number = self.client.next_request()
        return await self.client.request(message_of(number), number, **how)


@asynccontextmanager
async def a_caller(
    port: int, username: str = "", kind: str = "cli", *, token: str = "", **changes: Any
) -> AsyncIterator[Caller]:
    """Open a session to a node and sign it in."""
    who = Introduction(
        kind,
        changes.pop("name", f"test {kind}"),
        changes.pop("is_simulation", True),
        token=token,
        username=username,
        password=DEMO_PASSWORD if username else "",
    )
    caller = Caller(f"ws://127.0.0.1:{port}", who)
    caller.client.start()
    try:
        async with asyncio.timeout(10):
            await caller.ready.wait()
        yield caller
    finally:
        await caller.client.stop()


class Window:
    """What a window would know, without any Qt."""

    def __init__(self, link: WindowLink) -> None:
        self.link = link
        self.events: list[Event] = []
        self._news = asyncio.Event()
        link.listen(self._receive)

    def _receive(self, event: Event) -> None:
        self.events.append(event)
        self._news.set()

    async def until(self, wanted: Callable[[Event], bool], within_s: float = 10) -> Any:
        """Return the first event that fits, from those seen and those to come."""
        at = 0
        async with asyncio.timeout(within_s):
            while True:
                while at < len(self.events):
                    if wanted(self.events[at]):
                        return self.events[at]
                    at += 1
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def a_window(
    node: Node, username: str = "demo-operator", name: str = "desk 1"
) -> AsyncIterator[Window]:
    """Attach a window to a node and sign somebody in."""
    link = WindowLink(
        f"ws://127.0.0.1:{node.own_port}", node.token, name, SystemClock(), is_simulation=True
    )
    window = Window(link)
    await link.start()
    try:
        await window.until(lambda event: type(event).__name__ == "NodeFound")
        if username:
            await link.sign_in(username, DEMO_PASSWORD)
        yield window
    finally:
        await link.close()


def now_item(vrm: str = "AB51ABC", **changes: Any) -> m.RawReadItem:
    """Return a read captured this instant."""
    values: dict[str, Any] = {
        "captured_at": SystemClock().now(),
        "feed_id": "07",
        "source_id": 12,
        "nrd_id": 3,
        "latitude": 51.38,
        "longitude": -2.36,
        "lane_id": "1",
        "alias": "Oak 01 North",
        "kind": "fixed",
    }
    values.update(changes)
    return m.RawReadItem(vrm=vrm, **values)


def live_entry(vrm: str = "AB51ABC", **changes: Any) -> VoiEntry:
    """Return an entry whose window holds today."""
    today = SystemClock().now().date()
    dates: dict[str, date] = {
        "starts_on": today - timedelta(days=2),
        "weed_date": today + timedelta(days=5),
    }
    return replace(an_entry(vrm, **changes), **dates)


async def publish(port: int, *entries: VoiEntry, name: str = "07_Cheshire VOI List") -> None:
    """Publish a list of one part."""
    async with a_caller(port, "demo-lists") as manager:
        await manager.ask(
            lambda n: m.PublishList(n, name, 0, 1, list(entries), authority="TEST 1/26"), bulk=True
        )


async def settle(condition: Callable[[], bool], within_s: float = 10) -> None:
    """Return when something outside the loop's own events has become true."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.005)
