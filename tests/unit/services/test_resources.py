"""Shipped data files: found in a checkout and in a frozen program."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nas_desktop.services.resources import load_json, load_spec, resource_path


def test_that_the_specification_is_read_once() -> None:
    assert load_spec() is load_spec()
    assert "v3.1" in load_spec().version


def test_that_a_frozen_program_looks_beside_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "resources" / "spec"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text('{"a": "ä"}', encoding="utf-8")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource_path("spec") == folder
    assert load_json("spec", "x.json") == {"a": "ä"}


def test_that_every_spec_file_is_json() -> None:
    for path in resource_path("spec").glob("*.json"):
        assert load_json("spec", path.name)
