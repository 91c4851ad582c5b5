"""Files beside a fault report: one record of the file that was checked, and the report itself.

Everything here blocks and belongs on a thread.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nas_desktop.domain.findings import Finding
from nas_desktop.domain.template_rules import COLUMNS

_CHUNK = 1024 * 1024
_MOST_BYTES = 64 * 1024
_MOST_LINES = 64
_BOM = b"\xef\xbb\xbf"
_ACTS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MOST_CELLS = 64
_LONGEST_CELL = 2_000


@dataclass(frozen=True, slots=True)
class FileRow:
    """The cells of one record, or the words for why there are none."""

    line: int
    cells: tuple[str, ...] = ()
    words: str = ""


def read_row(path: str, line: int) -> FileRow:
    """Return the record that starts on a physical line of a CSV file, counted from 1.

    Only a bounded stretch is kept, whatever the size of the file; bytes of any encoding are read.
    """
    if Path(path).suffix.lower() != ".csv":
        return FileRow(
            line, words="Rows are shown of CSV files only. Open the workbook itself for this row."
        )
    if line < 1:
        return FileRow(line, words="This is said of the file as a whole, not of a row.")
    try:
        with Path(path).open("rb") as file:
            stretch = _stretch_from(file, line)
    except OSError:
        return FileRow(line, words="The file cannot be read any more. Was it moved or renamed?")
    if not stretch.strip(b"\r\n"):
        return FileRow(line, words=f"The file has no line {line:,} any more. Check it again.")
    return FileRow(line, _cells_of(_text_of(stretch)))


def _stretch_from(file: BinaryIO, line: int) -> bytes:
    first = file.read(_CHUNK)
    # Old Macintosh files end lines with CR alone.
    end = b"\r" if b"\n" not in first and b"\r" in first else b"\n"
    chunk, missing = first.removeprefix(_BOM), line - 1
    while missing:
        count = chunk.count(end)
        if count < missing:
            missing -= count
            chunk = file.read(_CHUNK)
            if not chunk:
                return b""
            continue
        at = -1
        for _ in range(missing):
            at = chunk.index(end, at + 1)
        chunk, missing = chunk[at + 1 :], 0
    if len(chunk) < _MOST_BYTES:
        chunk += file.read(_MOST_BYTES)
    chunk = chunk[:_MOST_BYTES]
    return chunk.replace(b"\r", b"\n") if end == b"\r" else chunk


def _text_of(stretch: bytes) -> str:
    # Line by line: other lines of the same file may be in another encoding.
    lines = stretch.splitlines(keepends=True)[:_MOST_LINES]
    return "".join(_decoded(line) for line in lines)


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _cells_of(text: str) -> tuple[str, ...]:
    cells = _first_record(text)
    if len(cells) > COLUMNS or any("\n" in cell for cell in cells):
        # A stray quotation mark swallows what follows; the line alone shows where it stands.
        alone = _first_record(text.split("\n", 1)[0])
        cells = alone if len(cells) != COLUMNS else cells
    return tuple(cell[:_LONGEST_CELL] for cell in cells[:_MOST_CELLS])


def _first_record(text: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline="")), [])
    except csv.Error:
        return [text.split("\n", 1)[0].rstrip("\r")]


def write_findings(path: str, findings: Sequence[Finding], omitted: int = 0) -> None:
    """Write findings as CSV in which no cell can act as a formula.

    Raises:
        OSError: the file cannot be written.
    """
    with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("line", "column", "code", "severity", "message", "remedy"))
        for one in findings:
            rows.writerow(
                _safe(str(cell))
                for cell in (
                    one.line,
                    one.column,
                    one.code,
                    one.severity.value,
                    one.message,
                    one.remedy,
                )
            )
        if omitted:
            rows.writerow(("", "", "", "", f"and {omitted:,} more findings", ""))


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_ACTS_AS_FORMULA) else cell
