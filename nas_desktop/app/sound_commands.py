"""The ``sound`` command: the process that plays, and where it is started from."""

from __future__ import annotations

import argparse
import json
import subprocess

from nas_desktop.app.arguments import Commands, add_command
from nas_desktop.app.node_starter import program

CHECK_S = 15.0
"""Longest that the process may take to say what is there, seconds; it takes under one."""


def add_sound(commands: Commands) -> None:
    """Add ``sound``."""
    sound = add_command(commands, "sound", "play what a window says; windows start it themselves")
    sound.set_defaults(run=_sound)


def sound_command() -> list[str]:
    """Return how to start the process that plays."""
    return [*program(), "sound"]


def what_sounds() -> tuple[str, bool]:
    """Return the output device, empty for none, and whether there is a speech engine.

    Asked in a process of its own, as a window does: the libraries of sound may end theirs.
    """
    device, can_speak = "", False
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
        return device, can_speak
    for line in done.stdout.decode(errors="replace").splitlines():
        message = json.loads(line)
        device = message.get("device", device)
        can_speak = message.get("speech", can_speak)
    return device, can_speak


def _sound(_args: argparse.Namespace) -> int:
    from nas_desktop.ui.sound.sound_process import run

    return run()
