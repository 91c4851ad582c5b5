"""The PDF report: marked on every page, recorded before it has its name, or not there at all."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from nas_desktop.domain.errors import Refused
from nas_desktop.services.exports import ExportHead
from nas_desktop.services.searches import ExportDone
from nas_desktop.ui.search.pdf_report import MOST_PDF_ROWS, PdfReport, write_pdf
from tests.fakes.search_link import FakeRunningSearch, row_at, some_progress


def a_running(found: int = 412) -> FakeRunningSearch:
    return FakeRunningSearch(lambda _told: None, some_progress(found, is_done=True))


def write(running: FakeRunningSearch, path: Path, *, with_locations: bool = False) -> ExportDone:
    return asyncio.run(
        write_pdf(
            running, path, "DS Lowe", with_locations=with_locations, progress=lambda *_told: None
        )
    )


def test_that_a_report_is_recorded_with_its_digest_and_then_named(
    qtbot: QtBot, tmp_path: Path
) -> None:
    running = a_running()
    done = write(running, tmp_path / "reads.pdf", with_locations=True)
    path = tmp_path / "reads OFFICIAL-SENSITIVE.pdf"
    assert list(tmp_path.iterdir()) == [path]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert done == ExportDone(str(path), 412, digest, "OFFICIAL-SENSITIVE")
    (recorded,) = [one for one in running.asked if one[0] == "record_export"]
    assert recorded[1:3] == (7, str(path))
    assert recorded[-1] == digest
    assert path.read_bytes().startswith(b"%PDF")


def test_that_no_record_means_no_report(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = a_running(3)

    async def refuse(*_given: object) -> str:
        assert [one.suffix for one in tmp_path.iterdir()] == [".part"]
        raise Refused("disk_full", "The disk is full.")

    monkeypatch.setattr(running, "record_export", refuse)
    with pytest.raises(Refused):
        write(running, tmp_path / "reads.pdf")
    assert not list(tmp_path.iterdir())


def test_that_a_folder_that_is_not_there_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        write(a_running(3), tmp_path / "nowhere" / "reads.pdf")
    assert refusal.value.code == "export_path"


def test_that_too_many_rows_belong_in_a_table(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        write(a_running(MOST_PDF_ROWS + 1), tmp_path / "reads.pdf")
    assert "CSV" in refusal.value.remedy


def test_that_every_page_is_marked_twice_and_numbered(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert QGuiApplication.instance() is not None
    drawn: list[str] = []
    real = PdfReport._text

    def text(self: PdfReport, *given: object) -> None:
        drawn.append(str(given[3]))
        real(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(PdfReport, "_text", text)
    head: ExportHead = asyncio.run(a_running().export_head("DS Lowe"))[1]
    report = PdfReport(tmp_path / "r.pdf", head)
    for first in range(0, 400, 200):
        report.add([row_at(n) for n in range(first, first + 200)])
    report.end()
    assert report.pages > 3
    assert drawn.count("OFFICIAL-SENSITIVE") == 2 * report.pages
    assert [one for one in drawn if one.startswith("Page ")] == [
        f"Page {n}" for n in range(1, report.pages + 1)
    ]
    assert "Latitude, longitude" not in drawn
