"""A sealed file of reads: a ``Table`` written once and read block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import zstandard
from numpy.typing import NDArray

from nas_desktop.adapters.store.reads.blocks import (
    BlockFile,
    BlockWriter,
    Damaged,
    narrowed,
    widened,
)
from nas_desktop.adapters.store.reads.columns import (
    BLOCK,
    ROW_COLUMNS,
    Context,
    Images,
    MemoryTable,
)
from nas_desktop.adapters.store.reads.marks import I64, U64, Keys
from nas_desktop.domain.camera import CameraId

_IMAGES = ("patch", "overview")


class _Run(msgspec.Struct, frozen=True, array_like=True):
    """Blocks of one column, one after another: number and place of the first, and the sizes."""

    number: int
    place: int
    sizes: list[int]


class _Directory(msgspec.Struct, frozen=True):
    version: int
    rows: int
    distinct: int
    first_at: int
    last_at: int
    first_received: int
    longest_delay: int
    runs: dict[str, _Run]
    starts: bytes
    mark_blocks: bytes
    lowest: bytes
    highest: bytes


def write_segment(path: Path, key: bytes, table: MemoryTable) -> int:
    """Write a table as a sealed file; returns its size in bytes, once it is durable.

    Raises:
        OSError: the disk would not take it.
    """
    with BlockWriter(path, key) as writer:
        runs: dict[str, _Run] = {}

        def put(name: str, bodies: Iterator[bytes]) -> None:
            places = [writer.add(body) for body in bodies]
            if places:
                number, place, _size = places[0]
                runs[name] = _Run(number, place, [size for _n, _p, size in places])

        for name in ROW_COLUMNS:
            put(name, _pieces(table.columns[name]))
        put("first", _pieces(table.all_marks.first))
        put("second", _pieces(table.all_marks.second))
        put("begins", _pieces(table.columns["begins"]))
        put("posted", _pieces(table.columns["posted"]))
        put("bins", (narrowed(column) for column in table.bins().T))
        put("cameras", iter([msgspec.msgpack.encode(table.cameras())]))
        squeeze = zstandard.ZstdCompressor(3).compress
        put("contexts", iter([squeeze(msgspec.msgpack.encode(list(table.contexts)))]))
        put("places", iter([table.places.tobytes()]))
        put("raws", iter([squeeze(msgspec.msgpack.encode(table.raws()))]))
        for kind in _IMAGES:
            images = table.images(kind)
            put(f"{kind}_rows", _pieces(images.rows))
            digests = images.digests
            put(
                f"{kind}_digests",
                (digests[n : n + BLOCK].tobytes() for n in range(0, len(digests), BLOCK)),
            )
        lowest, highest = table.offset_bounds()
        directory = _Directory(
            1,
            table.rows,
            table.distinct,
            table.first_at,
            table.last_at,
            table.first_received,
            table.longest_delay,
            runs,
            narrowed(table.block_starts()),
            narrowed(table.mark_blocks()),
            narrowed(lowest),
            narrowed(highest),
        )
        return writer.close(msgspec.msgpack.encode(directory))


def _pieces(values: NDArray[Any]) -> Iterator[bytes]:  # Any: whole numbers of any width
    return (narrowed(values[n : n + BLOCK]) for n in range(0, len(values), BLOCK))


class Segment:
    """A sealed file, opened. Blocks are read and decrypted as they are asked for.

    Raises:
        Damaged: the file is torn, changed, or written with another key.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._file = BlockFile(path, key)
        try:
            self._directory = msgspec.msgpack.decode(self._file.directory, type=_Directory)
        except msgspec.DecodeError:
            self._file.close()
            raise Damaged(path.name) from None
        self.path = path
        self.file_id = self._file.file_id
        self.is_dropped = False
        self.rows = self._directory.rows
        self.distinct = self._directory.distinct
        self.first_at = self._directory.first_at
        self.last_at = self._directory.last_at
        self.first_received = self._directory.first_received
        self.longest_delay = self._directory.longest_delay
        self._places = {
            name: np.cumsum([run.place, *run.sizes]).tolist()
            for name, run in self._directory.runs.items()
        }

    @property
    def size(self) -> int:
        """Size of the file, bytes."""
        return self._file.bytes

    def close(self) -> None:
        """Close the file; whoever still reads from it finds it damaged."""
        self._file.close()

    def _block(self, name: str, block: int) -> bytes:
        run = self._directory.runs[name]
        return self._file.read(run.number + block, self._places[name][block], run.sizes[block])

    def column(self, name: str, block: int) -> I64:
        """See ``Table.column``."""
        return widened(self._block(name, block))

    def check(self) -> None:
        """Read every block.

        Raises:
            Damaged: one of them is.
        """
        for name, run in self._directory.runs.items():
            for block in range(len(run.sizes)):
                self._block(name, block)

    @cached_property
    def _block_starts(self) -> I64:
        return widened(self._directory.starts)

    def block_starts(self) -> I64:
        """See ``Table.block_starts``."""
        return self._block_starts

    def offset_bounds(self) -> tuple[I64, I64]:
        """See ``Table.offset_bounds``."""
        return widened(self._directory.lowest), widened(self._directory.highest)

    @cached_property
    def _mark_blocks(self) -> U64:
        return widened(self._directory.mark_blocks).view(np.uint64)

    def mark_blocks(self) -> U64:
        """See ``Table.mark_blocks``."""
        return self._mark_blocks

    def marks(self, block: int) -> Keys:
        """See ``Table.marks``."""
        first = widened(self._block("first", block)).view(np.uint64)
        return Keys(first, widened(self._block("second", block)).view(np.uint64))

    def bins(self) -> I64:
        """See ``Table.bins``."""
        return np.stack([self.column("bins", n) for n in range(5)], axis=1)

    def cameras(self) -> Sequence[CameraId]:
        """Return the cameras, by their number in ``bins``."""
        return self._cameras

    @cached_property
    def _cameras(self) -> tuple[CameraId, ...]:
        return msgspec.msgpack.decode(self._block("cameras", 0), type=tuple[CameraId, ...])

    @cached_property
    def contexts(self) -> tuple[Context, ...]:
        """See ``Table.contexts``."""
        body = zstandard.ZstdDecompressor().decompress(self._block("contexts", 0))
        return msgspec.msgpack.decode(body, type=tuple[Context, ...])

    @cached_property
    def places(self) -> NDArray[np.float64]:
        """See ``Table.places``."""
        return np.frombuffer(self._block("places", 0), np.float64).reshape(-1, 2)

    def raws(self) -> dict[int, str]:
        """See ``Table.raws``."""
        body = zstandard.ZstdDecompressor().decompress(self._block("raws", 0))
        return msgspec.msgpack.decode(body, type=dict[int, str])

    def images(self, kind: str) -> Images:
        """See ``Table.images``."""
        if f"{kind}_rows" not in self._directory.runs:
            return Images()
        count = len(self._directory.runs[f"{kind}_rows"].sizes)
        rows = np.concatenate([self.column(f"{kind}_rows", n) for n in range(count)])
        digests = [self._block(f"{kind}_digests", n) for n in range(count)]
        return Images(rows, np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32))
