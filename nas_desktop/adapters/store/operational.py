"""The node's hits, steps, lists, accounts, cameras, outages and stream positions.

Hits and steps have offsets of their own, which is what subscribers resume by. A hit that grows
gets a new offset in the hit stream and keeps its row. A step is durable before anybody is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import apsw

from nas_desktop.adapters.store import closed_hits
from nas_desktop.adapters.store.closed_hits import instant, note_decided, note_hit
from nas_desktop.adapters.store.database import Database, get_meta, put_meta
from nas_desktop.adapters.store.packing import pack, unpack
from nas_desktop.adapters.store.read_log import get_progress, put_progress, resume_progress
from nas_desktop.domain.access import Role
from nas_desktop.domain.camera import Camera
from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.hit import Hit, HitId, hit_id_of
from nas_desktop.domain.hit_life import DecidedStep, Step
from nas_desktop.domain.read import Read, ReadId
from nas_desktop.domain.voi import VoiList
from nas_desktop.services.desks import HistoryPage, Notice
from nas_desktop.services.events import Outage
from nas_desktop.services.progress import Progress


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody or something that may sign in.

    ``name`` is what others see and is unique; ``scope`` limits a camera account to reads of one
    ``feed`` or ``feed/source``. ``is_cached`` marks what a desk remembers of its server's account.
    ``rank`` is that of an authoriser, one of the access policy's.
    """

    username: str
    name: str
    password_hash: str
    roles: tuple[Role, ...]
    scope: str = ""
    is_disabled: bool = False
    is_cached: bool = False
    rank: str = ""


class Operational:
    """Blocking methods for the store's own thread."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.epoch = (database.now(get_meta, "epoch") or b"").decode()
        self.node_id = (database.now(get_meta, "node_id") or b"").decode()
        self.token_key = database.now(get_meta, "token_key") or b""
        self.hit_end = database.now(_next, "hit_log")
        self.step_end = database.now(_next, "steps")

    # ------------------------------------------------------------------ hits

    def hits_on(self, read_ids: Iterable[ReadId]) -> set[ReadId]:
        """Return those of the reads that raised a hit."""
        return self.database.now(
            lambda db: {
                read_id
                for read_id in read_ids
                if db.execute(
                    "SELECT 1 FROM hits WHERE hit_id = ?", (hit_id_of(read_id),)
                ).fetchone()
            }
        )

    def markings_of(self, read_ids: Iterable[ReadId]) -> dict[ReadId, set[tuple[str, str]]]:
        """Return marking and 3x5x2 grade of the entries behind the hits that reads raised.

        ``No Alert`` reasons are left out: an export must not tell that there are any.
        """

        def work(db: apsw.Connection) -> dict[ReadId, set[tuple[str, str]]]:
            found: dict[ReadId, set[tuple[str, str]]] = {}
            for read_id in read_ids:
                row = db.execute(
                    "SELECT body FROM hits WHERE hit_id = ?", (hit_id_of(read_id),)
                ).fetchone()
                if row is not None:
                    reasons = unpack(Hit, bytes(row[0])).reasons
                    found[read_id] = {
                        (r.entry.gsc, r.entry.intel) for r in reasons if not r.is_quiet
                    }
            return found

        return self.database.now(work)

    def reads_with_hits(self, since: datetime, until: datetime) -> list[Read]:
        """Return the reads captured in a time that raised a hit."""
        return self.database.now(
            lambda db: [
                hit.read
                for (body,) in db.execute("SELECT body FROM hits")
                if since <= (hit := unpack(Hit, bytes(body))).read.captured_at < until
            ]
        )

    def drop_hits(self, raised_before: datetime, kept: Collection[ReadId]) -> int:
        """Delete hits, their steps and ``No Alert`` hits of before; returns how many hits.

        Those whose read is ``kept``, preserved for a case, stay.
        """

        def work(db: apsw.Connection) -> int:
            gone: dict[str, set[bytes]] = {"hits": set(), "quiet": set()}
            for table, found in gone.items():
                for hit_id, body in db.execute(f"SELECT hit_id, body FROM {table}"):
                    hit = unpack(Hit, bytes(body))
                    if hit.matched_at < raised_before and hit.read.read_id not in kept:
                        found.add(bytes(hit_id))
            for table in ("hits", "hit_log", "steps", "closed"):
                db.executemany(
                    f"DELETE FROM {table} WHERE hit_id = ?", [(hit,) for hit in gone["hits"]]
                )
            db.executemany("DELETE FROM quiet WHERE hit_id = ?", [(hit,) for hit in gone["quiet"]])
            # What was said of an entry names its VRM, and goes with the hits of its time.
            db.execute("DELETE FROM notices WHERE at < ?", (instant(raised_before),))
            return len(gone["hits"])

        return self.database.write_now(work)

    def put_hits(
        self,
        hits: Sequence[Hit],
        *,
        matched_to: int | None = None,
        source: tuple[str, int, int] | None = None,
        quiet: Sequence[tuple[str, str, Hit]] = (),
    ) -> list[tuple[int, Hit]]:
        """Store hits, each joined with what is known of it; returns those that are new or grew.

        ``matched_to`` records in the same transaction up to which read offset matching has come,
        ``source`` how far the node above's hit stream was taken in. ``quiet`` are ``No Alert``
        hits with their list and its owner: kept for the latter, without a place in any stream.
        """

        def work(db: apsw.Connection) -> list[tuple[int, Hit]]:
            changed: list[tuple[int, Hit]] = []
            at = self.hit_end
            for hit in hits:
                if hit.is_quiet:  # whoever sent it: it has no place among those that are shown
                    _put_quiet(db, [(reason.list_name, "", hit) for reason in hit.reasons])
                    continue
                row = db.execute("SELECT body FROM hits WHERE hit_id = ?", (hit.hit_id,)).fetchone()
                merged = hit
                if row is not None:
                    known = unpack(Hit, bytes(row[0]))
                    merged = known.joined(hit)
                    if merged == known:
                        continue
                db.execute(
                    "INSERT OR REPLACE INTO hits VALUES (?, ?, ?)",
                    (merged.hit_id, 0, pack(merged)),
                )
                db.execute("INSERT INTO hit_log VALUES (?, ?)", (at, merged.hit_id))
                if row is None:
                    note_hit(db, merged)
                changed.append((at, merged))
                at += 1
            _put_quiet(db, quiet)
            if matched_to is not None:
                put_meta(db, "matched_to", str(matched_to).encode())
            if source is not None:
                stream, first, last = source
                put_progress(db, stream, get_progress(db, stream).taken(first, last))
            return changed

        changed = self.database.write_now(work)
        self.hit_end += len(changed)
        return changed

    def matched_to(self) -> int:
        """Return the read offset from which matching must go on after a restart."""
        return int(self.database.now(get_meta, "matched_to") or b"0")

    def hit(self, hit_id: HitId) -> Hit | None:
        """Return a hit, or None; never a ``No Alert`` one."""

        def work(db: apsw.Connection) -> Hit | None:
            row = db.execute(
                "SELECT body FROM hits WHERE hit_id = ? AND is_quiet = 0", (hit_id,)
            ).fetchone()
            return None if row is None else unpack(Hit, bytes(row[0]))

        return self.database.now(work)

    def hits_of(self, hit_ids: Sequence[HitId]) -> list[Hit]:
        """Return those of some hits that there are."""

        def work(db: apsw.Connection) -> list[Hit]:
            rows = [
                db.execute("SELECT body FROM hits WHERE hit_id = ?", (hit_id,)).fetchone()
                for hit_id in hit_ids
            ]
            return [unpack(Hit, bytes(row[0])) for row in rows if row is not None]

        return self.database.now(work)

    def quiet_hits(
        self, list_name: str, owner: str, first: int, limit: int
    ) -> tuple[int, list[Hit]]:
        """Return how many ``No Alert`` hits an owner's list has, and some of them, newest first."""

        def work(db: apsw.Connection) -> tuple[int, list[Hit]]:
            row = db.execute(
                "SELECT count(*) FROM quiet WHERE list_name = ? AND owner = ?", (list_name, owner)
            ).fetchone()
            found = [
                unpack(Hit, bytes(body))
                for (body,) in db.execute(
                    "SELECT body FROM quiet WHERE list_name = ? AND owner = ?"
                    " ORDER BY seq DESC LIMIT ? OFFSET ?",
                    (list_name, owner, limit, first),
                )
            ]
            return (0 if row is None else int(row[0])), found

        return self.database.now(work)

    def quiet_hits_on(self, mark: str) -> list[Hit]:
        """Return the ``No Alert`` hits of one mark, whoever owns the list; for subject access."""

        def work(db: apsw.Connection) -> list[Hit]:
            return [
                hit
                for (body,) in db.execute("SELECT body FROM quiet ORDER BY seq")
                if str((hit := unpack(Hit, bytes(body))).read.vrm) == mark
            ]

        return self.database.now(work)

    def newest_hits(self, limit: int) -> list[Hit]:
        """Return the hits that were raised or grew last, oldest first."""
        return [hit for _at, hit in self.fetch_hits(max(0, self.hit_end - limit), limit)]

    def fetch_hits(self, first: int, limit: int) -> list[tuple[int, Hit]]:
        """Return hits by their stream offsets."""

        def work(db: apsw.Connection) -> list[tuple[int, Hit]]:
            return [
                (int(at), unpack(Hit, bytes(body)))
                for at, body in db.execute(
                    "SELECT at, body FROM hit_log JOIN hits USING (hit_id) WHERE at >= ?"
                    " ORDER BY at LIMIT ?",
                    (first, limit),
                )
            ]

        return self.database.now(work)

    # ------------------------------------------------------------------ steps

    def steps_of(self, hit_id: HitId) -> list[DecidedStep]:
        """Return all steps of a hit, in the order they were decided."""

        def work(db: apsw.Connection) -> list[DecidedStep]:
            return [
                unpack(DecidedStep, bytes(body))
                for (body,) in db.execute(
                    "SELECT body FROM steps WHERE hit_id = ? ORDER BY at", (hit_id,)
                )
            ]

        return self.database.now(work)

    def what_steps_touch(self, steps: Sequence[Step]) -> tuple[set[bytes], dict[HitId, Hit]]:
        """Return which of these steps were decided already, and the hits that there are."""

        def work(db: apsw.Connection) -> tuple[set[bytes], dict[HitId, Hit]]:
            known = {
                step.step_id
                for step in steps
                if db.execute(
                    "SELECT 1 FROM steps WHERE step_id = ? LIMIT 1", (step.step_id,)
                ).fetchone()
            }
            hits: dict[HitId, Hit] = {}
            for hit_id in {step.hit_id for step in steps}:
                row = db.execute(
                    "SELECT body FROM hits WHERE hit_id = ? AND is_quiet = 0", (hit_id,)
                ).fetchone()
                if row is not None:
                    hits[hit_id] = unpack(Hit, bytes(row[0]))
            return known, hits

        return self.database.now(work)

    def put_steps(
        self,
        steps: Sequence[DecidedStep],
        *,
        outgoing: Sequence[Step] = (),
        source: tuple[str, int, int] | None = None,
        audit: Sequence[bytes] = (),
    ) -> list[tuple[int, DecidedStep]]:
        """Store decided steps, and what must go up, in one transaction; returns their offsets.

        A verdict that is there already with the same standing is left out. ``audit`` are packed
        records that wait here for the audit, which is a file of its own.
        """

        def work(db: apsw.Connection) -> list[tuple[int, DecidedStep]]:
            placed: list[tuple[int, DecidedStep]] = []
            at = self.step_end
            for decided in steps:
                step = decided.step
                same = db.execute(
                    "SELECT 1 FROM steps WHERE step_id = ? AND is_provisional <= ?",
                    (step.step_id, int(decided.is_provisional)),
                ).fetchone()
                if same is None:
                    db.execute(
                        "INSERT INTO steps VALUES (?, ?, ?, ?, ?)",
                        (at, step.step_id, step.hit_id, int(decided.is_provisional), pack(decided)),
                    )
                    note_decided(db, decided)
                    placed.append((at, decided))
                    at += 1
            for step in outgoing:
                db.execute(
                    "INSERT OR IGNORE INTO step_outbox (step_id, body) VALUES (?, ?)",
                    (step.step_id, pack(step)),
                )
            db.executemany(
                "INSERT INTO audit_outbox (body) VALUES (?)", [(body,) for body in audit]
            )
            if source is not None:
                stream, first, last = source
                put_progress(db, stream, get_progress(db, stream).taken(first, last))
            return placed

        placed = self.database.write_now(work)
        self.step_end += len(placed)
        return placed

    def history(self, before: datetime | None, limit: int, mark: str = "") -> HistoryPage:
        """Return closed hits with their steps, newest closing first; of one VRM with ``mark``."""
        return self.database.now(lambda db: closed_hits.history(db, before, limit, mark))

    def notices(self, limit: int, name: str = "", but: Collection[str] = ()) -> list[Notice]:
        """Return word about entries of a list, or of all ``but`` some, newest first."""
        return self.database.now(lambda db: closed_hits.notices(db, limit, name, but))

    def fetch_steps(self, first: int, limit: int) -> list[tuple[int, DecidedStep]]:
        """Return steps by their stream offsets."""

        def work(db: apsw.Connection) -> list[tuple[int, DecidedStep]]:
            return [
                (int(at), unpack(DecidedStep, bytes(body)))
                for at, body in db.execute(
                    "SELECT at, body FROM steps WHERE at >= ? ORDER BY at LIMIT ?", (first, limit)
                )
            ]

        return self.database.now(work)

    def outgoing_steps(self, limit: int) -> list[Step]:
        """Return steps that the node above has not confirmed, oldest first."""

        def work(db: apsw.Connection) -> list[Step]:
            return [
                unpack(Step, bytes(body))
                for (body,) in db.execute(
                    "SELECT body FROM step_outbox ORDER BY seq LIMIT ?", (limit,)
                )
            ]

        return self.database.now(work)

    def count_outgoing_steps(self) -> int:
        """Return how many steps wait for the node above."""
        return self.database.now(
            lambda db: len(db.execute("SELECT seq FROM step_outbox").fetchall())
        )

    def forget_outgoing_steps(self, step_ids: Iterable[bytes]) -> None:
        """Remove steps that the node above has confirmed."""
        rows = [(step_id,) for step_id in step_ids]
        self.database.write_now(
            lambda db: db.executemany("DELETE FROM step_outbox WHERE step_id = ?", rows)
        )

    def waiting_audit(self) -> list[tuple[int, bytes]]:
        """Return packed records that wait for the audit, with their numbers."""
        return self.database.now(
            lambda db: [
                (int(seq), bytes(body))
                for seq, body in db.execute("SELECT seq, body FROM audit_outbox ORDER BY seq")
            ]
        )

    def forget_waiting_audit(self, last: int) -> None:
        """Remove records that the audit has taken over."""
        self.database.write_now(
            lambda db: db.execute("DELETE FROM audit_outbox WHERE seq <= ?", (last,))
        )

    # ------------------------------------------------------------------ lists, accounts, cameras

    def put_list(self, voi_list: VoiList) -> None:
        """Make a list live as a whole; an older revision never replaces a newer one."""

        def work(db: apsw.Connection) -> None:
            row = db.execute(
                "SELECT revision FROM lists WHERE name = ?", (voi_list.name,)
            ).fetchone()
            if row is None or int(row[0]) <= voi_list.revision:
                db.execute(
                    "INSERT OR REPLACE INTO lists VALUES (?, ?, ?)",
                    (voi_list.name, voi_list.revision, pack(voi_list)),
                )

        self.database.write_now(work)

    def drop_list(self, name: str) -> None:
        """Remove a list from where version 1 kept it."""
        self.database.write_now(lambda db: db.execute("DELETE FROM lists WHERE name = ?", (name,)))

    def lists(self) -> list[VoiList]:
        """Return the lists that version 1 kept here; they move to a store of their own."""
        return self.database.now(
            lambda db: [
                unpack(VoiList, bytes(body))
                for (body,) in db.execute("SELECT body FROM lists ORDER BY name")
            ]
        )

    def put_account(self, account: Account) -> None:
        """Add or replace an account.

        Raises:
            ValueError: another account shows the same name to others.
        """
        if any(a.name == account.name and a.username != account.username for a in self.accounts()):
            raise ValueError(f"the name {account.name!r} is taken by another account")
        self.database.write_now(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO accounts VALUES (?, ?)", (account.username, pack(account))
            )
        )

    def drop_account(self, username: str) -> None:
        """Remove an account."""
        self.database.write_now(
            lambda db: db.execute("DELETE FROM accounts WHERE username = ?", (username,))
        )

    def accounts(self) -> list[Account]:
        """Return all accounts by name of account."""
        return self.database.now(
            lambda db: [
                unpack(Account, bytes(body))
                for (body,) in db.execute("SELECT body FROM accounts ORDER BY username")
            ]
        )

    def put_cameras(self, cameras: Iterable[Camera]) -> None:
        """Record cameras' registrations."""
        rows = [(str(c.camera_id), pack(c)) for c in cameras]
        self.database.write_now(
            lambda db: db.executemany("INSERT OR REPLACE INTO cameras VALUES (?, ?)", rows)
        )

    def cameras(self) -> list[Camera]:
        """Return all registered cameras."""
        return self.database.now(
            lambda db: [
                unpack(Camera, bytes(body))
                for (body,) in db.execute("SELECT body FROM cameras ORDER BY camera")
            ]
        )

    def put_scope(self, desk: str, scope: DeskScope) -> None:
        """Say what a desk looks after."""
        self.database.write_now(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO scopes VALUES (?, ?)", (desk, pack(scope))
            )
        )

    def scopes(self) -> dict[str, DeskScope]:
        """Return the scopes of all desks that have been given one."""
        return self.database.now(
            lambda db: {
                str(desk): unpack(DeskScope, bytes(body))
                for desk, body in db.execute("SELECT desk, body FROM scopes")
            }
        )

    # ------------------------------------------------------------------ outages and positions

    def put_outage(self, outage: Outage) -> None:
        """Record an outage or its end; the same hop and beginning is the same outage."""

        def work(db: apsw.Connection) -> None:
            db.execute(
                "INSERT INTO outages (hop, began, is_open, is_sent, body) VALUES (?, ?, ?, 0, ?)"
                " ON CONFLICT (hop, began) DO UPDATE SET is_open = excluded.is_open,"
                " is_sent = 0, body = excluded.body",
                (
                    outage.hop,
                    outage.began_at.isoformat(),
                    int(outage.ended_at is None),
                    pack(outage),
                ),
            )

        self.database.write_now(work)

    def outages(self, limit: int = 100) -> list[Outage]:
        """Return the newest outages, newest first."""
        return self.database.now(
            lambda db: [
                unpack(Outage, bytes(body))
                for (body,) in db.execute(
                    "SELECT body FROM outages ORDER BY began DESC LIMIT ?", (limit,)
                )
            ]
        )

    def open_outages(self) -> list[Outage]:
        """Return outages without an end, as a crash may leave them."""
        return self.database.now(
            lambda db: [
                unpack(Outage, bytes(body))
                for (body,) in db.execute("SELECT body FROM outages WHERE is_open = 1")
            ]
        )

    def unsent_outages(self) -> list[Outage]:
        """Return ended outages that the node above has not confirmed."""
        return self.database.now(
            lambda db: [
                unpack(Outage, bytes(body))
                for (body,) in db.execute(
                    "SELECT body FROM outages WHERE is_sent = 0 AND is_open = 0 LIMIT 100"
                )
            ]
        )

    def mark_outages_sent(self, outages: Iterable[Outage]) -> None:
        """Record that the node above has these outages."""
        rows = [(o.hop, o.began_at.isoformat()) for o in outages]
        self.database.write_now(
            lambda db: db.executemany(
                "UPDATE outages SET is_sent = 1 WHERE hop = ? AND began = ?", rows
            )
        )

    def progress(self, stream: str) -> Progress:
        """Return how far an upstream stream has been taken in."""
        return self.database.now(get_progress, stream)

    def resume(self, stream: str, epoch: str, end: int) -> None:
        """Record that live delivery of an upstream stream starts at ``end``."""
        self.database.write_now(resume_progress, stream, epoch, end)

    def set_progress(self, stream: str, progress: Progress) -> None:
        """Record how far something has come that nobody else takes further."""
        self.database.write_now(put_progress, stream, progress)

    def fact(self, key: str) -> str | None:
        """Return one of the node's own facts."""
        value = self.database.now(get_meta, key)
        return None if value is None else value.decode()

    def set_fact(self, key: str, value: str) -> None:
        """Set one of the node's own facts, such as its role or the confirmed uplink offset."""
        self.database.write_now(put_meta, key, value.encode())


def _put_quiet(db: apsw.Connection, quiet: Iterable[tuple[str, str, Hit]]) -> None:
    db.executemany(
        "INSERT OR IGNORE INTO quiet (list_name, owner, hit_id, body) VALUES (?, ?, ?, ?)",
        [(name, owner, hit.hit_id, pack(hit)) for name, owner, hit in quiet],
    )


def _next(db: apsw.Connection, table: str) -> int:
    row = db.execute(f"SELECT max(at) FROM {table}").fetchone()
    return 0 if row is None or row[0] is None else int(row[0]) + 1
