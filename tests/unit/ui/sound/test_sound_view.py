"""The visual equivalent: shape and words for every sound, steady, in every look and width."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.spec import Tier
from nas_desktop.services.sound_needs import Cause, Sound
from nas_desktop.services.sound_rules import load_sound_rules
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.sound.sound_view import CHAIN_NEEDS, SoundView
from nas_desktop.ui.theme import AMBER, RED, Look, ThemeName, contrast
from tests.fakes.sound import FakePort

RULES = load_sound_rules()


def a_sound(
    cause: Cause = Cause.HIT, tier: Tier | None = Tier.P1, words: str = "", **changes: object
) -> Sound:
    values: dict[str, object] = {"action": "Stop", "cards": ("AB51ABC",)}
    values.update(changes)
    said = words or f"STOP {tier}"
    return Sound(cause, RULES.patterns["p1"], said, tier, **values)  # type: ignore[arg-type]


@pytest.fixture
def view(qtbot: QtBot) -> SoundView:
    made = SoundView(Look(), QMenu())
    qtbot.addWidget(made)
    made.resize(460, 34)
    return made


def test_that_a_p1_is_a_red_bar_with_its_words(view: SoundView) -> None:
    view.show_sounds([a_sound(words="STOP P1 · repeats until acknowledged")], "")
    assert view.chip.words == "STOP P1 · repeats until acknowledged"
    assert view.chip.colours()[0] == RED
    assert view.chip.accessibleName() == "Sound: STOP P1 · repeats until acknowledged"


def test_that_further_sounds_are_counted_and_named_in_the_tip(view: SoundView) -> None:
    view.show_sounds([a_sound(), a_sound(tier=Tier.P2), a_sound(tier=Tier.P3)], "")
    assert view.chip.words == "STOP P1 · +2 more"
    assert view.chip.accessibleName() == "Sound: STOP P1. STOP P2. STOP P3"
    assert view.chip.toolTip().splitlines()[:3] == ["STOP P1", "STOP P2", "STOP P3"]


@pytest.mark.parametrize("cause", [Cause.BASIS, Cause.LINK_LOST, Cause.UNATTENDED])
def test_that_what_is_wrong_is_amber_and_not_red(view: SoundView, cause: Cause) -> None:
    view.show_sounds([a_sound(cause, None, "Wrong", action="", cards=())], "")
    assert view.chip.colours()[0] == AMBER
    assert not view.chip.has_card


def test_that_what_is_muted_says_so_and_is_not_filled(view: SoundView) -> None:
    view.show_sounds([a_sound(tier=Tier.P2, is_muted=True)], "")
    assert view.chip.words == "muted: STOP P2"
    assert view.chip.colours()[0] == view.chip.look.tokens.panel


def test_that_a_sound_test_is_never_mistaken_for_a_hit(view: SoundView) -> None:
    view.show_sounds([a_sound()], "", "P1: Stop")
    assert view.chip.words == "SOUND TEST · P1: Stop"
    assert view.chip.colours()[0] not in (RED, AMBER)
    assert not view.chip.has_card


def test_that_a_missing_output_is_said_beside_the_bar(view: SoundView) -> None:
    view.show_sounds([], "no output device")
    assert not view.fault.isHidden()
    assert view.chip.words == "Watch the screen"
    view.show_sounds([], "")
    assert view.fault.isHidden()


@pytest.mark.parametrize("name", ThemeName)
def test_that_every_ground_carries_its_ink(view: SoundView, name: ThemeName) -> None:
    view.set_look(Look(name))
    for sounds in (
        [],
        [a_sound()],
        [a_sound(tier=Tier.P2)],
        [a_sound(is_muted=True)],
        [a_sound(Cause.BASIS, Tier.P3)],
    ):
        view.show_sounds(sounds, "")
        assert contrast(*view.chip.colours()) >= 4.5


def picture(widget: QWidget) -> QImage:
    return widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)


def test_that_states_stay_apart_in_greyscale(view: SoundView) -> None:
    pictures = []
    for sounds in (
        [],
        [a_sound(words="x")],
        [a_sound(tier=Tier.P2, words="x")],
        [a_sound(tier=Tier.P3, words="x", action="Assess")],
        [a_sound(tier=Tier.P2, words="x", is_muted=True)],
        [a_sound(Cause.BASIS, words="x")],
    ):
        view.show_sounds(sounds, "")
        pictures.append(picture(view.chip))
    for at, one in enumerate(pictures):
        assert all(one != other for other in pictures[at + 1 :])


def test_that_the_bar_stands_still(qtbot: QtBot, view: SoundView) -> None:
    view.show_sounds([a_sound()], "")
    first = picture(view.chip)
    painted: list[int] = []
    view.chip.paintEvent = lambda _event: painted.append(1)  # type: ignore[method-assign]
    qtbot.wait(0)
    painted.clear()
    view.show_sounds([a_sound()], "")
    qtbot.wait(0)
    assert painted == []  # the same again is no reason to paint
    del view.chip.paintEvent
    assert picture(view.chip) == first


def test_that_enter_and_a_press_go_to_the_card(qtbot: QtBot, view: SoundView) -> None:
    wanted: list[str] = []
    view.card_wanted.connect(wanted.append)
    view.show_sounds([a_sound()], "")
    QTest.keyClick(view.chip, Qt.Key.Key_Return)
    qtbot.mouseClick(view.chip, Qt.MouseButton.LeftButton)
    QTest.keyClick(view.chip, Qt.Key.Key_X)
    assert wanted == ["AB51ABC", "AB51ABC"]
    view.show_sounds([], "")
    QTest.keyClick(view.chip, Qt.Key.Key_Return)
    view.chip.pressed.emit()
    assert wanted == ["AB51ABC", "AB51ABC"]


def test_that_the_countdown_is_in_words(view: SoundView) -> None:
    view.show_mute("9:41", "Muted by A. Khan")
    assert view.is_muted
    assert view.mute_button.text().strip() == "Muted 9:41 · not P1"
    assert view.mute_button.toolTip() == "Muted by A. Khan"
    view.show_mute("", "")
    assert not view.is_muted
    assert view.mute_button.accessibleName() == "Mute"


def test_that_the_button_opens_the_menu_without_waiting_in_it(
    qtbot: QtBot, view: SoundView
) -> None:
    view._menu.addAction("Mute")
    view.show()
    view.mute_button.click()
    assert view._menu.isVisible()
    view._menu.close()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_that_nothing_moves_when_something_sounds(
    qtbot: QtBot, window: MainWindow, scale: float
) -> None:
    window.set_look(Look(window.look.name, scale))
    window.resize(1366, 768)
    port = FakePort()
    window.sounds.start(port)
    is_below = scale > 1
    qtbot.waitUntil(lambda: (window.sounds.view.y() > window.chain.y()) is is_below)
    qtbot.waitUntil(lambda: window.chain.height() > 34 or not is_below)
    before = (window.pages.geometry(), window.chain.geometry())
    window.sounds.view.show_sounds([a_sound(words="STOP P1 · " + "long " * 40)], "")
    window.sounds.view.show_mute("29:59", "")
    window.sounds.view.show_sounds([a_sound()], "no output device")
    qtbot.wait(0)
    assert (window.pages.geometry(), window.chain.geometry()) == before


@pytest.mark.parametrize(("width", "is_below"), [(1366, False), (960, True)])
def test_that_the_sound_stands_under_the_chain_where_it_is_narrow(
    qtbot: QtBot, window: MainWindow, width: int, is_below: bool
) -> None:
    window.resize(width, 700)
    assert (width < CHAIN_NEEDS) is is_below
    qtbot.waitUntil(lambda: (window.sounds.view.y() > window.chain.y()) is is_below)
    assert window.chain.width() > 0
