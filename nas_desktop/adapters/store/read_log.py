"""The node's reads in the order they were taken in, behind the ``ReadStore`` port.

Reads are kept in chunks, one row a batch: a row a read would cost ten times the time. Identities
have a table of their own, so that a read that comes twice, over whatever way, is stored once.
Images lie by digest and are tied to exactly one read and kind each; a tie is never changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

import apsw

from nas_desktop.adapters.store.database import META, PROGRESS, Database, get_meta, put_meta
from nas_desktop.adapters.store.packing import pack, unpack
from nas_desktop.domain.read import Read, ReadId
from nas_desktop.services.events import ImageKind
from nas_desktop.services.progress import Progress

OWN = "own"
"""Origin of reads that cameras gave to this node itself."""

UPSTREAM = "upstream"
"""Origin of reads that came from the node above."""


def _first_version(db: apsw.Connection) -> None:
    db.execute(META)
    db.execute(PROGRESS)
    db.execute(
        "CREATE TABLE chunks (first INTEGER PRIMARY KEY, size INTEGER NOT NULL,"
        " origin TEXT NOT NULL, body BLOB NOT NULL) STRICT"
    )
    db.execute("CREATE TABLE seen (read_id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID")
    db.execute("CREATE TABLE images (digest TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT")
    db.execute(
        "CREATE TABLE ties (read_id BLOB NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL,"
        " sent INTEGER NOT NULL, PRIMARY KEY (read_id, kind)) STRICT, WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE refused_images (read_id BLOB NOT NULL, kind TEXT NOT NULL,"
        " reason TEXT NOT NULL, PRIMARY KEY (read_id, kind)) STRICT, WITHOUT ROWID"
    )
    db.execute("CREATE INDEX unsent_ties ON ties (read_id) WHERE sent = 0")
    put_meta(db, "epoch", os.urandom(8).hex().encode())


MIGRATIONS = (_first_version,)


class ReadLog:
    """Blocking methods, each for the store's own thread; see ``ports.ReadStore``."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.epoch = (database.now(get_meta, "epoch") or b"").decode()
        self._end = database.now(_end_of)

    def end(self) -> int:
        """Return the offset that the next read will get."""
        return self._end

    def ingest(
        self,
        reads: Sequence[Read],
        source: tuple[str, int, int] | None = None,
        origin: str = OWN,
    ) -> list[tuple[int, Read]]:
        """Make reads durable in one transaction; returns the new ones with their offsets.

        ``source`` (stream, from, to) moves the stream's progress in the same transaction.
        """
        return self.ingest_all([(reads, source, origin)])

    def ingest_all(
        self, batches: Sequence[tuple[Sequence[Read], tuple[str, int, int] | None, str]]
    ) -> list[tuple[int, Read]]:
        """Make several batches durable in one transaction; see ``ingest``."""
        new = self.database.write_now(self._ingest, batches)
        self._end += len(new)
        return new

    def _ingest(
        self,
        db: apsw.Connection,
        batches: Sequence[tuple[Sequence[Read], tuple[str, int, int] | None, str]],
    ) -> list[tuple[int, Read]]:
        found: list[tuple[int, Read]] = []
        at = self._end
        for reads, source, origin in batches:
            fresh: list[Read] = []
            for read in reads:
                db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (read.read_id,))
                if db.changes():
                    fresh.append(read)
            if fresh:
                db.execute(
                    "INSERT INTO chunks VALUES (?, ?, ?, ?)", (at, len(fresh), origin, pack(fresh))
                )
                found += [(at + i, read) for i, read in enumerate(fresh)]
                at += len(fresh)
            if source is not None:
                stream, first, last = source
                put_progress(db, stream, get_progress(db, stream).taken(first, last))
        return found

    def fetch(self, first: int, limit: int) -> list[tuple[int, Read]]:
        """Return up to ``limit`` reads from offset ``first`` on, in order."""
        return self._unpacked(self.database.now(_chunks_from, first, limit, None), first, limit)

    def fetch_own(self, first: int, limit: int) -> list[tuple[int, Read]]:
        """Return reads from an offset on that cameras gave to this node itself."""
        return self._unpacked(self.database.now(_chunks_from, first, limit, OWN), first, limit)

    def _unpacked(
        self, chunks: Sequence[tuple[int, bytes]], first: int, limit: int
    ) -> list[tuple[int, Read]]:
        found: list[tuple[int, Read]] = []
        for at, body in chunks:
            for i, read in enumerate(unpack(list[Read], body)):
                if first <= at + i and len(found) < limit:
                    found.append((at + i, read))
        return found

    def put_images(
        self,
        items: Iterable[tuple[ReadId, ImageKind, str, bytes]],
        is_own: bool = True,
        announced: Callable[[ReadId, ImageKind], str | None] = lambda _read_id, _kind: None,
    ) -> list[tuple[ReadId, ImageKind, str]]:
        """Store images and tie each to its read; returns the ties that are new.

        The first image of a read and kind stays, unless a later one is the one that the read
        announced. ``is_own`` marks images that still have to go to the node above.
        """

        def work(db: apsw.Connection) -> list[tuple[ReadId, ImageKind, str]]:
            new: list[tuple[ReadId, ImageKind, str]] = []
            for read_id, kind, digest, data in items:
                tied = db.execute(
                    "SELECT digest FROM ties WHERE read_id = ? AND kind = ?", (read_id, str(kind))
                ).fetchone()
                # The same image once more changes nothing; another one only if it was announced.
                if tied is not None and (tied[0] == digest or announced(read_id, kind) != digest):
                    continue
                db.execute(
                    "INSERT OR REPLACE INTO ties VALUES (?, ?, ?, ?)",
                    (read_id, str(kind), digest, int(not is_own)),
                )
                db.execute("INSERT OR IGNORE INTO images VALUES (?, ?)", (digest, data))
                new.append((read_id, kind, digest))
            return new

        return self.database.write_now(work)

    def put_refused_images(self, items: Iterable[tuple[ReadId, ImageKind, str]]) -> None:
        """Record why an image was not taken, so that whoever asks for it is told."""
        rows = [(read_id, str(kind), reason) for read_id, kind, reason in items]
        self.database.write_now(
            lambda db: db.executemany("INSERT OR IGNORE INTO refused_images VALUES (?, ?, ?)", rows)
        )

    def refused_image(self, read_id: ReadId, kind: ImageKind) -> str | None:
        """Return why the image of a read was not taken, or None."""

        def work(db: apsw.Connection) -> str | None:
            row = db.execute(
                "SELECT reason FROM refused_images WHERE read_id = ? AND kind = ?",
                (read_id, str(kind)),
            ).fetchone()
            return None if row is None else str(row[0])

        return self.database.now(work)

    def count_own(self, first: int) -> int:
        """Return how many reads from an offset on cameras gave to this node itself."""

        def work(db: apsw.Connection) -> int:
            row = db.execute(
                "SELECT sum(min(size, first + size - ?1)) FROM chunks"
                " WHERE first + size > ?1 AND origin = ?2",
                (first, OWN),
            ).fetchone()
            return int(row[0]) if row is not None and row[0] is not None else 0

        return self.database.now(work)

    def image_of(self, read_id: ReadId, kind: ImageKind) -> bytes | None:
        """Return the image tied to exactly this read, or None."""
        return self.database.now(_image, read_id, str(kind))

    def unsent_images(self, limit: int) -> list[tuple[ReadId, ImageKind, bytes]]:
        """Return images that the node above has not confirmed yet, and whose reads it may know."""
        rows = self.database.now(_unsent, limit)
        return [(ReadId(r), ImageKind(k), d) for r, k, d in rows]

    def mark_sent(self, ties: Iterable[tuple[ReadId, ImageKind]]) -> None:
        """Record that the node above has these images on disk."""

        def work(db: apsw.Connection) -> None:
            db.executemany(
                "UPDATE ties SET sent = 1 WHERE read_id = ? AND kind = ?",
                [(read_id, str(kind)) for read_id, kind in ties],
            )

        self.database.write_now(work)

    def progress(self, stream: str) -> Progress:
        """Return how far an upstream stream has been taken in."""
        return self.database.now(get_progress, stream)

    def resume(self, stream: str, epoch: str, end: int) -> None:
        """Record that live delivery of an upstream stream starts at ``end``.

        In one transaction: its backlog may be coming in already.
        """
        self.database.write_now(resume_progress, stream, epoch, end)


def resume_progress(db: apsw.Connection, stream: str, epoch: str, end: int) -> None:
    """Record that live delivery of a stream starts at ``end``, inside the caller's transaction."""
    put_progress(db, stream, get_progress(db, stream).resumed_at(epoch, end))


def get_progress(db: apsw.Connection, stream: str) -> Progress:
    """Return the progress of a stream as this store has it."""
    row = db.execute("SELECT body FROM progress WHERE stream = ?", (stream,)).fetchone()
    return Progress() if row is None else unpack(Progress, bytes(row[0]))


def put_progress(db: apsw.Connection, stream: str, progress: Progress) -> None:
    """Record the progress of a stream, inside the caller's transaction."""
    db.execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", (stream, pack(progress)))


def _end_of(db: apsw.Connection) -> int:
    row = db.execute("SELECT first + size FROM chunks ORDER BY first DESC LIMIT 1").fetchone()
    return 0 if row is None else int(row[0])


def _chunks_from(
    db: apsw.Connection, first: int, limit: int, origin: str | None
) -> list[tuple[int, bytes]]:
    start = db.execute("SELECT max(first) FROM chunks WHERE first <= ?", (first,)).fetchone()
    begin = 0 if start is None or start[0] is None else int(start[0])
    found: list[tuple[int, bytes]] = []
    held = 0
    for at, size, body in db.execute(
        "SELECT first, size, body FROM chunks WHERE first >= ? AND ifnull(origin = ?, 1)"
        " ORDER BY first",
        (begin, origin),
    ):
        found.append((int(at), bytes(body)))
        held += int(size) - max(0, first - int(at))
        if held >= limit:
            break
    return found


def _image(db: apsw.Connection, read_id: bytes, kind: str) -> bytes | None:
    row = db.execute(
        "SELECT data FROM ties JOIN images USING (digest) WHERE read_id = ? AND kind = ?",
        (read_id, kind),
    ).fetchone()
    return None if row is None else bytes(row[0])


def _unsent(db: apsw.Connection, limit: int) -> list[tuple[bytes, str, bytes]]:
    return [
        (bytes(r), str(k), bytes(d))
        for r, k, d in db.execute(
            "SELECT read_id, kind, data FROM ties JOIN images USING (digest)"
            " WHERE sent = 0 LIMIT ?",
            (limit,),
        )
    ]
