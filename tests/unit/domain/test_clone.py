"""The clone guard: what one vehicle cannot have done, whatever the cameras' clocks said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.clone import (
    MPH_PER_MPS,
    CloneRules,
    Sighting,
    compare,
    newest_rival,
    rival_of,
    sighting_of,
)
from nas_desktop.domain.geo import Position, distance_m
from nas_desktop.domain.read import Read, ReadFlag
from nas_desktop.domain.vrm import TEST, UNREAD
from nas_desktop.services.resources import load_clone_rules, load_json
from tests.builders import NOON, a_read

RULES = load_clone_rules()
HERE = Position(51.38, -2.36)
FAR = Position(52.22, -2.36)  # 93 km to the north
NEAR = Position(51.40, -2.36)  # 2.2 km to the north
HOME, THERE = CameraId("07", 12, 3), CameraId("52", 4, 1)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def a_far_read(seconds: float, **changes: Any) -> Read:
    values: dict[str, Any] = {"camera": THERE, "position": FAR, **changes}
    return a_read(captured_at=after(seconds), **values)


def a_sighting(
    at_s: float = 0.0,
    position: Position = HERE,
    camera: CameraId = HOME,
    doubt_s: float = 0.0,
) -> Sighting:
    return Sighting(
        camera, position, after(at_s), after(at_s - doubt_s), after(at_s), doubt_s == 0.0
    )


# ------------------------------------------------------------------ what a sighting is


def test_that_a_read_with_a_position_and_a_trusted_clock_is_a_sighting() -> None:
    read = a_read()
    found = sighting_of(read)
    assert found == Sighting(read.camera, HERE, NOON, NOON, NOON)


@pytest.mark.parametrize(
    "read",
    [
        a_read(position=None),
        a_read(str(UNREAD)),
        a_read(str(TEST)),
        *[
            a_read(flags=(flag,))
            for flag in (
                ReadFlag.NO_FIX,
                ReadFlag.POSITION_INVALID,
                ReadFlag.POSITION_OUTSIDE_UK,
                ReadFlag.POSITION_MOVED,
                ReadFlag.MANUAL_ENTRY,
            )
        ],
    ],
)
def test_that_a_read_that_cannot_say_where_which_vehicle_was_is_none(read: Read) -> None:
    assert sighting_of(read) is None
    assert rival_of(read, [a_far_read(60)], RULES) is None
    assert rival_of(a_far_read(60), [read], RULES) is None


@pytest.mark.parametrize(("flag", "ahead_s"), [("clock_ahead", 400.0), ("clock_behind", -400.0)])
def test_that_a_clock_nobody_trusts_may_have_been_right_all_the_same(
    flag: str, ahead_s: float
) -> None:
    read = a_read(captured_at=after(ahead_s), received_at=NOON, flags=(ReadFlag(flag),))
    found = sighting_of(read)
    assert found is not None
    assert found.at == NOON
    assert (found.earliest, found.latest) == (min(NOON, after(ahead_s)), max(NOON, after(ahead_s)))
    assert not found.is_clock_trusted


# ------------------------------------------------------------------ the verdict


def test_that_94_km_in_11_minutes_are_impossible_and_the_speed_is_the_least() -> None:
    pair = compare(a_sighting(), a_sighting(660, FAR, THERE), RULES)
    assert pair.is_impossible
    assert pair.distance_m == pytest.approx(93_404, abs=50)
    assert pair.seconds == 660
    # 93.4 km less 0.6 % and 20 m, in 11 minutes and two clocks' half minutes.
    assert pair.mph == pytest.approx(92_823 / 720 * MPH_PER_MPS, abs=0.2)
    assert pair.mph < pair.distance_m / pair.seconds * MPH_PER_MPS


def test_that_a_fast_car_is_none() -> None:
    assert not compare(a_sighting(), a_sighting(1_800, FAR, THERE), RULES).is_impossible


def test_that_one_camera_never_is_whatever_its_positions_say() -> None:
    assert not compare(a_sighting(), a_sighting(1, FAR), RULES).is_impossible


def test_that_neighbours_never_are() -> None:
    assert not compare(a_sighting(), a_sighting(0, NEAR, THERE), RULES).is_impossible
    near = RULES.least_distance_m
    assert near > distance_m(HERE, NEAR)


def test_that_reads_further_apart_than_the_window_are_not_compared() -> None:
    rules = CloneRules(1, 3_000, 10, 0.006, 30, 60, timedelta(hours=6))
    assert compare(a_sighting(), a_sighting(6 * 3600, FAR, THERE), rules).is_impossible
    assert not compare(a_sighting(), a_sighting(6 * 3600 + 1, FAR, THERE), rules).is_impossible


def test_that_a_read_handed_over_late_by_a_camera_that_does_not_say_so_is_no_clone() -> None:
    # Captured 40 minutes ago, as its clock says and nobody believes, and received now.
    late = a_far_read(-2_400, received_at=NOON, flags=(ReadFlag.CLOCK_BEHIND,))
    assert late.effective_at == NOON
    assert rival_of(a_read(), [late], RULES) is None
    wrong = a_far_read(-400, received_at=NOON, flags=(ReadFlag.CLOCK_BEHIND,))
    rival = rival_of(a_read(), [wrong], RULES)
    assert rival is not None
    assert rival.seconds == 0
    assert rival.mph < 93_404 / 400 * MPH_PER_MPS


def test_that_the_newest_of_several_is_the_rival_and_others_are_passed_over() -> None:
    one, two = a_far_read(60), a_far_read(120)
    other = a_read("CD12CDE", after(180), camera=THERE, position=FAR)
    possible = a_far_read(7_000)
    read = a_read()
    rival = rival_of(read, [two, one, other, read, possible, a_far_read(130, position=None)], RULES)
    assert rival is not None
    assert rival.read == two
    assert rival.distance_m == float(int(rival.distance_m))
    assert rival_of(read, [one, two], RULES) == rival
    assert rival_of(read, [], RULES) is None


def test_that_the_newer_of_two_rivals_stays_whichever_came_first() -> None:
    read = a_read()
    one = rival_of(read, [a_far_read(60)], RULES)
    two = rival_of(read, [a_far_read(120)], RULES)
    assert newest_rival(one, two) is newest_rival(two, one) is two
    assert newest_rival(one, None) is newest_rival(None, one) is one
    assert newest_rival(None, None) is None


# ------------------------------------------------------------------ properties

SECONDS = st.floats(-20_000, 20_000)
PLACES = st.builds(Position, st.floats(49.5, 60.5), st.floats(-8, 2))
DOUBTS = st.sampled_from([0.0, 90.0, 3_600.0])
SIGHTINGS = st.builds(
    a_sighting,
    SECONDS,
    PLACES,
    st.sampled_from([HOME, THERE]),
    DOUBTS,
)


@given(one=SIGHTINGS, other=SIGHTINGS)
def test_that_the_order_of_two_makes_no_difference(one: Sighting, other: Sighting) -> None:
    there, back = compare(one, other, RULES), compare(other, one, RULES)
    assert there.is_impossible == back.is_impossible
    assert there == pytest.approx(back, rel=1e-9, abs=1e-6)


@given(one=SIGHTINGS, other=SIGHTINGS)
def test_that_what_one_vehicle_can_have_done_is_never_called_impossible(
    one: Sighting, other: Sighting
) -> None:
    pair = compare(one, other, RULES)
    longest = max(
        abs((a - b).total_seconds())
        for a in (one.earliest, one.latest)
        for b in (other.earliest, other.latest)
    )
    # As far apart in time as the clocks allow, and as near in space as the positions allow.
    needed = pair.distance_m / (RULES.fastest_mph / MPH_PER_MPS)
    if longest + 2 * RULES.trusted_clock_s >= needed:
        assert not pair.is_impossible
    if one.camera == other.camera or pair.distance_m < RULES.least_distance_m:
        assert not pair.is_impossible
    if pair.seconds:
        assert pair.mph < pair.distance_m / pair.seconds * MPH_PER_MPS + 1e-6
    assert pair.mph >= 0


@given(position=PLACES, seconds=st.floats(0, 10_000), more=st.floats(0, 10_000), doubt=DOUBTS)
def test_that_more_time_and_more_doubt_only_make_it_slower(
    position: Position, seconds: float, more: float, doubt: float
) -> None:
    soon = compare(a_sighting(), a_sighting(seconds, position, THERE), RULES)
    later = compare(a_sighting(), a_sighting(seconds + more, position, THERE), RULES)
    doubted = compare(a_sighting(), a_sighting(seconds, position, THERE, doubt), RULES)
    assert later.mph <= soon.mph + 1e-9
    assert doubted.mph <= soon.mph + 1e-9
    assert soon.is_impossible or not later.is_impossible
    assert soon.is_impossible or not doubted.is_impossible


@given(latitude=st.floats(51.38, 58), more=st.floats(0, 2), seconds=st.floats(0, 5_000))
def test_that_further_apart_is_only_faster(latitude: float, more: float, seconds: float) -> None:
    def pair_at(lat: float) -> float:
        return compare(a_sighting(), a_sighting(seconds, Position(lat, -2.36), THERE), RULES).mph

    assert pair_at(latitude + more) >= pair_at(latitude) - 1e-9


# ------------------------------------------------------------------ the data


def test_that_the_shipped_rules_are_those_of_the_facts() -> None:
    assert RULES.fastest_mph == 130
    assert RULES.trusted_clock_s <= RULES.untrusted_clock_s
    # Whatever is further away in time than the window may have been driven.
    longest_in_britain_m = 970_000
    assert RULES.window.total_seconds() * RULES.fastest_mph / MPH_PER_MPS > longest_in_britain_m
    assert load_json("spec", "clone.json")["note"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"fastest_mph": 0},
        {"least_distance_m": -1},
        {"position_error_m": -1},
        {"distance_error_percent": 100},
        {"clock_error_s": {"trusted": 0, "untrusted": 60}},
        {"clock_error_s": {"trusted": 60, "untrusted": 30}},
        {"window_h": 0},
    ],
)
def test_that_numbers_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="impossible number"):
        CloneRules.from_data({**load_json("spec", "clone.json"), **wrong})
