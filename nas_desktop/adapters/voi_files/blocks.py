"""Entries of a list in compressed blocks, so that a list of millions costs no object an entry.

A block is two bytes with its number of rows, lowest first, and one zstd frame: the rows of the
template as CSV in UTF-8 with LF, as ``template_rows.row_of`` gives them. Blocks are stored and
sent as they are.
"""

from __future__ import annotations

import csv
import io
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import overload

import numpy as np
import zstandard
from numpy.typing import NDArray

from nas_desktop.adapters.voi_files.rows import row_text
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.matching.columns import EntryColumns, columns_of, joined
from nas_desktop.domain.template_rows import entry_of, row_of
from nas_desktop.domain.voi import VoiEntry

BLOCK_ROWS = 512
"""Most rows in a block."""

MAX_BLOCK_BYTES = 2 * 1024 * 1024
"""Most bytes of a block, unpacked; a row of the longest record that is read still fits."""

_FULL_BYTES = 1024 * 1024
_COUNT_BYTES = 2
_LEVEL = 1
_CACHED_BLOCKS = 8


class BlockEntries(Sequence[VoiEntry]):
    """Entries that are unpacked block by block when they are asked for.

    Held in memory are the blocks and the columns, about 60 bytes an entry. Safe in any number of
    threads.
    """

    def __init__(self, blocks: Sequence[bytes], columns: EntryColumns) -> None:
        """Take blocks and their columns, which have to fit; ``from_blocks`` makes sure of that."""
        self._blocks = tuple(blocks)
        self._columns = columns
        self._ends = np.cumsum([rows_in(block) for block in blocks], dtype=np.int64)
        self._cache: OrderedDict[int, list[list[str]]] = OrderedDict()

    @property
    def columns(self) -> EntryColumns:
        """One number an entry and column, as the matching engine takes them."""
        return self._columns

    @property
    def blocks(self) -> Sequence[bytes]:
        """The blocks as they are stored and sent."""
        return self._blocks

    def __len__(self) -> int:
        return len(self._columns)

    @overload
    def __getitem__(self, index: int) -> VoiEntry: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[VoiEntry]: ...

    def __getitem__(self, index: int | slice) -> VoiEntry | Sequence[VoiEntry]:
        """Return one entry, or a tuple of those of a slice.

        Raises:
            IndexError: there is no such entry.
            Refused: ``list_block``; the block is damaged.
        """
        if isinstance(index, slice):
            return tuple(self[row] for row in range(*index.indices(len(self))))
        row = index + len(self) if index < 0 else index
        if not 0 <= row < len(self):
            raise IndexError("no such entry")
        number = int(np.searchsorted(self._ends, row, side="right"))
        first = int(self._ends[number - 1]) if number else 0
        return entry_of(self._table_of(number)[row - first])

    def __iter__(self) -> Iterator[VoiEntry]:
        for block in self._blocks:
            yield from take_block(block)

    def _table_of(self, number: int) -> list[list[str]]:
        # Threads may unpack the same block twice; each step on the cache is whole by itself.
        found = self._cache.get(number)
        if found is None:
            found = _table(self._blocks[number])
            self._cache[number] = found
            if len(self._cache) > _CACHED_BLOCKS:
                try:
                    self._cache.popitem(last=False)
                except KeyError:
                    self._cache.clear()
        return found


def pack_entries(entries: Iterable[VoiEntry]) -> BlockEntries:
    """Return entries in blocks; they come back exactly as they were.

    Raises:
        ValueError: a warning signal of an entry cannot be written (see ``row_of``).
        Refused: ``list_row``, ``list_block``; an entry could not be read back, for one because its
            text is too long.
    """
    parts: list[EntryColumns] = []
    rest = iter(entries)
    packer = BlockPacker()
    while some := list(islice(rest, BLOCK_ROWS)):
        rows = [row_of(entry) for entry in some]
        for cells in rows:
            entry_of(cells)
        data = [(row_text(cells) + "\n").encode() for cells in rows]
        packer.add(b"".join(data), np.cumsum([len(row) for row in data]))
        parts.append(columns_of(some))
    return BlockEntries(packer.finish(), joined(parts))


def from_blocks(blocks: Iterable[bytes], columns: EntryColumns | None = None) -> BlockEntries:
    """Return entries from blocks that come from a disk or from the network.

    Args:
        blocks: as ``BlockEntries.blocks`` has them.
        columns: those of the same entries from a trusted place; blocks are then unpacked only when
            asked for. Without them every row is looked at and the columns are made anew.

    Raises:
        Refused: ``list_block``, ``list_row``; a block is damaged or holds what is no entry, or the
            columns are not those of as many entries.
    """
    kept = tuple(blocks)
    if columns is None:
        columns = joined([columns_of(take_block(block)) for block in kept])
    elif sum(map(rows_in, kept)) != len(columns):
        raise _refused("The blocks of the list hold another number of entries than its columns.")
    return BlockEntries(kept, columns)


def take_block(data: bytes, rows: Sequence[int] | None = None) -> list[VoiEntry]:
    """Return the entries of one block, whoever made it; with ``rows`` only those, by number.

    Raises:
        Refused: ``list_block`` (not a block, too large, another number of rows), ``list_row``.
        IndexError: there is no such row.
    """
    table = _table(data)
    wanted = table if rows is None else [table[row] for row in rows]
    return [entry_of(cells) for cells in wanted]


def without_rows(data: bytes, gone: Collection[int]) -> bytes | None:
    """Return a block without some of its rows, by number; None when none is left.

    Raises:
        Refused: as ``take_block``.
    """
    rows = [row_text(cells) for row, cells in enumerate(_table(data)) if row not in gone]
    if not rows:
        return None
    packer = BlockPacker()
    plain = [(row + "\n").encode() for row in rows]
    packer.add(b"".join(plain), np.cumsum([len(row) for row in plain]))
    return packer.finish()[0]


def _table(data: bytes) -> list[list[str]]:
    rows = rows_in(data)
    text = _unpacked(data)
    try:
        table = list(islice(csv.reader(io.StringIO(text, newline=""), strict=True), rows + 1))
    except csv.Error:
        raise _refused("A row of a block of the list does not end, or is too long.") from None
    if len(table) != rows:
        raise _refused("A block of the list has another number of rows than it says.")
    return table


def _unpacked(data: bytes) -> str:
    try:
        frame = zstandard.get_frame_parameters(data[_COUNT_BYTES:])
        # A frame without its size, or with a dictionary, is not one of ours.
        if not 0 < frame.content_size <= MAX_BLOCK_BYTES or frame.dict_id:
            raise _refused("A block of the list is too large, or does not say how large it is.")
        plain = zstandard.ZstdDecompressor(max_window_size=MAX_BLOCK_BYTES).decompress(
            data[_COUNT_BYTES:], max_output_size=MAX_BLOCK_BYTES, allow_extra_data=False
        )
        return plain.decode()
    except (zstandard.ZstdError, UnicodeDecodeError):
        raise _refused("A block of the list is damaged.") from None


def rows_in(data: bytes) -> int:
    """Return how many rows a block says it has.

    Raises:
        Refused: ``list_block``; that is impossible.
    """
    rows = int.from_bytes(data[:_COUNT_BYTES], "little")
    if not 0 < rows <= BLOCK_ROWS:
        raise _refused("A block of the list says an impossible number of rows.")
    return rows


def _refused(message: str) -> Refused:
    return Refused("list_block", message, "Have the list sent, or imported, again.")


class BlockPacker:
    """Cuts a stream of rows into blocks and packs them."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._waiting_rows = 0
        self._pack = zstandard.ZstdCompressor(level=_LEVEL).compress

    def add(self, data: bytes, ends: NDArray[np.int64]) -> None:
        """Add rows.

        Args:
            data: rows of the template with LF behind each.
            ends: where each row ends in them, its LF included.

        Raises:
            Refused: ``list_row``; one row alone is larger than a block may be.
        """
        row, at = 0, 0
        while row < len(ends):
            upto = min(row + BLOCK_ROWS - self._waiting_rows, len(ends))
            room = at + _FULL_BYTES - self._waiting_bytes
            if ends[upto - 1] > room:
                upto = int(np.searchsorted(ends, room, side="right"))
                if upto <= row and self._waiting_rows:
                    self._close()
                    continue
                # One row that fills a block by itself.
                upto = max(upto, row + 1)
            end = int(ends[upto - 1])
            if end - at > MAX_BLOCK_BYTES:
                raise Refused("list_row", "A row of the list is too long.", "Shorten its texts.")
            self._waiting.append(data[at:end])
            self._waiting_bytes += end - at
            self._waiting_rows += upto - row
            row, at = upto, end
            if self._waiting_rows == BLOCK_ROWS:
                self._close()

    def finish(self) -> list[bytes]:
        """Return all blocks."""
        if self._waiting_rows:
            self._close()
        return self._blocks

    def _close(self) -> None:
        plain = b"".join(self._waiting)
        self._blocks.append(self._waiting_rows.to_bytes(_COUNT_BYTES, "little") + self._pack(plain))
        self._waiting.clear()
        self._waiting_bytes = self._waiting_rows = 0
