"""What a change makes of a list, and which change weeding is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from nas_desktop.domain.matching.columns import columns_of, day_number, mark_of
from nas_desktop.domain.matching.layers import ListChange, changed, rows_of_marks
from nas_desktop.domain.voi import VoiEntry, VoiList
from nas_desktop.services.lists import ListCounts


def changed_list(
    one: VoiList, change: ListChange, counts: ListCounts
) -> tuple[VoiList, ListCounts]:
    """Return a list after a change, with its counts."""
    entries = changed(one.entries, change)
    return replace(one, entries=entries), counts.counted(entries.columns)


def weeded_marks(entries: Sequence[VoiEntry], today: date) -> tuple[str, ...]:
    """Return marks all of whose entries are weeded by today.

    A mark listed twice stays until its last entry goes: leaving an entry in too long only keeps
    what no longer matches, taking one out too early would lose a hit.
    """
    columns = columns_of(entries)
    rows = np.flatnonzero(columns.weeds <= day_number(today))
    if not len(rows):
        return ()
    # A short mark is its own key; only the others have to be unpacked.
    marks = Counter(
        mark_of(key) or entries[int(row)].vrm
        for row, key in zip(rows, columns.keys[rows].tolist(), strict=True)
    )
    held = Counter(
        mark_of(int(columns.keys[row])) or entries[row].vrm
        for row in rows_of_marks(entries, list(marks))
    )
    return tuple(mark for mark, count in marks.items() if held[mark] == count)
