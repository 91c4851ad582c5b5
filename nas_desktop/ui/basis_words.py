"""What a hit rests on, in words: where its entry comes from, how old that is, whether it stands.

An entry is judged again when it is shown: one whose window has closed is called weeded even before
the node has said so (domain facts 2.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nas_desktop.domain.hit import Basis, Hit, HitReason
from nas_desktop.domain.voi import Action, ListSource
from nas_desktop.ui.text import Tone, duration_words, minute_words

AMBER_S, RED_S = 8 * 3600, 24 * 3600
"""An Extract comes three times in 24 hours: late after 8, stale after 24 (domain facts 4)."""

VOICE_CHECKED = "PNC checked by voice. "
"""What a step's text begins with when the operator said so."""

BASIS_WORDS = {
    Basis.WITHDRAWN: "ENTRY WITHDRAWN",
    Basis.WEEDED: "ENTRY WEEDED",
    Basis.NOT_ON_PNC: "NO LONGER ON PNC",
    Basis.CHANGED: "ENTRY CHANGED",
}


@dataclass(frozen=True, slots=True)
class SourceWords:
    """Where an entry comes from, and how loudly its age is to be said."""

    words: str
    tone: Tone


def basis_of(reason: HitReason, now: datetime) -> Basis:
    """Return whether an entry stands, as the node said and as its own window says now."""
    if not reason.is_void and not reason.entry.is_active_at(now):
        return Basis.WEEDED
    return reason.basis


def is_void(reason: HitReason, now: datetime) -> bool:
    """Tell whether nobody may act on a reason any more."""
    return basis_of(reason, now) not in (Basis.STANDS, Basis.CHANGED)


def basis_words(reason: HitReason, now: datetime) -> str:
    """Return what has become of the entry and what follows from it; empty while it stands."""
    basis = basis_of(reason, now)
    if basis is Basis.STANDS:
        return ""
    since = reason.basis_at if basis is reason.basis else None
    words = BASIS_WORDS[basis]
    if since is not None:
        words += f" {minute_words(since, now)}"
    elif basis is Basis.WEEDED:
        words += f" on {reason.entry.weed_date:%d/%m/%Y}"
    if basis is Basis.CHANGED:
        return f"{words} – read it again before acting"
    deed = "stop" if reason.entry.action is Action.STOP else "act"
    return f"{words} – do not {deed} on this basis"


def extract_tone(age_s: float) -> Tone:
    """Return how loudly an Extract's age is said."""
    return Tone.RED if age_s > RED_S else Tone.AMBER if age_s > AMBER_S else Tone.QUIET


def extract_age_s(hit: Hit, reason: HitReason) -> float | None:
    """Return how old the Extract was when it matched, seconds; None for every other source."""
    if reason.source is not ListSource.PNC_EXTRACT or reason.loaded_at is None:
        return None
    return (hit.matched_at - reason.loaded_at).total_seconds()


def source_words(hit: Hit, reason: HitReason) -> SourceWords:
    """Return the source badge: ``FAST TRACK``, ``EXTRACT 5 h 48 min``, or list and revision."""
    if reason.source is ListSource.PNC_LIVE:
        return SourceWords("FAST TRACK", Tone.QUIET)
    age_s = extract_age_s(hit, reason)
    if age_s is not None:
        return SourceWords(f"EXTRACT {duration_words(age_s)}", extract_tone(age_s))
    if reason.source is ListSource.PNC_EXTRACT:
        return SourceWords("EXTRACT, age unknown", Tone.AMBER)
    return SourceWords(f"{reason.list_name} · rev {reason.list_revision}", Tone.QUIET)


def pnc_badge(hit: Hit) -> str:
    """Return the source badge of a hit that rests on PNC; empty for lists."""
    if hit.leading.source in (ListSource.PNC_LIVE, ListSource.PNC_EXTRACT):
        return source_words(hit, hit.leading).words
    return ""


def needs_voice_check(hit: Hit) -> bool:
    """Tell whether a Stop rests on an Extract so old that PNC is to be asked by voice first."""
    reason = hit.leading
    if reason.entry.action is not Action.STOP or reason.source is not ListSource.PNC_EXTRACT:
        return False
    age_s = extract_age_s(hit, reason)
    return age_s is None or age_s > AMBER_S


def stale_words(hit: Hit) -> str:
    """Return what an old Extract asks for; empty for a fresh one and every other source."""
    age_s = extract_age_s(hit, hit.leading)
    if age_s is None or age_s <= AMBER_S:
        return ""
    stale = "PNC DATA STALE, " if age_s > RED_S else ""
    return f"{stale}EXTRACT {duration_words(age_s)} – check with PNC by voice"


def clone_words(hit: Hit) -> str:
    """Return where register and entry speak of different vehicles; empty where they agree."""
    if not hit.clone_hints or hit.mmc is None:
        return ""
    register, entry = hit.mmc, hit.leading.entry
    said = [
        " ".join(part for part in (one.colour, one.make, one.model) if part).upper()
        for one in (register, entry)
    ]
    return f"Register says {said[0]}, entry says {said[1]}: possible clone"
