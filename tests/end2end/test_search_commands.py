"""History, searching from the command line, and the same answer wherever it is asked."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.app.parts import free_port
from nas_desktop.domain.query import Where, query_from
from nas_desktop.domain.search_access import Purpose, SearchReason
from tests.end2end.programs import KEY, Program, a_desk, command, running
from tests.nodes import settle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

WHY = (
    "--purpose", "SERIOUS", "--reference", "OP MERCURY",
    "--justification", "Robbery at Stone, partial from a witness.",
)  # fmt: skip


def history(folder: Path, role: str, *more: str) -> None:
    done = command(
        "feed", "history", "--data", str(folder), "--role", role, "--days", "2",
        "--reads-per-day", "20000", "--until", _hour().isoformat(), *more, key=KEY,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "reads/s" in done.stderr


def answer(
    *arguments: str, key: bytes | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    done = command("search", "--simulation", "--format", "json", *WHY, *arguments, key=key)
    assert done.returncode == 0, done.stderr
    first, *rows = [json.loads(line) for line in done.stdout.splitlines()]
    return first, rows


async def test_that_the_same_question_has_the_same_answer_everywhere(tmp_path: Path) -> None:
    nation, force, desk = tmp_path / "national", tmp_path / "force", tmp_path / "desk"
    history(nation, "national", "--seed", "2")
    history(force, "force")
    history(desk, "desk")
    question = ("--vrm", "W?5*A", "--limit", "20000")
    _head, expected = answer(*question, "--data", str(desk), *_span(), key=KEY)
    assert expected
    ports = free_port(), free_port()
    async with (
        running(a_nation(nation, ports[0])),
        running(a_force_below(force, ports[1], ports[0])),
        running(a_desk(desk, ports[1])),
    ):
        at = ("--data", str(desk), *_span())
        head, rows = answer(*question, *at)
        assert _ids(rows) == _ids(expected)
        assert head["found"] == len(rows)
        assert head["exact"]
        assert head["coverage"][0]["cameras_asked"] == 66
        _head, at_server = answer(*question, *at, "--where", "server")
        assert _ids(at_server) == _ids(expected)  # the same seed: the same reads
        assert {row["held"][0] for row in at_server} == {"server"}
        _head, at_force = answer(*question, "--data", str(force), *_span())
        assert _ids(at_force) == _ids(expected)
        _head, national = answer(*question, *at, "--where", "national")
        assert {tuple(row["held"]) for row in national} == {("national",)}
        head, both = answer(*question, *at, "--where", "both")
        assert _ids(both) == _ids(expected) | _ids(national)
        assert _ids(await _in_a_window(desk, head["query"])) == _ids(expected)


def _hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def _span() -> tuple[str, ...]:
    since, until = _hour() - timedelta(hours=40), _hour() - timedelta(hours=2)
    return ("--from", since.isoformat(), "--to", until.isoformat())


def _ids(rows: list[dict[str, Any]]) -> set[str]:
    return {row["read_id"] for row in rows}


async def _in_a_window(folder: Path, query: str) -> list[dict[str, Any]]:
    from nas_desktop.app.connectivity import attached
    from nas_desktop.node.profile import running_node
    from nas_desktop.node.sign_in import DEMO_PASSWORD

    node = running_node(folder)
    assert node is not None
    link = attached(node, "window")
    found: list[Any] = []
    link.listen(found.append)
    await link.start()
    try:
        await settle(lambda: bool(found))
        await link.sign_in("demo-analyst", DEMO_PASSWORD)
        reason = SearchReason(Purpose.SERIOUS, 5, "Robbery at Stone, seen.", "OP MERCURY")
        search = await link.searches.start(
            query_from(query), Where.LOCAL, reason, lambda _progress: None
        )
        await settle(lambda: search.progress.is_done)
        rows: list[dict[str, Any]] = []
        while page := (await search.rows(len(rows), 200)).rows:
            rows += [{"read_id": row.read.read_id.hex()} for row in page]
        return rows
    finally:
        await link.close()


def a_nation(folder: Path, port: int) -> Program:
    return Program(
        folder,
        ["node", "--role", "national", "--simulation", "--name", "nation",
         "--listen", f"127.0.0.1:{port}", "--with-parent", str(os.getpid())],
    )  # fmt: skip


def a_force_below(folder: Path, port: int, above: int) -> Program:
    return Program(
        folder,
        ["node", "--role", "force", "--simulation", "--name", "server",
         "--listen", f"127.0.0.1:{port}", "--upstream", f"ws://127.0.0.1:{above}",
         "--username", "demo-force", "--with-parent", str(os.getpid())],
    )  # fmt: skip


def test_that_a_denied_search_says_every_rule_and_ends_with_1(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    history(folder, "desk")
    done = command(
        "search", "--simulation", "--data", str(folder), "--vrm", "AB51ABC",
        "--from", "2026-01-01", "--to", "2026-11-20", "--purpose", "PVC", "--reference", "X",
        "--justification", "as above", key=KEY,
    )  # fmt: skip
    assert done.returncode == 1
    for rule in ("purpose", "justification", "authority_missing"):
        assert f"{rule}: " in done.stderr
    assert done.stdout == ""


def test_that_a_question_that_is_none_ends_with_2(tmp_path: Path) -> None:
    done = command("search", "--simulation", "--data", str(tmp_path), *WHY, "--vrm", "*")
    assert done.returncode == 2
    assert "too many vehicles" in done.stderr


def test_that_nothing_readable_is_left_on_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    history(folder, "desk")
    _head, rows = answer("--vrm", "W?5*A", "--data", str(folder), key=KEY)
    marks = {row["vrm"].encode() for row in rows}
    words = [*marks, b"demo-analyst", b"Demo Analyst", b"OP MERCURY", KEY]
    looked_at = 0
    for path in tmp_path.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            looked_at += len(body)
            assert not [word for word in words if len(word) > 4 and word in body], path.name
    assert marks
    assert looked_at > 500_000
    shutil.rmtree(folder)
