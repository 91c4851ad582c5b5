"""The real program in processes of its own, for the stories that need it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from nas_desktop.app.node_starter import launch
from nas_desktop.app.parts import free_port
from nas_desktop.node.profile import Running, running_node

KEY = b"e" * 32


class Program:
    """One process of the program that may be killed and started again."""

    def __init__(self, folder: Path, arguments: Sequence[str], *, has_key: bool = True) -> None:
        self.folder = folder
        self._arguments = [*arguments, "--data", str(folder)]
        self._key = KEY if has_key else None
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> Running:
        """Start it and return once it has announced itself as a node."""
        self.launch()
        return await self.running()

    def launch(self) -> None:
        """Start it."""
        self.folder.mkdir(exist_ok=True, parents=True)
        with (self.folder / "words.txt").open("ab") as words:
            self.process = launch(self._arguments, key=self._key, words=words)

    async def running(self, within_s: float = 20) -> Running:
        """Return how to reach the node of the folder, once there is one."""
        async with asyncio.timeout(within_s):
            while (running := running_node(self.folder)) is None:
                await asyncio.sleep(0.01)
        return running

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """Ask it to stop and return its exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def words(self) -> str:
        """Return what it said on standard error."""
        return (self.folder / "words.txt").read_text(encoding="utf-8")


def a_force(folder: Path, port: int) -> Program:
    """Return a force node of a simulation."""
    return Program(
        folder,
        ["node", "--role", "force", "--simulation", "--name", "server",
         "--listen", f"127.0.0.1:{port}", "--with-parent", str(os.getpid())],
    )  # fmt: skip


def a_desk(
    folder: Path, port: int, *more: str, name: str = "desk 1", account: str = "demo-desk"
) -> Program:
    """Return a desk node of a simulation that reports to a port."""
    return Program(
        folder,
        ["node", "--role", "desk", "--simulation", "--name", name,
         "--upstream", f"ws://127.0.0.1:{port}", "--username", account,
         "--with-parent", str(os.getpid()), *more],
    )  # fmt: skip


@contextmanager
def programs(*all_of: Program) -> Iterator[None]:
    """Stop every program in the end, however the story went."""
    try:
        yield
    finally:
        for program in all_of:
            if program.process is not None and program.process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.stop()
                if program.process.poll() is None:
                    program.process.kill()
                    program.process.wait()


@asynccontextmanager
async def running(*all_of: Program) -> AsyncIterator[list[Running]]:
    """Start programs and stop them in the end."""
    with programs(*all_of):
        yield [await program.start() for program in all_of]


def command(
    *arguments: str,
    env: dict[str, str] | None = None,
    within_s: float = 60,
    key: bytes | None = None,
):
    """Run the program to its end and return what it printed; ``key`` comes through a pipe."""
    from nas_desktop.app.node_starter import program

    handed: tuple[int, ...] = ()
    if key is not None:
        read_end, write_end = os.pipe()
        os.write(write_end, key)
        os.close(write_end)
        handed = (read_end,)
        arguments = (*arguments, "--key-fd", str(read_end))
    return subprocess.run(
        [*program(), *arguments],
        pass_fds=handed,
        capture_output=True,
        text=True,
        timeout=within_s,
        env={**os.environ, **(env or {})},
        check=False,
    )


__all__ = ["KEY", "Program", "a_desk", "a_force", "command", "free_port", "programs", "running"]
