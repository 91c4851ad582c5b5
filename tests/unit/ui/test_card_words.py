"""The words of a hit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from nas_desktop.domain.hit import HitReason, MatchClass
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.domain.latency import Leg
from nas_desktop.domain.read import ReadFlag
from nas_desktop.domain.voi import Action
from nas_desktop.services.cards import Card, Group
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui import card_words as words
from nas_desktop.ui import life_words
from nas_desktop.ui.live.hit_list_model import has_note
from tests.builders import NOON, a_hit, a_read, a_step, decided

SPEC = load_spec()


def a_card(*hits: object, steps: tuple[object, ...] = ()) -> Card:
    board = HitBoard(SPEC, "A. Khan")
    for hit in hits or (a_hit(),):
        card = board.raise_hit(hit)  # type: ignore[arg-type]
    for step in steps:
        board.apply(step)  # type: ignore[arg-type]
    assert card is not None
    return card


def test_that_a_heading_counts_its_cards() -> None:
    assert words.heading_words(Group.UNACKNOWLEDGED, 1234) == "UNACKNOWLEDGED · 1,234"


def test_that_a_camera_without_an_alias_is_named_by_its_numbers() -> None:
    assert words.camera_line(a_read(alias="", lane_id="")) == "07/12/3"
    assert words.camera_line(a_read()) == "M6 North 14 · lane 2"


def test_that_other_lists_and_the_match_class_stand_in_the_reason_line() -> None:
    hit = a_hit().with_reasons(a_hit(list_name="06_GMP", action=Action.ASSESS).reasons)
    assert words.reason_line(hit) == "Intel Serious Crime · also GMP"
    wild: tuple[HitReason, ...] = (replace(hit.leading, match_class=MatchClass.WILDCARD),)
    assert "wildcard" in words.reason_line(replace(hit, reasons=wild))


def test_that_repeats_nobody_acted_on_are_said() -> None:
    card = a_card(*(a_hit(captured_at=NOON + timedelta(minutes=m)) for m in (0, 3, 6)))
    note, is_urgent = words.note_of(card, SPEC, "A. Khan", NOON)
    assert note == "3 hits in 6 min, none acted on"
    assert is_urgent


def test_that_a_late_hit_says_when_it_was_captured_and_when_it_came() -> None:
    hit = a_hit(is_late=True, desk_received_at=NOON + timedelta(minutes=29))
    note, is_urgent = words.note_of(a_card(hit), SPEC, "", NOON)
    assert note == "Late: captured 12:00:00, arrived 12:29:00"
    assert is_urgent


def test_that_the_note_says_who_has_the_vehicle_and_what_was_done() -> None:
    hit = a_hit()
    steps = [
        decided(a_step(hit.hit_id)),
        decided(a_step(hit.hit_id, StepKind.ACTION, code="deployed")),
        decided(a_step(hit.hit_id, StepKind.OUTCOME, code="arrest")),
    ]
    said = [
        life_words.who_words(a_card(hit, steps=tuple(steps[:n])), SPEC, "A. Khan", NOON)
        for n in range(4)
    ]
    assert said == ["", "Acknowledged · you", "Unit deployed · you", "Stopped: arrest · you"]
    card = a_card(hit, steps=tuple(steps[:1]))
    assert life_words.who_words(card, SPEC, "B. Jones", NOON) == "Acknowledged · A. Khan"


def test_that_coming_second_is_said_before_anything_else() -> None:
    hit = a_hit()
    second = decided(
        a_step(hit.hit_id), is_accepted=False, refusal="second", first_by="B. Jones", first_at=NOON
    )
    note, is_urgent = words.note_of(a_card(hit, steps=(second,)), SPEC, "A. Khan", NOON)
    assert note == "You came second: B. Jones was first at 12:00:00"
    assert is_urgent


def test_that_has_note_agrees_with_the_note_itself() -> None:
    hit = a_hit()
    untrusted = a_hit(read=a_read(flags=(ReadFlag.CLOCK_AHEAD,)))
    for card in (
        a_card(hit),
        a_card(hit, a_hit(captured_at=NOON + timedelta(seconds=9))),
        a_card(a_hit(is_late=True)),
        a_card(untrusted),
        a_card(hit, steps=(decided(a_step(hit.hit_id)),)),
    ):
        assert has_note(card) == bool(words.note_of(card, SPEC, "A. Khan", NOON)[0])


def test_that_the_state_is_one_word() -> None:
    hit = a_hit()
    taken = decided(a_step(hit.hit_id))
    closed = decided(a_step(hit.hit_id, StepKind.OUTCOME, code="arrest"))
    misread = decided(a_step(hit.hit_id, StepKind.OUTCOME, code="misread"))
    assert life_words.state_words(a_card(hit), "A. Khan") == "new"
    assert life_words.state_words(a_card(hit, steps=(taken,)), "A. Khan") == "mine"
    assert life_words.state_words(a_card(hit, steps=(taken,)), "B. Jones") == "taken"
    assert life_words.state_words(a_card(hit, steps=(taken, closed)), "A. Khan") == "closed"
    assert life_words.state_words(a_card(hit, steps=(taken, misread)), "A. Khan") == "misread"


def test_that_warning_signals_come_worst_first() -> None:
    hit = a_hit(warning_signals=("DR", "VI", "FI", "ZZ"))
    assert words.signal_words(hit, SPEC) == ("FI VI ZZ DR", "Firearms, violent, zz, drugs")
    assert words.signal_words(a_hit(warning_signals=()), SPEC) == ("", "")


def test_that_every_flag_of_a_read_has_words() -> None:
    said = words.flag_words(a_read(flags=tuple(ReadFlag)))
    assert len(said.split(" · ")) == len(ReadFlag)


def test_that_a_provisional_and_a_refused_step_are_marked() -> None:
    step = a_step(a_hit().hit_id, text="by phone")
    time, said = life_words.step_words(decided(step, is_provisional=True), SPEC)
    assert time == "12:00:10"
    assert said.startswith("Acknowledged by A. Khan, desk 1 “by phone” (decided on this desk")
    _time, said = life_words.step_words(
        decided(step, is_accepted=False, refusal="second", first_by="B. Jones"), SPEC
    )
    assert said.endswith("(did not count: B. Jones was first)")


def test_that_the_ledger_names_the_leg_that_broke_the_budget() -> None:
    assert words.ledger_words(1.34, 2.66, 4, None) == "2.66 s in hand of 4 s"
    assert (
        words.ledger_words(6, -2, 4, Leg.CAMERA)
        == "2.0 s over the 4 s budget: camera took too long"
    )
