"""What every kind of map file has to keep to, on files as others make them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nas_desktop.adapters.store.tiles import check_tiles, open_tiles
from nas_desktop.domain.errors import Refused
from nas_desktop.services.map_tiles import TileSource
from tests.map_files import (
    ATTRIBUTION,
    BOUNDS,
    VECTORS,
    bomb,
    mbtiles,
    metadata,
    packed,
    pmtiles,
    png,
    vector,
    vector_pmtiles,
)


def vector_mbtiles(path: Path) -> Path:
    return mbtiles(path, VECTORS, metadata("pbf"))


RASTERS: list[Callable[[Path], Path]] = [mbtiles, pmtiles]
VECTOR_FILES: list[Callable[[Path], Path]] = [vector_mbtiles, vector_pmtiles]
ALL = [*RASTERS, *VECTOR_FILES]


@pytest.fixture
def opened() -> Iterator[Callable[[Path], TileSource]]:
    sources: list[TileSource] = []

    def open_one(path: Path) -> TileSource:
        sources.append(open_tiles(path))
        return sources[-1]

    yield open_one
    for source in sources:
        source.close()


Opened = Callable[[Path], TileSource]


@pytest.mark.parametrize("write", RASTERS)
def test_that_a_raster_file_says_what_it_is(
    write: Callable[[Path], Path], tmp_path: Path, opened: Opened
) -> None:
    info = opened(write(tmp_path / "any.name")).info
    assert (info.name, info.kind, info.format) == ("any.name", "raster", "png")
    assert (info.min_zoom, info.max_zoom, info.bounds) == (0, 2, BOUNDS)
    assert (info.attribution, info.layers, info.sha256) == (ATTRIBUTION, (), "")
    assert info.bytes == (tmp_path / "any.name").stat().st_size


@pytest.mark.parametrize("write", VECTOR_FILES)
def test_that_a_vector_file_says_what_it_is(
    write: Callable[[Path], Path], tmp_path: Path, opened: Opened
) -> None:
    info = opened(write(tmp_path / "m")).info
    assert (info.kind, info.format) == ("vector", "pbf")
    assert info.layers == ("roads", "waterlines")


@pytest.mark.parametrize("write", RASTERS)
def test_that_tiles_count_from_the_north_west(
    write: Callable[[Path], Path], tmp_path: Path, opened: Opened
) -> None:
    source = opened(write(tmp_path / "m"))
    assert source.tile(0, 0, 0) == png(1)
    assert source.tile(1, 0, 0) == png(2)
    assert source.tile(1, 1, 1) == png(3)
    assert source.tile(2, 1, 0) == png(4)
    for none in ((1, 0, 1), (2, 1, 3), (3, 0, 0), (1, 5, 0), (-1, 0, 0), (99, 0, 0)):
        assert source.tile(*none) is None
    assert source.faults == 0


@pytest.mark.parametrize("write", VECTOR_FILES)
def test_that_vector_tiles_come_unpacked(
    write: Callable[[Path], Path], tmp_path: Path, opened: Opened
) -> None:
    source = opened(write(tmp_path / "m"))
    assert source.tile(1, 0, 0) == vector("b")
    assert source.tile(2, 1, 0) == vector("c")


@pytest.mark.parametrize("write", ALL)
def test_that_a_file_is_checked_with_its_digest(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    info = check_tiles(write(tmp_path / "m"))
    assert len(info.sha256) == 64
    assert sorted(tmp_path.iterdir()) == [tmp_path / "m"]


@pytest.mark.parametrize("write", ALL)
def test_that_a_torn_file_is_refused_wherever_it_is_torn(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    whole = write(tmp_path / "m").read_bytes()
    torn = tmp_path / "torn"
    cuts = {*range(140), *range(140, len(whole), 61), len(whole) - 1}
    for cut in sorted(cuts):
        torn.write_bytes(whole[:cut])
        with pytest.raises(Refused) as refusal:
            open_tiles(torn)
        assert refusal.value.code == "tiles_unusable", cut


@pytest.mark.parametrize("write", ALL)
def test_that_a_damaged_file_gives_a_refusal_or_tiles_and_nothing_else(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    whole = write(tmp_path / "m").read_bytes()
    bad = tmp_path / "bad"

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, len(whole) - 1), st.binary(min_size=1, max_size=8))
    def damage(at: int, with_what: bytes) -> None:
        bad.write_bytes(whole[:at] + with_what + whole[at + len(with_what) :])
        try:
            source = open_tiles(bad)
        except Refused:
            return
        for z, x, y in ((0, 0, 0), (1, 0, 0), (1, 1, 1), (2, 1, 0), (2, 3, 3)):
            source.tile(z, x, y)
        source.close()

    damage()


@pytest.mark.parametrize("write", ALL)
def test_that_a_file_cut_short_while_it_is_open_gives_no_tile_and_no_more(
    write: Callable[[Path], Path], tmp_path: Path, opened: Opened
) -> None:
    path = write(tmp_path / "m")
    source = opened(path)
    with path.open("r+b") as file:
        file.truncate(200)
    for z, x, y in ((0, 0, 0), (1, 0, 0), (1, 1, 1), (2, 1, 0)):
        source.tile(z, x, y)


@pytest.mark.parametrize("write", ALL)
def test_that_a_closed_file_gives_no_tile(write: Callable[[Path], Path], tmp_path: Path) -> None:
    source = open_tiles(write(tmp_path / "m"))
    source.close()
    assert source.tile(0, 0, 0) is None
    assert source.faults == 1


@pytest.mark.parametrize("write", ALL)
def test_that_any_thread_may_ask(
    write: Callable[[Path], Path], tmp_path: Path, opened: Opened
) -> None:
    source = opened(write(tmp_path / "m"))
    found: list[bool] = []

    def ask() -> None:
        found.extend(source.tile(z, z // 2, 0) is not None for z in (0, 1, 2) for _n in range(30))

    threads = [Thread(target=ask) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 360
    assert source.faults == 0


def bomb_mbtiles(path: Path, at: tuple[int, int, int]) -> Path:
    tiles = {(z, 0, 0): packed() for z in range(5)} | {at: bomb()}
    return mbtiles(path, tiles, metadata("pbf"))


def bomb_pmtiles(path: Path, at: tuple[int, int, int]) -> Path:
    # Enough of others that this one is not among those looked at.
    tiles = {(z, 0, 0): packed(f"n{z}") for z in range(5)} | {at: bomb()}
    more = {(4, x, y): packed(f"{x} {y}") for x in range(1, 12) for y in range(1, 12)}
    return vector_pmtiles(path, {**tiles, **more})


@pytest.mark.parametrize("write", [bomb_mbtiles, bomb_pmtiles])
def test_that_a_file_with_a_bomb_in_front_is_refused(
    write: Callable[[Path, tuple[int, int, int]], Path], tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="larger than 8000000 bytes"):
        open_tiles(write(tmp_path / "m", (0, 0, 0)))


@pytest.mark.parametrize("write", [bomb_mbtiles, bomb_pmtiles])
def test_that_a_bomb_further_in_is_no_tile(
    write: Callable[[Path, tuple[int, int, int]], Path], tmp_path: Path, opened: Opened
) -> None:
    source = opened(write(tmp_path / "m", (1, 0, 0)))
    assert source.tile(1, 0, 0) is None
    assert source.faults == 1
    assert source.tile(2, 0, 0)


def large_mbtiles(path: Path) -> Path:
    return mbtiles(path, {(0, 0, 0): png() + bytes(2_000_000)})


def huge_mbtiles(path: Path) -> Path:
    return mbtiles(path, {(0, 0, 0): png() + bytes(5_000_000)})


def large_pmtiles(path: Path) -> Path:
    return pmtiles(path, {(0, 0, 0): png() + bytes(2_000_000)})


@pytest.mark.parametrize("write", [large_mbtiles, huge_mbtiles, large_pmtiles])
def test_that_a_file_with_a_tile_too_large_is_refused(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="larger than 2 MB"):
        open_tiles(write(tmp_path / "m"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"GIF89a" * 50,
        b"SQLite format 2\0" * 50,
        random.Random(1).randbytes(500),
    ],
)
def test_that_what_is_no_map_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "map.mbtiles"
    path.write_bytes(content)
    with pytest.raises(Refused, match="neither MBTiles nor PMTiles"):
        open_tiles(path)


def test_that_a_folder_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.pmtiles"):
        with pytest.raises(Refused, match="is no file"):
            open_tiles(path)
