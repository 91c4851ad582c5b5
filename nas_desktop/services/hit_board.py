"""The hit board: one card a vehicle, in the order an operator works through them.

Toolkit-free. A listener is told before and after every change, in the pairs that a list model
needs. Order: group, then tier, then newest; a board after any sequence of events equals one built
from the same events in one go (tested as a property).

A card that the operator acts on keeps its place until ``release`` is called, so that nothing moves
under the hand that works on it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from math import inf

from nas_desktop.domain.errors import StepRefused
from nas_desktop.domain.hit import (
    DecidedStep,
    Hit,
    HitId,
    HitLife,
    HitState,
    StepKind,
    apply_step,
)
from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.cards import (
    BoardListener,
    Card,
    CardId,
    Group,
    Heading,
    NobodyListens,
    Row,
)

MAX_CARDS = 5_000
"""Most cards kept live; beyond it closed ones leave, oldest first (architecture, hit desk)."""


_Key = tuple[int, int, int, float, str]


class HitBoard:
    """Cards in order, with counters per tier; single-threaded.

    Args:
        spec: the specification's tables, for applying steps.
        operator: whose board it is; decides what *mine* means. May be set later.
        max_cards: bound on live cards.
    """

    def __init__(self, spec: Spec, operator: str = "", max_cards: int = MAX_CARDS) -> None:
        self._spec = spec
        self._operator = operator
        self._max_cards = max_cards
        self._cards: dict[CardId, Card] = {}
        self._card_of_hit: dict[HitId, CardId] = {}
        self._open_card: dict[Vrm, CardId] = {}
        self._keys: list[_Key] = []
        self._key_of: dict[str, _Key] = {}
        self._sizes: dict[Group, int] = dict.fromkeys(Group, 0)
        self._steps: dict[HitId, dict[bytes, DecidedStep]] = {}
        self._gone: set[HitId] = set()
        self._held: CardId | None = None
        self._listener: BoardListener = NobodyListens()
        self.dropped_closed = 0

    # ------------------------------------------------------------------ reading

    def attach(self, listener: BoardListener) -> None:
        """Tell this listener of every change from now on; one listener at a time."""
        self._listener = listener

    @property
    def operator(self) -> str:
        """Whose board it is."""
        return self._operator

    def __len__(self) -> int:
        return len(self._keys)

    def row(self, at: int) -> Row:
        """Return the heading or the card at a position."""
        key = self._keys[at]
        if key[1] == 0:
            return Heading(Group(key[0]))
        return self._cards[CardId(key[4])]

    def position_of(self, card_id: CardId) -> int | None:
        """Return where a card stands, or None when it is not on the board."""
        key = self._key_of.get(card_id)
        return None if key is None else bisect_left(self._keys, key)

    def card(self, card_id: CardId) -> Card | None:
        """Return a card by its id."""
        return self._cards.get(card_id)

    def card_of_hit(self, hit_id: HitId) -> Card | None:
        """Return the card that a hit lies on."""
        card_id = self._card_of_hit.get(hit_id)
        return None if card_id is None else self._cards[card_id]

    def size(self, group: Group) -> int:
        """Return how many cards stand in a group."""
        return self._sizes[group]

    def count(self, group: Group) -> int:
        """Return how many cards belong to a group; one that is held counts where it will go."""
        shown, belongs = self._held_groups()
        return self._sizes[group] - (shown is group) + (belongs is group)

    @property
    def cards(self) -> Iterable[Card]:
        """All cards, in no order."""
        return self._cards.values()

    def unacknowledged_by_tier(self) -> dict[Tier, int]:
        """Return the number of cards per tier that nobody has taken."""
        group = int(Group.UNACKNOWLEDGED)
        ends = [bisect_left(self._keys, (group, 1, tier.rank + 1, -inf, "")) for tier in Tier]
        first = bisect_left(self._keys, (group, 1, 0, -inf, ""))
        counts = {t: end - at for t, at, end in zip(Tier, [first, *ends], ends, strict=False)}
        shown, _belongs = self._held_groups()
        if shown is Group.UNACKNOWLEDGED and self._held is not None:
            counts[Tier(f"P{self._key_of[self._held][2]}")] -= 1
        return counts

    def _held_groups(self) -> tuple[Group | None, Group | None]:
        """Return where the held card stands and where it belongs, when these are two places."""
        card = None if self._held is None else self._cards.get(self._held)
        if card is None:
            return None, None
        shown, belongs = Group(self._key_of[card.card_id][0]), card.group_for(self._operator)
        return (None, None) if shown is belongs else (shown, belongs)

    def late_count(self) -> int:
        """Return the number of unacknowledged cards whose newest hit arrived late."""
        end = self._end_of(Group.UNACKNOWLEDGED)
        return sum(
            1
            for key in self._keys[:end]
            if key[1] == 1 and self._cards[CardId(key[4])].newest.is_late
        )

    # ------------------------------------------------------------------ changing

    def set_operator(self, operator: str) -> None:
        """Say whose board it is; every card finds its group anew."""
        if operator == self._operator:
            return
        self._operator = operator
        for card in self._cards.values():
            card.second_to = None
            for hit_id in card.hits:
                self._note_second(card, hit_id)
        self._rebuild()

    def load(self, hits: Iterable[Hit], steps: Iterable[DecidedStep]) -> None:
        """Take in a long history at once, with one reset instead of one change a card."""
        listener, self._listener = self._listener, NobodyListens()
        listener.resetting()
        try:
            for hit in hits:
                self.raise_hit(hit)
            for step in steps:
                self.apply(step)
        finally:
            # Whatever went wrong, the model hears of everything from here on.
            self._listener = listener
            listener.reset()

    def raise_hit(self, hit: Hit) -> Card | None:
        """Put a hit on its vehicle's card; returns the card, or None for ``No Alert`` hits.

        A hit that is already there gains what reasons it lacked. A hit of a vehicle whose card is
        closed opens a new card. A hit whose card had to leave the board does not come back.
        """
        if hit.tier is None or hit.hit_id in self._gone:
            return None
        known = self._card_of_hit.get(hit.hit_id)
        if known is not None:
            card = self._cards[known]
            card.hits[hit.hit_id] = card.hits[hit.hit_id].with_reasons(hit.reasons)
            self._place(card)
            return card
        card_id = self._open_card.get(hit.read.vrm)
        if card_id is None or self._cards[card_id].is_closed:
            card_id = self._new_card_id(hit.read.vrm)
            self._cards[card_id] = Card(card_id, hit.read.vrm)
            self._open_card[hit.read.vrm] = card_id
        card = self._cards[card_id]
        card.hits[hit.hit_id] = hit
        card.lives[hit.hit_id] = self._life_of(hit.hit_id)
        self._card_of_hit[hit.hit_id] = card_id
        self._note_second(card, hit.hit_id)
        self._place(card)
        self._drop_oldest_closed()
        return card

    def apply(self, decided: DecidedStep) -> Card | None:
        """Apply a decided step; one for a hit not seen yet waits for it. Repeats are harmless.

        Steps may come in any order: live ones overtake those of the backlog.
        """
        hit_id = decided.step.hit_id
        card = self.card_of_hit(hit_id)
        if hit_id in self._gone:
            return None
        known = self._steps.setdefault(hit_id, {})
        before = known.get(decided.step.step_id)
        if before is not None and (decided.is_provisional or not before.is_provisional):
            return card  # a repeat, or our own verdict behind the final one
        known[decided.step.step_id] = decided
        if card is not None:
            card.lives[hit_id] = self._life_of(hit_id)
            self._note_second(card, hit_id)
            self._place(card)
        return card

    def hold(self, card_id: CardId) -> None:
        """Keep a card where it stands until it is released, whatever happens to it.

        One card at a time: the one held before moves to where it belongs.
        """
        if card_id != self._held:
            self.release()
            self._held = card_id if card_id in self._cards else None

    def release(self) -> None:
        """Let the held card move to where it belongs."""
        held, self._held = self._held, None
        if held is not None and held in self._cards:
            self._place(self._cards[held])

    # ------------------------------------------------------------------ inside

    def _new_card_id(self, vrm: Vrm) -> CardId:
        base, episode = str(vrm), 1
        while CardId(f"{base}#{episode}" if episode > 1 else base) in self._cards:
            episode += 1
        return CardId(f"{base}#{episode}" if episode > 1 else base)

    def _life_of(self, hit_id: HitId) -> HitLife:
        """What was decided for good, in the order it was decided, then what this desk did alone."""
        life = HitLife()
        steps = self._steps.get(hit_id, {})
        for decided in sorted(steps.values(), key=_order):
            if decided.is_accepted:
                life = self._after(life, decided)
            elif decided.refusal == "second" and decided.first_by and life.is_unacknowledged:
                # The verdict names the winner before the winner's own step has come.
                life = replace(
                    life,
                    state=HitState.ACKNOWLEDGED,
                    acknowledged_by=decided.first_by,
                    acknowledged_at=decided.first_at or decided.decided_at,
                )
        return life

    def _after(self, life: HitLife, decided: DecidedStep) -> HitLife:
        step = decided.step
        try:
            return apply_step(life, step, self._spec)
        except StepRefused as refusal:
            if decided.is_provisional or refusal.code != "not_acknowledged":
                return life
        # Accepted for good, so somebody had taken the hit, and that step has not come here: a
        # window may see a history with a hole in it.
        taken = replace(step, kind=StepKind.ACKNOWLEDGE, code="", text="")
        return self._after(apply_step(life, taken, self._spec), decided)

    def _note_second(self, card: Card, hit_id: HitId) -> None:
        """Remember that this operator came second to a hit of the card."""
        for decided in self._steps.get(hit_id, {}).values():
            if (
                not decided.is_accepted
                and decided.refusal == "second"
                and decided.step.operator == self._operator
                and (card.second_to is None or card.second_to.decided_at <= decided.decided_at)
            ):
                card.second_to = decided

    def _key(self, card: Card) -> _Key:
        shown = card.foremost
        return (
            int(card.group_for(self._operator)),
            1,
            shown.tier.rank if shown.tier else 9,
            -card.newest.read.effective_at.timestamp(),
            card.card_id,
        )

    def _place(self, card: Card) -> None:
        old = self._key_of.get(card.card_id)
        new = self._key(card) if card.card_id != self._held or old is None else old
        if old is None:
            self._insert(card.card_id, new)
        elif old == new:
            self._listener.changed(bisect_left(self._keys, old))
            if card.card_id == self._held:
                self._heading_changed(Group(old[0]))
        else:
            self._move(card.card_id, old, new)

    def _insert(self, card_id: CardId, key: _Key) -> None:
        self._make_heading(Group(key[0]))
        self._sizes[Group(key[0])] += 1
        at = bisect_left(self._keys, key)
        self._listener.inserting(at)
        self._keys.insert(at, key)
        self._key_of[card_id] = key
        self._listener.inserted()
        self._heading_changed(Group(key[0]))

    def _move(self, card_id: CardId, old: _Key, new: _Key) -> None:
        old_group, new_group = Group(old[0]), Group(new[0])
        if old_group is not new_group:
            self._make_heading(new_group)
        source = bisect_left(self._keys, old)
        target = bisect_left(self._keys, new)
        target -= target > source
        if source == target:
            self._keys[source] = new
            self._key_of[card_id] = new
            self._listener.changed(source)
        else:
            self._listener.moving(source, target)
            del self._keys[source]
            self._keys.insert(target, new)
            self._key_of[card_id] = new
            self._listener.moved()
            self._listener.changed(target)
        if old_group is not new_group:
            self._sizes[old_group] -= 1
            self._sizes[new_group] += 1
            self._drop_heading(old_group)
            self._heading_changed(old_group)
            self._heading_changed(new_group)

    def _remove(self, card: Card) -> None:
        key = self._key_of.pop(card.card_id)
        at = bisect_left(self._keys, key)
        # Counted before the change, so that the heading reads the same on either side of it.
        self._sizes[Group(key[0])] -= 1
        self._listener.removing(at)
        del self._keys[at]
        del self._cards[card.card_id]
        for hit_id in card.hits:
            del self._card_of_hit[hit_id]
            self._steps.pop(hit_id, None)
            self._gone.add(hit_id)
        if self._open_card.get(card.vrm) == card.card_id:
            del self._open_card[card.vrm]
        self._listener.removed()
        self._drop_heading(Group(key[0]))
        self._heading_changed(Group(key[0]))

    def _heading_key(self, group: Group) -> _Key:
        return (int(group), 0, 0, 0.0, "")

    def _make_heading(self, group: Group) -> None:
        if self._sizes[group] == 0:
            key = self._heading_key(group)
            at = bisect_left(self._keys, key)
            self._listener.inserting(at)
            self._keys.insert(at, key)
            self._listener.inserted()

    def _drop_heading(self, group: Group) -> None:
        if self._sizes[group] == 0:
            at = bisect_left(self._keys, self._heading_key(group))
            self._listener.removing(at)
            del self._keys[at]
            self._listener.removed()

    def _heading_changed(self, group: Group) -> None:
        if self._sizes[group]:
            self._listener.changed(bisect_left(self._keys, self._heading_key(group)))

    def _end_of(self, group: Group) -> int:
        return bisect_left(self._keys, (int(group) + 1, 0, 0, 0.0, ""))

    def _drop_oldest_closed(self) -> None:
        while len(self._cards) > self._max_cards and self._sizes[Group.CLOSED]:
            start = self._end_of(Group.IN_PROGRESS)
            closed = [k for k in self._keys[start:] if k[1] == 1 and k[4] != self._held]
            if not closed:
                return
            oldest = max(closed, key=lambda k: k[3])
            self._remove(self._cards[CardId(oldest[4])])
            self.dropped_closed += 1

    def _rebuild(self) -> None:
        self._listener.resetting()
        self._keys.clear()
        self._key_of.clear()
        self._sizes = dict.fromkeys(Group, 0)
        for card in self._cards.values():
            key = self._key(card)
            group = Group(key[0])
            if self._sizes[group] == 0:
                insort(self._keys, self._heading_key(group))
            self._sizes[group] += 1
            insort(self._keys, key)
            self._key_of[card.card_id] = key
        self._listener.reset()


_KINDS = list(StepKind)


def _order(decided: DecidedStep) -> tuple[bool, datetime, int]:
    # ASSUMES that the clock of the node that decides does not go back between two steps of a hit.
    return (decided.is_provisional, decided.decided_at, _KINDS.index(decided.step.kind))
