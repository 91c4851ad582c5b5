"""Sound in the window: what is played for what comes, who may mute, and what a lost device says."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit import Basis, Hit
from nas_desktop.domain.voi import Action
from nas_desktop.services.cards import CardId
from nas_desktop.services.events import NodeFound, NodeLost
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.muting import Mute
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.sound.sound_desk import IN_TURN, MUTE_KEY
from tests.builders import a_hit
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, RunsAtOnce, an_operator
from tests.fakes.sound import FakePort
from tests.unit.ui.test_main_window import choose
from tests.unit.ui.test_main_window import drain as drain_alone

QUIET = {"action": Action.ASSESS, "reason": "Cloned", "warning_signals": ()}


def p1(vrm: str = "AB51ABC", **changes: object) -> Hit:
    return a_hit(vrm, START - timedelta(seconds=4), **changes)  # type: ignore[arg-type]


def p2(vrm: str = "CD62XYZ") -> Hit:
    return p1(vrm, warning_signals=())


def p3(vrm: str = "LM19KXR") -> Hit:
    return p1(vrm, **QUIET)


def drain(qtbot: QtBot, window: MainWindow, link: FakeNodeLink, *hits: Hit) -> None:
    """Raise hits and look at them, as a desk does when they have been painted."""
    drain_alone(qtbot, window, link, *hits)
    window.sounds.tick()


def later(window: MainWindow, clock: DeskClock, seconds: float) -> None:
    """Let time pass as the desk sees it: one tick at its end."""
    clock.advance(seconds)
    window.sounds.tick()


def bar(window: MainWindow) -> str:
    return window.sounds.view.chip.words


# ------------------------------------------------------------------ hits


def test_that_a_p1_sounds_as_it_comes_and_repeats_until_space(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink, clock: DeskClock
) -> None:
    drain(qtbot, window, link, p1())
    assert port.played == ["p1"]
    assert bar(window) == "STOP P1 · repeats until acknowledged"
    later(window, clock, 3)
    assert port.played == ["p1", "p1"]
    choose(window, "AB51ABC")
    with qtbot.waitSignal(window.bridge.drained):
        QTest.keyClick(window.page.hits, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bar(window) == "Sound on")
    later(window, clock, 30)
    assert port.played == ["p1", "p1"]


def test_that_tiers_sound_apart_and_p4_does_not(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink, clock: DeskClock
) -> None:
    p4 = p1("FG70HJK", action=Action.ASSESS, reason="Documents", warning_signals=())
    drain(qtbot, window, link, p4)
    assert port.played == []
    drain(qtbot, window, link, p2(), p3())
    later(window, clock, 2)
    assert port.played == ["p2", "p3"]


def test_that_a_burst_is_summed_up(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, p2(), p2("CD62XYY"), *(p3(f"LM1{n}KXR") for n in range(5)))
    assert port.played == ["several"]
    assert bar(window) == "7 new: 2 Stop, 5 Assess"


def test_that_a_locked_desk_goes_on_sounding_and_names_no_vehicle(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink
) -> None:
    window.lock.lock()
    drain(qtbot, window, link, p1())
    assert port.played == ["p1"]
    window.sounds.view.card_wanted.emit("AB51ABC")
    assert window.page.chosen is None or window.bridge.is_locked
    told = window.sounds.view.chip.toolTip() + window.sounds.view.chip.accessibleName()
    assert "AB51ABC" not in told.replace(" ", "")


def test_that_a_desk_without_anybody_sounds_and_says_so(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink, clock: DeskClock
) -> None:
    window.bridge.sign_out()
    drain(qtbot, window, link, p2())
    later(window, clock, 2)
    later(window, clock, 60)
    assert port.played == ["p2", "unattended", "p2_overdue"]
    assert any("Nobody is signed in" in sound.words for sound in window.sounds.shown)


def test_that_what_stood_before_the_window_opened_sounds(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, clock: DeskClock
) -> None:
    drain(qtbot, window, link, p1(), p2())
    port = FakePort()
    window.sounds.start(port)
    later(window, clock, 3)
    assert port.played[0] == "p1"
    later(window, clock, 1)
    assert "p2" in port.played


def test_that_a_press_on_the_bar_goes_to_the_card(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, p3(), p2())
    window.page.hits.choose(CardId("LM19KXR"))
    qtbot.mouseClick(window.sounds.view.chip, Qt.MouseButton.LeftButton)
    assert window.page.chosen is not None
    assert window.page.chosen.card_id == "CD62XYZ"


def test_that_a_lost_node_is_said_at_once_and_once_a_minute(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink, clock: DeskClock
) -> None:
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(NodeLost(START, "The node has ended."))
    assert port.played == ["link_lost"]
    later(window, clock, 60)
    assert port.played == ["link_lost", "link_lost"]
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(NodeFound(START))
    assert bar(window) == "Sound on"


def test_that_many_cards_at_once_are_all_taken_in(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink
) -> None:
    count = IN_TURN * 2
    drain(qtbot, window, link, *(p3(f"AB{n:05d}") for n in range(count)))
    qtbot.waitUntil(lambda: bar(window) == f"{count} new: {count} Assess")
    assert port.played == ["several"]


def test_that_a_look_stays_cheap_with_five_thousand_cards(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, *(p1(f"AB{n:05d}", warning_signals=()) for n in range(5_000)))
    qtbot.waitUntil(lambda: not window.sounds._is_rush)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        window.sounds.tick()
        took.append(time.perf_counter() - began)
    assert len(window.sounds._needs) == 5_000
    assert min(took) < 0.032


def test_that_a_hit_sounds_by_itself_once_it_was_painted(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink
) -> None:
    drain_alone(qtbot, window, link, p1())
    qtbot.waitUntil(lambda: port.played == ["p1"])


def test_that_a_p1_waits_for_no_rush(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink
) -> None:
    many = [p1(f"AB{n:05d}", warning_signals=()) for n in range(IN_TURN * 3)]
    drain(qtbot, window, link, *many, p1())
    assert port.played == ["p1"]
    assert window.sounds._is_rush


# ------------------------------------------------------------------ basis


def test_that_a_withdrawn_entry_sounds_until_its_card_was_looked_at(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink, clock: DeskClock
) -> None:
    hit = p2()
    drain(qtbot, window, link, hit, p3())
    choose(window, "LM19KXR")
    later(window, clock, 5)
    later(window, clock, 5)
    port.played.clear()
    reasons = tuple(replace(r, basis=Basis.WITHDRAWN, basis_at=clock.now()) for r in hit.reasons)
    drain(qtbot, window, link, replace(hit, reasons=reasons))
    assert port.played == ["basis"]
    assert bar(window).startswith("ENTRY WITHDRAWN · P2 · look before you act")
    later(window, clock, 15)
    assert port.played == ["basis", "basis"]
    choose(window, "CD62XYZ")
    later(window, clock, 16)
    assert port.played.count("basis") == 2
    assert "ENTRY" not in bar(window)


def test_that_it_sounds_once_even_while_its_card_is_in_hand(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink, clock: DeskClock
) -> None:
    hit = p2()
    drain(qtbot, window, link, hit)
    choose(window, "CD62XYZ")
    later(window, clock, 10)
    reasons = tuple(replace(r, basis=Basis.CHANGED, basis_at=clock.now()) for r in hit.reasons)
    drain(qtbot, window, link, replace(hit, reasons=reasons))
    later(window, clock, 4)
    later(window, clock, 20)
    assert port.played.count("basis") == 1


def test_that_a_look_at_a_desk_nobody_sits_at_is_none(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink, clock: DeskClock
) -> None:
    hit = p2()
    drain(qtbot, window, link, hit)
    choose(window, "CD62XYZ")
    window.lock.lock()
    reasons = tuple(replace(r, basis=Basis.CHANGED, basis_at=clock.now()) for r in hit.reasons)
    drain(qtbot, window, link, replace(hit, reasons=reasons))
    for _ in range(3):
        later(window, clock, 15)
    assert port.played.count("basis") >= 3


# ------------------------------------------------------------------ mute


def test_that_ctrl_m_mutes_p2_with_a_countdown_and_never_p1(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink, clock: DeskClock
) -> None:
    told: list[Mute] = []
    window.sounds.muted.connect(told.append)
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    (mute,) = told
    assert (mute.by, mute.until - mute.since) == ("A. Khan", timedelta(minutes=10))
    button = window.sounds.view.mute_button
    later(window, clock, 19)
    assert button.accessibleName() == "Muted 9:41 · not P1"
    assert "A. Khan" in button.toolTip()
    drain(qtbot, window, link, p2())
    assert port.played == []
    assert bar(window) == "muted: STOP P2 · new"
    drain(qtbot, window, link, p1())
    assert port.played == ["p1_overdue"]
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert button.accessibleName() == "Mute"


def test_that_a_mute_ends_by_itself_and_says_what_was_muted(
    qtbot: QtBot,
    window: MainWindow,
    port: FakePort,
    link: FakeNodeLink,
    clock: DeskClock,
    settings: QSettings,
) -> None:
    ended: list[str] = []
    window.sounds.unmuted.connect(lambda _mute, by: ended.append(by))
    window.sounds.mute(5)
    drain(qtbot, window, link, p3())
    assert settings.contains(MUTE_KEY)
    later(window, clock, 300)
    assert ended == [""]
    assert not settings.contains(MUTE_KEY)
    assert port.played == ["p3"]
    assert window.sounds.view.mute_button.accessibleName() == "Mute"


@pytest.mark.parametrize("leave", [lambda w: w.bridge.sign_out(), lambda w: w.lock.lock()])
def test_that_a_desk_nobody_sits_at_cannot_be_muted_but_unmuted(
    window: MainWindow, port: FakePort, leave: Callable[[MainWindow], None]
) -> None:
    window.sounds.mute(5)
    leave(window)
    assert window.sounds.view.is_muted
    window.sounds.toggle_mute()
    assert not window.sounds.view.is_muted
    window.sounds.toggle_mute()
    assert not window.sounds.view.is_muted


def test_that_a_mute_outlives_a_restart_with_its_end(
    qtbot: QtBot,
    window: MainWindow,
    board: HitBoard,
    link: FakeNodeLink,
    clock: DeskClock,
    spawn: RunsAtOnce,
    settings: QSettings,
    bridge: Bridge,
) -> None:
    window.sounds.mute(30)
    clock.advance(60)
    again = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings)
    assert again.sounds.view.mute_button.accessibleName() == "Muted 29:00 · not P1"
    again.leave()
    clock.advance(1_800)
    last = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings)
    assert not last.sounds.view.is_muted
    last.leave()
    for made in (again, last):
        made.deleteLater()


def test_that_the_menu_offers_the_mutes_and_the_test(window: MainWindow) -> None:
    words = [action.text() for action in window.sounds.menu.actions() if action.text()]
    assert words == [
        "Mute P2 and P3 for 5 minutes",
        "Mute P2 and P3 for 10 minutes",
        "Mute P2 and P3 for 30 minutes",
        "End the mute",
        "Sound test",
        "Speak a summary",
        "Speak the vehicle too",
    ]
    window.sounds.menu.actions()[0].trigger()
    assert window.sounds.view.mute_button.accessibleName() == "Muted 5:00 · not P1"


# ------------------------------------------------------------------ the device


def test_that_a_lost_device_is_said_and_every_sound_is_shown(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink, clock: DeskClock
) -> None:
    said: list[str] = []
    window.bridge.notice.connect(lambda message, _remedy: said.append(message))
    port.lose()
    words = "No sound: no output device. Watch the screen: every sound is shown."
    assert said == [words]
    assert window.sounds.view.fault.isVisible()
    assert window.sounds.view.fault.accessibleName() == words
    drain(qtbot, window, link, p2())
    assert bar(window) == "STOP P2 · new"
    later(window, clock, 20)
    port.played.clear()
    port.come_back()
    assert said == [words, "Sound is back: Headphones."]
    assert not window.sounds.view.fault.isVisible()
    assert port.played == ["p2"]


def test_that_the_same_fault_is_said_once(window: MainWindow, port: FakePort) -> None:
    said: list[str] = []
    window.bridge.notice.connect(lambda message, _remedy: said.append(message))
    port.lose()
    port.lose()
    assert len(said) == 1


def test_that_the_output_ends_with_the_window(window: MainWindow, port: FakePort) -> None:
    window.leave()
    assert port.is_stopped


# ------------------------------------------------------------------ sound test


def test_that_the_sound_test_plays_every_pattern_with_its_name(
    qtbot: QtBot, window: MainWindow, port: FakePort
) -> None:
    test = window.sounds.test
    test._gap_s = -10.0  # as fast as the loop goes
    test._timer.setInterval(0)
    shown: list[str] = []
    test.changed.connect(lambda: shown.append(bar(window)))
    window.actions_by_name["sound_test"].trigger()
    qtbot.waitUntil(lambda: not test.words)
    assert port.played == [pattern.name for _words, pattern in test.steps]
    assert port.played[0] == port.played[-1] == "test"
    assert all(words.startswith("SOUND TEST · ") for words in shown[:-1])
    assert "SOUND TEST · 1 of 11: P1: Stop, repeats until acknowledged" in shown


def test_that_a_hit_ends_the_sound_test(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink
) -> None:
    window.sounds.toggle_test()
    assert bar(window).startswith("SOUND TEST")
    drain(qtbot, window, link, p2())
    assert not window.sounds.test.words
    assert port.played == ["test", "p2"]


def test_that_the_sound_test_is_ended_by_hand(window: MainWindow, port: FakePort) -> None:
    window.sounds.toggle_test()
    window.sounds.toggle_test()
    assert port.played == ["test", "hush"]
    assert bar(window) == "Sound on"


def test_that_no_sound_test_drowns_a_p1(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, p1())
    window.sounds.toggle_test()
    assert port.played == ["p1"]
    assert "No sound test while a P1 sounds." in window.notice.words.text()


# ------------------------------------------------------------------ speech


def speak(window: MainWindow, *, vehicle: bool = False) -> None:
    window.sounds._speak.setChecked(True)
    window.sounds._speak_vrm.setChecked(vehicle)


def test_that_nothing_is_spoken_unless_it_is_asked_for(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, p1())
    assert port.said == []


@pytest.mark.parametrize(
    ("vehicle", "said"),
    [(False, ["1 new. P2. Stop."]), (True, ["1 new. P2. Stop. C D 6 2 X Y Z."])],
)
def test_that_a_summary_is_spoken_with_the_vehicle_only_where_that_is_set(
    qtbot: QtBot,
    window: MainWindow,
    port: FakePort,
    link: FakeNodeLink,
    settings: QSettings,
    vehicle: bool,
    said: list[str],
) -> None:
    speak(window, vehicle=vehicle)
    assert settings.value("sound/speak") == "true"
    drain(qtbot, window, link, p2())
    assert port.said == said


def test_that_a_locked_desk_never_speaks_a_vehicle(
    qtbot: QtBot, window: MainWindow, port: FakePort, link: FakeNodeLink
) -> None:
    speak(window, vehicle=True)
    window.lock.lock()
    drain(qtbot, window, link, p2())
    assert port.said == ["1 new. P2. Stop."]


def test_that_without_an_engine_the_switch_says_why(window: MainWindow, port: FakePort) -> None:
    port.can_speak = False
    port.come_back()
    action = window.sounds._speak
    assert not action.isEnabled()
    assert action.text() == "Speak a summary (no speech engine here)"


def test_that_another_person_finds_the_mute_of_the_one_before(
    window: MainWindow, port: FakePort
) -> None:
    window.sounds.mute(10)
    window.bridge.sign_out()
    window.sign_in_as(an_operator(name="B. Jones"))
    assert "A. Khan" in window.sounds.view.mute_button.toolTip()
