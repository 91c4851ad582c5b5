"""An audit proves itself: what was done to it from outside is found, named, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_desktop.adapters.audit_check import Heads, check, check_file, read_heads
from nas_desktop.adapters.audit_file import AuditDocument, AuditHeader, line_of, write_audit_file
from nas_desktop.adapters.countersigning import countersigned, is_genuine, new_secret
from nas_desktop.adapters.store.audit import MIGRATIONS, Audit, body_of
from nas_desktop.adapters.store.database import Database
from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit import (
    AuditAction,
    AuditItem,
    AuditRecord,
    Countersignature,
    Tampering,
)
from nas_desktop.services.audit_chain import GENESIS, chained, verify
from tests.builders import NOON

SECRET, OTHER_SECRET = bytes(range(32)), bytes(range(1, 33))
NODE, OTHER, SERVER = "a1b2c3d4a1b2c3d4", "ffffffffffffffff", "5e5e5e5e5e5e5e5e"


def a_record(number: int, **changes: Any) -> AuditRecord:
    record = AuditRecord(
        AuditAction.SEARCH,
        NOON + timedelta(seconds=number, microseconds=number),
        "asmith",
        "desk 1",
        "s1",
        justification=f"Why {number}, ✓ “quoted” \\ \n",
        reason_code=number % 10,
    )
    return replace(record, **changes)


def chain(records: Sequence[AuditRecord]) -> list[AuditItem]:
    items: list[AuditItem] = []
    for record in records:
        head, seq, body = items[-1].hash if items else GENESIS, len(items) + 1, body_of(record)
        items.append(AuditItem(seq, head, chained(head, seq, body), body))
    return items


HISTORY = chain(
    [
        a_record(1, action=AuditAction.NODE_START, detail={"node_id": NODE}),
        *(a_record(n) for n in range(2, 13)),
    ]
)


def signatures(
    items: Sequence[AuditItem],
    node: str = NODE,
    at: Sequence[int] = (4, 10),
    secret: bytes = SECRET,
) -> list[Countersignature]:
    return [countersigned(secret, SERVER, node, n, items[n - 1].hash, NOON) for n in at]


def a_header(items: Sequence[AuditItem], node: str = NODE, **changes: Any) -> AuditHeader:
    header = AuditHeader(node, "desk 1", len(items), items[-1].hash, NOON)
    return replace(header, **changes)


def a_file(
    path: Path,
    items: Sequence[AuditItem] = HISTORY,
    signed: Sequence[Countersignature] | None = None,
    header: AuditHeader | None = None,
) -> Path:
    write_audit_file(
        path,
        header or a_header(items),
        items,
        signatures(HISTORY) if signed is None else signed,
    )
    return path


def edited(items: Sequence[AuditItem], at: int) -> list[AuditItem]:
    """Return a history in which another account did what record ``at`` says."""
    body = items[at - 1].body.replace(b"asmith", b"bjones")
    return [replace(i, body=body) if i.seq == at else i for i in items]


def rehashed(items: Sequence[AuditItem]) -> list[AuditItem]:
    """Return the same contents as a chain of its own."""
    made: list[AuditItem] = []
    for item in items:
        head, seq = made[-1].hash if made else GENESIS, len(made) + 1
        made.append(AuditItem(seq, head, chained(head, seq, item.body), item.body))
    return made


def renumbered(items: Sequence[AuditItem]) -> list[AuditItem]:
    return [replace(item, seq=n) for n, item in enumerate(items, 1)]


def own_hash(items: Sequence[AuditItem], at: int) -> list[AuditItem]:
    """Return an edited history whose edited record has a hash that fits it."""
    return [
        replace(i, hash=chained(i.prev, i.seq, i.body)) if i.seq == at else i
        for i in edited(items, at)
    ]


H = HISTORY
FORGED = AuditItem(5, H[3].hash, chained(H[3].hash, 5, H[6].body), H[6].body)
CHANGES: list[tuple[str, Callable[[], list[AuditItem]], Tampering, int]] = [
    ("edited", lambda: edited(H, 7), Tampering.EDITED, 7),
    ("edited, the last", lambda: edited(H, 12), Tampering.EDITED, 12),
    ("edited, with its own hash", lambda: own_hash(H, 7), Tampering.EDITED, 7),
    ("hash changed", lambda: [*H[:5], replace(H[5], hash=GENESIS), *H[6:]], Tampering.EDITED, 6),
    ("hash before changed", lambda: [*H[:5], replace(H[5], prev=GENESIS), *H[6:]],
     Tampering.EDITED, 6),
    ("tail cut", lambda: H[:11], Tampering.TAIL_CUT, 12),
    ("tail cut, below what is countersigned", lambda: H[:6], Tampering.TAIL_CUT, 7),
    ("all cut", list, Tampering.TAIL_CUT, 1),
    ("head cut", lambda: H[2:], Tampering.HEAD_CUT, 1),
    ("head cut, renumbered", lambda: renumbered(H[2:]), Tampering.HEAD_CUT, 1),
    ("middle removed", lambda: [*H[:5], *H[8:]], Tampering.REMOVED, 6),
    ("middle removed, renumbered", lambda: renumbered([*H[:5], *H[8:]]), Tampering.REMOVED, 6),
    ("reordered", lambda: [*H[:4], H[5], H[4], *H[6:]], Tampering.REORDERED, 5),
    ("reordered, renumbered", lambda: renumbered([*H[:4], H[5], H[4], *H[6:]]),
     Tampering.REORDERED, 5),
    ("moved to the end", lambda: [*H[:4], *H[5:], H[4]], Tampering.REORDERED, 5),
    ("first moved", lambda: [*H[1:], H[0]], Tampering.REORDERED, 1),
    ("duplicated", lambda: [*H[:5], H[4], *H[5:]], Tampering.INSERTED, 6),
    ("duplicated, renumbered", lambda: renumbered([*H[:5], H[2], *H[5:]]), Tampering.INSERTED, 6),
    ("duplicated at the end", lambda: [*H, H[3]], Tampering.INSERTED, 13),
    ("inserted", lambda: [*H[:4], FORGED, *H[4:]], Tampering.INSERTED, 5),
    ("inserted, renumbered", lambda: renumbered([*H[:4], FORGED, *H[4:]]), Tampering.INSERTED, 5),
    ("nonsense inserted", lambda: [*H[:4], AuditItem(5, GENESIS, GENESIS, b""), *H[4:]],
     Tampering.INSERTED, 5),
    ("put behind", lambda: rehashed([*H, H[3]]), Tampering.INSERTED, 13),
    ("written anew after an edit", lambda: rehashed(edited(H, 7)), Tampering.REWRITTEN, 5),
    ("written anew from the first", lambda: rehashed(edited(H, 2)), Tampering.REWRITTEN, 1),
    ("written anew behind the countersignatures", lambda: rehashed(edited(H, 12)),
     Tampering.REWRITTEN, 11),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "kind", "seq"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_that_what_was_done_to_a_file_is_found_and_named(
    change: Callable[[], list[AuditItem]], kind: Tampering, seq: int, tmp_path: Path
) -> None:
    path = a_file(tmp_path / "a.jsonl", change(), header=a_header(HISTORY))
    verdict = check_file(path)
    assert (verdict.kind, verdict.seq) == (kind, seq)
    assert verdict.why


@pytest.mark.parametrize(
    ("change", "kind", "seq"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_that_a_first_line_made_to_fit_hides_nothing_countersigned(
    change: Callable[[], list[AuditItem]], kind: Tampering, seq: int, tmp_path: Path
) -> None:
    assert kind
    items = change() or HISTORY[:1]
    verdict = check_file(a_file(tmp_path / "a.jsonl", items, header=a_header(items)))
    # Past the last countersignature a clean cut, an addition and a new end are no forgery.
    assert verdict.is_whole is (seq > 10 and items == rehashed(items))


def test_that_a_file_is_whole_and_says_how_many(tmp_path: Path) -> None:
    path = a_file(tmp_path / "a.jsonl")
    assert check_file(path).is_whole
    assert check_file(path).records == 12
    document = AuditDocument(path)
    assert list(document.items()) == HISTORY
    assert document.countersignatures == signatures(HISTORY)
    assert document.header == a_header(HISTORY)
    text = path.read_text(encoding="utf-8")
    assert "Why 3, ✓ “quoted”" in text
    assert len(text.splitlines()) == 1 + 12 + 2


def test_that_a_file_of_another_machine_is_found_by_heads(tmp_path: Path) -> None:
    theirs = a_file(tmp_path / "b.jsonl", signed=signatures(H, OTHER), header=a_header(H, OTHER))
    heads = read_heads(a_file(tmp_path / "heads.jsonl"))
    verdict = check_file(theirs, heads)
    assert (verdict.kind, verdict.seq) == (Tampering.OTHER_MACHINE, 1)


@pytest.mark.parametrize("has_signatures", [True, False])
def test_that_another_machines_file_under_this_name_is_found(
    has_signatures: bool, tmp_path: Path
) -> None:
    start = a_record(1, action=AuditAction.NODE_START, detail={"node_id": OTHER})
    items = chain([a_record(1), start, a_record(3)])
    signed = signatures(items, OTHER, at=(3,)) if has_signatures else []
    verdict = check_file(a_file(tmp_path / "b.jsonl", items, signed))
    assert (verdict.kind, verdict.seq) == (Tampering.OTHER_MACHINE, 1 if has_signatures else 2)


def test_that_a_chain_written_anew_without_countersignatures_is_found_by_heads(
    tmp_path: Path,
) -> None:
    items = rehashed(edited(H, 3))
    path = a_file(tmp_path / "a.jsonl", items, [])
    assert check_file(path).is_whole
    heads = read_heads(a_file(tmp_path / "heads.jsonl", H[:8], signatures(H, at=(4,))))
    verdict = check_file(path, heads)
    assert (verdict.kind, verdict.seq) == (Tampering.REWRITTEN, 1)


def test_that_what_a_server_issued_serves_as_heads(tmp_path: Path) -> None:
    server = tmp_path / "server.jsonl"
    own = chain([a_record(1)])
    write_audit_file(server, a_header(own, SERVER), own, [], signatures(H, at=(4, 12)))
    assert check_file(server).is_whole
    cut = a_file(tmp_path / "a.jsonl", H[:11], [])
    verdict = check_file(cut, read_heads(server))
    assert (verdict.kind, verdict.seq) == (Tampering.TAIL_CUT, 12)


@pytest.mark.parametrize("how", ["signature", "head and key", "number"])
def test_that_a_forged_countersignature_is_found(how: str, tmp_path: Path) -> None:
    items = rehashed(edited(H, 3))
    good = signatures(items)
    forged = {
        "signature": [replace(good[0], signature=bytes(64))],
        "number": [replace(good[0], seq=5)],
        "head and key": signatures(items, secret=OTHER_SECRET),
    }[how]
    path = a_file(tmp_path / "a.jsonl", items, forged)
    heads = read_heads(a_file(tmp_path / "h.jsonl")) if how == "head and key" else Heads()
    verdict = check_file(path, Heads(keys=heads.keys))
    assert verdict.kind is Tampering.FORGED


def test_that_a_countersignature_holds_for_what_it_says_and_no_more() -> None:
    one = signatures(H)[0]
    assert is_genuine(one)
    assert len(new_secret()) == 32 != new_secret()
    for changed in (
        replace(one, node_id=OTHER), replace(one, seq=5), replace(one, head=GENESIS),
        replace(one, at=NOON + timedelta(seconds=1)), replace(one, key=b"short"),
        replace(one, signature=b""),
    ):  # fmt: skip
        assert not is_genuine(changed)


# ------------------------------------------------------------------ the text of a file


@pytest.mark.parametrize(
    ("old", "new", "seq"),
    [
        ('"username":"asmith"', '"username":"bjones"', 2),
        ('"seq":5', '"seq": 5', 5),
        ('{"seq":5,', '{"note":"all is well","seq":5,', 5),
        ('{"seq":5,', '{"seq":5,"record":{"action":"LOGIN"},', 5),
        ('"reason_code":5', '"reason_code":6', 5),
        ('{"seq":7,', "{", 7),
        ('{"seq":7,', "nonsense", 7),
        ('{"seq":7,', '{"seq":7e0,', 7),
    ],
)
def test_that_a_line_has_one_form_only(old: str, new: str, seq: int, tmp_path: Path) -> None:
    path = a_file(tmp_path / "a.jsonl")
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    lines[seq] = lines[seq].replace(old, new, 1)
    assert lines != text.splitlines()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    verdict = check_file(path)
    assert (verdict.kind, verdict.seq) == (Tampering.EDITED, seq)


def test_that_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    path = a_file(tmp_path / "a.jsonl")
    data = path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + data)
    assert check_file(path).is_whole


@pytest.mark.parametrize("kept", [0.3, 0.5, 0.9])
def test_that_a_file_cut_anywhere_lacks_its_end(kept: float, tmp_path: Path) -> None:
    path = a_file(tmp_path / "a.jsonl", signed=[])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    assert check_file(path).kind is Tampering.TAIL_CUT


@pytest.mark.parametrize(
    "content", [None, b"", b"x", b"{}\n", b'{"audit":"other"}\n', b"[]\n", b"\xff\xfe\n"]
)
def test_that_what_is_no_audit_cannot_be_checked(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        check_file(path)
    assert refused.value.code == "audit_unreadable"


def test_that_content_that_is_no_record_is_shown_as_it_lies(tmp_path: Path) -> None:
    for body in (b"", b"\xc1", b"\x80", b"\x93\x01\x02\x03", b"\x81\xa2at\x01"):
        item = AuditItem(1, GENESIS, chained(GENESIS, 1, body), body)
        assert '"body":' in line_of(item)
        assert check_file(a_file(tmp_path / "a.jsonl", [item], [])).is_whole


def test_that_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        a_file(tmp_path / "missing" / "a.jsonl")
    assert refused.value.code == "file_unwritable"
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ the store


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Audit]:
    database = Database(tmp_path / "audit.db", b"k" * 32, MIGRATIONS)
    audit = Audit(database)
    audit.bind(NODE)
    audit.append(*(a_record(n) for n in range(1, 13)))
    yield audit
    database.close()


def tamper(audit: Audit, work: Callable[[apsw.Connection], None]) -> None:
    """Do what somebody with the key and a tool could do: past the triggers."""

    def inside(db: apsw.Connection) -> None:
        for verb in ("update", "delete"):
            db.execute(f"DROP TRIGGER no_{verb}")
        work(db)

    audit.database.write_now(inside)


def lay(items: Sequence[AuditItem]) -> Callable[[apsw.Connection], None]:
    """Return what leaves just these records in the store, numbered as they lie."""

    def work(db: apsw.Connection) -> None:
        db.execute("DELETE FROM records")
        db.executemany(
            "INSERT INTO records VALUES (?, ?, ?, ?)",
            [(i.seq, i.prev, i.hash, i.body) for i in items],
        )

    return work


STORE_CHANGES: list[tuple[str, Callable[[list[AuditItem]], list[AuditItem]], Tampering, int]] = [
    ("edited", lambda h: edited(h, 7), Tampering.EDITED, 7),
    ("edited, with its own hash", lambda h: own_hash(h, 7), Tampering.EDITED, 7),
    ("tail cut", lambda h: h[:11], Tampering.TAIL_CUT, 12),
    ("head cut", lambda h: h[2:], Tampering.HEAD_CUT, 1),
    ("middle removed", lambda h: [*h[:5], *h[8:]], Tampering.REMOVED, 6),
    ("reordered", lambda h: renumbered([*h[:4], h[5], h[4], *h[6:]]), Tampering.REORDERED, 5),
    ("duplicated", lambda h: renumbered([*h[:5], h[2], *h[5:]]), Tampering.INSERTED, 6),
    ("written anew", lambda h: rehashed(edited(h, 7)), Tampering.REWRITTEN, 5),
]


@pytest.mark.parametrize(
    ("change", "kind", "seq"), [c[1:] for c in STORE_CHANGES], ids=[c[0] for c in STORE_CHANGES]
)
@pytest.mark.parametrize("is_signed", [True, False])
def test_that_what_was_done_to_a_store_is_found_and_named(
    audit: Audit,
    change: Callable[[list[AuditItem]], list[AuditItem]],
    kind: Tampering,
    seq: int,
    is_signed: bool,
) -> None:
    items = list(audit.items())
    if is_signed:
        for one in signatures(items):
            audit.confirmed(one)
    assert audit.verdict(NODE).is_whole
    tamper(audit, lay(change(items)))
    signed = audit.countersignatures(NODE)
    verdict = check(audit.items, NODE, signed, audit.end(NODE), Heads())
    if kind is Tampering.REWRITTEN and not is_signed:
        seq = 1  # the store itself knows its last hash, and no other
    assert (verdict.kind, verdict.seq) == (kind, seq)


def test_that_the_store_of_another_machine_is_found(audit: Audit) -> None:
    for one in signatures(list(audit.items())):
        audit.confirmed(one)
    signed = audit.countersignatures(NODE)
    verdict = check(audit.items, OTHER, signed, audit.end(OTHER), Heads())
    assert verdict.kind is Tampering.OTHER_MACHINE


def test_that_a_countersignature_is_kept_once_and_tells_what_was_sent(audit: Audit) -> None:
    assert audit.sent() == 0
    (one,) = signatures(list(audit.items()), at=(4,))
    audit.confirmed(one)
    audit.confirmed(one)
    assert (audit.sent(), audit.countersignatures(NODE)) == (4, [one])
    assert audit.countersignatures(OTHER) == []


# ------------------------------------------------------------------ no false findings


_texts = st.text(max_size=12)
_records = st.builds(
    AuditRecord,
    st.sampled_from(AuditAction),
    st.timedeltas(timedelta(0), timedelta(days=900)).map(NOON.__add__),
    _texts, _texts, _texts, _texts,
    st.dictionaries(_texts, _texts, max_size=2),
    reason_code=st.none() | st.integers(0, 9),
    justification=_texts,
    criteria=_texts,
    result_count=st.none() | st.integers(0, 1_000_000),
)  # fmt: skip


@given(st.lists(_records, max_size=4), st.data())
@settings(max_examples=1_000, deadline=None)
def test_that_no_history_is_suspected_without_cause(
    records: list[AuditRecord], data: st.DataObject
) -> None:
    items = chain(records)
    count = len(items)
    at = data.draw(st.sets(st.integers(1, count))) if count else set()
    signed = signatures(items, at=sorted(at))
    assert check(lambda: items, NODE, signed, None, Heads()).is_whole
    assert verify(lambda: items, NODE).records == count
    for item in items:
        line = line_of(item)
        assert '"record":' in line
        assert "\n" not in line
        assert json.loads(line)["seq"] == item.seq
