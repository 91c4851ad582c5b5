"""``feed history``: fills the store of a simulation with days of invented reads."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.secrets import key_for
from nas_desktop.domain.errors import Refused
from nas_desktop.node.node import bind_profile
from nas_desktop.node.profile import Profile
from nas_desktop.node.stores import Stores
from nas_desktop.simulator.history import History, until_now
from nas_desktop.simulator.network import build_network

MOST_DAYS = 366.0
MOST_READS = 200_000_000


@dataclass(frozen=True, slots=True)
class HistoryCommand:
    """What the command line asks for."""

    folder: Path
    key_fd: int | None
    role: str
    days: float
    reads_per_day: int
    cameras: int
    seed: int
    until: datetime | None = None


def feed_history(command: HistoryCommand) -> int:
    """Fill the store; prints how many reads, how fast, and how many bytes each takes.

    Raises:
        Refused: a node is running on the profile, it is not one of a simulation, or the days are
            more than it may hold.
    """
    keep = 366.0 if command.role == "national" else 7.0
    if not 0 < command.days <= keep:
        raise Refused(
            "history_days",
            f"A {command.role} node keeps {keep:.0f} days.",
            "Give fewer days, or --role national for a year.",
        )
    if command.until is not None and command.until > SystemClock().now():
        raise Refused("history_until", "The end has not come yet.", "Give an earlier one.")
    if command.days * command.reads_per_day > MOST_READS:
        raise Refused("history_reads", f"More than {MOST_READS:,} reads.", "Give fewer.")
    command.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    profile = Profile(command.folder)
    try:
        key = key_for(command.folder, command.key_fd)
        if not key.is_lasting:
            raise Refused(
                "no_key",
                "There is no keyring to keep the key in: what is built could not be read again.",
                "Give the data key with --key-fd N.",
            )
        stores = Stores(command.folder, key.secret, command.role)
        try:
            _fill(stores, command)
        finally:
            stores.close()
    finally:
        profile.release_lock()
    return 0


def _fill(stores: Stores, command: HistoryCommand) -> None:
    bind_profile(stores, "kind", "simulation")
    bind_profile(stores, "role", command.role)
    clock = SystemClock()
    now = clock.now()
    history = History(
        build_network(command.seed, count=command.cameras),
        command.seed,
        command.reads_per_day,
        command.days,
        command.until or until_now(now),
    )
    stores.operational.put_cameras(history.cameras)
    began = clock.monotonic()
    reads, size = stores.reads.build(history.tables(stores.reads.end()), now)
    while stores.reads.tend(now):
        stores.reads.finish()
    seconds = max(1e-6, clock.monotonic() - began)
    print(
        f"{reads:,} reads of {len(history.cameras)} cameras and {len(history.outages)} outages in"
        f" {seconds:.1f} s: {reads / seconds:,.0f} reads/s, {size / max(1, reads):.1f} bytes each.",
        file=sys.stderr,
    )
