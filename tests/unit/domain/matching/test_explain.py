"""Explanations: the cheapest alignment, its words, and always the same ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.hit import MatchClass
from nas_desktop.domain.matching import ColumnKind, explain
from nas_desktop.domain.matching.alignment import aligned, cost_of
from tests.builders import an_entry
from tests.unit.domain.matching.naive import CONFUSIONS, distance

MARKS = st.text("0O1IWVB8A", max_size=6)


@given(MARKS, MARKS)
def test_that_the_distance_is_the_definition_s(read: str, listed: str) -> None:
    total, steps = aligned(read, listed, CONFUSIONS)
    assert total == distance(read, listed) == sum(step[2] for step in steps)
    assert "".join(step[0] for step in steps) == read
    assert "".join(step[1] for step in steps) == listed
    assert aligned(read, listed, CONFUSIONS)[1] == steps


@pytest.mark.parametrize(
    ("read", "listed", "distance_", "words"),
    [
        ("AB51ABC", "AB51ABC", 0.0, "Every character agrees."),
        (
            "A851ABC",
            "AB51ABC",
            0.25,
            "Read 8 where the list has B: often confused (cost 0.25).",
        ),
        (
            "AB51A4C",
            "AB5IAAC",
            0.55,
            "Read 1 where the list has I: the same glyph (cost 0.05)."
            " Read 4 where the list has A: sometimes confused (cost 0.5).",
        ),
        ("VV1", "W1", 0.5, "Read VV where the list has W: sometimes confused (cost 0.5)."),
        ("W1", "VV1", 0.5, "Read W where the list has VV: sometimes confused (cost 0.5)."),
        ("AX1", "AE1", 1.0, "Read X where the list has E: not usually confused (cost 1)."),
        ("B51ABC", "AB51ABC", 0.7, "The list has A, which was not read (cost 0.7)."),
        ("AB51ABCH", "AB51ABC", 0.7, "Read H, which the list does not have (cost 0.7)."),
        ("AB51BC", "AB51ABC", 1.0, "The list has A, which was not read (cost 1)."),
    ],
)
def test_that_the_words_say_what_differs(
    read: str, listed: str, distance_: float, words: str
) -> None:
    kind = MatchClass.EXACT if read == listed else MatchClass.MISREAD
    found = explain(read, an_entry(listed), kind, CONFUSIONS)
    assert (found.distance, found.words, found.match_class) == (distance_, words, kind)
    assert round(sum(column.cost for column in found.columns), 2) == distance_


def test_that_every_kind_of_column_is_told() -> None:
    kinds = [
        c.kind for c in explain("8OXH", an_entry("B0E"), MatchClass.MISREAD, CONFUSIONS).columns
    ]
    assert kinds == [
        ColumnKind.CONFUSED,
        ColumnKind.GLYPH,
        ColumnKind.DIFFERENT,
        ColumnKind.INSERTED,
    ]
    first = explain("B51", an_entry("AB51"), MatchClass.MISREAD, CONFUSIONS).columns[:2]
    assert [column.kind for column in first] == [ColumnKind.MISSING, ColumnKind.SAME]


@pytest.mark.parametrize(
    ("read", "pattern", "words"),
    [
        ("AB511ABC", "AB51?ABC", "Matches the pattern AB51?ABC: ? stands for 1."),
        ("AB51ABC", "AB*", "Matches the pattern AB*: * stands for 51ABC."),
        ("AB51ABC", "*AB51*ABC", "Matches the pattern *AB51*ABC: * stands for nothing, "
         "* stands for nothing."),
        ("AB51ABC", "A*1?B*", "Matches the pattern A*1?B*: * stands for B5, ? stands for A, "
         "* stands for C."),
    ],
)  # fmt: skip
def test_that_patterns_say_what_stands_for_what(read: str, pattern: str, words: str) -> None:
    found = explain(read, an_entry(pattern), MatchClass.WILDCARD, CONFUSIONS)
    assert found.words == words
    assert "".join(column.read for column in found.columns) == read
    assert "".join(column.listed for column in found.columns) == pattern
    assert {c.kind for c in found.columns if c.listed in "?*"} == {ColumnKind.WILDCARD}


def test_that_a_pattern_that_does_not_fit_is_not_explained() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        explain("AB51ABC", an_entry("X*"), MatchClass.WILDCARD, CONFUSIONS)


def test_that_equal_marks_cost_nothing() -> None:
    assert cost_of("AB51ABC", "AB51ABC", CONFUSIONS) == cost_of("", "", CONFUSIONS) == 0
