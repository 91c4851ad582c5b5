"""Faults to plant in a clean record, each with the codes that a checker must find for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from nas_desktop.domain.template_rows import date_of, text_of
from nas_desktop.domain.vrm import TEST, UNREAD

_Put = Callable[[list[str], str, date], list[str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and what it has to be called.

    ``put`` takes the cells of a clean record, a mark that stands on an earlier line, and today.
    """

    codes: tuple[str, ...]
    put: _Put


def _cells(**changes: str) -> _Put:
    """Return what sets cells: ``c1`` to ``c16``."""

    def put(cells: list[str], _known: str, _today: date) -> list[str]:
        for name, text in changes.items():
            cells[int(name[1:]) - 1] = text
        return cells

    return put


def _window(start: int | None, weed: int) -> _Put:
    """Return what sets the dates, in days from today; None leaves START DATE as it is."""

    def put(cells: list[str], _known: str, today: date) -> list[str]:
        if start is not None:
            cells[10] = text_of(today + timedelta(days=start))
        cells[11] = text_of(today + timedelta(days=weed))
        return cells

    return put


def _spaced(cells: list[str], _known: str, _today: date) -> list[str]:
    cells[0] = f"{cells[0][:4]} {cells[0][4:]}"
    return cells


def _one_more(cells: list[str], _known: str, _today: date) -> list[str]:
    return [*cells, "17th"]


def _two_fewer(cells: list[str], _known: str, _today: date) -> list[str]:
    return cells[:-2]


def _again(cells: list[str], known: str, _today: date) -> list[str]:
    cells[0] = known
    return cells


def _odd(cells: list[str], _known: str, _today: date) -> list[str]:
    # A mark of its own that begins with a digit and an odd change of letters and digits.
    cells[0] = "1" + "1".join(cells[0][:2]) + cells[0][4:] + cells[0][2:4] + "X9X"
    return cells


def _backwards(cells: list[str], _known: str, today: date) -> list[str]:
    weed = date_of(cells[11]) or today
    cells[10] = text_of(weed + timedelta(days=1))
    return cells


FAULTS: tuple[Fault, ...] = (
    Fault(("V001",), _one_more),
    Fault(("V001",), _two_fewer),
    Fault(("V002",), _cells(c1="")),
    Fault(("V002",), _spaced),
    Fault(("V003",), _cells(c1=UNREAD)),
    Fault(("V004",), _cells(c1=TEST)),
    Fault(("V005",), _odd),
    Fault(("V006",), _cells(c8="")),
    Fault(("V006",), _cells(c9="")),
    Fault(("V006",), _cells(c10="")),
    Fault(("V006",), _cells(c11="")),
    Fault(("V006",), _cells(c5="Assess", c16="")),
    Fault(("V010",), _cells(c5="STOP")),
    Fault(("V020",), _cells(c7="Serious Crime")),
    Fault(("V021",), _cells(c7="No Insurance")),
    Fault(("V022",), _cells(c7="Drugs, Cloned")),
    Fault(("V030",), _cells(c8="1x5x2")),
    Fault(("V030",), _cells(c8="B24")),
    Fault(("V040",), _cells(c9="A" * 199)),
    Fault(("V041",), _cells(c9="Stop.\nSearch.")),
    Fault(("V041",), _cells(c9="Stop.\r\nSearch.\r\nReport.")),
    Fault(("V050",), _cells(c11="31/02/2026")),
    Fault(("V050",), _cells(c12="2026-11-05")),
    Fault(("V050",), _cells(c12="")),
    Fault(("V051",), _backwards),
    Fault(("V051",), _window(5, 5)),
    Fault(("V052",), _window(-20, 0)),
    Fault(("V052",), _window(-25, -3)),
    Fault(("V053",), _window(-2, 27)),
    Fault(("V060",), _cells(c14="RESTRICTED")),
    Fault(("V060",), _cells(c14="OFFICIAL OFFICIAL-SENSITIVE")),
    Fault(("V006", "V070"), _cells(c5="Stop", c16="")),
    Fault(("V080",), _again),
)
"""Every code of a record, some in more than one way; V090 is of a file and planted there."""
