"""What a list would have raised on reads that are held already: counts, never a read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nas_desktop.domain.voi import Action
from nas_desktop.services.resources import load_json

LOOKED_BACK = timedelta(days=7)
"""How far back a dry run looks, as far as reads are held."""

MOST_NAMED = 50
"""Entries named in a report, those with the most hits first."""


@dataclass(frozen=True, slots=True)
class StormRule:
    """Most hits of one list that its operators can deal with, in any ten minutes and in a day."""

    ten_minutes: int
    day: int


@dataclass(frozen=True, slots=True)
class EntryHits:
    """How often one entry would have rung."""

    vrm: str
    action: Action
    reason: str
    hits: int


@dataclass(frozen=True, slots=True)
class DayHits:
    """How many hits on one day, GMT."""

    day: date
    hits: int


@dataclass(frozen=True, slots=True)
class DryRunReport:
    """Hits of ``since`` (included) to ``until``, both aware UTC.

    A read that fits several entries is one hit, of the highest of their actions; in ``by_entry``
    it counts for each. ``quiet`` are hits of ``No Alert`` entries alone, which ring nobody and are
    not among ``hits``. ``entries_hit`` counts entries with any hit, ``by_entry`` has at most 50 of
    them. ``busiest_at`` is the beginning of the hour with ``busiest_hits``; ``most_in_ten`` is the
    most in any ten minutes, from ``most_in_ten_at`` on. ``reads`` is how many reads were held.
    ``problems`` are sentences about what could not be looked at.
    """

    name: str
    since: datetime
    until: datetime
    entries: int = 0
    reads: int = 0
    hits: int = 0
    stop: int = 0
    assess: int = 0
    quiet: int = 0
    entries_hit: int = 0
    by_entry: tuple[EntryHits, ...] = ()
    by_day: tuple[DayHits, ...] = ()
    busiest_at: datetime | None = None
    busiest_hits: int = 0
    most_in_ten: int = 0
    most_in_ten_at: datetime | None = None
    storm_ten: int = 10
    storm_day: int = 100
    problems: tuple[str, ...] = ()

    @property
    def most_a_day(self) -> int:
        """Hits on the day with the most."""
        return max((one.hits for one in self.by_day), default=0)

    @property
    def is_storm(self) -> bool:
        """True where the list would flood whoever deals with its hits."""
        return self.most_in_ten > self.storm_ten or self.most_a_day > self.storm_day


def load_storm_rule() -> StormRule:
    """Return the shipped rule (inferred)."""
    found = load_json("spec", "storm.json")
    return StormRule(int(found["ten_minutes"]), int(found["day"]))
