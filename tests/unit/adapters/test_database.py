"""One encrypted file: each fault of the environment has its own words; migrations are whole."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from nas_desktop.adapters.store import database as database_module
from nas_desktop.adapters.store import read_log
from nas_desktop.adapters.store.database import (
    META,
    Database,
    StoreRefused,
    get_meta,
    put_meta,
    store_faults,
)

KEY = b"k" * 32


def first(db: apsw.Connection) -> None:
    db.execute(META)
    db.execute("CREATE TABLE items (body BLOB NOT NULL) STRICT")


def second(db: apsw.Connection) -> None:
    db.execute("ALTER TABLE items ADD COLUMN size INTEGER NOT NULL DEFAULT 0")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "items.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    database = Database(path, KEY, [first])
    yield database
    database.close()


def refused(path: Path, key: bytes = KEY, *migrations: database_module.Migration) -> StoreRefused:
    with pytest.raises(StoreRefused) as refusal:
        Database(path, key, migrations or [first])
    assert path.name in refusal.value.message
    assert refusal.value.remedy
    return refusal.value


def version_of(db: Database) -> int:
    return db.now(lambda connection: int(str(connection.pragma("user_version"))))


def columns(db: Database) -> list[str]:
    return db.now(lambda c: [row[1] for row in c.execute("PRAGMA table_info(items)")])


# ------------------------------------------------------------------ what a file must be


def test_that_every_commit_is_on_disk_and_nothing_is_readable(db: Database, path: Path) -> None:
    secret = b"AB51ABC was here, and somebody wrote it down"
    db.write_now(lambda c: c.execute("INSERT INTO items VALUES (?)", (secret,)))
    assert db.now(lambda c: c.pragma("journal_mode")) == "wal"
    assert db.now(lambda c: int(str(c.pragma("synchronous")))) == 2
    assert db.now(lambda c: int(str(c.pragma("temp_store")))) == 2
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert secret not in content
        assert not content.startswith(b"SQLite format 3")


def test_that_what_was_written_is_there_with_the_same_key(db: Database, path: Path) -> None:
    db.write_now(put_meta, "who", b"me")
    db.close()
    db.close()
    again = Database(path, KEY, [first])
    assert again.now(get_meta, "who") == b"me"
    assert again.now(get_meta, "nobody") is None
    again.close()


def test_that_a_failing_write_leaves_nothing_behind(db: Database) -> None:
    def half(c: apsw.Connection) -> None:
        put_meta(c, "half", b"done")
        raise KeyError("midway")

    with pytest.raises(KeyError):
        db.write_now(half)
    assert db.now(get_meta, "half") is None


async def test_that_work_runs_on_one_thread_of_the_stores_own(db: Database) -> None:
    names = await asyncio.gather(
        *(db.call(lambda: threading.current_thread().name) for _n in range(3))
    )
    assert set(names) == {"store-items_0"}


# ------------------------------------------------------------------ what the environment does


def test_that_a_wrong_key_is_said(db: Database, path: Path) -> None:
    db.write_now(put_meta, "who", b"me")
    db.close()
    assert refused(path, b"x" * 32).code == "wrong_key"
    assert Database(path, KEY, [first]).close() is None


def test_that_a_file_that_is_no_database_is_said(path: Path) -> None:
    path.write_bytes(b"a letter to my aunt " * 500)
    assert refused(path).code == "wrong_key"


def test_that_a_newer_file_is_left_alone(path: Path) -> None:
    Database(path, KEY, [first, second]).close()
    before = path.read_bytes()
    refusal = refused(path)
    assert (refusal.code, "newer" in refusal.message) == ("newer_version", True)
    assert path.read_bytes() == before


def test_that_a_damaged_page_is_said_when_it_is_read(db: Database, path: Path) -> None:
    db.write_now(lambda c: c.execute("INSERT INTO items VALUES (zeroblob(200000))"))
    db.now(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    db.close()
    content = bytearray(path.read_bytes())
    content[100_000:100_064] = bytes(64)
    path.write_bytes(content)
    database = Database(path, KEY, [first])
    with pytest.raises(StoreRefused) as refusal:
        database.now(lambda c: c.execute("SELECT body FROM items").fetchall())
    assert refusal.value.code == "corrupt"
    assert "Move the data folder aside" in refusal.value.remedy
    database.close()


def test_that_a_full_disk_is_said_and_nothing_is_half_stored(db: Database) -> None:
    db.write_now(put_meta, "before", b"safe")
    pages = db.now(lambda c: int(str(c.pragma("page_count"))))
    db.now(lambda c: c.pragma("max_page_count", pages + 2))

    def much(c: apsw.Connection) -> None:
        put_meta(c, "during", b"lost")
        c.execute("INSERT INTO items VALUES (zeroblob(1000000))")

    with pytest.raises(StoreRefused) as refusal:
        db.write_now(much)
    assert refusal.value.code == "disk_full"
    assert "What was confirmed is safe" in refusal.value.remedy
    assert db.now(get_meta, "before") == b"safe"
    assert db.now(get_meta, "during") is None
    db.now(lambda c: c.pragma("max_page_count", 1_000_000))
    db.write_now(much)


def test_that_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere" / "items.db").code == "unwritable"


def test_that_a_folder_in_the_files_place_is_said(path: Path) -> None:
    path.mkdir()
    assert refused(path).code == "unwritable"


HOLD = """
import sys, apsw
db = apsw.Connection(sys.argv[1])
db.pragma("key", "raw:" + "6b" * 32)
db.pragma("locking_mode", "exclusive")
db.execute("BEGIN EXCLUSIVE")
db.execute("INSERT INTO items VALUES (x'00')")
print("held", flush=True)
sys.stdin.read()
"""


def test_that_a_file_another_program_holds_is_said(
    db: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.close()
    monkeypatch.setattr(database_module, "BUSY_MS", 20)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert refused(path).code == "locked"
        holder.communicate("")
    Database(path, KEY, [first]).close()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (apsw.NotADBError, "wrong_key"),
        (apsw.FullError, "disk_full"),
        (apsw.CorruptError, "corrupt"),
        (apsw.CantOpenError, "unwritable"),
        (apsw.ReadOnlyError, "unwritable"),
        (apsw.PermissionsError, "unwritable"),
        (apsw.IOError, "unwritable"),
        (apsw.BusyError, "locked"),
        (apsw.LockedError, "locked"),
    ],
)
def test_that_each_fault_of_the_environment_has_words(
    fault: type[apsw.Error], code: str, path: Path
) -> None:
    with pytest.raises(StoreRefused) as refusal, store_faults(path):
        raise fault("said by SQLite")
    assert refusal.value.code == code
    assert "items.db" in refusal.value.message


def test_that_a_fault_of_ours_stays_one(path: Path) -> None:
    with pytest.raises(apsw.SQLError), store_faults(path):
        raise apsw.SQLError("no such table")


# ------------------------------------------------------------------ migrations


def test_that_only_what_is_missing_is_applied(db: Database, path: Path) -> None:
    db.write_now(lambda c: c.execute("INSERT INTO items VALUES (x'01')"))
    db.close()
    migrated = Database(path, KEY, [first, second])
    assert version_of(migrated) == 2
    assert migrated.now(lambda c: c.execute("SELECT body, size FROM items").fetchall()) == [
        (b"\x01", 0)
    ]
    migrated.close()


def test_that_a_failing_migration_leaves_the_version_and_the_data(db: Database, path: Path) -> None:
    def half(c: apsw.Connection) -> None:
        second(c)
        c.execute("INSERT INTO nowhere VALUES (1)")

    db.write_now(lambda c: c.execute("INSERT INTO items VALUES (x'01')"))
    db.close()
    with pytest.raises(apsw.SQLError):
        Database(path, KEY, [first, half])
    again = Database(path, KEY, [first])
    assert version_of(again) == 1
    assert columns(again) == ["body"]
    again.close()


def test_that_steps_before_a_failing_one_stay_applied(path: Path) -> None:
    def third(c: apsw.Connection) -> None:
        raise StoreRefused("disk_full", "items.db: the disk is full.", "Free some.")

    with pytest.raises(StoreRefused):
        Database(path, KEY, [first, second, third])
    again = Database(path, KEY, [first, second])
    assert (version_of(again), columns(again)) == (2, ["body", "size"])
    again.close()


def test_that_the_schemas_of_the_stores_are_strict(tmp_path: Path) -> None:
    from nas_desktop.adapters.store import audit, operational_schema, outbox

    for module in (audit, operational_schema, outbox, read_log):
        database = Database(tmp_path / f"{module.__name__}.db", KEY, module.MIGRATIONS)
        made = database.now(
            lambda c: c.execute("SELECT sql FROM sqlite_master WHERE type = 'table'").fetchall()
        )
        tables = [sql for (sql,) in made if "sqlite_sequence" not in sql]
        assert tables
        assert all("STRICT" in sql for sql in tables)
        database.close()
