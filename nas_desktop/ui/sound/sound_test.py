"""The sound test: every pattern in turn with its name, between two marks of its own.

It is never mistaken for a hit: it says SOUND TEST for as long as it lasts, and ends at once when
something real sounds.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from nas_desktop.services.sound_rules import Pattern, SoundRules


class SoundTest(QObject):
    """Plays one step after the other.

    Signals:
        changed: another step, or the end.

    Args:
        rules: what is played, and under which names.
        play: plays the step of this number; returns False where it may not.
    """

    changed = Signal()

    def __init__(self, rules: SoundRules, play: Callable[[int], bool], parent: QObject) -> None:
        super().__init__(parent)
        mark = rules.test_mark
        self.steps: tuple[tuple[str, Pattern], ...] = (
            ("begins", mark),
            *rules.test_steps,
            ("ends", mark),
        )
        self._gap_s = rules.test_gap_s
        self._play = play
        self._at = -1
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._next)

    @property
    def words(self) -> str:
        """The name of what is played, empty while no test is."""
        if self._at < 0:
            return ""
        inner = len(self.steps) - 2
        name = self.steps[self._at][0]
        return f"{self._at} of {inner}: {name}" if 0 < self._at <= inner else name

    def toggle(self) -> None:
        """Begin, or end."""
        if self._at >= 0:
            self.stop()
        else:
            self._next()

    def stop(self) -> None:
        """End now."""
        if self._at >= 0:
            self._timer.stop()
            self._at = -1
            self.changed.emit()

    def _next(self) -> None:
        if self._at + 1 == len(self.steps) or not self._play(self._at + 1):
            self.stop()
            return
        self._at += 1
        self.changed.emit()
        self._timer.start(round((self.steps[self._at][1].seconds + self._gap_s) * 1000))
