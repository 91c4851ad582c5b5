"""What services and windows need of the world, as protocols; adapters fill them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from nas_desktop.domain.access import Operator
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import Step
from nas_desktop.domain.read import Read, ReadId
from nas_desktop.domain.voi import VoiEntry
from nas_desktop.services.dry_run import DryRunReport
from nas_desktop.services.events import Event, ImageKind, ListState, TestResult
from nas_desktop.services.lists import (
    EntriesPage,
    ImportChoices,
    ListOutcome,
    ListReceiver,
    ListVersion,
)


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


class ListLink(Protocol):
    """A window's way to the lists of its node and, with ``at_server``, of the node above.

    Every coroutine raises ``Refused`` with words for the operator.
    """

    async def import_file(
        self, path: str, choices: ImportChoices, progress: Callable[[str, int, int], None]
    ) -> ListOutcome:
        """Check a file of this machine and make it live whole or not at all.

        ``progress`` is told the stage, how much is done and of how much (0: not known).
        Cancelling gives the work up; what is live by then stays so.
        """
        ...

    async def dry_run(
        self,
        progress: Callable[[str, int, int], None],
        name: str = "",
        path: str = "",
        choices: ImportChoices = ...,
    ) -> DryRunReport:
        """Return what a list held here, or that of a file, would have raised on stored reads.

        Nothing goes live and no read is shown. ``progress`` is that of ``import_file``.
        """
        ...

    async def edit(
        self,
        name: str,
        put: Sequence[VoiEntry],
        gone: Sequence[str],
        why: str,
        *,
        if_revision: int = 0,
        at_server: bool = False,
    ) -> ListOutcome:
        """Change entries of a list."""
        ...

    async def change(
        self,
        name: str,
        change: str,
        why: str,
        *,
        authority: str = "",
        finds_misreads: bool = False,
        at_server: bool = False,
    ) -> ListOutcome:
        """Do something to a whole list: create, roll_back, remove, disable, enable."""
        ...

    async def search(
        self, text: str, name: str = "", first: int = 0, limit: int = 100
    ) -> EntriesPage:
        """Look for entries in one list or, without a name, in all."""
        ...

    async def states(self, *, at_server: bool = False) -> tuple[ListState, ...]:
        """Return all lists that the person signed in may know of."""
        ...

    async def versions(
        self, name: str, *, at_server: bool = False
    ) -> tuple[tuple[ListVersion, ...], tuple[ListReceiver, ...]]:
        """Return the versions kept, newest first, and what each desk holds."""
        ...

    async def quiet_hits(
        self, name: str, first: int = 0, limit: int = 200, *, at_server: bool = False
    ) -> tuple[int, tuple[Hit, ...]]:
        """Return how many ``No Alert`` hits an own list has, and some of them, newest first."""
        ...

    async def export(self, name: str, path: str, *, for_spreadsheets: bool = False) -> ListOutcome:
        """Write a list to a file of this machine."""
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
