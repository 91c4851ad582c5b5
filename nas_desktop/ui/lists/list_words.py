"""Lists in words: pure functions from facts to text, without Qt. Times are GMT."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from nas_desktop.domain.voi import ListSource
from nas_desktop.services.events import ListState
from nas_desktop.services.lists import ListCounts, ListEvent, ListVersion
from nas_desktop.ui.text import Tone, duration_words, moment_words, several

AMBER_AGE = timedelta(hours=8)
RED_AGE = timedelta(hours=24)
"""An Extract older than this is amber, then red (domain facts 4: three a day)."""

_SOURCES = {
    ListSource.LEA: "LEA list",
    ListSource.NATIONAL: "National VOI list",
    ListSource.SCHENGEN: "Schengen",
    ListSource.MIDAS: "MIDAS, uninsured",
    ListSource.PNC_LIVE: "PNC Fast Track",
    ListSource.PNC_EXTRACT: "PNC Extract",
    ListSource.MMC: "MMC register",
}
_EVENTS = {
    ListEvent.IMPORTED: "Imported",
    ListEvent.PUBLISHED: "Published",
    ListEvent.RECEIVED: "Received",
    ListEvent.CREATED: "Created",
    ListEvent.EDITED: "Edited",
    ListEvent.ROLLED_BACK: "Rolled back",
    ListEvent.WEEDED: "Weeded",
    ListEvent.ENABLED: "Enabled",
    ListEvent.DISABLED: "Disabled",
    ListEvent.REMOVED: "Removed",
}
_MARKS = {Tone.GOOD: "●", Tone.QUIET: "○", Tone.AMBER: "▲", Tone.RED: "■"}

EMPTY = (
    "No lists here yet. Import… reads a file of the 16-column template; New list… begins one of"
    " your own. Lists of the server come by themselves."
)

NEW = (
    "A list of this node, for entries of your own. Its name begins with the agency's code and an"
    " underscore; that selects what the symbol shows."
)


def source_words(source: ListSource) -> str:
    """Return where a list comes from."""
    return _SOURCES[source]


def event_words(event: ListEvent) -> str:
    """Return what made a version."""
    return _EVENTS[event]


def counts_words(counts: ListCounts) -> str:
    """Return how many entries of which kind: ``220: 90 Stop · 125 Assess · 5 No Alert``."""
    kinds = [
        f"{number:,} {words}"
        for number, words in (
            (counts.stop, "Stop"),
            (counts.assess, "Assess"),
            (counts.no_alert, "No Alert"),
        )
        if number
    ]
    return f"{counts.entries:,}" + (f": {' · '.join(kinds)}" if kinds else "")


def state_words(one: ListState, now: datetime) -> tuple[str, Tone]:
    """Return how a list stands, with its shape in front, and how loudly that is said."""
    words, tone = _standing(one, now)
    return f"{_MARKS[tone]} {words}", tone


def _standing(one: ListState, now: datetime) -> tuple[str, Tone]:
    if not one.is_enabled:
        return "not matched", Tone.RED
    age = now - one.loaded_at
    if one.source is ListSource.PNC_EXTRACT and age > AMBER_AGE:
        words = f"{duration_words(age.total_seconds())} old"
        return (f"stale, {words}", Tone.RED) if age > RED_AGE else (words, Tone.AMBER)
    if one.next_due_at is not None and now > one.next_due_at:
        late = duration_words((now - one.next_due_at).total_seconds())
        return f"overdue by {late}", Tone.AMBER
    if not one.is_stored:
        return "live, not yet stored", Tone.AMBER
    if one.is_covert:
        return "live, yours alone", Tone.GOOD
    return "live", Tone.GOOD


def loaded_words(one: ListState, now: datetime) -> str:
    """Return when a list was loaded and how long ago."""
    age = duration_words((now - one.loaded_at).total_seconds())
    return f"{moment_words(one.loaded_at, now)} · {age} ago"


def weed_words(next_weed: tuple[date, int] | None, today: date) -> str:
    """Return the countdown to the next weeding: ``3 on 24/11 (in 2 days)``; empty for none."""
    if next_weed is None:
        return ""
    day, count = next_weed
    days = (day - today).days
    when = {0: "today", 1: "tomorrow"}.get(days, f"in {days:,} days")
    form = "%d/%m" if days < 300 else "%d/%m/%Y"
    return f"{count:,} on {day:{form}} ({when})"


def window_words(starts_on: date, weed_date: date, today: date) -> str:
    """Return how an entry's activity window stands."""
    last = weed_date - timedelta(days=1)
    if weed_date <= today:
        return f"weeded {weed_date:%d/%m/%Y}"
    if starts_on > today:
        return f"starts {starts_on:%d/%m/%Y}"
    return f"last active day {last:%d/%m/%Y}"


def version_words(version: ListVersion, now: datetime) -> str:
    """Return what made a version, when and by whom."""
    by = f" by {version.by}" if version.by else ""
    return f"{event_words(version.event)} {moment_words(version.at, now)} GMT{by}"


def change_words(change: str, one: ListState) -> str:
    """Return what will happen, for the question before a change to a whole list."""
    entries = several(one.entries, "entry", "entries")
    where = "on every desk" if not one.is_own else "on this node and every desk below it"
    return {
        "roll_back": (
            f"The version before revision {one.revision} goes live {where}."
            " Entries weeded since stay weeded."
        ),
        "disable": f"{entries} stop matching {where}. Open hits are told. The list is kept.",
        "enable": f"{entries} match again {where}.",
        "remove": (
            f"{entries} and every version kept are deleted {where}."
            " Open hits are told. This cannot be undone."
        ),
    }[change]


def possible_changes(one: ListState | None, *, may_edit: bool, is_here: bool) -> dict[str, bool]:
    """Return for each button of the workspace whether it can be used on the chosen list."""
    has_one = may_edit and one is not None
    return {
        "import": may_edit,
        "new": may_edit,
        "export": has_one and is_here,
        "dry_run": has_one and is_here,
        "roll_back": has_one and one is not None and not one.source.is_national,
        "disable": has_one and one is not None and one.is_enabled,
        "enable": has_one and one is not None and not one.is_enabled,
        "remove": has_one,
    }
