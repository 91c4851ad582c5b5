"""What a dry run found, in words: pure functions without Qt."""

from __future__ import annotations

from datetime import UTC

from nas_desktop.services.dry_run import DryRunReport
from nas_desktop.ui.text import Tone, several


def span_words(report: DryRunReport) -> str:
    """Return how long was looked back: ``seven days``, ``3 hours``."""
    hours = (report.until - report.since).total_seconds() / 3_600
    if hours >= 24:
        days = round(hours / 24)
        return "seven days" if days == 7 else several(days, "day")
    return several(max(1, round(hours)), "hour")


def result_words(report: DryRunReport) -> tuple[str, Tone]:
    """Return how often the list would have rung, and how loudly that is said."""
    if not report.reads:
        return "No reads are held here yet: a dry run has nothing to go by.", Tone.QUIET
    if not report.entries:
        return "The list has no entries: there is nothing to hold against the reads.", Tone.QUIET
    if not report.hits:
        return (
            f"In {span_words(report)} this list would not have rung once.",
            Tone.GOOD,
        )
    words = f"In {span_words(report)} this list would have rung {several(report.hits, 'time')}"
    if report.by_entry and report.entries_hit > 1:
        words += f", {report.by_entry[0].hits:,} of them from one entry"
    elif report.entries_hit == 1:
        words += ", all from one entry"
    return f"{words}.", Tone.AMBER if report.is_storm else Tone.GOOD


def detail_words(report: DryRunReport) -> str:
    """Return shares of Stop and Assess, busiest hour, days; empty without any hit."""
    lines: list[str] = []
    if report.hits:
        stop, assess = (round(100 * n / report.hits) for n in (report.stop, report.assess))
        lines.append(f"Stop {stop} % ({report.stop:,}) · Assess {assess} % ({report.assess:,})")
    if report.busiest_at is not None:
        at = report.busiest_at.astimezone(UTC)
        lines.append(
            f"Busiest hour: {at:%d/%m/%Y %H}:00 GMT, {several(report.busiest_hits, 'hit')}"
        )
        days = " · ".join(f"{one.day:%a %d/%m} {one.hits:,}" for one in report.by_day)
        lines.append(f"By day (GMT): {days}")
    if report.quiet:
        lines.append(f"No Alert: {several(report.quiet, 'hit')}, which ring nobody")
    lines += report.problems
    return "\n".join(lines)


def storm_words(report: DryRunReport) -> str:
    """Return the warning before going live, with what to do; empty where none is due."""
    if not report.is_storm:
        return ""
    what = []
    if report.most_in_ten > report.storm_ten and report.most_in_ten_at is not None:
        at = report.most_in_ten_at.astimezone(UTC)
        what.append(
            f"{report.most_in_ten:,} hits in ten minutes ({at:%d/%m %H:%M} GMT; more than"
            f" {report.storm_ten} are too many)"
        )
    if report.most_a_day > report.storm_day:
        what.append(
            f"{report.most_a_day:,} hits on one day (more than {report.storm_day} are too many)"
        )
    return (
        f"This list would flood the operators: {' and '.join(what)}. Look at the entries below with"
        " the most hits: narrow their pattern, shorten their time, or make them Assess, and run"
        " this again before the list goes live."
    )
