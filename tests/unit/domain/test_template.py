"""One record against the template: every code by example, and nothing found that is not there."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

import pytest

from nas_desktop.domain.findings import Severity
from nas_desktop.domain.template import CheckOptions, check_record
from nas_desktop.domain.voi import Action, ListSource
from nas_desktop.services.resources import load_template_rules

RULES = load_template_rules()
TODAY = date(2026, 11, 20)

CLEAN = (
    "AB51ABC", "FORD", "FOCUS", "BLUE", "Stop", "FI VI", "Drugs", "1BP", "Stop and search.",
    "Cheshire / North", "10/11/2026", "05/12/2026", "", "OFFICIAL", "123", "FIM 24 h",
)  # fmt: skip

TEST_LIST = CheckOptions(is_test_list=True)
NATIONAL = CheckOptions(source=ListSource.NATIONAL)
EXTRACT = CheckOptions(source=ListSource.PNC_EXTRACT)
SCHENGEN = CheckOptions(source=ListSource.SCHENGEN)
PATTERNS = CheckOptions(allows_patterns=True)
LENIENT = CheckOptions(is_lenient=True)
STRICT = CheckOptions(is_strict=True)
PLAIN = CheckOptions()


def cells(**changes: str) -> list[str]:
    row = list(CLEAN)
    for name, text in changes.items():
        row[int(name[1:]) - 1] = text
    return row


def found(row: list[str], options: CheckOptions = PLAIN) -> list[tuple[str, int, str]]:
    record = check_record(row, 7, RULES, TODAY, options)
    assert all(finding.line == 7 for finding in record.findings)
    assert all(finding.message.endswith(".") for finding in record.findings)
    assert all(finding.remedy.endswith(".") for finding in record.findings)
    has_error = any(finding.is_error for finding in record.findings)
    assert record.has_error == has_error == (record.entry is None)
    return [(f.code, f.column, f.severity.value) for f in record.findings]


def test_that_a_clean_record_becomes_its_entry() -> None:
    record = check_record(CLEAN, 2, RULES, TODAY)
    entry = record.entry
    assert not record.findings
    assert not record.is_future
    assert entry is not None
    assert (entry.vrm, entry.action, entry.reason) == ("AB51ABC", Action.STOP, "Drugs")
    assert (entry.starts_on, entry.weed_date) == (date(2026, 11, 10), date(2026, 12, 5))
    assert entry.warning_signals == ("FI", "VI")
    assert (entry.intel, entry.gsc, entry.cad, entry.contact) == (
        "1BP", "OFFICIAL", "123", "FIM 24 h",
    )  # fmt: skip
    assert (entry.make, entry.model, entry.colour) == ("FORD", "FOCUS", "BLUE")
    assert (entry.information, entry.lea_and_area) == ("Stop and search.", "Cheshire / North")


ERRORS = [
    ("V002", 1, {"c1": ""}),
    ("V002", 1, {"c1": "   "}),
    ("V002", 1, {"c1": "AB51 ABC"}),
    ("V002", 1, {"c1": "AB51-ABC"}),
    ("V002", 1, {"c1": " AB51ABC"}),
    ("V002", 1, {"c1": "ÄB51ABC"}),
    ("V002", 1, {"c1": "STRAßE1"}),
    ("V002", 1, {"c1": "A" * 17}),
    ("V002", 1, {"c1": "AB51*"}),
    ("V003", 1, {"c1": "QQQQQQQ"}),
    ("V003", 1, {"c1": "qqqqqqq"}),
    ("V004", 1, {"c1": "QQ111QQQ"}),
    ("V010", 5, {"c5": ""}),
    ("V010", 5, {"c5": "STOP"}),
    ("V010", 5, {"c5": "Stop "}),
    ("V010", 5, {"c5": "Silent"}),
    ("V020", 7, {"c7": ""}),
    ("V020", 7, {"c7": "Burglary"}),
    ("V020", 7, {"c7": "drugs"}),
    ("V020", 7, {"c7": "Serious Crime"}),
    ("V020", 7, {"c7": "Low Crime Drugs"}),
    ("V020", 7, {"c7": "Drugs, Burglary"}),
    ("V020", 7, {"c7": "ACT High"}),
    ("V020", 7, {"c7": "Schengen"}),
    ("V020", 7, {"c7": "Drugs, Cloned" * 50}),
    ("V021", 7, {"c7": "No Insurance"}),
    ("V021", 7, {"c7": "No MOT"}),
    ("V021", 7, {"c7": "No Tax"}),
    ("V021", 7, {"c7": "No Keeper"}),
    ("V022", 7, {"c7": "Drugs, Cloned"}),
    ("V022", 7, {"c7": "Drugs/Documents"}),
    ("V022", 7, {"c7": "Drugs and Low Crime"}),
    ("V022", 7, {"c7": "Cloned Drugs"}),
    ("V022", 7, {"c7": "Intel Serious Crime\nDrugs"}),
    ("V022", 7, {"c7": "No Tax, No MOT"}),
    ("V022", 7, {"c7": "LEA P1; LEA P2; LEA P3"}),
    ("V030", 8, {"c8": "1x5x2"}),
    ("V030", 8, {"c8": "1 B P"}),
    ("V030", 8, {"c8": "1BPX"}),
    ("V030", 8, {"c8": "4BP"}),
    ("V030", 8, {"c8": "1FP"}),
    ("V030", 8, {"c8": "1BX"}),
    ("V030", 8, {"c8": "B24"}),
    ("V030", 8, {"c8": "E5"}),
    ("V040", 9, {"c9": "x" * 199}),
    ("V041", 9, {"c9": "a\nb"}),
    ("V041", 9, {"c9": "a\rb"}),
    ("V050", 11, {"c11": "31/02/2026"}),
    ("V050", 11, {"c11": "10-11-2026"}),
    ("V050", 11, {"c11": "1/11/2026"}),
    ("V050", 11, {"c11": "10/11/26"}),
    ("V050", 11, {"c11": "10/11/2026 "}),
    ("V050", 12, {"c12": ""}),
    ("V050", 12, {"c12": "29/02/2027"}),
    ("V050", 12, {"c12": "00/12/2026"}),
    ("V050", 12, {"c12": "2026-12-05"}),
    ("V051", 12, {"c11": "05/12/2026"}),
    ("V051", 12, {"c11": "06/12/2026"}),
    ("V052", 12, {"c12": "20/11/2026"}),
    ("V052", 12, {"c12": "15/11/2026"}),
    ("V060", 14, {"c14": ""}),
    ("V060", 14, {"c14": "official"}),
    ("V060", 14, {"c14": "RESTRICTED"}),
    ("V060", 14, {"c14": "OFFICIAL OFFICIAL-SENSITIVE"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "column", "changes"), ERRORS)
def test_that_an_error_is_found_at_its_column_and_nothing_else(
    code: str, column: int, changes: dict[str, str]
) -> None:
    assert found(cells(**changes)) == [(code, column, "error")]


WARNINGS = [
    ("V005", 1, {"c1": "1X1X1X1"}),
    ("V006", 8, {"c8": ""}),
    ("V006", 9, {"c9": "  "}),
    ("V006", 10, {"c10": ""}),
    ("V006", 11, {"c11": ""}),
    ("V006", 16, {"c5": "Assess", "c16": ""}),
    ("V053", 12, {"c12": "09/12/2026"}),
]


@pytest.mark.parametrize(("code", "column", "changes"), WARNINGS)
def test_that_a_warning_is_found_and_the_entry_taken(
    code: str, column: int, changes: dict[str, str]
) -> None:
    assert found(cells(**changes)) == [(code, column, "warning")]


ALLOWED = [
    {"c1": "ab51abc"},
    {"c1": "A1"},
    {"c2": "", "c3": "", "c4": "", "c6": "", "c13": "", "c15": ""},
    {"c6": "XX, unknown/thing"},
    {"c9": "x" * 198},
    {"c9": unicodedata.normalize("NFD", "é" * 198)},
    {"c9": "£" * 198},
    {"c12": "08/12/2026"},
    {"c12": "21/11/2026"},
    {"c14": "OFFICIAL-SENSITIVE"},
    {"c5": "No Alert"},
]


@pytest.mark.parametrize("changes", ALLOWED)
def test_that_what_the_template_allows_is_not_found(changes: dict[str, str]) -> None:
    assert found(cells(**changes)) == []


@pytest.mark.parametrize("count", [0, 1, 15, 17])
def test_that_another_number_of_columns_ends_the_checking(count: int) -> None:
    row = ["QQQQQQQ"] * count
    assert found(row) == [("V001", 0, "error")]
    assert f"{count} column" in check_record(row, 1, RULES, TODAY).findings[0].message


def test_that_independent_faults_of_one_record_are_all_found() -> None:
    row = cells(c1="", c5="Halt", c7="No Tax", c8="", c12="01/10/2026", c14="x")
    assert [code for code, _column, _severity in found(row)] == [
        "V002", "V010", "V021", "V006", "V051", "V052", "V060",
    ]  # fmt: skip


def test_that_a_stop_without_a_contact_is_an_error_beside_the_warning() -> None:
    assert found(cells(c16="")) == [("V006", 16, "warning"), ("V070", 16, "error")]


def test_that_the_mark_of_tests_is_allowed_in_a_test_list() -> None:
    assert found(cells(c1="QQ111QQQ"), TEST_LIST) == []
    assert RULES.is_test_list("07_Cheshire_TEST")
    assert not RULES.is_test_list("07_Cheshire_TESTS")


@pytest.mark.parametrize("reason", ["No Insurance", "No MOT", "No Tax", "No Keeper", "Drugs"])
def test_that_national_lists_may_give_the_four_reasons(reason: str) -> None:
    assert found(cells(c7=reason), NATIONAL) == []


def test_that_other_sources_have_reasons_of_their_own() -> None:
    assert found(cells(c7="ACT High"), EXTRACT) == []
    assert found(cells(c7="Schengen"), SCHENGEN) == []
    assert found(cells(c7="Schengen"), EXTRACT) == [("V020", 7, "error")]


def test_that_national_data_has_no_longest_window() -> None:
    assert found(cells(c12="05/12/2031"), EXTRACT) == []


def test_that_strict_checking_wants_the_recommended_cells() -> None:
    row = cells(c8="", c9="", c10="", c11="", c16="", c5="Assess")
    assert found(row, STRICT) == [("V006", n, "error") for n in (8, 9, 10, 11, 16)]


@pytest.mark.parametrize("pattern", ["AB5*", "?B51?BC", "*AB5*", "a?51*"])
def test_that_patterns_are_taken_where_they_are_allowed(pattern: str) -> None:
    record = check_record(cells(c1=pattern), 1, RULES, TODAY, PATTERNS)
    assert not record.findings
    assert record.entry is not None
    assert record.entry.vrm == pattern.upper()
    assert record.entry.is_pattern


@pytest.mark.parametrize("pattern", ["*", "AB*", "A*B*1*", "A B1*", "AB1*" + "?" * 13, "É12*"])
def test_that_patterns_that_are_too_open_are_refused(pattern: str) -> None:
    assert found(cells(c1=pattern), PATTERNS) == [("V002", 1, "error")]


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"c5": " stop"}, ["ACTION"]),
        ({"c5": "NO ALERT"}, ["ACTION"]),
        ({"c7": "Serious Crime"}, ["REASON"]),
        ({"c7": "low crime drugs"}, ["REASON"]),
        ({"c7": "DRUGS"}, ["REASON"]),
        ({"c14": "official-sensitive "}, ["GSC"]),
        ({}, []),
    ],
)
def test_that_lenient_reading_takes_other_spellings_and_says_so(
    changes: dict[str, str], changed: list[str]
) -> None:
    record = check_record(cells(**changes), 1, RULES, TODAY, LENIENT)
    assert not record.findings
    assert record.changes == changed
    assert record.entry is not None
    assert record.entry.reason in RULES.reasons_of[ListSource.LEA]
    assert record.entry.gsc in RULES.gsc


def test_that_lenient_reading_is_not_careless() -> None:
    row = cells(c5="halt", c7="no tax", c14="secret")
    assert [code for code, _c, _s in found(row, LENIENT)] == ["V010", "V020", "V060"]
    assert found(cells(c7="No Tax"), LENIENT) == [("V021", 7, "error")]


def test_that_an_entry_of_the_future_is_kept_and_marked() -> None:
    record = check_record(cells(c11="21/11/2026"), 1, RULES, TODAY)
    assert record.is_future
    assert record.entry is not None


def test_that_a_weeded_entry_is_left_out_and_marked() -> None:
    record = check_record(cells(c12="20/11/2026"), 1, RULES, TODAY)
    assert record.is_weeded
    assert record.entry is None


def test_that_an_entry_without_a_start_counts_from_today() -> None:
    entry = check_record(cells(c11=" "), 1, RULES, TODAY).entry
    assert entry is not None
    assert entry.starts_on == TODAY


def test_that_the_text_is_kept_composed_and_a_blank_grade_as_nothing() -> None:
    row = cells(c9=unicodedata.normalize("NFD", "Café"), c8=" ")
    entry = check_record(row, 1, RULES, TODAY).entry
    assert entry is not None
    assert entry.information == "Café"
    assert entry.intel == ""


def test_that_no_finding_repeats_a_cell() -> None:
    secret = "SECRETCELL"
    row = [f"{secret}{n} x" for n in range(16)]
    for finding in check_record(row, 1, RULES, TODAY).findings:
        assert secret not in finding.message + finding.remedy
        assert finding.severity is Severity.ERROR


def test_that_a_window_may_be_as_long_as_the_rules_say_and_no_longer() -> None:
    start = TODAY - timedelta(days=3)
    for days, codes in ((28, []), (29, ["V053"])):
        weed = start + timedelta(days=days)
        row = cells(c11=f"{start:%d/%m/%Y}", c12=f"{weed:%d/%m/%Y}")
        assert [code for code, _c, _s in found(row)] == codes
