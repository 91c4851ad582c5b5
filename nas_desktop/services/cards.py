"""What stands on the hit board: cards, headings, and who is told of changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import NewType, Protocol

from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_life import DecidedStep, HitLife, HitState, Why
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.vrm import TEST, Vrm

CardId = NewType("CardId", str)
"""The VRM of the vehicle, with an episode number behind it once it was closed and seen again.

That of a possible misread begins with ``~``, which no VRM holds.
"""


POSSIBLE_MARK = "~"


class Group(IntEnum):
    """The parts of the board, top to bottom.

    ``FLOODED`` are lower tiers folded into a count while there is a flood, ``LATE`` the late lane.
    ``EXERCISE`` holds the invented card of an exercise, whatever was done about it: it counts
    nowhere, and no real card stands below it that waits.
    ``POSSIBLE`` misreads are apart from the feed: their cards never stand in another group.
    """

    UNACKNOWLEDGED = 0
    FLOODED = 1
    LATE = 2
    EXERCISE = 3
    MINE = 4
    IN_PROGRESS = 5
    PARKED = 6
    CLOSED = 7
    POSSIBLE = 8


WAITING = frozenset({Group.UNACKNOWLEDGED, Group.FLOODED, Group.LATE})
"""Groups of cards that nobody has taken."""

FOLDING = frozenset({Group.FLOODED, Group.POSSIBLE})
"""Groups that are one heading with a count until somebody opens them."""


@dataclass(slots=True)
class Card:
    """One vehicle: its hits, newest last, and what was done about them; ``desk`` is where."""

    card_id: CardId
    vrm: Vrm
    hits: dict[HitId, Hit] = field(default_factory=dict)
    lives: dict[HitId, HitLife] = field(default_factory=dict)
    second_to: DecidedStep | None = None
    desk: str = ""

    @property
    def is_possible(self) -> bool:
        """True for a card of possible misreads; it counts nowhere but under its own heading."""
        return self.card_id.startswith(POSSIBLE_MARK)

    @property
    def is_exercise(self) -> bool:
        """True for the invented card of an exercise; it counts nowhere."""
        return self.vrm == TEST

    @property
    def newest(self) -> Hit:
        """The hit with the latest capture."""
        return max(self.hits.values(), key=lambda h: (h.read.effective_at, h.hit_id))

    @property
    def foremost(self) -> Hit:
        """The hit shown: the highest tier of those nobody took, else of all; then the newest."""
        if len(self.hits) == 1:  # as most cards have
            return next(iter(self.hits.values()))
        open_hits = [self.hits[hit_id] for hit_id in self.unacknowledged]
        return min(
            open_hits or self.hits.values(),
            key=lambda h: (self.rank_of(h), -h.read.effective_at.timestamp(), h.hit_id),
        )

    def rank_of(self, hit: Hit) -> int:
        """Return the rank of a hit's tier as it was raised; 9 without a tier."""
        tier, raised = hit.tier, self.lives[hit.hit_id].raised_to
        return min(t.rank for t in (tier, raised) if t) if tier or raised else 9

    @property
    def tier(self) -> Tier | None:
        """The highest tier of the hits that are not closed, as raised; of all once all are."""
        rank = self.rank
        return None if rank == 9 else Tier(f"P{rank}")

    @property
    def rank(self) -> int:
        """The rank of the card's tier; a hit of a lower tier never lowers it. 9 without a tier."""
        open_hits = [self.hits[i] for i, life in self.lives.items() if not life.is_final]
        return min(map(self.rank_of, open_hits or self.hits.values()))

    @property
    def unacknowledged(self) -> tuple[HitId, ...]:
        """Hits that wait at this desk; what an acknowledgement of the card covers."""
        return tuple(i for i, life in self.lives.items() if life.waits_at(self.desk))

    @property
    def escalated(self) -> tuple[Why, ...]:
        """Why the supervisor was told of hits that nobody has taken, each reason once."""
        lives = (life for life in self.lives.values() if life.is_unacknowledged)
        return tuple(dict.fromkeys(why for life in lives for why in life.escalated))

    @property
    def parked_until(self) -> datetime | None:
        """When the parking of the card ends, the earliest of its hits; None without any."""
        return min((li.parked_until for li in self.lives.values() if li.parked_until), default=None)

    @property
    def life(self) -> HitLife:
        """The furthest any hit of the card has come: who has it, what was done."""
        order = list(HitState)
        return max(
            self.lives.values(),
            key=lambda life: (
                order.index(life.state),
                life.acknowledged_at.timestamp() if life.acknowledged_at else 0.0,
            ),
        )

    @property
    def is_closed(self) -> bool:
        """True when every hit of the card has an outcome."""
        return all(li.state in (HitState.CLOSED, HitState.MISREAD) for li in self.lives.values())

    def group_for(self, operator: str) -> Group:
        """Return where the card belongs on this operator's board."""
        if self.is_possible:
            return Group.POSSIBLE
        if self.is_exercise:
            return Group.EXERCISE
        waiting = self.unacknowledged
        if waiting:
            is_late = all(self.hits[hit_id].is_late for hit_id in waiting)
            return Group.LATE if is_late else Group.UNACKNOWLEDGED
        if self.is_closed:
            return Group.CLOSED
        working = [li for li in self.lives.values() if li.state in _WORKING]
        if any(life.holder == operator for life in working):
            return Group.MINE
        if not working and any(li.state is HitState.PARKED for li in self.lives.values()):
            return Group.PARKED
        return Group.IN_PROGRESS


_WORKING = frozenset({HitState.ACKNOWLEDGED, HitState.ACTIONED})


@dataclass(frozen=True, slots=True)
class Heading:
    """The row above the cards of a group."""

    group: Group


Row = Card | Heading


def is_in_feed(hit: Hit) -> bool:
    """Tell whether a hit belongs among the live ones: a reason has a tier, void or not.

    What was shown as live stays there when its entry is withdrawn, so that it can say so.
    """
    return any(reason.tier is not None for reason in hit.reasons)


class BoardListener(Protocol):
    """Told before and after each change; positions count headings and cards alike."""

    def inserting(self, at: int) -> None: ...
    def inserted(self) -> None: ...
    def removing(self, at: int) -> None: ...
    def removed(self) -> None: ...
    def moving(self, source: int, target: int) -> None:
        """``target`` is the position after the row has left its old place."""

    def moved(self) -> None: ...
    def changed(self, at: int) -> None: ...
    def resetting(self) -> None: ...
    def reset(self) -> None: ...


class NobodyListens:
    """Stands in until a model attaches."""

    def inserting(self, at: int) -> None:
        """Nothing to tell."""

    def inserted(self) -> None:
        """Nothing to tell."""

    def removing(self, at: int) -> None:
        """Nothing to tell."""

    def removed(self) -> None:
        """Nothing to tell."""

    def moving(self, source: int, target: int) -> None:
        """Nothing to tell."""

    def moved(self) -> None:
        """Nothing to tell."""

    def changed(self, at: int) -> None:
        """Nothing to tell."""

    def resetting(self) -> None:
        """Nothing to tell."""

    def reset(self) -> None:
        """Nothing to tell."""
