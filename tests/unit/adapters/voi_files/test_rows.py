"""Rows of cells as text and back, and the two ways to take a line apart."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.adapters.voi_files.rows import is_well_quoted, row_text, split_line, split_row

CELLS = st.lists(st.text('ab, "\r\n\té', max_size=6), min_size=2, max_size=6)


@given(CELLS)
def test_that_a_row_comes_back(cells: list[str]) -> None:
    text = row_text(cells) + "\n"
    assert split_row(text) == (cells, len(text))
    assert is_well_quoted(row_text(cells))
    assert next(csv.reader(io.StringIO(text, newline=""), strict=True)) == cells


@given(st.text('ab, "é;', max_size=20))
def test_that_both_ways_take_a_line_apart_alike(line: str) -> None:
    whole = split_row(line)
    if line:
        assert split_line(line) == (whole[0] if whole else None)


@given(st.text('ab,"\n', max_size=30))
def test_that_a_text_is_read_as_spreadsheets_read(text: str) -> None:
    expected = list(csv.reader(io.StringIO(text, newline="")))
    found: list[list[str]] = []
    at = 0
    while at < len(text):
        split = split_row(text, at)
        if split is None:
            return
        cells, at = split
        found.append([] if cells == [""] and text[at - 1 : at] == "\n" else cells)
    # A line that is blank has no cells for the library, one that is empty quotes has one.
    assert [row or [""] for row in found] == [row or [""] for row in expected]


@pytest.mark.parametrize(
    ("text", "is_well"),
    [
        ('a,"b"', True),
        ('a,"b"\n', True),
        ('a,"b"\r\n', True),
        ('a,"b"x', False),
        ('a,b"', False),
        ('"a', False),
        ("", True),
    ],
)
def test_that_careless_quotation_is_told(text: str, is_well: bool) -> None:
    assert is_well_quoted(text) is is_well
