"""A desk's way up: what it takes in from the node above, and how it stands.

Everything taken in is stored together with how far its stream has been taken, so that after any
break the node above is asked for exactly what is missing. What goes up is the couriers' matter.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import Introduction, LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.adapters.store.read_log import UPSTREAM
from nas_desktop.domain.access import Operator, roles_named
from nas_desktop.domain.camera import Camera
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.read import ReadId
from nas_desktop.node.couriers import Couriers
from nas_desktop.node.desks import DeskRoom
from nas_desktop.node.engine import Engine
from nas_desktop.node.images import ImageRoom, Want
from nas_desktop.node.list_intake import ListIntake
from nas_desktop.node.lists import ListMove, ListRoom
from nas_desktop.node.search_remote import RemoteSearch
from nas_desktop.node.steps import StepDesk
from nas_desktop.node.stores import Stores
from nas_desktop.services.desks import DeskReport, DeskState
from nas_desktop.services.events import HopState, HopStatus, NodeState, TestResult
from nas_desktop.services.links import SILENT_AFTER_S, HopMonitor
from nas_desktop.services.lists import ListOrigin
from nas_desktop.services.ports import Clock
from nas_desktop.services.tasks import spawn, stop

log = logging.getLogger(__name__)

WANTED_AT_ONCE = 100
"""Images asked for in one message."""

PATIENCE_S = 2.0
"""How long a sign-in waits for a way up that has never been there yet, seconds."""

_STREAMS = ("reads", "hits", "steps")


@dataclass(frozen=True, slots=True)
class Above:
    """Where the node above is and who this desk is there; ``ca`` is a file of authorities."""

    url: str
    username: str
    password: str
    ca: str = ""


class Upstream:
    """Keeps the session to the node above.

    Args:
        changed: called when the hop's state may have changed at once.
    """

    def __init__(
        self,
        above: Above,
        who: Introduction,
        stores: Stores,
        clock: Clock,
        engine: Engine,
        steps: StepDesk,
        images: ImageRoom,
        lists: ListRoom,
        intake: ListIntake,
        changed: Callable[[], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._engine = engine
        self._steps = steps
        self._images = images
        self._lists = lists
        self._intake = intake
        intake.want = self._want_list
        lists.when_moved.append(self._tell_held)
        self._changed = changed
        self._state: NodeState | None = None
        self._state_at = 0.0
        self._was_connected = False
        self._backlogs: set[str] = set()
        self._done: set[str] = set()
        self._asked: asyncio.Queue[Want] = asyncio.Queue(20_000)
        self._asking: asyncio.Task[None] | None = None
        self.searches: dict[int, RemoteSearch] = {}
        self.learn_cameras: Callable[[Sequence[Camera]], Awaitable[None]] | None = None
        self.monitor = HopMonitor("server", clock)
        who = replace(who, username=above.username, password=above.password)
        self.client = LinkClient(
            above.url, who, clock, self._receive, self._opened, self._lost, self._held, tls
        )
        self.couriers = Couriers(self.client, stores, clock)

    # ------------------------------------------------------------------ what others ask of it

    async def start(self) -> None:
        """Begin connecting; returns at once."""
        await self.couriers.open()
        self._asking = spawn(self._ask(), "ask-for-images")
        self.client.start()

    async def stop(self) -> None:
        """Disconnect for good."""
        await self.couriers.stop()
        await self.client.stop()
        await stop(self._asking)

    async def check_person(self, username: str, password: str) -> Operator:
        """Have the node above check a password.

        Raises:
            LinkDown: it cannot be asked. Refused: it says no.
        """
        if not self._was_connected:
            # Just started: the way up is about to be there, and a vouched sign-in is a poorer one.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    while not self.client.is_ready:
                        await asyncio.sleep(0.05)
        if not self.client.is_ready or self.client.age_s > SILENT_AFTER_S:
            raise LinkDown
        number = self.client.next_request()
        reply = await self.client.request(
            m.SignIn(number, username, password, is_check=True), number, within_s=5.0
        )
        if not isinstance(reply, m.SignedIn):
            raise LinkDown
        roles = roles_named(reply.roles)
        return Operator(reply.username, reply.name, roles, reply.expires_at)

    async def test(self, vrm: str, within_s: float) -> TestResult:
        """Pass a connectivity test on.

        Raises:
            LinkDown: there is no connection, or no answer came in time.
        """
        number = self.client.next_request()
        message = m.Test(number, vrm, self._clock.now())
        reply = await self.client.request(message, number, within_s=within_s)
        if not isinstance(reply, m.TestDone):
            raise LinkDown
        return reply.result

    async def ask(self, question: Callable[[int], m.Message]) -> m.Message:
        """Send a numbered question on the bulk socket and return the answer.

        Raises:
            LinkDown: the node above is away, or did not answer. Refused: it says no.
        """
        if not self.client.is_ready:
            raise LinkDown("The server cannot be reached now.")
        number = self.client.next_request()
        return await self.client.request(question(number), number, bulk=True, within_s=60.0)

    def speak_for(self, desks: DeskRoom) -> None:
        """Pass the desk's own reports up, and take the server's account of all desks."""

        def above() -> tuple[DeskState, ...] | None:
            return None if self.state is None else self.state.desks

        def tell(name: str, report: DeskReport) -> None:
            spawn(self._report(name, report), "report-desk")

        desks.is_alone = lambda: self.state is None
        desks.states_above = above
        desks.tell_above = tell

    async def _report(self, name: str, report: DeskReport) -> None:
        if self.client.is_ready:
            with contextlib.suppress(LinkDown):
                await self.client.send(m.ReportDesk(report, name))

    def want_images(self, wants: Sequence[Want]) -> None:
        """Ask the node above for images, now or when it is back."""
        for want in wants:
            with contextlib.suppress(asyncio.QueueFull):
                self._asked.put_nowait(want)

    @property
    def state(self) -> NodeState | None:
        """What the node above said of itself last; None while that is not current."""
        is_current = (
            self.client.is_ready
            and self.client.age_s < SILENT_AFTER_S
            and self._clock.monotonic() - self._state_at < SILENT_AFTER_S
        )
        return self._state if is_current else None

    def hops(self) -> tuple[HopState, ...]:
        """Return the state of the way up and of what lies beyond, as far as it is known."""
        held, oldest = self._held()
        age = self.client.age_s if self.client.is_ready else None
        server = self.monitor.assess(
            age, held=held, oldest_at=oldest, is_catching_up=bool(self._backlogs)
        )
        server = replace(
            server,
            clock_offset_s=self.client.clock_offset_s,
            round_trip_s=self.client.round_trip_s,
        )
        return (server, *self._beyond(server))

    def _beyond(self, server: HopState) -> list[HopState]:
        if self._state is None:
            return []
        current = self.state
        if current is not None:
            return list(current.hops)
        # What lies beyond a broken link is not known to be well; it is not known at all.
        return [
            hop
            if hop.status is HopStatus.NOT_CONFIGURED
            else replace(
                hop, status=HopStatus.LOST, since=server.since, live=0, detail="server away"
            )
            for hop in self._state.hops
        ]

    # ------------------------------------------------------------------ the session

    async def _opened(self) -> None:
        self.monitor.connected()
        self._was_connected = True
        await self._engine.settled()
        self._backlogs.clear()
        self._done.clear()
        reads, operational = self._stores.reads, self._stores.operational
        for stream in _STREAMS:
            if stream == "reads":
                held = await self._stores.on_reads(reads.progress, stream)
            else:
                held = await self._stores.on_operational(operational.progress, stream)
            await self.client.send(m.Subscribe(stream, held.epoch, held.next, list(held.holes)))
        await self.client.send(
            m.HaveLists(self._lists.revisions(ListOrigin.ABOVE), self._intake.partial())
        )
        self.want_images(self._images.open_wants())
        self.couriers.connected()
        self._changed()

    def _lost(self, reason: str) -> None:
        self.monitor.lost(reason)
        self.couriers.lost()
        for search in self.searches.values():
            search.lost()
        self._changed()

    def _held(self) -> tuple[int, datetime | None]:
        return self.couriers.held, self.couriers.oldest_at

    async def _receive(self, message: m.Message, is_bulk: bool) -> None:
        try:
            await self._take(message)
        except StoreRefused as refusal:
            # Not stored means not taken: progress stays, and the next session asks again.
            log.error("could not store what came from above: %s", refusal.code)
            self._engine.problem = refusal.words
        except Refused as refusal:
            log.warning("not taken from above: %s", refusal.code)

    async def _take(self, message: m.Message) -> None:
        match message:
            case m.Subscribed():
                await self._subscribed(message)
            case m.Reads(first=first, reads=reads, is_backlog=is_backlog):
                self._images.announce(reads)
                await self._engine.put(
                    reads,
                    origin=UPSTREAM,
                    source=("reads", first, first + len(reads)),
                    is_backlog=is_backlog,
                )
            case m.Hits(first=first, hits=hits):
                await self._take_hits(hits, ("hits", first, first + len(hits)))
            case m.Steps(first=first, steps=steps):
                await self._steps.take_verdicts(steps, ("steps", first, first + len(steps)))
            case m.BacklogDone(stream=stream):
                self._backlogs.discard(stream)
                self._done.add(stream)
            case m.State(state=state):
                self._state, self._state_at = state, self._clock.monotonic()
            case m.Images(images=images):
                await self._images.put(images, is_own=False)
            case m.NoImage(read_id=read_id, kind=kind, reason=reason):
                self._images.missing_above(ReadId(read_id), kind, reason)
            case m.ListPart():
                await self._intake.take(message)
            case m.ListDelta():
                await self._intake.take_delta(message)
            case m.SearchTold(request=request, progress=progress):
                search = self.searches.get(request)
                if search is not None:
                    search.progress = progress
            case m.Cameras(cameras=cameras):
                if self.learn_cameras is not None:
                    await self.learn_cameras(cameras)
            case m.ListGone(name=name):
                await self._intake.gone(name)
            case _:
                return

    async def _want_list(self, name: str) -> None:
        with contextlib.suppress(LinkDown):
            await self.client.send(m.WantList(name))

    async def _tell_held(self, move: ListMove) -> None:
        """Let the node above know which revisions are matched against here."""
        if self.client.is_ready:
            with contextlib.suppress(LinkDown):
                await self.client.send(m.ListsHeld(self._lists.revisions(ListOrigin.ABOVE)))

    async def _subscribed(self, message: m.Subscribed) -> None:
        # A short backlog on the other socket may be over before this is read.
        if message.holes and message.stream not in self._done:
            self._backlogs.add(message.stream)
        stream, epoch, end = message.stream, message.epoch, message.live_from
        if stream == "reads":
            await self._stores.on_reads(self._stores.reads.resume, stream, epoch, end)
        else:
            await self._stores.on_operational(self._stores.operational.resume, stream, epoch, end)

    async def _take_hits(self, hits: Sequence[Hit], source: tuple[str, int, int]) -> None:
        now = self._clock.now()
        ours = [replace(hit, desk_received_at=now, matched_at=now) for hit in hits]
        changed = await self._stores.on_operational(
            self._stores.operational.put_hits, ours, source=source
        )
        self._engine.offer(changed)

    async def _ask(self) -> None:
        """Gather wishes for images and send them; what cannot be sent now is asked again later."""
        while True:
            wants = [await self._asked.get()]
            while len(wants) < WANTED_AT_ONCE and not self._asked.empty():
                wants.append(self._asked.get_nowait())
            by_kind: dict[object, list[Want]] = {}
            for want in wants:
                by_kind.setdefault(want[1], []).append(want)
            for some in by_kind.values():
                try:
                    await self.client.send(m.WantImages([w[0] for w in some], [some[0][1]]))
                except LinkDown:
                    await asyncio.sleep(1.0)


def usual_tls(above: Above) -> ssl.SSLContext | None:
    """Return the context for an encrypted way up; None for one on this machine.

    Raises:
        Refused: ``certificate_unusable``.
    """
    if not above.url.startswith("wss:"):
        return None
    try:
        return ssl.create_default_context(cafile=above.ca or None)
    except (OSError, ssl.SSLError):
        raise Refused(
            "certificate_unusable",
            "The file with the server's authorities cannot be used any more.",
            "Start the node again with --upstream and --tls-ca.",
        ) from None
