"""What the window remembers of how it was left: theme, size, place, splitters, workspace."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from nas_desktop.ui.theme import Look, ThemeName


def remembered_look(settings: QSettings) -> Look:
    """Return theme and size as they were left; the usual ones where that cannot be read."""
    name = str(settings.value("look/theme", ThemeName.DARK.value))
    theme = ThemeName(name) if name in set(ThemeName) else ThemeName.DARK
    try:
        scale = float(str(settings.value("look/scale", 1.0)))
    except ValueError:
        scale = 1.0
    return Look(theme, scale)


def remember_look(settings: QSettings, look: Look) -> None:
    """Keep theme and size for the next start."""
    settings.setValue("look/theme", look.name.value)
    settings.setValue("look/scale", look.scale)


def restore_geometry(settings: QSettings, window: QMainWindow) -> None:
    """Put the window where it was."""
    geometry = settings.value("window/geometry")
    if isinstance(geometry, QByteArray) and window.restoreGeometry(geometry):
        return
    # A control-room screen shows one thing: the first window takes all there is.
    screen = QGuiApplication.primaryScreen()
    if screen is None or QGuiApplication.platformName() == "offscreen":
        window.resize(1366, 768)
    else:
        window.setGeometry(screen.availableGeometry())
        window.setWindowState(Qt.WindowState.WindowMaximized)


def remembered_bytes(settings: QSettings, key: str) -> QByteArray | None:
    """Return what was kept under a key, if it is of the kind that Qt's own state is."""
    value = settings.value(key)
    return value if isinstance(value, QByteArray) else None
