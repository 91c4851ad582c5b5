"""The read cache of a node: what is young in memory and in the log, what is older in sealed files.

Reads are durable in the log before anybody is told so; the cache only takes over what the log has.
Small sealed files are merged in the background. Which files count stands in the log's database, so
that a file and the record that it counts can never disagree: a file nobody speaks of is a left-over
and is removed, a file that is spoken of and cannot be read is set aside, named, and the rest works.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import apsw
import numpy as np

from nas_desktop.adapters.store.database import get_meta, put_meta, transaction
from nas_desktop.adapters.store.reads.blocks import Damaged
from nas_desktop.adapters.store.reads.columns import (
    BLOCK,
    MemoryTable,
    ReadColumns,
    Table,
    first_of_marks,
    gathered,
    instant,
    micros,
    reads_at,
)
from nas_desktop.adapters.store.reads.marks import keys_of
from nas_desktop.adapters.store.reads.merge import by_partition, merged
from nas_desktop.adapters.store.reads.question import Rule
from nas_desktop.adapters.store.reads.scan import row_at
from nas_desktop.adapters.store.reads.segment import Segment, write_segment
from nas_desktop.domain.read import Read, ReadId
from nas_desktop.domain.retention import LOCAL, PARTITION, Retention

log = logging.getLogger(__name__)

SMALL_ROWS = 16_384
"""Reads after which the youngest are indexed: a few milliseconds of work."""

SEAL_ROWS = 131_072
"""Reads that are sealed in one file; as many are read back from the log at the start."""

SMALL_FILE, MIDDLE_FILE, LARGEST_FILE = 2 * SEAL_ROWS, 2_000_000, 4_200_000
"""Rows up to which a file is small, of middle size, and is merged at all."""

MANY_SMALL, MANY_MIDDLE = 8, 4
"""Files of one size in a partition after which they are merged."""

PARTITION_US = PARTITION // PARTITION.resolution
_QUIET_US = 3_600_000_000
_MINUTE_US = 60_000_000

SEGMENTS = (
    "CREATE TABLE segments (name TEXT PRIMARY KEY, partition INTEGER NOT NULL, late INTEGER"
    " NOT NULL, rows INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,"
    " first_offset INTEGER NOT NULL, last_offset INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " file_id TEXT NOT NULL,"
    " problem TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID"
)


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file of reads as the database knows it; times are microseconds since 1970."""

    name: str
    partition: int
    is_late: bool
    rows: int
    first_at: int
    last_at: int
    first_offset: int
    last_offset: int
    size: int
    file_id: str = ""
    problem: str = ""

    @property
    def drop_at(self) -> datetime:
        """When its partition is dropped."""
        return instant((self.partition + 1) * PARTITION_US)


@dataclass(frozen=True, slots=True)
class Dropped:
    """Proof that a partition was deleted: what it held and when it was due."""

    partition: int
    files: int
    rows: int
    size: int
    first_at: datetime
    last_at: datetime
    due_at: datetime


class _Young:
    """Reads that are not sealed yet; indexed when somebody first looks, not while they come in."""

    def __init__(self, columns: ReadColumns, ids: set[ReadId], end: int) -> None:
        self._columns: ReadColumns | None = columns
        self._table: MemoryTable | None = None
        self._lock = threading.Lock()
        self.rows = columns.rows
        self.ids = ids
        self.end = end

    @property
    def table(self) -> MemoryTable:
        """The reads as a table; a few milliseconds the first time."""
        with self._lock:
            if self._table is None:
                assert self._columns is not None
                self._table, self._columns = self._columns.table(), None
            return self._table


@dataclass(slots=True)
class _Sealed:
    """What a job in the background has written and the database has yet to be told."""

    files: list[tuple[SealedFile, Segment]]
    gone: list[str]
    sealed_to: int | None
    tables: int


class ReadCache:
    """Holds the reads that can be searched.

    ``add``, ``advance``, ``drop_due`` and ``open`` belong to the store's thread; ``tables`` may be
    asked for from any thread, and what it returns stays readable.

    Args:
        folder: where the sealed files lie; made when missing.
        key: 32 bytes.
    """

    def __init__(self, folder: Path, key: bytes, retention: Retention = LOCAL) -> None:
        self.folder = folder
        self.key = key
        self.retention = retention
        self.rule = Rule.of(retention)
        self._growing = ReadColumns()
        self._growing_ids: set[ReadId] = set()
        self._frozen: list[_Young] = []
        self._segments: dict[str, tuple[SealedFile, Segment]] = {}
        self.damaged: dict[str, SealedFile] = {}
        self._sealed_to = 0
        self._end = 0
        self._tail: tuple[int, MemoryTable] = (0, MemoryTable.empty())
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="reads-seal")
        self._job: Future[_Sealed] | None = None
        self._number = 0
        self.problem = ""
        self.lost = ""
        self.latest_us = 0

    # ------------------------------------------------------------------ opening

    def open(self, db: apsw.Connection) -> None:
        """Take up the sealed files; what is not among them is then given to ``add`` again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sealed_to = self._end = int(get_meta(db, "sealed_to") or b"0")
        self.latest_us = int(get_meta(db, "latest") or b"0")
        known = set()
        for row in db.execute("SELECT * FROM segments ORDER BY name").fetchall():
            file = _file_of(row)
            known.add(file.name)
            self._number = max(self._number, int(file.name.split("-")[0], 16))
            if file.problem:
                self.damaged[file.name] = file
                continue
            try:
                self._segments[file.name] = (file, self._opened(file))
            except (Damaged, OSError) as fault:
                self._set_aside(db, file, fault)
        self._clear_up(known)

    def _opened(self, file: SealedFile) -> Segment:
        """Return a file as what it is known as; another one under its name is none."""
        segment = Segment(self.folder / file.name, self.key)
        if segment.file_id != file.file_id:
            segment.close()
            raise Damaged(file.name)
        return segment

    def _clear_up(self, known: set[str]) -> None:
        """Remove what was written and not counted before a crash.

        Where nothing was ever counted and files are there all the same, it is the database that
        is lost: they are kept out of the way, for whoever can help.
        """
        strays = [p for p in self.folder.glob("*.reads") if p.name not in known]
        for path in self.folder.glob("*.reads.part"):
            path.unlink(missing_ok=True)
        if strays and not known and self._sealed_to == 0:
            log.error("%d sealed files of reads are there without their database", len(strays))
            aside = self.folder / "damaged"
            aside.mkdir(exist_ok=True)
            for path in strays:
                path.replace(aside / path.name)
            self.lost = (
                f"The database of the reads was lost: {len(strays)} files of reads cannot be"
                " searched and were set aside. Restore reads.db, or leave them to be deleted."
            )
            return
        for path in strays:
            path.unlink(missing_ok=True)

    @property
    def sealed_to(self) -> int:
        """Offset up to which reads are in sealed files."""
        return self._sealed_to

    def _set_aside(self, db: apsw.Connection, file: SealedFile, fault: Exception) -> None:
        """Keep a file that cannot be read out of the way, and say so from now on."""
        problem = "missing" if isinstance(fault, FileNotFoundError) else "damaged"
        log.error("sealed reads cannot be used: %s is %s", file.name, problem)
        db.execute("UPDATE segments SET problem = ? WHERE name = ?", (problem, file.name))
        aside = self.folder / "damaged"
        with contextlib.suppress(OSError):
            aside.mkdir(exist_ok=True)
            (self.folder / file.name).replace(aside / file.name)
        self._segments.pop(file.name, None)
        self.damaged[file.name] = replace(file, problem=problem)

    def set_aside(self, db: apsw.Connection, name: str) -> None:
        """A search has found a file damaged: no search will look at it again."""
        held = self._segments.get(name)
        if held is not None:
            self._set_aside(db, held[0], Damaged(name))

    # ------------------------------------------------------------------ taking in

    def known(self, reads: Sequence[Read]) -> list[bool]:
        """Tell of each read whether it is held already, whichever way it came before."""
        young = [self._growing_ids, *(one.ids for one in self._frozen)]
        wanted = {read.read_id for read in reads}
        held = set().union(*(wanted & ids for ids in young))
        found = [read.read_id in held for read in reads]
        tables = [segment for _file, segment in self._segments.values()]
        if not tables or not reads:
            return found
        times = [micros(read.captured_at) for read in reads]
        first, last = min(times), max(times)
        for table in tables:
            if table.first_at > last or table.last_at < first:
                continue
            try:
                self._look_in(table, reads, times, found)
            except Damaged:
                # It is set aside when it is next searched; a read twice is better than none.
                continue
        return found

    def _look_in(
        self, table: Segment, reads: Sequence[Read], times: Sequence[int], found: list[bool]
    ) -> None:
        asked = [n for n, t in enumerate(times) if table.first_at <= t <= table.last_at]
        if not asked:
            return  # some before it and some after it, and none of its time
        wanted = np.array([times[n] for n in asked], np.int64)
        first, last = row_at(table, int(wanted.min())), row_at(table, int(wanted.max()) + 1)
        rows = np.arange(first, last)
        if not len(rows):
            return
        rows = rows[np.isin(gathered(table, "at", rows), wanted)]
        # Cameras that tell whole seconds share their instants: marks decide before reads are made.
        wanted_marks = keys_of([reads[n].vrm for n in asked]).first
        rows = rows[np.isin(first_of_marks(table, gathered(table, "mark", rows)), wanted_marks)]
        held = {read.read_id for read in reads_at(table, rows)}
        for n in asked:
            found[n] = found[n] or reads[n].read_id in held

    def add(self, reads: Sequence[Read], first_offset: int) -> None:
        """Take over reads that are durable in the log, with offsets from ``first_offset`` on."""
        if not reads:
            return
        self._growing.add(reads, first_offset)
        self._growing_ids.update(read.read_id for read in reads)
        self._end = first_offset + len(reads)
        if self._growing.rows >= SMALL_ROWS:
            self._freeze()

    def _freeze(self) -> None:
        frozen = _Young(self._growing, self._growing_ids, self._end)
        with self._lock:
            self._frozen.append(frozen)
            self._growing, self._growing_ids = ReadColumns(), set()

    def add_sealed(self, db: apsw.Connection, table: MemoryTable, sealed_to: int) -> int:
        """Seal a table at once; for building a store in bulk. Returns bytes written."""
        made = self._seal(table)
        self._count(db, _Sealed(made, [], sealed_to, 0))
        self._end = sealed_to
        return sum(file.size for file, _segment in made)

    # ------------------------------------------------------------------ sealing and merging

    def advance(self, db: apsw.Connection, now: datetime, *, is_last: bool = False) -> bool:
        """Tell the database what the background has finished, and give it more to do.

        Returns whether something is under way. With ``is_last`` what is in memory is sealed
        however little it is.
        """
        if self._job is not None and self._job.done() and not self._take_in(db):
            return False
        if is_last and self._growing.rows:
            self._freeze()
        if self._job is None:
            self._job = self._next_job(now, is_last=is_last)
        return self._job is not None

    def _take_in(self, db: apsw.Connection) -> bool:
        """Count what the background has finished; tells whether that could be done."""
        job, self._job = self._job, None
        try:
            if job is not None:
                self._count(db, job.result())
        except Damaged as fault:
            self.set_aside(db, str(fault))
        except OSError as fault:
            log.error("reads could not be sealed: %s", type(fault).__name__)
            self.problem = "Reads could not be written to sealed files; they stay in the log."
            return False
        else:
            self.problem = ""
        return True

    def finish(self, db: apsw.Connection) -> None:
        """Wait for what is under way and count it; before closing."""
        if self._job is not None:
            wait([self._job])
            self._take_in(db)

    def close(self) -> None:
        """Close every file."""
        self._worker.shutdown(wait=True)
        for _file, segment in self._segments.values():
            segment.close()

    def _next_job(self, now: datetime, *, is_last: bool) -> Future[_Sealed] | None:
        young = sum(one.rows for one in self._frozen)
        if young and (young >= SEAL_ROWS or is_last):
            return self._worker.submit(self._seal_young, list(self._frozen))
        some = self._to_merge(micros(now))
        return self._worker.submit(self._merge, some) if some else None

    def _seal_young(self, young: Sequence[_Young]) -> _Sealed:
        files = self._seal(merged([one.table for one in young]))
        return _Sealed(files, [], young[-1].end, len(young))

    def _merge(self, some: Sequence[tuple[SealedFile, Segment]]) -> _Sealed:
        files = self._seal(merged([segment for _file, segment in some]))
        return _Sealed(files, [file.name for file, _segment in some], None, 0)

    def _seal(self, table: MemoryTable) -> list[tuple[SealedFile, Segment]]:
        made: list[tuple[SealedFile, Segment]] = []
        for partition, is_late, part in by_partition(table, self.rule, PARTITION_US):
            self._number += 1
            name = f"{self._number:010x}-{partition}{'-late' if is_late else ''}.reads"
            path = self.folder / name
            size = write_segment(path, self.key, part)
            offsets = part.columns["offset"]
            segment = Segment(path, self.key)
            file = SealedFile(
                name, partition, is_late, part.rows, part.first_at, part.last_at,
                int(offsets.min()), int(offsets.max()), size, segment.file_id,
            )  # fmt: skip
            made.append((file, segment))
        return made

    def _count(self, db: apsw.Connection, done: _Sealed) -> None:
        """Have the new files count and the old ones not, in one transaction."""
        with transaction(db):
            for file, _segment in done.files:
                db.execute(
                    "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
                    (
                        file.name, file.partition, int(file.is_late), file.rows, file.first_at,
                        file.last_at, file.first_offset, file.last_offset, file.size, file.file_id,
                    ),
                )  # fmt: skip
            for name in done.gone:
                db.execute("DELETE FROM segments WHERE name = ?", (name,))
            if done.sealed_to is not None:
                put_meta(db, "sealed_to", str(done.sealed_to).encode())
        with self._lock:
            for file, segment in done.files:
                self._segments[file.name] = (file, segment)
            gone = [self._segments.pop(name) for name in done.gone if name in self._segments]
            del self._frozen[: done.tables]
            if done.sealed_to is not None:
                self._sealed_to = done.sealed_to
        for file, _segment in gone:
            # Whoever is still reading from it may finish: it is only its name that goes.
            _remove(self.folder / file.name)

    def _to_merge(self, now_us: int) -> list[tuple[SealedFile, Segment]]:
        groups: dict[tuple[int, bool], list[tuple[SealedFile, Segment]]] = {}
        for file, segment in self._segments.values():
            if file.rows < MIDDLE_FILE:
                groups.setdefault((file.partition, file.is_late), []).append((file, segment))
        for (partition, _late), files in sorted(groups.items()):
            files.sort(key=lambda f: f[0].first_offset)
            small = [f for f in files if f[0].rows < SMALL_FILE]
            middle = [f for f in files if f[0].rows >= SMALL_FILE]
            if len(small) >= MANY_SMALL:
                return _up_to(small)
            if len(middle) >= MANY_MIDDLE:
                return _up_to(middle)
            closed_at = (partition + 1) * PARTITION_US - self.rule.keep + _QUIET_US
            if len(files) > 1 and closed_at < now_us:
                return _up_to(files)
        return []

    # ------------------------------------------------------------------ for searches

    def tables(self) -> tuple[Table, ...]:
        """Return everything that can be searched, the youngest first."""
        with self._lock:
            growing, rows = self._growing, self._growing.rows
            young = list(self._frozen)
            sealed = [segment for _file, segment in self._segments.values()]
            tail_rows, tail = self._tail
        if tail_rows != rows or tail.rows != rows:
            tail = growing.table()
            with self._lock:
                if self._growing is growing:
                    self._tail = (tail.rows, tail)
        return (
            tail,
            *(one.table for one in reversed(young)),
            *sorted(sealed, key=lambda s: -s.last_at),
        )

    def files(self) -> list[SealedFile]:
        """Return the sealed files that count, those set aside included."""
        with self._lock:
            return [*(file for file, _s in self._segments.values()), *self.damaged.values()]

    def by_offset(self, first: int, limit: int) -> list[tuple[int, Read]]:
        """Return reads from an offset on, as far as they are held, in order."""
        found: list[tuple[int, Read]] = []
        for table in self.tables():
            if not table.rows:
                continue
            lowest, highest = table.offset_bounds()
            # The few blocks with the smallest offsets wanted hold all that can be among the first.
            blocks = ((highest >= first) & (lowest < first + limit)).nonzero()[0]
            for block in blocks.tolist():
                offsets = table.column("offset", block)
                inside = ((offsets >= first) & (offsets < first + limit)).nonzero()[0]
                rows = inside + block * BLOCK
                found += zip(offsets[inside].tolist(), reads_at(table, rows), strict=True)
        return sorted(found, key=lambda item: item[0])[:limit]

    # ------------------------------------------------------------------ retention

    def saw(self, db: apsw.Connection, now: datetime) -> None:
        """Take in a time that is believed; a clock that goes back brings nothing back to sight."""
        us = micros(now)
        if us > self.latest_us:
            if us // _MINUTE_US > self.latest_us // _MINUTE_US:
                put_meta(db, "latest", str(us).encode())
            self.latest_us = us

    def drop_due(self, db: apsw.Connection, now: datetime) -> list[Dropped]:
        """Drop every partition whose reads are all due; returns the proof of it."""
        due = micros(now) // PARTITION_US  # partitions below this number have ended
        gone = [f for f in self.files() if f.partition < due]
        if not gone:
            return []
        with transaction(db):
            for file in gone:
                db.execute("DELETE FROM segments WHERE name = ?", (file.name,))
        with self._lock:
            held = [self._segments.pop(file.name, None) for file in gone]
            for file in gone:
                self.damaged.pop(file.name, None)
        for pair in held:
            if pair is not None:
                pair[1].is_dropped = True
        for file in gone:
            _remove(self.folder / file.name)
            _remove(self.folder / "damaged" / file.name)
        proofs = []
        for partition in sorted({file.partition for file in gone}):
            files = [file for file in gone if file.partition == partition]
            proofs.append(
                Dropped(
                    partition,
                    len(files),
                    sum(f.rows for f in files),
                    sum(f.size for f in files),
                    instant(min(f.first_at for f in files)),
                    instant(max(f.last_at for f in files)),
                    instant((partition + 1) * PARTITION_US),
                )
            )
        return proofs

    def check(self) -> list[str]:
        """Read every block of every sealed file; returns the names of those that are damaged."""
        with self._lock:
            held = list(self._segments.values())
        bad = []
        for file, segment in held:
            try:
                segment.check()
            except Damaged:
                bad.append(file.name)
        return bad


def _file_of(row: Sequence[apsw.SQLiteValue]) -> SealedFile:
    name, partition, late, rows, first_at, last_at, first, last, size, file_id, problem = row
    first_at, last_at, first, last, size, rows = (
        int(str(n)) for n in (first_at, last_at, first, last, size, rows)
    )
    return SealedFile(
        str(name), int(str(partition)), bool(late), rows, first_at, last_at, first, last, size,
        str(file_id), str(problem),
    )  # fmt: skip


def _remove(path: Path) -> None:
    """Remove a file; one that somebody still reads where that cannot be is removed next time."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _up_to(files: Iterable[tuple[SealedFile, Segment]]) -> list[tuple[SealedFile, Segment]]:
    """Return the first of the files, as many as make one of the largest size; two at least."""
    chosen: list[tuple[SealedFile, Segment]] = []
    rows = 0
    for file, segment in files:
        if rows + file.rows > LARGEST_FILE:
            break
        chosen.append((file, segment))
        rows += file.rows
    return chosen if len(chosen) > 1 else []
