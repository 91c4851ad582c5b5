"""The audit as nodes, windows and the command line speak of it: records, filters, verdicts.

What is recorded and why: domain facts 6.5 and 6.6. How records are chained: ``audit_chain``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AuditAction(StrEnum):
    """What was done (domain facts 6.5); later versions add, none is ever removed."""

    LOGIN = "LOGIN"
    LOGIN_REFUSED = "LOGIN_REFUSED"
    LOGOUT = "LOGOUT"
    HIT_DELIVERED = "HIT_DELIVERED"
    HIT_ACK = "HIT_ACK"
    HIT_ACTION = "HIT_ACTION"
    HIT_OUTCOME = "HIT_OUTCOME"
    DENIED = "DENIED"
    CONFIG_CHANGE = "CONFIG_CHANGE"
    VOI_UPLOAD = "VOI_UPLOAD"
    VOI_CREATE = "VOI_CREATE"
    VOI_EDIT = "VOI_EDIT"
    VOI_WEED = "VOI_WEED"
    VOI_ROLLBACK = "VOI_ROLLBACK"
    VOI_REMOVE = "VOI_REMOVE"
    VIEW_NO_ALERT = "VIEW_NO_ALERT"
    EXPORT = "EXPORT"
    BUFFER_START = "BUFFER_START"
    BUFFER_END = "BUFFER_END"
    TEST_READ = "TEST_READ"
    NODE_START = "NODE_START"
    NODE_STOP = "NODE_STOP"
    # A search is on record before its results are shown, and again when it has ended.
    SEARCH = "SEARCH"
    SEARCH_DONE = "SEARCH_DONE"
    VIEW_READ = "VIEW_READ"
    VIEW_IMAGE = "VIEW_IMAGE"
    MISREAD = "MISREAD"
    PRINT = "PRINT"
    COPY = "COPY"
    AUTH_GRANT = "AUTH_GRANT"
    AUTH_USE = "AUTH_USE"
    AUTH_COUNTERSIGN = "AUTH_COUNTERSIGN"
    CLOCK_WARN = "CLOCK_WARN"
    PURGE = "PURGE"
    PRESERVE = "PRESERVE"
    SAMPLE_CHECK = "SAMPLE_CHECK"
    SUBJECT_ACCESS = "SUBJECT_ACCESS"
    TRANSPARENCY = "TRANSPARENCY"
    # The audit itself was looked at, checked, or contradicted by a desk's later word.
    AUDIT_VIEW = "AUDIT_VIEW"
    AUDIT_VERIFY = "AUDIT_VERIFY"
    AUDIT_EXPORT = "AUDIT_EXPORT"
    AUDIT_CONFLICT = "AUDIT_CONFLICT"
    # A list was held against stored reads; only counts were shown.
    DRY_RUN = "DRY_RUN"
    # A picture or page of the live map left the system.
    MAP_PICTURE = "MAP_PICTURE"


SEARCH_ACTIONS = frozenset(
    {
        AuditAction.SEARCH,
        AuditAction.SEARCH_DONE,
        AuditAction.DENIED,
        AuditAction.AUTH_GRANT,
        AuditAction.AUTH_USE,
        AuditAction.AUTH_COUNTERSIGN,
        AuditAction.EXPORT,
        AuditAction.SAMPLE_CHECK,
    }
)
"""What a supervisor may look at for sample checks (domain facts 6.6)."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Who did what to which thing, when, at which workstation.

    The first seven fields are those of the first version. ``event_id`` ties the records of one
    event together, as those of a search and of its end. ``role`` is one role or several parted by
    commas. ``reason_code`` is a PNC code 0 to 9. ``authority`` names the authorisation,
    ``criteria`` is the text of the question, ``band`` A, B or C, ``oldest_age_days`` the age of
    the oldest instant asked for. ``decision`` is ``allowed`` or the rules against, parted by
    commas. ``read_ids_hash`` is that of ``ReadIdsDigest``, ``file_sha256`` that of a file written,
    both in hex. ``recipients`` and ``gsc`` are those of what left the system.
    """

    action: AuditAction
    at: datetime
    username: str = ""
    workstation: str = ""
    session: str = ""
    subject: str = ""
    detail: dict[str, str] = field(default_factory=dict)
    event_id: str = ""
    role: str = ""
    on_behalf_of: str = ""
    reason_code: int | None = None
    purpose: str = ""
    justification: str = ""
    reference: str = ""
    authority: str = ""
    criteria: str = ""
    band: str = ""
    oldest_age_days: int | None = None
    decision: str = ""
    result_count: int | None = None
    read_ids_hash: str = ""
    recipients: str = ""
    gsc: str = ""
    file_sha256: str = ""
    app_version: str = ""


class ReadIdsDigest:
    """The digest of which reads were shown, made while they come and whatever their order.

    Rows come from several stores at once, in an order that depends on the disks; the same result
    must give the same digest, so each identity is spread to 2,048 bits by SHAKE-256 and the sum of
    all is hashed with their count (an additive set hash: to find other reads with the same sum is
    out of reach at that width, which 256 bits would not be). Each read is added once.
    """

    _BYTES = 256

    def __init__(self) -> None:
        self.count = 0
        self._sum = 0

    def add(self, read_ids: Iterable[bytes]) -> None:
        """Add reads that are not in it yet; some 3 µs each."""
        for read_id in read_ids:
            self._sum += int.from_bytes(hashlib.shake_256(read_id).digest(self._BYTES), "big")
            self.count += 1
        self._sum %= 1 << (8 * self._BYTES)

    def merge(self, other: ReadIdsDigest) -> None:
        """Add what another one was given, as from another partition."""
        self.count += other.count
        self._sum = (self._sum + other._sum) % (1 << (8 * self._BYTES))

    @property
    def hex(self) -> str:
        """The digest of what was added so far: 64 hex digits."""
        told = self.count.to_bytes(8, "big") + self._sum.to_bytes(self._BYTES, "big")
        return hashlib.sha256(told).hexdigest()


@dataclass(frozen=True, slots=True)
class AuditItem:
    """One record as it lies in a chain: number from 1, hash before, own hash, packed content."""

    seq: int
    prev: bytes
    hash: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Countersignature:
    """A server's word that a node's chain had this head at this number.

    ``key`` is the server's public Ed25519 key (32 bytes), ``signature`` (64 bytes) is over node,
    number, head and instant; see ``adapters.countersigning``.
    """

    node_id: str
    seq: int
    head: bytes
    at: datetime
    server_id: str
    key: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which records are wanted; what is empty does not narrow.

    ``since`` is included, ``until`` is not. ``text`` is looked for in reference and subject,
    whatever its case. ``node_id`` asks for records that a desk sent up.
    """

    since: datetime | None = None
    until: datetime | None = None
    actions: tuple[AuditAction, ...] = ()
    username: str = ""
    bands: tuple[str, ...] = ()
    text: str = ""
    node_id: str = ""

    def fits(self, record: AuditRecord) -> bool:
        """Tell whether a record is wanted."""
        wanted = self.text.casefold()
        return (
            (self.since is None or record.at >= self.since)
            and (self.until is None or record.at < self.until)
            and (not self.actions or record.action in self.actions)
            and (not self.username or record.username == self.username)
            and (not self.bands or record.band in self.bands)
            and (
                not wanted
                or wanted in record.reference.casefold()
                or wanted in record.subject.casefold()
            )
        )


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One record with its number."""

    seq: int
    record: AuditRecord


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Records, newest first; ``before`` asks for the next page, 0 where there is none."""

    rows: tuple[AuditRow, ...]
    before: int


class Tampering(StrEnum):
    """What was done to a chain; stable words."""

    EDITED = "edited"
    TAIL_CUT = "tail_cut"
    HEAD_CUT = "head_cut"
    REMOVED = "removed"
    REORDERED = "reordered"
    INSERTED = "inserted"
    REWRITTEN = "rewritten"
    OTHER_MACHINE = "other_machine"
    FORGED = "countersignature_forged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a chain is whole: ``records`` looked at, and the first that is not as it was."""

    records: int
    seq: int | None = None
    kind: Tampering | None = None
    why: str = ""

    @property
    def is_whole(self) -> bool:
        """True when nothing was found."""
        return self.kind is None


@dataclass(frozen=True, slots=True)
class AuditFile:
    """A file written with all records: where, how many, its own SHA-256 in hex."""

    path: str
    records: int
    sha256: str
