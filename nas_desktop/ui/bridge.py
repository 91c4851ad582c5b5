"""Between the link and the window: events in, one drain clock, intentions out.

Events wait for a drain: at once after a pause, else 100 ms (one insert a turn: 150 rows/s at best).

What was painted is reported back by the views: it ends the latency ledger, makes the delivery
receipt, and decides which hits an acknowledgement covers.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, assert_never

from PySide6.QtCore import QObject, QTimer, Signal

from nas_desktop.domain.access import HANDLING_ROLES, Operator, Right, may
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_life import DecidedStep, Step, StepKind
from nas_desktop.domain.read import Read, ReadId
from nas_desktop.services.cards import Card, CardId
from nas_desktop.services.events import (
    Event,
    HitsRaised,
    ImageArrived,
    ImageKind,
    ImageMissing,
    NodeFound,
    NodeLost,
    NodeState,
    SignInLost,
    StateReported,
    StepsDecided,
)
from nas_desktop.services.exercise import ExerciseWall
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.ports import Clock, NodeLink
from nas_desktop.ui.images import ImageCache, ImageWants
from nas_desktop.ui.receipts import Receipts
from nas_desktop.ui.step_history import StepHistory

DRAIN_MS = 100
"""Most often that arrivals are put on the board; a person cannot tell it from at once."""

LOAD_FROM = 64
"""From this many hits and steps in one drain the board takes them in one reset."""

MAX_REMEMBERED = 50_000
"""Hits whose painting is remembered; the oldest leave, their delivery is on the node's record."""

Spawn = Callable[[Coroutine[Any, Any, Any], str], object]  # Any: tasks of every result type
"""``services.tasks.spawn``, or a test's own."""


class Bridge(QObject):
    """The window's side of the node.

    Signals:
        about_to_drain, drained: around every change of the board.
        images_changed(set of ReadId): images came, or are known to be missing.
        state_changed: the node reported, was lost or was found.
        operator_changed: somebody signed in or out.
        lock_changed: the window was locked or unlocked; the same person stays signed in.
        notice(message, remedy): something was refused, in words for the operator.
    """

    about_to_drain = Signal()
    drained = Signal()
    images_changed = Signal(object)
    state_changed = Signal()
    operator_changed = Signal()
    lock_changed = Signal()
    notice = Signal(str, str)

    def __init__(
        self,
        link: NodeLink,
        board: HitBoard,
        clock: Clock,
        spawn: Spawn,
        workstation: str = "This desk",
    ) -> None:
        super().__init__()
        self.link = link
        self.board, self.clock, self.workstation = board, clock, workstation
        self.wall = ExerciseWall(link, clock, self.receive)
        self.images = ImageCache()
        self.operator: Operator | None = None
        self.signed_in_at = clock.now()
        self.is_locked = False
        self.state: NodeState | None = None
        self.is_linked = False
        self.lost: NodeLost | None = None
        self.fresh: set[CardId] = set()
        self.history = StepHistory()
        self.painted_at: dict[HitId, datetime] = {}
        self.paint_ms: deque[float] = deque(maxlen=10_000)
        self.drains = 0
        self._spawn = spawn
        self.is_visible = False  # shown and not minimised; kept by the window
        self._is_photographed = False
        self._state_came = clock.monotonic()
        self._hits: list[Hit] = []
        self._steps: list[DecidedStep] = []
        self._images: list[ImageArrived | ImageMissing] = []
        self._is_state_new = self._is_urgent = self._is_cooling = False
        self._arrived: dict[HitId, float] = {}
        self._painted_sizes: dict[CardId, tuple[object, ...]] = {}
        self._receipts = Receipts()
        self._undelivered: dict[HitId, datetime] = {}
        self._wants = ImageWants(self.images)
        self._at_once = QTimer(self, singleShot=True, interval=0)
        self._at_once.timeout.connect(self._drain)
        self._drain_timer = QTimer(self, singleShot=True, interval=DRAIN_MS)
        self._drain_timer.timeout.connect(self._on_drain_timer)
        link.listen(self.receive)

    # ------------------------------------------------------------------ what the views ask

    @property
    def who(self) -> str:
        """The name steps are made under; empty while nobody is signed in."""
        return self.operator.name if self.operator else ""

    @property
    def may_handle(self) -> bool:
        """True when the operator may acknowledge hits and record outcomes."""
        return self.operator is not None and bool(HANDLING_ROLES.intersection(self.operator.roles))

    @property
    def may_see_hits(self) -> bool:
        """True when the operator's roles include seeing hits."""
        return self.operator is not None and may(self.operator.roles, Right.SEE_HITS)

    @property
    def supervises(self) -> bool:
        """True when the operator sees the hits of all desks and may give them away."""
        return self.operator is not None and may(self.operator.roles, Right.SUPERVISE)

    @property
    def state_age_s(self) -> float:
        """Seconds since the node's last report came."""
        return self.clock.monotonic() - self._state_came

    @property
    def is_attended(self) -> bool:
        """True while somebody is signed in and can see the hits."""
        is_seen = self.is_visible and not self.is_locked and not self._is_photographed
        return self.operator is not None and is_seen

    @contextmanager
    def photographed(self) -> Iterator[None]:
        """While a picture of the window is made, its painting counts for nothing."""
        self._is_photographed = True
        try:
            yield
        finally:
            self._is_photographed = False

    # ------------------------------------------------------------------ events in

    def receive(self, event: Event) -> None:
        """Put down an event of the link; called on the loop's thread."""
        match event:
            case HitsRaised():
                self._hits += event.hits
                if not event.is_backlog:
                    now = self.clock.monotonic()
                    for hit in event.hits:
                        self._arrived.setdefault(hit.hit_id, now)
                self._wake()
            case StepsDecided():
                self._steps += event.steps
                # The echo of our own receipts can wait; an acknowledgement anywhere cannot.
                if any(s.step.kind is not StepKind.DELIVER for s in event.steps):
                    self._wake()
                else:
                    self._soon()
            case ImageArrived() | ImageMissing():
                self._images.append(event)
                self._soon()
            case StateReported():
                self.state = event.state
                self._state_came = self.clock.monotonic()
                self._is_state_new = True
                self._soon()
            case NodeFound():
                self.is_linked, self.lost = True, None
                self._wants.forget_all()
                self._is_state_new = True
                self._wake()
            case NodeLost():
                self.is_linked, self.lost = False, self.lost or event
                self._is_state_new = True
                self._wake()
            case SignInLost():
                self.set_operator(None)
                self.notice.emit(event.message, event.remedy)
            case _:
                assert_never(event)

    def _wake(self) -> None:
        self._is_urgent = True
        if not self._is_cooling and not self._at_once.isActive():
            self._at_once.start()

    def _soon(self) -> None:
        if not self._drain_timer.isActive():
            self._drain_timer.start()

    def _on_drain_timer(self) -> None:
        self._is_cooling = False
        if self._hits or self._steps or self._images or self._is_state_new:
            self._drain()
        self._send_waiting()

    def _drain(self) -> None:
        """Hand everything that waits to the board and the views, once."""
        self.drains += 1
        (hits, self._hits), (steps, self._steps) = (self._hits, []), (self._steps, [])
        images, self._images = self._images, []
        # Only what was urgent holds up what is urgent: images and figures do not delay a hit.
        self._is_cooling, self._is_urgent = self._is_urgent, False
        self._drain_timer.start()
        self.history.add(steps)
        if hits or steps:
            self.about_to_drain.emit()
            if len(hits) + len(steps) > LOAD_FROM:
                self.fresh = set()
                self.board.load(hits, steps)
            else:
                raised = [self.board.raise_hit(hit) for hit in hits]
                self.fresh = {card.card_id for card in raised if card is not None}
                for step in steps:
                    self.board.apply(step)
            ours = (self.who, self.workstation)
            for hit_id in self._receipts.refused(steps, ours, self.clock.monotonic()):
                if (refused := self.board.card_of_hit(hit_id)) is not None:
                    self._painted_sizes.pop(refused.card_id, None)
            self.drained.emit()
        if images:
            self.images_changed.emit(self.images.keep(images))
        if self._is_state_new:
            self._is_state_new = False
            self.state_changed.emit()

    # ------------------------------------------------------------------ painting and images

    def note_painted(self, card: Card) -> None:
        """Told by a view that a card is on screen; who may only look gives no receipt for it."""
        version = tuple((life.handed_to, life.escalated) for life in card.lives.values())
        if self._painted_sizes.get(card.card_id) == version or not self.is_attended:
            return
        self._painted_sizes[card.card_id] = version
        now, at, all_desks = self.clock.monotonic(), self.clock.now(), self.supervises
        for hit_id, life in card.lives.items():
            if hit_id not in self.painted_at:
                self.painted_at[hit_id] = at
                arrived = self._arrived.pop(hit_id, None)
                if arrived is not None:
                    self.paint_ms.append((now - arrived) * 1000)
            if not (self.may_handle and life.owes_receipt(self.workstation, supervises=all_desks)):
                continue
            if self._receipts.take(hit_id, life, now):
                self._undelivered[hit_id] = at
                self._soon()
            elif self._receipts.is_refused(hit_id):
                self._painted_sizes.pop(card.card_id, None)  # to be looked at with the next paint
        while len(self.painted_at) > MAX_REMEMBERED:
            self.painted_at.pop(gone := next(iter(self.painted_at)))
            self._receipts.forget(gone)

    def want(self, reads: Iterable[Read], kinds: Sequence[ImageKind]) -> None:
        """Ask for images that are not here yet; asked for once, in batches."""
        if self._wants.add(reads, kinds):
            self._soon()

    def _send_waiting(self) -> None:
        for kind, read_ids in self._wants.take().items():
            self.run(self._ask_images(read_ids, kind), "want-images")
        if self._undelivered and self.operator is not None:
            undelivered, self._undelivered = self._undelivered, {}
            steps = [
                self._step(hit_id, StepKind.DELIVER, at=at) for hit_id, at in undelivered.items()
            ]
            self.run(self._send_deliveries(steps), "deliver")

    async def _ask_images(self, ids: list[ReadId], kind: ImageKind) -> None:
        try:
            await self.link.want_images(ids, [kind])
        except Refused:  # to be asked again at the next look; the operator is told by run
            self._wants.forget(ids, kind)
            raise

    async def _send_deliveries(self, steps: list[Step]) -> None:
        try:
            await self.wall.send_steps(steps)
        except Refused:
            # Kept for the next drain; a lost link is already said by the banner.
            self._undelivered.update({step.hit_id: step.at for step in steps})
            if self.lost is None:
                raise

    # ------------------------------------------------------------------ intentions out

    def covered(self, card: Card) -> tuple[HitId, ...]:
        """Return the hits that an acknowledgement covers: unacknowledged and painted."""
        return tuple(i for i in card.unacknowledged if i in self.painted_at)

    def acknowledge(self, card: Card) -> bool:
        """Acknowledge what was on screen of a card; the card keeps its place meanwhile."""
        hit_ids = self.covered(card) if self.may_handle else ()
        return self.take_steps(card, hit_ids, StepKind.ACKNOWLEDGE)

    def act(self, card: Card, code: str, text: str = "") -> bool:
        """Record what was done about a card's acknowledged hits."""
        return self.take_steps(card, self.open_hits(card), StepKind.ACTION, code=code, text=text)

    def close_card(self, card: Card, code: str, text: str = "") -> bool:
        """Record the outcome of a card's acknowledged hits."""
        return self.take_steps(card, self.open_hits(card), StepKind.OUTCOME, code=code, text=text)

    def open_hits(self, card: Card) -> tuple[HitId, ...]:
        """Return the hits that somebody took and nobody closed; none without the right."""
        if not self.may_handle:
            return ()
        return tuple(
            hit_id
            for hit_id, life in card.lives.items()
            if not life.is_unacknowledged and not life.is_final
        )

    def take_steps(self, card: Card, hit_ids: Sequence[HitId], kind: StepKind, **more: Any) -> bool:
        """Send one step for each of these hits of a card; False when there are none.

        Steps of one key have one instant, by which they can be withdrawn together. Any: the
        further fields of ``Step``.
        """
        if not hit_ids:
            return False
        self.board.hold(card.card_id)
        at = self.clock.now()
        steps = [self._step(hit_id, kind, at=at, **more) for hit_id in hit_ids]
        self.run(self.wall.send_steps(steps), kind.value)
        return True

    def _step(
        self, hit_id: HitId, kind: StepKind, *, at: datetime, **more: Any
    ) -> Step:  # Any: the further fields of a step
        who, desk = self.who, self.workstation
        return Step(os.urandom(16), hit_id, kind, who, desk, at, **more)

    def release(self) -> None:
        """Let the card that was acted on move to where it belongs."""
        self.about_to_drain.emit()
        self.fresh = set()
        self.board.release()
        self.drained.emit()

    async def sign_in(self, username: str, password: str) -> Operator:
        """Sign a person in; raises ``Refused`` with words for the sign-in page."""
        operator = await self.link.sign_in(username, password)
        self.set_operator(operator)
        return operator

    def sign_out(self) -> None:
        """Show the board to nobody, and give the rights back."""
        self.set_operator(None)
        self.run(self.link.sign_out(), "sign-out")

    def set_operator(self, operator: Operator | None) -> None:
        """Make the board this person's, or nobody's."""
        self.operator, self.signed_in_at, self.is_locked = operator, self.clock.now(), False
        # What the one before saw is not what this one saw.
        for known in (self._painted_sizes, self._receipts, self.painted_at):
            known.clear()
        self.about_to_drain.emit()
        self.fresh = set()
        self.board.set_operator(self.who)
        self.drained.emit()
        self.operator_changed.emit()

    def run(self, work: Coroutine[Any, Any, Any], name: str) -> object:
        """Run an intention; a refusal is shown in the window."""
        return self._spawn(self._told(work), name)

    async def _told(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except Refused as refusal:
            self.notice.emit(refusal.message, refusal.remedy)

    def stop(self) -> None:
        """Stop both timers; what has not been drained is in the node."""
        self._at_once.stop()
        self._drain_timer.stop()
