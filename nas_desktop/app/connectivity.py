"""``test connectivity``: QQ111QQQ up from the running node, leg by leg."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link.node_link import WindowLink
from nas_desktop.domain.errors import Refused
from nas_desktop.node.profile import Running, running_node
from nas_desktop.services.events import Event, NodeFound, TestResult

CONNECT_S = 5.0


def attached(running: Running, name: str) -> WindowLink:
    """Return a link to a running node of this machine; not started yet."""
    return WindowLink(
        running.url, running.token, name, SystemClock(), is_simulation=running.is_simulation
    )


def test_connectivity(folder: Path, *, is_json: bool) -> int:
    """Print the legs; 0 when every one answered, 1 when one did not.

    Raises:
        Refused: no node is running on the profile.
    """
    running = running_node(folder)
    if running is None:
        raise Refused(
            "no_node",
            "No node is running on this profile.",
            "Start one, or name its folder with --data; add --simulation for a simulation node.",
        )
    result = asyncio.run(_test(running))
    if is_json:
        print(
            json.dumps(
                {
                    "complete": result.is_complete,
                    "total_ms": round(result.total_s * 1000, 1),
                    "legs": [
                        {
                            "name": leg.name,
                            "ms": None if leg.seconds is None else round(leg.seconds * 1000, 1),
                            "detail": leg.detail,
                        }
                        for leg in result.legs
                    ],
                    "detail": result.detail,
                }
            )
        )
    else:
        for leg in result.legs:
            took = "no answer" if leg.seconds is None else f"{leg.seconds * 1000:.1f} ms"
            print(f"{leg.name}: {took}{'  ' + leg.detail if leg.detail else ''}")
        print(f"In all: {result.total_s * 1000:.1f} ms. {result.detail}")
    return 0 if result.is_complete else 1


async def _test(running: Running) -> TestResult:
    link = attached(running, "command line")
    found = asyncio.Event()

    def receive(event: Event) -> None:
        if isinstance(event, NodeFound):
            found.set()

    link.listen(receive)
    await link.start()
    try:
        async with asyncio.timeout(CONNECT_S):
            await found.wait()
        return await link.test_connectivity()
    except TimeoutError:
        raise link.last_refusal or Refused(
            "no_node", "The node does not answer.", "Stop it and start it again."
        ) from None
    finally:
        await link.close()
