"""One encrypted SQLite file: opened, checked, migrated, and written by one thread only.

WAL with ``synchronous=FULL``: a commit that returned survives a power cut. ``temp_store=MEMORY``:
the cipher covers the database and its WAL but not temporary files. Every fault of the environment
becomes a ``StoreRefused`` with a sentence and a remedy; anything else is a fault of ours.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import apsw

from nas_desktop.domain.errors import Refused

_P = ParamSpec("_P")
_T = TypeVar("_T")

Migration = Callable[[apsw.Connection], None]
"""One frozen step from version N to N + 1; never edited once released."""

BUSY_MS = 2_000
"""How long to wait for another process that holds the file, milliseconds."""


class StoreRefused(Refused):
    """A store cannot be opened or written, for a reason outside the program."""


@contextlib.contextmanager
def store_faults(path: Path) -> Iterator[None]:
    """Turn what SQLite says about the environment into words for the operator."""
    try:
        yield
    except apsw.NotADBError:
        raise StoreRefused(
            "wrong_key",
            f"{path.name} cannot be read with this key, or it is not a database.",
            "Start with the key the data was made with, or with another data folder.",
        ) from None
    except apsw.FullError:
        raise StoreRefused(
            "disk_full",
            f"The disk is full; nothing more can be stored in {path.name}.",
            "Free space on the disk. What was confirmed is safe.",
        ) from None
    except apsw.CorruptError:
        raise StoreRefused(
            "corrupt",
            f"{path.name} is damaged.",
            "Move the data folder aside and start again; the server sends what it still holds.",
        ) from None
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError, apsw.IOError) as fault:
        raise StoreRefused(
            "unwritable",
            f"{path.name} cannot be opened for writing ({type(fault).__name__}).",
            "Check that the data folder exists, is on a working disk and may be written to.",
        ) from None
    except (apsw.BusyError, apsw.LockedError):
        raise StoreRefused(
            "locked",
            f"Another program holds {path.name}.",
            "Close the other program, or use another data folder.",
        ) from None


@contextlib.contextmanager
def transaction(db: apsw.Connection) -> Iterator[None]:
    """Commit what is done inside, or nothing of it.

    apsw's own ``with db`` rolls back to a savepoint, which fails where SQLite has rolled back by
    itself, as it does on a full disk; the fault that counts would be lost.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


class Database:
    """An open store with its writer thread.

    Args:
        path: the file; its folder must exist.
        key: 32 bytes.
        migrations: all steps ever, in order; the database's version is how many were applied.

    Raises:
        StoreRefused: wrong key, damaged, unwritable, locked, or newer than this program.
    """

    def __init__(self, path: Path, key: bytes, migrations: Sequence[Migration]) -> None:
        self.path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"store-{path.stem}")
        with store_faults(path):
            self._db = apsw.Connection(str(path))
            try:
                self._open(key, migrations)
            except BaseException:
                self._db.close()
                self._thread.shutdown()
                raise

    def _open(self, key: bytes, migrations: Sequence[Migration]) -> None:
        db = self._db
        # A raw key: it is random already, so no derivation is paid for at each start.
        db.pragma("key", f"raw:{key.hex()}")
        db.set_busy_timeout(BUSY_MS)
        db.execute("SELECT count(*) FROM sqlite_master").fetchall()
        db.pragma("journal_mode", "wal")
        db.pragma("synchronous", "full")
        db.pragma("temp_store", "memory")
        db.pragma("foreign_keys", True)
        db.pragma("cache_size", -32_000)
        version = int(str(db.pragma("user_version")))
        if version > len(migrations):
            raise StoreRefused(
                "newer_version",
                f"{self.path.name} was written by a newer version of the program.",
                "Install the newer version, or start with another data folder.",
            )
        for number in range(version, len(migrations)):
            with transaction(db):  # the step and the record that it was applied, or neither
                migrations[number](db)
                db.pragma("user_version", number + 1)

    async def call(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run a store's method on the writer thread; the loop goes on meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: work(*args, **kwargs)
        )

    def submit(self, work: Callable[[], object]) -> None:
        """Queue work on the writer thread and do not wait for it."""
        self._thread.submit(work)

    def now(
        self,
        work: Callable[Concatenate[apsw.Connection, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Run work on this thread; for start-up and tests, before the loop runs."""
        with store_faults(self.path):
            result = work(self._db, *args, **kwargs)
        return result

    def write_now(
        self,
        work: Callable[Concatenate[apsw.Connection, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Run work in one transaction on this thread."""
        with store_faults(self.path), transaction(self._db):
            result = work(self._db, *args, **kwargs)
        return result

    def close(self) -> None:
        """Finish what is queued and close the file; calling it again changes nothing."""
        self._thread.shutdown(wait=True)
        self._db.close()


META = "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID"

PROGRESS = (
    "CREATE TABLE progress (stream TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID"
)


def get_meta(db: apsw.Connection, key: str) -> bytes | None:
    """Return a value of the store's own facts, or None."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else bytes(row[0])


def put_meta(db: apsw.Connection, key: str, value: bytes) -> None:
    """Set a value of the store's own facts."""
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
