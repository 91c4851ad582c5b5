"""A read store in a folder of its own, for the benches that measure it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nas_desktop.adapters.store import read_log
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.read_log import ReadLog
from nas_desktop.adapters.store.reads.cache import ReadCache

Row = dict[str, object]

BATCH = 1_500
PER_DAY = 21_000_000
"""Reads of a London-sized force a day."""

PLAIN_READS = 20_000_000
"""Most reads that plain SQLite is given: more take it too long."""

_KEY = bytes(range(32))
CAMERAS = 660


@dataclass(slots=True)
class Opened:
    """A store in a folder."""

    database: Database
    log: ReadLog

    @classmethod
    def at(cls, folder: Path) -> Opened:
        """Open or make the store."""
        database = Database(folder / "reads.db", _KEY, read_log.MIGRATIONS)
        return cls(database, ReadLog(database, ReadCache(folder / "reads", _KEY)))

    def close(self) -> None:
        """Close every file."""
        self.log.finish()
        self.database.close()
        self.log.cache.close()
