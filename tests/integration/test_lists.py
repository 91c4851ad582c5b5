"""Lists through real nodes: published, handed down, changed, rolled back, weeded, kept."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.voi_files.blocks import pack_entries
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.matching.layers import ListChange
from nas_desktop.domain.voi import Action, ListSource, VoiEntry, VoiList
from nas_desktop.domain.vrm import Vrm
from nas_desktop.node.node import Node
from nas_desktop.services.events import HitsRaised
from nas_desktop.services.lists import ImportChoices, ListEvent, ListOrigin
from nas_desktop.services.tasks import spawn
from tests.nodes import (
    a_caller,
    a_node,
    a_window,
    above,
    live_entry,
    now_item,
    publish,
    settle,
)

NAME = "07_Cheshire VOI List"


def _row(vrm: str, today: date) -> str:
    starts, weeds = today - timedelta(days=1), today + timedelta(days=9)
    return (
        f"{vrm},FORD,FOCUS,BLUE,Stop,FI,Drugs,1BP,Stop and search.,Cheshire / North,"
        f"{starts:%d/%m/%Y},{weeds:%d/%m/%Y},,OFFICIAL,,FIM 24 h\r\n"
    )


def marks(node: Node, name: str = NAME) -> list[str]:
    return sorted(entry.vrm for entry in node.lists.held(name).voi_list.entries)


def revision(node: Node, name: str = NAME) -> int:
    return node.lists.revisions().get(name, 0)


async def is_on_disk(node: Node, revision: int) -> None:
    """Wait for what is live a moment before it is stored."""
    await settle(lambda: [v.revision for v in node.stores.lists.versions(NAME)][:1] == [revision])


async def an_edit(node: Node, *put: VoiEntry, gone: tuple[str, ...] = ()) -> None:
    async with a_caller(node.port, "demo-lists") as manager:
        await manager.ask(lambda n: m.EditList(n, NAME, list(put), list(gone), "test"))


async def a_change(node: Node, change: str, why: str = "test", name: str = NAME) -> m.Message:
    async with a_caller(node.port, "demo-lists") as manager:
        return await manager.ask(lambda n: m.ChangeList(n, name, change, why))


async def test_that_an_edit_reaches_a_desk_as_a_delta(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
    ):
        await publish(force.port, live_entry(), live_entry("ZZ99ZZZ"))
        await settle(lambda: revision(desk) == 1)
        base = desk.lists.held(NAME).voi_list.entries
        await an_edit(force, live_entry("CD12CDE"), gone=("ZZ99ZZZ",))
        await settle(lambda: revision(desk) == 2)
        assert marks(desk) == marks(force) == ["AB51ABC", "CD12CDE"]
        assert desk.lists.held(NAME).voi_list.entries.base is base  # type: ignore[attr-defined]
        assert desk.lists.held(NAME).origin is ListOrigin.ABOVE
        await settle(
            lambda: [r.revision for r in force.distribution.receivers(NAME)] == [2], within_s=5
        )


async def test_that_a_desk_that_was_away_gets_what_changed_since(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force:
        await publish(force.port, live_entry(), live_entry("ZZ99ZZZ"))
        async with a_node(tmp_path / "desk", "desk", above=above(force)) as desk:
            await settle(lambda: revision(desk) == 1)
            await desk.lists.stored()
        await an_edit(force, live_entry("CD12CDE"))
        await an_edit(force, gone=("ZZ99ZZZ",))
        async with a_node(tmp_path / "desk", "desk", above=above(force)) as desk:
            await settle(lambda: revision(desk) == 3)
            assert marks(desk) == ["AB51ABC", "CD12CDE"]
            assert desk.lists.held(NAME).version.base == 1  # no snapshot was sent
            await is_on_disk(desk, 3)
    async with a_node(tmp_path / "desk", "desk") as desk:
        assert (marks(desk), revision(desk)) == (["AB51ABC", "CD12CDE"], 3)


async def test_that_a_new_desk_gets_snapshot_and_change_at_once(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force:
        await publish(force.port, live_entry(), live_entry("ZZ99ZZZ"))
        await an_edit(force, gone=("ZZ99ZZZ",))
        revisions: list[int] = []
        async with a_node(tmp_path / "desk", "desk", above=above(force)) as desk:
            await settle(lambda: revision(desk) == 2)
            revisions += [v.revision for v in desk.stores.lists.versions(NAME)]
            assert marks(desk) == ["AB51ABC"]
            await is_on_disk(desk, 2)
        assert revisions in ([], [2])  # the withdrawn entry was never live there
    async with a_node(tmp_path / "desk", "desk") as desk:
        assert marks(desk) == ["AB51ABC"]


@pytest.mark.parametrize(
    "bad",
    [
        m.ListDelta(NAME, 7, 8, SystemClock().now(), gone=["AB51ABC"]),
        m.ListDelta(NAME, 1, 1, SystemClock().now(), gone=["AB51ABC"]),
        m.ListDelta(NAME, 1, 2, SystemClock().now(), gone=["AB51ABC"], part=1, parts=2),
        m.ListDelta(NAME, 1, 2, SystemClock().now(), put=[live_entry("QQQQQQQ")]),
        m.ListDelta("07_Nobody", 1, 2, SystemClock().now(), gone=["AB51ABC"]),
        m.ListPart(NAME, 2, 1, 2, SystemClock().now()),
        m.ListPart(NAME, 2, 0, 1, SystemClock().now(), blocks=[b"\x01\x00nonsense"]),
        m.ListPart(NAME, 2, 0, 0, SystemClock().now()),
    ],
)
async def test_that_what_cannot_be_used_from_above_is_refused_and_matching_goes_on(
    tmp_path: Path, bad: m.ListDelta | m.ListPart
) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
    ):
        await publish(force.port, live_entry())
        await settle(lambda: revision(desk) == 1)
        asked: list[str] = []

        async def want(name: str) -> None:
            asked.append(name)

        desk.intake.want = want
        is_delta = isinstance(bad, m.ListDelta)
        with pytest.raises(Refused):
            await (desk.intake.take_delta(bad) if is_delta else desk.intake.take(bad))  # type: ignore[arg-type]
        assert asked == [bad.name]
        assert (marks(desk), revision(desk)) == (["AB51ABC"], 1)
        assert desk.engine.index.entries == 1


async def test_that_a_list_that_could_not_be_used_is_sent_again_as_a_whole(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
    ):
        await publish(force.port, live_entry())
        await settle(lambda: revision(desk) == 1)
        await desk.lists.drop(NAME)
        assert desk.intake.want is not None
        await desk.intake.want(NAME)
        await settle(lambda: revision(desk) == 1)


async def test_that_a_cut_snapshot_goes_on_where_it_stopped(tmp_path: Path) -> None:
    noise = random.Random(7)
    entries = [
        replace(live_entry(), vrm=Vrm(f"A{i:05d}"), information=noise.randbytes(60).hex())
        for i in range(10_000)
    ]
    async with a_node(tmp_path / "force") as force:
        await force.lists.replace(
            VoiList(NAME, 1, pack_entries(entries), SystemClock().now()), ListEvent.IMPORTED
        )
        await force.lists.stored()
        async with a_caller(force.port, "demo-desk", "desk") as desk:
            await desk.client.send(m.HaveLists({}))
            first = await desk.until(lambda x: isinstance(x, m.ListPart))
            assert isinstance(first, m.ListPart)
            assert first.parts > 1
        async with a_caller(force.port, "demo-desk", "desk") as desk:
            await desk.client.send(m.HaveLists({}, {NAME: (1, 1)}))
            await desk.until(lambda x: isinstance(x, m.ListPart) and x.part == x.parts - 1)
            assert [part.part for part in desk.all(m.ListPart)] == list(range(1, first.parts))
        async with a_caller(force.port, "demo-desk", "desk") as desk:
            await desk.client.send(m.HaveLists({}, {NAME: (9, 1)}))  # of another revision
            again = await desk.until(lambda x: isinstance(x, m.ListPart))
            assert isinstance(again, m.ListPart)
            assert again.part == 0


async def test_that_no_alert_entries_reach_no_desk(tmp_path: Path) -> None:
    quiet = live_entry("NA51NAA", action=Action.NO_ALERT)
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
    ):
        async with a_caller(force.port, "demo-lists") as manager:
            for name, entries in ((NAME, [live_entry(), quiet]), ("07_Covert", [quiet])):
                await manager.ask(
                    lambda n, name=name, entries=entries: m.PublishList(  # type: ignore[misc]
                        n, name, 0, 1, entries, authority="DSA 12/26"
                    ),
                    bulk=True,
                )
        await settle(lambda: revision(desk) == 1)
        assert marks(desk) == ["AB51ABC"]
        assert marks(force) == ["AB51ABC", "NA51NAA"]
        await an_edit(force, replace(live_entry(), action=Action.NO_ALERT))
        await settle(lambda: not desk.lists.has(NAME))
        assert not desk.lists.has("07_Covert")


async def test_that_no_alert_hits_are_for_the_owner_alone(tmp_path: Path) -> None:
    quiet = live_entry("NA51NAA", action=Action.NO_ALERT)
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
        a_window(desk) as window,
        a_caller(force.port, "demo-lists") as owner,
    ):
        await owner.ask(
            lambda n: m.PublishList(n, "07_Covert", 0, 1, [quiet], authority="DSA 12/26"), bulk=True
        )
        await publish(force.port, live_entry(), live_entry("NA51NAA", reason="Drugs"))
        async with a_caller(force.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item("NA51NAA"), now_item()]))
        raised: list[str] = []
        await window.until(
            lambda e: isinstance(e, HitsRaised) and any(h.read.vrm == "AB51ABC" for h in e.hits)
        )
        for event in window.events:
            if isinstance(event, HitsRaised):
                for hit in event.hits:
                    raised += [f"{hit.read.vrm} {r.list_name}" for r in hit.reasons]
        assert set(raised) == {f"NA51NAA {NAME}", f"AB51ABC {NAME}"}
        answer = await owner.ask(lambda n: m.WantQuiet(n, "07_Covert"))
        assert isinstance(answer, m.QuietHits)
        assert (answer.total, [hit.read.vrm for hit in answer.hits]) == (1, ["NA51NAA"])
        assert force.engine.statistics.hits_total == 2
        lists = await owner.ask(lambda n: m.WantLists(n))
        assert isinstance(lists, m.Lists)
        assert {one.name for one in lists.lists} == {NAME, "07_Covert"}
        # To the desk, and to everybody who is not the owner, the list is not there.
        async with a_caller(force.port, "demo-operator") as other:
            state = await other.until(lambda x: isinstance(x, m.State))
            assert isinstance(state, m.State)
            assert [one.name for one in state.state.lists] == [NAME]
            found = await other.ask(lambda n: m.SearchLists(n, "NA51NAA"))
            assert isinstance(found, m.EntriesFound)
            assert [one.list_name for one in found.found] == [NAME]
            with pytest.raises(Refused):
                await other.ask(lambda n: m.WantQuiet(n, "07_Covert"))


async def test_that_the_owner_sees_no_alert_hits_of_the_server_from_a_desk(tmp_path: Path) -> None:
    quiet = live_entry("NA51NAA", action=Action.NO_ALERT)
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
        a_caller(force.port, "demo-lists") as owner,
    ):
        await owner.ask(
            lambda n: m.PublishList(n, "07_Covert", 0, 1, [quiet], authority="DSA 12/26"), bulk=True
        )
        async with a_caller(force.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item("NA51NAA")]))
        async with a_window(desk, "demo-lists") as window:
            states = await window.link.lists.states(at_server=True)
            assert [one.name for one in states] == ["07_Covert"]
            total, hits = await window.link.lists.quiet_hits("07_Covert", at_server=True)
            assert (total, hits[0].read.vrm) == (1, "NA51NAA")
        async with a_window(desk) as window:  # a dispatcher at the same desk
            assert await window.link.lists.states(at_server=True) == ()
            with pytest.raises(Refused):
                await window.link.lists.quiet_hits("07_Covert", at_server=True)


async def test_that_a_no_alert_list_needs_an_authority(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-lists") as manager:
        quiet = live_entry("NA51NAA", action=Action.NO_ALERT)
        await manager.ask(lambda n: m.ChangeList(n, NAME, "create"))
        with pytest.raises(Refused) as refusal:
            await manager.ask(lambda n: m.EditList(n, NAME, [quiet]))
        assert refusal.value.code == "authority_missing"
        with pytest.raises(Refused) as refusal:
            await manager.ask(lambda n: m.PublishList(n, NAME, 0, 1, [quiet]), bulk=True)
        assert refusal.value.code == "authority_missing"
        assert marks(node) == []


async def test_that_a_rollback_brings_the_version_before_and_revives_nothing(
    tmp_path: Path,
) -> None:
    today = SystemClock().now().date()
    over = replace(live_entry("WW51WWW"), weed_date=today + timedelta(days=1))
    clock = _Clock()
    async with a_node(tmp_path, clock=clock) as node:
        await publish(node.port, live_entry(), over)
        await publish(node.port, live_entry("ZZ99ZZZ"))
        clock.days = 2
        await a_change(node, "roll_back")
        assert (marks(node), revision(node)) == (["AB51ABC"], 3)
        with pytest.raises(Refused):
            await a_change(node, "roll_back", why=" ")
        await a_change(node, "roll_back")
        assert marks(node) == ["ZZ99ZZZ"]
    async with a_node(tmp_path) as node:
        assert (marks(node), revision(node)) == (["ZZ99ZZZ"], 4)


class _Clock(SystemClock):
    """The real clock, some days ahead."""

    days = 0

    def now(self):  # type: ignore[no-untyped-def]
        return super().now() + timedelta(days=self.days)


async def test_that_weeding_takes_out_what_is_over_and_desks_follow(tmp_path: Path) -> None:
    today = SystemClock().now().date()
    over = replace(live_entry("WW51WWW"), weed_date=today + timedelta(days=1))
    clock = _Clock()
    async with (
        a_node(tmp_path / "force", clock=clock) as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
    ):
        await publish(force.port, live_entry(), over)
        await settle(lambda: revision(desk) == 1)
        state = force.lists.states()[0]
        assert state.next_weed == (today + timedelta(days=1), 1)
        assert await force.lists.weed() == 0
        clock.days = 1
        assert await force.lists.weed() == 1
        assert (marks(force), revision(force)) == (["AB51ABC"], 2)
        await settle(lambda: revision(desk) == 2)
        assert marks(desk) == ["AB51ABC"]
        assert next(v.event for v in force.stores.lists.versions(NAME)) is ListEvent.WEEDED


async def test_that_a_desk_alone_weeds_its_copies_and_still_takes_deltas(tmp_path: Path) -> None:
    today = SystemClock().now().date()
    over = replace(live_entry("WW51WWW"), weed_date=today + timedelta(days=1))
    clock = _Clock()
    async with a_node(tmp_path / "force") as force:
        await publish(force.port, live_entry(), over)
        async with a_node(tmp_path / "desk", "desk", above=above(force), clock=clock) as desk:
            await settle(lambda: revision(desk) == 1)
            clock.days = 1
            assert await desk.lists.weed() == 1
            assert (marks(desk), revision(desk)) == (["AB51ABC"], 1)
            await an_edit(force, live_entry("CD12CDE"))
            await settle(lambda: revision(desk) == 2)
            assert marks(desk) == ["AB51ABC", "CD12CDE"]
            await is_on_disk(desk, 2)
        async with a_node(tmp_path / "desk", "desk") as desk:
            assert marks(desk) == ["AB51ABC", "CD12CDE"]


async def test_that_a_disabled_list_is_kept_and_matched_by_nobody(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
    ):
        await publish(force.port, live_entry())
        await settle(lambda: desk.engine.index.entries == 1)
        with pytest.raises(Refused) as refusal:
            await a_change(force, "disable", why="")
        assert refusal.value.code == "why_missing"
        await a_change(force, "disable")
        await settle(lambda: desk.engine.index.entries == 0)
        assert (marks(force), force.engine.index.entries) == (["AB51ABC"], 0)
        held = desk.lists.held(NAME)
        assert not held.voi_list.is_enabled
        assert (held.version.by, held.version.why) == ("demo-lists", "test")
        await a_change(force, "enable")
        await settle(lambda: desk.engine.index.entries == 1)
        await a_change(force, "remove")
        await settle(lambda: not desk.lists.has(NAME))
        actions = [r.detail.get("change") for _seq, r in force.stores.audit.records()]
        assert [a for a in actions if a] == ["disable", "enable", "remove"]


async def test_that_two_editors_cannot_overwrite_each_other(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-lists") as manager:
        await publish(node.port, live_entry())
        await manager.ask(lambda n: m.EditList(n, NAME, [live_entry("ZZ99ZZZ")], if_revision=1))
        with pytest.raises(Refused) as refusal:
            await manager.ask(lambda n: m.EditList(n, NAME, [live_entry("CD12CDE")], if_revision=1))
        assert refusal.value.code == "list_moved"
        assert marks(node) == ["AB51ABC", "ZZ99ZZZ"]


async def test_that_a_file_goes_live_whole_or_not_at_all(tmp_path: Path) -> None:
    good, bad = tmp_path / "07_Good.csv", tmp_path / "07_Bad.csv"
    today = SystemClock().now().date()
    row = _row("AB51ABC", today)
    good.write_text(row + _row("ZZ99ZZZ", today), encoding="utf-8")
    bad.write_text(row + row.replace("Stop", "Halt"), encoding="utf-8")
    async with a_node(tmp_path / "n") as node, a_window(node, "demo-lists") as window:
        stages: list[str] = []
        outcome = await window.link.lists.import_file(
            str(bad), ImportChoices(), lambda stage, _done, _total: stages.append(stage)
        )
        assert not outcome.is_live
        assert outcome.report is not None
        assert [(f.line, f.code) for f in outcome.report.findings if f.is_error] == [(2, "V010")]
        assert not node.lists.all
        outcome = await window.link.lists.import_file(
            str(good), ImportChoices(why="test"), lambda stage, _done, _total: stages.append(stage)
        )
        assert (outcome.is_live, outcome.is_stored, outcome.revision) == (True, True, 1)
        assert "checking" in stages
        assert marks(node, "07_Good") == ["AB51ABC", "ZZ99ZZZ"]
        exported = tmp_path / "out.csv"
        await window.link.lists.export("07_Good", str(exported))
        checked = await window.link.lists.import_file(
            str(exported), ImportChoices(name="07_Good", is_check_only=True), lambda *_: None
        )
        assert checked.report is not None
        assert checked.report.counts.entries == 2
        with pytest.raises(Refused):
            await window.link.lists.import_file(
                str(tmp_path / "nowhere.csv"), ImportChoices(), lambda *_: None
            )


async def test_that_a_file_is_published_from_a_desk_and_comes_back(tmp_path: Path) -> None:
    today = SystemClock().now().date()
    path = tmp_path / "07_Published.csv"
    path.write_text(_row("AB51ABC", today), encoding="utf-8")
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
        a_window(desk, "demo-lists") as window,
    ):
        outcome = await window.link.lists.import_file(
            str(path), ImportChoices(publish=True), lambda *_: None
        )
        assert outcome.is_live
        await settle(lambda: revision(desk, "07_Published") == 1)
        held = force.lists.held("07_Published")
        assert (held.voi_list.owner, held.version.event) == ("demo-lists", ListEvent.PUBLISHED)
        outcome = await window.link.lists.edit(
            "07_Published", [live_entry("CD12CDE")], [], "test", at_server=True
        )
        await settle(lambda: revision(desk, "07_Published") == 2)
        versions, receivers = await window.link.lists.versions("07_Published", at_server=True)
        assert [v.revision for v in versions] == [2, 1]
        assert [r.node for r in receivers] == ["desk node"]


async def test_that_wildcard_entries_match_here_and_are_never_published(tmp_path: Path) -> None:
    pattern = live_entry("AB5?A*")
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-lists") as manager:
        with pytest.raises(Refused):
            await manager.ask(lambda n: m.PublishList(n, NAME, 0, 1, [pattern]), bulk=True)
        blocks = list(pack_entries([pattern]).blocks)
        with pytest.raises(Refused):
            await manager.ask(lambda n: m.PublishList(n, NAME, 0, 1, blocks=blocks), bulk=True)
        await manager.ask(lambda n: m.ChangeList(n, "07_Own", "create"))
        await manager.ask(lambda n: m.EditList(n, "07_Own", [pattern]))
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
        await settle(lambda: node.engine.hits.end == 1)


async def test_that_one_read_on_several_lists_is_one_hit_with_every_reason(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        await publish(node.port, live_entry(warning_signals=()))
        await publish(node.port, live_entry(reason="Documents"), name="06_GMP")
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
        (hit,) = (await window.until(lambda e: isinstance(e, HitsRaised))).hits
        assert {r.list_name for r in hit.reasons} == {NAME, "06_GMP"}


async def test_that_the_register_says_what_carries_a_mark_and_never_hits(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        registered = live_entry(make="VAUXHALL", model="ASTRA", colour="RED")
        other = live_entry("ZZ99ZZZ", make="FORD")
        await node.lists.replace(
            VoiList("MMC", 1, (registered, other), SystemClock().now(), ListSource.MMC),
            ListEvent.IMPORTED,
        )
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item("ZZ99ZZZ"), now_item()]))
        (hit,) = (await window.until(lambda e: isinstance(e, HitsRaised))).hits
        assert hit.read.vrm == "AB51ABC"
        assert hit.mmc is not None
        assert hit.clone_hints == ("make", "model", "colour")
        assert node.engine.hits.end == 1


async def test_that_a_hundred_swaps_miss_no_read_and_double_no_hit(tmp_path: Path) -> None:
    wanted = [live_entry(f"AB{i:02d}ABC") for i in range(10, 100)]
    others = [live_entry(f"CD{i:02d}CDE") for i in range(10, 100)]
    async with (
        a_node(tmp_path) as node,
        a_window(node) as window,
        a_caller(node.port, "demo-cameras", "camera") as cameras,
    ):
        await publish(node.port, *wanted)
        sent: set[str] = set()
        swaps = 0

        async def swap() -> None:
            nonlocal swaps
            for number in range(100):
                # Whole lists, small and large changes, in turn; what is wanted is in all of them.
                if number % 2:
                    change = ListChange(put=tuple(others), gone=())
                    await node.lists.change(NAME, change, ListEvent.EDITED)
                else:
                    one = VoiList(NAME, 1, tuple(wanted), SystemClock().now())
                    await node.lists.replace(one, ListEvent.IMPORTED)
                swaps += 1

        swapping = spawn(swap(), "swaps")
        at = 0
        while not swapping.done():
            batch = [
                now_item(f"AB{10 + (at + i) % 90:02d}ABC", nrd_id=1 + (at + i) % 9_000)
                for i in range(150)
            ]
            at += 150
            sent |= {f"{item.vrm}/{item.nrd_id}/{item.captured_at}" for item in batch}
            await cameras.ask(lambda n, batch=batch: m.SendReads(n, batch))  # type: ignore[misc]
        await swapping
        await node.engine.settled()
        assert swaps == 100
        hits = {}
        for offset, hit in node.stores.operational.fetch_hits(0, 1_000_000):
            hits.setdefault(hit.hit_id, []).append(offset)
        assert len(hits) == len(sent)
        assert all(len(offsets) == 1 for offsets in hits.values())
        assert window.events
