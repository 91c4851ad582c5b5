"""Starting the node of a profile from a window, finding it again, and starting it anew."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from nas_desktop.adapters.link.node_link import WindowLink
from nas_desktop.domain.errors import Refused
from nas_desktop.node.profile import Running, running_node

log = logging.getLogger(__name__)

START_S = 15.0
"""Longest a node may take to announce itself, seconds; it takes well under one."""

LOOK_S = 0.3
MOST_STARTS, STARTS_SPAN_S = 5, 60.0
"""A node that dies more often than this is not started again by itself."""


def program() -> list[str]:
    """Return how to start this program again."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "nas_desktop"]


def launch(
    arguments: Sequence[str],
    *,
    key: bytes | None = None,
    password: str | None = None,
    is_detached: bool = False,
    words: IO[bytes] | int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start this program in a process of its own.

    ``key`` and ``password`` are handed over through pipes, never on the command line or in the
    environment. ``is_detached`` lets the process outlive this one. ``words`` is where its standard
    error goes.
    """
    command = [*program(), *arguments]
    handed: list[int] = []
    try:
        for option, secret in (("--key-fd", key), ("--password-fd", password)):
            if secret is None:
                continue
            read_end, write_end = os.pipe()
            handed.append(read_end)
            os.write(write_end, secret.encode() if isinstance(secret, str) else secret)
            os.close(write_end)
            command += [option, str(read_end)]
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=words,
            pass_fds=handed,
            start_new_session=is_detached,
        )
    finally:
        for read_end in handed:
            os.close(read_end)


class NodeStarter:
    """Keeps a node on a profile for a window.

    Args:
        folder: the profile.
        start: starts the node's process with its words going to the file given.
    """

    def __init__(self, folder: Path, start: Callable[[IO[bytes]], subprocess.Popen[bytes]]) -> None:
        self._folder = folder
        self._start = start
        self._process: subprocess.Popen[bytes] | None = None
        self._starts: deque[float] = deque(maxlen=MOST_STARTS)
        self._words = folder / "node-start.txt"
        self.running: Running | None = None

    async def begin(self) -> Running:
        """Find the node or start it.

        Raises:
            Refused: it did not start; in the node's own words.
        """
        self.running = running_node(self._folder)
        if self.running is None:
            self._launch()
            await self._announced()
        assert self.running is not None
        return self.running

    async def keep(self, link: WindowLink) -> None:
        """Follow the node: when it is gone start it again, and point the link to it."""
        while True:
            await asyncio.sleep(LOOK_S)
            found = running_node(self._folder)
            if found is None:
                if self._process is not None and self._process.poll() is None:
                    continue  # starting, or stopping
                if not self._may_start():
                    continue
                log.warning("the node is gone; it is started again")
                self._launch()
                continue
            if found != self.running:
                self.running = found
                link.redirect(found.url, found.token)

    def _may_start(self) -> bool:
        now = time.monotonic()
        return len(self._starts) < MOST_STARTS or now - self._starts[0] > STARTS_SPAN_S

    def _launch(self) -> None:
        self._starts.append(time.monotonic())
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._words.open("wb") as words:
                self._process = self._start(words)
        except OSError as fault:
            raise Refused(
                "folder_unwritable",
                f"The data folder {self._folder} cannot be written to ({fault.strerror}).",
                "Give another folder with --data, or mend its permissions.",
            ) from None

    async def _announced(self) -> None:
        until = time.monotonic() + START_S
        while self.running is None:
            await asyncio.sleep(0.02)
            self.running = running_node(self._folder)
            ended = self._process is not None and self._process.poll() is not None
            if self.running is None and (ended or time.monotonic() > until):
                raise Refused("node_failed", self._said(), "")

    def _said(self) -> str:
        try:
            text = self._words.read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            text = ""
        return text[-600:] or "The node did not start."
