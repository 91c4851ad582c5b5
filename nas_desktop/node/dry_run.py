"""A list held against the reads of this node before it rings anybody; only counts come back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.reads.columns import instant, micros
from nas_desktop.adapters.store.reads.marks import I64
from nas_desktop.adapters.store.reads.scan import Cancelled
from nas_desktop.adapters.store.reads.trial import RANKS, TrialEntries, TrialHits, trial
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.node.list_files import Progress, report_of, visible
from nas_desktop.node.list_intake import check_owner
from nas_desktop.node.list_record import Who
from nas_desktop.services.audit import AuditAction
from nas_desktop.services.dry_run import (
    LOOKED_BACK,
    MOST_NAMED,
    DayHits,
    DryRunReport,
    EntryHits,
    load_storm_rule,
)

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_TEN_US = 600_000_000


class DryRuns:
    """Runs entries of a list that is held, or of a file, against the stored reads."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def run(
        self, message: m.DryRun, who: Who, progress: Progress, cancelled: threading.Event
    ) -> DryRunReport:
        """Return what the list would have raised; put on record before it is told.

        Raises:
            Refused: there is no such list, it is not this person's to see, the file has faults,
                or the work was cancelled.
        """
        name, entries = await self._entries(message, who, progress, cancelled)
        node = self._node
        now = node.clock.now()
        span = (micros(now - LOOKED_BACK), micros(now))
        cache = node.stores.reads.cache
        loop = asyncio.get_running_loop()

        def told(done: int, of: int) -> None:
            loop.call_soon_threadsafe(progress, "looking", done, of)

        def work() -> DryRunReport:
            found = trial(
                cache.tables(), TrialEntries.of(entries, cancelled.is_set), cache.rule, span,
                span[1], told, cancelled.is_set,
            )  # fmt: skip
            return report_from(name, entries, found, span)

        progress("looking", 0, 0)
        try:
            report = await asyncio.to_thread(work)
        except Cancelled:
            raise Refused("list_cancelled", "The dry run was cancelled.") from None
        await node.list_record.put(
            AuditAction.DRY_RUN, who, name, entries=report.entries, hits=report.hits
        )
        return report

    async def _entries(
        self, message: m.DryRun, who: Who, progress: Progress, cancelled: threading.Event
    ) -> tuple[str, Sequence[VoiEntry]]:
        if not message.path:
            held = self._node.lists.held(message.name)
            check_owner(held, who[0])
            return message.name, await asyncio.to_thread(visible, held, who[0])
        parsed = await self._node.list_files.parsed(
            message.path, message.choices, progress, cancelled
        )
        if not report_of(message.path, parsed).is_fit:
            raise Refused("list_faults", "The file has faults.", "Check it, and mend them first.")
        return parsed.name, parsed.entries


def report_from(
    name: str, entries: Sequence[VoiEntry], found: TrialHits, span: tuple[int, int]
) -> DryRunReport:
    """Return the report on what a trial has found."""
    rule = load_storm_rule()
    rings = found.at[found.ranks != RANKS.index(Action.NO_ALERT)]
    counts = {action: int(np.count_nonzero(found.ranks == n)) for n, action in enumerate(RANKS)}
    named = np.argsort(-found.by_entry, kind="stable")[:MOST_NAMED]
    since = span[1] if found.first_at is None else found.first_at
    hour, in_hour = _most(rings, _HOUR_US)
    ten, in_ten = _most_in_ten(rings)
    problems: tuple[str, ...] = ()
    if found.damaged:
        problems = (f"{found.damaged} parts of the store are damaged and were not looked at.",)
    return DryRunReport(
        name,
        instant(since),
        instant(span[1]),
        len(entries),
        found.reads,
        len(rings),
        counts[Action.STOP],
        counts[Action.ASSESS],
        counts[Action.NO_ALERT],
        int(np.count_nonzero(found.by_entry)),
        tuple(
            _named(entries[row], int(found.by_entry[row]))
            for row in named.tolist()
            if found.by_entry[row]
        ),
        _days(rings, since, span[1]),
        hour,
        in_hour,
        in_ten,
        ten,
        rule.ten_minutes,
        rule.day,
        problems,
    )


def _named(entry: VoiEntry, hits: int) -> EntryHits:
    return EntryHits(str(entry.vrm), entry.action, entry.reason, hits)


def _days(at: I64, since: int, until: int) -> tuple[DayHits, ...]:
    first, last = since // _DAY_US, max(since, until - 1) // _DAY_US
    counts = np.bincount(
        np.clip(at // _DAY_US - first, 0, last - first), minlength=last - first + 1
    )
    day = date(1970, 1, 1).toordinal() + first
    return tuple(
        DayHits(date.fromordinal(day + n), count) for n, count in enumerate(counts.tolist())
    )


def _most(at: I64, width: int) -> tuple[datetime | None, int]:
    if not len(at):
        return None, 0
    bins, counts = np.unique(at // width, return_counts=True)
    most = int(counts.argmax())
    return instant(int(bins[most]) * width), int(counts[most])


def _most_in_ten(at: I64) -> tuple[datetime | None, int]:
    """Return the most in any ten minutes that begin with a hit; ``at`` in order."""
    if not len(at):
        return None, 0
    counts = at.searchsorted(at + _TEN_US) - np.arange(len(at))
    most = int(counts.argmax())
    return instant(int(at[most])), int(counts[most])
