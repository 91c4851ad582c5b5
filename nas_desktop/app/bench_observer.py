"""A second window without a face: notes when each hit was durable in the node; for ``bench feed``.

A node offers a hit only once it is on disk, so its arrival here is an upper bound of that instant.
Run as ``python -m nas_desktop.app.bench_observer FOLDER SECONDS FILE``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.app.connectivity import attached
from nas_desktop.domain.errors import Refused
from nas_desktop.node.profile import running_node
from nas_desktop.node.sign_in import DEMO_PASSWORD
from nas_desktop.services.events import Event, HitsRaised, NodeFound


async def observe(folder: Path, seconds: float, target: Path) -> None:
    """Write one line a live hit: its id and the instant it was offered, seconds UTC."""
    clock = SystemClock()
    found = asyncio.Event()
    seen: list[tuple[str, float]] = []

    def receive(event: Event) -> None:
        if isinstance(event, NodeFound):
            found.set()
        elif isinstance(event, HitsRaised) and not event.is_backlog:
            now = clock.now().timestamp()
            seen.extend((hit.hit_id.hex(), now) for hit in event.hits)

    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (running := running_node(folder)) is None:
        if loop.time() > until:
            return
        await asyncio.sleep(0.05)
    link = attached(running, "observer")
    link.listen(receive)
    await link.start()
    try:
        async with asyncio.timeout(seconds):
            await found.wait()
        while True:
            try:
                await link.sign_in("demo-second", DEMO_PASSWORD)
                break
            except Refused:
                await asyncio.sleep(0.2)
        while loop.time() < until:
            await asyncio.sleep(0.5)
            with target.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(one) + "\n" for one in seen)
            seen.clear()
    finally:
        await link.close()


if __name__ == "__main__":
    asyncio.run(observe(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])))
