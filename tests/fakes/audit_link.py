"""A scripted ``AuditLink``: records by their number, remembers what it was asked."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit import (
    AuditAction,
    AuditFile,
    AuditFilter,
    AuditPage,
    AuditRecord,
    AuditRow,
    Verdict,
)
from nas_desktop.services.audit_ports import (
    Check,
    CheckVerdict,
    OutlierPage,
    ProofState,
    SampleItem,
    SamplePage,
    SubjectReport,
    TransparencyReport,
)
from nas_desktop.services.audit_review import Count, Outlier, Transparency, Why

NEWEST = datetime(2026, 11, 20, 20, 57, tzinfo=UTC)
DIGEST = "3f" * 32
_KINDS = (
    AuditAction.SEARCH_DONE,
    AuditAction.SEARCH,
    AuditAction.HIT_ACK,
    AuditAction.DENIED,
    AuditAction.LOGIN,
)
_PEOPLE = ("asmith", "bjones", "crees", "akhan")


def a_record(seq: int, **changes: Any) -> AuditRecord:
    """The record of a number; the same number always gives the same record."""
    action = _KINDS[seq % len(_KINDS)]
    at = NEWEST - timedelta(minutes=7 * (2_000 - seq))
    person = _PEOPLE[seq // 5 % 4]
    one = AuditRecord(action, at, person, "desk 4", "s1", app_version="0.1.0")
    if action in (AuditAction.SEARCH, AuditAction.SEARCH_DONE, AuditAction.DENIED):
        is_old = seq // 5 % 7 == 3
        one = replace(
            one,
            detail={"where": "both"},
            event_id=f"{seq // 5:032x}",
            role="analyst",
            reason_code=5,
            purpose="MAJOR" if is_old else "SERIOUS",
            justification="Robbery at Stone, vehicle seen leaving by the A34.",
            reference=f"OP MERCURY {2_000 + seq // 5}",
            authority="A-20261120-0f0e0d" if is_old else "",
            criteria="from=2026-11-13T00:00:00Z&to=2026-11-20T00:00:00Z&vrm=AB51ABC",
            band="B" if is_old else "A",
            oldest_age_days=120 if is_old else 7,
            decision="allowed",
        )
    if action is AuditAction.DENIED:
        one = replace(one, decision="purpose,authority")
    if action is AuditAction.SEARCH_DONE:
        one = replace(
            one,
            result_count=412,
            read_ids_hash=DIGEST,
            detail={"exact": "yes", "coverage desk": "36 of 38 cameras, 0.970"},
        )
    return replace(one, **changes)


def an_item(seq: int, *why: Why, checks: tuple[Check, ...] = (), **changes: Any) -> SampleItem:
    """A search in the sample."""
    record = replace(a_record(seq // 5 * 5 + 1), **changes)
    return SampleItem(AuditRow(seq, record), why or (Why.RANDOM,), 412, checks)


def a_report(**changes: Any) -> TransparencyReport:
    """Counts of November, some of them small."""
    report = TransparencyReport(
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
        Count("reads", 48_211_904),
        Count("found", 21_417),
        0.00044,
        Count("hits", 1_204),
        (Count("P1", 11), Count("P2", 412), Count("P3", 781), Count("P4", 0)),
        (Count("arrest", 34), Count("misread", 61), Count("no_offence", None),
         Count("not_located", None), Count("no outcome yet", 12)),
        0.0512,
        Transparency(
            Count("searches", 1_482),
            Count("denied", 17),
            Count("exports", None),
            Count("authorities", 9),
            (Count("MAJOR", 82), Count("SERIOUS", 1_400)),
            (Count("A", 1_391), Count("B", 91)),
        ),
    )  # fmt: skip
    return replace(report, **changes)


class _Until:
    """Waits without a loop until the link answers again."""

    def __init__(self, link: FakeAuditLink) -> None:
        self._link = link

    def __await__(self) -> Generator[None, None, None]:
        while self._link.never_answers:
            yield


@dataclass
class FakeAuditLink:
    """``AuditLink`` without a node.

    ``refusal`` makes every coroutine raise it; ``never_answers`` keeps each waiting. ``records``
    is the number of the newest record.
    """

    records: int = 2_000
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    refusal: Refused | None = None
    never_answers: bool = False
    rows: tuple[AuditRow, ...] | None = None
    verdict: Verdict = field(default_factory=lambda: Verdict(2_000))
    state: ProofState = field(
        default_factory=lambda: ProofState(
            "a1b2c3d4a1b2c3d4", "desk 4", 2_000, 1_994, NEWEST, "5e5e5e5e5e5e5e5e", True
        )
    )
    items: tuple[SampleItem, ...] = ()
    searches: int = 412
    found: tuple[Outlier, ...] = ()
    report: TransparencyReport = field(default_factory=a_report)

    async def _ask(self, *given: Any) -> None:
        self.asked.append(given)
        if self.never_answers:
            await _Until(self)
        if self.refusal is not None:
            raise self.refusal

    def calls(self, what: str) -> list[tuple[Any, ...]]:
        """Return what was given to the calls of one coroutine, oldest first."""
        return [given[1:] for given in self.asked if given[0] == what]

    async def page(self, wanted: AuditFilter, before: int = 0, limit: int = 200) -> AuditPage:
        await self._ask("page", wanted, before, limit)
        rows = self.rows
        if rows is None:
            rows = tuple(AuditRow(seq, a_record(seq)) for seq in range(self.records, 0, -1))
        fit = [row for row in rows if wanted.fits(row.record) and row.seq < (before or 1 << 62)]
        more = fit[limit - 1].seq if len(fit) > limit else 0
        return AuditPage(tuple(fit[:limit]), more)

    async def verify(self) -> Verdict:
        await self._ask("verify")
        return self.verdict

    async def proof(self) -> ProofState:
        await self._ask("proof")
        return self.state

    async def export(self, path: str) -> AuditFile:
        await self._ask("export", path)
        return AuditFile(path, self.records, DIGEST)

    async def sample(self, month: str, first: int = 0, limit: int = 100) -> SamplePage:
        await self._ask("sample", month, first, limit)
        return SamplePage(
            month,
            f"{month}|0f0e0d0c",
            self.searches,
            len(self.items),
            sum(bool(item.checks) for item in self.items),
            first,
            self.items[first : first + limit],
        )

    async def check(self, seq: int, verdict: CheckVerdict, comment: str) -> Check:
        await self._ask("check", seq, verdict, comment)
        check = Check(seq, verdict, comment, "crees", NEWEST)
        self.items = tuple(
            replace(item, checks=(check, *item.checks)) if item.row.seq == seq else item
            for item in self.items
        )
        return check

    async def outliers(self, month: str) -> OutlierPage:
        await self._ask("outliers", month)
        return OutlierPage(month, self.searches, self.found)

    async def transparency(
        self, since: datetime, until: datetime, path: str = ""
    ) -> TransparencyReport:
        await self._ask("transparency", since, until, path)
        return replace(self.report, path=path, sha256=DIGEST if path else "")

    async def subject_access(self, vrm: str, reason: str, path: str) -> SubjectReport:
        await self._ask("subject_access", vrm, reason, path)
        return SubjectReport(vrm, path, DIGEST, 412, 3, 1, 9, 2)
