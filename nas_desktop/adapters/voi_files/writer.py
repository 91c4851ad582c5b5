"""Writing a list as CSV: whole or not at all, readable by its owner only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from nas_desktop.adapters.voi_files.rows import row_text
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.template_rows import row_of
from nas_desktop.domain.voi import VoiEntry
from nas_desktop.services.resources import load_template_rules

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROWS_A_WRITE = 1_000


def write_list(path: Path, entries: Iterable[VoiEntry], *, for_spreadsheets: bool = False) -> int:
    """Write entries in the layout of the template: UTF-8, header, CR LF (RFC 4180), mode 0600.

    A file of that name is replaced in one step, once the new one is whole.

    Args:
        path: of the file.
        entries: any number; read one by one.
        for_spreadsheets: put an apostrophe before cells that a spreadsheet would take for a
            formula. Such a file does not read back as the same list.

    Returns:
        How many entries were written.

    Raises:
        Refused: ``list_unwritable``.
        ValueError: a warning signal of an entry cannot be written (see ``row_of``).
    """
    rows = (row_of(entry) for entry in entries)
    return write_rows(path, (_harmless(row) for row in rows) if for_spreadsheets else rows)


def write_rows(path: Path, rows: Iterable[Sequence[str]]) -> int:
    """Write rows of sixteen cells under the header of the template, as ``write_list`` does.

    Raises:
        Refused: ``list_unwritable``.
    """
    return write_table(path, load_template_rules().columns, rows)


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write any table as CSV, as ``write_list`` does.

    Raises:
        Refused: ``list_unwritable``.
    """
    try:
        return _written(path, header, rows)
    except OSError:
        raise Refused(
            "list_unwritable",
            "The file cannot be written.",
            "Check that the folder exists, that you may write there and that the disk has room.",
        ) from None


def _written(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    # mkstemp makes the file with mode 0600.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        count = 0
        with os.fdopen(handle, "wb") as file:
            waiting = [row_text(header)]
            for row in rows:
                waiting.append(row_text(row))
                count += 1
                if len(waiting) == _ROWS_A_WRITE:
                    file.write(_lines(waiting))
                    waiting.clear()
            file.write(_lines(waiting))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return count


def _lines(rows: Sequence[str]) -> bytes:
    return "".join(row + "\r\n" for row in rows).encode("utf-8", "replace")


def _harmless(row: Sequence[str]) -> list[str]:
    return ["'" + cell if cell.startswith(_BEGINS_FORMULA) else cell for cell in row]
