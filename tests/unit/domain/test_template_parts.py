"""What the checker is made of: rules from data, rows, the older layout, names, doubles."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.findings import Severity
from nas_desktop.domain.legacy import convert, is_legacy
from nas_desktop.domain.template_lists import check_name, doubled, rank_of
from nas_desktop.domain.template_reasons import are_several
from nas_desktop.domain.template_rows import date_of, entry_of, row_of, signals_of, text_of
from nas_desktop.domain.template_rules import TemplateRules
from nas_desktop.domain.voi import Action, ListSource
from nas_desktop.services.resources import load_json, load_spec, load_template_rules
from tests.builders import an_entry

RULES = load_template_rules()
TODAY = date(2026, 11, 20)

LEGACY = [
    "AB51ABC", "FORD", "FOCUS", "BLUE", "STOP", "FI", "Serious Crime", "B24", "Stop.", "Cheshire",
    "05/12/2026", "73/1A", "RESTRICTED", "CAD 1", "x", "",
]  # fmt: skip


def test_that_the_rules_are_those_of_the_specification() -> None:
    assert RULES is load_template_rules()
    assert RULES.columns[0] == "VRM"
    assert RULES.recommended == (8, 9, 10, 11, 16)
    assert len(RULES.reasons_of[ListSource.LEA]) == 17
    assert RULES.forbidden_reasons == {"No Insurance", "No MOT", "No Tax", "No Keeper"}
    assert RULES.reasons_of[ListSource.NATIONAL] == frozenset(load_spec().reasons)


def test_that_rules_with_other_than_sixteen_columns_are_refused() -> None:
    data: dict[str, Any] = {**load_json("spec", "voi_template.json"), "columns": ["VRM"]}
    with pytest.raises(ValueError, match="1 columns"):
        TemplateRules.from_data(data, load_spec())


# ------------------------------------------------------------------ rows


def test_that_an_entry_becomes_a_row_and_comes_back() -> None:
    for entry in (
        an_entry(),
        an_entry("AB?1*", warning_signals=(), information="", reason="x"),
        an_entry(make='Quo"ted, text', model="two\r\nlines", contact=" "),
    ):
        assert entry_of(row_of(entry)) == entry


@pytest.mark.parametrize("signals", [("A B",), ("",), ("FI", ""), ("A,B",), ("A/B",)])
def test_that_a_signal_that_could_not_be_told_apart_is_refused(signals: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="signal"):
        row_of(an_entry(warning_signals=signals))


def test_that_signals_are_parted_as_people_write_them() -> None:
    assert signals_of("") == ()
    assert signals_of(" FI, VI/xx  ES,") == ("FI", "VI", "xx", "ES")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("01/01/1970", date(1970, 1, 1)),
        ("29/02/2028", date(2028, 2, 29)),
        ("29/02/2027", None),
        ("01/01/0000", None),
        ("٠١/٠١/٢٠٢٦", None),
        ("1/1/2026", None),
    ],
)
def test_that_dates_are_of_the_calendar(text: str, day: date | None) -> None:
    assert date_of(text) == day
    if day is not None:
        assert text_of(day) == text


@pytest.mark.parametrize(
    ("column", "text"),
    [(1, "AB 1"), (1, ""), (5, "STOP"), (7, ""), (9, "x" * 199), (9, "é" * 199), (9, "a\nb"),
     (11, "x"), (12, "31/02/2026")],
)  # fmt: skip
def test_that_a_row_without_what_an_entry_needs_is_refused(column: int, text: str) -> None:
    cells = list(row_of(an_entry()))
    cells[column - 1] = text
    with pytest.raises(Refused, match="A row of the list") as refusal:
        entry_of(cells)
    assert refusal.value.code == "list_row"
    assert f"column {column}" in refusal.value.message or column == 12


def test_that_a_row_has_sixteen_cells() -> None:
    with pytest.raises(Refused, match="sixteen"):
        entry_of(row_of(an_entry())[:-1])


def test_that_a_text_of_many_accents_may_be_longer_as_it_is_written() -> None:
    cells = list(row_of(an_entry()))
    cells[8] = "e\u0301" * 198
    assert len(entry_of(cells).information) == 396


# ------------------------------------------------------------------ reasons


@pytest.mark.parametrize(
    ("cell", "several"),
    [
        ("A One, B Two", True),
        ("A One B Two", True),
        ("A One A One", True),
        ("A One", False),
        ("A One and B Two", True),
        ("A One, C", False),
        ("C, D", False),
        ("", False),
        ("A One B Two C", False),
        ("A One;", False),
    ],
)
def test_that_several_reasons_are_told_from_one_unknown(cell: str, several: bool) -> None:
    assert are_several(cell, frozenset(("A One", "B Two"))) is several


def test_that_a_reason_made_of_others_is_one() -> None:
    assert not are_several("Low Drugs", frozenset(("Low", "Drugs", "Low Drugs")))
    assert not are_several("a, " * 200, frozenset(("a",)))


# ------------------------------------------------------------------ lists


@pytest.mark.parametrize("name", ["07_Cheshire VOI List", "LEA_x_y", "TUTELAGE_1", "201_DVSA"])
def test_that_a_prefix_of_annex_a_is_fit(name: str) -> None:
    assert check_name(name, RULES.spec, is_upload=True) is None


@pytest.mark.parametrize("name", ["7_Cheshire", "Cheshire", "", "99_x", "07 Cheshire"])
def test_that_any_other_name_is_an_error_on_upload_only(name: str) -> None:
    view = check_name(name, RULES.spec, is_upload=False)
    upload = check_name(name, RULES.spec, is_upload=True)
    assert view is not None
    assert upload is not None
    assert (view.code, view.severity, view.line) == ("V090", Severity.WARNING, 0)
    assert upload.severity is Severity.ERROR
    assert upload.is_error


def test_that_national_data_has_names_of_its_own() -> None:
    source = ListSource.PNC_EXTRACT
    assert check_name("pnc_extract", RULES.spec, is_upload=True, source=source) is None


def test_that_the_action_decides_before_the_tier() -> None:
    ordered = [
        an_entry(action=Action.STOP, reason="LEA P1"),
        an_entry(action=Action.STOP, reason="Drugs", warning_signals=()),
        an_entry(action=Action.ASSESS, reason="Drugs", warning_signals=("FI",)),
        an_entry(action=Action.ASSESS, reason="Documents", warning_signals=()),
        an_entry(action=Action.NO_ALERT),
    ]
    ranks = [rank_of(entry, RULES.spec) for entry in ordered]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_that_a_double_names_the_lines() -> None:
    finding = doubled(9, 3, 9)
    assert (finding.line, finding.column, finding.code) == (9, 1, "V080")
    assert "line 3" in finding.message
    assert "line 9" in finding.message


# ------------------------------------------------------------------ the older layout


def test_that_the_older_layout_is_told_from_the_present_one() -> None:
    assert is_legacy(LEGACY, RULES)
    assert not is_legacy(LEGACY[:-1], RULES)
    assert not is_legacy(row_of(an_entry()), RULES)
    assert not is_legacy([*LEGACY[:10], "x", *LEGACY[11:]], RULES)
    assert not is_legacy([*LEGACY[:12], "SECRET", *LEGACY[13:]], RULES)
    assert not is_legacy([*LEGACY[:13], "OFFICIAL", *LEGACY[14:]], RULES)


def test_that_the_older_layout_is_converted_and_every_change_named() -> None:
    done = convert(LEGACY, RULES, TODAY, "FIM 24 h")
    assert done.cells == (
        "AB51ABC", "FORD", "FOCUS", "BLUE", "Stop", "FI", "Intel Serious Crime", "", "Stop.",
        "Cheshire", "20/11/2026", "05/12/2026", "73/1A", "OFFICIAL-SENSITIVE", "CAD 1", "FIM 24 h",
    )  # fmt: skip
    assert done.changes == (
        "START DATE set to today", "ACTION reworded", "REASON reworded", "5x5x5 grade left out",
        "marking reworded", "CONTACT filled in", "spare columns left out",
    )  # fmt: skip


def test_that_what_needs_no_change_is_left() -> None:
    row = [*LEGACY]
    row[4], row[6], row[7], row[12], row[14] = "Stop", "Drugs", "1BP", "OFFICIAL", ""
    done = convert(row, RULES, TODAY)
    assert done.changes == ("START DATE set to today", "CONTACT left empty")
    assert done.cells[7] == "1BP"


def test_that_a_record_of_another_width_is_returned_as_it_is() -> None:
    assert convert(["a", "b"], RULES, TODAY).cells == ("a", "b")


def test_that_the_patterns_of_the_formats_can_be_had() -> None:
    assert "QQ111QQQ" in RULES.spec.grammar.patterns
    assert all("{L}" not in pattern for pattern in RULES.spec.grammar.patterns)
