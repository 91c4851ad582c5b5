"""Reading list files: what is good, what is bad, and what was never a list."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nas_desktop.adapters.voi_files import ReadOptions, csv_reader, read_list
from nas_desktop.adapters.voi_files.convert import convert_list
from nas_desktop.adapters.voi_files.report import write_report
from nas_desktop.adapters.voi_files.writer import write_list, write_rows
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.voi import Action, ListSource
from tests.builders import an_entry
from tests.unit.adapters.voi_files.files import CLEAN, RULES, TODAY, cells, codes, read, text

LEGACY = [
    "AB51ABC", "FORD", "FOCUS", "BLUE", "STOP", "FI", "Drugs", "B24", "Stop.", "Cheshire",
    "05/12/2026", "73/1A", "RESTRICTED", "CAD 1", "", "",
]  # fmt: skip


def refusal(source: bytes | Path, **options: bool) -> Refused:
    with pytest.raises(Refused) as caught:
        read_list(source, ReadOptions(RULES, TODAY, name="07_x", **options))
    assert caught.value.remedy
    return caught.value


# ------------------------------------------------------------------ good files


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_that_every_way_to_end_lines_reads_alike(end: str, header: bool, mark: bytes) -> None:
    parsed = read(mark + text(cells(0), cells(1, c9="Stop, search"), end=end, header=header))
    assert parsed.is_fit
    assert codes(parsed) == []
    assert parsed.has_header is header
    assert parsed.encoding == ("UTF-8 with BOM" if mark else "UTF-8")
    assert [entry.vrm for entry in parsed.entries] == ["AB51AAC", "AB51ABC"]
    assert parsed.entries[1].information == "Stop, search"
    assert (parsed.prefix, parsed.badge, parsed.layout) == ("07", "CHESH", "v3.1")


def test_that_a_last_line_without_an_end_and_blank_lines_are_read() -> None:
    data = text(cells(0)) + b"\n\r\n" + text(cells(1), header=False)[:-1]
    parsed = read(data)
    assert (parsed.counts.records, parsed.counts.entries) == (2, 2)


def test_that_entries_are_counted_by_kind() -> None:
    parsed = read(
        text(
            cells(0),
            cells(1, c5="Assess"),
            cells(2, c5="No Alert", c11="25/11/2026"),
            cells(3, c11="01/11/2026", c12="15/11/2026"),
        )
    )
    assert parsed.counts.by_action == {Action.STOP: 1, Action.ASSESS: 1, Action.NO_ALERT: 1}
    assert (parsed.counts.future, parsed.counts.weeded) == (1, 1)
    assert codes(parsed) == [(5, "V052")]
    assert not parsed.is_fit


def test_that_windows_1252_is_read_and_said() -> None:
    data = text(cells(0, c9="Café")) + text(cells(1, c9="£5 – Straße"), header=False)
    parsed = read(data.decode().encode("cp1252"))
    assert parsed.encoding == "Windows-1252"
    assert [entry.information for entry in parsed.entries] == ["Café", "£5 – Straße"]
    assert any("Windows-1252" in note for note in parsed.notes)


def test_that_a_file_of_both_encodings_is_read_line_by_line() -> None:
    data = text(cells(0, c9="Café")) + text(cells(1, c9="Café"), header=False).decode().encode(
        "cp1252"
    )
    assert [entry.information for entry in read(data).entries] == ["Café", "Café"]


def test_that_every_cell_may_be_quoted() -> None:
    rows = [cells(n, c9='Say "stop", then search') for n in range(3)]
    lines = [",".join('"' + c.replace('"', '""') + '"' for c in row) + "\r\n" for row in rows]
    parsed = read("".join(lines).encode())
    assert codes(parsed) == []
    plain = read(text(*rows, header=False))
    assert list(parsed.entries) == list(plain.entries)
    assert list(parsed.entries.blocks) == list(plain.entries.blocks)


# ------------------------------------------------------------------ faults of records


def test_that_lines_are_physical_lines() -> None:
    parsed = read(text(cells(0, c9="a\nb\r\nc"), cells(1, c5="Halt"), cells(2), cells(3, c7="x")))
    assert codes(parsed) == [(2, "V041"), (5, "V010"), (7, "V020")]


def test_that_a_quotation_mark_that_is_never_closed_costs_one_record() -> None:
    stray = text(cells(0), header=False).replace(b"FOCUS", b'"FOCUS')
    parsed = read(text() + stray + text(*(cells(n) for n in range(1, 40)), header=False))
    assert codes(parsed) == [(2, "V001")]
    assert parsed.counts.entries == 39


def test_that_two_stray_marks_do_not_swallow_what_is_between() -> None:
    first = text(cells(0), header=False).replace(b"FOCUS", b'"FOCUS')
    second = text(cells(2), header=False).replace(b"FOCUS", b'FOCUS"')
    parsed = read(text() + first + text(cells(1), header=False) + second)
    assert codes(parsed) == [(2, "V001")]
    assert [entry.vrm for entry in parsed.entries] == ["AB51ABC", "AB51ACC"]
    assert parsed.entries[1].model == 'FOCUS"'


def test_that_a_file_cut_off_within_quotes_says_so() -> None:
    data = text(cells(0), cells(1, c9="Stop, search"))
    parsed = read(data[: data.rindex(b"search")])
    assert codes(parsed) == [(3, "V001")]
    assert parsed.counts.entries == 1


def test_that_marks_inside_a_cell_stay_as_they_are() -> None:
    data = text(cells(0)).replace(b"FORD", b'6" pipe').replace(b"FOCUS", b'a"b"c')
    entry = read(data).entries[0]
    assert (entry.make, entry.model) == ('6" pipe', 'a"b"c')


def test_that_a_record_over_lines_at_the_edge_of_a_chunk_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [cells(n, c4="two\nlines" if n % 3 else "BLUE") for n in range(40)]
    whole = read(text(*rows))
    for size in (64, 100, 997):
        monkeypatch.setattr(csv_reader, "CHUNK_BYTES", size)
        parsed = read(text(*rows))
        assert list(parsed.entries) == list(whole.entries)
        assert parsed.counts == whole.counts


def test_that_a_line_of_many_megabytes_is_one_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_reader, "CHUNK_BYTES", 256 * 1024)
    data = text(cells(0)) + b"x" * 3_000_000 + b"\n" + text(cells(1), header=False)
    parsed = read(data)
    assert codes(parsed) == [(3, "V001")]
    assert "64 KiB" in parsed.findings[0].message
    assert parsed.counts.entries == 2


def test_that_a_line_a_little_too_long_is_one_fault() -> None:
    data = text(cells(0)) + b"x" * 70_000 + b"\n" + text(cells(1), header=False)
    assert codes(read(data)) == [(3, "V001")]


def test_that_one_endless_line_is_one_fault() -> None:
    parsed = read(b"y" * 5_000_000)
    assert codes(parsed) == [(1, "V001")]
    assert parsed.counts.entries == 0


def test_that_an_unclosed_mark_before_a_long_row_of_lines_is_bounded() -> None:
    data = text(cells(0)) + b'"open\n' + b"x\n" * 100
    assert codes(read(data))[:2] == [(3, "V001"), (4, "V001")]


def test_that_a_header_is_one_only_at_the_beginning() -> None:
    data = text(cells(0), header=False) + text(cells(1))
    parsed = read(data)
    assert not parsed.has_header
    assert (2, "V010") in codes(parsed)


def test_that_many_findings_are_counted_and_bounded() -> None:
    rows = [cells(n % 200, c5="Halt") for n in range(3_000)]
    parsed = read(text(*rows))
    assert (len(parsed.findings), parsed.omitted) == (1_000, 2_000)
    assert parsed.counts.by_code == {"V010": 3_000}
    assert parsed.counts.errors == 3_000
    everything = read(text(*rows), findings_kept=None)
    assert (len(everything.findings), everything.omitted) == (3_000, 0)


def test_that_a_name_without_a_prefix_is_found() -> None:
    assert codes(read(text(cells(0)), name="Cheshire")) == [(0, "V090")]
    assert read(text(cells(0)), name="Cheshire").is_fit
    assert not read(text(cells(0)), name="Cheshire", is_upload=True).is_fit


def test_that_the_reading_can_be_cancelled_and_tells_how_far_it_is() -> None:
    seen: list[tuple[int, int]] = []
    data = text(cells(0))
    options = ReadOptions(RULES, TODAY, name="07_x")
    read_list(data, options, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(data), len(data))
    with pytest.raises(Refused, match="cancelled") as caught:
        read_list(data, options, cancelled=lambda: True)
    assert caught.value.code == "list_cancelled"


# ------------------------------------------------------------------ doubles


def test_that_of_two_records_the_one_of_higher_priority_is_kept() -> None:
    parsed = read(
        text(
            cells(0, c5="Assess"),
            cells(1),
            cells(0, c5="Stop"),
            cells(0, c5="No Alert"),
            cells(1, c9="the second"),
            cells(1, c5="Halt"),
        )
    )
    assert codes(parsed) == [(4, "V080"), (5, "V080"), (6, "V080"), (7, "V010")]
    assert [(e.vrm, e.action.value) for e in parsed.entries] == [
        ("AB51ABC", "Stop"), ("AB51AAC", "Stop"),
    ]  # fmt: skip
    assert parsed.entries[0].information == "Stop and search."
    assert parsed.counts.doubled == 3
    assert parsed.counts.by_action[Action.STOP] == 2
    assert len(parsed.entries.columns) == 2


def test_that_the_tier_decides_between_two_of_one_action() -> None:
    parsed = read(text(cells(0, c7="Drugs", c6=""), cells(0, c7="LEA P1", c6="")))
    assert [entry.reason for entry in parsed.entries] == ["LEA P1"]


def test_that_long_marks_and_patterns_come_twice_too() -> None:
    rows = [
        cells(0, c1="ABCDEFGH1234"), cells(0, c1="AB51*"), cells(0, c1="abcdefgh1234"),
        cells(0, c1="AB51*"), cells(0, c1="AB52*"), cells(0, c1="ABCDEFGH1235"),
    ]  # fmt: skip
    parsed = read(text(*rows), allows_patterns=True)
    assert [found for found in codes(parsed) if found[1] == "V080"] == [(4, "V080"), (5, "V080")]
    assert parsed.counts.patterns == 2
    assert len(parsed.entries) == 4


def test_that_a_list_of_one_vrm_alone_is_one_entry() -> None:
    parsed = read(text(*[cells(0)] * 1_500), findings_kept=None)
    assert len(parsed.entries) == 1
    assert [line for line, _code in codes(parsed)] == list(range(3, 1_502))


# ------------------------------------------------------------------ what is no list


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "list_empty"),
        (b"\xef\xbb\xbf", "list_empty"),
        (b" \r\n\r\n", "list_empty"),
        (text(), "list_empty"),
        (text(cells(0)).decode().encode("utf-16"), "list_encoding"),
        (text(cells(0)).decode().encode("utf-16-le"), "list_encoding"),
        (text(cells(0)).decode().encode("utf-16-be"), "list_encoding"),
        (text(cells(0)).decode().encode("utf-32"), "list_encoding"),
        (text(cells(0)) + b"AB\0CD\n", "list_nul"),
        (bytes(range(256)) * 20, "list_binary"),
        (b"%PDF-1.7\n", "list_binary"),
        (b"\x89PNG\r\n\x1a\n", "list_binary"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "list_old_workbook"),
        (b"PK\x03\x04nonsense", "list_workbook"),
        (";".join(CLEAN).encode(), "list_separator"),
        ("\t".join(CLEAN).encode(), "list_separator"),
        ("|".join(CLEAN).encode(), "list_separator"),
        (text(LEGACY), "list_legacy"),
    ],
)
def test_that_what_is_no_list_is_refused_with_its_own_reason(data: bytes, code: str) -> None:
    assert refusal(data).code == code


def test_that_a_refusal_for_nul_names_the_line() -> None:
    assert "Line 3" in refusal(text(cells(0)) + b"AB\0CD\n").message


def test_that_prose_is_faults_and_no_entries() -> None:
    parsed = read(b"Dear colleague,\n\nplease find attached.\n")
    assert codes(parsed) == [(1, "V001"), (3, "V001")]
    assert len(parsed.entries) == 0


def test_that_a_missing_file_a_folder_and_a_forbidden_one_differ(tmp_path: Path) -> None:
    assert refusal(tmp_path / "07_x.csv").code == "list_missing"
    assert refusal(tmp_path).code == "list_folder"
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert refusal(pipe).code == "list_unreadable"  # and nobody waits for a writer
    assert refusal(Path("a\0b")).code == "list_unreadable"
    locked = tmp_path / "07_locked.csv"
    locked.write_bytes(text(cells(0)))
    locked.chmod(0)
    if not os.access(locked, os.R_OK):
        assert refusal(locked).code == "list_permission"


# ------------------------------------------------------------------ the older layout


def test_that_the_older_layout_is_read_when_it_is_asked_for() -> None:
    parsed = read(text(LEGACY, header=False), converts_legacy=True, contact="FIM 24 h")
    assert parsed.layout == "legacy"
    assert codes(parsed) == [(1, "V006")]
    assert parsed.entries[0].action is Action.STOP
    assert parsed.entries[0].contact == "FIM 24 h"
    assert parsed.counts.changes["START DATE set to today"] == 1


def test_that_the_older_layout_is_written_anew(tmp_path: Path) -> None:
    source, target = tmp_path / "07_old.csv", tmp_path / "07_new.csv"
    header = "VRM,Make,Model,Colour,Action,Warning Markers,Reason,NIM,Info,Force,Weed,P,G,C,1,2\n"
    source.write_bytes(header.encode() + text(LEGACY, ["AB1", *LEGACY[1:]], header=False))
    done = convert_list(source, target, RULES, TODAY, "FIM")
    assert done.records == 2
    assert done.changes["CONTACT filled in"] == 2
    parsed = read_list(target, ReadOptions(RULES, TODAY))
    assert [code for _line, code in codes(parsed)] == ["V006", "V006"]
    with pytest.raises(Refused, match="not of the older layout"):
        convert_list(target, source, RULES, TODAY)


def test_that_a_damaged_file_is_not_converted(tmp_path: Path) -> None:
    source = tmp_path / "07_old.csv"
    source.write_bytes(text(LEGACY, header=False) + b'"open\n')
    with pytest.raises(Refused, match="Line 2"):
        convert_list(source, tmp_path / "07_new.csv", RULES, TODAY)
    assert not (tmp_path / "07_new.csv").exists()


# ------------------------------------------------------------------ writing


def test_that_a_written_list_reads_back_exactly(tmp_path: Path) -> None:
    path = tmp_path / "07_x.csv"
    entries = [
        an_entry("AB51ABC"),
        an_entry("AB51ABD", make='=cmd|"x"', information="é, ü", warning_signals=()),
        an_entry("AB51ABE", colour="two\r\nlines"),
    ]
    assert write_list(path, entries) == 3
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(b"VRM,MAKE,")
    assert path.read_bytes().count(b"\r\n") == 5
    parsed = read_list(path, ReadOptions(RULES, TODAY, source=ListSource.NATIONAL))
    assert list(parsed.entries) == entries


def test_that_a_list_for_spreadsheets_holds_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "07_x.csv"
    write_list(path, [an_entry(make="=1+1", model="@x", contact="+44")], for_spreadsheets=True)
    line = path.read_text(encoding="utf-8").splitlines()[1]
    assert ",'=1+1,'@x," in line
    assert line.endswith(",'+44")


def test_that_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "07_x.csv"
    write_list(path, [an_entry()])
    before = path.read_bytes()
    with pytest.raises(ValueError, match="signal"):
        write_list(path, [an_entry(), an_entry(warning_signals=("A B",))])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(Refused, match="cannot be written"):
        write_list(tmp_path / "nowhere" / "x.csv", [])


def test_that_a_report_holds_places_and_words_and_no_cells(tmp_path: Path) -> None:
    parsed = read(text(cells(0, c5="SECRET"), cells(1, c1="")))
    assert write_report(tmp_path / "r.csv", parsed.findings) == 2
    report = (tmp_path / "r.csv").read_text(encoding="utf-8")
    assert "SECRET" not in report
    assert report.splitlines()[1].startswith("2,5,V010,error,")


def test_that_many_rows_are_written(tmp_path: Path) -> None:
    rows = [cells(n % 200) for n in range(2_500)]
    assert write_rows(tmp_path / "x.csv", rows) == 2_500
