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
from nas_desktop.domain.query import Where
from nas_desktop.domain.read import Read
from nas_desktop.domain.search_access import AccessPolicy, Authority, Decision, SearchReason
from nas_desktop.domain.voi import ListSource, VoiEntry
from nas_desktop.services.audit import (
    AuditFilter,
    AuditItem,
    AuditRow,
    Countersignature,
    Verdict,
)
from nas_desktop.services.audit_ports import (
    Check,
    CheckVerdict,
    OutlierPage,
    ProofState,
    SamplePage,
    SubjectReport,
    TransparencyReport,
)
from nas_desktop.services.dry_run import DryRunReport
from nas_desktop.services.events import ImageKind, ListState, NodeState, Outage, TestResult
from nas_desktop.services.exports import ExportHead
from nas_desktop.services.lists import (
    EntryFound,
    ImportChoices,
    ImportReport,
    ListCounts,
    ListReceiver,
    ListVersion,
)
from nas_desktop.services.searches import (
    ExportDone,
    ExportFormat,
    Order,
    PastSearch,
    Preserved,
    SavedSearch,
    SearchPage,
    SearchProgress,
)

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


# ------------------------------------------------------------------ work on lists


class ImportList(Message, frozen=True, tag="import_list"):
    """Have the node check a file of its own machine and make it live as a list.

    Answered by any number of ``work_progress`` and one ``list_done``; from the node's own window
    and command line only.
    """

    request: int
    path: str
    choices: ImportChoices


class CancelWork(Message, frozen=True, tag="cancel_work"):
    """Give up the work that was asked for under this request."""

    request: int


class WorkProgress(Message, frozen=True, tag="work_progress"):
    """How far a long work has come: ``done`` of ``total`` (0: not known), and at what."""

    request: int
    stage: str
    done: int = 0
    total: int = 0


class EditList(Message, frozen=True, tag="edit_list"):
    """Change entries of a list: ``gone`` are marks that leave, ``put`` entries that come.

    ``at_server`` has a desk pass it on to the node above, ``on_behalf`` names the account it does
    so for. ``if_revision`` refuses the change when the list has moved on; 0 does not look.
    """

    request: int
    name: str
    put: list[VoiEntry] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    why: str = ""
    if_revision: int = 0
    at_server: bool = False
    on_behalf: str = ""


class ChangeList(Message, frozen=True, tag="change_list"):
    """Do something to a whole list: create, roll_back, remove, disable, enable."""

    request: int
    name: str
    change: str
    why: str = ""
    authority: str = ""
    finds_misreads: bool = False
    at_server: bool = False
    on_behalf: str = ""


class ListDone(Message, frozen=True, tag="list_done"):
    """What became of a work on a list; ``is_live`` False means that nothing changed."""

    request: int
    name: str
    revision: int = 0
    is_live: bool = False
    is_stored: bool = False
    words: str = ""
    report: ImportReport | None = None


class SearchLists(Message, frozen=True, tag="search_lists"):
    """Look for entries: in one list or, without a name, in all; by mark, pattern or text."""

    request: int
    text: str = ""
    name: str = ""
    first: int = 0
    limit: int = 100


class EntriesFound(Message, frozen=True, tag="entries_found"):
    """Entries from ``first`` on, of ``total``; ``is_all`` False: long lists not read through."""

    request: int
    first: int
    found: list[EntryFound]
    total: int
    is_all: bool = True


class WantLists(Message, frozen=True, tag="want_lists"):
    """Ask for the account of all lists, those included that only their owner may know of."""

    request: int
    at_server: bool = False
    on_behalf: str = ""


class Lists(Message, frozen=True, tag="lists"):
    """All lists that the asker may know of."""

    request: int
    lists: list[ListState]


class WantVersions(Message, frozen=True, tag="want_versions"):
    """Ask for the versions kept of a list and for what each receiver holds of it."""

    request: int
    name: str
    at_server: bool = False
    on_behalf: str = ""


class Versions(Message, frozen=True, tag="versions"):
    """Versions, newest first, and receivers by name."""

    request: int
    name: str
    versions: list[ListVersion]
    receivers: list[ListReceiver] = field(default_factory=list)


class WantQuiet(Message, frozen=True, tag="want_quiet"):
    """Ask for the ``No Alert`` hits of a list; the owner of the list only."""

    request: int
    name: str
    first: int = 0
    limit: int = 200
    at_server: bool = False
    on_behalf: str = ""


class QuietHits(Message, frozen=True, tag="quiet_hits"):
    """``No Alert`` hits, newest first from ``first`` on, and how many there are in all."""

    request: int
    name: str
    total: int
    hits: list[Hit] = field(default_factory=list)


class ExportList(Message, frozen=True, tag="export_list"):
    """Have the node write a list to a file of its own machine; answered by ``list_done``."""

    request: int
    name: str
    path: str
    for_spreadsheets: bool = False


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


# ------------------------------------------------------------------ audit


class SendAudit(Message, frozen=True, tag="send_audit"):
    """Records of the sender's audit, as they lie, and the end of its chain as it is now.

    Answered by ``audit_held``. Without records it asks only whether the ends agree.
    """

    batch: int
    node_id: str
    last: int
    head: bytes
    items: list[AuditItem] = field(default_factory=list)


class AuditHeld(Message, frozen=True, tag="audit_held"):
    """The records are on disk; ``countersignature`` is over the newest that is held."""

    request: int
    countersignature: Countersignature


class WantAudit(Message, frozen=True, tag="want_audit"):
    """Ask for records numbered below ``before`` (0: the newest), the newest first."""

    request: int
    wanted: AuditFilter = AuditFilter()
    before: int = 0
    limit: int = 200


class AuditRows(Message, frozen=True, tag="audit_rows"):
    """Records with their numbers; ``before`` asks for the next, 0 when there are none."""

    request: int
    rows: list[AuditRow]
    before: int = 0


class VerifyAudit(Message, frozen=True, tag="verify_audit"):
    """Have the node look through its whole audit; answered by ``audit_done``."""

    request: int


class ExportAudit(Message, frozen=True, tag="export_audit"):
    """Have the node write its audit to a file of its own machine; answered by ``audit_done``."""

    request: int
    path: str


class AuditDone(Message, frozen=True, tag="audit_done"):
    """What was found, or what was written: ``path`` and ``sha256`` are those of a file."""

    request: int
    verdict: Verdict
    path: str = ""
    sha256: str = ""


# ------------------------------------------------------------------ what is looked at afterwards


class WantProof(Message, frozen=True, tag="want_proof"):
    """Ask how far the node's audit is countersigned, and by whom."""

    request: int


class AuditProof(Message, frozen=True, tag="audit_proof"):
    """How far the node's audit is countersigned."""

    request: int
    proof: ProofState


class WantSample(Message, frozen=True, tag="want_sample"):
    """Ask for what is to be looked at of a month, ``2026-11``, from ``first`` on."""

    request: int
    month: str
    first: int = 0
    limit: int = 100


class AuditSample(Message, frozen=True, tag="audit_sample"):
    """A part of a month's sample; never anything of whoever asked."""

    request: int
    page: SamplePage


class CheckSearch(Message, frozen=True, tag="check_search"):
    """Put on record what was found of a record of somebody else."""

    request: int
    seq: int
    verdict: CheckVerdict
    comment: str = ""


class SearchChecked(Message, frozen=True, tag="search_checked"):
    """The verdict is on record."""

    request: int
    check: Check


class WantOutliers(Message, frozen=True, tag="want_outliers"):
    """Ask for accounts with far more searches in a month than others of their role."""

    request: int
    month: str


class AuditOutliers(Message, frozen=True, tag="audit_outliers"):
    """Accounts far above the median of their role."""

    request: int
    page: OutlierPage


class WantTransparency(Message, frozen=True, tag="want_transparency"):
    """Ask for the counts of a period; ``path`` has them written on the node's own machine too."""

    request: int
    since: datetime
    until: datetime
    path: str = ""


class TransparencyTold(Message, frozen=True, tag="transparency"):
    """The counts of a period, small ones left out."""

    request: int
    report: TransparencyReport


class WantSubject(Message, frozen=True, tag="want_subject"):
    """Have everything held on one VRM written to a file of the node's own machine."""

    request: int
    vrm: str
    reason: str
    path: str


class SubjectWritten(Message, frozen=True, tag="subject_written"):
    """What was written of one VRM; the reads themselves are in the file alone."""

    request: int
    report: SubjectReport


# ------------------------------------------------------------------ searches


class Search(Message, frozen=True, tag="search"):
    """Ask for reads; ``query`` is the text of ``domain.query``. ``request`` names the search."""

    request: int
    query: str
    where: Where
    reason: SearchReason
    on_behalf: str = ""


class SearchBegan(Message, frozen=True, tag="search_began"):
    """The search is on record and runs; ``SearchTold`` follows."""

    request: int
    decision: Decision
    event_id: str = ""


class SearchTold(Message, frozen=True, tag="search_told"):
    """How far a search has come; the last one has ``is_done``."""

    request: int
    progress: SearchProgress


class AskDecision(Message, frozen=True, tag="ask_decision"):
    """Ask what would be decided on a search; nothing is recorded."""

    request: int
    query: str
    where: Where
    reason: SearchReason
    on_behalf: str = ""


class Decided(Message, frozen=True, tag="decided"):
    """What was, or would be, decided on a search; also the answer to a search that is denied."""

    request: int
    decision: Decision


class WantRows(Message, frozen=True, tag="want_rows"):
    """Ask for up to 200 rows of a search by their place, in an order."""

    request: int
    search: int
    first: int
    limit: int
    order: Order = Order.NEWEST


class FoundRows(Message, frozen=True, tag="found_rows"):
    """Rows of a search."""

    request: int
    page: SearchPage


class EndSearch(Message, frozen=True, tag="end_search"):
    """Stop a search within 200 ms; what was found is forgotten unless ``keeps_rows``."""

    search: int
    keeps_rows: bool = False


class WantSearchFacts(Message, frozen=True, tag="want_search_facts"):
    """Ask for the rules of access and the cameras that can be asked for."""

    request: int


class SearchFacts(Message, frozen=True, tag="search_facts"):
    """The rules of access as they are kept as data, and cameras, at most 2,000 a message."""

    request: int
    policy: AccessPolicy
    cameras: list[Camera] = field(default_factory=list)
    more: int = 0


class WantCameras(Message, frozen=True, tag="want_cameras"):
    """Ask for registered cameras from a place in their order on; answered by ``SearchFacts``."""

    request: int
    first: int


class PutAuthority(Message, frozen=True, tag="put_authority"):
    """Record an authority given, or entered as given verbally; number and time are the node's."""

    request: int
    authority: Authority
    on_behalf: str = ""


class Countersign(Message, frozen=True, tag="countersign"):
    """Confirm a verbal authority given in one's own name."""

    request: int
    authority_id: str
    on_behalf: str = ""


class WantAuthorities(Message, frozen=True, tag="want_authorities"):
    """Ask for the authorities one gave, was given, or entered."""

    request: int
    on_behalf: str = ""


class Authorities(Message, frozen=True, tag="authorities"):
    """Authorities, newest first."""

    request: int
    authorities: list[Authority] = field(default_factory=list)


class SaveSearch(Message, frozen=True, tag="save_search"):
    """Keep a question under a name; an empty ``query`` drops the one of the number given."""

    request: int
    name: str
    query: str
    where: Where = Where.LOCAL
    is_shared: bool = False
    saved_id: str = ""


class WantSaved(Message, frozen=True, tag="want_saved"):
    """Ask for one's own saved searches and those shared."""

    request: int


class SavedSearches(Message, frozen=True, tag="saved_searches"):
    """Saved searches by name."""

    request: int
    saved: list[SavedSearch] = field(default_factory=list)


class WantPast(Message, frozen=True, tag="want_past"):
    """Ask for one's own searches, newest first, at most 500."""

    request: int
    limit: int = 100


class PastSearches(Message, frozen=True, tag="past_searches"):
    """One's own searches, from the audit."""

    request: int
    past: list[PastSearch] = field(default_factory=list)


class PreserveFound(Message, frozen=True, tag="preserve_found"):
    """Keep rows of a search, at most 1,000, with their images beyond the retention."""

    request: int
    search: int
    places: list[int]
    reference: str
    review_at: datetime
    order: Order = Order.NEWEST


class WantPreserved(Message, frozen=True, tag="want_preserved"):
    """Ask for what is kept beyond the retention."""

    request: int


class PreservedReads(Message, frozen=True, tag="preserved_reads"):
    """What is kept beyond the retention, the next to be reviewed first; ``added`` counts new."""

    request: int
    preserved: list[Preserved] = field(default_factory=list)
    added: int = 0


class ExportFound(Message, frozen=True, tag="export_found"):
    """Write what a search found to a path of this machine; windows of this machine only."""

    request: int
    search: int
    path: str
    kind: ExportFormat
    recipient: str
    with_locations: bool = False


class FoundExported(Message, frozen=True, tag="found_exported"):
    """The file is written and on record with its digest."""

    request: int
    done: ExportDone


class CancelExport(Message, frozen=True, tag="cancel_export"):
    """Give up an export under way; nothing of it is left."""

    request: int


class WantExportHead(Message, frozen=True, tag="want_export_head"):
    """Ask for what has to stand above an export that the window lays out itself."""

    request: int
    search: int
    recipient: str
    with_locations: bool = False


class ExportHeadFound(Message, frozen=True, tag="export_head_found"):
    """What has to stand above the rows; its ``request`` is named when the export is recorded."""

    request: int
    head: ExportHead


class RecordExport(Message, frozen=True, tag="record_export"):
    """Put on record an export that the window has written under a temporary name."""

    request: int
    head: int
    path: str
    kind: ExportFormat
    sha256: str


class RecordCopy(Message, frozen=True, tag="record_copy"):
    """Put on record rows, by their places in an order, that go to the clipboard; 1 to 1,000."""

    request: int
    search: int
    places: list[int]
    order: Order = Order.NEWEST


class Recorded(Message, frozen=True, tag="recorded"):
    """It is on record under this event."""

    request: int
    event_id: str


class DryRun(Message, frozen=True, tag="dry_run"):
    """Ask what a list would have raised on the stored reads; windows of this machine only.

    The list is one that is held, or with ``path`` that of a file of this machine.
    """

    request: int
    name: str = ""
    path: str = ""
    choices: ImportChoices = ImportChoices()


class DryRunDone(Message, frozen=True, tag="dry_run_done"):
    """What the list would have raised: counts by entry, day and hour."""

    request: int
    report: DryRunReport


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
    Search, SearchBegan, SearchTold, AskDecision, Decided, WantRows, FoundRows, EndSearch,
    WantSearchFacts, SearchFacts, WantCameras, PutAuthority, Countersign, WantAuthorities,
    Authorities, SaveSearch, WantSaved, SavedSearches, WantPast, PastSearches, PreserveFound,
    WantPreserved, PreservedReads,
    ExportFound, FoundExported, CancelExport, WantExportHead, ExportHeadFound, RecordExport,
    RecordCopy, Recorded, DryRun, DryRunDone,
    WantProof, AuditProof, WantSample, AuditSample, CheckSearch, SearchChecked,
    WantOutliers, AuditOutliers, WantTransparency, TransparencyTold, WantSubject, SubjectWritten,
)  # fmt: skip
"""Every message of the protocol; the codec and the document's test are made from it."""
