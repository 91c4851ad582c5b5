"""What ``doctor`` says of one part of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    """How a check came out."""

    OK = "ok"
    LIMITED = "limited"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report."""

    name: str
    finding: Finding
    detail: str
    remedy: str = ""
