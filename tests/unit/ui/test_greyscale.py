"""Without any colour every state is still told apart, by shape or by word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit import Basis, Hit
from nas_desktop.domain.hit_life import NODE, StepKind
from nas_desktop.domain.voi import Action
from nas_desktop.services.cards import Card
from nas_desktop.services.events import HopState, HopStatus, NodeState, StateReported
from nas_desktop.services.exercise import Exercise
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import note_of
from nas_desktop.ui.life_words import state_words
from nas_desktop.ui.live.hit_card_delegate import HitCardDelegate
from nas_desktop.ui.live.hit_list_model import HitListModel
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.symbols import ALL_SYMBOLS, symbol_of, symbol_pixmap
from nas_desktop.ui.theme import Look, ThemeName
from tests.builders import NOON, a_hit, a_step, decided
from tests.fakes.clock import FakeClock
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, an_operator
from tests.unit.ui.at_desk import drain

Grey = npt.NDArray[np.int16]

SPEC = load_spec()
ME = "A. Khan"
STEP, LEAST_SHARE = 40, 0.003
"""Two greys differ from this step on, and two pictures when so many of their pixels do."""


def grey(pixmap: QPixmap | QImage) -> Grey:
    """Return a picture without its colours, on a middle ground where it is clear."""
    image = pixmap.toImage() if isinstance(pixmap, QPixmap) else pixmap
    ground = QImage(image.size(), QImage.Format.Format_RGB32)
    ground.setDevicePixelRatio(image.devicePixelRatio())
    ground.fill(QColor("#2C3238"))
    painter = QPainter(ground)
    painter.drawImage(0, 0, image)
    painter.end()
    flat = ground.convertToFormat(QImage.Format.Format_Grayscale8)
    lines = np.frombuffer(flat.constBits(), np.uint8).reshape(flat.height(), flat.bytesPerLine())
    return lines[:, : flat.width()].astype(np.int16)


def share(one: Grey, other: Grey) -> float:
    """Return the share of pixels that differ."""
    assert one.shape == other.shape
    return float((np.abs(one - other) >= STEP).mean())


# ------------------------------------------------------------------ states of a card


def stop(**changes: Any) -> Hit:
    return a_hit("AB51ABC", NOON, **changes)


def a_card(hit: Hit, *steps: Any) -> Card:
    board = HitBoard(SPEC, ME)
    card = board.raise_hit(hit)
    assert card is not None
    for step in steps:
        board.apply(decided(step))
    return card


def states() -> dict[str, Card]:
    """Return a card in every state; the vehicle, its camera and its time are the same on all."""
    hit = stop()
    park = next(iter(SPEC.desk.park_reasons))
    outcome = next(iter(SPEC.outcomes))
    until = NOON + timedelta(minutes=20)

    def did(kind: StepKind, who: str = ME, **more: Any) -> Any:
        return a_step(hit.hit_id, kind, who, **more)

    taken, other = did(StepKind.ACKNOWLEDGE), did(StepKind.ACKNOWLEDGE, "B. Rees")
    gone = replace(hit.reasons[0], basis=Basis.WITHDRAWN, basis_at=NOON)
    calm = stop(warning_signals=())
    return {
        "P1 new": a_card(hit),
        "P2 new": a_card(calm),
        "P3 new": a_card(stop(action=Action.ASSESS, warning_signals=())),
        "no insurance": a_card(
            stop(action=Action.ASSESS, reason="No Insurance", warning_signals=())
        ),
        "escalated": a_card(hit, did(StepKind.ESCALATE, NODE, code="supervisor")),
        "not seen": a_card(hit, did(StepKind.ESCALATE, NODE, code="no_receipt", to="desk 2")),
        "repeat": a_card(hit, did(StepKind.ESCALATE, NODE, code="repeat")),
        "late": a_card(stop(is_late=True, desk_received_at=NOON + timedelta(minutes=9))),
        "withdrawn": a_card(replace(hit, reasons=(gone,))),
        "mine": a_card(hit, taken),
        "taken": a_card(hit, other),
        "parked": a_card(hit, taken, did(StepKind.PARK, code=park, until=until)),
        "passed on": a_card(hit, taken, did(StepKind.PASS, code="desk", to="desk 2")),
        "by voice": a_card(hit, taken, did(StepKind.PASS, code="by_voice", to="Gwent", text="x")),
        "closed": a_card(hit, taken, did(StepKind.OUTCOME, code=outcome)),
        "exercise": a_card(Exercise(FakeClock()).begin()),
    }


def words_of(card: Card) -> tuple[str, ...]:
    note, _is_urgent = note_of(card, SPEC, ME, NOON)
    tier = card.tier.value if card.tier else ""
    symbol = symbol_of(card.foremost, NOON)
    return (tier, symbol.word, str(symbol.is_struck), state_words(card, ME), note)


@pytest.mark.parametrize("theme", list(ThemeName))
def test_that_every_state_of_a_card_is_told_apart(
    qtbot: QtBot, bridge: Bridge, clock: DeskClock, theme: ThemeName
) -> None:
    pictures: dict[str, Grey] = {}
    for name, card in states().items():
        model = HitListModel(HitBoard(SPEC, ME), SPEC, clock.now)
        delegate = HitCardDelegate(model, bridge, Look(theme))
        option = QStyleOptionViewItem()
        image = QImage(470, 98, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        option.rect = image.rect()
        delegate._paint_card(painter, image.rect(), card, is_selected=False, has_focus=False)
        painter.end()
        pictures[name] = grey(image)
    alike = [
        (one, other, round(share(pictures[one], pictures[other]), 4))
        for one, other in combinations(pictures, 2)
        if share(pictures[one], pictures[other]) < LEAST_SHARE
    ]
    assert alike == []


def test_that_every_state_of_a_card_has_words_of_its_own() -> None:
    said = {name: words_of(card) for name, card in states().items()}
    assert len(set(said.values())) == len(said), said


@pytest.mark.parametrize("theme", list(ThemeName))
def test_that_every_symbol_is_told_apart_by_shape_or_word(qtbot: QtBot, theme: ThemeName) -> None:
    outline = Look(theme).tokens.outline
    struck = [replace(s, is_struck=True, ground="#5B6570") for s in ALL_SYMBOLS]
    drawn = [(s, grey(symbol_pixmap(s, "CHESH", outline, 60))) for s in (*ALL_SYMBOLS, *struck)]
    for (one, first), (other, second) in combinations(drawn, 2):
        assert share(first, second) > 0.02, (one, other)
        assert (one.word, one.is_struck) != (other.word, other.is_struck)
    shapes = {s.shape for s in ALL_SYMBOLS}
    assert len(shapes) == len(ALL_SYMBOLS), "a shape each"


def test_that_a_symbol_without_its_word_still_has_a_shape_of_its_own(qtbot: QtBot) -> None:
    bare = [replace(s, word="", ground="#808080", text="#808080") for s in ALL_SYMBOLS]
    drawn = [grey(symbol_pixmap(s, "", "#FFFFFF", 60)) for s in bare]
    for at, (one, other) in zip(
        combinations(range(len(bare)), 2), combinations(drawn, 2), strict=True
    ):
        assert share(one, other) > 0.02, [bare[n].shape for n in at]


# ------------------------------------------------------------------ the whole window


def test_that_the_calm_screen_and_its_faults_are_told_apart_without_colour(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    def hops(server: HopStatus, live: int = 214) -> tuple[HopState, ...]:
        return (
            HopState("cameras", HopStatus.LIVE, START, live=live, total=214),
            HopState("server", server, START, age_s=0.2),
        )

    def shown(*hops_now: HopState, **changes: Any) -> Grey:
        state = NodeState("Desk 1", "desk", START, False, hops=hops_now, **changes)
        with qtbot.waitSignal(window.bridge.state_changed):
            link.play(StateReported(state))
        with window.bridge.photographed():
            return grey(window.chain.grab())

    pictures = {
        status: shown(*hops(status))
        for status in (
            HopStatus.LIVE,
            HopStatus.SLOW,
            HopStatus.BUFFERING,
            HopStatus.SILENT,
            HopStatus.LOST,
        )
    }
    for (one, first), (other, second) in combinations(pictures.items(), 2):
        assert share(first, second) > 0.002, (one, other)
    assert window.top_bar.counters["P1"].text() == "P1  0"
    calm = grey(window.top_bar.grab())
    drain(qtbot, window, link, a_hit())
    urgent = grey(window.top_bar.grab())
    assert share(calm, urgent) > 0.002
    assert window.top_bar.counters["P1"].text() == "P1  1"


def test_that_no_red_is_on_a_calm_screen(qtbot: QtBot, window: MainWindow) -> None:
    window.bridge.set_operator(an_operator())
    with window.bridge.photographed():
        image = window.grab().toImage()
    saturated = 0
    for x in range(0, image.width(), 2):
        for y in range(0, image.height(), 2):
            colour = QColor(image.pixel(x, y))
            if colour.hsvSaturation() > 150 and colour.value() > 120:
                hue = colour.hsvHue()
                saturated += hue < 60 or hue > 300
    assert saturated == 0
