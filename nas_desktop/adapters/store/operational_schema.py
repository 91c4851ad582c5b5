"""The tables of the operational store, one frozen step a version."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import cast

import apsw

from nas_desktop.adapters.store.closed_hits import note_decided
from nas_desktop.adapters.store.database import META, PROGRESS, put_meta
from nas_desktop.adapters.store.packing import pack, unpack
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import DecidedStep


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


def _quiet_hits(db: apsw.Connection) -> None:
    """``No Alert`` hits get a table of their own, by list, newest last."""
    db.execute(
        "CREATE TABLE quiet (seq INTEGER PRIMARY KEY, list_name TEXT NOT NULL, owner TEXT NOT NULL,"
        " hit_id BLOB NOT NULL, body BLOB NOT NULL, UNIQUE (list_name, owner, hit_id)) STRICT"
    )
    # The first version kept them among the others and knew of no owner. They are kept, for
    # whoever may see them one day; what is shown loses them.
    for hit_id, body in db.execute("SELECT hit_id, body FROM hits").fetchall():
        hit = unpack(Hit, cast("bytes", body))
        quiet = [reason for reason in hit.reasons if reason.is_quiet]
        shown = tuple(reason for reason in hit.reasons if not reason.is_quiet)
        for reason in quiet:
            db.execute(
                "INSERT OR IGNORE INTO quiet (list_name, owner, hit_id, body) VALUES (?, '', ?, ?)",
                (reason.list_name, hit_id, pack(replace(hit, reasons=(reason,)))),
            )
        if quiet and shown:
            body = pack(replace(hit, reasons=shown))
            db.execute("UPDATE hits SET body = ? WHERE hit_id = ?", (body, hit_id))
    db.execute("DELETE FROM hits WHERE is_quiet = 1")


def _desks(db: apsw.Connection) -> None:
    """What each desk looks after, word to the owners of lists, and the history of closed hits."""
    for table in (
        "scopes (desk TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID",
        "notices (step_id BLOB NOT NULL, list_name TEXT NOT NULL, at TEXT NOT NULL,"
        " body BLOB NOT NULL, PRIMARY KEY (step_id, list_name)) STRICT, WITHOUT ROWID",
        "closed (hit_id BLOB PRIMARY KEY, at TEXT NOT NULL, mark TEXT NOT NULL) STRICT,"
        " WITHOUT ROWID",
    ):
        db.execute(f"CREATE TABLE {table}")
    db.execute("CREATE INDEX closed_by_time ON closed (at)")
    db.execute("CREATE INDEX notices_by_time ON notices (list_name, at)")
    for (body,) in db.execute("SELECT body FROM steps ORDER BY at").fetchall():
        note_decided(db, unpack(DecidedStep, cast("bytes", body)))


MIGRATIONS = (_first_version, _quiet_hits, _desks)
