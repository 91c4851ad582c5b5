"""The audit: append-only inside the program, and every change outside it is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from nas_desktop.adapters.store import audit as audit_module
from nas_desktop.adapters.store.audit import GENESIS, Audit, AuditAction, AuditRecord, chained
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.packing import pack
from tests.builders import NOON

KEY = b"k" * 32


def a_record(number: int) -> AuditRecord:
    return AuditRecord(
        AuditAction.HIT_ACK,
        NOON + timedelta(seconds=number),
        "akhan",
        "desk 1",
        "s1",
        f"hit {number}",
        {"accepted": "yes"},
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.db"


@pytest.fixture
def audit(path: Path) -> Iterator[Audit]:
    database = Database(path, KEY, audit_module.MIGRATIONS)
    yield Audit(database)
    database.close()


def tamper(audit: Audit, *statements: str, **values: object) -> None:
    """Do what somebody with the key and a tool could do: past the triggers."""

    def work(db: apsw.Connection) -> None:
        db.execute("DROP TRIGGER no_update")
        db.execute("DROP TRIGGER no_delete")
        for statement in statements:
            db.execute(statement, values)

    audit.database.write_now(work)


def test_that_records_are_kept_in_order_and_counted_from_one(audit: Audit) -> None:
    assert (audit.records(), audit.head, audit.first_bad()) == ([], GENESIS, None)
    audit.append(a_record(1), a_record(2))
    audit.append(a_record(3))
    assert audit.records() == [(n, a_record(n)) for n in (1, 2, 3)]
    assert audit.records(2, 1) == [(2, a_record(2))]
    assert audit.first_bad() is None


def test_that_each_hash_covers_the_one_before(audit: Audit) -> None:
    audit.append(a_record(1), a_record(2))
    head = GENESIS
    for number in (1, 2):
        head = chained(head, number, pack(a_record(number)))
    assert audit.head == head
    assert chained(GENESIS, 1, b"x") != chained(GENESIS, 2, b"x") != chained(head, 2, b"x")


def test_that_the_chain_goes_on_after_a_restart(audit: Audit, path: Path) -> None:
    audit.append(a_record(1))
    head = audit.head
    audit.database.close()
    database = Database(path, KEY, audit_module.MIGRATIONS)
    again = Audit(database)
    assert again.head == head
    again.append(a_record(2))
    assert again.first_bad() is None
    assert [n for n, _r in again.records()] == [1, 2]
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET body = x'00' WHERE seq = 1",
        "UPDATE records SET seq = 9 WHERE seq = 1",
        "DELETE FROM records",
        "DELETE FROM records WHERE seq = 2",
    ],
)
def test_that_the_program_cannot_change_what_was_written(audit: Audit, statement: str) -> None:
    audit.append(a_record(1), a_record(2))
    with pytest.raises(apsw.ConstraintError, match="append-only"):
        audit.database.write_now(lambda db: db.execute(statement))
    assert audit.records() == [(n, a_record(n)) for n in (1, 2)]


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE records SET body = :body WHERE seq = 3", 3),
        ("UPDATE records SET hash = zeroblob(32) WHERE seq = 3", 3),
        ("UPDATE records SET prev = zeroblob(32) WHERE seq = 3", 3),
        ("DELETE FROM records WHERE seq = 3", 3),
        ("DELETE FROM records WHERE seq = 1", 1),
        (
            "INSERT OR REPLACE INTO records SELECT 2, prev, hash, :body FROM records WHERE seq = 2",
            2,
        ),
        ("UPDATE records SET seq = 9 WHERE seq = 5", 5),
        ("INSERT INTO records VALUES (6, zeroblob(32), zeroblob(32), :body)", 6),
        ("INSERT INTO records VALUES (0, zeroblob(32), zeroblob(32), :body)", 1),
    ],
)
def test_that_a_change_from_outside_is_found_at_its_record(
    audit: Audit, statement: str, first_bad: int
) -> None:
    audit.append(*(a_record(n) for n in range(1, 6)))
    forged = pack(replace(a_record(3), username="somebody else"))
    tamper(audit, statement, body=forged)
    assert audit.first_bad() == first_bad


def test_that_swapping_two_records_is_found(audit: Audit) -> None:
    audit.append(*(a_record(n) for n in range(1, 6)))
    tamper(
        audit,
        "UPDATE records SET seq = 99 WHERE seq = 2",
        "UPDATE records SET seq = 2 WHERE seq = 4",
        "UPDATE records SET seq = 4 WHERE seq = 99",
    )
    assert audit.first_bad() == 2


def test_that_a_record_made_anew_with_its_own_hash_breaks_the_next(audit: Audit) -> None:
    audit.append(*(a_record(n) for n in range(1, 4)))
    body = pack(replace(a_record(2), username="somebody else"))
    before = audit.database.now(
        lambda db: bytes(db.execute("SELECT prev FROM records WHERE seq = 2").get)
    )
    tamper(
        audit,
        "UPDATE records SET body = :body, hash = :hash WHERE seq = 2",
        body=body,
        hash=chained(before, 2, body),
    )
    assert audit.first_bad() == 3


def test_that_a_failing_append_leaves_the_chain(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit.append(a_record(1))
    head = audit.head

    def breaks(prev: bytes, seq: int, body: bytes) -> bytes:
        if seq == 3:
            raise KeyError("killed")
        return chained(prev, seq, body)

    with monkeypatch.context() as patch:
        patch.setattr(audit_module, "chained", breaks)
        with pytest.raises(KeyError):
            audit.append(a_record(2), a_record(3))
    assert audit.head == head
    audit.append(a_record(2))
    assert audit.first_bad() is None
    assert [n for n, _r in audit.records()] == [1, 2]


def test_that_records_that_waited_elsewhere_are_taken_over_once(audit: Audit) -> None:
    waiting = [(n, pack(a_record(n))) for n in (4, 5)]
    audit.take_over(waiting)
    audit.take_over(waiting)
    audit.take_over([*waiting, (7, pack(a_record(7)))])
    audit.take_over([])
    assert [record.subject for _n, record in audit.records()] == ["hit 4", "hit 5", "hit 7"]
    assert audit.first_bad() is None
