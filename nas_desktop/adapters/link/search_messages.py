"""Messages of ``nas.v1`` about searches and what comes of them; see ``messages``."""

from __future__ import annotations

from datetime import datetime

from msgspec import field

from nas_desktop.adapters.link.message import Message
from nas_desktop.domain.camera import Camera
from nas_desktop.domain.query import Where
from nas_desktop.domain.search_access import AccessPolicy, Authority, Decision, SearchReason
from nas_desktop.services.dry_run import DryRunReport
from nas_desktop.services.exports import ExportHead
from nas_desktop.services.lists import (
    ImportChoices,
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
