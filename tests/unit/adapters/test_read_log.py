"""What the read log does beyond its port: origins, images for the way up, one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nas_desktop.adapters.store import read_log
from nas_desktop.adapters.store.database import Database, StoreRefused
from nas_desktop.adapters.store.read_log import OWN, UPSTREAM, ReadLog
from nas_desktop.adapters.store.reads.cache import ReadCache
from nas_desktop.domain.read import Read
from nas_desktop.services.captures import digest_of
from nas_desktop.services.events import ImageKind
from nas_desktop.services.progress import Progress
from tests.builders import NOON, a_read

KEY = b"k" * 32
PATCH, OVERVIEW = ImageKind.PATCH, ImageKind.OVERVIEW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reads.db"


@pytest.fixture
def log(path: Path) -> Iterator[ReadLog]:
    database = Database(path, KEY, read_log.MIGRATIONS)
    yield opened(database)
    database.close()


def opened(database: Database) -> ReadLog:
    return ReadLog(database, ReadCache(database.path.with_suffix(".sealed"), KEY))


def reads(*numbers: int) -> list[Read]:
    return [a_read(f"AB{n:02d}ABC", NOON + timedelta(seconds=n)) for n in numbers]


def test_that_everything_is_there_after_a_restart(log: ReadLog, path: Path) -> None:
    log.ingest(reads(0, 1), ("reads", 0, 2), UPSTREAM)
    log.database.close()
    database = Database(path, KEY, read_log.MIGRATIONS)
    again = opened(database)
    assert (again.end(), again.epoch) == (2, log.epoch)
    assert again.progress("reads") == Progress("", 2)
    assert again.ingest(reads(1, 2)) == [(2, reads(2)[0])]
    database.close()


def test_that_two_stores_have_two_epochs(log: ReadLog, tmp_path: Path) -> None:
    other = Database(tmp_path / "other.db", KEY, read_log.MIGRATIONS)
    assert len(log.epoch) == 16
    assert opened(other).epoch != log.epoch
    other.close()


def test_that_rows_and_progress_are_stored_together_or_not_at_all(
    log: ReadLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.ingest(reads(0), ("reads", 0, 1))

    def breaks(*_args: object) -> None:
        raise KeyError("killed between two writes")

    with monkeypatch.context() as patch:
        patch.setattr(read_log, "put_progress", breaks)
        with pytest.raises(KeyError):
            log.ingest(reads(1, 2), ("reads", 1, 3))
    assert (log.end(), log.progress("reads")) == (1, Progress("", 1))
    assert log.fetch(0, 10) == [(0, reads(0)[0])]
    # The same batch again: nothing of it counts as seen.
    assert [at for at, _r in log.ingest(reads(1, 2), ("reads", 1, 3))] == [1, 2]
    assert log.progress("reads") == Progress("", 3)


def test_that_reads_refused_by_a_full_disk_can_be_sent_again(log: ReadLog) -> None:
    log.ingest(reads(0))
    pages = log.database.now(lambda c: int(str(c.pragma("page_count"))))
    log.database.now(lambda c: c.pragma("max_page_count", pages))
    many = [a_read(f"AB{n:05d}") for n in range(2_000)]
    with pytest.raises(StoreRefused) as refusal:
        log.ingest(many, ("reads", 0, 2_000))
    assert refusal.value.code == "disk_full"
    assert (log.end(), log.progress("reads")) == (1, Progress())
    log.database.now(lambda c: c.pragma("max_page_count", 100_000))
    assert len(log.ingest(many)) == 2_000
    assert log.end() == 2_001


def test_that_several_batches_share_one_commit(log: ReadLog) -> None:
    new = log.ingest_all(
        [
            (reads(0, 1), None, OWN),
            (reads(1, 2), ("reads", 5, 7), UPSTREAM),
            ([], ("reads", 7, 9), UPSTREAM),
        ]
    )
    assert [(at, r.vrm) for at, r in new] == [(0, "AB00ABC"), (1, "AB01ABC"), (2, "AB02ABC")]
    assert log.progress("reads") == Progress("", 9, ((0, 5),))
    log.resume("reads", "", 12)
    assert log.progress("reads") == Progress("", 12, ((0, 5), (9, 12)))
    log.resume("reads", "another", 3)
    assert log.progress("reads") == Progress("another", 3, ((0, 3),))


# ------------------------------------------------------------------ own reads on their way up

BATCHES = st.lists(st.tuples(st.integers(1, 5), st.sampled_from([OWN, UPSTREAM])), max_size=8)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BATCHES, st.integers(0, 20), st.integers(1, 9))
def test_that_own_reads_are_fetched_and_counted_from_any_offset(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[tuple[int, str]],
    first: int,
    limit: int,
) -> None:
    database = Database(tmp_path_factory.mktemp("own") / "r.db", KEY, read_log.MIGRATIONS)
    log = opened(database)
    own: list[int] = []
    for size, origin in batches:
        start = log.end()
        log.ingest(reads(*range(start, start + size)), None, origin)
        own += range(start, start + size) if origin == OWN else ()
    expected = [at for at in own if at >= first]
    assert [at for at, _r in log.fetch_own(first, limit)] == expected[:limit]
    assert log.count_own(first) == len(expected)
    database.close()


# ------------------------------------------------------------------ images


def an_image(read: Read, data: bytes, kind: ImageKind = PATCH) -> tuple[object, ...]:
    return (read.read_id, kind, digest_of(data), data)


def announces(digest: str) -> object:
    return lambda _read_id, _kind: digest


def test_that_the_announced_image_takes_the_place_of_another(log: ReadLog) -> None:
    (read,) = reads(0)
    log.put_images([an_image(read, b"wrong")])  # type: ignore[list-item]
    right = an_image(read, b"right")
    new = log.put_images([right], announced=announces(digest_of(b"right")))  # type: ignore[list-item, arg-type]
    assert new == [(read.read_id, PATCH, digest_of(b"right"))]
    assert log.image_of(read.read_id, PATCH) == b"right"


def test_that_an_announced_image_that_comes_twice_changes_nothing(log: ReadLog) -> None:
    (read,) = reads(0)
    image, announced = an_image(read, b"right"), announces(digest_of(b"right"))
    log.put_images([image], announced=announced)  # type: ignore[list-item, arg-type]
    log.mark_sent([(read.read_id, PATCH)])
    assert log.put_images([image], announced=announced) == []  # type: ignore[list-item, arg-type]
    wrong = an_image(read, b"wrong")
    assert log.put_images([wrong], announced=announced) == []  # type: ignore[list-item, arg-type]
    assert log.image_of(read.read_id, PATCH) == b"right"
    assert log.unsent_images(10) == []


def test_that_own_images_wait_until_the_node_above_has_them(log: ReadLog) -> None:
    one, two, three = reads(0, 1, 2)
    log.put_images([an_image(one, b"a"), an_image(two, b"b", OVERVIEW)])  # type: ignore[list-item]
    log.put_images([an_image(three, b"c")], is_own=False)  # type: ignore[list-item]
    waiting = log.unsent_images(10)
    assert sorted(waiting) == sorted([(one.read_id, PATCH, b"a"), (two.read_id, OVERVIEW, b"b")])
    assert len(log.unsent_images(1)) == 1
    log.mark_sent([(one.read_id, PATCH)])
    assert log.unsent_images(10) == [(two.read_id, OVERVIEW, b"b")]


def test_that_the_reason_of_a_refused_image_is_kept(log: ReadLog) -> None:
    (read,) = reads(0)
    assert log.refused_image(read.read_id, PATCH) is None
    log.put_refused_images([(read.read_id, PATCH, "It is torn.")])
    log.put_refused_images([(read.read_id, PATCH, "It is empty.")])
    assert log.refused_image(read.read_id, PATCH) == "It is torn."
    assert log.refused_image(read.read_id, OVERVIEW) is None
