"""Errors an operator or a sender is told about, as opposed to faults of the program.

Built-in exceptions serve everywhere else; a class stands here only where somebody treats it
differently.
"""

from __future__ import annotations


class Refused(Exception):
    """Something was refused for a reason that can be said in words.

    Args:
        code: short stable word for counting and for the protocol, e.g. ``vrm_empty``.
        message: one sentence for a person, without a VRM, a name or a token in it.
        remedy: what the person can do, or an empty string.
    """

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy

    @property
    def words(self) -> str:
        """What happened and what to do, as one text."""
        return f"{self.message} {self.remedy}".strip()


class ReadRefused(Refused):
    """A read cannot be taken at all; names the field that is at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"read_{field}", message)
        self.field = field


class StepRefused(Refused):
    """A step of a hit's life is not possible in the state the hit is in."""
