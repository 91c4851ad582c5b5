"""A window's way to the audit, and what comes back beside the records themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from nas_desktop.services.audit import (
    SEARCH_ACTIONS,
    AuditAction,
    AuditFile,
    AuditFilter,
    AuditPage,
    AuditRecord,
    AuditRow,
    Verdict,
)
from nas_desktop.services.audit_review import Count, Outlier, Transparency, Why

FEWEST_WORDS = 10
"""Fewest characters, spaces not counted, of a reason for a subject access report."""

MOST_COMMENT = 500

_OF_OTHER_THINGS_TOO = frozenset({AuditAction.DENIED, AuditAction.EXPORT})
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


class CheckVerdict(StrEnum):
    """What a supervisor found of a record that was looked at (domain facts 6.6)."""

    SATISFIED = "satisfied"
    QUERY = "query"
    REFER = "refer"


@dataclass(frozen=True, slots=True)
class Check:
    """A verdict on record: of which record, what, why, by whom, when."""

    seq: int
    verdict: CheckVerdict
    comment: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SampleItem:
    """A record to be looked at, why, how its search ended, and the verdicts, newest first."""

    row: AuditRow
    why: tuple[Why, ...]
    result_count: int | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class SamplePage:
    """A part of a month's sample, from ``first`` on.

    ``seed`` is what the draw depends on; with the records of the month and the seed anybody can
    draw again. ``searches`` counts those of others in the month, ``total`` what was drawn of them,
    ``checked`` how many of these have a verdict.
    """

    month: str
    seed: str
    searches: int
    total: int
    checked: int
    first: int
    items: tuple[SampleItem, ...]


@dataclass(frozen=True, slots=True)
class OutlierPage:
    """Accounts far above the median of their role in a month, and how many searches there were."""

    month: str
    searches: int
    outliers: tuple[Outlier, ...]


@dataclass(frozen=True, slots=True)
class ProofState:
    """How well a node's audit is proved by somebody else.

    ``countersigned`` is the number up to which ``server_id`` countersigned at ``at``, 0 for none
    yet. ``has_above`` is False where no node is above that could. ``problem`` is why records do
    not go up.
    """

    node_id: str
    node_name: str
    records: int
    countersigned: int = 0
    at: datetime | None = None
    server_id: str = ""
    has_above: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class TransparencyReport:
    """Counts of a period for the public; nothing in it points to a person, mark or place.

    ``found`` counts reads that searches put before somebody, each time anew, so that
    ``share_found`` is an upper bound of the share ever looked at. Shares are None where they would
    give a small count away. ``path`` and ``sha256`` are those of the file, where one was written.
    """

    since: datetime
    until: datetime
    reads: Count
    found: Count
    share_found: float | None
    hits: Count
    by_tier: tuple[Count, ...]
    by_outcome: tuple[Count, ...]
    share_misread: float | None
    counts: Transparency
    notes: tuple[str, ...] = ()
    path: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class SubjectReport:
    """What was written of everything held on one VRM: how many of which, where, its digest."""

    vrm: str
    path: str
    sha256: str
    reads: int
    hits: int
    entries: int
    records: int
    preserved: int
    problems: tuple[str, ...] = ()


def is_for_check(record: AuditRecord, username: str) -> bool:
    """Tell whether a supervisor may look at it: a search, and not one of their own (facts 6.6)."""
    is_search = record.action in SEARCH_ACTIONS and (
        record.action not in _OF_OTHER_THINGS_TOO or bool(record.criteria)
    )
    return is_search and record.username != username


def month_span(month: str) -> tuple[datetime, datetime] | None:
    """Return the first instant of ``2026-11`` and that of the month after; None: no month."""
    found = _MONTH.fullmatch(month)
    if found is None or not 2000 <= int(found[1]) <= 9000:
        return None
    year, number = int(found[1]), int(found[2])
    after = (year, number + 1) if number < 12 else (year + 1, 1)
    return datetime(year, number, 1, tzinfo=UTC), datetime(*after, 1, tzinfo=UTC)


class AuditLink(Protocol):
    """A window's way to the audit. Every coroutine raises ``Refused`` with words."""

    async def page(self, wanted: AuditFilter, before: int = 0, limit: int = 200) -> AuditPage:
        """Return records below a number, the newest first; 0 begins at the newest of all."""
        ...

    async def verify(self) -> Verdict:
        """Have the node look through its whole chain."""
        ...

    async def proof(self) -> ProofState:
        """Return how far the chain is countersigned, by whom, and what keeps it from going up."""
        ...

    async def export(self, path: str) -> AuditFile:
        """Have the node write all records with their proof to a file of this machine."""
        ...

    async def sample(self, month: str, first: int = 0, limit: int = 100) -> SamplePage:
        """Return what is to be looked at of a month (``2026-11``), never anything of one's own."""
        ...

    async def check(self, seq: int, verdict: CheckVerdict, comment: str) -> Check:
        """Put on record what was found of a record; a query or a referral needs a comment."""
        ...

    async def outliers(self, month: str) -> OutlierPage:
        """Return accounts far above the median of their role."""
        ...

    async def transparency(
        self, since: datetime, until: datetime, path: str = ""
    ) -> TransparencyReport:
        """Return the counts of a period; with a path they are written there too (.csv or .txt)."""
        ...

    async def subject_access(self, vrm: str, reason: str, path: str) -> SubjectReport:
        """Have the node write everything held on one VRM to a file of this machine."""
        ...
