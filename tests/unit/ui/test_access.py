"""Access: names and states for a screen reader, a focus that is always seen, urgent hits said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit_life import NODE, StepKind
from nas_desktop.domain.voi import Action
from nas_desktop.services.cards import CardId
from nas_desktop.services.events import HopState, HopStatus, NodeState, StateReported, StepsDecided
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import Look, ThemeName
from tests.accessible_tree import dump, nameless, nodes
from tests.builders import NOON, a_hit, a_step, decided
from tests.fakes.node_link import START, FakeNodeLink
from tests.unit.ui.at_desk import choose, drain, press

CTRL = Qt.KeyboardModifier.ControlModifier
CTRL_SHIFT = CTRL | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def desk(qtbot: QtBot, window: MainWindow, link: FakeNodeLink) -> MainWindow:
    """A desk with three tiers open, one of them escalated, and a chain."""
    stop = a_hit()
    late = a_hit("LM19KXR", NOON, is_late=True)
    drain(
        qtbot, window, link, stop, late,
        a_hit("CD62XYZ", action=Action.ASSESS, reason="Cloned", warning_signals=()),
        a_hit("EF03GHJ", warning_signals=()),
    )  # fmt: skip
    told = a_step(stop.hit_id, StepKind.ESCALATE, NODE, code="target")
    hops = (
        HopState("cameras", HopStatus.LIVE, START, live=212, total=214),
        HopState("server", HopStatus.LOST, START - timedelta(minutes=5)),
    )
    with qtbot.waitSignal(window.bridge.drained):
        link.play(StepsDecided((decided(told),)))
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(StateReported(NodeState("Desk 1", "desk", START, False, hops=hops)))
    choose(window, "AB51ABC")
    qtbot.waitUntil(window.actions_by_name["verify"].isEnabled)
    return window


# ------------------------------------------------------------------ names and states


def test_that_every_card_says_its_name_state_and_what_is_chosen(desk: MainWindow) -> None:
    cards = [n for n in nodes(desk) if n.role.name == "ListItem"]
    (chosen,) = [n for n in cards if n.is_selected]
    for words in ("P1", "Stop", "AB51 ABC", "Intel Serious Crime", "M6 North 14", "new"):
        assert words in chosen.name
    for words in ("State: new", "irearms", "1 hit, 1 unacknowledged", "NOT ACKNOWLEDGED WITHIN"):
        assert words in chosen.description
    assert [n.name.split(",")[0] for n in cards if not n.is_selected].count("P3") == 1
    assert any("Late" in n.description for n in cards)


def test_that_the_chain_says_every_hop_with_its_state(desk: MainWindow) -> None:
    (chain,) = [n for n in nodes(desk) if n.name.startswith("Link chain")]
    assert "Cameras 212 of 214" in chain.name
    assert "Server lost" in chain.name


def test_that_nothing_that_can_be_worked_with_is_without_a_name(desk: MainWindow) -> None:
    assert nameless(desk) == []
    assert "Button “Acknowledge” (Key Space)" in dump(desk)
    press(desk.page.hits, Qt.Key.Key_O)
    press(desk.page.chooser, Qt.Key.Key_Escape)
    press(desk.page.hits, Qt.Key.Key_I)
    assert desk.page.asker.form.isVisible()
    assert nameless(desk) == []
    press(desk.page.asker.form.fields[0], Qt.Key.Key_Escape)


@pytest.mark.parametrize(
    ("key", "modifier", "surface"),
    [
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier, "keysOverlay"),
        (Qt.Key.Key_F3, Qt.KeyboardModifier.NoModifier, "commandPalette"),
        (Qt.Key.Key_K, Qt.KeyboardModifier.NoModifier, "contactPanel"),
        (Qt.Key.Key_F, Qt.KeyboardModifier.NoModifier, "listHead"),
        (Qt.Key.Key_Comma, CTRL, "preferences"),
        (Qt.Key.Key_P, CTRL, "sheetDialog"),
        (Qt.Key.Key_H, CTRL_SHIFT, "sheetDialog"),
        (Qt.Key.Key_D, CTRL, "detailWindow"),
    ],
)
def test_that_every_new_surface_names_what_is_on_it(
    qtbot: QtBot, desk: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier, surface: str
) -> None:
    press(desk.page.hits, key, modifier)
    shown = [w for w in desk.findChildren(QWidget, surface) if w.isVisible()]
    assert shown
    assert nameless(shown[0]) == []


def test_that_the_sign_in_and_lock_pages_name_their_fields(window: MainWindow) -> None:
    window.lock.lock()
    assert nameless(window) == []
    window.bridge.set_operator(None)
    assert nameless(window) == []


def test_that_a_new_p1_is_said_at_once_and_others_are_not(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    announcer = window.tools.announcer
    drain(qtbot, window, link, a_hit("CD62XYZ", action=Action.ASSESS, warning_signals=()))
    assert announcer.said == ""
    drain(qtbot, window, link, a_hit())
    assert announcer.said == "P1 Stop AB51 ABC, Intel Serious Crime, M6 North 14 · lane 2"
    many = [a_hit(f"AA{n:02d}AAA") for n in range(10, 15)]
    drain(qtbot, window, link, *many)
    assert announcer.said.endswith(", and 2 more")


def test_that_nothing_is_said_behind_the_lock(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    window.lock.lock()
    drain(qtbot, window, link, a_hit())
    assert window.tools.announcer.said == ""


# ------------------------------------------------------------------ focus


def focusable(root: QWidget) -> list[QWidget]:
    return [
        w
        for w in root.findChildren(QWidget)
        if w.isVisible()
        and w.isEnabled()
        and w.focusPolicy() & Qt.FocusPolicy.TabFocus
        and w.focusProxy() is None
    ]


def without_focus(window: QWidget) -> QImage:
    focus = window.focusWidget()
    if focus is not None:
        focus.clearFocus()
    return window.grab().toImage()


def differing(before: QImage, after: QImage, area: QRect, wanted: QColor) -> tuple[int, int]:
    """Return how many pixels differ in an area, and how many of these have a colour."""
    changed = coloured = 0
    for x in range(max(0, area.left()), min(after.width(), area.right() + 1)):
        for y in range(max(0, area.top()), min(after.height(), area.bottom() + 1)):
            if before.pixel(x, y) != after.pixel(x, y):
                changed += 1
                coloured += QColor(after.pixel(x, y)) == wanted
    return changed, coloured


@pytest.mark.parametrize("theme", list(ThemeName))
def test_that_the_focus_is_always_seen(qtbot: QtBot, desk: MainWindow, theme: ThemeName) -> None:
    desk.set_look(Look(theme))
    press(desk.page.hits, Qt.Key.Key_F)
    qtbot.waitUntil(desk.page.head.line.isVisible)
    token, text = desk.look.color("focus"), desk.look.color("text")
    unseen = []
    for widget in focusable(desk):
        before = without_focus(desk)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        after = desk.grab().toImage()
        assert QApplication.focusWidget() is widget
        area = QRect(widget.mapTo(desk, widget.rect().topLeft()), widget.size())
        # The due button is of the focus colour itself: its frame is that of the text.
        is_due = isinstance(widget, QPushButton) and widget.property("due") is True
        changed, coloured = differing(before, after, area, text if is_due else token)
        if changed < 40 or coloured < 40:
            unseen.append(f"{type(widget).__name__} {widget.objectName()} {changed} {coloured}")
    assert unseen == []
    assert len(focusable(desk)) > 15


def test_that_tab_goes_round_and_leaves_nothing_out(qtbot: QtBot, desk: MainWindow) -> None:
    desk.page.hits.setFocus()
    seen: set[QWidget] = set()
    for _step in range(60):
        focus = QApplication.focusWidget()
        assert focus is not None
        if focus in seen:
            break
        seen.add(focus)
        press(focus, Qt.Key.Key_Tab)
    assert desk.page.hits in seen
    assert {desk.page.detail, *desk.top_bar.counters.values()} <= seen


def test_that_the_detail_shows_the_focus_without_moving(qtbot: QtBot, desk: MainWindow) -> None:
    body = desk.page.detail.body
    desk.page.hits.setFocus()
    before = body.mapTo(desk, body.rect().topLeft()), body.size()
    desk.page.detail.setFocus()
    assert (body.mapTo(desk, body.rect().topLeft()), body.size()) == before
    assert desk.page.hits.chosen is not None
    assert desk.page.hits.chosen.card_id == CardId("AB51ABC")
