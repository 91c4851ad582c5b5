"""Marks: normalising, formats, display, and the two that never match."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.errors import ReadRefused
from nas_desktop.domain.vrm import (
    MAX_LENGTH,
    TEST,
    UNREAD,
    Vrm,
    VrmGrammar,
    is_special,
    normalise,
)
from nas_desktop.services.resources import load_spec

GRAMMAR = load_spec().grammar
MARKS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=MAX_LENGTH)


@pytest.mark.parametrize(
    ("raw", "vrm"),
    [
        ("AB51ABC", "AB51ABC"),
        ("ab51 abc", "AB51ABC"),
        ("  AB-51.ABC\t", "AB51ABC"),
        ("AB51\u2011ABC", "AB51ABC"),  # a hyphen that does not break
        ("ＡＢ５１ＡＢＣ", "AB51ABC"),  # full width, as some readers send
        ("A" * 16, "A" * 16),
    ],
)
def test_that_spellings_of_a_mark_give_one_vrm(raw: str, vrm: str) -> None:
    assert normalise(raw) == vrm


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (None, "not text"),
        (51, "not text"),
        (b"AB51ABC", "not text"),
        ("", "empty"),
        (" -. ", "empty"),
        ("AB51ÄBC", "other than"),
        ("AB51?BC", "other than"),
        ("AB51\x00BC", "other than"),
        ("٣٤٥", "other than"),
        ("A" * 17, "longer than 16"),
    ],
)
def test_that_what_is_no_mark_is_refused_by_field(raw: object, words: str) -> None:
    with pytest.raises(ReadRefused, match=words) as refusal:
        normalise(raw)
    assert (refusal.value.field, refusal.value.code) == ("vrm", "read_vrm")


@given(st.one_of(st.text(), MARKS))
def test_that_normalising_twice_changes_nothing(raw: str) -> None:
    try:
        once = normalise(raw)
    except ReadRefused:
        return
    assert normalise(once) == once
    assert 1 <= len(once) <= MAX_LENGTH
    assert once.isascii()
    assert once.isalnum()
    assert once == once.upper()


@given(MARKS, st.data())
def test_that_separators_and_case_never_matter(mark: str, data: st.DataObject) -> None:
    parts = [
        data.draw(st.sampled_from((c, c.lower(), f" {c}", f"-{c.lower()}", f"{c}."))) for c in mark
    ]
    assert normalise("".join(parts)) == mark
    assert normalise(unicodedata.normalize("NFD", "".join(parts))) == mark


def test_that_the_two_special_marks_are_special_and_no_other() -> None:
    assert (UNREAD, TEST) == ("QQQQQQQ", "QQ111QQQ")
    assert is_special(UNREAD)
    assert is_special(TEST)
    assert not is_special(Vrm("QQQQQQ"))
    assert not is_special(Vrm("AB51ABC"))


@pytest.mark.parametrize(
    ("vrm", "name", "shown"),
    [
        ("AB51ABC", "CURRENT", "AB51 ABC"),
        ("A123BCD", "PREFIX", "A123 BCD"),
        ("ABC123D", "SUFFIX", "ABC 123D"),
        ("Q123ABC", "Q_PLATE", "Q123 ABC"),
        ("101D202", "DIPLOMATIC", "101 D 202"),
        ("ABZ1234", "NI", "ABZ 1234"),
        ("AB12CD", "MILITARY", "AB 12 CD"),
        ("A1", "DATELESS", "A 1"),
        ("12345", "TRADE", "12345"),
        ("131D12345", "IRISH", "131D12345"),
        ("QQQQQQQ", "NO_PLATE", "QQQQQQQ"),
        ("QQ111QQQ", "TEST", "QQ111QQQ"),
    ],
)
def test_that_a_format_is_known_and_spaced_as_written(vrm: str, name: str, shown: str) -> None:
    assert GRAMMAR.classify(Vrm(vrm))[0] == name
    assert GRAMMAR.display(Vrm(vrm)) == shown


def test_that_an_unknown_format_is_kept_as_it_is() -> None:
    assert GRAMMAR.classify(Vrm("WRX000000001")) == ()
    assert GRAMMAR.display(Vrm("WRX000000001")) == "WRX000000001"


@given(MARKS)
def test_that_display_only_adds_spaces(mark: str) -> None:
    assert GRAMMAR.display(Vrm(mark)).replace(" ", "") == mark


def test_that_formats_are_data() -> None:
    grammar = VrmGrammar.from_data(
        {
            "classes": {"D": "0-9"},
            "formats": [
                {"name": "ODD", "pattern": "[{D}]{2}", "spacing": "(.)(.)(.)"},
                {"name": "TWO", "pattern": "[{D}]{2}"},
            ],
        }
    )
    assert grammar.classify(Vrm("12")) == ("ODD", "TWO")
    assert grammar.display(Vrm("12")) == "12"  # a spacing that does not fit changes nothing
