"""What is looked at afterwards, over a real link: who may, whose, and what stays on record."""

from __future__ import annotations

import asyncio
import hashlib
import stat
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.errors import Refused
from nas_desktop.node import audit_courier
from nas_desktop.node.audit_report_work import names
from nas_desktop.node.node import Node
from nas_desktop.services.audit import AuditAction, AuditFilter, AuditRecord
from nas_desktop.services.audit_ports import CheckVerdict
from nas_desktop.services.audit_review import Why, monthly_sample
from tests.builders import a_hit, a_read
from tests.nodes import a_caller, a_node, a_window, above, settle

NOW = SystemClock().now()
MONTH = f"{NOW:%Y-%m}"
CRITERIA = "from=2026-10-01T00:00:00Z&to=2026-10-02T00:00:00Z&vrm=AB51ABC"


def a_search(number: int, username: str = "asmith", **changes: Any) -> AuditRecord:
    one = AuditRecord(
        AuditAction.SEARCH,
        SystemClock().now(),
        username,
        reference=f"52/{number}/26",
        justification="Robbery at Stone.",
        role="analyst",
        purpose="SERIOUS",
        criteria=CRITERIA,
        band="A",
        decision="allowed",
        event_id=f"e{number}",
    )
    return replace(one, **changes)


def done(number: int, found: int, username: str = "asmith") -> AuditRecord:
    return a_search(
        number, username, action=AuditAction.SEARCH_DONE, criteria="", result_count=found
    )


def on_record(node: Node, action: AuditAction) -> list[AuditRecord]:
    return [r for _n, r in node.stores.audit.records(1, 10_000) if r.action is action]


async def refused(work: Any) -> str:
    with pytest.raises(Refused) as refusal:
        await work
    return refusal.value.code


async def test_that_a_supervisor_checks_the_searches_of_others_and_it_is_on_record(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path / "force") as force:
        await force.stores.record(
            *(a_search(n) for n in range(1, 31)),
            done(1, 412),
            a_search(40, band="B"),
            a_search(41, detail={"review": "colleague"}),
            *(a_search(n, "demo-supervisor", band="C") for n in range(50, 53)),
        )
        async with a_window(force, "demo-supervisor") as supervisor:
            audit = supervisor.link.audit
            page = await audit.sample(MONTH)
            assert {item.row.record.username for item in page.items} == {"asmith"}
            assert (page.searches, page.checked, page.first) == (32, 0, 0)
            by_reference = {item.row.record.reference: item for item in page.items}
            assert Why.BAND in by_reference["52/40/26"].why
            assert Why.COLLEAGUE in by_reference["52/41/26"].why
            rows = [
                row
                for row in (await audit.page(AuditFilter())).rows
                if row.record.action is AuditAction.SEARCH
            ]
            again = monthly_sample(rows, "demo-supervisor", page.seed)
            assert {one.row.seq for one in again} == {item.row.seq for item in page.items}
            seq = page.items[0].row.seq
            code = await refused(audit.check(seq, CheckVerdict.QUERY, "  "))
            assert code == "check_comment"
            check = await audit.check(seq, CheckVerdict.REFER, "Whose vehicle is this?")
            assert (check.seq, check.by) == (seq, "demo-supervisor")
            assert [item.checks for item in (await audit.sample(MONTH, 0, 200)).items][-1] == (
                check,
            )
        (record,) = on_record(force, AuditAction.SAMPLE_CHECK)
        assert record.username == "demo-supervisor"
        assert record.detail == {
            "seq": str(seq), "verdict": "refer", "comment": "Whose vehicle is this?",
        }  # fmt: skip
        seen = [r.detail for r in on_record(force, AuditAction.AUDIT_VIEW) if "seed" in r.detail]
        assert {detail["seed"] for detail in seen} == {page.seed}


async def test_that_a_forged_client_cannot_check_its_own_searches(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_caller(force.port, "demo-supervisor") as forged,
    ):
        await force.stores.record(a_search(1, "demo-supervisor"), a_search(2))
        rows = force.stores.audit.records(1, 100)
        own = next(n for n, r in rows if r.reference == "52/1/26")
        other = next(n for n, r in rows if r.action is AuditAction.NODE_START)
        for seq, code in ((own, "check_own"), (other, "check_unknown"), (9_999, "check_unknown")):
            ask = forged.ask(
                lambda n, seq=seq: m.CheckSearch(n, seq, CheckVerdict.SATISFIED), bulk=True
            )
            assert await refused(ask) == code
        for make in (
            lambda n: m.WantOutliers(n, MONTH),
            lambda n: m.WantProof(n),
            lambda n: m.WantTransparency(n, NOW - timedelta(days=1), NOW),
            lambda n: m.WantSubject(n, "AB51ABC", "Because I say so.", "/tmp/x"),
        ):
            assert await refused(forged.ask(make, bulk=True)) == "not_permitted"
        assert on_record(force, AuditAction.SAMPLE_CHECK) == []
        assert len(on_record(force, AuditAction.DENIED)) == 4


async def test_that_nobody_but_auditor_and_supervisor_sees_a_sample(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_window(force, "demo-operator") as operator,
        a_window(force, "demo-auditor") as auditor,
    ):
        assert await refused(operator.link.audit.sample(MONTH)) == "not_permitted"
        assert (await auditor.link.audit.sample(MONTH)).total == 0
        for month in ("2999-01", "2026-13", "x", "2026-1"):
            assert await refused(auditor.link.audit.sample(month)) == "month_unknown"


async def test_that_an_auditor_elsewhere_has_no_file_written(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_caller(force.port, "demo-auditor") as away,
    ):
        out, since = str(tmp_path / "x.csv"), NOW - timedelta(days=1)
        for make in (
            lambda n: m.WantTransparency(n, since, NOW, out),
            lambda n: m.WantSubject(n, "AB51ABC", "Request 17 of the keeper.", out),
        ):
            assert await refused(away.ask(make, bulk=True)) == "not_permitted"
        told = await away.ask(lambda n: m.WantTransparency(n, since, NOW), bulk=True)
        assert isinstance(told, m.TransparencyTold)
        assert not Path(out).exists()


async def test_that_outliers_and_proof_are_told(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_window(force, "demo-auditor") as auditor,
    ):
        await force.stores.record(
            *(a_search(n) for n in range(40)), a_search(1, "bjones"), a_search(2, "crees")
        )
        page = await auditor.link.audit.outliers(MONTH)
        assert [(o.username, o.searches) for o in page.outliers] == [("asmith", 40)]
        assert page.searches == 42
        proof = await auditor.link.audit.proof()
        assert (proof.records, proof.countersigned, proof.has_above) == (
            force.stores.audit.last, 0, False,
        )  # fmt: skip


async def test_that_a_desk_tells_who_countersigned_its_audit_and_when_nobody_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_courier, "IDLE_S", 0.01)
    async with a_node(tmp_path / "force") as force:
        server = force.stores.operational.node_id
        async with a_node(tmp_path / "desk", "desk", above=above(force)) as desk:
            own = desk.stores.operational.node_id
            await settle(lambda: bool(desk.stores.audit.countersignatures(own)))
            async with a_window(desk, "demo-auditor") as auditor:
                proof = await auditor.link.audit.proof()
                assert (proof.server_id, proof.has_above, proof.node_id) == (server, True, own)
                assert 0 < proof.countersigned <= proof.records
                assert proof.at is not None
                assert proof.problem == ""
                await force.stop()
                assert desk.upstream is not None
                await settle(lambda: not desk.upstream.client.is_ready)  # type: ignore[union-attr]
                assert "not lost" in (await auditor.link.audit.proof()).problem


async def test_that_two_who_draw_at_once_draw_the_same(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_window(force, "demo-auditor") as one,
        a_window(force, "demo-supervisor") as other,
    ):
        await force.stores.record(*(a_search(n) for n in range(30)))
        first, second = await asyncio.gather(
            one.link.audit.sample(MONTH), other.link.audit.sample(MONTH)
        )
        assert first.seed == second.seed
        assert {i.row.seq for i in first.items} == {i.row.seq for i in second.items}


async def test_that_a_transparency_report_names_nobody_and_hides_small_counts(
    tmp_path: Path,
) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_window(force, "demo-auditor") as auditor,
    ):
        now = SystemClock().now()
        reads = [a_read(f"AB5{n}ABC", now - timedelta(minutes=n)) for n in range(8)]
        await (await force.engine.put(reads))
        await force.stores.record(
            *(a_search(n) for n in range(8)),
            done(1, 6),
            a_search(9, action=AuditAction.DENIED, decision="role"),
        )
        out = tmp_path / "report.csv"
        since = now - timedelta(days=1)
        report = await auditor.link.audit.transparency(since, now + timedelta(days=1), str(out))
        assert (report.reads.count, report.found.count, report.share_found) == (8, 6, 0.75)
        assert report.counts.searches.count == 8
        assert report.counts.denied.count is None
        assert report.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
        text = out.read_text(encoding="utf-8")
        assert "asmith" not in text
        assert "ABC" not in text
        assert "fewer than 5" in text
        (record,) = on_record(force, AuditAction.TRANSPARENCY)
        assert record.file_sha256 == report.sha256
        part = await auditor.link.audit.transparency(
            now - timedelta(minutes=5, seconds=30), now + timedelta(seconds=1)
        )
        assert part.reads.count == 6
        code = await refused(auditor.link.audit.transparency(now, since))
        assert code == "period_unknown"


async def test_that_everything_held_on_one_vrm_is_written_and_on_record_first(
    tmp_path: Path,
) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_window(force, "demo-auditor") as auditor,
    ):
        now = SystemClock().now()
        reads = [a_read("AB51ABC", now - timedelta(minutes=n)) for n in range(3)]
        await (await force.engine.put([*reads, a_read("CD52XYZ", now)]))
        hit = replace(a_hit(), read=reads[0])
        await force.stores.on_operational(force.stores.operational.put_hits, [hit])
        await force.stores.record(a_search(1), a_search(2, criteria=CRITERIA.replace("AB", "X")))
        audit = auditor.link.audit
        out = tmp_path / "subject.txt"
        reason = "Request 2026/17 of the keeper."
        assert await refused(audit.subject_access("AB51ABC", "short", str(out))) == "why_missing"
        assert await refused(audit.subject_access("AB51*", reason, str(out))) == "vrm"
        assert await refused(audit.subject_access("AB51ABC", reason, "x")) == "file_unwritable"
        assert not out.exists()
        report = await audit.subject_access("ab51 abc", reason, str(out))
        assert (report.vrm, report.reads, report.hits, report.records) == ("AB51ABC", 3, 1, 2)
        text = out.read_text(encoding="utf-8")
        assert "52/1/26" in text
        assert "52/2/26" not in text
        assert "CD52XYZ" not in text
        assert report.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
        if sys.platform != "win32":
            assert stat.S_IMODE(out.stat().st_mode) == 0o600
        began, ended = on_record(force, AuditAction.SUBJECT_ACCESS)
        assert began.justification == ended.justification == reason
        assert (began.file_sha256, ended.file_sha256) == ("", report.sha256)
        nowhere = tmp_path / "none" / "x.txt"
        code = await refused(audit.subject_access("AB51ABC", reason, str(nowhere)))
        assert code == "file_unwritable"
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["subject.txt"]


@pytest.mark.parametrize(
    ("criteria", "is_named"),
    [
        (CRITERIA, True),
        (CRITERIA.replace("AB51ABC", "AB5?A*"), True),
        (CRITERIA.replace("vrm", "like"), True),
        (CRITERIA.replace("AB51ABC", "CD52XYZ"), False),
        ("", False),
        ("later=AB51ABC", True),
    ],
)
def test_that_a_question_names_a_mark_itself_or_by_a_pattern(criteria: str, is_named: bool) -> None:
    assert names(criteria, "AB51ABC") is is_named
