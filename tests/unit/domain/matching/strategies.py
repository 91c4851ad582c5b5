"""Cases of few marks, days and characters, so that matches of every class are common.

Hypothesis draws a few seeds for each case; entries and reads then come from the seeds' family: the
seeds, what they are taken for in one or two steps, and patterns made from them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from nas_desktop.domain.matching import MatchRules
from nas_desktop.domain.read import Read, ReadFlag
from nas_desktop.domain.voi import Action, VoiEntry, VoiList
from tests.builders import NOON, a_read, an_entry
from tests.unit.domain.matching.naive import CONFUSIONS, GRAMMAR, swaps

EXAMPLES = int(os.environ.get("MATCH_EXAMPLES", "150"))
"""How many examples a property is tried with; ``make match-long`` sets more."""

SEEDS = (
    "AB51ABC", "AB01OBC", "A1", "A", "W1", "VVV1", "QQQQQQQ", "QQ111QQQ", "QQ1I1QQQ", "QQQQQQ0",
    "00000000", "O0O0O0O0O", "ABCDEFGHIJ", "ABCDEFGHIJKLMNO0", "ABCDEFGW", "8BCDEFGVV", "AB51ABD",
    "GO0D1I", "BB88", "XW51VVV",
)  # fmt: skip
PATTERNS = (
    "*", "?", "??", "?*", "*A*", "A*", "*A", "AB5?ABC", "AB51*", "*ABC", "A*C", "*51*", "A*5*C",
    "*1?A*", "QQ*", "*QQQ", "????????", "ABCDEFGHI*", "*GHIJKLMNOP", "ABCDEFGHIJ*L?NOP", "A**C",
    "*A*B*", "*?*", "ABCDEFGHIJK?MNOP", "?????????J", "*8*", "???51A??", "ABCDEFGHI*0", "**",
)  # fmt: skip
GLYPHS = ({}, {}, {}, str.maketrans("0O", "O0"), str.maketrans("1O", "I0"), {48: 79}, {73: 49})
NAMES = ("07_A", "06_B", "TUTELAGE_C")
DAYS = st.sampled_from([date(2026, 11, day) for day in (18, 18, 18, 20, 21)])


@cache
def taken_for(mark: str) -> tuple[str, ...]:
    """Return what one confusion makes of a mark."""
    found = {
        mark[:at] + other + mark[at + len(piece) :]
        for (piece, other) in swaps()
        for at in range(len(mark))
        if mark.startswith(piece, at)
    }
    return tuple(sorted(other for other in found if len(other) <= 16)) or (mark,)


@st.composite
def _marks(draw: st.DrawFn, seeds: tuple[str, ...]) -> str:
    mark = draw(st.sampled_from(seeds))
    for _step in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        mark = draw(st.sampled_from(taken_for(mark)))
    return mark.translate(draw(st.sampled_from(GLYPHS)))


@st.composite
def _patterns(draw: st.DrawFn, seeds: tuple[str, ...]) -> str:
    if draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(PATTERNS))
    mark = draw(_marks(seeds))
    first = draw(st.integers(0, len(mark) - 1))
    last = draw(st.integers(first, len(mark)))
    return draw(
        st.sampled_from(
            [
                mark[:first] + "?" + mark[first + 1 :],
                mark[:first] + "*" + mark[last:],
                "*" + mark[first:last] + "*",
                mark[:first] + "?" * (last - first) + mark[last:] + "*",
                "*" + mark[first + 1 : last] + "?" + mark[last + 1 :],
                mark[:1] + "*" + mark[first + 1 : last] + "*" + mark[-1:],
            ]
        )
    )


@dataclass(frozen=True)
class Case:
    """What is listed, what happens to it, what is read, and by which rules."""

    lists: tuple[VoiList, ...]
    steps: tuple[tuple[Any, ...], ...]
    reads: list[Read]
    rules: MatchRules
    marks: tuple[str, ...]


RULES = st.builds(
    lambda glyph, limit, most: MatchRules(glyph, CONFUSIONS, limit, most, GRAMMAR),
    st.booleans(),
    st.sampled_from([0.6, 0.6, 0.6, 0.5, 0.05, 0.0, 0.69]),
    st.sampled_from([2_000, 2_000, 3, 0]),
)
SWITCHES: dict[str, Any] = {
    "finds_misreads": st.sampled_from([True, True, False]),
    "is_enabled": st.sampled_from([True, True, True, True, False]),
}


@st.composite
def cases(draw: st.DrawFn, steps: int = 0) -> Case:
    """Draw a case with up to so many changes."""
    free = st.text("0O1IWVB8", min_size=1, max_size=5)
    some = st.lists(st.sampled_from(SEEDS), min_size=1, max_size=2, unique=True)
    seeds = (*draw(some), *draw(st.lists(free, max_size=1)))
    marks = _marks(seeds)
    listed = st.one_of(marks, marks, marks, _patterns(seeds))
    entries = st.lists(
        st.builds(
            lambda vrm, start, long, action: an_entry(
                vrm, starts_on=start, weed_date=start + timedelta(days=long), action=action
            ),
            listed,
            DAYS,
            st.sampled_from([9, 9, 3, 2, 1, 0]),
            st.sampled_from([Action.STOP, Action.STOP, Action.ASSESS, Action.NO_ALERT]),
        ),
        min_size=draw(st.sampled_from([0, 1, 4])),
        max_size=6,
    )

    def a_list(name: str) -> VoiList:
        switches = {key: draw(values) for key, values in SWITCHES.items()}
        return VoiList(name, draw(st.integers(1, 9)), tuple(draw(entries)), NOON, **switches)

    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    lists = tuple(a_list(name) for name in names)
    done: list[tuple[Any, ...]] = []
    for _step in range(draw(st.integers(0, steps))):
        kind = draw(st.sampled_from(["change", "change", "change", "list", "without"]))
        name = draw(st.sampled_from(NAMES))
        if kind == "change":
            switches = {key: draw(values) for key, values in SWITCHES.items()}
            gone = draw(st.lists(listed, max_size=3))
            done.append((kind, name, 10 + len(done), switches, draw(entries), gone))
        elif kind == "list":
            done.append((kind, a_list(name)))
        else:
            done.append((kind, name))
    reads = draw(
        st.lists(
            st.builds(
                _read,
                marks,
                st.integers(-72, 72),
                st.sampled_from([(), (), (ReadFlag.CLOCK_AHEAD,), (ReadFlag.CLOCK_BEHIND,)]),
                st.sampled_from([None, 0, 50, 100]),
            ),
            min_size=draw(st.sampled_from([0, 6])),
            max_size=10,
        )
    )
    return Case(lists, tuple(done), reads, draw(RULES), seeds)


def _read(vrm: str, hours: int, flags: tuple[ReadFlag, ...], confidence: int | None) -> Read:
    return a_read(
        vrm,
        NOON + timedelta(hours=hours),
        received_at=NOON + timedelta(hours=hours // 2),
        flags=flags,
        confidence=confidence,
    )


def entry_for(mark: str) -> VoiEntry:
    """Return an entry that is active all through the reads."""
    return an_entry(mark, starts_on=date(2026, 11, 1), weed_date=date(2026, 12, 1))
