"""The ``sound`` command: the process that plays, and where it is started from."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
from dataclasses import dataclass
from typing import Any

from nas_desktop.app.arguments import Commands, add_command
from nas_desktop.app.node_starter import program
from nas_desktop.ui.sound.port import NO_DEVICE

CHECK_S = 15.0
"""Longest that the process may take to say what is there, seconds; it takes under one."""


def add_sound(commands: Commands) -> None:
    """Add ``sound``."""
    sound = add_command(commands, "sound", "play what a window says; windows start it themselves")
    sound.set_defaults(run=_sound)


def sound_command() -> list[str]:
    """Return how to start the process that plays."""
    return [*program(), "sound"]


@dataclass(frozen=True, slots=True)
class Sounding:
    """The output device, empty for none, why there is none, and whether something can speak."""

    device: str = ""
    why: str = NO_DEVICE
    can_speak: bool = False


def what_sounds() -> Sounding:
    """Return what a window would find here.

    Asked in a process of its own, as a window does: the libraries of sound may end theirs.
    """
    try:
        done = subprocess.run(
            sound_command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=CHECK_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return Sounding()
    said: dict[str, Any] = {}
    for line in done.stdout.decode(errors="replace").splitlines():
        said |= json.loads(line)
    return Sounding(said.get("device", ""), said.get("why", NO_DEVICE), said.get("speech", False))


def _sound(_args: argparse.Namespace) -> int:
    from nas_desktop.app.desktop import run_qt
    from nas_desktop.ui.sound.sound_process import serve

    async def until_gone() -> int:
        # Ctrl-C is for the window; this ends with it, or when it is asked to.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return await serve()

    return run_qt(until_gone, is_offscreen=True)
