"""Importing a file: progress, cancelling, faults by line, the row in the file, the report."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.findings import Finding, Severity
from nas_desktop.services.lists import ImportReport, ListCounts, ListOutcome
from nas_desktop.ui.lists.findings_file import read_row
from nas_desktop.ui.lists.import_dialog import ImportDialog
from tests.fakes.list_link import FakeListLink

FAULTS = (
    Finding(
        2, 5, "V010", Severity.ERROR, "ACTION is not one of the standard words.", "Write Stop."
    ),
    Finding(3, 7, "V021", Severity.ERROR, "REASON may not be given.", "Write Documents instead."),
    Finding(3, 1, "V005", Severity.WARNING, "VRM fits none of the known formats.", "Check it."),
)
REPORT = ImportReport(
    "07_Own.csv",
    records=3,
    counts=ListCounts(1, 1),
    errors=12_347,
    warnings=1,
    by_code={"V010": 1, "V021": 12_346, "V005": 1},
    findings=FAULTS,
    omitted=12_345,
)
FAULTY = ListOutcome("07_Own", words="Nothing was imported: the file has faults.", report=REPORT)
CELLS = [
    "ZZZ",
    "FORD",
    "",
    "",
    "Halt",
    "FI",
    "No Insurance",
    "1BP",
    "text",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
]


@pytest.fixture
def link() -> FakeListLink:
    return FakeListLink()


@pytest.fixture
def dialog(qtbot: QtBot, link: FakeListLink, tmp_path: Path) -> Iterator[ImportDialog]:
    path = tmp_path / "07_Own.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["VRM"] * 16, CELLS, CELLS])
    window = QWidget()
    qtbot.addWidget(window)
    made = ImportDialog(link, has_server=True, parent=window)
    made.open()
    made.path.setText(str(path))
    yield made
    window.close()


async def settled(dialog: ImportDialog) -> None:
    for _turn in range(20):
        await asyncio.sleep(0)
        if not dialog.is_running:
            return


async def run(dialog: ImportDialog, *, is_check_only: bool = False) -> None:
    dialog.run(is_check_only=is_check_only)
    await settled(dialog)


async def test_that_a_faultless_file_goes_live_and_says_so(
    dialog: ImportDialog, link: FakeListLink
) -> None:
    link.outcome = ListOutcome(
        "07_Own", 4, is_live=True, is_stored=True, words="The list is live.",
        report=ImportReport("07_Own.csv", records=3, counts=ListCounts(3, 3)),
    )  # fmt: skip
    told: list[str] = []
    dialog.imported.connect(told.append)
    await run(dialog)
    assert told == ["07_Own"]
    (asked,) = link.calls("import_file")
    assert asked.given[0] == dialog.path.text()
    assert not dialog.findings.isVisible()
    assert "4" in dialog.said.text()


async def test_that_the_stages_are_told_in_words(dialog: ImportDialog, link: FakeListLink) -> None:
    link.never_answers = True
    link.stages = [("checking", 43, 100)]
    dialog.run(is_check_only=False)
    await asyncio.sleep(0)
    assert "43 %" in dialog.stage.text()
    assert dialog.progress.value() == 43
    dialog.cancel()
    await settled(dialog)


@pytest.mark.parametrize(
    ("stage", "said"),
    [("checking", "Nothing was imported"), ("live, not yet stored", "may be live already")],
)
async def test_that_a_cancelled_import_says_what_became_of_it(
    dialog: ImportDialog, link: FakeListLink, stage: str, said: str
) -> None:
    link.never_answers = True
    link.stages = [(stage, 0, 0)]
    dialog.run(is_check_only=False)
    await asyncio.sleep(0)
    assert dialog.is_running
    dialog.leave.click()
    await settled(dialog)
    assert said in dialog.said.text()
    assert dialog.isVisible()


async def test_that_a_refusal_is_said_and_the_choices_stay(
    dialog: ImportDialog, link: FakeListLink
) -> None:
    link.refusal = Refused("list_owner", "A list of this name belongs to somebody else.")
    await run(dialog)
    assert "belongs to somebody else" in dialog.said.text()
    assert dialog.load.isEnabled()


async def test_that_faults_are_listed_counted_and_narrowed(
    dialog: ImportDialog, link: FakeListLink
) -> None:
    link.outcome = FAULTY
    await run(dialog)
    view = dialog.findings
    QAbstractItemModelTester(view.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert "Nothing was imported" in dialog.said.text()
    assert "12,345 more" in view.more.text()
    assert view.model.rowCount() == 3
    view.code.setCurrentIndex(view.code.findData("V021"))
    assert view.model.rowCount() == 1
    view.code.setCurrentIndex(0)
    view.severity.setCurrentIndex(2)
    assert view.model.rowCount() == 1
    view.severity.setCurrentIndex(0)
    view.text.setText("documents")
    assert view.model.rowCount() == 1
    view.text.setText("no such words")
    assert view.model.rowCount() == 0
    assert not view.show_row.isEnabled()


async def test_that_the_row_of_a_fault_is_shown_as_it_stands_in_the_file(
    dialog: ImportDialog, link: FakeListLink
) -> None:
    link.outcome = FAULTY
    await run(dialog)
    view = dialog.findings
    view.ask_for_row()
    assert view._reading is not None
    await view._reading
    assert view.row.title.text() == "Line 2"
    marked = view.row.cells.item(4, 1)
    assert marked is not None
    assert marked.text() == "Halt"
    assert "Error" in view.row.cells.item(4, 0).text()  # type: ignore[union-attr]
    assert QGuiApplication.clipboard().text() == "2"


def test_that_only_the_row_is_read_and_a_missing_one_is_said(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n" * 5, encoding="utf-8")
    assert list(read_row(str(path), 3).cells) == ["a", "b"]
    assert read_row(str(path), 99).words
    assert read_row(str(tmp_path / "none.csv"), 1).words


async def test_that_the_report_is_written_and_cannot_act_as_a_formula(
    dialog: ImportDialog, link: FakeListLink, tmp_path: Path
) -> None:
    link.outcome = FAULTY
    await run(dialog)
    await dialog.findings._save(str(tmp_path / "report.csv"))
    text = (tmp_path / "report.csv").read_text(encoding="utf-8-sig")
    assert "V021" in text
    assert "12345" in text.replace(",", "")
    await dialog.findings._save(str(tmp_path / "no" / "folder.csv"))
    assert "could not be written" in dialog.findings.more.text()


async def test_that_a_check_changes_nothing(dialog: ImportDialog, link: FakeListLink) -> None:
    link.outcome = ListOutcome("07_Own", report=ImportReport("07_Own.csv", counts=ListCounts(3, 3)))
    told: list[str] = []
    dialog.imported.connect(told.append)
    await run(dialog, is_check_only=True)
    (asked,) = link.calls("import_file")
    assert asked.given[1].is_check_only
    assert told == []
