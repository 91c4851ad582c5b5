"""Points of a search against its rows: the same reads in the same places, in every order."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from nas_desktop.adapters.store.reads import cache as cache_module
from nas_desktop.adapters.store.reads.columns import micros
from nas_desktop.adapters.store.reads.question import Question, Rule
from nas_desktop.adapters.store.reads.scan import Cancelled
from nas_desktop.adapters.store.reads.search import ReadSearch
from nas_desktop.adapters.store.reads.segment import Segment
from nas_desktop.domain.query import ReadQuery
from nas_desktop.domain.read import Read
from nas_desktop.domain.retention import LOCAL
from nas_desktop.services.map_points import DIRECTIONS, MapPoints, joined
from nas_desktop.services.point_pack import binary, from_binary
from nas_desktop.services.searches import FoundRead, Holder, Order
from tests.contract.test_read_search import CAMERAS, NOW, Held, confusions, some_reads, whole_time


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    patch = pytest.MonkeyPatch()
    patch.setattr(cache_module, "SMALL_ROWS", 150)
    made = Held(tmp_path_factory.mktemp("points"), some_reads(seed=5))
    patch.undo()
    yield made
    made.database.close()
    made.log.cache.close()


def a_search(held: Held, query: ReadQuery) -> ReadSearch:
    question = Question(query, Rule.of(LOCAL), micros(NOW), CAMERAS, confusions())
    search = ReadSearch(held.log.cache.tables(), question, CAMERAS, Holder.DESK)
    search.run()
    assert search.is_exact
    return search


def over_the_wire(search: ReadSearch, order: Order, hits: list[Read], step: int) -> MapPoints:
    parts = []
    for first in range(0, search.found, step):
        part = search.points(first, step, order, hits)
        parts.append(from_binary(binary(part), part.cameras))
    return joined(parts)


def check(points: MapPoints, rows: list[FoundRead], hits: list[Read]) -> None:
    marks: dict[int, str] = {}
    ringing = {read.read_id for read in hits}
    assert points.has_hit is not None
    assert len(points) == len(rows)
    for n, row in enumerate(rows):
        read = row.read
        assert points.at[n] == micros(read.captured_at)
        assert points.cameras[points.camera[n]].camera_id == read.camera
        assert points.cameras[points.camera[n]].alias == CAMERAS[read.camera].alias
        assert DIRECTIONS[points.direction[n]] == row.direction
        assert marks.setdefault(int(points.vehicle[n]), read.vrm) == read.vrm
        assert points.has_hit[n] == (read.read_id in ringing)
        if read.position is None:
            assert math.isnan(points.latitude[n])
            assert math.isnan(points.longitude[n])
        else:
            assert points.latitude[n] == pytest.approx(read.position.latitude, abs=6e-7)
            assert points.longitude[n] == pytest.approx(read.position.longitude, abs=6e-7)
    assert len(marks) == len({row.read.vrm for row in rows})


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("step", [313, 100_000])
def test_that_a_point_is_the_row_of_its_place(held: Held, order: Order, step: int) -> None:
    alive = [r for r in held.reads if LOCAL.due_of(r) > NOW]
    search = a_search(held, whole_time())
    check(
        over_the_wire(search, order, alive[::41], step),
        search.rows(0, 10_000, order),
        alive[::41],
    )
    like = ReadQuery(
        whole_time().since,
        whole_time().until,
        vrms=("AB5*",),
        look_alikes=("AB51ABC",),
        distance=60,
    )
    some = a_search(held, like)
    check(over_the_wire(some, order, [], step), some.rows(0, 10_000, order), [])


def test_that_an_answer_without_reads_has_no_points(held: Held) -> None:
    nothing = a_search(held, ReadQuery(NOW, NOW + (NOW - whole_time().since), vrms=("ZZ99ZZZ",)))
    assert len(nothing.points(0, 100, Order.NEWEST, [])) == 0


def test_that_what_is_dropped_meanwhile_keeps_its_place_and_nothing_else(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = a_search(held, whole_time())
    before = search.points(0, 10, Order.NEWEST, [])  # made, and kept for the rest
    assert not before.is_gone.any()
    whole = search.matches()
    tables = held.log.cache.tables()
    sealed = [n for n, table in enumerate(tables) if isinstance(table, Segment)]
    for number in sealed:
        monkeypatch.setattr(tables[number], "is_dropped", True)
    points = search.points(0, 10_000, Order.OLDEST, [])
    gone = np.isin(whole.tables[::-1], sealed)
    assert gone.any()
    assert points.is_gone.tolist() == gone.tolist()
    assert np.isnan(points.latitude[gone]).all()
    assert (points.vehicle[gone] < 0).all()
    again = a_search(held, whole_time()).points(0, 10_000, Order.NEWEST, [])
    assert again.is_gone.tolist() == gone[::-1].tolist()
    assert from_binary(binary(again), again.cameras).is_gone.tolist() == gone[::-1].tolist()


def test_that_a_closed_search_makes_no_points(held: Held) -> None:
    search = a_search(held, whole_time())
    search.is_closed = True
    with pytest.raises(Cancelled):
        search.points(0, 100, Order.NEWEST, [])
