"""The one door to ``asyncio.create_task``: named, kept, and its unexpected end is noticed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from nas_desktop.domain.errors import Refused

log = logging.getLogger(__name__)
_T = TypeVar("_T")

# The loop itself keeps only weak references to tasks; one that nobody holds may vanish half-way.
_kept: set[asyncio.Task[Any]] = set()  # Any: tasks of every result type are kept alike

on_incident: list[Callable[[str, BaseException], None]] = []
"""Called with a task's name and what ended it; the crash reporter adds itself here."""


def spawn(work: Coroutine[Any, Any, _T], name: str) -> asyncio.Task[_T]:
    """Run a coroutine as a task that is kept until it ends.

    A ``Refused`` ending is logged in one line; any other exception is an incident.
    """
    task = asyncio.get_running_loop().create_task(work, name=name)
    _kept.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[Any]) -> None:
    _kept.discard(task)
    if task.cancelled():
        return
    fault = task.exception()
    if fault is None:
        return
    if isinstance(fault, Refused):
        log.warning("task %s ended: %s", task.get_name(), fault.code)
        return
    log.error("task %s ended by a fault", task.get_name(), exc_info=fault)
    for tell in on_incident:
        tell(task.get_name(), fault)


async def stop(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel tasks and wait until each has ended; None and ended ones are fine.

    A library may swallow a cancellation that meets a result, so it is repeated until it counts.
    """
    pending = {task for task in tasks if task is not None and not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _done, pending = await asyncio.wait(pending, timeout=5.0)
