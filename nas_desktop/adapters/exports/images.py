"""Images of reads as a folder with a manifest that names the SHA-256 of each."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from nas_desktop.adapters.exports.texts import csv_cell
from nas_desktop.services.events import ImageKind
from nas_desktop.services.exports import ExportHead, cells_of, columns_of
from nas_desktop.services.searches import FoundRead

ImageOf = Callable[[FoundRead, ImageKind], bytes | None]
"""Returns an image of a read, None where the node does not hold it."""

_SUFFIXES = {b"\xff\xd8": ".jpg", b"\x89PNG": ".png", b"II*\0": ".tif", b"MM\0*": ".tif"}


def manifest_name(gsc: str) -> str:
    """Return the name of the manifest."""
    return f"manifest {gsc}.csv"


def write_images(
    folder: Path,
    rows: Iterable[FoundRead],
    head: ExportHead,
    image_of: ImageOf,
    progress: Callable[[int], None],
) -> Path:
    """Write the images of rows into an empty folder, then the manifest; returns its path.

    The manifest is CSV: what stands above every export, then a line for each image of each row
    with file, SHA-256 and size in bytes, or ``not held`` in the place of the file. ``progress`` is
    told how many rows are done.

    Raises:
        OSError: it cannot be written.
    """
    manifest = folder / manifest_name(head.gsc)
    with manifest.open("wb") as list_of_files:

        def put(cells: Iterable[str]) -> None:
            line = ",".join(map(csv_cell, cells)) + "\r\n"
            list_of_files.write(line.encode("utf-8", "replace"))

        list_of_files.write(f"# {head.gsc}\r\n".encode())
        for name, value in head.facts[1:]:
            said = " ".join(f"{name}: {value}".split())
            list_of_files.write(f"# {said}\r\n".encode("utf-8", "replace"))
        put(("File", "SHA-256", "Bytes", "Image", *columns_of(head)))
        for number, found in enumerate(rows, 1):
            for kind in ImageKind:
                data = image_of(found, kind)
                about: tuple[str, ...] = ("not held", "", "")
                if data is not None:
                    name = _file_name(number, found, kind, data, head.gsc)
                    _write(folder / name, data)
                    about = (name, hashlib.sha256(data).hexdigest(), str(len(data)))
                put((*about, str(kind), *cells_of(found, head)))
            progress(number)
        list_of_files.write(f"# {head.gsc}\r\n".encode())
        list_of_files.flush()
        os.fsync(list_of_files.fileno())
    return manifest


def _file_name(number: int, found: FoundRead, kind: ImageKind, data: bytes, gsc: str) -> str:
    mark = "".join(c for c in str(found.read.vrm) if c.isascii() and c.isalnum())[:16]
    at = f"{found.read.captured_at:%Y%m%dT%H%M%SZ}"
    suffix = next((end for start, end in _SUFFIXES.items() if data.startswith(start)), ".bin")
    return f"{number:06d} {mark} {at} {kind} {gsc}{suffix}"


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
