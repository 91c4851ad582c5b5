"""What became of an import, in words: pure functions without Qt."""

from __future__ import annotations

from nas_desktop.services.lists import ImportReport, ListCounts, ListOutcome
from nas_desktop.ui.text import Tone, several

_MARKS = {Tone.GOOD: "✓", Tone.AMBER: "▲", Tone.RED: "■", Tone.QUIET: "○"}
WEEDED = "V052"


def marked(words: str, tone: Tone) -> str:
    """Return words with the shape of their tone in front."""
    return f"{_MARKS[tone]} {words}"


def stage_words(stage: str, done: int, total: int) -> str:
    """Return how far the work is: ``checking 43 %``, ``going live``."""
    return f"{stage} {min(100, done * 100 // total)} %" if total > 0 else stage


def kinds_words(counts: ListCounts) -> str:
    """Return how many entries of which kind: ``2,304 entries (1,900 Stop, 404 Assess)``."""
    kinds = ", ".join(
        f"{number:,} {word}"
        for number, word in (
            (counts.stop, "Stop"),
            (counts.assess, "Assess"),
            (counts.no_alert, "No Alert"),
        )
        if number
    )
    entries = several(counts.entries, "entry", "entries")
    return f"{entries} ({kinds})" if kinds else entries


def left_out_words(report: ImportReport) -> str:
    """Return what of the file is not live now, and why; empty when everything is."""
    parts = [
        words
        for number, words in (
            (report.counts.weeded, f"{report.counts.weeded:,} left out as weeded"),
            (report.doubled, f"{report.doubled:,} left out as doubled"),
            (report.counts.future, f"{report.counts.future:,} not started yet"),
        )
        if number
    ]
    return f"{', '.join(parts)}." if parts else ""


def outcome_words(outcome: ListOutcome, *, is_check_only: bool) -> tuple[str, Tone]:
    """Return what became of a file, and how loudly that is said."""
    report = outcome.report or ImportReport(outcome.name)
    if outcome.is_live:
        return _live_words(outcome, report)
    if not report.is_fit:
        weeded = report.by_code.get(WEEDED, 0)
        words = [
            f"Nothing was imported: {several(report.errors - weeded, 'error')}.",
            "Mend them and check again.",
        ]
        if weeded:
            words.append(f"{several(weeded, 'entry', 'entries')} more would be left out as weeded.")
        return " ".join(words), Tone.RED
    if not is_check_only:
        return outcome.words or "Nothing was imported.", Tone.RED
    words = [f"The file can be imported: {kinds_words(report.counts)}."]
    if report.warnings:
        words.append(f"{several(report.warnings, 'warning')}.")
    words += [left_out_words(report), "Nothing was imported yet."]
    return " ".join(word for word in words if word), Tone.GOOD


def _live_words(outcome: ListOutcome, report: ImportReport) -> tuple[str, Tone]:
    where = "" if outcome.revision else " at the server"
    words = [f"{outcome.name} is live{where}: {kinds_words(report.counts)}."]
    words.append(left_out_words(report))
    if report.warnings:
        words.append(f"{several(report.warnings, 'warning')}.")
    if outcome.revision:
        words.append(f"Revision {outcome.revision}.")
    tone = Tone.GOOD
    if outcome.is_stored:
        words.append("It is stored.")
    else:
        tone = Tone.AMBER
        words.append(
            "It is not stored yet: should this desk’s node stop now, import the file again."
        )
        # The node says in its own words why storing failed.
        words.append(outcome.words)
    return " ".join(word for word in words if word), tone
