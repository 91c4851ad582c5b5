"""Latency on to painted and acknowledged; nothing is judged while the clocks disagree."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import HitLife
from nas_desktop.domain.read import ReadFlag
from nas_desktop.domain.spec import Tier
from nas_desktop.services.events import HopState, HopStatus, NodeState, StateReported
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.card_words import note_of
from nas_desktop.ui.latency_words import (
    acknowledged_words,
    clock_doubt,
    figures_tip,
    head_words,
    late_paint_words,
    short_figure,
)
from nas_desktop.ui.live.detail_parts import LedgerBar
from nas_desktop.ui.live.hit_list_model import has_note
from nas_desktop.ui.live.plot_strip_view import PlotStrip
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.theme import Look
from tests.builders import NOON, a_hit
from tests.fakes.node_link import START, FakeNodeLink
from tests.unit.ui.test_live_parts import amber_pixels

DOUBT = "this desk’s clock is 3.2 s off the server’s"


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def a_state(offset: float | None = 0.2, **changes: float) -> NodeState:
    server = HopState("server", HopStatus.LIVE, START, age_s=0.4, clock_offset_s=offset)
    nas = HopState("nas", HopStatus.LIVE, START, clock_offset_s=90.0)
    figures = {"latency_p50_s": 1.2, "latency_p95_s": 1.6, "latency_max_s": 2.4, **changes}
    return NodeState("Desk 1", "desk", START, False, (server, nas), **figures)  # type: ignore[arg-type]


PAINTED = {"painted_p50_s": 1.3, "painted_p95_s": 1.9, "painted_max_s": 5.9}


def a_slow_hit() -> Hit:
    """A hit whose camera took 5.1 s of 4 s."""
    hit = a_hit()
    read = replace(hit.read, received_at=NOON + after(5.1))
    return replace(hit, read=read, desk_received_at=NOON + after(5.2), matched_at=NOON + after(5.3))


# ------------------------------------------------------------------ the clock


@pytest.mark.parametrize("offset", [None, 0.0, 1.0, -1.0])
def test_that_a_clock_that_agrees_raises_no_doubt(offset: float | None) -> None:
    assert clock_doubt(a_state(offset)) == ""


def test_that_a_clock_that_differs_is_named_with_its_difference() -> None:
    assert clock_doubt(a_state(3.2)) == clock_doubt(a_state(-3.2)) == DOUBT
    assert clock_doubt(a_state(-7_300)) == "this desk’s clock is 2 h 1 min off the server’s"
    assert clock_doubt(None) == ""
    assert clock_doubt(NodeState("force", "force", START, False)) == ""


# ------------------------------------------------------------------ the ledger


def test_that_the_head_of_a_ledger_goes_on_to_the_acknowledgement() -> None:
    hit = a_hit()
    assert hit.tier is Tier.P1
    ledger = hit.ledger(NOON + after(1.5), NOON + after(10.5))
    assert head_words(hit, ledger, "") == (
        "Latency 1.50 s · 2.50 s in hand of 4 s · acknowledged after 9.0 s, within the 15 s target"
    )
    slow = hit.ledger(NOON + after(1.5), NOON + after(91.5))
    assert acknowledged_words(hit, slow) == "acknowledged after 1 min, over the 15 s target"
    assert acknowledged_words(hit, hit.ledger(NOON + after(1.5))) == ""
    quiet = replace(hit, reasons=(replace(hit.reasons[0], tier=Tier.P4),))
    assert acknowledged_words(quiet, ledger) == "acknowledged after 9.0 s"


def test_that_a_breach_is_not_claimed_while_the_clocks_disagree() -> None:
    hit = a_slow_hit()
    ledger = hit.ledger(NOON + after(5.4))
    assert "over the 4 s budget: camera took too long" in head_words(hit, ledger, "")
    said = head_words(hit, ledger, DOUBT)
    assert said == f"Latency 5.40 s · latency not judged: {DOUBT}"


def test_that_late_hits_and_doubtful_cameras_have_no_ledger_to_judge() -> None:
    late = replace(a_slow_hit(), is_late=True)
    assert head_words(late, late.ledger(), DOUBT) == "Latency not judged: arrived late"
    hit = a_hit()
    hit = replace(hit, read=replace(hit.read, flags=(ReadFlag.CLOCK_AHEAD,)))
    assert head_words(hit, hit.ledger(), "") == "Latency not judged: camera clock not trusted"


def test_that_the_bar_marks_no_leg_in_doubt_and_shows_the_acknowledgement_apart(
    qtbot: QtBot,
) -> None:
    hit = a_slow_hit()
    bar = LedgerBar(Look())
    qtbot.addWidget(bar)
    bar.resize(620, 24)
    ledger = hit.ledger(NOON + after(5.4))
    bar.show_ledger(ledger)
    assert amber_pixels(bar.grab().toImage()) > 0
    bar.show_ledger(ledger, is_judged=False)
    assert amber_pixels(bar.grab().toImage()) == 0
    before = bar.grab().toImage()
    taken = hit.ledger(NOON + after(5.4), NOON + after(14.4))
    bar.show_ledger(taken, taken=acknowledged_words(hit, taken))
    assert bar.grab().toImage() != before
    assert "acknowledged after 9.0 s, within the 15 s target" in bar.accessibleName()


# ------------------------------------------------------------------ the card


def test_that_a_card_quietly_names_the_leg_that_broke_the_budget() -> None:
    hit = a_slow_hit()
    board = HitBoard(load_spec())
    board.raise_hit(hit)
    card = board.card_of_hit(hit.hit_id)
    assert card is not None
    words = late_paint_words(hit, card.lives[hit.hit_id])
    assert words == "LATE PAINT: camera 5.1 s"
    assert note_of(card, load_spec(), "", NOON, words) == (words, False)
    # There before it is painted, so that the card does not grow under the pointer then.
    assert has_note(card)


@pytest.mark.parametrize(
    ("hit", "painted_s", "words"),
    [
        (a_hit(), 3.9, ""),
        (a_hit(), 6.0, "LATE PAINT: painted 4.7 s"),
        (replace(a_hit(), is_late=True), 900.0, ""),
    ],
)
def test_that_only_a_live_hit_over_its_budget_is_late(
    hit: Hit, painted_s: float, words: str
) -> None:
    life = HitLife(painted_at=NOON + after(painted_s))
    assert late_paint_words(hit, life) == words


def test_that_a_clock_that_differs_takes_the_breach_off_card_and_detail(
    window: MainWindow, link: FakeNodeLink, qtbot: QtBot
) -> None:
    link.play(StateReported(a_state(3.2, **PAINTED)))
    slow = a_slow_hit()
    link.raise_hits(slow)
    qtbot.waitUntil(lambda: window.page.chosen is not None or window.page.choose_next())
    card = window.page.chosen
    assert card is not None
    delegate = window.page.hits.itemDelegate()
    assert delegate._face(card).note == "latency not judged"
    said = [label.text() for label in window.page.detail.body.findChildren(QLabel)]
    assert any(DOUBT in words for words in said)
    link.play(StateReported(a_state(0.1, **PAINTED)))
    qtbot.waitUntil(lambda: delegate._face(card).note.startswith("LATE PAINT"))


# ------------------------------------------------------------------ the figures


def test_that_the_strip_says_which_figure_is_which(qtbot: QtBot) -> None:
    strip = PlotStrip(Look())
    qtbot.addWidget(strip)
    strip.show_state(a_state(0.1, **PAINTED))
    painted, matched = strip._latency.text(), strip._matched.text()
    assert painted == "painted p50 <b>1.3 s</b> p95 <b>1.9 s</b> max <b>5.9 s</b>"
    assert matched == "matched p50 <b>1.2 s</b> p95 <b>1.6 s</b> max <b>2.4 s</b>"
    tip = strip._latency.toolTip()
    assert "to painted, on an attended desk: p50 1.30 s" in tip
    assert "to matched, in this node: p50 1.20 s" in tip
    strip.show_state(a_state(0.1))
    assert "painted p50 <b>–</b>" in strip._latency.text()
    strip.show_state(a_state(3.2, **PAINTED))
    assert strip._latency.text() == "latency not judged: clock <b>3.2 s</b> off"
    assert strip._matched.text() == ""
    assert DOUBT in strip._latency.toolTip()
    strip.show_state(None)
    assert strip._latency.text() == "latency –"


def test_that_the_one_figure_of_the_chain_says_what_it_measures() -> None:
    assert short_figure(a_state(0.1, **PAINTED)) == "painted p95 1.9 s"
    assert short_figure(a_state(0.1)) == "matched p95 1.6 s"
    assert short_figure(a_state(3.2, **PAINTED)) == "latency not judged"
    assert "not judged" in figures_tip(a_state(3.2))
