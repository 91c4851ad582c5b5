"""Work at the node of a profile, for the commands that need somebody signed in.

Where a node is running it does the work; where none is, one is opened for as long as it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link.node_link import WindowLink
from nas_desktop.adapters.secrets import key_for
from nas_desktop.app.connectivity import CONNECT_S, attached
from nas_desktop.domain.errors import Refused
from nas_desktop.node.node import NodeOptions, open_node
from nas_desktop.node.profile import Running, running_node
from nas_desktop.services.events import Event, NodeFound
from nas_desktop.services.resources import load_spec

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Place:
    """Which node, and who asks it."""

    folder: Path
    is_simulation: bool
    username: str
    password: str
    key_fd: int | None = None


async def at_node(place: Place, work: Callable[[WindowLink], Awaitable[_T]]) -> _T:
    """Sign in at the node and do the work.

    Raises:
        Refused: nobody can be asked, the sign-in is refused, or the work is.
    """
    async with _node(place) as running:
        return await signed_in(running, place.username, place.password, work)


async def signed_in(
    running: Running, username: str, password: str, work: Callable[[WindowLink], Awaitable[_T]]
) -> _T:
    """Attach to a running node, sign in and do the work.

    Raises:
        Refused: the node does not answer, the sign-in is refused, or the work is.
    """
    found = asyncio.Event()

    def receive(event: Event) -> None:
        if isinstance(event, NodeFound):
            found.set()

    link: WindowLink = attached(running, "command line")
    link.listen(receive)
    await link.start()
    try:
        try:
            async with asyncio.timeout(CONNECT_S):
                await found.wait()
        except TimeoutError:
            raise link.last_refusal or Refused(
                "no_node", "The node does not answer.", "Stop it and start it again."
            ) from None
        await link.sign_in(username, password)
        return await work(link)
    finally:
        await link.close()


@asynccontextmanager
async def _node(place: Place) -> AsyncIterator[Running]:
    """Yield the node that runs on the profile, or open one for as long as it is needed."""
    running = running_node(place.folder)
    if running is not None:
        yield running
        return
    key = key_for(place.folder, place.key_fd)
    if not key.is_lasting:
        raise Refused(
            "no_key",
            "No node is running on this profile, and there is no keyring to open it with.",
            "Start its node, or give the data key with --key-fd.",
        )
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    node = open_node(
        place.folder,
        key,
        NodeOptions("", "command line", place.is_simulation),
        load_spec(),
        SystemClock(),
    )
    try:
        await node.start()
        running = running_node(place.folder)
        assert running is not None  # it has announced itself
        yield running
    finally:
        node.request_stop("the command is done")
        await node.stop()
