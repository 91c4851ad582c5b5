"""Map files: recognised by their content, opened, and kept in the profile, one of them active.

Every copy has a name of its own, and ``ACTIVE`` says which one counts. So the program may end at
any moment: either the former file counts or the new one, and what counts for nothing is cleared
away the next time. Nor does it matter that a window still has the former one open.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from nas_desktop.adapters.store import tiles_mbtiles, tiles_pmtiles
from nas_desktop.adapters.store.tiles_mbtiles import MbTiles
from nas_desktop.adapters.store.tiles_pmtiles import PmTiles
from nas_desktop.domain.errors import Refused
from nas_desktop.services.map_tiles import TileInfo, TileSource, plain_text, tiles_refused

FOLDER: Final = "map"
"""Where map files are, inside the folder of a profile."""

ACTIVE: Final = "active.json"
"""Which of them is shown, beside them."""

_CHUNK: Final = 1 << 20
_MOST_ACTIVE_BYTES: Final = 500_000
_OURS: Final = re.compile(r"[0-9a-f]{12}\.(?:mbtiles|pmtiles|part)")


_AGAIN: Final = "Install it again: nas-desktop map install FILE."


class _Active(msgspec.Struct):
    """What stands in ``ACTIVE``: the file that counts, and what it was when it was installed."""

    file: str
    info: TileInfo


def open_tiles(path: Path, name: str = "", sha256: str = "") -> TileSource:
    """Open a map file; its content and not its name says what it is.

    Args:
        path: an MBTiles or PMTiles file.
        name: what it is called; its own name if left out.
        sha256: of the file, if it is known; it is not computed here.

    Raises:
        Refused: ``tiles_unusable``; it cannot be read, is torn, or is no map file.
    """
    try:
        if not path.is_file():
            raise tiles_refused(f"{path.name} is no file.", "Give an .mbtiles or .pmtiles file.")
        with path.open("rb") as file:
            start = file.read(16)
        if start.startswith(tiles_mbtiles.MAGIC):
            return MbTiles(path, name, sha256)
        if start.startswith(tiles_pmtiles.MAGIC):
            return PmTiles(path, name, sha256)
    except OSError as fault:
        raise _unreadable(path.name, fault) from None
    raise tiles_refused(f"{path.name} is neither MBTiles nor PMTiles.")


def check_tiles(path: Path) -> TileInfo:
    """Return what a map file is, with its SHA-256; of 1 GB that takes some seconds.

    Raises:
        Refused: ``tiles_unusable``, with the reason.
    """
    source = open_tiles(path)
    source.close()
    try:
        with path.open("rb") as file:
            return replace(source.info, sha256=hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as fault:
        raise _unreadable(path.name, fault) from None


def install(
    path: Path, data: Path, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> TileInfo:
    """Copy a map file into a profile and make it the active one; the former one is removed.

    The copy is whole and checked before it counts. A failure leaves all as it was.

    Args:
        path: the file to copy.
        data: folder of the profile.
        progress: is told how many bytes of how many are copied.

    Raises:
        Refused: ``tiles_unusable``, ``map_unwritable``.
    """
    open_tiles(path).close()
    folder = data / FOLDER
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{secrets.token_hex(6)}.part"
        try:
            digest = _copied(path, part, progress)
            source = open_tiles(part, name_of(path), digest)
            source.close()
            target = part.with_suffix(_ending(part))
            part.replace(target)
            try:
                _write_active(folder, _Active(target.name, source.info))
            except OSError:
                target.unlink(missing_ok=True)
                raise
        finally:
            part.unlink(missing_ok=True)
    _clear(folder, but=target.name)
    return source.info


def remove(data: Path) -> TileInfo | None:
    """Remove the active map file; returns what it was, or None if there was none to be used.

    Raises:
        Refused: ``map_unwritable``.
    """
    folder = data / FOLDER
    try:
        active = _active(folder)
    except Refused:
        active = None
    with _written(folder):
        (folder / ACTIVE).unlink(missing_ok=True)
    _sync(folder)
    _clear(folder)
    return active.info if active else None


def status(data: Path) -> TileInfo | None:
    """Return what the active map file is, or None if there is none; it is opened and checked.

    Raises:
        Refused: ``tiles_unusable``; it is gone, changed in size, or damaged.
    """
    source = active_tiles(data)
    if source is None:
        return None
    source.close()
    return source.info


def active_tiles(data: Path) -> TileSource | None:
    """Open the active map file, or return None if there is none.

    Raises:
        Refused: ``tiles_unusable``; it is gone, changed in size, or damaged.
    """
    active = _active(data / FOLDER)
    if active is None:
        return None
    info = active.info
    path = data / FOLDER / active.file
    try:
        size = path.stat().st_size
    except OSError:
        raise tiles_refused(f"The map file {info.name} is gone.", _AGAIN) from None
    if size != info.bytes:
        raise tiles_refused(f"The map file {info.name} has been changed.", _AGAIN)
    return open_tiles(path, info.name, info.sha256)


class ProfileTiles:
    """The map files of one profile; see ``services.map_tiles.TileFiles``."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def open(self) -> TileSource | None:
        """See ``TileFiles.open``."""
        return active_tiles(self._data)

    def install(self, path: Path, progress: Callable[[int, int], None]) -> TileSource:
        """See ``TileFiles.install``."""
        install(path, self._data, progress)
        source = active_tiles(self._data)
        if source is None:
            raise tiles_refused(f"{path.name} was removed again at once.")
        return source

    def remove(self) -> None:
        """See ``TileFiles.remove``."""
        remove(self._data)


def name_of(path: Path) -> str:
    """Return what a map file is called in the profile: plain, and with the ending it ought to have.

    Raises:
        OSError: it cannot be read.
    """
    stem = re.sub(r"[^\w .()-]", "_", plain_text(path.stem))[:80].strip(" .") or "map"
    return stem + _ending(path)


def _ending(path: Path) -> str:
    with path.open("rb") as file:
        is_mbtiles = file.read(16).startswith(tiles_mbtiles.MAGIC)
    return ".mbtiles" if is_mbtiles else ".pmtiles"


def _unreadable(name: str, fault: OSError) -> Refused:
    return tiles_refused(
        f"{name} cannot be read ({fault.strerror or type(fault).__name__}).",
        "See to its rights, or copy it again.",
    )


@contextlib.contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise Refused(
            "map_unwritable",
            f"The map file cannot be kept in {folder} ({fault.strerror or type(fault).__name__}).",
            "Free space on the disk, and see to the rights of the folder.",
        ) from None


def _copied(path: Path, part: Path, progress: Callable[[int, int], None]) -> str:
    """Copy a file to the disk itself and return its SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as source, part.open("xb") as target:
        total, done = os.fstat(source.fileno()).st_size, 0
        while chunk := _chunk(source, path.name):
            digest.update(chunk)
            target.write(chunk)
            done += len(chunk)
            progress(done, total)
        _flush(target)
    return digest.hexdigest()


def _chunk(source: BinaryIO, name: str) -> bytes:
    try:
        return source.read(_CHUNK)
    except OSError as fault:
        raise _unreadable(name, fault) from None


def _write_active(folder: Path, active: _Active) -> None:
    part = folder / f"{secrets.token_hex(6)}.part"
    told = {"file": active.file, "info": asdict(active.info)}
    try:
        with part.open("xb") as file:
            file.write(json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n")
            _flush(file)
        part.replace(folder / ACTIVE)
    finally:
        part.unlink(missing_ok=True)
    _sync(folder)


def _active(folder: Path) -> _Active | None:
    """Return what stands in ``ACTIVE``, or None without it.

    Raises:
        Refused: ``tiles_unusable``; it cannot be read or is not what it ought to be.
    """
    try:
        with (folder / ACTIVE).open("rb") as file:
            active = msgspec.json.decode(file.read(_MOST_ACTIVE_BYTES), type=_Active)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        active = None
    # The name leads nowhere but into this folder.
    if active is None or not _OURS.fullmatch(active.file):
        raise tiles_refused(f"The note of the map file, {ACTIVE}, is damaged.", _AGAIN)
    return active


def _clear(folder: Path, but: str = "") -> None:
    """Remove what counts for nothing; what another program holds goes the next time."""
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if _OURS.fullmatch(path.name) and path.name != but:
                with contextlib.suppress(OSError):
                    path.unlink()


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Bring names to the disk, where the file system can."""
    if os.name == "posix":
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
