"""The command palette and the overlay of keys: all of them, found by name, with their reasons."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.ui.actions import OTHER_KEYS
from nas_desktop.ui.command_groups import (
    EVERY,
    GROUPS,
    MAP_COMMANDS,
    MAP_KEYS,
    group_of,
    grouped_keys,
)
from nas_desktop.ui.dialogs.palette import CommandPalette
from nas_desktop.ui.dialogs.palette_model import PaletteEntry, PaletteModel, matching
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import Look
from nas_desktop.ui.why_not import why_not
from tests.builders import a_hit
from tests.fakes.node_link import FakeNodeLink, an_operator
from tests.unit.ui.at_desk import choose, drain, kinds_sent, press

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def open_palette(window: MainWindow, *, by_key: bool = True) -> CommandPalette:
    if by_key:
        press(window.page.hits, Qt.Key.Key_F3)
    else:
        press(window.page.hits, Qt.Key.Key_P, CTRL_SHIFT)
    palette = window.tools.palette
    assert palette.isVisible()
    assert palette.field.hasFocus()
    return palette


def an_entry(words: str, **changes: str) -> PaletteEntry:
    values = {"keys": "X", "tip": "does something", "group": "Hit", "why": "", **changes}
    return PaletteEntry(words.lower(), words, **values)


def rows(palette: CommandPalette) -> list[str]:
    model = palette.model
    found = [model.entry(model.index(at)) for at in range(model.rowCount())]
    return [entry.name for entry in found if entry is not None]


# ------------------------------------------------------------------ the model


def test_that_the_model_keeps_its_promises(qtbot: QtBot) -> None:
    model = PaletteModel()
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    model.set_entries([an_entry("Park"), an_entry("Pass", why="Take it first.")])
    for wanted in ("pa", "park", "nothing", ""):
        model.set_wanted(wanted)
    assert model.rowCount() == 2
    index = model.index(1)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).endswith("Not now: Take it first.")
    assert "Not now" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert model.entry(model.index(5)) is None
    del tester


def test_that_what_begins_with_the_words_typed_comes_first() -> None:
    entries = [
        an_entry("Next", tip="the next that nobody parked"),
        an_entry("To park"),
        an_entry("Park"),
    ]
    assert [e.words for e in matching(entries, "park")] == ["Park", "To park", "Next"]
    assert [e.words for e in matching(entries, "next nobody")] == ["Next"]
    assert matching(entries, "zebra") == []
    assert len(matching(entries, "  ")) == 3


# ------------------------------------------------------------------ in the window


@pytest.mark.parametrize("by_key", [True, False])
def test_that_it_lists_every_command_with_its_key(window: MainWindow, by_key: bool) -> None:
    palette = open_palette(window, by_key=by_key)
    listed = set(rows(palette))
    assert listed == {c.name for c in EVERY} - {"palette"}
    press(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert window.page.hits.hasFocus() or window.page.isVisible()


def test_that_typing_filters_arrows_choose_and_enter_runs(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    qtbot.waitUntil(window.actions_by_name["verify"].isEnabled)
    palette = open_palette(window)
    QTest.keyClicks(palette.field, "patch")
    assert rows(palette)[:2] == ["verify", "differs"]
    press(palette.field, Qt.Key.Key_Down)
    assert palette.chosen is not None
    assert palette.chosen.name == "differs"
    press(palette.field, Qt.Key.Key_Up)
    with qtbot.waitSignal(window.bridge.drained):
        press(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert kinds_sent(link) == [StepKind.VERIFY]
    assert window.page.hits.hasFocus()


def test_that_letters_typed_there_do_nothing_to_a_hit(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    palette = open_palette(window)
    QTest.keyClicks(palette.field, "n v?")
    assert palette.field.text() == "n v?"
    assert kinds_sent(link) == []
    assert not window.keys.isVisible()


def test_that_one_that_cannot_be_run_says_why_and_stays(
    window: MainWindow, link: FakeNodeLink
) -> None:
    palette = open_palette(window)
    QTest.keyClicks(palette.field, "acknowledge")
    assert palette.said.text() == "○ Not now: Choose a vehicle first (N)."
    press(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert "Not now" in palette.field.accessibleDescription()
    QTest.keyClicks(palette.field, " zebra")
    assert palette.chosen is None
    press(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert "No command" in palette.said.text()


def test_that_the_lock_closes_it_and_keeps_it_closed(window: MainWindow) -> None:
    palette = open_palette(window)
    window.lock.lock()
    assert not palette.isVisible()
    window.actions_by_name["palette"].trigger()
    assert not palette.isVisible()


def test_that_a_click_runs_too(window: MainWindow) -> None:
    palette = open_palette(window)
    QTest.keyClicks(palette.field, "next theme")
    before = window.look.name
    rect = palette.list.visualRect(palette.model.index(0))
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert window.look.name is not before


@pytest.mark.parametrize("name", [c.name for c in EVERY])
def test_that_there_is_a_reason_for_every_command(window: MainWindow, name: str) -> None:
    bridge = window.bridge
    assert why_not(name, bridge, None).endswith(".")
    bridge.set_operator(an_operator(Role.AUDITOR))
    assert why_not(name, bridge, None)
    bridge.set_operator(None)
    assert why_not(name, bridge, None) == "Nobody is signed in."


# ------------------------------------------------------------------ the overlay of keys


LISTED = len(EVERY) - len(MAP_COMMANDS) + len(MAP_KEYS) + len(OTHER_KEYS)


def test_that_the_keys_of_the_map_stand_together_and_none_is_left_out() -> None:
    shown = {key for keys, _words in MAP_KEYS for key in keys.split()}
    arrows = {"Up": "↑", "Down": "↓", "Left": "←", "Right": "→"}
    for command in MAP_COMMANDS:
        first = arrows.get(command.keys[0], command.keys[0])
        assert first in shown or command.name == "map_leave"


def test_that_every_key_stands_in_one_group() -> None:
    listed = [row for _name, rows in grouped_keys() for row in rows]
    assert len(listed) == LISTED
    assert {group_of(c) for c in EVERY} <= set(GROUPS)
    assert all(rows for _name, rows in grouped_keys())


@pytest.mark.parametrize(
    ("width", "height", "scale", "columns"),
    [(1366, 768, 1.0, 3), (1000, 700, 1.0, 2), (1366, 768, 2.0, 1), (1920, 1080, 1.0, 3)],
)
def test_that_the_overlay_takes_the_columns_there_is_room_for(
    qtbot: QtBot, window: MainWindow, width: int, height: int, scale: float, columns: int
) -> None:
    window.resize(width, height)
    window.set_look(Look(window.look.name, scale))
    press(window.page.hits, Qt.Key.Key_F1)
    overlay = window.keys
    assert overlay.isVisible()
    assert overlay.columns == columns
    assert window.centralWidget().rect().contains(overlay.geometry())
    bar = overlay._scroll.verticalScrollBar()
    if scale == 1.0 and width >= 1366:
        assert bar.maximum() == 0, "nothing has to be scrolled for at 1366x768"
    labels = [w for w in overlay.findChildren(QLabel) if w.accessibleName()]
    assert len(labels) == LISTED
    for column in overlay._columns:
        own = [w.geometry() for w in column.findChildren(QLabel)]
        for above, below in pairwise(sorted(own, key=lambda r: (r.left(), r.top()))):
            assert not above.intersects(below)
