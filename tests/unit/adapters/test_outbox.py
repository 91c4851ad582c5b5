"""A sender's buffer: in order, until it is confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nas_desktop.adapters.store import outbox as outbox_module
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.outbox import Outbox

KEY = b"k" * 32


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    database = Database(tmp_path / "outbox.db", KEY, outbox_module.MIGRATIONS)
    yield Outbox(database)
    database.close()


def test_that_batches_come_out_as_they_went_in(outbox: Outbox) -> None:
    numbers = outbox.put([("reads", 2, 10.5, b"a"), ("images", 1, 11.0, b"b")])
    numbers += outbox.put([("late", 3, 12.0, b"c")])
    assert numbers == sorted(set(numbers))
    rows = outbox.fetch(0, 10)
    assert rows == [
        (numbers[0], "reads", 2, 10.5, b"a"),
        (numbers[1], "images", 1, 11.0, b"b"),
        (numbers[2], "late", 3, 12.0, b"c"),
    ]
    assert outbox.fetch(numbers[0], 1) == rows[1:2]


def test_that_only_what_is_confirmed_is_forgotten(outbox: Outbox) -> None:
    one, two, three = outbox.put([("reads", 1, float(n), b"x") for n in range(3)])
    outbox.remove([two, 999])
    assert [row[0] for row in outbox.fetch(0, 10)] == [one, three]
    outbox.remove([])
    outbox.remove([one, three])
    assert outbox.fetch(0, 10) == []


def test_that_a_number_is_never_given_twice(outbox: Outbox, tmp_path: Path) -> None:
    (one,) = outbox.put([("reads", 1, 0.0, b"x")])
    outbox.remove([one])
    outbox.database.close()
    again = Outbox(Database(tmp_path / "outbox.db", KEY, outbox_module.MIGRATIONS))
    (two,) = again.put([("reads", 1, 0.0, b"x")])
    assert two > one
    again.database.close()


def test_that_what_waits_is_counted_in_reads_since_the_oldest(outbox: Outbox) -> None:
    assert outbox.waiting() == (0, 0, None)
    outbox.put([("late", 5, 20.0, b"x"), ("reads", 2, 30.0, b"x"), ("images", 1, 15.0, b"x")])
    assert outbox.waiting() == (3, 7, 15.0)
