"""A profile: the folder of one node's data, its lock, and how its own window finds it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from nas_desktop.domain.errors import Refused

RUNTIME = "node.json"
LOCK = "node.lock"


@dataclass(frozen=True, slots=True)
class Running:
    """A running node of this profile: loopback port, token for its own window, process, id.

    ``listen_port`` is the port for others, 0 when it serves nobody else.
    """

    port: int
    token: str
    pid: int
    node_id: str
    role: str
    is_simulation: bool
    listen_port: int = 0

    @property
    def url(self) -> str:
        """Where its window connects to."""
        return f"ws://127.0.0.1:{self.port}"


class Profile:
    """A data folder held by one node at a time.

    Raises:
        Refused: ``folder_unwritable`` or ``node_running``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = (folder / LOCK).open("a+b")
        except OSError as fault:
            raise Refused(
                "folder_unwritable",
                f"The data folder {folder} cannot be written to ({fault.strerror or fault}).",
                "Give another folder with --data, or mend its permissions.",
            ) from None
        # A glance at the lock by ``running_node`` lasts microseconds; do not mistake it for a node.
        if not any(_locked(self._lock.fileno()) or _paused() for _attempt in range(4)):
            self._lock.close()
            raise Refused(
                "node_running",
                "A node is running on this profile already.",
                "Use it, stop it, or give another folder with --data.",
            )

    def announce(self, running: Running) -> None:
        """Leave the port and token where only the owner can read them."""
        target = self.folder / RUNTIME
        draft = target.with_suffix(".new")
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(running), file)
        draft.replace(target)

    def release(self) -> None:
        """Take the announcement back and let another node start."""
        with contextlib.suppress(OSError):
            (self.folder / RUNTIME).unlink()
        self.release_lock()

    def release_lock(self) -> None:
        """Let another node start; for one that never announced itself."""
        self._lock.close()


def running_node(folder: Path) -> Running | None:
    """Return how to reach the node of a profile, or None when none is running."""
    try:
        raw = json.loads((folder / RUNTIME).read_text(encoding="utf-8"))
        running = Running(**raw)
        with (folder / LOCK).open("a+b") as lock:
            if _locked(lock.fileno()):
                return None  # the lock was free: what is announced there is dead
    except (OSError, ValueError, TypeError):
        return None
    return running


def new_token() -> str:
    """Return a token for one run of a node: 32 random bytes as text."""
    return secrets.token_urlsafe(32)


def _paused() -> bool:
    threading.Event().wait(0.02)
    return False


def _locked(descriptor: int) -> bool:
    """Take the lock of an open file; False when another process holds it."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
