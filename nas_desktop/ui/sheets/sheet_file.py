"""From words to a file: under a temporary name, whole, on record, and only then with its name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nas_desktop.services import export_place as place
from nas_desktop.services.searches import ExportFormat
from nas_desktop.services.sheets import Sheet
from nas_desktop.ui.sheets.pages import Picture, SheetPages
from nas_desktop.ui.sheets.pdf_file import finished

PutOnRecord = Callable[[Path, str], Awaitable[None]]
"""Puts a file on record by its path and digest."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where a sheet is, and the digest of its file."""

    path: Path
    sha256: str


async def write_sheet(
    asked: Path,
    sheet: Sheet,
    who: str,
    pictures: Sequence[Picture],
    put_on_record: PutOnRecord,
) -> Written:
    """Write a sheet as PDF, the marking in its name; nothing is left where it could not be.

    ``who`` says who writes it and when, on every page. ``put_on_record`` is awaited before the file
    gets its name.

    Raises:
        Refused: the path cannot be written to, the disk is full, or nothing went on record.
    """
    path = place.final_path(asked, ExportFormat.PDF, sheet.gsc)
    part = place.temporary(path)
    try:
        part.touch(mode=0o600, exist_ok=False)
        pages = SheetPages(part, sheet, who)
        try:
            for _section in pages.write(pictures):
                await asyncio.sleep(0)
        finally:
            pages.end()
        sha256 = await asyncio.to_thread(finished, part)
        await put_on_record(path, sha256)
        await asyncio.shield(asyncio.to_thread(place.give_name, part, path))
    except OSError as fault:
        raise place.refusal_of(fault) from None
    finally:
        # By now it has its name, or is not to be.
        part.unlink(missing_ok=True)
    return Written(path, sha256)
