"""What matching works by and what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.hit import MatchClass
from nas_desktop.domain.matching.confusions import AT_AN_END, Confusions
from nas_desktop.domain.read import Read
from nas_desktop.domain.voi import VoiEntry, VoiList
from nas_desktop.domain.vrm import Vrm, VrmGrammar

CLASSES = (MatchClass.EXACT, MatchClass.GLYPH, MatchClass.MISREAD, MatchClass.WILDCARD)
"""Classes by the numbers they have in ``Candidates``."""

EXACT, GLYPH, MISREAD, WILDCARD = range(4)

GLYPH_COST = 5
"""Distance of one character under its other glyph, hundredths (domain facts 9.3)."""

MOST_SWAPS = 8
"""A read with more characters of ``0O1I`` than this is not looked for under other glyphs.

No British mark has so many; two to the power of them is what has to be looked up.
"""


@dataclass(frozen=True, slots=True)
class MatchRules:
    """What counts as a match besides the very same mark.

    ``glyph`` has reads match entries that differ only in 0 and O or in 1 and I. ``misread_limit``
    is the largest weighted distance of a possible misread, 0 to below 0.7 (domain facts 9.3: one
    likely confusion). At most ``max_misread_entries`` entries of all lists take part in misreads.
    ``grammar`` tells believable marks; without it all are alike.

    Raises:
        ValueError: ``misread_limit`` is outside its range; from 0.7 on a lost character at an end
            would be within it, and only confusions are looked for.
    """

    glyph: bool = False
    confusions: Confusions = field(default_factory=Confusions)
    misread_limit: float = 0.6
    max_misread_entries: int = 2_000
    grammar: VrmGrammar | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.limit < AT_AN_END:
            raise ValueError("misread_limit must be at least 0 and below 0.7")

    @property
    def limit(self) -> int:
        """``misread_limit`` in hundredths."""
        return round(self.misread_limit * 100)


@dataclass(frozen=True, slots=True)
class Match:
    """A read, the entry it matched, the list that holds it, and how they agree.

    ``distance`` is the weighted edit distance: 0 for exact and wildcard, 0.05 for each swapped
    glyph, up to the rules' limit for a misread. ``confidence`` is a percentage, 100 for everything
    but a misread (see ``confidence_of``).
    """

    read: Read
    entry: VoiEntry
    voi_list: VoiList
    match_class: MatchClass
    distance: float = 0.0
    confidence: int = 100

    @property
    def list_name(self) -> str:
        """Name of the list."""
        return self.voi_list.name

    @property
    def list_revision(self) -> int:
        """Revision of the list."""
        return self.voi_list.revision


@dataclass(frozen=True, slots=True)
class Candidates:
    """Matches as columns, one row a match, ordered by read, list and place in the list.

    ``reads`` are positions in the batch, ``handles`` name entries within one index, ``classes``
    are places in ``CLASSES``, ``costs`` are distances in hundredths.
    """

    reads: NDArray[np.int64]
    handles: NDArray[np.int64]
    classes: NDArray[np.uint8]
    costs: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.reads)

    def taken(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Candidates:
        """Return the rows asked for."""
        return Candidates(
            self.reads[rows], self.handles[rows], self.classes[rows], self.costs[rows]
        )


class Parts:
    """Matches as they are found, way by way."""

    def __init__(self) -> None:
        self._found: list[Candidates] = []

    def add(
        self,
        kind: int,
        reads: NDArray[np.int64],
        handles: NDArray[np.int64],
        costs: NDArray[np.uint8] | None = None,
    ) -> None:
        """Take in pairs of one class; without ``costs`` their distance is 0."""
        if len(reads):
            classes = np.full(len(reads), kind, np.uint8)
            if costs is None:
                costs = np.zeros(len(reads), np.uint8)
            self._found.append(Candidates(reads, handles, classes, costs))

    def joined(self) -> Candidates:
        """Return all pairs, in the order in which they came."""
        whole = np.zeros(0, np.int64)
        small = np.zeros(0, np.uint8)
        return Candidates(
            np.concatenate([whole, *(part.reads for part in self._found)]),
            np.concatenate([whole, *(part.handles for part in self._found)]),
            np.concatenate([small, *(part.classes for part in self._found)]),
            np.concatenate([small, *(part.costs for part in self._found)]),
        )


def confidence_of(
    cost: int, read_vrm: Vrm, listed: Vrm, grammar: VrmGrammar | None, reader: int | None
) -> int:
    """Return how likely a possible misread is the listed vehicle, 0 to 100 (inferred).

    ``100 x (1 - distance) x plausibility x (1 - reader / 400)``, rounded, where plausibility is
    1 when only the listed mark fits a known format, 0.8 when neither does, 0.5 when both do and
    0.4 when only the read does: a clean, believable mark is far likelier to be another vehicle. The
    reader's own confidence (0 to 100) takes off up to a quarter; where it is unknown, nothing.

    Args:
        cost: the weighted distance in hundredths.
        read_vrm: the mark as read.
        listed: the mark as listed.
        grammar: the known formats; without it every plausibility is 1.
        reader: the reader's confidence, 0 to 100.
    """
    plausibility = 1.0
    if grammar is not None:
        fits_read, fits_listed = bool(grammar.classify(read_vrm)), bool(grammar.classify(listed))
        plausibility = (0.5 if fits_listed else 0.4) if fits_read else (1.0 if fits_listed else 0.8)
    doubt = 1.0 if reader is None else 1.0 - reader / 400
    return round((100 - cost) * plausibility * doubt)
