"""What is looked at afterwards, at the node: the month's sample, verdicts, accounts out of line.

Who may ask is checked by the session; that nobody checks what they did themselves is checked here,
whatever the window offers.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nas_desktop import __version__
from nas_desktop.domain.errors import Refused
from nas_desktop.node.list_record import Who
from nas_desktop.services.audit import AuditAction, AuditFilter, AuditRecord, AuditRow
from nas_desktop.services.audit_ports import (
    MOST_COMMENT,
    Check,
    CheckVerdict,
    OutlierPage,
    ProofState,
    SampleItem,
    SamplePage,
    is_for_check,
    month_span,
)
from nas_desktop.services.audit_review import Sampled, monthly_sample, outliers

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

MOST_ITEMS = 200
"""Most records of a sample in one answer."""

_PAGE = 2_000
_EARLIER = timedelta(days=1)
"""Records may lie this much out of order: those that waited elsewhere come with their own time."""


class AuditReview:
    """Answers one session; keeps the sample that it drew last, so that pages belong together."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._drawn: tuple[str, str, int, list[SampleItem]] | None = None

    # ------------------------------------------------------------------ the sample

    async def sample(self, month: str, first: int, limit: int, who: Who) -> SamplePage:
        """Return a part of a month's sample; the first part draws anew and is put on record.

        Raises:
            Refused: ``month_unknown``.
        """
        since, until = self.span(month)
        if first <= 0 or self._drawn is None or self._drawn[0] != month:
            await self._draw(month, since, until, who)
        assert self._drawn is not None
        _month, seed, searches, items = self._drawn
        first, limit = max(0, first), max(1, min(limit, MOST_ITEMS))
        return SamplePage(
            month,
            seed,
            searches,
            len(items),
            sum(bool(item.checks) for item in items),
            first,
            tuple(items[first : first + limit]),
        )

    async def _draw(self, month: str, since: datetime, until: datetime, who: Who) -> None:
        seed = await self._seed(month)
        rows: list[AuditRow] = []
        counts: dict[str, int] = {}
        checks: dict[int, list[Check]] = defaultdict(list)

        def take(row: AuditRow) -> None:
            record = row.record
            if record.action is AuditAction.SAMPLE_CHECK:
                check = check_of(record)
                if check is not None:
                    checks[check.seq].append(check)
            elif record.at >= until:
                return
            elif record.action is AuditAction.SEARCH_DONE:
                counts[record.event_id] = record.result_count or 0
            elif is_for_check(record, who[0]):
                rows.append(row)

        await self.each(AuditFilter(since=since), take)
        drawn = monthly_sample(rows, who[0], seed)
        searches = sum(row.record.action is AuditAction.SEARCH for row in rows)
        await self.put(
            AuditAction.AUDIT_VIEW, who, "",
            {"what": "sample", "month": month, "seed": seed, "drawn": str(len(drawn))},
        )  # fmt: skip
        items = [_item(one, counts, checks) for one in drawn]
        # What nobody has looked at yet stands first, then by number.
        items.sort(key=lambda item: (bool(item.checks), item.row.seq))
        self._drawn = (month, seed, searches, items)

    async def _seed(self, month: str) -> str:
        """Return what the month's draw depends on: made once, so that nobody can foresee it."""
        operational, key = self._node.stores.operational, f"sample_seed {month}"

        def work() -> str:  # in one go: two who ask at once get the same
            held = operational.fact(key)
            if held is None:
                held = f"{month}|{os.urandom(8).hex()}"
                operational.set_fact(key, held)
            return held

        return await self._node.stores.on_operational(work)

    async def check(self, seq: int, verdict: CheckVerdict, comment: str, who: Who) -> Check:
        """Put a verdict on record.

        Raises:
            Refused: ``check_unknown``: no search has this number; ``check_own``: it is one of
                their own; ``check_comment``: a query or a referral says why.
        """
        comment = " ".join(comment.split())[:MOST_COMMENT]
        audit = self._node.stores.audit
        found = await self._node.stores.on_audit(audit.records, seq, 1)
        if not found or found[0][0] != seq or not is_for_check(found[0][1], ""):
            raise Refused("check_unknown", "No search has this number.", "Choose one of the list.")
        record = found[0][1]
        if not is_for_check(record, who[0]):
            raise Refused(
                "check_own",
                "Nobody checks what they did themselves.",
                "Have another supervisor look at it.",
            )
        if verdict is not CheckVerdict.SATISFIED and not comment:
            raise Refused(
                "check_comment", "A query or a referral says why.", "Write a sentence about it."
            )
        check = Check(seq, verdict, comment, who[0], self._node.clock.now())
        detail = {"seq": str(seq), "verdict": str(verdict)}
        if comment:
            detail["comment"] = comment
        await self.put(
            AuditAction.SAMPLE_CHECK, who, f"record {seq}", detail,
            reference=record.reference, at=check.at, event_id=record.event_id,
        )  # fmt: skip
        if self._drawn is not None:
            month, seed, searches, items = self._drawn
            items = [
                replace(item, checks=(check, *item.checks)) if item.row.seq == seq else item
                for item in items
            ]
            self._drawn = (month, seed, searches, items)
        return check

    # ------------------------------------------------------------------ outliers, proof

    async def outliers(self, month: str, who: Who) -> OutlierPage:
        """Return accounts far above the median of their role.

        Raises:
            Refused: ``month_unknown``.
        """
        since, until = self.span(month)
        rows: list[AuditRow] = []
        await self.each(AuditFilter(since, until, (AuditAction.SEARCH,)), rows.append)
        await self.put(AuditAction.AUDIT_VIEW, who, "", {"what": "outliers", "month": month})
        return OutlierPage(month, len(rows), outliers(rows))

    async def proof(self) -> ProofState:
        """Return how far the audit is countersigned; says nothing that a record does."""
        node = self._node
        audit, own = node.stores.audit, node.stores.operational.node_id
        signed = await node.stores.on_audit(audit.countersignatures, own)
        newest = max(signed, key=lambda one: one.seq, default=None)
        upstream = node.upstream
        problem = ""
        if upstream is not None:
            problem = upstream.couriers.audit.problem
            if not problem and not upstream.client.is_ready:
                problem = "The server cannot be reached; records wait here and are not lost."
        return ProofState(
            own,
            node.options.name,
            audit.last,
            newest.seq if newest is not None else 0,
            newest.at if newest is not None else None,
            newest.server_id if newest is not None else "",
            upstream is not None,
            problem,
        )

    # ------------------------------------------------------------------ for reports too

    def span(self, month: str) -> tuple[datetime, datetime]:
        """Return the span of a month that has begun.

        Raises:
            Refused: ``month_unknown``.
        """
        span = month_span(month)
        if span is None or span[0] > self._node.clock.now():
            raise Refused(
                "month_unknown", "This is not a month that has begun.", "Choose another one."
            )
        return span

    async def each(self, wanted: AuditFilter, take: Callable[[AuditRow], object]) -> None:
        """Hand over every record that fits, the newest first, a few milliseconds at a time."""
        stores = self._node.stores
        before = 0
        while True:
            page = await stores.on_audit(stores.audit.page, wanted, before, _PAGE)
            for row in page.rows:
                take(row)
            before = page.before
            if not before:
                return
            if wanted.since is not None:
                ((_seq, next_one),) = await stores.on_audit(stores.audit.records, before, 1)
                if next_one.at < wanted.since - _EARLIER:
                    return

    async def put(
        self, action: AuditAction, who: Who, subject: str, detail: dict[str, str], *,
        reference: str = "", justification: str = "", file_sha256: str = "",
        at: datetime | None = None, event_id: str = "", reason_code: int | None = None,
    ) -> None:  # fmt: skip
        """Put on record what somebody did to the audit."""
        node = self._node
        await node.stores.record(
            AuditRecord(
                action, at or node.clock.now(), *who, subject=subject, detail=detail,
                event_id=event_id, role=",".join(node.sign_ins.roles_of(who[0])),
                reference=reference, justification=justification, file_sha256=file_sha256,
                reason_code=reason_code, app_version=__version__,
            )
        )  # fmt: skip


def check_of(record: AuditRecord) -> Check | None:
    """Return the verdict that a record tells of, as far as this version understands it."""
    seq, verdict = record.detail.get("seq", ""), record.detail.get("verdict", "")
    if not seq.isdecimal() or verdict not in list(CheckVerdict):
        return None
    comment = record.detail.get("comment", "")
    return Check(int(seq), CheckVerdict(verdict), comment, record.username, record.at)


def _item(one: Sampled, counts: dict[str, int], checks: dict[int, list[Check]]) -> SampleItem:
    record = one.row.record
    count = record.result_count
    if count is None and record.action is AuditAction.SEARCH:
        count = counts.get(record.event_id)
    return SampleItem(one.row, one.why, count, tuple(checks.get(one.row.seq, ())))
