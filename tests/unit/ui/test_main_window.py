"""The window: keys, states, sign-in, layout, and what it says when something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QFontInfo
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.services.cards import CardId
from nas_desktop.services.events import (
    HopState,
    HopStatus,
    ImageArrived,
    ImageKind,
    NodeLost,
    NodeState,
    StateReported,
)
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.fonts import TEXT_FACE
from nas_desktop.ui.main_window import SMALLEST, MainWindow
from nas_desktop.ui.theme import ThemeName
from tests.builders import NOON, a_hit, a_read
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, RunsAtOnce, an_operator
from tests.unit.ui.test_images import a_picture


def drain(qtbot: QtBot, window: MainWindow, link: FakeNodeLink, *hits: Hit) -> None:
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(*hits)


def report(qtbot: QtBot, window: MainWindow, link: FakeNodeLink, **changes: object) -> None:
    values: dict[str, object] = {
        "node_name": "Desk 1",
        "role": "desk",
        "at": START,
        "is_simulation": True,
        "hops": (HopState("server", HopStatus.LIVE, START, age_s=0.2),),
    }
    values.update(changes)
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(StateReported(NodeState(**values)))  # type: ignore[arg-type]


def choose(window: MainWindow, card_id: str) -> None:
    """Choose a card and paint it, as a person would see it."""
    window.page.hits.choose(CardId(card_id))
    window.page.hits.viewport().repaint()
    window.page.detail.body.repaint()
    window.page.hits.setFocus()


def steps_of(link: FakeNodeLink, kind: StepKind) -> list[bytes]:
    return [s.hit_id for s in link.steps if s.kind is kind]


# ------------------------------------------------------------------ keys


def test_that_space_acknowledges_the_chosen_card_from_the_list(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, board: HitBoard
) -> None:
    hit = a_hit()
    drain(qtbot, window, link, hit, a_hit("CD62XYZ"))
    choose(window, "AB51ABC")
    with qtbot.waitSignal(window.bridge.drained):
        QTest.keyClick(window.page.hits, Qt.Key.Key_Space)
    assert steps_of(link, StepKind.ACKNOWLEDGE) == [hit.hit_id]
    card = board.card(CardId("AB51ABC"))
    assert card is not None
    assert not card.unacknowledged


def test_that_space_acknowledges_from_the_detail_too(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    hit = a_hit()
    drain(qtbot, window, link, hit)
    choose(window, "AB51ABC")
    window.page.detail.setFocus()
    QTest.keyClick(window.page.detail, Qt.Key.Key_Space)
    assert steps_of(link, StepKind.ACKNOWLEDGE) == [hit.hit_id]


def test_that_space_on_a_button_does_not_acknowledge(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    button = window.page.buttons["copy_line"]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert steps_of(link, StepKind.ACKNOWLEDGE) == []


def test_that_a_hit_that_comes_as_the_key_goes_down_is_not_covered(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    seen, later = a_hit(), a_hit(captured_at=NOON + timedelta(seconds=30))
    drain(qtbot, window, link, seen)
    choose(window, "AB51ABC")
    link.raise_hits(later)  # arrived, not yet on screen
    QTest.keyClick(window.page.hits, Qt.Key.Key_Space)
    assert steps_of(link, StepKind.ACKNOWLEDGE) == [seen.hit_id]


def test_that_an_acknowledged_card_stays_in_place_until_another_is_chosen(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, board: HitBoard
) -> None:
    drain(qtbot, window, link, a_hit(), a_hit("CD62XYZ"), a_hit("LM19KXR"))
    choose(window, "CD62XYZ")
    at = board.position_of(CardId("CD62XYZ"))
    with qtbot.waitSignal(window.bridge.drained):
        QTest.keyClick(window.page.hits, Qt.Key.Key_Space)
    assert board.position_of(CardId("CD62XYZ")) == at
    QTest.keyClick(window.page.hits, Qt.Key.Key_N)
    assert window.page.chosen is not None
    assert window.page.chosen.card_id != "CD62XYZ"
    assert board.position_of(CardId("CD62XYZ")) == len(board) - 1


def test_that_o_and_a_key_close_an_acknowledged_hit(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, board: HitBoard
) -> None:
    hit = a_hit()
    drain(qtbot, window, link, hit)
    choose(window, "AB51ABC")
    with qtbot.waitSignal(window.bridge.drained):
        QTest.keyClick(window.page.hits, Qt.Key.Key_Space)
    QTest.keyClick(window.page.hits, Qt.Key.Key_O)
    assert window.page.chooser.isVisible()
    with qtbot.waitSignal(window.bridge.drained):
        QTest.keyClick(window.page.chooser, Qt.Key.Key_5)
    assert link.steps[-1].code == list(load_spec().outcomes)[4]
    assert not window.page.chooser.isVisible()
    card = board.card(CardId("AB51ABC"))
    assert card is not None
    assert card.is_closed


def test_that_o_does_nothing_before_anybody_acknowledged(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    QTest.keyClick(window.page.hits, Qt.Key.Key_O)
    assert not window.page.chooser.isVisible()


def test_that_a_note_typed_in_the_chooser_picks_no_outcome_and_goes_along(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    with qtbot.waitSignal(window.bridge.drained):
        QTest.keyClick(window.page.hits, Qt.Key.Key_Space)
    QTest.keyClick(window.page.hits, Qt.Key.Key_A)
    chooser = window.page.chooser
    QTest.keyClick(chooser, Qt.Key.Key_T)
    QTest.keyClicks(chooser.note, "1 unit, no o")
    QTest.keyClick(chooser.note, Qt.Key.Key_Return)
    QTest.keyClick(chooser, Qt.Key.Key_1)
    assert (link.steps[-1].kind, link.steps[-1].code, link.steps[-1].text) == (
        StepKind.ACTION,
        "deployed",
        "1 unit, no o",
    )


def test_that_escape_leaves_the_chooser_without_a_step(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    with qtbot.waitSignal(window.bridge.drained):
        QTest.keyClick(window.page.hits, Qt.Key.Key_Space)
    before = len(link.steps)
    window.page.asker.outcome(window.page.chosen)
    QTest.keyClick(window.page.chooser, Qt.Key.Key_Escape)
    assert not window.page.chooser.isVisible()
    assert len(link.steps) == before


def test_that_f1_shows_the_keys_and_escape_puts_them_away(qtbot: QtBot, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert window.keys.isVisible()
    QTest.keyClick(window.keys, Qt.Key.Key_Escape)
    assert not window.keys.isVisible()


def test_that_every_command_has_a_key_and_a_tip(window: MainWindow) -> None:
    for action in window.actions_by_name.values():
        assert action.shortcuts()
        assert action.toolTip()


# ------------------------------------------------------------------ states


def test_that_counters_and_clock_say_what_waits(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit(), a_hit("CD62XYZ", warning_signals=(), is_late=True))
    texts = {name: button.text() for name, button in window.top_bar.counters.items()}
    assert texts == {
        "P1": "P1  1",
        "P2": "P2  1",
        "P3": "P3  0",
        "P4": "P4  0",
        "Late": "Late  1",
    }
    assert window.top_bar.clock.text() == "21:04:07 GMT"


def test_that_a_simulation_is_marked_on_the_window_and_in_its_title(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    report(qtbot, window, link)
    assert window.windowTitle() == "SIMULATION · NAS Desktop · Desk 1"
    assert "simulation" in window.marking.accessibleName()
    report(qtbot, window, link, is_simulation=False)
    assert window.windowTitle() == "NAS Desktop · Desk 1"
    assert window.marking.accessibleName() == "Marking OFFICIAL-SENSITIVE"


def test_that_a_lost_node_is_said_and_stops_acknowledging(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    report(qtbot, window, link)
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(NodeLost(START, "it stopped"))
    assert "since 21:04:07 GMT" in window.banners.banners[0].title
    QTest.keyClick(window.page.hits, Qt.Key.Key_Space)
    assert steps_of(link, StepKind.ACKNOWLEDGE) == []
    assert not window.page.buttons["acknowledge"].isEnabled()
    assert "was live" in window.chain.accessibleName()


def test_that_old_news_is_called_old_after_three_seconds(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, clock: DeskClock
) -> None:
    report(qtbot, window, link)
    assert window.banners.banners == ()
    clock.advance(4)
    window._tick()
    assert "No report" in window.banners.banners[0].title


def test_that_a_refused_step_is_shown_in_the_strip(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    link.refusal = Refused("link_down", "The node cannot be reached.", "Wait for the link.")
    QTest.keyClick(window.page.hits, Qt.Key.Key_Space)
    assert window.notice.words.text() == "The node cannot be reached. Wait for the link."
    assert window.notice.isVisible()


def test_that_an_image_shows_only_under_its_own_read(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    ours = a_hit(read=a_read(patch="a" * 64, overview="b" * 64))
    other = a_read("CD62XYZ", patch="c" * 64)
    drain(qtbot, window, link, ours)
    choose(window, "AB51ABC")

    def white_pixels() -> int:
        image = window.page.detail.body._picture.grab().toImage()
        return sum(
            image.pixelColor(x, image.height() // 2).lightness() > 250
            for x in range(image.width() // 3)
        )

    with qtbot.waitSignal(window.bridge.images_changed):
        link.play(ImageArrived(other.read_id, ImageKind.PATCH, a_picture(255)))
    assert white_pixels() == 0
    with qtbot.waitSignal(window.bridge.images_changed):
        link.play(ImageArrived(ours.read.read_id, ImageKind.PATCH, a_picture(255)))
    assert white_pixels() > 20


def test_that_patch_and_overview_of_the_chosen_hit_are_asked_for(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    hit = a_hit(read=a_read(patch="a" * 64, overview="b" * 64))
    drain(qtbot, window, link, hit)
    choose(window, "AB51ABC")
    qtbot.waitUntil(lambda: len(link.wanted) == 2)
    assert {kind for _read, kind in link.wanted} == set(ImageKind)


def test_that_an_empty_board_says_so_and_a_role_without_hits_is_told(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    report(qtbot, window, link)
    window._tick()
    assert window.page.list_stack.currentWidget() is window.page.empty
    assert "nothing can match" in window.page.empty.accessibleName()
    window.sign_in_as(an_operator(Role.AUDITOR))
    assert "not shown to your role" in window.page.empty.accessibleName()


# ------------------------------------------------------------------ sign-in, close, layout


def test_that_signing_in_on_the_page_shows_the_board(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    window.actions_by_name["sign_out"].trigger()
    page = window.sign_in_page
    assert window.pages.currentWidget() is page
    QTest.keyClicks(page.form.username, "akhan")
    QTest.keyClicks(page.form.password, "wrong")
    QTest.keyClick(page.form.password, Qt.Key.Key_Return)
    assert page.form.signInFault.text() == ("The user name or the password is wrong. Try again.")
    page.form.password.clear()
    QTest.keyClicks(page.form.password, link.password)
    QTest.keyClick(page.form.password, Qt.Key.Key_Return)
    assert window.pages.currentWidget() is window.page
    assert window.bridge.who == "A. Khan"
    assert page.form.password.text() == ""


def test_that_an_empty_field_is_pointed_at_without_asking_the_node(
    qtbot: QtBot, window: MainWindow, spawn: RunsAtOnce
) -> None:
    window.actions_by_name["sign_out"].trigger()
    window.sign_in_page.form.signIn.click()
    assert "both needed" in window.sign_in_page.form.signInFault.text()
    assert "sign-in" not in spawn.names


def test_that_closing_asks_the_app_and_not_the_window_system(
    qtbot: QtBot, window: MainWindow
) -> None:
    with qtbot.waitSignal(window.close_requested):
        window.close()
    assert window.isVisible()
    window.leave()
    assert not window.isVisible()


def test_that_layout_theme_and_size_are_remembered(
    qtbot: QtBot, window: MainWindow, settings: QSettings, clock: DeskClock
) -> None:
    # The smallest size: Qt brings a larger window back onto the offscreen platform's screen.
    qtbot.waitUntil(lambda: window.page._is_placed)
    window.resize(*SMALLEST)
    window.page.splitter.setSizes([450, 510])
    window.actions_by_name["theme"].trigger()
    window.actions_by_name["larger"].trigger()
    sizes = window.page.splitter.sizes()
    window.leave()
    link, spawn, board = FakeNodeLink(), RunsAtOnce(), HitBoard(load_spec())
    bridge = Bridge(link, board, clock, spawn)
    again = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings)
    again.show()
    assert again.look.name is ThemeName.LIGHT
    assert again.look.scale == 1.1
    assert (again.width(), again.height()) == SMALLEST
    again.sign_in_as(an_operator())
    qtbot.waitUntil(lambda: again.page.splitter.sizes() == sizes)
    again.leave()
    again.deleteLater()


def test_that_spoilt_settings_do_not_stop_the_window(
    qtbot: QtBot, settings: QSettings, clock: DeskClock
) -> None:
    settings.setValue("look/theme", "tartan")
    settings.setValue("look/scale", "huge")
    settings.setValue("window/geometry", "nowhere")
    link, spawn, board = FakeNodeLink(), RunsAtOnce(), HitBoard(load_spec())
    bridge = Bridge(link, board, clock, spawn)
    window = MainWindow(bridge, board, link, spawn, clock, load_spec(), settings)
    assert window.look.name is ThemeName.DARK
    assert window.look.scale == 1.0
    window.leave()
    window.deleteLater()


@pytest.mark.parametrize("theme", ThemeName)
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_that_no_button_is_cut_off_at_any_size(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, theme: ThemeName, scale: float
) -> None:
    window.set_look(type(window.look)(theme, scale))
    window.resize(1366, 768)
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    named: list[QWidget] = [*window.page.buttons.values(), *window.top_bar.counters.values()]
    named += [window.top_bar.menu_button, window.top_bar.clock]
    for widget in named:
        qtbot.waitUntil(_fits(widget))
    assert window.width() == 1366


def _fits(widget: QWidget) -> Callable[[], bool]:
    def is_whole() -> bool:
        needed = widget.minimumSizeHint()
        return widget.width() >= needed.width() and widget.height() >= needed.height()

    return is_whole


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_that_no_outcome_is_squeezed_at_any_size(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, scale: float
) -> None:
    window.set_look(type(window.look)(ThemeName.DARK, scale))
    window.resize(1366, 768)
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    with qtbot.waitSignal(window.bridge.drained):
        QTest.keyClick(window.page.hits, Qt.Key.Key_Space)
    QTest.keyClick(window.page.hits, Qt.Key.Key_O)
    for button in window.page.chooser._buttons:
        qtbot.waitUntil(lambda b=button: b.width() >= b.sizeHint().width())
        assert button.height() >= button.sizeHint().height()


def test_that_every_word_is_written_in_the_bundled_face(window: MainWindow) -> None:
    for name in ("theme", "larger"):
        for widget in window.findChildren(QLabel):
            assert QFontInfo(widget.font()).family() == TEXT_FACE, widget.text()
            assert len(widget.font().featureTags()) == 2, widget.text()
        window.actions_by_name[name].trigger()


def test_that_a_picture_can_be_saved_and_delivers_nothing(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, tmp_path: Path
) -> None:
    window.hide()
    drain(qtbot, window, link, a_hit())
    assert window.save_picture(tmp_path / "window.png")
    assert (tmp_path / "window.png").stat().st_size > 1_000
    assert window.bridge.painted_at == {}
