"""Entries as rows of sixteen cells and back, in the one spelling that is written and sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.template_rules import COLUMNS
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.domain.vrm import Vrm

MAX_INFORMATION = 198
"""Longest text of column 9 in an entry, code points after NFC (NAS v3.1 §5)."""

_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_MARK = re.compile(r"[A-Z0-9?*]{1,16}", re.ASCII)
_BETWEEN_SIGNALS = re.compile(r"[\s,/]+")
_LINE_BREAK = re.compile(r"[\r\n]")


@lru_cache(8_192)
def date_of(text: str) -> date | None:
    """Return the day that ``dd/mm/yyyy`` names; None for anything else, 31/02 included."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


@lru_cache(8_192)
def text_of(day: date) -> str:
    """Return a day as ``dd/mm/yyyy`` (NAS v3.1 §5)."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def signals_of(cell: str) -> tuple[str, ...]:
    """Return the codes of column 6, parted by spaces, commas or strokes; unknown ones as written.

    That column 6 holds them, and how they are parted, is inferred (domain facts 2.3).
    """
    if not cell:
        return ()
    return tuple(code for code in _BETWEEN_SIGNALS.split(cell) if code)


def has_line_break(text: str) -> bool:
    """Tell whether there is a carriage return or a line feed in a text."""
    return _LINE_BREAK.search(text) is not None


def row_of(entry: VoiEntry) -> tuple[str, ...]:
    """Return the sixteen cells of an entry; ``entry_of`` makes the same entry of them.

    Raises:
        ValueError: a warning signal is empty or holds what parts signals.
    """
    signals = " ".join(entry.warning_signals)
    if signals_of(signals) != entry.warning_signals:
        raise ValueError("a warning signal is empty, or holds a space, a comma or a stroke")
    return (
        entry.vrm,
        entry.make,
        entry.model,
        entry.colour,
        entry.action.value,
        signals,
        entry.reason,
        entry.intel,
        entry.information,
        entry.lea_and_area,
        text_of(entry.starts_on),
        text_of(entry.weed_date),
        entry.pnc_id,
        entry.gsc,
        entry.cad,
        entry.contact,
    )


_ACTIONS = {action.value: action for action in Action}


def entry_of(cells: Sequence[str]) -> VoiEntry:
    """Return the entry that a row stands for, without holding it against the template.

    For rows that a checker has been over already, of this or another node: what an entry needs to
    be one is still looked at, cell by cell.

    Raises:
        Refused: ``list_row``; it names the column and not its content.
    """
    if len(cells) != COLUMNS:
        raise _refused("does not have sixteen cells")
    if not _MARK.fullmatch(cells[0]):
        raise _refused("has no VRM in column 1")
    action = _ACTIONS.get(cells[4])
    if action is None:
        raise _refused("has no action in column 5")
    if not cells[6]:
        raise _refused("has no reason in column 7")
    information = cells[8]
    if has_line_break(information) or (
        len(information) > MAX_INFORMATION
        and len(unicodedata.normalize("NFC", information)) > MAX_INFORMATION
    ):
        raise _refused("has a text in column 9 that is too long or has line breaks")
    starts_on, weed_date = date_of(cells[10]), date_of(cells[11])
    if starts_on is None or weed_date is None:
        raise _refused("has no date in column 11 or 12")
    return VoiEntry(
        Vrm(cells[0]),
        action,
        cells[6],
        starts_on,
        weed_date,
        cells[1],
        cells[2],
        cells[3],
        signals_of(cells[5]),
        cells[7],
        information,
        cells[9],
        cells[12],
        cells[13],
        cells[14],
        cells[15],
    )


def _refused(what: str) -> Refused:
    return Refused("list_row", f"A row of the list {what}.", "Have the list sent again.")
