"""Tiles out of an MBTiles 1.3 file: an SQLite database of somebody else, read and never trusted.

It is opened read-only and immutable, so that nothing is written beside it; its views may not
use functions that reach further; a query that takes too long is broken off.
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Final

import apsw

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
)

MAGIC: Final = b"SQLite format 3\0"

_CHECK_S: Final = 20.0
_TILE_S: Final = 2.0
_SAMPLES: Final = 8
_FORMATS: Final[dict[str, TileFormat]] = {
    "png": "png", "jpg": "jpg", "jpeg": "jpg", "webp": "webp", "pbf": "pbf", "mvt": "pbf",
    "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp",
    "application/x-protobuf": "pbf", "application/vnd.mapbox-vector-tile": "pbf",
}  # fmt: skip
_TILE: Final = (
    "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
)


class MbTiles:
    """An open MBTiles file.

    Args:
        path: of the file.
        name: what it is called; its own name if left out.
        sha256: of the file, if it is known.

    Raises:
        Refused: ``tiles_unusable``, with the reason.
    """

    def __init__(self, path: Path, name: str = "", sha256: str = "") -> None:
        _check_length(path)
        _check_closed(path)
        self._lock = threading.Lock()
        self._until = time.monotonic() + _CHECK_S
        self._faults = 0
        try:
            self._db = _opened(path)
        except apsw.Error:
            raise tiles_refused(f"{path.name} is no database that can be read.") from None
        try:
            self._db.set_progress_handler(lambda: time.monotonic() > self._until, 20_000)
            self._info = self._read_info(name or path.name, path.stat().st_size, sha256)
        except (apsw.Error, ValueError, OverflowError) as fault:
            self._db.close()
            raise tiles_refused(_reason(fault)) from None
        except BaseException:
            self._db.close()
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
                self._until = time.monotonic() + _TILE_S
                # The rows of MBTiles count from the south (TMS).
                row = self._db.execute(_TILE, (z, x, (1 << z) - 1 - y)).fetchone()
                return None if row is None else opened_tile(_blob(row[0]), self._info.format)
            except (apsw.Error, ValueError):
                self._faults += 1
                return None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _read_info(self, name: str, size: int, sha256: str) -> TileInfo:
        tables = {
            str(row[0])
            for row in self._db.execute(
                "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
            )
        }
        for table in ("tiles", "metadata"):
            if table not in tables:
                raise tiles_refused(f"It is a database without the table “{table}”: no MBTiles.")
        told = self._told("name IN ('format', 'bounds', 'attribution')")
        stated = told.get("format", "").strip().lower()
        kind = _FORMATS.get(stated)
        if kind is None:
            raise tiles_refused(
                f"Its format “{plain_text(stated)[:40]}” is not one of png, jpg, webp and pbf."
            )
        zooms = [self._zoom("ASC"), self._zoom("DESC")]
        for z in sorted({zooms[0], (zooms[0] + zooms[1]) // 2, zooms[1]}):
            samples = self._db.execute(
                f"SELECT tile_data FROM tiles WHERE zoom_level = ? LIMIT {_SAMPLES}", (z,)
            )
            for row in samples:
                _judge(_blob(row[0]), kind, z)
        # Without an index every tile would take as long as this one, which is not there.
        self._until = time.monotonic() + _TILE_S
        self._db.execute(_TILE, (zooms[1], -1, -1)).fetchone()
        numbers = [_number(word) for word in told.get("bounds", "").split(",")]
        return TileInfo(
            name,
            "vector" if kind == "pbf" else "raster",
            kind,
            zooms[0],
            zooms[1],
            bounds_of(numbers),
            plain_text(told.get("attribution")),
            size,
            sha256,
            self._layers() if kind == "pbf" else (),
        )

    def _told(self, where: str) -> dict[str, str]:
        rows = self._db.execute(f"SELECT name, value FROM metadata WHERE {where} LIMIT 10")
        return {str(key): str(value) for key, value in rows}

    def _layers(self) -> tuple[str, ...]:
        """Return what its description names; one that is too long or wrong tells nothing."""
        try:
            return layers_of(json.loads(self._told("name = 'json'").get("json", "")))
        except (apsw.TooBigError, ValueError, RecursionError):
            return ()

    def _zoom(self, order: str) -> int:
        # Not min() and max(): of a view that joins two tables they would read every row.
        row = self._db.execute(
            f"SELECT zoom_level FROM tiles ORDER BY zoom_level {order} LIMIT 1"
        ).fetchone()
        if row is None:
            raise tiles_refused("There is no tile in it.")
        zoom = row[0]
        if not isinstance(zoom, int) or not 0 <= zoom <= MOST_ZOOM:
            raise tiles_refused("Its zoom levels are no numbers from 0 to 24.")
        return zoom


def _opened(path: Path) -> apsw.Connection:
    db = apsw.Connection(
        f"{path.resolve().as_uri()}?immutable=1",
        flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
    )
    db.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    db.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    db.limit(apsw.SQLITE_LIMIT_LENGTH, 2 * MOST_TILE_BYTES)
    # No memory map: a file cut short while it is open would end the program.
    db.pragma("mmap_size", 0)
    return db


def _check_length(path: Path) -> None:
    """Refuse a file that is shorter than its own header says (SQLite file format, 1.3)."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(MAGIC):
        raise tiles_refused("It is cut off or no SQLite database.")
    page = int.from_bytes(head[16:18])
    page = 65_536 if page == 1 else page
    pages = int.from_bytes(head[28:32]) if head[24:28] == head[92:96] else 0
    if path.stat().st_size < page * pages:
        raise tiles_refused("It is cut off: the copy is not complete.", "Copy it again.")


def _check_closed(path: Path) -> None:
    """Refuse a file whose newest pages still lie beside it; it is opened without them."""
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.exists() and beside.stat().st_size:
            raise tiles_refused(
                f"It is not finished: a part of it is still in {beside.name}.",
                "Close the program that makes it, and try again.",
            )


def _judge(content: bytes, kind: TileFormat, z: int) -> None:
    if len(content) > MOST_TILE_BYTES:
        raise tiles_refused(f"A tile of zoom {z} is larger than 2 MB.")
    try:
        opened_tile(content, kind)
    except ValueError as fault:
        raise tiles_refused(f"A tile of zoom {z} is not what the file says: {fault}.") from None


def _blob(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("no tile but another value")
    return value


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return float("nan")


def _reason(fault: Exception) -> str:
    match fault:
        case apsw.TooBigError():
            return "A tile is larger than 2 MB."
        case apsw.InterruptError():
            return "It has no index by zoom, column and row, or is too slow to be used."
        case apsw.CorruptError() | apsw.NotADBError() | apsw.IOError():
            return "It is damaged, encrypted or cut off."
        case _:
            return "It is a database, but no MBTiles that can be read."
