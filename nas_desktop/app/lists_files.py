"""``nas-desktop lists check`` and ``lists convert``: what they say, and to whom."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nas_desktop.adapters.voi_files import ParsedList, ReadOptions, read_list
from nas_desktop.adapters.voi_files.convert import convert_list
from nas_desktop.adapters.voi_files.parsed import FINDINGS_KEPT
from nas_desktop.adapters.voi_files.report import write_report
from nas_desktop.domain.findings import Finding
from nas_desktop.domain.voi import Action, ListSource
from nas_desktop.services.resources import load_template_rules

FIT, FAULTY = 0, 1
"""Exit status: no finding is an error; at least one is. 2 is for what cannot be read."""

_ON_SCREEN = 50
_SHOWS_PROGRESS_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class CheckCommand:
    """What to check and how; as the options of the command."""

    file: Path
    is_json: bool = False
    is_all: bool = False
    is_strict: bool = False
    is_lenient: bool = False
    allows_patterns: bool = False
    source: ListSource = ListSource.LEA
    report: Path | None = None


def check_file(command: CheckCommand) -> int:
    """Hold a file against the template and print what was found; 0 when there is no error.

    Raises:
        Refused: the file cannot be read as a list, or the report cannot be written.
    """
    is_whole = command.is_all or command.report is not None
    parsed = read_list(
        command.file,
        ReadOptions(
            load_template_rules(),
            datetime.now(UTC).date(),
            source=command.source,
            is_upload=command.is_strict,
            is_strict=command.is_strict,
            is_lenient=command.is_lenient,
            allows_patterns=command.allows_patterns,
            findings_kept=None if is_whole else FINDINGS_KEPT,
        ),
        _progress(),
    )
    if command.report is not None:
        count = write_report(command.report, parsed.findings)
        print(f"{_number(count, 'finding')} written to {command.report}.", file=sys.stderr)
    if command.is_json:
        _print_json(command, parsed)
    else:
        _print_words(command, parsed)
    return FIT if parsed.is_fit else FAULTY


def convert_file(source: Path, target: Path, contact: str) -> int:
    """Write a file of the older layout anew in the present one; say what was filled in.

    Raises:
        Refused: it cannot be read or written, or is not of the older layout.
    """
    rules = load_template_rules()
    today = datetime.now(UTC).date()
    done = convert_list(source, target, rules, today, contact)
    print(f"{_number(done.records, 'record')} written to {target}.")
    for change, count in done.changes.items():
        print(f"  {change}: {_number(count, 'record')}")
    parsed = read_list(target, ReadOptions(rules, today))
    counts = parsed.counts
    if counts.errors or counts.warnings:
        print(
            f"{_number(counts.errors, 'error')} and {_number(counts.warnings, 'warning')} are left"
            f" ({_codes(counts.by_code)})."
        )
        print(f"See them with: nas-desktop lists check '{target}'")
    else:
        print("No faults are left.")
    return FIT if parsed.is_fit else FAULTY


# ------------------------------------------------------------------ forms


def _print_json(command: CheckCommand, parsed: ParsedList) -> None:
    counts = parsed.counts
    findings = parsed.findings if command.is_all else parsed.findings[:FINDINGS_KEPT]
    print(
        json.dumps(
            {
                "file": str(command.file),
                "entries": counts.entries,
                "counts": {
                    "records": counts.records,
                    "stop": counts.by_action.get(Action.STOP, 0),
                    "assess": counts.by_action.get(Action.ASSESS, 0),
                    "no_alert": counts.by_action.get(Action.NO_ALERT, 0),
                    "patterns": counts.patterns,
                    "future": counts.future,
                    "weeded": counts.weeded,
                    "doubled": counts.doubled,
                    "errors": counts.errors,
                    "warnings": counts.warnings,
                    "by_code": counts.by_code,
                    "changes": counts.changes,
                },
                "omitted": counts.errors + counts.warnings - len(findings),
                "encoding": parsed.encoding,
                "header": parsed.has_header,
                "layout": parsed.layout,
                "badge": parsed.badge,
                "notes": parsed.notes,
                "findings": [finding_form(finding) for finding in findings],
            },
            ensure_ascii=False,
        )
    )


def finding_form(finding: Finding) -> dict[str, Any]:
    """Return a finding as the command line promises it."""
    return {
        "line": finding.line,
        "column": finding.column,
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _print_words(command: CheckCommand, parsed: ParsedList) -> None:
    counts = parsed.counts
    shown = parsed.findings if command.is_all else parsed.findings[:_ON_SCREEN]
    for finding in shown:
        print(finding_sentence(finding))
    left = counts.errors + counts.warnings - len(shown)
    if left:
        print(f"… and {left:,} more; --all shows every finding, --report FILE writes them down.")
    if shown:
        print()
    header = "with a header" if parsed.has_header else "without a header"
    print(f"{command.file.name}: {parsed.encoding}, {header}, shown as {parsed.badge}.")
    for note in parsed.notes:
        print(note)
    actions = ", ".join(f"{counts.by_action.get(action, 0):,} {action.value}" for action in Action)
    print(f"{_number(counts.records, 'record')}, {counts.entries:,} of them entries ({actions}).")
    for count, words in (
        (counts.future, "not started yet"),
        (counts.weeded, "left out: the weed date has come"),
        (counts.doubled, "left out: the VRM comes twice"),
        (counts.patterns, "with ? or * in the VRM"),
    ):
        if count:
            print(f"  {count:,} {words}")
    for change, count in counts.changes.items():
        print(f"  {change} taken as meant: {_number(count, 'record')}")
    if not counts.errors and not counts.warnings:
        print("No faults.")
        return
    print(
        f"{_number(counts.errors, 'error')} and {_number(counts.warnings, 'warning')}"
        f" ({_codes(counts.by_code)})."
    )
    if counts.errors:
        print("As it stands the list cannot be taken: mend the errors.")
    else:
        print("The list can be taken; look at the warnings.")


def finding_sentence(finding: Finding) -> str:
    """Return a finding as a sentence with its place."""
    if not finding.line:
        place = "File"
    elif finding.column:
        place = f"Line {finding.line}, column {finding.column}"
    else:
        place = f"Line {finding.line}"
    kind = "error" if finding.is_error else "warning"
    return f"{place}: {finding.code} {kind}: {finding.message} {finding.remedy}".rstrip()


def _codes(by_code: Mapping[str, int]) -> str:
    return ", ".join(f"{code} {count:,}" for code, count in by_code.items())


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _progress() -> Callable[[int, int], None]:
    """Return what shows large files go by on a terminal; standard output stays data."""
    if not sys.stderr.isatty():
        return lambda _done, _total: None

    def show(done: int, total: int) -> None:
        if total >= _SHOWS_PROGRESS_BYTES:
            end = "\r" if done < total else "\r\033[K"
            print(f"{100 * done // total} % read", end=end, file=sys.stderr, flush=True)

    return show
