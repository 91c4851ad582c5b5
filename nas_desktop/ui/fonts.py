"""The two bundled typefaces: Inter for everything, B612 Mono bold for a VRM and nothing else.

B612 was drawn for cockpit displays: 0 and O, 1 and I, 5 and S, 8 and B stay apart. A missing font
file is no reason not to start: the system's own faces stand in.
"""

from __future__ import annotations

import logging

from PySide6.QtGui import QFont, QFontDatabase

from nas_desktop.services.resources import resource_path

log = logging.getLogger(__name__)

TEXT_FACE = "Inter"
VRM_FACE = "B612 Mono"
TEXT_STAND_INS = ("Inter", "Segoe UI", "Noto Sans", "DejaVu Sans")
VRM_STAND_INS = ("B612 Mono", "Consolas", "Noto Sans Mono", "DejaVu Sans Mono")

_FILES = ("Inter-Regular.otf", "Inter-SemiBold.otf", "Inter-Bold.otf", "B612Mono-Bold.otf")
_loaded: dict[str, bool] = {}


def load_fonts() -> bool:
    """Load the bundled fonts into the running application; True when all of them are there.

    Needs a QGuiApplication. May be called again: a file is loaded once.
    """
    for name in _FILES:
        if _loaded.get(name):
            continue
        path = resource_path("fonts", name)
        number = QFontDatabase.addApplicationFont(str(path)) if path.is_file() else -1
        _loaded[name] = number >= 0
        if number < 0:
            log.warning("font %s could not be loaded; a system font stands in", name)
    return all(_loaded.values())


def text_font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the text face with tabular figures and a slashed zero."""
    font = QFont()
    font.setFamilies(list(TEXT_STAND_INS))
    font.setPixelSize(max(6, pixels))
    font.setWeight(weight)
    # Figures that change every second must not make their neighbours dance.
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setFeature(QFont.Tag("zero"), 1)
    return font


def vrm_font(pixels: int) -> QFont:
    """Return the face of a VRM."""
    font = QFont()
    font.setFamilies(list(VRM_STAND_INS))
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(max(8, pixels))
    font.setBold(True)
    return font
