"""What asks for sound, what sounds, and the words for both.

The words name tiers, actions and numbers; a vehicle is named only where ``says_vrm`` allows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nas_desktop.domain.spec import Tier
from nas_desktop.services.sound_rules import Pattern

EXERCISE = "EXERCISE "


class Cause(StrEnum):
    """Why there is a sound."""

    HIT = "hit"
    OVERDUE = "overdue"
    LATE = "late"
    SEVERAL = "several"
    BASIS = "basis"
    LINK_LOST = "link_lost"
    UNATTENDED = "unattended"


@dataclass(frozen=True, slots=True)
class Need:
    """What one card asks for; a card may ask twice, for its live hits and for its late ones.

    ``arrived_at`` is when the newest of its ``hits`` unacknowledged hits came, and ``age_s`` how
    old that was by then. Without hits only ``basis`` counts: what has become of its entry, in
    words, until somebody has seen it.
    """

    card_id: str
    tier: Tier
    action: str
    arrived_at: datetime
    hits: int = 1
    is_late: bool = False
    age_s: float = 0.0
    is_overdue: bool = False
    basis: str = ""
    is_exercise: bool = False
    vrm: str = ""


@dataclass(frozen=True, slots=True)
class Sound:
    """One thing that sounds, in words; ``is_muted`` when it is only shown."""

    cause: Cause
    pattern: Pattern
    words: str
    tier: Tier | None = None
    action: str = ""
    is_muted: bool = False
    cards: tuple[str, ...] = ()
    is_exercise: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else counts: the mute, the link of the window, who is there, whether sound comes out.

    ``says_vrm`` lets what is spoken name a vehicle.
    """

    is_muted: bool = False
    is_lost: bool = False
    is_unattended: bool = False
    is_audible: bool = True
    says_vrm: bool = False


@dataclass(frozen=True, slots=True)
class Announcement:
    """The answer: what to play now, what to speak with it, what to show, when to ask again."""

    play: Sound | None
    spoken: str
    shown: tuple[Sound, ...]
    next_at: float


# ------------------------------------------------------------------ words


def is_exercise_of(needs: Sequence[Need]) -> bool:
    """Tell whether all of it is practice; one real hit among them makes it real."""
    return bool(needs) and all(need.is_exercise for need in needs)


def exercise_mark(needs: Sequence[Need]) -> str:
    """Return what stands before the words of practice; nothing before real ones."""
    return EXERCISE if is_exercise_of(needs) else ""


def counted(needs: Iterable[Need]) -> str:
    """Return ``2 Stop, 5 Assess``."""
    counts = Counter(need.action for need in needs)
    ordered = sorted(counts, key=lambda action: (action != "Stop", action))
    return ", ".join(f"{counts[action]} {action}" for action in ordered)


def leading_action(needs: Sequence[Need]) -> str:
    """Return the action that gives the symbol: a Stop where there is one."""
    return min((need.action for need in needs), key=lambda action: action != "Stop")


def tiers_words(needs: Sequence[Need]) -> str:
    """Return the tiers, each once: ``P2``, ``P1 P2``."""
    return " ".join(sorted({need.tier.value for need in needs}))


def hits_words(needs: Sequence[Need]) -> str:
    """Return ``STOP P1``, ``3 × STOP P1`` or ``3 × P3: 1 Stop, 2 Assess``."""
    tiers = tiers_words(needs)
    if len({need.action for need in needs}) > 1:
        return f"{exercise_mark(needs)}{len(needs)} × {tiers}: {counted(needs)}"
    many = f"{len(needs)} × " if len(needs) > 1 else ""
    return f"{exercise_mark(needs)}{many}{needs[0].action.upper()} {tiers}"


def spoken_group(needs: Sequence[Need]) -> str:
    """Return the tier and the actions as they are spoken, ``P2. Stop.`` for one."""
    return f"{tiers_words(needs)}. {counted(needs) if len(needs) > 1 else needs[0].action}."


def spoken_words(needs: Sequence[Need], says_vrm: bool) -> str:
    """Return what is spoken of new hits: number and tier, the vehicle only where that is set."""
    if not needs:
        return ""
    named = f" {' '.join(needs[0].vrm)}." if says_vrm and len(needs) == 1 and needs[0].vrm else ""
    return f"{exercise_mark(needs)}{len(needs)} new. {spoken_group(needs)}{named}"
