"""Where an export goes: a temporary name until it is whole and on record, then its own."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from pathlib import Path

from nas_desktop.domain.errors import Refused
from nas_desktop.services.exports import SUFFIXES, marked_path
from nas_desktop.services.searches import ExportFormat


def final_path(asked: Path, kind: ExportFormat, gsc: str, event_id: str = "") -> Path:
    """Return where an export goes, its marking in its name.

    A file that lies at the very path asked for is replaced, whoever chose it was asked; nothing
    else is ever written over. Images go into a new folder, inside the one named if that exists.

    Raises:
        Refused: ``export_path`` or ``export_exists``.
    """
    if not asked.is_absolute() or "\0" in str(asked):
        raise Refused("export_path", "The export needs a full path.", "Choose a file.")
    if kind is ExportFormat.IMAGES:
        base = asked / f"reads {event_id[:8]}".strip() if asked.is_dir() else asked
        path = marked_path(base, gsc)
    else:
        if asked.is_dir():
            raise Refused("export_exists", "There is a folder of this name.", "Name a file.")
        suffix = asked.suffix.lower()
        named = asked if suffix == SUFFIXES[kind] else asked.with_name(asked.name + SUFFIXES[kind])
        path = marked_path(named, gsc)
    may_replace = path == asked and path.is_file() and not path.is_symlink()
    if os.path.lexists(path) and (kind is ExportFormat.IMAGES or not may_replace):
        raise Refused(
            "export_exists",
            f"There is something of the name “{path.name}” already.",
            "Choose another name.",
        )
    if not path.parent.is_dir():
        raise Refused("export_path", "The folder does not exist.", "Choose another folder.")
    return path


def temporary(path: Path) -> Path:
    """Return a name beside the path that nothing has."""
    return path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}.part")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_durable(path: Path) -> None:
    """Have the disk hold what a file holds."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def give_name(part: Path, path: Path) -> None:
    """Give a finished export its name; a folder never takes the place of anything."""
    if part.is_dir() and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    part.replace(path)


def drop(part: Path) -> None:
    """Remove an export that is not to be; what cannot be removed stays under its odd name."""
    if part.is_dir():
        shutil.rmtree(part, ignore_errors=True)
    else:
        part.unlink(missing_ok=True)


def refusal_of(fault: OSError) -> Refused:
    """Return the words for an export that cannot be written."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return Refused(
            "export_full", "The disk is full; nothing was left on it.", "Choose another disk."
        )
    if fault.errno == errno.EEXIST:
        return Refused(
            "export_exists", "There is something of this name already.", "Choose another name."
        )
    return Refused(
        "export_unwritable",
        "The export cannot be written there.",
        "Check that the folder exists and that you may write in it.",
    )
