"""The rows of the hit board: cards under the headings of their groups, kept in order.

A listener is told before and after every change, in the pairs that a list model needs. A heading
stands for as long as its group has a card, shown or counted.
"""

from __future__ import annotations

from bisect import bisect_left

from nas_desktop.services.cards import BoardListener, CardId, Group, NobodyListens

RowKey = tuple[int, int, int, float, str]
"""Group, 0 for a heading or 1 for a card, rank of the tier, newest first, card."""


class BoardRows:
    """Keys in order; what they stand for is the board's matter."""

    def __init__(self) -> None:
        self._keys: list[RowKey] = []
        self._key_of: dict[str, RowKey] = {}
        self._sizes: dict[Group, int] = dict.fromkeys(Group, 0)
        self._listener: BoardListener = NobodyListens()

    def attach(self, listener: BoardListener) -> None:
        """Tell this listener of every change from now on; one listener at a time."""
        self._listener = listener

    def __len__(self) -> int:
        return len(self._keys)

    def position_of(self, card_id: CardId) -> int | None:
        """Return where a card stands, or None when it is not on the board."""
        key = self._key_of.get(card_id)
        return None if key is None else bisect_left(self._keys, key)

    def position_of_heading(self, group: Group) -> int | None:
        """Return where the heading of a group stands, or None while the group is empty."""
        return bisect_left(self._keys, self._heading_key(group)) if self._sizes[group] else None

    def size(self, group: Group) -> int:
        """Return how many cards stand in a group."""
        return self._sizes[group]

    # ------------------------------------------------------------------ changing

    def _insert(self, card_id: CardId, key: RowKey) -> None:
        self._make_heading(Group(key[0]))
        self._sizes[Group(key[0])] += 1
        at = bisect_left(self._keys, key)
        self._listener.inserting(at)
        self._keys.insert(at, key)
        self._key_of[card_id] = key
        self._listener.inserted()
        self._heading_changed(Group(key[0]))

    def _move(self, card_id: CardId, old: RowKey, new: RowKey) -> None:
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

    def _take_row(self, card_id: CardId) -> None:
        key = self._key_of.pop(card_id)
        at = bisect_left(self._keys, key)
        # Counted before the change, so that the heading reads the same on either side of it.
        self._sizes[Group(key[0])] -= 1
        self._listener.removing(at)
        del self._keys[at]
        self._listener.removed()
        self._drop_heading(Group(key[0]))
        self._heading_changed(Group(key[0]))

    def _heading_key(self, group: Group) -> RowKey:
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
