"""Searches of reads as windows, command line and nodes speak of them.

A search is asked with a reason, decided on by the node that holds the reads, and then runs in that
node. What was found stays there; whoever asked fetches rows by their place, newest first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from nas_desktop.domain.camera import Camera, CameraId
from nas_desktop.domain.query import Direction, DirectionSource, ReadQuery, Where
from nas_desktop.domain.read import Read
from nas_desktop.domain.search_access import AccessPolicy, Authority, Decision, SearchReason

if TYPE_CHECKING:
    from nas_desktop.services.exports import ExportHead
    from nas_desktop.services.map_points import MapPoints

MOST_ROWS = 1_000_000
"""Rows one search keeps; beyond it the count says "at least"."""

ROWS_AT_ONCE = 200
"""Most rows in one page."""

MOST_COPIED = 1_000
"""Rows on the clipboard at once; more is an export, with its record and its digest."""


class Holder(StrEnum):
    """Whose store a read was found in."""

    DESK = "this desk"
    SERVER = "server"
    NATIONAL = "national"


class Order(StrEnum):
    """Order of the rows; all but the first need the search to have ended."""

    NEWEST = "newest"
    OLDEST = "oldest"
    VRM = "vrm"
    CAMERA = "camera"
    LIKENESS = "likeness"


@dataclass(frozen=True, slots=True)
class FoundRead:
    """A read that fits the question.

    ``held`` tells whose stores have it. ``distance`` is how far it is from the mark looked for, in
    hundredths: 0 fits exactly, None where no look-alike was asked for. ``asked`` is the mark or
    pattern it fits. ``is_preserved`` tells that it is kept beyond the retention.
    """

    read: Read
    held: tuple[Holder, ...]
    direction: Direction = Direction.UNKNOWN
    direction_source: DirectionSource = DirectionSource.NONE
    distance: int | None = None
    asked: str = ""
    has_hit: bool = False
    is_preserved: bool = False

    @property
    def likeness(self) -> float | None:
        """1.00 for an exact fit, less for a look-alike; None where none was asked for."""
        return None if self.distance is None else 1 - self.distance / 100


class GapKind(StrEnum):
    """Why a camera's time was not, or not fully, looked at."""

    SILENT = "silent"
    LATE = "late"
    DEGRADED = "degraded"
    NOT_HELD = "not_held"
    NEVER_HEARD = "never_heard"


@dataclass(frozen=True, slots=True)
class CoverageGap:
    """One camera, one span, one reason why "nothing found" there means nothing."""

    camera: CameraId
    alias: str
    since: datetime
    until: datetime
    kind: GapKind


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an answer could see.

    ``asked`` counts the cameras in the question's place, ``whole`` those of them that were looked
    at without a gap. ``share`` is the part of all camera time that was looked at, 0 to 1.
    ``gaps`` are at most 500, the longest first; ``more_gaps`` counts the rest. ``problems`` are
    sentences about whole parts: a damaged partition, a service that did not answer.
    """

    holder: Holder
    asked: int
    whole: int
    share: float
    gaps: tuple[CoverageGap, ...] = ()
    more_gaps: int = 0
    problems: tuple[str, ...] = ()
    held_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bar of the timeline: from when and how many reads, over ``Timeline.width_s``."""

    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """How far a search has come.

    ``found`` counts distinct reads so far; ``share`` is how much was looked at, 0 to 1, by
    holder. ``hidden`` counts reads that only the direction filter kept out. ``is_exact`` False
    means "at least".
    """

    found: int
    share: tuple[tuple[Holder, float], ...]
    hidden: int = 0
    marks: int = 0
    is_exact: bool = False
    is_done: bool = False
    seconds: float = 0.0
    problems: tuple[str, ...] = ()
    timeline: tuple[Bucket, ...] = ()
    timeline_s: float = 0.0
    coverage: tuple[Coverage, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Rows from place ``first`` on, in the order asked for."""

    first: int
    rows: tuple[FoundRead, ...]
    total: int


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A question kept under a name by its owner; never a reason."""

    saved_id: str
    name: str
    owner: str
    query: str
    where: Where
    at: datetime
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class PastSearch:
    """One search of one's own, from the audit."""

    at: datetime
    query: str
    where: Where
    reason: SearchReason
    found: int
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class Preserved:
    """A read that is kept beyond the retention: for what, by whom, to be looked at again when."""

    read: Read
    reference: str
    by: str
    at: datetime
    review_at: datetime


@dataclass(frozen=True, slots=True)
class ExportDone:
    """A file of search results, written and audited."""

    path: str
    rows: int
    sha256: str
    gsc: str


class ExportFormat(StrEnum):
    """Forms of an export (domain facts 8.4)."""

    CSV = "csv"
    GEOJSON = "geojson"
    KML = "kml"
    PDF = "pdf"
    IMAGES = "images"
    MAP_HTML = "map_html"
    MAP_PNG = "map_png"
    MAP_PDF = "map_pdf"


MAPS = frozenset({ExportFormat.MAP_HTML, ExportFormat.MAP_PNG, ExportFormat.MAP_PDF})
"""Forms that show the rows on a map; each tells where cameras stand."""

BY_WINDOW = MAPS | {ExportFormat.PDF}
"""Forms that the window makes: ``export_head`` before it, ``record_export`` after it."""


Told: TypeAlias = Callable[[SearchProgress], None]


def not_told(done: int, of: int) -> None:
    """Stands in for nobody who wants to know."""


class RunningSearch(Protocol):
    """One search in the node. Every coroutine raises ``Refused`` with words for the operator."""

    @property
    def progress(self) -> SearchProgress:
        """What is known of it now."""
        ...

    async def rows(self, first: int, limit: int, order: Order = Order.NEWEST) -> SearchPage:
        """Return rows by place; fewer where fewer are found yet."""
        ...

    async def points(
        self, order: Order = Order.NEWEST, progress: Callable[[int, int], None] = not_told
    ) -> MapPoints:
        """Return every row as a point, in the places of ``order``; the search must have ended.

        ``progress`` is told rows done and of how many. Of two services' rows there are as many as
        are held together. Cancelling the coroutine ends the work. Refuses rows that changed
        meanwhile, and answers that cannot be.
        """
        ...

    async def cancel(self) -> None:
        """Stop the work now; what was found stays to be looked at."""
        ...

    async def close(self) -> None:
        """Forget what was found."""
        ...

    async def export(
        self,
        path: str,
        kind: ExportFormat,
        recipient: str,
        *,
        with_locations: bool = False,
        progress: Callable[[int, int], None],
    ) -> ExportDone:
        """Write what was found to a file or folder of this machine; audited with its digest.

        Of the forms all but ``BY_WINDOW``: for those ``export_head`` and ``record_export``.
        The name written has the marking at its end. ``progress`` is told rows done and of how
        many. Cancelling the coroutine leaves nothing on the disk.
        """
        ...

    async def export_head(
        self, recipient: str, *, with_locations: bool = False
    ) -> tuple[int, ExportHead]:
        """Return a number, and what has to stand above an export that is written elsewhere."""
        ...

    async def record_export(self, head: int, path: str, kind: ExportFormat, sha256: str) -> str:
        """Put on record a file under a temporary name, before it gets ``path`` for its name.

        ``head`` is the number of ``export_head``. Returns the event; without it there is no file.
        """
        ...

    async def copied(self, places: tuple[int, ...], order: Order = Order.NEWEST) -> str:
        """Put on record that rows go to the clipboard, before they do; returns the event.

        At most ``MOST_COPIED`` places of ``order``.
        """
        ...

    async def preserve(
        self,
        places: tuple[int, ...],
        reference: str,
        review_at: datetime,
        order: Order = Order.NEWEST,
    ) -> int:
        """Keep these rows with their images beyond the retention; returns how many.

        The places are those of ``order``.
        """
        ...


class SearchLink(Protocol):
    """A window's way to the reads. Every coroutine raises ``Refused`` with words."""

    async def policy(self) -> AccessPolicy:
        """Return the rules of access of the node."""
        ...

    async def cameras(self) -> tuple[Camera, ...]:
        """Return the cameras that can be asked for."""
        ...

    async def decide(self, query: ReadQuery, where: Where, reason: SearchReason) -> Decision:
        """Return what the node would decide; nothing is recorded."""
        ...

    async def start(
        self, query: ReadQuery, where: Where, reason: SearchReason, told: Told
    ) -> RunningSearch:
        """Begin a search; ``told`` is called on the loop's thread, at most ten times a second.

        Raises:
            SearchDenied: the node said no, and recorded it.
        """
        ...

    async def authorities(self) -> tuple[Authority, ...]:
        """Return the authorities that the person signed in gave, was given or entered."""
        ...

    async def authorise(self, authority: Authority) -> Authority:
        """Record an authority; the node sets its number, its time and who entered it."""
        ...

    async def countersign(self, authority_id: str) -> Authority:
        """Confirm a verbal authority given in one's own name."""
        ...

    async def saved(self) -> tuple[SavedSearch, ...]:
        """Return one's own saved searches and those shared by others."""
        ...

    async def save(
        self, name: str, query: ReadQuery, where: Where, *, is_shared: bool = False
    ) -> SavedSearch:
        """Keep a question under a name; the same name of the same owner is replaced."""
        ...

    async def forget(self, saved_id: str) -> None:
        """Drop a saved search of one's own."""
        ...

    async def history(self, limit: int = 100) -> tuple[PastSearch, ...]:
        """Return one's own searches, newest first."""
        ...

    async def preserved(self) -> tuple[Preserved, ...]:
        """Return what is kept beyond the retention, the next to be reviewed first."""
        ...
