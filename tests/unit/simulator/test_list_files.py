"""Generated list files: decided by the seed, clean where they say so, faults where they say so."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from nas_desktop.adapters.voi_files import ParsedList, ReadOptions, read_list
from nas_desktop.domain.voi import ListSource
from nas_desktop.services.resources import load_template_rules
from nas_desktop.simulator.list_files import (
    ANSWERS,
    EXTRACT,
    PLANTED,
    ListFilesPlan,
    write_list_files,
)

TODAY = date(2026, 11, 20)
PLAN = ListFilesPlan(seed=4, today=TODAY, rows=3_000, faults=300)

EVERY_CODE = {
    "V001", "V002", "V003", "V004", "V005", "V006", "V010", "V020", "V021", "V022", "V030", "V040",
    "V041", "V050", "V051", "V052", "V053", "V060", "V070", "V080", "V090",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lists") / "new"
    write_list_files(folder, PLAN)
    return folder


def checked(path: Path, *, is_fast: bool = True) -> ParsedList:
    source = ListSource.PNC_EXTRACT if path.name == EXTRACT else ListSource.LEA
    return read_list(
        path,
        ReadOptions(
            load_template_rules(), TODAY, source=source, findings_kept=None, is_fast=is_fast
        ),
    )


def test_that_the_checker_finds_what_was_planted_and_nothing_else(folder: Path) -> None:
    answers = json.loads((folder / ANSWERS).read_text(encoding="utf-8"))
    assert {path.name for path in folder.glob("*.csv")} == set(answers)
    for name, planted in answers.items():
        found = [{"line": f.line, "code": f.code} for f in checked(folder / name).findings]
        assert found == planted, name


def test_that_every_code_is_planted(folder: Path) -> None:
    answers = json.loads((folder / ANSWERS).read_text(encoding="utf-8"))
    assert {item["code"] for planted in answers.values() for item in planted} == EVERY_CODE
    assert len(answers[PLANTED]) > PLAN.faults


def test_that_reading_one_by_one_finds_the_same(folder: Path) -> None:
    for name in (PLANTED, EXTRACT):
        fast, slow = checked(folder / name), checked(folder / name, is_fast=False)
        assert fast.findings == slow.findings
        assert fast.counts == slow.counts
        assert list(fast.entries) == list(slow.entries)


def test_that_the_extract_is_of_full_size_and_clean(folder: Path) -> None:
    parsed = checked(folder / EXTRACT)
    assert parsed.is_fit
    assert len(parsed.entries) == PLAN.rows
    assert len({entry.vrm for entry in parsed.entries}) == PLAN.rows
    reasons = {entry.reason for entry in parsed.entries}
    assert reasons == {
        "ACT High", "ACT Medium", "ACT Low", "LOS confirmed", "LOS unconfirmed", "REACT",
    }  # fmt: skip


def test_that_there_are_files_of_several_forces(folder: Path) -> None:
    badges = {checked(path).badge for path in folder.glob("[0-9]*.csv")}
    assert len(badges) >= 5


def test_that_the_seed_decides_everything(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    write_list_files(again, PLAN)
    for path in folder.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(("rows", "faults"), [(199, 0), (1_000, 101)])
def test_that_too_few_rows_are_refused(tmp_path: Path, rows: int, faults: int) -> None:
    with pytest.raises(ValueError, match="rows"):
        write_list_files(tmp_path, ListFilesPlan(1, TODAY, rows, faults))


def test_that_no_faults_may_be_asked_for(tmp_path: Path) -> None:
    answers = write_list_files(tmp_path, ListFilesPlan(2, TODAY, 200, 0))
    assert answers[PLANTED] == []
    assert checked(tmp_path / PLANTED).counts.entries == 200
