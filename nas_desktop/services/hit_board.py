"""The hit board: one card a vehicle, in the order an operator works through them.

Toolkit-free; the rows and who is told of them are ``board_rows``. Order: group, then tier, then
newest; a board after any sequence of events equals one built from the same events in one go
(tested as a property).

Possible misreads have a group of their own at the foot, folded away until somebody opens it. They
count nowhere else, and a hit that gains a real reason leaves it for the live groups. In a flood the
lower tiers fold into a group of their own too; a Stop never does.

Hits outside the desk's scope wait aside until they are handed to it; what a filter hides is
counted.

A card that the operator acts on keeps its place until ``release`` is called, so that nothing moves
under the hand that works on it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable

from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_life import DecidedStep
from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.domain.voi import Action
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.board_filter import BoardFilter
from nas_desktop.services.board_rows import BoardRows, RowKey
from nas_desktop.services.cards import (
    FOLDING,
    POSSIBLE_MARK,
    WAITING,
    Card,
    CardId,
    Group,
    Heading,
    NobodyListens,
    Row,
    is_in_feed,
)
from nas_desktop.services.hit_lives import HitLives

MAX_CARDS = 5_000
"""Most cards kept live; beyond it closed ones leave, oldest first (architecture, hit desk)."""


MAX_ASIDE = 20_000
"""Most hits outside the scope that are kept in case they are handed on, newest first."""


class HitBoard(BoardRows):
    """Cards in order, with counters per tier; single-threaded.

    Args:
        spec: the specification's tables, for applying steps.
        operator: whose board it is; decides what *mine* means. May be set later.
        max_cards: bound on live cards.
    """

    def __init__(self, spec: Spec, operator: str = "", max_cards: int = MAX_CARDS) -> None:
        super().__init__()
        self._operator = operator
        self._max_cards = max_cards
        self._cards: dict[CardId, Card] = {}
        self._card_of_hit: dict[HitId, CardId] = {}
        self._open_card: dict[Vrm, CardId] = {}
        self._lives = HitLives(spec)
        self._gone: set[HitId] = set()
        self._folded: dict[CardId, Group] = {}
        self._unfolded: set[Group] = set()
        self._hidden: set[CardId] = set()
        self._waiting: dict[CardId, Tier] = {}
        self._aside: OrderedDict[HitId, Hit] = OrderedDict()
        self._scope: DeskScope | None = None
        self._desk = ""
        self._chosen: CardId | None = None
        self._held: CardId | None = None
        self._is_loading = False
        self.filter = BoardFilter()
        self.is_flooded = False
        self.before_flood: frozenset[CardId] = frozenset()
        self._folds = frozenset(Tier(tier) for tier in spec.desk.flood.folds)
        self.dropped_closed = 0

    # ------------------------------------------------------------------ reading

    @property
    def operator(self) -> str:
        """Whose board it is."""
        return self._operator

    def row(self, at: int) -> Row:
        """Return the heading or the card at a position."""
        key = self._keys[at]
        if key[1] == 0:
            return Heading(Group(key[0]))
        return self._cards[CardId(key[4])]

    def card(self, card_id: CardId) -> Card | None:
        """Return a card by its id."""
        return self._cards.get(card_id)

    def card_of_hit(self, hit_id: HitId) -> Card | None:
        """Return the card that a hit lies on."""
        card_id = self._card_of_hit.get(hit_id)
        return None if card_id is None else self._cards[card_id]

    def count(self, group: Group) -> int:
        """Return how many cards belong to a group; one that is held counts where it will go."""
        shown, belongs = self._held_groups()
        return self._sizes[group] - (shown is group) + (belongs is group)

    @property
    def card_count(self) -> int:
        """How many cards there are, shown, folded or hidden."""
        return len(self._cards)

    @property
    def cards(self) -> Iterable[Card]:
        """All cards, in no order."""
        return self._cards.values()

    def unacknowledged_by_tier(self) -> dict[Tier, int]:
        """Return the number of cards per tier that nobody has taken, shown, folded or hidden."""
        counts = dict.fromkeys(Tier, 0)
        for tier in self._waiting.values():
            counts[tier] += 1
        return counts

    @property
    def waiting(self) -> Iterable[Card]:
        """Cards that nobody has taken, in no order."""
        return [self._cards[card_id] for card_id in self._waiting]

    @property
    def desk(self) -> str:
        """Which desk this is."""
        return self._desk

    @property
    def chosen(self) -> CardId | None:
        """Which card is in the operator's hand."""
        return self._chosen

    @property
    def hidden(self) -> int:
        """How many cards the filter hides."""
        return len(self._hidden)

    @property
    def aside(self) -> int:
        """How many hits lie outside the desk's scope."""
        return len(self._aside)

    @property
    def is_unfolded(self) -> bool:
        """True while the possible misreads are shown."""
        return Group.POSSIBLE in self._unfolded

    def is_open(self, group: Group) -> bool:
        """Tell whether the cards of a group are shown, not only counted."""
        return group not in FOLDING or group in self._unfolded

    def folded_by_tier(self) -> dict[Tier, int]:
        """Return how many cards of each tier the flood has folded."""
        counts: dict[Tier, int] = {}
        for card_id, group in self._folded.items():
            tier = self._waiting.get(card_id)
            if group is Group.FLOODED and tier is not None:
                counts[tier] = counts.get(tier, 0) + 1
        return dict(sorted(counts.items()))

    def _held_groups(self) -> tuple[Group | None, Group | None]:
        """Return where the held card stands and where it belongs, when these are two places."""
        card = None if self._held is None else self._cards.get(self._held)
        if card is None:
            return None, None
        shown, belongs = Group(self._key_of[card.card_id][0]), self._group_of(card)
        return (None, None) if shown is belongs else (shown, belongs)

    def late_count(self) -> int:
        """Return the number of cards in the late lane."""
        return self.count(Group.LATE)

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
        self._bring_back()

    def set_desk(self, desk: str, scope: DeskScope | None) -> None:
        """Say which desk this is and what it looks after; None is everything, as for supervisors.

        Hits that are not its own leave the board, those that are come back.
        """
        if (desk, scope) == (self._desk, self._scope):
            return
        self._desk, self._scope = desk, scope
        listener, self._listener = self._listener, NobodyListens()
        listener.resetting()
        try:
            for card in list(self._cards.values()):
                card.desk = desk
                if not any(self._is_for_desk(hit) for hit in card.hits.values()):
                    self._put_aside(card)
            self._bring_back()
            self._rebuild()
        finally:
            self._listener = listener
            listener.reset()

    def _bring_back(self) -> None:
        """Put on the board what waits aside and is this desk's, or this operator's, after all."""
        for hit_id in [i for i, hit in self._aside.items() if self._is_for_desk(hit)]:
            self.raise_hit(self._aside.pop(hit_id))

    def _put_aside(self, card: Card) -> None:
        """Take a card off the board that is another desk's; its hits are kept in case."""
        self._take_away(card)
        del self._cards[card.card_id]
        if self._open_card.get(card.vrm) == card.card_id:
            del self._open_card[card.vrm]
        for hit_id, hit in card.hits.items():
            del self._card_of_hit[hit_id]
            self._aside[hit_id] = hit

    def set_filter(self, wanted: BoardFilter) -> None:
        """Show only what passes; everything finds its place anew."""
        if wanted != self.filter:
            self.filter = wanted
            self._rebuild()

    def set_flooded(self, is_flooded: bool) -> None:
        """Fold what comes from now on in the lower tiers, or show it again.

        Cards that stand on the board stay where they are: nothing moves because others come.
        """
        if is_flooded == self.is_flooded:
            return
        self.is_flooded = is_flooded
        self.before_flood = frozenset(self._cards) if is_flooded else frozenset()
        self._unfolded.discard(Group.FLOODED)
        if self._sizes[Group.FLOODED]:
            self._rebuild()

    def choose(self, card_id: CardId | None) -> None:
        """Say which card is in the operator's hand: neither flood nor filter takes it away."""
        before, self._chosen = self._chosen, card_id
        for each in (before, card_id):
            if each is not None and each != self._held and each in self._cards:
                card = self._cards[each]
                if each not in self._key_of or self._group_of(card) in (None, Group.FLOODED):
                    self._place(card)

    def load(self, hits: Iterable[Hit], steps: Iterable[DecidedStep]) -> None:
        """Take in a long history at once, with one reset instead of one change a card."""
        listener, self._listener = self._listener, NobodyListens()
        listener.resetting()
        hits, steps = list(hits), list(steps)
        # To sort everything anew is cheaper than to place each, unless little comes to much.
        self._is_loading = 4 * (len(hits) + len(steps)) > len(self._cards)
        is_whole = self._is_loading
        try:
            for hit in hits:
                self.raise_hit(hit)
            for step in steps:
                self.apply(step)
        finally:
            # Whatever went wrong, the model hears of everything from here on.
            self._is_loading = False
            if is_whole:
                self._rebuild()
                self._drop_oldest_closed()
            self._listener = listener
            listener.reset()

    def raise_hit(self, hit: Hit) -> Card | None:
        """Put a hit on its vehicle's card; returns the card, or None for ``No Alert`` hits.

        A hit that is already there gains what reasons it lacked. A hit of a vehicle whose card is
        closed opens a new card. A hit whose card had to leave the board does not come back.
        """
        if hit.is_quiet or hit.hit_id in self._gone:
            return None
        known = self._card_of_hit.get(hit.hit_id)
        if hit.hit_id in self._aside:
            hit = self._aside.pop(hit.hit_id).joined(hit)
        if known is None and not self._is_for_desk(hit) and not self._is_watched(hit):
            self._aside[hit.hit_id] = hit
            while len(self._aside) > MAX_ASIDE:
                self._aside.popitem(last=False)
            return None
        if known is not None:
            card = self._cards[known]
            hit = card.hits[hit.hit_id].joined(hit)
            if not card.is_possible or not is_in_feed(hit):
                card.hits[hit.hit_id] = hit
                self._place(card)
                return card
            # No misread after all, or not only: among the live ones it is news.
            self._take_off(card, hit.hit_id)
        card = self._card_for(hit)
        card.hits[hit.hit_id] = hit
        card.lives[hit.hit_id] = self._lives.of(hit.hit_id)
        self._card_of_hit[hit.hit_id] = card.card_id
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
        if not self._lives.add(decided):
            return card
        if card is not None:
            card.lives[hit_id] = self._lives.of(hit_id)
            self._note_second(card, hit_id)
            self._place(card)
        elif hit_id in self._aside and self._is_for_desk(self._aside[hit_id]):
            card = self.raise_hit(self._aside.pop(hit_id))
        return card

    def _is_watched(self, hit: Hit) -> bool:
        """Tell whether the vehicle stands open on this board: then all its hits are shown."""
        card_id = self._open_card.get(hit.read.vrm)
        return is_in_feed(hit) and card_id is not None and not self._cards[card_id].is_closed

    def _is_for_desk(self, hit: Hit) -> bool:
        if self._scope is None or hit.is_exercise or self._scope.covers(hit):
            return True
        life = self._lives.of(hit.hit_id)
        return self._desk in life.handed_to or (
            bool(self._operator) and life.holder == self._operator
        )

    def hold(self, card_id: CardId) -> None:
        """Keep a card where it stands until it is released, whatever happens to it.

        One card at a time: the one held before moves to where it belongs.
        """
        if card_id != self._held:
            self.release()
            self._held = card_id if card_id in self._key_of else None

    def release(self) -> None:
        """Let the held card move to where it belongs."""
        held, self._held = self._held, None
        if held is not None and held in self._cards:
            self._place(self._cards[held])

    def forget(self, card_id: CardId) -> None:
        """Take a card off for good, as that of an exercise that is over."""
        if card_id in self._cards:
            self._remove(self._cards[card_id])

    # ------------------------------------------------------------------ inside

    def _card_for(self, hit: Hit) -> Card:
        """Return the card that a new hit goes to; all possible misreads of a VRM share one."""
        vrm = hit.read.vrm
        if not is_in_feed(hit):
            possible = CardId(f"{POSSIBLE_MARK}{vrm}")
            return self._cards.setdefault(possible, Card(possible, vrm, desk=self._desk))
        card_id = self._open_card.get(vrm)
        if card_id is None or self._cards[card_id].is_closed:
            card_id = self._new_card_id(vrm)
            self._cards[card_id] = Card(card_id, vrm, desk=self._desk)
            self._open_card[vrm] = card_id
        return self._cards[card_id]

    def _take_off(self, card: Card, hit_id: HitId) -> None:
        """Take a hit off a card of possible misreads, and the card away when it was the last."""
        del self._card_of_hit[hit_id]
        if len(card.hits) > 1:
            del card.hits[hit_id], card.lives[hit_id]
            card.second_to = None
            for left in card.hits:
                self._note_second(card, left)
            self._place(card)
            return
        self._take_away(card)
        del self._cards[card.card_id]

    def unfold(self, is_unfolded: bool, group: Group = Group.POSSIBLE) -> None:
        """Show the cards of a folding group under its heading, or fold them away."""
        if is_unfolded == (group in self._unfolded):
            return
        if self._held is not None and self._key_of[self._held][0] == group:
            self.release()
        if is_unfolded:
            self._unfolded.add(group)
            folded = [card_id for card_id, g in self._folded.items() if g is group]
            for key in sorted(self._key(self._cards[card_id], group) for card_id in folded):
                del self._folded[CardId(key[4])]
                self._listener.inserting(bisect_left(self._keys, key))
                insort(self._keys, key)
                self._key_of[CardId(key[4])] = key
                self._listener.inserted()
            self._heading_changed(group)
            return
        self._unfolded.discard(group)
        start = bisect_left(self._keys, (int(group), 1, 0, 0.0, ""))
        for key in self._keys[start : self._end_of(group)][::-1]:
            at = bisect_left(self._keys, key)
            self._listener.removing(at)
            del self._keys[at], self._key_of[CardId(key[4])]
            self._folded[CardId(key[4])] = group
            self._listener.removed()
        self._heading_changed(group)

    def _fold(self, card: Card, group: Group) -> None:
        """Count a card under its heading that is not shown."""
        if self._folded.get(card.card_id) is not group:
            self._take_away(card)
            self._make_heading(group)
            self._folded[card.card_id] = group
            self._sizes[group] += 1
        self._heading_changed(group)

    def _take_away(self, card: Card) -> None:
        """Take a card off wherever it is shown, counted or hidden."""
        self._hidden.discard(card.card_id)
        self._waiting.pop(card.card_id, None)
        group = self._folded.pop(card.card_id, None)
        if group is not None:
            self._sizes[group] -= 1
            self._drop_heading(group)
            self._heading_changed(group)
        elif card.card_id in self._key_of:
            if card.card_id == self._held:
                self._held = None
            self._take_row(card.card_id)

    def _group_of(self, card: Card) -> Group | None:
        """Return where a card belongs; None is out of sight, by the filter."""
        is_chosen = card.card_id == self._chosen
        if self.filter.is_on and not is_chosen and not self.filter.passes(card):
            return None
        group = card.group_for(self._operator)
        is_foldable = (
            self.is_flooded
            and group is Group.UNACKNOWLEDGED
            and not is_chosen
            and card.card_id not in self.before_flood
            and card.tier in self._folds
            and not card.escalated
            and all(hit.leading.entry.action is not Action.STOP for hit in card.hits.values())
        )
        return Group.FLOODED if is_foldable else group

    def _new_card_id(self, vrm: Vrm) -> CardId:
        base, episode = str(vrm), 1
        while CardId(f"{base}#{episode}" if episode > 1 else base) in self._cards:
            episode += 1
        return CardId(f"{base}#{episode}" if episode > 1 else base)

    def _note_second(self, card: Card, hit_id: HitId) -> None:
        """Remember that this operator came second to a hit of the card."""
        second = self._lives.second(hit_id, self._operator)
        if second is not None and (
            card.second_to is None or card.second_to.decided_at <= second.decided_at
        ):
            card.second_to = second

    def _key(self, card: Card, group: Group) -> RowKey:
        return (
            int(group),
            1,
            card.rank,
            -card.newest.read.effective_at.timestamp(),
            card.card_id,
        )

    def _place(self, card: Card) -> None:
        if self._is_loading:
            return  # everything finds its place when all is there
        card_id, group = card.card_id, self._group_of(card)
        old = self._key_of.get(card_id)
        if card_id == self._held and old is not None:
            self._note_waiting(card)
            self._listener.changed(bisect_left(self._keys, old))
            self._heading_changed(Group(old[0]))
            return
        if group is None:
            self._take_away(card)
            self._hidden.add(card_id)
        elif not self.is_open(group):
            self._fold(card, group)
        else:
            self._show(card, group, old)
        self._note_waiting(card)

    def _show(self, card: Card, group: Group, old: RowKey | None) -> None:
        new = self._key(card, group)
        if old is None:
            self._take_away(card)
            self._insert(card.card_id, new)
        elif old == new:
            self._listener.changed(bisect_left(self._keys, old))
        else:
            self._move(card.card_id, old, new)

    def _note_waiting(self, card: Card) -> None:
        """Count a card that nobody has taken under its tier."""
        tier = card.tier
        if card.group_for(self._operator) in WAITING and tier is not None:
            self._waiting[card.card_id] = tier
        else:
            self._waiting.pop(card.card_id, None)

    def _remove(self, card: Card) -> None:
        self._take_away(card)
        del self._cards[card.card_id]
        for hit_id in card.hits:
            del self._card_of_hit[hit_id]
            self._lives.forget(hit_id)
            self._gone.add(hit_id)
        if self._open_card.get(card.vrm) == card.card_id:
            del self._open_card[card.vrm]

    def _drop_oldest_closed(self) -> None:
        while (
            not self._is_loading
            and len(self._cards) > self._max_cards
            and self._sizes[Group.CLOSED]
        ):
            start = self._end_of(Group.PARKED)
            end = self._end_of(Group.CLOSED)
            spared = (self._held, self._chosen)  # nothing leaves the hand that works on it
            closed = [k for k in self._keys[start:end] if k[1] == 1 and k[4] not in spared]
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
        self._folded.clear()
        self._hidden.clear()
        self._waiting.clear()
        for card in self._cards.values():
            self._note_waiting(card)
            group = self._group_of(card)
            if group is None:
                self._hidden.add(card.card_id)
                continue
            self._sizes[group] += 1
            if not self.is_open(group):
                self._folded[card.card_id] = group
                continue
            key = self._key_of[card.card_id] = self._key(card, group)
            self._keys.append(key)
        self._keys += [self._heading_key(group) for group, size in self._sizes.items() if size]
        self._keys.sort()
        if self._held not in self._key_of:
            self._held = None
        self._listener.reset()
