"""The node as a process: key, stores, signals, and a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import ssl
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.secrets import Key, key_for
from nas_desktop.app.logs import set_up_logs
from nas_desktop.app.signals import on_stop_signals
from nas_desktop.app.tls import client_tls
from nas_desktop.domain.errors import Refused
from nas_desktop.node.node import Node, NodeOptions, open_node
from nas_desktop.node.profile import Profile
from nas_desktop.node.tuning import tune
from nas_desktop.node.upstream import Above
from nas_desktop.services.resources import load_spec
from nas_desktop.services.tasks import spawn, stop

PARENT_S = 0.5


@dataclass(frozen=True, slots=True)
class NodeCommand:
    """What the command line says about a node to run."""

    folder: Path
    role: str
    name: str
    is_simulation: bool
    listen: tuple[str, int] | None = None
    upstream: str = ""
    username: str = ""
    password: str = ""
    key_fd: int | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_ca: Path | None = None
    pnc: tuple[str, str, str] | None = None
    has_glyph: bool = False
    parent: int | None = None
    is_verbose: bool = False


def run_node(command: NodeCommand) -> int:
    """Run a node until it is told to stop; returns the exit status.

    Raises:
        Refused: it could not start; with the words for the operator.
    """
    set_up_logs(command.folder, is_verbose=command.is_verbose)
    # Before any key is asked for: a folder that cannot be used, or is in use, says so in words.
    Profile(command.folder).release_lock()
    key = key_for(command.folder, command.key_fd)
    with _stores_folder(command.folder, key) as stores_in:
        return asyncio.run(_run(command, key, stores_in))


async def _run(command: NodeCommand, key: Key, stores_in: Path) -> int:
    node = open_node(
        command.folder, key, _options(command), load_spec(), SystemClock(), stores_in=stores_in
    )
    watcher = None
    try:
        await _remember_above(node, command)
        await node.start()
        tune()
        on_stop_signals(node.request_stop)
        watcher = spawn(_watch_parent(node, command.parent), "watch-parent")
        if not key.is_lasting:
            print(
                "There is no keyring here: what this node stores is gone when it stops."
                " Give --key-fd to keep it.",
                file=sys.stderr,
            )
        where = f", listening on port {node.port}" if node.port else ""
        print(f"The {command.role} node is up{where}.", file=sys.stderr, flush=True)
        await node.wait_for_stop()
    finally:
        await stop(watcher)
        await node.stop()
    print(f"The {command.role} node has stopped: {node.stop_reason}.", file=sys.stderr)
    return 0


def _options(command: NodeCommand) -> NodeOptions:
    above = None
    if command.upstream:
        above = Above(command.upstream, command.username, command.password)
    return NodeOptions(
        role=command.role,
        name=command.name,
        is_simulation=command.is_simulation,
        listen=command.listen,
        above=above,
        server_tls=_server_tls(command),
        client_tls=client_tls((command.upstream,), command.tls_ca),
        pnc=Above(*command.pnc, str(command.tls_ca or "")) if command.pnc else None,
        has_glyph=command.has_glyph,
    )


async def _remember_above(node: Node, command: NodeCommand) -> None:
    """Keep the way up in the encrypted store, for a window that starts the node by itself."""
    if command.upstream:
        operational = node.stores.operational
        for fact, value in (
            ("upstream", command.upstream),
            ("upstream_username", command.username),
            ("upstream_password", command.password),
            ("upstream_ca", str(command.tls_ca.resolve()) if command.tls_ca else ""),
        ):
            await node.stores.on_operational(operational.set_fact, fact, value)


def _server_tls(command: NodeCommand) -> ssl.SSLContext | None:
    if command.tls_cert is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(command.tls_cert, command.tls_key)
    except (OSError, ssl.SSLError) as fault:
        raise Refused(
            "certificate_unusable",
            f"The certificate or its key cannot be used ({type(fault).__name__}).",
            "Give PEM files with --tls-cert and --tls-key.",
        ) from None
    return context


@contextlib.contextmanager
def _stores_folder(folder: Path, key: Key) -> Iterator[Path]:
    """Yield where the stores go: with a key that dies with this process, a folder that does too."""
    if key.is_lasting:
        yield folder
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left_over in folder.glob("session-*"):
        # Nobody has the key any more; the lock of the profile says that nobody uses it either.
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="session-", dir=folder) as session:
        yield Path(session)


async def _watch_parent(node: Node, parent: int | None) -> None:
    """Stop when the process that this node belongs to is gone."""
    while parent is not None:
        await asyncio.sleep(PARENT_S)
        if os.getppid() != parent:
            node.request_stop("its parent is gone")
            return
