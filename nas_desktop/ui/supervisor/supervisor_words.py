"""The words of the supervisor workspace: pure functions from facts to text, without Qt.

Every state is told by its shape and its word; times are GMT.
"""

from __future__ import annotations

from datetime import datetime

from nas_desktop.domain.hit_life import Why
from nas_desktop.domain.spec import Spec
from nas_desktop.services.concerns import Concern, Standing
from nas_desktop.services.desks import DeskReport, DeskState, ReceiptFigures, Uncovered
from nas_desktop.services.silences import Silence, SilenceKind
from nas_desktop.ui.life_words import WHY_WORDS, who_words
from nas_desktop.ui.scope_words import scope_parts
from nas_desktop.ui.supervisor.lines import Cell, Line
from nas_desktop.ui.text import (
    NONE,
    Banner,
    Tone,
    age_words,
    duration_words,
    hop_name,
    minute_words,
    several,
)

DESK_HEADS = (
    "Desk", "Attended", "Operator", "Looks after", "Nobody has", "Oldest", "Muted", "Filter",
    "Flood", "Heard",
)  # fmt: skip
CONCERN_HEADS = ("Tier", "VRM", "Stands", "Why it is here", "Since", "Reason and list")
SILENCE_HEADS = ("What", "Where", "Who, since, until")

NOT_SEEN = "○ not seen yet"


# ------------------------------------------------------------------ desks


def desk_line(desk: DeskState, now: datetime) -> Line:
    """Return a desk as a row."""
    report = desk.report
    is_heard = desk.heard_at is not None
    waiting = sum(report.waiting.values())
    oldest = NONE
    if waiting and report.oldest_at is not None:
        oldest = age_words((now - report.oldest_at).total_seconds())
    looks_after = "all desks (supervisor)" if report.is_supervisor else scope_parts(desk.scope)
    return Line(
        desk.name,
        (
            Cell(desk.name),
            attended_cell(desk, now),
            Cell(report.operator or NONE),
            Cell(looks_after, tip=_scope_tip(desk)),
            Cell(waiting_words(report)),
            Cell(oldest),
            muted_cell(report, now),
            filter_cell(report),
            Cell("▲ flood", Tone.AMBER) if report.is_flooded else Cell(NONE),
            Cell(
                f"{age_words((now - desk.heard_at).total_seconds())} ago"
                if is_heard and desk.heard_at is not None
                else NONE
            ),
        ),
        desk,
    )


def attended_cell(desk: DeskState, now: datetime) -> Cell:
    """Return whether somebody is there, and since when."""
    since = f" since {minute_words(desk.report.since, now)}" if desk.report.since else ""
    if desk.heard_at is None:
        return Cell(NOT_SEEN, tip="It has a scope, and has never reported to this server")
    if desk.is_attended:
        return Cell(f"● attended{since}", Tone.GOOD)
    if desk.report.is_attended:
        silent = duration_words((now - desk.heard_at).total_seconds())
        return Cell(f"■ NO WORD for {silent}", Tone.RED, "Its window or its link is away")
    return Cell(f"■ NOBODY{since}", Tone.RED, "Nobody is signed in, or the desk is locked")


def _scope_tip(desk: DeskState) -> str:
    scope = desk.scope
    lines = []
    if scope.cameras:
        lines.append(f"Cameras: {', '.join(scope.cameras)}")
    lines += [
        f"Area: {c.radius_m / 1000:g} km round {c.centre.latitude:.4f}, {c.centre.longitude:.4f}"
        for c in scope.circles
    ]
    if scope.lists:
        lines.append(f"Lists: {', '.join(scope.lists)}")
    return "\n".join(lines) or "Every camera and every list"


def waiting_words(report: DeskReport) -> str:
    """Return how many vehicles nobody at a desk has taken, by tier."""
    counts = [f"{tier} {n:,}" for tier, n in sorted(report.waiting.items()) if n]
    return " · ".join(counts) or NONE


def muted_cell(report: DeskReport, now: datetime) -> Cell:
    """Return until when a desk is muted, and by whom."""
    if report.muted_until is None or report.muted_until <= now:
        return Cell(NONE)
    by = f" · {report.muted_by}" if report.muted_by else ""
    left = duration_words((report.muted_until - now).total_seconds())
    return Cell(
        f"▲ until {minute_words(report.muted_until, now)}{by}",
        Tone.AMBER,
        f"{left} left; a P1 sounds all the same",
    )


def filter_cell(report: DeskReport) -> Cell:
    """Return what a desk's filter shows, marked where a P2 may be out of sight."""
    if not report.filter:
        return Cell(NONE)
    if report.hides_urgent:
        return Cell(
            f"▲ only {report.filter}", Tone.AMBER, "A P2 may be out of sight; a P1 never is"
        )
    return Cell(f"only {report.filter}", tip="P1 and P2 are shown whatever the filter")


def attended_words(desks: tuple[DeskState, ...]) -> str:
    """Return how many desks are attended."""
    if not desks:
        return "no desk has reported yet"
    count = sum(desk.is_attended for desk in desks)
    return f"{count:,} of {len(desks):,} attended"


# ------------------------------------------------------------------ covered, balanced


def covered_words(uncovered: Uncovered, desks: tuple[DeskState, ...]) -> str:
    """Return whether every camera and every scope has an attended desk."""
    if not desks:
        return "○ No desk has reported to this server yet: hits wait for the first one"
    if not uncovered.is_any:
        return "● Covered: every camera and every scope has an attended desk"
    return f"■ NOT COVERED: {_uncovered(uncovered)}"


def _uncovered(uncovered: Uncovered) -> str:
    parts = []
    if uncovered.cameras:
        more = uncovered.cameras - len(uncovered.some)
        names = ", ".join(uncovered.some) + (f" and {more:,} more" if more > 0 else "")
        parts.append(f"{several(uncovered.cameras, 'camera')} ({names})")
    if uncovered.desks:
        noun = "the scope of" if len(uncovered.desks) == 1 else "the scopes of"
        parts.append(f"{noun} {', '.join(uncovered.desks)}")
    if uncovered.lists:
        noun = "the list" if len(uncovered.lists) == 1 else "the lists"
        parts.append(f"{noun} {', '.join(uncovered.lists)}")
    return " · ".join(parts)


def uncovered_banner(uncovered: Uncovered) -> Banner | None:
    """Return the banner for a supervisor's window, whatever workspace is in front."""
    if not uncovered.is_any:
        return None
    return Banner(
        Tone.RED,
        f"Not covered by any attended desk: {_uncovered(uncovered)}",
        "A hit there is handed to another desk after 5 s, or to nobody. Give the scope to an "
        "attended desk: Supervisor (Ctrl+5), E.",
    )


def balance_words(figures: ReceiptFigures, now: datetime) -> tuple[str, Tone]:
    """Return how hits and receipts balance, and whether they do."""
    if not figures.hits:
        return "Receipts: no hit has asked for one since the server started", Tone.QUIET
    parted = figures.receipts + figures.waiting + figures.without
    sum_words = (
        f"{several(figures.hits, 'hit')} = {several(figures.receipts, 'receipt')}"
        f" + {figures.waiting:,} waiting + {figures.without:,} without"
    )
    if parted != figures.hits:
        return f"■ RECEIPTS DO NOT BALANCE: {sum_words} (they make {parted:,})", Tone.RED
    if not figures.without:
        return f"● Receipts balance: {sum_words}", Tone.QUIET
    oldest = ""
    if figures.oldest_at is not None:
        oldest = f", the oldest for {duration_words((now - figures.oldest_at).total_seconds())}"
    return f"▲ Receipts balance: {sum_words}{oldest}", Tone.AMBER


# ------------------------------------------------------------------ missed and escalated

_MARKS = {
    Standing.WAITING: ("■", Tone.RED),
    Standing.PASSED: ("▲", Tone.AMBER),
    Standing.PARKED: ("○", Tone.QUIET),
    Standing.VOICE: ("○", Tone.QUIET),
    Standing.TAKEN: ("●", Tone.QUIET),
    Standing.CLOSED: ("●", Tone.QUIET),
}


def concern_line(concern: Concern, spec: Spec, operator: str, now: datetime) -> Line:
    """Return a vehicle of the supervisor's list as a row."""
    card = concern.card
    mark, tone = _MARKS[concern.standing]
    stands = f"{mark} {standing_words(concern, spec, operator, now)}"
    hit = card.foremost
    count = f" · {len(card.hits):,} hits" if len(card.hits) > 1 else ""
    reason = f"{hit.leading.entry.reason} · {hit.leading.list_name}{count}"
    place = hit.read.alias or str(hit.read.camera)
    return Line(
        concern.key,
        (
            Cell(str(card.tier or NONE)),
            Cell(spec.grammar.display(card.vrm), is_vrm=True),
            Cell(stands, tone),
            Cell(why_words(concern), tip=why_words(concern, is_whole=True)),
            Cell(
                minute_words(concern.since, now),
                tip=f"{duration_words((now - concern.since).total_seconds())} ago",
            ),
            Cell(reason, tip=f"{reason}\n{place}"),
        ),
        concern,
    )


def standing_words(concern: Concern, spec: Spec, operator: str, now: datetime) -> str:
    """Return who has a vehicle, or that nobody has."""
    who = who_words(concern.card, spec, operator, now)
    match concern.standing:
        case Standing.WAITING:
            return f"NOBODY HAS IT · {who}" if who else "NOBODY HAS IT"
        case Standing.VOICE:
            life = next(li for li in concern.card.lives.values() if li.voice_to)
            at = minute_words(life.voice_at or now, now)
            return f"{life.voice_to} told by voice at {at} · {life.holder or who}"
        case Standing.CLOSED:
            return f"closed: {who}"
        case _:
            return who


def why_words(concern: Concern, *, is_whole: bool = False) -> str:
    """Return why a vehicle is on the supervisor's list; the gravest reason, or all of them."""
    if not concern.why:
        return "parked" if concern.standing is Standing.PARKED else "passed by voice"
    if is_whole:
        return "\n".join(WHY_WORDS[why] for why in concern.why)
    gravest = next(why for why in _GRAVEST if why in concern.why)
    more = len(concern.why) - 1
    return WHY_WORDS[gravest] + (f" and {several(more, 'reason')} more" if more else "")


_GRAVEST = (Why.SUPERVISOR, Why.UNCOVERED, Why.REPEAT, Why.TARGET, Why.NO_RECEIPT)


def concerns_words(concerns: list[Concern], missed: int) -> str:
    """Return how many vehicles are on the list, and how many targets were missed in all."""
    waiting = sum(c.standing in (Standing.WAITING, Standing.PASSED) for c in concerns)
    return f"{waiting:,} nobody has · {len(concerns):,} listed · {missed:,} missed"


def missed_tip(missed: int, left_out: int) -> str:
    """Return what is behind the counts over the list."""
    tip = f"{several(missed, 'target')} missed since the server started."
    if left_out:
        tip += (
            f" {several(left_out, 'older vehicle')} closed and left out here: H in Live has them."
        )
    return tip


def nothing_missed(missed: int) -> str:
    """Return what stands where no vehicle is listed."""
    if missed:
        return (
            f"{several(missed, 'target')} missed since the server started, before this window was"
            " opened: H in Live shows the history."
        )
    return "Nothing was missed: every hit so far was taken in time."


# ------------------------------------------------------------------ what silences

_WHAT = {
    SilenceKind.UNCOVERED: "No attended desk",
    SilenceKind.MUTE: "Muted",
    SilenceKind.FILTER: "Filter on",
    SilenceKind.LIST_OFF: "List not matched",
    SilenceKind.LIST_GONE: "List removed",
    SilenceKind.SOURCE: "Not delivering",
    SilenceKind.PNC: "PNC",
    SilenceKind.FLOOD: "Flood: tiers folded",
}


def silence_line(silence: Silence, now: datetime) -> Line:
    """Return one thing that silences hits as a row."""
    what = _WHAT[silence.kind]
    if silence.kind is SilenceKind.PNC:
        what = "PNC: Extract only" if silence.detail else "PNC: NO MATCHING"
    where = silence.subject
    if silence.kind is SilenceKind.SOURCE:
        where = hop_name(silence.subject)
    mark, tone = ("▲", Tone.AMBER) if silence.is_urgent else ("○", Tone.QUIET)
    who = until_words(silence, now)
    detail = "" if silence.kind is SilenceKind.PNC else silence.detail
    return Line(
        (silence.kind, silence.subject),
        (
            Cell(f"{mark} {what}", tone),
            Cell(where),
            Cell(" · ".join(part for part in (detail, who) if part)),
        ),
        silence,
    )


def until_words(silence: Silence, now: datetime) -> str:
    """Return who silences, since when and until when; what has no end says so."""
    parts = [f"by {silence.by}"] if silence.by else []
    if silence.since is not None:
        parts.append(f"since {minute_words(silence.since, now)}")
    if silence.until is not None:
        left = duration_words((silence.until - now).total_seconds())
        parts.append(f"until {minute_words(silence.until, now)} ({left})")
    else:
        parts.append(_ENDS[silence.kind])
    return ", ".join(parts)


_ENDS = {
    SilenceKind.UNCOVERED: "until a desk is attended",
    SilenceKind.MUTE: "",
    SilenceKind.FILTER: "until ended there",
    SilenceKind.LIST_OFF: "until enabled",
    SilenceKind.LIST_GONE: "until loaded again",
    SilenceKind.SOURCE: "until it is back",
    SilenceKind.PNC: "until the live link is back",
    SilenceKind.FLOOD: "until it is over",
}
