"""Images tied to reads: what lies where, what still has to go up, and when it is deleted.

A tie says that this image belongs to this read and is of this kind; it is never changed for another
one but for the one that the read announced. The images themselves lie in packed files.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

import apsw

from nas_desktop.adapters.store.database import Database, StoreRefused
from nas_desktop.adapters.store.reads.blocks import Damaged
from nas_desktop.adapters.store.reads.packs import ImagePacks
from nas_desktop.domain.read import ReadId
from nas_desktop.domain.retention import PARTITION
from nas_desktop.services.events import ImageKind

log = logging.getLogger(__name__)

PACKED = (
    "CREATE TABLE packed (digest TEXT PRIMARY KEY, pack INTEGER NOT NULL, place INTEGER NOT NULL,"
    " size INTEGER NOT NULL) STRICT, WITHOUT ROWID"
)

KEPT_PACK = 0
"""The pack of images without a term."""

_PACK_S = int(PARTITION.total_seconds())


def pack_of(due: int) -> int:
    """Return the number of the pack that images due then lie in: the span that they are due in."""
    return KEPT_PACK if due <= 0 else (due - 1) // _PACK_S + 1


class ImageShelf:
    """Blocking methods, each for the store's own thread."""

    def __init__(self, database: Database, packs: ImagePacks) -> None:
        self.database = database
        self._packs = packs

    def put_images(
        self,
        items: Iterable[tuple[ReadId, ImageKind, str, bytes]],
        is_own: bool = True,
        announced: Callable[[ReadId, ImageKind], str | None] = lambda _read_id, _kind: None,
        due: Callable[[ReadId], int] = lambda _read_id: 0,
    ) -> list[tuple[ReadId, ImageKind, str]]:
        """Store images and tie each to its read; returns the ties that are new.

        The first image of a read and kind stays, unless a later one is the one that the read
        announced. ``is_own`` marks images that still have to go to the node above. ``due`` tells
        of a read when they are deleted, seconds since 1970; 0 keeps them.

        Raises:
            StoreRefused: the disk would not take them.
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
                term = due(read_id)
                db.execute(
                    "INSERT OR REPLACE INTO ties VALUES (?, ?, ?, ?, ?)",
                    (read_id, str(kind), digest, int(not is_own), term),
                )
                self._shelve(db, digest, data, term)
                new.append((read_id, kind, digest))
            self._packs.sync()  # durable before the database says where they lie
            return new

        return self._written(work)

    def _written(
        self, work: Callable[[apsw.Connection], list[tuple[ReadId, ImageKind, str]]]
    ) -> list[tuple[ReadId, ImageKind, str]]:
        try:
            return self.database.write_now(work)
        except (OSError, Damaged) as fault:
            log.error("images cannot be stored: %s", type(fault).__name__)
            raise StoreRefused(
                "images_unwritable",
                "Images cannot be stored.",
                "Free space on the disk, and check that the data folder may be written to.",
            ) from None

    def _shelve(self, db: apsw.Connection, digest: str, data: bytes, due: int) -> None:
        """Put an image where it stays long enough; one that lies there already stays."""
        wanted = pack_of(due)
        row = db.execute("SELECT pack FROM packed WHERE digest = ?", (digest,)).fetchone()
        if row is not None and (row[0] == KEPT_PACK or 0 < wanted <= int(str(row[0]))):
            return
        place, size = self._packs.put(wanted, digest, data)
        db.execute(
            "INSERT OR REPLACE INTO packed VALUES (?, ?, ?, ?)", (digest, wanted, place, size)
        )

    def keep_images(self, read_ids: Sequence[ReadId], due: int) -> None:
        """Keep what is tied to some reads until ``due``, seconds since 1970, at the least."""

        def work(db: apsw.Connection) -> list[tuple[ReadId, ImageKind, str]]:
            for read_id in read_ids:
                rows = db.execute(
                    "SELECT digest FROM ties WHERE read_id = ? AND due > 0 AND due < ?",
                    (read_id, due),
                ).fetchall()
                for (digest,) in rows:
                    data = self._data(db, str(digest))
                    if data is not None:
                        self._shelve(db, str(digest), data, due)
                db.execute(
                    "UPDATE ties SET due = max(due, ?) WHERE read_id = ? AND due > 0",
                    (due, read_id),
                )
            self._packs.sync()
            return []

        self._written(work)

    def drop_images(self, due: int) -> None:
        """Delete what is due by then, seconds since 1970; a pack goes when all of it is."""
        ended = due // _PACK_S

        def work(db: apsw.Connection) -> None:
            db.execute("DELETE FROM ties WHERE due > 0 AND due <= ?", (due,))
            db.execute("DELETE FROM packed WHERE pack > 0 AND pack <= ?", (ended,))
            db.execute("DELETE FROM images WHERE digest NOT IN (SELECT digest FROM ties)")

        self.database.write_now(work)
        self._packs.drop_until(ended)

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

    def image_of(self, read_id: ReadId, kind: ImageKind) -> bytes | None:
        """Return the image tied to exactly this read, or None."""

        def work(db: apsw.Connection) -> bytes | None:
            row = db.execute(
                "SELECT digest FROM ties WHERE read_id = ? AND kind = ?", (read_id, str(kind))
            ).fetchone()
            return None if row is None else self._data(db, str(row[0]))

        return self.database.now(work)

    def _data(self, db: apsw.Connection, digest: str) -> bytes | None:
        row = db.execute(
            "SELECT pack, place, size FROM packed WHERE digest = ?", (digest,)
        ).fetchone()
        if row is None:
            old = db.execute("SELECT data FROM images WHERE digest = ?", (digest,)).fetchone()
            return None if old is None else bytes(old[0])
        pack, place, size = (int(str(n)) for n in row)
        try:
            return self._packs.get(pack, digest, place, size)
        except Damaged as fault:
            log.error("an image cannot be read from %s", fault)
            return None

    def unsent_images(self, limit: int) -> list[tuple[ReadId, ImageKind, bytes]]:
        """Return images that the node above has not confirmed yet, and whose reads it may know."""

        def work(db: apsw.Connection) -> list[tuple[ReadId, ImageKind, bytes]]:
            rows = db.execute(
                "SELECT read_id, kind, digest FROM ties WHERE sent = 0 LIMIT ?", (limit,)
            ).fetchall()
            found: list[tuple[ReadId, ImageKind, bytes]] = []
            for read_id, kind, digest in rows:
                data = self._data(db, str(digest))
                if data is None:  # it can never be sent; those behind it can
                    db.execute("UPDATE ties SET sent = 1 WHERE digest = ?", (digest,))
                else:
                    found.append(
                        (ReadId(bytes(read_id)), ImageKind(str(kind)), data)  # type: ignore[arg-type]
                    )
            return found

        return self.database.now(work)

    def mark_sent(self, ties: Iterable[tuple[ReadId, ImageKind]]) -> None:
        """Record that the node above has these images on disk."""

        def work(db: apsw.Connection) -> None:
            db.executemany(
                "UPDATE ties SET sent = 1 WHERE read_id = ? AND kind = ?",
                [(read_id, str(kind)) for read_id, kind in ties],
            )

        self.database.write_now(work)

    def close_images(self) -> None:
        """Close the packed files."""
        self._packs.close()
