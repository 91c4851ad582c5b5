"""What is looked at afterwards: the monthly sample, users out of line, counts for the public.

Domain facts 6.6; every figure there is inferred and stands here with a name. All functions are
pure: the same records and the same seed give the same answer, so that anybody can make it again.
"""

from __future__ import annotations

import hashlib
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nas_desktop.services.audit import AuditAction, AuditRecord, AuditRow

FEWEST_SAMPLED = 10
SHARE_SAMPLED = 0.05
"""Random part of the monthly sample: the larger of 10 and 5 % of the searches."""

MANY_ROWS = 1_000
"""An export of more rows is looked at in any case."""

FEWEST_SHOWN = 5
"""Counts below this might point to a person and are not published."""

MANY_TIMES = 3.0
FEWEST_OF_NOTE = 20
"""Searches that are out of line: three times their role's median, and at least 20."""


class Why(StrEnum):
    """Why a record is in the sample."""

    RANDOM = "random"
    BAND = "band"
    URGENT = "urgent"
    OWN = "own"
    COLLEAGUE = "colleague"
    MARKED = "marked"
    LARGE_EXPORT = "large_export"


@dataclass(frozen=True, slots=True)
class Sampled:
    """One record to be looked at, and why; a record has every reason that applies."""

    row: AuditRow
    why: tuple[Why, ...]


def monthly_sample(rows: Iterable[AuditRow], checker: str, seed: str) -> tuple[Sampled, ...]:
    """Return what a supervisor has to look at, by number; never anything of their own.

    Args:
        rows: the month's records, of any kind.
        checker: account of the supervisor.
        seed: what the random part depends on, such as ``2026-11``; on record with the check. The
            order of ``rows`` makes no difference.
    """
    mine: list[AuditRow] = [row for row in rows if row.record.username != checker]
    reasons: dict[int, set[Why]] = defaultdict(set)
    by_number = {row.seq: row for row in mine}
    verbal = frozenset(
        row.record.authority
        for row in mine
        if row.record.action is AuditAction.AUTH_GRANT and row.record.detail.get("verbal") == "yes"
    ) - {""}
    for row in mine:
        reasons[row.seq].update(_always(row.record, verbal))
    searches = sorted(row.seq for row in mine if row.record.action is AuditAction.SEARCH)
    count = min(len(searches), max(FEWEST_SAMPLED, -(-len(searches) // round(1 / SHARE_SAMPLED))))
    for seq in sorted(searches, key=lambda seq: _lot(seed, seq))[:count]:
        reasons[seq].add(Why.RANDOM)
    return tuple(
        Sampled(by_number[seq], tuple(sorted(why))) for seq, why in sorted(reasons.items()) if why
    )


def _lot(seed: str, seq: int) -> bytes:
    """Return the place of a record in the draw: nobody can steer it without the seed."""
    return hashlib.sha256(f"{seed}|{seq}".encode()).digest()


def _always(record: AuditRecord, verbal: frozenset[str]) -> Iterable[Why]:
    if record.action in (AuditAction.SEARCH, AuditAction.DENIED) and record.criteria:
        if record.band in ("B", "C"):
            yield Why.BAND
        if record.detail.get("review") == "yes":
            yield Why.MARKED
        if "own_vehicle" in record.decision.split(","):
            yield Why.OWN
        if record.detail.get("review") == "colleague" or record.detail.get("colleague") == "yes":
            yield Why.COLLEAGUE
    is_authority = record.action in (AuditAction.AUTH_GRANT, AuditAction.AUTH_USE)
    if (is_authority or record.action is AuditAction.SEARCH) and (
        record.detail.get("verbal") == "yes" or record.authority in verbal
    ):
        yield Why.URGENT
    if record.action is AuditAction.EXPORT and (record.result_count or 0) > MANY_ROWS:
        yield Why.LARGE_EXPORT


@dataclass(frozen=True, slots=True)
class Outlier:
    """An account with many more searches than others of its role."""

    username: str
    role: str
    searches: int
    median: float


def outliers(rows: Iterable[AuditRow]) -> tuple[Outlier, ...]:
    """Return accounts far above the median of their role, the furthest first.

    A hint to ask, not a finding: an analyst on a murder looks more often than others.
    """
    by_role: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.record.action is AuditAction.SEARCH:
            by_role[row.record.role][row.record.username] += 1
    found: list[Outlier] = []
    for role, counts in by_role.items():
        median = statistics.median(counts.values())
        found += [
            Outlier(username, role, count, median)
            for username, count in counts.items()
            if count >= FEWEST_OF_NOTE and count > MANY_TIMES * median
        ]
    return tuple(sorted(found, key=lambda o: (-o.searches / o.median, o.username)))


@dataclass(frozen=True, slots=True)
class Count:
    """One line of the report; ``count`` None: fewer than five, or what would give them away."""

    name: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Transparency:
    """Counts for the public: how often, for what, how old; no mark, no person, no place."""

    searches: Count
    denied: Count
    exports: Count
    authorities: Count
    by_purpose: tuple[Count, ...]
    by_band: tuple[Count, ...]


def transparency(rows: Sequence[AuditRow]) -> Transparency:
    """Return the counts of a period."""
    records = [row.record for row in rows]
    searches = [r for r in records if r.action is AuditAction.SEARCH]
    total = Count("searches", len(searches))
    return Transparency(
        shown(total),
        shown(_count("denied", records, AuditAction.DENIED, needs_criteria=True)),
        shown(_count("exports", records, AuditAction.EXPORT, needs_criteria=True)),
        shown(_count("authorities", records, AuditAction.AUTH_GRANT)),
        parts(Counter(record.purpose for record in searches)),
        parts(Counter(record.band for record in searches)),
    )


def _count(
    name: str, records: Iterable[AuditRecord], action: AuditAction, *, needs_criteria: bool = False
) -> Count:
    return Count(
        name, sum(1 for r in records if r.action is action and (r.criteria or not needs_criteria))
    )


def shown(count: Count) -> Count:
    """Return a count as it is published: not where it is small."""
    is_small = count.count is not None and 0 < count.count < FEWEST_SHOWN
    return Count(count.name, None) if is_small else count


def parts(counts: Mapping[str, int]) -> tuple[Count, ...]:
    """Return the parts of a total without those that are small.

    Where one alone is left out, the total gives it away: the next smallest goes with it.
    """
    order = sorted(counts, key=lambda name: (counts[name], name))
    hidden = [name for name in order if counts[name] < FEWEST_SHOWN]
    if len(hidden) == 1:
        hidden = order[:2]
    return tuple(Count(name, None if name in hidden else counts[name]) for name in sorted(counts))
