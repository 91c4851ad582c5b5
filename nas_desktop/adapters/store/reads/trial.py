"""Entries of a list held against the reads of the cache, by mark: no read is ever made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas_desktop.adapters.store.reads.blocks import Damaged
from nas_desktop.adapters.store.reads.columns import BLOCK, Table, first_of_marks, gathered
from nas_desktop.adapters.store.reads.marks import I64, U64, PatternPart, keys_of, parts_of
from nas_desktop.adapters.store.reads.question import Rule
from nas_desktop.adapters.store.reads.scan import Cancelled, fitting, ids_of
from nas_desktop.domain.matching.columns import spread_ranges
from nas_desktop.domain.read import CLOCK_FLAGS
from nas_desktop.domain.voi import Action, VoiEntry

_IN_FIRST = 10
_DAY_US = 86_400_000_000
_EPOCH_DAY = 719_163
_LOOKED_UP = 4_096
_RANKS = {Action.STOP: 0, Action.ASSESS: 1, Action.NO_ALERT: 2}

RANKS = (Action.STOP, Action.ASSESS, Action.NO_ALERT)
"""Actions by the number that a hit has for its highest."""


@dataclass(frozen=True, slots=True)
class TrialEntries:
    """What of the entries of a list decides whether a read fits, one row an entry.

    ``keys`` are the numbers of marks of up to ten characters, in order, ``of_keys`` the entries
    they belong to; ``parts`` are patterns and longer marks. Days count from 1970; the window is
    ``starts`` (included) to ``weeds``.
    """

    count: int
    keys: U64
    of_keys: I64
    parts: list[tuple[int, str, PatternPart]]
    starts: I64
    weeds: I64
    ranks: I64

    @classmethod
    def of(
        cls, entries: Iterable[VoiEntry], is_cancelled: Callable[[], bool] = lambda: False
    ) -> TrialEntries:
        """Take what is needed of entries; raises Cancelled."""
        short: list[str] = []
        of_short: list[int] = []
        parts: list[tuple[int, str, PatternPart]] = []
        windows: list[tuple[int, int, int]] = []
        for row, entry in enumerate(entries):
            if row % _LOOKED_UP == 0 and is_cancelled():
                raise Cancelled
            if entry.is_pattern or len(entry.vrm) > _IN_FIRST:
                parts += [(row, entry.vrm, part) for part in parts_of(entry.vrm)]
            else:
                short.append(entry.vrm)
                of_short.append(row)
            windows.append(
                (
                    entry.starts_on.toordinal() - _EPOCH_DAY,
                    entry.weed_date.toordinal() - _EPOCH_DAY,
                    _RANKS[entry.action],
                )
            )
        keys = keys_of(short).first
        order = np.argsort(keys, kind="stable")
        numbers = np.array(windows, np.int64).reshape(-1, 3)
        return cls(
            len(windows), keys[order], np.array(of_short, np.int64)[order], parts,
            numbers[:, 0].copy(), numbers[:, 1].copy(), numbers[:, 2].copy(),
        )  # fmt: skip


@dataclass(slots=True)
class TrialHits:
    """What entries would have raised.

    ``by_entry`` counts for each entry; ``at`` are the times of the hits, microseconds, and
    ``ranks`` the highest action of each. ``reads`` is how many reads were held in the time.
    """

    by_entry: I64
    at: I64
    ranks: I64
    reads: int = 0
    first_at: int | None = None
    damaged: int = 0


def trial(
    tables: Sequence[Table],
    entries: TrialEntries,
    rule: Rule,
    span: tuple[int, int],
    now_us: int,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> TrialHits:
    """Hold entries against every read of a span; a damaged table is counted and left out.

    ``span`` is in microseconds since 1970, the first included, and is judged by the instant that a
    read's windows are judged by (``Read.effective_at``). What is due by ``now_us`` is not seen.
    ``progress`` is told tables done and of how many.

    Raises:
        Cancelled: between two blocks.
    """
    by_entry = np.zeros(entries.count, np.int64)
    times: list[I64] = []
    ranks: list[I64] = []
    done = TrialHits(by_entry, np.zeros(0, np.int64), np.zeros(0, np.int64))
    for number, table in enumerate(tables):
        progress(number, len(tables))
        if not table.rows:
            continue
        try:
            found = _of_table(table, entries, rule, span, now_us, is_cancelled)
        except Damaged:
            done.damaged += 1
            continue
        done.reads += table.rows
        first = max(table.first_at, span[0])
        done.first_at = first if done.first_at is None else min(done.first_at, first)
        rows, which, at = found
        by_entry += np.bincount(which, minlength=entries.count)
        # A read that fits several entries rings once, for the highest of their actions.
        order = np.lexsort((entries.ranks[which], rows))
        rows = rows[order]
        is_first = np.ones(len(rows), np.bool_)
        is_first[1:] = rows[1:] != rows[:-1]
        times.append(at[order][is_first])
        ranks.append(entries.ranks[which[order]][is_first])
    progress(len(tables), len(tables))
    if times:
        done.at, done.ranks = np.concatenate(times), np.concatenate(ranks)
        order = np.argsort(done.at, kind="stable")
        done.at, done.ranks = done.at[order], done.ranks[order]
    return done


def _of_table(
    table: Table,
    entries: TrialEntries,
    rule: Rule,
    span: tuple[int, int],
    now_us: int,
    is_cancelled: Callable[[], bool],
) -> tuple[I64, I64, I64]:
    """Return rows, the entries they fit, and their instants; one line each fit."""
    if is_cancelled():
        raise Cancelled
    ids, which = _exact(table, entries)
    more = list(_patterns(table, entries, is_cancelled))
    if more:
        ids = np.concatenate([ids, *(one for one, _entry in more)])
        which = np.concatenate([which, *(np.full(len(one), e, np.int64) for one, e in more)])
    order = np.argsort(ids, kind="stable")
    ids, which = ids[order], which[order]
    begins = gathered(table, "begins", ids)
    ends = gathered(table, "begins", ids + 1)
    of_id, places = spread_ranges(begins, ends)
    # The places of one mark lie together; those of a mark with two entries come twice.
    wanted, back = np.unique(places, return_inverse=True)
    rows, which = gathered(table, "posted", wanted)[back], which[of_id]
    wanted, back = np.unique(rows, return_inverse=True)
    at, delay = gathered(table, "at", wanted), gathered(table, "delay", wanted)
    wrong = np.array([bool(CLOCK_FLAGS.intersection(c.flags)) for c in table.contexts], np.bool_)
    effective = at
    if wrong.any():
        is_wrong = wrong[gathered(table, "context", wanted)]
        effective = np.where(is_wrong, at + delay, at)
    seen = (rule.due(at, delay) > now_us) & (effective >= span[0]) & (effective < span[1])
    day = (effective // _DAY_US)[back]
    keep = seen[back] & (entries.starts[which] <= day) & (day < entries.weeds[which])
    return rows[keep], which[keep], effective[back][keep]


def _exact(table: Table, entries: TrialEntries) -> tuple[I64, I64]:
    ids = ids_of(table, np.unique(entries.keys))
    keys = first_of_marks(table, ids) if len(ids) else np.zeros(0, np.uint64)
    low = entries.keys.searchsorted(keys)
    high = entries.keys.searchsorted(keys, "right")
    of_id, spots = spread_ranges(low.astype(np.int64), high.astype(np.int64))
    return ids[of_id], entries.of_keys[spots]


def _patterns(
    table: Table, entries: TrialEntries, is_cancelled: Callable[[], bool]
) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Yield numbers of marks and the entry they fit, block by block of the distinct marks."""
    if not entries.parts:
        return
    starts = table.mark_blocks()
    by_block: dict[int, list[int]] = {}
    for place, (_row, _pattern, part) in enumerate(entries.parts):
        low = max(0, int(starts.searchsorted(np.uint64(part.low), "right")) - 1)
        high = int(starts.searchsorted(np.uint64(part.high), "right"))
        for block in range(low, high):
            by_block.setdefault(block, []).append(place)
    for block, places in sorted(by_block.items()):
        if is_cancelled():
            raise Cancelled
        keys = table.marks(block)
        for place in places:
            row, pattern, part = entries.parts[place]
            found = fitting(keys, pattern, part)
            if len(found):
                yield found + block * BLOCK, row
