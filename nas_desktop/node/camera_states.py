"""How every camera stands, for the map: what this node knows, and at a desk what its server knows.

Nothing is judged anew: which cameras are live is the word of ``CameraRoom``, as in the chain of
hops; which are degraded that of the coverage of searches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.camera_pages import all_states
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.adapters.store.reads.columns import instant
from nas_desktop.adapters.store.reads.last_heard import Heard, LastHeard
from nas_desktop.domain.camera import CameraId, CameraKind
from nas_desktop.domain.errors import Refused
from nas_desktop.node.cameras import CameraLife, CameraRoom
from nas_desktop.node.stores import Stores
from nas_desktop.node.upstream import Upstream
from nas_desktop.services.map_link import (
    MOST_CAMERAS,
    CameraAnswer,
    CameraState,
    CameraStatus,
    cleaned,
    merged,
)
from nas_desktop.services.ports import Clock

ANSWER_LASTS_S = 2.0
"""How long one answer serves everybody who asks, seconds."""

ABOVE_S = 10.0
"""Longest the node above may take, seconds; then a desk answers from what it knows itself."""

AskAbove = Callable[[str], Awaitable[CameraAnswer]]
"""Asks the node above for an account."""


class CameraStateRoom:
    """Answers how cameras stand.

    ``ask_above`` is None for a node that nobody stands above; it raises ``Refused`` when it
    cannot be asked.
    """

    def __init__(self, stores: Stores, clock: Clock, cameras: CameraRoom) -> None:
        self._stores = stores
        self._clock = clock
        self._cameras = cameras
        self._last_heard = LastHeard()
        self._lock = asyncio.Lock()
        self._answers: dict[str, tuple[float, CameraAnswer]] = {}
        self.ask_above: AskAbove | None = None

    async def answer(self, username: str) -> CameraAnswer:
        """Return every camera; for an account, whose right to it was looked at before."""
        who = username if self.ask_above is not None else ""
        async with self._lock:
            now = self._clock.monotonic()
            self._answers = {
                one: held for one, held in self._answers.items() if now - held[0] < ANSWER_LASTS_S
            }
            if who not in self._answers:
                answer = await self._made(who)
                self._answers[who] = (self._clock.monotonic(), answer)
            return self._answers[who][1]

    async def _made(self, username: str) -> CameraAnswer:
        own = await self._own()
        if self.ask_above is None:
            return own
        try:
            async with asyncio.timeout(ABOVE_S):
                above = await self.ask_above(username)
        except TimeoutError:
            return _alone(own, "The server did not answer.")
        except Refused as refusal:
            return _alone(own, refusal.message)
        states = await asyncio.get_running_loop().run_in_executor(
            None, merged, own.states, above.states
        )
        return CameraAnswer(states[:MOST_CAMERAS], above.problem or own.problem)

    async def _own(self) -> CameraAnswer:
        lives = self._cameras.lives()
        cache = self._stores.reads.cache
        now = self._clock.now()

        def work() -> CameraAnswer:
            heard = self._last_heard.of(cache.tables())
            return _bounded([_state_of(life, heard, now) for life in lives])

        return await asyncio.get_running_loop().run_in_executor(None, work)


def _state_of(
    life: CameraLife, last_heard: Mapping[CameraId, Heard], now: datetime
) -> CameraState | None:
    """Return how a camera stands; None for one whose identity cannot be."""
    camera, heard = life.camera, last_heard.get(life.camera_id)
    stored_at = min(instant(heard.at), now) if heard is not None else None
    heard_at = max((at for at in (life.heard_at, stored_at) if at is not None), default=None)
    if life.is_live:
        is_poor = heard is not None and heard.is_degraded
        status = CameraStatus.DEGRADED if is_poor else CameraStatus.LIVE
    else:
        status = CameraStatus.NEVER if heard_at is None else CameraStatus.SILENT
    return cleaned(
        CameraState(
            life.camera_id,
            camera.alias if camera is not None else str(life.camera_id),
            camera.kind if camera is not None else CameraKind.FIXED,
            camera.position if camera is not None else None,
            status,
            heard_at,
            camera.direction if camera is not None else "",
        )
    )


def _bounded(states: Iterable[CameraState | None]) -> CameraAnswer:
    known = sorted((s for s in states if s is not None), key=lambda s: s.camera_id)
    more = len(known) - MOST_CAMERAS
    problem = f"{more:,} more cameras are known and are left out." if more > 0 else ""
    return CameraAnswer(tuple(known[:MOST_CAMERAS]), problem)


def _alone(own: CameraAnswer, why: str) -> CameraAnswer:
    problem = f"The server's cameras are not known now: {why} Shown is what this desk hears itself."
    return CameraAnswer(own.states, problem)


def states_above(upstream: Upstream) -> AskAbove:
    """Return how a desk asks its server, as ``CameraStateRoom.ask_above``."""

    async def ask(username: str) -> CameraAnswer:
        async def page(first: int) -> m.CameraStates:
            reply = await upstream.ask(lambda n: m.WantCameraStates(n, first, username))
            if not isinstance(reply, m.CameraStates):
                raise LinkDown("The server gave another answer than was asked for.")
            return reply

        return await all_states(page)

    return ask
