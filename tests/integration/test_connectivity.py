"""QQ111QQQ: timed leg by leg, and never a hit, a count or a stored read."""

from __future__ import annotations

from pathlib import Path

import pytest

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.audit import AuditAction
from nas_desktop.domain.errors import Refused
from tests.nodes import a_caller, a_node, a_window, above, live_entry, publish, settle


async def test_that_a_test_is_timed_leg_by_leg_and_leaves_no_read(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
        a_window(desk, username="") as window,
    ):
        await publish(force.port, live_entry())
        await settle(lambda: desk.upstream is not None and desk.upstream.client.is_ready)
        result = await window.link.test_connectivity()
        assert result.is_complete
        assert len(result.legs) == 2
        assert all(leg.seconds is not None for leg in result.legs)
        assert sum(leg.seconds or 0 for leg in result.legs) <= result.total_s + 0.001
        for node in (force, desk):
            assert node.stores.reads.end() == 0
            assert node.engine.hits.end == 0
            assert node.engine.statistics.reads_total == 0
            records = [record for _seq, record in node.stores.audit.records()]
            assert [r.action for r in records].count(AuditAction.TEST_READ) == 1


async def test_that_a_test_names_the_leg_that_is_missing(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
    ):
        await force.stop()
        async with a_window(desk, username="") as window:
            result = await window.link.test_connectivity()
            assert not result.is_complete
            assert [leg.seconds is None for leg in result.legs] == [False, True]


@pytest.mark.parametrize("vrm", ["AB51ABC", "QQQQQQQ", "qq111qqq", "QQ111QQQ ", ""])
async def test_that_nothing_but_the_test_vrm_is_taken(tmp_path: Path, vrm: str) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-operator") as caller:
        with pytest.raises(Refused) as refusal:
            await caller.ask(lambda n: m.Test(n, vrm, node.clock.now()))
        assert refusal.value.code == "test_vrm"
