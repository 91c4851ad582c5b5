"""The audit as a file that proves itself: JSON lines, UTF-8, for people and for ``audit verify``.

The first line says whose records these are, how many, and the hash of the last. Then one line a
record, in order: its number, the hash before, its own hash, and its content, from which the hash
can be made again. Then what servers countersigned. Each line has exactly one form: whoever changes
as much as a space has changed the record.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from nas_desktop import __version__
from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit import AuditFile, AuditItem, Countersignature

FORM = "nas-desktop audit 1"

_BROKEN = AuditItem(0, b"", b"", b"")


@dataclass(frozen=True, slots=True)
class AuditHeader:
    """First line of a file: whose records, how many, and the end of the chain."""

    node_id: str
    name: str
    records: int
    head: bytes
    exported_at: datetime


def write_audit_file(
    path: Path,
    header: AuditHeader,
    items: Iterable[AuditItem],
    countersignatures: Sequence[Countersignature],
    issued: Sequence[Countersignature] = (),
) -> AuditFile:
    """Write a file whole or not at all.

    ``issued`` is what this node countersigned for others: heads to check their files against.

    Raises:
        Refused: ``file_unwritable``.
    """
    draft = path.with_name(f"{path.name}.new")
    digest = hashlib.sha256()
    try:
        with draft.open("wb") as file:
            for line in _lines(header, items, countersignatures, issued):
                data = f"{line}\n".encode()
                digest.update(data)
                file.write(data)
        draft.replace(path)
    except OSError as fault:
        draft.unlink(missing_ok=True)
        raise Refused(
            "file_unwritable",
            f"The file cannot be written ({fault.strerror or type(fault).__name__}).",
            "Name another place.",
        ) from None
    return AuditFile(str(path), header.records, digest.hexdigest())


def _lines(
    header: AuditHeader,
    items: Iterable[AuditItem],
    countersignatures: Sequence[Countersignature],
    issued: Sequence[Countersignature],
) -> Iterator[str]:
    yield _text(
        {
            "audit": FORM,
            "node": header.node_id,
            "name": header.name,
            "records": header.records,
            "head": header.head.hex(),
            "exported_at": _instant(header.exported_at),
            "program": __version__,
        }
    )
    for item in items:
        yield line_of(item)
    for kind, some in (("countersigned", countersignatures), ("issued", issued)):
        for one in some:
            yield _text({kind: _form_of(one)})


def line_of(item: AuditItem) -> str:
    """Return the line of a record."""
    told: dict[str, Any] = {  # Any: values of JSON
        "seq": item.seq,
        "prev": item.prev.hex(),
        "hash": item.hash.hex(),
    }
    try:
        record = msgspec.msgpack.decode(item.body)
        record["at"] = _instant(record["at"])
        told["record"] = record
        if _body_of(told) == item.body:
            return _text(told)
    except (msgspec.DecodeError, TypeError, KeyError, AttributeError, ValueError):
        pass
    # Content that is no record, as after a change from outside: the proof has to show it too.
    told.pop("record", None)
    return _text(told | {"body": base64.b64encode(item.body).decode()})


class AuditDocument:
    """A file of this form, read for checking.

    Raises:
        Refused: ``audit_unreadable``: it is not there, or its first line is none of this form.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.countersignatures: list[Countersignature] = []
        self.issued: list[Countersignature] = []
        try:
            first = next(self._texts(), "")
            self.header = _header_of(json.loads(first.removeprefix("\ufeff")))
            for line in self._texts():
                for kind, found in (
                    ("countersigned", self.countersignatures),
                    ("issued", self.issued),
                ):
                    if line.startswith(f'{{"{kind}":'):
                        found.append(_countersignature_of(json.loads(line)[kind]))
        except OSError as fault:
            raise _unreadable(fault.strerror or type(fault).__name__) from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise _unreadable("it is no audit of this program") from None

    def items(self) -> Iterator[AuditItem]:
        """Yield the records as they lie; a line that is none gives one that fits nowhere."""
        lines = self._texts()
        next(lines)
        for line in lines:
            if not line.startswith(('{"countersigned":', '{"issued":')):
                yield _item_of(line)

    def _texts(self) -> Iterator[str]:
        with self._path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    return  # the file was cut here
                yield line.rstrip(b"\r\n").decode("utf-8", "replace")


def _unreadable(why: str) -> Refused:
    return Refused(
        "audit_unreadable", f"The file cannot be checked: {why}.", "Name a file of audit export."
    )


def _header_of(told: dict[str, Any]) -> AuditHeader:
    if told["audit"] != FORM:
        raise ValueError(FORM)
    return AuditHeader(
        str(told["node"]),
        str(told["name"]),
        int(told["records"]),
        bytes.fromhex(told["head"]),
        datetime.fromisoformat(told["exported_at"]),
    )


def _item_of(line: str) -> AuditItem:
    try:
        told = json.loads(line)
        seq, prev, own = told["seq"], bytes.fromhex(told["prev"]), bytes.fromhex(told["hash"])
        if type(seq) is not int or not -(1 << 62) < seq < 1 << 62:
            return _BROKEN
    except (ValueError, KeyError, TypeError):
        return _BROKEN
    try:
        item = AuditItem(seq, prev, own, _body_of(told))
        if line_of(item) == line:
            return item
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    return AuditItem(seq, prev, own, b"")  # no record has no content: its hash cannot fit


def _body_of(told: dict[str, Any]) -> bytes:
    if "record" not in told:
        return base64.b64decode(told["body"], validate=True)
    record = dict(told["record"])
    record["at"] = datetime.fromisoformat(record["at"])
    return msgspec.msgpack.encode(record)


def _form_of(one: Countersignature) -> dict[str, object]:
    return {
        "node": one.node_id,
        "seq": one.seq,
        "head": one.head.hex(),
        "at": _instant(one.at),
        "server": one.server_id,
        "key": one.key.hex(),
        "signature": one.signature.hex(),
    }


def _countersignature_of(told: dict[str, Any]) -> Countersignature:
    return Countersignature(
        str(told["node"]),
        int(told["seq"]),
        bytes.fromhex(told["head"]),
        datetime.fromisoformat(told["at"]),
        str(told["server"]),
        bytes.fromhex(told["key"]),
        bytes.fromhex(told["signature"]),
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
