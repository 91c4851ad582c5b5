"""The hit list: it keeps still, paints only what is in sight, and reports what was seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action
from nas_desktop.services.cards import CardId
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.ui.live.hit_list_view import HitListView
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import Look, ThemeName
from tests.builders import NOON, a_hit
from tests.fakes.node_link import FakeNodeLink


def quiet_hits(count: int, prefix: str = "K", second: int = 0) -> list[Hit]:
    """Hits of tier P3, newest last."""
    return [
        a_hit(
            f"{prefix}{n:04d}",
            NOON + timedelta(seconds=second + n),
            action=Action.ASSESS,
            warning_signals=(),
        )
        for n in range(count)
    ]


def drain(qtbot: QtBot, window: MainWindow, link: FakeNodeLink, *hits: Hit) -> None:
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(*hits)


@pytest.fixture
def view(qtbot: QtBot, window: MainWindow, link: FakeNodeLink) -> HitListView:
    """A list of 300 cards, scrolled to the middle with one in hand."""
    drain(qtbot, window, link, *quiet_hits(300))
    hits = window.page.hits
    qtbot.waitUntil(lambda: hits.verticalScrollBar().maximum() > 0)
    hits.choose(CardId("K0150"))
    return hits


def place_of(view: HitListView, card_id: str) -> int:
    return view.visualRect(view._hits.index_of(CardId(card_id))).top()


def test_that_arrivals_move_neither_selection_nor_what_is_in_sight(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, view: HitListView
) -> None:
    before = place_of(view, "K0150")
    for round_ in range(3):
        drain(qtbot, window, link, *quiet_hits(20, f"N{round_}", 1_000))
        assert place_of(view, "K0150") == before
        assert view.chosen is not None
        assert view.chosen.card_id == "K0150"


def test_that_a_backlog_that_resets_the_list_keeps_place_and_selection(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, view: HitListView
) -> None:
    before = place_of(view, "K0150")
    drain(qtbot, window, link, *quiet_hits(200, "N", 1_000))
    assert place_of(view, "K0150") == before
    assert view.currentIndex() == view._hits.index_of(CardId("K0150"))


def test_that_a_pill_counts_what_came_above_and_leads_there(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, view: HitListView
) -> None:
    drain(qtbot, window, link, a_hit("AB51ABC"), *quiet_hits(2, "N", 1_000))
    assert view.pill.isVisible()
    # The newest Stop is named there, and so it was painted.
    assert view.pill.text().startswith("↑ 3 new above · P1 STOP · AB51 ABC · Intel Serious Crime")
    qtbot.mouseClick(view.pill, Qt.MouseButton.LeftButton)
    assert view.verticalScrollBar().value() == 0
    assert not view.pill.isVisible()


def test_that_a_list_at_its_top_shows_a_new_stop_at_once(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    view = window.page.hits
    drain(qtbot, window, link, *quiet_hits(30))
    drain(qtbot, window, link, a_hit("AB51ABC"))
    assert view.verticalScrollBar().value() == 0
    assert place_of(view, "AB51ABC") < view.viewport().height()
    assert not view.pill.isVisible()


def test_that_nothing_moves_under_a_busy_pointer_even_at_the_top(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = window.page.hits
    drain(qtbot, window, link, *quiet_hits(30))
    monkeypatch.setattr(HitListView, "is_busy", property(lambda _self: True))
    before = place_of(view, "K0029")
    drain(qtbot, window, link, a_hit("AB51ABC"))
    assert place_of(view, "K0029") == before
    assert view.pill.isVisible()
    monkeypatch.setattr(HitListView, "is_busy", property(lambda _self: False))
    view.tick()
    assert view.verticalScrollBar().value() == 0


def test_that_five_thousand_cards_cost_no_more_paints_than_are_in_sight(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    delegate = window.page.hits.card_delegate
    asked: list[int] = []
    delegate.sizeHint = lambda *_args: asked.append(1)  # type: ignore[assignment, method-assign]
    drain(qtbot, window, link, *quiet_hits(4_999), a_hit())
    window.page.hits.viewport().repaint()
    in_sight = window.page.hits.viewport().height() // 84 + 3
    before = delegate.paints
    window.page.hits.viewport().repaint()
    assert delegate.paints - before <= in_sight
    assert asked == []


def test_that_a_thousand_arrivals_in_one_turn_are_painted_once(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    view = window.page.hits
    drain(qtbot, window, link, *quiet_hits(40))
    view.viewport().repaint()
    qtbot.waitUntil(lambda: not window.bridge._drain_timer.isActive())
    before, drains = view.card_delegate.paints, window.bridge.drains
    with qtbot.waitSignal(window.bridge.drained):
        for hit in quiet_hits(1_000, "N", 1_000):
            link.raise_hits(hit)
    view.viewport().repaint()
    in_sight = view.viewport().height() // 84 + 3
    assert window.bridge.drains - drains == 1
    assert view.card_delegate.paints - before <= 3 * in_sight


def test_that_only_cards_in_sight_count_as_seen(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, board: HitBoard
) -> None:
    drain(qtbot, window, link, *quiet_hits(60))
    window.page.hits.viewport().repaint()
    seen = len(window.bridge.painted_at)
    assert 0 < seen <= window.page.hits.viewport().height() // 84 + 1


def test_that_the_keyboard_skips_headings_and_stays_in_the_list(
    qtbot: QtBot, window: MainWindow, view: HitListView
) -> None:
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.chosen is not None
    assert view.chosen.card_id == "K0299"
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.chosen.card_id == "K0299"
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.chosen.card_id == "K0000"
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    assert view.chosen.card_id != "K0000"
    assert view.visualRect(view.currentIndex()).top() >= 28


def test_that_every_point_leads_to_the_row_drawn_there(view: HitListView) -> None:
    for y in range(30, view.viewport().height(), 7):
        index = view.indexAt(QPoint(20, y))
        assert view.visualRect(index).contains(QPoint(20, y))


def test_that_the_next_card_of_a_tier_is_found_from_the_top(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, view: HitListView
) -> None:
    drain(qtbot, window, link, a_hit("AB51ABC"))
    assert view.choose_next(Tier.P1)
    assert view.chosen is not None
    assert view.chosen.card_id == "AB51ABC"
    assert not view.choose_next(Tier.P4)


def test_that_a_new_look_keeps_the_card_in_hand_in_sight(view: HitListView) -> None:
    view.set_look(Look(ThemeName.LIGHT, 2.0))
    area = view.visualRect(view.currentIndex())
    assert area.height() == 168
    assert 0 <= area.top() < view.viewport().height()


def test_that_the_focus_chooses_nothing_and_n_begins_with_the_worst(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, *quiet_hits(3), a_hit("AB51ABC"))
    view = window.page.hits
    window.page.detail.setFocus()
    view.setFocus()
    assert view.chosen is None
    QTest.keyClick(view, Qt.Key.Key_N)
    assert view.chosen is not None
    assert view.chosen.card_id == "AB51ABC"
