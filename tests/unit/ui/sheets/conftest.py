"""The window's work as real tasks, so that files are written while a test waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest_asyncio

from nas_desktop.services import tasks
from nas_desktop.ui.bridge import Bridge, Spawn


class Running:
    """Writing of sheets as tasks; everything else runs as before."""

    def __init__(self, before: Spawn) -> None:
        self._before = before
        self.all: list[asyncio.Task[Any]] = []

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> object:
        if name != "write-sheet":
            return self._before(work, name)
        self.all.append(tasks.spawn(work, name))
        return self.all[-1]

    async def wait(self) -> None:
        await asyncio.gather(*self.all, return_exceptions=True)


@pytest_asyncio.fixture
async def running(bridge: Bridge) -> AsyncIterator[Running]:
    before = bridge._spawn
    made = Running(before)
    bridge._spawn = made.spawn
    yield made
    bridge._spawn = before
    await made.wait()
