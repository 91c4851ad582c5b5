"""The audit through kill -9 and from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.adapters.store.audit import MIGRATIONS, Audit
from nas_desktop.adapters.store.database import Database
from nas_desktop.node.profile import RUNTIME, running_node
from nas_desktop.node.stores import Stores
from tests.end2end.programs import KEY, Program, a_desk, a_force, command, free_port, running
from tests.nodes import a_caller

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

APPENDING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from nas_desktop.adapters.store.audit import MIGRATIONS, Audit, AuditAction, AuditRecord
from nas_desktop.adapters.store.database import Database
audit = Audit(Database(Path(sys.argv[1]), b"e" * 32, MIGRATIONS))
for number in range(1_000_000):
    name = f"{sys.argv[2]}-{number}"
    audit.append(AuditRecord(AuditAction.SEARCH, datetime.now(UTC), "asmith", event_id=name))
    print(name, flush=True)
"""


def test_that_a_kill_loses_no_record_whose_append_returned(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    told: list[str] = []
    for run in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", APPENDING, str(path), str(run)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        told += [process.stdout.readline().strip() for _line in range(20 + 7 * run)]
        process.send_signal(signal.SIGKILL)
        rest, _words = process.communicate(timeout=10)
        told += [line for line in rest.split("\n")[:-1] if line]
    database = Database(path, KEY, MIGRATIONS)
    audit = Audit(database)
    kept = [record.event_id for _n, record in audit.records(1, 1_000_000)]
    assert set(told) <= set(kept)
    assert len(kept) == len(set(kept))
    # What was on disk when the kill came and could not be told any more: one at most each time.
    assert len(kept) - len(told) <= 5
    assert audit.verdict().is_whole
    database.close()


async def leave_records(desk: Program, count: int) -> None:
    """Have a desk's node write records: each connectivity test is on record."""
    found = running_node(desk.folder)
    assert found is not None
    async with a_caller(found.port, kind="window", token=found.token) as caller:
        for _time in range(count):
            try:
                await caller.ask(lambda n: m.Test(n, "QQ111QQQ", _now()), within_s=10)
            except LinkDown:
                continue


def _now() -> object:
    from nas_desktop.adapters.clock import SystemClock

    return SystemClock().now()


async def test_that_kills_double_nothing_of_what_goes_up(tmp_path: Path) -> None:
    port = free_port()
    force, desk = a_force(tmp_path / "force", port), a_desk(tmp_path / "desk", port)
    async with running(force, desk):
        for _time in range(4):
            await leave_records(desk, 10)
            force.kill()
            await leave_records(desk, 2)
            desk.kill()
            (desk.folder / RUNTIME).unlink()  # where the killed node was to be found
            await force.start()
            await desk.start()
        await leave_records(desk, 5)
        assert desk.stop() == 0
        assert force.stop() == 0
    done = command("audit", "verify", "--data", str(force.folder), "--json", key=KEY)
    assert done.returncode == 0, done.stderr
    (of_desk,) = json.loads(done.stdout)["desks"]
    assert of_desk["ok"]
    below, above = Stores(desk.folder, KEY), Stores(force.folder, KEY)
    try:
        node_id = below.operational.node_id
        assert of_desk["node"] == node_id
        items, held = list(below.audit.items()), list(above.held_audits.items(node_id))
        assert len(held) >= 40
        assert held == items[: len(held)]
        assert 40 <= below.audit.sent() <= len(held)  # the last answer may have come too late
        signed = below.audit.countersignatures(node_id)
        assert all(one.seq == 0 or one.head == held[one.seq - 1].hash for one in signed)
        assert below.audit.verdict().is_whole
        assert above.audit.verdict().is_whole
        actions = {str(record.action) for _n, record in above.audit.records(1, 10_000)}
        assert "AUDIT_CONFLICT" not in actions
    finally:
        below.close()
        above.close()


async def test_that_an_audit_is_verified_and_exported_from_the_command_line(
    tmp_path: Path,
) -> None:
    node = a_force(tmp_path / "force", free_port())
    data, out, late = ["--data", str(node.folder)], tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    async with running(node):
        done = command("audit", "verify", *data, "--json", key=KEY)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["ok"] is True
        done = command("audit", "export", str(out), *data, "--simulation")
        assert done.returncode == 0, done.stderr
        assert "records written to" in done.stdout
        denied = command(
            "audit", "export", str(late), *data, "--simulation", "--username", "demo-operator"
        )
        assert denied.returncode == 2
        assert not late.exists()
        assert node.stop() == 0
    done = command("audit", "export", str(late), *data, key=KEY)
    assert done.returncode == 0, done.stderr
    done = command("audit", "verify", str(late), "--heads", str(out), "--json")
    assert (done.returncode, json.loads(done.stdout)["first_bad"]) == (0, None)
    done = command("audit", "verify", str(out), "--heads", str(late), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["first_bad"]["kind"] == "tail_cut"
    lines = late.read_text(encoding="utf-8").splitlines(keepends=True)
    late.write_text("".join([*lines[:2], *lines[3:]]), encoding="utf-8")
    done = command("audit", "verify", str(late), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["ok"] is False
    assert (told["first_bad"]["seq"], told["first_bad"]["kind"]) == (2, "removed")
    assert "Record" in told["first_bad"]["why"]
    assert "record 2" in done.stderr


@pytest.mark.parametrize("arguments", [["verify", "missing"], ["verify"], ["export", "out"]])
def test_that_what_cannot_be_looked_at_is_status_2(arguments: list[str], tmp_path: Path) -> None:
    done = command(
        "audit",
        *arguments,
        "--data",
        str(tmp_path),
        env={"HOME": str(tmp_path)},
        key=os.urandom(32),
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert list(tmp_path.glob("*.db")) == []
