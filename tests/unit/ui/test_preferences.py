"""Preferences: a sentence each, at once, back to what was shipped; reduced motion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from nas_desktop.ui.dialogs.preferences import Choice, Deed, PreferencesDialog, Switch
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.motion import KEY, Motion, MotionSetting
from nas_desktop.ui.theme import ThemeName
from tests.unit.ui.at_desk import press

CTRL = Qt.KeyboardModifier.ControlModifier


def open_preferences(window: MainWindow) -> PreferencesDialog:
    press(window.page.hits, Qt.Key.Key_Comma, CTRL)
    dialog = window.tools.preferences
    assert dialog is not None
    assert dialog.isVisible()
    assert not dialog.isModal()
    return dialog


def pick(dialog: PreferencesDialog, name: str, value: str) -> None:
    box = dialog.controls[name]
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_that_every_setting_has_a_name_and_one_sentence(window: MainWindow) -> None:
    dialog = open_preferences(window)
    assert len({setting.name for setting in dialog.settings}) == len(dialog.settings) >= 9
    said = {label.text() for label in dialog.findChildren(QLabel)}
    for setting in dialog.settings:
        assert setting.sentence.endswith(".")
        assert setting.sentence.count(". ") == 0
        assert setting.sentence in said
        control = dialog.controls[setting.name]
        assert control.accessibleName() == setting.words
        assert control.accessibleDescription() == setting.sentence


def test_that_a_choice_takes_effect_at_once_and_is_remembered(
    window: MainWindow, settings: QSettings
) -> None:
    dialog = open_preferences(window)
    pick(dialog, "theme", "contrast")
    assert window.look.name is ThemeName.CONTRAST
    pick(dialog, "size", "150")
    assert window.look.scale == 1.5
    pick(dialog, "lock", "15")
    assert window.lock.minutes == 15
    assert [a.text() for a in window.lock._group.actions() if a.isChecked()] == ["After 15 minutes"]
    pick(dialog, "mute", "30")
    window.sounds.toggle_mute()
    assert window.sounds._muting.left_s == 30 * 60
    switch = dialog.controls["speak"]
    assert isinstance(switch, QCheckBox)
    window.sounds.switches[0].setEnabled(True)
    dialog.show_now()
    switch.click()
    assert window.sounds.switches[0].isChecked()
    assert settings.value("look/theme") == "contrast"
    assert str(settings.value("sound/mute_minutes")) == "30"


def test_that_what_is_changed_by_key_shows_in_it(window: MainWindow) -> None:
    dialog = open_preferences(window)
    window.actions_by_name["theme"].trigger()
    box = dialog.controls["theme"]
    assert isinstance(box, QComboBox)
    assert box.currentData() == window.look.name.value
    window.sounds.switches[1].setChecked(True)
    dialog.close()
    again = open_preferences(window)
    assert again is dialog
    vrm = again.controls["speak_vrm"]
    assert isinstance(vrm, QCheckBox)
    assert vrm.isChecked()


def test_that_everything_goes_back_to_what_was_shipped(window: MainWindow) -> None:
    dialog = open_preferences(window)
    pick(dialog, "theme", "light")
    pick(dialog, "size", "200")
    pick(dialog, "motion", "reduced")
    pick(dialog, "lock", "0")
    pick(dialog, "mute", "5")
    window.tools.detail_window.set_detached(True)
    dialog.shipped.click()
    for setting in dialog.settings:
        if isinstance(setting, Choice | Switch):
            assert setting.now() == setting.shipped, setting.name
        else:
            assert isinstance(setting, Deed)
    assert window.look.name is ThemeName.DARK


def test_that_it_is_no_trap(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_preferences(window)
    window.page.hits.setFocus()
    press(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    open_preferences(window)
    window.lock.lock()
    assert not dialog.isVisible()
    window.actions_by_name["preferences"].trigger()
    assert not dialog.isVisible()


def test_that_the_sound_test_is_one_of_them(window: MainWindow) -> None:
    dialog = open_preferences(window)
    button = dialog.controls["sound_test"]
    assert isinstance(button, QPushButton)
    button.click()
    assert window.sounds.test.words
    button.click()
    assert not window.sounds.test.words


@pytest.mark.parametrize("spoilt", ["", "x", "-4", "7"])
def test_that_a_spoilt_time_of_mute_is_the_shipped_one(
    window: MainWindow, settings: QSettings, spoilt: str
) -> None:
    settings.setValue("sound/mute_minutes", spoilt)
    assert window.sounds.mute_minutes == window.sounds.mute_shipped


# ------------------------------------------------------------------ motion


@pytest.fixture
def motion(qtbot: QtBot, tmp_path: Path) -> Iterator[MotionSetting]:
    before = MotionSetting(QSettings(str(tmp_path / "b.ini"), QSettings.Format.IniFormat))
    for effect in Qt.UIEffect:
        QApplication.setEffectEnabled(effect, True)
    QGuiApplication.styleHints().setCursorFlashTime(1000)
    made = MotionSetting(QSettings(str(tmp_path / "m.ini"), QSettings.Format.IniFormat))
    yield made
    before.restore()


def test_that_reduced_motion_leaves_nothing_that_moves(motion: MotionSetting) -> None:
    motion.choose(Motion.REDUCED)
    assert motion.is_reduced
    assert not any(QApplication.isEffectEnabled(effect) for effect in Qt.UIEffect)
    assert QGuiApplication.styleHints().cursorFlashTime() == 0
    motion.choose(Motion.USUAL)
    assert not motion.is_reduced
    assert QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateMenu)
    assert QGuiApplication.styleHints().cursorFlashTime() == 1000


def test_that_the_system_is_asked_unless_somebody_chose(tmp_path: Path, qtbot: QtBot) -> None:
    store = QSettings(str(tmp_path / "m.ini"), QSettings.Format.IniFormat)
    was = QApplication.isEffectEnabled(Qt.UIEffect.UI_General)
    QApplication.setEffectEnabled(Qt.UIEffect.UI_General, False)
    calm = MotionSetting(store)
    assert calm.is_reduced
    QApplication.setEffectEnabled(Qt.UIEffect.UI_General, True)
    lively = MotionSetting(store)
    assert not lively.is_reduced
    lively.choose(Motion.REDUCED)
    assert MotionSetting(store).choice is Motion.REDUCED
    store.setValue(KEY, "spoilt")
    assert MotionSetting(store).choice is Motion.SYSTEM
    QApplication.setEffectEnabled(Qt.UIEffect.UI_General, was)
    QGuiApplication.styleHints().setCursorFlashTime(1000)


def test_that_every_setting_is_reached_by_tab(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_preferences(window)
    dialog.activateWindow()
    seen: set[str] = set()
    for _step in range(len(dialog.controls) + 4):
        focus = dialog.focusWidget()
        if focus is not None:
            seen.add(focus.objectName())
        QTest.keyClick(focus or dialog, Qt.Key.Key_Tab)
    reachable = {w.objectName() for w in dialog.controls.values() if w.isEnabled()}
    assert reachable <= seen
