"""What ``doctor`` says of the map: who draws it and why, the map file, the shipped map."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nas_desktop.adapters.store.tiles import install
from nas_desktop.app import doctor_map
from nas_desktop.app.doctor_map import examine_map, missing_of
from nas_desktop.app.findings import Check, Finding
from tests.map_files import vector_pmtiles


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Return what the other process tells, to be filled."""
    words: dict[str, object] = {}
    monkeypatch.setattr(doctor_map, "_asked", lambda _folder: words)
    return words


def checks(folder: Path) -> dict[str, Check]:
    return {check.name: check for check in examine_map(folder)}


def test_that_chromium_is_named_where_it_draws(told: dict[str, object], tmp_path: Path) -> None:
    told["version"] = "140"
    found = checks(tmp_path)
    assert list(found) == ["map", "map file", "shipped map"]
    assert found["map"] == Check(
        "map", Finding.OK, "Chromium 140 draws it, without any network"
    )  # fmt: skip
    assert found["map file"].detail == "none; the shipped map is drawn"
    assert found["shipped map"].finding is Finding.OK


def test_that_missing_libraries_are_named(told: dict[str, object], tmp_path: Path) -> None:
    told["missing"] = "libnss3.so, libXtst.so.6"
    found = checks(tmp_path)["map"]
    assert found.finding is Finding.LIMITED
    assert found.detail == "Qt draws the plain map: Chromium lacks libnss3.so, libXtst.so.6"
    assert "make setup" in found.remedy


@pytest.mark.parametrize(
    ("is_root", "is_chosen", "finding", "remedy"),
    [
        (True, False, Finding.LIMITED, "ordinary user"),
        (False, False, Finding.LIMITED, "make setup"),
        (True, True, Finding.OK, ""),
    ],
)
def test_that_the_plain_map_has_its_reason(
    told: dict[str, object],
    tmp_path: Path,
    is_root: bool,
    is_chosen: bool,
    finding: Finding,
    remedy: str,
) -> None:
    told |= {"why": "Plain map: so it is.", "is_root": is_root, "is_chosen": is_chosen}
    found = checks(tmp_path)["map"]
    assert (found.finding, found.detail) == (finding, "Qt draws the plain map: so it is")
    assert remedy in found.remedy


@pytest.mark.qt
def test_that_another_process_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QTWEBENGINE_DISABLE_SANDBOX", "1")
    found = checks(tmp_path)["map"]
    assert found.detail.startswith(("Chromium 1", "Qt draws the plain map: Chromium lacks "))
    (tmp_path / "window.ini").write_text("[map]\nchromium=false\n")
    found = checks(tmp_path)["map"]
    assert (found.finding, found.remedy) == (Finding.OK, "")
    assert "switched off" in found.detail


@pytest.mark.qt
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="not root")
def test_that_root_is_told_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QTWEBENGINE_DISABLE_SANDBOX", raising=False)
    found = checks(tmp_path)["map"]
    assert (found.finding, found.remedy) == (
        Finding.LIMITED, "Start the desktop as an ordinary user."
    )  # fmt: skip
    assert "root" in found.detail


def test_that_a_process_that_hangs_or_breaks_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hangs(*_args: object, **_more: object) -> Any:
        raise subprocess.TimeoutExpired("python", 20)

    monkeypatch.setattr(doctor_map.subprocess, "run", hangs)
    assert "within 20 s" in checks(tmp_path)["map"].detail
    for output in (b"", b"[]", b"no JSON"):
        done = SimpleNamespace(stdout=output, returncode=-11)
        monkeypatch.setattr(doctor_map.subprocess, "run", lambda *_a, _d=done, **_m: _d)
        found = checks(tmp_path)["map"]
        assert (found.finding, "status -11" in found.detail) == (Finding.LIMITED, True)


def test_that_the_map_file_is_named_or_its_damage(told: dict[str, object], tmp_path: Path) -> None:
    told["version"] = "140"
    profile = tmp_path / "profile"
    install(vector_pmtiles(tmp_path / "Zoomstack.pmtiles"), profile, lambda _done, _all: None)
    found = checks(profile)["map file"]
    assert found == Check(
        "map file", Finding.OK, "Zoomstack.pmtiles, vector tiles, zoom 0 to 2"
    )  # fmt: skip
    for file in (profile / "map").rglob("*.pmtiles"):
        file.write_bytes(b"damaged")
    found = checks(profile)["map file"]
    assert found.finding is Finding.LIMITED
    assert "Zoomstack.pmtiles" in found.detail
    assert found.remedy


def test_that_a_damaged_shipped_map_is_a_problem(
    told: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> None:
        raise ValueError

    monkeypatch.setattr(doctor_map, "load_base_map", breaks)
    found = checks(tmp_path)["shipped map"]
    assert found.finding is Finding.PROBLEM
    assert found.remedy


def test_that_each_missing_library_is_named_once() -> None:
    words = (
        "\tlinux-vdso.so.1 (0x1)\n\tlibnss3.so => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x2)\n"
        "\tlibnss3.so => not found\n\tlibXtst.so.6 => not found\n"
    )
    assert missing_of(words) == ["libnss3.so", "libXtst.so.6"]
    assert missing_of("") == []


def test_that_libraries_are_looked_for_where_they_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_map.shutil, "which", lambda _name: None)
    assert doctor_map.missing_libraries() == []
    monkeypatch.setattr(doctor_map.shutil, "which", lambda _name: "/nowhere/ldd")
    assert doctor_map.missing_libraries() == []
