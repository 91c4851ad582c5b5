"""Map files for tests: real ones, made by the libraries that others make them with, and by hand."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import apsw
from PIL import Image
from pmtiles.tile import Compression, TileType, serialize_header, zxy_to_tileid
from pmtiles.writer import Writer

Tiles = Mapping[tuple[int, int, int], bytes]
"""By zoom, column from the west, row from the north."""

ATTRIBUTION = "Contains OS data © Crown copyright and database right 2026"
BOUNDS = (-8.0, 49.75, 2.0, 61.0)
VECTOR_META = {"vector_layers": [{"id": "roads", "fields": {}}, {"id": "waterlines"}]}


@cache
def png(shade: int = 0) -> bytes:
    """Return a small picture."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, shade, shade)).save(file, "PNG")
    return file.getvalue()


def vector(name: str = "roads") -> bytes:
    """Return a Mapbox Vector Tile with one layer without features."""
    layer = b"\x0a" + bytes([len(name)]) + name.encode() + b"\x78\x02"
    return b"\x1a" + bytes([len(layer)]) + layer


def packed(name: str = "roads") -> bytes:
    """Return the same as it is stored."""
    return gzip.compress(vector(name), mtime=0)


def bomb() -> bytes:
    """Return what becomes 20 MB."""
    return gzip.compress(b"\x1a" + bytes(20_000_000), mtime=0)


PICTURES: Tiles = {(0, 0, 0): png(1), (1, 0, 0): png(2), (1, 1, 1): png(3), (2, 1, 0): png(4)}
VECTORS: Tiles = {(0, 0, 0): packed("a"), (1, 0, 0): packed("b"), (2, 1, 0): packed("c")}

SCHEMA = (
    "CREATE TABLE metadata (name TEXT, value TEXT)",
    "CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER,"
    " tile_data BLOB)",
    "CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)",
)


def metadata(form: str, **others: str) -> dict[str, str]:
    """Return the metadata of an MBTiles file."""
    told = {"name": "t", "format": form, "attribution": ATTRIBUTION}
    told["bounds"] = ",".join(map(str, BOUNDS))
    if form == "pbf":
        told["json"] = json.dumps(VECTOR_META)
    return {**told, **others}


def mbtiles(
    path: Path,
    tiles: Mapping[tuple[int, int, int], Any] = PICTURES,
    told: Mapping[str, Any] | None = None,
    schema: Iterable[str] = SCHEMA,
) -> Path:
    """Write an MBTiles file."""
    db = apsw.Connection(str(path))
    with db:
        for statement in schema:
            db.execute(statement)
        if told is None:
            told = metadata("png")
        db.executemany("INSERT INTO metadata VALUES (?, ?)", list(told.items()))
        rows = [(z, x, (1 << z) - 1 - y, data) for (z, x, y), data in tiles.items()]
        db.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    db.close()
    return path


def sql(path: Path, *statements: str) -> Path:
    """Run statements on a database, which may be a new one."""
    db = apsw.Connection(str(path))
    for statement in statements:
        db.execute(statement)
    db.close()
    return path


def pmtiles(
    path: Path,
    tiles: Tiles = PICTURES,
    kind: TileType = TileType.PNG,
    compression: Compression = Compression.NONE,
    told: object = None,
) -> Path:
    """Write a PMTiles archive with the library's own writer."""
    header = {"tile_type": kind, "tile_compression": compression}
    names = ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")
    header |= {name: round(n * 1e7) for name, n in zip(names, BOUNDS, strict=True)}
    with path.open("wb") as file:
        writer = Writer(file)
        for at, data in sorted(tiles.items(), key=lambda item: zxy_to_tileid(*item[0])):
            writer.write_tile(zxy_to_tileid(*at), data)
        writer.finalize(header, {"attribution": ATTRIBUTION} if told is None else told)
    return path


def vector_pmtiles(path: Path, tiles: Tiles = VECTORS) -> Path:
    """Write a PMTiles archive of vector tiles."""
    told = {"attribution": ATTRIBUTION, **VECTOR_META}
    return pmtiles(path, tiles, TileType.MVT, Compression.GZIP, told)


def number(value: int) -> bytes:
    """Return a number as directories have it."""
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def directory(*entries: tuple[int, int, int, int]) -> bytes:
    """Return an unpacked directory of entries: tile id, run, length, offset."""
    ids = [entry[0] for entry in entries]
    steps = [b - a for a, b in zip([0, *ids], ids, strict=False)]
    columns = [steps, [e[1] for e in entries], [e[2] for e in entries], [e[3] + 1 for e in entries]]
    return number(len(entries)) + b"".join(number(n) for column in columns for n in column)


def archive(
    path: Path,
    root: bytes,
    leaves: bytes = b"",
    data: bytes = b"",
    told: bytes = b"{}",
    **others: Any,
) -> Path:
    """Write an archive of parts as they are; ``others`` are fields of its header."""
    at = {"root": 127}
    at["metadata"] = at["root"] + len(root)
    at["leaf_directory"] = at["metadata"] + len(told)
    at["tile_data"] = at["leaf_directory"] + len(leaves)
    lengths = {"root": root, "metadata": told, "leaf_directory": leaves, "tile_data": data}
    header: dict[str, Any] = {f"{part}_offset": offset for part, offset in at.items()}
    header |= {f"{part}_length": len(content) for part, content in lengths.items()}
    header |= {
        "clustered": True,
        "internal_compression": Compression.NONE,
        "tile_compression": Compression.NONE,
        "tile_type": TileType.PNG,
        "min_zoom": 0,
        "max_zoom": 2,
        **others,
    }
    path.write_bytes(serialize_header(header) + root + told + leaves + data)
    return path
