"""Sealed files of reads: sealing, merging, dropping, and every way they can be broken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nas_desktop.adapters.store import read_log
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.read_log import ReadLog
from nas_desktop.adapters.store.reads import blocks, cache
from nas_desktop.adapters.store.reads.cache import ReadCache
from nas_desktop.adapters.store.reads.segment import Segment
from nas_desktop.domain.read import Read
from nas_desktop.domain.retention import LOCAL, PARTITION
from tests.builders import NOON, a_read

KEY = b"k" * 32


class Store:
    """A read log with its cache that can be closed and opened again."""

    def __init__(self, folder: Path, key: bytes = KEY) -> None:
        self.folder = folder
        self.database = Database(folder / "reads.db", KEY, read_log.MIGRATIONS)
        self.log = ReadLog(self.database, ReadCache(folder / "sealed", key))

    def seal(self, now: datetime = NOON) -> None:
        while self.log.tend(now, is_last=True):
            self.log.finish()

    def close(self) -> None:
        self.log.finish()
        self.database.close()
        self.log.cache.close()

    def again(self) -> Store:
        self.close()
        return Store(self.folder)

    @property
    def files(self) -> list[Path]:
        return sorted((self.folder / "sealed").glob("*.reads"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.close()


def reads(first: int, count: int, start: datetime = NOON - timedelta(hours=1)) -> list[Read]:
    return [a_read(f"AB{n:05d}", start + timedelta(seconds=n)) for n in range(first, first + count)]


def all_of(log: ReadLog) -> list[Read]:
    return [read for _at, read in log.fetch(0, 100_000)]


def test_that_sealed_reads_are_known_again(store: Store) -> None:
    some = reads(0, 50)
    store.log.ingest(some)
    store.seal()
    assert len(store.files) == 1
    assert store.log.ingest(some) == []
    assert [at for at, _r in store.log.ingest(reads(49, 3))] == [50, 51]


def test_that_reads_of_whole_seconds_are_told_apart_by_mark_and_camera(store: Store) -> None:
    at = NOON - timedelta(minutes=5)
    first = [a_read(f"AB{n:05d}", at) for n in range(300)]
    store.log.ingest(first)
    store.seal()
    second = [a_read(f"AB{n:05d}", at) for n in range(299, 302)]
    assert [r.vrm for _at, r in store.log.ingest(second)] == ["AB00300", "AB00301"]


def test_that_offsets_are_served_from_sealed_files_once_the_log_has_let_go(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_log, "RESUME_READS", 10)
    some = reads(0, 120)
    for n in range(0, 120, 10):
        store.log.ingest(some[n : n + 10])
    store.seal()
    chunks = store.database.now(lambda db: db.execute("SELECT count(*) FROM chunks").get)
    assert chunks == 1
    assert store.log.fetch(0, 1_000) == list(enumerate(some))
    assert store.log.fetch(57, 9) == list(enumerate(some))[57:66]
    assert store.log.fetch(105, 9) == list(enumerate(some))[105:114]


def test_that_the_log_keeps_what_somebody_still_waits_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_log, "RESUME_READS", 0)
    store.log.needed_from = lambda: 25
    for n in range(0, 60, 10):
        store.log.ingest(reads(n, 10))
    store.seal()
    assert store.log.count_own(20) == 40
    assert [at for at, _r in store.log.fetch_own(25, 3)] == [25, 26, 27]


def test_that_everything_is_there_after_sealing_and_a_restart(store: Store) -> None:
    store.log.ingest(reads(0, 40))
    store.seal()
    store.log.ingest(reads(40, 5))
    again = store.again()
    try:
        assert all_of(again.log) == reads(0, 45)
        assert again.log.cache.tables()[0].rows == 5
        assert again.log.ingest(reads(0, 45)) == []
        assert again.log.end() == 45
    finally:
        again.close()


def test_that_small_files_of_a_partition_are_merged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(cache.MANY_SMALL):
        store.log.ingest(reads(10 * n, 10))
        store.seal()
    assert len(store.files) == 1
    assert all_of(store.log) == reads(0, 10 * cache.MANY_SMALL)
    assert store.log.cache.check() == []


def test_that_partitions_hold_at_most_twelve_hours_and_late_reads_have_their_own(
    store: Store,
) -> None:
    old = [
        a_read(f"CD{n:05d}", NOON - timedelta(days=8, hours=n), received_at=NOON) for n in range(3)
    ]
    store.log.ingest([*reads(0, 5), *reads(5, 5, NOON - timedelta(hours=30)), *old])
    store.seal()
    files = store.log.cache.files()
    assert len(files) == 3
    assert [f.is_late for f in files].count(True) == 1
    for file in files:
        assert file.last_at - file.first_at <= PARTITION // timedelta(microseconds=1)


def test_that_a_partition_is_dropped_when_all_of_it_is_due_and_proof_remains(store: Store) -> None:
    store.log.ingest(reads(0, 20))
    store.seal()
    last = max(LOCAL.due_of(r) for r in reads(0, 20))
    assert store.log.drop_due(last - PARTITION) == []
    (proof,) = store.log.drop_due(last + PARTITION)
    assert (proof.rows, proof.files) == (20, 1)
    assert last <= proof.due_at <= last + PARTITION
    assert store.files == []


def test_that_the_log_lets_go_of_sealed_reads_that_are_due(store: Store) -> None:
    store.log.ingest(reads(0, 20))
    store.seal()
    store.log.drop_due(NOON + timedelta(days=9))
    assert store.log.fetch(0, 100) == []
    assert store.log.end() == 20


@pytest.mark.parametrize("place", [3, 40, 400, -3, -30])
def test_that_a_flipped_bit_is_found_named_and_set_aside(store: Store, place: int) -> None:
    store.log.ingest(reads(0, 40))
    store.seal()
    store.log.ingest(reads(40, 4))
    (path,) = store.files
    body = bytearray(path.read_bytes())
    body[place] ^= 4
    path.write_bytes(bytes(body))
    again = store.again()
    try:
        if not again.log.cache.damaged:  # in a block that is only read when it is searched
            (name,) = again.log.cache.check()
            again.database.now(again.log.cache.set_aside, name)
        (file,) = again.log.cache.damaged.values()
        assert (file.name, file.problem, file.rows) == (path.name, "damaged", 40)
        assert (again.folder / "sealed" / "damaged" / path.name).exists()
        assert [t.rows for t in again.log.cache.tables()] == [4]
        assert again.log.ingest(reads(44, 1))[0][0] == 44
    finally:
        again.close()


@pytest.mark.parametrize("size", [0, 10, 60, -1])
def test_that_a_torn_file_is_found_when_the_store_opens(store: Store, size: int) -> None:
    store.log.ingest(reads(0, 40))
    store.seal()
    (path,) = store.files
    os.truncate(path, size if size >= 0 else path.stat().st_size - 1)
    again = store.again()
    try:
        assert [f.problem for f in again.log.cache.damaged.values()] == ["damaged"]
    finally:
        again.close()


def test_that_a_missing_file_is_said_to_be_missing(store: Store) -> None:
    store.log.ingest(reads(0, 40))
    store.seal()
    store.files[0].unlink()
    again = store.again()
    try:
        assert [f.problem for f in again.log.cache.damaged.values()] == ["missing"]
        assert [f.problem for f in again.log.cache.files()] == ["missing"]
    finally:
        again.close()


def test_that_a_file_nobody_speaks_of_is_removed(store: Store) -> None:
    stray = store.folder / "sealed" / "00000000ff-1.reads.part"
    stray.write_bytes(b"half")
    again = store.again()
    try:
        assert not stray.exists()
    finally:
        again.close()


def test_that_another_key_reads_nothing(store: Store) -> None:
    store.log.ingest(reads(0, 40))
    store.seal()
    with pytest.raises(blocks.Damaged):
        Segment(store.files[0], b"x" * 32)


def test_that_nothing_readable_lies_on_the_disk(store: Store) -> None:
    store.log.ingest([a_read("ZZ99ZZZ", NOON, alias="Secret Lane 7", username="Some Body")])
    store.seal()
    for path in store.folder.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            assert not any(w in body for w in (b"ZZ99ZZZ", b"Secret", b"Some Body", KEY))


def test_that_a_disk_that_takes_no_file_leaves_the_reads_in_the_log(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.log.ingest(reads(0, 40))

    def full(*_args: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(cache, "write_segment", full)
        store.log.tend(NOON, is_last=True)
        store.log.cache._job.exception()  # type: ignore[union-attr]
        store.log.tend(NOON)
        assert "stay in the log" in store.log.cache.problem
        assert all_of(store.log) == reads(0, 40)
    store.seal()
    assert len(store.files) == 1
    assert store.log.cache.problem == ""


def test_that_another_file_under_a_known_name_is_none(store: Store) -> None:
    for first in (0, 40):
        store.log.ingest(reads(first, 40, NOON - timedelta(hours=first)))
        store.seal()
    one, *_between, other = store.files
    one.write_bytes(other.read_bytes())
    again = store.again()
    try:
        (file,) = again.log.cache.damaged.values()
        assert (file.name, file.problem) == (one.name, "damaged")
        assert sum(t.rows for t in again.log.cache.tables()) == 80 - file.rows
    finally:
        again.close()


def test_that_a_lost_database_deletes_no_sealed_reads(store: Store) -> None:
    store.log.ingest(reads(0, 40))
    store.seal()
    name = store.files[0].name
    store.close()
    for path in store.folder.glob("reads.db*"):
        path.unlink()
    again = Store(store.folder)
    try:
        assert "was lost" in again.log.cache.lost
        assert (again.folder / "sealed" / "damaged" / name).exists()
    finally:
        again.close()
    store.database = Database(store.folder / "other.db", KEY, read_log.MIGRATIONS)
