"""``feed pnc``: a simulated PNC that answers simulation nodes, and fails when asked to."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.app.signals import on_stop_signals
from nas_desktop.simulator.pnc import PncResponder


@dataclass(frozen=True, slots=True)
class PncCommand:
    """How the simulated PNC behaves.

    ``delay_s`` is waited before each answer. ``away_after_s`` is how long it answers before it is
    away for ``away_for_s``, over and over; None for never.
    """

    listen: tuple[str, int]
    seed: int
    delay_s: float
    away_after_s: float | None
    away_for_s: float
    parent: int | None


def run_pnc(command: PncCommand) -> int:
    """Answer until stopped; returns the exit status.

    Raises:
        Refused: the port is taken.
    """
    return asyncio.run(_run(command))


async def _run(command: PncCommand) -> int:
    from nas_desktop.simulator.traffic import Simulation

    # The vehicles with a report are those of the simulated cameras of the same seed.
    simulation = Simulation(command.seed, datetime.now(UTC), reads_per_s=1.0, images="none")
    responder = PncResponder(simulation.extract.entries, SystemClock(), command.delay_s)
    stopping = asyncio.Event()
    on_stop_signals(lambda _word: stopping.set())
    await responder.start(*command.listen)
    print(
        f"The simulated PNC answers at {responder.url}"
        f" with reports on {len(simulation.extract.entries)} vehicles.",
        file=sys.stderr,
        flush=True,
    )
    try:
        while not await _told(stopping, command, command.away_after_s):
            await responder.cut()
            print("The simulated PNC is away.", file=sys.stderr, flush=True)
            is_over = await _told(stopping, command, command.away_for_s)
            if is_over:
                return 0
            await responder.restore()
            print("The simulated PNC is back.", file=sys.stderr, flush=True)
    finally:
        await responder.stop()
    return 0


async def _told(stopping: asyncio.Event, command: PncCommand, within_s: float | None) -> bool:
    """Return True when it is to stop, False when the time is over first."""
    loop = asyncio.get_running_loop()
    until = None if within_s is None else loop.time() + within_s
    while until is None or loop.time() < until:
        if stopping.is_set() or (command.parent is not None and os.getppid() != command.parent):
            return True
        pause = 0.5 if until is None else min(0.5, max(0.0, until - loop.time()))
        try:
            async with asyncio.timeout(pause):
                await stopping.wait()
        except TimeoutError:
            continue
    return False
