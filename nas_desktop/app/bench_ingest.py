"""``bench ingest``: how fast reads are taken in, live and in bulk, beside plain SQLite."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from nas_desktop.adapters.store.plain_sqlite import PlainReads
from nas_desktop.adapters.store.reads.columns import micros, reads_at
from nas_desktop.app.bench_report import percentile, print_report
from nas_desktop.app.bench_store import BATCH, CAMERAS, PER_DAY, Opened, Row
from nas_desktop.domain.read import Read
from nas_desktop.simulator.history import History
from nas_desktop.simulator.network import build_network


def bench_ingest(*, reads: int | None, is_quick: bool, is_json: bool) -> int:
    """Print how fast reads are taken in, live and in bulk."""
    count = reads or (150_000 if is_quick else 1_500_000)
    results: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        end = datetime.now(UTC).replace(microsecond=0)
        history = History(build_network(1, count=CAMERAS), 1, PER_DAY, count / PER_DAY, end)
        tables = list(history.tables(0))
        batches = list(_batches(tables, count))
        store = Opened.at(folder)
        times: list[float] = []
        began = time.perf_counter()
        for batch in batches:
            start = time.perf_counter()
            store.log.ingest(batch)
            store.log.tend(end)
            times.append(time.perf_counter() - start)
        seconds = time.perf_counter() - began
        taken = sum(map(len, batches))
        results.append(
            _timed("ingest, durable and encrypted, 1,500 a batch", taken, seconds, times)
        )
        again = time.perf_counter()
        doubled = sum(len(store.log.ingest(batch)) for batch in batches[: len(batches) // 4])
        some = sum(map(len, batches[: len(batches) // 4]))
        results.append(
            {
                "name": "the same reads once more",
                "reads_per_s": round(some / max(1e-9, time.perf_counter() - again)),
                "stored twice": doubled,
            }
        )
        while store.log.tend(end, is_last=True):
            store.log.finish()
        size = sum(f.size for f in store.log.cache.files())
        held = sum(f.rows for f in store.log.cache.files())
        results.append({"name": "sealed", "bytes": size, "bytes_a_read": round(size / held, 1)})
        store.close()
        results.append(_plain_ingest(folder, batches[: max(1, len(batches) // 10)]))
        results += _bulk(folder, 2_000_000 if is_quick else 10_000_000)
    print_report(results, is_json=is_json)
    return 0


def _batches(tables: Sequence[object], count: int) -> Iterator[list[Read]]:
    """Yield reads in the order in which they arrive, as the node would have them."""
    left = count
    for table in tables:
        order = np.argsort(table.columns["offset"])  # type: ignore[attr-defined]
        reads = reads_at(table, np.arange(table.rows))  # type: ignore[arg-type, attr-defined]
        for first in range(0, min(left, len(order)), BATCH):
            yield [reads[n] for n in order[first : first + BATCH].tolist()]
        left -= len(order)


def _timed(name: str, reads: int, seconds: float, times: Sequence[float]) -> Row:
    return {
        "name": name,
        "reads_per_s": round(reads / seconds),
        "ms": round(1000 * percentile(times, 0.5), 2),
        "p99_ms": round(1000 * percentile(times, 0.99), 2),
        "max_ms": round(1000 * max(times), 1),
        "reads": reads,
    }


def _plain_ingest(folder: Path, batches: Sequence[Sequence[Read]]) -> Row:
    plain = PlainReads(folder / "plain.db")
    plain.index()
    times: list[float] = []
    for batch in batches:
        rows = [
            (micros(r.captured_at), r.vrm, r.camera.nrd_id, 0, r.confidence or 0) for r in batch
        ]
        start = time.perf_counter()
        plain.put(rows)
        times.append(time.perf_counter() - start)
    plain.close()
    return _timed(
        "plain SQLite, two indexes, not encrypted", sum(map(len, batches)), sum(times), times
    )


def _bulk(folder: Path, count: int) -> list[Row]:
    built = folder / "bulk"
    built.mkdir()
    store = Opened.at(built)
    end = datetime.now(UTC).replace(microsecond=0)
    history = History(build_network(1, count=CAMERAS), 2, PER_DAY, count / PER_DAY, end)
    start = time.perf_counter()
    made = list(history.tables(0))
    making = time.perf_counter() - start
    start = time.perf_counter()
    reads, size = store.log.build(made, end)
    seconds = time.perf_counter() - start
    store.close()
    return [
        {
            "name": "bulk build, sealed",
            "reads_per_s": round(reads / seconds),
            "bytes_a_read": round(size / reads, 1),
            "reads": reads,
        },
        {"name": "inventing them, sorted and indexed", "reads_per_s": round(reads / making)},
    ]
