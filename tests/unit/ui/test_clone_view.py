"""A pair that one vehicle cannot have made: on the card, in the detail, before a deployment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.clone import Rival, rival_of
from nas_desktop.domain.geo import Position
from nas_desktop.domain.hit import Basis, Hit
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.domain.read import Read, ReadFlag
from nas_desktop.services.events import ImageKind
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_clone_rules, load_spec
from nas_desktop.ui.card_words import note_of, short_note_of
from nas_desktop.ui.clone_words import (
    clone_note,
    clone_of,
    deploy_warning,
    head_words,
    side_words,
    time_words,
)
from nas_desktop.ui.images import ImageCache
from nas_desktop.ui.live.clone_view import ClonePair
from nas_desktop.ui.live.hit_list_model import has_note
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import Look, ThemeName
from tests.builders import a_hit, a_read, a_step, decided
from tests.fakes.node_link import START, FakeNodeLink

SPEC = load_spec()
FAR = {"camera": CameraId("52", 4, 1), "position": Position(52.22, -2.36), "alias": "A38 South 02"}


def a_far_read(seconds: float = -660, **changes: object) -> Read:
    values: dict[str, object] = {**FAR, **changes}
    return a_read(captured_at=START + timedelta(seconds=seconds), **values)


def a_pair() -> tuple[Hit, Rival]:
    hit = a_hit(captured_at=START)
    rival = rival_of(hit.read, [a_far_read()], load_clone_rules())
    assert rival is not None
    return replace(hit, rival=rival), rival


def a_board(*hits: Hit) -> HitBoard:
    board = HitBoard(SPEC, "A. Khan")
    for hit in hits:
        board.raise_hit(hit)
    return board


# ------------------------------------------------------------------ words


def test_that_a_card_says_how_far_how_soon_and_how_fast() -> None:
    hit, rival = a_pair()
    card = a_board(hit).card_of_hit(hit.hit_id)
    assert card is not None
    note, is_urgent = note_of(card, SPEC, "A. Khan", START)
    assert note.startswith("Possible clone: 2 reads 93 km apart in 11 min (≥ 288 mph)")
    assert is_urgent
    assert short_note_of(card, START) == "POSSIBLE CLONE"
    assert has_note(card)
    assert 288 <= rival.mph < 289


@pytest.mark.parametrize(
    ("metres", "seconds", "words"),
    [
        (4_290.0, 0.4, "2 reads 4.2 km apart in the same second"),
        (12_900.0, 30.6, "2 reads 12 km apart in 30 s"),
        (1_200_000.0, 7_260.0, "2 reads 1,200 km apart in 2 h 1 min"),
    ],
)
def test_that_distances_and_spans_are_rounded_down(
    metres: float, seconds: float, words: str
) -> None:
    rival = Rival(a_far_read(), metres, seconds, 400.0)
    assert head_words(rival) == f"Possible clone or misread: {words}"


def test_that_a_card_without_a_pair_says_nothing_of_it() -> None:
    hit = a_hit(captured_at=START)
    card = a_board(hit).card_of_hit(hit.hit_id)
    assert card is not None
    assert clone_of(card) is None
    assert clone_note(card) == ""
    assert deploy_warning(card, START, may_deploy=True) == ""


def test_that_a_pair_found_later_joins_the_hit_on_the_board() -> None:
    marked, rival = a_pair()
    plain = replace(marked, rival=None)
    board = a_board(plain, marked)
    card = board.card_of_hit(plain.hit_id)
    assert card is not None
    assert card.foremost.rival == rival
    # A word from a node that has not found it takes nothing away.
    board.raise_hit(plain)
    assert card.foremost.rival == rival


def test_that_another_open_hit_of_the_card_speaks_where_the_one_shown_has_no_rival() -> None:
    marked, _rival = a_pair()
    newer = a_hit(captured_at=START + timedelta(seconds=30))
    board = a_board(marked, newer)
    card = board.card_of_hit(newer.hit_id)
    assert card is not None
    assert card.foremost.hit_id == newer.hit_id
    assert clone_of(card) is card.hits[marked.hit_id]
    board.apply(decided(a_step(marked.hit_id)))
    board.apply(decided(a_step(marked.hit_id, StepKind.OUTCOME, code="misread")))
    assert clone_of(card) is None


def test_that_a_gone_basis_is_said_before_a_clone_and_only_a_deployment_is_warned_of() -> None:
    hit, _rival = a_pair()
    gone = replace(hit.reasons[0], basis=Basis.WITHDRAWN, basis_at=START)
    hit = replace(hit, reasons=(gone,))
    card = a_board(hit).card_of_hit(hit.hit_id)
    assert card is not None
    basis, clone = deploy_warning(card, START, may_deploy=True).split("\n")
    assert basis.startswith("ENTRY WITHDRAWN")
    assert clone.startswith("≠ Possible clone or misread")
    assert "\n" not in deploy_warning(card, START, may_deploy=False)
    assert short_note_of(card, START).startswith("DO NOT")


def test_that_each_side_says_which_it_is_and_when() -> None:
    hit, rival = a_pair()
    assert side_words(hit.read) == "This hit"
    assert side_words(rival.read, hit.read) == "Other read · 11 min earlier"
    assert side_words(a_far_read(75), hit.read) == "Other read · 1 min later"
    assert side_words(a_far_read(0), hit.read) == "Other read · same second"
    assert time_words(hit.read, START) == "21:04:07 GMT"
    doubted = replace(hit.read, flags=(ReadFlag.CLOCK_AHEAD,))
    assert time_words(doubted, START).endswith("GMT on receipt, camera clock not trusted")


# ------------------------------------------------------------------ the view


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("theme", list(ThemeName))
def test_that_both_patches_stand_side_by_side_at_one_height(
    qtbot: QtBot, theme: ThemeName, scale: float
) -> None:
    hit, _rival = a_pair()
    pair = ClonePair(Look(theme, scale), ImageCache())
    qtbot.addWidget(pair)
    pair.show_pair(hit, START)
    pair.resize(pair.sizeHint().expandedTo(pair.minimumSizeHint()))
    pair.show()
    one, other = pair.patches
    assert one.height() == other.height() > 0
    assert one.y() == other.y()
    assert one.geometry().right() < other.geometry().left()
    spoken = pair.accessibleName()
    for words in ("93 km", "11 min", "at least 288 mph", "M6 North 14", "A38 South 02", "lane 2"):
        assert words in spoken
    assert "≠" in pair.head.text()
    # Told apart without its colour: the frame and the head are there in grey too.
    grey = pair.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    ratio = grey.devicePixelRatio()
    middle, edge = grey.height() // 2, round(1 * ratio)
    inside = grey.pixelColor(grey.width() // 2, middle).lightness()
    assert abs(grey.pixelColor(edge, middle).lightness() - inside) > 25
    pair.show_pair(a_hit(captured_at=START), START)
    assert pair.isHidden()


def test_that_the_detail_shows_the_pair_above_the_match_and_asks_for_the_other_patch(
    window: MainWindow, link: FakeNodeLink, qtbot: QtBot
) -> None:
    hit, rival = a_pair()
    patch = "3f" * 32
    rival = replace(rival, read=replace(rival.read, patch=patch))
    hit = replace(hit, rival=rival)
    link.raise_hits(hit)
    qtbot.waitUntil(lambda: window.page.chosen is not None or window.page.choose_next())
    body = window.page.detail.body
    pair = body.findChild(ClonePair)
    assert pair is not None
    qtbot.waitUntil(pair.isVisible)
    match = body._match
    assert pair.y() + pair.height() <= match.y()
    qtbot.waitUntil(lambda: (rival.read.read_id, ImageKind.PATCH) in link.wanted)
    # An image of the other read has the pair painted anew; one of a stranger does not matter.
    body.update_images({rival.read.read_id})
    body.update_images({b"x" * 16})


def test_that_the_chooser_warns_where_somebody_may_be_sent_out(
    window: MainWindow, link: FakeNodeLink, qtbot: QtBot
) -> None:
    hit, _rival = a_pair()
    link.raise_hits(hit)
    page = window.page
    qtbot.waitUntil(lambda: page.chosen is not None or page.choose_next())
    card = page.chosen
    assert card is not None
    qtbot.waitUntil(lambda: bool(window.bridge.covered(card)))
    assert window.bridge.acknowledge(card)
    qtbot.waitUntil(lambda: bool(window.bridge.open_hits(card)))
    warning = page.chooser.findChild(QLabel, "chooserWarning")
    assert warning is not None
    page.asker.action(page.chosen)
    assert warning.isVisible()
    assert "at least 288 mph" in warning.text()
    page.chooser.leave()
    page.asker.outcome(page.chosen)
    assert not warning.isVisible()
    page.chooser.leave()


def test_that_a_screen_reader_hears_of_the_pair(
    window: MainWindow, link: FakeNodeLink, qtbot: QtBot
) -> None:
    hit, _rival = a_pair()
    link.raise_hits(hit)
    qtbot.waitUntil(lambda: bool(len(window.page.model.kinds)))
    said = [window.page.model.index(at).data() for at in range(len(window.page.model.kinds))]
    assert any("Possible clone: 2 reads 93 km apart" in words for words in said)
