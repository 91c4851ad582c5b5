"""The one door to tasks: kept, named, and their unexpected end noticed."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Iterator

import pytest

from nas_desktop.domain.errors import Refused
from nas_desktop.services import tasks
from nas_desktop.services.tasks import spawn, stop


@pytest.fixture
def incidents() -> Iterator[list[tuple[str, BaseException]]]:
    seen: list[tuple[str, BaseException]] = []

    def tell(name: str, fault: BaseException) -> None:
        seen.append((name, fault))

    tasks.on_incident.append(tell)
    yield seen
    tasks.on_incident.remove(tell)


async def forever() -> None:
    await asyncio.get_running_loop().create_future()


async def fail(fault: Exception) -> None:
    raise fault


async def test_that_a_task_nobody_holds_is_kept_until_it_ends() -> None:
    released = asyncio.Event()
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        await released.wait()
        ended.set_result("done")

    spawn(work(), "kept")
    gc.collect()
    assert [t.get_name() for t in tasks._kept] == ["kept"]
    released.set()
    assert await ended == "done"
    while tasks._kept:
        await asyncio.sleep(0)  # its end is noticed in a turn of the loop of its own


async def test_that_a_task_gives_its_result() -> None:
    async def answer() -> int:
        return 42

    assert await spawn(answer(), "answer") == 42


async def test_that_a_fault_is_an_incident_with_its_name(
    incidents: list[tuple[str, BaseException]], caplog: pytest.LogCaptureFixture
) -> None:
    fault = KeyError("nobody expected this")
    task = spawn(fail(fault), "broken")
    await asyncio.wait([task])
    await asyncio.wait([spawn(asyncio.wait([task]), "after the callbacks")])
    assert incidents == [("broken", fault)]
    assert [r.levelname for r in caplog.records] == ["ERROR"]


async def test_that_a_refusal_is_one_line_in_the_log_and_no_incident(
    incidents: list[tuple[str, BaseException]], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        task = spawn(fail(Refused("port_taken", "The port is in use.")), "listen")
        await asyncio.wait([task])
        await asyncio.wait([spawn(asyncio.wait([task]), "after the callbacks")])
    assert incidents == []
    assert [r.getMessage() for r in caplog.records] == ["task listen ended: port_taken"]


async def test_that_stopping_waits_for_the_end_and_is_no_incident(
    incidents: list[tuple[str, BaseException]],
) -> None:
    tidied = False

    async def work() -> None:
        nonlocal tidied
        try:
            await forever()
        finally:
            tidied = True

    running, ended = spawn(work(), "running"), spawn(fail(Refused("x", "y")), "ended")
    await asyncio.wait([ended])
    await stop(running, None, ended)
    assert tidied
    assert running.cancelled()
    assert incidents == []
