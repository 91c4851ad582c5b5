"""``search``: a question asked of the node of a profile, its answer printed as it is fetched."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nas_desktop.adapters.exports.texts import write_rows
from nas_desktop.adapters.link.node_link import WindowLink
from nas_desktop.app.at_node import Place, at_node
from nas_desktop.domain.query import ReadQuery, Where, instant_text
from nas_desktop.domain.search_access import SearchDenied, SearchReason
from nas_desktop.services.resources import load_spec
from nas_desktop.services.searches import (
    ROWS_AT_ONCE,
    Coverage,
    ExportFormat,
    FoundRead,
    Order,
    RunningSearch,
    SearchProgress,
)

ANSWERED, DENIED = 0, 1
"""Exit status: the question was answered, whatever was found; the rules are against it."""


@dataclass(frozen=True, slots=True)
class SearchCommand:
    """What the command line asks. ``limit`` is how many reads are printed at most."""

    query: ReadQuery
    where: Where
    reason: SearchReason
    form: str
    order: Order
    limit: int
    recipient: str = ""
    with_locations: bool = False
    out: Path | None = None


def search(place: Place, command: SearchCommand) -> int:
    """Ask, wait for the whole answer, print coverage and reads; 0, or 1 when it is denied."""
    try:
        return asyncio.run(at_node(place, lambda link: _asked(link, command)))
    except SearchDenied as denial:
        for one in denial.decision.denials:
            print(f"{one.rule}: {one.message} {one.remedy}".strip(), file=sys.stderr)
        if denial.decision.trim_to is not None:
            begin = instant_text(denial.decision.trim_to)
            print(f"Without an authority the time may begin at {begin}.", file=sys.stderr)
        return DENIED


async def _asked(link: WindowLink, command: SearchCommand) -> int:
    ended = asyncio.Event()

    def told(progress: SearchProgress) -> None:
        if sys.stderr.isatty():
            print(f"\r{_status(progress)}    ", end="", file=sys.stderr, flush=True)
        if progress.is_done:
            ended.set()

    running = await link.searches.start(command.query, command.where, command.reason, told)
    try:
        await ended.wait()
        if sys.stderr.isatty():
            print(file=sys.stderr)
        if command.form not in ("table", "json"):
            await _export(running, command)
        elif command.form == "json":
            print(json.dumps(_coverage_form(command.query, running.progress), ensure_ascii=False))
            async for row in _rows(running, command):
                print(json.dumps(_row_form(row), ensure_ascii=False))
        else:
            await _print_table(running, command)
        _say_rest(running.progress, command)
    finally:
        await running.close()
    return ANSWERED


async def _rows(running: RunningSearch, command: SearchCommand) -> AsyncIterator[FoundRead]:
    at = 0
    while at < command.limit:
        wanted = min(ROWS_AT_ONCE, command.limit - at)
        page = await running.rows(at, wanted, command.order)
        for row in page.rows:
            yield row
        # By places, not by rows: some may be damaged, or have become due meanwhile.
        at += wanted
        if at >= page.total and not page.rows:
            return


async def _export(running: RunningSearch, command: SearchCommand) -> None:
    """Write what was found in a form that leaves the system; on record before it is written."""
    kind = ExportFormat(command.form)
    if command.out is not None:
        done = await running.export(
            str(command.out.resolve()),
            kind,
            command.recipient,
            with_locations=command.with_locations,
            progress=lambda _done, _total: None,
        )
        print(f"{done.rows:,} reads written to {done.path}, marked {done.gsc}.", file=sys.stderr)
        return
    number, head = await running.export_head(
        command.recipient, with_locations=command.with_locations
    )
    body = io.BytesIO()
    every = replace(command, limit=max(1, head.rows))
    write_rows(body, kind, [row async for row in _rows(running, every)], head)
    digest = hashlib.sha256(body.getvalue()).hexdigest()
    await running.record_export(number, "standard output", kind, digest)
    sys.stdout.buffer.write(body.getvalue())
    sys.stdout.buffer.flush()


async def _print_table(running: RunningSearch, command: SearchCommand) -> None:
    progress = running.progress
    for coverage in progress.coverage:
        print(coverage_sentence(coverage))
        for gap in coverage.gaps[:10]:
            print(
                f"  {gap.alias}: {str(gap.kind).replace('_', ' ')}"
                f" {gap.since:%d/%m/%Y %H:%M}-{gap.until:%d/%m/%Y %H:%M} GMT"
            )
        if len(coverage.gaps) + coverage.more_gaps > 10:
            print(f"  … and {len(coverage.gaps) + coverage.more_gaps - 10:,} more gaps.")
    print(_status(progress))
    grammar = load_spec().grammar
    async for row in _rows(running, command):
        read = row.read
        words = [
            f"{read.captured_at:%d/%m/%Y %H:%M:%S}",
            f"{grammar.display(read.vrm):12}",
            f"{(read.alias or str(read.camera))[:24]:24}",
            f"{row.direction!s:8}" if row.direction != "UNKNOWN" else " " * 8,
            f"{row.likeness:.2f}" if row.likeness is not None else "",
            " + ".join(row.held),
            "HIT" if row.has_hit else "",
        ]
        print("  ".join(words).rstrip())


def coverage_sentence(coverage: Coverage) -> str:
    """Return what an answer could see, as one line."""
    sentence = (
        f"{str(coverage.holder).capitalize()}: {coverage.whole} of {coverage.asked} cameras seen"
        f" whole, {100 * coverage.share:.1f} % of their time looked at."
    )
    return " ".join([sentence, *coverage.problems])


def _status(progress: SearchProgress) -> str:
    count = f"{progress.found:,} reads" if progress.is_exact else f"at least {progress.found:,}"
    if not progress.is_done:
        count = f"{progress.found:,} reads so far"
    shares = ", ".join(f"{holder} {100 * share:.0f} %" for holder, share in progress.share)
    return f"{count} ({shares}) in {progress.seconds:.2f} s"


def _say_rest(progress: SearchProgress, command: SearchCommand) -> None:
    for problem in progress.problems:
        print(problem, file=sys.stderr)
    if progress.hidden:
        print(f"{progress.hidden:,} reads are hidden by the direction.", file=sys.stderr)
    if progress.found > command.limit and command.form in ("table", "json"):
        print(
            f"{command.limit:,} of {progress.found:,} reads are shown: refine the question, or"
            " give --limit.",
            file=sys.stderr,
        )


def _coverage_form(query: ReadQuery, progress: SearchProgress) -> dict[str, Any]:
    return {
        "query": query.text,
        "found": progress.found,
        "exact": progress.is_exact,
        "hidden_by_direction": progress.hidden,
        "seconds": round(progress.seconds, 3),
        "problems": list(progress.problems),
        "coverage": [
            {
                "held": str(one.holder),
                "cameras_asked": one.asked,
                "cameras_whole": one.whole,
                "share": round(one.share, 4),
                "problems": list(one.problems),
                "held_since": instant_text(one.held_since) if one.held_since else None,
                "gaps": [
                    {
                        "camera": str(gap.camera),
                        "alias": gap.alias,
                        "from": instant_text(gap.since),
                        "to": instant_text(gap.until),
                        "why": str(gap.kind),
                    }
                    for gap in one.gaps
                ],
                "more_gaps": one.more_gaps,
            }
            for one in progress.coverage
        ],
    }


def _row_form(row: FoundRead) -> dict[str, Any]:
    read = row.read
    return {
        "read_id": read.read_id.hex(),
        "captured_at": instant_text(read.captured_at),
        "received_at": instant_text(read.received_at),
        "vrm": read.vrm,
        "camera": str(read.camera),
        "alias": read.alias,
        "lane": read.lane_id,
        "kind": str(read.kind),
        "direction": str(row.direction),
        "direction_source": str(row.direction_source),
        "confidence": read.confidence,
        "likeness": row.likeness,
        "asked": row.asked,
        "held": [str(holder) for holder in row.held],
        "late": "buffered" in read.flags,
        "hit": row.has_hit,
        "preserved": row.is_preserved,
    }
