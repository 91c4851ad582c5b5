"""A node's streams as subscribers see them: a short memory over a store, and a pump a subscriber.

Items have offsets without holes, but for what retention has deleted. Live items go over the live
socket from the moment of the subscription; what was missed before goes over the bulk socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import FrameTooLarge, LinkDown, Peer
from nas_desktop.services.progress import Progress, Span, normal
from nas_desktop.services.tasks import spawn, stop

_T = TypeVar("_T")

REMEMBERED = 8_192
"""Newest items of a stream kept in memory, so that live subscribers cost no disk access."""

BACKLOG_ITEMS = 500
"""Items a backlog frame: large enough to be fast, small enough to let live traffic pass."""

MAX_HOLES = 10_000
"""Holes of a subscription that are looked at; an honest receiver has a handful."""

Fetch = Callable[[int, int], Awaitable[list[tuple[int, _T]]]]
Frame = Callable[[int, list[_T], bool], m.Message]


class Stream(Generic[_T]):
    """One stream of a node.

    Args:
        name: as in ``Subscribe.stream``.
        epoch: names the store the offsets belong to.
        end: the offset that the next item will get.
        fetch: reads items from the store by offset.
        frame: makes the message for consecutive items (first offset, items, is_backlog).
        live_items: most items put in one live frame.
    """

    def __init__(
        self,
        name: str,
        epoch: str,
        end: int,
        fetch: Fetch[_T],
        frame: Frame[_T],
        live_items: int,
    ) -> None:
        self.name = name
        self.epoch = epoch
        self.end = end
        self.frame = frame
        self.live_items = live_items
        self._fetch = fetch
        self._recent: list[_T] = []
        self._first = end
        self._early: dict[int, _T] = {}
        self._wakers: set[asyncio.Event] = set()

    def publish(self, items: Sequence[tuple[int, _T]]) -> None:
        """Offer items that are on disk; out of order they wait for those before them."""
        for at, item in items:
            if at >= self.end:
                self._early[at] = item
        while self.end in self._early:
            self._recent.append(self._early.pop(self.end))
            self.end += 1
        if len(self._recent) > 2 * REMEMBERED:
            surplus = len(self._recent) - REMEMBERED
            del self._recent[:surplus]
            self._first += surplus
        for waker in self._wakers:
            waker.set()

    async def slice(self, first: int, limit: int) -> tuple[int, list[_T]]:
        """Return up to ``limit`` items without a hole from an offset on, and where they begin.

        What was deleted since is left out: then they begin later than was asked for.
        """
        if first >= self._first:
            at = first - self._first
            return first, self._recent[at : at + limit]
        limit = min(limit, self.end - first)
        items: list[_T] = []
        begin = first
        for at, item in await self._fetch(first, limit):
            if not items:
                begin = at
            elif at != begin + len(items):
                break
            items.append(item)
        return begin, items

    def watch(self) -> asyncio.Event:
        """Return an event that is set whenever something was published."""
        waker = asyncio.Event()
        self._wakers.add(waker)
        return waker

    def unwatch(self, waker: asyncio.Event) -> None:
        """Stop setting an event."""
        self._wakers.discard(waker)


class Subscription(Generic[_T]):
    """Serves one stream to one session until it is stopped or the session ends."""

    def __init__(self, stream: Stream[_T], peer: Peer) -> None:
        self._stream = stream
        self._peer = peer
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, wanted: m.Subscribe) -> None:
        """Answer the subscription and begin to serve it."""
        stream = self._stream
        live_from = stream.end
        if wanted.tail is not None:
            first = max(0, live_from - wanted.tail)
            holes: tuple[Span, ...] = ((first, live_from),) if first < live_from else ()
        else:
            claimed = [(max(0, a), min(b, live_from)) for a, b in wanted.holes[:MAX_HOLES]]
            held = Progress(wanted.epoch, max(0, wanted.next), normal(claimed))
            holes = held.resumed_at(stream.epoch, live_from).holes
        await self._peer.send(m.Subscribed(stream.name, stream.epoch, live_from, list(holes)))
        self._tasks = [
            spawn(self._quietly(lambda: self._live(live_from)), f"live-{stream.name}"),
            spawn(self._quietly(lambda: self._backlog(holes)), f"backlog-{stream.name}"),
        ]

    async def stop(self) -> None:
        """Serve no longer."""
        await stop(*self._tasks)

    async def _quietly(self, work: Callable[[], Awaitable[None]]) -> None:
        # Made only here: a session that ends at once would leave it begun by nobody.
        try:
            await work()
        except LinkDown:
            return  # the session is over, and says so itself

    async def _live(self, at: int) -> None:
        stream = self._stream
        waker = stream.watch()
        try:
            while True:
                if at >= stream.end:
                    waker.clear()
                    await waker.wait()
                begin, items = await stream.slice(at, stream.live_items)
                await send_items(self._peer, stream.frame, begin, items, is_backlog=False)
                at = begin + len(items)
        finally:
            stream.unwatch(waker)

    async def _backlog(self, holes: Sequence[Span]) -> None:
        if holes:
            await self._peer.bulk_opened.wait()
        for first, last in holes:
            at = first
            while at < last:
                begin, items = await self._stream.slice(at, min(BACKLOG_ITEMS, last - at))
                if not items or begin >= last:
                    at += BACKLOG_ITEMS  # deleted since; what lies behind it may not be
                    continue
                items = items[: last - begin]
                await send_items(self._peer, self._stream.frame, begin, items, is_backlog=True)
                at = begin + len(items)
        # On the same socket as the backlog, or it would overtake what it speaks of.
        await self._peer.send(m.BacklogDone(self._stream.name), bulk=bool(holes))


async def send_items(
    peer: Peer, frame: Frame[_T], first: int, items: list[_T], *, is_backlog: bool
) -> None:
    """Send items, in halves where one frame cannot hold them; a single large one goes by bulk."""
    try:
        await peer.send(frame(first, items, is_backlog), bulk=is_backlog)
    except FrameTooLarge:
        if len(items) == 1:
            await peer.send(frame(first, items, is_backlog), bulk=True)
            return
        half = len(items) // 2
        await send_items(peer, frame, first, items[:half], is_backlog=is_backlog)
        await send_items(peer, frame, first + half, items[half:], is_backlog=is_backlog)
