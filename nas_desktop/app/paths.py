"""Where the program keeps its data; simulated and real data never share a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nas_desktop.domain.errors import Refused


def data_folder(given: str | None, *, is_simulation: bool) -> Path:
    """Return the profile's folder: the one given, else the user's own.

    Raises:
        Refused: an empty name was given.
    """
    if given == "":
        raise Refused("folder_empty", "--data names no folder.", "Give one, or leave --data out.")
    if given:
        return Path(given).expanduser().resolve()
    name = "nas-desktop-simulation" if is_simulation else "nas-desktop"
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        root = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return root / name
