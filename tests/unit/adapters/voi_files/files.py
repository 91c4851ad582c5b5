"""Small list files for tests, made of clean rows with something changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from nas_desktop.adapters.voi_files import ParsedList, ReadOptions, read_list
from nas_desktop.adapters.voi_files.rows import row_text
from nas_desktop.services.resources import load_template_rules

RULES = load_template_rules()
TODAY = date(2026, 11, 20)
_LETTERS = "ABCDEFGHJKLMNOPRSTUVWXY"
HEADER = ",".join(RULES.columns)

CLEAN = (
    "AB51ABC", "FORD", "FOCUS", "BLUE", "Stop", "FI VI", "Drugs", "1BP", "Stop and search.",
    "Cheshire / North", "10/11/2026", "05/12/2026", "", "OFFICIAL", "123", "FIM 24 h",
)  # fmt: skip


def cells(number: int = 0, **changes: str) -> list[str]:
    """Return a clean row with a mark of its own, and changes by column: ``c5="Halt"``."""
    front, end = divmod(number, len(_LETTERS))
    row = [f"AB51{_LETTERS[front]}{_LETTERS[end]}C", *CLEAN[1:]]
    for name, text in changes.items():
        row[int(name[1:]) - 1] = text
    return row


def text(*rows: Iterable[str], end: str = "\n", header: bool = True) -> bytes:
    lines = [HEADER] if header else []
    lines += [row_text(list(row)) for row in rows]
    return "".join(line + end for line in lines).encode()


def read(data: bytes, **options: Any) -> ParsedList:
    options = {"name": "07_Cheshire", **options}
    return read_list(data, ReadOptions(RULES, TODAY, **options))


def codes(parsed: ParsedList) -> list[tuple[int, str]]:
    return [(finding.line, finding.code) for finding in parsed.findings]
