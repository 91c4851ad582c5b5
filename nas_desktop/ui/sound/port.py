"""What a window needs of something that plays; the process that does it, or a test's stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from nas_desktop.services.sound_rules import Pattern

NO_DEVICE, NO_MULTIMEDIA = "no_device", "no_multimedia"
"""Why the process that plays has no device, as it says it."""


class SoundPort(Protocol):
    """Plays patterns and speaks; never waits, never raises.

    ``fault`` is empty while sound comes out, else why not, in words: ``no output device``.
    ``can_speak`` is true where there is a speech engine.
    """

    fault: str
    device: str
    can_speak: bool

    def listen(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` whenever one of the three facts has changed."""
        ...

    def play(self, pattern: Pattern) -> None:
        """Play now; what plays is cut short."""
        ...

    def say(self, text: str, after_s: float) -> None:
        """Speak after so many seconds; a later sentence takes the place of one that waits."""
        ...

    def hush(self) -> None:
        """Stop playing and speaking."""
        ...

    def stop(self) -> None:
        """End for good."""
        ...
