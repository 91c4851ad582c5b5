"""The words of a pair of reads that one vehicle cannot have made; pure functions, without Qt."""

from __future__ import annotations

from datetime import datetime

from nas_desktop.domain.clone import Rival
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import FINAL
from nas_desktop.domain.read import Read
from nas_desktop.services.cards import Card
from nas_desktop.ui.basis_words import basis_words
from nas_desktop.ui.text import duration_words, moment_words

SHORT = "POSSIBLE CLONE"
"""What a narrow card says."""


EXERCISE_WORDS = "EXERCISE: send nobody, call nobody. Nothing of this leaves the desk."
"""What stands above an exercise wherever something could be done about it."""


def clone_of(card: Card) -> Hit | None:
    """Return the hit of a card whose pair is shown: the one shown, else the newest open one."""
    if card.foremost.rival is not None:
        return card.foremost
    marked = (
        hit
        for hit_id, hit in card.hits.items()
        if hit.rival is not None and card.lives[hit_id].state not in FINAL
    )
    return max(marked, key=lambda h: (h.read.effective_at, h.hit_id), default=None)


def clone_note(card: Card) -> str:
    """Return the note of a card: how far apart, how soon, how fast; empty without a pair."""
    hit = clone_of(card)
    if hit is None or hit.rival is None:
        return ""
    return f"Possible clone: {_apart(hit.rival)} (≥ {mph_words(hit.rival)})"


def head_words(rival: Rival) -> str:
    """Return what is the matter with a pair."""
    return f"Possible clone or misread: {_apart(rival)}"


def speed_words(rival: Rival) -> str:
    """Return what one vehicle would have needed, and what follows."""
    return (
        f"One vehicle needs at least {mph_words(rival)}, allowing for clock and position error. "
        "Compare both before a stop is asked for."
    )


def side_words(read: Read, other: Read | None = None) -> str:
    """Return which of the two reads this is: with ``other`` the rival, and how it lies to it."""
    if other is None:
        return "This hit"
    seconds = (read.effective_at - other.effective_at).total_seconds()
    if abs(seconds) < 1:
        return "Other read · same second"
    return f"Other read · {duration_words(abs(seconds))} {'later' if seconds > 0 else 'earlier'}"


def time_words(read: Read, now: datetime) -> str:
    """Return when a read was made, and how far that is to be believed."""
    words = f"{moment_words(read.effective_at, now)} GMT"
    return words if read.is_clock_trusted else f"{words} on receipt, camera clock not trusted"


def mph_words(rival: Rival) -> str:
    """Return the least speed of one vehicle, rounded down: ``319 mph``."""
    return f"{int(rival.mph):,} mph"


def deploy_warning(card: Card, now: datetime, *, may_deploy: bool) -> str:
    """Return what is said above the choices: a basis that is gone, and where somebody may be sent
    out a possible clone."""  # noqa: D205, D209
    hit = clone_of(card) if may_deploy else None
    clone = EXERCISE_WORDS if card.is_exercise else ""
    if hit is not None and hit.rival is not None:
        clone = f"≠ {head_words(hit.rival)}. {speed_words(hit.rival)}"
    return "\n".join(part for part in (basis_words(card.foremost.leading, now), clone) if part)


def _apart(rival: Rival) -> str:
    km = rival.distance_m / 1000
    far = f"{int(km):,}" if km >= 10 else f"{int(km * 10) / 10}"
    soon = "the same second" if rival.seconds < 1 else duration_words(rival.seconds)
    return f"2 reads {far} km apart in {soon}"
