"""What an index holds besides its tables: lists, their entries by handle, windows, and the dead.

A handle is the number of an entry within one index: segments of entries lie behind each other. The
first segments are the lists as the index was built; every change appends one more, and entries that
a change replaced or removed stay in their segment as dead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.matching.columns import NO_KEY, U64, EntryColumns, is_special_key
from nas_desktop.domain.voi import Action, VoiEntry, VoiList
from nas_desktop.domain.vrm import is_special

I64 = NDArray[np.int64]
Days = NDArray[np.uint16]

GONE = -1
"""Slot of a segment whose list is not there any more."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Entries that came together: handles ``first`` to ``first + len(entries) - 1``.

    ``slot`` is the place of their list, or ``GONE``. ``counted`` is how many of them are no special
    mark. ``stops`` are the handles and marks of Stop entries, None where nobody has asked.
    """

    entries: Sequence[VoiEntry]
    first: int
    slot: int
    counted: int
    stops: tuple[I64, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Holdings:
    """Lists and entries by handle; immutable.

    ``lists`` are in the order of the matches, None where one was taken out. ``starts`` and
    ``weeds`` are the windows of the first ``built`` handles, ``later_…`` of those behind. ``dead``
    are handles in order.
    """

    lists: tuple[VoiList | None, ...]
    segments: tuple[Segment, ...]
    starts: Days
    weeds: Days
    later_starts: Days
    later_weeds: Days
    dead: I64
    _firsts: I64 = field(init=False, repr=False)
    _slots: I64 = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # A batch asks for them several times, and changes may have made many segments.
        firsts = np.array([segment.first for segment in self.segments], np.int64)
        slots = np.array([segment.slot for segment in self.segments], np.int64)
        object.__setattr__(self, "_firsts", firsts)
        object.__setattr__(self, "_slots", slots)

    @property
    def built(self) -> int:
        """How many handles the index had when it was built."""
        return len(self.starts)

    @property
    def end(self) -> int:
        """The next handle."""
        return len(self.starts) + len(self.later_starts)

    def slot_of_list(self, name: str) -> int | None:
        """Return the place of a list, None where there is none of the name."""
        for slot, one in enumerate(self.lists):
            if one is not None and one.name == name:
                return slot
        return None

    def entry(self, handle: int) -> VoiEntry:
        """Return the entry of a handle."""
        segment = self.segments[int(self._segments_of(np.array([handle]))[0])]
        return segment.entries[handle - segment.first]

    def slots_of(self, handles: I64) -> I64:
        """Return the place of the list of each handle; ``GONE`` where it is not there any more."""
        return self._slots[self._segments_of(handles)]

    def are_alive(self, handles: I64) -> NDArray[np.bool_]:
        """Tell which handles still count."""
        alive: NDArray[np.bool_] = self.slots_of(handles) != GONE
        if len(self.dead):
            at = np.minimum(np.searchsorted(self.dead, handles), len(self.dead) - 1)
            alive &= self.dead[at] != handles
        return alive

    def are_active(self, handles: I64, days: NDArray[np.uint16] | int) -> NDArray[np.bool_]:
        """Tell whose window holds on a day: ``starts <= day < weeds``."""
        if len(self.later_starts):
            is_later = handles >= self.built
            starts, weeds = np.empty((2, len(handles)), np.uint16)
            early, late = handles[~is_later], handles[is_later] - self.built
            starts[~is_later], starts[is_later] = self.starts[early], self.later_starts[late]
            weeds[~is_later], weeds[is_later] = self.weeds[early], self.later_weeds[late]
        else:
            starts, weeds = self.starts[handles], self.weeds[handles]
        return np.asarray((starts <= days) & (days < weeds))

    @property
    def count(self) -> int:
        """How many entries count."""
        whole = sum(segment.counted for segment in self.segments if segment.slot != GONE)
        return whole - int(np.count_nonzero(self.slots_of(self.dead) != GONE))

    @property
    def changed(self) -> int:
        """How many entries were added or went since the index was built."""
        replaced = sum(
            len(segment.entries)
            for segment in self.segments
            if segment.slot == GONE and segment.first < self.built
        )
        return len(self.later_starts) + len(self.dead) + replaced

    def without_segments_of(self, slot: int) -> Holdings:
        """Return the same with all entries of a list gone."""
        return replace(
            self,
            segments=tuple(
                replace(segment, slot=GONE) if segment.slot == slot else segment
                for segment in self.segments
            ),
        )

    def with_segment(
        self, slot: int, entries: Sequence[VoiEntry], columns: EntryColumns
    ) -> Holdings:
        """Return the same with entries appended for a list."""
        segment = Segment(entries, self.end, slot, counted_in(columns))
        return replace(
            self,
            segments=(*self.segments, segment),
            later_starts=np.concatenate([self.later_starts, columns.starts]),
            later_weeds=np.concatenate([self.later_weeds, columns.weeds]),
        )

    def with_list(self, slot: int, voi_list: VoiList | None) -> Holdings:
        """Return the same with another list in a place; the place may be the next free one."""
        return replace(self, lists=(*self.lists[:slot], voi_list, *self.lists[slot + 1 :]))

    def with_dead(self, handles: I64) -> Holdings:
        """Return the same with more handles dead."""
        return replace(self, dead=np.union1d(self.dead, handles))

    def with_stops(self) -> Holdings:
        """Return the same with the Stop entries known of all lists that have misreads looked for.

        Looks at the entries of such lists one by one, once.
        """
        wanted = {n for n, one in enumerate(self.lists) if one is not None and one.finds_misreads}
        return replace(
            self,
            segments=tuple(
                replace(segment, stops=_stops_of(segment))
                if segment.stops is None and segment.slot in wanted
                else segment
                for segment in self.segments
            ),
        )

    def stops(self) -> tuple[I64, list[str]]:
        """Return handles and marks of all Stop entries to look for misreads of, in order."""
        found: list[I64] = [np.zeros(0, np.int64)]
        marks: list[str] = []
        for slot, one in enumerate(self.lists):
            if one is None or not one.finds_misreads:
                continue
            for segment in self.segments:
                if segment.slot == slot and segment.stops is not None:
                    handles, texts = segment.stops
                    alive = self.are_alive(handles)
                    found.append(handles[alive])
                    marks += [text for text, stays in zip(texts, alive, strict=True) if stays]
        return np.concatenate(found), marks

    @property
    def nbytes(self) -> int:
        """Memory, bytes, the entries' bodies left out; shared windows are counted here."""
        windows = 2 * (self.starts.nbytes + self.later_starts.nbytes)
        stops = sum(16 * len(segment.stops[1]) for segment in self.segments if segment.stops)
        return windows + self.dead.nbytes + stops

    def _segments_of(self, handles: I64) -> I64:
        return np.searchsorted(self._firsts, handles, "right") - 1


def counted_in(columns: EntryColumns) -> int:
    """Return how many entries are no special mark."""
    return len(columns) - int(np.count_nonzero(is_special_key(columns.keys)))


def marks_in(columns: EntryColumns, first: int) -> tuple[U64, NDArray[np.uint32]]:
    """Return keys and handles of the entries that are marks, neither patterns nor special."""
    handles = np.arange(first, first + len(columns), dtype=np.uint32)
    stays = (columns.keys != NO_KEY) & ~is_special_key(columns.keys)
    if stays.all():
        return columns.keys, handles
    return columns.keys[stays], handles[stays]


def patterns_in(
    entries: Sequence[VoiEntry], columns: EntryColumns, first: int
) -> tuple[list[str], I64]:
    """Return the patterns among entries, with their handles."""
    rows = np.flatnonzero(columns.keys == NO_KEY)
    return [entries[int(row)].vrm for row in rows], rows + first


def _stops_of(segment: Segment) -> tuple[I64, tuple[str, ...]]:
    found = [
        (segment.first + row, entry.vrm)
        for row, entry in enumerate(segment.entries)
        if entry.action == Action.STOP and not entry.is_pattern and not is_special(entry.vrm)
    ]
    return np.array([handle for handle, _mark in found], np.int64), tuple(m for _h, m in found)
