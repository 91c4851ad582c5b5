import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.vrm import TEST, UNREAD, Vrm, normalise
from nas_desktop.services.resources import load_json, load_spec
from nas_desktop.simulator.marks import MarkStyle, invent_mark, look_alike, misread
from nas_desktop.simulator.vehicles import Fleet, Habit, rhythm_of

seeds = st.integers(0, 2**32)


@given(seeds)
def test_that_an_invented_mark_is_normal_and_never_special(seed: int) -> None:
    vrm, _style = invent_mark(random.Random(seed), 2026)
    assert normalise(vrm) == vrm
    assert vrm not in (TEST, UNREAD)


@pytest.mark.parametrize(
    ("style", "name"),
    [
        (MarkStyle.CURRENT, "CURRENT"),
        (MarkStyle.PREFIX, "PREFIX"),
        (MarkStyle.SUFFIX, "SUFFIX"),
        (MarkStyle.DATELESS, "DATELESS"),
        (MarkStyle.NORTHERN_IRELAND, "NI"),
        (MarkStyle.IRISH, "IRISH"),
        (MarkStyle.DIPLOMATIC, "DIPLOMATIC"),
        (MarkStyle.TRADE, "TRADE"),
    ],
)
def test_that_marks_fit_the_format_of_their_style(style: MarkStyle, name: str) -> None:
    grammar = load_spec().grammar
    rng = random.Random(7)
    marks = [invent_mark(rng, 2026) for _number in range(6_000)]
    of_style = [vrm for vrm, found in marks if found is style]
    assert of_style
    assert all(name in grammar.classify(vrm) for vrm in of_style)


def test_that_formats_stand_in_their_proportions() -> None:
    rng = random.Random(3)
    counts = Counter(invent_mark(rng, 2026)[1] for _number in range(5_000))
    assert 0.90 < counts[MarkStyle.CURRENT] / 5_000 < 0.95
    assert counts[MarkStyle.PREFIX] > counts[MarkStyle.SUFFIX]


@given(seeds)
def test_that_a_misread_is_another_acceptable_mark(seed: int) -> None:
    rng = random.Random(seed)
    vrm, _style = invent_mark(rng, 2026)
    wrong = misread(vrm, rng)
    assert wrong != vrm
    assert normalise(wrong) == wrong
    assert wrong not in (TEST, UNREAD)


def test_that_most_misreads_are_one_confusion_of_the_table() -> None:
    pairs = {
        frozenset(pair)
        for item in load_json("spec", "confusions.json")["classes"]
        for pair in item["pairs"]
    }
    rng = random.Random(5)
    single = 0
    for _turn in range(500):
        vrm, _style = invent_mark(rng, 2026)
        wrong = misread(vrm, rng)
        differing = [frozenset(ab) for ab in zip(vrm, wrong, strict=False) if ab[0] != ab[1]]
        single += len(wrong) == len(vrm) and len(differing) == 1 and differing[0] in pairs
    assert single > 350


@given(seeds)
def test_that_a_look_alike_differs_in_one_visible_character(seed: int) -> None:
    rng = random.Random(seed)
    vrm, _style = invent_mark(rng, 2026)
    other = look_alike(vrm, rng, frozenset())
    if other is not None:
        differing = [a + b for a, b in zip(vrm, other, strict=True) if a != b]
        assert len(differing) == 1
        assert differing[0] not in ("0O", "O0", "1I", "I1")


def test_that_a_taken_mark_is_no_look_alike() -> None:
    rng = random.Random(1)
    first = look_alike(Vrm("AB51ABC"), rng, frozenset())
    assert first is not None
    found = {look_alike(Vrm("AB51ABC"), rng, {first}) for _turn in range(200)}
    assert first not in found


def test_that_a_fleet_is_the_same_for_a_seed_and_gives_no_mark_twice() -> None:
    one, other = Fleet(4, 2026, 66, size=2_000), Fleet(4, 2026, 66, size=1_000)
    for _number in range(1_000):
        other.add()
    assert [v.vrm for v in one] == [v.vrm for v in other]
    assert len({v.vrm for v in one}) == 2_000
    assert {v.vrm for v in Fleet(5, 2026, 66, size=50)} != {v.vrm for v in one[:50]}


def test_that_makes_and_shapes_are_those_of_british_traffic() -> None:
    fleet = Fleet(1, 2026, 66, size=4_000)
    makes = Counter(v.make for v in fleet)
    assert {"VOLKSWAGEN", "FORD"} == {make for make, _count in makes.most_common(2)}
    assert "SUPPRESSED" not in makes
    assert {v.shape for v in fleet} == {
        "hatch", "saloon", "estate", "suv", "van", "lorry", "bus", "bike",
    }  # fmt: skip
    assert {v.habit for v in fleet} == set(Habit)


def test_that_the_day_has_its_rhythm() -> None:
    assert sum(rhythm_of(hour) for hour in range(24)) == pytest.approx(24)
    assert rhythm_of(8) > 4 * rhythm_of(3)
