"""A map file of the force: opened, put in, taken out, refused; and what is said about the map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.services.base_map import CREDITS
from nas_desktop.services.map_tiles import TileInfo
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.map.about_dialog import AboutDialog, facts_of
from nas_desktop.ui.map.map_desk import MapDesk
from nas_desktop.ui.map.map_panel import MapPanel
from nas_desktop.ui.map.scene import MapScene
from nas_desktop.ui.map.tile_desk import TileDesk
from nas_desktop.ui.theme import Look
from tests.fakes.node_link import DeskClock
from tests.unit.ui.map.conftest import RunsOrKeeps

MB = 1 << 20


class Tiles:
    """A map file without a tile."""

    def __init__(self, name: str = "force.mbtiles", attribution: str = "Contains OS data") -> None:
        self.info = TileInfo(
            name, "raster", "png", 5, 14, (-3.0, 52.0, -1.0, 54.0), attribution, 10
        )
        self.faults = 0
        self.is_closed = False

    def tile(self, _z: int, _x: int, _y: int) -> bytes | None:
        return None

    def close(self) -> None:
        self.is_closed = True


class Files:
    """A profile's map files; ``refusal`` makes every call fail."""

    def __init__(self) -> None:
        self.active: Tiles | None = None
        self.refusal: Refused | None = None
        self.asked: list[object] = []

    def _ask(self, what: object) -> None:
        self.asked.append(what)
        if self.refusal is not None:
            raise self.refusal

    def open(self) -> Tiles | None:
        self._ask("open")
        return self.active

    def install(self, path: Path, progress: Callable[[int, int], None]) -> Tiles:
        self._ask(path)
        progress(40 * MB, 90 * MB)
        self.active = Tiles(path.name)
        return self.active

    def remove(self) -> None:
        self._ask("remove")
        self.active = None


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def panel(qtbot: QtBot) -> MapPanel:
    made = MapPanel(MapScene(Look()), DeskClock(), Look())
    qtbot.addWidget(made)
    return made


@pytest.fixture
def desk_of(bridge: Bridge, panel: MapPanel, files: Files) -> TileDesk:
    return TileDesk(files, bridge, panel.scene, panel)


REFUSED = Refused("tiles_unusable", "The file is no map.", "Make it again.")


# ------------------------------------------------------------------ the file of the profile


async def test_that_the_file_of_the_profile_is_opened_once(
    desk_of: TileDesk, files: Files, panel: MapPanel, spawn: RunsOrKeeps
) -> None:
    files.active = Tiles()
    desk_of.begin()
    desk_of.begin()
    await spawn.done()
    assert files.asked == ["open"]
    assert panel.scene.tiles is files.active
    desk_of.end()
    assert files.active.is_closed
    assert panel.scene.tiles is None


async def test_that_a_profile_without_a_file_shows_the_map_of_the_program(
    desk_of: TileDesk, files: Files, panel: MapPanel, spawn: RunsOrKeeps, bridge: Bridge
) -> None:
    desk_of.begin()
    await spawn.done()
    assert panel.scene.tiles is None
    none = TileDesk(None, bridge, panel.scene, panel)
    assert not none.has_files
    assert desk_of.has_files
    none.begin()
    none.remove()
    none.install(Path("a.mbtiles"))
    assert spawn.tasks == []
    assert "cannot be put in now" in panel.said.text()


async def test_that_a_damaged_file_is_said(
    desk_of: TileDesk, files: Files, panel: MapPanel, spawn: RunsOrKeeps
) -> None:
    files.refusal = REFUSED
    desk_of.begin()
    await spawn.done()
    assert panel.said.text() == "The file is no map. Make it again."
    assert panel.scene.tiles is None


async def test_that_a_file_is_copied_with_progress_and_shown(
    desk_of: TileDesk, files: Files, panel: MapPanel, spawn: RunsOrKeeps,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    said: list[str] = []
    monkeypatch.setattr(panel, "say", said.append)
    heard: list[bool] = []
    desk_of.changed.connect(lambda: heard.append(True))
    desk_of.install(Path("/media/force.mbtiles"))
    assert desk_of.is_busy
    desk_of.install(Path("/media/other.mbtiles"))
    desk_of.remove()
    desk_of._on_copied(40 * MB, 90 * MB)
    desk_of._on_copied(41 * MB, 90 * MB)
    desk_of._on_copied(50 * MB, 90 * MB)
    await spawn.done()
    assert said == [
        "force.mbtiles is being checked and copied.",
        "A map file cannot be put in now.",
        "Copied 40 of 90 MB.",
        "Copied 50 of 90 MB.",
        "The map shows force.mbtiles.",
    ]
    assert files.asked == [Path("/media/force.mbtiles")]
    assert heard == [True]
    assert panel.scene.tiles is files.active
    assert not desk_of.is_busy
    desk_of._on_copied(99 * MB, 90 * MB)
    assert len(said) == 5


async def test_that_a_file_that_is_refused_leaves_the_one_before(
    desk_of: TileDesk, files: Files, panel: MapPanel, spawn: RunsOrKeeps
) -> None:
    files.active = held = Tiles()
    desk_of.begin()
    await spawn.done()
    files.refusal = REFUSED
    desk_of.install(Path("/media/bad.mbtiles"))
    await spawn.done()
    assert panel.scene.tiles is held
    assert not held.is_closed
    assert "no map" in panel.said.text()
    assert not desk_of.is_busy
    desk_of.remove()
    await spawn.done()
    assert panel.scene.tiles is held


async def test_that_a_file_is_taken_out(
    desk_of: TileDesk, files: Files, panel: MapPanel, spawn: RunsOrKeeps
) -> None:
    files.active = Tiles()
    desk_of.begin()
    await spawn.done()
    desk_of.remove()
    await spawn.done()
    assert files.asked == ["open", "remove"]
    assert panel.scene.tiles is None
    assert "map of the program is shown" in panel.said.text()


async def test_that_what_is_opened_after_the_end_is_closed_again(
    desk_of: TileDesk, files: Files, panel: MapPanel, spawn: RunsOrKeeps
) -> None:
    files.active = Tiles()
    desk_of.begin()
    desk_of.end()
    await spawn.done()
    assert files.active.is_closed
    assert panel.scene.tiles is None


async def test_that_a_window_that_is_gone_is_left_alone(
    bridge: Bridge, files: Files, spawn: RunsOrKeeps, qtbot: QtBot
) -> None:
    panel = MapPanel(MapScene(Look()), DeskClock(), Look())
    made = TileDesk(files, bridge, panel.scene, panel)
    files.active = Tiles()
    opened = files.active
    made.begin()
    made.remove()
    delete(panel)
    assert not isValid(made)
    await spawn.done()
    assert opened.is_closed


# ------------------------------------------------------------------ dropped


def dropped(panel: MapPanel, data: QMimeData) -> bool:
    """Drag data over the panel and drop them; returns whether the panel takes them."""
    spot, left = QPoint(20, 20), Qt.MouseButton.LeftButton
    none, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(spot, copy, data, left, none)
    enter.ignore()
    panel.dragEnterEvent(enter)
    drop = QDropEvent(QPointF(spot), copy, data, left, none)
    drop.ignore()
    panel.dropEvent(drop)
    return enter.isAccepted() and drop.isAccepted()


def urls(*given: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(one) for one in given])
    return data


def test_that_one_file_of_this_machine_may_be_dropped(panel: MapPanel) -> None:
    heard: list[Path] = []
    panel.dropped.connect(heard.append)
    assert dropped(panel, urls("file:///media/force.mbtiles"))
    assert heard == [Path("/media/force.mbtiles")]
    text = QMimeData()
    text.setText("file:///media/force.mbtiles")
    for data in (
        urls("http://192.0.2.1/force.mbtiles"), urls("file:///a", "file:///b"), QMimeData(), text,
    ):  # fmt: skip
        assert not dropped(panel, data)
    panel.is_allowed = False
    assert not dropped(panel, urls("file:///media/force.mbtiles"))
    assert len(heard) == 1


@pytest.mark.parametrize("name", ["force.mbtiles", "FORCE.PMTILES"])
def test_that_a_map_file_that_is_dropped_is_put_in(
    desk: MapDesk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(desk.tiles, "install", asked.append)
    desk.panel.dropped.emit(Path("/media") / name)
    assert asked == [Path("/media") / name]
    assert desk.dialogs == {}


# ------------------------------------------------------------------ about


def test_that_the_map_file_is_asked_for_beside_the_dialog_and_goes_with_it(
    desk_of: TileDesk, panel: MapPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(desk_of, "install", asked.append)
    panel.show()
    about = AboutDialog(panel, desk_of, "", Look())
    about.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    about.show()
    about.put_in.click()
    box = about.findChild(QFileDialog, "mapFile")
    assert box is not None
    assert "*.pmtiles" in " ".join(box.nameFilters())
    box.fileSelected.emit("/media/force.mbtiles")
    assert asked == [Path("/media/force.mbtiles")]
    assert not about.take_out.isVisible()
    delete(about)
    assert not isValid(box)


async def test_that_the_file_is_taken_out_by_the_dialog_that_tells_of_it(
    desk_of: TileDesk, panel: MapPanel, files: Files, spawn: RunsOrKeeps
) -> None:
    files.active = Tiles()
    files.active.faults = 2
    desk_of.begin()
    await spawn.done()
    panel.show()
    about = AboutDialog(panel, desk_of, "One road is not known.", Look())
    about.show()
    words = [label.text() for label in about.findChildren(QLabel)]
    assert "force.mbtiles, zoom 5 to 14 · Contains OS data" in words
    assert "2 tiles of it could not be read." in words
    assert "One road is not known." in words
    assert about.take_out.isVisible()
    about.take_out.click()
    await spawn.done()
    assert panel.scene.tiles is None
    assert not about.isVisible()


def test_that_the_facts_say_who_draws_and_that_nobody_was_asked(desk: MapDesk) -> None:
    facts = dict(facts_of(desk.panel, ""))
    assert facts["Ground"] == CREDITS
    assert facts["Drawn by"] == "Qt, without Chromium"
    assert facts[""] == desk.panel.why
    assert facts["Network"] == "The map has asked no other computer for anything."
    assert "Cameras" not in facts
    desk.show_about()
    about = desk.dialogs["about"]
    assert isinstance(about, AboutDialog)
    assert not about.refused.isVisible()
    assert not about.put_in.isVisible(), "there is no profile to put it into"
    close = next(b for b in about.findChildren(QPushButton) if b.text() == "Close")
    close.click()
    assert not isValid(about) or not about.isVisible()


def test_that_requests_that_were_refused_are_told(
    desk: MapDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = desk.panel.view
    monkeypatch.setattr(view, "refused", lambda: (2, ("20:57 http://192.0.2.1",)))
    monkeypatch.setattr(desk.panel, "_why", "")
    facts = dict(facts_of(desk.panel, ""))
    assert "2 requests" in facts["Network"]
    assert "" not in facts
    about = AboutDialog(desk.panel, desk.tiles, "", Look())
    about.show()
    assert about.refused.isVisible()
    assert "192.0.2.1" in about.refused.toPlainText()
    about.close()


def test_that_a_map_file_without_a_credit_is_told_without(
    desk_of: TileDesk, panel: MapPanel
) -> None:
    panel.scene.tiles = Tiles(attribution="")
    assert dict(facts_of(panel, ""))["Map file"] == "force.mbtiles, zoom 5 to 14"
