"""The parts of the engine by themselves: edges that cases seldom reach."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.hit import MatchClass
from nas_desktop.domain.matching import MatchRules, build_index
from nas_desktop.domain.matching.anchors import anchors_of
from nas_desktop.domain.matching.columns import EntryColumns, columns_of, keys_of, words_of
from nas_desktop.domain.matching.confusions import TooManyNeighbours, neighbours_of
from nas_desktop.domain.matching.exact import filter_of, folded
from nas_desktop.domain.matching.match import confidence_of
from nas_desktop.domain.matching.patterns import fits
from nas_desktop.domain.voi import VoiList
from nas_desktop.domain.vrm import Vrm
from tests.builders import NOON, a_list, a_read, an_entry
from tests.unit.domain.matching.naive import CONFUSIONS, GRAMMAR, RULES, distance, wild
from tests.unit.domain.matching.strategies import SEEDS

MARKS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=16)
STEPS = CONFUSIONS.steps()


@given(st.lists(MARKS, min_size=1, max_size=20))
def test_that_words_hold_the_characters_of_their_marks(marks: list[str]) -> None:
    words, places = words_of(marks), max(map(len, marks))
    last, windows = words.last, words.windows()
    assert windows.shape == (places, len(marks))
    for row, mark in enumerate(marks):
        raw = mark.encode()
        assert int(words.first[row]).to_bytes(8, "little") == raw[:8].ljust(8, b"\0")
        assert int(words.second[row]).to_bytes(8, "little") == raw[8:].ljust(8, b"\0")
        assert int(last[row]).to_bytes(8, "little") == raw[-8:].rjust(8, b"\0")
        for place in range(places):
            part = raw[place : place + 8].ljust(8, b"\0")
            assert int(windows[place, row]).to_bytes(8, "little") == part


@given(st.lists(MARKS, min_size=1, max_size=20))
def test_that_folding_a_key_folds_its_mark(marks: list[str]) -> None:
    expected = [m.translate({79: 48, 73: 49}) if len(m) <= 8 else m for m in marks]
    assert folded(keys_of(marks)).tolist() == keys_of(expected).tolist()


@given(st.lists(MARKS, max_size=50))
def test_that_a_filter_passes_all_it_was_made_of(marks: list[str]) -> None:
    keys = keys_of(marks)
    assert filter_of(keys).passes(keys).all()


@given(st.text("A?*B", max_size=7), st.text("AB", max_size=7))
def test_that_fitting_a_pattern_is_the_definition_s(pattern: str, mark: str) -> None:
    assert fits(pattern, mark) == wild(pattern, mark)


@given(st.sampled_from(SEEDS), st.sampled_from([0, 5, 25, 50, 60, 69]))
def test_that_neighbours_are_at_their_distance(mark: str, limit: int) -> None:
    found = neighbours_of(mark, limit, STEPS)
    assert mark not in found
    for other, cost in list(found.items())[:40]:
        assert 0 < cost == distance(other, mark) <= limit


def test_that_a_mark_with_too_many_neighbours_is_left_out_and_counted() -> None:
    monster = "O" * 16
    with pytest.raises(TooManyNeighbours):
        neighbours_of(monster, 60, STEPS)
    entries = [an_entry(monster), an_entry("AB51ABC"), an_entry(monster)]
    index = build_index([a_list("07_A", *entries, finds_misreads=True)], RULES)
    assert (index.misread_entries, index.misreads_left_out) == (1, 2)
    found = index.match([a_read(monster), a_read("A851ABC")])
    assert [m.match_class for m in found] == [MatchClass.EXACT] * 2 + [MatchClass.MISREAD]


def test_that_two_long_marks_that_share_a_key_are_told_apart() -> None:
    class Colliding(tuple):
        @property
        def columns(self) -> EntryColumns:
            plain = columns_of(list(self))
            keys = keys_of(["ABCDEFGHIJ"] * len(self))
            return EntryColumns(keys, plain.starts, plain.weeds, plain.actions)

    entries = Colliding((an_entry("ABCDEFGHIJ"), an_entry("SOMETHINGELSE"), an_entry("ABCDEFGHXX")))
    index = build_index([VoiList("07_A", 1, entries, NOON)], MatchRules(glyph=True))
    assert [m.entry.vrm for m in index.match([a_read("ABCDEFGHIJ")])] == ["ABCDEFGHIJ"]
    assert [m.entry.vrm for m in index.match([a_read("ABCDEFGH1J")])] == ["ABCDEFGHIJ"]
    assert index.entry_of("07_A", "SOMETHINGELSE") is None, "its key says another mark"


def test_that_two_long_misreads_that_share_a_key_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nas_desktop.domain.matching import misreads

    stop = a_list("07_A", an_entry("ABCDEFGHXB"), finds_misreads=True)

    def same_key(marks: list[str]) -> np.ndarray:
        return np.full(len(marks), keys_of(["ABCDEFGHX8"])[0])

    monkeypatch.setattr(misreads, "keys_of", same_key)
    index = build_index([stop], RULES)
    found = index.match([a_read("ABCDEFGHX8")])
    assert {(m.distance, m.match_class) for m in found} == {(0.25, MatchClass.MISREAD)}


def test_that_a_mark_on_two_lists_matches_on_both_in_their_order() -> None:
    first = a_list("07_A", an_entry("AB51ABC"), an_entry("AB51ABC", reason="Crime"))
    second = a_list("06_B", an_entry("AB51ABC"), an_entry("AB5?ABC"))
    found = build_index([first, second]).match([a_read("AB51ABC")])
    assert [(m.list_name, m.match_class.value) for m in found] == [
        ("07_A", "exact"), ("07_A", "exact"), ("06_B", "exact"), ("06_B", "wildcard"),
    ]  # fmt: skip
    assert found[0].voi_list is first
    assert found[0].list_revision == 1


def test_that_the_special_marks_never_match_in_any_class() -> None:
    marks = ("QQQQQQQ", "QQ111QQQ", "QQ11IQQQ", "OQQQQQQ", "*", "QQ*", "????????")
    index = build_index([a_list("07_A", *map(an_entry, marks), finds_misreads=True)], RULES)
    assert index.match([a_read("QQQQQQQ"), a_read("QQ111QQQ")]) == []
    listed = {m.entry.vrm for m in index.match([a_read("QQ11IQQQ"), a_read("OQQQQQQ")])}
    assert not {"QQQQQQQ", "QQ111QQQ"} & listed
    assert index.entry_of("07_A", "QQQQQQQ") is None
    assert index.entries == 5


def test_that_a_read_of_too_many_glyphs_is_looked_for_as_it_is() -> None:
    index = build_index([a_list("07_A", an_entry("O" * 9), an_entry("O" * 8))], RULES)
    assert index.match([a_read("0" * 9)]) == []
    assert [m.distance for m in index.match([a_read("0" * 8)])] == [0.4]


def test_that_nothing_matches_nothing() -> None:
    index = build_index(())
    assert index.match([a_read()]) == [] == index.match([])
    assert len(index.match_marks([], 20_000)) == 0
    assert (index.entries, index.overlay_entries, index.misread_entries) == (0, 0, 0)
    assert index.entry_of("07_A", "AB51ABC") is None
    assert index.without_list("07_A") is index


def test_that_names_of_lists_are_told_apart() -> None:
    with pytest.raises(ValueError, match="one name"):
        build_index([a_list("07_A"), a_list("07_A")])


def test_that_changes_are_counted_until_the_index_is_built_anew() -> None:
    first = a_list("07_A", an_entry("A1"), an_entry("B1"), an_entry("C*"))
    index = build_index([first, a_list("06_B", an_entry("A1"))])
    newer = a_list("07_A", an_entry("A1"), an_entry("D1"), revision=2)
    changed = index.with_change(newer, [an_entry("D1")], ["B1", "C*", "NOT THERE", "", "É"])
    assert changed.overlay_entries == 3
    assert changed.entries == 3
    assert changed.match([a_read("D1")])[0].voi_list is newer
    assert changed.match([a_read("A1")])[0].list_revision == 2
    assert changed.without_list("07_A").overlay_entries == 6
    assert changed.with_list(a_list("52_D", an_entry("E1"))).entry_of("52_D", "E1") is not None


def test_that_few_anchors_serve_all_patterns_and_idle_ones_make_room() -> None:
    masks = np.array([0xFF, 0xFFFF, 0xFFFF00, 0], np.uint64)
    left = np.repeat(masks, [500, 500, 500, 1])
    found = anchors_of(left, np.zeros(len(left), np.uint64), 8)
    assert len(found.left) == len(set(found.of.tolist()) - {-1})
    assert (found.of[:-1] >= 0).all()
    assert found.of[-1] == -1
    assert (found.left[found.of[:-1]] & ~left[:-1] == 0).all()
    few = anchors_of(left, np.zeros(len(left), np.uint64), 1)
    assert len(few.left) == 1
    none = anchors_of(left[-1:], np.zeros(1, np.uint64), 8)
    assert (len(none.left), none.of.tolist()) == (0, [-1])


@pytest.mark.parametrize(
    ("cost", "read", "listed", "reader", "expected"),
    [
        (25, "8B51ABC", "BB51ABC", None, 75),  # only the listed mark is a known format
        (25, "AB51ABC", "AB51A8C", None, 30),  # only the read is
        (50, "AB51ABC", "AB51ABG", None, 25),  # both are
        (25, "A851A8C", "AB51A8C", None, 60),  # neither is
        (25, "8B51ABC", "BB51ABC", 100, 56),
        (25, "8B51ABC", "BB51ABC", 0, 75),
    ],
)
def test_that_confidence_follows_distance_format_and_reader(
    cost: int, read: str, listed: str, reader: int | None, expected: int
) -> None:
    assert confidence_of(cost, Vrm(read), Vrm(listed), GRAMMAR, reader) == expected
    assert confidence_of(cost, Vrm(read), Vrm(listed), None, None) == 100 - cost


@pytest.mark.parametrize("limit", [-0.1, 0.7, 1.0])
def test_that_a_limit_that_would_allow_lost_characters_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="misread_limit"):
        MatchRules(misread_limit=limit)
