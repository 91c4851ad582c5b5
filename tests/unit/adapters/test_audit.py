"""The audit: append-only inside the program, and every change outside it is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from nas_desktop.adapters.store import audit as audit_module
from nas_desktop.adapters.store.audit import (
    GENESIS,
    Audit,
    AuditAction,
    AuditRecord,
    body_of,
    chained,
)
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.packing import pack, unpack
from nas_desktop.services.audit import AuditFilter, ReadIdsDigest
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
        head = chained(head, number, body_of(a_record(number)))
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


def test_that_a_record_made_anew_with_its_own_hash_is_found_by_the_next(audit: Audit) -> None:
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
    assert audit.first_bad() == 2


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


# ------------------------------------------------------------------ records of every version


FIRST = bytes.fromhex(
    "87a6616374696f6ea74849545f41434ba26174d6ff00000000a8757365726e616d65a5616b68616eab776f726b7374"
    "6174696f6ea66465736b2031a773657373696f6ea27331a77375626a656374a56869742031a664657461696c81a861"
    "63636570746564a3796573"
)


def test_that_a_record_of_the_first_version_is_read_and_chained_as_ever() -> None:
    record = replace(a_record(1), at=datetime(1970, 1, 1, tzinfo=UTC))
    assert unpack(AuditRecord, FIRST) == record
    assert body_of(record) == FIRST


def test_that_every_field_is_kept_and_what_holds_nothing_is_left_out(audit: Audit) -> None:
    full = replace(
        a_record(1), action=AuditAction.SEARCH, event_id="e1", role="analyst",
        on_behalf_of="DS Rees", reason_code=0, purpose="MAJOR", justification="why",
        reference="52/1/26", authority="AU-1", criteria="from=x", band="B", oldest_age_days=0,
        decision="allowed", result_count=0, read_ids_hash="ab", recipients="CPS", gsc="OFFICIAL",
        file_sha256="cd", app_version="1",
    )  # fmt: skip
    audit.append(full, a_record(2))
    assert [record for _n, record in audit.records()] == [full, a_record(2)]
    assert len(msgspec.msgpack.decode(body_of(full))) == len(fields(AuditRecord))
    assert len(msgspec.msgpack.decode(body_of(a_record(2)))) == 7


def test_that_the_action_words_of_the_facts_are_all_there() -> None:
    words = """LOGIN LOGOUT SEARCH VIEW_READ VIEW_IMAGE HIT_DELIVERED HIT_ACK HIT_ACTION HIT_OUTCOME
    MISREAD VOI_CREATE VOI_EDIT VOI_UPLOAD VOI_WEED EXPORT PRINT COPY AUTH_GRANT AUTH_USE DENIED
    CONFIG_CHANGE BUFFER_START BUFFER_END CLOCK_WARN TEST_READ PURGE SEARCH_DONE AUTH_COUNTERSIGN
    PRESERVE SAMPLE_CHECK SUBJECT_ACCESS TRANSPARENCY"""
    assert set(words.split()) <= set(AuditAction)


# ------------------------------------------------------------------ pages


def test_that_pages_lead_from_the_newest_to_the_oldest(audit: Audit) -> None:
    audit.append(*(a_record(n) for n in range(1, 8)))
    first = audit.page(AuditFilter(), 0, 3)
    assert ([row.seq for row in first.rows], first.before) == ([7, 6, 5], 5)
    second = audit.page(AuditFilter(), first.before, 4)
    assert ([row.seq for row in second.rows], second.before) == ([4, 3, 2, 1], 0)


def test_that_a_page_looks_at_so_many_and_says_where_it_stopped(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_module, "LOOK", 3)
    audit.append(*(a_record(n) for n in range(1, 8)))
    wanted = AuditFilter(text="HIT 2")
    seen, before = [], 0
    while True:
        page = audit.page(wanted, before, 10)
        seen += [row.seq for row in page.rows]
        before = page.before
        if not before:
            break
    assert seen == [2]


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True), ({"since": NOON}, True), ({"since": NOON + timedelta(seconds=2)}, False),
        ({"until": NOON + timedelta(seconds=1)}, False),
        ({"actions": (AuditAction.HIT_ACK,)}, True),
        ({"actions": (AuditAction.LOGIN,)}, False), ({"username": "akhan"}, True),
        ({"username": "ak"}, False), ({"bands": ("A",)}, False), ({"text": "HIT"}, True),
        ({"text": "52/1"}, False),
    ],
)  # fmt: skip
def test_that_a_filter_says_what_it_says(changes: dict[str, Any], fits: bool) -> None:
    assert AuditFilter(**changes).fits(a_record(1)) is fits
    assert AuditFilter(text="52/1", bands=("B",)).fits(
        replace(a_record(1), reference="CAD 52/1", band="B")
    )


def test_that_an_audit_is_bound_to_one_node_for_good(audit: Audit) -> None:
    assert audit.bound_to() == ""
    audit.bind("n1")
    audit.bind("n2")
    assert audit.bound_to() == "n1"


# ------------------------------------------------------------------ the digest of a result


def test_that_the_digest_does_not_depend_on_the_order_or_the_parts() -> None:
    ids = [bytes([n]) * 16 for n in range(50)]
    one, other, part = ReadIdsDigest(), ReadIdsDigest(), ReadIdsDigest()
    one.add(ids)
    other.add(reversed(ids[:20]))
    part.add(ids[20:])
    other.merge(part)
    assert (one.hex, one.count) == (other.hex, other.count)
    assert len(one.hex) == 64
    less = ReadIdsDigest()
    less.add(ids[1:])
    assert len({one.hex, less.hex, ReadIdsDigest().hex}) == 3


def test_that_the_digest_is_the_one_that_was_written_down() -> None:
    digest = ReadIdsDigest()
    digest.add([b"a" * 16, b"b" * 16])
    assert digest.hex == "189f7ce743aa394d1c7fdd573c431b434e2746e1b1dbc5ce506b65997592d147"
