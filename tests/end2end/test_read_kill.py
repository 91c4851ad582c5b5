"""kill -9 while reads are taken in, sealed and merged: what was confirmed is there, once."""

from __future__ import annotations

import os
import random
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nas_desktop.adapters.store.read_log import ReadLog
from tests.end2end.reads_writer import opened

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KILLS = int(os.environ.get("NAS_KILLS", "12"))
"""So many in every run; a hundred with ``NAS_KILLS=100``."""


def test_that_a_kill_loses_no_confirmed_read_and_doubles_none(tmp_path: Path) -> None:
    rng = random.Random(7)
    number = sealed = 0
    for _kill in range(KILLS):
        confirmed = _killed(tmp_path, number, rng.uniform(0.02, 0.5))
        log = opened(tmp_path)
        try:
            # What was there before the last two kills was looked at after those.
            first = max(0, number - 2_000)
            _assert_whole(log, first)
            assert log.end() >= confirmed
            assert sum(table.rows for table in log.cache.tables()) == log.end()
            assert not log.cache.damaged
            number = log.end()
            sealed = max(sealed, log.cache.sealed_to)
        finally:
            log.finish()
            log.database.close()
            log.cache.close()
    assert number > 40
    assert sealed > 0
    log = opened(tmp_path)
    try:
        _assert_whole(log, 0)
    finally:
        log.database.close()
        log.cache.close()


def _assert_whole(log: ReadLog, first: int) -> None:
    """Every read from an offset on is there, once, and in its place."""
    held = log.fetch(first, 1_000_000)
    assert [at for at, _read in held] == list(range(first, log.end()))
    assert [read.vrm for _at, read in held] == [f"AB{n:07d}" for n in range(first, log.end())]


def _killed(folder: Path, number: int, after_s: float) -> int:
    """Run a writer, kill it some time after its first word; returns what it confirmed last."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.end2end.reads_writer", str(folder), str(number)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    said = b""
    until = None
    while until is None or time.monotonic() < until:
        wait = 20 if until is None else max(0.0, until - time.monotonic())
        if select.select([process.stdout], [], [], wait)[0]:
            more = os.read(process.stdout.fileno(), 65_536)
            assert more, "the writer ended by itself"
            said += more
            until = until or time.monotonic() + after_s
    process.kill()
    process.wait()
    said += process.stdout.read()
    process.stdout.close()
    whole = said[: said.rfind(b"\n")].split(b"\n")
    return int(whole[-1])
