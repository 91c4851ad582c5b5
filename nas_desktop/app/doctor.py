"""``doctor``: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from nas_desktop.adapters.secrets import has_keyring
from nas_desktop.adapters.store.database import Database, StoreRefused
from nas_desktop.app.desktop import has_display
from nas_desktop.app.doctor_map import examine_map
from nas_desktop.app.findings import Check, Finding
from nas_desktop.app.sound_commands import what_sounds
from nas_desktop.domain.errors import Refused
from nas_desktop.node.profile import running_node
from nas_desktop.services.resources import load_spec, resource_path
from nas_desktop.ui.sound.port import NO_MULTIMEDIA

LOW_DISK = 2 * 1024**3
"""Free space below which a week of reads may not fit, bytes."""


def doctor(folder: Path, *, is_json: bool) -> int:
    """Print every check; 0 when nothing is a problem, 1 otherwise."""
    checks = [check for examine in _EXAMINATIONS for check in examine(folder)]
    if is_json:
        rows = [
            {"name": c.name, "finding": c.finding, "detail": c.detail, "remedy": c.remedy}
            for c in checks
        ]
        print(json.dumps({"checks": rows}))
    else:
        for check in checks:
            print(f"{check.finding:<8} {check.name}: {check.detail}")
            if check.remedy:
                print(f"         {check.remedy}")
    return 1 if any(c.finding is Finding.PROBLEM for c in checks) else 0


def _python(_folder: Path) -> Iterator[Check]:
    version = platform.python_version()
    is_known = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Check(
        "Python",
        Finding.OK if is_known else Finding.PROBLEM,
        version,
        "" if is_known else "Use Python 3.11, 3.12 or 3.13.",
    )


def _libraries(_folder: Path) -> Iterator[Check]:
    wanted = (
        "PySide6-Essentials",
        "PySide6-Addons",
        "websockets",
        "msgspec",
        "apsw-sqlite3mc",
        "Pillow",
        "keyring",
    )
    missing: list[str] = []
    held: list[str] = []
    for name in wanted:
        try:
            held.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    yield Check(
        "libraries",
        Finding.PROBLEM if missing else Finding.OK,
        f"missing: {', '.join(missing)}" if missing else ", ".join(held),
        "Run make setup." if missing else "",
    )


def _resources(_folder: Path) -> Iterator[Check]:
    try:
        spec = load_spec()
    except (OSError, ValueError, KeyError) as fault:
        yield Check(
            "specification data", Finding.PROBLEM, f"unreadable ({type(fault).__name__})",
            "Install the program again; its resources folder is damaged.",
        )  # fmt: skip
        return
    yield Check("specification data", Finding.OK, f"version {spec.version}")
    fonts = list(resource_path("fonts").glob("*.[ot]tf"))
    yield Check(
        "fonts",
        Finding.OK if fonts else Finding.LIMITED,
        f"{len(fonts)} shipped" if fonts else "none shipped; the system's are used",
    )


def _display(_folder: Path) -> Iterator[Check]:
    if has_display():
        yield Check("display", Finding.OK, os.environ.get("QT_QPA_PLATFORM") or "found")
    else:
        yield Check(
            "display", Finding.LIMITED, "none; the demo prints hits and saves a picture",
            "Start the desktop in a graphical session.",
        )  # fmt: skip
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as fault:
        yield Check(
            "Qt", Finding.PROBLEM, f"cannot be loaded ({fault})",
            "Run make setup; it installs the system libraries that Qt needs, or names them.",
        )  # fmt: skip
        return
    yield Check("Qt", Finding.OK, importlib.metadata.version("PySide6-Essentials"))


def _sound(_folder: Path) -> Iterator[Check]:
    found = what_sounds()
    if found.device:
        yield Check("sound", Finding.OK, found.device)
    elif found.why == NO_MULTIMEDIA:
        yield Check(
            "sound", Finding.LIMITED, "Qt Multimedia cannot be loaded; every sound is shown only",
            "Run make setup; libpulse0 is among the system libraries it needs.",
        )  # fmt: skip
    else:
        yield Check(
            "sound", Finding.LIMITED, "no output device; every sound is shown only",
            "Connect one, and see that the sound server runs (PipeWire or PulseAudio).",
        )  # fmt: skip
    if found.can_speak:
        yield Check("speech", Finding.OK, "an engine is there")
    else:
        yield Check(
            "speech", Finding.LIMITED, "no engine; hits are not spoken",
            "Install speech-dispatcher with a voice, if they are to be.",
        )  # fmt: skip


def _keyring(_folder: Path) -> Iterator[Check]:
    if has_keyring():
        yield Check("keyring", Finding.OK, "keeps the key of this desk's data")
    else:
        yield Check(
            "keyring",
            Finding.LIMITED,
            "none; what a desk stores would end with it, and its window says so",
            "Unlock or install one (for example gnome-keyring), or start with --key-fd.",
        )


def _data_folder(folder: Path) -> Iterator[Check]:
    probe = folder
    while not probe.exists() and probe != probe.parent:
        probe = probe.parent
    if not os.access(probe, os.W_OK):
        yield Check(
            "data folder", Finding.PROBLEM, f"{folder} cannot be written to",
            "Mend its permissions or give another with --data.",
        )  # fmt: skip
        return
    free = shutil.disk_usage(probe).free
    yield Check(
        "data folder",
        Finding.OK if free >= LOW_DISK else Finding.LIMITED,
        f"{folder}, {free / 1024**3:.1f} GiB free",
        "" if free >= LOW_DISK else "Free some space: a week of reads may not fit.",
    )
    running = running_node(folder)
    yield Check(
        "node", Finding.OK, f"running as {running.role}" if running is not None else "not running"
    )


def _storage(_folder: Path) -> Iterator[Check]:
    with tempfile.TemporaryDirectory(prefix="nas-desktop-doctor-") as name:
        path = Path(name) / "probe.db"
        try:
            Database(path, b"a" * 32, ()).close()
            Database(path, b"a" * 32, ()).close()
            head = path.read_bytes()[:16]
        except (StoreRefused, OSError) as fault:
            words = fault.message if isinstance(fault, Refused) else str(fault)
            yield Check("encrypted storage", Finding.PROBLEM, words, "Run make setup.")
            return
        is_plain = head.startswith(b"SQLite format 3")
        yield Check(
            "encrypted storage",
            Finding.PROBLEM if is_plain else Finding.OK,
            "files are not encrypted" if is_plain else "files are encrypted",
            "Run make setup: the wrong SQLite is installed." if is_plain else "",
        )


class _Timex(ctypes.Structure):
    """The beginning of Linux's ``struct timex``, as far as it is looked at."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    ]


_UNSYNCHRONISED = 0x0040


def _clock(_folder: Path) -> Iterator[Check]:
    remedy = "Let the operating system set its clock (NTP); latencies depend on it."
    if not sys.platform.startswith("linux"):
        yield Check("clock", Finding.LIMITED, "its source cannot be told on this system", remedy)
        return
    library = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    state = _Timex()
    try:
        answer = library.adjtimex(ctypes.byref(state))
    except (AttributeError, OSError):
        answer = -1
    if answer < 0:
        yield Check("clock", Finding.LIMITED, "the kernel does not say how it is set", remedy)
    elif state.status & _UNSYNCHRONISED:
        yield Check("clock", Finding.LIMITED, "not synchronised with any source", remedy)
    else:
        error_ms = state.maxerror / 1000
        yield Check("clock", Finding.OK, f"synchronised, at most {error_ms:.0f} ms off")


_EXAMINATIONS: tuple[Callable[[Path], Iterator[Check]], ...] = (
    _python,
    _libraries,
    _resources,
    _display,
    examine_map,
    _sound,
    _keyring,
    _data_folder,
    _storage,
    _clock,
)
