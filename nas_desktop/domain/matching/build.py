"""Building an index from whole lists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.matching.columns import EntryColumns, columns_of
from nas_desktop.domain.matching.exact import filter_for, table_of
from nas_desktop.domain.matching.holdings import (
    Holdings,
    Segment,
    counted_in,
    marks_in,
    patterns_in,
)
from nas_desktop.domain.matching.index import MatchIndex
from nas_desktop.domain.matching.match import MatchRules
from nas_desktop.domain.matching.misreads import misreads_of
from nas_desktop.domain.matching.wildcards import WildcardIndex
from nas_desktop.domain.voi import VoiList

I64 = NDArray[np.int64]

_NO_DAYS = np.zeros(0, np.uint16)


def build_index(lists: Sequence[VoiList], rules: MatchRules | None = None) -> MatchIndex:
    """Build an index from all lists that are enabled.

    Works with columns of numbers (``columns_of``) and lets other threads run meanwhile; only
    patterns, and the entries of lists that have misreads looked for, are touched one by one.

    Raises:
        ValueError: two lists have one name.
    """
    rules = rules or MatchRules()
    enabled = tuple(one for one in lists if one.is_enabled)
    if len({one.name for one in enabled}) < len(enabled):
        raise ValueError("two lists have one name")
    segments: list[Segment] = []
    columns: list[EntryColumns] = []
    texts: list[str] = []
    handles: list[I64] = [np.zeros(0, np.int64)]
    end = 0
    for slot, one in enumerate(enabled):
        columns.append(columns_of(one.entries))
        segments.append(Segment(one.entries, end, slot, counted_in(columns[-1])))
        found, at = patterns_in(one.entries, columns[-1], end)
        texts += found
        handles.append(at)
        end += len(columns[-1])
    holdings = Holdings(
        enabled,
        tuple(segments),
        _joined([part.starts for part in columns]),
        _joined([part.weeds for part in columns]),
        _NO_DAYS,
        _NO_DAYS,
        np.zeros(0, np.int64),
    ).with_stops()
    keys = [marks_in(part, segment.first) for part, segment in zip(columns, segments, strict=True)]
    built = table_of(
        np.concatenate([np.zeros(0, np.uint64), *(pair[0] for pair in keys)]),
        np.concatenate([np.zeros(0, np.uint32), *(pair[1] for pair in keys)]),
    )
    stops, marks = holdings.stops()
    misreads = misreads_of(rules, marks, stops, {})
    return MatchIndex(
        rules,
        holdings,
        built,
        filter_for(rules, built.keys),
        table_of(np.zeros(0, np.uint64), np.zeros(0, np.uint32)),
        filter_for(rules, misreads.table.keys),
        WildcardIndex(texts, np.concatenate(handles)),
        misreads,
    )


def _joined(parts: Sequence[NDArray[np.uint16]]) -> NDArray[np.uint16]:
    return parts[0] if len(parts) == 1 else np.concatenate([_NO_DAYS, *parts])
