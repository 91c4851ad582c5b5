"""Every message of ``nas.v1``; described with units and limits in ``docs/protocol.md``.

Within v1 fields are only added, with a default. Values that a camera sends are typed as anything:
a wrong lane must not cost a read, so they are judged one by one after decoding.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from nas_desktop.adapters.link.audit_messages import (
    AuditDone,
    AuditHeld,
    AuditOutliers,
    AuditProof,
    AuditRows,
    AuditSample,
    CheckSearch,
    ExportAudit,
    SearchChecked,
    SendAudit,
    SubjectWritten,
    TransparencyTold,
    VerifyAudit,
    WantAudit,
    WantOutliers,
    WantProof,
    WantSample,
    WantSubject,
    WantTransparency,
)
from nas_desktop.adapters.link.desk_messages import (
    History,
    Notices,
    RecordSheet,
    ReportDesk,
    ScopeSet,
    SetScope,
    WantHistory,
    WantNotices,
)
from nas_desktop.adapters.link.feed_messages import (
    BacklogDone,
    Cameras,
    HaveLists,
    Hits,
    Images,
    ListDelta,
    ListGone,
    ListPart,
    ListsHeld,
    NoImage,
    PublishList,
    Reads,
    SendGaps,
    SendImages,
    SendReads,
    SendSteps,
    Steps,
    Stored,
    Subscribe,
    Subscribed,
    WantImages,
    WantList,
)
from nas_desktop.adapters.link.feed_messages import ImageItem as ImageItem
from nas_desktop.adapters.link.feed_messages import ListFacts as ListFacts
from nas_desktop.adapters.link.feed_messages import RawReadItem as RawReadItem
from nas_desktop.adapters.link.feed_messages import RefusedItem as RefusedItem
from nas_desktop.adapters.link.list_messages import (
    CancelWork,
    ChangeList,
    EditList,
    EntriesFound,
    ExportList,
    ImportList,
    ListDone,
    Lists,
    QuietHits,
    SearchLists,
    Versions,
    WantLists,
    WantQuiet,
    WantVersions,
    WorkProgress,
)
from nas_desktop.adapters.link.map_messages import (
    CameraStates,
    FoundPoints,
    RecordMapPicture,
    WantCameraStates,
    WantPoints,
)
from nas_desktop.adapters.link.message import Message
from nas_desktop.adapters.link.search_messages import (
    AskDecision,
    Authorities,
    CancelExport,
    Countersign,
    Decided,
    DryRun,
    DryRunDone,
    EndSearch,
    ExportFound,
    ExportHeadFound,
    FoundExported,
    FoundRows,
    PastSearches,
    PreservedReads,
    PreserveFound,
    PutAuthority,
    RecordCopy,
    Recorded,
    RecordExport,
    SavedSearches,
    SaveSearch,
    Search,
    SearchBegan,
    SearchFacts,
    SearchTold,
    WantAuthorities,
    WantCameras,
    WantExportHead,
    WantPast,
    WantPreserved,
    WantRows,
    WantSaved,
    WantSearchFacts,
)
from nas_desktop.domain.voi import VoiEntry
from nas_desktop.services.events import NodeState, TestResult

PROTOCOL = "nas.v1"

LIVE_LIMIT = 64 * 1024
"""Largest frame on the live socket, bytes."""

BULK_LIMIT = 1024 * 1024
"""Largest frame on the bulk socket, bytes."""

HEARTBEAT_S = 1.0
"""Seconds between two heartbeats of either side."""


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


# ------------------------------------------------------------------ PNC


class PncCheck(Message, frozen=True, tag="pnc_check"):
    """Ask PNC about these VRMs, at most 1,000."""

    request: int
    vrms: list[str]


class PncReport(Struct, frozen=True):
    """A report on the VRM at ``index`` of the question; ``entry`` holds its type as reason."""

    index: int
    entry: VoiEntry


class PncAnswer(Message, frozen=True, tag="pnc_answer"):
    """What PNC has on the VRMs asked about; no report means that it has none."""

    request: int
    reports: list[PncReport] = field(default_factory=list)


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
    ListGone, ListDelta, WantList, ListsHeld, ImportList, CancelWork, WorkProgress, EditList,
    ChangeList, ListDone, SearchLists, EntriesFound, WantLists, Lists,
    WantVersions, Versions, WantQuiet, QuietHits,
    ExportList, PncCheck, PncAnswer, Test, TestDone, StopNode,
    SendAudit, AuditHeld, WantAudit, AuditRows, VerifyAudit, ExportAudit, AuditDone,
    Search, SearchBegan, SearchTold, AskDecision, Decided, WantRows, FoundRows, WantPoints,
    FoundPoints, EndSearch,
    WantSearchFacts, SearchFacts, WantCameras, PutAuthority, Countersign, WantAuthorities,
    Authorities, SaveSearch, WantSaved, SavedSearches, WantPast, PastSearches, PreserveFound,
    WantPreserved, PreservedReads,
    ExportFound, FoundExported, CancelExport, WantExportHead, ExportHeadFound, RecordExport,
    RecordCopy, Recorded, DryRun, DryRunDone,
    WantProof, AuditProof, WantSample, AuditSample, CheckSearch, SearchChecked,
    WantOutliers, AuditOutliers, WantTransparency, TransparencyTold, WantSubject, SubjectWritten,
    ReportDesk, SetScope, ScopeSet, WantHistory, History, WantNotices, Notices,
    RecordSheet, WantCameraStates, CameraStates, RecordMapPicture,
)  # fmt: skip
"""Every message of the protocol; the codec and the document's test are made from it."""
