"""A fault report to send back to the author of a list: places and words, never the cells' text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nas_desktop.adapters.voi_files.writer import write_table
from nas_desktop.domain.findings import Finding

HEADER = ("LINE", "COLUMN", "CODE", "SEVERITY", "WHAT IS WRONG", "WHAT TO DO")


def write_report(path: Path, findings: Iterable[Finding]) -> int:
    """Write findings as CSV, one a line, and return how many.

    Line 0 is the file as a whole, column 0 the record as a whole.

    Raises:
        Refused: ``list_unwritable``.
    """
    return write_table(
        path,
        HEADER,
        (
            (
                str(finding.line),
                str(finding.column),
                finding.code,
                finding.severity.value,
                finding.message,
                finding.remedy,
            )
            for finding in findings
        ),
    )
