"""The map in the window, in a real Chromium: the map, the hit list and the table are one."""

from __future__ import annotations

import os
import signal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nas_desktop.domain.camera import CameraId, CameraKind
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Circle, Polygon
from nas_desktop.domain.search_access import Purpose, SearchReason
from nas_desktop.services.cards import CardId
from nas_desktop.services.map_link import CameraState, CameraStatus
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.search.search_tab import SearchTab
from tests.builders import a_hit, a_read
from tests.fakes.map_link import FakeMapLink
from tests.fakes.node_link import FakeNodeLink
from tests.fakes.search_link import FakeSearchLink, row_at, some_progress
from tests.integration.map.conftest import READY_MS, Driver

REASON = SearchReason(
    Purpose.SERIOUS, 5, "Robbery at Stone, vehicle seen leaving.", "OP MERCURY 2211"
)
BATH, STONE = Position(51.38, -2.36), Position(52.9, -2.15)


def raise_hits(qtbot: QtBot, window: MainWindow, link: FakeNodeLink) -> tuple[CardId, CardId]:
    """Two vehicles, far from each other; returns their cards, the newer first."""
    hits = (
        a_hit(read=a_read("AB51ABC", position=BATH)),
        a_hit("CD62XYZ", read=a_read("CD62XYZ", position=STONE)),
    )
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(*hits)
    cards = [window.bridge.board.card_of_hit(hit.hit_id) for hit in hits]
    assert cards[0] is not None
    assert cards[1] is not None
    return cards[0].card_id, cards[1].card_id


def chosen(window: MainWindow) -> CardId | None:
    card = window.page.chosen
    return None if card is None else card.card_id


def ask(window: MainWindow, searches: FakeSearchLink, found: int = 400) -> SearchTab:
    """Ask a question and have the whole answer."""
    window.show_workspace("search")
    assert window.search_page is not None
    tab = window.search_page.tab
    searches.first = some_progress(found, is_done=True)
    tab.panel.why.set_reason(REASON)
    tab.panel.vehicle.field.setText("AB51ABC")
    tab.search()
    searches.running[-1].tell(some_progress(found, is_done=True))
    return tab


# ------------------------------------------------------------------ the hit list and the map


def test_that_a_hit_is_chosen_on_the_map_and_in_the_list_alike(
    window: MainWindow, driver: Driver, link: FakeNodeLink, qtbot: QtBot
) -> None:
    near, far = raise_hits(qtbot, window, link)
    driver.until("NAS.counts().hits", lambda n: n == 2)
    before = driver.ask("[NAS.map.getCenter().lat, NAS.map.getZoom()]")
    driver.click(driver.spot(*STONE))
    qtbot.waitUntil(lambda: chosen(window) == far, timeout=READY_MS)
    assert window.map.scene.chosen.card == far
    window.page.hits.choose(near)
    assert window.map.scene.chosen.card == near
    driver.until("NAS.counts().stops", lambda n: n == 1)
    # Choosing moves nothing: the operator looks where he looks.
    assert driver.ask("[NAS.map.getCenter().lat, NAS.map.getZoom()]") == before


def test_that_hits_at_one_spot_are_listed_and_chosen_by_key(
    window: MainWindow, driver: Driver, link: FakeNodeLink, qtbot: QtBot
) -> None:
    hits = [a_hit(f"AB5{n}ABC", read=a_read(f"AB5{n}ABC", position=BATH)) for n in range(3)]
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(*hits)
    driver.until("NAS.counts().hits", lambda n: n == 3)
    driver.click(driver.spot(*BATH))
    listed = window.map.rows.list
    qtbot.waitUntil(listed.isVisible, timeout=READY_MS)
    assert listed.rows.count() == 3
    zoom = driver.ask("NAS.map.getCenter().lat")
    QTest.keyClick(listed.rows, Qt.Key.Key_Down)
    QTest.keyClick(listed.rows, Qt.Key.Key_Return)
    assert chosen(window) == listed._rows[1].card
    assert driver.ask("NAS.map.getCenter().lat") == zoom
    QTest.keyClick(listed.rows, Qt.Key.Key_Escape)
    assert not listed.isVisible()


def test_that_following_goes_to_a_new_hit_until_the_map_is_moved(
    window: MainWindow, driver: Driver, link: FakeNodeLink, qtbot: QtBot
) -> None:
    driver.target.setFocus()
    QTest.keyClick(driver.target, Qt.Key.Key_F)
    assert window.map.panel.is_following
    raise_hits(qtbot, window, link)
    driver.until("NAS.map.getZoom()", lambda zoom: zoom >= 11)
    driver.target.setFocus()
    QTest.keyClick(driver.target, Qt.Key.Key_Left)
    assert not window.map.panel.is_following
    assert "F follows again" in window.map.panel.said.text()


# ------------------------------------------------------------------ the table and the map


def test_that_a_point_chooses_its_row_and_a_row_marks_its_point(
    window: MainWindow, driver: Driver, searches: FakeSearchLink, qtbot: QtBot
) -> None:
    tab = ask(window, searches)
    driver.until("NAS.readCount()", lambda n: n == 400)
    table = tab.results.table
    driver.view.go(STONE, 10.0)
    driver.until("NAS.map.getZoom()", lambda zoom: zoom == 10)
    place = row_at(2).read.position
    assert place is not None
    driver.click(driver.spot(*place))
    listed = window.map.rows.list
    # Every fourth read is from this camera: they are listed, and one is taken.
    qtbot.waitUntil(listed.isVisible, timeout=READY_MS)
    assert listed.rows.count() == 100
    QTest.keyClick(listed.rows, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: table.currentIndex().row() >= 0, timeout=READY_MS)
    chosen = table.currentIndex().row()
    assert row_at(chosen).read.position == place
    driver.until("NAS.counts().rings", lambda n: n == 1)
    other = row_at(chosen + 1).read.position
    assert other is not None
    table.setCurrentIndex(tab.results.model.index(chosen + 1, 0))
    assert window.map.scene.chosen.rings == (other,)
    driver.until("NAS.counts().stops", lambda n: n > 1)


def test_that_a_box_drawn_with_the_pointer_is_where_the_search_looks(
    window: MainWindow, driver: Driver, searches: FakeSearchLink, qtbot: QtBot
) -> None:
    window.show_workspace("search")
    assert window.search_page is not None
    form = window.search_page.tab.panel.place
    driver.view.go(STONE, 10.0)
    driver.until("NAS.map.getZoom()", lambda zoom: zoom == 10)
    driver.target.setFocus()
    QTest.keyClick(driver.target, Qt.Key.Key_1)
    driver.until("NAS.isDrawing()")
    driver.click(QPoint(100, 120))
    driver.click(QPoint(220, 240))
    qtbot.waitUntil(lambda: isinstance(form.area(), Polygon), timeout=READY_MS)
    area = form.area()
    assert isinstance(area, Polygon)
    assert len(area.corners) == 4
    assert form.area_text.text().count(";") == 3
    driver.until("document.querySelectorAll('.marker-icon').length", lambda n: n >= 4)
    # And what is typed in the form is drawn on the map.
    form.set_area(Circle(STONE, 3_000.0))
    assert window.map.scene.area == Circle(STONE, 3_000.0)
    QTest.keyClick(driver.target, Qt.Key.Key_Delete)
    assert form.area() is None


def test_that_cameras_are_picked_on_the_map(
    window: MainWindow, driver: Driver, searches: FakeSearchLink, maps: FakeMapLink, qtbot: QtBot
) -> None:
    maps.states = (
        CameraState(
            CameraId("52", 1, 1), "M6 1", CameraKind.FIXED, STONE, CameraStatus.SILENT, None
        ),
    )
    window.bridge.is_linked = True
    window.show_workspace("search")
    assert window.search_page is not None
    window.map._ask_cameras()
    driver.until("NAS.counts().cameras", lambda n: n == 1)
    driver.view.go(STONE, 10.0)
    driver.until("NAS.map.getZoom()", lambda zoom: zoom == 10)
    window.map.panel.take_tool("pick")
    driver.click(driver.spot(*STONE))
    form = window.search_page.tab.panel.place
    qtbot.waitUntil(lambda: form.cameras == (CameraId("52", 1, 1),), timeout=READY_MS)


# ------------------------------------------------------------------ keys, crash, end


def test_that_single_keys_work_while_the_page_has_the_keyboard(
    window: MainWindow, driver: Driver, link: FakeNodeLink, qtbot: QtBot
) -> None:
    raise_hits(qtbot, window, link)
    driver.target.setFocus()
    options = window.map.scene.options
    for key, name in ((Qt.Key.Key_G, "grid"), (Qt.Key.Key_L, "labels"), (Qt.Key.Key_V, "marks")):
        before = getattr(options, name)
        QTest.keyClick(driver.target, key)
        assert getattr(options, name) is not before
    zoom = driver.ask("NAS.map.getZoom()")
    QTest.keyClick(driver.target, Qt.Key.Key_Plus)
    driver.until("NAS.map.getZoom()", lambda now: now == zoom + 1)
    driver.target.setFocus()
    QTest.keyClick(driver.target, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is window.page.hits


def test_that_a_killed_page_is_back_while_hits_go_on(
    window: MainWindow, driver: Driver, link: FakeNodeLink, qtbot: QtBot
) -> None:
    near, _far = raise_hits(qtbot, window, link)
    driver.until("NAS.counts().hits", lambda n: n == 2)
    window.page.hits.choose(near)
    before = len(window.bridge.board)
    driver.view.go(BATH, 12.0)
    driver.until("NAS.map.getZoom()", lambda zoom: zoom == 12)
    with qtbot.waitSignal(driver.view.healed, timeout=READY_MS):
        os.kill(driver.view.page.renderProcessPid(), signal.SIGKILL)
        with qtbot.waitSignal(window.bridge.drained):
            link.raise_hits(a_hit("EF12GHJ", read=a_read("EF12GHJ", position=STONE)))
    assert len(window.bridge.board) > before
    assert chosen(window) == near
    window.map.live.show_now()
    driver.until(
        "[NAS.counts().hits, NAS.counts().stops, NAS.map.getZoom()]", lambda c: c == [3, 1, 12]
    )
    assert "is back" in window.map.panel.said.text()


@pytest.mark.parametrize("is_locked", [True, False])
def test_that_nothing_is_left_in_the_page_for_nobody(
    window: MainWindow, driver: Driver, link: FakeNodeLink, qtbot: QtBot, is_locked: bool
) -> None:
    raise_hits(qtbot, window, link)
    driver.until("NAS.counts().hits", lambda n: n == 2)
    if is_locked:
        window.lock.lock()
    else:
        window.bridge.set_operator(None)
    assert not window.map.dock.dock.isVisible()
    if not is_locked:
        assert not window.map.scene.hits
        driver.until("NAS.counts().hits", lambda n: n == 0)
