"""Tables put together, and taken apart by when their reads are due."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nas_desktop.adapters.store.reads.columns import (
    BLOCK,
    ROW_COLUMNS,
    Context,
    Images,
    MemoryTable,
    Table,
)
from nas_desktop.adapters.store.reads.marks import I64, Bools, Keys
from nas_desktop.adapters.store.reads.question import Rule

_COPIED = tuple(name for name in ROW_COLUMNS if name not in ("mark", "context", "place"))


def whole_column(table: Table, name: str) -> I64:
    """Return a column in one piece."""
    if isinstance(table, MemoryTable):
        return table.columns[name]
    parts = [table.column(name, block) for block in range(_blocks(table.rows))]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def whole_marks(table: Table) -> Keys:
    """Return all distinct marks."""
    if isinstance(table, MemoryTable):
        return table.all_marks
    parts = [table.marks(block) for block in range(_blocks(table.distinct))]
    if not parts:
        return Keys(np.zeros(0, np.uint64), np.zeros(0, np.uint64))
    return Keys(np.concatenate([p.first for p in parts]), np.concatenate([p.second for p in parts]))


def _blocks(rows: int) -> int:
    return -(-rows // BLOCK)


def merged(tables: Sequence[Table], only: Sequence[Bools] | None = None) -> MemoryTable:
    """Return one table of several, or of those of their rows that a mask each lets through."""
    contexts: dict[Context, int] = {}
    columns: dict[str, list[I64]] = {name: [] for name in ROW_COLUMNS if name != "mark"}
    firsts, seconds, places = [], [], [np.full((1, 2), np.nan)]
    images: dict[str, list[Images]] = {"patch": [], "overview": []}
    raws: dict[int, str] = {}
    rows_before, places_before = 0, 1
    for number, table in enumerate(tables):
        mask = only[number] if only is not None else None
        kept = slice(None) if mask is None else mask
        for name in _COPIED:
            columns[name].append(whole_column(table, name)[kept])
        translate = np.array(
            [contexts.setdefault(context, len(contexts)) for context in table.contexts], np.int64
        )
        columns["context"].append(translate[whole_column(table, "context")[kept]])
        place = whole_column(table, "place")[kept]
        columns["place"].append(np.where(place == 0, 0, place + (places_before - 1)))
        places.append(table.places[1:])
        places_before += len(table.places) - 1
        keys = whole_marks(table).at(whole_column(table, "mark")[kept])
        firsts.append(keys.first)
        seconds.append(keys.second)
        rows = len(place)
        moved = np.full(table.rows, -1, np.int64)
        moved[kept] = np.arange(rows_before, rows_before + rows)
        for kind, found in images.items():
            found.append(_some(table.images(kind), moved))
        raws.update({int(moved[r]): raw for r, raw in table.raws().items() if moved[r] >= 0})
        rows_before += rows
    joined = {name: np.concatenate(parts) for name, parts in columns.items() if parts}
    if rows_before == 0:
        return MemoryTable.empty()
    place_table, joined["place"] = _fewest_places(np.concatenate(places), joined["place"])
    used, joined["context"] = np.unique(joined["context"], return_inverse=True)
    every = tuple(contexts)
    return MemoryTable.of(
        joined,
        Keys(np.concatenate(firsts), np.concatenate(seconds)),
        tuple(every[n] for n in used.tolist()),
        place_table,
        _together(images["patch"]),
        _together(images["overview"]),
        raws,
    )


def _fewest_places(places: np.ndarray, numbers: I64) -> tuple[np.ndarray, I64]:
    """Return each place once, those of the rows only, and the rows' new numbers."""
    used = np.unique(numbers)
    used = used[used > 0]
    if not len(used):
        return places[:1], numbers
    distinct, which = np.unique(places[used], axis=0, return_inverse=True)
    translate = np.zeros(len(places), np.int64)
    translate[used] = which.reshape(-1) + 1
    return np.concatenate([places[:1], distinct]), translate[numbers]


def _some(images: Images, moved: I64) -> Images:
    if not len(images.rows):
        return images
    rows = moved[images.rows]
    keep = rows >= 0
    return Images(rows[keep], images.digests[keep])


def _together(images: Sequence[Images]) -> Images:
    rows = np.concatenate([i.rows for i in images])
    order = np.argsort(rows)
    return Images(rows[order], np.concatenate([i.digests for i in images])[order])


def by_partition(table: MemoryTable, rule: Rule, width: int) -> list[tuple[int, bool, MemoryTable]]:
    """Return (partition, came late, table) for each partition that a table has reads of.

    A partition is the number of the span of ``width`` microseconds in which its reads are due.
    """
    if not table.rows:
        return []
    delay = table.columns["delay"]
    partitions = (rule.due(table.columns["at"], delay) - 1) // width
    is_late = delay > rule.late_after
    both = partitions * 2 + is_late
    found = np.unique(both).tolist()
    if len(found) == 1:
        return [(found[0] // 2, bool(found[0] % 2), table)]
    return [(one // 2, bool(one % 2), merged([table], [both == one])) for one in found]
