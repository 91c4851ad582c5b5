"""What sounds and when, on a clock that stands still until it is moved on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.spec import Tier
from nas_desktop.services.annunciation import Annunciator
from nas_desktop.services.sound_needs import Announcement, Cause, Need, Surroundings
from nas_desktop.services.sound_rules import load_sound_rules
from tests.builders import NOON

RULES = load_sound_rules()
CALM = Surroundings()
MUTED = Surroundings(is_muted=True)


def a_need(card_id: str = "a", tier: Tier = Tier.P2, **changes: object) -> Need:
    values: dict[str, object] = {"action": "Stop", "arrived_at": NOON}
    values.update(changes)
    return Need(card_id, tier, **values)  # type: ignore[arg-type]


class Desk:
    """An annunciator with a clock; ``run`` lets time pass as a desk does, from wake to wake."""

    def __init__(self) -> None:
        self.annunciator = Annunciator(RULES)
        self.now = 100.0
        self.needs: list[Need] = []
        self.around = CALM
        self.last: Announcement | None = None
        self.played: list[tuple[float, str]] = []
        self.spoken: list[str] = []

    def hear(self) -> Announcement:
        self.last = told = self.annunciator.hear(self.needs, self.now, self.around)
        if told.play is not None:
            self.played.append((round(self.now - 100.0, 3), told.play.pattern.name))
            if told.spoken:
                self.spoken.append(told.spoken)
        return told

    def run(self, seconds: float) -> list[tuple[float, str]]:
        """Return what is played in the time, with when it began."""
        before, end = len(self.played), self.now + seconds
        told = self.hear()
        while True:
            step = min(max(told.next_at, self.now + 0.02), self.now + 1.0)
            if step >= end:
                self.now = end
                return self.played[before:]
            self.now = step
            told = self.hear()

    @property
    def words(self) -> list[str]:
        assert self.last is not None
        return [sound.words for sound in self.last.shown]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def names(played: list[tuple[float, str]]) -> list[str]:
    return [name for _at, name in played]


# ------------------------------------------------------------------ per tier


def test_that_silence_is_kept_while_nothing_stands(desk: Desk) -> None:
    assert desk.run(60) == []
    assert desk.words == []
    assert desk.last is not None
    assert desk.last.next_at == float("inf")


def test_that_p1_repeats_every_three_seconds_until_it_is_taken(desk: Desk) -> None:
    desk.needs = [a_need(tier=Tier.P1)]
    assert desk.run(10) == [(0.0, "p1"), (3.0, "p1"), (6.0, "p1"), (9.0, "p1")]
    assert desk.words == ["STOP P1 · repeats until acknowledged"]
    desk.needs = []
    assert desk.run(30) == []
    assert desk.words == []


def test_that_p1_past_its_target_is_more_insistent_and_not_louder(desk: Desk) -> None:
    desk.needs = [a_need(tier=Tier.P1, is_overdue=True)]
    assert desk.run(5) == [(0.0, "p1_overdue"), (2.0, "p1_overdue"), (4.0, "p1_overdue")]
    assert desk.words == ["STOP P1 overdue · repeats until acknowledged"]


def test_that_a_further_p1_sounds_as_soon_as_the_sound_before_has_ended(desk: Desk) -> None:
    desk.needs = [a_need(tier=Tier.P1)]
    desk.run(0.2)
    desk.needs = [*desk.needs, a_need("b", Tier.P1)]
    ends = RULES.patterns["p1"].seconds
    assert desk.run(2) == [(ends, "p1")]
    assert desk.words == ["2 × STOP P1 · repeats until acknowledged"]


def test_that_p2_has_three_tones_once_and_repeats_when_overdue(desk: Desk) -> None:
    desk.needs = [a_need()]
    assert desk.run(50) == [(0.0, "p2")]
    desk.needs = [a_need(is_overdue=True)]
    assert desk.run(40) == [(50.0, "p2_overdue"), (65.0, "p2_overdue"), (80.0, "p2_overdue")]
    assert desk.words == ["STOP P2 overdue · repeats until acknowledged"]
    assert desk.spoken == ["1 new. P2. Stop.", "1 overdue. P2. Stop."]


def test_that_p3_has_one_tone_and_p4_none(desk: Desk) -> None:
    desk.needs = [a_need("a", Tier.P3, action="Assess"), a_need("b", Tier.P4, action="Assess")]
    assert desk.run(60) == [(0.0, "p3")]
    assert desk.run(1) == []


def test_that_a_sound_played_once_is_shown_for_a_while_and_gone_when_taken(desk: Desk) -> None:
    desk.needs = [a_need()]
    desk.run(RULES.shown_s - 1)
    assert desk.words == ["STOP P2 · new"]
    desk.run(2)
    assert desk.words == []
    desk.needs = [a_need(arrived_at=NOON + timedelta(seconds=9), hits=2)]
    desk.run(1)
    assert desk.words == ["STOP P2 · new"]
    desk.needs = []
    desk.run(0.1)
    assert desk.words == []


@pytest.mark.parametrize(
    "later",
    [
        a_need(hits=2),
        a_need(arrived_at=NOON + timedelta(minutes=1)),
    ],
)
def test_that_a_further_hit_of_a_card_nobody_took_sounds_again(desk: Desk, later: Need) -> None:
    desk.needs = [a_need()]
    desk.run(20)
    desk.needs = [later]
    assert names(desk.run(20)) == ["p2"]


def test_that_hits_taken_one_by_one_are_no_news_and_a_hit_after_them_is(desk: Desk) -> None:
    desk.needs = [a_need(hits=2)]
    desk.run(20)
    desk.needs = [a_need(hits=1)]
    assert desk.run(20) == []
    desk.needs = [a_need(hits=2)]
    assert names(desk.run(20)) == ["p2"]


# ------------------------------------------------------------------ together


def test_that_a_new_p1_interrupts_and_a_repeat_of_it_does_not(desk: Desk) -> None:
    desk.needs = [a_need("b")]
    desk.run(0.1)
    desk.needs = [a_need("b"), a_need(tier=Tier.P1)]
    assert desk.run(0.1) == [(0.1, "p1")]
    assert desk.now - 100 < RULES.patterns["p2"].seconds


def test_that_a_lower_tier_waits_for_the_gap_between_two_repeats(desk: Desk) -> None:
    desk.needs = [a_need(tier=Tier.P1), a_need("b")]
    ends = round(RULES.patterns["p1"].seconds, 3)
    assert desk.run(5) == [(0.0, "p1"), (ends, "p2"), (3.0, "p1")]


def test_that_up_to_three_new_ones_sound_by_tier(desk: Desk) -> None:
    desk.needs = [a_need("a"), a_need("b"), a_need("c", Tier.P3, action="Assess")]
    assert names(desk.run(20)) == ["p2", "p3"]
    assert desk.spoken == ["2 new. P2. 2 Stop.", "1 new. P3. Assess."]


def test_that_more_than_three_are_said_in_one_sound(desk: Desk) -> None:
    desk.needs = [a_need(f"s{n}") for n in range(2)]
    desk.needs += [a_need(f"a{n}", Tier.P3, action="Assess") for n in range(5)]
    assert names(desk.run(5)) == ["several"]
    assert desk.words == ["7 new: 2 Stop, 5 Assess"]
    assert desk.spoken == ["7 new. 2 Stop, 5 Assess"]


def test_that_a_p1_is_never_folded_into_a_summary(desk: Desk) -> None:
    desk.needs = [a_need(f"s{n}") for n in range(7)] + [a_need("x", Tier.P1)]
    assert names(desk.run(3.5)) == ["p1", "several", "p1"]


def test_that_mixed_actions_of_a_tier_are_counted(desk: Desk) -> None:
    desk.needs = [a_need("a"), a_need("b", action="Assess")]
    desk.run(1)
    assert desk.words == ["2 × P2: 1 Stop, 1 Assess · new"]


def test_that_what_waited_too_long_is_summed_up_and_not_played_late(desk: Desk) -> None:
    desk.needs = [a_need("x", Tier.P1)]
    desk.hear()
    desk.needs = [a_need("x", Tier.P1), a_need("b")]
    desk.now += 0.1
    desk.hear()
    desk.now += RULES.stale_s + 1  # the machine slept
    assert names(desk.run(2.5)) == ["p1", "several"]
    assert "1 new: 1 Stop" in desk.words


def test_that_what_was_taken_while_it_waited_is_never_played(desk: Desk) -> None:
    desk.needs = [a_need("x", Tier.P1), a_need("b")]
    desk.run(0.5)
    desk.needs = [a_need("x", Tier.P1)]
    assert "p2" not in names(desk.run(5))


def test_that_starting_late_is_not_silence(desk: Desk) -> None:
    old = NOON - timedelta(hours=2)
    desk.needs = [a_need("a", Tier.P1, arrived_at=old, is_overdue=True), a_need("b")]
    assert names(desk.run(1.9)) == ["p1_overdue", "p2"]


# ------------------------------------------------------------------ late


@pytest.mark.parametrize(
    ("tier", "age_s", "played"),
    [
        (Tier.P1, 301, ["late"]),
        (Tier.P2, 1_800, ["late"]),
        (Tier.P1, 1_801, []),
        (Tier.P3, 400, []),
    ],
)
def test_that_a_late_hit_has_one_tone_by_its_age(
    desk: Desk, tier: Tier, age_s: float, played: list[str]
) -> None:
    desk.needs = [a_need(tier=tier, is_late=True, age_s=age_s)]
    assert names(desk.run(60)) == played


def test_that_late_hits_share_a_tone_and_a_live_one_of_the_card_has_its_own(desk: Desk) -> None:
    late = {"is_late": True, "age_s": 400}
    desk.needs = [a_need("a", **late), a_need("b", Tier.P1, **late), a_need("a", Tier.P3)]
    assert names(desk.run(20)) == ["p3", "late"]
    assert desk.spoken[-1] == "Arrived late. 2 new. P1 P2. 2 Stop."


def test_that_late_hits_in_a_summary_are_counted(desk: Desk) -> None:
    desk.needs = [a_need(f"s{n}", is_late=n == 0, age_s=400 * (n == 0)) for n in range(4)]
    desk.run(1)
    assert desk.words == ["4 new: 4 Stop, 1 of them late"]


# ------------------------------------------------------------------ basis


def test_that_a_changed_basis_sounds_until_somebody_has_seen_it(desk: Desk) -> None:
    desk.needs = [a_need(hits=0, basis="Entry withdrawn")]
    assert desk.run(31) == [(0.0, "basis"), (15.0, "basis"), (30.0, "basis")]
    assert desk.words == ["Entry withdrawn · P2 · look before you act"]
    assert desk.spoken == ["Entry withdrawn. P2. look before you act"]
    desk.needs = [a_need(hits=0)]
    assert desk.run(31) == []
    assert desk.words == []


def test_that_a_second_changed_basis_is_news(desk: Desk) -> None:
    desk.needs = [a_need("b", Tier.P3, hits=0, basis="Entry weeded")]
    desk.run(5)
    desk.needs.append(a_need("a", Tier.P1, hits=0, basis="Entry withdrawn"))
    assert desk.run(5) == [(5.0, "basis")]
    assert desk.words == ["Basis changed on 2 cards · look before you act"]
    assert desk.last is not None
    assert desk.last.shown[0].cards == ("a", "b")


def test_that_a_p1_goes_on_sounding_beside_its_changed_basis(desk: Desk) -> None:
    desk.needs = [a_need(tier=Tier.P1, basis="Entry withdrawn")]
    assert names(desk.run(3.5)) == ["p1", "basis", "p1"]
    assert desk.words[0] == "STOP P1 · repeats until acknowledged"


# ------------------------------------------------------------------ mute


def test_that_a_mute_reaches_p2_and_p3_and_never_p1(desk: Desk) -> None:
    desk.around = MUTED
    desk.needs = [a_need("a", Tier.P1), a_need("b"), a_need("c", Tier.P3, is_overdue=True)]
    assert set(names(desk.run(10))) == {"p1"}


def test_that_what_is_muted_is_shown_as_muted(desk: Desk) -> None:
    desk.around = MUTED
    desk.needs = [a_need("b")]
    desk.run(1)
    assert desk.last is not None
    (shown,) = desk.last.shown
    assert shown.is_muted
    assert shown.words == "STOP P2 · new"


def test_that_what_was_muted_is_said_when_the_mute_ends(desk: Desk) -> None:
    desk.around = MUTED
    desk.needs = [a_need("b"), a_need("c")]
    assert desk.run(30) == []
    desk.needs = [a_need("b")]
    desk.around = CALM
    assert names(desk.run(30)) == ["p2"]


def test_that_a_mute_never_reaches_a_late_p1(desk: Desk) -> None:
    desk.around = MUTED
    desk.needs = [a_need(tier=Tier.P1, is_late=True, age_s=400), a_need("b", is_late=True)]
    assert names(desk.run(5)) == ["late"]


@pytest.mark.parametrize(("tier", "played"), [(Tier.P1, ["basis"]), (Tier.P2, [])])
def test_that_a_mute_never_reaches_the_basis_of_a_p1(
    desk: Desk, tier: Tier, played: list[str]
) -> None:
    desk.around = MUTED
    desk.needs = [a_need("b", Tier.P3, hits=0, basis="Entry weeded")]
    desk.needs.append(a_need("a", tier, hits=0, basis="Entry withdrawn"))
    assert names(desk.run(5)) == played


def test_that_a_mute_never_reaches_a_lost_link(desk: Desk) -> None:
    desk.around = replace(MUTED, is_lost=True)
    assert desk.run(61) == [(0.0, "link_lost"), (60.0, "link_lost")]
    assert desk.words == ["This window has lost its node"]
    desk.around = MUTED
    assert desk.run(120) == []
    desk.around = replace(MUTED, is_lost=True)
    assert names(desk.run(1)) == ["link_lost"]


# ------------------------------------------------------------------ nobody there, no device


def test_that_hits_at_a_desk_without_anybody_are_said_once_a_minute(desk: Desk) -> None:
    desk.around = Surroundings(is_unattended=True)
    assert desk.run(120) == []
    desk.needs = [a_need("b")]
    assert names(desk.run(62)) == ["p2", "unattended", "unattended"]
    assert desk.words == ["Nobody is signed in: hits arrive and nobody sees them"]


def test_that_what_no_device_could_play_is_said_when_one_comes(desk: Desk) -> None:
    desk.around = Surroundings(is_audible=False)
    desk.needs = [a_need("b")]
    desk.run(30)
    desk.around = CALM
    assert names(desk.run(30)) == ["p2"]
    assert desk.run(30) == []


# ------------------------------------------------------------------ words


def test_that_an_exercise_says_so_and_one_real_hit_makes_it_real(desk: Desk) -> None:
    practice = a_need("a", Tier.P1, is_exercise=True)
    desk.needs = [practice]
    desk.run(1)
    assert desk.words == ["EXERCISE STOP P1 · repeats until acknowledged"]
    desk.needs = [practice, a_need("b", Tier.P1)]
    desk.run(1)
    assert desk.words == ["STOP P1 · repeats until acknowledged"], "the exercise is not counted"


@pytest.mark.parametrize(
    ("says_vrm", "spoken"),
    [(False, "1 new. P1. Stop."), (True, "1 new. P1. Stop. A B 5 1 A B C.")],
)
def test_that_a_vehicle_is_spoken_only_where_that_is_set(
    desk: Desk, says_vrm: bool, spoken: str
) -> None:
    desk.around = Surroundings(says_vrm=says_vrm)
    desk.needs = [a_need(tier=Tier.P1, vrm="AB51ABC")]
    desk.run(10)
    assert desk.spoken == [spoken]


# ------------------------------------------------------------------ whatever happens

NEEDS = st.builds(
    Need,
    card_id=st.sampled_from("abcdefgh"),
    tier=st.sampled_from(Tier),
    action=st.sampled_from(["Stop", "Assess"]),
    arrived_at=st.integers(0, 5).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    hits=st.integers(0, 3),
    is_late=st.booleans(),
    age_s=st.sampled_from([0.0, 400.0, 4_000.0]),
    is_overdue=st.booleans(),
    basis=st.sampled_from(["", "Entry withdrawn"]),
    is_exercise=st.booleans(),
)
MOMENTS = st.tuples(
    st.lists(NEEDS, max_size=8),
    st.floats(0.0, 20.0),
    st.builds(
        Surroundings,
        is_muted=st.booleans(),
        is_lost=st.booleans(),
        is_unattended=st.booleans(),
        is_audible=st.booleans(),
    ),
)


@given(st.lists(MOMENTS, max_size=12))
def test_that_no_p1_is_silent_and_no_two_sounds_overlap(
    moments: list[tuple[list[Need], float, Surroundings]],
) -> None:
    annunciator = Annunciator(RULES)
    now, ends, stop_plays = 0.0, 0.0, False
    last_stop = -1e9
    for needs, pause, around in moments:
        now += pause
        told = annunciator.hear(needs, now, around)
        live = {n.card_id: n for n in needs if n.hits and not n.is_late}.values()
        stands = any(n.tier is Tier.P1 for n in live)
        played = told.play
        if played is not None:
            is_stop = played.tier is Tier.P1 and played.cause is Cause.HIT
            assert now >= ends or (is_stop and not stop_plays)
            assert not played.is_muted
            ends, stop_plays = now + played.pattern.seconds, is_stop
            last_stop = now if is_stop else last_stop
        if stands:
            # Never longer without its sound than its repeat and one other sound.
            assert any(s.tier is Tier.P1 and s.cause is Cause.HIT for s in told.shown)
            assert last_stop == now or now - last_stop < 3.0 or now < ends
        assert told.next_at >= now
