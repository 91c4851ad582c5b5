"""The contract of ``ports.ReadStore``, held by the fake in memory and by the real read log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nas_desktop.adapters.store import read_log
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.read_log import ReadLog
from nas_desktop.adapters.store.reads.cache import ReadCache
from nas_desktop.domain.read import Read, ReadFlag
from nas_desktop.services.captures import digest_of
from nas_desktop.services.events import ImageKind
from nas_desktop.services.progress import Progress
from tests.builders import NOON, a_read
from tests.fakes.read_store import MemoryReadStore

Make = Callable[[], Any]


@pytest.fixture(params=["memory", "read log"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Return a maker of empty stores of one kind."""
    opened: list[Database] = []
    with TemporaryDirectory() as folder:

        def a_log() -> ReadLog:
            path = Path(folder) / f"reads-{len(opened)}.db"
            opened.append(Database(path, b"k" * 32, read_log.MIGRATIONS))
            return ReadLog(opened[-1], ReadCache(path.with_suffix(".sealed"), b"k" * 32))

        yield MemoryReadStore if request.param == "memory" else a_log
        for database in opened:
            database.close()


@pytest.fixture
def store(make: Make) -> Any:
    return make()


def reads(*numbers: int) -> list[Read]:
    return [a_read(f"AB{n:02d}ABC", NOON + timedelta(seconds=n)) for n in numbers]


def test_that_an_empty_store_has_nothing(store: Any) -> None:
    assert (store.end(), store.fetch(0, 10)) == (0, [])
    assert store.image_of(a_read().read_id, ImageKind.PATCH) is None
    assert store.progress("reads") == Progress()
    assert store.ingest([]) == []


def test_that_offsets_count_from_zero_without_holes(store: Any) -> None:
    assert [at for at, _r in store.ingest(reads(0, 1, 2))] == [0, 1, 2]
    assert [at for at, _r in store.ingest(reads(3))] == [3]
    assert store.end() == 4
    assert store.fetch(0, 10) == list(enumerate(reads(0, 1, 2, 3)))


def test_that_a_read_that_comes_twice_is_stored_once(store: Any) -> None:
    store.ingest(reads(0, 1))
    again = a_read("AB00ABC", NOON, lane_id="another", flags=(ReadFlag.BUFFERED,))
    assert store.ingest([again, *reads(1, 2, 2)]) == [(2, reads(2)[0])]
    assert store.end() == 3
    assert [r for _at, r in store.fetch(0, 10)] == reads(0, 1, 2)


def test_that_a_read_comes_back_with_every_field(store: Any) -> None:
    full = a_read(
        preset_id=4, patch="0" * 64, overview=None, position=None, flags=(ReadFlag.NO_FIX,)
    )
    store.ingest([full])
    assert store.fetch(0, 1) == [(0, full)]


@pytest.mark.parametrize("first", range(8))
@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_that_any_slice_can_be_fetched(store: Any, first: int, limit: int) -> None:
    for batch in (reads(0), reads(1, 2, 3), reads(4), reads(5, 6)):
        store.ingest(batch)
    expected = list(enumerate(reads(*range(7))))[first : first + limit]
    assert store.fetch(first, limit) == expected


def test_that_progress_goes_along_with_the_reads(store: Any) -> None:
    store.ingest(reads(0, 1), ("reads", 10, 12))
    store.ingest(reads(0, 1), ("reads", 12, 14))  # nothing new, and yet taken in
    store.ingest([], ("other", 0, 3))
    assert store.progress("reads") == Progress("", 14, ((0, 10),))
    assert store.progress("other") == Progress("", 3)


def test_that_an_image_is_tied_to_exactly_its_read_and_kind(store: Any) -> None:
    one, two = reads(0, 1)
    tie = (one.read_id, ImageKind.PATCH, digest_of(b"a"))
    assert store.put_images([(*tie, b"a")]) == [tie]
    assert store.image_of(one.read_id, ImageKind.PATCH) == b"a"
    assert store.image_of(one.read_id, ImageKind.OVERVIEW) is None
    assert store.image_of(two.read_id, ImageKind.PATCH) is None


def test_that_a_tie_is_never_changed(store: Any) -> None:
    (read,) = reads(0)
    first = (read.read_id, ImageKind.PATCH, digest_of(b"a"), b"a")
    other = (read.read_id, ImageKind.PATCH, digest_of(b"b"), b"b")
    assert len(store.put_images([first])) == 1
    assert store.put_images([first, other]) == []
    assert store.image_of(read.read_id, ImageKind.PATCH) == b"a"


def test_that_one_image_may_belong_to_many_reads(store: Any) -> None:
    one, two = reads(0, 1)
    items = [(r.read_id, kind, digest_of(b"a"), b"a") for r in (one, two) for kind in ImageKind]
    assert len(store.put_images(items)) == 4
    assert store.image_of(two.read_id, ImageKind.OVERVIEW) == b"a"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.integers(0, 12), max_size=6), max_size=6), st.integers(0, 14))
def test_that_a_store_agrees_with_a_list(make: Make, batches: list[list[int]], first: int) -> None:
    store, model = make(), []
    for numbers in batches:
        new = store.ingest(reads(*numbers))
        fresh = [n for i, n in enumerate(numbers) if n not in model and n not in numbers[:i]]
        assert new == list(enumerate(reads(*fresh), len(model)))
        model += fresh
        assert store.end() == len(model)
    assert store.fetch(first, 5) == list(enumerate(reads(*model)))[first : first + 5]
