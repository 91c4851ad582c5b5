"""The tables of the operational store, one frozen step a version."""

from __future__ import annotations

import os

import apsw

from nas_desktop.adapters.store.database import META, PROGRESS, put_meta


def _first_version(db: apsw.Connection) -> None:
    db.execute(META)
    db.execute(PROGRESS)
    for table in (
        "hits (hit_id BLOB PRIMARY KEY, is_quiet INTEGER NOT NULL, body BLOB NOT NULL) STRICT,"
        " WITHOUT ROWID",
        "hit_log (at INTEGER PRIMARY KEY, hit_id BLOB NOT NULL) STRICT",
        "steps (at INTEGER PRIMARY KEY, step_id BLOB NOT NULL, hit_id BLOB NOT NULL,"
        " is_provisional INTEGER NOT NULL, body BLOB NOT NULL) STRICT",
        "step_outbox (seq INTEGER PRIMARY KEY, step_id BLOB NOT NULL UNIQUE, body BLOB NOT NULL)"
        " STRICT",
        "audit_outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL) STRICT",
        "lists (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, body BLOB NOT NULL) STRICT,"
        " WITHOUT ROWID",
        "accounts (username TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID",
        "cameras (camera TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID",
        "outages (seq INTEGER PRIMARY KEY, hop TEXT NOT NULL, began TEXT NOT NULL,"
        " is_open INTEGER NOT NULL, is_sent INTEGER NOT NULL, body BLOB NOT NULL,"
        " UNIQUE (hop, began)) STRICT",
    ):
        db.execute(f"CREATE TABLE {table}")
    db.execute("CREATE INDEX steps_of_hit ON steps (hit_id)")
    db.execute("CREATE INDEX steps_by_id ON steps (step_id)")
    put_meta(db, "epoch", os.urandom(8).hex().encode())
    put_meta(db, "node_id", os.urandom(8).hex().encode())
    put_meta(db, "token_key", os.urandom(32))


MIGRATIONS = (_first_version,)
