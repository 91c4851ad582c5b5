"""Dry runs over a real node: counts of what a list would have raised, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.voi_files.writer import write_list
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.read import Read
from nas_desktop.domain.voi import Action, ListSource, VoiEntry, VoiList
from nas_desktop.node.node import Node
from nas_desktop.services.audit import AuditAction
from nas_desktop.services.lists import ImportChoices, ListEvent
from tests.builders import a_read, an_entry
from tests.nodes import a_caller, a_node, a_window

NAME = "07_Cheshire VOI List"


def an_active(vrm: str, **changes: Any) -> VoiEntry:
    today = SystemClock().now().date()
    values: dict[str, Any] = {
        "starts_on": today - timedelta(days=20), "weed_date": today + timedelta(days=5),
        "information": "Stop and search.", "reason": "Drugs",
    }  # fmt: skip
    return an_entry(vrm, **(values | changes))


async def hold(node: Node) -> None:
    """Thirty reads of one mark within twenty minutes, three of another over three days."""
    now = SystemClock().now()
    reads: list[Read] = []
    for n in range(30):
        at = now - timedelta(seconds=40 * (n + 1))
        reads.append(a_read("AB51ABC", at, received_at=at + timedelta(seconds=1)))
    for n in range(3):
        at = now - timedelta(days=n, hours=1, seconds=5)
        reads.append(a_read("CD12CDE", at, received_at=at + timedelta(seconds=1)))
    await (await node.engine.put(reads))


def no_progress(_stage: str, _done: int, _of: int) -> None:
    """Nobody looks."""


def records(node: Node, action: AuditAction) -> list[Any]:
    return [r for _seq, r in node.stores.audit.records(1, 10_000) if r.action is action]


async def test_that_a_file_is_held_against_the_stored_reads(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.csv"
    entries = [an_active("AB51ABC"), an_active("CD12CDE", action=Action.ASSESS)]
    write_list(path, [*entries, an_active("EF12EFG")])
    async with a_node(tmp_path / "node", "desk") as node, a_window(node, "demo-lists") as window:
        await hold(node)
        told: list[tuple[str, int, int]] = []
        choices = ImportChoices(is_check_only=True)
        report = await window.link.lists.dry_run(
            lambda *p: told.append(p), path=str(path), choices=choices
        )
        assert (report.hits, report.stop, report.assess, report.entries) == (33, 30, 3, 3)
        assert [(one.vrm, one.hits) for one in report.by_entry] == [("AB51ABC", 30), ("CD12CDE", 3)]
        assert report.is_storm
        assert report.most_in_ten == 15
        assert sum(one.hits for one in report.by_day) == 33
        assert not node.lists.has(NAME), "nothing goes live"
        (record,) = records(node, AuditAction.DRY_RUN)
        assert (record.username, record.detail["hits"]) == ("demo-lists", "33")
        assert told


async def test_that_a_list_held_is_run_and_a_window_of_time_counts(tmp_path: Path) -> None:
    today = SystemClock().now().date()
    entries = (an_active("AB*"), an_active("CD12CDE", starts_on=today, weed_date=today))
    voi = VoiList(NAME, 1, entries, SystemClock().now(), ListSource.LEA, "demo-lists")
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-lists") as window:
        await hold(node)
        await node.lists.replace(voi, ListEvent.IMPORTED)
        report = await window.link.lists.dry_run(no_progress, NAME)
        assert (report.hits, report.entries_hit) == (30, 1)


async def test_that_what_cannot_be_run_is_refused_in_words(tmp_path: Path) -> None:
    bad = tmp_path / "07_Bad.csv"
    bad.write_text("VRM,MAKE\r\n")
    async with a_node(tmp_path / "node", "desk") as node, a_window(node, "demo-lists") as window:
        for how in ({"name": "07_None"}, {"path": str(bad)}, {"path": str(tmp_path / "none.csv")}):
            with pytest.raises(Refused) as refusal:
                await window.link.lists.dry_run(no_progress, **how)
            assert refusal.value.words
        assert not records(node, AuditAction.DRY_RUN)


async def test_that_only_who_edits_lists_at_this_machine_runs_one(tmp_path: Path) -> None:
    async with a_node(tmp_path, "force") as node:
        async with a_caller(node.port, "demo-lists") as caller:
            with pytest.raises(Refused) as refusal:
                await caller.ask(lambda n: m.DryRun(n, NAME), bulk=True)
            assert refusal.value.code == "not_permitted"
        async with a_window(node, "demo-analyst") as window:
            with pytest.raises(Refused) as refusal:
                await window.link.lists.dry_run(no_progress, NAME)
            assert refusal.value.code == "not_permitted"
