"""Hits on the map: at most twice a second, chosen both ways, followed until the map is moved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nas_desktop.domain.geo import Position
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action
from nas_desktop.services.cards import CardId
from nas_desktop.services.events import StepsDecided
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.map.live_marks import EVERY_MS, FOLLOW_ZOOM, MOST_STOPS
from nas_desktop.ui.map.map_desk import MapDesk
from nas_desktop.ui.map.map_view import Click
from nas_desktop.ui.map.place_list import PlaceRow
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.map.scene import HitMark, MapScene, Part
from tests.builders import NOON, a_step, decided
from tests.fakes.node_link import FakeNodeLink
from tests.unit.ui.map.at_map import (
    STOKE,
    STONE,
    a_hit_at,
    click_at,
    drain,
    focus,
    key,
    later,
    looks_at,
    show_marks,
)

Key = Qt.Key


def chosen(window: MainWindow) -> CardId | None:
    card = window.page.hits.chosen
    return card.card_id if card is not None else None


def vrm_of(number: int) -> str:
    return f"AB{number % 90 + 10:02d}XY{chr(65 + number // 90)}"


# ------------------------------------------------------------------ when


def test_that_hits_are_drawn_at_most_twice_a_second(
    window: MainWindow, desk: MapDesk, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    told: list[object] = []
    scene.changed.connect(lambda part: told.append(part) if part is Part.HITS else None)
    timer = desk.live._timer
    assert timer.interval() == EVERY_MS == 500
    timer.stop()
    for number in range(100):
        link.raise_hits(a_hit_at(STONE, vrm_of(number), later(number / 100)))
        window.bridge._drain()
    assert len(told) == 1, "the first at once, the others with the timer"
    assert timer.isActive()
    timer.timeout.emit()
    assert len(told) == 2
    assert len(scene.hits) == 100
    timer.stop()
    timer.timeout.emit()
    assert len(told) == 2
    assert not timer.isActive(), "nothing came: nothing is due"


def test_that_a_map_that_nobody_sees_is_not_kept_up(
    window: MainWindow, desk: MapDesk, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    key(window, Key.Key_F8)
    drain(qtbot, window, link, a_hit_at(STONE))
    show_marks(window)
    assert scene.hits == {}
    window.actions_by_name["map"].trigger()
    assert set(scene.hits) == {"AB51ABC"}


def test_that_the_same_board_is_not_told_again(
    window: MainWindow, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE))
    show_marks(window)
    told: list[object] = []
    scene.changed.connect(told.append)
    show_marks(window)
    assert told == []


# ------------------------------------------------------------------ what


def mark_of(scene: MapScene, card: str = "AB51ABC") -> HitMark:
    return scene.hits[card]


def test_that_a_card_lies_where_its_vehicle_was_seen_last(
    window: MainWindow, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(
        qtbot, window, link,
        a_hit_at(STONE), a_hit_at(STOKE, at=later(5)), a_hit_at(None, at=later(8)),
    )  # fmt: skip
    show_marks(window)
    mark = mark_of(scene)
    assert mark.place in (STOKE, STONE)
    card = window.bridge.board.card(CardId("AB51ABC"))
    assert card is not None
    if card.foremost.read.position is None:
        assert mark.place == STOKE, "the newest that has a position"
    assert mark.mark == "AB51 ABC"
    assert mark.is_waiting
    assert not mark.is_over
    assert mark.words == "", "only the chosen one has words"
    assert mark.symbol in scene.symbols
    assert not scene.symbols[mark.symbol]().isNull()


def test_that_a_newest_hit_without_position_leaves_the_card_where_it_was(
    window: MainWindow, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(qtbot, window, link, a_hit_at(None))
    drain(qtbot, window, link, a_hit_at(STOKE, at=later(3)))
    drain(qtbot, window, link, a_hit_at(None, at=later(9)))
    show_marks(window)
    assert mark_of(scene).place == STOKE
    assert window.map.live.without_place == ()


def test_that_hits_without_position_are_counted_and_listed_and_never_drawn(
    window: MainWindow, desk: MapDesk, scene: MapScene, view: PlainMap, link: FakeNodeLink,
    qtbot: QtBot,
) -> None:  # fmt: skip
    assert not desk.panel.no_fix.isVisible()
    key(view, Key.Key_P)
    assert "has a position" in desk.panel.said.text()
    drain(qtbot, window, link, a_hit_at(STONE), a_hit_at(None, "CD62XYZ"))
    show_marks(window)
    desk.rows.show_count()
    assert set(scene.hits) == {"AB51ABC"}
    assert desk.panel.no_fix.isVisible()
    assert desk.panel.no_fix.text() == "1 without position"
    desk.panel.no_fix.click()
    rows = desk.rows.list
    assert rows.isVisible()
    assert rows.title.text() == "1 without position"
    assert "CD62 XYZ" in rows.rows.item(0).text()
    key(rows.rows, Key.Key_Return)
    assert chosen(window) == CardId("CD62XYZ")


def test_that_possible_misreads_are_not_on_the_map(
    window: MainWindow, desk: MapDesk, scene: MapScene, link: FakeNodeLink, qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    drain(qtbot, window, link, a_hit_at(STONE))
    card = window.bridge.board.card(CardId("AB51ABC"))
    monkeypatch.setattr(type(card), "is_possible", property(lambda _card: True))
    show_marks(window)
    assert scene.hits == {}
    assert desk.live.without_place == ()


def test_that_an_acknowledged_card_waits_no_more(
    window: MainWindow, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    hit = a_hit_at(STONE)
    drain(qtbot, window, link, hit)
    with qtbot.waitSignal(window.bridge.drained):
        link.play(StepsDecided((decided(a_step(hit.hit_id, StepKind.ACKNOWLEDGE)),)))
    show_marks(window)
    assert not mark_of(scene).is_waiting


# ------------------------------------------------------------------ chosen, both ways


def test_that_a_hit_chosen_in_the_list_is_marked_on_the_map_and_nothing_moves(
    window: MainWindow, scene: MapScene, view: PlainMap, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(
        qtbot, window, link,
        a_hit_at(STONE), a_hit_at(STOKE, at=later(5)), a_hit_at(STONE, "CD62XYZ"),
    )  # fmt: skip
    show_marks(window)
    before = looks_at(view)
    window.page.hits.choose(CardId("AB51ABC"))
    assert scene.chosen.card == "AB51ABC"
    assert mark_of(scene).words
    assert mark_of(scene, "CD62XYZ").words == ""
    assert [stop.place for stop in scene.journey] == [STONE, STOKE]
    assert window.map.panel.legs.text() == "straight legs: not a route"
    window.page.hits.choose(CardId("CD62XYZ"))
    assert [stop.place for stop in scene.journey] == [STONE]
    assert window.map.panel.legs.text() == ""
    assert looks_at(view) == before


def test_that_a_click_on_a_symbol_chooses_its_hit_in_the_list(
    window: MainWindow, scene: MapScene, view: PlainMap, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE), a_hit_at(Position(51.5, -1.0), "CD62XYZ"))
    show_marks(window)
    view.go(STONE, 11)
    click_at(view, STONE)
    assert chosen(window) == CardId("AB51ABC")
    assert scene.chosen.card == "AB51ABC"
    assert not window.map.rows.list.isVisible()


def test_that_a_click_leads_back_to_the_live_workspace(
    window: MainWindow, view: PlainMap, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE))
    show_marks(window)
    window.show_workspace("search")
    view.go(STONE, 11)
    click_at(view, STONE)
    assert window.pages.name == "live"
    assert chosen(window) == CardId("AB51ABC")


def test_that_several_at_one_spot_are_listed_and_chosen_by_key(
    window: MainWindow, desk: MapDesk, view: PlainMap, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(qtbot, window, link, *(a_hit_at(STONE, vrm_of(n), later(n)) for n in range(5)))
    show_marks(window)
    view.go(STONE, 11)
    click_at(view, STONE)
    rows = desk.rows.list
    assert rows.title.text() == "5 here"
    assert rows.rows.count() == 5
    assert rows.rows.hasFocus()
    assert all(rows.rows.item(n).text() for n in range(5))
    before = looks_at(view)
    key(rows.rows, Key.Key_Down, Key.Key_Down, Key.Key_Up)
    assert rows.rows.currentRow() == 1
    assert looks_at(view) == before, "the keys move through the list, not the map"
    wanted = rows._rows[1].card
    key(rows.rows, Key.Key_Return)
    assert chosen(window) == CardId(wanted)
    assert rows.isVisible()
    rows.rows.setFocus()
    key(rows.rows, Key.Key_Escape)
    assert not rows.isVisible()
    assert rows.rows.count() == 0
    assert view.hasFocus()
    click_at(view, STONE)
    assert rows.isVisible()
    click_at(view, Position(53.3, -2.6))
    assert not rows.isVisible(), "nothing lies there"
    click_at(view, STONE)
    rows.close_button.click()
    assert not rows.isVisible()
    assert rows.rows.count() == 0


def test_that_a_card_that_is_gone_is_listed_without_words(desk: MapDesk) -> None:
    desk.rows.take_click(Click(STONE, 11, ("gone 1", "gone 2")))
    assert desk.rows.list.rows.item(0).text() == ""
    desk.rows._take(PlaceRow())
    desk.rows._take("nonsense")
    desk._on_click("nonsense")


def test_that_a_card_without_a_tier_is_listed_by_its_vrm(
    window: MainWindow, desk: MapDesk, link: FakeNodeLink, qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    drain(qtbot, window, link, a_hit_at(STONE))
    assert desk.rows._card_words("AB51ABC") == "P1 AB51 ABC · Stop"
    card = window.bridge.board.card(CardId("AB51ABC"))
    monkeypatch.setattr(type(card), "tier", property(lambda _card: None))
    assert desk.rows._card_words("AB51ABC") == "AB51 ABC · Stop"


def test_that_a_journey_has_an_end(
    window: MainWindow, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    hits = [a_hit_at(Position(52 + n / 1000, -2.0), at=later(n / 10)) for n in range(MOST_STOPS)]
    drain(qtbot, window, link, *hits, a_hit_at(STONE, at=later(100)))
    window.page.hits.choose(CardId("AB51ABC"))
    assert len(scene.journey) == MOST_STOPS
    assert scene.journey[-1].place == STONE


def test_that_what_is_chosen_is_brought_into_view_by_its_key(
    window: MainWindow, desk: MapDesk, view: PlainMap, link: FakeNodeLink, qtbot: QtBot
) -> None:
    key(view, Key.Key_Z)
    assert "Nothing is chosen" in desk.panel.said.text()
    drain(qtbot, window, link, a_hit_at(STONE), a_hit_at(STOKE, at=later(5)))
    window.page.hits.choose(CardId("AB51ABC"))
    focus(view)
    key(view, Key.Key_Z)
    box = view.plane.box()
    assert box.south < STONE.latitude < STOKE.latitude < box.north
    assert box.zoom > 9


# ------------------------------------------------------------------ following


def follow(desk: MapDesk, view: PlainMap) -> None:
    focus(view)
    key(view, Key.Key_F)
    assert desk.panel.is_following
    assert desk.panel.bar.actions_by_name["follow"].isChecked()


def test_that_following_goes_to_each_new_hit_and_to_the_most_urgent_of_several(
    window: MainWindow, desk: MapDesk, view: PlainMap, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(qtbot, window, link, a_hit_at(STOKE, "EF12XYZ"))
    show_marks(window)
    start = looks_at(view)
    follow(desk, view)
    assert looks_at(view) == start
    drain(
        qtbot, window, link,
        a_hit_at(Position(51.5, -1.0), "CD62XYZ", later(1), action=Action.ASSESS),
        a_hit_at(STONE),
    )  # fmt: skip
    show_marks(window)
    ranks = {mark.card: mark.rank for mark in desk.scene.hits.values()}
    assert ranks["AB51ABC"] < ranks["CD62XYZ"]
    assert view.plane.middle == pytest.approx(STONE, abs=1e-5)
    assert view.plane.zoom == FOLLOW_ZOOM
    view.zoom_by(2)
    assert desk.panel.is_following, "coming closer is no moving away"
    view._on_settled()
    drain(qtbot, window, link, a_hit_at(STOKE, "GH12XYZ", later(2)))
    show_marks(window)
    assert view.plane.middle == pytest.approx(STOKE, abs=1e-5)
    assert view.plane.zoom == FOLLOW_ZOOM + 2


@pytest.mark.parametrize("way", ["drag", "wheel", "arrow", "whole", "chosen"])
def test_that_moving_the_map_ends_following(
    window: MainWindow, desk: MapDesk, view: PlainMap, link: FakeNodeLink, qtbot: QtBot, way: str
) -> None:
    follow(desk, view)
    start = QPoint(100, 100)
    if way == "drag":
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(view, start + QPoint(30, 0))
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(30, 0))
    elif way == "wheel":
        none = Qt.KeyboardModifier.NoModifier
        wheel = QWheelEvent(
            QPointF(start), QPointF(view.mapToGlobal(start)), QPoint(), QPoint(0, 120),
            Qt.MouseButton.NoButton, none, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view, wheel)
    else:
        key(view, {"arrow": Key.Key_Left, "whole": Key.Key_H, "chosen": Key.Key_Z}[way])
    assert not desk.panel.is_following
    assert not desk.panel.bar.actions_by_name["follow"].isChecked()
    before = looks_at(view)
    drain(qtbot, window, link, a_hit_at(STONE))
    show_marks(window)
    assert looks_at(view) == before


def test_that_following_is_switched_off_by_its_key(desk: MapDesk, view: PlainMap) -> None:
    follow(desk, view)
    key(view, Key.Key_F)
    assert not desk.panel.is_following
    assert desk.panel.said.text() == "Not following."


def test_that_nothing_moves_the_map_by_itself(
    window: MainWindow, desk: MapDesk, view: PlainMap, link: FakeNodeLink, qtbot: QtBot
) -> None:
    before = looks_at(view)
    for number in range(12):
        drain(qtbot, window, link, a_hit_at(STONE, vrm_of(number), later(number)))
        show_marks(window)
    window.page.hits.choose(CardId(vrm_of(3)))
    window.show_workspace("search")
    window.show_workspace("live")
    desk.set_look(desk.look)
    assert looks_at(view) == before


def test_that_following_a_hit_without_position_stays(
    window: MainWindow, desk: MapDesk, view: PlainMap, link: FakeNodeLink, qtbot: QtBot
) -> None:
    follow(desk, view)
    before = looks_at(view)
    drain(qtbot, window, link, a_hit_at(None))
    show_marks(window)
    assert looks_at(view) == before
    desk.scene.view = None
    drain(qtbot, window, link, a_hit_at(STONE, "CD62XYZ"))
    show_marks(window)
    assert view.plane.zoom == FOLLOW_ZOOM


# ------------------------------------------------------------------ somebody else


def test_that_what_one_person_chose_is_not_marked_for_the_next(
    window: MainWindow, desk: MapDesk, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE), a_hit_at(STOKE, at=later(5)))
    window.page.hits.choose(CardId("AB51ABC"))
    assert scene.journey
    operator = window.bridge.operator
    window.bridge.set_operator(None)
    assert scene.journey == ()
    assert operator is not None
    window.sign_in_as(operator)
    show_marks(window)
    assert set(scene.hits) == {"AB51ABC"}
    assert scene.chosen.card == ""
    assert scene.journey == ()


def test_that_marks_are_of_the_instant_they_were_seen(
    window: MainWindow, scene: MapScene, link: FakeNodeLink, qtbot: QtBot
) -> None:
    drain(qtbot, window, link, a_hit_at(STONE))
    show_marks(window)
    at = mark_of(scene).at
    assert abs(at - NOON.timestamp()) <= timedelta(seconds=2).total_seconds()
    assert mark_of(scene).rank == 1 + list(Tier).index(Tier.P1)
