"""``audit verify`` and ``audit export``: needs the data key or a file, and no node."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from nas_desktop.adapters.audit_check import Heads, check, check_file, read_heads
from nas_desktop.adapters.audit_file import AuditDocument, AuditHeader, write_audit_file
from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.secrets import Key, key_for
from nas_desktop.adapters.store import audit_schema
from nas_desktop.adapters.store.audit import Audit, AuditAction, AuditRecord
from nas_desktop.adapters.store.audit_held import HeldAudits
from nas_desktop.adapters.store.database import Database
from nas_desktop.app.at_node import signed_in
from nas_desktop.domain.errors import Refused
from nas_desktop.node.profile import Profile, Running
from nas_desktop.node.stores import Stores
from nas_desktop.services.audit import AuditFile, Verdict

WHOLE, CHANGED = 0, 1
"""Exit status: nothing was changed; something was. 2 is for what cannot be looked at."""


def verify_audit(
    folder: Path, key_fd: int | None, *, file: Path | None, heads: Path | None, is_json: bool
) -> int:
    """Check a file, or the store of a profile; 0 when it is whole, 1 when it is not.

    Raises:
        Refused: it cannot be read.
    """
    known = read_heads(heads) if heads is not None else Heads()
    desks: dict[str, Verdict] = {}
    if file is not None:
        verdict = check_file(file, known)
    else:
        verdict, desks = _check_store(folder, key_fd, known)
    if is_json:
        form = _form(verdict)
        if desks:
            form["desks"] = [{"node": node} | _form(one) for node, one in desks.items()]
        print(json.dumps(form, ensure_ascii=False))
    _say_verdict("The audit", verdict)
    if file is not None and verdict.is_whole:
        _say_proof(file, verdict, has_heads=heads is not None)
    for node, one in desks.items():
        _say_verdict(f"What is held of node {node}", one)
    return WHOLE if all(one.is_whole for one in (verdict, *desks.values())) else CHANGED


def _form(verdict: Verdict) -> dict[str, Any]:
    first_bad = (
        None
        if verdict.kind is None
        else {"seq": verdict.seq, "why": verdict.why, "kind": str(verdict.kind)}
    )
    return {"ok": verdict.is_whole, "records": verdict.records, "first_bad": first_bad}


def _say_verdict(what: str, verdict: Verdict) -> None:
    if verdict.is_whole:
        print(f"{what} is whole: {verdict.records:,} records.", file=sys.stderr)
    else:
        print(f"{what} was changed at record {verdict.seq:,}. {verdict.why}", file=sys.stderr)


def _say_proof(file: Path, verdict: Verdict, *, has_heads: bool) -> None:
    """Say what the file's own word rests on: whoever writes a chain anew may sign it anew."""
    signed = AuditDocument(file).countersignatures
    if signed:
        last = max(signed, key=lambda one: one.seq)
        print(
            f"Countersigned up to record {last.seq:,} of {verdict.records:,} by the server"
            f" {last.server_id}, key {last.key.hex()[:16]}…: compare it with the server's.",
            file=sys.stderr,
        )
    else:
        print("No server has countersigned it.", file=sys.stderr)
    if not has_heads:
        print(
            "A chain written anew as a whole shows only against an export kept elsewhere:"
            " give it with --heads.",
            file=sys.stderr,
        )


def _check_store(
    folder: Path, key_fd: int | None, heads: Heads
) -> tuple[Verdict, dict[str, Verdict]]:
    """Return what is found of the profile's own audit and, at a server, of each desk's."""
    with _audit_of(folder, key_fd) as audit, audit.standing_still():
        own = audit.bound_to()
        verdict = check(audit.items, own, audit.countersignatures(own), audit.end(own), heads)
        held = HeldAudits(audit.database)
        return verdict, {
            node: check(
                partial(held.items, node), node, audit.countersignatures(node), None, Heads()
            )
            for node in held.nodes()
        }


@contextmanager
def _audit_of(folder: Path, key_fd: int | None) -> Iterator[Audit]:
    """Open the audit of a profile beside a node that may be running."""
    path = folder / "audit.db"
    if not path.exists():
        raise Refused(
            "no_audit",
            "There is no audit in this folder.",
            "Name the folder of a profile with --data, or a file of audit export.",
        )
    database = Database(path, _key(folder, key_fd).secret, audit_schema.MIGRATIONS)
    try:
        yield Audit(database)
    finally:
        database.close()


def _key(folder: Path, key_fd: int | None) -> Key:
    key = key_for(folder, key_fd)
    if not key.is_lasting:
        raise Refused(
            "no_key",
            "There is no keyring here to open the audit with.",
            "Give the data key with --key-fd, as for the node itself.",
        )
    return key


def export_audit(folder: Path, key_fd: int | None, out: Path) -> int:
    """Write the audit of a profile whose node is not running, and put that on record."""
    if not (folder / "audit.db").exists():
        raise Refused("no_audit", "There is no audit in this folder.", "Name another with --data.")
    profile = Profile(folder)
    try:
        stores = Stores(folder, _key(folder, key_fd).secret)
        try:
            done = _written(stores, out)
        finally:
            stores.close()
    finally:
        profile.release_lock()
    _say(done)
    return WHOLE


def _written(stores: Stores, out: Path) -> AuditFile:
    now = SystemClock().now()
    audit, node_id = stores.audit, stores.operational.node_id
    audit.append(
        AuditRecord(
            AuditAction.AUDIT_EXPORT,
            now,
            getpass.getuser(),
            "command line",
            subject=out.name,
        )
    )
    header = AuditHeader(node_id, "command line", audit.last, audit.head, now)
    return write_audit_file(
        out.resolve(),
        header,
        audit.items(),
        audit.countersignatures(node_id),
        HeldAudits(audit.database).issued(node_id),
    )


def export_running(running: Running, username: str, password: str, out: Path) -> int:
    """Have a running node write its audit; for an auditor."""
    path = str(out.resolve())
    _say(asyncio.run(signed_in(running, username, password, lambda n: n.audit.export(path))))
    return WHOLE


def _say(done: AuditFile) -> None:
    print(f"{done.records:,} records written to {done.path}; SHA-256 {done.sha256}.")
