"""What is read off a card: who sounds, who is late, who is overdue, whose entry has gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nas_desktop.domain.hit import Basis, Hit
from nas_desktop.domain.hit_life import DecidedStep, StepKind
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action
from nas_desktop.services.cards import Card
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.services.sound_needs import Need
from nas_desktop.services.sound_rules import load_sound_rules
from nas_desktop.ui.sound.needs import basis_at, needs_of
from tests.builders import NOON, a_hit, a_step

RULES = load_sound_rules()
SOON = NOON + timedelta(seconds=5)


def card_of(board: HitBoard, *hits: Hit) -> Card:
    card = None
    for hit in hits:
        card = board.raise_hit(hit)
    assert card is not None
    return card


@pytest.fixture
def board() -> HitBoard:
    return HitBoard(load_spec())


def take(board: HitBoard, hit: Hit, kind: StepKind = StepKind.ACKNOWLEDGE, code: str = "") -> None:
    step = a_step(hit.hit_id, kind, code=code)
    board.apply(DecidedStep(step, step.at))


def needs(card: Card, now: datetime = SOON, seen_at: datetime | None = None) -> tuple[Need, ...]:
    return needs_of(card, now, RULES, seen_at)


def with_basis(hit: Hit, basis: Basis, at: datetime | None = SOON) -> Hit:
    return replace(hit, reasons=tuple(replace(r, basis=basis, basis_at=at) for r in hit.reasons))


def test_that_a_live_hit_asks_for_its_tier(board: HitBoard) -> None:
    (need,) = needs(card_of(board, a_hit()))
    assert (need.card_id, need.tier, need.action, need.hits) == ("AB51ABC", Tier.P1, "Stop", 1)
    assert not need.is_late
    assert not need.is_overdue
    assert not need.basis
    assert not need.is_exercise


def test_that_a_card_somebody_took_asks_for_nothing(board: HitBoard) -> None:
    hit = a_hit()
    card = card_of(board, hit)
    take(board, hit)
    assert needs(card) == ()


def test_that_a_later_hit_of_a_card_that_was_taken_asks_again(board: HitBoard) -> None:
    first, later = a_hit(), a_hit(captured_at=NOON + timedelta(minutes=2))
    card_of(board, first)
    take(board, first)
    (need,) = needs(card_of(board, later))
    assert need.hits == 1
    assert need.arrived_at == later.matched_at


def test_that_live_and_late_hits_of_a_card_ask_apart(board: HitBoard) -> None:
    old = NOON - timedelta(minutes=9)
    late = a_hit(captured_at=old, is_late=True, desk_received_at=NOON, matched_at=NOON)
    live = a_hit(action=Action.ASSESS, reason="Cloned", warning_signals=())
    first, second = needs(card_of(board, live, late))
    assert (first.is_late, first.tier, first.action) == (False, Tier.P3, "Assess")
    assert (second.is_late, second.tier, second.age_s) == (True, Tier.P1, 540)


@pytest.mark.parametrize(
    ("seconds", "is_late", "is_overdue"),
    [(15, False, False), (17, False, True), (17, True, False)],
)
def test_that_p1_is_overdue_after_fifteen_seconds(
    board: HitBoard, seconds: float, is_late: bool, is_overdue: bool
) -> None:
    hit = a_hit(is_late=is_late, matched_at=NOON)
    (need,) = needs(card_of(board, hit), NOON + timedelta(seconds=seconds))
    assert need.is_overdue is is_overdue


def test_that_a_tier_without_sound_is_never_overdue(board: HitBoard) -> None:
    hit = a_hit(action=Action.ASSESS, reason="Documents", warning_signals=())
    card = card_of(board, hit)
    assert card.tier is Tier.P4
    (need,) = needs(card, NOON + timedelta(days=1))
    assert not need.is_overdue


def test_that_a_possible_misread_asks_for_nothing(board: HitBoard) -> None:
    hit = a_hit()
    possible = replace(hit, reasons=tuple(replace(r, tier=None) for r in hit.reasons))
    card = card_of(board, possible)
    assert card.is_possible
    assert needs(card) == ()


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        (Basis.WITHDRAWN, "ENTRY WITHDRAWN"),
        (Basis.WEEDED, "ENTRY WEEDED"),
        (Basis.CHANGED, "ENTRY CHANGED"),
        (Basis.NOT_ON_PNC, "NO LONGER ON PNC"),
    ],
)
def test_that_what_became_of_an_entry_is_said_until_it_was_seen(
    board: HitBoard, basis: Basis, words: str
) -> None:
    hit = a_hit()
    card_of(board, hit)
    take(board, hit)
    card = card_of(board, with_basis(hit, basis))
    (need,) = needs(card)
    assert (need.hits, need.basis, need.tier) == (0, words, Tier.P1)
    assert basis_at(card) == SOON
    assert needs(card, seen_at=SOON) == ()


def test_that_a_later_change_is_said_again(board: HitBoard) -> None:
    hit = a_hit()
    card = card_of(board, with_basis(hit, Basis.CHANGED, SOON + timedelta(seconds=1)))
    (need,) = needs(card, seen_at=SOON)
    assert need.basis == "ENTRY CHANGED"
    assert need.hits == 1


def test_that_a_change_without_its_time_counts_from_the_match(board: HitBoard) -> None:
    hit = a_hit()
    card = card_of(board, with_basis(hit, Basis.WITHDRAWN, None))
    assert basis_at(card) == hit.matched_at


def test_that_a_closed_card_says_nothing_of_its_entry(board: HitBoard) -> None:
    hit = a_hit()
    card_of(board, hit)
    take(board, hit)
    take(board, hit, StepKind.OUTCOME, "not_located")
    card = card_of(board, with_basis(hit, Basis.WITHDRAWN))
    assert card.is_closed
    assert needs(card) == ()


def test_that_the_test_mark_is_an_exercise(board: HitBoard) -> None:
    (need,) = needs(card_of(board, a_hit("QQ111QQQ")))
    assert need.is_exercise
    gone = card_of(board, with_basis(a_hit("QQ111QQQ"), Basis.WITHDRAWN))
    assert all(need.is_exercise for need in needs(gone))
