"""PNC in words: the banner over the window and the chip in the chain (domain facts 4)."""

from __future__ import annotations

from datetime import datetime

from nas_desktop.services.events import HopState, NodeLost, NodeState, PncState, PncStatus
from nas_desktop.ui.basis_words import extract_tone
from nas_desktop.ui.supervisor.supervisor_words import uncovered_banner
from nas_desktop.ui.text import (
    NONE,
    STALE_S,
    Banner,
    HopWords,
    Tone,
    banners_of,
    duration_words,
    hop_words,
    minute_words,
    moment_words,
    several,
)

SHOWN = 3
"""Banners that stand in full; what is left is named in the last of them."""


def window_banners(
    state: NodeState | None,
    now: datetime,
    age_s: float,
    lost: NodeLost | None,
    *,
    supervises: bool = False,
) -> list[Banner]:
    """Return every banner that holds now, PNC included, the red ones first.

    What no attended desk looks after is said to whoever ``supervises``.
    """
    found = banners_of(state, now, age_s, lost)
    if state is not None and lost is None:
        alone = uncovered_banner(state.uncovered) if supervises and state.desks else None
        if alone is not None:
            found.insert(0, alone)
        banner = pnc_banner(state.pnc, now)
        if banner is not None:
            # News that are old are said before what they say.
            found.insert(1 if age_s > STALE_S else 0, banner)
            found.sort(key=lambda b: b.tone is not Tone.RED)
    if len(found) <= SHOWN:
        return found
    more = "; ".join(banner.title for banner in found[SHOWN:])
    last = found[SHOWN - 1]
    return [*found[: SHOWN - 1], Banner(last.tone, last.title, f"{last.detail} Also: {more}.")]


def pnc_banner(pnc: PncState, now: datetime) -> Banner | None:
    """Return the banner that the state of PNC calls for, if any."""
    match pnc.status:
        case PncStatus.EXTRACT:
            return _extract_banner(pnc, now)
        case PncStatus.NO_MATCHING:
            since = f" since {minute_words(pnc.since, now)} GMT" if pnc.since else ""
            return Banner(
                Tone.RED,
                "NO PNC MATCHING",
                f"No live link and no Extract{since}; local lists still match. Check a vehicle "
                f"by voice if in doubt.{_unchecked(pnc)}",
            )
        case PncStatus.LIVE if pnc.unchecked:
            return Banner(
                Tone.AMBER,
                f"PNC back: {several(pnc.unchecked, 'read')} of the gap still to be checked, "
                f"{several(pnc.corrections, 'correction')}",
                "Hits are corrected as the answers come; nothing is taken away.",
            )
        case _:
            return None


def _extract_banner(pnc: PncState, now: datetime) -> Banner:
    since = f" since {minute_words(pnc.since, now)} GMT" if pnc.since else ""
    link = f"PNC live link away{since}"
    if pnc.extract_at is None:
        return Banner(Tone.AMBER, link, "Reads are matched against an Extract of unknown age.")
    age_s = (now - pnc.extract_at).total_seconds()
    matched = (
        f"Reads are matched against the Extract of {minute_words(pnc.extract_at, now)} "
        f"({duration_words(age_s)} old).{_unchecked(pnc)}"
    )
    if extract_tone(age_s) is Tone.RED:
        return Banner(
            Tone.RED,
            f"PNC DATA STALE: the Extract is {duration_words(age_s)} old",
            f"{link}. {matched} Check a Stop with PNC by voice.",
        )
    late = " Check a Stop with PNC by voice." if extract_tone(age_s) is Tone.AMBER else ""
    return Banner(Tone.AMBER, link, f"{matched}{late}")


def _unchecked(pnc: PncState) -> str:
    if not pnc.unchecked:
        return ""
    return f" {several(pnc.unchecked, 'read')} to be checked once it is back."


def pnc_hop_words(pnc: PncState, hop: HopState, now: datetime, age_s: float) -> HopWords:
    """Return the chip of PNC in the chain."""
    usual = hop_words(hop, now, age_s)
    lines = [usual.tip]
    if pnc.extract_at is not None:
        lines.append(f"Extract loaded {moment_words(pnc.extract_at, now)} GMT")
    if pnc.corrections:
        lines.append(several(pnc.corrections, "correction") + " since this node started")
    tip = "\n".join(lines)
    age = NONE
    if pnc.extract_at is not None:
        age = duration_words((now - pnc.extract_at).total_seconds())
    match pnc.status:
        case PncStatus.LIVE:
            figure = f"{pnc.unchecked:,} to check" if pnc.unchecked else ""
            return HopWords("PNC", "LIVE", figure, Tone.AMBER if figure else Tone.GOOD, tip)
        case PncStatus.EXTRACT:
            is_stale = pnc.extract_at is not None and (
                extract_tone((now - pnc.extract_at).total_seconds()) is Tone.RED
            )
            return HopWords("PNC", "EXTRACT", age, Tone.RED if is_stale else Tone.AMBER, tip)
        case PncStatus.NO_MATCHING:
            return HopWords("PNC", "NO MATCHING", "", Tone.RED, tip)
        case _:
            return usual
