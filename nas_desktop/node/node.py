"""A node put together: stores, engine, rooms, servers and the way up."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import Introduction
from nas_desktop.adapters.link.peer import LinkDown, Peer
from nas_desktop.adapters.link.server import Handler, Identity, LinkServer
from nas_desktop.adapters.secrets import Key
from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.domain.access import Operator
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.vrm import TEST
from nas_desktop.node.account import account_of
from nas_desktop.node.audit_room import AuditRoom
from nas_desktop.node.basis import BasisKeeper
from nas_desktop.node.camera_states import CameraStateRoom, states_above
from nas_desktop.node.cameras import CameraRoom
from nas_desktop.node.clone_watch import CloneWatch
from nas_desktop.node.desks import DeskRoom
from nas_desktop.node.dry_run import DryRuns
from nas_desktop.node.engine import Engine
from nas_desktop.node.images import ImageRoom
from nas_desktop.node.index_keeper import IndexKeeper
from nas_desktop.node.list_desk import ListDesk
from nas_desktop.node.list_distribution import Distribution
from nas_desktop.node.list_files import ListFiles
from nas_desktop.node.list_intake import ListIntake
from nas_desktop.node.list_record import ListRecord
from nas_desktop.node.lists import ListMove, ListRoom
from nas_desktop.node.outages import OutageLog
from nas_desktop.node.pnc import PncDesk, PncWay
from nas_desktop.node.pnc_way import PncLine, PncThroughServer, line_to
from nas_desktop.node.profile import Profile, Running, new_token
from nas_desktop.node.retention import RetentionKeeper
from nas_desktop.node.search_line import SearchLine
from nas_desktop.node.search_remote import WayUp, remote_asker
from nas_desktop.node.search_room import SearchRoom
from nas_desktop.node.session import NodeSession
from nas_desktop.node.sign_in import SignInDesk
from nas_desktop.node.steps import StepDesk
from nas_desktop.node.stores import Stores
from nas_desktop.node.streams import Stream
from nas_desktop.node.upstream import Above, Upstream, usual_tls
from nas_desktop.services.events import (
    NodeState,
    TestLeg,
    TestResult,
)
from nas_desktop.services.ports import Clock
from nas_desktop.services.resources import access_policy_of, load_clone_rules, load_match_rules
from nas_desktop.services.tasks import spawn, stop

log = logging.getLogger(__name__)

STATE_LASTS_S = 0.25
"""How long one account of the state serves all sessions, seconds."""

TEST_WITHIN_S = 8.0
"""Longest a connectivity test waits for the node above, seconds; a window waits longer still."""


@dataclass(frozen=True, slots=True)
class NodeOptions:
    """What a node is started with.

    ``listen`` is host and port for others than its own window, None for nobody. ``above`` is the
    node it reports to (for a force node the national service, which it only searches), ``pnc`` the
    service that answers for PNC. ``role`` is ``desk``, ``force`` or ``national``.
    ``has_glyph`` has marks that differ in 0/O and 1/I only count as a hit.
    """

    role: str
    name: str
    is_simulation: bool
    listen: tuple[str, int] | None = None
    above: Above | None = None
    server_tls: ssl.SSLContext | None = None
    client_tls: ssl.SSLContext | None = None
    pnc: Above | None = None
    has_glyph: bool = False

    @property
    def is_desk_of_another(self) -> bool:
        """True for a desk with a server above it; a force node only searches what is above."""
        return self.above is not None and self.role == "desk"


class Node:
    """One running node; made by ``open_node``."""

    def __init__(
        self, profile: Profile, stores: Stores, key: Key, options: NodeOptions, spec: Spec,
        clock: Clock,
    ) -> None:  # fmt: skip
        self.profile = profile
        self.stores = stores
        self.clock = clock
        self.options = options
        self.token = new_token()
        self.key = key
        self._indexes = IndexKeeper(
            load_match_rules(has_glyph=options.has_glyph), lambda i, r: self.engine.use_index(i, r)
        )
        self.engine = Engine(
            stores, spec, clock, self._indexes.index, is_simulation=options.is_simulation
        )
        self.cameras = CameraRoom(stores, clock)
        self.camera_states = CameraStateRoom(stores, clock, self.cameras)
        self.images = ImageRoom(stores, clock)
        self.lists = ListRoom(stores, spec, clock, self._indexes)
        self.distribution = Distribution(self.lists, stores, clock)
        self.intake = ListIntake(self.lists)
        record = ListRecord(stores, clock)
        self.list_desk = ListDesk(stores, self.lists, record)
        self.list_files = ListFiles(self.lists, self.intake, record)
        self.list_record = record
        self.dry_runs = DryRuns(self)
        self.sign_ins = SignInDesk(stores, clock)
        self.searches = SearchRoom(
            stores, clock, self.cameras, options.role,
            access_policy_of(profile.folder / "access.json"),
            self.sign_ins.roles_of, self.sign_ins.name_of, self.sign_ins.account_of,
        )  # fmt: skip
        self.retention = RetentionKeeper(stores, clock, self.changed)
        self.steps = StepDesk(stores, spec, clock, has_upstream=options.is_desk_of_another)
        self.desks = DeskRoom(
            stores, spec, clock, options.name, self.engine, self.steps, self.cameras, self.lists,
            self.changed,
        )  # fmt: skip
        self.audit = AuditRoom(stores, clock, options.role, options.name)
        self.basis = BasisKeeper(stores, spec, clock, self.engine, self.steps, self.lists)
        self.clones = CloneWatch(stores, clock, self.engine, load_clone_rules())
        self.pnc = PncDesk(stores, clock, self.engine, self.lists, None, self.changed)
        self._pnc_line: PncLine | None = None
        self.upstream: Upstream | None = None
        self.national: SearchLine | None = None
        identity = Identity(
            stores.operational.node_id, options.name, options.role, options.is_simulation
        )
        self._own_server = LinkServer(identity, self._open_session, clock)
        self._server = LinkServer(identity, self._open_session, clock)
        self._refused: dict[str, int] = {}
        self.outages = OutageLog(stores, self.engine, clock, options.name, self.changed)
        self._state: NodeState | None = None
        self._state_at = 0.0
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[Any]] = []  # Any: workers return nothing, or never
        self._is_stopped = False
        self.stop_reason = ""

    # ------------------------------------------------------------------ life

    async def start(self) -> None:
        """Open everything and listen.

        Raises:
            Refused: a port is taken, an address unusable, or the profile belongs to another role.
        """
        await self._check_role()
        await self.audit.open()
        await self.stores.forward_audit()
        await self.cameras.open()
        await self.lists.open()
        await self.searches.open()
        await self.sign_ins.open(is_simulation=self.options.is_simulation)
        await self.outages.open()
        self.engine.when_raised.append(self.images.expect)
        self.steps.when_decided.append(self.engine.statistics.count_painted)
        self.lists.when_moved.append(self._list_moved)
        if self.options.above is not None and self.options.is_desk_of_another:
            self.upstream = self._way_up(self.options.above)
        elif self.options.above is not None:
            self.national = SearchLine(
                self.options.above, self._introduction("desk"), self.clock, self.changed,
                self.options.client_tls or usual_tls(self.options.above),
            )  # fmt: skip
            self.national.start()
        if self.searches_above is not None:
            self.searches.ask_remote = remote_asker(self.searches_above)
        self.pnc = PncDesk(
            self.stores, self.clock, self.engine, self.lists, self._way_to_pnc(), self.changed
        )
        await self.desks.open()
        await self.basis.open()
        await self.clones.open()
        await self.pnc.open()
        self._tasks = [
            spawn(self.engine.run(), "engine"),
            spawn(self.lists.run(), "weeding"),
            spawn(self.retention.run(), "retention"),
            spawn(self.desks.run(), "desks"),
        ]
        if self.upstream is not None:
            await self.upstream.start()
            self._tasks.append(spawn(self.outages.watch(self.upstream), "outages"))
        await self._own_server.start("127.0.0.1", 0)
        if self.options.listen is not None:
            await self._server.start(*self.options.listen, self.options.server_tls)
        await self.audit.started(self.options.role)
        self.profile.announce(
            Running(
                self._own_server.port,
                self.token,
                os.getpid(),
                self.stores.operational.node_id,
                self.options.role,
                self.options.is_simulation,
                self._server.port,
            )
        )
        log.info("node %s is up", self.options.role)

    @property
    def searches_above(self) -> WayUp | None:
        """The way that searches go up, None where nobody is above."""
        return self.upstream or self.national

    @property
    def port(self) -> int:
        """The port others connect to; 0 when nobody may."""
        return self._server.port

    @property
    def own_port(self) -> int:
        """The loopback port of the node's own window."""
        return self._own_server.port

    def request_stop(self, reason: str) -> None:
        """Ask for a clean stop; returns at once."""
        self.stop_reason = reason
        self._stopping.set()

    async def wait_for_stop(self) -> None:
        """Return when somebody has asked for a stop, or a worker has failed.

        Raises:
            BaseException: what a worker failed with.
        """
        asked = spawn(_wait(self._stopping), "stop-request")
        done, _pending = await asyncio.wait(
            [asked, *self._tasks], return_when=asyncio.FIRST_COMPLETED
        )
        await stop(asked)
        for task in done:
            if task is not asked:
                task.result()

    async def stop(self) -> None:
        """Stop cleanly: finish what was taken, say goodbye, close the files; once is enough."""
        if self._is_stopped:
            return
        self._is_stopped = True
        await self._server.stop()
        await self._own_server.stop()
        if self.upstream is not None:
            await self.upstream.stop()
        if self.national is not None:
            await self.national.stop()
        await stop(*self._tasks)
        await self.pnc.close()
        if self._pnc_line is not None:
            await self._pnc_line.stop()
        await self.basis.close()
        await self.clones.close()
        await self.desks.close()
        await self.lists.close()
        self._indexes.close()
        self.searches.close()
        try:
            await self.engine.finish()
            await self._record(AuditAction.NODE_STOP, {"why": self.stop_reason})
        except StoreRefused as refusal:
            log.error("the stop could not be put on record: %s", refusal.code)
        self.stores.close()
        self.profile.release()

    async def _check_role(self) -> None:
        """One profile is one node of one kind for good; mixing them would mix their records."""
        kind = "simulation" if self.options.is_simulation else "operational"
        for fact, value in (("role", self.options.role), ("kind", kind)):
            await self.stores.on_operational(bind_profile, self.stores, fact, value)

    def _way_to_pnc(self) -> PncWay | None:
        """Return this node's own line to PNC, else the server, else nothing."""
        if self.options.pnc is not None:
            self._pnc_line = line_to(self.options.pnc, self._introduction("node"), self.clock)
            return self._pnc_line
        return PncThroughServer(self.upstream) if self.upstream is not None else None

    def _introduction(self, kind: str) -> Introduction:
        return Introduction(
            kind,
            self.options.name,
            self.options.is_simulation,
            self.stores.operational.node_id,
        )

    async def _list_moved(self, move: ListMove) -> None:
        self.changed()

    def _way_up(self, above: Above) -> Upstream:
        who = self._introduction("desk")
        upstream = Upstream(
            above, who, self.stores, self.clock, self.engine, self.steps, self.images, self.lists,
            self.intake, self.changed, self.options.client_tls or usual_tls(above),
        )  # fmt: skip
        self.images.ask_above = upstream.want_images
        self.images.when_own.append(upstream.couriers.images_waiting)
        self.steps.when_outgoing.append(upstream.couriers.steps_waiting)
        self.engine.when_own.append(upstream.couriers.reads_waiting)
        self.sign_ins.ask_above = upstream.check_person
        self.list_files.ask_above = upstream.ask
        upstream.learn_cameras = self.cameras.learn
        self.camera_states.ask_above = states_above(upstream)
        upstream.speak_for(self.desks)
        self.stores.reads.needed_from = upstream.couriers.needed_from
        return upstream

    # ------------------------------------------------------------------ for sessions

    def _open_session(self, session_id: str, hello: m.Hello, peer: Peer) -> Handler:
        return NodeSession(self, session_id, hello, peer)

    def session_ended(self, session: NodeSession) -> None:
        """A session is over."""
        self.changed()

    def stream(self, name: str) -> Stream[Any]:  # Any: each stream has its own kind of item
        """Return a stream by the name it has in ``Subscribe``."""
        streams: dict[str, Stream[Any]] = {
            "reads": self.engine.reads,
            "hits": self.engine.hits,
            "steps": self.steps.stream,
        }
        return streams[name]

    def count_refusal(self, code: str, count: int = 1) -> None:
        """Count something that was refused."""
        if count:
            self._refused[code] = self._refused.get(code, 0) + count

    async def test(
        self, vrm: str, operator: Operator | None, workstation: str, session: str
    ) -> TestResult:
        """Pass QQ111QQQ on as far as the chain goes; leaves no trace but its audit record.

        Raises:
            Refused: ``test_vrm`` for any other VRM.
        """
        if vrm != TEST:
            raise Refused("test_vrm", "A connectivity test uses QQ111QQQ and nothing else.")
        began, at = self.clock.monotonic(), self.clock.now()
        legs: tuple[TestLeg, ...] = ()
        detail, is_complete = "The chain ends here: no NAS is configured.", True
        if self.upstream is not None:
            name = f"{self.options.name} to server and back"
            try:
                beyond = await self.upstream.test(vrm, TEST_WITHIN_S)
            except LinkDown as down:
                legs = (TestLeg(name, None, down.message),)
                detail, is_complete = "The server did not answer.", False
            else:
                seconds = max(0.0, self.clock.monotonic() - began - beyond.total_s)
                legs = (TestLeg(name, seconds), *beyond.legs)
                detail, is_complete = beyond.detail, beyond.is_complete
        total = self.clock.monotonic() - began
        await self.stores.record(
            AuditRecord(
                AuditAction.TEST_READ,
                at,
                operator.username if operator else "",
                workstation,
                session,
                detail={"complete": "yes" if is_complete else "no"},
            )
        )
        return TestResult(at, legs, total, is_complete, detail)

    # ------------------------------------------------------------------ state

    def changed(self) -> None:
        """Something changed that windows ought to know at once."""
        self._state = None
        self._changed.set()
        self._changed = asyncio.Event()

    async def state_changed(self, within_s: float) -> None:
        """Return when the state has changed, or after a while."""
        try:
            async with asyncio.timeout(within_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def state(self) -> NodeState:
        """Return the node's account of itself."""
        now = self.clock.monotonic()
        if self._state is None or now - self._state_at > STATE_LASTS_S:
            self._state, self._state_at = account_of(self), now
        return self._state

    def refusals(self) -> dict[str, int]:
        """Return everything refused so far, by code: in sessions and at the doors."""
        counted = Counter(self._refused)
        counted.update(self._server.refused)
        counted.update(self._own_server.refused)
        return dict(counted)

    async def _record(self, action: AuditAction, detail: dict[str, str]) -> None:
        await self.stores.record(
            AuditRecord(action, self.clock.now(), workstation=self.options.name, detail=detail)
        )


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def open_node(
    folder: Path,
    key: Key,
    options: NodeOptions,
    spec: Spec,
    clock: Clock,
    *,
    stores_in: Path | None = None,
) -> Node:
    """Take a profile and open its stores; ``start`` comes next.

    ``stores_in`` is where the store files lie when that is not the profile's own folder, which a
    session-only key asks for.

    Raises:
        Refused: the profile is in use or cannot be opened; nothing is left locked.
    """
    profile = Profile(folder)
    try:
        stores = Stores(stores_in or folder, key.secret, options.role)
        if not options.role:
            options = replace(options, role=stores.operational.fact("role") or "desk")
        if options.role == "desk" and options.above is None:
            options = replace(options, above=_remembered_above(stores))
    except BaseException:
        profile.release_lock()
        raise
    return Node(profile, stores, key, options, spec, clock)


def bind_profile(stores: Stores, fact: str, value: str) -> None:
    """Say what a profile is for, once and for good: its ``role``, and its ``kind`` of data.

    Raises:
        Refused: ``other_profile`` when it was something else before.
    """
    held = stores.operational.fact(fact)
    if held is None:
        stores.operational.set_fact(fact, value)
    elif held != value:
        raise Refused(
            "other_profile",
            f"This data folder belongs to another kind of node: {held}.",
            "Give another folder with --data; simulated and real data never share one.",
        )


def _remembered_above(stores: Stores) -> Above | None:
    """Return the way up that the desk was last started with; a window starts it without one."""
    url = stores.operational.fact("upstream")
    if not url:
        return None
    username = stores.operational.fact("upstream_username") or ""
    password = stores.operational.fact("upstream_password") or ""
    return Above(url, username, password, stores.operational.fact("upstream_ca") or "")
