"""Guessing is slow, and what was taken away is gone at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.node.sign_in import DEMO_PASSWORD, LOCKED_AFTER
from tests.nodes import a_node, a_window, settle


async def test_that_a_user_name_is_locked_after_many_failures(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        desk = node.sign_ins
        for name in ("demo-analyst", "nobody"):
            for _attempt in range(LOCKED_AFTER):
                with pytest.raises(Refused) as refusal:
                    await desk.sign_in(name, "wrong password", "desk 1", "s1")
                assert refusal.value.code == "sign_in_refused"
            with pytest.raises(Refused) as refusal:
                await desk.sign_in(name, DEMO_PASSWORD, "desk 1", "s1")
            assert refusal.value.code == "sign_in_locked"
        operator, _token = await desk.sign_in("demo-operator", DEMO_PASSWORD, "desk 1", "s1")
        assert operator.username == "demo-operator"


async def test_that_a_success_forgets_the_failures_before_it(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        for _round in range(2):
            for _attempt in range(LOCKED_AFTER - 1):
                with pytest.raises(Refused):
                    await node.sign_ins.sign_in("demo-analyst", "wrong password", "d", "s")
            await node.sign_ins.sign_in("demo-analyst", DEMO_PASSWORD, "d", "s")


@pytest.mark.parametrize("change", [{"is_disabled": True}, {"roles": (Role.OFFICER,)}])
async def test_that_a_session_ends_when_its_rights_are_taken_away(
    tmp_path: Path, change: dict[str, object]
) -> None:
    async with a_node(tmp_path) as node, a_window(node, "demo-analyst") as window:
        account = node.sign_ins._accounts["demo-analyst"]
        node.sign_ins._accounts["demo-analyst"] = replace(account, **change)  # type: ignore[arg-type]
        lost = [e for e in window.events if type(e).__name__ == "SignInLost"]
        assert lost == []
        await settle(lambda: any(type(e).__name__ == "SignInLost" for e in window.events))
