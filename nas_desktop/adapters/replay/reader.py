"""Records of a replay file, CSV with a header or JSON lines, told apart by what is in it."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import msgspec

from nas_desktop.adapters.replay.fields import FIELDS, MANDATORY, ReplayFault, capture_of
from nas_desktop.adapters.replay.lines import MAX_LINE_BYTES, Line, read_lines
from nas_desktop.domain.errors import Refused
from nas_desktop.services.captures import RawCapture

_JSON_SUFFIXES = frozenset((".jsonl", ".ndjson"))
_MOST_LINES_A_RECORD = 16
"""A quoted cell may hold line breaks; more than these are an unclosed quote."""

_NEEDED = "The first line must name at least the columns captured_at and vrm, separated by commas."


def read_replay(path: Path) -> Iterator[RawCapture | ReplayFault]:
    """Yield the captures of a replay file in the order of the file, and every fault by its line.

    A fault keeps one record out, a warning none; nothing in the content stops the reading.
    Absent fields get Feed ID 88, Source ID 1, NRD ID 1. Unknown columns are ignored. Times without
    a zone are GMT. ``is_backlog`` stays False: only the sender knows whether it held reads back.

    Args:
        path: CSV with a header line, or JSON lines; UTF-8 with or without byte order mark. Lines
            that are not UTF-8 are read as Windows-1252, which is noted once as a warning.

    Raises:
        Refused: ``replay_unreadable``, ``replay_empty``, ``replay_header`` (a mandatory column is
            missing or a column comes twice), ``replay_encoding`` (UTF-16), ``replay_array``
            (one JSON array); all when the iterator is first advanced.
    """
    try:
        with path.open("rb") as file:
            yield from _records(read_lines(file), path)
    except OSError:
        raise Refused(
            "replay_unreadable",
            "The file cannot be read.",
            "Check that it exists and that you may read it.",
        ) from None


def _records(lines: Iterator[Line], path: Path) -> Iterator[RawCapture | ReplayFault]:
    lines = _noting_encoding(lines, noted := deque[ReplayFault]())
    first = next((line for line in lines if line.fault or line.text.strip()), None)
    if first is None:
        raise Refused("replay_empty", "The file is empty.", "Choose another file.")
    start = first.text.lstrip()
    if start.startswith("["):
        raise Refused(
            "replay_array",
            "The file is one JSON array.",
            "Write one JSON object a line instead.",
        )
    records = (
        _json_records(first, lines)
        if start.startswith("{") or path.suffix.lower() in _JSON_SUFFIXES
        else _csv_records(first, lines)
    )
    for record in records:
        while noted:
            yield noted.popleft()
        if isinstance(record, ReplayFault):
            yield record
        else:
            yield from capture_of(record[1], record[0], path.parent)
    yield from noted


def _noting_encoding(lines: Iterator[Line], noted: deque[ReplayFault]) -> Iterator[Line]:
    has_noted = False
    for line in lines:
        if line.is_cp1252 and not has_noted:
            has_noted = True
            noted.append(
                ReplayFault(
                    line.number,
                    "encoding",
                    "The file is not UTF-8; lines that are not are read as Windows-1252.",
                    is_warning=True,
                )
            )
        yield line


_Record = tuple[int, dict[str, object]]


def _json_records(first: Line, lines: Iterator[Line]) -> Iterator[_Record | ReplayFault]:
    for line in _with_first(first, lines):
        if line.fault:
            yield ReplayFault(line.number, "line", line.fault)
            continue
        if not line.text.strip():
            continue
        try:
            values = msgspec.json.decode(line.text)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            yield ReplayFault(line.number, "line", "The line is not a complete JSON object.")
            continue
        if isinstance(values, dict):
            yield line.number, values
        else:
            yield ReplayFault(line.number, "line", "The line is JSON, but not an object.")


def _csv_records(header: Line, lines: Iterator[Line]) -> Iterator[_Record | ReplayFault]:
    if header.fault:
        raise Refused("replay_header", header.fault, _NEEDED)
    names = [name.strip().lower() for name in _cells(header.text) or ()]
    missing = [name for name in MANDATORY if name not in names]
    if missing:
        raise Refused(
            "replay_header", f"The file has no column {' and no column '.join(missing)}.", _NEEDED
        )
    twice = sorted({name for name in names if name in FIELDS and names.count(name) > 1})
    if twice:
        raise Refused(
            "replay_header", f"The column {twice[0]} comes twice.", "Remove one of the two."
        )
    waiting: deque[Line] = deque()
    while True:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        if line.fault:
            yield ReplayFault(line.number, "line", line.fault)
        elif line.text.strip():
            yield _csv_record(line, names, waiting, lines)


def _csv_record(
    line: Line, names: list[str], waiting: deque[Line], lines: Iterator[Line]
) -> _Record | ReplayFault:
    """Return the record that begins on a line; lines after a bad beginning stay in ``waiting``."""
    joined, taken, text = 0, [], line.text
    while text.count('"') % 2 and joined < _MOST_LINES_A_RECORD and len(text) < MAX_LINE_BYTES:
        following = waiting.popleft() if waiting else next(lines, None)
        if following is None:
            break
        taken.append(following)
        joined += 1
        if following.fault:
            break
        text += "\n" + following.text
    if text.count('"') % 2:
        waiting.extendleft(reversed(taken))
        return ReplayFault(line.number, "line", "A quotation mark is not closed.")
    cells = _cells(text)
    if cells is None or len(cells) != len(names):
        # The next lines are records of their own: one stray quote must not swallow them.
        waiting.extendleft(reversed(taken))
        found = "unusable" if cells is None else str(len(cells))
        return ReplayFault(
            line.number, "line", f"The number of columns is {found}; the header has {len(names)}."
        )
    return line.number, dict(zip(names, cells, strict=True))


def _cells(text: str) -> list[str] | None:
    """Return the cells of one record, None where the quoting cannot be understood."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _with_first(first: Line, lines: Iterator[Line]) -> Iterator[Line]:
    yield first
    yield from lines
