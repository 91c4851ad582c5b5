"""Whether Chromium can draw the map here; where it cannot, why, in one sentence."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSettings, Qt

from nas_desktop.services.ports import Clock
from nas_desktop.ui.map.map_view import MapView
from nas_desktop.ui.map.plain_map import PlainMap
from nas_desktop.ui.map.scene import MapScene

CHROMIUM_KEY = "map/chromium"
"""Setting: "false" has the plain map drawn always; for a force whose policy bars Chromium."""

CALM_FLAGS = (
    "--disable-background-networking --disable-component-update --disable-sync --no-pings"
    " --disable-gpu --log-level=3"
)
"""What Chromium would ask of its maker by itself: the interceptor never sees such requests.

Canvas is painted by the processor in any case, and without the graphics card's part 60 MB less are
needed. What Chromium misses on a machine (a bus, a sound server) is none of the operator's.
"""


def why_plain(settings: QSettings | None) -> str:
    """Return why the map is drawn without Chromium here; empty where it need not be."""
    if settings is not None and str(settings.value(CHROMIUM_KEY, "true")).lower() == "false":
        return "Plain map: Chromium is switched off in the preferences."
    has_sandbox = os.environ.get("QTWEBENGINE_DISABLE_SANDBOX") != "1"
    if has_sandbox and hasattr(os, "geteuid") and os.geteuid() == 0:
        return "Plain map: Chromium does not start for the system administrator (root)."
    if has_sandbox and is_sandbox_barred():
        return "Plain map: this system bars the sandbox that Chromium needs (user namespaces)."
    if not QCoreApplication.testAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts):
        return "Plain map: the program was started without what Chromium needs."
    return ""


def is_sandbox_barred(root: Path = Path("/proc/sys")) -> bool:
    """Tell whether the kernel's settings bar Chromium's sandbox: it would end the whole program.

    Args:
        root: where the kernel's settings are; elsewhere in tests.
    """
    barring = (
        ("kernel/unprivileged_userns_clone", "0"),
        ("user/max_user_namespaces", "0"),
        ("kernel/apparmor_restrict_unprivileged_userns", "1"),
    )
    for name, value in barring:
        try:
            if (root / name).read_text().strip() == value:
                return True
        except OSError:
            continue  # not a setting of this kernel
    return False


def prepare_chromium() -> None:
    """Say to Chromium what it must not do; before its first use, harmless afterwards."""
    flags = os.environ.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
    if CALM_FLAGS not in flags:
        os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = f"{flags} {CALM_FLAGS}".strip()


def make_view(scene: MapScene, clock: Clock, settings: QSettings | None) -> tuple[MapView, str]:
    """Return a view of the scene, and why it is the plain one, or an empty string."""
    why = why_plain(settings)
    if not why:
        prepare_chromium()
        try:
            # Half a second of importing and a hundred megabytes: only once somebody asks for a map.
            from nas_desktop.ui.map.web_map import WebMap
        except ImportError as fault:
            missing = str(fault).partition(":")[0][:80]
            why = f"Plain map: a library that Chromium needs is missing ({missing})."
        else:
            return WebMap(scene, clock), ""
    return PlainMap(scene), why
