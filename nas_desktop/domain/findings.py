"""What is wrong with a list file, said so that its author can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error keeps the record out; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at its place.

    ``line`` is the physical line on which the record starts, the header counted, from 1; 0 for
    the file as a whole. ``column`` is 1 to 16, or 0 for the whole record. ``code`` is one of the
    codes V001 to V090 (domain facts 2.6). The text of the cell is never in it.
    """

    line: int
    column: int
    code: str
    severity: Severity
    message: str
    remedy: str = ""

    @property
    def is_error(self) -> bool:
        """True where the record, or the file, cannot be taken."""
        return self.severity is Severity.ERROR
