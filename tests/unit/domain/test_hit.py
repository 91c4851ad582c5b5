"""Hits: reasons in order, growth, what they stand on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.clone import Rival
from nas_desktop.domain.hit import (
    Basis,
    Hit,
    HitReason,
    MatchClass,
    hit_id_of,
    ordered_reasons,
    reason_of,
)
from nas_desktop.domain.latency import Leg
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action, ListSource, Mmc
from nas_desktop.services.resources import load_spec
from tests.builders import NOON, a_hit, a_list, a_read, an_entry

SPEC = load_spec()


def a_reason(
    list_name: str = "07_Cheshire VOI List", revision: int = 214, **changes: object
) -> HitReason:
    return reason_of(
        SPEC, an_entry(**changes), a_list(list_name, revision=revision), MatchClass.EXACT
    )


P1 = a_reason(warning_signals=("FI",))
P2 = a_reason(warning_signals=(), reason="Drugs")
P2_ASSESS = a_reason(warning_signals=("VI",), reason="Drugs", action=Action.ASSESS)
P4 = a_reason("TUTELAGE_x", warning_signals=(), reason="No Insurance", action=Action.ASSESS)
QUIET = a_reason("06_GMP", action=Action.NO_ALERT)


# ------------------------------------------------------------------ identity and reasons


def test_that_a_hit_is_named_after_its_read_alone() -> None:
    read = a_read()
    assert hit_id_of(read.read_id) == hit_id_of(replace(read, lane_id="other").read_id)
    assert hit_id_of(read.read_id) != hit_id_of(a_read("AB51ABD").read_id)
    assert len(hit_id_of(read.read_id)) == 16
    assert hit_id_of(read.read_id) != read.read_id


def test_that_a_reason_carries_its_badge_and_tier() -> None:
    assert (P1.badge, P1.tier, P1.list_revision) == ("CHESH", Tier.P1, 214)
    assert (P4.badge, P4.tier) == ("TULAGE", Tier.P4)
    assert QUIET.tier is None


def test_that_a_hit_joined_with_another_word_on_it_gains_and_never_loses() -> None:
    hit = a_hit()
    rival = Rival(a_read(captured_at=NOON + timedelta(seconds=60)), 94_000.0, 60.0, 400.0)
    newer = replace(rival, read=a_read(captured_at=NOON + timedelta(seconds=90)))
    mmc = Mmc("VAUXHALL", "ASTRA", "RED")
    marked = hit.joined(replace(hit, rival=rival, mmc=mmc))
    assert (marked.rival, marked.mmc) == (rival, mmc)
    assert marked.joined(hit) == marked
    assert marked.joined(replace(hit, rival=newer)).rival == newer
    assert replace(hit, rival=newer).joined(marked).rival == newer
    assert hit.reads == (hit.read,)
    assert marked.reads == (hit.read, rival.read)


@pytest.mark.parametrize("given_order", list(permutations([P1, P2, P2_ASSESS, P4, QUIET])))
def test_that_the_worst_reason_leads_whatever_came_first(
    given_order: tuple[HitReason, ...],
) -> None:
    assert ordered_reasons(given_order) == (P1, P2, P2_ASSESS, P4, QUIET)


def test_that_equal_tiers_are_ordered_by_list_and_vrm() -> None:
    one, two = a_reason("07_A"), a_reason("07_B")
    assert ordered_reasons([two, one]) == (one, two)


def test_that_the_same_reason_counts_once_and_the_first_stays() -> None:
    newer = a_reason(revision=215, warning_signals=("FI",))
    assert ordered_reasons([P1, newer, P1]) == (P1,)


@pytest.mark.parametrize("swapped", [False, True])
def test_that_of_two_rows_with_one_key_the_higher_tier_stays(swapped: bool) -> None:
    plain = a_reason(warning_signals=())
    rows = [P1, plain] if swapped else [plain, P1]
    assert P1.key == plain.key
    assert ordered_reasons(rows) == (P1,)


REASONS = st.lists(
    st.builds(
        a_reason,
        st.sampled_from(["07_A", "06_B", "TUTELAGE_C"]),
        action=st.sampled_from(Action),
        reason=st.sampled_from(["Drugs", "LEA P1", "Documents"]),
        warning_signals=st.sampled_from([(), ("FI",), ("DR",)]),
    ),
    min_size=1,
    max_size=6,
)


@given(REASONS, REASONS)
def test_that_growing_a_hit_never_lowers_its_tier_nor_doubles_a_reason(
    first: list[HitReason], more: list[HitReason]
) -> None:
    hit = replace(a_hit(), reasons=ordered_reasons(first))
    grown = hit.with_reasons(more)
    ranks = [r.tier.rank if r.tier else 9 for r in grown.reasons]
    assert ranks == sorted(ranks)
    assert len({r.key for r in grown.reasons}) == len(grown.reasons)
    assert {r.key for r in grown.reasons} == {r.key for r in (*first, *more)}
    assert ranks[0] == min(r.tier.rank if r.tier else 9 for r in (*first, *more))
    assert grown.with_reasons(more) == grown
    assert grown.with_reasons(first) == grown


def test_that_a_hit_shows_its_leading_reason_and_every_signal_once() -> None:
    hit = replace(
        a_hit(),
        reasons=ordered_reasons(
            [a_reason("07_A", warning_signals=("VI", "FI")), a_reason("07_B"), QUIET]
        ),
    )
    assert hit.leading.list_name == "07_A"
    assert hit.tier is Tier.P1
    assert hit.warning_signals == ("VI", "FI")
    assert replace(hit, reasons=(QUIET,)).tier is None


def test_that_the_ledger_of_a_hit_ends_with_its_painting() -> None:
    hit: Hit = a_hit()
    ledger = hit.ledger(hit.matched_at + timedelta(seconds=0.3))
    assert [leg for leg, _s in ledger.legs()] == list(Leg)
    assert ledger.in_hand_s == pytest.approx(4 - 1.1 - 0.2 - 0.3)
    assert Leg.PAINT not in dict(hit.ledger().legs())


# ------------------------------------------------------------------ what a reason stands on


def after(reason: HitReason, basis: Basis, seconds: float = 60.0) -> HitReason:
    return replace(reason, basis=basis, basis_at=NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("basis", "is_void"),
    [
        (Basis.STANDS, False),
        (Basis.CHANGED, False),
        (Basis.WITHDRAWN, True),
        (Basis.WEEDED, True),
        (Basis.NOT_ON_PNC, True),
    ],
)
def test_that_nobody_acts_on_an_entry_that_is_gone(basis: Basis, is_void: bool) -> None:
    assert after(P1, basis).is_void is is_void


def test_that_every_basis_stands_in_the_table_above() -> None:
    assert len(Basis) == 5
    assert P1.basis is Basis.STANDS
    assert P1.basis_at is None


def test_that_a_reason_says_where_it_comes_from() -> None:
    extract = a_list("PNC Extract", source=ListSource.PNC_EXTRACT, revision=7)
    reason = reason_of(
        SPEC, an_entry(reason="ACT High"), extract, MatchClass.GLYPH, distance=0.05, confidence=97
    )
    assert (reason.badge, reason.tier, reason.source) == ("PNC", Tier.P1, ListSource.PNC_EXTRACT)
    assert (reason.loaded_at, reason.list_revision) == (NOON, 7)
    assert (reason.distance, reason.confidence) == (0.05, 97)


def test_that_a_possible_misread_has_no_tier_whatever_its_entry_asks_for() -> None:
    possible = reason_of(SPEC, an_entry(), a_list(), MatchClass.MISREAD, confidence=62)
    assert possible.tier is None
    assert not possible.is_quiet


def test_that_reasons_that_stand_lead_those_that_are_gone() -> None:
    gone = after(P1, Basis.WITHDRAWN)
    assert ordered_reasons([gone, P4]) == (P4, gone)
    hit = replace(a_hit(), reasons=ordered_reasons([gone, P4]))
    assert (hit.tier, hit.leading) == (Tier.P4, P4)


def test_that_a_possible_misread_comes_before_no_alert() -> None:
    possible = reason_of(SPEC, an_entry(), a_list("99_Z"), MatchClass.MISREAD)
    assert ordered_reasons([QUIET, possible]) == (possible, QUIET)


@pytest.mark.parametrize("is_swapped", [False, True])
def test_that_of_two_words_on_a_reason_the_newer_counts(is_swapped: bool) -> None:
    old, new = after(P1, Basis.WITHDRAWN, 1), after(P1, Basis.STANDS, 2)
    given_order = [P1, old, new]
    assert ordered_reasons(given_order[::-1] if is_swapped else given_order) == (new,)


def test_that_a_hit_is_possible_quiet_or_for_the_feed() -> None:
    possible = reason_of(SPEC, an_entry(), a_list(), MatchClass.MISREAD)
    quiet = replace(possible, entry=an_entry(action=Action.NO_ALERT))
    words = {
        "feed": (P1, QUIET),
        "possible": (possible,),
        "possible and quiet": (possible, QUIET),
        "quiet": (QUIET, quiet),
    }
    found = {
        name: (
            replace(a_hit(), reasons=reasons).is_possible,
            replace(a_hit(), reasons=reasons).is_quiet,
        )
        for name, reasons in words.items()
    }
    assert found == {
        "feed": (False, False),
        "possible": (True, False),
        "possible and quiet": (True, False),
        "quiet": (False, True),
    }


@pytest.mark.parametrize(
    ("register", "hints"),
    [
        (None, ()),
        (Mmc(), ()),
        (Mmc("FORD", "FOCUS", "BLUE"), ()),
        (Mmc("Ford", "Focus ST", "dark blue"), ()),  # part of the other: no contradiction
        (Mmc("VAUXHALL", "FOCUS", "BLUE"), ("make",)),
        (Mmc("VAUXHALL", "ASTRA", "RED"), ("make", "model", "colour")),
        (Mmc("", "ASTRA", " "), ("model",)),
        (Mmc("FORD", "FOCUS ST", "BLUE METALLIC RED"), ()),
        (Mmc("FORD", "FIESTA ST", "BLUE"), ("model",)),
    ],
)
def test_that_the_register_hints_at_a_clone_where_it_contradicts(
    register: Mmc | None, hints: tuple[str, ...]
) -> None:
    assert replace(a_hit(), mmc=register).clone_hints == hints


def test_that_an_entry_that_does_not_describe_the_vehicle_contradicts_nothing() -> None:
    hit = a_hit(make="", model="", colour="")
    assert replace(hit, mmc=Mmc("VAUXHALL", "ASTRA", "RED")).clone_hints == ()
