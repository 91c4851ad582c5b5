"""Vehicles of interest: entries, lists, and the Annex A badge a list's name selects.

The columns are those of NAS Technical Specifications v3.1 §5; checking a file against the
template is a matter of its own and not done here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from nas_desktop.domain.vrm import Vrm


class Action(StrEnum):
    """The three standard words (NAS v3.1 §5); their spelling is what the symbol shows."""

    STOP = "Stop"
    ASSESS = "Assess"
    NO_ALERT = "No Alert"


@dataclass(frozen=True, slots=True)
class VoiEntry:
    """One wanted VRM with its reason and action.

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

    def is_active_at(self, instant: datetime) -> bool:
        """Tell whether the entry's window holds at an instant (aware)."""
        return self.starts_on <= instant.astimezone(UTC).date() < self.weed_date


@dataclass(frozen=True, slots=True)
class VoiList:
    """A named list as one owner published it; a new revision replaces the whole.

    ``revision`` counts up from 1. ``loaded_at`` is when this node took it in.
    """

    name: str
    revision: int
    entries: tuple[VoiEntry, ...]
    loaded_at: datetime

    @property
    def prefix(self) -> str:
        """The part of the name before the first underscore; selects the badge (§5)."""
        return self.name.partition("_")[0]
