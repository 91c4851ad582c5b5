"""Part of ``doctor``: what draws the map here, and what lies under it.

Run as ``python -m nas_desktop.app.doctor_map FOLDER`` it tells of Chromium as one JSON object: a
library that is missing, or that never comes back, is another process's trouble then.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from nas_desktop.adapters.store.tiles import status
from nas_desktop.app.findings import Check, Finding
from nas_desktop.domain.errors import Refused
from nas_desktop.services.base_map import load_base_map

WITHIN_S = 20.0
"""Longest wait for the libraries; they take a second from a cold disk."""

_SETUP = "Run make setup; it installs the system libraries that Chromium needs, or names them."
_USER = "Start the desktop as an ordinary user."
_UNUSED = "Plain map: "


def examine_map(folder: Path) -> Iterator[Check]:
    """Yield what draws the map, which map file there is, and whether the shipped map is whole."""
    yield _drawn_by(folder)
    yield _file_of(folder)
    try:
        base = load_base_map()
    except (OSError, ValueError, KeyError) as fault:
        yield Check(
            "shipped map", Finding.PROBLEM, f"unreadable ({type(fault).__name__})",
            "Install the program again; its resources folder is damaged.",
        )  # fmt: skip
    else:
        yield Check(
            "shipped map", Finding.OK, f"{len(base.levels)} levels, {len(base.towns):,} towns"
        )


def _drawn_by(folder: Path) -> Check:
    told = _asked(folder)
    why, missing = str(told.get("why", "")), str(told.get("missing", ""))
    if missing:
        detail = f"Qt draws the plain map: Chromium lacks {missing}"
        return Check("map", Finding.LIMITED, detail, _SETUP)
    if why:
        detail = f"Qt draws the plain map: {why.removeprefix(_UNUSED).rstrip('.')}"
        if told.get("is_chosen"):
            return Check("map", Finding.OK, detail)
        return Check("map", Finding.LIMITED, detail, _USER if told.get("is_root") else _SETUP)
    return Check("map", Finding.OK, f"Chromium {told.get('version')} draws it, without any network")


def _file_of(folder: Path) -> Check:
    try:
        info = status(folder)
    except Refused as refusal:
        return Check("map file", Finding.LIMITED, refusal.message, refusal.remedy)
    if info is None:
        return Check("map file", Finding.OK, "none; the shipped map is drawn")
    return Check(
        "map file",
        Finding.OK,
        f"{info.name}, {info.kind} tiles, zoom {info.min_zoom} to {info.max_zoom}",
    )


def _asked(folder: Path) -> Mapping[str, object]:
    """Ask a process of its own what it can load of Chromium."""
    if getattr(sys, "frozen", False):
        return what_draws(folder)  # a bundle runs no module of its own, and lacks no library
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nas_desktop.app.doctor_map", str(folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=WITHIN_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"why": f"Chromium's libraries were not loaded within {WITHIN_S:.0f} s"}
    try:
        told = json.loads(done.stdout)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return {"why": f"loading Chromium's libraries ended with status {done.returncode}"}
    return told


def what_draws(folder: Path) -> dict[str, object]:
    """Return why the window of a profile would draw the plain map, or Chromium's version."""
    try:
        from PySide6.QtCore import QCoreApplication, QSettings, Qt

        from nas_desktop.ui.map.map_choice import CHROMIUM_KEY, why_plain
    except ImportError as fault:
        return {"missing": str(fault).partition(":")[0]}
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)  # as the window
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    why = why_plain(settings)
    if why:
        return {
            "why": why,
            "is_chosen": str(settings.value(CHROMIUM_KEY, "true")) == "false",
            "is_root": hasattr(os, "geteuid") and os.geteuid() == 0,
        }
    try:
        from PySide6.QtWebEngineCore import qWebEngineChromiumVersion

        importlib.import_module("PySide6.QtWebEngineWidgets")
    except ImportError as fault:
        return {"missing": ", ".join(missing_libraries()) or str(fault).partition(":")[0]}
    return {"version": str(qWebEngineChromiumVersion()).partition(".")[0]}


def missing_libraries() -> list[str]:
    """Return the libraries that Chromium needs and the system has not; empty if it cannot tell."""
    ldd, spec = shutil.which("ldd"), importlib.util.find_spec("PySide6")
    if ldd is None or spec is None or spec.origin is None:
        return []
    library = Path(spec.origin).parent / "Qt" / "lib" / "libQt6WebEngineCore.so.6"
    try:
        done = subprocess.run(
            [ldd, str(library)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=WITHIN_S / 2, check=False, text=True,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return []
    return missing_of(done.stdout)


def missing_of(words: str) -> list[str]:
    """Return the libraries that ``ldd`` did not find, in its order, each once."""
    names = [line.split()[0] for line in words.splitlines() if line.endswith("=> not found")]
    return list(dict.fromkeys(names))


if __name__ == "__main__":
    print(json.dumps(what_draws(Path(sys.argv[1]))))
