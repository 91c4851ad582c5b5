"""Vehicles of interest: entries, lists, and the Annex A badge a list's name selects.

The columns are those of NAS Technical Specifications v3.1 §5; checking a file against the
template is a matter of its own and not done here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from nas_desktop.domain.vrm import Vrm


class Action(StrEnum):
    """The three standard words (NAS v3.1 §5); their spelling is what the symbol shows."""

    STOP = "Stop"
    ASSESS = "Assess"
    NO_ALERT = "No Alert"


class ListSource(StrEnum):
    """Where a list comes from, which decides its rules (domain facts 4)."""

    LEA = "lea"
    NATIONAL = "national"
    SCHENGEN = "schengen"
    MIDAS = "midas"
    PNC_LIVE = "pnc_live"
    PNC_EXTRACT = "pnc_extract"
    MMC = "mmc"

    @property
    def is_national(self) -> bool:
        """True for data that no LEA may edit and of which no older version is kept."""
        return self is not ListSource.LEA


WILDCARDS = frozenset("?*")
"""``?`` is exactly one character, ``*`` any number of them (domain facts 9.4)."""


@dataclass(frozen=True, slots=True)
class VoiEntry:
    """One wanted VRM with its reason and action.

    ``vrm`` of a wildcard entry is a pattern with ``?`` and ``*``; only a node's own lists have any.
    ``starts_on`` and ``weed_date`` bound the activity window: from 00:00 GMT on the first up to
    but excluding 00:00 GMT on the second ("weeded on date specified").
    ``information`` has at most 198 characters. ``warning_signals`` are the codes of column 6.
    """

    vrm: Vrm
    action: Action
    reason: str
    starts_on: date
    weed_date: date
    make: str = ""
    model: str = ""
    colour: str = ""
    warning_signals: tuple[str, ...] = ()
    intel: str = ""
    information: str = ""
    lea_and_area: str = ""
    pnc_id: str = ""
    gsc: str = "OFFICIAL"
    cad: str = ""
    contact: str = ""

    @property
    def is_pattern(self) -> bool:
        """True for a wildcard entry."""
        return not WILDCARDS.isdisjoint(self.vrm)

    def is_active_at(self, instant: datetime) -> bool:
        """Tell whether the entry's window holds at an instant (aware)."""
        return self.starts_on <= instant.astimezone(UTC).date() < self.weed_date


@dataclass(frozen=True, slots=True)
class Mmc:
    """Make, model and colour of a vehicle as the register has them; each may be empty."""

    make: str = ""
    model: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class VoiList:
    """A named list as one owner published it; a new revision replaces the whole.

    ``revision`` counts up from 1. ``loaded_at`` is when this node took it in, ``next_due_at`` when
    a newer one is expected. ``entries`` may be read from compressed blocks one by one, so that a
    list of millions costs no object an entry. ``owner`` is the account answerable for it and
    ``authority`` the reference under which a ``No Alert`` list is run. ``finds_misreads`` has
    possible misreads of its Stop entries looked for. A list that is not ``is_enabled`` is kept and
    matched by nobody.
    """

    name: str
    revision: int
    entries: Sequence[VoiEntry]
    loaded_at: datetime
    source: ListSource = ListSource.LEA
    owner: str = ""
    authority: str = ""
    finds_misreads: bool = False
    is_enabled: bool = True
    next_due_at: datetime | None = None

    @property
    def prefix(self) -> str:
        """The part of the name before the first underscore; selects the badge (§5)."""
        return self.name.partition("_")[0]
