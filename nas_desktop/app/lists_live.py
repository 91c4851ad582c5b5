"""``lists import``, ``status``, ``export``, ``rollback`` and their like, at a node's lists."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from nas_desktop.adapters.link.list_link import WindowLists
from nas_desktop.adapters.voi_files.report import write_report
from nas_desktop.app.at_node import Place, at_node
from nas_desktop.app.lists_files import finding_form, finding_sentence
from nas_desktop.services.events import ListState
from nas_desktop.services.lists import ImportChoices, ListOutcome

DONE, NOT_LIVE = 0, 1
"""Exit status: as asked; the file has faults and nothing changed. 2 is for what was refused."""

_ON_SCREEN = 50


def import_file(
    place: Place, file: Path, choices: ImportChoices, *, is_json: bool, report: Path | None
) -> int:
    """Import a list file; 0 when it is live and stored, 1 when it has faults."""
    last = ""

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal last
        words = f"{stage} {100 * done // total} %" if total else stage
        if words != last and sys.stderr.isatty():
            print(f"\r{words}        ", end="", file=sys.stderr, flush=True)
        last = words

    async def work(lists: WindowLists) -> ListOutcome:
        return await lists.import_file(str(file.resolve()), choices, progress)

    outcome = asyncio.run(at_node(place, lambda link: work(link.lists)))
    if last and sys.stderr.isatty():
        print(file=sys.stderr)
    found = outcome.report
    if report is not None and found is not None:
        write_report(report, found.findings)
    if is_json:
        print(json.dumps(_import_form(outcome), ensure_ascii=False))
    else:
        if found is not None:
            for finding in found.findings[:_ON_SCREEN]:
                print(finding_sentence(finding))
            left = found.errors + found.warnings - len(found.findings[:_ON_SCREEN])
            if left:
                print(f"… and {left:,} more.")
            print(
                f"{found.counts.entries:,} entries: {found.counts.stop:,} Stop,"
                f" {found.counts.assess:,} Assess, {found.counts.no_alert:,} No Alert;"
                f" {found.counts.weeded:,} left out as weeded,"
                f" {found.counts.future:,} not started yet."
            )
        print(outcome.words or ("No faults." if found and found.is_fit else "It has faults."))
    is_fit = found is not None and found.is_fit
    return DONE if outcome.is_live or (choices.is_check_only and is_fit) else NOT_LIVE


def show_status(place: Place, *, at_server: bool, is_json: bool) -> int:
    """Print what lists the node holds."""

    async def work(lists: WindowLists) -> tuple[ListState, ...]:
        return await lists.states(at_server=at_server)

    states = asyncio.run(at_node(place, lambda link: work(link.lists)))
    if is_json:
        print(json.dumps({"lists": [_state_form(one) for one in states]}, ensure_ascii=False))
        return DONE
    if not states:
        print("No lists.")
    for one in states:
        print(_state_line(one))
    return DONE


def export_list(place: Place, name: str, out: Path, *, for_spreadsheets: bool) -> int:
    """Write a list to a file."""

    async def work(lists: WindowLists) -> ListOutcome:
        return await lists.export(name, str(out.resolve()), for_spreadsheets=for_spreadsheets)

    outcome = asyncio.run(at_node(place, lambda link: work(link.lists)))
    print(f"{outcome.name}, revision {outcome.revision}, written to {out}.")
    return DONE


def change_list(place: Place, name: str, change: str, why: str, *, at_server: bool) -> int:
    """Do something to a whole list: roll_back, remove, disable, enable."""

    async def work(lists: WindowLists) -> ListOutcome:
        return await lists.change(name, change, why, at_server=at_server)

    outcome = asyncio.run(at_node(place, lambda link: work(link.lists)))
    revision = f" Revision {outcome.revision}." if outcome.revision else ""
    print(f"{outcome.words}{revision}")
    return DONE


# ------------------------------------------------------------------ forms


def _import_form(outcome: ListOutcome) -> dict[str, Any]:
    found = outcome.report
    return {
        "list": outcome.name,
        "revision": outcome.revision,
        "live": outcome.is_live,
        "stored": outcome.is_stored,
        "message": outcome.words,
        "entries": found.counts.entries if found else 0,
        "weeded": found.counts.weeded if found else 0,
        "future": found.counts.future if found else 0,
        "errors": found.errors if found else 0,
        "warnings": found.warnings if found else 0,
        "omitted": found.omitted if found else 0,
        "findings": [finding_form(finding) for finding in found.findings] if found else [],
    }


def _state_form(one: ListState) -> dict[str, Any]:
    counts = one.version.counts if one.version else None
    return {
        "list": one.name,
        "badge": one.badge,
        "source": str(one.source),
        "revision": one.revision,
        "entries": one.entries,
        "stop": counts.stop if counts else 0,
        "assess": counts.assess if counts else 0,
        "no_alert": counts.no_alert if counts else 0,
        "own": one.is_own,
        "enabled": one.is_enabled,
        "stored": one.is_stored,
        "owner": one.owner,
        "loaded_at": one.loaded_at.isoformat(),
        "next_weed": (
            {"date": one.next_weed[0].isoformat(), "entries": one.next_weed[1]}
            if one.next_weed
            else None
        ),
        "changed_by": one.version.by if one.version else "",
        "why": one.version.why if one.version else "",
    }


def _state_line(one: ListState) -> str:
    words = [
        one.name,
        f"[{one.badge}]",
        f"revision {one.revision}",
        f"{one.entries:,} entries",
        f"loaded {one.loaded_at:%d/%m/%Y %H:%M} GMT",
        "" if one.is_own else "from the server",
        "" if one.is_enabled else "NOT MATCHED",
        "" if one.is_stored else "not yet stored",
    ]
    if one.next_weed:
        words.append(f"{one.next_weed[1]:,} weeded on {one.next_weed[0]:%d/%m/%Y}")
    return "  ".join(word for word in words if word)
