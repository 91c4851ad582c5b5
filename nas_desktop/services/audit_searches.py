"""The records of a search: one before anything is shown, one when it has ended.

``SEARCH`` (or ``DENIED``) is on disk before the first row leaves the node; ``SEARCH_DONE`` says how
many reads there were and which, by their digest. Both carry the same ``event_id``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from nas_desktop import __version__
from nas_desktop.domain.query import ReadQuery, Where
from nas_desktop.domain.search_access import Authority, Decision, Searcher, SearchReason
from nas_desktop.services.audit import AuditAction, AuditRecord
from nas_desktop.services.searches import SearchProgress

ALLOWED = "allowed"


def search_record(
    at: datetime,
    event_id: str,
    searcher: Searcher,
    workstation: str,
    session: str,
    query: ReadQuery,
    where: Where,
    reason: SearchReason,
    decision: Decision,
    authority: Authority | None = None,
) -> AuditRecord:
    """Return what is recorded when a search is asked for, allowed or not."""
    detail = {"where": str(where)}
    if decision.needs_review:
        detail["review"] = "yes"
    if decision.concerns_colleague:
        detail["colleague"] = "yes"
    if authority is not None and authority.is_verbal:
        detail["verbal"] = "yes"
    against = ",".join(str(denial.rule) for denial in decision.denials)
    return AuditRecord(
        AuditAction.SEARCH if decision.is_allowed else AuditAction.DENIED,
        at,
        searcher.username,
        workstation,
        session,
        detail=detail,
        event_id=event_id,
        role=",".join(sorted(str(role) for role in searcher.roles)),
        on_behalf_of=reason.on_behalf_of,
        reason_code=reason.reason_code,
        purpose=str(reason.purpose),
        justification=reason.justification,
        reference=reason.reference,
        authority=reason.authority,
        criteria=query.text,
        band=str(decision.band),
        oldest_age_days=decision.oldest_age_days,
        decision=against or ALLOWED,
        app_version=__version__,
    )


def search_done_record(
    asked: AuditRecord,
    at: datetime,
    progress: SearchProgress,
    digest: str,
    *,
    was_stopped: bool = False,
) -> AuditRecord:
    """Return what is recorded when a search has ended: how many reads, which, and what was missed.

    Args:
        asked: what was recorded when it was asked for.
        at: aware UTC.
        progress: how far it came.
        digest: of what this node itself found; empty where it found nothing itself.
        was_stopped: somebody stopped it.
    """
    detail = {"where": asked.detail["where"]}
    if not progress.is_exact:
        detail["count"] = "at least"
    if was_stopped:
        detail["stopped"] = "yes"
    for coverage in progress.coverage:
        detail[f"coverage {coverage.holder}"] = (
            f"{coverage.whole} of {coverage.asked} cameras, {coverage.share:.3f}"
        )
    for number, problem in enumerate(progress.problems, 1):
        detail[f"problem {number}"] = problem
    return replace(
        asked,
        action=AuditAction.SEARCH_DONE,
        at=at,
        detail=detail,
        result_count=progress.found,
        read_ids_hash=digest,
    )
