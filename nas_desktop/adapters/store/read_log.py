"""The node's reads in the order they were taken in, behind the ``ReadStore`` port.

Reads are kept in chunks, one row a batch: a row a read would cost ten times the time. The cache
takes them over from here and knows which it holds, so that a read that comes twice, over whatever
way, is stored once. A chunk goes when its reads are in sealed files and nobody waits for it.
Images lie by digest and are tied to exactly one read and kind each; a tie is never changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import apsw
import zstandard

from nas_desktop.adapters.store.database import META, PROGRESS, Database, get_meta, put_meta
from nas_desktop.adapters.store.image_shelf import PACKED, ImageShelf
from nas_desktop.adapters.store.packing import pack, unpack
from nas_desktop.adapters.store.reads.cache import SEGMENTS, Dropped, ReadCache
from nas_desktop.adapters.store.reads.columns import MemoryTable, instant
from nas_desktop.adapters.store.reads.packs import ImagePacks
from nas_desktop.domain.read import Read, ReadId
from nas_desktop.services.progress import Progress

SEALED_WITHIN = timedelta(hours=2)
"""Longest time that a read waits to be sealed, however few there are."""

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


def _second_version(db: apsw.Connection) -> None:
    # Which reads are held is known to the cache, whose sealed files are spoken of here.
    db.execute("DROP TABLE seen")
    db.execute(SEGMENTS)
    db.execute("ALTER TABLE ties ADD COLUMN due INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX due_ties ON ties (due)")
    db.execute("ALTER TABLE chunks ADD COLUMN due INTEGER NOT NULL DEFAULT 0")


def _third_version(db: apsw.Connection) -> None:
    # Images lie in packed files now; those that lie in the database already stay there.
    db.execute(PACKED)
    db.execute("CREATE INDEX packed_by_pack ON packed (pack)")


MIGRATIONS = (_first_version, _second_version, _third_version)

RESUME_READS = 50_000
"""Newest reads that stay in the log though they are sealed: most resumptions need no more."""


class ReadLog(ImageShelf):
    """Blocking methods, each for the store's own thread; see ``ports.ReadStore``."""

    def __init__(self, database: Database, cache: ReadCache) -> None:
        super().__init__(database, ImagePacks(cache.folder / "images", cache.key))
        self.cache = cache
        self.epoch = (database.now(get_meta, "epoch") or b"").decode()
        database.now(cache.open)
        self._end = max(database.now(_end_of), cache.sealed_to)
        self.needed_from: Callable[[], int | None] = lambda: None
        self._young_since: datetime | None = None
        self._take_up()

    def _take_up(self) -> None:
        """Give the cache what is in the log and not yet in sealed files."""
        at = self.cache.sealed_to
        while at < self._end:
            chunks = self.database.now(_chunks_from, at, 1, None)
            if not chunks:
                return
            for first, body in chunks:
                reads = _reads_in(body)
                # A chunk is sealed whole or not at all, unless another program wrote it.
                skip = max(0, at - first)
                self.cache.add(reads[skip:], first + skip)
                at = first + len(reads)

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
        found = self._new_ones([reads for reads, _source, _origin in batches])
        new = self.database.write_now(self._ingest, batches, found)
        if new:
            self.cache.add([read for _at, read in new], self._end)
        self._end += len(new)
        return new

    def build(self, tables: Iterable[MemoryTable], now: datetime) -> tuple[int, int]:
        """Take whole tables in as sealed files, past the log; returns reads and bytes written.

        For filling a store in bulk: what is built is neither looked for in what is held already
        nor sent to anybody. Offsets have to count on from ``end``.
        """
        while self.tend(now, is_last=True) or self.cache.sealed_to < self._end:
            self.finish()
        reads = size = 0
        for table in tables:
            size += self.database.now(self.cache.add_sealed, table, self._end + table.rows)
            self._end += table.rows
            reads += table.rows
        return reads, size

    def _new_ones(self, batches: Sequence[Sequence[Read]]) -> list[list[Read]]:
        """Return the reads of each batch that neither the cache nor an earlier batch has."""
        taken: set[ReadId] = set()
        found: list[list[Read]] = []
        for reads in batches:
            fresh: list[Read] = []
            for read, is_known in zip(reads, self.cache.known(reads), strict=True):
                if not is_known and read.read_id not in taken:
                    taken.add(read.read_id)
                    fresh.append(read)
            found.append(fresh)
        return found

    def _ingest(
        self,
        db: apsw.Connection,
        batches: Sequence[tuple[Sequence[Read], tuple[str, int, int] | None, str]],
        new: Sequence[list[Read]],
    ) -> list[tuple[int, Read]]:
        found: list[tuple[int, Read]] = []
        at = self._end
        for (_reads, source, origin), fresh in zip(batches, new, strict=True):
            if fresh:
                db.execute(
                    "INSERT INTO chunks VALUES (?, ?, ?, ?, ?)",
                    (at, len(fresh), origin, _squeezed(fresh), self._due_of(fresh)),
                )
                found += [(at + i, read) for i, read in enumerate(fresh)]
                at += len(fresh)
            if source is not None:
                stream, first, last = source
                put_progress(db, stream, get_progress(db, stream).taken(first, last))
        return found

    def _due_of(self, reads: Sequence[Read]) -> int:
        """Return from when on all of some reads are due, whole seconds since 1970."""
        kept = max(self.cache.retention.keep, self.cache.retention.keep_late)
        return int((max(read.received_at for read in reads) + kept).timestamp()) + 1

    def tend(self, now: datetime, *, is_last: bool = False) -> bool:
        """Seal and merge in the background, and let go of what the log need not keep.

        Returns whether something is under way. Called often, it costs nothing when there is
        nothing to do. ``is_last`` seals what is in memory however little it is.
        """
        if self.cache.sealed_to >= self._end:
            self._young_since = None
        elif self._young_since is None:
            self._young_since = now
        is_old = self._young_since is not None and now - self._young_since > SEALED_WITHIN
        is_busy = self.database.now(
            lambda db: self.cache.advance(db, now, is_last=is_last or is_old)
        )
        needed = self.needed_from()
        keep = min(self.cache.sealed_to, self._end - RESUME_READS)
        keep = keep if needed is None else min(keep, needed)
        if keep > 0 and self.database.now(_has_chunks_before, keep):
            self.database.write_now(
                lambda db: db.execute("DELETE FROM chunks WHERE first + size <= ?", (keep,))
            )
        return is_busy

    def saw(self, now: datetime) -> datetime:
        """Take in the time and return the latest there ever was; see ``ReadCache.saw``."""
        self.database.now(self.cache.saw, now)
        return instant(self.cache.latest_us)

    def drop_due(self, now: datetime) -> list[Dropped]:
        """Drop every partition that is due, with its images; returns the proof of it."""
        dropped = self.database.now(self.cache.drop_due, now)
        due = int(now.timestamp())
        needed = self.needed_from()
        keep = self.cache.sealed_to if needed is None else min(self.cache.sealed_to, needed)

        def work(db: apsw.Connection) -> None:
            db.execute(
                "DELETE FROM chunks WHERE due BETWEEN 1 AND ? AND first + size <= ?", (due, keep)
            )

        self.database.write_now(work)
        self.drop_images(due)
        return dropped

    def oldest_undelivered(self) -> datetime | None:
        """Return when the oldest own read was received that the node above may lack, or None."""
        needed = self.needed_from()
        if needed is None:
            return None
        own = self.fetch_own(needed, 1)
        return own[0][1].received_at if own else None

    def force_out(self, received_before: datetime) -> int:
        """Delete own reads from the log though they were never delivered; returns how many."""
        needed = self.needed_from()
        if needed is None:
            return 0
        gone, at = 0, needed
        for first, body in self.database.now(_chunks_from, needed, 100_000, OWN):
            reads = _reads_in(body)
            if max(read.received_at for read in reads) >= received_before:
                break
            gone, at = gone + len(reads), first + len(reads)
        if gone:
            self.database.write_now(
                lambda db: db.execute("DELETE FROM chunks WHERE first + size <= ?", (at,))
            )
        return gone

    def finish(self) -> None:
        """Wait for what is being sealed; before closing."""
        self.database.now(self.cache.finish)

    def fetch(self, first: int, limit: int) -> list[tuple[int, Read]]:
        """Return up to ``limit`` reads from offset ``first`` on, in order, as far as they are held.

        What the log has let go of comes from the cache; what was deleted is left out.
        """
        found = self._unpacked(self.database.now(_chunks_from, first, limit, None), first, limit)
        if first < self._end and (not found or found[0][0] > first):
            before = found[0][0] if found else min(self._end, first + limit)
            older = self.cache.by_offset(first, min(limit, before - first))
            found = (older + found)[:limit]
        return found

    def fetch_own(self, first: int, limit: int) -> list[tuple[int, Read]]:
        """Return reads from an offset on that cameras gave to this node itself."""
        return self._unpacked(self.database.now(_chunks_from, first, limit, OWN), first, limit)

    def _unpacked(
        self, chunks: Sequence[tuple[int, bytes]], first: int, limit: int
    ) -> list[tuple[int, Read]]:
        found: list[tuple[int, Read]] = []
        for at, body in chunks:
            for i, read in enumerate(_reads_in(body)):
                if first <= at + i and len(found) < limit:
                    found.append((at + i, read))
        return found

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

    def progress(self, stream: str) -> Progress:
        """Return how far an upstream stream has been taken in."""
        return self.database.now(get_progress, stream)

    def resume(self, stream: str, epoch: str, end: int) -> None:
        """Record that live delivery of an upstream stream starts at ``end``.

        In one transaction: its backlog may be coming in already.
        """
        self.database.write_now(resume_progress, stream, epoch, end)


_SQUEEZED = b"\x28\xb5\x2f\xfd"
"""How what zstandard has written begins; MessagePack of a list never does."""


def _squeezed(reads: Sequence[Read]) -> bytes:
    """Return the bytes of a chunk: a quarter of what they would be, and as much less to encrypt."""
    return zstandard.ZstdCompressor(1).compress(pack(reads))


def _reads_in(body: bytes) -> list[Read]:
    """Return the reads of a chunk, whether this version wrote it or the one before."""
    if body.startswith(_SQUEEZED):
        body = zstandard.ZstdDecompressor().decompress(body)
    return unpack(list[Read], body)


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


def _has_chunks_before(db: apsw.Connection, offset: int) -> bool:
    row = db.execute("SELECT first + size FROM chunks ORDER BY first LIMIT 1").fetchone()
    return row is not None and int(row[0]) <= offset


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
