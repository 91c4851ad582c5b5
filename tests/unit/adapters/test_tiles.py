"""Map files in a profile: one counts, whatever happens while it is changed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.store import tiles
from nas_desktop.adapters.store.tiles import (
    ACTIVE,
    FOLDER,
    active_tiles,
    check_tiles,
    install,
    name_of,
    open_tiles,
    remove,
    status,
)
from nas_desktop.domain.errors import Refused
from tests.map_files import PICTURES, VECTORS, mbtiles, metadata, pmtiles, png, vector_pmtiles


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "profile"


def kept(data: Path) -> list[str]:
    """Return the endings of what is in the folder of map files."""
    return sorted(path.suffix for path in (data / FOLDER).iterdir())


def test_that_there_is_no_map_file_at_first(data: Path) -> None:
    assert status(data) is None
    assert active_tiles(data) is None
    assert remove(data) is None
    assert not data.exists()


def test_that_a_map_file_is_copied_and_used(data: Path, tmp_path: Path) -> None:
    path = vector_pmtiles(tmp_path / "Devon & Cornwall.zip")
    told: list[tuple[int, int]] = []
    info = install(path, data, lambda done, total: told.append((done, total)))
    assert info.name == "Devon _ Cornwall.pmtiles"
    assert info.sha256 == check_tiles(path).sha256
    assert info.layers == ("roads", "waterlines")
    assert told == [(info.bytes, info.bytes)]
    path.unlink()
    assert status(data) == info
    source = active_tiles(data)
    assert source is not None
    assert source.tile(0, 0, 0)
    source.close()
    assert kept(data) == [".json", ".pmtiles"]


def test_that_another_takes_its_place(data: Path, tmp_path: Path) -> None:
    install(mbtiles(tmp_path / "a.mbtiles"), data)
    former = active_tiles(data)
    second = install(pmtiles(tmp_path / "b.pmtiles", {(0, 0, 0): png(9)}), data)
    assert status(data) == second
    assert kept(data) == [".json", ".pmtiles"]
    assert former is not None
    former.tile(0, 0, 0)
    former.close()


def test_that_the_same_may_be_installed_again(data: Path, tmp_path: Path) -> None:
    path = mbtiles(tmp_path / "a.mbtiles")
    assert install(path, data) == install(path, data) == status(data)
    assert kept(data) == [".json", ".mbtiles"]


def test_that_a_map_file_is_removed(data: Path, tmp_path: Path) -> None:
    info = install(mbtiles(tmp_path / "a.mbtiles"), data)
    assert remove(data) == info
    assert status(data) is None
    assert kept(data) == []


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("London 2026.mbtiles", "London 2026.mbtiles"),
        ("..mbtiles", "map.mbtiles"),
        ("a\nb\x1b[2J.x", "a b_2J.mbtiles"),
        ("Ynys Môn.db", "Ynys Môn.mbtiles"),
        ("....", "map.mbtiles"),
        ("x" * 200, "x" * 80 + ".mbtiles"),
    ],
)
def test_that_a_name_is_plain(name: str, plain: str, tmp_path: Path) -> None:
    assert name_of(mbtiles(tmp_path / "m").rename(tmp_path / name)) == plain


# ------------------------------------------------------------------ failures


def fails(*_args: Any, **_more: Any) -> Any:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("step", ["_copied", "_write_active", "_flush"])
def test_that_a_failure_leaves_all_as_it_was(
    step: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = install(mbtiles(tmp_path / "a.mbtiles"), data)
    monkeypatch.setattr(tiles, step, fails)
    with pytest.raises(Refused, match="No space left") as refusal:
        install(pmtiles(tmp_path / "b.pmtiles"), data)
    assert refusal.value.code == "map_unwritable"
    assert status(data) == info
    assert kept(data) == [".json", ".mbtiles"]


def test_that_a_bad_file_leaves_the_former(data: Path, tmp_path: Path) -> None:
    info = install(mbtiles(tmp_path / "a.mbtiles"), data)
    bad = tmp_path / "bad.mbtiles"
    bad.write_bytes(mbtiles(tmp_path / "c.mbtiles").read_bytes()[:-1])
    with pytest.raises(Refused, match="cut off"):
        install(bad, data)
    assert status(data) == info
    assert kept(data) == [".json", ".mbtiles"]


def test_that_a_source_that_cannot_be_read_is_named(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = mbtiles(tmp_path / "a.mbtiles")

    class Failing:
        read = fails

    chunk = tiles._chunk
    monkeypatch.setattr(tiles, "_chunk", lambda _source, name: chunk(Failing(), name))  # type: ignore[arg-type]
    with pytest.raises(Refused, match=r"a\.mbtiles cannot be read \(No space"):
        install(path, data)
    assert kept(data) == []


def test_that_a_file_that_goes_while_it_is_checked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = mbtiles(tmp_path / "a.mbtiles")
    monkeypatch.setattr("hashlib.file_digest", fails)
    with pytest.raises(Refused, match="cannot be read"):
        check_tiles(path)
    monkeypatch.setattr(tiles, "MbTiles", fails)
    with pytest.raises(Refused, match="cannot be read"):
        open_tiles(path)


def test_that_a_profile_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "profile"
    data.write_text("no folder")
    with pytest.raises(Refused) as refusal:
        install(mbtiles(tmp_path / "a.mbtiles"), data)
    assert refusal.value.code == "map_unwritable"


def test_that_what_another_holds_goes_the_next_time(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = mbtiles(tmp_path / "a.mbtiles")
    install(path, data)
    with monkeypatch.context() as held:
        held.setattr(Path, "unlink", fails)
        tiles._clear(data / FOLDER)
    assert kept(data) == [".json", ".mbtiles"]
    install(path, data)
    assert kept(data) == [".json", ".mbtiles"]


# ------------------------------------------------------------------ ends at any moment


KILLED = """
import os, sys
from pathlib import Path
from nas_desktop.adapters.store import tiles
step, path, data = sys.argv[1:]
before, _, step = step.rpartition(" ")
former = getattr(tiles, step)
def end(*args, **more):
    if before != "before":
        former(*args, **more)
    os._exit(9)
setattr(tiles, step, end)
tiles.install(Path(path), Path(data))
"""


@pytest.mark.parametrize(
    ("step", "counts"),
    [
        ("after _copied", "former"),
        ("before _write_active", "former"),
        ("before _flush", "former"),
        ("after _write_active", "new"),
        ("before _clear", "new"),
    ],
)
def test_that_an_end_at_any_moment_leaves_one_that_counts(
    step: str, counts: str, data: Path, tmp_path: Path
) -> None:
    former = install(mbtiles(tmp_path / "same.mbtiles"), data)
    (tmp_path / "new").mkdir()
    path = mbtiles(tmp_path / "new" / "same.mbtiles", {(0, 0, 0): png(9)})
    done = subprocess.run(
        [sys.executable, "-c", KILLED, step, str(path), str(data)],
        check=False,
    )
    assert done.returncode == 9
    assert len(kept(data)) > 2
    now = status(data)
    new = install(path, data)
    assert new != former
    assert now == (former if counts == "former" else new)
    assert kept(data) == [".json", ".mbtiles"]


# ------------------------------------------------------------------ what became of it


def only(data: Path) -> Path:
    (path,) = (data / FOLDER).glob("*.mbtiles")
    return path


def test_that_a_file_that_is_gone_is_told_of(data: Path, tmp_path: Path) -> None:
    install(mbtiles(tmp_path / "a.mbtiles"), data)
    only(data).unlink()
    with pytest.raises(Refused, match=r"a\.mbtiles is gone") as refusal:
        status(data)
    assert "map install" in refusal.value.remedy
    assert remove(data) is not None
    assert status(data) is None


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"\0"])
def test_that_a_file_of_another_size_is_told_of(
    change: Callable[[bytes], bytes], data: Path, tmp_path: Path
) -> None:
    install(mbtiles(tmp_path / "a.mbtiles"), data)
    path = only(data)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(Refused, match=r"a\.mbtiles has been changed"):
        active_tiles(data)


def test_that_a_file_of_other_content_is_told_of(data: Path, tmp_path: Path) -> None:
    install(mbtiles(tmp_path / "a.mbtiles"), data)
    path = only(data)
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(Refused, match="neither MBTiles nor PMTiles"):
        status(data)


def told(**changes: object) -> bytes:
    info = {
        "name": "a.mbtiles", "kind": "raster", "format": "png", "min_zoom": 0, "max_zoom": 2,
        "bounds": [0, 0, 1, 1], "attribution": "", "bytes": 1,
    }  # fmt: skip
    return json.dumps({"file": "0123456789ab.mbtiles", "info": info, **changes}).encode()


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"{}",
        b"[]",
        b"{" + b'"info":{' * 100_000,
        b'{"file": "\xff"}',
        told(info=None),
        told(info={"name": "x"}),
        told(file="../../../x.mbtiles"),
        told(file=""),
        told(file=".."),
        told(file="0123456789ab.mbtiles\0"),
        told(file=7),
    ],
)
def test_that_a_damaged_note_is_told_of_and_cleared_away(note: bytes, data: Path) -> None:
    folder = data / FOLDER
    folder.mkdir(parents=True)
    (folder / ACTIVE).write_bytes(note)
    (folder / "0123456789ab.mbtiles").write_bytes(b"x")
    (folder / "notes.txt").write_text("of somebody")
    with pytest.raises(Refused, match=r"active\.json, is damaged"):
        status(data)
    assert remove(data) is None
    assert kept(data) == [".txt"]
    assert status(data) is None


def test_that_a_note_of_before_layers_were_told_still_counts(data: Path, tmp_path: Path) -> None:
    install(mbtiles(tmp_path / "a.mbtiles", VECTORS, metadata("pbf")), data)
    note = data / FOLDER / ACTIVE
    form = json.loads(note.read_bytes())
    del form["info"]["layers"]
    note.write_text(json.dumps(form))
    info = status(data)
    assert info is not None
    assert info.layers == ("roads", "waterlines")


def test_that_the_most_that_a_note_can_say_is_read_again(data: Path, tmp_path: Path) -> None:
    layers = [{"id": f"{n:03} " + "\U0001f5fa" * 400} for n in range(200)]
    text = metadata("pbf", json=json.dumps({"vector_layers": layers}), attribution="é" * 400)
    info = install(mbtiles(tmp_path / "a.mbtiles", VECTORS, text), data)
    assert len(info.layers) == 100
    assert status(data) == info


def test_that_pictures_come_out_of_the_copy(data: Path, tmp_path: Path) -> None:
    install(mbtiles(tmp_path / "a.mbtiles"), data)
    source = active_tiles(data)
    assert source is not None
    assert [source.tile(*at) for at in PICTURES] == list(PICTURES.values())
    source.close()
