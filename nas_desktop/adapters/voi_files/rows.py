"""Rows of cells as CSV text and back: the one spelling written here, and every spelling read.

Written: UTF-8, commas, LF, quotation marks only round a cell that needs them (RFC 4180).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

_NEEDS_CARE = re.compile('["\r\n]')
# Two marks in a row are one that belongs to the cell, so the closing one has none behind it.
_QUOTED = re.compile('"([^"]*(?:""[^"]*)*)"(?!")')
_REST = re.compile("[^,\n]*")


def row_text(cells: Sequence[str]) -> str:
    """Return cells as one row without its line end."""
    text = ",".join(cells)
    if _NEEDS_CARE.search(text) is None:
        if text.count(",") == len(cells) - 1:
            return text
        return ",".join([f'"{cell}"' if "," in cell else cell for cell in cells])
    return ",".join(
        '"' + cell.replace('"', '""') + '"' if "," in cell or _NEEDS_CARE.search(cell) else cell
        for cell in cells
    )


def split_line(text: str) -> list[str] | None:
    """Return the cells of a record on one line; None where a quotation mark is not closed."""
    try:
        # What the library takes without a word of complaint it reads as split_row does.
        return next(csv.reader((text,), strict=True))
    except (csv.Error, StopIteration):
        whole = split_row(text)
        return None if whole is None else whole[0]


def split_row(text: str, at: int = 0) -> tuple[list[str], int] | None:
    """Return the cells of the record that begins at a place, and where the next one begins.

    As spreadsheets read: a quotation mark counts only at the beginning of a cell, and what stands
    between a closing one and the next comma belongs to the cell.

    Args:
        text: records with LF or CR LF between them.
        at: where the record begins.

    Returns:
        None where a quotation mark is never closed.
    """
    cells: list[str] = []
    while True:
        if text.startswith('"', at):
            quoted = _QUOTED.match(text, at)
            if quoted is None:
                return None
            rest = _REST.match(text, quoted.end())
            cell = quoted[1].replace('""', '"')
        else:
            rest = _REST.match(text, at)
            cell = ""
        assert rest is not None  # the pattern fits an empty text
        at = rest.end()
        tail = rest[0]
        if text.startswith(",", at):
            cells.append(cell + tail)
            at += 1
            continue
        cells.append(cell + tail.removesuffix("\r"))
        return cells, min(at + 1, len(text))


def is_well_quoted(text: str) -> bool:
    """Tell whether every closing quotation mark is followed by a comma or the end of the record."""
    at = 0
    while True:
        quoted = _QUOTED.match(text, at)
        end = quoted.end() if quoted else at
        rest = _REST.match(text, end)
        assert rest is not None  # the pattern fits an empty text
        if (quoted and rest[0] not in ("", "\r")) or (not quoted and '"' in rest[0]):
            return False
        at = rest.end() + 1
        if not text.startswith(",", rest.end()):
            return True
