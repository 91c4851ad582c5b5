"""Searching the reads: the real store against the naive oracle, and what each must honour."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_desktop.adapters.store import read_log
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.read_log import ReadLog
from nas_desktop.adapters.store.reads import cache as cache_module
from nas_desktop.adapters.store.reads.cache import ReadCache
from nas_desktop.adapters.store.reads.columns import micros, reads_at
from nas_desktop.adapters.store.reads.question import NO_DISTANCE, Question, Rule
from nas_desktop.adapters.store.reads.scan import NOTHING, Cancelled, Matches, Scan, joined
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.geo import Position
from nas_desktop.domain.matching import Confusions
from nas_desktop.domain.query import (
    Circle,
    Corridor,
    Direction,
    Polygon,
    QueryRefused,
    ReadQuery,
    checked,
)
from nas_desktop.domain.read import Read, ReadFlag
from nas_desktop.domain.retention import LOCAL
from nas_desktop.services.resources import load_json
from tests.builders import NOON, a_read
from tests.fakes import naive_search

KEY = b"k" * 32
NOW = NOON
DAYS = 9


@cache
def confusions() -> Confusions:
    return Confusions.from_data(load_json("spec", "confusions.json"))


def some_cameras() -> dict[CameraId, Camera]:
    found = {}
    for n in range(1, 9):
        camera = CameraId(("52", "07")[n % 2], 1 + n % 3, n)
        position = Position(51.3 + n / 100, -2.4 + n / 90) if n != 4 else None
        direction = ("N", "S", "", "E")[n % 4]
        found[camera] = Camera(camera, f"Ash {n:02d}", CameraKind.FIXED, position, direction)
    return found


CAMERAS = some_cameras()
MARKS = ("AB51ABC", "AB5IABC", "A851ABC", "AB57ABC", "B5C", "XAB51", "QQQQQQQ", "D12345678901X")


def some_reads(count: int = 3_000, seed: int = 5) -> list[Read]:
    """Return reads over nine days, some due, some late, some without mark, place or direction."""
    rng = random.Random(seed)
    found: dict[bytes, Read] = {}
    while len(found) < count:
        camera = rng.choice(list(CAMERAS))
        mark = rng.choice(MARKS) if rng.random() < 0.3 else _mark(rng)
        captured = NOW - timedelta(seconds=rng.randrange(DAYS * 86_400))
        delay = rng.choice([0.4, 1.5, -30.0, 90_000.0, 8 * 86_400.0, 7.2 * 86_400])
        received = captured + timedelta(seconds=delay)
        if received > NOW:
            received = max(captured, NOW - timedelta(seconds=1))
        place = CAMERAS[camera].position
        read = a_read(
            mark,
            captured,
            camera=camera,
            received_at=received,
            position=rng.choice([place, None, Position(51.37, -2.33)]),
            kind=rng.choice([CameraKind.FIXED, CameraKind.MOBILE, CameraKind.CCTV]),
            lane_id=rng.choice(["", "lane 2", "1 northbound", "2 southbound"]),
            flags=rng.choice([(), (ReadFlag.BUFFERED,)]),
            confidence=rng.choice([None, 0, 88, 100]),
            patch=rng.choice([None, rng.randbytes(32).hex()]),
            overview=rng.choice([None, rng.randbytes(32).hex()]),
            vrm_raw=rng.choice([mark, f"{mark[:3]} {mark[3:]}", mark.lower(), f"{mark}-"]),
        )
        found[read.read_id] = read
    return list(found.values())


def _mark(rng: random.Random) -> str:
    return "".join(rng.choices("AB5C1O08", k=rng.choice([3, 5, 7, 7, 7, 9, 10, 12, 16])))


class Held:
    """Reads in the real store: some in files, merged and single, some frozen, some young."""

    def __init__(self, folder: Path, reads: list[Read]) -> None:
        self.reads = reads
        self.database = Database(folder / "reads.db", KEY, read_log.MIGRATIONS)
        self.log = ReadLog(self.database, ReadCache(folder / "sealed", KEY))
        for first in range(0, len(reads), 200):
            self.log.ingest(reads[first : first + 200])
            if first % 800 == 0 and first < 2_400:
                self.settle()

    def settle(self) -> None:
        while self.log.tend(NOW, is_last=True):
            self.log.finish()

    def search(self, query: ReadQuery) -> tuple[Matches, Scan, list[Read]]:
        tables = self.log.cache.tables()
        question = Question(query, Rule.of(LOCAL), micros(NOW), CAMERAS, confusions())
        scan = Scan(tables, question)
        matches = joined([NOTHING, *scan.matches()])
        reads = [
            reads_at(tables[table], np.array([row]))[0]
            for table, row in zip(matches.tables.tolist(), matches.rows.tolist(), strict=True)
        ]
        return matches, scan, reads


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    patch = pytest.MonkeyPatch()
    patch.setattr(cache_module, "SMALL_ROWS", 150)
    made = Held(tmp_path_factory.mktemp("search"), some_reads())
    patch.undo()
    assert len(made.log.cache.files()) > 8
    yield made
    made.database.close()
    made.log.cache.close()


INSTANTS = st.integers(0, DAYS * 86_400).map(lambda s: NOW - timedelta(seconds=s))
POINTS = st.builds(
    Position, st.floats(51.28, 51.42).map(lambda x: round(x, 6)),
    st.floats(-2.42, -2.28).map(lambda x: round(x, 6)),
)  # fmt: skip
AREAS = st.one_of(
    st.none(),
    st.builds(Circle, POINTS, st.floats(100, 9_000)),
    st.builds(Corridor, st.lists(POINTS, min_size=2, max_size=4).map(tuple), st.floats(50, 3_000)),
    st.builds(
        lambda p, w, h: Polygon(
            (p, Position(p.latitude + h, p.longitude), Position(p.latitude + h, p.longitude + w))
        ),
        POINTS, st.floats(0.01, 0.1), st.floats(0.01, 0.1),
    ),
)  # fmt: skip
PATTERNS = st.sampled_from(
    ["AB5*", "*ABC", "?B5?A*", "*B5*C", "AB51AB?", "A*5*C", "D1234567890??", "???5ABC", "*5C1*"]
)


def _several(values: st.SearchStrategy[object], most: int = 2) -> st.SearchStrategy[object]:
    return st.one_of(st.just(()), st.lists(values, max_size=most).map(tuple))


QUERIES = st.builds(
    lambda a, b, **rest: ReadQuery(min(a, b), max(a, b) + timedelta(seconds=1), **rest),
    INSTANTS,
    INSTANTS,
    vrms=_several(st.one_of(PATTERNS, st.sampled_from(MARKS)), 3),
    look_alikes=_several(st.sampled_from(["AB51ABC", "B5C", "XAB51"]), 1),
    distance=st.sampled_from([5, 30, 60]),
    unread=st.booleans(),
    cameras=_several(st.sampled_from(sorted(CAMERAS)), 4),
    feeds=_several(st.sampled_from(["52", "07", "99"]), 1),
    sources=_several(st.integers(1, 3), 2),
    kinds=_several(st.sampled_from(CameraKind), 2),
    lanes=_several(st.sampled_from(["", "lane 2", "1 northbound"]), 2),
    area=AREAS,
    directions=_several(st.sampled_from([Direction.N, Direction.S, Direction.E]), 2),
    includes_unknown=st.booleans(),
    late_only=st.booleans(),
)


@settings(max_examples=1_500, deadline=None)
@given(QUERIES)
def test_that_every_combination_of_criteria_finds_what_a_naive_look_finds(
    held: Held, query: ReadQuery
) -> None:
    try:
        query = checked(query)
        expected, hidden = naive_search.found(held.reads, query, CAMERAS, confusions(), LOCAL, NOW)
    except QueryRefused:
        return
    matches, scan, reads = held.search(query)
    assert {read.read_id for read in reads} == set(expected)
    assert len(reads) == len(expected)
    assert (np.diff(matches.at) <= 0).all()
    assert scan.hidden == hidden
    assert scan.share == pytest.approx(1.0)
    distances = dict(zip((r.read_id for r in reads), matches.distances.tolist(), strict=True))
    for read_id, distance in expected.items():
        assert distances[read_id] == (NO_DISTANCE if distance is None else distance)


def whole_time() -> ReadQuery:
    return ReadQuery(NOW - timedelta(days=DAYS + 1), NOW + timedelta(days=1), feeds=("52", "07"))


def test_that_what_comes_out_is_what_went_in(held: Held) -> None:
    _matches, _scan, reads = held.search(whole_time())
    alive = {r.read_id: r for r in held.reads if LOCAL.due_of(r) > NOW}
    assert {r.read_id: r for r in reads} == alive
    assert len(alive) < len(held.reads)


def test_that_a_read_is_not_seen_from_the_instant_it_is_due(held: Held) -> None:
    def seen(now: datetime) -> set[bytes]:
        tables = held.log.cache.tables()
        question = Question(whole_time(), Rule.of(LOCAL), micros(now), CAMERAS, confusions())
        return {
            reads_at(tables[t], np.array([row]))[0].read_id
            for m in Scan(tables, question).matches()
            for t, row in zip(m.tables.tolist(), m.rows.tolist(), strict=True)
        }

    read = min((r for r in held.reads if LOCAL.due_of(r) > NOW), key=LOCAL.due_of)
    due = LOCAL.due_of(read)
    assert read.read_id in seen(due - timedelta(microseconds=1))
    assert read.read_id not in seen(due)


def test_that_a_search_stops_between_two_blocks(held: Held) -> None:
    looks = iter([False, False, True])
    question = Question(whole_time(), Rule.of(LOCAL), micros(NOW), CAMERAS, confusions())
    scan = Scan(held.log.cache.tables(), question, lambda: next(looks))
    with pytest.raises(Cancelled):
        list(scan.matches())
    assert 0 < scan.share < 1


def test_that_only_reads_with_hits_are_looked_at_when_asked(held: Held) -> None:
    from nas_desktop.adapters.store.reads.marks import keys_of

    alive = [r for r in held.reads if LOCAL.due_of(r) > NOW][::97]
    only = (np.array([micros(r.captured_at) for r in alive]), keys_of([r.vrm for r in alive]))
    question = Question(whole_time(), Rule.of(LOCAL), micros(NOW), CAMERAS, confusions(), only)
    tables = held.log.cache.tables()
    found = joined([NOTHING, *Scan(tables, question).matches()])
    ids = {
        reads_at(tables[t], np.array([row]))[0].read_id
        for t, row in zip(found.tables.tolist(), found.rows.tolist(), strict=True)
    }
    assert {r.read_id for r in alive} <= ids
    assert len(ids) <= len(alive) + 5  # the same mark at the same instant by another camera


def test_that_a_polygon_that_crosses_itself_is_refused() -> None:
    bow = Polygon((Position(51, -2), Position(52, -1), Position(52, -2), Position(51, -1)))
    query = ReadQuery(NOW - timedelta(hours=1), NOW, area=bow)
    with pytest.raises(QueryRefused):
        checked(query)
    # Whoever skips the check gets no further either.
    with pytest.raises(QueryRefused) as refusal:
        Question(query, Rule.of(LOCAL), micros(NOW), CAMERAS, confusions())
    assert refusal.value.field == "polygon"


def test_that_reads_before_and_after_a_file_are_taken_in_together(tmp_path: Path) -> None:
    middle = [a_read(f"AB{n:02d}ABC", NOW - timedelta(minutes=n)) for n in range(10, 30)]
    made = Held(tmp_path, middle)
    assert made.log.cache.files()
    around = [a_read("CD01ABC", NOW - timedelta(hours=2)), a_read("CD02ABC", NOW)]
    made.log.ingest(around)
    assert len(made.search(whole_time())[2]) == 22
    made.database.close()
    made.log.cache.close()
