"""The audit workspace as an auditor and a supervisor work it, and what nobody else sees."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit import AuditAction, Tampering, Verdict
from nas_desktop.services.audit_ports import CheckVerdict
from nas_desktop.services.audit_review import Outlier
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.audit.audit_page import AuditPage
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import Look, ThemeName
from tests.fakes.audit_link import FakeAuditLink, an_item
from tests.fakes.node_link import DeskClock, FakeNodeLink, RunsAtOnce, an_operator


@pytest.fixture
def audit() -> FakeAuditLink:
    return FakeAuditLink(items=tuple(an_item(seq) for seq in (1_996, 1_991, 1_986)))


@pytest.fixture
def window(
    qtbot: QtBot,
    bridge: Bridge,
    board: HitBoard,
    link: FakeNodeLink,
    clock: DeskClock,
    spawn: RunsAtOnce,
    settings: QSettings,
    audit: FakeAuditLink,
) -> Iterator[MainWindow]:
    made = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings, audit=audit)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.leave()
    made.deleteLater()


@pytest.fixture
def page(window: MainWindow) -> AuditPage:
    return signed_in(window, Role.AUDITOR)


def signed_in(window: MainWindow, role: Role) -> AuditPage:
    window.sign_in_as(an_operator(role))
    window.actions_by_name["audit"].trigger()
    assert window.audit_page is not None
    return window.audit_page


def seen(page: AuditPage) -> list[str]:
    return [
        page.tabs.tabText(at).replace("&", "")
        for at in range(page.tabs.count())
        if page.tabs.isTabVisible(at)
    ]


# ------------------------------------------------------------------ who sees what


def test_that_an_auditor_sees_every_view(page: AuditPage) -> None:
    assert seen(page) == ["Records", "Sample", "Outliers", "Reports", "Proof"]
    assert page.records.model.rowCount() == 200


def test_that_a_supervisor_sees_the_sample_alone(window: MainWindow, audit: FakeAuditLink) -> None:
    page = signed_in(window, Role.SUPERVISOR)
    assert seen(page) == ["Sample"]
    assert page.tabs.currentWidget() is page.sample
    assert page.sample.model.rowCount() == 3
    assert {call[0] for call in audit.asked} == {"sample"}


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.AUDITOR, Role.SUPERVISOR)]
)
def test_that_everybody_else_is_told_why_not(
    window: MainWindow, audit: FakeAuditLink, role: Role
) -> None:
    page = signed_in(window, role)
    assert page.whole.currentWidget() is page.why_not
    assert "does not see the audit" in page.why_not.accessibleName()
    assert audit.asked == []


def test_that_nothing_is_left_for_the_next_person(window: MainWindow, page: AuditPage) -> None:
    page.records.form.person.setText("asmith")
    page.reports.vrm.setText("AB51ABC")
    page.proof.verify_now()
    window.bridge.set_operator(None)
    page = signed_in(window, Role.SUPERVISOR)
    assert page.records.model.rowCount() == 0
    assert page.records.form.person.text() == page.reports.vrm.text() == ""
    assert page.records.detail.shown is None
    assert (page.proof.verdict, page.proof.proof) == (None, None)


def test_that_the_workspace_has_its_key_and_is_not_there_without_a_link(
    window: MainWindow, page: AuditPage
) -> None:
    action = window.actions_by_name["audit"]
    assert action.shortcut().toString() == "Ctrl+4"
    assert action.isChecked()
    assert window.pages.name == "audit"
    assert not window.actions_by_name["lists"].isEnabled()


# ------------------------------------------------------------------ records


def test_that_records_are_looked_up_by_what_the_form_says(
    page: AuditPage, audit: FakeAuditLink
) -> None:
    form = page.records.form
    assert audit.calls("page")[0][0].since == datetime(2026, 11, 14, tzinfo=UTC)
    form.action.setCurrentIndex(form.action.findText("Searches and denials"))
    form.when.setCurrentIndex(form.when.findText("Between…"))
    form.bands["B"].setChecked(True)
    form.text.setText(" mercury ")
    form.person.setText("asmith")
    assert len(audit.calls("page")) == 1, "nothing is looked up before it is asked for"
    QTest.keyClick(form.person, Qt.Key.Key_Return)
    wanted = audit.calls("page")[-1][0]
    assert wanted.actions == (AuditAction.SEARCH, AuditAction.SEARCH_DONE, AuditAction.DENIED)
    assert (wanted.bands, wanted.text, wanted.username) == (("B",), "mercury", "asmith")
    assert wanted.until == datetime(2026, 11, 21, tzinfo=UTC)
    assert {row.record.username for row in audit_rows(page)} == {"asmith"}


def audit_rows(page: AuditPage) -> list:  # type: ignore[type-arg]
    model = page.records.model
    return [model.row_at(n) for n in range(model.rowCount())]


def test_that_days_the_wrong_way_round_are_not_looked_up(
    page: AuditPage, audit: FakeAuditLink
) -> None:
    form, before = page.records.form, len(audit.calls("page"))
    form.when.setCurrentIndex(form.when.findText("Between…"))
    form.since.setDate(form.until.date().addDays(1))
    form.apply.click()
    assert len(audit.calls("page")) == before
    assert "before the first" in page.records.empty.accessibleName()


def test_that_a_record_is_shown_in_full(page: AuditPage) -> None:
    rows = audit_rows(page)
    at = next(n for n, row in enumerate(rows) if row.record.action is AuditAction.DENIED)
    page.records.table.selectRow(at)
    shown = words_in(page.records.detail)
    for words in (
        "Robbery at Stone", "OP MERCURY", "AB51ABC; 13/11", "■ Denied, by the rules", "analyst",
        "number 1,998", "not countersigned yet", "20/11/2026 20:43:00 GMT",
    ):  # fmt: skip
        assert words in shown, words


def words_in(widget: object) -> str:
    found = widget.findChildren(QLabel)  # type: ignore[attr-defined]
    return "\n".join(one.text() for one in found if one.isVisibleTo(widget))


def test_that_no_record_and_a_refusal_are_told_apart(
    window: MainWindow, audit: FakeAuditLink
) -> None:
    audit.rows = ()
    page = signed_in(window, Role.AUDITOR)
    assert "No record fits" in page.records.empty.accessibleName()
    audit.refusal = Refused("link_down", "The node is away.", "Wait.")
    page.records.look_up()
    assert "could not be read" in page.records.empty.accessibleName()
    assert "The node is away." in page.records.empty.accessibleName()


def test_that_a_late_answer_to_an_earlier_question_is_dropped(
    page: AuditPage, audit: FakeAuditLink, spawn: RunsAtOnce
) -> None:
    audit.never_answers = True
    page.records.look_up()
    late = spawn.waiting.pop()
    audit.never_answers = False
    page.records.form.person.setText("crees")
    page.records.look_up()
    people = {row.record.username for row in audit_rows(page)}
    with contextlib.suppress(StopIteration):
        late.send(None)  # the first answer comes now, and is of everybody
    assert {row.record.username for row in audit_rows(page)} == people == {"crees"}


# ------------------------------------------------------------------ sample


def test_that_a_verdict_is_put_on_record_and_the_next_is_chosen(
    window: MainWindow, audit: FakeAuditLink
) -> None:
    sample = signed_in(window, Role.SUPERVISOR).sample
    assert sample.table.currentIndex().row() == 0
    assert "3 to be looked at" in sample.status.text()
    sample.buttons[CheckVerdict.SATISFIED].click()
    assert audit.calls("check") == [(1_996, CheckVerdict.SATISFIED, "")]
    assert sample.table.currentIndex().row() == 1
    sample.buttons[CheckVerdict.QUERY].click()
    assert len(audit.calls("check")) == 1, "a query says why"
    assert sample.said.text().startswith("■")
    assert sample.comment.hasFocus()
    sample.comment.setText(" Which robbery? ")
    sample.buttons[CheckVerdict.QUERY].click()
    assert audit.calls("check")[-1] == (1_991, CheckVerdict.QUERY, "Which robbery?")
    assert sample.comment.text() == ""
    assert "1 to be looked at" in sample.status.text()
    sample.table.selectRow(1)
    assert "▲ Query: Which robbery?" in words_in(sample.detail)


def test_that_a_refused_verdict_leaves_everything_as_it_was(
    window: MainWindow, audit: FakeAuditLink
) -> None:
    sample = signed_in(window, Role.SUPERVISOR).sample
    sample.comment.setText("Why?")
    audit.refusal = Refused("check_own", "Nobody checks what they did themselves.")
    sample.buttons[CheckVerdict.REFER].click()
    assert "Nobody checks" in sample.said.text()
    assert sample.comment.text() == "Why?"
    assert sample.buttons[CheckVerdict.REFER].isEnabled()
    assert "3 to be looked at" in sample.status.text()


def test_that_an_empty_month_teaches(window: MainWindow, audit: FakeAuditLink) -> None:
    audit.items = ()
    sample = signed_in(window, Role.SUPERVISOR).sample
    assert "5 %" in sample.empty.accessibleName()
    assert not any(button.isEnabled() for button in sample.buttons.values())
    sample.month.setCurrentIndex(1)
    assert audit.calls("sample")[-1][0] == "2026-10"


# ------------------------------------------------------------------ the rest


def test_that_an_outlier_leads_to_the_searches(page: AuditPage, audit: FakeAuditLink) -> None:
    audit.found = (Outlier("bjones", "analyst", 90, 12.5),)
    page.tabs.setCurrentWidget(page.outliers)
    page.outliers.look.click()
    assert page.tabs.currentWidget() is page.records
    wanted = audit.calls("page")[-1][0]
    assert (wanted.username, wanted.since) == ("bjones", None)


def test_that_reports_are_counted_written_and_told_with_their_digest(
    page: AuditPage, audit: FakeAuditLink
) -> None:
    reports = page.reports
    page.tabs.setCurrentWidget(reports)
    assert audit.calls("transparency") == []
    reports.count.click()
    assert audit.calls("transparency")[-1][:2] == (
        datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC),
    )  # fmt: skip
    assert reports.model.rowCount() > 15
    reports.count_period("/home/a/report.csv")
    assert "SHA-256 3f3f" in reports.told.text()
    reports.vrm.setText("AB51ABC")
    reports.reason.setText("short")
    assert not reports.subject.isEnabled()
    reports.reason.setText("Request 2026/17 of the keeper.")
    assert reports.subject.isEnabled()
    reports.subject.click()
    (dialog,) = reports.findChildren(QFileDialog)
    dialog.fileSelected.emit("/home/a/x.txt")
    assert audit.calls("subject_access") == [
        ("AB51ABC", "Request 2026/17 of the keeper.", "/home/a/x.txt")
    ]
    assert "412 reads, 3 hits, 1 list entry" in reports.said.text()
    assert reports.vrm.text() == ""
    dialog.close()


def test_that_a_tampered_chain_is_said_in_every_view(page: AuditPage, audit: FakeAuditLink) -> None:
    page.tabs.setCurrentWidget(page.proof)
    assert page.proof.title.text().startswith("○")
    page.proof.verify.click()
    assert page.proof.title.text() == "● The audit is whole"
    assert page.broken.isHidden()
    audit.verdict = Verdict(2_000, 1_777, Tampering.EDITED, "The hash does not follow.")
    audit.state = replace(audit.state, problem="They contradict what was sent.")
    page.proof.verify.click()
    assert "Record 1,777" in page.broken.text()
    assert not page.broken.isHidden()
    assert page.proof.broken.isVisible()
    assert "They contradict" in page.proof.problem.text()
    page.tabs.setCurrentWidget(page.records)
    assert "the chain breaks at 1,777" in words_in(page.records.detail)
    page.proof.export_to("/home/a/audit.jsonl")
    assert "2,000 records written to /home/a/audit.jsonl" in page.proof.said.text()


@pytest.mark.parametrize("theme", list(ThemeName))
def test_that_every_control_says_what_it_is(
    window: MainWindow, page: AuditPage, theme: ThemeName
) -> None:
    window.set_look(Look(theme, 2.0))
    for view in (page.records.form, page.sample, page.outliers, page.reports, page.proof):
        for button in view.findChildren(QAbstractButton):
            if button.text() and not button.objectName().startswith("qt_"):
                assert button.toolTip(), button.text()


def test_that_widths_and_span_are_remembered(
    window: MainWindow, page: AuditPage, settings: QSettings
) -> None:
    page.records.form.when.setCurrentIndex(2)
    window.save_layout()
    assert settings.value("audit/records") is not None
    assert str(settings.value("audit/when")) == "2"
    page.records.form.when.setCurrentIndex(0)
    page.restore_layout()
    assert page.records.form.when.currentIndex() == 2
