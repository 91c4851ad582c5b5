"""Rolling latency: to matched by the node that matched, to painted by the delivery receipts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_life import DecidedStep, StepKind
from nas_desktop.domain.read import ReadFlag
from nas_desktop.node.statistics import REMEMBERED_HITS, Statistics
from nas_desktop.services.events import HitsRaised, StateReported
from tests.builders import NOON, a_hit, a_step, decided
from tests.fakes.clock import FakeClock
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


def hit_at(seconds: float, **changes: Any) -> Hit:
    hit = a_hit(captured_at=NOON + timedelta(seconds=seconds))
    return replace(hit, **changes)


def painted(hit: Hit, after_s: float, **changes: Any) -> DecidedStep:
    step = a_step(
        hit.hit_id, StepKind.DELIVER, at=hit.read.captured_at + timedelta(seconds=after_s)
    )
    return decided(step, **changes)


def test_that_the_first_accepted_receipt_of_a_hit_counts() -> None:
    clock = FakeClock(NOON)
    numbers = Statistics(clock)
    assert numbers.painted() == (None, None, None)
    hits = [hit_at(n) for n in range(5)]
    numbers.count_hits(hits)
    numbers.count_painted([painted(hits[0], 9.0, is_accepted=False, refusal="closed")])
    numbers.count_painted([decided(a_step(hits[0].hit_id))])
    assert numbers.painted() == (None, None, None)
    for n, hit in enumerate(hits):
        numbers.count_painted([painted(hit, 1.0 + n)])
        numbers.count_painted([painted(hit, 60.0)])
    assert numbers.painted() == pytest.approx((3.0, 5.0, 5.0))
    clock.advance(3_601)
    assert numbers.painted() == (None, None, None)


def test_that_late_hits_doubtful_clocks_and_strangers_do_not_count() -> None:
    numbers = Statistics(FakeClock(NOON))
    hit = hit_at(1)
    doubtful = replace(hit, read=replace(hit.read, flags=(ReadFlag.CLOCK_AHEAD,)))
    late = hit_at(2, is_late=True)
    numbers.count_hits([doubtful, late])
    numbers.count_painted([painted(h, 2.0) for h in (hit, late, hit_at(3))])
    assert numbers.painted() == (None, None, None)
    assert numbers.latencies() == (None, None, None)


def test_that_a_hit_with_more_to_say_is_no_further_hit_and_memory_is_bounded() -> None:
    numbers = Statistics(FakeClock(NOON))
    hit = hit_at(0)
    numbers.count_hits([hit])
    numbers.count_hits([hit])
    assert (numbers.hits_total, numbers.hits_10_min) == (1, 1)
    more = [replace(hit, hit_id=HitId(n.to_bytes(16, "big"))) for n in range(REMEMBERED_HITS)]
    numbers.count_hits(more)
    assert len(numbers._captured) == REMEMBERED_HITS


async def test_that_desk_and_server_tell_how_long_it_took_to_the_screen(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
        a_window(desk) as window,
    ):
        await publish(force.port, live_entry())
        await settle(lambda: len(desk.lists.revisions()) == 1)
        async with a_caller(force.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
        event = await window.until(lambda e: isinstance(e, HitsRaised))
        hit = event.hits[0]
        at = SystemClock().now() + timedelta(seconds=2)
        await window.link.send_steps([a_step(hit.hit_id, StepKind.DELIVER, at=at)])
        state = (
            await window.until(
                lambda e: isinstance(e, StateReported) and e.state.painted_p50_s is not None
            )
        ).state
        assert 2.0 <= state.painted_p50_s <= 6.0
        assert state.painted_max_s == state.painted_p95_s == state.painted_p50_s
        assert state.latency_p50_s < state.painted_p50_s
        await settle(lambda: force.engine.statistics.painted()[0] is not None)
