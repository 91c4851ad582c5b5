"""What reaches a window: events in the past tense, and the state of every hop."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import DecidedStep
from nas_desktop.domain.read import ReadId
from nas_desktop.domain.voi import ListSource
from nas_desktop.services.desks import DeskState, ReceiptFigures, Uncovered
from nas_desktop.services.lists import ListCounts, ListVersion


class ImageKind(StrEnum):
    """The two images of a capture record (NAS v3.1 §2)."""

    PATCH = "patch"
    OVERVIEW = "overview"


class HopStatus(StrEnum):
    """State of one hop, judged by the age of what came over it and never by an open socket."""

    LIVE = "live"
    SLOW = "slow"
    CATCHING_UP = "catching_up"
    BUFFERING = "buffering"
    SILENT = "silent"
    LOST = "lost"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True)
class HopState:
    """One hop of the chain.

    ``age_s`` is the age of the newest content or heartbeat in seconds; None when nothing ever
    came. ``held`` counts what waits to be sent, ``oldest_at`` is the oldest of it, ``eta_s`` the
    seconds to clear at the present rate (None: not clearing).
    ``live`` of ``total`` counts what the hop is made of, e.g. cameras.
    """

    name: str
    status: HopStatus
    since: datetime
    age_s: float | None = None
    held: int = 0
    oldest_at: datetime | None = None
    eta_s: float | None = None
    live: int = 0
    total: int = 0
    detail: str = ""
    clock_offset_s: float | None = None
    round_trip_s: float | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """A period in which something could not be delivered; ``ended_at`` None is still going on."""

    hop: str
    began_at: datetime
    ended_at: datetime | None = None
    reads_held: int = 0


@dataclass(frozen=True, slots=True)
class ListState:
    """A list as a node holds it.

    ``loaded_at`` is when the node that answers for it took this revision in, ``next_due_at`` when
    a newer one is expected. ``is_stored`` False: live, and not yet on disk. ``is_own`` tells
    whether this node answers for the list. ``version`` says who made the revision, when and why.
    ``next_weed`` is the first weed date to come and how many entries have it.
    """

    name: str
    revision: int
    badge: str
    entries: int
    loaded_at: datetime
    source: ListSource = ListSource.LEA
    is_own: bool = False
    is_stored: bool = True
    is_enabled: bool = True
    finds_misreads: bool = False
    owner: str = ""
    authority: str = ""
    next_due_at: datetime | None = None
    version: ListVersion | None = None
    next_weed: tuple[date, int] | None = None

    @property
    def is_covert(self) -> bool:
        """True for a list that is ``No Alert`` throughout: its owner's matter alone."""
        counts = self.version.counts if self.version is not None else ListCounts()
        return counts.no_alert == counts.entries and bool(counts.entries or self.authority)


class PncStatus(StrEnum):
    """How reads are matched against PNC now."""

    NOT_CONFIGURED = "not_configured"
    LIVE = "live"
    EXTRACT = "extract"
    NO_MATCHING = "no_matching"


@dataclass(frozen=True, slots=True)
class PncState:
    """What stands between a read and PNC.

    ``since`` is when this status began. ``extract_at`` is when the Extract was loaded, None when
    there is none. ``unchecked`` counts reads still to be checked again over the live link,
    ``corrections`` those already added since the node started.
    """

    status: PncStatus = PncStatus.NOT_CONFIGURED
    since: datetime | None = None
    extract_at: datetime | None = None
    round_trip_s: float | None = None
    unchecked: int = 0
    corrections: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NodeState:
    """What a node says of itself every second.

    ``reads_per_s`` is over the last second, ``hits_10_min`` over the last ten minutes; latencies
    are seconds from capture to matched over the last hour's hits, None without any; those named
    ``painted`` go on to the first painting on an attended desk.
    ``is_stored`` False means that nothing is kept on this desk beyond the session. ``problem`` is
    a sentence for the operator while the node cannot do its work in full, else empty.
    ``possible_misreads`` says so when more of them come than may be shown. ``desks`` are those of
    the server, ``uncovered`` what none of them looks after, ``receipts`` how its hits balance.
    """

    node_name: str
    role: str
    at: datetime
    is_simulation: bool
    hops: tuple[HopState, ...] = ()
    reads_total: int = 0
    reads_per_s: float = 0.0
    hits_total: int = 0
    hits_10_min: int = 0
    latency_p50_s: float | None = None
    latency_p95_s: float | None = None
    latency_max_s: float | None = None
    last_hit_at: datetime | None = None
    lists: tuple[ListState, ...] = ()
    outages: tuple[Outage, ...] = ()
    refused: dict[str, int] | None = None
    is_stored: bool = True
    key_source: str = ""
    problem: str = ""
    pnc: PncState = PncState()
    possible_misreads: str = ""
    desks: tuple[DeskState, ...] = ()
    uncovered: Uncovered = field(default_factory=Uncovered)
    receipts: ReceiptFigures = field(default_factory=ReceiptFigures)
    painted_p50_s: float | None = None
    painted_p95_s: float | None = None
    painted_max_s: float | None = None


@dataclass(frozen=True, slots=True)
class TestLeg:
    """One leg of a connectivity test: from, to, seconds; ``detail`` says why it is missing."""

    name: str
    seconds: float | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TestResult:
    """The way of one QQ111QQQ there and back; ``is_complete`` when every leg answered in time."""

    started_at: datetime
    legs: tuple[TestLeg, ...]
    total_s: float
    is_complete: bool
    detail: str = ""


# ------------------------------------------------------------------ events for the window


@dataclass(frozen=True, slots=True)
class HitsRaised:
    """Hits that are new to this window, or known ones with more reasons."""

    hits: tuple[Hit, ...]
    is_backlog: bool = False


@dataclass(frozen=True, slots=True)
class StepsDecided:
    """Steps with their verdicts, from this desk and from others."""

    steps: tuple[DecidedStep, ...]
    is_backlog: bool = False


@dataclass(frozen=True, slots=True)
class ImageArrived:
    """An image that belongs to exactly this read; its digest was checked."""

    read_id: ReadId
    kind: ImageKind
    data: bytes


@dataclass(frozen=True, slots=True)
class ImageMissing:
    """No image is to be had for the read now; ``reason`` is for the operator."""

    read_id: ReadId
    kind: ImageKind
    reason: str


@dataclass(frozen=True, slots=True)
class StateReported:
    """The nearest node's account of itself and of every hop beyond."""

    state: NodeState


@dataclass(frozen=True, slots=True)
class NodeFound:
    """The window is connected to its node."""

    at: datetime


@dataclass(frozen=True, slots=True)
class NodeLost:
    """The window lost its own node; nothing on screen is current from then on."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class SignInLost:
    """The node no longer knows who works here; nobody is signed in from now on."""

    message: str
    remedy: str


Event = (
    HitsRaised
    | StepsDecided
    | ImageArrived
    | ImageMissing
    | StateReported
    | NodeFound
    | NodeLost
    | SignInLost
)
