"""The tables of the audit, one frozen step a version."""

from __future__ import annotations

import apsw

from nas_desktop.adapters.store.database import META


def _first_version(db: apsw.Connection) -> None:
    db.execute(
        "CREATE TABLE records (seq INTEGER PRIMARY KEY, prev BLOB NOT NULL, hash BLOB NOT NULL,"
        " body BLOB NOT NULL) STRICT"
    )
    # How far the records that waited in another store were taken over; not part of the chain.
    db.execute(META)
    _append_only(db, "records", "no")


def _countersigning(db: apsw.Connection) -> None:
    """What servers countersigned of this node's chain; at a server, the chains of its desks."""
    db.execute(
        "CREATE TABLE countersignatures (node_id TEXT NOT NULL, seq INTEGER NOT NULL,"
        " head BLOB NOT NULL, server_id TEXT NOT NULL, body BLOB NOT NULL,"
        " PRIMARY KEY (node_id, seq, head, server_id)) STRICT, WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE held (node_id TEXT NOT NULL, seq INTEGER NOT NULL, prev BLOB NOT NULL,"
        " hash BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY (node_id, seq)) STRICT"
    )
    db.execute(
        "CREATE TABLE holders (node_id TEXT PRIMARY KEY, username TEXT NOT NULL) STRICT,"
        " WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE conflicts (node_id TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
        " body BLOB NOT NULL, PRIMARY KEY (node_id, seq, hash)) STRICT, WITHOUT ROWID"
    )
    for table in ("countersignatures", "held", "holders", "conflicts"):
        _append_only(db, table, f"{table}_no")


def _append_only(db: apsw.Connection, table: str, name: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table}"
            " BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )


MIGRATIONS = (_first_version, _countersigning)
