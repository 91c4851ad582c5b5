"""When each camera was last heard, against a plain look at every read that the store holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from nas_desktop.adapters.store.reads import cache as cache_module
from nas_desktop.adapters.store.reads import last_heard as module
from nas_desktop.adapters.store.reads.blocks import Damaged
from nas_desktop.adapters.store.reads.columns import BIN_US, POOR, micros
from nas_desktop.adapters.store.reads.last_heard import Heard, LastHeard
from nas_desktop.adapters.store.reads.segment import Segment
from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.read import Read, ReadFlag
from nas_desktop.domain.retention import LOCAL
from tests.contract.test_read_search import NOW, Held, some_reads


def with_poor(reads: list[Read]) -> list[Read]:
    """Return reads of which every third has a clock ahead."""
    return [
        replace(read, flags=(ReadFlag.CLOCK_AHEAD,)) if n % 3 == 0 else read
        for n, read in enumerate(reads)
    ]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    patch = pytest.MonkeyPatch()
    patch.setattr(cache_module, "SMALL_ROWS", 150)
    reads = [r for r in some_reads(seed=7) if LOCAL.due_of(r) > NOW]
    made = Held(tmp_path_factory.mktemp("heard"), with_poor(reads))
    patch.undo()
    yield made
    made.database.close()
    made.log.cache.close()


def plainly(reads: Iterable[Read]) -> dict[CameraId, Heard]:
    bins: dict[CameraId, dict[int, list[bool]]] = {}
    for read in reads:
        number = micros(read.captured_at) // BIN_US
        is_poor = bool(POOR.intersection(read.flags))
        bins.setdefault(read.camera, {}).setdefault(number, []).append(is_poor)
    return {
        camera: Heard(max(own) * BIN_US, sum(own[max(own)]) * 2 > len(own[max(own)]))
        for camera, own in bins.items()
    }


def test_that_every_camera_has_its_newest_five_minutes(held: Held) -> None:
    tables = held.log.cache.tables()
    assert any(isinstance(table, Segment) for table in tables)
    assert not all(isinstance(table, Segment) for table in tables)
    found = LastHeard().of(tables)
    assert found == plainly(held.reads)
    assert {heard.is_degraded for heard in found.values()} == {True, False}


def test_that_a_sealed_file_is_read_once(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = held.log.cache.tables()
    sealed = [table for table in tables if isinstance(table, Segment)]
    last_heard, looked_at = LastHeard(), []
    newest_of = module._newest_of

    def counted(table: object) -> object:
        looked_at.append(table)
        return newest_of(table)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_newest_of", counted)
    last_heard.of(sealed)
    assert last_heard.of(tables) == plainly(held.reads)
    assert [table for table in looked_at if isinstance(table, Segment)] == sealed
    # A file that is gone tells of nothing any more.
    assert set(last_heard.of([])) == set()


def test_that_a_damaged_file_tells_of_no_camera(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(_self: Segment) -> None:
        raise Damaged("torn")

    monkeypatch.setattr(Segment, "bins", torn)
    young = [t for t in held.log.cache.tables() if not isinstance(t, Segment)]
    last_heard = LastHeard()
    assert last_heard.of(held.log.cache.tables()) == LastHeard().of(young)
