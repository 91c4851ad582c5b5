"""What a window hands out of the system about hits: a line, a sheet of one hit, a handover.

A sheet is made as plain text first: what is shown before it is written, what its digest is of, and
what the pages say are the same words. Every one of them is put on record (domain facts 6.5, 8.5).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.services.exports import highest

MOST_HITS = 5_000
"""Hits that one record names: as many as a board holds cards."""


class SheetKind(StrEnum):
    """What is handed out."""

    LINE = "line"
    HIT = "hit"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class SheetRecord:
    """What goes on record of a line or sheet.

    ``hits`` are those it speaks of. ``path`` and ``file_sha256`` are those of the file, and empty
    for a line, which goes to the clipboard. ``text_sha256`` is the digest of a handover's words,
    which stands at its end; ``taker`` is who takes over.
    """

    kind: SheetKind
    hits: tuple[HitId, ...]
    gsc: str
    path: str = ""
    file_sha256: str = ""
    text_sha256: str = ""
    taker: str = ""


class SheetLink(Protocol):
    """A window's way to have what it hands out put on record."""

    async def record(self, sheet: SheetRecord) -> str:
        """Put it on record; returns its event.

        Raises:
            Refused: the node cannot be reached, or does not know a hit.
        """
        ...


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a sheet: a heading, and rows of a name (may be empty) and its words."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The words of a sheet. ``mark`` is ``EXERCISE``, ``SIMULATION`` or empty."""

    title: str
    gsc: str
    sections: tuple[Section, ...]
    mark: str = ""

    @property
    def text(self) -> str:
        """All its words, as they are shown and as the digest is taken."""
        head = [self.gsc, " · ".join(part for part in (self.mark, self.title) if part)]
        lines = [*head]
        for section in self.sections:
            lines += ["", section.title.upper()]
            lines += [f"{name}: {words}" if name else words for name, words in section.rows]
        return "\n".join([*lines, "", self.gsc, ""])

    @property
    def sha256(self) -> str:
        """The digest of its words, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def marking_of(hits: Iterable[Hit]) -> str:
    """Return the marking that governs hits: the highest of all their reasons (facts 8.5)."""
    return highest([reason.entry.gsc for hit in hits for reason in hit.reasons])


def one_line(words: str) -> str:
    """Return words that stay in their place: without line breaks, controls or separators."""
    printable = "".join(c if c.isprintable() else " " for c in words)
    return " ".join(printable.replace("|", "/").split())


def rows_of(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the rows that have something to say."""
    return tuple((name, words) for name, words in pairs if words)
