"""The index answers exactly as the naive double loop does, whatever was done to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings

from nas_desktop.domain.hit import MatchClass
from nas_desktop.domain.matching import CLASSES, MatchIndex, build_index
from nas_desktop.domain.matching.columns import day_number
from nas_desktop.domain.read import Read
from nas_desktop.domain.voi import VoiEntry, VoiList
from tests.builders import NOON
from tests.unit.domain.matching.naive import SPECIAL, Held, naive, stops
from tests.unit.domain.matching.strategies import EXAMPLES, NAMES, Case, cases, entry_for


def as_held(lists: Sequence[VoiList]) -> list[Held]:
    return [(one, one.entries) for one in lists]


def agree(index: MatchIndex, held: Sequence[Held], reads: Sequence[Read]) -> None:
    """Compare everything an index says of itself and of reads with the truth."""
    rules = index.rules
    truth = naive(held, reads, rules)
    assert index.match(reads) == truth
    enabled = [(one, entries) for one, entries in held if one.is_enabled]
    assert index.entries == sum(e.vrm not in SPECIAL for _one, entries in enabled for e in entries)
    searched = stops(enabled)
    assert index.misread_entries == min(len(searched), rules.max_misread_entries)
    assert index.misreads_left_out == len(searched) - index.misread_entries
    assert index.nbytes > 0


@settings(max_examples=EXAMPLES)
@given(cases())
def test_that_the_index_answers_as_the_double_loop(case: Case) -> None:
    index = build_index(case.lists, case.rules)
    agree(index, as_held(case.lists), case.reads)
    assert index.overlay_entries == 0


@settings(max_examples=EXAMPLES)
@given(cases())
def test_that_columns_say_the_same_as_matches(case: Case) -> None:
    index, reads = build_index(case.lists, case.rules), case.reads
    days = np.array([day_number(read.effective_at.date()) for read in reads], np.uint16)
    found = index.match_marks([read.vrm for read in reads], days)
    matches = index.match(reads)
    assert [reads[at] for at in found.reads] == [match.read for match in matches]
    assert [CLASSES[kind] for kind in found.classes] == [match.match_class for match in matches]
    assert [cost / 100 for cost in found.costs] == [match.distance for match in matches]
    assert [index.holdings.entry(int(h)) for h in found.handles] == [m.entry for m in matches]
    assert len(found) == len(matches)
    # One day for all says the same as that day for each.
    marks, day = [read.vrm for read in reads], 20_777
    each = index.match_marks(marks, np.full(len(marks), day, np.uint16))
    assert index.match_marks(marks, day).handles.tolist() == each.handles.tolist()


@given(cases())
def test_that_adding_an_entry_never_removes_a_match(case: Case) -> None:
    # Misreads left out: how many entries take part is limited.
    rules = replace(case.rules, max_misread_entries=0)
    before = build_index(case.lists, rules).match(case.reads)
    more = VoiList("52_D", 1, (entry_for(case.marks[0]),), NOON)
    after = build_index([*case.lists, more], rules).match(case.reads)
    assert [match for match in after if match.list_name != "52_D"] == before


def test_that_cases_hold_matches_of_every_class() -> None:
    seen: Counter[MatchClass] = Counter()

    @settings(max_examples=200, derandomize=True, database=None)
    @given(cases())
    def look(case: Case) -> None:
        matches = build_index(case.lists, case.rules).match(case.reads)
        seen.update({match.match_class for match in matches})

    look()
    assert all(seen[kind] >= 5 for kind in MatchClass), seen


# ------------------------------------------------------------------ changes


class Model:
    """What the lists hold after changes, by name in the order in which they came."""

    def __init__(self, lists: Sequence[VoiList]) -> None:
        self.held: dict[str, Held] = {
            one.name: (one, list(one.entries)) for one in lists if one.is_enabled
        }

    def entries(self, name: str) -> Sequence[VoiEntry]:
        return self.held[name][1] if name in self.held else ()

    def put_list(self, voi_list: VoiList) -> None:
        if voi_list.is_enabled:
            self.held[voi_list.name] = (voi_list, list(voi_list.entries))
        else:
            self.held.pop(voi_list.name, None)

    def change(
        self, name: str, revision: int, rest: dict[str, Any], put: list[VoiEntry], gone: list[str]
    ) -> VoiList:
        out = {*gone, *(entry.vrm for entry in put)}
        entries = [*(entry for entry in self.entries(name) if entry.vrm not in out), *put]
        # The rows of the new list are in an order of their own: nobody may count on them.
        voi_list = VoiList(name, revision, tuple(reversed(entries)), NOON, **rest)
        if name in self.held and voi_list.is_enabled:
            self.held[name] = (voi_list, entries)
        else:
            self.put_list(voi_list)
        return voi_list


@settings(max_examples=EXAMPLES)
@given(cases(steps=6))
def test_that_changes_on_changes_stay_right(case: Case) -> None:
    index, model = build_index(case.lists, case.rules), Model(case.lists)
    first, first_answer = index, index.match(case.reads)
    for step in case.steps:
        if step[0] == "change":
            _kind, name, revision, rest, put, gone = step
            gone = [*gone, *(entry.vrm for entry in model.entries(name)[:1])]
            index = index.with_change(model.change(name, revision, rest, put, gone), put, gone)
        elif step[0] == "list":
            model.put_list(step[1])
            index = index.with_list(step[1])
        else:
            model.held.pop(step[1], None)
            index = index.without_list(step[1])
        agree(index, list(model.held.values()), case.reads)
        for name in NAMES:
            for vrm in {*(entry.vrm for entry in model.entries(name)), *case.marks, "A*", "NO"}:
                there = (e for e in model.entries(name) if e.vrm == vrm and vrm not in SPECIAL)
                assert index.entry_of(name, vrm) == next(there, None)
    assert first.match(case.reads) == first_answer, "an index is immutable"
    whole = [replace(one, entries=list(entries)) for one, entries in model.held.values()]
    anew = build_index(whole, case.rules).match(case.reads)
    assert [replace(match, voi_list=whole[0]) for match in anew] == [
        replace(match, voi_list=whole[0]) for match in index.match(case.reads)
    ]
