"""On whose account something is done at a node."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Who:
    """Account, workstation and session."""

    username: str
    workstation: str
    session: str
