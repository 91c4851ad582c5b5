"""A scripted ``MapLink``: answers what a test has laid down, remembers what goes on record."""

from __future__ import annotations

import asyncio

from nas_desktop.domain.errors import Refused
from nas_desktop.services.map_link import CameraAnswer, CameraState, MapPicture, checked


class FakeMapLink:
    """``MapLink`` without a node; checks pictures as the real one does.

    ``states`` and ``problem`` are the answer of ``cameras``. ``refusal`` makes every coroutine
    raise it; ``never_answers`` keeps them waiting.
    """

    def __init__(self, *states: CameraState, problem: str = "") -> None:
        self.states: tuple[CameraState, ...] = states
        self.problem = problem
        self.asked = 0
        self.pictures: list[MapPicture] = []
        self.refusal: Refused | None = None
        self.never_answers = False

    async def _answer(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        if self.never_answers:
            await asyncio.get_running_loop().create_future()

    async def cameras(self) -> CameraAnswer:
        self.asked += 1
        await self._answer()
        return CameraAnswer(self.states, self.problem)

    async def record_picture(self, picture: MapPicture) -> str:
        picture = checked(picture)
        await self._answer()
        self.pictures.append(picture)
        return f"event {len(self.pictures)}"
