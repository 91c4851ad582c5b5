"""Opening a list file and telling from its beginning what it is; what is no list is refused."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nas_desktop.adapters.voi_files.rows import split_row
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.legacy import is_legacy
from nas_desktop.domain.template_rules import COLUMNS, TemplateRules

HEAD_BYTES = 64 * 1024
"""How much of a file is looked at before it is read."""

_WIDE_MARKS = (
    codecs.BOM_UTF32_LE,
    codecs.BOM_UTF32_BE,
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
)
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"{\\rtf": "a text document",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}
_SAMPLE = 50
_AS_UTF8 = "Save it as CSV UTF-8 (comma separated) and try again."


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is: a workbook, or CSV with a byte order mark of ``skip`` bytes or none."""

    is_workbook: bool = False
    skip: int = 0
    has_cr_ends: bool = False


@contextmanager
def opened(source: Path | bytes) -> Iterator[tuple[BinaryIO, int]]:
    """Open a file, or bytes as if they were one; yields it with its size in bytes.

    Raises:
        Refused: ``list_missing``, ``list_folder``, ``list_permission``, ``list_unreadable``.
    """
    if isinstance(source, bytes):
        yield io.BytesIO(source), len(source)
        return
    file = _open(source)
    with file:
        try:
            yield file, os.fstat(file.fileno()).st_size
        except OSError:
            raise Refused(
                "list_unreadable",
                "The file cannot be read to its end.",
                "Check the disk or the share it is on, copy it and try again.",
            ) from None


def _open(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise Refused(
                "list_folder",
                "This is a folder and not a file.",
                "Choose one list file, .csv or .xlsx.",
            )
        if path.exists() and not path.is_file():
            # A pipe or a device would be waited for, or would never end.
            raise Refused(
                "list_unreadable",
                "This is not an ordinary file.",
                "Choose one list file, .csv or .xlsx.",
            )
        return path.open("rb")
    except FileNotFoundError:
        raise Refused(
            "list_missing", "There is no such file.", "Check its name and where it is."
        ) from None
    except PermissionError:
        raise Refused(
            "list_permission",
            "You may not read this file.",
            "Ask its owner for the right to read it.",
        ) from None
    except (OSError, ValueError):
        raise Refused(
            "list_unreadable",
            "The file cannot be opened.",
            "Check its name, and the disk or the share it is on.",
        ) from None


def kind_of(head: bytes) -> Kind:
    """Tell from the first ``HEAD_BYTES`` of a file what it is.

    Raises:
        Refused: ``list_empty``, ``list_encoding`` (UTF-16, UTF-32), ``list_old_workbook``,
            ``list_binary``, ``list_separator``.
    """
    skip = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    text = head[skip:]
    if not text.strip(b" \t\r\n"):
        raise Refused("list_empty", "The file is empty.", "Choose another file.")
    if text.startswith(_ZIP):
        return Kind(is_workbook=True)
    if text.startswith(_OLE):
        raise Refused(
            "list_old_workbook",
            "The file is a workbook of an old kind, or is protected with a password.",
            "Save it without a password as .xlsx, or as CSV UTF-8.",
        )
    _refuse_wide(head)
    what = next((kind for start, kind in _OTHERS.items() if text.startswith(start)), "")
    controls = sum(text.count(code) for code in map(bytes, ([n] for n in range(9))))
    if what or controls * 100 > len(text):
        raise Refused(
            "list_binary",
            f"The file is {what or 'no text'} and not a list.",
            "Choose a list file, .csv or .xlsx.",
        )
    has_cr_ends = b"\n" not in text and b"\r" in text
    _refuse_separator(text.replace(b"\r", b"\n") if has_cr_ends else text)
    return Kind(skip=skip, has_cr_ends=has_cr_ends)


def _refuse_wide(head: bytes) -> None:
    # Text in two bytes a character without a mark has NUL as every other byte.
    pairs = len(head) // 2
    is_bare = pairs > 8 and max(head[0::2].count(0), head[1::2].count(0)) > 0.8 * pairs
    if head.startswith(_WIDE_MARKS) or is_bare:
        raise Refused("list_encoding", "The file is written in UTF-16 or UTF-32.", _AS_UTF8)


def _refuse_separator(text: bytes) -> None:
    first = text.lstrip().split(b"\n", 1)[0]
    commas = first.count(b",")
    for sign, name in ((b";", "semicolons"), (b"\t", "tabs"), (b"|", "upright strokes")):
        if first.count(sign) >= COLUMNS - 6 and commas < COLUMNS - 6:
            raise Refused(
                "list_separator", f"The cells are parted by {name} and not by commas.", _AS_UTF8
            )


def is_legacy_file(records: Sequence[Sequence[str]], rules: TemplateRules) -> bool:
    """Tell from the first records whether a file is of the older layout: more than half are."""
    bodies = [cells for cells in records if cells and cells[0].strip().upper() != "VRM"]
    return 2 * sum(is_legacy(cells, rules) for cells in bodies) > len(bodies)


def first_records(head: bytes, kind: Kind) -> list[list[str]]:
    """Return the first records of a CSV file."""
    text = head[kind.skip :].decode("utf-8", "replace")
    if kind.has_cr_ends:
        text = text.replace("\r", "\n")
    records: list[list[str]] = []
    at = 0
    while at < len(text) and len(records) < _SAMPLE:
        split = split_row(text, at)
        if split is None:
            break
        cells, at = split
        records.append(cells)
    return records


def refuse_legacy() -> Refused:
    """Return the refusal of a file of the older layout."""
    return Refused(
        "list_legacy",
        "The file is of the older layout: WEED DATE in column 11, a GPMS marking in column 13, no"
        " START DATE and no CONTACT. As it stands every record would be wrong.",
        "Convert it with: nas-desktop lists convert FILE OUT",
    )
