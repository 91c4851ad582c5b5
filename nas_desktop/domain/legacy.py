"""The older layout of sixteen columns: told from the present one, and turned into it.

It had VRM, make, model, colour, action, warning markers, reason, 5x5x5 grade, information, force
and area, weed date, PNC ID, GPMS marking, CAD and two spare columns (inferred, domain facts 2.3).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from nas_desktop.domain.template_rows import date_of, text_of
from nas_desktop.domain.template_rules import COLUMNS, TemplateRules

_GRADE = re.compile(r"[123][A-E][PC]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Converted:
    """A record in the present layout. ``changes`` names what is not as it was."""

    cells: tuple[str, ...]
    changes: tuple[str, ...]


def is_legacy(cells: Sequence[str], rules: TemplateRules) -> bool:
    """Tell whether a record is of the older layout: a date in column 11 and none in 12."""
    return (
        len(cells) == COLUMNS
        and date_of(cells[10].strip()) is not None
        and date_of(cells[11].strip()) is None
        and _folded(cells[12]) in rules.legacy.markings
        and cells[13] not in rules.gsc
    )


def convert(
    cells: Sequence[str], rules: TemplateRules, today: date, contact: str = ""
) -> Converted:
    """Return a record of the older layout in the present one; what cannot be known stays empty.

    A 5x5x5 grade cannot be turned into a 3x5x2 one, and nothing is known of a contact: both stay
    empty and are for the author to fill in. START DATE becomes today.

    Args:
        cells: any number; a record that does not have sixteen is returned as it is.
        rules: hold the words.
        today: GMT.
        contact: put into CONTACT of every record.
    """
    if len(cells) != COLUMNS:
        return Converted(tuple(cells), ())
    changes = ["START DATE set to today"]
    action = rules.legacy.actions.get(_folded(cells[4]), cells[4])
    if action != cells[4]:
        changes.append("ACTION reworded")
    reason = rules.aliases.get(cells[6], cells[6])
    if reason != cells[6]:
        changes.append("REASON reworded")
    grade = cells[7] if _GRADE.fullmatch(cells[7]) else ""
    if grade != cells[7]:
        changes.append("5x5x5 grade left out")
    marking = rules.legacy.markings.get(_folded(cells[12]), cells[12])
    if marking != cells[12]:
        changes.append("marking reworded")
    changes.append("CONTACT filled in" if contact else "CONTACT left empty")
    if cells[14] or cells[15]:
        changes.append("spare columns left out")
    return Converted(
        (
            *cells[:4],
            action,
            cells[5],
            reason,
            grade,
            cells[8],
            cells[9],
            text_of(today),
            cells[10],
            cells[11],
            marking,
            cells[13],
            contact,
        ),
        tuple(changes),
    )


def _folded(cell: str) -> str:
    return " ".join(cell.split()).upper()
