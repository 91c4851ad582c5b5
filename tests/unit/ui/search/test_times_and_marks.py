"""What people type: times, marks, parts of marks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nas_desktop.domain.query import QueryRefused
from nas_desktop.services.resources import load_match_rules
from nas_desktop.ui.search.marks import (
    Box,
    Marks,
    boxes_words,
    differing_words,
    marks_of,
    marks_of_file,
    patterns_of,
    text_of,
)
from nas_desktop.ui.search.times import QUICK, quick_span, shown, time_from

NOW = datetime(2026, 11, 20, 21, 4, 7, tzinfo=UTC)
CONFUSIONS = load_match_rules().confusions


def at(day: int, hour: int, minute: int = 0, second: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20:57", at(20, 20, 57)),
        ("2057", at(20, 20, 57)),
        ("20.57.30", at(20, 20, 57, 30)),
        ("21:30", at(19, 21, 30)),  # has not come today
        ("yesterday", at(19, 0)),
        ("yesterday 14:00", at(19, 14)),
        ("today", at(20, 0)),
        ("today 09:15", at(20, 9, 15)),
        ("19/11", at(19, 0)),
        ("19/11 08:00", at(19, 8)),
        ("19.11.26 08:00 GMT", at(19, 8)),
        ("21/11/2026 20:57", at(21, 20, 57)),
        ("2026-11-19T20:57:00Z", at(19, 20, 57)),
        ("2 h", at(20, 19, 4)),
        ("30min ago", at(20, 20, 34)),
        ("3 days", at(17, 21, 4)),
        ("1 week", at(13, 21, 4)),
        ("now", at(20, 21, 5)),
    ],
)
def test_that_a_time_is_understood_as_people_write_it(text: str, meant: datetime) -> None:
    assert time_from(text, "from", NOW) == meant


def test_that_a_day_without_a_year_is_the_last_one() -> None:
    assert time_from("24/12", "from", NOW) == datetime(2025, 12, 24, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "25:00", "31/02", "12:61", "99/99/2026"])
def test_that_what_is_no_time_names_its_field(text: str) -> None:
    with pytest.raises(QueryRefused) as refusal:
        time_from(text, "to", NOW)
    assert refusal.value.field == "to"


@pytest.mark.parametrize("name", [name for name, _tip in QUICK])
def test_that_a_quick_choice_ends_with_the_running_minute(name: str) -> None:
    since, until = quick_span(name, NOW)
    assert until == at(20, 21, 5)
    assert since < until
    assert time_from(shown(since), "from", NOW) == since


# ------------------------------------------------------------------ marks


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", Marks()),
        ("ab51 abc", Marks(("AB51ABC",))),
        ("AB51ABC, CD62XYZ;LM19KXR", Marks(("AB51ABC", "CD62XYZ", "LM19KXR"))),
        ("AB51ABC CD62XYZ", Marks(("AB51ABC", "CD62XYZ"))),
        ("AB5?*, ≈cd62 xyz", Marks(("AB5?*",), ("CD62XYZ",))),
        ("~AB51ABC", Marks((), ("AB51ABC",))),
        ("AB51ABC, AB51 ABC", Marks(("AB51ABC",))),
    ],
)
def test_that_marks_are_understood_as_people_write_them(text: str, meant: Marks) -> None:
    assert marks_of(text) == meant


def test_that_marks_come_back_from_their_own_words() -> None:
    marks = Marks(("AB51ABC", "CD6?*"), ("LM19KXR",))
    assert marks_of(text_of(marks)) == marks


def test_that_what_is_no_mark_is_refused() -> None:
    with pytest.raises(QueryRefused):
        marks_of("AB51ABC, ***!")


def test_that_a_file_gives_its_first_column() -> None:
    found = marks_of_file("\ufeffVRM,make\nAB51 ABC,FORD\n# note\n\n≈CD62XYZ\nAB51ABC\n")
    assert found == Marks(("AB51ABC",), ("CD62XYZ",))


def test_that_a_fault_in_a_file_names_its_line() -> None:
    with pytest.raises(QueryRefused, match="Line 2"):
        marks_of_file("AB51ABC\n!!!\n")
    with pytest.raises(QueryRefused, match="no VRM"):
        marks_of_file("\n\n")


def test_that_boxes_become_patterns_with_look_alikes_spelt_out() -> None:
    boxes = (Box("A"), Box("B"), Box("5"), Box("?"), Box("A"), Box("B", is_like=True), Box("C"))
    patterns = patterns_of(boxes, CONFUSIONS)
    assert patterns[0] == "AB5?ABC"
    assert "AB5?A8C" in patterns
    assert boxes_words(boxes, CONFUSIONS).startswith("6 fixed or look-alike · about ")


def test_that_a_gap_between_boxes_stands_for_any_character() -> None:
    assert patterns_of((Box("A"), Box(), Box("5"), Box(), Box()), CONFUSIONS) == ("A?5",)
    assert patterns_of((Box(),) * 7, CONFUSIONS) == ()


def test_that_too_many_alternatives_are_refused() -> None:
    boxes = (Box("0", True), Box("1", True), Box("8", True), Box("5", True), Box("?"))
    with pytest.raises(QueryRefused):
        patterns_of(boxes, CONFUSIONS)


def test_that_a_look_alike_says_what_differs() -> None:
    assert differing_words("AB51AEC", "AB51AFC", CONFUSIONS) == (
        "Look-alike of AB51AFC: E stands where F was asked for."
    )
    assert "one too many" in differing_words("AB51ABCX", "AB51ABC", CONFUSIONS)
    assert "was not read" in differing_words("AB51AB", "AB51ABC", CONFUSIONS)
    assert differing_words("AB51ABC", "AB51ABC", CONFUSIONS) == ""


def test_that_a_quick_span_of_an_hour_is_an_hour() -> None:
    since, until = quick_span("1 h", NOW)
    assert until - since == timedelta(hours=1)
