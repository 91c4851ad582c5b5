"""The transparency report as rows, as CSV and as text: what is shown is what is written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from nas_desktop.services.audit_ports import TransparencyReport
from nas_desktop.services.audit_review import FEWEST_SHOWN, Count

HIDDEN = f"fewer than {FEWEST_SHOWN}, or withheld"
"""What stands for a count that might point to a person, or that would give one away."""

_BANDS = {"A": "A, up to 90 days", "B": "B, 91 days to 12 months", "C": "C, over 12 months"}


def report_rows(
    report: TransparencyReport, outcomes: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Yield section, name and value of each line.

    Args:
        report: what was counted.
        outcomes: words of the outcomes, by their code.
    """
    counts = report.counts
    yield "Reads", "Reads held of the period", count_words(report.reads)
    yield "Reads", "Reads found by searches, each time", count_words(report.found)
    yield "Reads", "Share ever looked at, at most", share_words(report.share_found)
    yield "Hits", "Hits", count_words(report.hits)
    yield "Hits", "Misread, of those with an outcome", share_words(report.share_misread)
    for one in report.by_tier:
        yield "Hits by tier", one.name, count_words(one)
    for one in report.by_outcome:
        yield "Hits by outcome", outcomes.get(one.name, one.name.capitalize()), count_words(one)
    yield "Searches", "Searches", count_words(counts.searches)
    yield "Searches", "Searches denied", count_words(counts.denied)
    yield "Searches", "Exports of results", count_words(counts.exports)
    yield "Searches", "Authorities given", count_words(counts.authorities)
    for one in counts.by_purpose:
        yield "Searches by purpose", one.name.replace("_", " ").capitalize(), count_words(one)
    for one in counts.by_band:
        yield "Searches by band", _BANDS.get(one.name, one.name), count_words(one)
    for note in report.notes:
        yield "Note", note, ""


def count_words(count: Count) -> str:
    """Return a count, or what stands for one that is not published."""
    return HIDDEN if count.count is None else f"{count.count:,}"


def share_words(share: float | None) -> str:
    """Return a share in per cent."""
    if share is None:
        return "not published"
    return f"{share * 100:.4f} %" if 0 < share < 0.001 else f"{share * 100:.1f} %"


def title_of(report: TransparencyReport, gsc: str = "") -> str:
    """Return the head of the report; the end of the period is its last day."""
    words = f"Transparency report {report.since:%d/%m/%Y} to {report.until:%d/%m/%Y} (excluded)"
    return f"{words} · {gsc}" if gsc else words


def report_csv(report: TransparencyReport, outcomes: Mapping[str, str], gsc: str = "") -> str:
    """Return the report as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((title_of(report, gsc), "", ""))
    writer.writerow(("Section", "Count", "Value"))
    writer.writerows(report_rows(report, outcomes))
    return out.getvalue()


def report_text(report: TransparencyReport, outcomes: Mapping[str, str], gsc: str = "") -> str:
    """Return the report as text."""
    lines = [title_of(report, gsc)]
    section = ""
    for where, name, value in report_rows(report, outcomes):
        if where != section:
            lines += ["", where]
            section = where
        lines.append(f"  {name}: {value}" if value else f"  {name}")
    return "\n".join(lines) + "\n"
