"""Messages of ``nas.v1`` about the audit and its review; see ``messages``."""

from __future__ import annotations

from datetime import datetime

from msgspec import field

from nas_desktop.adapters.link.message import Message
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
