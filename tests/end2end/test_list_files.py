"""``nas-desktop lists`` and ``feed lists --out`` as scripts use them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.end2end.programs import command

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

KEYS = {"line", "column", "code", "severity", "message", "remedy"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    done = command(
        "feed", "lists", "--seed", "3", "--out", str(folder), "--rows", "20000", "--faults", "1500"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return folder


def test_that_the_json_form_names_every_planted_fault(folder: Path) -> None:
    name = "06_GMP Planted.csv"
    done = command("lists", "check", str(folder / name), "--json", "--all")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    planted = json.loads((folder / "answers.json").read_text(encoding="utf-8"))[name]
    assert [{"line": f["line"], "code": f["code"]} for f in told["findings"]] == planted
    assert all(set(finding) == KEYS for finding in told["findings"])
    assert (told["file"], told["omitted"]) == (str(folder / name), 0)
    assert told["entries"] < told["counts"]["records"] == 20_000


def test_that_the_findings_are_bounded_unless_all_are_asked_for(folder: Path) -> None:
    file = str(folder / "06_GMP Planted.csv")
    told = json.loads(command("lists", "check", file, "--json").stdout)
    assert len(told["findings"]) == 1_000
    assert told["omitted"] == sum(told["counts"]["by_code"].values()) - 1_000
    words = command("lists", "check", file)
    assert words.returncode == 1
    assert sum(line.startswith("Line ") for line in words.stdout.splitlines()) == 50
    assert "more; --all" in words.stdout


def test_that_a_clean_file_ends_with_0(folder: Path) -> None:
    done = command("lists", "check", str(folder / "07_Cheshire VOI List.csv"))
    assert done.returncode == 0, done.stdout
    assert "shown as CHESH" in done.stdout
    assert "No faults." in done.stdout


def test_that_the_extract_is_fit_as_what_it_is(folder: Path) -> None:
    file = str(folder / "pnc_extract.csv")
    assert command("lists", "check", file, "--source", "pnc_extract").returncode == 0
    assert command("lists", "check", file).returncode == 1


def test_that_a_warning_alone_ends_with_0_and_strictly_with_1(folder: Path) -> None:
    file = str(folder / "Planted without a prefix.csv")
    done = command("lists", "check", file, "--json")
    assert done.returncode == 0
    assert [f["code"] for f in json.loads(done.stdout)["findings"]] == ["V090"]
    assert command("lists", "check", file, "--strict").returncode == 1


def test_that_what_cannot_be_read_ends_with_2(tmp_path: Path) -> None:
    binary = tmp_path / "x.csv"
    binary.write_bytes(bytes(range(256)) * 9)
    for path in (tmp_path, tmp_path / "missing.csv", binary):
        done = command("lists", "check", str(path), "--json")
        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.strip().splitlines()) == 2


def test_that_a_report_can_be_sent_back(folder: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    done = command("lists", "check", str(folder / "06_GMP Planted.csv"), "--report", str(report))
    assert done.returncode == 1
    with report.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    planted = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    assert len(rows) - 1 == len(planted["06_GMP Planted.csv"])
    assert report.stat().st_mode & 0o777 == 0o600


def test_that_the_older_layout_is_named_and_converted(tmp_path: Path) -> None:
    old, new = tmp_path / "07_old.csv", tmp_path / "07_new.csv"
    row = "AB51ABC,FORD,,BLUE,SILENT,,Drugs,B24,Log only,Cheshire,01/01/2090,,RESTRICTED,,,\n"
    old.write_text(row, encoding="utf-8")
    refused = command("lists", "check", str(old))
    assert refused.returncode == 2
    assert "lists convert" in refused.stderr
    done = command("lists", "convert", str(old), str(new), "--contact", "FIM 24 h")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CONTACT filled in: 1 record" in done.stdout
    told = json.loads(command("lists", "check", str(new), "--json").stdout)
    assert [finding["code"] for finding in told["findings"]] == ["V006", "V053"]
    assert told["counts"]["no_alert"] == 1


def test_that_lists_need_a_node_or_a_folder() -> None:
    done = command("feed", "lists")
    assert done.returncode == 2
    assert "--out" in done.stderr
