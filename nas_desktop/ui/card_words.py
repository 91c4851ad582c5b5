"""The words of a hit: on its card and in the detail; pure functions, without Qt."""

from __future__ import annotations

from datetime import UTC, datetime

from nas_desktop.domain.camera import CameraKind
from nas_desktop.domain.hit import Hit, HitReason, MatchClass
from nas_desktop.domain.latency import Leg
from nas_desktop.domain.read import Read, ReadFlag
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.voi import Action
from nas_desktop.services.cards import Card, Group
from nas_desktop.ui.basis_words import basis_words, is_void, pnc_badge, stale_words
from nas_desktop.ui.clone_words import SHORT, clone_note, clone_of
from nas_desktop.ui.life_words import escalation_words, second_words, who_words
from nas_desktop.ui.text import NONE, duration_words, moment_words, several

GSC = "OFFICIAL-SENSITIVE"
"""Marking of everything a desk shows (domain facts 8.5)."""

GROUP_WORDS = {
    Group.UNACKNOWLEDGED: "Unacknowledged",
    Group.FLOODED: "Folded while there is a flood",
    Group.LATE: "Late lane",
    Group.EXERCISE: "Exercise: invented, send nobody",
    Group.MINE: "Mine",
    Group.IN_PROGRESS: "In progress elsewhere",
    Group.PARKED: "Parked",
    Group.CLOSED: "Closed",
    Group.POSSIBLE: "Possible misreads",
}

LEG_WORDS = {
    Leg.CAMERA: "camera",
    Leg.SERVER: "server",
    Leg.MATCH: "matched",
    Leg.PAINT: "painted",
}

_MATCH_WORDS = {
    MatchClass.EXACT: "exact match",
    MatchClass.GLYPH: "identical glyph: 0 for O or 1 for I",
    MatchClass.MISREAD: "possible misread",
    MatchClass.WILDCARD: "fits a wildcard entry",
}

_FLAG_WORDS = {
    ReadFlag.NO_FIX: "position unknown",
    ReadFlag.POSITION_INVALID: "position not credible",
    ReadFlag.POSITION_OUTSIDE_UK: "position outside the UK",
    ReadFlag.POSITION_MOVED: "camera is not where it is registered",
    ReadFlag.CLOCK_AHEAD: "camera clock ahead: age judged by receipt",
    ReadFlag.CLOCK_BEHIND: "camera clock behind: age judged by receipt",
    ReadFlag.LANE_INVALID: "lane name put right",
    ReadFlag.ALIAS_INVALID: "camera alias put right",
    ReadFlag.USERNAME_INVALID: "user name put right",
    ReadFlag.PRESET_INVALID: "preset not credible",
    ReadFlag.KIND_INVALID: "camera kind unknown, taken as fixed",
    ReadFlag.CONFIDENCE_INVALID: "confidence not credible",
    ReadFlag.MANUAL_ENTRY: "VRM typed in by hand",
    ReadFlag.BUFFERED: "held back and sent later",
    ReadFlag.IMAGE_REFUSED: "image refused",
    ReadFlag.DIGEST_INVALID: "image could not be tied to the read",
}

_KIND_WORDS = {
    CameraKind.FIXED: "fixed",
    CameraKind.MOVEABLE: "moveable",
    CameraKind.DUAL_LANE: "dual lane",
    CameraKind.CCTV: "CCTV",
    CameraKind.MOBILE: "mobile",
}


def heading_words(group: Group, size: int) -> str:
    """Return the heading of a group with its count."""
    return f"{GROUP_WORDS[group].upper()} · {size:,}"


def camera_line(read: Read) -> str:
    """Return where a read was made: alias and lane, or the camera's numbers without an alias."""
    return " · ".join(part for part in (read.alias or str(read.camera), read.lane_id) if part)


def place_line(hit: Hit) -> str:
    """Return where a card's hit was made, with the mark that invented data carries everywhere."""
    mark = "EXERCISE · " if hit.is_exercise else "SIM · " if hit.is_simulation else ""
    return f"{mark}{camera_line(hit.read)}"


def camera_facts(read: Read) -> str:
    """Return everything known of the camera."""
    return f"{camera_line(read)} · {read.camera} · {_KIND_WORDS[read.kind]}"


def reason_line(hit: Hit) -> str:
    """Return the leading reason, and where else the vehicle is listed."""
    others = dict.fromkeys(r.badge for r in hit.reasons[1:] if r.list_name != hit.leading.list_name)
    words = hit.leading.entry.reason
    if hit.leading.match_class is not MatchClass.EXACT:
        words += f" · {_MATCH_WORDS[hit.leading.match_class]}"
    return f"{words} · also {', '.join(others)}" if others else words


def late_words(hit: Hit, now: datetime) -> str:
    """Return how late a hit came: ``captured 14:02:11, arrived 14:31:40``."""
    captured = moment_words(hit.read.captured_at, now)
    return f"Late: captured {captured}, arrived {moment_words(hit.desk_received_at, now)}"


def repeats_words(card: Card) -> str:
    """Return how often the vehicle was hit on this card, and whether anybody acted."""
    if len(card.hits) < 2:
        return ""
    times = [h.read.effective_at for h in card.hits.values()]
    span = duration_words((max(times) - min(times)).total_seconds())
    words = f"{several(len(card.hits), 'hit')} in {span}"
    waiting = len(card.unacknowledged)
    if waiting == len(card.hits):
        return f"{words}, none acted on"
    return f"{words}, {waiting} new" if waiting else words


def note_of(
    card: Card, spec: Spec, operator: str, now: datetime, late_paint: str = ""
) -> tuple[str, bool]:
    """Return the note line of a card and whether it needs an eye (drawn with an amber bar).

    ``late_paint`` is what is to be said of the time it took to the screen; it is quiet.
    """
    hit = card.foremost
    basis = basis_words(hit.leading, now)
    if card.second_to is not None and not basis:
        return second_words(card.second_to), True
    clone = clone_note(card)
    said = (basis, clone, stale_words(hit) or pnc_badge(hit))
    parts: list[str] = [part for part in said if part]
    if card.second_to is not None:
        parts.append(second_words(card.second_to))
    parts += escalation_words(card, spec)
    if hit.is_late:
        parts.append(late_words(hit, now))
    who = who_words(card, spec, operator, now)
    if who:
        parts.append(who)
    repeats = repeats_words(card)
    if repeats:
        parts.append(repeats)
    if not hit.read.is_clock_trusted:
        parts.append("camera clock not trusted")
    if late_paint:
        parts.append(late_paint)
    is_urgent = (
        bool(basis or clone or stale_words(hit) or card.escalated)
        or hit.is_late
        or not hit.read.is_clock_trusted
        or (len(card.hits) > 2 and len(card.unacknowledged) == len(card.hits))
    )
    return " · ".join(parts), is_urgent


def short_note_of(card: Card, now: datetime) -> str:
    """Return what a narrow card says instead of a note that finds no room; empty for most."""
    hit = card.foremost
    if is_void(hit.leading, now):
        deed = "STOP" if hit.leading.entry.action is Action.STOP else "ACT"
        return f"DO NOT {deed}: entry gone"
    if clone_of(card) is not None:
        return SHORT
    return "CHECK BY VOICE" if stale_words(hit) else ""


def match_words(reason: HitReason, read: Read) -> str:
    """Return how read and listed VRM agree, with the camera's confidence."""
    words = _MATCH_WORDS[reason.match_class]
    if read.confidence is None:
        return f"{words}, confidence not given"
    return f"{words}, confidence {read.confidence} %"


def flag_words(read: Read) -> str:
    """Return what was remarkable about a read, in words."""
    return " · ".join(_FLAG_WORDS[flag] for flag in read.flags)


def signal_words(hit: Hit, spec: Spec) -> tuple[str, str]:
    """Return the warning signals as codes and in words, worst first; empty without any."""
    signals = sorted((spec.signal(c) for c in hit.warning_signals), key=lambda s: s.rank)
    if not signals:
        return "", ""
    texts = ", ".join(s.text for s in signals)
    return " ".join(s.code for s in signals), f"{texts[0].upper()}{texts[1:].lower()}"


def vehicle_words(reason: HitReason) -> str:
    """Return make, model and colour as listed."""
    entry = reason.entry
    model = " ".join(part for part in (entry.make, entry.model) if part)
    return " · ".join(part for part in (model, entry.colour) if part) or NONE


def list_words(reason: HitReason) -> str:
    """Return the list a reason stands on, its revision and when the entry is weeded."""
    weeds = reason.entry.weed_date.strftime("%d/%m/%Y")
    return f"{reason.list_name} · revision {reason.list_revision} · weeds {weeds}"


def contact_words(reason: HitReason) -> str:
    """Return whom to ask, with the incident number where there is one."""
    entry = reason.entry
    cad = f"CAD {entry.cad}" if entry.cad else ""
    pnc = f"PNC ID {entry.pnc_id}" if entry.pnc_id else ""
    parts = (entry.contact, entry.lea_and_area, cad, pnc)
    return " · ".join(part for part in parts if part) or NONE


def reason_words(reason: HitReason) -> str:
    """Return action and reason with the intelligence grading."""
    entry = reason.entry
    grade = f" · grading {entry.intel}" if entry.intel else ""
    return f"{entry.action.value} · {entry.reason}{grade}"


def other_reasons(hit: Hit, now: datetime) -> str:
    """Return the further reasons, one a line, with what has become of their entries."""
    return "\n".join(
        " · ".join(
            part
            for part in (
                f"{r.tier.value if r.tier else NONE} {r.entry.action.value}",
                r.entry.reason,
                f"{r.list_name}, revision {r.list_revision}",
                basis_words(r, now),
            )
            if part
        )
        for r in hit.reasons[1:]
    )


def captured_words(hit: Hit, now: datetime) -> str:
    """Return capture time with its age spelt out."""
    at = hit.read.captured_at.astimezone(UTC)
    words = f"{at:%d/%m/%Y %H:%M:%S}.{at.microsecond // 100_000} GMT"
    if not hit.read.is_clock_trusted:
        return f"{words} by the camera’s clock, which is not trusted"
    return f"{words}, arrived {moment_words(hit.desk_received_at, now)}"


def ledger_words(total_s: float, in_hand_s: float, budget_s: float, broken: Leg | None) -> str:
    """Return what is left of the latency budget, or which leg broke it."""
    if in_hand_s >= 0:
        return f"{in_hand_s:.2f} s in hand of {budget_s:.0f} s"
    over = f"{-in_hand_s:.1f} s" if -in_hand_s < 60 else duration_words(-in_hand_s)
    where = f": {LEG_WORDS[broken]} took too long" if broken else ""
    return f"{over} over the {budget_s:.0f} s budget{where}"
