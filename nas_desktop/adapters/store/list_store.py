"""The lists of a node: blocks of entries, changes on top of them, and every version kept.

A file of its own with a thread of its own: storing two million entries takes seconds, and a hit
must not wait for that. Blocks are written in many small transactions; a list is there only once
its head is, so that whatever a crash leaves is either whole or swept away at the next start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import apsw
import numpy as np
import zstandard

from nas_desktop.adapters.store.database import META, Database
from nas_desktop.adapters.store.packing import pack, unpack
from nas_desktop.adapters.voi_files.blocks import BlockEntries, from_blocks, pack_entries
from nas_desktop.domain.matching.columns import EntryColumns, joined
from nas_desktop.domain.matching.layers import ListChange, changed, merged
from nas_desktop.domain.voi import ListSource, VoiEntry, VoiList
from nas_desktop.services.lists import VERSIONS_KEPT, HeldList, ListOrigin, ListVersion

BLOCKS_A_COMMIT = 64
"""Blocks in one transaction, some hundred kilobytes; a commit takes a few milliseconds."""


ROWS_A_PIECE = 50_000
"""Entries whose columns lie in one row, some hundred kilobytes."""


def _first_version(db: apsw.Connection) -> None:
    db.execute(META)
    for table in (
        "heads (name TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID",
        "versions (name TEXT NOT NULL, revision INTEGER NOT NULL, base INTEGER NOT NULL,"
        " body BLOB NOT NULL, PRIMARY KEY (name, revision)) STRICT, WITHOUT ROWID",
        "bases (name TEXT NOT NULL, base INTEGER NOT NULL, PRIMARY KEY (name, base)) STRICT,"
        " WITHOUT ROWID",
        "columns (name TEXT NOT NULL, base INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " body BLOB NOT NULL, PRIMARY KEY (name, base, seq)) STRICT",
        "blocks (name TEXT NOT NULL, base INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " body BLOB NOT NULL, PRIMARY KEY (name, base, seq)) STRICT",
        "changes (name TEXT NOT NULL, base INTEGER NOT NULL, step INTEGER NOT NULL,"
        " revision INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (name, base, step)) STRICT",
    ):
        db.execute(f"CREATE TABLE {table}")


MIGRATIONS = (_first_version,)


@dataclass(frozen=True, slots=True)
class _Head:
    """A list without its entries."""

    name: str
    version: ListVersion
    origin: ListOrigin
    loaded_at: datetime
    source: ListSource
    owner: str
    authority: str
    finds_misreads: bool
    is_enabled: bool
    next_due_at: datetime | None

    def held(self, entries: Sequence[VoiEntry]) -> HeldList:
        return HeldList(
            VoiList(
                self.name,
                self.version.revision,
                entries,
                self.loaded_at,
                self.source,
                self.owner,
                self.authority,
                self.finds_misreads,
                self.is_enabled,
                self.next_due_at,
            ),
            self.version,
            self.origin,
        )


class ListStore:
    """Blocking methods for the store's own thread."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # ------------------------------------------------------------------ reading

    def load(self) -> list[HeldList]:
        """Return all lists, and sweep away what a crash left of one that was being stored."""
        self.database.write_now(_sweep)
        heads = self.database.now(
            lambda db: [
                unpack(_Head, bytes(body))
                for (body,) in db.execute("SELECT body FROM heads ORDER BY name")
            ]
        )
        return [head.held(self.content(head.name, head.version)) for head in heads]

    def content(self, name: str, version: ListVersion) -> Sequence[VoiEntry]:
        """Return the entries of a version kept; their bodies stay compressed until asked for.

        Raises:
            KeyError: the version is not kept any more.
        """
        base = self.database.now(_base, name, version.base)
        if base is None:
            raise KeyError(version.base)
        change = self.change_since(name, version)
        return changed(base, change) if len(change) else base

    def change_since(self, name: str, version: ListVersion, after: int = -1) -> ListChange:
        """Return all that was changed since the base of a version, or since a revision, as one."""
        return self.database.now(
            lambda db: merged(
                unpack(ListChange, bytes(body))
                for (body,) in db.execute(
                    "SELECT body FROM changes WHERE name = ? AND base = ? AND step <= ?"
                    " AND revision > ? ORDER BY step",
                    (name, version.base, version.steps, after),
                )
            )
        )

    def versions(self, name: str) -> list[ListVersion]:
        """Return the versions kept of a list, newest first."""
        return self.database.now(
            lambda db: [
                unpack(ListVersion, bytes(body))
                for (body,) in db.execute(
                    "SELECT body FROM versions WHERE name = ? ORDER BY revision DESC", (name,)
                )
            ]
        )

    # ------------------------------------------------------------------ writing

    def put_blocks(self, name: str, base: int, first: int, blocks: Sequence[bytes]) -> None:
        """Store some blocks of a base in one transaction; they count once the head is there."""
        rows = [(name, base, first + i, block) for i, block in enumerate(blocks)]
        self.database.write_now(
            lambda db: db.executemany("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?)", rows)
        )

    def put_columns(self, name: str, base: int, columns: EntryColumns, first: int) -> None:
        """Store the columns of ``ROWS_A_PIECE`` entries from row ``first`` on, as ``put_blocks``.

        In pieces, because copying them all at once would hold up every thread of the program.
        """
        body = _packed(columns, first)
        self.database.write_now(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO columns VALUES (?, ?, ?, ?)", (name, base, first, body)
            )
        )

    def put_base(
        self, held: HeldList, change: ListChange | None = None, *, forgets: bool = False
    ) -> None:
        """Make a list whose blocks and columns are stored the one that counts, as a new base.

        ``change`` is the first step on top of it, where it comes with one. ``forgets`` drops every
        version of before in the same transaction, because they mean nothing any more.
        """

        def work(db: apsw.Connection) -> None:
            name, version = held.voi_list.name, held.version
            db.execute("INSERT OR REPLACE INTO bases VALUES (?, ?)", (name, version.base))
            if forgets:
                db.execute("DELETE FROM versions WHERE name = ? AND base < ?", (name, version.base))
            if change is not None:
                _put_change(db, held, change)
            _put_head(db, held)

        self.database.write_now(work)

    def put_change(self, held: HeldList, change: ListChange) -> None:
        """Make a revision that changes the one before the one that counts."""

        def work(db: apsw.Connection) -> None:
            _put_change(db, held, change)
            _put_head(db, held)

        self.database.write_now(work)

    def put_head(self, held: HeldList) -> None:
        """Store what changed about a list while its entries stayed."""
        self.database.write_now(_put_head, held)

    def drop(self, name: str) -> None:
        """Remove a list with every version of it."""

        def work(db: apsw.Connection) -> None:
            for table in ("heads", "versions", "bases", "blocks", "columns", "changes"):
                db.execute(f"DELETE FROM {table} WHERE name = ?", (name,))

        self.database.write_now(work)


def blocks_of(entries: Sequence[VoiEntry]) -> BlockEntries:
    """Return entries as blocks: as they are where they lie in blocks, else packed."""
    return entries if isinstance(entries, BlockEntries) else pack_entries(entries)


def _put_change(db: apsw.Connection, held: HeldList, change: ListChange) -> None:
    version = held.version
    db.execute(
        "INSERT OR REPLACE INTO changes VALUES (?, ?, ?, ?, ?)",
        (held.voi_list.name, version.base, version.steps, version.revision, pack(change)),
    )


def _put_head(db: apsw.Connection, held: HeldList) -> None:
    one, version = held.voi_list, held.version
    head = _Head(
        one.name, version, held.origin, one.loaded_at, one.source, one.owner, one.authority,
        one.finds_misreads, one.is_enabled, one.next_due_at,
    )  # fmt: skip
    db.execute("INSERT OR REPLACE INTO heads VALUES (?, ?)", (one.name, pack(head)))
    db.execute(
        "INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?)",
        (one.name, version.revision, version.base, pack(version)),
    )
    _prune(db, one.name, 1 if one.source.is_national else VERSIONS_KEPT)


def _prune(db: apsw.Connection, name: str, keep: int) -> None:
    """Forget old versions, then bases and changes that no version needs."""
    db.execute(
        "DELETE FROM versions WHERE name = ?1 AND revision NOT IN"
        " (SELECT revision FROM versions WHERE name = ?1 ORDER BY revision DESC LIMIT ?2)",
        (name, keep),
    )
    for table in ("bases", "blocks", "columns", "changes"):
        db.execute(
            f"DELETE FROM {table} WHERE name = ?1 AND base NOT IN"
            " (SELECT base FROM versions WHERE name = ?1) AND base <"
            " (SELECT max(base) FROM versions WHERE name = ?1)",
            (name,),
        )


def _sweep(db: apsw.Connection) -> None:
    for table in ("blocks", "columns"):
        db.execute(f"DELETE FROM {table} WHERE (name, base) NOT IN (SELECT name, base FROM bases)")


def _base(db: apsw.Connection, name: str, base: int) -> BlockEntries | None:
    known = "SELECT 1 FROM bases WHERE name = ? AND base = ?"
    if db.execute(known, (name, base)).fetchone() is None:
        return None
    pieces = [
        _unpacked(bytes(body))
        for (body,) in db.execute(
            "SELECT body FROM columns WHERE name = ? AND base = ? ORDER BY seq", (name, base)
        )
    ]
    blocks = [
        bytes(body)
        for (body,) in db.execute(
            "SELECT body FROM blocks WHERE name = ? AND base = ? ORDER BY seq", (name, base)
        )
    ]
    return from_blocks(blocks, joined(pieces))


def _packed(columns: EntryColumns, first: int) -> bytes:
    rows = slice(first, first + ROWS_A_PIECE)
    keys = columns.keys[rows].astype("<u8").tobytes()
    starts = columns.starts[rows].astype("<u2").tobytes()
    weeds = columns.weeds[rows].astype("<u2").tobytes()
    count = (len(keys) // 8).to_bytes(8, "little")
    actions = columns.actions[rows].tobytes()
    return zstandard.ZstdCompressor(level=1).compress(count + keys + starts + weeds + actions)


def _unpacked(body: bytes) -> EntryColumns:
    raw = zstandard.ZstdDecompressor().decompress(body)
    count = int.from_bytes(raw[:8], "little")
    keys = np.frombuffer(raw, "<u8", count, 8).astype(np.uint64)
    starts = np.frombuffer(raw, "<u2", count, 8 + 8 * count).astype(np.uint16)
    weeds = np.frombuffer(raw, "<u2", count, 8 + 10 * count).astype(np.uint16)
    actions = np.frombuffer(raw, np.uint8, count, 8 + 12 * count)
    return EntryColumns(keys, starts, weeds, actions)
