"""One session on a node: every message is checked against the sender's rights, then dealt with."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import FrameTooLarge, LinkDown, Peer
from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.domain.access import Operator, Right, Role, may
from nas_desktop.domain.errors import ReadRefused, Refused
from nas_desktop.domain.hit_life import NODE, Step, StepKind
from nas_desktop.domain.read import Read, accept_read
from nas_desktop.domain.vrm import TEST
from nas_desktop.node.audit_work import AUDIT_WORK, AuditWork, may_work_on_audit
from nas_desktop.node.desk_work import DESK_WORK, DeskWork, may_work_on_desks
from nas_desktop.node.list_work import LIST_WORK, ListWork, may_work_on_lists
from nas_desktop.node.map_work import MAP_WORK, MapWork, may_work_on_map
from nas_desktop.node.search_who import Who
from nas_desktop.node.search_work import (
    CAMERAS_AT_ONCE,
    SEARCH_WORK,
    SearchWork,
    may_search,
)
from nas_desktop.node.streams import Subscription
from nas_desktop.services.desks import without_words
from nas_desktop.services.events import NodeState
from nas_desktop.services.tasks import spawn, stop

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

log = logging.getLogger(__name__)

MAX_DENIED = 10
"""Messages without the right to send them after which a session is closed."""

MAX_FAILED_SIGN_INS = 5
"""Failed sign-ins after which a session is closed."""

STATE_S = 1.0

AHEAD = timedelta(minutes=1)
"""How far a desk's clock may be ahead before its steps are taken to be of now."""

SIGN_IN_S = 15.0
"""How long a session may stay open without anybody signed in, seconds."""

_NEEDS: dict[type[m.Message], Right] = {
    m.SendReads: Right.SEND_READS,
    m.SendImages: Right.SEND_READS,
    m.Cameras: Right.SEND_READS,
    m.SendGaps: Right.SEND_GAPS,
    m.WantImages: Right.SEE_HITS,
    m.HaveLists: Right.RECEIVE_LISTS,
    m.WantList: Right.RECEIVE_LISTS,
    m.ListsHeld: Right.RECEIVE_LISTS,
    m.PncCheck: Right.CHECK_PNC,
    m.Test: Right.TEST,
    m.StopNode: Right.STOP_NODE,
}
_STREAM_NEEDS = {"reads": Right.SEE_READS, "hits": Right.SEE_HITS, "steps": Right.SEE_HITS}
_BY_SUPERVISORS = frozenset({StepKind.ASSIGN})
_BY_RULE = frozenset({StepKind.ESCALATE})
_BY_THE_NODE = _BY_RULE | {StepKind.RESUME, StepKind.RAISE}
_KINDS = frozenset({"camera", "desk", "window", "cli"})
_FREE = (m.SignIn, m.SignOut, m.Heartbeat, m.Bye)


class NodeSession:
    """The node's side of one session; see ``adapters.link.server.Handler``."""

    def __init__(self, node: Node, session_id: str, hello: m.Hello, peer: Peer) -> None:
        self._node = node
        self._id = session_id
        self._peer = peer
        # Both are a stranger's words: one goes to the log, the other on other people's screens.
        self._kind = hello.kind if hello.kind in _KINDS else "other"
        self._name = "".join(c for c in hello.name[:64] if c.isprintable())
        self._token = ""
        self._base: tuple[Role, ...] = ()
        if hello.token and hmac.compare_digest(hello.token.encode(), node.token.encode()):
            self._base = (Role.WINDOW,)
        elif hello.token:
            raise Refused("token_refused", "The token is not this node's.")
        self._list_work = ListWork(node, peer, self._name, session_id)
        self._search_work = SearchWork(node, peer, self._name, session_id)
        self._cameras_sent = 0
        self._audit_work = AuditWork(node, peer, self._name, session_id)
        self._desk_work = DeskWork(node, peer, self._name, session_id)
        self._map_work = MapWork(node, peer, self._name, session_id)
        self._denied = 0
        self._failed = 0
        self._subscriptions: dict[str, Subscription[object]] = {}
        self._confirmations: asyncio.Queue[
            tuple[int, asyncio.Future[None], list[m.RefusedItem]]
        ] = asyncio.Queue(1_000)
        self._tasks = [
            spawn(self._report(), "session-state"),
            spawn(self._confirm(), "session-confirm"),
        ]

    @property
    def is_known(self) -> bool:
        """True once somebody is signed in here, or for the node's own window."""
        return bool(self._base or self._token)

    # ------------------------------------------------------------------ rights

    def _operator(self) -> Operator | None:
        return self._node.sign_ins.claims(self._token) if self._token else None

    def _username(self) -> str:
        operator = self._operator()
        return operator.username if operator is not None else ""

    def _roles(self) -> tuple[Role, ...]:
        operator = self._operator()
        return self._base + (operator.roles if operator is not None else ())

    def _may(self, message: m.Message, roles: Sequence[Role]) -> bool:
        match message:
            case m.SignIn(is_check=True):
                return Role.DESK in roles
            case m.Subscribe(stream=stream):
                right = _STREAM_NEEDS.get(stream)
                return right is not None and may(roles, right)
            case m.SendSteps():
                return may(roles, Right.STEP) or may(roles, Right.RELAY_STEPS)
        if isinstance(message, _FREE):
            return True
        if isinstance(message, LIST_WORK):
            return may_work_on_lists(message, roles)
        if isinstance(message, SEARCH_WORK):
            return may_search(message, roles)
        if isinstance(message, AUDIT_WORK):
            return may_work_on_audit(message, roles)
        if isinstance(message, DESK_WORK):
            return may_work_on_desks(message, roles)
        if isinstance(message, MAP_WORK):
            return may_work_on_map(message, roles)
        needed = _NEEDS.get(type(message))
        return needed is not None and may(roles, needed)

    # ------------------------------------------------------------------ receiving

    async def received(self, message: m.Message, is_bulk: bool) -> None:
        """Check the right to send this message, then deal with it."""
        tag = str(message.__struct_config__.tag)
        ref = getattr(message, "batch", 0) or getattr(message, "request", 0)
        roles = self._roles()
        try:
            if not self._may(message, roles):
                await self._deny(tag, ref, is_signed_in=bool(roles))
                return
            await self._deal(message, is_bulk, roles)
        except LinkDown:
            raise
        except Refused as refusal:
            self._peer.counts.refuse(refusal.code)
            await self._peer.refuse(refusal, tag, ref)

    async def _deny(self, tag: str, ref: int, *, is_signed_in: bool) -> None:
        self._denied += 1
        code = "not_permitted" if is_signed_in else "not_signed_in"
        self._node.count_refusal(code)
        self._peer.counts.refuse(code)
        if is_signed_in:
            message = "The account does not have the right to do this."
            remedy = "Ask the administrator for the role it needs."
        else:
            message, remedy = "Nobody is signed in on this session.", "Sign in first."
        operator = self._operator()
        if operator is not None:  # strangers are counted; they may not fill the audit
            await self._node.stores.record(
                AuditRecord(
                    AuditAction.DENIED,
                    self._node.clock.now(),
                    operator.username,
                    self._name,
                    self._id,
                    detail={"message": tag, "why": code},
                )
            )
        await self._peer.refuse(Refused(code, message, remedy), tag, ref)
        if self._denied >= MAX_DENIED:
            await self._peer.send(m.Bye("too many messages without the right to send them"))
            await self._peer.close()

    async def _deal(self, message: m.Message, is_bulk: bool, roles: Sequence[Role]) -> None:
        node, peer = self._node, self._peer
        match message:
            case m.Heartbeat():
                await self._beat(message)
            case m.SendReads():
                await self._take_reads(message, is_bulk, roles)
            case m.SendImages(batch=batch, images=images):
                refused = await node.images.put(images, is_own=True)
                node.count_refusal("image", len(refused))
                await peer.send(m.Stored(batch, refused))
            case m.SendSteps():
                await self._take_steps(message, roles)
            case m.SendGaps(batch=batch, gaps=gaps):
                await node.outages.take(
                    [replace(gap, hop=f"{self._name}: {gap.hop}"[:120]) for gap in gaps[:1_000]]
                )
                await peer.send(m.Stored(batch))
            case m.Cameras(cameras=cameras):
                await node.cameras.register(cameras, self._id)
            case m.Subscribe():
                await self._subscribe(message)
            case m.WantImages(read_ids=read_ids, kinds=kinds):
                if Role.DESK not in roles:
                    who = Who(self._username(), self._name, self._id)
                    await node.searches.note_images(read_ids[:500], kinds, who)
                await node.images.want(read_ids[:500], kinds, peer)
            case m.HaveLists(revisions=revisions, partial=partial):
                await node.distribution.subscribe(peer, self._name, revisions, partial)
            case m.WantList(name=name):
                node.distribution.want(peer, name)
            case m.ListsHeld(revisions=revisions):
                node.distribution.held(peer, revisions)
            case m.PncCheck(request=request, vrms=vrms):
                self._tasks.append(spawn(self._check_pnc(request, vrms), "session-pnc"))
            case m.SignIn():
                await self._sign_in(message)
            case m.SignOut():
                await self._sign_out()
            case m.Test():
                self._tasks.append(spawn(self._test(message), "session-test"))
            case m.StopNode():
                node.request_stop(f"asked by {self._kind}")
            case _ if isinstance(message, LIST_WORK):
                await self._list_work.received(message, self._operator(), roles)
            case _ if isinstance(message, SEARCH_WORK):
                await self._search_work.received(message, self._operator(), roles)
            case _ if isinstance(message, AUDIT_WORK):
                await self._audit_work.received(message, self._operator(), roles)
            case _ if isinstance(message, DESK_WORK):
                await self._desk_work.received(message, self._operator(), roles)
            case _ if isinstance(message, MAP_WORK):
                await self._map_work.received(message, self._operator(), roles)
            case _:
                return

    async def _check_pnc(self, request: int, vrms: Sequence[str]) -> None:
        try:
            reports = await self._node.pnc.ask_for(vrms)
            await self._peer.send(m.PncAnswer(request, reports))
        except LinkDown:
            return
        except Refused as refusal:
            await self._peer.refuse(refusal, "pnc_check", request)

    async def _beat(self, beat: m.Heartbeat) -> None:
        now = self._node.clock.now()
        if self._kind == "camera":
            self._node.cameras.beat(self._id, beat.held)
        await self._peer.send(m.HeartbeatReply(beat.seq, beat.sent_at, now, self._node.clock.now()))

    # ------------------------------------------------------------------ reads and steps

    async def _take_reads(self, message: m.SendReads, is_bulk: bool, roles: Sequence[Role]) -> None:
        node = self._node
        now = node.clock.now()
        operator = self._operator()
        scope = node.sign_ins.scope_of(operator.username) if operator is not None else ""
        is_desk = Role.DESK in roles
        reads: list[Read] = []
        refused: list[m.RefusedItem] = []
        for index, item in enumerate(message.reads):
            received_at = item.received_at if is_desk else None
            if not isinstance(received_at, datetime) or received_at.tzinfo is None:
                received_at = now
            try:
                read = accept_read(
                    item,
                    min(received_at, now),
                    is_backlog=message.is_backlog,
                    registered=node.cameras.registered,
                )
                _check_read(read, scope)
            except ReadRefused as refusal:
                refused.append(m.RefusedItem(index, refusal.field, refusal.message))
                continue
            reads.append(read)
        node.count_refusal("read", len(refused))
        node.images.announce(reads)
        if self._kind != "desk":
            node.cameras.heard(reads, self._id)
        done = await node.engine.put(reads, is_backlog=is_bulk or message.is_backlog)
        await self._confirmations.put((message.batch, done, refused))

    async def _confirm(self) -> None:
        """Tell the sender what is on disk, in the order it was sent."""
        try:
            while True:
                batch, done, refused = await self._confirmations.get()
                try:
                    await done
                except StoreRefused as refusal:
                    await self._peer.refuse(refusal, "send_reads", batch)
                    continue
                await self._peer.send(m.Stored(batch, refused))
        except LinkDown:
            return

    async def _take_steps(self, message: m.SendSteps, roles: Sequence[Role]) -> None:
        now = self._node.clock.now()
        message = m.SendSteps(message.batch, [_timely(step, now) for step in message.steps])
        operator = self._operator()
        assert operator is not None  # a right to steps comes with a signed-in account only
        if Role.DESK in roles:
            steps = [s for s in message.steps if self._may_be_relayed(s)]
            if len(steps) < len(message.steps):
                self._node.count_refusal("step_operator", len(message.steps) - len(steps))
        else:
            steps = [self._signed(s, operator) for s in message.steps]
            if any(s.kind in _BY_SUPERVISORS for s in steps) and not may(roles, Right.SUPERVISE):
                raise Refused(
                    "not_permitted",
                    "Only a supervisor gives hits to other desks.",
                    "Pass your own hits with P.",
                )
            if any(s.kind in _BY_RULE for s in steps):
                raise Refused("not_permitted", "Only the node itself takes this step.")
        await self._node.steps.take(
            steps, operator.username, self._id, must_know_hit=Role.DESK not in roles
        )
        await self._peer.send(m.Stored(message.batch))

    def _may_be_relayed(self, step: Step) -> bool:
        """A desk speaks for people who handle hits, and for itself where it was cut off."""
        if step.operator == NODE:
            return step.kind in _BY_THE_NODE
        if step.kind in _BY_RULE:
            return False
        sign_ins = self._node.sign_ins
        return sign_ins.may_handle(step.operator, supervises=step.kind in _BY_SUPERVISORS)

    def _signed(self, step: Step, operator: Operator) -> Step:
        """The session says who acts and where, whatever the message claims."""
        return replace(step, operator=operator.name, workstation=self._name)

    # ------------------------------------------------------------------ the rest

    async def _subscribe(self, wanted: m.Subscribe) -> None:
        old = self._subscriptions.pop(wanted.stream, None)
        if old is not None:
            await old.stop()
        subscription: Subscription[object] = Subscription(
            self._node.stream(wanted.stream), self._peer
        )
        self._subscriptions[wanted.stream] = subscription
        await subscription.start(wanted)
        if wanted.stream == "reads":
            await self._send_cameras()

    async def _send_cameras(self) -> None:
        """Tell who receives the reads which cameras they come from."""
        known = list(self._node.cameras.known().values())
        self._cameras_sent = len(known)
        for first in range(0, len(known), CAMERAS_AT_ONCE):
            await self._peer.send(m.Cameras(known[first : first + CAMERAS_AT_ONCE]), bulk=True)

    async def _sign_in(self, message: m.SignIn) -> None:
        desk = self._node.sign_ins
        try:
            operator, token = await desk.sign_in(
                message.username, message.password, self._name, self._id
            )
        except Refused as refusal:
            self._failed += 1
            self._node.count_refusal(refusal.code)
            await self._peer.refuse(refusal, "sign_in", message.request)
            # A desk relays many people's attempts; the limit is for those who guess.
            if self._failed >= MAX_FAILED_SIGN_INS and not message.is_check:
                await self._peer.send(m.Bye("too many failed sign-ins"))
                await self._peer.close()
            return
        if not message.is_check:
            self._token = token
            self._failed = 0
        await self._peer.send(
            m.SignedIn(
                message.request,
                "" if message.is_check else token,
                operator.username,
                operator.name,
                [str(role) for role in operator.roles],
                operator.expires_at,
                operator.is_vouched,
            )
        )

    async def _sign_out(self) -> None:
        operator = self._operator()
        self._token = ""
        await self._search_work.signed_out()
        for name in list(self._subscriptions):
            await self._subscriptions.pop(name).stop()
        if operator is not None:
            await self._node.sign_ins.sign_out(operator, self._name, self._id)

    async def _test(self, message: m.Test) -> None:
        operator = self._operator()
        try:
            result = await self._node.test(message.vrm, operator, self._name, self._id)
            await self._peer.send(m.TestDone(message.request, result))
        except LinkDown:
            return
        except Refused as refusal:
            await self._peer.refuse(refusal, "test", message.request)

    async def _report(self) -> None:
        """Send the state every second, and at once when it changes."""
        try:
            opened = self._node.clock.monotonic()
            while True:
                if self.is_known:
                    opened = self._node.clock.monotonic()
                elif self._node.clock.monotonic() - opened > SIGN_IN_S:
                    await self._peer.send(m.Bye("nobody has signed in"))
                    await self._peer.close()
                    return
                if self._token and self._operator() is None:
                    await self._expire()
                if "reads" in self._subscriptions and self._cameras_sent != len(
                    self._node.cameras.known()
                ):
                    await self._send_cameras()
                if may(self._roles(), Right.SEE_STATE):
                    await self._send_state(self._visible_state())
                await self._node.state_changed(STATE_S)
        except LinkDown:
            return

    async def _send_state(self, state: NodeState) -> None:
        """Send the state; large ones by the other socket, the largest without the desks."""
        try:
            await self._peer.send(m.State(state))
        except FrameTooLarge:
            try:
                await self._peer.send(m.State(state), bulk=True)
            except FrameTooLarge:
                await self._peer.send(m.State(replace(state, desks=())), bulk=True)

    def _visible_state(self) -> NodeState:
        """Return the node's state without lists that only their owner may know of.

        The words of desks' filters may name a vehicle: they are for supervisors, and for a desk
        that passes them on.
        """
        state = self._node.state()
        roles = self._roles()
        if not may(roles, Right.SUPERVISE) and not may(roles, Right.RELAY_DESKS):
            state = replace(state, desks=without_words(state.desks))
        operator = self._operator()
        username = operator.username if operator is not None else ""
        if not any(one.is_covert and one.owner != username for one in state.lists):
            return state
        lists = tuple(o for o in state.lists if not o.is_covert or o.owner == username)
        return replace(state, lists=lists)

    async def _expire(self) -> None:
        """A token that has run out ends what it paid for, and says so."""
        await self._sign_out()
        await self._peer.refuse(
            Refused("session_expired", "The sign-in has run out.", "Sign in again.")
        )

    async def closed(self, reason: str) -> None:
        """Stop serving; called once by the server."""
        log.debug("session of %s ended: %s", self._kind, reason)
        for subscription in self._subscriptions.values():
            await subscription.stop()
        await stop(*self._tasks)
        self._node.images.forget(self._peer)
        await self._list_work.close()
        await self._search_work.close()
        await self._audit_work.close()
        await self._desk_work.close()
        await self._map_work.close()
        await self._node.distribution.forget(self._peer)
        self._node.intake.forget(self._peer)
        self._node.cameras.closed(self._id)
        self._node.session_ended(self)


def _check_read(read: Read, scope: str) -> None:
    if read.vrm == TEST:
        raise ReadRefused("vrm", "QQ111QQQ is for connectivity tests and is never stored.")
    if scope:
        feed, _slash, source = scope.partition("/")
        if read.camera.feed_id != feed or (source and str(read.camera.source_id) != source):
            raise ReadRefused("feed_id", "The account may not send reads of this camera.")


def _timely(step: Step, now: datetime) -> Step:
    """Return a step that does not come from the future, whatever the desk's clock says.

    Raises:
        Refused: ``step_unusable`` for a time without its zone.
    """
    if step.at.tzinfo is None or (step.until is not None and step.until.tzinfo is None):
        raise Refused("step_unusable", "A time of the step has no time zone.", "Set the clock.")
    return replace(step, at=now) if step.at > now + AHEAD else step
