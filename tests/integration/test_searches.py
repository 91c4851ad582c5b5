"""Searches over real links: window, desk, server, nation; denials, cancelling, the record."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import QueryRefused, ReadQuery, Where, query_from
from nas_desktop.domain.read import Read
from nas_desktop.domain.search_access import (
    Authority,
    Purpose,
    Rule,
    SearchDenied,
    SearchReason,
)
from nas_desktop.node.node import Node
from nas_desktop.services.audit import AuditAction
from nas_desktop.services.searches import GapKind, Holder, Order, RunningSearch, SearchProgress
from tests.builders import a_read
from tests.nodes import a_caller, a_node, a_window, above, settle

REASON = SearchReason(Purpose.SERIOUS, 5, "Robbery at Stone, vehicle seen leaving.", "OP MERCURY")


def now() -> datetime:
    return SystemClock().now()


def asked(**changes: Any) -> ReadQuery:
    at = now()
    values: dict[str, Any] = {"since": at - timedelta(days=2), "until": at + timedelta(hours=1)}
    values.update(changes)
    return ReadQuery(**values)


def some_reads(count: int, mark: str = "AB{n:02d}ABC", step: float = 60.0) -> list[Read]:
    at = now()
    return [
        a_read(
            mark.format(n=n),
            at - timedelta(seconds=step * (n + 1)),
            received_at=at - timedelta(seconds=step * (n + 1) - 0.5),
        )
        for n in range(count)
    ]


async def hold(node: Node, reads: list[Read]) -> None:
    await (await node.engine.put(reads))


async def done(search: RunningSearch) -> SearchProgress:
    await settle(lambda: search.progress.is_done)
    return search.progress


async def all_rows(search: RunningSearch, order: Order = Order.NEWEST) -> list[Read]:
    found: list[Read] = []
    while page := (await search.rows(len(found), 50, order)).rows:
        found += [row.read for row in page]
    return found


async def start(
    window: Any, query: ReadQuery, where: Where = Where.LOCAL, reason: SearchReason = REASON
) -> RunningSearch:
    told: list[SearchProgress] = []
    search: RunningSearch = await window.link.searches.start(query, where, reason, told.append)
    return search


def records(node: Node, *actions: AuditAction) -> list[Any]:
    return [r for _seq, r in node.stores.audit.records(1, 10_000) if r.action in actions]


async def test_that_a_window_searches_what_its_node_holds(tmp_path: Path) -> None:
    reads = some_reads(120)
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await hold(node, reads)
        search = await start(window, asked(vrms=("AB*ABC",)))
        progress = await done(search)
        assert (progress.found, progress.is_exact, progress.marks) == (120, True, 120)
        assert await all_rows(search) == reads
        assert await all_rows(search, Order.OLDEST) == reads[::-1]
        by_mark = await all_rows(search, Order.VRM)
        assert [r.vrm for r in by_mark] == sorted(r.vrm for r in reads)
        (first,) = (await search.rows(3, 1)).rows
        assert (first.held, first.asked, first.distance) == ((Holder.DESK,), "AB*ABC", None)


async def test_that_a_search_is_on_record_before_its_rows_and_again_at_its_end(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await hold(node, some_reads(5))
        query = asked(vrms=("AB01ABC",))
        await done(await start(window, query))
        (begun,) = records(node, AuditAction.SEARCH)
        (ended,) = records(node, AuditAction.SEARCH_DONE)
        assert begun.event_id == ended.event_id != ""
        assert (begun.username, begun.purpose, begun.reference) == (
            "demo-analyst",
            "SERIOUS",
            "OP MERCURY",
        )
        assert query_from(begun.criteria) == query_from(query.text)
        assert (begun.band, begun.decision, begun.result_count) == ("A", "allowed", None)
        assert ended.result_count == 1
        assert len(ended.read_ids_hash) == 64
        past = await window.link.searches.history()
        assert [(p.found, p.reason) for p in past] == [(1, REASON)]


async def test_that_no_audit_means_no_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await hold(node, some_reads(5))

        async def full(*_records: object) -> None:
            raise Refused("disk_full", "The disk is full.")

        with monkeypatch.context() as patch:
            patch.setattr(node.stores, "record", full)
            with pytest.raises(Refused) as refusal:
                await start(window, asked(vrms=("AB01ABC",)))
        assert refusal.value.code == "disk_full"
        assert node.searches._open == {}


@pytest.mark.parametrize(
    ("who", "days", "reason", "rules"),
    [
        ("demo-lists", 1, REASON, {Rule.ROLE}),
        ("demo-auditor", 1, REASON, {Rule.ROLE}),
        ("demo-operator", 100, REASON, {Rule.EXTENDED, Rule.AUTHORITY_MISSING}),
        ("demo-analyst", 100, REASON, {Rule.AUTHORITY_MISSING}),
        ("demo-analyst", 100, replace(REASON, purpose=Purpose.PVC),
         {Rule.PURPOSE, Rule.AUTHORITY_MISSING}),
        ("demo-analyst", 1, replace(REASON, justification="as above"), {Rule.JUSTIFICATION}),
        ("demo-analyst", 400, REASON, {Rule.RETENTION, Rule.AUTHORITY_MISSING}),
    ],
)  # fmt: skip
async def test_that_the_node_denies_and_puts_it_on_record(
    tmp_path: Path, who: str, days: int, reason: SearchReason, rules: set[Rule]
) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, who) as caller:
        query = asked(since=now() - timedelta(days=days), vrms=("AB01ABC",))
        answer = await caller.ask(lambda n: m.Search(n, query.text, Where.LOCAL, reason), bulk=True)
        assert isinstance(answer, m.Decided)
        assert {denial.rule for denial in answer.decision.denials} == rules
        (denied,) = records(node, AuditAction.DENIED)
        assert set(denied.decision.split(",")) == rules
        assert denied.username == who
        assert records(node, AuditAction.SEARCH) == []


async def test_that_a_camera_or_a_stranger_gets_nothing(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        query = asked(vrms=("AB01ABC",))
        for who in ("demo-cameras", ""):
            async with a_caller(node.port, who) as caller:
                with pytest.raises(Refused) as refusal:
                    await caller.ask(
                        lambda n: m.Search(n, query.text, Where.LOCAL, REASON), bulk=True
                    )
                assert refusal.value.code in ("not_permitted", "not_signed_in")


async def test_that_a_desk_cannot_search_in_its_own_name(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-desk", "desk") as caller:
        query = asked(vrms=("AB01ABC",))
        for on_behalf in ("", "nobody", "demo-cameras"):
            with pytest.raises(Refused) as refusal:
                await caller.ask(
                    lambda n, o=on_behalf: m.Search(n, query.text, Where.LOCAL, REASON, o),
                    bulk=True,
                )
            assert refusal.value.code == "not_permitted"


async def test_that_nonsense_is_refused_in_words(tmp_path: Path) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        with pytest.raises(Refused) as refusal:
            await start(window, asked(vrms=("*",)))
        assert "fits too many vehicles" in refusal.value.message
        with pytest.raises(Refused):
            await start(window, asked(vrms=tuple(f"AB{n:06d}" for n in range(100_000))))
        with pytest.raises(QueryRefused):
            query_from("from=2026-01-01&to=2026-01-02&nonsense=1")


async def test_that_an_authority_opens_what_is_older_and_only_that(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path) as node,
        a_caller(node.port, "demo-authoriser") as authoriser,
        a_caller(node.port, "demo-analyst") as analyst,
    ):
        at = now()
        wanted = Authority(
            "", "demo-authoriser", "Demo Authoriser", "Inspector", "CHESH", at,
            Purpose.SERIOUS, "OP MERCURY", at - timedelta(days=120), at + timedelta(days=1),
            at + timedelta(days=30),
        )  # fmt: skip
        given = await authoriser.ask(lambda n: m.PutAuthority(n, wanted), bulk=True)
        assert isinstance(given, m.Authorities)
        (authority,) = given.authorities
        assert authority.expires_at - authority.at == timedelta(hours=24)
        reason = replace(REASON, authority=authority.authority_id)
        query = asked(since=at - timedelta(days=100), vrms=("AB01ABC",))
        answer = await analyst.ask(
            lambda n: m.Search(n, query.text, Where.LOCAL, reason), bulk=True
        )
        assert isinstance(answer, m.SearchBegan)
        assert answer.decision.needs_review
        assert len(records(node, AuditAction.AUTH_USE)) == 1
        older = asked(since=at - timedelta(days=130), vrms=("AB01ABC",))
        answer = await analyst.ask(
            lambda n: m.Search(n, older.text, Where.LOCAL, reason), bulk=True
        )
        assert isinstance(answer, m.Decided)
        assert [d.rule for d in answer.decision.denials] == [Rule.AUTHORITY_RANGE]
        with pytest.raises(Refused):
            await analyst.ask(lambda n: m.PutAuthority(n, wanted), bulk=True)


async def test_that_a_verbal_authority_counts_and_is_countersigned(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path) as node,
        a_caller(node.port, "demo-authoriser") as authoriser,
        a_caller(node.port, "demo-analyst") as analyst,
    ):
        at = now()
        wanted = Authority(
            "", "demo-authoriser", "Demo Authoriser", "Superintendent", "CHESH", at,
            Purpose.SERIOUS, "OP MERCURY", at - timedelta(days=120), at + timedelta(days=1),
            at + timedelta(hours=2), is_verbal=True,
        )  # fmt: skip
        entered = await analyst.ask(lambda n: m.PutAuthority(n, wanted), bulk=True)
        assert isinstance(entered, m.Authorities)
        (verbal,) = entered.authorities
        assert (verbal.entered_by, verbal.countersigned_at) == ("demo-analyst", None)
        signed = await authoriser.ask(lambda n: m.Countersign(n, verbal.authority_id), bulk=True)
        assert isinstance(signed, m.Authorities)
        assert signed.authorities[0].countersigned_at is not None
        with pytest.raises(Refused):
            await analyst.ask(lambda n: m.Countersign(n, verbal.authority_id), bulk=True)
        assert [r.action for r in records(node, AuditAction.AUTH_COUNTERSIGN)] != []


async def test_that_desk_server_and_nation_are_told_apart_and_joined(tmp_path: Path) -> None:
    reads = some_reads(30)
    old = [
        replace(r, captured_at=r.captured_at - timedelta(days=20))
        for r in some_reads(5, "CD{n:02d}ABC")
    ]
    old = [a_read(r.vrm, r.captured_at, received_at=r.captured_at) for r in old]
    async with (
        a_node(tmp_path / "n", "national", listen=("127.0.0.1", 0)) as nation,
        a_node(tmp_path / "f", above=above(nation, "demo-force")) as force,
        a_node(tmp_path / "d", "desk", above=above(force)) as desk,
        a_window(desk, "demo-analyst") as window,
    ):
        await hold(nation, [*reads[10:], *old])
        await hold(force, reads[:20])
        await settle(lambda: desk.stores.reads.end() == 20)
        await settle(lambda: force.national is not None and force.national.client.is_ready)
        query = asked(vrms=("AB*ABC", "CD*ABC"), since=now() - timedelta(days=40))
        local = await start(window, query)
        assert (await done(local)).found == 20
        server = await start(window, query, Where.SERVER)
        assert (await done(server)).found == 20
        (row,) = (await server.rows(0, 1)).rows
        assert row.held == (Holder.SERVER,)
        national = await start(window, query, Where.NATIONAL)
        assert (await done(national)).found == 25
        both = await start(window, query, Where.BOTH)
        progress = await done(both)
        assert (progress.found, progress.is_exact) == (35, True)
        rows = (await both.rows(0, 100)).rows
        assert [r.read.captured_at for r in rows] == sorted(
            (r.read.captured_at for r in rows), reverse=True
        )
        held = {row.read.vrm: row.held for row in rows}
        assert held["AB05ABC"] == (Holder.DESK,)
        assert held["AB15ABC"] == (Holder.DESK, Holder.NATIONAL)
        assert held["CD02ABC"] == (Holder.NATIONAL,)
        assert {c.holder for c in progress.coverage} == {Holder.DESK, Holder.NATIONAL}
        for node in (desk, force, nation):
            assert records(node, AuditAction.SEARCH) or node is force
        assert {r.username for r in records(nation, AuditAction.SEARCH)} == {"demo-analyst"}


async def test_that_a_lost_nation_is_said_and_the_rest_is_shown(tmp_path: Path) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await hold(node, some_reads(3))
        progress = await done(await start(window, asked(vrms=("AB*ABC",)), Where.BOTH))
        assert progress.found == 3
        assert "national service was not searched" in progress.problems[0]
        with pytest.raises(Refused):
            await start(window, asked(vrms=("AB*ABC",)), Where.NATIONAL)


async def test_that_coverage_names_who_was_silent_and_who_was_never_heard(tmp_path: Path) -> None:
    at = now()
    cameras = [
        Camera(CameraId("07", 12, n), f"Ash {n:02d}", CameraKind.FIXED, Position(51.4, -2.3))
        for n in (1, 2, 3)
    ]
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await node.cameras.register(cameras, "session")
        reads = []
        for n in range(1_800):  # an hour of two cameras, of which one falls silent for half of it
            captured = at - timedelta(seconds=2 * n + 1)
            camera = CameraId("07", 12, 1 + n % 2)
            if camera.nrd_id == 2 and n < 900:
                continue
            reads.append(a_read(f"AB{n:05d}", captured, camera=camera, received_at=captured))
        await hold(node, reads)
        query = asked(since=at - timedelta(hours=1), until=at, feeds=("07",))
        progress = await done(await start(window, query))
        (coverage,) = progress.coverage
        assert (coverage.asked, coverage.whole) == (3, 1)
        kinds = {gap.camera.nrd_id: gap.kind for gap in coverage.gaps}
        assert kinds == {2: GapKind.SILENT, 3: GapKind.NEVER_HEARD}
        assert 0.4 < coverage.share < 0.6


async def test_that_a_cancelled_search_stops_and_keeps_what_it_found(tmp_path: Path) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await hold(node, some_reads(10))
        search = await start(window, asked(vrms=("AB*ABC",)))
        await search.cancel()
        await done(search)
        await search.close()
        await settle(lambda: node.searches._open == {})


async def test_that_signing_out_ends_the_searches(tmp_path: Path) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await hold(node, some_reads(10))
        search = await start(window, asked(vrms=("AB*ABC",)))
        await done(search)
        await window.link.sign_out()
        await settle(lambda: node.searches._open == {})
        with pytest.raises(Refused):
            await search.rows(0, 10)


async def test_that_a_person_has_so_many_searches_open_and_no_more(tmp_path: Path) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        searches = [await start(window, asked(vrms=("AB*ABC",))) for _n in range(6)]
        with pytest.raises(Refused) as refusal:
            await start(window, asked(vrms=("AB*ABC",)))
        assert refusal.value.code == "busy"
        await searches[0].close()
        await settle(lambda: node.searches._open["demo-analyst"] == 5)
        await start(window, asked(vrms=("AB*ABC",)))


async def test_that_questions_are_saved_shared_and_dropped(tmp_path: Path) -> None:
    async with a_node(tmp_path, "desk") as node:
        async with a_window(node, "demo-analyst") as window:
            links = window.link.searches
            mine = await links.save("A50 corridor", asked(vrms=("AB*ABC",)), Where.BOTH)
            await links.save("for all", asked(vrms=("CD1*",)), Where.LOCAL, is_shared=True)
            assert [s.name for s in await links.saved()] == ["A50 corridor", "for all"]
        async with a_window(node, "demo-operator") as window:
            links = window.link.searches
            assert [s.name for s in await links.saved()] == ["for all"]
            await links.forget(mine.saved_id)
        async with a_window(node, "demo-analyst") as window:
            links = window.link.searches
            await links.forget(mine.saved_id)
            assert [s.name for s in await links.saved()] == ["for all"]


async def test_that_a_preserved_read_outlives_the_cache(tmp_path: Path) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        reads = some_reads(5)
        await hold(node, reads)
        search = await start(window, asked(vrms=("AB*ABC",)))
        await done(search)
        review = now() + timedelta(days=30)
        assert await search.preserve((1, 3), "CPIA 12/26", review) == 2
        assert await search.preserve((1,), "CPIA 12/26", review) == 0
        with pytest.raises(Refused):
            await search.preserve((1,), "", review)
        kept = await window.link.searches.preserved()
        assert {p.read.vrm for p in kept} == {"AB01ABC", "AB03ABC"}
        rows = (await search.rows(0, 10)).rows
        assert [r.is_preserved for r in rows] == [False, True, False, True, False]


async def test_that_own_vehicles_are_denied_and_colleagues_are_noted(tmp_path: Path) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await node.searches.put_vehicles("demo-analyst", ["AB01ABC"])
        await node.searches.put_vehicles("demo-operator", ["CD01ABC"])
        with pytest.raises(SearchDenied) as denial:
            await start(window, asked(vrms=("AB01ABC",)))
        assert [d.rule for d in denial.value.decision.denials] == [Rule.OWN_VEHICLE]
        await start(window, asked(vrms=("CD01ABC",)))
        (begun,) = records(node, AuditAction.SEARCH)
        assert begun.detail["colleague"] == "yes"


async def test_that_cameras_and_rules_are_told_to_windows_and_desks(tmp_path: Path) -> None:
    async with a_node(tmp_path / "f") as force:
        camera = Camera(CameraId("07", 12, 3), "Ash 03", CameraKind.FIXED)
        await force.cameras.register([camera], "session")
        async with (
            a_node(tmp_path / "d", "desk", above=above(force)) as desk,
            a_window(desk, "demo-analyst") as window,
        ):
            await settle(lambda: bool(desk.cameras.known()))
            assert await window.link.searches.cameras() == (camera,)
            policy = await window.link.searches.policy()
            assert policy.retention_months == 12
            later = Camera(CameraId("07", 12, 4), "Ash 04", CameraKind.FIXED)
            await force.cameras.register([later], "session")
            await settle(lambda: len(desk.cameras.known()) == 2)


async def test_that_a_search_of_hits_only_finds_those_that_rang(tmp_path: Path) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        from tests.builders import a_hit

        reads = some_reads(6)
        await hold(node, reads)
        hits = [replace(a_hit(), read=r, hit_id=_hit_id(r)) for r in reads[:2]]
        await node.stores.on_operational(node.stores.operational.put_hits, hits)
        search = await start(window, asked(vrms=("AB*ABC",), hits_only=True))
        assert (await done(search)).found == 2
        assert [r.has_hit for r in (await search.rows(0, 9)).rows] == [True, True]


def _hit_id(read: Read) -> Any:
    from nas_desktop.domain.hit import hit_id_of

    return hit_id_of(read.read_id)


async def test_that_rows_are_gone_once_their_partition_is(tmp_path: Path) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await hold(node, some_reads(4))
        log = node.stores.reads
        await node.stores.on_reads(_seal, log)
        search = await start(window, asked(vrms=("AB*ABC",)))
        await done(search)
        await node.retention.drop(now() + timedelta(days=8))
        assert (await search.rows(0, 10)).rows == ()
        assert len(records(node, AuditAction.PURGE)) == 1


def _seal(log: Any) -> None:
    while log.tend(now(), is_last=True):
        log.finish()


async def test_that_a_forged_question_for_a_search_of_somebody_else_finds_nothing(
    tmp_path: Path,
) -> None:
    async with (
        a_node(tmp_path) as node,
        a_caller(node.port, "demo-analyst") as one,
        a_caller(node.port, "demo-operator") as other,
    ):
        await hold(node, some_reads(4))
        query = asked(vrms=("AB*ABC",))
        begun = await one.ask(lambda n: m.Search(n, query.text, Where.LOCAL, REASON), bulk=True)
        assert isinstance(begun, m.SearchBegan)
        with pytest.raises(Refused) as refusal:
            await other.ask(lambda n: m.WantRows(n, begun.request, 0, 10), bulk=True)
        assert refusal.value.code == "search_unknown"
        await asyncio.sleep(0)


async def test_that_looking_at_images_is_on_record_but_for_those_of_hits(tmp_path: Path) -> None:
    from nas_desktop.services.events import ImageKind
    from tests.builders import a_hit

    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        reads = some_reads(3)
        await hold(node, reads)
        hit = replace(a_hit(), read=reads[0], hit_id=_hit_id(reads[0]))
        await node.stores.on_operational(node.stores.operational.put_hits, [hit])
        await window.link.want_images([r.read_id for r in reads], [ImageKind.PATCH])
        await settle(lambda: bool(records(node, AuditAction.VIEW_IMAGE)))
        (looked,) = records(node, AuditAction.VIEW_IMAGE)
        assert (looked.username, looked.result_count) == ("demo-analyst", 2)
        await window.link.want_images([reads[0].read_id], [ImageKind.PATCH])
        await window.link.searches.saved()
        assert len(records(node, AuditAction.VIEW_IMAGE)) == 1


def _damage(node: Node, place: int) -> Path:
    """Flip a bit in the one sealed file of a node."""
    (path,) = node.stores.reads.cache.folder.glob("*.reads")
    body = bytearray(path.read_bytes())
    body[place] ^= 4
    path.write_bytes(bytes(body))
    return path


async def test_that_every_place_a_bit_is_flipped_in_ends_with_a_last_word(tmp_path: Path) -> None:
    async with a_node(tmp_path, "desk") as node, a_window(node, "demo-analyst") as window:
        await hold(node, some_reads(400, step=20.0))
        await node.stores.on_reads(_seal, node.stores.reads)
        (path,) = node.stores.reads.cache.folder.glob("*.reads")
        whole, size = path.read_bytes(), path.stat().st_size
        for place in range(30, size - 40, max(1, size // 25)):
            _damage(node, place)
            search = await start(window, asked(cameras=(CameraId("07", 12, 3),)))
            progress = await done(search)
            rows = (await search.rows(0, 200)).rows
            ids = [row.read.read_id for row in rows]
            assert len(ids) == len(set(ids))
            if progress.problems:
                assert not progress.is_exact
            await search.close()
            # On the thread of the reads: what was found is set aside there, before this comes up.
            await node.stores.on_reads(_put_back, node.stores.reads.cache, path.name, whole)


def _put_back(cache: Any, name: str, whole: bytes) -> None:
    (cache.folder / name).write_bytes(whole)
    if name in cache.damaged:
        file = replace(cache.damaged.pop(name), problem="")
        cache._segments[name] = (file, cache._opened(file))


async def test_that_only_an_authoriser_authorises_and_the_account_says_the_rank(
    tmp_path: Path,
) -> None:
    async with (
        a_node(tmp_path) as node,
        a_caller(node.port, "demo-operator") as operator,
        a_caller(node.port, "demo-analyst") as analyst,
        a_caller(node.port, "demo-authoriser") as authoriser,
    ):
        at = now()
        forged = Authority(
            "", "demo-operator", "Demo Operator", "Assistant Chief Constable", "CHESH", at,
            Purpose.SERIOUS, "OP", at - timedelta(days=300), at, at + timedelta(hours=1),
        )  # fmt: skip
        with pytest.raises(Refused) as refusal:
            await operator.ask(lambda n: m.PutAuthority(n, forged), bulk=True)
        assert refusal.value.code == "not_permitted"
        for changes in (
            {"authoriser": "no-such-account"},
            {"authoriser": "demo-operator"},
            {"authoriser": "DEMO-ANALYST"},
            {"authoriser": "demo-authoriser", "since": datetime(2026, 1, 1)},  # noqa: DTZ001
            {"authoriser": "demo-authoriser", "expires_at": at - timedelta(days=1)},
        ):
            verbal = replace(forged, is_verbal=True, **changes)  # type: ignore[arg-type]
            with pytest.raises(Refused):
                await analyst.ask(lambda n, v=verbal: m.PutAuthority(n, v), bulk=True)
        own = replace(forged, authoriser="demo-authoriser", authoriser_name="The King")
        given = await authoriser.ask(lambda n: m.PutAuthority(n, own), bulk=True)
        assert isinstance(given, m.Authorities)
        (one,) = given.authorities
        assert (one.rank, one.authoriser_name) == ("Superintendent", "Demo Authoriser")
        assert len(records(node, AuditAction.DENIED)) == 1


async def test_that_a_decision_asked_for_tells_nothing_of_other_peoples_vehicles(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-lists") as caller:
        await node.searches.put_vehicles("demo-operator", ["CD01ABC"])
        query = asked(vrms=("CD01ABC",))
        answer = await caller.ask(
            lambda n: m.AskDecision(n, query.text, Where.LOCAL, REASON), bulk=True
        )
        assert isinstance(answer, m.Decided)
        assert not answer.decision.concerns_colleague
        assert not answer.decision.needs_review


async def test_that_many_searches_at_once_find_no_more_room_than_one_by_one(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-analyst") as caller:
        query = asked(vrms=("AB*ABC",))
        answers = await asyncio.gather(
            *(
                caller.ask(lambda n: m.Search(n, query.text, Where.LOCAL, REASON), bulk=True)
                for _n in range(20)
            ),
            return_exceptions=True,
        )
        assert sum(isinstance(a, m.SearchBegan) for a in answers) == 6
        assert {a.code for a in answers if isinstance(a, Refused)} == {"busy"}


async def test_that_a_clock_set_back_brings_nothing_back_to_sight(tmp_path: Path) -> None:
    from tests.fakes.clock import FakeClock

    clock = FakeClock(now())
    async with a_node(tmp_path, "desk", clock=clock) as node:
        await hold(node, some_reads(3))
        await node.stores.on_reads(node.stores.reads.saw, now() + timedelta(days=8))
        run, _decision, _event = await node.searches.start(
            asked(vrms=("AB*ABC",)).text,
            Where.LOCAL,
            REASON,
            _who("demo-analyst"),
            lambda _progress: None,
        )
        await settle(lambda: run.progress.is_done)
        assert run.progress.found == 0
        await node.searches.end(run, "demo-analyst")
        await node.retention.tend()
        assert "set back" in node.retention.problem


def _who(username: str) -> Any:
    from nas_desktop.node.search_who import Who

    return Who(username, "desk 1", "s1")
