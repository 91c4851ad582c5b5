"""The index against the double loop where marks are believable, many, and close to each other."""

from __future__ import annotations

import os
import random
from datetime import date, timedelta

import pytest

from nas_desktop.domain.matching import MatchRules, build_index
from nas_desktop.domain.read import Read
from nas_desktop.domain.voi import Action, VoiEntry, VoiList
from tests.builders import NOON, a_read, an_entry
from tests.unit.domain.matching.naive import CONFUSIONS, GRAMMAR, naive
from tests.unit.domain.matching.strategies import PATTERNS, taken_for

ROUNDS = max(20, int(os.environ.get("MATCH_EXAMPLES", "150")) // 3)
FIRST = int(os.environ.get("MATCH_SEED", "0"))
LETTERS, DIGITS = "ABCDEGOOQSVWZ", "0123568"


def a_mark(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.75:
        shape = "LLDDLLL" if kind < 0.5 else "LDDDLLL"
        return "".join(rng.choice(LETTERS if c == "L" else DIGITS) for c in shape)
    return "".join(rng.choices(LETTERS + DIGITS, k=rng.randint(1, 16)))


def near(mark: str, rng: random.Random) -> str:
    for _step in range(rng.choice((0, 0, 1, 1, 2))):
        mark = rng.choice(taken_for(mark))
    return mark.translate(rng.choice(({}, {}, {48: 79}, {79: 48})))


def a_pattern(mark: str, rng: random.Random) -> str:
    if rng.random() < 0.05:
        return rng.choice(PATTERNS)
    characters = list(mark)
    for _hole in range(rng.randint(0, 3)):
        characters[rng.randrange(len(mark))] = "?"
    first = rng.randint(0, len(mark))
    last = rng.randint(first, len(mark))
    whole = "".join(characters)
    if rng.random() < 0.5 and "?" in whole:
        return whole
    return rng.choice((whole[:first] + "*" + whole[last:], f"*{whole[first:last]}*"))


def an_entry_near(pool: list[str], rng: random.Random) -> VoiEntry:
    vrm = near(rng.choice(pool), rng)
    start = date(2026, 11, rng.choice((1, 19, 20, 21)))
    return an_entry(
        a_pattern(vrm, rng) if rng.random() < 0.4 else vrm,
        starts_on=start,
        weed_date=start + timedelta(days=rng.choice((0, 1, 30, 30, 30))),
        action=rng.choice((Action.STOP, Action.ASSESS)),
    )


@pytest.mark.parametrize("number", range(FIRST, FIRST + ROUNDS))
def test_that_many_entries_close_to_each_other_match_as_they_should(number: int) -> None:
    rng = random.Random(number)
    pool = [a_mark(rng) for _ in range(25)]
    rules = MatchRules(rng.random() < 0.7, CONFUSIONS, 0.6, rng.choice((2_000, 12)), GRAMMAR)
    lists = [
        VoiList(name, 1, [an_entry_near(pool, rng) for _ in range(n)], NOON, finds_misreads=search)
        for name, n, search in (("06_A", 60, False), ("07_B", 40, True), ("52_C", 20, True))
    ]
    reads: list[Read] = [a_read(near(rng.choice(pool), rng)) for _ in range(50)]
    index = build_index(lists, rules)
    held = [(one, list(one.entries)) for one in lists]
    assert index.match(reads) == naive(held, reads, rules)
    for turn in range(3):
        place = rng.randrange(3)
        before = held[place][1]
        put = [an_entry_near(pool, rng) for _ in range(rng.randint(0, 12))]
        gone = [entry.vrm for entry in rng.sample(before, min(len(before), 8))]
        out = {*gone, *(entry.vrm for entry in put)}
        after = [*(entry for entry in before if entry.vrm not in out), *put]
        newer = VoiList(lists[place].name, 2 + turn, after, NOON, finds_misreads=place > 0)
        held[place] = (newer, after)
        index = index.with_change(newer, put, gone)
        assert index.match(reads) == naive(held, reads, rules)
