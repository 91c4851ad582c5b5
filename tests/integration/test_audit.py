"""Audits over a real link: carried up once, countersigned, looked at by those who may."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest

from nas_desktop.adapters.audit_check import Heads, check, check_file
from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.countersigning import is_genuine
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.domain.errors import Refused
from nas_desktop.node import audit_courier
from nas_desktop.node.node import Node
from nas_desktop.node.stores import Stores
from nas_desktop.services.audit import AuditFilter, AuditItem, Tampering
from nas_desktop.services.audit_chain import GENESIS, chained
from tests.nodes import KEY, a_caller, a_node, a_window, above, settle


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_courier, "IDLE_S", 0.01)
    monkeypatch.setattr(audit_courier, "AGAIN_S", 0.05)
    monkeypatch.setattr(audit_courier, "BATCH", 7)


def a_search(number: int, username: str = "asmith", **changes: Any) -> AuditRecord:
    return AuditRecord(
        AuditAction.SEARCH, SystemClock().now(), username, reference=f"52/{number}/26", **changes
    )


def held(server: Node, desk: Node) -> list[AuditItem]:
    return list(server.stores.held_audits.items(desk.stores.operational.node_id))


async def is_carried(server: Node, desk: Node) -> None:
    """Return when the server holds the desk's whole audit and the desk knows it."""
    audit = desk.stores.audit
    while await desk.stores.on_audit(audit.sent) < audit.last:
        await asyncio.sleep(0.01)
    assert await server.stores.on_audit(held, server, desk) == await desk.stores.on_audit(
        lambda: list(audit.items())
    )


async def test_that_records_wait_for_the_server_and_go_up_once(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force:
        port, way = force.port, above(force)
        async with a_node(tmp_path / "desk", "desk", above=way) as desk:
            await is_carried(force, desk)
    async with a_node(tmp_path / "desk", "desk", above=way) as desk:
        await desk.stores.record(*(a_search(n) for n in range(30)))
        sent = desk.stores.audit.sent()
        assert desk.stores.audit.last >= sent + 30
        async with a_node(tmp_path / "force", listen=("127.0.0.1", port)) as force:
            async with asyncio.timeout(20):
                await is_carried(force, desk)
            signed = desk.stores.audit.countersignatures(desk.stores.operational.node_id)
            assert all(is_genuine(one) for one in signed)
            assert {one.server_id for one in signed} == {force.stores.operational.node_id}
            assert len({one.key for one in signed}) == 1
            assert desk.stores.audit.verdict().is_whole


async def test_that_what_was_stored_and_not_confirmed_is_not_doubled(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_caller(force.port, "demo-desk", "desk") as desk,
    ):
        items: list[AuditItem] = []
        for n, body in enumerate((b"one", b"two", b"three"), 1):
            prev = items[-1].hash if items else GENESIS
            items.append(AuditItem(n, prev, chained(prev, n, body), body))

        async def send(some: list[AuditItem]) -> m.AuditHeld:
            reply = await desk.ask(
                lambda n: m.SendAudit(n, "desk-1", some[-1].seq, some[-1].hash, some), bulk=True
            )
            assert isinstance(reply, m.AuditHeld)
            return reply

        first = await send(items[:2])
        again = await send(items)  # the answer was lost: the same records, and one more
        assert (first.countersignature.seq, again.countersignature.seq) == (2, 3)
        assert again.countersignature.head == items[-1].hash
        assert list(force.stores.held_audits.items("desk-1")) == items


async def test_that_a_contradiction_is_refused_and_on_record_once(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_caller(force.port, "demo-desk", "desk") as desk,
        a_caller(force.port, "demo-desk-2", "desk") as other,
    ):
        one = AuditItem(1, GENESIS, chained(GENESIS, 1, b"one"), b"one")
        two = AuditItem(2, one.hash, chained(one.hash, 2, b"two"), b"two")
        forged = AuditItem(1, GENESIS, chained(GENESIS, 1, b"ONE"), b"ONE")
        gap = AuditItem(4, two.hash, chained(two.hash, 4, b"x"), b"x")
        await desk.ask(lambda n: m.SendAudit(n, "desk-1", 2, two.hash, [one, two]), bulk=True)
        for items, last, head in (
            ([forged], 1, forged.hash),
            ([forged], 1, forged.hash),
            ([gap], 4, gap.hash),
            ([], 1, one.hash),
            ([], 2, forged.hash),
        ):
            with pytest.raises(Refused) as refused:
                await desk.ask(
                    lambda n, i=items, a=last, h=head: m.SendAudit(n, "desk-1", a, h, i), bulk=True
                )
            assert refused.value.code == "audit_conflict"
        records = [r for _n, r in force.stores.audit.records()]
        conflicts = [r for r in records if r.action is AuditAction.AUDIT_CONFLICT]
        assert [r.detail["seq"] for r in conflicts] == ["1", "4", "1", "2"]
        assert list(force.stores.held_audits.items("desk-1")) == [one, two]
        for caller, node_id in (
            (other, "desk-1"), (desk, ""), (desk, force.stores.operational.node_id),
        ):  # fmt: skip
            with pytest.raises(Refused) as refused:
                await caller.ask(lambda n, i=node_id: m.SendAudit(n, i, 0, GENESIS, []), bulk=True)
            assert refused.value.code == "audit_owner"


def cut_tail(stores: Stores) -> None:
    def work(db: apsw.Connection) -> None:
        db.execute("DROP TRIGGER no_delete")
        db.execute("DELETE FROM records WHERE seq > 3")
        db.execute("DELETE FROM meta WHERE key = 'end'")

    stores.audit.database.write_now(work)


def write_anew(stores: Stores) -> None:
    items = list(stores.audit.items())

    def work(db: apsw.Connection) -> None:
        db.execute("DROP TRIGGER no_delete")
        db.execute("DELETE FROM records")
        prev = GENESIS
        for item in items:
            body = item.body.replace(b"asmith", b"bjones")
            own = chained(prev, item.seq, body)
            db.execute("INSERT INTO records VALUES (?, ?, ?, ?)", (item.seq, prev, own, body))
            prev = own
        db.execute("DELETE FROM meta WHERE key = 'end'")

    stores.audit.database.write_now(work)


@pytest.mark.parametrize(
    ("change", "kind"), [(cut_tail, Tampering.TAIL_CUT), (write_anew, Tampering.REWRITTEN)]
)
async def test_that_a_desk_whose_audit_was_made_anew_is_found(
    change: Any, kind: Tampering, tmp_path: Path
) -> None:
    folder = tmp_path / "desk"
    async with a_node(tmp_path / "force") as force:
        async with a_node(folder, "desk", above=above(force)) as desk:
            await desk.stores.record(*(a_search(n) for n in range(20)))
            await is_carried(force, desk)
        stores = Stores(folder, KEY.secret)
        change(stores)
        node_id, audit = stores.operational.node_id, stores.audit
        signed = audit.countersignatures(node_id)
        assert check(audit.items, node_id, signed, None, Heads()).kind is kind
        stores.close()
        async with a_node(folder, "desk", above=above(force)) as desk:
            assert desk.upstream is not None
            courier = desk.upstream.couriers.audit
            await settle(lambda: bool(courier.problem))
            async with a_window(desk, "demo-auditor") as auditor:
                verdict = await auditor.link.audit.verify()
                # It has begun to write on, past what the server knows or not yet.
                found = {Tampering.REWRITTEN, kind}
                assert verdict.kind in found
                out = tmp_path / "a.jsonl"
                await auditor.link.audit.export(str(out))
                assert check_file(out).kind in found
        records = [r for _n, r in force.stores.audit.records()]
        assert any(r.action is AuditAction.AUDIT_CONFLICT for r in records)


async def test_that_a_server_that_lost_records_is_sent_them_again(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force:
        way, port = above(force), force.port
        async with a_node(tmp_path / "desk", "desk", above=way) as desk:
            await is_carried(force, desk)
    (tmp_path / "force" / "audit.db").unlink()
    async with (
        a_node(tmp_path / "force", listen=("127.0.0.1", port)) as force,
        a_node(tmp_path / "desk", "desk", above=way) as desk,
    ):
        async with asyncio.timeout(20):
            await is_carried(force, desk)
            while not held(force, desk):
                await asyncio.sleep(0.01)


# ------------------------------------------------------------------ who sees what


async def test_that_an_auditor_sees_all_and_a_supervisor_the_searches_of_others(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path / "force") as force:
        await force.stores.record(
            a_search(1),
            a_search(2, "demo-supervisor"),
            a_search(3, band="B"),
            replace(a_search(4, "bjones", criteria="from=x"), action=AuditAction.DENIED),
            replace(a_search(5, "bjones", criteria="from=x"), action=AuditAction.EXPORT),
            replace(a_search(6, "crees"), action=AuditAction.EXPORT),
        )
        async with a_window(force, "demo-auditor") as auditor:
            page = await auditor.link.audit.page(AuditFilter())
            assert {"NODE_START", "SEARCH", "LOGIN"} <= {str(r.record.action) for r in page.rows}
            assert [row.seq for row in page.rows] == sorted(
                (row.seq for row in page.rows), reverse=True
            )
            page = await auditor.link.audit.page(AuditFilter(text="52/"), limit=2)
            assert [row.record.reference for row in page.rows] == ["52/6/26", "52/5/26"]
            page = await auditor.link.audit.page(AuditFilter(text="52/"), page.before, 9)
            assert [row.record.reference[3] for row in page.rows] == ["4", "3", "2", "1"]
            page = await auditor.link.audit.page(AuditFilter(bands=("B",)))
            assert [row.record.reference for row in page.rows] == ["52/3/26"]
        async with a_window(force, "demo-supervisor") as supervisor:
            page = await supervisor.link.audit.page(AuditFilter())
            assert {row.record.username for row in page.rows} == {"asmith", "bjones"}
            assert len(page.rows) == 4
            for work in (supervisor.link.audit.verify, lambda: supervisor.link.audit.export("/x")):
                with pytest.raises(Refused) as refused:
                    await work()
                assert refused.value.code == "not_permitted"
        async with a_window(force, "demo-operator") as operator:
            with pytest.raises(Refused) as refused:
                await operator.link.audit.page(AuditFilter())
            assert refused.value.code == "not_permitted"
        views = [r for _n, r in force.stores.audit.records() if r.action == "AUDIT_VIEW"]
        assert {r.username for r in views} == {"demo-auditor", "demo-supervisor"}


async def test_that_an_auditor_sees_no_reads_and_no_hits(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_caller(force.port, "demo-auditor") as auditor,
    ):
        for stream in ("reads", "hits", "steps"):
            await auditor.client.send(m.Subscribe(stream))
        await settle(lambda: len(auditor.all(m.Refusal)) == 3)
        with pytest.raises(Refused) as refused:
            await auditor.ask(lambda n: m.ExportAudit(n, "/tmp/x"), bulk=True)
        assert refused.value.code == "not_permitted"


async def test_that_a_server_shows_and_exports_what_it_holds_of_desks(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force)) as desk,
        a_window(force, "demo-auditor") as auditor,
    ):
        await desk.stores.record(a_search(1), a_search(2))
        await is_carried(force, desk)
        wanted = AuditFilter(text="52/", node_id=desk.stores.operational.node_id)
        page = await auditor.link.audit.page(wanted)
        assert [row.record.reference for row in page.rows] == ["52/2/26", "52/1/26"]
        assert (await auditor.link.audit.verify()).is_whole
        out = tmp_path / "audit.jsonl"
        done = await auditor.link.audit.export(str(out))
        verdict = check_file(out)
        assert verdict.is_whole
        assert (done.path, done.records) == (str(out), verdict.records)
        assert '"issued":' in out.read_text(encoding="utf-8")
        with pytest.raises(Refused) as refused:
            await auditor.link.audit.export("relative.jsonl")
        assert refused.value.code == "file_unwritable"


async def test_that_a_page_too_large_for_a_frame_comes_in_parts(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_window(force, "demo-auditor") as auditor,
    ):
        await force.stores.record(*(a_search(n, criteria="x" * 200_000) for n in range(9)))
        seen, before = [], 0
        while True:
            page = await auditor.link.audit.page(AuditFilter(text="52/"), before)
            seen += [row.record.reference for row in page.rows]
            before = page.before
            if not before:
                break
        assert seen == [f"52/{n}/26" for n in reversed(range(9))]


async def test_that_a_lost_audit_is_said_and_put_on_record(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        assert node.state().problem == ""
    for path in tmp_path.glob("audit.db*"):
        path.unlink()
    async with a_node(tmp_path) as node:
        assert "is gone" in node.state().problem
        (_seq, first), *_rest = node.stores.audit.records(1, 10)
        assert first.action is AuditAction.AUDIT_CONFLICT
