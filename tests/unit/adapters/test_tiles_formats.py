"""What only one of the two kinds of map file can do or get wrong."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid

from nas_desktop.adapters.store import tiles_mbtiles
from nas_desktop.adapters.store.tiles import open_tiles
from nas_desktop.adapters.store.tiles_pmtiles import PmTiles
from nas_desktop.domain.errors import Refused
from nas_desktop.services.map_tiles import WORLD, TileInfo
from tests.map_files import (
    PICTURES,
    SCHEMA,
    VECTORS,
    archive,
    directory,
    mbtiles,
    metadata,
    number,
    packed,
    pmtiles,
    png,
    sql,
    vector_pmtiles,
)


def info_of(path: Path) -> TileInfo:
    source = open_tiles(path)
    source.close()
    return source.info


# ------------------------------------------------------------------ MBTiles


PNG = "INSERT INTO metadata VALUES ('format', 'png')"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (["CREATE TABLE x (y)"], "without the table “tiles”"),
        ([SCHEMA[1]], "without the table “metadata”"),
        ([SCHEMA[0]], "without the table “tiles”"),
        ([SCHEMA[0], "CREATE TABLE tiles (z)", PNG], "no MBTiles that can be read"),
        ([SCHEMA[0], SCHEMA[1]], "format “” is not one of"),
        ([SCHEMA[0], SCHEMA[1], PNG], "no tile in it"),
        ([SCHEMA[1], "CREATE VIEW metadata AS SELECT * FROM nowhere"], "no MBTiles"),
    ],
)
def test_that_a_database_that_is_no_mbtiles_is_refused(
    schema: Iterable[str], words: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match=words):
        open_tiles(sql(tmp_path / "m", *schema))


@pytest.mark.parametrize(
    ("tiles", "told", "words"),
    [
        (PICTURES, metadata("jpg"), "not what the file says: no jpg"),
        (PICTURES, metadata("pbf"), "not what the file says"),
        (VECTORS, metadata("png"), "not what the file says: no png"),
        (PICTURES, metadata("<b>gif</b>"), "format “gif” is not one of"),
        ({(0, 0, 0): "text"}, metadata("png"), "no MBTiles that can be read"),
        ({(0, 0, 0): None}, metadata("png"), "no MBTiles that can be read"),
        ({(25, 0, 0): png()}, metadata("png"), "no numbers from 0 to 24"),
    ],
)
def test_that_an_mbtiles_that_says_what_is_not_so_is_refused(
    tiles: dict[tuple[int, int, int], Any], told: dict[str, str], words: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match=words):
        open_tiles(mbtiles(tmp_path / "m", tiles, told))


@pytest.mark.parametrize("zoom", ["NULL", "-1", "'five'", "1.5", "x'00'"])
def test_that_zoom_levels_have_to_be_numbers(zoom: str, tmp_path: Path) -> None:
    path = mbtiles(tmp_path / "m")
    schema = ["DROP TABLE tiles", SCHEMA[1], f"INSERT INTO tiles VALUES ({zoom}, 0, 0, x'00')"]
    with pytest.raises(Refused, match="no numbers from 0 to 24"):
        open_tiles(sql(path, *schema))


@pytest.mark.parametrize(
    "bounds", ["", "1,2,3", "a,b,c,d", "nan,nan,nan,nan", "2,49,-8,61", "1e999,0,1,1"]
)
def test_that_bounds_that_are_none_are_the_world(bounds: str, tmp_path: Path) -> None:
    assert info_of(mbtiles(tmp_path / "m", told=metadata("png", bounds=bounds))).bounds == WORLD


@pytest.mark.parametrize(
    "told", ["", "{", "[1]", "[" * 100_000, "1" * 5_000, '{"vector_layers": 1}', "x" * 5_000_000]
)
def test_that_a_description_that_is_none_names_no_layer(told: str, tmp_path: Path) -> None:
    assert info_of(mbtiles(tmp_path / "m", VECTORS, metadata("pbf", json=told))).layers == ()


def test_that_a_raster_has_no_layers_whatever_it_says(tmp_path: Path) -> None:
    told = metadata("png", json=json.dumps({"vector_layers": [{"id": "roads"}]}))
    assert info_of(mbtiles(tmp_path / "m", told=told)).layers == ()


def test_that_an_attribution_loses_its_markup(tmp_path: Path) -> None:
    told = metadata("png", attribution='<a href="https://x.example">&copy; OS</a>')
    assert info_of(mbtiles(tmp_path / "m", told=told)).attribution == "© OS"


def test_that_tiles_may_be_a_view_of_two_tables(tmp_path: Path) -> None:
    path = sql(
        mbtiles(tmp_path / "m"),
        "CREATE TABLE images (id INTEGER PRIMARY KEY, data BLOB)",
        "CREATE TABLE map (zoom_level, tile_column, tile_row, id)",
        "CREATE UNIQUE INDEX i ON map (zoom_level, tile_column, tile_row)",
        "INSERT INTO images SELECT rowid, tile_data FROM tiles",
        "INSERT INTO map SELECT zoom_level, tile_column, tile_row, rowid FROM tiles",
        "DROP TABLE tiles",
        "CREATE VIEW tiles AS SELECT zoom_level, tile_column, tile_row, data AS tile_data"
        " FROM map JOIN images USING (id)",
    )
    source = open_tiles(path)
    assert (source.info.min_zoom, source.info.max_zoom) == (0, 2)
    assert source.tile(2, 1, 0) == png(4)
    source.close()


ENDLESS = (
    "CREATE VIEW tiles AS WITH RECURSIVE n(z) AS (SELECT 0 UNION ALL SELECT z + 1 FROM n)"
    " SELECT z AS zoom_level, 0 AS tile_column, 0 AS tile_row, x'00' AS tile_data FROM n"
)


def test_that_a_view_without_an_end_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles_mbtiles, "_CHECK_S", -1.0)
    path = sql(mbtiles(tmp_path / "m"), "DROP TABLE tiles", ENDLESS)
    with pytest.raises(Refused, match="too slow"):
        open_tiles(path)


def test_that_a_file_without_an_index_is_refused_if_that_makes_it_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = (
        "INSERT INTO tiles WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT"
        " 20000) SELECT 2, x, 0, (SELECT tile_data FROM tiles) FROM n"
    )
    path = sql(mbtiles(tmp_path / "m"), "DROP INDEX tile_index", rows)
    assert info_of(path).max_zoom == 2
    monkeypatch.setattr(tiles_mbtiles, "_TILE_S", -1.0)
    with pytest.raises(Refused, match="no index"):
        open_tiles(path)


def test_that_a_tile_that_takes_too_long_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = (
        "CREATE VIEW tiles AS SELECT * FROM few UNION ALL SELECT 1, 0, 1, (WITH RECURSIVE n(x) AS"
        " (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 100000) SELECT x'00' FROM n WHERE x < 0)"
    )
    path = sql(mbtiles(tmp_path / "m"), "ALTER TABLE tiles RENAME TO few", slow)
    sql(path, "DELETE FROM few WHERE zoom_level = 1", "INSERT INTO few VALUES (4, 0, 0, x'00')")
    sql(path, "UPDATE few SET tile_data = (SELECT tile_data FROM few WHERE zoom_level = 0)")
    source = open_tiles(path)
    monkeypatch.setattr(tiles_mbtiles, "_TILE_S", -1.0)
    assert source.tile(1, 0, 0) is None
    assert source.faults == 1
    monkeypatch.undo()
    assert source.tile(0, 0, 0) == png(1)
    source.close()


def test_that_nothing_is_written_beside_a_file(tmp_path: Path) -> None:
    path = sql(mbtiles(tmp_path / "a ?#%41 b.mbtiles"), "PRAGMA journal_mode=wal")
    before = path.read_bytes()
    source = open_tiles(path)
    assert source.tile(0, 0, 0) == png(1)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    source.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_that_a_file_that_is_still_written_is_refused(ending: str, tmp_path: Path) -> None:
    path = mbtiles(tmp_path / "m")
    beside = tmp_path / f"m{ending}"
    beside.touch()
    assert info_of(path).max_zoom == 2
    beside.write_bytes(b"x")
    with pytest.raises(Refused, match="not finished"):
        open_tiles(path)


def test_that_a_file_whose_header_has_no_length_is_refused_when_torn(tmp_path: Path) -> None:
    path = mbtiles(tmp_path / "m", dict.fromkeys([(6, x, 0) for x in range(64)], png()))
    whole = bytearray(path.read_bytes())
    whole[92:96] = b"\0\0\0\0"
    path.write_bytes(whole[: len(whole) - 3 * 4096])
    with pytest.raises(Refused, match=r"damaged|cut off"):
        open_tiles(path)


@pytest.mark.parametrize("rest", [bytes(84), b"\x10\0\1\1\0@  " + bytes(76), b"\xff" * 4_000])
def test_that_a_file_that_only_begins_as_a_database_is_refused(rest: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(tiles_mbtiles.MAGIC + rest)
    with pytest.raises(Refused):
        open_tiles(path)


# ------------------------------------------------------------------ PMTiles


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (7, 2, "version 2; only version 3"),
        (97, 3, "packed in a way that is not known"),
        (98, 4, "packed in a way that is not known"),
        (99, 0, "not of a format"),
        (99, 5, "not of a format"),
        (99, 3, "not what the file says: no jpg"),
        (101, 25, "not from 0 to 24"),
        (100, 3, "not from 0 to 24"),
        (15, 255, "cut off"),
        (71, 1, "cut off"),
    ],
)
def test_that_a_header_that_is_not_so_is_refused(
    at: int, value: int, words: str, tmp_path: Path
) -> None:
    path = pmtiles(tmp_path / "m")
    content = bytearray(path.read_bytes())
    content[at] = value
    path.write_bytes(content)
    with pytest.raises(Refused, match=words):
        open_tiles(path)


def test_that_tiles_without_a_stated_packing_are_taken(tmp_path: Path) -> None:
    source = open_tiles(pmtiles(tmp_path / "m", compression=Compression.UNKNOWN))
    assert source.tile(0, 0, 0) == png(1)
    source.close()


def test_that_packed_pictures_are_unpacked(tmp_path: Path) -> None:
    tiles = {at: gzip.compress(picture) for at, picture in PICTURES.items()}
    source = open_tiles(pmtiles(tmp_path / "m", tiles, compression=Compression.GZIP))
    assert source.tile(2, 1, 0) == png(4)
    source.close()


def test_that_every_tile_of_a_large_archive_is_found(tmp_path: Path) -> None:
    at = [(8, x, y) for x in range(256) for y in range(256) if (x * 31 + y * 17) % 7 < 2]
    tiles = {(z, x, y): packed("n" * ((x * y) % 90)) + bytes(x % 40) for z, x, y in at}
    path = vector_pmtiles(tmp_path / "m", tiles)
    source = open_tiles(path)
    assert path.read_bytes()[48:56] != bytes(8), "the test wants an archive with leaves"
    found = {(8, x, y) for x in range(0, 256, 3) for y in range(256) if source.tile(8, x, y)}
    assert found == {(z, x, y) for z, x, y in at if x % 3 == 0}
    assert source.faults == 0
    source.close()


def test_that_only_the_directories_read_last_are_kept(tmp_path: Path) -> None:
    leaf = [directory((zxy_to_tileid(3, n % 8, n // 8), 1, len(png()), 0)) for n in range(64)]
    ids = sorted(range(64), key=lambda n: zxy_to_tileid(3, n % 8, n // 8))
    size = len(leaf[0])
    assert all(len(one) == size for one in leaf)
    root = directory(
        *((zxy_to_tileid(3, n % 8, n // 8), 0, size, at * size) for at, n in enumerate(ids))
    )
    path = archive(tmp_path / "m", root, b"".join(leaf[n] for n in ids), png(), max_zoom=3)
    source = open_tiles(path)
    for _again in range(2):
        assert all(source.tile(3, n % 8, n // 8) == png() for n in range(64))
    source.close()


def test_that_a_run_of_tiles_is_one_entry(tmp_path: Path) -> None:
    path = archive(tmp_path / "m", directory((1, 3, len(png()), 0)), data=png())
    source = open_tiles(path)
    first = zxy_to_tileid(1, 0, 0)
    there = [(1, x, y) for x in (0, 1) for y in (0, 1) if source.tile(1, x, y)]
    assert {zxy_to_tileid(*tile) - first for tile in there} == {0, 1, 2}
    assert source.tile(0, 0, 0) is None
    source.close()


@pytest.mark.parametrize(
    ("root", "words"),
    [
        (b"", "cut off"),
        (number(0), "no tile in it"),
        (number(3) + bytes(3), "too many entries"),
        (number(200_000) + bytes(800_000), "too many entries"),
        (b"\xff" * 100, "without an end"),
        (number(1) + b"\x80\x80\x80\x80", "cut off"),
        (number(1) + b"\xff" * 9 + b"\x7f" + bytes(3), "damaged"),
        (bytes([1, 0, 1, 5, 0]), "before its begin"),
        (directory((0, 1, 3_000_000, 0)), "larger than 2 MB"),
        (directory((0, 1, 500, 0)), "beyond the end"),
        (directory((0, 1, 5, 1 << 60)), "beyond the end"),
        (directory((0, 1, 10, 0)), "not what the file says"),
        (directory((0, 0, 50, 0)), "beyond the end"),
        (bytes(5_000_000), "too large"),
    ],
)
def test_that_a_directory_that_cannot_be_is_refused(
    root: bytes, words: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match=words):
        open_tiles(archive(tmp_path / "m", root, data=bytes(100)))


def test_that_a_directory_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "m", gzip.compress(bytes(9_000_000)), internal_compression=Compression.GZIP
    )
    with pytest.raises(Refused, match="larger than 4000000 bytes"):
        open_tiles(path)


def test_that_directories_that_lead_in_a_circle_give_no_tile(tmp_path: Path) -> None:
    size = len(directory((0, 0, 9, 0)))
    circle = directory((0, 0, size, 0))
    source = open_tiles(archive(tmp_path / "m", circle, leaves=circle))
    assert source.tile(0, 0, 0) is None
    assert source.faults == 1
    source.close()


@pytest.mark.parametrize("entry", [(0, 1, 3_000_000, 0), (0, 1, 5, 9), (0, 1, 1, 1 << 62)])
def test_that_a_tile_deep_in_an_archive_that_cannot_be_is_none(
    entry: tuple[int, int, int, int], tmp_path: Path
) -> None:
    inner = directory(entry)
    outer = directory((0, 0, len(inner), 0))
    root = directory((0, 0, len(outer), len(inner)))
    source = open_tiles(archive(tmp_path / "m", root, inner + outer, bytes(10)))
    assert source.tile(0, 0, 0) is None
    assert source.faults == 1
    source.close()


def test_that_pmtiles_are_not_opened_by_another_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no PMTiles archive"):
        PmTiles(mbtiles(tmp_path / "m"))


@pytest.mark.parametrize(
    ("told", "words"),
    [(b"{", "damaged"), (b"[" * 100_000, "too deeply"), (b"\xff\xfe\xff", "damaged")],
)
def test_that_a_description_that_is_damaged_is_refused(
    told: bytes, words: str, tmp_path: Path
) -> None:
    root = directory((0, 1, len(png()), 0))
    with pytest.raises(Refused, match=words):
        open_tiles(archive(tmp_path / "m", root, data=png(), told=told))


@pytest.mark.parametrize("told", [b"", b"[]", b"{}", b'{"attribution": 7, "vector_layers": 7}'])
def test_that_a_description_may_say_nothing(told: bytes, tmp_path: Path) -> None:
    data = packed()
    root = directory((0, 1, len(data), 0))
    path = archive(tmp_path / "m", root, data=data, told=told, tile_type=TileType.MVT)
    info = info_of(path)
    assert (info.attribution, info.layers) == ("", ())
