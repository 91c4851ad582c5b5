"""What services and windows need of the world, as protocols; adapters fill them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from nas_desktop.domain.access import Operator
from nas_desktop.domain.hit import Step
from nas_desktop.domain.read import Read, ReadId
from nas_desktop.services.events import Event, ImageKind, TestResult


class Clock(Protocol):
    """Tells the time; a fake one stands still in tests."""

    def now(self) -> datetime:
        """Return the present instant, aware UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back; for durations only."""
        ...


class NodeLink(Protocol):
    """A window's way to its node.

    Every coroutine raises ``Refused`` with words for the operator when the node says no or cannot
    be reached. A step counts as done only once ``send_steps`` has returned: then the node has it on
    disk.
    """

    def listen(self, receive: Callable[[Event], None]) -> None:
        """Call ``receive`` on the loop's thread for each event; set before ``start``."""
        ...

    async def start(self) -> None:
        """Connect and keep connected until closed; returns at once."""
        ...

    async def sign_in(self, username: str, password: str) -> Operator:
        """Sign a person in at this desk."""
        ...

    async def sign_out(self) -> None:
        """Give the rights back; hits stop coming until somebody signs in."""
        ...

    async def send_steps(self, steps: Sequence[Step]) -> None:
        """Make steps durable in the node; their verdicts come as events."""
        ...

    async def want_images(self, read_ids: Sequence[ReadId], kinds: Sequence[ImageKind]) -> None:
        """Ask for images; they come as events, now or when the camera sends them."""
        ...

    async def test_connectivity(self) -> TestResult:
        """Send QQ111QQQ as far as the chain goes and return the time of each leg."""
        ...

    async def stop_node(self) -> None:
        """Ask the node to stop cleanly."""
        ...

    async def close(self) -> None:
        """Disconnect; the node goes on."""
        ...


class ReadStore(Protocol):
    """The node's reads, in the order they were taken in; offsets count from 0 without holes.

    All methods block; callers run them on the store's own thread.
    """

    def ingest(
        self, reads: Sequence[Read], source: tuple[str, int, int] | None = None
    ) -> list[tuple[int, Read]]:
        """Make reads durable; returns those that were new, with their offsets.

        ``source`` (stream, from, to) records in the same transaction how far an upstream stream
        has been taken in.
        """
        ...

    def fetch(self, first: int, limit: int) -> list[tuple[int, Read]]:
        """Return up to ``limit`` reads from an offset on, in order."""
        ...

    def end(self) -> int:
        """Return the offset that the next read will get."""
        ...

    def put_images(
        self, items: Iterable[tuple[ReadId, ImageKind, str, bytes]]
    ) -> list[tuple[ReadId, ImageKind, str]]:
        """Store images by digest and tie each to its read; returns the ties that are new."""
        ...

    def image_of(self, read_id: ReadId, kind: ImageKind) -> bytes | None:
        """Return the image tied to exactly this read, or None."""
        ...
