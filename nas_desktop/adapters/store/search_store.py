"""What searches leave behind: authorities, saved questions, and reads that are preserved.

A preserved read is copied out of the cache with its images, so that it outlives its partition;
nothing here is ever removed by retention.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import apsw

from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.packing import pack, unpack
from nas_desktop.domain.read import ReadId
from nas_desktop.domain.search_access import Authority
from nas_desktop.services.events import ImageKind
from nas_desktop.services.searches import Preserved, SavedSearch


def _first_version(db: apsw.Connection) -> None:
    for table in (
        "authorities (authority_id TEXT PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL)"
        " STRICT, WITHOUT ROWID",
        "saved (saved_id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL,"
        " body BLOB NOT NULL, UNIQUE (owner, name)) STRICT, WITHOUT ROWID",
        "preserved (read_id BLOB NOT NULL, reference TEXT NOT NULL, review INTEGER NOT NULL,"
        " body BLOB NOT NULL, PRIMARY KEY (read_id, reference)) STRICT, WITHOUT ROWID",
        "preserved_images (read_id BLOB NOT NULL, kind TEXT NOT NULL, data BLOB NOT NULL,"
        " PRIMARY KEY (read_id, kind)) STRICT, WITHOUT ROWID",
        "own_vehicles (username TEXT NOT NULL, vrm TEXT NOT NULL, PRIMARY KEY (username, vrm))"
        " STRICT, WITHOUT ROWID",
    ):
        db.execute(f"CREATE TABLE {table}")


MIGRATIONS = (_first_version,)


class SearchStore:
    """Blocking methods, each for the store's own thread."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # ------------------------------------------------------------------ authorities

    def put_authority(self, authority: Authority) -> None:
        """Record an authority, or what became of it."""
        self.database.write_now(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO authorities VALUES (?, ?, ?)",
                (authority.authority_id, int(authority.at.timestamp()), pack(authority)),
            )
        )

    def authority(self, authority_id: str) -> Authority | None:
        """Return an authority by its number, or None."""

        def work(db: apsw.Connection) -> Authority | None:
            row = db.execute(
                "SELECT body FROM authorities WHERE authority_id = ?", (authority_id,)
            ).fetchone()
            return None if row is None else unpack(Authority, bytes(row[0]))

        return self.database.now(work)

    def authorities(self, limit: int = 1_000) -> list[Authority]:
        """Return authorities, the newest first."""
        return self.database.now(
            lambda db: [
                unpack(Authority, bytes(body))
                for (body,) in db.execute(
                    "SELECT body FROM authorities ORDER BY at DESC, authority_id LIMIT ?", (limit,)
                )
            ]
        )

    # ------------------------------------------------------------------ saved questions

    def save(self, saved: SavedSearch) -> None:
        """Keep a question; the same name of the same owner is replaced."""

        def work(db: apsw.Connection) -> None:
            db.execute("DELETE FROM saved WHERE owner = ? AND name = ?", (saved.owner, saved.name))
            db.execute(
                "INSERT INTO saved VALUES (?, ?, ?, ?)",
                (saved.saved_id, saved.owner, saved.name, pack(saved)),
            )

        self.database.write_now(work)

    def forget(self, saved_id: str, owner: str) -> bool:
        """Drop a saved question of its owner; tells whether there was one."""

        def work(db: apsw.Connection) -> bool:
            db.execute("DELETE FROM saved WHERE saved_id = ? AND owner = ?", (saved_id, owner))
            return db.changes() > 0

        return self.database.write_now(work)

    def saved(self, username: str) -> list[SavedSearch]:
        """Return somebody's saved questions and those that others share, by name."""

        def work(db: apsw.Connection) -> list[SavedSearch]:
            rows = db.execute("SELECT body FROM saved ORDER BY name, owner").fetchall()
            every = [unpack(SavedSearch, bytes(body)) for (body,) in rows]  # type: ignore[arg-type]
            return [one for one in every if one.is_shared or one.owner == username]

        return self.database.now(work)

    # ------------------------------------------------------------------ preserved reads

    def preserve(
        self,
        kept: Sequence[Preserved],
        images: Iterable[tuple[ReadId, ImageKind, bytes]],
    ) -> int:
        """Keep reads with their images; returns how many were not kept under this reference."""

        def work(db: apsw.Connection) -> int:
            added = 0
            for one in kept:
                db.execute(
                    "INSERT OR IGNORE INTO preserved VALUES (?, ?, ?, ?)",
                    (
                        one.read.read_id, one.reference, int(one.review_at.timestamp()), pack(one),
                    ),
                )  # fmt: skip
                added += db.changes()
            for read_id, kind, data in images:
                db.execute(
                    "INSERT OR IGNORE INTO preserved_images VALUES (?, ?, ?)",
                    (read_id, str(kind), data),
                )
            return added

        return self.database.write_now(work)

    def preserved(self, limit: int = 1_000) -> list[Preserved]:
        """Return what is kept, the next to be reviewed first."""
        return self.database.now(
            lambda db: [
                unpack(Preserved, bytes(body))
                for (body,) in db.execute(
                    "SELECT body FROM preserved ORDER BY review, read_id LIMIT ?", (limit,)
                )
            ]
        )

    def which_preserved(self, read_ids: Sequence[ReadId]) -> set[ReadId]:
        """Return those of the reads that are kept."""
        return self.database.now(
            lambda db: {
                read_id
                for read_id in read_ids
                if db.execute("SELECT 1 FROM preserved WHERE read_id = ?", (read_id,)).fetchone()
            }
        )

    def image_of(self, read_id: ReadId, kind: ImageKind) -> bytes | None:
        """Return the image kept with a read, or None."""

        def work(db: apsw.Connection) -> bytes | None:
            row = db.execute(
                "SELECT data FROM preserved_images WHERE read_id = ? AND kind = ?",
                (read_id, str(kind)),
            ).fetchone()
            return None if row is None else bytes(row[0])

        return self.database.now(work)

    # ------------------------------------------------------------------ people's own vehicles

    def put_vehicles(self, username: str, vrms: Iterable[str]) -> None:
        """Record which vehicles belong to the person behind an account, instead of those before."""

        def work(db: apsw.Connection) -> None:
            db.execute("DELETE FROM own_vehicles WHERE username = ?", (username,))
            db.executemany(
                "INSERT OR IGNORE INTO own_vehicles VALUES (?, ?)",
                [(username, vrm) for vrm in vrms],
            )

        self.database.write_now(work)

    def vehicles(self) -> dict[str, frozenset[str]]:
        """Return people's own vehicles by account."""

        def work(db: apsw.Connection) -> dict[str, frozenset[str]]:
            found: dict[str, set[str]] = {}
            for username, vrm in db.execute("SELECT username, vrm FROM own_vehicles"):
                found.setdefault(str(username), set()).add(str(vrm))
            return {username: frozenset(vrms) for username, vrms in found.items()}

        return self.database.now(work)
