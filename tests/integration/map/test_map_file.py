"""The file that stands alone in a real Chromium: everything is in it, and it asks nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QUrl
from PySide6.QtWebEngineCore import (
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Circle
from nas_desktop.ui.map.map_file import file_bytes, parts_of
from nas_desktop.ui.map.map_view import ViewBox
from nas_desktop.ui.map.scene import CameraMark, Chosen, MapScene, Reads, Stop, Way
from tests.integration.map.conftest import READY_MS
from tests.integration.map.test_web_map import (
    INJECTIONS,
    STONE,
    a_mark,
    red_square,
    some_points,
)

BOX = ViewBox(STONE, 10.0, 52.7, -2.5, 53.1, -1.8)
EVERYTHING = " ".join(INJECTIONS)


class Watch(QWebEngineUrlRequestInterceptor):
    """Notes what a page asks for."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.asked: list[str] = []

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        self.asked.append(info.requestUrl().toString())


class Page(QWebEnginePage):
    """A page whose words are kept."""

    def __init__(self, profile: QWebEngineProfile) -> None:
        super().__init__(profile)
        self.said: list[str] = []

    def javaScriptConsoleMessage(self, level: Any, message: str, line: int, source: str) -> None:
        if level == QWebEnginePage.JavaScriptConsoleMessageLevel.ErrorMessageLevel:
            self.said.append(message)


class Opened:
    """A file in a browser."""

    def __init__(self, qtbot: QtBot, profile: QWebEngineProfile) -> None:
        self._qtbot = qtbot
        self.watch = Watch(profile)
        profile.setUrlRequestInterceptor(self.watch)
        self.page = Page(profile)

    def load(self, path: Path) -> None:
        with self._qtbot.waitSignal(self.page.loadFinished, timeout=READY_MS) as done:
            self.page.load(QUrl.fromLocalFile(str(path)))
        assert done.args == [True]

    def ask(self, script: str) -> Any:
        answers: list[Any] = []
        self.page.runJavaScript(f"JSON.stringify({script})", answers.append)
        self._qtbot.waitUntil(lambda: bool(answers), timeout=READY_MS)
        return json.loads(answers[0]) if answers[0] else None


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Opened]:
    profile = QWebEngineProfile()
    made = Opened(qtbot, profile)
    yield made
    delete(made.page)
    delete(profile)


def live_scene(scene: MapScene, text: str) -> None:
    scene.symbols["s0"] = red_square
    scene.set_hits({text: a_mark(card=text, mark=text, words=text)})
    scene.set_cameras([CameraMark(text, STONE, "live", text)])
    scene.set_journey([Stop(STONE, text), Stop(Position(53.0, -2.0), text)])
    scene.set_chosen(Chosen(text))


def test_that_a_live_map_opens_alone_and_what_others_wrote_is_text(
    opened: Opened, scene: MapScene, tmp_path: Path, qtbot: QtBot
) -> None:
    live_scene(scene, EVERYTHING)
    facts = [("Reason", EVERYTHING), (EVERYTHING, "x")]
    parts = parts_of(
        scene, BOX, EVERYTHING, "OFFICIAL-SENSITIVE", facts, has_live=True, has_reads=False
    )
    path = tmp_path / "map OFFICIAL-SENSITIVE.html"
    path.write_bytes(file_bytes(parts))
    opened.load(path)
    counts = opened.ask("NAS.counts()")
    assert counts == {"hits": 1, "cameras": 1, "stops": 2, "rings": 0}
    assert opened.ask("window.pwned === undefined") is True
    assert opened.ask("[...document.querySelectorAll('.nas-gsc')].map(e => e.textContent)") == [
        "OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE",
    ]  # fmt: skip
    shown = opened.ask("document.querySelector('.nas-facts td').textContent")
    assert "<script>window.pwned=1</script>" in shown
    # A click lists what lies there, as text again.
    opened.ask(
        "(NAS.map.fire('click', {containerPoint: NAS.map.latLngToContainerPoint([52.9, -2.15]),"
        " latlng: L.latLng(52.9, -2.15)}), 1)"
    )
    assert opened.ask("document.querySelectorAll('#nas-found > div').length") == 2
    assert opened.ask("document.querySelectorAll('#nas-found img, #nas-found a').length") == 0
    assert opened.ask("window.pwned === undefined") is True
    assert opened.watch.asked == [QUrl.fromLocalFile(str(path)).toString()]
    assert opened.page.said == []


@pytest.mark.parametrize("way", list(Way))
def test_that_a_map_of_a_search_has_its_reads_in_it(
    opened: Opened, scene: MapScene, tmp_path: Path, qtbot: QtBot, way: Way
) -> None:
    live_scene(scene, "AB51 ABC")
    scene.set_reads(Reads(some_points(700, without_fix=50), way=way))
    scene.set_area(Circle(STONE, 4_000.0))
    facts = [("Marking", "OFFICIAL")]
    parts = parts_of(
        scene, BOX, "Map of a search", "OFFICIAL", facts, has_live=False, has_reads=True,
        mark="SIMULATION",
    )  # fmt: skip
    data = file_bytes(parts)
    assert b"AB51 ABC" not in data, "a map of a search has no hits of others in it"
    path = tmp_path / "map OFFICIAL.html"
    path.write_bytes(data)
    opened.load(path)
    qtbot.waitUntil(lambda: opened.ask("NAS.readCount()") == 700, timeout=READY_MS)
    assert opened.ask("NAS.counts().hits") == 0
    assert opened.ask("NAS.readsUnder({x: 300, y: 200}, 1e6).length") in (500, 650)
    assert opened.ask("document.querySelector('.nas-mark').textContent") == "SIMULATION"
    entries = opened.ask("document.querySelectorAll('.nas-entry').length")
    assert (entries > 0) == (way is Way.DOTS)
    opened.ask(
        "(p => NAS.map.fire('click', {containerPoint: p, latlng: L.latLng(52.9, -2.15)}) && 1)"
        "(NAS.map.latLngToContainerPoint([52.9, -2.15]))"
    )
    assert opened.watch.asked == [QUrl.fromLocalFile(str(path)).toString()]
    assert opened.page.said == []
