"""Tiles out of a PMTiles archive, version 3, of somebody else.

The numbers of header and directories are believed only within the file. The archive is read piece
by piece and not memory-mapped: a file cut short while it is mapped would end the program.
"""

from __future__ import annotations

import json
import threading
from array import array
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from pmtiles.tile import Compression, TileType, deserialize_header, zxy_to_tileid

from nas_desktop.services.map_tiles import (
    MOST_TILE_BYTES,
    MOST_ZOOM,
    TileFormat,
    TileInfo,
    bounds_of,
    is_tile,
    layers_of,
    opened_tile,
    plain_text,
    tiles_refused,
    unpacked,
)

MAGIC: Final = b"PMTiles"

_HEADER_BYTES: Final = 127
_MOST_DIRECTORY_BYTES: Final = 4_000_000
_MOST_ENTRIES: Final = 100_000
_MOST_DEPTH: Final = 4
_KEPT_DIRECTORIES: Final = 32
_CHECKED_LEAVES: Final = 16
_SAMPLES: Final = 8
_FORMATS: Final[dict[Any, TileFormat]] = {  # Any: an enumeration of the package, without types
    TileType.MVT: "pbf", TileType.PNG: "png", TileType.JPEG: "jpg", TileType.WEBP: "webp",
}  # fmt: skip


class _Entry(NamedTuple):
    """Where a tile is, or for a ``run`` of 0 a directory of them.

    Offsets in bytes count from the part of the archive it is in.
    """

    offset: int
    length: int
    run: int


@dataclass(frozen=True, slots=True)
class _Directory:
    """Entries as columns: a hostile directory would take ten times the memory as objects."""

    ids: array[int]
    runs: array[int]
    lengths: array[int]
    offsets: array[int]

    def __len__(self) -> int:
        return len(self.ids)

    def entry(self, n: int) -> _Entry:
        return _Entry(self.offsets[n], self.lengths[n], self.runs[n])

    def find(self, tile_id: int) -> _Entry | None:
        """Return what leads to a tile, or None if it is not there."""
        n = bisect_right(self.ids, tile_id) - 1
        if n < 0 or (self.runs[n] and tile_id - self.ids[n] >= self.runs[n]):
            return None
        return self.entry(n)


class PmTiles:
    """An open PMTiles archive.

    Args:
        path: of the file.
        name: what it is called; its own name if left out.
        sha256: of the file, if it is known.

    Raises:
        Refused: ``tiles_unusable``, with the reason.
    """

    def __init__(self, path: Path, name: str = "", sha256: str = "") -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], _Directory] = OrderedDict()
        self._faults = 0
        self._size = path.stat().st_size
        self._file = path.open("rb")
        try:
            self._head = self._header()
            self._info = self._read_info(name or path.name, sha256)
        except (ValueError, OverflowError, OSError) as fault:
            self._file.close()
            raise tiles_refused(f"It is damaged or cut off ({fault}).") from None
        except BaseException:
            self._file.close()
            raise

    @property
    def info(self) -> TileInfo:
        """What the file is."""
        return self._info

    @property
    def faults(self) -> int:
        """How many tiles could not be read."""
        return self._faults

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return a tile, y from the north; None if there is none or it cannot be read."""
        if not is_tile(z, x, y) or not self._info.min_zoom <= z <= self._info.max_zoom:
            return None
        with self._lock:
            try:
                entry = self._entry(zxy_to_tileid(z, x, y))
                return None if entry is None else self._tile_of(entry)
            except (ValueError, OverflowError, OSError):
                self._faults += 1
                return None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()

    # ------------------------------------------------------------------ opening

    def _header(self) -> dict[str, Any]:
        raw = self._read(0, _HEADER_BYTES)
        if not raw.startswith(MAGIC):
            raise tiles_refused("It is no PMTiles archive.")
        if raw[7] != 3:
            raise tiles_refused(
                f"It is PMTiles version {raw[7]}; only version 3 can be read.",
                "Convert it with “pmtiles convert”.",
            )
        if raw[97] not in (1, 2) or raw[98] not in (0, 1, 2):
            raise tiles_refused(
                "Its tiles or directories are packed in a way that is not known.",
                "Make it again with gzip.",
            )
        if raw[99] not in (1, 2, 3, 4):
            raise tiles_refused("Its tiles are not of a format that can be shown.")
        head: dict[str, Any] = dict(deserialize_header(raw))
        for part in ("root", "metadata", "leaf_directory", "tile_data"):
            if head[f"{part}_offset"] + head[f"{part}_length"] > self._size:
                raise tiles_refused("It is cut off: the copy is not complete.", "Copy it again.")
        if not head["min_zoom"] <= head["max_zoom"] <= MOST_ZOOM:
            raise tiles_refused("Its zoom levels are not from 0 to 24.")
        return head

    def _read_info(self, name: str, sha256: str) -> TileInfo:
        head, kind = self._head, _FORMATS[self._head["tile_type"]]
        root = self._directory(head["root_offset"], head["root_length"])
        if not root:
            raise tiles_refused("There is no tile in it.")
        leaves = [n for n, run in enumerate(root.runs) if not run]
        self._check(root)
        for n in leaves[:: max(1, len(leaves) // _CHECKED_LEAVES)]:
            self._check(self._leaf(root.entry(n)))
        bounds = [head[f"{n}_e7"] / 1e7 for n in ("min_lon", "min_lat", "max_lon", "max_lat")]
        described = self._metadata()
        return TileInfo(
            name,
            "vector" if kind == "pbf" else "raster",
            kind,
            head["min_zoom"],
            head["max_zoom"],
            bounds_of(bounds),
            plain_text(described.get("attribution")),
            self._size,
            sha256,
            layers_of(described) if kind == "pbf" else (),
        )

    def _check(self, directory: _Directory) -> None:
        """Refuse the archive if tiles of a directory cannot be; some of them are read."""
        tiles = [n for n, run in enumerate(directory.runs) if run]
        for n in tiles:
            if directory.lengths[n] > MOST_TILE_BYTES:
                raise tiles_refused("A tile is larger than 2 MB.")
            if directory.offsets[n] + directory.lengths[n] > self._head["tile_data_length"]:
                raise tiles_refused("A tile lies beyond the end of the file.")
        for n in tiles[:: max(1, len(tiles) // _SAMPLES)]:
            try:
                self._tile_of(directory.entry(n))
            except ValueError as fault:
                raise tiles_refused(f"A tile is not what the file says: {fault}.") from None

    def _metadata(self) -> dict[str, Any]:
        length = self._head["metadata_length"]
        if not length:
            return {}
        raw = self._unpacked(self._head["metadata_offset"], length)
        try:
            data = json.loads(raw)
        except RecursionError:
            raise ValueError("its description is nested too deeply") from None
        return data if isinstance(data, dict) else {}

    # ------------------------------------------------------------------ reading

    def _entry(self, tile_id: int) -> _Entry | None:
        directory = self._directory(self._head["root_offset"], self._head["root_length"])
        for _depth in range(_MOST_DEPTH):
            entry = directory.find(tile_id)
            if entry is None or entry.run:
                return entry
            directory = self._leaf(entry)
        raise ValueError("directories too deep")

    def _leaf(self, entry: _Entry) -> _Directory:
        if entry.offset + entry.length > self._head["leaf_directory_length"]:
            raise ValueError("a directory lies beyond the end of the file")
        return self._directory(self._head["leaf_directory_offset"] + entry.offset, entry.length)

    def _directory(self, offset: int, length: int) -> _Directory:
        """Return a directory; those read last are kept."""
        if (found := self._kept.get((offset, length))) is not None:
            self._kept.move_to_end((offset, length))
            return found
        directory = _directory_of(self._unpacked(offset, length))
        self._kept[offset, length] = directory
        if len(self._kept) > _KEPT_DIRECTORIES:
            self._kept.popitem(last=False)
        return directory

    def _unpacked(self, offset: int, length: int) -> bytes:
        if length > _MOST_DIRECTORY_BYTES:
            raise ValueError("a directory is too large")
        raw = self._read(offset, length)
        if self._head["internal_compression"] is Compression.GZIP:
            return unpacked(raw, _MOST_DIRECTORY_BYTES)
        return raw

    def _tile_of(self, entry: _Entry) -> bytes:
        if entry.length > MOST_TILE_BYTES:
            raise ValueError("larger than 2 MB")
        if entry.offset + entry.length > self._head["tile_data_length"]:
            raise ValueError("beyond the end of the file")
        content = self._read(self._head["tile_data_offset"] + entry.offset, entry.length)
        kind = _FORMATS[self._head["tile_type"]]
        if self._head["tile_compression"] is Compression.GZIP and kind != "pbf":
            content = unpacked(content)
        return opened_tile(content, kind)

    def _read(self, offset: int, length: int) -> bytes:
        self._file.seek(offset)
        content = self._file.read(length)
        if len(content) != length:
            raise ValueError("cut off")
        return content


def _directory_of(content: bytes) -> _Directory:
    """Return the entries of an unpacked directory (PMTiles 3, section 4).

    Raises:
        ValueError, OverflowError: it is damaged.
    """
    count, at = _number(content, 0)
    if count > min(_MOST_ENTRIES, len(content) // 4):
        raise ValueError("a directory has too many entries")
    columns = [array("Q", bytes(8 * count)) for _column in range(4)]
    for column in columns:
        for n in range(count):
            column[n], at = _number(content, at)
    ids, runs, lengths, offsets = columns
    last = end = 0
    for n in range(count):
        last = ids[n] = last + ids[n]
        # 0 is: right behind the one before; else it is the offset and one.
        if offsets[n] or not n:
            if not offsets[n]:
                raise ValueError("a directory has an entry before its begin")
            end = offsets[n] - 1
        offsets[n] = end
        end += lengths[n]
    return _Directory(ids, runs, lengths, offsets)


def _number(content: bytes, at: int) -> tuple[int, int]:
    """Return the number that stands somewhere, 7 bits a byte, and where the next one is."""
    value = 0
    # Ten bytes are 64 bits. One without an end would make a number as long as the directory.
    for shift in range(0, 70, 7):
        if at >= len(content):
            raise ValueError("a directory is cut off")
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a directory has a number without an end")
