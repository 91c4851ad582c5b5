"""The words of the search workspace: pure functions from facts to text, without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from nas_desktop.domain.query import Direction, ReadQuery, Where
from nas_desktop.domain.read import ReadFlag
from nas_desktop.domain.search_access import AccessPolicy, Authority, Band, Decision, Purpose
from nas_desktop.services.searches import (
    Coverage,
    CoverageGap,
    FoundRead,
    GapKind,
    Holder,
    SearchProgress,
)
from nas_desktop.ui.text import NONE, seconds_words, several

PURPOSES: dict[Purpose, str] = {
    Purpose.PVC: "Priority, volume crime",
    Purpose.SERIOUS: "Serious crime",
    Purpose.MAJOR: "Major investigation",
    Purpose.CT: "Counter terrorism",
    Purpose.OPERATIONAL_RESPONSE: "Operational response",
    Purpose.MISSING_PERSON: "Missing person",
    Purpose.ROAD_SAFETY: "Road safety",
    Purpose.AUDIT: "Audit",
}

REASON_CODES: tuple[tuple[str, str], ...] = (
    ("Audit checks", "Transaction log and other audit checks"),
    ("Street check", "Vehicle or person stopped"),
    ("Moving vehicle", "Moving vehicle"),
    ("Abandoned", "Abandoned, or parked and unattended, vehicle"),
    ("Collision", "Vehicle involved in a road traffic collision"),
    ("Investigation", "Subject of process or investigation"),
    ("Administration", "Administration, not operational"),
    ("Child access", "Child access, family protection enquiries"),
    ("For an agency", "On behalf of another authorised agency"),
    ("Update", "Update, confirm, broadcast"),
)
"""Reason codes of PNC, 0 to 9: a short name and its words (domain facts 6.5)."""

WHERE_WORDS: dict[Where, str] = {
    Where.LOCAL: "This desk",
    Where.SERVER: "Server",
    Where.NATIONAL: "National",
    Where.BOTH: "Both",
}

GAP_WORDS: dict[GapKind, str] = {
    GapKind.SILENT: "silent",
    GapKind.LATE: "still delivering",
    GapKind.DEGRADED: "reading badly",
    GapKind.NOT_HELD: "not held here",
    GapKind.NEVER_HEARD: "never heard",
}

DIRECTIONS: tuple[Direction, ...] = tuple(d for d in Direction if d is not Direction.UNKNOWN)


def found_words(found: int, *, is_exact: bool) -> str:
    """Return how many reads were found: ``412 reads``, ``at least 1,000,000 reads``."""
    return ("" if is_exact else "at least ") + several(found, "read")


def status_words(progress: SearchProgress, seconds: Mapping[Holder, float] | None = None) -> str:
    """Return the line over the results: what was found and how far each holder has come.

    ``seconds`` tells after how long each holder was complete.
    """
    count = several(progress.found, "read")
    if progress.is_done and not progress.is_exact:
        count = f"at least {count}"
    if progress.marks:
        count += f" of {several(progress.marks, 'mark')}"
    parts = [count if progress.found or not progress.is_done else "Nothing found"]
    for holder, share in progress.share:
        if share < 1:
            parts.append(f"{holder} {int(share * 100)} %")
        else:
            took = (seconds or {}).get(holder)
            parts.append(f"{holder} complete")
            parts[-1] += f" in {seconds_words(took)}" if took is not None else ""
    return " · ".join(parts)


def progress_share(progress: SearchProgress) -> float:
    """Return how much was looked at in all, 0 to 1."""
    shares = [share for _holder, share in progress.share]
    return sum(shares) / len(shares) if shares else 0.0


def held_words(found: FoundRead) -> str:
    """Return whose stores have a read: one name, ``both``, or several."""
    if set(found.held) == {Holder.DESK, Holder.NATIONAL}:
        return "both"
    return " + ".join(str(holder) for holder in found.held) or NONE


def likeness_words(found: FoundRead) -> str:
    """Return how like a read is to what was asked; a dash where nothing was."""
    return NONE if found.likeness is None else f"{found.likeness:.2f}"


def captured_words(at: datetime) -> str:
    """Return a capture time with its date: ``21/11/2026 20:57:00``."""
    return at.astimezone(UTC).strftime("%d/%m/%Y %H:%M:%S")


def is_late(found: FoundRead) -> bool:
    """Tell whether a read came buffered."""
    return ReadFlag.BUFFERED in found.read.flags


# ------------------------------------------------------------------ coverage


def is_whole(coverage: tuple[Coverage, ...]) -> bool:
    """Tell whether nothing was left out anywhere."""
    return all(
        one.whole >= one.asked and not one.gaps and not one.more_gaps and not one.problems
        for one in coverage
    )


def coverage_title(coverage: tuple[Coverage, ...]) -> str:
    """Return the head of the strip: ``Coverage 36 of 38 cameras.``; the worst holder counts."""
    if not coverage:
        return "Coverage not known yet."
    worst = min(coverage, key=lambda one: one.whole / one.asked if one.asked else 1.0)
    return f"Coverage {worst.whole:,} of {several(worst.asked, 'camera')}."


def coverage_words(coverage: tuple[Coverage, ...]) -> str:
    """Return what was not seen, the longest gaps first, and what that means."""
    if not coverage:
        return "Wait before you conclude anything from what is missing."
    problems = [problem for one in coverage for problem in one.problems]
    gaps = sorted(
        (gap for one in coverage for gap in one.gaps),
        key=lambda gap: gap.since - gap.until,
    )
    if is_whole(coverage):
        return "Every camera asked for was looked at, without a gap."
    said = [problem.rstrip(".") for problem in problems[:1]] + [gap_words(gap) for gap in gaps[:2]]
    rest = len(gaps) - 2 + sum(one.more_gaps for one in coverage)
    if rest > 0:
        said.append(f"{rest:,} more")
    return f"{' · '.join(said)}. “Nothing found” there means nothing."


def nothing_words(coverage: tuple[Coverage, ...]) -> str:
    """Return what "nothing found" means: never said without what could be seen."""
    if not coverage:
        return "What could be seen is not known: do not conclude that there is nothing."
    title = coverage_title(coverage)
    if is_whole(coverage):
        return f"{title} Every one of them was looked at over the whole time."
    return f"{title} The line above says what was not seen; there it means nothing."


def gap_words(gap: CoverageGap) -> str:
    """Return one gap: ``A34 South 7 silent 00:14–00:41``."""
    name = gap.alias or str(gap.camera)
    if gap.kind is GapKind.NEVER_HEARD:
        return f"{name} never heard"
    if gap.kind is GapKind.NOT_HELD:
        return f"{name} not held here before {gap.until.astimezone(UTC):%d/%m %H:%M}"
    return f"{name} {GAP_WORDS[gap.kind]} {span_words(gap.since, gap.until)}"


def span_words(since: datetime, until: datetime) -> str:
    """Return a span, the date only where it is needed: ``21/11 00:14–00:41``."""
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    day = "%d/%m" if since.year == until.year else "%d/%m/%Y"
    end = "%H:%M" if since.date() == until.date() else f"{day} %H:%M"
    return f"{since.strftime(day)} {since:%H:%M}–{until.strftime(end)}"


# ------------------------------------------------------------------ the question


def query_words(query: ReadQuery) -> str:
    """Return a question in a line: marks, span, place."""
    marks = [*query.vrms, *(f"≈{mark}" for mark in query.look_alikes)]
    said = ", ".join(marks[:3]) + (f" and {len(marks) - 3:,} more" if len(marks) > 3 else "")
    parts = [said or ("unread vehicles" if query.unread else "any vehicle")]
    parts.append(span_words(query.since, query.until))
    if query.cameras:
        parts.append(several(len(query.cameras), "camera"))
    if query.area is not None:
        parts.append(type(query.area).__name__.lower())
    return " · ".join(parts)


def tab_words(query: ReadQuery | None, reference: str) -> str:
    """Return what a tab is called: its reference, or what is looked for."""
    if reference:
        return reference
    if query is None:
        return "New search"
    return query_words(query).partition(" · ")[0]


# ------------------------------------------------------------------ access


def band_words(policy: AccessPolicy, band: Band) -> str:
    """Return what a band allows, in the few words that fit a bar."""
    purposes = policy.purposes.get(band, frozenset())
    if band is Band.A:
        return f"A: {policy.days_a} days"
    if band is Band.C and policy.retention_months <= policy.months_b:
        return "C: not kept"
    if not purposes:
        return f"{band}: denied"
    return f"{band}: authority"


def band_tip(policy: AccessPolicy, band: Band) -> str:
    """Return what a band allows and asks for, in whole sentences."""
    names = ", ".join(PURPOSES[p].lower() for p in Purpose if policy.admits(band, p))
    least = policy.least_rank.get(band, "")
    match band:
        case Band.A:
            return f"Band A, up to {policy.days_a} days: {names or 'no purpose'}."
        case Band.B:
            asks = f" It needs an authority of the rank {least} or above." if least else ""
            return f"Band B, up to {policy.months_b} months: {names or 'no purpose'}.{asks}"
        case _:
            if policy.retention_months <= policy.months_b:
                return f"Band C: reads are kept for {policy.retention_months} months."
            asks = f" It needs an authority of the rank {least} or above." if least else ""
            return f"Band C, beyond {policy.months_b} months: {names or 'no purpose'}.{asks}"


def decision_words(decision: Decision) -> str:
    """Return what the rules say, in a line."""
    age = several(max(0, decision.oldest_age_days), "day")
    if decision.is_allowed:
        review = " A supervisor will see it." if decision.needs_review else ""
        return f"✓ Allowed: band {decision.band}, {age} back.{review}"
    more = len(decision.denials) - 1
    first = decision.denials[0]
    said = f"■ Not allowed: {first.message}"
    return said + (f" And {several(more, 'more rule')}." if more else f" {first.remedy}".rstrip())


def authority_words(authority: Authority, now: datetime) -> str:
    """Return an authority in a line: who, for what, until when, and whether it is confirmed."""
    left = authority.expires_at - now
    state = (
        "has run out" if left <= timedelta(0) else f"until {when_words(authority.expires_at, now)}"
    )
    if authority.is_verbal and authority.countersigned_at is None:
        state += " · verbal, to be countersigned"
    who = f"{authority.rank} {authority.authoriser_name or authority.authoriser}"
    return f"{who} · {authority.operation} · {state}"


def when_words(at: datetime, now: datetime) -> str:
    """Return a time to the minute, its day only where that is not today."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    return at.strftime("%H:%M" if at.date() == now.date() else "%d/%m %H:%M")
