"""Takes reads in without end and says which are stored; to be killed at any moment."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nas_desktop.adapters.store import read_log
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.read_log import ReadLog
from nas_desktop.adapters.store.reads import cache
from nas_desktop.adapters.store.reads.cache import ReadCache
from tests.builders import a_read

KEY = b"k" * 32


def opened(folder: Path) -> ReadLog:
    """Open the store, with files so small that sealing and merging go on all the time."""
    cache.SMALL_ROWS, cache.SEAL_ROWS, cache.SMALL_FILE = 150, 600, 1_200
    read_log.RESUME_READS = 500
    database = Database(folder / "reads.db", KEY, read_log.MIGRATIONS)
    return ReadLog(database, ReadCache(folder / "sealed", KEY))


def main() -> None:
    log = opened(Path(sys.argv[1]))
    number = int(sys.argv[2])
    start = datetime(2026, 11, 20, tzinfo=UTC)
    while True:
        batch = [
            a_read(f"AB{n:07d}", start + timedelta(milliseconds=n), received_at=start)
            for n in range(number, number + 40)
        ]
        log.ingest(batch)
        number += 40
        os.write(1, f"{number}\n".encode())
        log.tend(start)


if __name__ == "__main__":
    main()
