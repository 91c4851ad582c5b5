"""``bench lists``: a list of two million rows from the file to the disk, beside matching.

The node's own rooms do the work: the reader in a thread, the index off the loop, the store on its
thread; on the loop a batch of reads is matched every few milliseconds, and what it has to wait for
is what a hit would have to wait for.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.voi_files import ReadOptions, read_list
from nas_desktop.app.bench_report import percentile, print_report, resident_bytes
from nas_desktop.domain.matching import MatchIndex
from nas_desktop.domain.matching.columns import day_number
from nas_desktop.domain.matching.layers import ListChange
from nas_desktop.domain.voi import ListSource, VoiList
from nas_desktop.node.index_keeper import IndexKeeper
from nas_desktop.node.list_files import report_of
from nas_desktop.node.lists import ListMove, ListRoom
from nas_desktop.node.stores import Stores
from nas_desktop.node.tuning import tune
from nas_desktop.services.lists import ListEvent
from nas_desktop.services.resources import load_match_rules, load_spec, load_template_rules
from nas_desktop.services.tasks import spawn, stop
from nas_desktop.simulator.list_files import ListFilesPlan, write_list_files

ROWS, QUICK_ROWS = 2_000_000, 100_000
CHANGES = 10_000
BATCH = 30
"""Reads matched every ``PACE_S``: 1,500 a second on a node, with room to spare."""

PACE_S = 0.005
TARGET_LIVE_MS, TARGET_STORED_MS, TARGET_STALL_MS = 8_000, 30_000, 5.0
TARGET_BYTES = 1_500_000_000


def bench_lists(*, rows: int | None, is_quick: bool, is_json: bool) -> int:
    """Measure and print; always 0."""
    count = rows or (QUICK_ROWS if is_quick else ROWS)
    with tempfile.TemporaryDirectory(prefix="nas-desktop-bench-") as folder:
        today = datetime.now(UTC).date()
        plan = ListFilesPlan(1, today, count, min(200, count // 10))
        print(f"writing {count:,} rows …", file=sys.stderr, flush=True)
        write_list_files(Path(folder), plan)
        results = asyncio.run(_measured(Path(folder), count))
    print_report(results, is_json=is_json)
    return 0


class _Matching:
    """Matches on the loop and notes how long each batch took, its waiting included."""

    def __init__(self) -> None:
        self.index: MatchIndex | None = None
        self.late_s: list[float] = []
        self._rng = random.Random(1)
        self._day = day_number(datetime.now(UTC).date())

    def use(self, index: MatchIndex, _register: MatchIndex) -> None:
        self.index = index

    async def run(self) -> None:
        marks = [
            "".join(self._rng.choices("ABCDEFGHJKLMNOPRSTUVWXY", k=2))
            + f"{self._rng.randrange(2, 99):02d}"
            + "".join(self._rng.choices("ABCDEFGHJKLMNOPRSTUVWXY", k=3))
            for _ in range(BATCH)
        ]
        due = time.perf_counter()
        while True:
            due = max(due + PACE_S, time.perf_counter())
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if self.index is not None:
                self.index.match_marks(marks, self._day)
            self.late_s.append(time.perf_counter() - due)

    def taken(self) -> list[float]:
        taken, self.late_s = self.late_s, []
        return taken


async def _measured(folder: Path, rows: int) -> list[dict[str, object]]:
    clock, spec = SystemClock(), load_spec()
    stores = Stores(folder, os.urandom(32))
    matching = _Matching()
    keeper = IndexKeeper(load_match_rules(), matching.use)
    room = ListRoom(stores, spec, clock, keeper)
    await room.open()
    tune()
    matcher = spawn(matching.run(), "matching")
    path = next(folder.glob("pnc_extract*.csv"))
    try:
        await asyncio.sleep(2.0)
        idle = matching.taken()
        options = ReadOptions(
            load_template_rules(), clock.now().date(), source=ListSource.PNC_EXTRACT
        )
        began = time.perf_counter()
        parsed = await asyncio.to_thread(
            read_list, path, options, lambda _done, _total: None, lambda: False
        )
        parsed_s = time.perf_counter() - began
        counts = report_of(path.name, parsed).counts
        one = VoiList("PNC Extract", 1, parsed.entries, clock.now(), ListSource.PNC_EXTRACT)
        await room.replace(one, ListEvent.IMPORTED, counts=counts)
        live_s = time.perf_counter() - began
        await room.stored()
        stored_s = time.perf_counter() - began
        busy = matching.taken()
        peak = _peak_bytes()
        change = await asyncio.to_thread(_a_change, room.held(one.name).voi_list)
        await asyncio.sleep(0.5)
        matching.taken()
        changed_s = await _change(room, one.name, change)
        changing = matching.taken()
    finally:
        await stop(matcher)
        keeper.close()
        stores.close()
        gc.unfreeze()
    return [
        {"name": "list file checked", "ms": _ms(parsed_s), "rows": rows,
         "bytes": path.stat().st_size, "entries": counts.entries},
        {"name": "list live", "ms": _ms(live_s), "target_ms": TARGET_LIVE_MS,
         "ratio": round(TARGET_LIVE_MS / _ms(live_s), 2)},
        {"name": "list stored", "ms": _ms(stored_s), "target_ms": TARGET_STORED_MS,
         "ratio": round(TARGET_STORED_MS / _ms(stored_s), 2)},
        {"name": "peak memory of the process", "bytes": peak, "target_bytes": TARGET_BYTES,
         "ratio": round(TARGET_BYTES / peak, 2)},
        _stall("matching waits, idle", idle),
        _stall("matching waits, while the list comes", busy),
        {"name": f"change of {CHANGES} entries live", "ms": _ms(changed_s), "target_ms": 200,
         "ratio": round(200 / _ms(changed_s), 2)},
        _stall("matching waits, while the change comes", changing),
    ]  # fmt: skip


def _a_change(one: VoiList) -> ListChange:
    """Return a change of entries from all over the list."""
    step = max(1, len(one.entries) // CHANGES)
    rows = range(0, len(one.entries), step)[:CHANGES]
    return ListChange(
        tuple(replace(one.entries[row], information="Changed for measuring.") for row in rows)
    )


async def _change(room: ListRoom, name: str, change: ListChange) -> float:
    """Return how long it takes until some changed entries are matched against, seconds."""
    live: list[float] = []

    async def moved(_move: ListMove) -> None:
        live.append(time.perf_counter())

    room.when_moved.append(moved)
    began = time.perf_counter()
    await room.change(name, change, ListEvent.EDITED)
    return live[0] - began


def _stall(name: str, late_s: list[float]) -> dict[str, object]:
    longest = max(late_s) * 1_000
    return {
        "name": name,
        "ms": round(percentile(late_s, 0.5) * 1_000, 2),
        "p99_ms": round(percentile(late_s, 0.99) * 1_000, 2),
        "p999_ms": round(percentile(late_s, 0.999) * 1_000, 2),
        "max_ms": round(longest, 2),
        "target_max_ms": TARGET_STALL_MS,
        "ratio": round(TARGET_STALL_MS / longest, 2),
        "samples": len(late_s),
    }


def _peak_bytes() -> int:
    """Return the most memory this process has held; what is held now where that is not told."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: a process begins with the peak of the one that started it.
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1_024
    return resident_bytes(os.getpid())


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1_000))
