"""A window's way to its node: the ``NodeLink`` port over a loopback session."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.audit_link import WindowAudit
from nas_desktop.adapters.link.client import Introduction, LinkClient
from nas_desktop.adapters.link.desk_link import WindowDesks
from nas_desktop.adapters.link.list_link import WindowLists
from nas_desktop.adapters.link.map_link import WindowMap
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.adapters.link.search_link import WindowSearches
from nas_desktop.adapters.link.sheet_link import WindowSheets
from nas_desktop.domain.access import Operator, Right, may, roles_named
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit_life import Step
from nas_desktop.domain.read import ReadId
from nas_desktop.domain.vrm import TEST
from nas_desktop.services.events import (
    Event,
    HitsRaised,
    ImageArrived,
    ImageKind,
    ImageMissing,
    NodeFound,
    NodeLost,
    SignInLost,
    StateReported,
    StepsDecided,
    TestLeg,
    TestResult,
)
from nas_desktop.services.ports import Clock
from nas_desktop.services.progress import Progress

log = logging.getLogger(__name__)

BOARD_TAIL = 5_000
"""Newest hits a window asks for when it opens: as many as the board holds."""

GOODBYE_S = 5.0
"""Longest a node may take to say goodbye when it is asked to stop, seconds."""

_IMAGES_AT_ONCE = 200


class WindowLink:
    """Keeps a window attached to its node and signed in across reconnections.

    Args:
        url: the node's loopback address. ``token``: its one-time token.
        name: the workstation's name, shown to other desks with every step.
    """

    def __init__(
        self, url: str, token: str, name: str, clock: Clock, *, is_simulation: bool
    ) -> None:
        who = Introduction("window", name, is_simulation, token=token)
        self._clock = clock
        self._client = LinkClient(url, who, clock, self._receive, self._opened, self._lost)
        self.lists = WindowLists(self._client)
        self.searches = WindowSearches(self._client)
        self.audit = WindowAudit(self._client)
        self.desks = WindowDesks(self._client)
        self.sheets = WindowSheets(self._client)
        self.map = WindowMap(self._client)
        self._tell: Callable[[Event], None] = _nobody
        self._credentials: tuple[str, str] | None = None
        self._held: dict[str, Progress] = {}
        self._was_found = False
        self._goodbye = asyncio.Event()

    def listen(self, receive: Callable[[Event], None]) -> None:
        """See ``NodeLink.listen``."""
        self._tell = receive

    async def start(self) -> None:
        """See ``NodeLink.start``."""
        self._client.start()

    async def close(self) -> None:
        """See ``NodeLink.close``."""
        await self._client.stop()

    def redirect(self, url: str, token: str) -> None:
        """The node has come back elsewhere: connect there from the next attempt on."""
        self._client.redirect(url, token)

    @property
    def last_refusal(self) -> Refused | None:
        """Why the node turns this window away, if it does."""
        return self._client.last_refusal

    # ------------------------------------------------------------------ intentions

    async def sign_in(self, username: str, password: str) -> Operator:
        """See ``NodeLink.sign_in``."""
        operator = await self._sign_in(username, password)
        self._credentials = (username, password)
        await self._subscribe(operator)
        return operator

    async def sign_out(self) -> None:
        """Give the rights back; hits stop coming until somebody signs in."""
        self._credentials = None
        await self._client.send(m.SignOut())

    async def send_steps(self, steps: Sequence[Step]) -> None:
        """See ``NodeLink.send_steps``."""
        for at in range(0, len(steps), 100):
            number = self._client.next_request()
            await self._client.request(m.SendSteps(number, list(steps[at : at + 100])), number)

    async def want_images(self, read_ids: Sequence[ReadId], kinds: Sequence[ImageKind]) -> None:
        """See ``NodeLink.want_images``."""
        for at in range(0, len(read_ids), _IMAGES_AT_ONCE):
            some = [bytes(read_id) for read_id in read_ids[at : at + _IMAGES_AT_ONCE]]
            await self._client.send(m.WantImages(some, list(kinds)))

    async def test_connectivity(self) -> TestResult:
        """See ``NodeLink.test_connectivity``."""
        began, at = time.monotonic(), self._clock.now()
        number = self._client.next_request()
        reply = await self._client.request(m.Test(number, TEST, at), number, within_s=15.0)
        if not isinstance(reply, m.TestDone):
            raise LinkDown
        total = time.monotonic() - began
        own = TestLeg("Window to its node and back", max(0.0, total - reply.result.total_s))
        return replace(reply.result, started_at=at, legs=(own, *reply.result.legs), total_s=total)

    async def stop_node(self) -> None:
        """See ``NodeLink.stop_node``; returns when the node says goodbye.

        Raises:
            LinkDown: there is no connection, or the node did not take leave in time.
        """
        self._goodbye.clear()
        await self._client.send(m.StopNode())
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._goodbye.wait()
        except TimeoutError:
            raise LinkDown("The node did not answer.") from None

    # ------------------------------------------------------------------ the session

    async def _sign_in(self, username: str, password: str) -> Operator:
        reply = await self._client.sign_in(username, password)
        roles = roles_named(reply.roles)
        return Operator(reply.username, reply.name, roles, reply.expires_at, reply.is_vouched)

    async def _opened(self) -> None:
        self._was_found = True
        self._tell(NodeFound(self._clock.now()))
        if self._credentials is not None:
            try:
                operator = await self._sign_in(*self._credentials)
            except Refused as refusal:
                log.warning("signing in again was refused: %s", refusal.code)
                if refusal.code != "link_down":
                    self._sign_in_lost(refusal.message, refusal.remedy or "Sign in again.")
                return
            await self._subscribe(operator)

    async def _subscribe(self, operator: Operator) -> None:
        if not may(operator.roles, Right.SEE_HITS):
            return  # asking all the same would put a denial on record at every sign-in
        for stream in ("steps", "hits"):
            held = self._held.get(stream)
            if held is None:
                tail = BOARD_TAIL if stream == "hits" else 5 * BOARD_TAIL
                await self._client.send(m.Subscribe(stream, tail=tail))
            else:
                await self._client.send(
                    m.Subscribe(stream, held.epoch, held.next, list(held.holes))
                )

    def _lost(self, reason: str) -> None:
        self._goodbye.set()
        self.searches.lost()
        if self._was_found:
            self._was_found = False
            now = self._clock.now() - timedelta(seconds=min(self._client.age_s, 3600.0))
            self._tell(NodeLost(now, reason))

    async def _receive(self, message: m.Message, is_bulk: bool) -> None:
        match message:
            case m.Subscribed():
                held = self._held.get(message.stream)
                if held is None:
                    self._held[message.stream] = Progress(
                        message.epoch, message.live_from, tuple(message.holes)
                    )
                else:
                    self._held[message.stream] = held.resumed_at(message.epoch, message.live_from)
            case m.Hits(first=first, hits=hits, is_backlog=is_backlog):
                self._took("hits", first, len(hits))
                self._tell(HitsRaised(tuple(hits), is_backlog))
            case m.Steps(first=first, steps=steps, is_backlog=is_backlog):
                self._took("steps", first, len(steps))
                self._tell(StepsDecided(tuple(steps), is_backlog))
            case m.State(state=state):
                self._tell(StateReported(state))
            case m.Images(images=images):
                for image in images:
                    self._tell(ImageArrived(ReadId(image.read_id), image.kind, image.data))
            case m.NoImage(read_id=read_id, kind=kind, reason=reason):
                self._tell(ImageMissing(ReadId(read_id), kind, reason))
            case m.WorkProgress():
                self.lists.told(message)
                self.searches.worked(message)
            case m.SearchTold():
                self.searches.told(message)
            case m.Bye():
                self._goodbye.set()
            case m.Refusal(code="session_expired"):
                self._sign_in_lost(message.message, message.remedy)
            case _:
                return

    def _sign_in_lost(self, message: str, remedy: str) -> None:
        self._credentials = None
        self._tell(SignInLost(message, remedy))

    def _took(self, stream: str, first: int, count: int) -> None:
        with contextlib.suppress(KeyError):
            self._held[stream] = self._held[stream].taken(first, first + count)


def _nobody(event: Event) -> None:
    """Stands in until the window listens."""
