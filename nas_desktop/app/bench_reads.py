"""``bench search``: the read store asked, measured beside plain SQLite.

Everything is invented, lies in a folder that is removed again, and is encrypted as it would be.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from nas_desktop.adapters.store.plain_sqlite import PlainReads
from nas_desktop.adapters.store.reads.cache import ReadCache
from nas_desktop.adapters.store.reads.columns import micros, reads_at
from nas_desktop.adapters.store.reads.coverage import coverage_of
from nas_desktop.adapters.store.reads.question import Question
from nas_desktop.adapters.store.reads.search import ReadSearch
from nas_desktop.app import bench_matching_data as data
from nas_desktop.app.bench_report import percentile, print_report, resident_bytes
from nas_desktop.app.bench_store import CAMERAS, PER_DAY, PLAIN_READS, Opened, Row
from nas_desktop.domain.camera import Camera, CameraId
from nas_desktop.domain.matching import Confusions, MatchIndex, build_index
from nas_desktop.domain.query import ReadQuery, query_from
from nas_desktop.domain.read import Read, read_id_of
from nas_desktop.node.tuning import tune
from nas_desktop.services.resources import load_json
from nas_desktop.services.searches import Holder
from nas_desktop.simulator.history import History
from nas_desktop.simulator.network import build_network

# ------------------------------------------------------------------ search


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the bench: its text, the same for SQLite, and what is asked for.

    ``page_ms`` and ``full_ms`` are the targets at 147 million reads, warm.
    """

    name: str
    texts: Sequence[str]
    plain: tuple[str, list[Sequence[int | str]]] | None
    page_ms: float | None = None
    full_ms: float | None = None
    days: float | None = None


def bench_search(*, reads: int | None, is_quick: bool, is_json: bool, plot: Path | None) -> int:
    """Print how fast questions are answered, while 1,500 reads a second come in."""
    sizes = [reads or (2_000_000 if is_quick else 20_000_000)]
    if plot is not None:
        sizes = [s for s in (5_000_000, 20_000_000) if s < sizes[0]] + sizes
    results: list[Row] = []
    growth: list[tuple[int, dict[str, float]]] = []
    tune()  # as a node does
    for size in sizes:
        rows = list(_search_rows(size, with_plain=size == sizes[-1] or size <= PLAIN_READS))
        results += rows
        growth.append(
            (size, {str(r["name"]): float(str(r["p95_ms"])) for r in rows if "p95_ms" in r})
        )
    if plot is not None:
        from nas_desktop.app.bench_reads_growth import draw

        draw(plot, growth)
    print_report(results, is_json=is_json)
    return 0


def _search_rows(size: int, *, with_plain: bool) -> Iterator[Row]:
    days = min(6.9, max(0.05, size / PER_DAY))
    end = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        network = build_network(1, count=CAMERAS)
        history = History(network, 1, round(size / days), days, end)
        store = Opened.at(folder)
        start = time.perf_counter()
        plain = PlainReads(folder / "plain.db") if with_plain and size <= PLAIN_READS else None
        built = written = 0
        building = 0.0
        for table in history.tables(0):
            start = time.perf_counter()
            more, more_bytes = store.log.build([table], end)
            building += time.perf_counter() - start
            built, written = built + more, written + more_bytes
            if plain is not None:
                plain.put_table(table)
        while store.log.tend(end):
            store.log.finish()
        if plain is not None:
            plain.index()
        _say(f"{built:,} reads built")
        files = store.log.cache.files()
        yield {
            "name": f"store of {built:,} reads",
            "reads_per_s": round(built / building),
            "bytes_a_read": round(sum(f.size for f in files) / built, 1),
            "files": len(files),
            "sqlite_bytes_a_read": round(plain.size / built, 1) if plain is not None else None,
        }
        cameras = {camera.camera_id: camera for camera in history.cameras}
        marks = _some_marks(store.log.cache)
        store.close()
        _forget_pages(folder)
        start = time.perf_counter()
        store = Opened.at(folder)
        yield {
            "name": "opening the store, cold",
            "ms": round(1000 * (time.perf_counter() - start), 1),
        }
        questions = _questions(marks, cameras, end, days)
        idle = resident_bytes(os.getpid())
        for asked in questions:
            _forget_pages(folder)
            cold, _full, _found = _asked(store, asked, cameras, end, days, times=1)
            with _live_reads(store, network.registered, end) as live:
                pages, fulls, found = _asked(
                    store, asked, cameras, end, days, times=len(asked.texts)
                )
            row: Row = {
                "name": f"{asked.name}, {built // 1_000_000} M",
                "ms": round(1000 * percentile(pages, 0.5), 1),
                "p95_ms": round(1000 * percentile(pages, 0.95), 1),
                "complete_ms": round(1000 * percentile(fulls, 0.5), 1),
                "complete_p95_ms": round(1000 * percentile(fulls, 0.95), 1),
                "cold_ms": round(1000 * cold[0], 1),
                "found": found,
            }
            if asked.page_ms is not None:
                row["target_ms"] = asked.page_ms
            if asked.full_ms is not None:
                row["target_complete_ms"] = asked.full_ms
            if plain is not None and asked.plain is not None:
                seconds = _plain_asked(plain, asked)
                row["sqlite_ms"] = round(1000 * percentile(seconds, 0.5), 1)
                row["sqlite_ratio"] = round(percentile(seconds, 0.5) / percentile(pages, 0.5), 1)
            if live.times:
                row["ingest_p99_ms"] = round(1000 * percentile(live.times, 0.99), 1)
            yield row
        yield {
            "name": "memory above idle",
            "bytes": max(0, resident_bytes(os.getpid()) - idle),
        }
        yield _coverage_row(store, cameras, end)
        yield _cancel_row(store, cameras, end, days)
        yield from _matching_rows(store, cameras, end, days)
        yield _drop_row(store, end)
        store.close()
        if plain is not None:
            plain.close()


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _some_marks(cache: ReadCache) -> list[str]:
    table = max(cache.tables(), key=lambda t: t.rows)
    rows = np.linspace(0, table.rows - 1, 400).astype(np.int64)
    marks = [r.vrm for r in reads_at(table, rows) if len(r.vrm) == 7 and r.vrm != "QQQQQQQ"]
    return list(dict.fromkeys(marks))


def _questions(
    marks: Sequence[str], cameras: dict[CameraId, Camera], end: datetime, days: float
) -> list[Asked]:
    names = sorted(cameras)
    hour = micros(end - timedelta(hours=5))
    many = names[100:140]
    day = timedelta(days=min(1.0, days))
    return [
        Asked(
            "exact VRM, newest 100", [f"vrm={m}" for m in marks[:60]],
            ("vrm = ?", [(m,) for m in marks[:20]]), page_ms=30,
        ),
        Asked(
            "prefix", [f"vrm={m[:4]}*" for m in marks[:20]],
            ("vrm >= ? AND vrm < ?", [(m[:4], m[:4] + "~") for m in marks[:10]]), page_ms=30,
        ),
        Asked(
            "infix", ["vrm=?B5*C", "vrm=?A1*D", "vrm=?C6*F"],
            ("vrm GLOB ?", [("?B5*C",)]), page_ms=400, full_ms=1_500,
        ),
        Asked(
            "suffix", [f"vrm=*{m[4:]}" for m in marks[:3]],
            ("vrm GLOB ?", [(f"*{marks[0][4:]}",)]), page_ms=400, full_ms=1_500,
        ),
        Asked("look-alike", [f"like={m}" for m in marks[:10]], None, full_ms=500),
        Asked(
            "100 VRMs", ["&".join(f"vrm={m}" for m in marks[n : n + 100]) for n in (0, 50, 100)],
            (f"vrm IN ({','.join('?' * 100)})", [tuple(marks[:100])]), full_ms=500,
        ),
        Asked(
            "camera-hour", [f"camera={names[n]}" for n in range(50, 60)],
            ("at >= ? AND at < ? AND camera BETWEEN ? AND ?",
             [(hour, hour + 3_600_000_000, 200, 203)]),
            full_ms=30, days=1 / 24,
        ),
        Asked(
            "40 cameras for a day", ["&".join(f"camera={c}" for c in many)] * 3,
            ("at >= ? AND camera BETWEEN 400 AND 559", [(micros(end - day),)]),
            page_ms=200, full_ms=500, days=1.0,
        ),
    ]  # fmt: skip


def _asked(
    store: Opened,
    asked: Asked,
    cameras: dict[CameraId, Camera],
    end: datetime,
    days: float,
    *,
    times: int,
) -> tuple[list[float], list[float], int]:
    """Return seconds to the first hundred rows and to the end, and how many were found."""
    pages: list[float] = []
    fulls: list[float] = []
    found = 0
    for text in list(asked.texts)[:times]:
        since, until = _span(asked, end, days)
        query = query_from(
            f"from={since.isoformat()}&to={until.isoformat()}&{text}".replace("+", "%2B")
        )
        start = time.perf_counter()
        search = _search(store, query, cameras, end)
        first: list[float] = []
        worker = threading.Thread(target=search.run)
        worker.start()
        while worker.is_alive() and search.found < 100:
            worker.join(0.0005)
        search.rows(0, 100)
        first.append(time.perf_counter() - start)
        worker.join()
        fulls.append(time.perf_counter() - start)
        pages += first
        found = search.found
    return pages, fulls, found


def _span(asked: Asked, end: datetime, days: float) -> tuple[datetime, datetime]:
    if asked.days is None:
        return end - timedelta(days=days), end
    if asked.days < 0.5:
        begin = end - timedelta(hours=min(5.0, days * 24))
        return begin, begin + timedelta(days=asked.days)
    return end - timedelta(days=min(asked.days, days)), end


def _search(
    store: Opened, query: ReadQuery, cameras: dict[CameraId, Camera], end: datetime
) -> ReadSearch:
    cache = store.log.cache
    confusions = Confusions.from_data(load_json("spec", "confusions.json"))
    question = Question(query, cache.rule, micros(end), cameras, confusions)
    return ReadSearch(cache.tables(), question, cameras, Holder.DESK)


def _plain_asked(plain: PlainReads, asked: Asked) -> list[float]:
    assert asked.plain is not None
    where, values = asked.plain
    times: list[float] = []
    for some in values:
        start = time.perf_counter()
        plain.ask(where, some)
        times.append(time.perf_counter() - start)
    return times


@dataclass(slots=True)
class _Live:
    times: list[float]


@contextmanager
def _live_reads(store: Opened, cameras: Sequence[Camera], end: datetime) -> Iterator[_Live]:
    """Have 150 reads taken in every tenth of a second meanwhile, as a node does."""
    stopping = threading.Event()
    live = _Live([])
    number = store.log.end()

    def run() -> None:
        nonlocal number
        rng = np.random.default_rng(number)
        while not stopping.wait(0.1):
            reads = []
            for _n in range(150):
                number += 1
                camera = cameras[int(rng.integers(len(cameras)))]
                at = end + timedelta(microseconds=number)
                vrm = f"ZZ{number % 100_000_000}"
                reads.append(_live_read(camera, at, vrm))
            start = time.perf_counter()
            store.log.ingest(reads)
            live.times.append(time.perf_counter() - start)

    worker = threading.Thread(target=run)
    worker.start()
    try:
        yield live
    finally:
        stopping.set()
        worker.join()


def _live_read(camera: Camera, at: datetime, vrm: str) -> Read:
    from nas_desktop.domain.vrm import Vrm

    mark = Vrm(vrm)
    blank = Read(read_id_of(camera.camera_id, at, mark), mark, vrm, at, at, camera.camera_id)
    return replace(blank, alias=camera.alias, position=camera.position)


def _coverage_row(store: Opened, cameras: dict[CameraId, Camera], end: datetime) -> Row:
    query = ReadQuery(end - timedelta(days=1), end, feeds=("52",))
    times = []
    for _n in range(3):
        start = time.perf_counter()
        held = end - timedelta(days=7)
        coverage_of(store.log.cache.tables(), query, cameras, Holder.DESK, end, held)
        times.append(time.perf_counter() - start)
    return {
        "name": "coverage of a day",
        "ms": round(1000 * percentile(times, 0.5), 1),
        "target_ms": 500,
    }


def _cancel_row(store: Opened, cameras: dict[CameraId, Camera], end: datetime, days: float) -> Row:
    times = []
    for n in range(5):
        query = ReadQuery(end - timedelta(days=days), end, vrms=("?A?1*B", "*C?D", "?5*6*"))
        search = _search(store, query, cameras, end)
        worker = threading.Thread(target=search.run)
        worker.start()
        worker.join(0.02 * (n + 1))
        start = time.perf_counter()
        search.cancel()
        worker.join()
        times.append(time.perf_counter() - start)
    return {"name": "cancel", "ms": round(1000 * max(times), 1), "target_ms": 200}


def _matching_rows(
    store: Opened, cameras: dict[CameraId, Camera], end: datetime, days: float
) -> Iterator[Row]:
    """Match batches of 32 as they come, alone and beside the heaviest search there is."""
    index = build_index([data.national_list(data.invented_keys(100_000, np.random.default_rng(7)))])
    table = max(store.log.cache.tables(), key=lambda t: t.rows)
    reads = reads_at(table, np.arange(min(table.rows, 3_200)))
    batches = [reads[n : n + 32] for n in range(0, len(reads) - 31, 32)]
    query = ReadQuery(end - timedelta(days=days), end, vrms=("?A?1*B", "*C?D*1", "?5*6*"))
    yield _spread_ms("matching 32 reads, alone", _matched(index, batches))
    stopping = threading.Event()
    running: list[ReadSearch] = []

    def search() -> None:
        while not stopping.is_set():
            running.append(_search(store, query, cameras, end))
            running[-1].run()

    worker = threading.Thread(target=search)
    worker.start()
    times = _matched(index, batches)
    stopping.set()
    for one in running:
        one.cancel()
    worker.join()
    yield _spread_ms("matching 32 reads, beside the heaviest search", times)


def _matched(index: MatchIndex, batches: Sequence[Sequence[Read]]) -> list[float]:
    times: list[float] = []
    pause = threading.Event()
    until = time.perf_counter() + 3
    while time.perf_counter() < until:
        for batch in batches:
            start = time.perf_counter()
            index.match(batch)
            times.append(time.perf_counter() - start)
            pause.wait(0.002)
    return times


def _spread_ms(name: str, times: Sequence[float]) -> Row:
    return {
        "name": name,
        "ms": round(1000 * percentile(times, 0.5), 2),
        "p99_ms": round(1000 * percentile(times, 0.99), 2),
        "max_ms": round(1000 * max(times), 1),
    }


def _drop_row(store: Opened, end: datetime) -> Row:
    files = store.log.cache.files()
    oldest = min(file.drop_at for file in files)
    start = time.perf_counter()
    dropped = store.log.drop_due(max(oldest, end) + timedelta(seconds=1))
    return {
        "name": "dropping partitions",
        "ms": round(1000 * (time.perf_counter() - start), 1),
        "reads": sum(d.rows for d in dropped),
        "target_ms": 1_000,
    }


def _forget_pages(folder: Path) -> None:
    """Have the operating system forget what it holds of the files in memory, where it can."""
    advise: Callable[[int, int, int, int], None] | None = getattr(os, "posix_fadvise", None)
    if advise is None:
        return
    for path in (folder / "reads").glob("*.reads"):
        handle = os.open(path, os.O_RDONLY)
        try:
            advise(handle, 0, 0, 4)  # POSIX_FADV_DONTNEED
        finally:
            os.close(handle)
