"""Lists where something goes wrong: a full disk, a server away, senders who may not, or lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.adapters.voi_files.blocks import pack_entries, take_block
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.matching.layers import ListChange
from nas_desktop.domain.voi import Action, VoiEntry, VoiList
from nas_desktop.domain.vrm import Vrm
from nas_desktop.node.node import Node
from nas_desktop.services.lists import ImportChoices, ListEvent
from tests.integration.test_lists import NAME, _row, marks
from tests.nodes import a_caller, a_node, a_window, above, live_entry, now_item, publish, settle


def a_list(*entries: VoiEntry, **changes: object) -> VoiList:
    return VoiList(NAME, 1, entries, SystemClock().now(), **changes)  # type: ignore[arg-type]


def full(*_args: object, **_more: object) -> None:
    raise StoreRefused("disk_full", "The disk is full.")


async def test_that_a_desk_may_not_work_on_lists_for_itself(tmp_path: Path) -> None:
    async with a_node(tmp_path) as force, a_caller(force.port, "demo-desk", "desk") as desk:
        await publish(force.port, live_entry())
        for on_behalf in ("", "demo-operator", "nobody"):
            with pytest.raises(Refused) as refusal:
                await desk.ask(
                    lambda n, who=on_behalf: m.EditList(  # type: ignore[misc]
                        n, NAME, [live_entry("ZZ99ZZZ")], on_behalf=who
                    )
                )
            assert refusal.value.code == "not_permitted"
        await desk.ask(
            lambda n: m.EditList(n, NAME, [live_entry("ZZ99ZZZ")], on_behalf="demo-lists")
        )
        assert marks(force) == ["AB51ABC", "ZZ99ZZZ"]


async def test_that_a_list_that_cannot_be_taken_is_not_asked_for_again_and_again(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path / "force") as force:
        async with a_node(tmp_path / "desk", "desk") as desk:
            await desk.lists.replace(a_list(live_entry()), ListEvent.IMPORTED)
            await desk.lists.stored()
        await publish(force.port, live_entry())
        await publish(force.port, live_entry(), name="06_GMP")
        async with a_node(tmp_path / "desk", "desk", above=above(force)) as desk:
            asked: list[str] = []

            async def want(name: str) -> None:
                asked.append(name)

            desk.intake.want = want
            await settle(lambda: desk.lists.has("06_GMP"))
            for _ in range(5):
                with pytest.raises(Refused):
                    await desk.intake.take(m.ListPart(NAME, 2, 0, 1, SystemClock().now()))
                bad = m.ListPart("52_A", 2, 0, 1, SystemClock().now(), blocks=[b"nonsense"])
                with pytest.raises(Refused):
                    await desk.intake.take(bad)
            assert asked == ["52_A"]


@pytest.mark.parametrize("mark", ["ÄB12", "X\nZZ99ZZZ", "A" * 40])
async def test_that_a_mark_that_none_could_have_takes_nothing_out(
    tmp_path: Path, mark: str
) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-lists") as manager:
        await publish(node.port, live_entry(), live_entry("ZZ99ZZZ"))
        with pytest.raises(Refused) as refusal:
            await manager.ask(lambda n: m.EditList(n, NAME, [], [mark]))
        assert refusal.value.code == "list_entry"
        assert marks(node) == ["AB51ABC", "ZZ99ZZZ"]


async def test_that_publishing_is_refused_at_once_while_the_server_is_away(tmp_path: Path) -> None:
    path = tmp_path / "07_P.csv"
    path.write_text(_row("AB51ABC", SystemClock().now().date()), encoding="utf-8")
    async with a_node(tmp_path / "force") as force:
        away = above(force)
    async with (
        a_node(tmp_path / "desk", "desk", above=away) as desk,
        a_window(desk, "", "desk 1") as window,
    ):
        await _sign_in_alone(desk, window)
        with pytest.raises(Refused) as refusal:
            await window.link.lists.import_file(
                str(path), ImportChoices(publish=True), lambda *_: None
            )
        assert refusal.value.code == "link_down"


async def _sign_in_alone(desk: Node, window: object) -> None:
    from nas_desktop.node.sign_in import DEMO_PASSWORD

    await window.link.sign_in("demo-lists", DEMO_PASSWORD)  # type: ignore[attr-defined]


async def test_that_a_list_that_could_not_be_stored_is_stored_with_the_next_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_node(tmp_path) as node:
        await publish(node.port, live_entry())
        with monkeypatch.context() as disk:
            disk.setattr(node.stores.lists, "put_base", full)
            await node.lists.replace(
                a_list(live_entry(), live_entry("ZZ99ZZZ")), ListEvent.IMPORTED
            )
            await node.lists.stored()
        assert not node.lists.held(NAME).is_stored
        assert "could not be stored" in node.state().problem
        await node.lists.change(NAME, ListChange(gone=("ZZ99ZZZ",)), ListEvent.EDITED)
        assert node.lists.held(NAME).is_stored
        assert node.lists.problem == ""
    async with a_node(tmp_path) as node:
        assert marks(node) == ["AB51ABC"]


async def test_that_a_change_that_could_not_be_stored_is_not_lost_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        a_node(tmp_path / "force") as node,
        a_node(tmp_path / "desk", "desk", above=above(node)) as desk,
    ):
        await publish(node.port, live_entry(), live_entry("ZZ99ZZZ"))
        await settle(lambda: desk.lists.has(NAME))
        with monkeypatch.context() as disk:
            disk.setattr(node.stores.lists, "put_change", full)
            with pytest.raises(StoreRefused):
                await node.lists.change(NAME, ListChange(gone=("ZZ99ZZZ",)), ListEvent.EDITED)
        assert not node.lists.held(NAME).is_stored
        await settle(lambda: marks(desk) == ["AB51ABC"])  # withdrawn is withdrawn, stored or not
        change = ListChange(put=(live_entry("CD12CDE"),))
        await node.lists.change(NAME, change, ListEvent.EDITED)
        await settle(lambda: marks(desk) == ["AB51ABC", "CD12CDE"])
    async with a_node(tmp_path / "force") as node:
        assert marks(node) == ["AB51ABC", "CD12CDE"]


async def test_that_whoever_takes_a_list_over_sees_nothing_of_before(tmp_path: Path) -> None:
    quiet = live_entry("NA51NAA", action=Action.NO_ALERT)
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-lists") as owner:
        await owner.ask(
            lambda n: m.PublishList(n, NAME, 0, 1, [live_entry(), quiet], authority="DSA 1/26"),
            bulk=True,
        )
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item("NA51NAA")]))
        await node.engine.settled()
        taken = a_list(live_entry(), owner="other")
        await node.lists.replace(taken, ListEvent.PUBLISHED, by="other")
        answer = await node.list_desk.quiet(m.WantQuiet(1, NAME), ("other", "w", "s"))
        assert answer.total == 0
        answer = await node.list_desk.quiet(m.WantQuiet(1, NAME), ("demo-lists", "w", "s"))
        assert answer.total == 1


async def test_that_a_large_base_gives_no_quiet_entry_away(tmp_path: Path) -> None:
    quiet = live_entry("NA51NAA", action=Action.NO_ALERT)
    entries = [replace(live_entry(), vrm=Vrm(f"A{i:06d}")) for i in range(3_000)]
    async with a_node(tmp_path) as force:
        one = replace(
            a_list(owner="demo-lists", authority="D"), entries=pack_entries([*entries, quiet])
        )
        await force.lists.replace(one, ListEvent.IMPORTED)
        await force.lists.change(NAME, ListChange(gone=("NA51NAA",)), ListEvent.EDITED)
        async with a_caller(force.port, "demo-desk", "desk") as desk:
            await desk.client.send(m.HaveLists({}))
            await desk.until(lambda x: isinstance(x, m.ListDelta))
            parts = desk.all(m.ListPart)
            sent = [e for part in parts for block in part.blocks for e in take_block(block)]
            assert {e.action for e in sent} == {Action.STOP}
            assert all(part.facts.counts.no_alert == 0 for part in parts)
