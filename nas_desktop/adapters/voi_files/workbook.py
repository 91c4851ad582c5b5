"""Records of an Excel workbook (.xlsx): the first sheet, cells as text, formulas never evaluated.

A workbook is a packed file from elsewhere: how large it unpacks is looked at before it is opened.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, BinaryIO

import openpyxl

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.template_rows import text_of
from nas_desktop.domain.template_rules import COLUMNS

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
"""Most bytes that the parts of a workbook may unpack to, together."""

MAX_RATIO = 200
"""Most that a large part may be packed by; spreadsheets reach about 30."""

_LARGE_PART_BYTES = 4 * 1024 * 1024
_MAX_PARTS = 4_096
_MAX_CELL = 32_767
_MAX_COLUMNS = 64
_MAX_BLANK_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as text. ``formula`` is the number of the first column that holds one, else 0."""

    line: int
    cells: list[str]
    formula: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first sheet: its rows, and how many sheets were left aside."""

    rows: Iterator[SheetRow]
    others: int


def open_sheet(file: BinaryIO) -> Sheet:
    """Open the first sheet of a workbook.

    Raises:
        Refused: ``list_workbook`` (not a workbook, damaged, protected, no sheet),
            ``list_too_large`` (it would unpack to too much).
    """
    _refuse_bomb(file)
    try:
        with warnings.catch_warnings():
            # What is not supported (validation, colours) is nothing that is read here.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                file, read_only=True, data_only=False, keep_links=False, keep_vba=False
            )
        sheets = book.worksheets
        if not sheets:
            raise _refused()
        return Sheet(_rows(sheets[0]), len(sheets) - 1)
    except Refused:
        raise
    # A hostile workbook makes openpyxl raise anything.
    except Exception as error:
        raise _refused() from error


def _refuse_bomb(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise _refused() from None
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise Refused(
            "list_workbook",
            "The file is a packed folder and not a workbook.",
            "Unpack it and choose one list file, .csv or .xlsx.",
        )
    if any(part.flag_bits & 1 for part in parts):
        raise Refused(
            "list_workbook", "The workbook is protected with a password.", "Save it without one."
        )
    is_packed_oddly = any(
        part.file_size > _LARGE_PART_BYTES and part.file_size > MAX_RATIO * part.compress_size
        for part in parts
    )
    total = sum(part.file_size for part in parts)
    if total > MAX_UNPACKED_BYTES or is_packed_oddly or len(parts) > _MAX_PARTS:
        raise Refused(
            "list_too_large",
            "The workbook unpacks to far more than a list has.",
            "Save the list alone in a new workbook, or as CSV UTF-8.",
        )


def _rows(sheet: Any) -> Iterator[SheetRow]:
    # What a sheet says of its own size may be wrong, or a trap.
    sheet.reset_dimensions()
    blank = 0
    try:
        for line, row in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS), 1):
            found = _row(line, row)
            if found is None:
                blank += 1
                if blank > _MAX_BLANK_ROWS:
                    raise Refused(
                        "list_workbook",
                        f"The sheet has more than {_MAX_BLANK_ROWS} empty rows in a row.",
                        "Delete the empty rows and whatever is below them.",
                    )
                continue
            blank = 0
            yield found
    except Refused:
        raise
    # A hostile workbook makes openpyxl raise anything.
    except Exception as error:
        raise _refused() from error


def _row(line: int, row: tuple[Any, ...]) -> SheetRow | None:
    """Return a row with the empty cells behind the last column taken away; None if all are."""
    cells: list[str] = []
    formula = 0
    for column, cell in enumerate(row, 1):
        if cell.data_type == "f" and not formula:
            formula = column
        cells.append(_text(cell.value))
    while len(cells) > COLUMNS and not cells[-1]:
        cells.pop()
    cells.extend([""] * (COLUMNS - len(cells)))
    return SheetRow(line, cells, formula) if any(cells) else None


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        at_midnight = value.time() == time(0)
        return text_of(value.date()) if at_midnight else f"{text_of(value.date())} {value:%H:%M:%S}"
    if isinstance(value, date):
        return text_of(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)[: _MAX_CELL + 1]


def _refused() -> Refused:
    return Refused(
        "list_workbook",
        "The workbook cannot be read: it is damaged, or is no .xlsx workbook.",
        "Open it in the program that it comes from and save it again, or as CSV UTF-8.",
    )
