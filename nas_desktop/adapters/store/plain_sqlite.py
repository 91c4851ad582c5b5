"""The yardstick of the read store's benchmarks: reads in plain SQLite, a row each, two indexes.

Not encrypted and used by nothing else: what most would build first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import apsw

from nas_desktop.adapters.store.reads.columns import MemoryTable, Table, marks_at
from nas_desktop.adapters.store.reads.merge import whole_column


class PlainReads:
    """Reads by mark and by time, in one table."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = apsw.Connection(str(path))
        self._db.pragma("journal_mode", "wal")
        self._db.pragma("synchronous", "full")
        self._db.pragma("cache_size", -200_000)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS reads (at INTEGER, vrm TEXT, camera INTEGER, delay INTEGER,"
            " confidence INTEGER) STRICT"
        )

    def index(self) -> None:
        """Make the two indexes."""
        self._db.execute("CREATE INDEX IF NOT EXISTS by_vrm ON reads (vrm, at)")
        self._db.execute("CREATE INDEX IF NOT EXISTS by_at ON reads (at, camera)")

    def put(self, rows: Iterable[Sequence[int | str]]) -> None:
        """Store rows in one transaction."""
        with self._db:
            self._db.executemany("INSERT INTO reads VALUES (?, ?, ?, ?, ?)", rows)

    def put_table(self, table: Table) -> None:
        """Store every read of a table; its context stands for the camera."""
        marks = marks_at(table, whole_column(table, "mark"))
        names = ("at", "context", "delay", "confidence")
        at, camera, delay, confidence = (whole_column(table, n).tolist() for n in names)
        self.put(zip(at, marks, camera, delay, confidence, strict=True))

    def ask(self, where: str, values: Sequence[int | str], limit: int = 100) -> int:
        """Return how many of the newest rows fit, at most ``limit``."""
        return len(
            self._db.execute(
                f"SELECT at, vrm, camera FROM reads WHERE {where} ORDER BY at DESC LIMIT {limit}",
                values,
            ).fetchall()
        )

    def count(self, where: str, values: Sequence[int | str]) -> int:
        """Return how many rows fit."""
        row = self._db.execute(f"SELECT count(*) FROM reads WHERE {where}", values).fetchone()
        return int(str(row[0])) if row is not None else 0

    @property
    def size(self) -> int:
        """Size on disk, bytes."""
        self._db.pragma("wal_checkpoint(TRUNCATE)")
        return self._path.stat().st_size

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def rows_of(table: MemoryTable) -> list[tuple[int, str, int, int, int]]:
    """Return a table's reads as rows."""
    marks = marks_at(table, table.columns["mark"])
    names = ("at", "context", "delay", "confidence")
    at, camera, delay, confidence = (table.columns[n].tolist() for n in names)
    return list(zip(at, marks, camera, delay, confidence, strict=True))
