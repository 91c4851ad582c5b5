"""The map as a file: named with its marking, on record before it has its name, or not there."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import Circle
from nas_desktop.services import export_place
from nas_desktop.services.cards import CardId
from nas_desktop.services.events import NodeState, StateReported
from nas_desktop.services.map_link import MapPicture
from nas_desktop.services.map_tiles import TileInfo
from nas_desktop.services.searches import ExportFormat
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import GSC
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.map import map_export
from nas_desktop.ui.map.map_desk import MapDesk
from nas_desktop.ui.map.map_export import MapExport, place_words
from nas_desktop.ui.map.map_sheet import Sheet, write_pdf, write_png
from nas_desktop.ui.map.map_view import ViewBox
from nas_desktop.ui.map.picture_dialog import FORMS, PictureDialog
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.map.scene import Way
from nas_desktop.ui.search.search_tab import SearchTab
from tests.fakes.map_link import FakeMapLink
from tests.fakes.node_link import START, FakeNodeLink
from tests.fakes.search_link import FakeSearchLink, some_progress
from tests.unit.ui.map.at_map import (
    STOKE,
    STONE,
    a_hit_at,
    ask,
    drain,
    later,
    show_marks,
)
from tests.unit.ui.map.conftest import RunsOrKeeps

PNG, PDF, HTML = ExportFormat.MAP_PNG, ExportFormat.MAP_PDF, ExportFormat.MAP_HTML
WHY, WHOM = "Briefing 7 Nov", "FIM Staffordshire"


@pytest.fixture
def searches(searches: FakeSearchLink) -> FakeSearchLink:
    searches.first = some_progress(60, is_done=True)
    return searches


@pytest.fixture
def live(window: MainWindow, desk: MapDesk, link: FakeNodeLink, qtbot: QtBot) -> MapExport:
    """A map with two hits of one vehicle and one of another."""
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(StateReported(NodeState("Desk 1", "desk", START, is_simulation=True)))
    drain(
        qtbot, window, link,
        a_hit_at(STONE), a_hit_at(STOKE, at=later(4)), a_hit_at(STONE, "CD62XYZ"),
    )  # fmt: skip
    window.page.hits.choose(CardId("AB51ABC"))
    show_marks(window)
    return MapExport(desk, window.bridge, None)


@pytest.fixture
def tab(window: MainWindow) -> SearchTab:
    window.show_workspace("search")
    assert window.search_page is not None
    tab = window.search_page.tab
    ask(tab)
    return tab


@pytest.fixture
def found(window: MainWindow, desk: MapDesk, tab: SearchTab) -> MapExport:
    """A map of the answer of a search."""
    assert desk.scene.reads is not None
    return MapExport(desk, window.bridge, tab.running, Circle(STONE, 700.0))


def left_in(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.suffix != ".ini")


# ------------------------------------------------------------------ written


@pytest.mark.parametrize("form", [PNG, PDF, HTML])
async def test_that_a_live_map_is_written_named_with_its_marking_and_on_record(
    live: MapExport, maps: FakeMapLink, tmp_path: Path, form: ExportFormat
) -> None:
    done = await live.write(tmp_path / "map", form, WHY, WHOM)
    suffix = FORMS[form][1]
    assert done.path == tmp_path / f"map {GSC}.{suffix}"
    assert left_in(tmp_path) == [done.path.name]
    content = done.path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == done.sha256
    assert done.path.stat().st_mode & 0o077 == 0, "for whoever wrote it alone"
    assert maps.pictures == [MapPicture(WHY, WHOM, suffix, 2, 0, 0, done.sha256, done.path.name)]
    if form is PNG:
        image = QImage(str(done.path))
        assert image.width() >= 900
    elif form is PDF:
        assert content.startswith(b"%PDF")
        assert b"%%EOF" in content[-1024:]
    else:
        text = content.decode()
        assert text.count(GSC) >= 3
        for words in (WHY, WHOM, "A. Khan", "2026-11-20 21:04:07.000 GMT", "SIMULATION"):
            assert words in text
        assert "Straight legs between hits are not a route." in text
        assert "AB51 ABC" in text
        assert 'id="data-reads' not in text


async def test_that_the_map_of_a_search_goes_on_record_as_an_export_of_it(
    found: MapExport, desk: MapDesk, maps: FakeMapLink, searches: FakeSearchLink, tmp_path: Path
) -> None:
    desk.take_area(Circle(STONE, 500.0))  # drawn since, and not asked with
    done = await found.write(tmp_path / "map.html", HTML, WHY, f"  {WHOM} ")
    text = done.path.read_text("utf-8")
    assert maps.pictures == []
    asked = [one for one in searches.running[0].asked if one[0].endswith(("head", "export"))]
    assert asked[0] == ("export_head", WHOM, True)
    assert asked[1] == ("record_export", 7, str(done.path), HTML, done.sha256)
    assert 'id="data-reads-1"' in text
    assert "OP MERCURY" in text
    held = re.search(r'id="data-orders">(.*?)</script>', text, re.DOTALL)
    assert held is not None
    orders = json.loads(held[1])
    assert [one["area"]["radius_m"] for one in orders if one["do"] == "area"] == [700.0]
    assert not [one for one in orders if one["do"] == "hits"]


@pytest.mark.parametrize("form", [PNG, PDF])
async def test_that_a_picture_of_a_search_says_what_its_colours_mean(
    found: MapExport, maps: FakeMapLink, tmp_path: Path, form: ExportFormat, desk: MapDesk,
    searches: FakeSearchLink, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    sheets: list[Sheet] = []

    def noted(write: Callable[..., None]) -> Callable[..., None]:
        def keep(path: Path, picture: QPixmap, sheet: Sheet) -> None:
            sheets.append(sheet)
            write(path, picture, sheet)

        return keep

    monkeypatch.setattr(map_export, "write_png", noted(write_png))
    monkeypatch.setattr(map_export, "write_pdf", noted(write_pdf))
    await found.write(tmp_path / "map", form, WHY, WHOM)
    desk.scene.set_way(Way.CIRCLES)
    desk.scene.set_span((0, 1))
    await found.write(tmp_path / "other", form, WHY, WHOM)
    recorded = [one for one in searches.running[0].asked if one[0] == "record_export"]
    assert [one[3] for one in recorded] == [form, form]
    assert maps.pictures == [], "no hits are on it: the search's record is all there is"
    first, second = sheets
    assert len(first.legend) == 8
    assert second.legend == []
    assert any("not proof" in line for line in first.lines)
    assert any("Criteria: vrm=AB51ABC" in line for line in first.lines)
    assert not any("Part of the time" in line for line in first.lines)
    assert any("0 of 60 reads are drawn" in line for line in second.lines)
    assert any(WHY in line for line in first.lines)
    assert (first.gsc, first.mark) == (GSC, "")


async def test_that_the_map_file_of_the_force_is_credited_in_a_picture(
    live: MapExport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tiles:
        info = TileInfo(
            "f.mbtiles", "raster", "png", 5, 12, (-3.0, 52.0, -1.0, 54.0), "Contains OS data", 1
        )
        faults = 0

        def tile(self, _z: int, _x: int, _y: int) -> bytes | None:
            return None

        def close(self) -> None:
            pass

    lines: list[str] = []
    monkeypatch.setattr(
        map_export, "write_png", lambda p, _pix, sheet: (lines.extend(sheet.lines), p.touch())
    )
    live.scene.tiles = Tiles()
    await live.write(tmp_path / "map", PNG, WHY, WHOM)
    live.scene.tiles = None
    assert lines[-1].endswith(" · Contains OS data")


# ------------------------------------------------------------------ not written


@pytest.mark.parametrize("form", [PNG, PDF, HTML])
async def test_that_nothing_is_left_where_the_record_is_refused(
    live: MapExport, maps: FakeMapLink, tmp_path: Path, form: ExportFormat
) -> None:
    maps.refusal = Refused("no_record", "The record cannot be written.", "Try again.")
    with pytest.raises(Refused, match="record"):
        await live.write(tmp_path / "map", form, WHY, WHOM)
    assert left_in(tmp_path) == []


async def test_that_nothing_is_left_where_the_search_refuses(
    found: MapExport, searches: FakeSearchLink, tmp_path: Path
) -> None:
    searches.running[0].refusal = Refused("gone", "The answer is gone.", "")
    with pytest.raises(Refused, match="gone"):
        await found.write(tmp_path / "map", HTML, WHY, WHOM)
    assert left_in(tmp_path) == []


async def test_that_a_path_that_is_taken_is_refused(
    live: MapExport, maps: FakeMapLink, tmp_path: Path
) -> None:
    taken = tmp_path / f"map {GSC}.png"
    taken.write_text("mine")
    with pytest.raises(Refused, match="already"):
        await live.write(tmp_path / "map.png", PNG, WHY, WHOM)
    assert taken.read_text() == "mine"
    with pytest.raises(Refused, match="folder"):
        await live.write(tmp_path, PNG, WHY, WHOM)
    with pytest.raises(Refused, match="full path"):
        await live.write(Path("map.png"), PNG, WHY, WHOM)
    with pytest.raises(Refused, match="folder does not exist"):
        await live.write(tmp_path / "none" / "map.png", PNG, WHY, WHOM)
    assert maps.pictures == []
    done = await live.write(taken, PNG, WHY, WHOM)
    assert done.path == taken, "this very file was chosen"
    assert left_in(tmp_path) == [taken.name]


@pytest.mark.parametrize(
    ("fault", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EACCES, "cannot be written there")],
)
@pytest.mark.parametrize("form", [PNG, PDF, HTML])
async def test_that_a_disk_that_takes_nothing_leaves_nothing(
    live: MapExport, maps: FakeMapLink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    form: ExportFormat, fault: int, words: str,
) -> None:  # fmt: skip
    def full(_descriptor: int) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(export_place.os, "fsync", full)
    with pytest.raises(Refused, match=words):
        await live.write(tmp_path / "map", form, WHY, WHOM)
    assert left_in(tmp_path) == []
    assert maps.pictures == []


async def test_that_a_folder_that_takes_no_file_is_said(
    live: MapExport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, **_more: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "touch", refuse)
    with pytest.raises(Refused, match="cannot be written there"):
        await live.write(tmp_path / "map", PNG, WHY, WHOM)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("whom", ["", "ab", "  \n ", "x" * 81])
async def test_that_a_recipient_is_needed(live: MapExport, tmp_path: Path, whom: str) -> None:
    with pytest.raises(Refused, match="recipient"):
        await live.write(tmp_path / "map", PNG, WHY, whom)
    assert left_in(tmp_path) == []


async def test_that_a_map_that_is_not_shown_cannot_be_written(
    live: MapExport, desk: MapDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "link", None)
    with pytest.raises(Refused, match="on record"):
        await live.write(tmp_path / "map", PNG, WHY, WHOM)
    assert left_in(tmp_path) == []
    monkeypatch.setattr(PlainMap, "seen", None)
    with pytest.raises(Refused, match="not shown"):
        await live.write(tmp_path / "map", PNG, WHY, WHOM)
    desk.panel.end()
    with pytest.raises(Refused, match="not shown"):
        await live.write(tmp_path / "map", PNG, WHY, WHOM)


async def test_that_reads_of_one_search_never_go_on_record_as_another_s(
    window: MainWindow, found: MapExport, tmp_path: Path, searches: FakeSearchLink,
    spawn: RunsOrKeeps,
) -> None:  # fmt: skip
    assert window.search_page is not None
    ask(window.search_page.new_search())
    await spawn.done()
    await spawn.done()
    with pytest.raises(Refused, match="something else by now"):
        await found.write(tmp_path / "map", HTML, WHY, WHOM)
    window.show_workspace("live")
    with pytest.raises(Refused, match="something else by now"):
        await found.write(tmp_path / "map", HTML, WHY, WHOM)
    assert left_in(tmp_path) == []
    assert all(one[0] != "export_head" for r in searches.running for one in r.asked)


async def test_that_a_file_of_hits_never_holds_a_search(
    live: MapExport, window: MainWindow, tab: SearchTab, tmp_path: Path
) -> None:
    assert window.map.scene.reads is not None
    with pytest.raises(Refused, match="something else by now"):
        await live.write(tmp_path / "map", HTML, WHY, WHOM)
    assert left_in(tmp_path) == []


# ------------------------------------------------------------------ the sheet


def a_picture(wide: int, high: int) -> QPixmap:
    made = QPixmap(wide, high)
    made.fill(QColor("#3050A0"))
    return made


LINES = ["One two three four five six seven eight nine ten. " * 12, "Short.", ""]


def test_that_a_sheet_has_the_picture_between_two_markings(qapp: object, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    legend = [("#C00020", f"camera {n} with a name") for n in range(30)]
    write_png(path, a_picture(1000, 600), Sheet(GSC, "SIMULATION", LINES, legend))
    image = QImage(str(path))
    assert image.width() == 1000
    assert image.height() > 700
    colours = {image.pixelColor(500, y).name() for y in range(100, 500)}
    assert colours == {"#3050a0"}
    dark = [y for y in range(image.height()) if any(
        image.pixelColor(x, y).lightness() < 90 for x in range(380, 620, 2)
    )]  # fmt: skip
    assert dark[0] < 30, "a marking at the top"
    assert dark[-1] > image.height() - 30, "and at the bottom"
    below = range(600, image.height())
    assert "#c00020" in {image.pixelColor(x, y).name() for x in range(20) for y in below}


def test_that_a_small_picture_is_made_larger_for_its_words(qapp: object, tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", a_picture(200, 300), Sheet(GSC, "", LINES))
    assert QImage(str(tmp_path / "a.png")).width() == 900


def test_that_a_sheet_that_cannot_be_written_is_refused(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="picture could not be written"):
        write_png(tmp_path / "none" / "a.png", a_picture(10, 10), Sheet(GSC, "", []))
    monkeypatch.setattr(QPainter, "begin", lambda *_what: False)
    with pytest.raises(Refused, match="PDF could not be written"):
        write_pdf(tmp_path / "a.pdf", a_picture(10, 10), Sheet(GSC, "", []))


def test_that_the_middle_is_said_in_degrees_and_in_the_grid() -> None:
    assert "SJ" in place_words(ViewBox(STONE, 9, 0, 0, 0, 0))
    far = place_words(ViewBox(STONE._replace(latitude=45.0, longitude=10.0), 9, 0, 0, 0, 0))
    assert far == "45.00000, 10.00000"


# ------------------------------------------------------------------ the dialog


def opened(desk: MapDesk) -> PictureDialog:
    desk.show_export()
    dialog = desk.dialogs["picture"]
    assert isinstance(dialog, PictureDialog)
    return dialog


def fill(dialog: PictureDialog, path: Path, form: ExportFormat = PNG) -> None:
    dialog.kind.setCurrentIndex(dialog.kind.findData(form))
    dialog.reason.setText(WHY)
    dialog.recipient.setText(WHOM)
    dialog.path.setText(str(path))
    dialog.sure.setChecked(True)


def test_that_the_dialog_says_what_is_lacking_and_lets_nothing_be_written_before(
    desk: MapDesk, tmp_path: Path, maps: FakeMapLink
) -> None:
    dialog = opened(desk)
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("Say what it is for", lambda: dialog.reason.setText(WHY)),
        ("Name the recipient", lambda: dialog.recipient.setText(WHOM)),
        ("Choose a file", lambda: dialog.path.setText(str(tmp_path / "map"))),
        ("Confirm that", lambda: dialog.sure.setChecked(True)),
    )
    for words, step in steps:
        assert not dialog.write.isEnabled()
        assert words in dialog.said.text()
        assert words in dialog.write.toolTip()
        dialog.run()
        step()
    assert dialog.write.isEnabled()
    assert dialog.said.text() == ""
    dialog.reason.setText("  a ")
    assert not dialog.write.isEnabled()
    assert maps.pictures == []
    assert left_in(tmp_path) == []


async def test_that_the_dialog_writes_and_says_the_digest(
    live: MapExport, desk: MapDesk, tmp_path: Path, spawn: RunsOrKeeps, maps: FakeMapLink
) -> None:
    dialog = opened(desk)
    assert dialog.what.text() == "2 hits · 0 cameras"
    fill(dialog, tmp_path / "map.png")
    dialog.write.click()
    assert dialog.said.text() == "Being written…"
    assert not dialog.path.isEnabled()
    dialog.run()
    await spawn.done()
    (picture,) = maps.pictures
    assert dialog.said.text() == (
        f"✓ map {GSC}.png written, marked {GSC}. SHA-256 {picture.sha256[:16]}…"
    )
    assert dialog.leave.text() == "Close"
    assert dialog.path.isEnabled()
    dialog.write.click()
    await spawn.done()
    assert "already" in dialog.said.text()
    assert len(maps.pictures) == 1
    dialog.leave.click()
    assert not isValid(dialog) or not dialog.isVisible()


async def test_that_a_cancelled_export_leaves_nothing(
    live: MapExport, desk: MapDesk, tmp_path: Path, spawn: RunsOrKeeps, maps: FakeMapLink
) -> None:
    maps.never_answers = True
    dialog = opened(desk)
    fill(dialog, tmp_path / "map.png")
    dialog.write.click()
    while not any(one.endswith(".part") for one in left_in(tmp_path)):
        await asyncio.sleep(0)
    dialog.leave.click()
    assert dialog.isVisible()
    await spawn.done()
    assert dialog.said.text() == "Nothing was written: it was cancelled."
    assert left_in(tmp_path) == []
    assert maps.pictures == []
    assert not dialog.cancel()
    dialog.reject()
    assert not isValid(dialog) or not dialog.isVisible()


@pytest.mark.parametrize("name", ["lock", "sign_out", "map"])
async def test_that_a_window_without_the_map_writes_nothing_any_more(
    window: MainWindow, live: MapExport, desk: MapDesk, tmp_path: Path, spawn: RunsOrKeeps,
    maps: FakeMapLink, name: str,
) -> None:  # fmt: skip
    maps.never_answers = True
    dialog = opened(desk)
    fill(dialog, tmp_path / "map.png")
    dialog.write.click()
    work = dialog._work
    assert isinstance(work, asyncio.Task)
    while not any(one.endswith(".part") for one in left_in(tmp_path)):
        await asyncio.sleep(0)
    window.actions_by_name[name].trigger()
    assert not isValid(dialog) or not dialog.isVisible()
    await asyncio.gather(work, return_exceptions=True)
    assert left_in(tmp_path) == []
    assert maps.pictures == []


def test_that_the_dialog_of_a_search_offers_its_reason_and_counts_its_reads(
    desk: MapDesk, tab: SearchTab
) -> None:
    dialog = opened(desk)
    assert dialog.what.text().startswith("60 reads · ")
    assert dialog.reason.text().startswith("OP MERCURY 2211 · Robbery")
    assert dialog.export._running is tab.running


def test_that_the_form_changes_the_end_of_the_name_alone(desk: MapDesk) -> None:
    dialog = opened(desk)
    for typed, after in (
        ("/tmp/map.png", "/tmp/map.pdf"),
        ("/tmp/map", "/tmp/map.pdf"),
        ("/tmp/map 20.11.2026", "/tmp/map 20.11.2026.pdf"),
        ("/", "/"),
        ("", ""),
    ):
        dialog.kind.setCurrentIndex(dialog.kind.findData(PNG))
        dialog.path.setText(typed)
        dialog.kind.setCurrentIndex(dialog.kind.findData(PDF))
        assert dialog.path.text() == after
    assert dialog.form is PDF


def test_that_the_file_is_asked_for_beside_the_window(desk: MapDesk, tmp_path: Path) -> None:
    dialog = opened(desk)
    dialog.kind.setCurrentIndex(dialog.kind.findData(HTML))
    dialog.choose.click()
    box = dialog.findChild(QFileDialog, "pictureTo")
    assert box is not None
    assert box.defaultSuffix() == "html"
    box.fileSelected.emit(str(tmp_path / "a.html"))
    assert dialog.path.text() == str(tmp_path / "a.html")
    box.close()


async def test_that_a_dialog_that_is_gone_says_nothing(
    live: MapExport, desk: MapDesk, bridge: Bridge, tmp_path: Path, spawn: RunsOrKeeps,
    maps: FakeMapLink,
) -> None:  # fmt: skip
    dialog = PictureDialog(desk, bridge, None)
    fill(dialog, tmp_path / "map.png")
    dialog.run()
    while not any(one.endswith(".part") for one in left_in(tmp_path)):
        await asyncio.sleep(0)
    delete(dialog)
    await spawn.done()
    assert len(maps.pictures) == 1
