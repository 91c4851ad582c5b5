"""Whether a chain of records is as it was written, and if not, what was done to it and where.

Each record's hash covers the hash before it, its number and its content. That alone finds every
change but two: an end cut off cleanly, and a chain written anew as a whole. Those are found by
heads known elsewhere: what the store or the file says of itself, and what a server countersigned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nas_desktop.services.audit import AuditItem, Tampering, Verdict

GENESIS = bytes(32)
"""What the first record stands on."""


def chained(prev: bytes, seq: int, body: bytes) -> bytes:
    """Return the hash of a record: SHA-256 over the hash before, its number and its content."""
    return hashlib.sha256(prev + seq.to_bytes(8, "big") + body).digest()


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head known from elsewhere: at number ``seq`` the chain of ``node_id`` had this hash.

    ``by`` says in words who knows, e.g. ``the server``.
    """

    node_id: str
    seq: int
    head: bytes
    by: str


def verify(
    items: Callable[[], Iterable[AuditItem]],
    node_id: str,
    anchors: Sequence[Anchor] = (),
    end: Anchor | None = None,
) -> Verdict:
    """Look through a chain from its first record to its last.

    Args:
        items: returns the records in the order in which they lie; called again where one is bad.
        node_id: whose chain it is said to be.
        anchors: heads known elsewhere, of any node.
        end: what store or file itself says is the last number and the head.
    """
    others = [anchor for anchor in anchors if anchor.node_id != node_id]
    ours = sorted((a for a in anchors if a.node_id == node_id), key=lambda a: a.seq)
    if others and not ours:
        return Verdict(
            0, 1, Tampering.OTHER_MACHINE, f"{others[0].by} knows another machine's records."
        )
    wanted = {anchor.seq for anchor in ours}
    heads = {0: GENESIS}
    head, count = GENESIS, 0
    for item in items():
        if not _fits(item, count + 1, head):
            seq, kind, why = _what_happened(list(items()), count, head)
            return Verdict(count, seq, kind, why)
        head, count = item.hash, count + 1
        if count in wanted:
            heads[count] = head
    agreed = 0
    for anchor in ours:
        if anchor.seq > count:
            return Verdict(
                count,
                count + 1,
                Tampering.TAIL_CUT,
                f"The end is missing: {anchor.by} knows of record {anchor.seq:,}.",
            )
        if heads[anchor.seq] != anchor.head:
            return Verdict(
                count,
                agreed + 1,
                Tampering.REWRITTEN,
                f"Records {agreed + 1:,} to {anchor.seq:,} were written anew:"
                f" {anchor.by} knows others.",
            )
        agreed = anchor.seq
    return Verdict(count) if end is None else _at_end(count, head, end, agreed)


def _at_end(count: int, head: bytes, end: Anchor, agreed: int) -> Verdict:
    if end.seq > count:
        why = f"The end is missing: {end.by} says there are {end.seq:,} records."
        return Verdict(count, count + 1, Tampering.TAIL_CUT, why)
    if end.seq < count:
        why = f"Records were put behind the end: {end.by} says there are {end.seq:,}."
        return Verdict(count, end.seq + 1, Tampering.INSERTED, why)
    if end.head != head:
        why = f"Records after {agreed:,} were written anew: {end.by} has another last hash."
        return Verdict(count, agreed + 1, Tampering.REWRITTEN, why)
    return Verdict(count)


def _fits(item: AuditItem, number: int, head: bytes) -> bool:
    return (
        item.seq == number and item.prev == head and item.hash == chained(head, number, item.body)
    )


def _what_happened(items: Sequence[AuditItem], at: int, head: bytes) -> tuple[int, Tampering, str]:
    """Say what was done at the first place that does not fit, from the links of all records."""
    item, number = items[at], at + 1
    hashes = [other.hash for other in items]
    if hashes.count(item.hash) > 1:
        return number, Tampering.INSERTED, f"Record {number:,} is there a second time."
    made_for = _made_for(item, len(items))
    if any(
        other.prev == head and other.hash == chained(head, number, other.body)
        for other in items[at + 1 :]
    ):
        if made_for is not None and (item.prev in hashes or item.prev == GENESIS):
            return number, Tampering.REORDERED, f"Record {number:,} stands further back."
        return number, Tampering.INSERTED, f"Something was put before record {number:,}."
    stands_here = item.prev == head or item.hash == chained(head, number, item.body)
    if stands_here and (made_for is None or made_for <= number):
        return number, Tampering.EDITED, f"Record {number:,} was changed."
    if made_for is None:
        if at + 1 == len(items):
            return number, Tampering.INSERTED, f"Record {number:,} does not belong to the chain."
        return number, Tampering.EDITED, f"Record {number:,} was changed."
    if made_for > number:
        if number == 1:
            return 1, Tampering.HEAD_CUT, f"The beginning is missing: {made_for - 1:,} records."
        return (
            number,
            Tampering.REMOVED,
            f"Records {number:,} to {made_for - 1:,} were removed.",
        )
    if made_for < number:
        return made_for, Tampering.INSERTED, f"Something was put before record {made_for:,}."
    changed = max(1, number - 1)
    return changed, Tampering.EDITED, f"Record {changed:,} was changed and given another hash."


def _made_for(item: AuditItem, count: int) -> int | None:
    """Return the number under which a record's hash was made; None when its content is not it."""
    numbers: Iterable[int] = (item.seq, *range(1, count + 1_000))
    for number in numbers:
        if 0 <= number < 1 << 63 and item.hash == chained(item.prev, number, item.body):
            return number
    return None
