"""Times as people type them, GMT: pure functions without Qt."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from nas_desktop.domain.query import instant_from

SHOWN = "%d/%m/%Y %H:%M"

QUICK: tuple[tuple[str, str], ...] = (
    ("1 h", "The last hour"),
    ("Today", "Since midnight, GMT"),
    ("24 h", "The last 24 hours"),
    ("7 days", "The last 7 days"),
)

_AGO = re.compile(r"-?\s*(\d{1,4})\s*(m|min|h|hour|hours|d|day|days|w|week|weeks)(?:\s+ago)?")
_TIME = re.compile(r"(\d{1,2})[:.]?(\d{2})(?:[:.](\d{2}))?")
_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})(?:[/.\-](\d{2}|\d{4}))?")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_NAMED_DAYS = {"today": 0, "yesterday": 1}


def shown(at: datetime) -> str:
    """Return a time as the fields show it; seconds only where there are any."""
    at = at.astimezone(UTC)
    return at.strftime(SHOWN + (":%S" if at.second else ""))


def quick_span(name: str, now: datetime) -> tuple[datetime, datetime]:
    """Return the span of a quick choice, to the end of the running minute."""
    now = now.astimezone(UTC)
    until = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    match name:
        case "1 h":
            return until - timedelta(hours=1), until
        case "Today":
            return datetime.combine(now.date(), time(), UTC), until
        case "24 h":
            return until - timedelta(days=1), until
        case _:
            return until - timedelta(days=7), until


def time_from(text: str, field: str, now: datetime) -> datetime:
    """Return the instant that somebody typed.

    Besides ISO 8601 and ``21/11/2026 20:57`` it takes ``20:57`` and ``2057`` (the last time the
    clock stood so), ``21/11``, ``today``, ``yesterday 20:57``, ``now`` and ``2 h`` (so long ago).

    Raises:
        QueryRefused: it is no time.
    """
    now = now.astimezone(UTC)
    words = " ".join(text.lower().replace("gmt", " ").split())
    if words == "now":
        return now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    ago = _AGO.fullmatch(words)
    if ago:
        unit = _UNITS.get(ago[2][0], timedelta(weeks=1))
        return now.replace(second=0, microsecond=0) - int(ago[1]) * unit
    found = _of_day_and_time(words, now)
    return found if found is not None else instant_from(text, field)


def _of_day_and_time(words: str, now: datetime) -> datetime | None:
    first, _space, rest = words.partition(" ")
    day = now.date()
    clock = words
    has_day = False
    try:
        if first in _NAMED_DAYS:
            day, clock, has_day = day - timedelta(days=_NAMED_DAYS[first]), rest, True
        else:
            dated = _DAY.fullmatch(first)
            # 20.57.30 alone is a time of day; with a time behind it, 19.11.26 is a day.
            is_clock = "." in first and not rest and len((dated and dated[3]) or "") < 4
            if dated and not is_clock:
                year = int(dated[3] or day.year)
                day = day.replace(
                    year=year + 2000 if year < 100 else year, month=int(dated[2]), day=int(dated[1])
                )
                if not dated[3] and day > now.date():
                    day = day.replace(year=day.year - 1)
                clock, has_day = rest, True
        if has_day and not clock:
            return datetime.combine(day, time(), UTC)
        timed = _TIME.fullmatch(clock)
        if not timed:
            return None
        at = datetime.combine(day, time(int(timed[1]), int(timed[2]), int(timed[3] or 0)), UTC)
    except ValueError:
        return None
    return at if has_day or at <= now else at - timedelta(days=1)
