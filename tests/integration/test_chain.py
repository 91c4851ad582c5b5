"""From a camera's session through a force node and desks to windows, over real sockets."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import HitId
from nas_desktop.domain.hit_life import Step, StepKind
from nas_desktop.services.events import HitsRaised, HopStatus, StateReported, StepsDecided
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


def acknowledge(hit_id: HitId, kind: StepKind = StepKind.ACKNOWLEDGE, code: str = "") -> Step:
    return Step(
        os.urandom(16), hit_id, kind, "somebody else", "elsewhere", SystemClock().now(), code
    )


async def test_that_a_read_becomes_a_hit_in_the_window(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
        a_window(desk) as window,
    ):
        await publish(force.port, live_entry())
        await settle(lambda: desk.engine.index.entries == 1)
        async with a_caller(force.port, "demo-cameras", "camera") as cameras:
            reply = await cameras.ask(lambda n: m.SendReads(n, [now_item(), now_item("ZZ99ZZZ")]))
            assert isinstance(reply, m.Stored)
            assert reply.refused == []
        raised = await window.until(lambda e: isinstance(e, HitsRaised))
        (hit,) = raised.hits
        assert hit.read.vrm == "AB51ABC"
        assert hit.is_simulation
        legs = dict(hit.ledger(SystemClock().now()).legs())
        assert all(seconds >= 0 for seconds in legs.values())
        # The server's own word of the hit may be there before the desk has stored both reads.
        await settle(lambda: desk.stores.reads.end() == 2)


async def test_that_an_acknowledgement_reaches_the_other_desk(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "d1", "desk", above=above(force), name="desk 1") as one,
        a_node(tmp_path / "d2", "desk", above=above(force, "demo-desk-2"), name="desk 2") as two,
        a_window(one) as first,
        a_window(two, "demo-second", "desk 2") as second,
    ):
        await publish(force.port, live_entry())
        async with a_caller(force.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
        (hit,) = (await first.until(lambda e: isinstance(e, HitsRaised))).hits
        await second.until(lambda e: isinstance(e, HitsRaised))
        await first.link.send_steps([acknowledge(hit.hit_id)])
        seen = await second.until(lambda e: isinstance(e, StepsDecided), 1.0)
        assert seen.steps[0].step.operator == "Demo Operator"
        assert seen.steps[0].step.workstation == "desk 1"
        assert not seen.steps[0].is_provisional


async def test_that_a_race_has_one_winner_and_the_second_is_told(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "d1", "desk", above=above(force)) as one,
        a_node(tmp_path / "d2", "desk", above=above(force, "demo-desk-2")) as two,
        a_window(one) as first,
        a_window(two, "demo-second", "desk 2") as second,
    ):
        await publish(force.port, live_entry())
        async with a_caller(force.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
        (hit,) = (await first.until(lambda e: isinstance(e, HitsRaised))).hits
        await second.until(lambda e: isinstance(e, HitsRaised))
        await asyncio.gather(
            first.link.send_steps([acknowledge(hit.hit_id)]),
            second.link.send_steps([acknowledge(hit.hit_id)]),
        )

        def final(window: object) -> set[tuple[str, bool, str]]:
            return {
                (d.step.operator, d.is_accepted, d.first_by)
                for e in window.events  # type: ignore[attr-defined]
                if isinstance(e, StepsDecided)
                for d in e.steps
                if not d.is_provisional
            }

        await settle(lambda: len(final(first)) == 2 and len(final(second)) == 2)
        assert final(first) == final(second)
        winners = [name for name, accepted, _first in final(first) if accepted]
        losers = [first_by for _name, accepted, first_by in final(first) if not accepted]
        assert losers == winners


async def test_that_a_hit_stored_while_no_window_was_there_is_shown_to_the_next(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path / "n") as node:
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
        async with a_window(node) as window:
            raised = await window.until(lambda e: isinstance(e, HitsRaised))
            assert raised.is_backlog


async def test_that_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    async with a_node(tmp_path / "n") as node:
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
        async with a_window(node) as window:
            (hit,) = (await window.until(lambda e: isinstance(e, HitsRaised))).hits
            await window.link.send_steps([acknowledge(hit.hit_id)])
    async with a_node(tmp_path / "n") as node, a_window(node) as window:
        again = await window.until(lambda e: isinstance(e, HitsRaised))
        assert again.hits == (hit,)
        steps = await window.until(lambda e: isinstance(e, StepsDecided))
        assert [d.step.kind for d in steps.steps] == [StepKind.ACKNOWLEDGE]
        assert node.stores.audit.first_bad() is None


async def test_that_a_desk_catches_up_on_what_it_missed(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force:
        await publish(force.port, live_entry())
        async with a_node(tmp_path / "desk", "desk", above=above(force)) as desk:
            await settle(lambda: desk.engine.index.entries == 1)
        async with a_caller(force.port, "demo-cameras", "camera") as cameras:
            for at in range(3):
                batch = [now_item(f"AB{at}{i:03d}X") for i in range(200)]
                await cameras.ask(lambda n, batch=batch: m.SendReads(n, batch))
            await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
            async with a_node(tmp_path / "desk", "desk", above=above(force)) as desk:
                await settle(lambda: desk.stores.reads.end() == 601)
                await cameras.ask(lambda n: m.SendReads(n, [now_item("ZZ99ZZZ")]))
                await settle(lambda: desk.stores.reads.end() == 602)
                await settle(lambda: desk.engine.hits.end == 1)
                progress = desk.stores.reads.progress("reads")
                assert (progress.next, progress.holes) == (602, ())


async def test_that_a_desk_decides_alone_and_delivers_its_steps_later(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force:
        port = force.port
        await publish(port, live_entry())
        async with a_node(tmp_path / "desk", "desk", above=above(force)) as desk:
            async with a_window(desk) as window:
                async with a_caller(port, "demo-cameras", "camera") as cameras:
                    await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
                (hit,) = (await window.until(lambda e: isinstance(e, HitsRaised))).hits
                await force.stop()
                await window.link.send_steps([acknowledge(hit.hit_id)])
                steps = await window.until(lambda e: isinstance(e, StepsDecided))
                assert steps.steps[0].is_provisional
                await window.until(
                    lambda e: (
                        isinstance(e, StateReported)
                        and e.state.hops[0].status in (HopStatus.LOST, HopStatus.BUFFERING)
                    )
                )
            async with a_node(tmp_path / "force", listen=("127.0.0.1", port)) as back:
                await settle(lambda: back.steps.stream.end == 1)
                await settle(lambda: desk.stores.operational.count_outgoing_steps() == 0)
                await settle(lambda: desk.steps.stream.end == 2)
                (kept,) = back.stores.operational.steps_of(hit.hit_id)
                assert kept.step.operator == "Demo Operator"


async def test_that_a_second_node_of_the_other_kind_cannot_use_the_folder(tmp_path: Path) -> None:
    async with a_node(tmp_path / "n"):
        pass
    with pytest.raises(Refused) as refusal:
        async with a_node(tmp_path / "n", is_simulation=False):
            raise AssertionError
    assert refusal.value.code == "other_profile"


async def test_that_a_profile_has_one_node(tmp_path: Path) -> None:
    async with a_node(tmp_path / "n"):
        with pytest.raises(Refused) as refusal:
            async with a_node(tmp_path / "n"):
                raise AssertionError
    assert refusal.value.code == "node_running"


async def test_that_a_late_read_is_marked_and_kept(tmp_path: Path) -> None:
    async with a_node(tmp_path / "n") as node, a_window(node) as window:
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            old = SystemClock().now() - timedelta(hours=1)
            item = now_item(captured_at=old)
            await cameras.ask(lambda n: m.SendReads(n, [item], True), bulk=True)
        (hit,) = (await window.until(lambda e: isinstance(e, HitsRaised))).hits
        assert hit.is_late


async def test_that_the_server_is_right_about_a_list_that_begins_anew(tmp_path: Path) -> None:
    async with a_node(tmp_path / "f1") as force:
        for _revision in range(3):
            await publish(force.port, live_entry())
        async with a_node(tmp_path / "desk", "desk", above=above(force)) as desk:
            await settle(lambda: desk.lists.revisions() == {"07_Cheshire VOI List": 3})
    async with a_node(tmp_path / "f2") as force:
        await publish(force.port, live_entry("ZZ99ZZZ"))
        async with a_node(tmp_path / "desk", "desk", above=above(force)) as desk:
            await settle(lambda: desk.lists.revisions() == {"07_Cheshire VOI List": 1})
    async with a_node(tmp_path / "desk", "desk") as desk:
        (held,) = desk.lists.all
        assert [entry.vrm for entry in held.voi_list.entries] == ["ZZ99ZZZ"]
