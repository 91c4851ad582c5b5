"""The audit: append-only, hash-chained, in a file of its own that retention never touches.

Each record's hash covers the hash before it, so a removal, a change or a new order anywhere breaks
every record after it. Triggers refuse updates and deletions inside the program; the chain shows
those made outside it, and heads countersigned by a server show even a chain written anew.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields

import apsw

from nas_desktop.adapters.store.audit_schema import MIGRATIONS
from nas_desktop.adapters.store.database import Database, get_meta, put_meta
from nas_desktop.adapters.store.packing import pack, unpack
from nas_desktop.services.audit import (
    AuditAction,
    AuditFilter,
    AuditItem,
    AuditPage,
    AuditRecord,
    AuditRow,
    Countersignature,
    Verdict,
)
from nas_desktop.services.audit_chain import GENESIS, Anchor, chained, verify

__all__ = ["GENESIS", "MIGRATIONS", "AuditAction", "AuditRecord", "chained"]
# Asked for here by those who append.

_ALWAYS = 7
"""Fields of the first version: they are written whatever they hold."""

_LATER = tuple((field.name, field.default) for field in fields(AuditRecord)[_ALWAYS:])
_FIRST = tuple(field.name for field in fields(AuditRecord)[:_ALWAYS])
LOOK = 2_000
"""Most records that one page looks at: some milliseconds of the store's thread."""

_AT_ONCE = 500
"""Records looked at in one go while others want the store's thread too."""


def body_of(record: AuditRecord) -> bytes:
    """Return a record as it is chained: a map without the later fields that hold nothing."""
    told = {name: getattr(record, name) for name in _FIRST}
    told.update(
        (name, getattr(record, name))
        for name, default in _LATER
        if getattr(record, name) != default
    )
    return pack(told)


class Audit:
    """Appends records; blocking, for the store's own thread."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._seq, self._head = database.now(_last)

    @property
    def head(self) -> bytes:
        """The hash of the newest record; what a proof is anchored on."""
        return self._head

    @property
    def last(self) -> int:
        """The number of the newest record, 0 when there is none."""
        return self._seq

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
                body = body_of(record)
                prev, head = head, chained(head, seq, body)
                db.execute("INSERT INTO records VALUES (?, ?, ?, ?)", (seq, prev, head, body))
            if taken_over is not None:
                put_meta(db, "taken_over", str(taken_over).encode())
            # An end cut off cleanly leaves a chain that is whole; this tells that one is missing.
            put_meta(db, "end", seq.to_bytes(8, "big") + head)
            return seq, head

        self._seq, self._head = self.database.write_now(work)

    # ------------------------------------------------------------------ reading

    def records(self, first: int = 1, limit: int = 1_000) -> list[tuple[int, AuditRecord]]:
        """Return records by their numbers, which count from 1."""
        return [
            (item.seq, unpack(AuditRecord, item.body)) for item in self.items_from(first, limit)
        ]

    def items_from(self, first: int, limit: int, most_bytes: int | None = None) -> list[AuditItem]:
        """Return records as they lie, by number; at least one, then up to ``most_bytes``."""

        def work(db: apsw.Connection) -> list[AuditItem]:
            found: list[AuditItem] = []
            size = 0
            for row in db.execute(
                "SELECT seq, prev, hash, body FROM records WHERE seq >= ? ORDER BY seq LIMIT ?",
                (first, limit),
            ):
                item = item_of(row)
                size += len(item.body)
                if found and most_bytes is not None and size > most_bytes:
                    break
                found.append(item)
            return found

        return self.database.now(work)

    def items(self) -> Iterator[AuditItem]:
        """Yield every record as it lies, a number out of place included."""
        at = -(1 << 62)
        while found := self.items_from(at, _AT_ONCE):
            yield from found
            at = found[-1].seq + 1

    def page(self, wanted: AuditFilter, before: int, limit: int) -> AuditPage:
        """Return records below a number that fit, the newest first; 0 begins at the newest.

        Looks at no more than ``LOOK`` records, for others wait for the thread: a page may have
        fewer rows than asked for, or none, and still not be the last.
        """
        return self.database.now(
            lambda db: page_of(
                db.execute(
                    "SELECT seq, body FROM records WHERE seq < ? ORDER BY seq DESC LIMIT ?",
                    (before or 1 << 62, LOOK),
                ),
                wanted,
                limit,
            )
        )

    # ------------------------------------------------------------------ proof

    def end(self, node_id: str = "") -> Anchor | None:
        """Return what the store itself wrote down as its end; None in an empty one."""
        end = self.database.now(get_meta, "end")
        if end is None:
            return None
        return Anchor(node_id, int.from_bytes(end[:8], "big"), end[8:], "the store")

    def verdict(self, node_id: str = "", anchors: Sequence[Anchor] = ()) -> Verdict:
        """Say whether the chain is whole, by itself and by heads known elsewhere."""
        return verify(self.items, node_id, anchors, self.end(node_id))

    def first_bad(self) -> int | None:
        """Return the number of the first record that breaks the chain, or None when it holds."""
        return self.verdict().seq

    @contextlib.contextmanager
    def standing_still(self) -> Iterator[None]:
        """Look at the store as it is at this instant, whatever another process appends."""
        self.database.now(lambda db: db.execute("BEGIN"))
        try:
            self._seq, self._head = self.database.now(_last)
            yield
        finally:
            self.database.now(lambda db: db.execute("ROLLBACK"))

    def bind(self, node_id: str) -> None:
        """Write down whose audit this is, the first time."""
        if self.database.now(get_meta, "node_id") is None:
            self.database.write_now(put_meta, "node_id", node_id.encode())

    def bound_to(self) -> str:
        """Return whose audit this is; empty in a store of an earlier version."""
        return (self.database.now(get_meta, "node_id") or b"").decode()

    # ------------------------------------------------------------------ the way up

    def sent(self) -> int:
        """Return the number up to which a server has confirmed to hold the records."""
        return int(self.database.now(get_meta, "sent") or b"0")

    def confirmed(self, one: Countersignature) -> None:
        """Keep a countersignature, and that the records up to there need not be sent again."""

        def work(db: apsw.Connection) -> None:
            put_meta(db, "sent", str(one.seq).encode())
            db.execute(
                "INSERT OR IGNORE INTO countersignatures VALUES (?, ?, ?, ?, ?)",
                (one.node_id, one.seq, one.head, one.server_id, pack(one)),
            )

        self.database.write_now(work)

    def countersignatures(self, node_id: str) -> list[Countersignature]:
        """Return what servers countersigned of a node's chain, oldest first."""

        def work(db: apsw.Connection) -> list[Countersignature]:
            return [
                unpack(Countersignature, bytes(body))
                for (body,) in db.execute(
                    "SELECT body FROM countersignatures WHERE node_id = ? ORDER BY seq", (node_id,)
                )
            ]

        return self.database.now(work)


def page_of(rows: Iterable[Sequence[object]], wanted: AuditFilter, limit: int) -> AuditPage:
    """Return those of up to ``LOOK`` rows of number and content that fit."""
    found: list[AuditRow] = []
    seq, count = 0, 0
    for number, body in rows:
        record = unpack(AuditRecord, bytes(body))  # type: ignore[call-overload]
        if wanted.fits(record):
            if len(found) == limit:
                return AuditPage(tuple(found), seq)
            found.append(AuditRow(int(number), record))  # type: ignore[call-overload]
        seq, count = int(number), count + 1  # type: ignore[call-overload]
    return AuditPage(tuple(found), seq if count == LOOK else 0)


def item_of(row: Sequence[object]) -> AuditItem:
    """Return a row of seq, prev, hash and body as an item."""
    seq, prev, own, body = row
    return AuditItem(int(seq), bytes(prev), bytes(own), bytes(body))  # type: ignore[call-overload]


def _last(db: apsw.Connection) -> tuple[int, bytes]:
    row = db.execute("SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1").fetchone()
    return (0, GENESIS) if row is None else (int(row[0]), bytes(row[1]))
