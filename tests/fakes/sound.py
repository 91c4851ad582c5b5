"""A sound output that plays nothing and remembers everything."""

from __future__ import annotations

from collections.abc import Callable

from nas_desktop.services.sound_rules import Pattern


class FakePort:
    """``SoundPort`` with a device, until a test takes it away."""

    def __init__(self, device: str = "Headphones") -> None:
        self.fault = ""
        self.device = device
        self.can_speak = True
        self.played: list[str] = []
        self.said: list[str] = []
        self.is_stopped = False
        self._changed: Callable[[], None] = lambda: None

    def lose(self, fault: str = "no output device") -> None:
        """Let the device go."""
        self.fault, self.device = fault, ""
        self._changed()

    def come_back(self, device: str = "Headphones") -> None:
        """Let a device come."""
        self.fault, self.device = "", device
        self._changed()

    def listen(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    def play(self, pattern: Pattern) -> None:
        self.played.append(pattern.name)

    def say(self, text: str, after_s: float) -> None:
        self.said.append(text)

    def hush(self) -> None:
        self.played.append("hush")

    def stop(self) -> None:
        self.is_stopped = True
