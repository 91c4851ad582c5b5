"""The ``map`` commands, as they are typed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nas_desktop.app import map_commands
from nas_desktop.app.command_line import main
from tests.map_files import ATTRIBUTION, mbtiles, metadata, vector_pmtiles

Nas = Callable[..., tuple[int, str, str]]


@pytest.fixture
def nas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Nas:
    """Return what runs ``nas-desktop map`` and gives its status, its data and its words."""
    # The process of the tests keeps its own.
    monkeypatch.setattr(os, "umask", lambda _mask: 0)

    def run(*argv: str) -> tuple[int, str, str]:
        done = main(["map", *argv, "--data", str(tmp_path / "profile")])
        said = capsys.readouterr()
        return done, said.out, said.err

    return run


def test_that_a_map_file_is_installed_looked_at_and_removed(nas: Nas, tmp_path: Path) -> None:
    path = vector_pmtiles(tmp_path / "Zoomstack.pmtiles")
    size = f"{path.stat().st_size:,} bytes."
    sentence = f"Zoomstack.pmtiles: vector tiles (pbf), zoom 0 to 2, {size}"
    assert nas("install", str(path)) == (0, "", f"Installed: {sentence}\n")
    done, out, words = nas("status")
    assert (done, words) == (0, "")
    assert out.splitlines()[:4] == [
        sentence,
        "  west -8.0000, south 49.7500, east 2.0000, north 61.0000 degrees",
        "  layers: roads, waterlines",
        f"  attribution: {ATTRIBUTION}",
    ]
    assert nas("remove") == (0, "", "Zoomstack.pmtiles is removed.\n")
    assert nas("status") == (0, "No map file is installed.\n", "")
    assert nas("remove") == (0, "", "No map file was in use.\n")


def test_that_the_status_is_for_programs_too(nas: Nas, tmp_path: Path) -> None:
    assert json.loads(nas("status", "--json")[1]) == {"map": None}
    nas("install", str(vector_pmtiles(tmp_path / "a.pmtiles")))
    done, out, words = nas("status", "--json")
    assert (done, words) == (0, "")
    form = json.loads(out)["map"]
    assert len(form.pop("sha256")) == 64
    assert form.pop("bytes") == (tmp_path / "a.pmtiles").stat().st_size
    assert form == {
        "name": "a.pmtiles",
        "kind": "vector",
        "format": "pbf",
        "min_zoom": 0,
        "max_zoom": 2,
        "bounds": [-8.0, 49.75, 2.0, 61.0],
        "attribution": ATTRIBUTION,
        "layers": ["roads", "waterlines"],
    }


def test_that_a_raster_has_no_layers_to_tell_of(nas: Nas, tmp_path: Path) -> None:
    nas("install", str(mbtiles(tmp_path / "a.mbtiles")))
    out = nas("status")[1]
    assert "raster tiles (png)" in out
    assert "layers" not in out


def test_that_a_file_without_attribution_is_installed_with_a_word(nas: Nas, tmp_path: Path) -> None:
    told = metadata("png", attribution="")
    done, _out, words = nas("install", str(mbtiles(tmp_path / "a.mbtiles", told=told)))
    assert done == 0
    assert "OS data has to be attributed" in words
    assert "attribution: none" in nas("status")[1]


def test_that_what_is_no_map_file_is_refused(nas: Nas, tmp_path: Path) -> None:
    path = tmp_path / "a.mbtiles"
    path.write_text("<html>")
    assert nas("install", str(path)) == (
        2,
        "",
        "a.mbtiles is neither MBTiles nor PMTiles.\nMake the file again; docs/map.md says how.\n",
    )
    assert nas("install", str(tmp_path / "none"))[0] == 2


def test_that_a_file_that_is_gone_is_refused_with_the_remedy(nas: Nas, tmp_path: Path) -> None:
    nas("install", str(mbtiles(tmp_path / "a.mbtiles")))
    for path in (tmp_path / "profile" / "map").glob("*.mbtiles"):
        path.unlink()
    for options in ((), ("--json",)):
        done, out, words = nas("status", *options)
        assert (done, out) == (2, "")
        assert words.startswith("The map file a.mbtiles is gone.\nInstall it again")


def test_that_simulations_have_a_map_file_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "umask", lambda _mask: 0)
    monkeypatch.setattr("nas_desktop.app.map_commands.data_folder", folder_in(tmp_path))
    main(["map", "install", str(mbtiles(tmp_path / "a.mbtiles")), "--simulation"])
    main(["map", "status"])
    assert capsys.readouterr().out == "No map file is installed.\n"
    main(["map", "status", "--simulation"])
    assert capsys.readouterr().out.startswith("a.mbtiles")


def folder_in(root: Path) -> Callable[..., Path]:
    return lambda _given, *, is_simulation: root / ("simulation" if is_simulation else "real")


def test_that_large_copies_show_on_a_terminal_how_far_they_are(
    nas: Nas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = mbtiles(tmp_path / "a.mbtiles")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "%" not in nas("install", str(path))[2]
    monkeypatch.setattr(map_commands, "_SHOWS_PROGRESS_BYTES", 1)
    monkeypatch.setattr("nas_desktop.adapters.store.tiles._CHUNK", path.stat().st_size // 2)
    words = nas("install", str(path))[2]
    assert words.startswith("50 % copied\r100 % copied\r\033[K")
