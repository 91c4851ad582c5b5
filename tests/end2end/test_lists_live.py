"""Lists and matching from the command line, at a running node and at a profile at rest."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nas_desktop.app.node_starter import launch
from nas_desktop.app.parts import free_port
from tests.end2end.programs import KEY, a_force, command, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

NAME = "07_Cheshire VOI List"


def row(vrm: str, action: str = "Stop", information: str = "Stop and search.") -> str:
    today = datetime.now(UTC).date()
    starts, weeds = today - timedelta(days=1), today + timedelta(days=9)
    return (
        f"{vrm},FORD,FOCUS,BLUE,{action},FI,Drugs,1BP,{information},Cheshire / North,"
        f"{starts:%d/%m/%Y},{weeds:%d/%m/%Y},,OFFICIAL,,FIM 24 h\r\n"
    )


async def test_that_a_list_lives_through_import_rollback_and_restart(tmp_path: Path) -> None:
    folder = tmp_path / "force"
    file, bad, out = tmp_path / f"{NAME}.csv", tmp_path / "07_Bad.csv", tmp_path / "out.csv"
    file.write_text(row("AB51ABC") + row("CD52CDE"), encoding="utf-8")
    bad.write_text(row("AB51ABC") + row("CD52CDE", "Halt"), encoding="utf-8")
    at = ("--simulation", "--data", str(folder))
    async with running(a_force(folder, free_port())):
        done = command("lists", "import", str(bad), *at, "--json")
        assert done.returncode == 1, done.stderr
        told = json.loads(done.stdout)
        assert (told["live"], [(f["line"], f["code"]) for f in told["findings"]]) == (
            False,
            [(2, "V010")],
        )
        done = command("lists", "import", str(file), *at, "--why", "first")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2 entries: 2 Stop" in done.stdout
        file.write_text(row("EF53EFG"), encoding="utf-8")
        assert command("lists", "import", str(file), *at).returncode == 0
        done = command("lists", "rollback", NAME, *at)
        assert done.returncode == 2
        assert "reason" in done.stderr
        done = command("lists", "rollback", NAME, *at, "--why", "wrong file")
        assert done.returncode == 0, done.stderr
        assert command("lists", "export", NAME, str(out), *at).returncode == 0
        assert "AB51ABC" in out.read_text(encoding="utf-8")
        assert command("lists", "check", str(out)).returncode == 0
        done = command("lists", "disable", NAME, *at, "--why", "under review")
        assert done.returncode == 0, done.stderr
    done = command("lists", "status", *at, "--json", key=KEY)
    assert done.returncode == 0, done.stderr
    (state,) = json.loads(done.stdout)["lists"]
    assert (state["list"], state["revision"], state["entries"]) == (NAME, 4, 2)
    assert (state["enabled"], state["changed_by"], state["why"]) == (
        False,
        "demo-lists",
        "under review",
    )
    assert "NOT MATCHED" in command("lists", "status", *at, key=KEY).stdout


def test_that_work_on_lists_needs_a_name_and_a_right(tmp_path: Path) -> None:
    done = command("lists", "status", "--data", str(tmp_path))
    assert done.returncode == 2
    assert "put on record" in done.stderr


def test_that_reads_are_matched_offline_and_the_match_is_explained(tmp_path: Path) -> None:
    lists, reads = tmp_path / "07_List.csv", tmp_path / "reads.csv"
    lists.write_text(
        row("AB51ABC") + row("CD5?C*") + row("EF53EFG", "No Alert") + row("BAD MARK"),
        encoding="utf-8",
    )
    today = datetime.now(UTC).replace(microsecond=0).isoformat()
    marks = ("AB51ABC", "AB5IABC", "CD52CXX", "EF53EFG", "ZZ99ZZZ", "QQQQQQQ")
    reads.write_text(
        "captured_at,vrm\r\n" + "".join(f"{today},{mark}\r\n" for mark in marks), encoding="utf-8"
    )
    options = ("--patterns", "--misreads", "--glyph")
    done = command("match", str(reads), str(lists), "--json", *options)
    assert done.returncode == 0, done.stderr
    hits = {hit["vrm"]: hit for hit in map(json.loads, done.stdout.splitlines())}
    assert {vrm: hit["reasons"][0]["class"] for vrm, hit in hits.items()} == {
        "AB51ABC": "exact",
        "AB5IABC": "glyph",
        "CD52CXX": "wildcard",
        "EF53EFG": "exact",
    }
    assert hits["AB51ABC"]["tier"] == "P1"
    assert (hits["EF53EFG"]["tier"], hits["EF53EFG"]["action"]) == (None, "No Alert")
    assert "1 of 4 records are left out" in done.stderr
    words = command("match", str(reads), str(lists), *options)
    assert "stands for" in words.stdout
    done = command("match", str(reads), str(lists), "--json", "--misreads")
    hits = {hit["vrm"]: hit for hit in map(json.loads, done.stdout.splitlines())}
    assert hits["AB5IABC"]["reasons"][0]["class"] == "misread"
    assert hits["AB5IABC"]["tier"] is None


async def test_that_a_kill_leaves_the_list_before_or_the_list_after(tmp_path: Path) -> None:
    folder = tmp_path / "force"
    at = ("--simulation", "--data", str(folder))
    file = tmp_path / f"{NAME}.csv"
    force = a_force(folder, free_port())
    noise = random.Random(5)
    confirmed: tuple[int, str] | None = None
    async with running(force):
        for turn in range(8):
            letter = "ABCDEFGH"[turn]
            rows = [
                row(f"{letter}A{i % 90 + 10}A{letter}{'BCDEFGHJ'[i // 90]}") for i in range(600)
            ]
            file.write_text("".join(rows), encoding="utf-8")
            importing = launch(["lists", "import", str(file), *at])
            # From before the command has found the node until after it is done.
            with contextlib.suppress(subprocess.TimeoutExpired):
                importing.wait(noise.uniform(0.2, 1.6))
            force.kill()
            is_done = importing.wait(30) == 0
            force.launch()
            await force.running()
            out = tmp_path / "out.csv"
            done = command("lists", "status", *at, "--json")
            states = {one["list"]: one for one in json.loads(done.stdout)["lists"]}
            if is_done:
                confirmed = (states[NAME]["revision"], letter)
            if NAME not in states:
                assert confirmed is None
                continue
            assert states[NAME]["entries"] == 600
            assert command("lists", "export", NAME, str(out), *at).returncode == 0
            marks = [line.partition(",")[0] for line in out.read_text("utf-8").splitlines()[1:]]
            assert len(marks) == 600
            assert len({mark[0] for mark in marks}) == 1
            if is_done:
                assert marks[0][0] == letter
            elif confirmed is not None:
                assert states[NAME]["revision"] >= confirmed[0]
    assert confirmed is not None  # some were let through, or nothing was tried
