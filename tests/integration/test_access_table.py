"""The whole table of access at the node that holds the reads, asked by a client that forges.

The client checks nothing itself: it sends every combination over a real link and only reads what
the node says. ``tests/unit/domain/test_search_access.py`` has the table, written independently.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest

from nas_desktop.adapters.accounts import hash_password
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.operational import Account
from nas_desktop.domain.access import Role
from nas_desktop.domain.query import Where
from nas_desktop.domain.search_access import Purpose
from nas_desktop.node.sign_in import DEMO_PASSWORD
from tests.fakes.clock import FakeClock
from tests.nodes import Caller, a_caller, a_node
from tests.unit.domain.test_search_access import (
    AUTHORITIES,
    NOW,
    SINCE,
    a_query,
    a_reason,
    authority_of,
    expected,
)

PEOPLE = tuple(role for role in Role if role not in (Role.CAMERA, Role.DESK, Role.WINDOW))
AT_ONCE = 40


@pytest.mark.timeout(240)
@pytest.mark.parametrize("months", [12, 24])
async def test_that_the_node_decides_every_combination_as_the_table_says(
    tmp_path: Path, months: int
) -> None:
    (tmp_path / "access.json").write_text(json.dumps({"retention_months": months}))
    hashed = await asyncio.to_thread(hash_password, DEMO_PASSWORD)
    wrong: list[tuple[object, ...]] = []
    count = 0
    async with a_node(tmp_path, clock=FakeClock(NOW)) as node:
        for name, purpose in itertools.product(AUTHORITIES, Purpose):
            authority = authority_of(name, purpose)
            if authority is not None:
                number = f"{name}|{purpose}"[:60]
                node.stores.searches.put_authority(replace(authority, authority_id=number))
        for role in PEOPLE:
            await node.sign_ins._keep(Account("asmith", "Anna Smith", hashed, (role,)))
            async with a_caller(node.port, "asmith", name="forger") as caller:
                cases = list(itertools.product(Purpose, SINCE, AUTHORITIES))
                for first in range(0, len(cases), AT_ONCE):
                    some = cases[first : first + AT_ONCE]
                    found = await asyncio.gather(*(_rules(caller, *case) for case in some))
                    for case, rules in zip(some, found, strict=True):
                        purpose, when, name = case
                        wanted = expected(str(role), str(purpose), when, name, months)
                        count += 1
                        if rules != wanted:
                            wrong.append((role, *case, rules, wanted))
    assert wrong == []
    assert count == len(PEOPLE) * len(Purpose) * len(SINCE) * len(AUTHORITIES)


async def _rules(caller: Caller, purpose: Purpose, when: str, name: str) -> set[str]:
    has_authority = AUTHORITIES[name][0] is not None
    reason = a_reason(purpose, authority=f"{name}|{purpose}"[:60] if has_authority else "")
    query = a_query(since=SINCE[when])
    answer = await caller.ask(
        lambda n: m.AskDecision(n, query.text, Where.LOCAL, reason), bulk=True
    )
    assert isinstance(answer, m.Decided)
    return {str(denial.rule) for denial in answer.decision.denials}
