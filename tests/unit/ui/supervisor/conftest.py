"""Each dialog begins at the usual size, whatever size a window before it was left at."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from nas_desktop.ui.theme import Look


@pytest.fixture(autouse=True)
def usual_size(qtbot: QtBot) -> None:
    QApplication.setFont(Look().font(13))
