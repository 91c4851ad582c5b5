"""What a hit rests on: its source with its age, and whether its entry still stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nas_desktop.domain.hit import Basis, Hit, MatchClass
from nas_desktop.domain.voi import Action, ListSource, Mmc
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui import basis_words as words
from nas_desktop.ui import card_words
from nas_desktop.ui.live.hit_list_model import RowKind, kind_of
from nas_desktop.ui.symbols import POSSIBLE, STOP, symbol_of
from nas_desktop.ui.text import Tone
from tests.builders import NOON, a_hit

SPEC = load_spec()


def with_reason(hit: Hit, **changes: object) -> Hit:
    return replace(hit, reasons=(replace(hit.leading, **changes),))  # type: ignore[arg-type]


def from_extract(hours: float, **changes: object) -> Hit:
    hit = a_hit(**changes)  # type: ignore[arg-type]
    loaded = hit.matched_at - timedelta(hours=hours)
    return with_reason(hit, source=ListSource.PNC_EXTRACT, loaded_at=loaded)


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        (Basis.STANDS, ""),
        (Basis.WITHDRAWN, "ENTRY WITHDRAWN 12:04 – do not stop on this basis"),
        (Basis.WEEDED, "ENTRY WEEDED 12:04 – do not stop on this basis"),
        (Basis.NOT_ON_PNC, "NO LONGER ON PNC 12:04 – do not stop on this basis"),
        (Basis.CHANGED, "ENTRY CHANGED 12:04 – read it again before acting"),
    ],
)
def test_that_an_entry_that_moved_says_so_and_what_follows(basis: Basis, said: str) -> None:
    hit = with_reason(a_hit(), basis=basis, basis_at=NOON + timedelta(minutes=4))
    assert words.basis_words(hit.leading, NOON) == said
    board = HitBoard(SPEC)
    card = board.raise_hit(hit)
    assert card is not None
    note, is_urgent = card_words.note_of(card, SPEC, "", NOON)
    assert (note, is_urgent) == (said, bool(said))
    kind = RowKind.CARD_WITH_NOTE if said else RowKind.CARD
    assert kind_of(card, NOON) is kind


def test_that_an_assess_entry_that_is_gone_asks_nobody_to_act() -> None:
    hit = with_reason(a_hit(action=Action.ASSESS), basis=Basis.WITHDRAWN)
    assert words.basis_words(hit.leading, NOON).endswith("do not act on this basis")


def test_that_a_window_that_has_closed_is_called_weeded_before_the_node_says_so() -> None:
    hit = a_hit()
    last, weeded = NOON.replace(day=27, hour=23), NOON.replace(day=28, hour=0)
    assert words.basis_words(hit.leading, last) == ""
    assert words.is_void(hit.leading, weeded)
    assert words.basis_words(hit.leading, weeded) == (
        "ENTRY WEEDED on 28/11/2026 – do not stop on this basis"
    )
    assert symbol_of(hit, last) is STOP
    assert symbol_of(hit, weeded).is_struck


def test_that_what_the_node_said_goes_before_the_window() -> None:
    hit = with_reason(a_hit(), basis=Basis.WITHDRAWN, basis_at=NOON)
    assert words.basis_of(hit.leading, NOON.replace(year=2027)) is Basis.WITHDRAWN


def test_that_a_void_symbol_keeps_its_shape_and_word_and_loses_its_colour() -> None:
    symbol = symbol_of(with_reason(a_hit(), basis=Basis.WITHDRAWN))
    assert (symbol.shape, symbol.word, symbol.is_struck) == (STOP.shape, STOP.word, True)
    assert symbol.ground != STOP.ground


def test_that_a_possible_misread_never_carries_the_colour_of_a_stop() -> None:
    hit = with_reason(a_hit(), match_class=MatchClass.MISREAD, tier=None)
    assert symbol_of(hit, NOON) is POSSIBLE
    assert POSSIBLE.ground != STOP.ground


@pytest.mark.parametrize(
    ("hours", "said", "tone", "needs_voice"),
    [
        (5.8, "EXTRACT 5 h 48 min", Tone.QUIET, False),
        (8, "EXTRACT 8 h", Tone.QUIET, False),
        (9.5, "EXTRACT 9 h 30 min", Tone.AMBER, True),
        (30, "EXTRACT 1 d 6 h", Tone.RED, True),
    ],
)
def test_that_an_extract_says_its_age_at_the_match(
    hours: float, said: str, tone: Tone, needs_voice: bool
) -> None:
    hit = from_extract(hours)
    source = words.source_words(hit, hit.leading)
    assert (source.words, source.tone) == (said, tone)
    assert words.needs_voice_check(hit) is needs_voice
    assert bool(words.stale_words(hit)) is needs_voice
    card = HitBoard(SPEC).raise_hit(hit)
    assert card is not None
    note, is_urgent = card_words.note_of(card, SPEC, "", NOON)
    assert note.endswith("check with PNC by voice") is needs_voice
    assert said in note
    assert is_urgent is needs_voice
    assert kind_of(card, NOON) is RowKind.CARD_WITH_NOTE
    assert bool(card_words.short_note_of(card, NOON)) is needs_voice


def test_that_only_a_stop_is_checked_by_voice() -> None:
    assert not words.needs_voice_check(from_extract(30, action=Action.ASSESS))
    assert not words.needs_voice_check(a_hit())


def test_that_every_other_source_is_named() -> None:
    hit = a_hit()
    assert words.source_words(hit, hit.leading).words == "07_Cheshire VOI List · rev 214"
    live = with_reason(hit, source=ListSource.PNC_LIVE)
    assert words.source_words(live, live.leading).words == "FAST TRACK"
    unknown = with_reason(hit, source=ListSource.PNC_EXTRACT, loaded_at=None)
    assert words.source_words(unknown, unknown.leading).tone is Tone.AMBER
    assert words.needs_voice_check(unknown)


def test_that_a_register_that_speaks_of_another_vehicle_hints_at_a_clone() -> None:
    hit = replace(a_hit(), mmc=Mmc("VAUXHALL", "ASTRA", "RED"))
    assert words.clone_words(hit) == (
        "Register says RED VAUXHALL ASTRA, entry says BLUE FORD FOCUS: possible clone"
    )
    assert words.clone_words(replace(hit, mmc=Mmc("FORD", "FOCUS", "BLUE"))) == ""
    assert words.clone_words(a_hit()) == ""


def test_that_a_further_reason_that_is_gone_says_so_where_it_is_named() -> None:
    gone = replace(a_hit(list_name="06_GMP").leading, basis=Basis.WITHDRAWN, basis_at=NOON)
    said = card_words.other_reasons(a_hit().with_reasons([gone]), NOON)
    assert "06_GMP" in said
    assert "ENTRY WITHDRAWN 12:00" in said
