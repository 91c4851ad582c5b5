"""PNC through a real link: live, cut, restored; every read is matched one way or the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.hit import Basis, Hit, hit_id_of
from nas_desktop.domain.voi import ListSource, VoiEntry, VoiList
from nas_desktop.node.node import Node
from nas_desktop.node.upstream import Above
from nas_desktop.services.events import PncStatus
from nas_desktop.services.lists import ListEvent
from nas_desktop.services.tasks import spawn
from nas_desktop.simulator.pnc import ACCOUNT, Failure, PncResponder
from tests.integration.test_images import id_of
from tests.nodes import a_caller, a_node, above, live_entry, now_item, settle

BEFORE, GAP, CLEARED, NEW = "AB51ABC", "CD52CDE", "EF53EFG", "GH54GHJ"


def report(vrm: str, reason: str = "LOS confirmed", **changes: object) -> VoiEntry:
    return live_entry(vrm, reason=reason, warning_signals=(), **changes)


@asynccontextmanager
async def a_pnc(*entries: VoiEntry, delay_s: float = 0.0) -> AsyncIterator[PncResponder]:
    responder = PncResponder(entries, SystemClock(), delay_s)
    await responder.start()
    try:
        yield responder
    finally:
        await responder.stop()


def line(responder: PncResponder) -> Above:
    return Above(responder.url, *ACCOUNT)


async def an_extract(node: Node, *entries: VoiEntry, hours: float = 0.0) -> None:
    loaded_at = SystemClock().now() - timedelta(hours=hours)
    one = VoiList("PNC Extract", 1, entries, loaded_at, ListSource.PNC_EXTRACT)
    await node.lists.replace(one, ListEvent.IMPORTED)
    await node.lists.stored()


def hits(node: Node) -> dict[str, Hit]:
    return {h.read.vrm: h for _at, h in node.stores.operational.fetch_hits(0, 10_000)}


def sources(node: Node, vrm: str) -> list[tuple[ListSource, Basis]]:
    hit = hits(node).get(vrm)
    return [(r.source, r.basis) for r in hit.reasons] if hit is not None else []


def is_status(node: Node, status: PncStatus) -> bool:
    return node.pnc.state().status is status


async def read(node: Node, *vrms: str) -> None:
    async with a_caller(node.port, "demo-cameras", "camera") as cameras:
        await cameras.ask(lambda n: m.SendReads(n, [now_item(vrm) for vrm in vrms]))


LIVE = (ListSource.PNC_LIVE, Basis.STANDS)
EXTRACT = (ListSource.PNC_EXTRACT, Basis.STANDS)
OFF_PNC = (ListSource.PNC_EXTRACT, Basis.NOT_ON_PNC)


async def test_that_a_cut_link_falls_back_and_a_restored_one_corrects(tmp_path: Path) -> None:
    entries = [report(BEFORE), report(GAP), report(CLEARED)]
    async with (
        a_pnc(*entries) as pnc,
        a_node(tmp_path, pnc=line(pnc)) as node,
    ):
        await an_extract(node, *entries, hours=9)
        await settle(lambda: is_status(node, PncStatus.LIVE))
        await read(node, BEFORE)
        await settle(lambda: sources(node, BEFORE) == [LIVE])
        await pnc.cut()
        await settle(lambda: is_status(node, PncStatus.EXTRACT))
        await read(node, GAP, CLEARED, NEW)
        await settle(lambda: sources(node, GAP) == sources(node, CLEARED) == [EXTRACT])
        (reason,) = hits(node)[GAP].reasons
        assert reason.loaded_at is not None
        age = SystemClock().now() - reason.loaded_at
        assert timedelta(hours=8.9) < age < timedelta(hours=9.1)
        state = node.pnc.state()
        assert state.extract_at == reason.loaded_at
        pnc.drop(CLEARED)
        pnc.put(report(NEW, "ACT High"))
        await pnc.restore()
        await settle(lambda: is_status(node, PncStatus.LIVE))
        await settle(lambda: node.pnc.state().unchecked == 0)
        assert sorted(sources(node, GAP)) == sorted([LIVE, EXTRACT])
        assert sources(node, CLEARED) == [OFF_PNC]
        assert sources(node, NEW) == [LIVE]
        assert node.pnc.state().corrections == 3
        assert sources(node, BEFORE) == [LIVE]


@pytest.mark.parametrize("failure", [Failure.SILENT, Failure.REFUSES])
async def test_that_a_pnc_that_does_not_answer_withholds_nothing(
    tmp_path: Path, failure: Failure
) -> None:
    async with (
        a_pnc(report(GAP)) as pnc,
        a_node(tmp_path, pnc=line(pnc)) as node,
    ):
        await an_extract(node, report(GAP))
        await settle(lambda: is_status(node, PncStatus.LIVE))
        pnc.failure = failure
        await read(node, GAP)  # taken in while the link was thought to be live
        await settle(lambda: sources(node, GAP) == [EXTRACT])
        assert is_status(node, PncStatus.EXTRACT)
        pnc.failure = Failure.NONE
        await settle(lambda: sorted(sources(node, GAP)) == sorted([LIVE, EXTRACT]))


async def test_that_without_link_and_extract_there_is_no_matching(tmp_path: Path) -> None:
    async with a_pnc(report(GAP)) as pnc, a_node(tmp_path, pnc=line(pnc)) as node:
        await settle(lambda: is_status(node, PncStatus.LIVE))
        await pnc.cut()
        await settle(lambda: is_status(node, PncStatus.NO_MATCHING))
        await read(node, GAP)
        await pnc.restore()
        await settle(lambda: sources(node, GAP) == [LIVE])


async def test_that_a_gap_is_checked_after_a_restart_of_the_node(tmp_path: Path) -> None:
    async with a_pnc(report(GAP)) as pnc:
        async with a_node(tmp_path, pnc=line(pnc)) as node:
            await settle(lambda: is_status(node, PncStatus.LIVE))
            await pnc.cut()
            await settle(lambda: not is_status(node, PncStatus.LIVE))
            await read(node, GAP)
        await pnc.restore()
        async with a_node(tmp_path, pnc=line(pnc)) as node:
            await settle(lambda: sources(node, GAP) == [LIVE])


async def test_that_a_desk_cut_off_matches_the_extract_and_corrects_through_its_server(
    tmp_path: Path,
) -> None:
    entries = [report(GAP), report(CLEARED)]
    async with a_pnc(*entries) as pnc:
        async with a_node(tmp_path / "force", pnc=line(pnc)) as force:
            port = force.port
            await an_extract(force, *entries)
            async with a_node(
                tmp_path / "desk", "desk", above=above(force), listen=("127.0.0.1", 0)
            ) as desk:
                await settle(lambda: is_status(desk, PncStatus.LIVE))
                await settle(lambda: desk.lists.has("PNC Extract"))
                await desk.lists.stored()
        async with a_node(
            tmp_path / "desk", "desk", above=above(force), listen=("127.0.0.1", 0)
        ) as desk:
            await read(desk, GAP, CLEARED)
            await settle(lambda: sources(desk, GAP) == sources(desk, CLEARED) == [EXTRACT])
            pnc.drop(CLEARED)
            async with a_node(
                tmp_path / "force", pnc=line(pnc), listen=("127.0.0.1", port)
            ) as force:
                await settle(lambda: is_status(desk, PncStatus.LIVE), within_s=15)
                await settle(lambda: sorted(sources(desk, GAP)) == sorted([LIVE, EXTRACT]))
                await settle(lambda: sources(desk, CLEARED) == [OFF_PNC])


async def test_that_an_answer_nobody_can_use_is_left_out(tmp_path: Path) -> None:
    class Liar(PncResponder):
        def reports_on(self, vrms: list[str]) -> list[m.PncReport]:
            return [
                m.PncReport(99, report(GAP)),
                m.PncReport(-1, report(GAP)),
                *(m.PncReport(i, report("QQQQQQQ")) for i in range(len(vrms))),
                *(m.PncReport(i, report(v)) for i, v in enumerate(vrms)),
            ]

    liar = Liar((), SystemClock(), 0.0)
    await liar.start()
    try:
        async with a_node(tmp_path, pnc=line(liar)) as node:
            await settle(lambda: is_status(node, PncStatus.LIVE))
            await read(node, GAP, "QQQQQQQ")
            await settle(lambda: sources(node, GAP) == [LIVE])
            assert set(hits(node)) == {GAP}
    finally:
        await liar.stop()


async def test_that_no_read_goes_unmatched_while_the_link_comes_and_goes_under_load(
    tmp_path: Path,
) -> None:
    listed = [f"PN{i:02d}PNC" for i in range(10, 40)]
    entries = [report(vrm) for vrm in listed]
    async with (
        a_pnc(*entries, delay_s=0.02) as pnc,
        a_node(tmp_path, pnc=line(pnc)) as node,
        a_caller(node.port, "demo-cameras", "camera") as cameras,
    ):
        await an_extract(node, *entries)
        await settle(lambda: is_status(node, PncStatus.LIVE))
        sent: dict[bytes, str] = {}
        stop = False
        phase = "before"

        async def load() -> None:
            number = 0
            while not stop:
                batch = [now_item(f"ZZ{i % 90 + 10}ZZZ", nrd_id=1 + i) for i in range(149)]
                vrm = listed[number % len(listed)]
                item = now_item(vrm, nrd_id=1 + number % 9_000)
                batch.append(item)
                at = phase
                await cameras.ask(lambda n, batch=batch: m.SendReads(n, batch))  # type: ignore[misc]
                sent[hit_id_of(id_of(item))] = f"{at} {phase}"
                number += 1

        loading = spawn(load(), "load")
        await settle(lambda: len(sent) > 20)
        await pnc.cut()
        await settle(lambda: is_status(node, PncStatus.EXTRACT))
        phase = "gap"
        there = len(sent)
        await settle(lambda: len(sent) > there + 20)
        phase = "after"
        await pnc.restore()
        await settle(lambda: is_status(node, PncStatus.LIVE))
        there = len(sent)
        await settle(lambda: len(sent) > there + 20)
        stop = True
        await loading
        await settle(lambda: node.pnc.state().unchecked == 0, within_s=30)
        await node.engine.settled()
        await settle(lambda: len(hits_by_id(node)) == len(sent))
        found = hits_by_id(node)
        assert set(found) == set(sent)
        for hit_id, when in sent.items():
            kinds = {reason.source for reason in found[hit_id].reasons}
            assert ListSource.PNC_LIVE in kinds  # at once, or when the link was back
            if when == "gap gap":
                assert ListSource.PNC_EXTRACT in kinds
        assert any(when == "gap gap" for when in sent.values())
        assert node.pnc.state().corrections > 0
        assert len(node.stores.operational.fetch_hits(0, 100_000)) < 4 * len(sent)


def hits_by_id(node: Node) -> dict[bytes, Hit]:
    return {bytes(h.hit_id): h for _at, h in node.stores.operational.fetch_hits(0, 100_000)}
