"""The dry run beside the lists: words, offenders, the warning, cancelling."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.voi import Action
from nas_desktop.services.dry_run import DayHits, DryRunReport, EntryHits, load_storm_rule
from nas_desktop.services.lists import ImportChoices
from nas_desktop.ui.lists.dry_run_dialog import DryRunDialog
from nas_desktop.ui.lists.dry_run_words import detail_words, result_words, storm_words
from nas_desktop.ui.lists.import_dialog import ImportDialog
from nas_desktop.ui.text import Tone
from tests.fakes.list_link import FakeListLink

UNTIL = datetime(2026, 11, 20, 21, tzinfo=UTC)
REPORT = DryRunReport(
    "07_Cheshire", UNTIL - timedelta(days=7), UNTIL, 3, 120_000, 312, 280, 32, 0, 2,
    (
        EntryHits("AB51*", Action.STOP, "Drugs", 280),
        EntryHits("CD12CDE", Action.ASSESS, "Burglary", 32),
    ),
    (DayHits(date(2026, 11, 19), 12), DayHits(date(2026, 11, 20), 300)),
    UNTIL - timedelta(hours=3), 60, 14, UNTIL - timedelta(hours=2),
)  # fmt: skip
CALM = replace(REPORT, hits=5, most_in_ten=2, by_day=(DayHits(date(2026, 11, 20), 5),))


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def test_that_the_result_says_how_often_and_which_entry() -> None:
    assert result_words(REPORT) == (
        "In seven days this list would have rung 312 times, 280 of them from one entry.",
        Tone.AMBER,
    )
    assert result_words(CALM)[1] is Tone.GOOD
    assert "not have rung once" in result_words(replace(REPORT, hits=0, by_entry=()))[0]
    assert "No reads are held" in result_words(replace(REPORT, reads=0))[0]
    assert "no entries" in result_words(replace(REPORT, entries=0))[0]


def test_that_shares_days_and_the_busiest_hour_are_named() -> None:
    words = detail_words(REPORT)
    assert "Stop 90 % (280) · Assess 10 % (32)" in words
    assert "Busiest hour: 20/11/2026 18:00 GMT, 60 hits" in words
    assert "Thu 19/11 12 · Fri 20/11 300" in words


def test_that_a_storm_is_warned_of_with_what_to_do() -> None:
    words = storm_words(REPORT)
    assert "14 hits in ten minutes" in words
    assert "300 hits on one day" in words
    assert "narrow their pattern" in words
    assert storm_words(CALM) == ""
    rule = load_storm_rule()
    assert (rule.ten_minutes, rule.day) == (REPORT.storm_ten, REPORT.storm_day)


def test_that_a_report_is_shown_with_its_offenders(qtbot: QtBot, parent: QWidget) -> None:
    dialog = DryRunDialog(FakeListLink(), parent, name="07_Cheshire")
    dialog.show()
    dialog.show_report(REPORT)
    assert dialog.storm.isVisible()
    assert dialog.storm.property("tone") == Tone.AMBER.value
    assert dialog.table.item(0, 0).text() == "AB51*"
    assert dialog.table.item(0, 1).text() == "280"
    assert dialog.table.rowCount() == 2


def test_that_nothing_found_leaves_no_empty_table(qtbot: QtBot, parent: QWidget) -> None:
    dialog = DryRunDialog(FakeListLink(), parent, name="07_Cheshire")
    dialog.show()
    dialog.show_report(replace(REPORT, hits=0, by_entry=(), most_in_ten=0, by_day=()))
    assert not dialog.table.isVisible()
    assert not dialog.storm.isVisible()
    assert dialog.said.text().startswith("✓")


def test_that_a_dry_run_runs_is_refused_and_is_cancelled(qtbot: QtBot, parent: QWidget) -> None:
    link = FakeListLink()
    link.stages = [("looking", 3, 4)]

    async def scenario() -> None:
        dialog = DryRunDialog(link, parent, path="/x/07.csv", choices=ImportChoices(strict=True))
        dialog.show()
        link.report = REPORT
        dialog.run()
        assert dialog.leave.text() == "Cancel"
        while dialog.is_running:
            await asyncio.sleep(0)
        assert "312 times" in dialog.said.text()
        assert link.calls("dry_run")[0].given == ("", "/x/07.csv", ImportChoices(strict=True))
        link.refusal = Refused("list_faults", "The file has faults.", "Mend them.")
        dialog.run()
        while dialog.is_running:
            await asyncio.sleep(0)
        assert dialog.said.text() == "■ The file has faults. Mend them."
        assert not dialog.table.isVisible()
        link.refusal, link.never_answers = None, True
        dialog.run()
        await asyncio.sleep(0)
        assert dialog.stage.text() == "looking 75 %"
        dialog.reject()
        while dialog.is_running:
            await asyncio.sleep(0)
        assert "Cancelled" in dialog.said.text()
        assert dialog.isVisible()
        dialog.reject()
        assert not dialog.isVisible()

    asyncio.run(scenario())


def test_that_an_import_offers_a_dry_run_of_its_file(qtbot: QtBot, parent: QWidget) -> None:
    dialog = ImportDialog(FakeListLink(), has_server=False, parent=parent)
    dialog.show()
    assert not dialog.try_out.isEnabled()
    dialog.path.setText("/x/07.csv")
    wanted: list[tuple[str, object]] = []
    dialog.dry_run_wanted.connect(lambda path, choices: wanted.append((path, choices)))
    dialog.try_out.click()
    ((path, choices),) = wanted
    assert path == "/x/07.csv"
    assert isinstance(choices, ImportChoices)
    assert choices.is_check_only
