"""Workbooks: cells as text, the first sheet only, and no trap springs."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nas_desktop.adapters.voi_files import ReadOptions, read_list, workbook
from nas_desktop.adapters.voi_files.convert import convert_list
from nas_desktop.domain.errors import Refused
from tests.unit.adapters.voi_files.files import RULES, TODAY, cells, codes, read


def book(*rows: list[Any], header: bool = True, sheets: int = 1) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    if header:
        sheet.append(list(RULES.columns))
    for row in rows:
        sheet.append(row)
    for number in range(1, sheets):
        made.create_sheet(f"Other {number}")
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def changed(number: int, **changes: Any) -> list[Any]:
    row: list[Any] = cells(number)
    for name, value in changes.items():
        row[int(name[1:]) - 1] = value
    return row


def refusal(data: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        read_list(data, ReadOptions(RULES, TODAY, name="07_x"))
    assert caught.value.remedy
    return caught.value


def test_that_a_workbook_is_read_like_csv() -> None:
    parsed = read(
        book(
            changed(0, c11=date(2026, 11, 10), c12=datetime(2026, 12, 5)),  # noqa: DTZ001
            changed(1, c1=12345, c15=7.0, c13=None),
            changed(2, c5="Halt"),
        )
    )
    assert parsed.encoding == "Excel"
    assert parsed.has_header
    assert codes(parsed) == [(4, "V010")]
    assert [entry.vrm for entry in parsed.entries] == ["AB51AAC", "12345"]
    assert parsed.entries[0].weed_date == date(2026, 12, 5)
    assert parsed.entries[1].cad == "7"


def test_that_other_values_become_text() -> None:
    parsed = read(
        book(changed(0, c2=1.5, c3=True, c12=datetime(2026, 12, 5, 10, 30)), header=False)  # noqa: DTZ001
    )
    assert not parsed.has_header
    assert codes(parsed) == [(1, "V050")]


def test_that_only_the_first_sheet_is_read_and_that_is_said() -> None:
    parsed = read(book(cells(0), sheets=3))
    assert parsed.notes == ("Only the first sheet was read; the workbook has 2 more.",)


def test_that_a_formula_is_a_fault_and_never_evaluated() -> None:
    parsed = read(book(changed(0, c9='=HYPERLINK("x")'), cells(1)))
    assert codes(parsed) == [(2, "V001")]
    assert "Column 9 holds a formula" in parsed.findings[0].message
    assert [entry.vrm for entry in parsed.entries] == ["AB51ABC"]


def test_that_empty_rows_are_no_records_and_lines_stay_right() -> None:
    parsed = read(book(cells(0), [None] * 16, [], [*cells(1), "17th"], [*cells(2), None, ""]))
    assert codes(parsed) == [(5, "V001")]
    assert parsed.counts.records == 3


def test_that_many_rows_are_read_and_the_reading_can_be_cancelled() -> None:
    data = book(*(cells(n) for n in range(500)))
    seen: list[tuple[int, int]] = []
    options = ReadOptions(RULES, TODAY, name="07_x")
    parsed = read_list(data, options, lambda done, total: seen.append((done, total)))
    assert len(parsed.entries) == 500
    assert seen[-1] == (len(data), len(data))
    with pytest.raises(Refused, match="cancelled"):
        read_list(data, options, cancelled=lambda: True)


def test_that_a_workbook_of_the_older_layout_is_converted(tmp_path: Path) -> None:
    row = [*cells(0)[:4], "STOP", "", "Drugs", "B24", "Stop.", "Cheshire", date(2026, 12, 5), "",
           "PROTECT", "", "", ""]  # fmt: skip
    data = book(row)
    assert refusal(data).code == "list_legacy"
    source, target = tmp_path / "07_old.xlsx", tmp_path / "07_new.csv"
    source.write_bytes(data)
    assert convert_list(source, target, RULES, TODAY, "FIM").records == 1
    parsed = read_list(target, ReadOptions(RULES, TODAY))
    assert codes(parsed) == [(2, "V006")]
    assert parsed.entries[0].weed_date == date(2026, 12, 5)


def test_that_an_empty_workbook_is_refused() -> None:
    assert refusal(book()).code == "list_empty"
    assert refusal(book(header=False)).code == "list_empty"


def rebuilt(data: bytes, **parts: bytes) -> bytes:
    """Return a workbook with parts of it replaced."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, parts.get(name.rsplit("/", 1)[-1].split(".")[0], old.read(name)))
    return file.getvalue()


def test_that_a_bomb_is_refused_before_it_is_opened() -> None:
    data = rebuilt(book(cells(0)), sheet1=bytes(50_000_000))
    assert len(data) < 200_000
    assert refusal(data).code == "list_too_large"


def test_that_too_many_parts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_MAX_PARTS", 3)
    assert refusal(book(cells(0))).code == "list_too_large"


def test_that_a_damaged_workbook_is_refused() -> None:
    data = book(cells(0))
    assert refusal(rebuilt(data, sheet1=b"<worksheet><sheetData><row")).code == "list_workbook"
    assert refusal(rebuilt(data, workbook=b"<no")).code == "list_workbook"
    assert refusal(data[: len(data) // 2]).code == "list_workbook"


def test_that_a_packed_folder_is_no_workbook() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("07_x.csv", "VRM")
    assert refusal(file.getvalue()).message.startswith("The file is a packed folder")


def test_that_an_expanding_entity_is_not_expanded() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
        + b"]><worksheet><sheetData><row><c><v>&j;</v></c></row></sheetData></worksheet>"
    )
    assert refusal(rebuilt(book(cells(0)), sheet1=bomb)).code in ("list_workbook", "list_empty")


def test_that_a_sheet_that_lies_about_its_rows_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_MAX_BLANK_ROWS", 100)
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(cells(0))
    sheet.cell(1_000_000, 1, "AB51ABC")
    file = io.BytesIO()
    made.save(file)
    assert "empty rows" in refusal(file.getvalue()).message
