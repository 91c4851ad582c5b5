"""Checks an audit, in a store or in a file, by itself and by heads known elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nas_desktop.adapters.audit_file import AuditDocument
from nas_desktop.adapters.countersigning import is_genuine
from nas_desktop.services.audit import AuditItem, Countersignature, Tampering, Verdict
from nas_desktop.services.audit_chain import Anchor, verify


@dataclass(frozen=True, slots=True)
class Heads:
    """What is known of chains from elsewhere: their heads, and keys of the servers trusted."""

    anchors: tuple[Anchor, ...] = ()
    keys: frozenset[bytes] = frozenset()


def read_heads(path: Path) -> Heads:
    """Return the heads that a file of ``audit export`` knows: its own, and all countersigned.

    Raises:
        Refused: ``audit_unreadable``.
    """
    document = AuditDocument(path)
    header, signed = document.header, [*document.countersignatures, *document.issued]
    genuine = [one for one in signed if is_genuine(one)]
    own = Anchor(header.node_id, header.records, header.head, "the file of heads")
    return Heads(
        (own, *(Anchor(s.node_id, s.seq, s.head, "the file of heads") for s in genuine)),
        frozenset(one.key for one in genuine),
    )


def check_file(path: Path, heads: Heads | None = None) -> Verdict:
    """Say whether a file is what a node wrote.

    Raises:
        Refused: ``audit_unreadable``.
    """
    document = AuditDocument(path)
    header = document.header
    end = Anchor(header.node_id, header.records, header.head, "the file's first line")
    return check(document.items, header.node_id, document.countersignatures, end, heads or Heads())


def check(
    items: Callable[[], Iterable[AuditItem]],
    node_id: str,
    countersignatures: Sequence[Countersignature],
    end: Anchor | None,
    heads: Heads,
) -> Verdict:
    """Say whether a chain is whole, whose it is, and whether its countersignatures are genuine."""
    forged = [
        one
        for one in countersignatures
        if not is_genuine(one) or (heads.keys and one.key not in heads.keys)
    ]
    known = [
        *heads_of(node_id, heads),
        *(Anchor(s.node_id, s.seq, s.head, "the server") for s in countersignatures),
    ]
    for one in forged:
        known.remove(Anchor(one.node_id, one.seq, one.head, "the server"))
    foreign = [one for one in countersignatures if one.node_id != node_id and one not in forged]
    if foreign:
        return Verdict(
            0, 1, Tampering.OTHER_MACHINE, "The server countersigned these for another machine."
        )
    verdict = verify(items, node_id, known, end)
    if verdict.is_whole:
        for item in items():
            if item.seq <= verdict.records and _is_of_another(item, node_id):
                return Verdict(
                    verdict.records,
                    item.seq,
                    Tampering.OTHER_MACHINE,
                    f"Record {item.seq:,} says that another machine wrote it.",
                )
    if verdict.is_whole and forged:
        return Verdict(
            verdict.records,
            forged[0].seq,
            Tampering.FORGED,
            f"The countersignature of record {forged[0].seq:,} is not the server's.",
        )
    return verdict


def heads_of(node_id: str, heads: Heads) -> list[Anchor]:
    """Return the heads of a node; those of others only where there is none of this one."""
    return [a for a in heads.anchors if a.node_id == node_id] or list(heads.anchors)


def _is_of_another(item: AuditItem, node_id: str) -> bool:
    """Tell whether a start on record names another node; earlier versions did not name any."""
    if b"NODE_START" not in item.body:
        return False
    try:
        record = msgspec.msgpack.decode(item.body)
        told = record["detail"].get("node_id", node_id)
        return bool(record["action"] == "NODE_START" and told != node_id)
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        return False
