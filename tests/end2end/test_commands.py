"""The program as people and scripts use it, each command in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from nas_desktop.app.node_starter import launch, program
from nas_desktop.node.profile import running_node
from nas_desktop.node.stores import Stores
from tests.end2end.programs import KEY, Program, a_desk, a_force, command, free_port, running
from tests.nodes import settle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

NO_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}


def test_that_the_selftest_passes() -> None:
    done = command("--selftest")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "9 passed, 0 failed"


def test_that_the_doctor_names_every_part() -> None:
    done = command("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    wanted = {"Python", "libraries", "keyring", "encrypted storage", "clock", "sound", "map"}
    assert wanted <= set(checks)
    assert all(c["remedy"] for c in checks.values() if c["finding"] == "problem")


def test_that_the_headless_demo_prints_hits_for_scripts() -> None:
    done = command("demo", "--headless", "--json", "--duration", "12", "--seed", "3")
    assert done.returncode == 0, done.stderr
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(hits) >= 2
    assert hits[0]["tier"] == "P1"
    assert all(hit["simulation"] for hit in hits)
    promised = {"vrm", "tier", "action", "reason", "list", "reasons", "camera", "captured_at"}
    assert promised | {"latency_ms"} <= set(hits[0])
    assert {"camera", "server", "match"} <= set(hits[0]["latency_ms"])


def test_that_the_demo_without_a_display_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [*program(), "demo", "--seed", "2"],
        cwd=tmp_path,
        env={**os.environ, **NO_DISPLAY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert demo.stdout is not None
        first = demo.stdout.readline()
        assert "P1 STOP" in first
        assert first.startswith("SIMULATION")
        demo.send_signal(signal.SIGINT)
        _out, words = demo.communicate(timeout=30)
    finally:
        if demo.poll() is None:
            demo.kill()
    assert demo.returncode == 0, words
    assert "Traceback" not in words
    assert (tmp_path / "nas-desktop-demo.png").stat().st_size > 10_000


# ------------------------------------------------------------------ replay


def write_replay(path: Path, rows: int, faulty: dict[int, str]) -> None:
    """Write a file of reads; ``faulty`` maps a row from 1 to what stands there instead."""
    start = datetime.now(UTC) - timedelta(hours=2)
    lines = ["captured_at,vrm,feed_id,source_id,nrd_id,latitude,longitude"]
    for row in range(1, rows + 1):
        at = (start + timedelta(milliseconds=100 * row)).isoformat()
        lines.append(faulty.get(row) or f"{at},AB{row % 100:02d}XYZ,52,{row % 90 + 1},1,51.4,-2.4")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


async def test_that_a_replay_takes_the_good_rows_and_lists_the_bad(tmp_path: Path) -> None:
    at = datetime.now(UTC).isoformat()
    kinds = [
        "yesterday,AB12CDE,52,1,1,51,-2",
        f"{at},,52,1,1,51,-2",
        f"{at},AB12CDE,5x,1,1,51,-2",
        f"{at},AB12CDE,52,0,1,51,-2",
        f"{at},QQ111QQQ,52,1,1,51,-2",
    ]
    faulty = {row: kinds[row // 480 % 5] for row in range(400, 10_000, 480)}
    assert len(faulty) == 20
    file = tmp_path / "reads.csv"
    write_replay(file, 10_000, faulty)
    port = free_port()
    force = a_force(tmp_path / "force", port)
    async with running(force):
        done = await asyncio.to_thread(
            command,
            "feed", "replay", str(file), "--to", f"ws://127.0.0.1:{port}", "--json",
            "--simulation", "--username", "demo-cameras",
        )  # fmt: skip
        report = json.loads(done.stdout)
        assert done.returncode == 1
        assert report["accepted"] == 9_980
        assert sorted(bad["line"] for bad in report["rejected"]) == [row + 1 for row in faulty]
        assert {bad["field"] for bad in report["rejected"]} == {
            "captured_at",
            "vrm",
            "feed_id",
            "source_id",
        }
        assert all(bad["reason"] for bad in report["rejected"])
    stores = Stores(force.folder, KEY)
    try:
        assert stores.reads.end() == 9_980
    finally:
        stores.close()


# ------------------------------------------------------------------ real data and simulations


async def test_that_simulated_data_is_refused_by_an_operational_node(tmp_path: Path) -> None:
    port = free_port()
    node = Program(
        tmp_path, ["node", "--role", "force", "--name", "real", "--listen", f"127.0.0.1:{port}"]
    )
    async with running(node):
        done = await asyncio.to_thread(
            command, "feed", "simulate", "--to", f"ws://127.0.0.1:{port}", "--duration", "5"
        )
        assert done.returncode == 2
        assert "simulation" in done.stderr.lower()
        assert "Traceback" not in done.stderr


async def test_that_recorded_data_goes_into_an_operational_node_with_an_account(
    tmp_path: Path,
) -> None:
    port, folder = free_port(), tmp_path / "real"
    folder.mkdir()
    words = tmp_path / "words.txt"
    with words.open("wb") as said:
        adding = launch(
            ["accounts", "add", "mobile-1", "--name", "Unit Kestrel 1", "--role", "camera",
             "--scope", "52", "--data", str(folder)],
            key=KEY, password="long enough for us", words=said,
        )  # fmt: skip
        assert adding.wait(30) == 0, words.read_text()
    file = tmp_path / "reads.csv"
    write_replay(file, 50, {})
    node = Program(
        folder, ["node", "--role", "force", "--name", "real", "--listen", f"127.0.0.1:{port}"]
    )
    async with running(node):
        with words.open("wb") as said:
            feeding = launch(
                ["feed", "replay", str(file), "--to", f"ws://127.0.0.1:{port}",
                 "--username", "mobile-1"],
                password="long enough for us", words=said,
            )  # fmt: skip
            assert await asyncio.to_thread(feeding.wait, 30) == 0, words.read_text()
    stores = Stores(folder, KEY)
    try:
        assert stores.reads.end() == 50
    finally:
        stores.close()


# ------------------------------------------------------------------ a node that cannot start


async def words_of(node: Program, within_s: float = 20) -> str:
    """Start a node that must not come up, and return what it says."""
    node.launch()
    assert node.process is not None
    assert await asyncio.to_thread(node.process.wait, within_s) == 2
    said = node.words()
    assert "Traceback" not in said
    return said


async def test_that_a_second_node_on_a_profile_says_so(tmp_path: Path) -> None:
    port = free_port()
    async with running(a_force(tmp_path / "n", port)):
        said = await words_of(a_force(tmp_path / "n", free_port()))
    assert "running on this profile already" in said


async def test_that_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = await words_of(a_force(tmp_path / "n", port))
    assert f"Port {port}" in said
    assert "--listen" in said


async def test_that_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = await asyncio.to_thread(
        command, "node", "--role", "force", "--simulation", "--data", str(tmp_path / "file" / "n")
    )
    assert done.returncode == 2
    assert "cannot be written to" in done.stderr
    assert "--data" in done.stderr


async def test_that_a_wrong_key_is_named_and_destroys_nothing(tmp_path: Path) -> None:
    port = free_port()
    node = a_force(tmp_path / "n", port)
    async with running(node):
        pass
    before = (node.folder / "operational.db").read_bytes()
    other = a_force(tmp_path / "n", port)
    other._key = b"another key of 32 bytes, surely!"
    said = await words_of(other)
    assert "with this key" in said
    assert (node.folder / "operational.db").read_bytes() == before


async def test_that_data_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    port = free_port()
    node = a_force(tmp_path / "n", port)
    async with running(node):
        pass
    db = apsw.Connection(str(node.folder / "reads.db"))
    db.pragma("key", f"raw:{KEY.hex()}")
    db.pragma("user_version", 99)
    db.close()
    said = await words_of(a_force(tmp_path / "n", port))
    assert "newer version" in said


async def test_that_a_node_without_a_keyring_says_that_nothing_is_kept(tmp_path: Path) -> None:
    node = Program(
        tmp_path / "n",
        ["node", "--role", "desk", "--simulation", "--with-parent", str(os.getpid())],
        has_key=False,
    )
    async with running(node):
        await settle(lambda: "no keyring" in node.words())
        assert not (node.folder / "reads.db").exists()
    assert not list(node.folder.glob("session-*"))


async def test_that_a_node_whose_parent_is_gone_stops(tmp_path: Path) -> None:
    node = Program(tmp_path / "n", ["node", "--role", "desk", "--simulation", "--with-parent", "1"])
    node.launch()
    assert node.process is not None
    assert await asyncio.to_thread(node.process.wait, 20) == 0
    assert "parent is gone" in node.words()


# ------------------------------------------------------------------ the running node


async def test_that_the_connectivity_test_runs_from_the_command_line(tmp_path: Path) -> None:
    port = free_port()
    force, desk = a_force(tmp_path / "force", port), a_desk(tmp_path / "desk", port)
    async with running(force, desk):
        for _attempt in range(50):
            done = await asyncio.to_thread(
                command, "test", "connectivity", "--json", "--data", str(desk.folder)
            )
            if done.returncode == 0:
                break
        result = json.loads(done.stdout)
        assert result["complete"]
        assert len(result["legs"]) == 2
        assert all(leg["ms"] >= 0 for leg in result["legs"])


def test_that_a_connectivity_test_without_a_node_says_what_to_do(tmp_path: Path) -> None:
    done = command("test", "connectivity", "--data", str(tmp_path))
    assert done.returncode == 2
    assert "No node is running" in done.stderr


async def test_that_a_window_brings_its_killed_node_back(tmp_path: Path) -> None:
    """The desktop starts its node, keeps it, and stops it when it is closed on purpose."""
    folder = tmp_path / "desk"
    window = Program(folder, ["--simulation", "--sign-in", "demo-operator"])
    window.launch()
    try:
        first = await window.running()
        log = folder / "window" / "node.log"
        await settle(lambda: log.exists() and "link window ready" in log.read_text(), 20)
        os.kill(first.pid, signal.SIGKILL)
        until = time.monotonic() + 20
        while (again := running_node(folder)) is None or again.pid == first.pid:
            assert time.monotonic() < until
            await asyncio.sleep(0.05)
        assert again.node_id == first.node_id
        assert await asyncio.to_thread(window.stop) == 0
        await settle(lambda: running_node(folder) is None, 15)
    finally:
        if window.process is not None and window.process.poll() is None:
            window.process.kill()
