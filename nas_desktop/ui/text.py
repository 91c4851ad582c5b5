"""The words of the window: pure functions from facts to text, without Qt.

Times on screen are GMT and say so. A sentence for the operator tells what happened, what it means
for them and what they can do, in that order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from nas_desktop.services.events import (
    HopState,
    HopStatus,
    NodeLost,
    NodeState,
    PncStatus,
    TestLeg,
    TestResult,
)

STALE_S = 3.0
"""A node reports every second; after three without a word its figures are called old."""

NONE = "–"
"""Stands where there is nothing to show."""


class Tone(StrEnum):
    """How loudly something is said; shape and word carry the same message."""

    QUIET = "quiet"
    GOOD = "good"
    AMBER = "amber"
    RED = "red"


# ------------------------------------------------------------------ times and figures


def clock_words(at: datetime) -> str:
    """Return a time of day: ``21:04:07``."""
    return at.astimezone(UTC).strftime("%H:%M:%S")


def moment_words(at: datetime, now: datetime) -> str:
    """Return a time of day, with its date where that is not today's (GMT)."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    if at.date() == now.date():
        return at.strftime("%H:%M:%S")
    return at.strftime("%d/%m/%Y %H:%M:%S")


def minute_words(at: datetime, now: datetime) -> str:
    """Return a time of day to the minute, with its date where that is not today's (GMT)."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    return at.strftime("%H:%M" if at.date() == now.date() else "%d/%m/%Y %H:%M")


def age_words(seconds: float) -> str:
    """Return an age: seconds, then minutes with seconds, then minutes, hours and days."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        return f"{whole // 60}:{whole % 60:02d}"
    return duration_words(whole)


def card_age_words(seconds: float) -> str:
    """Return an age for a narrow column: like ``age_words``, hours and days kept short."""
    whole = max(0, int(seconds))
    if whole < 3600:
        return age_words(whole)
    hours, minutes = divmod(whole // 60, 60)
    if hours < 24:
        return f"{hours}h {minutes:02d}m"
    return f"{hours // 24} d"


def duration_words(seconds: float) -> str:
    """Return a span in its two largest units: ``41 s``, ``18 min``, ``5 h 48 min``, ``2 d 3 h``."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def seconds_words(seconds: float | None) -> str:
    """Return a measured span: ``40 ms``, ``0.34 s``, ``12.0 s``; a dash for none."""
    if seconds is None:
        return NONE
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def tenths_words(seconds: float | None) -> str:
    """Return a figure for a glance: ``0.9 s``; a dash for none."""
    if seconds is None:
        return NONE
    return f"{seconds:.1f} s" if seconds < 60 else duration_words(seconds)


def count_words(number: float) -> str:
    """Return a whole number with separators: ``1,482``."""
    return f"{round(number):,}"


def several(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 hit``, ``2 hits``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# ------------------------------------------------------------------ the chain

_HOP_NAMES = {
    "cameras": "Cameras",
    "camera": "Cameras",
    "server": "Server",
    "force": "Server",
    "desk": "This desk",
    "desk_cameras": "Cameras here",
    "nas": "NAS",
    "national": "NAS",
    "pnc": "PNC",
}

BEYOND = frozenset({"NAS", "PNC"})
"""Hops that lie behind the server; they stand apart from the way a read takes to this desk."""

WAY = ("Cameras", "Server", "Cameras here")
"""The order in which a read passes the hops on its way to this desk."""

_STATUS_WORDS: dict[HopStatus, tuple[str, Tone]] = {
    HopStatus.LIVE: ("live", Tone.GOOD),
    HopStatus.SLOW: ("slow", Tone.AMBER),
    HopStatus.CATCHING_UP: ("catching up", Tone.AMBER),
    HopStatus.BUFFERING: ("buffering", Tone.AMBER),
    HopStatus.SILENT: ("silent", Tone.AMBER),
    HopStatus.LOST: ("lost", Tone.RED),
    HopStatus.NOT_CONFIGURED: ("not set up", Tone.QUIET),
}


@dataclass(frozen=True, slots=True)
class HopWords:
    """One hop of the chain in words: name, state, figure beside it, tone, the whole as a tip."""

    name: str
    state: str
    figure: str
    tone: Tone
    tip: str


def hop_name(name: str) -> str:
    """Return what a hop is called on screen."""
    return _HOP_NAMES.get(name.strip().lower(), name)


def hop_words(
    hop: HopState, now: datetime, report_age_s: float = 0.0, *, is_old: bool = False
) -> HopWords:
    """Return a hop in words.

    ``report_age_s`` is how long ago the node said so; ``is_old`` puts it in the past tense, because
    nothing is known of the present.
    """
    name = hop_name(hop.name)
    state, tone = _STATUS_WORDS[hop.status]
    figures: list[str] = []
    if hop.total:
        figures.append(f"{hop.live:,} of {hop.total:,}")
        if hop.status is HopStatus.LIVE:
            state = ""
        if hop.live < hop.total and tone is Tone.GOOD:
            tone = Tone.QUIET
    is_down = hop.status in (HopStatus.LOST, HopStatus.SILENT)
    if is_down:
        figures.append(f"since {moment_words(hop.since, now)}")
    elif hop.status is HopStatus.NOT_CONFIGURED:
        pass
    elif hop.age_s is not None and not hop.total:
        figures.append(tenths_words(hop.age_s + report_age_s))
    if hop.held:
        figures.append(held_words(hop, now))
    if is_old:
        state, tone = f"was {state}" if state else "were", Tone.QUIET
    return HopWords(name, state, " · ".join(figures), tone, _hop_tip(hop, name, now))


def held_words(hop: HopState, now: datetime) -> str:
    """Return what waits at a hop: how much, how old, and whether it clears."""
    words = f"{hop.held:,} waiting"
    if hop.oldest_at is not None:
        words += f", oldest {duration_words((now - hop.oldest_at).total_seconds())}"
    if hop.status is HopStatus.CATCHING_UP:
        words += f", clear in {duration_words(hop.eta_s)}" if hop.eta_s is not None else ", stuck"
    return words


def _hop_tip(hop: HopState, name: str, now: datetime) -> str:
    state = _STATUS_WORDS[hop.status][0]
    lines = [f"{name}: {state} since {moment_words(hop.since, now)} GMT"]
    if hop.age_s is not None:
        lines.append(f"Last heard {tenths_words(hop.age_s)} ago")
    if hop.held:
        lines.append(held_words(hop, now))
    if hop.round_trip_s is not None:
        lines.append(f"There and back {seconds_words(hop.round_trip_s)}")
    if hop.clock_offset_s is not None:
        lines.append(f"Clock differs by {hop.clock_offset_s:+.2f} s")
    if hop.detail:
        lines.append(hop.detail)
    return "\n".join(lines)


# ------------------------------------------------------------------ banners


@dataclass(frozen=True, slots=True)
class Banner:
    """A line over the full width: how loud, what happened, what it means and what can be done."""

    tone: Tone
    title: str
    detail: str


def lost_banner(since: datetime, now: datetime, reason: str) -> Banner:
    """Return the banner for a window without its own node."""
    why = f" ({reason.rstrip('.')})" if reason else ""
    return Banner(
        Tone.RED,
        f"No link to this desk’s node since {moment_words(since, now)} GMT{why}",
        "Nothing below is current and nothing can be acknowledged. The window keeps trying; "
        "hits missed meanwhile arrive once it is back.",
    )


def stale_banner(age_s: float) -> Banner:
    """Return the banner for a node that has stopped reporting."""
    return Banner(
        Tone.AMBER,
        f"No report from this desk’s node for {duration_words(age_s)}",
        "Figures and states above are that old. Hits may be late.",
    )


def banners_of(
    state: NodeState | None, now: datetime, age_s: float, lost: NodeLost | None
) -> list[Banner]:
    """Return every banner that holds now; a lost node makes all else hearsay."""
    if lost is not None:
        return [lost_banner(lost.at, now, lost.reason)]
    if state is None:
        return []
    old = [stale_banner(age_s)] if age_s > STALE_S else []
    return old + state_banners(state, now)


def state_banners(state: NodeState, now: datetime) -> list[Banner]:
    """Return what the node's own account calls for, worst first."""
    found: list[Banner] = []
    for hop in state.hops:
        name, since = hop_name(hop.name), moment_words(hop.since, now)
        if name == "PNC" and state.pnc.status is not PncStatus.NOT_CONFIGURED:
            continue  # the state of PNC itself says more than its hop: ``pnc_words``
        if name == "PNC" and hop.status in (HopStatus.LOST, HopStatus.SILENT):
            found.append(
                Banner(
                    Tone.RED,
                    f"No PNC matching since {since} GMT",
                    "Lists held on this desk go on matching. Check a vehicle by radio if in doubt.",
                )
            )
        elif name == "Server" and hop.status in (HopStatus.LOST, HopStatus.SILENT):
            waits = f" {held_words(hop, now)}." if hop.held else ""
            found.append(
                Banner(
                    Tone.RED,
                    f"Server {_STATUS_WORDS[hop.status][0]} since {since} GMT",
                    f"Hits come only from cameras that reach this desk.{waits} "
                    "Steps are kept here and sent later; another desk may be first.",
                )
            )
        elif name == "NAS" and hop.status in (HopStatus.LOST, HopStatus.SILENT):
            waits = f" At the server {held_words(hop, now)}." if hop.held else ""
            found.append(
                Banner(
                    Tone.AMBER,
                    f"NAS {_STATUS_WORDS[hop.status][0]} since {since} GMT",
                    f"The server goes on matching on the lists it holds.{waits}",
                )
            )
    if state.problem:
        found.append(Banner(Tone.RED, "This desk’s node has a problem", state.problem))
    if not state.is_stored:
        found.append(
            Banner(
                Tone.AMBER,
                "Nothing is kept on this desk beyond this session",
                "No keyring was found. Reads and steps are gone when the node of this desk stops.",
            )
        )
    return sorted(found, key=lambda b: b.tone is not Tone.RED)


# ------------------------------------------------------------------ empty places


def listening_words(state: NodeState | None, now: datetime) -> tuple[str, str]:
    """Return title and detail for a board without a hit."""
    if state is None:
        return "Waiting for this desk’s node", "It has not reported yet."
    cameras = next((h for h in state.hops if hop_name(h.name) == "Cameras" and h.total), None)
    parts = [several(cameras.live, "camera")] if cameras else []
    parts.append(f"{count_words(state.reads_per_s)} reads a second")
    last = "No hit yet in this session."
    if state.last_hit_at is not None:
        age = duration_words((now - state.last_hit_at).total_seconds())
        last = f"Last hit {age} ago."
    if not state.lists:
        return (
            "No list is loaded: nothing can match",
            f"Listening: {', '.join(parts)}. Load a list of vehicles of interest at the server.",
        )
    entries = sum(voi_list.entries for voi_list in state.lists)
    held = f"{several(len(state.lists), 'list')}, {several(entries, 'entry', 'entries')}."
    return "No hits", f"Listening: {', '.join(parts)}. {held} {last}"


# ------------------------------------------------------------------ connectivity test


def leg_words(leg: TestLeg) -> tuple[str, str, Tone]:
    """Return a leg of a connectivity test as name, figure and tone."""
    if leg.seconds is None:
        return leg.name, leg.detail or "no answer", Tone.RED
    words = f"{leg.seconds * 1000:,.0f} ms"
    return leg.name, f"{words} · {leg.detail}" if leg.detail else words, Tone.GOOD


def result_words(result: TestResult) -> tuple[str, Tone]:
    """Return the summary of a connectivity test."""
    total = f"{result.total_s * 1000:,.0f} ms"
    if result.is_complete:
        return f"QQ111QQQ went there and back in {total}.", Tone.GOOD
    return f"Not every leg answered within {total}. {result.detail}".strip(), Tone.RED
