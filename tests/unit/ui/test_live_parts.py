"""Painted parts: nothing is left out, nothing is cut, and what differs stands out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit import MatchClass
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.events import HopState, HopStatus, NodeState
from nas_desktop.ui.live.chain_view import ChainView
from nas_desktop.ui.live.detail_parts import LedgerBar
from nas_desktop.ui.live.match_rows_view import ReadOverListed
from nas_desktop.ui.live.plot_strip_view import POINTS, Sparkline
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import AMBER, Look
from tests.builders import NOON, a_hit, a_read
from tests.fakes.node_link import START, FakeNodeLink


def a_state() -> NodeState:
    names = ("server", "cameras", "desk_cameras", "nas", "pnc")
    statuses = (
        HopStatus.CATCHING_UP,
        HopStatus.LIVE,
        HopStatus.NOT_CONFIGURED,
        HopStatus.LOST,
        HopStatus.SLOW,
    )
    hops = tuple(
        HopState(n, s, START - timedelta(hours=2), age_s=1.0, held=1200, oldest_at=START)
        for n, s in zip(names, statuses, strict=True)
    )
    return NodeState("Desk 1", "desk", START, is_simulation=False, hops=hops)


def amber_pixels(image: QImage) -> int:
    amber = QColor(AMBER)
    return sum(
        image.pixelColor(x, y) == amber
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    )


@pytest.mark.parametrize("width", [300, 700, 1900])
def test_that_the_chain_wraps_and_leaves_no_hop_out(qtbot: QtBot, width: int) -> None:
    chain = ChainView(Look())
    qtbot.addWidget(chain)
    chain.resize(width, 40)
    chain.show_state(a_state(), START, 0.0, is_old=False)
    names = [piece.hop.name for piece in chain._pieces if piece.hop]
    assert names == ["Cameras", "Server", "Cameras here", "This desk", "NAS", "PNC"]
    for one, other in zip(chain._pieces, chain._pieces[1:], strict=False):
        assert not one.area.intersects(other.area)
    chain.resize(width, chain.sizeHint().height())
    assert amber_pixels(chain.grab().toImage()) > 0
    point = chain._pieces[0].area.center()
    assert chain._tip_at(point).startswith("Cameras: live since")


def test_that_a_chain_without_a_report_says_that_it_waits(qtbot: QtBot) -> None:
    chain = ChainView(Look())
    qtbot.addWidget(chain)
    chain.show_state(None, START, 0.0, is_old=True)
    assert not chain.grab().isNull()
    assert chain.accessibleName() == "Link chain: "


def test_that_characters_that_differ_stand_out(qtbot: QtBot) -> None:
    part = ReadOverListed(Look())
    qtbot.addWidget(part)
    part.resize(560, 110)
    hit = a_hit()
    part.show_match(hit.read, hit.leading)
    assert amber_pixels(part.grab().toImage()) == 0
    misread = replace(
        hit.leading,
        match_class=MatchClass.MISREAD,
        entry=replace(hit.leading.entry, vrm=Vrm("AB5IABC")),
    )
    part.show_match(hit.read, misread)
    assert amber_pixels(part.grab().toImage()) > 50
    assert "possible misread" in part.accessibleName()


def test_that_the_leg_that_broke_the_budget_stands_out(qtbot: QtBot) -> None:
    bar = LedgerBar(Look())
    qtbot.addWidget(bar)
    bar.resize(560, 24)
    bar.show_ledger(a_hit().ledger())
    assert amber_pixels(bar.grab().toImage()) == 0
    bar.show_ledger(a_hit(read=a_read(received_at=NOON + timedelta(seconds=9))).ledger())
    assert amber_pixels(bar.grab().toImage()) > 50


def test_that_a_plot_keeps_five_minutes_and_no_more(qtbot: QtBot) -> None:
    line = Sparkline("Reads")
    qtbot.addWidget(line)
    for value in range(POINTS + 50):
        line.add(float(value))
    assert len(line._values) == POINTS
    assert line._values[-1] == POINTS + 49


def test_that_words_from_a_list_are_never_read_as_markup(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(a_hit(information="<b>STOP</b><img src=x>", contact="<i>me</i>"))
    window.page.choose_next()
    labels = [w for w in window.page.detail.findChildren(QLabel) if "<" in w.text()]
    assert len(labels) == 2
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)


@pytest.mark.parametrize("width", [280, 470])
def test_that_a_long_foreign_vrm_and_many_signals_fit_a_card(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, width: int
) -> None:
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(
            a_hit("ABCDEFGH12345678", warning_signals=("FI", "XP", "WE", "VI", "ES", "CO"))
        )
    window.page.splitter.setSizes([width, 900])
    window.page.hits.viewport().repaint()
    window.page.choose_next()
    assert not window.page.detail.grab().isNull()
    assert window.page.hits.card_delegate.paints > 0


def test_that_the_keys_can_be_scrolled_by_key_where_text_is_large(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.set_look(Look(scale=2.0))
    window.keys.toggle()
    qtbot.waitUntil(lambda: window.keys._scroll.verticalScrollBar().maximum() > 0)
    QTest.keyClick(window.keys, Qt.Key.Key_PageDown)
    assert window.keys._scroll.verticalScrollBar().value() > 0
    window.keys.toggle()
    assert not window.keys.isVisible()


def test_that_the_operators_menu_opens_without_a_loop_of_its_own(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.top_bar.menu_button.click()
    menu = window.top_bar._menu
    assert menu.isVisible()
    words = [a.text() for a in menu.actions() if not a.isSeparator()]
    assert "Connectivity test" in words
    assert words[-2:] == ["Sign out", "Close"]
    menu.close()
