"""The bundled faces are there, and are the ones used."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontInfo
from pytestqt.qtbot import QtBot

from nas_desktop.ui import fonts


def test_that_both_faces_are_bundled_and_used(qtbot: QtBot) -> None:
    assert fonts.load_fonts()
    assert QFontInfo(fonts.text_font(13)).family() == fonts.TEXT_FACE
    assert QFontInfo(fonts.vrm_font(21)).family() == fonts.VRM_FACE


def test_that_a_missing_font_file_does_not_stop_the_window(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "_FILES", ("Absent-Regular.otf",))
    monkeypatch.setattr(fonts, "_loaded", {})
    assert not fonts.load_fonts()
