"""What a node refuses, names and counts; and what it keeps though something is wrong with it."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.audit import AuditAction
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import HitId
from nas_desktop.domain.hit_life import Step, StepKind
from nas_desktop.domain.read import ReadFlag
from nas_desktop.node.session import MAX_DENIED, MAX_FAILED_SIGN_INS
from nas_desktop.services.events import HitsRaised
from tests.nodes import a_caller, a_node, a_window, live_entry, now_item, publish, settle


async def test_that_nobody_may_do_anything_before_signing_in(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port) as stranger:
        with pytest.raises(Refused) as refusal:
            await stranger.ask(lambda n: m.SendReads(n, [now_item()]))
        assert refusal.value.code == "not_signed_in"
        await stranger.client.send(m.Subscribe("reads"))
        await stranger.until(lambda x: isinstance(x, m.Refusal) and x.about == "subscribe")
        assert node.stores.reads.end() == 0
        assert node.state().refused["not_signed_in"] == 2


@pytest.mark.parametrize(
    ("username", "message"),
    [
        ("demo-cameras", m.Subscribe("hits")),
        ("demo-cameras", m.Subscribe("reads")),
        ("demo-cameras", m.WantImages([b"x" * 16], [])),
        ("demo-operator", m.SendReads(1, [])),
        ("demo-operator", m.Subscribe("reads")),
        ("demo-operator", m.Subscribe("no such stream")),
        ("demo-operator", m.HaveLists({})),
        ("demo-operator", m.PublishList(1, "52_Own", 0, 1, [])),
        ("demo-operator", m.StopNode()),
        ("demo-lists", m.Subscribe("hits")),
        ("demo-desk", m.StopNode()),
    ],
)
async def test_that_a_right_is_needed_for_every_message(
    tmp_path: Path, username: str, message: m.Message
) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, username) as caller:
        await caller.client.send(message)
        tag = message.__struct_config__.tag
        refusal = await caller.until(lambda x: isinstance(x, m.Refusal))
        assert isinstance(refusal, m.Refusal)
        assert (refusal.code, refusal.about) == ("not_permitted", tag)
        records = [record for _seq, record in node.stores.audit.records()]
        denied = [r for r in records if r.action is AuditAction.DENIED]
        assert [(r.username, r.detail["message"]) for r in denied] == [(username, tag)]


async def test_that_a_sender_without_the_right_is_closed_in_the_end(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-operator") as caller:
        for _attempt in range(MAX_DENIED):
            await caller.client.send(m.SendReads(0, [now_item()]))
        await caller.until(lambda x: isinstance(x, m.Bye))


async def test_that_guessing_passwords_ends_the_session(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port) as caller:
        for attempt in range(MAX_FAILED_SIGN_INS):
            with pytest.raises(Refused) as refusal:
                await caller.client.sign_in("demo-operator", f"guess {attempt}")
            assert refusal.value.code == "sign_in_refused"
        await caller.until(lambda x: isinstance(x, m.Bye))
        records = [record for _seq, record in node.stores.audit.records()]
        refused = [r for r in records if r.action is AuditAction.LOGIN_REFUSED]
        assert len(refused) == MAX_FAILED_SIGN_INS


async def test_that_an_unknown_account_is_refused_in_the_same_words(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port) as caller:
        words: set[str] = set()
        for username, password in (("demo-operator", "wrong"), ("nobody", "wrong"), ("", "")):
            with pytest.raises(Refused) as refusal:
                await caller.client.sign_in(username, password)
            words.add(refusal.value.message)
        assert len(words) == 1


async def test_that_a_simulated_feed_is_refused_by_an_operational_node(tmp_path: Path) -> None:
    async with a_node(tmp_path, is_simulation=False) as node:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5), a_caller(node.port, "demo-cameras", "camera"):
                raise AssertionError
        await settle(lambda: node.state().refused.get("simulation_mismatch", 0) > 0)


async def test_that_operational_feeds_are_refused_by_a_simulation(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        with pytest.raises(TimeoutError):
            async with (
                asyncio.timeout(1.5),
                a_caller(node.port, "demo-cameras", "camera", is_simulation=False),
            ):
                raise AssertionError
        assert node.state().refused["simulation_mismatch"] > 0


async def test_that_the_session_says_who_acts_whatever_the_step_claims(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node, name="desk 7") as window:
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
        (hit,) = (await window.until(lambda e: isinstance(e, HitsRaised))).hits
        forged = Step(
            os.urandom(16), hit.hit_id, StepKind.ACKNOWLEDGE, "Chief", "HQ", hit.matched_at
        )
        await window.link.send_steps([forged])
        (kept,) = node.stores.operational.steps_of(hit.hit_id)
        assert (kept.step.operator, kept.step.workstation) == ("Demo Operator", "desk 7")


async def test_that_a_step_for_a_hit_nobody_knows_is_refused(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        step = Step(
            os.urandom(16), HitId(b"?" * 16), StepKind.ACKNOWLEDGE, "", "", SystemClock().now()
        )
        with pytest.raises(Refused) as refusal:
            await window.link.send_steps([step])
        assert refusal.value.code == "unknown_hit"
        assert node.steps.stream.end == 0


async def test_that_a_desk_cannot_relay_steps_of_somebody_unknown(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-desk", "desk") as desk:
        at = SystemClock().now()
        step = Step(os.urandom(16), HitId(b"h" * 16), StepKind.ACKNOWLEDGE, "Nobody", "x", at)
        await desk.ask(lambda n: m.SendSteps(n, [step]))
        assert node.steps.stream.end == 0
        assert node.state().refused["step_operator"] == 1


async def test_that_bad_items_are_named_and_the_rest_of_the_batch_goes_in(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-cameras", "camera") as cameras:
        batch = [
            now_item(),
            now_item(""),
            now_item(None),
            now_item(captured_at="yesterday"),
            now_item(feed_id="x"),
            now_item(source_id=0),
            now_item(nrd_id=10_000),
            now_item("QQ111QQQ"),
            now_item("QQQQQQQ"),
        ]
        reply = await cameras.ask(lambda n: m.SendReads(n, batch))
        assert isinstance(reply, m.Stored)
        assert [(bad.index, bad.field) for bad in reply.refused] == [
            (1, "vrm"),
            (2, "vrm"),
            (3, "captured_at"),
            (4, "feed_id"),
            (5, "source_id"),
            (6, "nrd_id"),
            (7, "vrm"),
        ]
        assert [read.vrm for _at, read in node.stores.reads.fetch(0, 10)] == ["AB51ABC", "QQQQQQQ"]
        assert node.state().refused["read"] == 7


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"latitude": 91.0}, ReadFlag.POSITION_INVALID),
        ({"latitude": "north"}, ReadFlag.POSITION_INVALID),
        ({"latitude": None, "longitude": None}, ReadFlag.NO_FIX),
        ({"lane_id": 7}, ReadFlag.LANE_INVALID),
        ({"alias": "x" * 500}, ReadFlag.ALIAS_INVALID),
        ({"confidence": 400}, ReadFlag.CONFIDENCE_INVALID),
        ({"kind": "satellite"}, ReadFlag.KIND_INVALID),
        ({"patch": "not a digest"}, ReadFlag.DIGEST_INVALID),
        ({"ahead_s": 3_600}, ReadFlag.CLOCK_AHEAD),
        ({"ahead_s": -3_600}, ReadFlag.CLOCK_BEHIND),
    ],
)
async def test_that_a_read_with_something_wrong_is_kept_matched_and_flagged(
    tmp_path: Path, changes: dict[str, object], flag: ReadFlag
) -> None:
    ahead = changes.pop("ahead_s", None) if "ahead_s" in (changes := dict(changes)) else None
    if isinstance(ahead, int):
        changes["captured_at"] = SystemClock().now() + timedelta(seconds=ahead)
    async with a_node(tmp_path) as node, a_window(node) as window:
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            reply = await cameras.ask(lambda n: m.SendReads(n, [now_item(**changes)]))
            assert reply.refused == []  # type: ignore[attr-defined]
        (hit,) = (await window.until(lambda e: isinstance(e, HitsRaised))).hits
        assert flag in hit.read.flags
        assert not hit.is_late


async def test_that_a_read_sent_twice_is_one_read_and_one_hit(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            item = now_item()
            for _time in range(3):
                await cameras.ask(lambda n: m.SendReads(n, [item, item]))
        assert node.stores.reads.end() == 1
        assert node.engine.hits.end == 1


async def test_that_no_alert_entries_are_kept_for_their_owner_and_shown_to_nobody(
    tmp_path: Path,
) -> None:
    from nas_desktop.domain.voi import Action

    async with a_node(tmp_path) as node, a_window(node) as window:
        await publish(node.port, live_entry(action=Action.NO_ALERT))
        await publish(node.port, live_entry("ZZ99ZZZ"), name="52_Other")
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item(), now_item("ZZ99ZZZ")]))
        raised = await window.until(lambda e: isinstance(e, HitsRaised))
        assert [hit.read.vrm for hit in raised.hits] == ["ZZ99ZZZ"]
        assert node.engine.statistics.hits_total == 1


async def test_that_a_list_with_a_part_missing_does_not_go_live(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-lists") as manager:
        await manager.ask(lambda n: m.PublishList(n, "52_A", 0, 3, [live_entry()]), bulk=True)
        with pytest.raises(Refused) as refusal:
            await manager.ask(lambda n: m.PublishList(n, "52_A", 2, 3, [live_entry()]), bulk=True)
        assert refusal.value.code == "list_parts"
        assert node.engine.index.entries == 0


async def test_that_a_forged_local_token_is_refused(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0), a_caller(node.own_port, token="x" * 40):
                raise AssertionError


async def test_that_nonsense_about_what_is_held_harms_nobody(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        await publish(node.port, live_entry())
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
        epoch = node.stores.operational.epoch
        holes = [(-5, 10**12), (3, 2), (-9, -3)]
        async with a_caller(node.port, "demo-operator") as caller:
            await caller.client.send(m.Subscribe("hits", epoch, 1, holes))
            await caller.until(lambda x: isinstance(x, m.BacklogDone))
            (hits,) = caller.all(m.Hits)
            assert (hits.first, len(hits.hits)) == (0, 1)


async def test_that_a_session_without_a_sign_of_life_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nas_desktop.adapters.link import client as client_module
    from nas_desktop.adapters.link import server as server_module

    monkeypatch.setattr(server_module, "SILENCE_S", 0.2)
    monkeypatch.setattr(client_module.m, "HEARTBEAT_S", 60.0)
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-cameras", "camera") as caller:
        await settle(lambda: not caller.client.is_ready)


async def test_that_items_that_are_no_reads_cost_only_themselves(tmp_path: Path) -> None:
    import msgspec

    async with a_node(tmp_path) as node, a_caller(node.port, "demo-cameras", "camera") as cameras:
        good = msgspec.to_builtins(now_item(), builtin_types=(type(node.clock.now()), bytes))
        frame = {"t": "send_reads", "batch": 9, "reads": ["x", 5, None, {}, good]}
        peer = cameras.client._peer
        assert peer is not None
        await peer._live.send(msgspec.msgpack.encode(frame))
        stored = await cameras.until(lambda x: isinstance(x, m.Stored) and x.batch == 9)
        assert [bad.index for bad in stored.refused] == [0, 1, 2, 3]  # type: ignore[attr-defined]
        assert node.stores.reads.end() == 1


async def test_that_a_flood_of_strangers_shuts_out_nobody_who_is_signed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import AsyncExitStack

    from nas_desktop.adapters.link import server as server_module
    from nas_desktop.node import session as session_module

    monkeypatch.setattr(server_module, "MAX_STRANGERS", 5)
    monkeypatch.setattr(session_module, "SIGN_IN_S", 0.2)
    async with a_node(tmp_path) as node, AsyncExitStack() as stack:
        known = await stack.enter_async_context(a_caller(node.port, "demo-cameras", "camera"))
        strangers = [await stack.enter_async_context(a_caller(node.port)) for _n in range(4)]
        await known.ask(lambda n: m.SendReads(n, [now_item()]))
        await settle(lambda: any(s.all(m.Bye) for s in strangers))
        assert known.client.is_ready


@pytest.mark.parametrize(
    "changes", [{"vrm": "QQ111QQQ"}, {"vrm": ""}, {"vrm": "ab 12"}, {"information": "x" * 199}]
)
async def test_that_an_entry_that_is_none_is_refused(
    tmp_path: Path, changes: dict[str, str]
) -> None:
    from dataclasses import replace

    async with a_node(tmp_path) as node, a_caller(node.port, "demo-lists") as manager:
        entry = replace(live_entry(), **changes)  # type: ignore[arg-type]
        with pytest.raises(Refused) as refusal:
            await manager.ask(lambda n: m.PublishList(n, "52_A", 0, 1, [entry]), bulk=True)
        assert refusal.value.code == "list_entry"
