"""A sender's durable buffer: in order of arrival, removed only when the receiver has confirmed."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from nas_desktop.adapters.store.database import Database


def _first_version(db: apsw.Connection) -> None:
    db.execute(
        "CREATE TABLE items (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
        " size INTEGER NOT NULL, put_at REAL NOT NULL, body BLOB NOT NULL) STRICT"
    )


MIGRATIONS = (_first_version,)


class Outbox:
    """Batches of bytes that wait; blocking, for the store's own thread."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, batches: Sequence[tuple[str, int, float, bytes]]) -> list[int]:
        """Store batches (kind, size, put at in seconds UTC, body); returns their numbers."""

        def work(db: apsw.Connection) -> list[int]:
            numbers: list[int] = []
            for batch in batches:
                db.execute(
                    "INSERT INTO items (kind, size, put_at, body) VALUES (?, ?, ?, ?)", batch
                )
                numbers.append(db.last_insert_rowid())
            return numbers

        return self.database.write_now(work)

    def fetch(self, after: int, limit: int) -> list[tuple[int, str, int, float, bytes]]:
        """Return batches numbered above ``after``, oldest first."""

        def work(db: apsw.Connection) -> list[tuple[int, str, int, float, bytes]]:
            return [
                (int(seq), str(kind), int(size), float(put_at), bytes(body))
                for seq, kind, size, put_at, body in db.execute(
                    "SELECT seq, kind, size, put_at, body FROM items WHERE seq > ?"
                    " ORDER BY seq LIMIT ?",
                    (after, limit),
                )
            ]

        return self.database.now(work)

    def remove(self, numbers: Sequence[int]) -> None:
        """Forget batches that are confirmed."""
        self.database.write_now(
            lambda db: db.executemany(
                "DELETE FROM items WHERE seq = ?", [(number,) for number in numbers]
            )
        )

    def waiting(self) -> tuple[int, int, float | None]:
        """Return how many batches wait, how many reads are in them, and since when."""

        def work(db: apsw.Connection) -> tuple[int, int, float | None]:
            batches, reads, oldest = db.execute(
                "SELECT count(*), ifnull(sum(CASE kind WHEN 'images' THEN 0 ELSE size END), 0),"
                " min(put_at) FROM items"
            ).get
            return int(batches), int(reads), None if oldest is None else float(oldest)

        return self.database.now(work)
