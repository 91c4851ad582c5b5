"""The sheet of one hit: what it says, how it is written, that nothing is left when it is not."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPdf import QPdfDocument
from pytestqt.qtbot import QtBot

from nas_desktop.domain.clone import Rival
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.services import export_place
from nas_desktop.services.cards import Card
from nas_desktop.services.events import ImageArrived, ImageKind
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.services.sheets import Section, Sheet, SheetKind
from nas_desktop.ui.images import ImageCache
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.sheets import sheet_file
from nas_desktop.ui.sheets.hit_sheet import hit_sheet, made_by, pictures_of
from nas_desktop.ui.sheets.pages import Picture
from nas_desktop.ui.sheets.sheet_dialog import SheetDialog
from nas_desktop.ui.step_history import StepHistory
from tests.builders import NOON, a_hit, a_read, a_step, decided
from tests.fakes.node_link import FakeNodeLink
from tests.fakes.sheet_link import FakeSheetLink
from tests.unit.ui.at_desk import choose, drain, press
from tests.unit.ui.sheets.conftest import Running
from tests.unit.ui.test_images import a_picture

SPEC = load_spec()
WHO = made_by("A. Khan", "desk 1", NOON)


def a_card(*hits: Hit, steps: tuple[StepKind, ...] = ()) -> tuple[Card, StepHistory]:
    board, history = HitBoard(SPEC), StepHistory()
    cards = [board.raise_hit(hit) for hit in hits]
    for kind in steps:
        step = decided(a_step(hits[-1].hit_id, kind, text="4711"))
        board.apply(step)
        history.add([step])
    card = cards[-1]
    assert card is not None
    return card, history


def sheet_of(*hits: Hit, steps: tuple[StepKind, ...] = ()) -> Sheet:
    card, history = a_card(*hits, steps=steps)
    return hit_sheet(card, history, None, SPEC, WHO, NOON + timedelta(minutes=5))


def text_in(path: Path) -> list[str]:
    """Return the words of every page."""
    document = QPdfDocument()
    document.load(str(path))
    pages = [document.getAllText(n).text() for n in range(document.pageCount())]
    pages = [page.replace("\x07", "-").replace("\x02", "-") for page in pages]
    document.close()
    return pages


def titles(sheet: Sheet) -> list[str]:
    return [section.title for section in sheet.sections]


# ------------------------------------------------------------------ words


def test_that_it_says_everything_that_is_known_and_no_place() -> None:
    steps = (StepKind.ACKNOWLEDGE, StepKind.INCIDENT)
    sheet = sheet_of(a_hit(intel="1BC"), steps=steps)
    for words in (
        "AB51 ABC", "Intel Serious Crime", "FI VI", "FORD FOCUS", "M6 North 14", "CAD 1142",
        "Incident: 4711", "exact match", "revision 214", "Latency", "Acknowledged by A. Khan",
        WHO, "Conditions apply", "A read is an interpretation", "CPIA",
    ):  # fmt: skip
        assert words in sheet.text, words
    assert titles(sheet) == ["Hit", "Match", "Reasons", "Latency", "Steps", "Made"]
    assert "51.38" not in sheet.text
    assert "-2.36" not in sheet.text
    assert sheet.text.splitlines()[0] == sheet.text.splitlines()[-1] == "OFFICIAL-SENSITIVE"


def test_that_every_reason_and_every_hit_of_the_vehicle_stands_in_it() -> None:
    first = a_hit(gsc="OFFICIAL")
    again = a_hit("AB51ABC", NOON + timedelta(minutes=2), gsc="OFFICIAL")
    more = a_hit("AB51ABC", NOON, list_name="06_GMP VOI List", reason="Cloned", gsc="OFFICIAL")
    sheet = sheet_of(first.with_reasons(more.reasons), again)
    assert sheet.gsc == "OFFICIAL"
    assert "Hits of this vehicle · 2" in titles(sheet)
    assert sheet_of(first.with_reasons(more.reasons)).text.count("06_GMP VOI List") == 2


def test_that_a_pair_stands_in_it_with_both_patches() -> None:
    other = a_read("AB51ABC", NOON + timedelta(minutes=3), alias="A50 East 2")
    hit = replace(a_hit(), rival=Rival(other, 41_000.0, 180.0, 319.0))
    sheet = sheet_of(hit)
    assert "Possible clone" in titles(sheet)
    assert "A50 East 2" in sheet.text
    card, _history = a_card(hit)
    pictures = pictures_of(card, ImageCache())
    assert [p.words for p in pictures] == [
        "Plate patch", "Overview", "Other read: plate patch",
    ]  # fmt: skip
    assert {p.why for p in pictures} == {"not here yet"}


@pytest.mark.parametrize(("is_simulation", "mark"), [(True, "SIMULATION"), (False, "")])
def test_that_invented_data_is_marked(is_simulation: bool, mark: str) -> None:
    assert sheet_of(a_hit(is_simulation=is_simulation)).mark == mark


def test_that_a_long_history_is_cut_and_says_so() -> None:
    card, history = a_card(a_hit())
    for n in range(500):
        step = a_step(card.foremost.hit_id, StepKind.NOTIFY, text=f"note {n}")
        history.add([decided(step)])
    sheet = hit_sheet(card, history, None, SPEC, WHO, NOON)
    assert "100 earlier ones are in the audit" in sheet.text


# ------------------------------------------------------------------ the file


async def write(
    path: Path, sheet: Sheet, *pictures: Picture
) -> tuple[sheet_file.Written, list[Any]]:
    recorded: list[Any] = []

    async def put_on_record(path: Path, sha256: str) -> None:
        assert not path.exists()
        recorded.append((path, sha256))

    return await sheet_file.write_sheet(path, sheet, WHO, pictures, put_on_record), recorded


async def test_that_marking_mark_and_writer_are_on_every_page(qtbot: QtBot, tmp_path: Path) -> None:
    rows = tuple((f"row {n}", "words " * 30) for n in range(90))
    long = Section("Long", (*rows, ("unbroken", "x" * 4_000)))
    sheet = Sheet("ANPR hit", "OFFICIAL-SENSITIVE", (long,), "SIMULATION")
    written, recorded = await write(tmp_path / "hit.pdf", sheet, Picture("Plate patch", None, "no"))
    assert written.path.name == "hit OFFICIAL-SENSITIVE.pdf"
    assert list(tmp_path.iterdir()) == [written.path]
    digest = hashlib.sha256(written.path.read_bytes()).hexdigest()
    assert recorded == [(written.path, digest)]
    pages = text_in(written.path)
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert page.count("OFFICIAL-SENSITIVE") >= 2
        assert page.count("SIMULATION") >= 3
        assert f"Page {number}" in page
        assert "A. Khan at desk 1" in page
    whole = "".join(pages)
    assert all(f"row {n}" in whole for n in range(90))


async def test_that_nothing_is_left_of_a_sheet_that_is_not_on_record(
    qtbot: QtBot, tmp_path: Path
) -> None:
    async def refuse(_path: Path, _sha256: str) -> None:
        raise Refused("link_down", "The node cannot be reached.")

    with pytest.raises(Refused):
        await sheet_file.write_sheet(tmp_path / "h.pdf", sheet_of(a_hit()), WHO, (), refuse)
    assert list(tmp_path.iterdir()) == []


async def test_that_a_full_disk_says_so_and_leaves_nothing(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(path: Path) -> None:
        path.write_bytes(path.read_bytes()[:500])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export_place, "make_durable", cut)
    with pytest.raises(Refused) as refused:
        await write(tmp_path / "h.pdf", sheet_of(a_hit()))
    assert refused.value.code == "export_full"
    assert list(tmp_path.iterdir()) == []


async def test_that_a_pdf_cut_short_is_noticed(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sheet_file.SheetPages.end

    def cut(pages: Any) -> None:
        whole(pages)
        (part,) = tmp_path.iterdir()
        part.write_bytes(part.read_bytes()[:400])

    monkeypatch.setattr(sheet_file.SheetPages, "end", cut)
    with pytest.raises(Refused) as refused:
        await write(tmp_path / "h.pdf", sheet_of(a_hit()))
    assert refused.value.code == "export_full"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["no/such/folder/h.pdf", "taken"])
async def test_that_a_place_that_cannot_be_is_said(
    qtbot: QtBot, tmp_path: Path, place: str
) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(Refused):
        await write(tmp_path / place, sheet_of(a_hit()))


# ------------------------------------------------------------------ in the window


def open_sheet(qtbot: QtBot, window: MainWindow, link: FakeNodeLink, *hits: Hit) -> SheetDialog:
    drain(qtbot, window, link, *hits)
    choose(window, "AB51ABC")
    press(window.page.hits, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    dialog = window.tools.sheets.dialog
    assert dialog is not None
    assert dialog.isVisible()
    assert not dialog.isModal()
    return dialog


async def test_that_ctrl_p_writes_the_sheet_and_puts_it_on_record(
    qtbot: QtBot,
    window: MainWindow,
    link: FakeNodeLink,
    sheets: FakeSheetLink,
    tmp_path: Path,
    running: Running,
) -> None:
    hit = a_hit(is_simulation=True)
    link.play(ImageArrived(hit.read.read_id, ImageKind.PATCH, a_picture()))
    dialog = open_sheet(qtbot, window, link, hit)
    assert "AB51 ABC" in dialog.preview.toPlainText()
    assert "AB51" not in dialog.path.text()
    dialog.path.setText(str(tmp_path / "hit.pdf"))
    assert not dialog.write.isEnabled()
    assert "you answer for it" in dialog.said.text()
    dialog.sure.setChecked(True)
    dialog.write.click()
    assert not dialog.write.isEnabled()
    await running.wait()
    assert dialog.said.text().startswith("✓ Written: hit OFFICIAL-SENSITIVE.pdf")
    record = sheets.records[-1]
    assert (record.kind, record.hits, record.gsc) == (
        SheetKind.HIT, (hit.hit_id,), "OFFICIAL-SENSITIVE",
    )  # fmt: skip
    assert dialog.written is not None
    assert (record.path, record.file_sha256) == (str(dialog.written.path), dialog.written.sha256)
    (first, *_more) = text_in(dialog.written.path)
    assert "SIMULATION" in first


async def test_that_what_is_refused_is_said_in_the_dialog(
    qtbot: QtBot,
    window: MainWindow,
    link: FakeNodeLink,
    sheets: FakeSheetLink,
    tmp_path: Path,
    running: Running,
) -> None:
    dialog = open_sheet(qtbot, window, link, a_hit(gsc="OFFICIAL"))
    sheets.refusal = Refused("link_down", "The node cannot be reached.")
    assert dialog.sure.isHidden()
    dialog.path.setText(str(tmp_path / "hit.pdf"))
    dialog.write.click()
    await running.wait()
    assert "cannot be reached" in dialog.said.text()
    assert list(tmp_path.iterdir()) == []
    assert dialog.write.isEnabled()


async def test_that_the_lock_gives_up_what_is_being_written(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, tmp_path: Path, running: Running
) -> None:
    dialog = open_sheet(qtbot, window, link, a_hit(gsc="OFFICIAL"))
    dialog.path.setText(str(tmp_path / "hit.pdf"))
    dialog.write.click()
    await asyncio.sleep(0)
    window.lock.lock()
    await running.wait()
    assert not dialog.isVisible()
    assert list(tmp_path.iterdir()) == []
