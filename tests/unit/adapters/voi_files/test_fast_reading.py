"""Reading in bulk finds what reading one by one finds, whatever the file holds."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.adapters.voi_files import ParsedList, csv_reader
from nas_desktop.adapters.voi_files.formats import table_of
from nas_desktop.domain.matching.columns import (
    buffer_of,
    columns_of,
    words_at,
)
from nas_desktop.services.resources import load_spec
from nas_desktop.simulator.marks import invent_mark
from tests.unit.adapters.voi_files.files import CLEAN, cells, read, text

GRAMMAR = load_spec().grammar

# What each column may hold: fit, nearly fit, and far from it.
WORDS = {
    1: ["AB51ABC", "AB51ABD", "ab51abe", "QQQQQQQ", "QQ111QQQ", "A1", "1X1X1X1", "", "AB 1",
        "A" * 16, "A" * 17, "IA1234", "99999", "ABCDEFGHI", "AB5*", "ABCDEFGH12345678", "Ä1"],
    5: ["Stop", "Assess", "No Alert", "stop", "", "No  Alert", "Stop\x00"[:4], "Stopp"],
    6: ["", "FI", "FI VI", "FI VI ES", "fi", "FI  VI", "FI,VI", " FI", "FIVI", "F", "FI V I ES"],
    7: ["Drugs", "Intel Serious Crime", "LEA P6", "LEA P7", "No Tax", "Drugs, Cloned", "",
        "Offender Management", "Offender Managemen", "Offender Managements X"],
    8: ["1BP", "3EC", "", "4BP", "1BPP", "1bp", " BP", "B24"],
    9: ["Stop.", "", " ", "x" * 198, "x" * 199, "a,b", 'say "no"', "é" * 198, "two\nlines", "\t",
        "e\u0301" * 198, '"', '""', "a\rb", "\x01"],
    10: ["Cheshire", "", " x", "\u00a0"],
    11: ["10/11/2026", "", "31/11/2026", "29/02/2024", "10/11/26", "10-11-2026", "01/01/1970",
         "21/11/2026", "10/13/2026", "00/11/2026", "1//11/2026"],
    12: ["05/12/2026", "08/12/2026", "09/12/2026", "20/11/2026", "21/11/2026", "", "31/12/2999",
         "05/12/20260", "29/02/2028", "05.12.2026"],
    14: ["OFFICIAL", "OFFICIAL-SENSITIVE", "", "OFFICIAL ", "OFFICIAL-SENSITIVES"],
    16: ["FIM", "", " ", "é", ","],
}  # fmt: skip

ROWS = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.dictionaries(st.sampled_from(sorted(WORDS)), st.integers(0, 100), max_size=3),
        st.booleans(),
    ),
    max_size=25,
)


def same(fast: ParsedList, slow: ParsedList) -> None:
    assert fast.findings == slow.findings
    assert fast.counts == slow.counts
    assert list(fast.entries) == list(slow.entries)
    columns, made = fast.entries.columns, columns_of(list(slow.entries))
    assert np.array_equal(columns.keys, made.keys)
    assert np.array_equal(columns.starts, made.starts)
    assert np.array_equal(columns.weeds, made.weeds)
    assert (fast.encoding, fast.has_header, fast.notes) == (
        slow.encoding, slow.has_header, slow.notes,
    )  # fmt: skip
    assert b"".join(fast.entries.blocks) == b"".join(slow.entries.blocks)


def both(data: bytes, **options: bool) -> None:
    same(read(data, **options), read(data, is_fast=False, **options))


def a_line(number: int, changes: dict[int, int], is_quoted: bool) -> str:
    row = cells(number)
    for column, place in changes.items():
        row[column - 1] = WORDS[column][place % len(WORDS[column])]
    if is_quoted:
        return ",".join('"' + cell.replace('"', '""') + '"' for cell in row)
    return text(row, end="", header=False).decode()


@given(
    ROWS,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "cp1252", "utf-8-sig"]),
    st.booleans(),
    st.booleans(),
)
def test_that_rows_near_the_rules_are_judged_alike(
    rows: list[tuple[int, dict[int, int], bool]], end: str, encoding: str, strict: bool, open_: bool
) -> None:
    lines = [a_line(*row) for row in rows] or [",".join(CLEAN)]
    data = end.join(lines).encode(encoding, "replace")
    both(data, is_strict=strict, allows_patterns=open_)


PIECES = st.sampled_from(
    [
        ",",
        "\n",
        "\r\n",
        "\r",
        '"',
        '""',
        ",,",
        "x",
        "é",
        "\x85",
        "\u2028",
        "VRM",
        "05/12/2026",
        "\t",
    ]
)


@given(ROWS, st.lists(st.tuples(st.integers(0, 5_000), PIECES), max_size=6))
def test_that_torn_files_are_judged_alike(
    rows: list[tuple[int, dict[int, int], bool]], tears: list[tuple[int, str]]
) -> None:
    whole = "\n".join([",".join(CLEAN), *(a_line(*row) for row in rows)])
    for place, piece in tears:
        at = place % (len(whole) + 1)
        whole = whole[:at] + piece + whole[at:]
    both(whole.encode())


@given(st.lists(PIECES, min_size=1, max_size=80))
def test_that_rubbish_is_judged_alike(pieces: list[str]) -> None:
    both((",".join(CLEAN) + "\n" + "".join(pieces)).encode())


@pytest.mark.parametrize("size", [70, 333, 4_096])
def test_that_chunks_do_not_show(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(size)
    lines = [
        a_line(
            rng.randrange(200),
            {c: rng.randrange(100) for c in rng.sample(sorted(WORDS), rng.choice((0, 0, 1, 2)))},
            rng.random() < 0.2,
        )
        for _ in range(400)
    ]
    data = "\n".join(lines).encode()
    whole = read(data)
    monkeypatch.setattr(csv_reader, "CHUNK_BYTES", size)
    same(read(data), whole)


# ------------------------------------------------------------------ known formats


def test_that_the_table_of_formats_says_what_the_patterns_say() -> None:
    table = table_of(GRAMMAR.patterns)
    assert table is not None
    rng = random.Random(5)
    marks = [str(invent_mark(rng, 2026)[0]) for _ in range(3_000)]
    marks += ["".join(rng.choices("ABCDEQIOZ012519WX", k=rng.randint(1, 16))) for _ in range(9_000)]
    buffer, starts, lengths = buffer_of(marks)
    known = table.are_known(*words_at(buffer, starts, lengths))
    assert known.tolist() == [bool(GRAMMAR.classify(mark)) for mark in marks]  # type: ignore[arg-type]
    assert 2_000 < known.sum() < 10_000


@pytest.mark.parametrize("pattern", ["A+", "(?=A)B", "[^A]B", "A|\\w", "^A$", "(A)\\1"])
def test_that_a_pattern_that_is_not_understood_gives_no_table(pattern: str) -> None:
    assert table_of((pattern,)) is None
