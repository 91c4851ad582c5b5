"""Messages of ``nas.v1`` that carry reads, hits and lists up and down; see ``messages``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct, field

from nas_desktop.adapters.link.message import Message
from nas_desktop.domain.camera import Camera
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import DecidedStep, Step
from nas_desktop.domain.read import Read
from nas_desktop.domain.voi import ListSource, VoiEntry
from nas_desktop.services.events import ImageKind, Outage
from nas_desktop.services.lists import (
    ListCounts,
)

# ------------------------------------------------------------------ up


class RawReadItem(Struct, omit_defaults=True):
    """A read as a camera sends it; ``captured_at`` is a MessagePack timestamp, UTC.

    ``received_at`` is set by a desk that took the read in while its server was away; from anybody
    else it is ignored.
    """

    vrm: Any = None
    captured_at: Any = None
    feed_id: Any = None
    source_id: Any = None
    nrd_id: Any = None
    latitude: Any = None
    longitude: Any = None
    lane_id: Any = None
    alias: Any = None
    username: Any = None
    preset_id: Any = None
    kind: Any = None
    confidence: Any = None
    patch: Any = None
    overview: Any = None
    received_at: Any = None


class Cameras(Message, frozen=True, tag="cameras"):
    """The devices behind this session, with their recorded positions."""

    cameras: list[Camera]


class SendReads(Message, frozen=True, tag="send_reads"):
    """Reads for storing; answered by ``stored`` with the same batch once they are on disk."""

    batch: int
    reads: list[RawReadItem]
    is_backlog: bool = False


class ImageItem(Struct, frozen=True):
    """One image of one read: JPEG bytes."""

    read_id: bytes
    kind: ImageKind
    data: bytes


class SendImages(Message, frozen=True, tag="send_images"):
    """Images, before or after their reads; answered by ``stored``."""

    batch: int
    images: list[ImageItem]


class SendSteps(Message, frozen=True, tag="send_steps"):
    """Steps of people; answered by ``stored``, their verdicts come as ``steps``."""

    batch: int
    steps: list[Step]


class SendGaps(Message, frozen=True, tag="send_gaps"):
    """Periods in which the sender could not deliver; answered by ``stored``."""

    batch: int
    gaps: list[Outage]


class RefusedItem(Struct, frozen=True):
    """One item of a batch that was not taken: its index from 0, the field, the reason."""

    index: int
    field: str
    reason: str


class Stored(Message, frozen=True, tag="stored"):
    """The batch is on disk in every store; the sender may forget all of it but the refused."""

    batch: int
    refused: list[RefusedItem] = field(default_factory=list)


# ------------------------------------------------------------------ down


class Subscribe(Message, frozen=True, tag="subscribe"):
    """Ask for a stream: ``reads``, ``hits`` or ``steps``.

    ``epoch``, ``next`` and ``holes`` say what is held; or ``tail`` asks for the newest so many.
    """

    stream: str
    epoch: str = ""
    next: int = 0
    holes: list[tuple[int, int]] = field(default_factory=list)
    tail: int | None = None


class Subscribed(Message, frozen=True, tag="subscribed"):
    """Live delivery begins at ``live_from``; the backlog covers ``holes`` on the bulk socket."""

    stream: str
    epoch: str
    live_from: int
    holes: list[tuple[int, int]] = field(default_factory=list)


class Reads(Message, frozen=True, tag="reads"):
    """Reads at the offsets ``first``, ``first + 1`` and so on."""

    first: int
    reads: list[Read]
    is_backlog: bool = False


class Hits(Message, frozen=True, tag="hits"):
    """Hits raised or grown, at consecutive offsets of the hit stream."""

    first: int
    hits: list[Hit]
    is_backlog: bool = False


class Steps(Message, frozen=True, tag="steps"):
    """Steps with their verdicts, at consecutive offsets of the step stream."""

    first: int
    steps: list[DecidedStep]
    is_backlog: bool = False


class BacklogDone(Message, frozen=True, tag="backlog_done"):
    """All that was missing at the time of the subscription has been sent."""

    stream: str


class WantImages(Message, frozen=True, tag="want_images"):
    """Ask for images of reads; what is not there yet comes when it comes."""

    read_ids: list[bytes]
    kinds: list[ImageKind]


class Images(Message, frozen=True, tag="images"):
    """Images of reads that were asked for."""

    images: list[ImageItem]


class NoImage(Message, frozen=True, tag="no_image"):
    """There is no such image now, and why."""

    read_id: bytes
    kind: ImageKind
    reason: str


class HaveLists(Message, frozen=True, tag="have_lists"):
    """Ask for lists and say which revisions are held.

    ``partial`` says of a snapshot that a broken link cut short which revision it was of and which
    part is wanted next.
    """

    revisions: dict[str, int]
    partial: dict[str, tuple[int, int]] = field(default_factory=dict)


class ListFacts(Struct, frozen=True, omit_defaults=True):
    """What goes with a list besides its entries."""

    source: ListSource = ListSource.LEA
    finds_misreads: bool = False
    is_enabled: bool = True
    next_due_at: datetime | None = None
    counts: ListCounts = ListCounts()
    by: str = ""
    why: str = ""


class ListPart(Message, frozen=True, tag="list_part"):
    """Part ``part`` (from 0) of ``parts`` of a whole list; it goes live only when complete.

    ``blocks`` are compressed rows of the template, up to 512 each; ``entries`` the same one by
    one, from senders that know no blocks. Where ``final_revision`` is not 0, the list is to be live
    only with the ``list_delta`` that leads from ``revision`` to there and comes next.
    """

    name: str
    revision: int
    part: int
    parts: int
    loaded_at: datetime
    entries: list[VoiEntry] = field(default_factory=list)
    blocks: list[bytes] = field(default_factory=list)
    facts: ListFacts = ListFacts()
    final_revision: int = 0


class ListDelta(Message, frozen=True, tag="list_delta"):
    """Part of what makes revision ``to_revision`` of a list out of ``from_revision``.

    ``gone`` are marks whose entries leave, ``put`` entries that come in place of any of the same
    mark. A receiver that does not hold ``from_revision`` asks for the whole with ``want_list``.
    """

    name: str
    from_revision: int
    to_revision: int
    loaded_at: datetime
    put: list[VoiEntry] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    part: int = 0
    parts: int = 1
    facts: ListFacts = ListFacts()


class WantList(Message, frozen=True, tag="want_list"):
    """Ask for a snapshot of one list, because what came could not be used."""

    name: str


class ListsHeld(Message, frozen=True, tag="lists_held"):
    """A desk's word on which revisions it matches against now."""

    revisions: dict[str, int]


class PublishList(Message, frozen=True, tag="publish_list"):
    """Part ``part`` (from 0) of ``parts`` of a list for distribution; the node numbers it.

    Each part is answered by ``stored``; the list is live when the last one is.
    """

    batch: int
    name: str
    part: int
    parts: int
    entries: list[VoiEntry] = field(default_factory=list)
    blocks: list[bytes] = field(default_factory=list)
    facts: ListFacts = ListFacts()
    authority: str = ""
    on_behalf: str = ""


class ListGone(Message, frozen=True, tag="list_gone"):
    """The list is no longer distributed."""

    name: str
