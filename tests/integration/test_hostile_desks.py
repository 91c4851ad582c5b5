"""What desks may say that is wrong, torn or hostile: refused or bounded, and the node goes on."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.desk_scope import Circle, DeskScope
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import Step, StepKind
from nas_desktop.node.node import Node
from nas_desktop.services.desks import DeskReport
from nas_desktop.services.events import HitsRaised, StateReported
from tests.nodes import Window, a_caller, a_node, a_window, live_entry, now_item, publish, settle


async def raised(node: Node, window: Window) -> Hit:
    await publish(node.port, live_entry())
    async with a_caller(node.port, "demo-cameras", "camera") as camera:
        await camera.ask(lambda n: m.SendReads(n, [now_item()]))
    found = await window.until(lambda e: isinstance(e, HitsRaised) and bool(e.hits))
    hit: Hit = found.hits[0]
    return hit


def a_step(hit: Hit, kind: StepKind, **more: Any) -> Step:
    values = {"at": SystemClock().now(), **more}
    return Step(os.urandom(16), hit.hit_id, kind, "", "", **values)


async def test_that_a_time_without_its_zone_is_refused_and_stops_nothing(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        hit = await raised(node, window)
        await window.link.send_steps([a_step(hit, StepKind.ACKNOWLEDGE)])
        naive = SystemClock().now().replace(tzinfo=None)
        for wrong in (
            a_step(hit, StepKind.VERIFY, code="agrees", at=naive),
            a_step(hit, StepKind.PARK, code="pnc", until=naive + timedelta(minutes=5)),
        ):
            with pytest.raises(Refused) as refusal:
                await window.link.send_steps([wrong])
            assert refusal.value.code in ("step_unusable", "malformed")
        await window.link.desks.report(DeskReport("", True, naive))
        await node.desks.look()
        await window.link.send_steps([a_step(hit, StepKind.DELIVER)])
        assert (await node.steps.life(hit.hit_id)).holder == "Demo Operator"


async def test_that_a_step_from_the_future_is_of_now(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        hit = await raised(node, window)
        ahead = SystemClock().now() + timedelta(days=365)
        step = a_step(hit, StepKind.ACKNOWLEDGE, at=ahead)
        await window.link.send_steps([step])
        life = await node.steps.life(hit.hit_id)
        assert life.acknowledged_at is not None
        assert life.acknowledged_at < ahead - timedelta(days=364)
        parked = a_step(
            hit, StepKind.PARK, code="pnc", at=ahead, until=ahead + timedelta(minutes=5)
        )
        await window.link.send_steps([parked])
        assert (await node.steps.history(hit.hit_id)).steps[-1].refusal == "bad_time"


async def test_that_a_hit_is_not_passed_to_a_desk_nobody_attends(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        hit = await raised(node, window)
        await window.link.send_steps([a_step(hit, StepKind.ACKNOWLEDGE)])
        await window.link.send_steps([a_step(hit, StepKind.PASS, code="desk", to="nowhere")])
        history = await node.steps.history(hit.hit_id)
        assert history.steps[-1].refusal == "desk_unattended"
        assert history.life.holder == "Demo Operator"


async def test_that_a_receipt_of_a_desk_never_heard_of_does_not_count(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path) as node,
        a_window(node) as window,
        a_window(node, "demo-second", "desk 2") as silent,
    ):
        await window.link.desks.report(DeskReport("", True, SystemClock().now()))
        hit = await raised(node, window)
        await silent.link.send_steps([a_step(hit, StepKind.DELIVER)])
        early = hit.read.captured_at - timedelta(days=400)
        await window.link.send_steps([a_step(hit, StepKind.DELIVER, at=early)])
        refusals = [d.refusal for d in (await node.steps.history(hit.hit_id)).steps]
        assert refusals == ["not_attended", "bad_time"]
        await window.link.send_steps([a_step(hit, StepKind.DELIVER)])
        assert (await node.steps.life(hit.hit_id)).delivered_at is not None


async def test_that_scopes_too_large_for_a_live_frame_still_reach_everybody(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path) as node, a_window(node, "demo-supervisor", "boss") as boss:
        many = DeskScope(
            circles=tuple(Circle(Position(51 + n / 1000, -2 - n / 1000), 500.5) for n in range(200))
        )
        for n in range(12):
            await boss.link.desks.set_scope(f"desk {n}", many)
        await settle(
            lambda: any(
                isinstance(e, StateReported) and len(e.state.desks) >= 12 for e in boss.events
            )
        )
        with pytest.raises(Refused):
            await boss.link.desks.set_scope("two\nlines", many)
        wrong = replace(many, circles=(Circle(Position(float("nan"), 0.0), 5.0),))
        with pytest.raises(Refused):
            await boss.link.desks.set_scope("desk 1", wrong)
