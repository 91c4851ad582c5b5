"""``bench matching``: the index against what Python has for the same, in one process.

Everything is measured from VRM text to matches. Baselines run in the same run on the same marks.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np

from nas_desktop.app import bench_matching_data as data
from nas_desktop.app.bench_matching_growth import Growth, draw
from nas_desktop.app.bench_report import percentile, print_report, resident_bytes
from nas_desktop.app.node_starter import program
from nas_desktop.domain.matching import (
    CLASSES,
    Confusions,
    MatchIndex,
    MatchRules,
    build_index,
)
from nas_desktop.domain.matching.columns import U64, day_number
from nas_desktop.domain.matching.match import MISREAD, confidence_of
from nas_desktop.domain.matching.patterns import fits
from nas_desktop.domain.voi import Action, VoiList
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.misread_budget import MisreadBudget
from nas_desktop.services.resources import load_json, load_spec

STOPS, PATTERNS, CHANGES = 2_000, 10_000, 10_000
HIT_SHARE = 0.002
BATCH, SMALL_BATCH = 1_500, 32
TARGET_READS, TARGET_BYTES = 600_000, 300_000_000
TARGET_SMALL_MS, TARGET_BUILD_MS, TARGET_DELTA_MS = 1.0, 10_000.0, 200.0
READS_PER_S, SPAN_S = 1_500, 600
TURNS = 10
TODAY = day_number(data.TODAY)

Row = dict[str, object]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _Plan:
    """Sizes; ``measure_s`` is how long each rate is taken, ``regex_reads`` what a regex gets."""

    entries: int
    growth: tuple[int, ...]
    measure_s: float
    clean_reads: int
    regex_reads: int


def _plan(entries: int | None, *, is_quick: bool) -> _Plan:
    most = entries or (1_000_000 if is_quick else 10_000_000)
    steps = (10_000, 100_000, 1_000_000, 10_000_000)
    growth = (*(n for n in steps if n < most), most)
    if is_quick:
        return _Plan(most, growth, 0.3, READS_PER_S * SPAN_S // 4, 60)
    return _Plan(most, growth, 2.0, READS_PER_S * SPAN_S, 400)


def bench_matching(*, entries: int | None, is_quick: bool, is_json: bool, plot: Path | None) -> int:
    """Measure and print; returns 0.

    Args:
        entries: how many entries the exact index has; None for ten millions, one with ``is_quick``.
        is_quick: end within 40 seconds.
        is_json: print for programs.
        plot: where the drawing of the growth goes (SVG), if anywhere.
    """
    run = _Run(_plan(entries, is_quick=is_quick))
    results = [*run.results(), *_list_rows(is_quick=is_quick)]
    if plot is not None:
        draw(plot, run.growth)
    print_report(results, is_json=is_json)
    return 0


class _Run:
    def __init__(self, plan: _Plan) -> None:
        self._plan = plan
        self._rng = np.random.default_rng(data.SEED)
        self._rules = MatchRules(
            glyph=True,
            confusions=Confusions.from_data(load_json("spec", "confusions.json")),
            grammar=load_spec().grammar,
        )
        _say(f"Inventing {plan.entries} entries.")
        self._keys = data.invented_keys(plan.entries + STOPS + PATTERNS + CHANGES, self._rng)
        self._listed = self._keys[: plan.entries]
        rest = self._keys[plan.entries :]
        self._stops = data.stop_list(rest[:STOPS])
        self._texts = data.invented_patterns(PATTERNS, rest[STOPS : STOPS + PATTERNS])
        self._patterns = data.pattern_list(self._texts)
        self._changes = rest[STOPS + PATTERNS :]
        self._reads = data.invented_reads(150_000, self._listed, HIT_SHARE, self._rng)
        self.growth: list[Growth] = []

    def results(self) -> list[Row]:
        """Measure everything, one thing after the other."""
        rows: list[Row] = []
        _say("Building the index.")
        before = _resident()
        since = time.perf_counter()
        index = build_index(
            [data.national_list(self._listed), self._stops, self._patterns], self._rules
        )
        build_s = time.perf_counter() - since
        held = _resident() - before
        engine = self._rate(index, BATCH)
        rows += self._batches(index)
        rows += [self._small(index), self._objects(index)]
        rows += _memory(index, build_s, held)
        rows += self._delta(index)
        rows += self._misreads(index)
        del index
        gc.collect()
        _say("Measuring the baselines.")
        plain = build_index([data.national_list(self._listed)])
        set_rate, exact, set_bytes = self._beside_set(plain, self._listed)
        del plain
        regex_rate = self._regex()
        _say("Measuring the growth.")
        self._grow(engine, set_rate)
        wild = self._alone([self._patterns], MatchRules())
        found = self._matched([data.national_list(self._listed), self._stops, self._patterns])
        heads: list[Row] = [
            {"name": "set[str]", "reads_per_s": round(set_rate), "entries": self._plan.entries,
             "bytes": set_bytes},
            {"name": "regex per wildcard", "reads_per_s": round(regex_rate, 1),
             "patterns": PATTERNS},
            {"name": "engine, all classes, batch", "reads_per_s": round(engine), **found,
             "entries": self._plan.entries, "patterns": PATTERNS, "batch": BATCH,
             "target_reads_per_s": TARGET_READS, "ratio": round(engine / TARGET_READS, 2)},
            {"name": "engine, exact only, against set[str]", "reads_per_s": round(exact),
             "ratio": round(exact / set_rate, 2)},
            {"name": "engine, wildcards only, against regex per wildcard",
             "reads_per_s": round(wild), "ratio": round(wild / regex_rate)},
        ]  # fmt: skip
        return [*heads, *rows, *(growth.row for growth in self.growth)]

    # ------------------------------------------------------------------ the engine

    def _rate(self, index: MatchIndex, size: int) -> float:
        return _rate_of(
            lambda marks: index.match_marks(marks, TODAY), self._reads, size, self._plan.measure_s
        )

    def _batches(self, index: MatchIndex) -> list[Row]:
        rows: list[Row] = []
        for size in (1, SMALL_BATCH, 300, BATCH, 15_000):
            rate = self._rate(index, size)
            row: Row = {"name": f"engine, all classes, batch of {size}", "reads_per_s": round(rate)}
            if size >= BATCH:
                row |= {"target_reads_per_s": TARGET_READS, "ratio": round(rate / TARGET_READS, 2)}
            rows.append(row)
        return rows

    def _small(self, index: MatchIndex) -> Row:
        taken: list[float] = []
        busy: list[float] = []
        for first in range(0, min(len(self._reads), 3_000 * SMALL_BATCH), SMALL_BATCH):
            marks = self._reads[first : first + SMALL_BATCH]
            since, worked = time.perf_counter(), time.thread_time()
            index.match_marks(marks, TODAY)
            taken.append((time.perf_counter() - since) * 1_000)
            busy.append((time.thread_time() - worked) * 1_000)
        p99 = percentile(taken, 0.99)
        return {
            "name": f"batch of {SMALL_BATCH}",
            "ms": round(percentile(taken, 0.5), 3),
            "p99_ms": round(p99, 3),
            "max_ms": round(max(taken), 3),
            # Without what other processes took away from this one.
            "p99_cpu_ms": round(percentile(busy, 0.99), 3),
            "samples": len(taken),
            "target_p99_ms": TARGET_SMALL_MS,
            "ratio": round(TARGET_SMALL_MS / p99, 2),
        }

    def _objects(self, index: MatchIndex) -> Row:
        from nas_desktop.domain.camera import CameraId
        from nas_desktop.domain.read import Read, ReadId

        camera, at = CameraId("07", 1, 1), data.LOADED_AT
        reads = [Read(ReadId(b""), Vrm(m), m, at, at, camera) for m in self._reads[:60_000]]
        rate = _rate_of(index.match, reads, BATCH, self._plan.measure_s)
        return {"name": f"engine, reads to matches as objects, batch of {BATCH}",
                "reads_per_s": round(rate)}  # fmt: skip

    def _delta(self, index: MatchIndex) -> list[Row]:
        half = CHANGES // 2
        put = [data.an_entry(mark, Action.ASSESS) for mark in data.marks_of(self._changes[:half])]
        gone = data.marks_of(self._listed[:half])
        newer = VoiList("NATIONAL_Invented", 2, data.InventedEntries(self._listed), data.LOADED_AT)
        taken: list[float] = []
        changed = index
        for _turn in range(5):
            since = time.perf_counter()
            changed = index.with_change(newer, put, gone)
            taken.append((time.perf_counter() - since) * 1_000)
        ms = percentile(taken, 0.5)
        rate = self._rate(changed, BATCH)
        return [
            {"name": f"change of {CHANGES} marks", "ms": round(ms, 1),
             "max_ms": round(max(taken), 1), "target_ms": TARGET_DELTA_MS,
             "ratio": round(TARGET_DELTA_MS / ms, 2)},
            {"name": f"engine after the change, batch of {BATCH}", "reads_per_s": round(rate)},
        ]  # fmt: skip

    def _misreads(self, index: MatchIndex) -> list[Row]:
        """Count what clean reads of other vehicles give in ten minutes, and what is shown of it."""
        reads = data.invented_reads(self._plan.clean_reads, self._keys, 0.0, self._rng)
        budget = MisreadBudget()
        share = SPAN_S * READS_PER_S / len(reads)
        came = shown = 0
        for first in range(0, len(reads), 15_000):
            marks = reads[first : first + 15_000]
            found = index.match_marks(marks, TODAY)
            rows = found.taken(found.classes == MISREAD)
            for at, handle, cost in zip(rows.reads, rows.handles, rows.costs, strict=True):
                mark, listed = Vrm(marks[at]), index.holdings.entry(int(handle)).vrm
                sure = confidence_of(int(cost), mark, listed, self._rules.grammar, None)
                now = data.LOADED_AT + timedelta(seconds=(first + int(at)) / READS_PER_S * share)
                came += 1
                shown += budget.admit(sure, now)
        return [
            {"name": f"false possible misreads in ten minutes at {READS_PER_S} clean reads/s",
             "count": round(came * share), "entries": index.misread_entries,
             "reads": len(reads)},
            {"name": "the same, shown by the budget of one operator", "count": shown,
             "threshold": budget.threshold},
        ]  # fmt: skip

    # ------------------------------------------------------------------ baselines and growth

    def _beside_set(self, index: MatchIndex, keys: U64) -> tuple[float, float, int]:
        """Return the rates of a set and of an index, taken in turns, and the set's bytes.

        In turns because what else the machine does would otherwise fall on one of them.
        """
        before = _resident()
        whole = set(data.marks_of(keys))
        held = _resident() - before
        in_set: list[float] = []
        in_index: list[float] = []
        for _turn in range(TURNS):
            pace = self._plan.measure_s / TURNS
            in_set.append(
                _rate_of(lambda marks: [m for m in marks if m in whole], self._reads, BATCH, pace)
            )
            in_index.append(
                _rate_of(lambda marks: index.match_marks(marks, TODAY), self._reads, BATCH, pace)
            )
        return percentile(in_set, 0.5), percentile(in_index, 0.5), held

    def _regex(self) -> float:
        compiled = [
            re.compile(text.replace("*", "[A-Z0-9]*").replace("?", "[A-Z0-9]"))
            for text in self._texts
        ]
        reads = self._reads[: self._plan.regex_reads]
        since = time.perf_counter()
        found = {(m, n) for m in reads for n, one in enumerate(compiled) if one.fullmatch(m)}
        taken = time.perf_counter() - since
        truth = all(fits(self._texts[number], mark) for mark, number in found)
        if not truth:
            _say("The regular expressions and the patterns do not agree.")
        return len(reads) / taken

    def _alone(self, lists: Sequence[VoiList], rules: MatchRules) -> float:
        return self._rate(build_index(lists, rules), BATCH)

    def _matched(self, lists: Sequence[VoiList]) -> Row:
        """Return how many of the reads matched, and how often in each class."""
        found = build_index(lists, self._rules).match_marks(self._reads, TODAY)
        classes = {
            str(CLASSES[kind]): int(np.count_nonzero(found.classes == kind)) for kind in range(4)
        }
        return {"matched": len(np.unique(found.reads)), "reads": len(self._reads), **classes}

    def _grow(self, engine: float, set_rate: float) -> None:
        for entries in self._plan.growth:
            keys = self._listed[:entries]
            since = time.perf_counter()
            index = build_index(
                [data.national_list(keys), self._stops, self._patterns], self._rules
            )
            build_s = time.perf_counter() - since
            if entries == self._plan.entries:
                rates = engine, set_rate
            else:
                in_set, in_index, _held = self._beside_set(index, keys)
                rates = in_index, in_set
            self.growth.append(Growth(entries, *rates, index.nbytes, build_s))


# ------------------------------------------------------------------ measuring


def _rate_of(
    work: Callable[[Sequence[Item]], object], reads: Sequence[Item], size: int, seconds: float
) -> float:
    """Return reads a second in batches, over at least so many seconds."""
    items = list(reads)
    batches = [items[at : at + size] for at in range(0, len(items) - size + 1, size)]
    done, since = 0, time.perf_counter()
    while True:
        for number, batch in enumerate(batches):
            work(batch)
            done += size
            if number % 16 == 0 and time.perf_counter() - since >= seconds:
                return done / (time.perf_counter() - since)


def _memory(index: MatchIndex, build_s: float, held: int) -> list[Row]:
    return [
        {"name": "index", "bytes": index.nbytes, "target_bytes": TARGET_BYTES,
         "ratio": round(TARGET_BYTES / index.nbytes, 2), "entries": index.entries},
        {"name": "resident memory that building added", "bytes": held},
        {"name": "index built", "ms": round(build_s * 1_000), "target_ms": TARGET_BUILD_MS,
         "ratio": round(TARGET_BUILD_MS / 1_000 / build_s, 2)},
    ]  # fmt: skip


def _resident() -> int:
    gc.collect()
    if sys.platform == "linux":
        # Else what was freed before hides part of what is taken next.
        ctypes.CDLL(None).malloc_trim(0)
    return resident_bytes(os.getpid())


def _list_rows(*, is_quick: bool) -> list[Row]:
    """Return the rows of ``bench lists``, from a process of its own: its memory is measured."""
    command = [*program(), "bench", "lists", "--json", *(["--quick"] if is_quick else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return [dict(row) for row in json.loads(done.stdout)["results"]]


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
