"""Every message of ``nas.v1``; described with units and limits in ``docs/protocol.md``.

Within v1 fields are only added, with a default. Values that a camera sends are typed as anything:
a wrong lane must not cost a read, so they are judged one by one after decoding.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct, field

from nas_desktop.domain.camera import Camera
from nas_desktop.domain.hit import DecidedStep, Hit, Step
from nas_desktop.domain.read import Read
from nas_desktop.domain.voi import VoiEntry
from nas_desktop.services.events import ImageKind, NodeState, Outage, TestResult

PROTOCOL = "nas.v1"

LIVE_LIMIT = 64 * 1024
"""Largest frame on the live socket, bytes."""

BULK_LIMIT = 1024 * 1024
"""Largest frame on the bulk socket, bytes."""

HEARTBEAT_S = 1.0
"""Seconds between two heartbeats of either side."""


class Message(Struct, tag_field="t", frozen=True, omit_defaults=True):
    """A frame holds exactly one message; ``t`` names its kind."""


# ------------------------------------------------------------------ opening


class Hello(Message, frozen=True, tag="hello"):
    """First frame on each socket. On the bulk socket ``join`` names the live session."""

    versions: list[str]
    kind: str
    name: str
    is_simulation: bool
    sent_at: datetime
    node_id: str = ""
    program: str = ""
    token: str = ""
    join: str = ""


class Welcome(Message, frozen=True, tag="welcome"):
    """The session is open; nothing but sign-in and heartbeats is allowed yet."""

    session: str
    join_key: str
    node_id: str
    node_name: str
    role: str
    is_simulation: bool
    server_at: datetime
    version: str = PROTOCOL
    heartbeat_s: float = HEARTBEAT_S
    live_limit: int = LIVE_LIMIT
    bulk_limit: int = BULK_LIMIT


class Refusal(Message, frozen=True, tag="refusal"):
    """Something was not taken; ``about`` names the message, ``ref`` its request or batch."""

    code: str
    message: str
    remedy: str = ""
    about: str = ""
    ref: int = 0


class SignIn(Message, frozen=True, tag="sign_in"):
    """Sign this session in, or (from a desk) have a person's password checked."""

    request: int
    username: str
    password: str
    is_check: bool = False


class SignedIn(Message, frozen=True, tag="signed_in"):
    """The bearer token holds the roles; they are checked for every message."""

    request: int
    token: str
    username: str
    name: str
    roles: list[str]
    expires_at: datetime
    is_vouched: bool = False


class SignOut(Message, frozen=True, tag="sign_out"):
    """Give the session's rights back; the sockets stay open."""


# ------------------------------------------------------------------ liveness


class Heartbeat(Message, frozen=True, tag="heartbeat"):
    """Sent every second by the side that connected, with what it holds back."""

    seq: int
    sent_at: datetime
    held: int = 0
    oldest_at: datetime | None = None


class HeartbeatReply(Message, frozen=True, tag="heartbeat_reply"):
    """Gives round trip and clock offset from four instants."""

    seq: int
    sent_at: datetime
    received_at: datetime
    replied_at: datetime


class State(Message, frozen=True, tag="state"):
    """The node's account of itself and of every hop beyond, every second."""

    state: NodeState


class Bye(Message, frozen=True, tag="bye"):
    """The sender is about to close on purpose."""

    reason: str


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
    """Ask for lists and say which revisions are held."""

    revisions: dict[str, int]


class ListPart(Message, frozen=True, tag="list_part"):
    """Part ``part`` (from 0) of ``parts`` of a whole list; it goes live only when complete."""

    name: str
    revision: int
    part: int
    parts: int
    loaded_at: datetime
    entries: list[VoiEntry]


class PublishList(Message, frozen=True, tag="publish_list"):
    """Part ``part`` (from 0) of ``parts`` of a list for distribution; the node numbers it.

    Each part is answered by ``stored``; the list is live when the last one is.
    """

    batch: int
    name: str
    part: int
    parts: int
    entries: list[VoiEntry]


class ListGone(Message, frozen=True, tag="list_gone"):
    """The list is no longer distributed."""

    name: str


# ------------------------------------------------------------------ tests and control


class Test(Message, frozen=True, tag="test"):
    """Connectivity test: ``vrm`` must be QQ111QQQ; never stored, never a hit, never counted."""

    request: int
    vrm: str
    sent_at: datetime


class TestDone(Message, frozen=True, tag="test_done"):
    """The legs of a connectivity test, as far as it came."""

    request: int
    result: TestResult


class StopNode(Message, frozen=True, tag="stop_node"):
    """Ask the node to stop cleanly; loopback windows and administrators only."""


ALL: tuple[type[Message], ...] = (
    Hello, Welcome, Refusal, SignIn, SignedIn, SignOut, Heartbeat, HeartbeatReply, State, Bye,
    Cameras, SendReads, SendImages, SendSteps, SendGaps, Stored, Subscribe, Subscribed, Reads,
    Hits, Steps, BacklogDone, WantImages, Images, NoImage, HaveLists, ListPart, PublishList,
    ListGone, Test, TestDone, StopNode,
)  # fmt: skip
"""Every message of the protocol; the codec and the document's test are made from it."""
