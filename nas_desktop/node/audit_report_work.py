"""Reports of an auditor: counts for the public, and everything held on one VRM."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nas_desktop.adapters.store.reads.blocks import Damaged
from nas_desktop.adapters.store.reads.columns import BLOCK, Table, micros
from nas_desktop.adapters.store.reads.search import ReadSearch
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import DecidedStep, StepKind
from nas_desktop.domain.matching.layers import rows_of_marks
from nas_desktop.domain.matching.patterns import fits
from nas_desktop.domain.query import QueryRefused, ReadQuery, pattern_of, query_from
from nas_desktop.node.audit_review_work import AuditReview
from nas_desktop.node.list_record import Who
from nas_desktop.services.audit import AuditAction, AuditFilter, AuditRow
from nas_desktop.services.audit_ports import FEWEST_WORDS, SubjectReport, TransparencyReport
from nas_desktop.services.audit_reports import report_csv, report_text
from nas_desktop.services.audit_review import Count, parts, shown, transparency
from nas_desktop.services.resources import load_spec
from nas_desktop.services.searches import FoundRead, Preserved

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

GSC = "OFFICIAL"
_AT_ONCE = 200
_LONGEST = timedelta(days=3 * 366)
_COUNTED = (
    AuditAction.SEARCH,
    AuditAction.SEARCH_DONE,
    AuditAction.DENIED,
    AuditAction.EXPORT,
    AuditAction.AUTH_GRANT,
)


@dataclass(slots=True)
class _Held:
    """What is held on one VRM beside its reads."""

    hits: dict[bytes, tuple[Hit, list[DecidedStep]]] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)
    records: list[AuditRow] = field(default_factory=list)
    preserved: list[Preserved] = field(default_factory=list)


class AuditReports:
    """Makes reports for one session; files are written whole or not at all, for one reader."""

    def __init__(self, node: Node, review: AuditReview) -> None:
        self._node = node
        self._review = review

    # ------------------------------------------------------------------ for the public

    async def transparency(
        self, since: datetime, until: datetime, path: str, who: Who
    ) -> TransparencyReport:
        """Return the counts of a period, written to a file too where one is named.

        Raises:
            Refused: ``period_unknown``, ``file_unwritable``.
        """
        is_known = since.tzinfo is not None and until.tzinfo is not None
        if not is_known or not timedelta(0) < until - since <= _LONGEST:
            raise Refused(
                "period_unknown",
                "The end is not after the beginning, or more than three years after it.",
                "Correct the dates.",
            )
        out = _full(path) if path else None
        report = await self._counted(since, until)
        told = {"from": since.isoformat(), "to": until.isoformat()}
        if out is None:
            await self._review.put(AuditAction.TRANSPARENCY, who, "", told)
            return report
        outcomes = load_spec().outcomes
        made = report_csv if out.suffix.casefold() == ".csv" else report_text
        draft, sha256 = await asyncio.to_thread(_drafted, out, [made(report, outcomes, GSC)])
        await self._published(
            draft, out, lambda: self._review.put(
                AuditAction.TRANSPARENCY, who, out.name, told, file_sha256=sha256
            ),
        )  # fmt: skip
        return replace(report, path=str(out), sha256=sha256)

    async def _counted(self, since: datetime, until: datetime) -> TransparencyReport:
        node = self._node
        rows: list[AuditRow] = []
        await self._review.each(AuditFilter(since, until, _COUNTED), rows.append)
        found = sum(
            row.record.result_count or 0
            for row in rows
            if row.record.action is AuditAction.SEARCH_DONE
        )
        tables = await asyncio.to_thread(node.stores.reads.cache.tables)
        reads, damaged = await asyncio.to_thread(_reads_between, tables, since, until)
        tiers: Counter[str] = Counter()
        outcomes: Counter[str] = Counter()
        seen: dict[bytes, tuple[str, str]] = {}

        def take(hit: Hit, steps: list[DecidedStep]) -> None:
            if since <= hit.matched_at < until:
                seen[hit.hit_id] = (hit.tier or "possible misread", outcome_of(steps))

        await self._each_hit(take)
        for tier, outcome in seen.values():
            tiers[tier] += 1
            outcomes[outcome or "no outcome yet"] += 1
        notes = []
        kept_since = node.clock.now() - node.stores.reads.cache.retention.keep
        if since < kept_since:
            notes.append(
                f"Reads from before {kept_since:%d/%m/%Y} have been deleted and are not counted."
            )
        if damaged:
            notes.append("Some stored reads are damaged and are not counted.")
        by_outcome = parts(outcomes)
        closed = sum(outcomes.values()) - outcomes["no outcome yet"]
        is_told = all(one.count is not None for one in by_outcome)
        hits = shown(Count("hits", len(seen)))
        shown_reads, shown_found = shown(Count("reads", reads)), shown(Count("found", found))
        share = None
        if reads and shown_reads.count is not None and shown_found.count is not None:
            share = min(1.0, found / reads)
        return TransparencyReport(
            since, until, shown_reads, shown_found, share, hits, parts(tiers), by_outcome,
            outcomes["misread"] / closed if closed and is_told else None,
            transparency(rows), tuple(notes),
        )  # fmt: skip

    async def _each_hit(self, take: Callable[[Hit, list[DecidedStep]], object]) -> None:
        """Hand over every hit with its steps, a few at a time: hits that come do not wait."""
        stores = self._node.stores
        operational = stores.operational
        first = 0
        while True:
            page = await stores.on_operational(
                lambda at=first: [  # type: ignore[misc]
                    (place, hit, operational.steps_of(hit.hit_id))
                    for place, hit in operational.fetch_hits(at, _AT_ONCE)
                ]
            )
            for _place, hit, steps in page:
                take(hit, steps)
            if len(page) < _AT_ONCE:
                return
            first = page[-1][0] + 1

    # ------------------------------------------------------------------ for one person

    async def subject_access(self, vrm: str, reason: str, path: str, who: Who) -> SubjectReport:
        """Write everything held on one VRM to a file.

        It is on record that the report was begun before anything is looked up, and with its
        digest before the file gets its name.

        Raises:
            Refused: ``why_missing``, ``vrm``, ``file_unwritable``.
        """
        reason = " ".join(reason.split())
        if len(reason.replace(" ", "")) < FEWEST_WORDS:
            raise Refused(
                "why_missing",
                "A subject access report needs a reason.",
                f"Say whose request it is: at least {FEWEST_WORDS} letters.",
            )
        mark = pattern_of(vrm)
        if "?" in mark or "*" in mark:
            raise Refused("vrm", "The report is on one VRM.", "Give it whole, without wildcards.")
        out = _full(path)
        event = os.urandom(16).hex()
        await self._review.put(
            AuditAction.SUBJECT_ACCESS, who, mark, {"began": "yes"},
            justification=reason, event_id=event, reason_code=0,
        )  # fmt: skip
        held = await self._held(mark)
        node, now = self._node, self._node.clock.now()
        search = await node.searches.own_reads(
            ReadQuery(now - _LONGEST, now + timedelta(days=1), (mark,))
        )
        head = [
            f"{GSC} · SIMULATION" if node.options.is_simulation else GSC,
            f"Everything held on {mark} at {node.options.name}, {now:%d/%m/%Y %H:%M:%S} GMT",
            f"Written for {who[0]}: {reason}",
            "This is what is held. What of it is disclosed, a person decides.",
        ]
        draft, sha256, reads = await asyncio.to_thread(_subject_drafted, out, head, held, search)
        problems = [f"A part of the reads is damaged ({name})." for name in search.damaged]
        if search.was_cut:
            problems.append(f"More than {reads:,} reads are held; the newest are listed.")
        counts = {
            "reads": reads, "hits": len(held.hits), "entries": len(held.entries),
            "records": len(held.records), "preserved": len(held.preserved),
        }  # fmt: skip
        await self._published(
            draft, out, lambda: self._review.put(
                AuditAction.SUBJECT_ACCESS, who, mark,
                {"file": out.name, **{key: str(count) for key, count in counts.items()}},
                justification=reason, event_id=event, file_sha256=sha256, reason_code=0,
            ),
        )  # fmt: skip
        return SubjectReport(mark, str(out), sha256, **counts, problems=tuple(problems))

    async def _held(self, mark: str) -> _Held:
        node, held = self._node, _Held()

        def take_hit(hit: Hit, steps: list[DecidedStep]) -> None:
            marks = {str(hit.read.vrm), *(str(reason.entry.vrm) for reason in hit.reasons)}
            if mark in marks:
                held.hits[hit.hit_id] = (hit, steps)

        await self._each_hit(take_hit)
        stores = node.stores
        for hit in await stores.on_operational(stores.operational.quiet_hits_on, mark):
            held.hits.setdefault(hit.hit_id, (hit, []))
        for one in node.lists.all:
            entries = one.voi_list.entries
            for row in await asyncio.to_thread(rows_of_marks, entries, [mark]):
                entry = entries[row]
                held.entries.append(
                    f"{one.voi_list.name}, revision {one.voi_list.revision}: {entry.action.value},"
                    f" {entry.reason}; {entry.information}; weeded {entry.weed_date or 'by hand'}"
                )

        def take_record(row: AuditRow) -> None:
            record = row.record
            if record.subject.replace(" ", "").upper() == mark or names(record.criteria, mark):
                held.records.append(row)

        await self._review.each(AuditFilter(), take_record)
        every = await stores.on_searches(stores.searches.preserved, 1 << 31)
        held.preserved = [one for one in every if str(one.read.vrm) == mark]
        return held

    async def _published(self, draft: Path, out: Path, record: Callable[[], object]) -> None:
        """Put a finished file on record, then give it its name; without a record there is none."""
        try:
            putting = record()
            assert asyncio.iscoroutine(putting)
            await putting
        except BaseException:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        try:
            await asyncio.to_thread(draft.replace, out)
        except OSError as fault:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise _unwritable(fault) from None


def names(criteria: str, mark: str) -> bool:
    """Tell whether a question named a mark: itself, as a look-alike, or by a pattern it fits."""
    if not criteria:
        return False
    try:
        query = query_from(criteria)
    except QueryRefused:
        return mark in criteria.upper()  # of another version: rather too much than too little
    return mark in (*query.marks, *query.look_alikes) or any(
        fits(pattern, mark) for pattern in query.patterns
    )


def outcome_of(steps: Iterable[DecidedStep]) -> str:
    """Return the code of the newest outcome that was accepted, or nothing."""
    code = ""
    for decided in steps:
        if decided.is_accepted and decided.step.kind is StepKind.OUTCOME:
            code = decided.step.code
    return code


def _reads_between(tables: Iterable[Table], since: datetime, until: datetime) -> tuple[int, bool]:
    """Return how many reads were captured in a time, and whether some could not be counted."""
    first, last = micros(since), micros(until)
    found, is_damaged = 0, False
    for table in tables:
        if not table.rows or table.last_at < first or table.first_at >= last:
            continue
        if table.first_at >= first and table.last_at < last:
            found += table.rows
            continue
        try:
            starts = table.block_starts()
            for block in range(len(starts)):
                if int(starts[block]) >= last:
                    break
                end = int(starts[block + 1]) if block + 1 < len(starts) else table.last_at
                if end < first:
                    continue
                if int(starts[block]) >= first and end < last:
                    found += min(BLOCK, table.rows - block * BLOCK)
                    continue
                at = table.column("at", block)
                found += int(np.count_nonzero((at >= first) & (at < last)))
        except Damaged:
            is_damaged = True
    return found, is_damaged


# ------------------------------------------------------------------ files


def _full(path: str) -> Path:
    out = Path(path)
    if not out.is_absolute():
        raise Refused("file_unwritable", "The file has no full path.", "Name it in full.")
    return out


def _unwritable(fault: OSError) -> Refused:
    return Refused(
        "file_unwritable",
        f"The file cannot be written ({fault.strerror or type(fault).__name__}).",
        "Name another place.",
    )


def _drafted(out: Path, texts: Iterable[str]) -> tuple[Path, str]:
    """Write a file under a name of its own, readable by nobody else; returns it and its digest."""
    draft = out.with_name(f"{out.name}.{os.urandom(4).hex()}.new")
    digest = hashlib.sha256()
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for text in texts:
                data = text.encode()
                digest.update(data)
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise _unwritable(fault) from None
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    return draft, digest.hexdigest()


def _subject_drafted(
    out: Path, head: list[str], held: _Held, search: ReadSearch
) -> tuple[Path, str, int]:
    search.run()
    draft, sha256 = _drafted(out, (f"{line}\n" for line in _subject_lines(head, held, search)))
    return draft, sha256, search.found


def _subject_lines(head: list[str], held: _Held, search: ReadSearch) -> Iterator[str]:
    yield from head
    yield f"\nReads: {search.found:,}"
    for first in range(0, search.found, _AT_ONCE):
        yield from (f"  {_read_words(found)}" for found in search.rows(first, _AT_ONCE))
    yield f"\nHits: {len(held.hits):,}"
    for hit, steps in held.hits.values():
        lists = "; ".join(f"{r.list_name}: {r.entry.reason}" for r in hit.reasons)
        yield f"  {hit.read.captured_at:%d/%m/%Y %H:%M:%S} GMT, {hit.read.alias}, {lists}"
        for one in steps:
            words = f"{one.step.kind.value} {one.step.code} {one.step.text}".strip()
            yield f"    {one.decided_at:%d/%m/%Y %H:%M:%S} GMT, {one.step.operator}: {words}"
    yield f"\nList entries: {len(held.entries):,}"
    yield from (f"  {line}" for line in held.entries)
    yield f"\nRecords of the audit that name it: {len(held.records):,}"
    for row in held.records:
        record = row.record
        yield (
            f"  {row.seq}, {record.at:%d/%m/%Y %H:%M:%S} GMT, {record.action}, {record.username},"
            f" {record.reference}: {record.justification}"
        )
    yield f"\nPreserved reads: {len(held.preserved):,}"
    for kept in held.preserved:
        yield (
            f"  {kept.read.captured_at:%d/%m/%Y %H:%M:%S} GMT, {kept.read.alias}, kept for"
            f" {kept.reference} by {kept.by}, reviewed {kept.review_at:%d/%m/%Y}"
        )


def _read_words(found: FoundRead) -> str:
    read = found.read
    where = f"{read.alias or read.camera}, {read.position}" if read.position else read.alias
    return f"{read.captured_at:%d/%m/%Y %H:%M:%S} GMT, {where or read.camera}, lane {read.lane_id}"
