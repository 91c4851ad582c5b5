"""A scripted node link: remembers what it was asked and plays events when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from nas_desktop.domain.access import Operator, Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import DecidedStep, Step
from nas_desktop.domain.read import ReadId
from nas_desktop.services.events import Event, HitsRaised, ImageKind, StepsDecided, TestResult
from tests.fakes.clock import FakeClock

START = datetime(2026, 11, 20, 21, 4, 7, tzinfo=UTC)


class DeskClock(FakeClock):
    """Stands still on an evening at the desk."""

    def __init__(self) -> None:
        super().__init__(START)


def an_operator(*roles: Role, name: str = "A. Khan") -> Operator:
    return Operator("akhan", name, roles or (Role.DISPATCHER,), START + timedelta(hours=12))


class FakeNodeLink:
    """``NodeLink`` without a node.

    Steps are accepted at once while ``decides_steps`` holds; ``refusal`` makes every coroutine
    raise it; ``never_answers`` keeps the connectivity test waiting.
    """

    def __init__(self, operator: Operator | None = None) -> None:
        self.operator = operator or an_operator()
        self.password = "correct horse"
        self.steps: list[Step] = []
        self.batches = 0
        self.wanted: list[tuple[ReadId, ImageKind]] = []
        self.wanted_batches = 0
        self.result: TestResult | None = None
        self.refusal: Refused | None = None
        self.decides_steps = True
        self.is_provisional = False
        self.never_answers = False
        self.is_started = False
        self.is_signed_out = False
        self.is_closed = False
        self.is_node_stopped = False
        self._receive: Callable[[Event], None] = lambda event: None

    # ------------------------------------------------------------------ for the test

    def play(self, *events: Event) -> None:
        for event in events:
            self._receive(event)

    def raise_hits(self, *hits: Hit, is_backlog: bool = False) -> None:
        self.play(HitsRaised(hits, is_backlog))

    # ------------------------------------------------------------------ NodeLink

    def listen(self, receive: Callable[[Event], None]) -> None:
        self._receive = receive

    async def start(self) -> None:
        self.is_started = True

    async def sign_in(self, username: str, password: str) -> Operator:
        self._may_refuse()
        if password != self.password:
            raise Refused(
                "sign_in_refused", "The user name or the password is wrong.", "Try again."
            )
        return self.operator

    async def sign_out(self) -> None:
        self.is_signed_out = True
        self._may_refuse()

    async def send_steps(self, steps: Sequence[Step]) -> None:
        self._may_refuse()
        self.batches += 1
        self.steps += steps
        if self.decides_steps:
            self.play(
                StepsDecided(
                    tuple(DecidedStep(s, s.at, is_provisional=self.is_provisional) for s in steps)
                )
            )

    async def want_images(self, read_ids: Sequence[ReadId], kinds: Sequence[ImageKind]) -> None:
        self._may_refuse()
        self.wanted_batches += 1
        self.wanted += [(read_id, kind) for read_id in read_ids for kind in kinds]

    async def test_connectivity(self) -> TestResult:
        self._may_refuse()
        if self.never_answers:
            await asyncio.get_running_loop().create_future()
        assert self.result is not None
        return self.result

    async def stop_node(self) -> None:
        self.is_node_stopped = True

    async def close(self) -> None:
        self.is_closed = True

    def _may_refuse(self) -> None:
        if self.refusal is not None:
            raise self.refusal


class RunsAtOnce:
    """Stands in for ``spawn``: runs a coroutine until it first has to wait, without a loop."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.waiting: list[Coroutine[Any, Any, Any]] = []

    def __call__(self, work: Coroutine[Any, Any, Any], name: str) -> object:
        self.names.append(name)
        try:
            work.send(None)
        except StopIteration:
            return None
        self.waiting.append(work)
        return work

    def close(self) -> None:
        for work in self.waiting:
            work.close()
