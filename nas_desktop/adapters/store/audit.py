"""The audit: append-only, hash-chained, in a file of its own that retention never touches.

Each record's hash covers the hash before it, so a removal, a change or a new order anywhere breaks
every record after it. Triggers refuse updates and deletions inside the program; the chain shows
those made outside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import apsw

from nas_desktop.adapters.store.database import META, Database, get_meta, put_meta
from nas_desktop.adapters.store.packing import pack, unpack

GENESIS = bytes(32)
"""What the first record stands on."""


class AuditAction(StrEnum):
    """What was done (domain facts 6.5); later versions add, none is ever removed."""

    LOGIN = "LOGIN"
    LOGIN_REFUSED = "LOGIN_REFUSED"
    LOGOUT = "LOGOUT"
    HIT_DELIVERED = "HIT_DELIVERED"
    HIT_ACK = "HIT_ACK"
    HIT_ACTION = "HIT_ACTION"
    HIT_OUTCOME = "HIT_OUTCOME"
    DENIED = "DENIED"
    CONFIG_CHANGE = "CONFIG_CHANGE"
    VOI_UPLOAD = "VOI_UPLOAD"
    VOI_CREATE = "VOI_CREATE"
    VOI_EDIT = "VOI_EDIT"
    VOI_WEED = "VOI_WEED"
    VOI_ROLLBACK = "VOI_ROLLBACK"
    VOI_REMOVE = "VOI_REMOVE"
    VIEW_NO_ALERT = "VIEW_NO_ALERT"
    EXPORT = "EXPORT"
    BUFFER_START = "BUFFER_START"
    BUFFER_END = "BUFFER_END"
    TEST_READ = "TEST_READ"
    NODE_START = "NODE_START"
    NODE_STOP = "NODE_STOP"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Who did what to which thing, when, at which workstation."""

    action: AuditAction
    at: datetime
    username: str = ""
    workstation: str = ""
    session: str = ""
    subject: str = ""
    detail: dict[str, str] = field(default_factory=dict)


def _first_version(db: apsw.Connection) -> None:
    db.execute(
        "CREATE TABLE records (seq INTEGER PRIMARY KEY, prev BLOB NOT NULL, hash BLOB NOT NULL,"
        " body BLOB NOT NULL) STRICT"
    )
    # How far the records that waited in another store were taken over; not part of the chain.
    db.execute(META)
    for verb in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER no_{verb.lower()} BEFORE {verb} ON records"
            " BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )


MIGRATIONS = (_first_version,)


def chained(prev: bytes, seq: int, body: bytes) -> bytes:
    """Return the hash of a record: SHA-256 over the hash before, its number and its content."""
    return hashlib.sha256(prev + seq.to_bytes(8, "big") + body).digest()


class Audit:
    """Appends records; blocking, for the store's own thread."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._seq, self._head = database.now(_last)

    @property
    def head(self) -> bytes:
        """The hash of the newest record; what a proof is anchored on."""
        return self._head

    def append(self, *records: AuditRecord) -> None:
        """Make records durable, in order, in one transaction."""
        self._append(list(records), None)

    def take_over(self, waiting: Sequence[tuple[int, bytes]]) -> None:
        """Append packed records that waited elsewhere, each exactly once, by their numbers."""
        taken = int(self.database.now(get_meta, "taken_over") or b"0")
        new = [(number, body) for number, body in waiting if number > taken]
        if new:
            self._append([unpack(AuditRecord, body) for _number, body in new], new[-1][0])

    def _append(self, records: Sequence[AuditRecord], taken_over: int | None) -> None:
        def work(db: apsw.Connection) -> tuple[int, bytes]:
            seq, head = self._seq, self._head
            for record in records:
                seq += 1
                body = pack(record)
                prev, head = head, chained(head, seq, body)
                db.execute("INSERT INTO records VALUES (?, ?, ?, ?)", (seq, prev, head, body))
            if taken_over is not None:
                put_meta(db, "taken_over", str(taken_over).encode())
            return seq, head

        self._seq, self._head = self.database.write_now(work)

    def records(self, first: int = 1, limit: int = 1_000) -> list[tuple[int, AuditRecord]]:
        """Return records by their numbers, which count from 1."""
        return self.database.now(
            lambda db: [
                (int(seq), unpack(AuditRecord, bytes(body)))
                for seq, body in db.execute(
                    "SELECT seq, body FROM records WHERE seq >= ? ORDER BY seq LIMIT ?",
                    (first, limit),
                )
            ]
        )

    def first_bad(self) -> int | None:
        """Return the number of the first record that breaks the chain, or None when it holds."""

        def work(db: apsw.Connection) -> int | None:
            prev, expected = GENESIS, 1
            for seq, before, own, body in db.execute(
                "SELECT seq, prev, hash, body FROM records ORDER BY seq"
            ):
                if (
                    int(seq) != expected
                    or bytes(before) != prev
                    or bytes(own) != chained(prev, expected, bytes(body))
                ):
                    return expected
                prev, expected = bytes(own), expected + 1
            return None

        return self.database.now(work)


def _last(db: apsw.Connection) -> tuple[int, bytes]:
    row = db.execute("SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1").fetchone()
    return (0, GENESIS) if row is None else (int(row[0]), bytes(row[1]))
