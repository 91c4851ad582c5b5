"""Which settings the window has, each with one sentence, tied to where it takes effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nas_desktop.ui.dialogs.preferences import Choice, Deed, Group, Switch
from nas_desktop.ui.idle_lock import CHOICES, USUAL, minutes_words
from nas_desktop.ui.motion import Motion, MotionSetting
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import MAX_SCALE, MIN_SCALE, Look, ThemeName

if TYPE_CHECKING:
    from nas_desktop.ui.main_window import MainWindow

THEMES = {
    ThemeName.DARK: "Dark",
    ThemeName.LIGHT: "Light",
    ThemeName.CONTRAST: "High contrast",
}
MOTIONS = {
    Motion.SYSTEM: "As the system says",
    Motion.REDUCED: "Reduced",
    Motion.USUAL: "Usual",
}


def settings_of(window: MainWindow, motion: MotionSetting) -> tuple[Group, ...]:
    """Return all settings by group."""
    return (
        ("Look", _look(window, motion)),
        ("Lock", (_lock(window),)),
        ("Sound", _sound(window)),
        ("Second screen", (_screen(window),)),
        ("Map", (_chromium(window),)),
    )


def _look(window: MainWindow, motion: MotionSetting) -> tuple[Choice, ...]:
    sizes = range(round(MIN_SCALE * 100), round(MAX_SCALE * 100) + 1, 10)
    return (
        Choice(
            "theme",
            "Theme",
            "The colours of the whole window; hits and faults keep theirs in every theme.",
            tuple((name.value, words) for name, words in THEMES.items()),
            lambda: window.look.name.value,
            lambda value: window.set_look(Look(ThemeName(value), window.look.scale)),
            ThemeName.DARK.value,
        ),
        Choice(
            "size",
            "Text size",
            "How large text and symbols are, on top of what the system is set to.",
            tuple((str(size), f"{size} %") for size in sizes),
            lambda: str(round(window.look.scale * 100)),
            lambda value: window.set_look(Look(window.look.name, int(value) / 100)),
            "100",
        ),
        Choice(
            "motion",
            "Motion",
            "Reduced: no blinking caret, and menus and tips are there at once.",
            tuple((choice.value, words) for choice, words in MOTIONS.items()),
            lambda: motion.choice.value,
            lambda value: motion.choose(Motion(value)),
            Motion.SYSTEM.value,
        ),
    )


def _lock(window: MainWindow) -> Choice:
    lock = window.lock
    minutes = (*sorted({lock.minutes, *CHOICES} - {0}), 0)
    return Choice(
        "lock",
        "Lock when idle",
        "Without a key or a pointer for so long the window hides every vehicle; hits still sound.",
        tuple((str(each), minutes_words(each)) for each in minutes),
        lambda: str(lock.minutes),
        lambda value: lock.set_minutes(int(value)),
        str(USUAL),
    )


def _sound(window: MainWindow) -> tuple[Choice | Switch | Deed, ...]:
    sounds = window.sounds
    speak, speak_vrm = sounds.switches
    return (
        Switch(
            "speak",
            "Speak a summary",
            "A voice says what is new after its tone, where this machine has one.",
            speak.isChecked,
            speak.setChecked,
            shipped=False,
            may=speak.isEnabled,
        ),
        Switch(
            "speak_vrm",
            "Speak the vehicle too",
            "The voice says the VRM as well; whoever is in the room hears it.",
            speak_vrm.isChecked,
            speak_vrm.setChecked,
            shipped=False,
            may=speak_vrm.isEnabled,
        ),
        Choice(
            "mute",
            "Ctrl+M mutes for",
            "How long the key mutes P2 and P3; a P1 never is, and every mute ends by itself.",
            tuple((str(n), several(n, "minute")) for n in sounds.mute_choices),
            lambda: str(sounds.mute_minutes),
            lambda value: sounds.set_mute_minutes(int(value)),
            str(sounds.mute_shipped),
        ),
        Deed(
            "sound_test",
            "Sound test",
            "Plays every sound with its name, and says if nothing can be heard here.",
            sounds.toggle_test,
        ),
    )


def _chromium(window: MainWindow) -> Switch:
    """Who draws the map; counts from the next time it is made."""
    return Switch(
        "chromium",
        "Chromium draws the map",
        "Off: a plain map without Chromium, from the next start; selection and drawing stay.",
        lambda: window.map.uses_chromium,
        window.map.set_chromium,
        shipped=True,
    )


def _screen(window: MainWindow) -> Switch:
    detail = window.tools.detail_window
    return Switch(
        "detached",
        "Detail in a window of its own",
        "For a second screen; what is painted there counts as seen, and the lock hides it too.",
        lambda: detail.is_detached,
        detail.set_detached,
        shipped=False,
    )
