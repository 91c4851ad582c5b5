"""The processes that a demonstration or a benchmark is made of."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Sequence

STOP_S = 6.0
"""How long a part may take to end by itself before it is ended, seconds."""


def end_parts(parts: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all to stop, and end those that do not."""
    for part in parts:
        part.terminate()
    for part in parts:
        try:
            part.wait(STOP_S)
        except subprocess.TimeoutExpired:
            part.kill()
            part.wait()


def free_port() -> int:
    """Return a loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
