"""Reads as columns of numbers, sorted by capture time and indexed by mark.

What hardly ever changes between reads of one camera (lane, alias, user, flags …) is a *context*,
of which each read holds the number; so is its place on the ground. What is left of a read are eight
small numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nas_desktop.adapters.store.reads.marks import I64, U64, Keys, keys_of, mark_of
from nas_desktop.domain.camera import CameraId, CameraKind
from nas_desktop.domain.geo import Position
from nas_desktop.domain.read import Read, ReadFlag, read_id_of
from nas_desktop.domain.vrm import Vrm

BLOCK = 8_192
"""Rows in one block of a column; the last of a column may have fewer."""

BIN_US = 300_000_000
"""Width of a bin of the counts by camera, microseconds: 5 minutes."""

_FEW_A_BLOCK = 400

ROW_COLUMNS = ("at", "mark", "context", "place", "delay", "confidence", "offset", "raw")
"""Columns with one number a read, in the order of capture time."""

NO_CONFIDENCE = -1
NO_PLACE = 0
_OTHER_RAW = 31
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Return microseconds since 1970 UTC."""
    return (at - _EPOCH) // _US


def instant(us: int) -> datetime:
    """Return the instant of microseconds since 1970 UTC."""
    return _EPOCH + timedelta(microseconds=us)


class Context(NamedTuple):
    """What many reads have in common."""

    camera: CameraId
    lane: str
    alias: str
    username: str
    preset: int
    kind: CameraKind
    flags: tuple[ReadFlag, ...]


@dataclass(slots=True)
class Images:
    """Digests of announced images: rows in order, and 32 bytes each."""

    rows: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    digests: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 32), np.uint8))

    def of(self, rows: Iterable[int]) -> dict[int, str]:
        """Return the digests of those of the rows that have one."""
        wanted = np.fromiter(rows, np.int64)
        spots = self.rows.searchsorted(wanted)
        return {
            int(row): self.digests[spot].tobytes().hex()
            for row, spot in zip(wanted.tolist(), spots.tolist(), strict=True)
            if spot < len(self.rows) and self.rows[spot] == row
        }


class Table(Protocol):
    """Reads in the order of capture time, in blocks, with an index of their marks."""

    @property
    def rows(self) -> int:
        """How many reads."""
        ...

    @property
    def first_at(self) -> int:
        """Capture time of the oldest read, microseconds since 1970."""
        ...

    @property
    def last_at(self) -> int:
        """Capture time of the newest read, microseconds since 1970."""
        ...

    @property
    def first_received(self) -> int:
        """Earliest receipt, microseconds since 1970."""
        ...

    @property
    def longest_delay(self) -> int:
        """Longest time from capture to receipt, microseconds."""
        ...

    @property
    def contexts(self) -> Sequence[Context]:
        """What reads have in common, by number."""
        ...

    @property
    def places(self) -> NDArray[np.float64]:
        """Latitude and longitude by number; row 0 is "no fix"."""
        ...

    def column(self, name: str, block: int) -> I64:
        """Return a block of one of ``ROW_COLUMNS``, or of ``begins`` or ``posted``.

        ``begins`` tells for each mark by its number where its rows begin in ``posted``.
        """
        ...

    def block_starts(self) -> I64:
        """Return the capture time of the first read of each block."""
        ...

    def offset_bounds(self) -> tuple[I64, I64]:
        """Return the smallest and the largest offset in each block."""
        ...

    def mark_blocks(self) -> U64:
        """Return the first number of the first mark of each block of marks."""
        ...

    def marks(self, block: int) -> Keys:
        """Return a block of the distinct marks, in order."""
        ...

    @property
    def distinct(self) -> int:
        """How many different marks."""
        ...

    def bins(self) -> I64:
        """Return one row a context's camera and bin: camera, bin, reads, late, degraded."""
        ...

    def cameras(self) -> Sequence[CameraId]:
        """Return the cameras, by their number in ``bins``."""
        ...

    def images(self, kind: str) -> Images:
        """Return the digests of the images announced; ``kind`` is patch or overview."""
        ...

    def raws(self) -> dict[int, str]:
        """Return marks as the camera wrote them, by row, where no space alone tells it."""
        ...


class ReadColumns:
    """Reads as they come, in any order; grows batch by batch until it is made a ``MemoryTable``."""

    def __init__(self) -> None:
        self.contexts: list[Context] = []
        self.places: list[tuple[float, float]] = [(np.nan, np.nan)]
        self._context_numbers: dict[Context, int] = {}
        self._place_numbers: dict[Position, int] = {}
        self._batches: list[tuple[Keys, NDArray[np.int64]]] = []
        self.raws: dict[int, str] = {}
        self.patches: dict[int, str] = {}
        self.overviews: dict[int, str] = {}
        self.rows = 0

    def add(self, reads: Sequence[Read], first_offset: int) -> tuple[I64, Keys]:
        """Append reads whose offsets count on from ``first_offset``; returns times and keys."""
        count = len(reads)
        numbers = np.empty((7, count), np.int64)
        # A float of a capture time is exact to a quarter microsecond: rounding gives the very one.
        at = np.rint(np.array([r.captured_at.timestamp() for r in reads]) * 1e6).astype(np.int64)
        got = np.rint(np.array([r.received_at.timestamp() for r in reads]) * 1e6).astype(np.int64)
        numbers[0] = at
        numbers[1] = [self._context_of(r) for r in reads]
        numbers[2] = [self._place_of(r.position) for r in reads]
        numbers[3] = got - at
        numbers[4] = [NO_CONFIDENCE if r.confidence is None else r.confidence for r in reads]
        numbers[5] = np.arange(first_offset, first_offset + count)
        numbers[6] = [0 if r.vrm_raw == r.vrm else self._raw(i, r) for i, r in enumerate(reads)]
        for index, read in enumerate(reads, self.rows):
            if read.patch is not None:
                self.patches[index] = read.patch
            if read.overview is not None:
                self.overviews[index] = read.overview
        keys = keys_of([r.vrm for r in reads])
        self._batches.append((keys, numbers))
        self.rows += count
        return at, keys

    def _context_of(self, r: Read) -> int:
        context = Context(r.camera, r.lane_id, r.alias, r.username, r.preset_id, r.kind, r.flags)
        number = self._context_numbers.get(context)
        if number is None:
            number = self._context_numbers[context] = len(self.contexts)
            self.contexts.append(context)
        return number

    def _place_of(self, position: Position | None) -> int:
        if position is None:
            return NO_PLACE
        number = self._place_numbers.get(position)
        if number is None:
            number = self._place_numbers[position] = len(self.places)
            self.places.append((position.latitude, position.longitude))
        return number

    def _raw(self, index: int, read: Read) -> int:
        """How the camera wrote the mark: with one space, or in a way to be kept as it is."""
        head, space, tail = read.vrm_raw.partition(" ")
        if space and head + tail == read.vrm and 0 < len(head) < _OTHER_RAW:
            return len(head)
        self.raws[self.rows + index] = read.vrm_raw
        return _OTHER_RAW

    def table(self) -> MemoryTable:
        """Return everything so far, sorted and indexed; what is added later is not in it."""
        batches = list(self._batches)
        if not batches:
            return MemoryTable.empty()
        rows = sum(len(keys) for keys, _numbers in batches)
        keys = Keys(
            np.concatenate([k.first for k, _n in batches]),
            np.concatenate([k.second for k, _n in batches]),
        )
        numbers = np.concatenate([n for _k, n in batches], axis=1)
        columns = dict(
            zip(
                ("at", "context", "place", "delay", "confidence", "offset", "raw"),
                numbers,
                strict=True,
            )
        )
        return MemoryTable.of(
            columns,
            keys,
            tuple(self.contexts),
            np.array(self.places, np.float64),
            _images(dict(self.patches), rows),
            _images(dict(self.overviews), rows),
            {row: raw for row, raw in dict(self.raws).items() if row < rows},
        )


def _images(digests: dict[int, str], below: int) -> Images:
    rows = [row for row in digests if row < below]
    if not rows:
        return Images()
    packed = bytes.fromhex("".join(digests[row] for row in rows))
    return Images(np.array(rows, np.int64), np.frombuffer(packed, np.uint8).reshape(-1, 32))


class MemoryTable:
    """A ``Table`` in memory."""

    def __init__(
        self,
        columns: dict[str, I64],
        marks: Keys,
        starts: I64,
        posted: I64,
        contexts: Sequence[Context],
        places: NDArray[np.float64],
        images: dict[str, Images],
        raws: dict[int, str],
    ) -> None:
        self.columns = columns | {"begins": starts, "posted": posted}
        self.all_marks = marks
        self.contexts = contexts
        self.places = places
        self._images = images
        self._raws = raws
        self._cameras: tuple[CameraId, ...] | None = None

    @classmethod
    def empty(cls) -> MemoryTable:
        """Return a table without reads."""
        nothing = np.zeros(0, np.int64)
        no_keys = Keys(nothing.view(np.uint64), nothing.view(np.uint64))
        columns = dict.fromkeys(ROW_COLUMNS, nothing)
        places = np.full((1, 2), np.nan)
        return cls(columns, no_keys, np.zeros(1, np.int64), nothing, (), places, {}, {})

    @classmethod
    def of(
        cls,
        columns: dict[str, I64],
        keys: Keys,
        contexts: Sequence[Context],
        places: NDArray[np.float64],
        patches: Images,
        overviews: Images,
        raws: dict[int, str],
    ) -> MemoryTable:
        """Sort and index columns that come in any order; ``mark`` is made from ``keys``."""
        order = np.argsort(columns["at"], kind="stable")
        if not (order[1:] > order[:-1]).all():
            columns = {name: values[order] for name, values in columns.items()}
            keys = keys.at(order)
            place = np.empty(len(order), np.int64)
            place[order] = np.arange(len(order))
            patches, overviews = _moved(patches, place), _moved(overviews, place)
            raws = {int(place[row]): raw for row, raw in raws.items()}
        marks, numbers, starts, posted = indexed(keys)
        columns = {**columns, "mark": numbers}
        images = {"patch": patches, "overview": overviews}
        return cls(columns, marks, starts, posted, contexts, places, images, raws)

    @property
    def rows(self) -> int:
        """See ``Table.rows``."""
        return len(self.columns["at"])

    @property
    def first_at(self) -> int:
        """Capture time of the oldest read, microseconds; 0 when there is none."""
        return int(self.columns["at"][0]) if self.rows else 0

    @property
    def last_at(self) -> int:
        """Capture time of the newest read, microseconds; 0 when there is none."""
        return int(self.columns["at"][-1]) if self.rows else 0

    @property
    def first_received(self) -> int:
        """Earliest receipt, microseconds; 0 when there is none."""
        if not self.rows:
            return 0
        return int((self.columns["at"] + self.columns["delay"]).min())

    @property
    def longest_delay(self) -> int:
        """Longest time from capture to receipt, microseconds."""
        return int(self.columns["delay"].max()) if self.rows else 0

    @property
    def distinct(self) -> int:
        """See ``Table.distinct``."""
        return len(self.all_marks)

    def column(self, name: str, block: int) -> I64:
        """See ``Table.column``."""
        return self.columns[name][block * BLOCK : (block + 1) * BLOCK]

    def block_starts(self) -> I64:
        """See ``Table.block_starts``."""
        return self.columns["at"][::BLOCK]

    def offset_bounds(self) -> tuple[I64, I64]:
        """See ``Table.offset_bounds``."""
        places = np.arange(0, self.rows, BLOCK)
        offsets = self.columns["offset"]
        if not self.rows:
            return places, places
        return np.minimum.reduceat(offsets, places), np.maximum.reduceat(offsets, places)

    def mark_blocks(self) -> U64:
        """See ``Table.mark_blocks``."""
        return self.all_marks.first[::BLOCK]

    def marks(self, block: int) -> Keys:
        """See ``Table.marks``."""
        return self.all_marks.at(slice(block * BLOCK, (block + 1) * BLOCK))

    def cameras(self) -> Sequence[CameraId]:
        """Return the cameras, by their number in ``bins``."""
        if self._cameras is None:
            self._cameras = tuple(dict.fromkeys(c.camera for c in self.contexts))
        return self._cameras

    def bins(self) -> I64:
        """See ``Table.bins``."""
        if not self.rows:
            return np.zeros((0, 5), np.int64)
        numbers = {camera: n for n, camera in enumerate(self.cameras())}
        cameras = np.array([numbers[c.camera] for c in self.contexts], np.int64)
        late = np.array([ReadFlag.BUFFERED in c.flags for c in self.contexts], np.int64)
        poor = np.array([bool(POOR.intersection(c.flags)) for c in self.contexts], np.int64)
        context = self.columns["context"]
        bins = self.columns["at"] // BIN_US
        low = int(bins[0])
        both = (cameras[context] << 40) | (bins - low)
        groups, which = np.unique(both, return_inverse=True)
        found = np.empty((len(groups), 5), np.int64)
        found[:, 0] = groups >> 40
        found[:, 1] = (groups & ((1 << 40) - 1)) + low
        found[:, 2] = np.bincount(which)
        found[:, 3] = np.bincount(which, late[context])
        found[:, 4] = np.bincount(which, poor[context])
        return found

    def images(self, kind: str) -> Images:
        """See ``Table.images``."""
        return self._images.get(kind, Images())

    def raws(self) -> dict[int, str]:
        """Return the marks as the camera wrote them, by row, where a space does not tell it."""
        return self._raws


POOR = frozenset(
    {
        ReadFlag.CLOCK_AHEAD,
        ReadFlag.CLOCK_BEHIND,
        ReadFlag.IMAGE_REFUSED,
        ReadFlag.POSITION_MOVED,
        ReadFlag.POSITION_INVALID,
    }
)
"""Flags of a read that make its camera's time count as degraded."""


def _moved(images: Images, place: I64) -> Images:
    if not len(images.rows):
        return images
    rows = place[images.rows]
    order = np.argsort(rows)
    return Images(rows[order], images.digests[order])


def indexed(keys: Keys) -> tuple[Keys, I64, I64, I64]:
    """Return the distinct marks, each row's number, where each mark's rows begin, and the rows."""
    if keys.second.any():
        order = np.lexsort((keys.second, keys.first))
    else:
        order = np.argsort(keys.first, kind="stable")
    first, second = keys.first[order], keys.second[order]
    is_new = np.ones(len(order), np.bool_)
    is_new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    begins = is_new.nonzero()[0]
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.cumsum(is_new) - 1
    starts = np.append(begins, len(order)).astype(np.int64)
    return Keys(first[begins], second[begins]), numbers, starts, order.astype(np.int64)


def gathered(table: Table, name: str, rows: I64) -> I64:
    """Return the numbers of a column in rows that are in order."""
    found = np.empty(len(rows), np.int64)
    for block, first, last in by_block(rows):
        found[first:last] = table.column(name, block)[rows[first:last] - block * BLOCK]
    return found


def by_block(rows: I64) -> Iterator[tuple[int, int, int]]:
    """Yield (block, from, to) for rows that are in order: which of them lie in which block."""
    if not len(rows):
        return
    blocks = rows // BLOCK
    cuts = [0, *((blocks[1:] != blocks[:-1]).nonzero()[0] + 1).tolist(), len(rows)]
    for first, last in pairwise(cuts):
        yield int(blocks[first]), first, last


def marks_at(table: Table, numbers: I64) -> list[Vrm]:
    """Return the marks of their numbers, which may come in any order and more than once."""
    wanted, which = np.unique(numbers, return_inverse=True)
    found: list[Vrm] = []
    for block, first, last in by_block(wanted):
        keys = table.marks(block).at(wanted[first:last] - block * BLOCK)
        found += [
            Vrm(mark_of(a, b))
            for a, b in zip(keys.first.tolist(), keys.second.tolist(), strict=True)
        ]
    return [found[spot] for spot in which.tolist()]


def first_of_marks(table: Table, numbers: I64) -> U64:
    """Return the first numbers of marks by their place; in any order and more than once."""
    if len(numbers) * _FEW_A_BLOCK > table.distinct:
        # Nearly every block would be read anyhow; sorting the numbers would take longer.
        blocks = range(-(-table.distinct // BLOCK))
        return np.concatenate([table.marks(block).first for block in blocks])[numbers]
    wanted, which = np.unique(numbers, return_inverse=True)
    found = np.empty(len(wanted), np.uint64)
    for block, first, last in by_block(wanted):
        found[first:last] = table.marks(block).first[wanted[first:last] - block * BLOCK]
    return found[which]


def keys_at(table: Table, numbers: I64) -> Keys:
    """Return the keys of marks by their place; in any order and more than once."""
    if len(numbers) * _FEW_A_BLOCK > table.distinct:
        every = [table.marks(block) for block in range(-(-table.distinct // BLOCK))]
        whole = Keys(
            np.concatenate([keys.first for keys in every]),
            np.concatenate([keys.second for keys in every]),
        )
        return whole.at(numbers)
    wanted, which = np.unique(numbers, return_inverse=True)
    found = Keys(np.empty(len(wanted), np.uint64), np.empty(len(wanted), np.uint64))
    for block, first, last in by_block(wanted):
        keys = table.marks(block).at(wanted[first:last] - block * BLOCK)
        found.first[first:last], found.second[first:last] = keys.first, keys.second
    return found.at(which)


def reads_at(table: Table, rows: I64) -> list[Read]:
    """Return the reads in rows that are in order."""
    if not len(rows):
        return []
    columns = [gathered(table, name, rows).tolist() for name in ROW_COLUMNS if name != "mark"]
    marks = marks_at(table, gathered(table, "mark", rows))
    numbers = rows.tolist()
    patches, overviews = table.images("patch").of(numbers), table.images("overview").of(numbers)
    raws = table.raws() if _OTHER_RAW in columns[-1] else {}
    contexts, places = table.contexts, table.places
    found: list[Read] = []
    for row, vrm, at, context, place, delay, confidence, _offset, raw in zip(
        numbers, marks, *columns, strict=True
    ):
        shared = contexts[context]
        captured = instant(at)
        found.append(
            Read(
                read_id=read_id_of(shared.camera, captured, vrm),
                vrm=vrm,
                vrm_raw=_raw_of(vrm, raw, raws, row),
                captured_at=captured,
                received_at=instant(at + delay),
                camera=shared.camera,
                position=None if place == NO_PLACE else Position(*places[place].tolist()),
                lane_id=shared.lane,
                alias=shared.alias,
                username=shared.username,
                preset_id=shared.preset,
                kind=shared.kind,
                confidence=None if confidence == NO_CONFIDENCE else confidence,
                patch=patches.get(row),
                overview=overviews.get(row),
                flags=shared.flags,
            )
        )
    return found


def _raw_of(vrm: str, raw: int, raws: dict[int, str], row: int) -> str:
    if raw == 0:
        return vrm
    return raws[row] if raw == _OTHER_RAW else f"{vrm[:raw]} {vrm[raw:]}"
