"""The index: batches of reads in, matches out; immutable, changed by making another one.

Four ways lead from a read to entries: the sorted keys of the entries the index was built from (for
exact matches and swapped glyphs), the same for what changed since, the neighbours of Stop entries
(misreads), and the patterns. The first three are behind one filter each for the built
and for the rest, so that most reads cost two looks into a table of bits and the patterns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.matching.columns import (
    LONG,
    U64,
    MarkWords,
    columns_of,
    day_number,
    is_special_key,
    keys_of,
    words_of,
)
from nas_desktop.domain.matching.exact import (
    KeyFilter,
    KeyTable,
    filter_for,
    folded,
    table_of,
    variants_of,
)
from nas_desktop.domain.matching.holdings import (
    Holdings,
    marks_in,
    patterns_in,
)
from nas_desktop.domain.matching.match import (
    CLASSES,
    EXACT,
    GLYPH,
    GLYPH_COST,
    MISREAD,
    WILDCARD,
    Candidates,
    Match,
    MatchRules,
    Parts,
    confidence_of,
)
from nas_desktop.domain.matching.misreads import MisreadIndex, misreads_of
from nas_desktop.domain.matching.wildcards import WildcardIndex
from nas_desktop.domain.read import Read
from nas_desktop.domain.voi import WILDCARDS, VoiEntry, VoiList
from nas_desktop.domain.vrm import MAX_LENGTH

I64 = NDArray[np.int64]

_FOLD = str.maketrans("OI", "01")
_NO_DAYS = np.zeros(0, np.uint16)


@dataclass(frozen=True, slots=True)
class MatchIndex:
    """Answers batches; made by ``build_index`` and by its own ``with_…`` methods.

    ``built`` and ``built_filter`` never change; ``later`` holds the marks that came since and
    ``later_filter`` them and the neighbours in ``misreads``.
    """

    rules: MatchRules
    holdings: Holdings
    built: KeyTable
    built_filter: KeyFilter
    later: KeyTable
    later_filter: KeyFilter
    patterns: WildcardIndex
    misreads: MisreadIndex

    # ------------------------------------------------------------------ what it holds

    @property
    def entries(self) -> int:
        """How many entries the index holds; the two special marks are none."""
        return self.holdings.count

    @property
    def overlay_entries(self) -> int:
        """How many entries were added or went since it was built; from many on, build anew.

        Matching slows slowly with them: the built part stays as it is.
        """
        return self.holdings.changed

    @property
    def misread_entries(self) -> int:
        """How many Stop entries have possible misreads looked for."""
        return len(self.misreads.marks)

    @property
    def misreads_left_out(self) -> int:
        """How many more should have, but are beyond the limit of the rules."""
        return self.misreads.left_out

    @property
    def nbytes(self) -> int:
        """Memory, bytes: all but the entries' bodies."""
        return (
            self.holdings.nbytes
            + self.built.nbytes
            + self.built_filter.bits.nbytes
            + self.later.nbytes
            + self.later_filter.bits.nbytes
            + self.patterns.nbytes
            + self.misreads.nbytes
        )

    def entry_of(self, list_name: str, vrm: str) -> VoiEntry | None:
        """Return a list's entry for a mark or pattern as it stands, whatever its window.

        The first one where a list has several; None where it has none or is not there.
        """
        slot = self.holdings.slot_of_list(list_name)
        if slot is None:
            return None
        handles = self._handles_of(slot, {vrm})
        return self.holdings.entry(int(handles[0])) if len(handles) else None

    # ------------------------------------------------------------------ matching

    def match(self, reads: Sequence[Read]) -> list[Match]:
        """Return every match of every read: in the order of the reads, then lists, then entries.

        An entry counts where its window holds on the day (GMT) of the read's ``effective_at``
        (domain facts 2.6). Special VRMs never match. An entry matches a read in one class only, the
        closest.
        """
        found = self._found([read.vrm for read in reads])
        if len(found) == 0:
            return []
        days = np.array([_day_of(reads[at]) for at in found.reads], np.uint16)
        found = found.taken(self.holdings.are_active(found.handles, days))
        return [
            self._match(reads[at], handle, slot, kind, cost)
            for at, handle, slot, kind, cost in zip(
                found.reads.tolist(),
                found.handles.tolist(),
                self.holdings.slots_of(found.handles).tolist(),
                found.classes.tolist(),
                found.costs.tolist(),
                strict=True,
            )
        ]

    def match_marks(self, marks: Sequence[str], days: NDArray[np.uint16] | int) -> Candidates:
        """Return the same as columns, for marks read on one day or one each.

        Args:
            marks: normalised marks (``domain.vrm.normalise``), 1 to 16 characters of ``A-Z0-9``.
            days: as ``day_number`` gives them, of all marks or one for each.
        """
        found = self._found(marks)
        of_each = days if isinstance(days, int) else days[found.reads]
        return found.taken(self.holdings.are_active(found.handles, of_each))

    def _match(self, read: Read, handle: int, slot: int, kind: int, cost: int) -> Match:
        entry, voi_list = self.holdings.entry(handle), self.holdings.lists[slot]
        assert voi_list is not None
        confidence = 100
        if kind == MISREAD:
            confidence = confidence_of(
                cost, read.vrm, entry.vrm, self.rules.grammar, read.confidence
            )
        return Match(read, entry, voi_list, CLASSES[kind], cost / 100, confidence)

    def _found(self, marks: Sequence[str]) -> Candidates:
        """Return all matches whatever the windows."""
        words = words_of(marks)
        keys = words.keys
        probes = folded(keys) if self.rules.glyph else keys
        in_built, in_later = self.built_filter.passes(probes), self.later_filter.passes(probes)
        parts = Parts()
        self._look_up(parts, self.built, marks, words, in_built.nonzero()[0])
        rows = in_later.nonzero()[0]
        self._look_up(parts, self.later, marks, words, rows)
        parts.add(MISREAD, *self.misreads.find(marks, keys, rows))
        if self.rules.glyph:
            # Long keys cannot be folded, so the filters say nothing of their variants.
            possible = in_built | in_later | (keys >= LONG)
            self._look_up_swapped(parts, marks, words, possible.nonzero()[0])
        parts.add(WILDCARD, *self.patterns.match(marks, words))
        return self._ordered(parts.joined(), keys)

    def _look_up(
        self, parts: Parts, table: KeyTable, marks: Sequence[str], words: MarkWords, rows: I64
    ) -> None:
        """Find exact matches among what passed a filter."""
        which, places = table.find(words.keys[rows])
        reads, handles = rows[which], table.values[places].astype(np.int64)
        stays = self._verified(marks, words.keys, reads, handles, _is_same)
        parts.add(EXACT, reads[stays], handles[stays])

    def _look_up_swapped(
        self, parts: Parts, marks: Sequence[str], words: MarkWords, rows: I64
    ) -> None:
        """Find entries that look the same as what passed one of the filters."""
        rows, keys, swaps = variants_of(words, rows)
        probes = folded(keys)
        for table, key_filter in (
            (self.built, self.built_filter),
            (self.later, self.later_filter),
        ):
            passed = key_filter.passes(probes).nonzero()[0]
            which, places = table.find(keys[passed])
            which = passed[which]
            reads, handles = rows[which], table.values[places].astype(np.int64)
            stays = self._verified(marks, words.keys, reads, handles, _looks_same)
            costs = swaps[which][stays] * np.uint8(GLYPH_COST)
            parts.add(GLYPH, reads[stays], handles[stays], costs)

    def _verified(
        self,
        marks: Sequence[str],
        keys: U64,
        reads: I64,
        handles: I64,
        agree: Callable[[str, str], bool],
    ) -> NDArray[np.bool_]:
        """Tell which pairs count: the entry is alive, and long marks do not just share a key."""
        stays = self.holdings.are_alive(handles)
        for at in (stays & (keys[reads] >= LONG)).nonzero()[0]:
            stays[at] = agree(marks[reads[at]], self.holdings.entry(int(handles[at])).vrm)
        return stays

    def _ordered(self, found: Candidates, keys: U64) -> Candidates:
        """Return each pair of read and entry once, in its closest class, in the promised order."""
        if len(found) == 0:
            return found
        found = found.taken(~is_special_key(keys[found.reads]))
        slots = self.holdings.slots_of(found.handles)
        order = np.lexsort((found.classes, found.handles, slots, found.reads))
        found = found.taken(order)
        is_first = np.ones(len(found), np.bool_)
        is_first[1:] = (found.reads[1:] != found.reads[:-1]) | (
            found.handles[1:] != found.handles[:-1]
        )
        return found.taken(is_first)

    # ------------------------------------------------------------------ changing

    def with_change(
        self, voi_list: VoiList, put: Sequence[VoiEntry], gone: Collection[str]
    ) -> MatchIndex:
        """Return the index with a list at a new revision that differs in some marks.

        Every entry of the list for a mark (or pattern) in ``gone`` or of ``put`` goes, then the
        entries of ``put`` are added. A list that the index does not hold is taken in whole, one
        that is no longer enabled goes whole.
        """
        slot = self.holdings.slot_of_list(voi_list.name)
        if slot is None or not voi_list.is_enabled:
            return self.with_list(voi_list)
        dead = self._handles_of(slot, {*gone, *(entry.vrm for entry in put)})
        return self._after(self.holdings.with_dead(dead).with_list(slot, voi_list), slot, put)

    def with_list(self, voi_list: VoiList) -> MatchIndex:
        """Return the index with a list replaced or added; one that is not enabled goes.

        For lists that are small beside the whole; its entries become part of the overlay.
        """
        if not voi_list.is_enabled:
            return self.without_list(voi_list.name)
        known = self.holdings.slot_of_list(voi_list.name)
        slot = len(self.holdings.lists) if known is None else known
        holdings = self.holdings.without_segments_of(slot).with_list(slot, voi_list)
        return self._after(holdings, slot, voi_list.entries)

    def without_list(self, name: str) -> MatchIndex:
        """Return the index without a list; the same index where it holds none of the name."""
        slot = self.holdings.slot_of_list(name)
        if slot is None:
            return self
        return self._after(self.holdings.without_segments_of(slot).with_list(slot, None), slot, ())

    def _after(self, holdings: Holdings, slot: int, put: Sequence[VoiEntry]) -> MatchIndex:
        """Return the index with other holdings and some entries appended."""
        columns, first = columns_of(put), holdings.end
        if len(columns):
            holdings = holdings.with_segment(slot, put, columns)
        holdings = holdings.with_stops()
        keys, handles = marks_in(columns, first)
        stays = holdings.are_alive(self.later.values.astype(np.int64))
        later = table_of(
            np.concatenate([self.later.keys[stays], keys]),
            np.concatenate([self.later.values[stays], handles]),
        )
        patterns = self.patterns
        texts, new = patterns_in(put, columns, first)
        gone = ~holdings.are_alive(patterns.handles)
        if texts or gone.any():
            patterns = patterns.changed(gone, texts, new)
        stops, marks = holdings.stops()
        misreads = misreads_of(self.rules, marks, stops, self.misreads.around)
        return MatchIndex(
            self.rules,
            holdings,
            self.built,
            self.built_filter,
            later,
            filter_for(self.rules, later.keys, misreads.table.keys),
            patterns,
            misreads,
        )

    def _handles_of(self, slot: int, marks: Collection[str]) -> I64:
        """Return the handles of a list's living entries for some marks, in order."""
        asked = {mark for mark in marks if mark.isascii() and 0 < len(mark) <= MAX_LENGTH}
        plain = [mark for mark in asked if WILDCARDS.isdisjoint(mark)]
        keys = keys_of(plain)
        found: list[I64] = []
        for table in (self.built, self.later):
            which, places = table.find(keys)
            handles = table.values[places].astype(np.int64)
            found.append(handles[self._verified(plain, keys, which, handles, _is_same)])
        rows = [row for row, text in enumerate(self.patterns.texts) if text in marks]
        found.append(self.patterns.handles[rows])
        handles = np.sort(np.concatenate(found))
        in_list: I64 = handles[self.holdings.slots_of(handles) == slot]
        return in_list


def _day_of(read: Read) -> int:
    return day_number(read.effective_at.astimezone(UTC).date())


def _is_same(read: str, listed: str) -> bool:
    return read == listed


def _looks_same(read: str, listed: str) -> bool:
    return read.translate(_FOLD) == listed.translate(_FOLD)
