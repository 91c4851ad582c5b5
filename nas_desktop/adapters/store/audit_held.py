"""What a server holds of the audits of its desks: each record once, as it came, for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import apsw

from nas_desktop.adapters.store.audit import LOOK, item_of, page_of
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.packing import pack, unpack
from nas_desktop.services.audit import (
    AuditFilter,
    AuditItem,
    AuditPage,
    Countersignature,
)
from nas_desktop.services.audit_chain import GENESIS, chained


class HeldConflict(Exception):
    """A record does not go with what is held: the number, and whether that is known already."""

    def __init__(self, seq: int, *, is_known: bool) -> None:
        super().__init__(f"record {seq}")
        self.seq = seq
        self.is_known = is_known


class HeldAudits:
    """Chains of other nodes; blocking, for the audit's own thread."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def owner(self, node_id: str, username: str) -> str:
        """Return the account that a node's chain belongs to: the first that sent of it."""

        def work(db: apsw.Connection) -> str:
            db.execute("INSERT OR IGNORE INTO holders VALUES (?, ?)", (node_id, username))
            return str(db.execute("SELECT username FROM holders WHERE node_id = ?", (node_id,)).get)

        return self.database.write_now(work)

    def take(
        self, node_id: str, items: Sequence[AuditItem], last: int, head: bytes
    ) -> tuple[int, bytes]:
        """Keep records that are not held yet, and return number and hash of the newest held.

        ``last`` and ``head`` are the end of the sender's whole chain.

        Raises:
            HeldConflict: a record held has other content, one does not follow on, or the sender's
                chain is shorter than what it has sent. None of ``items`` is kept then.
        """

        def work(db: apsw.Connection) -> tuple[int, bytes] | HeldConflict:
            seq, own = _end(db, node_id)
            new: list[AuditItem] = []
            for item in items:
                if item.seq <= seq:
                    if _hash_of(db, node_id, item.seq) != item.hash:
                        return _conflict(db, node_id, item)
                elif (
                    item.seq != seq + 1
                    or item.prev != own
                    or item.hash != chained(own, item.seq, item.body)
                ):
                    return _conflict(db, node_id, item)
                else:
                    new.append(item)
                    seq, own = item.seq, item.hash
            if last < seq or (last == seq and own != head):
                return _conflict(db, node_id, AuditItem(last, b"", head, b""))
            db.executemany(
                "INSERT INTO held VALUES (?, ?, ?, ?, ?)",
                [(node_id, i.seq, i.prev, i.hash, i.body) for i in new],
            )
            return seq, own

        done = self.database.write_now(work)
        if isinstance(done, HeldConflict):
            raise done
        return done

    def put_countersignature(self, one: Countersignature) -> None:
        """Keep what was countersigned here."""
        self.database.write_now(
            lambda db: db.execute(
                "INSERT OR IGNORE INTO countersignatures VALUES (?, ?, ?, ?, ?)",
                (one.node_id, one.seq, one.head, one.server_id, pack(one)),
            )
        )

    def issued(self, server_id: str) -> list[Countersignature]:
        """Return all that this server countersigned, by node and number."""

        def work(db: apsw.Connection) -> list[Countersignature]:
            return [
                unpack(Countersignature, bytes(body))
                for (body,) in db.execute(
                    "SELECT body FROM countersignatures WHERE server_id = ? ORDER BY node_id, seq",
                    (server_id,),
                )
            ]

        return self.database.now(work)

    def nodes(self) -> list[str]:
        """Return the nodes whose records are held."""
        return self.database.now(
            lambda db: [
                str(node) for (node,) in db.execute("SELECT node_id FROM holders ORDER BY node_id")
            ]
        )

    def items(self, node_id: str) -> Iterator[AuditItem]:
        """Yield the records held of a node."""
        at = 0
        while found := self._some(node_id, at):
            yield from found
            at = found[-1].seq + 1

    def _some(self, node_id: str, first: int) -> list[AuditItem]:
        return self.database.now(
            lambda db: [
                item_of(row)
                for row in db.execute(
                    "SELECT seq, prev, hash, body FROM held WHERE node_id = ? AND seq >= ?"
                    " ORDER BY seq LIMIT 500",
                    (node_id, first),
                )
            ]
        )

    def page(self, wanted: AuditFilter, before: int, limit: int) -> AuditPage:
        """Return records of a desk below a number that fit; see ``Audit.page``."""
        return self.database.now(
            lambda db: page_of(
                db.execute(
                    "SELECT seq, body FROM held WHERE node_id = ? AND seq < ? ORDER BY seq DESC"
                    " LIMIT ?",
                    (wanted.node_id, before or 1 << 62, LOOK),
                ),
                wanted,
                limit,
            )
        )


def _end(db: apsw.Connection, node_id: str) -> tuple[int, bytes]:
    row = db.execute(
        "SELECT seq, hash FROM held WHERE node_id = ? ORDER BY seq DESC LIMIT 1", (node_id,)
    ).fetchone()
    return (0, GENESIS) if row is None else (int(row[0]), bytes(row[1]))


def _hash_of(db: apsw.Connection, node_id: str, seq: int) -> bytes | None:
    row = db.execute(
        "SELECT hash FROM held WHERE node_id = ? AND seq = ?", (node_id, seq)
    ).fetchone()
    return None if row is None else bytes(row[0])


def _conflict(db: apsw.Connection, node_id: str, item: AuditItem) -> HeldConflict:
    """Keep what contradicts; what is known already is not put on record again and again."""
    db.execute(
        "INSERT OR IGNORE INTO conflicts VALUES (?, ?, ?, ?)",
        (node_id, item.seq, item.hash, item.body),
    )
    return HeldConflict(item.seq, is_known=db.changes() == 0)
