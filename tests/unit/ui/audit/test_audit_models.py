"""Models and words of the audit workspace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from nas_desktop.services.audit import AuditAction, AuditPage, AuditRow, Tampering, Verdict
from nas_desktop.services.audit_ports import Check, CheckVerdict, ProofState, SamplePage, month_span
from nas_desktop.services.audit_reports import report_csv, report_text
from nas_desktop.services.audit_review import Outlier
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.audit import audit_words as words
from nas_desktop.ui.audit.outliers_view import OutliersModel
from nas_desktop.ui.audit.records_model import MOST_HELD, Column, RecordsModel
from nas_desktop.ui.audit.reports_view import ReportModel
from nas_desktop.ui.audit.sample_model import Column as SampleColumn
from nas_desktop.ui.audit.sample_model import SampleModel
from nas_desktop.ui.theme import Look
from tests.fakes.audit_link import NEWEST, a_record, a_report, an_item

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def rows(first: int, count: int) -> tuple[AuditRow, ...]:
    return tuple(AuditRow(seq, a_record(seq)) for seq in range(first, first - count, -1))


def test_that_records_come_page_by_page_and_are_bounded(qtbot: QtBot) -> None:
    model = RecordsModel()
    tester = QAbstractItemModelTester(model, FATAL)
    model.set_look(Look())
    asked: list[int] = []
    model.wanted.connect(asked.append)
    model.add(AuditPage(rows(9_000, 200), 8_801))
    model.fetchMore(QModelIndex())
    assert asked == [8_801]  # by the tester or by us, once
    assert not model.canFetchMore(QModelIndex()), "asked for once"
    model.failed()
    assert model.canFetchMore(QModelIndex())
    at = 8_800
    while model.has_more and not model.is_full:
        model.add(AuditPage(rows(at, 300), at - 299))
        at -= 300
    assert model.rowCount() == MOST_HELD
    assert not model.canFetchMore(QModelIndex())
    model.clear()
    assert (model.rowCount(), model.has_more) == (0, False)
    del tester


def test_that_a_denial_is_told_by_shape_word_and_colour() -> None:
    model = RecordsModel()
    model.set_look(Look())
    model.add(AuditPage((AuditRow(3, a_record(3)), AuditRow(1, a_record(1))), 0))
    denied, allowed = model.index(0, Column.WHAT), model.index(1, Column.WHAT)
    assert denied.data() == "Search denied"
    assert denied.data(Qt.ItemDataRole.DecorationRole) is not None
    assert allowed.data(Qt.ItemDataRole.DecorationRole) is None
    assert "purpose, authority" in denied.data(Qt.ItemDataRole.ToolTipRole)


def test_that_a_newer_record_tells_how_a_search_ended_and_what_was_found_of_it() -> None:
    model = RecordsModel()
    check = replace(
        a_record(9),
        action=AuditAction.SAMPLE_CHECK,
        detail={"seq": "6", "verdict": "query", "comment": "Why?"},
    )
    ended = replace(a_record(5), event_id=a_record(6).event_id)
    some = (AuditRow(9, check), AuditRow(7, ended), AuditRow(6, a_record(6)))
    model.add(AuditPage(some, 0))
    assert model.index(2, Column.FOUND).data() == "412"
    assert [one.verdict for one in model.checks[6]] == [CheckVerdict.QUERY]


def test_that_a_sample_is_fetched_in_order_and_a_verdict_shows(qtbot: QtBot) -> None:
    model = SampleModel()
    tester = QAbstractItemModelTester(model, FATAL)
    model.set_look(Look())
    items = tuple(an_item(seq) for seq in range(500, 350, -1))
    asked: list[int] = []
    model.wanted.connect(asked.append)
    model.add(SamplePage("2026-11", "x", 900, 150, 0, 0, items[:100]))
    model.fetchMore(QModelIndex())
    assert asked == [100]
    model.add(SamplePage("2026-11", "x", 900, 150, 0, 100, items[100:]))
    assert model.rowCount() == model.total == 150
    model.put(Check(499, CheckVerdict.REFER, "Own street.", "crees", NEWEST))
    standing = model.index(1, SampleColumn.STANDING)
    assert standing.data() == "Referred"
    assert standing.data(Qt.ItemDataRole.DecorationRole) is not None
    assert model.index(0, SampleColumn.STANDING).data() == "○ To be looked at"
    assert model.next_open(0) == 2
    assert model.next_open(149) == 0
    del tester


def test_that_reports_and_outliers_are_tables(qtbot: QtBot) -> None:
    outcomes = load_spec().outcomes
    report, outliers = ReportModel(), OutliersModel()
    testers = [QAbstractItemModelTester(model, FATAL) for model in (report, outliers)]
    report.show(a_report(), outcomes)
    outliers.show((Outlier("asmith", "analyst", 90, 12.5),))
    assert outliers.index(0, 4).data() == "▲ 7.2 times"
    assert report.rowCount() > 15
    report.show(None, outcomes)
    assert report.rowCount() == 0
    del testers


def test_that_what_is_shown_of_a_report_is_what_is_written() -> None:
    report, outcomes = a_report(notes=("Some are damaged.",)), load_spec().outcomes
    model = ReportModel()
    model.show(report, outcomes)
    text, csv = report_text(report, outcomes, "OFFICIAL"), report_csv(report, outcomes)
    for row in range(model.rowCount()):
        name, value = model.index(row, 1).data(), model.index(row, 2).data()
        assert (f"  {name}: {value}" if value else name) in text
        assert name in csv
    assert "fewer than 5" in text
    assert "OFFICIAL" in text.splitlines()[0]


@pytest.mark.parametrize(
    ("month", "span"),
    [
        ("2026-12", (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))),
        ("2026-02", (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))),
        ("2026-13", None),
        ("0000-01", None),
        ("2026-1", None),
        ("٢٠٢٦-11", None),
    ],
)
def test_that_a_month_has_a_span(month: str, span: tuple[datetime, datetime] | None) -> None:
    assert month_span(month) == span


def test_that_months_go_back_over_the_year() -> None:
    months = words.months_back(datetime(2026, 2, 3, tzinfo=UTC), 3)
    assert months == ("2026-02", "2026-01", "2025-12")
    assert words.month_words("2025-12") == "December 2025"


def test_that_every_action_verdict_reason_and_tampering_has_words() -> None:
    assert set(words.ACTIONS) == set(AuditAction)
    assert set(words.TAMPERINGS) == set(Tampering)
    assert {words.VERDICTS[one][0] for one in CheckVerdict} == {"✓", "▲", "■"}
    assert words.GROUPS[0][1] == ()


def test_that_a_question_is_told_in_words_and_an_unknown_one_as_it_stands() -> None:
    said = words.criteria_words(
        "from=2026-11-13T00:00:00Z&to=2026-11-20T00:00:00Z&vrm=AB51ABC&camera=52/1/3"
    )
    assert said == "AB51ABC; 13/11 00:00–20/11 00:00; at 1 camera: 52/1/3"
    assert words.criteria_words("later=x") == "later=x"
    assert words.criteria_words("") == ""


def test_that_the_chain_is_told_of_one_record() -> None:
    proof = ProofState("n", "desk", 20, 10, NEWEST, "srv", has_above=True)
    bad = Verdict(20, 7, Tampering.EDITED, "")
    assert "not proved: the chain breaks at 7" in words.proof_words(8, proof, bad)
    assert "before the break" in words.proof_words(6, proof, bad)
    assert "countersigned by srv" in words.proof_words(10, proof, None)
    assert "not countersigned yet" in words.proof_words(11, proof, Verdict(20))
    assert "10 newer records wait" in words.signed_words(proof)
    assert "no server above" in words.signed_words(ProofState("n", "desk", 20))
    assert words.verdict_words(bad)[0].startswith("■")
